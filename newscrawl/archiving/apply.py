"""The one way observations get into the archive: decided in their order, applied in one transaction. Used by crawl and import alike."""

from __future__ import annotations

from collections.abc import Sequence, Set as AbstractSet

from newscrawl.archiving.ahead import Decider
from newscrawl.archiving.captures import CaptureReader
from newscrawl.archiving.decide import Policy
from newscrawl.judge.coverage import exits
from newscrawl.model import Applied, FoundLeads, ListingRead, Observation
from newscrawl.store.archive import Archive, Writing
from newscrawl.warc import WarcWriter

Item = Observation | ListingRead | FoundLeads

# Observations in one transaction: enough to make commits cheap, few enough that a kill costs little.
BATCH = 50


def keys_of(item: Item) -> tuple[str, ...]:
    """The addresses that a page which was read concerns."""
    return item.keys if isinstance(item, Observation) and item.content_hash is not None else ()


def joins_earlier(item: Item, keys: AbstractSet[str]) -> bool:
    """Whether an item is better left to the next batch: it concerns addresses of this one, whose `keys` are given.

    What is decided of it rests on what the earlier item leaves, and so could not be prepared.
    """
    return not keys.isdisjoint(keys_of(item))


def commit(
    archive: Archive, warc: WarcWriter, items: Sequence[Item], policy: Policy, captures: CaptureReader
) -> list[Applied | None]:
    """Records items in one transaction, after the bytes they refer to are flushed. Raises ArchiveError.

    What takes long, reading pages again and comparing them, is done before the transaction.
    """
    warc.sync()
    decider = Decider(policy, captures)
    decider.prepare(archive, [item for item in items if isinstance(item, Observation)])
    return archive.transact(lambda writing: record(writing, items, decider))


def record(writing: Writing, items: Sequence[Item], decider: Decider) -> list[Applied | None]:
    """Stores items in their order, with what was decided of observations; what each of these came to, None for other items.

    What is known is read for the whole batch at once, and anew for an observation that shares an
    address or an article with an earlier item of the batch.
    """
    observations = [item for item in items if isinstance(item, Observation)]
    late = decider.policy.imports
    situations = iter(writing.situations(observations, late=late))
    keys: set[str] = set()
    articles: set[int] = set()
    results: list[Applied | None] = []
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
                (situation,) = writing.situations([item], late=late)
            results.append(writing.apply(decider.decision(writing, item, situation)))
            keys.update(item.keys)
            articles |= concerned | {article.id for article in situation.articles.values()}
            # One of these may have become one with an absent article.
            articles |= {other.id for others in situation.same_instant.values() for other in others}
    return results
