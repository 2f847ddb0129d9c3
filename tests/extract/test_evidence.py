"""Which of several dates, names and topics is the article's: the page's own block, its address, the channel, and the instant of the fetch."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newscrawl.extract import examine, extract
from newscrawl.model import Announced, Article

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
HEADLINE = "Sedgewick opens its old tram depot to the public"
TEXT = (
    "The tram depot of Sedgewick, closed since the spring flood, opens on Saturday with free rides along the quay for everybody.",
    "Volunteers painted eleven cars in three colours, and the oldest of them is driven by a woman who learned it from her aunt.",
    "The town gives forty thousand crowns a year, half of what the friends of the depot had asked for in their letter to the council.",
)
PLAIN = "https://depot.example/news/tram-depot-881"
DATED = "https://depot.example/2023/06/20/tram-depot/"


def page(line: str = "", *, head: str = "", below: str = "", above: str = "", lang: str = "en") -> bytes:
    return (
        f"<html lang={lang}><head><meta charset=utf-8><title>{HEADLINE}</title>{head}</head><body><header><nav><a href='/'>Home</a></nav></header>"
        f"<main><article>{above}<h1>{HEADLINE}</h1>{line}{''.join(f'<p>{p}</p>' for p in TEXT)}{below}</article></main></body></html>"
    ).encode()


def read(
    line: str = "", url: str = PLAIN, *, announced: Announced | None = None, now: datetime = NOW, **parts: str
) -> Article:
    return extract(page(line, **parts), url, fetched_at=now, announced=announced)


DATES = {
    "a day without a year takes the year of the address": ("<div>20 June, 19:46</div>", DATED, "2023-06-20T19:46:00+00:00"),
    "and of a month in the address": ("<div>20 June, 19:46</div>", "https://depot.example/2023/06/tram-depot/", "2023-06-20T19:46:00+00:00"),
    "without an address that of the fetch": ("<div>14 June, 10:05</div>", PLAIN, "2026-06-14T10:05:00+00:00"),
    "hours ago on a saved page": ("<div>5 hours ago</div>", DATED, "2023-06-20"),
    "another day that nothing calls publication": ("<div>3 May 2021</div>", DATED, "2023-06-20"),
    "another day that is called publication": ("<div>Published 3 May 2021</div>", DATED, "2021-05-03"),
    "a date of birth": ("<p>Born: 5 May 1991</p>", PLAIN, None),
    "a label of something else": ("<p>Depot founded: 5 May 1998</p>", PLAIN, None),
    "a caption": ("<figure><img src=/a.jpg><figcaption>The depot, 12 June 1994</figcaption></figure>", PLAIN, None),
    "a date older than the web": ("<div>5 May 1961</div>", PLAIN, None),
    "two clocks": ("", PLAIN, None),
    "the year in a title attribute": ("<div><a href='#' title='20 June 2023, 19:46'>20 June</a></div>", PLAIN, "2023-06-20T19:46:00+00:00"),
    "a short form and a relative one": ("<div><a><span>6/20/23 11:04am</span><span> Yesterday 11:04am</span></a></div>", PLAIN, "2023-06-20T11:04:00+00:00"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "url", "expected"), DATES.values(), ids=DATES)
def test_what_a_line_may_say(line: str, url: str, expected: str | None) -> None:
    """A line near the headline dates the article only as far as address and fetch bear it out; else the day is unknown."""
    above = (
        "<div><p>Port Ansel 2:45 a.m. March 14</p><p>Sedgewick 9:45 p.m. March 13</p></div>"
        if not line
        else ""
    )
    article = read(line, url, above=above)
    shown = article.published and (
        article.published.date().isoformat()
        if str(article.published_precision) == "day"
        else article.published.isoformat()
    )
    assert shown == expected


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("<footer>Posted <time class='entry-date published updated' datetime='2026-06-15T09:31+02:00'>today</time></footer>", "2026-06-15T09:31:00+02:00"),
        ("<div><time datetime='2026-06-14T09:31+02:00'>June 14</time></div>", "2026-06-14T09:31:00+02:00"),
        ("<div id='comments'><h2>2 comments</h2><time datetime='2026-06-14T09:31+02:00'>June 14</time></div>", None),
    ],
    ids=["published and updated", "the only one", "of a comment"],
)  # fmt: skip
def test_a_time_element_below_the_text(below: str, expected: str | None) -> None:
    """The page's own <time> counts wherever it stands in the article's block."""
    article = read(below=below)
    assert (article.published and article.published.isoformat()) == expected


def test_when_a_record_was_made_is_not_when_it_was_published() -> None:
    """The property dateCreated counts only where nothing says published."""
    data = {"@type": "NewsArticle", "headline": HEADLINE, "dateCreated": "2025-11-03T10:41:00Z"}
    script = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    meta = "<meta property='article:published_time' content='2026-03-12T09:40:00Z'>"
    for head, month in ((script + meta, 3), (script, 11)):
        article = read(head=head)
        assert article.published is not None
        assert article.published.month == month


def test_address_and_a_second_statement_against_the_first() -> None:
    """Where the address agrees with one statement against another, the reason says so."""
    data = {"@type": "NewsArticle", "headline": HEADLINE, "datePublished": "2021-01-05T10:00:00Z"}
    head = f"<script type='application/ld+json'>{json.dumps(data)}</script><meta name='pubdate' content='2023-06-20T08:00:00Z'>"
    choice = examine(page(head=head), DATED, fetched_at=NOW).choices["published"]
    assert (choice.taken and choice.taken.origin, choice.why) == (
        "pubdate",
        "pubdate and the address agree against json-ld",
    )


def test_what_the_channel_said() -> None:
    """A feed's date, creator and categories count where the page says nothing, and never against it."""
    said = Announced(datetime(2026, 6, 12, 8, 30, tzinfo=UTC), ("Ada Quill",), ("Transport", "trams"))
    article = read(announced=said)
    assert (article.published, [a.name for a in article.authors]) == (said.published, ["Ada Quill"])
    assert (article.section, article.tags) == ("Transport", ("trams",))
    assert {article.origins[k] for k in ("published", "authors", "section", "tags")} == {"channel"}
    own = "<p class='byline'>By Oskar Lind</p><div>Published 11 June 2026, 10:00</div>"
    article = read(own, announced=said)
    assert [a.name for a in article.authors] == ["Oskar Lind"]
    assert article.published == datetime(2026, 6, 11, 10, 0, tzinfo=UTC)


def test_a_title_that_only_the_channel_has() -> None:
    """A feed's title is that of a page without any, and tells the headline from the site's name."""
    text = "".join(f"<p>{p}</p>" for p in TEXT)
    bare = f"<html><body><div id=text>{text}</div></body></html>".encode()
    named = f"<html><head><title>Marsh Weekly</title></head><body><h1>Marsh Weekly</h1><h2>{HEADLINE}</h2>{text}</body></html>".encode()
    for content in (bare, named):
        article = extract(content, PLAIN, fetched_at=NOW, announced=Announced(title=HEADLINE))
        assert article.title == HEADLINE


BYLINES = {
    "behind a date": ("<div class='byline'>Thursday March 12, 2026 10:05 am by Ada Quill</div>", ["Ada Quill"]),
    "posts and firms": ("<p class='byline'>By Ada Quill, Vice President, Tram Division, Quill Holdings</p>", ["Ada Quill"]),
    "a place behind a bar": ("<p class='author'><b>Ada Quill</b> | Puerto de Sedge | 12/03/2026</p>", ["Ada Quill"]),
    "a desk behind a dash": ("<p class='byline'>By ADA QUILL and MARA VOSS - NPA Tram Writers</p>", ["ADA QUILL", "MARA VOSS"]),
    "with others": ("<p class='byline'>By <a class='author' href='/staff/ada'>Ada Quill</a> (with Oskar Lind and Mara Voss)</p>",
                    ["Ada Quill", "Oskar Lind", "Mara Voss"]),
    "pictures in brackets": ("<p class='byline'>Ada Quill (text), Oskar Lind (photos)</p>", ["Ada Quill", "Oskar Lind/photographer"]),
    "an agency run together": ("<p class='byline'>By: <span>Ada Quill</span><span>DEPOTNEWS</span></p>", ["Ada Quill"]),
    "an account": ("<p class='meta'>by <a rel='author' href='/author/quill'>adaquill</a></p>", ["adaquill"]),
    "a newsroom": ("<p class='meta'>By <a rel='author' href='/author/red'>Редакция</a></p>", ["Редакция/organization"]),
    "the bare label": ("<div class='author'>Автор: Ада Квилл</div>", ["Ада Квилл"]),
}  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), BYLINES.values(), ids=BYLINES)
def test_who_is_named(line: str, expected: list[str]) -> None:
    """Persons are named as persons; posts, places, desks, agencies are not."""
    found = [
        a.name + (f"/{a.role}" if a.role != "author" else "") + (f"/{a.kind}" if a.kind != "person" else "")
        for a in read(line).authors
    ]
    assert found == expected


def test_the_next_article_and_links_name_nobody_of_this_one() -> None:
    """Neither the author of the next article on an endless page nor a right-aligned link is this article's author."""
    following = (
        "<div class='item'><h2><a href='/news/rink-2'>The council floods its rink beside the pond</a></h2>"
        f"<div class='author'>Author: Leo Bronn</div><p>{TEXT[0]}</p></div>"
    )
    own = f"<div class='item'><h1>{HEADLINE}</h1><div class='author'>Author: Ada Quill</div>{''.join(f'<p>{p}</p>' for p in TEXT)}</div>"
    whole = f"<html lang=en><head><title>{HEADLINE}</title></head><body><main>{own}{following}</main></body></html>"
    assert [a.name for a in extract(whole.encode(), PLAIN, fetched_at=NOW).authors] == ["Ada Quill"]
    assert read(below="<p style='text-align:right'><a href='/akcii/'>Other Contests</a></p>").authors == ()


def test_a_person_of_given_and_family_name() -> None:
    """JSON-LD may name a person in two parts."""
    data = {
        "@type": "NewsArticle",
        "headline": HEADLINE,
        "author": {"@type": "Person", "givenName": "Ada", "familyName": "Quill"},
    }
    article = read(head=f"<script type='application/ld+json'>{json.dumps(data)}</script>")
    assert [a.name for a in article.authors] == ["Ada Quill"]


def test_a_logo_and_names_of_the_site_are_no_headline() -> None:
    """The site's name as the first heading, as application name or behind a dash is not the title."""
    body = "".join(f"<p>{p}</p>" for p in TEXT)
    logo = f"<div class='logo'><h1><a href='/'>Depot Post</a></h1></div><div class='post'><h2>{HEADLINE}</h2>{body}</div>"
    for head, content in (
        (f"<title>Depot Post: {HEADLINE}</title>", logo),
        (f"<title>{HEADLINE} – My own place</title>", f"<header><a href='/'>My own place</a></header>{body}"),
        (f"<title>{HEADLINE}</title><meta name='application-name' content='{HEADLINE}'><meta property='og:title' content='{HEADLINE}'>",
         f"<div><h1>depot back to depot home</h1></div><article><h1>{HEADLINE}</h1>{body}</article>"),
    ):  # fmt: skip
        whole = f"<html lang=en><head>{head}</head><body>{content}</body></html>"
        assert extract(whole.encode(), PLAIN, fetched_at=NOW).title == HEADLINE


@pytest.mark.parametrize(("lang", "expected"), [("ru", "en"), ("en", "en"), ("kk", "en")])
def test_letters_outrank_the_declared_language(lang: str, expected: str) -> None:
    """English text in a theme of another language is English."""
    assert read(lang=lang).language == expected


def test_no_placeholder_is_a_picture() -> None:
    """A picture that a script loads later is named by its real address; markup in its description is none of the caption."""
    line = "<figure><img class='lazy' src='/icons/preload.gif' data-src='/photo/tram.jpg' alt='&lt;b style=x&gt;Depot&lt;/b&gt;'></figure>"
    article = read(line)
    assert [(i.url, i.caption) for i in article.images] == [("https://depot.example/photo/tram.jpg", None)]


def test_a_menu_is_no_path_to_the_article() -> None:
    """The links of the main menu give no section."""
    menu = "<nav><a href='/'>Home</a><a href='/town/'>Town</a><a href='/letters/'>Letters</a></nav>"
    assert read(above=menu).section is None
