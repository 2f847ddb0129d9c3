"""Downloader middleware that renders listings made by scripts: the page goes to the browser, its requests come back to the crawl.

The browser has no network. Each script and each response with data is a request of this run, so robots.txt, the delay,
the limits, the host rules and the WARC apply to it like to any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from newscrawl.crawl.browser import rules
from newscrawl.crawl.browser.chromium import Browser, BrowserError, Page, PageResponse
from newscrawl.crawl.browser.rules import Decision, PageRequest
from newscrawl.crawl.context import RunContext, run_of
from newscrawl.crawl.http.capture import writing
from newscrawl.crawl.http.refusals import Refused
from newscrawl.crawl.http.requests import CAPTURES, FOR_SCRIPT, RENDER

logger = logging.getLogger(__name__)

_CHECK_EVERY = 0.25  # seconds between two checks of a page
_STOPPED = "the run was stopped before the page was rendered"
_HTML = "text/html; charset=utf-8"


class RenderMiddleware:
    """Renders the pages whose request says so, and passes all others on. The browser starts with the first of them."""

    def __init__(self, crawler: Crawler, run: RunContext) -> None:
        self._crawler = crawler
        self._run = run
        self._browser = Browser(run.config.browser, agent=str(crawler.settings["USER_AGENT"]))
        self._scripts: dict[str, PageResponse] = {}  # by address: the lists of a site share them

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RenderMiddleware:
        middleware = cls(crawler, run_of(crawler))
        crawler.signals.connect(middleware._closed, signal=signals.spider_closed)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Raises Refused where there is no browser: then the page is not requested either."""
        if RENDER in request.meta:
            try:
                await self._browser.start()
            except BrowserError as error:
                raise self._refusal(error) from error

    async def process_response(self, request: Request, response: Response) -> Response:
        """The page as its scripts rendered it, in UTF-8; what is not HTML stays as it is. Raises Refused where that fails."""
        if RENDER not in request.meta or not 200 <= response.status < 300 or not response.body:
            return response
        if b"html" not in (response.headers.get(b"Content-Type") or b"html").lower():
            return response
        visit = _Visit(self._crawler, self._scripts, request, response)
        try:
            body = await self._render(visit, response.url)
        except BrowserError as error:
            raise self._refusal(error) from error
        finally:
            # Before the page's own: the last capture is the response itself.
            request.meta[CAPTURES] = [*visit.captures, *request.meta.get(CAPTURES, [])]
        return self._as_rendered(request, response, body)

    async def _render(self, visit: _Visit, url: str) -> bytes:
        language = next((e.language for e in self._run.options.editions if visit.hosts >= e.hosts), None)
        async with self._browser.page(visit.answer, zone=self._run.zone, language=language) as page:
            await page.open(url)
            still = await visit.until_still(page)
            if not self._crawler.crawling:
                raise BrowserError(_STOPPED)
            body = await page.html(rules.READING)
        if not still or visit.sent >= rules.REQUESTS:
            what = "asked for more and more" if visit.sent >= rules.REQUESTS else "went on and on"
            self._run.counters.problem(
                f"listing {url}: its scripts {what}; what was rendered by then was read"
            )
        logger.info("drew %s: %d requests, %d bytes, refused: %s", url, visit.sent, len(body), visit.refused)
        return body

    def _as_rendered(self, request: Request, response: Response, body: bytes) -> Response:
        with writing(self._run):
            self._run.warc.write_conversion(
                url=response.url,
                at=self._run.now(),
                of=request.meta[CAPTURES][-1],
                content_type=_HTML,
                body=body,
            )
        self._run.stats.inc_value("newscrawl/listings/drawn")
        headers = response.headers.copy()
        for name in (b"ETag", b"Last-Modified"):  # they belong to the empty page
            headers.pop(name, None)
        headers[b"Content-Type"] = _HTML
        return response.replace(body=body, headers=headers)

    def _refusal(self, error: BrowserError) -> Refused:
        # Ctrl-C reaches the browser as well: its error then is no fault of the list.
        return Refused(str(error) if self._crawler.crawling else _STOPPED)

    async def _closed(self) -> None:
        await self._browser.close()


class _Visit:
    """One page in the browser: its requests, and when it is ready."""

    def __init__(
        self, crawler: Crawler, scripts: dict[str, PageResponse], request: Request, response: Response
    ) -> None:
        self.hosts: frozenset[str] = request.meta[RENDER]
        self.captures: list[Any] = []
        self.sent = 0
        self._crawler = crawler
        self._scripts = scripts
        self._document: PageResponse | None = PageResponse(response.status, _shown(response), response.body)
        self._received = 0
        self._under_way = 0
        self._changed = False
        self._refusals: Counter[str] = Counter()

    @property
    def refused(self) -> str:
        """What was refused, for the log."""
        return ", ".join(f"{why} ({times})" for why, times in self._refusals.most_common(5)) or "nothing"

    async def answer(self, wanted: PageRequest, headers: dict[str, str], body: bytes) -> PageResponse:
        """The response to a request of the page; the first one is for the page itself, which is there already."""
        if wanted.leaves and self._document is not None:
            document, self._document = self._document, None
            return document
        if wanted.kind == "script" and wanted.url in self._scripts:
            return self._scripts[wanted.url]
        decision, why = rules.decide(wanted, self.hosts, sent=self.sent, received=self._received)
        if decision is Decision.EMPTY:
            return PageResponse(200, {"content-type": "text/css"})
        if decision is Decision.STAY:
            return PageResponse(204)  # "no content": a browser stays where it is
        if decision is Decision.REFUSE:
            self._refusals[why] += 1
            return PageResponse(body=None)
        self.sent += 1
        self._under_way += 1
        self._changed = True
        try:
            return await self._fetched(wanted, headers, body)
        finally:
            self._under_way -= 1
            self._changed = True

    async def _fetched(self, wanted: PageRequest, headers: dict[str, str], body: bytes) -> PageResponse:
        request = Request(
            wanted.url,
            method=wanted.method,
            headers=rules.headers_to_send(headers),
            body=body,
            dont_filter=True,
            meta={FOR_SCRIPT: True, "download_maxsize": rules.BYTES},
        )
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:
            self.captures += request.meta.get(CAPTURES, [])
            self._refusals[f"{wanted.url[:100]}: {error or type(error).__name__}"[:200]] += 1
            raise
        last = response.request or request  # behind redirects
        self.captures += last.meta.get(CAPTURES, [])
        self._received += len(response.body)
        answer = PageResponse(response.status, _shown(response), response.body)
        if wanted.kind == "script" and response.status == 200:
            kept = sum(len(script.body or b"") for script in self._scripts.values())
            if kept + len(response.body) <= rules.BYTES:  # in the whole run: a page may request ever new ones
                self._scripts[wanted.url] = answer
        return answer

    async def until_still(self, page: Page) -> bool:
        """Waits until the page sends no request and does not change any more; False if the time or the run ends first. Raises BrowserError."""
        loop = asyncio.get_running_loop()
        began = before = loop.time()
        own = still = 0.0
        size = None
        while own < rules.SECONDS and before - began < rules.LONGEST and self._crawler.crawling:
            await asyncio.sleep(_CHECK_EVERY)
            now, waiting = loop.time(), self._under_way > 0
            passed, before = now - before, now
            if waiting:
                still = 0.0
                continue
            own += passed
            elements, changed = await page.size(rules.STILL), self._changed
            still = still + passed if elements is not None and elements == size and not changed else 0.0
            size, self._changed = elements, False
            if still >= rules.STILL:
                return True
        return False


def _shown(response: Response) -> dict[str, str]:
    headers = {
        name.decode("latin-1"): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return rules.headers_to_show(headers)
