"""The piece of a text around the words that were asked for, with these marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from newscrawl.model.search import Phrase, Word
from newscrawl.search.words import Token, of_text, stem, tokens

_BEFORE = 60  # characters of the text before the first marked word
_LENGTH = 220
_MOST = 200_000  # characters of a text that are looked through


def snippet(text: str, language: str | None, phrases: Collection[Phrase]) -> tuple[tuple[str, bool], ...]:
    """Pieces of `text` in order, each with whether it is a word of a phrase.

    Without any of them it is the beginning of the text.
    """
    text = text[:_MOST]
    code = of_text(text, language)
    found = list(tokens(text))
    stemmed = [stem(token.word, code) for token in found]
    spans = sorted(span for phrase in phrases for span in _spans(found, stemmed, phrase.words))
    start, end = _window(text, spans)
    return tuple(_pieces(text, spans, start, end))


def _spans(
    found: Sequence[Token], stemmed: Sequence[str], words: Sequence[Word]
) -> Iterator[tuple[int, int]]:
    """Where a phrase stands in the text, by characters."""
    for at in range(len(found) - len(words) + 1):
        if all(_is(found[at + i], stemmed[at + i], word) for i, word in enumerate(words)):
            yield found[at].start, found[at + len(words) - 1].end


def _is(token: Token, stem_: str, word: Word) -> bool:
    if word.prefix:
        return any(token.word.startswith(one) for one in word.stems)
    return stem_ in word.stems


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
