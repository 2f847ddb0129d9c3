"""An archive and its index, open together: for filling the index, and for asking it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from newscrawl.store.engine import reading, writing
from newscrawl.store.opened import Opened, open_existing
from newscrawl.store.search import pending, texts
from newscrawl.store.search.index import SearchIndex
from newscrawl.store.search.opening import open_index
from newscrawl.store.search.texts import IndexedText


class SearchStore:
    """Use it as a context manager, or call close().

    `write` asks for an index that may be filled. `beside` is the same archive, open already: its connections are used and left
    open, because a new engine takes longer than a search. Raises SchemaError where there is no archive, StoreError where
    the index is missing and may not be made.
    """

    def __init__(self, url: str, *, write: bool, beside: Opened | None = None) -> None:
        self._own = beside is None
        self._engine = open_existing(url) if beside is None else beside.engine
        try:
            self.index: SearchIndex = open_index(url, self._engine, write=write)
        except BaseException:
            self._release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes both."""
        try:
            self.index.close()
        finally:
            self._release()

    def _release(self) -> None:
        if self._own:
            self._engine.dispose()

    def behind(self, most: int) -> int:
        """How many versions the index does not have as they are now, counted up to `most`."""
        walked = self.index.walked()
        with reading(self._engine) as connection:
            waiting = pending.count_pending(connection, most)
            return waiting if walked is None else max(waiting, texts.count(connection, walked, most))

    def after(self, version_id: int, limit: int) -> list[IndexedText]:
        """The versions with the next ids."""
        with reading(self._engine) as connection:
            return texts.after(connection, version_id, limit)

    def waiting(self, limit: int) -> tuple[list[int], list[IndexedText]]:
        """The oldest notes of versions to be put in: their numbers, and the versions."""
        with reading(self._engine) as connection:
            notes = pending.pending(connection, limit)
            return [number for number, _ in notes], texts.load(connection, [version for _, version in notes])

    def done(self, numbers: Sequence[int]) -> None:
        """Deletes notes by their numbers."""
        with writing(self._engine) as connection:
            pending.done(connection, numbers)

    def done_all(self) -> None:
        """Deletes all notes that can be seen now."""
        with writing(self._engine) as connection:
            pending.done_all(connection)

    def load(self, version_ids: Sequence[int]) -> dict[int, IndexedText]:
        """Versions by id; those that are no more are left out."""
        with reading(self._engine) as connection:
            return {one.version_id: one for one in texts.load(connection, version_ids)}

    def versions_of(self, article_ids: Sequence[int]) -> dict[int, list[tuple[int, int, datetime]]]:
        """Of each article its versions by number: the id, the number, and when it was first observed."""
        with reading(self._engine) as connection:
            return texts.versions_of(connection, article_ids)
