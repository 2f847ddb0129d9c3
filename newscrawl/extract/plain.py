"""Reads the paragraphs of one container of the page: made for pages too short for statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.elements import HEADINGS, OUTSIDE, is_outside, link_only, marked_outside
from newscrawl.extract.lines import one_line, word_count
from newscrawl.extract.phrases import FURNITURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

HEADLINE = "\x00headline"  # stands for the h1 in the plain reader's lines


def plain_text(tree: HtmlElement) -> list[str]:
    """The paragraphs of the one container that holds most running text. Made for pages too short for statistics."""
    body = next(tree.iter("body"), tree)
    weight: dict[HtmlElement, float] = {}
    for block in body.iter("p", "blockquote", "div"):
        if is_outside(block):
            continue
        own = _own_text(block)
        words = word_count(own)
        if words < 5 or link_only(block) or FURNITURE.fullmatch(own[:600]):
            continue
        if block.tag == "div" and block.find(".//p") is not None:
            continue
        parent, share = block.getparent(), 1.0
        for _ in range(3):
            if parent is None or parent.tag == "html":
                break
            weight[parent] = weight.get(parent, 0.0) + words * share
            parent, share = parent.getparent(), share * 0.75
    if not weight:
        return []
    order = {e: i for i, e in enumerate(body.iter())}
    best = max(weight, key=lambda e: (weight[e], -order.get(e, 0)))
    lines = [line for line in _blocks(best) if line]
    starts = [i for i, line in enumerate(lines) if line is HEADLINE]
    if starts:
        above, below = lines[: starts[-1]], lines[starts[-1] :]
        lines = below if word_count(" ".join(below)) >= word_count(" ".join(above)) else lines
    return [line for line in lines if line is not HEADLINE]


def _own_text(block: HtmlElement) -> str:
    return one_line(
        " ".join(block.itertext())
        if block.tag != "div"
        else (block.text or "") + " ".join(c.tail or "" for c in block)
    )


def _blocks(container: HtmlElement) -> Iterator[str]:
    """Lines of a container in order: text directly in it, its blocks, and blocks inside its divisions."""
    inline: list[str] = [container.text or ""]
    for child in container:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in OUTSIDE or tag == "h1" or marked_outside(child):
            yield one_line(" ".join(inline))
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
        elif tag in ("p", "pre", *HEADINGS):
            yield one_line("".join(inline))
            inline = []
            yield from (one_line(part) for part in _broken(child))
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
        elif tag:
            inline.append(child.text_content())
        inline.append(child.tail or "")
    yield one_line("".join(inline))


def _broken(element: HtmlElement) -> list[str]:
    """The text of an element, parted at its line breaks."""
    parts = [element.text or ""]
    for child in element.iter():
        if child is element:
            continue
        if child.tag == "br":
            parts.append("")
        elif isinstance(child.tag, str) and child.tag not in ("script", "style"):
            parts[-1] += child.text or ""
        parts[-1] += child.tail or ""
    return parts
