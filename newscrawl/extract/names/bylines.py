"""Finds the bylines that a page shows: marked elements, labelled lines and links to profiles near the headline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.dating.written import only_date
from newscrawl.extract.fields.nearby import FOREIGN, below_a_stop
from newscrawl.extract.names.credits import AMONG_FACTS, KOREAN, WRITTEN, is_full_name, unlabelled, written_by
from newscrawl.extract.names.given_names import is_lone_name
from newscrawl.extract.page.elements import fact_beside
from newscrawl.extract.page.lines import CACHED_LENGTH, one_line, word_count
from newscrawl.extract.page.tree import few_children
from newscrawl.extract.regions.regions import Region, Regions
from newscrawl.extract.text.furniture import is_byline
from newscrawl.extract.text.phrases import LABELS, labelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.fields.nearby import Line, Nearby
    from newscrawl.extract.page.tree import Page

MAX_BYLINES = 12
MOST_LABELLED = 160  # words of a labelled line: no more than the characters it may have
LONGEST_LABELLED = 5_000  # characters of a labelled line with the white space in it
_LINE_TAGS = frozenset({"h1", "h2", "h3", "p", "div", "span", "em", "strong", "i", "b", "address", "dt"})
MOST_BESIDE = 25  # words of a paragraph that is a byline with links


@dataclass(frozen=True, slots=True)
class Byline:
    """One byline: its whole text, the names marked in it, its pieces of text, and how it was recognised."""

    text: str
    names: tuple[str, ...]
    pieces: tuple[str, ...]
    origin: str


_MARK = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|authors?|autor(?:en|es|i|in)?|auteurs?|autor[ei]|writers?|contributors?|journalist[ae]?|reporter|verfasser"
    r"|redakteur|firma|penulis|yazar|avtor|posted-?by|written-?by|publish-?by|article-?author|post-?author|fn)(?:$|[\s_-]|name|link|list|s\b)",
    re.IGNORECASE,
)
_NOT_MARK = re.compile(
    r"bio|about|description|avatar|image|img|photo|social|follow|share|comment|related|box-?title|role|job|position|date|time|count"
    r"|newsletter|subscri|more-?from|tooltip|icon",
    re.IGNORECASE,
)
_NAME_MARK = re.compile(
    r"(?:author|byline|writer|autor|contributor|profile)[\w-]{0,12}[_-]{0,2}(?:name|link)|(?:^|\s)fn(?:$|\s)",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "footer", "aside", "form", "dialog", "figure", "figcaption", "blockquote", "q"})
_ELSEWHERE = re.compile(
    r"comment|related|sidebar|teaser|recommend|card|promo|popular|latest|most-?read|more-|widget|carousel|swiper",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es|i)?|auteurs?|autore|people|person|staff|profiles?|profil|by|contributors?|writers?|avtor[yi]?|avtori|journalists?"
    r"|journaliste|reporters?|redactie|redakt\w{1,6}|penulis|yazar(?:lar)?|columnists?|columnistas?|firmas?|team|bio|biography)/[^/?#]"
    r"|[?&]author=",
    re.IGNORECASE,
)


def is_marked(element: HtmlElement) -> bool:
    """Whether an element is marked as a byline, with rel=author or by its class or test id."""
    given = dict(element.items())
    if given.get("rel") == "author":
        return True
    names = [given.get(name) or "" for name in ("class", "data-testid", "data-qa")]
    marks = " ".join(names)
    if len(marks) == len(names) - 1:
        return False
    return _named_byline(marks) if len(marks) <= CACHED_LENGTH else _named_byline.__wrapped__(marks)


@lru_cache(maxsize=8192)
def _named_byline(names: str) -> bool:
    marks = _CAMEL.sub(" ", names)
    return bool(_MARK.search(marks)) and not _NOT_MARK.search(marks)


def near_bylines(near: Nearby, regions: Regions) -> Iterator[Byline]:
    """Bylines around the headline, up to the first long paragraphs: marked ones first, then labelled lines and profile links.

    Lines after the headline come before those above it. Marked siblings of one kind, and profile links that
    follow each other, are one byline.
    """
    for side in (near.after, near.before[::-1]):
        marked = [line for line in side if line.paragraphs < 2 and len(line.text) > 2 and not line.in_list]
        yield from islice(_grouped(marked, "marked byline", regions), MAX_BYLINES)
    lines = [line for line in near.after if line.paragraphs < 2 and 5 < len(line.text) < 160]
    for line in (*lines, *near.before[::-1]):
        if match := AMONG_FACTS.search(line.text[:160]):
            yield Byline(f"作者：{match['names']}", (), (match["names"],), "near headline")
            break
    yield from islice(_grouped(lines, "near headline", regions), MAX_BYLINES)
    for line in near.after:
        if line.paragraphs or line.in_list or not (name := _signed(line.text)):
            continue
        if not regions.is_in_card(line.element):
            yield Byline(name, (), (name,), "near headline")
            break


LONGEST_SIGNED = 80  # characters of a line that is a name and a date
_BAR = re.compile(r"\s+[|·•]\s+|\s*[|•]\s*")


def _signed(text: str) -> str:
    """The name, or the label and the name, in a line below the headline of a name, a bar and a date ("Ada Quill | 4 May 2026"), in any order; else ""."""
    parts = [part for part in _BAR.split(text) if part] if len(text) < LONGEST_SIGNED else []
    if not 2 <= len(parts) <= 3 or not any(only_date(part) == "full" for part in parts):
        return ""
    label = next(
        (part for part in parts if (found := labelled(part, colon_only=True)) and found[0] == "author"), ""
    )
    return label or next((part for part in parts if is_lone_name(part)), "")


def _grouped(lines: Sequence[Line], origin: str, regions: Regions) -> Iterator[Byline]:
    used: set[HtmlElement] = set()
    group: list[HtmlElement] = []
    kind: tuple[object, ...] | None = None
    for line in lines:
        element = line.element
        if any(a in used for a in islice(element.iterancestors(), 8)):
            continue
        if origin == "marked byline":
            taken = is_marked(element)
            own_kind: tuple[object, ...] = (element.tag, element.get("class"))
        else:
            label = labelled(line.text)
            is_link = (
                element.tag == "a"
                and bool(_PROFILE.search(element.get("href") or ""))
                and not _in_sentence(element)
            )
            taken = is_link or bool(label and label[0] == "author") or bool(KOREAN.match(line.text))
            own_kind = ("link",) if is_link else (element,)
        if not taken or any(a.tag in _ASIDE and a.tag != "footer" for a in _between(element, regions)):
            continue
        if regions.is_in_card(element):
            continue
        used.add(element)
        if group and own_kind != kind:
            yield _joined(group, origin)
            group = []
        group.append(element)
        kind = own_kind
    if group:
        yield _joined(group, origin)


def _between(element: HtmlElement, regions: Regions) -> Iterator[HtmlElement]:
    """The elements around an element that are not around the headline too: a form may hold the whole page."""
    out = regions.outline
    at = out.position.get(regions.heading, -1) if regions.heading is not None else -1
    for around in element.iterancestors():
        i = out.position[around]
        if i <= at < out.end[i]:
            return
        yield around


def _in_sentence(link: HtmlElement) -> bool:
    """Whether a link stands in running text, where it names whom the article speaks of."""
    around = next((a for a in islice(link.iterancestors(), 4) if a.tag in ("p", "li", "blockquote")), None)
    return around is not None and word_count(around.text_content()[:600]) > MOST_BESIDE


def _joined(group: Sequence[HtmlElement], origin: str) -> Byline:
    return Byline(
        "; ".join(one_line(" ".join(e.itertext())) for e in group),
        tuple(dict.fromkeys(name for e in group for name in _names_in(e))),
        # A semicolon ties the name in one element to that in the next.
        tuple(
            piece for e in group for piece in (*islice(filter(None, map(one_line, e.itertext())), 20), ";")
        )[:-1],
        origin,
    )


def _names_in(element: HtmlElement) -> Iterator[str]:
    """The texts marked as names in a byline element, and links to profiles."""
    named = [
        e for e in islice(element.iterdescendants(), 60)
        if isinstance(e.tag, str)
        and (e.get("rel") == "author" or _PROFILE.search(e.get("href") or "") or _NAME_MARK.search(e.get("class") or "")
             or "name" in (e.get("itemprop") or "").lower().split())
    ]  # fmt: skip
    for e in named:
        text = one_line(" ".join(e.itertext()))
        if len(text) > 1 and not any(a in named for a in e.iterancestors()):
            yield text


def elsewhere(page: Page, regions: Regions) -> Iterator[tuple[Byline, bool]]:
    """Marked bylines anywhere on the page, except in asides, comments and other articles; whether each is in the article's block.

    The footer of the article's own block is where many themes name its author.
    """
    given = 0
    roots: set[HtmlElement] = set()
    for element in page.tree.xpath("//*[@rel='author' or @class or @data-testid]"):
        if element.tag in (
            "body",
            "html",
            "script",
            "style",
            "meta",
            "link",
            "img",
            "svg",
            "article",
            "main",
        ) or not is_marked(element):
            continue
        region = regions.of(element)
        if region in FOREIGN:
            continue
        ancestors = list(_between(element, regions))
        if any(
            a in roots or (a.tag in _ASIDE and not (a.tag == "footer" and region is Region.ARTICLE))
            for a in ancestors
        ):
            continue
        outer = " ".join(f"{a.get('class') or ''} {a.get('id') or ''}" for a in ancestors if a.tag != "body")
        text = one_line(" ".join(element.itertext()))
        if not 2 < len(text) < 200 or _ELSEWHERE.search(outer) or regions.is_in_card(element):
            continue
        if labelled(text, colon_only=True) or not below_a_stop(element):
            roots.add(element)
            given += 1
            yield _joined([element], "marked elsewhere"), region is Region.ARTICLE
            if given >= MAX_BYLINES:
                return


def signatures(page: Page, regions: Regions) -> Iterator[Byline]:
    """Short right-aligned paragraphs, which is how articles are signed in several countries; a link is no signature."""
    for element in islice(page.tree.xpath("//p[contains(@style,'right') or @align='right']"), 20):
        text = one_line(" ".join(element.itertext())[:200])
        if (
            4 < len(text) < 60
            and regions.of(element) not in FOREIGN
            and all(_PROFILE.search(a.get("href") or "") for a in element.iter("a"))
            and "text-align" in (element.get("style") or "text-align")
            and element.find(".//img") is None
        ):
            yield _joined([element], "signature")


def labelled_lines(
    heading: HtmlElement | None, regions: Regions, known: Sequence[str], *, named: bool = False
) -> list[str]:
    """Labelled bylines of this article after the headline that the text reader left out ("Автор: …" in a block of its own).

    Unless others have `named` a person already, also lines without a colon: "Posted by …", a list of facts.
    """
    if heading is None:
        return []
    found: list[str] = []
    facts: list[str] = []
    checked: dict[str, bool] = {}
    out = regions.outline
    for i in range(out.position.get(heading, len(out.elements)) + 1, len(out.elements)):
        element = out.elements[i]
        if element.tag not in _LINE_TAGS or not 0 < out.words(i) <= MOST_LABELLED:
            continue
        if regions.regions[i] in FOREIGN or out.size(i) > LONGEST_LABELLED or not few_children(element, 6):
            continue
        text = out.text(i)
        if not named and regions.regions[i] is Region.ARTICLE:
            line = _fact(element, text) if element.tag in _LABEL_TAGS and len(text) < LONGEST_LABEL else ""
            if line or WRITTEN.match(text):
                facts.append(line or one_line(text))
                continue
        line = one_line(text) if _JOINT.search(text) else ""
        if 5 < len(line) < 160 and line not in known and line not in found:
            # The same line is met in nested elements.
            if line not in checked:
                checked[line] = _names_somebody(line)
            if (
                checked[line]
                and not any(a.tag in _APART for a in _between(element, regions))
                and not regions.is_in_card(element)
            ):
                found.append(line)
        if len(found) >= 4:
            break
    # Several of them are those of several articles.
    names = {name for line in facts if (name := _name_in(line))}
    return found if found or len(names) != 1 else [f"By {names.pop()}"]


def _name_in(line: str) -> str:
    """The one full name behind a label without a colon, "" for other lines."""
    return written_by(line) or (line if is_full_name(line) else "")


_APART = frozenset({"aside", "nav", "footer", "li", "form"})
_JOINT = re.compile("[,;\u037e|:：—–-]")
_LABEL_TAGS = frozenset({"strong", "b", "dt", "span", "em"})
LONGEST_LABEL = 40  # characters of a label with the white space around it


def _fact(label: HtmlElement, text: str) -> str:
    """The name in a list of facts whose label has no colon: "<b>Author</b> Ada Quill" -> "Ada Quill"; "" for others."""
    words = one_line(text).strip(" :：").lower().split("/")
    if not words or not all(word.strip() in LABELS["author"] for word in words):
        return ""
    rest = fact_beside(label)
    return rest if is_full_name(rest) else ""


def _names_somebody(line: str) -> bool:
    """Whether a line is a byline, by a label with a colon or by its form."""
    if not _JOINT.search(line):
        return False
    label = labelled(line, colon_only=True)
    is_labelled = label and label[0] != "photographer" and is_byline(line, (), strict=True)
    return bool(is_labelled) or len(unlabelled(line)) > 1
