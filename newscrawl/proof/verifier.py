"""Checks an evidence file of newscrawl, offline, with nothing but Python (3.9 or newer).

    python3 verify.py FILE.wacz [--key KEY] [--witness KEY]...

What must hold, each said in a line: the file is byte for byte what its members make; every member has its hash, and the
hash of the list of members is signed; the newest checkpoint of the log is signed by the key that the log names; each
entry is in the log of that checkpoint; earlier checkpoints are signed and the log only grew since; what each version
says, and each raw response with its address, instant, status and digest, is what its entry says; witnesses have
co-signed checkpoints of this log, and tokens of time-stamping authorities are over checkpoints of it. Give KEY, which the
archive has published or you have from earlier: it must have signed the file and the newest checkpoint. Without it the
file only agrees with itself; and so with the keys of witnesses. The signatures of authorities (X.509) are not checked
here: a line says what to run.

What is proven is what this program prints. The words of the cover page, the differences beside the versions and the
HTTP headers of responses are signed by the archive, and are its word alone; no file can show that nothing was left out.

A copy of this program is in every evidence file. Read it: it is meant to be read.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import io
import json
import re
import sys
import zipfile
import zlib
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

# --- Ed25519, RFC 8032: 5.1.7 and the points of 5.1.4 in extended coordinates -----------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _x_of(y, sign):
    """The other coordinate of a point; None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (not x and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = _x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def _add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point = _add(point, point)
        number >>= 1
    return found


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def has_signed(key, message, signature):
    """Whether an Ed25519 signature (64 bytes) over a message is that of a public key (32 bytes)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, commitment = _point(key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = _times(scalar, BASE), _add(commitment, _times(challenge, public))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P
    )


# --- signed notes and checkpoints: c2sp.org/signed-note, c2sp.org/tlog-checkpoint -------------------


class Wrong(Exception):
    """Something does not hold."""


def _decoded(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong("no base64") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong("no canonical base64")
    return data


def key_of(vkey, kind=b"\x01"):
    """The name, the number and the 32 bytes of a key that is written as one word."""
    name, _, rest = vkey.strip().partition("+")
    number, _, encoded = rest.partition("+")
    data = _decoded(encoded)
    if len(data) != 33 or data[:1] != kind:
        raise Wrong("no Ed25519 key")
    if hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8] != number:
        raise Wrong("the key's number is not that of its name and bytes")
    return name, bytes.fromhex(number), data[1:]


def parts_of(note):
    """The text of a note, and its signatures by name."""
    text, gap, below = note.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise Wrong("no signed note")
    signatures = []
    for line in below[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        if match is None:
            raise Wrong("no signed note")
        signatures.append((match[1], _decoded(match[2])))
    return text + "\n", signatures


def opened(note, vkeys):
    """The text of a note that one of some keys has signed."""
    text, signatures = parts_of(note)
    for signer, signature in signatures:
        for vkey in vkeys:
            name, number, key = key_of(vkey)
            if (name, number) == (signer, signature[:4]) and has_signed(key, text.encode(), signature[4:]):
                return text
    raise Wrong("not signed by a key of the log")


def cosigned(note, vkey):
    """When a witness has co-signed a note (c2sp.org/tlog-cosignature)."""
    text, signatures = parts_of(note)
    name, number, key = key_of(vkey, b"\x04")
    for signer, signature in signatures:
        if (signer, signature[:4]) == (name, number) and len(signature) == 76:
            time = int.from_bytes(signature[4:12], "big")
            if has_signed(key, f"cosignature/v1\ntime {time}\n{text}".encode(), signature[12:]):
                return datetime.fromtimestamp(time, timezone.utc)
    raise Wrong(f"not co-signed by the witness {name}")


# --- tokens of time-stamping authorities: RFC 3161, in DER ------------------------------------------

SHA256 = bytes.fromhex("0609608648016503040201")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")


def der_parts(data: bytes) -> list[tuple[bytes, bytes]]:
    """The parts of a constructed value: the content of each, and all of it."""
    found = []
    while data:
        start, length = 2, int.from_bytes(data[1:2], "big")
        if length > 0x7F:
            start, length = length - 0x7E, int.from_bytes(data[2 : length - 0x7E], "big")
        if not 2 <= start + length <= len(data):
            raise Wrong("a token is torn, or not in DER")
        found.append((data[start : start + length], data[: start + length]))
        data = data[start + length :]
    return found


def stamped(response: bytes) -> tuple[bytes, datetime]:
    """What a token in an authority's answer is over, a SHA-256, and the instant that it says."""
    try:
        (status, _), (token, _) = der_parts(der_parts(response)[0][0])
        (_, kind), (content, _) = der_parts(der_parts(der_parts(der_parts(token)[1][0])[0][0])[2][0])
        told = der_parts(der_parts(der_parts(content)[0][0])[0][0])
        (algorithm, _), (imprint, _) = der_parts(told[2][0])
        if der_parts(status)[0][0] > b"\x01" or kind != TST_INFO or der_parts(algorithm)[0][1] != SHA256:
            raise Wrong("no token of a time-stamping authority over a SHA-256")
        time = told[4][0][:14].decode("ascii")
        return imprint, datetime.strptime(f"{time}+0000", "%Y%m%d%H%M%S%z")
    except (ValueError, IndexError) as error:
        raise Wrong(f"no token of a time-stamping authority ({error})") from None


def checkpoint(text):
    """Origin, size, root and time of a checkpoint."""
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not lines[1].isdecimal():
        raise Wrong("no checkpoint")
    at = next((line[5:] for line in lines[3:] if line.startswith("time ")), None)
    return lines[0], int(lines[1]), _decoded(lines[2]), at


# --- the Merkle tree of RFC 9162 ------------------------------------------------------------------


def _node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(leaf, index, size, path, root):
    """2.1.3.2."""
    if not 0 <= index < size:
        return False
    first, last = index, size - 1
    for one in path:
        if not last:
            return False
        if first & 1 or first == last:
            leaf = _node(one, leaf)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            leaf = _node(leaf, one)
        first, last = first >> 1, last >> 1
    return not last and leaf == root


def is_consistent(old, new, old_root, new_root, path):
    """2.1.4.2."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    path = list(path)
    if not old & (old - 1):
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    was = now = path[0]
    for one in path[1:]:
        if not last:
            return False
        if first & 1 or first == last:
            was, now = _node(one, was), _node(one, now)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            now = _node(now, one)
        first, last = first >> 1, last >> 1
    return not last and was == old_root and now == new_root


# --- the file -------------------------------------------------------------------------------------


def canonical(value):
    """The bytes of RFC 8785 of a value without fractions."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode()


def _sorted(value):
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda one: one.encode("utf-16-be"))}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def _loaded(data):
    """A JSON value of which no object has a name twice: two readers could read two things."""
    return json.loads(data, object_pairs_hook=_named_once)


def _named_once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Wrong("a name stands twice in one JSON object")
    return found


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def members_of(data):
    """The members of the file, which must be byte for byte what packing them gives."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            plain = all(one.compress_type == zipfile.ZIP_STORED for one in packed.infolist())
            found = {one.filename: packed.read(one) for one in packed.infolist()} if plain else {}
    except Exception as error:
        raise Wrong(f"no whole ZIP file: {error}") from None
    if not plain:
        raise Wrong("a member is compressed")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name, content in found.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            target.writestr(info, content)
    if out.getvalue() != data:
        raise Wrong("the file has bytes that its members do not make")
    return found


MOST = 1 << 30  # bytes that all records may unpack to


def records_of(data):
    """The records of a WARC file by their ids, and by where they begin: headers and block."""
    found, places, left, whole = {}, {}, MOST, len(data)
    while data:
        start = whole - len(data)
        unpacker = zlib.decompressobj(31)
        try:
            record = unpacker.decompress(data, left)
        except zlib.error as error:
            raise Wrong(f"a record cannot be unpacked: {error}") from None
        left -= len(record)
        if not unpacker.eof:
            raise Wrong("a record is torn" if left else "the records unpack to more than a gigabyte")
        data = unpacker.unused_data
        head, _, rest = record.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            if name in headers and name != "warc-concurrent-to":
                raise Wrong(f"a record has {name} twice")
            headers[name] = value.strip()
        length = int(headers.get("content-length", "-1"))
        if not lines[0].startswith("WARC/1.") or rest[length:] != b"\r\n\r\n":
            raise Wrong("no WARC record")
        if headers.get("warc-record-id") in found:
            raise Wrong("two records have one id")
        found[headers.get("warc-record-id")] = places[start, whole - len(data) - start] = (
            headers,
            rest[:length],
        )
    return found, places


def _digest(data):
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def _payload(block):
    """The body of an HTTP response, behind interim ones."""
    while True:
        head, _, body = block.partition(b"\r\n\r\n")
        if not re.match(rb"HTTP/\d(\.\d)? 1\d\d", head) or not body.startswith(b"HTTP/"):
            return head, body
        block = body


def _instant(text):
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _is_text(stated, text):
    """Whether a text is the one of an entry, where a long one stands as its hash."""
    if isinstance(stated, dict):
        return stated.get("sha256") == _sha256(text.encode())
    return stated == text


STATES = {"created": "live", "returned": "live", "suspected": "suspected", "removed": "removed"}


class Evidence:
    """An evidence file, checked part by part; `lines` say what was checked, `Wrong` is raised for what does not hold."""

    def __init__(self, data, vkey=None, witnesses=()):
        self.lines = []
        self.members = members_of(data)
        self._list()
        self._keys(vkey)
        self._log()
        self._versions()
        self._responses()
        self._outside(witnesses)

    def _json(self, name):
        try:
            return _loaded(self.members[name])
        except (KeyError, ValueError):
            raise Wrong(f"{name} is missing or cannot be read") from None

    def _list(self):
        package = self._json("datapackage.json")
        listed = {one["path"]: one for one in package["resources"]}
        if list(self.members) != [*listed, "datapackage.json", "datapackage-digest.json"]:
            raise Wrong("the list of members is not that of the file")
        for path, one in listed.items():
            data = self.members[path]
            if (one["bytes"], one["hash"]) != (len(data), f"sha256:{_sha256(data)}"):
                raise Wrong(f"{path} is not what the list of members says")
        self.digest = self._json("datapackage-digest.json")
        if (
            json.dumps(self.digest, ensure_ascii=False, indent=1).encode()
            != self.members["datapackage-digest.json"]
        ):
            raise Wrong("datapackage-digest.json is not in its form")
        if self.digest["hash"] != f"sha256:{_sha256(self.members['datapackage.json'])}":
            raise Wrong("the list of members is not the one that was signed")
        self.lines.append(f"{len(listed)} members have the bytes that are listed")

    def _keys(self, vkey):
        self.told = self._json("proof/evidence.json")
        self.entries = {}
        for line in self.members["proof/entries.jsonl"].decode().splitlines():
            one = _loaded(line)
            if one["index"] in self.entries:
                raise Wrong(f"entry {one['index']} stands twice")
            self.entries[one["index"]] = one
        log = [one["entry"] for _, one in sorted(self.entries.items()) if one["entry"]["entry"] == "log"]
        named = [one["key"] for one in log if "key" in one]
        if not named:
            raise Wrong("the log names no key")
        if vkey is not None and vkey.strip() not in named:
            raise Wrong("the log does not name the key that was given")
        # Whoever makes a log chooses which keys it names: where one is given, it alone vouches for the newest state.
        self.named, self.keys = named, [vkey.strip()] if vkey is not None else named
        try:
            text = opened(self.digest["note"], self.keys)
        except Wrong:
            if len(named) == 1 or vkey is None:
                raise
            raise Wrong(
                "not signed by the key that was given, but by another that the log names: ask the archive"
            ) from None
        if text != f"newscrawl evidence\n{self.told['origin']}\n{self.digest['hash']}\n":
            raise Wrong("the file was signed as another one")
        self.lines.append(f"the file is signed by the archive {self.told['origin']}")
        if vkey is None:
            self.lines.append("NOT CHECKED: whether that key is the archive's own (give it with --key)")

    def _log(self):
        note = self.members["proof/checkpoint"].decode()
        origin, size, root, at = checkpoint(opened(note, self.keys))
        if origin != self.told["origin"]:
            raise Wrong("the checkpoint is of another log")
        if (
            self.told["key"] not in self.keys
            or self.members["proof/key.txt"].decode().strip() != self.told["key"]
        ):
            raise Wrong("the key that the file names is not the one that signed it")
        for index, one in self.entries.items():
            leaf = hashlib.sha256(b"\x00" + canonical(one["entry"])).digest()
            if not is_included(leaf, index, size, [bytes.fromhex(step) for step in one["path"]], root):
                raise Wrong(f"entry {index} is not in the log that was signed")
        self.lines.append(f"{len(self.entries)} entries are in the log of {size} entries signed at {at}")
        self.since = []
        for line in self.members["proof/checkpoints.jsonl"].decode().splitlines():
            one = _loaded(line)
            # Keys of before are in entries, which were just found in the log that the newest key has signed.
            earlier, old, old_root, then = checkpoint(opened(one["note"], self.named))
            if earlier != origin:
                raise Wrong("an earlier checkpoint is of another log")
            path = [bytes.fromhex(step) for step in one["path"]]
            if not is_consistent(old, size, old_root, root, path):
                raise Wrong(f"the log of {old} entries is not the beginning of that of {size}")
            self.since.append((old, then))
        self.since.sort()
        self.since.append((size, at))
        self.lines.append(
            f"{len(self.since) - 1} earlier checkpoints are signed, and the log only grew since"
        )
        amended = {one["entry"]["amends"] for one in self.entries.values() if "amends" in one["entry"]}
        self.rows = {}
        for index, one in sorted(self.entries.items()):
            if index not in amended and "id" in one["entry"]:
                self.rows[one["entry"]["entry"], one["entry"]["id"]] = one["entry"]

    def _outside(self, given):
        """What others have said of the log: cosignatures of witnesses, tokens of authorities."""
        told = [
            json.loads(line) for line in self.members.get("proof/outside.jsonl", b"").decode().splitlines()
        ]
        origin, size, root, _ = checkpoint(opened(self.members["proof/checkpoint"].decode(), self.keys))
        seen = set()
        for one in told:
            note = self.members[one["note"]]
            said = checkpoint(opened(note.decode(), self.keys))
            path = [bytes.fromhex(step) for step in one["path"]]
            if said[0] != origin or not is_consistent(said[1], size, said[2], root, path):
                raise Wrong(f"{one['note']} is of another log")
            if "token" in one:
                imprint, at = stamped(self.members[one["token"]])
                if imprint != hashlib.sha256(note).digest():
                    raise Wrong(f"{one['token']} is over something else than {one['note']}")
                self.lines.append(f"{said[1]} entries are in a token of {one['authority']} that says {at}")
                self.lines.append(
                    "NOT CHECKED: the signature of that token. In the unpacked file, with the authority's root"
                    f" certificate: openssl ts -verify -in {one['token']} -data {one['note']} -CAfile ROOT.pem"
                )
            for vkey in one.get("witnesses", ()):
                at = cosigned(note.decode(), vkey)
                seen.add(vkey)
                self.lines.append(f"{said[1]} entries were seen and co-signed by the witness {vkey} at {at}")
        given = {vkey.strip() for vkey in given}
        if given - seen:
            raise Wrong("the witness whose key was given has co-signed nothing in this file")
        if seen - given:
            self.lines.append(
                "NOT CHECKED: whether each key of a witness is its own (give it with --witness)"
            )

    def _versions(self):
        found = 0
        for (kind, number), row in self.rows.items():
            if kind == "version" and row["article"] == self.told["article"]:
                said = self.told["said"].get(str(number))
                if said is None or _sha256(canonical(said)) != row["said"]["sha256"]:
                    raise Wrong(f"version {row['number']} says something else than its entry")
                found += 1
        if found != len(self.told["said"]):
            raise Wrong("a version has no entry")
        mine = sorted((row["number"], number) for number, row in self._mine("version"))
        if [number for number, _ in mine] != list(range(1, len(mine) + 1)):
            raise Wrong("a version is missing: their numbers have a gap")
        newest = self.told["said"][str(mine[-1][1])] if mine else {}
        if self.told["title"] != newest.get("title"):
            raise Wrong("the title is not that of the newest version")
        states = [
            row["kind"]
            for _, row in sorted(self._mine("change"), key=lambda one: one[0])
            if row["kind"] in STATES
        ]
        if self.told["state"] != STATES[states[-1] if states else "created"]:
            raise Wrong("the state is not that of the newest change")
        for number in self.told["controls"]:
            row = self.rows.get(("observation", number))
            if row is None or row.get("article") == self.told["article"]:
                raise Wrong(f"control {number} is no observation of another article")
        self.lines.append(f"versions that say what their entries have the hash of: {found}")

    def _mine(self, kind):
        """The rows of a kind that are about the article, each with its id."""
        return [
            (number, row)
            for (of, number), row in self.rows.items()
            if of == kind and row.get("article") == self.told["article"]
        ]

    def _responses(self):
        records, places = records_of(self.members["archive/data.warc.gz"])
        for line in self.members["indexes/index.cdxj"].decode().splitlines():
            where = _loaded(line.split(" ", 2)[2])
            record = places.get((int(where["offset"]), int(where["length"])))
            if record is None or record[0].get("warc-target-uri", "").strip("<>") != where["url"]:
                raise Wrong("the index leads to another record than it says")
        given_up = set()
        for number, ids in self.told["given_up"].items():
            row = self.rows.get(("pruning", int(number)))
            if row is None or _sha256(canonical(ids)) != row["given_up"]["sha256"]:
                raise Wrong("what was given up is not what the log says")
            given_up |= set(ids)
        wanted = {row["capture"] for row in self.rows.values() if "capture" in row}
        wanted |= {
            row["refers_to"]
            for row in map(self.rows.get, [("capture", number) for number in wanted])
            if row is not None and "refers_to" in row
        }
        known = {row["record_id"] for (kind, _), row in self.rows.items() if kind == "capture"}
        extra = {
            key for key, (headers, _) in records.items() if headers.get("warc-type") != "warcinfo"
        } - known
        if extra:
            raise Wrong("there is a raw response without an entry")
        checked = 0
        for number in sorted(wanted):
            row = self.rows.get(("capture", number))
            if row is None:
                raise Wrong(f"capture {number} has no entry")
            if number in given_up:
                continue
            self._response(number, row, records)
            checked += 1
        self.lines.append(
            f"raw responses with the address, the instant and the digest of their entries: {checked}"
            + (f"; {len(given_up & wanted)} were given up since" if given_up & wanted else "")
        )

    def _response(self, number, row, records):
        if row["record_id"] not in records:
            raise Wrong(f"the raw response of capture {number} is missing")
        headers, block = records[row["record_id"]]
        safe = "".join(map(chr, range(0x21, 0x7F)))
        uri = headers.get("warc-target-uri", "").strip("<>")
        if not (
            _is_text(row["url"], uri) or (isinstance(row["url"], str) and quote(row["url"], safe=safe) == uri)
        ):
            raise Wrong(f"the raw response of capture {number} is of another address")
        if _instant(headers["warc-date"]) != _instant(row["at"]):
            raise Wrong(f"the raw response of capture {number} is of another instant")
        head, body = _payload(block)
        status = re.match(rb"HTTP/\S+ (\d{3})", head)
        if status is None or int(status[1]) != row["status"]:
            raise Wrong(f"the raw response of capture {number} has another status")
        if headers.get("warc-block-digest") not in (None, _digest(block)):
            raise Wrong(f"the raw response of capture {number} has another block digest")
        if row["kind"] == "response":
            if _digest(body) != row["digest"]:
                raise Wrong(f"the raw response of capture {number} has other bytes")
        elif "refers_to" in row:
            original = self.rows.get(("capture", row["refers_to"]))
            if original is None:
                raise Wrong(f"what capture {number} repeats has no entry")
            if row["kind"] == "revisit" and original["digest"] != row["digest"]:
                raise Wrong(f"capture {number} repeats other bytes")

    def story(self):
        """What was observed of the article, in order, each with the checkpoint that had it first."""
        mine = []
        for index, one in self.entries.items():
            row = one["entry"]
            if row.get("article") == self.told["article"] and row["entry"] in ("observation", "change"):
                signed = next(at for size, at in self.since if size > index)
                what = row.get("verdict") or row.get("kind")
                mine.append(
                    (
                        row["at"],
                        index,
                        f"{row['at']}  {row['entry']} {row['id']}: {what}: {row.get('reason', '')} [entry {index}, signed {signed}]",
                    )
                )
        return [line for _, _, line in sorted(mine)]


class Checked:
    """What was found out of a file: whether all holds, what does not, what was checked, and the article's story."""

    def __init__(self, ok, problem, lines, story):
        self.ok, self.problem, self.lines, self.story = ok, problem, lines, story


def check(file: Any, vkey: str | None = None, witnesses: Any = ()) -> Checked:
    """Checks a file; never raises."""
    try:
        with open(file, "rb") as opened_file:
            found = Evidence(opened_file.read(), vkey, witnesses)
        return Checked(True, None, found.lines, found.story())
    except OSError as error:
        return Checked(False, f"{file} cannot be read ({error.strerror})", [], [])
    except Wrong as error:
        return Checked(False, str(error), [], [])
    except Exception as error:
        return Checked(False, f"the file is damaged ({type(error).__name__}: {error})", [], [])


def main(arguments: list[str] | None = None) -> int:
    """Prints what holds; exit code 0 if all does, 1 if not."""
    parser = argparse.ArgumentParser(description="Checks an evidence file of newscrawl.")
    parser.add_argument("file")
    parser.add_argument("--key", help="the archive's public key, as it has published it")
    parser.add_argument(
        "--witness", action="append", default=[], metavar="KEY", help="the key of a witness that you trust"
    )
    given = parser.parse_args(arguments)
    found = check(given.file, given.key, given.witness)
    print("\n".join(found.lines + found.story) if found.ok else f"FAILED: {found.problem}")
    if found.ok:
        print("ALL RIGHT")
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
