"""Holds looks in doubt back until other articles of the edition have been asked: an outage must never look like a removal. Sends nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from newscrawl.archiving.observing import signal_in
from newscrawl.judge.removal import MANY, together
from newscrawl.judge.soft_404 import Fingerprint, alike
from newscrawl.model import Known, Observation, State

# Other articles of an edition asked before an absence is believed, and how many must answer properly. Two of them are of
# about the age and section of what is absent: the newest articles say nothing of a broken archive.
ASKED, NEEDED, NEAR = 4, 2, 2
# In an archive with too few articles for controls the front page stands in, for so many absences at most: where
# more go at once and nothing else is left to ask, nothing proves that it is not the site.
FRONT_PAGE_FOR = 2


@dataclass(frozen=True, slots=True)
class Held:
    """A look in doubt, the article it is about, and how the answer looked (None: it was no page)."""

    observation: Observation
    known: Known
    face: Fingerprint | None
    control: bool


@dataclass(slots=True)
class _Hearing:
    """The witnesses of one edition that are under way, and what they said so far."""

    waiting: int
    near: Collection[str]
    alive: int = 0
    alive_near: int = 0


@dataclass(slots=True)
class _Edition:
    held: list[Held] = field(default_factory=list)
    hearing: _Hearing | None = None
    probed: bool = False
    probe: Fingerprint | None = None


class Controls:
    """The looks in doubt of a run by edition, and the witnesses asked for them; `problem` takes a line for people."""

    def __init__(self, problem: Callable[[str], None]) -> None:
        self._editions: defaultdict[str, _Edition] = defaultdict(_Edition)
        self._problem = problem

    def hold(self, held: Held) -> None:
        """Keeps a look back."""
        self._editions[held.observation.edition].held.append(held)

    def drain(self) -> list[Observation]:
        """All looks still held, as looks nobody vouched for."""
        held = [h for edition in self._editions.values() for h in edition.held]
        self._editions.clear()
        return [replace(h.observation, controls_fine=False) for h in held]

    def open_editions(self) -> list[str]:
        """Editions with looks in doubt for which no witnesses are under way."""
        return [name for name, edition in self._editions.items() if edition.held and edition.hearing is None]

    def missing(self, edition: str) -> set[str]:
        """Keys of the articles in doubt of an edition: they are no controls."""
        return {held.observation.url_key for held in self._editions[edition].held}

    def sample(self, edition: str) -> Sequence[Known]:
        """Articles in doubt whose neighbours should be asked: the oldest and the newest."""
        dated = [h.known for h in self._editions[edition].held if h.known.published is not None]
        dated.sort(key=_published)
        return dated if len(dated) < NEAR else (dated[0], dated[-1])

    def wants_probe(self, edition: str) -> str | None:
        """The address of an article whose answer should be held against that for an address that cannot exist."""
        if self._editions[edition].probed:
            return None
        return next((h.known.url for h in self._editions[edition].held if h.face is not None), None)

    def asked(self, edition: str, number: int, near: Collection[str] = ()) -> None:
        """Notes how many witnesses are under way, the probe included; `near` are the keys of those of the age and section in doubt."""
        self._editions[edition].hearing = _Hearing(number, near)

    def answered(self, edition: str, *, alive: int, key: str | None = None) -> list[Observation]:
        """Notes the answer of one control; with the last witness all looks held come out, saying what the witnesses said."""
        hearing = self._editions[edition].hearing
        if hearing is None:
            return []
        hearing.alive += alive
        hearing.alive_near += alive if key in hearing.near else 0
        return self._heard(edition)

    def probed(self, edition: str, face: Fingerprint | None) -> list[Observation]:
        """Notes what the host answers for an address that cannot exist; then as `answered`."""
        here = self._editions[edition]
        here.probed, here.probe = True, face
        return self._heard(edition) if here.hearing is not None else []

    def _heard(self, name: str) -> list[Observation]:
        edition = self._editions[name]
        assert edition.hearing is not None
        edition.hearing.waiting -= 1
        if edition.hearing.waiting > 0:
            return []
        hearing, held = edition.hearing, edition.held
        edition.held, edition.hearing = [], None
        # An article that should be alive answers like an address that cannot exist: the site hides behind one page.
        hidden = any(h.control and _as_missing(h, edition.probe) for h in held)
        fine = hearing.alive >= NEEDED and not hidden
        near = 2 * hearing.alive_near >= len(hearing.near) if hearing.near else None
        observations = [
            replace(
                h.observation, controls_fine=fine, peers_fine=near, as_missing=_as_missing(h, edition.probe)
            )
            for h in held
        ]
        firsts = {
            observation.url_key: h.known.signals[0] if h.known.signals else observation.fetch.at
            for h, observation in zip(held, observations, strict=True)
            if h.known.state is not State.REMOVED and signal_in(observation, h.known) is not None
        }
        # Absences of other days are looked at in the same run, and are none of the group.
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


def _as_missing(held: Held, probe: Fingerprint | None) -> bool | None:
    return alike(held.face, probe) if held.face is not None and probe is not None else None


def _published(known: Known) -> datetime:
    assert known.published is not None
    return known.published
