"""The machine's clock is set back, by hours or by years: no crash, nothing lost or duplicated, and nothing waits for an instant that the wrong clock set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from newscrawl.errors import Exit
from newscrawl.judge.recheck import listing_due
from newscrawl.model import Channel, FetchOutcome, ListingState
from tests.support.fake_site import NOW, Answer, keys, one, rows, story
from tests.support.fault_site import PATHS, again, outlet

YEARS = timedelta(days=3650)
EDITED, TAKEN = PATHS[1], PATHS[2]


def test_a_clock_that_ran_ten_years_ahead(tmp_path: Path) -> None:
    """Articles archived in its future are re-checked at once; edits and removals are found as usual, versions in order."""
    with outlet(numbers=6) as site:
        site.pages[PATHS[5]] = Answer("busy", 500)  # postponed into the far future
        assert again(tmp_path, site, after=YEARS).exit_code == Exit.OK
        site.pages |= {
            PATHS[5]: story("Nr306"),
            EDITED: story("Nr302", title="The ferry is late"),
            TAKEN: Answer("<h1>Page not found</h1>", 404),
        }
        ending = again(tmp_path, site)
        counts = ending.summary.counts
        assert ending.exit_code == Exit.OK, ending.line
        assert {kind: counts.get(kind) for kind in ("new", "changed", "absent", "failed")} == {
            "new": 1, "changed": 1, "absent": 1, "failed": None,
        }  # fmt: skip
        for hours in (1, 8, 26, 50):
            again(tmp_path, site, after=timedelta(hours=hours))
    assert len(keys(tmp_path)) == 6
    assert one(tmp_path, "select state from articles where url_key like :key", key=f"%{TAKEN}") == "removed"
    assert one(tmp_path, "select count(*) from versions") == 7
    late = "select count(*) from articles where last_seen > :now or next_check > :far"
    assert one(tmp_path, late, now=_text(NOW + timedelta(days=9)), far=_text(NOW + timedelta(days=200))) == 1
    # The removed article was last seen by the wrong clock; no later check can correct that.


def test_a_clock_set_back_by_years(tmp_path: Path) -> None:
    """A check that finds an article by a clock of years ago does not bring old signals back: one later absence counts once."""
    with outlet(numbers=6) as site:
        page, gone = site.pages[TAKEN], Answer("<h1>Page not found</h1>", 404)
        again(tmp_path, site)
        for days, answer in ((1, gone), (1.5, gone), (4, page)):
            site.pages[TAKEN] = answer
            again(tmp_path, site, after=timedelta(days=days))
        assert _told(tmp_path) == ["suspected", "returned"]
        again(tmp_path, site, after=-YEARS, recheck="only")
        site.pages[TAKEN] = gone
        again(tmp_path, site, after=timedelta(days=30))
        again(tmp_path, site, after=timedelta(days=30, hours=7))
        assert (
            one(tmp_path, "select state from articles where url_key like :key", key=f"%{TAKEN}")
            == "suspected"
        )
        again(tmp_path, site, after=timedelta(days=31, hours=2))
    assert _told(tmp_path) == ["suspected", "returned", "suspected", "removed"]
    assert one(tmp_path, "select count(*) from versions") == 6


def test_no_edit_is_invented(tmp_path: Path) -> None:
    """By a clock of years ago every date lies in the future and is not believed: the checks fail with this reason."""
    with outlet(numbers=3) as site:
        again(tmp_path, site)
        site.pages[EDITED] = story("Nr302", title="The ferry is late")
        site.pages[TAKEN] = Answer("<h1>Page not found</h1>", 404)
        ending = again(tmp_path, site, after=-YEARS, recheck="only")
        assert set(ending.summary.counts) <= {"failed"}
        assert _told(tmp_path) == []
        assert "before the article was published" in one(tmp_path, "select distinct reason from observations where run_id = 2")  # fmt: skip
        again(tmp_path, site, after=timedelta(days=2))
    assert _told(tmp_path) == ["edited", "suspected"]


def test_set_back_by_hours(tmp_path: Path) -> None:
    """Versions are numbered in the order of the checks; each has the time of its clock."""
    with outlet(numbers=3) as site:
        again(tmp_path, site, after=timedelta(days=9, hours=5))
        site.pages[EDITED] = story("Nr302", title="The ferry is late")
        again(tmp_path, site, after=timedelta(days=9))
        again(tmp_path, site, after=timedelta(days=20))
    query = "select number, v.title, v.at from versions v join articles a on a.id = v.article_id where url_key like :key order by number"
    first, second = rows(tmp_path, query, key=f"%{EDITED}")
    assert (first["title"], second["title"]) == (
        "Ferry to Nr302 runs again after a pause",
        "The ferry is late",
    )
    assert _told(tmp_path) == ["edited"]


def test_a_channel_read_in_the_future_is_read_again() -> None:
    """Also a channel that did not exist then, which is otherwise requested once a day."""
    state = ListingState(
        "https://en.orda.kz/feed/", "en", Channel.FEED, last_read=NOW + YEARS, outcome=FetchOutcome.NOT_FOUND
    )  # fmt: skip
    assert listing_due(state, NOW)
    assert not listing_due(state, NOW + YEARS + timedelta(hours=1))


def _told(home: Path) -> list[str]:
    return [row["kind"] for row in rows(home, "select kind from changes where kind <> 'created' order by id")]


def _text(moment: object) -> str:
    return str(moment)[:19]
