"""Sitemaps to leads: formats, the news extension, gzip, broken and hostile ones."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.discover import sitemap as module
from newscrawl.discover.charset import inflate
from newscrawl.discover.sitemap import BYTES_LIMIT, ENTRIES_LIMIT, sitemap
from newscrawl.model import Announced, Channel, EntryCount, EntryOutcome, Lead, ListingPage

URL = "https://daily.example/sitemap/sitemap_news1.xml"

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml">
<url><image:image><image:loc>https://daily.example/cover.webp</image:loc></image:image>
<loc> https://daily.example/bridge-101 </loc><lastmod>2024-01-15T10:00:00+06:00</lastmod>
<news:news><news:publication><news:name>Daily</news:name><news:language>kk</news:language></news:publication>
<news:publication_date>2024-01-15T09:30:00+06:00</news:publication_date><news:title>Көпір &amp; өзен</news:title></news:news>
<xhtml:link rel="alternate" hreflang="ru" href="https://daily.example/ru/101"/></url>
<url><loc>https://daily.example/old__trashed/</loc><lastmod>2024-01-15</lastmod></url>
</urlset>"""

INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://daily.example/s2.xml.gz</loc><lastmod>2026-01-01T00:00:00Z</lastmod></sitemap>
<sitemap><loc>/s1.xml</loc></sitemap><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>"""


def read(text: str | bytes, **more: object) -> ListingPage:
    return sitemap(text.encode() if isinstance(text, str) else text, URL, **more)


def urls(page: ListingPage) -> list[str]:
    return [lead.url.removeprefix("https://daily.example") for lead in page.leads]


_PUBLISHED = datetime(2024, 1, 15, 9, 30, tzinfo=timezone(timedelta(hours=6)))
EXPECTED = (
    Lead(
        "https://daily.example/bridge-101",
        Channel.SITEMAP,
        URL,
        0,
        "Көпір & өзен",
        _PUBLISHED,
        datetime(2024, 1, 15, 10, 0, tzinfo=timezone(timedelta(hours=6))),
        announced=Announced(_PUBLISHED, title="Көпір & өзен"),
    ),
    Lead(
        "https://daily.example/old__trashed/",
        Channel.SITEMAP,
        URL,
        1,
        modified=datetime(2024, 1, 15, tzinfo=UTC),
    ),
)


@pytest.mark.parametrize(
    ("case", "body"),
    [
        ("as it is", NEWS.encode()),
        ("gzipped", gzip.compress(NEWS.encode())),
        ("with a mark", b"\xef\xbb\xbf\n" + NEWS.encode()),
        ("without name spaces", NEWS.replace("xmlns", "data").encode()),
        (
            "another sitemap name space",
            NEWS.replace("http://www.sitemaps.org/schemas/sitemap/0.9", "urn:x").encode(),
        ),
        (
            "upper case",
            NEWS.replace("urlset", "URLSET").replace("<loc>", "<LOC>").replace("</loc>", "</LOC>").encode(),
        ),
        ("utf-16", NEWS.replace("UTF-8", "UTF-16").encode("utf-16")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_news_sitemap(case, body):
    """Addresses in order, headline and dates of the news extension, no picture and no other language's address."""
    page = read(body)
    assert page == ListingPage(EXPECTED, named=page.named, left=page.left)
    assert page.named == len(EXPECTED) + sum(count.number for count in page.left)


def test_an_index():
    """Further sitemaps in order, each once, resolved; no leads and no problem."""
    page = read(INDEX)
    assert page == ListingPage(
        children=("https://daily.example/s2.xml.gz", "https://daily.example/s1.xml"),
        changed={"https://daily.example/s2.xml.gz": datetime(2026, 1, 1, tzinfo=UTC)},
        named=3,
        left=(EntryCount(EntryOutcome.TWICE, 1, ("https://daily.example/s1.xml",)),),
    )


def test_plain_text():
    """One address a line, other lines counted."""
    page = read(
        "https://daily.example/a-1\r\n\nhttps://daily.example/b-2\nnot an address\n",
        content_type="text/plain",
    )
    assert urls(page) == ["/a-1", "/b-2"]
    assert page.problem == "1 of 3 lines without a usable address"


@pytest.mark.parametrize(
    ("lastmod", "expected"),
    [
        ("2026-03-05T13:30:00Z", datetime(2026, 3, 5, 13, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00+00:00", None),
        ("20250-01-01T00:00:00Z", None),
        ("2026-03-05T13:30:00", None),
        ("2026", None),
        ("", None),
    ],
)
def test_last_changes(lastmod, expected):
    """An instant with zone in a possible year, or unknown."""
    page = read(f"<urlset><url><loc>/a-1</loc><lastmod>{lastmod}</lastmod></url></urlset>")
    assert page.leads[0].modified == expected


@pytest.mark.parametrize(
    ("loc", "url"),
    [
        ("/%d2%a3%d2%93-1", "/%d2%a3%d2%93-1"),
        ("https://daily.example/?a=1&b=2", "/?a=1&b=2"),
        ("<![CDATA[https://daily.example/?a=1&b=2]]>", "/?a=1&b=2"),
        ("/жаңалық-1", "/жаңалық-1"),
        ("javascript:alert(1)", None),
        ("https://x:y@daily.example/1", None),
        ("", None),
    ],
)
def test_addresses(loc, url):
    """Addresses as found; other lines are counted."""
    page = read(f"<urlset><url><loc>{loc}</loc></url></urlset>")
    assert urls(page) == ([url] if url else [])
    assert page.problem == (None if url else "1 of 1 entries without a usable address")


@pytest.mark.parametrize(
    ("case", "body", "content_type", "problem"),
    [
        ("empty", b"", None, "not a sitemap: empty"),
        ("a web page", b"<!doctype html><html><a href=/a-1>A</a>", "text/html", "not a sitemap: text/html"),
        (
            "a web page called XML",
            b"<html><body>404</body></html>",
            "application/xml",
            "not a sitemap: text/html",
        ),
        ("a feed", b"<rss><channel><item/></channel></rss>", None, "not a sitemap: rss"),
        ("a feed with url elements", b"<rss><url><loc>/a</loc></url></rss>", None, "not a sitemap: rss"),
        ("words", b"Not found", "text/plain; charset=utf-8", "not a sitemap: text/plain"),
        ("json", b'{"a": 1}', None, "not a sitemap: neither XML nor addresses"),
        ("binary", b"\x00\x01\x02" * 99, None, "not a sitemap: neither XML nor addresses"),
        ("no entries", b"<urlset></urlset>", None, "no entries"),
        ("an open tag", b"<", None, "not a sitemap: no XML"),
        ("torn gzip", gzip.compress(b"<urlset/>")[:5], None, "not a sitemap: empty; gzip data cut short"),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)
def test_no_leads_come_with_a_reason(case, body, content_type, problem):
    """A document that is not a sitemap, or an empty one, gives a problem."""
    assert read(body, content_type=content_type) == ListingPage(problem=problem)


@pytest.mark.parametrize("cut", range(60, len(NEWS) - 20, 41))
def test_a_sitemap_cut_short_gives_what_came(cut):
    """Every complete entry before the break is read, and the break is reported."""
    page = read(NEWS[:cut])
    assert len(page.leads) >= NEWS[:cut].count("</url>")
    assert page.problem


def test_a_gzip_cut_short_gives_what_came():
    """A download that broke off still gives its beginning."""
    text = (
        "<urlset>"
        + "".join(f"<url><loc>/a-{n * 7919 % 10007}</loc></url>" for n in range(3000))
        + "</urlset>"
    )
    page = read(gzip.compress(text.encode())[:-2000])
    assert len(page.leads) > 500
    assert page.problem.startswith("gzip data cut short")


def test_a_bomb_is_cut_at_the_limit():
    """A small file that inflates to too much is read up to the limit, and this is said."""
    assert BYTES_LIMIT == 50 << 20
    body = gzip.compress(b"<urlset><url><loc>/a-1</loc></url>" + b" " * ((1 << 20) + 1))
    page = sitemap(body, URL, limit=1 << 20)
    assert urls(page) == ["/a-1"]
    assert f"longer than {1 << 20} bytes unpacked" in page.problem


def test_a_bomb_is_cut_where_it_shows_itself():
    """No list of addresses grows a hundredfold: such a file is left long before the limit, and costs little memory."""
    body = gzip.compress(b"<urlset><url><loc>/a-1</loc></url>" + b" " * (40 << 20))
    page, data = read(body), inflate(body, BYTES_LIMIT)[0]
    assert (urls(page), len(data) < 10 << 20) == (["/a-1"], True)
    assert "unpacks to more than 100 times its size; cut there" in page.problem


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_packed_more_than_once(layers):
    """A packed file that a server packs again is unpacked, three times at most; each time within the limit."""
    body, bomb = b"<urlset><url><loc>/a-1</loc></url></urlset>", b"<urlset>" + b" " * (40 << 20)
    for _ in range(layers):
        body, bomb = gzip.compress(body), gzip.compress(bomb)
    assert urls(read(body)) == (["/a-1"] if layers < 4 else [])
    assert len(inflate(bomb, 1 << 20)[0]) <= 1 << 20


@pytest.mark.parametrize("tail", ["<url><loc>https://daily.example/b-2", "<url><loc>/b-2</loc><last", "<url"])
def test_half_an_entry_is_no_lead(tail):
    """A sitemap that ends within an entry: the address there may be half of one."""
    page = read("<urlset><url><loc>/a-1</loc></url>" + tail)
    assert urls(page) == ["/a-1"]
    assert page.problem.startswith("broken XML")


def test_half_a_line_is_no_lead():
    """A plain list that is cut within a line as well."""
    text = "https://daily.example/a-1\n" * 2 + "https://daily.example/b-22"
    page = sitemap(text.encode(), URL, limit=60)
    assert urls(page) == ["/a-1"]
    assert page.problem == "longer than 60 bytes; cut there"


def test_too_many_entries_are_left_and_said(monkeypatch):
    """The limit on entries is above what the protocol allows in one file, and not silent."""
    assert ENTRIES_LIMIT >= 50_000
    limit = 700
    monkeypatch.setattr(module, "ENTRIES_LIMIT", limit)
    page = read("\n".join(f"https://daily.example/a-{n}" for n in range(limit + 1)))
    assert len(page.leads) == limit
    assert page.problem == f"more than {limit} entries; the rest was left"
    page = read("<urlset>" + "<url><loc/></url>" * (limit + 1) + "</urlset>")
    assert page.problem.startswith(f"more than {limit} entries; the rest was left")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"https://daily.example/a-{n}" for n in range(25)),
        "<urlset>" + "".join(f"<url><loc>/a-{n}</loc></url>" for n in range(25)) + "</urlset>",
        "<s:sitemapindex>" + "".join(f"<s:sitemap ><s:loc>/{n}.xml</s:loc></s:sitemap>" for n in range(25)) + "</s:sitemapindex>",
    ],
)  # fmt: skip
def test_every_entry_behind_the_limit_is_counted(monkeypatch, text):
    """As many are named as there are, also of those that are not read."""
    monkeypatch.setattr(module, "ENTRIES_LIMIT", 10)
    page = read(text)
    assert (page.named, len(page.leads) + len(page.children)) == (25, 10)
    assert [(one.outcome, one.number) for one in page.left] == [(EntryOutcome.BOUND, 15)]


@pytest.mark.parametrize("before", ["# made by hand\n\n", "/a-0\n", "\n\n"])
def test_a_plain_list_may_begin_with_something_else(before):
    """A remark, or an address that is none, does not hide those below it."""
    assert urls(read(f"{before}HTTPS://daily.example/a-1\n# more\nhttps://daily.example/a-2\n"))[-1] == "/a-2"


def test_a_missing_end_tag_does_not_swallow_the_rest():
    """Entries that are never closed are entries all the same."""
    page = read(
        "<urlset><url><loc>/a-1</loc><url><loc>/b-2</loc><lastmod></url><url><loc>/c-3</loc></urlset>"
    )
    assert urls(page) == ["/a-1", "/b-2", "/c-3"]
    assert page.problem.startswith("broken XML")


def test_entities_are_neither_expanded_nor_fetched(tmp_path):
    """An address made of entities is not an address."""
    secret = tmp_path / "secret.txt"
    secret.write_text("https://daily.example/secret")
    text = (
        f'<!DOCTYPE urlset [<!ENTITY f SYSTEM "file://{secret}">]><urlset><url><loc>&f;</loc></url></urlset>'
    )
    assert "secret" not in str(read(text).leads)


@settings(max_examples=70, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(alphabet="<>/urlsetoc &;![]='\"?x:", max_size=300).map(lambda text: b"<urlset>" + text.encode())
    | st.text(max_size=200).map(lambda text: ("https://" + text).encode("utf-8", "replace")),
    st.none() | st.text(max_size=40),
)
def test_never_raises(body, content_type):
    """Any bytes under any label give leads, further sitemaps or a reason."""
    page = sitemap(body, URL, content_type=content_type)
    assert page.leads or page.children or page.problem


@pytest.mark.slow
def test_what_stands_between_entries_is_freed_in_linear_time():
    """A part with ten thousands of elements beside the entries of a torn sitemap: it took minutes to take out."""
    pictures = "<figure><img src=/a.jpg><figcaption>Photo: A. Berg</figcaption></figure>" * 40_000
    entries = [f"<url><loc>https://a.example/x-{n}</loc></url>" for n in (1, 2)]
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries[0]}<x>{pictures}</x>{entries[1]}</urlset>'
    started = time.process_time()
    page = sitemap(body.encode(), "https://a.example/sitemap.xml")
    assert [lead.url for lead in page.leads] == ["https://a.example/x-1", "https://a.example/x-2"]
    assert time.process_time() - started < 2.5
