"""Files in the ARC format, which archives wrote before WARC: turned into WARC, so that one reader reads both."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

MAGIC = b"filedesc://"
"""How an ARC file begins, unpacked."""

_LINE = 1 << 16  # bytes of a header line; a longer line is no header
_PIECE = 1 << 20
_DATES = {
    8: "{0}-{1}-{2}",
    12: "{0}-{1}-{2}T{3}:{4}Z",
    14: "{0}-{1}-{2}T{3}:{4}:{5}Z",
}  # by the number of digits
_WEB = (b"http://", b"https://")


def to_warc(source: BinaryIO, target: BinaryIO, check: Callable[[int], None]) -> str | None:
    """Writes the records of an ARC file as WARC records; what was left of it and why, None if nothing was.

    What the ARC file does not say (an id, digests) the records do not have. After a line that begins no record what
    follows is left up to the next line that begins one of the web. `check` is called with the bytes read so far and
    may raise.
    """
    problem: str | None = None
    lost = False
    while True:
        at = source.tell()
        check(at)
        line = source.readline(_LINE)
        if not line:
            return problem
        if not line.strip(b"\r\n\0"):
            continue
        head = _head(line) if not lost or line.lower().startswith(_WEB) else None
        if head is None:
            problem = problem or f"no record begins at byte {at}; what follows was left up to the next record"
            lost = True
            continue
        lost = False
        warc, length = head
        target.write(b"WARC/1.1\r\n" + warc + b"Content-Length: %d\r\n\r\n" % length)
        while length:
            piece = source.read(min(length, _PIECE))
            if not piece:
                return (
                    f"{problem}; the last record is cut short" if problem else "the last record is cut short"
                )
            target.write(piece)
            length -= len(piece)
        target.write(b"\r\n\r\n")


def _head(line: bytes) -> tuple[bytes, int] | None:
    """The fields of a WARC record and the length of its block, from the line before an ARC record; None for any other line.

    Version 1 has five fields (address, IP address, date, type, length), version 2 others between type and length.
    """
    fields = line.strip().split(b" ")
    at = next(
        (n for n in range(2, len(fields) - 2) if fields[n].isdigit() and len(fields[n]) in _DATES), None
    )
    if at is None or not fields[-1].isdigit() or len(fields[-1]) > 15 or not line.endswith(b"\n"):
        return None
    address, digits = b" ".join(fields[: at - 1]), fields[at].decode("ascii")
    pairs = (digits[:4], *(digits[n : n + 2] for n in range(4, len(digits), 2)))
    date = _DATES[len(digits)].format(*pairs).encode()
    if address.startswith(MAGIC):
        kind, content = b"warcinfo", fields[at + 1]
    else:
        web = address.lower().startswith(_WEB)
        kind, content = b"response", b"application/http; msgtype=response" if web else fields[at + 1]
    rows = (
        (b"WARC-Type", kind),
        (b"WARC-Target-URI", address),
        (b"WARC-Date", date),
        (b"WARC-IP-Address", fields[at - 1]),
        (b"Content-Type", content),
    )
    return b"".join(name + b": " + value + b"\r\n" for name, value in rows), int(fields[-1])
