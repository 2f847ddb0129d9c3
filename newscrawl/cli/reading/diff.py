"""`newscrawl diff`: prints the difference of two versions of an article, word by word, and what changed beside the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from newscrawl import config, worker
from newscrawl.cli.options import find, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.output.differences import difference
from newscrawl.errors import ArchiveError
from newscrawl.model import Content, ExtractRules, LifeRecord, VersionRecord
from newscrawl.serialization import history
from newscrawl.urls import host_of
from newscrawl.wording import instant

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.judge.kinds.beside import BesideDiff

_TEXT_WIDTH = 100
_SECONDS = 20  # for reading two raw pages again
_LOADED = ("newscrawl.archiving.beside_pages",)


@click.command(
    "diff",
    epilog=tables.examples(
        "newscrawl diff 17",
        "newscrawl diff 17 first last --context 3",
        "newscrawl diff https://orda.kz/some-article-123456/ 2 3 --json",
    ),
)
@click.argument("reference", metavar="ID-or-URL")
@click.argument("one", metavar="[A]", required=False)
@click.argument("other", metavar="[B]", required=False)
@click.option(
    "--context",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Unchanged paragraphs shown around each change.",
)
@click.option(
    "--plain", is_flag=True, help="Print [-removed-] and {+added+} instead of colours, also on a terminal."
)
@options("json")
def diff(
    reference: str, one: str | None, other: str | None, *, context: int, plain: bool, as_json: bool
) -> None:
    """Show what changed between two versions of an article, word by word.

    A and B are version numbers, `first` or `last`. Without them the last two versions are compared;
    with A alone, A and the last. On a terminal removed words are struck and red, added ones bold and
    green; elsewhere, and with NO_COLOR set, they are marked [-…-] and {+…+}. Pictures, captions, links and
    marks are compared in the raw pages, which are read again for it.
    """
    from newscrawl.judge.diff.chosen import chosen
    from newscrawl.judge.diff.differences import compare
    from newscrawl.judge.kinds import classify

    with open_archive() as reader:
        life = reader.life(find(reader, reference))
    versions = life.versions
    if one is None and len(versions) < 2:
        message = f"Article {life.article.id} has one version, so nothing to compare."
        if as_json:
            tables.note(message)
        else:
            tables.print_lines([message])
        return
    old, new = chosen(versions, one, other)
    before, after = Content.of(old.article), Content.of(new.article)
    follows = new.number == old.number + 1
    kinds = new.kinds if follows else classify.kinds(before, after)
    diffs = compare(before, after)
    aside, unknown = _beside(life, old, new)
    if not follows:
        kinds = (*kinds, *(one.kind for one in aside))
    if as_json:
        tables.write_json([history.difference(old, new, kinds, diffs, aside, unknown)])
        return
    width = min(tables.terminal_width() or _TEXT_WIDTH, _TEXT_WIDTH)
    colour = tables.terminal_width() is not None and not plain and config.colours()
    tables.print_lines(_head(life, old, new, width))
    tables.print_lines(_changed(old, new, [kind.value for kind in kinds], width))
    tables.print_lines(difference(diffs, width=width, colour=colour, context=context))
    is_beside = bool(aside) or any(kind.is_beside for kind in kinds)
    if is_beside:
        tables.print_lines(_aside(aside, unknown, width))
    if not diffs and not is_beside:
        tables.print_lines(["", "To a reader both say the same; they differ in typesetting alone."])


def _beside(
    life: LifeRecord, old: VersionRecord, new: VersionRecord
) -> tuple[tuple[BesideDiff, ...], str | None]:
    """What differs beside the text; or why that cannot be told, with what is stored of the changes that were recorded.

    The pages are read in a process of its own, because they may be hostile.
    """
    from newscrawl.archiving.beside_pages import Job, compare
    from newscrawl.cli.crawling.sources import rules_by_edition, rules_by_host
    from newscrawl.judge.kinds.beside import pictures

    root = config.load().warc
    found: tuple[BesideDiff, ...] | str = _unread(root, (old, new))
    if not found:
        record = life.article
        assert old.capture is not None
        assert new.capture is not None
        rules = rules_by_edition().get((record.source, record.edition))
        rules = rules or rules_by_host().get(host_of(new.capture.url)) or ExtractRules()
        job = Job(root, old.capture, new.capture, rules)
        limits = worker.Limits(_SECONDS)
        ((_, result),) = worker.results(compare, [job], workers=1, limits=limits, load=_LOADED)
        found = result.reason if isinstance(result, worker.Aborted) else result
    if isinstance(found, str):
        recorded = new.kinds if new.number == old.number + 1 else ()
        stored = pictures(old.article.images, new.article.images)
        return tuple(one for one in stored if one.kind in recorded), found
    return found, None


def _unread(root: Path, versions: Sequence[VersionRecord]) -> str:
    """Why a raw page cannot be read; empty if all can: what cannot needs no process."""
    from newscrawl.warc import read_body

    try:
        for version in versions:
            if version.capture is None:
                return f"no raw response of version {version.number} was kept"
            read_body(root, version.capture)
    except ArchiveError as error:
        return f"a raw page cannot be read: {error}"
    return ""


def _aside(aside: Sequence[BesideDiff], unknown: str | None, width: int) -> Iterator[str]:
    """The lines of what differs beside the text: what went, then what came."""
    yield ""
    yield "BESIDE THE TEXT"
    for one in aside:
        for sign, texts in (("-", one.removed), ("+", one.added)):
            for text in texts:
                lines = tables.wrap(tables.safe(f"{one.kind.value}: {text}"), width - 2)
                yield from (f"{sign if number == 0 else ' '} {line}" for number, line in enumerate(lines))
    if unknown is not None:
        yield from tables.wrap(tables.safe(f"It cannot be told in full: {unknown}."), width)


def _seen_before(life: LifeRecord, version: VersionRecord) -> datetime | None:
    """The last observation that still found the version before this one."""
    observations = (
        observation.at
        for observation in life.observations
        if observation.version is not None and observation.at < version.at
    )
    return max(observations, default=None)


def _head(life: LifeRecord, old: VersionRecord, new: VersionRecord, width: int) -> Iterator[str]:
    record = life.article
    later = max(old, new, key=lambda version: version.number)
    before = _seen_before(life, later)
    yield from tables.wrap(tables.safe(record.article.title) or "(no title)", width)
    yield ""
    yield from tables.fact("article", f"{record.id} ({record.source}/{record.edition})", width)
    yield from tables.fact("address", tables.safe(record.url), width)
    for version in (old, new):
        seen = [observation.at for observation in life.observations if observation.version == version.number]
        last = f", last at {instant(max(seen))}" if len(seen) > 1 else ""
        yield from tables.fact(
            f"version {version.number}", f"first seen at {instant(version.at)}{last}", width
        )
    if before is not None:
        window = f"between the checks at {instant(before)} and {instant(later.at)}"
        yield from tables.fact("edited", f"version {later.number} {window}", width)


def _changed(old: VersionRecord, new: VersionRecord, kinds: Sequence[str], width: int) -> Iterator[str]:
    yield from tables.fact("changed", ", ".join(kinds) or "nothing to a reader", width)
    if new.returns_to and new.number > old.number:
        yield from tables.fact("", f"says again what version {new.returns_to} said", width)
