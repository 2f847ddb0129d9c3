"""`export cdxj` and `export wacz`: what replay tools find by them, and that they find no empty page."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine
from warcio.archiveiterator import ArchiveIterator

from newscrawl.cli import cli
from newscrawl.store import rows
from newscrawl.store.read.reader import open_reader
from newscrawl.warc import WarcWriter
from newscrawl.warc.cdxj import Sorted, surt
from tests.support.aged_archive import archive

# What pywb 2.10 makes of each address when somebody asks for it: an index with other keys is not found.
KEYS = {
    "https://www.Orda.kz/": "kz,orda)/",
    "https://orda.kz/a/b/": "kz,orda)/a/b",
    "http://orda.kz:80/x?b=2&a=1": "kz,orda)/x?a=1&b=2",
    "https://orda.kz:8443/x": "kz,orda:8443)/x",
    "https://orda.kz/аб": "kz,orda)/%d0%b0%d0%b1",
    "https://orda.kz/%D0%B0%D0%B1": "kz,orda)/%d0%b0%d0%b1",
    "https://orda.kz/a b": "kz,orda)/a%20b",
    "https://orda.kz/a//b": "kz,orda)/a/b",
    "https://orda.kz/a/../b": "kz,orda)/b",
    "https://orda.kz/a%2Fb": "kz,orda)/a/b",
    "http://orda.kz/a%25b": "kz,orda)/a%25b",
    "https://orda.kz/a?x=%41&y=a+b": "kz,orda)/a?x=a&y=a+b",
    "https://orda.kz/a?u=http%3A%2F%2Fx.y%2F": "kz,orda)/a?u=http://x.y/",
    "https://orda.kz/a?sid=0123456789abcdef0123456789abcdef&b=1": "kz,orda)/a?b=1",
    "https://orda.kz/index.html?PHPSESSID=0123456789abcdef0123456789abcdef": "kz,orda)/index.html",
    "https://orda.kz/?p=7": "kz,orda)/?p=7",
    "https://пример.kz/а": "kz,xn--e1afmkfd)/%d0%b0",
    "http://127.0.0.1:8401/selskie-412261": "1,0,0,127:8401)/selskie-412261",
    "https://user:pw@orda.kz./a#b": "kz,orda)/a",
}


@pytest.mark.parametrize("url", list(KEYS))
def test_keys_of_addresses(url):
    assert surt(url) == KEYS[url]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """An archive in which the last answer about article 1 is a 304."""
    home = archive(tmp_path_factory.mktemp("raw") / "archive")
    url = f"sqlite:///{home / 'newscrawl.db'}"
    with open_reader(url) as reader:
        [version] = reader.versions_of(1)[-1:]
    later = version.capture.at + timedelta(days=100)
    with WarcWriter(home / "warc", "orda", software="test", contact=None) as writer:
        capture = writer.write_not_modified(url=version.url, at=later, headers=[], earlier=version.capture)
    engine = create_engine(url)
    with engine.begin() as connection:
        rows.insert_capture(connection, 1, capture)
    engine.dispose()
    return home


@pytest.fixture
def run(home, monkeypatch):
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home))

    def call(*arguments: object):
        done = CliRunner().invoke(cli, ["export", *map(str, arguments)])
        assert done.exit_code == 0, done.output
        return done

    return call


def _index(lines: list[str]) -> list[dict]:
    return [{"key": line.split(" ")[0], "stamp": line.split(" ")[1], **json.loads(line.split(" ", 2)[2])} for line in lines]  # fmt: skip


def _leads_to_its_record(one: dict, data: bytes) -> None:
    [record] = ArchiveIterator(BytesIO(data[int(one["offset"]) : int(one["offset"]) + int(one["length"])]))
    kind = "revisit" if one["mime"] == "warc/revisit" else "response"
    assert (record.rec_type, record.rec_headers["WARC-Target-URI"]) == (kind, one["url"])
    assert record.http_headers.get_statuscode() == one["status"] != "304"
    assert record.rec_headers["WARC-Payload-Digest"] == one["digest"]


def test_index_for_replay(run, home):
    """Sorted by bytes; each line leads to its record; no 304; what a revisit repeats is in it, by the digest replay looks for."""
    lines = run("cdxj").stdout_bytes.splitlines(keepends=True)
    assert lines == sorted(lines)
    found = _index([line.decode() for line in lines])
    files = {one["filename"]: (home / "warc" / one["filename"]).read_bytes() for one in found}
    for one in found:
        _leads_to_its_record(one, files[one["filename"]])
        assert one["key"] == surt(one["url"])
    whole = {one["digest"] for one in found if one["mime"] != "warc/revisit"}
    repeats = [one for one in found if one["mime"] == "warc/revisit"]
    assert repeats
    assert {one["digest"] for one in repeats} <= whole
    statuses = [
        record.http_headers.get_statuscode()
        for path in (home / "warc").rglob("*.warc.gz")
        for record in ArchiveIterator(BytesIO(path.read_bytes()))
        if record.rec_type in ("response", "revisit")
    ]
    assert statuses.count("304") == 1  # it is in a file, and not in the index


def test_index_of_a_selection_has_what_its_revisits_repeat(run):
    """Of the last days, whose answers repeat the bytes of earlier ones."""
    everything = _index(run("cdxj").stdout.splitlines())
    last = max(one["stamp"] for one in everything if one["mime"] == "warc/revisit")
    day = f"{last[:4]}-{last[4:6]}-{last[6:8]}"
    found = _index(run("cdxj", "--since", day).stdout.splitlines())
    assert 0 < len(found) < len(everything)
    earlier = [one for one in found if not one["stamp"] >= last[:8]]
    assert earlier
    assert {one["digest"] for one in earlier} <= {
        one["digest"] for one in found if one["mime"] == "warc/revisit"
    }
    assert _index(run("cdxj", "--edition", "en").stdout.splitlines())
    assert {one["url"].rpartition("/")[2] for one in _index(run("cdxj", "--article", "2").stdout.splitlines())} == {"harbour-number-502"}  # fmt: skip


@pytest.mark.parametrize("selection", [[], ["--article", "2"], ["--until", "2000-01-01"]], ids=" ".join)
def test_wacz(run, tmp_path, selection):
    """Members with their hashes, an index that leads to the records, pages that are in the index; also of nothing."""
    run("wacz", *selection, "--out", tmp_path / "x.wacz")
    with zipfile.ZipFile(tmp_path / "x.wacz") as packed:
        assert packed.testzip() is None
        members = {one.filename: packed.read(one) for one in packed.infolist()}
        assert all(one.compress_type == zipfile.ZIP_STORED for one in packed.infolist())
    package = json.loads(members["datapackage.json"])
    for one in package["resources"]:
        data = members[one["path"]]
        assert (one["bytes"], one["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    assert {one["path"] for one in package["resources"]} == members.keys() - {"datapackage.json", "datapackage-digest.json"}  # fmt: skip
    digest = json.loads(members["datapackage-digest.json"])
    assert digest["hash"] == f"sha256:{hashlib.sha256(members['datapackage.json']).hexdigest()}"
    lines = members["indexes/index.cdxj"].splitlines(keepends=True)
    assert lines == sorted(lines)
    found = _index([line.decode() for line in lines])
    for one in found:
        _leads_to_its_record(one, members["archive/data.warc.gz"])
    head, *pages = map(json.loads, members["pages/pages.jsonl"].decode().splitlines())
    assert head["format"] == "json-pages-1.0"
    at = {(one["url"], one["stamp"]) for one in found}
    assert {(one["url"], one["ts"].translate(str.maketrans("", "", "-:TZ"))) for one in pages} <= at
    assert len(pages) == {"": 6, "2": 2, "2000-01-01": 0}[selection[-1] if selection else ""]
    if len(pages) == 2:
        assert "cancelled for good" in pages[-1]["title"]


def test_a_missing_file_leaves_no_wacz(run, home, tmp_path, monkeypatch):
    broken = archive(tmp_path / "archive")
    next((broken / "warc").rglob("*.warc.gz")).unlink()
    monkeypatch.setenv("NEWSCRAWL_HOME", str(broken))
    done = CliRunner().invoke(cli, ["export", "wacz", "--out", str(tmp_path / "x.wacz")])
    assert done.exit_code == 7
    assert "the file is missing" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_any_number_of_lines_is_sorted(tmp_path, monkeypatch):
    """Also where they do not fit into memory at once."""
    monkeypatch.setattr("newscrawl.warc.cdxj._CHUNK", 7)
    lines = [f"{number * 37 % 101:03d} é\n".encode() for number in range(101)]
    with Sorted(tmp_path) as index:
        for line in lines:
            index.add(line)
        assert list(index.lines()) == sorted(lines)
    assert not list(tmp_path.iterdir())


def test_bytes_of_a_source(run, home):
    """Raw as the records lie, and as long as they are unpacked; the database for all sources together."""
    done = CliRunner().invoke(cli, ["stats", "--bytes", "--json"])
    one, every = map(json.loads, done.stdout.splitlines())
    with open_reader(f"sqlite:///{home / 'newscrawl.db'}") as reader:
        places = [ref for _, ref in reader.places()]
    plain = 0
    for ref in places:
        with (home / "warc" / ref.file).open("rb") as file:
            file.seek(ref.offset)
            plain += len(gzip.decompress(file.read(ref.length)))
    assert (one["source"], one["articles"], one["responses"]) == ("orda", 5, len(places))
    assert (one["raw_bytes"], one["plain_bytes"]) == (sum(ref.length for ref in places), plain)
    assert {key: every[key] for key in list(one)[1:-1]} == {key: one[key] for key in list(one)[1:-1]}
    assert every["database_bytes"] == (home / "newscrawl.db").stat().st_size
    assert "all" in CliRunner().invoke(cli, ["stats", "--bytes"]).stdout
    assert CliRunner().invoke(cli, ["stats", "--bytes", "--since", "2026-01-01"]).exit_code == 2


def test_bytes_where_a_file_is_elsewhere(home, tmp_path, monkeypatch):
    broken = archive(tmp_path / "archive")
    next((broken / "warc").rglob("*.warc.gz")).unlink()
    monkeypatch.setenv("NEWSCRAWL_HOME", str(broken))
    one = json.loads(CliRunner().invoke(cli, ["stats", "--bytes", "--source", "orda", "--json"]).stdout)
    assert one["plain_bytes"] is None
    assert one["raw_bytes"] > 0


@pytest.mark.parametrize(
    ("shell", "begins"), [("bash", "_newscrawl_completion"), ("zsh", "#compdef"), ("fish", "function")]
)
def test_completion(shell, begins, monkeypatch):
    """What docs/reading.md tells shells to read, and what they are told of a word that was begun."""
    page = (Path(__file__).parents[2] / "docs" / "reading.md").read_text("utf-8")
    assert f"_NEWSCRAWL_COMPLETE={shell}_source newscrawl" in page
    called = {"prog_name": "newscrawl", "args": []}
    done = CliRunner().invoke(cli, env={"_NEWSCRAWL_COMPLETE": f"{shell}_source"}, **called)
    assert (done.exit_code, done.stdout.startswith(begins)) == (0, True), done.output
    words = {"COMP_WORDS": "newscrawl export --rel", "COMP_CWORD": "--rel" if shell == "fish" else "2"}
    done = CliRunner().invoke(cli, env={"_NEWSCRAWL_COMPLETE": f"{shell}_complete", **words}, **called)
    assert "--release" in done.stdout
