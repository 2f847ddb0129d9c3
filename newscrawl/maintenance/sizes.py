"""How many bytes an article takes: its raw responses, packed as they lie and unpacked, and the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from newscrawl.errors import WarcError
from newscrawl.model import SizeRecord
from newscrawl.store.read.reader import Reader
from newscrawl.warc.reader import inside

_TRAILER = 4  # bytes at the end of a gzip member: how long it is unpacked, little-endian (RFC 1952)


def sizes(
    reader: Reader,
    warc: Path,
    database: int | None,
    *,
    source: str | None = None,
    step: Callable[[], None] = lambda: None,
) -> list[SizeRecord]:
    """One record a source by name; without `source` a last one of all, with the bytes of the `database`.

    Of each response four bytes are read: every record is a gzip member, whose end says how long it is unpacked. `step` is called
    for each. Raises UnknownSource.
    """
    articles: Counter[str] = Counter()
    for one in reader.sources():
        articles[one.source] += one.articles
    responses, raw, plain, unknown = Counter[str](), Counter[str](), Counter[str](), set[str]()
    with ExitStack() as opened:
        name, file = "", None
        for owner, ref in reader.places(source=source):
            step()
            if ref.file != name:
                opened.close()
                name, file = ref.file, _open(warc, ref.file, opened)
            responses[owner] += 1
            raw[owner] += ref.length
            unpacked = _unpacked(file, ref.offset + ref.length)
            if unpacked is None:
                unknown.add(owner)
            else:
                plain[owner] += unpacked
    found = [
        SizeRecord(
            owner, articles[owner], responses[owner], raw[owner], None if owner in unknown else plain[owner]
        )
        for owner in sorted(articles)
        if source in (None, owner)
    ]
    if source is None:
        total = None if unknown else plain.total()
        found.append(SizeRecord(None, articles.total(), responses.total(), raw.total(), total, database))
    return found


def _open(warc: Path, name: str, opened: ExitStack) -> BinaryIO | None:
    try:
        return opened.enter_context(inside(warc, name).open("rb"))
    except (OSError, WarcError):  # on another machine, or lost: `verify` says so
        return None


def _unpacked(file: BinaryIO | None, end: int) -> int | None:
    if file is None:
        return None
    file.seek(max(end - _TRAILER, 0))
    trailer = file.read(_TRAILER)
    return int.from_bytes(trailer, "little") if len(trailer) == _TRAILER else None
