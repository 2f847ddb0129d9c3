"""`newscrawl witness`: watches the logs of other archives and co-signs their checkpoints (proof/outside/witnessing.py)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl import __version__, config
from newscrawl.cli.output import tables
from newscrawl.errors import Exit, FetchError, NewscrawlError, UsageError

if TYPE_CHECKING:
    from newscrawl.proof.log import Place
    from newscrawl.proof.outside.witnessing import Seen


@click.command(
    "witness",
    epilog=tables.examples(
        "newscrawl witness https://press.example/proof --key NAME+HASH+KEY",
        "newscrawl witness /mnt/other/archive/proof",
        "newscrawl witness                       all logs that were named once",
        "newscrawl witness /mnt/other/archive --out co-signed.txt",
    ),
)
@click.argument("target", required=False, metavar="[FOLDER-or-URL]")
@click.option(
    "--key", "vkey", metavar="KEY", help="Its public key (newscrawl proof status there); remembered."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the co-signed checkpoint here as well, to be sent.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a log.")
@click.pass_context
def witness(
    ctx: click.Context, *, target: str | None, vkey: str | None, out: Path | None, as_json: bool
) -> None:
    """Watch another archive's log: was it rolled back, forked or edited since this archive saw it last? If not, co-sign it.

    It is read where it is published: a folder, or an address that serves a copy of the folder proof. The co-signed
    checkpoint lies in this archive's own folder proof, where the other side finds it: newscrawl proof cosignatures.
    Exit code 7 if the log did not only grow: then nothing is co-signed, and both checkpoints are kept; 3 if it cannot be
    read now.
    """
    from newscrawl.proof.log import Place
    from newscrawl.proof.outside.witnessing import watched

    if target is None and (vkey or out):
        raise UsageError("--key and --out go with one log", hint="Name its folder or address")
    settings = config.load()
    place = Place.of(settings.home, f"newscrawl/{__version__}")
    targets = [target] if target is not None else [one.target for one in watched(place)]
    if not targets:
        raise UsageError("watches no log yet", hint="Name one: newscrawl witness FOLDER-or-URL --key KEY")
    own, found, failed = _own(settings), [], None
    for one in targets:
        try:
            found.append((one, _look(settings, place, one, vkey, own)))
        except FetchError as error:
            if target is not None:
                raise
            failed = error  # the others all the same
            tables.note(f"newscrawl: {error}")
    if out is not None and found[0][1].ok and found[0][1].file is not None:
        from newscrawl.warc import durable

        durable.write(out, found[0][1].file.read_bytes())
    _show(found, as_json=as_json)
    if any(not seen.ok for _, seen in found):
        ctx.exit(Exit.ARCHIVE_UNUSABLE)
    ctx.exit(Exit.OK if failed is None else Exit.PARTLY_FAILED if found else Exit.NOTHING_FETCHED)


def _look(settings: config.Config, place: Place, target: str, vkey: str | None, own: str | None) -> Seen:
    from newscrawl.proof.outside.witnessing import look

    return look(place, target, vkey, settings.clock, settings.user_agent, own=own)


def _own(settings: config.Config) -> str | None:
    """What this archive's own log is called; None where it has none: an archive may do nothing but watch."""
    from newscrawl.proof.outside.cosigned import origin_of
    from newscrawl.store.proof.book import open_book

    try:
        with open_book(settings.database_url) as book:
            return origin_of(book)
    except NewscrawlError:
        return None


def _show(found: list[tuple[str, Seen]], *, as_json: bool) -> None:
    values: list[dict[str, Any]] = [
        {
            "target": target, "log": one.origin, "ok": one.ok, "verdict": one.verdict, "old": one.old, "new": one.new,
            "message": one.message, "file": str(one.file) if one.file else None, "witness": one.witness,
        }
        for target, one in found
    ]  # fmt: skip
    if as_json:
        tables.write_json(values)
        return
    for one in values:
        tables.say(f"{one['log']}: {one['message']}{'; co-signed' if one['ok'] else ''}")
        if not one["ok"] and one["file"]:
            tables.say(f"both checkpoints are kept in {one['file']}")
    if key := next((one["witness"] for one in values if one["witness"]), None):
        tables.say(f"witness key: {key}")
