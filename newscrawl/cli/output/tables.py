"""Output of commands: tables and text for people, JSON lines for programs.

Control characters are removed from all text of pages before it is laid out: they could move the cursor,
rename the window or hide words. The widths of letters come from rich, imported where they are needed, because help
and --json do without. Tables are laid out here: rich 15 breaks or cuts a word that is wider than its column, or
prints past the terminal's edge, and needs 17 times as long (docs/decisions/house.md).
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import click

from newscrawl import logfile
from newscrawl.serialization.json_text import json_line
from newscrawl.text import printable

_SAMPLE = 200  # the first rows decide the widths of a table; later ones are printed as they come
_GAP = "  "
_LABEL = 11  # columns before the text of a labelled line
_PROSE = 40  # columns of a last cell that is no name or number any more, but sentences, lists, an address
_LEAST = 20  # columns that the last cell of a row gets at least

# --- for programs ------------------------------------------------------------------------------


def write_bytes(data: bytes) -> None:
    """Writes bytes to standard output, independent of the locale's charset."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def write_json(values: Iterable[Mapping[str, Any]]) -> None:
    """Writes JSON lines to standard output."""
    for value in values:
        write_bytes(json_line(value))


# --- for people --------------------------------------------------------------------------------


def safe(text: str | None) -> str:
    """One line that is safe to print: line breaks become spaces, control characters become U+FFFD.

    Invisible formatting (direction marks, zero-width spaces) is removed: it can show an address reversed.
    """
    return plain(text).strip(" ") if text else ""


def plain(text: str) -> str:
    """Like `safe`, but keeps a space at the beginning or end: for pieces of a line."""
    return re.sub(" {2,}", " ", printable(text))


def columns(text: str) -> int:
    """How many terminal columns a safe text takes: wide East Asian letters two, combining marks none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, width: int) -> str:
    """The text cut to `width` columns, with an ellipsis where something was cut."""
    if columns(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def wrap(text: str, width: int) -> list[str]:
    """A safe text in lines of at most `width` columns.

    A longer word, such as an address, gets a line of its own, so that it can be copied; rich would cut it.
    """
    lines: list[str] = []
    line, used = "", 0
    for word in text.split():
        size = columns(word)
        if line and used + 1 + size > width:
            lines.append(line)
            line, used = word, size
        else:
            line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line] if line else lines


def fact(label: str, text: str, width: int) -> Iterator[str]:
    """A labelled line, the text wrapped beside the label."""
    for number, line in enumerate(wrap(text, max(width - _LABEL, _LEAST))):
        yield f"{label if number == 0 else '':<{_LABEL}}{line}"


def facts(pairs: Iterable[tuple[str, str | None]], width: int) -> Iterator[str]:
    """Labelled lines of the pairs that have a text. A repeated label is written once."""
    previous = None
    for label, text in pairs:
        if text:
            yield from fact("" if label == previous else label, safe(text), width)
            previous = label


def prose(body: str, width: int) -> Iterator[str]:
    """The paragraphs of a body, wrapped, an empty line before each."""
    for paragraph in body.split("\n"):
        if lines := wrap(safe(paragraph), width):
            yield ""
            yield from lines


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    width: int | None = None,
    one_line: bool = False,
) -> Iterator[str]:
    """The lines of a table, headings first. Numbers are right-aligned.

    With `width` cells are wrapped at spaces to fit, or with `one_line` the last column is cut to fit. Without
    `width` (output to a file or pipe) nothing is wrapped or cut. If each row is one line, rows are printed
    as they come.
    """
    if width is not None and not one_line:
        yield from _wrapped(headings, rows, width)
        return
    stream = iter(rows)
    sample = [_cells(row) for row in islice(stream, _SAMPLE)]
    numbers = _numbers(headings, sample)
    widths = [
        max([columns(name), *(columns(row[i][0]) for row in sample)]) for i, name in enumerate(headings)
    ]
    left = max(width - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1), _LEAST) if width else None
    for cells in chain([[(name, False) for name in headings]], sample, map(_cells, stream)):
        parts = [
            _pad(text, size, right)
            for (text, _), size, right in zip(cells[:-1], widths[:-1], numbers[:-1], strict=True)
        ]
        last = cells[-1][0]
        if numbers[-1]:
            last = _pad(last, widths[-1], right=True)
        yield _GAP.join([*parts, fit(last, left) if left else last]).rstrip()


def _wrapped(headings: Sequence[str], rows: Iterable[Sequence[object]], width: int) -> Iterator[str]:
    """Cells wrapped at spaces. No word is broken or cut: where a row cannot fit, its last cells get lines below it."""
    cells = [_cells(row) for row in rows]
    numbers = _numbers(headings, cells)
    texts = [list(headings), *([text for text, _ in row] for row in cells)]
    if (room := _room_for_prose(texts, width)) is not None:
        yield from _with_prose(texts, numbers, room)
        return
    beside = len(headings)
    while (sizes := _sizes([row[:beside] for row in texts], width)) is None and beside > 1:
        beside -= 1
    for row in texts:
        columns_ = [wrap(text, size) or [""] for text, size in zip(row, sizes or [width], strict=False)]
        for height in range(max(map(len, columns_))):
            parts = [
                _pad(lines[height] if height < len(lines) else "", size, right)
                for lines, size, right in zip(columns_, sizes or [width], numbers, strict=False)
            ]
            yield _GAP.join(parts).rstrip()
        for line in wrap(
            _GAP.join(text for text in row[beside:] if text), max(width - 2 * len(_GAP), _LEAST)
        ):
            yield f"{_GAP * 2}{line}"


def _room_for_prose(texts: Sequence[Sequence[str]], width: int) -> int | None:
    """The columns left for the last cells where these are prose that does not fit beside others; None for any other table."""
    *others, last = ([columns(text) for text in column] for column in zip(*texts, strict=True))
    room = width - sum(max(sizes) + len(_GAP) for sizes in others)
    return room if 0 <= room < _PROSE < max(last) else None


def _with_prose(texts: Sequence[Sequence[str]], numbers: Sequence[bool], room: int) -> Iterator[str]:
    """Rows whose last cell stands beside the others where it is one line there, else in lines below."""
    sizes = [max(map(columns, column)) for column in list(zip(*texts, strict=True))[:-1]]
    width = sum(sizes) + len(_GAP) * len(sizes) + room
    for *row, last in texts:
        line = _GAP.join(
            _pad(text, size, right) for text, size, right in zip(row, sizes, numbers, strict=False)
        )
        fits = columns(last) <= room
        yield f"{line}{_GAP}{last}".rstrip() if fits else line.rstrip()
        for below in () if fits else wrap(last, max(width - 2 * len(_GAP), _LEAST)):
            yield f"{_GAP * 2}{below}"


def _sizes(texts: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The widths of columns that fit: as wide as their texts, the widest narrowed first; None if their words do not fit."""
    whole = [max(map(columns, column)) for column in zip(*texts, strict=True)]
    least = [
        max((columns(word) for text in column for word in text.split()), default=0)
        for column in zip(*texts, strict=True)
    ]
    room = width - len(_GAP) * (len(whole) - 1)
    if sum(least) > room:
        return None
    while (excess := sum(whole) - room) > 0:
        spare = [size - small for size, small in zip(whole, least, strict=True)]
        widest = max((i for i, one in enumerate(spare) if one), key=lambda i: whole[i])
        others = max((size for i, size in enumerate(whole) if i != widest and spare[i]), default=0)
        step = max(1, min(excess, spare[widest], whole[widest] - others))
        whole[widest] -= step
    return whole


def print_lines(lines: Iterable[str]) -> int:
    """Prints lines to standard output and returns how many."""
    number = 0
    for line in lines:
        click.echo(line)
        number += 1
    return number


def say(text: str, *, logged: bool = True) -> None:
    """Prints a sentence for people: on a terminal in lines of its width, broken at spaces; elsewhere in one line.

    `logged`: it goes to the log file as well, where there is one.
    """
    if logged:
        logfile.line("newscrawl.cli", safe(text))
    width = terminal_width()
    first, *more = (wrap(safe(text), width - len(_GAP)) if width else [safe(text)]) or [""]
    print_lines([first, *(f"{_GAP}{line}" for line in more)])


def examples(*commands: str) -> str:
    """The examples at the end of a command's help, one a line."""
    return "\n".join(("\b", "Examples:", *(f"  {command}" for command in commands)))


def terminal_width() -> int | None:
    """The columns of the terminal on standard output; None if the output goes to a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def note(text: str, *, logged: bool = True) -> None:
    """Prints one line to standard error, so that standard output holds only data. One that is full loses the line.

    `logged`: it goes to the log file as well, where there is one.
    """
    if logged:
        logfile.line("newscrawl.cli", safe(text))
    with contextlib.suppress(OSError):
        click.echo(safe(text), err=True)


def _cells(row: Sequence[object]) -> list[tuple[str, bool]]:
    return [(safe("" if value is None else str(value)), isinstance(value, int)) for value in row]


def _numbers(headings: Sequence[str], rows: Sequence[Sequence[tuple[str, bool]]]) -> list[bool]:
    """Which columns hold only numbers."""
    return [bool(rows) and all(row[i][1] for row in rows) for i in range(len(headings))]


def _pad(text: str, width: int, right: bool) -> str:
    gap = " " * (width - columns(text))
    return gap + text if right else text + gap
