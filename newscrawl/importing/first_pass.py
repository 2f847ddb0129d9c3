"""The first pass over an import: reads every record once, lists those that can matter and counts the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urljoin, urlsplit

from newscrawl.errors import AddressError
from newscrawl.importing.files import Part
from newscrawl.importing.index import Entry, Index, Kind
from newscrawl.importing.outcomes import Counters, FileError, Outcome
from newscrawl.importing.outlets import Outlets
from newscrawl.urls import absolute, host_of
from newscrawl.warc.build import safe_uri
from newscrawl.warc.compare import digest_like
from newscrawl.warc.decode import cut_short, decode, payload
from newscrawl.warc.record import Http, Record, payload_digest
from newscrawl.warc.scan import Damage, records

# The web is no older; a capture from before has a wrong date. Clocks of crawlers run ahead by minutes.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(minutes=10)
PAGE_LIMIT = 16 << 20
"""Bytes of a record that are kept; the largest page a crawl would take."""

_RESPONSES = ("response", "revisit")
_REDIRECTS = (301, 302, 303, 307, 308)
_ABSENT = (404, 410, 451)
_NOT_MODIFIED = "server-not-modified"


@dataclass(frozen=True, slots=True)
class Step:
    """So much of a file has been read: the byte behind the last record."""

    done: int


def survey(
    part: Part, index: Index, outlets: Outlets, counters: Counters, *, now: datetime
) -> Iterator[Step]:
    """Lists the answers in a WARC file; everything else in it is counted. Raises FileError if it holds no record at all."""
    found = 0
    at, nth = -1, 0
    damage: Damage | None = None
    for one in records(part.path, limit=PAGE_LIMIT):
        if isinstance(one, Damage):
            counters.count(Outcome.DAMAGED)
            counters.problem(
                f"{part.name}: {one.length} bytes at {one.offset} are no whole record ({one.problem})"
            )
            damage = damage or one
        else:
            found += 1
            nth = nth + 1 if one.offset == at else 0
            at = one.offset
            try:
                outcome = _list(one, nth, part, index, outlets, now)
            except (
                ValueError,
                OverflowError,
            ) as error:  # a hostile address or date that some parser gives up on
                outcome = Outcome.UNREADABLE
                counters.problem(f"{part.name}: record at byte {one.offset}: {error}")
            if outcome is not None:
                counters.count(outcome)
                if outcome is Outcome.WRONG_DIGEST:
                    counters.problem(
                        f"{part.name}: record at byte {one.offset} of {one.url}: its bytes are not those of its digest"
                    )
        yield Step(one.offset + one.length)
    if part.damage:
        counters.count(Outcome.DAMAGED)
        counters.problem(f"{part.name}: {part.damage}")
    if not found:
        counters.records[Outcome.DAMAGED] -= 1 if damage else 0
        why = f": {damage.problem}" if damage else ""
        raise FileError(f"no whole WARC record in it{why}", subject=part.name)


def sane(at: datetime | None, now: datetime) -> bool:
    """Whether an instant can be that of a capture."""
    return at is not None and EARLIEST <= at <= now + _AHEAD


def instant_of(text: str) -> tuple[datetime | None, bool]:
    """A date of a record as an instant, and whether it names only a day.

    Then the day's last second (UTC) stands for it: a page published on that day was there already.
    """
    text = text.strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None, False
    if at.tzinfo is not None:
        return at, False
    if len(text) > len("2026-01-31"):
        return None, False
    return datetime.combine(at, time(23, 59, 59), UTC), True


def web_address(url: str | None) -> str | None:
    """A record's address as the archive writes it, its host as requests name it; None for anything but a plain web address."""
    try:
        address = absolute(url or "")
        host = urlsplit(address).netloc
        if not host.isascii():
            address = address.replace(host, host_of(address), 1)
        return safe_uri(address).partition("#")[0]
    except AddressError:
        return None


def _list(
    record: Record, nth: int, part: Part, index: Index, outlets: Outlets, now: datetime
) -> Outcome | None:
    """Puts a record on the list, or says what it came to."""
    if record.type not in _RESPONSES:
        return Outcome.NO_RESPONSE
    if (record.url or "").lower().startswith(("dns:", "whois:", "ftp:", "urn:")):
        return Outcome.NO_RESPONSE  # real crawls, other protocols
    url = web_address(record.url)
    if url is None:
        return Outcome.BAD_ADDRESS
    at, day = instant_of(record.get("WARC-Date") or "")
    if at is None or not sane(at, now):
        return Outcome.BAD_DATE
    if record.problem is not None:
        return Outcome.UNREADABLE
    owner = outlets.owner(url)
    source, edition = ("", "") if isinstance(owner, Outcome) else (owner[0].name, owner[1])
    entry = Entry(
        source=source, edition=edition, url=url, at=at, day=day, kind=Kind.PAGE, path=str(part.path.absolute()),
        name=part.name, offset=record.offset, length=record.length, nth=nth, record_id=record.id,
        stated=record.get("WARC-Payload-Digest") or "",
    )  # fmt: skip
    http = record.http()
    if record.type == "revisit":
        return owner if isinstance(owner, Outcome) else _list_revisit(record, http, entry, index)
    if http is None:
        http_like = (record.get("Content-Type") or "").lower().startswith("application/http")
        outcome = Outcome.UNREADABLE if http_like else Outcome.NO_RESPONSE
        return owner if isinstance(owner, Outcome) else outcome
    found = owner if isinstance(owner, Outcome) else _list_response(record, http, entry, index)
    if found is not None and found is not Outcome.ALREADY:
        index.leave_out(entry, found)  # a later record may repeat it, and then comes to the same
    return found


def _list_response(record: Record, http: Http, entry: Entry, index: Index) -> Outcome | None:
    kind = _kind(http.status)
    if kind is None:
        return Outcome.ERROR
    if kind is Kind.PAGE and not _is_html(http):
        return Outcome.NOT_HTML
    target = ""
    if kind is Kind.REDIRECT:
        target = web_address(urljoin(entry.url, http.get("Location") or "")) or ""
        if not target or target == entry.url:
            return Outcome.REDIRECT
    if kind is Kind.PAGE and (record.get("WARC-Truncated") or cut_short(http)):
        return Outcome.TRUNCATED  # the beginning of a page would pass for a shortened article
    body = payload(http)
    digest = payload_digest(body)
    if record.type == "response" and _is_wrong(record, http, body, digest):
        return Outcome.WRONG_DIGEST
    listed = index.add(_as(entry, kind=kind, status=http.status, digest=digest, target=target))
    return None if listed else Outcome.ALREADY


def _is_wrong(record: Record, http: Http, body: bytes, digest: str) -> bool:
    """Whether a record's bytes are not those its digests were made of. A digest of an unknown kind says nothing.

    Programs make the payload's digest of the body as sent, without its chunks, or unpacked: any of these will do.
    """
    stated = record.get("WARC-Payload-Digest")
    if stated and stated != digest:
        variants = (body, http.body, decode(body, http.get("Content-Encoding"), limit=PAGE_LIMIT)[0])
        made = {digest_like(stated, one) for one in variants}
        if None not in made and stated.lower() not in {(one or "").lower() for one in made}:
            return True
    block = record.get("WARC-Block-Digest")
    made_of_block = digest_like(block, record.block) if block else None
    return bool(block and made_of_block and made_of_block.lower() != block.lower())


def _list_revisit(record: Record, http: Http | None, entry: Entry, index: Index) -> Outcome | None:
    """Lists a repeated answer. That its maker marks it as cut says nothing: the body is left out on purpose."""
    status = http.status if http is not None else 200
    unmodified = status == 304 or (record.get("WARC-Profile") or "").strip("<>").endswith(_NOT_MODIFIED)
    if unmodified:
        listed = index.add(_as(entry, kind=Kind.NOT_MODIFIED, status=304, digest=entry.stated))
        return None if listed else Outcome.ALREADY
    kind = _kind(status)
    if kind is Kind.REDIRECT and http is not None:
        return _list_response(record, http, entry, index)
    if kind not in (Kind.PAGE, Kind.ABSENT):
        return Outcome.ERROR
    refers_at, _ = instant_of(record.get("WARC-Refers-To-Date") or "")
    refers_url = web_address(record.get("WARC-Refers-To-Target-URI")) or entry.url
    # Without its original it has at least a head: that an address answered 404 needs no body.
    digest = payload_digest(http.body) if kind is Kind.ABSENT and http is not None else ""
    index.add_revisit(_as(entry, kind=kind, status=status, digest=digest), refers_url, refers_at)
    return None


def _kind(status: int) -> Kind | None:
    if status in (200, 203):
        return Kind.PAGE
    if status in _ABSENT:
        return Kind.ABSENT
    if status in _REDIRECTS:
        return Kind.REDIRECT
    return Kind.NOT_MODIFIED if status == 304 else None


def _is_html(http: Http) -> bool:
    stated = (http.get("Content-Type") or "").partition(";")[0].strip().lower()
    # Without a type, or with the type of nothing in particular, the extractor looks at the bytes.
    return "html" in stated or stated in ("", "application/octet-stream", "unk", "unknown/unknown")


def _as(entry: Entry, *, kind: Kind, status: int, digest: str, target: str = "") -> Entry:
    return replace(entry, kind=kind, status=status, digest=digest, target=target)
