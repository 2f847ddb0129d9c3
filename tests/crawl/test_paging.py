"""Lists read far back over HTTP: how they go on, where reading ends, and that an interrupted run goes on where it was."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.crawl.editions import Listing
from newscrawl.crawl.listings import backfill_cursor
from newscrawl.errors import Exit, UsageError
from newscrawl.store.read.reader import open_reader
from tests.support.fake_site import NOW, Answer, Stand, keys, one, rows, story
from tests.support.lists import (
    PAGE,
    TOTAL,
    articles,
    listed,
    lists,
    numbered,
    page_of,
    path,
    run,
    source,
    when,
)

DAY = timedelta(days=1)
FORM = (("page", "{n}"), ("type", "list"))
# name -> (how the list goes on, the address of page n at the server, answered as JSON)
WAYS = {
    "page parameter": (Listing("/news/", more="/news/?page={n}"), "/news/?page={n}", False),
    "path": (Listing("/news/", more="/news/page/{n}/"), "/news/page/{n}/", False),
    "handler with JSON": (
        Listing("/news/", more="/news/?handler=More&p={n}"),
        "/news/?handler=More&p={n}",
        True,
    ),
    "form": (Listing("/news/", more="/more", form=FORM), "/more#page={n}&type=list", True),
}


@pytest.mark.parametrize("name", WAYS)
def test_older_pages_back_to_a_day(name: str, tmp_path: Path) -> None:
    """Every article since that day is there, no older page than needed was asked for, and nothing twice."""
    listing, address, json_answers = WAYS[name]
    with Stand() as site:
        numbered(site, address, json_answers=json_answers)
        ending = run(tmp_path, site, source(listing), since=f"{when(13):%Y-%m-%d}")
        asked = Counter(site.paths)
    assert ending.exit_code == Exit.OK, ending.line
    assert keys(tmp_path) == sorted(path(n)[1:] for n in range(13, TOTAL + 1))
    assert max(asked.values()) == 1
    # Pages 1 to 4 hold what was asked for; the fifth begins a day before, within the slack; the sixth is surely older.
    assert [one for one in asked if "item" not in one] == [
        "/news/",
        *(address.format(n=n) for n in range(2, 7)),
    ]


def test_dates_ranges_and_days_later(tmp_path: Path) -> None:
    """`until` leaves out what is newer, and asking for the same time again costs one read of the list."""
    spider = source(Listing("/news/", more="/news/?page={n}"))
    arguments = {"since": f"{when(9):%Y-%m-%d}", "until": f"{when(15):%Y-%m-%d}"}
    with Stand() as site:
        numbered(site, "/news/?page={n}")
        run(tmp_path, site, spider, **arguments)
        assert keys(tmp_path) == sorted(path(n)[1:] for n in range(9, 16))
        site.forget()
        ending = run(tmp_path, site, spider, NOW + timedelta(hours=1), **arguments)
        assert site.paths == ["/news/"]
    assert ending.exit_code == Exit.OK


def test_undated_list(tmp_path: Path) -> None:
    """Where a list tells no dates the articles do, page by page: it is not read to its end."""
    with Stand() as site:
        numbered(site, "/news/?page={n}", dated=False)
        run(tmp_path, site, source(Listing("/news/", more="/news/?page={n}")), since=f"{when(19):%Y-%m-%d}")
        assert lists(site) == ["/news/", *(f"/news/?page={n}" for n in (2, 3, 4))]
    assert keys(tmp_path) == sorted(path(n)[1:] for n in range(19, TOTAL + 1))


def test_limit_ends_the_walk(tmp_path: Path) -> None:
    """With a limit no more pages are read than give so many articles."""
    with Stand() as site:
        numbered(site, "/news/?page={n}")
        run(tmp_path, site, source(Listing("/news/", more="/news/?page={n}")), since="2026-01-01", limit="4")
        assert lists(site) == ["/news/", "/news/?page=2"]
    assert one(tmp_path, "select count(*) from articles") == 4


def test_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A list whose page 5 did not answer is not read from its beginning again, and what is new at the top is found."""
    spider = source(Listing("/news/", more="/news/?page={n}"))
    with Stand() as site:
        numbered(site, "/news/?page={n}")
        site.pages["/news/?page=5"] = Answer("", 503)
        run(tmp_path, site, spider, since="2026-01-01")
        assert one(tmp_path, "select count(*) from articles") == 4 * PAGE
        site.forget()
        # Two new pieces push the others down, so that page 4 holds what pages 3 and 4 held.
        site.pages |= {
            path(n): story(f"landing {n}", published=NOW.isoformat()) for n in (TOTAL + 1, TOTAL + 2)
        }
        site.pages |= {f"/news/?page={n}": listed(page_of(n, TOTAL + 2)) for n in range(2, 10)}
        site.pages["/news/"] = listed(page_of(1, TOTAL + 2))
        run(tmp_path, site, spider, NOW + timedelta(hours=1), since="2026-01-01")
        assert lists(site) == ["/news/", *(f"/news/?page={n}" for n in range(4, 11))]
    assert one(tmp_path, "select count(*) from articles") == TOTAL + 2


def test_a_hole_is_walked_anew(tmp_path: Path) -> None:
    """After a gap that older pages did not close, a backfill does not jump over it."""
    spider = source(Listing("/news/", more="/news/?page={n}"))
    with Stand() as site:
        site.pages |= articles() | {"/news/": listed(page_of(1, 10)), "/news/?page=2": listed(page_of(2, 10))}
        run(tmp_path, site, spider, since="2026-01-01")
        site.pages |= {"/news/": listed(page_of(1)), "/news/?page=2": Answer("", 404)}
        run(tmp_path, site, spider, NOW + DAY)  # does not join: everything between is a gap
        assert rows(tmp_path, "select walk from listings where walk is not null and walk != 'null'") == []
        numbered(site, "/news/?page={n}")
        run(tmp_path, site, spider, NOW + 2 * DAY, since="2026-01-01")
    assert one(tmp_path, "select count(*) from articles") == TOTAL


def test_own_links_of_a_list(tmp_path: Path) -> None:
    """A list that goes on by rel=next is read back to the day as well, and from where it stopped."""
    with Stand() as site:
        site.pages |= articles()
        for page in range(1, TOTAL // PAGE + 1):
            further = f'<a rel="next" href="/older/{page + 1}">Next</a>'
            site.pages["/" if page == 1 else f"/older/{page}"] = listed(page_of(page), further=further)
        site.pages["/older/4"] = Answer("", 503)
        run(tmp_path, site, source("/"), since="2026-01-01")
        site.pages["/older/4"] = listed(page_of(4), further='<a rel="next" href="/older/5">Next</a>')
        site.forget()
        run(tmp_path, site, source("/"), NOW + timedelta(hours=1), since="2026-01-01")
        assert lists(site) == ["/", *(f"/older/{n}" for n in range(4, 10))]
    assert one(tmp_path, "select count(*) from articles") == TOTAL


DAYS = Listing("/news/", days="/news/{day:%Y/%m/%d}/")


def test_lists_of_days(tmp_path: Path) -> None:
    """Days are read newest first back to the one asked for; those that are over are not read again."""
    since = f"{when(18):%Y-%m-%d}"
    with Stand() as site:
        site.pages |= articles() | {"/news/": listed(page_of(1))}
        site.pages |= {f"/news/{when(n):%Y/%m/%d}/": listed([n], dated=False) for n in range(1, TOTAL + 1)}
        second = f'<a rel="next" href="/news/{when(22):%Y/%m/%d}/2/">Next</a>'
        site.pages[f"/news/{when(22):%Y/%m/%d}/"] = listed([22], further=second)
        site.pages[f"/news/{when(22):%Y/%m/%d}/2/"] = listed([3], dated=False)
        run(tmp_path, site, source(DAYS), since=since)
        assert lists(site)[:3] == ["/news/", f"/news/{when(24):%Y/%m/%d}/", f"/news/{when(23):%Y/%m/%d}/"]
        assert len(lists(site)) == 1 + 7 + 1
        assert keys(tmp_path) == sorted(path(n)[1:] for n in range(18, TOTAL + 1))
        site.forget()
        run(tmp_path, site, source(DAYS), NOW + timedelta(hours=1), since=since)
        # Today and yesterday, which may have grown since; of the others the one that ended less than a day ago.
        assert set(lists(site)) == {"/news/", *(f"/news/{when(n):%Y/%m/%d}/" for n in (24, 23))}


# name -> (pages beyond the first, pages asked for at most, words of the problem)
ENDLESS = {
    "the same page for ever": ("same", 1, ""),
    "new pieces for ever": ("new", backfill_cursor.PAGES_BACK, "the rest is left to the next run"),
    "empty pages for ever": ("empty", 1, ""),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_lists(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that answers every page with 200 is not read for ever, and where a bound ended it that is said."""
    kind, most, said = ENDLESS[name]
    monkeypatch.setattr(backfill_cursor, "PAGES_BACK", 6)
    numbers = iter(range(10**6))
    with Stand(articles()) as site:
        site.pages["/news/"] = listed(page_of(1))
        site.default = {
            "same": lambda _: listed(page_of(1)),
            "new": lambda _: (
                f'<a href="/news/item-{500000 + next(numbers)}">Ferry</a><time datetime="2026-05-10">x</time>'
            ),
            "empty": lambda _: "<html><body>Nothing here</body></html>",
        }[kind]
        spider = source(Listing("/news/", more="/news/?page={n}"))
        ending = run(tmp_path, site, spider, since="2026-01-01", settings={"LOG_LEVEL": "CRITICAL"})
        assert sum("page=" in one for one in site.paths) == min(most, 5)
    problems = " ".join(ending.summary.problems)
    assert said in problems
    assert kind == "new" or ending.exit_code == Exit.OK, ending.line


def test_endless_calendar(tmp_path: Path) -> None:
    """Lists of days that never show anything are given up after a month of them, and that is said."""
    with Stand(articles()) as site:
        site.pages["/news/"] = listed(page_of(1))
        site.default = lambda _: listed(page_of(1))
        ending = run(tmp_path, site, source(DAYS), since="2001-01-01")
        assert (
            len(lists(site)) == 2 + backfill_cursor.QUIET_DAYS
        )  # the first day shows what the others repeat
    assert "30 days in a row showed nothing new" in " ".join(ending.summary.problems)


def test_form_goes_to_own_hosts_only(tmp_path: Path) -> None:
    """A form is never sent to another host, whatever a source's file says."""
    with Stand() as site, Stand() as other:
        numbered(site, "/more#page={n}&type=list")
        spider = source(Listing("/news/", more=f"{other.url}/more", form=FORM))
        run(tmp_path, site, spider, since="2026-01-01")
        assert other.seen == []


@pytest.mark.parametrize(
    "written", [{"more": "/news/{page}/"}, {"days": "/{day:%Y/{x}"}, {"more": "/a", "form": (("p", "{"),)}]
)
def test_braces_that_mean_nothing(written: dict) -> None:
    """A typing error in a source's file is said when it is loaded."""
    with pytest.raises(UsageError, match="not an address of older pages"):
        Listing("/news/", **written)


def test_form_with_the_day_reached(tmp_path: Path) -> None:
    """A handler that wants the oldest day shown so far gets it, and the day before where that brings nothing new."""
    listing = Listing("/news/", more="/more", form=(("lastDate", "{day:%d.%m.%Y}"),))
    with Stand() as site:
        site.pages |= articles() | {"/news/": listed(page_of(1))}
        for n in range(1, TOTAL + 1):
            site.pages[f"/more#lastDate={when(n):%d.%m.%Y}"] = listed(list(range(n, max(n - PAGE, 0), -1)))
        run(tmp_path, site, source(listing), since=f"{when(15):%Y-%m-%d}")
    assert keys(tmp_path) == sorted(path(n)[1:] for n in range(15, TOTAL + 1))


def test_most_read_on_every_page(tmp_path: Path) -> None:
    """Newest pieces beside every page of an undated list do not keep the cursor going for ever."""
    with Stand() as site:
        numbered(site, "/news/?page={n}", dated=False)
        for page in range(1, TOTAL // PAGE + 1):
            address = "/news/" if page == 1 else f"/news/?page={page}"
            site.pages[address] = listed([*page_of(page), *page_of(1)], dated=False)
        run(tmp_path, site, source(Listing("/news/", more="/news/?page={n}")), since=f"{when(19):%Y-%m-%d}")
        assert lists(site) == ["/news/", *(f"/news/?page={n}" for n in (2, 3, 4))]


# name -> (how the list goes on behind its third page, whether the date asked for was reached)
ENDS = {
    "no further link": ("", False),
    "a link to a page that is not there": ('<a rel="next" href="/older/4">Next</a>', False),
    "a link to a page shown before": ('<a rel="next" href="/older/2?again">Next</a>', False),
    "the date was reached": ("", True),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_list_that_ends_before_the_date(name: str, tmp_path: Path) -> None:
    """`since` asked for more than the list has: coverage says where it ended and what was asked for."""
    further, reached = ENDS[name]
    with Stand(articles()) as site:
        for page in (1, 2, 3):
            more = f'<a rel="next" href="/older/{page + 1}">Next</a>' if page < 3 else further
            site.pages["/" if page == 1 else f"/older/{page}"] = listed(page_of(page), further=more)
        site.pages["/older/2?again"] = site.pages["/older/2"]
        since = when(20) if reached else when(3)
        ending = run(tmp_path, site, source("/"), since=f"{since:%Y-%m-%d}")
        assert ending.exit_code == Exit.OK, ending.line
    with open_reader(f"sqlite:///{tmp_path / 'newscrawl.db'}") as reader:
        (record,) = reader.coverage()
    said = [one.reason for one in record.unread]
    assert len(said) == (0 if reached else 1), said
    for reason in said:
        assert "the list ends after 3 pages" in reason
        assert f"{since:%Y-%m-%d} was asked for" in reason
