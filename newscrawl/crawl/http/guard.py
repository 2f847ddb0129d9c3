"""Downloader middlewares that keep a run on the outlet's own hosts, also across redirects, stop asking a dead one, and ask no faster than is read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from newscrawl.crawl.http.refusals import OffSite, Refused, Unreachable
from newscrawl.urls import host_of, is_private_host

ALWAYS = "newscrawl_always"  # request.meta: ask although the edition seems dead (controls)
DRAWN = "newscrawl_drawn"  # request.meta: a browser is to draw the page; its scripts may ask these hosts
FOR_A_SCRIPT = "newscrawl_for_a_script"  # request.meta: asked for by a page in the browser
OWN_VALIDATORS = "newscrawl_own_validators"  # request.meta: the validators are those of the address asked for


# Answers that may wait for the reader or the archive. Scrapy bounds their bytes alone, and each takes a hundred kilobytes more.
UNDER_WAY = 50
_PAUSE = 0.05  # seconds


class HostGuard:
    """Refuses every host that is not one of the run's editions.

    Pages are hostile: a redirect to another outlet, to this machine or into a private network is
    never followed. Hosts the user gave himself (`-a site=`) are allowed, whatever they are, and for the scripts of
    a page in the browser those that the source names.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises OffSite for a foreign host, Unreachable for an edition that stopped answering.

        Where a redirect leads is asked without the validators of the address left: a front page that answers "not
        modified" says nothing of the article.
        """
        if request.meta.get(OWN_VALIDATORS) and request.meta.get("redirect_urls"):
            for name in ("If-None-Match", "If-Modified-Since"):
                request.headers.pop(name, None)
        spider = self._crawler.spider
        hosts: Mapping[str, frozenset[str]] = getattr(spider, "allowed_hosts", {})
        host = host_of(request.url)
        if not request.url.startswith(("http://", "https://")):
            raise Refused(f"not a web address: {request.url[:200]}")
        if host in getattr(spider, "script_hosts", ()) and _for_a_script(request):
            return
        if host not in hosts:
            kind = "a private address" if is_private_host(host) else "another host"
            raise OffSite(f"leads to {kind} ({host}), not followed")
        if hosts[host] <= getattr(spider, "unreachable", frozenset()) and not request.meta.get(ALWAYS):
            raise Unreachable(f"the edition {', '.join(sorted(hosts[host]))} stopped answering in this run")


def _for_a_script(request: Request) -> bool:
    """Whether a host that only scripts may ask is asked for one, or for what it allows robots."""
    return bool(request.meta.get(FOR_A_SCRIPT)) or urlsplit(request.url).path == "/robots.txt"


class PublicNames(CachingThreadedResolver):
    """Scrapy's resolver, which does not find names that lead into a private network.

    An outlet's name may be made to point at this machine, at the second look as well as at the first; what is
    checked here is the very number that is connected to. Names the user gave (`-a site=`) and proxies may lead anywhere.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float, process: Any) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._process = process

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: ReactorBase) -> PublicNames:
        settings = crawler.settings  # of the process that runs all crawlers
        cache = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, cache, settings.getfloat("DNS_TIMEOUT"), crawler)

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, number: str, name: str) -> str:
        if is_private_host(number) and name not in self._given():
            raise DNSLookupError(f"{name} leads to a private address ({number}), not followed")
        return number

    def _given(self) -> set[str | None]:
        spiders: list[Any] = [crawler.spider for crawler in self._process.crawlers if crawler.spider]
        sites = [edition.site for spider in spiders for edition in spider.options.editions]
        return {urlsplit(address).hostname for address in (*sites, *getproxies().values())}


class Brake:
    """Holds answers back while too many before them are not read and recorded yet: Scrapy then asks for no more."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Brake:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002 - Scrapy names it
        """The response, once there is room for it."""
        while self._under_way() >= UNDER_WAY:  # noqa: ASYNC110 - Scrapy has no event for it
            await asyncio.sleep(_PAUSE)
        return response

    def _under_way(self) -> int:
        engine = self._crawler.engine
        slot = engine.scraper.slot if engine is not None else None
        return len(slot.active) + len(slot.queue) if slot is not None else 0
