"""Which differences of two readings the raw pages show: only these are edits of the publisher.

Two readings of an article differ for three reasons: the publisher edited it, the page got another
layout, or the extractor chose otherwise. `SideBySide` tells the first from the others by laying the
texts of both pages side by side. A word that the newer reading adds counts only if it did not stand on
the older page already, a word that it lost only if it is gone from the newer page. Words are compared
with their neighbours, in runs of RUN, so that a digit or a name is not excused by a chance hit; and a
run counts as standing there only where the page has it more often than the reading of that page took
it, so that a text is never evidence for itself.

Where both pages have the same layout, only the element counts that the words stand in: a reader's
comment that quotes a deleted sentence does not excuse the deletion. Where the layout changed, the whole
page counts, with what it holds without showing it, and paragraphs outside the article's own element
(captions, boxes, comments of the new layout) are no edits.

How the words are held against the pages: `diff/shown_words.py`; which paragraphs are the article's and have to stand for
how long: `diff/body_edits.py`; which lines other articles show as well, by turns or for good: `diff/turns.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from newscrawl.judge.diff.body_edits import BodyEdits
from newscrawl.judge.diff.differences import Block, is_same_day, is_stated, same_byline, same_date, texts
from newscrawl.judge.diff.shown_words import ShownWords
from newscrawl.judge.diff.sides import STANDS, Pages, Side, lines_of
from newscrawl.judge.diff.tokens import same_to_reader
from newscrawl.judge.diff.turns import Doubts, Turns
from newscrawl.judge.template_text import EditionText, TemplateText, same_layout
from newscrawl.model import Author, Content, PageText, Precision, StatedInstant

# Words that a reading must keep to become the stored one, with every field that was known: a layout that hides half
# of a text, or its date, from the extractor must not shorten what is archived.
_WHOLE = 0.9


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What of a difference both pages show.

    `content` is the older reading with these edits alone. `pending` says that more may be an edit, if the next check shows it again, and `steady`, that this
    soon tells: the page does not change at every check, and not only checks of other articles can tell; `layout`, that the page has another layout; `whole`, that the newer reading
    has all that the older one has, and may be stored in its place; `template`, that template text differs.
    """

    content: Content
    pending: bool = False
    layout: bool = False
    whole: bool = True
    steady: bool = True
    template: bool = False


class SideBySide:
    """Two readings with the raw pages that they were read from, laid side by side once: of long pages that takes seconds.

    `previous` are the pages at the last two checks before this one, the last first, as far as there were any since the
    older reading; `since` is the instant of the first of these checks.
    """

    def __init__(
        self,
        old: Content,
        new: Content,
        older: PageText,
        newer: PageText,
        previous: Sequence[PageText] = (),
        since: datetime | None = None,
    ) -> None:
        self._old, self._new = old, new
        self._since = since
        before, after = Side(older, old), Side(newer, new)
        self._pages = Pages(
            before,
            after,
            tuple(Side(page, old) for page in previous[:STANDS]),
            layout=not same_layout(older, newer) or not before.stands_like(after),
        )
        # So far the page changed once at most: a text that is to stand for some checks is soon known to.
        self._steady = not previous or previous[0].shown in (
            (older.shown, newer.shown) if len(previous) < STANDS else (older.shown,)
        )

    def edits(self, edition: EditionText | None = None) -> Confirmed:
        """The edits that the pages show; `edition` is what template text is learned from, next to these pages."""
        old, new, pages, doubts = self._old, self._new, self._pages, Doubts()
        sides = pages.before.page, pages.after.page
        template = TemplateText(edition or EditionText(), sides, (old.title, new.title), self._since)
        words = ShownWords(pages)
        turns = Turns(pages, template, self._blocks, words, doubts)
        fields = _Fields(pages, template, words, turns)
        is_other_date = fields.is_other_date(old, new)
        content = replace(
            old,
            title=fields.line(old.title, new.title),
            subtitle=fields.subtitle(old.subtitle, new.subtitle),
            body=BodyEdits(pages, template, self._blocks, words, turns).edited(old.body, new.body),
            authors=fields.authors(old, new),
            published=new.published if is_other_date else old.published,
            published_precision=new.published_precision if is_other_date else old.published_precision,
        )
        lost = (
            (old.title and not new.title)
            or (old.subtitle and not new.subtitle)
            or (old.authors and not new.authors)
            or (old.published is not None and new.published is None)
        )
        whole = not lost and len(new.body.split()) >= _WHOLE * len(old.body.split())
        steady = self._steady and (doubts.pending or not doubts.waits)
        return Confirmed(
            content, doubts.pending or doubts.waits, pages.layout, whole, steady, doubts.template
        )

    def may_be_edit(self, found: Confirmed) -> bool:
        """Whether what was found without the text of the edition may be an edit, so that this text bears on it."""
        unsigned = bool(self._old.authors) and not self._new.authors
        return found.pending or unsigned or found.content != self._old

    @cached_property
    def _blocks(self) -> tuple[Block, ...]:
        return texts(self._old.body, self._new.body)


def confirmed(
    old: Content,
    new: Content,
    older: PageText,
    newer: PageText,
    previous: Sequence[PageText] = (),
    edition: EditionText | None = None,
    since: datetime | None = None,
) -> Confirmed:
    """The edits between two readings that the pages they were read from show, as `SideBySide` tells them."""
    return SideBySide(old, new, older, newer, previous, since).edits(edition)


class _Fields:
    """Headlines, byline and date of two readings, and the pages that these were read from."""

    def __init__(self, pages: Pages, template: TemplateText, words: ShownWords, turns: Turns) -> None:
        self._pages = pages
        self._template = template
        self._words = words
        self._turns = turns

    def subtitle(self, old: str | None, new: str | None) -> str | None:
        """The subtitle: the new one if the pages show that it is another, and it is the article's."""
        if not same_to_reader(old, new) and any(
            line and self._turns.is_template(line) for line in (old, new)
        ):
            return old
        return self.line(old, new)

    def line(self, old: str | None, new: str | None) -> str | None:
        """A headline: the new one if the pages show that it is another."""
        if same_to_reader(old, new):
            return old
        if not new:  # a line that the extractor no longer finds; what a new layout does not show is no edit
            gone = not self._pages.layout and self._words.is_changed(
                lines_of(old or ""), self._pages.before, self._pages.after
            )
            return new if gone else old
        if not old:  # nor is one that it shows, and the other did not
            came = not self._pages.layout and self._words.is_changed(
                lines_of(new), self._pages.after, self._pages.before
            )
            return new if came else old
        changed = self._words.differ(old, new)
        return new if any(changed) else old

    def authors(self, old: Content, new: Content) -> tuple[Author, ...]:
        """The byline: the new one if the pages show that it is another."""
        if same_byline(old, new):
            return old.authors
        was = {name.casefold(): name for name in (a.name for a in old.authors)}
        now = {name.casefold(): name for name in (a.name for a in new.authors)}
        lost, gained = [was[k] for k in was if k not in now], [now[k] for k in now if k not in was]
        if not lost and not gained:  # other roles or another order
            return old.authors if self._pages.layout else new.authors
        if not old.authors and self._pages.layout:
            return old.authors  # what a layout shows that another one did not is no edit
        if not new.authors:
            gone = any(not self._names(name, self._pages.before, self._pages.after) for name in lost)
            return new.authors if gone and self._is_unsigned(lost) else old.authors
        before = self._pages.before
        # What is named in the text of both may be taken for a byline in a new layout.
        gained = [name for name in gained if not (self._pages.layout and before.reads(name))]
        came = any(
            not self._names(name, self._pages.after, self._pages.before, any_=not old.authors)
            for name in gained
        )
        left = any(not self._names(name, self._pages.before, self._pages.after) for name in lost)
        return new.authors if came or (left and not self._pages.layout) else old.authors

    def _is_unsigned(self, lost: Sequence[str]) -> bool:
        """Whether a page without its byline has lost it: in another layout that may be the layout's doing.

        It is not where neighbours in the new layout show theirs, and the check before showed none either.
        """
        if not self._pages.layout:
            return True
        if not self._template.shows_bylines(self._pages.after.page):
            return False
        stands = bool(self._pages.earlier) and not any(
            self._pages.previous.slots_naming(name) for name in lost
        )
        self._turns.doubts.pending |= not stands
        return stands

    def _names(self, name: str, here: Side, there: Side, *, any_: bool = False) -> bool:
        """Whether the other page shows a name where this one has it, unread."""
        slots = None if self._pages.layout or any_ else here.slots_naming(name) or None
        # A byline that one reading takes for a paragraph of the text was there as well.
        return there.names(name, slots) > 0 or there.reads(name) > here.reads(name)

    def is_other_date(self, old: Content, new: Content) -> bool:
        """Whether the date of publication was changed: a date that can be read only now is none.

        Neither is another one of several that a page states: where both pages state both, or the layout changed, the
        extractor chose otherwise.
        """
        if same_date(old, new) or old.published is None or new.published is None:
            return False
        was = StatedInstant(old.published, old.published_precision or Precision.MINUTE)
        now = StatedInstant(new.published, new.published_precision or Precision.MINUTE)
        if is_same_day(was, now):
            return False
        chosen = self._pages.layout or any(is_stated(stated, was) for stated in self._pages.after.instants)
        return not (chosen and any(is_stated(stated, now) for stated in self._pages.before.instants))
