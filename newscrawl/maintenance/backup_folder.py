"""The layout of a backup folder: which snapshots are complete, and whether all their files are intact.

    README.txt                              how to restore by hand
    warc/<source>/<year>/…warc.gz           closed WARC files, shared by all snapshots
    snapshots/<instant>/newscrawl.db        the database of one moment
    snapshots/<instant>/warc/…              WARC files that were still open then, and the manifests of the sources
    snapshots/<instant>/snapshot.json       what it contains
    snapshots/<instant>/manifest-sha256.txt every file that belongs to it, by its path in the backup folder

Files are never changed once they are written, so a failed backup leaves earlier snapshots intact.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newscrawl.errors import ArchiveError, NotFound, UsageError
from newscrawl.maintenance import lock
from newscrawl.warc import durable, manifest
from newscrawl.warc.durable import refused, sha256_of, sync_folder

DATABASE = "newscrawl.db"
FACTS = "snapshot.json"
SNAPSHOTS = "snapshots"
WARC = "warc"
README = "README.txt"

_UNFINISHED = ".unfinished-"
# Names that an empty folder may contain: of a new disk, and of a backup that was killed at its start.
_IGNORED = {"lost+found", lock.NAME, README + durable.UNFINISHED}
_FIRST_LINE = "This folder holds backups of a newscrawl archive.\n"
_README_TEXT = (
    _FIRST_LINE
    + """
newscrawl is a program that archives news articles. With it, restore the newest snapshot into the empty
folder ARCHIVE like this:

    NEWSCRAWL_HOME=ARCHIVE newscrawl restore THIS-FOLDER

Without it, three commands do the same. Choose a snapshot: the folders in "snapshots" are named after the instant
(UTC) at which they were taken; the last one is the newest.

    mkdir ARCHIVE
    cp -R warc ARCHIVE/
    cp -R snapshots/CHOSEN/. ARCHIVE/

What is where:

    warc/            raw answers of the web sites, in the standard format WARC 1.1 (ISO 28500), one folder a source.
                     Any program that reads WARC files can read them.
    snapshots/*/     newscrawl.db is the database of that moment, a SQLite 3 file (sqlite.org): articles,
                     versions, what was changed, what was taken away. "warc" in it holds the WARC files that
                     were still growing then. A folder whose name begins with a dot is no snapshot: it was interrupted.

To check that every byte of a snapshot is as it was written:

    sha256sum -c snapshots/CHOSEN/manifest-sha256.txt

Nothing in a snapshot is changed later. Delete whole snapshot folders if you have to; what lies in "warc" belongs to
all of them.
"""
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A complete snapshot: `files` by their paths in the backup folder, `facts` as in snapshot.json."""

    name: str
    files: dict[str, manifest.Entry]
    facts: dict[str, Any]


class BackupFolder:
    """A folder of backups on this or another disk. Raises UsageError for a folder with other contents."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.snapshots = path / SNAPSHOTS
        try:
            names = {one.name for one in path.iterdir()} if path.exists() else set()
            ours = README in names and (path / README).read_text("utf-8", "replace").startswith(_FIRST_LINE)
        except OSError as error:
            raise UsageError(f"is no folder for backups: {error.strerror}", subject=str(path)) from error
        self.exists = ours
        if names - _IGNORED and not ours:
            raise UsageError(
                "is not empty, and no backup of newscrawl",
                subject=str(path),
                hint="Name an empty folder, or that of a backup",
            )

    def prepare(self) -> None:
        """Create the folder, and remove what an interrupted backup left. Raises ArchiveError."""
        if not self.exists:
            durable.write(self.path / README, _README_TEXT.encode())
        try:
            self.snapshots.mkdir(parents=True, exist_ok=True)
            for left in self.snapshots.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(left)
        except OSError as error:
            raise refused(error, self.path) from error

    def names(self) -> list[str]:
        """The complete snapshots, oldest first."""
        if not self.snapshots.is_dir():
            return []
        return sorted(
            one.name
            for one in self.snapshots.iterdir()
            if not one.name.startswith(".") and (one / manifest.NAME).is_file()
        )

    def load(self, name: str) -> Snapshot:
        """Load a complete snapshot. Raises ArchiveError if it cannot be read."""
        folder = self.snapshots / name
        files = manifest.load(folder)
        try:
            facts = json.loads((folder / FACTS).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ArchiveError(f"cannot be read: {error}", subject=str(folder / FACTS)) from error
        return Snapshot(name, files, facts)

    def choose(self, at: str | None) -> Snapshot:
        """The newest snapshot, or the newest whose name begins with `at`. Raises NotFound."""
        names = self.names()
        if not names:
            raise NotFound("holds no complete snapshot", subject=str(self.path))
        fitting = [at] if at in names else [name for name in names if name.startswith(at or "")]
        if not fitting:
            raise NotFound(
                f"no snapshot {at!r}", subject=str(self.path), hint=f"There are {', '.join(names)}"
            )
        return self.load(fitting[-1])

    def begin(self, now: datetime) -> tuple[str, Path]:
        """The name of a new snapshot, and the temporary folder to fill. Raises ArchiveError."""
        stem = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        name, number = stem, 1
        while (self.snapshots / name).exists():
            number += 1
            name = f"{stem}-{number}"
        folder = self.snapshots / f"{_UNFINISHED}{name}"
        try:
            folder.mkdir()
        except OSError as error:
            raise refused(error, folder) from error
        return name, folder

    def finish(self, folder: Path, name: str) -> None:
        """Sync a filled snapshot to disk and rename it to its name, in one step. Raises ArchiveError."""
        try:
            for inner in [one for one in folder.rglob("*") if one.is_dir()]:
                sync_folder(inner)
            sync_folder(folder)
            folder.rename(self.snapshots / name)
            sync_folder(self.snapshots)
        except OSError as error:
            raise refused(error, folder) from error

    def remove(self, name: str) -> None:
        """Remove a snapshot; it is renamed first, so that a part is never taken for a whole. Raises ArchiveError."""
        gone = self.snapshots / f"{_UNFINISHED}removed-{name}"
        try:
            (self.snapshots / name).rename(gone)
            sync_folder(self.snapshots)
            shutil.rmtree(gone)
        except OSError as error:
            raise refused(error, gone) from error

    def problems(
        self, files: dict[str, manifest.Entry], *, thorough: bool, progress: Callable[[int], None]
    ) -> Iterator[str]:
        """Problems with files that should be here: missing, of another size or, if `thorough`, with other bytes."""
        for path, entry in files.items():
            where = self.path / path
            try:
                size = where.stat().st_size
                if size != entry.size:
                    yield f"{path}: {size:,} bytes, {entry.size:,} in its manifest"
                elif thorough and sha256_of(where, progress) != entry.sha256:
                    yield f"{path}: its bytes have changed since they were written"
            except OSError as error:
                yield f"{path}: {error.strerror or error}"


def closed_in(snapshots: list[Snapshot]) -> dict[str, manifest.Entry]:
    """The WARC files shared by snapshots, by their paths in the backup folder."""
    return {
        path: entry for one in snapshots for path, entry in one.files.items() if path.startswith(f"{WARC}/")
    }
