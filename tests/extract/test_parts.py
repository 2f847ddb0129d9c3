"""Pieces that are spread over several pages: marked by the pager that leads to the others, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract
from newscrawl.model import ExtractRules

TEXT = (
    "<p>The council of the district has put the repair of the old bridge off until the spring, said its head.</p>"
    * 6
)
WORDPRESS = '<p class="post-nav-links">Pages: <span class="post-page-numbers current">1</span> <a href="/26/slug/2/">2</a> <a href="/26/slug/3/">3</a></p>'

CARDS = "".join(
    f'<div class=card><h3><a href="/news/{n}.html">A boat of the district found its harbour again</a></h3><time>1 May 2020</time></div>'
    for n in range(4)
)
TALK = (
    "<ol class=comment-list>"
    + "<li><p>My uncle crossed that old bridge every day of his life, rain or not.</p></li>" * 4
    + "</ol>"
)
NUMBERS = '<a href="?page=2">2</a> <a href="?page=3">3</a>'

PAGES = {
    "numbers of WordPress": (WORDPRESS, "/26/slug/", "page 1 of 3"),
    "a parameter": (NUMBERS, "/slug.html", "page 1 of 3"),
    "a parameter beside others": ('<a href="/read?id=5&page=2">2</a>', "/read?id=5", "page 1 of 2"),
    "a parameter of another name": ('<a href="?page_number=2">Seite 2</a>', "/slug.html", "page 1 of 2"),
    "a German path": ('<a href="/slug/seite/2">2</a>', "/slug", "page 1 of 2"),
    "a Kazakh word": ('<a href="/slug/page/2/">2-бет</a>', "/slug/", "page 1 of 2"),
    "behind a hyphen, stated": ('<a rel=next href="/story-12-2.html">2</a>', "/story-12.html", "page 1 of 2"),
    "behind a hyphen, stated apart": (
        '<link rel=next href="/story-2"><a href="/story-2">2</a>', "/story", "page 1 of 2",
    ),
    "words that go on": ('<a href="/slug/2">Next page →</a>', "/slug", "page 1 of several"),
    "in Russian": ('<a href="/slug/page/2/">Следующая страница</a>', "/slug/", "page 1 of several"),
    "rel=next alone": ('<link rel="next" href="/slug/2/">', "/slug/", "page 1 of several"),
    "the second page": ('<a href="/slug/">1</a> <b>2</b> <a href="/slug/3/">3</a>', "/slug/2/", "page 2 of 3"),
    "the last page": ('<a href="/slug/">1</a> <a href="/slug/2/">2</a> <b>3</b>', "/slug/3/", "page 3 of 3"),
    "the second page, its canonical address the first": (
        '<link rel=canonical href="/slug/"><a href="/slug/">1</a> 2', "/slug/?page=2", "page 2 of 2",
    ),
    "the second page by its relation": ('<link rel=prev href="/slug">', "/slug?page=2", "page 2 of several"),
    "pages of comments": ('<a href="/slug/comment-page-2/#comments">2</a>', "/slug/", None),
    "older comments": ('<div id=replies><p>Well said.</p><a href="/slug/2/">Next</a></div>', "/slug/", None),
    "numbers below comments": (f"{TALK}<div class=pages>{NUMBERS}</div>", "/slug/", None),
    "a pager of other articles": (f"<section>{CARDS}</section><div class=pages>{NUMBERS}</div>", "/slug/", None),
    "a gallery": (f"<div class=photo-gallery><img src=/1.jpg>{NUMBERS}</div>", "/slug/", None),
    "the next piece": ('<a rel="next" href="/story-13.html">Next</a>', "/story-12.html", None),
    "the next piece of the same headline": ('<a href="/story-2/">Next</a>', "/story/", None),
    "its relation": ('<link rel="next" href="/story-2/"><a rel=next href="/story-2/">Next article</a>', "/story/", None),
    "the piece before of the same headline": ('<link rel="prev" href="/story/">', "/story-2/", None),
    "a headline that begins like a pager": ('<a href="/slug/2">Next year the bridge opens</a>', "/slug", None),
    "posts by their numbers": ('<a rel=next href="/?p=2">2</a>', "/?p=1", None),
    "a piece whose address ends in a number": ('<a href="/news/3">3</a>', "/news/2", None),
    "another piece's pages": ('<a href="/other/2/">2</a>', "/slug/", None),
    "a section's pages": ('<link rel=canonical href="/news/"><a href="/news/2/">2</a>', "/news/slug/", None),
    "another host": ('<a href="https://b.example/slug/2/">2</a>', "/slug/", None),
    "footnotes": ('<sup><a href="#2">2</a></sup>', "/slug/", None),
    "a page within": ('<a href="/slug/3/">3</a>', "/slug/", None),
    "none": ("", "/slug/", None),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_piece_on_several_pages(name):
    """What is missing is said, in words for people; what is not sure to be the piece's own pager says nothing."""
    pager, path, expected = PAGES[name]
    assert read(f"{TEXT}{pager}", path).incomplete == expected


def test_a_pager_above_or_within_the_text_is_of_something_else():
    """Pictures and lists are paged too."""
    assert read(f"<div>{NUMBERS}</div>{TEXT}", "/slug/").incomplete is None
    assert read(f"{TEXT}<div>{NUMBERS}</div>{TEXT}", "/slug/").incomplete is None


def read(body, path):
    page = f"<html lang=en><head><title>Bridge repair put off</title></head><body><article><h1>Bridge repair put off</h1><time datetime='2026-11-01T10:00:00Z'>1 November 2026</time>{body}</article></body></html>"
    article = extract(
        page.encode(), f"https://a.example{path}", content_type="text/html; charset=utf-8",
        fetched_at=datetime(2026, 11, 2, tzinfo=UTC), rules=ExtractRules(),
    )  # fmt: skip
    assert article.is_article
    return article
