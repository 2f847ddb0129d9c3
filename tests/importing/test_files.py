"""Imports of WARC files: every usual and every broken one, counted to the last record, and the archive that comes of it."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.cli import cli
from newscrawl.cli.crawling import import_warc
from newscrawl.cli.crawling.sources import classes
from newscrawl.config import Config
from newscrawl.errors import ArchiveError
from newscrawl.importing import recording
from newscrawl.importing.outcomes import Counters
from newscrawl.importing.outlets import outlets_for
from newscrawl.importing.record_pages import read
from newscrawl.importing.run import Import
from newscrawl.model import Dates, FetchOutcome
from newscrawl.store.archive import Archive, open_archive
from newscrawl.store.engine import open_engine
from newscrawl.warc import payload_digest, read_body
from tests.support.fresh import seed
from tests.support.pagebuilder import ENGLISH, RUSSIAN, article_page

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIRST = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
HOST = "https://www.desk.example"
ANY = Dates()
ROOT = Path(__file__).parents[2]


class _Watch:
    def surveyed(self, done, total):
        assert 0 <= done <= max(total, done)

    def taken(self, done, total):
        assert done <= total


def page(
    number: int = 101, *, published: str | None = "2026-05-01T08:00:00+05:00", spec=ENGLISH, **fields
) -> bytes:
    """A made-up article page."""
    metas = {"article:published_time": published} if published else {}
    title = f"Village of Aksai opens library number {number} in an old mill"
    return article_page(spec.but(**({"metas": metas, "latest": 0, "title": title} | fields))).encode()


def url_of(number: int = 101) -> str:
    return f"{HOST}/bakery-wins-a-prize-{number}"


class Maker:
    """Writes a WARC file of somebody else, record by record, with warcio."""

    def __init__(self, *, packed: bool = True, version: str = "1.0") -> None:
        self.out = io.BytesIO()
        self.writer = WARCWriter(self.out, gzip=packed, warc_version=version)

    def response(
        self,
        body: bytes,
        url: str | None = None,
        at: datetime | str = FIRST,
        status="200 OK",
        headers=(),
        kind="text/html",
        **warc,
    ):
        heads = StatusAndHeaders(status, [("Content-Type", kind), *headers], protocol="HTTP/1.1")
        named = {"WARC-Date": at if isinstance(at, str) else at.strftime("%Y-%m-%dT%H:%M:%SZ"), **warc}
        record = self.writer.create_warc_record(
            url or url_of(),
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=heads,
            warc_headers_dict=named,
        )
        self.writer.write_record(record)
        return self

    def revisit(
        self,
        body: bytes,
        url: str | None = None,
        at: datetime = FIRST,
        refers: datetime | None = None,
        status: str | None = None,
        **warc,
    ):
        heads = (
            StatusAndHeaders(status, [("Content-Type", "text/html")], protocol="HTTP/1.1") if status else None
        )
        record = self.writer.create_revisit_record(
            url or url_of(), payload_digest(body), url or url_of(), (refers or FIRST).strftime("%Y-%m-%dT%H:%M:%SZ"),
            http_headers=heads, warc_headers_dict={"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **warc},
        )  # fmt: skip
        self.writer.write_record(record)
        return self

    def other(
        self, kind: str, content_type="application/octet-stream", url: str | None = None, body=b"k: v\r\n"
    ):
        record = self.writer.create_warc_record(
            url or url_of(), kind, payload=io.BytesIO(body), length=len(body), warc_content_type=content_type
        )
        self.writer.write_record(record)
        return self

    def raw(self, block: bytes, at: datetime = FIRST):
        """An answer with any bytes for its head; as warcio would not write it."""
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url_of()}\r\nWARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        self.out.write(gzip.compress(head.encode() + block + b"\r\n\r\n"))
        return self

    def to(self, path: Path) -> Path:
        path.write_bytes(self.out.getvalue())
        return path


def take(
    home: Path, *files: Path, source=None, edition=None, table=None, dates=ANY, extracting=None
) -> Counters:
    """One import in this process."""
    config = Config(home=home, database_url=f"sqlite:///{home / 'newscrawl.db'}", clock=lambda: NOW)
    temporary = home / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    if not (home / "newscrawl.db").exists():
        seed(f"sqlite:///{home / 'newscrawl.db'}")
    for old in temporary.iterdir():
        old.unlink()
    target = recording.open_target(config, dates, ("test",))
    counters = Counters()
    one = Import(
        outlets=outlets_for(classes(), source, edition), counters=counters, watcher=_Watch(), now=NOW, temporary=temporary, dates=dates,
        extracting=extracting or (lambda jobs: ((job, read(job)) for job in jobs)), target=target, engine=target.engine,
    )  # fmt: skip
    try:
        if table is not None:
            one.folder(files[0], table)
        else:
            one.files(files)
    finally:
        target.engine.dispose()
    return counters


def outcomes(counters: Counters) -> dict[str, int]:
    return {kind: number for kind, number in counters.records.items() if number}


def rows(home: Path, query: str) -> list[tuple]:
    engine = open_engine(f"sqlite:///{home / 'newscrawl.db'}")
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


def everything(home: Path) -> dict[str, list[tuple]]:
    """What an archive holds, without what a second copy of it may have otherwise: ids, offsets, runs."""
    return {
        "articles": rows(home, "SELECT url_key, edition, version, state, title, first_seen, last_seen FROM articles ORDER BY 1"),
        "versions": rows(home, "SELECT a.url_key, number, at, content_hash, kinds FROM versions v JOIN articles a ON a.id = article_id ORDER BY 1, 2"),
        "observations": rows(home, "SELECT at, url, verdict, version, status FROM observations ORDER BY 1, 2"),
        "captures": rows(home, "SELECT url, at, digest, status FROM captures ORDER BY 1, 2"),
        "urls": rows(home, "SELECT url_key, kind, confirmed, first_seen FROM article_urls ORDER BY 1"),
    }  # fmt: skip


def two_texts(maker: Maker) -> Maker:
    """An article captured three times, in no order: edited between the first and the second capture."""
    edited = page(body=(*ENGLISH.body, "The roof will be mended in May, the volunteers say."))
    maker.response(edited, at=FIRST + timedelta(days=9))
    maker.response(page(), at=FIRST)
    return maker.response(edited, at=FIRST + timedelta(days=4))


PACKINGS = {
    "gzip by record, 1.0": (Maker(), lambda data: data),
    "gzip by record, 1.1": (Maker(version="1.1"), lambda data: data),
    "plain": (Maker(packed=False), lambda data: data),
    "gzip as a whole": (Maker(packed=False), gzip.compress),
    "gzip as a whole, torn": (Maker(packed=False).response(page(7), url_of(7)), lambda data: gzip.compress(data + b"WARC/1.0\r\nWARC-Ty")),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKINGS)
def test_packing(name, tmp_path):
    """However a file is packed, its captures become versions in the order of their instants."""
    maker, pack = PACKINGS[name]
    file = tmp_path / "some.warc"
    file.write_bytes(pack(two_texts(maker).out.getvalue()))
    counters = take(tmp_path / "a", file)
    counted = outcomes(counters)
    assert (counted["changed"], counted["unchanged"]) == (1, 1)
    found = rows(
        tmp_path / "a",
        "SELECT number, at FROM versions v JOIN articles a ON a.id = article_id WHERE url_key LIKE '%101' ORDER BY 1",
    )
    assert [number for number, _ in found] == [1, 2]
    assert [str(at)[:10] for _, at in found] == ["2026-05-01", "2026-05-05"]
    assert rows(tmp_path / "a", "SELECT DISTINCT name FROM sources") == [("desk.example",)]


def test_wacz(tmp_path):
    """The WARC files inside a WACZ are imported; names in it are never used as paths."""
    with zipfile.ZipFile(tmp_path / "some.wacz", "w") as archive:
        archive.writestr("../../archive/data.warc.gz", Maker().response(page()).out.getvalue())
        archive.writestr("pages/pages.jsonl", "{}")
    assert outcomes(take(tmp_path / "a", tmp_path / "some.wacz")) == {"new": 1}


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("archive/a.warc.gz", b""),
        ("archive/a.warc.gz", b"no WARC at all"),
        ("archive/a.warc.gz", gzip.compress(b"WARC/1.0\r\nno head")),
        ("archive/a.wacz", b"PK\x03\x04 and more"),
    ],
    ids=["empty", "no WARC", "no head", "a WACZ within"],
)
def test_one_bad_file_in_a_wacz(name, member, tmp_path):
    """It is named and counted, and the files beside it are taken, old ones as well; alone it ends the import."""
    old = _arc((url_of(3), "20080504000000", page(3, published="2008-05-01T08:00:00+05:00")))
    for number, others in enumerate([True, False]):
        with zipfile.ZipFile(tmp_path / f"{number}.wacz", "w") as archive:
            archive.writestr(name, member)
            if others:
                archive.writestr("archive/b.warc.gz", Maker().response(page()).out.getvalue())
                archive.writestr("archive/c.arc", old)
    counters = take(tmp_path / "a", tmp_path / "0.wacz")
    assert outcomes(counters) == {"new": 2, "no_response": 1, "damaged": 1}
    assert counters.problems[0].startswith(f"0.wacz/{name}: ")
    assert (counters.exit()[0], take(tmp_path / "a", tmp_path / "1.wacz").exit()[0]) == (4, 3)


RECORDS = {
    "request": (lambda m: m.other("request", "application/http; msgtype=request", body=b"GET / HTTP/1.1\r\n\r\n"), "no_response"),
    "metadata": (lambda m: m.other("metadata"), "no_response"),
    "warcinfo": (lambda m: m.other("warcinfo", "application/warc-fields"), "no_response"),
    "resource": (lambda m: m.other("resource", "text/html"), "no_response"),
    "conversion": (lambda m: m.other("conversion", "text/plain"), "no_response"),
    "dns": (lambda m: m.other("response", "text/dns", "dns:desk.example"), "no_response"),
    "an image": (lambda m: m.response(b"\x89PNG", kind="image/png"), "not_html"),
    "a server error": (lambda m: m.response(page(), status="503 Busy"), "error"),
    "a 404 of nothing known": (lambda m: m.response(b"gone", status="404 Not Found"), "nothing_there"),
    "a redirect": (lambda m: m.response(b"", status="301 Moved", headers=[("Location", "/x-1")]), "redirect"),
    "a redirect to no address": (lambda m: m.response(b"", status="301 Moved", headers=[("Location", "http://[x")]), "unreadable"),
    "a list": (lambda m: m.response(b"<html><body><ul>" + b"<li><a href='/a'>News</a></li>" * 30 + b"</ul></body></html>"), "not_article"),
    "a contact page": (lambda m: m.response(b"<html><body><h1>Contacts</h1><p>" + b"Write to us any time, we answer soon. " * 20 + b"</p></body></html>", f"{HOST}/contacts"), "not_article"),
    "chunked": (lambda m: m.response(b"%x\r\n%s\r\n0\r\n\r\n" % (len(page()), page()), headers=[("Transfer-Encoding", "chunked")]), "new"),
    "said to be chunked": (lambda m: m.response(page(), headers=[("Transfer-Encoding", "chunked")]), "new"),
    "gzip": (lambda m: m.response(gzip.compress(page()), headers=[("Content-Encoding", "gzip")]), "new"),
    "said to be gzip": (lambda m: m.response(page(), headers=[("Content-Encoding", "gzip")]), "new"),
    "an unknown coding": (lambda m: m.response(zlib.compress(page()), headers=[("Content-Encoding", "rot13")]), "unreadable"),
    "a bomb": (lambda m: m.response(gzip.compress(b" " * (20 << 20)), headers=[("Content-Encoding", "gzip")]), "unreadable"),
    "torn gzip": (lambda m: m.response(gzip.compress(page())[:-200], headers=[("Content-Encoding", "gzip")]), "truncated"),
    "cut by its maker": (lambda m: m.response(page()[:900], **{"WARC-Truncated": "length"}), "truncated"),
    "a 404 cut by its maker": (lambda m: m.response(b"go", status="404 Not Found", **{"WARC-Truncated": "length"}), "nothing_there"),
    "shorter than its length": (lambda m: m.response(page(), headers=[("Content-Length", "99999")]), "truncated"),
    "longer than its length": (lambda m: m.response(page(), headers=[("Content-Length", "99")]), "new"),
    "the length of other bytes": (lambda m: m.response(page(), headers=[("Content-Encoding", "gzip"), ("Content-Length", "99999")]), "new"),
    "without its last chunk": (lambda m: m.response(b"%x\r\n%s\r\n" % (len(page()), page()), headers=[("Transfer-Encoding", "chunked")]), "truncated"),
    "another digest": (lambda m: m.response(page(), **{"WARC-Payload-Digest": f"sha1:{'A' * 32}"}), "wrong_digest"),
    "a 404 of another digest": (lambda m: m.response(b"gone", status="404 Not Found", **{"WARC-Payload-Digest": f"sha1:{'A' * 32}"}), "wrong_digest"),
    "a digest in hexadecimal": (lambda m: m.response(page(), **{"WARC-Payload-Digest": f"sha256:{sha256(page()).hexdigest()}"}), "new"),
    "a digest of an unknown kind": (lambda m: m.response(page(), **{"WARC-Payload-Digest": "xyz:123"}), "new"),
    "a digest of the unpacked page": (lambda m: m.response(gzip.compress(page()), headers=[("Content-Encoding", "gzip")], **{"WARC-Payload-Digest": payload_digest(page())}), "new"),
    "a private network": (lambda m: m.response(page(), "http://10.0.0.7/bakery-wins-a-prize-101"), "private"),
    "this machine": (lambda m: m.response(page(), "http://localhost:8000/bakery-wins-a-prize-101"), "private"),
    "a day for a date": (lambda m: m.response(page(), at="2026-05-01"), "new"),
    "a month for a date": (lambda m: m.response(page(), at="2026-05"), "bad_date"),
    "a label that is no coding": (lambda m: m.response(page(), headers=[("Content-Encoding", "utf-8")]), "new"),
    "no type": (lambda m: m.response(page(), kind=""), "new"),
    "a user in the address": (lambda m: m.response(page(), "https://me:secret@desk.example/a-1"), "bad_address"),
    "a script for an address": (lambda m: m.response(page(), "javascript:alert(1)"), "bad_address"),
    "a file for an address": (lambda m: m.response(page(), "file:///etc/passwd"), "bad_address"),
    "before the web": (lambda m: m.response(page(), at="1988-01-01T00:00:00Z"), "bad_date"),
    "in the future": (lambda m: m.response(page(), at="2027-01-01T00:00:00Z"), "bad_date"),
    "no date at all": (lambda m: m.response(page(), at="yesterday"), "bad_date"),
    "a revisit of nothing": (lambda m: m.revisit(page()), "revisit_lost"),
    "a host in its own letters": (lambda m: m.response(page(), "https://жаңа.қаз/bakery-wins-a-prize-101"), "new"),
    "deflate, bare": (lambda m: m.response(zlib.compress(page())[2:-4], headers=[("Content-Encoding", "deflate")]), "new"),
    "gzip twice": (lambda m: m.response(gzip.compress(gzip.compress(page())), headers=[("Content-Encoding", "gzip, gzip")]), "new"),
    "chunks of gzip": (lambda m: m.response(b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(page(), mtime=0)), gzip.compress(page(), mtime=0)), headers=[("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]), "new"),
    "cut within a chunk": (lambda m: m.response(b"%x\r\n%s" % (2 * len(page()), page()), headers=[("Transfer-Encoding", "chunked")]), "truncated"),
    "a part of a page": (lambda m: m.response(page(), status="206 Partial Content"), "error"),
    "a machine's own service": (lambda m: m.response(page(), "http://169.254.169.254/bakery-wins-a-prize-101"), "private"),
    "seconds with a fraction": (lambda m: m.response(page(), at="2026-05-01T09:00:00.123456Z"), "new"),
    "no zone": (lambda m: m.response(page(), at="2026-05-01T09:00:00"), "bad_date"),
    "no head": (lambda m: m.raw(page()), "unreadable"),
    "a head of HTTP/2": (lambda m: m.raw(b"HTTP/2 200\r\ncontent-type: text/html\r\n\r\n" + page()), "new"),
    "a head of bare line ends": (lambda m: m.raw(b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n" + page()), "new"),
    "behind an interim answer": (lambda m: m.raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page()), "new"),
    "an interim answer alone": (lambda m: m.raw(b"HTTP/1.1 100 Continue\r\n\r\n"), "error"),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_record(name, tmp_path):
    """Every kind of record comes to exactly one outcome, and no kind of page stops an import."""
    add, outcome = RECORDS[name]
    maker = Maker()
    add(maker)
    assert outcomes(take(tmp_path / "a", maker.to(tmp_path / "one.warc.gz"))) == {outcome: 1}


def test_damage(tmp_path):
    """Broken records in the middle and a torn tail are counted; every whole record is taken, and the other files are."""
    pieces = [Maker().response(page(n), url_of(n)).out.getvalue() for n in (1, 2, 3, 4)]
    broken = bytearray(pieces[1])
    broken[len(broken) // 2] ^= 0xFF
    (tmp_path / "b.warc.gz").write_bytes(pieces[0] + bytes(broken) + pieces[2] + pieces[3][:-40])
    lie = (
        Maker(packed=False)
        .response(page(5), url_of(5))
        .out.getvalue()
        .replace(b"Content-Length: ", b"Content-Length: 2147483647", 1)
    )
    (tmp_path / "c.warc").write_bytes(
        lie + b"\r\n\r\n" + Maker(packed=False).response(page(6), url_of(6)).out.getvalue()
    )
    (tmp_path / "empty.warc.gz").touch()
    (tmp_path / "text.warc").write_text("hello")
    (tmp_path / "zeros.warc.gz").write_bytes(gzip.compress(b"\0" * 1000))
    files = [
        tmp_path / name
        for name in (
            "empty.warc.gz",
            "text.warc",
            "zeros.warc.gz",
            "missing.warc",
            "b.warc.gz",
            "c.warc",
            ".",
        )
    ]
    counters = take(tmp_path / "a", *files)
    assert outcomes(counters) == {"new": 3, "damaged": 3}
    assert len(counters.unread) == 5
    assert counters.exit()[0] == 4
    assert take(tmp_path / "a", *files[:2]).exit()[0] == 3


def test_revisits(tmp_path):
    """A revisit is an observation of the text of the answer it repeats, also where that is in another file or in the archive."""
    body = page()
    original = Maker().response(body).to(tmp_path / "z.warc.gz")
    again = Maker().revisit(body, at=FIRST + timedelta(days=2)).to(tmp_path / "a.warc.gz")
    third = Maker().revisit(body, at=FIRST + timedelta(days=3)).to(tmp_path / "b.warc.gz")
    assert outcomes(take(tmp_path / "a", again, original)) == {"new": 1, "unchanged": 1}
    assert outcomes(take(tmp_path / "a", third)) == {"unchanged": 1}
    assert len(rows(tmp_path / "a", "SELECT 1 FROM observations")) == 3


GONE = b"<html><body><p>Nothing here.</p></body></html>"
# What stands in a file beside a revisit, the revisit's status, and what all records come to.
REPEATED = {
    "of a 404": (lambda m: m.response(GONE, at=FIRST + timedelta(days=1), status="404 Not Found"), GONE, "404 Not Found", {"new": 1, "absent": 2}),
    "of a 410 that is not there": (lambda m: m, GONE, "410 Gone", {"new": 1, "absent": 1}),
    "of an image": (lambda m: m.response(b"\x89PNG", at=FIRST + timedelta(days=1), kind="image/png"), b"\x89PNG", "200 OK", {"new": 1, "not_html": 2}),
    "of a page cut by its maker": (lambda m: m.response(page()[:900], at=FIRST + timedelta(days=1), **{"WARC-Truncated": "time"}), page()[:900], "200 OK", {"new": 1, "truncated": 2}),
    "of a server error": (lambda m: m, GONE, "503 Busy", {"new": 1, "error": 1}),
    "of a page, said to be cut": (lambda m: m, page(), "200 OK", {"new": 1, "unchanged": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATED)
def test_what_a_revisit_repeats(name, tmp_path):
    """A revisit comes to what its original came to; that its body is left out is no cut. Importing again changes nothing."""
    add, body, status, expected = REPEATED[name]
    maker = add(Maker().response(page()))
    day = timedelta(days=1) if body != page() else timedelta()
    maker.revisit(
        body, at=FIRST + timedelta(days=3), refers=FIRST + day, status=status, **{"WARC-Truncated": "length"}
    )
    file = maker.to(tmp_path / "one.warc.gz")
    assert outcomes(take(tmp_path / "a", file)) == expected
    before = everything(tmp_path / "a")
    assert outcomes(take(tmp_path / "a", file)) == {
        "already" if kind in ("new", "unchanged", "absent") else kind: number
        for kind, number in {
            **expected,
            "new": sum(expected.get(k, 0) for k in ("new", "absent", "unchanged")),
        }.items()
        if kind not in ("absent", "unchanged")
    }
    assert everything(tmp_path / "a") == before


def test_a_wrong_digest_is_said(tmp_path):
    """It is named with its address, ends the import with 4, and a check that could not be read is no lost record."""
    maker = (
        Maker().response(page()).response(page(2), url_of(2), **{"WARC-Payload-Digest": f"sha1:{'A' * 32}"})
    )
    maker.response(b"<html><body><p>Busy.</p></body></html>", at=FIRST + timedelta(days=2))
    counters = take(tmp_path / "a", maker.to(tmp_path / "a.warc.gz"))
    assert outcomes(counters) == {"new": 1, "wrong_digest": 1, "failed": 1}
    assert (counters.exit()[0], url_of(2) in counters.problems[0]) == (4, True)
    assert "stored" not in counters.exit()[1]


def test_a_day_is_no_instant(tmp_path):
    """A capture dated by its day is an observation of that day, and says that its hour is not known."""
    take(tmp_path / "a", Maker().response(page(), at="2026-05-03").to(tmp_path / "a.warc.gz"))
    ((at, reason),) = rows(tmp_path / "a", "SELECT at, reason FROM observations")
    assert str(at).startswith("2026-05-03 23:59:59")
    assert "names no hour" in reason


def _arc(*records: tuple[str, str, bytes]) -> bytes:
    """An ARC file: a head, then address, date and answer of each record."""
    head = b"1 0 desk\nURL IP-address Archive-date Content-type Archive-length\n"
    out = b"filedesc://a.arc 0.0.0.0 20080501000000 text/plain %d\n%s\n" % (len(head), head)
    for url, date, body in records:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
        out += f"{url} 192.0.2.7 {date} text/html {len(block)}\n".encode() + block + b"\n"
    return out


@pytest.mark.parametrize("packed", [False, True])
def test_arc(tmp_path, packed):
    """The format before WARC, plain and gzipped: taken like any other; a torn end is said, and what came before is taken."""
    published = "2008-05-01T08:00:00+05:00"
    data = _arc(
        (url_of(1), "20080502091500", page(1, published=published)),
        (url_of(2), "20080503", page(2, published=published)),
        (url_of(3), "20080504000000", page(3, published=published)),
    )
    file = tmp_path / "old.arc"
    file.write_bytes(gzip.compress(data) if packed else data)
    assert outcomes(take(tmp_path / "a", file)) == {"new": 3, "no_response": 1}
    found = rows(tmp_path / "a", "SELECT at FROM observations ORDER BY at")
    assert [str(at)[:16] for (at,) in found] == ["2008-05-02 09:15", "2008-05-03 23:59", "2008-05-04 00:00"]
    file.write_bytes(gzip.compress(data[:-100]) if packed else data[:-100])
    counters = take(tmp_path / "b", file)
    assert outcomes(counters) == {"new": 2, "no_response": 1, "damaged": 2}
    assert counters.exit()[0] == 4


def test_a_line_that_begins_no_record_costs_an_arc_file_one_record(tmp_path):
    """Those behind it are read, and what was left is damage."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    out = b"filedesc://a.arc 0.0.0.0 20080501000000 text/plain 5\n1 0 x\n"
    for number, date in ((7, b"20080501000000"), (8, b"2008"), (9, b"20080503")):
        body = answer + page(number, published=None)
        out += b"%s 192.0.2.1 %s text/html %d\n%s\n" % (url_of(number).encode(), date, len(body), body)
    (tmp_path / "old.arc").write_bytes(out)
    counters = take(tmp_path / "x", tmp_path / "old.arc")
    found = outcomes(counters)
    assert (found.pop("damaged"), found.pop("no_response")) == (1, 1)
    assert sum(found.values()) == 2


def test_twice_and_in_parts(tmp_path, monkeypatch):
    """Importing again changes nothing; one file after the other leaves what all at once leave."""
    texts = (
        two_texts(Maker())
        .response(b"", at=FIRST + timedelta(days=20), status="410 Gone")
        .to(tmp_path / "a.warc.gz")
    )
    more = Maker().response(page(7), url_of(7)).response(page(7), url_of(7)).to(tmp_path / "b.warc.gz")
    moved = (
        Maker()
        .response(b"", f"{HOST}/old-7", status="301 Moved", headers=[("Location", url_of(7))])
        .to(tmp_path / "c.warc.gz")
    )
    counters = take(tmp_path / "x", texts, more, moved)
    assert outcomes(counters) == {
        "new": 2,
        "changed": 1,
        "unchanged": 1,
        "absent": 1,
        "already": 1,
        "redirect": 1,
    }
    before = everything(tmp_path / "x")
    assert outcomes(take(tmp_path / "x", moved, more, texts)) == {"already": 6, "redirect": 1}
    assert everything(tmp_path / "x") == before
    for file in (more, texts, moved):
        take(tmp_path / "y", file)
    assert everything(tmp_path / "y") == before
    assert ("https://desk.example/old-7", "lead", 0) in [row[:3] for row in before["urls"]]
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path / "x"))
    result = CliRunner().invoke(cli, ["verify"])
    assert result.exit_code == 0, result.output


def test_stopped_and_again(tmp_path, monkeypatch):
    """An import that dies in the middle and is started again leaves what one import leaves."""
    monkeypatch.setattr(recording, "BATCH", 4)
    maker = Maker()
    for number in range(1, 13):
        maker.response(page(number), url_of(number), at=FIRST + timedelta(minutes=number))
    file = maker.to(tmp_path / "a.warc.gz")

    def killed(jobs):
        for count, job in enumerate(jobs):
            if count == 9:
                raise KeyboardInterrupt
            yield job, read(job)

    with pytest.raises(KeyboardInterrupt):
        take(tmp_path / "x", file, extracting=killed)
    assert len(rows(tmp_path / "x", "SELECT 1 FROM articles")) == 8
    assert outcomes(take(tmp_path / "x", file)) == {"already": 8, "new": 4}
    take(tmp_path / "y", file)
    assert everything(tmp_path / "x") == everything(tmp_path / "y")


def test_own_copy(tmp_path):
    """The raw answer is copied with its instant and says where it came from: the archive stays whole when the file goes."""
    file = Maker().response(page()).to(tmp_path / "a.warc.gz")
    take(tmp_path / "a", file)
    file.unlink()
    engine = open_engine(f"sqlite:///{tmp_path / 'a' / 'newscrawl.db'}")
    archive = Archive(engine, "desk.example", NOW)
    capture = archive.earlier_capture(url_of())
    stored = read_body(tmp_path / "a" / "warc", capture)
    archive.close()
    assert stored.body == page()
    assert stored.at == capture.at == FIRST
    packed = (tmp_path / "a" / "warc" / capture.ref.file).read_bytes()
    assert b"Newscrawl-Import-File: a.warc.gz" in gzip.decompress(packed)


def test_registered_sources(tmp_path):
    """An address of a source with a spider goes to that source and edition, under its own identity rules."""
    address = "https://en.orda.kz/bakery-wins-a-prize-7101/"
    maker = (
        Maker()
        .response(page(), address)
        .response(page(), "https://en.orda.kz/amp/bakery-wins-a-prize-7101", at=FIRST + timedelta(days=1))
    )
    take(tmp_path / "a", maker.response(page(9), url_of(9)).to(tmp_path / "a.warc.gz"))
    found = rows(
        tmp_path / "a",
        "SELECT s.name, edition, url_key FROM articles a JOIN sources s ON s.id = a.source_id ORDER BY 1",
    )
    assert found == [
        ("desk.example", "en", "https://desk.example/bakery-wins-a-prize-9"),
        ("orda", "en", "https://en.orda.kz/bakery-wins-a-prize-7101"),
    ]
    assert ("orda:en:7101",) in rows(tmp_path / "a", "SELECT url_key FROM article_urls")


def test_source_named(tmp_path):
    """With a source named, addresses that are not its own are counted and left out."""
    file = (
        Maker()
        .response(page(), "https://en.orda.kz/bakery-7101")
        .response(page(9), url_of(9))
        .to(tmp_path / "a.warc.gz")
    )
    assert outcomes(take(tmp_path / "a", file, source="orda")) == {"new": 1, "outside": 1}
    assert outcomes(take(tmp_path / "b", file, source="press", edition="en")) == {"new": 2}


def test_lease(tmp_path):
    """While a source is being crawled, its records wait; those of other sources are taken."""
    file = (
        Maker().response(page()).response(page(), "https://en.orda.kz/bakery-7101").to(tmp_path / "a.warc.gz")
    )
    busy = Archive(open_archive(f"sqlite:///{tmp_path / 'a' / 'newscrawl.db'}"), "orda", NOW)
    busy.begin_run(NOW, {})
    counters = take(tmp_path / "a", file)
    assert outcomes(counters) == {"new": 1, "busy": 1}
    assert counters.exit()[0] == 5
    busy.close()


def test_dates(tmp_path):
    """--since and --until select by publication."""
    file = (
        Maker()
        .response(page())
        .response(page(8, published="2026-01-01T08:00:00+05:00"), url_of(8))
        .to(tmp_path / "a.warc.gz")
    )
    assert outcomes(take(tmp_path / "a", file, dates=Dates(since=datetime(2026, 4, 1, tzinfo=UTC)))) == {
        "new": 1,
        "outside_dates": 1,
    }


def test_saved_pages(tmp_path):
    """A folder of saved pages: its files only, plain or gzip, in the charset the table says."""
    folder = tmp_path / "saved"
    folder.mkdir()
    russian = page(spec=RUSSIAN, title=RUSSIAN.title)
    (folder / "ru.html").write_bytes(russian.decode().encode("cp1251"))
    (folder / "b.html.gz").write_bytes(gzip.compress(page(2)))
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    (tmp_path / "secret.html").write_bytes(page(3))
    table = tmp_path / "table.csv"
    table.write_text(
        "file,url,at,encoding\n"
        f"ru.html,{url_of(1)},2026-05-02T10:00:00+05:00,windows-1251\n"
        f"b.html.gz,{url_of(2)},2026-05-02T10:00:00,\n"
        f"link.html,{url_of(3)},2026-05-02,\n"
        f"../secret.html,{url_of(3)},2026-05-02,\n"
        f"none.html,{url_of(4)},2026-05-02,\n"
        "b.html.gz,javascript:x,2026-05-02,\n"
        f"b.html.gz,{url_of(5)},1950-05-02,\n"
    )
    counters = take(tmp_path / "a", folder, table=table)
    assert outcomes(counters) == {"new": 2, "unreadable": 3, "bad_address": 1, "bad_date": 1}
    assert ("В селе Аксай открыли библиотеку в старой мельнице",) in rows(
        tmp_path / "a", "SELECT title FROM articles"
    )
    assert outcomes(take(tmp_path / "a", folder, table=table))["already"] == 2


def test_command(process_pool, tmp_path):
    """The command itself, with processes that read: its summary, its exit codes, and a dry run that writes nothing."""
    file = two_texts(Maker()).other("metadata").to(tmp_path / "a.warc.gz")

    def run(*words: str) -> tuple[int, dict, str]:
        ended = process_pool.run(
            "import", *words, "--json", "--workers", "1", folder=tmp_path, NEWSCRAWL_NOW=NOW.isoformat()
        )
        return ended.code, json.loads(ended.out or "{}"), ended.err

    code, summary, _ = run(str(file), "--dry-run")
    assert (code, summary["outcomes"]) == (0, {"article": 3, "no_response": 1})
    assert not (tmp_path / "archive").exists()
    code, summary, said = run(str(file), "missing.warc.gz")
    assert (code, summary["outcomes"]) == (4, {"changed": 1, "new": 1, "no_response": 1, "unchanged": 1})
    assert summary["sources"]["desk.example"]["new"] == 1
    assert "missing.warc.gz: cannot be read" in said
    code, _, said = run("--html", "saved")
    assert (code, "--table" in said) == (2, True)


def test_a_folder_that_cannot_be_written(tmp_path):
    """Where the raw answers cannot go, nothing is stored, and the run is closed with the reason."""
    file = Maker().response(page()).to(tmp_path / "a.warc.gz")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "warc").write_text("a file where the folder should be")
    with pytest.raises((OSError, ArchiveError)):
        take(tmp_path / "a", file)
    assert rows(tmp_path / "a", "SELECT exit_code FROM runs WHERE finished IS NOT NULL") == [(7,)]
    assert rows(tmp_path / "a", "SELECT 1 FROM articles") == []


def test_a_page_that_takes_its_process_down(tmp_path):
    """A page that hangs or crashes is counted and named, and the others are taken in their order."""

    def killed(jobs):
        for job in jobs:
            yield job, "took longer than 60 seconds" if job.number == 1 else read(job)

    maker = Maker()
    for number in (1, 2, 3):
        maker.response(page(number), url_of(number), at=FIRST + timedelta(minutes=number))
    counters = take(tmp_path / "a", maker.to(tmp_path / "a.warc.gz"), extracting=killed)
    assert outcomes(counters) == {"new": 2, "ended": 1}
    assert url_of(2) in counters.problems[0]


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs `newscrawl import` with an archive and a folder for temporary files of its own."""
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path / "a"))
    monkeypatch.setenv("NEWSCRAWL_NOW", NOW.isoformat())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(import_warc, "extracting", lambda _: lambda jobs: ((job, read(job)) for job in jobs))
    (tmp_path / "tmp").mkdir()
    seed(f"sqlite:///{tmp_path / 'a' / 'newscrawl.db'}")
    return lambda *args: CliRunner().invoke(cli, ["import", *map(str, args)])


def test_a_file_cut_off(command, tmp_path):
    """What is whole is taken, and cron is told: an import that lost something is no success."""
    whole = Maker().response(page()).response(page(2), url_of(2)).out.getvalue()
    (tmp_path / "cut.warc.gz").write_bytes(whole[:-100])
    done = command(tmp_path / "cut.warc.gz")
    assert (done.exit_code, "a place was damaged" in done.stderr) == (4, True), done.output
    assert rows(tmp_path / "a", "SELECT count(*) FROM articles") == [(1,)]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("ordda", "new source ordda: no spider and no article has this name. Did you mean orda?"),
        (
            "steppe-courier.example",
            "new source steppe-courier.example: no spider and no article has this name\n",
        ),
        ("orda", None),
    ],
)
def test_a_source_that_was_not_there(command, tmp_path, source, said):
    """Said once, with the name that may have been meant; the second import knows it."""
    file = Maker().response(page()).to(tmp_path / "a.warc.gz")
    done = command(file, "--source", source)
    assert done.exit_code == 0, done.output
    assert ("new source" in done.stderr, (said or "") in done.stderr) == (said is not None, True)
    assert "new source" not in command(file, "--source", source).stderr


def test_lost_database(tmp_path):
    """Importing an archive's own WARC folder brings its articles back, without a second copy of their answers."""
    take(tmp_path / "a", two_texts(Maker()).to(tmp_path / "a.warc.gz"))
    before = everything(tmp_path / "a")
    (tmp_path / "a" / "newscrawl.db").unlink()
    (tmp_path / "a.warc.gz").unlink()
    own = sorted((tmp_path / "a" / "warc").rglob("*.warc.gz"))
    sizes = {path: path.stat().st_size for path in own}
    take(tmp_path / "a", *own)
    after = everything(tmp_path / "a")
    assert (after["articles"], after["versions"]) == (before["articles"], before["versions"])
    assert sum(path.stat().st_size for path in own) < 2 * sum(sizes.values())


REDIRECTED = {
    "to the front page": ("/", FetchOutcome.OK, "redirected_home"),
    "to another site": ("https://elsewhere.example/x", FetchOutcome.OTHER_STATUS, None),
    "to what the files do not have": ("/archive/2026", FetchOutcome.OTHER_STATUS, None),
}


@pytest.mark.parametrize("name", REDIRECTED)
def test_a_known_article_that_led_elsewhere(name, tmp_path):
    """A redirect from the address of a known article is a check of it: a signal where it led home, else "could not be read"."""
    target, outcome, signal = REDIRECTED[name]
    maker = Maker().response(page())
    maker.response(b"", at=FIRST + timedelta(days=2), status="302 Found", headers=[("Location", target)])
    counters = take(tmp_path / "a", maker.to(tmp_path / "a.warc.gz"))
    assert "redirect" not in outcomes(counters)
    found = rows(tmp_path / "a", "SELECT outcome, status, signal FROM observations ORDER BY at")
    assert found[1:] == [(outcome.value, 302, signal)]
    assert rows(tmp_path / "a", "SELECT state FROM articles") != [("removed",)]


# what the new address shows -> articles that stand for themselves, and versions of the first
MOVED = {
    "the same piece": (page(), 1, 1),
    "the piece, edited": (page(title="Village of Aksai opens library number 101 in a new mill"), 1, 2),
    "another piece": (page(7, spec=RUSSIAN, published="2026-05-02T08:00:00+05:00"), 2, 1),
}


@pytest.mark.parametrize("hops", [0, 1])
@pytest.mark.parametrize("name", MOVED)
def test_an_article_that_moved(name, hops, tmp_path, monkeypatch):
    """Captures of a redirect and of the page at its end tie the old address to the new one, as a crawl would, and only where both are one piece."""
    body, articles, versions = MOVED[name]
    new, moved = f"{HOST}/library-in-a-mill-opens-555", FIRST + timedelta(days=2)
    way = [url_of(), *([f"{HOST}/?p=555"] if hops else []), new]
    maker = Maker().response(page())
    for n, (old, target) in enumerate(pairwise(way)):
        at = moved + timedelta(seconds=n)
        maker.response(b"", old, at=at, status="301 Moved", headers=[("Location", target)])
    maker.response(body, new, at=moved + timedelta(seconds=5))
    file = maker.to(tmp_path / "a.warc.gz")
    take(tmp_path / "a", file)
    found = rows(tmp_path / "a", "SELECT id FROM articles WHERE tied_to_id IS NULL")
    assert len(found) == articles, everything(tmp_path / "a")
    owner = "SELECT DISTINCT article_id FROM article_urls WHERE confirmed AND kind != 'form'"
    assert len(rows(tmp_path / "a", owner)) == articles
    assert rows(tmp_path / "a", "SELECT version FROM articles ORDER BY id")[0] == (versions,)
    before = everything(tmp_path / "a")
    take(tmp_path / "a", file)
    assert everything(tmp_path / "a") == before
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path / "a"))
    result = CliRunner().invoke(cli, ["verify"])
    assert result.exit_code == 0, result.output


NONE_READ = {
    "a folder of which no page is there": (3, "none.html", url_of(4)),
    "a table of wrong addresses": (3, "b.html", "javascript:x"),
    "all pages are there": (0, "b.html", url_of(5)),
    "some pages are there": (4, "b.html", url_of(5)),
}


@pytest.mark.parametrize("name", NONE_READ)
def test_saved_pages_of_which_none_can_be_read(name, tmp_path):
    """Where every page of a table fails, the import has failed, and where some do, in part: by its exit code and its words."""
    code, file, url = NONE_READ[name]
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "b.html").write_bytes(page(5))
    table = tmp_path / "table.csv"
    last = "none.html" if code else "b.html"
    table.write_text(f"file,url,at\n{file},{url},2026-05-02\n{last},{url_of(9)},2026-05-02\n")
    ended, reason = take(tmp_path / "a", tmp_path / "saved", table=table).exit()
    assert ended == code
    assert ("1 of 2 pages of the table could not be taken" in reason) == (code == 4)


def test_an_article_dated_in_the_future(command, tmp_path):
    """Its date stays unknown, and `show` says why."""
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "b.html").write_bytes(page(5, published="2031-05-01T08:00:00+05:00"))
    table = tmp_path / "table.csv"
    table.write_text(f"file,url,at\nb.html,{url_of(5)},2026-05-02\n")
    done = command("--html", tmp_path / "saved", "--table", table)
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(cli, ["show", "1"]).stdout
    assert "published  unknown" in shown
    assert "2031-05-01 (article:published_time) is in the future" in " ".join(shown.split())
