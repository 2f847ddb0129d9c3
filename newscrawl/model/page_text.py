"""What a captured page shows, apart from what the extractor takes from it: the evidence that an edit is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newscrawl.model.extraction import Precision

# The element a text stands in and its ancestors, nearest first, each as its tag and classes ("p.lead").
Slot = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One line of a page and the element that it stands in. `linked`: most of it is links."""

    text: str
    slot: Slot
    linked: bool = False


@dataclass(frozen=True, slots=True)
class StatedInstant:
    """An instant that a page states somewhere, and how exactly."""

    at: datetime
    precision: Precision


@dataclass(frozen=True, slots=True)
class PageText:
    """The texts of one page.

    `shown` is what a reader sees, in page order. `kept` is what the page holds without showing it: hidden
    elements, attributes, strings of scripts. `layout` names its elements by tag and classes: pages of one
    template share nearly all of them. `instants` are all that are stated anywhere.
    """

    shown: tuple[TextBlock, ...] = ()
    kept: tuple[str, ...] = ()
    layout: frozenset[str] = frozenset()
    instants: tuple[StatedInstant, ...] = ()
