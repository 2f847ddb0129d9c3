"""Memento (RFC 7089): the versions of an address at a moment, so that other tools find them.

An article's versions are its mementos; what a memento was at its moment is the page of that version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from newscrawl import urls
from newscrawl.errors import AddressError, NotFound, UsageError
from newscrawl.model import ArticleRecord, VersionRecord
from newscrawl.text import printable
from newscrawl.web.answers.responses import in_path, is_web
from newscrawl.web.answers.routes import Page
from newscrawl.web.archive import WebArchive

LINKS = "application/link-format"
_LONGEST = 4000  # characters of an address that is looked up
_TIMEMAP, _TIMEGATE = "/timemap/link/", "/timegate/"


def pages(archive: WebArchive) -> list[Page]:
    """These addresses over an archive."""

    def timemap(request: Request) -> Response:
        record, versions = _found(archive, _asked(request, _TIMEMAP))
        address = archive.address(request)
        lines = [
            _link(record.url, "original"),
            _link(f"{address}{_TIMEGATE}{in_path(record.url)}", "timegate"),
            _link(f"{address}{_TIMEMAP}{in_path(record.url)}", "self", type=LINKS),
            *_mementos(record, versions, address),
        ]
        return Response(",\n".join(lines) + "\n", media_type=LINKS)

    def timegate(request: Request) -> Response:
        moment = _moment(request.headers.get("accept-datetime"))
        record, versions = _found(archive, _asked(request, _TIMEGATE))
        address = archive.address(request)
        chosen = at_moment(versions, moment)
        headers = {
            "Vary": "accept-datetime",
            "Location": f"{address}/articles/{record.id}/versions/{chosen.number}",
            "Link": ", ".join(
                [
                    _link(record.url, "original"),
                    _map_link(record, address),
                    *_mementos(record, versions, address),
                ]
            )
            if len(versions) <= 20
            else ", ".join([_link(record.url, "original"), _map_link(record, address)]),
        }
        return Response(status_code=302, headers=headers)

    return [
        Page(
            "/timemap/link/{url:path}",
            timemap,
            "All versions of an address, as links with their moments (RFC 7089).",
            media=(LINKS,),
            statuses=(404,),
        ),
        Page(
            "/timegate/{url:path}",
            timegate,
            "Leads to the version of an address at the moment of Accept-Datetime, without it to the newest (RFC 7089).",
            media=(),
            statuses=(302, 404),
            headers=("Accept-Datetime",),
        ),
    ]


def version_headers(
    record: ArticleRecord, versions: Sequence[VersionRecord], address: str
) -> Mapping[str, str]:
    """The headers of a version's page: its moment, and where the original, the other versions and the gate are."""
    shown = next((one for one in versions if one.number == record.version), None)
    if shown is None:
        return {}
    near = [
        one for one in versions if abs(one.number - shown.number) == 1 or one in (versions[0], versions[-1])
    ]
    links = [
        _link(record.url, "original"),
        _link(f"{address}{_TIMEGATE}{in_path(record.url)}", "timegate"),
        _map_link(record, address),
        *_mementos(record, near, address, shown.number),
    ]
    return {"Memento-Datetime": _http(shown.at), "Link": ", ".join(links)}


def at_moment(versions: Sequence[VersionRecord], moment: datetime | None) -> VersionRecord:
    """The version that stood at a moment: the last one seen until then, or the first one if it is later; None: the newest."""
    if moment is None:
        return versions[-1]
    return next((one for one in reversed(versions) if one.at <= moment), versions[0])


def _found(archive: WebArchive, url: str) -> tuple[ArticleRecord, list[VersionRecord]]:
    forms = [url]
    for address in (url, f"https://{url}"):
        try:
            forms.append(urls.canonical(address))
        except AddressError:
            continue
    reader = archive.reader()
    number = reader.find(list(dict.fromkeys(forms)))
    versions = reader.versions_of(number)
    if not versions:
        raise NotFound("has no version", subject=f"article {number}")
    return reader.article(number), versions


def _asked(request: Request, prefix: str) -> str:
    """The address behind the prefix of a path, with its query; it may be percent-encoded as a whole."""
    raw = request.scope["raw_path"].decode("ascii").removeprefix(prefix)
    url = unquote(raw) if "://" not in raw else raw
    if query := request.scope["query_string"].decode("ascii"):
        url = f"{url}?{query}"
    if len(url) > _LONGEST or not url.isprintable():
        raise UsageError("cannot be an address", subject="the address")
    return url


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError) as error:
        raise UsageError(
            "is no date", subject="Accept-Datetime", hint="Write Thu, 31 May 2007 20:35:00 GMT"
        ) from error


def _mementos(
    record: ArticleRecord, versions: Sequence[VersionRecord], address: str, shown: int | None = None
) -> Iterator[str]:
    for one in versions:
        words = []
        if one.number == 1:
            words.append("first")
        if one.number == record.versions:
            words.append("last")
        if shown is not None and one.number == shown - 1:
            words.append("prev")
        if shown is not None and one.number == shown + 1:
            words.append("next")
        url = f"{address}/articles/{record.id}/versions/{one.number}"
        yield _link(url, " ".join([*words, "memento"]), datetime=_http(one.at))


def _map_link(record: ArticleRecord, address: str) -> str:
    return _link(f"{address}{_TIMEMAP}{in_path(record.url)}", "timemap", type=LINKS)


def _link(url: str, relation: str, **attributes: str) -> str:
    """One link of a Link header (RFC 8288). An address can neither leave the angle brackets nor the header."""
    target = in_path(printable(url)) if is_web(url) else "about:blank"
    return "; ".join(
        [f"<{target}>", f'rel="{relation}"', *(f'{key}="{value}"' for key, value in attributes.items())]
    )


def _http(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)
