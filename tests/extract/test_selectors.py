"""What a source's selectors remove from a page and find on it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml.html import document_fromstring

from newscrawl.errors import UsageError
from newscrawl.extract import extract
from newscrawl.extract.page.selectors import check, date_texts, texts, trim
from newscrawl.model import ExtractRules, Selectors

TWO = """<html><head><title>Two</title></head><body><div class="rates">USD 510</div>
<div class="piece"><h1>First piece of the day</h1> <time datetime="2026-01-07T16:34">7 January</time> <p>One.</p><i>ad</i> tail</div>
<div class="piece"><h1>Second piece of the day</h1><p>Two.</p></div>end</body></html>"""


@pytest.mark.parametrize(
    ("selectors", "left"),
    [
        pytest.param(Selectors(), "USD 510 First piece of the day 7 January One. ad tail Second piece of the day Two. end", id="none"),
        pytest.param(Selectors(article="div.piece"), "First piece of the day 7 January One. ad tail", id="one piece of several"),
        pytest.param(Selectors(article="main"), "USD 510 First piece of the day 7 January One. ad tail Second piece of the day Two. end", id="not found: all"),
        pytest.param(Selectors(drop=(".rates", "i")), "First piece of the day 7 January One. tail Second piece of the day Two. end", id="text behind what is dropped stays"),
        pytest.param(Selectors(article=".piece", drop=("time", ".nothing")), "First piece of the day One. ad tail", id="both"),
    ],
)  # fmt: skip
def test_trim(selectors: Selectors, left: str) -> None:
    """Only what the rules exclude is removed; the head stays."""
    tree = document_fromstring(TWO)
    trim(tree, selectors)
    assert " ".join(" ".join(tree.find("body").itertext()).split()) == left
    assert tree.findtext("head/title") == "Two"


def test_texts_and_stamps() -> None:
    """Each element gives one line; a date comes from its attribute before its text."""
    tree = document_fromstring(TWO)
    assert texts(tree, "h1") == ["First piece of the day", "Second piece of the day"]
    assert texts(tree, None) == []
    assert date_texts(tree, "time, .rates") == ["USD 510", "2026-01-07T16:34"]


@pytest.mark.parametrize("text", ["div[", "a::", ""])
def test_a_selector_that_is_none(text: str) -> None:
    """An invalid selector is reported, not ignored."""
    with pytest.raises(UsageError, match="not a CSS selector"):
        check(Selectors(drop=(text,)))


def test_a_page_with_several_pieces_gives_the_first() -> None:
    """The text of the second piece is not the first one's."""
    words = "The bridge over the river was opened after two years of work and many promises. " * 4
    page = TWO.replace("One.", words).replace("Two.", "The market was moved to the other bank. " * 6)
    rules = ExtractRules(selectors=Selectors(article=".piece"))
    article = extract(
        page.encode(), "https://news.example/1", fetched_at=datetime(2026, 2, 1, tzinfo=UTC), rules=rules
    )
    assert article.title == "First piece of the day"
    assert "market" not in article.body
    assert "The bridge over the river" in article.body
