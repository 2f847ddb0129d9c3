"""Backs up a whole archive while it is in use: a snapshot of the database and every WARC file it refers to."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from newscrawl.errors import ArchiveError, UsageError, WarcError
from newscrawl.maintenance.backup_folder import (
    DATABASE,
    FACTS,
    SNAPSHOTS,
    WARC,
    BackupFolder,
    Snapshot,
    closed_in,
)
from newscrawl.maintenance.backup_log import back_up as back_up_log
from newscrawl.maintenance.lock import exclusive
from newscrawl.proof.tiles import FOLDER
from newscrawl.store.copy import snapshot as database
from newscrawl.warc import durable, manifest, seal
from newscrawl.warc.durable import copy, refused, sha256_of
from newscrawl.warc.manifest import Entry
from newscrawl.warc.reader import inside

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ArchiveLocation:
    """Where an archive is: its database, its folder, and the program's name and version."""

    database_url: str
    home: Path
    software: str

    @property
    def warc(self) -> Path:
        """Folder of the raw responses."""
        return self.home / "warc"


@dataclass(slots=True)
class Report:
    """The result of a backup. With `problems` it is incomplete or damaged, and no older snapshot was removed."""

    snapshot: str = ""
    articles: int = 0
    versions: int = 0
    captures: int = 0
    files: int = 0
    bytes: int = 0
    copied: int = 0
    bytes_copied: int = 0
    removed: list[str] = field(default_factory=list)
    given_up: int = 0
    problems: list[str] = field(default_factory=list)


def back_up(
    archive: ArchiveLocation,
    target: Path,
    *,
    now: datetime,
    keep: int,
    thorough: bool = False,
    progress: Progress = lambda _: None,
) -> Report:
    """Make a snapshot in the folder `target`, and remove all but the newest `keep` if nothing was wrong.

    Closed WARC files already there are not copied again. `thorough` reads everything again at the end. `progress` is
    called with the bytes copied or read. Raises AlreadyRunning, UsageError for a folder that cannot be a backup, and
    ArchiveError if something cannot be read or written; earlier snapshots are then unchanged.
    """
    check_apart(archive.home, target)
    folder = BackupFolder(target)
    database.check(archive.database_url)
    with exclusive(archive.home / "state"), exclusive(target):
        folder.prepare()
        earlier = [folder.load(name) for name in folder.names()]
        name, new = folder.begin(now)
        try:
            report, given_up = _fill(archive, folder, earlier, name, new, now, progress)
            folder.finish(new, name)
        except BaseException:
            with suppress(OSError):
                shutil.rmtree(new)
            raise
        made = folder.load(name)
        report.problems += folder.problems(made.files, thorough=thorough, progress=progress)
        if not report.problems:
            _remove_old(folder, [*earlier, made], given_up, keep, report)
    return report


def check(target: Path, *, thorough: bool, progress: Progress = lambda _: None) -> Report:
    """Check that all snapshots of a backup folder are complete; `thorough` reads every byte.

    Raises UsageError, NotFound or ArchiveError.
    """
    folder = BackupFolder(target)
    newest = folder.choose(None)
    with exclusive(target, make=False):
        every = {path: entry for name in folder.names() for path, entry in folder.load(name).files.items()}
        report = _report(newest, every)
        report.problems += [f"{lost}: not in the snapshot {newest.name}" for lost in newest.facts["missing"]]
        report.problems += folder.problems(every, thorough=thorough, progress=progress)
    return report


def check_apart(home: Path, target: Path) -> None:
    """Raises UsageError if one of the folders is inside the other."""
    inner, outer = (Path(os.path.realpath(folder)) for folder in (target, home))
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise UsageError(
            "a backup must lie outside the archive, best on another disk",
            subject=str(target),
            hint=f"The archive is {home}",
        )


def _fill(
    archive: ArchiveLocation,
    folder: BackupFolder,
    earlier: list[Snapshot],
    name: str,
    new: Path,
    now: datetime,
    progress: Progress,
) -> tuple[Report, frozenset[str]]:
    for source in _sources(archive.warc):
        seal(archive.warc, source, now.date())
    contents = database.take(archive.database_url, new / DATABASE)
    report = Report(name, contents.articles, contents.versions, contents.captures)
    files = _Files(archive.warc, folder, closed_in(earlier), report, progress)
    manifests = {source: manifest.load(archive.warc / source) for source in _sources(archive.warc)}
    for source, entries in manifests.items():
        for entry in entries.values():
            files.closed(f"{source}/{entry.path}", entry)
        if entries:
            durable.write(new / WARC / source / manifest.NAME, manifest.render(entries.values()))
    for file, end in sorted(contents.ends.items()):
        source, _, path = file.partition("/")
        if path not in manifests.get(source, {}):
            files.open(file, new / WARC / file, end)
    if contents.checkpoint is not None:
        known = {path: entry for one in earlier for path, entry in one.files.items()}
        try:
            for entry in back_up_log(contents.checkpoint, archive.home / FOLDER, folder.path, new, known):
                files.shared[entry.path] = entry
        except ArchiveError as error:
            report.problems.append(f"the proof log is not whole in this backup: {error}")
    facts = {
        "at": now.isoformat(), "program": archive.software, "schema": contents.schema, "articles": contents.articles,
        "versions": contents.versions, "captures": contents.captures, "missing": files.missing,
    }  # fmt: skip
    durable.write(new / FACTS, (json.dumps(facts, indent=1) + "\n").encode())
    own = {path.relative_to(new): path for path in new.rglob("*") if path.is_file()}
    listed = files.shared | {
        (at := f"{SNAPSHOTS}/{name}/{path.as_posix()}"): Entry(
            at, where.stat().st_size, sha256_of(where, progress)
        )
        for path, where in own.items()
    }
    head = f"# Everything that belongs to this snapshot. From the folder above {SNAPSHOTS}/: sha256sum -c {SNAPSHOTS}/{name}/{manifest.NAME}"
    durable.write(new / manifest.NAME, manifest.render(listed.values(), head=head))
    report.files, report.bytes = len(listed), sum(entry.size for entry in listed.values())
    report.copied += len(own)
    report.bytes_copied += sum(where.stat().st_size for where in own.values())
    return report, contents.given_up


@dataclass(slots=True)
class _Files:
    """Copies WARC files into the backup; a file that cannot be copied is reported as a problem."""

    warc: Path
    folder: BackupFolder
    known: dict[str, Entry]
    report: Report
    progress: Progress
    shared: dict[str, Entry] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def closed(self, file: str, entry: Entry) -> None:
        """Copy a closed file, once, under its own name."""
        path = f"{WARC}/{file}"
        target, known = self.folder.path / path, self.known.get(path)
        if known is not None:
            self.shared[path] = known
            if known.sha256 != entry.sha256:
                self.report.problems.append(
                    f"{file}: the backup has other bytes of this name; neither was touched"
                )
                return
            if not (self.warc / file).exists():
                self.report.problems.append(f"{file}: is gone from the archive; the backup has it")
                return
            if target.is_file() and target.stat().st_size == entry.size:
                return
        try:
            # A killed backup may have copied it already.
            if not (target.is_file() and sha256_of(target, self.progress) == entry.sha256):
                copy(
                    inside(self.warc, file),
                    target,
                    length=entry.size,
                    sha256=entry.sha256,
                    progress=self.progress,
                )
                self.report.copied += 1
                self.report.bytes_copied += entry.size
        except WarcError as error:
            self._not_copied(file, error)
        else:
            self.shared[path] = Entry(path, entry.size, entry.sha256)

    def open(self, file: str, target: Path, end: int) -> None:
        """Copy a file that may still grow, up to the last byte the snapshot refers to."""
        try:
            copy(inside(self.warc, file), target, length=end, progress=self.progress)
        except WarcError as error:
            self._not_copied(file, error)

    def _not_copied(self, file: str, error: WarcError) -> None:
        self.missing.append(file)
        self.report.problems.append(f"{file}: {error.message}")


def _remove_old(
    folder: BackupFolder, snapshots: list[Snapshot], given_up: frozenset[str], keep: int, report: Report
) -> None:
    """Remove snapshots beyond the newest `keep`, and pruned files that no snapshot needs any more."""
    newest = snapshots[-1]
    # By name, which is by time; the new one is kept even if a wrong clock sorts it first.
    older = sorted(snapshots[:-1], key=lambda one: one.name)
    surplus = max(len(snapshots) - keep, 0)
    gone, kept = older[:surplus], [*older[surplus:], newest]
    for one in gone:
        folder.remove(one.name)
        report.removed.append(one.name)
    needed = closed_in(kept)
    for path in sorted({f"{WARC}/{file}" for file in given_up} - needed.keys()):
        try:
            (folder.path / path).unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise refused(error, folder.path / path) from error
        report.given_up += 1


def _report(newest: Snapshot, files: dict[str, Entry]) -> Report:
    facts = newest.facts
    try:
        return Report(
            newest.name, facts["articles"], facts["versions"], facts["captures"], len(files),
            sum(entry.size for entry in files.values()),
        )  # fmt: skip
    except KeyError as error:
        raise ArchiveError(f"says nothing of {error}", subject=f"{newest.name}/{FACTS}") from error


def _sources(warc: Path) -> list[str]:
    return sorted(path.name for path in warc.iterdir() if path.is_dir()) if warc.is_dir() else []
