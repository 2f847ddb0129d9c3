"""What tells a page that was cut off on its way from one that came whole."""

from __future__ import annotations

import pytest
from scrapy.http import Response

from newscrawl.crawl.http.truncation import open_end

HTML = "text/html; charset=utf-8"
# name -> (body, content type, flags, whether it may have been cut off)
ANSWERS = {
    "cut off": (b"<html><body><p>The ferry", HTML, ["partial"], True),
    "whole": (b"<html><body><p>The ferry</p></body></html>", HTML, ["partial"], False),
    "whole, in capitals": (b"<HTML><BODY><p>The ferry</p></BODY>", HTML, ["partial"], False),
    "nothing at all": (b"", HTML, ["partial"], False),
    "with its length named": (b"<html><body><p>The ferry", HTML, [], False),
    "no HTML": (b"{", "application/json", ["partial"], False),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_page_shows_its_end(name: str) -> None:
    """Only where no length was named; an empty page has no end to show."""
    body, kind, flags, cut = ANSWERS[name]
    answer = Response("https://paper.example/a-1", headers={"Content-Type": kind}, body=body, flags=flags)
    assert (open_end(answer) is not None) == cut
