"""Whether the latest articles are as complete as earlier ones of the same edition: fields, lengths, versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from newscrawl.judge.health.chance import likeness, share_at_most, shifted
from newscrawl.model.health import Sample

# The fewest earlier articles to compare with: a share of fewer means little.
BEFORE = 20
# Numbers of latest articles to test, from "it broke just now" to "it broke weeks ago".
AFTER = (3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 60, 80, 110, 150, 200)
# Low enough for six fields, sixteen sizes and all runs of a year without one report by chance.
UNLIKELY = 1e-6
# The least correlation of neighbouring articles (agency pieces at night), whatever a short history shows.
ALIKE = 0.05
# If some of the latest articles still have a field, the drop must last longer than a day of agency news or an event.
PARTLY = timedelta(days=2)
# Texts are reported as shorter or longer if their median changes by this factor: a new layout loses or gains a
# block of text, while a change of topics moves the median by a fifth.
FACTOR = 0.6
# Standard deviations beyond which lengths have changed. Chance alone gives 4.9 once in a million; the margin is for
# the correlation of neighbours.
DEVIATIONS = 6.0
# An article with this many versions changes at nearly every check.
VOLATILE = 4


@dataclass(frozen=True, slots=True)
class Break:
    """From `since` on, `hits` of `after` articles have what `hits_before` of `before` earlier ones had."""

    field: str
    since: datetime
    hits: int
    after: int
    hits_before: int
    before: int


@dataclass(frozen=True, slots=True)
class LengthBreak:
    """From `since` on (`after` articles) the median body length is `median` characters instead of `median_before`."""

    since: datetime
    after: int
    median: float
    median_before: float


def fields(language: str | None) -> dict[str, Callable[[Sample], bool]]:
    """Tests for what each article should have, by field; `language` is the edition's usual one."""
    return {
        "title": lambda s: s.title,
        "authors": lambda s: s.authors,
        "people": lambda s: s.people,
        "published": lambda s: s.published,
        "minute": lambda s: s.minute,
        "images": lambda s: s.images,
        "language": lambda s: s.language == language,
    }


def usual_language(samples: Sequence[Sample]) -> str | None:
    """The language of most articles."""
    found = [sample.language for sample in samples]
    return max(sorted(set(found), key=str), key=found.count, default=None)


def filled(samples: Sequence[Sample], latest: int = 50) -> dict[str, float]:
    """The share of the latest articles that have each field."""
    part = samples[-latest:]
    return {
        name: sum(map(has, part)) / len(part) for name, has in fields(usual_language(samples)).items() if part
    }


def missing(samples: Sequence[Sample]) -> list[Break]:
    """Fields that the latest articles lack and earlier ones had; `samples` are oldest first.

    A field counts as lost if fewer than half as many articles have it and chance does not explain that.
    """
    breaks = {}
    for name, has in fields(usual_language(samples)).items():
        if broken := _drop(name, samples, [has(sample) for sample in samples]):
            breaks[name] = broken
    # Without an author there is no person as author, without a date no minute: report the cause only.
    for consequence, cause in (("people", "authors"), ("minute", "published")):
        if cause in breaks:
            breaks.pop(consequence, None)
    return list(breaks.values())


def volatile(samples: Sequence[Sample]) -> Break | None:
    """Whether articles have begun to change at every check, as with a counter in the text.

    `hits` are the articles that do not.
    """
    return _drop("versions", samples, [sample.versions < VOLATILE for sample in samples])


def cut(samples: Sequence[Sample]) -> LengthBreak | None:
    """Whether the latest texts are much shorter or longer than earlier ones."""
    best: tuple[float, LengthBreak] | None = None
    lengths = [float(sample.length) for sample in samples]
    for after in _sizes(len(lengths)):
        before, now = lengths[:-after], lengths[-after:]
        usual, middle = median(before), median(now)
        if FACTOR * usual < middle < usual / FACTOR:
            continue
        deviations = abs(shifted(before, now))
        if deviations > DEVIATIONS and (best is None or deviations > best[0]):
            best = deviations, LengthBreak(samples[-after].at, after, middle, usual)
    return best[1] if best is not None else None


def _drop(name: str, samples: Sequence[Sample], values: Sequence[bool]) -> Break | None:
    best: tuple[float, int] | None = None
    for after in _sizes(len(values)):
        before, now = values[:-after], values[-after:]
        hits, had = sum(now), sum(before)
        if hits / after > had / len(before) / 2 or (hits and samples[-1].at - samples[-after].at < PARTLY):
            continue
        # Half a hit and half a miss are added: a field that was never missing may still be missing once.
        share = (had + 0.5) / (len(before) + 1)
        chance = share_at_most(hits, after, share, max(ALIKE, likeness(before)))
        if chance < UNLIKELY and (best is None or chance < best[0]):
            best = chance, after
    if best is None:
        return None
    after = _beginning(values, best[1])
    before, now = values[:-after], values[-after:]
    return Break(name, samples[-after].at, sum(now), after, sum(before), len(before))


def _sizes(articles: int) -> list[int]:
    return [after for after in AFTER if articles - after >= BEFORE]


def _beginning(values: Sequence[bool], after: int) -> int:
    """How many of the latest articles follow the break: the exact start near the size tested."""
    start = len(values) - after
    while start > BEFORE and not values[start - 1]:
        start -= 1
    while start < len(values) - 1 and values[start]:
        start += 1
    return len(values) - start
