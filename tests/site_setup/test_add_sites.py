"""Made-up sites of different make: what `newscrawl add` writes, crawled, archives all their articles and nothing else."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.config import load as load_config
from newscrawl.crawl.spider import NewsSpider
from newscrawl.crawl.visit.visit import Terms, Visit
from newscrawl.errors import Exit
from newscrawl.model import Channel, Lead
from newscrawl.site_setup import source_file
from newscrawl.site_setup.channels import Host
from newscrawl.site_setup.editions import editions_of
from newscrawl.site_setup.page import Offer
from newscrawl.site_setup.site import REQUESTS
from newscrawl.site_setup.survey import Survey, survey
from tests.support import sites
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Stand, feed, keys, rows, story


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
    written = (tmp_path / "paper.py").read_text("utf-8").splitlines()
    assert (
        len([line for line in written if not line.lstrip().startswith("#")]) <= 30
    )  # comments: seen or guessed
    counted = rows(tmp_path, "select edition, count(*) as number from articles group by edition")
    if kind == "two_languages":
        assert [row["number"] for row in counted] == [6, 6]
    else:
        assert [row["edition"] for row in counted] == [spider.editions[0].name]


def test_a_generated_site_and_its_later_life(tmp_path):
    """Without feed, sitemap and words in its pagers everything is archived; no page of its own and no last page is a listing.

    What is published afterwards under a slug of one word and in a new section comes by the feed that the outlet opens.
    """
    site = sites.generated()
    with Stand() as stand:
        sites.serve(site, stand)
        _, spider = added(stand, tmp_path)
        assert spider.editions[0].listings == ("/",)
        assert "claimed_path" not in (tmp_path / "paper.py").read_text("utf-8")
        ending = crawl(tmp_path, NOW, spider=spider)
        assert ending.exit_code is Exit.OK, ending.line
        assert {f"/{key}" for key in keys(tmp_path)} == site.articles

        (edition,) = spider.editions
        spider.editions = (replace(edition, feeds=("/feed.xml",)),)
        later = ["/bread.html", "/harvest/first/index.php"]
        for path in later:
            stand.pages[path] = story(path, published=(NOW + timedelta(days=40)).isoformat())
        stand.pages["/feed.xml"] = feed(*(stand.url + path for path in later))
        ending = crawl(tmp_path, NOW + timedelta(days=42), spider=spider, recheck="no")
    assert ending.exit_code is Exit.OK, ending.line
    assert {f"/{key}" for key in keys(tmp_path)} == site.articles | set(later)


HERE = "https://paper.example"
RU, KK, EN = ([f"{HERE}{folder}/bridge-{n}" for n in range(5)] for folder in ("", "/kk", "/en"))
# what is known of a host with a Kazakh and an English part -> its editions: (name, sections, listings, feeds, sitemaps)
HOSTS = {
    "each below its own path": (
        [*RU, *KK, *EN],
        [("ru", (), ("/",), ("/rss.xml",), ("/sitemap.xml",)),
         ("kk", ("/kk/",), ("/kk/", "/kk/all/"), ("/kk/feed",), ("/sitemap.xml",)), ("en", ("/en/",), ("/en/",), (), ("/sitemap.xml",))],
    ),
    "the root only leads on": (
        [*KK, *EN],
        [("ru", (), (), ("/rss.xml",), ("/sitemap.xml",)),
         ("kk", ("/kk/",), ("/kk/", "/kk/all/"), ("/kk/feed",), ("/sitemap.xml",)), ("en", ("/en/",), ("/en/",), (), ("/sitemap.xml",))],
    ),
    "articles of all at the root": (
        [*RU, *KK[:2]],
        [("main", (), ("/", "/kk/", "/kk/all/", "/en/"), ("/rss.xml", "/kk/feed"), ("/sitemap.xml",))],
    ),
    "one below its own path": (
        [*RU, *KK],
        [("main", (), ("/", "/kk/", "/kk/all/", "/en/"), ("/rss.xml", "/kk/feed"), ("/sitemap.xml",))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTS)
def test_languages_that_share_a_host(name):
    """An edition for each where addresses tell them apart, with its own lists and feeds and the sitemap of all; else one, which is said."""
    articles, expected = HOSTS[name]
    kk = Host(f"{HERE}/kk/", "paper.example", Offer(language="kk"), listings=["/kk/", "/kk/all/"])
    en = Host(f"{HERE}/en/", "paper.example", Offer(language="en"), listings=["/en/"])
    found = Host(
        f"{HERE}/", "paper.example", Offer(language="ru"), languages=[kk, en], feeds=["/rss.xml", "/kk/feed"], sitemaps=["/sitemap.xml"],
        listings=["/", "/kk/", "/kk/all/", "/en/"], of_feed={"/kk/feed": [Lead(one, Channel.FEED, "") for one in KK], "/rss.xml": []},
    )  # fmt: skip
    made = editions_of(Visit(None, HERE, Terms()), found, articles, [], "ru")
    shown = [(one.name, one.sections, one.listings, one.feeds, one.sitemaps) for one in made]
    assert shown == expected
    assert bool(found.notes) is (len(made) == 1)
