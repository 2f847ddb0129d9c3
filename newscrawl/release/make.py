"""Writes a release into a folder that appears only when it is complete."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Self

from newscrawl.errors import UsageError
from newscrawl.model import ArticleRecord
from newscrawl.release import card, package
from newscrawl.release.facts import Facts
from newscrawl.release.leading import LeadingWriter, is_word
from newscrawl.release.package import File
from newscrawl.release.tables import TABLES, Table, sentence_rows, streams
from newscrawl.serialization.columns import plain, row_of
from newscrawl.serialization.csv_text import CsvStyle, csv_heading, csv_line
from newscrawl.serialization.json_text import json_line
from newscrawl.serialization.parquet import ParquetWriter
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.selects import Conditions
from newscrawl.text import clean, paragraphs
from newscrawl.warc import manifest
from newscrawl.warc.durable import UNFINISHED, refused, sync_folder

FORMS = ("parquet", "jsonl", "csv")
CORPUS = "corpus.txt"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a release is to hold: a selection of the archive, as conditions and in words, the formats, and who makes it."""

    where: Conditions
    selection: str
    software: str
    forms: Sequence[str] = ("parquet", "jsonl")
    csv: CsvStyle = field(default_factory=CsvStyle)


@dataclass(frozen=True, slots=True)
class Made:
    """A release that was written: its files, and how many rows each table has."""

    files: tuple[File, ...]
    rows: Mapping[str, int]


def make(
    reader: Reader, folder: Path, wanted: Wanted, *, overwrite: bool = False, step: Callable[[str], None]
) -> Made:
    """Writes a release of one moment of the archive; `step` is called with the name of the table for each row.

    Raises UsageError if there is something at `folder` already, ArchiveError if it cannot be written, and what reading raises.
    """
    with _whole_folder(folder, overwrite=overwrite) as work, reader.one_moment():
        facts, files = Facts(), []
        for name, records in streams(reader, wanted.where).items():
            files += _write(work, name, records(), wanted, facts, step)
        order = [*TABLES, "corpus"]
        files.sort(key=lambda one: (order.index(one.path.partition(".")[0]), one.path))
        title = "Release of a newscrawl archive"
        sources = [f"{source}/{edition}" for source, edition in sorted(facts.counts)]
        texts = {
            "README.md": card.render(
                facts, files, title=title, selection=wanted.selection, software=wanted.software
            ),
            "datapackage.json": package.describe(
                files, title=title, software=wanted.software, sources=sources
            ),
        }
        for name, data in texts.items():
            with _Output(work / name) as out:
                out.write(data)
            files.append(File(name, out.size, out.sha256))
        entries = [manifest.Entry(one.path, one.size, one.sha256) for one in files]
        head = f"# Check the files with: sha256sum -c {manifest.NAME}"
        with _Output(work / manifest.NAME) as out:
            out.write(manifest.render(entries, head=head))
        return Made(tuple(files), facts.rows)


def _write(
    work: Path,
    name: str,
    records: Iterator[Any],
    wanted: Wanted,
    facts: Facts,
    step: Callable[[str], None],
) -> list[File]:
    """Writes a table in all formats in one pass over its records; beside articles the corpus, beside edits their sentences."""
    with ExitStack() as open_files:
        table = _TableFiles(work, TABLES[name], wanted, open_files)
        parts = _TableFiles(work, TABLES["sentences"], wanted, open_files) if name == "edits" else None
        corpus = open_files.enter_context(_Output(work / CORPUS)) if name == "articles" else None
        for record in records:
            facts.take(record)
            table.add(record)
            if parts is not None:
                for pair in sentence_rows(record):
                    parts.add(pair)
            if corpus is not None:
                corpus.write(_line(record))
            step(name)
        for one in filter(None, (table, parts)):
            one.close()
    found = []
    for one in filter(None, (table, parts)):
        found += one.files()
        facts.rows[one.name] = one.rows
    if corpus is not None:
        found.append(File(CORPUS, corpus.size, corpus.sha256))
    return found


class _TableFiles:
    """One table, written in several formats at once."""

    def __init__(self, work: Path, table: Table, wanted: Wanted, open_files: ExitStack) -> None:
        self.name, self.rows = table.name, 0
        self._table, self._row = table, row_of(table.columns)
        self._outputs: list[_Output] = []
        self._typed: list[ParquetWriter] = []
        self._plain: list[LeadingWriter] = []
        for form in wanted.forms:
            out = open_files.enter_context(_Output(work / f"{table.name}.{form}"))
            self._outputs.append(out)
            if form == "parquet":
                self._typed.append(ParquetWriter(out.write, table.columns))
                continue
            waiting = open_files.enter_context(TemporaryFile(dir=work))  # noqa: SIM115 - it is entered
            if form == "csv":
                names = [one.name for one in table.columns]
                line, head = csv_line(names, wanted.csv), csv_heading(names, wanted.csv)
                lines = LeadingWriter(out.write, table.columns, line, waiting, shows=is_word, head=head)
            else:
                lines = LeadingWriter(out.write, table.columns, json_line, waiting)
            self._plain.append(lines)

    def add(self, record: Any) -> None:
        """Writes a record into all files."""
        row = self._row(record)
        for typed in self._typed:
            typed.add(row)
        if self._plain:
            values = {name: plain(value) for name, value in row.items()}
            for lines in self._plain:
                lines.add(values)
        self.rows += 1

    def close(self) -> None:
        """Writes the ends of all files."""
        for typed in self._typed:
            typed.close()
        for lines in self._plain:
            lines.close()

    def files(self) -> list[File]:
        """What was written. Files without a byte are taken away: no reader knows what an empty file of JSON lines is."""
        for one in self._outputs:
            if not one.size:
                one.path.unlink()
        return [
            File(one.path.name, one.size, one.sha256, self._table, self.rows)
            for one in self._outputs
            if one.size
        ]


class _Output:
    """A file that is hashed while it is written, and on the disk when it is closed."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0
        self._hash = hashlib.sha256()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("xb")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        assert self._file is not None
        with self._file as file:
            if kind is None:
                file.flush()
                os.fsync(file.fileno())

    def write(self, data: bytes) -> None:
        """Writes bytes."""
        assert self._file is not None
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """Of everything written so far, in hexadecimal."""
        return self._hash.hexdigest()


def _line(record: ArticleRecord) -> bytes:
    """An article as one line of the corpus: number, headline and paragraphs, a tab between them."""
    parts = [str(record.id), clean(record.article.title), *paragraphs(record.article.body)]
    return ("\t".join(parts) + "\n").encode("utf-8", "replace")


@contextmanager
def _whole_folder(folder: Path, *, overwrite: bool) -> Iterator[Path]:
    """A folder to write into that becomes `folder` at the end; after an error it is deleted.

    What a killed program left of one is cleared away; the folder is locked, so that two programs do not write into one.
    """
    try:
        folder = folder.resolve()
        _refuse(folder, overwrite=overwrite)
        work = folder.with_name(f".{folder.name}{UNFINISHED}")
        folder.parent.mkdir(parents=True, exist_ok=True)
        work.mkdir(exist_ok=True)
        lock = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot be written: {why}", subject=str(folder)) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError("another program is writing it", subject=str(folder)) from None
        try:
            for left in work.iterdir():
                left.unlink()
            yield work
            sync_folder(work)
            _refuse(folder, overwrite=overwrite)
            _put(work, folder)
        except BaseException as error:
            shutil.rmtree(work, ignore_errors=True)
            if isinstance(error, OSError):
                raise refused(error, folder) from error
            raise
    finally:
        os.close(lock)


def _refuse(folder: Path, *, overwrite: bool) -> None:
    """Raises UsageError if something stands at `folder` that may not be replaced: everything but an empty folder and, if asked, a release."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not overwrite:
        raise UsageError(
            "there is something already", subject=str(folder), hint="Name a new folder, or say --overwrite"
        )
    try:
        described = json.loads((folder / "datapackage.json").read_bytes())
        named = {one["path"] for one in described["resources"]}
        ours = described["name"] == package.NAME
    except (OSError, ValueError, TypeError, LookupError):
        named, ours = set(), False
    own = named | {"README.md", "datapackage.json", manifest.NAME}
    if not ours or any(one.name not in own or not one.is_file() for one in folder.iterdir()):
        raise UsageError("holds more than a release, and is not replaced", subject=str(folder))


def _put(work: Path, folder: Path) -> None:
    """Puts the complete folder in the place of the one before, which goes only when the new one stands there."""
    before = folder.with_name(f".{folder.name}.before")
    if folder.exists():
        shutil.rmtree(before, ignore_errors=True)
        folder.rename(before)
    try:
        work.rename(folder)
    except OSError:
        if before.exists():
            before.rename(folder)
        raise
    shutil.rmtree(before, ignore_errors=True)
    sync_folder(folder.parent)
