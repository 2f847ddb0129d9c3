"""Reads one record of an import as a page: finds its bytes again, unpacks and extracts them. Runs in processes of its own."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from newscrawl.errors import NewscrawlError, PageError
from newscrawl.importing.first_pass import PAGE_LIMIT
from newscrawl.importing.index import Entry, Kind
from newscrawl.inputs import open_input
from newscrawl.model import Article, ExtractRules
from newscrawl.warc.decode import decode, incomplete, payload
from newscrawl.warc.reader import record_at
from newscrawl.warc.record import Headers

SAVED = "X-Crawler-Note"
"""The header that says of a stored answer that it was a saved page: no server sent this head."""


@dataclass(frozen=True, slots=True)
class Job:
    """A record to be read, with what its source says of its pages."""

    number: int
    entry: Entry
    rules: ExtractRules


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer in a record: `body` is without transfer encoding and still content-encoded."""

    status: int
    reason: str
    version: str
    headers: Headers
    body: bytes
    ip: str | None = None

    def get(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Every header of this name, in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page says: an article or whatever else it is; `problem` where nothing could be read, `cut` where part is missing."""

    article: Article | None = None
    content_type: str | None = None
    problem: str | None = None
    cut: bool = False


def read(job: Job) -> Reading:
    """Reads and extracts one page. Raises nothing for anything a record may hold."""
    from newscrawl.extract import extract

    entry = job.entry
    if entry.kind is not Kind.PAGE:
        return Reading()
    try:
        answer = answer_of(entry)
        content_type = (answer.get("Content-Type") or "")[:1000] or None
        body, problem = decode(answer.body, answer.get("Content-Encoding"), limit=PAGE_LIMIT)
        if incomplete(problem):  # the beginning of a page would pass for a shortened article
            return Reading(content_type=content_type, problem=problem, cut=0 < len(body) < PAGE_LIMIT)
        article = extract(
            body, entry.url, content_type=content_type, fetched_at=entry.at, rules=job.rules,
            encoding=entry.encoding or None,
        )  # fmt: skip
    except NewscrawlError as error:
        return Reading(problem=str(error))
    except Exception as error:  # noqa: BLE001 - one page must not end the others; the count says what happened
        return Reading(problem=f"{type(error).__name__}: {error}"[:300])
    return Reading(article, content_type)


def answer_of(entry: Entry) -> Answer:
    """The answer an entry stands for; the body of a revisit is that of the answer it repeats. Raises NewscrawlError."""
    if not entry.record_id and entry.nth < 0:
        kind = f"text/html; charset={entry.encoding}" if entry.encoding else "text/html"
        saved = (("Content-Type", kind), (SAVED, "a saved page; the server's own head was not kept"))
        return Answer(200, "OK", "HTTP/1.1", saved, saved_page(Path(entry.path)))
    record = record_at(Path(entry.path), entry.offset, entry.nth, limit=PAGE_LIMIT + (1 << 16))
    http = record.http()
    ip = record.get("WARC-IP-Address")
    if entry.origin is None:
        if http is None:
            raise PageError("no HTTP answer any more", subject=entry.name)
        return Answer(http.status, http.reason, http.version, http.headers, payload(http), ip)
    path, offset, nth = entry.origin
    original = record_at(Path(path), offset, nth, limit=PAGE_LIMIT + (1 << 16)).http()
    if original is None:
        raise PageError("the answer it repeats is not there any more", subject=entry.name)
    body = payload(original)
    own = http if http is not None and http.headers else original
    # The head of a revisit may leave out what belongs to the body.
    coding = [pair for pair in original.headers if pair[0].lower() in ("content-encoding", "content-type")]
    named = {key.lower() for key, _ in own.headers}
    heads = (*own.headers, *(pair for pair in coding if pair[0].lower() not in named))
    return Answer(own.status, own.reason, own.version, heads, body, ip)


def saved_page(path: Path) -> bytes:
    """The bytes of a saved page, unpacked if they are gzip. Raises PageError for what cannot be read or has more than 16 MB."""
    try:
        with open_input(path, seekable=True) as file:
            if file.read(2) == b"\x1f\x8b":
                file.seek(0)
                with gzip.open(file) as unpacked:
                    body = unpacked.read(PAGE_LIMIT + 1)
            else:
                file.seek(0)
                body = file.read(PAGE_LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise PageError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", subject=path.name
        ) from error
    if len(body) > PAGE_LIMIT:
        raise PageError("larger than 16 MB", subject=path.name)
    return body
