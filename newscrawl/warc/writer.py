"""Writes the responses of one source as WARC records."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from newscrawl.errors import WarcError
from newscrawl.model import Capture, CaptureRef
from newscrawl.warc.files import Files
from newscrawl.warc.reader import read_record
from newscrawl.warc.record import Record, payload_digest

_HEADS = (
    "HTTP heads are rebuilt from parsed headers: names may differ in case, repeated ones are grouped, "
    "Transfer-Encoding is removed with its encoding and Content-Length is that of the body as stored "
    "(both kept as X-Crawler-...). Bodies are byte-exact, still content-encoded."
)


class WarcWriter:
    """Appends WARC 1.1 records of one source to `<root>/<source>/<YYYY>/<source>-<YYYYMMDD>-<NNNNN>.warc.gz`.

    The day is the record's own, in UTC; `Files` says when the next number is used. Every record is one gzip
    member, built in memory and appended with one write. If that fails or is short (disk full), the file is cut
    back to its previous end and WarcError is raised: earlier records are unharmed, and the next record may be
    tried. `sync` brings everything to disk: commit to the database only after it.

    Files in `avoid`, relative to `root`, are never written to: those `repair` found damaged or missing, because
    an intact copy may still be put back.

    Not for use from several threads. Files are opened when the first record is written.
    """

    def __init__(
        self,
        root: Path,
        source: str,
        *,
        software: str,
        contact: str | None,
        max_bytes: int = 1 << 30,
        avoid: Collection[str] = (),
    ) -> None:
        self._root = root
        self._files = Files(
            root, source, info=_info_block(software, contact), max_bytes=max_bytes, avoid=avoid
        )

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
        more: Mapping[str, str] | None = None,
    ) -> Capture:
        """Store a response: `body` as sent after removing transfer encoding, still content-encoded.

        If `earlier` leads to a stored response with exactly these bytes (it is read to check), only a `revisit`
        record that refers to it is written. `more` are further WARC headers, such as where an imported response
        came from. Raises WarcError.
        """
        from newscrawl.warc import build

        digest = payload_digest(body)
        version, fields = _fields(http_version, ip)
        fields |= more or {}
        head = build.http_head(status, reason, headers, version=version, length=len(body))
        original = self._original(earlier, digest) if body else None

        def packed(info: str) -> bytes:
            named = fields | {"WARC-Warcinfo-ID": info}
            if original:
                return build.revisit(url, at, named, head, digest=digest, original=original[1])
            return build.response(url, at, named | {"WARC-Payload-Digest": digest}, head, body)

        file, offset, length = self._files.append(build.utc_day(at), packed)
        kind = "revisit" if original else "response"
        ref = CaptureRef(file, offset, length, fields["WARC-Record-ID"], digest, kind)
        refers_to = original[0] if original else None
        return Capture(ref, build.safe_uri(url), at, status, _content_type(headers), refers_to)

    def write_not_modified(
        self,
        *,
        url: str,
        at: datetime,
        headers: Sequence[tuple[str, str]],
        ip: str | None = None,
        earlier: Capture | None = None,
        http_version: str = "HTTP/1.1",
        more: Mapping[str, str] | None = None,
    ) -> Capture:
        """Store a 304 response as a `revisit` of the response that the server says is unchanged.

        The capture has that response's digest; without a readable `earlier` it refers to nothing and has the
        digest of an empty body. Raises WarcError.
        """
        from newscrawl.warc import build

        version, fields = _fields(http_version, ip)
        fields |= more or {}
        head = build.http_head(304, "Not Modified", headers, version=version, length=None)
        refers_to, original = self._original(earlier, None) or (None, None)
        digest = refers_to.digest if refers_to else payload_digest(b"")

        def packed(info: str) -> bytes:
            named = fields | {"WARC-Warcinfo-ID": info}
            if original:
                return build.revisit(url, at, named, head, digest=digest, original=original)
            return build.not_modified(url, at, named, head)

        file, offset, length = self._files.append(build.utc_day(at), packed)
        ref = CaptureRef(file, offset, length, fields["WARC-Record-ID"], digest, "not_modified")
        return Capture(ref, build.safe_uri(url), at, 304, _content_type(headers), refers_to)

    def write_conversion(
        self, *, url: str, at: datetime, of: Capture, content_type: str, body: bytes
    ) -> CaptureRef:
        """Store content derived from the response `of`, such as the page rendered by its scripts. Raises WarcError."""
        from newscrawl.warc import build

        digest, record_id = payload_digest(body), build.new_id()
        named = {
            "WARC-Record-ID": record_id,
            "WARC-Refers-To": of.ref.record_id,
            "WARC-Payload-Digest": digest,
        }

        def packed(info: str) -> bytes:
            fields = named | {"WARC-Warcinfo-ID": info}
            return build.conversion(url, at, fields, content_type=content_type, body=body)

        file, offset, length = self._files.append(build.utc_day(at), packed)
        return CaptureRef(file, offset, length, record_id, digest, "conversion")

    def sync(self) -> None:
        """Bring everything written so far to disk. Raises WarcError; then everything since the last sync may be lost."""
        self._files.sync()

    def close(self) -> None:
        """Sync and close the file. May be called twice; the next record opens a file again."""
        self._files.close()

    def _original(self, earlier: Capture | None, digest: str | None) -> tuple[CaptureRef, Record] | None:
        """The stored response that `earlier` leads to, if it is present, whole and has this digest."""
        if earlier is None:
            return None
        ref = earlier.ref if earlier.ref.kind == "response" else earlier.refers_to
        if ref is None or ref.kind != "response" or (digest is not None and ref.digest != digest):
            return None
        try:
            record = read_record(self._root, ref)
        except WarcError:
            return None  # moved or damaged: store the bytes once more instead of referring to it
        return (ref, record) if record.type == "response" else None


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


def _fields(http_version: str, ip: str | None) -> tuple[str, dict[str, str]]:
    """The version for the stored status line, and the WARC headers for id, address and protocol.

    Readers of WARC files know HTTP/1.x only, so another protocol is named in a header of its own.
    """
    from newscrawl.warc import build

    fields = {"WARC-Record-ID": build.new_id()}
    with suppress(ValueError):  # without a valid address the header is left out
        fields["WARC-IP-Address"] = str(ip_address(ip or ""))
    if re.fullmatch(r"HTTP/1\.[01]", http_version):
        return http_version, fields
    return "HTTP/1.1", fields | {"WARC-Protocol": http_version}


def _content_type(headers: Sequence[tuple[str, str]]) -> str | None:
    return next((value for name, value in headers if name.strip().lower() == "content-type"), None)
