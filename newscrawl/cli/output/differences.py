"""Differences as lines of text: struck red and bold green on a terminal, [-removed-] {+added+} elsewhere.

Removed words are also struck through and added ones bold, so that colour is not the only sign, and changed
paragraphs begin with a sign. Lines are filled here and not by rich, because each line must open and close its
own marks, and the marks take columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from newscrawl.cli.output.tables import columns, plain
from newscrawl.judge.diff.differences import Block, BlockKind, FieldDiff, Op, Span
from newscrawl.wording import counted

_MARKS = {Op.SAME: ("", ""), Op.REMOVED: ("[-", "-]"), Op.ADDED: ("{+", "+}")}
_STYLES = {Op.REMOVED: "strike red", Op.ADDED: "bold green"}
_SIGNS = {
    BlockKind.SAME: " ",
    BlockKind.CHANGED: "~",
    BlockKind.ADDED: "+",
    BlockKind.REMOVED: "-",
    BlockKind.MOVED: ">",
}
_PIECES = re.compile(r" |[^ ]+")

_Piece = tuple[Op, str]


def difference(diffs: Sequence[FieldDiff], *, width: int, colour: bool, context: int) -> Iterator[str]:
    """The lines of a difference, field by field. Unchanged paragraphs further than `context` from a change are folded."""
    for diff in diffs:
        yield ""
        yield diff.field.upper()
        for block in _folded(diff.blocks, context):
            if isinstance(block, int):
                yield f"  … {counted(block, 'paragraph')} unchanged …"
                continue
            note = ""
            if block.kind is BlockKind.MOVED:
                note = "(moved away) " if block.spans[0].op is Op.REMOVED else "(moved here) "
            spans = (Span(Op.SAME, note), *block.spans) if note else block.spans
            for number, line in enumerate(lines(spans, width - 2, colour=colour)):
                yield f"{_SIGNS[block.kind] if number == 0 else ' '} {line}"


def lines(spans: Sequence[Span], width: int, *, colour: bool) -> Iterator[str]:
    """One paragraph's spans in lines of at most `width` columns; each line opens and closes its own marks."""
    line: list[_Piece] = []
    used = 0
    for gap, word in _words(spans):
        size = 1 + _size(word, line[-1][0] if line else Op.SAME, colour)
        if line and used + size > width:
            yield _styled(line, colour)
            line, used = [], 0
            size = 1 + _size(word, Op.SAME, colour)
        if line and gap is not None:
            line.append((gap, " "))
        line += word
        used += size
    if line:
        yield _styled(line, colour)


def _words(spans: Sequence[Span]) -> Iterator[tuple[Op | None, list[_Piece]]]:
    """The words, each with the kind of the space before it (None: no space). A word may consist of pieces of several kinds."""
    gap: Op | None = None
    word: list[_Piece] = []
    for span in spans:
        for text in _PIECES.findall(plain(span.text)):
            if text != " ":
                word.append((span.op, text))
            else:
                if word:
                    yield gap, word
                    word = []
                gap = span.op
    if word:
        yield gap, word


def _size(word: Sequence[_Piece], before: Op, colour: bool) -> int:
    """The columns of a word after a piece of the kind `before`, including the marks where the kind changes."""
    size = 0
    for op, text in word:
        size += columns(text)
        if op is not before and not colour:
            size += sum(map(len, _MARKS[op]))
        before = op
    return size


def _styled(pieces: Sequence[_Piece], colour: bool) -> str:
    shown = []
    for op, group in groupby(pieces, key=lambda piece: piece[0]):
        text = "".join(part for _, part in group)
        # Spaces at either end stay outside the marks.
        core = text.strip(" ")
        shown.append(text.replace(core, _marked(op, core, colour), 1) if core else text)
    return "".join(shown).rstrip()


def _marked(op: Op, text: str, colour: bool) -> str:
    if colour and op in _STYLES:
        from rich.color import ColorSystem
        from rich.style import Style

        return Style.parse(_STYLES[op]).render(text, color_system=ColorSystem.STANDARD)
    begin, end = _MARKS[op]
    return f"{begin}{text}{end}"


def _folded(blocks: Sequence[Block], context: int) -> Iterator[Block | int]:
    changed = [number for number, block in enumerate(blocks) if block.kind is not BlockKind.SAME]
    near = {n for c in changed for n in range(c - context, c + context + 1)}
    hidden = 0
    for number, block in enumerate(blocks):
        if number in near:
            if hidden:
                yield hidden
                hidden = 0
            yield block
        else:
            hidden += 1
    if hidden:
        yield hidden
