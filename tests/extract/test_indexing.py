"""Whether a page asks search engines to leave it out, as a table of heads."""

import pytest

from newscrawl.extract import extract
from tests.support.fake_site import NOW, story

HEADS = {
    "nothing": ("", False),
    "robots": ('<meta name="robots" content="noindex">', True),
    "in capitals, among others": ('<META NAME="Robots" CONTENT="NOFOLLOW, NOINDEX">', True),
    "none": ('<meta name="robots" content="none">', True),
    "one engine": ('<meta name="googlebot" content="noindex, follow">', True),
    "a news service": ('<meta name="googlebot-news" content="noindex">', False),
    "the usual": ('<meta name="robots" content="index, follow, max-image-preview:none, max-snippet:-1">', False),
    "another meta": ('<meta name="description" content="noindex">', False),
    "without scripts alone": ('<noscript><meta name="robots" content="noindex"></noscript>', False),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_noindex(name):
    head, hidden = HEADS[name]
    found = extract(story("Aqsai", head=head).encode(), "https://bereke.example/a", fetched_at=NOW)
    assert found.is_article
    assert found.beside.noindex is hidden
