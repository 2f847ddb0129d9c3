"""A backup of a whole archive while it is in use: a snapshot of the database, and every WARC file it refers to. Prints nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from newscrawl.errors import ArchiveError, UsageError, WarcError
from newscrawl.maintenance.folder import DATABASE, FACTS, SNAPSHOTS, WARC, BackupFolder, Snapshot, closed_in
from newscrawl.maintenance.lock import turn
from newscrawl.store.copy import snapshot as database
from newscrawl.warc import durable, manifest, seal
from newscrawl.warc.durable import copy, refused, sha256_of
from newscrawl.warc.manifest import Entry
from newscrawl.warc.reader import inside

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """The archive a backup is made of."""

    database_url: str
    home: Path
    software: str

    @property
    def warc(self) -> Path:
        """Folder of the raw responses."""
        return self.home / "warc"


@dataclass(slots=True)
class Report:
    """What a backup came to. `problems` leave it incomplete or doubtful; then nothing older was removed."""

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
    place: Place,
    target: Path,
    *,
    now: datetime,
    keep: int,
    thorough: bool = False,
    told: Told = lambda _: None,
) -> Report:
    """Makes a snapshot in the folder `target`, and removes those older than the newest `keep` if nothing was wrong.

    Closed WARC files that are there already are not copied again. `thorough` reads everything once more at the end.
    `told` hears of bytes copied and read. Raises AlreadyRunning, UsageError for a folder that cannot be a backup, ArchiveError
    where something cannot be read or written; then the earlier snapshots are as they were.
    """
    check_apart(place.home, target)
    folder = BackupFolder(target)
    database.check(place.database_url)
    with turn(place.home / "state"), turn(target):
        folder.prepare()
        earlier = [folder.load(name) for name in folder.names()]
        name, new = folder.begin(now)
        try:
            report, given_up = _fill(place, folder, earlier, name, new, now, told)
            folder.finish(new, name)
        except BaseException:
            with suppress(OSError):
                shutil.rmtree(new)
            raise
        made = folder.load(name)
        report.problems += folder.problems(made.files, thorough=thorough, told=told)
        if not report.problems:
            _tidy(folder, [*earlier, made], given_up, keep, report)
    return report


def check(target: Path, *, thorough: bool, told: Told = lambda _: None) -> Report:
    """Whether all snapshots of a backup folder are there; `thorough` reads every byte. Raises UsageError, NotFound or ArchiveError."""
    folder = BackupFolder(target)
    newest = folder.choose(None)
    with turn(target, make=False):
        every = {path: entry for name in folder.names() for path, entry in folder.load(name).files.items()}
        report = _report(newest, every)
        report.problems += [f"{lost}: not in the snapshot {newest.name}" for lost in newest.facts["missing"]]
        report.problems += folder.problems(every, thorough=thorough, told=told)
    return report


def check_apart(home: Path, target: Path) -> None:
    """Raises UsageError where one of them lies in the other."""
    inner, outer = target.resolve(), home.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise UsageError(
            "a backup must lie outside the archive, best on another disk",
            subject=str(target),
            hint=f"The archive is {home}",
        )


def _fill(
    place: Place,
    folder: BackupFolder,
    earlier: list[Snapshot],
    name: str,
    new: Path,
    now: datetime,
    told: Told,
) -> tuple[Report, frozenset[str]]:
    for source in _sources(place.warc):
        seal(place.warc, source, now.date())
    held = database.take(place.database_url, new / DATABASE)
    report = Report(name, held.articles, held.versions, held.captures)
    files = _Files(place.warc, folder, closed_in(earlier), report, told)
    manifests = {source: manifest.load(place.warc / source) for source in _sources(place.warc)}
    for source, entries in manifests.items():
        for entry in entries.values():
            files.closed(f"{source}/{entry.path}", entry)
        if entries:
            durable.write(new / WARC / source / manifest.NAME, manifest.render(entries.values()))
    for file, end in sorted(held.ends.items()):
        source, _, path = file.partition("/")
        if path not in manifests.get(source, {}):
            files.open(file, new / WARC / file, end)
    facts = {
        "at": now.isoformat(), "program": place.software, "schema": held.schema, "articles": held.articles,
        "versions": held.versions, "captures": held.captures, "missing": files.missing,
    }  # fmt: skip
    durable.write(new / FACTS, (json.dumps(facts, indent=1) + "\n").encode())
    own = {path.relative_to(new): path for path in new.rglob("*") if path.is_file()}
    listed = files.shared | {
        (at := f"{SNAPSHOTS}/{name}/{path.as_posix()}"): Entry(
            at, where.stat().st_size, sha256_of(where, told)
        )
        for path, where in own.items()
    }
    head = f"# Everything that belongs to this snapshot. From the folder above {SNAPSHOTS}/: sha256sum -c {SNAPSHOTS}/{name}/{manifest.NAME}"
    durable.write(new / manifest.NAME, manifest.render(listed.values(), head=head))
    report.files, report.bytes = len(listed), sum(entry.size for entry in listed.values())
    report.copied += len(own)
    report.bytes_copied += sum(where.stat().st_size for where in own.values())
    return report, held.given_up


@dataclass(slots=True)
class _Files:
    """Brings WARC files into the backup; what cannot be brought is a problem, and the rest goes on."""

    warc: Path
    folder: BackupFolder
    known: dict[str, Entry]
    report: Report
    told: Told
    shared: dict[str, Entry] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def closed(self, file: str, entry: Entry) -> None:
        """A closed file: copied once, under its own name."""
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
            # It may have been left by a killed backup.
            if not (target.is_file() and sha256_of(target, self.told) == entry.sha256):
                copy(inside(self.warc, file), target, length=entry.size, sha256=entry.sha256, told=self.told)
                self.report.copied += 1
                self.report.bytes_copied += entry.size
        except WarcError as error:
            self._lost(file, error)
        else:
            self.shared[path] = Entry(path, entry.size, entry.sha256)

    def open(self, file: str, target: Path, end: int) -> None:
        """A file that may still grow: its bytes up to the last one the snapshot refers to."""
        try:
            copy(inside(self.warc, file), target, length=end, told=self.told)
        except WarcError as error:
            self._lost(file, error)

    def _lost(self, file: str, error: WarcError) -> None:
        self.missing.append(file)
        self.report.problems.append(f"{file}: {error.message}")


def _tidy(
    folder: BackupFolder, snapshots: list[Snapshot], given_up: frozenset[str], keep: int, report: Report
) -> None:
    """Removes snapshots beyond the newest `keep`, and closed files that were pruned and no snapshot needs any more."""
    newest = snapshots[-1]
    # By name, which is by time; the one just made stays wherever a wrong clock would put it.
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
