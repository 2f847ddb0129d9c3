"""What a field reader proposes and what was taken: values with their origin. Decides nothing by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """One proposed value and the layer it came from ("json-ld", "h1", "byline", …)."""

    value: T
    origin: str


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
    """The plain rule: the first candidate wins."""
    return Choice(
        candidates[0] if candidates else None, tuple(candidates), why if candidates else "no candidate"
    )
