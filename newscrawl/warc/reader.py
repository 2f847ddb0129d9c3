"""Reads single records back from WARC files, checked against their digests."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

from newscrawl.errors import WarcError
from newscrawl.model import Capture, CaptureRef
from newscrawl.warc.decode import decode
from newscrawl.warc.record import Headers, Record, parse, payload_digest
from newscrawl.warc.scan import BLOCK_LIMIT, member

_MAGIC = b"\x1f\x8b"
_RECORD_LIMIT = 512 << 20  # far above any stored response


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored response. `raw` is the body as sent, `body` the same without its content encoding.

    For a revisit or a 304 both are empty: `read_body` follows it to the bytes. `problem` is what was wrong with
    the content encoding, or None.
    """

    url: str
    at: datetime
    status: int
    reason: str
    headers: Headers
    body: bytes
    raw: bytes
    problem: str | None = None

    def get(self, name: str) -> str | None:
        """The first header of this name; case does not matter."""
        folded = name.lower()
        return next((value for key, value in self.headers if key.lower() == folded), None)


def read(root: Path, ref: CaptureRef) -> Stored:
    """The stored response at `ref`, below the WARC directory `root`.

    Checked: length, gzip checksum, record id, block digest and payload digest. Raises WarcError if
    the bytes there do not match `ref`, or if `ref.file` would lead out of `root`.
    """
    record = read_record(root, ref)
    http = record.http()
    if http is None or record.url is None or record.at is None:
        raise _wrong(ref, "not a stored response")
    body, problem = decode(http.body, http.get("Content-Encoding"))
    return Stored(record.url, record.at, http.status, http.reason, http.headers, body, http.body, problem)


def read_body(root: Path, capture: Capture) -> Stored:
    """The response that holds the bytes of `capture`: itself, or for a revisit or a 304 the one it refers to.

    Raises WarcError as `read` does, and for a 304 that refers to nothing.
    """
    ref = capture.ref
    if ref.kind != "response":
        if capture.refers_to is None or capture.refers_to.kind != "response":
            raise _wrong(ref, "refers to no stored response")
        if ref.kind == "revisit" and ref.digest != capture.refers_to.digest:
            raise _wrong(ref, "refers to a response with other bytes")
        ref = capture.refers_to
    return read(root, ref)


def read_record(root: Path, ref: CaptureRef) -> Record:
    """The WARC record at `ref`, checked as in `read`."""
    return read_packed(root, ref)[0]


def read_packed(root: Path, ref: CaptureRef) -> tuple[Record, bytes]:
    """The WARC record at `ref`, checked as in `read`, and its bytes as they lie in the file."""
    path = inside(root, ref.file)
    if ref.offset < 0 or ref.length <= 0:
        raise _wrong(ref, "impossible offset or length")
    try:
        with path.open("rb") as file:
            file.seek(ref.offset)
            packed = file.read(ref.length)
    except FileNotFoundError as error:
        raise WarcError("the file is missing", subject=ref.file) from error
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror}", subject=ref.file) from error
    if len(packed) < ref.length:
        raise _wrong(ref, "the file ends before the record does")
    try:
        found, end = member(BytesIO(packed), 0, _RECORD_LIMIT)
    except ValueError as error:
        raise _wrong(ref, f"not exactly one whole compressed record ({error})") from error
    if len(found) != 1 or end != len(packed) or found[0].problem:
        raise _wrong(ref, "not exactly one compressed record")
    record = found[0]
    stated = record.get("WARC-Payload-Digest")
    if record.type == "response":
        http = record.http()
        actual = payload_digest(http.body) if http else None
    else:
        actual = stated or payload_digest(b"")
    if record.id != ref.record_id:
        raise _wrong(ref, f"another record ({record.id or 'no id'})")
    if payload_digest(record.block) != record.get("WARC-Block-Digest"):
        raise _wrong(ref, "the block digest is wrong")
    if actual != ref.digest or (stated and stated != ref.digest):
        raise _wrong(ref, "the payload digest is wrong")
    return record, packed


def record_at(path: Path, offset: int, nth: int = 0, *, limit: int = BLOCK_LIMIT) -> Record:
    """The record at byte `offset` of any WARC file, compressed or not; the `nth` of several in one gzip member.

    For files of other programs: digests are not checked. Raises WarcError if the file cannot be read or there is
    no whole record.
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


def inside(root: Path, name: str) -> Path:
    """`root`/`name`; WarcError unless it is a plain relative path that stays below `root`, also through links."""
    parts = name.split("/")
    if "\0" in name or "\\" in name or any(part in ("", ".", "..") for part in parts):
        raise WarcError("not a path below the WARC directory", subject=repr(name))
    path = root.joinpath(*parts)
    # Not Path.resolve: of links that lead to themselves it raises, here reading the file says so.
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise WarcError("leads out of the WARC directory", subject=repr(name))
    return path


def _wrong(ref: CaptureRef, why: str) -> WarcError:
    return WarcError(f"record at byte {ref.offset}: {why}", subject=ref.file)
