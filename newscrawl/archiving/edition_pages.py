"""Reads what the template text of an edition is learned from: pages of the articles that were seen last, and headlines."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from newscrawl.archiving.captures import CaptureReader
from newscrawl.judge.template_text import EditionText, Neighbour
from newscrawl.model import Article, Capture, Known, PageText

# Other articles whose pages are read, two each at most: enough that half of them is no chance.
NEIGHBOURS = 8
# The newest articles of the edition whose headlines are known.
HEADLINES = 300
_REMEMBERED = 40  # pages, and neighbours: those of a few editions

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Reads(Protocol):
    """What is asked of the archive for a decision: of itself, or of an open transaction of it."""

    def last_pages(self, article_id: int, limit: int, version: int | None = None) -> list[Capture]:
        """The captures of the last checks that brought the article's page, or word that it has not changed, the last first.

        With `version` only those that found this one.
        """

    def last_seen(self, edition: str, now: datetime, limit: int) -> list[Known]:
        """The articles of an edition that were seen alive last."""

    def headlines(self, edition: str, limit: int) -> dict[int, str]:
        """The headlines of the newest articles of an edition, by the articles' ids."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An article that was seen alive; `page` is that of a check that is not stored yet."""

    article: Known
    page: Capture | None = None


class EditionPages:
    """Reads captures like the reader that it is made of, and remembers the last pages: neighbours are asked again and again.

    What is known of an edition is read once a batch. Articles that an earlier observation of the same batch saw are
    neighbours as well, with the page of that observation.
    """

    def __init__(self, captures: CaptureReader) -> None:
        self._captures = captures
        self._pages: OrderedDict[Capture, PageText | None] = OrderedDict()
        self._neighbours: OrderedDict[tuple[Capture, ...], Neighbour] = OrderedDict()
        self._noted: list[Seen] = []
        self._last: dict[str, list[Seen]] = {}
        self._checks: dict[tuple[int, int], list[Capture]] = {}
        self._headlines: dict[str, dict[int, str]] = {}

    @classmethod
    def of(cls, captures: CaptureReader) -> EditionPages:
        """A reader that remembers: the given one if it does."""
        return captures if isinstance(captures, EditionPages) else cls(captures)

    def next_batch(self) -> None:
        """Forgets what was known of editions: the archive knows more now."""
        self._noted.clear()
        self._last.clear()
        self._checks.clear()
        self._headlines.clear()

    def note(self, seen: Seen) -> None:
        """Takes an article that an observation of this batch saw for a neighbour of those that follow."""
        self._noted.append(seen)

    def extract(self, known: Known, capture: Capture) -> Article | None:
        """What a capture says by today's extractor."""
        return self._captures.extract(known, capture)

    def page_text(self, known: Known, capture: Capture) -> PageText | None:
        """What the page of a capture shows and holds."""
        return _kept(self._pages, capture, lambda: self._captures.page_text(known, capture))

    def around(self, archive: Reads, article: Known, now: datetime) -> EditionText:
        """What is known of the edition around one article."""
        edition = article.edition
        if edition not in self._last:
            known = archive.last_seen(edition, now, NEIGHBOURS + 1)
            self._last[edition] = [Seen(one) for one in known]
            self._headlines[edition] = archive.headlines(edition, HEADLINES)
        noted = [seen for seen in reversed(self._noted) if seen.article.edition == edition]
        others = {seen.article.id: seen for seen in (*self._last[edition], *reversed(noted))}
        first = dict.fromkeys(seen.article.id for seen in (*noted, *self._last[edition]))
        around = [others[number] for number in first if number != article.id][:NEIGHBOURS]
        found = [self._neighbour(archive, seen) for seen in around]
        headlines = {title for number, title in self._headlines[edition].items() if number != article.id}
        return EditionText(tuple(one for one in found if one.pages), frozenset(headlines))

    def _neighbour(self, archive: Reads, seen: Seen) -> Neighbour:
        article = seen.article
        if (article.id, article.version) not in self._checks:
            self._checks[article.id, article.version] = archive.last_pages(article.id, 2, article.version)
        stored = self._checks[article.id, article.version]
        captures = ((seen.page, *stored) if seen.page is not None else tuple(stored))[:2]

        def read() -> Neighbour:
            same = len({capture.ref.digest for capture in captures}) == 1
            pages = [self.page_text(article, capture) for capture in captures[: 1 if same else 2]]
            seen = captures[0].at if captures else None
            found = tuple(page for page in pages if page is not None)
            before = self._version_before(archive, article, captures) if len(captures) == 1 else None
            earlier = self.page_text(article, before) if before is not None else None
            authors = tuple(author.name for author in article.content.authors)
            return Neighbour(found, len(captures) > 1, seen, earlier, authors)

        return _kept(self._neighbours, captures, read)

    def _version_before(self, archive: Reads, article: Known, captures: Sequence[Capture]) -> Capture | None:
        """The last page before the current version, which `captures` are of."""
        if article.version == 1:
            return None
        return next((one for one in archive.last_pages(article.id, 2) if one not in captures), None)


def _kept(kept: OrderedDict[K, T], key: K, read: Callable[[], T]) -> T:
    """What was read under a key, from memory if it is there; what was asked longest ago is forgotten."""
    if key not in kept:
        kept[key] = read()
        if len(kept) > _REMEMBERED:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
