"""What a source file declares: its editions with their channels, and lists that say how they go on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

from newscrawl.errors import UsageError
from newscrawl.model import Channel
from newscrawl.urls import host_of, is_private_host, is_within, rebase


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of articles and how it goes on; a bare path stands for a list that goes on by its own "next" links.

    `more` is the address of page n, with `{n}` counted from `first` ("/news/page/{n}/", or what a "load more"
    button requests, answered with HTML or with JSON that holds HTML); with `form` it is a POST of these
    fields. Addresses and fields may hold `{n}` and `{day:%d.%m.%Y}`, the oldest day shown so far. `days` is the list
    of one day ("/news/{day:%Y/%m/%d}/"). `browser` says that scripts render the list, which needs the `browser` extra;
    `scripts_from` names other hosts its scripts and their data may come from.
    Raises UsageError for unknown placeholders in braces, and for hosts that are not public.
    """

    path: str
    more: str | None = None
    first: int = 2
    form: tuple[tuple[str, str], ...] = ()
    days: str | None = None
    browser: bool = False
    scripts_from: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for host in self.scripts_from:
            if not self.browser or is_private_host(host) or host_of(f"https://{host}/") != host:
                raise UsageError(
                    "not a host for scripts",
                    subject=repr(host),
                    hint='Write scripts_from=("cdn.example.com",) beside browser=True',
                )
        hint = "Write {n} or {day:%Y/%m/%d} in it"
        for written in filter(None, (self.more, self.days, *(value for _, value in self.form))):
            try:
                written.format(n=1, day=date(2000, 1, 1))
            except (LookupError, ValueError, AttributeError) as error:
                raise UsageError("not an address of older pages", subject=written, hint=hint) from error
        for parts in ((self.more, *(value for _, value in self.form)), (self.days,)):
            if parts[0] and not any(part and "{" in part for part in parts):
                raise UsageError("not an address of older pages", subject=parts[0], hint=hint)

    @property
    def by_day(self) -> bool:
        """Whether older pages are addressed by the day, not by number."""
        return any("{day" in written for written in (self.more or "", *(value for _, value in self.form)))

    def rendered(self, depth: int) -> bool:
        """Whether a browser must render the page `depth` pages behind the first; not where `more` gives its address."""
        return self.browser and (depth == 0 or self.more is None)


@dataclass(frozen=True, slots=True)
class Edition:
    """One language of an outlet on one host. Paths are relative to the site; `{n}` in `numbered` counts from 1.

    Where editions share a host, `sections` says which paths are this one's ("/english/"); the edition without has the rest.
    """

    name: str
    host: str
    language: str | None = None
    listings: tuple[str | Listing, ...] = ("/",)
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    site: str = ""  # where the paths are fetched; empty: https://host

    def __post_init__(self) -> None:
        """Raises UsageError for what no crawl could work with, such as a text where a list of texts belongs."""
        if not self.host or self.host != self.host.strip() or re.search(r"[/@?#\s]", self.host):
            raise UsageError(
                "is no host",
                subject=f"host {self.host!r} of an Edition",
                hint="Write paper.example, without https://",
            )
        for name in ("listings", "feeds", "sitemaps", "numbered", "mirrors", "sections"):
            value = getattr(self, name)
            if isinstance(value, str) or not all(isinstance(one, (str, Listing)) for one in value):
                raise UsageError(
                    "must be a list of texts",
                    subject=f"`{name}` of the edition {self.name}",
                    hint='Write ("…",), with the comma',
                )
        if not self.name:
            raise UsageError(
                "has no name", subject=f"the Edition of {self.host}", hint='Write one such as "ru"'
            )
        if wrong := [path for path in self.sections if not path.startswith("/")]:
            raise UsageError(
                "is no path",
                subject=f"`sections` of the edition {self.name}: {wrong[0]}",
                hint="Write /english/",
            )
        if wrong := [path for path in self.numbered if "{n}" not in path]:
            raise UsageError(
                "has no {n} for the number", subject=f"`numbered` of the edition {self.name}: {wrong[0]}"
            )
        if self.site and not re.fullmatch(r"https?://[^/?#\s@]+", self.site):
            raise UsageError(
                "is no site", subject=f"site {self.site!r} of the edition {self.name}",
                hint="Write http://127.0.0.1:8000, without a path",
            )  # fmt: skip

    @property
    def base(self) -> str:
        """The address the paths are relative to."""
        return self.site or f"https://{self.host}"

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts this run may send requests to for the edition, as in addresses (with port)."""
        return frozenset({host_of(self.site)}) if self.site else self.own_hosts

    @property
    def own_hosts(self) -> frozenset[str]:
        """The outlet's hosts of the edition, as in addresses, whatever site this run reads."""
        names = {host_of(f"https://{name}/") for name in (self.host, *self.mirrors)}
        return frozenset(names | {f"www.{name}" for name in names})

    def reaches(self, host: str) -> bool:
        """Whether a run may send requests to a host for the edition: its own, and of the outlet itself every subdomain."""
        return host in self.hosts or (not self.site and any(is_within(host, own) for own in self.own_hosts))

    def channels(self) -> Iterator[tuple[Channel, str]]:
        """Every listing address a run starts with; numbered series by their first number."""
        starts: tuple[tuple[Channel, Sequence[str | Listing]], ...] = (
            (Channel.LISTING, self.listings),
            (Channel.FEED, self.feeds),
            (Channel.SITEMAP, self.sitemaps),
            (Channel.SITEMAP, tuple(path.format(n=1) for path in self.numbered)),
        )
        for channel, paths in starts:
            for path in paths:
                yield channel, self.address(path)

    def address(self, path: str | Listing) -> str:
        """The absolute address of a path, or of a list's first page."""
        return urljoin(self.base + "/", path.path if isinstance(path, Listing) else path)

    def here(self, address: str) -> str:
        """The same address on the site of this run: a replica or mirror, or the outlet itself after a mirror was crawled."""
        host = host_of(address)
        former = host in {host_of(f"https://{name}/") for name in self.mirrors}
        # An outlet that moved to another domain may give up the old one.
        return rebase(address, self.base) if former or not self.reaches(host) else address
