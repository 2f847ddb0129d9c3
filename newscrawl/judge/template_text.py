"""Template text: what the pages of an edition show that is the site's and not the article's, learned from the pages themselves.

A line is template text where half of the neighbours' pages show it as well, whatever the numbers in it (counters,
tickers, dates of today); where it came or went on the pages of two neighbours whose text did not change; or where
it consists of headlines of other articles, with a few words before them ("Read also:"). Template text can neither
make nor hide an edit.

Half is a high share, because background paragraphs stand in several articles of one story, and a text of an agency in
two: to add one of these to an article is an edit. A notice of correction is never template text, however many
articles carry the same one: it speaks of its article. Only pages of one layout are held against each other.

What many articles have is not the site's for that: an outlet may put one statement into ten of its articles, or take a
paragraph that all have out of one. A template does the same everywhere; so what stands in one article's own block
is its own where neighbours that were checked since do otherwise (`differs`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain, islice

from newscrawl.judge.diff.align import matches
from newscrawl.judge.diff.tokens import folded, keys, occurrences, sentences_of, words_of
from newscrawl.judge.kinds.correction_notices import is_notice
from newscrawl.model import PageText, Slot

# Share of common element names (tag and classes) below which two pages have another layout. Two pages of one
# template share more than nine tenths, those of two templates hardly any.
SAME_LAYOUT = 0.5
_CLASSED = 4  # elements with classes that tell layouts apart; with fewer all elements count

_ENOUGH = 2  # neighbours' pages in the layout, before what they show says anything
_SHARE = 0.5  # of them show a line of the template
_HEADLINE = 3  # words of a headline that is known by them when it stands in a text
_LEAD_IN = 4  # words that may stand beside the headlines of others in a line that points to them
_SAME_START = 5  # headlines that begin alike and are tried
_BYLINE = 10  # words of a line with authors and date
_VARIED = 20  # words of a line whose words may be the site's as well as its numbers
_MOST_VARIED = 200  # lines of one page that are tried for it
_MOST_LINES = 5_000  # lines of one page that are held against others

Line = tuple[str, ...]


@dataclass(frozen=True)
class Neighbour:
    """Another article of the edition: its pages at the last two checks that found its current version.

    One page where there was one check, or both brought the same bytes; `checked` says that there were two, `seen`
    when the last one was. `before` is the page of the version before, where the current one is of the last check.
    `authors` are the names of its byline.
    """

    pages: tuple[PageText, ...]
    checked: bool
    seen: datetime | None = None
    before: PageText | None = None
    authors: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> tuple[dict[Line, tuple[Slot, bool]], ...]:
        """Of each page: its lines in the form in which they are compared, with their element and whether they are links."""
        return tuple(map(_lines, self.pages))

    @cached_property
    def new(self) -> frozenset[Line]:
        """Lines that came with the current version: told as an edit there, and yet they may be the site's."""
        if self.before is None or not same_layout(self.before, self.pages[-1]):
            return frozenset()
        return frozenset(self.lines[-1].keys() - _lines(self.before).keys())

    @cached_property
    def shows_byline(self) -> bool:
        """Whether the last page names one of the authors in a short line: texts have names in them as well."""
        names = [folded(name) for name in self.authors]
        lines = [folded(block.text) for block in self.pages[0].shown[:_MOST_LINES]]
        lines = [line for line in lines if words_of(line) <= _BYLINE]
        return any(occurrences(line, name) for name in names for line in lines)

    @cached_property
    def turning(self) -> frozenset[Line]:
        """Sentences that came or went within paragraphs of several while the text stayed."""
        if len(self.pages) < 2:
            return frozenset()
        return _sentences(self.pages[0]) ^ _sentences(self.pages[-1])

    @cached_property
    def told(self) -> tuple[frozenset[Line], frozenset[Line]]:
        """Sentences that came and that went with the current version: told as an edit there, and yet they may be the site's."""
        if self.before is None:
            return frozenset(), frozenset()
        before, now = _sentences(self.before), _sentences(self.pages[-1])
        return now - before, before - now

    @cached_property
    def rotating(self) -> tuple[tuple[Line, Slot], ...]:
        """Lines that came or went while the text stayed, with their elements; none of links."""
        if len(self.pages) < 2 or not same_layout(self.pages[0], self.pages[-1]):
            return ()
        first, last = self.lines[0], self.lines[-1]
        return tuple(
            (line, slot)
            for one, other in ((first, last), (last, first))
            for line, (slot, linked) in one.items()
            if line not in other and not linked
        )


@dataclass(frozen=True, slots=True)
class EditionText:
    """What is known of an edition's pages: neighbours near in time, and headlines of articles other than the one judged."""

    neighbours: tuple[Neighbour, ...] = ()
    headlines: frozenset[str] = field(default_factory=frozenset)


class TemplateText:
    """The template text around one article.

    `pages` are those of the article, the older and the newer, `titles` its own headlines, `since` the earliest check
    that is known of what the newer page may have become.
    """

    def __init__(
        self,
        edition: EditionText,
        pages: Sequence[PageText],
        titles: Iterable[str | None],
        since: datetime | None = None,
    ) -> None:
        self._edition = edition
        self._pages = pages
        self._since = since
        self._titles = {_words(title) for title in titles if title}

    def has(self, text: str) -> bool:
        """Whether a paragraph is template text."""
        if is_notice(text):
            return False
        line = _line(text)
        return bool(line) and (
            line in self._common or self._came_and_went[line] >= _ENOUGH or self._points(text)
        )

    def turns(self, text: str, *, shown: bool) -> bool | None:
        """Whether a line that the article's page shows now, or, if not `shown`, does so no more, is shown by turns.

        It is where it came on one neighbour's page and went on another's, or did there the opposite of what it does here
        and stays on few. None where it came on so many that their next checks must show whether it stays. Layouts do not
        matter: where two take turns, so do the lines of each.
        """
        came, went, stays = self._ways(text)
        if is_notice(text):
            return False
        if (came and went) or 0 < (went if shown else came) >= stays:
            return True
        return None if shown and came > stays else False

    def rests(self, text: str) -> bool:
        """Whether a line neither came nor went on any neighbour's page."""
        came, went, _ = self._ways(text)
        return not came and not went

    def is_elsewhere(self, text: str) -> bool:
        """Whether a neighbour's page shows a line as well; a notice of correction is its article's own, however it is worded."""
        return any(self._ways(text)) and not is_notice(text)

    def _ways(self, text: str) -> tuple[int, int, int]:
        """On how many neighbours' pages a line came, went, and stayed, at their last two checks."""
        line = _line(text)
        came = went = stays = 0
        for neighbour in self._edition.neighbours:
            last, before = line in neighbour.lines[0], line in neighbour.lines[-1]
            came, went, stays = came + (last > before), went + (before > last), stays + (last and before)
        return came, went, stays

    def differs(self, text: str, *, shown: bool) -> bool | None:
        """Whether it is the article's own doing that its page shows a line now, or, if not `shown`, does so no more.

        It is where neighbours checked since go on without the line (with it). False where nothing speaks for that:
        they do as the article does, show the line by turns, or it points to others. None while too few were checked.
        """
        line, page = _line(text), self._pages[-1]
        if self._points(text) or (turns := self.turns(text, shown=shown)):
            return False
        other = [
            (neighbour.seen, (line in neighbour.lines[0]) != shown)
            for neighbour in self._edition.neighbours
            if same_layout(neighbour.pages[0], page)
        ]
        if sum(differs for _, differs in other) < _ENOUGH:
            return False
        if self._since is None or turns is None:
            return None
        since = [differs for seen, differs in other if seen is not None and seen >= self._since]
        return True if sum(since) >= _ENOUGH else None if len(since) < _ENOUGH else False

    def came_or_went(self, text: str) -> bool:
        """Whether a paragraph came or went on some neighbour's page while its text stayed: it may be the site's."""
        return bool(self._came_and_went[_line(text)]) and not is_notice(text)

    def is_framed(self, text: str) -> bool:
        """Whether a paragraph begins or ends as lines do that came or went on neighbours' pages: "Weather in …", "… of the day"."""
        line = _line(self.own_sentences(text))
        return not is_notice(text) and any(self._frames[end] >= _ENOUGH for end in _ends(line))

    def is_varied(self, old: str, new: str) -> bool:
        """Whether a short line that changed is like lines that did so on neighbours' pages: counters in words, the weather."""
        sides = _line(old), _line(new)
        if max(map(len, sides)) > _VARIED or is_notice(old) or is_notice(new):
            return False
        alike = (
            any(
                all(_is_alike(line, side) for side in sides)
                for line in islice(chain(one.new, (line for line, _ in one.rotating)), _MOST_VARIED)
            )
            for one in self._edition.neighbours
        )
        return sum(alike) >= _ENOUGH

    def other_sentences(self, old: str, new: str) -> tuple[list[str], list[str], int] | None:
        """The sentences that a paragraph lost and gained beside those that the outlet shows by turns, and how many of the latter came beyond those that went.

        None where no sentences turn on neighbours' pages, or words changed within one that stayed.
        """
        if not self._turning:
            return None
        was, now = ({keys(part): part for part in sentences_of(text)} for text in (old, new))
        gone, came = (
            [was[part] for part in was if part not in now],
            [now[part] for part in now if part not in was],
        )
        if any(_is_alike(_line(one), _line(other)) for one in gone for other in came):
            return None
        lost, gained = ([part for part in side if _line(part) not in self._turning] for side in (gone, came))
        return lost, gained, (len(came) - len(gained)) - (len(gone) - len(lost))

    def own_sentences(self, text: str) -> str:
        """A paragraph without the sentences that the outlet shows by turns; as it is where it has no others."""
        if not self._turning:
            return text
        return " ".join(part for part in sentences_of(text) if _line(part) not in self._turning) or text

    @cached_property
    def _turning(self) -> frozenset[Line]:
        """Sentences that came or went within paragraphs of neighbours while the text stayed, with some or as the same of two.

        One that came here and went there with edits counts too. One that only came is a statement put into many articles.
        """
        neighbours = self._edition.neighbours
        found = [one.turning for one in neighbours if one.turning]
        came, went = (frozenset[Line]().union(*(one.told[side] for one in neighbours)) for side in (0, 1))
        by_turns = (came & went).union(*found)
        often = Counter(line for one in neighbours for line in one.turning.union(*one.told))
        same = (line for line, number in often.items() if number >= _ENOUGH and line in by_turns)
        return frozenset(same).union(*(found if len(found) >= _ENOUGH else ()))

    def has_own_numbers(self, text: str) -> bool:
        """Whether each neighbour that shows a line has numbers of its own in it that stay: a form of words for many articles.

        A ticker shows the same numbers everywhere, and a counter others at every check.
        """
        line, mine = _line(text), keys(text)
        found = []
        for neighbour in self._edition.neighbours:
            shown = [
                {keys(block.text) for block in page.shown[:_MOST_LINES] if _line(block.text) == line}
                for page, lines in zip(neighbour.pages, neighbour.lines, strict=True)
                if line in lines
            ]
            if shown and neighbour.checked:
                if any(one != shown[0] for one in shown):
                    return False
                found.append(mine in shown[0])
        return len(found) >= _ENOUGH and sum(found) < max(_ENOUGH, _SHARE * len(found))

    def shows_bylines(self, page: PageText) -> bool:
        """Whether a page's layout names authors: half of the neighbours in it show theirs."""
        signed = [n for n in self._edition.neighbours if n.authors and same_layout(n.pages[0], page)]
        shown = sum(n.shows_byline for n in signed)
        return shown >= max(_ENOUGH, _SHARE * len(signed))

    def is_learned(self, page: PageText) -> bool:
        """Whether enough neighbours are known in the layout of a page, or there are none at all to learn from."""
        return not self._edition.neighbours or len(self._neighbours_like(page)) >= _ENOUGH

    def rotating(self, page: PageText) -> Iterator[Slot] | None:
        """The elements in which neighbours of a page's layout showed other text at their last check; None where nobody knows."""
        neighbours = [n for n in self._edition.neighbours if n.checked]
        neighbours = [n for n in neighbours if all(same_layout(one, page) for one in n.pages)]
        if self._edition.neighbours and not neighbours:
            return None
        return (
            slot for neighbour in neighbours for line, slot in neighbour.rotating if len(line) >= _HEADLINE
        )

    def _neighbours_like(self, page: PageText) -> list[Neighbour]:
        return [n for n in self._edition.neighbours if any(same_layout(one, page) for one in n.pages)]

    @cached_property
    def _common(self) -> frozenset[Line]:
        """Lines that half of the neighbours show, in the layout of one of the article's pages."""
        found: set[Line] = set()
        for page in self._pages:
            shown: Counter[Line] = Counter()
            neighbours = self._neighbours_like(page)
            for neighbour in neighbours:
                pairs = zip(neighbour.pages, neighbour.lines, strict=True)
                shown.update({line for one, lines in pairs if same_layout(one, page) for line in lines})
            enough = max(_ENOUGH, _SHARE * len(neighbours))
            found.update(line for line, number in shown.items() if number >= enough)
        return frozenset(found)

    @cached_property
    def _came_and_went(self) -> Counter[Line]:
        """On how many neighbours' pages a line came or went, or came with what was told as an edit."""
        neighbours = self._edition.neighbours
        return Counter(line for one in neighbours for line in {line for line, _ in one.rotating} | one.new)

    @cached_property
    def _frames(self) -> Counter[tuple[str, Line]]:
        """On how many neighbours' pages lines with a beginning or an end came or went."""
        neighbours = self._edition.neighbours
        return Counter(
            end for one in neighbours for end in {end for line, _ in one.rotating for end in _ends(line)}
        )

    @cached_property
    def _headlines(self) -> dict[Line, list[Line]]:
        """Headlines by their first words, the longest first; a list beside the text may have the article's own as well."""
        known = {_words(headline) for headline in self._edition.headlines}
        for page in (*self._pages, *(page for n in self._edition.neighbours for page in n.pages)):
            known.update(_words(block.text) for block in page.shown[:_MOST_LINES] if block.linked)
        found: defaultdict[Line, list[Line]] = defaultdict(list)
        for line in sorted(known | self._titles, key=len, reverse=True):
            if len(line) >= _HEADLINE and len(found[line[:_HEADLINE]]) < _SAME_START:
                found[line[:_HEADLINE]].append(line)
        return dict(found)

    def _points(self, text: str) -> bool:
        """Whether a paragraph consists of headlines, and is not the article's own."""
        line, at, beside = _words(text), 0, 0
        if line in self._titles:
            return False
        while at < len(line):
            candidates = self._headlines.get(line[at : at + _HEADLINE], ())
            length = next((len(one) for one in candidates if line[at : at + len(one)] == one), 0)
            beside += not length
            at += length or 1
        return beside <= _LEAD_IN and beside < len(line) - beside


def same_layout(one: PageText, other: PageText) -> bool:
    """Whether two pages are of one template."""
    first, second = one.layout, other.layout
    if first == second:
        return True
    classed = [frozenset(name for name in side if "." in name) for side in (first, second)]
    if len(classed[0] | classed[1]) >= _CLASSED:
        first, second = classed
    return len(first & second) >= SAME_LAYOUT * len(first | second)


def same_form(one: str, other: str) -> bool:
    """Whether two lines differ in numbers and marks alone, as counters and tickers do."""
    return _line(one) == _line(other)


def _lines(page: PageText) -> dict[Line, tuple[Slot, bool]]:
    """The lines of a page, each with its element and whether it is of links."""
    blocks = page.shown[:_MOST_LINES]
    return {line: (block.slot, block.linked) for block in blocks if (line := _line(block.text))}


def _line(text: str) -> Line:
    """A line as it is compared with those of other pages: its words, and one mark for numbers beside each other."""
    found: list[str] = []
    for key in keys(text):
        if key[0].isdecimal():
            if not found or found[-1] != "#":
                found.append("#")
        elif key[0].isalpha():
            found.append(key.casefold())
    return tuple(found)


def _ends(line: Line) -> tuple[tuple[str, Line], ...]:
    """What a line begins and ends with."""
    return (("first", line[:_HEADLINE]), ("last", line[-_HEADLINE:])) if len(line) > _HEADLINE else ()


def _sentences(page: PageText) -> frozenset[Line]:
    """The sentences of paragraphs of several."""
    found = (sentences_of(block.text) for block in page.shown[:_MOST_LINES] if not block.linked)
    lines = (_line(part) for parts in found if len(parts) > 1 for part in parts)
    return frozenset(line for line in lines if len(line) >= _HEADLINE)


def _is_alike(one: Line, other: Line) -> bool:
    """Whether two lines have half of their words in common, in one order."""
    if 2 * min(len(one), len(other)) < max(len(one), len(other)):
        return False
    return 2 * sum(length for _, _, length in matches(one, other)) >= max(len(one), len(other))


def _words(text: str) -> Line:
    return tuple(key.casefold() for key in keys(text) if key[0].isalnum())
