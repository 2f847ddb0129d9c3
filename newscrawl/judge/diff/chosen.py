"""Which two versions of an article are meant by numbers, `first` and `last`."""

from __future__ import annotations

from collections.abc import Sequence

from newscrawl.errors import NotFound, UsageError
from newscrawl.model import VersionRecord


def chosen(
    versions: Sequence[VersionRecord], one: str | None, other: str | None
) -> tuple[VersionRecord, VersionRecord]:
    """The two versions named, in this order; without names the last two. Raises NotFound or UsageError."""
    if one is None:
        return versions[-2], versions[-1]
    old, new = _version(versions, one), _version(versions, other or "last")
    if old.number == new.number:
        raise UsageError(
            f"version {old.number} is compared with itself", hint="Name two versions, such as: first last"
        )
    return old, new


def _version(versions: Sequence[VersionRecord], text: str) -> VersionRecord:
    named = {"first": versions[0], "last": versions[-1]}.get(text.lower())
    if named is not None:
        return named
    found = next((version for version in versions if str(version.number) == text), None)
    if found is not None:
        return found
    subject = f"article {versions[0].article_id}"
    if text.isdecimal():
        raise NotFound(f"has no version {text[:20]}", subject=subject, hint=f"It has {len(versions)}")
    raise UsageError(f"{text[:40]!r} is no version", subject=subject, hint="Write a number, first or last")
