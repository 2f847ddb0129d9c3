"""The frame all pages share, and text made safe for HTML. Knows no subject."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

NAVIGATION = (("/", "newscrawl"), ("/health", "Health"), ("/metrics", "Metrics"))

STYLE = """\
:root { color-scheme: light dark; --soft: #6b7280; --line: #8884; --bad: #b91c1c; --warn: #a16207; --good: #15803d; }
@media (prefers-color-scheme: dark) { :root { --bad: #f87171; --warn: #facc15; --good: #4ade80; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 0 1rem 3rem; }
nav { display: flex; gap: 1.2rem; padding: 1rem 0; border-bottom: 1px solid var(--line); }
nav a:first-child { font-weight: 600; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; } td.number, th.number { text-align: right; } .number + :not(.number) { padding-left: 1.5rem; }
.error { color: var(--bad); font-weight: 600; } .warning { color: var(--warn); font-weight: 600; } .ok { color: var(--good); }
.soft { color: var(--soft); } ul.findings { padding: 0; list-style: none; } ul.findings li { padding: .25rem 0; overflow-wrap: anywhere; }
"""


def text(words: object) -> str:
    """Words as HTML text: nothing in them is markup, and no control character or direction mark is left."""
    return escape("".join(map(_shown, str(words))))


def page(title: str, *parts: str) -> str:
    """A whole page; `parts` are HTML already."""
    links = "".join(f'<a href="{path}">{text(name)}</a>' for path, name in NAVIGATION)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{text(title)} · newscrawl</title><link rel="stylesheet" href="/style.css"></head>\n'
        f"<body><nav>{links}</nav>\n<main><h1>{text(title)}</h1>\n{''.join(parts)}</main></body></html>\n"
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """A table; cells are HTML already, those of the columns `numbers` stand right."""

    def line(tag: str, cells: Sequence[str]) -> str:
        right = dict.fromkeys(numbers, ' class="number"')
        marked = (f"<{tag}{right.get(at, '')}>{cell}</{tag}>" for at, cell in enumerate(cells))
        return f"<tr>{''.join(marked)}</tr>\n"

    body = "".join(line("td", row) for row in rows)
    head = line("th", [text(name) for name in headings])
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>\n'


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return "\ufffd" if category in ("Cc", "Cs", "Co", "Cn") else character
