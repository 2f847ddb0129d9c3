"""Answers a query: which articles, in which order, with what to show of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from newscrawl.model.search import Match, Phrase, SearchHit, SearchResult
from newscrawl.search.indexing import with_subtitle
from newscrawl.search.query import Query, parse
from newscrawl.search.snippets import snippet
from newscrawl.store.search.store import SearchStore
from newscrawl.store.search.texts import IndexedText

# Versions that are ranked: the latest that answer, and the latest whose title does. Words that stand in half of a million
# versions are answered as fast as rare ones, and the result says that older ones were left out.
WINDOW = 2000
MOST_MATCHED = 20_000  # versions that a list can be narrowed to: as many values a statement may have
_TITLE_COUNTS = 3.0  # a headline says what a text is about
_HALF_LIFE = 365.0  # days after which a match counts half


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
    languages = store.index.languages()
    query = parse(asked, languages, now.date())
    matches = store.index.matches(query.text, WINDOW)
    articles = _articles(store, matches, now.date(), order)
    chosen = articles[offset : offset + limit]
    return SearchResult(
        hits=tuple(_hits(store, query, chosen)),
        more=len(articles) > offset + limit,
        cut=sum(not one.in_title for one in matches) >= WINDOW
        or sum(one.in_title for one in matches) >= WINDOW,
        state=store.state(),
    )


@dataclass(frozen=True, slots=True)
class Matched:
    """Everything that answers a query: the versions by article, each by its number; `cut` if only the latest were looked at."""

    versions: Mapping[int, frozenset[int]]
    cut: bool


def matched(store: SearchStore, asked: str, *, now: datetime) -> Matched:
    """The versions that answer `asked`, at most MOST_MATCHED. Raises UsageError for a query that cannot be read."""
    query = parse(asked, store.index.languages(), now.date())
    matches = store.index.matches(query.text, MOST_MATCHED)
    answering = {one.version_id for one in matches}
    found: dict[int, frozenset[int]] = {}
    articles = sorted({one.article_id for one in matches})
    for part in (articles[start : start + 500] for start in range(0, len(articles), 500)):
        for article, versions in store.versions_of(part).items():
            found[article] = frozenset(number for id_, number, _ in versions if id_ in answering)
    return Matched(found, len(matches) >= MOST_MATCHED)


def _articles(store: SearchStore, matches: Sequence[Match], today: date, order: Order) -> list[int]:
    """The articles of these versions, best first."""
    named = {one.article_id for one in matches if one.in_title}
    ids = list(dict.fromkeys(one.article_id for one in matches))
    moments = store.moments(ids)

    def score(article_id: int) -> float:
        age = max((today - moments[article_id].date()).days, 0)
        weight = _TITLE_COUNTS if article_id in named else 1.0
        return float(weight * 0.5 ** (age / _HALF_LIFE))

    known = [one for one in ids if one in moments]
    newest_first = sorted(known, key=lambda one: (moments[one], one), reverse=True)
    return newest_first if order is Order.DATE else sorted(newest_first, key=score, reverse=True)


def _hits(store: SearchStore, query: Query, articles: Sequence[int]) -> list[SearchHit]:
    """What is shown of articles, in their order."""
    versions = store.versions_of(articles)
    answering = store.index.among(
        query.text, [row[0] for article in articles for row in versions.get(article, ())]
    )
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
