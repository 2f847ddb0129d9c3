"""Decodes and unpacks listings, feeds and sitemaps. Article pages have a decoder of their own in extract/."""

from __future__ import annotations

import codecs
import contextlib
import re
import zlib

_SMALL, _RATIO = 8 << 20, 100
_LAYERS = 3  # of gzip: a server packs what was packed already, or what a cache had packed again
_GZIP = b"\x1f\x8b"
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"), (b"\0{", "utf-16-be"))
# The codecs a page may declare. Python has others that take unbounded time, such as punycode.
_TEXT = re.compile(
    r"(utf-(8|16|32)(-[bl]e)?|cp\d+|koi8-[rtu]|kz1048|ptcp154|iso8859-\d+|mac-cyrillic|gbk|gb18030|big5|euc_\w+)"
)


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of a document: by its byte-order mark, as UTF-8, by the header, its own declaration, else windows-1251.

    A declaration the bytes contradict does not count: UTF-16 without a single zero byte is none, and what can be read
    as UTF-8 is UTF-8, whatever a label says: no text in another charset is by chance. UTF-8 with a few broken bytes
    stays UTF-8, unless another charset is declared. Never raises. The fallback is windows-1251, the most common
    undeclared charset of the region.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace").lstrip("\ufeff")
    start = body[:4096]
    wide = b"\0" in start  # letters of two or four bytes: markup is ASCII
    for first, name in _WIDE:
        if start.startswith(first):
            return body.decode(name, "replace")
    if not wide:
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode("utf-8")
    declared = (
        _HEADER.search(content_type or ""),
        _XML.search(start),
        _META.search(start),
    )
    for match in declared:
        if match is not None:
            label = match[1] if isinstance(match[1], str) else match[1].decode("ascii", "replace")
            if (codec := _codec(label)) and (wide or not codec.startswith(("utf-16", "utf-32"))):
                try:
                    return body.decode(codec)
                except UnicodeDecodeError:
                    continue
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    letters = sum(1 for c in text if c > "\x7f")
    if text.count("\ufffd") * 20 <= letters:
        return text
    return body.decode("cp1251", "replace")


DAMAGED, CUT_SHORT = "damaged gzip data", "gzip data cut short"  # problems of a file that did not come whole


def inflate(body: bytes, limit: int) -> tuple[bytes, str | None]:
    """`body`, unpacked if it starts like gzip, cut at `limit` bytes; and the problem with it, if there was one.

    Lists of addresses are packed to between a tenth and a thirtieth of their size: output past 8 MiB that is more
    than a hundred times the input is cut as well. Never raises; a truncated file gives what can be read.
    """
    for _ in range(_LAYERS):
        body, problem = _inflate_once(body, limit)
        if problem is not None or not body.startswith(_GZIP):
            break
    return body, problem


def _inflate_once(body: bytes, limit: int) -> tuple[bytes, str | None]:
    if not body.startswith(_GZIP):
        return body[:limit], None if len(body) <= limit else f"longer than {limit} bytes; cut there"
    unpacker = zlib.decompressobj(31)
    out: list[bytes] = []
    size = 0
    try:
        for start in range(0, len(body), 1 << 14):
            piece = body[start : start + (1 << 14)]
            while piece and not unpacker.eof:
                out.append(unpacker.decompress(piece, 1 << 20))
                size += len(out[-1])
                if size > limit:
                    return b"".join(out)[:limit], f"longer than {limit} bytes unpacked; cut there"
                if size > _SMALL and size > _RATIO * len(body):
                    return b"".join(out), f"unpacks to more than {_RATIO} times its size; cut there"
                piece = unpacker.unconsumed_tail
    except zlib.error:
        return b"".join(out), DAMAGED
    return b"".join(out), None if unpacker.eof else CUT_SHORT


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name in ("ascii", "iso8859-1"):
        return "cp1252" if name == "iso8859-1" else "utf-8"  # what these labels mean in practice
    return name if _TEXT.fullmatch(name) else None
