"""Delays removal verdicts until control articles and the soft-404 probe have been fetched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.archiving.observing import fingerprint_of
from newscrawl.crawl.context import RunContext
from newscrawl.crawl.http import fetches, requests
from newscrawl.crawl.http.refusals import Unreachable
from newscrawl.crawl.http.requests import ALWAYS, PRIORITY, Output
from newscrawl.crawl.parse.page_reader import PageReader, Unread
from newscrawl.judge import controls, soft_404
from newscrawl.judge.controls import needs_controls
from newscrawl.judge.removal import is_alive
from newscrawl.model import Fetch, FetchOutcome, Known, Observation, PageType


class RemovalChecker:
    """Holds observations that may mean a removal until other articles of the edition have answered.

    `request_control` builds the request for a known article that serves as a control.
    """

    def __init__(
        self, run: RunContext, pages: PageReader, request_control: Callable[[Known], Request]
    ) -> None:
        self._run = run
        self._pages = pages
        self._request_control = request_control
        self._controls = controls.Controls(run.counters.problem)

    async def fingerprint(
        self, observation: Observation, known: Known | None, body: bytes
    ) -> soft_404.Fingerprint | None:
        """The fingerprint of a page in place of an article that is to be compared with the soft-404 probe; else None."""
        if known is None or not needs_controls(observation, known):
            return None
        empty = observation.article is not None and observation.article.page_type is PageType.EMPTY
        if observation.fetch.outcome is not FetchOutcome.OK or empty:
            return None
        return await self._pages.fingerprint(observation.fetch, body)

    def observed(
        self,
        observation: Observation,
        known: Known | None,
        *,
        control: bool,
        fingerprint: soft_404.Fingerprint | None = None,
    ) -> Iterator[Observation]:
        """Takes an observation; hands on those that are ready to be recorded: this one, or those that waited for it."""
        if known is not None and needs_controls(observation, known):
            self._controls.add(controls.Pending(observation, known, fingerprint, control))
        else:
            yield observation
        if control:
            alive = known is not None and is_alive(observation, known)
            silent = known is not None and not alive and not needs_controls(observation, known)
            yield from self._controls.answered(
                observation.edition, alive=int(alive), key=observation.url_key, silent=silent
            )

    def missing(self, edition: str) -> set[str]:
        """Keys of the articles that are pending confirmation in an edition."""
        return self._controls.missing(edition)

    def control_not_sent(self, edition: str, key: str) -> list[Observation]:
        """Notes that the request for a control was never sent; the observations that waited for it alone."""
        return self._controls.answered(edition, alive=0, key=key)

    def unconfirmed(self) -> list[Observation]:
        """Observations that still wait for controls when the run ends; they count as unconfirmed."""
        return self._controls.drain()

    def control_requests(self) -> list[Request]:
        """Controls and probe for every edition with waiting observations. Called last, when all of these are known."""
        wanted: list[Request] = []
        for edition in self._controls.open_editions():
            missing = self._controls.missing(edition)
            chosen, near = self._choose_controls(edition, missing)
            sent = [self._request_control(known) for known in chosen]
            if len(sent) < controls.NEEDED:
                stands_in = len(missing) <= controls.FRONT_PAGE_FOR
                sent.append(self._front_page_request(edition, stands_in=stands_in))
            if (address := self._controls.wants_probe(edition)) is not None:
                sent.append(self._probe_request(edition, address))
            for request in sent:
                request.meta[ALWAYS] = True
            self._controls.asked(edition, len(sent), near)
            wanted += sent
        return wanted

    def _choose_controls(self, edition: str, missing: set[str]) -> tuple[list[Known], set[str]]:
        """The articles seen alive last, and live articles of the age and section of the missing ones, with the keys of the latter."""
        archive, now = self._run.archive, self._run.now()
        near: dict[str, Known] = {}
        sample = self._controls.sample(edition)
        for absent in sample:
            found = archive.peers(absent, missing | set(near), now, controls.NEAR // len(sample))
            near |= {known.url_key: known for known in found}
        latest = archive.controls(edition, now, controls.ASKED + len(missing) + len(near))
        others = [known for known in latest if known.url_key not in missing and known.url_key not in near]
        return [*others[: controls.ASKED - len(near)], *near.values()], set(near)

    # --- the soft-404 probe: what the host answers for an address that cannot exist ---

    def _probe_request(self, name: str, address: str) -> Request:
        salt = f"{self._run.source}/{name}/{self._run.archive.run_id}"
        url = soft_404.nowhere(self._run.addresses.edition_named(name).here(address), salt)
        return requests.build(
            url, self.parse_probe, self.failed_probe, {"edition": name}, PRIORITY["control"]
        )

    async def parse_probe(self, response: Response, edition: str) -> AsyncIterator[Output]:
        """The observation of the probe, and those that waited for it."""
        fetch = fetches.of_response(response, self._run.now())
        yield self._probe_observation(edition, fetch)
        if fetch.outcome is FetchOutcome.OK:
            fingerprint = await self._pages.fingerprint(fetch, response.body)
        else:
            fingerprint = fingerprint_of(fetch, b"")
        for observation in self._controls.probed(edition, fingerprint):
            yield observation

    def failed_probe(self, failure: Failure) -> Iterator[Output]:
        """The probe was not answered: nothing can be compared with it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        edition = request.cb_kwargs["edition"]
        if not isinstance(failure.value, Unreachable):
            yield self._probe_observation(edition, fetches.of_failure(failure, request, self._run.now()))
        yield from self._controls.probed(edition, None)

    def _probe_observation(self, edition: str, fetch: Fetch) -> Observation:
        key = self._run.addresses.key(fetch.url)
        return Observation(self._run.source, edition, key, fetch, probe=True)

    # --- the front page: stands in for controls where the archive has too few articles ---

    def _front_page_request(self, name: str, *, stands_in: bool) -> Request:
        edition = self._run.addresses.edition_named(name)
        address = edition.address(edition.listings[0] if edition.listings else "/")
        arguments = {"edition": name, "stands_in": stands_in}
        return requests.build(
            address, self.parse_front_page, self.failed_front_page, arguments, PRIORITY["control"]
        )

    async def parse_front_page(
        self, response: Response, edition: str, stands_in: bool
    ) -> AsyncIterator[Output]:
        """A front page that lists articles counts as enough live controls if it `stands_in` for them."""
        fine = False
        if stands_in and 200 <= response.status < 300:
            fetch = fetches.of_response(response, self._run.now())
            links = await self._pages.block(response, fetch, edition)
            fine = not isinstance(links, Unread) and bool(links.leads)
        for observation in self._controls.answered(edition, alive=controls.NEEDED if fine else 0):
            yield observation

    def failed_front_page(self, failure: Failure) -> Iterator[Output]:
        """The front page did not answer: no live control."""
        yield from self._controls.answered(failure.request.cb_kwargs["edition"], alive=0)  # type: ignore[attr-defined]
