"""What kind of edit lies between two versions. Knows texts only, not why or when."""

from __future__ import annotations

from newscrawl.model import ChangeKind, Content
from newscrawl.text import content_hash, normal


def kinds(old: Content, new: Content) -> tuple[ChangeKind, ...]:
    """The fields in which two contents differ, in reading order; empty if they are the same to a reader."""
    pairs = (
        (ChangeKind.HEADLINE, normal(old.title), normal(new.title)),
        (ChangeKind.SUBTITLE, normal(old.subtitle), normal(new.subtitle)),
        (ChangeKind.BODY, normal(old.body), normal(new.body)),
        (ChangeKind.BYLINE, _byline(old), _byline(new)),
        (ChangeKind.DATE, _date(old), _date(new)),
    )
    return tuple(kind for kind, before, after in pairs if before != after)


def _byline(content: Content) -> str:
    return content_hash(Content(authors=content.authors))


def _date(content: Content) -> str:
    return content_hash(Content(published=content.published, published_precision=content.published_precision))
