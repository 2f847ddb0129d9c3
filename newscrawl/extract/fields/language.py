"""The article's language: the declared tag, checked against the text's letters (Cyrillic) and common words (Latin)."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.data.jsonld import text_of
from newscrawl.extract.data.structured import Structured
from newscrawl.extract.fields.candidate import Candidate, Choice

if TYPE_CHECKING:
    from collections.abc import Collection

    from newscrawl.extract.page.tree import Page

SAMPLE = 20_000  # characters examined
_TAG = re.compile(r"^\s*([a-zA-Z]{2,3})(?:[-_][\w-]{1,20})?\s*$")
_CODES = {
    "nb": "no", "nn": "no", "iw": "he", "in": "id", "eng": "en", "rus": "ru", "kaz": "kk", "deu": "de", "ger": "de", "fra": "fr",
    "kz": "kk", "qz": "kk", "ua": "uk", "by": "be", "kg": "ky", "jp": "ja", "cn": "zh", "kir": "ky", "uzb": "uz", "ukr": "uk",
    "spa": "es", "zho": "zh", "chi": "zh", "jpn": "ja", "tgk": "tg", "gr": "el", "cz": "cs", "tat": "tt", "en-us": "en",
}  # fmt: skip
# Common words that distinguish languages in Latin letters, whose letters alone do not.
_COMMON: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "en": "the of and to in that is was for on with as it by at from his has have are be this not who which said",
        "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es werden aus wurde",
        "fr": "le la les de des et en un une du que est dans pour qui par sur au pas plus avec ce il sont ses",
        "es": "el la los de que y en un una del se las por con para su al es lo como más pero fue este",
        "pt": "o a os de que e do da em um uma para com não no na se por mais as dos como foi ao pelo",
        "it": "il la di che e un una in per del della con non sono le da si al dei nel alla anche più ha gli",
        "nl": "de het een van en in is dat op te zijn voor met die niet aan er om ook door bij naar",
        "pl": "w i na z nie się do to że jest o jak po od za przez dla oraz są ale który został",
        "cs": "a v se na je že s z do o k i by jsou za pro jako ve podle po které který ale také",
        "sv": "och att i det som en på är av för med den till inte om ett har de var från vid",
        "no": "og i det på som er en til av for med at har de ikke den et om var fra etter",
        "da": "og i det at er en til af på for med som der de ikke den har et om var fra efter ved",
        "fi": "ja on ei se että oli myös ovat hän mukaan kun kuin joka mutta sen vuoden",
        "hu": "a az és hogy nem is egy volt meg ez azt csak mint már szerint de el",
        "ro": "și în de la a cu pe că din care nu o un pentru mai este au fost sau prin",
        "tr": "ve bir bu için ile da de olarak olan çok daha gibi sonra kadar ise ancak en göre var",
        "az": "və bir bu ilə üçün olan də da ki edib olub deyib görə həmin daha isə bildirib",
        "uz": "va bilan bu uchun ham bir edi deb esa boʻlgan bo‘lgan bo'lgan shu oʻzbekiston haqida yil keyin",
        "kk": "jäne jane üşin úshin ushin men bul degen boldy bolyp bılam bojynşa boiynşa boıynsha týraly turaly qazaqstan "
        "tenge da de edi jyly jañalyq zhane dep osy bolatyn qalasynda",
        "id": "yang dan di dari untuk dengan pada ini itu dalam tidak akan oleh telah juga adalah ke bahwa",
        "vi": "và của là có được cho trong không các một với người những đã này khi để",
        "zu": "ukuthi futhi kodwa uma noma ngoba kanye lokhu nge wathi",
        "xh": "ukuba kwaye xa okanye kunye ukuze kodwa oku into",
    }.items()
}


def language(page: Page, data: Structured, text: str, fallback: str | None) -> Choice[str]:
    """The two-letter code (lower case, no region). If text and tag clearly disagree, the text wins; `fallback` comes last."""
    declared = [Candidate(code, origin) for tag, origin in _declared(page, data) if (code := code_of(tag))]
    if fallback and (code := code_of(fallback)):
        declared.append(Candidate(code, "rules"))
    read = by_text(text)
    if read is None and declared and not _may_be_written(text, declared[0].value):
        refused = tuple(d.refused("the text has other letters") for d in declared)
        return Choice(None, refused, "the text is not in the letters of the declared language")
    if read is None:
        return Choice(
            declared[0] if declared else None, tuple(declared), "declared; too little text to check"
        )
    if read in [d.value for d in declared]:
        agreeing = next(d for d in declared if d.value == read)
        return Choice(agreeing, (*declared, Candidate(read, "letters")), "declared, and the text agrees")
    if not declared or _contradicts(text, declared[0].value, read):
        won = Candidate(read, "letters")
        return Choice(won, (won, *declared), "the text decides")
    return Choice(
        declared[0], (*declared, Candidate(read, "letters")), "declared; the text does not contradict it"
    )


# Languages whose letters are certain; those that are written in two scripts are in neither set.
_CYRILLIC_ONLY = frozenset({"ru", "uk", "be", "bg", "mk", "ky", "tg", "tt", "mn", "ba", "cv"})
_LATIN_ONLY = frozenset({"en", "de", "fr", "es", "pt", "it", "nl", "pl", "cs", "sv", "no", "da", "fi", "hu", "ro", "tr", "id", "vi"})  # fmt: skip
CLEAR = 0.9  # share of the letters that makes a text's script clear
FEWEST = 60  # letters


def _may_be_written(text: str, declared: str) -> bool:
    """Whether a text's letters can be those of the declared language; True where they are few or mixed."""
    scripts = _scripts(_characters(text[:SAMPLE].lower()))
    letters = sum(scripts.values())
    if letters < FEWEST:
        return True
    script, count = scripts.most_common(1)[0]
    if count < CLEAR * letters or script not in ("latin", "cyrillic"):
        return True
    return declared not in (_CYRILLIC_ONLY if script == "latin" else _LATIN_ONLY)


def code_of(tag: str | None) -> str | None:
    """The code in a language tag: "ru-KZ" -> "ru", "kz" -> "kk"; None if it is not a language tag."""
    match = _TAG.match(tag or "")
    if not match:
        return None
    code = match.group(1).lower()
    code = _CODES.get(code, code)
    return code if code not in ("und", "xx", "mul", "zxx") else None


def _declared(page: Page, data: Structured) -> list[tuple[str, str]]:
    found = [
        (
            page.tree.get("lang") or page.tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
            "html lang",
        )
    ]
    found += [(text_of(v), "json-ld") for v, _ in data.values("inLanguage")]
    found += [
        (v, n) for n, v in data.meta("og:locale", "content-language", "dc.language", "language", "inlanguage")
    ]
    body = next(page.tree.iter("body"), None)
    found.append((body.get("lang") or "" if body is not None else "", "body lang"))
    return [(v, o) for v, o in found if v]


def by_text(text: str) -> str | None:
    """The language by letters and common words; None if they do not decide."""
    sample = text[:SAMPLE].lower()
    scripts = _scripts(_characters(sample))
    letters = sum(scripts.values())
    if letters < 12:
        return None
    script, count = scripts.most_common(1)[0]
    if count < 0.5 * letters:
        return "ja" if scripts["kana"] > 0.05 * letters else None
    if script == "cyrillic":
        return _cyrillic(sample, count)
    if script == "latin":
        return _latin(sample)
    if script == "arabic":
        return _arabic(sample, count)
    if script == "devanagari":
        return next(
            (code for word, code in ((" आहे", "mr"), (" छ ", "ne"), (" है", "hi")) if word in sample), None
        )
    return {"han": "ja" if scripts["kana"] > 0.05 * letters else "zh", "kana": "ja", "hangul": "ko", "greek": "el",
            "hebrew": "he", "thai": "th", "georgian": "ka", "armenian": "hy", "tamil": "ta", "bengali": "bn"}.get(script)  # fmt: skip


_RANGES = (("latin", 0x41, 0x24F), ("latin", 0x1E00, 0x1EFF), ("greek", 0x370, 0x3FF), ("cyrillic", 0x400, 0x52F),
           ("armenian", 0x530, 0x58F), ("hebrew", 0x590, 0x5FF), ("arabic", 0x600, 0x77F), ("devanagari", 0x900, 0x97F),
           ("bengali", 0x980, 0x9FF), ("tamil", 0xB80, 0xBFF), ("thai", 0xE00, 0xE7F), ("georgian", 0x10A0, 0x10FF),
           ("kana", 0x3040, 0x30FF), ("han", 0x3400, 0x9FFF), ("hangul", 0xAC00, 0xD7AF))  # fmt: skip


@lru_cache(maxsize=4)
def _characters(sample: str) -> Counter[str]:
    """How often each character stands in a sample; every rule of one text asks."""
    return Counter(sample)


def _scripts(characters: Counter[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for char, number in characters.items():
        if char.isalpha() and (script := _script_of(char)):
            counts[script] += number
    return counts


@cache
def _script_of(letter: str) -> str | None:
    return next((script for script, low, high in _RANGES if low <= ord(letter) <= high), None)


def _cyrillic(sample: str, count: int) -> str | None:
    """The language by letters that only some languages have; shares are of all Cyrillic letters.

    Kazakh text has about 20 % Kazakh letters, Russian text with Kazakh names well under 1 %.
    """
    seen = _characters(sample)

    def share(letters: str) -> float:
        return sum(seen[c] for c in letters) / count

    if share("әғқңөұүһі") > 0.04 and share("қғәұ") > 0.015 and share("ўҳҷӣӯ") < 0.005:
        return "kk"
    if share("ўҳ") > 0.008 and share("қғ") > 0.004:
        return "uz"
    if share("ҷӣӯҳ") > 0.008:
        return "tg"
    if share("әөүҗңһ") > 0.03 and share("қғұ") < 0.002 and share("әҗ") > 0.005:
        return "tt"
    if share("ңөү") > 0.015 and share("әғқұі") < 0.004:
        return "ky" if share("ң") > 0.001 else "mn"
    if share("їє") > 0.004 or (share("і") > 0.02 and share("ґї") > 0.0005 and share("ў") < 0.002):
        return "uk"
    if share("ў") > 0.005 and share("і") > 0.02:
        return "be"
    if share("ѓќѕ") > 0.001 and share("ј") > 0.01:
        return "mk"
    if share("јљњђћџ") > 0.01:
        return "sr"
    if share("ыэё") > 0.008:
        return "ru"
    if share("ъ") > 0.008 and share("ыэ") < 0.001:
        return "bg"
    return None


def _arabic(sample: str, count: int) -> str:
    """Urdu and Persian by letters that Arabic does not have; shares are of all letters of the script."""
    seen = _characters(sample)
    if sum(seen[c] for c in "ٹڈڑےں") > 0.01 * count:
        return "ur"
    return "fa" if sum(seen[c] for c in "پچژگ") > 0.01 * count else "ar"


def _by_latin_letters(sample: str) -> str | None:
    """Turkic languages by letters that no neighbour has; short texts have few common words, and such words are short."""
    seen = _characters(sample)
    letters = sum(number for c, number in seen.items() if c.isalpha())
    if letters < FEWEST:
        return None
    if seen["ə"] > 0.02 * letters:
        return "az"
    marked = _UZBEK.findall(sample) if any(seen[c] for c in "ʻ‘’'`ʼ") else []
    if len(marked) > 0.008 * letters and len(set(marked)) == 2:
        return "uz"
    if seen["ı"] + seen["ğ"] > 0.02 * letters and not any(seen[c] for c in "qwxäñŋūáń"):
        return "tr"
    return None


_UZBEK = re.compile(r"([og])[ʻ‘’'`ʼ](?=[a-z]{2})")  # "dog's" is English


_WORD = re.compile(r"[^\W\d_]+")
_WORD_JOINED = re.compile(r"[^\W\d_]+(?:['’ʻ‘][^\W\d_]+)?")


def _latin(sample: str) -> str | None:
    if (code := _by_latin_letters(sample)) is not None:
        return code
    words = Counter(word[0] for word in islice(_WORD_JOINED.finditer(sample), 2000))
    total = sum(words.values())
    if total < 12:
        return None
    shares = sorted(((_count(words, common) / total, code) for code, common in _COMMON.items()), reverse=True)
    (best, code), (second, _) = shares[0], shares[1]
    # Languages that attach small words to the next one have few common words.
    plain = best >= 0.06 and (best > 1.25 * second or best - second > 0.05)
    return code if plain or (best >= 0.03 and best > 2.5 * second and total >= 60) else None


def _count(words: Counter[str], common: Collection[str]) -> int:
    """How often the common words occur. A Counter itself answers a missing word slowly."""
    return sum(words.get(word, 0) for word in common)


def _contradicts(text: str, declared: str, read: str) -> bool:
    """Whether a text detected as `read` cannot be `declared`: another script or letters, or few of its common words."""
    if not _may_be_written(text, declared):
        return True
    cyrillic = ("ru", "kk", "ky", "uz", "tg", "tt", "uk", "be", "bg", "sr", "mk", "mn")
    sample = text[:SAMPLE].lower()
    if read in cyrillic and _scripts(_characters(sample)).most_common(1)[0][0] == "cyrillic":
        return True
    if _by_latin_letters(sample) == read:
        return True
    if declared in _COMMON:
        words = Counter(word[0] for word in islice(_WORD.finditer(sample), 2000))
        total = sum(words.values()) or 1
        mine = _count(words, _COMMON[declared]) / total
        theirs = _count(words, _COMMON.get(read, frozenset())) / total
        return read not in _COMMON or theirs > 2 * mine
    return read not in _COMMON
