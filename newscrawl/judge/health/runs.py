"""Whether the crawls of a source start on schedule, finish, and do their work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from newscrawl.judge.health.chance import likeness, quantile, share_at_most
from newscrawl.judge.health.redesign import redesign_in
from newscrawl.model.health import FindingKind, RunFact, Severity
from newscrawl.model.ledger import VerdictKind

# The fewest runs, on more than one day, that show a rhythm.
RHYTHM = 5
# Twice the longest usual pause: one run may be skipped because the previous one took long.
PAUSES = 2
SHORTEST = timedelta(hours=2)
# Three failures in a row, or two half a day apart. If the outlet does not answer, only the latter counts: most
# outages end by themselves.
IN_A_ROW, APART = 3, timedelta(hours=12)
NO_ANSWER = 3
BROKEN = {1, NO_ANSWER, 7}  # exit codes with nothing crawled: a bug, no answer, no archive
# Killed crawls among the latest that are reported; a restart of the machine kills one.
KILLED, AMONG = 3, 20
# Latest crawls whose median duration is compared with the interval between them; beyond this share of it the next
# run is soon locked out.
LATEST, FULL = 10, 0.9
# Clocks of machines that share an archive differ by seconds only.
CLOCK = timedelta(minutes=5)
# For comparing days: the fewest earlier days, the probability that counts as unlikely, the least correlation, and the
# fewest observations.
DAYS_BEFORE, UNLIKELY, ALIKE, LEAST = 7, 1e-6, 0.05, 10

REDESIGN_SHOWN = timedelta(days=3)

_COUNTED = {kind.value for kind in VerdictKind} - {VerdictKind.DEFERRED.value, VerdictKind.PROBE.value}
_RECHECKS = {
    kind.value
    for kind in (
        VerdictKind.CHANGED, VerdictKind.UNCHANGED, VerdictKind.NOT_MODIFIED, VerdictKind.RETURNED, VerdictKind.ABSENT,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunProblem:
    """What is wrong with the runs of a source.

    `measured` and `expected` are in the unit of the kind; `words` say it without naming the source.
    """

    kind: FindingKind
    severity: Severity
    since: datetime | None
    measured: float
    expected: float | None
    words: str


def longest_pause(runs: Sequence[RunFact]) -> timedelta | None:
    """The longest usual pause between two crawls; None without a rhythm.

    It is the longest pause of a day that only one day in ten exceeds: so a nightly pause and a weekend are
    usual, and a day on which the machine was off is not.
    """
    starts = [run.record.started for run in runs]
    if len(starts) < RHYTHM or len({start.date() for start in starts}) < 2:
        return None
    by_day: dict[date, float] = {}
    for before, after in pairwise(starts):
        pause = (after - before).total_seconds()
        by_day[after.date()] = max(by_day.get(after.date(), 0.0), pause)
    return timedelta(seconds=quantile(list(by_day.values()), 0.9))


def problems(runs: Sequence[RunFact], now: datetime) -> list[RunProblem]:
    """What is wrong with the crawls of a source, oldest first."""
    if not runs:
        return []
    checks = (_no_run, _failing, _killed, _slow, _clock)
    found = [problem for check in checks if (problem := check(runs, now)) is not None]
    failing = lambda counts: counts[VerdictKind.FAILED.value]  # noqa: E731
    found += _more(runs, FindingKind.OBSERVATIONS_FAILING, failing, "checks came to nothing")
    if refused := _more(runs, FindingKind.PAGES_REFUSED, _refused, "new pages were no articles", of=_new):
        found += refused
    return [*found, *_redesigns(runs, now)]


def _redesigns(runs: Sequence[RunFact], now: datetime) -> list[RunProblem]:
    """The last redesign, for as long as a person may want to look at the first pages of the new layout."""
    for run in reversed(runs):
        if run.record.started < now - REDESIGN_SHOWN:
            break
        found = redesign_in(run.record.started, run.counts)
        if found is not None:
            number = found.layouts
            words = (
                f"{number} article{'' if number == 1 else 's'} came in another layout in the run of {run.record.started:%Y-%m-%d %H:%M} UTC; "
                "only what both pages show is recorded as an edit"
            )
            return [
                RunProblem(FindingKind.REDESIGN, Severity.WARNING, run.record.started, number, None, words)
            ]
    return []


def rechecks_a_day(runs: Sequence[RunFact]) -> float:
    """How many re-checks a day the crawls of the last week made."""
    if not runs:
        return 0.0
    since = runs[-1].record.started - timedelta(days=7)
    recent = [run for run in runs if run.record.started > since]
    days = max(1.0, (runs[-1].record.started - recent[0].record.started) / timedelta(days=1))
    return sum(run.counts.get(kind, 0) for run in recent for kind in _RECHECKS) / days


def latest_observations(runs: Sequence[RunFact]) -> Counter[str]:
    """Verdicts by kind of the crawls that began within a day before the last one."""
    total: Counter[str] = Counter()
    for run in runs:
        if run.record.started > runs[-1].record.started - timedelta(days=1):
            total.update(run.counts)
    return total


def took(runs: Sequence[RunFact], among: int = LATEST) -> float | None:
    """The median duration of the latest crawls, in seconds."""
    records = [run.record for run in runs[-among:]]
    seconds = [(record.finished - record.started).total_seconds() for record in records if record.finished]
    return median(seconds) if seconds else None


def _no_run(runs: Sequence[RunFact], now: datetime) -> RunProblem | None:
    pause, last = longest_pause(runs), runs[-1]
    if pause is None or last.alive:
        return None
    waited = now - max(last.record.started, last.record.finished or last.record.started)
    if waited <= max(PAUSES * pause, SHORTEST):
        return None
    words = f"no crawl for {span(waited)}, the longest pause was {span(pause)}: is cron running?"
    return RunProblem(
        FindingKind.NO_RUN,
        Severity.ERROR,
        last.record.started,
        waited.total_seconds(),
        pause.total_seconds(),
        words,
    )


def _failing(runs: Sequence[RunFact], now: datetime) -> RunProblem | None:  # noqa: ARG001
    ended = [run.record for run in runs if run.record.exit_code is not None]
    row = 0
    while row < len(ended) and ended[-1 - row].exit_code in BROKEN:
        row += 1
    apart = row >= 2 and ended[-1].started - ended[-row].started >= APART
    if apart or (row >= IN_A_ROW and any(record.exit_code != NO_ANSWER for record in ended[-row:])):
        words = f"the last {row} crawls failed (exit code {ended[-1].exit_code}): {ended[-1].reason or ''}"
        return RunProblem(FindingKind.RUNS_FAILING, Severity.ERROR, ended[-row].started, row, 0, words)
    fine = [record.exit_code == 0 for record in ended]
    row = 0
    while row < len(fine) and not fine[-1 - row]:
        row += 1
    before = fine[: len(fine) - row]
    if row < IN_A_ROW or len(before) < 2 * LATEST:
        return None
    # A list that has always failed now and then is not reported.
    share = (sum(before) + 0.5) / (len(before) + 1)
    if share_at_most(0, row, share, max(ALIKE, likeness(before))) >= UNLIKELY:
        return None
    if ended[-1].started - ended[-row].started < APART:
        return None  # half-hourly runs count one outage many times
    words = f"none of the last {row} crawls was all right (exit code {ended[-1].exit_code}): {ended[-1].reason or ''}"
    return RunProblem(FindingKind.RUNS_FAILING, Severity.WARNING, ended[-row].started, row, 0, words)


def _killed(runs: Sequence[RunFact], now: datetime) -> RunProblem | None:  # noqa: ARG001
    latest = [run for run in runs[-AMONG:] if not run.alive]
    killed = [
        run.record for run in latest if run.record.finished is None or run.record.reason == "interrupted"
    ]
    if len(killed) < KILLED:
        return None
    words = f"{len(killed)} of the last {len(latest)} crawls did not come to their end: killed, out of memory, or the machine restarted?"
    return RunProblem(FindingKind.RUNS_KILLED, Severity.WARNING, killed[0].started, len(killed), 0, words)


def _slow(runs: Sequence[RunFact], now: datetime) -> RunProblem | None:  # noqa: ARG001
    latest = [run.record for run in runs[-LATEST - 1 :]]
    pauses = [(b.started - a.started).total_seconds() for a, b in pairwise(latest)]
    lasting = took(runs)
    if len(pauses) < LATEST or lasting is None or lasting < FULL * median(pauses):
        return None
    earlier = took(runs[:-LATEST], among=len(runs))
    if earlier is not None and lasting < 2 * earlier:
        return None  # nothing new: the crawls have always followed each other without a pause
    words = f"crawls take {span(timedelta(seconds=lasting))} and begin every {span(timedelta(seconds=median(pauses)))}: the next one is locked out"
    return RunProblem(
        FindingKind.RUNS_SLOW, Severity.WARNING, latest[1].started, lasting, median(pauses), words
    )


def _clock(runs: Sequence[RunFact], now: datetime) -> RunProblem | None:
    ahead = [run.record.started for run in runs if run.record.started > now + CLOCK]
    if ahead:
        by = max(ahead) - now
        words = (
            f"{len(ahead)} crawls began up to {span(by)} in the future: was the clock wrong, or is it now?"
        )
        return RunProblem(FindingKind.CLOCK, Severity.WARNING, min(ahead), by.total_seconds(), 0, words)
    by_number = sorted((run.record for run in runs), key=lambda record: record.id)
    for before, after in pairwise(by_number):
        back = before.started - after.started
        if back > CLOCK and after.started > now - timedelta(days=1):
            words = f"the clock was set back by {span(back)} between two crawls"
            return RunProblem(
                FindingKind.CLOCK, Severity.WARNING, after.started, back.total_seconds(), 0, words
            )
    return None


def _more(
    runs: Sequence[RunFact],
    kind: FindingKind,
    part: Callable[[Counter[str]], int],
    words: str,
    of: Callable[[Counter[str]], int] | None = None,
) -> list[RunProblem]:
    """Whether a larger share of the observations than usual has this outcome, in the last day of crawling or three."""
    by_day: dict[int, Counter[str]] = {}
    last = runs[-1].record.started
    for run in runs:
        by_day.setdefault((last - run.record.started) // timedelta(days=1), Counter()).update(run.counts)
    total = of or _observations
    for length in (1, 3):
        now = [by_day[day] for day in by_day if day < length]
        before = [by_day[day] for day in by_day if day >= length]
        hits, tries = sum(map(part, now)), sum(map(total, now))
        had, had_of = sum(map(part, before)), sum(map(total, before))
        if len(before) < DAYS_BEFORE or tries < LEAST or had_of < LEAST:
            continue
        share = (had + 0.5) / (had_of + 1)
        daily = [part(counts) / total(counts) for counts in before if total(counts) >= LEAST]
        # It must be unlikely, more than on any earlier day, and at least twice the usual.
        if hits < tries * max([2 * share, 0.2, *daily]):
            continue
        if (
            share_at_most(tries - hits, tries, 1 - share, _alike(daily, share, had_of / len(before)))
            < UNLIKELY
        ):
            line = f"{hits} of {tries} {words} in the last {length * 24} hours, usual are {share:.0%}"
            since = last - timedelta(days=length)
            return [RunProblem(kind, Severity.WARNING, since, hits / tries, share, line)]
    return []


def _alike(daily: Sequence[float], share: float, tries: float) -> float:
    """The correlation of a day's observations: one outage fails all of them."""
    by_chance = share * (1 - share)
    if len(daily) < 3 or by_chance <= 0 or tries <= 1:
        return ALIKE
    varies = sum((value - share) ** 2 for value in daily) / (len(daily) - 1)
    return min(0.9, max(ALIKE, (varies * tries / by_chance - 1) / (tries - 1)))


def _observations(counts: Counter[str]) -> int:
    return sum(number for kind, number in counts.items() if kind in _COUNTED)


def _refused(counts: Counter[str]) -> int:
    return counts[VerdictKind.NOT_ARTICLE.value]


def _new(counts: Counter[str]) -> int:
    return counts[VerdictKind.NOT_ARTICLE.value] + counts[VerdictKind.NEW.value]


def span(time: timedelta) -> str:
    """A duration for people: "40 minutes", "5 hours", "3 days"."""
    seconds = time.total_seconds()
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size or (name == "minute"):
            number = round(seconds / size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return ""
