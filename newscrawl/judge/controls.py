"""Controls: delays removal verdicts until other articles of the edition have been checked, so that an outage is never taken for a removal.

An observation that may mean removal waits (`Pending`) while controls are fetched: the articles of the
edition seen alive most recently, articles near it by age and section, and an address that cannot
exist (the probe, see judge.soft_404). The evidence they give is then written into the observation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from newscrawl.judge import identity
from newscrawl.judge.removal import MANY, signal_in, together
from newscrawl.judge.soft_404 import Fingerprint, alike
from newscrawl.judge.walls import wall_of
from newscrawl.model import Content, FetchOutcome, Known, Observation, PageType, State

# Controls: other articles of an edition asked before an absence is believed, and how many must answer properly. Two of them are of
# about the age and section of what is absent: the newest articles say nothing of a broken archive.
ASKED, NEEDED, NEAR = 4, 2, 2
# In an archive with too few articles for controls the front page stands in, for so many absences at most: where
# more go at once and nothing else is left to ask, nothing proves that it is not the site.
FRONT_PAGE_FOR = 2


@dataclass(frozen=True, slots=True)
class Pending:
    """An observation pending confirmation, the article it is about, and the fingerprint of its answer (None: it was no page)."""

    observation: Observation
    known: Known
    fingerprint: Fingerprint | None
    control: bool


@dataclass(slots=True)
class _Evidence:
    """The controls of one edition that are under way, and how many answered properly, or not at all, so far."""

    waiting: int
    near: Collection[str]
    alive: int = 0
    alive_near: int = 0
    silent: int = 0


@dataclass(slots=True)
class _Edition:
    pending: list[Pending] = field(default_factory=list)
    evidence: _Evidence | None = None
    probed: bool = False
    probe: Fingerprint | None = None


class Controls:
    """The observations of a run that are pending confirmation, by edition, and the controls asked for them; `problem` takes a line for people."""

    def __init__(self, problem: Callable[[str], None]) -> None:
        self._editions: defaultdict[str, _Edition] = defaultdict(_Edition)
        self._problem = problem

    def add(self, pending: Pending) -> None:
        """Keeps an observation back until controls have answered."""
        self._editions[pending.observation.edition].pending.append(pending)

    def drain(self) -> list[Observation]:
        """All observations still pending, without evidence for any of them."""
        left = [one for edition in self._editions.values() for one in edition.pending]
        self._editions.clear()
        return [replace(one.observation, controls_fine=False) for one in left]

    def open_editions(self) -> list[str]:
        """Editions with pending observations for which no controls are under way."""
        return [
            name for name, edition in self._editions.items() if edition.pending and edition.evidence is None
        ]

    def missing(self, edition: str) -> set[str]:
        """Keys of the articles pending confirmation in an edition: they are no controls."""
        return {one.observation.url_key for one in self._editions[edition].pending}

    def sample(self, edition: str) -> Sequence[Known]:
        """Pending articles whose neighbours should be asked: the oldest and the newest."""
        dated = [one.known for one in self._editions[edition].pending if one.known.published is not None]
        dated.sort(key=_published)
        return dated if len(dated) < NEAR else (dated[0], dated[-1])

    def wants_probe(self, edition: str) -> str | None:
        """The address of an article whose answer should be compared with that for an address that cannot exist; None: no need."""
        if self._editions[edition].probed:
            return None
        pending = self._editions[edition].pending
        return next((one.known.url for one in pending if one.fingerprint is not None), None)

    def asked(self, edition: str, number: int, near: Collection[str] = ()) -> None:
        """Notes how many controls are under way, the probe included; `near` are the keys of those of about the same age and section."""
        self._editions[edition].evidence = _Evidence(number, near)

    def answered(
        self, edition: str, *, alive: int, key: str | None = None, silent: bool = False
    ) -> list[Observation]:
        """Notes the answer of one control; with the last one all pending observations come out, with the evidence.

        `silent`: it was refused or out of order, so that it says nothing of itself either.
        """
        evidence = self._editions[edition].evidence
        if evidence is None:
            return []
        evidence.alive += alive
        evidence.alive_near += alive if key in evidence.near else 0
        evidence.silent += silent
        return self._answered(edition)

    def probed(self, edition: str, fingerprint: Fingerprint | None) -> list[Observation]:
        """Notes what the host answers for an address that cannot exist; then as `answered`."""
        here = self._editions[edition]
        here.probed, here.probe = True, fingerprint
        return self._answered(edition) if here.evidence is not None else []

    def _answered(self, name: str) -> list[Observation]:
        edition = self._editions[name]
        assert edition.evidence is not None
        edition.evidence.waiting -= 1
        if edition.evidence.waiting > 0:
            return []
        evidence, pending = edition.evidence, edition.pending
        edition.pending, edition.evidence = [], None
        # An article that should be alive answers like an address that cannot exist: the site hides behind one page.
        hidden = any(one.control and _as_missing(one, edition.probe) for one in pending)
        fine = evidence.alive >= NEEDED and not hidden
        # Controls were asked, and none of them is absent or odd: it is no page that everybody gets.
        silent = not fine and evidence.silent >= NEEDED and len(pending) < MANY
        silent = silent and not any(one.control for one in pending)
        near = 2 * evidence.alive_near >= len(evidence.near) if evidence.near else None
        observations = [
            replace(
                one.observation,
                controls_fine=fine,
                controls_silent=silent,
                peers_fine=near,
                as_missing=_as_missing(one, edition.probe),
            )
            for one in pending
        ]
        firsts = {
            observation.url_key: one.known.signals[0] if one.known.signals else observation.fetch.at
            for one, observation in zip(pending, observations, strict=True)
            if one.known.state is not State.REMOVED and signal_in(observation, one.known) is not None
        }
        # Absences of other days are checked in the same run, and do not belong to the group.
        group = {key for key, at in firsts.items() if together(at, firsts.values()) >= MANY}
        if fine and group:
            self._problem(
                f"edition {name}: {len(group)} articles absent at once: moved, purged, or a broken part of the site?"
            )
            observations = [
                replace(observation, peers_fine=False) if observation.url_key in group else observation
                for observation in observations
            ]
        return observations


def needs_controls(observation: Observation, known: Known) -> bool:
    """Whether an observation of a known article must wait for controls: a removal signal, or a page that is not the article.

    An outage, a block page nobody has seen before or a front page served everywhere gives such
    answers for all articles of an edition at once; a removal or a rewriting does not.
    """
    page = observation.article
    if signal_in(observation, known) is not None:
        return True
    if page is None or observation.fetch.outcome is not FetchOutcome.OK or page.page_type.hides_article:
        return False
    if wall_of(observation.fetch, page) is not None:
        return False
    return page.page_type is PageType.OTHER or not identity.related(known.content, Content.of(page))


def _as_missing(pending: Pending, probe: Fingerprint | None) -> bool | None:
    """Whether an answer is a soft 404: like that for an address that cannot exist; None where they cannot be compared."""
    if pending.fingerprint is None or probe is None:
        return None
    return alike(pending.fingerprint, probe)


def _published(known: Known) -> datetime:
    assert known.published is not None
    return known.published
