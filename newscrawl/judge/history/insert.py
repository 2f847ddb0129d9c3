"""Decides how a capture that others made earlier (an import) joins what the archive already knows of its article.

Older than the article's last check, it takes its place in the history: it saw a known version, saw
one sooner than known, or saw a text that is a version of its own. Newer, it counts like a check of a
crawl, except that nothing could be asked beside it: it never confirms a removal by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from newscrawl.judge import identity, recheck, removal
from newscrawl.judge.history import monthly_limit
from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import confirmed
from newscrawl.model import (
    Content,
    FetchOutcome,
    HistoryInsert,
    Insert,
    Known,
    Observation,
    PageText,
    State,
    StoredVersion,
    Surroundings,
    Verdict,
    VerdictKind,
)

_UNRELATED = "another page than the article that is known here, and nothing shows that it belongs to it; the capture is kept"


class Relation(StrEnum):
    """What a text seen at an instant in the past is to the versions before and after that instant."""

    SAME = "same"  # what the version of that time says: nothing new
    SOONER = "sooner"  # what the following version says: it was there earlier than known
    BETWEEN = "between"  # a text of its own: a version between the two
    UNRELATED = "unrelated"  # shares nothing with either: another page that was served there


@dataclass(frozen=True, slots=True)
class LatePages:
    """The raw pages of an observation that comes late and of the versions around it; None where one cannot be read."""

    seen: PageText | None = None
    before: PageText | None = None
    after: PageText | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text with the page it was read from."""

    content: Content
    page: PageText | None = None


def relation(seen: _Reading, before: _Reading | None, after: _Reading | None, *, again: bool) -> Relation:
    """How a text relates to the version `before` and the one `after` it, None where there is none.

    Only what both pages show is an edit, as in a crawl. `again` says that the earlier version was seen again after this observation and before `after`: then
    the text cannot be the later version come sooner, and the publisher went back.
    """
    if before is not None and not _kinds(before, seen):
        return Relation.SAME
    if after is not None and not again and not _kinds(seen, after):
        return Relation.SOONER
    if any(known is not None and identity.related(known.content, seen.content) for known in (before, after)):
        return Relation.BETWEEN
    return Relation.UNRELATED


def insert(
    observation: Observation,
    verdict: Verdict,
    article: Known,
    around: Surroundings,
    *,
    duplicate: bool,
    contents: Mapping[int, Content | None],
    pages: LatePages | None = None,
) -> tuple[Verdict, HistoryInsert]:
    """The verdict on an observation older than the article's last check, and what it adds to the history.

    `verdict` is what would hold if nothing later were known. `duplicate` says that it was made at
    another address than the article's own. `contents` are the versions around it by their number, as
    today's extractor reads them; None for one that cannot be read again. `pages` are the raw pages of all of
    them, where texts differ.
    """

    def decided(
        kind: VerdictKind, reason: str, version: int | None, adds: Insert = Insert.NOTHING
    ) -> tuple[Verdict, HistoryInsert]:
        return Verdict(kind, reason, state=article.state), HistoryInsert(around, version, adds)

    number = around.before.number if around.before is not None else None
    if observation.fetch.outcome is FetchOutcome.NOT_MODIFIED:
        return decided(VerdictKind.NOT_MODIFIED, "not modified (304)", number)
    if observation.article is None or not removal.shows_article(observation):
        later = replace(verdict, state=article.state, reason=f"{verdict.reason}; seen again later")
        return later, HistoryInsert(around, None)
    current = number or 1
    if duplicate:
        return decided(VerdictKind.DUPLICATE, "another address of a known article", current)
    pages = pages or LatePages()
    seen = _Reading(Content.of(observation.article), pages.seen)
    before = _reading(around.before, contents, pages.before)
    after = _reading(around.after, contents, pages.after)
    if (around.before is not None and before is None) or (around.after is not None and after is None):
        reason = "cannot be compared: a capture beside it cannot be read again by this extractor"
        return decided(VerdictKind.UNCHANGED, reason, current)
    match relation(seen, before, after, again=around.again is not None):
        case Relation.SAME:
            reason = "same content"
            if before is not None and classify.kinds(before.content, seen.content):
                reason = "no edit: the page shows the same text as that of the version before"
            return decided(VerdictKind.UNCHANGED, reason, current)
        case Relation.UNRELATED:
            return decided(VerdictKind.FAILED, _UNRELATED, None)
        case Relation.SOONER:
            assert around.after is not None
            reason = f"the text of version {around.after.number}, seen earlier"
            return decided(VerdictKind.UNCHANGED, reason, around.after.number, Insert.SOONER)
    kinds, following = _kinds(before, seen), _kinds(seen, after)
    if monthly_limit.reached(
        around.edits, kinds or following, again=observation.content_hash in article.hashes
    ):
        return decided(VerdictKind.UNCHANGED, monthly_limit.REASON, current)
    reason = "an earlier text: " + ", ".join(kinds or following)
    if seen.page is None or any(one is not None and one.page is None for one in (before, after)):
        reason += "; only the texts were compared: a raw page cannot be read"
    own = HistoryInsert(around, current, Insert.VERSION, kinds, following, back=_kinds(seen, before))
    return Verdict(VerdictKind.CHANGED, reason, state=article.state), own


def imported(observation: Observation, verdict: Verdict, article: Known | None, now: datetime) -> Verdict:
    """The verdict on an imported capture that is newer than all that is known, as of the present `now`.

    The next check is never in the past, and no removal is confirmed without controls.
    """
    if article is not None:
        if verdict.kind is VerdictKind.CHANGED and not _related(observation, article):
            # A crawl would ask other articles whether the site served something else to everybody.
            verdict = replace(
                verdict,
                kind=VerdictKind.FAILED,
                reason=_UNRELATED,
                state=article.state,
                kinds=(),
                returns_to=None,
            )
        if verdict.state is State.REMOVED and article.state is not State.REMOVED:
            reason = f"{verdict.reason}; imported, so that no other article could be asked"
            verdict = replace(verdict, state=State.SUSPECTED, reason=reason)
    if verdict.state is State.SUSPECTED:
        return replace(verdict, next_check=now)  # the next crawl finds out
    if verdict.next_check is None or verdict.next_check >= now:
        return verdict
    published = observation.article.published if observation.article is not None else None
    since = min(published or observation.fetch.at, now)
    return replace(verdict, next_check=recheck.next_check(since, now))


def _reading(
    version: StoredVersion | None, contents: Mapping[int, Content | None], page: PageText | None
) -> _Reading | None:
    content = contents[version.number] if version is not None else None
    return _Reading(content, page) if content is not None else None


def _related(observation: Observation, article: Known) -> bool:
    page = observation.article
    return page is not None and identity.related(article.content, Content.of(page))


def _kinds(old: _Reading | None, new: _Reading | None) -> tuple[str, ...]:
    """The kinds of edit between two readings that both raw pages show; where one cannot be read, those of the texts."""
    if old is None or new is None:
        return ()
    content = new.content
    if old.page is not None and new.page is not None and classify.kinds(old.content, content):
        content = confirmed(old.content, content, old.page, new.page).content
    return tuple(kind.value for kind in classify.kinds(old.content, content))
