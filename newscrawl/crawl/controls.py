"""Holds absences back until other articles of the edition have been asked: an outage must never look like a removal. Sends nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from newscrawl.model import Look

# Other articles of an edition asked before an absence is believed, and how many must answer properly.
ASKED, NEEDED = 4, 2
# In an archive with too few articles for controls the front page stands in, for so many absences at most: where
# more go at once and nothing else is left to ask, nothing proves that it is not the site.
FRONT_PAGE_FOR = 2


class Controls:
    """The absences of a run by edition, and the controls that are under way for them."""

    def __init__(self) -> None:
        self._held: defaultdict[str, list[Look]] = defaultdict(list)
        self._under_way: Counter[str] = Counter()
        self._alive: Counter[str] = Counter()

    def hold(self, look: Look) -> None:
        """Keeps an absence back."""
        self._held[look.edition].append(look)

    def drain(self) -> list[Look]:
        """All absences still held, as looks nobody vouched for."""
        held = [replace(look, controls_fine=False) for looks in self._held.values() for look in looks]
        self._held.clear()
        return held

    def open_editions(self) -> list[str]:
        """Editions with absences for which no controls are under way."""
        return [edition for edition, held in self._held.items() if held and not self._under_way[edition]]

    def missing(self, edition: str) -> set[str]:
        """Keys of the absent articles of an edition: they are no controls."""
        return {look.url_key for look in self._held[edition]}

    def asked(self, edition: str, number: int) -> None:
        """Notes how many controls are under way."""
        self._under_way[edition] = number
        self._alive[edition] = 0

    def answered(self, edition: str, *, alive: int) -> list[Look]:
        """Notes the answer of one control; with the last one, all absences held come out, saying whether the controls were fine."""
        self._alive[edition] += alive
        self._under_way[edition] -= 1
        if self._under_way[edition] > 0:
            return []
        fine = self._alive[edition] >= NEEDED
        return [replace(look, controls_fine=fine) for look in self._held.pop(edition, [])]
