"""An archive two months old, crawled once and copied: for tests of backup, restore and prune."""

from __future__ import annotations

import shutil
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, front, story
from tests.support.shared import made_once

DAY = timedelta(days=1)
PATHS = [f"/harbour-number-{n}" for n in range(501, 506)]
GONE, EDITED, QUIET, SAME = PATHS[:4]
# Three checks confirm the absence; then weeks in which the list moves and the articles do not.
DAYS = (0, 1, 2, 2.4, 3.2, 9, 30)
END = NOW + 30 * DAY
LATER = END + 40 * DAY


def archive(where: Path) -> Path:
    """A copy of it at `where`: two months of checks, most of them full responses with the same text in other bytes."""
    return Path(shutil.copytree(made_once("aged-archive", _make) / "archive", where))


def _make(folder: Path) -> None:
    home = folder / "archive"
    with Stand() as site:
        site.pages |= {path: _counted(story(f"Nr{path[-3:]}")) for path in PATHS}
        site.pages |= {SAME: story("Nr504"), "/": _counted(front(*PATHS))}
        for days in DAYS:
            if days >= 1:
                site.pages[EDITED] = _counted(story("Nr502", title="Ferry to Nr502 is cancelled for good"))
            if days >= 2:
                site.pages[GONE] = Answer("nothing here", status=404)
            ending = crawl(home, NOW + days * DAY, edition="en", site=site.url)
            assert ending.exit_code == 0, ending.line


def _counted(page: str):
    """The page with a counter and something that does not pack well, as real pages have."""
    numbers = count()

    def answer(_: object) -> str:
        number = next(numbers)
        noise = Random(number).randbytes(1500).hex()
        return page.replace("</body>", f"<!-- visitor {number} {noise} --></body>")

    return answer
