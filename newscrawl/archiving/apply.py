"""The one way observations get into the archive: decided in their order, applied in one transaction. Used by crawl and import alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from newscrawl.archiving.captures import CaptureReader
from newscrawl.archiving.decide import (
    BesideText,
    ExtractedCaptures,
    Pages,
    Policy,
    captures_to_extract,
    decide,
    differs_beside,
    late_pages_to_compare,
    may_be_edit,
    pages_to_compare,
)
from newscrawl.archiving.edition_pages import EditionPages
from newscrawl.judge.coverage import exits
from newscrawl.judge.history.insert import LatePages
from newscrawl.judge.template_text import same_layout
from newscrawl.model import Applied, FoundLeads, Known, ListingRead, Observation, Situation
from newscrawl.store.archive import Archive, Writing
from newscrawl.warc import WarcWriter

Item = Observation | ListingRead | FoundLeads

# Observations in one transaction: enough to make commits cheap, few enough that a kill costs little.
BATCH = 50


def commit(
    archive: Archive, warc: WarcWriter, items: Sequence[Item], policy: Policy, captures: CaptureReader
) -> list[Applied | None]:
    """Records items in one transaction, after the bytes they refer to are flushed. Raises ArchiveError."""
    warc.sync()
    return archive.transact(lambda writing: record(writing, items, policy, captures))


def record(
    writing: Writing, items: Sequence[Item], policy: Policy, captures: CaptureReader
) -> list[Applied | None]:
    """Decides and stores items in their order; what each observation came to, None for other items.

    What is known is read for the whole batch at once, and anew for an observation that shares an
    address or an article with an earlier item of the batch.
    """
    observations = [item for item in items if isinstance(item, Observation)]
    situations = iter(writing.situations(observations, late=policy.imports))
    keys: set[str] = set()
    articles: set[int] = set()
    results: list[Applied | None] = []
    pages = EditionPages.of(captures)
    for item in items:
        if isinstance(item, ListingRead):
            change = writing.record_listing(item)
            if change is not None:
                further = [one.article for one in change.left if exits.still_goes_back(one, change.now)]
                writing.note_exits(change, exits.left(change.before, change.now), further)
            keys.update(key for key, _ in item.leads)
            results.append(None)
        elif isinstance(item, FoundLeads):
            writing.add_leads(item.edition, item.leads, item.at)
            keys.update(key for key, _ in item.leads)
            results.append(None)
        else:
            situation = next(situations)
            concerned = {article.id for article in situation.articles.values()}
            # Where controls were asked, any article of the same instant bears on the decision.
            if item.controls_fine or not keys.isdisjoint(item.keys) or not articles.isdisjoint(concerned):
                (situation,) = writing.situations([item], late=policy.imports)
            results.append(_observation(writing, item, situation, policy, pages))
            keys.update(item.keys)
            articles |= concerned | {article.id for article in situation.articles.values()}
            # One of these may have become one with an absent article.
            articles |= {other.id for others in situation.same_instant.values() for other in others}
    return results


def _observation(
    writing: Writing,
    observation: Observation,
    situation: Situation,
    policy: Policy,
    captures: EditionPages,
) -> Applied:
    article, needed = captures_to_extract(observation, situation, policy)
    if article is None:
        return writing.apply(decide(observation, situation, policy, {}))
    extracted = {capture: captures.extract(article, capture) for capture in needed}
    pages = _pages(writing, observation, article, policy, extracted, captures)
    if pages is not None and may_be_edit(observation, article, extracted, pages):
        pages = replace(pages, edition=captures.around(writing, article, observation.fetch.at))
    aside = None
    if differs_beside(observation, article, policy, extracted):
        aside = _beside(writing, observation, article, captures)
    late = None
    if (compared := late_pages_to_compare(observation, article, situation, policy)) is not None:
        late = LatePages(*(captures.page_text(article, one) if one is not None else None for one in compared))
    return writing.apply(decide(observation, situation, policy, extracted, pages, aside, late))


def _beside(
    writing: Writing, observation: Observation, article: Known, captures: CaptureReader
) -> BesideText:
    """The pages that show what changed beside the text."""
    if article.capture is None or not observation.fetch.captures:
        return BesideText(None)
    old = captures.extract(article, article.capture)
    last = writing.last_page(article.id)
    previous = captures.extract(article, last) if last not in (None, article.capture) else None
    older, newer = (
        captures.page_text(article, capture) for capture in (article.capture, observation.fetch.captures[-1])
    )
    layout = older is None or newer is None or not same_layout(older, newer)
    return BesideText(old, previous, layout)


def _pages(
    writing: Writing,
    observation: Observation,
    article: Known,
    policy: Policy,
    extracted: ExtractedCaptures,
    captures: CaptureReader,
) -> Pages | None:
    """The raw pages that show whether a text was edited; None where the texts do not differ."""
    compared = pages_to_compare(observation, article, policy, extracted)
    if compared is None:
        return None
    older, newer = (
        captures.page_text(article, capture) if capture is not None else None for capture in compared
    )
    if older is None or newer is None:
        return Pages(None, None)
    last = writing.last_page(article.id)
    previous = captures.page_text(article, last) if last not in (None, *compared) else None
    return Pages(older, newer, previous)
