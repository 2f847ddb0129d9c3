"""Reads the JSON values that a page's scripts contain or assign (page state, Next.js flight streams)."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_DEPTH = 60
MAX_RESOLVED = 50_000  # members of lists that references lead to
# Of all scripts together; the largest real page state seen has 3 MB.
MAX_CHARS = 6_000_000
_ASSIGNED = re.compile(
    r"(?:^|[;\s(])(?:(?:window|self|globalThis)(?:\.[\w$]{1,60}|\[[\"'][\w$:.-]{1,60}[\"']\])|__[A-Z][A-Z0-9_]{2,40}"
    r"|Fusion\.globalContent)\s{0,5}=\s{0,5}(?P<parse>JSON\.parse\(\s{0,5})?(?=[\[{\"'])"
)
_FLIGHT = re.compile(r"self\.__next_f\.push\(\s{0,5}(?=\[)")
_FLIGHT_ROW = re.compile(r"([0-9a-f]{1,6}):(?:T([0-9a-f]{1,8}),)?")
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "source"})
_PLAIN_TAG = re.compile(r"^[a-z][a-z0-9]{0,15}$")


def script_values(tree: HtmlElement) -> Iterator[tuple[str, Any]]:
    """(origin, value) of each JSON value that a script contains or assigns."""
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
    """The objects of a Nuxt 3 payload, a flat list whose members refer to each other by index, with their strings inserted."""
    if not isinstance(values, list):
        return values

    def item(pointer: Any) -> Any:
        whole = isinstance(pointer, int) and not isinstance(pointer, bool) and 0 <= pointer < len(values)
        return values[pointer] if whole else None

    def text(pointer: Any) -> str | None:
        return found if isinstance(found := item(pointer), str) else None

    left = MAX_RESOLVED

    def resolve(pointer: Any) -> Any:
        nonlocal left
        found = item(pointer)
        if not isinstance(found, list) or left < 0:
            return found if isinstance(found, str) else None
        left -= len(found)
        blocks = (
            item(p) for p in found[:2000]
        )  # a list of blocks, one level down: pointers may run in circles
        return [
            {k: text(v) for k, v in b.items()} if isinstance(b, dict) else b
            for b in blocks
            if not isinstance(b, list)
        ]

    return [{k: resolve(v) for k, v in value.items()} for value in values[:20_000] if isinstance(value, dict)]


def _flight(stream: str) -> Iterator[Any]:
    """The rows of a Next.js flight stream (`id:json` lines and `id:Tlength,text`), with references to text rows resolved.

    Lengths count bytes of UTF-8, so the stream is split as bytes.
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
    # What React would render, because the text may exist only as elements.
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
    """The markup of React elements `["$", tag, key, {children}]`; a component is replaced by its children."""
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
        if tag in (
            "script",
            "style",
            "nav",
            "footer",
            "aside",
            "form",
            "button",
            "svg",
            "head",
            "meta",
            "link",
            "header",
            "noscript",
        ):
            return ""
        plain = _PLAIN_TAG.match(tag) and tag not in _VOID
        return f"<{tag}>{inside}</{tag}>" if plain else "<br>" if tag == "br" else inside
    mixed = _is_children(value)
    return "".join(_rendered(v, depth + 1) for v in value if mixed or isinstance(v, list))


def _is_children(value: list[Any]) -> bool:
    """Whether a list is an element's children (text and elements), not a property with a list of values."""
    return any(isinstance(v, list) and v[:1] == ["$"] for v in value) or all(
        isinstance(v, str) for v in value
    )
