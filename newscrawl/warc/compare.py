"""One WARC file against what the database says of it, and what the file holds beyond that. Reads only; asks no database."""

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
"""A record that inflates to more is not checked but reported: no response we store comes near it."""

_CAPTURED = ("response", "revisit")


@dataclass(slots=True)
class Compared:
    """What one file came to. `captures` rows were looked up, `digests` payloads recomputed.

    `unclaimed` responses and revisits have no row (`robots` of them are robots.txt); `torn` bytes at
    the end are no whole record and nothing refers to them: the rest of a killed run, or one that goes on.
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
    """Checks the file (relative to `root`) against `expected`: rows (id, capture) in the order of their offsets.

    Reads the file once from its beginning to the end it has now, gzip member by member or
    uncompressed; digests are computed from the bytes. `quick` looks at the beginning of each expected
    record alone. Whatever is wrong is in `problems`; nothing is raised but for bugs.
    """
    said = Compared(file)
    try:
        path = inside(root, file)
        said.size = path.stat().st_size
        (_glance if quick else _walk)(path, said, _Rows(expected))
    except FileNotFoundError:
        if missing := sum(1 for _ in expected):
            _file(said, ProblemKind.FILE_MISSING, f"the file is missing; {_captures(missing)} lie in it")
    except OSError as error:
        _file(said, ProblemKind.FILE_UNREADABLE, f"cannot be read: {error.strerror or error}")
    except WarcError as error:
        _file(said, ProblemKind.FILE_UNREADABLE, error.message)
    return said


class _Rows:
    """The expected rows, taken from the front as the file is walked."""

    def __init__(self, expected: Iterable[tuple[int, Capture]]) -> None:
        self._rows = iter(expected)
        self._next = next(self._rows, None)

    def before(self, end: int) -> Iterator[tuple[int, Capture]]:
        """The rows not yet taken whose offset lies before `end`."""
        while self._next is not None and self._next[1].ref.offset < end:
            row, self._next = self._next, next(self._rows, None)
            yield row


def _walk(path: Path, said: Compared, rows: _Rows) -> None:
    # Records that share a gzip member share its offset.
    for offset, group in groupby(records(path, limit=RECORD_LIMIT), key=lambda item: item.offset):
        here: list[Record] = []
        for item in group:
            if isinstance(item, Damage):
                _damage(item, said, rows)
            else:
                here.append(item)
        if here:
            _group(offset, here, said, rows)
    _beyond(said, rows)


def _group(offset: int, here: list[Record], said: Compared, rows: _Rows) -> None:
    by_id = {record.id: record for record in here}
    claimed = set()
    for number, capture in rows.before(offset + here[0].length):
        said.captures += 1
        if capture.ref.offset != offset:
            message = f"no record begins there; one does at byte {offset}"
            _record(said, ProblemKind.RECORD_MISSING, message, number, capture)
        elif (record := by_id.get(capture.ref.record_id)) is None:
            message = f"another record lies there ({here[0].id or 'without id'})"
            _record(said, ProblemKind.RECORD_DIFFERS, message, number, capture)
        else:
            claimed.add(record.id)
            _check(record, number, capture, said)
    for record in here:
        if record.type in _CAPTURED and record.id not in claimed:
            said.unclaimed += 1
            said.robots += urlsplit(record.url or "").path == "/robots.txt" if _splits(record.url) else 0


def _splits(url: str | None) -> bool:
    try:
        urlsplit(url or "")
    except ValueError:
        return False
    return True


def _damage(damage: Damage, said: Compared, rows: _Rows) -> None:
    hit = 0
    for number, capture in rows.before(damage.offset + damage.length):
        said.captures += 1
        hit += 1
        _record(said, ProblemKind.RECORD_DAMAGED, damage.problem, number, capture)
    if hit:
        return
    if damage.tail and damage.length <= LONGEST_TAIL:
        said.torn = damage.length
    else:
        message = f"{damage.length} bytes from byte {damage.offset} on are no record ({damage.problem}); no capture refers to them"
        _file(said, ProblemKind.FILE_DAMAGED, message, damage.offset)


def _beyond(said: Compared, rows: _Rows) -> None:
    beyond = sum(1 for _ in rows.before(1 << 63))
    said.captures += beyond
    if beyond:
        message = f"ends at byte {said.size}; {_captures(beyond)} should lie behind that"
        _file(said, ProblemKind.FILE_SHORT, message, said.size)


def _glance(path: Path, said: Compared, rows: _Rows) -> None:
    with path.open("rb") as file:
        shared: dict[str, Record] = {}  # the records of the last gzip member that held several
        for number, capture in rows.before(said.size):
            said.captures += 1
            ref = capture.ref
            if ref.offset + ref.length > said.size:
                message = "the file ends before the record does"
                _record(said, ProblemKind.RECORD_DAMAGED, message, number, capture)
                continue
            try:
                record = shared.get(ref.record_id) or beginning(file, ref.offset)
                if record.id != ref.record_id:
                    shared = {one.id: one for one in together(file, ref.offset, RECORD_LIMIT)}
            except ValueError as error:
                damaged = begins(file, ref.offset)
                kind = ProblemKind.RECORD_DAMAGED if damaged else ProblemKind.RECORD_MISSING
                _record(said, kind, str(error), number, capture)
                continue
            record = shared.get(ref.record_id, record)
            if record.id != ref.record_id:
                message = f"another record lies there ({record.id or 'without id'})"
                _record(said, ProblemKind.RECORD_DIFFERS, message, number, capture)
            elif not begins(file, ref.offset + ref.length):
                message = f"{ref.length} bytes long by the database, but no record begins behind them"
                _record(said, ProblemKind.RECORD_DIFFERS, message, number, capture)
            elif why := _difference(record, capture):
                _record(said, ProblemKind.RECORD_DIFFERS, why, number, capture)
        if said.size and path.suffix != ".warc" and not whole_at_end(file, said.size):
            said.torn = 1
    _beyond(said, rows)


def _check(record: Record, number: int, capture: Capture, said: Compared) -> None:
    if record.problem:
        _record(
            said, ProblemKind.RECORD_DAMAGED, f"too long to be checked: {record.problem}", number, capture
        )
    elif record.length != capture.ref.length:
        message = f"{record.length} bytes long, {capture.ref.length} by the database"
        _record(said, ProblemKind.RECORD_DIFFERS, message, number, capture)
    elif why := _difference(record, capture):
        _record(said, ProblemKind.RECORD_DIFFERS, why, number, capture)
    elif why := _wrong_digest(record, capture):
        _record(said, ProblemKind.DIGEST_WRONG, why, number, capture)
    else:
        said.digests += 1


def _difference(record: Record, capture: Capture) -> str | None:
    """What the record says otherwise than the row, if anything."""
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
    """Which digest is wrong, if one is; the payload's is computed, never taken from the header."""
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
    else:  # it holds no payload: the digest is that of the response it repeats
        made = stated or digest_like(wanted, b"")
    if made != wanted:
        return f"its payload has the digest {made or 'of an unknown kind'}, {wanted} by the database"
    if stated and stated.partition(":")[0] == wanted.partition(":")[0] and stated != wanted:
        return f"its header says {stated}, {wanted} by the database"
    return None


def digest_like(stated: str, data: bytes) -> str | None:
    """The digest of `data` by the algorithm and in the spelling of `stated` ("sha1:" and base 32, "sha256:" and hexadecimal …); None for one nobody knows."""
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


def _file(said: Compared, kind: ProblemKind, message: str, offset: int | None = None) -> None:
    said.problems.append(Problem(kind, said.file, message, offset=offset))


def _record(said: Compared, kind: ProblemKind, message: str, number: int, capture: Capture) -> None:
    offset = capture.ref.offset
    text = f"capture {number} of {capture.url}, byte {offset}: {message}"
    said.problems.append(Problem(kind, said.file, text, offset=offset, capture=number))
