"""Two checkpoints of one log that cannot both be true, kept: the log's own key has signed both."""

from __future__ import annotations

import hashlib
from pathlib import Path

from newscrawl.warc import durable

FOLDER = "findings"
CONTRADICTIONS = frozenset({"rolled_back", "forked", "edited"})
"""The verdicts (proof/compare.py) that two signed checkpoints prove; others say only that nobody known has signed."""


def keep(folder: Path, verdict: str, before: bytes, now: bytes) -> Path:
    """The folder with both notes, `before` (empty where there was none) and `now`; the same two are kept once.

    By their texts: a cosignature that is made anew makes no other finding. Raises ArchiveError.
    """
    texts = b"\0".join(note.partition(b"\n\n")[0] for note in (before, now))
    kept = folder / FOLDER / f"{verdict}-{hashlib.sha256(texts).hexdigest()[:16]}"
    if not (kept / "now").exists():
        if before:
            durable.write(kept / "before", before)
        durable.write(kept / "now", now)
    return kept
