"""`newscrawl proof`: the log of everything recorded (proof/log.py): bring an archive in, show and compare checkpoints, prove a row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl import __version__, config
from newscrawl.cli.options import find, open_archive
from newscrawl.cli.output import tables
from newscrawl.cli.output.progress import Progress
from newscrawl.errors import Exit, NotFound, UsageError

if TYPE_CHECKING:
    from newscrawl.proof.log import Place
    from newscrawl.store.proof.book import Book

SECONDS = 600.0  # at most, for what one command has recorded; the next run enters the rest

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


@click.group(
    "proof",
    epilog=tables.examples(
        "newscrawl proof status",
        "newscrawl proof init",
        "newscrawl proof checkpoint > checkpoint-2026-05.txt",
        "newscrawl proof check checkpoint-2026-05.txt",
        "newscrawl proof prove 17",
        "newscrawl proof cosignatures https://other.example/proof --key NAME+HASH+KEY",
        "newscrawl proof timestamp --authority https://stamps.example/tsr",
    ),
)
def proof() -> None:
    """The log of everything that was recorded: nobody can change what it says without being found out.

    Every run adds what it recorded and signs a checkpoint. Give checkpoints to others, or publish them: whoever has
    an old one can tell whether the archive was rolled back, forked or edited since (docs/proof.md).
    """


@proof.command(
    "init", epilog=tables.examples("newscrawl proof init", "newscrawl proof init --origin press.example/orda")
)
@click.option(
    "--origin", metavar="NAME", help="What the log is called; a web address without https:// is usual."
)
@_json
def init(*, origin: str | None, as_json: bool) -> None:
    """Start the log, and bring in what the archive has from before it. Can be stopped; it goes on where it was.

    Where the database was put back to an earlier state, this says so in the log, and the log goes on.
    """
    from newscrawl.proof.log import bring_in, public_key
    from newscrawl.proof.notes import is_name

    if origin is not None and not is_name(origin):
        raise UsageError("no spaces, no +", subject=origin[:60])
    settings = config.load()
    with _open() as (book, place), Progress("entries") as progress:
        done = 0

        def step(number: int) -> None:
            nonlocal done
            done += number
            progress.at(done)

        added = bring_in(book, place, settings.clock, origin=origin, progress=step)
    key = public_key(place)
    values = {
        "entries": added.entries,
        "size": added.checkpoint.size if added.checkpoint else 0,
        "root": added.checkpoint.root if added.checkpoint else None,
        "key": key.vkey if key else None,
    }
    if as_json:
        tables.write_json([values])
        return
    tables.say(f"{added.entries:,} entries added; the log has {values['size']:,}")
    tables.say(f"public key: {values['key']}")


@proof.command("status", epilog=tables.examples("newscrawl proof status --json"))
@_json
def status(*, as_json: bool) -> None:
    """Show whose log it is, how long, when it was signed last, what waits to be entered, and who else saw it when."""
    from newscrawl.proof.log import public_key
    from newscrawl.proof.notes import Checkpoint, Note
    from newscrawl.proof.outside import cosigned, timestamps
    from newscrawl.proof.outside.witnessing import watched, witness_key

    with _open() as (book, place):
        last, waiting = book.last(), book.waiting()
        key, witness = public_key(place), witness_key(place)
    seen: list[dict[str, Any]] = [
        {"witness": by.witness.name, "key": by.witness.vkey, "size": one.size, "at": by.at.isoformat()}
        for one in cosigned.newest(place.folder)
        for by in one.by
    ]
    stamped = {one.authority: one for one in timestamps.tokens(place.folder)}  # the newest of each
    stamps: list[dict[str, Any]] = [
        {"authority": one.authority, "size": one.size, "at": one.at.isoformat(), "file": str(one.path)}
        for one in stamped.values()
    ]
    watching = [
        {"log": one.origin, "target": one.target, "size": one.seen.size if one.seen else 0}
        for one in watched(place)
    ]
    if last is None:
        raise NotFound("there is no log yet", hint="The next run starts it, or: newscrawl proof init")
    values = {
        "origin": Checkpoint.parse(Note.parse(last.note).text).origin,
        "size": last.size,
        "root": last.root,
        "at": last.at.isoformat(),
        "waiting": waiting,
        "key": key.vkey if key else None,
        "cosigned": seen,
        "stamped": stamps,
        "witness_key": witness.vkey if witness else None,
        "watching": watching,
    }
    if as_json:
        tables.write_json([values])
        return
    tables.print_lines(
        [
            f"log         {values['origin']}",
            f"entries     {last.size:,}",
            f"root        {last.root}",
            f"signed      {last.at:%Y-%m-%d %H:%M} UTC",
            f"waiting     {waiting:,}",
            f"public key  {values['key'] or 'not here'}",
            *(f"co-signed   {one['size']:,} entries, {_day(one['at'])}, by {one['witness']}" for one in seen),
            *(
                f"stamped     {one['size']:,} entries, {_day(one['at'])}, by {one['authority']}"
                for one in stamps
            ),
            *([f"as witness  {values['witness_key']}"] if witness else []),
            *(f"watches     {one['log']}: {one['size']:,} entries" for one in watching),
        ]
    )


def _day(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


@proof.command("checkpoint", epilog=tables.examples("newscrawl proof checkpoint > checkpoint.txt"))
def checkpoint() -> None:
    """Print the newest checkpoint as a signed note (c2sp.org/tlog-checkpoint), to be kept elsewhere."""
    with _open() as (book, _):
        last = book.last()
    if last is None:
        raise NotFound("there is no log yet", hint="The next run starts it, or: newscrawl proof init")
    click.echo(last.note, nl=False)


@proof.command(
    "check",
    epilog=tables.examples(
        "newscrawl proof check checkpoint-2026-05.txt", "newscrawl proof check theirs.txt ours.txt"
    ),
)
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", "vkey", metavar="KEY", help="The public key that must have signed; else one that the log names."
)
@_json
@click.pass_context
def check(ctx: click.Context, *, old: Path, new: Path | None, vkey: str | None, as_json: bool) -> None:
    """Compare a checkpoint from elsewhere with the log as it is now: was it rolled back, forked or edited since?

    With NEW two checkpoints are compared with each other by the tiles of this archive. Exit code 7 if they do not
    belong to one log that only grew.
    """
    from newscrawl.proof.compare import compare

    with _open() as (book, place):
        newer = new.read_bytes() if new is not None else None
        found = compare(book, place, old.read_bytes(), newer, names=(str(old), str(new)), vkey=vkey)
    if as_json:
        tables.write_json([asdict(found)])
    else:
        tables.say(found.message)
    ctx.exit(Exit.OK if found.ok else Exit.ARCHIVE_UNUSABLE)


@proof.command(
    "cosignatures",
    epilog=tables.examples(
        "newscrawl proof cosignatures https://other.example/proof --key NAME+HASH+KEY",
        "newscrawl proof cosignatures /mnt/other/archive/proof",
        "newscrawl proof cosignatures co-signed.txt",
    ),
)
@click.argument("target", metavar="FOLDER-FILE-or-URL")
@click.option(
    "--key",
    "vkey",
    metavar="KEY",
    help="The witness's public key, as newscrawl witness prints it; remembered.",
)
@_json
@click.pass_context
def cosignatures(ctx: click.Context, *, target: str, vkey: str | None, as_json: bool) -> None:
    """Take in what a witness has co-signed of this log: from its published folder, or a file that it sent.

    Only cosignatures of witnesses whose keys were given count. Exit code 7 if the checkpoint is none of this log, or none
    of them has co-signed it.
    """
    from newscrawl.proof.outside import cosigned

    settings = config.load()
    with _open() as (book, place):
        origin = cosigned.origin_of(book)
        data = cosigned.fetched(target, origin, settings.user_agent)
        if vkey is not None:
            cosigned.remember(place.folder, vkey)
        found = cosigned.take_in(book, place, data, settings.clock())
    values = {
        "ok": found.ok, "verdict": found.verdict, "message": found.message, "size": found.size,
        "witnesses": [one.witness.vkey for one in (*found.added, *found.known)],
    }  # fmt: skip
    if as_json:
        tables.write_json([values])
    else:
        tables.say(found.message)
    ctx.exit(Exit.OK if found.ok else Exit.ARCHIVE_UNUSABLE)


@proof.command(
    "timestamp",
    epilog=tables.examples(
        "newscrawl proof timestamp --authority https://stamps.example/tsr --ca root.pem",
        "newscrawl proof timestamp --daily       with timestamp_authority in newscrawl.toml",
    ),
)
@click.option("--authority", metavar="URL", help="The address of a time-stamping authority (RFC 3161).")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Its root certificate (PEM), if the machine does not know it.",
)
@click.option("--daily", is_flag=True, help="Ask only if there is no token of today.")
@_json
def timestamp(*, authority: str | None, ca: Path | None, daily: bool, as_json: bool) -> None:
    """Let an authority stamp the newest checkpoint: proof by whom nobody here can date anything back.

    The authority gets a hash, nothing else. Exit code 3 if it is away or its answer is not what was asked for: run it again.
    """
    from newscrawl.proof.outside.timestamps import stamp

    settings = config.load()
    authority = authority or settings.timestamp_authority
    if authority is None:
        raise UsageError(
            "names no authority", subject="--authority", hint="Or set timestamp_authority in newscrawl.toml"
        )
    with _open() as (book, place):
        token, new = stamp(
            book, place, authority, ca or settings.timestamp_ca, settings.user_agent,
            today=settings.clock() if daily else None,
        )  # fmt: skip
    values = {
        "size": token.size, "authority": token.authority, "at": token.at.isoformat(), "file": str(token.path), "new": new,
    }  # fmt: skip
    if as_json:
        tables.write_json([values])
        return
    known = "" if new else " already"
    tables.say(f"{token.size:,} entries are stamped{known}: {token.at:%Y-%m-%d %H:%M:%S} UTC, {token.path}")


@proof.command(
    "prove", epilog=tables.examples("newscrawl proof prove 17", "newscrawl proof prove entry:1234")
)
@click.argument("reference", metavar="ID-or-URL")
def prove(reference: str) -> None:
    """Print, as one JSON object a line, the entries about an article, each with its proof under the newest checkpoint.

    `entry:N` proves that entry of the log alone. The whole proof of an article as one file: newscrawl evidence.
    """
    from newscrawl.proof.proving import prove as proofs

    with _open() as (book, place):
        if reference.startswith("entry:"):
            number = reference.removeprefix("entry:")
            if not number.isdecimal():
                raise UsageError("no number of an entry", subject=reference[:60])
            found = proofs(book, place, [int(number)])
        else:
            with open_archive() as reader:
                article = find(reader, reference)
            found = proofs(book, place, book.about(article))
        for one in found:
            click.echo(json.dumps(_told(one), ensure_ascii=False))


def _told(one: Any) -> dict[str, Any]:
    return {
        "index": one.index,
        "entry": json.loads(one.entry),
        "size": one.size,
        "proof": [step.hex() for step in one.path],
        "checkpoint": one.checkpoint,
    }


def after_work(settings: config.Config) -> None:
    """Enters what a command has recorded; never a reason for it to fail."""
    from newscrawl.proof.log import Place, keep_quietly

    place = Place.of(settings.home, f"newscrawl/{__version__}")
    keep_quietly(settings.database_url, place, settings.clock, SECONDS)


@contextmanager
def _open() -> Iterator[tuple[Book, Place]]:
    from newscrawl.proof.log import Place
    from newscrawl.store.proof.book import open_book

    settings = config.load()
    with open_book(settings.database_url) as book:
        yield book, Place.of(settings.home, f"newscrawl/{__version__}")
