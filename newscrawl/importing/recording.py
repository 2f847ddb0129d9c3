"""What an import finds of one source goes into the archive here: raw answer first, then the look, in batches, under the source's lease."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from newscrawl.errors import AlreadyRunning, ArchiveError, NewscrawlError
from newscrawl.importing.index import Entry, Kind
from newscrawl.importing.observing import observation_of
from newscrawl.importing.outcomes import Counters, Outcome
from newscrawl.importing.outlets import Outlet
from newscrawl.importing.pages import Reading
from newscrawl.importing.past import Decide, PastWriting, Reread
from newscrawl.model import (
    Alias,
    AliasKind,
    Article,
    Capture,
    Dates,
    Known,
    Observation,
    RunSummary,
    VerdictKind,
)
from newscrawl.store.archive import Archive, Engine, Writing, has_source
from newscrawl.warc import WarcWriter, repair

BATCH = 50  # looks in one transaction, as in a crawl
_BEAT = 30.0  # seconds between signs of life

# Where a date stands that the page states of itself, as the extractor names it; all others are read from its text.
_STATED = ("json-ld", "microdata", "article:", "og:", "meta")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an import goes, and the means it is given: how a look is decided, how a capture is read again."""

    engine: Engine  # opened by store.archive.open_archive
    warc: Path
    clock: Callable[[], datetime]
    software: str
    contact: str | None
    arguments: dict[str, object]
    dates: Dates
    warc_size: int  # bytes, after which a file gets no more records
    # Made for each source: what decides a look of it, given its archive and writer.
    decider: Callable[[Archive, WarcWriter, Reread], Decide]
    reread: Callable[[Outlet, Capture, str], Article | None]


@dataclass(slots=True)
class Recording:
    """One source's part of an import. The lease is taken with the first record that concerns the archive."""

    place: Place
    outlet: Outlet
    counters: Counters
    _archive: Archive | None = None
    _warc: WarcWriter | None = None
    _decide: Decide | None = None
    _started: datetime | None = None
    _waiting: list[Observation] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)
    _beaten: float = 0.0

    def open(self) -> None:
        """Takes the lease and makes the WARC folder ready. Raises AlreadyRunning or another ArchiveError."""
        if self._archive is not None:
            return
        self._started = self.place.clock()
        archive = Archive(self.place.engine, self.outlet.name, self._started)
        archive.begin_run(self._started, dict(self.place.arguments))
        try:
            self.place.warc.mkdir(parents=True, exist_ok=True)
            repairs = repair(self.place.warc, self.outlet.name, keep=archive.warc_ends())
            for mended in repairs:
                self.counters.problem(
                    f"{mended.file}: {mended.problem or f'{mended.cut} bytes of a torn record cut off'}"
                )
        except BaseException as error:
            # Not taken for a run that was killed.
            archive.finish_run(self._summary(archive, self._started, 7, str(error)))
            raise
        self._archive, self._beaten = archive, time.monotonic()
        self._warc = WarcWriter(
            self.place.warc, self.outlet.name, software=self.place.software, contact=self.place.contact,
            max_bytes=self.place.warc_size,
            avoid={mended.file for mended in repairs if mended.problem},
        )  # fmt: skip
        self._decide = self.place.decider(archive, self._warc, self._reread)

    @property
    def archive(self) -> Archive:
        """The archive under the lease."""
        self.open()
        assert self._archive is not None
        return self._archive

    def take(self, entry: Entry, reading: Reading) -> None:
        """Judges and stores one record, or counts why not. Records of a source come in the order of time."""
        if self._archive is not None and time.monotonic() - self._beaten > _BEAT:
            self._archive.beat()
            self._beaten = time.monotonic()
        if entry.kind is Kind.REDIRECT:
            self._redirect(entry)
        elif entry.kind is not Kind.PAGE:
            self._without_page(entry)
        elif reading.problem is not None:
            self._count(Outcome.UNREADABLE, reading.problem)
        elif (
            reading.article is not None and reading.article.is_article and self._sure(entry, reading.article)
        ):
            self._store(entry, reading.article)
        else:
            self._doubtful(entry, reading.article)

    def refuse(self, outcome: Outcome, reason: str | None = None) -> None:
        """Counts a record that came to nothing."""
        self._count(outcome, reason)

    def close(self) -> None:
        """Stores what waits, closes the run and lets go of the source."""
        if self._archive is None:
            return
        archive, warc, started = self._archive, self._warc, self._started
        assert warc is not None
        assert started is not None
        code, reason = 0, "imported"
        try:
            self._flush()
        except BaseException as error:
            code = int(error.exit_code) if isinstance(error, NewscrawlError) else 1
            reason = f"stopped: {error}" if isinstance(error, NewscrawlError) else "stopped before the end"
            raise
        finally:
            self._finish(archive, warc, started, code, reason)

    def abandon(self, reason: str) -> None:
        """Closes the run after an error: what was committed stays."""
        if self._archive is not None and self._warc is not None and self._started is not None:
            self._waiting.clear()
            self._finish(self._archive, self._warc, self._started, 1, reason)

    def _finish(self, archive: Archive, warc: WarcWriter, started: datetime, code: int, reason: str) -> None:
        self._archive = self._warc = self._decide = None
        try:
            warc.close()
        finally:
            archive.finish_run(self._summary(archive, started, code, reason))

    def _summary(self, archive: Archive, started: datetime, code: int, reason: str) -> RunSummary:
        return RunSummary(
            source=self.outlet.name,
            run_id=archive.run_id,
            started=started,
            finished=self.place.clock(),
            exit_code=code,
            reason=reason,
            counts=dict(self._counts),
        )

    # --- kinds of records ---

    def _sure(self, entry: Entry, article: Article) -> bool:
        """Whether a page is an article whatever the archive knows of its address."""
        if not self.place.dates.hold(article.published):
            return False
        if entry.nth < 0:
            return True  # somebody put it into a table of articles
        addresses = self.outlet.addresses
        listed = addresses.is_listed(entry.url, entry.edition)
        if article.published is None:
            return listed and addresses.is_plain(entry.url)
        # On a list of news the date of the first one looks like the list's own.
        return listed or article.origins.get("published", "").startswith(_STATED)

    def _doubtful(self, entry: Entry, article: Article | None) -> None:
        """A page that counts only as a look at an article that was known then."""
        assert article is not None
        if self._known_then(entry) is not None:
            self._store(entry, article)
        elif article.is_article and not self.place.dates.hold(article.published):
            self._count(Outcome.OUTSIDE_DATES)
        elif article.is_article:
            dated = "dated only in its text" if article.published is not None else "undated"
            self._count(Outcome.NOT_ARTICLE, f"{dated}, and not at the address of an article")
        else:
            said = (
                f"{article.page_type.value}: {article.reason}" if article.reason else article.page_type.value
            )
            self._count(Outcome.NOT_ARTICLE, said)

    def _without_page(self, entry: Entry) -> None:
        if self._known_then(entry) is None:
            self._count(Outcome.NOTHING_THERE)
        else:
            self._store(entry, None)

    def _redirect(self, entry: Entry) -> None:
        """Another address of a known article, unless it is a known one itself."""
        self._count(Outcome.REDIRECT)
        addresses = self.outlet.addresses
        if not self._exists() or addresses.edition_of(entry.target) is None:
            return
        key, target = addresses.key(entry.url), addresses.key(entry.target)
        if key == target:
            return
        self._flush()
        known = self.archive.by_keys([target], entry.at).get(target)
        if known is not None:
            alias = Alias(key, AliasKind.REDIRECT, entry.url)
            self.archive.transact(lambda writing: writing.claim(known.id, alias, entry.at))

    def _exists(self) -> bool:
        """Whether the archive may know anything of the source; no source is made to find out."""
        return self._archive is not None or has_source(self.place.engine, self.outlet.name)

    def _known_then(self, entry: Entry) -> Known | None:
        """The article an address was known to be at an instant. What came before says nothing of it."""
        if not self._exists():
            return None
        key = self.outlet.addresses.key(entry.url)
        if key in self._keys:
            self._flush()
        since = self.archive.known_since(key)
        if since is None or since > entry.at:
            return None
        return self.archive.by_keys([key], entry.at).get(key)

    # --- storing ---

    def _store(self, entry: Entry, article: Article | None) -> None:
        try:
            self.open()
            assert self._warc is not None
            observation = observation_of(
                entry, article, self.outlet, self.archive, self._warc, self.place.warc
            )
        except (ArchiveError, AlreadyRunning):
            raise
        except NewscrawlError as error:
            self._count(Outcome.UNREADABLE, str(error))
            return
        self._waiting.append(observation)
        self._keys |= {observation.url_key, *(alias.key for alias in observation.aliases)}
        if len(self._waiting) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        """Brings what waits into the archive: WARC bytes first, then one transaction."""
        observations, self._waiting = self._waiting, []
        self._keys.clear()
        if not observations:
            return
        assert self._warc is not None
        self._warc.sync()
        try:
            self._commit(observations)
        except ArchiveError:
            raise
        except Exception:  # noqa: BLE001 - one bad record must not take the others of its batch along
            for observation in observations:
                try:
                    self._commit([observation])
                except ArchiveError:
                    raise
                except Exception as error:  # noqa: BLE001 - counted and said, and the import goes on
                    self._count(Outcome.FAILED)
                    self.counters.problem(f"{observation.fetch.url}: {type(error).__name__}: {error}")

    def _commit(self, observations: list[Observation]) -> None:
        for kind in self.archive.transact(lambda writing: self._verdicts(writing, observations)):
            self._count(kind)

    def _verdicts(self, writing: Writing, observations: list[Observation]) -> list[VerdictKind]:
        assert self._decide is not None
        past = PastWriting(writing, now=self.place.clock(), reread=self._reread)
        return [self._decide(past, observation).verdict.kind for observation in observations]

    def _reread(self, capture: Capture, edition: str) -> Article | None:
        return self.place.reread(self.outlet, capture, edition)

    def _count(self, outcome: Outcome | VerdictKind, reason: str | None = None) -> None:
        self.counters.count(outcome.value, self.outlet.name, reason)
        self._counts[outcome.value] = self._counts.get(outcome.value, 0) + 1
