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

Paragraphs of links, and paragraphs in an element of their own class (tickers, cards, quotes of the day),
are the outlet's furniture more often than the article's text. The former never count; the latter count
once two checks in a row have shown the same (`Confirmed.pending`).

Where neighbours show that texts rotate within the block of the article's text, a paragraph in the place of another
counts once it stood for three checks: one of few comes twice by chance.

A paragraph that many articles have counts as well, once it stood for three checks and neighbours checked since do
otherwise: an outlet may put one statement into ten articles, or take out of one what all have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from newscrawl.judge.diff.align import matches
from newscrawl.judge.diff.differences import (
    Block,
    BlockKind,
    is_same_day,
    is_stated,
    same_byline,
    same_date,
    texts,
)
from newscrawl.judge.diff.sides import PARAGRAPH, Positions, Side, runs_at
from newscrawl.judge.diff.tokens import (
    Keys,
    Token,
    keys as _keys,
    same_to_reader,
    share_kept,
    stretches,
    text_of,
    tokens,
    words_of,
)
from newscrawl.judge.template_text import EditionText, TemplateText, same_form, same_layout
from newscrawl.model import Author, Content, PageText, Precision, Slot, StatedInstant
from newscrawl.text import paragraphs

# A paragraph that keeps at most this share of its words was replaced as a whole.
_REPLACED = 0.6
_STANDS = 2  # checks before this one that a text must have been seen at where texts rotate
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
        self._pages = older, newer
        self._before, self._after = Side(older, old), Side(newer, new)
        self._previous = tuple(Side(page, old) for page in previous[:_STANDS])
        self._layout = not same_layout(older, newer) or not self._before.stands_like(self._after)
        # So far the page changed once at most: a text that is to stand for some checks is soon known to.
        self._steady = not previous or previous[0].shown in (
            (older.shown, newer.shown) if len(previous) < _STANDS else (older.shown,)
        )

    def edits(self, edition: EditionText | None = None) -> Confirmed:
        """The edits that the pages show; `edition` is what template text is learned from, next to these pages."""
        old, new = self._old, self._new
        template = TemplateText(edition or EditionText(), self._pages, (old.title, new.title), self._since)
        comparison = _Comparison(
            self._before, self._after, self._previous, template, self._blocks, layout=self._layout
        )
        is_other_date = comparison.is_other_date(old, new)
        content = replace(
            old,
            title=comparison.line(old.title, new.title),
            subtitle=comparison.subtitle(old.subtitle, new.subtitle),
            body=comparison.body(old.body, new.body),
            authors=comparison.authors(old, new),
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
        steady = self._steady and (comparison.pending or not comparison.waits)
        pending = comparison.pending or comparison.waits
        return Confirmed(content, pending, self._layout, whole, steady, comparison.template)

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


class _Comparison:
    """The two sides of a difference; `layout` says that their layouts differ."""

    def __init__(
        self,
        before: Side,
        after: Side,
        previous: Sequence[Side],
        template: TemplateText,
        blocks: Sequence[Block],
        *,
        layout: bool,
    ) -> None:
        self._before = before
        self._after = after
        self._previous = previous[0] if previous else before
        self._earlier = previous
        self._template = template
        self._blocks = blocks
        self.template = False
        self.layout = layout
        self.pending = False
        self.waits = False  # for checks of other articles

    # --- texts ---

    def subtitle(self, old: str | None, new: str | None) -> str | None:
        """The subtitle: the new one if the pages show that it is another, and it is the article's."""
        if not same_to_reader(old, new) and any(line and self._is_template(line) for line in (old, new)):
            return old
        return self.line(old, new)

    def line(self, old: str | None, new: str | None) -> str | None:
        """A headline: the new one if the pages show that it is another."""
        if same_to_reader(old, new):
            return old
        if not new:  # a line that the extractor no longer finds; what a new layout does not show is no edit
            gone = not self.layout and self._is_changed(_paragraphs(old or ""), self._before, self._after)
            return new if gone else old
        if not old:  # nor is one that it shows, and the other did not
            came = not self.layout and self._is_changed(_paragraphs(new), self._after, self._before)
            return new if came else old
        changed = self._hunks(old, new)
        return new if any(changed) else old

    def body(self, old: str, new: str) -> str:
        """The old body with the edits that the pages show."""
        if same_to_reader(old, new):
            return old
        return "\n\n".join(part for part in self._parts() if part)

    def _parts(self) -> Iterator[str]:
        apart: list[
            Block
        ] = []  # paragraphs that came and went, with those between that only seem to have moved
        for block in self._blocks:
            if block.kind in (BlockKind.ADDED, BlockKind.REMOVED) or self._only_seems_moved(block):
                apart.append(block)
                continue
            yield from self._came_and_went(apart)
            apart.clear()
            if block.kind is BlockKind.CHANGED:
                yield self._edited(block.old, block.new)
            else:
                yield block.new
        yield from self._came_and_went(apart)

    def _only_seems_moved(self, block: Block) -> bool:
        """Whether a moved paragraph is no edit: the order of boxes is the layout's, that of paragraphs in one layout the publisher's."""
        if block.kind is not BlockKind.MOVED:
            return False
        return self.layout or self._is_template(block.old or block.new) or self._is_in_order

    @cached_property
    def _more(self) -> int:
        """How many lines that are shown by turns came beyond those that went.

        One takes the place of another. What came or went beyond that took the place of a text, or made room for one, and
        this may be another of them, however long it stays.
        """
        return sum(bool(new) - bool(old) for old, new in self._turning)

    @cached_property
    def _turning(self) -> list[tuple[str, str]]:
        """The lines that are shown by turns of those that came or went, each as its old and its new text."""
        apart = [block for block in self._blocks if block.kind in (BlockKind.ADDED, BlockKind.REMOVED)]
        return [
            (old, new)
            for block in apart
            for old, new in _each(block)
            if self._is_template(old or new, shown=bool(new)) and not self._template.rests(old or new)
        ]

    @cached_property
    def _is_in_order(self) -> bool:
        """Whether the paragraphs that both readings have stand in one order, but for lines that come and go with neighbours.

        Where such a line moved, the paragraph between may seem to have moved past it.
        """
        kept = [block for block in self._blocks if block.kind in (BlockKind.SAME, BlockKind.MOVED)]
        own = [block for block in kept if self._template.rests(block.old or block.new)]
        before, after = ([_keys(text) for text in side if text] for side in _sides(own))
        return before == after

    def _came_and_went(self, apart: Sequence[Block]) -> Iterator[str]:
        """Of paragraphs that only one reading has: those that stay after the edits."""
        parts = [(block, old, new) for block in apart for old, new in _each(block)]
        found = [
            (old, new, self._is_template(old or new, shown=bool(new)))
            for block, old, new in parts
            if block.kind is not BlockKind.MOVED
        ]
        came = [new for _, new, template in found if new and not template]
        told = iter(found)
        for block, old, new in parts:
            if block.kind is BlockKind.MOVED:
                yield old
                continue
            _, _, template = next(told)
            if template:
                yield new if self._is_own(old, new) else old
            elif new:
                if self._is_new_paragraph(new, swap=any(one for one, _, _ in found), held=self._more < 0):
                    yield new
            elif not self._is_gone_paragraph(
                old, came, swap=any(one for _, one, _ in found), held=self._more > 0
            ):
                yield old

    def _is_own(self, old: str, new: str) -> bool:
        """Whether a paragraph that many articles have, or its absence, is this article's own: it stands, and others do otherwise."""
        keys, here, there = (
            (_keys(new), self._after, self._before) if new else (_keys(old), self._before, self._after)
        )
        slots = here.slots_of(keys)
        if not slots or not here.is_articles(slots) or here.is_linked(keys):
            return False
        if not self._is_changed([keys], here, there):
            return False
        differs = self._template.differs(new or old, shown=bool(new))
        if differs is False:
            return False
        if not all(self._template.rests(text) for text in (old, new) if text):
            self.waits = True  # it came or went on other pages a moment ago: does it stay so there?
            return False
        stands = all(map(self._stands, _paragraphs(new))) if new else self._is_gone_for_long(keys)
        if old and new:
            stands = stands and self._is_gone_for_long(_keys(old))
        self.pending |= not stands
        self.waits |= differs is None
        return stands and bool(differs)

    def _is_template(self, text: str, *, shown: bool | None = None) -> bool:
        """Whether a paragraph, or each of several, is template text; `shown`: it came (True) or went (False) on the article's page."""
        found = all(
            self._template.has(part)
            or (shown is not None and self._template.turns(part, shown=shown) is not False)
            for part in paragraphs(text)
        )
        self.template |= found
        return found

    def _is_new_paragraph(self, text: str, *, swap: bool, held: bool) -> bool:
        """Whether a paragraph that only the newer reading has is an edit; `swap`: it stands in the place of another.

        `held`: not as far as this check can tell.
        """
        keys = _keys(text)
        own = self._may_be_edit(keys, self._after, self._before)
        if own is None:
            return False
        if held:
            sure = False
        elif own and (self._template.came_or_went(text) or (swap and self._one_may_stand_for_another)):
            sure = self._stands(keys)
        else:
            unsure = self.layout and not self._template.is_learned(self._after.page)
            unsure = unsure or self._rotates or (swap and self._rotates is None)
            sure = (own and not unsure) or self._previous.has_paragraph(keys)
        self.pending |= not sure
        return sure

    def _is_gone_paragraph(self, text: str, instead: Sequence[str], *, swap: bool, held: bool) -> bool:
        """Whether a paragraph that only the older reading has was taken away; `instead`: what stands in its place.

        `held`: not as far as this check can tell.
        """
        keys = _keys(text)
        own = self._may_be_edit(keys, self._before, self._after)
        if own is None:
            return False
        known = self._template.came_or_went(text)
        rotates = self._rotates or known
        if held:
            sure = False
        elif (
            own and swap and (rotates or self._rotates is None)
        ):  # an edit if what stands in its place is one
            for_long = known or self._one_may_stand_for_another
            sure = any(
                self._stands(part) if for_long else self._previous.has_paragraph(part)
                for part in map(_keys, instead)
            )
        elif own:
            sure = not rotates or self._is_gone_for_long(keys)
        else:
            # Gone for good is a box that the check before found in the same way; another one in its place is a rotation.
            sure = self._previous.shows_alike(self._after, self._before.slots_of(keys))
        self.pending |= not sure
        return sure

    def _stands(self, keys: Keys) -> bool:
        """Whether a text stood there at both checks before: where texts rotate, one may come twice."""
        return len(self._earlier) >= _STANDS and all(page.has_paragraph(keys) for page in self._earlier)

    def _is_gone_for_long(self, keys: Keys) -> bool:
        """Whether neither check before showed a text."""
        return len(self._earlier) >= _STANDS and not any(one.has_paragraph(keys) for one in self._earlier)

    def _may_be_edit(self, keys: Keys, here: Side, there: Side) -> bool | None:
        """Whether a paragraph that only one reading has stands among the article's text; None where it is no edit at all."""
        if here.is_linked(keys):
            return None
        slots = here.slots_of(keys)
        own = here.is_articles(slots)
        if not own and slots <= self._rotating_boxes:
            self.template = True
            return None
        if (self.layout and not own) or not self._is_changed([keys], here, there):
            return None
        if self.layout and words_of(keys) < PARAGRAPH and there.has_parts(keys):
            return None  # a line of name and date: the other layout shows them in lines of their own
        return own

    @cached_property
    def _rotating_boxes(self) -> frozenset[Slot]:
        """The elements in which neighbours show other text at every check."""
        return frozenset(self._template.rotating(self._after.page) or ())

    @property
    def _one_may_stand_for_another(self) -> bool:
        """Whether what stands in the place of another may do so by turns: also where nobody was checked twice in a new layout yet."""
        return bool(self._rotates) or (self.layout and self._rotates is None)

    @cached_property
    def _rotates(self) -> bool | None:
        """Whether texts rotate within the block of the article's text, by what the neighbours show; None where nobody knows."""
        found: bool | None = False
        for side in (self._after, self._before) if self.layout else (self._after,):
            slots = self._template.rotating(side.page)
            if slots is None:
                found = None
            elif any(side.is_articles(frozenset({slot})) for slot in slots):
                return True
        # Neighbours that were seen once in each of two layouts show it by the lines themselves.
        sides = (
            (self._after, _keys(new)) if new else (self._before, _keys(old)) for old, new in self._turning
        )
        return any(side.is_articles(side.slots_of(line)) for side, line in sides) or found

    def _edited(self, old: str, new: str) -> str:
        """A paragraph, or several that were split or joined, with the edits that the pages show."""
        template = self._is_template(old, shown=False), self._is_template(new, shown=True)
        # In a form of words that many articles have, the numbers are the article's own, if they stand.
        framed = self._template.is_framed(old) and self._template.is_framed(new)
        if all(template) and not all(map(self._template.has_own_numbers, (old, new))):
            is_own = not framed and not same_form(old, new) and self._is_own(old, new)
            return "".join(self._hunk_texts(old, new)).strip() if is_own else old
        if framed and template[1]:
            return old
        keys = _keys(new)
        slots = self._after.slots_of(keys)
        own = self._after.is_articles(slots)
        if not own and slots <= self._rotating_boxes:
            self.template = True
            return old
        if self.layout and self._is_same_line(_keys(old), keys):
            return old
        lines = _paragraphs(new)
        replaced = share_kept(_keys(old), keys) <= _REPLACED
        if (replaced and (self._one_may_stand_for_another or any(template))) or framed or template[1]:
            sure = all(map(self._stands, lines))
        elif (replaced and self._rotates is None) or template == (True, False):
            sure = all(map(self._previous.has_paragraph, lines))
        else:
            sure = own or self.layout or all(map(self._previous.has_paragraph, lines))
        if not sure:
            self.pending |= any(self._hunks(old, new))
            return old
        if replaced and self._after.is_linked(keys):
            return old
        return "".join(self._hunk_texts(old, new)).strip()

    def _is_same_line(self, old: Keys, new: Keys) -> bool:
        """Whether two short lines differ in parts alone that the other page shows in lines of their own: a name, a date."""
        if max(words_of(old), words_of(new)) >= PARAGRAPH:
            return False
        was, now = stretches(old), stretches(new)
        gone, came = [part for part in was if part not in now], [part for part in now if part not in was]
        return all(map(self._after.has_parts, gone)) and all(map(self._before.has_parts, came))

    def _hunk_texts(self, old: str, new: str) -> Iterator[str]:
        one, other = tokens(old), tokens(new)
        for changed, was, now in self._changes(one, other):
            yield text_of(now if changed else was)

    def _hunks(self, old: str, new: str) -> Iterator[bool]:
        """Whether the pages show each difference of two lines."""
        yield from (
            changed for changed, was, now in self._changes(tokens(old), tokens(new)) if changed is not None
        )

    def _changes(
        self, one: Sequence[Token], other: Sequence[Token]
    ) -> Iterator[tuple[bool | None, Sequence[Token], Sequence[Token]]]:
        """All tokens of two paragraphs in stretches: (whether it is an edit, None where both agree; old; new)."""
        before, after = Positions(one), Positions(other)
        end, stop = 0, 0
        for start, begin, length in (*matches(before.keys, after.keys), (len(one), len(other), 0)):
            if start > end or begin > stop:
                gone = any(self._is_gone(before, i) for i in range(end, start))
                came = any(self._is_came(after, j) for j in range(stop, begin))
                joined = begin == stop and self._is_joined(before, end, start, after, stop)
                yield gone or came or joined, one[end:start], other[stop:begin]
            if length:
                yield None, other[begin : begin + length], other[begin : begin + length]
            end, stop = start + length, begin + length

    def _is_gone(self, before: Positions, index: int) -> bool:
        return self._is_edit(before, index, self._before, self._after)

    def _is_came(self, after: Positions, index: int) -> bool:
        return self._is_edit(after, index, self._after, self._before)

    def _is_edit(self, text: Positions, index: int, here: Side, there: Side) -> bool:
        """Whether a word of one reading does not stand on the other page."""
        if self.layout and not text.is_word(index):
            return False
        paragraph, at = text.position(index)
        slots = None if self.layout else text.slots(index, here)
        return not any(self._is_there(run, there, slots) for run in runs_at(paragraph, at))

    def _is_joined(self, before: Positions, end: int, start: int, after: Positions, stop: int) -> bool:
        """Whether a cut in mid-paragraph joined words that did not stand together on the older page."""
        if not 0 < stop < len(after.keys) or not before.is_within(end - 1, start):
            return False
        paragraph, at = after.position(stop)
        if at == 0:
            return False
        slots = None if self.layout else after.slots(stop, self._after)
        across = [run for run in runs_at(paragraph, at) if run in set(runs_at(paragraph, at - 1))]
        return bool(across) and not any(self._is_there(run, self._before, slots) for run in across)

    def _is_changed(self, lines: Sequence[Keys], here: Side, there: Side) -> bool:
        """Whether some word of lines that only one reading has does not stand on the other page."""
        placed = [(Positions.of(line), len(line)) for line in lines]
        return any(self._is_edit(text, i, here, there) for text, length in placed for i in range(length))

    def _is_there(self, run: Keys, there: Side, slots: frozenset[Slot] | None) -> bool:
        if there.has_more(run, slots):
            return True
        # What was hidden before and is shown now was there; what is hidden now is taken from the reader.
        return self.layout and there is self._before and there.keeps(run)

    # --- byline and date ---

    def authors(self, old: Content, new: Content) -> tuple[Author, ...]:
        """The byline: the new one if the pages show that it is another."""
        if same_byline(old, new):
            return old.authors
        was = {name.casefold(): name for name in (a.name for a in old.authors)}
        now = {name.casefold(): name for name in (a.name for a in new.authors)}
        lost, gained = [was[k] for k in was if k not in now], [now[k] for k in now if k not in was]
        if not lost and not gained:  # other roles or another order
            return old.authors if self.layout else new.authors
        if not old.authors and self.layout:
            return old.authors  # what a layout shows that another one did not is no edit
        if not new.authors:
            gone = any(not self._names(name, self._before, self._after) for name in lost)
            return new.authors if gone and self._is_unsigned(lost) else old.authors
        came = any(not self._names(name, self._after, self._before, any_=not old.authors) for name in gained)
        left = any(not self._names(name, self._before, self._after) for name in lost)
        return new.authors if came or (left and not self.layout) else old.authors

    def _is_unsigned(self, lost: Sequence[str]) -> bool:
        """Whether a page without its byline has lost it: in another layout that may be the layout's doing.

        It is not where neighbours in the new layout show theirs, and the check before showed none either.
        """
        if not self.layout:
            return True
        if not self._template.shows_bylines(self._after.page):
            return False
        stands = bool(self._earlier) and not any(self._previous.slots_naming(name) for name in lost)
        self.pending |= not stands
        return stands

    def _names(self, name: str, here: Side, there: Side, *, any_: bool = False) -> bool:
        """Whether the other page shows a name where this one has it, unread."""
        slots = None if self.layout or any_ else here.slots_naming(name) or None
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
        chosen = self.layout or any(is_stated(stated, was) for stated in self._after.instants)
        return not (chosen and any(is_stated(stated, now) for stated in self._before.instants))


def _paragraphs(text: str) -> list[Keys]:
    return [_keys(part) for part in paragraphs(text)]


def _sides(blocks: Sequence[Block]) -> tuple[list[str], list[str]]:
    return [block.old for block in blocks], [block.new for block in blocks]


def _each(block: Block) -> Iterator[tuple[str, str]]:
    """The paragraphs of a block that came, went or moved, each as its old and its new text, one of which is empty."""
    came = bool(block.new)
    for paragraph in paragraphs(block.new if came else block.old):
        yield ("", paragraph) if came else (paragraph, "")
