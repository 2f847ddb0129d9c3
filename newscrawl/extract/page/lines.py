"""Text functions that all field readers share: one clean line, tokens, keys for comparison, likeness."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from newscrawl.text import HIDDEN, one_line

__all__ = [
    "HIDDEN",
    "UNSPACED",
    "is_sentence",
    "name_key",
    "one_line",
    "overlap",
    "squash",
    "tokens",
    "word_count",
]

_WORD = re.compile(r"[^\W_]+")
# Cyrillic letters that look Latin: outlets mix them inside their own names, so they are folded for comparison only.
_LOOKALIKE = str.maketrans("аеорсухкмтвніАЕОРСУХКМТВНІ", "aeopcyxkmtbhiAEOPCYXKMTBHI")
# The readers normalise the same lines again and again, so results for lines up to this length are cached.
CACHED_LENGTH = 1000
# Two ranges without punctuation: a quick test before the pattern of the scripts themselves.
_MAY_BE_UNSPACED = re.compile("[\u0e00-\u1fff\u3000-\U0010ffff]")
# Scripts written without spaces: one character counts as one token.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


# Most markup and much text is ASCII: for it, translation tables give the same result as the patterns, many times faster.
_ASCII = [chr(i) for i in range(128)]
_NO_MARKS = {ord(c): None for c in _ASCII if not c.isalnum()}
_SPACED_MARKS = {ord(c): " " for c in _ASCII if not c.isalnum()}


def squash(text: str | None) -> str:
    """Letters and digits only, case folded: equal for texts that differ in typesetting alone."""
    if not text:
        return ""
    if text.isascii():
        return text.lower().translate(_NO_MARKS)
    return _squashed(text) if len(text) <= CACHED_LENGTH else _squashed.__wrapped__(text)


@lru_cache(maxsize=4096)
def _squashed(text: str) -> str:
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def name_key(text: str | None) -> str:
    """Like `squash`, with look-alike Cyrillic and Latin letters folded: for comparing names of outlets."""
    return squash(text).translate(_LOOKALIKE)


def tokens(text: str | None) -> list[str]:
    """Words, case folded; one character a token in scripts without spaces."""
    if not text:
        return []
    if text.isascii():
        return text.lower().translate(_SPACED_MARKS).split()
    folded = unicodedata.normalize("NFKC", text).casefold()
    if _MAY_BE_UNSPACED.search(folded):
        folded = UNSPACED.sub(lambda m: f" {m.group()} ", folded)
    return _WORD.findall(folded)


def word_count(text: str | None) -> int:
    """How many tokens the text has."""
    if not text:
        return 0
    if len(text) <= CACHED_LENGTH:
        return _counted(text)
    if "\n\n" in text:  # the paragraphs of a body have been counted already
        return sum(map(word_count, text.split("\n\n")))
    return len(tokens(text))


@lru_cache(maxsize=4096)
def _counted(text: str) -> int:
    return len(tokens(text))


def overlap(a: str | None, b: str | None) -> float:
    """Share of the shorter text's distinct tokens that the other one has too: 0.0 to 1.0."""
    x, y = set(tokens(a)), set(tokens(b))
    if not x or not y:
        return 0.0
    return len(x & y) / min(len(x), len(y))


_SENTENCE_WORDS = 10
_FULL_STOP = re.compile(r"[.…։۔।。][\"'»”’)\]]*$")


def is_sentence(line: str) -> bool:
    """Whether a line is a sentence and not a headline: a full stop ends it, and it has a sentence's length."""
    return bool(_FULL_STOP.search(line[-6:])) and word_count(line) >= _SENTENCE_WORDS


class Sought:
    """Whether keys stand in a long text. Keys asked in the text's own order cost one pass over it; all together are bounded."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._left = _MOST_SEARCHED

    def holds(self, key: str) -> bool:
        """Whether a key is in the text; True where too much was searched already."""
        if self._left < 0:
            return True
        found = self._text.find(key, self._at)
        self._left -= (found if found >= 0 else len(self._text)) - self._at
        if found < 0:
            found = self._text.find(key, 0, self._at + len(key))
            self._left -= self._at
        if found >= 0:
            self._at = found
        return found >= 0


_MOST_SEARCHED = 200_000_000  # characters: a fraction of a second
