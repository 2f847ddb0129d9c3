"""The addresses of a source: which edition a host belongs to, which paths look like articles, which keys name one article."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from newscrawl.crawl.editions import Edition
from newscrawl.errors import AddressError
from newscrawl.model import Alias, AliasKind, Article, Channel, EntryOutcome, Fetch, Lead
from newscrawl.urls import canonical, host_of, is_front_page, is_within, rule_path, steady

# Pages of tags, authors and categories, by the first segment of the path behind that of a language.
_SERVICE = re.compile(
    r"^/(?:[a-z]{2,3}/)?(?:tags?|teg|authors?|avtor[iy]?|categor(?:y|ies)|users?|search|page)/", re.IGNORECASE
)
# Files that are never articles, whatever their path looks like.
_FILES = re.compile(
    r"\.(?:xml|rss|atom|json|txt|pdf|jpe?g|png|gif|webp|svg|ico|css|js|mp3|mp4|webm|zip|docx?|xlsx?|gz)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Addresses:
    """The address rules of a source.

    `listed` must match the path of a link on a page for it to be a lead; `claimed` the path of a
    feed or sitemap entry, where the outlet itself says that it is an article; of a short link the path is "/?p=123".
    `identity` has one group, the source's own number in the path. `editions` are all editions of the source, with
    the sites of this run.
    """

    source: str
    editions: Sequence[Edition]
    listed: re.Pattern[str]
    claimed: re.Pattern[str]
    identity: re.Pattern[str] | None = None
    canonical_hosts: Mapping[str, str] = field(init=False)
    _by_host: Mapping[str, tuple[Edition, ...]] = field(init=False)
    # What was found of an address: the links of a site's frame stand on every page of it.
    _keys: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _left: dict[tuple[str, str, bool], EntryOutcome | None] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __reduce__(self) -> tuple[Any, ...]:
        """A process that gets the same rules again with each page keeps one object, and what it remembers."""
        return _same_rules, (self.source, self.editions, self.listed, self.claimed, self.identity)

    def __post_init__(self) -> None:
        object.__setattr__(self, "editions", tuple(self.editions))
        by_host: dict[str, tuple[Edition, ...]] = {}
        for edition in self.editions:
            for host in edition.hosts | edition.own_hosts:
                by_host[host] = (*by_host.get(host, ()), edition)
        names = {host: host_of(f"https://{found[0].host}/") for host, found in by_host.items()}
        object.__setattr__(self, "canonical_hosts", names)
        object.__setattr__(self, "_by_host", by_host)

    def key(self, address: str) -> str:
        """The canonical key of an address; mirrors and replicas count as the edition's own host. Raises AddressError."""
        key = self._keys.get(address)
        if key is None:
            key = canonical(address, hosts=self.canonical_hosts)
            _remember(self._keys, address, key)
        return key

    @property
    def former_hosts(self) -> dict[str, str]:
        """The outlet's other hosts, each with the one that it stands for in keys: an outlet may have had one of them before."""
        names = {host for edition in self.editions for host in edition.own_hosts}
        keys = {host: host_of(self.key(f"https://{host}/-")) for host in names if not host.startswith("www.")}
        return {host: own for host, own in keys.items() if host != own}

    def edition_named(self, name: str) -> Edition:
        """An edition of the source, with the site of this run."""
        return next(edition for edition in self.editions if edition.name == name)

    def edition_of(self, address: str) -> str | None:
        """The edition an address belongs to, None for foreign hosts and sections of no edition.

        Of a subdomain that is no edition's own, the edition of the longest host above it.
        """
        sharing = self._sharing(host_of(address))
        if len(sharing) == 1 and not sharing[0].sections:
            return sharing[0].name
        path = urlsplit(address).path.rstrip("/") + "/"
        fits = [
            (
                max((len(section) for section in edition.sections if path.startswith(section)), default=0),
                edition,
            )
            for edition in sharing
            if not edition.sections or path.startswith(edition.sections)
        ]
        return max(fits, key=lambda fit: fit[0])[1].name if fits else None

    def is_listed(self, address: str, edition: str) -> bool:
        """Whether a link on a page of an edition looks like one of its articles."""
        return self.why_left(address, edition, Channel.LISTING) is None

    def may_be_listed(self, address: str, edition: str) -> bool:
        """Whether a link on a page has not the form of an article's, and is not ruled out: its place in a list may tell."""
        left = self.why_left(address, edition, Channel.LISTING)
        return left is EntryOutcome.NO_PATTERN and self.is_claimed(address, edition)

    def is_claimed(self, address: str, edition: str) -> bool:
        """Whether a feed's or sitemap's entry may be an article of the edition."""
        return self.why_left(address, edition, Channel.FEED) is None

    def why_left(self, address: str, edition: str, channel: Channel) -> EntryOutcome | None:
        """Why an entry of a channel is not followed as a lead of the edition; None: it is.

        A link on a page must look like an article and be on the edition's own host; what a feed or sitemap names is
        taken wherever it is the outlet's. Sitemaps name pages of tags and authors too, as many as articles.
        """
        links = channel in (Channel.LISTING, Channel.BLOCK)
        asked = (address, edition, links)
        try:
            return self._left[asked]
        except KeyError:
            _remember(self._left, asked, found := self._why_left(address, edition, links=links))
            return found

    def _why_left(self, address: str, edition: str, *, links: bool) -> EntryOutcome | None:
        whole = steady(address)
        if not whole[:8].lower().startswith(("http://", "https://")):
            return EntryOutcome.NO_ADDRESS
        belongs = self.edition_of(whole)
        if belongs is None or (links and host_of(whole) not in self._by_host):
            return EntryOutcome.OTHER_HOST
        if belongs != edition:
            return EntryOutcome.OTHER_EDITION
        if is_front_page(whole):
            return EntryOutcome.FRONT_PAGE
        path = rule_path(whole)
        if _FILES.search(path):
            return EntryOutcome.FILE
        if not (self.listed if links else self.claimed).search(path):
            return EntryOutcome.NO_PATTERN
        if not links and _SERVICE.search(path) and not self.listed.search(path):
            return EntryOutcome.SERVICE
        return None

    def is_doubtful(self, lead: Lead, edition: str) -> bool:
        """Whether an address is in no article's form, and only a page or a sitemap names it, the latter without a date of publication."""
        bare = lead.channel is Channel.LISTING or (lead.channel is Channel.SITEMAP and lead.published is None)
        return bare and not self.is_listed(lead.url, edition)

    def aliases(self, key: str, fetch: Fetch, article: Article | None, edition: str) -> tuple[Alias, ...]:
        """Other keys of the article that a fetch shows: redirect target, canonical link, the source's number."""
        found: list[Alias] = []
        if fetch.redirects and self.edition_of(fetch.final_url) and not is_front_page(fetch.final_url):
            found.append(Alias(self.key(fetch.final_url), AliasKind.REDIRECT, fetch.final_url))
        claimed = article.canonical if article is not None and article.is_article else None
        if claimed and self.edition_of(claimed) and not is_front_page(claimed):
            with contextlib.suppress(AddressError):  # a page may name nonsense as its address
                found.append(Alias(self.key(claimed), AliasKind.CANONICAL, claimed))
        number = self.number_key(fetch.final_url, edition)
        if number and article is not None and article.is_article:
            found.append(Alias(number, AliasKind.IDENTITY))
        return tuple(alias for alias in dict.fromkeys(found) if alias.key != key)

    def number_key(self, address: str, edition: str) -> str | None:
        """The key made of the source's own number of the article, such as "orda:en:8715"; None where the address has none."""
        number = self._number(address)
        return f"{self.source}:{edition}:{number}" if number else None

    def is_plain(self, address: str) -> bool:
        """Whether the address alone says that it is an article's: it has the source's number, or its form where the source has none."""
        if self.identity is None:
            return bool(self.listed.search(rule_path(steady(address))))
        return self._number(address) is not None

    def _sharing(self, host: str) -> tuple[Edition, ...]:
        found = self._by_host.get(host)
        if found is None:
            above = [known for known in self._by_host if is_within(host, known)]
            reached = [self._by_host[known] for known in sorted(above, key=len, reverse=True)]
            found = next((one for one in reached if any(edition.reaches(host) for edition in one)), ())
        return found

    def _number(self, address: str) -> str | None:
        found = self.identity.search(urlsplit(address).path) if self.identity is not None else None
        return found.group(1) if found else None


_REMEMBERED = 50_000
"""Addresses of which an `Addresses` remembers what it found; then it begins anew. 50,000 take some ten megabytes."""
_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


def _remember(known: dict[_Asked, _Answer], asked: _Asked, answer: _Answer) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[asked] = answer


@lru_cache(maxsize=64)
def _same_rules(
    source: str,
    editions: tuple[Edition, ...],
    listed: re.Pattern[str],
    claimed: re.Pattern[str],
    identity: re.Pattern[str] | None,
) -> Addresses:
    return Addresses(source, editions, listed, claimed, identity)
