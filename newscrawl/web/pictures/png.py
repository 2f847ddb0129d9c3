"""The card of a difference as PNG, by Pillow (the extra `pictures`) and a font of the machine that has Kazakh letters.

Previews of links show PNG and no SVG. Where either is missing the pages offer the SVG alone.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from newscrawl.judge.diff.differences import Op
from newscrawl.web.pictures.card import HEIGHT, INK, LINE, MARGIN, PAPER, WIDTH, Card, colours, pieces

# Free fonts with all letters of Russian and Kazakh, as Linux, macOS and Windows have them: (regular, bold).
_FONTS = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
)
_LETTERS = "Әәғқңөұүһі"
_NONE = "\U0010fffd"  # no font has it: what is drawn for it is drawn for whatever is missing


@cache
def available() -> bool:
    """Whether there is Pillow, and a font that has the letters."""
    return _names() is not None


def png(card: Card) -> bytes:
    """The card as PNG. Only where it is `available`."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 11), fill=INK)
    draw.rectangle((MARGIN, HEIGHT - 104, WIDTH - MARGIN, HEIGHT - 103), fill=LINE)
    for piece in pieces(card, _measured):
        behind, ink = colours(piece)
        left, right, size = piece.x, piece.x + piece.width, piece.size
        if piece.op is not Op.SAME:
            draw.rectangle((left - 3, piece.y - size, right + 3, piece.y + size * 0.32), fill=behind)
        draw.text((left, piece.y), piece.text, font=_font(size, piece.bold), fill=ink, anchor="ls")
        if piece.op is not Op.SAME:
            y = piece.y - size * 0.3 if piece.op is Op.REMOVED else piece.y + size * 0.14
            draw.line((left, y, right, y), fill=ink, width=2)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _measured(text: str, size: int, bold: bool) -> float:
    return float(_font(size, bold).getlength(text))


@cache
def _font(size: int, bold: bool) -> Any:
    from PIL import ImageFont

    names = _names()
    assert names is not None
    return ImageFont.truetype(names[bold], size)


@cache
def _names() -> tuple[str, str] | None:
    try:
        from PIL import ImageFont
    except ImportError:
        return None
    for regular, bold in _FONTS:
        try:
            font = ImageFont.truetype(regular, 20)
            ImageFont.truetype(bold, 20)
        except OSError:
            continue
        missing = bytes(font.getmask(_NONE))
        if all(bytes(font.getmask(letter)) != missing for letter in _LETTERS):
            return regular, bold
    return None
