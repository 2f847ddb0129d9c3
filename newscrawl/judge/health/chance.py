"""How likely a figure is by chance, given its history: counts, shares and lengths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def middle_mean(values: Sequence[float]) -> float:
    """The mean of the middle half of the values.

    A quarter of them may be holidays, outages or backlogs without moving it much. A median would do for
    large counts, but for an outlet with one article a day it could only be 0 or 1.
    """
    ordered = sorted(values)
    cut = len(ordered) // 4
    kept = ordered[cut : len(ordered) - cut]
    return sum(kept) / len(kept)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def count_at_most(count: int, expected: float, spread: float) -> float:
    """The probability of a count this small where `expected` is usual: lower tail of a negative binomial.

    `spread` is how much the news varies beyond chance: the variance is expected + spread * expected².
    A plain Poisson tail (spread 0) would report every slow news day as a breakdown.
    """
    if expected <= 0:
        return 1.0
    if spread < 1e-6:  # too small for the logarithms below
        return _poisson_at_most(count, expected)
    size = 1 / spread
    p = size / (size + expected)
    term = size * math.log(p)
    logs = [term]
    step = math.log1p(-p)
    for k in range(count):
        term += math.log(k + size) - math.log(k + 1) + step
        logs.append(term)
    return _sum_of_logs(logs)


def share_at_most(hits: int, tries: int, share: float, alike: float) -> float:
    """The probability of so few hits where `share` of the tries is usual: lower tail of a beta-binomial.

    `alike` (0 to 1) is the correlation of neighbouring tries: agency pieces come in clusters.
    """
    size = 1 / alike - 1
    a, b = share * size, (1 - share) * size
    logs = [
        math.lgamma(tries + 1) - math.lgamma(k + 1) - math.lgamma(tries - k + 1)
        + math.lgamma(k + a) + math.lgamma(tries - k + b) - math.lgamma(tries + a + b)
        + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        for k in range(hits + 1)
    ]  # fmt: skip
    return _sum_of_logs(logs)


def likeness(values: Sequence[bool], block: int = 10) -> float:
    """The correlation of neighbours in a sequence (0 to 0.9), by how much blocks of ten vary beyond chance."""
    shares = [sum(values[i : i + block]) / block for i in range(0, len(values) - block + 1, block)]
    overall = sum(values) / len(values) if values else 0.0
    by_chance = overall * (1 - overall)
    if len(shares) < 3 or by_chance == 0:
        return 0.0
    varies = sum((share - overall) ** 2 for share in shares) / (len(shares) - 1)
    return min(0.9, max(0.0, (varies * block / by_chance - 1) / (block - 1)))


def shifted(before: Sequence[float], after: Sequence[float]) -> float:
    """By how many standard deviations `after` ranks above (negative: below) `before`: the Mann-Whitney test.

    Ranks are used because lengths of texts are highly skewed.
    """
    ranked = sorted([(value, 0) for value in before] + [(value, 1) for value in after])
    total, n, m = 0.0, len(before), len(after)
    start = 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        total += (start + end + 1) / 2 * sum(group for _, group in ranked[start:end])
        start = end
    mean, deviation = m * (n + m + 1) / 2, math.sqrt(n * m * (n + m + 1) / 12)
    return (total - mean) / deviation


def spread_of(pairs: Sequence[tuple[int, int]]) -> float:
    """How much two counts with the same expectation differ beyond chance: median squared difference less chance.

    A difference has twice the variance of a count. The median (scaled to a variance: the median of a squared
    normal deviate is 0.455) ignores holidays and backlogs.
    """
    errors = [
        ((one - other) ** 2 / 2 / 0.455 - usual) / usual**2
        for one, other in pairs
        if (usual := (one + other) / 2) > 0
    ]
    return max(0.0, median(errors)) if errors else 0.0


def _poisson_at_most(count: int, expected: float) -> float:
    return _sum_of_logs([k * math.log(expected) - expected - math.lgamma(k + 1) for k in range(count + 1)])


def _sum_of_logs(logs: Sequence[float]) -> float:
    most = max(logs)
    return min(1.0, math.exp(most) * sum(math.exp(value - most) for value in logs))
