"""A survey of an unknown site: what is asked in which order, and what is made of the answers. Judging is discover's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.errors import Exit, NewscrawlError
from newscrawl.extract import extract
from newscrawl.model import Article, ExtractRules, PageType
from newscrawl.site_setup import languages, origin, page, trust
from newscrawl.site_setup.channels import Found, feeds, sitemaps
from newscrawl.site_setup.evidence import Evidence, path_of
from newscrawl.site_setup.lists import all_listings, parts
from newscrawl.site_setup.page import Offer
from newscrawl.site_setup.patterns import Shape, identity
from newscrawl.site_setup.preview import PREVIEW, preview, read, stop_headings
from newscrawl.site_setup.trust import Trial, trial
from newscrawl.site_setup.visitor import Answer, Visitor, base_name
from newscrawl.urls import host_of

HOSTS = 3  # further hosts of the outlet that are surveyed: its other languages
_LOOKS = 10  # pages read to tell whether doubtful groups of addresses are articles
_SUSPECTS = 6  # pages read because a link to them says neither that they are articles nor that they are not
_RESERVED = PREVIEW + 6  # requests kept for looks and the preview


class SurveyError(NewscrawlError):
    """A site that cannot be made a source, with what stands in the way."""

    def __init__(self, message: str, *, subject: str, code: Exit, hint: str | None = None) -> None:
        super().__init__(message, subject=subject, hint=hint)
        self.exit_code = code


@dataclass(frozen=True, slots=True)
class Survey:
    """What a site offers and how it would be crawled. `notes` are for people: what was seen, guessed, and is missing."""

    url: str
    outlet: str
    zone: str
    editions: tuple[Edition, ...]
    listed_path: str
    claimed_path: str
    identity_path: str | None
    stop_headings: tuple[str, ...]
    trials: tuple[Trial, ...]
    seen: tuple[str, ...]
    inferred: tuple[str, ...]
    notes: tuple[str, ...]
    requests: int

    @property
    def works(self) -> bool:
        """Whether most pages of the preview are articles, read well enough."""
        return trust.works(self.trials)


def survey(visitor: Visitor, now: datetime) -> Survey:
    """Surveys the site of `visitor`. Raises SurveyError where nothing can be made of it, saying why."""
    return _Surveyor(visitor, now).run()


class _Surveyor:
    def __init__(self, visitor: Visitor, now: datetime) -> None:
        self.visitor = visitor
        self.now = now
        self.evidence = Evidence(home=lambda address: host_of(address) in self.hosts)
        self.hosts: set[str] = set()
        self.found: list[Found] = []
        self.notes: list[str] = []
        self.outlet = ""

    def run(self) -> Survey:
        front, offer = self._front()
        self._take_in(front.url, offer)
        self._other_hosts(offer)
        self._request_doubtful()
        shape = self.evidence.shape()
        if shape is None:
            raise self._nothing(front, offer)
        for one in self.found:
            all_listings(self.visitor, self.evidence, one, shape.pattern)
        if self._request_doubtful() or any(one.listings for one in self.found):
            shape = self.evidence.shape() or shape
        if self._look_at_suspects(shape):
            shape = self.evidence.shape() or shape
        claimed = self.evidence.shape(loose=True) or shape
        if shape.caught:
            self.notes.append(
                f"{len(shape.caught)} addresses of other pages look like articles', such as {shape.caught[0]}"
            )
        if claimed.missed:
            self.notes.append(f"{len(claimed.missed)} addresses fit no pattern, such as {claimed.missed[0]}")
        return self._concluded(front, shape.pattern, claimed.pattern)

    # --- asking ----------------------------------------------------------------------------------

    def _front(self) -> tuple[Answer, Offer]:
        parts = urlsplit(self.visitor.start)
        root = f"{parts.scheme}://{parts.netloc}/"
        answer = self.visitor.ask(root)
        if not answer.fine:
            raise self._refused(answer)
        self._check_challenge(answer)
        offer = page.read_page(answer.body, answer.url, answer.content_type)
        self.outlet = offer.name or base_name(host_of(answer.url))
        return answer, offer

    def _take_in(self, url: str, offer: Offer) -> None:
        """One host of the outlet: its front page, feeds and sitemaps."""
        host = host_of(url)
        if host in self.hosts:
            return
        self.hosts |= {host, f"www.{host}", host.removeprefix("www.")}
        found = Found(url=url, host=host, offer=offer)
        self.found.append(found)
        parts(self.visitor, found)
        feeds(self.visitor, self.evidence, found)
        sitemaps(self.visitor, self.evidence, found)
        self.evidence.page(offer, url)
        for part in found.parts:
            self.evidence.page(part.offer, part.url)

    def _other_hosts(self, offer: Offer) -> None:
        """Hosts the front page names as its other languages."""
        asked = 0
        for _, address in offer.editions:
            parts = urlsplit(address)
            host = host_of(address)
            if not host or host in self.hosts or not self.visitor.at_home(address) or asked >= HOSTS:
                continue
            if self.visitor.left <= _RESERVED:
                self.notes.append(f"{host} was not looked at: enough requests for one visit")
                continue
            asked += 1
            answer = self.visitor.ask(f"{parts.scheme}://{parts.netloc}/")
            if answer.fine and host_of(answer.url) not in self.hosts:
                self._take_in(answer.url, page.read_page(answer.body, answer.url, answer.content_type))
            elif not answer.fine:
                self.notes.append(f"{host} did not answer: {answer.problem}")

    def _request_doubtful(self) -> int:
        """Reads pages of groups of addresses of which nobody has said that they are articles. How many."""
        observations = 0
        for doubt in self.evidence.doubts():
            for address in doubt.addresses:
                if observations >= _LOOKS or (
                    self.visitor.left <= PREVIEW and not self.visitor.knows(address)
                ):
                    break
                observations += 1
                answer = self.visitor.ask(address)
                article = self._read(answer, ExtractRules()) if answer.fine else None
                good = article is not None and article.is_article and article.published is not None
                if self.evidence.answer(doubt, address, article=good):
                    break
        self.evidence.accept_like()
        return observations

    def _look_at_suspects(self, shape: Shape) -> int:
        """Reads pages with an article's address that only menus and short links lead to. How many are none."""
        none = fine = 0
        for address in self.evidence.suspects(shape)[:_SUSPECTS]:
            if self.visitor.left <= PREVIEW or fine >= 2:
                break
            answer = self.visitor.ask(address)
            article = self._read(answer, ExtractRules()) if answer.fine else None
            if article is not None and article.is_article and article.published is not None:
                fine += 1
            else:
                none += 1
                self.evidence.other(address)
        return none

    def _read(self, answer: Answer, rules: ExtractRules) -> Article:
        return read(answer, rules, self.now)

    # --- concluding --------------------------------------------------------------------------------

    def _concluded(self, front: Answer, listed: str, claimed: str) -> Survey:
        chosen = preview(self.evidence.leads, claimed, self.now)
        answers = [(lead, self.visitor.ask(lead.url)) for lead in chosen]
        plain = [self._read(answer, ExtractRules()) for _, answer in answers if answer.fine]
        articles = [article for article in plain if article.is_article]
        if plain and not articles and all(one.page_type is PageType.EMPTY for one in plain):
            raise SurveyError(
                "its articles are empty without a browser that runs their scripts",
                subject=front.url, code=Exit.SOURCE_BROKEN,
            )  # fmt: skip
        language_of = self._languages(articles)
        zone = origin.zone(
            host_of(front.url),
            [a.published for a in articles if a.published is not None and "T" in a.published.isoformat()],
            language_of.values(),
        )
        rules = ExtractRules(
            outlet_names=(self.outlet,), zone=zone.value, language=next(iter(language_of.values()), None)
        )
        stops = stop_headings([answer for _, answer in answers if answer.fine], rules, claimed, self.now)
        rules = replace(rules, stop_headings=stops)
        trials = tuple(
            trial(lead.url, self._read(answer, rules) if answer.fine else None, lead, answer.problem)
            for lead, answer in answers
        )
        known = [a for a in self.evidence.leads if path_of(a) in self.evidence.articles()]
        editions = _named(
            [
                edition
                for one in [one for one in self.found if one.useful] or self.found[:1]
                for edition in languages.editions(
                    self.visitor, one, known, articles, language_of.get(one.host)
                )
            ]
        )
        places = Addresses("", editions, re.compile(listed), re.compile(claimed))
        paths = [
            {path_of(address) for address in known if places.edition_of(address) == one.name}
            for one in editions
        ]
        seen, inferred = self._sayings(zone)
        return Survey(
            url=front.url,
            outlet=self.outlet,
            zone=zone.value,
            editions=editions,
            listed_path=listed,
            claimed_path=claimed,
            identity_path=identity(paths),
            stop_headings=stops,
            trials=trials,
            seen=seen,
            inferred=inferred,
            notes=tuple(dict.fromkeys(self.notes + [note for one in self.found for note in one.notes])),
            requests=self.visitor.asked,
        )

    def _languages(self, articles: Sequence[Article]) -> dict[str, str]:
        """The language of each host."""
        found: dict[str, str] = {}
        for one in self.found:
            read = [article.language for article in articles if host_of(article.url) == one.host]
            spoken = origin.main_language(one.offer.language, read, one.host, urlsplit(one.url).path)
            if spoken:
                found[one.host] = spoken
        return found

    def _sayings(self, zone: origin.Guess) -> tuple[tuple[str, ...], tuple[str, ...]]:
        seen: list[str] = []
        for what, number in (
            ("feeds", sum(len(one.feeds) for one in self.found)),
            ("sitemaps", sum(len(one.sitemaps) + len(one.numbered) for one in self.found)),
            ("listings", sum(len(one.listings) for one in self.found)),
        ):
            if number:
                seen.append(f"{number} {what if number > 1 else what[:-1]}")
        seen.append(f"addresses of {len(self.evidence.articles())} articles")
        inferred = ["the pattern of addresses", f"the zone ({zone.reason})"]
        if any(isinstance(one, Listing) for found in self.found for one in found.listings):
            inferred.append("pages after the second")
        return tuple(seen), tuple(inferred)

    # --- what stands in the way ------------------------------------------------------------------------

    def _check_challenge(self, answer: Answer) -> None:
        body = answer.body or answer.refusal
        said = (
            extract(body, answer.url, content_type=answer.content_type, fetched_at=self.now) if body else None
        )
        if said is not None and said.page_type is PageType.CHALLENGE:
            raise SurveyError(
                f"answers programs with a challenge ({said.reason})",
                subject=answer.url, code=Exit.NOTHING_FETCHED, hint="Nothing can be done from here; ask the outlet for access",
            )  # fmt: skip

    def _refused(self, answer: Answer) -> SurveyError:
        self_said = answer.problem or "no answer"
        if answer.refusal:
            self._check_challenge(answer)
        hint = "It is obeyed; ask the outlet" if "robots.txt forbids" in self_said else None
        return SurveyError(self_said, subject=answer.url, code=Exit.NOTHING_FETCHED, hint=hint)

    def _nothing(self, front: Answer, offer: Offer) -> SurveyError:
        if offer.is_shell:
            return SurveyError(
                "offers nothing without a browser: the page is empty until its scripts run, and there is no feed or sitemap",
                subject=front.url, code=Exit.SOURCE_BROKEN,
                hint='If its articles can be read without one, write a source with Listing("/", browser=True): docs/adding-a-source.md',
            )  # fmt: skip
        links_seen = sum(1 for link in offer.links if host_of(link.url) in self.hosts)
        return SurveyError(
            f"does not look like a news site: {'its feeds name' if self.found[0].feeds else 'no feed or sitemap names'} no article of its own, "
            f"and none of the pages read behind its {links_seen} links is a dated article",
            subject=front.url, code=Exit.SOURCE_BROKEN,
        )  # fmt: skip


def _named(editions: Sequence[Edition]) -> tuple[Edition, ...]:
    """Editions with names of their own: two of one language are told by their hosts."""
    names: dict[str, int] = {}
    found = []
    for edition in editions:
        names[edition.name] = names.get(edition.name, 0) + 1
        number = names[edition.name]
        found.append(edition if number == 1 else replace(edition, name=f"{edition.name}{number}"))
    return tuple(found)
