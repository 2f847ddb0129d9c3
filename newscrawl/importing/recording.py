"""Records what an import finds of one source: raw answer first, then the observation, in batches, under the source's lease."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from newscrawl import __version__
from newscrawl.archiving.apply import BATCH, commit, joins_earlier
from newscrawl.archiving.captures import extract_capture, read_page_text
from newscrawl.archiving.decide import Policy
from newscrawl.archiving.observing import observation_of
from newscrawl.config import Config
from newscrawl.errors import AlreadyRunning, ArchiveError, NewscrawlError
from newscrawl.importing.index import Entry, Kind
from newscrawl.importing.outcomes import Counters, Outcome
from newscrawl.importing.outlets import Outlet, edition_name
from newscrawl.importing.record_pages import Answer, Reading, answer_of
from newscrawl.model import (
    Alias,
    AliasKind,
    Article,
    Capture,
    CaptureRef,
    Channel,
    Dates,
    Fetch,
    FetchOutcome,
    Known,
    Lead,
    Observation,
    PageText,
    RunSummary,
    VerdictKind,
)
from newscrawl.store.archive import Archive, Engine, has_source, open_archive
from newscrawl.urls import is_front_page
from newscrawl.warc import WarcWriter, read, repair

_BEAT = 30.0  # seconds between signs of life

# A page captured so close to a redirect was met by following it, as `verify` takes a check and its capture to be one.
AT_ONCE = timedelta(hours=1)

# Where a date stands that the page states of itself, as the extractor names it; all others are read from its text.
_STATED = ("json-ld", "microdata", "article:", "og:", "meta")


_OUTCOMES = {404: FetchOutcome.NOT_FOUND, 410: FetchOutcome.GONE, 451: FetchOutcome.LEGAL}


@dataclass(frozen=True, slots=True)
class Target:
    """The archive an import goes to: its open database and its settings, what the runs are noted with, the dates asked for."""

    engine: Engine
    settings: Config
    arguments: dict[str, object]
    dates: Dates


def open_target(settings: Config, dates: Dates, names: tuple[str, ...]) -> Target:
    """The archive of these settings for an import of files with these names. Raises ArchiveError where it cannot be used."""
    arguments: dict[str, object] = {"import": [Path(name).name for name in names[:20]], "files": len(names)}
    return Target(open_archive(settings.database_url), settings, arguments, dates)


@dataclass(frozen=True, slots=True)
class _Led:
    """The known article whose address redirected, and the page captured at the redirect's end."""

    own: Known
    page: Capture


@dataclass(slots=True)
class Recording:
    """One source's part of an import. The lease is taken with the first record that concerns the archive."""

    target: Target
    outlet: Outlet
    counters: Counters
    _archive: Archive | None = None
    _warc: WarcWriter | None = None
    _started: datetime | None = None
    _waiting: list[Observation] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)
    _beaten: float = 0.0

    def open(self) -> None:
        """Takes the lease and makes the WARC folder ready. Raises AlreadyRunning or another ArchiveError."""
        if self._archive is not None:
            return
        self._started = self.target.settings.clock()
        archive = Archive(self.target.engine, self.outlet.name, self._started)
        settings = self.target.settings
        archive.begin_run(self._started, dict(self.target.arguments))
        try:
            settings.warc.mkdir(parents=True, exist_ok=True)
            repairs = repair(settings.warc, self.outlet.name, keep=archive.warc_ends())
            for mended in repairs:
                self.counters.problem(
                    f"{mended.file}: {mended.problem or f'{mended.cut} bytes of a torn record cut off'}"
                )
        except BaseException as error:
            # So that it does not count as a run that was killed.
            archive.finish_run(self._summary(archive, self._started, 7, str(error)))
            raise
        self._archive, self._beaten = archive, time.monotonic()
        self._warc = WarcWriter(
            settings.warc, self.outlet.name, software=f"newscrawl/{__version__}", contact=settings.contact,
            max_bytes=settings.warc_size,
            avoid={mended.file for mended in repairs if mended.problem},
        )  # fmt: skip

    @property
    def archive(self) -> Archive:
        """The archive under the lease."""
        self.open()
        assert self._archive is not None
        return self._archive

    def take(self, entry: Entry, reading: Reading) -> None:
        """Stores one record with what it leads to, or counts why not. Records of a source come in the order of time."""
        if self._archive is not None and time.monotonic() - self._beaten > _BEAT:
            self._archive.beat()
            self._beaten = time.monotonic()
        if entry.kind is Kind.REDIRECT:
            self._redirect(entry)
        elif entry.kind is not Kind.PAGE:
            self._without_page(entry)
        elif reading.problem is not None:
            self._count(Outcome.TRUNCATED if reading.cut else Outcome.UNREADABLE, reading.problem)
        elif (
            reading.article is not None
            and reading.article.is_article
            and self._is_surely_article(entry, reading.article)
        ):
            self._store(entry, reading.article)
        else:
            self._if_known(entry, reading.article)

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
        self._archive = self._warc = None
        try:
            warc.close()
        finally:
            archive.finish_run(self._summary(archive, started, code, reason))

    def _summary(self, archive: Archive, started: datetime, code: int, reason: str) -> RunSummary:
        return RunSummary(
            source=self.outlet.name,
            run_id=archive.run_id,
            started=started,
            finished=self.target.settings.clock(),
            exit_code=code,
            reason=reason,
            counts=dict(self._counts),
        )

    # --- kinds of records ---

    def _is_surely_article(self, entry: Entry, article: Article) -> bool:
        """Whether a page is an article whatever the archive knows of its address."""
        if not self.target.dates.hold(article.published):
            return False
        if entry.nth < 0:
            return True  # somebody put it into a table of articles
        addresses = self.outlet.addresses
        listed = addresses.is_listed(entry.url, entry.edition)
        if article.published is None:
            return listed and addresses.is_plain(entry.url)
        # On a list of news the date of the first one seems to be the list's own.
        return listed or article.origins.get("published", "").startswith(_STATED)

    def _if_known(self, entry: Entry, article: Article | None) -> None:
        """A page that counts only as an observation of an article that was known then."""
        assert article is not None
        if self._known_then(entry) is not None:
            self._store(entry, article)
        elif article.is_article and not self.target.dates.hold(article.published):
            self._count(Outcome.OUTSIDE_DATES)
        elif article.is_article:
            dated = "dated only in its text" if article.published is not None else "undated"
            self._count(Outcome.NOT_ARTICLE, f"{dated}, and not at the address of an article")
        else:
            page_type = article.page_type.value
            self._count(
                Outcome.NOT_ARTICLE, f"{page_type}: {article.reason}" if article.reason else page_type
            )

    def _without_page(self, entry: Entry) -> None:
        if self._known_then(entry) is None:
            self._count(Outcome.NOTHING_THERE)
        else:
            self._store(entry, None)

    def _redirect(self, entry: Entry) -> None:
        """Another address of a known article; where the address itself was a known article's then, a check of that one.

        With the page that was captured at its end: as in a crawl that tells whether both are one piece.
        """
        addresses = self.outlet.addresses
        inside = self._exists() and addresses.edition_of(entry.target) is not None
        target = addresses.key(entry.target) if inside else None
        key = addresses.key(entry.url)
        if inside and key != target:
            self._flush()
        known = self.archive.by_keys([target], entry.at).get(target) if target and key != target else None
        own = self._known_then(entry) if key != target else None
        if own is not None and known is None:
            self._store(entry, None)
            return
        if (
            own is not None
            and known is not None
            and own.id != known.id
            and self._store_led(entry, own, known)
        ):
            return
        self._count(Outcome.REDIRECT)
        if known is not None:
            # No check met it, and its answer is not kept: only a lead to the article, which `verify` takes as such.
            alias = Alias(key, AliasKind.LEAD, entry.url)
            self.archive.transact(lambda writing: writing.claim(known.id, alias, entry.at))

    def _exists(self) -> bool:
        """Whether the archive may know anything of the source; without making the source."""
        return self._archive is not None or has_source(self.target.engine, self.outlet.name)

    def _known_then(self, entry: Entry) -> Known | None:
        """The article an address was known to be at an instant; None where it became known later."""
        if not self._exists():
            return None
        key = self.outlet.addresses.key(entry.url)
        if key in self._keys:
            self._flush()
        since = self.archive.known_since(key)
        if since is None or since > entry.at:
            return None
        return self.archive.by_keys([key], entry.at).get(key)

    def _store_led(self, entry: Entry, own: Known, known: Known) -> bool:
        """Stores that the address of `own` led to `known`; False where no page of that one was captured at the time."""
        page = self.archive.page_at(known.id, entry.at, AT_ONCE)
        article = self.extract(known, page) if page is not None else None
        if page is None or article is None or not article.is_article:
            return False
        self._store(entry, article, _Led(own, page))
        return True

    # --- storing ---

    def _store(self, entry: Entry, article: Article | None, led: _Led | None = None) -> None:
        try:
            self.open()
            observation = self._observation(entry, article, led)
        except (ArchiveError, AlreadyRunning):
            raise
        except NewscrawlError as error:
            self._count(Outcome.UNREADABLE, str(error))
            return
        if joins_earlier(observation, self._keys):
            self._flush()
        self._waiting.append(observation)
        self._keys.update(observation.keys)
        if len(self._waiting) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        """Commits the waiting observations: WARC bytes first, then one transaction."""
        observations, self._waiting = self._waiting, []
        self._keys.clear()
        if not observations:
            return
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
                except Exception as error:  # noqa: BLE001 - counted and reported, and the import goes on
                    self._count(Outcome.NOT_STORED)
                    self.counters.problem(f"{observation.fetch.url}: {type(error).__name__}: {error}")

    def _commit(self, observations: list[Observation]) -> None:
        assert self._warc is not None
        policy = Policy(self.target.dates, imported_at=self.target.settings.clock())
        for applied in commit(self.archive, self._warc, observations, policy, self):
            assert applied is not None
            self._count(applied.verdict.kind)

    def extract(self, known: Known, capture: Capture) -> Article | None:
        """What a stored capture says by today's extractor; None where it cannot be read."""
        try:
            rules = self.outlet.rules_of(known.edition)
            return extract_capture(self.target.settings.warc, capture, rules, known.announced)
        except Exception:  # noqa: BLE001 - whatever it is, the observation must be recorded; its reason says it
            return None

    def page_text(self, known: Known, capture: Capture) -> PageText | None:
        """What the page of a stored capture shows and holds; None where it cannot be read."""
        try:
            return read_page_text(self.target.settings.warc, capture, self.outlet.rules_of(known.edition))
        except Exception:  # noqa: BLE001 - as above
            return None

    def _count(self, outcome: Outcome | VerdictKind, reason: str | None = None) -> None:
        self.counters.count(outcome.value, self.outlet.name, reason)
        self._counts[outcome.value] = self._counts.get(outcome.value, 0) + 1

    # --- a record as an observation ---

    def _observation(self, entry: Entry, article: Article | None, led: _Led | None = None) -> Observation:
        """The observation a record is, after its answer was written to our own WARC; of a redirect with the page it led to."""
        addresses = self.outlet.addresses
        answer = None if entry.kind is Kind.NOT_MODIFIED else answer_of(entry)
        capture = self._capture(entry, answer)
        if led is not None:
            fetch = Fetch(
                url=entry.url, at=entry.at, outcome=FetchOutcome.OK, final_url=led.page.url, status=led.page.status,
                redirects=(entry.url,), content_type=led.page.content_type, captures=(capture, led.page), day=entry.day,
            )  # fmt: skip
            return observation_of(
                addresses, fetch, article, edition=led.own.edition, key=addresses.key(entry.url), lead=None, known=led.own
            )  # fmt: skip
        # Where an address leads the page at its end says; that it is the front page its address alone.
        led_home = entry.kind is Kind.REDIRECT and is_front_page(entry.target)
        led_home = led_home and addresses.edition_of(entry.target) is not None
        outcome = FetchOutcome.OK if led_home else _outcome(entry)
        fetch = Fetch(
            url=entry.url,
            at=entry.at,
            outcome=outcome,
            final_url=entry.target if led_home else entry.url,
            status=entry.status,
            redirects=(entry.url,) if led_home else (),
            detail=f"redirected to {entry.target}" if outcome is FetchOutcome.OTHER_STATUS else None,
            content_type=capture.content_type,
            etag=(answer.get("ETag") or "")[:1000] or None if answer else None,
            last_modified=(answer.get("Last-Modified") or "")[:1000] or None if answer else None,
            robots_tag=", ".join(answer.all("X-Robots-Tag"))[:1000] or None if answer else None,
            captures=(capture,),
            day=entry.day,
        )
        return observation_of(
            addresses,
            fetch,
            article,
            edition=entry.edition or edition_name(article.language if article is not None else None),
            key=addresses.key(entry.url),
            lead=Lead(entry.url, Channel.BLOCK, entry.name),
            known=None,
            attested=entry.nth < 0,
        )

    def _capture(self, entry: Entry, answer: Answer | None) -> Capture:
        """The answer in our own WARC: copied, or left where it is if it is one of our records already."""
        assert self._warc is not None
        more = {"Newscrawl-Import-File": entry.name}
        if entry.record_id:
            more["Newscrawl-Import-Record"] = entry.record_id
        if entry.day:
            more["Newscrawl-Import-Date"] = "day"
        earlier = self.archive.earlier_capture(entry.url)
        if answer is None:
            return self._warc.write_not_modified(
                url=entry.url, at=entry.at, headers=(), earlier=earlier, more=more
            )
        if own := _own(entry, answer, Path(os.path.realpath(self.target.settings.warc)), self.outlet.name):
            return own
        return self._warc.write_response(
            url=entry.url, at=entry.at, status=answer.status, reason=answer.reason, headers=answer.headers,
            body=answer.body, http_version=answer.version, ip=answer.ip, earlier=earlier, more=more,
        )  # fmt: skip


def _own(entry: Entry, answer: Answer, root: Path, source: str) -> Capture | None:
    """A record in the WARC folder of this very source: after the loss of a database its files stay as they are."""
    path = Path(os.path.realpath(entry.path))
    if entry.origin is not None or entry.nth or not path.is_relative_to(root / source):
        return None
    file = path.relative_to(root).as_posix()
    ref = CaptureRef(file, entry.offset, entry.length, entry.record_id, entry.digest)
    try:
        read(root, ref)
    except ArchiveError:
        return None
    return Capture(ref, entry.url, entry.at, answer.status, answer.get("Content-Type"))


def _outcome(entry: Entry) -> FetchOutcome:
    if entry.kind is Kind.NOT_MODIFIED:
        return FetchOutcome.NOT_MODIFIED
    if entry.kind is Kind.REDIRECT:
        return FetchOutcome.OTHER_STATUS
    return _OUTCOMES.get(entry.status, FetchOutcome.OK)
