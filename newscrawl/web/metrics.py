"""Health in Prometheus' text format, for node_exporter's textfile collector and for /metrics.

The values come from the archive at every call, so there is no registry that lives on. A label's values are the names of
sources, editions, kinds and fields, never an address or a title: the number of series stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from newscrawl import __version__
from newscrawl.model.health import DiskHealth, EditionHealth, Health, SourceHealth

_DAY = 86_400

Value = tuple[Mapping[str, str], float | None]  # labels and value; None: not known, and left out


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name with its unit, one line of help, and its values in the health of an archive."""

    name: str
    help: str
    values: Callable[[Health], Iterable[Value]]


def _editions(value: Callable[[EditionHealth], float | None]) -> Callable[[Health], Iterable[Value]]:
    return lambda health: (
        ({"source": source.source, "edition": edition.edition}, value(edition))
        for source in health.sources
        for edition in source.editions
    )


def _sources(value: Callable[[SourceHealth], float | None]) -> Callable[[Health], Iterable[Value]]:
    return lambda health: (({"source": source.source}, value(source)) for source in health.sources)


def _disk(value: Callable[[DiskHealth], float | None]) -> Callable[[Health], Iterable[Value]]:
    return lambda health: [({}, value(health.disk))] if health.disk is not None else []


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None


def _findings(health: Health) -> Iterator[Value]:
    numbers: dict[tuple[str, str, str, str], int] = {}
    for found in health.findings:
        labels = (found.source, found.edition or "", found.kind.value, found.severity.value)
        numbers[labels] = numbers.get(labels, 0) + 1
    for labels, number in numbers.items():
        yield dict(zip(("source", "edition", "kind", "severity"), labels, strict=True)), number


def _filled(health: Health) -> Iterator[Value]:
    for source in health.sources:
        for edition in source.editions:
            for name, share in edition.filled.items():
                yield {"source": source.source, "edition": edition.edition, "field": name}, share


def _observations(health: Health) -> Iterator[Value]:
    for source in health.sources:
        for verdict, number in sorted(source.observations.items()):
            yield {"source": source.source, "verdict": verdict}, number


METRICS = (
    Metric("newscrawl_info", "The program that wrote this.", lambda _: [({"version": __version__}, 1)]),
    Metric("newscrawl_health_timestamp_seconds", "When health was judged.", lambda h: [({}, h.at.timestamp())]),
    Metric("newscrawl_findings", "What is wrong, by kind; no series where nothing is.", _findings),
    Metric("newscrawl_source_findings", "Findings of a source, 0 where nothing is wrong.", _sources(lambda s: len(s.findings))),
    Metric("newscrawl_last_run_timestamp_seconds", "When the last crawl began.", _sources(lambda s: _seconds(s.last_run.started if s.last_run else None))),
    Metric("newscrawl_last_run_exit_code", "How the last finished crawl ended (docs/operations.md).", _sources(lambda s: s.last_run.exit_code if s.last_run else None)),
    Metric("newscrawl_run_active", "Whether a crawl goes on.", _sources(lambda s: int(s.running))),
    Metric("newscrawl_run_duration_seconds", "Median duration of the latest crawls.", _sources(lambda s: s.took)),
    Metric("newscrawl_looks_last_day", "What the checks of the last day of crawling came to, by verdict.", _observations),
    Metric("newscrawl_articles", "Articles in the archive.", _editions(lambda e: e.articles)),
    Metric("newscrawl_articles_last_day", "Articles of the 24 hours before the last good read.", _editions(lambda e: e.day)),
    Metric("newscrawl_articles_last_day_expected", "What is usual for them.", _editions(lambda e: e.day_expected)),
    Metric("newscrawl_articles_last_week", "Articles of the 7 days before the last good read.", _editions(lambda e: e.week)),
    Metric("newscrawl_articles_last_week_expected", "What is usual for them.", _editions(lambda e: e.week_expected)),
    Metric("newscrawl_last_good_read_timestamp_seconds", "When a list, feed or sitemap last answered properly.", _editions(lambda e: _seconds(e.last_good))),
    Metric("newscrawl_field_filled_ratio", "Share of the 50 latest articles that have a field.", _filled),
    Metric("newscrawl_body_median_characters", "Median length of the 50 latest bodies.", _editions(lambda e: e.length)),
    Metric("newscrawl_rechecks_due", "Re-checks that are due.", _editions(lambda e: e.due)),
    Metric("newscrawl_rechecks_late", "Re-checks that are a day late and more.", _editions(lambda e: e.late)),
    Metric("newscrawl_recheck_lateness_seconds", "By how much the most overdue re-check is late.", _editions(lambda e: e.lateness)),
    Metric("newscrawl_articles_unreadable", "Articles that could not be read at their last check.", _editions(lambda e: e.unreadable)),
    Metric("newscrawl_disk_free_bytes", "Free space where the archive lies.", _disk(lambda d: d.facts.free)),
    Metric("newscrawl_disk_size_bytes", "Size of that disk.", _disk(lambda d: d.facts.total)),
    Metric("newscrawl_warc_bytes", "What the raw responses take.", _disk(lambda d: d.facts.warc)),
    Metric("newscrawl_database_bytes", "What the database takes.", _disk(lambda d: d.facts.database)),
    Metric("newscrawl_daily_growth_bytes", "By how much the archive grows a day.", _disk(lambda d: d.daily)),
    Metric("newscrawl_disk_left_seconds", "Time until the disk is full at that pace.", _disk(lambda d: d.days_left * _DAY if d.days_left is not None else None)),
)  # fmt: skip


class _Collector(Collector):
    """Gives prometheus-client the metrics of one health. A metric without values is left out."""

    def __init__(self, health: Health) -> None:
        self.health = health

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for metric in METRICS:
            family = GaugeMetricFamily(metric.name, metric.help)
            for labels, value in metric.values(self.health):
                if value is not None:
                    family.add_sample(metric.name, dict(labels), value)
            if family.samples:
                yield family


def exposition(health: Health) -> str:
    """All metrics as text."""
    return generate_latest(_Collector(health)).decode("utf-8")
