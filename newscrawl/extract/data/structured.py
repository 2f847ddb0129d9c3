"""The machine-readable data of one page: metas, microdata, and those JSON-LD nodes that describe its own article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newscrawl.extract.data.jsonld import Node, nodes_of, read_json, text_of, types_of
from newscrawl.extract.data.microdata import read_microdata
from newscrawl.extract.page.lines import one_line, overlap

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.html import HtmlElement

    from newscrawl.extract.page.tree import Page

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


@dataclass(frozen=True)
class Structured:
    """`nodes` are the JSON-LD nodes of the page's own article, best first; `metas` the metas by lower-case name.

    `all_types` are the types of every node on the page; `problems` lists what could not be read.
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
        """The node that an `{"@id": …}` reference refers to; any other value unchanged."""
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
        # A meta element has no `value` in HTML, but some pages use it.
        content = one_line(meta.get("content") or meta.get("value"))
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
                nodes.extend(nodes_of(value))
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
        microdata=read_microdata(page.tree),
        all_types=frozenset().union(*(types_of(n) for n, _ in nodes)) if nodes else frozenset(),
        list_types=sum(
            1 for n, _ in nodes if types_of(n) & {"itemlist", "collectionpage", "searchresultspage"}
        ),
        problems=tuple(problems),
    )


# --- the page's own nodes -----------------------------------------------------------------------


def _own(nodes: list[tuple[Node, int]], page: Page, headlines: list[str]) -> list[Node]:
    """The nodes that describe this page's own article, best first.

    A node belongs to another article if neither its address nor its headline agrees with the page; a single
    article node is accepted unless both disagree.
    """
    scored: list[tuple[float, int, Node]] = []
    own = _own_paths(page)
    articles = sum(1 for n, _ in nodes if types_of(n) & (ARTICLE_TYPES - _PAGE_TYPES))
    for order, (node, depth) in enumerate(nodes):
        types = types_of(node)
        if not types & ARTICLE_TYPES and "headline" not in node:
            continue
        if types & {"imageobject", "videoobject", "comment", "claimreview"}:
            continue
        same_address = _same_address(node, page, own)
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


def _same_address(node: Node, page: Page, own: Collection[str]) -> bool | None:
    """Whether the node names this page's address, whose paths are `own`; None if it names none."""
    named = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    paths = set()
    for value in named:
        address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(address, str) and (absolute := page.absolute(address)):
            paths.add(_path(absolute))
    paths.discard("")
    if not paths:
        return None
    return not paths.isdisjoint(own)


def _own_paths(page: Page) -> set[str]:
    own = {_path(page.url)}
    for link in page.tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (
            canonical := page.absolute(link.get("href"))
        ):
            own.add(_path(canonical))
    return own


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/").lower()


def _titles(tree: HtmlElement) -> Iterator[str]:
    for tag in ("h1", "title"):
        for i, element in enumerate(tree.iter(tag)):
            if i < 5:
                yield one_line(element.text_content())[:500]
