"""What a run was asked to do: the arguments of a spider (`-a edition=…`), parsed and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newscrawl.crawl.editions import Edition
from newscrawl.dating.typed import FORMS, read_typed
from newscrawl.errors import AddressError, WrongArgument
from newscrawl.model import Dates
from newscrawl.urls import absolute, host_of, is_of_the_machine


class Recheck(StrEnum):
    """Whether known articles are re-checked: not, beside new ones, or nothing else."""

    NO = "no"
    YES = "yes"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was asked to do. `left` are editions that one `site` leaves out: they are on other hosts."""

    editions: tuple[Edition, ...]
    dates: Dates = field(default_factory=Dates)
    limit: int | None = None
    recheck: Recheck = Recheck.YES
    left: tuple[str, ...] = ()


def parse_options(
    known: Sequence[Edition],
    zone: str,
    *,
    source: str,
    edition: str | None = None,
    site: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: str | int | None = None,
    recheck: str | None = None,
    now: datetime | None = None,
) -> Options:
    """Spider arguments as text to Options; dates such as "7d" count from `now`. Raises WrongArgument."""
    chosen = _editions(known, source, edition, site)
    dates = Dates(since=_day(since, zone, now, "since"), until=_day(until, zone, now, "until", end=True))
    if dates.since and dates.until and dates.since >= dates.until:
        raise WrongArgument("since", since, f"lies after until ({until})")
    names = {edition.name for edition in chosen}
    left = tuple(one.name for one in known if one.name not in names) if edition is None else ()
    return Options(editions=chosen, dates=dates, limit=_limit(limit), recheck=_recheck(recheck), left=left)


def _editions(
    known: Sequence[Edition], source: str, names: str | None, site: str | None
) -> tuple[Edition, ...]:
    by_name = {e.name: e for e in known}
    wanted = [name.strip() for name in names.split(",") if name.strip()] if names is not None else []
    for name in wanted:
        if name not in by_name:
            raise WrongArgument(
                "edition", name, f"{source} has no such edition", hint=f"It has {', '.join(by_name)}"
            )
    if names is not None and not wanted:
        raise WrongArgument("edition", None, "names no edition", hint=f"Known are {', '.join(by_name)}")
    chosen = tuple(by_name[name] for name in dict.fromkeys(wanted)) or tuple(known)
    if site is None:
        return chosen
    sites = [_site(text) for text in site.split(",")]
    if len(sites) == 1 and (not wanted or len({one.host for one in chosen}) == 1):
        # The same paths on another host are the editions of one host: without a choice those of the source's first.
        chosen = tuple(one for one in chosen if one.host == chosen[0].host)
        sites *= len(chosen)
    if len(sites) != len(chosen):
        raise WrongArgument(
            "site",
            None,
            f"{len(sites)} sites for {len(chosen)} editions",
            hint="Give one site for each edition, in the same order",
        )
    return tuple(replace(e, site=address) for e, address in zip(chosen, sites, strict=True))


def _site(text: str) -> str:
    try:
        address = absolute(text.strip())
    except AddressError as error:
        raise WrongArgument(
            "site", text.strip(), "not a web address", hint="Write http://127.0.0.1:8000"
        ) from error
    parts = urlsplit(address)
    if is_of_the_machine(host_of(address)):
        raise WrongArgument(
            "site",
            text.strip(),
            "a link-local address or a metadata service is never asked",
            hint="Write http://127.0.0.1:8000",
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise WrongArgument(
            "site",
            text.strip(),
            "must be a site, without a path",
            hint="Write http://127.0.0.1:8000",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _day(
    text: str | None, zone: str, now: datetime | None, name: str, *, end: bool = False
) -> datetime | None:
    """Days and months are those of the outlet's zone, and `until` includes them; an instant is meant as written."""
    if text is None:
        return None
    try:
        span = read_typed(text, now or datetime.now(UTC), ZoneInfo(zone))
    except (ValueError, OverflowError) as error:
        raise WrongArgument(name, text.strip()[:60], "not a date", hint=f"Write {FORMS}") from error
    return span.end if end else span.start


def _limit(value: str | int | None) -> int | None:
    if value is None:
        return None
    try:
        number = int(value)
    except ValueError as error:
        raise WrongArgument("limit", str(value), "not a whole number") from error
    if number < 1:
        raise WrongArgument("limit", str(value), "must be at least 1")
    return number


def _recheck(value: str | None) -> Recheck:
    try:
        return Recheck(value) if value is not None else Recheck.YES
    except ValueError as error:
        raise WrongArgument("recheck", value, "must be no, yes or only") from error
