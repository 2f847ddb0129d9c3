"""Transcripts in the documents: which command printed them, what it prints in the demo's archive, and how they are renewed.

A block of text behind `<!-- transcript: newscrawl diff 9 -->` is what that command prints in the archive of
`newscrawl demo`; `<!-- transcript: newscrawl removed | 1-10 19-20 -->` has these lines of it, `[…]` where some are left
out. Byte offsets and record numbers differ from one demo to the next and are written as "byte …" and "<urn:uuid:…>".

`python -m tests.support.transcripts` runs a demo and writes all of them anew.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEMO = "newscrawl demo"
_BLOCK = re.compile(r"(<!-- transcript: ([^|\n]+?)(?: \| ([\d -]+))? -->\n```text\n)(.*?)(```\n)", re.DOTALL)


def pages() -> list[Path]:
    """The documents that may hold transcripts."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands() -> list[str]:
    """Every command that a transcript names."""
    return [found[1] for page in pages() for found in _BLOCK.findall(page.read_text("utf-8"))]


def renewed(text: str, printed: Callable[[str], str]) -> str:
    """A document with its transcripts as `printed(command)` has them today."""

    def block(found: re.Match[str]) -> str:
        lines = without_chance(printed(found[2])).rstrip("\n").splitlines()
        return f"{found[1]}{_chosen(lines, found[3])}\n{found[5]}"

    return _BLOCK.sub(block, text)


def without_chance(text: str) -> str:
    """What a command printed, without what differs between two demos."""
    # Of a run, whose pace is the machine's; what an outlet states has its own offset.
    text = re.sub(r"(T\d\d:\d\d):\d\d(?:\.\d{6}|(?=\+00:00))", r"\1:…", text)
    text = re.sub(r"\bbyte(\s+)[\d,]+", r"byte\1…", text)
    text = re.sub(r"<urn:uuid:[0-9a-f-]+>", "<urn:uuid:…>", text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def words(text: str) -> list[str]:
    """A document as words: where a line is broken may depend on the length of a number."""
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:…", text).split()


def _chosen(lines: list[str], ranges: str | None) -> str:
    if ranges is None:
        return "\n".join(lines)
    parts, at = [], 0
    for one in ranges.split():
        first, dash, last = one.partition("-")
        end = int(last or (len(lines) if dash else first))
        if int(first) - 1 > at:
            parts.append("[…]")
        parts += lines[int(first) - 1 : end]
        at = end
    return "\n".join([*parts, *(["[…]"] if at < len(lines) else [])])


def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:

        def printed(command: str) -> str:
            here = Path(folder) / ("" if command == DEMO else "demo-archive")
            line = [sys.executable, "-m", *shlex.split(command)]
            return subprocess.run(line, cwd=here, capture_output=True, text=True, check=True).stdout

        demo = printed(DEMO)
        for page in pages():
            text = page.read_text("utf-8")
            page.write_text(
                renewed(text, lambda command: demo if command == DEMO else printed(command)), "utf-8"
            )


if __name__ == "__main__":
    _main()
