"""Judging health: what is reported of a source and what is not, by its own history. Values only, no archive."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from newscrawl.judge.health import chance, channels, fields as health_fields, runs as health_runs
from newscrawl.judge.health.disk import disk, size
from newscrawl.judge.health.report import judge, source_health
from newscrawl.judge.health.volume import volume
from newscrawl.model.coverage import LeftEntries
from newscrawl.model.discovery import Channel, EntryOutcome as E
from newscrawl.model.health import (
    ChannelDay,
    ChannelFacts,
    DiskFacts,
    Due,
    EditionFacts,
    FindingKind,
    HealthStatus,
    Observations,
    RunFact,
    Sample,
    Severity,
    SourceFacts,
)
from newscrawl.model.reads import RunRecord

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)  # a Monday
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def _benchmark():
    """The made-up outlets of the benchmark."""
    path = Path(__file__).parents[2] / "benchmarks" / "health.py"
    spec = importlib.util.spec_from_file_location("benchmark_health", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


benchmark = _benchmark()


# --- how likely by chance ---


@pytest.mark.parametrize(
    ("count", "expected", "spread", "likely"),
    [
        pytest.param(0, 3.0, 0.0, math.exp(-3), id="nothing, by Poisson"),
        pytest.param(1, 2.0, 0.0, 3 * math.exp(-2), id="one, by Poisson"),
        pytest.param(0, 4.0, 1.0, 1 / 5, id="nothing, geometric"),
        pytest.param(2, 1.0, 1.0, 1 - 0.5**3, id="up to two, geometric"),
        pytest.param(5, 0.0, 0.1, 1.0, id="nothing is usual"),
    ],
)
def test_few_by_chance(count, expected, spread, likely):
    """The tail of counts is that of the textbooks."""
    assert chance.count_at_most(count, expected, spread) == pytest.approx(likely)


def test_shares_by_chance():
    """Independent tries (hardly alike) are binomial; with uniform shares (alike by a third) every number is as likely."""
    assert chance.share_at_most(1, 4, 0.5, 1e-9) == pytest.approx(5 / 16, rel=1e-4)
    assert chance.share_at_most(2, 9, 0.5, 1 / 3) == pytest.approx(3 / 10)


@given(st.integers(0, 60), st.floats(0.1, 2000), st.floats(0.0, 1.0))
def test_tails_are_probabilities_that_grow(count, expected, spread):
    """More articles are never less likely to be exceeded, and nothing leaves 0 to 1."""
    one, more = (chance.count_at_most(n, expected, spread) for n in (count, count + 1))
    assert 0 <= one <= more + 1e-12 <= 1 + 2e-12


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_middle_mean_lies_within(values):
    """A mean of the middle is no larger than the largest and no smaller than the smallest."""
    assert min(values) - 1e-6 <= chance.middle_mean(values) <= max(values) + 1e-6


def test_ranks_tell_which_way():
    """Shorter texts rank below, equal ones nowhere."""
    assert chance.shifted([10.0] * 20, [1.0] * 20) < -5
    assert chance.shifted([1.0, 2.0] * 10, [1.0, 2.0] * 10) == 0


# --- how many articles ---


def days(*counts: int, end: datetime = NOW) -> dict[datetime, int]:
    """So many articles in the last 24 hours, the 24 hours before, …"""
    return {end - DAY * back - 5 * HOUR: count for back, count in enumerate(counts)}


WEEKDAYS = [20, 5, 6, 22, 21, 19, 20]  # back from a Monday noon: Sunday and Saturday are the quiet ones


@pytest.mark.parametrize(
    ("counts", "low"),
    [
        pytest.param(WEEKDAYS * 12, None, id="as ever"),
        pytest.param([0, *(WEEKDAYS * 12)[1:]], 1, id="a working day without any"),
        pytest.param([20, 1, *(WEEKDAYS * 12)[2:]], None, id="a quiet Sunday"),
        pytest.param([4, *(WEEKDAYS * 12)[1:]], None, id="a holiday"),
        pytest.param([n // 3 for n in WEEKDAYS[:5]] + (WEEKDAYS * 12)[5:], None, id="five days of Nauryz"),
        pytest.param([n // 2 for n in WEEKDAYS * 2] + WEEKDAYS * 10, 14, id="half for a fortnight"),
        pytest.param([round(n * 0.75) for n in WEEKDAYS * 4] + WEEKDAYS * 8, None, id="a summer dip"),
        pytest.param([2 * n for n in WEEKDAYS * 2] + WEEKDAYS * 10, None, id="twice as many"),
        pytest.param([0, 1, 0, 2, 1, 1, 1] * 12, None, id="one a day, none today"),
        pytest.param([0] * 7 + [1, 1, 2, 0, 1, 1, 1] * 11, None, id="one a day, a week of nothing"),
        pytest.param([0] * 28 + [1, 1, 2, 0, 1, 1, 1] * 8, 28, id="one a day, four weeks of nothing"),
        pytest.param([0] * 84, None, id="never any"),
    ],
)
def test_volume(counts, low):
    """Few articles are reported where neither chance nor a holiday explains them; over so many days."""
    found = volume(days(*counts), NOW, NOW - 200 * DAY)
    assert (found.low.days if found.low else None) == low


def test_season_of_last_year():
    """What was as quiet a year before is expected to be."""
    quiet = [n // 4 for n in WEEKDAYS * 2] + WEEKDAYS * 10
    once = volume(days(*quiet), NOW, NOW - 200 * DAY)
    every_year = days(*quiet) | days(*quiet, end=NOW - 364 * DAY)
    assert once.low is not None
    assert volume(every_year, NOW, NOW - 900 * DAY).low is None


def test_volume_too_early():
    """With less than two weeks of history nothing is expected; what lists showed of the time before is no history."""
    found = volume(days(0, *[30] * 60), NOW, NOW - 13 * DAY)
    assert (found.day_expected, found.week_expected, found.low) == (None, None, None)
    assert volume(days(0, *[30] * 60), NOW, NOW - 30 * DAY).low is not None


def test_outage_of_ours_is_no_volume():
    """Days on which nothing was crawled are a gap, not fewer articles."""
    lost = days(0, *(WEEKDAYS * 12)[1:])
    assert volume(lost, NOW, NOW - 90 * DAY, outages=[(NOW - 2 * DAY, NOW - 12 * HOUR)]).low is None
    assert volume(lost, NOW, NOW - 90 * DAY, outages=[(NOW - 5 * DAY, NOW - 3 * DAY)]).low is not None


# --- what articles hold ---


def sample(number: int, **fields) -> Sample:
    """A whole article, five hours after the one of the number before."""
    whole = Sample(
        at=NOW - 70 * DAY + 5 * HOUR * number, title=True, authors=True, people=True, published=True, minute=True, images=True,
        language="kk", length=2000 + 137 * (number % 11), versions=1,
    )  # fmt: skip
    return replace(whole, **fields)


def samples(count: int = 300, broken: int = 0, **fields) -> list[Sample]:
    """So many articles, the last `broken` of them with these fields."""
    return [sample(n, **(fields if n >= count - broken else {})) for n in range(count)]


@pytest.mark.parametrize(
    ("broken", "fields", "found"),
    [
        pytest.param(0, {}, [], id="whole"),
        pytest.param(2, {"authors": False}, [], id="two without author"),
        pytest.param(
            8, {"authors": False, "people": False}, [("authors", 0, 8, 292, 292)], id="authors vanish"
        ),
        pytest.param(
            8, {"people": False}, [("people", 0, 8, 292, 292)], id="the outlet named instead of persons"
        ),
        pytest.param(
            9, {"published": False, "minute": False}, [("published", 0, 9, 291, 291)], id="dates vanish"
        ),
        pytest.param(9, {"minute": False}, [("minute", 0, 9, 291, 291)], id="days instead of minutes"),
        pytest.param(7, {"title": False}, [("title", 0, 7, 293, 293)], id="titles vanish"),
        pytest.param(7, {"images": False}, [("images", 0, 7, 293, 293)], id="images vanish"),
        pytest.param(7, {"language": "ru"}, [("language", 0, 7, 293, 293)], id="another language"),
        pytest.param(150, {"images": False}, [("images", 0, 150, 150, 150)], id="for a month"),
    ],
)
def test_missing_fields(broken, fields, found):
    """A field that vanished is reported with its beginning and figures, a consequence of it is not reported again."""
    told = health_fields.missing(samples(broken=broken, **fields))
    assert [(b.field, b.hits, b.after, b.hits_before, b.before) for b in told] == found
    assert all(b.since == sample(300 - broken).at for b in told)


def test_rare_field_is_not_missed():
    """An outlet that names an author one time in three may leave it out ten times."""
    mixed = [sample(n, authors=n % 3 == 0 and n < 290, people=n % 3 == 0 and n < 290) for n in range(300)]
    assert health_fields.missing(mixed) == []


def test_day_of_agency_news():
    """Most of a day's articles without a person, and some with one: not a new layout."""
    mixed = [
        replace(sample(n), at=NOW - (300 - n) * 30 * MINUTE, people=n < 270 or n % 5 == 0) for n in range(300)
    ]
    assert health_fields.missing(mixed) == []


@pytest.mark.parametrize(
    ("length", "broken", "found"),
    [(1000, 40, True), (1000, 3, False), (2600, 40, False), (9000, 40, True), (2000, 40, False)],
)
def test_lengths(length, broken, found):
    """Texts cut to less than three fifths are reported, and texts that swell; a few short ones are not."""
    told = health_fields.cut(samples(broken=broken, length=length))
    assert (told is not None) == found
    if told is not None:
        assert told.median == length


def test_counter_in_the_text():
    """Articles that begin to change at every check."""
    assert health_fields.volatile(samples(broken=12, versions=20)).since == sample(288).at
    assert health_fields.volatile(samples(broken=0)) is None


def test_few_articles_say_nothing():
    """Without twenty earlier articles there is nothing to compare with."""
    assert health_fields.missing(samples(24, broken=10, title=False)) == []
    assert health_fields.missing([]) == []
    assert health_fields.filled([]) == {}


# --- lists, feeds, sitemaps ---

FRONT, FEED = "https://bereke.example/", "https://bereke.example/feed/"


def channel(url: str = FRONT, kind: Channel = Channel.LISTING, **fields) -> ChannelFacts:
    """A channel that is read every hour and moves every day."""
    days = tuple(ChannelDay((NOW - back * DAY).date(), 24, 24, True, 20, 0) for back in range(27, -1, -1))
    return replace(ChannelFacts(kind, url, NOW, NOW, "ok", days=days), **fields)


def bad(hours: float, reads: int, outcome: str = "not_found", **fields) -> dict:
    return {
        "bad_since": NOW - hours * HOUR,
        "bad_reads": reads,
        "last_good": NOW - (hours + 1) * HOUR,
        "outcome": outcome,
        **fields,
    }


def still(number: int) -> tuple[ChannelDay, ...]:
    """The channel's days, the last ones without anything new."""
    return tuple(replace(day, moved=at < 28 - number) for at, day in enumerate(channel().days))


T = channels.ChannelProblemKind


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param([channel()], [], id="fine"),
        pytest.param([], [], id="no channel"),
        pytest.param([channel(), channel(FEED, Channel.FEED, **bad(30, 30))], [(T.DEAD, FEED)], id="feed dies"),
        pytest.param([channel(), channel(FEED, Channel.FEED, **bad(3, 6))], [], id="feed restarts"),
        pytest.param([channel(), channel(FEED, Channel.FEED, **bad(24, 1))], [], id="one failure of a daily read"),
        pytest.param([channel(**bad(2, 3, "ok", empty=True))], [(T.EMPTY, FRONT)], id="list gives no leads"),
        pytest.param([channel(**bad(0, 1, "ok", empty=True))], [], id="empty once"),
        pytest.param([channel(), channel(FEED, Channel.SITEMAP, **bad(90, 90, "ok", empty=True))], [], id="empty news sitemap"),
        pytest.param([channel(**bad(20, 9, "forbidden")), channel(FEED, **bad(22, 9, "forbidden"))], [(T.UNREACHABLE, "")], id="all refused"),
        pytest.param([channel(**bad(5, 9, "timeout"))], [], id="a short outage"),
        pytest.param([channel(), channel(FEED, last_good=None, **{k: v for k, v in bad(90, 9).items() if k != "last_good"})], [], id="never offered"),
        pytest.param([channel(), channel(FEED, last_read=NOW - 5 * DAY, **bad(300, 9))], [], id="no longer asked"),
        pytest.param([channel(), channel(FEED, Channel.FEED, days=still(7))], [(T.STALE, FEED)], id="frozen feed"),
        pytest.param([channel(days=still(2))], [], id="a quiet weekend"),
        pytest.param([channel(days=tuple(replace(d, moved=n % 9 == 0) for n, d in enumerate(channel().days)))], [], id="a section that moves every nine days"),
        pytest.param([channel(days=(*channel().days[:-1], replace(channel().days[-1], joined=10, unjoined=6)))], [], id="six of many reads"),
        pytest.param([channel(days=tuple(replace(d, joined=2, unjoined=1) for d in channel().days))], [(T.OVERLAP, FRONT)], id="a third does not join"),
    ],
)  # fmt: skip
def test_channels(found, told):
    """What channels can do, and what is reported of it; an outlet with articles every day."""
    articles = {(NOW - back * DAY).date(): 5 for back in range(60)}
    assert [(t.kind, t.url) for t in channels.channels(found, articles)] == told


def test_frozen_without_news():
    """A list that stands still while nothing appears is not frozen."""
    articles = {(NOW - back * DAY).date(): 5 for back in range(7, 60)}
    assert channels.channels([channel(days=still(7))], articles) == []


# --- runs ---


def run(
    number: int,
    at: datetime,
    minutes: float = 3,
    code: int | None = 0,
    reason: str = "finished",
    **counts: int,
) -> RunFact:
    finished = at + minutes * MINUTE if code is not None else None
    return RunFact(RunRecord(number, at, finished, code, reason), counts or {"new": 2, "unchanged": 20})


def every(pause: timedelta, days: float = 28, **fields) -> list[RunFact]:
    """Crawls at this pause up to now, oldest first."""
    count = int(days * DAY / pause)
    return [run(n, NOW - (count - n) * pause, **fields) for n in range(count)]


def kinds(runs, now=NOW):
    return [problem.kind for problem in health_runs.problems(runs, now)]


HALF_HOURLY = every(30 * MINUTE)
BY_DAY = [r for r in every(HOUR) if 6 <= r.record.started.hour < 18]  # nothing at night
WORKDAYS = [r for r in every(DAY) if r.record.started.weekday() < 5]
K = FindingKind


@pytest.mark.parametrize(
    ("runs", "now", "told"),
    [
        pytest.param([], NOW, [], id="never"),
        pytest.param(HALF_HOURLY[-3:], NOW + 9 * DAY, [], id="by hand, three times"),
        pytest.param(HALF_HOURLY, NOW, [], id="half-hourly"),
        pytest.param(HALF_HOURLY, NOW + 70 * MINUTE, [], id="two left out"),
        pytest.param(HALF_HOURLY, NOW + 3 * HOUR, [K.NO_RUN], id="cron stops"),
        pytest.param(BY_DAY, NOW + 20 * HOUR, [], id="a nightly rest"),
        pytest.param(BY_DAY, NOW + 40 * HOUR, [K.NO_RUN], id="the day after it is still resting"),
        pytest.param(WORKDAYS, NOW + DAY, [], id="workdays only"),
        pytest.param(WORKDAYS[:-1], NOW + 8 * DAY, [K.NO_RUN], id="a week later"),
        pytest.param([*HALF_HOURLY[:-100], *HALF_HOURLY[-20:]], NOW, [], id="the machine was off"),
        pytest.param([*HALF_HOURLY[:-3], *[run(n, NOW - (4 - n) * HOUR / 2, code=7) for n in (1, 2, 3)]], NOW, [K.RUNS_FAILING], id="archive unusable"),
        pytest.param([*HALF_HOURLY[:-3], *[run(n, NOW - (4 - n) * HOUR / 2, code=3) for n in (1, 2, 3)]], NOW, [], id="outlet down for an hour"),
        pytest.param([replace(r, record=replace(r.record, exit_code=3)) if r.record.started > NOW - DAY else r for r in HALF_HOURLY], NOW, [K.RUNS_FAILING], id="outlet down for a day"),
        pytest.param([replace(r, record=replace(r.record, exit_code=4)) if r.record.started > NOW - DAY else r for r in HALF_HOURLY], NOW, [K.RUNS_FAILING], id="partly failed for a day"),
        pytest.param([replace(r, record=replace(r.record, exit_code=4)) for r in HALF_HOURLY], NOW, [], id="partly failed for ever"),
        pytest.param([*HALF_HOURLY[:-6], *[run(900 + n, r.record.started, code=1, reason="interrupted") if n % 2 else r for n, r in enumerate(HALF_HOURLY[-6:])]], NOW, [K.RUNS_KILLED], id="killed half of the time"),
        pytest.param([*HALF_HOURLY[:-30], *[run(900 + n, r.record.started, minutes=29) for n, r in enumerate(HALF_HOURLY[-30:])]], NOW, [K.RUNS_SLOW], id="crawls become long"),
        pytest.param(every(30 * MINUTE, minutes=29), NOW, [], id="crawls were always long"),
        pytest.param([*HALF_HOURLY, run(9999, NOW + 3 * DAY)], NOW, [K.CLOCK], id="a crawl in the future"),
        pytest.param([*HALF_HOURLY, run(9999, NOW - 5 * HOUR)], NOW, [K.CLOCK], id="the clock is set back"),
        pytest.param([replace(r, counts={"failed": 9, "unchanged": 11}) if r.record.started > NOW - DAY else r for r in HALF_HOURLY], NOW, [K.OBSERVATIONS_FAILING], id="half of the looks fail"),
        pytest.param(every(30 * MINUTE, failed=9, unchanged=11), NOW, [], id="half of the checks always failed"),
        pytest.param([replace(r, counts={"not_article": 2, "new": 1}) if r.record.started > NOW - DAY else r for r in HALF_HOURLY], NOW, [K.PAGES_REFUSED], id="new pages are no articles"),
    ],
)  # fmt: skip
def test_runs(runs, now, told):
    """What can be said of crawls; an outage of an hour, a nightly rest or a machine that was off is not."""
    assert kinds(sorted(runs, key=lambda r: (r.record.started, r.record.id)), now) == told


def test_running_now_is_no_stop():
    """A crawl that takes long is not one that is missing, nor one that was killed."""
    long = replace(run(9999, NOW, code=None), alive=True)
    assert kinds([*HALF_HOURLY, long], NOW + 5 * HOUR) == []


# --- the disk ---


@pytest.mark.parametrize(
    ("free", "daily", "severity"),
    [(100, 1, None), (10, 1, Severity.WARNING), (2, 1, Severity.ERROR), (5, 0, None)],
)
def test_disk(free, daily, severity):
    """The disk is reported when it is full within a fortnight, at the pace of the last one; the database grows along."""
    grown = {(NOW - back * DAY).date(): daily * 10**9 for back in range(30)}
    found = disk(DiskFacts(free * 10**9, 10**12, 40 * 10**9, 0, grown), NOW)
    assert [f.severity for f in found.findings] == ([severity] if severity else [])
    assert found.days_left == (free / daily if daily else None)


def test_disk_of_a_backfill():
    """Two days of backfill are no pace, and neither are two days of history."""
    grown = {(NOW - back * DAY).date(): 10**9 * (500 if back in (3, 4) else 1) for back in range(30)}
    assert disk(DiskFacts(10**11, 10**12, 10**12, 10**12, grown), NOW).days_left == pytest.approx(50)
    young = {(NOW - back * DAY).date(): 10**9 for back in range(2)}
    assert disk(DiskFacts(1, 10**12, 10**9, None, young), NOW).findings == ()


def test_sizes():
    """Bytes for people."""
    assert [size(n) for n in (0, 999, 1500, 82_544_046_080, 3e15)] == [
        "0 bytes",
        "999 bytes",
        "1.5 kB",
        "83 GB",
        "3000.0 TB",
    ]


# --- a whole source ---


def edition(**fields) -> EditionFacts:
    whole = EditionFacts(
        "en",
        NOW - 200 * DAY,
        days(*WEEKDAYS * 12),
        tuple(samples()),
        (channel(),),
        Observations(200, 1, 0),
        (),
        5000,
        Due(12, 0, NOW - HOUR),
    )
    return replace(whole, **fields)


def stand(now=NOW, runs=HALF_HOURLY, **fields):
    return source_health(SourceFacts("bereke", tuple(runs), (edition(**fields),)), now)


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param(
            {"samples": tuple(samples(broken=14, authors=False, people=False))},
            [
                "bereke en: authors missing since 2026-06-05 02:00 (0 of 14, before 286 of 286): layout changed?"
            ],
            id="authors",
        ),
        pytest.param(
            {"observations": Observations(60, 59)},
            [
                "bereke en: 59 of 60 checks were refused (403, 429 or a challenge): the outlet blocks the crawler"
            ],
            id="blocked",
        ),
        pytest.param(
            {"channels": (channel(**bad(5, 10, "ok", empty=True)),), "hours": days(0, *(WEEKDAYS * 12)[1:])},
            ["bereke en: listing / has given no leads since 2026-06-15 07:00 (10 reads): layout changed?"],
            id="no leads, and so no articles",
        ),
        pytest.param(
            {"hours": days(0, *(WEEKDAYS * 12)[1:])},
            ["bereke en: no articles in 1 day, usual are 20: is a list read that has moved?"],
            id="no articles",
        ),
        pytest.param(
            {"due": Due(9000, 4000, NOW - 9 * DAY)},
            [
                "bereke en: 4000 re-checks are more than a day late, the oldest since 2026-06-06 12:00; a day brings 963: raise the budget"
            ],
            id="re-checks",
        ),
        pytest.param({"due": Due(900, 400, NOW - 2 * DAY)}, [], id="re-checks of half a day"),
        pytest.param(
            {"absences": tuple(NOW - n * HOUR for n in range(14))},
            [
                "bereke en: 14 articles were found absent since 2026-06-14 23:00: a purge, or was the site rebuilt?"
            ],
            id="purge",
        ),
        pytest.param(
            {"absences": tuple(NOW - 3 * n * HOUR for n in range(450))}, [], id="many removals always"
        ),
        pytest.param(
            {"samples": tuple(samples(broken=3, part=True))},
            [
                "bereke en: 3 of 300 articles are spread over several pages, of which one is read: the text and the edits on the others are not archived"
            ],
            id="one page of several",
        ),
        pytest.param(
            {"observations": Observations(50, 0, 20)},
            [
                "bereke en: 20 of 50 checks wait for confirmation, other articles answered oddly as well: outage or redesign?"
            ],
            id="held",
        ),
    ],
)
def test_lines(fields, lines):
    """Each thing that is wrong is one plain line, and its consequences are not told beside it."""
    found = stand(**fields)
    assert [finding.line for finding in found.findings] == lines
    assert found.status is (
        HealthStatus.OK
        if not lines
        else HealthStatus.ERROR
        if found.findings[0].severity is Severity.ERROR
        else HealthStatus.WARNING
    )


def test_key_is_the_same_tomorrow():
    """Figures change, the key of a finding does not; other fields have other keys."""
    today, tomorrow = (stand(samples=tuple(samples(broken=n, images=False))).findings[0] for n in (10, 14))
    assert today.line != tomorrow.line
    assert today.key == tomorrow.key == "bereke en field_missing images"


def test_too_early():
    """A young source is reported as such, and what needs no history is reported all the same."""
    young = {"first_read": NOW - 5 * DAY}
    assert stand(**young).status is HealthStatus.TOO_EARLY
    assert stand(**young, samples=tuple(samples(broken=14, title=False))).status is HealthStatus.TOO_EARLY
    assert stand(**young, observations=Observations(60, 59)).status is HealthStatus.ERROR
    assert source_health(SourceFacts("bereke"), NOW).status is HealthStatus.TOO_EARLY


def test_broken_before_the_archive():
    """What an outlet changed before it was crawled is no break."""
    assert stand(first_read=NOW - 20 * DAY, samples=tuple(samples(broken=150, images=False))).findings == ()


def test_stopped_crawls_are_one_finding():
    """When cron stops, neither articles nor re-checks are reported as missing."""
    found = stand(NOW + 9 * DAY, due=Due(9000, 8000, NOW - DAY))
    assert [finding.kind for finding in found.findings] == [K.NO_RUN]


def test_archive_findings_come_first():
    """The disk concerns everything."""
    full = DiskFacts(10**9, 10**12, 10**11, 0, {(NOW - back * DAY).date(): 10**9 for back in range(20)})
    found = judge(
        [SourceFacts("bereke", tuple(HALF_HOURLY), (edition(observations=Observations(60, 59)),))], NOW, full
    )
    assert [finding.kind for finding in found.findings] == [K.DISK_FILLING, K.BLOCKED]
    assert found.findings[0].key == "- - disk_filling"


def test_lines_are_one_line():
    """The reason of a run may hold anything a page brought; a finding stays one line."""
    reasons = [run(9000 + n, NOW + n * HOUR, code=1, reason="a\nb\x1b[2J" * 200) for n in range(3)]
    found = source_health(SourceFacts("bereke", (*HALF_HOURLY, *reasons)), NOW + 3 * HOUR)
    assert all("\n" not in finding.line and len(finding.line) <= 400 for finding in found.findings)
    assert found.findings


# --- months of made-up outlets ---


@pytest.mark.parametrize("number", [2, 10])
def test_healthy_outlets_raise_no_alarm(number):
    """A spring with holidays, at two a day and at twelve."""
    assert benchmark.false_findings(number, 110, step=3) == []


@pytest.fixture(scope="module")
def life():
    """An outlet with ten articles a day."""
    return benchmark.live(9, 135)


@pytest.mark.parametrize(
    ("breakage", "days"),
    [
        ("authors vanish", 2), ("persons replaced by the outlet", 2), ("dates vanish", 2), ("times of day vanish", 2), ("bodies halved", 9),
        ("a counter in the text", 2), ("list gives no leads", 1), ("feed dies", 1), ("everything 403", 1), ("half the volume lost", 25),
        ("all volume lost", 4), ("re-checks pile up", 2), ("cron stops", 2),
    ],
)  # fmt: skip
def test_breakages_are_found(life, breakage, days):
    """Each kind of breakage is found within so many days."""
    found = benchmark.found_after(life, breakage, benchmark.START + 100 * DAY + 5 * HOUR, days=days, hours=12)
    assert found is not None


def test_every_breakage_is_tested():
    """The table above is whole."""
    marks = test_breakages_are_found.pytestmark[0].args[1]
    assert {name for name, _ in marks} == set(benchmark.BREAKAGES)


def test_dates_are_days():
    """Days of channels are compared with days of articles in UTC."""
    assert channel().days[-1].day == date(2026, 6, 15)


# --- entries that are not taken ---

# channel, entries as (outcome, number, days since they are there), days since the first read -> (measured, of), None: no finding
LEFT = {
    "most of a feed on another host": (Channel.FEED, [(E.NEW, 3, 0), (E.OTHER_HOST, 37, 0)], 0, (37, 40)),
    "half of a sitemap": (Channel.SITEMAP, [(E.KNOWN, 20, 0), (E.NO_PATTERN, 20, 0)], 90, (20, 40)),
    "a fifth, as always": (Channel.FEED, [(E.NEW, 40, 90), (E.OTHER_HOST, 10, 90)], 90, None),
    "a fifth, new": (Channel.FEED, [(E.NEW, 40, 90), (E.OTHER_HOST, 10, 2)], 90, (10, 50)),
    "new, and few": (Channel.FEED, [(E.NEW, 40, 90), (E.OTHER_HOST, 4, 2)], 90, None),
    "new a month ago": (Channel.FEED, [(E.NEW, 40, 90), (E.OTHER_HOST, 10, 30)], 90, None),
    "few at all": (Channel.FEED, [(E.OTHER_HOST, 9, 0)], 0, None),
    "tags and files": (Channel.SITEMAP, [(E.NEW, 1, 0), (E.SERVICE, 900, 0), (E.FILE, 90, 0)], 0, None),
    "behind a bound": (Channel.SITEMAP, [(E.NEW, 10, 0), (E.BOUND, 900, 0)], 0, (900, 910)),
    "menus and other hosts of a page": (Channel.LISTING, [(E.NEW, 5, 0), (E.MENU, 90, 0), (E.OTHER_HOST, 40, 0)], 0, None),
    "headlines of a page": (Channel.LISTING, [(E.NEW, 5, 0), (E.NO_PATTERN, 12, 0)], 0, (12, 17)),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_entries_that_are_not_taken(name):
    """Much of what a channel names, or something new, is reported; what was so always and is little is not."""
    channel, entries, first, expected = LEFT[name]
    facts = ChannelFacts(
        channel, "https://a.example/feed", NOW, NOW, "ok", first_read=NOW - first * DAY,
        entries=tuple(LeftEntries(outcome, number, NOW - days * DAY) for outcome, number, days in entries),
    )  # fmt: skip
    found = channels.channels([facts], {})
    assert [(one.measured, one.of) for one in found] == ([expected] if expected else [])
    assert all(one.kind is channels.ChannelProblemKind.LEFT for one in found)
