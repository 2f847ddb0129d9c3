"""An article's evidence as one file: what is in it, that a stranger can check it, and that no byte of it can be changed."""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings, strategies as st
from warcio.archiveiterator import ArchiveIterator

from newscrawl.cli import cli
from newscrawl.errors import Exit
from newscrawl.proof import merkle, verifier
from newscrawl.proof.notes import Checkpoint, Note, PrivateKey, PublicKey
from newscrawl.warc.cdxj import surt
from newscrawl.warc.wacz import zipped
from tests.support.damaged import archived, sql


def run(*arguments: str):
    return CliRunner().invoke(cli, ["evidence", *arguments])


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A folder with an archive, and the evidence of its removed (1) and its edited (2) article."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copytree(archived(), folder / "archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for article in (1, 2):
            result = run(str(article), "--out", f"{article}.wacz")
            assert result.exit_code == Exit.OK, result.output
    return folder


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {one.filename: packed.read(one) for one in packed.infolist()}


def key_of(kept: Path) -> str:
    return members(kept / "1.wacz")["proof/key.txt"].decode().strip()


def test_what_is_in_it(kept):
    """The removal with its checks and controls, both versions of the edited one with the difference, and every raw response."""
    removed, edited = members(kept / "1.wacz"), members(kept / "2.wacz")
    rows = [json.loads(line)["entry"] for line in removed["proof/entries.jsonl"].decode().splitlines()]
    changes = [one["kind"] for one in rows if one["entry"] == "change"]
    absent = [one for one in rows if one.get("verdict") == "absent"]
    assert (changes, len(absent)) == (["created", "suspected", "removed"], 4)
    told = json.loads(removed["proof/evidence.json"])
    assert {one["id"] for one in rows if one["entry"] == "observation" and one["article"] != 1} == set(
        told["controls"]
    )
    assert len(told["controls"]) >= 4
    captures = {one["record_id"] for one in rows if one["entry"] == "capture"}
    found = {
        one.rec_headers["WARC-Record-ID"]
        for one in ArchiveIterator(BytesIO(removed["archive/data.warc.gz"]))
        if one.rec_type != "warcinfo"
    }
    assert found == captures
    told = json.loads(edited["proof/evidence.json"])
    (difference,) = told["differences"]
    assert (len(told["said"]), difference["from"], difference["to"], difference["fields"][0]["field"]) == (
        2,
        1,
        2,
        "headline",
    )


def test_it_is_a_wacz(kept):
    """As the format has it: members named with hash and size, an index that leads to each record, pages that are in the index."""
    found = members(kept / "1.wacz")
    package = json.loads(found["datapackage.json"])
    assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
    assert {one["path"] for one in package["resources"]} == found.keys() - {
        "datapackage.json",
        "datapackage-digest.json",
    }
    index = found["indexes/index.cdxj"].decode().splitlines()
    assert index == sorted(index)
    warc = found["archive/data.warc.gz"]
    for line in index:
        key, stamp, fields = line.split(" ", 2)
        one = json.loads(fields)
        (record,) = ArchiveIterator(
            BytesIO(warc[int(one["offset"]) : int(one["offset"]) + int(one["length"])])
        )
        assert (record.rec_headers["WARC-Target-URI"], surt(one["url"])) == (one["url"], key)
        assert record.rec_headers["WARC-Date"].translate(str.maketrans("", "", "-:TZ")).startswith(stamp)
    head, *pages = map(json.loads, found["pages/pages.jsonl"].decode().splitlines())
    assert head["format"] == "json-pages-1.0"
    assert pages
    assert {one["url"] for one in pages} <= {json.loads(line.split(" ", 2)[2])["url"] for line in index}
    assert all(one.compress_type == zipfile.ZIP_STORED for one in zipfile.ZipFile(kept / "1.wacz").infolist())


def test_the_cover(kept):
    """Three languages, nothing loaded from anywhere, what a page says never as markup."""
    page = members(kept / "2.wacz")["proof/cover.html"].decode()
    for words in (
        "Evidence of an article",
        "Доказательства по одной статье",
        "Бір мақала бойынша дәлелдер",
        "is cancelled for good",
        "<ins>",
    ):
        assert words in page
    for foreign in ("<script", "src=", "href=", "url("):
        assert foreign not in page


def test_a_stranger_checks_it(kept, tmp_path):
    """With the script out of the file and Python alone: no newscrawl, no package, another folder, the published key."""
    script = tmp_path / "verify.py"
    script.write_bytes(members(kept / "1.wacz")["proof/verify.py"])
    shutil.copy(kept / "1.wacz", tmp_path / "evidence.wacz")
    command = [sys.executable, "-I", "-S", str(script), "evidence.wacz", "--key", key_of(kept)]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("ALL RIGHT\n")
    assert "removed: absent (404)" in done.stdout
    other = PrivateKey.new("newscrawl/other").public.vkey
    done = subprocess.run(
        [*command[:-1], other], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "FAILED: the log does not name the key that was given\n")


def test_by_the_command(kept):
    """`--verify` says the same, with the exit code of an archive that cannot be believed."""
    good = run("--verify", str(kept / "1.wacz"), "--key", key_of(kept), "--json")
    assert (good.exit_code, json.loads(good.stdout)["ok"]) == (Exit.OK, True)
    assert run("--verify", str(kept / "archive" / "newscrawl.db")).exit_code == Exit.ARCHIVE_UNUSABLE
    assert run("--verify", str(kept / "none.wacz")).exit_code == Exit.ARCHIVE_UNUSABLE
    assert run().exit_code == run("1", "--verify", "x").exit_code == Exit.USAGE


def test_no_byte_can_be_changed(kept, tmp_path):
    """A bit flipped anywhere: in every member, at its ends and in its middle, in the ZIP's own bytes, or a byte more or less."""
    whole = (kept / "2.wacz").read_bytes()
    places = {0, len(whole) - 1, *random.Random(18).sample(range(len(whole)), 60)}
    with zipfile.ZipFile(kept / "2.wacz") as packed:
        for one in packed.infolist():
            start = one.header_offset + 30 + len(one.filename)
            places |= {one.header_offset + 10, start, start + one.file_size // 2, start + one.file_size - 1}
    target = tmp_path / "changed.wacz"
    passed = []
    for place in sorted(places):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        target.write_bytes(changed)
        if verifier.check(target).ok:
            passed.append(place)
    for other in (whole[:-1], whole + b"\0", b"\0" + whole):
        target.write_bytes(other)
        if verifier.check(target).ok:
            passed.append(len(other))
    assert passed == []


@pytest.mark.parametrize("name", ["archive/data.warc.gz", "indexes/index.cdxj", "pages/pages.jsonl", "proof/cover.html", "proof/evidence.json", "proof/checkpoint", "proof/checkpoints.jsonl", "proof/entries.jsonl", "proof/key.txt", "proof/verify.py", "datapackage.json", "datapackage-digest.json"])  # fmt: skip
@pytest.mark.parametrize("how", ["changed", "gone", "listed anew"])
def test_no_member_can_be_changed(kept, tmp_path, name, how):
    """Packed again with right checksums, even with a new list of members: the archive's signature is missing."""
    found = members(kept / "2.wacz")
    if how == "gone":
        del found[name]
    else:
        middle = len(found[name]) // 2
        found[name] = found[name][:middle] + b"x" + found[name][middle + 1 :]
    if how == "listed anew" and not name.startswith("datapackage"):
        package = json.loads(found["datapackage.json"])
        for one in package["resources"]:
            data = found[one["path"]]
            one |= {"bytes": len(data), "hash": f"sha256:{verifier._sha256(data)}"}
        found["datapackage.json"] = json.dumps(package, ensure_ascii=False, indent=1).encode()
        digest = json.loads(found["datapackage-digest.json"]) | {
            "hash": f"sha256:{verifier._sha256(found['datapackage.json'])}"
        }
        found["datapackage-digest.json"] = json.dumps(digest, ensure_ascii=False, indent=1).encode()
    target = tmp_path / "changed.wacz"
    target.write_bytes(zipped(found))
    assert not verifier.check(target).ok


def listed(found: dict[str, bytes], key: PrivateKey) -> bytes:
    """The file with these members, listed anew and signed by a key."""
    told = json.loads(found["proof/evidence.json"])
    package = json.loads(found["datapackage.json"])
    resources = [
        {"name": path, "path": path, "hash": f"sha256:{verifier._sha256(data)}", "bytes": len(data)}
        for path, data in found.items()
        if not path.startswith("datapackage")
    ]
    found["datapackage.json"] = json.dumps(package | {"resources": resources}).encode()
    digest = f"sha256:{verifier._sha256(found['datapackage.json'])}"
    note = key.sign(f"newscrawl evidence\n{told['origin']}\n{digest}\n")
    found["datapackage-digest.json"] = json.dumps(
        {"hash": digest, "note": note}, ensure_ascii=False, indent=1
    ).encode()
    return zipped(found)


def telling(**values):
    """A change of what evidence.json says."""

    def change(found):
        found["proof/evidence.json"] = json.dumps(
            json.loads(found["proof/evidence.json"]) | values, ensure_ascii=False
        ).encode()

    return change


def lines(name, change):
    """A change of the lines of a member."""

    def changed(found):
        found[name] = "".join(f"{one}\n" for one in change(found[name].decode().splitlines())).encode()

    return changed


def warc(change):
    """A change of the raw responses, as a list of packed records."""

    def changed(found):
        data, records = found["archive/data.warc.gz"], []
        while data:
            unpacker = zlib.decompressobj(31)
            record = unpacker.decompress(data)
            records.append(record)
            data = unpacker.unused_data
        found["archive/data.warc.gz"] = b"".join(map(gzip.compress, change(records)))

    return changed


LIES = {
    "another title": (telling(title="Nothing happened"), "the title is not that of the newest version"),
    "another state": (telling(state="live"), "the state is not that of the newest change"),
    "another key": (telling(key=PrivateKey.new("newscrawl/x").public.vkey), "the key that the file names"),
    "another key beside": (lambda found: found.update({"proof/key.txt": b"x\n"}), "the key that the file names"),
    "an invented control": (telling(controls=[99_999]), "control 99999 is no observation"),
    "a control of its own": (telling(controls=[1]), "control 1 is no observation of another article"),
    "a version left out": (
        lines("proof/entries.jsonl", lambda all_: [one for one in all_ if '"number": 1,' not in one]), "a version has no entry",
    ),
    "an entry twice": (lines("proof/entries.jsonl", lambda all_: [all_[0], *all_]), "stands twice"),
    "a name twice": (
        lines("proof/entries.jsonl", lambda all_: [one.replace('{"index"', '{"index": 0, "index"', 1) for one in all_]), "a name stands twice",
    ),
    "a record twice": (warc(lambda all_: [*all_, all_[-1]]), "two records have one id"),
    "a header twice": (
        warc(lambda all_: [all_[0].replace(b"WARC-Type:", b"WARC-Type: response\r\nWARC-Type:", 1), *all_[1:]]), "warc-type twice",
    ),
    "an index to elsewhere": (
        lines("indexes/index.cdxj", lambda all_: [re.sub(r'"offset": ?"?\d+"?', '"offset": "0"', one) for one in all_]), "the index leads to another record",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_the_keys_owner_cannot_say_otherwise(kept, tmp_path, name):
    """What is signed anew with the archive's own key is still held against the log, wherever the log says it."""
    change, problem = LIES[name]
    found = members(kept / "1.wacz")
    change(found)
    target = tmp_path / "lie.wacz"
    key = PrivateKey.parse((kept / "archive" / "state" / "proof.key").read_text("utf-8").strip())
    target.write_bytes(listed(found, key))
    assert problem in (verifier.check(target, key_of(kept)).problem or "")
    target.write_bytes(listed(members(kept / "1.wacz"), key))
    assert verifier.check(target, key_of(kept)).ok


def test_a_log_that_names_the_key_of_another(kept, tmp_path):
    """Who has no key of the archive makes a log of his own, and lets it name the archive's published key beside his."""
    theirs, mine = key_of(kept), PrivateKey.new(PublicKey.parse(key_of(kept)).name)
    said = [
        {"entry": "log", "v": 1, "what": "begins", "origin": mine.name, "key": mine.public.vkey},
        {"entry": "log", "v": 1, "what": "key", "key": theirs},
    ]
    one, two = (merkle.leaf_hash(verifier.canonical(entry)) for entry in said)
    root = verifier._node(one, two)
    text = f"{mine.name}\n2\n{b64encode(root).decode()}\ntime 2026-05-01T00:00:00Z\n"
    found = members(kept / "1.wacz") | {
        "proof/key.txt": f"{theirs}\n".encode(),
        "proof/checkpoint": mine.sign(text).encode(),
        "proof/checkpoints.jsonl": b"",
        "proof/entries.jsonl": "".join(
            json.dumps({"index": index, "entry": said[index], "path": [(two, one)[index].hex()]}) + "\n"
            for index in (0, 1)
        ).encode(),
    }
    telling(key=theirs, said={}, given_up={}, controls=[], title=None, state="live")(found)
    target = tmp_path / "forged.wacz"
    target.write_bytes(listed(found, mine))
    assert "not signed by the key that was given" in verifier.check(target, theirs).problem


def test_bombs_are_not_unpacked(kept, tmp_path, monkeypatch):
    """Compressed members, and records that unpack to more than they may."""
    target = tmp_path / "bomb.wacz"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("proof/cover.html", bytes(1 << 20))
    assert verifier.check(target).problem == "a member is compressed"
    monkeypatch.setattr(verifier, "MOST", 100)
    assert verifier.check(kept / "1.wacz").problem == "the records unpack to more than a gigabyte"


def test_nothing_that_the_log_does_not_have(kept, tmp_path, monkeypatch):
    """An article of before the log, or changed since, has no evidence: a forged row is not made true by a file about it."""
    shutil.copytree(kept / "archive", tmp_path / "archive")
    monkeypatch.chdir(tmp_path)
    sql(tmp_path / "archive", "delete from proof_entries where kind = 4 and row_id = 1")
    assert "not in the log yet" in run("1").output
    sql(
        tmp_path / "archive",
        "update versions set body = 'Nothing happened.' where article_id = 2 and number = 1",
    )
    assert run("2", "--out", "2.wacz").exit_code == Exit.OK
    assert verifier.check("2.wacz").problem == "version 1 says something else than its entry"


@settings(max_examples=20, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), bit=st.integers(0, 511))
def test_signatures_as_cryptography_makes_them(seed, message, bit):
    """The verifier's own Ed25519: takes what the package signs, and nothing with a bit flipped."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verifier.has_signed(key, message, signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verifier.has_signed(key, message, bytes(flipped))
    assert not verifier.has_signed(key, message + b"x", signature)


@pytest.mark.parametrize(
    ("key", "message", "signature"),
    [
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ],
)  # fmt: skip
def test_vectors_of_the_standard(key, message, signature):
    """RFC 8032, 7.1; and a scalar that is too large, which is the same signature written otherwise."""
    data, of = bytes.fromhex(signature), (bytes.fromhex(key), bytes.fromhex(message))
    assert verifier.has_signed(*of, data)
    larger = data[:32] + (int.from_bytes(data[32:], "little") + verifier.L).to_bytes(32, "little")
    assert not verifier.has_signed(*of, larger)


def test_notes_in_the_form_of_others():
    """The key and note that the Go package of signed notes has as its example."""
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    key = PublicKey.parse(vkey)
    assert Note.parse(note).signed_by([key]) == key
    assert key.vkey == vkey
    assert verifier.opened(note, [vkey]).startswith("If you think")
    skey = PrivateKey.parse("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
    assert skey.sign(Note.parse(note).text) == note
    assert skey.public == key


@pytest.mark.parametrize(
    "text", ["", "a\n\n", "a\n\n— x\n", "a\n— n AAAAAAAA\n", "a\n\n— n AAAAAAAA", "a\n\nx n AAAAAAAA\n"]
)
def test_no_notes(text):
    """What is no signed note is said to be none."""
    with pytest.raises(ValueError, match="no"):
        Note.parse(text)


def test_checkpoints():
    """Whose log, how many, the root, the time; lines of others are skipped."""
    text = "example.com/log\n5\n" + "A" * 43 + "=\nsomething else\ntime 2026-05-13T23:00:00Z\n"
    found = Checkpoint.parse(text)
    assert (found.origin, found.size, found.root, str(found.at)) == (
        "example.com/log",
        5,
        bytes(32),
        "2026-05-13 23:00:00+00:00",
    )
    for wrong in ("example.com/log\n05\nAAAA\n", "x\n5\n", "\n5\n" + "A" * 43 + "=\n"):
        with pytest.raises(ValueError, match="no"):
            Checkpoint.parse(wrong)
