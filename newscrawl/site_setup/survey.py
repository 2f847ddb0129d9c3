"""Surveys an unknown site: what is fetched in which order, and what source follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from newscrawl.config import Config
from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.crawl.visit.visit import Answer, Visit
from newscrawl.errors import Exit, NewscrawlError
from newscrawl.model import Article, ExtractRules, PageType
from newscrawl.site_setup import preview, reasons
from newscrawl.site_setup.channels import Host, find_feeds, find_sitemaps
from newscrawl.site_setup.editions import editions_of, main_language, zone_of
from newscrawl.site_setup.listings import (
    find_languages,
    find_languages_by_articles,
    find_listings,
    list_links,
)
from newscrawl.site_setup.page import Offer, offer_of
from newscrawl.site_setup.patterns import Pattern, identity
from newscrawl.site_setup.preview import PREVIEW, Trial, chosen_for_preview, read, stop_headings, trial
from newscrawl.site_setup.seen_addresses import SeenAddresses, path_of
from newscrawl.site_setup.site import base_name, explore
from newscrawl.urls import host_of

HOSTS = 3  # further hosts of the outlet that are surveyed: its other languages
_CHECKS = 10  # pages fetched to tell whether undecided groups of addresses are articles
_SUSPECTS = 6  # pages fetched because a link to them does not show whether they are articles
_LISTS = 3  # lists read where neither a channel nor the front page names an article
_RESERVED = PREVIEW + 6  # requests kept for these checks and the preview


class SurveyError(NewscrawlError):
    """A site that cannot be made a source, with what stands in the way."""

    def __init__(self, message: str, *, subject: str, code: Exit, hint: str | None = None) -> None:
        super().__init__(message, subject=subject, hint=hint)
        self.exit_code = code


@dataclass(frozen=True, slots=True)
class Survey:
    """What a site offers and how it would be crawled.

    `reasons`, `seen`, `inferred` and `notes` are for people: what was found, what was guessed, what is missing or doubtful.
    """

    url: str
    outlet: str
    named_itself: bool
    zone: str
    zone_reason: str
    editions: tuple[Edition, ...]
    listed_path: str
    claimed_path: str
    robots_sitemaps: bool
    identity_path: str | None
    stop_headings: tuple[str, ...]
    trials: tuple[Trial, ...]
    reasons: reasons.Reasons
    seen: tuple[str, ...]
    inferred: tuple[str, ...]
    notes: tuple[str, ...]
    requests: int

    @property
    def works(self) -> bool:
        """Whether most pages of the preview are articles that are read well."""
        return preview.works(self.trials)


def survey(start: str, config: Config, *, on_request: Callable[[str], None] = lambda _: None) -> Survey:
    """Surveys the site of `start` with about forty requests; `on_request` is told of each address.

    Raises SurveyError where nothing can be made of the site, AddressError for a `start` that is no web address.
    """
    now = config.clock()
    return explore(start, config, lambda visit: _Surveyor(visit, now).run(), on_request=on_request)


class _Surveyor:
    def __init__(self, visit: Visit, now: datetime) -> None:
        self.visit = visit
        self.now = now
        self.names: set[str] = set()  # of the outlet's hosts, with and without www.
        self.addresses = SeenAddresses(home=visit.terms.allows)
        self.hosts: list[Host] = []
        self.notes: list[str] = []
        self.outlet = ""

    async def run(self) -> Survey:
        front, offer = await self._front_page()
        await self._add_host(front.url, offer)
        await self._add_other_hosts(offer)
        await self._check_undecided()
        pattern = self.addresses.pattern()
        if pattern is None and await self._read_lists():
            pattern = self.addresses.pattern()
        if pattern is None:
            raise self._no_articles(front, offer)
        for host in self.hosts:
            await find_listings(self.visit, self.addresses, host, pattern.text, self.now)
        if await self._check_undecided() or any(host.listings for host in self.hosts):
            pattern = self.addresses.pattern() or pattern
        if await self._check_suspects(pattern):
            pattern = self.addresses.pattern() or pattern
        claimed = self.addresses.pattern(loose=True) or pattern
        if pattern.caught:
            self.notes.append(
                f"{len(pattern.caught)} addresses of other pages look like articles', such as {pattern.caught[0]}"
            )
        if pattern.missed:
            self.notes.append(
                f"{len(pattern.missed)} addresses of articles do not have the form of the others, such as {pattern.missed[0]}: "
                "taken from feeds and sitemaps, not from pages"
            )
        return await self._concluded(front, pattern.text, claimed.text)

    # --- fetching ----------------------------------------------------------------------------------

    async def _front_page(self) -> tuple[Answer, Offer]:
        parts = urlsplit(self.visit.start)
        answer = await self.visit.get(f"{parts.scheme}://{parts.netloc}/")
        self._check_challenge(answer)
        if not answer.ok:
            problem = answer.problem or "no answer"
            hint = "It is obeyed; ask the outlet" if "robots.txt forbids" in problem else None
            raise SurveyError(problem, subject=answer.url, code=Exit.NOTHING_FETCHED, hint=hint)
        offer = offer_of(answer.body, answer.url, answer.content_type)
        self.outlet = offer.name or base_name(host_of(answer.url))
        return answer, offer

    async def _add_host(self, url: str, offer: Offer) -> None:
        """Reads one host of the outlet: its front page, feeds and sitemaps."""
        name = host_of(url)
        if name in self.names:
            return
        self.names |= {name, f"www.{name}", name.removeprefix("www.")}
        host = Host(url=url, host=name, offer=offer)
        self.hosts.append(host)
        await find_languages(self.visit, host)
        await find_feeds(self.visit, self.addresses, host)
        await find_sitemaps(self.visit, self.addresses, host)
        self.addresses.add_page(offer, url)
        for part in host.languages:
            self.addresses.add_page(part.offer, part.url)
        await find_languages_by_articles(self.visit, self.addresses, host)

    async def _add_other_hosts(self, offer: Offer) -> None:
        """Reads the other hosts of the outlet, mostly its other languages: those that the front page or a channel names."""
        switch = [address for _, address in offer.editions]
        named = (*switch, *(link.url for link in offer.links), *self.addresses.leads)
        others = {host_of(one): one for one in reversed(named) if self.visit.terms.allows(one)}
        asked = 0
        for name in dict.fromkeys(map(host_of, named)):
            if name in self.names or name not in others:
                continue
            if self.visit.left <= _RESERVED or asked >= HOSTS:
                self.notes.append(
                    f"{name} was not looked at: enough requests for one visit. Add an Edition for it, or: newscrawl add {name}"
                )
                continue
            asked += 1
            parts = urlsplit(others[name])
            answer = await self.visit.get(f"{parts.scheme}://{parts.netloc}/")
            if answer.ok and host_of(answer.url) not in self.names:
                await self._add_host(answer.url, offer_of(answer.body, answer.url, answer.content_type))
            elif not answer.ok:
                self.notes.append(
                    f"{name} did not answer ({answer.problem}), so it has no edition: try again later"
                )

    async def _read_lists(self) -> bool:
        """Reads the lists behind a front page that is a cover: with one article, or none. Whether that decided a group."""
        links = [link for host in self.hosts for link in list_links(host, lambda _: False)]
        for link in links[:_LISTS]:
            answer = await self.visit.get(link.url)
            if not answer.ok or host_of(answer.url) not in self.names:
                continue
            self.addresses.add_page(offer_of(answer.body, answer.url, answer.content_type), answer.url)
            self.addresses.add_other(answer.url)
            if await self._check_undecided() and self.addresses.articles():
                return True
        return False

    async def _check_undecided(self) -> int:
        """Fetches pages of groups of addresses that may be articles. Returns how many."""
        checks = 0
        for group in self.addresses.undecided():
            for address in group.addresses:
                affordable = self.visit.left > PREVIEW or self.visit.known(address) is not None
                if checks >= _CHECKS or not affordable:
                    break
                checks += 1
                if self.addresses.decide(group, address, article=await self._is_dated_article(address)):
                    break
        self.addresses.accept_similar()
        return checks

    async def _check_suspects(self, pattern: Pattern) -> int:
        """Fetches pages with an article's address that only menus and short links lead to. Returns how many are not articles."""
        others = articles = 0
        for address in self.addresses.suspects(pattern)[:_SUSPECTS]:
            if self.visit.left <= PREVIEW or articles >= 2:
                break
            if await self._is_dated_article(address):
                articles += 1
            else:
                others += 1
                self.addresses.add_other(address)
        return others

    async def _is_dated_article(self, address: str) -> bool:
        answer = await self.visit.get(address)
        if not answer.ok:
            return False
        article = read(answer, ExtractRules(), self.now)
        return article.is_article and article.published is not None

    # --- conclusions --------------------------------------------------------------------------------

    async def _concluded(self, front: Answer, listed: str, claimed: str) -> Survey:
        chosen = chosen_for_preview(self.addresses.leads, claimed, self.now)
        answers = [(lead, await self.visit.get(lead.url)) for lead in chosen]
        good = [answer for _, answer in answers if answer.ok]
        plain = [read(answer, ExtractRules(), self.now) for answer in good]
        articles = [article for article in plain if article.is_article]
        if plain and not articles and all(one.page_type is PageType.EMPTY for one in plain):
            raise SurveyError(
                "its articles are empty without a browser that runs their scripts",
                subject=front.url, code=Exit.SOURCE_BROKEN,
            )  # fmt: skip
        languages = self._languages(articles)
        zone, reason = zone_of(
            host_of(front.url),
            [article.published for article in articles if article.published is not None],
            languages.values(),
        )
        rules = ExtractRules(
            outlet_names=(self.outlet,), zone=zone, language=next(iter(languages.values()), None)
        )
        stops = stop_headings(good, rules, claimed, self.now)
        rules = replace(rules, stop_headings=stops)
        trials = tuple(
            trial(lead.url, read(answer, rules, self.now) if answer.ok else None, lead, answer.problem)
            for lead, answer in answers
        )
        paths = self.addresses.articles()
        known = [address for address in self.addresses.leads if path_of(address) in paths]
        useful = [host for host in self.hosts if host.useful] or self.hosts[:1]
        editions, named = editions_of(self.visit, useful, known, articles, languages)
        by_edition = Addresses("", editions, re.compile(listed), re.compile(claimed))
        return Survey(
            url=front.url,
            outlet=self.outlet,
            named_itself=self.hosts[0].offer.name is not None,
            zone=zone,
            zone_reason=reason,
            editions=editions,
            listed_path=listed,
            # What will be published later may have another form: an outlet's own feed or sitemap is taken at its word.
            claimed_path=NewsSpider.claimed_path,
            robots_sitemaps=any(host.sitemaps_elsewhere for host in self.hosts),
            identity_path=identity(
                {path_of(address) for address in known if by_edition.edition_of(address) == one.name}
                for one in editions
            ),
            stop_headings=stops,
            trials=trials,
            reasons=reasons.of_editions(editions, named, known, articles, by_edition),
            seen=self._seen(),
            inferred=self._inferred(reason),
            notes=tuple(
                dict.fromkeys(
                    [
                        *self.notes,
                        *(note for host in self.hosts for note in host.notes),
                        *reasons.missing(self.visit, self.hosts, editions, trials, zone, by_edition),
                    ]
                )
            ),
            requests=self.visit.sent,
        )

    def _languages(self, articles: Sequence[Article]) -> dict[str, str]:
        """The language of each host."""
        found: dict[str, str] = {}
        for host in self.hosts:
            read_ones = [article.language for article in articles if host_of(article.url) == host.host]
            main = main_language(host.offer.language, read_ones, host.host, urlsplit(host.url).path)
            if main:
                found[host.host] = main
        return found

    def _seen(self) -> tuple[str, ...]:
        counts = (
            ("feeds", sum(len(host.feeds) for host in self.hosts)),
            ("sitemaps", sum(len(host.sitemaps) + len(host.numbered) for host in self.hosts)),
            ("listings", sum(len(host.listings) for host in self.hosts)),
        )
        found = [f"{number} {what if number > 1 else what[:-1]}" for what, number in counts if number]
        return (*found, f"addresses of {len(self.addresses.articles())} articles")

    def _inferred(self, zone_reason: str) -> tuple[str, ...]:
        found = ["the pattern of addresses", f"the zone ({zone_reason})"]
        if any(isinstance(one, Listing) for host in self.hosts for one in host.listings):
            found.append("pages after the second")
        return tuple(found)

    # --- what stands in the way ------------------------------------------------------------------------

    def _check_challenge(self, answer: Answer) -> None:
        """Raises SurveyError for a page that wants proof that a person is reading, with whatever status it came."""
        body = answer.body or answer.refusal
        if not body:
            return
        page = read(replace(answer, body=body), ExtractRules(), self.now)
        if page.page_type is PageType.CHALLENGE:
            raise SurveyError(
                f"answers programs with a challenge ({page.reason})",
                subject=answer.url, code=Exit.NOTHING_FETCHED, hint="Nothing can be done from here; ask the outlet for access",
            )  # fmt: skip

    def _no_articles(self, front: Answer, offer: Offer) -> SurveyError:
        if offer.is_shell:
            return SurveyError(
                "offers nothing without a browser: the page is empty until its scripts run, and there is no feed or sitemap",
                subject=front.url, code=Exit.SOURCE_BROKEN,
                hint='If its articles can be read without one, write a source with Listing("/", browser=True): docs/adding-a-source.md',
            )  # fmt: skip
        links = sum(1 for link in offer.links if host_of(link.url) in self.names)
        channels = "its feeds name" if self.hosts[0].feeds else "no feed or sitemap names"
        return SurveyError(
            f"does not look like a news site: {channels} no article of its own, "
            f"and none of the pages read behind its {links} links is a dated article",
            subject=front.url, code=Exit.SOURCE_BROKEN,
        )  # fmt: skip
