"""Witnesses: what is co-signed of another archive's log and what is not, and which cosignatures count here."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from newscrawl.cli import cli
from newscrawl.errors import AddressError, Exit, FetchError, UsageError
from newscrawl.proof import verifier
from newscrawl.proof.log import Place
from newscrawl.proof.notes import Checkpoint, Note, PrivateKey, PublicKey
from newscrawl.proof.outside.cosignatures import WitnessKey, cosign, cosignatures
from newscrawl.proof.outside.published import seen_of
from newscrawl.proof.outside.witnessing import Seen, look, watched
from newscrawl.proof.tiles import path as tile_path
from tests.support.damaged import archived, found, sql
from tests.support.fake_site import NOW
from tests.support.published import MadeLog, web_server
from tests.support.rawserver import Line, RawServer

LATER = NOW + timedelta(days=3)
AGENT = "newscrawl/test"


# --- the form -------------------------------------------------------------------------------------

# The example of c2sp.org/tlog-cosignature, whose keys are not in the text: what can be held against it is the frame.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
# The example of c2sp.org/signed-note, with its key.
SIGNED = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SIGNER = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def test_the_examples_of_the_standard():
    """A note with a cosignature is read and written again byte for byte; the message that its time makes; a signed note holds."""
    note = Note.parse(EXAMPLE)
    assert note.whole() == EXAMPLE
    assert Checkpoint.parse(note.text).size == 20852163
    (_, data) = note.signatures[1]
    assert (len(data), int.from_bytes(data[4:12], "big")) == (76, 1679315147)
    assert Note.parse(SIGNED).signed_by([PublicKey.parse(SIGNER)]) == PublicKey.parse(SIGNER)
    assert verifier.opened(SIGNED, [SIGNER]) == "This is an example message.\n"
    # A key of a log is none of a witness, and the other way round, also with the same bytes.
    with pytest.raises(ValueError, match="no key of a witness"):
        WitnessKey.parse(SIGNER)
    with pytest.raises(ValueError, match="no Ed25519 key"):
        PublicKey.parse(WitnessKey("example.com/foo", PublicKey.parse(SIGNER).key).vkey)


def test_a_cosignature_by_hand():
    """What is signed, written out as the standard says; the verifier of evidence files, which is other code, reads it."""
    key, at = PrivateKey.new("witness.example/w"), datetime(2026, 3, 4, 5, 6, 7, 890000, UTC)
    text = "press.example/log\n5\n" + base64.b64encode(bytes(32)).decode() + "\nmore\n"
    one = cosign(key, text, at)
    seconds = int(at.timestamp())
    message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
    Ed25519PrivateKey.from_private_bytes(key.seed).public_key().verify(one.data[12:], message)
    assert one.data[4:12] == seconds.to_bytes(8, "big")
    vkey = WitnessKey.of(key).vkey
    assert base64.b64decode(vkey.split("+", 2)[2])[:1] == b"\x04"
    note = Note(text, ((key.name, one.data),)).whole()
    assert verifier.cosigned(note, vkey) == at.replace(microsecond=0)
    with pytest.raises(verifier.Wrong):
        verifier.cosigned(note.replace("\n5\n", "\n6\n"), vkey)


@pytest.mark.parametrize(
    "change",
    ["other text", "other time", "other key", "cut off", "the log's own kind", "a time that no calendar has"],
)
def test_cosignatures_that_do_not_hold(change):
    """Each is left out, as if it were not there."""
    key, text = PrivateKey.new("witness.example/w"), "press.example/log\n5\n" + "A" * 43 + "=\n"
    data, keys = cosign(key, text, NOW).data, [WitnessKey.of(key)]
    assert cosignatures(Note(text, ((key.name, data),)), keys)[0].at == NOW.replace(microsecond=0)
    if change == "other text":
        text = text.replace("\n5\n", "\n6\n")
    elif change == "other time":
        data = data[:4] + (int.from_bytes(data[4:12], "big") - 1).to_bytes(8, "big") + data[12:]
    elif change == "other key":
        data = cosign(PrivateKey.new(key.name), text, NOW).data
    elif change == "cut off":
        data = data[:-1]
    elif change == "the log's own kind":
        data = key.public.id + key.signature(text.encode())
    else:
        data = data[:4] + b"\x7f" + data[5:]
    assert cosignatures(Note(text, ((key.name, data),)), keys) == []


# --- watching another log -------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path) -> MadeLog:
    """The log of another archive, of 300 entries: more than a tile."""
    made = MadeLog(tmp_path / "theirs" / "proof")
    made.grow(300)
    return made


@pytest.fixture
def place(tmp_path) -> Place:
    """The archive that watches, which has no log of its own."""
    return Place.of(tmp_path / "ours", "newscrawl/test")


def watch(place: Place, log: MadeLog, target: str | None = None, **more) -> Seen:
    return look(place, target or str(log.folder), log.key.public.vkey, lambda: LATER, AGENT, **more)


def of_folder(place: Place, log: MadeLog) -> Path:
    return place.folder / seen_of(log.key.name)


@dataclass(frozen=True)
class Event:
    """What happens between two looks, and what comes of the second."""

    verdict: str
    kept: bool = True  # both checkpoints as evidence


def fork(log: MadeLog, number: int) -> None:
    log.forget()
    log.grow(number, "another entry")


def swap_tile(log: MadeLog, number: int, level: int = 0) -> None:
    """Another archive's bytes in a tile; the checkpoint stays."""
    log.grow(300)
    tile = log.folder / tile_path(level, number, 256 if number < 2 else log.size - 512)
    tile.write_bytes(bytes(len(tile.read_bytes())))


def sign_other(log: MadeLog) -> None:
    log.publish(Checkpoint(log.key.name, log.size, bytes(32), LATER))


def sign_by(log: MadeLog, key: PrivateKey, origin: str | None = None) -> None:
    log.grow(5)
    log.publish(Checkpoint(origin or log.key.name, log.size, log.root, LATER), key)


EVENTS = {
    "nothing": (lambda _: None, Event("same", kept=False)),
    "one entry more": (lambda log: log.grow(1), Event("grown", kept=False)),
    "many entries more": (lambda log: log.grow(700), Event("grown", kept=False)),
    "up to a full tile": (lambda log: log.grow(212), Event("grown", kept=False)),
    "rolled back": (lambda log: (log.forget(), log.grow(299)), Event("rolled_back")),
    "rolled back to nothing": (
        lambda log: log.publish(Checkpoint(log.key.name, 0, b"\xe3" * 32)),
        Event("rolled_back"),
    ),
    "forked at the same size": (lambda log: fork(log, 300), Event("forked")),
    "forked and gone on": (lambda log: fork(log, 900), Event("forked")),
    "forked up to a power of two": (lambda log: fork(log, 512), Event("forked")),
    "two roots of one size": (sign_other, Event("forked")),
    "the last tile is another": (lambda log: swap_tile(log, 2), Event("edited")),
    "a full tile is another": (lambda log: swap_tile(log, 1), Event("edited")),
    "signed by a stranger": (
        lambda log: sign_by(log, PrivateKey.new(log.key.name)),
        Event("unsigned", kept=False),
    ),
    "another log under the same key": (
        lambda log: sign_by(log, log.key, "other.example/log"),
        Event("foreign", kept=False),
    ),
}


@pytest.mark.parametrize("where", ["folder", "address"])
@pytest.mark.parametrize("what", EVENTS)
def test_what_happens_to_a_log_that_is_watched(log, place, what, where):
    """Only what grew out of everything seen before is co-signed; of what contradicts itself both checkpoints are kept, once."""
    happens, event = EVENTS[what]
    with web_server(log.folder) as url:
        target = url if where == "address" else None
        assert watch(place, log, target).verdict == "first"
        folder = of_folder(place, log)
        before = (folder / "checkpoint").read_bytes()
        happens(log)
        seen = watch(place, log, target)
        again = watch(place, log, target)
    assert (seen.verdict, seen.ok) == (event.verdict, event.verdict in ("same", "grown"))
    assert again.verdict == ("same" if seen.ok else event.verdict)
    findings = sorted((folder / "findings").iterdir()) if (folder / "findings").exists() else []
    assert len(findings) == event.kept
    now = (log.folder / "checkpoint").read_text("utf-8")
    if seen.ok:
        note = Note.parse((folder / "checkpoint").read_bytes())
        assert note.text == Note.parse(now).text
        assert note.signed_by([log.key.public]) == log.key.public
        assert verifier.cosigned(note.whole(), seen.witness) == LATER.replace(microsecond=0)
    else:
        assert (folder / "checkpoint").read_bytes() == before
    for one in findings:
        assert one == seen.file
        assert (one / "before").read_bytes() == before
        assert (one / "now").read_text("utf-8") == now


BROKEN = {
    "no server": (None, "no connection"),
    "not found": (lambda line: line.head("Content-Length: 0", status="404 Not Found"), "has no checkpoint"),
    "an error page": (lambda line: line.head("Content-Length: 0", status="503 Busy"), "answers with 503"),
    "garbage": (lambda line: (line.head("Content-Length: 7"), line.send(b"garbage")), "is no checkpoint"),
    "no HTTP": (lambda line: line.send(b"\0\1\2\3\n\n"), "broken answer"),
    "without end": (lambda line: (line.head(), line.forever(b"x" * 65536)), "longer than 65,536 bytes"),
    "drop by drop": (lambda line: (line.head(), line.forever(b"x", 0.05)), "no answer in time"),
    "headers drop by drop": (lambda line: line.forever(b"X", 0.05), "no answer in time"),
    "silence": (Line.hold, "no answer in time"),
    "round and round": (
        lambda line: line.head("Location: /checkpoint", "Content-Length: 0", status="302 Found"),
        "more than 3 redirects",
    ),
    "to this machine": (
        lambda line: line.head("Location: http://localhost:9/x", "Content-Length: 0", status="302 Found"),
        "leads to a private address",
    ),
    "to a metadata service": (
        lambda line: line.head("Location: http://169.254.169.254/x", "Content-Length: 0", status="302 Found"),
        "leads to a private address",
    ),
    "to a file": (
        lambda line: line.head("Location: file:///etc/passwd", "Content-Length: 0", status="302 Found"),
        "no web address",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_log_that_cannot_be_read(log, place, what):
    """Said in one line; nothing is co-signed, nothing remembered, and no server is waited for or read without an end."""
    answer, says = BROKEN[what]
    slow = {"seconds": 0.6} if says == "no answer in time" else {}
    with RawServer({"/checkpoint": answer} if answer else {}) as site:
        target = site.url if answer else "http://127.0.0.1:9"
        with pytest.raises((FetchError, AddressError)) as raised:
            watch(place, log, target, **slow)
    assert says in str(raised.value)
    assert not (of_folder(place, log) / "checkpoint").exists()
    assert watched(place) == []


def test_tiles_that_are_missing(log, place):
    """A copy that is just being made: not co-signed, no accusation either."""
    watch(place, log)
    log.grow(100)
    shutil.rmtree(log.folder / "tile" / "0" / "001.p")
    with pytest.raises(FetchError, match="try again later"):
        watch(place, log)
    assert watched(place)[0].seen.size == 300


@pytest.mark.parametrize(
    "target", ["ftp://press.example/proof", "http://user:secret@press.example/", "http://", "http://a b/"]
)
def test_addresses_that_are_none(log, place, target):
    """Refused before anything is asked; a password is not shown."""
    with pytest.raises(AddressError) as raised:
        watch(place, log, target)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "2852039166"])
def test_a_metadata_service_is_never_asked(log, place, host):
    """Whoever names it, in any spelling."""
    with pytest.raises(FetchError, match="leads to a private address"):
        watch(place, log, f"http://{host}/")


def test_the_key_is_given_once(log, place):
    """Then it is remembered with the address; a log without one is not asked; nobody is his own witness."""
    with pytest.raises(UsageError, match="not known yet"):
        look(place, str(log.folder), None, lambda: LATER, AGENT)
    watch(place, log)
    log.grow(3)
    assert look(place, str(log.folder), None, lambda: LATER, AGENT).verdict == "grown"
    (one,) = watched(place)
    assert (one.origin, one.target, one.seen.size) == (log.key.name, str(log.folder), 303)
    with pytest.raises(UsageError, match="somebody else"):
        watch(place, log, own=log.key.name)


def test_the_log_has_a_new_key(log, place):
    """It counts once somebody has given it; what was signed with the old one is not forgotten."""
    watch(place, log)
    log.key = PrivateKey.new(log.key.name)
    log.grow(2)
    assert look(place, str(log.folder), None, lambda: LATER, AGENT).verdict == "unsigned"
    assert watch(place, log).verdict == "grown"
    log.forget()
    log.grow(10)
    assert watch(place, log).verdict == "rolled_back"


def test_a_wrong_signature_beside_the_right_one(log, place):
    """Other signatures of the note are not passed on: a tool that knows the key would refuse all of it."""
    note = Note.parse((log.folder / "checkpoint").read_bytes())
    name, data = note.signatures[0]
    other = ("else.example/log", b"1234" + bytes(64))
    wrong = Note(note.text, ((name, data[:4] + bytes(64)), *note.signatures, other)).whole()
    (log.folder / "checkpoint").write_text(wrong, "utf-8")
    seen = watch(place, log)
    signatures = Note.parse(seen.file.read_bytes()).signatures
    assert [one for one, _ in signatures] == [name, WitnessKey.parse(seen.witness).name]
    assert signatures[0] == (name, data)


# --- two archives ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept() -> Path:
    """An archive with a log of five runs."""
    return archived()


@pytest.fixture
def home(kept, tmp_path, monkeypatch) -> Path:
    """A copy of it, the archive of the working directory; beside it is room for a witness."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_NOW", LATER.isoformat())
    return Path(shutil.copytree(kept, tmp_path / "archive"))


def run(*words: str, home: str | None = None):
    return CliRunner().invoke(cli, list(words), env={"NEWSCRAWL_HOME": home} if home else {})


def key_of(home: Path) -> str:
    return json.loads(run("proof", "status", "--json").stdout)["key"]


def witnessed(home: Path) -> str:
    """Another archive sees this one's log; the witness's key."""
    done = run("witness", str(home), "--key", key_of(home), "--json", home="witness")
    assert done.exit_code == Exit.OK, done.output
    return json.loads(done.stdout)["witness"]


def more(home: Path, extractor: str = "newer") -> None:
    """One entry more."""
    sql(
        home,
        f"update versions set extractor = '{extractor}' where id = 3",
        "insert into proof_pending (kind, row_id) values (4, 3)",
    )
    assert run("proof", "init").exit_code == Exit.OK


@pytest.mark.parametrize("how", ["folder", "address", "file", "archive's folder"])
def test_an_archive_takes_its_cosignature_in(home, how):
    """From where the witness publishes it, or as a file that it sent; shown by status, checked by verify."""
    vkey = witnessed(home)
    with web_server(Path("witness/proof")) as url:
        seen = seen_of(json.loads(run("proof", "status", "--json").stdout)["origin"])
        target = {
            "folder": "witness/proof", "address": url, "file": f"witness/proof/{seen}/checkpoint",
            "archive's folder": "witness",
        }[how]  # fmt: skip
        done = run("proof", "cosignatures", target, "--key", vkey)
        assert done.exit_code == Exit.OK, done.output
        again = json.loads(run("proof", "cosignatures", target, "--json").stdout)
    assert again["verdict"] == "known"
    status = json.loads(run("proof", "status", "--json").stdout)
    (one,) = status["cosigned"]
    assert (one["key"], one["size"]) == (vkey, status["size"])
    assert timedelta(seconds=-1) < datetime.fromisoformat(one["at"]) - LATER < timedelta(minutes=30)
    assert found(log=True) == []
    assert "1 cosignature" in run("verify").output


def test_cosignatures_that_do_not_count(home):
    """Of nobody known; dated ahead; by another witness of that name; an old one says what it said and no more."""
    vkey = witnessed(home)
    published = Path("witness/proof") / seen_of(key_of(home).partition("+")[0]) / "checkpoint"
    assert "no known witness" in run("proof", "cosignatures", "witness").output
    other = WitnessKey.of(PrivateKey.new(vkey.partition("+")[0])).vkey
    assert run("proof", "cosignatures", "witness", "--key", other).exit_code == Exit.ARCHIVE_UNUSABLE
    assert not Path("archive/proof/cosigned").exists()
    secret = PrivateKey.parse(Path("witness/state/witness.key").read_text())
    note = Note.parse(published.read_bytes())
    ahead = cosign(secret, note.text, LATER + timedelta(days=2))
    Path("ahead.txt").write_text(Note(note.text, (note.signatures[0], (secret.name, ahead.data))).whole())
    done = run("proof", "cosignatures", "ahead.txt", "--key", vkey)
    assert (done.exit_code, "yet to come" in done.output) == (Exit.ARCHIVE_UNUSABLE, True)
    # Replayed after the log has grown: it is of its own checkpoint, and the newer one stays without.
    old = json.loads(run("proof", "status", "--json").stdout)["size"]
    more(home)
    assert json.loads(run("proof", "cosignatures", "witness", "--json").stdout)["size"] == old
    status = json.loads(run("proof", "status", "--json").stdout)
    assert (status["cosigned"][0]["size"], status["size"]) == (old, old + 1)
    # Put under the newer checkpoint, it is nobody's.
    newest = Note.parse((home / "proof" / "checkpoint").read_bytes())
    Path("moved.txt").write_text(Note(newest.text, (*newest.signatures, note.signatures[1])).whole())
    done = run("proof", "cosignatures", "moved.txt")
    assert (done.exit_code, "no known witness" in done.output) == (Exit.ARCHIVE_UNUSABLE, True)
    # The earliest of a witness counts: a later one of the same checkpoint changes nothing.
    later = cosign(secret, note.text, LATER + timedelta(minutes=1))
    Path("later.txt").write_text(Note(note.text, (note.signatures[0], (secret.name, later.data))).whole())
    assert json.loads(run("proof", "cosignatures", "later.txt", "--json").stdout)["verdict"] == "known"


def test_a_log_that_a_witness_has_seen_further(home, kept):
    """Rolled back: the witness says so, taking its cosignature in says so, and what was taken in before makes verify say so."""
    shutil.copytree(home, "yesterday")
    more(home)
    vkey = witnessed(home)
    assert run("proof", "cosignatures", "witness", "--key", vkey).exit_code == Exit.OK
    mine = Path("mine")
    shutil.copytree(home / "proof" / "cosigned", mine / "cosigned")
    shutil.copy(home / "proof" / "witnesses", mine / "witnesses")
    shutil.rmtree(home)
    shutil.copytree("yesterday", home)
    done = run("witness", home="witness")
    assert (done.exit_code, "rolled back" in done.output) == (Exit.ARCHIVE_UNUSABLE, True)
    assert "both checkpoints are kept in" in done.output
    done = run("proof", "cosignatures", "witness")
    assert (done.exit_code, "rolled back" in done.output) == (Exit.ARCHIVE_UNUSABLE, True)
    ((before, now),) = [sorted(one.iterdir()) for one in (home / "proof" / "findings").iterdir()]
    sizes = [Checkpoint.parse(Note.parse(one.read_bytes()).text).size for one in (before, now)]
    assert sizes[0] == sizes[1] + 1
    assert found(log=True) == []  # nothing on this machine tells
    shutil.copytree(mine, home / "proof", dirs_exist_ok=True)
    assert {one["kind"] for one in found(log=True)} == {"log_rolled_back"}
    # Gone on otherwise, with the same key: forked.
    more(home, "quite another")
    more(home, "and one more")
    done = run("witness", home="witness")
    assert (done.exit_code, "forked" in done.output) == (Exit.ARCHIVE_UNUSABLE, True)
    assert run("proof", "cosignatures", "witness").exit_code == Exit.ARCHIVE_UNUSABLE
    assert ["forked" in one["message"] for one in found(log=True)] == [True]


def test_stored_cosignatures_that_were_changed(home):
    """Whoever changes the files beside the log is found by verify."""
    vkey = witnessed(home)
    run("proof", "cosignatures", "witness", "--key", vkey)
    (path,) = (home / "proof" / "cosigned").iterdir()
    whole = path.read_text("utf-8")
    head, last = whole.rsplit(" ", 1)
    for changed in (whole.replace("time 2", "time 1"), f"{head} {last[:20]}AAAA{last[24:]}", "nothing\n"):
        path.write_text(changed, "utf-8")
        assert {one["kind"] for one in found(log=True)} == {"log_damaged"}, changed
    path.write_text(whole, "utf-8")
    path.rename(path.with_name("3"))
    assert {one["kind"] for one in found(log=True)} == {"log_damaged"}


def test_all_logs_that_are_watched(home, log):
    """One command for cron; one that is away does not keep the others from being seen."""
    assert run("witness", home="witness").exit_code == Exit.USAGE
    witnessed(home)
    done = run("witness", str(log.folder), "--key", log.key.public.vkey, "--out", "sent.txt", home="witness")
    assert done.exit_code == Exit.OK, done.output
    assert verifier.cosigned(Path("sent.txt").read_text("utf-8"), done.output.split()[-1])
    done = run("witness", home="witness")
    assert (done.exit_code, done.output.count("co-signed")) == (Exit.OK, 2)
    log.forget()
    done = run("witness", home="witness")
    assert (done.exit_code, done.output.count("; co-signed")) == (Exit.PARTLY_FAILED, 1)
    planned = run("schedule", "--print", "cron", "orda", home="witness").output
    assert "newscrawl witness" in planned.replace("-m newscrawl", "newscrawl")
    status = run("proof", "status").output
    assert "watches" not in status


def test_what_witnesses_said_is_in_backups(home):
    """And what this archive has seen of others; keys are in none."""
    vkey = witnessed(home)
    run("proof", "cosignatures", "witness", "--key", vkey)
    other = MadeLog(Path("other"), PrivateKey.new("other.example/log"))
    other.grow(4)
    assert run("witness", "other", "--key", other.key.public.vkey).exit_code == Exit.OK
    assert run("backup", "backup").exit_code == Exit.OK
    assert run("restore", "backup", home="restored").exit_code == Exit.OK
    for name in ("witnesses", "cosigned", "witness"):
        assert (Path("restored/proof") / name).exists()
    assert not list(Path("backup").rglob("*.key"))
    status = json.loads(run("proof", "status", "--json", home="restored").stdout)
    assert (len(status["cosigned"]), [one["log"] for one in status["watching"]]) == (1, ["other.example/log"])
