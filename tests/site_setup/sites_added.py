"""What `newscrawl add` makes of a stand, loaded as a source; and what every written source must say of itself."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from itertools import pairwise

from newscrawl.config import load as load_config
from newscrawl.crawl.spider import NewsSpider
from newscrawl.site_setup import source_file
from newscrawl.site_setup.survey import Survey, survey
from tests.support.fake_site import NOW, Stand


def load(path) -> type[NewsSpider]:
    """The spider class of a file that was written."""
    spec = importlib.util.spec_from_file_location(f"made_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return next(
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, NewsSpider) and one.__module__ == spec.name
    )


def added(stand: Stand, folder, name: str = "paper") -> tuple[Survey, type[NewsSpider]]:
    """The survey of what a stand serves, and the spider written from it."""
    found = survey(stand.url, replace(load_config(), clock=lambda: NOW))
    path = folder / f"{name}.py"
    source_file.write(source_file.source_text(source_file.source_of(name, found)), path)
    return found, load(path)


def said_of_each_line(written: list[str]) -> None:
    """Every argument and attribute of a written source has a line above it that says whether it was seen or guessed."""
    body = written[next(n for n, line in enumerate(written) if line.startswith("class ")) + 1 :]
    for before, line in pairwise(body):
        if line.strip() in ("editions = (", ")", "Edition(", "),") or line.lstrip().startswith("#"):
            continue
        assert before.lstrip().startswith(("# Seen:", "# Guessed:", "# Yours")), line
