"""Downloader middleware that has listings made by scripts drawn: the page goes to the browser, what the page asks for comes back to the crawl.

The browser has no network. Each script and each answer of data is a request of this run, so robots.txt, the delay, the
limits, the refusal of foreign and private hosts and the WARC hold for it without being said again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from newscrawl.config import Config
from newscrawl.crawl.browser import rendered
from newscrawl.crawl.browser.chromium import Browser, BrowserError, Given, Page
from newscrawl.crawl.browser.rendered import Reply, Wanted
from newscrawl.crawl.http.capture import kept
from newscrawl.crawl.http.fetches import CAPTURES
from newscrawl.crawl.http.guard import DRAWN, FOR_A_SCRIPT
from newscrawl.crawl.http.refusals import Refused

if TYPE_CHECKING:
    from newscrawl.crawl.extensions import ArchiveKeeper

logger = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at a page
_STOPPED = "the run was stopped before the page was drawn"
_HTML = "text/html; charset=utf-8"


class Drawing:
    """Draws the pages whose request says so; every other one passes. The browser starts with the first of them."""

    def __init__(self, crawler: Crawler, keeper: ArchiveKeeper) -> None:
        self._crawler = crawler
        self._keeper = keeper
        config: Config = crawler.settings["NEWSCRAWL_CONFIG"]
        self._browser = Browser(config.browser, agent=str(crawler.settings["USER_AGENT"]))
        self._scripts: dict[str, Given] = {}  # by address: the lists of a site share them

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Drawing:
        from newscrawl.crawl.extensions import keeper_of

        drawing = cls(crawler, keeper_of(crawler))
        crawler.signals.connect(drawing._closed, signal=signals.spider_closed)
        return drawing

    async def process_request(self, request: Request) -> None:
        """Raises Refused where there is no browser: then the page is not asked for either."""
        if DRAWN in request.meta:
            try:
                await self._browser.start()
            except BrowserError as error:
                raise self._refusal(error) from error

    async def process_response(self, request: Request, response: Response) -> Response:
        """The page as its scripts drew it, in UTF-8. Raises Refused where that fails; no page is drawn that is no HTML."""
        if DRAWN not in request.meta or not 200 <= response.status < 300 or not response.body:
            return response
        if b"html" not in (response.headers.get(b"Content-Type") or b"html").lower():
            return response
        visit = _Visit(self._crawler, self._scripts, request, response)
        try:
            body = await self._draw(visit, response.url)
        except BrowserError as error:
            raise self._refusal(error) from error
        finally:
            # Before the page's own: the last one is the answer itself.
            request.meta[CAPTURES] = [*visit.captures, *request.meta.get(CAPTURES, [])]
        return self._as_drawn(request, response, body)

    async def _draw(self, visit: _Visit, url: str) -> bytes:
        spider: Any = self._crawler.spider
        language = next((e.language for e in spider.options.editions if visit.hosts >= e.hosts), None)
        async with self._browser.page(visit.ask, zone=spider.zone, language=language) as page:
            await page.open(url)
            still = await visit.until_still(page)
            if not self._crawler.crawling:
                raise BrowserError(_STOPPED)
            body = await page.html(rendered.READING)
        if not still or visit.asked >= rendered.REQUESTS:
            what = "asked for more and more" if visit.asked >= rendered.REQUESTS else "went on and on"
            self._keeper.counters.problem(
                f"listing {url}: its scripts {what}; what was drawn by then was read"
            )
        logger.info("drew %s: %d requests, %d bytes, refused: %s", url, visit.asked, len(body), visit.said)
        return body

    def _as_drawn(self, request: Request, response: Response, body: bytes) -> Response:
        with kept(self._keeper):
            self._keeper.warc.write_conversion(
                url=response.url,
                at=self._keeper.clock(),
                of=request.meta[CAPTURES][-1],
                content_type=_HTML,
                body=body,
            )
        self._crawler.stats.inc_value("newscrawl/listings/drawn")
        headers = response.headers.copy()
        for name in (b"ETag", b"Last-Modified"):  # they are the empty page's
            headers.pop(name, None)
        headers[b"Content-Type"] = _HTML
        return response.replace(body=body, headers=headers)

    def _refusal(self, error: BrowserError) -> Refused:
        # Ctrl-C reaches the browser as well: what it says then is no fault of the list.
        return Refused(str(error) if self._crawler.crawling else _STOPPED)

    async def _closed(self) -> None:
        await self._browser.close()


class _Visit:
    """One page in the browser: what it asked for, and when it is ready."""

    def __init__(
        self, crawler: Crawler, scripts: dict[str, Given], request: Request, response: Response
    ) -> None:
        self.hosts: frozenset[str] = request.meta[DRAWN]
        self.captures: list[Any] = []
        self.asked = 0
        self._crawler = crawler
        self._scripts = scripts
        self._document: Given | None = Given(response.status, _shown(response), response.body)
        self._received = 0
        self._under_way = 0
        self._moved = False
        self._refused: Counter[str] = Counter()

    @property
    def said(self) -> str:
        """What was refused, for the log."""
        return ", ".join(f"{why} ({times})" for why, times in self._refused.most_common(5)) or "nothing"

    async def ask(self, wanted: Wanted, headers: dict[str, str], body: bytes) -> Given:
        """The answer to a request of the page; the first one is for the page itself, which is there already."""
        if wanted.leaves and self._document is not None:
            given, self._document = self._document, None
            return given
        if wanted.kind == "script" and wanted.url in self._scripts:
            return self._scripts[wanted.url]
        what, why = rendered.reply(wanted, self.hosts, asked=self.asked, received=self._received)
        if what is Reply.EMPTY:
            return Given(200, {"content-type": "text/css"})
        if what is Reply.STAY:
            return Given(204)  # "no content": a browser stays where it is
        if what is Reply.REFUSE:
            self._refused[why] += 1
            return Given(body=None)
        self.asked += 1
        self._under_way += 1
        self._moved = True
        try:
            return await self._fetched(wanted, headers, body)
        finally:
            self._under_way -= 1
            self._moved = True

    async def _fetched(self, wanted: Wanted, headers: dict[str, str], body: bytes) -> Given:
        request = Request(
            wanted.url,
            method=wanted.method,
            headers=rendered.headers_to_send(headers),
            body=body,
            dont_filter=True,
            meta={FOR_A_SCRIPT: True, "download_maxsize": rendered.BYTES},
        )
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:
            self.captures += request.meta.get(CAPTURES, [])
            self._refused[f"{wanted.url[:100]}: {error or type(error).__name__}"[:200]] += 1
            raise
        last = response.request or request  # behind redirects
        self.captures += last.meta.get(CAPTURES, [])
        self._received += len(response.body)
        given = Given(response.status, _shown(response), response.body)
        if wanted.kind == "script" and response.status == 200:
            held = sum(len(one.body or b"") for one in self._scripts.values())
            if (
                held + len(response.body) <= rendered.BYTES
            ):  # of the whole run: a page may ask for ever new ones
                self._scripts[wanted.url] = given
        return given

    async def until_still(self, page: Page) -> bool:
        """Waits until nothing is asked for and nothing drawn any more; False if the time ends first, or the run. Raises BrowserError."""
        loop = asyncio.get_running_loop()
        began = before = loop.time()
        own = still = 0.0
        size = None
        while own < rendered.SECONDS and before - began < rendered.LONGEST and self._crawler.crawling:
            await asyncio.sleep(_LOOK)
            now, waiting = loop.time(), self._under_way > 0
            passed, before = now - before, now
            if waiting:
                still = 0.0
                continue
            own += passed
            elements, moved = await page.size(rendered.STILL), self._moved
            still = still + passed if elements is not None and elements == size and not moved else 0.0
            size, self._moved = elements, False
            if still >= rendered.STILL:
                return True
        return False


def _shown(response: Response) -> dict[str, str]:
    headers = {
        name.decode("latin-1"): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return rendered.headers_to_show(headers)
