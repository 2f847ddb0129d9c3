"""The JSON shapes of the outside contract: values in, plain dictionaries out. Imports the model alone.

Instants are ISO 8601 in UTC, except what the publisher states (`published`, `modified`), which
keeps the publisher's own offset; where only a day was stated it is the day alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from newscrawl.model import (
    Article,
    ArticleRecord,
    Capture,
    DayRecord,
    EditRecord,
    Evidence,
    Gap,
    ObservationRecord,
    Precision,
    RemovalRecord,
    RunRecord,
    SightingHistory,
    SightingRecord,
    VersionRecord,
)

# The keys of each kind of record in their order: the columns of a table, also of an empty one.
KEYS: Mapping[str, tuple[str, ...]] = {
    "articles": (
        "id", "source", "edition", "url", "url_key", "aliases", "state", "state_since", "first_seen",
        "last_checked", "published", "published_precision", "modified", "title", "subtitle", "authors",
        "body", "language", "section", "tags", "images", "version", "versions",
    ),
    "versions": (
        "article", "source", "edition", "url", "version", "at", "kinds", "returns_to", "published",
        "published_precision", "modified", "title", "subtitle", "authors", "body", "language", "section",
        "tags", "images", "page_type", "content_hash", "extractor", "capture",
    ),
    "observations": (
        "id", "run", "source", "edition", "article", "at", "url", "final_url", "outcome", "status",
        "verdict", "reason", "signal", "controls_fine", "version", "milliseconds", "capture",
    ),
    "sightings": (
        "id", "source", "edition", "channel", "listing", "at", "position", "article", "url", "headline",
    ),
    "changes": (
        "article", "url", "at", "from", "to", "kinds", "title", "source", "edition", "seen_before", "returns_to",
    ),
    "removed": (
        "article", "url", "state", "kind", "first_absent", "last_seen", "confirmed_at", "evidence",
        "source", "edition", "title", "returned_at", "version", "capture",
    ),
    "coverage": ("source", "edition", "from", "to", "reason", "open", "kind", "closed_by", "closed_at"),
}  # fmt: skip


def archived(record: ArticleRecord) -> dict[str, Any]:
    """An article of the archive. `versions` is the number of versions, `version` the one whose words these are."""
    words = _words(record.article)
    return {
        "id": record.id,
        "source": record.source,
        "edition": record.edition,
        "url": record.url,
        "url_key": record.url_key,
        "aliases": list(record.aliases),
        "state": record.state.value,
        "state_since": instant(record.state_since),
        "first_seen": instant(record.first_seen),
        "last_checked": instant(record.last_checked),
        **{key: words[key] for key in KEYS["articles"] if key in words},
        "version": record.version,
        "versions": record.versions,
    }


def extracted(article: Article) -> dict[str, Any]:
    """What one page says, straight from the extractor."""
    words = _words(article)
    order = ("title", "subtitle", "authors", "published", "published_precision", "modified", "language",
             "section", "tags", "images", "body")  # fmt: skip
    return {
        "url": article.url,
        **{key: words[key] for key in order},
        "page_type": article.page_type.value,
        "origins": dict(article.origins),
    }


def version(record: VersionRecord) -> dict[str, Any]:
    """One version of an article, with where its raw response lies."""
    words = _words(record.article)
    return {
        "article": record.article_id,
        "source": record.source,
        "edition": record.edition,
        "url": record.url,
        "version": record.number,
        "at": instant(record.at),
        "kinds": [kind.value for kind in record.kinds],
        "returns_to": record.returns_to,
        **{key: words[key] for key in KEYS["versions"] if key in words},
        "page_type": record.article.page_type.value,
        "content_hash": record.content_hash,
        "extractor": record.extractor,
        "capture": capture(record.capture),
    }


def observation(record: ObservationRecord) -> dict[str, Any]:
    """One look at an address."""
    return {
        "id": record.id,
        "run": record.run_id,
        "source": record.source,
        "edition": record.edition,
        "article": record.article_id,
        "at": instant(record.at),
        "url": record.url,
        "final_url": record.final_url,
        "outcome": record.outcome.value,
        "status": record.status,
        "verdict": record.verdict.value,
        "reason": record.reason,
        "signal": record.signal,
        "controls_fine": record.controls_fine,
        "version": record.version,
        "milliseconds": record.milliseconds,
        "capture": capture(record.capture),
    }


def sighting(record: SightingRecord) -> dict[str, Any]:
    """One place in one read of a listing."""
    return {
        "id": record.id,
        "source": record.source,
        "edition": record.edition,
        "channel": record.channel.value,
        "listing": record.listing,
        "at": instant(record.at),
        "position": record.position,
        "article": record.article_id,
        "url": record.url,
        "headline": record.headline,
    }


def change(record: EditRecord) -> dict[str, Any]:
    """One edit. It was made after `seen_before` (the look before) and before `at`; `from` and `to` are versions."""
    return {
        "article": record.article_id,
        "url": record.url,
        "at": instant(record.at),
        "from": record.from_version,
        "to": record.to_version,
        "kinds": [kind.value for kind in record.kinds],
        "title": record.title,
        "source": record.source,
        "edition": record.edition,
        "seen_before": instant(record.seen_before),
        "returns_to": record.returns_to,
    }


def removal(record: RemovalRecord) -> dict[str, Any]:
    """One absence with its evidence. `version` is the last one archived, `capture` where that was read from."""
    return {
        "article": record.article_id,
        "url": record.url,
        "state": record.state.value,
        "kind": record.signal,
        "first_absent": instant(record.first_absent),
        "last_seen": instant(record.last_seen),
        "confirmed_at": instant(record.confirmed_at),
        "evidence": [_evidence(evidence) for evidence in record.evidence],
        "source": record.source,
        "edition": record.edition,
        "title": record.title,
        "returned_at": instant(record.returned_at),
        "version": record.version,
        "capture": capture(record.capture),
    }


def place(record: SightingHistory) -> dict[str, Any]:
    """What a listing called an article and where it stood, from one read to another; `reads` is how many showed it so."""
    return {
        "source": record.source,
        "edition": record.edition,
        "channel": record.channel.value,
        "listing": record.listing,
        "headline": record.headline,
        "position": record.position,
        "from": instant(record.first),
        "to": instant(record.last),
        "reads": record.reads,
    }


def gap(record: Gap) -> dict[str, Any]:
    """A time in which articles may have been missed; `open` is false once something proved that none were."""
    return {
        "source": record.source,
        "edition": record.edition,
        "from": instant(record.began),
        "to": instant(record.ended),
        "reason": record.reason,
        "open": record.open,
        "kind": record.kind,
        "closed_by": record.closed_by.value if record.closed_by is not None else None,
        "closed_at": instant(record.closed_at),
    }


def day(record: DayRecord) -> dict[str, Any]:
    """How many addresses were announced for a day, and how many of them are articles of the archive."""
    return {
        "source": record.source,
        "edition": record.edition,
        "day": record.day,
        "announced": record.announced,
        "archived": record.archived,
    }


def run(record: RunRecord | None) -> dict[str, Any] | None:
    """How a run ended; nothing but its start while it goes on."""
    if record is None:
        return None
    return {
        "started": instant(record.started),
        "finished": instant(record.finished),
        "exit_code": record.exit_code,
        "reason": record.reason,
    }


def capture(stored: Capture | None) -> dict[str, Any] | None:
    """Where a raw response lies, or lay before it was pruned; None where none was kept."""
    if stored is None:
        return None
    return {
        "file": stored.ref.file,
        "offset": stored.ref.offset,
        "length": stored.ref.length,
        "record_id": stored.ref.record_id,
        "digest": stored.ref.digest,
        "kind": stored.ref.kind,
        "pruned": instant(stored.pruned),
    }


def instant(value: datetime | None) -> str | None:
    """An instant of our own clock, in UTC."""
    return value.astimezone(UTC).isoformat() if value is not None else None


def stated(value: datetime | None, precision: Precision | None = None) -> str | None:
    """An instant as the publisher stated it: own offset kept, the day alone where no more is known."""
    if value is None:
        return None
    return value.date().isoformat() if precision is Precision.DAY else value.isoformat()


def _words(article: Article) -> dict[str, Any]:
    return {
        "published": stated(article.published, article.published_precision),
        "published_precision": article.published_precision.value if article.published_precision else None,
        "modified": stated(article.modified),
        "title": article.title,
        "subtitle": article.subtitle,
        "authors": [{"name": a.name, "role": a.role, "kind": a.kind} for a in article.authors],
        "body": article.body,
        "language": article.language,
        "section": article.section,
        "tags": list(article.tags),
        "images": [{"url": i.url, "caption": i.caption, "credit": i.credit} for i in article.images],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    observation = evidence.observation
    return {
        "at": instant(observation.at),
        "signal": observation.signal,
        "status": observation.status,
        "reason": observation.reason,
        "controls_fine": observation.controls_fine,
        "capture": capture(observation.capture),
        "run": observation.run_id,
        "url": observation.url,
        "final_url": observation.final_url,
        "controls": [
            {
                "article": control.article_id,
                "url": control.url,
                "at": instant(control.at),
                "status": control.status,
                "verdict": control.verdict.value,
            }
            for control in evidence.controls
        ],
    }
