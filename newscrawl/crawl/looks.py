"""Makes a Look of a fetch and the page it brought: which piece it is about, under which keys. Pure."""

from __future__ import annotations

from newscrawl.crawl.addresses import Addresses
from newscrawl.extract import extractor_version
from newscrawl.judge import identity, removal
from newscrawl.model import Article, Content, Fetch, FetchOutcome, Known, Lead, Look
from newscrawl.text import content_hash
from newscrawl.urls import is_front_page


def look_of(
    addresses: Addresses,
    fetch: Fetch,
    article: Article | None,
    *,
    edition: str,
    key: str,
    lead: Lead | None,
    known: Known | None,
) -> Look:
    """The look at `key`. A lead that redirected to an article is that article, found under another address."""
    where = addresses.edition_of(fetch.final_url) or edition
    is_article = article is not None and article.is_article
    moved = known is None and is_article and bool(fetch.redirects) and not is_front_page(fetch.final_url)
    url_key = addresses.key(fetch.final_url) if moved else key
    return Look(
        source=addresses.source,
        edition=where if known is None else known.edition,
        url_key=url_key,
        lead_key=key if key != url_key else None,
        fetch=fetch,
        article=article,
        content_hash=content_hash(Content.of(article)) if article is not None and is_article else None,
        extractor=extractor_version(),
        aliases=addresses.aliases(url_key, fetch, article, where),
        lead=lead,
    )


def is_alive(look: Look) -> bool:
    """Whether a look found an article in its place."""
    if look.fetch.outcome is FetchOutcome.NOT_MODIFIED:
        return True
    return look.fetch.outcome is FetchOutcome.OK and look.article is not None and look.article.is_article


def is_absence(look: Look, known: Known) -> bool:
    """Whether a look at a known article gives a removal signal, to be believed only with controls."""
    page_type = look.article.page_type if look.article is not None else None
    elsewhere = look.article is not None and not identity.same_piece(known.content, Content.of(look.article))
    return removal.signal_of(look.fetch, page_type, elsewhere=elsewhere) is not None
