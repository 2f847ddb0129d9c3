"""`newscrawl evidence`: writes one article's whole proof as one file (proof/evidence.py), or checks such a file."""

from __future__ import annotations

from pathlib import Path

import click

from newscrawl import __version__, config
from newscrawl.cli.options import find, open_archive
from newscrawl.cli.output import tables
from newscrawl.errors import Exit, UsageError
from newscrawl.wording import counted


@click.command(
    "evidence",
    epilog=tables.examples(
        "newscrawl evidence 17",
        "newscrawl evidence 17 --out harbour.wacz",
        "newscrawl evidence --verify harbour.wacz --key NAME+HASH+KEY",
    ),
)
@click.argument("reference", metavar="ID-or-URL", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write it; evidence-ID.wacz here.",
)
@click.option(
    "--verify",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Check this evidence file; no archive is needed.",
)
@click.option(
    "--key", "vkey", metavar="KEY", help="With --verify: the public key that the archive has published."
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="KEY",
    help="With --verify: the key of a witness that you trust; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def evidence(
    ctx: click.Context,
    *,
    reference: str | None,
    out: Path | None,
    file: Path | None,
    vkey: str | None,
    witnesses: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write the whole proof of an article as one file that a stranger can check offline, years later.

    It holds all versions and their differences, every check and the controls, the raw responses, proofs that all of it is
    in the signed log, what witnesses and time-stamping authorities said of it, a cover page in English, Russian and Kazakh, and verify.py, which needs only Python.
    Exit code 7 if --verify finds anything wrong.
    """
    if (reference is None) == (file is None):
        raise UsageError("name an article, or a file with --verify")
    if file is not None:
        _verify(ctx, file, vkey, witnesses, as_json=as_json)
        return
    from newscrawl.proof.evidence import make
    from newscrawl.proof.log import Place
    from newscrawl.store.proof.book import open_book
    from newscrawl.warc import durable

    settings = config.load()
    with open_archive() as reader:
        article = reader.article(find(reader, reference or ""))
        versions = reader.versions_of(article.id)
    with open_book(settings.database_url) as book:
        place = Place.of(settings.home, f"newscrawl/{__version__}")
        made = make(book, place, article, versions, settings.clock())
    target = out or Path(f"evidence-{article.id}.wacz")
    durable.write(target, made.data)
    values = {
        "file": str(target), "article": article.id, "bytes": len(made.data), "entries": made.entries, "responses": made.responses,
        "versions": made.versions, "size": made.size, "key": made.key,
    }  # fmt: skip
    if as_json:
        tables.write_json([values])
        return
    tables.say(
        f"{target}: {counted(made.versions, 'version')}, {counted(made.responses, 'raw response')},"
        f" {made.entries} entries of the log of {made.size:,}"
    )
    tables.say(f"public key: {made.key}")


def _verify(
    ctx: click.Context, file: Path, vkey: str | None, witnesses: tuple[str, ...], *, as_json: bool
) -> None:
    from newscrawl.proof import verifier

    found = verifier.check(file, vkey, witnesses)
    if as_json:
        tables.write_json(
            [{"file": str(file), "ok": found.ok, "problem": found.problem, "checked": found.lines}]
        )
    else:
        for line in found.lines:
            tables.say(line)
        if found.ok:
            tables.say("all right")
        else:
            click.echo(f"newscrawl: {file}: not true: {found.problem}", err=True)
    ctx.exit(Exit.OK if found.ok else Exit.ARCHIVE_UNUSABLE)
