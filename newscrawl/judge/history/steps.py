"""Finds anew how the versions of an article differ, after some were read by a newer extractor: kinds of change and returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from newscrawl.judge.kinds import classify
from newscrawl.model import ChangeKind, Content


@dataclass(frozen=True, slots=True)
class Step:
    """A version in its history: number, content, extractor, and how it differs from the previous version."""

    number: int
    content: Content
    content_hash: str
    extractor: str
    kinds: tuple[ChangeKind, ...] = ()
    returns_to: int | None = None


def compared(steps: Sequence[Step]) -> list[Step]:
    """The steps with new kinds and returns; `steps` are all versions of an article by number.

    Only texts of the same extractor are compared: where two neighbours were read by different ones,
    what is stored of them stays. Neighbours that no longer differ have no kinds.
    """
    result: list[Step] = []
    first: dict[tuple[str, str], int] = {}
    for step in steps:
        before = result[-1] if result else None
        if before is not None and before.extractor == step.extractor:
            # Beside the text nothing is compared here: what was found of it stays.
            beside = tuple(kind for kind in step.kinds if kind.is_beside)
            kinds = (*classify.kinds(before.content, step.content), *beside)
            seen = first.get((step.extractor, step.content_hash))
            mixed = any(one.extractor != step.extractor for one in result)
            returns_to = (seen or (step.returns_to if mixed else None)) if kinds else None
            result.append(replace(step, kinds=kinds, returns_to=returns_to))
        else:
            result.append(step)
        first.setdefault((step.extractor, step.content_hash), step.number)
    return result
