"""The log file of `log_file`: what crawls say, and of every other command what it found and how it ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import WatchedFileHandler
from pathlib import Path

from newscrawl.errors import UsageError


class _LogFile(WatchedFileHandler):
    """Opens its file again when logrotate has moved it. A full disk must not end a command, nor print a traceback a line."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Drops the line."""


@contextmanager
def logging_to(path: Path | None, place: str) -> Iterator[None]:
    """What is logged at INFO goes to this file as well, whatever standard error gets; nothing changes where it does already.

    `place` is where the path stands, for the message. Raises UsageError where the file cannot be written.
    """
    if path is None or any(one.baseFilename == str(path) for one in _open()):
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_fifo():  # opening it would wait for a reader
            raise UsageError(f"{path} cannot be written (it is a pipe, no file)", subject=place)
        handler = _LogFile(path, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror or error})", subject=place) from error
    handler.setLevel(logging.INFO)
    written = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    written.converter = time.gmtime
    handler.setFormatter(written)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


def line(name: str, text: str, *, bad: bool = False) -> None:
    """Writes a line to the log file, if there is one, and nowhere else: what people read on the screen or in cron's mails."""
    for handler in _open():
        level = logging.WARNING if bad else logging.INFO
        handler.handle(logging.LogRecord(name, level, "", 0, "%s", (" ".join(text.split()),), None))


def _open() -> list[_LogFile]:
    return [one for one in logging.getLogger().handlers if isinstance(one, _LogFile)]
