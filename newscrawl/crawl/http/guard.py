"""Which hosts a crawl may reach, also across redirects and by name resolution; and backpressure: no more responses than can be parsed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from newscrawl.crawl.context import FetchContext, context_of
from newscrawl.crawl.http.refusals import AskedBefore, OffSite, Refused, Unreachable
from newscrawl.crawl.http.requests import ALWAYS, FOR_SCRIPT, OWN_VALIDATORS, SITEMAP
from newscrawl.urls import host_of, is_of_the_machine, is_private_host

# Responses that may wait to be parsed and recorded. Scrapy bounds only their bytes, and each takes a hundred kilobytes more.
UNDER_WAY = 50
_PAUSE = 0.05  # seconds


class HostGuard:
    """Refuses every host that is not in the crawl's `Hosts`.

    Pages are hostile: a redirect to another outlet, to this machine or into a private network is
    never followed. Subdomains of the outlet are the outlet's. Hosts that the user named (`-a site=`) are allowed, whatever they are, and for scripts of
    a rendered page those that the source names, and for sitemaps those on which the outlet has some. Link-local
    addresses and metadata services are refused whoever names them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises OffSite for a foreign host, Unreachable for an edition that stopped answering or an article asked already.

        The target of a redirect is requested without the validators of the first address: "not modified" from a front
        page says nothing about the article.
        """
        if request.meta.get(OWN_VALIDATORS) and request.meta.get("redirect_urls"):
            for name in ("If-None-Match", "If-Modified-Since"):
                request.headers.pop(name, None)
        context, host = context_of(self._crawler), host_of(request.url)
        hosts = context.hosts
        if not request.url.startswith(("http://", "https://")):
            raise Refused(f"not a web address: {request.url[:200]}")
        if is_of_the_machine(host):
            raise OffSite(f"leads to a link-local address or a metadata service ({host}), never asked")
        if host in hosts.for_scripts and _for_script(request):
            return
        if host in hosts.for_sitemaps and (
            request.meta.get(SITEMAP) or urlsplit(request.url).path == "/robots.txt"
        ):
            return
        if not hosts.editions_of(host):
            kind = "a private address" if is_private_host(host) else "another host"
            raise OffSite(f"leads to {kind} ({host}), not followed")
        if request.meta.get(ALWAYS):
            return
        if request.cb_kwargs.get("key") in context.asked_early:
            raise AskedBefore("asked before its turn, as a control")
        if names := hosts.left_alone(host):
            raise Unreachable(f"the edition {', '.join(sorted(names))} stopped answering in this run")


def _for_script(request: Request) -> bool:
    """Whether a script of a rendered page sends the request, or it is for the robots.txt of the script's host."""
    return bool(request.meta.get(FOR_SCRIPT)) or urlsplit(request.url).path == "/robots.txt"


class PublicNames(CachingThreadedResolver):
    """Scrapy's resolver, except that it refuses names that lead into a private network.

    An outlet's name may be made to point at this machine, at a later resolution as well as at the first; checked here is
    the address that is connected to. Names that the user gave (`-a site=`) may lead into private networks, proxies anywhere.
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
        if not is_private_host(number) and not is_of_the_machine(number):
            return number
        if name in proxies() or (name in self._given() and not is_of_the_machine(number)):
            return number
        raise DNSLookupError(f"{name} leads to a private address ({number}), not followed")

    def _given(self) -> set[str]:
        contexts = [getattr(crawler.spider, "context", None) for crawler in self._process.crawlers]
        return {
            host for context in contexts if isinstance(context, FetchContext) for host in context.hosts.given
        }


def proxies() -> set[str | None]:
    """The names of the proxies that the environment names."""
    return {urlsplit(address).hostname for address in getproxies().values()}


class Backpressure:
    """Holds responses back while too many before them wait to be parsed and recorded: Scrapy then sends no more requests."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Backpressure:
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
