"""Records of other programs' WARC files: one record again by its place, and its payload without chunks. Walking is scan.py's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.warc.record import Http, Record, parse
from newscrawl.warc.scan import BLOCK_LIMIT, member

_MAGIC = b"\x1f\x8b"
_SIZE_LINE = 1024  # bytes of a chunk's size with its extensions


def record_at(path: Path, offset: int, nth: int = 0, *, limit: int = BLOCK_LIMIT) -> Record:
    """The record at byte `offset` of a file, compressed or not; the `nth` of several in one gzip member.

    Raises WarcError if the file cannot be read or no whole record is there any more.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            packed = file.read(2) == _MAGIC
            if packed:
                return member(file, offset, limit)[0][nth]
            file.seek(offset)
            record = parse(file, limit=limit)
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=str(path)) from error
    except (ValueError, IndexError) as error:
        raise WarcError(f"record at byte {offset}: {error}", subject=str(path)) from error
    if record is None:
        raise WarcError(f"no record at byte {offset}", subject=str(path))
    return replace(record, offset=offset)


def payload(http: Http) -> bytes:
    """The body without its transfer encoding, still content-encoded.

    Many programs store bodies de-chunked and leave the header as it was, others store the chunks:
    the bytes decide.
    """
    if "chunked" in (http.get("Transfer-Encoding") or "").lower():
        whole = _dechunked(http.body)
        return http.body if whole is None else whole
    return http.body


def _dechunked(body: bytes) -> bytes | None:
    """The joined chunks; what there is of them where the end is missing; None if these are no chunks."""
    out = bytearray()
    at = 0
    while at < len(body):
        end = body.find(b"\r\n", at, at + _SIZE_LINE)
        size = body[at : end if end >= 0 else at].partition(b";")[0].strip()
        if not size or len(size) > 8 or not all(c in b"0123456789abcdefABCDEF" for c in size):
            return bytes(out) if out else None
        length = int(size, 16)
        if length == 0:
            return bytes(out)
        begin = end + 2
        out += body[begin : begin + length]
        at = begin + length
        if at < len(body) and body[at : at + 2] != b"\r\n":
            return None
        at += 2
    return bytes(out) if out else None
