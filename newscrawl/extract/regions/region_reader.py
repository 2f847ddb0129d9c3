"""Marks the parts of a page that are not the article's, by names, links, headings and counts; finds the article's block."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import HEADINGS, is_advertisement, texts_before
from newscrawl.extract.page.lines import is_sentence, one_line, squash, word_count
from newscrawl.extract.regions import comment_headings
from newscrawl.extract.regions.outline import Outline
from newscrawl.extract.regions.region_names import EDGES, Region, named, opened_by, says_comments, says_own
from newscrawl.extract.text.phrases import READ_ALSO
from newscrawl.extract.text.stop_headings import StopKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

HEADLINE_WORDS = 4  # a link of fewer words may belong to a menu
CARD_WORDS = 90  # a card is a headline, a date, perhaps a teaser; what is longer is a text
CARDS = 3  # alike side by side
SENTENCE = 8  # words beside a link that make it part of a sentence
POINTER_WORDS = 400  # a paragraph of links has no more
LABEL_WORDS = 5  # words before the links of a pointer line in a language without a table
TEASER = 25  # words of running text: an element with more is text, not an item of a list
MOST_LINKS = 4000
MOST_HEADINGS = (
    24  # stop headings, and headings of next articles, that are examined: each costs a pass over the page
)
MOST_ANSWERS = 200  # elements below a heading that are searched for signs of comments
KICKER = 12  # words that may stand above the headline of another article
NEAR = 60  # words around the block of the text that may be its byline and date
WHOLE = 0.9  # share of the page's own running text that the article's block must hold
ROW_WORDS = 24  # words of a row of page links
LONGEST_ADDRESS = 2000
_PAGE_NUMBER = re.compile(r"(?:\w{1,12} )?([2-9]|[1-4]\d)")
_PAGE_ADDRESS = re.compile(
    r"(?:[?&](?:page|paged|pg|p|seite|pagina|page_number)=|/(?:page|seite|pagina)[/-]?|[^/]/|[-_,]p?)(\d{1,2})(?:\.\w{3,5})?/?(?:#.*)?$"
)
_POINTERS = frozenset({"p", "div", "li", "blockquote", "section", "td", "center", "dd", *HEADINGS})
_LINE_TAGS = frozenset(
    {"div", "p", "span", "strong", "b", "section", "summary", "legend", "header", "dt", *HEADINGS}
)
_INLINE_HEADINGS = frozenset({"b", "strong", "em", "i", "span"})
_NO_HEADING_INSIDE = frozenset({"a", "button", "li", "nav"})


class Reader:
    """Marks the parts one after the other, the surest first; what is marked stays marked."""

    def __init__(self, outline: Outline, heading: HtmlElement | None, ends: StopKeys) -> None:
        self.outline = outline
        self.heading = heading
        self.ends = ends
        self.at = outline.position.get(heading, -1) if heading is not None else -1
        # The headline and what is around it are the article's whatever their names say.
        self.above = {self.at, *outline.ancestors(self.at)} if self.at >= 0 else {0}
        self.regions: list[Region | None] = [None] * len(outline.elements)
        self.total = outline.prose[-1]

    def read(self) -> tuple[tuple[Region, ...], int]:
        """The region of each position, the position of the article's block (-1: none)."""
        self.by_names()
        self.answered()
        self.pointers()
        self.next_articles()
        self.cards()
        self.below_headings()
        block = self.own_block()
        out = self.outline
        regions = [r or Region.PAGE for r in self.regions]
        for i in range(block, out.end[block]) if block >= 0 else ():
            if self.regions[i] is None:
                regions[i] = Region.ARTICLE
        if block >= 0:
            self.page_links(block, regions)
        return tuple(regions), block

    def mark(self, i: int, region: Region) -> None:
        for k in range(i, self.outline.end[i]):
            if self.regions[k] is None:
                self.regions[k] = region

    def unmarked(self, start: int, end: int) -> int:
        """The words of running text between two positions that are nobody else's."""
        prose = self.outline.prose
        return sum(prose[k + 1] - prose[k] for k in range(start, end) if self.regions[k] is None)

    # --- what elements say of themselves ---------------------------------------------------------

    def by_names(self) -> None:
        out = self.outline
        i, n = 0, len(out.elements)
        while i < n:
            if i not in self.above and (region := self.opened(i)) is not None:
                self.mark(i, region)
                i = out.end[i]
            else:
                i += 1

    def opened(self, i: int) -> Region | None:
        """The part that an element opens, if its words do not speak against it."""
        out = self.outline
        element = out.elements[i]
        tag = element.tag
        if tag in ("html", "body") or not isinstance(tag, str):
            return None
        region, sure = opened_by(element)
        if region is None and tag not in EDGES:
            return Region.FRAME if is_advertisement(element) else None
        prose = out.prose_in(i)
        if region is Region.COMMENTS:
            return region if self.is_comments(i, sure=sure or says_comments(element)) else None
        if region is Region.HIDDEN:
            return region if prose * 2 < max(self.total, 1) or prose < TEASER else None
        if tag in EDGES and region in (None, Region.FRAME):
            return None if self.is_own_edge(i, element) else Region.FRAME if prose * 2 <= self.total else None
        if region is Region.FRAME:
            return region if prose * (2 if sure else 4) <= self.total else None
        if region is Region.OTHER:
            return (
                region
                if prose * 4 <= self.total and (out.linked(i) * 3 >= out.words(i) or not prose)
                else None
            )
        return Region.FRAME if is_advertisement(element) else None

    def is_comments(self, i: int, *, sure: bool) -> bool:
        """Whether an element named after comments holds them: not a part of a line, and not the text of a comment piece."""
        out = self.outline
        prose = out.prose_in(i)
        if out.home[i] != i or (prose and not self.prose_above(i)):
            return False
        above = out.prose[i] - out.prose[max(self.at, 0)]
        return sure or above > 0 or prose * 2 <= self.total

    def prose_above(self, i: int) -> bool:
        """Whether running text or the headline stands before an element."""
        return self.at < i if self.at >= 0 else self.outline.prose[i] > 0

    def is_own_edge(self, i: int, element: HtmlElement) -> bool:
        """Whether a header or footer belongs to the article: it says so, or it is in an <article> with the headline."""
        out = self.outline
        for k in out.ancestors(i):
            around = out.elements[k]
            if around.tag == "article":
                return k in self.above or self.at < 0
            if around.tag in ("section", "main") and k in self.above and says_own(element):
                return True
        return says_own(element) and not named((element.get("class") or "").replace("footer", ""))

    def answered(self) -> None:
        """Boxes with a control to answer ("Reply") below the text of the article: comments, whatever their names are."""
        out = self.outline
        boxes: list[int] = []
        for i, element in enumerate(out.elements):
            if self.regions[i] is not None or not comment_headings.answers(element):
                continue
            box = next((k for k in out.ancestors(i) if out.prose_in(k) or k in self.above), -1)
            if box >= 0 and box not in self.above and self.unmarked(max(self.at, 0), box):
                boxes.append(box)
                self.mark(box, Region.COMMENTS)
            if len(boxes) >= MOST_ANSWERS:
                break
        for parent in sorted({out.parent[k] for k in boxes}):
            self.mark_box(parent, Region.COMMENTS)

    def pointers(self) -> None:
        """Lines that only point to other pages: "Read also: headline, headline", in any language, however many links.

        Told by the links: headlines with nothing but separators between them, behind a label with a colon or a phrase that
        is known. A linked sentence of the text is no headline.
        """
        out = self.outline
        for i, element in enumerate(out.elements):
            words = out.block[i]
            if (
                not out.block_linked[i]
                or out.block_linked[i] * 2 < words
                or words != out.words(i)
                or self.regions[i] is not None
            ):
                continue
            if element.tag not in _POINTERS or i in self.above or words > POINTER_WORDS:
                continue
            links = [k for k in range(i + 1, out.end[i]) if out.elements[k].tag == "a" and out.words(k)]
            label = "".join(texts_before(element, out.elements[links[0]])) if links else ""
            text = one_line(label)
            free = words - out.block_linked[i]
            said = len(text.split()) if text.isascii() else word_count(text)
            if free > said + len(links) or not all(map(_is_address, (out.elements[k] for k in links))):
                continue  # words between the links or behind them: a sentence
            headlines = [k for k in links if out.words(k) >= HEADLINE_WORDS]
            known = bool(READ_ALSO.match(text or one_line(element.text_content()[:200])))
            labelled = text.endswith((":", "：")) and said <= LABEL_WORDS and headlines == links
            # Between the headline and the text such a row has the date and the topics, each with its link.
            below = out.prose[i] > out.prose[max(self.at, 0)]
            row = below and not text and len(links) >= 2 and headlines == links
            if known or ((labelled or row) and not any(self.is_sentence(k) for k in links)):
                self.mark(i, Region.OTHER)

    def is_sentence(self, i: int) -> bool:
        return is_sentence(one_line(self.outline.text(i)))

    # --- other articles ---------------------------------------------------------------------------

    def next_articles(self) -> None:
        """Articles below this one: like this one's own block in tag and class, with a linked or first-level heading."""
        out = self.outline
        if self.at < 0:
            return
        examined = 0
        for i in range(out.end[self.at], len(out.elements)):
            element = out.elements[i]
            if examined >= MOST_HEADINGS:
                break
            if element.tag not in ("h1", "h2", "h3") or self.regions[i] is not None:
                continue
            top = i
            while out.parent[top] not in self.above and out.parent[top] >= 0:
                top = out.parent[top]
            if top == i:
                continue
            own = self.branch(out.parent[top])
            linked = out.linked(i) * 2 > out.words(i) and self.leads_away(i)
            if (
                (element.tag == "h1" or linked)
                and own >= 0
                and own != top
                and _alike(out.elements[own], out.elements[top])
            ):
                examined += 1
                renamed = squash(element.text_content()[:400]) != squash(self.title())
                if renamed and out.before[i] - out.before[top] <= KICKER and self.is_below(top):
                    self.mark(top, Region.OTHER)
        # Another <article> beside this one's whose heading leads to a page of its own.
        if not any(out.elements[k].tag == "article" for k in self.above):
            return
        i = out.end[self.at]
        while i < len(out.elements) and examined < MOST_HEADINGS * 2:
            if out.elements[i].tag == "article" and self.regions[i] is None and self.headed_by_link(i):
                examined += 1
                if self.is_below(i):
                    self.mark(i, Region.OTHER)
                    i = out.end[i]
                    continue
            i += 1

    def is_below(self, i: int) -> bool:
        """Whether enough of this article's text stands above an element for it to be another article."""
        return self.unmarked(self.at, i) * 3 >= self.outline.prose_in(i)

    def title(self) -> str:
        return self.heading.text_content()[:400] if self.heading is not None else ""

    def branch(self, parent: int) -> int:
        """The child of an element that holds the headline; -1 if there is none."""
        return next(
            (k for k in (self.at, *self.outline.ancestors(self.at)) if self.outline.parent[k] == parent), -1
        )

    def leads_away(self, i: int) -> bool:
        """Whether a heading is, holds or is in a link to another page."""
        out = self.outline
        inside = (out.elements[k] for k in range(i, min(out.end[i], i + 20)))
        around = (out.elements[k] for k in out.ancestors(i)[:4])
        return any(_is_address(e) for e in (*inside, *around) if e.tag == "a")

    def headed_by_link(self, i: int) -> bool:
        out = self.outline
        heads = (k for k in range(i, out.end[i]) if out.elements[k].tag in HEADINGS)
        first = next(heads, -1)
        return first >= 0 and self.leads_away(first)

    def cards(self) -> None:
        """Repeated elements with one headline link each and few words besides."""
        out = self.outline
        kinds: dict[tuple[int, object, str | None], set[int]] = {}
        climbs: list[list[tuple[tuple[int, object, str | None], int]]] = []
        for i in self.headline_links():
            climb: list[tuple[tuple[int, object, str | None], int]] = []
            k = i
            for _ in range(5):
                parent = out.parent[k]
                if parent < 0 or k in self.above:
                    break
                element = out.elements[k]
                key = (parent, element.tag, element.get("class"))
                kinds.setdefault(key, set()).add(k)
                climb.append((key, k))
                k = parent
            climbs.append(climb)
        found: dict[int, int] = {}
        for climb in climbs:
            best = max(climb, key=lambda pair: len(kinds[pair[0]]), default=None)
            if best and len(kinds[best[0]]) >= CARDS and self.is_card(best[1], climb[0][1]):
                found[best[1]] = best[0][0]
        held = sum(out.prose_in(k) for k in found)
        if held * 3 > self.total:
            return  # a list of things is the text itself, or the page is a list
        around: set[int] = set()
        for k, parent in found.items():
            if not self.among_paragraphs(k, parent):
                self.mark(k, Region.OTHER)
                around.add(parent)
        for parent in sorted(around):
            self.mark_box(parent)

    def is_card(self, i: int, link: int) -> bool:
        """Whether an element is a headline link with little above it and few words below it; a bare line must be wholly link."""
        out = self.outline
        words, home = out.words(i), out.home[i]
        if home != i and out.block[home] > out.block_linked[home]:
            return False  # part of a line with words of its own
        if words > CARD_WORDS or out.before[link] - out.before[i] > KICKER:
            return False
        plain = all(out.home[k] == i for k in range(i + 1, min(out.end[i], i + 12)))
        return not plain or out.linked(i) >= 0.8 * words

    def mark_box(self, parent: int, region: Region = Region.OTHER) -> None:
        """Marks the box around cards or comments, with its heading, as far up as it holds nothing else."""
        out = self.outline
        box = -1
        for _ in range(6):
            if parent < 0 or parent in self.above or out.elements[parent].tag in ("body", "html"):
                break
            if out.prose_in(parent) and self.unmarked(parent, out.end[parent]):
                break
            if self.free_words(parent) > KICKER:
                break
            box, parent = parent, out.parent[parent]
        if box >= 0:
            self.mark(box, region)

    def free_words(self, i: int) -> int:
        """The words in an element that are nobody else's."""
        block, home = self.outline.block, self.outline.home
        return sum(
            block[k] for k in range(i, self.outline.end[i]) if self.regions[k] is None and home[k] == k
        )

    def headline_links(self) -> Iterable[int]:
        """Links of a headline's length that are not part of a sentence."""
        out = self.outline
        count = 0
        for i, element in enumerate(out.elements):
            if element.tag != "a":
                continue
            count += 1
            if count > MOST_LINKS:
                return
            if self.regions[i] is None and out.words(i) >= HEADLINE_WORDS and _is_address(element):
                home = out.home[i]
                if home == i or out.block[home] - out.block_linked[home] <= SENTENCE:
                    yield i

    def among_paragraphs(self, i: int, parent: int) -> bool:
        """Whether a card is a paragraph, or an item of a list, of a text: paragraphs stand on both sides of it."""
        out = self.outline
        tag = out.elements[i].tag
        around = out.parent[parent] if tag == "li" else parent
        if tag not in ("li", "p") or around < 0:
            return False
        first, last = (parent, out.end[parent]) if tag == "li" else (i, out.end[i])
        above = out.prose[first] - out.prose[around]
        below = out.prose[out.end[around]] - out.prose[last]
        return above > 0 and below > 0

    # --- what stands below a heading --------------------------------------------------------------

    def below_headings(self) -> None:
        out = self.outline
        found = 0
        for i in range(max(out.end[self.at] if self.at >= 0 else 0, 0), len(out.elements)):
            if found >= MOST_HEADINGS:
                break
            if (
                self.regions[i] is not None
                or i in self.above
                or out.elements[i].tag not in _LINE_TAGS
                or not 0 < out.words(i) <= 60
            ):
                continue
            if out.end[i] - i > 6 or out.words(i) > 12:
                continue
            text = one_line(out.text(i))
            if not text or len(text) > 120 or not self.is_heading(i):
                continue
            key = squash(text)
            comments = comment_headings.heads(text)
            if comments or (comments is None and self.is_discussed(i)):
                if out.elements[i].tag in HEADINGS or out.elements[i].tag in ("summary", "legend"):
                    found += 1
                    self.comments_below(i)
            elif key in self.ends.every:
                found += 1
                self.others_below(i, terminal=key in self.ends.terminal or key in self.ends.own)

    def is_heading(self, i: int) -> bool:
        """Whether a short text is a line of its own and not a word of a sentence or an entry of a menu."""
        out = self.outline
        element = out.elements[i]
        if element.tag in _INLINE_HEADINGS and out.home[i] != i and out.block[out.home[i]] > out.words(i):
            return False
        return not any(out.elements[k].tag in _NO_HEADING_INSIDE for k in out.ancestors(i)[:12])

    def climb(self, i: int) -> int:
        """The highest element around a heading that begins with it."""
        out = self.outline
        while (
            (up := out.parent[i]) >= 0
            and up not in self.above
            and out.elements[up].tag not in ("body", "html")
        ):
            if out.before[i] > out.before[up]:
                break
            i = up
        return i

    def following(self, i: int) -> Iterable[int]:
        """The positions of the later siblings of an element."""
        out = self.outline
        parent = out.parent[i]
        k, stop = out.end[i], out.end[parent] if parent >= 0 else out.end[i]
        while k < stop:
            yield k
            k = out.end[k]

    def comments_below(self, i: int) -> None:
        """Marks what stands below a heading of comments, if text of the article stands above it."""
        block = self.climb(i)
        start = max(self.at, 0)
        if not self.unmarked(start, block):
            return
        self.mark(block, Region.COMMENTS)
        for k in self.following(block):
            if k in self.above:
                break
            self.mark(k, Region.COMMENTS)

    def is_discussed(self, i: int) -> bool:
        """Whether what stands below a heading has what comments have: a form to write, words to reply, several dates."""
        out = self.outline
        dates = 0
        block = self.climb(i)
        for k in (block, *islice(self.following(block), MOST_ANSWERS)):
            for element in out.elements[k : min(out.end[k], k + MOST_ANSWERS)]:
                dates += element.tag == "time"
                if element.tag == "textarea" or dates > 1:
                    return True
                if comment_headings.answers(element):
                    return True
        return False

    def others_below(self, i: int, *, terminal: bool) -> None:
        """Marks the list below a stop heading; below a terminal one all but further text of this article."""
        out = self.outline
        block = self.climb(i)
        start = max(self.at, 0)
        own_list = block != i and out.words(block) > out.words(i) + 3
        inside = out.prose_in(block)
        above = self.unmarked(start, block)
        below = self.unmarked(out.end[block], len(out.elements))
        if inside > above + below:
            return
        if own_list and (inside * 4 < above + below or out.linked(block) * 2 > out.words(block)):
            self.mark(block, Region.OTHER)
        elif not own_list:
            self.list_below(block)
        if terminal and above >= 15 and above >= below + inside:
            self.end_at(block)

    def list_below(self, block: int) -> None:
        """Marks a stop heading and the links beside it."""
        out = self.outline
        links = 0
        for k in self.following(block):
            element = out.elements[k]
            prose, words = out.prose_in(k), out.words(k)
            if k in self.above or prose >= TEASER or (element.tag in HEADINGS and links):
                break
            linked = out.linked(k)
            if (element.tag in ("p", "blockquote") and linked < 0.8 * words) or (not linked and words >= 5):
                break
            links += linked
            self.mark(k, Region.OTHER)
        if links:
            self.mark(block, Region.OTHER)

    def end_at(self, block: int) -> None:
        """Ends the article at a terminal heading: only text in elements of the same kind as before is still its own."""
        out = self.outline
        start = max(self.at, 0)
        kinds = {self.kind(k) for k in out.prose_blocks(start, block) if self.regions[k] is None}
        keep: set[int] = set()
        for k in out.prose_blocks(out.end[block]):
            if self.regions[k] is None and self.kind(k) in kinds:
                keep.update((k, *out.ancestors(k)))
        for k in range(block, len(out.elements)):
            if (
                self.regions[k] is None
                and k not in keep
                and not (keep and out.parent[k] in keep and k > block and self.kind(k) in kinds)
            ):
                self.regions[k] = Region.OTHER

    def kind(self, i: int) -> tuple[object, ...]:
        """What paragraphs of one text have in common: tag and class of the paragraph and of the element around it."""
        out = self.outline
        element, around = out.elements[i], out.elements[max(out.parent[i], 0)]
        return element.tag, element.get("class"), around.tag, around.get("class")

    # --- further pages --------------------------------------------------------------------------------

    def page_links(self, block: int, regions: list[Region]) -> None:
        """Marks the row of links to further pages of the article ("Page 1 of 3: 2 3") as frame."""
        out = self.outline
        for i in range(block, out.end[block]):
            element = out.elements[i]
            if (
                element.tag != "a"
                or regions[i] not in (Region.ARTICLE, Region.FRAME)
                or not 0 < out.words(i) <= 3
            ):
                continue
            number = _PAGE_NUMBER.fullmatch(one_line(out.text(i)))
            address = _PAGE_ADDRESS.search((element.get("href") or "")[:LONGEST_ADDRESS]) if number else None
            if not number or not address or number[1] != address[1]:
                continue
            row = out.home[i]
            while (up := out.parent[row]) > block and out.words(up) <= ROW_WORDS and up not in self.above:
                row = up
            if row == block or out.words(row) > ROW_WORDS or not out.prose[row] > out.prose[block]:
                continue
            for k in range(row, out.end[row]):
                regions[k] = Region.FRAME

    # --- the article's block ------------------------------------------------------------------------

    def own_block(self) -> int:
        out = self.outline
        prose = out.prose
        own = [0]
        for k in range(len(out.elements)):
            own.append(own[-1] + (prose[k + 1] - prose[k] if self.regions[k] is None else 0))
        total = own[-1]
        body = next((k for k, e in enumerate(out.elements) if e.tag == "body"), 0)
        if self.at >= 0:
            for k in out.ancestors(self.at):
                if own[out.end[k]] - own[k] >= WHOLE * total or k == body:
                    return self.widened(k, own)
            return body
        if not total:
            return -1
        best = body
        for k in range(len(out.elements)):
            if out.parent[k] == best and own[out.end[k]] - own[k] >= WHOLE * total:
                best = k
        return best

    def widened(self, block: int, own: list[int]) -> int:
        """The <article> around a block; else the block with the short lines around it, such as a byline beside its box."""
        out = self.outline
        around = out.ancestors(block)
        if (article := next((k for k in around if out.elements[k].tag == "article"), None)) is not None:
            return article
        for k in around:
            more = out.words(k) - out.words(block)
            if (
                out.elements[k].tag in ("body", "html")
                or more > NEAR
                or own[out.end[k]] - own[k] > own[out.end[block]] - own[block]
            ):
                break
            block = k
        return block


def _alike(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether two elements are of one tag and share a class, or are <article>s."""
    if one.tag != other.tag:
        return False
    if one.tag == "article":
        return True
    classes = set((one.get("class") or "").split())
    return not classes.isdisjoint((other.get("class") or "").split())


def _is_address(link: HtmlElement) -> bool:
    href = (link.get("href") or "").strip()
    return bool(href) and not href.startswith(("#", "javascript:", "mailto:", "tel:"))
