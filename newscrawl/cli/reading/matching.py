"""The options --match and --author, by which reading commands are narrowed to what holds certain words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import click

from newscrawl import config
from newscrawl.cli.output import tables
from newscrawl.errors import StoreError
from newscrawl.model.search import MOST_COUNTED
from newscrawl.wording import counted

if TYPE_CHECKING:
    from newscrawl.search.searching import Matched
    from newscrawl.store.search.store import SearchStore

_FRESHEN = 5.0  # seconds for what was archived since the index was filled last
_F = TypeVar("_F", bound=Callable[..., Any])


def match_options(command: _F) -> _F:
    """Adds --match and --author."""
    author = click.option(
        "--author", metavar="NAME", help="Only what this person signed, in any form of the name."
    )
    match = click.option(
        "--match",
        metavar="WORDS",
        help="Only what has these words in a version, as `newscrawl search` reads them.",
    )
    return match(author(command))


def matched(match: str | None, author: str | None) -> Matched | None:
    """The versions that answer both options, None where neither is given. Says where not everything was looked through."""
    if match is None and author is None:
        return None
    from newscrawl.search.searching import MOST_MATCHED, matched as find

    name = (author or "").replace('"', " ").strip()
    asked = " ".join(filter(None, (match, f'author:"{name}"' if author is not None else None)))
    with open_search() as store:
        found = find(store, asked, now=config.load().clock())
        say_waiting(store.behind(MOST_COUNTED + 1))
    if found.cut:
        tables.note(f"Only the latest {MOST_MATCHED:,} versions with these words were looked at")
    return found


def open_search() -> SearchStore:
    """The archive with its index, filled with what waits where that may be done."""
    from newscrawl.search.indexing import update
    from newscrawl.store.search.store import SearchStore

    url = config.load().database_url
    try:
        store = SearchStore(url, write=True)
    except StoreError:
        return SearchStore(url, write=False)
    try:
        with suppress(StoreError):  # somebody else fills it, or the disk is full: what is in it can be read
            update(store, seconds=_FRESHEN)
    except BaseException:
        store.close()
        raise
    return store


def say_waiting(number: int) -> None:
    """Says that there are versions which the index does not have yet: `number` of them, counted up to MOST_COUNTED + 1."""
    if number:
        many = f"more than {MOST_COUNTED:,} versions" if number > MOST_COUNTED else counted(number, "version")
        tables.note(f"{many} not looked through yet: newscrawl search --update")
