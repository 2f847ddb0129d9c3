"""The scripted week of the made-up outlet against its truth: every article once, fields exact, edits and absences as they happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, text

from newscrawl.demo import Clock, EventKind, Expected, Outlet, OutletServer
from newscrawl.errors import Exit
from newscrawl.judge.coverage.gaps import gaps
from newscrawl.model import Content, State
from newscrawl.spiders.orda import OrdaSpider
from newscrawl.store.read.reader import open_reader
from newscrawl.urls import canonical
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Page, Stand, front, keys, observations, one, rows, sitemap, story

HOSTS = {edition.name: edition.host for edition in OrdaSpider.editions}
ALL = ",".join(Outlet.editions)
FIELDS = (
    "title",
    "subtitle",
    "body",
    "authors",
    "published",
    "published_precision",
    "modified",
    "language",
    "section",
    "tags",
)


def _run(server: OutletServer, home: Path, now: datetime, editions: str = ALL, **arguments: str):
    server.clock.set(now)
    sites = ",".join(server.url(edition) for edition in editions.split(","))
    return crawl(home, now, settings={"RECHECK_BUDGET": 100}, edition=editions, site=sites, **arguments)


# All nine moments for one outlet; for another only some, so that its edits and absences fall between other checks.
WEEKS = {"seed 1": (1, range(9)), "seed 5, fewer checks": (5, (0, 8))}


@pytest.fixture(scope="module", params=WEEKS)
def week(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A week crawled: the outlet, the moments, how each run ended, and the archive as its readers see it."""
    seed, chosen = WEEKS[request.param]
    outlet = Outlet(seed=seed)
    moments = [outlet.moments[n] for n in chosen]
    home = tmp_path_factory.mktemp("week") / "archive"
    with OutletServer(outlet, Clock(moments[0])) as server:
        endings = [_run(server, home, moment) for moment in moments]
    with open_reader(f"sqlite:///{home / 'newscrawl.db'}") as reader:
        records = {record.url_key: record for record in reader.articles()}
        versions = {record.id: reader.versions_of(record.id) for record in records.values()}
    found = SimpleNamespace(
        outlet=outlet, moments=moments, endings=endings, home=home, records=records, versions=versions
    )
    found.truth = list(_truth(found))
    return found


def _truth(week: SimpleNamespace) -> Iterator[tuple[Expected, str]]:
    """What the archive must hold, with its key."""
    for edition in week.outlet.editions:
        for expected in week.outlet.truth(edition, week.moments[-1], week.moments):
            if expected.first_seen is not None:
                yield expected, canonical(f"https://{HOSTS[edition]}{expected.path}")


def test_every_article_exactly_once(week: SimpleNamespace) -> None:
    """What was ever to be seen at a check is in the archive, once, under its own address; nothing else is."""
    assert sorted(key for _, key in week.truth) == sorted(week.records)


@pytest.mark.parametrize("field", FIELDS)
def test_field_is_exact(week: SimpleNamespace, field: str) -> None:
    """Every field of every article is what its page says."""
    wrong = {
        expected.path: (getattr(week.records[key].article, field), getattr(expected, field))
        for expected, key in week.truth
        if getattr(week.records[key].article, field) != getattr(expected, field)
    }
    assert not wrong


def test_edits_are_recorded_at_the_next_look_and_no_others(week: SimpleNamespace) -> None:
    """Each article's versions are the contents that were to be seen at the checks, in order, at the instant of the check."""
    for expected, key in week.truth:
        versions = week.versions[week.records[key].id]
        assert [version.at.replace(microsecond=0) for version in versions] == [
            at for at, _ in expected.changes
        ], expected.path
        assert [Content.of(version.article) for version in versions] == [
            content for _, content in expected.changes
        ], expected.path


def test_kinds_of_edits(week: SimpleNamespace) -> None:
    """Edits that fell between two checks alone are named exactly: the field that changed, and the finer kind."""
    for event in week.outlet.events():
        if event.kind is not EventKind.EDITED or event.at > week.moments[-1]:
            continue
        key = canonical(f"https://{HOSTS[event.edition]}{event.path}")
        versions = week.versions[week.records[key].id]
        after = [version for version in versions[1:] if version.at >= event.at]
        between = [e for e in week.outlet.events() if e.path == event.path and e.kind is EventKind.EDITED]
        if len(between) == 1 and len(versions) == 2:
            assert set(event.kinds) == set(after[0].kinds), event


def test_absences(week: SimpleNamespace) -> None:
    """States are those the evidence allows; an outage and a rare check remove nothing."""
    for expected, key in week.truth:
        record = week.records[key]
        if expected.present:
            assert record.state is State.LIVE, expected.path
        else:
            # A crawler that spares requests may come to "removed" later than one that checks everything each time.
            assert record.state in {State.SUSPECTED, expected.state}, expected.path
    states = {row["kind"] for row in rows(week.home, "select kind from changes")}
    assert {"created", "edited", "suspected"} <= states
    assert not one(
        week.home, "select count(*) from observations where signal is not null and controls_fine is null"
    )


def test_gaps(week: SimpleNamespace) -> None:
    """Each time in which pieces came and went unlisted is an open gap, and nothing else is; the sitemap closed the Russian burst."""
    with open_reader(f"sqlite:///{week.home / 'newscrawl.db'}") as reader:
        found = gaps(reader.listing_facts(), closed=True)
    observations = {
        gap: (gap.began.replace(microsecond=0), gap.ended.replace(microsecond=0)) for gap in found
    }
    assert [(gap.edition, *observations[gap]) for gap in found if gap.open] == week.outlet.gaps(week.moments)
    assert ("ru", "sitemap") in {(gap.edition, gap.closed_by) for gap in found}


@pytest.mark.parametrize("week", ["seed 1"], indirect=True)
def test_whole_week_in_detail(week: SimpleNamespace) -> None:
    """With all checks: removals confirmed, the return seen, the headline's flip-flop named as a return to version 1, the outage said."""
    by_event = {expected.event: key for expected, key in week.truth if expected.event}
    states = {event: week.records[key].state for event, key in by_event.items()}
    assert states["removed"] is State.REMOVED
    assert {states[event] for event in ("gone", "home", "soft")} == {State.REMOVED}
    assert states["returns"] is State.LIVE
    log = rows(
        week.home,
        "select kind from changes where article_id = :id order by id",
        id=week.records[by_event["returns"]].id,
    )
    assert [row["kind"] for row in log][:2] == ["created", "suspected"]
    assert [row["kind"] for row in log][-1] == "returned"
    assert week.versions[week.records[by_event["headline"]].id][-1].returns_to == 1
    codes = [ending.exit_code for ending in week.endings]
    assert codes == [
        Exit.PARTLY_FAILED if week.outlet.down("ru", moment) else Exit.OK for moment in week.moments
    ]


# --- one archive, several circumstances ---------------------------------------------------------------


def _change(home: Path, statement: str, **values: object) -> None:
    engine = create_engine(f"sqlite:///{home / 'newscrawl.db'}")
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


PATHS = [f"/ferry-number-{n}" for n in range(301, 309)]


def _pages(**changes: Page) -> dict[str, Page]:
    pages: dict[str, Page] = {
        path: story(f"Nr{path[-3:]}", published=f"2026-05-0{path[-1]}T10:00:00+05:00") for path in PATHS
    }
    return pages | {"/": front(*PATHS)} | changes


def _go(site: Stand, home: Path, hours: float = 0, budget: int = 50, **arguments: str):
    return crawl(
        home,
        NOW + timedelta(hours=hours),
        edition="en",
        site=site.url,
        settings={"RECHECK_BUDGET": budget},
        **arguments,
    )


def test_a_new_extractor_is_no_edit(tmp_path: Path) -> None:
    """Versions written by an older extractor that read the page otherwise: no new version, the fields are read anew from the capture."""
    with Stand(_pages()) as site:
        _go(site, tmp_path)
        _change(
            tmp_path,
            "update versions set extractor = '0/old', content_hash = '0100', title = 'As it was read then', body = 'short'",
        )
        ending = _go(site, tmp_path, 24 * 8, recheck="only")
        assert ending.summary.counts == {"unchanged": len(PATHS)}
    assert one(tmp_path, "select count(*) from versions") == len(PATHS)
    assert not one(
        tmp_path,
        "select count(*) from versions where extractor = '0/old' or title = 'As it was read then' or body = 'short'",
    )


def test_a_new_extractor_still_sees_an_edit(tmp_path: Path) -> None:
    """An upgrade and a real edit at once: one version, for the edit alone."""
    with Stand(_pages()) as site:
        _go(site, tmp_path)
        _change(tmp_path, "update versions set extractor = '0/old', content_hash = '0100', body = 'short'")
        site.pages[PATHS[0]] = story("Nr301", title="The new headline", published="2026-05-01T10:00:00+05:00")
        _go(site, tmp_path, 24 * 8, recheck="only")
    (row,) = rows(tmp_path, "select kinds from versions where number = 2")
    assert row["kinds"] == '["headline"]'


def test_clock_set_back(tmp_path: Path) -> None:
    """The clock runs behind at the second run: nothing is lost, doubled or removed, and new pieces are taken."""
    with Stand(_pages()) as site:
        _go(site, tmp_path)
        site.pages |= {
            "/": front("/ferry-number-399", *PATHS),
            "/ferry-number-399": story("Nr399", published="2026-05-12T13:30:00+05:00"),
        }
        ending = _go(site, tmp_path, -0.75)
        assert (ending.exit_code, ending.summary.counts) == (Exit.OK, {"new": 1})
        _go(site, tmp_path, 24)
    assert one(tmp_path, "select count(*) from articles") == len(PATHS) + 1
    assert one(tmp_path, "select count(*) from versions") == len(PATHS) + 1
    assert {row["state"] for row in rows(tmp_path, "select state from articles")} == {"live"}


# arguments -> (keys archived, counts)
ARGUMENTS = {
    "since": ({"since": "2026-05-04"}, {304, 305, 306, 307, 308}, {"new": 5, "outside_dates": 3}),
    "until includes its day": ({"until": "2026-05-04"}, {301, 302, 303, 304}, {"new": 4, "outside_dates": 4}),
    "since and until": ({"since": "2026-05-03", "until": "2026-05-05"}, {303, 304, 305}, {"new": 3, "outside_dates": 5}),
    "an instant": ({"since": "2026-05-07T10:00:00+05:00"}, {307, 308}, {"new": 2, "outside_dates": 6}),
    "limit": ({"limit": "3"}, {301, 302, 303}, {"new": 3, "deferred": 5}),
    "a limit never reached": ({"limit": "30"}, set(range(301, 309)), {"new": 8}),
    "recheck only": ({"recheck": "only"}, set(), {}),
    "recheck no": ({"recheck": "no"}, set(range(301, 309)), {"new": 8}),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments(name: str, tmp_path: Path) -> None:
    """Arguments choose what is archived, exactly; the rest is counted and comes with a run that asks for all."""
    arguments, numbers, counts = ARGUMENTS[name]
    with Stand(_pages()) as site:
        ending = _go(site, tmp_path, **arguments)
        assert (ending.exit_code, ending.summary.counts) == (Exit.OK, counts)
        assert keys(tmp_path) == [f"ferry-number-{n}" for n in sorted(numbers)]
        if "limit" in arguments:
            assert sum("ferry" in path for path in site.paths) == len(numbers)
        _go(site, tmp_path, 0.1)
        assert len(keys(tmp_path)) == len(PATHS)


def test_limit_counts_new_articles_only(tmp_path: Path) -> None:
    """Pages that are no articles do not use up the limit, and the limit is never passed."""
    pages = _pages() | {PATHS[0]: "<p>nothing</p>", PATHS[2]: ""}
    with Stand(pages) as site:
        ending = _go(site, tmp_path, limit="3")
        assert ending.summary.counts["new"] == 3
    assert len(keys(tmp_path)) == 3


def test_recheck_no_and_only(tmp_path: Path) -> None:
    """`no` asks for no known article, `only` for no listing."""
    with Stand(_pages()) as site:
        _go(site, tmp_path)
        site.forget()
        _go(site, tmp_path, 24 * 8, recheck="no")
        assert not [path for path in site.paths if "ferry" in path]
        site.forget()
        _go(site, tmp_path, 24 * 8, recheck="only")
        assert sorted(site.paths) == PATHS
        site.forget()
        _go(site, tmp_path, 24 * 16, budget=3)
        assert sum("ferry" in path for path in site.paths) == 3


def test_backlog_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a sitemap knows comes in portions, newest first; every run says how much is left, and nothing is lost."""
    monkeypatch.setattr("tests.support.crawling.Config", lambda **named: Config(**named, backlog=3))
    from newscrawl.config import Config

    listed = sitemap(*(f"https://en.orda.kz{path}" for path in PATHS[1:]))
    with Stand(_pages() | {"/": front(PATHS[0]), "/sitemap/sitemap_news1.xml": listed}) as site:
        counts = [_go(site, tmp_path, hours, recheck="no").summary.counts for hours in (0, 1, 2, 3)]
    assert counts == [{"new": 4, "deferred": 4}, {"new": 3, "deferred": 1}, {"new": 1}, {}]
    assert len(keys(tmp_path)) == len(PATHS)


def test_a_failed_lead_is_tried_again(tmp_path: Path) -> None:
    """By the ladder for failures: not within the quarter of an hour, then archived."""
    with Stand(
        _pages()
        | {
            PATHS[
                0
            ]: "<title>Just a moment...</title><h1>Just a moment...</h1><form id=challenge-form></form>"
        }
    ) as site:
        assert _go(site, tmp_path).summary.counts == {"new": len(PATHS) - 1, "failed": 1}
        site.pages |= _pages()
        assert _go(site, tmp_path, 0.1).summary.counts == {}
        assert _go(site, tmp_path, 0.5).summary.counts == {"new": 1}
    assert observations(tmp_path)[PATHS[0][1:]]["verdict"] == "new"


def test_on_postgresql(postgres_archive_url: str, tmp_path: Path) -> None:
    """Publish, edit, take away, return on PostgreSQL."""
    with Stand(_pages()) as site:

        def go(hours: float) -> dict[str, int]:
            at = NOW + timedelta(hours=hours)
            return crawl(
                tmp_path,
                at,
                edition="en",
                site=site.url,
                database_url=postgres_archive_url,
                settings={"RECHECK_BUDGET": 50},
            ).summary.counts

        assert go(0) == {"new": 8}
        site.pages[PATHS[0]] = story("Nr301", title="The new headline", published="2026-05-01T10:00:00+05:00")
        del site.pages[PATHS[1]]
        counts = go(24 * 8)
        assert (counts["changed"], counts["absent"]) == (1, 1)
        site.pages |= {PATHS[1]: _pages()[PATHS[1]]}
        assert go(24 * 8 + 2)["returned"] == 1
    assert one(postgres_archive_url, "select count(*) from versions") == 9
    assert [
        row["kind"]
        for row in rows(postgres_archive_url, "select kind from changes where kind != 'created' order by id")
    ] == ["edited", "suspected", "returned"]
