"""Reads what the template text of an edition is learned from: pages of the articles that were seen last, and headlines."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from newscrawl.archiving.captures import CaptureReader
from newscrawl.judge.template_text import EditionText, Neighbour
from newscrawl.model import Article, Capture, Known, PageText
from newscrawl.store.archive import Writing

# Other articles whose pages are read, two each at most: enough that half of them is no chance.
NEIGHBOURS = 6
# The newest articles of the edition whose headlines are known.
HEADLINES = 300
_REMEMBERED = 40  # pages, and neighbours: those of a few editions


class EditionPages:
    """Reads captures like the reader that it is made of, and remembers the last pages: neighbours are asked again and again."""

    def __init__(self, captures: CaptureReader) -> None:
        self._captures = captures
        self._pages: OrderedDict[Capture, PageText | None] = OrderedDict()
        self._neighbours: OrderedDict[tuple[Capture, ...], Neighbour] = OrderedDict()

    @classmethod
    def of(cls, captures: CaptureReader) -> EditionPages:
        """A reader that remembers: the given one if it does."""
        return captures if isinstance(captures, EditionPages) else cls(captures)

    def extract(self, known: Known, capture: Capture) -> Article | None:
        """What a capture says by today's extractor."""
        return self._captures.extract(known, capture)

    def page_text(self, known: Known, capture: Capture) -> PageText | None:
        """What the page of a capture shows and holds."""
        if capture not in self._pages:
            self._pages[capture] = self._captures.page_text(known, capture)
            if len(self._pages) > _REMEMBERED:
                self._pages.popitem(last=False)
        self._pages.move_to_end(capture)
        return self._pages[capture]

    def around(self, writing: Writing, article: Known, now: datetime) -> EditionText:
        """What is known of the edition around one article."""
        others = writing.last_seen(article.edition, now, NEIGHBOURS + 1)
        found = [self._neighbour(writing, other) for other in others if other.id != article.id][:NEIGHBOURS]
        headlines = writing.headlines(article.edition, HEADLINES, without=article.id)
        return EditionText(tuple(one for one in found if one is not None and one.pages), headlines)

    def _neighbour(self, writing: Writing, other: Known) -> Neighbour | None:
        if other.capture is None:
            return None
        last = writing.last_page(other.id)
        captures = (other.capture,) if last is None or last == other.capture else (other.capture, last)
        if captures not in self._neighbours:
            digests = {capture.ref.digest for capture in captures}
            pages = [self.page_text(other, capture) for capture in captures[: len(digests)]]
            # A version's fields may have been read again at a later check, from a page of that check.
            checked = len(captures) > 1 or other.capture.at > other.last_changed
            read = tuple(page for page in pages if page is not None)
            self._neighbours[captures] = Neighbour(read, checked)
            if len(self._neighbours) > _REMEMBERED:
                self._neighbours.popitem(last=False)
        self._neighbours.move_to_end(captures)
        return self._neighbours[captures]
