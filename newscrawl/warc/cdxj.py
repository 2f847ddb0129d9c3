"""Indexes of raw responses as replay tools read them: CDXJ lines (specs.webrecorder.net/cdxj/0.1.0), sorted by address and instant."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Self
from urllib.parse import unquote_to_bytes, urlsplit

from newscrawl.model import Capture

REVISIT = "warc/revisit"
"""What an index calls a record that repeats the bytes of another: replay looks for them there."""

_SESSION = re.compile(
    r"(?<![^&])(?:(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24})(?:&|$)",
    re.IGNORECASE,
)
_PORTS = {"http": "80", "https": "443"}
_CHUNK = 100_000  # lines sorted in memory at a time


def mime_of(capture: Capture) -> str:
    """The media type that an index names for a capture."""
    if capture.ref.kind != "response":
        return REVISIT
    return (capture.content_type or "").partition(";")[0].strip() or "unk"


def line_of(capture: Capture, url: str | None = None) -> bytes:
    """The line of a capture in its WARC file; `url` is the record's own address where that is known."""
    ref = capture.ref
    where = (ref.file, ref.offset, ref.length)
    return line(url or capture.url, capture.at, mime_of(capture), capture.status, ref.digest, *where)


def line(
    url: str, at: datetime, mime: str, status: int, digest: str, file: str, offset: int, length: int
) -> bytes:
    """One line of an index."""
    fields = {
        "url": url,
        "mime": mime,
        "status": str(status),
        "digest": digest,
        "length": str(length),
        "offset": str(offset),
        "filename": file,
    }
    stamp = f"{at.astimezone(UTC):%Y%m%d%H%M%S}"
    return f"{surt(url)} {stamp} {json.dumps(fields, ensure_ascii=False)}\n".encode("utf-8", "replace")


class Sorted:
    """Sorts any number of lines by their bytes, as replay tools search them; what does not fit into memory waits in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lines = folder, list[bytes]()
        self._files, self._open = list[BinaryIO](), ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, line: bytes) -> None:
        """Takes a line, which ends with its break."""
        self._lines.append(line)
        if len(self._lines) >= _CHUNK:
            file = self._open.enter_context(TemporaryFile(dir=self._folder))  # noqa: SIM115 - it is entered
            file.writelines(sorted(self._lines))
            file.seek(0)
            self._files.append(file)
            self._lines.clear()

    def lines(self) -> Iterator[bytes]:
        """All of them in their order."""
        return heapq.merge(*self._files, sorted(self._lines))


def surt(url: str) -> str:
    """The key by which an index is sorted: the host from its end to its beginning, then path and query, in small letters.

    Replay tools make the key of the address that is asked for by the rules of the Internet Archive's "surt" and look for just that
    one: escapes are undone and made anew, dots and double slashes in the path resolved, session identifiers left out.
    """
    parts = urlsplit(url)
    host = re.sub(r"^www\d*\.", "", _ascii_host(parts.hostname or ""))
    port = f":{parts.port}" if parts.port and str(parts.port) != _PORTS.get(parts.scheme) else ""
    turned = host if ":" in host else ",".join(reversed(host.split(".")))
    query = _SESSION.sub("", _escaped(parts.query).lower())
    query = "&".join(sorted(query.split("&"))) if query else ""
    path = _escaped(_path(parts.path)).lower()
    path = path.rstrip("/") if len(path) > 1 else path
    return f"{turned}{port}){path or '/'}{'?' + query if query else ''}"


def _ascii_host(host: str) -> str:
    host = re.sub(r"\.{2,}", ".", host.strip(".").lower())
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


def _path(path: str) -> str:
    kept: list[str] = []
    for step in _unescaped(path).decode("utf-8", "surrogateescape").split("/"):
        if step == "..":
            del kept[-1:]
        elif step not in ("", "."):
            kept.append(step)
    return "/" + "/".join(kept)


def _unescaped(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    while (plain := unquote_to_bytes(data)) != data:
        data = plain
    return data


def _escaped(text: str) -> str:
    return "".join(
        chr(one) if 0x20 < one < 0x7F and one not in b"#%" else f"%{one:02x}" for one in _unescaped(text)
    )
