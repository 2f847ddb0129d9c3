"""Made-up sites of different make: what `newscrawl add` writes, crawled, archives all their articles and nothing else."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from newscrawl.cli import source_file, survey
from newscrawl.cli.add import _source
from newscrawl.cli.visitor import REQUESTS, Visitor
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import Exit
from tests import sites
from tests.crawling import crawl
from tests.newsstand import NOW, Stand, keys


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


def added(stand: Stand, folder, name: str = "paper") -> tuple[survey.Survey, type[NewsSpider]]:
    """The survey of what a stand serves, and the spider written from it."""
    found = survey.survey(Visitor(stand.url), NOW)
    path = folder / f"{name}.py"
    source_file.write(source_file.source_text(_source(name, found)), path)
    return found, load(path)


@pytest.mark.parametrize("kind", sites.KINDS)
def test_all_articles_and_nothing_else(kind, tmp_path):
    """Recall and precision are 1 on each kind of site; the visit stays small and the file short."""
    site = sites.KINDS[kind](12)
    with Stand() as stand:
        sites.serve(site, stand)
        found, spider = added(stand, tmp_path)
        asked = [seen.path for seen in stand.seen]
        ending = crawl(tmp_path, NOW, spider=spider)
    assert ending.exit_code is Exit.OK, ending.line
    assert {f"/{key}" for key in keys(tmp_path)} == site.articles
    assert found.works
    assert found.requests <= REQUESTS
    assert len(asked) == len(set(asked))
    assert asked[0] == "/robots.txt"
    assert not [path for path in asked if path.startswith(("/tags", "/bitrix"))]
    assert len((tmp_path / "paper.py").read_text("utf-8").splitlines()) <= 30
