"""Slugs of headlines for addresses, transliterated as a Central Asian CMS does it."""

from __future__ import annotations

import re
from urllib.parse import quote

_LATIN = "a b v g d e e zh z i j k l m n o p r s t u f h c ch sh sch . y . je ju ja ae gh q ng oe u ue h i"
_LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі",
        _LATIN.split(),
        strict=True,
    )
)


def latin_slug(headline: str, longest: int = 80) -> str:
    """Lower-case Latin words joined by hyphens, cut at a word's end near `longest` characters."""
    letters = "".join(_LETTERS.get(letter, letter) for letter in headline.lower()).replace(".", "")
    words = re.findall(r"[a-z0-9]+", letters.replace("'", "").replace("’", ""))
    slug = "-".join(words)
    return slug if len(slug) <= longest else slug[: slug.rindex("-", 0, longest + 1)]


def native_slug(headline: str, longest: int = 40) -> str:
    """The headline's own letters, percent-encoded, as in addresses of the Kazakh edition."""
    words = re.findall(r"\w+", headline.lower())
    kept: list[str] = []
    for word in words:
        if sum(map(len, kept)) + len(kept) + len(word) > longest:
            break
        kept.append(word)
    return quote("-".join(kept))
