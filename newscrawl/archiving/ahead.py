"""Decides the observations of a batch before its write transaction begins.

Reading pages again and laying them side by side can take seconds, in which a transaction would keep everybody else
from writing. So a decision is made from what the archive holds beforehand, and in the transaction it counts if what
bears on it is still the same; else it is made again there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from newscrawl.archiving.captures import CaptureReader
from newscrawl.archiving.decide import (
    BesideText,
    ExtractedCaptures,
    Policy,
    Shown,
    captures_to_extract,
    decide,
    differs_beside,
    late_pages_to_compare,
    pages_to_compare,
    returns_again,
)
from newscrawl.archiving.edition_pages import EditionPages, Reads, Seen
from newscrawl.judge.history.insert import LatePages
from newscrawl.judge.raw_pages import SideBySide
from newscrawl.judge.template_text import same_layout
from newscrawl.model import Content, Decision, Known, Observation, Situation, VerdictKind
from newscrawl.store.archive import Archive
from newscrawl.text import content_hash


@dataclass(frozen=True, slots=True)
class _Made:
    """A decision with what it rests on."""

    situation: Situation
    decision: Decision


class Decider:
    """Decides the observations of one batch. Made for one, then dropped: it keeps decisions with their texts."""

    def __init__(self, policy: Policy, captures: CaptureReader) -> None:
        self.policy = policy
        self._captures = EditionPages.of(captures)
        self._captures.next_batch()
        self._made: dict[int, _Made] = {}

    def prepare(self, archive: Archive, observations: Sequence[Observation]) -> None:
        """Makes the decisions on pages that may have to be compared, as the archive is now."""
        pages = [one for one in observations if one.content_hash is not None]
        if not pages:
            return
        for observation, situation in zip(
            pages, archive.situations(pages, late=self.policy.imports), strict=True
        ):
            if situation.articles:
                decision = self._decide(archive, observation, situation)
                self._made[id(observation)] = _Made(situation, decision)
                if (seen := _seen(decision)) is not None:
                    self._captures.note(seen)

    def decision(self, archive: Reads, observation: Observation, situation: Situation) -> Decision:
        """The decision on an observation: the prepared one if it rests on the same situation."""
        made = self._made.get(id(observation))
        if made is not None and made.situation == situation:
            return made.decision
        return self._decide(archive, observation, situation)

    def _decide(self, archive: Reads, observation: Observation, situation: Situation) -> Decision:
        policy, captures = self.policy, self._captures
        article, needed = captures_to_extract(observation, situation, policy)
        if article is None:
            return decide(observation, situation, policy, {})
        extracted = {capture: captures.extract(article, capture) for capture in needed}
        shown = self._shown(archive, observation, article, extracted)
        aside = None
        if differs_beside(observation, article, policy, extracted):
            aside = self._beside(archive, observation, article)
        late = None
        if (compared := late_pages_to_compare(observation, article, situation, policy)) is not None:
            late = LatePages(
                *(captures.page_text(article, one) if one is not None else None for one in compared)
            )
        return decide(observation, situation, policy, extracted, shown, aside, late)

    def _shown(
        self, archive: Reads, observation: Observation, article: Known, extracted: ExtractedCaptures
    ) -> Shown | None:
        """What the raw pages show of a difference between the texts; None where these do not differ."""
        asked = pages_to_compare(observation, article, self.policy, extracted)
        if asked is None or observation.article is None:
            return None
        captures = self._captures
        stood = not returns_again(observation, article, self.policy) or self._stood(
            archive, observation, article
        )
        older, newer = (
            captures.page_text(article, capture) if capture is not None else None
            for capture in (asked.older, asked.newer)
        )
        if older is None or newer is None:
            return Shown(None, stood)
        since = takewhile(lambda one: one != asked.older, archive.last_pages(article.id, 2))
        previous = ((captures.page_text(article, one), one.at) for one in since if one != asked.newer)
        read = [(page, at) for page, at in previous if page is not None]
        pages = SideBySide(
            asked.content,
            Content.of(observation.article),
            older,
            newer,
            [page for page, _ in read],
            since=read[-1][1] if read else None,
        )
        found = pages.edits()
        if pages.may_be_edit(found):
            found = pages.edits(captures.around(archive, article, observation.fetch.at))
        return Shown(found, stood)

    def _stood(self, archive: Reads, observation: Observation, article: Known) -> bool:
        """Whether the check before showed the same text."""
        last = next(iter(archive.last_pages(article.id, 1)), None)
        page = self._captures.extract(article, last) if last is not None else None
        return page is not None and content_hash(Content.of(page)) == observation.content_hash

    def _beside(self, archive: Reads, observation: Observation, article: Known) -> BesideText:
        """The pages that show what changed beside the text."""
        captures = self._captures
        if article.capture is None or not observation.fetch.captures:
            return BesideText(None)
        old = captures.extract(article, article.capture)
        last = next(iter(archive.last_pages(article.id, 1)), None)
        previous = captures.extract(article, last) if last not in (None, article.capture) else None
        older, newer = (
            captures.page_text(article, capture)
            for capture in (article.capture, observation.fetch.captures[-1])
        )
        layout = older is None or newer is None or not same_layout(older, newer)
        return BesideText(old, previous, layout)


def _seen(decision: Decision) -> Seen | None:
    """The article that a decision saw, with its page; None where its own page was not seen."""
    article, fetch, kind = decision.article, decision.observation.fetch, decision.verdict.kind
    if article is None or not fetch.captures or not kind.saw_article or kind is VerdictKind.DUPLICATE:
        return None
    page = fetch.captures[-1]
    return Seen(replace(article, version=article.version + (kind is VerdictKind.CHANGED)), page)
