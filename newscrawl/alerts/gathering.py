"""Reads what happened since a receiver was told last, and chooses what it is told. Writes and sends nothing."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from newscrawl.alerts import choosing, noticing
from newscrawl.alerts.keywords import matcher
from newscrawl.errors import NewscrawlError
from newscrawl.judge.coverage.gaps import gaps
from newscrawl.judge.diff.differences import compare
from newscrawl.model import (
    Absence,
    Content,
    Notice,
    Receiver,
    ReceiverState,
    RemovalRecord,
    Told,
    Topic,
    Trouble,
)
from newscrawl.store.archive import Engine
from newscrawl.store.read.events import Turned, edits_between, turns_between
from newscrawl.store.read.queries import Reader
from newscrawl.wording import instant

logger = logging.getLogger(__name__)

# What lasts, by its topic; a topic that is not there was not looked at, which says nothing about it.
Troubles = Mapping[Topic, Sequence[Trouble]]

# Judges the health of the sources of an archive.
Health = Callable[[Engine], Sequence[Trouble]]


def gather(
    engine: Engine,
    receiver: Receiver,
    state: ReceiverState,
    told: Told,
    upto: int,
    troubles: Troubles,
    now: datetime,
) -> list[Notice]:
    """The notices for a receiver, from the log of changes up to the number `upto` and from what lasts now."""
    found = [*_absences(engine, receiver, state, upto)]
    if Topic.EDITS in receiver.topics:
        found += _edits(engine, receiver, state, upto)
    for topic in (Topic.HEALTH, Topic.GAPS):
        if topic in receiver.topics and topic in troubles:
            # A gap that ended before anybody was to be told is history.
            present = [
                t for t in troubles[topic] if topic is Topic.HEALTH or (t.since or now) >= state.started
            ]
            found += choosing.turns(receiver, topic, present, told, now)
    return choosing.folded(found, told, receiver.budget)


def troubles(engine: Engine, receivers: Sequence[Receiver], health: Health | None) -> Troubles:
    """What lasts now, as far as any receiver asks for it. Where it cannot be judged its topic is left out."""
    judges: dict[Topic, Health | None] = {Topic.HEALTH: health, Topic.GAPS: open_gaps}
    found: dict[Topic, Sequence[Trouble]] = {}
    for topic, judge in judges.items():
        if judge is None or not any(topic in receiver.topics for receiver in receivers):
            continue
        try:
            found[topic] = judge(engine)
        except NewscrawlError:
            raise
        except Exception as error:  # a bug there must not keep removals from being told
            logger.warning("%s could not be judged: %s", topic.value, type(error).__name__)
            logger.debug("judging %s", topic.value, exc_info=True)
    return found


def open_gaps(engine: Engine) -> list[Trouble]:
    """The times in which articles may have been missed and nothing has shown yet that none were."""
    return [
        Trouble(
            topic=Topic.GAPS,
            key=f"{gap.source} {gap.edition} {gap.kind} {gap.began.isoformat()}",
            source=gap.source,
            edition=gap.edition,
            line=f"articles may have been missed between {instant(gap.began)} and {instant(gap.ended)}: {gap.reason}",
            since=gap.began,
        )
        for gap in gaps(Reader(engine).listing_facts())
    ]


def _edits(engine: Engine, receiver: Receiver, state: ReceiverState, upto: int) -> Iterator[Notice]:
    find = matcher(receiver.keywords)
    chosen: Counter[str] = Counter()
    for edit in edits_between(engine, state.cursor, upto, state.started):
        if not choosing.wants_edit(receiver, edit) or edit.before is None or edit.after is None:
            continue
        # Past the budget it is told as a number: nobody will read the difference, unless words are to be found in it.
        needed = receiver.keywords or chosen[edit.source] < receiver.budget
        diffs = compare(edit.before, edit.after) if needed else ()
        if receiver.keywords and not choosing.says(find, edit, diffs):
            continue
        chosen[edit.source] += 1
        yield noticing.of_edit(edit, diffs)


def _absences(engine: Engine, receiver: Receiver, state: ReceiverState, upto: int) -> Iterator[Notice]:
    turned = [
        one
        for one in turns_between(engine, state.cursor, upto, state.started)
        if choosing.OF_TURN[one.turn] in receiver.topics
    ]
    if not turned:
        return
    reader = Reader(engine)
    spells = _spells(reader, turned)
    find = matcher(receiver.keywords)
    for one in turned:
        record = spells.get((one.bare.article_id, one.turn, one.at), one.bare)
        if not choosing.wants_turn(receiver, record, one.turn):
            continue
        if receiver.keywords and not choosing.says_of(find, record.title, _content(reader, record)):
            continue
        yield noticing.of_absence(record, choosing.OF_TURN[one.turn], one.turn, one.at)


def _spells(reader: Reader, turned: Sequence[Turned]) -> dict[tuple[int, Absence, datetime], RemovalRecord]:
    """The absences that turned, each under every turn it took."""
    found: dict[tuple[int, Absence, datetime], RemovalRecord] = {}
    wanted = {one.bare.article_id for one in turned}
    # By its latest turn, which is not before the one that is told.
    for record in reader.removals(states=tuple(Absence), since=min(one.at for one in turned)):
        if record.article_id not in wanted:
            continue
        for turn, at in (
            (Absence.SUSPECTED, record.first_absent),
            (Absence.REMOVED, record.confirmed_at),
            (Absence.RETURNED, record.returned_at),
        ):
            if at is not None:
                found[record.article_id, turn, at] = record
    return found


def _content(reader: Reader, record: RemovalRecord) -> Content:
    return Content.of(reader.article(record.article_id).article)
