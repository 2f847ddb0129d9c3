"""Takes furniture off an extracted text: repeated title, captions, credits, pointers, sharing, bylines at the ends.

Works on paragraphs; what the page's elements say of them (wholly link, caption) comes as sets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.dating.words import only_date, without_dates
from newscrawl.extract.fields.datelines import is_date_line
from newscrawl.extract.names.credits import unlabelled
from newscrawl.extract.names.givennames import is_lone_name, is_role_alone
from newscrawl.extract.page.lines import name_key, one_line, squash, word_count
from newscrawl.extract.text.phrases import (
    BREADCRUMB,
    COVER_CREDIT,
    FURNITURE,
    PHOTO_CREDIT,
    READ_ALSO,
    labelled,
)
from newscrawl.extract.text.stops import stop_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EDGE = 4  # paragraphs from either end that count as head or tail


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The paragraphs that are the article, and the lines set aside that say something: bylines and photo credits."""

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

    `captions`, `links`, `headings` are squashed texts (lines.squash) of picture captions, of blocks that are
    wholly link, and of headings; `repeated` those captions that a paragraph says as well, `contents`
    those links that say what a heading says; `names` squashed names credited in metadata, `people` those of persons as written; `stops` are further headings after
    which nothing belongs to the article.
    """
    ends = stop_keys(stops)
    kept: list[str] = []
    said: set[str] = set()
    bylines: list[str] = []
    credits_: list[str] = []
    lines = [one_line(p) for p in paragraphs]
    lines = [line for line in lines if line]
    for i, line in enumerate(lines):
        key = squash(line)
        if not key:
            continue
        if key in ends.every and (
            key in ends.own or _ends_here(lines, i, links, terminal=key in ends.terminal)
        ):
            # Byline lines may stand below a misplaced block; nothing else does.
            bylines += [rest for rest in lines[i + 1 : i + 3] if labelled(rest, colon_only=True)]
            break
        if key in ends.every or (i < EDGE and BREADCRUMB.match(line)):
            continue
        if _is_credit(line):
            credits_.append(line)
            continue
        if key in captions and key not in headings and (key not in repeated or key in said):
            continue
        if _points_elsewhere(line, is_link=key in links):
            continue
        if (key in links and word_count(line) >= 3) or (key in contents and line.startswith("- ")):
            continue
        if len(line) <= 600 and FURNITURE.fullmatch(line):
            continue
        kept.append(line)
        said.add(key)
    kept = _without_title(kept, title)
    kept, found = _without_head(kept, names, headings, outlets, title)
    bylines += found
    kept, found = _without_tail(kept, names, people, headings, outlets)
    bylines += found
    return Cleaned(tuple(kept), tuple(dict.fromkeys(bylines)), tuple(dict.fromkeys(credits_)))


def credit_of(line: str) -> str | None:
    """Who a credit line names: "cover Photo: Orda Collage" -> "Orda Collage"; None if it is no credit or names nobody."""
    match = PHOTO_CREDIT.match(line) or COVER_CREDIT.match(line)
    credit = match["credit"].strip(" .:;,") if match else ""
    return credit or None


def _points_elsewhere(line: str, *, is_link: bool) -> bool:
    """A "Read also" line: wholly link, or the phrase with a colon, or short and no sentence.

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
    # A sentence that starts with "Photo by phone …" is text: credits are short and have no sentence in them.
    return (
        bool(match)
        and word_count(match["credit"] if match else "") <= 14
        and not re.search(r"[.!?] \S+ \S+ \S+ \S+ \S+", line)
    )


def _ends_here(lines: Sequence[str], i: int, links: Collection[str], *, terminal: bool) -> bool:
    """Whether a stop heading really ends the article: little or nothing but links, headlines and furniture follow."""
    rest = lines[i + 1 :]
    long_text = sum(word_count(r) for r in rest if word_count(r) >= 25 and squash(r) not in links)
    before = sum(word_count(r) for r in lines[:i])
    if not terminal:
        # "Read also" in the middle: a sentence below it that is no link is the article again.
        sentences = (
            r
            for r in rest
            if r[-1] in '.!?…»”"' and squash(r) not in links and not FURNITURE.fullmatch(r[:600])
        )
        if any(word_count(r) >= 8 for r in sentences):
            return False
    return long_text == 0 or long_text * 3 < before


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
    if len(line) > 200 or word_count(line) > 20 or line.endswith(("?", "!")):
        return False
    if unlabelled(line):
        return True
    label = labelled(line, colon_only=strict)
    if label:
        role, rest = label
        words = rest.split()
        # "By Tuesday the river had …" is text: after a label come names.
        capital = sum(1 for w in words if w[:1].isupper() or not w[:1].isalpha())
        return (
            word_count(rest) <= 10
            and capital * 3 >= len(words) * 2
            and not re.search(r"[.!?]\s*$", rest[:-1] and rest)
        ) or (role != "author" and word_count(rest) <= 6)
    key = squash(line)
    if (label_of := _SOME_LABEL.match(line)) and squash(line[label_of.end() :]) in names:
        return True  # a label of a language without a table, before a credited name
    return key in names or (len(names) > 1 and word_count(line) <= 12 and all(n in key for n in names) and
                            len(key) - sum(map(len, names)) <= 12)  # fmt: skip


def _without_head(
    lines: list[str],
    names: Collection[str],
    headings: Collection[str],
    outlets: Collection[str],
    title: str | None,
) -> tuple[list[str], list[str]]:
    """Byline, date, section and place lines before the first real paragraph."""
    found: list[str] = []
    kept: list[str] = []
    outlet_keys = {name_key(o) for o in outlets}
    for i, line in enumerate(lines):
        if i < EDGE + 2 and not (kept and word_count(kept[-1]) >= 25):
            if is_byline(line, names, strict=False) or (not kept and _is_signed(lines, i, headings, title)):
                found.append(line)
                continue
            if not kept and (name := _name_beside_date(line, names)):
                found.append(name)
                continue
            if (
                is_date_line(line)
                or _is_dateline(lines, i, headings, opening=not kept)
                or name_key(line) in outlet_keys
                or _is_number(line)
                or (not kept and is_role_alone(line) and squash(line) not in headings)
            ):
                continue
        kept.append(line)
    return kept, found


def _name_beside_date(line: str, names: Collection[str]) -> str:
    """The name in a line that is a date and a name ("21 February 2026 Dana Serik"), "" if it is no such line."""
    rest = one_line(without_dates(line)).strip(" ,|·•–—-") if len(line) < 90 else ""
    dated = rest != line and any(c.isdigit() for c in line)
    return rest if dated and (is_lone_name(rest) or squash(rest) in names) else ""


def _is_dateline(lines: Sequence[str], i: int, headings: Collection[str], *, opening: bool) -> bool:
    """A date that stands alone. Without year and time only as the first line, and not in a chronicle, whose dates head its parts."""
    kind = only_date(lines[i])
    if kind == "short":
        chronicle = squash(lines[i]) in headings or any(only_date(line) for line in lines[i + 1 :])
        return opening and not chronicle
    return bool(kind)


def _is_signed(lines: Sequence[str], i: int, headings: Collection[str], title: str | None) -> bool:
    """A person's name alone above the text is its author, if the text is about someone else and running text follows."""
    line = lines[i]
    if not is_lone_name(line) or squash(line) in headings:
        return False
    rest = lines[i + 1 :]
    follows = next((r for r in rest if not (only_date(r) or _is_number(r))), "")
    stem = squash(line.split()[-1])[:5]
    others = squash(" ".join([title or "", *rest]))
    return word_count(follows) >= 8 and not any(map(is_lone_name, rest)) and stem not in others


def _is_number(line: str) -> bool:
    """A counter, a clock or a rate that stands alone."""
    return len(line) < 24 and not any(c.isalpha() for c in line.replace("K", "").replace("k", ""))


_IS = re.compile(
    r"\s*(?:\([^()]{1,60}\)\s*)?(?:,|[—–-]\s|(?:is|was|has|works|writes|covers|joined|lives|ist|war|schreibt|arbeitet\w*|est|es|è|é|er|är|on|jest|je"
    r"|пишет|работает|является)\s)"
)


def _is_biography(line: str, people: Collection[str]) -> bool:
    """A paragraph at the end that tells who a credited person is: "Name is a reporter with …"."""
    return len(line) < 900 and any(
        " " in name and line.startswith(name) and _IS.match(line[len(name) :]) for name in people
    )


def _without_tail(
    lines: list[str],
    names: Collection[str],
    people: Collection[str],
    headings: Collection[str],
    outlets: Collection[str],
) -> tuple[list[str], list[str]]:
    """Byline and date lines, authors' biographies, bare headings and the outlet's name after the last real paragraph."""
    found: list[str] = []
    outlet_keys = {name_key(o) for o in outlets}
    end = len(lines)
    for _ in range(EDGE + 4):
        if end < 2:
            break
        line = lines[end - 1]
        if is_byline(line, names, strict=False):
            found.insert(0, line)
        elif _is_biography(line, people):
            pass
        elif not (
            is_date_line(line)
            or (squash(line) in headings and word_count(line) < 12)
            or name_key(line) in outlet_keys
            or _is_number(line)
        ):
            break
        end -= 1
    # A labelled line one or two above the end (a note or a contact stands below it) is a byline all the same.
    for i in range(end - 1, max(0, end - 4), -1):
        if labelled(lines[i], colon_only=True) and is_byline(lines[i], names, strict=True):
            found.insert(0, lines[i])
            del lines[i]
            end -= 1
    return lines[:end], found
