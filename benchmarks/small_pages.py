"""Runs a script that checks our extraction on small pages, and fails if fewer pass than the repository's floor.

    python benchmarks/small_pages.py SCRIPT --floor N

The script takes `--bin DIR` and ends its output with the line "N passed, M failed". Exit codes: 0; 1 fewer than the floor.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Runs the script; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("script", type=Path)
    parser.add_argument("--floor", type=int, required=True, help="pages that must pass")
    options = parser.parse_args()
    command = [sys.executable, str(options.script), "--bin", str(Path(sys.executable).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    lines = done.stdout.splitlines()
    print("\n".join(line for line in lines if not line.startswith("PASS")))
    counts = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1] if lines else "")
    passed = int(counts[1]) if counts else 0
    if passed < options.floor:
        print(f"FAILED: {passed} small pages pass, the floor is {options.floor}", file=sys.stderr)
        return 1
    if passed > options.floor:
        print(f"{passed} small pages pass: the floor of {options.floor} can rise", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
