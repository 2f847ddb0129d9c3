"""Finds the article's text in the data of scripts (Next.js, Nuxt, Apollo and similar), for pages that show none."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from newscrawl.extract.data.script_data import MAX_DEPTH, script_values
from newscrawl.extract.page.lines import overlap, word_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_VALUES = 150_000  # values examined in one page's data
FEWEST_WORDS = 40  # of a text taken from data
TITLE_LIKENESS = 0.75

_TITLES = frozenset({"title", "headline", "name", "heading", "seotitle", "basic", "ogtitle", "h1"})
_POINTS = frozenset({"url", "href", "slug", "link", "path", "permalink", "uri", "canonicalurl", "websiteurl", "canonical_url"})  # fmt: skip
# Keys of a block's text, best first.
_TEXTS = (
    "html",
    "content",
    "text",
    "body",
    "value",
    "children",
    "items",
    "data",
    "paragraph",
    "attrs",
    "props",
    "model",
    "blocks",
)
_KINDS = ("type", "_type", "blocktype", "nodetype", "kind", "style", "__typename", "component", "tag")
_SKIPPED_KINDS = re.compile(
    r"image|picture|photo|video|audio|embed|oembed|gallery|advert|^ad$|ads$|banner|related|recommend|interstitial|newsletter|promo"
    r"|subscri|social|share|byline|author|caption|podcast|raw_html|script|style|link_?list|read_?(?:more|also)|teaser|poll|widget|code",
    re.IGNORECASE,
)
_SKIPPED_KEYS = re.compile(
    r"comment|cookie|consent|privacy|terms|transl|i18n|locale|messages|css|styles?$|menu|footer|header$|nav|config|related|recommend|popular"
    r"|latest|teaser|promo|subscri|advert|script|seo|bio|author|description|summary|excerpt|caption|image|thumbnail",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<(?:p|div|br|h[1-6]|ul|ol|li|blockquote|strong|em|a|span)\b", re.IGNORECASE)


def embedded_html(tree: HtmlElement, title: str | None) -> tuple[str, str] | None:
    """(markup of the article's text, origin) from the page's script data; None if no text belongs to `title`.

    Text is taken only from an object with the page's title, at most four levels down, so that a list of teasers, a cookie
    notice or another article in the same data never becomes a body. Reads at most MAX_CHARS characters of scripts and
    MAX_VALUES values.
    """
    if not title:
        return None
    best: tuple[int, str, str] | None = None
    budget = [MAX_VALUES]
    for origin, value in script_values(tree):
        for markup in _articles(value, title, budget):
            words = _words(markup)
            if words >= FEWEST_WORDS and (best is None or words > best[0]):
                best = (words, markup, origin)
    return (best[1], best[2]) if best else None


def _words(markup: str) -> int:
    return word_count(re.sub(r"<[^<>]{0,2000}>", " ", markup))


# --- the article in the data -----------------------------------------------------------------------


def _articles(value: Any, title: str, budget: list[int]) -> Iterator[str]:
    """The markup of each text that belongs to an object of this title."""
    stack: list[tuple[Any, int, int]] = [(value, 0, 0)]  # value, depth, levels that still belong to the title
    while stack and budget[0] > 0:
        item, depth, own = stack.pop()
        budget[0] -= 1
        if depth > MAX_DEPTH:
            continue
        if isinstance(item, list):
            stack.extend((v, depth + 1, own) for v in item if isinstance(v, dict | list))
            if own and len(item) > 1 and (markup := _of_blocks(item)):
                yield markup
        elif isinstance(item, dict):
            names = _names(item)
            if any(_same_title(name, title) for name in names):
                own = 5
            elif names and any(k.lower() in _POINTS for k in item):
                own = 0  # another article
            for key, child in item.items():
                if _SKIPPED_KEYS.search(key):
                    continue
                if isinstance(child, str):
                    if own and len(child) > 150 and not child.startswith(("{", "[", "http")):
                        yield _markup(child)
                elif isinstance(child, dict | list):
                    stack.append((child, depth + 1, max(own - 1, 0) if isinstance(child, dict) else own))


def _names(item: dict[str, Any]) -> list[str]:
    """The titles of an object, also one level down (`{"title": {"rendered": …}}`, `{"headlines": {"basic": …}}`)."""
    found = []
    for key, value in item.items():
        low = key.lower()
        if low in _TITLES or low == "headlines":
            title = value
            if isinstance(value, dict):
                title = value.get("rendered") or value.get("basic") or value.get("text") or value.get("main")
            if isinstance(title, str) and 0 < len(title) < 500:
                found.append(title)
    return found


def _same_title(name: str, title: str) -> bool:
    if word_count(name) < min(3, word_count(title)):
        return False
    short, long = sorted((word_count(name), word_count(title)))
    return short * 2 >= long and overlap(name, title) >= TITLE_LIKENESS


def _markup(text: str) -> str:
    if _MARKUP.search(text[:20_000]):
        return text
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def _of_blocks(items: list[Any]) -> str | None:
    """The markup of a list of text blocks (headless content systems, editors' formats); None for other lists."""
    blocks = [i for i in items[:3000] if isinstance(i, dict | str)]
    teasers = sum(
        1 for b in blocks if isinstance(b, dict) and _names(b) and any(k.lower() in _POINTS for k in b)
    )
    if len(blocks) * 2 < len(items) or teasers * 2 >= len(blocks):
        return None
    return "".join(_block(b, 0) for b in blocks) or None


def _block(block: Any, depth: int) -> str:
    if isinstance(block, str):
        return _markup(block) if word_count(block) >= 3 else ""
    kinds = [str(v) for k, v in block.items() if k.lower() in _KINDS and isinstance(v, str)]
    if any(_SKIPPED_KINDS.search(kind) for kind in kinds):
        return ""
    kind_names = " ".join(kinds).lower()
    inside = _inside(block, depth)
    if not inside:
        return ""
    if re.search(r"\bh[1-6]\b|head(?:ing|er|line)|subtitle|unstyled-heading", kind_names):
        return f"<h2>{inside}</h2>"
    if "list" in kind_names and "item" not in kind_names:
        return f"<ul>{inside}</ul>"
    if "item" in kind_names:
        return f"<li>{inside}</li>"
    if "quote" in kind_names:
        return f"<blockquote><p>{inside}</p></blockquote>"
    return inside if _MARKUP.search(inside[:300]) and inside.lstrip()[:2] == "<p" else f"<p>{inside}</p>"


def _inside(value: Any, depth: int) -> str:
    """The text of a block: its string, or the joined strings of the spans in it."""
    if depth > 12:
        return ""
    if isinstance(value, str):
        return value if _MARKUP.search(value[:20_000]) or "&" in value else escape(value)
    if isinstance(value, list):
        out = []
        for v in value[:2000]:
            kind = str(v.get("type") or v.get("_type") or "").lower() if isinstance(v, dict) else ""
            if re.search(r"paragraph|item|head|quote|list$", kind) and isinstance(v, dict):
                out.append(_block(v, depth + 1))
            elif isinstance(v, str | dict):
                out.append(_inside(v, depth + 1))
        return "".join(out)
    if isinstance(value, dict):
        lowered = {k.lower(): v for k, v in value.items()}
        for key in _TEXTS:
            if (
                lowered.get(key)
                and isinstance(lowered[key], str | list | dict)
                and (found := _inside(lowered[key], depth + 1))
            ):
                return found
    return ""
