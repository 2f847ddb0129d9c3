"""Which differences of two readings the raw pages show: only these are edits of the publisher.

Two readings of an article differ for three reasons: the publisher edited it, the page got another
layout, or the extractor chose otherwise. `confirmed` tells the first from the others by laying the
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
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from newscrawl.judge.diff.tokens import (
    Keys,
    Token,
    folded,
    keys as _keys,
    occurrences,
    parts_of,
    same_to_reader,
    share_kept,
    text_of,
    tokens,
    words_of,
)
from newscrawl.judge.template_text import EditionText, TemplateText, same_layout
from newscrawl.judge.word_runs import runs
from newscrawl.model import Author, Content, PageText, Precision, Slot, StatedInstant
from newscrawl.text import paragraphs

# Words and marks that must stand together on the other page. With four, one in a hundred changed words was
# excused by chance in a made-up outlet of short, similar notices.
RUN = 5
# A paragraph that keeps at most this share of its words was replaced as a whole.
_REPLACED = 0.6
# Words that a reading must keep to become the stored one, with every field that was known: a layout that hides half
# of a text, or its date, from the extractor must not shorten what is archived.
_WHOLE = 0.9
_SLOTS = 40  # elements of which one run is remembered: a page may put one line into ten thousand
_PARAGRAPH = 8  # words of a paragraph that shows where the article's text stands


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What of a difference both pages show.

    `content` is the older reading with these edits alone. `pending` says that more may be an edit, if the next check shows it again, and `steady`, that the page
    did not change at every check so far; `layout`, that the page has another layout; `whole`, that the newer reading
    has all that the older one has, and may be stored in its place; `template`, that template text differs.
    """

    content: Content
    pending: bool = False
    layout: bool = False
    whole: bool = True
    steady: bool = True
    template: bool = False


def confirmed(
    old: Content,
    new: Content,
    older: PageText,
    newer: PageText,
    previous: PageText | None = None,
    edition: EditionText | None = None,
) -> Confirmed:
    """The edits between two readings that the pages they were read from show.

    `previous` is the page at the check before this one, None if there was none since the older reading; `edition` is
    what the template text is learned from, needed only where the pages show what may be an edit without it.
    """
    template = TemplateText(edition or EditionText(), (older, newer), (old.title, new.title))
    before, after = _Side(older, old), _Side(newer, new)
    layout = not same_layout(older, newer) or before.container != after.container
    comparison = _Comparison(before, after, _Side(previous or older, old), template, layout=layout)
    content = replace(
        old,
        title=comparison.line(old.title, new.title),
        subtitle=comparison.subtitle(old.subtitle, new.subtitle),
        body=comparison.body(old.body, new.body),
        authors=comparison.authors(old, new),
        published=new.published if comparison.is_other_date(old, new) else old.published,
        published_precision=(
            new.published_precision if comparison.is_other_date(old, new) else old.published_precision
        ),
    )
    lost = (
        (old.title and not new.title)
        or (old.subtitle and not new.subtitle)
        or (old.authors and not new.authors)
        or (old.published is not None and new.published is None)
    )
    whole = not lost and len(new.body.split()) >= _WHOLE * len(old.body.split())
    steady = previous is None or previous.shown == older.shown
    return Confirmed(content, comparison.pending, comparison.layout, whole, steady, comparison.template)


class _Side:
    """One page and what was read of it."""

    def __init__(self, page: PageText, content: Content) -> None:
        self.page = page
        self._content = content
        self._blocks = [(_keys(block.text), block.slot, block.linked) for block in page.shown]
        self._kept = page.kept
        self.instants = page.instants

    def has_more(self, run: Keys, slots: frozenset[Slot] | None) -> bool:
        """Whether a run stands on the page where the reading did not take it from; `slots`: in these elements only."""
        shown = self._shown[run] if slots is None else sum(self._by_slot[slot][run] for slot in slots)
        return shown > self._read[run]

    def keeps(self, run: Keys) -> bool:
        """Whether the page holds a run without showing it."""
        return run in self._hidden

    def slots_of(self, paragraph: Keys) -> frozenset[Slot]:
        """The elements that a paragraph of the reading stands in; empty if the page does not show it."""
        return frozenset().union(*(self._where.get(run, ()) for run in _runs(paragraph)))

    def is_linked(self, paragraph: Keys) -> bool:
        """Whether a paragraph stands in lines made of links, and nowhere else."""
        runs = _runs(paragraph)
        return bool(runs) and all(run in self._linked for run in runs)

    def is_articles(self, slots: frozenset[Slot]) -> bool:
        """Whether one of the elements is of the kind that holds the article's text; unknown ones are."""
        main = self._main
        return not slots or main is None or any(_beside(slot, main) for slot in slots)

    def has_paragraph(self, paragraph: Keys) -> bool:
        """Whether the page shows this paragraph."""
        return all(run in self._shown for run in _runs(paragraph))

    def shows_alike(self, other: _Side, slots: frozenset[Slot]) -> bool:
        """Whether two pages show the same in some elements."""
        mine, theirs = ([keys for keys, slot, _ in side._blocks if slot in slots] for side in (self, other))  # noqa: SLF001 - its own
        return mine == theirs

    def names(self, name: str, slots: frozenset[Slot] | None) -> int:
        """How often the page shows a name beyond what was read of it; `slots`: in these elements only."""
        wanted = folded(name)
        shown = sum(
            occurrences(keys, wanted) for keys, slot in self._folded_blocks if slots is None or slot in slots
        )
        content = self._content
        fields = (
            content.title,
            content.subtitle,
            *paragraphs(content.body),
            *(a.name for a in content.authors),
        )
        return shown - sum(occurrences(folded(text), wanted) for text in fields if text)

    def reads(self, name: str) -> int:
        """How often the text that was read of the page names somebody."""
        wanted = folded(name)
        return sum(occurrences(folded(text), wanted) for text in paragraphs(self._content.body))

    def has_part(self, part: Keys) -> bool:
        """Whether a few words stand in a line of the page that the reading did not take for text."""
        wanted = tuple(key.casefold() for key in part)
        return any(
            keys not in self._read_lines and occurrences(keys, wanted) for keys, _ in self._folded_blocks
        )

    @property
    def container(self) -> tuple[str, ...]:
        """The elements that most of the article's text stands in, without their classes; empty if there is none."""
        return tuple(name.partition(".")[0] for name in self._main or ())

    def slots_naming(self, name: str) -> frozenset[Slot]:
        """The elements in which a name stands."""
        wanted = folded(name)
        return frozenset(slot for keys, slot in self._folded_blocks if occurrences(keys, wanted))

    @cached_property
    def _folded_blocks(self) -> list[tuple[Keys, Slot]]:
        return [(tuple(key.casefold() for key in keys), slot) for keys, slot, _ in self._blocks]

    @cached_property
    def _read_lines(self) -> frozenset[Keys]:
        return frozenset(folded(text) for text in paragraphs(self._content.body))

    @cached_property
    def _shown(self) -> Counter[Keys]:
        return Counter(run for keys, _, _ in self._blocks for run in _runs(keys))

    @cached_property
    def _by_slot(self) -> defaultdict[Slot, Counter[Keys]]:
        found: defaultdict[Slot, Counter[Keys]] = defaultdict(Counter)
        for keys, slot, _ in self._blocks:
            found[slot].update(_runs(keys))
        return found

    @cached_property
    def _where(self) -> defaultdict[Keys, set[Slot]]:
        found: defaultdict[Keys, set[Slot]] = defaultdict(set)
        for keys, slot, _ in self._blocks:
            for run in _runs(keys):
                if len(slots := found[run]) < _SLOTS:
                    slots.add(slot)
        return found

    @cached_property
    def _linked(self) -> frozenset[Keys]:
        found = {True: set[Keys](), False: set[Keys]()}
        for keys, _, linked in self._blocks:
            found[linked].update(_runs(keys))
        return frozenset(found[True] - found[False])

    @cached_property
    def _hidden(self) -> frozenset[Keys]:
        return frozenset(run for text in self._kept for run in _runs(_keys(text)))

    @cached_property
    def _read(self) -> Counter[Keys]:
        content = self._content
        lines = (content.title, content.subtitle, *paragraphs(content.body))
        return Counter(run for line in lines if line for run in _runs(_keys(line)))

    @cached_property
    def _main(self) -> Slot | None:
        """The element that most of the article's text stands in: whole paragraphs of it, else parts of them."""
        read = {_keys(paragraph) for paragraph in paragraphs(self._content.body)}
        for whole in (True, False):
            words: Counter[Slot] = Counter()
            for keys, slot, _ in self._blocks:
                if len(keys) >= _PARAGRAPH and (keys in read if whole else keys[:RUN] in self._read):
                    words[slot] += len(keys)
            if words:
                return max(words, key=words.__getitem__)
        return None


class _Comparison:
    """The two sides of a difference; `layout` says that their layouts differ."""

    def __init__(
        self, before: _Side, after: _Side, previous: _Side, template: TemplateText, *, layout: bool
    ) -> None:
        self._before = before
        self._after = after
        self._previous = previous
        self._template = template
        self.template = False
        self.layout = layout
        self.pending = False

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
        if not old:
            return new if self._is_changed(_paragraphs(new), self._after, self._before) else old
        changed = self._hunks(old, new)
        return new if any(changed) else old

    def body(self, old: str, new: str) -> str:
        """The old body with the edits that the pages show."""
        if same_to_reader(old, new):
            return old
        return "\n\n".join(part for part in self._parts(old, new) if part)

    def _parts(self, old: str, new: str) -> Iterator[str]:
        apart: list[Block] = []  # paragraphs that came and went, beside each other
        for block in texts(old, new):
            if block.kind in (BlockKind.ADDED, BlockKind.REMOVED):
                apart.append(block)
                continue
            yield from self._came_and_went(apart)
            apart.clear()
            if block.kind is BlockKind.SAME:
                yield block.new
            elif block.kind is BlockKind.MOVED:
                # The order of boxes is the layout's; the order of paragraphs in one layout is the publisher's.
                same_order = self.layout or self._is_template(block.old or block.new)
                yield block.old if same_order else block.new
            else:
                yield self._edited(block.old, block.new)
        yield from self._came_and_went(apart)

    def _came_and_went(self, apart: Sequence[Block]) -> Iterator[str]:
        """Of paragraphs that only one reading has: those that stay after the edits."""
        found = [(old, new, self._is_template(old or new)) for block in apart for old, new in _each(block)]
        came = [new for _, new, template in found if new and not template]
        went = [old for old, _, template in found if old and not template]
        # Template text that came for none of its kind took the place of a text, and so may that be.
        more = sum(bool(new) - bool(old) for old, new, template in found if template)
        for old, new, template in found:
            if template:
                yield old
            elif new:
                if self._is_new_paragraph(new, swap=bool(went) or more < 0):
                    yield new
            elif not self._is_gone_paragraph(old, came, swap=bool(came) or more > 0):
                yield old

    def _is_template(self, text: str) -> bool:
        found = self._template.has(text)
        self.template |= found
        return found

    def _is_new_paragraph(self, text: str, *, swap: bool) -> bool:
        """Whether a paragraph that only the newer reading has is an edit; `swap`: it stands in the place of another."""
        keys = _keys(text)
        own = self._may_be_edit(keys, self._after, self._before)
        if own is None:
            return False
        unsure = (swap and self._rotates) or (self.layout and not self._template.is_learned(self._after.page))
        if self._previous.has_paragraph(keys) or (own and not unsure):
            return True
        self.pending = True
        return False

    def _is_gone_paragraph(self, text: str, instead: Sequence[str], *, swap: bool) -> bool:
        """Whether a paragraph that only the older reading has was taken away; `instead`: what stands in its place."""
        keys = _keys(text)
        own = self._may_be_edit(keys, self._before, self._after)
        if own is None:
            return False
        if own and swap and self._rotates:  # an edit if what stands in its place is one
            sure = any(self._previous.has_paragraph(_keys(part)) for part in instead)
        else:
            # Gone for good is a box that the check before found in the same way; another one in its place is a rotation.
            sure = own or self._previous.shows_alike(self._after, self._before.slots_of(keys))
        self.pending |= not sure
        return sure

    def _may_be_edit(self, keys: Keys, here: _Side, there: _Side) -> bool | None:
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
        if (
            self.layout
            and words_of(keys) < _PARAGRAPH
            and all(there.has_part(part) for part in parts_of(keys))
        ):
            return None  # a line of name and date: the other layout shows them in lines of their own
        return own

    @cached_property
    def _rotating_boxes(self) -> frozenset[Slot]:
        """The elements in which neighbours show other text at every check."""
        return frozenset(self._template.rotating(self._after.page) or ())

    @cached_property
    def _rotates(self) -> bool:
        """Whether texts rotate within the block of the article's text, by what the neighbours show; unknown is yes."""
        for side in (self._after, self._before) if self.layout else (self._after,):
            slots = self._template.rotating(side.page)
            if slots is None or any(side.is_articles(frozenset({slot})) for slot in slots):
                return True
        return False

    def _edited(self, old: str, new: str) -> str:
        """A paragraph, or several that were split or joined, with the edits that the pages show."""
        if self._is_template(old) and self._is_template(new):
            return old
        keys = _keys(new)
        slots = self._after.slots_of(keys)
        own = self._after.is_articles(slots)
        if not own and slots <= self._rotating_boxes:
            self.template = True
            return old
        replaced = share_kept(_keys(old), keys) <= _REPLACED
        unsure = (not own and not self.layout) or (replaced and self._rotates)
        if unsure and not self._previous.has_paragraph(keys):
            self.pending |= any(self._hunks(old, new))
            return old
        if replaced and self._after.is_linked(keys):
            return old
        return "".join(self._hunk_texts(old, new)).strip()

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
        before, after = _Positions(one), _Positions(other)
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

    def _is_gone(self, before: _Positions, index: int) -> bool:
        return self._is_edit(before, index, self._before, self._after)

    def _is_came(self, after: _Positions, index: int) -> bool:
        return self._is_edit(after, index, self._after, self._before)

    def _is_edit(self, text: _Positions, index: int, here: _Side, there: _Side) -> bool:
        """Whether a word of one reading does not stand on the other page."""
        if self.layout and not text.is_word(index):
            return False
        paragraph, at = text.position(index)
        slots = None if self.layout else text.slots(index, here)
        return not any(self._stands(run, there, slots) for run in _runs_at(paragraph, at))

    def _is_joined(self, before: _Positions, end: int, start: int, after: _Positions, stop: int) -> bool:
        """Whether a cut in mid-paragraph joined words that did not stand together on the older page."""
        if not 0 < stop < len(after.keys) or not before.is_within(end - 1, start):
            return False
        paragraph, at = after.position(stop)
        if at == 0:
            return False
        slots = None if self.layout else after.slots(stop, self._after)
        across = [run for run in _runs_at(paragraph, at) if run in set(_runs_at(paragraph, at - 1))]
        return bool(across) and not any(self._stands(run, self._before, slots) for run in across)

    def _is_changed(self, lines: Sequence[Keys], here: _Side, there: _Side) -> bool:
        """Whether some word of lines that only one reading has does not stand on the other page."""
        positions = [(_Positions.of(line), len(line)) for line in lines]
        return any(self._is_edit(text, i, here, there) for text, length in positions for i in range(length))

    def _stands(self, run: Keys, there: _Side, slots: frozenset[Slot] | None) -> bool:
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
        if not new.authors:
            gone = not self.layout and any(not self._names(name, self._before, self._after) for name in lost)
            return new.authors if gone else old.authors
        came = any(not self._names(name, self._after, self._before, any_=not old.authors) for name in gained)
        left = any(not self._names(name, self._before, self._after) for name in lost)
        return new.authors if came or (left and not self.layout) else old.authors

    def _names(self, name: str, here: _Side, there: _Side, *, any_: bool = False) -> bool:
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


class _Positions:
    """The tokens of one or more paragraphs, each with its paragraph and its position there."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.keys = [token.key for token in found]
        self._words = [token.is_word for token in found]
        starts = [i for i, token in enumerate(found) if i == 0 or "\n" in token.lead]
        bounds = list(zip(starts, [*starts[1:], len(found)], strict=True))
        self._starts = starts
        self._paragraphs = [tuple(self.keys[start:end]) for start, end in bounds]
        self._number = [n for n, (start, end) in enumerate(bounds) for _ in range(start, end)]
        self._slots: dict[tuple[int, int], frozenset[Slot] | None] = {}

    @classmethod
    def of(cls, keys: Keys) -> _Positions:
        """The tokens of one paragraph."""
        return cls([Token("", key, key) for key in keys])

    def is_word(self, index: int) -> bool:
        """Whether a token is a word or a number."""
        return self._words[index]

    def is_within(self, left: int, right: int) -> bool:
        """Whether two tokens stand in one paragraph."""
        return left >= 0 and right < len(self.keys) and self._number[left] == self._number[right]

    def position(self, index: int) -> tuple[Keys, int]:
        """The paragraph of a token and its position there."""
        number = self._number[index]
        return self._paragraphs[number], index - self._starts[number]

    def slots(self, index: int, side: _Side) -> frozenset[Slot] | None:
        """The elements of a page in which the paragraph of a token stands; None if it does not."""
        number = self._number[index]
        key = (number, id(side))
        if key not in self._slots:
            self._slots[key] = side.slots_of(self._paragraphs[number]) or None
        return self._slots[key]


def _paragraphs(text: str) -> list[Keys]:
    return [_keys(part) for part in paragraphs(text)]


def _runs(keys: Keys) -> list[Keys]:
    """Every run of a line; a line that is shorter than a run as a whole, so that it matches whole lines only."""
    if len(keys) < RUN:
        return [("", *keys)] if keys else []
    return list(runs(keys, RUN))


def _runs_at(keys: Keys, at: int) -> list[Keys]:
    """The runs of a line that hold its token number `at`."""
    if len(keys) < RUN:
        return _runs(keys)
    return [keys[i : i + RUN] for i in range(max(0, at - RUN + 1), min(at, len(keys) - RUN) + 1)]


def _each(block: Block) -> Iterator[tuple[str, str]]:
    """The paragraphs of a block that came or went, each as its old and its new text, one of which is empty."""
    came = block.kind is BlockKind.ADDED
    for paragraph in paragraphs(block.new if came else block.old):
        yield ("", paragraph) if came else (paragraph, "")


def _beside(slot: Slot, main: Slot) -> bool:
    """Whether an element holds text as the article's own does: the same kind, or plain elements in the same container."""
    if slot == main:
        return True
    container = main[1] if main[0].partition(".")[0] in _TEXT_TAGS and len(main) > 1 else main[0]
    if container not in slot:
        return False
    return all("." not in name for name in slot[: slot.index(container)])


_TEXT_TAGS = frozenset({"p", "li", "blockquote", "td", "dd", "h2", "h3", "h4"})
