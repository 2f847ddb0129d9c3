"""An archive put back from a backup folder: WARC files first, the database last, every byte checked while it is copied. Prints nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newscrawl.errors import AlreadyRunning, ArchiveError, UsageError, WarcError
from newscrawl.maintenance.backup import Place, check_apart
from newscrawl.maintenance.folder import DATABASE, SNAPSHOTS, WARC, BackupFolder, Snapshot
from newscrawl.maintenance.lock import turn
from newscrawl.store.copy import snapshot as database
from newscrawl.store.engine import sqlite_path
from newscrawl.warc import durable
from newscrawl.warc.durable import copy, refused, sha256_of, sync_folder
from newscrawl.warc.manifest import Entry
from newscrawl.warc.reader import inside

MARK = "restoring.json"
"""In the archive's state folder while a restore is not done."""


@dataclass(slots=True)
class Report:
    """What a restore came to. `problems` are files that could not be put back; `aside` what was there before and its new names."""

    snapshot: str
    at: str
    files: int = 0
    copied: int = 0
    bytes_copied: int = 0
    aside: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def restore(
    place: Place,
    target: Path,
    *,
    at: str | None = None,
    replace: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Report:
    """Puts the newest snapshot of the backup folder `target` back, or the newest whose name begins with `at`.

    The place must be empty, or hold the rest of an interrupted restore, which goes on; with `replace` what is there is
    renamed, never deleted. Raises UsageError or NotFound before anything is written, AlreadyRunning, and ArchiveError where the
    disk says no: then it can be started again.
    """
    folder = BackupFolder(target)
    chosen = folder.choose(at)
    check_apart(place.home, target)
    report = Report(chosen.name, str(chosen.facts.get("at")))
    _check_free(place, chosen, replace=replace)
    with turn(place.home / "state"), turn(target, make=False):
        if replace:
            report.aside = _put_aside(place)
        mark = place.home / "state" / MARK
        durable.write(mark, json.dumps({"snapshot": chosen.name}).encode())
        for where, entry in _warc_files(place.warc, chosen):
            report.files += 1
            try:
                if not _is_there(where, entry, told):
                    copy(target / entry.path, where, length=entry.size, sha256=entry.sha256, told=told)
                    report.copied += 1
                    report.bytes_copied += entry.size
            except WarcError as error:
                report.problems.append(f"{entry.path}: {error.message}")
        report.problems += [f"{lost}: the backup never had it" for lost in chosen.facts.get("missing", [])]
        _put_database(place, target, _database(chosen), report, told)
        try:
            mark.unlink()
            sync_folder(mark.parent)
        except OSError as error:
            raise refused(error, mark) from error
    return report


def _check_free(place: Place, chosen: Snapshot, *, replace: bool) -> None:
    """Raises where something is in the way that must not be touched."""
    there = _in_the_way(place)
    used = database.is_used(place.database_url)
    if replace:
        if used and sqlite_path(place.database_url) is None:
            raise UsageError(
                "only files are renamed", subject="NEWSCRAWL_DATABASE_URL", hint="Name an empty database"
            )
        if there and database.is_crawled(place.database_url):
            raise AlreadyRunning(
                "a crawl of this archive is under way",
                subject=str(place.home),
                hint="Stop it first; nothing was done",
            )
        return
    begun = _begun(place)
    if begun is None and (there or used):
        raise UsageError(
            "there is an archive here",
            subject=str(there[0] if there else place.home),
            hint="Set NEWSCRAWL_HOME to an empty folder, or give --replace: what is there is renamed then",
        )
    if begun not in (None, chosen.name):
        raise UsageError(
            f"a restore of {begun} was interrupted here",
            subject=str(place.home),
            hint=f"Finish it with --at {begun}, or give --replace to begin anew",
        )
    path = sqlite_path(place.database_url)
    if path is not None and path.exists() and sha256_of(path) != _database(chosen).sha256:
        raise UsageError(
            "a database came here while the restore was interrupted",
            subject=str(path),
            hint="Stop what writes to it; --replace renames it and begins anew",
        )


def _begun(place: Place) -> str | None:
    """Which snapshot an interrupted restore was of."""
    try:
        found = json.loads((place.home / "state" / MARK).read_text("utf-8"))
        return str(found["snapshot"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return "an unknown snapshot"


def _in_the_way(place: Place) -> list[Path]:
    """What is renamed by --replace: the database with what SQLite keeps beside it, and the WARC folder."""
    path = sqlite_path(place.database_url)
    # A log that belongs to another database would be played back into this one.
    beside = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")] if path else []
    there = [one for one in beside if one.exists()]
    return there + ([place.warc] if place.warc.is_dir() and any(place.warc.iterdir()) else [])


def _put_aside(place: Place) -> list[str]:
    stamp = f".replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    names = []
    for path in _in_the_way(place):
        try:
            path.rename(path.with_name(path.name + stamp))
            sync_folder(path.parent)
        except OSError as error:
            raise refused(error, path) from error
        names.append(path.name + stamp)
    return names


def _warc_files(warc: Path, chosen: Snapshot) -> Iterator[tuple[Path, Entry]]:
    """Where each WARC file and manifest of a snapshot goes. Raises WarcError for a path that leads out of the archive."""
    for entry in chosen.files.values():
        name = entry.path.removeprefix(f"{SNAPSHOTS}/{chosen.name}/")
        if name.startswith(f"{WARC}/"):
            yield inside(warc, name.removeprefix(f"{WARC}/")), entry


def _database(chosen: Snapshot) -> Entry:
    try:
        return chosen.files[f"{SNAPSHOTS}/{chosen.name}/{DATABASE}"]
    except KeyError:
        raise ArchiveError("holds no database", subject=chosen.name) from None


def _put_database(
    place: Place, target: Path, entry: Entry, report: Report, told: Callable[[int], None]
) -> None:
    path = sqlite_path(place.database_url)
    if path is None:
        between = place.home / "state" / DATABASE
        if not database.is_used(place.database_url):  # else an interrupted restore came so far
            copy(target / entry.path, between, length=entry.size, sha256=entry.sha256, told=told)
            database.put_back(between, place.database_url)
        between.unlink(missing_ok=True)
    elif not _is_there(path, entry, told):
        copy(target / entry.path, path, length=entry.size, sha256=entry.sha256, told=told)
    report.files += 1
    report.copied += 1
    report.bytes_copied += entry.size


def _is_there(path: Path, entry: Entry, told: Callable[[int], None]) -> bool:
    try:
        return path.stat().st_size == entry.size and sha256_of(path, told) == entry.sha256
    except OSError:
        return False
