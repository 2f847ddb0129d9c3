"""Finds the article's text in data that scripts carry (Next.js, Nuxt, Apollo and kin). Whether the page needs it is decided elsewhere."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from newscrawl.extract.lines import overlap, word_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

# Of all scripts together; the largest real page state seen has 3 MB.
MAX_CHARS = 6_000_000
MAX_VALUES = 150_000  # looked at in one page's data
MAX_DEPTH = 60
FEWEST_WORDS = 40  # of a text taken from data
TITLE_LIKENESS = 0.75

_ASSIGNED = re.compile(
    r"(?:^|[;\s(])(?:(?:window|self|globalThis)(?:\.[\w$]{1,60}|\[[\"'][\w$:.-]{1,60}[\"']\])|__[A-Z][A-Z0-9_]{2,40}"
    r"|Fusion\.globalContent)\s{0,5}=\s{0,5}(?P<parse>JSON\.parse\(\s{0,5})?(?=[\[{\"'])"
)
_FLIGHT = re.compile(r"self\.__next_f\.push\(\s{0,5}(?=\[)")
_FLIGHT_ROW = re.compile(r"([0-9a-f]{1,6}):(?:T([0-9a-f]{1,8}),)?")
_TITLES = frozenset({"title", "headline", "name", "heading", "seotitle", "basic", "ogtitle", "h1"})
_POINTS = frozenset({"url", "href", "slug", "link", "path", "permalink", "uri", "canonicalurl", "websiteurl", "canonical_url"})  # fmt: skip
# Text of a block, by key, best first.
_TEXTS = ("html", "content", "text", "body", "value", "children", "items", "data", "paragraph", "attrs", "props", "model", "blocks")
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
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "source"})
_PLAIN_TAG = re.compile(r"^[a-z][a-z0-9]{0,15}$")


def embedded_html(tree: HtmlElement, title: str | None) -> tuple[str, str] | None:
    """(markup of the article's text, origin) from the page's script data; None where no text belongs to `title`.

    Only text is taken that stands, at most four levels down, in an object whose own title is the page's: a list of
    teasers, a cookie notice or another article in the same data never becomes a body. Reads at most MAX_CHARS
    characters of scripts and MAX_VALUES values.
    """
    if not title:
        return None
    best: tuple[int, str, str] | None = None
    budget = [MAX_VALUES]
    for origin, value in _values(tree):
        for markup in _articles(value, title, budget):
            words = _words(markup)
            if words >= FEWEST_WORDS and (best is None or words > best[0]):
                best = (words, markup, origin)
    return (best[1], best[2]) if best else None


def _words(markup: str) -> int:
    return word_count(re.sub(r"<[^<>]{0,2000}>", " ", markup))


# --- the data in the page's scripts ----------------------------------------------------------------


def _values(tree: HtmlElement) -> Iterator[tuple[str, Any]]:
    """(origin, value) of each JSON value that a script holds or assigns."""
    left = MAX_CHARS
    flight: list[str] = []
    for script in tree.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        left -= len(text)
        if len(text) < 200 or "ld+json" in kind:
            continue
        if left < 0:
            break
        if kind.endswith("json"):
            value = _decode(text, 0)
            yield "script data", _unfolded(value) if script.get("id") == "__NUXT_DATA__" else value
            continue
        found = _FLIGHT.search(text)
        if found:
            pushed = _decode(text, found.end())
            if isinstance(pushed, list) and len(pushed) > 1 and isinstance(pushed[1], str):
                flight.append(pushed[1])
            continue
        for i, match in enumerate(_ASSIGNED.finditer(text)):
            if i >= 20:
                break
            value = _decode(text, match.end())
            if match["parse"] and isinstance(value, str):
                value = _decode(value, 0)
            if isinstance(value, dict | list):
                yield "script data", value
    if flight:
        yield from (("script data", value) for value in _flight("".join(flight)))


def _decode(text: str, start: int) -> Any:
    while start < len(text) and text[start].isspace():
        start += 1
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _unfolded(values: Any) -> Any:
    """Nuxt 3 keeps one flat list in which numbers point to other places of it: objects with their strings put back."""
    if not isinstance(values, list):
        return values

    def place(pointer: Any) -> Any:
        if isinstance(pointer, bool) or not isinstance(pointer, int) or not 0 <= pointer < len(values):
            return None
        found = values[pointer]
        if isinstance(found, list):  # a list of blocks, one level down
            return [
                {k: place(v) for k, v in inner.items() if isinstance(v, int)}
                if isinstance(inner := values[p], dict)
                else inner
                for p in found[:2000]
                if isinstance(p, int) and not isinstance(p, bool) and 0 <= p < len(values) and not isinstance(values[p], list)
            ]
        return found if isinstance(found, str) else None

    return [{k: place(v) for k, v in value.items()} for value in values[:20_000] if isinstance(value, dict)]


def _flight(stream: str) -> Iterator[Any]:
    """The rows of a Next.js flight stream: `id:json` lines and `id:Tlength,text`, with references to text rows put in.

    Lengths count bytes of UTF-8, so the stream is cut as bytes.
    """
    data = stream.encode("utf-8", "surrogatepass")
    rows: dict[str, Any] = {}
    position = 0
    for _ in range(5000):
        match = _FLIGHT_ROW.match(data[position : position + 20].decode("ascii", "replace"))
        if not match:
            following = data.find(b"\n", position)
            if following < 0:
                break
            position = following + 1
            continue
        position += match.end()
        if match[2]:
            size = int(match[2], 16)
            rows[match[1]] = data[position : position + size].decode("utf-8", "replace")
            position += size
            continue
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        value = _decode(data[position:end].decode("utf-8", "replace"), 0)
        if value is not None:
            rows[match[1]] = value
        position = end + 1
    texts = {"$" + key: value for key, value in rows.items() if isinstance(value, str)}
    parts: list[str] = []
    for value in rows.values():
        if isinstance(value, dict | list):
            yield _with_texts(value, texts, 0)
            parts.append(_rendered(value, 0))
    # What React would draw: the text may be no data at all, only elements.
    yield {"title": _heading_of(parts), "html": "".join(parts)}


def _with_texts(value: Any, texts: dict[str, str], depth: int) -> Any:
    if isinstance(value, str):
        return texts.get(value, value) if value[:1] == "$" else value
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_with_texts(v, texts, depth + 1) for v in value]
    if isinstance(value, dict):
        return {k: _with_texts(v, texts, depth + 1) for k, v in value.items()}
    return value


def _heading_of(parts: list[str]) -> str:
    found = re.search(r"<h1>(.{1,600}?)</h1>", "".join(parts), re.DOTALL)
    return re.sub(r"<[^<>]{0,300}>", " ", found[1]) if found else ""


def _rendered(value: Any, depth: int) -> str:
    """The markup of React elements `["$", tag, key, {children}]`; components stand for their children."""
    if depth > MAX_DEPTH:
        return ""
    if isinstance(value, str):
        return "" if value[:1] == "$" else escape(value)
    if isinstance(value, dict):
        raw = value.get("dangerouslySetInnerHTML")
        if isinstance(raw, dict) and isinstance(raw.get("__html"), str):
            return str(raw["__html"])
        return _rendered(value.get("children"), depth + 1)
    if not isinstance(value, list):
        return ""
    if len(value) >= 4 and value[0] == "$" and isinstance(value[1], str):
        tag, inside = value[1], _rendered(value[3], depth + 1)
        if tag in ("script", "style", "nav", "footer", "aside", "form", "button", "svg", "head", "meta", "link", "header", "noscript"):
            return ""
        plain = _PLAIN_TAG.match(tag) and tag not in _VOID
        return f"<{tag}>{inside}</{tag}>" if plain else "<br>" if tag == "br" else inside
    return "".join(_rendered(v, depth + 1) for v in value if isinstance(v, list))if not _is_children(value) else "".join(
        _rendered(v, depth + 1) for v in value
    )


def _is_children(value: list[Any]) -> bool:
    """A list of an element's children mixes text and elements; other lists of strings are properties."""
    return any(isinstance(v, list) and v[:1] == ["$"] for v in value) or all(isinstance(v, str) for v in value)


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
            if any(_alike(name, title) for name in names):
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
            if isinstance(value, dict):
                value = value.get("rendered") or value.get("basic") or value.get("text") or value.get("main")
            if isinstance(value, str) and 0 < len(value) < 500:
                found.append(value)
    return found


def _alike(name: str, title: str) -> bool:
    if word_count(name) < min(3, word_count(title)):
        return False
    short, long = sorted((word_count(name), word_count(title)))
    return short * 2 >= long and overlap(name, title) >= TITLE_LIKENESS


def _markup(text: str) -> str:
    if _MARKUP.search(text[:20_000]):
        return text
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def _of_blocks(items: list[Any]) -> str | None:
    """The markup of a list of text blocks (headless content systems, editors' formats); None if it is no such list."""
    blocks = [i for i in items[:3000] if isinstance(i, dict | str)]
    teasers = sum(1 for b in blocks if isinstance(b, dict) and _names(b) and any(k.lower() in _POINTS for k in b))
    if len(blocks) * 2 < len(items) or teasers * 2 >= len(blocks):
        return None
    return "".join(_block(b, 0) for b in blocks) or None


def _block(block: Any, depth: int) -> str:
    if isinstance(block, str):
        return _markup(block) if word_count(block) >= 3 else ""
    kinds = [str(v) for k, v in block.items() if k.lower() in _KINDS and isinstance(v, str)]
    if any(_SKIPPED_KINDS.search(kind) for kind in kinds):
        return ""
    said = " ".join(kinds).lower()
    inside = _inside(block, depth)
    if not inside:
        return ""
    if re.search(r"\bh[1-6]\b|head(?:ing|er|line)|subtitle|unstyled-heading", said):
        return f"<h2>{inside}</h2>"
    if "list" in said and "item" not in said:
        return f"<ul>{inside}</ul>"
    if "item" in said:
        return f"<li>{inside}</li>"
    if "quote" in said:
        return f"<blockquote><p>{inside}</p></blockquote>"
    return inside if _MARKUP.search(inside[:300]) and inside.lstrip()[:2] == "<p" else f"<p>{inside}</p>"


def _inside(value: Any, depth: int) -> str:
    """The text of a block: its string, or those of the spans in it, joined as they stand."""
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
            if lowered.get(key) and isinstance(lowered[key], str | list | dict) and (found := _inside(lowered[key], depth + 1)):
                return found
    return ""
