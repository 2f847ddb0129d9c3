"""The piece of a text around the words that were asked for, with these marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from newscrawl.model.search import Phrase, Word
from newscrawl.search.words import Stemmed, fold, stemmed

_BEFORE = 60  # characters of the text before the first marked word
_LENGTH = 220
_MOST = 200_000  # characters of a text that are looked through


def snippet(text: str, language: str | None, phrases: Collection[Phrase]) -> tuple[tuple[str, bool], ...]:
    """Pieces of `text` in order, each with whether it is a word of a phrase.

    Without any of them it is the beginning of the text.
    """
    text = text[:_MOST]
    found = stemmed(text, language)
    spans = sorted({span for phrase in phrases for span in _spans(text, found, phrase.words)})
    start, end = _window(text, spans)
    return tuple(_pieces(text, spans, start, end))


def _spans(text: str, found: Sequence[Stemmed], words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Where a phrase stands in the text, by characters."""
    first, last = words[0], len(words) - 1
    for at in range(len(found) - last):
        if (first.prefix or found[at].stem in first.stems) and all(
            _is(text, found[at + i], word) for i, word in enumerate(words)
        ):
            yield found[at].start, found[at + last].end


def _is(text: str, one: Stemmed, word: Word) -> bool:
    if word.prefix:
        return fold(text[one.start : one.end]).startswith(tuple(word.stems))
    return one.stem in word.stems


def _window(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The part of the text to show: around where most of the words stand together, cut between words."""
    if not spans:
        return 0, _cut(text, _LENGTH)
    best = max(
        range(len(spans)),
        key=lambda i: (len({span for span in spans[i:] if span[1] <= spans[i][0] + _LENGTH - _BEFORE}), -i),
    ) if len(spans) <= 200 else 0  # fmt: skip
    start = max(spans[best][0] - _BEFORE, 0)
    if start:
        space = text.find(" ", start, spans[best][0])
        start = space + 1 if space >= 0 else start
    return start, _cut(text, start + _LENGTH)


def _cut(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", end - 40, end)
    return space if space > 0 else end


def _pieces(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[str, bool]]:
    at = start
    if start:
        yield "… ", False
    for first, last in spans:
        if first < at or last > end:
            continue
        if first > at:
            yield _flat(text[at:first]), False
        yield _flat(text[first:last]), True
        at = last
    if at < end:
        yield _flat(text[at:end]), False
    if end < len(text):
        yield " …", False


def _flat(text: str) -> str:
    return text.replace("\n", " ")
