"""One article's whole proof as one file: versions, differences, checks, controls, raw responses, proofs, checkpoints, a verifier.

The file is a WACZ, which replay tools open. Everything that a claim rests on is an entry of the log with its proof; what
versions say, which an entry has only the hash of, stands beside it. `verifier.py` is in it and checks all of it offline.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from newscrawl.errors import ArchiveError, NotFound, WarcError
from newscrawl.judge.diff.differences import FieldDiff, compare
from newscrawl.model import ArticleRecord, Capture, Content, VersionRecord
from newscrawl.proof import cover, entries, log as logs, merkle, verifier
from newscrawl.proof.log import Place
from newscrawl.proof.notes import Checkpoint, Note, PrivateKey
from newscrawl.proof.outside.covering import covered, firsts
from newscrawl.proof.proving import Proven, prove
from newscrawl.proof.tiles import Tiles
from newscrawl.store.proof.book import Book, Signed
from newscrawl.warc import build
from newscrawl.warc.cdxj import mime_of
from newscrawl.warc.reader import read_packed
from newscrawl.warc.wacz import PackedRecord, Page, pack

FORMAT = "newscrawl-evidence-1"


@dataclass(frozen=True, slots=True)
class Made:
    """An evidence file, and what it holds."""

    data: bytes
    entries: int
    responses: int
    versions: int
    size: int
    key: str


def make(
    book: Book, place: Place, article: ArticleRecord, versions: Sequence[VersionRecord], now: datetime
) -> Made:
    """The evidence of an article. Raises NotFound where there is no log or it does not have all of the article, ArchiveError."""
    key = logs.private_key(place)
    last = book.last()
    if key is None or last is None:
        raise NotFound(
            "there is no log yet, or its key is on another machine", hint="Run: newscrawl proof init"
        )
    story = book.story(article.id)
    if story.missing:
        raise NotFound(
            f"{len(story.missing):,} rows of it are not in the log yet",
            subject=f"article {article.id}",
            hint="Run: newscrawl proof init",
        )
    proven = prove(book, place, [index for found in story.entries.values() for index in found])
    records = _records(place.warc, story.captures)
    said = {str(number): entries.said(values) for number, values in story.said.items()}
    origin = Checkpoint.parse(Note.parse(last.note).text).origin
    differences = [
        (one.number, other.number, compare(Content.of(one.article), Content.of(other.article)))
        for one, other in pairwise(versions)
    ]
    told = {
        "format": FORMAT,
        "article": article.id,
        "url": article.url,
        "title": article.article.title,
        "state": article.state.value,
        "made": entries.instant(now),
        "software": place.software,
        "origin": origin,
        "key": key.public.vkey,
        "controls": story.controls,
        "given_up": {str(number): list(ids) for number, ids in story.given_up.items()},
        "said": said,
        "differences": [_difference(*one) for one in differences],
    }
    indexes = [one.index for one in proven]
    checkpoints = _earlier(book, place, indexes, last)
    outside, files = covered(place.folder, indexes, last)
    told["outside"] = [{name: one[name] for name in ("who", "how", "size", "at")} for one in outside]
    page = cover.render(told, [json.loads(one.entry) for one in proven], last, differences, versions)
    more = {
        "proof/cover.html": page.encode(),
        "proof/evidence.json": (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode(),
        "proof/checkpoint": last.note.encode(),
        "proof/checkpoints.jsonl": "".join(f"{json.dumps(one)}\n" for one in checkpoints).encode(),
        "proof/entries.jsonl": "".join(map(_line, proven)).encode(),
        "proof/key.txt": f"{key.public.vkey}\n".encode(),
        "proof/outside.jsonl": "".join(f"{json.dumps(one)}\n" for one in outside).encode(),
        "proof/verify.py": Path(verifier.__file__).read_bytes(),
        **files,
    }
    info = f"software: {place.software}\r\nformat: WARC File Format 1.1\r\n".encode()
    data = pack(
        records,
        [Page(one.url, one.at, article.article.title or one.url) for one in records if one.status == 200],
        title=article.article.title or article.url,
        created=now,
        software=place.software,
        more=more,
        head=build.warcinfo("data.warc.gz", build.new_id(), now, info),
        sign=lambda digest: _signed(key, origin, digest),
    )
    return Made(data, len(proven), len(records), len(said), last.size, key.public.vkey)


def _signed(key: PrivateKey, origin: str, digest: str) -> Mapping[str, str]:
    return {"note": key.sign(f"newscrawl evidence\n{origin}\n{digest}\n")}


def _line(one: Proven) -> str:
    values = {
        "index": one.index,
        "entry": json.loads(one.entry),
        "path": [step.hex() for step in one.path],
    }
    return json.dumps(values, ensure_ascii=False) + "\n"


def _records(root: Path, captures: Sequence[Capture]) -> list[PackedRecord]:
    """The raw records as they lie in the archive, checked, each once."""
    found = []
    for capture in captures:
        ref = capture.ref
        try:
            record, data = read_packed(root, ref)
        except WarcError as error:
            raise ArchiveError(
                f"a raw response that it rests on cannot be read: {error}",
                subject=f"{ref.file}, byte {ref.offset}",
                hint="Put the file back from a copy: newscrawl verify",
            ) from error
        url = record.url or capture.url
        found.append(PackedRecord(data, url, capture.at, capture.status, mime_of(capture), ref.digest))
    return found


def _earlier(book: Book, place: Place, indexes: Sequence[int], last: Signed) -> list[dict[str, Any]]:
    """The first checkpoint that had each entry, with the proof that the log only grew since."""
    read, found = Tiles(place.folder, last.size), []
    for one in firsts([one for one in book.checkpoints() if one.size < last.size], indexes):
        path = merkle.consistency(one.size, last.size, read.node)
        found.append({"note": one.note, "path": [step.hex() for step in path]})
    return found


def _difference(before: int, after: int, found: Sequence[FieldDiff]) -> dict[str, Any]:
    return {
        "from": before,
        "to": after,
        "fields": [
            {
                "field": one.field,
                "blocks": [[[s.op.value, s.text] for s in block.spans] for block in one.blocks],
            }
            for one in found
        ],
    }
