"""A difference shortened to one line: its most telling change with some context, and the word counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newscrawl.judge.diff.differences import Block, BlockKind, FieldDiff, Op, Span
from newscrawl.text import words

# Characters kept around a change and of a change itself, and how many changes of one paragraph are kept.
AROUND, CHANGE, CHANGES = 28, 70, 4

_FIELDS = ("headline", "body", "subtitle", "byline", "date")
_KINDS = (BlockKind.CHANGED, BlockKind.REMOVED, BlockKind.ADDED, BlockKind.MOVED)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of one field's difference, as spans; "…" replaces what was left out."""

    field: str
    spans: tuple[Span, ...]


def most_telling(diffs: Sequence[FieldDiff]) -> Excerpt | None:
    """The change to show first: headline before body, replaced words before removed or added ones.

    None if nothing differs.
    """
    for diff in sorted(diffs, key=lambda diff: _FIELDS.index(diff.field) if diff.field in _FIELDS else 9):
        for kind in _KINDS:
            block = next((block for block in diff.blocks if block.kind is kind), None)
            if block is not None:
                return Excerpt(diff.field, _around_the_change(block))
    return None


def word_counts(diffs: Sequence[FieldDiff]) -> tuple[int, int]:
    """How many words were removed and how many added, in all fields. Moved paragraphs do not count."""
    removed = added = 0
    for diff in diffs:
        for span in (
            span for block in diff.blocks if block.kind is not BlockKind.MOVED for span in block.spans
        ):
            if span.op is Op.REMOVED:
                removed += len(words(span.text))
            elif span.op is Op.ADDED:
                added += len(words(span.text))
    return removed, added


def _around_the_change(block: Block) -> tuple[Span, ...]:
    changed = [number for number, span in enumerate(block.spans) if span.op is not Op.SAME]
    if not changed:
        return tuple(Span(span.op, _head(span.text, CHANGE)) for span in block.spans[:1])
    first, last = changed[0], changed[min(len(changed), CHANGES) - 1]
    kept = []
    for number, span in enumerate(block.spans[max(first - 1, 0) : last + 2], max(first - 1, 0)):
        if span.op is not Op.SAME:
            kept.append(Span(span.op, _middle(span.text, CHANGE)))
        elif number < first:
            kept.append(Span(span.op, _tail(span.text, AROUND)))
        elif number > last:
            kept.append(Span(span.op, _head(span.text, AROUND)))
        else:
            kept.append(Span(span.op, _middle(span.text, 2 * AROUND)))
    if last + 2 < len(block.spans) and kept[-1].op is not Op.SAME:
        kept.append(Span(Op.SAME, " …"))
    return tuple(kept)


def _head(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    cut = text[: size - 1]
    return f"{cut[: cut.rfind(' ') + 1] or cut}…"


def _tail(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    cut = text[-size + 1 :]
    return f"…{cut[cut.find(' ') :] if ' ' in cut.rstrip() else cut}"


def _middle(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    return f"{_head(text, size // 2)} {_tail(text, size // 2)}".replace("… …", "…")
