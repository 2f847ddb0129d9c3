"""What bounds an article's date besides its own dates: the day or the month that its address names."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from newscrawl.dating.moments import day_of

if TYPE_CHECKING:
    from newscrawl.dating.moments import Moment

_YEAR = r"((?:19|20)\d\d)"
_MONTH, _DAY = r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_DAYS = tuple(
    re.compile(form)
    for form in (
        rf"/{_YEAR}[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)",  # /2023/06/20/, /2023-6-20-slug
        rf"/{_YEAR}{_MONTH}{_DAY}(?=[/_-]|$)",  # /20230620/, /20230620-slug
        rf"/{_YEAR}/{_MONTH}{_DAY}(?=/|$)",  # /2023/0620/
    )
)
_MONTHS = re.compile(rf"/{_YEAR}[/-](0?[1-9]|1[0-2])(?=/|$)")


def day_in_address(url: str, zone: tzinfo) -> Moment | None:
    """The day that an address names, None if it names none or several."""
    path = url.split("?", maxsplit=1)[0][:2000]
    for form in _DAYS:
        found = form.findall(path)
        if len(found) == 1:
            year, month, day = found[0]
            return day_of(int(year), int(month), int(day), zone)
        if found:
            return None
    return None


def month_in_address(url: str, zone: tzinfo) -> datetime | None:
    """The middle of the month that an address names (/2023/06/slug), None if it names none."""
    found = _MONTHS.findall(url.split("?", maxsplit=1)[0][:2000])
    return datetime(int(found[0][0]), int(found[0][1]), 15, tzinfo=zone) if len(found) == 1 else None
