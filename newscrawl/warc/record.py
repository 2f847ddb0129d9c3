"""One WARC record as a value: building its bytes and parsing them back. Touches no files."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from newscrawl.errors import WarcError

Headers = tuple[tuple[str, str], ...]

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
SERVER_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

_NOT_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")  # RFC 9110, field names
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_HEAD_LIMIT = 1 << 20  # no header of a record or a response is longer; keeps hostile ones from costing time
_STATUS_LINE = re.compile(r"(HTTP/[0-9](?:\.[0-9])?) +([0-9]{3})(?: +(.*))?$")
_URI_SAFE = "".join(chr(c) for c in range(0x21, 0x7F))


@dataclass(frozen=True, slots=True)
class Http:
    """The HTTP response inside a record: `body` is as stored, still content-encoded."""

    version: str
    status: int
    reason: str
    headers: Headers
    body: bytes

    def get(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Record:
    """A parsed record. `offset` and `length` are its bytes in the file (the gzip member's, if compressed).

    `block` is everything after the WARC header; if `problem` is set it is shorter than the
    record's own Content-Length, because the reader's limit was reached.
    """

    version: str
    headers: Headers
    block: bytes
    offset: int = 0
    length: int = 0
    problem: str | None = None

    def get(self, name: str) -> str | None:
        """The first WARC header of this name, in any case."""
        return _first(self.headers, name)

    @property
    def type(self) -> str:
        """response, revisit, warcinfo, request, …; empty if the record does not say."""
        return (self.get("WARC-Type") or "").lower()

    @property
    def id(self) -> str:
        """The record's id, "<urn:uuid:…>"; empty if it has none."""
        return self.get("WARC-Record-ID") or ""

    @property
    def url(self) -> str | None:
        """The target address; the angle brackets that some WARC 1.0 writers put around it are dropped."""
        url = self.get("WARC-Target-URI")
        return url[1:-1] if url and url.startswith("<") and url.endswith(">") else url

    @property
    def at(self) -> datetime | None:
        """WARC-Date as an aware instant; None if missing or not a date."""
        try:
            at = datetime.fromisoformat(self.get("WARC-Date") or "")
        except ValueError:
            return None
        return at if at.tzinfo else None

    def http(self) -> Http | None:
        """The HTTP response in the block, None if there is none that can be read."""
        if not (self.get("Content-Type") or "").lower().startswith("application/http"):
            return None
        head, body = _split_head(self.block)
        lines = head.split("\n") if head is not None else [""]
        match = _STATUS_LINE.match(lines[0].strip())
        if not match:
            return None
        return Http(match[1], int(match[2]), match[3] or "", _parse_headers(lines[1:]), body)


def payload_digest(body: bytes) -> str:
    """SHA-1 of a body in the form WARC files use: "sha1:" and 32 letters of base 32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def new_id() -> str:
    """A fresh record id."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def warc_date(at: datetime) -> str:
    """An instant as WARC 1.1 writes it: UTC, microseconds. Raises WarcError for a naive one."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise WarcError("an instant without a zone cannot be written", subject=at.isoformat())
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def safe_uri(url: str) -> str:
    """An address that cannot break a header line: spaces, controls and non-ASCII percent-encoded as UTF-8."""
    return quote(url, safe=_URI_SAFE, errors="replace")


def build(fields: Iterable[tuple[str, str]], block: bytes) -> bytes:
    """A whole record as one gzip member; Content-Length and the block digest are added here."""
    lines = [
        *fields,
        ("WARC-Block-Digest", payload_digest(block)),
        ("Content-Length", str(len(block))),
    ]
    head = b"WARC/1.1\r\n" + b"".join(_line(name, value) for name, value in lines) + b"\r\n"
    # wbits 31: gzip with its own checksum and a zero time stamp, so equal records give equal bytes.
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(head + block + b"\r\n\r\n") + packer.flush()


def http_head(
    status: int, reason: str | None, headers: Sequence[tuple[str, str]], *, version: str, length: int | None
) -> bytes:
    """A response head that agrees with the body as stored.

    Transfer-Encoding is dropped (the body is de-chunked already) and Content-Length is set to
    `length` (None: left out, for a 304). What was sent instead is kept under the name
    X-Crawler-…, as Common Crawl does. Names and values are made safe: no line break, control or
    NUL gets through.
    """
    lines: list[tuple[str, str]] = []
    told = False
    for name, value in headers:
        folded = name.strip().lower()
        if folded == "transfer-encoding":
            lines.append(("X-Crawler-Transfer-Encoding", value))
        elif folded == "content-length":
            if length is not None and not told:
                lines.append((name, str(length)))
                told = True
            if value.strip() != str(length):
                lines.append(("X-Crawler-Content-Length", value))
        else:
            lines.append((name, value))
    if length is not None and not told:
        lines.append(("Content-Length", str(length)))
    start = _encode(f"{version} {status:03d} {_CONTROL.sub(' ', reason or '').strip()}")
    return start + b"\r\n" + b"".join(_line(name, value) for name, value in lines) + b"\r\n"


def parse(data: bytes, start: int = 0, *, total: int | None = None) -> tuple[Record, int]:
    """The record that begins at `start` in `data`, and where its block ends.

    `total` is the real number of bytes when `data` is only the beginning of them: then a block
    may be cut short, which the record's `problem` says. Raises ValueError if this is no whole
    record.
    """
    total = len(data) if total is None else total
    match = _HEAD_END.search(data, start, start + _HEAD_LIMIT)
    if not data.startswith(b"WARC/", start) or not match:
        raise ValueError("no WARC header")
    lines = _decode(data[start : match.start()]).split("\n")
    headers = _parse_headers(lines[1:])
    stated = _first(headers, "Content-Length") or ""
    if not stated.isascii() or not stated.isdigit() or len(stated) > 15:
        raise ValueError("no usable Content-Length")
    end = match.end() + int(stated)
    if end > total:
        raise ValueError("the record is cut short")
    block = data[match.end() : end]
    problem = None
    if len(block) < int(stated):
        problem = f"{stated} bytes, only the first {len(block)} were read"
    return Record(lines[0].strip(), headers, block, problem=problem), end


def _line(name: str, value: str) -> bytes:
    name = _NOT_TOKEN.sub("_", name.strip()) or "_"
    return _encode(f"{name}: {_CONTROL.sub(' ', value).strip()}") + b"\r\n"


def _encode(text: str) -> bytes:
    try:
        return text.encode(
            "utf-8", "surrogateescape"
        )  # the exact bytes of a header that was decoded that way
    except UnicodeEncodeError:  # other lone surrogates stand for no byte
        return text.encode("utf-8", "replace")


def _decode(head: bytes) -> str:
    return head.decode("utf-8", "surrogateescape")


def _split_head(block: bytes) -> tuple[str | None, bytes]:
    match = _HEAD_END.search(block, 0, _HEAD_LIMIT)
    if match:
        return _decode(block[: match.start()]), block[match.end() :]
    return (_decode(block), b"") if block.startswith(b"HTTP/") else (None, block)


def _parse_headers(lines: Iterable[str]) -> Headers:
    headers: list[tuple[str, str]] = []
    for raw in lines:
        line = raw.rstrip("\r")
        if line[:1] in (" ", "\t") and headers:  # an old-style continuation line
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _first(headers: Headers, name: str) -> str | None:
    folded = name.lower()
    return next((value for key, value in headers if key.lower() == folded), None)
