"""Addresses that may be a variant of another page: the text decides; no piece is lost, and none is there twice."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import Exit
from tests.support.fake_site import NOW, Page, Stand, feed, keys, one, rows, story
from tests.support.lists import DAY, run, source

SLUGS = ("feed", "embed", "print", "amp", "trackback", "rss", "share", "mobile", "full", "index.html")
PLAIN = "/news/ferry-{n}.html"

# What a channel names beside the article's own address, by the number of the article; all show the same text.
VARIANTS = {
    1: ("/news/ferry-1.html?sid=ab12",),
    2: ("/news/ferry-2.html?from=rss", "/news/ferry-2.html?from=main"),
    3: ("/news/ferry-3.html?ref=1", "/news/ferry-3.html?ref=2"),
    4: ("/news/ferry-4.amp.html", "/amp/news/ferry-4.html"),
    5: ("/news/ferry-5.html/amp/", "/news/ferry-5.html/print"),
    6: ("/news/ferry-6.html?print=1", "/news/ferry-6.html?output=amp"),
    7: ("/news/%D2%9B%D0%BE%D0%B8%CC%86-7", "/news/%D2%9B%D0%BE%D0%B9-7"),
    8: ("/News/Ferry-8.html", "/m/news/ferry-8.html"),
    9: ("/news/ferry-9.html?erid=2Vtz&partner=x",),
    10: ("/news//ferry-10.html", "/old/../news/./ferry-10.html", "/news/ferry-10.html;jsessionid=0A1"),
}
# Pieces of their own whose addresses differ by what a variant has more.
OWN = {
    "/kurs?ref=1": ("Rates of the day", "One dollar costs 520 tenge, one euro 600, one rouble 6."),
    "/kurs?ref=2": ("Rates of the day", "One dollar costs 521 tenge, one euro 600, one rouble 6."),
    "/kurs": ("Rates of the day", "One dollar costs 519 tenge, one euro 599, one rouble 6."),
    "/Kurs": ("Rates of the day", "One dollar costs 518 tenge, one euro 599, one rouble 5."),
}


def notice(title: str, figures: str) -> str:
    """A daily notice: the same words every day but for the figures, and no date."""
    same = (
        "The exchange says so at its morning session in the old hall by the river, where brokers meet every working "
        "day at ten to settle what banks and shops will ask for foreign money until the next morning comes. "
    )
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{figures}</p><p>{same * 3}</p></article></body></html>"


def told(site: dict[str, Page]) -> dict[str, Page]:
    """Pages with the articles that have a section's or a variant's name."""
    for slug in SLUGS:
        site[f"/news/{slug}"] = story(f"the piece {slug}")
    return site


@pytest.fixture(scope="module", params=["the article first", "the variant first"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive after two days: the variants are named in the first or in the second."""
    where = tmp_path_factory.mktemp("variants")
    channels = source(feeds=("/feed.xml",))
    channels.claimed_path = NewsSpider.claimed_path
    with Stand(told({"/news/": "<p>a section</p>"})) as site:
        plain = [PLAIN.format(n=n) for n in VARIANTS if n != 7]
        other = [address for some in VARIANTS.values() for address in some]
        for n, some in VARIANTS.items():
            for address in (PLAIN.format(n=n), *some):
                site.pages[address] = story(f"ferry number {n}")
        site.pages |= {address: notice(*words) for address, words in OWN.items()}
        days = [[*plain, *(f"/news/{slug}" for slug in SLUGS)], [*other, *OWN]]
        if request.param == "the variant first":
            days.reverse()
        for number, named in enumerate(days):
            site.pages["/feed.xml"] = feed(*(site.url + address for address in named))
            ending = run(where, site, channels, now=NOW + number * DAY)
            assert ending.exit_code == Exit.OK, ending.line
    return where


@pytest.mark.parametrize("slug", SLUGS)
def test_a_slug_is_no_variant(home: Path, slug: str) -> None:
    """A section lists an article whose slug is the name of a variant: it is fetched and kept as its own."""
    assert one(home, "select count(*) from articles where title = :t", t=_title(f"the piece {slug}")) == 1


@pytest.mark.parametrize("number", VARIANTS)
def test_the_same_piece(home: Path, number: int) -> None:
    """All addresses of one piece are one article with one version, each settled as its address."""
    title = _title(f"ferry number {number}")
    found = rows(home, "select id, version from articles where title = :t and tied_to_id is null", t=title)
    assert len(found) == 1, [unquote(key) for key in keys(home)]
    assert found[0]["version"] == 1


@pytest.mark.parametrize("address", OWN)
def test_another_piece(home: Path, address: str) -> None:
    """Notices of several days under one name, whose addresses differ by a parameter or a capital: each is kept."""
    body = OWN[address][1]
    assert one(home, "select count(*) from versions where body like :b", b=f"%{body[:40]}%") == 1


def test_nothing_waits_and_nothing_is_left_over(home: Path) -> None:
    """Every lead has its article; as many articles as there are pieces."""
    assert rows(home, "select url, outcome from leads where outcome is null or article_id is null") == []
    assert one(home, "select count(*) from articles") == len(SLUGS) + len(VARIANTS) + len(OWN)


def _title(name: str) -> str:
    page = story(name)
    assert isinstance(page, str)
    return page.partition("<h1>")[2].partition("</h1>")[0]
