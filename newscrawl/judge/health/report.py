"""The health of sources: every finding with its figures and one plain line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from urllib.parse import urlsplit

from newscrawl.judge import validators
from newscrawl.judge.health import channels, fields, runs as health_runs, unreadable, volume
from newscrawl.judge.health.channels import ChannelProblem, ChannelProblemKind
from newscrawl.judge.health.disk import disk
from newscrawl.model.health import (
    DiskFacts,
    EditionFacts,
    EditionHealth,
    Finding,
    FindingKind,
    Health,
    HealthStatus,
    Severity,
    SourceFacts,
    SourceHealth,
)

# The fewest checks of a day in one edition from which "most are refused" is reported.
BLOCKED_OF = 5
# Ten absences more than usual are a purge, a migration or a broken part of the site (as in the verdicts themselves).
BULK, BULK_DAYS = 10, 3
# With more late re-checks than two days can make, the budget does not catch up.
BEHIND_DAYS = 2
UNCONFIRMED_OF = 10

_FIELDS = {
    "title": "titles",
    "authors": "authors",
    "people": "names of persons as authors",
    "published": "dates",
    "minute": "times of publication",
    "images": "images",
    "language": "texts in the usual language",
}
_KINDS = {
    ChannelProblemKind.UNREACHABLE: (FindingKind.UNREACHABLE, Severity.ERROR),
    ChannelProblemKind.DEAD: (FindingKind.CHANNEL_DEAD, Severity.WARNING),
    ChannelProblemKind.EMPTY: (FindingKind.LIST_EMPTY, Severity.ERROR),
    ChannelProblemKind.STALE: (FindingKind.CHANNEL_STALE, Severity.WARNING),
    ChannelProblemKind.OVERLAP: (FindingKind.LIST_OVERLAP, Severity.WARNING),
    ChannelProblemKind.LEFT: (FindingKind.ENTRIES_LEFT, Severity.WARNING),
}
_UNREADABLE = {
    FindingKind.EDITION_UNREADABLE: Severity.ERROR,
    FindingKind.ABSENCES_UNCONFIRMED: Severity.WARNING,
    FindingKind.ARTICLES_UNREADABLE: Severity.WARNING,
}
# What follows where an edition refuses us or does not answer.
_CAUSED = {FindingKind.OBSERVATIONS_FAILING, FindingKind.EDITION_UNREADABLE}
# Each of these causes fewer articles, so a low volume is then not reported as well.
_CAUSES = {FindingKind.UNREACHABLE, FindingKind.LIST_EMPTY, FindingKind.BLOCKED, FindingKind.CHANNEL_STALE}


def judge(sources: Iterable[SourceFacts], now: datetime, disk_facts: DiskFacts | None = None) -> Health:
    """The health of an archive at `now`: each source by its own history, and the disk if its facts are given."""
    return Health(
        now,
        tuple(source_health(facts, now) for facts in sources),
        disk(disk_facts, now) if disk_facts is not None else None,
    )


def source_health(facts: SourceFacts, now: datetime) -> SourceHealth:
    """The health of one source at `now`."""
    runs = facts.runs
    findings = [
        Finding(
            facts.source,
            None,
            t.kind,
            t.severity,
            t.since,
            _line(facts.source, None, t.words),
            t.measured,
            t.expected,
        )
        for t in health_runs.problems(runs, now)
    ]
    stopped = any(finding.kind is FindingKind.NO_RUN for finding in findings)
    editions = []
    for edition in facts.editions:
        health, found = _edition(facts, edition, now, stopped=stopped)
        editions.append(health)
        findings += found
    # All checks of a blocked or unreachable edition fail: report the cause only.
    kinds = {finding.kind for finding in findings}
    if kinds & {FindingKind.BLOCKED, FindingKind.UNREACHABLE}:
        findings = [finding for finding in findings if finding.kind not in _CAUSED]
    findings.sort(key=lambda finding: (finding.severity is Severity.WARNING, finding.edition or ""))
    early = not runs or all(edition.early for edition in editions)
    return SourceHealth(
        source=facts.source,
        status=_status(findings, early=early),
        last_run=runs[-1].record if runs else None,
        running=bool(runs) and runs[-1].alive,
        took=health_runs.took(runs),
        observations=dict(health_runs.latest_observations(runs)) if runs else {},
        editions=tuple(editions),
        findings=tuple(findings),
    )


def _status(findings: list[Finding], *, early: bool) -> HealthStatus:
    if any(finding.severity is Severity.ERROR for finding in findings):
        return HealthStatus.ERROR
    if findings:
        return HealthStatus.WARNING
    return HealthStatus.TOO_EARLY if early else HealthStatus.OK


def _edition(
    facts: SourceFacts, edition: EditionFacts, now: datetime, *, stopped: bool
) -> tuple[EditionHealth, list[Finding]]:
    good = max((c.last_good for c in edition.channels if c.last_good is not None), default=None)
    first = edition.first_read or now
    early = good is None or good - first < timedelta(days=volume.ENOUGH)
    seen = volume.volume(edition.hours, good or now, first, outages=_outages(facts))
    findings = [
        Finding(
            source=facts.source,
            edition=edition.edition,
            kind=kind,
            severity=severity,
            since=since,
            line=_line(facts.source, edition.edition, words),
            measured=measured,
            expected=expected,
            subject=subject,
        )
        for kind, severity, since, words, measured, expected, subject in (
            *_of_channels(edition),
            *_of_observations(facts, edition, stopped=stopped),
            *_of_articles(edition, first, early=early),
            *_of_hosts(edition, now),
            *_of_unreadable(facts, edition),
        )
    ]
    if seen.low is not None and not _CAUSES & {finding.kind for finding in findings}:
        low = seen.low
        much = "no articles" if low.count == 0 else f"{_many(low.count, 'article')}"
        line = f"{much} in {_many(low.days, 'day')}, usual are {low.expected:.0f}: is a list read that has moved?"
        severity = Severity.ERROR if low.count <= low.expected / 10 else Severity.WARNING
        findings.append(
            Finding(
                facts.source, edition.edition, FindingKind.VOLUME_LOW, severity, low.since,
                _line(facts.source, edition.edition, line), low.count, low.expected,
            )
        )  # fmt: skip
    due = edition.due
    lengths = [sample.length for sample in edition.samples[-50:]]
    return (
        EditionHealth(
            edition=edition.edition,
            early=early,
            articles=edition.articles,
            last_good=good or edition.last_good,
            day=seen.day,
            day_expected=seen.day_expected,
            week=seen.week,
            week_expected=seen.week_expected,
            filled=fields.filled(edition.samples),
            length=median(lengths) if lengths else None,
            due=due.number,
            late=due.late,
            lateness=max(0.0, (now - due.oldest).total_seconds()) if due.oldest else 0.0,
            unreadable=edition.unreadable.number,
            unreadable_since=edition.unreadable.since,
        ),
        findings,
    )


# Kind, severity, since, line without names, measured, expected, subject.
_Parts = tuple[FindingKind, Severity, datetime | None, str, float | None, float | None, str]


def _of_channels(edition: EditionFacts) -> Iterator[_Parts]:
    by_day: Counter[object] = Counter()
    for hour, count in edition.hours.items():
        by_day[hour.date()] += count
    for problem in channels.channels(edition.channels, by_day):  # type: ignore[arg-type]
        kind, severity = _KINDS[problem.kind]
        words = _channel_words(problem)
        yield kind, severity, problem.since, words, problem.measured, None, problem.url


def _channel_words(problem: ChannelProblem) -> str:
    name = f"{problem.channel.value} {_path(problem.url)}" if problem.channel is not None else ""
    since = _since(problem.since)
    if problem.kind is ChannelProblemKind.UNREACHABLE:
        return f"none of {_many(problem.of, 'channel')} has answered since {since} ({problem.outcome})"
    if problem.kind is ChannelProblemKind.DEAD:
        return f"{name} fails since {since} ({problem.outcome}, {_many(problem.measured, 'read')})"
    if problem.kind is ChannelProblemKind.EMPTY:
        return f"{name} has given no leads since {since} ({_many(problem.measured, 'read')}): layout changed?"
    if problem.kind is ChannelProblemKind.STALE:
        return f"{name} has shown nothing new since {since}, while {_many(problem.measured, 'article')} appeared: frozen?"
    if problem.kind is ChannelProblemKind.LEFT:
        return (
            f"{problem.measured} of {problem.of} entries of {name} are not taken since {since}: "
            "newscrawl coverage says why, with examples"
        )
    return (
        f"{problem.measured} of {problem.of} reads of {name} since {since} did not join the one before: "
        "articles may be missing, crawl more often"
    )


def _of_observations(facts: SourceFacts, edition: EditionFacts, *, stopped: bool) -> Iterator[_Parts]:
    observations, due = edition.observations, edition.due
    last = facts.runs[-1].record.started if facts.runs else None
    began = last - timedelta(days=1) if last is not None else None
    if observations.total >= BLOCKED_OF and 2 * observations.blocked >= observations.total:
        words = f"{observations.blocked} of {observations.total} checks were refused (403, 429 or a challenge): the outlet blocks the crawler"
        yield (
            FindingKind.BLOCKED,
            Severity.ERROR,
            began,
            words,
            observations.blocked / observations.total,
            0,
            "",
        )
    if observations.unconfirmed >= UNCONFIRMED_OF and 5 * observations.unconfirmed >= observations.total:
        words = f"{observations.unconfirmed} of {observations.total} checks wait for confirmation, other articles answered oddly as well: outage or redesign?"
        yield (
            FindingKind.OBSERVATIONS_UNCONFIRMED,
            Severity.WARNING,
            began,
            words,
            observations.unconfirmed,
            0,
            "",
        )
    capacity = health_runs.rechecks_a_day(facts.runs)
    if not stopped and due.late >= BULK and due.late > BEHIND_DAYS * capacity and due.oldest is not None:
        words = (
            f"{due.late} re-checks are more than a day late, the oldest since {_since(due.oldest)}; "
            f"a day brings {capacity:.0f}: raise the budget"
        )
        yield (
            FindingKind.RECHECKS_OVERDUE,
            Severity.WARNING,
            due.oldest,
            words,
            due.late,
            capacity,
            "",
        )


def _of_articles(edition: EditionFacts, first: datetime, *, early: bool) -> Iterator[_Parts]:
    gone = sorted(edition.absences)
    if gone:
        since = gone[-1] - timedelta(days=BULK_DAYS)
        now = [at for at in gone if at > since]
        usual = (len(gone) - len(now)) / (volume.WEEKS * 7 / BULK_DAYS)
        if len(now) >= BULK + 3 * usual:
            words = f"{len(now)} articles were found absent since {_since(now[0])}: a purge, or was the site rebuilt?"
            yield FindingKind.REMOVALS_BULK, Severity.WARNING, now[0], words, len(now), usual, ""
    parts = [sample for sample in edition.samples if sample.part]
    if parts:
        words = (
            f"{len(parts)} of {_many(len(edition.samples), 'article')} are spread over several pages, of which one is read: "
            "the text and the edits on the others are not archived"
        )
        yield FindingKind.PAGES_UNREAD, Severity.WARNING, parts[0].at, words, len(parts), 0, ""
    if early:
        return
    for broken in fields.missing(edition.samples):
        if broken.since < first:
            continue  # older than the archive itself
        serious = broken.field in ("title", "published")
        words = (
            f"{_FIELDS[broken.field]} missing since {_since(broken.since)} ({broken.hits} of {broken.after}, "
            f"before {broken.hits_before} of {broken.before}): layout changed?"
        )
        severity = Severity.ERROR if serious else Severity.WARNING
        measured, expected = broken.hits / broken.after, broken.hits_before / broken.before
        yield FindingKind.FIELD_MISSING, severity, broken.since, words, measured, expected, broken.field
    length = fields.cut(edition.samples)
    if length is not None and length.since >= first:
        how = "shorter" if length.median < length.median_before else "longer"
        words = (
            f"texts are {how} since {_since(length.since)} (median {length.median:.0f} characters, "
            f"before {length.median_before:.0f}): layout changed?"
        )
        yield (
            FindingKind.BODY_LENGTH,
            Severity.WARNING,
            length.since,
            words,
            length.median,
            length.median_before,
            "",
        )
    ticking = fields.volatile(edition.samples)
    if ticking is not None and ticking.since >= first:
        words = f"{ticking.after - ticking.hits} of {ticking.after} articles since {_since(ticking.since)} change at nearly every check: a counter in the text?"
        share, before = 1 - ticking.hits / ticking.after, 1 - ticking.hits_before / ticking.before
        yield FindingKind.VOLATILE, Severity.WARNING, ticking.since, words, share, before, ""


def _of_hosts(edition: EditionFacts, now: datetime) -> Iterator[_Parts]:
    for host in validators.caught(edition.caught, now):
        words = (
            f"{_many(host.times, 'time')} since {_since(host.first)} the validators (ETag, Last-Modified) of {host.host} called "
            f'a changed page not modified, last {_path(host.url)}: its "not modified" (304) is not believed'
        )
        yield FindingKind.FALSE_VALIDATORS, Severity.WARNING, host.first, words, host.times, 0, host.host


def _of_unreadable(facts: SourceFacts, edition: EditionFacts) -> Iterator[_Parts]:
    found = unreadable.problems(edition.unreadable, facts.runs[-1].record.started if facts.runs else None)
    for kind, severity in _UNREADABLE.items():
        if (problem := found.get(kind)) is not None:
            yield kind, severity, problem.since, problem.words, problem.number, 0, ""


def _outages(facts: SourceFacts) -> list[tuple[datetime, datetime]]:
    """Pauses between crawls that are more than twice as long as usual."""
    usual = health_runs.longest_pause(facts.runs)
    starts = [run.record.started for run in facts.runs if run.record.exit_code not in health_runs.BROKEN]
    return [(a, b) for a, b in pairwise(starts) if usual is not None and b - a > 2 * usual]


def _line(source: str, edition: str | None, words: str) -> str:
    name = f"{source} {edition}" if edition else source
    return " ".join(f"{name}: {words}".split())[:400]


def _since(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
