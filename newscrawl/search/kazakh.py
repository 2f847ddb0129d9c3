"""The stem of a Kazakh word, in Cyrillic or Latin letters: its inflectional suffixes are cut, nothing else.

No library that may be used here does this: Snowball has no Kazakh, and the published stemmers are under the GPL or come
without their data. The rules are those of the grammar (plural, possessive, case and the common endings of verbs, one behind
the other, each in the variants that vowel harmony and the consonant before it ask for; see K. Bekmaganbetova and others,
"Kazakh grammar", and Wiktionary's declension tables, from which the words of the tests were checked by hand).

A suffix is cut only where its vowels go with the last vowel of what remains, and its first consonant with the last letter
of it: so "президенті" loses "і" and not "ті", and "алты" (six) loses nothing. Suffixes are cut until none is left, so that
whatever form a word stands in, the same stem remains. Derivation (-лық, -шы, -сыз) makes other words and is left.
"""

from __future__ import annotations

from functools import lru_cache

_BACK = frozenset("аоұыёя")
_FRONT = frozenset("әеөүіэ")
_EITHER = frozenset("иую")  # stand with vowels of both kinds
_VOWELS = _BACK | _FRONT | _EITHER
_VOICELESS = frozenset("пткқсшщчцфхһбвгд")  # the last four in loan words and where a word ends: клубқа
_NASAL = frozenset("мнң")
_SONORANT = frozenset("лрйу")
_VOICED = frozenset("зжбвгд")
_CONSONANT = _VOICELESS | _NASAL | _SONORANT | _VOICED | {"ғ"}

# What may stand before a suffix, by its first letter's kind.
_AFTER_SOFT = _VOWELS | _SONORANT | _VOICED | _NASAL
_AFTER_POSSESSIVE = frozenset("ыі")


def _pair(back: str) -> tuple[str, str]:
    """A suffix with back vowels and the same with front ones."""
    return back, back.translate(str.maketrans("аығқ", "еігк"))


# Each suffix with the letters it may stand behind and the fewest letters that must remain.
_RULES: tuple[tuple[str, frozenset[str], int], ...] = (
    # plural
    ("лар", _VOWELS | frozenset("рйу"), 2),
    ("дар", _NASAL | frozenset("лзжвбгд"), 2),
    ("тар", _VOICELESS, 2),
    # possessive of several, and polite
    ("ымыз", _CONSONANT, 3),
    ("ыңыз", _CONSONANT, 3),
    ("мыз", _VOWELS, 3),
    ("ңыз", _VOWELS, 3),
    # possessive of the third person, alone or before a case
    ("сы", _VOWELS, 3),
    ("сын", _VOWELS, 3),
    ("ын", _CONSONANT, 4),
    ("ы", _CONSONANT, 2),
    # genitive, accusative, dative, locative, ablative, instrumental
    ("ның", _VOWELS | _NASAL, 2),
    ("дың", _SONORANT | _VOICED, 2),
    ("тың", _VOICELESS, 2),
    ("ны", _VOWELS, 3),
    ("ды", _SONORANT | _VOICED | _NASAL, 2),
    ("ты", _VOICELESS, 2),
    ("ға", _AFTER_SOFT, 2),
    ("қа", _VOICELESS, 2),
    ("на", _AFTER_POSSESSIVE, 3),
    ("да", _AFTER_SOFT, 2),
    ("та", _VOICELESS, 2),
    ("дан", _VOWELS | _SONORANT | _VOICED, 2),
    ("тан", _VOICELESS, 2),
    ("нан", _NASAL | _AFTER_POSSESSIVE, 2),
    # what is in a place, or of a time
    ("дағы", _AFTER_SOFT, 2),
    ("тағы", _VOICELESS, 2),
    ("ғы", _AFTER_SOFT, 3),
    ("қы", _VOICELESS, 3),
    # verbs: past, participles, present, gerund
    ("ған", _AFTER_SOFT, 2),
    ("қан", _VOICELESS, 2),
    ("йды", _VOWELS, 3),
    ("ады", _CONSONANT, 3),
    ("йтын", _VOWELS, 3),
    ("атын", _CONSONANT, 3),
    ("ып", _CONSONANT, 3),
)
_SUFFIXES = sorted(
    {
        (form, after, least)
        for suffix, after, least in _RULES
        for form in _pair(suffix)
    }
    # The instrumental has one vowel for both kinds of word.
    | {("мен", _VOWELS | _SONORANT | _NASAL, 2), ("бен", frozenset("зж"), 2), ("пен", _VOICELESS, 2)},
    key=lambda rule: (-len(rule[0]), rule[0]),
)  # fmt: skip
_UNVOICED = str.maketrans("бгғ", "пкқ")

# The Latin alphabet of 2021 and the letters of the drafts before it.
_LATIN = {
    "sh": "ш", "ch": "ч", "a": "а", "ä": "ә", "á": "ә", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "ğ": "ғ",
    "ǵ": "ғ", "h": "х", "i": "и", "ı": "і", "j": "ж", "k": "к", "l": "л", "m": "м", "n": "н", "ñ": "ң", "ń": "ң", "o": "о",
    "ö": "ө", "ó": "ө", "p": "п", "q": "қ", "r": "р", "s": "с", "ş": "ш", "t": "т", "u": "у", "ū": "ұ", "ü": "ү", "ú": "ү",
    "v": "в", "w": "у", "x": "х", "y": "ы", "ý": "у", "z": "з",
}  # fmt: skip
OWN_LATIN = frozenset("äáğǵıñńöóşūüúý")  # letters that tell Kazakh in Latin from English
OWN_CYRILLIC = frozenset("әғқңөұүһі")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a word in lower case; a word in Latin letters gets that of its Cyrillic spelling."""
    if not word or not word.isalpha():
        return word
    if word[0] < "\u0250":
        word = cyrillic(word)
    while (shorter := _cut(word)) is not None:
        word = shorter
    return _final(word)


def cyrillic(word: str) -> str:
    """A word in Kazakh's Latin letters, spelled in Cyrillic ones."""
    letters, at = [], 0
    while at < len(word):
        size = 2 if word[at : at + 2] in _LATIN else 1
        letters.append(_LATIN.get(word[at : at + size], word[at]))
        at += size
    return "".join(letters)


def _cut(word: str) -> str | None:
    """The word without its last suffix, None if it has none."""
    for suffix, after, least in _SUFFIXES:
        if not word.endswith(suffix):
            continue
        rest = word[: -len(suffix)]
        sound = rest.rstrip("ьъ")[-1:]  # the signs of Russian words are not heard
        if len(rest) >= least and sound and sound in after and _is_word(rest) and _goes_with(suffix, rest):
            return rest
    return None


def _is_word(rest: str) -> bool:
    """Whether what remains may be a word: of two letters only a vowel and a consonant behind it, as in "ел" or "ат"."""
    if len(rest) == 2:
        return rest[0] in _VOWELS and rest[1] not in _VOWELS
    return any(letter in _VOWELS for letter in rest)


def _goes_with(suffix: str, rest: str) -> bool:
    """Vowel harmony: the suffix has vowels of the kind of the last one before it."""
    if suffix in ("мен", "бен", "пен") or rest.endswith("ев"):  # Тоқаевтың: said as it sounds
        return True
    last = next((letter for letter in reversed(rest) if letter in _VOWELS), "")
    if last in _EITHER or last == "я":  # loan words: Азияға, министрге, ғылымиды
        return True
    own = next(letter for letter in suffix if letter in _VOWELS)
    return (own in _BACK) == (last in _BACK)


def _final(word: str) -> str:
    """One form for what a stem's end becomes before a vowel: кітап, кітаб(ы); халық, халқ(ы); жылқы, жылқ(ының)."""
    if len(word) > 3 and word[-1] in "ыі":
        word = word[:-1]
    if len(word) > 3 and word[-1] in "бгғ":
        word = word[:-1] + word[-1].translate(_UNVOICED)
    if len(word) > 3 and word[-2] in "ыі" and word[-1] not in _VOWELS and word[-3] not in _VOWELS:
        word = word[:-2] + word[-1]
    return word
