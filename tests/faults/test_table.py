"""docs/faults.md names tests that exist, for every fault, and only exit codes that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from newscrawl.errors import Exit

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in (ROOT / "docs" / "faults.md").read_text("utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| ---", "| fault"))
]


def test_every_fault_has_a_test() -> None:
    """Six columns, the last with tests that are there."""
    assert len(ROWS) > 30
    for row in ROWS:
        assert len(row) == 6, row
        named = re.findall(r"`tests/([\w/]+\.py)::(test_\w+)`", row[5])
        assert named, row
        for file, name in named:
            tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (
                file,
                name,
            )


def test_exit_codes_are_ours() -> None:
    """Numbers in the column of exit codes are exit codes."""
    codes = {int(code) for row in ROWS for code in re.findall(r"\d+", row[2])}
    assert codes <= {int(code) for code in Exit}
