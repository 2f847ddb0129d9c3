"""What counts as a redesign: a run in which most of the known articles came in another layout."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from newscrawl.model import Redesign, VerdictKind
from newscrawl.model.runs import LAYOUTS

# So many of them at least, and more than half of the known articles that were read.
FEWEST = 5


def redesign_in(at: datetime, counts: Mapping[str, int]) -> Redesign | None:
    """The redesign that the run of this time met, by its counts; None for all other runs."""
    checked = sum(counts.get(kind.value, 0) for kind in (VerdictKind.UNCHANGED, VerdictKind.CHANGED))
    layouts = counts.get(LAYOUTS, 0)
    return Redesign(at, layouts, checked) if layouts >= FEWEST and 2 * layouts > checked else None
