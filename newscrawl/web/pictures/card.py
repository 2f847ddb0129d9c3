"""The card of a difference: a picture of 1200 by 630 pixels that shows what went and what came, for a story or a link.

What is drawn where is decided here once; as SVG it is written by lxml, so that no word of a page becomes markup, and
`png.py` draws the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from newscrawl.judge.diff.differences import Op, Span
from newscrawl.text import printable

WIDTH, HEIGHT, MARGIN = 1200, 630, 60
PAPER, INK, SOFT, LINE = "#fffdf8", "#1b1d21", "#5b6470", "#d8d3c8"
WENT, CAME = ("#fbdcdc", "#8f1d1d"), ("#d9f2e0", "#14562b")
_SVG = "http://www.w3.org/2000/svg"
_FONTS = "'DejaVu Sans', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
_LINES = 7  # of the difference
_TITLE_LINES = 2


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says. `spans` are the most telling piece of the difference; `label` names its field."""

    head: str
    title: str
    label: str
    spans: tuple[Span, ...]
    facts: str
    dates: str
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text on the card: where its baseline begins, how large, how wide, and whether it went or came."""

    x: float
    y: float
    size: int
    text: str
    width: float
    fill: str = INK
    bold: bool = False
    op: Op = Op.SAME


Measure = Callable[[str, int, bool], float]


def pieces(card: Card, measure: Measure) -> Iterator[Piece]:
    """Everything on the card, from top to bottom; `measure` gives the width of a text at a size."""
    room = WIDTH - 2 * MARGIN

    def line(y: float, size: int, text: str, fill: str, *, bold: bool = False) -> Piece:
        fitting = _fitting(_clean(text), room, size, measure, bold=bold)
        return Piece(MARGIN, y, size, fitting, measure(fitting, size, bold), fill, bold)

    yield line(88, 26, f"newscrawl · {card.head}", SOFT)
    y = 150.0
    for words in _wrapped([Span(Op.SAME, card.title)], room, 42, measure, _TITLE_LINES, bold=True):
        yield from _placed(words, y, 42, measure, bold=True)
        y += 54
    y += 14
    if card.label:
        yield line(y, 22, card.label, SOFT)
        y += 44
    space = max(int((HEIGHT - 110 - y) // 44) + 1, 1)
    for words in _wrapped(card.spans, room, 30, measure, min(_LINES, space)):
        yield from _placed(words, y, 30, measure)
        y += 44
    yield line(HEIGHT - 66, 22, f"{card.dates} · {card.facts}", SOFT)
    yield line(HEIGHT - 34, 22, card.address, SOFT)


def svg(card: Card) -> bytes:
    """The card as SVG; widths are estimated, because nobody knows which font will draw it."""
    root = etree.Element(
        f"{{{_SVG}}}svg",
        {"width": str(WIDTH), "height": str(HEIGHT), "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img"},
        nsmap={None: _SVG},
    )
    root.set("{http://www.w3.org/XML/1998/namespace}lang", card.language)
    etree.SubElement(root, f"{{{_SVG}}}title").text = _clean(card.title)
    etree.SubElement(root, f"{{{_SVG}}}desc").text = " ".join(
        f"[{'-' if one.op is Op.REMOVED else '+'}{_clean(one.text)}]"
        if one.op is not Op.SAME
        else _clean(one.text)
        for one in card.spans
    )
    _box(root, 0, 0, WIDTH, HEIGHT, PAPER)
    _box(root, 0, 0, WIDTH, 12, INK)
    _box(root, MARGIN, HEIGHT - 104, WIDTH - 2 * MARGIN, 2, LINE)
    for piece in pieces(card, estimated):
        if piece.op is not Op.SAME:
            _box(
                root, piece.x - 3, piece.y - piece.size, piece.width + 6, piece.size * 1.32, colours(piece)[0]
            )
        drawn = etree.SubElement(
            root,
            f"{{{_SVG}}}text",
            {
                "x": f"{piece.x:.1f}", "y": f"{piece.y:.1f}", "font-size": str(piece.size), "font-family": _FONTS,
                "fill": colours(piece)[1], "font-weight": "bold" if piece.bold else "normal",
                # The estimate holds in whatever font: the words are fitted into their box.
                "textLength": f"{max(piece.width, 1):.1f}", "lengthAdjust": "spacingAndGlyphs",
            },
        )  # fmt: skip
        if piece.op is not Op.SAME:
            drawn.set("text-decoration", "line-through" if piece.op is Op.REMOVED else "underline")
        drawn.text = piece.text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _box(root: etree._Element, x: float, y: float, width: float, height: float, fill: str) -> None:
    numbers = {"x": x, "y": y, "width": width, "height": height}
    etree.SubElement(
        root, f"{{{_SVG}}}rect", {name: f"{value:.1f}" for name, value in numbers.items()} | {"fill": fill}
    )


def estimated(text: str, size: int, bold: bool) -> float:
    """The width of a text in an unknown font: narrow, usual and wide letters at their usual share of the size."""
    share = sum(
        0.32 if one in " .,:;!'|iljtfrI()[]" else 0.86 if one in "mwMWЖШЩЮжшщюмф@—%" else 0.6 for one in text
    )
    return share * size * (1.08 if bold else 1)


def colours(piece: Piece) -> tuple[str, str]:
    """The colours behind and of a piece."""
    return {Op.REMOVED: WENT, Op.ADDED: CAME}.get(piece.op, (PAPER, piece.fill))


def _clean(text: str) -> str:
    return " ".join(printable(text).split())


def _wrapped(
    spans: Sequence[Span], room: float, size: int, measure: Measure, most: int, *, bold: bool = False
) -> list[list[Span]]:
    """Spans cut into lines of words that fit; what has no room ends in an ellipsis."""
    lines: list[list[Span]] = [[]]
    used = 0.0
    space = measure(" ", size, bold)
    for span in spans:
        for word in _clean(span.text).split(" "):
            short = _fitting(word, room, size, measure, bold=bold)
            width = measure(short, size, bold)
            if used and used + space + width > room:
                if len(lines) == most:
                    lines[-1].append(Span(Op.SAME, "…"))
                    return lines
                lines.append([])
                used = 0.0
            if short:
                lines[-1].append(Span(span.op, short))
                used += width + (space if used else 0)
    return lines


def _placed(
    words: Sequence[Span], y: float, size: int, measure: Measure, *, bold: bool = False
) -> Iterator[Piece]:
    """The words of a line as pieces: neighbours of one kind are one piece."""
    x, space = float(MARGIN), measure(" ", size, bold)
    run: list[str] = []
    for number, word in enumerate(words):
        run.append(word.text)
        if number + 1 < len(words) and words[number + 1].op is word.op:
            continue
        text = " ".join(run)
        width = measure(text, size, bold)
        yield Piece(x, y, size, text, width, bold=bold, op=word.op)
        x += width + space
        run = []


def _fitting(text: str, room: float, size: int, measure: Measure, *, bold: bool) -> str:
    if measure(text, size, bold) <= room:
        return text
    text = text[: int(room / (size * 0.2))]
    while text and measure(f"{text}…", size, bold) > room:
        text = text[: -max(1, len(text) // 20)]
    return f"{text}…"
