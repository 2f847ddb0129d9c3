"""Names in a string: taken apart, cleaned, and told from roles, dates, handles and organizations. Knows no page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.extract.credits import unlabelled
from newscrawl.extract.lines import name_key, one_line, squash
from newscrawl.extract.phrases import AGENCIES, ORGANISATION, labelled
from newscrawl.model import Author

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_AUTHORS = 30
_AND = re.compile(
    r"\s*(?:;|\||\s/\s|/(?=[^\W\d_])|&|\n|•|·|、|，|，)\s*|\s+(?:and|und|et|y|og|och|und|и|та|және|jäne|jane|ve|va|en|e|oraz|ja)\s+",
)
_ROLE_INSIDE = re.compile(
    r"[,;.]?\s*\b(?P<words>photos?(?:graphs?|graphy)? by|photographs? (?:by|von)|photo:|with photographs by|foto(?:s)?(?: von)?:"
    r"|фото:|фото —|фотограф:?|сурет:|суретті түсірген:?|translated by|перевод:|аударған:?|edited by|illustrations? by"
    r"|редактор:?|video by|videography by)\s*",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"^(?:original authors?|story by|written by|words by|text by|reporting by|report by|posted by|by|von|par|por|door|di|автор(?:ы)?"
    r"(?: текста| материала| статьи)?|текст|авторы|автордың аты(?:-жөні)?|мәтін|autor(?:in)?|auteur|autore|author|avtor|tekst|de|av|af"
    r"|analysis by|opinion by|interview by|interview|ein gastbeitrag von|ein kommentar von|eine analyse von|una cronaca di|записал[аи]?"
    r"|беседовал[аи]?|подготовил[аи]?|an analysis by|exclusive by|review by|reviewed by)\b\s*[:：]?\s*",
    re.IGNORECASE,
)
_TITLES = re.compile(
    r"(?:^|[\s,(|–—-]+)(?:(?:senior|staff|chief|special|guest|political|foreign|national|business|sports?|science|health|tech|"
    r"technology|culture|world|deputy|managing|executive|associate|assistant|international|diplomatic|security|investigative|freelance|"
    r"former|our|media|data)\s+){0,3}"
    r"(?:correspondent|reporter|journalist(?:in)?|editor(?:-in-chief)?|writer|columnist|contributor|producer|author|staff|(?:chef)?redakteur(?:in)?"
    r"|korrespondent(?:in)?|reporterin|journaliste|корреспондент|журналист(?:ка)?|обозреватель|редактор|тілші|журналисі|автор|колумнист)"
    r"(?:\s+(?:at|for|of|in|bei|der|des|von|chez|отдела|редакции)\s+.{0,60})?$",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\w+|@\w{2,}|\((?:[^()]{0,60})\)|\[[^\[\]]{0,60}\]|<[^<>]{0,100}>",
    re.IGNORECASE,
)
_TAIL_DATE = re.compile(
    r"\s*[,|•·–—-]?\s*(?:\b(?:on|am|le|updated|published|posted)\b.{0,60}|\d{1,2}[./:\s-]\S.{0,40}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|"
    r"oct|nov|dec)\w{0,6}\.? \d{1,2},? .{0,20})$",
    re.IGNORECASE,
)
_PARTICLES = {"von", "van", "de", "der", "den", "di", "da", "del", "della", "la", "le", "el", "al", "bin", "ibn", "ben", "bint", "dos",
              "du", "ter", "ten", "zu", "zur", "zum", "y", "e", "st", "mac", "af", "av", "ул", "қызы", "ұлы", "оглы", "кызы", "углы",
              "uly", "qyzy", "kyzy", "oglu", "qizi", "o‘g‘li", "i", "dr", "jr", "sr", "ii", "iii"}  # fmt: skip
_SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "phd", "ph.d.", "md", "m.d."}


def credits_of(text: str, known: set[str], *, person: bool = False) -> list[Author]:
    """All credits in one string: "By A and B", "X, photo by Y", "Original Author: Z", "Reuters".

    `known` are folded names of the outlet (lines.name_key). `person` says that the source itself
    states a person: then a single or lower-case name is believed.
    """
    text = one_line(text)
    if not text or len(text) > 400:
        return []
    parts = unlabelled(text)
    if not parts:
        role, names = labelled(text) or ("author", text)
        parts = tuple(_by_role(names, role))
    found: list[Author] = []
    for part_role, part in parts:
        for name in _split(part):
            kind = _kind(name, known, person)
            if kind:
                found.append(Author(name, part_role, kind))
    return found[:MAX_AUTHORS]


def _by_role(text: str, role: str) -> Iterator[tuple[str, str]]:
    """The parts of a string with their roles: "X, photo by Y" -> (author, "X"), (photographer, "Y")."""
    position = 0
    for match in _ROLE_INSIDE.finditer(text):
        if match.start() > position:
            yield role, text[position : match.start()]
        words, position = match["words"].lower(), match.end()
        role = ("translator" if re.match("transl|перев|ауда", words) else "editor" if re.match("edit|ред", words)
                else "illustrator" if words.startswith("illu") else "videographer" if words.startswith("video")
                else "photographer")  # fmt: skip
    yield role, text[position:]


def _split(text: str) -> Iterator[str]:
    for piece in _AND.split(_NOISE.sub(" ", text)):
        parts = [p.strip() for p in piece.split(",")]
        kept: list[str] = []
        for part in parts:
            if kept and part.lower() in _SUFFIXES:
                kept[-1] += f" {part}"
            else:
                kept.append(part)
        for part in kept:
            name = clean_name(part)
            if name:
                yield name


def clean_name(text: str) -> str:
    """A name without "By", role, place, date, e-mail, handle and stray punctuation."""
    name = one_line(text)
    for _ in range(3):
        stripped = _PREFIX.sub("", name, count=1)
        stripped = _TAIL_DATE.sub("", stripped)
        without_role = _TITLES.sub("", stripped).strip(" ,|–—-")
        if not without_role:
            return ""  # a role without a name
        # "MND Staff" is the outlet's staff, not a person called MND.
        if " " in without_role or re.search(r"[,|–—(-]", stripped):
            stripped = without_role
        if stripped == name:
            break
        name = stripped
    return (
        name.strip(" \t.,;:|/–—-•·*\"'«»“”()[]")
        if not re.search(r"\b[A-ZА-Я]\.$|Jr\.?$", name)
        else name.strip(" ,;:|–—-")
    )


def _kind(name: str, known: set[str], person: bool) -> str | None:
    """The kind of a credited name, "person" or "organization"; None where the text is no credit at all."""
    key = name_key(name)
    if len(key) < 2 or len(name) > 70 or re.search(r"[<>{}=\\^~#]|\d{2,}", name):
        return None
    if (
        key in known
        or key in AGENCIES
        or squash(name) in AGENCIES
        or re.fullmatch(r"[\w-]+\.(?:com|kz|ru|org|net|de|info|media|tv|uz|kg)", name, re.IGNORECASE)
    ):
        return "organization"
    words = name.split()
    if ORGANISATION.search(name):
        return "organization" if name[:1].isupper() or not name[:1].isalpha() or not name.isascii() else None
    if re.search(r"\d", name):
        return None
    if re.search("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", name):
        return "person" if len(name) <= 12 else None
    if len(words) > 6:
        return None
    significant = [w for w in words if w.lower().strip(".") not in _PARTICLES]
    if not significant:
        return None
    cased = any(c.islower() or c.isupper() for c in name)
    capital = (
        all(w[:1].isupper() or not w[:1].isalpha() or w[:2] in ("d'", "d’", "al") for w in significant)
        if cased
        else True
    )
    if person:
        return "person"
    if not capital:
        return None
    return "person" if len(significant) >= 2 or len(words) >= 2 else None
