"""The least score that extraction must reach per field: read, checked, raised. Floors only rise, ceilings only fall."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("floors.json")
STEP = 0.001  # figures are rounded to this step, so that one page more or less on another machine is not a failure

# Shares of mistakes, where less is better: they have a ceiling instead of a floor.
LESS_IS_BETTER = frozenset({"body.none", "body.without", "authors.false", "title.sitesuf"})
# The scores with a bound. Others are only shown.
HELD = (
    "title.loose", "title.near", "title.sitesuf", "authors.set", "authors.f1", "authors.false", "date.day", "date.minute",
    "body.p", "body.r", "body.f1", "body.exact", "body.none", "body.with", "body.without", "lang.acc", "section.any", "tags.f1",
)  # fmt: skip


@dataclass(frozen=True)
class Floors:
    """The bounds, and how many pages they were measured on (a bound is meaningless for another set)."""

    pages: int
    bounds: Mapping[str, float]

    def broken(self, scores: Mapping[str, float]) -> list[str]:
        """One sentence for each field that is below its floor, above its ceiling, or was not scored at all."""
        found = []
        for field, bound in self.bounds.items():
            figure = scores.get(field)
            if figure is None:
                found.append(f"{field} was not scored; its bound is {bound:.3f}")
            elif field in LESS_IS_BETTER and figure > bound:
                found.append(f"{field} is {figure:.4f}, above its ceiling of {bound:.3f}")
            elif field not in LESS_IS_BETTER and figure < bound:
                found.append(f"{field} is {figure:.4f}, below its floor of {bound:.3f}")
        return found

    def raised(self, scores: Mapping[str, float], pages: int) -> Floors:
        """These floors, each moved to the figure (one step short of it) where that is stricter, and never otherwise."""
        bounds = dict(self.bounds)
        for field in HELD:
            if field not in scores:
                continue
            strict = _bound(field, scores[field])
            if field not in bounds:
                bounds[field] = strict
            elif field in LESS_IS_BETTER:
                bounds[field] = min(bounds[field], strict)
            else:
                bounds[field] = max(bounds[field], strict)
        return Floors(pages, bounds)


def _bound(field: str, figure: float) -> float:
    """The figure one step worse: 0.9763 -> 0.975 for a floor, 0.0021 -> 0.004 for a ceiling."""
    if field in LESS_IS_BETTER:
        return round(min((math.ceil(figure / STEP - 1e-9) + 1) * STEP, 1.0), 3)
    return round(max((math.floor(figure / STEP + 1e-9) - 1) * STEP, 0.0), 3)


def read(path: Path = FILE) -> Floors:
    """The floors kept in the repository; none where there is no file. Raises ValueError for an invalid file."""
    if not path.exists():
        return Floors(0, {})
    stored = json.loads(path.read_text("utf-8"))
    try:
        return Floors(int(stored["pages"]), {str(k): float(v) for k, v in stored["bounds"].items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} holds no floors: {error}") from error


def write(floors: Floors, path: Path = FILE) -> None:
    """Writes the floors, one a line, in the order of HELD."""
    order = sorted(floors.bounds, key=lambda f: (HELD.index(f) if f in HELD else len(HELD), f))
    stored = {"pages": floors.pages, "bounds": {field: floors.bounds[field] for field in order}}
    path.write_text(json.dumps(stored, indent=2) + "\n", "utf-8")
