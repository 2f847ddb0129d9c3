"""`newscrawl diff`: prints the difference of two versions of an article, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from newscrawl import config
from newscrawl.cli.options import find, open_archive, options
from newscrawl.cli.output import tables
from newscrawl.cli.output.differences import difference
from newscrawl.errors import NotFound, UsageError
from newscrawl.model import Content, LifeRecord, VersionRecord
from newscrawl.serialization import history
from newscrawl.wording import instant

_TEXT_WIDTH = 100


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
    green; elsewhere, and with NO_COLOR set, they are marked [-…-] and {+…+}.
    """
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
    old, new = _chosen(versions, one, other)
    before, after = Content.of(old.article), Content.of(new.article)
    follows = new.number == old.number + 1
    kinds = new.kinds if follows else classify.kinds(before, after)
    diffs = compare(before, after)
    if as_json:
        tables.write_json([history.difference(old, new, kinds, diffs)])
        return
    width = min(tables.terminal_width() or _TEXT_WIDTH, _TEXT_WIDTH)
    colour = tables.terminal_width() is not None and not plain and config.colours()
    tables.print_lines(_head(life, old, new, width))
    tables.print_lines(_changed(old, new, [kind.value for kind in kinds], width))
    tables.print_lines(difference(diffs, width=width, colour=colour, context=context))
    if not diffs:
        tables.print_lines(["", "To a reader both say the same; they differ in typesetting alone."])


def _chosen(
    versions: Sequence[VersionRecord], one: str | None, other: str | None
) -> tuple[VersionRecord, VersionRecord]:
    if one is None:
        return versions[-2], versions[-1]
    old, new = _version(versions, one), _version(versions, other or "last")
    if old.number == new.number:
        raise UsageError(
            f"version {old.number} is compared with itself", hint="Name two versions, such as: first last"
        )
    return old, new


def _version(versions: Sequence[VersionRecord], text: str) -> VersionRecord:
    named = {"first": versions[0], "last": versions[-1]}.get(text.lower())
    if named is not None:
        return named
    found = next((version for version in versions if str(version.number) == text), None)
    if found is not None:
        return found
    subject = f"article {versions[0].article_id}"
    if text.isdecimal():
        raise NotFound(f"has no version {text[:20]}", subject=subject, hint=f"It has {len(versions)}")
    raise UsageError(f"{text[:40]!r} is no version", subject=subject, hint="Write a number, first or last")


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
