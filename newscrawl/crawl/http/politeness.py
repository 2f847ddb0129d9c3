"""Crawl-delay and Retry-After, which Scrapy does not keep. The rules of robots.txt are in robots.py."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from newscrawl.crawl.context import context_of
from newscrawl.crawl.http.refusals import Stopped, Throttled
from newscrawl.crawl.http.stopping import is_ending

logger = logging.getLogger(__name__)

LONGEST = 86400.0  # seconds
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
    sat out: the host's requests of this run fail as throttled and are sent again by a later run, once the
    instant is over; it is kept in the context's folder `quiet`. No server is believed for more than a day.
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
        if host not in self._quiet_until:
            self._quiet_until[host] = time.monotonic() + self._kept(host)
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
                wait = min(wait, LONGEST)
                host = urlparse_cached(request).netloc
                self._quiet_until[host] = max(self._quiet_until.get(host, 0.0), time.monotonic() + wait)
                self.crawler.stats.inc_value("newscrawl/retry_after")
                if wait > self._most:
                    self._keep(host, wait)
                    return response
        return super().process_response(request, response)

    def _kept(self, host: str) -> float:
        """Seconds that an earlier run was asked to wait and that are not over."""
        file = self._file(host)
        try:
            until = datetime.fromisoformat(file.read_text("ascii")) if file is not None else None
        except (OSError, ValueError):
            return 0.0
        if file is None or until is None or until.tzinfo is None:
            return 0.0
        wait = (until - context_of(self.crawler).now()).total_seconds()
        if wait <= 0:
            with contextlib.suppress(OSError):
                file.unlink()
        return min(max(wait, 0.0), LONGEST)

    def _keep(self, host: str, wait: float) -> None:
        """Keeps the instant for later runs; a run that cannot do so goes on."""
        file = self._file(host)
        if file is None:
            return
        until = context_of(self.crawler).now() + timedelta(seconds=wait)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(until.isoformat(), "ascii")
        except OSError as error:
            logger.info("%s cannot be written: %s", file, error.strerror)

    def _file(self, host: str) -> Path | None:
        folder = context_of(self.crawler).quiet
        return folder / f"{quote(host, safe='')}.txt" if folder is not None else None


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110: seconds or a date); None for no or a senseless one."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 10 * 86400))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
