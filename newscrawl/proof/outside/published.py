"""The published log of another archive, in a folder or at a web address: its checkpoint, and its tiles for proofs.

Nothing in it is trusted: sizes are bounded, and what tiles say counts only as far as it leads to a root that was signed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from newscrawl.errors import FetchError
from newscrawl.proof.outside.fetching import Fetcher, Missing, Reader, is_address, parsed
from newscrawl.proof.tiles import CHECKPOINT, FOLDER, WIDTH, DamagedLog, Tiles

LARGEST = 1 << 16
"""Bytes of a checkpoint with its signatures at most."""
WITNESS = "witness"
"""Where in a log's folder are the logs of others that it has seen."""
_TILE = WIDTH * 32


def reader(target: str, fetcher: Fetcher) -> Reader:
    """Reads files of a published log. Raises AddressError for what is no web address."""
    if is_address(target):
        parsed(target)
        base = target.rstrip("/")

        def fetch(name: str, most: int) -> bytes:
            try:
                return fetcher.get(f"{base}/{name}" if name else target, most)
            except Missing as error:
                raise FileNotFoundError(name) from error

        return fetch
    folder = Path(target)
    if not (folder / CHECKPOINT).exists() and (folder / FOLDER).is_dir():
        folder /= FOLDER  # of a whole archive

    def load(name: str, most: int) -> bytes:
        path = folder / name if name else folder
        if path.is_dir():
            raise FileNotFoundError(name)
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise FetchError("is no file", subject=str(path))
        try:
            with path.open("rb") as file:
                data = file.read(most + 1)
        except FileNotFoundError:
            raise
        except NotADirectoryError as error:
            raise FileNotFoundError(name) from error
        except OSError as error:
            raise FetchError(f"cannot be read: {error.strerror}", subject=str(path)) from error
        if len(data) > most:
            raise FetchError(f"longer than {most:,} bytes", subject=str(path))
        return data

    return load


def seen_of(origin: str) -> str:
    """Where in a log's folder is what it has seen of another log: a name may hold anything, its hash nothing but letters."""
    return f"{WITNESS}/{hashlib.sha256(origin.encode()).hexdigest()[:32]}"


class PublishedTiles(Tiles):
    """The tiles of hashes of a log that somebody else keeps. Raises DamagedLog, and FetchError where they cannot be had."""

    def __init__(self, read: Reader, size: int, name: str) -> None:
        super().__init__(Path(name), size)
        self._get = read

    def _bytes(self, name: str) -> bytes:
        return self._get(name, _TILE)

    def _wider(self, kind: int | str, number: int, width: int) -> list[str]:  # noqa: ARG002
        return []  # a web server cannot be asked what it has

    def _damaged(self, name: str, what: str) -> DamagedLog:
        return DamagedLog(f"its {name} {what}", subject=str(self.folder))
