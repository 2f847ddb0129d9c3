"""Where an earlier look belongs in the history of an article that is known by later ones. Applies nothing."""

from __future__ import annotations

from enum import StrEnum

from newscrawl.judge import identity
from newscrawl.judge.kinds import classify
from newscrawl.model import Content


class Place(StrEnum):
    """What a text seen at an instant in the past is to the versions before and after that instant."""

    SAME = "same"  # what the version of that time says: nothing new
    SOONER = "sooner"  # what the following version says: it was there earlier than known
    BETWEEN = "between"  # a text of its own: a version between the two
    STRANGER = "stranger"  # shares nothing with either: another page that was served there


def place(seen: Content, before: Content | None, after: Content | None, *, again: bool) -> Place:
    """Where a text belongs between the version `before` and the one `after` it, None where there is none.

    `again` says that the earlier version was seen again after this look and before `after`: then the
    text cannot be the later version come sooner, and the publisher went back.
    """
    if before is not None and not classify.kinds(before, seen):
        return Place.SAME
    if after is not None and not again and not classify.kinds(seen, after):
        return Place.SOONER
    if any(known is not None and identity.related(known, seen) for known in (before, after)):
        return Place.BETWEEN
    return Place.STRANGER
