"""What the log of everything recorded is about."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """What an entry says, as the tables of the log number it. The name of each in an entry is `word`."""

    LOG = 0  # of the log itself: its beginning, its keys, what of it was lost
    ARTICLE = 1
    CAPTURE = 2
    OBSERVATION = 3
    VERSION = 4
    CHANGE = 5
    RUN = 6
    PRUNING = 7
    FILE = 8  # a closed WARC file

    @property
    def word(self) -> str:
        """Its name in an entry."""
        return self.name.lower()


ROWS = (
    Kind.RUN,
    Kind.CAPTURE,
    Kind.ARTICLE,
    Kind.VERSION,
    Kind.CHANGE,
    Kind.OBSERVATION,
    Kind.PRUNING,
)
"""Those that rows of the archive stand behind, in the order in which an old archive is brought in."""

WORDS = {kind.word: kind for kind in Kind}
