"""What becomes of everything that the channels of an outlet name: taken, or counted with its reason and examples."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.context import Hosts
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.options import parse_options
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import Exit
from newscrawl.model import Channel, EntryOutcome as E
from newscrawl.serialization import records
from newscrawl.store.read.reader import open_reader
from tests.support.fake_site import NOW, Answer, Stand, feed, keys, one, sitemap, story
from tests.support.lists import articles, listed, page_of, path, run, source, when

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_every_entry_is_counted(tmp_path: Path) -> None:
    """The run says how many entries each channel named and what became of them; coverage goes on saying it, with examples."""
    with Stand(articles()) as site:
        site.pages |= {
            "/": listed(page_of(1)),
            "/feed": feed(site.url + path(20), site.url + path(20) + "?utm_source=rss", "http://sport.other.example/a", site.url + "/", site.url + "/a.pdf"),
            "/sitemap.xml": sitemap(site.url + path(3), site.url + "/tag/ferry/", site.url + "/bread"),
            "/bread": story("bread", published=when(9).isoformat()),
        }  # fmt: skip
        channels = source("/", feeds=("/feed",), sitemaps=("/sitemap.xml",))
        channels.claimed_path = NewsSpider.claimed_path
        ending = run(tmp_path, site, channels)
    assert ending.exit_code == Exit.OK, ending.line
    entries = dict(ending.summary.entries)
    entries.pop("block", None)
    assert entries == {
        "listing": {"named": 3, "new": 3},
        "feed": {"named": 5, "new": 1, "twice": 1, "other_host": 1, "front_page": 1, "file": 1},
        "sitemap": {"named": 3, "new": 2, "service": 1},
    }
    assert ending.summary.left["feed"]["other_host"] == ("http://sport.other.example/a",)
    assert "bread" in keys(tmp_path)
    with open_reader(f"sqlite:///{tmp_path / 'newscrawl.db'}") as reader:
        (record,) = reader.coverage()
    said = {one.channel: one for one in record.entries}
    assert (said[Channel.FEED].named, said[Channel.FEED].taken) == (5, 1)
    assert [(one.outcome, one.number, one.examples) for one in said[Channel.SITEMAP].left] == [
        (E.SERVICE, 1, (f"{site.url}/tag/ferry/",))
    ]


def test_links_beside_articles_are_counted(tmp_path: Path) -> None:
    """Each link of an article page has an outcome as well: a lead, known, of another host, of a menu."""
    beside = (
        f'<aside><a href="{path(2)}">An article of the list below</a> <a href="{path(30)}">One that no list names</a>'
        '<a href="/about/">About</a> <a href="https://other.example/x-1">Another paper</a></aside>'
    )
    with Stand(articles()) as site:
        site.pages |= {
            "/": listed([1, 2]),
            path(1): story(path(1), published=when(1).isoformat(), extra=beside),
        }
        ending = run(tmp_path, site, source("/"))
    block = dict(ending.summary.entries["block"])
    assert block["new"] == 1
    assert block["other_host"] == 1
    assert block["menu"] >= 1
    assert block["known"] >= 1
    assert block.pop("named") == sum(block.values())
    assert ending.summary.left["block"]["other_host"] == ("https://other.example/x-1",)


def test_all_channels_add_up(tmp_path: Path) -> None:
    """Lists with older pages, feeds, an index with its sitemaps, blocks: as many entries are taken and left as were named."""
    beside = f'<aside><a href="{path(31)}">One that no list names</a> <a href="https://other.example/x">Another</a></aside>'
    with Stand(articles()) as site:

        def index(*names: str) -> Answer:
            inside = "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in names)
            return Answer(f"<sitemapindex>{inside}</sitemapindex>", content_type="application/xml")

        site.pages |= {
            "/": listed(page_of(1), further='<a rel="next" href="/page/2">2</a>'),
            "/page/2": listed([*page_of(2), page_of(1)[-1]], further='<a href="/about">About</a>'),
            "/feed": feed(site.url + path(20), site.url + "/a.pdf", "mailto:x@y.example"),
            "/sitemap.xml": index(site.url + "/a.xml", site.url + "/b.xml", site.url + "/a.xml", "http://10.0.0.1/c.xml", "ftp://x/", site.url + "/c.xml"),
            "/c.xml": "<p>Come back later.</p>",
            "/a.xml": sitemap(site.url + path(3), site.url + "/tag/ferry/", site.url + path(3) + "?utm_source=map"),
            "/b.xml": index(site.url + "/sitemap.xml"),
            path(24): story(path(24), published=when(24).isoformat(), extra=beside),
        }  # fmt: skip
        ending = run(tmp_path, site, source("/", feeds=("/feed",), sitemaps=("/sitemap.xml",)))
        assert ending.exit_code in (Exit.OK, Exit.PARTLY_FAILED), ending.line
        named = {channel: counts["named"] for channel, counts in ending.summary.entries.items()}
        run(tmp_path, site, source("/"), now=NOW + MINUTE)
    with open_reader(f"sqlite:///{tmp_path / 'newscrawl.db'}") as reader:
        (record,) = map(records.named, reader.coverage())
    found = {one["channel"]: one for one in record["entries"]}
    (older,) = record["older"]
    assert list(found) == ["listing", "feed", "sitemap", "block"]
    assert list(record)[-1] == "unread"
    assert [(one["channel"], one["outcome"], one["reason"], one["number"]) for one in record["unread"]] == [
        ("sitemap", "ok", "not a sitemap: p", 1)
    ]
    for channel in (*found.values(), older):
        assert channel["named"] == channel["taken"] + sum(left["number"] for left in channel["left"])
    assert found["listing"]["named"] + older["named"] == named["listing"]
    assert {channel: found[channel]["named"] for channel in ("feed", "sitemap", "block")} == {
        channel: named[channel] for channel in ("feed", "sitemap", "block")
    }
    assert {one["outcome"]: one["number"] for one in older["left"]} == {"menu": 1}
    assert {one["outcome"] for one in found["block"]["left"]} >= {"other_host"}
    settled = sum(one["number"] for one in record["settled"])
    assert record["named"] == record["archived"] + record["waiting"] + settled


def test_entries_outside_the_dates(tmp_path: Path) -> None:
    """What a channel dates before the time asked for is kept, not fetched, and counted."""
    with Stand(articles()) as site:
        old = "".join(
            f"<url><loc>{site.url}{path(n)}</loc><lastmod>{when(n).isoformat()}</lastmod></url>"
            for n in (1, 2, 20)
        )
        site.pages |= {
            "/": listed(page_of(1)),
            "/sitemap.xml": Answer(f"<urlset>{old}</urlset>", content_type="application/xml"),
        }
        ending = run(tmp_path, site, source("/", sitemaps=("/sitemap.xml",)), since=f"{when(18):%Y-%m-%d}")
    assert ending.summary.entries["sitemap"] == {"named": 3, "new": 1, "by_date": 2}


def test_what_robots_forbids(tmp_path: Path) -> None:
    """Addresses that robots.txt forbids wait, and coverage says how many and which."""
    with Stand(articles()) as site:
        site.pages |= {
            "/": listed(page_of(1)),
            "/robots.txt": Answer(f"User-agent: *\nDisallow: {path(24)}\n", content_type="text/plain"),
        }
        run(tmp_path, site, source("/"))
    with open_reader(f"sqlite:///{tmp_path / 'newscrawl.db'}") as reader:
        (record,) = reader.coverage()
    (tried,) = record.tried
    assert (record.announced, record.archived, record.waiting) == (3, 2, 1)
    assert (tried.outcome, tried.number, tried.examples) == ("failed", 1, (site.url + path(24),))
    assert "robots" in tried.reason


@pytest.mark.parametrize(
    "early",
    [Answer("no", 404), "<html><body><p>Error establishing a database connection</p></body></html>"],
    ids=["404", "error page"],
)
@pytest.mark.parametrize("unchanged", [False, True], ids=["read", "not modified"])
def test_a_page_that_comes_after_its_link(early: Answer | str, unchanged: bool, tmp_path: Path) -> None:
    """While a list goes on showing it, also by "not modified", it is tried again within the hour, and archived that day."""
    with Stand(articles()) as site:
        late = path(24)
        site.pages["/"] = Answer(listed(page_of(1)), headers={"ETag": '"1"'})
        answer, site.pages[late] = site.pages[late], early
        run(tmp_path, site, source("/"))
        if unchanged:
            site.pages["/"] = Answer("", 304, headers={"ETag": '"1"'})
        site.pages[late] = answer
        site.forget()
        run(tmp_path, site, source("/"), now=NOW + 5 * MINUTE)
        assert late not in site.paths
        run(tmp_path, site, source("/"), now=NOW + 30 * MINUTE)
    assert late[1:] in keys(tmp_path)


PAPER = (
    Edition("en", "paper.example"),
    Edition("kk", "kaz.paper.example"),
    Edition("ru", "Жаңа.Қаз", mirrors=("Mirror.Example",)),
)


@pytest.mark.parametrize(
    ("address", "edition", "channel", "why"),
    [
        ("https://sport.paper.example/news/x-1", "en", Channel.FEED, None),
        ("https://sport.paper.example/news/x-1", "en", Channel.LISTING, E.OTHER_HOST),
        ("https://SPORT.Paper.Example/news/x-1", "en", Channel.SITEMAP, None),
        ("HTTPS://Paper.Example/news/x-1", "en", Channel.LISTING, None),
        ("ftp://paper.example/news/x-1", "en", Channel.FEED, E.NO_ADDRESS),
        ("https://a.kaz.paper.example/news/x-1", "kk", Channel.FEED, None),
        ("https://kaz.paper.example/news/x-1", "en", Channel.FEED, E.OTHER_EDITION),
        ("https://notpaper.example/news/x-1", "en", Channel.FEED, E.OTHER_HOST),
        ("https://ЖАҢА.ҚАЗ/news/x-1", "ru", Channel.LISTING, None),
        ("https://xn--80aaq15b.xn--80ao21a/news/x-1", "ru", Channel.LISTING, None),
        ("https://www.mirror.example/news/x-1", "ru", Channel.LISTING, None),
        ("https://paper.example/news/x-1;jsessionid=0A1B", "en", Channel.LISTING, None),
        ("https://paper.example/news/x-1/comment-page-2/", "en", Channel.LISTING, None),
        ("https://paper.example/bread", "en", Channel.FEED, None),
        ("https://paper.example/bread", "en", Channel.LISTING, E.NO_PATTERN),
        ("https://paper.example/tag/bread/", "en", Channel.SITEMAP, E.SERVICE),
        ("https://paper.example/kk/author/bread/", "en", Channel.SITEMAP, E.SERVICE),
        ("https://paper.example/tagging-bread", "en", Channel.SITEMAP, None),
        ("https://paper.example/", "en", Channel.FEED, E.FRONT_PAGE),
        ("https://paper.example/bread.pdf", "en", Channel.FEED, E.FILE),
    ],
)
def test_whose_an_address_is(address: str, edition: str, channel: Channel, why: E | None) -> None:
    """What feeds and sitemaps name is taken wherever it is the outlet's; links only in the form of articles."""
    rules = Addresses("paper", PAPER, re.compile(r"^/news/[^/]+-\d+/?$"), re.compile("^/.+"))
    assert rules.why_left(address, edition, channel) is why


def test_where_requests_may_go() -> None:
    """To subdomains of the outlet itself, and nowhere else; a replica has only its own host."""
    hosts = Hosts.of(PAPER)
    assert hosts.editions_of("sport.paper.example") == {"en"}
    assert hosts.editions_of("x.kaz.paper.example") == {"kk"}
    assert hosts.editions_of("xn--80aaq15b.xn--80ao21a") == {"ru"}
    assert hosts.editions_of("notpaper.example") == frozenset()
    replica = Hosts.of([Edition("en", "paper.example", site="http://127.0.0.1:8000")])
    assert replica.editions_of("sport.paper.example") == frozenset()
    assert replica.editions_of("x.127.0.0.1:8000") == frozenset()


def test_one_site_for_several_editions() -> None:
    """Those of one host are all crawled; those on other hosts are left out, and the run says so."""
    shared = (
        Edition("ru", "paper.example"),
        Edition("kk", "paper.example", sections=("/kk/",)),
        Edition("en", "en.paper.example"),
    )
    options = parse_options(shared, "UTC", source="paper", site="http://127.0.0.1:8000")
    assert [(one.name, one.site) for one in options.editions] == [
        ("ru", "http://127.0.0.1:8000"),
        ("kk", "http://127.0.0.1:8000"),
    ]
    assert options.left == ("en",)
    assert parse_options(shared, "UTC", source="paper").left == ()
    assert parse_options(shared, "UTC", source="paper", edition="en", site="http://127.0.0.1:8000").left == ()


def test_hosts_that_an_edition_had_or_has_beside_its_own():
    """Their articles are known on the edition's own host, and are fetched there: the old domain may be given up."""
    edition = Edition("en", "www.paper.example", mirrors=("paper.example", "Old.Example"))
    made = Addresses("paper", (edition,), re.compile("."), re.compile("."))
    assert made.former_hosts == {"old.example": "paper.example"}
    assert edition.here("https://old.example/news/x-1?p=2") == "https://www.paper.example/news/x-1?p=2"
    assert edition.here("https://sport.paper.example/news/x-1") == "https://sport.paper.example/news/x-1"


def _unread(home: Path) -> list[tuple[str, str, int]]:
    with open_reader(f"sqlite:///{home / 'newscrawl.db'}") as reader:
        (record,) = reader.coverage()
    return [(one.outcome, one.reason, one.number) for one in record.unread]


def test_a_sitemap_that_an_index_names_and_that_is_missing(tmp_path: Path) -> None:
    """What an index or robots.txt names and nobody can read is no sitemap that is not offered: coverage says so."""
    with Stand(articles()) as site:
        inside = "".join(f"<sitemap><loc>{site.url}/{name}.xml</loc></sitemap>" for name in ("a", "b", "c"))
        site.pages |= {
            "/": listed(page_of(1)),
            "/sitemap.xml": Answer(f"<sitemapindex>{inside}</sitemapindex>", content_type="application/xml"),
            "/a.xml": sitemap(site.url + path(3)),
            "/c.xml": Answer("gone", 410),
        }
        run(tmp_path, site, source("/", sitemaps=("/sitemap.xml", "/never.xml")))
    assert sorted(_unread(tmp_path)) == [
        ("gone", "an index or robots.txt names it", 1),
        ("not_found", "an index or robots.txt names it", 1),
    ]


TORN = {
    "broken XML": lambda whole: whole[: len(whole) * 2 // 3],
    "no document": lambda _: "",
    "a page": lambda _: "<!doctype html><html><body>We are mending the site.</body></html>",
}


@pytest.mark.parametrize("name", TORN)
@pytest.mark.parametrize("channel", ["feed", "sitemap"])
def test_not_modified_after_a_torn_document(channel: str, name: str, tmp_path: Path) -> None:
    """The validators of a document that did not come whole are not kept: the next read is in full, and finds the rest."""
    with Stand(articles()) as site:
        make = feed if channel == "feed" else sitemap
        answer = make(site.url + path(3), site.url + path(2))
        assert isinstance(answer.body, str)
        tagged = {"ETag": '"1"'}
        torn = Answer(TORN[name](answer.body), content_type=answer.content_type, headers=tagged)
        whole = Answer(answer.body, content_type=answer.content_type, headers=tagged)
        given = [torn]
        site.pages |= {
            "/": listed(page_of(1)),
            "/channel": lambda seen: Answer("", 304) if "If-None-Match" in seen.headers else given[0],
        }
        spider = source("/", **{f"{channel}s": ("/channel",)})
        run(tmp_path, site, spider)
        assert len(_unread(tmp_path)) == 1
        assert one(tmp_path, "select count(*) from listings where etag is not null") == 0
        given[0] = whole
        run(tmp_path, site, spider, now=NOW + 25 * HOUR)
        run(tmp_path, site, spider, now=NOW + 50 * HOUR)
    assert _unread(tmp_path) == []
    assert {path(2)[1:], path(3)[1:]} <= set(keys(tmp_path))


BROKEN = {
    "http://[bad": 1,
    "https://desk@other.example/x": 1,
    "http://other.example:99999/x": 1,
    "javascript:void(0)": 0,
    "mailto:desk@other.example": 0,
    "#top": 0,
    "tel:+77000000000": 0,
    "": 0,
}


def test_links_that_are_no_addresses(tmp_path: Path) -> None:
    """A link that is meant as an address and is none is counted, with the link as example; other links are no entries."""
    links = "".join(f'<a href="{one}">A headline of some words</a>' for one in BROKEN)
    with Stand(articles()) as site:
        site.pages["/"] = listed(page_of(1), further=links)
        ending = run(tmp_path, site, source("/"))
    entries = dict(ending.summary.entries["listing"])
    assert entries == {"named": 3 + sum(BROKEN.values()), "new": 3, "no_address": sum(BROKEN.values())}
    assert "http://[bad" in ending.summary.left["listing"]["no_address"]
