"""Guesses an unknown outlet's time zone and language from its pages, and gives the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newscrawl.site_setup.page import language

_ZONES = {
    "kz": "Asia/Almaty", "kg": "Asia/Bishkek", "uz": "Asia/Tashkent", "tj": "Asia/Dushanbe", "tm": "Asia/Ashgabat", "ru": "Europe/Moscow",
    "by": "Europe/Minsk", "ua": "Europe/Kyiv", "az": "Asia/Baku", "am": "Asia/Yerevan", "ge": "Asia/Tbilisi", "mn": "Asia/Ulaanbaatar",
    "tr": "Europe/Istanbul", "uk": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris",
}  # fmt: skip
_BY_LANGUAGE = {
    "kk": "Asia/Almaty",
    "ky": "Asia/Bishkek",
    "uz": "Asia/Tashkent",
    "tg": "Asia/Dushanbe",
    "tk": "Asia/Ashgabat",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A value and the reason for it; `sure` where the site itself states it."""

    value: str
    reason: str
    sure: bool = False


def zone(host: str, dates: Sequence[datetime], languages: Iterable[str | None]) -> Guess:
    """The IANA zone of an outlet's clock. `dates` are instants as its pages write them, with their own offsets.

    A zone counts only if it has, at each of the dates, the offset written there (Kazakhstan moved from UTC+6
    to UTC+5 on 1 March 2024). UTC if nothing points to another zone.
    """
    top = host.partition(":")[0].rpartition(".")[2]
    by_host = _ZONES.get(top)
    spoken = [_BY_LANGUAGE[one] for one in languages if one in _BY_LANGUAGE]
    likely = list(dict.fromkeys([*([by_host] if by_host else []), *spoken, *_ZONES.values()]))
    # Many programs write every instant in UTC: such dates are ignored where there are others.
    local = [one for one in dates if one.utcoffset()]
    dates = local or dates
    offsets = Counter(str(one.utcoffset()) for one in dates)
    offset = "" if not offsets else f"{len(dates)} dates with offset {', '.join(sorted(offsets))}"
    if offsets and set(offsets) != {"0:00:00"}:
        # Most of them: one page may be wrong about its own clock.
        for name in likely:
            if sum(
                one.utcoffset() == one.astimezone(ZoneInfo(name)).utcoffset() for one in dates
            ) >= 0.8 * len(dates):
                return Guess(name, offset, sure=name in (by_host, *spoken))
        return Guess(by_host or "UTC", f"no zone of ours has the offsets of its dates ({offset})")
    if by_host:
        return Guess(by_host, f"the host ends in .{top}")
    if spoken:
        return Guess(spoken[0], "its language")
    return Guess("UTC", "nothing says another")


def main_language(declared: str | None, read: Iterable[str | None], host: str, path: str = "/") -> str | None:
    """The language of an edition: of most articles read, else as the page declares it, else by host label or path."""
    spoken = Counter(code for one in read if (code := language(one)))
    if spoken:
        return spoken.most_common(1)[0][0]
    label = host.partition(".")[0] if host.count(".") > 1 and not host[:1].isdigit() else None
    return declared or language(label) or language(path.strip("/").partition("/")[0])
