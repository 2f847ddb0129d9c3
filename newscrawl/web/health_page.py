"""The pages about health: /health for people and as JSON, /metrics for Prometheus. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from newscrawl.judge.health.disk import size
from newscrawl.model.health import AddressStatus, DiskHealth, EditionHealth, Finding, Health, SourceHealth
from newscrawl.web import health_json, metrics
from newscrawl.web.markup import page, table, text
from newscrawl.web.routing import Page, Request, Response

_CLASS = {
    AddressStatus.ERROR: "error",
    AddressStatus.WARNING: "warning",
    AddressStatus.OK: "ok",
    AddressStatus.TOO_EARLY: "soft",
}
_FIELDS = ("title", "authors", "people", "published", "minute", "images", "language")


def pages(health: Callable[[], Health]) -> dict[str, Page]:
    """The pages by path; `health` is asked at every request."""

    def show(request: Request) -> Response:
        found = health()
        if request.wants_json:
            listed = list(health_json.objects(found))
            return Response.json(
                {
                    "at": found.at.isoformat(),
                    "sources": [one for one in listed if one["source"] is not None],
                    "archive": next((one for one in listed if one["source"] is None), None),
                }
            )
        return Response.text(_page(found), type="text/html; charset=utf-8")

    def measure(_: Request) -> Response:
        return Response.text(metrics.exposition(health()), type=metrics.CONTENT_TYPE)

    return {"/health": show, "/metrics": measure}


def _page(health: Health) -> str:
    findings = health.findings
    listed = "".join(map(_finding, findings)) or '<li class="ok">Nothing is wrong.</li>'
    editions = [(source, edition) for source in health.sources for edition in source.editions]
    return page(
        "Health",
        f'<p class="soft">Judged at {_instant(health.at)}, each source by its own history.</p>',
        f'<ul class="findings">{listed}</ul>',
        "<h2>Sources</h2>",
        table(
            ("Source", "State", "Last crawl", "Exit code", "Takes", "Findings"),
            map(_source, health.sources),
            (3, 4, 5),
        ),
        "<h2>Editions</h2>",
        table(
            (
                "Edition",
                "Articles",
                "24 h",
                "usual",
                "7 days",
                "usual",
                "Last good read",
                "Re-checks due",
                "a day late",
            ),
            [_edition(source, edition) for source, edition in editions],
            (1, 2, 3, 4, 5, 7, 8),
        ),
        "<h2>Fields of the 50 latest articles</h2>",
        table(
            ("Edition", *_FIELDS, "body"),
            [_fields(source, edition) for source, edition in editions],
            range(1, len(_FIELDS) + 2),
        ),
        _disk(health.disk) if health.disk is not None else "",
    )


def _finding(found: Finding) -> str:
    since = f' <span class="soft">since {_instant(found.since)}</span>' if found.since is not None else ""
    severity = found.severity.value
    return f'<li><span class="{severity}">{severity}</span> {text(found.line)}{since}</li>'


def _source(source: SourceHealth) -> tuple[str, ...]:
    run = source.last_run
    state = source.status.value.replace("_", " ")
    return (
        text(source.source),
        f'<span class="{_CLASS[source.status]}">{state}</span>',
        ("now" if source.running else _instant(run.started)) if run is not None else "never",
        text(run.exit_code) if run is not None and run.exit_code is not None else "",
        f"{source.took:.0f} s" if source.took is not None else "",
        str(len(source.findings)),
    )


def _edition(source: SourceHealth, edition: EditionHealth) -> tuple[str, ...]:
    return (
        text(f"{source.source} {edition.edition}"),
        f"{edition.articles:,}",
        str(edition.day),
        _usual(edition.day_expected),
        str(edition.week),
        _usual(edition.week_expected),
        _instant(edition.last_good) if edition.last_good is not None else "never",
        f"{edition.due:,}",
        f"{edition.late:,}",
    )


def _usual(expected: float | None) -> str:
    return f"{expected:.0f}" if expected is not None else "?"


def _fields(source: SourceHealth, edition: EditionHealth) -> tuple[str, ...]:
    shares = (f"{edition.filled[name]:.0%}" if name in edition.filled else "" for name in _FIELDS)
    length = f"{edition.length:,.0f}" if edition.length is not None else ""
    return (text(f"{source.source} {edition.edition}"), *shares, length)


def _disk(disk: DiskHealth) -> str:
    facts = disk.facts
    rows = [
        ("Free on the disk", _size(facts.free)),
        ("Raw responses", _size(facts.warc)),
        ("Database", _size(facts.database)),
        ("Growth a day", _size(disk.daily)),
        ("Days left", f"{disk.days_left:,.0f}" if disk.days_left is not None else "unknown"),
    ]
    return "<h2>Disk</h2>" + table(("", ""), rows, (1,))


def _size(number: float | None) -> str:
    return size(number) if number is not None else "unknown"


def _instant(at: datetime) -> str:
    return f'<time datetime="{at.isoformat()}">{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC</time>'
