"""Makes a Look of a fetch and the page it brought: which piece it is about, under which keys. Pure."""

from __future__ import annotations

from newscrawl.crawl.addresses import Addresses
from newscrawl.extract import extractor_version
from newscrawl.judge import identity, removal
from newscrawl.model import Article, Content, Fetch, FetchOutcome, Known, Lead, Observation, PageType, Signal
from newscrawl.text import content_hash
from newscrawl.urls import is_front_page

# Pages that come instead of the article and say nothing of it.
_SAYS_NOTHING = (PageType.CHALLENGE, PageType.PAYWALL_STUB, PageType.UNREADABLE)


def observation_of(
    addresses: Addresses,
    fetch: Fetch,
    article: Article | None,
    *,
    edition: str,
    key: str,
    lead: Lead | None,
    known: Known | None,
) -> Observation:
    """The look at `key`. A lead that redirected to an article is that article, found under another address."""
    where = addresses.edition_of(fetch.final_url) or edition
    is_article = article is not None and article.is_article
    moved = known is None and is_article and bool(fetch.redirects) and not is_front_page(fetch.final_url)
    url_key = addresses.key(fetch.final_url) if moved else key
    return Observation(
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
        attested=addresses.is_plain(fetch.final_url),
    )


def is_alive(observation: Observation, known: Known) -> bool:
    """Whether a look found the known article in its place, edited or not."""
    if observation.fetch.outcome is FetchOutcome.NOT_MODIFIED:
        return True
    if (
        observation.fetch.outcome is not FetchOutcome.OK
        or observation.article is None
        or not observation.article.is_article
    ):
        return False
    return identity.related(known.content, Content.of(observation.article)) and not identity.is_emptied(
        observation, known
    )


def signal_in(observation: Observation, known: Known) -> Signal | None:
    """The removal signal a look at a known article gives."""
    article = observation.article
    elsewhere = article is not None and not identity.same_piece(known.content, Content.of(article))
    page_type = article.page_type if article is not None else None
    return removal.signal_of(
        observation.fetch,
        page_type,
        elsewhere=elsewhere,
        as_missing=observation.as_missing,
        emptied=identity.is_emptied(observation, known),
    )


def needs_controls(observation: Observation, known: Known) -> bool:
    """Whether a look at a known article must wait for controls: a removal signal, or a page that is not the article.

    An outage, a block page nobody has seen before or a front page served everywhere gives such
    looks for all articles of an edition at once; a removal or a rewriting does not.
    """
    article = observation.article
    if signal_in(observation, known) is not None:
        return True
    if (
        article is None
        or observation.fetch.outcome is not FetchOutcome.OK
        or article.page_type in _SAYS_NOTHING
    ):
        return False
    return article.page_type is PageType.OTHER or not identity.related(known.content, Content.of(article))
