"""The headings below which other articles stand, squashed for comparison: the general ones and a source's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.extract.page.lines import squash
from newscrawl.extract.text.phrases import STOP_HEADINGS, TERMINAL_HEADINGS, with_more

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Stops:
    """Squashed headings, alone and with "view all" glued to them: every one, the source's own, and the general terminal ones."""

    every: frozenset[str]
    own: frozenset[str]
    terminal: frozenset[str]


def stop_keys(own: Collection[str]) -> Stops:
    """The stop headings of a page; `own` are those of its source, as written."""
    return _keys(tuple(own))


@lru_cache(maxsize=64)
def _keys(headings: tuple[str, ...]) -> Stops:
    own = _squashed(headings)
    return Stops(_squashed(STOP_HEADINGS) | own, own, _squashed(TERMINAL_HEADINGS))


def _squashed(headings: Collection[str]) -> frozenset[str]:
    keys = {squash(heading) for heading in headings}
    return frozenset(keys | with_more(keys))
