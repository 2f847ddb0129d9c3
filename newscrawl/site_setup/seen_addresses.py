"""All addresses seen on an unknown site: which are articles, which are not, which must be fetched to tell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from newscrawl.discover.pager import is_of_pager, may_be_page
from newscrawl.model import Channel, Lead
from newscrawl.site_setup.page import Link, Offer
from newscrawl.site_setup.patterns import Pattern, group_of, is_service, learn
from newscrawl.urls import is_front_page, rule_path, steady

# Parts of a sitemap's name that say what is in it. Both may stand in one: "wp-sitemap-posts-page-1.xml" holds pages.
_OTHERS_NAME = re.compile(
    r"(?:page|tag|categor|author|user|taxonom|rubric|section|topic|static|image|video|menu|special)",
    re.IGNORECASE,
)
_ARTICLES_NAME = re.compile(
    r"(?:news|posts?(?![a-z])|article|stor(?:y|ies)|publication|novost|material)", re.IGNORECASE
)
_FILE = re.compile(
    r"\.(?:xml|rss|atom|json|txt|pdf|jpe?g|png|gif|webp|svg|ico|css|js|mp3|mp4|webm|zip|docx?|xlsx?|gz|apk)$",
    re.IGNORECASE,
)
SAMPLES = 2
"""Pages fetched of a group of addresses before all of it counts as no articles."""
_Group = tuple[str, ...]  # what addresses of one kind share: patterns.group_of


@dataclass(frozen=True, slots=True)
class UndecidedGroup:
    """A group of addresses that may be articles: some of them to fetch, and how many there are."""

    group: _Group
    addresses: tuple[str, ...]
    number: int


@dataclass(slots=True)
class SeenAddresses:
    """All addresses seen on one outlet's hosts, and what speaks for and against each being an article.

    `home` says whether an address is on one of the outlet's hosts; others are left out.
    """

    home: Callable[[str], bool]
    leads: dict[str, Lead] = field(default_factory=dict)  # by address, with what channels say of it
    # Paths: called articles by the outlet, or fetched and found to be articles.
    _claimed: set[str] = field(default_factory=set)
    # Paths: from sitemaps that name other pages too, or linked with the text of a headline.
    _hinted: set[str] = field(default_factory=set)
    _others: set[str] = field(default_factory=set)
    _service: set[str] = field(default_factory=set)  # paths with a segment such as "tag" or "author"
    _loose: dict[str, None] = field(default_factory=dict)  # addresses whose link text speaks neither way
    _accepted: set[_Group] = field(default_factory=set)
    _refused: set[_Group] = field(default_factory=set)
    _failures: dict[_Group, int] = field(default_factory=lambda: defaultdict(int))

    def add_channel(self, leads: Sequence[Lead], name: str = "", *, trusted: bool) -> None:
        """Adds entries of a feed or sitemap.

        `trusted`: the outlet calls them articles; otherwise the sitemap's `name` may say what they are.
        """
        mine = [replace(lead, url=steady(lead.url)) for lead in leads if self._usable(lead.url)]
        paths = {path_of(lead.url) for lead in mine}
        others = bool(_OTHERS_NAME.search(name)) and not trusted
        # Where the name says one thing and the entries another, the entries count.
        if others and not paths & (self._claimed | self._hinted):
            self._others |= paths
            return
        if trusted or (_ARTICLES_NAME.search(name) and not _OTHERS_NAME.search(name)):
            self._claimed |= paths
        else:
            self._hinted |= paths
            self._service |= {path for path in paths if is_service(path)}
        for lead in mine:
            before = self.leads.get(lead.url)
            if before is None or (before.published is None and lead.published is not None):
                self.leads[lead.url] = lead

    def add_page(self, offer: Offer, listing: str) -> None:
        """Adds the links of a page: those that read like headlines may be articles, those in menus and footers are not."""
        for link in offer.links:
            if not self._usable(link.url):
                continue
            path = path_of(link.url)
            if is_of_pager(link.text, link.url) and may_be_page(link.url, listing):
                self._others.add(path)
                continue
            if is_service(path):
                self._service.add(path)
            if link.menu and 0 < len(link.text) < 28 and len(link.text.split()) < 4:
                self._others.add(path)
            elif link.is_headline:
                self._hinted.add(path)
                self._add_headline(link, listing)
            elif link.text:
                self._loose[steady(link.url)] = None

    def add_other(self, address: str) -> None:
        """Adds an address that is known to be no article: a listing, or a further page of one."""
        self._others.add(path_of(address))

    def decide(self, undecided: UndecidedGroup, address: str, *, article: bool) -> bool:
        """Takes in whether one address of a group is an article. True if that decides the group."""
        if article:
            self._accepted.add(undecided.group)
            self._claimed.add(path_of(address))
            return True
        self._others.add(path_of(address))
        self._failures[undecided.group] += 1
        if self._failures[undecided.group] >= min(SAMPLES, undecided.number):
            self._refused.add(undecided.group)
            return True
        return False

    def accept_similar(self) -> None:
        """Accepts the undecided groups that are written like accepted ones and like no refused one."""
        forms = {(len(group), group[-1]) for group in self._accepted | self._claimed_groups()}
        refused = {(len(group), group[-1]) for group in self._refused}
        self._accepted.update(
            one.group for one in self.undecided() if (len(one.group), one.group[-1]) in forms - refused
        )

    def undecided(self) -> list[UndecidedGroup]:
        """Groups of two and more addresses that may be articles and none of which is known to be one, largest first."""
        claimed = self._claimed_groups() | self._accepted
        decided = claimed | self._refused
        groups: dict[_Group, list[str]] = defaultdict(list)
        for address in self.leads:
            path = path_of(address)
            group = group_of(path)
            hinted = path in self._hinted and path not in self._others
            # Words such as "archive" or "topics" name articles on some sites; fetched only where nothing else is known.
            service = bool(claimed) and path in self._service
            if group is not None and group not in decided and hinted and not service:
                groups[group].append(address)
        found = [
            UndecidedGroup(group, tuple(addresses[:: max(1, len(addresses) // 4)][:4]), len(addresses))
            for group, addresses in groups.items()
            if len(addresses) >= 2
        ]
        return sorted(
            found, key=lambda one: (path_of(one.addresses[0]) in self._service, -one.number, one.group)
        )

    def suspects(self, pattern: Pattern) -> list[str]:
        """Addresses that fit the pattern, although neither a channel nor a headline calls them articles."""
        fits = re.compile(pattern.text)
        known = self._claimed | self._hinted | self._others
        return [one for one in self._loose if path_of(one) not in known and fits.search(path_of(one))]

    def articles(self) -> set[str]:
        """Paths of articles: claimed ones, and hinted ones of groups that are decided."""
        decided = self._claimed_groups() | self._accepted
        # Sitemaps and blocks of headlines may hold the outlet's own pages too; in a group whose members differ only in
        # their words, only the outlet's word and a fetched page count.
        certain = {group for group in decided if group[-1].startswith("number") or len(group) > 1}
        return self._claimed | {
            path
            for path in self._hinted - self._others
            if (group := group_of(path)) in certain or group in self._accepted
        }

    def others(self) -> set[str]:
        """Paths of pages that are not articles."""
        refused = {path for path in self._hinted if group_of(path) in self._refused}
        claimed = self._claimed_groups() | self._accepted
        # An outlet's articles may lie in /archive/ or /media/; at the root such a word is its own page.
        deep = {group for group in claimed if len(group) > 1}
        service = {path for path in self._service if group_of(path) not in deep}
        return (self._others | refused | service) - self._claimed

    def pattern(self, *, loose: bool = False) -> Pattern | None:
        """The pattern of article paths by what is known now; None without any article."""
        return learn(self.articles(), self.others(), loose=loose)

    def _claimed_groups(self) -> set[_Group]:
        return {group for path in self._claimed if (group := group_of(path)) is not None}

    def _add_headline(self, link: Link, listing: str) -> None:
        address = steady(link.url)
        before = self.leads.get(address)
        if before is None:
            self.leads[address] = Lead(address, Channel.LISTING, listing, headline=link.text)
        elif not before.headline:
            self.leads[address] = replace(before, headline=link.text)

    def _usable(self, address: str) -> bool:
        return self.home(address) and not is_front_page(address) and not _FILE.search(urlsplit(address).path)


def path_of(address: str) -> str:
    """The path of an address without its final slash; of a short link "/?p=123"."""
    return rule_path(address).rstrip("/") or "/"
