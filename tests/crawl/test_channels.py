"""Channels over HTTP: sitemaps by date and from robots.txt, and every bad one refused or bounded, counted and said."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newscrawl.crawl import progress
from newscrawl.crawl.editions import Listing
from newscrawl.crawl.listings import schedule
from newscrawl.crawl.listings.schedule import outside
from newscrawl.crawl.progress import covered, remaining
from newscrawl.discover.feed import feed as read_feed
from newscrawl.discover.robots_sitemaps import BYTES_LIMIT, named_sitemaps
from newscrawl.discover.sitemap import span_of
from newscrawl.errors import Exit
from newscrawl.model import Dates
from newscrawl.store.write.reprocessing import open_for_reprocessing
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, keys, rows as stored, sitemap, story
from tests.support.lists import TOTAL, articles, listed, lists, numbered, page_of, path, run, source, when

ALMATY = ZoneInfo("Asia/Almaty")
MARCH = Dates(datetime(2024, 3, 1, tzinfo=ALMATY), datetime(2024, 4, 1, tzinfo=ALMATY))


def index(*children: tuple[str, str | None]) -> Answer:
    """A sitemap index of these addresses, each with its last change."""
    entries = "".join(
        f"<sitemap><loc>{address}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</sitemap>"
        for address, changed in children
    )
    return Answer(f"<sitemapindex>{entries}</sitemapindex>", content_type="application/xml")


@pytest.mark.parametrize(
    ("name", "is_outside"),
    [
        ("/sitemap-2024-02.xml", False),  # its last day may be the first of March elsewhere
        ("/sitemap-2024-01.xml", True),
        ("/sitemap-2024-03.xml", False),
        ("/sitemap_2024_05.xml", True),
        ("/sitemap/2024/03/15.xml", False),
        ("/sitemap/2024/05/15/", True),
        ("/sitemap-20240115.xml.gz", True),
        ("/sitemap-202401.xml", True),
        ("/sitemap-2019.xml", False),  # a year or a number
        ("/sitemap-201913.xml", False),
        ("/2019-01/sitemap-2024-03.xml", False),
        ("/post-sitemap7.xml", False),
    ],
)
def test_sitemaps_outside_the_time(name: str, is_outside: bool) -> None:
    """Only what surely holds nothing of March 2024 is passed over."""
    assert outside(f"https://landing.example{name}", MARCH, ALMATY) is is_outside
    assert not outside(f"https://landing.example{name}", Dates(), ALMATY)


def test_month_of_a_sitemap() -> None:
    """December ends with the year."""
    assert span_of("https://a.example/sitemap-2023-12.xml", UTC) == (
        datetime(2023, 12, 1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=UTC),
    )


def test_backfill_from_sitemaps(tmp_path: Path) -> None:
    """Sitemaps of other months are not asked for; what an index says of their last change hides nothing; what is older is not fetched."""
    with Stand(articles()) as site:

        def entry(n: int, changed: str | None) -> str:
            return f"<url><loc>{site.url}{path(n)}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"

        def of(*entries: str) -> Answer:
            return Answer(f"<urlset>{''.join(entries)}</urlset>", content_type="application/xml")

        site.pages |= {
            "/": listed(page_of(1)),
            "/sitemap.xml": index((f"{site.url}/s1.xml", "2026-05-01"), (f"{site.url}/s2.xml", "0001-01-01"), (f"{site.url}/s3.xml", "2026-03-01"),
                                  (f"{site.url}/s-2026-02.xml", None), (f"{site.url}/s4.xml", "2099-01-01")),
            "/s1.xml": of(entry(20, when(20).isoformat()), entry(2, when(2).isoformat()), entry(19, f"{when(19):%Y-%m-%d}")),
            "/s2.xml": of(entry(18, "0001-01-01T00:00:00Z"), entry(17, "2099-01-01T00:00:00Z"), entry(16, None)),
            "/s3.xml": of(entry(15, when(15).isoformat())),  # the index is wrong about it
            "/s4.xml": of(entry(3, f"{when(3):%Y-%m-%d}")),
        }  # fmt: skip
        ending = run(tmp_path, site, source("/", sitemaps=("/sitemap.xml",)), since=f"{when(12):%Y-%m-%d}")
        assert lists(site) == ["/", "/sitemap.xml", "/s1.xml", "/s2.xml", "/s3.xml", "/s4.xml"]
        assert path(2) not in site.paths
        assert path(3) not in site.paths
    assert ending.exit_code == Exit.OK, ending.line
    assert keys(tmp_path) == sorted(path(n)[1:] for n in (15, 16, 17, 18, 19, 20, *page_of(1)))


def test_sitemaps_named_in_robots(tmp_path: Path) -> None:
    """Where a source says so; also on a host of others, where robots.txt names one, and only for articles of the outlet."""
    spider = source("/")
    spider.robots_sitemaps = True
    with Stand(articles()) as site, Stand() as other:
        site.pages |= {
            "/": listed(page_of(1)),
            "/robots.txt": Answer(f"User-agent: *\nDisallow:\nSitemap: {site.url}/hidden.xml\nSITEMAP:{other.url}/x.xml\n", content_type="text/plain"),
            "/hidden.xml": sitemap(site.url + path(3)),
        }  # fmt: skip
        other.pages["/x.xml"] = sitemap(site.url + path(4), other.url + path(5))
        ending = run(tmp_path, site, spider)
        assert [seen.path for seen in other.seen] == ["/robots.txt", "/x.xml"]
    assert ending.exit_code == Exit.OK, ending.line
    assert {path(3)[1:], path(4)[1:]} <= set(keys(tmp_path))
    assert path(5)[1:] not in keys(tmp_path)


def test_what_an_index_on_another_host_may_name(tmp_path: Path) -> None:
    """A host of others is read for what the outlet names there, and not for what it names itself on a third host."""
    with Stand(articles()) as site, Stand() as other, Stand() as third:
        site.pages |= {"/": listed(page_of(1)), "/sitemap.xml": index((f"{other.url}/i.xml", None))}
        other.pages |= {
            "/i.xml": index((f"{other.url}/x.xml", None), (f"{third.url}/y.xml", None)),
            "/x.xml": sitemap(site.url + path(4)),
        }
        run(tmp_path, site, source("/", sitemaps=("/sitemap.xml",)))
        assert [seen.path for seen in third.seen] == []
    assert path(4)[1:] in keys(tmp_path)


@pytest.mark.parametrize(
    ("body", "children"),
    [
        (b"Sitemap: https://a.example/s.xml\r\nsitemap : /t.xml # old\r\nSitemap: https://a.example/s.xml", ["https://a.example/s.xml", "https://a.example/t.xml"]),
        (b"\xef\xbb\xbfSitemap: https://a.example/s.xml", ["https://a.example/s.xml"]),
        (b"Sitemap: javascript:1\nSitemap: file:///etc/passwd\nSitemap: https://u:p@a.example/s.xml\nSitemap:\n", []),
        (b"<html>Sitemap: https://a.example/s.xml</html>", []),
        (b"User-agent: *\nDisallow: /sitemap: x", []),
        (b"", []),
        (b"\x00\xff" * 1000, []),
    ],
)  # fmt: skip
def test_robots(body: bytes, children: list[str]) -> None:
    """Names in any case, relative ones too; nothing that is no web address."""
    assert list(named_sitemaps(body, "https://a.example/robots.txt").children) == children


def test_robots_without_end() -> None:
    """A thousand sitemaps, and that there were more."""
    page = named_sitemaps(
        b"".join(b"Sitemap: /s%d.xml\n" % n for n in range(1500)), "https://a.example/robots.txt"
    )
    assert (len(page.children), page.problem) == (1000, "more than 1000 sitemaps; the rest was left")


def test_what_a_long_robots_names_behind_the_bound_is_counted() -> None:
    """Half a line is no address, and the sitemaps behind the bound are said."""
    fill = b"Disallow: /x\n" * (BYTES_LIMIT // 13)
    body = fill[:-20] + b"\nSitemap: /torn-by-the-bound.xml\nSitemap: /b.xml\n# Sitemap: /c.xml\n"
    page = named_sitemaps(b"Sitemap: /a.xml\n" + body, "https://a.example/robots.txt")
    assert page.children == ("https://a.example/a.xml",)
    assert (page.named, page.problem) == (3, "2 sitemaps beyond 500 KB; they were left")


@pytest.mark.parametrize(
    ("body", "hub"),
    [
        ('<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://hub.example/"/><entry><link href="/a"/></entry></feed>', "https://hub.example/"),
        ('<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><atom:link rel="hub" href="https://hub.example/x"/><item><link>/a</link></item></channel></rss>', "https://hub.example/x"),
        (json.dumps({"version": "https://jsonfeed.org/version/1.1", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}], "items": []}), "https://hub.example/"),
        (json.dumps({"version": "https://jsonfeed.org/version/1.1", "hubs": ["x", 1], "items": []}), None),
        ('<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="javascript:1"/><entry><link href="/a"/></entry></feed>', None),
    ],
)  # fmt: skip
def test_a_hub_is_noted(body: str, hub: str | None) -> None:
    """Where a feed could be subscribed to."""
    assert read_feed(body.encode(), "https://a.example/feed").hub == hub


def endless_index(site: Stand) -> None:
    """Every sitemap is an index of three new ones."""
    numbers = iter(range(10**6))
    del site.pages["/sitemap.xml"]
    site.default = lambda _: index(*((f"{site.url}/deep-{next(numbers)}.xml", None) for _ in range(3)))


ITEM = "<item><title>Ferry</title><link>https://landing.example/news/item-1001</link></item>"
# name -> (what is wrong with the channel, requests for channels at most, words of a problem, exit code)
BAD = {
    "a feed of 50 MB": (lambda s: s.pages.update({"/feed": Answer(f"<rss><channel>{ITEM * 700000}</channel></rss>", content_type="text/xml")}), 3, "too_large", Exit.PARTLY_FAILED),
    "a feed that goes to a file": (lambda s: s.pages.update({"/feed": Answer("", 302, headers={"Location": "file:///etc/passwd"})}), 3, "status 302", Exit.PARTLY_FAILED),
    "a feed that goes to this machine": (lambda s: s.pages.update({"/feed": Answer("", 302, headers={"Location": "http://127.0.0.1:9/feed"})}), 3, "private address", Exit.PARTLY_FAILED),
    "an index of itself": (lambda s: s.pages.update({"/sitemap.xml": index((f"{s.url}/sitemap.xml", None), (f"{s.url}/sitemap.xml?again", None)),
                                                     "/sitemap.xml?again": index((f"{s.url}/sitemap.xml", None))}), 4, "", Exit.OK),
    "an index with one bad entry": (lambda s: s.pages.update({"/sitemap.xml": index((f"{s.url}/s1.xml", None), ("javascript:1", None)), "/s1.xml": sitemap(s.url + path(TOTAL))}), 4, "1 of 2 entries without a usable address", Exit.OK),
    "indexes within indexes for ever": (endless_index, 42, "an index within 3 others", Exit.OK),
    "an index of other hosts": (lambda s: s.pages.update({"/sitemap.xml": index(("http://10.0.0.1/s.xml", None), ("https://u:p@landing.example/s.xml", None), ("file:///s.xml", None))}), 3, "without a usable address", Exit.PARTLY_FAILED),
    "a sitemap that is a gzip bomb": (lambda s: s.pages.update({"/sitemap.xml": Answer(gzip.compress(b"<urlset>" + b" " * (80 << 20)), content_type="application/gzip")}), 3, "cut there", Exit.PARTLY_FAILED),
    "a sitemap sent as a gzip bomb": (lambda s: s.pages.update({"/sitemap.xml": Answer(gzip.compress(bytes(30 << 20)), headers={"Content-Encoding": "gzip"})}), 3, "too_large", Exit.PARTLY_FAILED),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_channels(name: str, tmp_path: Path) -> None:
    """It costs itself: what the front page lists is archived, and what was wrong is said."""
    spoil, most, said, code = BAD[name]
    with Stand(articles()) as site:
        site.pages |= {"/": listed(page_of(1)), "/feed": Answer("<rss><channel>" + ITEM + "</channel></rss>", content_type="text/xml"),
                       "/sitemap.xml": sitemap(site.url + path(TOTAL))}  # fmt: skip
        spoil(site)
        ending = run(tmp_path, site, source("/", feeds=("/feed",), sitemaps=("/sitemap.xml",)))
        assert len(lists(site)) <= most
    assert ending.exit_code == code, ending.line
    assert said in " ".join(ending.summary.problems)
    assert {path(n)[1:] for n in page_of(1)} <= set(keys(tmp_path))


def test_sitemaps_without_end_are_bounded_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of more sitemaps than an edition can have."""
    monkeypatch.setattr(schedule, "SITEMAPS", 5)
    with Stand(articles()) as site:
        site.pages |= {
            "/": listed(page_of(1)),
            "/sitemap.xml": index(*((f"{site.url}/s{n}.xml", None) for n in range(50))),
        }
        ending = run(tmp_path, site, source("/", sitemaps=("/sitemap.xml",)))
        assert len(lists(site)) == 1 + 1 + 5
    assert "more than 5 sitemaps; the rest was left" in " ".join(ending.summary.problems)


class Terminal(io.StringIO):
    """Standard error as somebody looks at it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "shown"), [(Terminal(), True), (io.StringIO(), False)], ids=["terminal", "cron"]
)
def test_progress_is_shown_on_a_terminal_only(
    terminal: io.StringIO, shown: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far back the lists are read and how much waits; nothing under cron."""
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_EVERY", 0.01)
    monkeypatch.setattr(progress, "_COUNTED_EVERY", 0.0)
    with Stand() as site:
        numbered(site, "/news/?page={n}")
        spider = source(Listing("/news/", more="/news/?page={n}"))
        run(tmp_path, site, spider, since="2026-01-01", settings={"NEWSCRAWL_PROGRESS": True})
    said = terminal.getvalue()
    assert bool(re.search(r"lists read back to 2026-0[45]-\d\d  \d+ waiting", said)) is shown
    assert bool(said) is shown


def test_how_far_a_backfill_is() -> None:
    """By the dates the lists are read back to; no estimate from almost nothing."""
    day = timedelta(days=1)
    assert covered(NOW - 100 * day, NOW, NOW - 25 * day) == 0.25
    assert covered(NOW - 100 * day, NOW, None) == 1.0
    assert covered(NOW - 100 * day, NOW, NOW - 300 * day) == 1.0
    # 100 done and 100 waiting after a quarter of the time: 800 in all, 700 to go at one a second.
    assert remaining(100, 100, 0.25, 100.0) == 700.0
    assert remaining(100, 100, 1.0, 100.0) == 100.0
    assert remaining(5, 100, 1.0, 100.0) is None
    assert remaining(100, 100, 0.001, 100.0) is None


@pytest.mark.parametrize("first", ["/?p=1024", path(24)])
def test_short_links_of_wordpress(first: str, tmp_path: Path) -> None:
    """They are leads where the source says so, and another address of the piece they lead to; the front page is none."""
    spider = source("/", feeds=("/feed",))
    spider.listed_path = spider.claimed_path = r"^/(?:news/item-\d+|\?p=\d{3,})$"
    with Stand(articles()) as site:
        named = [first, path(23), "/?p=1024", "/?p=2", path(24), "/?p=1022"]
        items = "".join(f"<item><title>Ferry</title><link>{site.url}{one}</link></item>" for one in named)
        site.pages |= {
            "/": "<a href='/?p=1024'>A ferry to landing 24 runs</a> <a href='/'>Front page of the post</a>",
            "/feed": Answer(f"<rss><channel>{items}</channel></rss>", content_type="text/xml"),
            "/?p=1024": Answer("", 301, headers={"Location": path(24)}),
            "/?p=1022": Answer("", 301, headers={"Location": path(22)}),
        }
        ending = run(tmp_path, site, spider)
        assert "/?p=2" not in site.paths
    assert ending.exit_code == Exit.OK, ending.line
    assert keys(tmp_path) == [path(n)[1:] for n in (22, 23, 24)]


def _bare(n: int, *, more: str = "") -> str:
    """A piece whose page says neither who wrote it nor when."""
    return story(f"landing {n}", published=None, extra=more)


def _said(n: int, name: str) -> str:
    """What a feed or a sitemap says of a piece."""
    at = when(n).isoformat()
    if name == "feed":
        return (
            f"<item><title>Ferry to landing {n}</title><link>{path(n)}</link><dc:creator>Ada Quill</dc:creator>"
            f"<category>Transport</category><category>ferries</category><dc:date>{at}</dc:date></item>"
        )
    news = f"<news:news><news:publication_date>{at}</news:publication_date><news:title>Ferry</news:title></news:news>"
    return f"<url><loc>SITE{path(n)}</loc>{news}</url>"


def test_what_a_channel_said_reaches_the_reading_of_a_page(tmp_path: Path) -> None:
    """A page without author and date has those of the feed or the sitemap, at each check and for `reprocess`; else nothing."""
    with Stand({path(n): _bare(n) for n in (1, 2, 3)}) as site:
        xml = "application/xml"
        site.pages |= {
            "/": listed([1, 3], dated=False),
            "/feed": Answer(f"<rss><channel>{_said(1, 'feed')}</channel></rss>", content_type=xml),
            "/sitemap.xml": Answer(
                f"<urlset>{_said(2, 'sitemap')}</urlset>".replace("SITE", site.url), content_type=xml
            ),
        }
        channels = source("/", feeds=("/feed",), sitemaps=("/sitemap.xml",))
        run(tmp_path, site, channels)
        first = stored(tmp_path, "select * from versions order by id")
        people = stored(tmp_path, "select name from people")
        site.pages[path(1)] = _bare(
            1, more="<p>The harbour office added that the last boat waits for the train.</p>"
        )
        site.pages["/feed"] = Answer("<rss><channel></channel></rss>", content_type=xml)
        crawl(tmp_path, NOW + timedelta(days=40), spider=channels, site=site.url, recheck="only")
    said = {row["title"].partition(" runs")[0]: row for row in first}
    found = {name: (row["published"], row["section"], row["tags"]) for name, row in said.items()}
    at = {n: f"{when(n).astimezone(UTC):%Y-%m-%d %H:%M:%S.000000}" for n in (1, 2)}
    assert found == {
        "Ferry to landing 1": (at[1], "Transport", '["ferries"]'),
        "Ferry to landing 2": (at[2], None, "[]"),
        "Ferry to landing 3": (None, None, "[]"),
    }
    assert people == [{"name": "Ada Quill"}]
    (edited,) = stored(tmp_path, "select published, section, kinds from versions where number = 2")
    assert (edited["published"], edited["section"]) == (at[1], "Transport")
    assert json.loads(edited["kinds"]) == ["body", "extended"]
    with open_for_reprocessing(f"sqlite:///{tmp_path / 'newscrawl.db'}") as archive:
        waiting = [
            one for readings in archive.waiting(source=None, since=None, unless=None) for one in readings
        ]
    assert sorted(one.announced.authors if one.announced else () for one in waiting) == [
        (), (), ("Ada Quill",), ("Ada Quill",)
    ]  # fmt: skip
