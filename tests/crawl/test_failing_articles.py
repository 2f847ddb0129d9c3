"""Articles that fail for good beside healthy ones: what is checked, how often, and when an edition is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newscrawl.errors import Exit
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, front, one, rows, story

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
BROKEN = [f"/ferry-broken-{n}" for n in range(101, 117)]
HEALTHY = [f"/ferry-healthy-{n}" for n in range(201, 205)]
EVERY = {"RECHECK_BUDGET": 80, "RETRY_ENABLED": False}


def _edited(path):
    return story(path).replace("</p>", " The captain has resigned, and the figure is 77 now.</p>", 1)


def test_articles_that_fail_for_good_starve_nobody(tmp_path):
    """The edits of healthy ones are known in the same run; in the next the failing ones come last."""
    with Stand(
        {"/": front(*BROKEN, *HEALTHY), **{path: story(path) for path in (*BROKEN, *HEALTHY)}}
    ) as site:
        assert crawl(tmp_path, NOW, edition="en", site=site.url).exit_code == Exit.OK
        site.pages |= {path: Answer("error", 500) for path in BROKEN}
        site.pages |= {path: _edited(path) for path in HEALTHY}
        site.forget()
        crawl(tmp_path, NOW + 13 * HOUR, edition="en", site=site.url, settings=EVERY)
        first = site.paths
        site.forget()
        second = crawl(tmp_path, NOW + 26 * HOUR, edition="en", site=site.url, settings=EVERY)
    assert one(tmp_path, "select count(*) from changes where kind = 'edited'") == len(HEALTHY)
    assert set(BROKEN) <= set(first)
    assert max(first.count(path) for path in BROKEN + HEALTHY) <= 2  # some are controls as well
    asked = [path for path in site.paths if path in BROKEN + HEALTHY]
    assert set(asked[: len(HEALTHY)]) == set(HEALTHY)
    assert not any("stopped answering" in said for said in second.summary.problems)
    states = rows(tmp_path, "select state, unreadable_since from articles where url like '%broken%'")
    assert all(row["state"] == "live" and row["unreadable_since"] for row in states)


def test_an_edition_that_refuses_everything_is_left_alone(tmp_path):
    """Five failures, then five controls; but for what Scrapy has under way nothing else is asked in that run."""
    paths = [f"/ferry-shut-{n}" for n in range(301, 371)]
    with Stand({"/": front(*paths), **{path: story(path) for path in paths}}) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url)
        site.pages |= {path: Answer("no", 403) for path in paths}
        site.forget()
        ending = crawl(tmp_path, NOW + 13 * HOUR, edition="en", site=site.url, settings=EVERY)
    assert ending.exit_code == Exit.NOTHING_FETCHED
    assert any("stopped answering: forbidden" in said for said in ending.summary.problems)
    asked = [path for path in site.paths if path in paths]
    assert 10 <= ending.summary.counts["failed"] == len(asked) < 50
    assert ending.summary.counts["deferred"] > 20


def test_an_absence_is_not_hidden_by_failing_afterwards(tmp_path):
    """404 for one article, and 503 for all others until the run ends: suspected after some runs, and said why."""
    gone, *others = HEALTHY
    down = [False]

    def absent(_):
        down[0] = True
        return Answer("<h1>Not found</h1>", 404)

    def busy(path):
        return lambda _: Answer("busy", 503) if down[0] else story(path)

    with Stand({"/": front(*HEALTHY), **{path: story(path) for path in HEALTHY}}) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url)
        site.pages |= {gone: absent, **{path: busy(path) for path in others}}
        for hours in (13, 20, 33, 46):
            down[0] = False
            crawl(tmp_path, NOW + hours * HOUR, edition="en", site=site.url, settings=EVERY)
    (state,) = rows(tmp_path, f"select state, url from articles where url like '%{gone}'")
    assert state["state"] == "suspected"
    reason = one(
        tmp_path, "select reason from observations where verdict = 'absent' order by id desc limit 1"
    )
    assert "no control answered after it" in reason
    assert one(tmp_path, "select count(*) from articles where state != 'live'") == 1
