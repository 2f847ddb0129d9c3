"""`newscrawl config`: every setting, its value, and what set it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from newscrawl.cli.output import tables
from newscrawl.config import FILE, Config, load
from newscrawl.errors import UnknownSource, did_you_mean


@click.command(
    "config",
    epilog=tables.examples(
        "newscrawl config",
        "newscrawl config orda                  as it holds for this source",
        "newscrawl config --all --json          Scrapy's own defaults as well",
    ),
)
@click.argument("source", required=False, metavar="[SOURCE]")
@click.option("--all", "everything", is_flag=True, help="Scrapy's own settings as well.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def config(source: str | None, everything: bool, as_json: bool) -> None:
    """Show every setting, its value, and what set it: an environment variable, newscrawl.toml, a source file, or the default.

    A password in an address is not shown. An option of a command (`-s NAME=VALUE`) wins over all of these.
    """
    found = load()
    rows = [*_own(found), *_scrapy(found, source, everything=everything)]
    if as_json:
        tables.write_json(
            {"name": name, "value": _plain(value), "from": set_by} for name, value, set_by in rows
        )
        return
    shown = ((name, set_by, _text(value)) for name, value, set_by in rows)
    tables.print_lines(tables.table(("SETTING", "FROM", "VALUE"), shown, width=tables.terminal_width()))


def _own(found: Config) -> Iterator[tuple[str, Any, str]]:
    """The keys of newscrawl.toml."""
    from newscrawl.store.errors import masked

    set_by = found.set_by
    values: dict[str, Any] = {
        "home": str(found.home),
        "database_url": masked(found.database_url),
        "contact": found.contact,
        "now": found.clock().isoformat(timespec="seconds"),
        "backlog": found.backlog,
        "warc_size": found.warc_size,
        "browser": str(found.browser) if found.browser else None,
        "log_file": str(found.log_file) if found.log_file else None,
        "reader_url": found.reader_url,
        "reader_token": "***" if found.reader_token else None,
        "timestamp_authority": found.timestamp_authority,
        "timestamp_ca": str(found.timestamp_ca) if found.timestamp_ca else None,
        "notify": [_receiver(table) for table in found.notify],
        "notify_after_crawl": found.notify_after_crawl,
    }
    for part in ("unchanged", "listings", "unreferenced"):
        span = found.prune.get(part)
        values[f"prune_{part}"] = f"{span.days}d" if span else None
    for name, value in values.items():
        yield name, value, set_by[name]


def _scrapy(found: Config, source: str | None, *, everything: bool) -> Iterator[tuple[str, Any, str]]:
    """Ours of Scrapy's settings, what newscrawl.toml adds, and for a source what its file says."""
    from newscrawl import settings
    from newscrawl.crawl.loader import check_tables, load as load_sources

    if found.scrapy_of:
        check_tables(found, *load_sources(["newscrawl.spiders"]))
    names = settings.known if everything else settings.own
    rows = {
        name: (value, "newscrawl" if name in settings.own else "Scrapy")
        for name, value in settings.known.items()
        if name in names or name in found.scrapy
    }
    for name, value in settings.given(found).items():
        rows[name] = (value, f"{FILE}: [scrapy]")
    if source is not None:
        for name, value in _of_the_file(source).items():
            rows[name] = (value, f"source file of {source}")
        for name, value in found.scrapy_of.get(source, {}).items():
            rows[name] = (settings.merged(name, value), f"{FILE}: [scrapy.{source}]")
    for name in sorted(rows):
        yield name, *rows[name]
    if source is None:
        for one, table in sorted(found.scrapy_of.items()):
            for name, value in sorted(table.items()):
                yield f"{name} of {one}", value, f"{FILE}: [scrapy.{one}]"


def _of_the_file(source: str) -> Mapping[str, Any]:
    from newscrawl.cli.crawling.sources import classes

    known = {spider.name: spider for spider in classes()}
    if source not in known:
        raise UnknownSource("no such source", subject=source, hint=did_you_mean(source, known))
    return known[source].custom_settings or {}


def _receiver(table: Any) -> str:
    """A receiver of alerts without its addresses, which are secrets."""
    return f"{table.get('name', '?')} ({table.get('kind', '?')})" if isinstance(table, dict) else "?"


def _plain(value: Any) -> Any:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return str(value)
    return value


def _text(value: Any) -> str:
    if value is None or value in ([], {}):
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return str(value if not isinstance(value, Path) else value.as_posix())
