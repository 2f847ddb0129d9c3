"""Candidates for a field with their origins, and the choice between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """One proposed value and where it comes from ("json-ld", "h1", "byline", …).

    `note` is why it was refused ("the outlet's name", "too long"); empty if it was not.
    """

    value: T
    origin: str
    note: str = ""

    def refused(self, note: str) -> Candidate[T]:
        """The candidate marked as refused. It stays in the list, so that `--explain` can show it."""
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
    """Takes the first candidate that was not refused."""
    taken = next((c for c in candidates if not c.note), None)
    return Choice(taken, tuple(candidates), why if taken else "no usable candidate")
