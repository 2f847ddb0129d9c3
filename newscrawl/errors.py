"""The one error tree: what went wrong, about which subject, what to do, and the exit code it means."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `newscrawl` and `scrapy crawl`, the same for both (docs/architecture.md, the outside contract)."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    NOTHING_FETCHED = 3
    PARTLY_FAILED = 4
    ALREADY_RUNNING = 5
    SOURCE_BROKEN = 6
    ARCHIVE_UNUSABLE = 7


class NewscrawlError(Exception):
    """Root of every error this program raises on purpose.

    `message` says what happened, `subject` names what it happened to (a path, an address,
    a source) and `hint` says what to do about it. `str()` joins them into one line.
    """

    exit_code: Exit = Exit.UNEXPECTED

    def __init__(self, message: str, *, subject: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.subject = subject
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.subject}: {self.message}" if self.subject else self.message
        if self.hint:
            text = f"{text.rstrip('.')}. {self.hint}"
        return " ".join(text.split())


class UsageError(NewscrawlError):
    """Wrong arguments or configuration: nothing was started."""

    exit_code = Exit.USAGE


class UnknownSource(UsageError):
    """No spider has this name."""


class NotFound(UsageError):
    """The archive holds no such article, version or run."""


class AddressError(NewscrawlError):
    """An address that is no web address, or one that must not be followed."""

    exit_code = Exit.USAGE


class PageError(NewscrawlError):
    """Bytes that cannot be read as the document they claim to be."""


class FetchError(NewscrawlError):
    """A page that could not be fetched."""

    exit_code = Exit.NOTHING_FETCHED


class AlreadyRunning(NewscrawlError):
    """Another run of this source is active."""

    exit_code = Exit.ALREADY_RUNNING


class DeliveryError(NewscrawlError):
    """A message was not taken by whom it was sent to. `retry_after` is in how many seconds it may be tried again, if that was said."""

    exit_code = Exit.PARTLY_FAILED

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotBegun(NewscrawlError):
    """A source that was to be crawled and was not, or was cut off: no time was left, or the command was stopped."""

    exit_code = Exit.PARTLY_FAILED


class ArchiveError(NewscrawlError):
    """The archive cannot be read or written; everything already committed is whole."""

    exit_code = Exit.ARCHIVE_UNUSABLE


class LeaseLost(ArchiveError):
    """The run was closed by another program, which took it for dead: it may write nothing more."""

    exit_code = Exit.ALREADY_RUNNING


class StoreError(ArchiveError):
    """The database is locked, gone, full or damaged."""


class Unavailable(StoreError):
    """The database server is away or broke a transaction off: the same may succeed in a moment."""


class SchemaError(StoreError):
    """The database has another schema than this program."""


class WarcError(ArchiveError):
    """A WARC file cannot be written, or does not hold what the database says it holds."""
