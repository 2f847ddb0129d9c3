"""An archive with weeks behind it, crawled for real once and copied: for tests of backups, restoring and pruning."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random

from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, front, story

DAY = timedelta(days=1)
PATHS = [f"/harbour-number-{n}" for n in range(501, 506)]
GONE, EDITED, QUIET, SAME = PATHS[:4]
# From the absence on three looks confirm it; then weeks in which the list moves and the articles do not.
DAYS = (0, 1, 2, 2.4, 3.2, 9, 30)
END = NOW + 30 * DAY
LATER = END + 40 * DAY


def archive(where: Path) -> Path:
    """A copy of it at `where`: two months of looks, most of them full answers with other bytes and the same text."""
    return Path(shutil.copytree(_kept(), where))


@cache
def _kept() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="newscrawl-kept-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
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
    return home


def _counted(page: str):
    """The page with a counter and something that does not pack well, as real pages have."""
    numbers = count()

    def answer(_: object) -> str:
        number = next(numbers)
        noise = Random(number).randbytes(1500).hex()
        return page.replace("</body>", f"<!-- visitor {number} {noise} --></body>")

    return answer
