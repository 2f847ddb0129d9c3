"""A made-up source with a list of numbered pieces, with helpers that write its pages, crawl it and list the requests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Stand, story

ALMATY = ZoneInfo("Asia/Almaty")
TOTAL, PAGE = 24, 3
DAY = timedelta(days=1)


def when(n: int) -> datetime:
    """Piece n of 24 was published so many days before the tests' today; the higher, the newer."""
    return (NOW - (TOTAL - n) * DAY).astimezone(ALMATY)


def path(n: int) -> str:
    """The address of piece n."""
    return f"/news/item-{1000 + n}"


def card(n: int, *, dated: bool = True) -> str:
    """A piece as a list shows it."""
    date = f'<time datetime="{when(n).isoformat()}">x</time>' if dated else ""
    return f'<div class="card"><a href="{path(n)}">Ferry to landing {n} runs</a>{date}</div>'


def listed(numbers: list[int], *, further: str = "", dated: bool = True) -> str:
    """A page of a list."""
    return f"<html><body><div>{''.join(card(n, dated=dated) for n in numbers)}</div>{further}</body></html>"


def page_of(page: int, total: int = TOTAL) -> list[int]:
    """What page 1, 2, … of the list shows."""
    last = total - (page - 1) * PAGE
    return list(range(last, max(last - PAGE, 0), -1))


def articles(total: int = TOTAL) -> dict[str, Answer | str]:
    """All pieces."""
    return {path(n): story(f"landing {n}", published=when(n).isoformat()) for n in range(1, total + 1)}


def source(*listings: Listing | str, **more: object) -> type[NewsSpider]:
    """A source with these lists."""

    class Paged(NewsSpider):
        name = "paged"
        outlet = "The Landing Post"
        zone = "Asia/Almaty"
        editions = (Edition("en", "landing.example", "en", listings=listings, **more),)
        listed_path = claimed_path = r"^/news/item-\d+$"
        identity_path = r"-(\d+)$"

    return Paged


def run(home: Path, site: Stand, spider: type[NewsSpider], now: datetime = NOW, **arguments: str):
    """One run."""
    return crawl(home, now, spider=spider, site=site.url, recheck="no", **arguments)


def lists(site: Stand) -> list[str]:
    """The pages of lists asked for."""
    return [one for one in site.paths if not one.startswith("/news/item-")]


def numbered(site: Stand, address: str, *, dated: bool = True, json_answers: bool = False) -> None:
    """A site whose list has its first page at /news/ and older ones where `address` says."""
    site.pages |= articles()
    for page in range(1, TOTAL // PAGE + 1):
        body: str | Answer = listed(page_of(page), dated=dated)
        if json_answers and page > 1:
            body = Answer(
                json.dumps({"ok": 1, "data": {"list": [{"html": body}]}}), content_type="application/json"
            )
        site.pages["/news/" if page == 1 else address.format(n=page)] = body
