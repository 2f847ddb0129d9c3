"""Tokens of time-stamping authorities (RFC 3161) over checkpoints: asked for, checked, kept beside the log as files.

`timestamps/SIZE.checkpoint` is the note that was stamped, byte for byte, `SIZE-AUTHORITY.tsr` the authority's answer, and
`.pem` beside it the root certificate that it was checked with: `openssl ts -verify` needs nothing else. Asking never
happens within a run; where an authority is away, the next command asks again.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from newscrawl.errors import FetchError, NotFound, UsageError
from newscrawl.proof import log as logs
from newscrawl.proof.log import Place
from newscrawl.proof.outside.fetching import Fetcher, parsed
from newscrawl.proof.verifier import Wrong, der_parts, stamped
from newscrawl.store.proof.book import Book
from newscrawl.warc import durable

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

FOLDER = "timestamps"
TOKEN, NOTE, ROOT = ".tsr", ".checkpoint", ".pem"
_LARGEST = 1 << 16  # bytes of an answer: a token with a chain of certificates has a tenth of it
_SECONDS = 30.0
_QUERY = "application/timestamp-query"
_CERTIFICATES = b"\xa0"  # the tag of that part of a token
_NAME = re.compile(r"(\d+)-([a-z0-9._-]+)\.tsr")


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is kept: over the checkpoint of how many entries, by which authority, what time it says."""

    size: int
    authority: str
    at: datetime
    path: Path


def stamp(
    book: Book,
    place: Place,
    authority: str,
    ca: Path | None,
    user_agent: str,
    *,
    today: datetime | None = None,
    seconds: float = _SECONDS,
) -> tuple[Token, bool]:
    """The authority's token over the newest checkpoint, and whether it is a new one.

    With `today` one of that day (UTC) is enough, whichever checkpoint it is over. `ca` has the root certificates that
    count; without it those of the machine. Raises NotFound without a log, UsageError, FetchError where there is no
    token to be had now or it is not what was asked for: then nothing was changed.
    """
    last = book.last()
    if last is None:
        raise NotFound("there is no log yet", hint="The next run starts it, or: newscrawl proof init")
    name = _name_of(authority)
    mine = [one for one in tokens(place.folder) if one.authority == name]
    if today is not None and (found := [one for one in mine if one.at.date() >= today.date()]):
        return found[-1], False
    if found := [one for one in mine if one.size == last.size]:
        return found[0], False
    data, root, at = _asked(authority, last.note.encode(), _roots(ca), user_agent, seconds)
    folder = place.folder / FOLDER
    token = Token(last.size, name, at, folder / f"{last.size}-{name}{TOKEN}")
    with logs.locked(place.folder):
        durable.write(folder / f"{last.size}{NOTE}", last.note.encode())
        durable.write(token.path.with_suffix(ROOT), root.public_bytes(Encoding.PEM))
        durable.write(token.path, data)  # the last: what has one is complete
    return token, True


def tokens(folder: Path) -> list[Token]:
    """The tokens that are kept and can be read, the smallest log first; `problems` of checking.py names the others."""
    found = []
    for path, size, authority in files(folder):
        try:
            found.append(Token(size, authority, stamped(path.read_bytes())[1], path))
        except (OSError, Wrong):
            continue
    return found


def files(folder: Path) -> list[tuple[Path, int, str]]:
    """The files of tokens, with what their names say: the size of the log, the authority."""
    there = folder / FOLDER
    names = sorted(there.iterdir()) if there.is_dir() else []
    found = [(path, int(match[1]), match[2]) for path in names if (match := _NAME.fullmatch(path.name))]
    return sorted(found, key=lambda one: (one[1], one[2]))


def check(data: bytes, note: bytes, roots: Sequence[x509.Certificate]) -> datetime:
    """The instant of a token over a note. Without the package its signature is not checked. Raises ValueError, Wrong."""
    imprint, at = stamped(data)
    if imprint != hashlib.sha256(note).digest():
        raise Wrong("it is over something else")
    if (client := _client()) is not None:
        _checked(client, _decoded(client, data), note, roots, None)
    return at


def root_of(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises UsageError."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", subject=str(path)) from error
    except ValueError as error:
        raise UsageError("holds no certificate in PEM form", subject=str(path)) from error


def _asked(
    authority: str, note: bytes, roots: Sequence[x509.Certificate], user_agent: str, seconds: float
) -> tuple[bytes, x509.Certificate, datetime]:
    client = _client()
    if client is None:
        raise UsageError(
            "time stamps need a package", hint="Install newscrawl with it: pip install 'newscrawl[proof]'"
        )
    builder = client.TimestampRequestBuilder().data(note).hash_algorithm(client.HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    data = Fetcher(user_agent, seconds).post(authority, request.as_bytes(), _QUERY, _LARGEST)
    try:
        answer = _decoded(client, data)
        root = _checked(client, answer, note, roots, request.nonce)
        return data, root, check(data, note, [root])
    except (ValueError, Wrong) as error:
        raise FetchError(
            f"its answer is no token for this checkpoint: {error}",
            subject=authority,
            hint="If its root certificate is its own, name it: --ca FILE",
        ) from error


def _decoded(client: Any, data: bytes) -> TimeStampResponse:
    try:
        answer: TimeStampResponse = client.decode_timestamp_response(_in_order(data))
    except (ValueError, TypeError, IndexError, Wrong) as error:
        raise ValueError("it cannot be read") from error
    if answer.status != client.PKIStatus.GRANTED:
        said = "; ".join(answer.status_string)[:200]
        raise ValueError(f"it was refused (status {answer.status}{f': {said}' if said else ''})")
    return answer


def _in_order(data: bytes) -> bytes:
    """An answer with its certificates in the order of DER, which the package insists on and openssl's authority does not keep.

    They are no part of what is signed, and a set is as long in any order.
    """
    answer = der_parts(der_parts(data)[0][0])
    if len(answer) < 2:
        return data  # refused
    parts = der_parts(der_parts(der_parts(answer[1][0])[1][0])[0][0])
    given = next((content for content, whole in parts if whole[:1] == _CERTIFICATES), b"")
    return data.replace(given, b"".join(sorted(whole for _, whole in der_parts(given)))) if given else data


def _checked(
    client: Any,
    answer: TimeStampResponse,
    note: bytes,
    roots: Iterable[x509.Certificate],
    nonce: int | None,
) -> x509.Certificate:
    """The first root with which a token holds. Raises ValueError with what the last one missed."""
    why = "there is no root certificate to check it with"
    for root in roots:
        try:
            client.VerifierBuilder(roots=[root], nonce=nonce).build().verify_message(answer, note)
        except (client.VerificationError, ValueError) as error:
            why = " ".join(str(error).split())[:300]
        else:
            return root
    raise ValueError(why)


def _client() -> Any:
    """The package; None where it is not installed."""
    try:
        import rfc3161_client
    except ImportError:
        return None
    return rfc3161_client


def _roots(ca: Path | None) -> list[x509.Certificate]:
    if ca is not None:
        return root_of(ca)
    found = []
    for data in ssl.create_default_context().get_ca_certs(binary_form=True):
        try:
            found.append(x509.load_der_x509_certificate(data))
        except ValueError:
            continue
    return found


def _name_of(authority: str) -> str:
    """An authority as it stands in the name of a file: its host and port."""
    parts = parsed(authority)
    port = f"_{parts.port}" if parts.port else ""
    return re.sub(r"[^a-z0-9._-]", "_", f"{parts.hostname}{port}".lower())[:100]
