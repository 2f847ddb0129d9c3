"""Every source: it can be made, says what it must, and knows its own addresses from others."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.context import Hosts
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.options import Recheck
from newscrawl.crawl.runner import spider_classes
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import UsageError
from newscrawl.spiders.orda import OrdaSpider

ROOT = Path(__file__).parents[2]


def _all() -> dict[str, type[NewsSpider]]:
    settings = Settings()
    settings.setmodule("newscrawl.settings", priority="project")
    return dict(spider_classes(settings))


SOURCES = _all()


def _module(name: str) -> str:
    """The file of a source: its name; a leading number, which no module can have, goes to the end."""
    return re.sub(r"^(\d+)(.*)$", r"\2\1", name)


@pytest.mark.parametrize("name", SOURCES)
def test_source_is_complete(name: str) -> None:
    """It has a name like its file, a zone that exists, editions with hosts of their own and at least one channel, and patterns that compile."""
    cls = SOURCES[name]
    assert cls.name == name
    assert cls.__module__ == f"newscrawl.spiders.{_module(name)}"
    assert cls.outlet
    assert ZoneInfo(cls.zone)
    assert cls.editions
    assert (
        len({edition.name for edition in cls.editions})
        == len({(edition.host, edition.sections) for edition in cls.editions})
        == len(cls.editions)
    )
    for edition in cls.editions:
        assert list(edition.channels())
        assert all(address.startswith(f"https://{edition.host}/") for _, address in edition.channels())
    re.compile(cls.listed_path)
    re.compile(cls.claimed_path)
    if cls.identity_path:
        assert re.compile(cls.identity_path).groups == 1


@pytest.mark.parametrize("name", SOURCES)
def test_source_can_be_made(name: str) -> None:
    """A hook of Scrapy that was renamed fails silently: every source is constructed, and starts with its channels."""
    spider = SOURCES[name].from_crawler(get_crawler(SOURCES[name]))
    assert spider.options.recheck is Recheck.YES
    assert {edition.name for edition in spider.options.editions} == {
        edition.name for edition in spider.editions
    }
    assert Hosts.of(spider.options.editions).editions


# Addresses of published pieces: (edition, address). Both with and without the number, from before and after a change of system.
ORDA = [
    ("en", "https://en.orda.kz/council-asks-for-review-of-ferry-contract-8715"),
    ("en", "https://en.orda.kz/old-pump-house-and-a-new-roof-the-harbour-case-goes-to-appeal-3094/"),
    ("en", "https://en.orda.kz/harbour-town-looks-into-bus-market-one-firm-holds-90-share-5517/"),
    ("en", "https://www.en.orda.kz/no-quick-repair-voices-after-the-bridge-ruling-3246/"),
    ("ru", "https://orda.kz/itogi-goda-top-10-istorij-gavani-380565"),
    ("ru", "https://orda.kz/staryj-parom-v-tjazhelom-remonte/"),
    ("ru", "https://orda.kz/ochered-na-pristani-chto-proishodit-v-malenkom-portu-posle-otmeny-poslednego-rejsa-etoj-zimoj-378996/"),
    ("kk", "https://kaz.orda.kz/kopirdegi-uzaq-kezek-ekinshi-kuen-almaty/"),
    ("kk", "https://kaz.orda.kz/qalada-tramvaj-jelektrondy-bilet-zhyjesi-iske-kosylady-137363/"),
    ("ru", "https://orda.kz/byudzhet-2026-412345"),
    ("ru", "https://orda.kz/top-10-412345/"),
    ("en", "https://en.orda.kz/amp/ferry-runs-again-9001"),
    ("en", "https://en.orda.kz/ferry-runs-again-9001/amp/"),
]  # fmt: skip
ELSEWHERE = [
    "https://en.orda.kz/", "https://en.orda.kz/news/", "https://en.orda.kz/society/", "https://en.orda.kz/about-us/", "https://en.orda.kz/page/2/",
    "https://en.orda.kz/tag/rights-and-freedom-of-speech/", "https://en.orda.kz/search-results.html?q=x-1234", "https://en.orda.kz/feed/",
    "https://en.orda.kz/sitemap/sitemap_news1.xml", "https://en.orda.kz/uploads/posts/2024-07/sizes/1440x810/a-name-1234.webp",
    "https://en.orda.kz/2024-01-150/", "https://en.orda.kz/report-of-the-year-1234.pdf", "https://elsewhere.example/a-story-of-it-1234",
    "https://orda.kz.elsewhere.example/a-story-of-it-1234", "ftp://en.orda.kz/a-story-of-it-1234",
]  # fmt: skip


@pytest.fixture(scope="module")
def orda() -> OrdaSpider:
    return OrdaSpider()


@pytest.mark.parametrize(("edition", "address"), ORDA)
def test_orda_knows_its_articles(orda: OrdaSpider, edition: str, address: str) -> None:
    """On pages and in sitemaps, in its own edition and in no other; the number is the same for all spellings."""
    assert orda.addresses.edition_of(address) == edition
    assert orda.addresses.is_listed(address, edition)
    assert orda.addresses.is_claimed(address, edition)
    assert not any(
        orda.addresses.is_listed(address, other) for other in ("en", "ru", "kk") if other != edition
    )
    assert orda.addresses.key(address) == orda.addresses.key(address.rstrip("/") + "/?utm_source=x#top")


# Addresses of other sources in the shapes their pages use: (source, edition, address, whether a link to it is a lead).
OTHERS = [
    ("azattyq", "kk", "https://www.azattyq.org/a/31999999.html", True),
    ("azattyq", "ru", "https://rus.azattyq.org/amp/31999999.html", True),
    ("azattyq", "ru", "https://rus.azattyq.org/amp/dlinnyj-most/31999999.html", True),
    ("azattyq", "ru", "https://rus.azattyq.org/z/31999999.html", False),
    ("tengrinews", "ru", "https://tengrinews.kz/world_news/dlinnyj-most-587999/", True),
    ("tengrinews", "ru", "https://tengrinews.kz/page/pravila-2024/", False),
    ("tengrinews", "ru", "https://tengrinews.kz/tag/mosty-2024/", False),
    ("ulysmedia", "ru", "https://ulysmedia.kz/interview/21999-dlinnyj-most", True),
    ("ulysmedia", "ru", "https://ulysmedia.kz/authors/219-imja-familija/", False),
]


@pytest.mark.parametrize(("source", "edition", "address", "lead"), OTHERS)
def test_shapes_of_other_sources(source: str, edition: str, address: str, lead: bool) -> None:
    """Twins of an article are leads; authors, tags and service pages with a number are none."""
    spider = SOURCES[source]()
    assert spider.addresses.edition_of(address) == edition
    assert spider.addresses.is_listed(address, edition) is lead
    assert (spider.addresses.number_key(address, edition) is not None) or not lead


@pytest.mark.parametrize("address", ELSEWHERE)
def test_orda_leaves_others_alone(orda: OrdaSpider, address: str) -> None:
    """Sections, service pages, files and foreign hosts are no leads."""
    assert not orda.addresses.is_listed(address, "en")


@pytest.mark.parametrize(
    "address",
    [
        "https://kaz.orda.kz/%d2%a3%d2%93-zhana-zhol",
        "https://orda.kz/nochnoj-poezd__trashed/",
        "https://orda.kz/nochnoj-poezd-\ufffc-412345",
    ],
)
def test_orda_sitemaps_may_name_odd_slugs(orda: OrdaSpider, address: str) -> None:
    """Where the outlet itself says that it is an article, any single slug is believed."""
    edition = orda.addresses.edition_of(address)
    assert edition is not None
    assert orda.addresses.is_claimed(address, edition)
    assert orda.addresses.key(orda.addresses.key(address)) == orda.addresses.key(address)


BAD = [{"edition": "fr"}, {"edition": ""}, {"site": "x"}, {"site": "http://a.example/path"}, {"site": "http://a.example,http://b.example"},
       {"site": "http://user:word@a.example"}, {"since": "31.31.2026"}, {"since": "2026-13-01"}, {"limit": "0"}, {"limit": "-1"}, {"recheck": "maybe"},
       {"edition": "en,ru", "site": "http://a.example"}]  # fmt: skip


@pytest.mark.parametrize("arguments", BAD, ids=str)
def test_bad_arguments(arguments: dict[str, str]) -> None:
    """Refused with the argument's name before anything starts."""
    with pytest.raises(UsageError) as caught:
        OrdaSpider(**arguments)
    assert next(iter(arguments)) in str(caught.value) or "site" in str(caught.value)


def test_nothing_of_scrapy_is_left_running() -> None:
    """The spiders' folder holds sources only, and no test source slipped in."""
    files = {path.stem for path in (ROOT / "newscrawl" / "spiders").glob("*.py")} - {"__init__"}
    assert files == {_module(name) for name in SOURCES}


@pytest.mark.parametrize(
    ("address", "edition"),
    [
        ("https://paper.example/news/1-a.html", "ru"),
        ("https://www.paper.example/", "ru"),
        ("https://paper.example/english/2-b.html", "en"),
        ("https://paper.example/english", "en"),
        ("https://paper.example/english/deep/3-c.html", "deep"),
        ("https://paper.example/kz/english/2-b.html", "en"),
        ("https://paper.example/englishman/1-a.html", "ru"),
        ("https://kaz.paper.example/x/4-d.html", "kk"),
        ("https://kaz.paper.example/y/4-d.html", None),
        ("https://elsewhere.example/english/2-b.html", None),
    ],
)
def test_editions_that_share_a_host(address: str, edition: str | None) -> None:
    """The longest section that fits says which one; the edition without sections has the rest."""
    addresses = Addresses(
        source="paper",
        editions=[
            Edition("en", "paper.example", sections=("/english/", "/kz/english/")),
            Edition("ru", "paper.example"),
            Edition("deep", "paper.example", sections=("/english/deep/",)),
            Edition("kk", "kaz.paper.example", sections=("/x/",)),
        ],
        listed=re.compile(r"\.html$"),
        claimed=re.compile(r"\.html$"),
    )
    assert addresses.edition_of(address) == edition


@pytest.mark.parametrize(
    ("source", "address", "lead"),
    [
        ("kursiv", "https://kz.kursiv.media/?p=6699999", True),
        ("kursiv", "https://kz.kursiv.media/?s=6699999", False),
        ("timesca", "https://timesca.com/?p=39999", True),
        ("timesca", "https://timesca.com/?p=2", False),
        ("orda", "https://orda.kz/?p=39999", False),
    ],
)
def test_short_links(source: str, address: str, lead: bool) -> None:
    """Links to them are leads of the sources that run on WordPress and use them, and of no other source."""
    addresses = SOURCES[source]().addresses
    edition = addresses.edition_of(address)
    assert edition is not None
    assert addresses.is_listed(address, edition) is lead
    assert addresses.is_claimed(address, edition) or not lead
