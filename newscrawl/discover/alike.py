"""Links that stand in a list as its articles do: they are articles, too, whatever their addresses look like."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

_LEVELS = 6  # elements around a link that say where it stands
_LEAST = 2  # links to articles in the same place
_SEVERAL = 3
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_HEADLINES = 0.75  # share of the links of a place whose texts read like headlines: a menu has others
_OUTSIDE = frozenset({"nav", "footer"})
_NUMBERED = re.compile(r"\S*\d\S*")

Place = tuple[tuple[str, str], ...]


def alike(
    links: Iterable[tuple[etree._Element, str]],
    articles: Mapping[str, bool],
    is_headline: Callable[[etree._Element], bool],
    may_be: Callable[[str], bool],
    *,
    older: bool = False,
) -> set[str]:
    """The addresses among `links` that no pattern takes for articles, and that their place shows to be.

    A source's pattern is learned from the articles of one day: an address of another form comes sooner or later, such
    as a slug of one word. A place is the element of a link with those around it; it counts where it has links to
    articles, and hardly any whose texts are no headlines. On an `older` page of a list, which may have articles of an
    older form alone, several headings make such a place. `may_be` says which addresses are not ruled out.
    """
    places: defaultdict[Place, dict[str, bool]] = defaultdict(dict)
    for node, address in links:
        place = _place(node)
        if not any(tag in _OUTSIDE for tag, _ in place):
            seen = places[place]
            seen[address] = seen.get(address, False) or is_headline(node)
    found: set[str] = set()
    for place, seen in places.items():
        headings = older and len(seen) >= _SEVERAL and any(tag in _HEADINGS for tag, _ in place)
        if not headings and sum(articles[address] for address in seen) < _LEAST:
            continue
        if sum(seen.values()) >= _HEADLINES * len(seen):
            found |= {address for address, fits in seen.items() if fits and not articles[address]}
    return {address for address in found if may_be(address)}


def _place(node: etree._Element) -> Place:
    """The tags and classes of an element and those around it; classes with digits are of one entry alone."""
    around = (node, *islice(node.iterancestors(), _LEVELS))
    return tuple((str(one.tag), _NUMBERED.sub("", (one.get("class") or "")[:200]).strip()) for one in around)
