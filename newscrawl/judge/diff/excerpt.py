"""A difference shortened to one line: its most telling change with some context, and the word counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from newscrawl.judge.diff.differences import Block, BlockKind, FieldDiff, Op, Span
from newscrawl.model import ChangeKind
from newscrawl.text import words

# Characters kept around a change and of a change itself, and how many changes of one paragraph are kept.
AROUND, CHANGE, CHANGES = 28, 70, 4

_FIELDS = ("headline", "body", "subtitle", "byline", "date")
# What a reader looks for first: what was said otherwise about facts and by people.
_ORDER = (
    ChangeKind.NUMBERS, ChangeKind.QUOTES, ChangeKind.CORRECTION, ChangeKind.HEADLINE, ChangeKind.SUBTITLE, ChangeKind.BYLINE,
    ChangeKind.DATE, ChangeKind.SHORTENED, ChangeKind.EXTENDED, ChangeKind.TYPO, ChangeKind.BODY,
)  # fmt: skip
_OF_BODY = frozenset(_ORDER) - {
    ChangeKind.HEADLINE,
    ChangeKind.SUBTITLE,
    ChangeKind.BYLINE,
    ChangeKind.DATE,
    ChangeKind.BODY,
}
_QUOTES = frozenset('«»“”„"')
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


def by_kind(diffs: Sequence[FieldDiff], kinds: Collection[ChangeKind]) -> list[tuple[str, Excerpt]]:
    """Of each kind of an edit the change that shows it best, figures and quotes first, with the names of the kinds it shows.

    Kinds that are best shown by the same change share it. "body" is left out where finer kinds say what of it changed.
    """
    wanted = [kind for kind in _ORDER if kind in kinds]
    if any(kind in _OF_BODY for kind in wanted):
        wanted = [kind for kind in wanted if kind is not ChangeKind.BODY]
    found: dict[tuple[str, int], tuple[list[str], Excerpt]] = {}
    for kind in wanted:
        field = ChangeKind.BODY.value if kind in _OF_BODY else kind.value
        blocks = next((diff.blocks for diff in diffs if diff.field == field), ())
        if (best := _showing(kind, blocks)) is None:
            continue
        at, first = best
        names, _ = found.setdefault((field, at), ([], Excerpt(field, _around_the_change(blocks[at], first))))
        names.append(kind.value)
    return [(", ".join(names), excerpt) for names, excerpt in found.values()]


def _showing(kind: ChangeKind, blocks: Sequence[Block]) -> tuple[int, int] | None:
    """The block that shows an edit of a kind best, and the first of its spans to show; None where nothing changed."""
    changed = [
        (number, at, span.text, block)
        for of_kind in _KINDS
        for number, block in enumerate(blocks)
        if block.kind is of_kind
        for at, span in enumerate(block.spans)
        if span.op is not Op.SAME
    ]
    if kind is ChangeKind.NUMBERS:
        telling = [one for one in changed if any(letter.isdigit() for letter in one[2])]
    elif kind is ChangeKind.QUOTES:
        telling = [one for one in changed if any(_QUOTES & set(span.text) for span in one[3].spans)]
    elif kind in (ChangeKind.SHORTENED, ChangeKind.EXTENDED):
        whole = BlockKind.REMOVED if kind is ChangeKind.SHORTENED else BlockKind.ADDED
        telling = [one for one in changed if one[3].kind is whole]
    else:
        telling = changed
    return next(((number, at) for number, at, *_ in (*telling, *changed)), None)


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


def _around_the_change(block: Block, begin: int = 0) -> tuple[Span, ...]:
    changed = [
        number for number, span in enumerate(block.spans) if span.op is not Op.SAME and number >= begin
    ]
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
