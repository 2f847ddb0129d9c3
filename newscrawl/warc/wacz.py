"""Writes WACZ files (specs.webrecorder.net/wacz/1.1.1): raw records, their index and pages in one ZIP, as replay tools open it.

Small ones, in memory. Every member is stored as it is and in a fixed form, so that the same content is the same file, byte for
byte, and a checker that packs the members again sees any flipped bit, also between them.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

VERSION = "1.1.1"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant that a ZIP can say
_WARC = "archive/data.warc.gz"
_PORTS = {"http": "80", "https": "443"}


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
        fields = {
            "url": one.url,
            "mime": one.mime,
            "status": str(one.status),
            "digest": one.digest,
            "length": str(len(one.data)),
            "offset": str(len(warc)),
            "filename": _WARC.rpartition("/")[2],
        }
        index.append(f"{surt(one.url)} {_stamp(one.at)} {_json(fields)}\n")
        warc += one.data
    listed = [{"format": "json-pages-1.0", "id": "pages", "title": "Pages"}]
    listed += [
        {"id": f"page-{number}", "url": one.url, "ts": _instant(one.at), "title": one.title}
        for number, one in enumerate(pages, 1)
    ]
    members = {
        _WARC: bytes(warc),
        "indexes/index.cdxj": "".join(sorted(index)).encode(),
        "pages/pages.jsonl": "".join(f"{_json(one)}\n" for one in listed).encode(),
        **(more or {}),
    }
    described = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": title,
        "created": _instant(created),
        "software": software,
        "resources": [
            {"name": path.rpartition("/")[2], "path": path, "hash": _sha256(data), "bytes": len(data)}
            for path, data in members.items()
        ],
    }
    package = json.dumps(described, ensure_ascii=False, indent=1).encode()
    digest = {"path": "datapackage.json", "hash": _sha256(package), **sign(_sha256(package))}
    members |= {
        "datapackage.json": package,
        "datapackage-digest.json": json.dumps(digest, ensure_ascii=False, indent=1).encode(),
    }
    return zipped(members)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Members in their order as a ZIP of one form: stored, without times of their own."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            target.writestr(info, data)
    return out.getvalue()


def surt(url: str) -> str:
    """The key by which an index is sorted: the host from its end to its beginning, then path and query, in small letters."""
    parts = urlsplit(url)
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    port = f":{parts.port}" if parts.port and str(parts.port) != _PORTS.get(parts.scheme) else ""
    turned = host if re.fullmatch(r"[\d.]+", host) else ",".join(reversed(host.split(".")))
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    path = parts.path.lower() or "/"
    path = path.rstrip("/") if len(path) > 1 else path
    return f"{turned}{port}){path}{'?' + query if query else ''}"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
