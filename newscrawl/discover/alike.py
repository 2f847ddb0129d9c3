"""Links that stand in a list as its articles do: they are articles, too, whatever their addresses look like."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

_LEVELS = 6  # elements around a link that say what it stands in
_LEAST = 2  # links to articles in the same surroundings
_SEVERAL = 3
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_HEADLINES = (
    0.75  # share of the links in the same surroundings whose texts read like headlines: a menu has others
)
_OUTSIDE = frozenset({"nav", "footer"})
_NUMBERED = re.compile(r"\S*\d\S*")

Surroundings = tuple[tuple[str, str], ...]


def alike(
    links: Iterable[tuple[etree._Element, str]],
    articles: Mapping[str, bool],
    is_headline: Callable[[etree._Element], bool],
    may_be: Callable[[str], bool],
    *,
    older: bool = False,
) -> set[str]:
    """The addresses among `links` that no pattern takes for articles, and that their surroundings show to be.

    A source's pattern is learned from the articles of one day: an address of another form comes sooner or later, such
    as a slug of one word. Its surroundings are the element of a link with those around it; they count where they have links to
    articles, and hardly any whose texts are no headlines. Where no surroundings have such links, or on an `older` page of
    a list, all may be of a newer or an older form: there several headings are enough. `may_be` says which addresses are not ruled out.
    """
    groups: defaultdict[Surroundings, dict[str, bool]] = defaultdict(dict)
    for node, address in links:
        around = _surroundings(node)
        if not any(tag in _OUTSIDE for tag, _ in around):
            seen = groups[around]
            seen[address] = seen.get(address, False) or is_headline(node)
    found: set[str] = set()
    known = {around for around, seen in groups.items() if sum(articles[one] for one in seen) >= _LEAST}
    for around, seen in groups.items():
        headings = (
            (older or not known) and len(seen) >= _SEVERAL and any(tag in _HEADINGS for tag, _ in around)
        )
        if not headings and around not in known:
            continue
        if sum(seen.values()) >= _HEADLINES * len(seen):
            found |= {address for address, fits in seen.items() if fits and not articles[address]}
    return {address for address in found if may_be(address)}


def _surroundings(node: etree._Element) -> Surroundings:
    """The tags and classes of an element and those around it; classes with digits are of one entry alone."""
    around = (node, *islice(node.iterancestors(), _LEVELS))
    return tuple((str(one.tag), _NUMBERED.sub("", (one.get("class") or "")[:200]).strip()) for one in around)
