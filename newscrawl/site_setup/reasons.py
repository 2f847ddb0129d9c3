"""What a survey may say of its own findings: what was seen and what guessed, line by line, and what was not found, with what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.visit.visit import Visit
from newscrawl.model import Article
from newscrawl.site_setup.channels import Host
from newscrawl.site_setup.page import language
from newscrawl.site_setup.preview import Trial

OWN = ""
"""The key of the reasons for an edition's name, host and language."""
Reasons = Mapping[str, Mapping[str, str]]
"""Of each edition by its name: of each of its arguments what was seen and what guessed."""


def of_editions(
    editions: Sequence[Edition],
    named: Mapping[tuple[str, str], int],
    articles: Collection[str],
    read: Sequence[Article],
    by: Addresses,
) -> Reasons:
    """Why each argument of each edition is as it is. `named`: how many addresses of an edition its feeds, sitemaps … name."""
    found = {}
    for one in editions:
        own = sum(by.edition_of(address) == one.name for address in articles)
        texts = [language(a.language) for a in read if by.edition_of(a.url) == one.name]
        found[one.name] = {
            OWN: f"Seen: the host answers. {_language(one, texts.count(one.language))}",
            "listings": f"Seen: they list articles.{_pages(one)}"
            if one.listings
            else "Seen: none was found.",
            "mirrors": "Guessed: without www. it is the same site.",
            "sections": f"Guessed: from {_counted(own, 'article')} whose addresses lie below it.",
            "site": "Seen: it answers there, without https.",
            "numbered": "Seen: the first. Guessed: that further ones are counted on.",
        } | {kind: _channel(named.get((one.name, kind), 0)) for kind in ("feeds", "sitemaps")}
    return found


def missing(
    visit: Visit,
    hosts: Sequence[Host],
    editions: Sequence[Edition],
    trials: Sequence[Trial],
    zone: str,
    by: Addresses,
) -> Iterator[str]:
    """What a source should have and this one has not, each with what to do about it."""
    pages = [one.article for one in trials if one.article is not None and one.article.is_article]
    for one in editions:
        if one.language:
            texts = [language(page.language) for page in pages if by.edition_of(page.url) == one.name]
            others = sorted(
                {text for text in texts if text and text != one.language and texts.count(text) > 1}
            )
            if others:
                yield (
                    f"articles in {', '.join(others)} have no path of their own: they stay in the edition {one.name} "
                    "with the rest. Each article's own language is read from its text"
                )
        if not one.feeds:
            yield (
                f"no feed of {one.name} was found: if a page of the site links to one, write it into `feeds`; "
                "until then new articles come from its lists and sitemaps alone"
            )
        if not (one.sitemaps or one.numbered):
            yield (
                f"no sitemap of {one.name} was found: if the outlet has one, write it into `sitemaps`; "
                "until then older articles come from the further pages of its lists alone"
            )
        if not one.listings:
            yield (
                f"no list of articles of {one.name} was found: if scripts draw it, look for the address of their data, "
                'or write Listing("/", browser=True) into `listings`; until then gaps cannot be closed'
            )
    for host in hosts:
        if host.offer.is_shell:
            yield (
                f"{host.url} is empty until scripts have run: what it shows is read from feeds and sitemaps alone. "
                'Listing("/", browser=True) renders it'
            )
    if forbidden := visit.forbidden():
        yield (
            f"robots.txt forbids {_counted(len(forbidden), 'address')} that were tried, such as "
            f"{forbidden[0][:200]}: obeyed, also by every crawl; ask the outlet"
        )
    for name, problem in visit.robots_problems.items():
        yield f"robots.txt of {name} cannot be read ({problem[:200]}): nothing there is asked until it can; try again later"
    undated = sum(one.published is None for one in pages)
    if pages and undated * 2 >= len(pages):
        yield (
            f"{undated} of {len(pages)} articles tried have no date that can be read: see newscrawl extract URL --explain, "
            "and write Selectors(published=…) into `selectors`"
        )
    if pages and not any(one.authors for one in pages):
        yield (
            "no author could be read on any page tried: if the pages name them, see newscrawl extract URL --explain, "
            "and write Selectors(authors=…) into `selectors`"
        )
    if zone == "UTC":
        yield "the zone of its clock could not be told: correct `zone`, or times without an offset are wrong by hours"


def _language(one: Edition, texts: int) -> str:
    if one.language is None:
        return "No language: it has several, or none was told."
    what = f"that of {_counted(texts, 'article')} read" if texts else "as the page, its host or its path says"
    return f"Guessed: the language, {what}."


def _pages(one: Edition) -> str:
    more = any(isinstance(listing, Listing) and listing.more for listing in one.listings)
    return " Guessed: how a list goes on, where it says {n}." if more else ""


def _channel(number: int) -> str:
    if not number:
        return "Seen: it is there. Guessed: that it names articles of this edition."
    return f"Seen: {_counted(number, 'address')} of this edition in them."


def _counted(number: int, noun: str) -> str:
    many = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {noun if number == 1 else many}"
