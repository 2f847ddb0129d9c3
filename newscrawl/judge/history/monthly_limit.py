"""How many versions of one article are recorded within 30 days, by a crawl and by an import alike."""

from __future__ import annotations

from collections.abc import Collection

from newscrawl.model import ChangeKind

# A text that carries a clock or a counter must not make endless versions.
VERSIONS_A_MONTH = 24
# What no ticker in the text does is recorded beyond that, up to a bound: a ticker must not hide a new headline.
VERSIONS_THAT_MATTER_A_MONTH = 96
MATTERS = frozenset({ChangeKind.HEADLINE, ChangeKind.SUBTITLE, ChangeKind.BYLINE, ChangeKind.CORRECTION})
REASON = "volatile: changes at every check, captures go on"


def reached(versions: int, kinds: Collection[str], *, again: bool = False) -> bool:
    """Whether an article with so many `versions` within 30 days gets no further one for an edit of these kinds.

    `again` says that the archive had this text before: a headline that goes back and forth between two wordings
    is recorded 24 times, not 96.
    """
    matters = not again and not MATTERS.isdisjoint(kinds)
    return versions >= (VERSIONS_THAT_MATTER_A_MONTH if matters else VERSIONS_A_MONTH)
