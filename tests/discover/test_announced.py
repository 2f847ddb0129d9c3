"""Feeds and sitemaps whose labels or surroundings are wrong: the bytes count; and each of their entries is counted once."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from newscrawl.discover.announced import announced
from newscrawl.discover.charset import decode
from newscrawl.model import Channel, EntryOutcome

URL = "https://a.example/feed"
ITEM = "<item><title>Көпір</title><link>https://a.example/bridge</link></item>"
RSS = f'<rss version="2.0"><channel><title>A</title>{ITEM}</channel></rss>'
URLSET = "<urlset><url><loc>https://a.example/bridge</loc></url></urlset>"
NOTICE = "<br />\n<b>Notice</b>:  Undefined index: x in <b>/srv/www/feed.php</b> on line <b>7</b><br />\n"
PAGE = "<description><![CDATA[<!DOCTYPE html><html><body><p>Text</p></body></html>]]></description>"

ODD = {
    "UTF-8 declared as UTF-16": (Channel.FEED, f'<?xml version="1.0" encoding="utf-16"?>{RSS}'.encode()),
    "UTF-8 declared as UTF-16, of even length": (
        Channel.FEED, f'<?xml version="1.0" encoding="UTF-16"?>{RSS} '.encode()[: -1 if len(RSS.encode()) % 2 else None],
    ),
    "UTF-16 without a mark": (Channel.FEED, f'<?xml version="1.0"?>{RSS}'.encode("utf-16-le")),
    "big-endian, declared as UTF-8": (Channel.FEED, f'<?xml version="1.0" encoding="utf-8"?>{RSS}'.encode("utf-16-be")),
    "a page in CDATA": (Channel.FEED, RSS.replace("<link>", f"{PAGE}<link>").encode()),
    "a page in a comment": (Channel.FEED, f"<!-- <html> -->{RSS}".encode()),
    "a notice before": (Channel.FEED, f'{NOTICE}<?xml version="1.0"?>{RSS}'.encode()),
    "words before": (Channel.SITEMAP, f"Warning: x\n{URLSET}".encode()),
    "a notice before a sitemap": (Channel.SITEMAP, f'{NOTICE}<?xml version="1.0"?>{URLSET}'.encode()),
    "a feed as a sitemap": (Channel.SITEMAP, RSS.encode()),
    "a sitemap as a feed": (Channel.FEED, URLSET.encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_every_reader_forgives(name):
    """One entry, of the channel it was offered as."""
    channel, body = ODD[name]
    page = announced(body, URL, channel)
    assert [(lead.url, lead.channel) for lead in page.leads] == [("https://a.example/bridge", channel)]


@pytest.mark.parametrize(
    "body",
    [
        "<html><head><title>x</title></head><body><rss></rss></body></html>",
        "<!-- x --><!DOCTYPE HTML><p>y",
        "<head></head><body>",
    ],
)
@pytest.mark.parametrize("channel", [Channel.FEED, Channel.SITEMAP])
def test_a_web_page_stays_one(channel, body):
    """A front page in place of a feed gives nothing, and says what it is."""
    page = announced(body.encode(), URL, channel)
    assert (page.leads, page.children) == ((), ())
    assert page.problem.endswith("text/html")


GUIDS = {
    "the link is the site": ("<link>https://a.example/</link>", "https://a.example/one"),
    "the link is a section of all": ("<link>https://a.example/news/</link>", "https://a.example/one"),
    "the link is a counter's": ("<link>https://count.example/r/17</link>", "https://a.example/one"),
    "no link": ("", "https://a.example/one"),
}


@pytest.mark.parametrize("name", GUIDS)
def test_a_guid_that_is_the_address(name):
    """Where the link is none of an article, the permanent address counts."""
    link, expected = GUIDS[name]
    items = "".join(
        f'<item><title>T</title>{link}<guid isPermaLink="true">https://a.example/{n}</guid></item>'
        for n in ("one", "two")
    )
    page = announced(f"<rss><channel>{items}</channel></rss>".encode(), URL, Channel.FEED)
    assert [lead.url for lead in page.leads] == [expected, "https://a.example/two"]


@pytest.mark.parametrize(
    "guid",
    [
        '<guid isPermaLink="false">https://a.example/?p=12</guid>',
        "<guid>https://a.example/?p=12345</guid>",
        "<guid>17</guid>",
        '<guid isPermaLink="true">/</guid>',
    ],
)
def test_a_guid_that_is_not(guid):
    """An article's own link counts before anything that is merely an identifier."""
    items = f"<item><link>https://a.example/one</link>{guid}</item><item><link>https://a.example/two</link></item>"
    page = announced(f"<rss><channel>{items}</channel></rss>".encode(), URL, Channel.FEED)
    assert page.leads[0].url == "https://a.example/one"


def test_ampersands_escaped_twice():
    """An address has the parameters that it was meant to have."""
    body = "<rss><channel><item><link>https://a.example/r?b=1&amp;amp;a=2</link></item></channel></rss>"
    assert announced(body.encode(), URL, Channel.FEED).leads[0].url == "https://a.example/r?b=1&a=2"


@given(
    st.lists(
        st.sampled_from(
            ["https://a.example/1", "/2", "https://a.example/2", "javascript:1", "", "https://b.example/3#x"]
        ),
        max_size=30,
    ),
    st.sampled_from(["feed", "urlset", "index", "text"]),
)
def test_each_entry_has_one_outcome(links, kind):
    """As many entries as the document names are leads, further sitemaps, or counted among those that are left."""
    if kind == "feed":
        body = (
            "<rss><channel>"
            + "".join(f"<item><title>t</title><link>{link}</link></item>" for link in links)
            + "</channel></rss>"
        )
    elif kind == "text":
        body = "https://a.example/0\n" + "\n".join(links)
    else:
        root, entry = ("urlset", "url") if kind == "urlset" else ("sitemapindex", "sitemap")
        body = f"<{root}>" + "".join(f"<{entry}><loc>{link}</loc></{entry}>" for link in links) + f"</{root}>"
    page = announced(body.encode(), URL, Channel.FEED if kind == "feed" else Channel.SITEMAP)
    assert page.named == len(page.leads) + len(page.children) + sum(count.number for count in page.left)
    assert all(count.number > 0 and not count.outcome.is_taken for count in page.left)
    assert all(
        count.outcome is not EntryOutcome.NO_ADDRESS or count.number <= len(links) for count in page.left
    )


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("көпір".encode(), "text/html; charset=utf-16", "көпір"),
        ("көпір".encode(), "text/xml; charset=windows-1251", "көпір"),
        (
            '<?xml version="1.0" encoding="windows-1251"?>көпір'.encode(),
            None,
            '<?xml version="1.0" encoding="windows-1251"?>көпір',
        ),
        ('<meta charset="utf-16le">көпір'.encode(), None, '<meta charset="utf-16le">көпір'),
        ("<a>көпір".encode("utf-16-le"), "text/html; charset=utf-8", "<a>көпір"),
    ],
)
def test_labels_that_the_bytes_contradict(body, content_type, text):
    """UTF-16 is what has zero bytes, and what can be read as UTF-8 is UTF-8, whatever the label says."""
    assert decode(body, content_type) == text
