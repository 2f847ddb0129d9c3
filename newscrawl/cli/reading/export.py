"""`newscrawl export`: streams the archive's data as JSON lines, CSV or Parquet, one article, or a release; all of it or nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from newscrawl import __version__, config
from newscrawl.cli.options import Choice, check_range, find, nothing, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import ArchiveError, UsageError
from newscrawl.inputs import open_device
from newscrawl.model import ABSENCES, State, fields
from newscrawl.serialization import records
from newscrawl.serialization.columns import columns_of, row_of
from newscrawl.serialization.csv_text import CsvStyle, CsvWriter
from newscrawl.serialization.json_text import JsonWriter, json_line
from newscrawl.serialization.parquet import ParquetWriter
from newscrawl.temporary import temporary_folder
from newscrawl.wording import counted

if TYPE_CHECKING:
    from newscrawl.model import Gap
    from newscrawl.store.read.reader import Reader
    from newscrawl.store.read.selects import Conditions

_KINDS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "articles": records.archived,
    "versions": records.version,
    "observations": records.observation,
    "sightings": records.sighting,
    "changes": records.change,
    "removed": records.removal,
    "coverage": records.gap,
}
_RAW = ("cdxj", "wacz")
_FORMS = ("jsonl", "csv", "parquet")


@click.command(
    "export",
    epilog=tables.examples(
        "newscrawl export articles --source orda --since 2026-01-01 > orda.jsonl",
        "newscrawl export versions --format csv --out versions.csv",
        "newscrawl export articles --format parquet --out articles.parquet",
        "newscrawl export articles --format csv --bom --formula-safe --out for-excel.csv",
        "newscrawl export --article 17 > article-17.json",
        "newscrawl export --release orda-2026 --source orda --since 2026-01-01",
        "newscrawl export cdxj --out index.cdxj",
        "newscrawl export wacz --article 17 --out article-17.wacz",
    ),
)
@click.argument("what", type=Choice([*_KINDS, *_RAW]), required=False)
@click.option(
    "--format",
    "forms",
    type=Choice(_FORMS),
    multiple=True,
    help="The format; jsonl unless another is named. Of a release several; parquet and jsonl unless others are named.",
)
@click.option(
    "--out", metavar="FILE", help="Write to FILE, complete or not at all; by default to standard output."
)
@click.option(
    "--article",
    "reference",
    metavar="ID-or-URL",
    help="Only what is of this article; without a kind all of it as one JSON object.",
)
@click.option(
    "--release",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a research release into this new folder: all tables with a data card, schema and checksums.",
)
@click.option("--overwrite", is_flag=True, help="With --release: replace the release that is there.")
@click.option("--bom", is_flag=True, help="In CSV: begin with a byte order mark, so that Excel reads UTF-8.")
@click.option(
    "--formula-safe",
    is_flag=True,
    help="In CSV: an apostrophe before texts that a spreadsheet would run as a formula.",
)
@click.option(
    "--state",
    type=Choice(list(dict.fromkeys([*(state.value for state in State), *ABSENCES]))),
    help="Only articles that are live, suspected or removed, or absences as in `newscrawl removed`.",
)
@options("source", "edition", "since", "until", "limit")
def export(
    what: str | None,
    *,
    forms: tuple[str, ...],
    out: str | None,
    reference: str | None,
    release: Path | None,
    overwrite: bool,
    bom: bool,
    formula_safe: bool,
    state: str | None,
    limit: int | None,
    **conditions: Any,
) -> None:
    """Write articles, versions, observations, sightings, changes, removals or coverage (gaps, also closed ones), newest first.

    cdxj is the index of the raw responses for replay tools such as pywb, beside the archive's folder warc; wacz packs
    the responses themselves with their index and pages. Both leave out "not modified" (304), which is no page.

    Dates select articles by publication (first check where the date is unknown), and everything else by
    when it was observed; a day is a day in UTC. Absences that ended are written with `--state returned` or
    `--state all`. The data is a snapshot of one moment, also while a crawl is running.

    CSV is UTF-8 with a heading line; lists are JSON text in their cell. Texts are written unchanged: a title
    may begin with = + - or @, so import such columns as text into a spreadsheet, or say --formula-safe. Parquet
    needs the extra newscrawl[parquet]; its columns are typed.
    """
    check_range(conditions["since"], conditions["until"])
    style = CsvStyle(bom, formula_safe)
    if (bom or formula_safe) and "csv" not in forms:
        raise UsageError("--bom and --formula-safe are of --format csv")
    if release is not None:
        _refuse_with("--release", kind=what, out=out, limit=limit, state=state)
        _release(release, forms, style, reference, overwrite=overwrite, **conditions)
        return
    if overwrite:
        raise UsageError("--overwrite is of --release; a file of --out is replaced anyway")
    if what is None and reference is None:
        raise UsageError(f"name what to write: {', '.join([*_KINDS, *_RAW])}, --article or --release")
    if len(forms) > 1:
        raise UsageError("several formats are of --release")
    form = forms[0] if forms else "jsonl"
    if state is not None:
        conditions |= _of_state(what, state)
    if form == "parquet" and out is None and tables.terminal_width() is not None:
        raise UsageError("Parquet is not for a terminal", hint="Name a file: --out FILE")
    with open_archive() as reader:
        if what is None:
            _refuse_with("--article alone", format=form != "jsonl", limit=limit, state=state, **conditions)
            with _target(out) as file:
                file.write(json_line(_one_article(reader, find(reader, reference or ""))))
            return
        if reference is not None:
            if what == "coverage":
                raise UsageError("coverage is of editions, not of one article")
            conditions["among"] = [find(reader, reference)]
        if what in _RAW:
            _refuse_with(what, format=forms, limit=limit, state=state)
            with Progress("responses") as progress, _target(out) as file:
                (_write_index if what == "cdxj" else _write_wacz)(reader, file, progress, conditions)
            return
        with Progress(what, _total(reader, what, limit, conditions)) as progress, _target(out) as file:
            found = _stream(reader, what, limit=limit or None, **conditions)
            writer, row = _writer(form, what, file, style)
            for record in found:
                progress.step()
                writer.add(row(record))
            writer.close()


def _refuse_with(option: str, **given: Any) -> None:
    for name, value in given.items():
        if value:
            raise UsageError(f"{option} does not go with {name}")


def _writer(
    form: str, what: str, file: BinaryIO | _Standard, style: CsvStyle
) -> tuple[Any, Callable[[Any], dict[str, Any]]]:
    """What writes the rows of this kind in this format, and what makes a row of a record."""
    if form == "jsonl":
        return JsonWriter(file.write), _KINDS[what]
    if form == "csv":
        return CsvWriter(file.write, records.KEYS[what], style), _KINDS[what]
    columns = columns_of(fields.KINDS[what])
    return ParquetWriter(file.write, columns), row_of(columns)


def _one_article(reader: Reader, number: int) -> dict[str, Any]:
    """All that is recorded of one article; each check and each version names its raw response."""
    where: dict[str, Any] = {"among": [number]}
    with reader.one_moment():
        found: dict[str, Iterable[Any]] = {
            "versions": reader.versions_of(number),
            "observations": reader.observations_of(number),
            "sightings": reader.sightings(**where),
            "changes": reader.changes(**where),
            "removed": reader.removals(states=ABSENCES["all"], **where),
        }
        return {
            "article": records.archived(reader.article(number)),
            **{what: [_KINDS[what](record) for record in stream] for what, stream in found.items()},
        }


def _write_index(
    reader: Reader, file: BinaryIO | _Standard, progress: Progress, conditions: dict[str, Any]
) -> None:
    from newscrawl.warc.cdxj import Sorted, line_of

    with temporary_folder() as folder, Sorted(folder) as index:
        for record in reader.captures(**conditions):
            progress.step()
            index.add(line_of(record.capture))
        for line in index.lines():
            file.write(line)


def _write_wacz(
    reader: Reader, file: BinaryIO | _Standard, progress: Progress, conditions: dict[str, Any]
) -> None:
    from newscrawl.warc import build
    from newscrawl.warc.cdxj import mime_of
    from newscrawl.warc.reader import read_packed
    from newscrawl.warc.wacz import PackedRecord, pack_into

    if isinstance(file, _Standard) or not file.seekable():
        raise UsageError("a WACZ file cannot be written into a pipe", hint="Name a file: --out FILE")
    settings = config.load()
    now, software = settings.clock(), f"newscrawl/{__version__}"

    def packed() -> Iterator[tuple[PackedRecord, str | None]]:
        for record in reader.captures(**conditions):
            progress.step()
            capture = record.capture
            found, data = read_packed(settings.warc, capture.ref)
            url = found.url or capture.url
            one = PackedRecord(data, url, capture.at, capture.status, mime_of(capture), capture.ref.digest)
            yield one, None if record.title is None else record.title or url

    info = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    head = build.warcinfo("data.warc.gz", build.new_id(), now, info)
    with temporary_folder() as folder:
        title = "Raw responses of a newscrawl archive"
        number = pack_into(file, packed(), folder, title=title, created=now, software=software, head=head)
    if not number:
        tables.note(nothing("raw response", conditions))


def _release(
    folder: Path,
    forms: tuple[str, ...],
    style: CsvStyle,
    reference: str | None,
    *,
    overwrite: bool,
    **conditions: Any,
) -> None:
    from newscrawl.release.make import Wanted, make

    named = [
        f"{name} {value.isoformat() if isinstance(value, datetime) else value}"
        for name, value in {**conditions, "article": reference}.items()
        if value is not None
    ]
    selection = f"Selected by {', '.join(named)}." if named else "The whole archive."
    with open_archive() as reader, Progress("rows") as progress:
        if reference is not None:
            conditions["among"] = [find(reader, reference)]
        wanted = Wanted(
            cast("Conditions", conditions),
            selection,
            f"newscrawl {__version__}",
            tuple(dict.fromkeys(forms)) or ("parquet", "jsonl"),
            style,
        )
        made = make(reader, folder, wanted, overwrite=overwrite, step=progress.step)
    rows = ", ".join(f"{number:,} {name}" for name, number in made.rows.items())
    tables.say(f"{folder}: {counted(len(made.files) + 1, 'file')}: {rows}")


def _of_state(what: str | None, state: str) -> dict[str, Any]:
    if what == "articles" and state in list(State):
        return {"state": State(state)}
    if what == "removed" and state in ABSENCES:
        return {"states": ABSENCES[state]}
    raise UsageError(f"{what or 'one article'} cannot be chosen by --state {state}")


def _total(reader: Reader, what: str, limit: int | None, conditions: dict[str, Any]) -> int | None:
    """How many lines there will be, for the bar; None where counting them would be as slow as writing them."""
    if sys.stderr.isatty() and what in ("articles", "versions"):
        number = (reader.count if what == "articles" else reader.count_versions)(**conditions)
        return min(number, limit) if limit else number
    return limit or None


def _stream(reader: Reader, what: str, **conditions: Any) -> Iterator[Any]:
    streams: dict[str, Callable[..., Iterator[Any]]] = {
        "articles": reader.articles,
        "versions": reader.versions,
        "observations": reader.observations,
        "sightings": reader.sightings,
        "changes": reader.changes,
        "removed": reader.removals,
        "coverage": partial(_gaps, reader),
    }
    return streams[what](**conditions)


def _gaps(
    reader: Reader, *, source: str | None, edition: str | None, limit: int | None, **dates: Any
) -> Iterator[Gap]:
    """All gaps and outages, open and closed."""
    from newscrawl.judge.coverage.gaps import gaps

    yield from gaps(reader.listing_facts(source=source, edition=edition), closed=True, **dates)[:limit]


class _Standard:
    def write(self, data: bytes) -> None:
        tables.write_bytes(data)


def _device(path: Path, out: str) -> Iterator[BinaryIO]:
    try:
        with open_device(path) as device:
            yield device
    except OSError as error:
        raise ArchiveError(f"cannot be written: {error.strerror or error}", subject=out) from error


@contextmanager
def _target(out: str | None) -> Iterator[BinaryIO | _Standard]:
    """The file or stream to write to. A file is written under a temporary name and renamed when it is complete."""
    if out is None or out == "-":
        yield _Standard()
        return
    path = Path(out)
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            if path.is_dir():
                raise UsageError("is a folder", subject=out)
            yield from _device(path, out)  # such as /dev/null, which cannot be replaced by renaming
            return
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        file = temporary.open("xb")
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot be written: {why}", subject=out) from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ArchiveError(f"cannot be written: {error.strerror or error}", subject=out) from error
    finally:
        temporary.unlink(missing_ok=True)
