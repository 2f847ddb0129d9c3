"""Times the first pages of `newscrawl serve` on an archive of some years, each asked for without a socket.

    python benchmarks/first_pages.py [--articles 200000] [--folder DIR]

The archive is that of benchmarks/plans.py. Printed are milliseconds of the processor (the better of three) of a program that
was started for this page alone, so that nothing is kept from before, and of one that made the page already.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.plans import NOW, fill
from newscrawl.model.health import Health
from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive

PAGES = (
    ("/", {}), ("/", {"source": "bench", "edition": "en"}), ("/", {"since": "2026-04"}), ("/changes", {}),
    ("/changes", {"source": "bench", "kind": "body"}), ("/removed", {}), ("/unreadable", {}), ("/authors", {}), ("/tags", {}),
    ("/sources", {}), ("/coverage", {}), ("/articles/100000", {}), ("/articles/100000", {"format": "json"}),
)  # fmt: skip


class Pages:
    """The pages over the archive at `url`, asked as a server would ask them."""

    def __init__(self, url: str) -> None:
        self._archive = WebArchive(url, lambda: NOW)
        self._application = application(_no_health, self._archive)

    def get(self, path: str, query: dict[str, str]) -> bytes:
        """The page at `path`. Raises SystemExit where it is answered by anything but 200."""
        return asyncio.run(self._get(path, query))

    def close(self) -> None:
        """Closes the archive."""
        self._archive.close()

    async def _get(self, path: str, query: dict[str, str]) -> bytes:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": urlencode(query).encode(), "root_path": "",
            "headers": [(b"host", b"127.0.0.1")], "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 5000),
        }  # fmt: skip
        answers: list[dict[str, object]] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            answers.append(message)

        await self._application(scope, receive, send)  # type: ignore[arg-type]
        if answers[0]["status"] != 200:
            raise SystemExit(f"{path} {query} was answered by {answers[0]['status']}")
        return b"".join(bytes(one.get("body", b"")) for one in answers)  # type: ignore[call-overload]


def _no_health() -> Health:
    raise AssertionError("no page of health is asked for")


def _took(question: Callable[[], object], times: int = 1) -> float:
    """Milliseconds of the processor: the best of `times`."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        question()
        taken.append((time.process_time() - began) * 1000)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--folder", help="keep the SQLite file here, and use one that is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(given.folder or temporary) / f"plans-{given.articles}.db"
        if not path.exists():
            fill(path, given.articles)
        url = f"sqlite:///{path}"
        warm = Pages(url)
        warm.get("/changes", {"limit": "1"})  # templates are compiled, tables described
        print(f"{'milliseconds of CPU':52}{'first':>8}{'again':>8}{'kB':>8}")
        for page, query in PAGES:
            first = []
            for _ in range(3):
                fresh = Pages(url)
                fresh.get("/unreadable", {})  # opens the archive
                first.append(_took(lambda page=page, query=query, fresh=fresh: fresh.get(page, query)))  # type: ignore[misc]
                fresh.close()
            size = len(warm.get(page, query)) / 1000
            again = _took(lambda page=page, query=query: warm.get(page, query), 3)  # type: ignore[misc]
            name = f"{page}{'?' if query else ''}{urlencode(query)}"
            print(f"{name:52}{min(first):8.1f}{again:8.1f}{size:8.0f}", flush=True)
        warm.close()


if __name__ == "__main__":
    main()
