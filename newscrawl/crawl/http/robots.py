"""Downloader middleware that obeys robots.txt, also where it cannot be read. Protego interprets the rules.

RFC 9309: a file that is refused or not there (4xx) allows everything (2.3.1.3); one that cannot be reached
(5xx, no answer) forbids everything for the time being, unless its rules are known from before (2.3.1.4). Rules known
from before also count where a refusal, a redirect elsewhere or a web page (a challenge) came: none of them says that
the rules are gone.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from urllib.parse import quote
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import StopDownload
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from newscrawl.crawl.context import FetchContext, context_of
from newscrawl.crawl.http import fetches
from newscrawl.crawl.http.refusals import RulesUnknown, Stopped
from newscrawl.model import FetchOutcome

logger = logging.getLogger(__name__)

LIMIT = 512 * 1024
"""Bytes of a robots.txt that are received and obeyed; RFC 9309 (2.5) asks for 500 kB at least."""

# Outcomes that mean that there are no rules (RFC 9309). 429 does not: it asks for fewer requests.
_NO_RULES = frozenset(
    {
        FetchOutcome.NOT_FOUND,
        FetchOutcome.GONE,
        FetchOutcome.LEGAL,
        FetchOutcome.FORBIDDEN,
        FetchOutcome.OTHER_STATUS,
        FetchOutcome.OFF_SITE,
        FetchOutcome.REDIRECT_LOOP,
    }
)
# Those of them that say so; the others may mean no more than that we are not liked today.
_GONE = frozenset({FetchOutcome.NOT_FOUND, FetchOutcome.GONE, FetchOutcome.LEGAL})


class RobotsTxt(RobotsTxtMiddleware):
    """Scrapy's middleware, with the rules of a host fetched once, by one request, while all others of the host wait.

    In Scrapy 2.19 an unreadable robots.txt allows everything, and so does an error page in its place; and of the
    first requests of a host only one waits for the rules. The rules last read are kept in the context's folder `robots`.
    A file is received and obeyed up to LIMIT bytes.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._locks: dict[str, asyncio.Lock] = {}
        self._rules: dict[str, RobotParser | RulesUnknown] = {}  # by host and port
        self._received: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self._maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self._stop_at_limit, signal=signals.bytes_received)

    def _stop_at_limit(self, data: bytes, request: Request) -> None:
        if urlparse_cached(request).path == "/robots.txt":  # also where it is read for the sitemaps it names
            request.meta["download_maxsize"] = self._maxsize  # of the unpacked body
            self._received[request] = self._received.get(request, 0) + len(data)
            if self._received[request] > LIMIT:
                raise StopDownload(fail=False)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host. Raises RulesUnknown, and Stopped where the run ends meanwhile."""
        host = urlparse_cached(request).netloc
        async with self._locks.setdefault(host, asyncio.Lock()):
            if host not in self._rules:
                self._rules[host] = await self._fetch_rules(request, host)
        rules = self._rules[host]
        if isinstance(rules, RulesUnknown):
            raise RulesUnknown(rules.reason, rules.outcome)
        return rules

    async def _fetch_rules(self, request: Request, host: str) -> RobotParser | RulesUnknown:
        context = context_of(self.crawler)
        stats = self.crawler.stats
        stats.inc_value("robotstxt/request_count")
        robots = Request(
            f"{urlparse_cached(request).scheme}://{host}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            # Its own bound holds, also where the server names a length that no page may have.
            meta={"dont_obey_robotstxt": True, "download_maxsize": 0},
            callback=NO_CALLBACK,
        )
        body = b""
        try:
            response = await self.crawler.engine.download_async(robots)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, there are no rules, and the reason is reported
            outcome, detail = fetches.explain(error)
        else:
            stats.inc_value("robotstxt/response_count")
            stats.inc_value(f"robotstxt/response_status_count/{response.status}")
            outcome = fetches.of_response(response, context.now()).outcome
            stopped = "download_stopped" in response.flags
            if outcome is FetchOutcome.BROKEN_BODY and stopped:
                outcome = FetchOutcome.OK  # cut by us
            detail = f"status {response.status}"
            body = response.body if outcome is FetchOutcome.OK else b""
            if stopped or len(body) > LIMIT:
                body = body[:LIMIT].rpartition(b"\n")[0]
                context.counters.problem(
                    f"robots.txt of {host}: longer than {LIMIT // 1024} kB, only the rules up to there count"
                )
        kept = context.robots / f"{quote(host, safe='')}.txt" if context.robots is not None else None
        if outcome is FetchOutcome.OK and not _is_page(body):
            _keep(kept, body)
        elif outcome in _GONE:
            _keep(kept, b"")
        else:
            known = _known(kept)
            if known is None and (outcome is FetchOutcome.OK or outcome in _NO_RULES):
                known = b""
            elif known is None:
                return _left_alone(context, host, detail, outcome)
            logger.info("robots.txt of %s cannot be read (%s): the rules last read count", host, detail)
            body = known
        rules: RobotParser = build_from_crawler(self._parserimpl, self.crawler, body)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules, request=request
        )
        return rules


def _is_page(body: bytes) -> bool:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _left_alone(context: FetchContext, host: str, detail: str, outcome: FetchOutcome) -> RulesUnknown:
    context.counters.without_rules.add(host)
    reason = f"robots.txt of {host} cannot be read ({detail}), so nothing may be asked in this run"
    logger.info("%s", reason)
    return RulesUnknown(reason, outcome)


def _known(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path is not None else None
    except OSError:
        return None


def _keep(path: Path | None, body: bytes) -> None:
    """Keeps rules for later runs; a run that cannot do so goes on."""
    if path is None or _known(path) == body:
        return
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(body)
        temporary.replace(path)
    except OSError as error:
        logger.info("%s cannot be written: %s", path, error.strerror)
