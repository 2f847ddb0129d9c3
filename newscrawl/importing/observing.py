"""A record as a look: its answer copied into our own WARC, its keys, its article. Judges nothing and commits nothing."""

from __future__ import annotations

from pathlib import Path

from newscrawl.errors import ArchiveError
from newscrawl.extract import extractor_version
from newscrawl.importing.index import Entry, Kind
from newscrawl.importing.outlets import Outlet, edition_name
from newscrawl.importing.pages import Answer, answer_of
from newscrawl.importing.past import fingerprint
from newscrawl.model import Article, Capture, CaptureRef, Channel, Fetch, FetchOutcome, Lead, Observation
from newscrawl.store.archive import Archive
from newscrawl.warc import WarcWriter, read

_OUTCOMES = {404: FetchOutcome.NOT_FOUND, 410: FetchOutcome.GONE, 451: FetchOutcome.LEGAL}


def observation_of(
    entry: Entry, article: Article | None, outlet: Outlet, archive: Archive, warc: WarcWriter, root: Path
) -> Observation:
    """The look a record is, after its answer was written to our own WARC."""
    addresses = outlet.addresses
    key = addresses.key(entry.url)
    edition = entry.edition or edition_name(article.language if article is not None else None)
    answer = None if entry.kind is Kind.NOT_MODIFIED else answer_of(entry)
    capture = _capture(entry, answer, outlet, archive, warc, root)
    fetch = Fetch(
        url=entry.url,
        at=entry.at,
        outcome=_outcome(entry),
        final_url=entry.url,
        status=entry.status,
        content_type=capture.content_type,
        etag=(answer.get("ETag") or "")[:1000] or None if answer else None,
        last_modified=(answer.get("Last-Modified") or "")[:1000] or None if answer else None,
        captures=(capture,),
    )
    return Observation(
        source=outlet.name,
        edition=edition,
        url_key=key,
        fetch=fetch,
        article=article,
        content_hash=fingerprint(article),
        extractor=extractor_version(),
        aliases=addresses.aliases(key, fetch, article, edition),
        lead=Lead(entry.url, Channel.BLOCK, entry.name),
        attested=addresses.is_plain(entry.url) or entry.nth < 0,
    )


def _capture(
    entry: Entry, answer: Answer | None, outlet: Outlet, archive: Archive, warc: WarcWriter, root: Path
) -> Capture:
    """The answer in our own WARC: copied, or left where it is if it is one of our records already."""
    more = {"Newscrawl-Import-File": entry.name}
    if entry.record_id:
        more["Newscrawl-Import-Record"] = entry.record_id
    earlier = archive.earlier_capture(entry.url)
    if answer is None:
        return warc.write_not_modified(url=entry.url, at=entry.at, headers=(), earlier=earlier, more=more)
    if own := _own(entry, answer, root.resolve(), outlet.name):
        return own
    return warc.write_response(
        url=entry.url, at=entry.at, status=answer.status, reason=answer.reason, headers=answer.headers,
        body=answer.body, http_version=answer.version, ip=answer.ip, earlier=earlier, more=more,
    )  # fmt: skip


def _own(entry: Entry, answer: Answer, root: Path, source: str) -> Capture | None:
    """A record in the WARC folder of this very source: after the loss of a database its files stay as they are."""
    path = Path(entry.path).resolve()
    if entry.origin is not None or entry.nth or not path.is_relative_to(root / source):
        return None
    found = _reference(path, root, entry)
    if found is None:
        return None
    return Capture(found, entry.url, entry.at, answer.status, answer.get("Content-Type"))


def _reference(path: Path, root: Path, entry: Entry) -> CaptureRef | None:
    """The reference to a record in our own folder, None where it does not hold."""
    ref = CaptureRef(
        path.relative_to(root).as_posix(), entry.offset, entry.length, entry.record_id, entry.digest
    )
    try:
        read(root, ref)
    except ArchiveError:
        return None
    return ref


def _outcome(entry: Entry) -> FetchOutcome:
    if entry.kind is Kind.NOT_MODIFIED:
        return FetchOutcome.NOT_MODIFIED
    return _OUTCOMES.get(entry.status, FetchOutcome.OK)
