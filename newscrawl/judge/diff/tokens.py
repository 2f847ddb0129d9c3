"""A text split into the words, numbers and marks a reader sees, with their spacing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from unicodedata import is_normalized

from newscrawl.text import normal

# Letters that are words by themselves: Han, kana, and their compatibility forms.
_IDEOGRAPH = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARK = "\u0300-\u036f\u0483-\u0487"
# Letters by their number, but written for an apostrophe: "oʻzbek", "bogʻ".
_APOSTROPHE = "\u02b9-\u02bd\u02c8"
_LETTER = rf"(?:[^\W\d_{_IDEOGRAPH}{_APOSTROPHE}]|[{_MARK}])"
_TOKEN = re.compile(
    rf"(?P<lead>\s*)(?P<core>"
    rf"[{_IDEOGRAPH}]"
    # Spaces may group thousands: 1 500 000 is one number.
    r"|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)(?:[.,]\d+)?"
    r"|\d+(?:[.,:]\d+)*"
    rf"|{_LETTER}+(?:['\u2018\u2019{_APOSTROPHE}]{_LETTER}+)*"
    r"|(?P<same>\S)(?P=same)*)"
)
LONGEST = 400_000
"""Letters of two texts together that are compared word by word: a second of work, inside a transaction."""

Keys = tuple[str, ...]  # of the tokens of a text, see `keys`

_WORD = 40  # characters of a token whose key is remembered
_PLAIN = dict.fromkeys(map(ord, "\u02b9\u02ba\u02bb\u02bc\u02bd\u02c8"), "'")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_SPACE_IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark: `lead` is the space before it, `core` its characters, `key` the form compared."""

    lead: str
    core: str
    key: str

    @property
    def is_word(self) -> bool:
        """Whether it is a word or a number, not a mark."""
        return self.key[0].isalnum()

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        return self.core[0].isdecimal()


def tokens(text: str) -> list[Token]:
    """The tokens of a text; their leads and cores joined are the text without the space at its end.

    Keys ignore spacing, the style of quotation marks, apostrophes and dashes, and spaces that group digits.
    """
    return [Token(m["lead"], m["core"], _key(m["core"])) for m in _TOKEN.finditer(text)]


def keys(text: str) -> Keys:
    """The keys of the tokens of a text, without the tokens: faster, for whole pages."""
    return tuple(_key(core) if len(core) > _WORD else _known_key(core) for _, core, _ in _TOKEN.findall(text))


def too_long(one: str | None, other: str | None) -> bool:
    """Whether two texts are together too long to be compared word by word; the longest real articles have 100 000 letters."""
    return len(one or "") + len(other or "") > LONGEST


def same_to_reader(one: str | None, other: str | None) -> bool:
    """Whether two texts have the same words, numbers and marks in the same order, whatever the typesetting.

    Of texts that are `too_long` only spacing does not count.
    """
    if one == other:
        return True
    if too_long(one, other):
        return (one or "").split() == (other or "").split()
    first, second = normal(one), normal(other)
    return first == second or keys(first) == keys(second)


def _key(core: str) -> str:
    if not core.isascii():
        core = core.translate(_PLAIN)
    if core in ",." or (core.isalnum() and is_normalized("NFKC", core)):
        return core  # the fast way for most tokens: normal() would not change them
    key = normal(core) or core
    if key[0] == "-":
        return "-"
    return _SPACE_IN_NUMBER.sub("", key) if key[0].isdecimal() else key


_known_key = lru_cache(maxsize=20_000)(_key)


def words_of(keys: Keys) -> int:
    """How many of the tokens are words or numbers."""
    return sum(key[0].isalnum() for key in keys)


def stretches(keys: Keys) -> list[Keys]:
    """A line cut at its marks."""
    parts = groupby(keys, key=lambda key: key[0].isalnum())
    return [tuple(part) for is_word, part in parts if is_word]


def parts_of(keys: Keys) -> list[Keys]:
    """A line cut at its marks, and between words and numbers."""
    parts = groupby(keys, key=lambda key: key[0].isalpha() - key[0].isdecimal())
    return [tuple(part) for kind, part in parts if kind]


def share_kept(old: Keys, new: Keys) -> float:
    """The share of words that both lines have, of the shorter one: a sentence more or fewer replaces none; 0 to 1."""
    one, other = ([key for key in side if key[0].isalnum()] for side in (old, new))
    return (Counter(one) & Counter(other)).total() / max(min(len(one), len(other)), 1)


def sentences_of(text: str) -> list[str]:
    """A paragraph cut behind the marks that end sentences; abbreviations are cut as well."""
    return [part for part in _SENTENCE_END.split(text) if part]


def folded(text: str) -> Keys:
    """The keys of a text in lower case."""
    return tuple(key.casefold() for key in keys(text))


def occurrences(keys: Keys, wanted: Keys) -> int:
    """How often a line of keys stands in another."""
    if not wanted or len(wanted) > len(keys):
        return 0
    return sum(keys[i : i + len(wanted)] == wanted for i in range(len(keys) - len(wanted) + 1))


def text_of(part: Sequence[Token]) -> str:
    """The text of tokens as it was written."""
    return "".join(token.lead + token.core for token in part)
