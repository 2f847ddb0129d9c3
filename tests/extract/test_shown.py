"""What a page shows and what it holds: strings of scripts, however long and odd, are read once."""

from datetime import UTC, datetime

import pytest

from newscrawl.extract.page.shown import page_text

NOW = datetime(2026, 4, 8, tzinfo=UTC)
TEXT = "The ferry of Kyzylsu has not left its berth."


def kept(script: str) -> str:
    page = page_text(
        f"<html><body><p>Words</p><script>{script}</script></body></html>".encode(),
        "https://paper.example/a", content_type="text/html; charset=utf-8", fetched_at=NOW, zone=UTC,
    )  # fmt: skip
    return "\n".join(page.kept)


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
