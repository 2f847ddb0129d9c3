"""`newscrawl search`: finds words in everything the archive holds, overwritten and removed texts included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from newscrawl import config
from newscrawl.cli.options import check_range, options
from newscrawl.cli.output import tables
from newscrawl.cli.reading.matching import open_search, say_waiting
from newscrawl.model import State
from newscrawl.model.search import SearchHit, SearchResult
from newscrawl.serialization import records
from newscrawl.wording import counted, instant, stated

_SCREEN = 10  # articles unless told otherwise
_MOST = 2000  # articles with --limit 0: what is ranked
_TEXT_WIDTH = 100
_INDENT = "    "


@click.command(
    "search",
    epilog=tables.examples(
        "newscrawl search акимат тендер",
        "newscrawl search '\"сметная стоимость\" author:Ахметова after:2026-01'",
        "newscrawl search 'министр -спорт changed:numbers'",
        "newscrawl search 'state:removed lang:kk' --json",
    ),
)
@click.argument("words", nargs=-1, metavar="WORDS…")
@click.option(
    "--by-date", is_flag=True, help="Newest first; otherwise what has the words in its headline comes sooner."
)
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Leave the first N out.")
@click.option(
    "--update", is_flag=True, help="Only put into the index what was archived since it was filled last."
)
@click.option("--rebuild", is_flag=True, help="Only make the index anew.")
@options("source", "edition", "since", "until", "limit", "json")
def search(
    words: Sequence[str],
    *,
    by_date: bool,
    offset: int,
    update: bool,
    rebuild: bool,
    as_json: bool,
    limit: int | None,
    **conditions: Any,
) -> None:
    """Find articles by their words, in every version the archive holds: also in texts that were overwritten or removed.

    All words must stand in one version, in any of their forms. "Words in quotes" stand one behind the other, -word must
    not be there, one OR another is enough, begin* stands for every word that begins so. Filters: author:, title:, source:, edition:,
    lang:, after: and before: (2026-04-10, 2026-04, 10.04.2026, 7d), state: (live, suspected, removed), changed: (yes, or
    a kind of edit).

    An article is shown once, with the newest of its versions that has the words, and since when they are gone.
    """
    check_range(conditions["since"], conditions["until"])
    if update or rebuild:
        _fill(rebuild)
        return
    from newscrawl.search.query import as_filters
    from newscrawl.search.searching import Order, search as find

    order = Order.DATE if by_date else Order.RELEVANCE
    asked = " ".join([*words, *as_filters(**conditions)])
    with open_search() as store:
        found = find(
            store,
            asked,
            now=config.load().clock(),
            limit=limit or (_SCREEN if limit is None else _MOST),
            offset=offset,
            order=order,
        )
    if as_json:
        tables.write_json(map(records.hit, found.hits))
    else:
        width = min(tables.terminal_width() or _TEXT_WIDTH, _TEXT_WIDTH)
        tables.print_lines(
            _lines(found.hits, width, colour=tables.terminal_width() is not None and config.colours())
        )
    _say(found, offset)


def _fill(rebuild: bool) -> None:
    from newscrawl.search.indexing import update
    from newscrawl.store.search.store import SearchStore

    number = 0

    def counted_up(more: int) -> None:
        nonlocal number
        number += more

    with SearchStore(config.load().database_url, write=True) as store:
        if rebuild:
            store.index.reset()
        update(store, progress=counted_up)
        size = store.index.size()
    tables.say(f"{counted(number, 'version')} put in; the index holds {size:,}.")


def _lines(hits: Sequence[SearchHit], width: int, *, colour: bool) -> Iterator[str]:
    for number, hit in enumerate(hits):
        if number:
            yield ""
        when = stated(hit.published, hit.published_precision) or f"first seen {instant(hit.at)}"
        yield f"{hit.article_id}  {tables.safe(f'{hit.source}/{hit.edition}')}  {when}{_state(hit)}"
        yield from (
            _INDENT + line
            for line in tables.wrap(tables.safe(hit.title) or "(no title)", width - len(_INDENT))
        )
        if hit.gone_since is not None:
            yield f"{_INDENT}version {hit.version} of {hit.versions}; no longer there since {instant(hit.gone_since)}"
        yield from (_INDENT + line for line in _snippet(hit, width - len(_INDENT), colour))


def _state(hit: SearchHit) -> str:
    words = "" if hit.state is State.LIVE else f"  {hit.state.value}"
    return f"{words}  unreadable" if hit.unreadable_since is not None else words


def _snippet(hit: SearchHit, width: int, colour: bool) -> list[str]:
    """The piece of text; what was asked for is bold on a terminal, and stands between asterisks elsewhere."""
    start, end = ("\x1b[1m", "\x1b[0m") if colour else ("*", "*")
    marked = "".join(
        f"\ue000{tables.plain(text)}\ue001" if is_word else tables.plain(text)
        for text, is_word in hit.snippet
    )
    lines = tables.wrap(marked, width)
    inside, result = False, []
    for line in lines:
        opened = start if inside else ""
        inside = (
            line.rfind("\ue000") > line.rfind("\ue001") if "\ue000" in line or "\ue001" in line else inside
        )
        result.append(opened + line.replace("\ue000", start).replace("\ue001", end) + (end if inside else ""))
    return result


def _say(found: SearchResult, offset: int) -> None:
    if not found.hits:
        tables.note("No article matches." if not offset else "No more.")
    elif found.more:
        tables.note("There are more: --offset and --limit show them")
    if found.cut:
        tables.note(
            "Only the latest matches were looked at: narrow the search with after:, before: or source:"
        )
    say_waiting(found.waiting)
