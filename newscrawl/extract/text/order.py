"""Holds the lines of a reading against the page: the order of words, and the joiners inside them, are the page's."""

from __future__ import annotations

from collections import Counter
from html import unescape
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import HEADINGS
from newscrawl.extract.page.lines import Sought, is_sentence, one_line, squash, word_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

_START = 24  # letters by which the beginning or the end of a paragraph is known
_OF_SENTENCES = frozenset(
    {
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "time",
        "u",
        "var",
    }
)
_PARAGRAPH = 8  # words of a paragraph at least
_ENDS = '.!?…:։۔।。»”"'  # of a sentence, which is no line of facts
_JOINERS = ("\u200c", "\u200d")


def as_on_page(lines: Sequence[str], tree: HtmlElement) -> list[str]:
    """The lines, each that has the letters of a block of the page in another order, or without some, as the block has them.

    trafilatura rebuilds paragraphs with nested inline elements from their parts: it may put the parts in a wrong order,
    lose what stands between or behind inner parts, and it drops the joiners of letters and emoji. A sentence that is mostly a link
    it takes for a pointer; between two paragraphs of the text it is one of them.
    """
    text = "".join(tree.itertext())
    if any(mark in text for mark in _JOINERS) or not _stand_in(text, lines):
        blocks = _Blocks(tree)
        lines = [blocks.restored(line) for line in lines]
    have = Sought("".join(map(squash, lines)))
    starts = {squash(line)[:_START]: i for i, line in enumerate(lines)}
    ends = {squash(line)[-_START:]: i for i, line in enumerate(lines)}
    found = list(lines)
    at = {squash(line): i for i, line in enumerate(lines)}
    lost: list[tuple[int, str]] = []  # sentences, each with the line behind which it stands
    whole_blocks: set[str] = set()
    for paragraph in tree.iter("p"):
        if not len(paragraph) or any(e.tag not in _OF_SENTENCES for e in paragraph.iterdescendants()):
            continue
        block = "".join(paragraph.itertext())
        if "&#" in block:  # escaped twice; the reading has the sign itself
            block = unescape(block)
        key = squash(block)
        if len(key) <= _START or have.holds(key):
            continue
        i = starts.get(key[:_START], ends.get(key[-_START:], -1))
        if i < 0:
            before, behind = (at.get(_key_of(p), -1) for p in (paragraph.getprevious(), paragraph.getnext()))
            if 0 <= before == behind - 1 and is_sentence(sentence := one_line(block)):
                lost.append((before, sentence))
            i = before + 1 if 0 <= before == behind - 2 else -1
        if i >= 0 and _is_within(line := squash(lines[i]), key):
            whole_blocks = whole_blocks or set(map(squash, _blocks(tree)))
            if line not in whole_blocks:  # else a caption repeats a sentence of the text and goes on
                found[i] = one_line(block)
    for i, sentence in reversed(lost):
        found.insert(i + 1, sentence)
    return found


def _key_of(paragraph: HtmlElement | None) -> str:
    """The key of a paragraph beside another one, "" if there is none."""
    return squash("".join(paragraph.itertext())) if paragraph is not None and paragraph.tag == "p" else ""


def _is_within(part: str, whole: str) -> bool:
    """Whether all letters of `part` stand in `whole`, in the same order; in any order if they are half of it at least."""
    if len(part) * 2 >= len(whole) and not Counter(part) - Counter(whole):
        return True
    at = 0
    for letter in part:
        at = whole.find(letter, at) + 1
        if not at:
            return False
    return True


def _stand_in(text: str, lines: Sequence[str]) -> bool:
    """Whether each line has its letters in the order of the page's text. Most stand there as they are, and that is soon seen."""
    as_it_is = Sought(" ".join(text.split()))
    apart = [line for line in lines if not as_it_is.holds(line.removeprefix("- "))]
    whole = Sought(squash(text) if apart else "")
    return all(whole.holds(squash(line)) for line in apart)


def without_headline(lines: Sequence[str], tree: HtmlElement, headline: HtmlElement | None) -> list[str]:
    """The lines without the headline at the start of the first ones, where the page has it in an element of its own."""
    title = one_line("".join(headline.itertext())) if headline is not None else ""
    found = list(lines)
    for i, line in enumerate(found[:2]):
        if not title or len(line) < len(title) + 2 or not line.startswith(title):
            continue
        key = squash(line)[: len(squash(title)) + _START]
        if not any(squash(block).startswith(key) for block in _blocks(tree)):
            found[i] = line[len(title) :].lstrip(" ,;:|–—-")
    return found


def without_glued(lines: Sequence[str], plain: Sequence[str]) -> list[str]:
    """The lines, each that is one or several paragraphs with short lines of its box glued to it (name, date, topics) without those.

    trafilatura takes the text of a whole box where it finds too little, as of a post of one paragraph.
    `plain` are the lines of the box as they stand apart.
    """
    paragraphs = [line for line in plain if word_count(line) >= _PARAGRAPH]
    apart = set(plain)
    found = list(lines)
    for i, line in enumerate(found):
        inside = [] if line in apart else [p for p in paragraphs if p in line]
        if len(inside) > 1:
            rest = line
            for paragraph in inside:
                rest = rest.replace(paragraph, " ", 1)
            # Several paragraphs in one line, with nothing of the text between them.
            if word_count(rest) <= _PARAGRAPH and not rest.strip().endswith(tuple(_ENDS)):
                found[i] = "\n".join(p for p in plain if p in inside)
            continue
        if not inside:
            continue
        head, paragraph, tail = line.partition(inside[0])
        keep_head = head if head.strip()[-1:] in _ENDS else ""
        keep_tail = tail if tail.strip()[-1:] in _ENDS or word_count(tail) > _PARAGRAPH else ""
        found[i] = f"{keep_head}{paragraph}{keep_tail}"
    return [one for line in found for one in line.split("\n")]


class _Blocks:
    """The blocks of a page, by their text, by its key and by its letters in any order."""

    def __init__(self, tree: HtmlElement) -> None:
        self._texts: set[str] = set()
        self._by_key: dict[str, str] = {}
        self._by_letters: dict[str, str | None] = {}
        for block in _blocks(tree):
            key, letters = squash(block), _letters(block)
            self._texts.add(block)
            self._by_key.setdefault(key, block)
            # Two blocks of the same letters ("2:1", "1:2") say nothing of a third line.
            same = self._by_letters.setdefault(letters, block)
            if same is not None and squash(same) != key:
                self._by_letters[letters] = None

    def restored(self, line: str) -> str:
        """A line as the block has it that says the same, or that has the same letters; other lines as they are."""
        if line in self._texts:
            return line
        same = self._by_key.get(squash(line))
        if same is not None:  # the order is right: only joiners may be missing
            return same if any(mark in same for mark in _JOINERS) else line
        block = self._by_letters.get(_letters(line))
        if block is None:
            return line
        return f"- {block}" if line.startswith("- ") and not block.startswith("- ") else block


def _letters(line: str) -> str:
    return "".join(sorted(squash(line)))


def _blocks(tree: HtmlElement) -> Iterator[str]:
    """The texts of the innermost blocks. Every element is visited once, and every text is read once."""
    found = list(tree.iter("p", "li", "blockquote", "pre", "div", "td", *HEADINGS))
    outer: set[HtmlElement] = set()
    for element in found:
        around = element.getparent()
        while around is not None and around not in outer:
            outer.add(around)
            around = around.getparent()
    for element in found:
        if element not in outer:
            yield one_line("".join(element.itertext()))
