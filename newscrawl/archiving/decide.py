"""Decides what an observation leads to: what is known + what was fetched + when -> a Decision. Used by crawl and import alike.

First `captures_to_extract` says which stored captures must be read again by today's extractor, so
that an upgrade never looks like an edit; then `decide` makes the decision from values alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from newscrawl.judge import history_insert, identity
from newscrawl.judge.recheck import LADDER, Ladder
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.model import (
    Article,
    Capture,
    Content,
    Dates,
    Decision,
    Known,
    Observation,
    Refresh,
    Situation,
    StoredVersion,
)
from newscrawl.text import content_hash

# What today's extractor reads from stored captures; None where the bytes cannot be read.
ExtractedCaptures = Mapping[Capture, Article | None]


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


def decide(
    observation: Observation, situation: Situation, policy: Policy, extracted: ExtractedCaptures
) -> Decision:
    """What an observation leads to. `extracted` holds what `captures_to_extract` asked for."""
    article, duplicate = find_article(observation, situation)
    refresh, comparable = None, True
    if article is not None:
        duplicate = duplicate or _leads_to_another(observation, article, situation)
        article, refresh, comparable = _as_read_today(article, observation, extracted)
    status = situation.addresses.get(observation.asked)
    lead = status.lead if status is not None else None
    around = Circumstances(
        now=observation.fetch.at,
        dates=policy.dates,
        attempts=lead.attempts if lead is not None else 0,
        duplicate=duplicate,
        elsewhere=article is not None and _redirected_elsewhere(observation, article, situation),
        comparable=comparable,
        unrelated=article is not None and _is_unrelated(observation, article),
        attested=observation.attested or observation.lead is None or (lead is not None and lead.claimed),
        moved_to=_moved_to(article, situation) if article is not None else None,
        ladder=policy.ladder,
        past=policy.imports,
    )
    decision = Decision(observation, judge(observation, article, around), article, refresh)
    decision = _imported(decision, situation, policy, extracted)
    if observation.fetch.day:
        reason = f"{decision.verdict.reason}; at some time of that day: its capture names no hour"
        return replace(decision, verdict=replace(decision.verdict, reason=reason))
    return decision


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
    decision: Decision, situation: Situation, policy: Policy, extracted: ExtractedCaptures
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


# --- what the address is like ---


def _redirected_elsewhere(observation: Observation, article: Known, situation: Situation) -> bool:
    """Whether the article's address now leads to a page that is something else."""
    if not observation.fetch.redirects or observation.article is None:
        return False
    known = situation.articles
    ours = any(known[alias.key].id == article.id for alias in observation.aliases if alias.key in known)
    return not ours and not identity.same_piece(article.content, Content.of(observation.article))


def _leads_to_another(observation: Observation, article: Known, situation: Situation) -> bool:
    """Whether the article's address now leads to where the same piece is archived as an article of its own.

    The piece moved and was met at its new address first. Edits are seen there, and recorded once.
    """
    target = situation.articles.get(observation.target) if observation.target is not None else None
    if target is None or target.id == article.id:
        return False
    if observation.article is None or not observation.article.is_article:
        return False
    now = Content.of(observation.article)
    return identity.same_piece(article.content, now) and identity.same_piece(target.content, now)


def _moved_to(article: Known, situation: Situation) -> str | None:
    """The address of a live article that holds the text of an absent one: renamed without a redirect, or published twice."""
    for other in situation.same_instant.get(article.id, ()):
        if identity.is_duplicate(article.content, other.content) and identity.same_text(
            article.content, other.content
        ):
            return other.url
    return None


def _is_unrelated(observation: Observation, article: Known) -> bool:
    page = observation.article
    return page is not None and not identity.related(article.content, Content.of(page))
