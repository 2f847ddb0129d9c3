"""Damages pages, feeds, sitemaps and robots.txt files by seed, reads them, and checks what must be true of every result."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from newscrawl.discover.feed import feed
from newscrawl.discover.listing import links
from newscrawl.discover.robots_sitemaps import named_sitemaps
from newscrawl.discover.sitemap import sitemap
from newscrawl.extract import extract
from newscrawl.model import Content, ListingPage
from newscrawl.serialization import records
from newscrawl.site_setup.page import offer_here
from newscrawl.text import content_hash

NOW = datetime(2026, 11, 1, tzinfo=UTC)
URL = "https://www.paper.example/news/a-made-up-address-4101.html"
KINDS = ("page", "feed", "sitemap", "robots")
Mutator = Callable[[bytes, Random, Sequence[bytes]], bytes]

_TAG = re.compile(rb"<[^<>]{1,400}>")
_NUMBER = re.compile(rb"\d+")
_DATE = re.compile(rb"\d{4}-\d\d-\d\d|\d\d:\d\d|\d{1,2}\.\d\d\.\d{4}")
_DATA = re.compile(rb"(<script[^>]*ld\+json[^>]*>)(.*?)(</script>)", re.DOTALL | re.IGNORECASE)
_QUOTED = re.compile(rb'"[^"]{0,80}"')
_WRONG = (
    b"1e400", b"-1e400", b"NaN", b"null", b"true", b"[]", b"{}", b'""', b"0", b"99999999999999999999999",
    b'{"@value":[[[]]]}', b'"\\ud800"', b'"\\u0000"', b'["a",1,null,{"@type":"Person","name":7}]', b"[" * 3000 + b"]" * 3000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
)  # fmt: skip
_NO_DATES = (
    b"0000-00-00", b"9999-99-99", b"2026-02-30T25:61:61+99:99", b"-1", b"1e400", b"\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6", b"31.02.2026",
    b"10000-01-01", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"99999999999999999999", b"24:60", b"yesterday" * 50,
)  # fmt: skip
_CHARSETS = (
    b"utf-16",
    b"utf-32",
    b"utf-7",
    b"koi8-r",
    b"windows-1251",
    b"shift_jis",
    b"base64",
    b"idna",
    b"x-none",
    b"hz",
    b"\x00",
)
_ODD = (
    "\u202e", "\u0000", "\ufffe", "\u2028", "\x1b[2J", "\ud7ff", "\U0010ffff", "\u200b" * 50, "ﷺ" * 20, "́" * 300, "İ", "ß", "ﬃ",
)  # fmt: skip
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "haha">'
    + b"".join(
        b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;">' % (c, *[c - 1] * 10)
        for c in range(98, 110)
    )
    + b'<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://127.0.0.1:1/">]>'
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one bad document: its kind, what it passed for, seconds, bytes, and what must not be (None: all right)."""

    kind: str
    outcome: str
    seconds: float
    size: int
    mutations: tuple[str, ...]
    broken: str | None = None


# --- mutations that keep a document about as large as it is ------------------------------------------


def _place(body: bytes, dice: Random) -> int:
    return dice.randrange(len(body) + 1)


def _slice(body: bytes, dice: Random, longest: int = 2000) -> tuple[int, int]:
    start = _place(body, dice)
    return start, min(len(body), start + dice.randrange(1, longest))


def flips(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Bytes changed here and there."""
    data = bytearray(body)
    for _n in range(dice.choice((1, 5, 50, 500)) if data else 0):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def cut(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Torn off somewhere."""
    return body[: _place(body, dice)]


def without(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """A piece is missing."""
    start, end = _slice(body, dice)
    return body[:start] + body[end:]


def twice(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """A piece stands there again and again."""
    start, end = _slice(body, dice, 500)
    return body[:end] + body[start:end] * dice.randrange(1, 30) + body[end:]


def tags(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Tags dropped, doubled, swapped or closed where they open."""
    found = _TAG.findall(body)
    share = dice.choice((0.01, 0.1, 0.5))

    def other(match: re.Match[bytes]) -> bytes:
        if dice.random() > share:
            return match[0]
        return dice.choice((b"", match[0] * 2, dice.choice(found), b"</" + match[0][1:], match[0][:-1]))

    return _TAG.sub(other, body)


def attributes(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """One tag with thousands of attributes, or an attribute of a hundred thousand signs."""
    many = b" ".join(b'a%d="%d"' % (n, n) for n in range(dice.choice((50, 5000))))
    long = b'class="' + b"x " * dice.choice((500, 50_000)) + b'"'
    return _TAG.sub(lambda m: m[0][:-1] + b" " + dice.choice((many, long)) + b">", body, count=1)


def charset(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Another charset declared than the one it is written in, or written in another."""
    name = dice.choice(_CHARSETS)
    if dice.random() < 0.5:
        return b'<meta charset="' + name + b'">' + body
    text = body.decode("utf-8", "replace")
    return text.encode(dice.choice(("utf-16", "utf-16-be", "utf-32", "koi8-r", "cp1251", "utf-7")), "replace")


def mixed(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Two encodings in one document."""
    middle = _place(body, dice)
    return body[:middle] + body[middle:].decode("utf-8", "replace").encode("cp1251", "replace")


def odd_letters(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """NULs, controls, marks, signs from everywhere."""
    for _n in range(dice.randrange(1, 20)):
        at = _place(body, dice)
        body = body[:at] + dice.choice(_ODD).encode("utf-8", "surrogatepass") + body[at:]
    return body


def data(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """JSON-LD with values of wrong types, huge numbers, deep nesting, torn."""

    def other(match: re.Match[bytes]) -> bytes:
        inside = match[2]
        for _n in range(dice.randrange(1, 4)):
            parts = list(_QUOTED.finditer(inside))
            if parts:
                part = dice.choice(parts)
                inside = inside[: part.start()] + dice.choice(_WRONG) + inside[part.end() :]
        return match[1] + (inside[: _place(inside, dice)] if dice.random() < 0.2 else inside) + match[3]

    return _DATA.sub(other, body) if _DATA.search(body) else _with_data(body, dice)


def _with_data(body: bytes, dice: Random) -> bytes:
    fields = (
        "headline",
        "datePublished",
        "dateModified",
        "author",
        "image",
        "articleBody",
        "@type",
        "@graph",
        "inLanguage",
        "keywords",
    )
    inside = b",".join(b'"%b":%b' % (name.encode(), dice.choice(_WRONG)) for name in dice.sample(fields, 5))
    return b'<script type="application/ld+json">{"@type":"NewsArticle",' + inside + b"}</script>" + body


def dates(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Nonsense in place of dates."""
    return _DATE.sub(lambda m: dice.choice(_NO_DATES) if dice.random() < 0.7 else m[0], body)


def numbers(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Other numbers, some of them with ten thousand digits."""
    return _NUMBER.sub(
        lambda m: (
            m[0]
            if dice.random() < 0.9
            else b"9" * dice.choice((1, 19, 400, 10_000 if dice.random() < 0.01 else 5))
        ),
        body,
    )


def spliced(body: bytes, dice: Random, others: Sequence[bytes]) -> bytes:
    """The beginning of one document and the end of another."""
    other = dice.choice(others)
    return body[: _place(body, dice)] + other[_place(other, dice) :][: dice.choice((1000, 4000))]


def backwards(body: bytes, _dice: Random, _: Sequence[bytes]) -> bytes:
    """Last tag first."""
    return b"".join(reversed(re.split(rb"(?=<)", body)))


def packed(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Gzipped, and perhaps torn."""
    small = gzip.compress(body, 1)
    return small if dice.random() < 0.5 else small[: _place(small, dice)]


# --- mutations that blow a document up ---------------------------------------------------------------


_NESTED = (
    "div",
    "span",
    "b",
    "table><tr><td",
    "ul><li",
    "blockquote",
    "a href=/x-1",
    "p",
    "font",
    "item",
    "url",
    "section",
    "article",
    "h2",
)


def _nested(tag: bytes, n: int) -> bytes:
    return (b"<" + tag + b">") * n


# By name: what is inserted into a document, and how often.
BLOWN_UP: dict[str, Callable[[int], bytes]] = {
    **{f"nested {tag}": partial(_nested, tag.encode()) for tag in _NESTED},
    "links": lambda n: b"".join(b'<a href="/news/x-%d">A headline of some words %d</a>' % (k, k) for k in range(n)),
    "a million a": lambda n: b"<a>" * n * 10,
    "one line": lambda n: b"<p>" + b"word " * n * 10 + b"</p>",
    "one word": lambda n: b"<p>" + b"w" * n * 50 + b"</p>",
    "one word in another charset": lambda n: b"<p>" + b"w" * n * 50 + b"\xe9\xe8</p>",
    "an entity bomb": lambda n: _BOMB + b"&m;" * min(n, 20),
    "a script": lambda n: b"<script>" + b"a[0]={" * n + b"</script>",
    "nested data": lambda n: b'<script type="application/ld+json">' + b'{"@graph":[' * n + b"</script>",
    "many data": lambda n: b'<script type="application/ld+json">[' + b'{"@type":"NewsArticle","headline":"x"},' * n + b"{}]</script>",
    "data of quotes": lambda n: b'<script type="application/ld+json">{"@type":"NewsArticle",' + b'"' * n * 5 + b"</script>",
    "page data": lambda n: b'<script id="__NEXT_DATA__" type="application/json">{"a":' + b'[{"b":' * n + b"</script>",
    "comments": lambda n: b"<!--" * n + b"<![CDATA[" * n,
    "references": lambda n: b"&#x41;&amp;&nosuch;" * n,
    "sentences": lambda n: b"<p>A. B. C, " * n,
    "names": lambda n: b"<p>By " + b"A B, C D and " * n,
    "a byline": lambda n: b'<p class="author">' + b"Anna Berg, " * n + b"</p>",
    "dates": lambda n: b"<p>" + b"01.02.2026 10:00 " * n,
    "digits": lambda n: b"<p>" + b"1" * n * 20 + b"." * n,
    "times": lambda n: b"<time datetime=2026-01-01>1</time>" * n,
    "metas": lambda n: b"<meta property=article:tag content=x>" * n,
    "titles": lambda n: b"<title>A title - of</title><h1>Title</h1>" * n,
    "breaks": lambda n: b"<p>" + b"<br>a" * n * 5,
    "white space": lambda n: b"<p>a" + b"\n \t" * n * 10 + b"b",
    "labels": lambda n: b"<p>" + b"Author: " * n,
    "opening marks": lambda n: b"<" * n * 10,
    "unclosed": lambda n: b"<p><b><i>" * n,
    "a srcset": lambda n: b"<img src=x srcset='" + b"a 1x, " * n + b"'>",
    "classes": lambda n: b"<div class='" + b"a-b_c " * n + b"'>x</div>",
    "an address": lambda n: b"<a href='/" + b"a/" * n + b"'>A headline of some words</a><link rel=canonical href='/" + b"%20" * n + b"'>",
    "quotes": lambda n: b"<p>" + "« “".encode() * n,
    "dashes": lambda n: b"<title>" + b"a - " * n + b"</title>",
    "marks": lambda n: b"<p>a" + "\u0301".encode() * n,
    "entries": lambda n: b"<entry><link href=/a-1/><title>t</title></entry>" * (n // 4),
    "paragraphs": lambda n: b"<p>A sentence of seven words or so.</p>" * n,
    "images": lambda n: b"<figure><img src=/a.jpg><figcaption>Photo: A. Berg</figcaption></figure>" * n,
    "list": lambda n: b"<ul>" + b"<li>Read also: something</li>" * n + b"</ul>",
    "rows": lambda n: b"<table>" + b"<tr><td>1<td>2" * n + b"</table>",
    "a doctype": lambda n: b"<!DOCTYPE x [" + b"<!ENTITY a 'b'>" * n + b"]>",
    "namespaces": lambda n: b"<rss " + b"".join(b'xmlns:n%d="u:%d" ' % (k, k) for k in range(n)) + b"><channel><item><link>https://a.example/x-1</link></item></channel></rss>",
    "locations": lambda n: b"<urlset>" + b"<url><loc>https://www.paper.example/x-1</loc></url>" * n + b"</urlset>",
    "sitemap lines": lambda n: b"Sitemap: /a.xml\r" * n,
}  # fmt: skip


def blown_up(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Ten thousand levels, a million links, one line of megabytes, an entity bomb, a huge script."""
    stuff = BLOWN_UP[dice.choice(sorted(BLOWN_UP))](dice.choice((1000, 10_000, 100_000)))
    at = _place(body, dice)
    return body[:at] + stuff[:6_000_000] + body[at:]


MUTATORS: tuple[Mutator, ...] = (
    flips, cut, without, twice, tags, attributes, charset, mixed, odd_letters, data, dates, numbers, spliced, backwards, packed,
)  # fmt: skip
RARE = 0.003  # share of blown-up documents: they cost a hundred times what the others do
_WHOLE = 0.02  # share of pages kept at their full size


def _shrunk(body: bytes, dice: Random) -> bytes:
    """The beginning, a part of the middle, and the end of a page, at a tenth of the cost."""
    if len(body) <= 8000 or dice.random() < _WHOLE:
        return body
    middle = max(body.find(b"<p", dice.randrange(3000, len(body) - 6000)), 3000)
    return (
        body[: dice.randrange(800, 2500)]
        + body[middle : middle + dice.randrange(1500, 4000)]
        + body[-dice.randrange(100, 800) :]
    )


def made(
    seed: int, pages: Sequence[bytes], *, blown: float = RARE, longest: int = 16_000_000
) -> tuple[str, bytes, tuple[str, ...]]:
    """The bad document of a seed: its kind, its bytes, the names of what was done to it; `blown` is the share of blown-up ones, `longest` a bound in bytes."""
    dice = Random(seed)
    kind = dice.choices(KINDS, (85, 7, 6, 2))[0]
    if kind == "page":
        body = _shrunk(dice.choice(pages), dice)
    else:
        body = {"feed": _feed, "sitemap": _sitemap, "robots": _robots}[kind](dice)
    chosen = dice.choices(MUTATORS, k=dice.choice((1, 1, 2, 3, 5)))
    if dice.random() < blown * (1 if kind == "page" else 5):
        chosen.append(blown_up)
    for mutate in chosen:
        body = mutate(body, dice, pages)[:longest]
    return kind, body, tuple(mutate.__name__ for mutate in chosen)


def read(kind: str, body: bytes, seed: int) -> str:
    """Reads a document as a crawl would; its type. Raises any exception, because none must be raised."""
    if kind != "page":
        reader = {"feed": feed, "sitemap": sitemap, "robots": named_sitemaps}[kind]
        address = URL if kind != "robots" else "https://www.paper.example/robots.txt"
        return _listed(reader(body, address, content_type="text/xml" if seed % 2 else None))
    content_type = (
        None,
        "text/html",
        "text/html; charset=utf-8",
        "application/json",
        "text/html; charset=\udcff",
    )[seed % 5]
    article = extract(body, URL, content_type=content_type, fetched_at=NOW)
    for name, value in records.extracted(article).items():
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except ValueError as error:
            raise AssertionError(f"{name} cannot be written: {error}") from error
    content_hash(Content.of(article))
    if article.published is not None:
        assert article.published.tzinfo is not None
        assert article.published <= NOW + timedelta(days=2), f"published {article.published}"
    for text in (article.title, article.body, *(author.name for author in article.authors)):
        assert not {"\0", "\x1b"} & set(text or ""), "control characters in the text"
    page = links(body, URL, content_type=content_type, is_article=lambda _: True, zone=UTC, now=NOW)
    _listed(page)
    if seed % 20 == 0:
        offer_here(body, URL, content_type)
    return article.page_type.value


def _listed(page: ListingPage) -> str:
    for lead in page.leads:
        assert lead.url.startswith(("http://", "https://")), f"a lead to {lead.url[:80]}"
        lead.url.encode()
        assert lead.published is None or lead.published.tzinfo is not None
        (lead.headline or "").encode()
    assert all(child.startswith(("http://", "https://")) for child in page.children)
    return "leads" if page.leads or page.children else "problem" if page.problem else "nothing"


def tried(seed: int, pages: Sequence[bytes]) -> Reading:
    """Makes and reads one document; an exception is returned, not raised."""
    kind, body, done = made(seed, pages)
    started = time.perf_counter()
    outcome, broken = "", None
    try:
        outcome = read(kind, body, seed)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        outcome, broken = "broken", _where(error)
    return Reading(kind, outcome, time.perf_counter() - started, len(body), done, broken)


def _where(error: Exception) -> str:
    trace, last = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "newscrawl" in name or not last:
            last = f"{name.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}: {str(error)[:200]} ({last})"


# --- made-up good ones to begin with -----------------------------------------------------------------


def _feed(dice: Random) -> bytes:
    count = dice.randrange(1, 30)
    if dice.random() < 0.15:
        items = [
            {
                "id": str(n),
                "url": f"https://www.paper.example/n-{n}",
                "title": f"Item {n}",
                "date_published": "2026-05-01T10:00:00Z",
            }
            for n in range(count)
        ]
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    if dice.random() < 0.4:
        entries = "".join(
            f'<entry><title type="html">&lt;b&gt;Item&lt;/b&gt; {n}</title><link rel="alternate" href="/n-{n}"/><id>tag:{n}</id><updated>2026-05-0{n % 9 + 1}T10:00:00Z</updated></entry>'
            for n in range(count)
        )
        return f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://www.paper.example/">{entries}</feed>'.encode()
    entries = "".join(
        f"<item><title><![CDATA[Пекарня {n}]]></title><link>https://www.paper.example/n-{n}</link><guid isPermaLink='true'>https://www.paper.example/n-{n}</guid>"
        f"<pubDate>Fri, 0{n % 9 + 1} May 2026 10:00:00 +0500</pubDate><description>&lt;p&gt;Text&nbsp;&lt;/p&gt;</description></item>"
        for n in range(count)
    )
    return f'<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><atom:link rel="next" href="/rss?p=2"/>{entries}</channel></rss>'.encode()


def _sitemap(dice: Random) -> bytes:
    count = dice.randrange(1, 40)
    if dice.random() < 0.3:
        inside = "".join(
            f"<sitemap><loc>https://www.paper.example/s-{n}.xml</loc><lastmod>2026-05-01</lastmod></sitemap>"
            for n in range(count)
        )
        return f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</sitemapindex>'.encode()
    news = "<news:news><news:publication_date>2026-05-01T10:00:00+05:00</news:publication_date><news:title>Item</news:title></news:news>"
    inside = "".join(
        f"<url><loc>https://www.paper.example/n-{n}?a=1&amp;b=2</loc><lastmod>2026-05-01T10:00:00+05:00</lastmod>{news if n % 2 else ''}</url>"
        for n in range(count)
    )
    text = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{inside}</urlset>'
    return gzip.compress(text.encode(), 1) if dice.random() < 0.3 else text.encode()


def _robots(dice: Random) -> bytes:
    return b"User-agent: *\nDisallow: /search\nCrawl-delay: 5\n" + b"".join(
        b"Sitemap: https://www.paper.example/s-%d.xml\r\n" % n for n in range(dice.randrange(9))
    )
