"""Reads what a person asks: words, "phrases", -excluded, OR, beginnings*, and filters such as author: or after:."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from newscrawl.dating.typed import FORMS, read_typed
from newscrawl.errors import UsageError, did_you_mean
from newscrawl.model import ChangeKind, State
from newscrawl.model.search import Part, Phrase, TextQuery, Word
from newscrawl.search import facets
from newscrawl.search.words import candidates, tokens

MOST_WORDS = 32  # of a query; each costs a look-up in the index
_LEAST_PREFIX = 3  # letters before a *

_PIECE = re.compile(
    r"""(?P<minus>-)?(?:(?P<name>[a-z]{2,8}):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))""", re.VERBOSE
)
_QUOTES = str.maketrans(dict.fromkeys("«»“”„‟", '"'))


@dataclass(frozen=True, slots=True)
class _Filter:
    name: str
    value: str
    excluded: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was read. `words` are the phrases to be marked in texts, `text` what the index is asked."""

    text: TextQuery
    words: tuple[Phrase, ...]


def parse(asked: str, languages: Collection[str], today: date) -> Query:
    """What is asked for. `languages` are those of the archive, `today` is the day that after: and before: may count from.

    Raises UsageError for a query without words or filters, a value that a filter does not know, or too many words.
    """
    groups: list[tuple[Phrase, ...]] = []
    without: list[Phrase] = []
    filters: list[_Filter] = []
    joined = False
    for piece in _PIECE.finditer(asked.translate(_QUOTES)):
        name, excluded = piece["name"], bool(piece["minus"])
        value = piece["quoted"] if piece["quoted"] is not None else piece["bare"]
        if name is None and value.rstrip(":") in _FILTERS and value.endswith(":"):
            raise UsageError("needs a value behind it", subject=f"the filter {value.rstrip(':')}")
        if name in _FILTERS:
            filters.append(_Filter(name, value.strip(), excluded))
            continue
        if name is not None:  # a time (at:12:30), an address: its parts are words
            value = f"{name}:{value}"
        if value == "OR" and piece["quoted"] is None and not excluded and groups:
            joined = True
            continue
        phrase = _phrase(value, languages, Part.TEXT)
        if phrase is None:
            continue
        if excluded:
            without.append(phrase)
        elif joined:
            groups[-1] = (*groups[-1], phrase)
        else:
            groups.append((phrase,))
        joined = False
    words = tuple(phrase for group in groups for phrase in group)
    if sum(len(phrase.words) for phrase in (*words, *without)) > MOST_WORDS:
        raise UsageError("too many words", subject="the query", hint=f"At most {MOST_WORDS}")
    for one in filters:
        found = _FILTERS[one.name](one.value, languages, today)
        if one.excluded:
            without.extend(found)
        elif found:
            groups.append(found)
    if not groups:
        raise UsageError(
            "needs words to look for, or a filter", subject="the search", hint="newscrawl search 'words'"
        )
    return Query(TextQuery(tuple(groups), tuple(without)), words)


def _phrase(text: str, languages: Collection[str], part: Part) -> Phrase | None:
    """The words of a text as a phrase, None if it has none."""
    found = list(tokens(text))
    prefix = text.endswith("*") and bool(found) and found[-1].end == len(text) - 1
    words = [Word(candidates(token.word, languages)) for token in found]
    if prefix:
        if len(found[-1].word) < _LEAST_PREFIX:
            raise UsageError(f"needs at least {_LEAST_PREFIX} letters before the *", subject=text[:40])
        words[-1] = Word(frozenset((found[-1].word,)), prefix=True)
    return Phrase(tuple(words), part) if words else None


# --- filters ------------------------------------------------------------------------------------


def _author(value: str, languages: Collection[str], _: date) -> tuple[Phrase, ...]:
    phrase = _phrase(value, languages, Part.AUTHORS)
    return (phrase,) if phrase is not None else ()


def _title(value: str, languages: Collection[str], _: date) -> tuple[Phrase, ...]:
    phrase = _phrase(value, languages, Part.TITLE)
    return (phrase,) if phrase is not None else ()


def _facet(kind: str) -> Callable[[str, Collection[str], date], tuple[Phrase, ...]]:
    def chosen(value: str, _languages: Collection[str], _today: date) -> tuple[Phrase, ...]:
        return tuple(_is(facets.facet(kind, one)) for one in value.split(",") if one)

    return chosen


def _state(value: str, _languages: Collection[str], _today: date) -> tuple[Phrase, ...]:
    known = [state.value for state in State]
    return tuple(_is(facets.facet(facets.STATE, _one_of(one, known, "state"))) for one in value.split(","))


def _changed(value: str, _languages: Collection[str], _today: date) -> tuple[Phrase, ...]:
    known = ["yes", *(kind.value for kind in ChangeKind)]
    return tuple(_is(facets.facet(facets.KIND, _one_of(one, known, "changed"))) for one in value.split(","))


def _after(value: str, _: Collection[str], today: date) -> tuple[Phrase, ...]:
    return tuple(
        _is(token) for token in facets.days(_day(value, "after", today), today + timedelta(days=400))
    )


def _before(value: str, _: Collection[str], today: date) -> tuple[Phrase, ...]:
    return tuple(
        _is(token)
        for token in facets.days(facets.FIRST_DAY, _day(value, "before", today) - timedelta(days=1))
    )


_FILTERS: Mapping[str, Callable[[str, Collection[str], date], tuple[Phrase, ...]]] = {
    "author": _author,
    "title": _title,
    "source": _facet(facets.SOURCE),
    "edition": _facet(facets.EDITION),
    "lang": _facet(facets.LANGUAGE),
    "after": _after,
    "before": _before,
    "state": _state,
    "changed": _changed,
}


def _is(facet: str) -> Phrase:
    return Phrase((Word(frozenset((facet,))),), Part.FACETS)


def _one_of(value: str, known: Collection[str], name: str) -> str:
    if value not in known:
        raise UsageError(
            f"{value[:40]!r} is no value of it", subject=f"the filter {name}", hint=did_you_mean(value, known)
        )
    return value


def _day(value: str, name: str, today: date) -> date:
    """The day with which a date as people type it begins (dating/typed.py), in UTC."""
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    try:
        return read_typed(value, now, UTC).start.astimezone(UTC).date()
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{value[:40]!r} is no day", subject=f"the filter {name}", hint=f"Write {FORMS}"
        ) from error


def as_filters(
    source: str | None, edition: str | None, since: datetime | None, until: datetime | None
) -> Iterator[str]:
    """What other commands select by, as filters of a query; `until` is the instant before which, and its day is whole."""
    if source is not None:
        yield f"source:{source}"
    if edition is not None:
        yield f"edition:{edition}"
    if since is not None:
        yield f"after:{since:%Y-%m-%d}"
    if until is not None:
        last = until - timedelta(microseconds=1)
        yield f"before:{last + timedelta(days=1):%Y-%m-%d}"
