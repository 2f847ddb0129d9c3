"""Processor time of the first page of every list, on an archive of some years (filled as benchmarks/plans.py does).

    python benchmarks/pages.py [--articles 200000] [--folder DIR]

Each page is asked for three times; the first answer counts, because what is remembered between requests must not hide
what the first reader waits for. Milliseconds of user and system time of this process, so that other work on the machine
does not count.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.plans import NOW, fill
from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive
from tests.support.asking import get

PAGES = ("/", "/?source=bench", "/?state=removed", "/changes", "/removed", "/unreadable", "/authors", "/tags", "/sources", "/coverage",
         "/articles/100", "/feeds/articles.atom", "/feeds/changes.atom", "/feeds/removed.atom")  # fmt: skip
BOUND = 100  # milliseconds


def main() -> int:
    """Prints a table; the number of pages that take too long is the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = (options.folder or Path(temporary)) / f"pages-{options.articles}.db"
        if not path.exists():
            fill(path, options.articles)
        app = application(lambda: None, WebArchive(f"sqlite:///{path}", lambda: NOW + timedelta(hours=1)))  # type: ignore[arg-type, return-value]
        get(app, "/articles/1")  # opens the archive, loads the templates
        slow = 0
        for target in PAGES:
            spent = []
            for _ in range(3):
                began = time.process_time()
                answer = get(app, target)
                spent.append(1000 * (time.process_time() - began))
                assert answer.status == 200, (target, answer.text[:500])
            slow += spent[0] > BOUND
            print(f"{target:28}{spent[0]:8.0f} ms first{spent[-1]:8.0f} ms then", flush=True)
    return slow


if __name__ == "__main__":
    sys.exit(main())
