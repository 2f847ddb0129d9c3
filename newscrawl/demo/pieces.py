"""The values of the made-up newsroom: pieces with their versions and absences, and events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from newscrawl.model import Author, ChangeKind, Content, Precision

# The civil time of Almaty and Astana: UTC+6 until the end of February 2024, UTC+5 since.
ZONE_NAME = "Asia/Almaty"
_MOVED = datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=6)))


def local(instant: datetime) -> datetime:
    """`instant` in the outlet's own time, with the offset valid then."""
    return instant.astimezone(timezone(timedelta(hours=6 if instant < _MOVED else 5)))


class Dating(StrEnum):
    """How a page states its date, as real outlets do."""

    JSON_LD = "json-ld"
    META = "meta"  # article:published_time alone
    BROKEN_JSON_LD = "broken-json-ld"  # a trailing comma, a raw line break, comment marks around
    VISIBLE = "visible"  # only a line of text with date and time
    VISIBLE_DAY = "visible-day"  # only a line of text with the day


_PRECISION = {
    Dating.JSON_LD: Precision.SECOND,
    Dating.META: Precision.MINUTE,
    Dating.BROKEN_JSON_LD: Precision.SECOND,
    Dating.VISIBLE: Precision.MINUTE,
    Dating.VISIBLE_DAY: Precision.DAY,
}


class Manner(StrEnum):
    """The response of an absent piece."""

    NOT_FOUND = "not_found"  # 404
    GONE = "gone"  # 410
    REDIRECTED_HOME = "redirected_home"
    SOFT_404 = "soft_404"  # 200 with the not-found page


class Paragraph(NamedTuple):
    """One paragraph: `kind` is "p", "quote" or "h2"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """The content of a piece from `at` on. `bylines` are the persons named in its last line."""

    at: datetime
    title: str
    subtitle: str | None
    paragraphs: tuple[Paragraph, ...]
    bylines: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text as an archive should have it: paragraphs joined by one empty line, without byline."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a piece was absent; `ends` is None if it never returned."""

    begins: datetime
    ends: datetime | None
    manner: Manner

    def covers(self, at: datetime) -> bool:
        """Whether the piece is absent at this instant."""
        return self.begins <= at and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Piece:
    """One article in one edition with all its versions and absences.

    `published` is exact to the second and has the outlet's offset; `stated_published` is what its page shows.
    `traits` name the page's peculiarities, see article_pages.py. `translations` are (edition, path) pairs.
    """

    edition: str
    outlet: str
    id: int | None
    slug: str
    published: datetime
    dating: Dating
    versions: tuple[Version, ...]
    section: str
    section_name: str
    tags: tuple[str, ...] = ()
    image: str | None = None
    credit: str | None = None
    absences: tuple[Absence, ...] = ()
    traits: frozenset[str] = frozenset()
    translations: tuple[tuple[str, str], ...] = ()
    event: str | None = None  # the name of its script, None for the many without one

    @property
    def path(self) -> str:
        """The address within its edition, without final slash, percent-encoded where needed."""
        return f"/{self.slug}" if self.id is None else f"/{self.slug}-{self.id}"

    @property
    def precision(self) -> Precision:
        """How exactly the page states the instant of publication."""
        return _PRECISION[self.dating]

    @property
    def stated_published(self) -> datetime:
        """The instant of publication as the page states it, cut to its precision."""
        match self.precision:
            case Precision.DAY:
                return self.published.replace(hour=0, minute=0, second=0)
            case Precision.MINUTE:
                return self.published.replace(second=0)
            case _:
                return self.published

    def version_at(self, at: datetime) -> Version | None:
        """The version at this instant, also during an absence; None before publication."""
        current = None
        for version in self.versions:
            if version.at <= at:
                current = version
        return current

    def absence_at(self, at: datetime) -> Absence | None:
        """The absence at this instant, if any."""
        return next((absence for absence in self.absences if absence.covers(at)), None)

    def authors(self, version: Version) -> tuple[Author, ...]:
        """The persons of the byline; without any, the organisation, if the page's structured data names it."""
        if version.bylines:
            return tuple(Author(name, role="original author") for name in version.bylines)
        if self.dating in (Dating.JSON_LD, Dating.BROKEN_JSON_LD):
            return (Author(self.outlet, role="author", kind="organization"),)
        return ()

    def content(self, version: Version) -> Content:
        """The fields of a version that an archive compares."""
        return Content(
            title=version.title,
            subtitle=version.subtitle,
            body=version.body,
            authors=self.authors(version),
            published=self.stated_published,
            published_precision=self.precision,
        )

    def changes(self) -> Iterator[datetime]:
        """Every instant at which this piece changes, unordered."""
        for version in self.versions:
            yield version.at
        for absence in self.absences:
            yield absence.begins
            if absence.ends is not None:
                yield absence.ends


class EventKind(StrEnum):
    """The kinds of events in the scripted history."""

    PUBLISHED = "published"
    EDITED = "edited"
    REMOVED = "removed"
    RETURNED = "returned"
    OUTAGE_BEGINS = "outage_begins"
    OUTAGE_ENDS = "outage_ends"
    BURST = "burst"


@dataclass(frozen=True, slots=True)
class Event:
    """A scripted event in one edition; `path` is None for an event of the whole edition.

    `kinds` are the change kinds that a judge must name for an edit (it may name more).
    """

    at: datetime
    edition: str
    kind: EventKind
    path: str | None = None
    kinds: tuple[ChangeKind, ...] = ()
    detail: str = ""
