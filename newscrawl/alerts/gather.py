"""Reads from the archive what happened since a receiver's last run, and makes notices of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from newscrawl.alerts import notices, select
from newscrawl.alerts.keywords import matcher
from newscrawl.errors import NewscrawlError
from newscrawl.judge.coverage.gaps import gaps
from newscrawl.judge.diff.differences import compare
from newscrawl.judge.health.unreadable import lasts
from newscrawl.model import (
    Absence,
    Content,
    Notice,
    NoticeHistory,
    OpenFinding,
    Receiver,
    ReceiverState,
    RemovalRecord,
    Topic,
)
from newscrawl.model.alerts import FINDINGS
from newscrawl.store.archive import Engine
from newscrawl.store.read.changes import StateChange, edits_between, state_changes_between
from newscrawl.store.read.reader import Reader
from newscrawl.wording import course, instant

logger = logging.getLogger(__name__)

# Open findings by topic. A missing topic was not examined: its earlier findings are neither open nor over.
Findings = Mapping[Topic, Sequence[OpenFinding]]
# Examines an archive for open findings.
Examiner = Callable[[Engine], Sequence[OpenFinding]]


def gather(
    engine: Engine,
    receiver: Receiver,
    state: ReceiverState,
    history: NoticeHistory,
    upto: int,
    findings: Findings,
    now: datetime,
) -> list[Notice]:
    """The new notices for a receiver, from the change log up to row `upto` and from the open findings."""
    found = [*_absences(engine, receiver, state, upto)]
    if Topic.EDITS in receiver.topics:
        found += _edits(engine, receiver, state, upto)
    for topic in FINDINGS:
        if topic in receiver.topics and topic in findings:
            # A gap from before the receiver's start is not news.
            present = [
                one
                for one in findings[topic]
                if topic is not Topic.GAPS or (one.since or now) >= state.started
            ]
            found += select.finding_notices(receiver, topic, present, history, now)
    return select.fold(found, history, receiver.budget)


def open_findings(engine: Engine, receivers: Sequence[Receiver], health: Examiner | None) -> Findings:
    """The open findings of the topics that any receiver subscribed to; without a topic that could not be examined."""
    examiners: dict[Topic, Examiner | None] = {
        Topic.HEALTH: health,
        Topic.GAPS: open_gaps,
        Topic.UNREADABLE: open_unreadable,
    }
    found: dict[Topic, Sequence[OpenFinding]] = {}
    for topic, examine in examiners.items():
        if examine is None or not any(topic in receiver.topics for receiver in receivers):
            continue
        try:
            found[topic] = examine(engine)
        except NewscrawlError:
            raise
        except Exception as error:  # a bug there must not hold back the other topics
            logger.warning("%s could not be judged: %s", topic.value, type(error).__name__)
            logger.debug("judging %s", topic.value, exc_info=True)
    return found


def open_gaps(engine: Engine) -> list[OpenFinding]:
    """The open gaps in coverage: times in which articles may have been missed."""
    return [
        OpenFinding(
            topic=Topic.GAPS,
            key=f"{gap.source} {gap.edition} {gap.kind} {gap.began.isoformat()}",
            source=gap.source,
            edition=gap.edition,
            line=f"articles may have been missed between {instant(gap.began)} and {instant(gap.ended)}: {gap.reason}",
            since=gap.began,
        )
        for gap in gaps(Reader(engine).listing_facts())
    ]


def open_unreadable(engine: Engine) -> list[OpenFinding]:
    """Articles that cannot be read for days, while others of their edition were read in the run that failed last."""
    found = []
    for record in Reader(engine).removals(states=(Absence.UNREADABLE,)):
        checks = record.evidence
        if not checks or not checks[-1].controls:
            continue
        if not lasts(record.first_absent, checks[-1].observation.at, len(checks)):
            continue
        found.append(
            OpenFinding(
                topic=Topic.UNREADABLE,
                key=f"article {record.article_id} {record.first_absent.isoformat()}",
                source=record.source,
                edition=record.edition,
                line=f"article {record.article_id}, {record.title or record.url}: {course(record)}",
                since=record.first_absent,
            )
        )
    return found


def _edits(engine: Engine, receiver: Receiver, state: ReceiverState, upto: int) -> Iterator[Notice]:
    find = matcher(receiver.keywords)
    selected: Counter[str] = Counter()
    for edit in edits_between(engine, state.cursor, upto, state.started):
        if not select.wants_edit(receiver, edit) or edit.before is None or edit.after is None:
            continue
        # Past the budget a notice is only counted, so its difference is needed for keywords alone.
        needed = receiver.keywords or selected[edit.source] < receiver.budget
        diffs = compare(edit.before, edit.after) if needed else ()
        if receiver.keywords and not select.edit_mentions(find, edit, diffs):
            continue
        selected[edit.source] += 1
        yield notices.of_edit(edit, diffs)


def _absences(engine: Engine, receiver: Receiver, state: ReceiverState, upto: int) -> Iterator[Notice]:
    changes = [
        one
        for one in state_changes_between(engine, state.cursor, upto, state.started)
        if select.TOPIC_OF[one.state] in receiver.topics
    ]
    if not changes:
        return
    reader = Reader(engine)
    records = _records(reader, changes)
    find = matcher(receiver.keywords)
    for one in changes:
        record = records.get((one.record.article_id, one.state, one.at), one.record)
        if not select.wants_absence(receiver, record, one.state):
            continue
        if receiver.keywords:
            content = Content.of(reader.article(record.article_id).article)
            if not select.article_mentions(find, record.title, content):
                continue
        yield notices.of_absence(record, select.TOPIC_OF[one.state], one.state, one.at)


def _records(
    reader: Reader, changes: Sequence[StateChange]
) -> dict[tuple[int, Absence, datetime], RemovalRecord]:
    """The full absence records by article, state and the time that state was reached."""
    found: dict[tuple[int, Absence, datetime], RemovalRecord] = {}
    wanted = {one.record.article_id for one in changes}
    # A record is dated by its latest state, which is not before the changes in question.
    for record in reader.removals(states=tuple(select.TOPIC_OF), since=min(one.at for one in changes)):
        if record.article_id not in wanted:
            continue
        for state, at in (
            (Absence.SUSPECTED, record.first_absent),
            (Absence.REMOVED, record.confirmed_at),
            (Absence.RETURNED, record.returned_at),
        ):
            if at is not None:
                found[record.article_id, state, at] = record
    return found
