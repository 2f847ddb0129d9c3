"""The spider machinery every source shares: listings to the frontier, the frontier to articles, known articles looked at again.

A source says what is special about it (editions, address shapes) and inherits the rest. What is
fetched is decided by the archive's frontier, not by what happened to be on a page just now, so a
run that was killed is simply continued by the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from newscrawl.archiving.observing import observation_of
from newscrawl.crawl.editions import Recheck
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.refusals import Unreachable
from newscrawl.crawl.removal_checker import RemovalChecker
from newscrawl.crawl.source import PRIORITY, Output, PageRead
from newscrawl.errors import UsageError
from newscrawl.model import (
    Applied,
    Channel,
    Fetch,
    FetchOutcome,
    Known,
    Lead,
    LeadState,
    PageType,
    Verdict,
    VerdictKind,
)

# Failed requests in a row after which an edition is left alone until the next run.
DEAD_AFTER = 5
# Leads handed to Scrapy at once; the frontier keeps the rest.
ROUND = 2000
_UNREAD = "pages whose reading had to be ended"

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


class NewsSpider(RemovalChecker):
    """Base of all sources; see docs/adding-a-source.md.

    `outlet` is its name for people, `zone` the IANA zone of its dates, `editions` its languages.
    `listed_path` and `claimed_path` are patterns for the paths of articles: of links on pages, and
    of feed and sitemap entries, where the outlet itself says that they are articles.
    `identity_path` has one group, the source's own number of a piece. `stop_headings` end an article.
    `robots_sitemaps` reads the sitemaps that robots.txt names as well.
    `ladder` says how often articles are looked at again, `budget` how many a run.
    """

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name, **arguments)
        self._backlog = 0
        self._failures: Counter[str] = Counter()
        self._rechecked = False
        self._fixed_budget = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._fixed_budget = budget_set(crawler.settings)  # noqa: SLF001 - its own
        crawler.signals.connect(spider._idle, signal=signals.spider_idle)  # noqa: SLF001 - its own
        return spider

    # --- rounds: what the frontier and the ladder want next ----------------------------------------

    def _idle(self) -> None:
        """Scrapy has nothing left to do: the next round of requests, or the end."""
        if self.keeper.counters.failure is not None:
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
            if not requests and self._room() != 0:
                requests = self.older_pages()
        if not requests and self.options.recheck is not Recheck.NO and not self._rechecked:
            self._rechecked = True
            requests = self._recheck_requests()
        return requests or self._control_requests()

    def _reachable(self) -> list[str]:
        return [edition.name for edition in self.options.editions if edition.name not in self.unreachable]

    def left_over(self) -> int:
        """How many addresses this run could have asked for and did not: limit, backlog, outage or stop.

        Leads that wait in the frontier, and known articles whose turn had come.
        """
        if self.options.recheck is Recheck.ONLY:
            return len(self._unanswered)
        names = [edition.name for edition in self.options.editions]
        dates = self.options.dates
        left = self.keeper.archive.left(names, self.keeper.started, since=dates.since, until=dates.until)
        return left + len(self._unanswered)

    def _mark_unreachable(self) -> None:
        """An edition none of whose channels answered is an outage: its articles are not asked one by one."""
        counters = self.keeper.counters
        self.unreachable |= {
            e.name for e in self.options.editions if e.name in counters.editions_failed - counters.editions_ok
        }

    def _lead_requests(self) -> list[Request]:
        room = self._room()
        if room == 0 or not self._reachable():
            return []
        dates = self.options.dates
        # Asked ones that failed may be due again in a long run; all others asked have left the frontier.
        asked = self.keeper.counters.verdicts[VerdictKind.FAILED.value] + self.keeper.counters.errors
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
        return None if limit is None else max(0, limit - self.keeper.counters.verdicts[VerdictKind.NEW.value])

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
        read = [state.last_read for state in self.keeper.listings.values() if state.last_read is not None]
        idle = self.keeper.started - max(read) if read else None
        new = self.keeper.counters.verdicts[VerdictKind.NEW.value]
        budget = self._fixed_budget or self.budget.of(new, idle)
        due = self.keeper.archive.due(
            self._reachable(), self.keeper.clock(), budget, horizon=self.ladder.at_last
        )
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

    async def parse_article(
        self,
        response: Response,
        edition: str,
        key: str,
        lead: Lead | None,
        known: Known | None,
        control: bool = False,
    ) -> AsyncIterator[Output]:
        """An article page, or what came instead of one."""
        self._unanswered.discard(key)
        read = PageRead(fetches.of_response(response, self.keeper.clock()), None)
        if read.fetch.outcome is FetchOutcome.OK:
            where = self.addresses.edition_of(response.url) or edition
            beside = edition if self.options.recheck is not Recheck.ONLY else None
            read = await self.read(response, where, read.fetch, beside=beside)
        fetch, article = read.fetch, read.article
        refused = article is not None and article.page_type is PageType.CHALLENGE
        self._notice(
            edition, fetch, refused="challenge pages" if refused else _UNREAD if read.ended else None
        )
        observation = observation_of(
            self.addresses, fetch, article, edition=edition, key=key, lead=lead, known=known
        )
        face = await self._face_in_doubt(observation, known, response.body)
        for output in self._looked(observation, known, control=control, face=face):
            yield output
        for leads in self.block(read.beside, edition, fetch, self._asked):
            yield leads

    def failed_article(self, failure: Failure) -> Iterator[Output]:
        """An article that did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        asked = request.cb_kwargs
        edition, key, known = asked["edition"], asked["key"], asked["known"]
        control = asked.get("control", False)
        self._unanswered.discard(key)
        if isinstance(failure.value, Unreachable):
            # Never sent: the address waits in the frontier, where the end of the run counts it, or stays due.
            if known is not None:
                self.keeper.count(Applied(Verdict(VerdictKind.DEFERRED, failure.value.reason), url_key=key))
            if control:
                yield from self._controls.answered(edition, alive=0, key=key)
            return
        fetch = fetches.of_failure(failure, request, self.keeper.clock())
        self._notice(edition, fetch)
        observation = observation_of(
            self.addresses, fetch, None, edition=edition, key=key, lead=asked["lead"], known=known
        )
        yield from self._looked(observation, known, control=control)

    def _notice(self, edition: str, fetch: Fetch, *, refused: str | None = None) -> None:
        """An edition that fails or refuses us again and again is left alone: asking on would learn nothing and make it worse.

        `refused` says what answers came that are none.
        """
        self._failures[edition] = self._failures[edition] + 1 if refused or fetch.outcome in _SILENT else 0
        if self._failures[edition] >= DEAD_AFTER and edition not in self.unreachable:
            self.unreachable.add(edition)
            self.keeper.counters.editions_failed.add(edition)
            self.keeper.counters.editions_ok.discard(edition)
            self.keeper.counters.problem(
                f"edition {edition} stopped answering: {refused or fetch.outcome.value}"
            )


def budget_set(settings: BaseSettings) -> int:
    """The setting RECHECK_BUDGET: re-checks a run at most, 0 if the source decides. Raises UsageError."""
    return whole_number(settings, "RECHECK_BUDGET", least=0)


def whole_number(settings: BaseSettings, name: str, *, least: int) -> int:
    """A setting that is a whole number, `least` or more. Raises UsageError."""
    try:
        number = settings.getint(name)
    except (TypeError, ValueError) as error:
        raise UsageError("not a whole number", subject=name) from error
    if number < least:
        raise UsageError(f"must be {least} or more", subject=name)
    return number
