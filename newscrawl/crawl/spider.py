"""The spider machinery every source shares: listings to the frontier, the frontier to articles, known articles looked at again.

A source says what is special about it (editions, address shapes) and inherits the rest. What is
fetched is decided by the archive's frontier, not by what happened to be on a page just now, so a
run that was killed is simply continued by the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.crawl import controls, fetches
from newscrawl.crawl.editions import Recheck
from newscrawl.crawl.guard import ALWAYS
from newscrawl.crawl.listing_spider import ListingSpider
from newscrawl.crawl.looks import is_alive, is_doubtful, look_of
from newscrawl.crawl.refusals import Unreachable
from newscrawl.crawl.source import PRIORITY, Output
from newscrawl.discover.listing import links
from newscrawl.judge import recheck
from newscrawl.model import (
    Applied,
    Channel,
    Fetch,
    FetchOutcome,
    Known,
    Lead,
    LeadState,
    Look,
    PageType,
    Verdict,
    VerdictKind,
)

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


class NewsSpider(ListingSpider):
    """Base of all sources; see docs/adding-a-source.md.

    `outlet` is its name for people, `zone` the IANA zone of its dates, `editions` its languages.
    `listed_path` and `claimed_path` are patterns for the paths of articles: of links on pages, and
    of feed and sitemap entries, where the outlet itself says that they are articles.
    `identity_path` has one group, the source's own number of a piece. `stop_headings` end an article.
    """

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name, **arguments)
        self._asked: set[str] = set()
        self._backlog = 0
        self._failures: Counter[str] = Counter()
        self._rechecked = False
        self._controls = controls.Controls()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._idle, signal=signals.spider_idle)  # noqa: SLF001 - its own
        return spider

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

    def held_back(self) -> list[Look]:
        """Looks that still wait for controls when the run ends."""
        return self._controls.drain()

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
            self._known_request(known, PRIORITY["recheck"])
            for known in due
            if known.url_key not in self._asked
        ]

    # --- looks -----------------------------------------------------------------------------------

    def _lead_request(self, state: LeadState) -> Request:
        edition = self.edition_named(state.edition)
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
        return self.request(
            edition.here(state.url), self.parse_article, self.failed_article, asked, PRIORITY["lead"]
        )

    def _known_request(self, known: Known, priority: int, *, control: bool = False) -> Request:
        edition = self.edition_named(known.edition)
        self._asked.add(known.url_key)
        return self.request(
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
            fetch, article = self.read(response, self.addresses.edition_of(response.url) or edition, fetch)
        refused = article is not None and article.page_type is PageType.CHALLENGE
        self._notice(edition, fetch, refused=refused)
        yield from self._looked(
            look_of(self.addresses, fetch, article, edition=edition, key=key, lead=lead, known=known),
            known,
            control=control,
        )
        if article is not None and article.is_article:
            yield from self.block(response, edition, fetch, self._asked)

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
            asked = [self._known_request(known, PRIORITY["control"], control=True) for known in chosen]
            if len(asked) < controls.NEEDED:
                stands_in = len(missing) <= controls.FRONT_PAGE_FOR
                asked.append(self._front_page_request(edition, stands_in=stands_in))
            for request in asked:
                request.meta[ALWAYS] = True
            self._controls.asked(edition, len(asked))
            requests += asked
        return requests

    def _front_page_request(self, name: str, *, stands_in: bool) -> Request:
        edition = self.edition_named(name)
        address = edition.address(edition.listings[0] if edition.listings else "/")
        return self.request(
            address,
            self.parse_front_page,
            self.failed_front_page,
            {"edition": name, "stands_in": stands_in},
            PRIORITY["control"],
        )

    def parse_front_page(self, response: Response, edition: str, stands_in: bool) -> Iterator[Output]:
        """The control of last resort in a small archive: a front page that still lists articles."""
        page = links(
            response.body, response.url, is_article=lambda address: self.addresses.is_listed(address, edition)
        )
        fine = stands_in and 200 <= response.status < 300 and bool(page.leads)
        yield from self._controls.answered(edition, alive=controls.NEEDED if fine else 0)

    def failed_front_page(self, failure: Failure) -> Iterator[Output]:
        """No front page either."""
        yield from self._controls.answered(failure.request.cb_kwargs["edition"], alive=0)  # type: ignore[attr-defined]
