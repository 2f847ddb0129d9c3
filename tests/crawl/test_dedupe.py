"""One piece under many addresses is one article; two pieces are never merged; the same page again is no version."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from newscrawl.errors import Exit
from tests.support.crawling import crawl
from tests.support.fake_site import (
    NOW,
    Answer,
    Page,
    Stand,
    feed,
    front,
    keys,
    observations,
    one,
    rows,
    sitemap,
    story,
)

ONE, TWO = "/ferry-to-one-101", "/ferry-to-two-102"
CANONICAL = "https://en.orda.kz" + ONE


def moved(to: str, status: int = 301) -> Answer:
    """A redirect."""
    return Answer(b"", status, headers={"Location": to})


def go(site: Stand, home: Path, hours: float = 0, **arguments: str) -> Any:
    """A crawl some hours after the first moment."""
    return crawl(
        home,
        NOW + timedelta(hours=hours),
        edition="en",
        site=site.url,
        settings={"RECHECK_BUDGET": 50},
        **arguments,
    )


# name -> (pages, keys of the articles that must come of it)
CASES: dict[str, tuple[dict[str, Page], list[str]]] = {
    "four channels at once": (
        {"/": front(ONE, TWO), "/feed/": feed("https://en.orda.kz" + ONE), "/sitemap/sitemap_news1.xml": sitemap("https://en.orda.kz" + ONE + "/", CANONICAL),
         ONE: story("One", block=(TWO,)), TWO: story("Two", block=(ONE, ONE + "/"))},
        [ONE, TWO],
    ),
    "with and without slash": ({"/": front(ONE, ONE + "/"), ONE: story("One"), ONE + "/": story("One")}, [ONE]),
    "tracking parameters": (
        {"/": front(ONE + "?utm_source=telegram&fbclid=1", ONE + "?ysclid=x", ONE), ONE: story("One"),
         ONE + "?utm_source=telegram&fbclid=1": story("One"), ONE + "?ysclid=x": story("One")},
        [ONE],
    ),
    "AMP page": ({"/": front("/amp" + ONE, ONE + "/amp", ONE), ONE: story("One"), "/amp" + ONE: story("One"), ONE + "/amp": story("One")}, None),  # whichever was read first is its key
    "redirect from another address": (
        {"/": front("/ferry-old-name-of-it-77", ONE), "/ferry-old-name-of-it-77": moved(ONE), ONE: story("One")}, [ONE]),
    "redirect alone": ({"/": front("/ferry-old-name-of-it-77"), "/ferry-old-name-of-it-77": moved(ONE), ONE: story("One")}, [ONE]),
    "two addresses redirect to one": (
        {"/": front("/ferry-old-name-a-771", "/ferry-old-name-b-772"), "/ferry-old-name-a-771": moved(ONE), "/ferry-old-name-b-772": moved(ONE, 302), ONE: story("One")},
        [ONE],
    ),
    "canonical link": (
        {"/": front("/ferry-shared-address-of-it-500", ONE), "/ferry-shared-address-of-it-500": story("One", canonical=CANONICAL), ONE: story("One", canonical=CANONICAL)},
        None,  # whichever was read first is its key
    ),
    "wrong canonical link names another article": (
        {"/": front(ONE, TWO), ONE: story("One", canonical="https://en.orda.kz" + TWO), TWO: story("Two", canonical="https://en.orda.kz" + TWO)}, [ONE, TWO]),
    "wrong canonical link, the other one read first": (
        {"/": front(TWO, ONE), ONE: story("One", canonical="https://en.orda.kz" + TWO), TWO: story("Two")}, [ONE, TWO]),
    "every page names the front page": (
        {"/": front(ONE, TWO), ONE: story("One", canonical="https://en.orda.kz/"), TWO: story("Two", canonical="https://en.orda.kz/")}, [ONE, TWO]),
    "canonical link is nonsense": (
        {"/": front(ONE, TWO), ONE: story("One", canonical="http://[bad"), TWO: story("Two", canonical="javascript:void(0)")}, [ONE, TWO]),
    "canonical link on a foreign host": (
        {"/": front(ONE, TWO), ONE: story("One", canonical="https://elsewhere.example/x-1"), TWO: story("Two", canonical="https://elsewhere.example/x-1")}, [ONE, TWO]),
    "same words, two addresses, no link between them": (
        {"/": front(ONE, "/ferry-quite-another-303"), ONE: story("One"), "/ferry-quite-another-303": story("Three")}, [ONE, "/ferry-quite-another-303"]),
    "one number under two slugs": (
        {"/": front(ONE, "/crossing-renamed-now-101"), ONE: story("One"), "/crossing-renamed-now-101": story("One")}, None),
    "one number, two pieces": (
        {"/": front(ONE, "/harvest-elsewhere-101"), ONE: story("One"), "/harvest-elsewhere-101": story("Harvest")}, [ONE, "/harvest-elsewhere-101"]),
    "http and https": ({"/": front("http://en.orda.kz" + ONE, "https://en.orda.kz" + ONE), ONE: story("One")}, [ONE]),
    "www and without": ({"/": front("https://www.en.orda.kz" + ONE, "https://en.orda.kz" + ONE), ONE: story("One")}, [ONE]),
    "fragments": ({"/": front(ONE + "#comments", ONE + "#top"), ONE: story("One")}, [ONE]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_addresses(name: str, tmp_path: Path) -> None:
    """Every piece once, each lead with one outcome; a second check settles nothing anew."""
    pages, expected = CASES[name]
    with Stand(pages) as site:
        ending = go(site, tmp_path)
        assert ending.exit_code == Exit.OK, ending.line
        found = ["/" + key for key in keys(tmp_path)]
        assert found == sorted(expected) if expected is not None else len(found) == 1
        assert not one(tmp_path, "select count(*) from leads where outcome is null or article_id is null")
        go(site, tmp_path, 30)
        assert ["/" + key for key in keys(tmp_path)] == found
        assert one(tmp_path, "select count(*) from versions") == len(found)


def test_four_channels_ask_once(tmp_path: Path) -> None:
    """An article found through front page, feed, sitemap and block is fetched once, and seen in the lists."""
    with Stand(CASES["four channels at once"][0]) as site:
        go(site, tmp_path)
        assert sorted(path for path in site.paths if "ferry" in path) == [ONE, TWO]
    seen = rows(
        tmp_path,
        "select channel from sightings join listing_reads on read_id = listing_reads.id join listings on listing_id = listings.id order by 1",
    )
    assert [row["channel"] for row in seen] == ["feed", "listing", "listing"]


@pytest.mark.parametrize("redirects", [True, False], ids=["with a redirect", "without a redirect"])
def test_renamed_slug_with_the_same_number(redirects: bool, tmp_path: Path) -> None:
    """A piece whose slug was renamed stays one article; its new address is an alias, its new headline a version."""
    new = "/ferry-to-one-renamed-101"
    with Stand({"/": front(ONE), ONE: story("One")}) as site:
        go(site, tmp_path)
        site.pages |= {"/": front(new), new: story("One", title="Ferry to One: the new headline")}
        site.pages[ONE] = moved(new) if redirects else Answer("gone", 404)
        go(site, tmp_path, 13)
        go(site, tmp_path, 26)
    assert one(tmp_path, "select count(*) from articles") == 1
    assert {row["number"] for row in rows(tmp_path, "select number from versions")} == {1, 2}
    assert {ONE[1:], new[1:]} <= {
        row["url_key"].rsplit("/", 1)[-1] for row in rows(tmp_path, "select url_key from article_urls")
    }
    assert one(tmp_path, "select state from articles") in ("live", "suspected" if not redirects else "live")


def test_an_edit_after_a_move_met_at_the_new_address_is_told_once(tmp_path: Path) -> None:
    """The list shows the new address before the old one redirects there: the older article goes on, and stands for both."""
    new = "/ferry-to-one-moved-3101"
    with Stand({"/": front(ONE, TWO), ONE: story("One"), TWO: story("Two")}) as site:
        go(site, tmp_path)
        site.pages |= {"/": front(new, TWO), new: story("One"), ONE: moved(new)}
        go(site, tmp_path, 13)
        go(site, tmp_path, 26)
        site.pages[new] = story("One", title="Ferry to One: the new headline")
        for hours in (39, 52, 65):
            go(site, tmp_path, hours)
    edited = rows(tmp_path, "select distinct url_key from articles where version > 1")
    assert [row["url_key"].rsplit("/", 1)[-1] for row in edited] == [ONE[1:]]
    assert {row["state"] for row in rows(tmp_path, "select state from articles")} == {"live"}
    counted = rows(tmp_path, "select url from articles where tied_to_id is null order by id")
    assert [row["url"].rsplit("/", 1)[-1] for row in counted] == [new[1:], TWO[1:]]
    assert one(tmp_path, "select count(*) from versions where number > 1") == 1


def _noise(n: int) -> dict[str, Any]:
    """Furniture that is new at every check."""
    block = [f"/newest-headline-of-all-{900 + i}" for i in range(n, n + 20)]
    return {"noise": f"USD {500 + n}.{n} EUR {n} weather {n}°, read {n} times", "block": block}


def test_a_feed_that_is_not_offered_is_asked_once_a_day(tmp_path: Path) -> None:
    """A feed that worked before and answers 404 is asked at every run: that is a failure."""
    with Stand({"/": front(ONE), ONE: story("One")}) as site:
        asked = []
        for hours in (0, 1, 25):
            site.forget()
            assert go(site, tmp_path, hours).exit_code == Exit.OK
            asked.append(site.paths.count("/feed/"))
        site.pages["/feed/"] = feed(CANONICAL)
        go(site, tmp_path, 50)
        del site.pages["/feed/"]
        for hours in (51, 52):
            site.forget()
            assert go(site, tmp_path, hours).exit_code == Exit.PARTLY_FAILED
            asked.append(site.paths.count("/feed/"))
    assert asked == [1, 0, 1, 1, 1]


def test_furniture_makes_no_version(tmp_path: Path) -> None:
    """A newer block, a counter and a ticker at every check: new bytes each time, captured each time, and no version."""
    served = itertools.count(1)
    with Stand({"/": front(ONE), ONE: lambda _: story("One", **_noise(next(served)))}) as site:
        for hours in (0, 13, 26, 39):
            go(site, tmp_path, hours)
        assert site.paths.count(ONE) == 4
    assert one(tmp_path, "select count(*) from versions") == 1
    verdicts = rows(
        tmp_path,
        "select verdict from observations join articles on articles.id = article_id order by observations.id",
    )
    assert [row["verdict"] for row in verdicts] == ["new", "unchanged", "unchanged", "unchanged"]
    assert (
        one(
            tmp_path, "select count(*) from captures where url like :url and kind = 'response'", url=f"%{ONE}"
        )
        == 4
    )


def conditional(body: str, tag: str) -> Callable[[Any], Answer]:
    """A page with validators that answers 304 to whoever has it."""

    def answer(seen: Any) -> Answer:
        if seen.headers.get("If-None-Match") == tag:
            return Answer(b"", 304, headers={"ETag": tag})
        return Answer(body, headers={"ETag": tag, "Last-Modified": "Mon, 11 May 2026 06:00:00 GMT"})

    return answer


@pytest.mark.parametrize(
    "absent",
    [
        pytest.param(Answer("gone", 404), id="404 for what is not there"),
        pytest.param("<html><body><h1>Nothing here</h1></body></html>", id="a page for what is not there"),
    ],
)
def test_second_run_with_nothing_new(absent: Page, tmp_path: Path) -> None:
    """It asks for the listing channels and nothing else, conditionally, and adds no row but its own reads."""
    listed = sitemap(*(f"https://en.orda.kz{path}" for path in (ONE, TWO)))
    pages = {"/": conditional(front(ONE, TWO), '"f"'), "/feed/": conditional(str(feed(CANONICAL).body), '"r"'), "/sitemap/sitemap_news1.xml": listed,
             ONE: conditional(story("One"), '"one"'), TWO: story("Two")}  # fmt: skip
    pages |= {f"/sitemap/sitemap_news{number}.xml": absent for number in range(2, 8)}
    counted = ("articles", "versions", "leads", "article_urls", "changes", "observations")
    with Stand(pages) as site:
        go(site, tmp_path)
        before = {table: one(tmp_path, f"select count(*) from {table}") for table in counted}
        site.forget()
        ending = go(site, tmp_path, 0.2)
        assert (ending.exit_code, ending.summary.counts) == (Exit.OK, {})
        # The numbers after the last sitemap were asked for today.
        assert sorted(site.paths) == ["/", "/feed/", "/sitemap/sitemap_news1.xml"]
        assert {
            seen.path: seen.headers.get("If-None-Match") for seen in site.seen if seen.path in ("/", "/feed/")
        } == {"/": '"f"', "/feed/": '"r"'}
        assert {table: one(tmp_path, f"select count(*) from {table}") for table in counted} == before
        site.forget()
        go(site, tmp_path, 40)
        due = {seen.path: seen.headers for seen in site.seen if "ferry" in seen.path}
        assert due[ONE]["If-None-Match"] == '"one"'
        assert due[ONE]["If-Modified-Since"] == "Mon, 11 May 2026 06:00:00 GMT"
        assert "If-None-Match" not in due[TWO]
        assert observations(tmp_path)[ONE[1:]]["verdict"] == "not_modified"
        assert one(tmp_path, "select count(*) from versions") == before["versions"]


def test_order_of_the_front_page_is_kept(tmp_path: Path) -> None:
    """The newest are fetched first, so that a run that is cut short has the news."""
    paths = [f"/ferry-number-{n}" for n in range(301, 331)]
    with Stand({"/": front(*paths), **{path: story(f"Nr{path[-3:]}") for path in paths}}) as site:
        go(site, tmp_path)
        assert [path for path in site.paths if "ferry" in path] == paths


def test_mirror_then_the_outlet_itself(tmp_path: Path) -> None:
    """What was read from one mirror is the same article when it is read from another."""
    pages: dict[str, Page] = {"/": front(ONE), ONE: story("One")}
    with Stand(pages) as first, Stand(pages) as second:
        go(first, tmp_path)
        ending = go(second, tmp_path, 13)
        assert ending.summary.counts == {"unchanged": 1}
        assert second.paths.count(ONE) == 1
    assert one(tmp_path, "select url_key from articles") == CANONICAL


def test_on_postgresql(postgres_archive_url: str, tmp_path: Path) -> None:
    """The same decisions on PostgreSQL: a wrong canonical link swallows nothing, the second run adds nothing."""
    with Stand(CASES["wrong canonical link names another article"][0]) as site:
        for hours in (0, 0.2):
            ending = crawl(
                tmp_path,
                NOW + timedelta(hours=hours),
                edition="en",
                site=site.url,
                database_url=postgres_archive_url,
            )
            assert ending.exit_code == Exit.OK, ending.line
    assert keys(postgres_archive_url) == sorted([ONE[1:], TWO[1:]])
    assert one(postgres_archive_url, "select count(*) from versions") == 2
