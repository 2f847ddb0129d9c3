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

PAGES = {
    "numbers of WordPress": (WORDPRESS, "/26/slug/", "page 1 of 3"),
    "a parameter": ('<a href="?page=2">2</a><a href="?page=3">3</a>', "/slug.html", "page 1 of 3"),
    "a parameter beside others": ('<a href="/read?id=5&page=2">2</a>', "/read?id=5", "page 1 of 2"),
    "before the extension": ('<a href="/story-12-2.html">2</a>', "/story-12.html", "page 1 of 2"),
    "words that go on": ('<a href="/slug/2">Next page</a>', "/slug", "page 1 of several"),
    "in Russian": ('<a href="/slug/page/2/">Следующая страница</a>', "/slug/", "page 1 of several"),
    "rel=next alone": ('<link rel="next" href="/slug/2/">', "/slug/", "page 1 of several"),
    "pages of comments": ('<a href="/slug/comment-page-2/#comments">2</a>', "/slug/", None),
    "the next piece": ('<a rel="next" href="/story-13.html">Next</a>', "/story-12.html", None),
    "another piece's pages": ('<a href="/other/2/">2</a>', "/slug/", None),
    "another host": ('<a href="https://b.example/slug/2/">2</a>', "/slug/", None),
    "footnotes": ('<sup><a href="#2">2</a></sup>', "/slug/", None),
    "a page within": ('<a href="/slug/3/">3</a>', "/slug/", None),
    "none": ("", "/slug/", None),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_piece_on_several_pages(name):
    """What is missing is said, in words for people."""
    pager, path, expected = PAGES[name]
    page = f"<html lang=en><head><title>Bridge repair put off</title></head><body><article><h1>Bridge repair put off</h1><time datetime='2026-11-01T10:00:00Z'>1 November 2026</time>{TEXT}{pager}</article></body></html>"
    article = extract(
        page.encode(), f"https://a.example{path}", content_type="text/html; charset=utf-8",
        fetched_at=datetime(2026, 11, 2, tzinfo=UTC), rules=ExtractRules(),
    )  # fmt: skip
    assert article.is_article
    assert article.incomplete == expected
