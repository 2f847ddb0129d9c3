"""Charsets, size limits, pages that are not articles, hostile pages, and determinism."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.extract import examine, extract, extractor_version
from newscrawl.extract.page.tree import MAX_BYTES, MAX_TEXT
from newscrawl.model import Article, PageType
from tests.support.pagebuilder import (
    EDITIONS,
    ENGLISH,
    KAZAKH,
    RUSSIAN,
    PageSpec,
    article_page,
    html_page,
    text_of,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://en.orda.example/some-page-77"


def read(body: bytes, url: str = URL, **more: str) -> Article:
    return extract(body, url, fetched_at=NOW, **more)  # type: ignore[arg-type]


# --- charsets ------------------------------------------------------------------------------------


def encoded(spec: PageSpec, charset: str, declared: str | None = None) -> bytes:
    page = article_page(spec).replace(
        '<meta charset="utf-8">', f'<meta charset="{declared}">' if declared else ""
    )
    return page.encode(charset, "xmlcharrefreplace")


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("utf-8", None, None),
        ("utf-8", "windows-1251", None),
        ("utf-8", "utf-8", "text/html; charset=ISO-8859-1"),
        ("utf-8-sig", None, "text/html; charset=windows-1251"),
        ("utf-16", None, None),
        ("cp1251", None, None),
        ("cp1251", "windows-1251", None),
        ("cp1251", None, "text/html; charset=windows-1251"),
        ("cp1251", "utf-8", "text/html; charset=utf-8"),
        ("cp1251", "koi8-r", "text/html; charset=windows-1251"),
        ("cp1251", "windows-1251", "text/html; charset=koi8-r"),
        ("cp1251", "iso-8859-1", None),
        ("koi8-r", "koi8-r", None),
        ("koi8-r", None, None),
        ("koi8-r", "windows-1251", "text/html; charset=nonsense-42"),
        ("cp866", None, None),
    ],
)
def test_russian_in_every_charset(charset: str, declared: str | None, header: str | None) -> None:
    """Undeclared, wrongly declared and contradicting charsets all give the same right text."""
    article = extract(encoded(RUSSIAN, charset, declared), RUSSIAN.url, content_type=header, fetched_at=NOW)
    assert article.title == RUSSIAN.title
    assert article.body == text_of(RUSSIAN)


def test_kazakh_in_its_old_charset() -> None:
    """KZ-1048 is windows-1251 with Kazakh letters; text in it is read with them or refused, never garbled."""
    article = read(encoded(KAZAKH, "kz1048", None), KAZAKH.url)
    assert article.page_type is PageType.UNREADABLE or article.body == text_of(KAZAKH)


def test_encoding_argument_counts_as_header() -> None:
    """A charset given by the caller is treated like the header's."""
    article = extract(encoded(RUSSIAN, "koi8-r"), RUSSIAN.url, encoding="koi8-r", fetched_at=NOW)
    assert article.title == RUSSIAN.title


def test_twice_encoded_text_is_refused() -> None:
    """Mojibake as sent is not archived as text."""
    page = article_page(RUSSIAN).encode().decode("cp1251", "replace").encode()
    assert read(page).page_type is PageType.UNREADABLE


# --- guards --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", PageType.UNREADABLE),
        (b" \r\n\t", PageType.UNREADABLE),
        (b"<html></html>", PageType.EMPTY),
        (html_page("<script>draw()</script><div id='root'></div>"), PageType.EMPTY),
        (b"%PDF-1.7 " + bytes(range(256)) * 40, PageType.UNREADABLE),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, PageType.UNREADABLE),
        (b"\x1f\x8b\x08" + bytes(range(256)) * 40, PageType.UNREADABLE),
        (random.Random(7).randbytes(20_000), PageType.UNREADABLE),
        (b"just words, no tags", PageType.UNREADABLE),
        (b'{"json": true}', PageType.UNREADABLE),
        (
            b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>',
            PageType.OTHER,
        ),
        (b"<p>" * 200_000, PageType.UNREADABLE),
        (b"<p>word</p>" * (MAX_BYTES // 10), PageType.UNREADABLE),
        (b"<p>" + b"word " * (MAX_TEXT // 5 + 1), PageType.UNREADABLE),
    ],
)
def test_what_is_no_page_says_why(body: bytes, kind: PageType) -> None:
    """Empty, binary, too large or simply not HTML: a type and a reason, no exception."""
    article = read(body)
    assert (article.page_type, bool(article.reason)) == (kind, True)
    assert not article.is_article


def test_large_inline_pictures_do_not_make_a_page_too_large() -> None:
    """Pictures inside the page are taken out before its size counts."""
    page = article_page(ENGLISH).replace(
        "</h1>", '</h1><img src="data:image/png;base64,' + "QUJD" * 2_500_000 + '">'
    )
    assert len(page) > MAX_BYTES
    assert read(page.encode()).body == text_of(ENGLISH)


# --- page types ----------------------------------------------------------------------------------

LINKS = "".join(
    f'<div><a href="/a-{n}">The harbour town of Port {n} repairs its old pier again</a></div>'
    for n in range(30)
)
NOT_ARTICLES = {
    "list": (html_page(f"<h1>Society</h1>{LINKS}", title="Society"), PageType.LIST),
    "not found en": (html_page("<h1>404</h1><p>Page not found. Go to the front page.</p>", title="404"), PageType.NOT_FOUND),
    "not found ru": (html_page("<h1>Страница не найдена</h1><p>Возможно, она удалена.</p>" + LINKS, title="Orda.kz"), PageType.NOT_FOUND),
    "not found kk": (html_page("<h1>Бет табылмады</h1><p>Басты бетке өтіңіз.</p>", title="Orda.kz"), PageType.NOT_FOUND),
    "challenge en": (
        html_page("<div id='cf-challenge'>Checking your browser before accessing the site.</div>", title="Just a moment..."),
        PageType.CHALLENGE,
    ),
    "challenge ru": (html_page("<h1>Проверка браузера</h1><p>Подтвердите, что вы не робот.</p>", title="DDoS-Guard"), PageType.CHALLENGE),
    "challenge kk": (html_page("<h1>Браузерді тексеру</h1><p>Күте тұрыңыз.</p>", title="Күтіңіз"), PageType.CHALLENGE),
    "video": (
        html_page(
            "<h1>Snow on the pass: watch the road</h1><video src='/v.mp4'></video><p>The road this morning.</p>",
            head='<meta property="og:type" content="video.other">',
        ),
        PageType.VIDEO,
    ),
    "paywall": (
        html_page(
            "<h1>What the miners were promised</h1><p>The mine closed in spring, and the promises are still open.</p>"
            "<div>Subscribe to continue reading</div>",
            head='<script type="application/ld+json">{"@type":"NewsArticle","headline":"What the miners were promised",'
            '"isAccessibleForFree":false}</script>',
        ),
        PageType.PAYWALL_STUB,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "kind"), NOT_ARTICLES.values(), ids=NOT_ARTICLES)
def test_pages_that_are_no_articles(body: bytes, kind: PageType) -> None:
    """Lists, not-found pages served with 200, challenges, video shells and paywall stubs, in three languages."""
    article = read(body)
    assert (article.page_type, bool(article.reason)) == (kind, True)


def test_a_brief_of_forty_words_is_an_article() -> None:
    """A title and one paragraph, nothing else."""
    words = "The ferry between the two banks will run until ten in the evening from Monday, the town hall said, because the "
    words += "bridge is closed for repairs and the detour through the hills takes more than an hour in the first snow."
    article = read(html_page(f"<h1>Ferry to run later while bridge is closed</h1><p>{words}</p>{LINKS}"))
    assert (article.page_type, article.body) == (PageType.ARTICLE, words)


@pytest.mark.parametrize(
    "title",
    [
        "Court verifies you are human rights lawyer",
        "404 houses flooded near Aksu",
        "Access denied to the dam",
    ],
)
def test_words_of_challenges_in_real_headlines(title: str) -> None:
    """A headline that sounds like a block page does not make an article one."""
    spec = ENGLISH.but(title=title)
    assert read(article_page(spec).encode()).is_article


# --- hostile pages and determinism -----------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        "<div>" * 3000,
        "<b><i>" * 5000,
        "<a href='" + "x" * 200_000 + "'>",
        "<" * 100_000,
        "&#0;&#xFFFF;&#x110000;&bogus;" * 1000,
        "<!--" * 5000,
        "<table><tr><td>" * 300,
        "<script type='application/ld+json'>" + '{"a":' * 20_000 + "</script>",
        "<meta charset=" * 2000,
        "<p>" + "By " * 20_000 + "</p>",
        "<p>" + "12 мая " * 20_000 + "</p>",
        "<h1>" + "a | " * 20_000 + "</h1>",
        "<h3>Latest news</h3>" * 500,
        "\u202e\u0000\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") * 100,
        "<svg><foreignObject><p>x</svg>" * 200,
        "<base href='javascript:alert(1)'><base href='http://[::1'>",
        "<time datetime='9999-99-99T99:99:99+99:99'>never</time>",
        "<link rel=canonical href='http://" + "a." * 3000 + "'>",
    ],
)
def test_hostile_markup_ends_with_an_answer(piece: str) -> None:
    """No content of a page raises an error."""
    page = article_page(ENGLISH)
    for place in ("</head>", "</h1>", "</body>"):
        article = read(page.replace(place, piece + place, 1).encode("utf-8", "replace"))
        assert isinstance(article, Article)


PAGES = [article_page(s).encode() for s in EDITIONS.values()]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_never_raises_on_bytes(body: bytes) -> None:
    """Any bytes at all give an Article."""
    assert isinstance(read(body), Article)


def test_earlier_pages_do_not_change_later_ones() -> None:
    """The same page read ten times among others gives the same Article each time."""
    first = read(PAGES[0])
    for page in [*PAGES * 3, *PAGES]:
        read(page)
    assert all(read(PAGES[0]) == first for _ in range(5))


def test_a_naive_fetch_time_is_a_callers_mistake() -> None:
    """A naive `fetched_at` is the only error."""
    with pytest.raises(ValueError, match="aware"):
        extract(PAGES[0], URL, fetched_at=datetime(2026, 11, 1))


def test_candidates_are_kept() -> None:
    """Every field shows all its candidates, the one taken, and why."""
    looked = examine(PAGES[0], URL, fetched_at=NOW)
    choice = looked.choices["title"]
    assert choice.taken is not None
    assert choice.taken in choice.candidates
    assert choice.why
    assert looked.article.origins["title"] == choice.taken.origin


def test_version_names_the_library() -> None:
    """Own number, then trafilatura's version."""
    own, library = extractor_version().split("/")
    assert own.isdigit()
    assert library.startswith("trafilatura-")


def test_import_is_light() -> None:
    """Importing the package loads neither trafilatura nor lxml nor dateparser."""
    code = (
        "import sys, newscrawl.extract; "
        "print([m for m in ('trafilatura', 'lxml', 'dateparser', 'py3langid', 'scrapy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
