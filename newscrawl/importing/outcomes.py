"""What becomes of each record of an import: exactly one outcome, counted, with reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from newscrawl.errors import Exit, NewscrawlError

_SHOWN = 50  # problems kept in words


class FileError(NewscrawlError):
    """A given file that nothing can be imported from."""

    exit_code = Exit.NOTHING_FETCHED


class Outcome(StrEnum):
    """What a record came to that made no observation. Those that made one are counted by their verdict."""

    ALREADY = "already"  # the same answer is in the archive, or came twice in this import
    ARTICLE = "article"  # would be recorded, in a dry run
    NOT_ARTICLE = "not_article"  # not an article, and not at the address of a known one
    NOT_HTML = "not_html"  # a picture, a feed, a script …
    NOTHING_THERE = (
        "nothing_there"  # 404, 410 or 451, or "not modified", at an address that was no known article then
    )
    REDIRECT = "redirect"  # kept as another address where its target is known
    ERROR = "error"  # any other status: it says nothing of an article
    NO_RESPONSE = "no_response"  # request, metadata, warcinfo, resource, conversion, dns …
    OUTSIDE = "outside"  # not an address of the source that was named
    OUTSIDE_DATES = "outside_dates"  # published outside since/until
    BAD_ADDRESS = "bad_address"
    BAD_DATE = "bad_date"  # missing, unreadable, before 1990 or in the future
    UNREADABLE = (
        "unreadable"  # no HTTP answer that can be read, too large, or in an encoding that cannot be undone
    )
    TRUNCATED = "truncated"  # a page that its maker cut, or shorter than its own head says
    WRONG_DIGEST = "wrong_digest"  # its bytes are not those its digest was made of
    PRIVATE = "private"  # of a host in a private network, which no outlet is
    REVISIT_LOST = "revisit_lost"  # repeats an answer that is neither in this import nor in the archive
    DAMAGED = "damaged"  # bytes that are not a whole record
    ENDED = "ended"  # the page took too long, or took its process down
    NOT_STORED = "not_stored"  # a bug in this program; "failed" is a check that could not be read
    BUSY = "busy"  # its source is being crawled


# Records that ought to have given something, and could not be read.
_FAILED = (
    Outcome.BAD_ADDRESS,
    Outcome.BAD_DATE,
    Outcome.UNREADABLE,
    Outcome.TRUNCATED,
    Outcome.WRONG_DIGEST,
    Outcome.REVISIT_LOST,
    Outcome.DAMAGED,
    Outcome.ENDED,
)

# What a row of a table of saved pages should not come to either.
_NOT_TAKEN = (Outcome.OUTSIDE, Outcome.PRIVATE)


@dataclass(slots=True)
class Counters:
    """Counts of one import. `records` maps outcomes and verdicts to numbers; `reasons` says why pages were refused.

    `is_table`: somebody listed each page, so that one which cannot be taken is an error; a crawl's files hold anything.
    """

    files: int = 0
    is_table: bool = False
    unread: list[str] = field(default_factory=list)
    records: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    sources: dict[str, Counter[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)

    def count(self, outcome: str, source: str | None = None, reason: str | None = None) -> None:
        """Counts one record."""
        self.records[outcome] += 1
        if source is not None:
            self.sources.setdefault(source, Counter())[outcome] += 1
        if reason:
            # Reasons come from pages: a hostile file must not fill the memory with them.
            known = reason in self.reasons or len(self.reasons) < _SHOWN
            self.reasons[reason[:100] if known else "other reasons"] += 1

    def problem(self, text: str) -> None:
        """Keeps a line to show; the first fifty, then none."""
        if len(self.problems) < _SHOWN:
            self.problems.append(text)

    def exit(self) -> tuple[Exit, str]:
        """The exit code and the reason in a few words."""
        if self.busy:
            return Exit.ALREADY_RUNNING, f"another run is active: {', '.join(self.busy[:5])}"
        if self.unread and len(self.unread) == self.files:
            only = self.unread[0] if self.files == 1 else f"none of {self.files} files could be read"
            return Exit.NOTHING_FETCHED, only
        failed = sum(self.records[outcome] for outcome in _FAILED)
        if failed and failed == self.records.total() - self.records[Outcome.NO_RESPONSE]:
            return Exit.NOTHING_FETCHED, f"none of {failed} records could be read"
        if self.unread:
            return Exit.PARTLY_FAILED, f"{len(self.unread)} of {self.files} files could not be read"
        if lost := self.records[Outcome.NOT_STORED]:
            return Exit.PARTLY_FAILED, f"{'a record' if lost == 1 else f'{lost} records'} could not be stored"
        if damaged := self.records[Outcome.DAMAGED]:
            places = "a place was" if damaged == 1 else f"{damaged} places were"
            return Exit.PARTLY_FAILED, f"{places} damaged; everything around was read"
        if wrong := self.records[Outcome.WRONG_DIGEST]:
            have = "record has" if wrong == 1 else "records have"
            return Exit.PARTLY_FAILED, f"{wrong} {have} other bytes than its digest says, and made no version"
        if self.is_table and (lost := failed + sum(self.records[outcome] for outcome in _NOT_TAKEN)):
            named = self.records.total()
            return Exit.PARTLY_FAILED, f"{lost:,} of {named:,} pages of the table could not be taken"
        return Exit.OK, "finished"
