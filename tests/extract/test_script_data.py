"""Text that a page does not show, or shows badly: script data, JSON-LD, live blogs; and what must never become a body."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract
from newscrawl.model import Article, PageType
from tests.support.pagebuilder import html_page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://en.lake.example/mill-opens-again-4107"
TITLE = "The mill at Lake Street opens again after the flood"
TEXT = [
    f"On {day} the miller ground rye for the village school, and the children carried the flour home in paper bags."
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
]
SUB = "Why the wheel stood still"
HTML = f"<p>{TEXT[0]}</p><p>{TEXT[1]}</p><h2>{SUB}</h2>" + "".join(f"<p>{t}</p>" for t in TEXT[2:])
EXPECTED = [*TEXT[:2], SUB, *TEXT[2:]]


def read(inner: str, head: str = "", heading: str = f"<h1>{TITLE}</h1>") -> Article:
    return extract(html_page(heading + inner, title=TITLE, head=head), URL, fetched_at=NOW)


def script(value: object, kind: str = "application/json", name: str = "__NEXT_DATA__") -> str:
    said = json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
    return f'<script id="{name}" type="{kind}">{said}</script>'


def paragraph(text: str, kind: str = "paragraph") -> dict[str, object]:
    return {"type": kind, "children": [{"text": text[:20]}, {"text": text[20:]}]}


def flight(rows: str) -> str:
    cut = len(rows) // 2
    return "".join(
        f"<script>self.__next_f.push({json.dumps([1, p])})</script>" for p in (rows[:cut], rows[cut:])
    )


def element(tag: str, *children: object) -> list[object]:
    return ["$", tag, None, {"children": list(children)}]


DRAWN = element("div", element("h1", TITLE), *(element("h2" if t == SUB else "p", t) for t in EXPECTED))
DATA = {
    "one string of markup": script({"props": {"pageProps": {"article": {"title": TITLE, "content": HTML}}}}),
    "rendered as WordPress gives it": script({"post": {"title": {"rendered": TITLE}, "content": {"rendered": HTML}}}),
    "blocks of markup": script(
        {
            "headlines": {"basic": TITLE},
            "content_elements": [
                {"type": "header" if t == SUB else "text", "content": t} for t in EXPECTED
            ]
            + [{"type": "image", "caption": "The wheel of the mill in the evening light."}],
        }
    ),
    "nested paragraphs": script(
        {"story": {"headline": TITLE, "body": [paragraph(t, "heading" if t == SUB else "paragraph") for t in EXPECTED]}}
    ),
    "assigned state": f"<script>window.__INITIAL_STATE__ = {json.dumps({'a': {'title': TITLE, 'body': HTML}})};</script>",
    "state in a string": f"<script>window.__APOLLO_STATE__ = JSON.parse({json.dumps(json.dumps({'a': {'title': TITLE, 'body': HTML}}))})</script>",
    "flat list of Nuxt": script([{"a": 1}, {"title": 2, "body": 3}, TITLE, HTML], name="__NUXT_DATA__"),
    "flight, drawn elements": flight(f"0:{json.dumps(DRAWN)}\n"),
    "flight, a row of text": flight(
        f'2:T{len(HTML.encode()):x},{HTML}1:{json.dumps({"article": {"title": TITLE, "html": "$2"}})}\n'
    ),
}  # fmt: skip


@pytest.mark.parametrize("shown", ["", f"<p>{TEXT[0]}</p>", "<div id='root'></div>"])
@pytest.mark.parametrize("form", DATA)
def test_text_in_script_data_is_found(form: str, shown: str) -> None:
    """Where the page shows no text or its first paragraph, the text of the object with the page's title is taken."""
    article = read(shown + DATA[form])
    assert (article.is_article, article.origins["body"]) == (True, "script data")
    assert article.body.split("\n\n") == EXPECTED


def test_a_page_without_any_visible_text() -> None:
    """A shell that scripts fill: headline from the metas, text from the data."""
    head = f'<meta property="og:title" content="{TITLE}">'
    article = read(DATA["one string of markup"], head, heading="")
    assert (article.title, article.body.split("\n\n")) == (TITLE, EXPECTED)


OTHER = "Bakery number nine wins a prize for its dark bread"
NO_BODY = {
    "another article": {"article": {"title": OTHER, "content": HTML}},
    "cookie notice": {"title": TITLE, "cookieNotice": HTML},
    "comments": {"title": TITLE, "comments": [{"text": t} for t in TEXT]},
    "teasers": {"title": TITLE, "items": [{"title": OTHER, "url": f"/n/{n}", "text": t} for n, t in enumerate(TEXT)]},
    "a related article inside": {"title": TITLE, "next": {"title": OTHER, "url": "/n/9", "content": HTML}},
    "description only": {"title": TITLE, "description": " ".join(TEXT)},
}  # fmt: skip


@pytest.mark.parametrize("form", NO_BODY)
def test_what_is_no_body_stays_out(form: str) -> None:
    """Other articles, notices, comments and lists of teasers in the data are never the text."""
    article = read("<p>Loading.</p>" + script(NO_BODY[form]))
    assert TEXT[1] not in article.body
    assert not article.is_article


def test_a_page_that_shows_its_text_keeps_it() -> None:
    """Data beside a shown text change nothing."""
    shown = [t.replace("rye", "barley") for t in TEXT] * 2
    article = read("".join(f"<p>{t}</p>" for t in shown) + DATA["one string of markup"])
    assert article.body.split("\n\n") == shown
    assert article.origins["body"] == "trafilatura"


def ld(node: dict[str, object]) -> str:
    return script(
        {"@context": "https://schema.org", "headline": TITLE, "url": URL, **node}, "application/ld+json", "ld"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [("lines", "\n".join(TEXT)), ("markup", "".join(f"<p>{t}</p>" for t in TEXT)),
     ("escaped markup", "".join(f"&lt;p&gt;{t}&lt;/p&gt;" for t in TEXT))],
)  # fmt: skip
def test_article_body_of_json_ld_where_the_page_has_none(name: str, said: str) -> None:
    """JSON-LD's articleBody, in its own paragraphs."""
    article = read("<div id='app'></div>", ld({"@type": "NewsArticle", "articleBody": said}))
    assert (article.body.split("\n\n"), article.origins["body"]) == (TEXT, "json-ld"), name


def test_a_stub_of_nothing_but_data_stays_a_stub() -> None:
    """A closed article without its text in the data is a paywall stub, as before."""
    head = ld({"@type": "NewsArticle", "isAccessibleForFree": False})
    article = read(f"<p>{TEXT[0]}</p><p>Subscribe to continue reading</p>", head)
    assert (article.page_type, article.paywalled) == (PageType.PAYWALL_STUB, True)


def test_a_live_blog_keeps_its_posts_in_the_order_of_the_page() -> None:
    """Newest first as shown, headings of posts kept although a list at the top links to them."""
    posts = [
        (f"Post number {n} of the evening", f"{t} The council met at {n} o'clock.")
        for n, t in enumerate(TEXT * 2, 1)
    ]
    head = ld(
        {
            "@type": "LiveBlogPosting",
            "liveBlogUpdate": [{"@type": "BlogPosting", "headline": h, "articleBody": b} for h, b in posts],
        }
    )
    shown = "<ul>" + "".join(f'<li><a href="#{n}">{h}</a></li>' for n, (h, _) in enumerate(posts)) + "</ul>"
    shown += "".join(
        f'<div class="q7" id="{n}"><h3>{h}</h3><p>{b}</p></div>' for n, (h, b) in enumerate(reversed(posts))
    )
    article = read(
        f"<article><p>The council sits all night, and we are there with it.</p>{shown}</article>", head
    )
    assert article.page_type is PageType.LIVE_BLOG
    lines = article.body.split("\n\n")
    wanted = [line for post in reversed(posts) for line in post]
    assert [line for line in lines if line in set(wanted)] == wanted


def test_paragraphs_parted_by_breaks_keep_their_sub_headings() -> None:
    """Text directly in a division, parted by <br>, or by empty spans that are called so."""
    for mark in ("<br><br>", '<span class="x br"></span>'):
        inner = f'<div class="k2">{TEXT[0]}{mark}{TEXT[1]}<h3>{SUB}</h3>{TEXT[2]}{mark}<b>Note</b> {TEXT[3]}{mark}{TEXT[4]}</div>'
        article = read(inner)
        assert article.body.split("\n\n") == [*TEXT[:2], SUB, TEXT[2], f"Note {TEXT[3]}", TEXT[4]], mark


FURNITURE = {
    "biography": "<p>Anna Lee is a reporter with the Lake Herald and has covered mills for ten years.</p>",
    "newsletter": "<p>For more stories sign up for our newsletter and read it every Friday.</p>",
    "newsletter ru": "<p>Подпишитесь на нашу рассылку новостей, выходит по пятницам.</p>",
    "newsletter kk": "<p>Біздің ақпараттық хатқа жазылыңыз, аптасына бір рет келеді.</p>",
    "paid links": "<p>If you buy something here, we may earn a commission on the sale of it.</p>",
    "contact": "<p>Reach the reporter on Twitter at @annalee or write a letter to the desk.</p>",
    "read also kk": '<p>Тағы оқыңыз: <a href="/n/1">Наубайхана нан үшін жүлде алды</a></p>',
    "links in one paragraph": '<p><a href="/n/1">Bakery wins a prize for bread</a> [VIDEO]<br><a href="/n/2">The lake is lower than last year</a> '
    '[PICTURES]<br><a href="/n/3">School gets a new roof of tin</a> [INSIGHT]</p>',
}  # fmt: skip


@pytest.mark.parametrize("kind", FURNITURE)
def test_furniture_below_the_text_stays_out(kind: str) -> None:
    """Lines in the outlet's own voice and links to others are no text; the text above them is whole."""
    head = ld({"@type": "NewsArticle", "author": {"@type": "Person", "name": "Anna Lee"}})
    article = read(f"<article>{HTML}{FURNITURE[kind]}</article>", head)
    assert article.body.split("\n\n") == EXPECTED


KEPT = {
    "newsletter in a sentence": "The bishop wrote in the parish newsletter that the mill had fed the poor in two hard winters.",
    "subscribers": "The phone company said that it had lost a tenth of its subscribers in the valley since the flood.",
    "a name first": "Anna Lehmann is a miller in the third generation, and her daughter wants to be the fourth.",
    "letters": "Readers may write to the ministry until Friday, the minister said at the opening of the mill.",
}


@pytest.mark.parametrize("kind", KEPT)
def test_sentences_that_sound_like_furniture_stay(kind: str) -> None:
    """Words of furniture inside the text are text."""
    head = ld({"@type": "NewsArticle", "author": {"@type": "Person", "name": "Anna Lee"}})
    article = read(f"<article>{HTML}<p>{KEPT[kind]}</p></article>", head)
    assert article.body.split("\n\n") == [*EXPECTED, KEPT[kind]]


def test_a_card_that_pops_up_over_a_name_is_no_text() -> None:
    """A span with a picture and links inside a sentence; the sentence goes on behind it."""
    card = '<span class="c"><span><img src="/a.jpg"><a href="/p/1">Anna Lee</a><a href="/n/1">Anna Lee opens a school in the hills</a></span></span>'
    inner = f'<p>The mill belongs to <a href="/p/1">Anna Lee</a>{card} since the flood of last spring.</p>'
    article = read(f"<article>{inner}{HTML}</article>")
    assert article.body.split("\n\n")[0] == "The mill belongs to Anna Lee since the flood of last spring."


def test_the_text_goes_on_below_a_block_of_headlines() -> None:
    """A block of most read articles between two paragraphs goes, what stands below it stays."""
    block = '<div class="m"><h4>Trending</h4><ul><li><a href="/n/1">Bakery wins a prize for bread</a></li><li><a href="/n/2">The lake is lower</a></li></ul></div>'
    parts = [f'<div class="t"><p>{t}</p></div>' for t in TEXT]
    article = read(f"<article>{''.join(parts[:3])}{block}{''.join(parts[3:])}</article>")
    assert article.body.split("\n\n") == TEXT


def test_all_images_of_the_text_and_no_others() -> None:
    """The lead image first, then those in the text, absolute; no icons, portraits, counters and thumbnails of other articles."""
    inner = (
        '<figure><img src="/i/wheel.jpg"><figcaption>The wheel in spring</figcaption></figure>'
        f"{HTML}<p>The dam.</p>"
        '<img data-src="/i/dam.jpg" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="The dam made of oak">'
        '<a href="/i/large.jpg"><img src="/i/sluice.jpg"></a>'
        '<img src="/i/counter.gif"><img src="/i/dot.png" width="1" height="1">'
        '<a href="/n/1"><img src="/i/bread.jpg"></a><div class="author-box"><img src="/i/anna.jpg"></div>'
    )
    article = read(f"<article>{inner}</article>")
    assert [(i.url.rsplit("/", 1)[1], i.caption) for i in article.images] == [
        ("wheel.jpg", "The wheel in spring"),
        ("dam.jpg", "The dam made of oak"),
        ("sluice.jpg", None),
    ]
    assert all(i.url.startswith("https://en.lake.example/") for i in article.images)


@pytest.mark.parametrize(
    "piece",
    [
        '<blockquote class="twitter-tweet"><p>x' * 1000,
        "<p>" + "<span>" * 200 + "<img src=a.jpg>" * 600,
        f'<div class="{"share " * 100_000}"><p>x</p></div>',
        "<script>" + "window.x=" * 20_000 + "</script>",
        "<script>" + "self.__next_f.push([1," * 5_000 + "</script>",
        '<script type="application/json">' + '{"title":' * 5_000 + "</script>",
        script({"title": TITLE, "content": [{"content": [[[[]]]]}] * 2000}),
        script([{"title": 1, "body": 0}, [0, 0, 1]] * 500, name="__NUXT_DATA__"),
        flight("1:T" + "f" * 8 + ",short\n" + '2:["$","p"]\n' * 2000),
    ],
    ids=["posts in posts", "spans", "class", "assignments", "pushes", "open braces", "empty blocks", "circles", "wrong lengths"],
)  # fmt: skip
def test_hostile_data_end_with_an_answer(piece: str) -> None:
    """Nothing that scripts or embeds hold raises, hides the text above it or makes another one."""
    article = read("".join(f"<p>{t}</p>" for t in TEXT) + piece)
    assert article.is_article
    assert article.body.split("\n\n")[: len(TEXT)] == TEXT
    assert read(piece, heading=f"<h1>{TITLE}</h1><p>Loading.</p>").reason
