"""What an index of full-text search does, whichever database keeps it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import product
from typing import Protocol, Self

from newscrawl.model.search import Document, IndexState, Match, Part, Phrase, TextQuery

# Changes with the words that a text is indexed by; an index of another number is made anew.
INDEX_VERSION = 1
# Ways in which the alternatives of a phrase's words combine; more are left out, the first ones kept.
_MOST_WAYS = 64


class SearchIndex(AbstractContextManager["SearchIndex"], Protocol):
    """An open index. Versions are named by the id of their row; a later document of a version replaces the earlier."""

    def __enter__(self) -> Self: ...

    def close(self) -> None:
        """Closes the connection."""

    def add(self, documents: Sequence[Document], walked: int | None = None) -> None:
        """Puts documents in, in one transaction, and notes up to which version the archive was walked through."""

    def walked(self) -> int | None:
        """The id up to which the versions of before the index were put in; None: to the end."""

    def finish_walk(self) -> None:
        """Notes that the versions of before the index are all in."""

    def matches(self, query: TextQuery, limit: int) -> list[Match]:
        """The versions last put in that answer the query, latest first, at most `limit`."""

    def among(self, query: TextQuery, version_ids: Sequence[int]) -> set[int]:
        """Which of these versions answer the query."""

    def languages(self) -> Collection[str]:
        """The languages of the texts in it."""

    def state(self) -> IndexState:
        """How much is in it; `waiting` is left at 0."""

    def reset(self) -> None:
        """Empties it, to be filled anew."""


def ways(phrase: Phrase) -> Iterator[tuple[str, ...]]:
    """Every way to say a phrase, one stem for each of its words."""
    for number, way in enumerate(product(*(sorted(word.stems) for word in phrase.words))):
        if number == _MOST_WAYS:
            return
        yield way


def in_title(query: TextQuery) -> TextQuery:
    """The same query, with its words looked for in titles alone."""

    def moved(phrase: Phrase) -> Phrase:
        return Phrase(phrase.words, Part.TITLE) if phrase.part is Part.TEXT else phrase

    return TextQuery(tuple(tuple(map(moved, group)) for group in query.groups), query.without)


def has_words(query: TextQuery) -> bool:
    """Whether anything is looked for in texts, and not only selected by."""
    return any(phrase.part is not Part.FACETS for group in query.groups for phrase in group)
