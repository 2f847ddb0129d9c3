"""The examples of docs/python.md run in the archive of the demo, one behind the other."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_examples(demo_folder: Path, capsys) -> None:
    """What they print is about the demo: the newest articles, one response, the one edit of a figure."""
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(examples) == 3
    names: dict[str, object] = {}
    with contextlib.chdir(demo_folder / "demo-archive"):
        for example in examples:
            exec(compile(example, str(PAGE), "exec"), names)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[3].startswith("200 ")
    assert lines[4].endswith("['418'] -> ['428']")
    assert lines[5].startswith("1 edits of figures")
