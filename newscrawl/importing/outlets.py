"""Tells by its address which source and edition a record belongs to: one with a spider, or one named by its host."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from newscrawl.archiving.observing import Addresses
from newscrawl.errors import AddressError, UsageError
from newscrawl.importing.outcomes import Outcome
from newscrawl.model import Alias, AliasKind, Article, ExtractRules, Fetch
from newscrawl.urls import canonical, host_of, is_front_page, is_private_host

_NAME = 64  # letters of a source's name in the database
_EDITION = 32
# A number of three digits or more, or three words and more in the last part: "/news/1204", "/a-new-bridge.html". Lists have neither.
_ARTICLE = re.compile(r"\d{3,}|/[^/?]*[^/?_-][_-][^/?_-]+[_-][^/?]+\?")


@dataclass(frozen=True)
class HostAddresses:
    """The addresses of a source of which nothing is known but its host, or its name; `edition` empty: one a language."""

    source: str
    edition: str = ""

    def key(self, address: str) -> str:
        return canonical(address)

    def edition_of(self, address: str) -> str | None:  # noqa: ARG002
        return self.edition

    def aliases(self, key: str, fetch: Fetch, article: Article | None, edition: str) -> tuple[Alias, ...]:  # noqa: ARG002
        claimed = article.canonical if article is not None and article.is_article else None
        named = [(AliasKind.REDIRECT, fetch.final_url)] if fetch.redirects else []
        named += [(AliasKind.CANONICAL, claimed)] if claimed else []
        found: list[Alias] = []
        for kind, address in named:
            with contextlib.suppress(AddressError):
                if not is_front_page(address) and name_of(address) == name_of(fetch.url):
                    found.append(Alias(canonical(address), kind, address))
        return tuple(alias for alias in found if alias.key != key)

    def is_listed(self, address: str, edition: str) -> bool:  # noqa: ARG002
        return bool(_ARTICLE.search(urlsplit(address).path.rstrip("/") + "?" + urlsplit(address).query))

    def is_plain(self, address: str) -> bool:  # noqa: ARG002
        # Any page of the host may be in the file, also its terms of use.
        return False


@dataclass(frozen=True)
class Outlet:
    """A source with what the extractor is told about the pages of its editions."""

    addresses: Addresses
    rules: Mapping[str, ExtractRules] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The source's name."""
        return self.addresses.source

    def rules_of(self, edition: str) -> ExtractRules:
        """What the extractor is told about the pages of an edition."""
        return self.rules.get(edition) or ExtractRules()


class Outlets:
    """All sources an import may meet. `only` takes every address, whatever its host, or refuses it."""

    def __init__(
        self, registered: Sequence[Outlet] = (), *, only: Outlet | None = None, edition: str = ""
    ) -> None:
        self._by_host = {host: outlet for outlet in reversed(registered) for host in outlet.hosts}
        self._by_name = {outlet.name: outlet for outlet in registered}
        self._only = only
        self._edition = edition
        if only is not None:
            self._by_name[only.name] = only

    def of(self, address: str) -> tuple[Outlet, str] | None:
        """The source and edition of an address; None if it does not belong to the source asked for."""
        outlet = self._only or self._by_host.get(host_of(address))
        if outlet is None:
            return self.named(name_of(address)), self._edition
        edition = outlet.addresses.edition_of(address)
        return None if edition is None else (outlet, edition)

    def owner(self, address: str) -> tuple[Outlet, str] | Outcome:
        """Like `of`, with the outcome of a record whose address belongs to none.

        A host in a private network is taken only where a source names it, or --site does.
        """
        try:
            host = host_of(address)
            named = host in (self._only.hosts if self._only is not None else self._by_host)
            if not named and is_private_host(host):
                return Outcome.PRIVATE
            return self.of(address) or Outcome.OUTSIDE
        except AddressError:
            return Outcome.BAD_ADDRESS

    def named(self, name: str) -> Outlet:
        """A source by its name."""
        known = self._by_name.get(name)
        return known if known is not None else Outlet(HostAddresses(name, self._edition))


def outlets_for(
    spiders: Iterable[Any], source: str | None = None, edition: str | None = None, site: str | None = None
) -> Outlets:
    """The sources an import may meet; `spiders` are the spider classes there are.

    With `source` everything belongs to it, with `site` under the addresses of this mirror or replica.
    Raises UsageError for a source, an edition or a site that makes no sense.
    """
    if site and not source:
        raise UsageError("says of which source the site is a mirror", subject="--source")
    by_name = {spider.name: spider for spider in spiders if getattr(spider, "editions", None)}
    if source is None:
        registered = [_outlet(spider) for spider in by_name.values()]
        return Outlets(registered, edition=edition_name(edition) if edition else "")
    if source in by_name:
        return Outlets(only=_outlet(by_name[source], edition=edition, site=site))
    name = source.strip().lower()
    if site or name != name_of(f"https://{name}/") or not name.isascii():
        raise UsageError(
            "is no source, and no name for one",
            subject=source[:80],
            hint=f"Sources are {', '.join(sorted(by_name))}",
        )
    return Outlets(only=Outlet(HostAddresses(name, edition_name(edition) if edition else "")))


def _outlet(spider: Any, *, edition: str | None = None, site: str | None = None) -> Outlet:
    """What a spider says of its source: with the sites given, a replica's addresses are the outlet's."""
    given = {name: value for name, value in (("edition", edition), ("site", site)) if value is not None}
    made = spider(**given)
    hosts = {host for one in made.addresses.editions for host in (*one.hosts, one.host, *one.mirrors)}
    rules = {one.name: spider.rules(one.name) for one in spider.editions}
    return Outlet(made.addresses, rules, frozenset(hosts))


def name_of(address: str) -> str:
    """The name of the source an address belongs to where no source is registered for its host: the host without www. and amp."""
    host = re.sub(r"[^a-z0-9.-]+", "_", host_of(canonical(address)).lower())
    host = re.sub(r"^(?:amp\.)+(?=[^.]+\.)", "", host)  # AMP pages of the outlet
    name = re.sub(r"\.{2,}", ".", host).strip(".-_") or "unknown"
    if len(name) <= _NAME:
        return name
    return f"{name[: _NAME - 9].rstrip('.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def edition_name(language: str | None) -> str:
    """The edition of a page whose source has none: its language, or "default"."""
    name = re.sub(r"[^a-z0-9-]", "", (language or "").lower())
    return name[:_EDITION] or "default"
