"""What a page shows and what it holds: strings of scripts, however long and odd, are read once."""

from datetime import UTC, datetime

import pytest

from newscrawl.extract.page import shown
from newscrawl.extract.page.shown import page_text
from newscrawl.model import PageText

NOW = datetime(2026, 4, 8, tzinfo=UTC)
TEXT = "The ferry of Kyzylsu has not left its berth."


def read(body: str) -> PageText:
    page = page_text(
        f"<html><body>{body}</body></html>".encode(),
        "https://paper.example/a", content_type="text/html; charset=utf-8", fetched_at=NOW, zone=UTC,
    )  # fmt: skip
    assert page is not None
    return page


def kept(script: str) -> str:
    return "\n".join(read(f"<p>Words</p><script>{script}</script>").kept)


@pytest.mark.parametrize(
    "script",
    [
        f'var text = "{TEXT}";',
        f'f({{"a":"b","body":"\\u003cp\\u003e{TEXT}\\u003c/p\\u003e"}})',
        f'push("{TEXT} ' + '\\"and so on\\" ' * 40_000 + '")',  # as pages built by scripts send them
        f'push("{TEXT} ' + '\\"never closed\\" ' * 40_000,
    ],
    ids=["a string", "markup in it", "half a megabyte of escaped marks", "a string without an end"],
)
def test_strings_of_scripts_are_held(script: str) -> None:
    assert TEXT in kept(script)


LINES = {
    "a hidden word in a sentence": ("<p>The ferry <span hidden>boat</span>has left.</p>", ["The ferry has left."], ["boat"]),
    "for screen readers": (
        "<p>Паром <span class='a11y-hidden'>иллюстрация</span> ушёл.</p>", ["Паром ушёл."], ["иллюстрация"],
    ),
    "clipped to nothing": (
        "<p>The ferry <i style='clip-path: inset(50%)'>image</i>has left.</p>", ["The ferry has left."], ["image"],
    ),
    "a script in a sentence": ("<p>The ferry <script>x</script>has left.</p>", ["The ferry has left."], []),
    "a hidden block in a sentence": (
        "<div>The ferry <div style='display : none'><p>one</p><p>two</p></div>has left.</div>",
        ["The ferry has left."], ["one", "two"],
    ),
    "a link inside a hidden word": (
        "<p>The ferry <span hidden>see <a href=/>this</a> too</span>has left.</p>", ["The ferry has left."], ["see this too"],
    ),
    "two hidden words": ("<p><b hidden>one</b><b hidden>two</b>Left.</p>", ["Left."], ["one", "two"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_hidden_text_stands_apart_and_cuts_no_line(name: str) -> None:
    body, seen, hidden = LINES[name]
    page = read(body)
    assert [block.text for block in page.shown] == seen
    assert list(page.kept) == hidden


@pytest.mark.parametrize(
    "stuffing",
    [
        "<script>var a = '\"{}\"'</script>".format("many words " * 40),
        f"<img alt='{'many words ' * 40}'>",
        f"<p hidden>{'many words ' * 40}</p>",
    ],
    ids=["a script", "an attribute", "hidden text"],
)
def test_what_nobody_sees_takes_no_room_from_what_is_shown(
    stuffing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown, "MOST_CHARACTERS", 200)
    page = read(f"{stuffing * 3}<p>{TEXT}</p>{stuffing}<p>And {TEXT}</p>")
    assert [block.text for block in page.shown] == [TEXT, f"And {TEXT}"]
    assert sum(map(len, page.kept)) < 1000


def test_long_visible_text_is_cut_and_what_scripts_hold_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_CHARACTERS", 200)
    page = read(f"{'<p>Many words in a row of a page.</p>' * 40}<script>f('{TEXT}', \"{TEXT}\")</script>")
    assert sum(len(block.text) for block in page.shown) < 300
    assert TEXT in page.kept
