"""What both raw pages show of a difference between two readings, as a table of events and as properties."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from hypothesis import assume, given, settings, strategies as st

from newscrawl.extract.page.shown import page_text
from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import confirmed
from newscrawl.model import Author, ChangeKind as K, Content, Precision

NOW = datetime(2026, 4, 8, 9, tzinfo=UTC)
PARAGRAPHS = (
    "The ferry of Kyzylsu has not left its berth since Monday, the harbour master said on the radio.",
    "Some 140 passengers and 37 lorries are waiting on both banks of the river.",
    "The council put aside 41 million tenge for a new engine in its budget of last year.",
    "“The bridge will not be closed this week,” said Marat Aldabergen, who looks after it.",
    "Farmers from Zhalgyz bring their melons across by rowing boat, as their grandparents did.",
)
ARTICLE = Content(
    title="Ferry of Kyzylsu waits for an engine",
    subtitle=None,
    body="\n\n".join(PARAGRAPHS),
    authors=(Author("Saule Nurpeisova"),),
    published=NOW - timedelta(days=3),
    published_precision=Precision.MINUTE,
)


def classic(
    content: Content, *, more: str = "", inside: str = "", byline: bool = True, extra: str = ""
) -> str:
    """The old template; `inside` stands among the paragraphs, `more` after the article."""
    by = f'<p class="byline">{escape(", ".join(a.name for a in content.authors))}</p>' if byline else ""
    when = content.published.isoformat() if content.published else ""
    text = "".join(f"<p>{escape(part)}</p>" for part in content.body.split("\n\n"))
    return (
        f'<html><head><title>{escape(content.title)} - Paper</title></head><body class="single"><div class="wrap">'
        f'<div class="head"><a href="/">Paper</a></div><div class="post"><h1 class="entry-title">{escape(content.title)}</h1>'
        f'{by}<time class="entry-date" datetime="{when}">Monday</time><div class="entry-content">{text}{inside}</div></div>'
        f'<div class="sidebar"><p>Weather: 12 degrees</p>{more}</div></div>{extra}</body></html>'
    )


def modern(content: Content, *, more: str = "", byline: bool = True) -> str:
    """Another template of the same outlet, with boxes of its own."""
    by = f'<a class="name">{escape(content.authors[0].name)}</a>' if byline and content.authors else ""
    text = "".join(f"<p>{escape(part)}</p>" for part in content.body.split("\n\n"))
    when = content.published.isoformat() if content.published else ""
    return (
        f'<html><body class="site"><main class="group"><nav class="terms"><a href="/c">Society</a></nav>'
        f'<h1 class="headline">{escape(content.title)}</h1><div class="flow">{text}</div>'
        f'<div class="tail">Written by {by} <time datetime="{when}">Monday</time></div><div class="share">Share this</div>'
        f'<section class="replies"><p>Thank you, it was the same with our ferry all of last winter.</p>{more}</section>'
        "</main></body></html>"
    )


def page(html: str):
    return page_text(
        html.encode(),
        "https://paper.example/a",
        content_type="text/html; charset=utf-8",
        fetched_at=NOW,
        zone=UTC,
    )


def told(old: Content, new: Content, older: str, newer: str, previous: str | None = None):
    """The kinds of edit that the pages show, and whether more is pending."""
    found = confirmed(old, new, page(older), page(newer), [page(previous)] if previous else ())
    return classify.kinds(old, found.content), found.pending


def body(*parts: str, of: Content = ARTICLE) -> Content:
    return replace(of, body="\n\n".join(parts))


OTHER_NUMBER = body(*PARAGRAPHS[:2], PARAGRAPHS[2].replace("41", "91"), *PARAGRAPHS[3:])
NO_NOT = body(*PARAGRAPHS[:3], PARAGRAPHS[3].replace("will not be", "will be"), PARAGRAPHS[4])
SHORTER = body(*PARAGRAPHS[:3], PARAGRAPHS[4])
MOVED = body(PARAGRAPHS[1], PARAGRAPHS[0], *PARAGRAPHS[2:])
COMMENT = f'<div class="comment"><p>Why did you delete this? {escape(PARAGRAPHS[3])}</p></div>'
RATES = '<p class="rates">USD {0} EUR {1}</p>'
CARD = '<div class="card"><p>{0}, a report from the district that many have read.</p></div>'
LINKS = '<p>Read also: <a href="/1">{0}</a>, <a href="/2">{1}</a></p>'


def taking(content: Content, *texts: str) -> Content:
    """A reading that takes more than the article for its text."""
    return replace(content, body="\n\n".join((content.body, *texts)))


def listed(content: Content, tents: str = "12 tents") -> Content:
    return taking(content, tents, "Boats wait at the mill")


LISTED = "<ul><li>12 tents</li><li>Boats wait at the mill</li></ul>"
QUOTED_LIST = f"<ul><li>{escape(PARAGRAPHS[3])}</li></ul>"
CELLS = "<table><tr><td>A loaf of bread from the bakery by the bridge: {} tenge</td></tr><tr><td>Two litres of milk from the farm: 800</td></tr></table>"
TABLE, OTHER_TABLE = (
    body(
        "Prices",
        f"A loaf of bread from the bakery by the bridge: {price} tenge",
        "Two litres of milk from the farm: 800",
    )
    for price in (9, 7)
)

EDITS = {
    "another figure": (ARTICLE, OTHER_NUMBER, classic(ARTICLE), classic(OTHER_NUMBER), {K.BODY, K.NUMBERS}),
    "a word dropped": (ARTICLE, NO_NOT, classic(ARTICLE), classic(NO_NOT), {K.BODY, K.QUOTES}),
    "a paragraph dropped": (ARTICLE, SHORTER, classic(ARTICLE), classic(SHORTER), {K.BODY, K.SHORTENED, K.QUOTES}),
    "a paragraph dropped that a comment quotes": (
        ARTICLE, SHORTER, classic(ARTICLE), classic(SHORTER, more=COMMENT), {K.BODY, K.SHORTENED, K.QUOTES},
    ),
    "a paragraph dropped that a list beside the text quotes": (
        listed(ARTICLE), listed(SHORTER), classic(ARTICLE, inside=LISTED, more=QUOTED_LIST), classic(SHORTER, inside=LISTED, more=QUOTED_LIST),
        {K.BODY, K.SHORTENED, K.QUOTES},
    ),
    "a point of a list among the paragraphs": (
        listed(ARTICLE), listed(ARTICLE, "15 tents"), classic(ARTICLE, inside=LISTED), classic(ARTICLE, inside=LISTED.replace("12", "15")),
        {K.BODY, K.NUMBERS},
    ),
    "a cell of a table that is most of the text": (
        TABLE, OTHER_TABLE, classic(replace(TABLE, body="Prices"), inside=CELLS.format(9)), classic(replace(TABLE, body="Prices"), inside=CELLS.format(7)),
        {K.BODY, K.NUMBERS},
    ),
    "paragraphs change places": (ARTICLE, MOVED, classic(ARTICLE), classic(MOVED), {K.BODY}),
    "another figure under a new layout": (ARTICLE, OTHER_NUMBER, classic(ARTICLE), modern(OTHER_NUMBER), {K.BODY, K.NUMBERS}),
    "a paragraph dropped under a new layout": (
        ARTICLE, SHORTER, classic(ARTICLE), modern(SHORTER), {K.BODY, K.SHORTENED, K.QUOTES},
    ),
    "another headline": (
        ARTICLE, replace(ARTICLE, title="Ferry of Kyzylsu sails again"), classic(ARTICLE),
        classic(replace(ARTICLE, title="Ferry of Kyzylsu sails again")), {K.HEADLINE},
    ),
    "another headline under a new layout": (
        ARTICLE, replace(ARTICLE, title="Ferry of Kyzylsu sails again"), classic(ARTICLE),
        modern(replace(ARTICLE, title="Ferry of Kyzylsu sails again")), {K.HEADLINE},
    ),
    "another author": (
        ARTICLE, replace(ARTICLE, authors=(Author("Daniyar Omarov"),)), classic(ARTICLE),
        classic(replace(ARTICLE, authors=(Author("Daniyar Omarov"),))), {K.BYLINE},
    ),
    "another author, whom the sidebar names too": (
        ARTICLE, replace(ARTICLE, authors=(Author("Daniyar Omarov"),)), classic(ARTICLE, more='<p class="by">Daniyar Omarov</p>'),
        classic(replace(ARTICLE, authors=(Author("Daniyar Omarov"),)), more='<p class="by">Daniyar Omarov</p>'), {K.BYLINE},
    ),
    "an author named for the first time": (
        replace(ARTICLE, authors=()), ARTICLE, classic(ARTICLE, byline=False), classic(ARTICLE), {K.BYLINE},
    ),
    "an author taken away": (
        ARTICLE, replace(ARTICLE, authors=()), classic(ARTICLE), classic(ARTICLE, byline=False), {K.BYLINE},
    ),
    "another date": (
        ARTICLE, replace(ARTICLE, published=NOW - timedelta(days=9)), classic(ARTICLE),
        classic(replace(ARTICLE, published=NOW - timedelta(days=9))), {K.DATE},
    ),
    "a paragraph hidden": (
        ARTICLE, SHORTER, classic(ARTICLE), classic(SHORTER, inside=f"<p hidden>{escape(PARAGRAPHS[3])}</p>"),
        {K.BODY, K.SHORTENED, K.QUOTES},
    ),
}  # fmt: skip


@pytest.mark.parametrize("event", EDITS)
def test_an_edit_that_both_pages_show(event):
    old, new, older, newer, kinds = EDITS[event]
    assert told(old, new, older, newer) == (tuple(k for k in K if k in kinds), False)


COMMENTED = "Thank you, it was the same with our ferry all of last winter."
NO_EDITS = {
    "a new layout": (ARTICLE, ARTICLE, classic(ARTICLE), modern(ARTICLE)),
    "a byline that could not be read": (replace(ARTICLE, authors=()), ARTICLE, classic(ARTICLE), modern(ARTICLE)),
    "a byline that the new layout does not show": (ARTICLE, replace(ARTICLE, authors=()), classic(ARTICLE), modern(ARTICLE, byline=False)),
    "a date that could not be read": (
        replace(ARTICLE, published=None, published_precision=None), ARTICLE, classic(ARTICLE), modern(ARTICLE),
    ),
    "a date that the extractor no longer finds": (
        ARTICLE, replace(ARTICLE, published=None, published_precision=None), classic(ARTICLE), classic(ARTICLE),
    ),
    "a date that only the older page's machine-readable one is": (
        replace(ARTICLE, published=NOW - timedelta(days=1)), ARTICLE, classic(ARTICLE), modern(ARTICLE),
    ),
    "comments of the new layout taken for text": (ARTICLE, taking(ARTICLE, COMMENTED), classic(ARTICLE), modern(ARTICLE)),
    "comments of the old layout no longer taken for text": (
        taking(ARTICLE, "Weather: 12 degrees"), ARTICLE, classic(ARTICLE), modern(ARTICLE),
    ),
    "a paragraph that the extractor left out": (SHORTER, ARTICLE, classic(ARTICLE), classic(ARTICLE)),
    "a paragraph that the extractor leaves out now": (ARTICLE, SHORTER, classic(ARTICLE), classic(ARTICLE)),
    "the name of the outlet taken for the headline": (replace(ARTICLE, title="Paper"), ARTICLE, classic(ARTICLE), classic(ARTICLE)),
    "text that a script held": (
        SHORTER, ARTICLE,
        classic(SHORTER, extra=f'<script>var text = "{PARAGRAPHS[3]}";</script>'), modern(ARTICLE),
    ),
    "a line of links that rotates": (
        taking(ARTICLE, "Read also: Wrestlers bring medals home, A library moves"),
        taking(ARTICLE, "Read also: Road to the north is open, School gets a laboratory"),
        classic(ARTICLE, inside=LINKS.format("Wrestlers bring medals home", "A library moves")),
        classic(ARTICLE, inside=LINKS.format("Road to the north is open", "School gets a laboratory")),
    ),
    "paragraphs in another order under a new layout": (ARTICLE, MOVED, classic(ARTICLE), modern(MOVED)),
}  # fmt: skip


@pytest.mark.parametrize("event", NO_EDITS)
def test_no_edit(event):
    old, new, older, newer = NO_EDITS[event]
    assert told(old, new, older, newer) == ((), False)


def rates(*figures: str) -> tuple[Content, str]:
    return taking(ARTICLE, f"USD {figures[0]} EUR {figures[1]}"), classic(
        ARTICLE, inside=RATES.format(*figures)
    )


def card(head: str) -> tuple[Content, str]:
    text = f"{head}, a report from the district that many have read."
    return taking(ARTICLE, text), classic(ARTICLE, inside=CARD.format(head))


@pytest.mark.parametrize(
    ("box", "first", "second", "third"),
    [
        (rates, ("512.3", "560.1"), ("513.9", "559.4"), ("514.2", "561.0")),
        (card, ("Wrestlers bring medals home",), ("A library moves",), ("Road to the north is open",)),
    ],
)
def test_a_box_that_changes_at_every_check_is_pending_and_one_that_stays_is_told(box, first, second, third):
    (old, older), (between, previous), (new, newer) = box(*first), box(*second), box(*third)
    assert told(old, new, older, newer) == ((), True)
    assert told(old, new, older, newer, previous) == ((), True)
    kinds, pending = told(old, between, older, previous, previous)
    assert kinds
    assert not pending


def test_a_real_edit_beside_a_ticker_is_told():
    old, older = rates("512.3", "560.1")
    new = replace(OTHER_NUMBER, body=f"{OTHER_NUMBER.body}\n\nUSD 513.9 EUR 559.4")
    newer = classic(OTHER_NUMBER, inside=RATES.format("513.9", "559.4"))
    assert told(old, new, older, newer) == ((K.BODY, K.NUMBERS), True)


# --- properties: texts of few words, so that chance hits are common ---

WORDS = st.sampled_from(
    [
        "the",
        "a",
        "ferry",
        "bridge",
        "of",
        "Kyzylsu",
        "waits",
        "12",
        "40",
        "km",
        "not",
        "will",
        "be",
        "closed",
        "said",
        "мост",
        "закрыт",
        "емес",
    ]
)
LINES = st.lists(WORDS, min_size=1, max_size=14).map(" ".join)
TEXTS = st.lists(LINES, min_size=2, max_size=6)
TEMPLATES = st.sampled_from([classic, modern])


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, one=TEMPLATES, other=TEMPLATES, boxes=st.tuples(LINES, LINES))
def test_a_template_around_the_same_text_is_never_an_edit(text, one, other, boxes):
    content = replace(ARTICLE, body="\n\n".join(text))
    older, newer = (
        make(content, more=f'<p class="box">{box}</p>') for make, box in zip((one, other), boxes, strict=True)
    )
    assert told(content, content, older, newer) == ((), False)


@settings(max_examples=120, deadline=None)
@given(text=TEXTS, one=TEMPLATES, other=TEMPLATES, boxes=st.tuples(LINES, LINES), data=st.data())
def test_a_word_changed_in_the_text_is_always_an_edit(text, one, other, boxes, data):
    assume(not set(boxes) & set(text))
    line = data.draw(st.integers(0, len(text) - 1))
    words = text[line].split()
    at = data.draw(st.integers(0, len(words) - 1))
    words[at] = data.draw(st.sampled_from(["saiga", "77", "never", "жоқ"]))
    old = replace(ARTICLE, body="\n\n".join(text))
    new = replace(ARTICLE, body="\n\n".join([*text[:line], " ".join(words), *text[line + 1 :]]))
    older, newer = (
        one(old, more=f'<p class="box">{boxes[0]}</p>'),
        other(new, more=f'<p class="box">{boxes[1]}</p>'),
    )
    kinds, pending = told(old, new, older, newer)
    assert K.BODY in kinds
    assert not pending
