"""Health as JSON objects, for `newscrawl health --json` and `/health?format=json`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from newscrawl.model.health import DiskHealth, EditionHealth, Finding, Health, SourceHealth
from newscrawl.serialization import records


def objects(health: Health) -> Iterator[dict[str, Any]]:
    """One object per source, then one for the archive as a whole, whose source is null."""
    for source in health.sources:
        yield _source(source, health.at)
    if health.disk is not None:
        yield _disk(health.disk, health.at)


def finding(found: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "key": found.key,
        "source": found.source or None,
        "edition": found.edition,
        "kind": found.kind.value,
        "subject": found.subject or None,
        "severity": found.severity.value,
        "since": records.instant(found.since),
        "measured": _rounded(found.measured),
        "expected": _rounded(found.expected),
        "line": found.line,
    }


def _source(source: SourceHealth, at: datetime) -> dict[str, Any]:
    run = source.last_run
    return {
        "source": source.source,
        "at": records.instant(at),
        "standing": source.status.value,
        "last_run": {
            "started": records.instant(run.started),
            "finished": records.instant(run.finished),
            "exit_code": run.exit_code,
            "reason": run.reason,
        }
        if run is not None
        else None,
        "running": source.running,
        "run_seconds": _rounded(source.took),
        "looks": dict(source.observations),
        "editions": [_edition(edition) for edition in source.editions],
        "findings": [finding(found) for found in source.findings],
    }


def _edition(edition: EditionHealth) -> dict[str, Any]:
    return {
        "edition": edition.edition,
        "too_early": edition.early,
        "articles": edition.articles,
        "last_good_read": records.instant(edition.last_good),
        "articles_day": edition.day,
        "articles_day_expected": _rounded(edition.day_expected),
        "articles_week": edition.week,
        "articles_week_expected": _rounded(edition.week_expected),
        "filled": {name: _rounded(share) for name, share in edition.filled.items()},
        "body_characters": _rounded(edition.length),
        "rechecks_due": edition.due,
        "rechecks_late": edition.late,
        "recheck_lateness_seconds": _rounded(edition.lateness),
        "articles_unreadable": edition.unreadable,
        "unreadable_since": records.instant(edition.unreadable_since),
    }


def _disk(disk: DiskHealth, at: datetime) -> dict[str, Any]:
    return {
        "source": None,
        "at": records.instant(at),
        "standing": disk.findings[0].severity.value if disk.findings else "ok",
        "free_bytes": disk.facts.free,
        "disk_bytes": disk.facts.total,
        "warc_bytes": disk.facts.warc,
        "database_bytes": disk.facts.database,
        "growth_bytes_a_day": _rounded(disk.daily),
        "days_left": _rounded(disk.days_left),
        "findings": [finding(found) for found in disk.findings],
    }


def _rounded(value: float | None) -> float | None:
    return round(value, 3) if value is not None else None
