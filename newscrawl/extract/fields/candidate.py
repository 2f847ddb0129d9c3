"""What a field reader proposes and what was taken: values with their origin. Decides nothing by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """One proposed value and the layer it came from ("json-ld", "h1", "byline", …).

    `note` says why its reader refused it ("the outlet's name", "too long"); empty for one that could have won.
    """

    value: T
    origin: str
    note: str = ""

    def refused(self, note: str) -> Candidate[T]:
        """The same candidate with the reason why it cannot win: kept in the list, so that it is seen."""
        return replace(self, note=note)


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """All candidates of one field in order of preference, the one taken (None: unknown) and why it won."""

    taken: Candidate[T] | None
    candidates: tuple[Candidate[T], ...] = ()
    why: str = ""

    @property
    def value(self) -> T | None:
        """The value taken, None if there is none."""
        return self.taken.value if self.taken else None


def first(candidates: list[Candidate[T]], why: str = "first in order of preference") -> Choice[T]:
    """The plain rule: the first candidate that was not refused wins."""
    taken = next((c for c in candidates if not c.note), None)
    return Choice(taken, tuple(candidates), why if taken else "no usable candidate")
