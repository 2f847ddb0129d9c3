"""Recall and precision of crawls with the source files that `newscrawl add` writes for made-up sites.

    python benchmarks/site_setup.py [NAME…]

The sites are in tests/support/sites.py. Each is crawled twice: at once and an hour later.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import newscrawl.settings
from newscrawl.site_setup.survey import SurveyError
from tests.site_setup.test_add_sites import added
from tests.support import sites
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Stand, keys

ARTICLES = 60
newscrawl.settings.TWISTED_REACTOR_ENABLED = False  # the reactor could run only once


def main(names: list[str]) -> None:
    """Prints one line per site."""
    makes = dict(sites.KINDS) | {
        name: (lambda number, make=make: sites.made(make, number)) for name, make in sites.MAKES.items()
    }
    print(f"{'site':30} {'asked':>5} {'lines':>5} {'recall':>7} {'precision':>9} {'exit':>4}")
    for name in names or makes:
        site = makes[name](ARTICLES)
        with tempfile.TemporaryDirectory() as folder, Stand() as stand:
            sites.serve(site, stand)
            try:
                found, spider = added(stand, Path(folder))
            except SurveyError as error:
                print(f"{name:30} {error}")
                continue
            home = Path(folder) / "archive"
            home.mkdir()
            ending = crawl(home, NOW, spider=spider)
            crawl(home, NOW + timedelta(hours=1), spider=spider)
            got = {f"/{key}" for key in keys(home)}
            lines = len((Path(folder) / "paper.py").read_text("utf-8").splitlines())
        right = got & site.articles
        print(
            f"{name:30} {found.requests:5} {lines:5} {len(right) / len(site.articles):7.3f} "
            f"{len(right) / max(1, len(got)):9.3f} {int(ending.exit_code):4}"
        )


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
    else:
        main(sys.argv[1:])
