"""Whether the words of one text stand in another, in the same order: of a version in the raw page it was read from."""

from __future__ import annotations

from collections.abc import Iterable

from newscrawl.text import words

_RUN = 3  # words: a figure or a name counts only beside a neighbour, not by a chance hit elsewhere
_SHOWN = 12  # words of what is missing

Runs = frozenset[tuple[str, ...]]


def runs_of(parts: Iterable[str]) -> Runs:
    """The runs of words of a text, given in parts between which no words are neighbours; single words as well."""
    found: set[tuple[str, ...]] = set()
    for part in parts:
        tokens = words(part)
        found.update((token,) for token in tokens)
        found.update(tuple(tokens[i : i + _RUN]) for i in range(len(tokens) - _RUN + 1))
    return frozenset(found)


def foreign_words(parts: Iterable[str], there: Runs) -> str:
    """The first words of a text that do not stand in the other, whose runs are given; empty if all do.

    A word stands there if one of the runs of three words around it does; of a part of one or two words, each word.
    """
    for part in parts:
        tokens = words(part)
        if len(tokens) < _RUN:
            missing = [(token,) not in there for token in tokens]
        else:
            good = [tuple(tokens[i : i + _RUN]) in there for i in range(len(tokens) - _RUN + 1)]
            missing = [
                not any(good[max(0, i - _RUN + 1) : min(i + 1, len(good))]) for i in range(len(tokens))
            ]
        if True in missing:
            first = missing.index(True)
            last = next((i for i in range(first, len(missing)) if not missing[i]), len(missing))
            return " ".join(tokens[max(first - 1, 0) : min(last + 1, first + _SHOWN)])
    return ""
