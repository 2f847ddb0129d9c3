"""What a release holds: its tables by the one table of fields, what each column means, and what is read for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from newscrawl.judge.coverage.gaps import gaps
from newscrawl.judge.diff.sentences import SentencePair, align
from newscrawl.model import ABSENCES, Content, EditRecord, Gap, fields
from newscrawl.serialization.columns import Column, columns_of
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.selects import Conditions


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a release: its name, what a row is, its columns, and which of them tell rows apart."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()


class SentenceRow(NamedTuple):
    """A pair of sentences of one field of one edit."""

    edit: EditRecord
    of_field: str
    pair: SentencePair


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table("articles", "an article as it is now", columns_of(fields.ARTICLES), ("id",)),
        Table(
            "versions",
            "what an article said from one moment on",
            columns_of(fields.VERSIONS),
            ("article", "version"),
        ),
        Table(
            "edits",
            "two consecutive versions that differ, with what both say",
            columns_of(fields.EDITS),
            ("article", "to"),
        ),
        Table(
            "sentences",
            "a sentence of an edited text before and after the edit",
            columns_of(fields.SENTENCES),
        ),
        Table("observations", "one check of an address", columns_of(fields.OBSERVATIONS), ("id",)),
        Table("sightings", "an article's place in one read of a list", columns_of(fields.SIGHTINGS), ("id",)),
        Table(
            "removals",
            "a time in which an article was absent, or could not be read, with the evidence",
            columns_of(fields.REMOVED),
        ),
        Table("gaps", "a time in which articles may have been missed", columns_of(fields.COVERAGE)),
        Table(
            "editions",
            "what the channels of an edition named, and what became of every address",
            columns_of(fields.EDITIONS),
            ("source", "edition"),
        ),
    )
}

# What each column means. A name means the same in every table; where it does not, the table stands before it.
MEANINGS: Mapping[str, str] = {
    "aliases": "other addresses of the article",
    "archived": "addresses named that are articles of the archive",
    "article": "number of the article; null for an address that is none",
    "at": "when it was observed",
    "authors": "names, roles and kinds, as credited",
    "body": "the text; paragraphs are parted by an empty line",
    "capture": "the raw response: its file, place, record and digest",
    "channel": "listing, feed, sitemap, or block of links beside an article",
    "closed_at": "when it was shown that nothing was missed",
    "closed_by": "the channel that showed it",
    "confirmed_at": "the check that confirmed the absence; null if none did",
    "content_hash": "hash of title, subtitle, text, authors and date",
    "controls_fine": "whether other articles answered in the same run; null if none was asked",
    "edition": "one language of an outlet on one host",
    "entries": "what became of the entries of each kind of channel at their last reads",
    "evidence": "the checks that found it absent, with the other articles that answered meanwhile",
    "extractor": "the version of the extractor that read the page",
    "field": "headline, subtitle or body",
    "final_url": "the address that answered",
    "first_absent": "the first check that found it absent, or not to be read",
    "first_seen": "the first check",
    "from": "when the time begins",
    "edits.from": "number of the version before the edit",
    "headline": "the words of the link",
    "held": "of those that wait, the ones that were tried, by outcome and reason",
    "id": "number of the row",
    "articles.id": "number of the article",
    "images": "addresses, captions and credits of its pictures",
    "incomplete": "what the text does not have of its piece; null if it has all",
    "kind": "gap or outage",
    "removals.kind": "the signal of the last check, or the outcome where it cannot be read",
    "sentences.kind": "unchanged, edited, added or deleted",
    "kinds": "what was changed",
    "language": "language of the text",
    "last_checked": "the last check that did not fail",
    "last_seen": "the last check before that found the article",
    "listing": "address of the list",
    "milliseconds": "how long the answer took",
    "modified": "when it was changed, as the publisher states",
    "modified_offset": "minutes east of UTC of that statement",
    "moved": "whether the sentence stands at another place with the same words",
    "named": "different addresses that channels named",
    "new_authors": "authors after the edit",
    "new_body": "text after the edit",
    "new_subtitle": "subtitle after the edit",
    "new_title": "headline after the edit",
    "noindex": "whether the page asks search engines to leave it out; null if not known",
    "old_authors": "authors before the edit",
    "old_body": "text before the edit",
    "old_subtitle": "subtitle before the edit",
    "old_title": "headline before the edit",
    "older": "the same as entries, of the older pages of lists",
    "open": "whether nothing showed yet that no article was missed",
    "outcome": "what came of the request",
    "page_type": "what kind of page it was",
    "position": "place in the list, from 0",
    "published": "when it was published, as the publisher states; null where only a day is stated",
    "published_day": "day of publication in the publisher's own calendar",
    "published_offset": "minutes east of UTC of that statement",
    "published_precision": "second, minute or day",
    "reason": "why, in words",
    "returned_at": "the check that found it again; null while it is gone",
    "returns_to": "the earlier version that said the same; null if none",
    "run": "number of the crawl",
    "seen_before": "the check before: the edit was made between it and the instant of this one",
    "section": "section of the outlet",
    "sent_idx_x": "place of the sentence in the text before the edit, from 0; null if it was added",
    "sent_idx_y": "place of the sentence in the text after the edit, from 0; null if it was deleted",
    "sentence_x": "the sentence before the edit",
    "sentence_y": "the sentence after the edit",
    "settled": "addresses that are no articles, by outcome and reason",
    "signal": "the sign of a removal; null if there was none",
    "similarity": "share of words in common, 0 to 1; null where one sentence is missing",
    "source": "the outlet's name in the archive",
    "state": "live, suspected or removed",
    "removals.state": "suspected, removed, returned or unreadable",
    "state_since": "since when",
    "status": "HTTP status; null if there was no answer",
    "subtitle": "subtitle",
    "tags": "topics",
    "tied_to": "the article that stands for it; null for all that are listed",
    "title": "headline",
    "to": "when the time ends",
    "edits.to": "number of the version after the edit",
    "unlisted": "since when it is gone from all lists although it is there; null otherwise",
    "unread": "channels whose last full read gave nothing, or less than there is",
    "unreadable_since": "the first check without a readable page since the last one with; null while it can be read",
    "url": "address",
    "url_key": "the form of the address that identifies the article",
    "verdict": "what the check led to",
    "version": "number of the version",
    "version_x": "number of the version before the edit",
    "version_y": "number of the version after the edit",
    "versions": "how many versions there are",
    "waiting": "addresses named that are still to be fetched",
}  # fmt: skip


def meaning(table: Table, column: Column) -> str:
    """What a column of a table means."""
    return MEANINGS.get(f"{table.name}.{column.name}") or MEANINGS[column.name]


def streams(reader: Reader, where: Conditions) -> Mapping[str, Callable[[], Iterator[Any]]]:
    """How the records of each table are read; those of `sentences` are made of the edits (`sentence_rows`)."""
    source, edition = where.get("source"), where.get("edition")

    def windows() -> Iterator[Gap]:
        since, until = where.get("since"), where.get("until")
        yield from gaps(
            reader.listing_facts(source=source, edition=edition), since=since, until=until, closed=True
        )

    return {
        "articles": lambda: reader.articles(**where),
        "versions": lambda: reader.versions(**where),
        "edits": lambda: reader.changes(texts=True, **where),
        "observations": lambda: reader.observations(**where),
        "sightings": lambda: reader.sightings(**where),
        "removals": lambda: reader.removals(states=ABSENCES["all"], **where),
        "gaps": windows,
        "editions": lambda: iter(reader.coverage(source=source, edition=edition)),
    }


def sentence_rows(edit: EditRecord) -> Iterator[SentenceRow]:
    """The sentences of every text that an edit changed, the unchanged ones around them included."""
    before, after = edit.before or Content(), edit.after or Content()
    sides = (
        ("headline", before.title, after.title),
        ("subtitle", before.subtitle, after.subtitle),
        ("body", before.body, after.body),
    )
    for name, old, new in sides:
        if (old or "") != (new or ""):
            yield from (SentenceRow(edit, name, pair) for pair in align(old or "", new or ""))
