"""Answers a query: which articles, in which order, with what to show of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from math import log2

from newscrawl.model.search import MOST_COUNTED, Matches, Phrase, SearchHit, SearchResult
from newscrawl.search.indexing import with_subtitle
from newscrawl.search.query import Query, parse
from newscrawl.search.snippets import snippet
from newscrawl.store.search.index import matches
from newscrawl.store.search.store import SearchStore
from newscrawl.store.search.texts import IndexedText

# Versions that are ranked: the latest that answer, and the latest whose title does. Words that stand in half of a million
# versions are answered as fast as rare ones, and the result says that older ones were left out.
WINDOW = 2000
MOST_MATCHED = 20_000  # versions that a list can be narrowed to: as many values a statement may have
# An article is worth half as much for each year of its age, and three times as much where its headline has the words: as
# if it were 579 days younger, in seconds.
_TITLE_COUNTS = int(365 * 86_400 * log2(3))


class Order(StrEnum):
    """What stands first."""

    RELEVANCE = "relevance"  # words in the headline, and what is newer
    DATE = "date"  # what is newer


def search(
    store: SearchStore,
    asked: str,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
    order: Order = Order.RELEVANCE,
) -> SearchResult:
    """The articles that answer `asked`, in any of their versions. Raises UsageError for a query that cannot be read."""
    query = parse(asked, store.index.languages(), now.date())
    found = matches(store.index, query.text, WINDOW)
    articles = _articles(found, int(now.timestamp()), order)
    return SearchResult(
        hits=tuple(_hits(store, query, found, articles[offset : offset + limit])),
        more=len(articles) > offset + limit,
        cut=found.cut,
        waiting=store.behind(MOST_COUNTED + 1),
    )


@dataclass(frozen=True, slots=True)
class Matched:
    """Everything that answers a query: the versions by article, each by its number; `cut` if only the latest were looked at."""

    versions: Mapping[int, frozenset[int]]
    cut: bool


def matched(store: SearchStore, asked: str, *, now: datetime) -> Matched:
    """The versions that answer `asked`, at most MOST_MATCHED. Raises UsageError for a query that cannot be read."""
    query = parse(asked, store.index.languages(), now.date())
    answers = store.index.newest(query.text, MOST_MATCHED)
    answering = {one.version_id for one in answers}
    found: dict[int, frozenset[int]] = {}
    articles = sorted({one.article_id for one in answers})
    for part in (articles[start : start + 500] for start in range(0, len(articles), 500)):
        for article, versions in store.versions_of(part).items():
            found[article] = frozenset(number for id_, number, _ in versions if id_ in answering)
    return Matched(found, len(answers) >= MOST_MATCHED)


def _articles(matches: Matches, now: int, order: Order) -> list[int]:
    """The articles of these versions, best first. `now` is in seconds since 1970."""
    places: dict[int, int] = {}
    for one in matches.found:
        place = one.moment
        if order is Order.RELEVANCE:  # what is dated ahead is no more relevant than what is of now
            place = min(place, now) + (_TITLE_COUNTS if one.version_id in matches.in_title else 0)
        places[one.article_id] = max(place, places.get(one.article_id, place))
    return sorted(places, key=lambda article: (places[article], article), reverse=True)


def _hits(store: SearchStore, query: Query, matches: Matches, articles: Sequence[int]) -> list[SearchHit]:
    """What is shown of articles, in their order."""
    versions = store.versions_of(articles)
    answering = {one.version_id for one in matches.found}
    if matches.cut:  # a version put in before those that were looked at may be a later one of its article
        left_out = [
            row[0]
            for rows in versions.values()
            for row in takewhile(lambda row: row[0] not in answering, reversed(rows))
        ]
        answering |= store.index.among(query.text, left_out)
    shown = {
        article: max(
            (row for row in versions[article] if row[0] in answering), key=lambda row: row[1], default=None
        )
        for article in articles
        if article in versions
    }
    texts = store.load([row[0] for row in shown.values() if row is not None])
    found = []
    for article, row in shown.items():
        # A version that was put in anew a moment ago may answer no more.
        if row is None or (text := texts.get(row[0])) is None:
            continue
        later = [at for _, number, at in versions[article] if number > row[1]]
        found.append(_hit(text, query.words, later[0] if later else None, len(versions[article])))
    return found


def _hit(
    text: IndexedText, phrases: Collection[Phrase], gone_since: datetime | None, versions: int
) -> SearchHit:
    article = text.article
    pieces = snippet(with_subtitle(article), article.language, phrases)
    return SearchHit(
        article_id=text.article_id,
        source=text.source,
        edition=text.edition,
        url=text.url,
        state=text.state,
        title=article.title,
        published=article.published,
        published_precision=article.published_precision,
        version=text.number,
        versions=versions,
        at=text.at,
        gone_since=gone_since,
        snippet=pieces,
        unreadable_since=text.unreadable_since,
    )
