"""Articles read on trial: which are chosen, how they are read, and which headings end them. Judging is discover's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from newscrawl.discover.listing import links
from newscrawl.extract import extract
from newscrawl.model import Article, ExtractRules, Lead
from newscrawl.site_setup.evidence import path_of
from newscrawl.site_setup.page import read_page
from newscrawl.site_setup.patterns import group_of
from newscrawl.site_setup.visitor import Answer
from newscrawl.urls import host_of

PREVIEW = 10
_HEADINGS = 8  # headings of articles that are looked at, the most frequent first


def read(answer: Answer, rules: ExtractRules, now: datetime) -> Article:
    """The article that an answer holds."""
    return extract(answer.body, answer.url, content_type=answer.content_type, fetched_at=now, rules=rules)


def preview(leads: Mapping[str, Lead], pattern: str, now: datetime) -> list[Lead]:
    """Ten articles to read on trial: the newest, the oldest, and some of each kind of address."""
    fits = re.compile(pattern)
    known = [lead for address, lead in leads.items() if fits.search(urlsplit(address).path)]
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


def stop_headings(
    answers: Sequence[Answer], rules: ExtractRules, pattern: str, now: datetime
) -> tuple[str, ...]:
    """Headings that most articles have above a block of links to others, if nothing of an article stands below them."""
    fits = re.compile(pattern)
    pages = [(answer, read_page(answer.body, answer.url, answer.content_type)) for answer in answers]
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


def _heads_links(answer: Answer, heading: str, fits: re.Pattern[str]) -> bool:
    def is_article(address: str) -> bool:
        return host_of(address) == host_of(answer.url) and bool(fits.search(urlsplit(address).path))

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
    # Undated ones come from pages read just now: after what is dated and new, before what is old.
    return min(at, now).timestamp() if at is not None else now.timestamp() - 86400.0 * 30 - lead.position
