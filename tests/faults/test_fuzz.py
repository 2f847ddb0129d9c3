"""Bad pages, feeds, sitemaps and robots.txt files by the thousand: each gives a result, and nothing is raised."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from benchmarks import mutations
from newscrawl.discover.feed import feed
from newscrawl.discover.pager import may_be_page, next_pages
from newscrawl.discover.robots_sitemaps import named_sitemaps
from newscrawl.discover.sitemap import sitemap
from newscrawl.extract import extract
from newscrawl.extract.page import tree
from newscrawl.text import one_line
from tests.support.pagebuilder import EDITIONS, article_page

DATA = {
    "@context": "https://schema.org", "@type": "NewsArticle", "headline": "Village of Aksai opens a library", "datePublished": "2026-05-01T10:00:00+05:00",
    "author": [{"@type": "Person", "name": "Dana Serik"}], "keywords": ["library", "mill"], "image": {"url": "https://en.orda.example/a.jpg"},
}  # fmt: skip
PAGES = [
    article_page(spec.but(jsonld=jsonld, latest=3)).encode()
    for spec in EDITIONS.values()
    for jsonld in (None, DATA)
]
SEEDS, AT_ONCE = 1000, 100


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_bad_documents(first):
    """A hundred documents by their seeds; what must hold of every answer is checked in benchmarks/mutations.py."""
    outcomes: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        kind, body, done = mutations.made(seed, PAGES, blown=0.0, longest=700)
        try:
            outcomes[mutations.read(kind, body, seed)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}, {kind}: {', '.join(done)}") from error
    assert len(outcomes) > 3, "the documents are all alike: nothing is tried"


@pytest.mark.parametrize("name", sorted(mutations.BLOWN_UP))
def test_blown_up(name):
    """Hundreds of one thing in a page, a feed and a sitemap."""
    stuff = mutations.BLOWN_UP[name](100)
    assert mutations.read("page", PAGES[1][:1000] + stuff + PAGES[1][1000:1600], 20)
    assert mutations.read("feed", stuff, 1)
    assert mutations.read("sitemap", stuff, 1)


def test_charset_of_a_megabyte_without_a_space():
    """A pattern once searched again from each letter: a minute for a picture embedded in the page as text."""
    body = b"<html><body><p>" + b"QUJD" * 100_000 + b" caf\xe9 \xe0 la carte</p></body></html>"
    assert "caf\u00e9" in tree.decode(body, None)[0]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (r"Aksai \u001b[2Jopens", "Aksai [2Jopens"),
        (r"Aksai\u0000 opens", "Aksai opens"),
        (r"Aksai \ud800opens", "Aksai opens"),
        (r"Aksai \u009b31mopens", "Aksai 31mopens"),
        (r"\u0410\u049b\u0441\u0430\u0439 \ud83d\udcda", "Ақсай \U0001f4da"),
    ],
)
def test_what_json_can_spell_and_a_terminal_obeys(written, line):
    """Control characters and half surrogate pairs never come out of JSON-LD; letters beyond the first plane do."""
    data = f'{{"@type":"NewsArticle","headline":"{written}","datePublished":"2026-05-01T10:00:00+05:00"}}'
    body = f'<html><head><script type="application/ld+json">{data}</script></head><body><p>{"Some words of a text. " * 30}</p></body></html>'
    article = extract(
        body.encode(), "https://en.orda.example/aksai-4101", fetched_at=datetime(2026, 5, 2, tzinfo=UTC)
    )
    assert article.title == line
    assert one_line(line) == line


PIECES = st.sampled_from(
    [
        "<rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<channel>", "<item>", "</item>", "<entry>", "</entry>", "<link>", "</link>",
        "<link href='/a-1'/>", "<link href='javascript:x'/>", "<title>", "</title>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#0;", "&#xD800;", "&x;",
        "<!DOCTYPE r [<!ENTITY x 'y'>]>", "<?xml version='1.1' encoding='utf-16'?>", "<urlset>", "<sitemapindex>", "<url>", "<loc>", "</loc>", "</url>",
        "https://www.paper.example/a-1", "http://[::1", "http://a:b@c/", "<lastmod>", "2026-13-45", "9999-12-31T23:59:59-14:00", "<pubDate>", "</pubDate>",
        "<news:title>", "{", "}", "[", "]", '"items":', '"url":', "1e400", ",", "\x1f\x8b", "\x00", "\ufeff", "Sitemap: ", "\n", "Sitemap: //x\r",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=40), st.sampled_from(["utf-8", "utf-16", "cp1251"]))
def test_lists_of_any_text(pieces, charset):
    """Whatever stands in them, feeds, sitemaps and robots.txt give web addresses or nothing."""
    body = "".join(pieces).encode(charset, "replace")
    for reader in (feed, sitemap, named_sitemaps):
        found = reader(body, mutations.URL)
        addresses = [lead.url for lead in found.leads] + list(found.children)
        assert all(address.startswith(("http://", "https://")) for address in addresses)


def test_what_stands_behind_the_end_of_a_page():
    """It is part of the page, as in browsers; it once stood outside the tree, where the search for bylines met it and failed."""
    lines = [f"<p>Line {n} of the text: the mill on the river has a library now.</p>" for n in range(8)]
    page = f"<html><body><h1>Aksai opens a library</h1>{''.join(lines[:4])}</body></html>"
    rest = f"<html><body><div class='byline'>By Dana Serik</div>{''.join(lines[4:])}</body></html>"
    article = extract((page + rest).encode(), mutations.URL, fetched_at=mutations.NOW)
    assert [line[:6] for line in article.body.splitlines() if line] == [f"Line {n}" for n in range(8)]


def test_an_address_of_thousands_of_numbers_is_no_pager():
    """Each number was tried as that of a page, and each trial read the address to its end: minutes for 140 kB."""
    address = "https://www.paper.example/" + "7/-" * 30_000
    started = time.process_time()
    assert next_pages([("https://www.paper.example/2", "2"), (address, "›")], "https://www.paper.example/")
    assert not may_be_page(address, "https://www.paper.example/")
    assert time.process_time() - started < 2
