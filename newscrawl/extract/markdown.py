"""The article as Markdown (CommonMark, tables as on GitHub): the paragraphs of the body with the page's markup.

The words come from the plain body and only their markup from the page, so the words are the same by construction; a
paragraph that is not on the page word for word (from data in scripts) stays plain. Text of a page is escaped, so it
cannot create markup, HTML or a link; links are http and https only.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from newscrawl.extract.page.lines import one_line
from newscrawl.extract.page.text_runs import PLAIN, Kind, Markup, Picture, Run, packed, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newscrawl.extract.explain import Examination
    from newscrawl.model import Image

_ROW = re.compile(r"^\|.*\|$")
_WINDOW = 400  # runs searched for a paragraph that does not equal a single run
_MOST_RUNS = 12  # runs that may form one paragraph
_LEAST = 12  # characters that a paragraph found inside a run must have


def document(examination: Examination) -> str:
    """The article as one Markdown document: headline, standfirst, authors and instant, address, body."""
    article = examination.article
    instant = article.published
    day_only = article.published_precision is not None and article.published_precision.value == "day"
    stated = (
        (instant.date().isoformat() if day_only else instant.isoformat(" ", "minutes")) if instant else ""
    )
    facts = [*(author.name for author in article.authors), stated]
    line = " · ".join(escape(fact) for fact in facts if fact)
    link = _link(escape(one_line(article.url)), article.url)
    parts = [
        f"# {escape(one_line(article.title) or 'Untitled')}",
        escape(one_line(article.subtitle)),
        line,
        link,
    ]
    return "\n\n".join(part for part in (*parts, body_of(examination)) if part) + "\n"


def body_of(examination: Examination) -> str:
    """The article's body as Markdown; empty if it has none. Without its markup it is the plain body."""
    article = examination.article
    runs = list(sequence(examination.page)) if examination.page is not None else []
    return render(article.body, runs, article.images)


def render(body: str, page: Sequence[Run | Picture], images: Sequence[Image] = ()) -> str:
    """`body` (paragraphs separated by line breaks) with the markup of its words on the `page`.

    The first of `images` is put above the text; further pictures where they are on the page.
    """
    paragraphs = [p for p in map(one_line, body.split("\n")) if p]
    if not paragraphs:
        return ""
    finder = _Finder(page)
    blocks: list[_Block] = []
    shown: set[str] = set()
    for image in images[:1]:
        shown.add(_stem(image.url))
        caption = " ".join(p for p in (image.caption, image.credit and f"({image.credit})") if p)
        blocks.append(_Block(f"![{escape(caption)}]({_destination(image.url)})"))
    last: int | None = None
    for paragraph in paragraphs:
        block, position = _block(paragraph, finder)
        if position is not None:
            for picture in page[last:position] if last is not None else ():
                if isinstance(picture, Picture) and _stem(picture.url) not in shown:
                    shown.add(_stem(picture.url))
                    blocks.append(_Block(f"![{escape(picture.caption)}]({_destination(picture.url)})"))
            last = max(position, last or 0)
        blocks.append(block)
    return "".join(_joined(blocks))


def _stem(url: str) -> str:
    """The part of a picture's address that is the same for all its sizes."""
    return re.sub(r"[-_]\d{2,4}x\d{2,4}|\.\w{2,5}$", "", url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1])


# --- blocks -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    kind: str = "text"
    owner: object = None


def _joined(blocks: Sequence[_Block]) -> Iterator[str]:
    before: _Block | None = None
    for block in blocks:
        if before is not None:
            together = before.kind == block.kind and before.owner is block.owner
            if together and block.kind in ("item", "row"):
                yield "\n"
            else:
                yield "\n>\n" if together and block.kind == "quote" else "\n\n"
        yield block.text
        if block.kind == "row" and (before is None or before.kind != "row"):
            yield "\n" + "| --- " * (len(_cells(block.text)) or 1) + "|"
        before = block


def _block(paragraph: str, finder: _Finder) -> tuple[_Block, int | None]:
    """A paragraph as a block, and the position of its run on the page, if it has one."""
    if _ROW.match(paragraph):
        cells = (escape(cell).replace("|", "\\|") for cell in _cells(paragraph))
        return _Block("| " + " | ".join(cells) + " |", "row"), None
    item = paragraph.removeprefix("- ")
    if item != paragraph and item:
        found = finder.find(item, item=True)
        if found and found.run.kind is Kind.ITEM:
            return _item(item, found), found.position
        if found is None and (found := finder.find(paragraph, item=False)) is None:
            return _Block(f"- {escape(item)}", "item"), None
        if found.run.kind is not Kind.ITEM and packed(paragraph) != found.run.key:
            return _Block(f"- {_inline(item, found.markup)}", "item"), found.position
    else:
        found = finder.find(paragraph, item=False)
    if found is None:
        return _Block(escape(paragraph)), None
    text = _inline(paragraph, found.markup)
    if found.run.kind is Kind.HEADING and found.whole:
        return _Block(f"{'#' * max(found.run.level, 2)} {text}"), found.position
    if found.run.kind is Kind.QUOTE:
        return _Block(f"> {text}", "quote", found.run.owner), found.position
    return _Block(text), found.position


def _item(text: str, found: _Found) -> _Block:
    mark = "-" if found.run.number is None else f"{min(found.run.number, 999_999_999)}."
    return _Block(f"{mark} {_inline(text, found.markup)}", "item", found.run.owner)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row[1:-1].split("|")]


# --- finding paragraphs on the page -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """The first run of a paragraph, its position, the markup of each character, and whether the paragraph is the whole run."""

    run: Run
    position: int
    markup: tuple[Markup, ...]
    whole: bool = True


class _Finder:
    """Finds paragraphs on the page one after the other: first after the last one found, then anywhere."""

    def __init__(self, page: Sequence[Run | Picture]) -> None:
        self.page = page
        self.positions: dict[str, list[int]] = defaultdict(list)
        for i, run in enumerate(page):
            if isinstance(run, Run):
                self.positions[run.key].append(i)
        self.next = 0

    def find(self, paragraph: str, *, item: bool) -> _Found | None:
        """The runs of a paragraph. `item`: prefer one in a list, else prefer one outside."""
        key = packed(paragraph)
        found = self._whole(key, item) or self._joined(key) or self._part(key)
        if found:
            self.next = max(self.next, found.position + 1)
        return found

    def _whole(self, key: str, item: bool) -> _Found | None:
        positions = self.positions.get(key, ())
        order = sorted(positions, key=lambda i: (i < self.next, (self._run(i).kind is Kind.ITEM) != item, i))
        return _Found(self._run(order[0]), order[0], self._run(order[0]).markup) if order else None

    def _run(self, position: int) -> Run:
        run = self.page[position]
        assert isinstance(run, Run)
        return run

    def _joined(self, key: str) -> _Found | None:
        for start in range(self.next, min(self.next + _WINDOW, len(self.page))):
            first = self.page[start]
            if not isinstance(first, Run) or not key.startswith(first.key):
                continue
            text, markup = first.key, first.markup
            for run in self.page[start + 1 : start + _MOST_RUNS]:
                if not isinstance(run, Run):
                    continue
                if not key.startswith(text + run.key):
                    break
                text, markup = text + run.key, markup + run.markup
                if text == key:
                    return _Found(first, start, markup)
        return None

    def _part(self, key: str) -> _Found | None:
        if len(key) < _LEAST:
            return None
        for start in range(max(self.next - 1, 0), min(self.next + _WINDOW, len(self.page))):
            run = self.page[start]
            if isinstance(run, Run) and (at := run.key.find(key)) >= 0:
                return _Found(run, start, run.markup[at : at + len(key)], whole=False)
        return None


# --- words --------------------------------------------------------------------------------------

_SPECIAL = re.compile(r"[\\`*_\[\]<>~]|&(?=#?\w)|(?:(?<=\s)|^)#|(?<=:)/(?=/)|(?i:(?<=\bwww)\.)")
_START = re.compile(r"^(?:[-+=](?=[\s=+-]|$)|\d{1,9}(?P<mark>[.)])(?=\s|$))")


def escape(text: str) -> str:
    """One line of text escaped so that Markdown shows it unchanged, anywhere in a line; addresses do not become links."""
    text = _SPECIAL.sub(lambda m: f"\\{m[0]}", text)
    if match := _START.match(text):
        at = match.start("mark") if match["mark"] else 0
        text = f"{text[:at]}\\{text[at:]}"
    return text


def _inline(text: str, markup: Sequence[Markup]) -> str:
    """A line with the markup of its non-space characters; plain if their numbers differ."""
    if len(text.replace(" ", "")) != len(markup):
        return escape(text)
    marks = _spread(text, markup)
    out: list[str] = []
    for link, group in groupby(range(len(text)), key=lambda i: marks[i].link):
        span = list(group)
        words = _stressed(text, marks, span[0], span[-1] + 1)
        linked = _link(words, link) if link and words.strip() else words
        if linked.startswith("[") and out and out[-1].endswith("!"):
            out[-1] = out[-1][:-1] + "\\!"  # else the link would be a picture
        out.append(linked)
    return "".join(out)


def _spread(text: str, markup: Sequence[Markup]) -> list[Markup]:
    """The markup of every character; a space has the markup that both its neighbours share."""
    rest = iter(markup)
    marks = [PLAIN if c == " " else next(rest) for c in text]
    for i, c in enumerate(text):
        if c == " " and 0 < i < len(text) - 1:
            a, b = marks[i - 1], marks[i + 1]
            marks[i] = Markup(
                a.link if a.link == b.link else None, a.strong and b.strong, a.stress and b.stress
            )
    return marks


def _stressed(text: str, marks: Sequence[Markup], start: int, end: int) -> str:
    out: list[str] = []
    for (strong, stress), group in groupby(
        range(start, end), key=lambda i: (marks[i].strong, marks[i].stress)
    ):
        span = list(group)
        i, j = span[0], span[-1] + 1
        words = _escaped_part(text, i, j)
        before = text[i - 1] if i else " "
        after = text[j] if j < len(text) else " "
        # CommonMark's flanking rule: a delimiter that is not next to a word is shown as an asterisk.
        if (
            strong
            and (_of_word(text[i]) or not _of_word(before))
            and (_of_word(text[j - 1]) or not _of_word(after))
        ):
            words = f"**{words}**"
        elif stress and not strong and not _of_word(before) and not _of_word(after):
            words = f"_{words}_"
        out.append(words)
    return "".join(out)


def _escaped_part(text: str, start: int, end: int) -> str:
    """A part of a line, escaped as in the whole line."""
    whole = {m.start() for m in _SPECIAL.finditer(text)}
    if match := _START.match(text):
        whole.add(match.start("mark") if match["mark"] else 0)
    return "".join(f"\\{text[i]}" if i in whole else text[i] for i in range(start, end))


def _of_word(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character)[0] not in "PS"


def _link(words: str, url: str | None) -> str:
    target = _destination(url or "")
    return f"[{words}]({target})" if target else words


def _destination(url: str) -> str:
    """An address as a link's target, escaped so that nothing in it ends the target or is an entity; "" if it is not http(s)."""
    if not re.match(r"https?://", url, re.IGNORECASE):
        return ""
    kept = "".join(quote(c) if c in '()<>\\`"|^{}' or unicodedata.category(c)[0] in "CZ" else c for c in url)
    return re.sub(r"&(?=#?\w{1,40};)", r"\\&", kept)
