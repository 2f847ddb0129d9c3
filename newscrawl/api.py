"""The archive for programs: what `newscrawl.open` gives (docs/python.md). Read-only, lazy, the same on both databases."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Self, TypedDict, Unpack

from newscrawl import config, urls
from newscrawl.errors import SchemaError, UsageError
from newscrawl.model import (
    ABSENCES,
    Article,
    ArticleRecord,
    Capture,
    ChangeKind,
    CoverageRecord,
    EditRecord,
    Gap,
    ObservationRecord,
    RemovalRecord,
    SightingRecord,
    SourceRecord,
    State,
    VersionRecord,
)
from newscrawl.model.search import SearchHit, SearchResult
from newscrawl.store.read.reader import Reader, open_reader
from newscrawl.store.read.selects import Conditions

Moment = datetime | date | str
"""An aware instant; a day, which is one of UTC; or either of them in ISO 8601."""


class Filters(TypedDict, total=False):
    """What every stream is narrowed by: `since` is included, and so is `until` where it is a day; an instant is not."""

    source: str | None
    edition: str | None
    since: Moment | None
    until: Moment | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class RawResponse:
    """What a server sent: `bytes` is the body without its content encoding, `sent` as it came over the wire."""

    url: str
    at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    bytes: builtins.bytes
    sent: builtins.bytes

    @property
    def text(self) -> str:
        """The body as text, by the charset that the server or the page names, else by guess. Never fails."""
        from newscrawl.discover.charset import decode

        kind = next((value for name, value in self.headers if name.lower() == "content-type"), None)
        return decode(self.bytes, kind)


class Archive:
    """An open archive. Use it as a context manager, or call close().

    Streams give frozen records, newest first, one page at a time from one snapshot: memory stays flat however many there are,
    and a crawl that goes on meanwhile changes nothing in them. A stream that is left half-way is closed with the archive.
    Each may raise UnknownSource, UsageError (an edition the source has not, a date that is none) or StoreError.
    """

    def __init__(self, url: str, warc: Path, clock: Callable[[], datetime]) -> None:
        self._url, self._warc, self._clock = url, warc, clock
        self._reader: Reader = open_reader(url, upgrade=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database."""
        self._reader.close()

    def articles(
        self, *, state: State | str | None = None, unreadable: bool = False, **filters: Unpack[Filters]
    ) -> Iterator[ArticleRecord]:
        """Articles as they are now; dates select by publication, or by the first check where that is unknown."""
        chosen = None if state is None else _member(State, state, "state")
        return self._reader.articles(
            state=chosen, unreadable=unreadable, **_where(filters), limit=_limit(filters)
        )

    def article(self, reference: int | str, version: int | None = None) -> ArticleRecord:
        """One article by its number or any of its addresses, as it is now or in a version. Raises NotFound."""
        return self._reader.article(self._find(reference), version)

    def versions(
        self, article: int | str | ArticleRecord | None = None, **filters: Unpack[Filters]
    ) -> Iterator[VersionRecord]:
        """Versions of all articles, the latest recorded first; or those of one article, the first first."""
        if article is None:
            return self._reader.versions(**_where(filters), limit=_limit(filters))
        return _of_one(self._reader.versions_of(self._find(article)), filters)

    def observations(
        self, article: int | str | ArticleRecord | None = None, **filters: Unpack[Filters]
    ) -> Iterator[ObservationRecord]:
        """Checks of all addresses, the latest recorded first; or those of one article, the first first."""
        if article is None:
            return self._reader.observations(**_where(filters), limit=_limit(filters))
        return _of_one(self._reader.observations_of(self._find(article)), filters)

    def sightings(self, **filters: Unpack[Filters]) -> Iterator[SightingRecord]:
        """Where listings showed articles, the latest read first."""
        return self._reader.sightings(**_where(filters), limit=_limit(filters))

    def changes(
        self,
        article: int | str | ArticleRecord | None = None,
        *,
        kinds: Sequence[ChangeKind | str] = (),
        beside: bool = False,
        texts: bool = True,
        **filters: Unpack[Filters],
    ) -> Iterator[EditRecord]:
        """Edits of any of these kinds (none: all of the text; with `beside` also pictures, captions, links and marks).

        With `texts` each has what the article said `before` and `after`.
        """
        return self._reader.changes(
            kinds=[_member(ChangeKind, kind, "kinds") for kind in kinds],
            article_id=None if article is None else self._find(article),
            beside=beside,
            texts=texts,
            **_where(filters),
            limit=_limit(filters),
        )

    def removed(self, *, state: str = "gone", **filters: Unpack[Filters]) -> Iterator[RemovalRecord]:
        """Absences with their evidence; `state` as in `newscrawl removed`: gone, suspected, removed, returned, unreadable, all."""
        if state not in ABSENCES:
            raise UsageError(f"{state!r} is none", subject="state", hint=f"Known are {', '.join(ABSENCES)}")
        return self._reader.removals(states=ABSENCES[state], **_where(filters), limit=_limit(filters))

    def search(
        self, words: str, *, offset: int = 0, by_date: bool = False, **filters: Unpack[Filters]
    ) -> SearchResult:
        """What `newscrawl search` finds, 10 hits unless `limit` says otherwise; dates are days.

        The result can be iterated; `more` and `cut` say whether there is more than it holds. Raises UsageError for a query that
        cannot be read, StoreError where there is no index yet.
        """
        from newscrawl.search.query import as_filters
        from newscrawl.search.searching import Order, search
        from newscrawl.store.search.store import SearchStore

        where = _where(filters)
        chosen = as_filters(where["source"], where["edition"], where["since"], where["until"])
        with SearchStore(self._url, write=False, beside=self._reader) as store:
            return search(
                store,
                " ".join([words, *chosen]),
                now=self._clock(),
                limit=_limit(filters) or 10,
                offset=offset,
                order=Order.DATE if by_date else Order.RELEVANCE,
            )

    def coverage(self, *, source: str | None = None, edition: str | None = None) -> list[CoverageRecord]:
        """Of each edition what its channels announced, and what became of every address."""
        return self._reader.coverage(source=source, edition=edition)

    def gaps(self, *, closed: bool = False, **filters: Unpack[Filters]) -> list[Gap]:
        """Times in which articles may have been missed, the latest first; with `closed` also those in which none were."""
        from newscrawl.judge.coverage.gaps import gaps

        where = _where(filters)
        facts = self._reader.listing_facts(source=where["source"], edition=where["edition"])
        return gaps(facts, since=where["since"], until=where["until"], closed=closed)[: _limit(filters)]

    def sources(self) -> list[SourceRecord]:
        """Every source by edition, in the order of their names."""
        return self._reader.sources()

    def capture(self, of: VersionRecord | ObservationRecord | RemovalRecord | Capture) -> RawResponse:
        """The raw response that a version, a check or a removal was read from, checked against its digest.

        Of a response whose bytes were the same as an earlier one's, or of a "not modified", that earlier one's. Raises WarcError
        where none was kept, or its file is not there or damaged.
        """
        from newscrawl.errors import WarcError
        from newscrawl.warc import read_body

        capture = of if isinstance(of, Capture) else of.capture
        if capture is None:
            raise WarcError("no raw response was kept", subject=f"article {getattr(of, 'article_id', '')}")
        if capture.pruned is not None:
            raise WarcError("the raw response was deleted by policy", subject=capture.ref.record_id)
        stored = read_body(self._warc, capture)
        return RawResponse(
            stored.url, stored.at, stored.status, tuple(stored.headers), stored.body, stored.raw
        )

    def _find(self, reference: int | str | ArticleRecord) -> int:
        if isinstance(reference, ArticleRecord):
            return reference.id
        return self._reader.find(urls.article_reference(reference))


def open_archive(archive: str | PathLike[str] | None, home: str | PathLike[str] | None) -> Archive:
    """What `newscrawl.open` does."""
    settings = config.load()
    if archive is None:
        return Archive(settings.database_url, Path(home or settings.home) / "warc", settings.clock)
    given = fspath(archive)
    if "://" in given:
        return Archive(given, Path(home or _beside(given) or settings.home) / "warc", settings.clock)
    path = Path(given)
    file = path / "newscrawl.db" if path.is_dir() else path
    if not file.exists():
        raise SchemaError("there is no archive here", subject=given, hint="Name its folder, file or address")
    return Archive(f"sqlite:///{file}", Path(home or file.parent) / "warc", settings.clock)


def _beside(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:///") else None


def extract_page(html: str | bytes, url: str, fetched_at: datetime | None) -> Article:
    """What `newscrawl.extract` does."""
    from newscrawl.extract import extract

    body, encoding = (html.encode("utf-8", "replace"), "utf-8") if isinstance(html, str) else (html, None)
    return extract(body, url, fetched_at=fetched_at or datetime.now(UTC), encoding=encoding)


def as_object(record: object) -> dict[str, Any]:
    """What `newscrawl.as_dict` does."""
    from newscrawl.serialization import records

    known: Mapping[type, Callable[[Any], dict[str, Any]]] = {
        ArticleRecord: records.archived,
        Article: records.extracted,
        VersionRecord: records.version,
        ObservationRecord: records.observation,
        SightingRecord: records.sighting,
        EditRecord: records.change,
        RemovalRecord: records.removal,
        Gap: records.gap,
        CoverageRecord: records.named,
        SearchHit: records.hit,
        SourceRecord: records.source,
    }
    if (written := known.get(type(record))) is None:
        raise TypeError(f"{type(record).__name__} is no record of an archive")
    return written(record)


def _of_one(found: Sequence[Any], filters: Filters) -> Iterator[Any]:
    where = _where(filters)
    since, until = where["since"], where["until"]
    kept = [one for one in found if (since is None or one.at >= since) and (until is None or one.at < until)]
    return iter(kept[: _limit(filters)])


def _member(of: Any, value: Any, name: str) -> Any:
    try:
        return of(value)
    except ValueError:
        raise UsageError(f"{value!r} is none", subject=name, hint=f"Known are {', '.join(of)}") from None


def _limit(filters: Filters) -> int | None:
    limit = filters.get("limit")
    if limit is not None and limit < 0:
        raise UsageError("is below nothing", subject=f"limit={limit}")
    return limit


def _where(filters: Filters) -> Conditions:
    if unknown := filters.keys() - Filters.__annotations__.keys():
        raise UsageError("no such filter", subject=", ".join(sorted(unknown)))
    return {
        "source": filters.get("source"),
        "edition": filters.get("edition"),
        "since": _instant(filters.get("since")),
        "until": _instant(filters.get("until"), end=True),
    }


def _instant(given: Moment | None, *, end: bool = False) -> datetime | None:
    """An aware instant; a day is its beginning in UTC, with `end` its end."""
    value: datetime | date | None
    if isinstance(given, str):
        try:
            value = date.fromisoformat(given) if len(given) == 10 else datetime.fromisoformat(given)
        except ValueError:
            raise UsageError(
                "is no date", subject=repr(given[:40]), hint="Write 2026-01-31 or 2026-01-31T12:00:00+05:00"
            ) from None
    else:
        value = given
    if value is None:
        return None
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC) + timedelta(days=end)
    if value.tzinfo is None:
        raise UsageError("has no zone", subject=value.isoformat(), hint="Say which, such as tzinfo=UTC")
    return value.astimezone(UTC)
