"""Runs of words: whether the words of one text stand in another, each beside its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from newscrawl.text import words

_RUN = 3  # words: a figure or a name counts only beside a neighbour, not by a chance hit elsewhere
_SHOWN = 12  # words of what is missing

Runs = frozenset[tuple[str, ...]]


def runs(line: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    """Every run of so many neighbours in a line; none in a shorter one."""
    return zip(*(line[start:] for start in range(length)), strict=False)


def runs_of(parts: Iterable[str]) -> Runs:
    """The runs of words of a text, given in parts between which no words are neighbours; single words as well."""
    found: set[tuple[str, ...]] = set()
    for part in parts:
        line = words(part)
        found.update((word,) for word in line)
        found.update(runs(line, _RUN))
    return frozenset(found)


def foreign_words(parts: Iterable[str], there: Runs) -> str:
    """The first words of a text that do not stand in the other, whose runs are given; empty if all do.

    A word stands there if one of the runs of three words around it does; of a part of one or two words, each word.
    """
    for part in parts:
        line = words(part)
        if len(line) < _RUN:
            missing = [(word,) not in there for word in line]
        else:
            good = [run in there for run in runs(line, _RUN)]
            missing = [not any(good[max(0, i - _RUN + 1) : min(i + 1, len(good))]) for i in range(len(line))]
        if True in missing:
            first = missing.index(True)
            last = next((i for i in range(first, len(missing)) if not missing[i]), len(missing))
            return " ".join(line[max(first - 1, 0) : min(last + 1, first + _SHOWN)])
    return ""
