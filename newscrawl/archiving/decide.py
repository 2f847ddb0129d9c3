"""Decides what an observation leads to: what is known + what was fetched + when -> a Decision. Used by crawl and import alike.

First `captures_to_extract` says which stored captures must be read again by today's extractor, so
that an upgrade never looks like an edit; then `decide` makes the decision from values alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from newscrawl.extract.fields.indexing import asks
from newscrawl.judge import identity, moves, validators
from newscrawl.judge.history import insert as history_insert
from newscrawl.judge.history.insert import LatePages
from newscrawl.judge.kinds import beside
from newscrawl.judge.moves import Leads
from newscrawl.judge.raw_pages import Confirmed
from newscrawl.judge.recheck import LADDER, Ladder
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    AliasKind,
    Article,
    Capture,
    Channel,
    Content,
    Dates,
    Decision,
    FetchOutcome,
    Known,
    Lead,
    Observation,
    Refresh,
    Situation,
    State,
    StoredVersion,
    Tie,
    VerdictKind,
)
from newscrawl.text import content_hash
from newscrawl.urls import host_of, is_front_page

# What today's extractor reads from stored captures; None where the bytes cannot be read.
ExtractedCaptures = Mapping[Capture, Article | None]


@dataclass(frozen=True, slots=True)
class Differing:
    """Texts that differ: what the current version says as read today, and the captures of that version and of today."""

    content: Content
    older: Capture | None
    newer: Capture | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the raw pages show of a difference; None where one cannot be read (any more): then only the texts are compared.

    `stood` is False where the article goes back to an earlier text once more, and the check before did not show it.
    """

    confirmed: Confirmed | None
    stood: bool = True


@dataclass(frozen=True, slots=True)
class BesideText:
    """What bears on a difference beside the text: the articles of the current version's page and of the check before this one.

    None where a page cannot be read; `layout` says that the pages of version and observation have other layouts.
    """

    old: Article | None
    previous: Article | None = None
    layout: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What a run was asked for: the dates of publication it takes, and how often articles are checked.

    `imported_at` is None for a crawl, whose observations are made at the present. For an import it is the
    present, while its observations are captures that others made at some time by some clock.
    """

    dates: Dates = field(default_factory=Dates)
    ladder: Ladder = LADDER
    imported_at: datetime | None = None

    @property
    def imports(self) -> bool:
        """Whether the observations are those of others, and may be older than what is known."""
        return self.imported_at is not None


def captures_to_extract(
    observation: Observation, situation: Situation, policy: Policy
) -> tuple[Known | None, tuple[Capture, ...]]:
    """The known article an observation is about, and its captures that `decide` needs read by today's extractor."""
    article, _ = find_article(observation, situation)
    if article is None or observation.content_hash is None:
        return article, ()
    versions: list[Known | StoredVersion | None] = [article]
    if _is_late(observation, article, policy) and not _is_elsewhere_known(observation, article, situation):
        around = situation.surroundings[article.id]
        versions += [around.before, around.after]
    captures = [
        version.capture
        for version in versions
        if version is not None and version.capture is not None and not _comparable(version, observation)
    ]
    return article, tuple(dict.fromkeys(captures))


def pages_to_compare(
    observation: Observation, article: Known, policy: Policy, extracted: ExtractedCaptures
) -> Differing | None:
    """The current version and the captures to compare, where the texts differ; None where they do not, or that is not asked."""
    if observation.content_hash is None or _is_late(observation, article, policy):
        return None
    today, _, comparable = _as_read_today(article, observation, extracted)
    if not comparable or today.content_hash == observation.content_hash:
        return None
    newer = observation.fetch.captures[-1] if observation.fetch.captures else None
    return Differing(today.content, article.capture, newer)


def late_pages_to_compare(
    observation: Observation, article: Known, situation: Situation, policy: Policy
) -> tuple[Capture | None, Capture | None, Capture | None] | None:
    """The captures of an observation that comes late and of the versions before and after it; None where no text differs."""
    if observation.content_hash is None or not _is_late(observation, article, policy):
        return None
    around = situation.surroundings[article.id]
    versions = [one for one in (around.before, around.after) if one is not None]
    same = around.before is not None and around.before.content_hash == observation.content_hash
    if same or not versions or _is_elsewhere_known(observation, article, situation):
        return None
    seen = observation.fetch.captures[-1] if observation.fetch.captures else None
    before, after = (one.capture if one is not None else None for one in (around.before, around.after))
    return seen, before, after


def returns_again(observation: Observation, article: Known, policy: Policy) -> bool:
    """Whether a page says what an earlier version said, of an article that went back to an earlier text before."""
    earlier = observation.content_hash != article.content_hash and observation.content_hash in article.hashes
    return earlier and article.returned and not policy.imports


def differs_beside(
    observation: Observation, article: Known, policy: Policy, extracted: ExtractedCaptures
) -> bool:
    """Whether only pictures, captions, links or marks changed: the text is the stored one."""
    if observation.content_hash is None or observation.article is None or article.beside is None:
        return False
    if policy.imports or observation.fetch.redirects:
        return False
    today, _, comparable = _as_read_today(article, observation, extracted)
    same = comparable and today.content_hash == observation.content_hash
    return same and beside.digest(observation.article) != article.beside


def decide(
    observation: Observation,
    situation: Situation,
    policy: Policy,
    extracted: ExtractedCaptures,
    shown: Shown | None = None,
    aside: BesideText | None = None,
    late: LatePages | None = None,
) -> Decision:
    """What an observation leads to. `extracted`, `shown`, `aside` and `late` hold what the functions above asked for."""
    article, duplicate = find_article(observation, situation)
    refresh, comparable, leads, renamed, named = None, True, None, None, None
    if article is not None:
        article, refresh, comparable = _as_read_today(article, observation, extracted)
        duplicate = duplicate and not moves.is_edited_at(observation, article)
        named = _named(observation, article, situation)
        leads = Leads.SAME if named is not None else _leads(observation, article, situation)
        if leads is Leads.RELATED and article.state is not State.LIVE:
            leads = Leads.ELSEWHERE  # what was taken away is not there again
        renamed = _holds_text(article, situation)
    stands_at = (
        named.url if named is not None else observation.fetch.final_url if leads is Leads.SAME else None
    )
    status = situation.addresses.get(observation.asked)
    lead = status.lead if status is not None else None
    around = Circumstances(
        now=observation.fetch.at,
        dates=policy.dates,
        attempts=lead.attempts if lead is not None else 0,
        duplicate=duplicate,
        elsewhere=article is not None and _redirected_elsewhere(observation, article, situation, leads),
        comparable=comparable,
        unrelated=article is not None and _is_unrelated(observation, article),
        attested=observation.attested or observation.lead is None or (lead is not None and lead.claimed),
        moved_to=renamed.url if renamed is not None else None,
        renamed=article is not None and renamed is not None and moves.is_renamed(article, renamed),
        stands_at=stands_at,
        leads_to=observation.fetch.final_url if leads is Leads.RELATED else None,
        ladder=policy.ladder,
        past=policy.imports,
        confirmed=shown.confirmed if shown is not None else None,
        without_pages=shown is not None and shown.confirmed is None,
        stood=shown is None or shown.stood,
        **_aside(observation, aside),
        others_seen=situation.others_seen,
    )
    decision = Decision(observation, judge(observation, article, around), article, refresh)
    if article is not None and not policy.imports:
        decision = _with_caught_host(decision, article)
    decision = _tied(decision, leads, named or _other(observation, article, situation), renamed)
    if article is not None and decision.verdict.kind.saw_article and not policy.imports:
        found = moves.newly_named(observation, situation.addresses)
        decision = replace(decision, found=(*decision.found, *found))
    decision = _imported(decision, situation, policy, extracted, late)
    decision = replace(decision, noindex=_noindex(decision))
    if observation.fetch.day:
        reason = f"{decision.verdict.reason}; at some time of that day: its capture names no hour"
        return replace(decision, verdict=replace(decision.verdict, reason=reason))
    return decision


def _with_caught_host(decision: Decision, article: Known) -> Decision:
    """The decision, with the host and a word in the reason where an edit shows that its validators are not to be believed."""
    observation, verdict = decision.observation, decision.verdict
    if not validators.false_for(observation, article, verdict):
        return decision
    reason = f"{verdict.reason}; by its validators (ETag, Last-Modified) it was not modified"
    host = host_of(observation.fetch.final_url)
    return replace(decision, verdict=replace(verdict, reason=reason), caught=host)


def _noindex(decision: Decision) -> bool | None:
    """Whether the article's page, at its own address, asks search engines to leave it out.

    A mobile or print page is left out as a rule, and a capture of the past says nothing of today.
    """
    observation, verdict = decision.observation, decision.verdict
    page, fetch = observation.article, observation.fetch
    if page is None or fetch.outcome is not FetchOutcome.OK or not verdict.kind.saw_article:
        return None
    if verdict.kind is VerdictKind.DUPLICATE or verdict.signal is not None or decision.insert is not None:
        return None
    return page.beside.noindex or asks(fetch.robots_tag or "")


def find_article(observation: Observation, situation: Situation) -> tuple[Known | None, bool]:
    """The known article an observation is about, and whether it was made at a duplicate address of it."""
    status = situation.addresses.get(observation.url_key)
    return identity.resolve(
        observation,
        situation.articles.get(observation.url_key),
        confirmed=status is not None and status.article_id is not None and status.confirmed,
        others=situation.articles,
    )


def _imported(
    decision: Decision,
    situation: Situation,
    policy: Policy,
    extracted: ExtractedCaptures,
    late: LatePages | None,
) -> Decision:
    """A crawl's decision as it is; an import's either as of the present, or put into the history of its article."""
    if policy.imported_at is None:
        return decision
    observation, article = decision.observation, decision.article
    if article is None or not _is_late(observation, article, policy):
        verdict = history_insert.imported(observation, decision.verdict, article, policy.imported_at)
        return replace(decision, verdict=verdict)
    around = situation.surroundings[article.id]
    verdict, insert = history_insert.insert(
        observation,
        decision.verdict,
        article,
        around,
        duplicate=_is_elsewhere_known(observation, article, situation),
        contents={
            version.number: _content_today(version, observation, extracted)
            for version in (around.before, around.after)
            if version is not None
        },
        pages=late,
    )
    return replace(decision, verdict=verdict, insert=insert)


def _is_late(observation: Observation, article: Known, policy: Policy) -> bool:
    """Whether an imported observation is older than the last check of its article."""
    return policy.imports and observation.fetch.at < article.last_checked


def _is_elsewhere_known(observation: Observation, article: Known, situation: Situation) -> bool:
    """Whether the address is not, or only by a page's claim, one of the article's own."""
    status = situation.addresses.get(observation.url_key)
    return status is None or status.article_id != article.id or not status.confirmed


# --- both sides of a comparison are read by the same extractor ---


def _comparable(version: Known | StoredVersion, observation: Observation) -> bool:
    """Whether a stored text can be compared as it is: read by the same extractor, or equal to what was observed."""
    return version.extractor == observation.extractor or observation.content_hash in (
        None,
        version.content_hash,
    )


def _as_read_today(
    article: Known, observation: Observation, extracted: ExtractedCaptures
) -> tuple[Known, Refresh | None, bool]:
    """The known article as today's extractor reads its capture, the fields to store for that, and whether it can be compared."""
    if _comparable(article, observation):
        return article, None, True
    page = extracted.get(article.capture) if article.capture is not None else None
    if page is None or not page.is_article:
        return article, None, False
    content = Content.of(page)
    refresh = Refresh(page, observation.extractor, content_hash(content))
    today = replace(article, content=content, content_hash=refresh.content_hash, extractor=refresh.extractor)
    return today, refresh, True


def _content_today(
    version: StoredVersion, observation: Observation, extracted: ExtractedCaptures
) -> Content | None:
    """What a version says by today's extractor; None where its capture cannot be read again."""
    if _comparable(version, observation):
        return version.content
    page = extracted.get(version.capture) if version.capture is not None else None
    return Content.of(page) if page is not None and page.is_article else None


def _aside(observation: Observation, aside: BesideText | None) -> dict[str, Any]:
    """What changed beside the text, as circumstances of the verdict."""
    if observation.article is None:
        return {}
    found: dict[str, Any] = {"beside": beside.digest(observation.article)}
    if aside is None or aside.old is None or aside.layout:
        return found  # the layout's doing, or nothing to compare with: taken as it is now
    kinds = beside.kinds(aside.old, observation.article)
    steady = aside.previous is not None and not beside.kinds(aside.previous, observation.article)
    return found | {"beside_kinds": kinds, "beside_steady": steady}


# --- what the address is like ---


def _leads(observation: Observation, article: Known, situation: Situation) -> Leads | None:
    """Where the article's address leads; None where it leads nowhere, to the front page or to what is no article."""
    page = observation.article
    if not observation.fetch.redirects or page is None or not page.is_article:
        return None
    if is_front_page(observation.fetch.final_url):
        return None
    other = _other(observation, article, situation)
    if other is None and _is_ours(observation, article, situation):
        return Leads.SAME
    return moves.leads(article, Content.of(page), other)


def _named(observation: Observation, article: Known, situation: Situation) -> Known | None:
    """The other article, read at the address that this one's page names as its own, with the same text: both answer."""
    page = observation.article
    if observation.fetch.redirects or page is None or not page.is_article:
        return None
    claimed = next((alias.key for alias in observation.aliases if alias.kind is AliasKind.CANONICAL), None)
    if claimed is None or claimed not in situation.articles:
        return None
    other, status = situation.articles[claimed], situation.addresses.get(claimed)
    read_there = status is not None and status.confirmed and other.id != article.id
    return other if read_there and moves.is_named(article, Content.of(page), other) else None


def _other(observation: Observation, article: Known | None, situation: Situation) -> Known | None:
    """The other known article whose address the requested one led to."""
    target = observation.target
    if target is None or article is None or target not in situation.articles:
        return None
    other, status = situation.articles[target], situation.addresses.get(target)
    read_there = status is not None and status.confirmed
    return other if read_there and other.id != article.id else None


def _is_ours(observation: Observation, article: Known, situation: Situation) -> bool:
    """Whether the page has an address or the number of the article."""
    known = situation.articles
    named = (alias.key for alias in observation.aliases if alias.kind is not AliasKind.FORM)
    return any(known[key].id == article.id for key in named if key in known)


def _redirected_elsewhere(
    observation: Observation, article: Known, situation: Situation, leads: Leads | None
) -> bool:
    """Whether the article's address now leads to a page that is something else."""
    if not observation.fetch.redirects or observation.article is None:
        return False
    if leads is not None:
        return leads is Leads.ELSEWHERE
    if _is_ours(observation, article, situation):
        return False
    return not identity.same_piece(article.content, Content.of(observation.article))


def _tied(decision: Decision, leads: Leads | None, other: Known | None, renamed: Known | None) -> Decision:
    """The decision with what follows for the article at the address that this one's leads to."""
    observation, verdict = decision.observation, decision.verdict
    if verdict.signal is not None and verdict.kind.saw_article and renamed is not None:
        return replace(decision, tie=Tie(renamed, same=True))
    if leads is Leads.SAME and verdict.kind.saw_article and other is not None:
        return replace(decision, tie=Tie(other, same=True))
    if leads is Leads.RELATED and verdict.kind.saw_article:
        decision = replace(decision, tie=Tie(other, same=False))
    is_lost = verdict.kind is VerdictKind.ABSENT or decision.is_led_away
    if leads in (Leads.RELATED, Leads.ELSEWHERE) and other is None and is_lost and observation.target:
        # An article that no list may name.
        final = observation.fetch.final_url
        lead = Lead(final, Channel.BLOCK, observation.fetch.url)
        return replace(decision, found=((observation.target, lead),))
    return decision


def _holds_text(article: Known, situation: Situation) -> Known | None:
    """The live article that holds the text of an absent one: renamed without a redirect, or published twice."""
    for other in situation.same_instant.get(article.id, ()):
        if identity.is_duplicate(article.content, other.content) and identity.same_text(
            article.content, other.content
        ):
            return other
    return None


def _is_unrelated(observation: Observation, article: Known) -> bool:
    page = observation.article
    return page is not None and not identity.related(article.content, Content.of(page))
