"""One side of a comparison of two readings: a raw page with what was read of it, and the tokens of its paragraphs with their places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from newscrawl.judge.diff.tokens import (
    Keys,
    Token,
    folded,
    keys as _keys,
    occurrences,
    parts_of,
    stretches,
    words_of,
)
from newscrawl.judge.word_runs import runs
from newscrawl.model import Content, PageText, Slot
from newscrawl.text import paragraphs

# Words and marks that must stand together on the other page. With four, one in a hundred changed words was
# excused by chance in a made-up outlet of short, similar notices.
RUN = 5
STANDS = 2  # checks before this one that a text must have been seen at where texts rotate
PARAGRAPH = 8  # words of a paragraph that shows where the article's text stands
_SLOTS = 40  # elements of which one run is remembered: a page may put one line into ten thousand


class Side:
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
        return frozenset().union(*(self._where.get(run, ()) for run in runs_of(paragraph)))

    def is_linked(self, paragraph: Keys) -> bool:
        """Whether a paragraph stands in lines made of links, and nowhere else."""
        runs = runs_of(paragraph)
        return bool(runs) and all(run in self._linked for run in runs)

    def is_articles(self, slots: frozenset[Slot]) -> bool:
        """Whether one of the elements is of the kind that holds the article's text; unknown ones are."""
        main = self._main
        return not slots or not main or any(_beside(slot, main) for slot in slots)

    def has_paragraph(self, paragraph: Keys) -> bool:
        """Whether the page shows this paragraph."""
        return all(run in self._shown for run in runs_of(paragraph))

    def shows_in_order(self, lines: Sequence[Keys]) -> bool:
        """Whether the page shows some paragraphs one after another."""
        shown = iter(keys for keys, _, _ in self._blocks)
        return all(line in shown for line in lines)

    def shows_alike(self, other: Side, slots: frozenset[Slot]) -> bool:
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

    def has_parts(self, line: Keys) -> bool:
        """Whether all words of a short line stand in other lines of the page that the reading did not take for text.

        Words beside each other in one such line count, and a single word or figure where the other line has nothing else:
        a name and a date, each in a line of its own. A figure that a counter happens to show is no part of the line.
        """
        wanted = tuple(key.casefold() for key in line)
        return all(
            self._has_part(part, wanted) or all(self._has_part(half, wanted) for half in parts_of(part))
            for part in stretches(wanted)
        )

    def _has_part(self, part: Keys, line: Keys) -> bool:
        others = (keys for keys, _ in self._folded_blocks if keys not in self._read_lines)
        return any(
            occurrences(keys, part)
            and (words_of(keys) < PARAGRAPH if len(part) > 1 else frozenset(keys) <= frozenset(line))
            for keys in others
        )

    def stands_like(self, other: Side) -> bool:
        """Whether both texts stand in elements of the same names, whatever their classes; unknown ones do."""
        mine, theirs = (
            [name.partition(".")[0] for name in side._main[_level(side._main) :]] if side._main else []  # noqa: SLF001 - its own
            for side in (self, other)
        )
        return bool(mine) == bool(theirs) and all(a == b for a, b in zip(mine, theirs, strict=False))

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
        return Counter(run for keys, _, _ in self._blocks for run in runs_of(keys))

    @cached_property
    def _by_slot(self) -> defaultdict[Slot, Counter[Keys]]:
        found: defaultdict[Slot, Counter[Keys]] = defaultdict(Counter)
        for keys, slot, _ in self._blocks:
            found[slot].update(runs_of(keys))
        return found

    @cached_property
    def _where(self) -> defaultdict[Keys, set[Slot]]:
        found: defaultdict[Keys, set[Slot]] = defaultdict(set)
        for keys, slot, _ in self._blocks:
            for run in runs_of(keys):
                if len(slots := found[run]) < _SLOTS:
                    slots.add(slot)
        return found

    @cached_property
    def _linked(self) -> frozenset[Keys]:
        found = {True: set[Keys](), False: set[Keys]()}
        for keys, _, linked in self._blocks:
            found[linked].update(runs_of(keys))
        return frozenset(found[True] - found[False])

    @cached_property
    def _hidden(self) -> frozenset[Keys]:
        return frozenset(run for text in self._kept for run in runs_of(_keys(text)))

    @cached_property
    def _read(self) -> Counter[Keys]:
        content = self._content
        lines = (content.title, content.subtitle, *paragraphs(content.body))
        return Counter(run for line in lines if line for run in runs_of(_keys(line)))

    @cached_property
    def _main(self) -> Slot | None:
        """The element that most of the article's text stands in: whole paragraphs of it, else parts of them."""
        read = {_keys(paragraph) for paragraph in paragraphs(self._content.body)}
        for whole in (True, False):
            words: Counter[Slot] = Counter()
            for keys, slot, _ in self._blocks:
                if len(keys) >= PARAGRAPH and (keys in read if whole else keys[:RUN] in self._read):
                    words[slot] += len(keys)
            if words:
                return max(words, key=words.__getitem__)
        return None


@dataclass(frozen=True, slots=True)
class Pages:
    """The sides of the older and the newer reading, and of the pages at the checks between, the last first.

    `layout` says that the layouts of the two differ.
    """

    before: Side
    after: Side
    earlier: tuple[Side, ...]
    layout: bool

    @property
    def previous(self) -> Side:
        """The page at the check before this one."""
        return self.earlier[0] if self.earlier else self.before

    def stood(self, keys: Keys) -> bool:
        """Whether the check before showed a text."""
        return bool(self.earlier) and self.earlier[0].has_paragraph(keys)

    def stands(self, keys: Keys) -> bool:
        """Whether a text stood there at both checks before: where texts rotate, one may come twice."""
        return len(self.earlier) >= STANDS and all(page.has_paragraph(keys) for page in self.earlier)

    def is_gone_for_long(self, keys: Keys) -> bool:
        """Whether neither check before showed a text."""
        return len(self.earlier) >= STANDS and not any(page.has_paragraph(keys) for page in self.earlier)


class Positions:
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
    def of(cls, keys: Keys) -> Positions:
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

    def slots(self, index: int, side: Side) -> frozenset[Slot] | None:
        """The elements of a page in which the paragraph of a token stands: the article's own if it is there; None if nowhere."""
        number = self._number[index]
        key = (number, id(side))
        if key not in self._slots:
            found = side.slots_of(self._paragraphs[number])
            own = frozenset(slot for slot in found if side.is_articles(frozenset({slot})))
            self._slots[key] = own or found or None
        return self._slots[key]


def lines_of(text: str) -> list[Keys]:
    """The paragraphs of a text."""
    return [_keys(part) for part in paragraphs(text)]


def runs_of(keys: Keys) -> list[Keys]:
    """Every run of a line; a line that is shorter than a run as a whole, so that it matches whole lines only."""
    if len(keys) < RUN:
        return [("", *keys)] if keys else []
    return list(runs(keys, RUN))


def runs_at(keys: Keys, at: int) -> list[Keys]:
    """The runs of a line that hold its token number `at`."""
    if len(keys) < RUN:
        return runs_of(keys)
    return [keys[i : i + RUN] for i in range(max(0, at - RUN + 1), min(at, len(keys) - RUN) + 1)]


def _beside(slot: Slot, main: Slot) -> bool:
    """Whether an element holds text as the article's own does: the same kind, or plain elements in the same container."""
    if slot == main:
        return True
    container = main[_level(main)]
    if container not in slot:
        return False
    return all("." not in name for name in slot[: slot.index(container)])


def _level(slot: Slot) -> int:
    """Where in a slot the container of the text stands: above its paragraph, and above the list, table or quotation of that."""
    level = int(slot[0].partition(".")[0] in _TEXT_TAGS)
    while level < len(slot) - 1 and slot[level] in _AROUND:
        level += 1
    return min(level, len(slot) - 1)


_TEXT_TAGS = frozenset({"p", "li", "blockquote", "td", "th", "dd", "dt", "h2", "h3", "h4"})
_AROUND = frozenset({"ul", "ol", "dl", "tr", "tbody", "thead", "table", "blockquote", "figure", "figcaption"})
