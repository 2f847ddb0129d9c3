"""Articles read on trial: which are chosen, how sure it is that they are read rightly, and which headings end them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newscrawl.crawl.visit.visit import Answer
from newscrawl.discover.listing import links
from newscrawl.extract import extract
from newscrawl.model import Article, ExtractRules, Lead, PageType
from newscrawl.site_setup.page import offer_of
from newscrawl.site_setup.patterns import group_of
from newscrawl.site_setup.seen_addresses import path_of
from newscrawl.text import words
from newscrawl.urls import host_of, rule_path
from newscrawl.worker import Aborted, page_worker

PREVIEW = 10
GOOD = 0.6
"""A page counts as an article that is read well from this confidence on."""
_HEADINGS = 8  # headings of articles that are tried, the most frequent first
_NEAR = timedelta(days=2)  # feeds round, time zones are guessed


@dataclass(frozen=True, slots=True)
class Trial:
    """One page read on trial: the article, how sure it is that it was read rightly (0 to 1), and why not surer."""

    url: str
    article: Article | None
    confidence: float
    doubts: tuple[str, ...] = ()


def read(answer: Answer, rules: ExtractRules, now: datetime) -> Article:
    """Extracts the article of a page in the worker process: a page that breaks the reader is an unreadable one."""
    found = page_worker().run(_extract, answer.body, answer.url, answer.content_type, now, rules)
    if isinstance(found, Aborted):
        return Article(answer.url, PageType.UNREADABLE, found.reason)
    return found


def _extract(body: bytes, url: str, content_type: str | None, now: datetime, rules: ExtractRules) -> Article:
    return extract(body, url, content_type=content_type, fetched_at=now, rules=rules)


def chosen_for_preview(leads: Mapping[str, Lead], pattern: str, now: datetime) -> list[Lead]:
    """Ten articles to read on trial: the newest, the oldest, and some of each kind of address."""
    fits = re.compile(pattern)
    known = [lead for address, lead in leads.items() if fits.search(rule_path(address))]
    known.sort(key=lambda lead: _instant(lead, now), reverse=True)
    chosen = {lead.url: lead for lead in (*known[: PREVIEW // 2], *reversed(known[-3:]))}
    kinds = {_kind(lead) for lead in chosen.values()}
    for lead in known:
        if len(chosen) < PREVIEW and _kind(lead) not in kinds:
            kinds.add(_kind(lead))
            chosen[lead.url] = lead
    step = max(1, len(known) // PREVIEW)
    for lead in [*known[::step], *known]:
        if len(chosen) < PREVIEW:
            chosen.setdefault(lead.url, lead)
    return list(chosen.values())


def trial(url: str, article: Article | None, lead: Lead | None, problem: str | None = None) -> Trial:
    """Weighs what speaks for a page being an article that was read rightly.

    The type counts 0.3, a title that agrees with the channel's headline 0.2, a date near the channel's date 0.25, a
    body of 60 words or more 0.15 and an author 0.1. What the channel does not say counts half.
    """
    if article is None:
        return Trial(url, None, 0.0, (problem or "no answer",))
    if not article.is_article:
        return Trial(url, article, 0.0, (f"{article.page_type.value}: {article.reason or 'no article'}",))
    doubts: list[str] = []
    points = 0.3
    points += 0.2 * _title_agrees(article, lead, doubts)
    points += 0.25 * _date_agrees(article, lead, doubts)
    length = len(words(article.body))
    points += 0.15 * min(1.0, length / 60)
    if length < 60:
        doubts.append(f"only {length} words")
    if article.authors:
        points += 0.1
    else:
        doubts.append("no author")
    return Trial(url, article, round(points, 2), tuple(doubts))


def works(trials: Sequence[Trial]) -> bool:
    """Whether most pages of the preview are articles that are read well."""
    good = sum(one.confidence >= GOOD for one in trials)
    return bool(trials) and good * 10 >= len(trials) * 6


def stop_headings(
    answers: Sequence[Answer], rules: ExtractRules, pattern: str, now: datetime
) -> tuple[str, ...]:
    """Headings that most articles have above a block of links to others, with nothing of the article below them."""
    fits = re.compile(pattern)
    pages = [(answer, offer_of(answer.body, answer.url, answer.content_type)) for answer in answers]
    counted = Counter(heading for _, offer in pages for heading in offer.headings)
    found = []
    for heading, number in counted.most_common(_HEADINGS):
        if number < 3 or number * 10 < len(pages) * 6:
            continue
        with_it = [answer for answer, offer in pages if heading in offer.headings][:3]
        if all(
            _heads_links(one, heading, fits) and _loses_nothing(one, heading, rules, now) for one in with_it
        ):
            found.append(heading)
    return tuple(found[:5])


def _title_agrees(article: Article, lead: Lead | None, doubts: list[str]) -> float:
    if not article.title:
        doubts.append("no title")
        return 0.0
    headline = lead.headline if lead is not None else None
    if not headline:
        return 0.5
    title, shown = set(words(article.title)), set(words(headline))
    # The text of a teaser holds the headline among other words, or its beginning.
    agreeing = len(title & shown) / max(1, min(len(title), len(shown)))
    if agreeing < 0.5:
        doubts.append("the title is not the list's headline")
    return 1.0 if agreeing >= 0.8 else agreeing


def _date_agrees(article: Article, lead: Lead | None, doubts: list[str]) -> float:
    at = article.published
    if at is None:
        doubts.append("no date")
        return 0.0
    if lead is None or lead.published is None:
        if lead is not None and lead.modified is not None and lead.modified < at - _NEAR:
            doubts.append("published after the sitemap's last change")
            return 0.5
        return 0.8
    if abs(at - lead.published) > _NEAR:
        doubts.append(f"dated {_day(at)}, the list says {_day(lead.published)}")
        return 0.2
    return 1.0


def _day(at: datetime) -> str:
    return at.date().isoformat()


def _heads_links(answer: Answer, heading: str, fits: re.Pattern[str]) -> bool:
    def is_article(address: str) -> bool:
        return host_of(address) == host_of(answer.url) and bool(fits.search(rule_path(address)))

    block = links(
        answer.body, answer.url, content_type=answer.content_type, within=(heading,), is_article=is_article
    )
    return len(block.leads) >= 2


def _loses_nothing(answer: Answer, heading: str, rules: ExtractRules, now: datetime) -> bool:
    cut = read(answer, replace(rules, stop_headings=(heading,)), now).body
    return len(cut) * 10 >= len(read(answer, rules, now).body) * 9


def _kind(lead: Lead) -> object:
    return host_of(lead.url), group_of(path_of(lead.url))


def _instant(lead: Lead, now: datetime) -> float:
    at = lead.published or lead.modified
    # Leads without a date come from pages read just now: after what is dated and new, before what is old.
    return min(at, now).timestamp() if at is not None else now.timestamp() - 86400.0 * 30 - lead.position
