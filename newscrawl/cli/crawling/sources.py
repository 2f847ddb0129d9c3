"""The registered spiders, and `newscrawl sources`: lists each edition with its articles and its last run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from newscrawl import config
from newscrawl.cli.options import options
from newscrawl.cli.output import tables
from newscrawl.model import ExtractRules, RunRecord, SourceRecord
from newscrawl.serialization import records as serialized
from newscrawl.wording import instant


@dataclass(frozen=True, slots=True)
class Spider:
    """What a spider class declares: its name, its outlet, and the name and host of each edition."""

    name: str
    outlet: str | None
    editions: tuple[tuple[str, str | None], ...]


@click.command("sources", epilog=tables.examples("newscrawl sources", "newscrawl sources --json"))
@options("json")
def sources(*, as_json: bool) -> None:
    """List the sources that can be crawled, with editions, hosts, number of articles and the last run.

    The last run is that of the whole source. Also works before the first crawl.
    """
    from newscrawl.store.read.reader import archive_exists, open_reader

    url = config.load().database_url
    records: list[SourceRecord] = []
    if archive_exists(url):
        with open_reader(url) as reader:
            records = reader.sources()
    found = combine(spiders(), records)
    if as_json:
        tables.write_json(found)
        return
    headings = ("SOURCE", "EDITION", "HOST", "ARTICLES", "NEWEST", "LAST RUN")
    tables.print_lines(tables.table(headings, map(_row, found), width=tables.terminal_width()))


def spiders() -> list[Spider]:
    """What the spider classes declare, sorted by name."""
    found: dict[str, Spider] = {}
    for spider in classes():
        editions = tuple((e.name, e.host) for e in getattr(spider, "editions", ()))
        name = str(vars(spider).get("name") or "")
        if name:
            found[name] = Spider(name, getattr(spider, "outlet", None), editions)
    return [found[name] for name in sorted(found)]


def say_if_new(name: str, url: str) -> None:
    """Prints a note if the source is new, because a misspelled name would create a source."""
    from difflib import get_close_matches

    from newscrawl.store.read.reader import archive_exists, open_reader

    known = {spider.name for spider in spiders()}
    if archive_exists(url):
        with open_reader(url) as reader:
            known |= {record.source for record in reader.sources()}
    if name not in known:
        near = get_close_matches(name, sorted(known), n=1)
        meant = f". Did you mean {near[0]}?" if near else ""
        tables.note(f"newscrawl: new source {name}: no spider and no article has this name{meant}")


def rules_by_host() -> dict[str, ExtractRules]:
    """The extraction rules of each source by host; where editions share a host, those of the main edition."""
    return {
        host: spider.rules(edition.name)
        for spider in classes()
        for edition in sorted(getattr(spider, "editions", ()), key=lambda e: not e.sections)
        for host in edition.hosts
    }


def rules_by_edition() -> dict[tuple[str, str], ExtractRules]:
    """The extraction rules of each source by source and edition."""
    return {
        (spider.name, edition.name): spider.rules(edition.name)
        for spider in classes()
        for edition in getattr(spider, "editions", ())
    }


def classes() -> Iterator[Any]:
    """The spider classes of the sources; prints a note for a file that cannot be used: it must not hide the others."""
    from newscrawl.crawl.loader import load, of_file

    found, broken = load(["newscrawl.spiders"])
    for module, why in broken.items():
        tables.note(f"newscrawl: {of_file(module)} cannot be used: {why}")
    yield from found.values()


def combine(known: Iterable[Spider], records: Sequence[SourceRecord]) -> list[dict[str, Any]]:
    """One JSON object an edition: what the spiders declare and what the archive holds, also for sources without a spider."""
    archived = {(record.source, record.edition): record for record in records}
    last_runs: dict[str, RunRecord | None] = {record.source: record.last_run for record in records}
    rows: list[tuple[str, str | None, str | None, str | None]] = [
        (spider.name, edition, spider.outlet, host)
        for spider in known
        for edition, host in (spider.editions or ((None, None),))
    ]
    named = {(name, edition) for name, edition, _, _ in rows}
    crawlable = {name for name, _, _, _ in rows}
    # A source whose crawls found nothing has no edition in the archive; its spider names them.
    rows += [
        (record.source, record.edition, None, None)
        for record in records
        if (record.source, record.edition) not in named
        and (record.edition is not None or record.source not in crawlable)
    ]
    result = []
    for name, edition, outlet, host in rows:
        found = archived.get((name, edition)) or SourceRecord(name, edition, 0, None, last_runs.get(name))
        result.append(serialized.source(found, outlet, host))
    return result


def _row(value: dict[str, Any]) -> tuple[object, ...]:
    run = value["last_run"]
    return (
        value["source"],
        value["edition"],
        value["host"],
        value["articles"],
        _moment(value["newest"]),
        "never" if run is None else _ended(run),
    )


def _ended(run: dict[str, Any]) -> str:
    if run["finished"] is None:
        return f"{_moment(run['started'])}, not finished"
    end = "all right" if run["exit_code"] == 0 else f"exit {run['exit_code']}: {run['reason']}"
    return f"{_moment(run['started'])}, {end}"


def _moment(text: str | None) -> str:
    from datetime import datetime

    return instant(datetime.fromisoformat(text)) if text else ""
