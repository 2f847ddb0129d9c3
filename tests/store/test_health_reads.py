"""What health reads of an archive, on both databases: from rows as a crawl writes them to facts and findings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from newscrawl.errors import UnknownSource
from newscrawl.judge.health.report import judge
from newscrawl.model import Author, Channel, Fetch, FetchOutcome, ListingRead, Precision, State, VerdictKind
from newscrawl.model.health import FindingKind, HealthStatus, Observations
from newscrawl.store import tables
from newscrawl.store.engine import open_engine, reading, writing
from newscrawl.store.health.runs import open_health
from newscrawl.urls import canonical
from tests.support.factory import SITES, START, Press, address
from tests.support.storing import lead

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = START + 20 * DAY
FEED = f"{SITES['en']}/feed/"


def read(press: Press, at: datetime, *, url: str = f"{SITES['en']}/", channel: Channel = Channel.LISTING, leads: int = 3,
         outcome: FetchOutcome = FetchOutcome.OK, joined: bool | None = True, first: int = 0) -> None:  # fmt: skip
    """A read of a channel that shows the addresses from `first` on."""
    found = tuple(lead(canonical(address("en", first + n)), n, channel=channel) for n in range(leads))
    fetch = Fetch(url, at, outcome, url)
    with press.archive.write() as write:
        write.record_listing(
            ListingRead(press.source, "en", channel, url, fetch, found, known=0, joined=joined)
        )


def fill(url: str) -> None:
    """Twenty days of crawls, two a day: two articles a day, the feed dead for a week, an import on the last day."""
    press = Press(url, start=START)
    for half in range(40):
        at = START + half * DAY / 2
        if half:
            press.next_run(at)
        late = half >= 30
        read(press, at, first=half - 2, joined=half not in (30, 32, 35))
        read(press, at + HOUR / 60, url=FEED, channel=Channel.FEED, leads=0 if half >= 26 else 3, first=half - 2,
             outcome=FetchOutcome.NOT_FOUND if half >= 26 else FetchOutcome.OK)  # fmt: skip
        press.publish(
            "en", half + 1, at=at, published=at, published_precision=Precision.DAY if half % 10 == 0 else Precision.MINUTE,
            authors=() if late else (Author("Dana Serikova", role="author", kind="organization" if half % 2 else "person"),),
        )  # fmt: skip
    press.publish("ru", 500, at=NOW - HOUR)
    press.fail("en", address("en", -1), at=NOW - HOUR, outcome=FetchOutcome.FORBIDDEN)
    press.fail("en", address("en", -2), at=NOW - HOUR, outcome=FetchOutcome.TIMEOUT)
    press.vanish("en", 3, at=NOW - HOUR)
    press.check(
        "en",
        4,
        at=NOW - HOUR,
        kind=VerdictKind.FAILED,
        reason="absent (404), and no other article of the edition answered properly",
    )
    press.finish(NOW - HOUR / 2)
    press.archive.begin_run(NOW - HOUR / 4, {"import": ["old.warc.gz"], "files": 1})
    for extra in range(30):
        press.publish("en", 1000 + extra, at=NOW - 3 * DAY, published=NOW - 3 * DAY)
    press.archive.close()
    engine = open_engine(url)
    with writing(engine) as connection:
        due = tables.articles.c.next_check
        connection.execute(update(tables.articles).values(next_check=NOW + DAY))
        connection.execute(
            update(tables.articles).where(tables.articles.c.id.in_([1, 2])).values({due: NOW - 3 * DAY})
        )
        connection.execute(update(tables.articles).where(tables.articles.c.id == 3).values({due: NOW - HOUR}))
    engine.dispose()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The archive, filled once."""
    url = f"sqlite:///{tmp_path_factory.mktemp('health') / 'newscrawl.db'}"
    fill(url)
    return url


@pytest.fixture
def facts(world):
    with open_health(world) as reader:
        (source,) = reader.facts(NOW)
    return source


@pytest.fixture
def en(facts):
    return next(edition for edition in facts.editions if edition.edition == "en")


@pytest.mark.parametrize("archive_url", ["postgres"], indirect=True)
def test_postgresql_says_the_same(facts, archive_url):
    """The same crawls give the same facts on both databases."""
    fill(archive_url)
    with open_health(archive_url) as reader:
        assert reader.facts(NOW) == [facts]
        assert (reader.size() or 0) > 10_000


def test_runs_are_crawls(facts):
    """The crawls, oldest first; the import is none."""
    starts = [run.record.started for run in facts.runs]
    assert starts == sorted(starts)
    assert (starts[0], starts[-1], len(starts)) == (START, START + 39 * DAY / 2, 40)
    assert facts.runs[0].counts == {"new": 1}
    assert not any(run.alive for run in facts.runs)


def test_articles_by_hour(en):
    """Two a day by their publication; what the import brought is left out, in the archive it counts."""
    assert sum(en.hours.values()) == 40
    assert en.hours[START] == 1
    assert all(hour.tzinfo is UTC and not hour.minute for hour in en.hours)
    assert en.articles == 70


def test_samples(en):
    """First versions in order of time, with what each one held."""
    assert len(en.samples) == 40
    assert [s.at for s in en.samples] == sorted(s.at for s in en.samples)
    first, second, last = en.samples[0], en.samples[1], en.samples[-1]
    assert (first.title, first.authors, first.people, first.published, first.minute) == (
        True,
        True,
        True,
        True,
        False,
    )
    assert (second.authors, second.people, second.minute) == (True, False, True)
    assert (last.authors, last.people, last.images, last.language, last.versions) == (
        False,
        False,
        True,
        "en",
        1,
    )
    assert first.length == len(
        "The footbridge was opened on Monday.\n\nIt is 84 metres long, the town office said.\n\n№ 1."
    )


def test_channels(en):
    """Each list and feed with its reads by day, and since when it fails."""
    feed, front = en.channels
    assert (front.channel, front.last_good, front.bad_since, front.empty) == (
        Channel.LISTING,
        front.last_read,
        None,
        False,
    )
    assert sum(day.reads for day in front.days) == sum(day.good for day in front.days) == 40
    assert sum(day.unjoined for day in front.days) == 3
    assert all(day.moved for day in front.days)
    assert (feed.channel, feed.outcome, feed.bad_reads, feed.empty) == (Channel.FEED, "not_found", 14, False)
    assert feed.bad_since == START + 26 * DAY / 2 + HOUR / 60
    assert feed.last_good == START + 25 * DAY / 2 + HOUR / 60


def test_observations_and_absences(en):
    """The checks of the last crawl: refused and unconfirmed ones are told apart."""
    assert en.observations == Observations(total=6, blocked=1, unconfirmed=1)
    assert en.absences == (NOW - HOUR,)


def test_due(en):
    """Re-checks that are due, and those a day late."""
    assert (en.due.number, en.due.late, en.due.oldest) == (3, 2, NOW - 3 * DAY)


def test_findings(world):
    """What is wrong in that archive: the feed, the overlap, and the authors."""
    with open_health(world) as reader:
        health = judge(reader.facts(NOW), NOW)
    told = {(finding.kind, finding.subject) for finding in health.findings}
    assert told == {
        (FindingKind.CHANNEL_DEAD, FEED),
        (FindingKind.LIST_OVERLAP, f"{SITES['en']}/"),
        (FindingKind.FIELD_MISSING, "authors"),
    }
    missing = next(f for f in health.findings if f.kind is FindingKind.FIELD_MISSING)
    assert (missing.measured, missing.expected, missing.since) == (0, 1, START + 15 * DAY)


def test_size_and_names(world):
    """The database says its size; an unknown source is an error that names the known ones."""
    with open_health(world) as reader:
        assert (reader.size() or 0) > 10_000
        assert [source.source for source in reader.facts(NOW, ["bereke"])] == ["bereke"]
        with pytest.raises(UnknownSource, match="bereke"):
            reader.facts(NOW, ["bereke", "nowhere"])


def test_empty_archive(archive_url):
    """An archive in which nothing has happened has no sources and no findings."""
    with open_health(archive_url) as reader:
        assert reader.facts(NOW) == []


def test_source_that_was_only_imported(archive_url):
    """Imports make no rhythm of crawls, and no alarm that it stopped."""
    press = Press(archive_url)
    press.finish(START)
    for week in range(6):
        press.archive.begin_run(START + week * 7 * DAY, {"import": ["a.warc.gz"], "files": 1})
        press.publish("en", week + 1, at=START - 400 * DAY)
        press.finish(START + week * 7 * DAY)
    engine = open_engine(archive_url)
    with writing(engine) as connection:
        connection.execute(update(tables.runs).where(tables.runs.c.id == 1).values(arguments={"import": []}))
    press.archive.close()
    with open_health(archive_url) as reader:
        (source,) = judge(reader.facts(NOW), NOW).sources
    assert (source.status, source.last_run, source.findings) == (HealthStatus.TOO_EARLY, None, ())
    with reading(engine) as connection:
        assert connection.execute(select(tables.articles.c.state).limit(1)).scalar() == State.LIVE.value
    engine.dispose()


def test_run_in_the_future_hides_no_run(archive_url):
    """A crawl begun while the clock ran years ahead does not push the others out of the four weeks."""
    press = Press(archive_url)
    press.archive.close()
    engine = open_engine(archive_url)
    with writing(engine) as connection:
        row = dict(connection.execute(select(tables.runs)).mappings().one()) | {
            "finished": START,
            "exit_code": 0,
        }
        for number in range(2, 12):
            started = START + (number * DAY if number < 11 else 4000 * DAY)
            connection.execute(insert(tables.runs).values(row | {"id": number, "started": started}))
    engine.dispose()
    with open_health(archive_url) as reader:
        health = judge(reader.facts(START + 11 * DAY), START + 11 * DAY)
    (source,) = health.sources
    assert source.last_run.started == START + 4000 * DAY
    assert FindingKind.CLOCK in {finding.kind for finding in health.findings}
