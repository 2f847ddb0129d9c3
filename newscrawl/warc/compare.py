"""Compares one WARC file with the captures that the database says it contains."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from newscrawl.errors import WarcError
from newscrawl.model import Capture, Problem, ProblemKind
from newscrawl.warc.reader import inside
from newscrawl.warc.record import Record
from newscrawl.warc.repair import LONGEST_TAIL
from newscrawl.warc.scan import Damage, beginning, begins, records, together, whole_at_end

RECORD_LIMIT = 512 << 20
"""A record that inflates to more bytes is reported instead of checked: no stored response comes near it."""

_CAPTURED = ("response", "revisit")


@dataclass(slots=True)
class Compared:
    """The result for one file. `captures` rows were checked, `digests` payloads recomputed.

    `unclaimed` responses and revisits have no row (`robots` of them are robots.txt). `torn` bytes at the end are
    not a whole record and no row refers to them: a run was killed there or is still writing.
    """

    file: str
    size: int = 0
    captures: int = 0
    digests: int = 0
    unclaimed: int = 0
    robots: int = 0
    torn: int = 0
    problems: list[Problem] = field(default_factory=list)


def compare(
    root: Path, file: str, expected: Iterable[tuple[int, Capture]], *, quick: bool = False
) -> Compared:
    """Check the file (relative to `root`) against `expected`: rows (id, capture) in the order of their offsets.

    Reads the file once to its present end, gzip member by member or uncompressed, and computes digests from the
    bytes. With `quick` only the beginning of each expected record is read. Everything wrong is in `problems`;
    errors of the file are not raised.
    """
    result = Compared(file)
    try:
        path = inside(root, file)
        result.size = path.stat().st_size
        (_read_beginnings if quick else _read_all)(path, result, _Rows(expected))
    except FileNotFoundError:
        if missing := sum(1 for _ in expected):
            _file(result, ProblemKind.FILE_MISSING, f"the file is missing; {_captures(missing)} lie in it")
    except OSError as error:
        _file(result, ProblemKind.FILE_UNREADABLE, f"cannot be read: {error.strerror or error}")
    except WarcError as error:
        _file(result, ProblemKind.FILE_UNREADABLE, error.message)
    return result


class _Rows:
    """The expected rows, taken in order while the file is read."""

    def __init__(self, expected: Iterable[tuple[int, Capture]]) -> None:
        self._rows = iter(expected)
        self._next = next(self._rows, None)

    def before(self, end: int) -> Iterator[tuple[int, Capture]]:
        """The rows not taken yet whose offset is before `end`."""
        while self._next is not None and self._next[1].ref.offset < end:
            row, self._next = self._next, next(self._rows, None)
            yield row


def _read_all(path: Path, result: Compared, rows: _Rows) -> None:
    # Records that share a gzip member share its offset.
    for offset, group in groupby(records(path, limit=RECORD_LIMIT), key=lambda item: item.offset):
        in_member: list[Record] = []
        for item in group:
            if isinstance(item, Damage):
                _damage(item, result, rows)
            else:
                in_member.append(item)
        if in_member:
            _group(offset, in_member, result, rows)
    _rows_behind_end(result, rows)


def _group(offset: int, in_member: list[Record], result: Compared, rows: _Rows) -> None:
    by_id = {record.id: record for record in in_member}
    claimed = set()
    for number, capture in rows.before(offset + in_member[0].length):
        result.captures += 1
        if capture.ref.offset != offset:
            message = f"no record begins there; one does at byte {offset}"
            _record(result, ProblemKind.RECORD_MISSING, message, number, capture)
        elif (record := by_id.get(capture.ref.record_id)) is None:
            message = f"another record lies there ({in_member[0].id or 'without id'})"
            _record(result, ProblemKind.RECORD_DIFFERS, message, number, capture)
        else:
            claimed.add(record.id)
            _check(record, number, capture, result)
    for record in in_member:
        if record.type in _CAPTURED and record.id not in claimed:
            result.unclaimed += 1
            result.robots += urlsplit(record.url or "").path == "/robots.txt" if _splits(record.url) else 0


def _splits(url: str | None) -> bool:
    try:
        urlsplit(url or "")
    except ValueError:
        return False
    return True


def _damage(damage: Damage, result: Compared, rows: _Rows) -> None:
    hit = 0
    for number, capture in rows.before(damage.offset + damage.length):
        result.captures += 1
        hit += 1
        _record(result, ProblemKind.RECORD_DAMAGED, damage.problem, number, capture)
    if hit:
        return
    if damage.tail and damage.length <= LONGEST_TAIL:
        result.torn = damage.length
    else:
        message = f"{damage.length} bytes from byte {damage.offset} on are no record ({damage.problem}); no capture refers to them"
        _file(result, ProblemKind.FILE_DAMAGED, message, damage.offset)


def _rows_behind_end(result: Compared, rows: _Rows) -> None:
    beyond = sum(1 for _ in rows.before(1 << 63))
    result.captures += beyond
    if beyond:
        message = f"ends at byte {result.size}; {_captures(beyond)} should lie behind that"
        _file(result, ProblemKind.FILE_SHORT, message, result.size)


def _read_beginnings(path: Path, result: Compared, rows: _Rows) -> None:
    with path.open("rb") as file:
        shared: dict[str, Record] = {}  # the records of the last gzip member with several
        for number, capture in rows.before(result.size):
            result.captures += 1
            ref = capture.ref
            if ref.offset + ref.length > result.size:
                message = "the file ends before the record does"
                _record(result, ProblemKind.RECORD_DAMAGED, message, number, capture)
                continue
            try:
                record = shared.get(ref.record_id) or beginning(file, ref.offset)
                if record.id != ref.record_id:
                    shared = {one.id: one for one in together(file, ref.offset, RECORD_LIMIT)}
            except ValueError as error:
                damaged = begins(file, ref.offset)
                kind = ProblemKind.RECORD_DAMAGED if damaged else ProblemKind.RECORD_MISSING
                _record(result, kind, str(error), number, capture)
                continue
            record = shared.get(ref.record_id, record)
            if record.id != ref.record_id:
                message = f"another record lies there ({record.id or 'without id'})"
                _record(result, ProblemKind.RECORD_DIFFERS, message, number, capture)
            elif not begins(file, ref.offset + ref.length):
                message = f"{ref.length} bytes long by the database, but no record begins behind them"
                _record(result, ProblemKind.RECORD_DIFFERS, message, number, capture)
            elif why := _difference(record, capture):
                _record(result, ProblemKind.RECORD_DIFFERS, why, number, capture)
        if result.size and path.suffix != ".warc" and not whole_at_end(file, result.size):
            result.torn = 1
    _rows_behind_end(result, rows)


def _check(record: Record, number: int, capture: Capture, result: Compared) -> None:
    if record.problem:
        _record(
            result, ProblemKind.RECORD_DAMAGED, f"too long to be checked: {record.problem}", number, capture
        )
    elif record.length != capture.ref.length:
        message = f"{record.length} bytes long, {capture.ref.length} by the database"
        _record(result, ProblemKind.RECORD_DIFFERS, message, number, capture)
    elif why := _difference(record, capture):
        _record(result, ProblemKind.RECORD_DIFFERS, why, number, capture)
    elif why := _wrong_digest(record, capture):
        _record(result, ProblemKind.DIGEST_WRONG, why, number, capture)
    else:
        result.digests += 1


def _difference(record: Record, capture: Capture) -> str | None:
    """How the record differs from the row, or None."""
    kind = "response" if capture.ref.kind == "response" else "revisit"
    http = record.http()
    if record.type != kind:
        return f"a {record.type or 'record without type'}, a {capture.ref.kind} by the database"
    if kind == "response" and http is None:
        return "holds no HTTP response"
    if record.url != capture.url:
        return f"of the address {record.url}, {capture.url} by the database"
    if record.at != capture.at:
        return f"of {record.at}, {capture.at} by the database"
    if http is not None and http.status != capture.status:
        return f"with status {http.status}, {capture.status} by the database"
    refers_to = record.get("WARC-Refers-To")
    if refers_to and capture.refers_to is not None and refers_to != capture.refers_to.record_id:
        return f"repeats {refers_to}, {capture.refers_to.record_id} by the database"
    return None


def _wrong_digest(record: Record, capture: Capture) -> str | None:
    """Which digest is wrong, or None; that of the payload is computed, not taken from the header."""
    block, stated, wanted = (
        record.get("WARC-Block-Digest"),
        record.get("WARC-Payload-Digest"),
        capture.ref.digest,
    )
    if block and (made := digest_like(block, record.block)) is not None and made != block:
        return f"its block has the digest {made}, {block} by its header"
    if record.type == "response":
        http = record.http()
        made = digest_like(wanted, http.body if http else b"")
    else:  # a revisit has no payload: the digest is that of the response it repeats
        made = stated or digest_like(wanted, b"")
    if made != wanted:
        return f"its payload has the digest {made or 'of an unknown kind'}, {wanted} by the database"
    if stated and stated.partition(":")[0] == wanted.partition(":")[0] and stated != wanted:
        return f"its header says {stated}, {wanted} by the database"
    return None


def digest_like(stated: str, data: bytes) -> str | None:
    """The digest of `data` in the algorithm and notation of `stated`; None for an unknown algorithm.

    For instance "sha1:" and base 32, or "sha256:" and hexadecimal.
    """
    name, _, value = stated.partition(":")
    algorithm = name.lower().replace("-", "")
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return None
    made = hashlib.new(algorithm, data, usedforsecurity=False)
    if len(value) == made.digest_size * 2:
        return f"{name}:{made.hexdigest().upper() if value.isupper() else made.hexdigest()}"
    return f"{name}:{b32encode(made.digest()).decode()}"


def _captures(number: int) -> str:
    return f"{number:,} capture" if number == 1 else f"{number:,} captures"


def _file(result: Compared, kind: ProblemKind, message: str, offset: int | None = None) -> None:
    result.problems.append(Problem(kind, result.file, message, offset=offset))


def _record(result: Compared, kind: ProblemKind, message: str, number: int, capture: Capture) -> None:
    offset = capture.ref.offset
    text = f"capture {number} of {capture.url}, byte {offset}: {message}"
    result.problems.append(Problem(kind, result.file, text, offset=offset, capture=number))
