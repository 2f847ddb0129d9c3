"""Absolute addresses from the links in listings, feeds and sitemaps, and the days that addresses name."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from newscrawl.urls import undoubled

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def resolve(base: str, written: str | None) -> str | None:
    """The absolute web address that `written` means on the page `base`, without its fragment.

    None for anything that is not http or https (javascript:, mailto:, data:), for a bare
    fragment, for an address with user name or password in it, and for what cannot be parsed.
    """
    written = (written or "").strip()
    if not written or written.startswith("#"):
        return None
    if written.startswith(("/", "http://", "https://")) and len(written) <= _REMEMBERED:
        # Of the page only its site matters, and the links of a site's frame stand on every page of it.
        return _resolved_again(base[: base.find("/", 8)] if base.find("/", 8) > 0 else base, written)
    return _resolved(base, written)


def _resolved(base: str, written: str) -> str | None:
    written = undoubled(written)
    try:
        whole = written.startswith(("http://", "https://")) and written.isprintable()
        address = (written if whole else urljoin(base, written)).partition("#")[0]
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            return None
        _ = parts.port  # raises ValueError for an invalid port
    except ValueError:
        return None
    return address if address.isprintable() else None


_REMEMBERED = 500  # characters of a link at most
_resolved_again = lru_cache(maxsize=20_000)(_resolved)


def is_broken(base: str, written: str | None) -> bool:
    """Whether `written` is meant to be a web address and is none that can be asked for: "http://[bad", "//user@host/"."""
    bare = (written or "").strip()
    if not bare or bare.startswith("#"):
        return False
    scheme = _SCHEME.match(bare)
    return (scheme is None or scheme[1].lower() in ("http", "https")) and resolve(base, bare) is None


# A whole day in a path: /2025/07/28/, /2025-07-28/, /20250728/, as segments of their own or before a slug.
_DAY = re.compile(
    r"/(20\d\d)(?:/(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])|-(\d\d)-(\d\d)|(\d\d)(\d\d))(?=[/_-]|$)"
)


def day_in(address: str, zone: tzinfo, now: datetime) -> datetime | None:
    """Midnight in `zone` of the day that an address names; None if it names no day, several, or a future one."""
    found = _DAY.findall(urlsplit(address).path) if "/20" in address else ()
    if len(found) != 1:
        return None
    year, *rest = found[0]
    month, day = (part for part in rest if part)
    try:
        midnight = datetime(int(year), int(month), int(day), tzinfo=zone)
    except ValueError:
        return None
    return midnight if midnight <= now else None
