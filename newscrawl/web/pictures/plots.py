"""Small plots as SVG inside a page: bars of one figure a day, which a screen reader gets as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT = 120, 28


def bars(values: Sequence[float], words: str) -> Markup:
    """Bars from left to right, as high as their share of the highest; `words` say what they show. "" without values."""
    most = max(values, default=0)
    if not most:
        return Markup("")
    step = WIDTH / len(values)
    drawn = Markup("").join(
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            n * step, HEIGHT - HEIGHT * value / most, max(step - 1, 0.5), HEIGHT * value / most
        )
        for n, value in enumerate(values)
        if value > 0
    )
    return Markup(
        '<svg class="bars" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, WIDTH, HEIGHT, words, drawn)
