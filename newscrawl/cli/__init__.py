"""The `newscrawl` command: the table of subcommands, each imported only when it is called, and how errors become exit codes."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from newscrawl import __version__
from newscrawl.errors import Exit, NewscrawlError, WrongArgument, meaning

# Name, module that holds the click command of this name, and the line shown in the list. Modules are imported when
# they are called, so that `newscrawl list` starts without loading Scrapy and `newscrawl --help` without loading anything.
COMMANDS: dict[str, tuple[str, str]] = {
    "crawl": ("newscrawl.cli.crawling.crawl", "Crawl sources: find new articles, re-check known ones."),
    "schedule": (
        "newscrawl.cli.operating.schedule",
        "Print a crontab or systemd units that crawl automatically.",
    ),
    "sources": ("newscrawl.cli.crawling.sources", "List the sources, their editions and their last runs."),
    "add": ("newscrawl.cli.crawling.add", "Write a source file for a news site, from its address."),
    "list": ("newscrawl.cli.reading.articles", "List the articles of the archive, newest first."),
    "show": ("newscrawl.cli.reading.articles", "Show one article, with its addresses and versions."),
    "history": ("newscrawl.cli.reading.history", "Show the history of one article as a timeline."),
    "diff": ("newscrawl.cli.reading.diff", "Show what changed between two versions, word by word."),
    "search": (
        "newscrawl.cli.reading.search",
        "Find words in all texts, overwritten and removed ones included.",
    ),
    "changes": ("newscrawl.cli.reading.changes", "Show what was edited after publication."),
    "stats": (
        "newscrawl.cli.reading.stats",
        "Count articles by author, section, day, source or kind of edit.",
    ),
    "removed": ("newscrawl.cli.reading.removed", "Show what is gone, with the evidence."),
    "evidence": (
        "newscrawl.cli.reading.evidence",
        "Write an article's whole proof as one file, or check one.",
    ),
    "extract": (
        "newscrawl.cli.crawling.extract",
        "Read an article from a page: a file, an address, or many pages.",
    ),
    "coverage": ("newscrawl.cli.reading.coverage", "Show when articles may have been missed."),
    "health": (
        "newscrawl.cli.operating.health",
        "Check whether each source is all right, by its own history.",
    ),
    "notify": ("newscrawl.cli.operating.notify", "Tell people what was removed, edited or is wrong."),
    "export": ("newscrawl.cli.reading.export", "Write the archive's data as JSON lines, CSV or Parquet."),
    "import": ("newscrawl.cli.crawling.import_warc", "Import articles from WARC files and saved pages."),
    "reprocess": (
        "newscrawl.cli.crawling.reprocess",
        "Extract archived versions again with the current extractor.",
    ),
    "verify": ("newscrawl.cli.operating.verify", "Check that the database and the raw responses agree."),
    "proof": (
        "newscrawl.cli.operating.proof",
        "The signed log of everything recorded: checkpoints and proofs.",
    ),
    "witness": ("newscrawl.cli.operating.witness", "Watch another archive's log, and co-sign what it says."),
    "serve": (
        "newscrawl.cli.operating.serve",
        "Serve web pages about the archive, and metrics for Prometheus.",
    ),
    "backup": ("newscrawl.cli.operating.backup", "Copy the archive to another disk while it is in use."),
    "restore": ("newscrawl.cli.operating.backup", "Put the archive back from a backup."),
    "prune": ("newscrawl.cli.operating.prune", "Delete raw responses by policy; without --apply a dry run."),
    "db": ("newscrawl.cli.operating.db", "Show, change and copy the archive's database."),
    "config": ("newscrawl.cli.operating.config", "Show every setting, its value and what set it."),
    "demo": ("newscrawl.cli.crawling.demo", "A guided run against a made-up outlet, offline."),
}

# What runs unattended, by cron or systemd: the log file says how each run of them ended.
_LOGGED = frozenset(
    {
        "crawl", "health", "notify", "backup", "restore", "prune", "verify", "import", "reprocess", "export", "db", "proof", "witness",
    }
)  # fmt: skip


class Commands(click.Group):
    """A group that imports a subcommand when it is called, and turns every failure into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        for command in vars(module).values():
            if isinstance(command, click.Command) and command.name == cmd_name:
                return command
        raise RuntimeError(f"{module.__name__} holds no command {cmd_name}")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise click.exceptions.NoSuchCommand(name, possibilities=list(COMMANDS), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Runs the command line and ends the process (SystemExit) with the exit code of the contract."""
        given = list(sys.argv[1:] if args is None else args)
        end = given.index("--") if "--" in given else len(given)
        debug = "--debug" in given[:end]
        # Removed here, so that it is accepted anywhere and works even when the rest cannot be parsed.
        given = [word for word in given[:end] if word != "--debug"] + given[end:]
        _open_closed_streams()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                # A title that the terminal's charset cannot show must not abort the command.
                stream.reconfigure(errors="backslashreplace")
        try:
            code = self._run(given, prog_name or "newscrawl", debug, extra)
            sys.stdout.flush()
        except BrokenPipeError:
            code = _reader_left()
        except OSError as error:
            code = _not_written(error, debug)
        sys.exit(code)

    def _run(self, args: list[str], name: str, debug: bool, extra: dict[str, Any]) -> int:
        command = next((word for word in args if not word.startswith("-")), "")
        with contextlib.ExitStack() as log:
            code = self._attempt(args, name, debug, extra, log if command in _LOGGED else None)
            # Its name alone: other words may be addresses with passwords.
            _log(f"newscrawl.{command}", _ended(code), bad=bool(code))
            return code

    def _attempt(
        self,
        args: list[str],
        name: str,
        debug: bool,
        extra: dict[str, Any],
        log: contextlib.ExitStack | None,
    ) -> int:
        try:
            if log is not None:
                _log_to_file(log)
            if sys.stderr.isatty():
                _show_waits()
            result = super().main(args, name, **{**extra, "standalone_mode": False})
            return int(result) if isinstance(result, int) else Exit.OK
        except WrongArgument as error:
            return _failed(f"newscrawl: {error.as_option()}", error.exit_code, debug)
        except NewscrawlError as error:
            return _failed(f"newscrawl: {error}", error.exit_code, debug)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            return Exit.USAGE
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            where = context.command_path if context is not None else "newscrawl"
            message = error.format_message().rstrip(".")
            end = "" if message.endswith("?") else "."
            return _failed(f"newscrawl: {message}{end} See: {where} --help", Exit.USAGE, debug)
        except (click.Abort, KeyboardInterrupt):
            if debug:
                _traceback()
            return 130  # what shells report for Ctrl-C
        except BrokenPipeError:
            return _reader_left()
        except Exception as error:  # noqa: BLE001 - the one place where a bug is turned into a line
            if isinstance(error, OSError) and error.filename is None and error.errno in _FULL:
                return _not_written(error, debug)
            if isinstance(error, UnicodeEncodeError) and (bad := _not_unicode(args)):
                return _failed(
                    f"newscrawl: {bad}: is not UTF-8. Write it in the charset of Unicode", Exit.USAGE, debug
                )
            what = " ".join(f"{type(error).__name__}: {error}".split())
            return _failed(
                f"newscrawl: unexpected error: {what}; run again with --debug", Exit.UNEXPECTED, debug
            )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Caught here, because click would exit with code 1: `| head` closes the pipe when it has enough.
            return _reader_left()
        return result


@click.command(
    "newscrawl",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="\b\n"
    "First steps:\n"
    "  newscrawl demo             a guided run, offline\n"
    "  newscrawl crawl orda       crawl a source into ./archive\n"
    "  newscrawl list             list what was archived\n"
    "  newscrawl list --help      examples of each command\n\n"
    "Exit codes: 0 all right; 1 unexpected error; 2 usage; 3 nothing could be fetched; 4 partly failed; "
    "5 another run is active; 6 the source looks broken; 7 the archive or the output cannot be read or written.",
)
@click.option(
    "--debug", is_flag=True, expose_value=False, help="Show a traceback with an error. Accepted anywhere."
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Archive news articles and their whole history: found, stored raw and extracted, re-checked, edits and removals recorded."""


def main() -> NoReturn:
    """The console script."""
    cli.main()


_LONGEST = 1000  # characters of a word in a message: more than real addresses and paths have


def _failed(line: str, code: int, debug: bool) -> int:
    if debug:
        _traceback()
    # The message may contain text from a page or an address: control characters must not reach the terminal.
    words = (word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…" for word in line.split())
    shown = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(words))
    _log("newscrawl.cli", shown, bad=True)
    with contextlib.suppress(OSError):  # where standard error is full too, the code says it
        click.echo(shown, err=True)
    return code


def _log_to_file(log: contextlib.ExitStack) -> None:
    """Opens the log file that is configured. What is wrong with the configuration the command itself says."""
    from newscrawl import config, logfile

    try:
        settings = config.load()
    except NewscrawlError:
        return
    log.enter_context(logfile.logging_to(settings.log_file, settings.set_by["log_file"]))


def _show_waits() -> None:
    """Shows on the terminal what a command waits for. Elsewhere only the log file has it: cron would mail every wait."""
    import logging

    class Shown(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with contextlib.suppress(OSError):
                click.echo(f"\r\033[Knewscrawl: {record.getMessage()}", err=True)

    logging.getLogger("newscrawl.store.engine").addHandler(Shown())


def _log(name: str, text: str, *, bad: bool) -> None:
    """Writes a line to the log file. Where its module is not loaded, none was opened, and help starts without it."""
    logfile = sys.modules.get("newscrawl.logfile")
    if logfile is not None:
        logfile.line(name, text, bad=bad)


def _ended(code: int) -> str:
    what = meaning(code)
    return f"ended with exit code {code}{f', {what}' if what else ''}"


def _open_closed_streams() -> None:
    """Opens the streams that the caller closed (`>&-`), lowest first: else the next file, such as the archive, took their number."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _not_unicode(words: Sequence[str]) -> str | None:
    """The word of the command line that is not UTF-8, as far as it can be shown; None if all are."""
    return next((ascii(word)[:80] for word in words if any("\ud800" <= c <= "\udfff" for c in word)), None)


def _traceback() -> None:
    import traceback

    traceback.print_exc()


# What writing to a full or broken disk ends with.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def _not_written(error: OSError, debug: bool) -> int:
    """Ends where the output cannot be written: what it goes to is full."""
    code = _failed(
        f"newscrawl: the output cannot be written ({error.strerror or error}). Free some space, or send it elsewhere",
        Exit.ARCHIVE_UNUSABLE,
        debug,
    )
    _reader_left()  # what is left of it could not be written either
    return code


def _reader_left() -> int:
    """Ends quietly when the reader of our output has closed the pipe (`| head`): that is not an error."""
    import os

    # The interpreter flushes stdout once more when it exits.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = None
    return Exit.OK
