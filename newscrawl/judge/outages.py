"""Whether an edition stopped answering: failures in a row are believed only after controls have failed as well.

Articles that fail for good stand beside healthy ones. Their failures, however many, must not end the
checks of the others, so that an edition is left alone only where articles seen alive before fail, too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

# Failed requests in a row after which controls are asked, and how many times more of them each time a control answers.
FAILURES, TIMES_MORE = 5, 4
# Controls asked where no article has answered in this run yet, and later ones: an outage may begin in mid-run.
ASKED_FIRST, ASKED_LATER = 5, 2


@dataclass(slots=True)
class _Edition:
    failures: int = 0  # in a row
    allowed: int = FAILURES
    answered: bool = False
    waiting: int = 0  # controls under way
    over: bool = False


class Outages:
    """Counts the failed requests of a run, by edition."""

    def __init__(self) -> None:
        self._editions: defaultdict[str, _Edition] = defaultdict(_Edition)

    def noted(self, edition: str, *, failed: bool, before: bool = False) -> int:
        """Counts the answer to a request; how many controls to ask now (0: none).

        `before` says that the same address failed at its last check: that is no news of the edition as
        long as others of it answer.
        """
        here = self._editions[edition]
        if not failed:
            here.failures, here.answered = 0, True
            return 0
        if before and here.answered:
            return 0
        here.failures += 1
        if here.over or here.waiting or here.failures < here.allowed:
            return 0
        return ASKED_LATER if here.answered else ASKED_FIRST

    def asked(self, edition: str, number: int) -> bool:
        """Notes how many controls are under way; whether the edition is to be left alone, because there is none to ask."""
        here = self._editions[edition]
        here.waiting = number
        here.over = here.over or number == 0
        return here.over

    def control(self, edition: str, *, failed: bool) -> bool:
        """Notes the answer of a control; whether the edition is to be left alone, because none of them answered."""
        here = self._editions[edition]
        if not failed:
            here.failures, here.answered, here.waiting = 0, True, 0
            here.allowed *= TIMES_MORE
        elif here.waiting:
            here.waiting -= 1
            here.over = here.waiting == 0
        return here.over
