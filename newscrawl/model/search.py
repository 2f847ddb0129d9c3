"""What a full-text search asks for and finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newscrawl.model.extraction import Precision
from newscrawl.model.ledger import State

MOST_COUNTED = 1000
"""Waiting versions are counted so far: more are "more than 1,000", because counting a million takes as long as a search."""


class Part(StrEnum):
    """The part of a version in which words are looked for."""

    TEXT = "text"  # any of title, subtitle, body and authors
    TITLE = "title"
    AUTHORS = "authors"
    FACETS = "facets"  # what it is selected by: source, edition, language, day, state, kinds of edit


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a phrase: any of these stems, or with `prefix` any word that begins so."""

    stems: frozenset[str]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one behind the other in one part of a version."""

    words: tuple[Word, ...]
    part: Part = Part.TEXT


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What versions must hold: of each group of phrases at least one, and none of those in `without`."""

    groups: tuple[tuple[Phrase, ...], ...]
    without: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A version as it is put into the index: the stems of its parts in order, and what it is selected by."""

    version_id: int
    article_id: int
    moment: int  # seconds since 1970: when the article was published, or first seen where that is not known
    title: tuple[str, ...]
    body: tuple[str, ...]  # subtitle and body
    authors: tuple[str, ...]
    facets: tuple[str, ...]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A version that answers a query, as the index knows it; `moment` as in `Document`."""

    version_id: int
    article_id: int
    moment: int


@dataclass(frozen=True, slots=True)
class Matches:
    """The versions that answer a query: those put in last, and those put in last of which the title alone answers it.

    `in_title` are the ids of the latter. `cut` is whether further ones, all put in earlier, were left out.
    """

    found: tuple[Match, ...]
    in_title: frozenset[int] = frozenset()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article that answers a query, with the newest of its versions that does.

    `snippet` are pieces of its text in order, each with whether it is a word that was asked for; pieces are
    joined as they stand. `gone_since` is when the words were first found to stand there no more, None
    while the newest version still has them.
    """

    article_id: int
    source: str
    edition: str
    url: str
    state: State
    title: str | None
    published: datetime | None
    published_precision: Precision | None
    version: int
    versions: int
    at: datetime
    gone_since: datetime | None
    snippet: tuple[tuple[str, bool], ...]
    unreadable_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits. `more` is whether there are further ones; `cut` whether older matches were left out of the ranking.

    `waiting` is how many versions the index does not have yet, counted up to MOST_COUNTED + 1.
    """

    hits: tuple[SearchHit, ...]
    more: bool
    cut: bool
    waiting: int

    def __iter__(self) -> Iterator[SearchHit]:
        return iter(self.hits)
