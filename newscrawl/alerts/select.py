"""Selects what a receiver gets: filters, daily budgets, opened and closed findings, digests and retry times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from newscrawl.alerts.keywords import Matcher
from newscrawl.alerts.notices import finding_over, of_finding
from newscrawl.judge.diff.differences import FieldDiff, Op
from newscrawl.model import (
    Absence,
    Content,
    Digest,
    EditRecord,
    Notice,
    NoticeHistory,
    OpenFinding,
    Receiver,
    ReceiverState,
    RemovalRecord,
    Topic,
)

# Notices about one article or finding shown in full per day. What changes more often is volatile and only counted.
FULL_PER_SUBJECT = 3
# More absences than this of one source in one message become one paragraph: a relaunch, or a purge.
BULK = 5
REMINDER = timedelta(days=7)
# Wait after the first failed delivery, doubled after each further one up to the longest.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)

TOPIC_OF = {
    Absence.REMOVED: Topic.REMOVALS,
    Absence.RETURNED: Topic.RETURNS,
    Absence.SUSPECTED: Topic.SUSPECTED,
}
ABSENCES = tuple(TOPIC_OF.values())
# The most important topic first: it gets the budget, and the top of the message.
ORDER = (
    Topic.HEALTH,
    Topic.REMOVALS,
    Topic.GAPS,
    Topic.RETURNS,
    Topic.UNREADABLE,
    Topic.EDITS,
    Topic.SUSPECTED,
)

# --- filters ---


def covers(receiver: Receiver, source: str, edition: str | None) -> bool:
    """Whether a receiver subscribed to this source and edition. News of a whole source belongs to all its editions."""
    if receiver.sources and source and source not in receiver.sources:
        return False
    return not receiver.editions or edition is None or edition in receiver.editions


def wants_edit(receiver: Receiver, edit: EditRecord) -> bool:
    """Whether an edit passes the receiver's filters, keywords aside."""
    beside = bool(edit.kinds) and all(kind.is_beside for kind in edit.kinds)  # told where it is asked for
    kinds = not receiver.kinds.isdisjoint(edit.kinds) if receiver.kinds else not beside
    return kinds and covers(receiver, edit.source, edit.edition)


def wants_absence(receiver: Receiver, record: RemovalRecord, state: Absence) -> bool:
    """Whether an absence that reached `state` passes the receiver's filters, keywords aside.

    The end of a suspicion is news only for receivers that hear of suspicions.
    """
    if state is Absence.RETURNED and record.confirmed_at is None and Topic.SUSPECTED not in receiver.topics:
        return False
    return TOPIC_OF[state] in receiver.topics and covers(receiver, record.source, record.edition)


def edit_mentions(find: Matcher, edit: EditRecord, diffs: Sequence[FieldDiff]) -> bool:
    """Whether a keyword is in the headline before or after an edit, or among the removed and added words."""
    titles = [content.title or "" for content in (edit.before, edit.after) if content is not None]
    changed = [
        " ".join(span.text for span in block.spans if span.op is op)
        for diff in diffs
        for block in diff.blocks
        for op in (Op.REMOVED, Op.ADDED)
    ]
    return any(map(find, [edit.title or "", *titles, *changed]))


def article_mentions(find: Matcher, title: str | None, content: Content | None) -> bool:
    """Whether a keyword is in the headline or the text of an article that disappeared or returned."""
    texts = (content.title, content.subtitle, content.body) if content is not None else ()
    return any(map(find, (text for text in (title, *texts) if text)))


# --- what is shown in full ---


def fold(notices: Iterable[Notice], history: NoticeHistory, budget: int) -> list[Notice]:
    """Sorts notices by importance and marks those past the daily limits as folded.

    Many absences of one source cost the budget one notice, because they are one paragraph.
    """
    ordered = sorted(notices, key=lambda notice: (ORDER.index(notice.topic), notice.at))
    absent = Counter((notice.topic, notice.source) for notice in ordered if notice.topic in ABSENCES)
    spent, subjects = Counter(history.in_full), Counter(history.subjects)
    paid: set[tuple[Topic, str]] = set()
    found = []
    for notice in ordered:
        group = notice.topic, notice.source
        bulk = absent[group] > BULK
        cost = 0 if bulk and group in paid else 1
        subject = notice.topic, notice.subject
        folded = spent[notice.source] + cost > budget or subjects[subject] >= FULL_PER_SUBJECT
        if not folded:
            spent[notice.source] += cost
            if bulk:
                paid.add(group)
        subjects[subject] += 1
        found.append(replace(notice, folded=True) if folded else notice)
    return found


# --- findings ---


def finding_notices(
    receiver: Receiver, topic: Topic, findings: Sequence[OpenFinding], history: NoticeHistory, now: datetime
) -> list[Notice]:
    """Notices about the findings of a topic: when one opens, every week while a health finding is open, when it closes."""
    present = {one.key: one for one in findings if covers(receiver, one.source, one.edition)}
    known = {
        key: last
        for key, last in history.findings.items()
        if last[0].topic is topic and last[0].event != "over"
    }
    found = [of_finding(one, "begun", now) for key, one in present.items() if key not in known]
    for key, (last, recorded) in known.items():
        if key not in present:
            # A finding may be missing because its source was removed from the receiver's filter: then it is not over.
            found += [finding_over(last, now)] if covers(receiver, last.source, last.edition) else []
        elif topic is Topic.HEALTH and now - recorded >= REMINDER:
            found.append(of_finding(present[key], "reminder", now))
    return found


# --- times ---


def day_of(now: datetime) -> datetime:
    """The start of the UTC day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def is_due(
    digest: Digest, state: ReceiverState, waiting: Sequence[tuple[Notice, datetime]], now: datetime
) -> bool:
    """Whether waiting notices, each with the time it was recorded, are sent now.

    A digest is sent by the first run in a later hour or day than the last message (or the receiver's start). Folded
    notices alone wait for a notice to be shown in full, or for the next day.
    """
    last = state.last_message or state.started
    if digest is Digest.DAILY:
        return day_of(now) > day_of(last)
    if digest is Digest.HOURLY and _hour_of(now) <= _hour_of(last):
        return False
    return any(not notice.folded or day_of(recorded) < day_of(now) for notice, recorded in waiting)


def may_try(state: ReceiverState, now: datetime) -> bool:
    """Whether the wait after a failure is over. If the clock was set back, the wait is not longer than the longest."""
    return (
        state.next_attempt is None or now >= state.next_attempt or state.next_attempt - now > 2 * LONGEST_WAIT
    )


def next_attempt(failures: int, now: datetime, retry_after: float | None) -> datetime:
    """When to retry after the `failures`-th failure in a row. `retry_after`: seconds the server asked for, at most 12 h."""
    doubled: int = 2 ** min(max(failures - 1, 0), 10)
    wait = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    if retry_after is not None:
        wait = max(wait, min(timedelta(seconds=retry_after), 2 * LONGEST_WAIT))
    return now + wait


def _hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
