"""Whether the disk lasts: growth by what the raw responses of the last days took. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newscrawl.judge.health.chance import middle_mean
from newscrawl.model.health import DiskFacts, DiskHealth, Finding, FindingKind, Severity

# Whole days that a growth is told from; fewer say nothing.
LATEST, ENOUGH = 14, 3
# A fortnight is time to buy a disk, three days is a weekend on which nobody looks.
SOON, NOW = 14.0, 3.0


def disk(facts: DiskFacts, now: datetime) -> DiskHealth:
    """How fast the archive grows, and for how many days the disk lasts.

    The database grows along with the raw responses, so its part is taken in proportion.
    Days on which nothing was crawled count as nothing; a backfill of two days moves nothing.
    """
    today = now.astimezone(UTC).date()
    first = min(facts.days, default=today)
    latest = [
        facts.days.get(today - timedelta(days=back), 0)
        for back in range(1, LATEST + 1)
        if today - timedelta(days=back) >= first
    ]
    if len(latest) < ENOUGH or facts.warc <= 0:
        return DiskHealth(facts, None, None, ())
    daily = middle_mean(latest) * (1 + (facts.database or 0) / facts.warc)
    left = facts.free / daily if daily > 0 else None
    if left is None or left >= SOON:
        return DiskHealth(facts, daily, left, ())
    severity = Severity.ERROR if left < NOW else Severity.WARNING
    line = (
        f"archive: the disk is full in about {left:.0f} days: {size(facts.free)} free, "
        f"{size(round(daily))} more a day"
    )
    finding = Finding("", None, FindingKind.DISK_FILLING, severity, None, line, left, SOON)
    return DiskHealth(facts, daily, left, (finding,))


def size(number: float) -> str:
    """Bytes for people: "1.4 GB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
