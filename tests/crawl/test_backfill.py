"""A backfill killed again and again: all is there, nothing is fetched twice but what was under way. The large version is benchmarks/backfill.py."""

from __future__ import annotations

from pathlib import Path

from benchmarks.backfill import backfill


def test_killed_backfill(tmp_path: Path) -> None:
    """Paged lists and sitemaps, killed twice with SIGKILL; lists go on about where they were."""
    result = backfill(tmp_path, wanted=60, kills=2, seed=3)
    assert result.ended == 0
    assert (result.missing, result.unwanted, result.twice_without_reason) == (0, 0, 0)
    assert result.archived == 60
    # Each later run reads the first page again, and the page before the one it stopped at.
    assert result.pages <= result.pages_needed + 1 + 3 * len(result.kills)
