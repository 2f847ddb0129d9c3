"""Where a stub sends its reader on: refresh in head or header, canonical link; never what a page merely shows."""

from __future__ import annotations

import time

import pytest

from newscrawl.extract.page.sent_on import sent_on

HERE, NEW = "https://bereke.example/old/piece", "https://bereke.example/new-name"


def _page(head: str, body: str = "<p>This page has moved.</p>") -> bytes:
    return f"<!doctype html><html><head><title>x</title>{head}</head><body>{body}</body></html>".encode()


def _refresh(content: str) -> str:
    return f'<meta http-equiv="refresh" content="{content}">'


@pytest.mark.parametrize(
    ("head", "refresh"),
    [
        (_refresh("0; url=/new-name"), NEW),
        (_refresh("0;URL='/new-name'"), NEW),
        (_refresh("3,url=/new-name"), NEW),
        (_refresh("0 /new-name"), NEW),
        (_refresh("0.5; https://bereke.example/new-name#top"), NEW),
        ('<META content="1;url=../new-name" HTTP-EQUIV=Refresh>', NEW),
        (f'<base href="{NEW}/">' + _refresh("0; url=."), NEW + "/"),
        (_refresh("300; url=/new-name"), None),
        (_refresh("5"), None),
        (_refresh("0; url=/old/piece"), None),
        (_refresh("0; url=#text"), None),
        (_refresh("0; url=javascript:alert(1)"), None),
        (_refresh("0; url=http://[bad"), None),
        (f"<noscript>{_refresh('0; url=/new-name')}</noscript>", None),
        (f"<!-- {_refresh('0; url=/new-name')} -->", None),
        (_refresh("0; url=") + _refresh("0; url=/new-name"), NEW),
    ],
)  # fmt: skip
def test_refresh(head, refresh):
    """The first address that a refresh leads to without delay, absolute; none that is the page's own."""
    assert sent_on(_page(head), HERE) == (refresh, None)


@pytest.mark.parametrize(
    ("script", "body", "to"),
    [
        ("window.location.href = '/new-name';", "", NEW),
        ('location.replace("/new-name")', "<div></div>", NEW),
        ("document.location='/new-name'", "", NEW),
        ("location.reload()", "", None),
        ("location.href = '/old/piece'", "", None),
        ("if (old) location.href = '/new-name'", "<p>The text of the piece.</p>", None),
        ("location.href = '" + "/x" * 3000 + "'", "", None),
    ],
)
def test_script(script, body, to):
    """A page without a word whose script loads another one is a stub; of a page with text it is a button or a menu."""
    assert sent_on(_page(f"<script>{script}</script>", body), HERE) == (to, None)


def test_canonical():
    """The address that the page calls its own, where that is another one."""
    assert sent_on(_page(f'<link rel="canonical" href="{NEW}">'), HERE) == (None, NEW)
    assert sent_on(_page(f'<link rel="canonical" href="{HERE}">'), HERE) == (None, None)


def test_header():
    """HTTP's own refresh comes first, and needs no page."""
    assert sent_on(_page(_refresh("0; url=/other")), HERE, header="0; url=/new-name") == (NEW, None)
    assert sent_on(b"", HERE, header="0; url=/new-name") == (NEW, None)
    assert sent_on(b"%PDF-1.4", HERE) == (None, None)


def test_hostile_pages_take_no_time():
    """Thousands of refreshes, or one without an end."""
    began = time.process_time()
    assert sent_on(_page(_refresh("0; url=" + " " * 100_000)), HERE) == (None, None)
    assert sent_on(_page(_refresh("0 ;; ,") * 5000), HERE) == (None, None)
    for value in (" " * 2100, "0" + " " * 2100, "0 ;" + " " * 2100, " " * 700 + "0" + " " * 1300):
        assert sent_on(_page("<p>1</p>"), HERE, header=value) == (None, None)
    assert time.process_time() - began < 2
