"""Reads credit lines: splits them into names with roles, cleans the names, and tells persons from organizations."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.dating.written import only_date
from newscrawl.extract.names.name_words import (
    AND,
    BEHIND_DATE,
    BRACKETED_OTHERS,
    BRACKETED_PICTURES,
    BRACKETED_TEXT,
    CJK_LABEL,
    CJK_TAIL,
    FOR_OUTLET,
    GLUED,
    LEADING_ROLE,
    NEWSROOM,
    NO_NAME,
    NOISE,
    PARTICLES,
    POST,
    PREFIX,
    ROLE_ALONE,
    ROLE_INSIDE,
    SHORT_PREFIX,
    SUFFIXES,
    TAIL,
    TITLES,
    WEAK_AND,
)
from newscrawl.extract.page.lines import name_key, one_line, squash
from newscrawl.extract.text.phrases import AGENCIES, ORGANISATION, labelled
from newscrawl.model import Author

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_AUTHORS = 30


def credits_of(text: str, known: set[str], *, person: bool = False) -> list[Author]:
    """All credits in a line: "By A and B", "X, photo by Y", "Original Author: Z", "Reuters".

    `known` are the keys (lines.name_key) of the outlet's names. With `person`, the source itself states a person, so
    that a single or lower-case name is accepted.
    """
    text = _behind_date(one_line(text))
    if not text or len(text) > 400:
        return []
    parts = unlabelled(text)
    if not parts:
        role, names = labelled(text) or ("author", text)
        parts = tuple(_by_role(_unbracketed(names), role))
    found: list[Author] = []
    for part_role, part in parts:
        for text in _split(part):
            pictures = text.endswith(_PICTURES)
            name = without_outlet(text.rstrip(_PICTURES), known)
            kind = _kind(name, known, person)
            if kind:
                found.append(Author(name, "photographer" if pictures else part_role, kind))
    return found[:MAX_AUTHORS]


def stated_credit(text: str, known: set[str]) -> Author | None:
    """The credit in an element that the page itself marks as the author's name, such as a link rel=author.

    So an account ("ada_p"), a single word or a newsroom is a name too; what reads as an invitation ("More by …") is not.
    """
    name = PREFIX.sub("", one_line(text), count=1).strip(" ,;:|–—→-")
    if (
        not 1 < len(name) <= 60
        or NO_NAME.search(name)
        or AND.search(name)
        or re.search(r"[<>{}=\\^~#:：@/,]|\d{3,}", name)
    ):
        return None
    key = name_key(name)
    if key in known or key in AGENCIES or squash(name) in AGENCIES or NEWSROOM.match(name):
        return Author(name, "author", "organization")
    if ORGANISATION.search(name):
        return Author(name, "author", "organization") if _kind(name, known, person=True) else None
    return None if ROLE_ALONE.match(name) else Author(name)


def newsroom(text: str) -> Author | None:
    """The newsroom that a byline names in place of a person ("Автор: Редакция"), an organization; None for other lines."""
    label = labelled(one_line(text))
    name = label[1] if label and label[0] in ("author", "original author") else one_line(text)
    name = PREFIX.sub("", name, count=1).strip(" .,;:|–—-")
    return Author(name, "author", "organization") if NEWSROOM.match(name) and len(name) <= 60 else None


_PICTURES = "\x01"  # stands behind a name with "(photo)" while a line is split


def _unbracketed(text: str) -> str:
    """The line without brackets that state a role: "A (text), B (photo)", "A (with B and C)"."""
    if "(" not in text and "[" not in text:
        return text
    text = BRACKETED_OTHERS.sub(lambda match: f" & {match['names']}", text)
    return BRACKETED_PICTURES.sub(_PICTURES, BRACKETED_TEXT.sub("", text))


def _behind_date(text: str) -> str:
    """What stands behind a date and "by": "Monday 2 March 2026 10:05 by A B" -> "A B"; other lines unchanged."""
    match = (
        BEHIND_DATE.search(text[:120])
        if text[:60].strip("\u2022 |") and any(map(str.isdigit, text[:40]))
        else None
    )
    return text[match.end() :] if match and only_date(text[: match.start()]) else text


def _by_role(text: str, role: str) -> Iterator[tuple[str, str]]:
    """The parts of a string with their roles: "X, photo by Y" -> (author, "X"), (photographer, "Y")."""
    position = 0
    for match in ROLE_INSIDE.finditer(text):
        if match.start() > position:
            yield role, text[position : match.start()]
        words, position = match["words"].lower(), match.end()
        role = ("translator" if re.match("transl|перев|ауда", words) else "editor" if re.match("edit|ред", words)
                else "illustrator" if words.startswith("illu") else "videographer" if words.startswith("video")
                else "photographer")  # fmt: skip
    yield role, text[position:]


def _split(text: str) -> Iterator[str]:
    if CJK_LABEL.match(text):
        # After such a label several names may be separated by spaces alone.
        text = re.sub(r"(?<=[\u3400-\u9fff]{2})\s+(?=[\u3400-\u9fff]{2})", "、", CJK_LABEL.sub("", text))
    for piece in AND.split(NOISE.sub(" ", text)):
        kept: list[str] = []
        for part in (p.strip() for p in piece.split(",")):
            if kept and part.lower() in SUFFIXES:
                kept[-1] += f" {part}"
            elif kept and POST.search(part):
                break  # a post, and what belongs to it
            else:
                kept.append(part)
        for part in kept:
            for name in map(clean_name, _weakly(part)):
                if name:
                    yield name


def _weakly(text: str) -> Iterator[str]:
    """The text split at words that also occur inside names, if each part is a full name ("Ortega y Gasset" is one name)."""
    parts = WEAK_AND.split(text)
    whole = len(parts) > 1 and all(len([w for w in p.split() if w[:1].isupper()]) >= 2 for p in parts)
    yield from parts if whole else [text]


@lru_cache(maxsize=4096)
def clean_name(text: str) -> str:
    """A name without "By", role, place, date, e-mail, handle and stray punctuation."""
    name, picture, _ = text.partition(_PICTURES)
    name = _without_desk(GLUED.sub("", one_line(name)))
    if picture:
        return f"{clean_name(name)}{_PICTURES}"
    for _ in range(3):
        stripped = LEADING_ROLE.sub("", SHORT_PREFIX.sub("", PREFIX.sub("", name, count=1), count=1), count=1)
        stripped = CJK_TAIL.sub("", TAIL.sub("", stripped))
        if len(shorter := FOR_OUTLET.sub("", stripped).split()) >= 2:
            stripped = " ".join(shorter)
        without_role = TITLES.sub("", stripped).strip(" ,|–—-")
        if not without_role:
            return ""  # a role without a name
        # "MND Staff" is the outlet's staff, not a person called MND.
        if " " in without_role or re.search(r"[,|–—(-]", stripped):
            stripped = without_role
        if stripped == name:
            break
        name = stripped
    if re.search(r"\b[A-ZА-Я]\.$|Jr\.?$", name):
        return name.strip(" ,;:|–—-")
    return name.strip(" \t.,;:|/–—-•·・*\"'«»“”()[]【】（）=")


_DESK = re.compile(r"\s+[–—|-]\s+(?=\S)")


def _without_desk(name: str) -> str:
    """A full name without the desk or the outlet behind a dash ("Ann Lee - NPA Harbour Writers" -> "Ann Lee")."""
    left = _DESK.split(name, maxsplit=1)[0]
    return left if left != name and is_full_name(left) else name


def is_full_name(text: str) -> bool:
    """Whether a text is two to four words that may be one person's name."""
    words = text.split()
    return (
        2 <= len(words) <= 4
        and all(w[:1].isupper() or w.lower().strip(".") in PARTICLES for w in words)
        and not ORGANISATION.search(text)
    )


def without_outlet(name: str, known: set[str]) -> str:
    """A full name without the outlet or agency at its end ("Ann Lee The Associated Press" -> "Ann Lee")."""
    words = name.split()
    for count in range(min(4, len(words) - 2), 0, -1):
        tail = " ".join(words[-count:])
        keys = {name_key(tail), name_key(tail.lower().removeprefix("the "))}
        if keys & known or keys & AGENCIES or squash(tail) in AGENCIES:
            return " ".join(words[:-count]).strip(" ,|–—-")
    return name


def _kind(name: str, known: set[str], person: bool) -> str | None:
    """The kind of a credited name, "person" or "organization"; None if the text is not a credit."""
    key = name_key(name)
    if len(key) < 2 or len(name) > 70 or re.search(r"[<>{}=\\^~#:：]|\d{2,}", name) or ROLE_ALONE.match(name):
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
    significant = [w for w in words if w.lower().strip(".") not in PARTICLES]
    if not significant:
        return None
    cased = any(c.islower() or c.isupper() for c in name)
    capital = (
        all(w[:1].isupper() or not w[:1].isalpha() or w[:2] in ("d'", "d’", "al") for w in significant)
        if cased
        else True
    )
    if len(words) == 1 and re.search(r"[._]", name.rstrip(".")) and name == name.lower():
        return None  # an account, not a name
    if person:
        return "person"
    if not capital or NO_NAME.search(name):
        return None
    return "person" if len(significant) >= 2 or len(words) >= 2 else None


# --- credits without a label --------------------------------------------------------------------

_WORD = r"[A-ZА-ЯЁӘҒҚҢӨҰҮҺІÁÄÖÜŞÇĞİÑŞĠÓÚÝ][\w'’ʼ-]*\.?"
_NAME = rf"{_WORD}(?: {_WORD}){{1,3}}"
_NAMES = rf"{_NAME}(?:(?:, | and | и | және | & ){_NAME}){{0,3}}"
_PAIR = re.compile(
    rf"^(?P<writers>{_NAMES})\s*[,;|–—-]\s*(?i:photos?(?: by)?|photographs by|pictures by|фото|фотографии|сурет(?:тер)?"
    rf"|суретті түсірген|суретке түсірген|süret|foto)\s*:?\s+(?P<pictures>{_NAMES})\s*\.?$"
)
_TITLED = re.compile(
    rf"^(?P<writers>{_NAME})\s*[,–—-]\s*(?:(?i:собственный|собкор|специальный|special|staff|own|senior|меншікті|арнайы|наш|our)\s+)?"
    r"(?:(?i:correspondent|reporter|journalist|корреспондент|журналист|обозреватель|спецкор|собкор|тілші)"
    r"(?:,?\s+(?:of |at |for )?\S{1,30}(?: \S{1,20})?)?|(?:\S{2,30} )?(?i:тілшісі|журналисі|меншікті тілшісі))\s*\.?$"
)


# At the beginning of a line that is no more than a byline, also without a colon.
WRITTEN = re.compile(
    r"\s*(?:(?:posted|written|reported) by|(?:geschrieben|verfasst) von|(?:escrito|redactado|publicado|escrita) por"
    r"|(?:écrit|rédigé|publié) par|(?:scritto|pubblicato|redatto) da|geschreven door|skrevet av|skrevet af|skriven av)\s",
    re.IGNORECASE,
)


def written_by(line: str) -> str:
    """The one full name of a line that begins with "Posted by" or the like, "" for other lines."""
    match = WRITTEN.match(line) if len(line) < 80 else None
    name = line[match.end() :].rstrip(" .") if match else ""
    return name if is_full_name(name) else ""


# "2026年3月2日 来源：… 作者：…": the author in a line of facts.
AMONG_FACTS = re.compile(
    r"(?:^|[\s|｜])(?:作者|记者|記者|撰文|文)\s*[:： ／/]\s*(?P<names>[\u3400-\u9fff]{2,4}(?:[、 ][\u3400-\u9fff]{2,4}){0,3})(?=$|[\s|｜（(])"
)
# "김하나·이두리 기자 desk@paper.example": how Korean articles are signed.
KOREAN = re.compile(
    r"^[\[(<]?(?:[가-힣]{2,10}\s?=\s?)?(?P<writers>[가-힣]{2,4}(?:\s?[·ㆍ,]\s?[가-힣]{2,4}){0,3})\s(?:[가-힣]{2,8}\s)?(?:[가-힣]{0,4}기자|특파원)"
    r"\s*[\])>]?\s*(?:[(<\[]?[\w.+-]{1,40}@[\w.-]{1,40}[)>\]]?)?$"
)


@lru_cache(maxsize=4096)
def unlabelled(line: str) -> tuple[tuple[str, str], ...]:
    """(role, names) of each part of a credit line without a label in front, by its form alone; empty for other lines.

    "A B, photo by C D" -> (author, "A B"), (photographer, "C D"); "A B, correspondent of Orda.kz" -> (author, "A B").
    """
    if len(line) < 80 and (match := KOREAN.match(line)):
        return (("author", re.sub(r"\s*[·ㆍ]\s*", ", ", match["writers"])),)
    if not 8 < len(line) < 160:
        return ()
    if match := _PAIR.match(line):
        return ("author", match["writers"]), ("photographer", match["pictures"])
    if match := _TITLED.match(line):
        return (("author", match["writers"]),)
    return ()
