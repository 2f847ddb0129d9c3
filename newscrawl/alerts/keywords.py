"""Whether a text holds one of the words somebody watches for, whatever its case and form. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import count

from newscrawl.errors import UsageError
from newscrawl.text import words

_LEAST = 2  # letters before an asterisk: with fewer it would match nearly everything

# Stress marks of dictionaries and schoolbooks.
_MARKS = re.compile("[\u0300\u0301]")
# The Turkic İ too: lower-casing would leave its dot as a mark of its own.
_ONE = str.maketrans({"ё": "е", "Ё": "Е", "ı": "i", "İ": "I"})

Matcher = Callable[[str], str | None]


def matcher(keywords: Sequence[str]) -> Matcher:
    """A function that gives the first keyword a text holds, None if it holds none.

    A keyword is a word or several in a row; a word with an asterisk at its end stands for all words that begin so:
    `сот*` finds сот, сотта, сотының, and nothing in "рассот". Letter case, ё for е, stress marks, quotation marks
    and hyphens do not count. Raises UsageError for one that could not match, or would match everything.
    """
    wanted = [(keyword, _parts(keyword)) for keyword in keywords]

    def find(text: str) -> str | None:
        said = _words(text)
        return next((keyword for keyword, parts in wanted if _holds(said, parts)), None)

    return find


def _parts(keyword: str) -> list[tuple[str, bool]]:
    """(beginning or whole word, whether it is a beginning) for each word of a keyword."""
    parts = []
    for written in keyword.split():
        begins = written.endswith("*")
        inside = _words(written)
        if not inside or "*" in written[:-1] or (begins and len(inside[-1]) < _LEAST):
            raise UsageError(
                f"cannot be watched for: {keyword[:60]!r}",
                hint="Write a word, or the beginning of one as in сот*",
            )
        parts += [
            (word, begins and place == len(inside)) for place, word in zip(count(1), inside, strict=False)
        ]
    if not parts:
        raise UsageError("an empty keyword", hint="Write a word, or the beginning of one as in сот*")
    return parts


def _words(text: str) -> list[str]:
    return words(_MARKS.sub("", unicodedata.normalize("NFC", text)).translate(_ONE))


def _holds(said: Sequence[str], parts: Sequence[tuple[str, bool]]) -> bool:
    return any(
        all(
            word.startswith(part) if begins else word == part
            for word, (part, begins) in zip(said[start:], parts, strict=False)
        )
        for start in range(len(said) - len(parts) + 1)
    )
