"""Reads what the template text of an edition is learned from: pages of the articles that were seen last, and headlines."""

from __future__ import annotations

from datetime import datetime

from newscrawl.archiving.captures import CaptureReader
from newscrawl.judge.template_text import EditionText, Neighbour
from newscrawl.model import Capture, Known, PageText
from newscrawl.store.archive import Writing

# Other articles whose pages are read, two each at most: enough that half of them is no chance.
NEIGHBOURS = 6
# The newest articles of the edition whose headlines are known.
HEADLINES = 300


class EditionPages:
    """The pages of the editions in one transaction: each is read once."""

    def __init__(self, writing: Writing, captures: CaptureReader) -> None:
        self._writing = writing
        self._captures = captures
        self._pages: dict[Capture, PageText | None] = {}
        self._neighbours: dict[tuple[Capture, ...], Neighbour] = {}

    def around(self, article: Known, now: datetime) -> EditionText:
        """What is known around one article."""
        others = self._writing.last_seen(article.edition, now, NEIGHBOURS + 1)
        found = [self._neighbour(other) for other in others if other.id != article.id][:NEIGHBOURS]
        headlines = self._writing.headlines(article.edition, HEADLINES, without=article.id)
        return EditionText(tuple(one for one in found if one is not None), headlines)

    def _neighbour(self, other: Known) -> Neighbour | None:
        last = self._writing.last_page(other.id)
        if other.capture is None:
            return None
        captures = (other.capture,) if last is None or last == other.capture else (other.capture, last)
        if captures not in self._neighbours:
            digests = {capture.ref.digest for capture in captures}
            pages = [self._page(other, capture) for capture in captures[: len(digests)]]
            # A version's fields may have been read again at a later check, from a page of that check.
            checked = len(captures) > 1 or other.capture.at > other.last_changed
            read = tuple(page for page in pages if page is not None)
            self._neighbours[captures] = Neighbour(read, checked)
        neighbour = self._neighbours[captures]
        return neighbour if neighbour.pages else None

    def _page(self, other: Known, capture: Capture) -> PageText | None:
        if capture not in self._pages:
            self._pages[capture] = self._captures.page_text(other, capture)
        return self._pages[capture]
