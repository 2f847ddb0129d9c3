"""Every source against its saved cases: made-up pages in the shape of the outlet's, with what must be read from them.

A case is a folder `tests/sources/<source>/<case>/` with `page.html` (or .xml, .json) and `expect.json`:
`url`, `at` (instant of the fetch), `edition`, `kind` (article, not_article, listing, feed, sitemap) and what is expected.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from newscrawl.cli.crawling.sources import classes
from newscrawl.crawl.listings.tasks import ListingTask
from newscrawl.crawl.parse.jobs import parse_listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.extract import extract
from newscrawl.extract.page import selectors
from newscrawl.model import Article, Channel
from newscrawl.serialization import records

CASES = Path(__file__).parents[1] / "sources"
SOURCES: dict[str, type[NewsSpider]] = {spider.name: spider for spider in classes()}
# What every article case says; what is unknown is said to be null.
FIELDS = (
    "title", "subtitle", "authors", "published", "published_precision", "language", "body", "is_claimed", "key",
)  # fmt: skip
FURTHER = ("modified", "section", "tags", "images", "page_type", "canonical", "number", "is_listed")


def _cases(source: str) -> list[Path]:
    return sorted(path.parent for path in (CASES / source).glob("*/expect.json"))


@cache
def _expected(case: Path) -> dict[str, Any]:
    return json.loads((case / "expect.json").read_text("utf-8"))


ALL = [case for source in sorted(SOURCES) for case in _cases(source)]


def _of_kind(*kinds: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{case.parent.name}-{case.name}")
        for case in ALL
        if _expected(case)["kind"] in kinds
    ]


def _page(case: Path) -> bytes:
    return next(case.glob("page.*")).read_bytes()


@cache
def _spider(source: str) -> NewsSpider:
    return SOURCES[source]()


@cache
def _article(case: Path) -> Article:
    said = _expected(case)
    rules = SOURCES[case.parent.name].rules(said["edition"])
    at = datetime.fromisoformat(said["at"])
    return extract(
        _page(case), said["url"], content_type=said.get("content_type"), fetched_at=at, rules=rules
    )


def _read(case: Path, field: str) -> object:
    article, url = _article(case), _expected(case)["url"]
    spider, edition = _spider(case.parent.name), _expected(case)["edition"]
    values: dict[str, object] = {
        **records.extracted(article),
        "authors": [[a.name, a.role, a.kind] for a in article.authors],
        "body": article.body.split("\n\n"),
        "canonical": article.canonical,
        "key": spider.addresses.key(url),
        "number": spider.addresses.number_key(url, edition),
        "is_claimed": spider.addresses.is_claimed(url, edition),
        "is_listed": spider.addresses.is_listed(url, edition),
    }
    return values[field]


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_source_has_its_cases(source: str) -> None:
    """At least an ordinary article, an awkward one, a page that is none, and one listing of some kind."""
    kinds = [_expected(case)["kind"] for case in _cases(source)]
    assert kinds.count("article") >= 2
    assert "not_article" in kinds
    assert {"listing", "feed", "sitemap"} & set(kinds)


def test_no_case_without_a_source() -> None:
    """A folder of cases belongs to a spider of its name."""
    assert {path.name for path in CASES.iterdir() if path.is_dir()} <= set(SOURCES)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_source_is_well_formed(source: str) -> None:
    """Every edition has a channel, selectors are selectors, and the front page is no article."""
    spider = _spider(source)
    selectors.check(spider.selectors)
    for edition in spider.editions:
        assert any(edition.channels()), edition.name
        assert not spider.addresses.is_listed(edition.base + "/", edition.name)
        for listing in edition.listings:
            address = edition.address(listing)
            assert not spider.addresses.is_listed(address, edition.name), address


@pytest.mark.parametrize("case", _of_kind("article"))
def test_fields_of_an_article(case: Path) -> None:
    """Each field is exactly what the page says."""
    assert _article(case).is_article, _article(case).reason
    assert {field: _read(case, field) for field in FIELDS} == {f: _expected(case)[f] for f in FIELDS}


@pytest.mark.parametrize("case", _of_kind("article"))
def test_further_fields_of_an_article(case: Path) -> None:
    """What a case says beyond the fields that all have to say."""
    said = {field: _expected(case)[field] for field in FURTHER if field in _expected(case)}
    assert {field: _read(case, field) for field in said} == said


@pytest.mark.parametrize("case", _of_kind("not_article"))
def test_a_page_that_is_no_article(case: Path) -> None:
    """It is refused, for what it is."""
    assert not _article(case).is_article
    assert _article(case).page_type.value == _expected(case)["page_type"]


@pytest.mark.parametrize("case", _of_kind("listing", "feed", "sitemap"))
def test_a_listing(case: Path) -> None:
    """Exactly these leads in this order, and this is how the list goes on."""
    said = _expected(case)
    spider = _spider(case.parent.name)
    task = ListingTask(spider.addresses.edition_named(said["edition"]), Channel(said["kind"]), said["url"])
    page = parse_listing(task, _page(case), said["url"], said.get("content_type"), spider.addresses)
    found = [
        {
            "url": lead.url,
            **({"headline": lead.headline} if lead.headline else {}),
            **({"published": lead.published.isoformat()} if lead.published else {}),
        }
        for lead in page.leads
    ]
    assert found == said["leads"]
    assert list(page.next_pages) == said.get("next", [])
    assert list(page.children) == said.get("children", [])
