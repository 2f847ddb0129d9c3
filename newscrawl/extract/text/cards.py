"""Finds the cards of other articles on a page: repeated elements with one headline link each and little text besides."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.dating.written import only_date
from newscrawl.extract.page.lines import one_line, squash, word_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

HEADLINE_WORDS = 4  # a link of fewer words may belong to a menu or a section
MOST_WORDS = 90  # a card is a headline, a date, perhaps a teaser; what is longer is a text
MANY_CARDS = 6  # this many make a page a list if its text is theirs
FEWEST = 5  # cards of one kind side by side
FEW_HEADLINES = 3  # links that are a page's whole text
MAX_LINKS = 2000


@dataclass(frozen=True, slots=True)
class Cards:
    """The number of cards, their squashed texts and headlines, and their elements."""

    count: int = 0
    texts: str = ""
    headlines: frozenset[str] = frozenset()
    elements: tuple[HtmlElement, ...] = ()

    def share(self, paragraphs: list[str]) -> float:
        """The share of the paragraphs' words that are in cards: 0.0 to 1.0."""
        total = in_cards = 0
        for paragraph in paragraphs:
            key, words = squash(paragraph), word_count(paragraph)
            total += words
            if key and (
                key in self.texts or any(h in key and len(h) * 2 >= len(key) for h in self.headlines)
            ):
                in_cards += words
        return in_cards / total if total else 0.0


def find_cards(tree: HtmlElement) -> Cards:
    """The cards of the page: elements of one parent, tag and class, each with a headline link and few words besides."""
    kinds: dict[tuple[HtmlElement, str, str], dict[HtmlElement, str]] = {}
    climbs: list[list[tuple[tuple[HtmlElement, str, str], HtmlElement]]] = []
    for link, headline in _headline_links(tree):
        climb = []
        element = link
        for _ in range(5):
            parent = element.getparent()
            if parent is None or (element.tag in ("body", "html", "main", "article") and element is link):
                break
            key = (parent, str(element.tag), element.get("class") or "")
            kinds.setdefault(key, {})[element] = headline
            climb.append((key, element))
            if element.tag in ("body", "html"):
                break
            element = parent
        climbs.append(climb)
    found: dict[HtmlElement, str] = {}
    sizes: dict[HtmlElement, int] = {}
    for climb in climbs:
        # The kind with most members is the card; parts inside a card have fewer siblings of their kind.
        best = max(climb, key=lambda pair: len(kinds[pair[0]]), default=None)
        if best and len(kinds[best[0]]) >= FEWEST:
            card = best[1]
            if card not in sizes:
                sizes[card] = word_count(card.text_content()[:4000])
            if sizes[card] <= MOST_WORDS:
                found[card] = kinds[best[0]][card]
    texts = "\n".join(squash(card.text_content()) for card in found)
    return Cards(len(found), texts, frozenset(squash(h) for h in found.values()), tuple(found))


def only_headlines(tree: HtmlElement, paragraphs: list[str]) -> bool:
    """Whether a text consists only of links to other pages, each with or without a date, and of short labels."""
    headlines = [headline for _, headline in _headline_links(tree)]
    keys = {squash(h) for h in headlines}
    number = 0
    for line in paragraphs:
        if squash(line) in keys:
            number += 1
            continue
        rest = line.removeprefix("- ")
        inside = next((h for h in headlines if h in rest), None)
        if inside and only_date(rest.replace(inside, " ", 1)):
            number += 1
        elif not only_date(line) and word_count(line) > 3:
            return False
    return number >= FEW_HEADLINES


def _headline_links(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Links of a headline's length that are not part of a sentence, with their texts."""
    for i, link in enumerate(next(tree.iter("body"), tree).iter("a")):
        if i > MAX_LINKS:
            return
        text = one_line(link.text_content()[:600])
        parent = link.getparent()
        if parent is None or not HEADLINE_WORDS <= word_count(text) <= 60 or not link.get("href"):
            continue
        before = (parent.text or "") + " ".join(
            s.tail or "" for s in islice(link.itersiblings(preceding=True), 40)
        )
        after = (link.tail or "") + " ".join(s.tail or "" for s in islice(link.itersiblings(), 40))
        if word_count(before) <= 6 and (
            word_count(after) <= 8 or (parent.tag == "li" and not before.strip())
        ):
            yield link, text
