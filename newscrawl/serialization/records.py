"""Records as JSON objects with the documented keys, by the table of fields (model/fields.py).

Instants are ISO 8601 in UTC, except the publisher's dates (`published`, `modified`), which keep the
publisher's offset; if only a day was stated, only the day is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from newscrawl.judge.siblings import Sibling
from newscrawl.model import (
    Article,
    ArticleRecord,
    Capture,
    CountRecord,
    CoverageRecord,
    DayRecord,
    EditRecord,
    EventRecord,
    Gap,
    ObservationRecord,
    Precision,
    RemovalRecord,
    RunRecord,
    SightingHistory,
    SightingRecord,
    SizeRecord,
    SourceRecord,
    VersionRecord,
    fields,
)
from newscrawl.model.fields import Field, Type
from newscrawl.model.search import SearchHit

# The keys of each kind of record in their order; also the CSV heading if there are no records.
KEYS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(field.name for field in of_kind) for kind, of_kind in fields.KINDS.items()
}


def instant(value: datetime | None) -> str | None:
    """An instant of our own clock, in UTC; all of one width, so that they sort as texts and are read as one type."""
    return value.astimezone(UTC).isoformat(timespec="microseconds") if value is not None else None


def stated(value: datetime | None, precision: Precision | None = None) -> str | None:
    """An instant as the publisher stated it, with its offset; only the day if no time of day is known."""
    if value is None:
        return None
    return value.date().isoformat() if precision is Precision.DAY else value.isoformat()


# How a value of each type is written in JSON; types without an entry are written unchanged.
_WRITTEN: Mapping[Type, Callable[[Any], Any]] = {
    Type.INSTANT: instant,
    Type.CHOICE: lambda value: None if value is None else value.value,
    Type.TEXTS: list,
    Type.CHOICES: lambda values: [value.value for value in values],
    Type.PAIRS: lambda pairs: [list(pair) for pair in pairs],
    Type.MAPPING: dict,
}

_Get = Callable[[Any], Any]


def objects_of(of_kind: Sequence[Field]) -> Callable[[Any], dict[str, Any]]:
    """A function that turns a record with these fields into a JSON object."""
    getters = [(field.name, _getter(field)) for field in of_kind]
    return lambda record: {name: get(record) for name, get in getters}


def _getter(field: Field) -> _Get:
    get = attrgetter(field.attribute)
    if field.precision:
        both = attrgetter(field.attribute, field.precision)
        return lambda record: stated(*both(record))
    if field.type is Type.STATED:
        return lambda record: stated(get(record))
    if field.type is Type.OBJECT:
        inner = objects_of(field.parts)
        return lambda record: None if (value := get(record)) is None else inner(value)
    if field.type is Type.OBJECTS:
        inner = objects_of(field.parts)
        return lambda record: [inner(value) for value in get(record)]
    written = _WRITTEN.get(field.type)
    return (lambda record: written(get(record))) if written else get


_ARCHIVED = objects_of(fields.ARTICLES)
_EXTRACTED = objects_of(fields.EXTRACTED)
_VERSION = objects_of(fields.VERSIONS)
_OBSERVATION = objects_of(fields.OBSERVATIONS)
_SIGHTING = objects_of(fields.SIGHTINGS)
_CHANGE = objects_of(fields.CHANGES)
_REMOVAL = objects_of(fields.REMOVED)
_POSITION = objects_of(fields.POSITIONS)
_GAP = objects_of(fields.COVERAGE)
_DAY = objects_of(fields.DAYS)
_NAMED = objects_of(fields.NAMED)
_HIT = objects_of(fields.HITS)
_NAMED_LAST = objects_of(fields.NAMED_LAST)
_RUN = objects_of(fields.RUNS)
_COUNT = objects_of(fields.COUNTS)
_SIZE = objects_of(fields.SIZES)
_CAPTURE = objects_of(fields.CAPTURE)


def archived(record: ArticleRecord) -> dict[str, Any]:
    """An article of the archive. `versions` is the number of versions, `version` the one whose text this is."""
    return _ARCHIVED(record)


def sibling(link: Sibling, other: ArticleRecord) -> dict[str, Any]:
    """The same story in another edition: stated by a page, or proposed with a score (0 to 1) and the reasons."""
    return {
        "article": other.id,
        "edition": other.edition,
        "url": other.url,
        "title": other.article.title,
        "stated": link.stated,
        "score": link.score,
        "reasons": list(link.reasons),
    }


def shown(record: ArticleRecord, links: Iterable[tuple[Sibling, ArticleRecord]]) -> dict[str, Any]:
    """An article of the archive with its siblings, as `newscrawl show` gives it."""
    return {**archived(record), "siblings": [sibling(*link) for link in links]}


def extracted(article: Article) -> dict[str, Any]:
    """An article as extracted from one page, before it is archived."""
    return _EXTRACTED(article)


def version(record: VersionRecord) -> dict[str, Any]:
    """One version of an article, with the location of its raw response."""
    return _VERSION(record)


def observation(record: ObservationRecord) -> dict[str, Any]:
    """One observation of an address."""
    return _OBSERVATION(record)


def sighting(record: SightingRecord) -> dict[str, Any]:
    """One position in one read of a listing."""
    return _SIGHTING(record)


def change(record: EditRecord) -> dict[str, Any]:
    """One edit. It was made after `seen_before` (the observation before) and before `at`; `from` and `to` are versions."""
    return _CHANGE(record)


def event(record: EventRecord) -> dict[str, Any]:
    """Something beside edits, with the keys of an edit and two more: `event` and `reason`. A redesign is of no article."""
    return {
        "article": record.article_id,
        "url": record.url,
        "at": instant(record.at),
        "from": record.version,
        "to": record.version,
        "kinds": [record.kind],
        "title": record.title,
        "source": record.source,
        "edition": record.edition,
        "seen_before": None,
        "returns_to": None,
        "event": record.kind,
        "reason": record.reason,
    }


def removal(record: RemovalRecord) -> dict[str, Any]:
    """One absence with its evidence. `version` is the last one archived, `capture` the response it was read from."""
    return _REMOVAL(record)


def position(record: SightingHistory) -> dict[str, Any]:
    """An article's headline and position in a listing from one read to another; `reads` counts the reads in between."""
    return _POSITION(record)


def gap(record: Gap) -> dict[str, Any]:
    """A time in which articles may have been missed; `open` is false once something proved that none were."""
    return _GAP(record)


def named(record: CoverageRecord) -> dict[str, Any]:
    """The outcomes of everything that the channels of an edition named; `kind` tells it from a gap."""
    values = _NAMED(record)
    return {
        **values,
        "reason": "what became of every address that was named",
        "open": False,
        "kind": "entries",
        "redesigns": [
            {"at": instant(one.at), "layouts": one.layouts, "checked": one.checked}
            for one in record.redesigns
        ],
        **_NAMED_LAST(record),
    }


def hit(record: SearchHit) -> dict[str, Any]:
    """An article that answers a search; `marks` are the characters of `snippet`, from and to, that were asked for."""
    marks, at = [], 0
    for text, is_word in record.snippet:
        if is_word:
            marks.append([at, at + len(text)])
        at += len(text)
    return {**_HIT(record), "snippet": "".join(text for text, _ in record.snippet), "marks": marks}


def count(record: CountRecord) -> dict[str, Any]:
    """How many articles one group has: an author's, a section's, a day's."""
    return _COUNT(record)


def size(record: SizeRecord) -> dict[str, Any]:
    """How many bytes the raw responses of a source take; those of all sources, with the database, have no source."""
    return _SIZE(record)


def day(record: DayRecord) -> dict[str, Any]:
    """How many addresses were announced for a day, and how many of them are articles of the archive."""
    return _DAY(record)


def source(record: SourceRecord, outlet: str | None = None, host: str | None = None) -> dict[str, Any]:
    """One edition of a source; its outlet and its host stand in the source file, not in the archive."""
    return {
        "source": record.source,
        "edition": record.edition,
        "outlet": outlet,
        "host": host,
        "articles": record.articles,
        "newest": instant(record.newest),
        "last_run": run(record.last_run),
    }


def run(record: RunRecord | None) -> dict[str, Any] | None:
    """A run; while it is running, only its start is set."""
    return None if record is None else _RUN(record)


def capture(stored: Capture | None) -> dict[str, Any] | None:
    """The location of a raw response, also of a pruned one; None if none was kept."""
    return None if stored is None else _CAPTURE(stored)
