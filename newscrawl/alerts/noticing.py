"""What happened, put into notices: one line of what was observed, an excerpt of the difference, what it was about. Pure; chooses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newscrawl.judge.diff.differences import FieldDiff
from newscrawl.judge.diff.excerpt import most_telling, word_counts
from newscrawl.model import Absence, EditRecord, Notice, RemovalRecord, Topic, Trouble
from newscrawl.text import clean
from newscrawl.wording import counted, course, instant

# Characters kept: of a headline, of a line, of an address. What is longer is no help in an alert, and may be meant to harm.
TITLE, LINE, ADDRESS = 300, 600, 2000


def of_edit(edit: EditRecord, diffs: Sequence[FieldDiff]) -> Notice:
    """The notice of an edit; without differences (nobody needs to read it) without an excerpt."""
    what = ", ".join(edit.kinds) or "changed"
    between = f"between the looks at {instant(edit.seen_before)} and {instant(edit.at)}"
    line = f"edited ({what}) {between if edit.seen_before else f'before {instant(edit.at)}'}"
    if diffs:
        removed, added = word_counts(diffs)
        line += f"; {counted(removed, 'word')} removed, {added:,} added"
    if edit.returns_to:
        line += f"; says again what version {edit.returns_to} said"
    telling = most_telling(diffs)
    return Notice(
        # Not by the number of the version: an import may put an older one in before it.
        key=f"article {edit.article_id} edited {edit.at.isoformat()}",
        topic=Topic.EDITS,
        turn="edited",
        source=edit.source,
        edition=edit.edition,
        subject=f"article {edit.article_id}",
        at=edit.at,
        line=short(line, LINE),
        title=short(edit.title, TITLE) or None,
        article=edit.article_id,
        url=short(edit.url, ADDRESS),
        kinds=tuple(kind.value for kind in edit.kinds),
        versions=(edit.from_version, edit.to_version),
        field=telling.field if telling else None,
        excerpt=tuple((span.op.value, _piece(span.text)) for span in telling.spans) if telling else (),
    )


def of_absence(record: RemovalRecord, topic: Topic, turn: Absence, at: datetime) -> Notice:
    """The notice that an article became suspected, removed or returned at `at`. The line says how it stands now."""
    return Notice(
        key=f"article {record.article_id} {turn.value} {at.isoformat()}",
        topic=topic,
        turn=turn.value,
        source=record.source,
        edition=record.edition,
        subject=f"article {record.article_id}",
        at=at,
        line=short(course(record), LINE),
        title=short(record.title, TITLE) or None,
        article=record.article_id,
        url=short(record.url, ADDRESS),
        kinds=(record.signal,) if record.signal else (),
    )


def of_trouble(trouble: Trouble, turn: str, at: datetime) -> Notice:
    """The notice that a trouble was seen at `at` for the first time ("begun"), or still ("reminder")."""
    line = short(trouble.line, LINE)
    since = instant(trouble.since or at)
    return Notice(
        key=f"{trouble.topic.value} {trouble.key} {turn} {at.isoformat()}",
        topic=trouble.topic,
        turn=turn,
        source=trouble.source,
        edition=trouble.edition,
        subject=trouble.key,
        at=at,
        line=f"still so since {since}: {line}" if turn == "reminder" else line,
    )


def over(last: Notice, at: datetime) -> Notice:
    """The notice that a trouble told before is there no more."""
    said = last.line.split(": ", 1)[-1] if last.turn == "reminder" else last.line
    return Notice(
        key=f"{last.topic.value} {last.subject} over {at.isoformat()}",
        topic=last.topic,
        turn="over",
        source=last.source,
        edition=last.edition,
        subject=last.subject,
        at=at,
        line=short(f"over, no longer observed at {instant(at)}: {said}", LINE),
    )


def short(text: str | None, size: int) -> str:
    """One line without control or direction characters, of at most `size` characters."""
    line = clean(text)
    return line if len(line) <= size else line[: size - 1].rstrip() + "…"


def _piece(text: str) -> str:
    """A piece of a line: like `short`, but a space at its beginning or end stays."""
    core = clean(text)
    if not core:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{core}{' ' if text[-1].isspace() else ''}"
