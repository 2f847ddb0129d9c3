"""Undoing Content-Encoding, with a limit. Never raises: what could not be undone is said in words."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

BODY_LIMIT = 64 << 20
"""No page inflates to more than this; a longer one is cut there and the problem is named."""

_PIECE = 1 << 20
_Codec = Callable[[bytes], Iterator[bytes]]


def decode(raw: bytes, encoding: str | None, *, limit: int = BODY_LIMIT) -> tuple[bytes, str | None]:
    """`raw` without its content encodings ("gzip", "br, gzip", …), and what went wrong, if anything did.

    A torn stream gives what could be read. A body that is not what its label says is given as it
    is (servers do send plain pages labelled gzip). Without a decoder for it the result is empty.
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
    out: list[bytes] = []
    size = 0
    pieces = codec(data)
    while True:
        try:
            piece = next(pieces)
        except StopIteration:
            return b"".join(out), None
        except EOFError:
            return b"".join(out), f"{name} data cut short"
        except Exception as error:  # noqa: BLE001
            # Every codec has an error class of its own, and the bytes are a stranger's: whatever
            # it raises is a statement about them.
            return b"".join(out), f"damaged {name} data ({type(error).__name__})"
        out.append(piece)
        size += len(piece)
        if size > limit:
            return b"".join(out)[:limit], f"longer than {limit} bytes when decoded; cut there"


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
    unpacker = zlib.decompressobj(wbits)
    for start in range(0, len(data), 1 << 12):
        piece = data[start : start + (1 << 12)]
        while piece:
            before = unpacker.copy()
            try:
                yield unpacker.decompress(piece, _PIECE)
            except zlib.error:
                # Byte by byte, everything before the damage comes out; a wrong checksum loses nothing.
                for at in range(len(piece)):
                    yield before.decompress(piece[at : at + 1], _PIECE)
                raise
            piece = unpacker.unconsumed_tail
            if unpacker.eof:  # several gzip members are one body; anything else after the end is padding
                piece = unpacker.unused_data
                if not (piece or data[start + (1 << 12) :]).startswith(b"\x1f\x8b"):
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
