"""Reads saved pages for `newscrawl extract`: files, plain or gzipped, up to the size limit of a crawl."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from newscrawl.errors import Exit, PageError
from newscrawl.inputs import open_input

MAX_BYTES = 16 * 1024 * 1024  # the largest page; the same limit as in a crawl


class PageFileError(PageError):
    """A file that holds no readable page."""

    exit_code = Exit.NOTHING_FETCHED


def read_page(path: Path) -> bytes:
    """Reads a saved page; a file whose first bytes say gzip is unpacked.

    Raises PageFileError for a file that cannot be read, is broken gzip, or holds more than 16 MB.
    """
    try:
        with open_input(path) as file:
            packed = file.peek(2)[:2] == b"\x1f\x8b"
            if packed:
                with gzip.open(file) as unpacked:
                    body = unpacked.read(MAX_BYTES + 1)
            else:
                body = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        # gzip's own errors are OSErrors; ValueError is a NUL in the path.
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise PageFileError(f"cannot be read: {why}", subject=str(path)) from error
    if len(body) > MAX_BYTES:
        raise PageFileError("larger than 16 MB", subject=str(path))
    return body


def file_address(path: Path) -> str:
    """The file: address of a page whose own address is not known."""
    return path.absolute().as_uri()
