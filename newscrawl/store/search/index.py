"""What an index of full-text search does, whichever database keeps it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import product
from typing import Protocol, Self

from newscrawl.model.search import Document, Match, Matches, Part, Phrase, TextQuery

# Changes with the words that a text is indexed by; an index of another number is made anew.
INDEX_VERSION = 2
# What words of titles and of authors begin with where only they count. Words of texts have no such sign, so nothing else is
# found by them, and the index need not be asked in which part of a text a word stands: of a word of half a million texts,
# that is half a million answers.
_MARKS = {Part.TITLE: "t_", Part.AUTHORS: "a_", Part.FACETS: "f_", Part.TEXT: ""}
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

    def newest(self, query: TextQuery, limit: int) -> list[Match]:
        """The versions last put in that answer the query, latest first, at most `limit`."""

    def among(self, query: TextQuery, version_ids: Sequence[int]) -> set[int]:
        """Which of these versions answer the query."""

    def languages(self) -> Collection[str]:
        """The languages of the texts in it."""

    def size(self) -> int:
        """How many versions are in it."""

    def reset(self) -> None:
        """Empties it, to be filled anew."""


def sequence(document: Document) -> Iterator[str]:
    """The words of a document in the order in which the index has them.

    Those of titles and authors stand there twice, plain and marked. The marked ones part the plain ones, so that no phrase
    joins a title to a text; the body, which may be longer than a database counts, comes last.
    """
    for part, words in (
        (Part.FACETS, document.facets),
        (Part.TEXT, document.authors),
        (Part.AUTHORS, document.authors),
        (Part.TEXT, document.title),
        (Part.TITLE, document.title),
        (Part.TEXT, document.body),
    ):
        mark = _MARKS[part]
        yield from (f"{mark}{word}" for word in words) if mark else words


def ways(phrase: Phrase) -> Iterator[tuple[str, ...]]:
    """Every way to say a phrase, one word of the index for each of its words."""
    mark = _MARKS[phrase.part]
    stems = ([f"{mark}{stem}" for stem in sorted(word.stems)] for word in phrase.words)
    for number, way in enumerate(product(*stems)):
        if number == _MOST_WAYS:
            return
        yield way


def matches(index: SearchIndex, query: TextQuery, limit: int) -> Matches:
    """The versions that answer the query: the `limit` put in last, and as many whose title alone does."""
    found = index.newest(query, limit)
    named = index.newest(_in_title(query), limit) if _has_words(query) else []
    known = {one.version_id: one for one in (*found, *named)}
    return Matches(tuple(known.values()), frozenset(one.version_id for one in named), len(found) >= limit)


def _in_title(query: TextQuery) -> TextQuery:
    """The same query, with its words looked for in titles alone."""

    def moved(phrase: Phrase) -> Phrase:
        return Phrase(phrase.words, Part.TITLE) if phrase.part is Part.TEXT else phrase

    return TextQuery(tuple(tuple(map(moved, group)) for group in query.groups), query.without)


def _has_words(query: TextQuery) -> bool:
    """Whether anything is looked for in texts, and not only selected by."""
    return any(phrase.part is not Part.FACETS for group in query.groups for phrase in group)
