"""One WARC record as a value, and its parser for streams, which uses warcio's parsers of headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any, BinaryIO

Headers = tuple[tuple[str, str], ...]

_HEAD_LIMIT = 1 << 20  # no real header is longer; bounds the memory that hostile ones take
_BLANK_LIMIT = 16  # lines; two end a record, some writers add more
_INTERIM = re.compile(r"10[023](?!\d)")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Http:
    """The HTTP response inside a record: `body` is as stored, still content-encoded."""

    version: str
    status: int
    reason: str
    headers: Headers
    body: bytes

    def get(self, name: str) -> str | None:
        """The first header of this name; case does not matter."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Record:
    """A parsed record. `offset` and `length` are its bytes in the file (of the gzip member, if compressed).

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
        """The first WARC header of this name; case does not matter."""
        return _first(self.headers, name)

    @property
    def type(self) -> str:
        """response, revisit, warcinfo, request, …; empty if missing."""
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
        """The HTTP response in the block, behind interim ones ("100 Continue"); None if there is no readable one."""
        if not (self.get("Content-Type") or "").lower().startswith("application/http"):
            return None
        stream = BytesIO(self.block)
        try:
            head = _parsers()[1].parse(_head_of(stream))
            while _INTERIM.match(head.statusline) and self.block.startswith(b"HTTP/", stream.tell()):
                head = _parsers()[1].parse(_head_of(stream))
        except EOFError:
            return None
        code, _, reason = head.statusline.partition(" ")
        known = head.protocol.startswith("HTTP/") and len(code) == 3 and code.isascii() and code.isdigit()
        if not known or stream.tell() >= _HEAD_LIMIT:
            return None
        return Http(head.protocol, int(code), reason.strip(), tuple(head.headers), stream.read())


def payload_digest(body: bytes) -> str:
    """SHA-1 of a body in the form WARC files use: "sha1:" and 32 letters of base 32."""
    from warcio.utils import Digester

    digester = Digester("sha1")
    digester.update(body)
    return str(digester)


def parse(stream: BinaryIO, *, limit: int) -> Record | None:
    """The next record of a stream, None at its end; the stream is then at the end of the block.

    At most `limit` bytes of header and block are kept, the rest is skipped. Raises ValueError if the next bytes
    are not a whole record.
    """
    head = parse_head(stream)
    if head is None:
        return None
    length = head.length
    block = stream.read(max(0, min(length, limit - head.size)))
    left = length - len(block)
    while left and (piece := stream.read(min(left, _PIECE))):
        left -= len(piece)
    if left:
        raise ValueError("the record is cut short")
    problem = None if len(block) == length else f"{length} bytes, only the first {len(block)} were read"
    return Record(head.version, head.headers, block, problem=problem)


@dataclass(frozen=True, slots=True)
class Head:
    """The WARC header of a record: `length` bytes of block follow it, `size` is its own length."""

    version: str
    headers: Headers
    length: int
    size: int


def parse_head(stream: BinaryIO) -> Head | None:
    """The WARC header of the next record, None at the end of the stream. Raises ValueError if there is no header."""
    from warcio.statusandheaders import StatusAndHeadersParserException

    line = b"\n"
    for _ in range(_BLANK_LIMIT):
        line = stream.readline(_HEAD_LIMIT)
        if line not in (b"\r\n", b"\n"):
            break
    if not line:
        return None
    try:
        head = _parsers()[0].parse(_head_of(stream), line)
    except StatusAndHeadersParserException:
        raise ValueError("no WARC header") from None
    if head.statusline or not head.protocol:
        raise ValueError("no WARC header")
    stated = head.get_header("Content-Length") or ""
    if not stated.isascii() or not stated.isdigit() or len(stated) > 15:
        raise ValueError("no usable Content-Length")
    return Head(head.protocol, tuple(head.headers), int(stated), head.total_len)


@cache
def _parsers() -> tuple[Any, Any]:
    """The parsers of warcio for WARC and HTTP headers. Imported here: it takes 30 ms that few commands need."""
    from warcio.recordloader import ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeadersParser

    class ExactParser(StatusAndHeadersParser):  # type: ignore[misc]
        """Keeps the bytes of a header that is not UTF-8; warcio would read them as Latin-1."""

        @staticmethod
        def decode_header(line: bytes) -> str:
            return line.decode("utf-8", "surrogateescape")

    return ExactParser(ArcWarcRecordLoader.WARC_TYPES), ExactParser([], verify=False)


def _head_of(stream: BinaryIO) -> Any:
    from warcio.limitreader import LimitReader

    return LimitReader(stream, _HEAD_LIMIT)


def _first(headers: Headers, name: str) -> str | None:
    folded = name.lower()
    return next((value for key, value in headers if key.lower() == folded), None)
