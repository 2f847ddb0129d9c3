"""WARC files: what is written comes back, is valid for others, and survives crashes."""

from __future__ import annotations

import gzip
import io
import os
import random
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings, strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio_command

from newscrawl.errors import WarcError
from newscrawl.model import Capture, CaptureRef
from newscrawl.warc import Damage, Record, WarcWriter, payload_digest, read, read_body, records, repair
from newscrawl.warc.decode import decode

AT = datetime(2026, 3, 5, 18, 30, 15, 123456, tzinfo=UTC)
URL = "https://news.example/bridge-over-the-river-101"
PAGE = "<html><h1>Өзен үстіндегі көпір ашылды</h1></html>".encode() * 20
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def writer(root: Path, **more: object) -> WarcWriter:
    return WarcWriter(root, "daily", software="newscrawl/0", contact="desk@news.example", **more)


def put(
    warc: WarcWriter, body: bytes = PAGE, *, url: str = URL, at: datetime = AT, **more: object
) -> Capture:
    given = {"status": 200, "reason": "OK", "headers": HTML, "ip": "192.0.2.7", **more}
    return warc.write_response(url=url, at=at, body=body, **given)


def end(capture: Capture) -> int:
    return capture.ref.offset + capture.ref.length


def check(*files: Path) -> None:
    """Warcio's own check command finds nothing wrong and complains about nothing."""
    out, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors), pytest.raises(SystemExit) as done:
        warcio_command(["check", "-v", *map(str, files)])
    assert not done.value.code, out.getvalue()
    assert "failed" not in out.getvalue()
    assert not errors.getvalue()


def files(root: Path) -> list[Path]:
    return sorted(root.rglob("*.warc.gz"))


def kinds(path: Path) -> list[str]:
    return [one.type if isinstance(one, Record) else "damage" for one in records(path)]


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that do not compress, the same at every call."""
    return random.Random(seed).randbytes(size)


# --- round trip ---------------------------------------------------------------------------------


def test_a_response_comes_back_as_it_was(tmp_path):
    """Body, headers, address, status and instant survive, the instant to the microsecond and in UTC."""
    at = datetime(2026, 3, 5, 23, 30, 15, 7, tzinfo=timezone(timedelta(hours=5)))
    with writer(tmp_path) as warc:
        capture = put(warc, at=at)
    stored = read(tmp_path, capture.ref)
    assert (stored.url, stored.at, stored.status, stored.reason) == (URL, at, 200, "OK")
    assert stored.at.utcoffset() == timedelta(0)
    assert stored.body == stored.raw == PAGE
    assert stored.get("content-type") == "text/html; charset=utf-8"
    assert stored.problem is None
    assert read_body(tmp_path, capture) == stored
    assert capture == Capture(capture.ref, URL, at, 200, "text/html; charset=utf-8")
    assert capture.ref.file == "daily/2026/daily-20260305-00001.warc.gz"
    assert capture.ref.digest == payload_digest(PAGE)
    assert capture.ref.kind == "response"
    check(*files(tmp_path))


def test_a_second_implementation_reads_the_same(tmp_path):
    """Warcio sees the same record: type, address, date, IP address, digest, status and payload."""
    with writer(tmp_path) as warc:
        put(warc)
    with files(tmp_path)[0].open("rb") as file:
        info, response = [
            (one.rec_type, dict(one.rec_headers.headers), one.http_headers, one.content_stream().read())
            for one in ArchiveIterator(file, check_digests="raise")
        ]
    assert info[0] == "warcinfo"
    assert b"conformsTo: http" in info[3]
    assert b"operator: desk@news.example" in info[3]
    assert b"HTTP heads are rebuilt" in info[3]
    kind, fields, head, payload = response
    assert (kind, payload, head.get_statuscode()) == ("response", PAGE, "200")
    assert fields["WARC-Target-URI"] == URL
    assert fields["WARC-Date"] == "2026-03-05T18:30:15.123456Z"
    assert fields["WARC-IP-Address"] == "192.0.2.7"
    assert fields["WARC-Warcinfo-ID"] == info[1]["WARC-Record-ID"]


def test_the_stored_head_agrees_with_the_stored_body(tmp_path):
    """Transfer-Encoding goes, Content-Length becomes true, and what was sent stays visible."""
    sent = (
        ("Transfer-Encoding", "chunked"),
        ("content-length", "3"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    )
    with writer(tmp_path) as warc:
        stored = read(tmp_path, put(warc, headers=sent).ref)
    assert stored.get("Transfer-Encoding") is None
    assert stored.get("Content-Length") == str(len(PAGE))
    assert stored.get("X-Crawler-Transfer-Encoding") == "chunked"
    assert stored.get("X-Crawler-Content-Length") == "3"
    assert [v for k, v in stored.headers if k == "Set-Cookie"] == ["a=1", "b=2"]
    check(*files(tmp_path))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Break", "one\r\nWARC-Type: warcinfo\r\n\r\nHTTP/1.1 200 OK"),
        ("X-Nul", "a\0b"),
        ("X-Kazakh", "Қазақстан жаңалықтары"),
        ("X-Raw", b"caf\xe9".decode("utf-8", "surrogateescape")),
        ("X-Lone", "half \ud83d pair"),
        ("Bad Name\r\nX: y", "value"),
        ("", "nameless"),
        ("X-Long", "x" * 200_000),
        ("X-Colon", ": : :"),
    ],
)
def test_hostile_headers_cannot_break_the_record(tmp_path, name, value):
    """One header in, one header out, and the body untouched."""
    with writer(tmp_path) as warc:
        capture = put(warc, headers=(*HTML, (name, value)), reason=f"OK {value[:50]}")
    stored = read(tmp_path, capture.ref)
    assert stored.body == PAGE
    assert len(stored.headers) == 3  # ours, the hostile one, Content-Length
    check(*files(tmp_path))


def test_header_bytes_that_are_no_utf8_come_back_exactly(tmp_path):
    """A header decoded with surrogateescape is stored as the bytes that were sent."""
    value = b"caf\xe9".decode("utf-8", "surrogateescape")
    with writer(tmp_path) as warc:
        capture = put(warc, headers=(("X-Raw", value),))
    assert read(tmp_path, capture.ref).get("X-Raw") == value
    assert b"X-Raw: caf\xe9\r\n" in gzip.decompress(files(tmp_path)[0].read_bytes())


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://news.example/жаңалық", "https://news.example/%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B"),
        ("https://news.example/a b\r\nWARC-Type: x", "https://news.example/a%20b%0D%0AWARC-Type:%20x"),
        ("https://news.example/%d2%a3?a=1&b=%20#f", "https://news.example/%d2%a3?a=1&b=%20#f"),
    ],
)
def test_addresses_are_made_safe_and_said_so(tmp_path, url, stored):
    """The capture names the address that the record names."""
    with writer(tmp_path) as warc:
        capture = put(warc, url=url)
    assert capture.url == read(tmp_path, capture.ref).url == stored
    check(*files(tmp_path))


@pytest.mark.parametrize(
    ("version", "line", "protocol"),
    [("HTTP/1.0", b"HTTP/1.0 200", None), ("h2", b"HTTP/1.1 200", "h2"), ("HTTP/1.1", b"HTTP/1.1 200", None)],
)
def test_http_versions(tmp_path, version, line, protocol):
    """The status line stays one that every reader knows; another protocol is named beside it."""
    with writer(tmp_path) as warc:
        put(warc, http_version=version)
    record = list(records(files(tmp_path)[0]))[1]
    assert record.block.startswith(line)
    assert record.get("WARC-Protocol") == protocol
    check(*files(tmp_path))


@pytest.mark.parametrize("ip", [None, "", "not an address", "2001:db8::1\r\nX: y"])
def test_an_address_that_is_none_is_left_out(tmp_path, ip):
    """WARC-IP-Address holds an IP address or is not there."""
    with writer(tmp_path) as warc:
        put(warc, ip=ip)
    assert list(records(files(tmp_path)[0]))[1].get("WARC-IP-Address") is None


def test_an_empty_body_is_a_response_of_its_own(tmp_path):
    """No bytes are nothing to refer to."""
    with writer(tmp_path) as warc:
        first = put(warc, b"")
        second = put(warc, b"", earlier=first)
    assert second.ref.kind == "response"
    assert read(tmp_path, second.ref).body == b""
    check(*files(tmp_path))


def test_a_naive_instant_is_refused(tmp_path):
    """An instant without a zone is no instant; nothing is written."""
    with writer(tmp_path) as warc, pytest.raises(WarcError, match="zone"):
        put(warc, at=datetime(2026, 3, 5))
    assert files(tmp_path) == []


@pytest.mark.parametrize("source", ["", "../up", "a/b", ".", "a b", "a\0"])
def test_a_source_name_that_is_no_name_is_refused(tmp_path, source):
    """A source name becomes a folder, so it must be a plain name."""
    with pytest.raises(WarcError):
        WarcWriter(tmp_path, source, software="x", contact=None)


@settings(max_examples=25, deadline=None)
@given(
    body=st.binary(max_size=3000),
    headers=st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=5),
    reason=st.none() | st.text(max_size=20),
    status=st.integers(100, 599),
)
def test_anything_that_is_written_can_be_read(tmp_path_factory, body, headers, reason, status):
    """Whatever a server sends, the body comes back and the next record is found."""
    root = tmp_path_factory.mktemp("warc")
    with writer(root) as warc:
        first = put(warc, body, headers=headers, reason=reason, status=status)
        second = put(warc)
    assert read(root, first.ref).raw == body
    assert read(root, first.ref).status == status
    assert read(root, second.ref).body == PAGE
    assert kinds(files(root)[0]) == ["warcinfo", "response", "response"]


# --- content encoding ---------------------------------------------------------------------------


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        pytest.param("gzip", gzip.compress(PAGE), id="gzip"),
        pytest.param("x-gzip", gzip.compress(PAGE), id="x-gzip"),
        pytest.param("GZIP", gzip.compress(PAGE[:300]) + gzip.compress(PAGE[300:]), id="two members"),
        pytest.param("gzip", gzip.compress(PAGE) + b"\0\0\0", id="padding"),
        pytest.param("deflate", zlib.compress(PAGE), id="deflate"),
        pytest.param("deflate", bare_deflate(PAGE), id="bare deflate"),
        pytest.param("br", brotli.compress(PAGE), id="br"),
        pytest.param("gzip, br", brotli.compress(gzip.compress(PAGE)), id="both"),
        pytest.param("identity", PAGE, id="identity"),
        pytest.param("", PAGE, id="empty label"),
    ],
)
def test_content_encodings_are_undone(tmp_path, encoding, raw):
    """The body is readable, the raw bytes are as sent."""
    with writer(tmp_path) as warc:
        capture = put(warc, raw, headers=(*HTML, ("Content-Encoding", encoding)))
    stored = read(tmp_path, capture.ref)
    assert (stored.body, stored.raw, stored.problem) == (PAGE, raw, None)
    if encoding != "br":  # warcio 1.8.1 itself fails on this label where brotli 1.2 is installed
        check(*files(tmp_path))


@pytest.mark.parametrize(
    ("encoding", "raw", "body", "problem"),
    [
        ("gzip", PAGE, PAGE, "labelled gzip, but is not"),
        ("br", PAGE, PAGE, "labelled br, but is not"),
        ("gzip", gzip.compress(noise(5000))[:3000], None, "gzip data cut short"),
        ("gzip", gzip.compress(PAGE)[:-6] + b"\0\0\0\0\0\0", PAGE, "damaged gzip data (error)"),
        ("utf-8", PAGE, PAGE, None),
        ("aws-chunked", b'{"a": 1}', b'{"a": 1}', None),
        ("aws-chunked, gzip", gzip.compress(PAGE), PAGE, None),
        ("rot13", gzip.compress(PAGE), b"", "no decoder for content encoding 'rot13'"),
        ("gzip", b"", b"", None),
    ],
    ids=[
        "plain as gzip",
        "plain as br",
        "cut short",
        "wrong checksum",
        "a charset",
        "a label of storage",
        "and a coding",
        "unknown",
        "empty",
    ],
)
def test_broken_content_encodings_are_named(encoding, raw, body, problem):
    """What can be read is given, and what went wrong is said."""
    got, said = decode(raw, encoding)
    assert said == problem
    assert got == body if body is not None else noise(5000).startswith(got) and len(got) > 1000


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
def test_a_bomb_is_cut_at_the_limit(encoding):
    """A small body that inflates to far too much stops at the limit."""
    pack = {
        "gzip": gzip.compress,
        "br": lambda data: brotli.compress(data, quality=1),
        "deflate": zlib.compress,
    }[encoding]
    got, problem = decode(pack(bytes(8 << 20)), encoding, limit=1 << 20)
    assert len(got) == 1 << 20
    assert problem.startswith("longer than 1048576 bytes")


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip,br", "x", ",,"]))
def test_decoding_never_raises(raw, encoding):
    """Any bytes under any label give bytes."""
    assert isinstance(decode(raw, encoding)[0], bytes)


def test_an_encoding_without_its_library_is_named(tmp_path, monkeypatch):
    """A body that somebody else's crawler asked for in "br" is kept raw, and the problem says why it is not read."""
    raw = brotli.compress(PAGE)
    with writer(tmp_path) as warc:
        capture = put(warc, raw, headers=(*HTML, ("Content-Encoding", "br")))
    monkeypatch.setitem(sys.modules, "brotli", None)
    stored = read(tmp_path, capture.ref)
    assert (stored.body, stored.raw) == (b"", raw)
    assert stored.problem == "no decoder for content encoding 'br'"


def test_damage_in_the_middle_of_a_body_costs_little():
    """What was packed before the damage is readable."""
    raw = bytearray(gzip.compress(noise(200_000)))
    raw[150_000:150_100] = bytes(100)
    got, problem = decode(bytes(raw), "gzip")
    assert problem == "damaged gzip data (error)"
    assert noise(200_000).startswith(got[:140_000])
    assert len(got) > 140_000


# --- revisits -----------------------------------------------------------------------------------


def test_the_same_bytes_again_are_a_revisit(tmp_path):
    """The second record holds the head only and names the first by id, address and date."""
    later = AT + timedelta(hours=2)
    with writer(tmp_path) as warc:
        first = put(warc)
        second = put(warc, url=URL + "/", at=later, earlier=first, headers=(*HTML, ("Age", "7")))
    assert second.ref.kind == "revisit"
    assert second.refers_to == first.ref
    assert second.ref.digest == first.ref.digest
    record = list(records(files(tmp_path)[0]))[2]
    assert record.get("WARC-Refers-To") == first.ref.record_id
    assert record.get("WARC-Refers-To-Target-URI") == URL
    assert record.get("WARC-Refers-To-Date") == "2026-03-05T18:30:15.123456Z"
    assert record.get("WARC-Profile").endswith("/1.1/revisit/identical-payload-digest")
    own = read(tmp_path, second.ref)
    assert (own.body, own.get("Age"), own.at) == (b"", "7", later)
    assert read_body(tmp_path, second).body == PAGE
    check(*files(tmp_path))


def test_a_revisit_of_a_revisit_names_the_original(tmp_path):
    """References do not chain."""
    with writer(tmp_path) as warc:
        first = put(warc)
        second = put(warc, earlier=first, at=AT + timedelta(hours=1))
        third = put(warc, earlier=second, at=AT + timedelta(days=1))
    assert third.refers_to == first.ref
    assert third.ref.file != first.ref.file
    assert read_body(tmp_path, third).body == PAGE
    record = next(one for one in records(files(tmp_path)[1]) if one.type == "revisit")
    assert record.get("WARC-Refers-To-Date") == "2026-03-05T18:30:15.123456Z"
    check(*files(tmp_path))


def test_other_bytes_are_a_full_response(tmp_path):
    """An edited page is stored whole."""
    with writer(tmp_path) as warc:
        first = put(warc)
        second = put(warc, PAGE + b"!", earlier=first)
    assert (second.ref.kind, second.refers_to) == ("response", None)
    assert read(tmp_path, second.ref).body == PAGE + b"!"


@pytest.mark.parametrize("loss", ["missing", "damaged", "cut"])
def test_nothing_refers_to_bytes_that_are_not_there(tmp_path, loss):
    """If the first copy was moved away or damaged, the bytes are stored once more."""
    with writer(tmp_path) as warc:
        first = put(warc)
    path = tmp_path / first.ref.file
    if loss == "missing":
        path.unlink()
    elif loss == "damaged":
        data = bytearray(path.read_bytes())
        data[first.ref.offset + 200] ^= 0xFF
        path.write_bytes(data)
    else:
        os.truncate(path, end(first) - 1)
    with writer(tmp_path) as warc:
        second = put(warc, earlier=first)
    assert second.ref.kind == "response"
    assert read_body(tmp_path, second).body == PAGE


def test_not_modified(tmp_path):
    """A 304 is stored with its own head and leads to the bytes it confirms."""
    with writer(tmp_path) as warc:
        first = put(warc)
        told = warc.write_not_modified(
            url=URL,
            at=AT + timedelta(hours=2),
            headers=(("ETag", '"7"'), ("Content-Length", "99")),
            earlier=first,
        )
        again = warc.write_not_modified(
            url=URL, at=AT + timedelta(hours=3), headers=(), ip=None, earlier=told
        )
    assert (told.ref.kind, told.status, told.refers_to) == ("not_modified", 304, first.ref)
    assert told.ref.digest == first.ref.digest
    assert again.refers_to == first.ref
    stored = read(tmp_path, told.ref)
    assert (stored.status, stored.body, stored.get("ETag")) == (304, b"", '"7"')
    assert stored.get("Content-Length") is None
    assert read_body(tmp_path, told).body == PAGE
    record = list(records(files(tmp_path)[0]))[2]
    assert record.get("WARC-Profile").endswith("/1.1/revisit/server-not-modified")
    check(*files(tmp_path))


def test_not_modified_without_anything_earlier(tmp_path):
    """It can be stored and read; asking for its body is an error, not an empty page."""
    with writer(tmp_path) as warc:
        told = warc.write_not_modified(url=URL, at=AT, headers=(), ip="192.0.2.7", earlier=None)
    assert read(tmp_path, told.ref).status == 304
    with pytest.raises(WarcError, match="refers to no stored response"):
        read_body(tmp_path, told)
    check(*files(tmp_path))


# --- files --------------------------------------------------------------------------------------


def test_a_second_run_goes_on_in_the_same_file(tmp_path):
    """One warcinfo a file, as long as the program says the same of itself."""
    for number in range(3):
        with writer(tmp_path) as warc:
            put(warc, f"page {number}".encode())
    assert kinds(files(tmp_path)[0]) == ["warcinfo", "response", "response", "response"]
    assert len(files(tmp_path)) == 1
    check(*files(tmp_path))


def test_another_program_version_says_so(tmp_path):
    """A file that a newer version goes on with has a warcinfo of that version before its records."""
    with writer(tmp_path) as warc:
        put(warc)
    with WarcWriter(tmp_path, "daily", software="newscrawl/99", contact=None) as warc:
        capture = put(warc, b"next")
    assert kinds(files(tmp_path)[0]) == ["warcinfo", "response", "warcinfo", "response"]
    found = list(records(files(tmp_path)[0]))
    assert found[3].get("WARC-Warcinfo-ID") == found[2].id
    assert found[3].id == capture.ref.record_id
    check(*files(tmp_path))


def test_days_have_their_own_files(tmp_path):
    """The record's UTC day names the file, also around midnight and at New Year."""
    with writer(tmp_path) as warc:
        names = [
            put(warc, at=at).ref.file
            for at in (
                datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
                datetime(2027, 1, 1, 4, 0, tzinfo=timezone(timedelta(hours=5))),
                datetime(2027, 1, 1, tzinfo=UTC),
                datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
            )
        ]
    assert [name.rpartition("/")[2][6:20] for name in names] == [
        "20261231-00001",
        "20261231-00001",
        "20270101-00001",
        "20261231-00001",
    ]
    assert names[2].startswith("daily/2027/")
    check(*files(tmp_path))


def test_rotation_by_size(tmp_path):
    """No file passes the limit but with a record that is larger by itself; all records come back."""
    limit = 6000
    with writer(tmp_path, max_bytes=limit) as warc:
        captures = [put(warc, noise(1500, n)) for n in range(9)]
        captures.append(put(warc, noise(9000, 50)))
        captures.append(put(warc, noise(1500, 51)))
    sizes = [path.stat().st_size for path in files(tmp_path)]
    assert len(sizes) == 7
    assert sum(size > limit for size in sizes) == 1
    for capture in captures:
        assert payload_digest(read(tmp_path, capture.ref).body) == capture.ref.digest
    check(*files(tmp_path))
    with writer(tmp_path, max_bytes=limit) as warc:
        assert put(warc, b"small").ref.file.endswith("00007.warc.gz")


def test_two_writers_in_one_process_take_different_files(tmp_path):
    """The lock belongs to the writer, not to the process."""
    with writer(tmp_path) as one, writer(tmp_path) as two:
        assert {put(one).ref.file[-13:-8], put(two).ref.file[-13:-8]} == {"00001", "00002"}
    check(*files(tmp_path))


OTHER = """
    import sys
    from datetime import datetime, UTC
    from pathlib import Path
    from newscrawl.warc import WarcWriter
    warc = WarcWriter(Path(sys.argv[1]), "daily", software="newscrawl/0", contact="desk@news.example")
    def put(body):
        return warc.write_response(url="https://news.example/other-7", at=datetime(2026, 3, 5, 18, tzinfo=UTC),
            status=200, reason="OK", headers=(), body=body, ip=None)
"""


def other(root: Path, code: str) -> subprocess.Popen:
    """Another process with a writer of the same source, running `code`."""
    script = textwrap.dedent(OTHER) + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", script, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_two_processes_take_different_files(tmp_path):
    """A second run started by cron writes beside the first; repair leaves both alone meanwhile."""
    with other(
        tmp_path, "print(put(b'theirs').ref.file, flush=True); sys.stdin.read(); warc.close()"
    ) as process:
        theirs = process.stdout.readline().strip()
        with (tmp_path / theirs).open("ab") as file:
            file.write(b"half a record")  # as if in the middle of a write
        assert repair(tmp_path, "daily", keep={}) == []
        with writer(tmp_path) as warc:
            ours = put(warc).ref.file
        process.communicate("")
    assert theirs.endswith("00001.warc.gz")
    assert ours.endswith("00002.warc.gz")
    assert [one.cut for one in repair(tmp_path, "daily", keep={})] == [13]
    check(*files(tmp_path))


def test_a_killed_process_leaves_no_lock_and_no_harm(tmp_path):
    """After kill -9 the next writer goes on in the same file."""
    with other(tmp_path, "put(b'theirs'); print('', flush=True); sys.stdin.read()") as process:
        process.stdout.readline()
        process.kill()
    with writer(tmp_path) as warc:
        assert put(warc).ref.file.endswith("00001.warc.gz")
    assert kinds(files(tmp_path)[0]) == ["warcinfo", "response", "response"]
    check(*files(tmp_path))


# --- faults while writing -----------------------------------------------------------------------


def test_disk_full_cuts_back_and_leaves_everything_else_whole(tmp_path):
    """A write that hits a file size limit fails as one error; the records before it and after it are whole."""
    code = """
        import resource
        from newscrawl.errors import WarcError
        import random
        put(b"first")
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        try:
            put(random.Random(1).randbytes(50_000))
        except WarcError as error:
            print("refused", int(error.exit_code), error)
        print(put(b"after").ref.file)
        warc.close()
    """
    with other(tmp_path, code) as process:
        out = process.communicate("")[0].splitlines()
    assert process.returncode == 0
    assert out[0].startswith("refused 7")
    assert "Make room" in out[0]
    assert out[1].endswith("00001.warc.gz")
    assert kinds(files(tmp_path)[0]) == ["warcinfo", "response", "response"]
    check(*files(tmp_path))


def test_disk_full_from_the_first_byte(tmp_path):
    """If even the warcinfo does not fit, the file is empty again and begins with one when there is room."""
    code = """
        import resource
        from newscrawl.errors import WarcError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        for _ in range(2):
            try:
                put(b"page")
            except WarcError as error:
                print("refused")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        put(b"page")
        warc.close()
    """
    with other(tmp_path, code) as process:
        assert process.communicate("")[0].splitlines() == ["refused", "refused"]
    assert kinds(files(tmp_path)[0]) == ["warcinfo", "response"]
    check(*files(tmp_path))


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path):
    """A file where the folder should be: an archive error that names the folder."""
    (tmp_path / "daily").write_text("in the way")
    with pytest.raises(WarcError, match="daily") as caught:
        put(writer(tmp_path))
    assert caught.value.exit_code == 7


def test_sync_and_close_may_come_at_any_time(tmp_path):
    """Before the first record, twice, and between records."""
    warc = writer(tmp_path)
    warc.sync()
    warc.close()
    put(warc)
    warc.sync()
    warc.sync()
    warc.close()
    warc.close()
    put(warc, b"again")
    warc.close()
    assert kinds(files(tmp_path)[0]) == ["warcinfo", "response", "response"]


# --- torn tails ---------------------------------------------------------------------------------


def three(root: Path, last: bytes = b"a short last page") -> tuple[Path, list[Capture], bytes]:
    """A file with three responses: its path, the captures and its bytes."""
    with writer(root) as warc:
        captures = [put(warc), put(warc, noise(700)), put(warc, last)]
    path = root / captures[0].ref.file
    return path, captures, path.read_bytes()


def offsets(start: int, stop: int, step: int) -> Iterator[int]:
    """Every byte of a record's gzip header and trailer, and some of what lies between."""
    return (at for at in range(start, stop) if at - start < 12 or stop - at <= 12 or at % step == 0)


@pytest.mark.parametrize(("known", "step"), [(0, 7), (1, 31), (2, 31)])
def test_a_tail_torn_at_any_byte_is_cut_back(tmp_path, known, step):
    """Cut anywhere in the last record, repair leaves exactly the records before it, whatever the database knows."""
    path, captures, data = three(tmp_path)
    keep = {captures[0].ref.file: end(captures[known - 1])} if known else {}
    last = captures[2].ref.offset
    for cut in offsets(last + 1, len(data), step):
        path.write_bytes(data[:cut])
        done = repair(tmp_path, "daily", keep=keep)
        assert [(one.file, one.size, one.cut, one.problem) for one in done] == [
            (captures[0].ref.file, last, cut - last, None)
        ]
        assert path.stat().st_size == last
    assert repair(tmp_path, "daily", keep=keep) == []
    check(path)
    with writer(tmp_path) as warc:
        assert put(warc, b"a short last page").ref.offset == last


@pytest.mark.parametrize(
    ("case", "tail"),
    [
        ("text", b"garbage after the last record"),
        ("zeros, as after a power cut", bytes(5000)),
        ("noise", noise(3000)),
        ("the magic number of gzip, over and over", b"\x1f\x8b\x08" * 3000),
        ("a whole gzip member that is no WARC record", gzip.compress(b"hello", mtime=0)),
        ("the beginning of a record, then zeros", None),
    ],
)
def test_garbage_after_the_last_record_is_cut(tmp_path, case, tail):
    """Nothing after the last whole record can be one."""
    path, _, data = three(tmp_path)
    tail = data[:200] + bytes(500) if tail is None else tail
    path.write_bytes(data + tail)
    assert [one.cut for one in repair(tmp_path, "daily", keep={})] == [len(tail)]
    assert path.read_bytes() == data


def test_more_than_a_torn_tail_is_left_alone(tmp_path, monkeypatch):
    """Bytes that no single response can have left are something else: a person should look, nothing is cut."""
    monkeypatch.setitem(repair.__globals__, "LONGEST_TAIL", 2999)
    path, _, data = three(tmp_path)
    path.write_bytes(data + noise(3000))
    (one,) = repair(tmp_path, "daily", keep={})
    assert (one.cut, one.problem) == (
        0,
        f"3000 bytes from byte {len(data)} on are no records: more than a torn tail",
    )
    assert path.read_bytes() == data + noise(3000)


def test_whole_records_the_database_does_not_know_stay(tmp_path):
    """A crash between flush and commit leaves whole records behind; they are evidence, not damage."""
    path, captures, data = three(tmp_path)
    assert repair(tmp_path, "daily", keep={captures[0].ref.file: end(captures[0])}) == []
    path.write_bytes(data + b"torn")
    assert [one.cut for one in repair(tmp_path, "daily", keep={captures[0].ref.file: end(captures[0])})] == [
        4
    ]
    assert path.read_bytes() == data


def test_a_file_shorter_than_the_database_says_is_left_alone(tmp_path):
    """Referenced bytes are missing: a person should look, nothing is cut."""
    path, captures, data = three(tmp_path)
    path.write_bytes(data[:-1])
    keep = {captures[2].ref.file: end(captures[2])}
    (one,) = repair(tmp_path, "daily", keep=keep)
    assert "refers to bytes up to" in one.problem
    assert path.read_bytes() == data[:-1]


def test_damage_before_the_kept_end_is_left_alone(tmp_path):
    """Where a referenced record should end there is none: reported, untouched."""
    path, captures, data = three(tmp_path)
    broken = bytearray(data)
    broken[captures[1].ref.offset + 100 : end(captures[1])] = bytes(
        end(captures[1]) - captures[1].ref.offset - 100
    )
    path.write_bytes(broken[: end(captures[1])] + b"torn")
    (one,) = repair(tmp_path, "daily", keep={captures[1].ref.file: end(captures[1])})
    assert "no whole record ends at byte" in one.problem
    assert path.read_bytes() == broken[: end(captures[1])] + b"torn"


def test_damage_in_the_middle_is_not_cut(tmp_path):
    """Whole records after the damage are never thrown away."""
    path, captures, data = three(tmp_path)
    broken = bytearray(data)
    broken[captures[1].ref.offset + 50] ^= 0xFF
    path.write_bytes(broken + b"torn")
    (one,) = repair(tmp_path, "daily", keep={})
    assert "with whole records after it" in one.problem
    assert path.read_bytes() == broken + b"torn"
    assert kinds(path) == ["warcinfo", "response", "damage", "response", "damage"]


def test_a_missing_file_is_reported(tmp_path):
    """The database refers to a file that is not there; files of other sources are none of our business."""
    (one,) = repair(tmp_path, "daily", keep={"daily/2025/daily-20250101-00001.warc.gz": 7, "other/2025/x": 9})
    assert (one.file, one.problem) == ("daily/2025/daily-20250101-00001.warc.gz", "the file is missing")


def test_repair_looks_at_the_newest_files_only(tmp_path):
    """An archive of years costs one check of the newest files; older ones are only asked for their size."""
    folder = tmp_path / "daily" / "2020"
    folder.mkdir(parents=True)
    for number in range(300):
        path = folder / f"daily-20200101-{number:05d}.warc.gz"
        path.write_bytes(b"old and torn")
        os.utime(path, (number, number))
    keep = {"daily/2020/daily-20200101-00005.warc.gz": 1000}
    done = repair(tmp_path, "daily", keep=keep)
    assert len(done) == 9
    assert "refers to bytes" in done[0].problem
    assert {one.file[-13:-8] for one in done[1:]} == {f"{n:05d}" for n in range(292, 300)}


def test_the_last_written_file_is_mended_whatever_its_day(tmp_path):
    """Replayed days are written later than their names say: the time of writing counts as well."""
    path, _, data = three(tmp_path)
    path.write_bytes(data + b"torn")
    folder = tmp_path / "daily" / "2030"
    folder.mkdir()
    for number in range(20):
        newer = folder / f"daily-20300101-{number:05d}.warc.gz"
        newer.write_bytes(data)
        os.utime(newer, (number, number))
    assert [one.cut for one in repair(tmp_path, "daily", keep={})] == [4]


def test_a_writer_never_appends_after_a_torn_record(tmp_path):
    """Without repair the torn file is left as it is and the next number is taken."""
    path, _, data = three(tmp_path)
    path.write_bytes(data[:-3])
    with writer(tmp_path) as warc:
        assert put(warc).ref.file.endswith("00002.warc.gz")
    assert path.read_bytes() == data[:-3]


def test_a_torn_first_record_leaves_an_empty_file_that_is_used_again(tmp_path):
    """A crash in the very first write costs nothing."""
    path, _, data = three(tmp_path)
    path.write_bytes(data[:50])
    repair(tmp_path, "daily", keep={})
    assert path.stat().st_size == 0
    assert repair(tmp_path, "daily", keep={}) == []
    with writer(tmp_path) as warc:
        put(warc)
    assert kinds(path) == ["warcinfo", "response"]


def test_a_large_last_record_is_found_whole(tmp_path):
    """`whole_at_end` reaches back as far as the record is long."""
    path, captures, data = three(tmp_path, last=noise(9 << 19))
    assert repair(tmp_path, "daily", keep={}) == []
    path.write_bytes(data[:-1])
    assert [one.size for one in repair(tmp_path, "daily", keep={})] == [captures[2].ref.offset]


# --- reading what is not what it should be ------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"digest": payload_digest(b"other")}, "payload digest"),
        ({"record_id": "<urn:uuid:00000000-0000-0000-0000-000000000000>"}, "another record"),
        ({"offset": -1}, "impossible"),
        ({"length": 0}, "impossible"),
        ({"length": 10}, "not exactly one"),
        ({"length": 10**9}, "ends before"),
        ({"offset": 10**9}, "ends before"),
        ({"offset": 3}, "gzip"),
        ({"file": "daily/2026/daily-20260305-00009.warc.gz"}, "missing"),
        ({"file": "../outside.warc.gz"}, "not a path below"),
        ({"file": "/etc/passwd"}, "not a path below"),
        ({"file": "daily/../../x"}, "not a path below"),
        ({"file": "daily/./x"}, "not a path below"),
        ({"file": "daily\\x"}, "not a path below"),
        ({"file": "a\0b"}, "not a path below"),
        ({"file": ""}, "not a path below"),
        ({"file": "daily"}, "cannot be read"),
        ({"file": "link/hosts"}, "leads out"),
    ],
)
def test_a_reference_that_does_not_fit_is_an_error(tmp_path, change, why):
    """Never other bytes than the ones referred to, never a file outside the directory."""
    (tmp_path / "link").symlink_to("/etc")
    with writer(tmp_path) as warc:
        put(warc, b"before")
        ref = put(warc).ref
    with pytest.raises(WarcError, match=why):
        read(tmp_path, replace(ref, **change))


def test_a_changed_byte_anywhere_is_noticed(tmp_path):
    """Flip any byte of a stored record: reading it is an error or gives the very same body."""
    with writer(tmp_path) as warc:
        ref = put(warc, b"the one true text").ref
    path = tmp_path / ref.file
    data = path.read_bytes()
    for at in offsets(ref.offset, ref.offset + ref.length, 5):
        broken = bytearray(data)
        broken[at] ^= 0x55
        path.write_bytes(broken)
        try:
            stored = read(tmp_path, ref)
        except WarcError:
            continue
        assert stored.body == b"the one true text"  # a byte of the gzip header that means nothing


def test_a_forged_record_is_noticed(tmp_path):
    """Bytes packed anew with a right checksum but another body do not pass for the original."""
    with writer(tmp_path) as warc:
        ref = put(warc, b"the one true text").ref
    path = tmp_path / ref.file
    data = path.read_bytes()
    forged = gzip.compress(gzip.decompress(data[ref.offset :]).replace(b"true", b"fake"))
    path.write_bytes(data[: ref.offset] + forged)
    with pytest.raises(WarcError, match="digest"):
        read(tmp_path, replace(ref, length=len(forged)))


def test_a_revisit_with_the_wrong_target_is_an_error(tmp_path):
    """A revisit leads to the same digest or to an error."""
    with writer(tmp_path) as warc:
        first = put(warc)
        unlike = put(warc, b"something else")
        second = put(warc, earlier=first)
    with pytest.raises(WarcError, match="other bytes"):
        read_body(tmp_path, replace(second, refers_to=unlike.ref))
    with pytest.raises(WarcError, match="no stored response"):
        read_body(tmp_path, replace(second, refers_to=None))


# --- walking files ------------------------------------------------------------------------------


def test_offsets_and_lengths_are_those_of_the_captures(tmp_path):
    """Walking a file gives the offsets the captures name."""
    path, captures, data = three(tmp_path)
    found = [one for one in records(path) if isinstance(one, Record)]
    assert [(one.offset, one.length, one.id) for one in found[1:]] == [
        (one.ref.offset, one.ref.length, one.ref.record_id) for one in captures
    ]
    assert found[0].offset == 0
    assert end(captures[2]) == len(data)
    assert (found[1].url, found[1].at, found[1].http().status) == (URL, AT, 200)


def plain(path: Path) -> bytes:
    """The same records, uncompressed."""
    return gzip.decompress(path.read_bytes())


@pytest.mark.parametrize("form", ["uncompressed", "one gzip member", "line feeds", "old version"])
def test_files_of_other_programs(tmp_path, form):
    """Uncompressed files, files packed as a whole, bare line feeds and WARC 1.0 are read too."""
    path, captures, _ = three(tmp_path, last=b"x" * 100_000)
    data = plain(path)
    if form == "one gzip member":
        data = gzip.compress(data)
    elif form == "old version":
        data = data.replace(b"WARC/1.1", b"WARC/1.0").replace(URL.encode(), b"<" + URL.encode() + b">", 1)
    elif form == "line feeds":
        data = (
            b"WARC/1.1\nWARC-Type: response\nWARC-Target-URI: "
            + URL.encode()
            + b"\nContent-Length: 4\n\nbody\n\n"
        )
        data *= 4
    foreign = tmp_path / "foreign.warc"
    foreign.write_bytes(data)
    found = list(records(foreign))
    assert [type(one) for one in found] == [Record] * 4
    assert found[1].url == URL
    if form != "line feeds":
        assert [one.id for one in found[1:]] == [one.ref.record_id for one in captures]
        assert found[3].http().body == b"x" * 100_000
    if form == "uncompressed":
        assert sum(one.length for one in found) == len(data)


def test_many_records_in_one_long_gzip_member_are_refused(tmp_path):
    """A file packed as a whole is read up to the limit; more of it would have to be held at once."""
    foreign = tmp_path / "foreign.warc.gz"
    foreign.write_bytes(gzip.compress(b"WARC/1.1\r\nContent-Length: 9\r\n\r\nsome text\r\n\r\n" * 5000))
    assert len(list(records(foreign))) == 5000
    (one,) = records(foreign, limit=1 << 16)
    assert "several records in one gzip member" in one.problem


@pytest.mark.parametrize("packed", [True, False])
def test_a_long_record_is_cut_in_memory_and_says_so(tmp_path, packed):
    """A video in somebody's WARC file neither fills the memory nor hides the records after it."""
    with writer(tmp_path) as warc:
        put(warc, bytes(5 << 20))
        put(warc, b"after")
    path = files(tmp_path)[0]
    if not packed:
        path.write_bytes(plain(path))
    found = list(records(path, limit=1 << 20))
    assert [one.type for one in found] == ["warcinfo", "response", "response"]
    assert len(found[1].block) < 1 << 20
    assert "only the first" in found[1].problem
    assert found[2].problem is None


@pytest.mark.parametrize(
    ("case", "data"),
    [
        ("nothing", b""),
        ("a letter", b"x"),
        ("a version", b"WARC/1.1"),
        ("no headers", b"WARC/1.1\r\n\r\n"),
        ("cut short", b"WARC/1.1\r\nContent-Length: 9999\r\n\r\nshort"),
        ("negative length", b"WARC/1.1\r\nContent-Length: -1\r\n\r\n"),
        ("gzip magic only", b"\x1f\x8b\x08"),
        ("gzip of nothing", gzip.compress(b"", mtime=0)),
        ("gzip of a version", gzip.compress(b"WARC/1.1", mtime=0)),
        ("zeros", bytes(100_000)),
        ("versions", b"WARC/" * 20_000),
        ("gzip magics", b"\x1f\x8b\x08\x00" * 5_000),
        ("a web page", b"<html>" * 1000),
    ],
)
def test_files_that_are_no_warc_files(tmp_path, case, data):
    """All bytes are accounted for as damage; nothing raises."""
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(data)
    found = list(records(path))
    assert all(isinstance(one, Damage) for one in found)
    assert sum(one.length for one in found) == len(data)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_damage_anywhere_loses_only_what_it_hits(tmp_path_factory, data):
    """Overwrite any stretch of a file: every record outside it is still found, and nothing raises."""
    path, captures, whole = three(tmp_path_factory.mktemp("warc"))
    start = (
        data.draw(st.integers(0, 999)) * len(whole) // 1000
    )  # ids differ from run to run, and so do lengths
    stop = min(len(whole), start + data.draw(st.integers(1, 600)))
    path.write_bytes(
        whole[:start] + data.draw(st.binary(min_size=stop - start, max_size=stop - start)) + whole[stop:]
    )
    found = {one.id for one in records(path) if isinstance(one, Record)}
    for capture in captures:
        if end(capture) <= start or capture.ref.offset >= stop:
            assert capture.ref.record_id in found


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    """A missing file is no empty file."""
    with pytest.raises(WarcError, match="cannot be read"):
        list(records(tmp_path / "missing.warc.gz"))


def test_references_are_plain_values():
    """A reference can be rebuilt from the database's columns."""
    ref = CaptureRef("daily/2026/x.warc.gz", 1, 2, "<urn:uuid:1>", "sha1:A")
    assert ref.kind == "response"


def test_a_failed_fsync_is_not_forgotten(tmp_path, monkeypatch):
    """After the disk refused once, no later sync says that all is well, and nothing more is written."""
    writer = WarcWriter(tmp_path, "orda", software="test/1", contact=None)
    arguments = {
        "url": "https://a.example/x",
        "at": datetime(2026, 5, 1, tzinfo=UTC),
        "status": 200,
        "reason": "OK",
        "headers": [],
        "ip": None,
    }
    writer.write_response(body=b"one", **arguments)
    monkeypatch.setattr("os.fsync", _broken_disk)
    with pytest.raises(WarcError):
        writer.sync()
    monkeypatch.undo()
    with pytest.raises(WarcError):
        writer.sync()
    with pytest.raises(WarcError):
        writer.write_response(body=b"two", **arguments)


def _broken_disk(_fd: int) -> None:
    raise OSError(5, "Input/output error")
