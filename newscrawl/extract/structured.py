"""What the page says in machine-readable form: JSON-LD of *the* article, metas, microdata. Picks no field's winner."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newscrawl.extract.lines import one_line, overlap

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.page import Page

MAX_JSON_CHARS = 4_000_000
MAX_NODES = 5_000

ARTICLE_TYPES = frozenset(
    [
        "newsarticle",
        "article",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "opinionnewsarticle",
        "backgroundnewsarticle",
        "reviewnewsarticle",
        "asknewsarticle",
        "advertisercontentarticle",
        "satiricalarticle",
        "techarticle",
        "scholarlyarticle",
        "report",
        "blogposting",
        "liveblogposting",
        "socialmediaposting",
        "webpage",
        "itempage",
    ]
)
_PAGE_TYPES = frozenset({"webpage", "itempage"})

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Structured:
    """`nodes` are the JSON-LD nodes of the page's own article, best first; `metas` the metas by lower-case name.

    `all_types` are the types of every node on the page; `problems` says what could not be read.
    """

    nodes: tuple[Node, ...] = ()
    by_id: Mapping[str, Node] = field(default_factory=dict)
    metas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    microdata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    all_types: frozenset[str] = frozenset()
    list_types: int = 0
    problems: tuple[str, ...] = ()

    def meta(self, *names: str) -> Iterator[tuple[str, str]]:
        """(name, content) of the named metas, in the order of the names."""
        for name in names:
            for content in self.metas.get(name, ()):
                yield name, content

    def values(self, *keys: str) -> Iterator[tuple[Any, Node]]:
        """(value, node) for the first of `keys` that each article node has."""
        for node in self.nodes:
            for key in keys:
                if node.get(key) not in (None, "", [], {}):
                    yield node[key], node
                    break

    def resolve(self, value: Any) -> Any:
        """The node an `{"@id": …}` reference stands for; anything else as it is."""
        if isinstance(value, dict) and "@id" in value and not value.get("name"):
            return self.by_id.get(str(value["@id"]), value)
        return value

    @property
    def is_article(self) -> bool:
        """Whether JSON-LD says that this page is an article."""
        return any(types_of(n) & (ARTICLE_TYPES - _PAGE_TYPES) for n in self.nodes)


def read_structured(page: Page) -> Structured:
    """Everything machine-readable of one page."""
    metas: dict[str, list[str]] = {}
    for meta in page.tree.iter("meta"):
        content = one_line(meta.get("content"))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = meta.get(attribute)
            if name and content and len(content) < 20_000:
                metas.setdefault(name.strip().lower(), []).append(content)
    problems: list[str] = []
    nodes: list[tuple[Node, int]] = []
    for script in page.tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            found, problem = read_json(script.text)
            for value in found:
                nodes.extend(_walk(value))
            if problem:
                problems.append(problem)
    by_id: dict[str, Node] = {}
    for node, _ in nodes:
        if isinstance(node.get("@id"), str) and len(node) > 1:
            by_id.setdefault(node["@id"], node)
    headlines = [h for h in (*metas.get("og:title", [])[:1], *_titles(page.tree)) if h]
    return Structured(
        nodes=tuple(_own(nodes, page, headlines)),
        by_id=by_id,
        metas={k: tuple(dict.fromkeys(v)) for k, v in metas.items()},
        microdata=_microdata(page.tree),
        all_types=frozenset().union(*(types_of(n) for n, _ in nodes)) if nodes else frozenset(),
        list_types=sum(
            1 for n, _ in nodes if types_of(n) & {"itemlist", "collectionpage", "searchresultspage"}
        ),
        problems=tuple(problems),
    )


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


# --- JSON that is not quite JSON ----------------------------------------------------------------


def read_json(text: str) -> tuple[list[Any], str | None]:
    """All values in a script, and what was wrong with it (None: nothing).

    Tolerates raw newlines in strings, HTML comments and CDATA around, trailing commas and
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
    places = [p for p in (text.find("{", position), text.find("[", position)) if p >= 0]
    return min(places) if places else -1


def _unwrap(text: str) -> str:
    for mark in ("<!--", "-->", "//<![CDATA[", "<![CDATA[", "//]]>", "]]>", "/*", "*/"):
        stripped = text.strip()
        if stripped.startswith(mark):
            text = stripped[len(mark) :]
        elif stripped.endswith(mark):
            text = stripped[: -len(mark)]
    return text.strip().rstrip(";")


def _repair(text: str) -> str:
    """Trailing commas dropped, missing commas between objects left alone, wrong escapes doubled. One pass."""
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
    """Single fields of JSON that no parser reads, only where each is given with one value in the whole script."""
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


def _walk(value: Any) -> Iterator[tuple[Node, int]]:
    """Every typed node with its depth, outer ones first; at most MAX_NODES."""
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


# --- whose node is it ---------------------------------------------------------------------------


def _own(nodes: list[tuple[Node, int]], page: Page, headlines: list[str]) -> list[Node]:
    """The nodes that describe this page's own article, best first.

    A node counts as another article's when neither its address nor its headline agrees with
    the page; a single article node is given the benefit of the doubt unless both disagree.
    """
    scored: list[tuple[float, int, Node]] = []
    articles = sum(1 for n, _ in nodes if types_of(n) & (ARTICLE_TYPES - _PAGE_TYPES))
    for order, (node, depth) in enumerate(nodes):
        types = types_of(node)
        if not types & ARTICLE_TYPES and "headline" not in node:
            continue
        if types & {"imageobject", "videoobject", "comment", "claimreview"}:
            continue
        same_address = _same_address(node, page)
        headline = text_of(node.get("headline")) or text_of(node.get("name"))
        likeness = max((overlap(headline, h) for h in headlines), default=0.0) if headline else 0.0
        is_page = bool(types & _PAGE_TYPES) and not types & (ARTICLE_TYPES - _PAGE_TYPES)
        if is_page and (depth or (headline and likeness < 0.6 and same_address is not True)):
            continue
        score = (
            (4.0 if same_address else -2.0 if same_address is False else 0.0) + 4.0 * likeness - 2.0 * depth
        )
        score += (2.0 if "article" in " ".join(types) else 0.0) - (6.0 if is_page else 0.0)
        score += sum(0.5 for k in ("datePublished", "author", "headline") if node.get(k))
        alone = articles == 1 and depth == 0 and not is_page
        if (
            likeness >= 0.6
            or same_address
            or (alone and (same_address is None or likeness >= 0.2 or not headline))
        ):
            scored.append((-score, order, node))
    return [node for _, _, node in sorted(scored, key=lambda s: s[:2])]


def _same_address(node: Node, page: Page) -> bool | None:
    """Whether the node names this page's address; None if it names none."""
    named = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    paths = set()
    for value in named:
        address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(address, str) and (absolute := page.absolute(address)):
            paths.add(_path(absolute))
    own = {_path(page.url)}
    for link in page.tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (
            canonical := page.absolute(link.get("href"))
        ):
            own.add(_path(canonical))
    paths.discard("")
    if not paths:
        return None
    return bool(paths & own)


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/").lower()


def _titles(tree: HtmlElement) -> Iterator[str]:
    for tag in ("h1", "title"):
        for i, element in enumerate(tree.iter(tag)):
            if i < 5:
                yield one_line(element.text_content())[:500]


# --- microdata ----------------------------------------------------------------------------------

_PROPS = (
    "headline",
    "alternativeheadline",
    "datepublished",
    "datemodified",
    "author",
    "articlesection",
    "datecreated",
)


_COMMENT = re.compile(r"comment|review(?:s|list)?\b", re.IGNORECASE)


def _marks(element: HtmlElement) -> str:
    return (
        f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemtype') or ''}"
        if element.tag != "body"
        else ""
    )


def _microdata(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    """The article properties of the page's main microdata item, lower-case names.

    Properties inside a second article item (a related story) do not count.
    """
    scopes = [
        e
        for e in tree.xpath("//*[@itemtype]")
        if re.search("article|blogposting", e.get("itemtype"), re.IGNORECASE)
    ][:50]
    root = max(scopes, key=lambda e: len(e.text_content())) if scopes else tree
    others = {e for e in scopes if e is not root}
    found: dict[str, list[str]] = {}
    for element in root.xpath("descendant-or-self::*[@itemprop]"):
        for prop in (element.get("itemprop") or "").lower().split():
            if prop not in _PROPS or any(
                a in others or _COMMENT.search(_marks(a)) for a in element.iterancestors()
            ):
                continue
            value = element.get("content") or element.get("datetime") or ""
            if not value and prop == "author":
                names = [n for n in element.iter() if "name" in (n.get("itemprop") or "").lower().split()]
                value = (
                    (names[0].get("content") or names[0].text_content()) if names else element.text_content()
                )
            value = one_line(value or element.text_content())
            if value and len(value) < 500:
                found.setdefault(prop, []).append(value)
    return {k: tuple(dict.fromkeys(v)) for k, v in found.items()}
