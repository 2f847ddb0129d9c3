"""Which words of a paragraph are somebody's speech: in quotation marks, after a dash, or in a block quote."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from newscrawl.judge.diff.tokens import Token

# Marks that may close a quotation, by the one that opened it: newsrooms mix styles.
_CLOSES = {
    "«": ("»",),
    "»": ("«",),
    "„": ("“", "”", '"'),
    "“": ("”", '"', "’’", "''"),
    '"': ('"', "”"),
    "''": ("''",),
    "‘": ("’",),
    "'": ("'",),
    "‚": ("‘", "’"),
}
# These always open (they are never an apostrophe or inches). Left open, they quote to the end of the paragraph.
_ALWAYS_OPEN = frozenset("«„“")
_MARKS = frozenset("«»„“”\"‘‚'") | {"''", "’’"}
_DASHES = frozenset("—–-―")
_BEFORE_DASH = frozenset(",.!?…") | {"..."}


def is_quotation_mark(token: Token) -> bool:
    """Whether a token opens or closes a quotation."""
    return token.core in _MARKS


def spoken(paragraph: Sequence[Token]) -> list[bool]:
    """For each token whether it lies inside quotation marks («», “”, „“, "", ‘’), in the speech of a dialogue
    that begins with a dash (the words between its dashes that follow a comma or full stop are the
    reporter's), or in a line that begins with ">".

    A speech of several paragraphs is closed in the last one only. So «, „ and “ that are left open quote to
    the end of the paragraph; other marks do so only at its beginning.
    """
    spoken_words = [False] * len(paragraph)
    if not paragraph:
        return spoken_words
    if paragraph[0].core[0] == ">":
        return [True] * len(paragraph)
    _between_marks(paragraph, spoken_words)
    if not any(spoken_words):
        _after_dashes(paragraph, spoken_words)
    return spoken_words


def _between_marks(paragraph: Sequence[Token], spoken_words: list[bool]) -> None:
    opened: list[int] = []
    depth = [0] * (len(paragraph) + 1)  # change in the number of enclosing quotations at each token
    for number, token in enumerate(paragraph):
        mark = token.core
        if opened and mark in _CLOSES[paragraph[opened[-1]].core]:
            depth[opened.pop() + 1] += 1
            depth[number] -= 1
        elif mark in _CLOSES and (mark in _ALWAYS_OPEN or _opens(paragraph, number)):
            opened.append(number)
    for start in opened:
        if start == 0 or paragraph[start].core in _ALWAYS_OPEN:
            depth[start + 1] += 1
    spoken_words[:] = [inside > 0 for inside in accumulate(depth[:-1])]


def _opens(paragraph: Sequence[Token], number: int) -> bool:
    """Whether an ambiguous mark (closing quote, apostrophe, inches) opens a quotation: a word begins after it."""
    before = number == 0 or bool(paragraph[number].lead) or paragraph[number - 1].core[0] in "([-—–«„“"
    return before and number + 1 < len(paragraph) and not paragraph[number + 1].lead


def _after_dashes(paragraph: Sequence[Token], spoken_words: list[bool]) -> None:
    if len(paragraph) < 3 or paragraph[0].core not in _DASHES or not paragraph[1].lead:
        return
    if not paragraph[1].core[0].isupper() or paragraph[-1].core == ";":
        return  # an item of a list
    speaking = True
    for number, token in enumerate(paragraph[1:], 1):
        parts = token.core in _DASHES and token.lead and paragraph[number - 1].core in _BEFORE_DASH
        speaking = speaking != bool(parts)
        spoken_words[number] = speaking and not parts
