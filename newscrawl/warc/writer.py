"""Appending records to the WARC files of one source. Nothing here reads the database or the clock, but for warcinfo dates."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from newscrawl.errors import WarcError
from newscrawl.model import Capture, CaptureRef
from newscrawl.warc.reader import read_record
from newscrawl.warc.record import (
    IDENTICAL_PAYLOAD,
    SERVER_NOT_MODIFIED,
    Record,
    build,
    http_head,
    new_id,
    payload_digest,
    safe_uri,
    warc_date,
)
from newscrawl.warc.scan import records, whole_at_end

_SOURCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_LAST_NUMBER = 99_999
_HEADS = (
    "HTTP heads are rebuilt from parsed headers: names may differ in case, repeated ones are grouped, "
    "Transfer-Encoding is removed with its encoding and Content-Length is that of the body as stored "
    "(both kept as X-Crawler-...). Bodies are byte-exact, still content-encoded."
)


@dataclass(slots=True)
class _Open:
    """The file being written: locked by us, `size` bytes of whole records long."""

    fd: int
    path: Path
    day: date
    size: int
    info: str  # the record id of the warcinfo that describes what follows
    fresh: bool  # begun by us and still without a record: takes one of any size


class WarcWriter:
    """Appends WARC 1.1 records of one source to `<root>/<source>/<YYYY>/<source>-<YYYYMMDD>-<NNNNN>.warc.gz`.

    The day is the record's own, in UTC. A file is held with an exclusive lock while it is open;
    if another process holds it, if it has reached `max_bytes`, or if it does not end with a whole
    record, the next number is taken. Every record is one gzip member, built in memory and
    appended with one write; if that fails or falls short (disk full), the file is cut back to
    where it was and WarcError is raised: nothing written before is touched, and the next record
    may be tried. `sync` brings everything to disk: commit to the database only after it.

    Not for use from several threads. Files are opened when the first record comes.
    """

    def __init__(
        self, root: Path, source: str, *, software: str, contact: str | None, max_bytes: int = 1 << 30
    ) -> None:
        if not _SOURCE.fullmatch(source):
            raise WarcError("a source name has letters, digits, - and _ only", subject=repr(source))
        self._root = root
        self._source = source
        self._max_bytes = max_bytes
        self._info = _info_block(software, contact)
        self._open: _Open | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write_response(
        self,
        *,
        url: str,
        at: datetime,
        status: int,
        reason: str | None,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        http_version: str = "HTTP/1.1",
        ip: str | None = None,
        earlier: Capture | None = None,
    ) -> Capture:
        """Store a response: `body` as sent after removing transfer encoding, still content-encoded.

        If `earlier` leads to a stored response with exactly these bytes, which is read to make
        sure, only a `revisit` record that refers to it is written. Raises WarcError.
        """
        digest = payload_digest(body)
        head = http_head(status, reason, headers, version=_http_version(http_version)[0], length=len(body))
        original = self._original(earlier, digest) if body else None
        fields = self._fields("revisit" if original else "response", url, at, ip)
        fields += _http_version(http_version)[1]
        fields.append(("WARC-Payload-Digest", digest))
        if original:
            ref, record = original
            fields += [("WARC-Profile", IDENTICAL_PAYLOAD), *_refers_to(record)]
            written = self._write(fields, head, at, digest, "revisit")
            return Capture(written, safe_uri(url), at, status, _content_type(headers), ref)
        written = self._write(fields, head + body, at, digest, "response")
        return Capture(written, safe_uri(url), at, status, _content_type(headers))

    def write_not_modified(
        self,
        *,
        url: str,
        at: datetime,
        headers: Sequence[tuple[str, str]],
        ip: str | None = None,
        earlier: Capture | None = None,
        http_version: str = "HTTP/1.1",
    ) -> Capture:
        """Store a 304 answer as a `revisit` of the response the server says is unchanged.

        The capture's digest is that response's; without a readable `earlier` it refers to
        nothing and has the digest of no bytes. Raises WarcError.
        """
        version, extra = _http_version(http_version)
        head = http_head(304, "Not Modified", headers, version=version, length=None)
        original = self._original(earlier, None)
        fields = self._fields("revisit", url, at, ip) + extra
        fields.append(("WARC-Profile", SERVER_NOT_MODIFIED))
        digest = payload_digest(b"")
        if original:
            digest = original[0].digest
            fields += [("WARC-Payload-Digest", digest), *_refers_to(original[1])]
        written = self._write(fields, head, at, digest, "not_modified")
        return Capture(
            written, safe_uri(url), at, 304, _content_type(headers), original[0] if original else None
        )

    def sync(self) -> None:
        """Bring everything written so far to disk. Raises WarcError; then nothing since the last sync is sure."""
        if self._open is None:
            return
        try:
            os.fsync(self._open.fd)
        except OSError as error:
            # After a failed fsync the kernel may have dropped the pages: leave this file alone.
            self._drop()
            raise self._failed("cannot be brought to disk", error) from error

    def close(self) -> None:
        """Sync and let go of the file. May be called twice; the next record opens a file again."""
        try:
            self.sync()
        finally:
            self._drop()

    # --- records ---

    def _original(self, earlier: Capture | None, digest: str | None) -> tuple[CaptureRef, Record] | None:
        """The stored response `earlier` leads to, if it is there, whole and has this digest."""
        if earlier is None:
            return None
        ref = earlier.ref if earlier.ref.kind == "response" else earlier.refers_to
        if ref is None or ref.kind != "response" or (digest is not None and ref.digest != digest):
            return None
        try:
            record = read_record(self._root, ref)
        except WarcError:
            return None  # moved away or damaged: refer to nothing, and keep the bytes once more
        return (ref, record) if record.type == "response" else None

    def _fields(self, kind: str, url: str, at: datetime, ip: str | None) -> list[tuple[str, str]]:
        fields = [
            ("WARC-Type", kind),
            ("WARC-Record-ID", new_id()),
            ("WARC-Date", warc_date(at)),
            ("WARC-Target-URI", safe_uri(url)),
            ("Content-Type", "application/http; msgtype=response"),
        ]
        with suppress(ValueError):  # not known, or not an address: then the record says nothing
            fields.append(("WARC-IP-Address", str(ip_address(ip or ""))))
        return fields

    def _write(
        self, fields: list[tuple[str, str]], block: bytes, at: datetime, digest: str, kind: str
    ) -> CaptureRef:
        day = at.astimezone(UTC).date()
        file = self._file(day)
        member = build([*fields, ("WARC-Warcinfo-ID", file.info)], block)
        if file.size + len(member) > self._max_bytes and not file.fresh:
            self.close()
            file = self._file(day, at_least=len(member))
            member = build([*fields, ("WARC-Warcinfo-ID", file.info)], block)
        offset = self._append(file, member)
        file.fresh = False
        name = file.path.relative_to(self._root).as_posix()
        return CaptureRef(name, offset, len(member), dict(fields)["WARC-Record-ID"], digest, kind)

    def _append(self, file: _Open, member: bytes) -> int:
        """One write at the end of the file; all of it or nothing. Returns where it begins."""
        offset = file.size
        failure: OSError | None = None
        written = 0
        try:
            written = os.write(file.fd, member)
        except OSError as error:
            failure = error
        if written == len(member):
            file.size += written
            return offset
        try:
            os.ftruncate(file.fd, offset)
        except OSError:
            self._drop()  # its end is torn: no writer takes it again before it is repaired
        raise self._failed("the record could not be written", failure, file.path) from failure

    # --- files ---

    def _file(self, day: date, *, at_least: int = 0) -> _Open:
        """The open file of this day, opening one if need be."""
        if self._open is not None and self._open.day == day:
            return self._open
        self.close()
        folder = self._root / self._source / f"{day.year:04d}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stem = f"{self._source}-{day.year:04d}{day:%m%d}-"
            # From the newest on: older files of the day are left as they are, so names keep the order of time.
            newest = max((path.name for path in folder.glob(stem + "?????.warc.gz")), default=stem + "00001")
            first = newest[len(stem) :][:5]
            for number in range(int(first) if first.isdigit() else 1, _LAST_NUMBER + 1):
                path = folder / f"{stem}{number:05d}.warc.gz"
                taken = self._take(path, day, at_least)
                if taken:
                    self._open = taken
                    return taken
        except OSError as error:
            raise self._failed("no WARC file can be opened", error, folder) from error
        raise WarcError(f"no free file number for {day}", subject=str(folder))

    def _take(self, path: Path, day: date, at_least: int) -> _Open | None:
        """Open and lock `path` if it is free, has room and ends with a whole record."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        keep = False
        try:
            if not _lock(fd):
                return None
            size = os.fstat(fd).st_size
            if size and (size + at_least > self._max_bytes or size >= self._max_bytes):
                return None
            with open(fd, "rb", closefd=False) as file:
                if not whole_at_end(file, size):
                    return None
            info = self._known_info(path) if size else None
            opened = _Open(fd, path, day, size, info or new_id(), fresh=size == 0)
            if size == 0:
                _sync_folder(path.parent)
            if info is None:
                self._append(opened, self._warcinfo(opened))
            keep = True
            return opened
        finally:
            if not keep:
                os.close(fd)

    def _known_info(self, path: Path) -> str | None:
        """The id of the file's first record, if it is a warcinfo that says what ours would say."""
        for first in records(path, limit=1 << 16):
            if isinstance(first, Record) and first.type == "warcinfo" and first.block == self._info:
                return first.id or None
            break
        return None

    def _warcinfo(self, file: _Open) -> bytes:
        fields = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", file.info),
            ("WARC-Date", warc_date(datetime.now(UTC))),
            ("WARC-Filename", file.path.name),
            ("Content-Type", "application/warc-fields"),
        ]
        return build(fields, self._info)

    def _drop(self) -> None:
        if self._open is not None:
            fd, self._open = self._open.fd, None
            os.close(fd)

    def _failed(self, message: str, error: OSError | None, path: Path | None = None) -> WarcError:
        why = error.strerror if error else "short write"
        full = error is None or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return WarcError(
            f"{message}: {why}",
            subject=str(path or self._root / self._source),
            hint="Make room on the disk and run again; everything stored before is whole." if full else None,
        )


def _lock(fd: int) -> bool:
    """Take the exclusive lock; False if another process, or another writer, has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Make new names in `folder` and its parents durable: a file without its name is lost after a power cut."""
    for place in (folder, folder.parent, folder.parent.parent):
        fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _info_block(software: str, contact: str | None) -> bytes:
    fields = [
        ("software", software),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("robots", "classic"),
        ("description", _HEADS),
    ]
    if contact:
        fields.append(("operator", contact))
    return b"".join(
        f"{name}: {' '.join(value.split())}\r\n".encode("utf-8", "replace") for name, value in fields
    )


def _http_version(version: str) -> tuple[str, list[tuple[str, str]]]:
    """The version for the stored status line; readers know HTTP/1.x only, so others are named beside it."""
    if re.fullmatch(r"HTTP/1\.[01]", version):
        return version, []
    return "HTTP/1.1", [("WARC-Protocol", version)]


def _refers_to(record: Record) -> Iterable[tuple[str, str]]:
    return (
        ("WARC-Refers-To", record.id),
        ("WARC-Refers-To-Target-URI", record.get("WARC-Target-URI") or ""),
        ("WARC-Refers-To-Date", record.get("WARC-Date") or ""),
    )


def _content_type(headers: Sequence[tuple[str, str]]) -> str | None:
    return next((value for name, value in headers if name.strip().lower() == "content-type"), None)
