"""Undoing Content-Encoding, with a limit. Never raises: what could not be undone is said in words.

Not left to warcio's content_stream: it gives a body with a wrong checksum as if it had never been
packed, a torn one without a word, has no limit, and fails on "br" where brotli 1.2 is installed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

BODY_LIMIT = 64 << 20
"""No page inflates to more than this; a longer one is cut there and the problem is named."""

_PIECE = 1 << 20
_CHECKSUM = 8  # bytes of checksum and length that end a gzip stream
_Codec = Callable[[bytes], Iterator[bytes]]


def decode(raw: bytes, encoding: str | None, *, limit: int = BODY_LIMIT) -> tuple[bytes, str | None]:
    """`raw` without its content encodings ("gzip", "br, gzip", …), and what went wrong, if anything did.

    A torn stream gives what could be read. A body that is not what its label says is given as it
    is (servers do send plain pages labelled gzip). Without a decoder for it the result is empty;
    gzip and deflate always have one, "br" and "zstd" where their libraries are installed.
    """
    body = raw
    names = [part.strip().lower() for part in (encoding or "").split(",")]
    for name in reversed([name for name in names if name not in ("", "identity", "none")]):
        if not body:
            break
        codecs = _codecs(name)
        if not codecs:
            return b"", f"no decoder for content encoding {name[:40]!r}"
        results = [_inflate(body, codec, name, limit) for codec in codecs]
        # deflate has two codecs: the one without complaint, else the one that read more.
        best, problem = max(results, key=lambda result: (result[1] is None, len(result[0])))
        if problem and not best:
            return body, f"labelled {name}, but is not"
        body = best
        if problem:
            return body, problem
    return body, None


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
        # Every codec has an error class of its own, and the bytes are a stranger's: whatever it
        # raises is a statement about them.
        return bytes(out), f"damaged {name} data ({type(error).__name__})"
    return bytes(out), None


def _codecs(name: str) -> list[_Codec]:
    if name in ("gzip", "x-gzip"):
        return [lambda data: _zlib(data, 31)]
    if name == "deflate":  # with the zlib header as it should be, or bare as some servers send it
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
    """Small pieces, the checksum apart: where one is damaged, what came before it is given."""
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
