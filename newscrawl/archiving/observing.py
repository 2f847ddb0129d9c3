"""The one maker of observations: from a fetch and the page it brought to the piece it is about, under which keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from newscrawl.errors import AddressError, PageError
from newscrawl.extract import extractor_version
from newscrawl.judge import soft_404
from newscrawl.model import Alias, AliasKind, Article, Content, Fetch, FetchOutcome, Known, Lead, Observation
from newscrawl.model.ledger import form_key
from newscrawl.text import content_hash
from newscrawl.urls import is_front_page, plainer

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NAMED = re.compile(r"/[^/]*[\d_-][^/]*$")
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head"})


class Addresses(Protocol):
    """What a source knows of its addresses."""

    @property
    def source(self) -> str:
        """Its name."""

    def key(self, address: str) -> str:
        """The canonical key of an address. Raises AddressError."""

    def edition_of(self, address: str) -> str | None:
        """The edition an address belongs to, None for none; empty: the page's language will say."""

    def aliases(self, key: str, fetch: Fetch, article: Article | None, edition: str) -> tuple[Alias, ...]:
        """Other keys of a piece that a page names."""

    def is_listed(self, address: str, edition: str) -> bool:
        """Whether an address has the shape of an article's."""

    def is_plain(self, address: str) -> bool:
        """Whether an address can only be an article's: it has the source's own number, or none is known."""


def observation_of(
    addresses: Addresses,
    fetch: Fetch,
    article: Article | None,
    *,
    edition: str,
    key: str,
    lead: Lead | None,
    known: Known | None,
    attested: bool = False,
) -> Observation:
    """The check of the address with the key `key`. A lead that redirected to an article is that article, found under another address.

    `attested` says that it is an article's address whatever its shape.
    """
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
        aliases=(
            *addresses.aliases(url_key, fetch, article, where),
            *(_forms(addresses, url_key) if is_article else ()),
        ),
        lead=lead,
        attested=attested or addresses.is_plain(fetch.final_url),
    )


def _forms(addresses: Addresses, key: str) -> Iterator[Alias]:
    """What else the piece may be known by, judging by the form of its address alone."""
    with suppress(AddressError):
        plain = addresses.key(plainer(key))
        path = plain.partition("?")[0]
        # Behind the name of an article parameters of no known name may be a reader's, too; behind a script's ("/read?id=5")
        # they are the article's.
        for form in dict.fromkeys((plain, path) if _NAMED.search(path) else (plain,)):
            if form != key and not is_front_page(form):
                yield Alias(form_key(form), AliasKind.FORM, form)


def fingerprint_of(fetch: Fetch, body: bytes) -> soft_404.Fingerprint | None:
    """The fingerprint by which a soft 404 is recognised; None for an outage, a refusal, or bytes that are no page."""
    if fetch.outcome is not FetchOutcome.OK:
        return soft_404.fingerprint(fetch, "", ())
    from newscrawl.extract.page.tree import read_page

    try:
        tree = read_page(body, fetch.final_url, fetch.content_type).tree
    except PageError:
        return None
    title = next((element.text_content() for element in tree.iter("title")), "")
    return soft_404.fingerprint(fetch, title, _texts(tree))


def _texts(tree: HtmlElement) -> Iterator[str]:
    stack = [tree]
    while stack:
        element = stack.pop()
        if isinstance(element.tag, str) and element.tag not in _UNSEEN:
            yield element.text or ""
            stack.extend(element)
        yield element.tail or ""
