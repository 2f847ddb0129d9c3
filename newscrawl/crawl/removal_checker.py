"""The part of a spider that doubts: looks that may be a removal are held back until controls and the probe have answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from newscrawl.archiving.observing import fingerprint_of
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.guard import ALWAYS, OWN_VALIDATORS
from newscrawl.crawl.http.refusals import Unreachable
from newscrawl.crawl.listings.reader import ListingSpider
from newscrawl.crawl.parse import pages
from newscrawl.crawl.source import PRIORITY, Output, answer_of
from newscrawl.judge import controls, soft_404
from newscrawl.judge.controls import needs_controls
from newscrawl.judge.removal import is_alive
from newscrawl.model import Fetch, FetchOutcome, Known, Lead, Observation, PageType
from newscrawl.worker import Aborted


class RemovalChecker(ListingSpider):
    """Asks known articles, and other articles of the edition before it believes that one is gone."""

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name, **arguments)
        self._asked: set[str] = set()
        self._unanswered: set[str] = set()  # known articles asked for that have not answered yet
        self._controls = controls.Controls(self._problem)

    def _problem(self, said: str) -> None:
        self.keeper.counters.problem(said)

    def parse_article(
        self,
        response: Response,
        edition: str,
        key: str,
        lead: Lead | None,
        known: Known | None,
        control: bool = False,
    ) -> AsyncIterator[Output]:
        """An article page, or what came instead of one."""
        raise NotImplementedError

    def failed_article(self, failure: Failure) -> Iterator[Output]:
        """An article that did not answer."""
        raise NotImplementedError

    def held_back(self) -> list[Observation]:
        """Looks that still wait for controls when the run ends."""
        return self._controls.drain()

    def _known_request(self, known: Known, priority: int, *, control: bool = False) -> Request:
        edition = self.edition_named(known.edition)
        self._asked.add(known.url_key)
        if not control:
            self._unanswered.add(known.url_key)
        request = self.request(
            edition.here(known.url),
            self.parse_article,
            self.failed_article,
            {"edition": edition.name, "key": known.url_key, "lead": None, "known": known, "control": control},
            priority,
            etag=known.etag,
            last_modified=known.last_modified,
        )
        request.meta[OWN_VALIDATORS] = True
        return request

    async def _face(self, fetch: Fetch, body: bytes) -> soft_404.Fingerprint | None:
        if fetch.outcome is not FetchOutcome.OK:
            return fingerprint_of(fetch, b"")
        face = await self.keeper.reader.read(pages.face, fetch, body)
        if isinstance(face, Aborted):
            self.keeper.unread(fetch.final_url, face)
            return None
        return face

    async def _face_in_doubt(
        self, observation: Observation, known: Known | None, body: bytes
    ) -> soft_404.Fingerprint | None:
        """How the answer looks, where it will be held against that for an address that cannot exist."""
        if known is None or not needs_controls(observation, known):
            return None
        empty = observation.article is not None and observation.article.page_type is PageType.EMPTY
        page = observation.fetch.outcome is FetchOutcome.OK and not empty
        return await self._face(observation.fetch, body) if page else None

    def _looked(
        self,
        observation: Observation,
        known: Known | None,
        *,
        control: bool,
        face: soft_404.Fingerprint | None = None,
    ) -> Iterator[Output]:
        if known is not None and needs_controls(observation, known):
            self._controls.add(controls.Pending(observation, known, face, control))
        else:
            yield observation
        if control:
            alive = int(known is not None and is_alive(observation, known))
            yield from self._controls.answered(observation.edition, alive=alive, key=observation.url_key)

    def _control_requests(self) -> list[Request]:
        """Witnesses for every edition with looks in doubt. Asked last, after all of them have been seen."""
        requests: list[Request] = []
        for edition in self._controls.open_editions():
            missing = self._controls.missing(edition)
            chosen, near = self._chosen_controls(edition, missing)
            asked = [self._known_request(known, PRIORITY["control"], control=True) for known in chosen]
            if len(asked) < controls.NEEDED:
                stands_in = len(missing) <= controls.FRONT_PAGE_FOR
                asked.append(self._front_page_request(edition, stands_in=stands_in))
            if (address := self._controls.wants_probe(edition)) is not None:
                asked.append(self._probe_request(edition, address))
            for request in asked:
                request.meta[ALWAYS] = True
            self._controls.asked(edition, len(asked), near)
            requests += asked
        return requests

    def _chosen_controls(self, edition: str, missing: set[str]) -> tuple[list[Known], set[str]]:
        """Articles seen alive last and articles near those in doubt, with the keys of the latter."""
        archive, now = self.keeper.archive, self.keeper.clock()
        near: dict[str, Known] = {}
        sample = self._controls.sample(edition)
        for absent in sample:
            found = archive.peers(absent, missing | set(near), now, controls.NEAR // len(sample))
            near |= {known.url_key: known for known in found}
        latest = archive.controls(edition, now, controls.ASKED + len(missing) + len(near))
        others = [known for known in latest if known.url_key not in missing and known.url_key not in near]
        return [*others[: controls.ASKED - len(near)], *near.values()], set(near)

    def _probe_request(self, name: str, address: str) -> Request:
        salt = f"{self.name}/{name}/{self.keeper.archive.run_id}"
        url = soft_404.nowhere(self.edition_named(name).here(address), salt)
        return self.request(url, self.parse_probe, self.failed_probe, {"edition": name}, PRIORITY["control"])

    async def parse_probe(self, response: Response, edition: str) -> AsyncIterator[Output]:
        """What the host answers for an address that cannot exist."""
        fetch = fetches.of_response(response, self.keeper.clock())
        yield self._probe_look(edition, fetch)
        for observation in self._controls.probed(edition, await self._face(fetch, response.body)):
            yield observation

    def failed_probe(self, failure: Failure) -> Iterator[Output]:
        """It does not answer: nothing is learned."""
        request: Request = failure.request  # type: ignore[attr-defined]
        edition = request.cb_kwargs["edition"]
        if not isinstance(failure.value, Unreachable):
            yield self._probe_look(edition, fetches.of_failure(failure, request, self.keeper.clock()))
        yield from self._controls.probed(edition, None)

    def _probe_look(self, edition: str, fetch: Fetch) -> Observation:
        return Observation(self.name, edition, self.addresses.key(fetch.url), fetch, probe=True)

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

    async def parse_front_page(
        self, response: Response, edition: str, stands_in: bool
    ) -> AsyncIterator[Output]:
        """The control of last resort in a small archive: a front page that still lists articles."""
        fine = False
        if stands_in and 200 <= response.status < 300:
            answer = answer_of(response, fetches.of_response(response, self.keeper.clock()))
            leads = await self.keeper.reader.read(pages.block, answer, self.addresses, edition)
            if isinstance(leads, Aborted):
                self.keeper.unread(response.url, leads)
            else:
                fine = bool(leads)
        for observation in self._controls.answered(edition, alive=controls.NEEDED if fine else 0):
            yield observation

    def failed_front_page(self, failure: Failure) -> Iterator[Output]:
        """No front page either."""
        yield from self._controls.answered(failure.request.cb_kwargs["edition"], alive=0)  # type: ignore[attr-defined]
