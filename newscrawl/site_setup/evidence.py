"""Evidence on the addresses of an unknown site: which are articles, which are not, which have to be fetched to find out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from newscrawl.model import Lead
from newscrawl.site_setup.page import Link, Offer
from newscrawl.site_setup.patterns import Shape, group_of, is_service, learn
from newscrawl.urls import is_front_page, untracked

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
"""Pages fetched before a whole group of addresses is taken for pages that are not articles."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A group of addresses that may be articles: some of them to fetch, and how many there are."""

    group: tuple[str, ...]
    addresses: tuple[str, ...]
    number: int


@dataclass(slots=True)
class Evidence:
    """All addresses seen on one outlet's hosts, and the evidence for and against each being an article.

    `home` says whether an address is on one of the outlet's hosts; others are left out.
    """

    home: Callable[[str], bool]
    leads: dict[str, Lead] = field(default_factory=dict)  # by address, from the channels
    _claimed: set[str] = field(
        default_factory=set
    )  # paths: declared by the outlet, or fetched and found to be articles
    _hinted: set[str] = field(
        default_factory=set
    )  # paths: from mixed sitemaps, or with the text of a headline
    _others: set[str] = field(default_factory=set)
    _service: set[str] = field(default_factory=set)  # paths with a segment such as "tag" or "author"
    _loose: dict[str, None] = field(default_factory=dict)  # addresses of links whose text decides nothing
    _yes: set[tuple[str, ...]] = field(default_factory=set)
    _no: set[tuple[str, ...]] = field(default_factory=set)
    _refuted: dict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(int))

    def channel(self, leads: Sequence[Lead], name: str = "", *, trusted: bool) -> None:
        """Entries of a feed or sitemap. `trusted`: the outlet declares them to be articles; else the channel's `name` may."""
        mine = [replace(lead, url=untracked(lead.url)) for lead in leads if self._usable(lead.url)]
        paths = {path_of(lead.url) for lead in mine}
        others = bool(_OTHERS_NAME.search(name)) and not trusted
        if others and paths & (self._claimed | self._hinted):
            others = False  # name and entries contradict each other
        elif others:
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

    def page(self, offer: Offer, listing: str) -> None:
        """Links of a page: those that read like headlines may be articles, those in menus and footers are not."""
        for link in offer.links:
            if not self._usable(link.url):
                continue
            path = path_of(link.url)
            if is_service(path):
                self._service.add(path)
            if link.menu and 0 < len(link.text) < 28 and len(link.text.split()) < 4:
                self._others.add(path)
            elif link.is_headline:
                self._hinted.add(path)
                self._headline(link, listing)
            elif link.text:
                self._loose[untracked(link.url)] = None

    def other(self, address: str) -> None:
        """Records an address that is known not to be an article: a list, or a further page of one."""
        self._others.add(path_of(address))

    def answer(self, doubt: Doubt, address: str, *, article: bool) -> bool:
        """Records whether a fetched address of an undecided group is an article; True if that decides the group."""
        if article:
            self._yes.add(doubt.group)
            self._claimed.add(path_of(address))
            return True
        self._others.add(path_of(address))
        self._refuted[doubt.group] += 1
        if self._refuted[doubt.group] >= min(SAMPLES, doubt.number):
            self._no.add(doubt.group)
            return True
        return False

    def accept_like(self) -> int:
        """Accepts groups that were not fetched and have the form of groups found to be articles; returns how many."""
        forms = {(len(group), group[-1]) for group in self._yes | self._of_claimed()}
        refused = {(len(group), group[-1]) for group in self._no}
        found = [
            doubt.group for doubt in self.doubts() if (len(doubt.group), doubt.group[-1]) in forms - refused
        ]
        self._yes.update(found)
        return len(found)

    def doubts(self) -> list[Doubt]:
        """Groups of two and more addresses that may be articles and of which none is known to be one, largest first."""
        claimed = self._of_claimed() | self._yes
        decided = claimed | self._no
        groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for address in self.leads:
            path = path_of(address)
            group = group_of(path)
            hinted = path in self._hinted and path not in self._others
            # Words such as "archive" or "topics" name articles on some sites; asked only where nothing else does.
            if (
                group is not None
                and group not in decided
                and hinted
                and not (claimed and path in self._service)
            ):
                groups[group].append(address)
        found = [
            Doubt(group, tuple(addresses[:: max(1, len(addresses) // 4)][:4]), len(addresses))
            for group, addresses in groups.items()
            if len(addresses) >= 2
        ]
        return sorted(
            found, key=lambda one: (path_of(one.addresses[0]) in self._service, -one.number, one.group)
        )

    def suspects(self, shape: Shape) -> list[str]:
        """Addresses that match only because the shape is wide: no other evidence says that they are articles."""
        fits = re.compile(shape.pattern)
        known = self._claimed | self._hinted | self._others
        return [one for one in self._loose if path_of(one) not in known and fits.search(path_of(one))]

    def articles(self) -> set[str]:
        """Paths of articles: claimed, and hinted ones of groups that are decided."""
        decided = self._of_claimed() | self._yes
        # Sitemaps and blocks of headlines may hold the outlet's own pages too; in a group whose members differ only in
        # their words, only a declaration of the outlet and a fetched page count.
        certain = {group for group in decided if group[-1].startswith("number") or len(group) > 1}
        return self._claimed | {
            path
            for path in self._hinted - self._others
            if (group := group_of(path)) in certain or group in self._yes
        }

    def others(self) -> set[str]:
        """Paths of pages that are not articles."""
        refused = {path for path in self._hinted if group_of(path) in self._no}
        claimed = self._of_claimed() | self._yes
        # An outlet's articles may lie in /archive/ or /media/; at the root such a word is its own page.
        deep = {group for group in claimed if len(group) > 1}
        service = {path for path in self._service if group_of(path) not in deep}
        return (self._others | refused | service) - self._claimed

    def shape(self, *, loose: bool = False) -> Shape | None:
        """The pattern of article paths by what is known now."""
        return learn(self.articles(), self.others(), loose=loose)

    def _of_claimed(self) -> set[tuple[str, ...]]:
        return {group for path in self._claimed if (group := group_of(path)) is not None}

    def _headline(self, link: Link, listing: str) -> None:
        from newscrawl.model import Channel

        address = untracked(link.url)
        before = self.leads.get(address)
        if before is None:
            self.leads[address] = Lead(address, Channel.LISTING, listing, headline=link.text)
        elif not before.headline:
            self.leads[address] = replace(before, headline=link.text)

    def _usable(self, address: str) -> bool:
        return self.home(address) and not is_front_page(address) and not _FILE.search(urlsplit(address).path)


def path_of(address: str) -> str:
    """The path of an address without its final slash."""
    return urlsplit(address).path.rstrip("/") or "/"
