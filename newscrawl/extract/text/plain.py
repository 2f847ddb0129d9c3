"""The plain reader: the paragraphs of the element with most running text. For pages too short for trafilatura's statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import (
    HEADINGS,
    OUTSIDE,
    lines_at_breaks,
    link_only,
    marked_outside,
)
from newscrawl.extract.page.lines import is_sentence, one_line, word_count
from newscrawl.extract.text.frame import find, lead_of, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_SPANS = frozenset(map(str, range(2, 100)))
HEADLINE = "\x00headline"  # marks the position of the h1 among the lines


def plain_text(tree: HtmlElement, heading: HtmlElement | None = None) -> list[str]:
    """The paragraphs of the element that contains most running text, or of the one around all boxes of the same text."""
    found = find(tree)
    if found is None:
        return []
    around = span_of(tree, heading, found).around
    lines = [line for line in _blocks(found.container if around is None else around) if line]
    if (lead := lead_of(found.container)) is not None:
        lines.insert(0, one_line(lead.text_content()))
    starts = [i for i, line in enumerate(lines) if line is HEADLINE]
    if starts:
        above, below = lines[: starts[-1]], lines[starts[-1] :]
        lines = below if word_count(" ".join(below)) >= word_count(" ".join(above)) else lines
    return [line for line in lines if line is not HEADLINE]


def _blocks(container: HtmlElement) -> Iterator[str]:
    """The lines of a container in order: text directly in it, its blocks, and blocks inside its divisions."""
    inline: list[str] = [container.text or ""]
    for child in container:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in OUTSIDE or tag == "h1" or marked_outside(child):
            yield one_line("".join(inline))
            inline = []
            if tag == "h1":
                yield HEADLINE
        elif tag == "br":
            yield one_line("".join(inline))
            inline = []
        elif tag in ("ul", "ol"):
            yield one_line("".join(inline))
            inline = []
            if not link_only(child):
                for item in child.iter("li"):
                    line = one_line(item.text_content())
                    yield f"- {line}" if line else ""
        elif tag == "dl":
            yield one_line("".join(inline))
            inline = []
            if not link_only(child):
                yield from (
                    f"- {line}" for item in child.iter("dt", "dd") if (line := one_line(item.text_content()))
                )
        elif tag == "table" and _holds_data(child):
            yield one_line("".join(inline))
            inline = []
            yield from _rows(child)
        elif tag in ("p", "pre", "summary", *HEADINGS):
            yield one_line("".join(inline))
            inline = []
            # A row of links is a menu, even in a paragraph.
            if not (tag == "p" and len(child.findall(".//a")) >= 2 and link_only(child)) or is_sentence(
                one_line("".join(child.itertext()))
            ):
                yield from (one_line(part) for part in lines_at_breaks(child))
        elif tag in (
            "div",
            "section",
            "article",
            "main",
            "blockquote",
            "center",
            "td",
            "tr",
            "tbody",
            "table",
        ):
            yield one_line("".join(inline))
            inline = []
            if not (link_only(child) and tag != "blockquote"):
                yield from _blocks(child)
        elif tag and next(child.iterdescendants("p", "div", "summary", "ul", "ol"), None) is not None:
            yield one_line("".join(inline))
            inline = []
            yield from _blocks(child)
        elif tag:
            inline.append(child.text_content())
        inline.append(child.tail or "")
    yield one_line("".join(inline))


def _holds_data(table: HtmlElement) -> bool:
    """Whether a table holds data and is not the page's layout: two cells in a row, no blocks of text in them."""
    if table.find(".//table") is not None or any(
        word_count(p.text_content()) >= 25 for p in table.iter("p", "div")
    ):
        return False
    return any(len(row.findall("td")) + len(row.findall("th")) >= 2 for row in table.iter("tr"))


def _rows(table: HtmlElement) -> Iterator[str]:
    """The rows of a table as trafilatura writes them: "| a | b |", all with as many cells as the longest."""
    rows: list[list[str]] = []
    for row in table.iter("caption", "tr"):
        cells: list[str] = []
        for cell in [row] if row.tag == "caption" else [c for c in row if c.tag in ("td", "th")]:
            span = cell.get("colspan") or "1"
            cells += [one_line(cell.text_content())] + [""] * ((int(span) if span in _SPANS else 1) - 1)
        if any(cells):
            rows.append(cells)
    widest = max(map(len, rows), default=0)
    for cells in rows:
        yield one_line(" ".join(f"| {cell}" for cell in cells + [""] * (widest - len(cells))) + " |")
