"""All errors of the program: what went wrong, with what, what to do about it, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Self


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


# What each code says of a run, for people.
MEANINGS = {
    Exit.OK: "all right",
    Exit.UNEXPECTED: "an unexpected error",
    Exit.USAGE: "wrong arguments or configuration",
    Exit.NOTHING_FETCHED: "nothing could be fetched",
    Exit.PARTLY_FAILED: "some editions or listings failed, or the run was stopped",
    Exit.ALREADY_RUNNING: "another run of this source is active",
    Exit.SOURCE_BROKEN: "the source looks broken",
    Exit.ARCHIVE_UNUSABLE: "the archive cannot be written or read",
}


def meaning(code: int) -> str:
    """An exit code in words; of one that is not ours the number alone."""
    return MEANINGS.get(Exit(code), "") if code in set(Exit) else ""


class NewscrawlError(Exception):
    """The base class of all errors this program raises on purpose.

    `message` is what happened, `subject` what it happened to (a path, an address, a source) and `hint` what to do
    about it. `str()` joins them into one line.
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
    """Wrong arguments or configuration; nothing was started."""

    exit_code = Exit.USAGE


class WrongArgument(UsageError):
    """A wrong value of an argument of a spider: `-a since=…` for Scrapy, an option (`--since …`) for `newscrawl`."""

    def __init__(self, name: str, value: str | None, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, subject=name if value is None else f"{name}={value}", hint=hint)
        self._name, self._value = name, value

    def as_option(self) -> Self:
        """The same, naming the option."""
        self.subject = f"--{self._name}" if self._value is None else f"--{self._name} {self._value}"
        return self


class UnknownSource(UsageError):
    """No spider has this name."""


class NotFound(UsageError):
    """The archive has no such article, version or run."""


class AddressError(NewscrawlError):
    """Not a web address, or one that must not be followed."""

    exit_code = Exit.USAGE


class PageError(NewscrawlError):
    """Bytes that cannot be parsed as the document they claim to be."""


class FetchError(NewscrawlError):
    """A page that could not be fetched."""

    exit_code = Exit.NOTHING_FETCHED


class AlreadyRunning(NewscrawlError):
    """Another run of this source is active."""

    exit_code = Exit.ALREADY_RUNNING


class DeliveryError(NewscrawlError):
    """The service refused a message. `retry_after` is in how many seconds to try again, if it said so."""

    exit_code = Exit.PARTLY_FAILED

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotBegun(NewscrawlError):
    """A crawl that was not started or was cut off, because no time was left or the command was stopped."""

    exit_code = Exit.PARTLY_FAILED


class ArchiveError(NewscrawlError):
    """The archive cannot be read or written; everything committed before is intact."""

    exit_code = Exit.ARCHIVE_UNUSABLE


class LeaseLost(ArchiveError):
    """Another program considered the run dead and closed it, so it may not write any more."""

    exit_code = Exit.ALREADY_RUNNING


class StoreError(ArchiveError):
    """The database is locked, missing, full or damaged."""


class Unavailable(StoreError):
    """The database server is unavailable or aborted a transaction; a retry may succeed."""


class SchemaError(StoreError):
    """The database has another schema than this program."""


class WarcError(ArchiveError):
    """A WARC file cannot be written, or does not contain what the database says."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known: the one that is most like it, else all there are."""
    from difflib import get_close_matches

    names = sorted(known)
    folded = {one.casefold(): one for one in names}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.7)
    if close:
        return f"Did you mean {folded[close[0]]}?"
    return f"Known are {', '.join(names)}" if len(names) <= 40 else "There is none like it"
