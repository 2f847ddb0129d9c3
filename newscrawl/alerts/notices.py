"""Makes notices of edits, absences and findings: one line about the event, an excerpt of the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from newscrawl.judge.diff.differences import FieldDiff
from newscrawl.judge.diff.excerpt import most_telling, word_counts
from newscrawl.model import Absence, EditRecord, Notice, OpenFinding, RemovalRecord, Topic
from newscrawl.text import clean
from newscrawl.wording import counted, course, instant

# Characters kept of a headline, a line and an address. Longer ones do not help in an alert and may be hostile.
TITLE, LINE, ADDRESS = 300, 600, 2000


def of_edit(edit: EditRecord, diffs: Sequence[FieldDiff]) -> Notice:
    """The notice of an edit; without `diffs` it has no excerpt."""
    what = ", ".join(edit.kinds) or "changed"
    between = f"between the checks at {instant(edit.seen_before)} and {instant(edit.at)}"
    line = f"edited ({what}) {between if edit.seen_before else f'before {instant(edit.at)}'}"
    if diffs:
        removed, added = word_counts(diffs)
        line += f"; {counted(removed, 'word')} removed, {added:,} added"
    if edit.returns_to:
        line += f"; says again what version {edit.returns_to} said"
    # Identified by time, because an import may insert an older version and shift the version numbers.
    notice = _of_article(edit, Topic.EDITS, "edited", edit.at, line, tuple(kind.value for kind in edit.kinds))
    excerpt = most_telling(diffs)
    return replace(
        notice,
        versions=(edit.from_version, edit.to_version),
        field=excerpt.field if excerpt else None,
        excerpt=tuple((span.op.value, _piece(span.text)) for span in excerpt.spans) if excerpt else (),
    )


def of_absence(record: RemovalRecord, topic: Topic, state: Absence, at: datetime) -> Notice:
    """The notice that an article became suspected, removed or returned at `at`. Its line describes the absence as of now."""
    signals = (record.signal,) if record.signal else ()
    return _of_article(record, topic, state.value, at, course(record), signals)


def of_finding(finding: OpenFinding, event: str, at: datetime) -> Notice:
    """The notice that a finding opened ("begun") or is still open ("reminder") at `at`."""
    line = short(finding.line, LINE)
    if event == "reminder":
        line = f"still so since {instant(finding.since or at)}: {line}"
    key = f"{finding.topic.value} {finding.key} {event} {at.isoformat()}"
    return Notice(key, finding.topic, event, finding.source, finding.edition, finding.key, at, line)


def finding_over(last: Notice, at: datetime) -> Notice:
    """The notice that a finding is no longer open. `last` is the previous notice about it."""
    line = last.line.split(": ", 1)[-1] if last.event == "reminder" else last.line
    line = short(f"over, no longer observed at {instant(at)}: {line}", LINE)
    key = f"{last.topic.value} {last.subject} over {at.isoformat()}"
    return Notice(key, last.topic, "over", last.source, last.edition, last.subject, at, line)


def _of_article(
    record: EditRecord | RemovalRecord,
    topic: Topic,
    event: str,
    at: datetime,
    line: str,
    kinds: tuple[str, ...],
) -> Notice:
    subject = f"article {record.article_id}"
    return Notice(
        key=f"{subject} {event} {at.isoformat()}",
        topic=topic,
        event=event,
        source=record.source,
        edition=record.edition,
        subject=subject,
        at=at,
        line=short(line, LINE),
        title=short(record.title, TITLE) or None,
        article=record.article_id,
        url=short(record.url, ADDRESS),
        kinds=kinds,
    )


def short(text: str | None, size: int) -> str:
    """The text as one line without control or direction characters, cut to `size` characters."""
    line = clean(text)
    return line if len(line) <= size else line[: size - 1].rstrip() + "…"


def _piece(text: str) -> str:
    """A cleaned piece of a line that keeps a space at its start and end."""
    core = clean(text)
    if not core:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{core}{' ' if text[-1].isspace() else ''}"
