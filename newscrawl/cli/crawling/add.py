"""`newscrawl add`: surveys an unknown site, shows what would be archived, writes its source (newscrawl/site_setup)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl import config
from newscrawl.cli.output import tables
from newscrawl.errors import AddressError, Exit, NewscrawlError, UsageError
from newscrawl.serialization import records
from newscrawl.urls import absolute, host_of
from newscrawl.wording import counted

if TYPE_CHECKING:
    from newscrawl.site_setup.source_file import Source
    from newscrawl.site_setup.survey import Survey


@click.command(
    "add",
    epilog=tables.examples(
        "newscrawl add https://paper.example",
        "newscrawl add https://paper.example --name paper --yes",
        "newscrawl add https://paper.example --json        survey only, for programs",
        "newscrawl add --from sites.opml --yes             many, from a list or a feed reader's OPML",
    ),
)
@click.argument("url", metavar="URL", required=False)
@click.option(
    "--from",
    "addresses",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Many sites: a list of addresses, one a line, or OPML.",
)
@click.option("--name", help="The source's name; by default taken from the host.")
@click.option("--yes", is_flag=True, help="Write the source without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as one JSON object.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder of the new file.",
)
def add(
    url: str | None,
    addresses: Path | None,
    name: str | None,
    yes: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    r"""Write a source file for a news site: find its feeds, sitemaps, listings and the pattern of its article addresses.

    About forty requests are sent, one a second, and robots.txt is obeyed. Ten articles are shown as they
    would be archived; then the source file is written to the folder `spiders` of the working directory
    (in a checkout: newscrawl/spiders), where every command finds it.

    \b
    Exit codes: 0 all right; 2 usage; 3 nothing could be fetched (no answer, a challenge, robots.txt);
    6 nothing usable: no articles found, or most of those tried could not be read.
    """
    if (url is None) == (addresses is None):
        raise UsageError("name one address, or a file of them with --from")
    if addresses is not None:
        if name is not None:
            raise UsageError("--name goes with one address")
        sys.exit(_add_many(addresses, yes=yes, as_json=as_json, out=out))
    assert url is not None
    _add_one(url, name, yes=yes, as_json=as_json, out=out)


def _add_many(file: Path, *, yes: bool, as_json: bool, out: Path | None) -> int:
    """Surveys each address of a file in a process of its own, one after the other; the worst exit code of all."""
    from newscrawl.site_setup.site_lists import addresses_of

    codes = []
    found = addresses_of(file)
    for number, address in enumerate(found, 1):
        tables.note(f"newscrawl: {number} of {len(found)}: {address}")
        words = [
            *(["--yes"] if yes else []),
            *(["--json"] if as_json else []),
            *(["--out", str(out)] if out is not None else []),
        ]
        # A process each: Scrapy's reactor runs once, and a site that breaks its survey fails alone.
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "newscrawl", "add", *words, "--", address], check=False
        )
        codes.append(done.returncode)
    bad = len([code for code in codes if code])
    tables.note(f"newscrawl: {len(codes) - bad} of {len(codes)} addresses went well")
    return max(codes, default=int(Exit.OK))


def _add_one(url: str, name: str | None, *, yes: bool, as_json: bool, out: Path | None) -> None:
    from newscrawl.site_setup import source_file
    from newscrawl.site_setup.survey import survey

    settings = config.load()
    address = _address(url)
    chosen = source_file.check_name(name if name is not None else source_file.source_name(host_of(address)))
    path = source_file.folder(out) / f"{source_file.module_name(chosen)}.py"
    _check_free(chosen, path, host_of(address), named=name is not None)
    try:
        found = survey(address, settings, on_request=_show_address)
    except NewscrawlError as error:
        if error.exit_code == Exit.NOTHING_FETCHED and "://" not in url and not error.hint:
            error.hint = f"https was assumed; if it speaks http, write http://{url.strip()}"
        raise
    source = source_file.source_of(chosen, found)
    text = source_file.source_text(source)
    if not as_json:
        tables.print_lines(_report(found, text, tables.terminal_width()))
    written = False
    if found.works and (yes or (not as_json and _confirmed(path))):
        source_file.write(text, path)
        written = True
    if as_json:
        tables.write_json([_as_json(found, source, path if written else None)])
    elif written:
        print(f"\nWritten: {tables.safe(str(path))}")
        _print_next_step(chosen, path)
    elif found.works:
        print("\nNothing was written. --yes writes it.")
    if not found.works:
        tables.note(
            f"newscrawl: {found.url}: most of the pages tried cannot be read as articles, so no source was written. "
            f"Write one by hand: docs/adding-a-source.md"
        )
        sys.exit(int(Exit.SOURCE_BROKEN))


def _address(url: str) -> str:
    """The absolute address; `https://` is added to a bare host. Raises AddressError."""
    text = url.strip()
    try:
        return absolute(text)
    except AddressError:
        if (
            "://" in text
            or ":" in text.partition("/")[0].rpartition("@")[0]
            or "." not in text.partition("/")[0]
        ):
            if "://" not in text and text and " " not in text:
                raise AddressError(
                    "not a web address",
                    subject=text,
                    hint=f"Write it in full: http://{text} or https://{text}",
                ) from None
            raise
        return absolute(f"https://{text}")


def _check_free(name: str, path: Path, host: str, *, named: bool) -> None:
    """Raises UsageError if the name, the file or the host is already in use; called before anything is fetched."""
    from newscrawl.cli.crawling.sources import spiders

    known = spiders()
    if path.exists():
        raise UsageError("exists already and is left as it is", subject=str(path), hint="Take another --name")
    for one in known:
        hosts = {(at or "").removeprefix("www.") for _, at in one.editions}
        if not named and host.removeprefix("www.") in hosts:
            raise UsageError(
                f"{host} is a source already", subject=one.name, hint=f"Crawl it: newscrawl crawl {one.name}"
            )
        if one.name == name:
            raise UsageError("there is a source of this name", subject=name, hint="Take another --name")


def _confirmed(path: Path) -> bool:
    if not sys.stdin.isatty():
        return False
    return click.confirm(f"\nWrite {tables.safe(str(path))}?", default=False)


def _report(found: Survey, text: str, width: int | None) -> Iterator[str]:
    from newscrawl.site_setup.preview import GOOD

    columns = width or 100
    summary = f"{found.outlet}, {found.url}: {', '.join(found.seen)}; {counted(found.requests, 'request')}"
    yield from tables.wrap(tables.safe(summary), columns)
    yield ""
    headings = ("PUBLISHED", "WORDS", "TYPE", "SURE", "AUTHORS", "TITLE", "DOUBTS")
    yield from tables.table(headings, (_row(one) for one in found.trials), width=width)
    good = sum(one.confidence >= GOOD for one in found.trials)
    yield ""
    yield f"{good} of {len(found.trials)} pages tried are articles that are read well."
    for note in found.notes:
        yield from tables.fact("Note", tables.safe(note), columns)
    yield ""
    for line in text.splitlines():
        yield "  " + "".join(c if c.isprintable() else "\ufffd" for c in line)


def _row(one: Any) -> tuple[object, ...]:
    article = one.article
    if article is None:
        return ("", "", "", f"{one.confidence:.2f}", "", tables.fit(one.url, 60), "; ".join(one.doubts))
    authors = ", ".join(author.name for author in article.authors[:2])
    return (
        article.published.strftime("%Y-%m-%d %H:%M") if article.published else "",
        str(len(article.body.split())),
        article.page_type.value,
        f"{one.confidence:.2f}",
        tables.fit(tables.safe(authors), 24),
        tables.fit(tables.safe(article.title or one.url), 48),
        "; ".join(one.doubts),
    )


def _as_json(found: Survey, source: Source, path: Path | None) -> dict[str, Any]:
    """The object that `--json` prints."""
    from dataclasses import asdict

    return {
        "name": source.name,
        "url": found.url,
        "outlet": found.outlet,
        "zone": found.zone,
        "editions": [{key: value for key, value in asdict(one).items() if value} for one in found.editions],
        "listed_path": found.listed_path,
        "claimed_path": found.claimed_path,
        "identity_path": found.identity_path,
        "stop_headings": found.stop_headings,
        "works": found.works,
        "preview": [
            {
                "url": one.url,
                "title": one.article.title if one.article else None,
                "published": records.instant(one.article.published) if one.article else None,
                "authors": [author.name for author in one.article.authors] if one.article else [],
                "words": len(one.article.body.split()) if one.article else 0,
                "page_type": one.article.page_type.value if one.article else None,
                "confidence": one.confidence,
                "doubts": one.doubts,
            }
            for one in found.trials
        ],
        "notes": found.notes,
        "requests": found.requests,
        "file": str(path) if path is not None else None,
    }


def _print_next_step(name: str, path: Path) -> None:
    from importlib import invalidate_caches

    from newscrawl.cli.crawling.sources import spiders

    invalidate_caches()  # the folder may have been created with the file
    if any(one.name == name for one in spiders()):
        print(f"Try it:  newscrawl crawl {name} --limit 20")
    else:
        print(
            f"It is loaded where its folder is called `spiders`: run newscrawl in {tables.safe(str(path.parent.absolute().parent))}"
        )


def _show_address(address: str) -> None:
    if sys.stderr.isatty():
        click.echo(
            f"\r\033[K{tables.fit(tables.safe(address), shutil.get_terminal_size().columns - 1)}",
            nl=False,
            err=True,
        )
