"""Keys, signed notes and checkpoints in the forms of C2SP, which other tools of these forms read.

A note is text, an empty line, and one line a signature (c2sp.org/signed-note); a checkpoint is a note that says whose
log it is, how many entries it has, and its root (c2sp.org/tlog-checkpoint). Ours have the time as a line more, which
that form allows. Keys and signatures are Ed25519 (RFC 8032), of the package cryptography.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_SIGNATURE = re.compile(r"— ([^ +]+) ([A-Za-z0-9+/=]+)")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_TIME = "time "
_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who signs: a name, and the 32 bytes of an Ed25519 key."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return key_id(self.name, _ED25519, self.key)

    @property
    def vkey(self) -> str:
        """The key as one word, as verifiers of signed notes take it."""
        return key_word(self.name, _ED25519, self.key)

    @classmethod
    def parse(cls, vkey: str) -> PublicKey:
        """A key from that word. Raises ValueError."""
        return cls(*key_from(vkey, _ED25519))

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Whether a signature over a text is this key's."""
        return has_signed(self.key, text.encode(), signature)


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """The archive's own key; it never prints itself."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"PrivateKey({self.name})"

    @classmethod
    def new(cls, name: str | None = None) -> PrivateKey:
        """A fresh key; without a name it is called after itself, so that no two archives have one name."""
        seed = Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(name or f"newscrawl/{hashlib.sha256(_public(seed)).hexdigest()[:16]}", seed)

    @classmethod
    def parse(cls, text: str) -> PrivateKey:
        """A key from its text. Raises ValueError."""
        text = text.strip()
        name, number, data = _split(text.removeprefix(_PRIVATE))
        if not text.startswith(_PRIVATE) or not is_name(name) or len(data) != 33 or data[:1] != _ED25519:
            raise ValueError("no private key of a signed note")
        found = cls(name, data[1:])
        if found.public.id.hex() != number:
            raise ValueError("its number is not that of its name and key")
        return found

    def text(self) -> str:
        """The key as one word, as Go's package of signed notes writes it."""
        return f"{_PRIVATE}{self.name}+{self.public.id.hex()}+{_base64(_ED25519 + self.seed)}"

    @property
    def public(self) -> PublicKey:
        """The half of it that everybody may have."""
        return PublicKey(self.name, _public(self.seed))

    def sign(self, text: str) -> str:
        """A text that ends with a line break, as a note with this signature. Raises ValueError."""
        if not text.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in text):
            raise ValueError("no text of a signed note")
        return Note(text, ((self.name, self.public.id + self.signature(text.encode())),)).whole()

    def signature(self, message: bytes) -> bytes:
        """The bare signature over a message."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log was at one moment: whose, how many entries, its root, and when that was said."""

    origin: str
    size: int
    root: bytes
    at: datetime | None = None

    def text(self) -> str:
        """The text that is signed."""
        lines = [self.origin, str(self.size), _base64(self.root)]
        if self.at is not None:
            lines.append(f"{_TIME}{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """A checkpoint from the text of a note; lines that it does not know are skipped. Raises ValueError."""
        origin, size, encoded, *more = [*text.removesuffix("\n").split("\n"), "", ""]
        root = _bytes(encoded)
        if not origin or not _NUMBER.fullmatch(size) or len(root) != 32:
            raise ValueError("no checkpoint of a log")
        at = next((line.removeprefix(_TIME) for line in more if line.startswith(_TIME)), None)
        return cls(origin, int(size), root, datetime.fromisoformat(at) if at else None)


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures: who each is said to be by, and its bytes behind the number of the key."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def parse(cls, data: bytes | str) -> Note:
        """A signed note. Raises ValueError for what is none."""
        whole = data.decode() if isinstance(data, bytes) else data
        text, gap, below = whole.rpartition("\n\n")
        if not gap or not below.endswith("\n"):
            raise ValueError("no signed note")
        found = []
        for line in below.removesuffix("\n").split("\n"):
            match = _SIGNATURE.fullmatch(line)
            if match is None or len(signature := _bytes(match[2])) < 5:
                raise ValueError("no signed note")
            found.append((match[1], signature))
        return cls(text + "\n", tuple(found))

    def whole(self) -> str:
        """The note as it is written."""
        lines = (f"— {name} {_base64(signature)}\n" for name, signature in self.signatures)
        return f"{self.text}\n{''.join(lines)}"

    def only(self, key: PublicKey) -> Note:
        """The same text with the signatures of a key that hold: a wrong one makes other tools refuse the whole note."""
        return Note(
            self.text,
            tuple(
                (name, data)
                for name, data in self.signatures
                if name == key.name and data[:4] == key.id and key.has_signed(self.text, data[4:])
            ),
        )

    def signed_by(self, keys: Iterable[PublicKey]) -> PublicKey | None:
        """The first of some keys that has signed it."""
        return next((key for key in keys if self.only(key).signatures), None)


def is_name(text: str) -> bool:
    """Whether a text can be the name of a key: no spaces, no plus."""
    return bool(text) and text.isprintable() and not re.search(r"[\s+]", text)


def key_id(name: str, kind: bytes, key: bytes) -> bytes:
    """The four bytes by which signatures of a kind (one byte) name a key."""
    return hashlib.sha256(name.encode() + b"\n" + kind + key).digest()[:4]


def key_word(name: str, kind: bytes, key: bytes) -> str:
    """A public key as one word."""
    return f"{name}+{key_id(name, kind, key).hex()}+{_base64(kind + key)}"


def key_from(vkey: str, kind: bytes) -> tuple[str, bytes]:
    """The name and the 32 bytes of a key of a kind from that word. Raises ValueError."""
    name, number, data = _split(vkey.strip())
    if not is_name(name) or len(data) != 33 or data[:1] != kind:
        raise ValueError("no Ed25519 key of a signed note" if kind == _ED25519 else "no key of a witness")
    if key_id(name, kind, data[1:]).hex() != number:
        raise ValueError("its number is not that of its name and key")
    return name, data[1:]


def has_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature over a message is that of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _split(word: str) -> tuple[str, str, bytes]:
    name, _, rest = word.partition("+")
    number, _, encoded = rest.partition("+")
    return name, number, _bytes(encoded)


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if _base64(found) != text:
        raise ValueError("no canonical base64")  # or a flipped bit would go unseen
    return found
