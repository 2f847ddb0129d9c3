"""The body is the whole text of the article and nothing else, on pages of many makes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract
from newscrawl.model import Article, PageType

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ONE = "<p>The cable car of Narva climbed to the upper station on Sunday for the first time since the war.</p>"
TWO = "<p>Its drivers had greased the wheels by hand, because the old machine stands in a museum now.</p>"
THREE = "<p>Tickets are sold in the bakery below the lower station, and dogs travel in the last cabin.</p>"
FOUR = "<p>In winter the cars will stop at four in the afternoon, when the light behind the ridge goes.</p>"
MORE = "".join(
    f"<p>Cabin number {n} was painted by the pupils of class {n}, who chose its colour and a name for it in secret, "
    f"and nobody but the headmistress knew any of the names before the opening.</p>"
    for n in range(2, 9)
)
LINKS = [
    f'<a href="/n/{n}">The {word} of Narva is closed for repairs again</a>'
    for n, word in enumerate(("bridge", "library", "harbour"))
]


def read(body: str, *, lang: str = "en") -> Article:
    page = f"<html lang={lang}><head><title>Cable car climbs again</title></head><body>{body}</body></html>"
    return extract(page.encode(), "https://narva.example/cars-7", fetched_at=NOW)


def words(body: str) -> str:
    return " ".join(body.split())


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize(
    "rail",
    [
        "<div class=side><h4>Most popular</h4><ul>{}</ul></div>",
        "<section><div><b>Популярное</b></div>{}</section>",
        "<div class=recirc>{}</div>",
    ],
)
def test_a_text_goes_on_below_a_rail(rail: str, long: bool) -> None:
    cards = rail.format("".join(f"<li class=i><div>{link}</div></li>" for link in LINKS))
    box = "<div class=row><div class=col><div class=in>{}</div>{}</div></div>"
    first = ONE + TWO + (MORE if long else "")
    article = read(
        f"<article><h1>Cable car climbs again</h1>{box.format(first, cards)}{box.format(THREE + FOUR, '')}</article>"
    )
    for part in ("climbed to", "greased", "Tickets are", "In winter"):
        assert part in article.body
    assert article.body.index("greased") < article.body.index("Tickets are") < article.body.index("In winter")
    assert "closed for repairs" not in article.body


@pytest.mark.parametrize("rest", [THREE + FOUR, THREE + FOUR + MORE], ids=["short", "long"])
def test_first_paragraphs_in_a_box_of_their_own(rest: str) -> None:
    article = read(
        f"<main><h1>Cable car climbs again</h1><div class=top>{ONE}{TWO}</div><div class=entry-content>{rest}</div></main>"
    )
    assert article.body.startswith("The cable car of Narva climbed")
    assert "In winter" in article.body


POINTERS = {
    "a known phrase": "<p>Read also: {}</p>",
    "strong": "<p><strong>Related:</strong> {}</p>",
    "a language without a table": "<p>Irakurri ere: {}</p>",
    "no words before": "<p>{}</p>",
    "in a division": "<div class=x>Оқи отырыңыз: {}</div>",
}


@pytest.mark.parametrize("line", POINTERS.values(), ids=POINTERS.keys())
def test_a_line_of_links_to_other_pages_is_no_text(line: str) -> None:
    article = read(
        f"<article><h1>Cable car climbs again</h1>{ONE}{TWO}{line.format(', '.join(LINKS))}{THREE}{FOUR}</article>"
    )
    assert "closed for repairs" not in article.body
    assert "Tickets are" in article.body


def test_a_sentence_with_links_and_a_sentence_that_is_a_link_are_text() -> None:
    linked = '<p><a href="/n/9">The mayor had promised in March that no cabin would run before the brakes were tested twice.</a></p>'
    within = f"<p>Closed: {LINKS[0]}, but {LINKS[1]} as the town hall said on Monday, and {LINKS[2]}.</p>"
    article = read(f"<article><h1>Cable car climbs again</h1>{ONE}{linked}{TWO}{within}{THREE}</article>")
    assert "no cabin would run" in article.body
    assert "The bridge of Narva is closed for repairs again, but" in article.body


@pytest.mark.parametrize(
    "helper",
    [
        '<p class="sr-only">{}</p>',
        "<p hidden>{}</p>",
        "<template><p>{}</p></template>",
        '<p style="display: none">{}</p>',
    ],
)
def test_what_nobody_sees_is_no_text(helper: str) -> None:
    article = read(
        f"<article><h1>Cable car climbs again</h1>{ONE}{helper.format('Go to the next story by pressing enter.')}{TWO}{THREE}</article>"
    )
    assert "pressing enter" not in article.body
    assert "greased" in article.body


def test_a_password_form_in_the_place_of_the_text() -> None:
    form = "<form method=post><label>Сөз <input type=password name=w></label></form>"
    notice = "<p>Бұл жазба құпиясөзбен қорғалған, оқу үшін төменге құпиясөзді енгізіңіз.</p>"
    locked = read(f"<article><h1>Cable car climbs again</h1><div>{notice}{form}</div></article>", lang="kk")
    assert (locked.page_type, locked.body) == (PageType.PAYWALL_STUB, "")
    assert "password" in locked.reason
    open_ = read(
        f"<main><article><h1>Cable car climbs again</h1>{ONE}{TWO}</article><div><p>Log in to comment</p>{form}</div></main>"
    )
    assert open_.page_type is PageType.ARTICLE


def test_links_to_further_pages_are_no_text_and_are_said() -> None:
    row = '<div class=pgs>Page 1 of 3: <a href="/cars-7/2/">2</a> <a href="/cars-7/3/">3</a></div>'
    article = read(f"<article><h1>Cable car climbs again</h1>{ONE}{TWO}{THREE}{row}</article>")
    assert article.incomplete in ("page 1 of 3", "page 1 of several")
    assert "Page 1" not in article.body
    whole = read(
        f"<article><h1>Cable car climbs again</h1>{ONE}{TWO}{THREE}<p>See footnote <a href='#2'>2</a> below.</p></article>"
    )
    assert "incomplete" not in whole.origins


def test_a_feed_of_dated_posts_is_a_live_blog() -> None:
    posts = "".join(
        f"<article><time datetime=2026-04-30T1{n}:00>1{n}:00</time>{p}</article>"
        for n, p in enumerate((ONE, TWO, THREE))
    )
    assert (
        read(f"<main><h1>Cable car climbs again</h1><div role=feed>{posts}</div></main>").page_type
        is PageType.LIVE_BLOG
    )


def test_the_headline_is_no_part_of_a_post_of_one_paragraph() -> None:
    post = f"<header><h1><a href=/cars-7>Cable car climbs again</a></h1></header><div class=entry>{ONE}</div>"
    assert words(read(f"<section><article>{post}</article></section>").body).startswith(
        "The cable car of Narva"
    )
