"""How long the disk lasts, by how much the raw responses grew in the last days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newscrawl.judge.health.chance import middle_mean
from newscrawl.model.health import DiskFacts, DiskHealth, Finding, FindingKind, Severity

# Whole days from which the growth is computed, and the fewest that suffice.
LATEST, ENOUGH = 14, 3
# A fortnight is enough time to buy a disk; three days may be a weekend without anybody at work.
SOON, NOW = 14.0, 3.0


def disk(facts: DiskFacts, now: datetime) -> DiskHealth:
    """How fast the archive grows, and for how many days the disk lasts.

    The database grows with the raw responses, so its share is added in proportion. Days without a crawl
    count as 0; the mean of the middle half ignores a backfill of two days.
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
