"""Removes Transfer-Encoding and Content-Encoding from bodies, with a limit on their size. Never raises.

warcio's content_stream is not used: it returns a body with a wrong checksum as if it had never been packed
and a torn one without notice, has no limit, and fails on "br" with brotli 1.2.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newscrawl.warc.record import Http

BODY_LIMIT = 64 << 20
"""A body that inflates to more bytes is cut there, and the problem is returned."""

_PIECE = 1 << 20
_SIZE_LINE = 1024  # bytes of a chunk's size with its extensions
_CHECKSUM = 8  # bytes of checksum and length that end a gzip stream
_TEXT = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\r ]*[<{\[][\t\n\r\x20-\x7e\x80-\xff]{0,200}+(?![\x00-\x08])")
_LAST_CHUNK = re.compile(rb"(?:^|\r\n)0+[ \t]*(?:;[^\r\n]*)?(?:\r\n|$)")
_NOT_ENCODED = "labelled "
_Codec = Callable[[bytes], Iterator[bytes]]


def incomplete(problem: str | None) -> bool:
    """Whether a problem that `decode` names means that part of the body is missing, not merely that its label is wrong."""
    return problem is not None and not problem.startswith(_NOT_ENCODED)


def decode(raw: bytes, encoding: str | None, *, limit: int = BODY_LIMIT) -> tuple[bytes, str | None]:
    """`raw` without its content encodings ("gzip", "br, gzip", …), and the problem, if there was one.

    Of a torn stream the readable part is returned. A body that does not have the encoding of its label is
    returned unchanged (servers do send plain pages labelled gzip, and charsets as encodings). Without a decoder the result is empty; gzip
    and deflate always have one, "br" and "zstd" if their libraries are installed.
    """
    body = raw
    names = [part.strip().lower() for part in (encoding or "").split(",")]
    for name in reversed([name for name in names if name not in ("", "identity", "none")]):
        if not body:
            break
        codecs = _codecs(name)
        if not codecs and _TEXT.match(body):
            continue  # a label that is no coding ("utf-8", "aws-chunked") on bytes that are not encoded
        if not codecs:
            return b"", f"no decoder for content encoding {name[:40]!r}"
        results = [_inflate(body, codec, name, limit) for codec in codecs]
        # deflate has two codecs: take the one without an error, else the one that read more.
        best, problem = max(results, key=lambda result: (result[1] is None, len(result[0])))
        if problem and not best:
            return body, f"{_NOT_ENCODED}{name}, but is not"
        body = best
        if problem:
            return body, problem
    return body, None


def payload(http: Http) -> bytes:
    """The body of a record without its transfer encoding, still content-encoded.

    Many programs store bodies de-chunked under the original header, others store the chunks, so the bytes are
    examined.
    """
    if "chunked" in (http.get("Transfer-Encoding") or "").lower():
        whole = _dechunked(http.body)
        return http.body if whole is None else whole
    return http.body


def cut_short(http: Http) -> str | None:
    """Why a stored body cannot be the whole answer by its own head; None if it may be.

    Some programs store a body unpacked under the head it had when it was packed: then the length that is named
    is that of other bytes and says nothing.
    """
    if "chunked" in (http.get("Transfer-Encoding") or "").lower():
        torn = _dechunked(http.body) is not None and _LAST_CHUNK.search(http.body[-_SIZE_LINE:]) is None
        return "its last chunk is missing" if torn else None
    stated = (http.get("Content-Length") or "").strip()
    if not (stated.isascii() and stated.isdigit() and len(stated) <= 15) or len(http.body) >= int(stated):
        return None
    encoding = http.get("Content-Encoding")
    if encoding and (decode(http.body, encoding, limit=_PIECE)[1] or "").startswith(_NOT_ENCODED):
        return None
    return f"{len(http.body)} bytes of the {int(stated)} that its head names"


def _dechunked(body: bytes) -> bytes | None:
    """The joined chunks, as far as there are any; None if the body is not chunked."""
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


def _inflate(data: bytes, codec: _Codec, name: str, limit: int) -> tuple[bytes, str | None]:
    out = bytearray()
    try:
        for piece in codec(data):
            out += piece
            if len(out) > limit:
                return bytes(out[:limit]), f"longer than {limit} bytes when decoded; cut there"
    except EOFError:
        return bytes(out), f"{name} data cut short"
    except Exception as error:  # noqa: BLE001
        # Every codec has its own error classes, and all of them mean that the bytes are damaged.
        return bytes(out), f"damaged {name} data ({type(error).__name__})"
    return bytes(out), None


def _codecs(name: str) -> list[_Codec]:
    if name in ("gzip", "x-gzip"):
        return [lambda data: _zlib(data, 31)]
    if name == "deflate":  # with a zlib header, or bare as some servers send it
        return [lambda data: _zlib(data, 15), lambda data: _zlib(data, -15)]
    if name == "br" and (brotli := _module("brotli")):
        return [lambda data: _brotli(data, brotli.Decompressor())]
    if name == "zstd" and (zstd := _module("compression.zstd") or _module("backports.zstd")):
        return [lambda data: _zstd(data, zstd.ZstdDecompressor())]
    return []


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


def _zlib(data: bytes, wbits: int) -> Iterator[bytes]:
    """Inflate in small pieces, with the checksum apart, so that everything before damage is returned."""
    unpacker = zlib.decompressobj(wbits)
    position = 0
    while position < len(data):
        end = min(position + (1 << 12), max(position + 1, len(data) - _CHECKSUM))
        piece = data[position:end]
        while piece and not unpacker.eof:
            yield unpacker.decompress(piece, _PIECE)
            piece = unpacker.unconsumed_tail
        position = end
        if unpacker.eof:  # several gzip members are one body; anything else after the end is padding
            position -= len(unpacker.unused_data)
            if not data.startswith(b"\x1f\x8b", position):
                return
            unpacker = zlib.decompressobj(wbits)
    raise EOFError


def _brotli(data: bytes, unpacker: Any) -> Iterator[bytes]:
    piece = unpacker.process(data, output_buffer_limit=_PIECE)
    yield piece
    while not unpacker.is_finished():
        piece = unpacker.process(b"", output_buffer_limit=_PIECE)
        if not piece:
            raise EOFError
        yield piece


def _zstd(data: bytes, unpacker: Any) -> Iterator[bytes]:
    yield unpacker.decompress(data, _PIECE)
    while not unpacker.eof:
        if unpacker.needs_input:
            raise EOFError
        yield unpacker.decompress(b"", _PIECE)
