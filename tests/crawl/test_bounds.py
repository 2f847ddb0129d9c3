"""Bounds of a crawl: how many new leads a run takes, and how much of a robots.txt; each says what it cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.crawl.http import robots
from newscrawl.crawl.listings import reader
from newscrawl.crawl.listings.bounds import LeadBound
from newscrawl.model import Channel, Lead
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, front, rows, story

NEWS = [f"/ferry-number-{n}" for n in range(601, 605)]


def _leads(*names: str, channel: Channel = Channel.SITEMAP):
    return tuple(
        (name, Lead(f"https://a.example/{name}", channel, "https://a.example/list")) for name in names
    )


TAKEN = {
    # what waits, what the archive has met, the channel, and what is taken of a, b, c, d with room for two
    "nothing known": (0, "", Channel.SITEMAP, "ab"),
    "known ones need no room": (0, "ac", Channel.SITEMAP, "abcd"),
    "one waits": (1, "", Channel.SITEMAP, "a"),
    "more wait than there is room": (9, "d", Channel.SITEMAP, "d"),
    "a front page does not wait for sitemaps": (9, "", Channel.LISTING, "ab"),
    "neither does a feed": (9, "a", Channel.FEED, "abc"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_room(name):
    waiting, met, channel, taken = TAKEN[name]
    bound = LeadBound(lambda _: waiting, most=2)
    found = bound.take("en", channel, _leads(*"abcd", channel=channel), set(met))
    assert "".join(key for key, _ in found) == taken
    assert bound.room("kk", Channel.FEED) == 2  # each edition has its own


def _flooded(site: Stand, number: int) -> None:
    entries = "".join(
        f"<url><loc>{site.url}/flood-number-{n}</loc></url>" for n in range(7000, 7000 + number)
    )
    site.pages |= {path: story(f"Nr{path[-3:]}") for path in NEWS} | {"/": front(*NEWS)}
    site.pages["/sitemap/sitemap_news1.xml"] = Answer(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>',
        content_type="text/xml",
    )


@pytest.mark.slow
def test_a_flood_of_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The news are asked before the sitemap is read; what is beyond the bound is counted, and later runs take it."""
    monkeypatch.setattr(reader, "LeadBound", lambda waiting: LeadBound(waiting, most=5))
    with Stand() as site:
        _flooded(site, 10)
        ending = crawl(tmp_path, NOW, edition="en", site=site.url)
        order = site.paths
        assert max(order.index(path) for path in NEWS) < order.index("/sitemap/sitemap_news1.xml")
        assert ending.summary.counts["beyond_bound"] == 5
        assert any("5 new addresses beyond the bound" in problem for problem in ending.summary.problems)
        (waiting,) = rows(tmp_path, "select count(*) as n from leads where url like '%flood%'")
        assert waiting["n"] == 5
        # Not "not modified": the rest is still to come.
        (state,) = rows(
            tmp_path, "select etag, last_modified from listings where channel = 'sitemap' and outcome = 'ok'"
        )
        assert (state["etag"], state["last_modified"]) == (None, None)


@pytest.mark.slow
def test_a_robots_txt_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules count up to the bound, the connection is closed behind it, and the run says so; the record is marked as cut."""
    monkeypatch.setattr(robots, "LIMIT", 4000)
    rules = "User-agent: *\nDisallow: /ferry-number-601\n" + "Disallow: /nothing-here\n" * 300_000
    with Stand({path: story(f"Nr{path[-3:]}") for path in NEWS} | {"/": front(*NEWS)}) as site:
        site.pages["/robots.txt"] = Answer(rules + "Disallow: /\n", content_type="text/plain")
        ending = crawl(tmp_path, NOW, edition="en", site=site.url)
    assert ending.summary.counts["new"] == 3
    assert any(
        "robots.txt of 127.0.0.1" in problem and "longer than" in problem
        for problem in ending.summary.problems
    )
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.warc.gz")) < 1_000_000
