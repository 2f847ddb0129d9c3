"""Problems that `newscrawl verify` can find between the database and the raw responses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProblemKind(StrEnum):
    """Ways in which an archive can disagree with itself (docs/operations.md says what to do for each)."""

    FILE_MISSING = "file_missing"  # captures refer to a file that is not there
    FILE_UNREADABLE = "file_unreadable"  # it is there and cannot be opened or read
    FILE_SHORT = "file_short"  # it ends before records that captures refer to
    FILE_DAMAGED = "file_damaged"  # bytes in the middle are not a record; no capture refers to them
    RECORD_DAMAGED = "record_damaged"  # a capture's record is torn or its gzip checksum is wrong
    RECORD_MISSING = "record_missing"  # no record begins where a capture says
    RECORD_DIFFERS = (
        "record_differs"  # another record, address, kind, status or instant than the capture says
    )
    DIGEST_WRONG = "digest_wrong"  # the bytes do not have this digest
    REVISIT_BROKEN = "revisit_broken"  # a repeated response whose original is missing or another one
    DATABASE_DAMAGED = "database_damaged"  # reported by the database itself
    REFERENCE_BROKEN = "reference_broken"  # a row refers to a missing row
    VERSION_MISSING = "version_missing"  # version numbers have a hole
    VERSION_UNCAPTURED = "version_uncaptured"  # a version without the response it was read from
    CONTENT_DIFFERS = "content_differs"  # a version's fields do not have its content hash
    ARTICLE_DIFFERS = "article_differs"  # an article's row and its newest version disagree
    REMOVAL_UNPROVEN = (
        "removal_unproven"  # the state is suspected or removed, the observations do not show it
    )
    STATE_DIFFERS = "state_differs"  # an article's state is not what the log and its observations say
    OBSERVATION_DIFFERS = "observation_differs"  # an observation says another answer than its capture holds
    WORDS_DIFFER = "words_differ"  # a version says what its raw response does not (verify --deep)
    ADDRESS_MISSING = "address_missing"  # an article that cannot be found by its own address
    LEAD_DIFFERS = "lead_differs"  # the state of a lead contradicts the archive
    LISTING_DIFFERS = "listing_differs"  # a listing's state is not that of its last read
    MANIFEST_DIFFERS = "manifest_differs"  # a closed file is not as it was when it was closed
    RUN_DIFFERS = "run_differs"  # a run counted other checks than are stored
    CHECK_MISSING = "check_missing"  # a response that no check and no read of a list names
    CHANGE_MISSING = "change_missing"  # a version that is not in the log of changes
    LOG_DAMAGED = "log_damaged"  # the files or checkpoints of the log are not those that were signed
    LOG_ROLLED_BACK = "log_rolled_back"  # database and log were not put back to the same moment
    ENTRY_DIFFERS = "entry_differs"  # a row, or a closed WARC file, is not what the log says
    NOT_IN_LOG = "not_in_log"  # a row that the program did not write


@dataclass(frozen=True, slots=True)
class Problem:
    """One disagreement: what kind, what it is about (a WARC file, "article 12"), and what was found.

    `offset` is the byte in the WARC file, `capture` and `article` are row ids; None where they do not apply.
    """

    kind: ProblemKind
    subject: str
    message: str
    offset: int | None = None
    capture: int | None = None
    article: int | None = None
