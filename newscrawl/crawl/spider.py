"""The spider machinery every source shares: listings to the frontier, the frontier to articles, known articles looked at again.

A source says what is special about it (editions, address shapes) and inherits the rest. What is
fetched is decided by the archive's frontier, not by what happened to be on a page just now, so a
run that was killed is simply continued by the next one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.crawl import controls, fetches, listings
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import Edition, Options, Recheck, parse_options
from newscrawl.crawl.extensions import ArchiveKeeper, keeper_of
from newscrawl.crawl.guard import ALWAYS
from newscrawl.crawl.listings import Listings, Task
from newscrawl.crawl.looks import is_alive, is_doubtful, look_of
from newscrawl.crawl.refusals import Unreachable
from newscrawl.discover.listing import links
from newscrawl.errors import AddressError, UsageError
from newscrawl.extract import extract
from newscrawl.judge import recheck
from newscrawl.model import (
    Applied,
    Article,
    Channel,
    ExtractRules,
    Fetch,
    FetchOutcome,
    FoundLeads,
    Known,
    Lead,
    LeadState,
    ListingPage,
    ListingRead,
    Look,
    PageType,
    Verdict,
    VerdictKind,
)
from newscrawl.urls import untracked

# Failed requests in a row after which an edition is left alone until the next run.
DEAD_AFTER = 5
# Leads handed to Scrapy at once; the frontier keeps the rest.
ROUND = 2000

_SILENT = frozenset(
    {
        FetchOutcome.TIMEOUT,
        FetchOutcome.DNS,
        FetchOutcome.REFUSED,
        FetchOutcome.TLS,
        FetchOutcome.SERVER_ERROR,
        FetchOutcome.THROTTLED,
        FetchOutcome.FORBIDDEN,
    }
)
_PRIORITY = {"listing": 100, "control": 50, "lead": 10, "recheck": 0}

Output = Request | Look | ListingRead | FoundLeads


class NewsSpider(Spider):
    """Base of all sources; see docs/adding-a-source.md.

    `outlet` is its name for people, `zone` the IANA zone of its dates, `editions` its languages.
    `listed_path` and `claimed_path` are patterns for the paths of articles: of links on pages, and
    of feed and sitemap entries, where the outlet itself says that they are articles.
    `identity_path` has one group, the source's own number of a piece. `stop_headings` end an article.
    """

    outlet: ClassVar[str]
    zone: ClassVar[str] = "UTC"
    editions: ClassVar[tuple[Edition, ...]]
    outlet_names: ClassVar[tuple[str, ...]] = ()
    listed_path: ClassVar[str]
    claimed_path: ClassVar[str] = r"^/.+"
    identity_path: ClassVar[str | None] = None
    stop_headings: ClassVar[tuple[str, ...]] = ()

    # Redirects are followed by Scrapy; every other status is evidence and reaches the callbacks.
    handle_httpstatus_list: ClassVar[list[int]] = [304, *range(400, 600)]

    options: Options
    addresses: Addresses
    keeper: ArchiveKeeper

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name)
        self.options = options = self.parse_arguments(arguments)
        chosen = {edition.name: edition for edition in options.editions}
        self.addresses = Addresses(
            source=self.name,
            editions=[chosen.get(edition.name, edition) for edition in self.editions],
            listed=re.compile(self.listed_path),
            claimed=re.compile(self.claimed_path),
            identity=re.compile(self.identity_path) if self.identity_path else None,
        )
        self.allowed_hosts = {host: edition.name for edition in options.editions for host in edition.hosts}
        self.unreachable: set[str] = set()
        self._asked: set[str] = set()
        self._backlog = 0
        self._failures: Counter[str] = Counter()
        self._rechecked = False
        self._controls = controls.Controls()

    @classmethod
    def parse_arguments(cls, arguments: Mapping[str, Any]) -> Options:
        """Spider arguments as Options. Raises UsageError, also for a name that means nothing (a typing error is no wish)."""
        known = ("edition", "site", "since", "until", "limit", "recheck")
        unknown = sorted(set(arguments) - set(known))
        if unknown:
            raise UsageError(
                "no such argument", subject=", ".join(unknown), hint=f"Known are {', '.join(known)}"
            )
        return parse_options(cls.editions, cls.zone, source=cls.name, **arguments)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._idle, signal=signals.spider_idle)  # noqa: SLF001 - its own
        return spider

    def rules(self, edition: str) -> ExtractRules:
        """What the extractor is told about the pages of an edition."""
        language = next((e.language for e in self.editions if e.name == edition), None)
        return ExtractRules(
            outlet_names=(self.outlet, *self.outlet_names),
            zone=self.zone,
            language=language,
            stop_headings=self.stop_headings,
        )

    # --- listings ------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Every listing channel of every edition asked for; nothing with recheck=only."""
        self.keeper = keeper_of(self.crawler)
        far_back = self.options.dates.since is not None
        self._listings = Listings(self.keeper.listings, self.keeper.clock(), far_back=far_back)
        if self.options.recheck is Recheck.ONLY:
            return
        for edition in self.options.editions:
            for task in self._listings.start(edition):
                yield self._listing_request(task)

    def _listing_request(self, task: Task) -> Request:
        state = self._listings.state(task)
        return self._request(
            task.url,
            self.parse_listing,
            self.failed_listing,
            {"task": task},
            _PRIORITY["listing"],
            etag=state.etag if state else None,
            last_modified=state.last_modified if state else None,
        )

    def parse_listing(self, response: Response, task: Task) -> Iterator[Output]:
        """A listing document, or the status that came instead of one."""
        fetch = fetches.of_response(response, self.keeper.clock())
        page = None
        if fetch.outcome is FetchOutcome.OK:
            page = listings.parse(task, response.body, response.url, fetch.content_type, self.addresses)
            if not page.leads and not page.children:
                fetch, article = self._read(response, task.edition.name, fetch)
                if article is not None and article.page_type is PageType.CHALLENGE:
                    # The outlet refuses us with a page that looks like an answer: no listing, and no broken source.
                    fetch, page = replace(fetch, outcome=FetchOutcome.FORBIDDEN, detail=article.reason), None
        yield from self._listing_read(task, fetch, page)

    def failed_listing(self, failure: Failure) -> Iterator[Output]:
        """A listing that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        fetch = fetches.of_failure(failure, request, self.keeper.clock())
        yield from self._listing_read(request.cb_kwargs["task"], fetch, None)

    def _listing_read(self, task: Task, fetch: Fetch, page: ListingPage | None) -> Iterator[Output]:
        found = self._keyed(page.leads) if page is not None else ()
        known, fresh = listings.known_before(
            [key for key, _ in found], self.keeper.archive.standings([k for k, _ in found])
        )
        first = self._listings.state(task) is None
        read = ListingRead(
            source=self.name,
            edition=task.edition.name,
            channel=task.channel,
            url=task.url,
            fetch=fetch,
            leads=found,
            known=known,
            joined=None if first or not found or task.channel is Channel.SITEMAP else known > 0,
            problem=page.problem if page is not None else None,
        )
        if task.series is not None and task.number > 1:
            self.keeper.tally.tentative.add(task.url)
        yield read
        for following in self._listings.after(task, read, page, fresh=fresh):
            yield self._listing_request(following)

    def _keyed(self, leads: tuple[Lead, ...]) -> tuple[tuple[str, Lead], ...]:
        keyed = []
        for lead in leads:
            try:
                keyed.append((self.addresses.key(lead.url), replace(lead, url=untracked(lead.url))))
            except AddressError:
                self.crawler.stats.inc_value("newscrawl/leads/bad_address")
        return tuple(keyed)

    # --- rounds: what the frontier and the ladder want next ----------------------------------------

    def _idle(self) -> None:
        """Scrapy has nothing left to do: the next round of requests, or the end."""
        if self.keeper.tally.failure is not None:
            return
        try:
            requests = self._round()
        except Exception as error:  # noqa: BLE001 - Scrapy would log it, close the spider and call it finished
            self.keeper.broke(error)
            return
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _round(self) -> list[Request]:
        self._mark_unreachable()
        requests: list[Request] = []
        if self.options.recheck is not Recheck.ONLY:
            requests = self._lead_requests()
        if not requests and self.options.recheck is not Recheck.NO and not self._rechecked:
            self._rechecked = True
            requests = self._recheck_requests()
        return requests or self._control_requests()

    def _reachable(self) -> list[str]:
        return [edition.name for edition in self.options.editions if edition.name not in self.unreachable]

    def left_over(self) -> int:
        """How many leads wait in the frontier that this run could have asked for and did not: limit, backlog, outage or stop."""
        if self.options.recheck is Recheck.ONLY:
            return 0
        names = [edition.name for edition in self.options.editions]
        dates = self.options.dates
        return self.keeper.archive.left(names, self.keeper.started, since=dates.since, until=dates.until)

    def _mark_unreachable(self) -> None:
        """An edition none of whose channels answered is an outage: its articles are not asked one by one."""
        tally = self.keeper.tally
        self.unreachable |= {
            e.name for e in self.options.editions if e.name in tally.editions_failed - tally.editions_ok
        }

    def _lead_requests(self) -> list[Request]:
        room = self._room()
        if room == 0 or not self._reachable():
            return []
        dates = self.options.dates
        # Asked ones that failed may be due again in a long run; all others asked have left the frontier.
        asked = self.keeper.tally.verdicts[VerdictKind.FAILED.value] + self.keeper.tally.errors
        waiting = self.keeper.archive.waiting(
            self._reachable(), self.keeper.clock(), since=dates.since, until=dates.until, limit=ROUND + asked
        )
        requests: list[Request] = []
        for lead in waiting:
            if len(requests) >= (room if room is not None else ROUND):
                break
            if lead.url_key in self._asked or not self._within_backlog(lead):
                continue
            self._asked.add(lead.url_key)
            requests.append(self._lead_request(lead))
        return requests

    def _room(self) -> int | None:
        """How many new articles the run may still take; None: no limit."""
        limit = self.options.limit
        return None if limit is None else max(0, limit - self.keeper.tally.verdicts[VerdictKind.NEW.value])

    def _within_backlog(self, lead: LeadState) -> bool:
        # Found only in a sitemap or beside an article: mostly the outlet's past, which links to more of it. So many
        # a run, newest first, so that cron jobs stay short; with `since` the past is what was asked for.
        if lead.channel in (Channel.LISTING, Channel.FEED) or self.options.dates.since is not None:
            return True
        self._backlog += 1
        return self._backlog <= self.keeper.config.backlog

    def _recheck_requests(self) -> list[Request]:
        if not self._reachable():
            return []
        budget = self.settings.getint("RECHECK_BUDGET") or recheck.recheck_budget(
            self.keeper.tally.verdicts[VerdictKind.NEW.value]
        )
        due = self.keeper.archive.due(self._reachable(), self.keeper.clock(), budget)
        return [
            self._known_request(known, _PRIORITY["recheck"])
            for known in due
            if known.url_key not in self._asked
        ]

    # --- looks -----------------------------------------------------------------------------------

    def _lead_request(self, state: LeadState) -> Request:
        edition = self._edition(state.edition)
        lead = Lead(
            url=state.url,
            channel=state.channel,
            listing=state.listing,
            position=state.position,
            headline=state.headline,
            published=state.published,
            modified=state.modified,
        )
        asked = {"edition": edition.name, "key": state.url_key, "lead": lead, "known": None}
        return self._request(
            edition.here(state.url), self.parse_article, self.failed_article, asked, _PRIORITY["lead"]
        )

    def _known_request(self, known: Known, priority: int, *, control: bool = False) -> Request:
        edition = self._edition(known.edition)
        self._asked.add(known.url_key)
        return self._request(
            edition.here(known.url),
            self.parse_article,
            self.failed_article,
            {"edition": edition.name, "key": known.url_key, "lead": None, "known": known, "control": control},
            priority,
            etag=known.etag,
            last_modified=known.last_modified,
        )

    def parse_article(
        self,
        response: Response,
        edition: str,
        key: str,
        lead: Lead | None,
        known: Known | None,
        control: bool = False,
    ) -> Iterator[Output]:
        """An article page, or what came instead of one."""
        fetch = fetches.of_response(response, self.keeper.clock())
        article = None
        if fetch.outcome is FetchOutcome.OK:
            fetch, article = self._read(response, self.addresses.edition_of(response.url) or edition, fetch)
        refused = article is not None and article.page_type is PageType.CHALLENGE
        self._notice(edition, fetch, refused=refused)
        yield from self._looked(
            look_of(self.addresses, fetch, article, edition=edition, key=key, lead=lead, known=known),
            known,
            control=control,
        )
        if article is not None and article.is_article:
            yield from self._block(response, edition, fetch)

    def _read(self, response: Response, edition: str, fetch: Fetch) -> tuple[Fetch, Article | None]:
        """What a page says. A bug of the extractor costs this page its reading, counted as a failure, and nothing else."""
        try:
            article = extract(
                response.body,
                response.url,
                content_type=fetch.content_type,
                fetched_at=fetch.at,
                rules=self.rules(edition),
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the page must come to a counted outcome
            self.keeper.broke(error)
            return replace(fetch, detail=f"cannot be read: {type(error).__name__}: {error}"[:300]), None
        return fetch, article

    def failed_article(self, failure: Failure) -> Iterator[Output]:
        """An article that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        asked = request.cb_kwargs
        edition, key, known = asked["edition"], asked["key"], asked["known"]
        control = asked.get("control", False)
        if isinstance(failure.value, Unreachable):
            # Never sent: the address waits in the frontier, where the end of the run counts it, or stays due.
            if known is not None:
                self.keeper.count(Applied(Verdict(VerdictKind.DEFERRED, failure.value.reason), url_key=key))
            if control:
                yield from self._controls.answered(edition, alive=0)
            return
        fetch = fetches.of_failure(failure, request, self.keeper.clock())
        self._notice(edition, fetch)
        look = look_of(self.addresses, fetch, None, edition=edition, key=key, lead=asked["lead"], known=known)
        yield from self._looked(look, known, control=control)

    def _notice(self, edition: str, fetch: Fetch, *, refused: bool = False) -> None:
        """An edition that fails or refuses us again and again is left alone: asking on would learn nothing and make it worse."""
        self._failures[edition] = self._failures[edition] + 1 if refused or fetch.outcome in _SILENT else 0
        if self._failures[edition] >= DEAD_AFTER and edition not in self.unreachable:
            self.unreachable.add(edition)
            self.keeper.tally.editions_failed.add(edition)
            self.keeper.tally.editions_ok.discard(edition)
            said = "challenge pages" if refused else fetch.outcome.value
            self.keeper.tally.problem(f"edition {edition} stopped answering: {said}")

    def _block(self, response: Response, edition: str, fetch: Fetch) -> Iterator[FoundLeads]:
        """Leads beside the article: its "Latest news" block and whatever else links to articles."""
        if self.options.recheck is Recheck.ONLY:
            return
        page = links(
            response.body,
            response.url,
            content_type=fetch.content_type,
            is_article=lambda address: self.addresses.is_listed(address, edition),
            channel=Channel.BLOCK,
        )
        found = tuple((key, lead) for key, lead in self._keyed(page.leads) if key not in self._asked)
        met = self.keeper.archive.standings([key for key, _ in found])
        if new := tuple(
            (key, lead) for key, lead in found if key not in met or not (met[key].lead or met[key].confirmed)
        ):
            yield FoundLeads(source=self.name, edition=edition, at=fetch.at, leads=new)

    # --- absences: believed only if other articles of the edition answer properly ---------------------

    def _looked(self, look: Look, known: Known | None, *, control: bool) -> Iterator[Output]:
        if known is not None and is_doubtful(look, known):
            self._controls.hold(look)
        else:
            yield look
        if control:
            yield from self._controls.answered(
                look.edition, alive=int(known is not None and is_alive(look, known))
            )

    def _control_requests(self) -> list[Request]:
        """Controls for every edition with absences. Asked last, after all absences have been seen."""
        requests: list[Request] = []
        for edition in self._controls.open_editions():
            missing = self._controls.missing(edition)
            candidates = self.keeper.archive.controls(
                edition, self.keeper.clock(), controls.ASKED + len(missing)
            )
            chosen = [known for known in candidates if known.url_key not in missing][: controls.ASKED]
            asked = [self._known_request(known, _PRIORITY["control"], control=True) for known in chosen]
            if len(asked) < controls.NEEDED:
                asked.append(self._front_page_request(edition))
            for request in asked:
                request.meta[ALWAYS] = True
            self._controls.asked(edition, len(asked))
            requests += asked
        return requests

    def _front_page_request(self, name: str) -> Request:
        edition = self._edition(name)
        address = edition.address(edition.listings[0] if edition.listings else "/")
        return self._request(
            address, self.parse_front_page, self.failed_front_page, {"edition": name}, _PRIORITY["control"]
        )

    def parse_front_page(self, response: Response, edition: str) -> Iterator[Output]:
        """The control of last resort in a small archive: a front page that still lists articles."""
        page = links(
            response.body, response.url, is_article=lambda address: self.addresses.is_listed(address, edition)
        )
        fine = 200 <= response.status < 300 and bool(page.leads)
        yield from self._controls.answered(edition, alive=controls.NEEDED if fine else 0)

    def failed_front_page(self, failure: Failure) -> Iterator[Output]:
        """No front page either."""
        yield from self._controls.answered(failure.request.cb_kwargs["edition"], alive=0)  # type: ignore[attr-defined]

    # --- requests -----------------------------------------------------------------------------------

    def _edition(self, name: str) -> Edition:
        return next(edition for edition in self.addresses.editions if edition.name == name)

    def _request(
        self,
        url: str,
        callback: Any,
        errback: Any,
        arguments: dict[str, Any],
        priority: int,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Request:
        headers = {}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        return Request(
            url,
            callback=callback,
            errback=errback,
            cb_kwargs=arguments,
            headers=headers,
            priority=priority,
            dont_filter=True,  # what is asked twice is decided by the frontier
            meta={fetches.ASKED: url},
        )
