"""Restores an archive from a backup folder: WARC files first, the database last, every byte checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newscrawl.errors import AlreadyRunning, ArchiveError, UsageError, WarcError
from newscrawl.maintenance.backup import ArchiveLocation, check_apart
from newscrawl.maintenance.backup_folder import DATABASE, SNAPSHOTS, WARC, BackupFolder, Snapshot
from newscrawl.maintenance.backup_log import place_of
from newscrawl.maintenance.lock import exclusive
from newscrawl.proof.tiles import FOLDER
from newscrawl.store.copy import snapshot as database
from newscrawl.store.engine import sqlite_path
from newscrawl.store.search.sqlite import discard
from newscrawl.warc import durable
from newscrawl.warc.durable import copy, refused, sha256_of, sync_folder
from newscrawl.warc.manifest import Entry
from newscrawl.warc.reader import inside

MARK = "restoring.json"
"""Name of the file in the archive's state folder that marks an unfinished restore."""


@dataclass(slots=True)
class Report:
    """The result of a restore. `problems` are files that could not be restored, `aside` the new names of replaced ones."""

    snapshot: str
    at: str
    files: int = 0
    copied: int = 0
    bytes_copied: int = 0
    aside: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def restore(
    archive: ArchiveLocation,
    target: Path,
    *,
    at: str | None = None,
    replace: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Restore the newest snapshot of the backup folder `target`, or the newest whose name begins with `at`.

    The archive's folder must be empty or contain an interrupted restore, which is continued; with `replace` existing
    files are renamed, never deleted. Raises UsageError or NotFound before anything is written, AlreadyRunning, and
    ArchiveError if something cannot be written: then it can be started again.
    """
    folder = BackupFolder(target)
    chosen = folder.choose(at)
    check_apart(archive.home, target)
    report = Report(chosen.name, str(chosen.facts.get("at")))
    _check_free(archive, chosen, replace=replace)
    with exclusive(archive.home / "state"), exclusive(target, make=False):
        if replace:
            report.aside = _put_aside(archive)
        mark = archive.home / "state" / MARK
        durable.write(mark, json.dumps({"snapshot": chosen.name}).encode())
        for where, entry in _files(archive, chosen):
            report.files += 1
            try:
                if not _is_there(where, entry, progress):
                    copy(
                        target / entry.path, where, length=entry.size, sha256=entry.sha256, progress=progress
                    )
                    report.copied += 1
                    report.bytes_copied += entry.size
            except WarcError as error:
                report.problems.append(f"{entry.path}: {error.message}")
        report.problems += [f"{lost}: the backup never had it" for lost in chosen.facts.get("missing", [])]
        _restore_database(archive, target, _database(chosen), report, progress)
        if (path := sqlite_path(archive.database_url)) is not None:
            discard(path)  # the index of the archive that was here before
        try:
            mark.unlink()
            sync_folder(mark.parent)
        except OSError as error:
            raise refused(error, mark) from error
    return report


def _check_free(archive: ArchiveLocation, chosen: Snapshot, *, replace: bool) -> None:
    """Raises UsageError or AlreadyRunning if existing files are in the way that must not be changed."""
    there = _in_the_way(archive)
    used = database.is_used(archive.database_url)
    if replace:
        if used and sqlite_path(archive.database_url) is None:
            raise UsageError(
                "only files are renamed", subject="NEWSCRAWL_DATABASE_URL", hint="Name an empty database"
            )
        if there and database.is_crawled(archive.database_url):
            raise AlreadyRunning(
                "a crawl of this archive is under way",
                subject=str(archive.home),
                hint="Stop it first; nothing was done",
            )
        return
    begun = _begun(archive)
    if begun is None and (there or used):
        raise UsageError(
            "there is an archive here",
            subject=str(there[0] if there else archive.home),
            hint="Set NEWSCRAWL_HOME to an empty folder, or give --replace: what is there is renamed then",
        )
    if begun not in (None, chosen.name):
        raise UsageError(
            f"a restore of {begun} was interrupted here",
            subject=str(archive.home),
            hint=f"Finish it with --at {begun}, or give --replace to begin anew",
        )
    path = sqlite_path(archive.database_url)
    if path is not None and path.exists() and sha256_of(path) != _database(chosen).sha256:
        raise UsageError(
            "a database came here while the restore was interrupted",
            subject=str(path),
            hint="Stop what writes to it; --replace renames it and begins anew",
        )


def _begun(archive: ArchiveLocation) -> str | None:
    """The snapshot of an interrupted restore, or None."""
    try:
        found = json.loads((archive.home / "state" / MARK).read_text("utf-8"))
        return str(found["snapshot"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return "an unknown snapshot"


def _in_the_way(archive: ArchiveLocation) -> list[Path]:
    """What --replace renames: the database with the files SQLite keeps beside it, the folders of WARC files and of the log."""
    path = sqlite_path(archive.database_url)
    # A log of another database would be replayed into this one.
    beside = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")] if path else []
    there = [one for one in beside if one.exists()]
    folders = [one for one in (archive.warc, archive.home / FOLDER) if one.is_dir() and any(one.iterdir())]
    return there + folders


def _put_aside(archive: ArchiveLocation) -> list[str]:
    stamp = f".replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    names = []
    for path in _in_the_way(archive):
        try:
            path.rename(path.with_name(path.name + stamp))
            sync_folder(path.parent)
        except OSError as error:
            raise refused(error, path) from error
        names.append(path.name + stamp)
    return names


def _files(archive: ArchiveLocation, chosen: Snapshot) -> Iterator[tuple[Path, Entry]]:
    """The target path of each WARC file, manifest and file of the proof log of a snapshot. Raises WarcError for a path outside the archive."""
    for entry in chosen.files.values():
        name = entry.path.removeprefix(f"{SNAPSHOTS}/{chosen.name}/")
        if name.startswith(f"{WARC}/"):
            yield inside(archive.warc, name.removeprefix(f"{WARC}/")), entry
        elif within := place_of(name):
            yield inside(archive.home / FOLDER, within), entry


def _database(chosen: Snapshot) -> Entry:
    try:
        return chosen.files[f"{SNAPSHOTS}/{chosen.name}/{DATABASE}"]
    except KeyError:
        raise ArchiveError("holds no database", subject=chosen.name) from None


def _restore_database(
    archive: ArchiveLocation, target: Path, entry: Entry, report: Report, progress: Callable[[int], None]
) -> None:
    path = sqlite_path(archive.database_url)
    if path is None:
        between = archive.home / "state" / DATABASE
        if not database.is_used(archive.database_url):  # otherwise an interrupted restore has already done it
            copy(target / entry.path, between, length=entry.size, sha256=entry.sha256, progress=progress)
            database.put_back(between, archive.database_url)
        between.unlink(missing_ok=True)
    elif not _is_there(path, entry, progress):
        copy(target / entry.path, path, length=entry.size, sha256=entry.sha256, progress=progress)
    report.files += 1
    report.copied += 1
    report.bytes_copied += entry.size


def _is_there(path: Path, entry: Entry, progress: Callable[[int], None]) -> bool:
    try:
        return path.stat().st_size == entry.size and sha256_of(path, progress) == entry.sha256
    except OSError:
        return False
