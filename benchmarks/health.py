"""How often `newscrawl health` raises false alarms, and how soon it finds a breakage.

    python benchmarks/health.py [YEARS] [OUTLETS]      with 0 years only the breakages

Made-up outlets with many rhythms publish for years, with weekends, holidays, a summer dip, news waves, agency nights, short
outages and a crawler that is off for a day or two; health is judged every day. Then each kind of breakage is scripted into
each outlet, and the days until it is found are counted. Everything is seeded.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median

from newscrawl.judge.health.report import source_health
from newscrawl.model.discovery import Channel
from newscrawl.model.health import (
    ChannelDay,
    ChannelFacts,
    Due,
    EditionFacts,
    FindingKind,
    Observations,
    RunFact,
    Sample,
    SourceFacts,
)
from newscrawl.model.reads import RunRecord

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2023, 3, 1, tzinfo=UTC)
# Day of the year, number of days, remaining share of the usual number of articles.
HOLIDAYS = (
    ((12, 31), 9, 0.35), ((3, 8), 1, 0.5), ((3, 21), 5, 0.4), ((5, 1), 1, 0.5), ((5, 7), 3, 0.45),
    ((6, 6), 1, 0.5), ((7, 6), 1, 0.5), ((8, 30), 1, 0.5), ((10, 25), 1, 0.5), ((12, 16), 2, 0.45),
)  # fmt: skip
RATES = (1, 1, 2, 2, 3, 4, 5, 7, 8, 10, 12, 15, 20, 25, 30, 40, 60, 90, 140, 200)
PAUSES = (24, 12, 6, 3, 3, 2)


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of an outlet: articles a weekday, shares at weekends and at night, shares of fields, and its crawls."""

    rate: float
    weekend: float
    growth: float  # a year
    unrest: float  # spread of days
    authors: float
    agency: float  # authors at night
    images: float
    pause: float  # hours between crawls
    failing: float
    refused: float


@dataclass(slots=True)
class Piece:
    """One article as it appears."""

    at: datetime
    sample: Sample


@dataclass(slots=True)
class Life:
    """Everything that happened to one outlet and its crawls, in order of time."""

    traits: Traits
    pieces: list[Piece] = field(default_factory=list)
    runs: list[RunFact] = field(default_factory=list)
    absences: list[datetime] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    off: set[int] = field(default_factory=set)  # days on which the crawler's machine went off


def traits(number: int) -> Traits:
    """The traits of outlet `number`."""
    chance = random.Random(f"traits {number}")
    return Traits(
        rate=RATES[number % len(RATES)],
        weekend=chance.uniform(0.15, 0.9),
        growth=chance.uniform(-0.15, 0.3),
        unrest=chance.uniform(0.1, 0.3),
        authors=chance.choice((0.98, 0.9, 0.7)),
        agency=chance.uniform(0.1, 0.9),
        images=chance.uniform(0.8, 1.0),
        pause=PAUSES[number % len(PAUSES)],
        failing=chance.uniform(0.0, 0.04),
        refused=chance.uniform(0.0, 0.1),
    )


def live(number: int, days: int) -> Life:
    """A healthy life of so many days."""
    chance, life = random.Random(f"life {number}"), Life(traits(number))
    _publish(life, chance, days)
    _break_down(life, chance, days)
    _crawl(life, chance, days)
    return life


def _publish(life: Life, chance: random.Random, days: int) -> None:
    one = life.traits
    wave = 0
    for number in range(days):
        day = START + number * DAY
        wave = max(0, wave - 1) or (3 if chance.random() < 0.01 else 0)
        rate = one.rate * (1 + one.growth) ** (number / 365) * _season(day.date())
        rate *= one.weekend if day.weekday() >= 5 else 1.0
        rate *= 1.6 if wave else 1.0
        rate *= chance.gammavariate(1 / one.unrest**2, one.unrest**2)
        agency_day = chance.random() < 0.05  # a day on which an agency's news are published unchanged
        for _ in range(_poisson(chance, rate)):
            at = day + chance.triangular(0, 24, 9) * HOUR
            night = at.hour < 3 or at.hour > 17
            person = chance.random() < (one.agency if night or agency_day else 1) * one.authors
            length = int(chance.lognormvariate(7.4 if person else 6.9, 0.6))
            life.pieces.append(
                Piece(
                    at,
                    Sample(
                        at=at, title=True, authors=person or chance.random() < 0.3, people=person,
                        published=chance.random() < 0.995, minute=chance.random() < 0.99,
                        images=chance.random() < one.images, language="ru" if chance.random() < 0.99 else "en",
                        length=max(120, length), versions=1 + _poisson(chance, 0.3),
                    ),
                )
            )  # fmt: skip
        for _ in range(_poisson(chance, one.rate * 0.002)):
            life.absences.append(day + chance.uniform(0, 24) * HOUR)
    life.pieces.sort(key=lambda piece: piece.at)


def _season(day: date) -> float:
    factor = 1 - 0.25 * max(0.0, math.cos((day.timetuple().tm_yday - 205) / 40 * math.pi / 2)) * (
        abs(day.timetuple().tm_yday - 205) < 40
    )
    for (month, first), length, left in HOLIDAYS:
        for year in (day.year - 1, day.year):
            if 0 <= (day - date(year, month, first)).days < length:
                factor *= left
    return factor


def _break_down(life: Life, chance: random.Random, days: int) -> None:
    """Outages of the site for some hours, five a year; the crawler's machine is off for a day or two once a year."""
    for number in range(days):
        if chance.random() < 5 / 365:
            began = START + number * DAY + chance.uniform(0, 24) * HOUR
            life.outages.append((began, began + chance.uniform(0.5, 8) * HOUR))


def _crawl(life: Life, chance: random.Random, days: int) -> None:
    one = life.traits
    life.off = off = {chance.randrange(365 * year + 30, 365 * (year + 1)) for year in range(days // 365 + 1)}
    at, end, number, place = START, START + days * DAY, 0, 0
    fails: tuple[int, float] = (-1, 0.0)
    while at < end:
        day = (at - START).days
        if day in off:
            at += chance.uniform(1, 2) * DAY
            continue
        if fails[0] != day:  # some days are worse than others
            fails = day, chance.betavariate(2, 2 / max(one.failing, 0.005) - 2)
        new = bisect_right(life.pieces, at, lo=place, key=lambda piece: piece.at) - place
        place += new
        down = any(began <= at < until for began, until in life.outages)
        observations = min(200, max(20, new)) if not down else 0
        failed = _binomial(chance, new + observations, fails[1])
        counts = {"new": new, "unchanged": max(0, observations - failed), "failed": failed + 3 * down}
        counts["not_article"] = _binomial(chance, new, one.refused)
        code = 3 if down else 4 if chance.random() < 0.01 else 0
        finished = at + timedelta(minutes=chance.uniform(2, 4) + (new + observations) / 60)
        life.runs.append(RunFact(RunRecord(number, at, finished, code, "finished"), counts))
        number += 1
        at += one.pause * HOUR + timedelta(seconds=chance.uniform(0, 60))


def _poisson(chance: random.Random, rate: float) -> int:
    if rate > 50:
        return max(0, round(chance.gauss(rate, math.sqrt(rate))))
    limit, number, product = math.exp(-rate), 0, chance.random()
    while product > limit:
        number += 1
        product *= chance.random()
    return number


def _binomial(chance: random.Random, tries: int, share: float) -> int:
    return sum(chance.random() < share for _ in range(tries))


# --- what the archive would know ---------------------------------------------------------------


@dataclass(slots=True)
class Known:
    """The facts of an outlet as an archive would return them at any instant."""

    life: Life
    empty_from: datetime | None = None
    dead_from: datetime | None = None
    blocked_from: datetime | None = None
    late: Callable[[datetime], int] = lambda _: 0
    _times: list[datetime] = field(init=False)
    _starts: list[datetime] = field(init=False)
    _hours: dict[datetime, int] = field(init=False)
    _order: list[datetime] = field(init=False)
    _reads: dict[date, int] = field(init=False)

    def __post_init__(self) -> None:
        self._times = [piece.at for piece in self.life.pieces]
        self._starts = [run.record.started for run in self.life.runs]
        self._hours = Counter(at.replace(minute=0, second=0, microsecond=0) for at in self._times)
        self._order = sorted(self._hours)
        self._reads = Counter(start.date() for start in self._starts)

    def facts(self, now: datetime) -> SourceFacts:
        """What is known at `now`."""
        runs = self.life.runs[bisect_left(self._starts, now - 28 * DAY) : bisect_right(self._starts, now)]
        pieces = self.life.pieces[bisect_left(self._times, now - 70 * DAY) : bisect_right(self._times, now)]
        step = max(1, len(pieces) // 200)
        latest = len(pieces) - 100
        samples = tuple(p.sample for i, p in enumerate(pieces) if i >= latest or i % step == 0)
        last = runs[-1].record.started if runs else now
        good = next((r.record.started for r in reversed(runs) if r.record.exit_code != 3), None)
        edition = EditionFacts(
            edition="ru",
            first_read=START,
            hours=self._window(now),
            samples=samples,
            channels=tuple(self._channels(now, last, good)),
            observations=self._observations(last),
            absences=tuple(at for at in self.life.absences if now - 59 * DAY < at <= now),
            articles=bisect_right(self._times, now),
            due=Due(late=self.late(now), oldest=now - 9 * DAY),
        )
        return SourceFacts("outlet", tuple(runs), (edition,))

    def _window(self, now: datetime) -> Mapping[datetime, int]:
        end = now.replace(minute=0, second=0, microsecond=0)
        found: dict[datetime, int] = {}
        for first, last in ((85, 0), (452, 360)):
            begin, stop = (bisect_left(self._order, end - days * DAY) for days in (first, last))
            found.update((hour, self._hours[hour]) for hour in self._order[begin:stop])
        return found

    def _channels(self, now: datetime, last: datetime, good: datetime | None) -> Iterator[ChannelFacts]:
        for channel, url, broken in (
            (Channel.LISTING, "https://outlet.example/", self.empty_from),
            (Channel.FEED, "https://outlet.example/feed", self.dead_from),
        ):
            began = [start for start in self._starts[-4000:] if broken is not None and broken <= start <= now]
            empty = channel is Channel.LISTING and bool(began)
            first = self.blocked_from if self.blocked_from and self.blocked_from <= last else None
            bad = [s for s in self._starts if first <= s <= now] if first is not None else began
            yield ChannelFacts(
                channel, url, last, bad[0] - HOUR if bad else good,
                "forbidden" if first else "ok" if empty else "not_found" if bad else "ok",
                bad[0] if bad else None, len(bad), empty and first is None,
                tuple(self._days(now, bad[0].date() if bad else None)),
            )  # fmt: skip

    def _days(self, now: datetime, broken: date | None) -> Iterator[ChannelDay]:
        for back in range(27, -1, -1):
            day = (now - back * DAY).date()
            if reads := self._reads[day]:
                good = 0 if broken is not None and day >= broken else reads
                moved = good > 0 and any(
                    datetime(day.year, day.month, day.day, hour, tzinfo=UTC) in self._hours
                    for hour in range(24)
                )
                yield ChannelDay(day, reads, good, moved, joined=good)

    def _observations(self, last: datetime) -> Observations:
        recent = self.life.runs[bisect_left(self._starts, last - DAY) : bisect_right(self._starts, last)]
        total = sum(sum(run.counts.values()) for run in recent)
        blocked = self.blocked_from is not None and self.blocked_from <= last
        return Observations(total, total if blocked else 0, 0)


# --- breakages ---------------------------------------------------------------------------------


def _from(life: Life, at: datetime, change: Callable[[Sample], Sample]) -> Known:
    pieces = [replace_piece(p, change) if p.at >= at else p for p in life.pieces]
    return Known(replace(life, pieces=pieces))


def replace_piece(piece: Piece, change: Callable[[Sample], Sample]) -> Piece:
    """The piece with another sample."""
    return Piece(piece.at, change(piece.sample))


def _without(life: Life, at: datetime, share: float) -> Life:
    chance = random.Random(7)
    return replace(life, pieces=[p for p in life.pieces if p.at < at or chance.random() >= share])


def _stopped(life: Life, at: datetime) -> Known:
    return Known(replace(life, runs=[run for run in life.runs if run.record.started < at]))


def _blocked(life: Life, at: datetime) -> Known:
    runs = [
        run if run.record.started < at else
        replace(run, counts={"failed": 20}, record=replace(run.record, exit_code=3, reason="nothing could be fetched"))
        for run in life.runs
    ]  # fmt: skip
    return Known(replace(_without(life, at, 1), runs=runs), blocked_from=at)


BREAKAGES: dict[str, tuple[FindingKind, Callable[[Life, datetime], Known]]] = {
    "authors vanish": (
        FindingKind.FIELD_MISSING,
        lambda life, at: _from(life, at, lambda s: replace(s, authors=False, people=False)),
    ),
    "persons replaced by the outlet": (
        FindingKind.FIELD_MISSING,
        lambda life, at: _from(life, at, lambda s: replace(s, authors=True, people=False)),
    ),
    "dates vanish": (
        FindingKind.FIELD_MISSING,
        lambda life, at: _from(life, at, lambda s: replace(s, published=False, minute=False)),
    ),
    "times of day vanish": (
        FindingKind.FIELD_MISSING,
        lambda life, at: _from(life, at, lambda s: replace(s, minute=False)),
    ),
    "bodies halved": (
        FindingKind.BODY_LENGTH,
        lambda life, at: _from(life, at, lambda s: replace(s, length=s.length // 2)),
    ),
    "a counter in the text": (
        FindingKind.VOLATILE,
        lambda life, at: _from(life, at, lambda s: replace(s, versions=12)),
    ),
    "list gives no leads": (FindingKind.LIST_EMPTY, lambda life, at: Known(life, empty_from=at)),
    "feed dies": (FindingKind.CHANNEL_DEAD, lambda life, at: Known(life, dead_from=at)),
    "everything 403": (FindingKind.BLOCKED, _blocked),
    "half the volume lost": (FindingKind.VOLUME_LOW, lambda life, at: Known(_without(life, at, 0.5))),
    "all volume lost": (FindingKind.VOLUME_LOW, lambda life, at: Known(_without(life, at, 1))),
    "re-checks pile up": (
        FindingKind.RECHECKS_OVERDUE,
        lambda life, at: Known(life, late=lambda now: int(max(0.0, (now - at) / DAY) * 200)),
    ),
    "cron stops": (FindingKind.NO_RUN, _stopped),
}


def found_after(life: Life, breakage: str, at: datetime, days: int = 45, hours: int = 6) -> float | None:
    """Days from a breakage at `at` until it is found, judged every so many hours; None if never."""
    kind, build = BREAKAGES[breakage]
    known = build(life, at)
    already = {finding.key for finding in source_health(Known(life).facts(at), at).findings}
    for step in range(1, days * 24 // hours + 1):
        now = at + step * hours * HOUR
        keys = [f.key for f in source_health(known.facts(now), now).findings if f.kind is kind]
        if any(key not in already for key in keys):
            return step * hours / 24
    return None


def false_findings(number: int, days: int, step: int = 1) -> list[tuple[int, str, str]]:
    """The false alarms of a healthy outlet: day, key and line of each alarm, once for each time it appears anew."""
    known = Known(life := live(number, days))
    before: dict[str, int] = {}
    found = []
    for day in range(1, days, step):
        now = START + day * DAY + 17 * HOUR
        for finding in source_health(known.facts(now), now).findings:
            if finding.kind is FindingKind.NO_RUN and life.off & set(range(day - 4, day + 1)):
                continue  # true: the machine is off
            if day - before.get(finding.key, -99) > 7:  # an alarm that comes and goes is one alarm
                found.append((day, finding.key, finding.line))
            before[finding.key] = day
    return found


def false_alarms(years: int, outlets: int) -> None:
    """Prints the false alarms of healthy outlets."""
    began = time.perf_counter()
    kinds: Counter[str] = Counter()
    worst = 0
    print(f"Healthy outlets, {years} years each, judged daily: false findings")
    for number in range(outlets):
        found = false_findings(number, 365 * years)
        kinds.update(key.split(" ", 1)[1] for _, key, _ in found)
        by_year = Counter(day // 365 for day, _, _ in found)
        worst = max([worst, *by_year.values()])
        print(
            f"  outlet {number:2}  {traits(number).rate:5} a day  {len(found)} ({len(found) / years:.2f} a year)",
            flush=True,
        )
        for day, _, line in found:
            print(f"      {START + day * DAY:%Y-%m-%d} {line}")
    mean = sum(kinds.values()) / years / outlets
    print(
        f"{mean:.2f} a source and year, {worst} in the worst of them; by kind: {dict(kinds)}; {time.perf_counter() - began:.0f} s"
    )


def detection(outlets: int) -> None:
    """Prints how soon breakages are found."""
    began = time.perf_counter()
    print(
        "Breakages: days until found, outlet by outlet from one to two hundred articles a day (- : not in 45 days)"
    )
    histories = [live(number, 260) for number in range(outlets)]
    for name in BREAKAGES:
        days = [found_after(life, name, START + 200 * DAY + 5 * HOUR) for life in histories]
        known = [value for value in days if value is not None]
        listed = " ".join(f"{'-' if value is None else f'{value:g}'}" for value in days)
        middle = f"{median(known):g}" if known else "-"
        print(f"  {name:32} median {middle:>5}  found {len(known)} of {len(days)}: {listed}", flush=True)
    print(f"{time.perf_counter() - began:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("years", type=int, nargs="?", default=3)
    parser.add_argument("outlets", type=int, nargs="?", default=20)
    options = parser.parse_args()
    years, outlets = options.years, options.outlets
    if years:
        false_alarms(years, outlets)
    detection(outlets)


if __name__ == "__main__":
    main()
