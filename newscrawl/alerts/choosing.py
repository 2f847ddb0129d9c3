"""What a receiver is told, and what of it in full: topics, sources, kinds, keywords, the budget, troubles that begin and end. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from newscrawl.alerts import noticing
from newscrawl.alerts.keywords import Matcher
from newscrawl.judge.diff.differences import FieldDiff, Op
from newscrawl.model import (
    Absence,
    Content,
    EditRecord,
    Notice,
    Receiver,
    RemovalRecord,
    Told,
    Topic,
    Trouble,
)

# So many alerts about one article or one trouble are told in full on a day; what turns more often is volatile.
TURNS_A_DAY = 3
# More absences than this of one source found at once are one message with their number: a relaunch, or a purge.
BULK = 5
REMINDER = timedelta(days=7)

OF_TURN = {
    Absence.REMOVED: Topic.REMOVALS,
    Absence.RETURNED: Topic.RETURNS,
    Absence.SUSPECTED: Topic.SUSPECTED,
}
ABSENCES = tuple(OF_TURN.values())
# What is told first where the budget is short.
ORDER = (Topic.HEALTH, Topic.REMOVALS, Topic.GAPS, Topic.RETURNS, Topic.EDITS, Topic.SUSPECTED)


def wants(receiver: Receiver, source: str, edition: str | None) -> bool:
    """Whether a receiver is told of this source and edition. What concerns a whole source concerns each of its editions."""
    if receiver.sources and source and source not in receiver.sources:
        return False
    return not receiver.editions or edition is None or edition in receiver.editions


def wants_edit(receiver: Receiver, edit: EditRecord) -> bool:
    """Whether a receiver is told of an edit, keywords aside."""
    kinds = not receiver.kinds or not receiver.kinds.isdisjoint(edit.kinds)
    return kinds and wants(receiver, edit.source, edit.edition)


def wants_turn(receiver: Receiver, record: RemovalRecord, turn: Absence) -> bool:
    """Whether a receiver is told of an absence, keywords aside. That one is over which it never heard of is no news."""
    if turn is Absence.RETURNED and record.confirmed_at is None and Topic.SUSPECTED not in receiver.topics:
        return False
    return OF_TURN[turn] in receiver.topics and wants(receiver, record.source, record.edition)


def says(find: Matcher, edit: EditRecord, diffs: Sequence[FieldDiff]) -> bool:
    """Whether a keyword stands in the headline before or after an edit, or among the words that went or came."""
    titles = [content.title or "" for content in (edit.before, edit.after) if content is not None]
    return any(map(find, [edit.title or "", *titles, *_changed(diffs)]))


def says_of(find: Matcher, title: str | None, content: Content | None) -> bool:
    """Whether a keyword stands in an article that went or came as a whole."""
    texts = (content.title, content.subtitle, content.body) if content is not None else ()
    return any(map(find, (text for text in (title, *texts) if text)))


def folded(notices: Iterable[Notice], told: Told, budget: int) -> list[Notice]:
    """The notices in the order in which they are told, those marked that are told as a number only.

    Many absences of one source found together count once, because they are told as one.
    """
    ordered = sorted(notices, key=lambda notice: (ORDER.index(notice.topic), notice.at))
    absent = Counter((notice.topic, notice.source) for notice in ordered if notice.topic in ABSENCES)
    spent, subjects = Counter(told.sources), Counter(told.subjects)
    counted: set[tuple[Topic, str]] = set()
    found = []
    for notice in ordered:
        group = notice.topic, notice.source
        together = absent[group] > BULK
        cost = 0 if together and group in counted else 1
        fold = spent[notice.source] + cost > budget or subjects[notice.topic, notice.subject] >= TURNS_A_DAY
        if not fold:
            spent[notice.source] += cost
            if together:
                counted.add(group)
        subjects[notice.topic, notice.subject] += 1
        found.append(replace(notice, folded=True) if fold else notice)
    return found


def turns(
    receiver: Receiver, topic: Topic, present: Sequence[Trouble], told: Told, now: datetime
) -> list[Notice]:
    """What to say of the troubles of a topic: each once when it begins, once when it is over, and while it lasts every week."""
    wanted = {trouble.key: trouble for trouble in present if wants(receiver, trouble.source, trouble.edition)}
    lasting = {
        key: last for key, last in told.troubles.items() if last[0].topic is topic and last[0].turn != "over"
    }
    found = [
        noticing.of_trouble(trouble, "begun", now) for key, trouble in wanted.items() if key not in lasting
    ]
    for key, (last, said) in lasting.items():
        if key not in wanted:
            # A source that is no longer asked for is not over.
            found += [noticing.over(last, now)] if wants(receiver, last.source, last.edition) else []
        elif topic is Topic.HEALTH and now - said >= REMINDER:
            found.append(noticing.of_trouble(wanted[key], "reminder", now))
    return found


def _changed(diffs: Sequence[FieldDiff]) -> list[str]:
    """The words that went and those that came, a text for each paragraph and direction."""
    return [
        " ".join(span.text for span in block.spans if span.op is op)
        for diff in diffs
        for block in diff.blocks
        for op in (Op.REMOVED, Op.ADDED)
    ]
