"""What the archive knows at the end of the demo: the newest articles, and one life each of an edit, a correction, a removal and a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newscrawl import config
from newscrawl.cli.output.differences import difference
from newscrawl.cli.output.tables import safe, table, terminal_width, wrap
from newscrawl.cli.reading.removed import blocks
from newscrawl.model import Absence, ChangeKind, Content, EditRecord

if TYPE_CHECKING:
    from newscrawl.store.read.queries import Reader

_TEXT_WIDTH = 100
# What a reader would want to be told of and was not: a figure or a quotation exchanged without a word about it.
_SILENT = frozenset({ChangeKind.NUMBERS, ChangeKind.QUOTES, ChangeKind.SHORTENED})


def stories(reader: Reader, zone: str) -> Iterator[str]:
    """The lines that end the demo; instants in the outlet's zone."""
    yield from _newest(reader, zone)
    edits = list(reader.changes(texts=True))
    yield from _title(f"{len(edits)} edits after publication. One was silent: nothing on the page says so")
    yield from _edit(next((e for e in reversed(edits) if _is_silent(e)), None), zone)
    yield from _title("One was owned up to: a correction")
    yield from _edit(next((e for e in reversed(edits) if ChangeKind.CORRECTION in e.kinds), None), zone)
    gone = list(reader.removals())
    confirmed = [record for record in gone if record.state is Absence.REMOVED]
    yield from _title(
        f"{len(confirmed)} articles are gone, {len(gone) - len(confirmed)} more are suspected to be. The first, with its evidence"
    )
    yield from blocks(confirmed[-1:], _width())
    yield from _gaps(reader, zone)


def local(instant: datetime, zone: str) -> str:
    """An instant as the outlet's readers would say it."""
    return safe(f"{instant.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}")


def _newest(reader: Reader, zone: str) -> Iterator[str]:
    yield from _title(f"The archive holds {reader.count()} articles. The newest")
    rows = [
        (
            r.id,
            r.edition,
            local(r.article.published or r.first_seen, zone),
            ", ".join(a.name for a in r.article.authors),
            r.article.title,
        )
        for r in reader.articles(limit=6)
    ]
    yield from table(("id", "ed", "published", "by", "title"), rows, width=terminal_width())


def _is_silent(edit: EditRecord) -> bool:
    return bool(_SILENT & set(edit.kinds)) and ChangeKind.CORRECTION not in edit.kinds and not edit.returns_to


def _edit(edit: EditRecord | None, zone: str) -> Iterator[str]:
    from newscrawl.judge.diff.differences import compare

    if edit is None:
        yield "none"
        return
    yield from wrap(safe(f"{edit.title} ({edit.edition}, article {edit.article_id})"), _width())
    yield f"seen at {local(edit.at, zone)}: {', '.join(kind.value for kind in edit.kinds)}"
    diffs = compare(edit.before or Content(), edit.after or Content())
    colour = terminal_width() is not None and config.colours()
    yield from difference(diffs, width=_width(), colour=colour, context=0)


def _gaps(reader: Reader, zone: str) -> Iterator[str]:
    from newscrawl.judge.coverage.gaps import gaps

    yield from _title("Where articles may have been missed, and what another channel closed")
    rows = [
        (
            gap.edition,
            local(gap.began, zone),
            local(gap.ended, zone),
            "open" if gap.open else f"closed by {gap.closed_by}" if gap.closed_by else "nothing missed",
            gap.reason,
        )
        for gap in reversed(gaps(reader.listing_facts(), closed=True))
    ]
    yield from table(("ed", "from", "to", "state", "reason"), rows, width=terminal_width())


def _title(text: str) -> Iterator[str]:
    yield from ("", f"{text}:", "")


def _width() -> int:
    return min(terminal_width() or _TEXT_WIDTH, _TEXT_WIDTH)
