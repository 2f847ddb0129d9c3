"""Feeds to leads: formats, dates, broken and hostile ones."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.discover import feed as module
from newscrawl.discover.feed import BYTES_LIMIT, ENTRIES_LIMIT, feed
from newscrawl.discover.instant import instant
from newscrawl.model import Announced, Channel, Lead, ListingPage

URL = "https://daily.example/feed/"
ALMATY = timezone(timedelta(hours=5))

RSS2 = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Daily</title><link>https://daily.example/</link>
<atom:link href="https://daily.example/feed/" rel="self"/><atom:link href="/feed/?page=2" rel="next"/>
<item><title>Мост &amp; река</title><link>https://daily.example/bridge-101</link>
<guid isPermaLink="false">101</guid><pubDate>Thu, 05 Mar 2026 18:30:00 +0500</pubDate></item>
<item><title><![CDATA[Show <b>me</b> &laquo;it&raquo;]]></title><link>/show-102/</link>
<dc:date>2026-03-05T19:00:00+05:00</dc:date></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://daily.example/en/">
<title>Daily</title><link rel="next" href="?page=2"/>
<entry><title type="html">A &lt;i&gt;slanted&lt;/i&gt; title</title><id>tag:daily.example,2026:103</id>
<link rel="replies" href="/comments/103"/><link rel="enclosure" href="/a.mp3"/><link href="slanted-103"/>
<published>2026-03-05T13:30:00Z</published><updated>2026-03-05T14:30:00.5Z</updated></entry>
</feed>"""

RSS1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://daily.example/"><link>https://daily.example/</link><items/></channel>
<item rdf:about="https://daily.example/old-104"><title>Old</title></item></rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "https://daily.example/feed/2.json",
        "items": [
            {"id": "105", "url": "/json-105", "title": "Json", "date_published": "2026-03-05T18:30:00+05:00"},
            {"id": "https://daily.example/json-106", "date_modified": "2026-03-05T13:30:00Z"},
            {"id": "no address"},
            7,
        ],
    }
)


def read(text: str | bytes, **more: object) -> ListingPage:
    return feed(text.encode() if isinstance(text, str) else text, URL, **more)


def rss(items: str) -> str:
    return f"<rss><channel>{items}</channel></rss>"


def urls(page: ListingPage) -> list[str]:
    return [lead.url.removeprefix("https://daily.example") for lead in page.leads]


def test_rss2():
    """Order, addresses, titles without markup, dates with their own zone, and the next page."""
    page = read(RSS2)
    at = datetime(2026, 3, 5, 18, 30, tzinfo=ALMATY)
    assert page.leads == (
        Lead(
            "https://daily.example/bridge-101",
            Channel.FEED,
            URL,
            0,
            "Мост & река",
            at,
            announced=Announced(at, title="Мост & река"),
        ),
        Lead(
            "https://daily.example/show-102/",
            Channel.FEED,
            URL,
            1,
            "Show me «it»",
            at + timedelta(minutes=30),
            announced=Announced(at + timedelta(minutes=30), title="Show me «it»"),
        ),
    )
    assert page.leads[0].published.utcoffset() == timedelta(hours=5)
    assert page.next_pages == ("https://daily.example/feed/?page=2",)
    assert page.problem is None


SAID = {
    "rss": "<item><title>A</title><link>/a</link><dc:creator>Ada Quill</dc:creator><dc:creator>Oskar Lind</dc:creator>"
    "<category>Transport</category><category><![CDATA[trams &amp; quays]]></category></item>",
    "mail in the author": "<item><title>A</title><link>/a</link><author>desk@paper.example (Ada Quill)</author></item>",
    "mail alone": "<item><title>A</title><link>/a</link><author>desk@paper.example</author></item>",
    "pictures have their own": '<item><title>A</title><link>/a</link><media:credit xmlns:media="urn:media">Eye</media:credit></item>',
    "atom": "<entry><title>A</title><link href='/a'/><author><name>Ada Quill</name><uri>https://q.example</uri></author>"
    "<category term='transport' label='Transport'/><category term='trams'/><source><author><name>Wire</name></author></source></entry>",
    "json": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "items": [{"id": "1", "url": "/a", "title": "A", "authors": [{"name": "Ada Quill"}, 3], "tags": ["Transport", 1]}],
        }
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "authors", "categories"),
    [
        ("rss", ("Ada Quill", "Oskar Lind"), ("Transport", "trams & quays")),
        ("mail in the author", ("Ada Quill",), ()),
        ("mail alone", (), ()),
        ("pictures have their own", (), ()),
        ("atom", ("Ada Quill",), ("Transport", "trams")),
        ("json", ("Ada Quill",), ("Transport",)),
    ],
)
def test_who_wrote_it_and_what_it_is_about(name, authors, categories):
    """Creators and categories of an entry, in order; a mail address is nobody's name."""
    (lead,) = read(SAID[name] if name == "json" else rss(SAID[name])).leads
    assert lead.announced == Announced(None, authors, categories, "A")


def test_one_instant_for_all_entries_is_that_of_the_feed():
    """It says nothing of any article, but still sorts the leads."""
    date = "<pubDate>Thu, 05 Mar 2026 18:30:00 +0500</pubDate>"
    items = [f"<item><title>Item {n}</title><link>/{n}</link>{date}</item>" for n in range(3)]
    alike = read(rss("".join(items))).leads
    assert [(lead.announced.published, lead.published is None) for lead in alike] == [(None, False)] * 3
    assert all(lead.announced.published for lead in read(rss("".join(items[:2]))).leads)


def test_atom():
    """The alternate link against xml:base, both dates, markup out of the title."""
    page = read(ATOM)
    (lead,) = page.leads
    assert (lead.url, lead.headline) == ("https://daily.example/en/slanted-103", "A slanted title")
    assert lead.published == datetime(2026, 3, 5, 13, 30, tzinfo=UTC)
    assert lead.modified == datetime(2026, 3, 5, 14, 30, 0, 500000, tzinfo=UTC)
    assert page.problem is None


def test_rss1():
    """An item without a link is addressed by rdf:about."""
    page = read(RSS1)
    assert (urls(page), page.problem) == (["/old-104"], None)


def test_json_feed():
    """JSON Feed gives the same as the others, and says what it could not use."""
    page = read(JSON, content_type="application/feed+json")
    assert urls(page) == ["/json-105", "/json-106"]
    assert page.leads[0].published == datetime(2026, 3, 5, 18, 30, tzinfo=ALMATY)
    assert page.leads[1].modified == datetime(2026, 3, 5, 13, 30, tzinfo=UTC)
    assert page.next_pages == ("https://daily.example/feed/2.json",)
    assert page.problem == "2 of 4 entries without a usable address"


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("spaces and a mark before the declaration", "\ufeff \n" + RSS2),
        ("windows-1251 as declared", RSS2.replace("UTF-8", "windows-1251").encode("cp1251")),
        ("windows-1251 undeclared", RSS2.replace(' encoding="UTF-8"', "").encode("cp1251")),
        ("utf-8 declared as windows-1251 in vain is what it says", RSS2),
        ("gzipped", gzip.compress(RSS2.encode())),
        ("a control character", RSS2.replace("река", "ре\x0bка")),
        ("an undeclared prefix", RSS2.replace(' xmlns:dc="http://purl.org/dc/elements/1.1/"', "")),
        ("named letters of HTML", RSS2.replace("река", "&nbsp;река")),
        ("a document type", RSS2.replace("<rss", "<!DOCTYPE rss [<!ENTITY x 'y'>]><rss", 1)),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)
def test_slightly_wrong_feeds_are_read_whole(case, text):
    """Common mistakes of real feeds lose nothing."""
    page = read(text)
    assert [lead.headline for lead in page.leads] == ["Мост & река", "Show me «it»"]
    assert page.problem is None


@pytest.mark.parametrize(
    ("case", "item", "url"),
    [
        ("bare ampersand", "<link>https://daily.example/?a=1&copy=2</link>", "/?a=1&copy=2"),
        ("escaped ampersand", "<link>https://daily.example/?a=1&amp;b=2</link>", "/?a=1&b=2"),
        ("in cdata", "<link><![CDATA[https://daily.example/?a=1&b=2]]></link>", "/?a=1&b=2"),
        ("guid as link", "<guid>https://daily.example/g-1</guid>", "/g-1"),
        ("guid said to be no link", "<guid isPermaLink='false'>https://daily.example/g-1</guid>", None),
        ("guid that is a number", "<guid>101</guid>", None),
        ("no address", "<title>T</title>", None),
        ("javascript", "<link>javascript:alert(1)</link>", None),
        ("user name", "<link>https://x@daily.example/1</link>", None),
        ("feed service", "<link>https://feeds.example/~r/1</link><f:origLink xmlns:f='f'>https://daily.example/o-1</f:origLink>", "/o-1"),
        ("unusable link, guid", "<link>javascript:1</link><guid>https://daily.example/g-1</guid>", "/g-1"),
        ("an ampersand that is no entity", "<link>/a-1?x&amp;b;=2</link>", "/a-1?x&b;=2"),
        ("three slashes", "<link>https:///a-1</link>", None),
        ("fragment", "<link>https://daily.example/a-1#rss</link>", "/a-1"),
        ("link in a nested element", "<source><link>https://other.example/</link></source><link>/a-1</link>", "/a-1"),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)  # fmt: skip
def test_addresses(case, item, url):
    """The address of one RSS item."""
    page = read(rss(f"<item>{item}</item>"))
    assert urls(page) == ([url] if url else [])
    assert page.problem == (None if url else "1 of 1 entries without a usable address")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu, 05 Mar 2026 18:30:00 +0500", datetime(2026, 3, 5, 18, 30, tzinfo=ALMATY)),
        ("05 Mar 2026 13:30 GMT", datetime(2026, 3, 5, 13, 30, tzinfo=UTC)),
        ("Thu, 05 Mar 2026 13:30:00 -0000", datetime(2026, 3, 5, 13, 30, tzinfo=UTC)),
        ("2026-03-05T13:30:00Z", datetime(2026, 3, 5, 13, 30, tzinfo=UTC)),
        ("2026-03-05 18:30:00+05:00", datetime(2026, 3, 5, 18, 30, tzinfo=ALMATY)),
        ("2026-03-05T18:30+0500", datetime(2026, 3, 5, 18, 30, tzinfo=ALMATY)),
        ("Thu, 05 Mar 2026 18:30:00", None),
        ("2026-03-05T18:30:00", None),
        ("2026-03-05", None),
        ("Thu, 05 Mar 2026 18:30:00 ALMT", None),
        ("Thu, 05 Mar 2026 18:30:00 GMT+6", None),
        ("0001-01-01T00:00:00Z", None),
        ("20225-01-01T00:00:00Z", None),
        ("2026-13-45T99:00:00Z", None),
        ("Чт, 05 мар 2026 18:30:00 +0500", None),
        ("yesterday at noon", None),
        ("2026-03-05T13:30:00Z" * 10, None),
        ("", None),
        (None, None),
    ],
)
def test_instants(text, expected):
    """A date with a zone is an instant, anything else is unknown."""
    got = instant(text)
    assert got == expected
    if expected:
        assert got.utcoffset() == expected.utcoffset()


def test_a_date_without_a_zone_is_unknown():
    """A date that would need a guess stays unknown."""
    page = read(rss("<item><link>/a-1</link><pubDate>Thu, 05 Mar 2026 18:30:00</pubDate></item>"))
    assert page.leads[0].published is None


@pytest.mark.parametrize(
    ("case", "text", "content_type", "problem"),
    [
        ("empty", b"", None, "not a feed: empty"),
        ("a front page", "<!DOCTYPE html><html><a href=/a-1>A</a></html>", "text/html", "not a feed: text/html"),
        ("a front page called a feed", " <html lang=ru><body>", "application/rss+xml", "not a feed: text/html"),
        ("xhtml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', None, "not a feed: text/html"),
        ("a sitemap", "<urlset><url><loc>https://daily.example/</loc></url></urlset>", None, "not a feed: urlset"),
        ("other json", '{"error": 1}', None, "not a feed: application/json"),
        ("broken json", '{"version": "https://jsonfeed.org/', None, "not a feed: broken JSON"),
        ("plain text", "Service is down", "text/plain; charset=utf-8", "not a feed: text/plain"),
        ("binary", bytes(range(256)) * 20, None, "not a feed: no XML"),
        ("a feed without entries", "<rss><channel/></rss>", None, "no entries"),
        ("jsonfeed without entries", '{"version": "https://jsonfeed.org/version/1"}', None, "no entries"),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)  # fmt: skip
def test_no_leads_come_with_a_reason(case, text, content_type, problem):
    """A document that is not a feed, or an empty one, gives a problem."""
    assert read(text, content_type=content_type) == ListingPage(problem=problem)


@pytest.mark.parametrize("cut", range(20, len(RSS2) - 30, 37))
def test_a_feed_cut_short_gives_what_came(cut):
    """Every complete entry before the break is read, and the break is reported."""
    page = read(RSS2[:cut])
    assert page.problem
    whole = RSS2[:cut].count("</item>")
    assert len(page.leads) >= whole


def test_broken_xml_is_named_and_read_past():
    """A wrong end tag in one entry does not hide the entries after it."""
    page = read(rss("<item><link>/a-1</link><b></item><item><link>/b-2</link></item>"))
    assert urls(page) == ["/a-1", "/b-2"]
    assert page.problem.startswith("broken XML in line 1")


def test_the_same_address_twice_is_one_lead():
    """The first entry counts; positions are those of the feed."""
    page = read(rss("<item><link>/a-1</link><title>A</title></item>" * 2 + "<item><link>/b-2</link></item>"))
    assert [(lead.url[-4:], lead.position) for lead in page.leads] == [("/a-1", 0), ("/b-2", 2)]


def test_other_hosts_are_kept_as_leads_but_never_as_next_pages():
    """A lead may be on any host; a further page must be on the feed's own."""
    page = read(
        "<feed><link rel='next' href='https://other.example/2'/><entry><link href='https://other.example/1'/></entry></feed>"
    )
    assert [lead.url for lead in page.leads] == ["https://other.example/1"]
    assert page.next_pages == ()


def test_entities_are_neither_expanded_nor_fetched(tmp_path):
    """Nested entities are not expanded, and a local file is not read."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = (
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY % p SYSTEM "file://{secret}"> %p;'
        f'<!ENTITY f SYSTEM "file://{secret}">]>'
        + rss("<item><title>&l9;&f;</title><link>/a-1</link></item>")
    )
    page = read(text)
    assert urls(page) == ["/a-1"]
    assert page.leads[0].headline == "&l9;&f;"


@pytest.mark.parametrize(
    "text",
    [
        b"<rss>" + b"<a>" * 100_000,
        b"<rss>" + b"<item>" * 20_000,
        b"<rss>" + b"&" * 300_000,
        b"<rss>" + b"<![CDATA[" * 100_000,
        b"<!DOCTYPE " * 100_000,
        b"<!DOCTYPE x [" + b"'" * 100_001,
        b"<rss>" + b"<!--" * 100_000,
        b"<rss><item><link>/a</link><title>" + b"&lt;a" * 50_000 + b"</title></item></rss>",
        b'{"version": ' * 50_000,
        b"[" * 200_000,
        b"<rss>" + b"<link>" * 20_000,
        b"<rss><item><link " + b" ".join(b"a%d=''" % n for n in range(50_000)) + b"/>",
        b"<feed>" + (b"<a xml:base='" + b"x/" * 25_000 + b"'>") * 20 + b"<link rel='next' href='a'/>" * 200,
    ],
    ids=[
        "deep",
        "nested items",
        "ampersands",
        "cdata",
        "doctypes",
        "quotes",
        "comments",
        "tags",
        "json",
        "lists",
        "nested links",
        "attributes",
        "long bases",
    ],
)
def test_hostile_feeds_cost_little(text):
    """Nothing takes quadratic time or raises; an open CDATA section once took minutes."""
    page = read(text)
    assert len(page.leads) <= 1
    assert page.leads or page.problem


def test_a_huge_feed_is_bounded_and_says_so(monkeypatch):
    """Entries past the limit are left, bytes past the limit as well, never silently."""
    assert (ENTRIES_LIMIT, BYTES_LIMIT) == (10_000, 16 << 20)
    monkeypatch.setattr(module, "ENTRIES_LIMIT", 300)
    monkeypatch.setattr(module, "BYTES_LIMIT", 1 << 20)
    page = read(rss("".join(f"<item><link>/a-{n}</link></item>" for n in range(301))))
    assert len(page.leads) == 300
    assert "the rest was left" in page.problem
    page = read(gzip.compress(rss("<item><link>/a-1</link></item>" + " " * (1 << 20)).encode()))
    assert urls(page) == ["/a-1"]
    assert f"longer than {1 << 20} bytes" in page.problem


@pytest.mark.parametrize(
    ("case", "text", "problem"),
    [
        ("elements", rss("<item><link>/a-1</link></item>" + "<b/>" * 400), "more than 300 elements; the rest was left"),
        ("within an entry", rss("<item><link>/a-1</link>" + "<b/>" * 400 + "</item>"), "more than 300 elements; the rest was left"),
        ("namespaces", rss("<item><link>/a-1</link></item>" + "".join(f"<b xmlns='u:{n}'/>" for n in range(200))), "more than 100 namespaces; the rest was left"),
        ("attributes", rss("<item><link>/a-1</link></item><b " + " ".join(f"a{n}=''" for n in range(5000)) + "/>"), None),
        ("a title", rss("<item><link>/a-1</link><title>" + "&lt;b " * 20_000 + "</title></item>"), None),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)  # fmt: skip
def test_what_takes_long_is_left_and_said(monkeypatch, case, text, problem):
    """Tags, namespaces and texts without end cost little, and the leads before them are kept."""
    monkeypatch.setattr(module, "ELEMENTS_LIMIT", 300)
    page = read(text)
    assert urls(page) == ["/a-1"]
    assert page.problem == problem


@pytest.mark.parametrize(
    "tail", ["<item><link>/b-2", "<item><link>https://daily.example/b</link><ti", "<item"]
)
def test_half_an_entry_is_no_lead(tail):
    """A feed that ends within an entry: the address there may be half of one."""
    page = read("<rss><channel><item><link>/a-1</link></item>" + tail)
    assert urls(page) == ["/a-1"]
    assert page.problem.startswith("broken XML")


@pytest.mark.parametrize(
    ("case", "entry", "lead"),
    [
        ("an id is no relative link", "<id>103</id><title>T</title>", None),
        ("base without a namespace", "<link base='https://other.example/' href='/en/a-1'/>", ("/en/a-1", None)),
        ("an episode's title", "<link href='/a-1'/><i:title xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'>E</i:title>", ("/a-1", None)),
        ("a picture's title", "<link href='/a-1'/><title>T</title><m:title xmlns:m='http://search.yahoo.com/mrss/'>P</m:title>", ("/a-1", "T")),
        ("the summary's link", "<link href='/a-1'/><summary type='xhtml'><div><link href='/b-2'/></div></summary>", ("/a-1", None)),
        ("an ampersand", "<link href='/a-1?x=1&amp;copy=2'/>", ("/a-1?x=1&copy=2", None)),
        ("relative to the base", "<link href='a-1'/>", ("/en/a-1", None)),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)  # fmt: skip
def test_nothing_is_made_of_what_only_looks_like_it(case, entry, lead):
    """Atom entries under an xml:base: only links are addresses, only titles are headlines."""
    page = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://daily.example/en/">'
        f"<entry>{entry}</entry></feed>"
    )
    found = [(one.url.removeprefix("https://daily.example"), one.headline) for one in page.leads]
    assert found == ([lead] if lead else [])


@pytest.mark.parametrize(
    ("case", "item", "address", "headline"),
    [
        ("within another element", "<x><title>O</title><link>/o-2</link></x><title>T</title><link>/a-1</link>", "/a-1", "T"),
        ("a picture", "<image><title>P</title><link>/p-2</link></image><link>/a-1</link>", "/a-1", None),
        ("a title never closed", "<title>T<link>/a-1</link>", "/a-1", "T"),
        ("a doubled title", "<title><title>T</title><link>/a-1</link>", "/a-1", "T"),
        ("a date after a better one", "<link>/a-1</link><pubDate>2026-05-01T10:00:00Z</pubDate><issued>May</issued>", "/a-1", None),
        ("a prefix with an unknown namespace", "<dc:title xmlns:dc='d'>T</dc:title><link>/a-1</link>", "/a-1", "T"),
        ("a name that is not well-formed", "<b\u0301:c x='1'>C</b\u0301:c><link>/a-1</link>", "/a-1", None),
        ("encoded twice", f"<title>{'Мост'.encode().decode('latin-1')}</title><link>/a-1</link>", "/a-1", "Мост"),
        ("an entry of an extension", "<x:entry xmlns:x='x'><x:id>1</x:id></x:entry><link>/a-1</link>", "/a-1", None),
        ("a torn original link", "<o:origLink xmlns:o='o'>tps://daily.example/o-1</o:origLink><link>/a-1</link>", "/a-1", None),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)  # fmt: skip
def test_what_stands_nearest_to_the_entry_counts(case, item, address, headline):
    """Odd and broken items give their own address and headline, and a date that can be read."""
    page = read(rss(f"<item>{item}</item><item><link>/b-2</link></item>"))
    assert urls(page) == [address, "/b-2"]
    assert page.leads[0].headline == headline
    assert (page.leads[0].published is not None) == ("pubDate" in item)


def test_entries_that_cannot_be_read_are_counted():
    """An entry within a body is not read, and the problem says so."""
    page = read(
        rss("<item><link>/a-1</link><description><item><link>/b-2</link></item></description></item>")
    )
    assert (urls(page), page.problem) == (["/a-1"], "2 entries, of which 1 could be read")


def test_a_publication_is_no_modification():
    """Only one of the two dates was given, and the other stays unknown."""
    page = read(rss("<item><link>/a-1</link><pubDate>Thu, 05 Mar 2026 18:30:00 +0500</pubDate></item>"))
    assert (page.leads[0].published, page.leads[0].modified) == (
        datetime(2026, 3, 5, 18, 30, tzinfo=ALMATY),
        None,
    )


@settings(max_examples=70, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(alphabet="<>/rsitemlnk &;![]CDATA='\"?x", max_size=300).map(
        lambda text: b"<rss>" + text.encode()
    )
    | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda c: st.lists(c, max_size=3)).map(
        lambda items: json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode()
    ),
    st.none() | st.text(max_size=40),
)
def test_never_raises(body, content_type):
    """Any bytes under any label give leads or a reason."""
    page = feed(body, URL, content_type=content_type)
    assert page.leads or page.problem
