"""Chooses which articles a run requests: leads of the archive's frontier, and known articles that are due for a re-check."""

from __future__ import annotations

from collections.abc import Collection

from scrapy.http import Request, Response

from newscrawl.crawl.context import RunContext
from newscrawl.crawl.http import requests
from newscrawl.crawl.http.requests import ALWAYS, OF_OUTAGE, OWN_VALIDATORS, PRIORITY, Callback
from newscrawl.crawl.options import Recheck
from newscrawl.errors import AddressError
from newscrawl.judge import validators
from newscrawl.judge.recheck import Budget, Ladder
from newscrawl.model import Channel, Known, Lead, LeadState, VerdictKind
from newscrawl.urls import host_of

# Leads handed to Scrapy at once; the frontier keeps the rest.
ROUND = 2000
FIRST_ROUND = 200
"""Leads of the first round, before sitemaps are read: a front page and its feeds show about a hundred."""


class ArticleRequests:
    """The requests for articles of a run, each article once. `callback` and `errback` are the spider's.

    `ladder` and `budget` are the source's; `fixed_budget` replaces the budget where it is not 0. `most_hops` are
    redirects and stubs followed one after the other.
    """

    def __init__(
        self,
        run: RunContext,
        callback: Callback,
        errback: Callback,
        *,
        ladder: Ladder,
        budget: Budget,
        fixed_budget: int,
        most_hops: int,
    ) -> None:
        self.requested: set[str] = set()  # keys of leads and known articles
        self._failing: set[str] = (
            set()
        )  # keys of those among them that failed at their last check, or in this run
        self._of_outage: set[str] = set()  # keys of the controls asked whether their edition still answers
        self._run = run
        self._callback = callback
        self._errback = errback
        self._ladder = ladder
        self._budget = budget
        self._fixed_budget = fixed_budget
        self._most_hops = most_hops
        self._unanswered: set[str] = set()  # keys of known articles that have not answered yet
        self._backlog = 0
        self._caught: frozenset[str] | None = (
            None  # hosts whose validators lied, once a known article is asked for
        )

    @property
    def room(self) -> int | None:
        """How many new articles the run may still take; None: no limit."""
        limit, new = self._run.options.limit, self._run.counters.verdicts[VerdictKind.NEW.value]
        return None if limit is None else max(0, limit - new)

    def leads(self, most: int = ROUND) -> list[Request]:
        """Requests for the next leads of the frontier."""
        run, room, reachable = self._run, self.room, self._reachable()
        if room == 0 or not reachable:
            return []
        dates = run.options.dates
        # Requested ones that failed may be due again in a long run; all other requested ones have left the frontier.
        requested = run.counters.verdicts[VerdictKind.FAILED.value] + run.counters.errors
        waiting = run.archive.waiting(
            reachable, run.now(), since=dates.since, until=dates.until, limit=most + requested
        )
        found: list[Request] = []
        for lead in waiting:
            if len(found) >= (room if room is not None else most):
                break
            if lead.url_key in self.requested or not self._within_backlog(lead):
                continue
            self.requested.add(lead.url_key)
            if lead.outcome is VerdictKind.FAILED:
                self._failing.add(lead.url_key)
            found.append(self._lead(lead))
        return found

    def rechecks(self) -> list[Request]:
        """Requests for the known articles that are due, within the budget of the run."""
        run, reachable = self._run, self._reachable()
        if not reachable:
            return []
        read = [state.last_read for state in run.listings.values() if state.last_read is not None]
        idle = run.started - max(read) if read else None
        new = run.counters.verdicts[VerdictKind.NEW.value]
        budget = self._fixed_budget or self._budget.of(new, idle)
        due = run.archive.due(reachable, run.now(), budget, horizon=self._ladder.at_last)
        chosen = [known for known in due if known.url_key not in self.requested]
        self._unanswered |= {known.url_key for known in chosen}
        self._failing |= {known.url_key for known in chosen if known.unreadable_since is not None}
        return [self._known(known, PRIORITY["recheck"], control=False) for known in chosen]

    def control(self, known: Known) -> Request:
        """The request for a known article that serves as a control."""
        return self._known(known, PRIORITY["control"], control=True)

    def onward(self, response: Response, target: str) -> Request | None:
        """The request for the address that a stub sends its reader on to, as if it had redirected there.

        None where it leads back, or after too many.
        """
        request = response.request
        assert request is not None
        addresses = self._run.addresses
        hops = [*request.meta.get("redirect_urls", ()), response.url]
        try:
            seen = {addresses.key(hop) for hop in hops}
            if len(hops) > self._most_hops or addresses.key(target) in seen:
                return None
        except AddressError:
            return None
        # Scrapy counts its redirects by the same key.
        meta = {**request.meta, "redirect_urls": hops, "redirect_times": len(hops)}
        return request.replace(url=target, priority=request.priority + 1, meta=meta)

    def outage_controls(self, edition: str, number: int, without: Collection[str]) -> list[Request]:
        """Requests for articles seen alive before, to learn whether an edition still answers: the last one seen, and others.

        The others are asked once a run, those that wait in it anyway only where there are no more, and then
        in place of their own check. `without` are keys of articles that are no controls.
        """
        wanted = number + len(self._of_outage) + len(without) + len(self._failing)
        found = self._run.archive.seen_alive(edition, self._run.now(), wanted)
        found = [k for k in found if k.url_key not in without and k.url_key not in self._failing]
        others = [known for known in found[1:] if known.url_key not in self._of_outage]
        others.sort(key=lambda known: known.url_key in self._unanswered)
        chosen = [*found[:1], *others[: number - 1]]
        self._of_outage |= {known.url_key for known in chosen}
        self._run.asked_early |= self._of_outage & self._unanswered
        sent = [self._known(known, PRIORITY["control"], control=False) for known in chosen]
        for request in sent:
            request.meta.update({ALWAYS: True, OF_OUTAGE: True})
        return sent

    def failed(self, key: str) -> bool:
        """Notes that an address failed; whether it had failed at its last check as well."""
        before = key in self._failing
        self._failing.add(key)
        return before

    def answered(self, key: str) -> None:
        """Notes that a request has a response or has failed."""
        self._unanswered.discard(key)

    def left_over(self) -> int:
        """How many addresses were due in this run and not fetched: limit, backlog, outage or stop.

        Leads that wait in the frontier, and known articles without an answer.
        """
        run = self._run
        if run.options.recheck is Recheck.ONLY:
            return len(self._unanswered)
        names, dates = [edition.name for edition in run.options.editions], run.options.dates
        left = run.archive.left(names, run.started, since=dates.since, until=dates.until)
        return left + len(self._unanswered)

    def _reachable(self) -> list[str]:
        unreachable = self._run.hosts.unreachable
        return [edition.name for edition in self._run.options.editions if edition.name not in unreachable]

    def _within_backlog(self, lead: LeadState) -> bool:
        # Found only in a sitemap or beside an article: mostly old articles, which link to more of them. A run takes a
        # limited number, newest first, so that cron jobs stay short; with `since` the past is what was asked for.
        if lead.channel in (Channel.LISTING, Channel.FEED) or self._run.options.dates.since is not None:
            return True
        self._backlog += 1
        return self._backlog <= self._run.config.backlog

    def _lead(self, state: LeadState) -> Request:
        edition = self._run.addresses.edition_named(state.edition)
        lead = Lead(
            url=state.url,
            channel=state.channel,
            listing=state.listing,
            position=state.position,
            headline=state.headline,
            published=state.published,
            modified=state.modified,
            announced=state.announced,
        )
        arguments = {"edition": edition.name, "key": state.url_key, "lead": lead, "known": None}
        return requests.build(
            edition.here(state.url), self._callback, self._errback, arguments, PRIORITY["lead"]
        )

    def _known(self, known: Known, priority: int, *, control: bool) -> Request:
        self.requested.add(known.url_key)
        edition = self._run.addresses.edition_named(known.edition)
        address = edition.here(known.url)
        in_full = host_of(address) in self._caught_hosts() or validators.in_full(
            known, self._run.now(), self._ladder
        )
        request = requests.build(
            address,
            self._callback,
            self._errback,
            {"edition": edition.name, "key": known.url_key, "lead": None, "known": known, "control": control},
            priority,
            etag=None if in_full else known.etag,
            last_modified=None if in_full else known.last_modified,
        )
        request.meta[OWN_VALIDATORS] = True
        return request

    def _caught_hosts(self) -> frozenset[str]:
        if self._caught is None:
            found = validators.caught(self._run.archive.caught_hosts(), self._run.now())
            self._caught = frozenset(host.host for host in found)
        return self._caught
