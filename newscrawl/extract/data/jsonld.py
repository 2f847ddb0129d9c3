"""Parses JSON-LD, repairs it where it is broken, and lists its nodes."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from newscrawl.extract.page.lines import one_line

MAX_JSON_CHARS = 4_000_000
MAX_NODES = 5_000

Node = Mapping[str, Any]


def types_of(node: Node) -> frozenset[str]:
    """A node's types, lower case, without the vocabulary's address."""
    raw = node.get("@type")
    names = raw if isinstance(raw, list) else [raw]
    return frozenset(re.split(r"[/#:]", n)[-1].lower() for n in names if isinstance(n, str))


def text_of(value: Any) -> str:
    """The text of a JSON-LD value: a string, a number, a list's first text, or a node's name or @value."""
    for _ in range(6):
        if isinstance(value, list):
            value = next((v for v in value if v), None)
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("url") or value.get("@id")
        else:
            break
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return one_line(html.unescape(re.sub(r"<[^<>]{0,500}>", " ", str(value)))) if value != "" else ""


def read_json(text: str) -> tuple[list[Any], str | None]:
    """All values in a script, and the problem with it (None: no problem).

    Tolerates raw newlines in strings, surrounding HTML comments and CDATA, trailing commas and
    semicolons, wrong escapes, and several objects one after another. Linear in the text.
    """
    if len(text) > MAX_JSON_CHARS:
        return [], f"JSON-LD over {MAX_JSON_CHARS:,} characters"
    decoder = json.JSONDecoder(strict=False)
    try:
        return [decoder.decode(text.strip())], None
    except (ValueError, RecursionError):
        pass
    text = _unwrap(text)
    if '"' not in text and "&quot;" in text:
        text = html.unescape(text)
    values: list[Any] = []
    for attempt in (text, _repair(text)):
        values, position = [], 0
        try:
            while position < len(attempt):
                start = _next_value(attempt, position)
                if start < 0:
                    break
                value, position = decoder.raw_decode(attempt, start)
                values.append(value)
            return values, None if values else "JSON-LD without a value"
        except (ValueError, RecursionError):
            continue
    if rescued := _rescue(text):
        return [*values, rescued], "broken JSON-LD: only single fields could be read"
    return values, "broken JSON-LD"


def _next_value(text: str, position: int) -> int:
    starts = [p for p in (text.find("{", position), text.find("[", position)) if p >= 0]
    return min(starts) if starts else -1


def _unwrap(text: str) -> str:
    for mark in ("<!--", "-->", "//<![CDATA[", "<![CDATA[", "//]]>", "]]>", "/*", "*/"):
        stripped = text.strip()
        if stripped.startswith(mark):
            text = stripped[len(mark) :]
        elif stripped.endswith(mark):
            text = stripped[: -len(mark)]
    return text.strip().rstrip(";")


def _repair(text: str) -> str:
    """The text without trailing and doubled commas, and with wrong escapes doubled. One pass."""
    out: list[str] = []
    in_string = False
    comma_at = -1  # index in `out` of a comma with only white space after it
    i, size = 0, len(text)
    while i < size:
        c = text[i]
        if in_string:
            if c == "\\":
                following = text[i + 1 : i + 2]
                out.append(c + following if following and following in '"\\/bfnrtu' else "\\\\" + following)
                i += 2
                continue
            if c == '"':
                in_string = False
        elif c == '"':
            in_string, comma_at = True, -1
        elif c == ",":
            if comma_at >= 0:  # a doubled comma
                i += 1
                continue
            comma_at = len(out)
        elif c in "]}":
            if comma_at >= 0:
                out[comma_at] = ""
            comma_at = -1
        elif not c.isspace():
            comma_at = -1
        out.append(c)
        i += 1
    return "".join(out)


_RESCUE = {
    key: re.compile(rf'"{key}"\s{{0,20}}:\s{{0,20}}"([^"\\\n]{{1,400}})"')
    for key in ("headline", "datePublished", "dateModified", "articleSection", "inLanguage")
}


def _rescue(text: str) -> dict[str, Any]:
    """Single fields of JSON that cannot be parsed; each only if it has one and the same value in the whole script."""
    if not re.search(r'"@type"\s{0,20}:\s{0,20}\[?\s{0,20}"\w{0,20}(?:Article|BlogPosting)"', text):
        return {}
    found: dict[str, Any] = {}
    for key, pattern in _RESCUE.items():
        values = set(pattern.findall(text))
        if len(values) == 1:
            found[key] = values.pop()
    authors = re.findall(r'"author"\s{0,20}:\s{0,20}\[?\s{0,20}\{([^{}]{1,600})\}', text)
    names = {n for a in authors for n in re.findall(r'"name"\s{0,20}:\s{0,20}"([^"\\\n]{1,100})"', a)}
    if len(names) == 1:
        found["author"] = names.pop()
    return {"@type": "NewsArticle", **found} if found else {}


def nodes_of(value: Any) -> Iterator[tuple[Node, int]]:
    """(node, depth) of every node with a type or a headline, outer ones first; visits at most MAX_NODES values."""
    queue: deque[tuple[Any, int]] = deque([(value, 0)])
    seen = 0
    while queue and seen < MAX_NODES:
        item, depth = queue.popleft()
        seen += 1
        if isinstance(item, list):
            queue.extend((v, depth) for v in item[:500])
        elif isinstance(item, dict):
            if "@type" in item or "headline" in item:
                yield item, depth
            for key, child in item.items():
                if isinstance(child, dict | list):
                    inside = 0 if key in ("@graph", "mainEntity", "mainEntityOfPage") else 1
                    queue.append((child, depth + inside))
