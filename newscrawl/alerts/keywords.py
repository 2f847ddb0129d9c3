"""Finds a receiver's keywords in a text, whatever their letter case and spelling variants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import count

from newscrawl.errors import UsageError
from newscrawl.text import words

_LEAST = 2  # letters before an asterisk: a shorter beginning matches nearly everything

# Stress marks of dictionaries and schoolbooks.
_MARKS = re.compile("[\u0300\u0301]")
# The Turkic İ is here because lower-casing would leave its dot as a separate mark.
_VARIANTS = str.maketrans({"ё": "е", "Ё": "Е", "ı": "i", "İ": "I"})

Matcher = Callable[[str], str | None]


def matcher(keywords: Sequence[str]) -> Matcher:
    """A function that returns the first keyword found in a text, or None.

    A keyword is a word or several words in a row; a word with an asterisk at its end matches all words that begin
    so: `сот*` matches сот, сотта, сотының, and not "рассот". Letter case, ё for е, stress marks, quotation marks and
    hyphens are ignored. Raises UsageError for a keyword that can match nothing, or nearly everything.
    """
    wanted = [(keyword, _parts(keyword)) for keyword in keywords]

    def find(text: str) -> str | None:
        in_text = _words(text)
        return next((keyword for keyword, parts in wanted if _contains(in_text, parts)), None)

    return find


def _parts(keyword: str) -> list[tuple[str, bool]]:
    """(text, whether it is only the beginning of a word) for each word of a keyword."""
    parts = []
    for written in keyword.split():
        is_beginning = written.endswith("*")
        inside = _words(written)
        if not inside or "*" in written[:-1] or (is_beginning and len(inside[-1]) < _LEAST):
            raise UsageError(
                f"cannot be watched for: {keyword[:60]!r}",
                hint="Write a word, or the beginning of one as in сот*",
            )
        parts += [
            (word, is_beginning and number == len(inside))
            for number, word in zip(count(1), inside, strict=False)
        ]
    if not parts:
        raise UsageError("an empty keyword", hint="Write a word, or the beginning of one as in сот*")
    return parts


def _words(text: str) -> list[str]:
    return words(_MARKS.sub("", unicodedata.normalize("NFC", text)).translate(_VARIANTS))


def _contains(in_text: Sequence[str], parts: Sequence[tuple[str, bool]]) -> bool:
    return any(
        all(
            word.startswith(part) if is_beginning else word == part
            for word, (part, is_beginning) in zip(in_text[start:], parts, strict=False)
        )
        for start in range(len(in_text) - len(parts) + 1)
    )
