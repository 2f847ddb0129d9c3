"""The difference of two versions as a reader sees it: aligned paragraphs with the changed words inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate

from newscrawl.judge.diff.align import matches
from newscrawl.judge.diff.pairing import Group, groups
from newscrawl.judge.diff.tokens import Token, same_to_reader, tokens, too_long
from newscrawl.model import Author, Content, Precision, StatedInstant
from newscrawl.text import content_hash, normal, paragraphs

# By which a day may begin earlier or later: its date may be meant in another zone.
_ZONES = timedelta(hours=12)
# Two texts that share more letters in a row than this share them by more than chance.
_SIGNIFICANT = 24


class Op(StrEnum):
    """Whether some words were kept, added or removed."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


class BlockKind(StrEnum):
    """What happened to a paragraph. A moved one appears twice: REMOVED where it was, ADDED where it is now."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Span:
    """Some words with their spacing.

    A SAME span has the new text's typesetting; `before` is the old typesetting where that differs.
    """

    op: Op
    text: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or all paragraphs of one split or join with the empty lines between them."""

    kind: BlockKind
    spans: tuple[Span, ...]

    @property
    def old(self) -> str:
        """The exact old paragraph; empty if it was added."""
        return "".join(
            span.text if span.before is None else span.before
            for span in self.spans
            if span.op is not Op.ADDED
        )

    @property
    def new(self) -> str:
        """The exact new paragraph; empty if it was removed."""
        return "".join(span.text for span in self.spans if span.op is not Op.REMOVED)


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field that differs: "headline", "subtitle", "byline", "date" or "body"."""

    field: str
    blocks: tuple[Block, ...]


def compare(old: Content, new: Content) -> tuple[FieldDiff, ...]:
    """The fields that differ to a reader, in reading order; empty if none does.

    Typesetting (quotation marks, dashes, spaces, invisible characters, paragraph breaks, the letter
    case of bylines) does not count. Bylines have one line for each author; dates are ISO 8601 in the
    publisher's own offset.
    """
    found = []
    if not same_to_reader(old.title, new.title):
        found.append(FieldDiff("headline", texts(old.title or "", new.title or "")))
    if not same_to_reader(old.subtitle, new.subtitle):
        found.append(FieldDiff("subtitle", texts(old.subtitle or "", new.subtitle or "")))
    if not same_byline(old, new):
        found.append(FieldDiff("byline", texts(_byline(old.authors), _byline(new.authors))))
    if not same_date(old, new):
        found.append(FieldDiff("date", tuple(_replaced(_date(old), _date(new)))))
    if not same_to_reader(old.body, new.body):
        found.append(FieldDiff("body", texts(old.body, new.body)))
    return tuple(found)


def texts(old: str, new: str) -> tuple[Block, ...]:
    """The paragraphs of two texts, aligned, with the changed words inside; in nearly linear time.

    One side of all blocks joined by empty lines is that text's cleaned paragraphs (`text.paragraphs`).
    Of texts that are too long for that, paragraphs are told apart as a whole.
    """
    before, after = paragraphs(old), paragraphs(new)
    if too_long(old, new):
        return tuple(_whole_paragraphs(before, after))
    return tuple(_block(group, before, after) for group in groups(before, after))


def _whole_paragraphs(before: Sequence[str], after: Sequence[str]) -> Iterator[Block]:
    end, stop = 0, 0
    for start, begin, length in (*matches(before, after), (len(before), len(after), 0)):
        yield from (Block(BlockKind.REMOVED, (Span(Op.REMOVED, one),)) for one in before[end:start])
        yield from (Block(BlockKind.ADDED, (Span(Op.ADDED, one),)) for one in after[stop:begin])
        yield from (Block(BlockKind.SAME, (Span(Op.SAME, one),)) for one in after[begin : begin + length])
        end, stop = start + length, begin + length


def same_byline(old: Content, new: Content) -> bool:
    """Whether both name the same people in the same roles and order.

    Letter case does not count: page templates change it.
    """
    return [(a.role, normal(a.name).casefold()) for a in old.authors] == [
        (a.role, normal(a.name).casefold()) for a in new.authors
    ]


def same_date(old: Content, new: Content) -> bool:
    """Whether both state the same publication time, compared by minute or, where only a day is known, by day."""
    one, other = (
        content_hash(Content(published=c.published, published_precision=c.published_precision))
        for c in (old, new)
    )
    return one == other


def _block(group: Group, before: Sequence[str], after: Sequence[str]) -> Block:
    old = "\n\n".join(before[group.old.start : group.old.stop])
    new = "\n\n".join(after[group.new.start : group.new.stop])
    if not new or not old:
        op, text = (Op.REMOVED, old) if old else (Op.ADDED, new)
        return Block(BlockKind.MOVED if group.moved else BlockKind(op.value), (Span(op, text),))
    spans = _spans(old, new)
    return Block(
        BlockKind.SAME if all(span.op is Op.SAME for span in spans) else BlockKind.CHANGED, tuple(spans)
    )


def _spans(old: str, new: str) -> list[Span]:
    if old == new:
        return [Span(Op.SAME, new)]
    one, other = tokens(old), tokens(new)
    common = _significant(one, other, matches([t.key for t in one], [t.key for t in other]))
    found = list(_between(one, other, common))
    joined: list[tuple[Op, str, str]] = []
    for op, was, now in found:
        if joined and joined[-1][0] is op:
            joined[-1] = (op, joined[-1][1] + was, joined[-1][2] + now)
        elif was or now:
            joined.append((op, was, now))
    return [
        Span(op, now, was if was != now else None)
        if op is Op.SAME
        else Span(op, was if op is Op.REMOVED else now)
        for op, was, now in joined
    ]


def _significant(
    one: Sequence[Token], other: Sequence[Token], common: Sequence[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    """Drop the chance matches ("the", a comma) that stand alone in a rewritten passage and only distract."""
    ours, theirs = _letters(one), _letters(other)
    kept: list[tuple[int, int, int]] = []
    stretches = [*common, (len(one), len(other), 0)]
    end, stop = 0, 0
    for number, (start, begin, length) in enumerate(common):
        following, further, _ = stretches[number + 1]
        weight = ours[start + length] - ours[start]
        before = ours[start] - ours[end] + theirs[begin] - theirs[stop]
        after = ours[following] - ours[start + length] + theirs[further] - theirs[begin + length]
        if weight > _SIGNIFICANT or 4 * weight > min(before, after) or not min(before, after):
            kept.append((start, begin, length))
            end, stop = start + length, begin + length
    return kept


def _letters(part: Sequence[Token]) -> list[int]:
    """How many letters of words precede each token; the last item is the total."""
    return list(accumulate((len(token.core) * token.is_word for token in part), initial=0))


def _between(
    one: Sequence[Token], other: Sequence[Token], common: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[Op, str, str]]:
    end, stop = 0, 0
    for start, begin, length in (*common, (len(one), len(other), 0)):
        removed, added = one[end:start], other[stop:begin]
        if removed and added and bool(removed[0].lead) == bool(added[0].lead):
            # The space before a replaced word is kept, so that only the word is marked.
            yield Op.SAME, removed[0].lead, added[0].lead
            yield Op.REMOVED, _text(removed)[len(removed[0].lead) :], ""
            yield Op.ADDED, "", _text(added)[len(added[0].lead) :]
        else:
            yield Op.REMOVED, _text(removed), ""
            yield Op.ADDED, "", _text(added)
        for was, now in zip(one[start : start + length], other[begin : begin + length], strict=True):
            if bool(was.lead) == bool(now.lead):
                yield Op.SAME, was.lead, now.lead
            else:
                yield (Op.REMOVED, was.lead, "") if was.lead else (Op.ADDED, "", now.lead)
            yield Op.SAME, was.core, now.core
        end, stop = start + length, begin + length


def _text(part: Sequence[Token]) -> str:
    return "".join(token.lead + token.core for token in part)


def _replaced(old: str, new: str) -> Iterator[Block]:
    spans = tuple(Span(op, text) for op, text in ((Op.REMOVED, old), (Op.ADDED, new)) if text)
    if spans:
        yield Block(BlockKind.CHANGED if len(spans) == 2 else BlockKind(spans[0].op.value), spans)


def _byline(authors: Sequence[Author]) -> str:
    return "\n".join(a.name if a.role == "author" else f"{a.name} ({a.role})" for a in authors)


def _date(content: Content) -> str:
    if content.published is None:
        return ""
    if content.published_precision is Precision.DAY:
        return content.published.date().isoformat()
    return content.published.isoformat(sep=" ", timespec="minutes")


def is_same_day(one: StatedInstant, other: StatedInstant) -> bool:
    """Whether one is a bare day and the other an instant of it, in some zone."""
    if (one.precision is Precision.DAY) is (other.precision is Precision.DAY):
        return False
    day, instant = (one, other) if one.precision is Precision.DAY else (other, one)
    return -_ZONES <= instant.at - day.at < timedelta(days=1) + _ZONES


def is_stated(stated: StatedInstant, wanted: StatedInstant) -> bool:
    """Whether an instant that a page states is the wanted one; a bare day is not that of an instant, but the other way round."""
    if wanted.precision is Precision.DAY:
        same = stated.precision is Precision.DAY and stated.at.date() == wanted.at.date()
        return same or is_same_day(stated, wanted)
    return stated.precision is not Precision.DAY and abs(stated.at - wanted.at) < timedelta(minutes=1)
