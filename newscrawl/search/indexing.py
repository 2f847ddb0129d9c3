"""Fills the index of search from what the archive wrote since: after a crawl, or when asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from newscrawl.errors import NewscrawlError
from newscrawl.model import Article
from newscrawl.model.search import Document
from newscrawl.search import facets
from newscrawl.search.words import of_text, stems
from newscrawl.store.search.store import SearchStore
from newscrawl.store.search.texts import IndexedText

logger = logging.getLogger(__name__)

_BATCH = 500  # versions in one transaction of the index
# Characters of a body that are looked through: a book of a million letters would be one row of some megabytes.
_MOST = 500_000


def update(
    store: SearchStore,
    *,
    seconds: float | None = None,
    progress: Callable[[int], None] = lambda _: None,
    tick: Callable[[], float] = time.monotonic,
) -> bool:
    """Puts what waits into the index, batch by batch; whether nothing is left.

    Stops after `seconds`; what is left is done the next time. `progress` is told how many versions each batch had.
    A kill between two steps puts a batch in twice, which changes nothing. Raises StoreError.
    """
    until = tick() + seconds if seconds is not None else None
    while until is None or tick() < until:
        number = _step(store)
        if not number:
            return True
        progress(number)
    return False


def update_quietly(url: str, seconds: float) -> None:
    """What a crawl does at its end: never a reason for it to fail. What goes wrong is logged, and made up for later."""
    try:
        with SearchStore(url, write=True) as store:
            update(store, seconds=seconds)
    except NewscrawlError as error:
        logger.info("search: %s", error)
    except Exception as error:  # noqa: BLE001 - derived data; the run is over and archived
        logger.warning("search: %s: %s", type(error).__name__, error)


def document(text: IndexedText) -> Document:
    """A version as the index keeps it."""
    article = text.article
    body = with_subtitle(article)[:_MOST]
    title = article.title or ""
    language = of_text(body or title, article.language)
    return Document(
        version_id=text.version_id,
        article_id=text.article_id,
        moment=int(text.moment.timestamp()),
        title=tuple(stems(title, language)),
        body=tuple(stems(body, language)),
        authors=tuple(stem for author in article.authors for stem in stems(author.name, language)),
        facets=tuple(_facets(text, language)),
        language=language or None,
    )


def with_subtitle(article: Article) -> str:
    """The text of an article that is looked through beside its title."""
    return f"{article.subtitle}\n{article.body}" if article.subtitle else article.body


def _facets(text: IndexedText, language: str) -> list[str]:
    kinds = [facets.facet(facets.KIND, kind) for kind in text.kinds]
    if text.number > 1:
        kinds.append(facets.facet(facets.KIND, "yes"))
    return [
        facets.facet(facets.SOURCE, text.source),
        facets.facet(facets.EDITION, text.edition),
        facets.facet(facets.LANGUAGE, language),
        facets.facet(facets.STATE, text.state.value),
        *facets.of_day(text.moment.date()),
        *kinds,
    ]


def _step(store: SearchStore) -> int:
    """Puts one batch in: first the versions of before the index, then those noted since. How many it were."""
    walked = store.index.walked()
    if walked is not None:
        if walked == 0:
            store.done_all()  # the walk that begins comes by all that was noted until now
        texts = store.after(walked, _BATCH)
        if texts:
            store.index.add([document(one) for one in texts], walked=texts[-1].version_id)
            return len(texts)
        store.index.finish_walk()
    numbers, texts = store.waiting(_BATCH)
    if not numbers:
        return 0
    store.index.add([document(one) for one in texts])
    store.done(numbers)
    return max(len(texts), 1)
