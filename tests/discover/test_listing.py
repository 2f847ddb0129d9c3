"""Listing pages to leads: what is found, in which order, under which headline, and what is left out."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.discover import listing as module
from newscrawl.discover.address import resolve
from newscrawl.discover.charset import decode
from newscrawl.discover.listing import LINKS_LIMIT, links
from newscrawl.model import Channel, EntryOutcome, ListingPage

URL = "https://daily.example/news/"


def is_article(url: str) -> bool:
    return re.search(r"-\d+/?$", url) is not None


def read(page: str | bytes, **more: object) -> ListingPage:
    body = page.encode() if isinstance(page, str) else page
    return links(body, URL, **{"is_article": is_article, **more})


def found(page: str | bytes, **more: object) -> list[tuple[str, str | None]]:
    return [
        (lead.url.removeprefix("https://daily.example"), lead.headline) for lead in read(page, **more).leads
    ]


CARD = """
<div class="card">
  <a href="/bridge-opens-101"><img src="/b.webp" alt="cover"></a>
  <a href="/bridge-opens-101">The bridge is open</a>
  <a href="/bridge-opens-101#comments">7</a>
</div>
"""


@pytest.mark.parametrize(
    ("case", "page", "expected"),
    [
        ("picture and title link are one lead", CARD, [("/bridge-opens-101", "The bridge is open")]),
        (
            "the longest text wins",
            "<a href=/a-1>Short</a><a href=/a-1>Rather longer</a>",
            [("/a-1", "Rather longer")],
        ),
        (
            "a heading inside the link beats the rest of the card",
            "<a href=/a-1><h3>Title</h3><p>A teaser much longer than the title is</p></a>",
            [("/a-1", "Title")],
        ),
        (
            "a heading around the link beats a longer text",
            "<a href=/a-1>Read the whole story of it here</a><h2><a href=/a-1>Title</a></h2>",
            [("/a-1", "Title")],
        ),
        (
            "words in inline tags stay whole",
            "<a href=/a-1>Қ<b>аза</b>қ<i>стан</i></a>",
            [("/a-1", "Қазақстан")],
        ),
        ("blocks are apart", "<a href=/a-1><div>One</div><div>Two</div></a>", [("/a-1", "One Two")]),
        (
            "script text is not visible",
            "<a href=/a-1><script>x=1</script>Title<style>a{}</style></a>",
            [("/a-1", "Title")],
        ),
        ("a picture alone has no headline", "<a href=/a-1><img alt=cover></a>", [("/a-1", None)]),
        (
            "order is that of the page",
            "<a href=/c-3>C</a><a href=/a-1>A</a><a href=/c-3>C</a>",
            [("/c-3", "C"), ("/a-1", "A")],
        ),
        (
            "relative to the page",
            "<a href=a-1>A</a><a href=../b-2>B</a>",
            [("/news/a-1", "A"), ("/b-2", "B")],
        ),
        ("base is honoured", "<base href=/kz/><a href=a-1>A</a>", [("/kz/a-1", "A")]),
        ("a hostile base is not", "<base href=javascript:1><a href=a-1>A</a>", [("/news/a-1", "A")]),
        (
            "with and without slash are two addresses here",
            "<a href=/a-1>A</a><a href=/a-1/>A</a>",
            [("/a-1", "A"), ("/a-1/", "A")],
        ),
        ("areas count", "<map><area href=/a-1></map>", [("/a-1", None)]),
        ("line breaks in an address", "<a href='\n /a-1 \n'>A</a>", [("/a-1", "A")]),
        ("entities in an address", "<a href='/x?a=1&amp;b-2'>A</a>", [("/x?a=1&b-2", "A")]),
        (
            "broken markup",
            "<div><a href=/a-1>A<p><div></a><li><a href='/b-2'>B",
            [("/a-1", "A"), ("/b-2", "B")],
        ),
        ("commented out", "<!-- <a href=/a-1>A</a> --><a href=/b-2>B</a>", [("/b-2", "B")]),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)
def test_links(case, page, expected):
    """A page and the leads it gives, in order."""
    assert found(page) == expected


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)//a-1", "JavaScript:a-1", "mailto:desk@daily.example?a-1", "data:text/html,a-1", "tel:+7-1",
        "#a-1", "", "   ", "https://user:pass@daily.example/a-1", "https://user@daily.example/a-1", "http:///a-1",
        "https://[bad/a-1", "https://daily.example:99999/a-1", "ftp://daily.example/a-1", "file:///etc/a-1", "blob:a-1",
    ],
)  # fmt: skip
def test_addresses_that_are_never_leads(href):
    """Nothing but plain web addresses becomes a lead."""
    assert resolve(URL, href) is None
    assert found(f'<a href="{href}">A</a><a href="/good-1">G</a>') == [("/good-1", "G")]


def test_a_lead_says_where_it_stood():
    """Every lead has its channel, listing and position, and no date."""
    page = read("<a href=/a-1>A</a><a href=/b-2>B</a>", channel=Channel.BLOCK)
    assert [(lead.position, lead.channel, lead.listing) for lead in page.leads] == [
        (0, Channel.BLOCK, URL),
        (1, Channel.BLOCK, URL),
    ]
    assert all(lead.published is None and lead.modified is None for lead in page.leads)
    assert page.problem is None


@pytest.mark.parametrize(
    ("case", "page", "expected"),
    [
        ("rel next in the head", "<link rel=next href=/news/2>", ["/news/2"]),
        ("rel next on a link", "<a rel='nofollow next' href=?page=2>2</a>", ["/news/?page=2"]),
        ("english", "<a href=/all>View all</a>", ["/all"]),
        ("russian with an arrow", "<a href=/all>Все новости →</a>", ["/all"]),
        ("russian next", "<a href=/p/2>Следующая »</a>", ["/p/2"]),
        ("kazakh", "<a href=/all><span>Барлық</span> жаңалықтар</a>", ["/all"]),
        ("kazakh next", "<a href=/p/2>КЕЛЕСІ</a>", ["/p/2"]),
        ("older", "<a href=/p/2>Older posts</a>", ["/p/2"]),
        ("older, with the arrow back", "<a href=/p/2>« Older Entries</a>", ["/p/2"]),
        ("older in Russian", "<a href=/p/2>← Предыдущие записи</a>", ["/p/2"]),
        ("older in Kazakh", "<a href=/p/2>Ескі жазбалар</a>", ["/p/2"]),
        ("so many more", "<a href=?page=2>Следующие 20</a>", ["/news/?page=2"]),
        ("a label in place of a text", "<a href=/p/2 aria-label='Next page'><svg></svg></a>", ["/p/2"]),
        ("a title in place of a text", "<a href=/p/2 title=Келесі><i></i></a>", ["/p/2"]),
        ("a picture in place of a text", "<a href=/p/2><img src=n.png alt=Next></a>", ["/p/2"]),
        (
            "a class in place of a text",
            "<li class=pager-next><a href=?page=2><i></i></a></li>",
            ["/news/?page=2"],
        ),
        ("a class of another thing", "<li class=context><a href=?page=2><i></i></a></li>", []),
        ("a class that leads elsewhere", "<a class=next href=/news/2026/05><i></i></a>", []),
        ("a button of a script", "<button data-url='/news/?page=2'>Load more</button>", ["/news/?page=2"]),
        ("a button of another thing", "<button data-url='/login?page=2'>Log in</button>", []),
        ("once each", "<a href=/all>View all</a><a href=/all#x>View all</a>", ["/all"]),
        (
            "other host",
            "<a href=https://other.example/all>View all</a><link rel=next href=//x.example/2>",
            [],
        ),
        ("the page itself", "<a href=/news/>View all</a>", []),
        ("an article is not a further page", "<a href=/next-1>Next</a>", []),
        ("only whole texts", "<a href=/x>What comes next</a><a href=/y>Все новости спорта</a>", []),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)
def test_next_pages(case, page, expected):
    """Links that lead on to more of the list, on the same host only."""
    assert [one.removeprefix("https://daily.example") for one in read(page).next_pages] == expected


ARTICLE = """
<nav><ul><li><a href="/latest">Latest news</a></li><li><a href="/politics">Politics</a></li></ul></nav>
<main><h1>Title</h1><p>Body with <a href="/linked-9">a link</a>.</p>
<section><h3><span>Latest</span> news</h3><a href="/latest">view all</a>
<ul><li><a href="/a-1">A</a></li><li><a href="/b-2">B</a></li></ul></section>
<section><h3>Most read</h3><ul><li><a href="/m-7">M</a></li></ul></section></main>
"""


@pytest.mark.parametrize(
    ("case", "page", "within", "expected"),
    [
        ("the block, not the menu, body or neighbours", ARTICLE, ["Latest news"], ["/a-1", "/b-2"]),
        ("case does not matter", ARTICLE, ["LATEST NEWS"], ["/a-1", "/b-2"]),
        ("any of several headings", ARTICLE, ["Лента новостей", "Most read"], ["/m-7"]),
        (
            "a flat page: what follows the heading",
            "<p><a href=/x-1>X</a></p><p>Лента новостей</p><p><a href=/a-2>A</a></p><p><a href=/b-3>B</a></p>",
            ["Лента новостей"],
            ["/a-2", "/b-3"],
        ),
        (
            "the heading is a link",
            "<div><a href=/all>Latest news</a><a href=/a-1>A</a></div>",
            ["Latest news"],
            ["/a-1"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)
def test_only_the_block_under_a_heading(case, page, within, expected):
    """With `within`, links elsewhere on the page are not leads."""
    assert [url for url, _ in found(page, within=within)] == expected


def test_a_missing_block_is_said():
    """An article page without the block gives no leads, and a problem with the heading searched for."""
    page = read("<a href=/a-1>A</a>", within=("Latest news",))
    assert (page.leads, page.problem) == ((), "no block of articles under 'Latest news'")


@pytest.mark.parametrize(
    ("case", "body", "problem"),
    [
        ("empty", b"", "empty page"),
        ("blank", b" \n ", "empty page"),
        ("no links", b"<html><p>Nothing here</p>", "no article link among 0 links"),
        ("only other links", b"<a href=/about>About</a><a href=/x>X</a>", "no article link among 2 links"),
        ("binary", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50, "no article link among 0 links"),
        ("nul bytes only", bytes(1000), "empty page"),
        ("json without pages", b'{"items": [1, 2]}', "empty page"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_page_without_leads_says_so(case, body, problem):
    """A result without leads always has a reason."""
    page = read(body)
    assert page.leads == ()
    assert page.problem == problem


@pytest.mark.parametrize(
    ("case", "encoding", "meta", "header"),
    [
        ("header", "cp1251", "", "text/html; charset=windows-1251"),
        ("meta", "cp1251", "<meta charset='windows-1251'>", None),
        (
            "old meta",
            "koi8-r",
            "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>",
            "text/html",
        ),
        ("nothing declared, utf-8", "utf-8", "", None),
        ("nothing declared, windows-1251", "cp1251", "", None),
        ("a wrong header", "cp1251", "", "text/html; charset=utf-8"),
        ("a wrong meta", "utf-8", "<meta charset='ascii'>", "text/html"),
        ("utf-16 with mark", "utf-16", "", None),
        ("an unknown name", "utf-8", "<meta charset=klingon>", "text/html; charset=punycode"),
    ],
    ids=lambda value: value if isinstance(value, str) and "<" not in value else "",
)
def test_charsets(case, encoding, meta, header):
    """Headlines are readable whatever the page says or does not say."""
    page = f"<html><head>{meta}</head><a href=/a-1>Мост через реку открыт</a>".encode(encoding)
    assert found(page, content_type=header) == [("/a-1", "Мост через реку открыт")]


def test_a_few_broken_bytes_do_not_change_the_charset():
    """A long UTF-8 page with one bad byte is still UTF-8."""
    assert decode("Жаңалық ".encode() * 50 + b"\xff").startswith("Жаңалық Жаңалық")


def test_html_inside_json():
    """A "load more" answer in JSON is read as the HTML it carries."""
    body = json.dumps(
        {"ok": True, "parts": [{"html": "<div><a href='/a-1'>A</a></div>"}, {"html": "<a href=/b-2>B</a>"}]}
    )
    assert found(body, content_type="application/json") == [("/a-1", "A"), ("/b-2", "B")]


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 50_000,
        b"<a href=/n-1>x<p>" * 1_500,
        b"<span><a href=/n-1>t" * 1_500,
        b"<h3><a href=/n-1>t" * 1_500,
        b"<a href=/n-1>" + b"word " * 200_000 + b"</a>",
        b"[" * 100_000,
        b"<base href=/x/>" * 10_000 + b"<a href=n-1>t</a>",
    ],
    ids=["deep", "open links", "nested links", "nested headings", "long text", "deep json", "many bases"],
)
def test_hostile_pages_cost_little(page):
    """Depth, nesting and length neither raise nor take quadratic time, with and without a block to look for."""
    assert len(read(page).leads) <= 1
    assert len(read(page, within=("t", "x")).leads) <= 1


def test_links_are_bounded_and_the_rest_is_said(monkeypatch):
    """A page of endless links gives the first ones and a problem."""
    assert LINKS_LIMIT >= 20_000
    monkeypatch.setattr(module, "LINKS_LIMIT", 900)
    page = read(b"".join(b"<a href=/n-%d>x</a>" % n for n in range(905)))
    assert len(page.leads) == 900
    assert "the rest was left" in page.problem
    body = b"<a href='#top'>x</a>" + b"".join(b"<a href=/n-%d>x</a>" % n for n in range(905))
    page = read(body, why_left=lambda _: EntryOutcome.NO_PATTERN)
    assert "the rest was left" in page.problem
    assert (page.named, [(one.outcome, one.number) for one in page.left]) == (905, [(EntryOutcome.BOUND, 6)])


@settings(max_examples=70, deadline=None)
@given(
    st.binary(max_size=500) | st.text(alphabet="<>a/href='\" =-1h3pбқ&;#!", max_size=300).map(str.encode),
    st.none() | st.text(max_size=60),
)
def test_never_raises(body, content_type):
    """Any bytes under any label give a page, and leads or a reason."""
    for within in ((), ("a",)):
        page = links(body, URL, content_type=content_type, is_article=bool, within=within)
        assert page.leads or page.problem
        assert len({lead.url for lead in page.leads}) == len(page.leads)


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><a href=a-1>A</a></body></html><ul><li><a href=b-2>B</a></ul>",
        "<html><body><a href=a-1>A</a></body></html>\n<html><body><a href=b-2>B</a></body></HTML >",
        "<a href=a-1>A</a></body><p></p></html></html><a href=b-2>B</a>",
    ],
)
def test_links_after_the_end_of_the_page(html):
    """Nested templates close the page several times; what follows is read."""
    page = links(html.encode(), URL, is_article=lambda a: a.rpartition("-")[2].isdigit())
    assert [lead.url.rpartition("/")[2] for lead in page.leads] == ["a-1", "b-2"]


PAGERS = {
    "arrows alone": ("/", [("/index2.html", "⟩"), ("/index11.html", "⟫")], "/index2.html"),
    "arrows within": ("/index2.html", [("/index.html", "⟨"), ("/index3.html", "⟩"), ("/index11.html", "⟫")], "/index3.html"),
    "a double arrow that goes on": ("/c/culture.html", [("/c/culture2.html", "»")], "/c/culture2.html"),
    "a double arrow to the last page": ("/news/", [("/news/page/9/", "»")], None),
    "numbers": ("/news/", [("/news/page/2/", "2"), ("/news/page/3/", "3"), ("/news/page/9/", "9")], "/news/page/2/"),
    "numbers within": ("/news/page/2/", [("/news/", "1"), ("/news/page/3/", "[3]"), ("/news/page/9/", "»")], "/news/page/3/"),
    "numbers on the last page": ("/news/page/9/", [("/news/", "1"), ("/news/page/8/", "8")], None),
    "numbers in the query": ("/news?c=5", [("/news?c=5&page=2", "2"), ("/news?c=5&page=3", "3")], "/news?c=5&page=2"),
    "numbers without a word": ("/b/", [("/b/2/", "2"), ("/b/3/", "3")], "/b/2/"),
    "an offset": ("/list?start=10", [("/list?start=0", "‹"), ("/list?start=20", "›")], "/list?start=20"),
    "an offset from the first page": ("/list", [("/list?start=10", "›")], "/list?start=10"),
    "numbers of offsets": ("/list", [("/list?offset=20", "2"), ("/list?offset=40", "3")], "/list?offset=20"),
    "numbers of offsets within": ("/list?offset=20", [("/list", "1"), ("/list?offset=40", "3"), ("/list?offset=60", "4")], "/list?offset=40"),
    "counted from 0": ("/list", [("/list?p=1", "2"), ("/list?p=2", "3")], "/list?p=1"),
    "counted from 0, within": ("/list?p=1", [("/list", "1"), ("/list?p=2", "3"), ("/list?p=3", "4")], "/list?p=2"),
    "counted from 0, at the end": ("/list?p=3", [("/list", "1"), ("/list?p=1", "2"), ("/list?p=2", "3")], None),
    "files below a folder": ("/list/", [("/list/2.html", "→")], "/list/2.html"),
    "files below another folder": ("/list/", [("/sport/2.html", "→")], None),
    "a word": ("/list/", [("/list/x", "Наступна сторінка »")], "/list/x"),
    "offsets of another list": ("/list", [("/sport?offset=20", "2"), ("/sport?offset=40", "3")], None),
    "numbers with a word": ("/list", [("/list?page=2", "Page 2"), ("/list?page=3", "Page 3")], "/list?page=2"),
    "numbers with a Russian word": ("/list", [("/list?page=2", "стр. 2")], "/list?page=2"),
    "numbers with a Kazakh word": ("/list", [("/list?page=2", "2-бет")], "/list?page=2"),
    "Roman numerals": ("/news/", [("/news/?page=2", "II"), ("/news/?page=3", "III"), ("/news/?page=9", "IX")], "/news/?page=2"),
    "Roman numerals within": ("/news/?page=3", [("/news/", "i"), ("/news/?page=2", "ii"), ("/news/?page=4", "iv")], "/news/?page=4"),
    "letters that are no numerals": ("/news/", [("/news/page/2/", "VX"), ("/news/page/3/", "IIII")], None),
    "‹ 1 2 3 ›": ("/news?p=2", [("/news?p=1", "‹"), ("/news?p=1", "1"), ("/news?p=3", "3"), ("/news?p=3", "›")], "/news?p=3"),
    "a calendar": ("/", [("/2026/11/1", "1"), ("/2026/11/2", "2"), ("/2026/11/3", "3")], None),
    "a chevron beside a section": ("/", [("/culture/", "›")], None),
    "another list's numbers": ("/sport/", [("/news/3/", "3"), ("/news/2/", "2")], None),
    "another host": ("/", [("//b.example/page/2/", "2"), ("//b.example/page/3/", "3")], None),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGERS)
def test_a_pager_without_words(name):
    """The next page by numbers and arrows, where the addresses are those of this very list."""
    at, anchors, following = PAGERS[name]
    page = links(
        "".join(f'<a href="{address}">{text}</a>' for address, text in anchors).encode(),
        f"https://a.example{at}",
        is_article=lambda _: False,
    )
    assert list(page.next_pages) == ([f"https://a.example{following}"] if following else [])


CHOICES = {
    "addresses in a choice": ("/news/", '<select><option value="/news/">1<option value="/news/?page=2">2<option value="/news/?page=3">3</select>', "/news/?page=2"),
    "numbers in a choice": ("/news/", '<form action="/news/"><select name=page><option value=1>1<option value=2>2<option value=3>3</select></form>', "/news/?page=2"),
    "numbers in a choice, within": ("/news/?page=2", '<form action="/news/"><select name=page><option value=2>2<option value=3>3</select></form>', "/news/?page=3"),
    "a choice of months": ("/news/", '<form action="/news/"><select name=month><option value=1>1<option value=2>2</select></form>', None),
    "a choice of sections": ("/news/", '<select><option value="/sport/">Sport<option value="/culture/">Culture</select>', None),
    "a choice sent by POST": ("/news/", '<form method=post action="/news/"><select name=page><option value=2>2</select></form>', None),
    "a form with a hidden page": ("/news/", '<form action="/news/"><input type=hidden name=page value=2><button>Келесі</button></form>', "/news/?page=2"),
    "a button with a number": ("/news/", '<form action="/news/"><button name=page value=1>1</button><button name=page value=2>2</button></form>', "/news/?page=2"),
    "a button that is an input": ("/news/", '<form><input type=hidden name=c value=5><input type=submit name=p value="Ещё"></form>', "/news/?c=5&p=%D0%95%D1%89%D1%91"),
    "a button of a search": ("/news/", '<form action="/search"><input name=q><button>Next</button></form>', None),
    "a place that a script fills": ("/news/", '<div data-next-url="/news/?page=2"></div>', "/news/?page=2"),
    "a link with an address for a script": ("/news/", '<a href="#" data-url="/news/more?from=10">Тағы жүктеу</a>', "/news/more?from=10"),
    "a label with an address for a script": ("/news/", '<span data-url="/news/?page=2">Показать ещё</span>', "/news/?page=2"),
    "a box of another thing": ("/news/", '<div data-url="/weather/?city=2">Almaty</div>', None),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOICES)
def test_a_pager_that_is_no_link(name):
    """Drop-down lists, forms that ask by GET, and places that scripts fill lead on; by POST nothing is guessed."""
    at, markup, following = CHOICES[name]
    page = links(markup.encode(), f"https://a.example{at}", is_article=lambda _: False)
    assert list(page.next_pages) == ([f"https://a.example{following}"] if following else [])


@pytest.mark.parametrize(
    "word",
    [
        "Келесі бет", "Әрі қарай →", "Тағы жаңалықтар", "Ескі жаңалықтар", "Следующие новости", "Показать больше", "Смотреть ещё", "Ранее",
        "Кийинки барак", "Дагы көрсөтүү", "Бардык жаңылыктар", "Koʻproq koʻrish", "Yana ko‘rsatish", "Ko'proq", "Кейинги саҳифа", "Кўпроқ",
        "Саҳифаи оянда", "Indiki sahypa",
    ],
)  # fmt: skip
def test_words_that_lead_on(word):
    """The words of the outlet's own language, with any of the apostrophes that its keyboards have."""
    page = links(f'<a href="/p/x">{word}</a>'.encode(), "https://a.example/", is_article=lambda _: False)
    assert page.next_pages == ("https://a.example/p/x",)


def test_pages_that_look_like_articles():
    """A pattern that takes every page of a folder takes those of the list too: what a pager links to is none."""
    body = b'<a href="/bread2.html">Bread for the second village</a><a href="/index2.html">2</a><a href="/index3.html">\xe2\x9f\xa9</a>'
    page = links(body, "https://a.example/index.html", is_article=lambda address: address.endswith(".html"))
    assert [lead.url for lead in page.leads] == ["https://a.example/bread2.html"]
    assert page.next_pages == ("https://a.example/index2.html",)


def test_a_number_of_comments_is_no_pager():
    """Articles that are named by a number stay articles beside their counters."""
    body = b'<a href="/news/1234">Bridge opened</a><a href="/news/1234">5</a><a href="/news/77">77</a><a href="/news/77">Ferry of number 77</a><a href="/news/2">2</a>'
    page = links(body, "https://a.example/news/", is_article=lambda address: "/news/" in address)
    assert [lead.url.rpartition("/")[2] for lead in page.leads] == ["1234", "77"]


def test_what_became_of_links():
    """Every link has one outcome: a lead, a headline that no pattern takes, or a reason; short texts are of menus."""

    def why(address):
        return EntryOutcome.OTHER_HOST if "b.example" in address else EntryOutcome.NO_PATTERN

    page = links(
        b'<a href="/n/1">One</a><a href="/n/1">One again</a><a href="/about">About</a><a href="/x">A bridge is opened at last</a><a href="//b.example/">B</a>',
        "https://a.example/",
        is_article=lambda address: "/n/" in address,
        why_left=why,
    )
    assert page.named == 4
    assert {count.outcome.value: (count.number, count.examples) for count in page.left} == {
        "other_host": (1, ("https://b.example/",)),
        "no_pattern": (1, ("https://a.example/x",)),
        "menu": (1, ("https://a.example/about",)),
    }


def _list(*cards: tuple[str, str], more: str = "") -> str:
    entries = "".join(
        f'<article class="entry entry-{n}"><h2><a href="{href}">{text}</a></h2><p>Words.</p></article>'
        for n, (href, text) in enumerate(cards)
    )
    return f"<main>{entries}</main>{more}"


CARDS = (
    ("/bridge-opens-101", "The second bridge is open"),
    ("/bread-gets-dearer-102", "Bread gets dearer in all districts"),
    ("/flood", "The river has reached the lower town"),
)
# name -> the page, and the addresses besides those of articles' form that are taken
ALIKE = {
    "a slug of one word in the list": (_list(*CARDS), ["/flood"]),
    "the only link there": (_list(CARDS[0], CARDS[2]), []),  # one article makes no list
    "in a menu": (_list(*CARDS[:2], more='<nav><h2><a href="/about">About the paper and its readers</a></h2></nav>'), []),
    "in another place": (_list(*CARDS[:2], more='<aside><h2><a href="/about">About the paper and its readers</a></h2></aside>'), []),
    "a word, no headline": (_list(*CARDS[:2], ("/sport", "Sport")), []),
    "among tags": (
        "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in (*CARDS, ("/a", "Bread"), ("/b", "Flood"))),
        [],
    ),
    "ruled out": (_list(*CARDS[:2], ("/tag/flood", "All that was written of the flood")), []),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_links_that_stand_where_articles_stand(name):
    page, expected = ALIKE[name]
    leads = read(page, may_be=lambda url: "/tag/" not in url).leads
    others = [lead.url for lead in leads if not is_article(lead.url)]
    assert others == [f"https://daily.example{path}" for path in expected]
    assert [lead.url for lead in read(page).leads] == [lead.url for lead in leads if is_article(lead.url)]


NEW_FORM = (
    ("/flood", "The river has reached the lower town"),
    ("/bridge", "The second bridge is open"),
    ("/fair", "The autumn fair opens on Sunday"),
)
OLD_ONES = '<ul><li><a href="/bread-102">Bread gets dearer in all districts</a><li><a href="/rail-103">The rails are worn out at last</a></ul>'


@pytest.mark.parametrize(
    ("page", "older", "number"),
    [
        (_list(*NEW_FORM), False, 3),  # all addresses of the site have another form since today
        (_list(*NEW_FORM, CARDS[0]), False, 4),
        (_list(*NEW_FORM), True, 3),
        (_list(*NEW_FORM, more=OLD_ONES), False, 2),  # elsewhere on the page articles have the known form
        (_list(*NEW_FORM, more=OLD_ONES), True, 5),
        (_list(*NEW_FORM[:2]), False, 0),
    ],
)
def test_a_list_may_have_articles_of_a_newer_or_an_older_form_alone(page, older, number):
    assert len(read(page, may_be=lambda _: True, older=older).leads) == number
