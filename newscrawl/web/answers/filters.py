"""What the query of an address asks for: filters, the place in a list, and links that keep the filters."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.requests import Request

from newscrawl.dating.typed import FORMS, read_typed
from newscrawl.errors import UsageError
from newscrawl.store.read.selects import Conditions

_PLACE = re.compile(r"(?P<at>[0-9T:.+-]{10,40}Z)_(?P<number>\d{1,18})", re.ASCII)
_PLACES = ("before", "page", "format")
_LONGEST = 200  # characters of a name


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a request, each value as it was written; an empty one counts as none."""

    path: str
    values: Mapping[str, str]
    now: datetime  # what 7d and yesterday count from

    @property
    def conditions(self) -> Conditions:
        """The conditions that all lists have. Raises UsageError."""
        since, until = self.moment("since"), self.moment("until", end=True)
        if since is not None and until is not None and since >= until:
            raise UsageError("lies after until", subject="since", hint="Nothing could be found between them")
        return Conditions(source=self.name("source"), edition=self.name("edition"), since=since, until=until)

    def name(self, key: str) -> str | None:
        """A name as it was given; None if there is none. Raises UsageError for one that is none of ours."""
        text = self.values.get(key)
        if text is not None and (len(text) > _LONGEST or not text.isprintable()):
            raise UsageError("cannot be a name", subject=key)
        return text

    def choice(self, key: str, known: Collection[str]) -> str | None:
        """One of the known values; None if nothing is asked for. Raises UsageError."""
        text = self.name(key)
        if text is not None and text not in known:
            raise UsageError(f"{text[:40]!r} is not known", subject=key, hint=f"One of: {', '.join(known)}")
        return text

    def moment(self, key: str, *, end: bool = False) -> datetime | None:
        """What a date names, as people type it in commands too: its beginning, with `end` its end. Raises UsageError.

        Days are those of UTC.
        """
        text = (self.name(key) or "").strip()
        if not text:
            return None
        try:
            span = read_typed(text, self.now, UTC)
            return (span.end if end else span.start).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise UsageError(f"{text[:40]!r} is no date", subject=key, hint=f"Write {FORMS}") from error

    def place(self) -> tuple[datetime, int] | None:
        """The instant and the number after which the list goes on, as `placed` wrote them. Raises UsageError."""
        text = self.values.get("before")
        if text is None:
            return None
        if (found := _PLACE.fullmatch(text)) is None:
            raise UsageError("is no place in this list", subject="before")
        try:
            return datetime.fromisoformat(found["at"]).astimezone(UTC), int(found["number"])
        except (ValueError, OverflowError) as error:
            raise UsageError("is no place in this list", subject="before") from error

    def number(self, key: str) -> int | None:
        """A number of an article; None if there is none. Raises UsageError."""
        text = self.values.get(key)
        if text is not None and not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise UsageError("is no place in this list", subject=key)
        return None if text is None else int(text)

    def page(self, last: int) -> int:
        """The number of the page asked for, from 1. Raises UsageError."""
        text = self.values.get("page", "1")
        if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= last):
            raise UsageError(f"must be a number from 1 to {last}", subject="page")
        return int(text)

    def link(self, path: str | None = None, **changed: str | None) -> str:
        """An address with the same query but for what is given; None leaves a value out."""
        values = {name: value for name, value in {**self.values, **changed}.items() if value is not None}
        query = urlencode(values, errors="replace")
        return f"{self.path if path is None else path}{'?' if query else ''}{query}"

    def feed(self) -> str:
        """The same list as a feed, from its beginning."""
        return self.link(before=None, page=None, format="atom")

    def from_the_start(self) -> Asked:
        """The same query without a place in its list: what a feed begins with."""
        kept = {name: one for name, one in self.values.items() if name not in _PLACES}
        return replace(self, values=kept)

    def without_place(self, path: str | None = None) -> str:
        """The same list from its beginning, as a page for people."""
        return self.link(path, before=None, page=None, format=None)


def asked(request: Request) -> Asked:
    """The query of a request; of a name that is given twice the last one counts."""
    values = {name: value for name, value in request.query_params.items() if value}
    return Asked(request.scope["path"], values, request.app.state.clock())


def placed(at: datetime, number: int) -> str:
    """A place in a list, for `before` of an address."""
    return f"{at.astimezone(UTC).isoformat().removesuffix('+00:00')}Z_{number}"
