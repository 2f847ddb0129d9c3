"""Parses the dates of feeds and sitemaps. Dates on article pages are parsed in extract/."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_YEARS = range(1990, 2101)  # other years are errors: sitemaps with the years 0001 and 20225 exist


def instant(text: str | None) -> datetime | None:
    """An aware datetime from ISO 8601 or RFC 822 text; None for anything else.

    Also None for text without a zone or with only a day (the instant would be a guess), and for
    impossible years. "-0000" is UTC (RFC 5322: an instant whose local zone is
    not known).
    """
    text = (text or "").strip()
    if not 10 <= len(text) <= 64 or not text.isascii():
        return None
    for parse in (datetime.fromisoformat, _rfc822):
        try:
            found = parse(text)
            if found.tzinfo is not None and found.year in _YEARS and found.utcoffset() is not None:
                return found
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _rfc822(text: str) -> datetime:
    found = parsedate_to_datetime(text)
    return found.replace(tzinfo=UTC) if text.endswith("-0000") else found
