"""Moves: what it means that the address of a known article leads to another address.

A redirect or a refresh says that the piece has another address, or that there is something else to
read. The page at its end says which. Two pieces are never made one: what the archive knew beside the
article, what is older, and what has nothing in common with it is something else.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from newscrawl.judge import identity
from newscrawl.model import AliasKind, Channel, Content, Known, Lead, Observation
from newscrawl.text import normal, words

# Of the words of the shorter headline: where nothing else is known of the dates, alike headlines tell a rewritten piece.
ALIKE_HEADLINES = 0.5


class Leads(StrEnum):
    """Where the address of an article leads."""

    SAME = "same"  # to the piece itself at another address, edited or not
    RELATED = "related"  # to what may be the piece rewritten, or part of a larger one: a piece of its own
    ELSEWHERE = "elsewhere"  # to something else: a removal signal


def leads(old: Known, now: Content, target: Known | None) -> Leads:
    """Where the address of `old` leads if it shows an article that says `now`.

    `target` is the article that the archive knows at that address, None if it knows none or `old` itself. One that
    was known while `old` still had its own address can be the same piece only if nearly all words are the same.
    """
    before = old.content
    later = target is None or target.first_seen > old.last_seen
    differ = identity.dates_differ(before, now)
    older = differ and _is_older(now, before)
    if differ and (older or target is not None):
        if identity.same_text(before, now):
            return Leads.SAME
        return Leads.RELATED if later and not older and identity.same_piece(before, now) else Leads.ELSEWHERE
    if identity.same_piece(before, now):
        return Leads.SAME if later or identity.is_duplicate(before, now) else Leads.RELATED
    if differ or not later:
        return Leads.ELSEWHERE
    if identity.is_same_instant(before, now):
        return Leads.SAME
    alike = identity.body_overlap(before.body, now.body) >= identity.UNRELATED
    return Leads.RELATED if alike or _alike_headlines(before.title, now.title) else Leads.ELSEWHERE


def is_renamed(article: Known, other: Known) -> bool:
    """Whether `other`, which holds the text of an article whose address is dead, is that article under a new address.

    It is where it was first met after the old address was last seen alive; one met before is another article. That
    the texts agree was checked by the caller.
    """
    return other.first_seen > article.last_seen


def is_edited_at(observation: Observation, article: Known) -> bool:
    """Whether the piece has, at another address than its own, a text that the archive does not know.

    A page that names another address as its own (AMP, print) has another template: edits are seen at the
    article's own address. A text of the past is a copy that was left behind.
    """
    page = observation.article
    if page is None or not page.is_article or observation.content_hash in article.hashes:
        return False
    named = any(alias.kind is AliasKind.CANONICAL for alias in observation.aliases)
    return not named and not observation.names(article.url_key)


def is_named(article: Known, now: Content, other: Known) -> bool:
    """Whether `article`, whose page now says `now` and names the address of `other` as its own, is one article with `other`.

    Both addresses answer, so the texts must agree as those of duplicates do, or state the same instant and be mostly
    the same. Of the two, the one that was met first is kept, so it must be `article`.
    """
    if other.edition != article.edition or other.first_seen < article.first_seen:
        return False
    same = identity.is_same_instant(now, other.content) and identity.same_piece(now, other.content)
    return same or identity.is_duplicate(now, other.content)


def newly_named(observation: Observation, known: Collection[str]) -> tuple[tuple[str, Lead], ...]:
    """What a known article's page calls its address now and did not before, to be fetched: the piece may be edited there.

    `known` are the keys of addresses that the archive has met or that a page named before.
    """
    return tuple(
        (alias.key, Lead(alias.url, Channel.BLOCK, observation.fetch.url))
        for alias in observation.aliases
        if alias.kind is AliasKind.CANONICAL and alias.url is not None and alias.key not in known
    )


def _is_older(one: Content, other: Content) -> bool:
    return one.published is not None and other.published is not None and one.published < other.published


def _alike_headlines(one: str | None, other: str | None) -> bool:
    first, second = (frozenset(words(normal(title))) if title else frozenset() for title in (one, other))
    shorter = min(len(first), len(second))
    return shorter > 0 and len(first & second) >= ALIKE_HEADLINES * shorter
