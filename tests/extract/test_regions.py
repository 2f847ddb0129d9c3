"""Whose each part of a page is: the article's, other articles', readers', the site's, nobody's."""

from __future__ import annotations

import pytest

from newscrawl.extract.page.tree import parse_html
from newscrawl.extract.regions.regions import Region, Regions, read_regions

TEXT = "".join(
    f"<p>On day {n} the made-up lighthouse of Vellamo was painted white again, said its keeper Iida Salo.</p>"
    for n in range(4)
)
TALK = "<p>My grandfather kept that very lamp, and he would have painted it red and nothing else.</p>"
TEASER = '<div class="t"><h3><a href="/b/{}">The tide tables of Vellamo are late again</a></h3><time>1 May 2020</time></div>'
TEASERS = "".join(TEASER.format(n) for n in range(3))


def regions(body: str) -> Regions:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    heading = next(tree.iter("h1"), None)
    return read_regions(tree, heading)


def of(found: Regions, text: str) -> Region:
    """The region of the innermost element whose own text has the words."""
    element = [e for e in found.outline.elements if text in (e.text or "")][-1]
    return found.of(element)


PAGES = {
    "a marked list of comments": (f"<article><h1>Lamp lit</h1>{TEXT}</article><div id=comments>{TALK}</div>", "grandfather", "comments"),
    "camel case": (f"<article><h1>Lamp lit</h1>{TEXT}</article><details class=CommentBox open>{TALK}</details>", "grandfather", "comments"),
    "by its type": (
        f"<article><h1>Lamp lit</h1>{TEXT}<div itemscope itemtype='https://schema.org/Comment'>{TALK}</div></article>",
        "grandfather", "comments",
    ),
    "by its heading with a number": (
        f"<main><article><h1>Lamp lit</h1>{TEXT}</article><div class=x><h3>2 пікір</h3><div class=y>{TALK}</div></div></main>",
        "grandfather", "comments",
    ),
    "more words than the article": (
        (f"<article><h1>Lamp lit</h1><p>The lamp of the lighthouse was lit again on Monday evening.</p></article>"
        f"<ol class=comment-list><li>{TALK * 3}</li></ol>"),
        "The lamp of", "article",
    ),
    "a class of the whole page": (f"<div class='has-comments comments-open'><h1>Lamp lit</h1>{TEXT}</div>", "On day 1", "article"),
    "a comment piece": (f"<div class=type-comment><h1>Lamp lit</h1></div><div class=tone-comment>{TEXT}</div>", "On day 1", "article"),
    "a subheading about a comment": (
        f"<article><h1>Lamp lit</h1>{TEXT}<h2>Комментарий смотрителя</h2>{TALK}</article>", "grandfather", "article",
    ),
    "cards": (f"<main><article><h1>Lamp lit</h1>{TEXT}</article><div class=grid>{TEASERS}</div></main>", "1 May", "other"),
    "the next article of an endless page": (
        f"<div class=item><h1>Lamp lit</h1>{TEXT}</div><div class='item more'><h2><a href=/b/>Tide tables late</a></h2>{TALK}</div>",
        "grandfather", "other",
    ),
    "a second box of the same text": (
        (f"<article><h1>Lamp lit</h1><div class=g><div class=b>{TEXT}</div><div class=r><div>Most popular</div><ul>{TEASERS}</ul></div></div>"
        f"<div class=g><div class=b>{TALK}</div></div></article>"),
        "grandfather", "article",
    ),
    "the rail between the boxes": (
        (f"<article><h1>Lamp lit</h1><div class=g><div class=b>{TEXT}</div><div class=r><div>Most popular</div><ul>{TEASERS}</ul></div></div>"
        f"<div class=g><div class=b>{TALK}</div></div></article>"),
        "The tide tables", "other",
    ),
    "navigation": (f"<nav>Front page</nav><h1>Lamp lit</h1>{TEXT}", "Front page", "frame"),
    "the page's footer": (f"<article><h1>Lamp lit</h1>{TEXT}</article><footer>Vellamo Echo</footer>", "Vellamo Echo", "frame"),
    "the article's footer": (f"<article><h1>Lamp lit</h1>{TEXT}<footer class=entry-footer>By Iida Salo</footer></article>", "By Iida", "article"),
    "for screen readers": (f"<article><h1>Lamp lit</h1>{TEXT}<p class=sr-only>Skip to what follows</p></article>", "Skip to", "hidden"),
    "by an attribute": (f"<article><h1>Lamp lit</h1>{TEXT}<p hidden>Skip to what follows</p></article>", "Skip to", "hidden"),
    "only the word in a name": (f"<article><h1>Lamp lit</h1>{TEXT}<p class=hidden-valley>Down to the valley</p></article>", "Down to", "article"),
    "a byline above the text's box": (f"<div><div><h1>Lamp lit</h1><p>By Iida Salo</p></div><div>{TEXT}</div></div>", "By Iida", "article"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "text", "region"), PAGES.values(), ids=PAGES.keys())
def test_each_part_of_a_page_is_somebodys(body: str, text: str, region: str) -> None:
    assert of(regions(body), text) is Region(region)


def test_a_page_without_headline_has_the_block_of_its_running_text() -> None:
    found = regions(f"<div class=menu><a href=/>Home</a></div><div class=text>{TEXT}</div>")
    assert found.block is not None
    assert found.block.get("class") == "text"


def test_the_counts_of_a_page_are_those_of_its_words() -> None:
    found = regions(f"<article><h1>Lamp lit</h1>{TEXT}<p>See <a href=/x>the tables</a> here</p></article>")
    out = found.outline
    for i, element in enumerate(out.elements):
        assert out.words(i) == len(" ".join(element.itertext()).split())
    last = out.position[[e for e in out.elements if e.tag == "p"][-1]]
    assert (out.words(last), out.linked(last)) == (4, 2)


def test_marking_is_linear_in_deep_and_in_broad_pages() -> None:
    deep = "<div class=comment>" * 200 + TALK + "</div>" * 200
    broad = "<h3>Latest news</h3><p><a href=/x>a few words of link</a></p>" * 2000
    assert regions(f"<h1>Lamp lit</h1>{TEXT}{deep}{broad}").block is not None
