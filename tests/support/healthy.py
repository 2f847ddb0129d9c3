"""The health of a small archive, judged from made-up facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newscrawl.judge.health.report import judge
from newscrawl.model.health import DiskFacts, EditionFacts, Observations, RunFact, SourceFacts
from newscrawl.model.reads import RunRecord

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def health(name: str = "bereke", observations: Observations | None = None):
    """The health of a small archive; blocked with `looks` of which most were refused."""
    runs = [
        RunFact(RunRecord(n, NOW - (9 - n) * DAY / 2, NOW - (9 - n) * DAY / 2, 0, "finished"), {"new": 3})
        for n in range(9)
    ]
    edition = EditionFacts(
        "kk", NOW - 4 * DAY, {NOW - DAY / 24: 3}, observations=observations or Observations(), articles=40
    )
    disk = DiskFacts(10**12, 10**13, 10**9, 10**6, {(NOW - n * DAY).date(): 10**6 for n in range(9)})
    return judge([SourceFacts(name, tuple(runs), (edition,))], NOW, disk)
