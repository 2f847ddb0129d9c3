"""Tokens of a real time-stamping authority on loopback: which are kept, which are not, and what checks them afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.errors import Exit, FetchError
from newscrawl.proof import verifier
from newscrawl.proof.log import Place
from newscrawl.proof.outside import timestamps
from newscrawl.store.proof.book import open_book
from tests.support.authority import Authority
from tests.support.damaged import archived, found, sql
from tests.support.published import web_server
from tests.support.rawserver import Line, RawServer


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    """An authority with certificates of its own."""
    return Authority(tmp_path_factory.mktemp("authority") / "one")


@pytest.fixture(scope="module")
def kept() -> Path:
    """An archive with a log of five runs."""
    return archived()


@pytest.fixture
def home(kept, tmp_path, monkeypatch, authority) -> Path:
    """A copy of it, the archive of the working directory; the authority is as it should be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(authority, "answers", authority.token)
    return Path(shutil.copytree(kept, tmp_path / "archive"))


def run(*words: str):
    return CliRunner().invoke(cli, list(words))


def stamp(authority: Authority, url: str, *words: str):
    return run("proof", "timestamp", "--authority", url, "--ca", str(authority.root), *words)


def test_a_token(home, authority):
    """Asked for once a checkpoint; shown by status, checked by verify and by openssl itself."""
    with authority.serving() as url:
        first = stamp(authority, url, "--json")
        assert first.exit_code == Exit.OK, first.output
        asked = authority.asked
        again = stamp(authority, url)
        assert (again.exit_code, "already" in again.output, authority.asked) == (Exit.OK, True, asked)
        sql(
            home,
            "update versions set extractor = 'newer' where id = 3",
            "insert into proof_pending (kind, row_id) values (4, 3)",
        )
        run("proof", "init")
        assert "already" in stamp(authority, url, "--daily").output
        assert "already" not in stamp(authority, url).output
    told = json.loads(first.stdout)
    token = Path(told["file"])
    note = token.with_name(f"{told['size']}.checkpoint")
    command = ["openssl", "ts", "-verify", "-in", token, "-data", note, "-CAfile", authority.root]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "OK" in done.stdout) == (0, True), done.stderr
    (one,) = json.loads(run("proof", "status", "--json").stdout)["stamped"]
    assert (one["size"], one["at"][:10]) == (told["size"] + 1, told["at"][:10])
    assert found(log=True) == []
    assert "2 time stamps" in run("verify").output


def test_the_authority_of_the_settings(home, authority):
    """As cron asks it: named in newscrawl.toml, planned by schedule."""
    with authority.serving() as url:
        Path("newscrawl.toml").write_text(
            f'timestamp_authority = "{url}"\ntimestamp_ca = "{authority.root}"\n', "utf-8"
        )
        assert run("proof", "timestamp", "--daily").exit_code == Exit.OK
    assert "proof timestamp --daily" in run("schedule", "--print", "cron", "orda").output
    assert "timestamp_authority" in run("config").output
    Path("newscrawl.toml").unlink()
    assert run("proof", "timestamp").exit_code == Exit.USAGE


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("over other bytes", "no token for this checkpoint: "),
        ("a token of yesterday", "Nonce mismatch"),
        ("garbage", "it cannot be read"),
        ("nothing", "it cannot be read"),
        ("cut off", "it cannot be read"),
        ("a flipped byte", "no token for this checkpoint: "),
        ("refused", "it was refused"),
        ("huge", "longer than 65,536 bytes"),
    ],
)
def test_an_answer_that_is_none(home, authority, monkeypatch, what, says):
    """Said in one line, with code 3; nothing is kept, and the next time is as the first."""
    real = authority.token
    with authority.serving() as url:
        before = Path(str(home) + "-other")
        if what == "a token of yesterday":
            with open_book(f"sqlite:///{home / 'newscrawl.db'}") as book:
                place = Place.of(before, "newscrawl/test")
                token, _ = timestamps.stamp(book, place, url, authority.root, "newscrawl/test")
            data = token.path.read_bytes()
            monkeypatch.setattr(authority, "answers", lambda _: data)
        elif what == "over other bytes":
            monkeypatch.setattr(authority, "answers", authority.for_other_bytes)
        else:
            change = {
                "garbage": lambda _: b"garbage " * 9,
                "nothing": lambda _: b"",
                "cut off": lambda query: real(query)[:-200],
                "a flipped byte": lambda query: (data := real(query))[:-40]
                + bytes([data[-40] ^ 1])
                + data[-39:],
                "refused": lambda query: real(query.replace(b"\x65\x03\x04\x02\x01", b"\x65\x03\x04\x02\x04")),
                "huge": lambda _: bytes(70_000),
            }[what]  # fmt: skip
            monkeypatch.setattr(authority, "answers", change)
        done = stamp(authority, url)
        assert done.exit_code == Exit.NOTHING_FETCHED, done.output
        assert says in done.output
        assert not (home / "proof" / "timestamps").exists()
        monkeypatch.setattr(authority, "answers", real)
        assert stamp(authority, url).exit_code == Exit.OK


def test_an_authority_that_is_not_trusted(home, authority, tmp_path):
    """Its root is its own: without being named, or with that of another, the token is not kept."""
    other = Authority(tmp_path / "other")
    with authority.serving() as url:
        done = run("proof", "timestamp", "--authority", url)
        assert (done.exit_code, "--ca FILE" in done.output) == (Exit.NOTHING_FETCHED, True)
        assert stamp(other, url).exit_code == Exit.NOTHING_FETCHED
    assert not (home / "proof" / "timestamps").exists()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "no connection"),
        (Line.hold, "no answer in time"),
        (lambda line: (line.head(), line.forever(b"x", 0.05)), "no answer in time"),
        (lambda line: (line.head(), line.forever(b"x" * 65536)), "longer than"),
        (lambda line: line.head("Content-Length: 0", status="503 Busy"), "answers with 503"),
        (
            lambda line: line.head("Location: /other", "Content-Length: 0", status="307 Elsewhere"),
            "answers with 307",
        ),
    ],
    ids=["away", "silent", "drop by drop", "without end", "busy", "leads elsewhere"],
)
def test_an_authority_that_is_away(home, authority, answer, says):
    """Bounded in time and size; nothing is kept."""
    with RawServer({"/tsr": answer} if answer else {}) as site:
        url = f"{site.url if answer else 'http://127.0.0.1:9'}/tsr"
        place = Place.of(home, "newscrawl/test")
        seconds = 0.6 if says == "no answer in time" else 60.0
        with open_book(f"sqlite:///{home / 'newscrawl.db'}") as book, pytest.raises(FetchError) as raised:
            timestamps.stamp(book, place, url, authority.root, "newscrawl/test", seconds=seconds)
    assert says in str(raised.value)
    assert not (home / "proof" / "timestamps").exists()


def test_stored_tokens_that_were_changed(home, authority):
    """A token over another checkpoint, a checkpoint that was never signed, a flipped byte, another root: verify names each."""
    with authority.serving() as url:
        token = Path(json.loads(stamp(authority, url, "--json").stdout)["file"])
        wrong = authority.for_other_bytes(b"")
    note = next(token.parent.glob(f"*{timestamps.NOTE}"))
    originals = {path: path.read_bytes() for path in token.parent.iterdir()}
    flipped = bytearray(originals[token])
    flipped[-40] ^= 1
    for path, data in (
        (token, wrong),
        (token, bytes(flipped)),
        (token, originals[token][:100]),
        (note, originals[note].replace(b"time 2", b"time 1")),
        (token.with_suffix(timestamps.ROOT), b"nothing"),
    ):
        path.write_bytes(data)
        assert {one["kind"] for one in found(log=True)} == {"log_damaged"}, path
        path.write_bytes(originals[path])
    assert found(log=True) == []


def test_without_the_package(home, authority, monkeypatch):
    """Asking says what to install; what is kept is checked as far as Python alone can."""
    with authority.serving() as url:
        assert stamp(authority, url).exit_code == Exit.OK
        monkeypatch.setattr(timestamps, "_client", lambda: None)
        assert found(log=True) == []
        sql(
            home,
            "update versions set extractor = 'newer' where id = 3",
            "insert into proof_pending (kind, row_id) values (4, 3)",
        )
        run("proof", "init")
        done = stamp(authority, url)
    assert (done.exit_code, "newscrawl[proof]" in done.output) == (Exit.USAGE, True)


def test_evidence_with_a_witness_and_a_token(home, authority):
    """Both are in the file, on its cover, and checked by the verifier, which says what to run for the rest; no part can be changed."""
    key = json.loads(run("proof", "status", "--json").stdout)["key"]
    watching = {"NEWSCRAWL_HOME": "witness"}
    seen = CliRunner().invoke(cli, ["witness", str(home), "--key", key, "--json"], env=watching)
    vkey = json.loads(seen.stdout)["witness"]
    assert run("proof", "cosignatures", "witness", "--key", vkey).exit_code == Exit.OK
    with authority.serving() as url:
        assert stamp(authority, url).exit_code == Exit.OK
    assert run("evidence", "1", "--out", "1.wacz").exit_code == Exit.OK
    done = run("evidence", "--verify", "1.wacz", "--key", key, "--witness", vkey)
    assert done.exit_code == Exit.OK, done.output
    assert f"co-signed by the witness {vkey} at " in done.output
    assert "of each key of a witness" not in done.output
    with zipfile.ZipFile("1.wacz") as packed:
        packed.extractall("unpacked")
        members = {one.filename: packed.read(one) for one in packed.infolist()}
    cover = members["proof/cover.html"].decode()
    for words in ("co-signed them", "и подписал их", "көріп, қол қойды", "stamped its first"):
        assert words in cover
    # What the verifier says is to be run holds.
    (line,) = [one for one in verifier.check("1.wacz", key).lines if "openssl" in one]
    command = line.partition(": openssl")[2].replace("ROOT.pem", str(authority.root)).split()
    ran = subprocess.run(["openssl", *command], capture_output=True, text=True, cwd="unpacked")
    assert (ran.returncode, "OK" in ran.stdout) == (0, True), ran.stderr
    assert any("is its own (give it with --witness)" in one for one in verifier.check("1.wacz", key).lines)
    stranger = verifier.check("1.wacz", key, [vkey.replace(vkey[:12], "somebodyelse")])
    assert not stranger.ok
    # Also where the archive itself puts it into a file and signs that.
    theirs = [one for one in members if one.startswith(("proof/cosigned/", "proof/timestamps/"))]
    assert len(theirs) == 3
    for name in theirs:
        checked = object.__new__(verifier.Evidence)
        checked.keys, checked.lines, checked.members = [key], [], members
        checked._outside(())
        at = members[name].find(b"time 2") + 5 if b"time 2" in members[name] else 60
        checked.members = members | {name: members[name][:at] + b"1" + members[name][at:][1:]}
        with pytest.raises(verifier.Wrong):
            checked._outside(())


def test_the_documented_commands(home, authority):
    """Each line of docs/proof.md about witnesses and time stamps, in order, with addresses of this machine."""
    text = (Path(__file__).parents[2] / "docs" / "proof.md").read_text("utf-8")
    about = text[text.index("## Witnesses") : text.index("## What is in the log")]
    lines = [line[2:] for line in about.splitlines() if line.startswith("$ newscrawl ")]
    assert len(lines) == 6
    key = json.loads(run("proof", "status", "--json").stdout)["key"]
    watching = {"NEWSCRAWL_HOME": "witness"}
    with web_server(home / "proof") as mine, web_server(Path("witness/proof")) as theirs:
        words = {"https://press.example/proof": mine, "KEY": key, "https://other.example/proof": theirs}
        with authority.serving() as url:
            setting = f'timestamp_authority = "{url}"\ntimestamp_ca = "{authority.root}"\n'
            Path("newscrawl.toml").write_text(setting, "utf-8")
            words |= {"https://stamps.example/tsr": url, "root.pem": str(authority.root)}
            for line in lines:
                _, *given = (words.get(one, one) for one in line.split())
                env = watching if given[0] == "witness" else {}
                done = CliRunner().invoke(cli, given, env=env)
                assert done.exit_code == Exit.OK, (line, done.output)
                if given[0] == "witness":
                    words["WITNESS"] = done.output.split()[-1]
                    (sent,) = Path("witness/proof/witness").glob("*/checkpoint")
                    shutil.copy(sent, "co-signed.txt")


@pytest.mark.parametrize(
    "data", [b"", b"0", b"0\x80", b"\x30\x84\xff\xff\xff\xff", b"0\x03\x02\x01", bytes(300)]
)
def test_tokens_that_are_none(data):
    """The reader of tokens says so of any bytes."""
    with pytest.raises(verifier.Wrong):
        verifier.stamped(data)
