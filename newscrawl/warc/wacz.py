"""Writes WACZ files (specs.webrecorder.net/wacz/1.1.1): raw records, their index and pages in one ZIP, as replay tools open it.

Small ones in memory (`pack`): every member is stored as it is and in a fixed form, so that the same content is the same file,
byte for byte, and a checker that packs the members again sees any flipped bit, also between them. Large ones as they come
(`pack_into`).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Self

from newscrawl.warc.cdxj import Sorted, line

VERSION = "1.1.1"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant that a ZIP can say
_WARC = "archive/data.warc.gz"
_INDEX = "indexes/index.cdxj"
_PAGES = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class PackedRecord:
    """A record as it lies in a WARC file (`data`, one gzip member), with what the index says of it."""

    data: bytes
    url: str
    at: datetime
    status: int
    mime: str
    digest: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page to open: its address, the instant of its record, its title."""

    url: str
    at: datetime
    title: str


def pack(
    records: Iterable[PackedRecord],
    pages: Iterable[Page],
    *,
    title: str,
    created: datetime,
    software: str,
    more: Mapping[str, bytes] | None = None,
    head: bytes = b"",
    sign: Callable[[str], Mapping[str, Any]] = lambda _: {},
) -> bytes:
    """A WACZ file as bytes.

    `head` is the `warcinfo` record in front; `more` are further members by path; `sign` gets "sha256:…" of
    datapackage.json and returns what stands beside that hash in datapackage-digest.json.
    """
    warc, index = bytearray(head), []
    for one in records:
        index.append(_index_line(one, len(warc)))
        warc += one.data
    listed = [_PAGES, *(_page(number, one) for number, one in enumerate(pages, 1))]
    members = {
        _WARC: bytes(warc),
        _INDEX: b"".join(sorted(index)),
        "pages/pages.jsonl": "".join(f"{_json(one)}\n" for one in listed).encode(),
        **(more or {}),
    }
    resources = [(path, _sha256(data), len(data)) for path, data in members.items()]
    members |= _described(resources, title, created, software, sign)
    return zipped(members)


def pack_into(
    target: BinaryIO,
    records: Iterable[tuple[PackedRecord, str | None]],
    folder: Path,
    *,
    title: str,
    created: datetime,
    software: str,
    head: bytes,
) -> int:
    """Writes a WACZ file of any size into `target`, which can be sought in; returns how many records it has.

    Beside a record stands the title of its page, None if it is none. `folder` is for what waits to be sorted. Memory stays flat.
    """
    resources: list[tuple[str, str, int]] = []
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed,
        TemporaryFile(dir=folder) as pages,
        Sorted(folder) as index,
    ):
        pages.write(f"{_json(_PAGES)}\n".encode())
        number, found = 0, 0
        with _Member(packed, _WARC, resources) as warc:
            warc.write(head)
            for found, (one, name) in enumerate(records, 1):  # noqa: B007 - it is how many there were
                index.add(_index_line(one, warc.size))
                warc.write(one.data)
                if name is not None:
                    number += 1
                    pages.write(f"{_json(_page(number, Page(one.url, one.at, name)))}\n".encode())
        with _Member(packed, _INDEX, resources) as member:
            for line in index.lines():
                member.write(line)
        with _Member(packed, "pages/pages.jsonl", resources) as member:
            pages.seek(0)
            while piece := pages.read(_PIECE):
                member.write(piece)
        for path, data in _described(resources, title, created, software, lambda _: {}).items():
            packed.writestr(_info(path), data)
    return found


class _Member:
    """A member of a ZIP that is hashed while it is written."""

    def __init__(self, packed: zipfile.ZipFile, path: str, resources: list[tuple[str, str, int]]) -> None:
        self._path, self._resources = path, resources
        self._file = packed.open(_info(path), "w", force_zip64=True)
        self._hash = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._resources.append((self._path, f"sha256:{self._hash.hexdigest()}", self.size))

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)


def _index_line(one: PackedRecord, offset: int) -> bytes:
    name = _WARC.rpartition("/")[2]
    return line(one.url, one.at, one.mime, one.status, one.digest, name, offset, len(one.data))


def _page(number: int, one: Page) -> dict[str, str]:
    return {"id": f"page-{number}", "url": one.url, "ts": _instant(one.at), "title": one.title}


def _described(
    resources: Iterable[tuple[str, str, int]],
    title: str,
    created: datetime,
    software: str,
    sign: Callable[[str], Mapping[str, Any]],
) -> dict[str, bytes]:
    """The two members that say what the others are; resources are (path, hash, bytes)."""
    described = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": title,
        "created": _instant(created),
        "software": software,
        "resources": [
            {"name": path.rpartition("/")[2], "path": path, "hash": hashed, "bytes": size}
            for path, hashed, size in resources
        ],
    }
    package = json.dumps(described, ensure_ascii=False, indent=1).encode()
    digest = {"path": "datapackage.json", "hash": _sha256(package), **sign(_sha256(package))}
    return {
        "datapackage.json": package,
        "datapackage-digest.json": json.dumps(digest, ensure_ascii=False, indent=1).encode(),
    }


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Members in their order as a ZIP of one form: stored, without times of their own."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name, data in members.items():
            target.writestr(_info(name), data)
    return out.getvalue()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system, info.external_attr = 3, 0o100644 << 16
    return info


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
