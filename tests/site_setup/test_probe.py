"""What an unknown site's pages say: shapes of addresses, pages of lists, editions, zones; and what each is not taken for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from newscrawl.model import Article, Author, Channel, Lead, PageType
from newscrawl.site_setup.channels import numbered_series
from newscrawl.site_setup.editions import main_language, zone_of
from newscrawl.site_setup.listings import further, newest_first
from newscrawl.site_setup.page import language, offer_here
from newscrawl.site_setup.patterns import group_of, identity, is_service, learn
from newscrawl.site_setup.preview import trial, works
from newscrawl.site_setup.seen_addresses import SAMPLES, SeenAddresses

SLUGS = [
    f"{a}-{b}-{c}"
    for a in ("ferry", "bridge", "market")
    for b in ("opens", "waits")
    for c in ("again", "in-may")
]
OWN = [
    "/about-us",
    "/contacts",
    "/tag/town-life",
    "/author/aliya-b",
    "/2026/05/28",
    "/2026/05",
    "/page/2",
    "/gallery/spring-in-town-41",
]

# name: (articles, what must be matched as well, what must not, the number of the piece or None)
SHAPES = {
    "folders of months": ([f"/2025/0{n % 9 + 1}/{s}" for n, s in enumerate(SLUGS)], ["/2026/12/a-new-ferry-line/", "/2026/12/bread/"], ["/2026/05/28/", "/2026/05/"], None),
    "words and a number": ([f"/ru/news/{s}-{5100 + n}" for n, s in enumerate(SLUGS)], ["/ru/news/other-words-99000/"], ["/ru/news/", "/ru/news/rules-of-ours"], "99000"),
    "sections and numbers": ([f"/{'sport' if n % 2 else 'city'}/{81000 + n}.html" for n in range(12)], ["/economy/82000.html"], ["/tag/82000.html", "/sport/2"], "82000"),
    "number first": ([f"/{'sport' if n % 2 else 'city'}/{9100 + n}-{s}" for n, s in enumerate(SLUGS)], ["/culture/12345-a"], ["/author/12345-a", "/sport/a-12"], "12345"),
    "root": ([f"/{s}" for s in SLUGS], ["/another-long-slug"], ["/about-us", "/contacts"], None),
    "sections of words": ([f"/{'sport' if n % 2 else 'city'}/{s}" for n, s in enumerate(SLUGS)], ["/city/another-long-slug/"], ["/gallery/another-long-slug", "/city/2"], None),
    "day and code": ([f"/2026-05-{n + 1:02d}/k{n}81" for n in range(12)], ["/2026-06-01/abc"], ["/2026-06-01", "/2026-06-01/2"], None),
    "codes": ([f"/{s}-{n * 7919 + 1048576:06x}"[:40] for n, s in enumerate(SLUGS)], ["/other-words-0a1b2c"], ["/about-us"], None),
    "slug as a folder": ([f"/a/{s}/{31000000 + n}.html" for n, s in enumerate(SLUGS)], ["/a/other/31000099.html"], ["/z/31000099"], "31000099"),
    "small numbers": ([f"/news/{n}" for n in range(1, 13)], ["/news/4000"], ["/news/", "/news/page"], "4000"),
    "letters of a language": ([f"/%D2%A3{n}-%D0%B0-%D0%B1" for n in range(12)], ["/%D2%93-%D0%B0-%D0%B1"], ["/about-us"], None),
    "short links": ([f"/?p={n}" for n in range(5, 40)], ["/?p=7", "/?p=1204"], ["/", "/?page_id=7", "/?p=7/8"], None),
    "a program": (["/read.php"], ["/read.php"], ["/index.php", "/read.phpx"], None),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name):
    """The pattern matches all examples and new ones of the kind, and neither the site's own pages nor near misses."""
    examples, more, not_these, number = SHAPES[name]
    shape = learn(examples, OWN)
    assert shape is not None
    assert (shape.missed, shape.caught) == ((), ())
    assert [path for path in more if not re.search(shape.text, path)] == []
    assert [path for path in [*OWN, *not_these] if re.search(shape.text, path)] == []
    found = identity([examples])
    assert (re.search(found, more[0])[1] if found else None) == number


def test_shape_keeps_two_systems():
    """A few addresses without the number that all others have are of an older system, and stay articles."""
    old = ["/a-bridge-from-before-the-move", "/a-ferry-from-before-the-move"]
    shape = learn([*(f"/{s}-{81000 + n}" for n in range(4) for s in SLUGS), *old], OWN)
    assert shape is not None
    assert shape.missed == ()
    assert not re.search(shape.text, "/about-us")
    assert identity([[*(f"/{s}-{81000 + n}" for n, s in enumerate(SLUGS)), *old]]) is None


def test_numbers_that_are_not_the_outlets():
    """Years, numbers met twice, and sections that count for themselves name no piece."""
    assert identity([[f"/{s}-{2015 + n % 9}" for n, s in enumerate(SLUGS)]]) is None
    assert identity([[f"/{x}/{s}-{500 + n}" for x in ("ru", "kk") for n, s in enumerate(SLUGS)]]) is None
    assert (
        identity([[*(f"/sport/{n}" for n in range(100, 110)), *(f"/city/{n}" for n in range(9000, 9010))]])
        is None
    )
    assert (
        identity([[f"/{s}-{500 + n}" for n, s in enumerate(SLUGS)]] * 2) is not None
    )  # editions may share numbers
    assert identity([["/a-1", "/b-2"]]) is None
    assert (
        identity([[f"/{x}/a-{'7' * 5000}{n}" for x in "ab" for n in range(5)]]) is None
    )  # longer than Python counts


def test_a_date_before_a_slug_is_enough():
    """That the slugs of one month end with numbers says nothing of the next month's."""
    pattern = learn(
        [f"/posts/2026/0{n % 8 + 1}/ferry-runs-{n}/" for n in range(10, 40)], ["/about/", "/posts/"]
    )
    assert re.search(pattern.text, "/posts/2026/09/flood/")
    assert not re.search(pattern.text, "/posts/flood/")


def test_loose_shape_takes_short_words():
    """In a feed a slug of one word is an article by the outlet's word."""
    paths = [*(f"/{s}-{x}" for s in SLUGS for x in "abcd"), "/earthquake"]
    assert not re.search(learn(paths, OWN).text, "/earthquake")
    assert re.search(learn(paths, OWN, loose=True).text, "/earthquake")


@given(
    st.lists(
        st.text("ab1-_.%/{}()[]\\|+*?^$й", min_size=1, max_size=14).map("/{}".format), min_size=1, max_size=25
    )
)
def test_any_paths_make_a_pattern(paths):
    """Whatever pages name as addresses, the pattern compiles, and what it misses or catches is said."""
    shape = learn(paths, OWN)
    if shape is not None:
        compiled = re.compile(shape.text)
        assert {path for path in paths if not compiled.search(path)} == set(shape.missed)
    found = identity([paths])
    assert found is None or re.compile(found).groups == 1


def test_pattern_takes_no_time():
    """A path made to be slow is answered at once: it is the site's to choose."""
    shape = learn([f"/{s}" for s in SLUGS], OWN)
    assert not re.search(shape.text, "/" + "a-" * 20_000 + "/x")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/city/a-b-c", "/city/d-e-f", True),
        ("/city/a-b-c", "/sport/a-b-c", False),
        ("/2025/07/a-b", "/2026/08/c-d", True),
        ("/news/12", "/news/a-b", False),
        ("/story/k81ab2/a-b", "/story/m99zz1/c-d", True),
    ],
)
def test_groups(one, other, same):
    """Sections by name, dates, numbers and codes by kind."""
    assert (group_of(one) == group_of(other)) is same


@pytest.mark.parametrize(
    ("path", "service"),
    [("/tag/x", True), ("/Author/x", True), ("/o-nas.html", True), ("/news/tagging-birds", False)],
)
def test_service(path, service):
    """An outlet's own pages are told by whole segments."""
    assert is_service(path) is service


PAGE = """<html lang="kk-KZ"><head><title>Front | The Post</title><link rel="alternate" type="application/rss+xml" href="/feed/">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/"><link rel="alternate" hreflang="ru" href="https://ru.post.example/">
</head><body><header><nav><a href="/sport/">Sport</a><a href="https://en.post.example/">ENG</a></nav></header>
<div class="entry-header"><a href="/a-1">A ferry line opens again in May</a></div><a href="/a-1"><img></a>
<a href="javascript:alert(1)">x</a><a href="http://user:pw@post.example/">x</a><a href="file:///etc/passwd">x</a>
<button data-url="/news?page=2" hx-get="javascript:1">more</button><footer><a href="/rss/all">RSS</a></footer></body></html>"""


def test_page():
    """Links with their place and longest text, feeds without comments, editions by tag and by switch, what a button holds."""
    offer = offer_here(PAGE.encode(), "https://post.example/")
    assert [(link.url, link.text, link.menu) for link in offer.links] == [
        ("https://post.example/sport/", "Sport", True),
        ("https://en.post.example/", "ENG", True),
        ("https://post.example/a-1", "A ferry line opens again in May", False),
        ("https://post.example/rss/all", "RSS", True),
    ]
    assert offer.feeds == ("https://post.example/feed/", "https://post.example/rss/all")
    assert offer.editions == (("ru", "https://ru.post.example/"), ("en", "https://en.post.example/"))
    assert offer.continued == ("https://post.example/news?page=2",)
    assert (offer.language, offer.name) == ("kk", "Front")


SHELL = b"<html><head><title>x</title></head><body><div id=app></div><script src=/a.js></script><script>1</script></body></html>"


@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"\xff\xfe", b"<a href=", b"<html>" * 3000, SHELL, PAGE.encode("utf-16")]
)
def test_any_page(body):
    """Broken pages offer what can be read."""
    assert offer_here(body, "https://post.example/").is_shell is (body is SHELL)


@pytest.mark.parametrize(
    ("tag", "code"),
    [("kk-KZ", "kk"), ("kz", "kk"), ("RU", "ru"), ("en_US", "en"), ("news", None), ("", None), (None, None)],
)
def test_language(tag, code):
    """Tags, hosts' labels and folders name languages in the ways of the region."""
    assert language(tag) == code


LINKS = {
    "numbers": (['<a href="/news/?PAGEN_1=2">2</a>', '<a href="/news/?PAGEN_1=3">3</a>', '<a href="/news/2026/05/12/">12</a>'], "/news/?PAGEN_1={n}"),
    "folders": (['<a href="/news/page/2/">2</a><a href="/news/page/3/">3</a>'], "/news/page/{n}/"),
    "next": (['<a href="/news/?section=7&page=2">Следующая »</a>'], "/news/?section=7&page={n}"),
    "button": (['<button data-url="/news/more?offset_page=2">…</button>'], "/news/more?offset_page={n}"),
    "calendar": (['<a href="/news/2026-05-11">11</a><a href="/news/2026-05-12">12</a>'], None),
    "elsewhere": (['<a href="https://other.example/news/?page=2">2</a>'], None),
    "braces": (['<a href="/news/{0.__class__}?page=2">2</a>'], None),
    "none": (["<p>no links</p>"], None),
}  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
def test_pages_of_a_list(name):
    """The template of further pages, told from calendars, other hosts and what would be a format of its own."""
    parts, expected = LINKS[name]
    offer = offer_here(f"<html><body>{''.join(parts)}</body></html>".encode(), "https://post.example/news/")
    found = further(offer, "https://post.example/news/")
    assert (found.removeprefix("https://post.example") if found else None) == expected


def test_order_of_a_list():
    """Newest first, one pinned piece allowed; oldest first is not; too few dates say nothing."""
    at = {str(n): datetime(2026, 5, 1, tzinfo=UTC) - timedelta(hours=n) for n in range(12)}
    assert newest_first(["7", *(str(n) for n in range(12) if n != 7)], at) is True
    assert newest_first([str(n) for n in reversed(range(12))], at) is False
    assert newest_first(["1", "2", "x"], at) is None


@pytest.mark.parametrize(
    ("names", "series"),
    [
        (["news1.xml", "news2.xml", "news3.xml"], ["news{n}.xml"]),
        (["news1.xml"], ["news{n}.xml"]),
        (["a-1.xml", "a-2.xml", "b.xml"], ["a-{n}.xml"]),
        (["news7.xml"], []),
        (["news-2026-1.xml", "news-2026-2.xml"], []),
        (["sitemap.xml?page=1", "sitemap.xml?page=2"], []),
        (["{0.x}1.xml", "{0.x}2.xml"], []),
    ],
)
def test_numbered_series(names, series):
    """Sitemaps counted from 1 go on when one is full; months and parameters do not count."""
    base = "https://post.example/sitemap/"
    assert numbered_series([base + name for name in names]) == tuple(base + one for one in series)


def _dates(*hours: int, month: int = 5) -> list[datetime]:
    return [datetime(2026, month, 1, 12, tzinfo=timezone(timedelta(hours=h))) for h in hours]


@pytest.mark.parametrize(
    ("host", "dates", "languages", "expected"),
    [
        ("paper.kz", [], [], "Asia/Almaty"),
        ("paper.kz", _dates(5, 5, 5), ["ru"], "Asia/Almaty"),
        ("paper.example", _dates(5, 5, 5), ["kk"], "Asia/Almaty"),
        ("paper.kz", [datetime(2023, 5, 1, 12, tzinfo=timezone(timedelta(hours=6)))], [], "Asia/Almaty"),
        ("paper.kg", _dates(6, 6), [], "Asia/Bishkek"),
        ("paper.example", _dates(0, 0), [], "UTC"),
        ("paper.kz", _dates(0, 0, 0, 5), [], "Asia/Almaty"),
        ("127.0.0.1:8000", [], ["kk"], "Asia/Almaty"),
        ("paper.example", _dates(-9), [], "UTC"),
    ],
)  # fmt: skip
def test_zone(host, dates, languages, expected):
    """By the offsets pages write, else by host and language; UTC where nothing speaks for another."""
    assert zone_of(host, dates, languages)[0] == expected


def test_main_language():
    """Articles say it better than the page's tag, and the host's label better than nothing."""
    assert main_language("en", ["kk", "kk", "ru"], "paper.kz") == "kk"
    assert main_language(None, [], "kaz.paper.kz") == "kk"
    assert main_language(None, [], "127.0.0.1:8000") is None


AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
LEAD = Lead(
    "https://post.example/a-1",
    Channel.FEED,
    "https://post.example/feed",
    headline="A ferry line opens again",
    published=AT,
)
GOOD = Article(
    LEAD.url,
    title="A ferry line opens again",
    published=AT,
    authors=(Author("Aliya Bekova"),),
    body="word " * 80,
)


@pytest.mark.parametrize(
    ("article", "low", "high", "doubt"),
    [
        (GOOD, 0.99, 1.0, None),
        (Article(LEAD.url, title=GOOD.title, body=GOOD.body), 0.5, 0.75, "no date"),
        (Article(LEAD.url, title="Other words", published=AT, body=GOOD.body), 0.5, 0.8, "headline"),
        (Article(LEAD.url, title=GOOD.title, published=AT - timedelta(days=30), body=GOOD.body), 0.5, 0.8, "the list says"),
        (Article(LEAD.url, PageType.LIST, "40 links"), 0.0, 0.0, "list: 40 links"),
        (None, 0.0, 0.0, "answered 404"),
    ],
)  # fmt: skip
def test_trial(article, low, high, doubt):
    """How sure, and why not surer."""
    found = trial(LEAD.url, article, LEAD, "answered 404")
    assert low <= found.confidence <= high
    assert (doubt is None and not found.doubts) or any(doubt in one for one in found.doubts)


def test_works():
    """Six of ten must be read well."""
    good, bad = trial(LEAD.url, GOOD, LEAD), trial(LEAD.url, None, LEAD)
    assert works([good] * 6 + [bad] * 4)
    assert not works([good] * 5 + [bad] * 5)
    assert not works([])


def _leads(*paths: str, channel: Channel = Channel.SITEMAP) -> list[Lead]:
    return [Lead(f"https://post.example{path}", channel, "https://post.example/s.xml") for path in paths]


def _seen() -> SeenAddresses:
    return SeenAddresses(home=lambda address: address.startswith("https://post.example/"))


def test_a_word_of_service_may_hold_articles():
    """Where the feed says that articles lie in /archive/, those of the sitemap do as well."""
    seen = _seen()
    seen.add_channel(_leads("/archive/a-b-1", "/archive/c-d-2", channel=Channel.FEED), trusted=True)
    seen.add_channel(_leads("/archive/e-f-3", "/tag/town"), "sitemap.xml", trusted=False)
    assert "/archive/e-f-3" in seen.articles()
    assert seen.others() == {"/tag/town"}


def test_a_sitemaps_name_may_lie():
    """Entries of "page-sitemap.xml" that the feed calls articles are not taken for the outlet's own pages."""
    seen = _seen()
    seen.add_channel(_leads("/a-b-c", channel=Channel.FEED), trusted=True)
    seen.add_channel(_leads("/a-b-c", "/d-e-f"), "page-sitemap.xml", trusted=False)
    seen.add_channel(_leads("/about-us"), "static-sitemap.xml", trusted=False)
    assert seen.others() == {"/about-us"}


def test_doubts_end():
    """A group is taken after one article, refused after two pages that are none, and never asked about again."""
    seen = _seen()
    seen.add_channel(
        _leads("/city/a-b", "/city/c-d", "/photo/a-b", "/photo/c-d", "/photo/e-f", "/lone/a-b"), trusted=False
    )
    photo, city = seen.undecided()
    assert (photo.group, city.group) == (("photo", "slug"), ("city", "slug"))
    assert seen.decide(city, city.addresses[0], article=True)
    assert [seen.decide(photo, one, article=False) for one in photo.addresses[:SAMPLES]] == [False, True]
    assert seen.undecided() == []
    assert seen.articles() == {"/city/a-b", "/city/c-d"}
    assert seen.others() >= {"/photo/a-b", "/photo/c-d", "/photo/e-f"}


def test_foreign_addresses_do_not_count():
    """Entries on other hosts, front pages and files are nobody's articles."""
    seen = _seen()
    seen.add_channel(
        [*_leads("/", "/ru", "/kit.pdf"), Lead("https://other.example/a-b", Channel.FEED, "x")], trusted=True
    )
    assert seen.articles() == set()
    assert seen.pattern() is None
