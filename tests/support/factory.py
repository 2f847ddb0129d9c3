"""Builds small archives for tests, through the same writes as a crawl: made-up articles, checks and listing reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from newscrawl import urls
from newscrawl.model import (
    Alias,
    Applied,
    Article,
    Author,
    Capture,
    CaptureRef,
    ChangeKind,
    Channel,
    Content,
    Decision,
    Fetch,
    FetchOutcome,
    Image,
    Known,
    Lead,
    ListingRead,
    Observation,
    Precision,
    RunSummary,
    Signal,
    State,
    Verdict,
    VerdictKind,
)
from newscrawl.store.archive import Archive, open_archive
from newscrawl.text import content_hash
from tests.support.fresh import seed

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
ALMATY = timezone(timedelta(hours=5))
EXTRACTOR = "test/1"

SITES = {"en": "https://en.bereke.example", "ru": "https://bereke.example", "kk": "https://kk.bereke.example"}
TITLES = {
    "en": "Aqsai opens a second footbridge over the Terek",
    "ru": "В Аксае открыли второй пешеходный мост",
    "kk": "Ақсайда екінші жаяу жүргінші көпірі ашылды",
}
BODIES = {
    "en": "The footbridge was opened on Monday.\n\nIt is 84 metres long, the town office said.",
    "ru": "Пешеходный мост открыли в понедельник.\n\nЕго длина — 84 метра, сообщили в акимате.",
    "kk": "Жаяу жүргінші көпірі дүйсенбіде ашылды.\n\nҰзындығы 84 метр, деп хабарлады әкімдік.",
}
AUTHORS = {"en": "Dana Serikova", "ru": "Дана Серикова", "kk": "Дана Серікқызы Өтегенова"}


def address(edition: str, number: int) -> str:
    """The address of a made-up piece."""
    return f"{SITES[edition]}/second-bridge-{number}"


def article(edition: str = "en", number: int = 1, **fields: object) -> Article:
    """A made-up piece as the extractor would give it; `fields` replace these values."""
    published = START.astimezone(ALMATY) + timedelta(hours=number)
    whole = Article(
        url=address(edition, number),
        title=f"{TITLES[edition]} ({number})",
        subtitle=None,
        authors=(Author(AUTHORS[edition], role="original author"),),
        published=published,
        published_precision=Precision.MINUTE,
        language=edition,
        section="Town",
        tags=("bridge", "Aqsai"),
        images=(Image(f"{SITES[edition]}/img/{number}.jpg", "The bridge", "town office"),),
        body=f"{BODIES[edition]}\n\n№ {number}.",
        origins={"title": "h1"},
    )
    return replace(whole, **fields)  # type: ignore[arg-type]


class Press:
    """An open archive of one source, written to as a crawl would; time is given with each event."""

    def __init__(self, url: str, source: str = "bereke", start: datetime = START) -> None:
        seed(url)
        self.archive = Archive(open_archive(url), source, start)
        self.source = source
        self.archive.begin_run(start, {"edition": None})
        self.start = start
        self._records = 0

    def publish(
        self,
        edition: str = "en",
        number: int = 1,
        *,
        at: datetime | None = None,
        aliases: Sequence[Alias] = (),
        capture: bool = True,
        **fields: object,
    ) -> int:
        """A new article; its id."""
        piece = article(edition, number, **fields)
        verdict = Verdict(VerdictKind.NEW, "not known before")
        applied = self._apply(
            edition, piece.url, verdict, at or self.start, piece, aliases, None, capture=capture
        )
        assert applied.article_id is not None
        return applied.article_id

    def edit(
        self,
        edition: str = "en",
        number: int = 1,
        *,
        at: datetime,
        kinds: Sequence[ChangeKind] = (ChangeKind.HEADLINE,),
        returns_to: int | None = None,
        **fields: object,
    ) -> int:
        """A new version of an article; its number."""
        piece = article(edition, number, **fields)
        verdict = Verdict(VerdictKind.CHANGED, "headline differs", kinds=tuple(kinds), returns_to=returns_to)
        applied = self._apply(edition, piece.url, verdict, at, piece, (), self._known(piece.url, at))
        assert applied.version is not None
        return applied.version

    def vanish(
        self,
        edition: str = "en",
        number: int = 1,
        *,
        at: datetime,
        state: State = State.SUSPECTED,
        signal: Signal = Signal.NOT_FOUND,
    ) -> None:
        """A check that finds the article absent (404, or 410)."""
        url = address(edition, number)
        verdict = Verdict(VerdictKind.ABSENT, "nothing there", state=state, signal=signal)
        known = self._known(url, at)
        gone = signal is Signal.GONE
        outcome, status = (FetchOutcome.GONE, 410) if gone else (FetchOutcome.NOT_FOUND, 404)
        self._apply(edition, url, verdict, at, None, (), known, outcome=outcome, status=status)

    def next_run(self, at: datetime) -> None:
        """Ends the run and begins another."""
        self.finish(at)
        self.archive.begin_run(at, {"edition": None})

    def check(
        self,
        edition: str = "en",
        number: int = 1,
        *,
        at: datetime,
        kind: VerdictKind = VerdictKind.UNCHANGED,
        reason: str = "same content",
    ) -> None:
        """A check that finds an article as it was (unchanged, not modified, returned), or fails (a time-out)."""
        url = address(edition, number)
        known = self._known(url, at)
        failed = kind is VerdictKind.FAILED
        verdict = Verdict(kind, reason, state=known.state if failed else State.LIVE, unreadable=failed)
        outcomes = {
            VerdictKind.FAILED: (FetchOutcome.TIMEOUT, None),
            VerdictKind.NOT_MODIFIED: (FetchOutcome.NOT_MODIFIED, 304),
        }
        outcome, status = outcomes.get(kind, (FetchOutcome.OK, 200))
        self._apply(
            edition, url, verdict, at, None, (), known, outcome=outcome, status=status, capture=not failed
        )

    def fail(
        self, edition: str, url: str, *, at: datetime, outcome: FetchOutcome = FetchOutcome.TIMEOUT
    ) -> None:
        """A fetch of an address that failed."""
        verdict = Verdict(VerdictKind.FAILED, f"no answer: {outcome.value}")
        self._apply(edition, url, verdict, at, None, (), None, outcome=outcome, status=None, capture=False)

    def read_listing(
        self, edition: str, found: Sequence[tuple[str, str]], *, at: datetime, joined: bool | None = None
    ) -> None:
        """One read of an edition's front page, showing (address, headline) pairs in their order."""
        url = f"{SITES[edition]}/"
        leads = tuple(
            (urls.canonical(lead), Lead(lead, Channel.LISTING, url, position, headline))
            for position, (lead, headline) in enumerate(found)
        )
        fetch = Fetch(url, at, FetchOutcome.OK, url, status=200)
        with self.archive.write() as writing:
            writing.record_listing(
                ListingRead(
                    self.source, edition, Channel.LISTING, url, fetch, leads, known=len(leads), joined=joined
                )
            )

    def fail_listing(self, edition: str, *, at: datetime) -> None:
        """A read of an edition's front page that gave nothing."""
        url = f"{SITES[edition]}/"
        fetch = Fetch(url, at, FetchOutcome.TIMEOUT, url)
        with self.archive.write() as writing:
            writing.record_listing(ListingRead(self.source, edition, Channel.LISTING, url, fetch))

    def finish(self, at: datetime, exit_code: int = 0, reason: str = "finished") -> None:
        """Ends the run."""
        run = self.archive.run_id
        self.archive.finish_run(RunSummary(self.source, run, self.start, at, exit_code, reason, {"new": 1}))

    def _known(self, url: str, at: datetime) -> Known:
        key = urls.canonical(url)
        return self.archive.by_keys([key], at)[key]

    def _apply(
        self,
        edition: str,
        url: str,
        verdict: Verdict,
        at: datetime,
        piece: Article | None,
        aliases: Sequence[Alias],
        known: Known | None,
        *,
        outcome: FetchOutcome = FetchOutcome.OK,
        status: int | None = 200,
        capture: bool = True,
    ) -> Applied:
        fetch = Fetch(
            url,
            at,
            outcome,
            url,
            status=status,
            captures=(self._capture(url, at, status or 0),) if capture else (),
            milliseconds=120,
        )
        observation = Observation(
            self.source,
            edition,
            urls.canonical(url),
            fetch,
            article=piece,
            content_hash=content_hash(Content.of(piece)) if piece is not None else None,
            extractor=EXTRACTOR if piece is not None else "",
            aliases=tuple(aliases),
        )
        with self.archive.write() as writing:
            return writing.apply(Decision(observation, verdict, known))

    def _capture(self, url: str, at: datetime, status: int) -> Capture:
        self._records += 1
        ref = CaptureRef(
            file=f"{self.source}/{at:%Y%m%d}.warc.gz",
            offset=self._records * 1000,
            length=900,
            record_id=f"<urn:uuid:{self.source}-{self._records}>",
            digest=f"sha1:{'A' * 32}",
        )
        return Capture(ref, url, at, status, "text/html; charset=utf-8")


@contextmanager
def press(url: str, source: str = "bereke", start: datetime = START) -> Iterator[Press]:
    """A Press, closed at the end."""
    open_press = Press(url, source, start)
    try:
        yield open_press
    finally:
        open_press.archive.close()
