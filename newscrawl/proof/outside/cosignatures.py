"""Cosignatures in the form of C2SP (c2sp.org/tlog-cosignature, "cosignature/v1", Ed25519): who saw a checkpoint, and when.

Pure. A cosignature is a line more of a signed note: the number of the key, eight bytes of time (POSIX, the big end first),
and a signature over the time and the whole text of the note. It says that at that time this was the largest state of
the log that the witness had seen, and that it had only grown out of those before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from newscrawl.proof.notes import Note, PrivateKey, has_signed, key_from, key_id, key_word

_KIND = b"\x04"
_LENGTH = 4 + 8 + 64
_LATEST = 253_402_300_799  # the end of the year 9999: what a datetime holds


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """Who co-signs: a name, and the 32 bytes of an Ed25519 key. Its number is never that of the same key of a log."""

    name: str
    key: bytes

    @classmethod
    def of(cls, private: PrivateKey) -> WitnessKey:
        """The public half of a witness's key."""
        return cls(private.name, private.public.key)

    @classmethod
    def parse(cls, vkey: str) -> WitnessKey:
        """A key from its word, whose type is 4. Raises ValueError."""
        return cls(*key_from(vkey, _KIND))

    @property
    def id(self) -> bytes:
        """The four bytes by which cosignatures name it."""
        return key_id(self.name, _KIND, self.key)

    @property
    def vkey(self) -> str:
        """The key as one word, as verifiers take it."""
        return key_word(self.name, _KIND, self.key)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness saw a checkpoint: whose key, when, and the bytes of its line."""

    witness: WitnessKey
    at: datetime
    data: bytes


def cosign(key: PrivateKey, text: str, at: datetime) -> Cosignature:
    """Co-signs the text of a checkpoint."""
    witness, time = WitnessKey.of(key), int(at.timestamp())
    signature = key.signature(_message(text, time))
    return Cosignature(
        witness, datetime.fromtimestamp(time, UTC), witness.id + time.to_bytes(8, "big") + signature
    )


def cosignatures(note: Note, keys: Iterable[WitnessKey]) -> list[Cosignature]:
    """The cosignatures of some keys that hold, the earliest of each; others are left out."""
    found: dict[WitnessKey, Cosignature] = {}
    for key in keys:
        for name, data in note.signatures:
            if name != key.name or data[:4] != key.id or len(data) != _LENGTH:
                continue
            time = int.from_bytes(data[4:12], "big")
            if time > _LATEST or not has_signed(key.key, _message(note.text, time), data[12:]):
                continue
            at = datetime.fromtimestamp(time, UTC)
            if key not in found or at < found[key].at:
                found[key] = Cosignature(key, at, data)
    return list(found.values())


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
