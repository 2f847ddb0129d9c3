"""The words of a text as search compares them: where each stands, folded, and what it may be looked up by.

The language of a text says how its words are cut to stems; that of a query is not known, so a word of a query stands for
the stems it has in each language whose letters it is written in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from newscrawl.search import kazakh

# Scripts without spaces between words: each sign is a word, and a word of a query a phrase of signs.
_SIGNS = "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
# Marks belong to the word they stand in: accents, vowels of Hebrew, Arabic and the scripts of India.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_LETTER = rf"[^\W_{_SIGNS}]"
_WORD = re.compile(rf"[{_SIGNS}]|{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*")
_FOLDED = {ord("ё"): "е", 0x301: None, 0x300: None}  # dictionaries write the stress

# Languages of texts by their code, with the stemmer of each.
_SNOWBALL = {
    "ru": "russian", "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese",
    "nl": "dutch", "sv": "swedish", "no": "norwegian", "da": "danish", "fi": "finnish", "hu": "hungarian", "ro": "romanian",
    "tr": "turkish", "pl": "polish", "cs": "czech", "el": "greek", "hy": "armenian", "ar": "arabic", "fa": "persian",
    "hi": "hindi", "id": "indonesian", "lt": "lithuanian", "et": "estonian", "sr": "serbian",
}  # fmt: skip
# What a word of a query is cut as, by its letters, beside the languages the archive has.
_CYRILLIC = ("ru", "kk")
_LATIN = ("en",)
_LONGEST = 64  # letters of a word that count: longer ones are addresses and noise

# Surnames whose endings Russian's stemmer takes for a case of something else: Токаев -> тока, Токаева -> токаев.
_SURNAME = re.compile(r".{2,}(?:ов|ев|ин|ын)")


class Token(NamedTuple):
    """One word of a text: its folded form, and the characters it takes of the text."""

    word: str
    start: int
    end: int


class Stemmed(NamedTuple):
    """One word of a text: its stem, and the characters it takes of the text."""

    stem: str
    start: int
    end: int


def fold(text: str) -> str:
    """The form in which letters are compared: compatible signs are one, no capitals, ё is е, no accents of stress."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED))


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order."""
    for found in _WORD.finditer(text):
        yield Token(fold(found[0])[:_LONGEST], found.start(), found.end())


def stems(text: str, language: str | None) -> list[str]:
    """The stems of a text's words in order, by its language."""
    code = of_text(text, language)
    return [_stem_of(word, code) for word in _WORD.findall(text)]


def stemmed(text: str, language: str | None) -> list[Stemmed]:
    """The same, each with where its word stands."""
    code = of_text(text, language)
    return [Stemmed(_stem_of(found[0], code), *found.span()) for found in _WORD.finditer(text)]


@lru_cache(maxsize=262144)
def _stem_of(word: str, language: str) -> str:
    """The stem of a word as it is written. Kept, because most words of a text stood in others: four of five steps are saved."""
    return stem(fold(word)[:_LONGEST], language)


def of_text(text: str, language: str | None) -> str:
    """The language that a text's words are cut by: the one stated, else by its letters; kk where only Kazakh has them."""
    code = (language or "").casefold().replace("_", "-").split("-")[0]
    if code in _SNOWBALL or code == "kk":
        return code
    if code:
        return code  # no stemmer: words count as they are written
    sample = text[:2000].casefold()
    if any(letter in kazakh.OWN_CYRILLIC for letter in sample):
        return "kk"
    if any("а" <= letter <= "я" for letter in sample):
        return "ru"
    return "en" if any("a" <= letter <= "z" for letter in sample) else ""


@lru_cache(maxsize=65536)
def stem(word: str, language: str) -> str:
    """The stem of a folded word in a language; the word itself where no rules for it are known."""
    cyrillic = "Ѐ" <= word[:1] <= "ӿ"
    if cyrillic and any(letter in kazakh.OWN_CYRILLIC for letter in word):
        return kazakh.stem(word)  # also in Russian texts: no other language here has these letters
    if language == "kk":
        return kazakh.stem(word)
    if cyrillic != (language in ("ru", "sr")):
        # A foreign name in other letters: Russian in an English text, English in a Russian one.
        language = (
            "ru" if cyrillic and language in _SNOWBALL else "en" if language in ("ru", "sr") else language
        )
    name = _SNOWBALL.get(language)
    return str(_stemmer(name).stemWord(word)) if name else word


def candidates(word: str, languages: Collection[str] = ()) -> frozenset[str]:
    """The stems that a folded word of a query may have in texts; `languages` are those the archive has."""
    if not word.isalpha():
        return frozenset((word,))
    if "Ѐ" <= word[:1] <= "ӿ":
        asked = {*_CYRILLIC, *(code for code in languages if code == "sr")}
    elif any(letter in kazakh.OWN_LATIN for letter in word):
        asked = {"kk", *_LATIN, *languages}
    else:
        asked = {*_LATIN, *languages} if languages else {*_LATIN}
    found = {stem(word, code) for code in asked}
    if "ru" in asked:
        found |= _surnames(word)
    return frozenset(found)


def _surnames(word: str) -> set[str]:
    """Both stems that a surname has, whichever of its cases it is asked in."""
    once = stem(word, "ru")
    if _SURNAME.fullmatch(word):
        return {word}
    return {stem(once, "ru")} if _SURNAME.fullmatch(once) else set()


@lru_cache(maxsize=64)
def _stemmer(name: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(name)
