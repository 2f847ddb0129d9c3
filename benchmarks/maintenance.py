"""Kills backup, restore and prune at seeded moments, and checks the archive. python benchmarks/maintenance.py [--kills 50] [--seed 1]"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from click.testing import CliRunner  # noqa: E402

from newscrawl.cli import cli  # noqa: E402
from newscrawl.maintenance.restore import MARK  # noqa: E402
from tests.support import aged_archive  # noqa: E402
from tests.support.crash_points import die  # noqa: E402

POLICY = ["--unchanged-older-than", "1d", "--listings-older-than", "1d", "--unreferenced-older-than", "1d"]


def must(home: Path, *words: str) -> list[str]:
    """Runs a command on an archive; a problem if it fails."""
    environment = {"NEWSCRAWL_HOME": str(home), "NEWSCRAWL_NOW": aged_archive.LATER.isoformat()}
    done = CliRunner(env=environment).invoke(cli, words)
    return [] if done.exit_code == 0 else [f"{words[0]}: {done.exit_code}: {done.output[-300:]}"]


def killed(what: str, folder: Path, moment: float, steps: Counter[str]) -> list[str]:
    """Kills a command at this share of its steps; the problems found afterwards."""
    home, target, again = (aged_archive.archive(folder / "archive"), folder / "kept", folder / "again")
    words = {
        "backup": ["backup", str(target), "--keep", "1"],
        "restore": ["restore", str(target)],
        "prune": ["prune", *POLICY, "--apply"],
    }[what]
    if (what == "restore" or moment < 0.5) and (wrong := must(home, "backup", str(target))):
        return wrong
    place = again if what == "restore" else home
    died = die(
        words,
        {"NEWSCRAWL_HOME": str(place), "NEWSCRAWL_NOW": aged_archive.LATER.isoformat()},
        folder,
        1 + int(moment * steps[what]),
    )
    wrong = [] if died is None else [f"{what}: ended before it was killed"]
    wrong += must(home, "verify")
    if what == "backup" and moment < 0.5:
        wrong += must(home, "backup", str(target), "--check", "--verify")
    done = (again / "newscrawl.db").exists() and not (again / "state" / MARK).exists()
    if not done:  # else it was killed while it checked the restored archive
        wrong += must(place, *words)
    wrong += must(place, "verify")
    if what == "backup":
        wrong += must(home, "backup", str(target), "--check", "--verify")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chance, steps, found, started = random.Random(chosen.seed), Counter(), [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="newscrawl-maintenance-") as name:
        probe = Path(name) / "probe"
        home = aged_archive.archive(probe / "archive")
        for what, words in (
            ("backup", ["backup", str(probe / "kept")]), ("restore", ["restore", str(probe / "kept")]), ("prune", ["prune", *POLICY, "--apply"]),
        ):  # fmt: skip
            place = probe / "again" if what == "restore" else home
            steps[what] = (
                die(
                    words,
                    {"NEWSCRAWL_HOME": str(place), "NEWSCRAWL_NOW": aged_archive.LATER.isoformat()},
                    probe,
                    0,
                )
                or 0
            )
        for number in range(chosen.kills):
            what = ("backup", "restore", "prune")[number % 3]
            folder = Path(name) / str(number)
            wrong = killed(what, folder, chance.random() * 0.98, steps)
            found += [f"kill {number}, {what}: {line}" for line in wrong]
            shutil.rmtree(folder)
    for line in found:
        print(line)
    print(
        json.dumps(
            {
                "kills": chosen.kills,
                "steps": steps,
                "problems": len(found),
                "seconds": round(time.monotonic() - started),
            }
        )
    )


if __name__ == "__main__":
    main()
