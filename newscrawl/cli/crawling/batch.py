"""`newscrawl extract --batch`: extracts many pages in several processes, one output line per input line, in order.

Memory use is constant: only a window of lines is processed at a time, and the workers read the pages.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from newscrawl import config, worker
from newscrawl.cli.crawling.saved_pages import file_address, read_page
from newscrawl.cli.crawling.sources import rules_by_host
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import Exit, PageError, UsageError
from newscrawl.inputs import open_input
from newscrawl.model import ExtractRules
from newscrawl.serialization import records
from newscrawl.serialization.json_text import json_line
from newscrawl.urls import host_of
from newscrawl.wording import counted
from newscrawl.worker import PAGE_SECONDS, Limits, processors

_LIMITS = Limits(PAGE_SECONDS)
_LOADED = (
    "newscrawl.cli.crawling.batch",
    "newscrawl.extract.article",
    "newscrawl.extract.text.body",
    "trafilatura",
)
_LINE = 1_000_000  # bytes; longer lines are rejected

# Extraction rules of the sources by host: set by run(), passed to each worker when it starts.
_rules: dict[str, ExtractRules] = {}


def run(batch: str, workers: int | None, now: datetime, *, assumed: bool = True) -> int:
    """Extracts every page named by a line of the file `batch` ("-": standard input) and returns the exit code.

    `now` is the instant of the fetch of all pages whose line has no fetched_at; with `assumed` nobody stated it, so each
    line whose date rests on it says so (fetched_at_assumed). Raises UsageError for a file that cannot be read.
    """
    _rules.update(rules_by_host())
    with _lines(batch) as (lines, folder):
        total = failed = 0
        with Progress("pages") as progress:
            for good, line in extract_all(lines, folder, now, workers or processors(), assumed=assumed):
                tables.write_bytes(line)
                total += 1
                failed += not good
                progress.step()
        sys.stdout.flush()
    pages = counted(total, "page")
    tables.note(f"{pages}, {failed:,} of them could not be read" if failed else pages)
    return Exit.PARTLY_FAILED if failed else Exit.OK


def extract_all(
    lines: Iterable[bytes], folder: Path, now: datetime, workers: int, *, assumed: bool = True
) -> Iterator[tuple[bool, bytes]]:
    """Yields (succeeded, output line) for each input line in order; skips blank lines.

    A page that takes too long, too much memory or its process down costs its own line. Results that wait for an
    older line are bounded by the time a page may take.
    """
    rules = dict(_rules)
    waiting: dict[int, bytes] = {}  # lines without a result, by number, oldest first
    done: dict[int, tuple[bool, bytes]] = {}

    def jobs() -> Iterator[_Job]:
        for number, line in enumerate(lines, 1):
            if line.strip():
                waiting[number] = line
                yield number, line, folder, now, assumed, rules.get(_host(line)) or ExtractRules()

    for job, result in worker.results(_work, jobs(), workers=workers, limits=_LIMITS, load=_LOADED):
        if isinstance(result, worker.Aborted):
            done[job[0]] = False, _error(_id_of(job[1]), _why(result))
        else:
            done[job[0]] = result
        while waiting and (first := next(iter(waiting))) in done:
            del waiting[first]
            yield done.pop(first)


_Job = tuple[int, bytes, Path, datetime, bool, ExtractRules]


def _why(aborted: worker.Aborted) -> str:
    died = aborted.reason.startswith("its process died")
    return "the process that read this page died" if died else aborted.reason


def _host(line: bytes) -> str:
    """The host of the address a line names; empty if it names none."""
    try:
        url = _entry(line, "").get("url")
        return host_of(url) if isinstance(url, str) else ""
    except (PageError, ValueError):
        return ""


def _work(job: _Job) -> tuple[bool, bytes]:

    from newscrawl.extract import examine

    number, line, folder, now, assumed, rules = job
    where = f"line {number}"
    name: Any = None
    try:
        entry = _entry(line, where)
        name = entry.get("id")
        html, url, encoding = _checked(entry, where)
        stated = _fetched_at(entry, where)
        path = folder / html
        address = url or file_address(path)
        found = examine(read_page(path), address, fetched_at=stated or now, encoding=encoding, rules=rules)
        fields = records.extracted(found.article)
        if assumed and stated is None and found.date_leans:
            fields["fetched_at_assumed"] = now.isoformat(timespec="seconds")
        return True, json_line({"id": name, **fields})
    except PageError as error:
        return False, _error(name, str(error))
    except Exception as error:  # noqa: BLE001 - one page must not stop the others; its line names the error
        return False, _error(name, f"unexpected error: {type(error).__name__}: {error}")


def _entry(line: bytes, where: str) -> dict[str, Any]:
    if len(line) > _LINE:
        raise PageError("is longer than 1,000,000 bytes", subject=where)
    try:
        entry = json.loads(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise PageError("is no JSON", subject=where) from error
    if not isinstance(entry, dict):
        raise PageError("is no JSON object", subject=where)
    return entry


def _checked(entry: dict[str, Any], where: str) -> tuple[str, str | None, str | None]:
    html, url, encoding = (entry.get(key) for key in ("html", "url", "encoding"))
    if not isinstance(html, str) or not html:
        raise PageError("names no html file", subject=where)
    if url is not None and not isinstance(url, str):
        raise PageError("url is no text", subject=where)
    if _unreadable(url):
        raise PageError("url is no address", subject=where)
    if encoding is not None and not isinstance(encoding, str):
        raise PageError("encoding is no text", subject=where)
    return html, url, encoding


def _fetched_at(entry: dict[str, Any], where: str) -> datetime | None:
    """The instant at which a line says its page was fetched, None if it does not say."""
    text = entry.get("fetched_at")
    if text is None:
        return None
    try:
        return config.instant(str(text))
    except (UsageError, ValueError, OverflowError) as error:
        raise PageError("fetched_at is no instant", subject=where) from error


def _unreadable(url: str | None) -> bool:
    try:
        urlsplit(url or "")
    except ValueError:  # "http://[::1"
        return True
    return False


def _error(name: Any, text: str) -> bytes:
    return json_line({"id": name, "error": text})


def _id_of(line: bytes) -> Any:
    try:
        return _entry(line, "").get("id")
    except PageError:
        return None


@contextmanager
def _lines(batch: str) -> Iterator[tuple[IO[bytes], Path]]:
    if batch == "-":
        yield sys.stdin.buffer, Path.cwd()
        return
    path = Path(batch)
    try:
        file = open_input(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot be read: {why}", subject=batch) from error
    with file:
        yield file, path.absolute().parent  # workers have a working directory of their own
