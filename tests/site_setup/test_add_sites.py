"""Made-up sites of different make: what `newscrawl add` writes, crawled, archives all their articles and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.errors import Exit
from newscrawl.site_setup.site import REQUESTS
from tests.site_setup.sites_added import added, said_of_each_line
from tests.support import sites
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Stand, feed, keys, rows, story


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
    assert len([line for line in written if not line.lstrip().startswith("#")]) <= 36
    said_of_each_line(written)
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
