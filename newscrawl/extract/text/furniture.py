"""Removes furniture from an extracted text: repeated title, captions, credits, links to other articles, sharing, bylines.

Works on lines of text; which of them are captions, links or headings on the page comes in as sets of squashed texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.dating.written import only_date, without_dates
from newscrawl.extract.fields.datelines import is_date_line
from newscrawl.extract.names.credits import AMONG_FACTS, KOREAN, is_full_name, unlabelled, written_by
from newscrawl.extract.names.given_names import is_lone_name, is_role_alone, is_signature
from newscrawl.extract.page.lines import is_sentence, name_key, one_line, squash, word_count
from newscrawl.extract.text.phrases import (
    BREADCRUMB,
    COVER_CREDIT,
    LABELS,
    PHOTO_CREDIT,
    READ_ALSO,
    is_furniture,
    labelled,
)
from newscrawl.extract.text.stop_headings import stop_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EDGE = 4  # paragraphs at either end that count as head or tail


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The article's paragraphs, and the bylines and photo credits that were removed from them."""

    paragraphs: tuple[str, ...]
    bylines: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


def clean_up(
    paragraphs: Sequence[str],
    *,
    title: str | None,
    captions: Collection[str] = (),
    links: Collection[str] = (),
    headings: Collection[str] = (),
    repeated: Collection[str] = (),
    contents: Collection[str] = (),
    names: Collection[str] = (),
    people: Collection[str] = (),
    stops: Collection[str] = (),
    outlets: Collection[str] = (),
) -> Cleaned:
    """The article's own paragraphs.

    `captions`, `links`, `headings`, `repeated`, `contents`: see marks.Marks. `names`: squashed names credited in metadata;
    `people`: those of persons as written. `stops`: the source's own headings after which nothing belongs to the article.
    `outlets`: names of the outlet.
    """
    ends = stop_keys(stops)
    kept: list[str] = []
    kept_keys: set[str] = set()
    bylines: list[str] = []
    credits_: list[str] = []
    lines = [one_line(p) for p in paragraphs]
    lines = [line for line in lines if line]
    for i, line in enumerate(lines):
        key = squash(line)
        if not key:
            continue
        if key in ends.every and (key in ends.own or _ends_here(lines, i, links)):
            # Below a misplaced block only bylines may still belong to the article.
            bylines += [rest for rest in lines[i + 1 : i + 3] if labelled(rest, colon_only=True)]
            break
        if key in ends.every or (i < EDGE and BREADCRUMB.match(line)):
            continue
        if _is_credit(line):
            credits_.append(line)
            continue
        if key in captions and key not in headings and (key not in repeated or key in kept_keys):
            continue
        if _points_elsewhere(line, is_link=key in links):
            continue
        if (key in links and word_count(line) >= 3 and not is_sentence(line)) or (
            key in contents and line.startswith("- ")
        ):
            continue
        if len(line) <= 600 and is_furniture(line):
            continue
        kept.append(line)
        kept_keys.add(key)
    kept = _without_title(kept, title)
    kept, found = _without_head(kept, names, headings, outlets, title)
    bylines += found
    kept, found = _without_tail(kept, names, people, headings, outlets, title)
    bylines += found
    return Cleaned(tuple(kept), tuple(dict.fromkeys(bylines)), tuple(dict.fromkeys(credits_)))


def credit_of(line: str) -> str | None:
    """The name in a credit line: "cover Photo: Orda Collage" -> "Orda Collage"; None if it is not a credit or has no name."""
    match = PHOTO_CREDIT.match(line) or COVER_CREDIT.match(line)
    credit = match["credit"].strip(" .:;,") if match else ""
    return credit or None


def _points_elsewhere(line: str, *, is_link: bool) -> bool:
    """Whether a line is "Read also …": wholly link, or the phrase with a colon, or short and not a sentence.

    "Read more books, the minister told the children." is text.
    """
    match = READ_ALSO.match(line) if len(line) < 300 else None
    if not match:
        return False
    rest = line[match.end() :].lstrip()
    colon = match.group().endswith((":", "：")) or rest[:1] in (":", "：", "»", "→", "-", "—", "|", "")
    return is_link or (colon and word_count(rest) < 30) or (word_count(line) <= 14 and line[-1] not in ".!?…")


_DASHED = re.compile(r"^[^:：©]{0,30}\s[—–-]\s")


def _is_credit(line: str) -> bool:
    if len(line) > 160:
        return False
    if COVER_CREDIT.match(line) and word_count(line) <= 8:
        return True
    if _DASHED.match(line) and line.endswith((".", "!", "?", "…")):
        return False  # a sentence such as "Photos - all that is left."
    match = PHOTO_CREDIT.match(line)
    # A sentence that starts with "Photo by phone …" is text: credits are short and contain no sentence.
    return (
        bool(match)
        and word_count(match["credit"] if match else "") <= 14
        and not re.search(r"[.!?] \S+ \S+ \S+ \S+ \S+", line)
    )


def _ends_here(lines: Sequence[str], i: int, links: Collection[str]) -> bool:
    """Whether a stop heading really ends the article: no sentence that is not a link follows.

    Whole lists of other articles are gone before the text is read; a sentence below the heading is the article again.
    """
    return not any(
        r[-1] in '.!?…»”"' and word_count(r) >= 8 and squash(r) not in links and not is_furniture(r[:600])
        for r in lines[i + 1 :]
    )


def _without_title(lines: list[str], title: str | None) -> list[str]:
    if not title:
        return lines
    key = squash(title)
    return [
        line
        for i, line in enumerate(lines)
        if not (squash(line) == key or (i < 3 and len(line) < 2 * len(title) and word_count(line) > 3
                                       and squash(line).startswith(key) and len(squash(line)) - len(key) < 25))
    ]  # fmt: skip


_SOME_LABEL = re.compile(r"[^\W\d_]{2,15}(?: [^\W\d_]{1,15})?\s*[:：]\s*")


def is_byline(line: str, names: Collection[str], *, strict: bool) -> bool:
    """Whether a line is a byline: labelled, a credit by its form, or one of the credited `names` (squashed).

    `strict`: a label counts only with a colon.
    """
    if len(line) > 200 or word_count(line) > 20 or line.endswith(("?", "!")):
        return False
    if unlabelled(line):
        return True
    label = labelled(line, colon_only=strict)
    if label:
        role, rest = label
        words = rest.split()
        # "By Tuesday the river had …" is text: a label is followed by names.
        capital = sum(1 for w in words if w[:1].isupper() or not w[:1].isalpha())
        return (
            word_count(rest) <= 10
            and capital * 3 >= len(words) * 2
            and not re.search(r"[.!?]\s*$", rest[:-1] and rest)
        ) or (role != "author" and word_count(rest) <= 6)
    key = squash(line)
    if (label_of := _SOME_LABEL.match(line)) and squash(without_dates(line[label_of.end() :])) in names:
        return True  # a label of a language without a table, before a credited name, perhaps with the date behind it
    return key in names or (len(names) > 1 and word_count(line) <= 12 and all(n in key for n in names) and
                            len(key) - sum(map(len, names)) <= 12)  # fmt: skip


def _without_head(
    lines: list[str],
    names: Collection[str],
    headings: Collection[str],
    outlets: Collection[str],
    title: str | None,
) -> tuple[list[str], list[str]]:
    """(lines without bylines, dates, sections and places before the first real paragraph; the bylines among them)."""
    found: list[str] = []
    kept: list[str] = []
    outlet_keys = {name_key(o) for o in outlets}
    for i, line in enumerate(lines):
        if i < EDGE + 2 and not (kept and word_count(kept[-1]) >= 25):
            if is_byline(line, names, strict=False) or (not kept and _is_signed(lines, i, headings, title)):
                found.append(line)
                continue
            if not kept and _is_fact(line):
                continue
            if not kept and (name := _name_beside_date(line, names)):
                found.append(name)
                continue
            if not kept and (parts := _row_of_facts(line)):
                found += [part for part in parts if labelled(part)]
                continue
            if (
                is_date_line(_COUNTER.sub("", line))
                or _is_dateline(lines, i, headings, opening=not kept)
                or name_key(line) in outlet_keys
                or _is_number(line)
                or (not kept and is_role_alone(line) and squash(line) not in headings)
                or (not kept and found and _OF_STAFF.fullmatch(line))
            ):
                continue
        kept.append(line)
    return kept, found


# A reporter's post below the name: "Harbour Post Staff Writer".
_OF_STAFF = re.compile(
    r"(?:[A-Z][\w.&'’-]{0,30} ){0,5}(?:(?:Staff|Senior) (?:Writer|Reporter|Editor)|Correspondent|Reporter)"
)


def _name_beside_date(line: str, names: Collection[str]) -> str:
    """The name in a line of a date and a name ("21 February 2026 Dana Serik"), "" for other lines."""
    rest = one_line(without_dates(line)).strip(" ,|·•–—-") if len(line) < 90 else ""
    dated = rest != line and any(c.isdigit() for c in line)
    if dated and (match := AMONG_FACTS.search(rest)):
        return f"作者：{match['names']}"
    if dated and KOREAN.match(signed := _KOREAN_STAMP.sub("", rest)):
        return signed
    return rest if dated and (is_lone_name(rest) or squash(rest) in names) else ""


_KOREAN_STAMP = re.compile(r"\s*(?:기사)?(?:입력|등록|수정|승인)\W*$")


def _is_fact(line: str) -> bool:
    """Whether a line is of a list of facts about the article: a label without a colon, and a date or a name."""
    if not line.startswith("- ") or len(line) > 80:
        return False
    label, _, rest = line[2:].partition(" ")
    words = label.rstrip(":：").lower().split("/")
    return (
        bool(rest)
        and (is_date_line(rest) or (all(word in LABELS["author"] for word in words) and is_full_name(rest)))
        and len(label) < 20
    )


def _is_dateline(lines: Sequence[str], i: int, headings: Collection[str], *, opening: bool) -> bool:
    """Whether a line is only a date. Without year and time only the first line is, and not in a chronicle with dates as headings."""
    kind = only_date(_COUNTER.sub("", lines[i]))
    if kind == "short":
        chronicle = squash(lines[i]) in headings or any(only_date(line) for line in lines[i + 1 :])
        return opening and not chronicle
    return bool(kind)


_BAR = re.compile(r"\s+[|·•]\s+")


def _row_of_facts(line: str) -> list[str]:
    """The parts of a line that are a date and labelled names between bars ("4 May 2026 · Text: Ada Quill"); else none."""
    parts = _BAR.split(line) if len(line) < 160 else []
    facts = [(only_date(part) == "full", bool(labelled(part, colon_only=True))) for part in parts]
    return (
        parts
        if any(d for d, _ in facts) and any(n for _, n in facts) and all(d or n for d, n in facts)
        else []
    )


# How often a page was looked at, beside its date.
_COUNTER = re.compile(
    r"[\s|,;·•–—-]*(?:(?:views?|просмотр(?:ов|ы)?|қаралым|көрілім|қаралды|оқылды|прочитано)\W{0,4}\d[\d\s.,]{0,9}"
    r"|(?<![\d:.])\d[\d\s.,]{0,9}(?:views?|просмотр(?:ов|ы|а)?|қаралым|көрілім))\s*$",
    re.IGNORECASE,
)


def _is_signed(lines: Sequence[str], i: int, headings: Collection[str], title: str | None) -> bool:
    """Whether a line above the text is its author: only a person's name, running text follows, and it is about somebody else."""
    line = lines[i]
    if not is_lone_name(line) or squash(line) in headings:
        return False
    rest = lines[i + 1 :]
    follows = next((r for r in rest if not (only_date(r) or _is_number(r))), "")
    stem = squash(line.split()[-1])[:5]
    others = squash(" ".join([title or "", *rest]))
    return word_count(follows) >= 8 and not any(map(is_lone_name, rest)) and stem not in others


def _is_signature(lines: Sequence[str], title: str | None) -> bool:
    """Whether the last line is its author: only a person's name below running text that tells of somebody else."""
    *rest, line = lines
    if not rest or word_count(rest[-1]) < 8 or not is_signature(line):
        return False
    stem = squash(line.split()[-1])[:5]
    return stem not in squash(" ".join([title or "", *rest]))


def _is_number(line: str) -> bool:
    """Whether a line is only a counter, a time or a rate."""
    return len(line) < 24 and not any(c.isalpha() for c in line.replace("K", "").replace("k", ""))


_IS = re.compile(
    r"\s*(?:\([^()]{1,60}\)\s*)?(?:,|[—–-]\s|(?:is|was|has|works|writes|covers|joined|lives|ist|war|schreibt|arbeitet\w*|est|es|è|é|er|är|on|jest|je"
    r"|пишет|работает|является)\s)"
)


def _is_biography(line: str, people: Collection[str]) -> bool:
    """Whether a line at the end introduces a credited person: "Name is a reporter with …"."""
    return len(line) < 900 and any(
        " " in name and line.startswith(name) and _IS.match(line[len(name) :]) for name in people
    )


def _without_tail(
    lines: list[str],
    names: Collection[str],
    people: Collection[str],
    headings: Collection[str],
    outlets: Collection[str],
    title: str | None,
) -> tuple[list[str], list[str]]:
    """(lines without bylines, dates, biographies, headings and outlet names after the last real paragraph; the bylines)."""
    found: list[str] = []
    outlet_keys = {name_key(o) for o in outlets}
    end = len(lines)
    for _ in range(EDGE + 4):
        if end < 2:
            break
        line = lines[end - 1]
        if is_byline(line, names, strict=False) or _is_signature(lines[:end], title):
            found.insert(0, line)
        elif _is_biography(line, people) or written_by(line) or _is_fact(line):
            pass
        elif not (
            is_date_line(line)
            or (squash(line) in headings and word_count(line) < 12)
            or name_key(line) in outlet_keys
            or _is_number(line)
        ):
            break
        end -= 1
    # A labelled line shortly before the end (with a note or a contact below it) is a byline too.
    for i in range(end - 1, max(0, end - 4), -1):
        if labelled(lines[i], colon_only=True) and is_byline(lines[i], names, strict=True):
            found.insert(0, lines[i])
            del lines[i]
            end -= 1
    return lines[:end], found
