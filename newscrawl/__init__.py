"""newscrawl keeps the whole life of every news article; from Python: `open` reads an archive, `extract` reads one page.

Nothing else is loaded by importing it (docs/python.md).
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from os import PathLike
    from typing import Any

    from newscrawl.api import Archive
    from newscrawl.model import Article

__version__ = "0.1.0"
__all__ = ["__version__", "as_dict", "extract", "open"]


def open(  # noqa: A001 - newscrawl.open, as in gzip.open
    archive: str | PathLike[str] | None = None, *, home: str | PathLike[str] | None = None
) -> Archive:
    """An archive for reading: its folder, its SQLite file or a database address; None: the configured one.

    `home` is the folder whose `warc` has the raw responses, where `archive` does not say it (PostgreSQL). Use it as a
    context manager, or call close(). Nothing is ever written. Raises SchemaError where there is no archive or it is of
    another version of the program, StoreError where the database cannot be reached (newscrawl.errors).
    """
    from newscrawl.api import open_archive

    return open_archive(archive, home)


def extract(html: str | bytes, url: str, *, fetched_at: datetime | None = None) -> Article:
    """The article on a page; `page_type` and `reason` say what a page is that has none.

    `fetched_at` is aware and says what "today" means on the page and which dates lie ahead; None: now. Whatever
    stands on the page raises no error. Raises ValueError for a naive `fetched_at`.
    """
    from newscrawl.api import extract_page

    return extract_page(html, url, fetched_at)


def as_dict(record: object) -> dict[str, Any]:
    """A record of an archive, or an extracted article, as the JSON object with the keys that commands and exports write.

    Raises TypeError for anything else.
    """
    from newscrawl.api import as_object

    return as_object(record)


class _Extract(ModuleType):
    """The package `newscrawl.extract`, which can be called like the function whose name it takes once it is loaded."""

    def __call__(self, html: str | bytes, url: str, *, fetched_at: datetime | None = None) -> Article:
        from newscrawl.api import extract_page

        return extract_page(html, url, fetched_at)


class _Package(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        if name == "extract" and isinstance(value, ModuleType):
            value.__class__ = _Extract
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
