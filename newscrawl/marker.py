"""The mark of a folder that the demo made: what it wrote there, and that nothing else may be archived in it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newscrawl.errors import UsageError

MARK = ".newscrawl-demo"
SOURCE = "boztorgai"  # the demo's own source
_SHOWN = 3  # names in a message
_MADE_BY = "newscrawl demo"


def is_marked(home: Path) -> bool:
    """Whether a demo made this folder, this version's or an older one's."""
    return (home / MARK).is_file()


def mark(home: Path, **facts: Any) -> None:
    """Writes the mark: the digest of every file that is there now, and what the demo wants to remember."""
    files = {
        name: digest
        for name in sorted(_files(home))
        if name != MARK and (digest := _digest(home / name)) is not None
    }
    text = json.dumps({"made_by": _MADE_BY, "source": SOURCE, **facts, "files": files}, indent=1) + "\n"
    part = home / f"{MARK}.part"
    part.write_text(text, "utf-8")
    part.replace(home / MARK)


def read(home: Path) -> dict[str, Any] | None:
    """The content of the mark; None where there is no mark, or an empty one."""
    try:
        facts = json.loads((home / MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(facts, dict) and facts.get("made_by") == _MADE_BY
    return facts if known and isinstance(facts.get("files"), dict) else None


def clear(home: Path) -> None:
    """Empties a folder that holds what the demo wrote and nothing else. Raises UsageError, with nothing deleted, for every other.

    A file counts as the demo's if its bytes are those of which the mark has the digest.
    """
    facts = read(home)
    written: dict[str, str] = facts["files"] if facts is not None else {}
    present = sorted(_files(home))
    foreign = [
        name
        for name in present
        if name != MARK and (name not in written or _digest(home / name) != written[name])
    ]
    if foreign or (present and facts is None):
        names = ", ".join(foreign[:_SHOWN]) + (" …" if len(foreign) > _SHOWN else "")
        raise UsageError(
            f"holds what the demo did not write ({names or MARK}), and is left as it is",
            subject=str(home),
            hint="Name another folder with --home, or delete this one yourself",
        )
    for name in present:
        (home / name).unlink()
    for folder, _, _ in os.walk(home, topdown=False):
        if Path(folder) != home:
            Path(folder).rmdir()


def refuse_others(home: Path, database: Path | None, source: str) -> None:
    """Raises UsageError where anything but the demo's own source is about to be archived in a demo's folder.

    Made-up articles beside real ones would be evidence of nothing.
    """
    if source == SOURCE:
        return
    for folder in {home, *([database.parent] if database is not None else [])}:
        if is_marked(folder):
            raise UsageError(
                f"is the archive of a demo, so {source} is not archived in it",
                subject=str(folder),
                hint="Set NEWSCRAWL_HOME to another folder, or start newscrawl in one",
            )


def _files(home: Path) -> Iterator[str]:
    """The names of all files below a folder, links as files."""
    for folder, folders, names in os.walk(home):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*names, *links):
            yield (Path(folder) / name).relative_to(home).as_posix()


def _digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None for what is no plain file."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
