"""Crawl-delay and Retry-After, which Scrapy does not keep. The rules of robots.txt are in robots.py."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from newscrawl.crawl.http.refusals import Stopped, Throttled
from newscrawl.crawl.http.stopping import is_ending

logger = logging.getLogger(__name__)

_CHECK_EVERY = 1.0  # seconds after which a waiting request checks whether the run still goes on


class CrawlDelay:
    """Extension: keeps the Crawl-delay of a robots.txt where it is longer than DOWNLOAD_DELAY.

    Capped at CRAWL_DELAY_MAX seconds, so that a mistyped file cannot stop a run for good.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._most = crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self._agent = str(crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"])
        self._delays: dict[str, float] = {}
        crawler.signals.connect(self._robots, signal=signals.robots_parsed)
        crawler.signals.connect(self._slow_down, signal=signals.request_reached_downloader)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlDelay:
        return cls(crawler)

    def _robots(self, robotparser: RobotParser, request: Request) -> None:
        asked = robotparser.crawl_delay(self._agent)
        if asked is None or asked <= 0:
            return
        delay = min(float(asked), self._most)
        self._delays[str(urlparse_cached(request).hostname)] = delay
        logger.info(
            "robots.txt of %s asks for %s s between requests; keeping %s s",
            urlparse_cached(request).netloc,
            asked,
            delay,
        )
        self._slow_down(request)

    def _slow_down(self, request: Request) -> None:
        host = str(urlparse_cached(request).hostname)
        delay = self._delays.get(host)
        slot = self._crawler.engine.downloader.slots.get(host)
        if delay is not None and slot is not None and slot.delay < delay:
            slot.delay = delay
            slot.jitter = 0.0


class RetryAfter(RetryMiddleware):
    """Retries as Scrapy does, but not before the instant a server named in Retry-After.

    Until then no request goes to the host. A wait longer than RETRY_AFTER_MAX seconds is not
    sat out: the host's requests of this run fail as throttled and are sent again by a later run.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self._most = crawler.settings.getfloat("RETRY_AFTER_MAX")
        self._quiet_until: dict[str, float] = {}  # host -> monotonic seconds

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfter:
        middleware = cls(crawler)
        middleware.crawler = crawler
        return middleware

    async def process_request(self, request: Request) -> None:
        """Waits until the host may be asked again. Raises Throttled where that is too long, Stopped if the run ends meanwhile."""
        host = urlparse_cached(request).netloc
        while (wait := self._quiet_until.get(host, 0.0) - time.monotonic()) > 0:
            if wait > self._most:
                raise Throttled(f"the server asked to wait {wait:.0f} s")
            if is_ending(self.crawler):
                raise Stopped("the run ended while the server wanted to be left alone")
            await asyncio.sleep(min(wait, _CHECK_EVERY))

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Notes Retry-After of 429 and 503, then retries as usual; without a retry if the wait is too long."""
        if response.status in (429, 503):
            wait = retry_after(response.headers.get(b"Retry-After"), datetime.now(UTC))
            if wait is not None:
                host = urlparse_cached(request).netloc
                self._quiet_until[host] = max(self._quiet_until.get(host, 0.0), time.monotonic() + wait)
                self.crawler.stats.inc_value("newscrawl/retry_after")
                if wait > self._most:
                    return response
        return super().process_response(request, response)


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110: seconds or a date); None for no or a senseless one."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isdigit():
        return float(min(int(text[:9]), 10 * 86400))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
