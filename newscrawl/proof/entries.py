"""The bytes of an entry, made of what a row says (docs/proof.md): canonical JSON, so that anybody makes the same ones.

The form is that of RFC 8785 without fractions, which stand as text: names in order of their UTF-16 units, no spaces, UTF-8. What is unknown is
left out, so that a column which a later program adds does not change what was entered before. Texts of more than 2,048
bytes, lists without a bound, and what a version says stand in an entry as their SHA-256: the file of entries has no room for
more than 65,535 bytes of one, and words that a court had deleted need not stay in a log that cannot forget.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from newscrawl.store.proof.book import File
from newscrawl.store.proof.kinds import Kind

FORMAT = 1
_LONG = 2048
_SHORT = _LONG // 4  # letters; none has more bytes
# Without a bound, or read again by a later program: told by their hash.
_HASHED = frozenset({"said", "arguments", "counts", "problems", "given_up"})
# Which of these may only become earlier, only larger.
_EARLIER = frozenset({"at", "first_seen"})
_LARGER = {"version": frozenset({"number"}), "observation": frozenset({"version"})}
_TEXTS = frozenset({"created", "edited"})
# What an entry about a row that has one already may say otherwise. Rows change lawfully in these ways only: a version's
# number moves up for an older capture, its fields are read again from the same response, an instant is known earlier.
MAY_CHANGE: Mapping[str, frozenset[str]] = {
    "article": frozenset({"first_seen"}),
    "observation": frozenset({"version"}),
    "version": frozenset(
        {"number", "at", "content_hash", "kinds", "returns_to", "extractor", "capture", "said"}
    ),
    "change": frozenset({"at", "kind", "from", "to", "kinds"}),
}


def unlawful(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> str:
    """What a later entry about a row says otherwise than an earlier one and must not: names, in order; "" if nothing."""
    may = MAY_CHANGE.get(str(earlier.get("entry")), frozenset())
    larger = _LARGER.get(str(earlier.get("entry")), frozenset())
    found = []
    for name in sorted(earlier.keys() | later.keys()):
        was, now = earlier.get(name), later.get(name)
        if was == now or name == "amends":
            continue
        lawful = name in may
        if lawful and name in _EARLIER:
            lawful = isinstance(was, str) and isinstance(now, str) and now < was
        if lawful and name in larger:
            lawful = isinstance(was, int) and isinstance(now, int) and now > was
        if lawful and name == "kind":
            lawful = {was, now} == _TEXTS
        if not lawful:
            found.append(name)
    return ", ".join(found)


def canonical(value: Any) -> bytes:
    """Text, whole numbers, truth, lists and mappings as the bytes of RFC 8785."""
    text = _ENCODE(value)
    if (
        not text.isascii() and max(text) > "\ud7ff"
    ):  # from here on code points and UTF-16 units are ordered otherwise
        text = _ENCODE_AS_IT_IS(_ordered(value))
    return text.encode()


def sha256(value: Any) -> str:
    """The hash of a value's canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def said(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a version says, as its hash takes it: without what is unknown."""
    return {name: _plain(value) for name, value in values.items() if value is not None}


def of_row(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says of a row."""
    found: dict[str, Any] = {"entry": kind.word, "v": FORMAT}
    for name, value in row.items():
        of = type(value)
        if of is str:
            found[name] = value if len(value) < _SHORT else _text(value)
        elif of is int:
            found[name] = value
        elif value is None:
            continue
        elif name in _HASHED:
            found[name] = {"sha256": sha256(said(value) if isinstance(value, Mapping) else value)}
        else:
            found[name] = _plain(value)
    return found


def of_file(file: File) -> dict[str, Any]:
    """What an entry says of a closed WARC file."""
    values = {"source": file.source, "path": _text(file.path), "size": file.size, "sha256": file.sha256}
    return {"entry": Kind.FILE.word, "v": FORMAT, **values}


def of_log(what: str, at: datetime, **more: Any) -> dict[str, Any]:
    """What an entry says of the log itself."""
    return {"entry": Kind.LOG.word, "v": FORMAT, "what": what, "at": instant(at), **more}


def parse(data: bytes) -> dict[str, Any]:
    """An entry from its bytes. Raises ValueError for what this program cannot have written."""
    found = json.loads(data)
    if not isinstance(found, dict) or "entry" not in found or canonical(found) != data:
        raise ValueError("no entry in its canonical form")
    return found


def instant(at: datetime) -> str:
    """An instant, to the microsecond, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _text(text: str) -> Any:
    data = text.encode()
    if len(data) <= _LONG:
        return text
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, float):
        return repr(value)  # the standard's form of fractions is JavaScript's; ours has none
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda one: one.encode("utf-16-be"))
        return {name: _ordered(value[name]) for name in names}
    return [_ordered(inner) for inner in value] if isinstance(value, list | tuple) else value


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_ENCODE_AS_IT_IS = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
