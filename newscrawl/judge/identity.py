"""Identity: whether two texts are one published piece, and which known article an observation is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from newscrawl.model import Alias, AliasKind, Content, Known, Observation, Precision
from newscrawl.text import normal, words

# Shares of common four-word runs. Unrelated articles of one outlet share a sentence or two (legal lines, background
# paragraphs), and daily notices (rates, weather) most of their words; an edited article keeps most of its runs.
SAME_BODY = 0.5  # of the shorter text: versions of one piece at one address
DUPLICATE_BODY = 0.8  # of both texts: one piece at two addresses, whatever their headlines
COPIED = 0.9  # of the shorter text, under the same headline: a copy in another frame
COPIED_WHOLE = 0.95  # of both texts, whatever stands above them
UNRELATED = 0.1  # of the shorter text: below, and under another headline, it is another page
_RUN = 4
_MINUTE = timedelta(minutes=1)
_LONGEST = 200_000  # letters of a text whose runs are compared; no real article has more
# A page that said so many words and now says hardly any, none of them in the same order, has lost its text; what is left
# (date line, subtitle, photo credit) is its frame. Fewer than 25 words are no news brief either.
HAD_TEXT, HARDLY_ANY = 60, 25


def is_duplicate(one: Content, other: Content) -> bool:
    """Whether two addresses that some evidence joins hold one piece. Strict: a wrong merge loses an article.

    Dates of publication that differ rule it out; then the headline must be the same over a
    largely common text, or the texts be nearly the same.
    """
    if dates_differ(one, other):
        return False
    if normal(one.title) and normal(one.title) == normal(other.title):
        return body_overlap(one.body, other.body) >= SAME_BODY or not one.body or not other.body
    return same_text(one, other)


def is_copy(one: Content, other: Content) -> bool:
    """Whether two addresses that merely look alike hold one piece: nothing differs but the frame.

    Stricter than `is_duplicate`, because nothing else joins them: "/story?ref=1" and "/story?ref=2" may be notices of
    two days that differ in a figure. The shorter text stands in the longer one with all its numbers; an edit between
    two reads may change it where both state the same minute of publication.
    """
    if dates_differ(one, other):
        return False
    if is_same_instant(one, other) and is_duplicate(one, other):
        return True
    first, second = sorted((one.body, other.body), key=len)
    overlap, mine, others = body_overlap(first, second), _runs(first), _runs(second)
    same_title = bool(normal(one.title)) and normal(one.title) == normal(other.title)
    whole = bool(mine or others) and len(mine & others) >= COPIED_WHOLE * len(mine | others)
    return (whole or (same_title and overlap >= COPIED)) and _numbers(first) <= _numbers(second)


def related(one: Content, other: Content) -> bool:
    """Whether a page read at an article's address has anything to do with the article known there."""
    same_title = bool(normal(one.title)) and normal(one.title) == normal(other.title)
    return same_title or body_overlap(one.body, other.body) >= UNRELATED


def same_piece(one: Content, other: Content) -> bool:
    """Whether two contents are versions of one piece: mostly the same body, or the same headline over a related one."""
    overlap = body_overlap(one.body, other.body)
    same_title = bool(normal(one.title)) and normal(one.title) == normal(other.title)
    return overlap >= SAME_BODY or (
        same_title and (overlap >= SAME_BODY / 2 or not one.body or not other.body)
    )


def is_emptied(observation: Observation, known: Known) -> bool:
    """Whether a page that passes for an article is the known one's frame alone: its text is gone and no other came."""
    if observation.article is None or not observation.article.is_article:
        return False
    return _emptied(known.content, Content.of(observation.article))


def _emptied(known: Content, now: Content) -> bool:
    return (
        len(words(known.body[:_LONGEST])) >= HAD_TEXT
        and len(words(now.body[:_LONGEST])) < HARDLY_ANY
        and body_overlap(known.body, now.body) < UNRELATED
    )


def same_text(one: Content, other: Content) -> bool:
    """Whether two contents have nearly the same body, whatever stands above it."""
    first, second = _runs(one.body), _runs(other.body)
    return bool(first or second) and len(first & second) >= DUPLICATE_BODY * len(first | second)


def body_overlap(one: str, other: str) -> float:
    """Share (0 to 1) of the shorter text's four-word runs that are in the longer one as well."""
    first, second = _runs(one), _runs(other)
    if not first or not second:
        return 0.0
    return len(first & second) / min(len(first), len(second))


def is_same_instant(one: Content, other: Content) -> bool:
    """Whether both state the same instant of publication, to the minute; a bare day is no instant."""
    if one.published is None or other.published is None:
        return False
    if Precision.DAY in (one.published_precision, other.published_precision):
        return False
    return abs(one.published - other.published) < _MINUTE


def resolve(
    observation: Observation, direct: Known | None, *, confirmed: bool, others: Mapping[str, Known]
) -> tuple[Known | None, bool]:
    """Which known article an observation is about, and whether it was made at a duplicate address (not known for it until now).

    `direct` is the article that has the address itself; `confirmed` is false if a page merely
    claimed it. `others` are articles that have one of the other addresses (redirect target,
    canonical link, the source's number). Those count only if the page says the same: a wrong
    canonical link must never swallow an article. Where nothing but the form of two addresses joins them, the text must
    be a copy.
    """
    if direct is not None and confirmed:
        return direct, False
    candidates = [direct] if direct is not None else []
    candidates += [others[alias.key] for alias in _by_strength(observation.aliases) if alias.key in others]
    if observation.article is None or not observation.article.is_article:
        return None, False
    content = Content.of(observation.article)
    numbered = {
        others[a.key].id for a in observation.aliases if a.kind is AliasKind.IDENTITY and a.key in others
    }
    for candidate in candidates:
        known = candidate.content
        # The source's own number, or that its page names this address, and the instant of publication say that it is
        # the piece, whatever was edited.
        tied = candidate.id in numbered or candidate is direct
        stated = tied and is_same_instant(known, content) and same_piece(known, content)
        if stated or is_duplicate(known, content):
            return candidate, True
    guessed = (others[key] for key in observation.guesses if key in others)
    copied = next((known for known in guessed if is_copy(known.content, content)), None)
    return copied, copied is not None


def dates_differ(one: Content, other: Content) -> bool:
    """Whether two contents state dates of publication that contradict each other."""
    if one.published is None or other.published is None:
        return False
    if Precision.DAY in (one.published_precision, other.published_precision):
        # A bare day may be meant in another zone than the instant.
        return abs((one.published - other.published).total_seconds()) > 36 * 3600
    return abs((one.published - other.published).total_seconds()) >= 60


def _by_strength(aliases: tuple[Alias, ...]) -> list[Alias]:
    order = (AliasKind.REDIRECT, AliasKind.CANONICAL, AliasKind.IDENTITY)
    return sorted((a for a in aliases if a.kind in order), key=lambda alias: order.index(alias.kind))


def _numbers(body: str) -> frozenset[str]:
    return frozenset(word for word in words(body[:_LONGEST]) if any(map(str.isdigit, word)))


def _runs(body: str) -> frozenset[tuple[str, ...]]:
    tokens = words(body[:_LONGEST])
    if len(tokens) < _RUN:
        return frozenset([tuple(tokens)]) if tokens else frozenset()
    return frozenset(tuple(tokens[i : i + _RUN]) for i in range(len(tokens) - _RUN + 1))
