"""The first pass over an import: reads every record once, lists those that can matter and counts the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from newscrawl.errors import AddressError
from newscrawl.importing.files import Part
from newscrawl.importing.index import Entry, Index, Kind
from newscrawl.importing.outcomes import Counters, FileError, Outcome
from newscrawl.importing.outlets import Outlets
from newscrawl.urls import absolute
from newscrawl.warc.build import safe_uri
from newscrawl.warc.decode import payload
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
        yield Step(one.offset + one.length)
    if not found:
        counters.records[Outcome.DAMAGED] -= 1 if damage else 0
        why = f": {damage.problem}" if damage else ""
        raise FileError(f"no whole WARC record in it{why}", subject=part.name)


def sane(at: datetime | None, now: datetime) -> bool:
    """Whether an instant can be that of a capture."""
    return at is not None and EARLIEST <= at <= now + _AHEAD


def web_address(url: str | None) -> str | None:
    """A record's address as the archive writes it; None for anything but a plain web address."""
    try:
        return safe_uri(absolute(url or "")).partition("#")[0]
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
    if record.at is None or not sane(record.at, now):
        return Outcome.BAD_DATE
    if record.problem is not None:
        return Outcome.UNREADABLE
    owner = outlets.owner(url)
    if isinstance(owner, Outcome):
        return owner
    http = record.http()
    stated = record.get("WARC-Payload-Digest") or ""
    entry = Entry(
        source=owner[0].name, edition=owner[1], url=url, at=record.at, kind=Kind.PAGE, path=str(part.path),
        name=part.name, offset=record.offset, length=record.length, nth=nth, record_id=record.id, stated=stated,
    )  # fmt: skip
    if record.type == "revisit":
        return _list_revisit(record, http, entry, index)
    if http is None:
        http_like = (record.get("Content-Type") or "").lower().startswith("application/http")
        return Outcome.UNREADABLE if http_like else Outcome.NO_RESPONSE
    return _list_response(http, entry, index)


def _list_response(http: Http, entry: Entry, index: Index) -> Outcome | None:
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
    digest = payload_digest(payload(http))
    listed = index.add(_as(entry, kind=kind, status=http.status, digest=digest, target=target))
    return None if listed else Outcome.ALREADY


def _list_revisit(record: Record, http: Http | None, entry: Entry, index: Index) -> Outcome | None:
    status = http.status if http is not None else 200
    unmodified = status == 304 or (record.get("WARC-Profile") or "").strip("<>").endswith(_NOT_MODIFIED)
    if unmodified:
        listed = index.add(_as(entry, kind=Kind.NOT_MODIFIED, status=304, digest=entry.stated))
        return None if listed else Outcome.ALREADY
    if _kind(status) is not Kind.PAGE:
        # The body of a repeated error or redirect says nothing more than its status.
        return Outcome.REDIRECT if status in _REDIRECTS else Outcome.ERROR
    refers_at = None
    if text := record.get("WARC-Refers-To-Date"):
        try:
            refers_at = datetime.fromisoformat(text)
        except ValueError:
            refers_at = None
    refers_url = web_address(record.get("WARC-Refers-To-Target-URI")) or entry.url
    index.add_revisit(entry, refers_url, refers_at if refers_at and refers_at.tzinfo else None)
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
