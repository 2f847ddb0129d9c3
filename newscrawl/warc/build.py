"""Records as bytes, built by warcio: safe heads and addresses, one gzip member each. Touches no files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote

from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import datetime_to_iso_date
from warcio.warcwriter import WARCWriter

from newscrawl.errors import WarcError
from newscrawl.warc.record import Record

SERVER_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

_NOT_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")  # RFC 9110, field names
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_URI_SAFE = "".join(chr(c) for c in range(0x21, 0x7F))


class ExactHead(StatusAndHeaders):  # type: ignore[misc]
    """A response head written as the bytes that were sent; warcio alone would percent-encode all but ASCII."""

    def to_ascii_bytes(self, filter_func: Callable[..., Any] | None = None) -> bytes:
        """The whole head, decoded with surrogateescape before, as bytes again."""
        text: str = self.to_str(filter_func)
        return text.encode("utf-8", "surrogateescape") + b"\r\n"


def http_head(
    status: int, reason: str | None, headers: Sequence[tuple[str, str]], *, version: str, length: int | None
) -> ExactHead:
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
    named = [(_NOT_TOKEN.sub("_", name.strip()) or "_", _safe(value)) for name, value in lines]
    return ExactHead(f"{status:03d} {_safe(reason or '')}", named, protocol=version)


def response(url: str, at: datetime, fields: Mapping[str, str], head: ExactHead, body: bytes) -> bytes:
    """A `response` record. `fields` are further WARC headers, here and below."""
    named = _fields("response", at, fields)
    payload = {"payload": BytesIO(body), "length": len(body)}
    return _packed(
        lambda warcio: warcio.create_warc_record(
            safe_uri(url), "response", http_headers=head, warc_headers_dict=named, **payload
        )
    )


def revisit(
    url: str, at: datetime, fields: Mapping[str, str], head: ExactHead, *, digest: str, original: Record
) -> bytes:
    """A `revisit` record that refers to `original`: the same bytes or, by its head's status, not modified."""
    named = _fields("revisit", at, {**fields, "WARC-Refers-To": original.id})
    target, date = original.get("WARC-Target-URI") or "", original.get("WARC-Date") or ""

    def made(warcio: WARCWriter) -> Any:
        record = warcio.create_revisit_record(
            safe_uri(url), digest, _ascii(target), _ascii(date), http_headers=head, warc_headers_dict=named
        )
        if head.get_statuscode() == "304":  # warcio knows the other profile only
            record.rec_headers.replace_header("WARC-Profile", SERVER_NOT_MODIFIED)
        return record

    return _packed(made)


def not_modified(url: str, at: datetime, fields: Mapping[str, str], head: ExactHead) -> bytes:
    """A `revisit` record of a 304 answer that refers to nothing."""
    named = _fields("revisit", at, {**fields, "WARC-Profile": SERVER_NOT_MODIFIED})
    return _packed(
        lambda warcio: warcio.create_warc_record(
            safe_uri(url), "revisit", http_headers=head, warc_headers_dict=named
        )
    )


def conversion(url: str, at: datetime, fields: Mapping[str, str], *, content_type: str, body: bytes) -> bytes:
    """A `conversion` record: what was made of another one. It is no answer of a server."""
    named = _fields("conversion", at, fields)
    return _packed(
        lambda warcio: warcio.create_warc_record(
            safe_uri(url),
            "conversion",
            payload=BytesIO(body),
            length=len(body),
            warc_content_type=content_type,
            warc_headers_dict=named,
        )
    )


def warcinfo(name: str, record_id: str, at: datetime, block: bytes) -> bytes:
    """The `warcinfo` record of the file `name`."""
    named = _fields("warcinfo", at, {"WARC-Record-ID": record_id, "WARC-Filename": name})
    payload = {"payload": BytesIO(block), "length": len(block)}
    return _packed(
        lambda warcio: warcio.create_warc_record("", "warcinfo", warc_headers_dict=named, **payload)
    )


def metadata(at: datetime, block: bytes) -> bytes:
    """A `metadata` record that says something about the file it stands in."""
    named = _fields("metadata", at, {"WARC-Record-ID": new_id()})
    payload = {"payload": BytesIO(block), "length": len(block)}
    return _packed(
        lambda warcio: warcio.create_warc_record(
            "", "metadata", warc_content_type="application/warc-fields", warc_headers_dict=named, **payload
        )
    )


def new_id() -> str:
    """A fresh record id."""
    made: str = WARCWriter._make_warc_id()  # noqa: SLF001 - what warcio itself gives records without an id
    return made


def utc_day(at: datetime) -> date:
    """The day a record belongs to. Raises WarcError for an instant without a zone."""
    return _utc(at).date()


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None or at.utcoffset() is None:
        raise WarcError("an instant without a zone cannot be written", subject=at.isoformat())
    return at.astimezone(UTC)


def safe_uri(url: str) -> str:
    """An address that cannot break a header line: spaces, controls and non-ASCII percent-encoded as UTF-8."""
    return quote(url, safe=_URI_SAFE, errors="replace")


def _packed(made: Callable[[WARCWriter], Any]) -> bytes:
    # Into memory: warcio's own BufferWARCWriter would put large records into a temporary file.
    out = BytesIO()
    warcio = WARCWriter(out, gzip=True, warc_version="1.1")
    warcio.write_record(made(warcio))
    return out.getvalue()


def _fields(kind: str, at: datetime, more: Mapping[str, str]) -> dict[str, str]:
    named = {
        "WARC-Type": kind,
        "WARC-Date": datetime_to_iso_date(_utc(at).replace(tzinfo=None), use_micros=True),
    }
    return named | {name: _ascii(value) for name, value in more.items()}


def _ascii(value: str) -> str:
    """A value for a WARC header: ours are all ASCII, what an older record of somebody else holds may not be."""
    return _safe(value).encode("ascii", "replace").decode()


def _safe(value: str) -> str:
    """A header value without controls and line breaks, and without surrogates that stand for no byte."""
    value = _CONTROL.sub(" ", value).strip()
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value
