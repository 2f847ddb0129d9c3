"""Runs the same commands of two checkouts, removes what differs at every run, and compares the rest."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

GRID = 900  # seconds; NEWSCRAWL_NOW runs on while a crawl works, so its instants are compared by quarters of an hour
SECONDS = 890  # of one command; a crawl that took longer would leave its quarter of an hour


def _grid(found: re.Match[str]) -> str:
    instant = datetime.fromisoformat(f"{found[1]}+00:00")
    return instant.replace(minute=instant.minute * 60 // GRID * GRID // 60, second=0).isoformat() + "~"


# What is never the same twice: pattern, and what stands in its place.
RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # instants of the program's clock, the only ones with a fraction of a second: quarter of an hour
    (re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)\.\d{6}(?:\+00:00|Z)?"), _grid),
    (re.compile(r"urn:uuid:[0-9a-f-]{36}"), "urn:uuid:*"),  # random names of WARC records
    # place and packed size of a record: its header has a time, the packer may be another. "" in CSV
    (re.compile(r'("+(?:offset|length)"+: )\d+'), r"\g<1>0"),
    # milliseconds and seconds the machine took; sizes and free space of its disk
    (
        re.compile(
            r'("(?:milliseconds|run_seconds|free_bytes|disk_bytes|warc_bytes|database_bytes|growth_bytes_a_day|days_left)": )[^,}]+'
        ),
        r"\g<1>0",
    ),
    # how late a re-check is: a difference of two instants of the program's clock
    (
        re.compile(r'("recheck_lateness_seconds": )([\d.]+)'),
        lambda found: f"{found[1]}{round(float(found[2]) / GRID) * GRID}",
    ),
)
# The same in tables: host and process of a run, its heartbeat (real time), the program's version, how many
# transactions it took (they form by load).
COLUMNS = {
    "runs": {"host", "pid", "process", "heartbeat", "version", "batches"},
    "captures": {"offset", "length"},
    "observations": {"milliseconds"},
}
CELLS = {"milliseconds"}  # columns of a CSV export


@dataclass(frozen=True)
class Side:
    """One checkout and the folder in which its commands run."""

    checkout: Path
    work: Path

    def run(self, *arguments: str, home: str, now: datetime, program: str = "newscrawl") -> str:
        """Exit code and standard output of a command, as text that can be compared."""
        command = [str(self.checkout / ".venv" / "bin" / program), *arguments]
        # Not text=True: it would hide what kind of line ends there are.
        done = subprocess.run(
            command,
            cwd=self.work,
            env=self._environment(home, now),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return f"exit code {done.returncode}\n{self.tamed(done.stdout.decode('utf-8', 'backslashreplace'))}"

    def start(self, *arguments: str, home: str, now: datetime) -> subprocess.Popen[bytes]:
        """A command that runs on."""
        command = [str(self.checkout / ".venv" / "bin" / "newscrawl"), *arguments]
        return subprocess.Popen(
            command, cwd=self.work, env=self._environment(home, now), stderr=subprocess.DEVNULL
        )

    def tamed(self, text: str) -> str:
        """Text without what is never the same twice."""
        for folder, name in ((self.work, "{work}"), (self.checkout, "{checkout}")):
            text = text.replace(str(folder), name)
        for pattern, instead in RULES:
            text = pattern.sub(instead, text)
        return text

    @staticmethod
    def _environment(home: str, now: datetime) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("NEWSCRAWL_", "SCRAPY_"))
        }
        return kept | {
            "NEWSCRAWL_HOME": home, "NEWSCRAWL_NOW": now.isoformat(), "SCRAPY_SETTINGS_MODULE": "newscrawl.settings",
            "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", "TZ": "UTC",
        }  # fmt: skip


@dataclass
class Report:
    """Counts what was compared and prints what differs. `sides` are BEFORE and AFTER."""

    sides: tuple[Side, Side]
    same: dict[str, int] = field(default_factory=dict)
    different: dict[str, int] = field(default_factory=dict)

    def compare(self, part: str, name: str, before: str, after: str) -> None:
        """One output of both sides."""
        found = difference(before, after)
        counts = self.same if found is None else self.different
        counts[part] = counts.get(part, 0) + 1
        if found is not None:
            print(f"DIFFERENT {part}: {name}\n{found}", flush=True)
        elif before.startswith("exit code 1\n"):  # an unexpected error proves little
            print(f"NOTE {part}: {name}: exit code 1 on both sides", flush=True)

    def commands(self, part: str, commands: Iterable[Iterable[str]], **options: Any) -> None:
        """Commands run by both sides; two at a time."""
        with ThreadPoolExecutor(2) as pool:
            jobs = [
                (words, [pool.submit(side.run, *words, **options) for side in self.sides])
                for words in map(tuple, commands)
            ]
            for words, (before, after) in jobs:
                pair = [before.result(), after.result()]
                if words[-1:] == ("csv",):
                    pair = [tamed_cells(text) for text in pair]
                name = " ".join((options.get("program", "newscrawl"), *words))
                self.compare(part, name if len(name) < 200 else f"{name[:200]} …", *pair)


def difference(before: str, after: str) -> str | None:
    """The first difference in words, by line and, where lines are JSON, by key; None if there is none."""
    if before == after:
        return None
    old, new = before.split("\n"), after.split("\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    if number == min(len(old), len(new)):
        extra = (old if len(old) > len(new) else new)[number]
        which = "before" if len(old) > len(new) else "after"
        return f"  {len(old)} lines before, {len(new)} after; only {which}: {extra[:200]}"
    a, b = old[number], new[number]
    where = f"  line {number + 1}"
    try:
        keys, one, other = first_key(json.loads(a), json.loads(b))
        if keys:
            where, a, b = f"{where}, key {'.'.join(keys)}", repr(one), repr(other)
    except ValueError:
        pass
    at = max(
        0, next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))) - 60
    )
    return f"{where}\n    before: {'…' if at else ''}{a[at : at + 160]}\n    after:  {'…' if at else ''}{b[at : at + 160]}"


def first_key(a: Any, b: Any) -> tuple[list[str], Any, Any]:
    """Path to the first value that differs in two JSON values, and both values; no path where only bytes differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        if set(a) != set(b):
            return ["(names of keys)"], [key for key in a if key not in b], [key for key in b if key not in a]
        pairs: Any = ((key, a[key], b[key]) for key in a)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = ((str(n), x, y) for n, (x, y) in enumerate(zip(a, b, strict=True)))
    else:
        return [], a, b
    for key, x, y in pairs:
        if x != y:
            keys, one, other = first_key(x, y)
            return [key, *keys], one, other
    return [], a, b


def tamed_cells(text: str) -> str:
    """CSV with nothing in its columns CELLS; left alone where quotes or line ends are not as Python's csv writes them."""
    code, _, table = text.partition("\n")
    rows = list(csv.reader(io.StringIO(table, newline="")))
    hidden = {n for n, name in enumerate(rows[0]) if name in CELLS} if rows else set()
    if not hidden or _csv(rows) != table:
        return text
    return f"{code}\n{_csv([['*' if n in hidden else cell for n, cell in enumerate(row)] for row in rows])}"


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _sorted(sql: str | None) -> str:
    # A migration that builds a table anew writes its constraints in an order that is chance.
    return "\n".join(sorted(line.strip(" \t,") for line in (sql or "").split("\n")))


def tables(side: Side, home: str) -> dict[str, str]:
    """Name -> text of the schema and of every table with all its rows."""
    with closing(sqlite3.connect(f"file:{side.work / home / 'newscrawl.db'}?mode=ro", uri=True)) as database:
        schema = list(database.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name"))
        found = {"schema": "\n".join(f"{kind} {name}: {_sorted(sql)}" for kind, name, sql in schema)}
        for table in (name for kind, name, _ in schema if kind == "table"):
            cursor = database.execute(f'SELECT * FROM "{table}" ORDER BY rowid')
            hidden = COLUMNS.get(table, ())
            names = [column[0] for column in cursor.description]
            rows = (
                {n: "*" if n in hidden else value for n, value in zip(names, row, strict=True)}
                for row in cursor
            )
            text = "\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in rows)
            found[f"table {table}"] = side.tamed(f"{names}\n{text}")
    return found
