"""How looks of the past are stored: as a crawl's where nothing later is known, else put into their place in the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from newscrawl.judge import history_insert, identity, recheck
from newscrawl.judge.kinds import classify
from newscrawl.judge.verdict import VERSIONS_A_MONTH
from newscrawl.model import (
    Applied,
    Article,
    Capture,
    Content,
    Known,
    Observation,
    State,
    Verdict,
    VerdictKind,
)
from newscrawl.store.archive import Writing
from newscrawl.store.write.history_insert import Around, Kinds, Said
from newscrawl.text import content_hash

# Reads a capture again with the extractor of today; None where that cannot be done.
Reread = Callable[[Capture, str], Article | None]
Decide = Callable[[Writing, Observation], Applied]

_STRANGER = (
    "another page than the article that is known here, and nothing vouches for it; the capture is kept"
)


class PastWriting(Writing):
    """A write transaction for looks of the past: knows which verdicts can be stored as they are."""

    past = True

    def __init__(self, writing: Writing, *, now: datetime, reread: Reread) -> None:
        super().__init__(writing._connection, writing._source_id, writing._run_id)  # noqa: SLF001 - a copy of it
        self._now = now
        self._reread = reread

    def apply(self, observation: Observation, verdict: Verdict, article: Known | None) -> Applied:
        """Stores a look and what was decided of it. A look from before the last one changes no state: it joins the history."""
        if article is None:
            return super().apply(observation, self._from_now_on(verdict, observation, None), None)
        twin = self._is_twin(observation, article)
        if observation.fetch.at < article.last_checked:
            return self._earlier(observation, verdict, article, twin=twin)
        if verdict.kind is VerdictKind.CHANGED and not _related(observation, article.content):
            # A crawl would ask other articles whether the site served something else to everybody.
            verdict = Verdict(VerdictKind.FAILED, _STRANGER, state=article.state)
        return super().apply(observation, self._from_now_on(verdict, observation, article), article)

    def _from_now_on(self, verdict: Verdict, observation: Observation, article: Known | None) -> Verdict:
        """A verdict as of then, with a next look that is not in the past, and without a removal that no control vouches for."""
        if verdict.state is State.REMOVED and article is not None and article.state is not State.REMOVED:
            reason = f"{verdict.reason}; imported, so that no other article could be asked"
            verdict = replace(verdict, state=State.SUSPECTED, reason=reason)
        if verdict.state is State.SUSPECTED:
            return replace(verdict, next_check=self._now)  # the next crawl finds out
        if verdict.next_check is None or verdict.next_check >= self._now:
            return verdict
        published = observation.article.published if observation.article is not None else None
        return replace(
            verdict,
            next_check=recheck.next_check(min(published or observation.fetch.at, self._now), self._now),
        )

    def _is_twin(self, observation: Observation, article: Known) -> bool:
        here = self.statuses([observation.url_key]).get(observation.url_key)
        return here is None or here.article_id != article.id or not here.confirmed

    def _earlier(self, observation: Observation, verdict: Verdict, article: Known, *, twin: bool) -> Applied:
        """A look from before the last one: what it saw takes its place among what is known."""
        place = self.around(article, observation.fetch.at)
        number = place.before.number if place.before is not None else None
        if observation.fetch.outcome.value == "not_modified":
            said = Verdict(VerdictKind.NOT_MODIFIED, "not modified (304)", state=article.state)
            return self.observe(observation, said, article, number)
        if observation.article is None or not observation.article.is_article:
            said = replace(verdict, state=article.state, reason=f"{verdict.reason}; seen again later")
            return self.observe(observation, said, article, None)
        if twin:
            said = Verdict(VerdictKind.DUPLICATE, "another address of a known article", state=article.state)
            return self.observe(observation, said, article, number or 1)
        return self._place(observation, article, place)

    def _place(self, observation: Observation, article: Known, place: Around) -> Applied:
        assert observation.article is not None
        seen = Content.of(observation.article)
        before, comparable = self._content(place.before, observation, article)
        after, also = self._content(place.after, observation, article)
        number = place.before.number if place.before is not None else 1
        if not (comparable and also):
            reason = "cannot be compared: a capture beside it cannot be read again by this extractor"
            return self.observe(observation, _said(VerdictKind.UNCHANGED, reason, article), article, number)
        where = history_insert.place(seen, before, after, again=place.again is not None)
        if where is history_insert.Place.SAME:
            said = _said(VerdictKind.UNCHANGED, "same content", article)
            return self.observe(observation, said, article, number)
        if where is history_insert.Place.STRANGER:
            return self.observe(observation, _said(VerdictKind.FAILED, _STRANGER, article), article, None)
        if where is history_insert.Place.SOONER:
            assert place.after is not None
            said = _said(
                VerdictKind.UNCHANGED, f"the text of version {place.after.number}, seen earlier", article
            )
            return self.sooner(observation, said, article, place.after.number)
        if place.edits >= VERSIONS_A_MONTH:
            reason = "volatile: changes at every look, captures go on"
            return self.observe(observation, _said(VerdictKind.UNCHANGED, reason, article), article, number)
        kinds = Kinds(
            to=_kinds(before, seen),
            following=_kinds(seen, after) if after else (),
            back=_kinds(seen, before) if before else (),
        )
        said = _said(
            VerdictKind.CHANGED, "an earlier text: " + (", ".join(kinds.to or kinds.following)), article
        )
        return self.between(observation, said, article, place, kinds)

    def _content(
        self, said: Said | None, observation: Observation, article: Known
    ) -> tuple[Content | None, bool]:
        """A version as today's extractor reads it, and whether it could be read: an upgrade must never look like an edit."""
        if said is None:
            return None, True
        if said.extractor == observation.extractor or said.content_hash == observation.content_hash:
            return said.content, True
        extracted = self._reread(said.capture, article.edition) if said.capture is not None else None
        if extracted is None or not extracted.is_article:
            return said.content, False
        return Content.of(extracted), True


def _said(kind: VerdictKind, reason: str, article: Known) -> Verdict:
    return Verdict(kind, reason, state=article.state)


def _kinds(old: Content | None, new: Content | None) -> tuple[str, ...]:
    return (
        tuple(kind.value for kind in classify.kinds(old, new)) if old is not None and new is not None else ()
    )


def _related(observation: Observation, content: Content) -> bool:
    return observation.article is not None and identity.related(content, Content.of(observation.article))


def fingerprint(article: Article | None) -> str | None:
    """The content hash of an article, None for any other page."""
    return content_hash(Content.of(article)) if article is not None and article.is_article else None
