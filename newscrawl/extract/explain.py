"""Explains an extraction: why each candidate was taken or not, why a charset, and which rule removed each line."""

from __future__ import annotations

import codecs
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newscrawl.extract.page.elements import own_text as own_line
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.page.tree import declared_charsets
from newscrawl.extract.regions.region_names import Region
from newscrawl.extract.text.phrases import READ_ALSO, is_furniture
from newscrawl.extract.text.stop_headings import STOP_HEADINGS, with_more

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newscrawl.extract.fields.candidate import Candidate, Choice
    from newscrawl.extract.page.marks import Marks
    from newscrawl.extract.page.tree import Page
    from newscrawl.extract.regions.regions import Regions
    from newscrawl.extract.text.furniture import Cleaned
    from newscrawl.model import Article


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines as read, the result of cleaning them, the marks of the page's elements, and whose its parts are."""

    lines: tuple[str, ...]
    cleaned: Cleaned
    marks: Marks
    regions: Regions


@dataclass(frozen=True)
class Examination:
    """The Article and, for each field, all candidates, the one taken and why. `--explain` shows it."""

    article: Article
    choices: Mapping[str, Choice[Any]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    page: Page | None = None  # None: the page could not be read
    reading: Reading | None = None  # None: the type was known before the text was read

    @property
    def date_leans(self) -> bool:
        """Whether the year or the day of publication was counted from the instant of the fetch."""
        choice = self.choices.get("published")
        return bool(choice and choice.value and getattr(choice.value, "leans", False))


@dataclass(frozen=True, slots=True)
class Fate:
    """One candidate of a field, whether it was taken, and why or why not."""

    candidate: Candidate[Any]
    taken: bool
    why: str


@dataclass(frozen=True, slots=True)
class Charset:
    """The charset a page was read in, why, and what was declared: (where, charset)."""

    name: str
    why: str
    declared: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CutLine:
    """A line of the text as read that is not in the body, and the rule that took it out."""

    text: str
    rule: str


# --- candidates ---------------------------------------------------------------------------------


def fates(choice: Choice[Any]) -> tuple[Fate, ...]:
    """Whether and why each candidate of a field was taken, in order of preference.

    A combined value (authors of two sources, a picture with the credit of another) equals no single candidate; then
    those it was made of count as taken.
    """
    if choice.taken is None:
        return tuple(
            Fate(c, False, f"refused: {c.note}" if c.note else "not taken") for c in choice.candidates
        )
    winners = _winners(choice, choice.taken)
    first = min(winners, default=-1)
    found = []
    for i, candidate in enumerate(choice.candidates):
        if candidate.note:
            found.append(Fate(candidate, False, f"refused: {candidate.note}"))
        elif i in winners:
            whole = _comparable(candidate.value) == _comparable(choice.taken.value)
            found.append(Fate(candidate, True, "taken" if whole else "taken in part"))
        elif _comparable(candidate.value) == _comparable(choice.taken.value):
            found.append(Fate(candidate, False, "says the same"))
        elif _parts(candidate.value) & _parts(choice.taken.value):
            found.append(Fate(candidate, False, "says part of the same"))
        else:
            found.append(Fate(candidate, False, "lower in the order" if i > first else "passed over"))
    return tuple(found)


def _winners(choice: Choice[Any], taken: Candidate[Any]) -> set[int]:
    for i, candidate in enumerate(choice.candidates):
        if candidate == taken:
            return {i}
    origins = taken.origin.split("+")
    found: dict[str, int] = {}
    for i, candidate in enumerate(choice.candidates):
        if (
            candidate.origin in origins
            and not candidate.note
            and _parts(candidate.value) & _parts(taken.value)
        ):
            found.setdefault(candidate.origin, i)
    return set(found.values())


def _parts(value: Any) -> frozenset[Any]:
    """A value for comparison: the names of authors, the tags, the address of a picture, the instant; without typography."""
    if isinstance(value, tuple):
        return frozenset(squash(_named(v)) for v in value)
    if (at := getattr(value, "at", None)) is not None:
        return frozenset({at})
    return frozenset({getattr(value, "url", None) or squash(str(value))})


def _named(value: Any) -> str:
    return getattr(value, "name", None) or getattr(value, "url", None) or str(value)


def _comparable(value: Any) -> Any:
    """A value as compared between candidates: equal keys mean the same value."""
    if isinstance(value, tuple):
        return tuple((squash(_named(v)), getattr(v, "role", "")) for v in value)
    return _parts(value), str(getattr(value, "precision", ""))


# --- charset ------------------------------------------------------------------------------------


def charset(
    examination: Examination, content: bytes, content_type: str | None, encoding: str | None = None
) -> Charset | None:
    """Why the page was read in this charset; None for a page that could not be read."""
    if examination.page is None:
        return None
    name = examination.page.encoding
    declared = tuple(declared_charsets(content, content_type, encoding))
    return Charset(name, _charset_reason(name, content, declared), declared)


def _charset_reason(name: str, content: bytes, declared: tuple[tuple[str, str], ...]) -> str:
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "the byte order mark says so"
    others = [f"{where} says {stated}" for where, stated in declared if stated != name]
    though = f", though {' and '.join(others)}" if others else ""
    if name == "utf-8":
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return "UTF-8 with a few damaged characters" + though
        return ("nothing beyond ASCII in it" if content.isascii() else "the bytes are valid UTF-8") + though
    if name.startswith("utf-16"):
        return "every second byte is zero"
    by = [where for where, stated in declared if stated == name]
    if by:
        return f"declared ({', '.join(by)}), and no other reads better{though}"
    return (
        f"{'no charset is declared' if not declared else 'the declared one reads badly'}; this one reads best"
    )


# --- the body -----------------------------------------------------------------------------------


def cut_lines(examination: Examination) -> tuple[CutLine, ...]:
    """The lines that were read and are not in the body, in page order, each with its rule; then what was never read.

    The rule is found again from the line, in the order in which the rules are applied; the first that removes the
    line is named.
    """
    reading = examination.reading
    if reading is None:
        return ()
    lines = [line for line in map(one_line, reading.lines) if squash(line)]
    left = Counter(squash(p) for p in examination.article.body.split("\n\n"))
    kept: list[bool] = []
    for line in lines:
        left[squash(line)] -= 1
        kept.append(left[squash(line)] >= 0)
    return (*_rules(lines, kept, examination, reading), *_of_others(reading.regions))


_OF_OTHERS = {
    Region.OTHER: "points to another article",
    Region.COMMENTS: "a reader's comment",
    Region.HIDDEN: "hidden on the page",
}


def _of_others(regions: Regions) -> Iterator[CutLine]:
    """The blocks inside the article's block that are somebody else's and so were not read."""
    out = regions.outline
    start = out.position.get(regions.block, -1) if regions.block is not None else -1
    for i in range(start, out.end[start]) if start >= 0 else ():
        rule = _OF_OTHERS.get(regions.regions[i])
        if rule and out.home[i] == i and out.block[i] and (line := own_line(out.elements[i])):
            yield CutLine(line, rule)


def _rules(
    lines: list[str], kept: list[bool], examination: Examination, reading: Reading
) -> Iterator[CutLine]:
    last = max((i for i, k in enumerate(kept) if k), default=-1)
    first = kept.index(True) if True in kept else len(lines)
    ended: str | None = None
    for i, line in enumerate(lines):
        if kept[i]:
            continue
        if i > last and ended is None and _is_stop(line):
            ended = line
            yield CutLine(line, "a heading below which other articles stand")
        elif ended is not None:
            yield CutLine(line, f"below the heading “{ended[:60]}”")
        else:
            yield CutLine(line, _rule(line, examination, reading) or _by_place(i < first, i > last))


def _rule(line: str, examination: Examination, reading: Reading) -> str | None:
    article, key = examination.article, squash(line)
    if line in reading.cleaned.bylines:
        return "a byline: read for the authors"
    if line in reading.cleaned.credits:
        return "a photo credit"
    if key == squash(article.title):
        return "repeats the headline"
    if key == squash(article.subtitle):
        return "the standfirst: a field of its own"
    if _is_stop(line):
        return "a heading of a list of other articles"
    if key in reading.marks.captions:
        return "the caption of a picture"
    if READ_ALSO.match(line[:300]):
        return "points to another article"
    if key in reading.marks.links and word_count(line) >= 3:
        return "wholly a link"
    if len(line) <= 600 and is_furniture(line):
        return "a phrase of the site, not of the article"
    return None


_STOPS = frozenset(squash(s) for s in STOP_HEADINGS)


def _is_stop(line: str) -> bool:
    return len(line) <= 60 and squash(line) in _STOPS | with_more(set(_STOPS))


def _by_place(before: bool, after: bool) -> str:
    if before:
        return "a line before the text (a date, a place, a section, a counter, the headline again)"
    if after:
        return "a line after the text (a date, a name, a bare heading)"
    return "a line of no sentence inside the text"
