"""Downloader middleware that keeps a run on the outlet's own hosts, also across redirects, and stops asking a dead one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request

from newscrawl.crawl.refusals import OffSite, Refused, Unreachable
from newscrawl.urls import host_of, is_private_host

ALWAYS = "newscrawl_always"  # request.meta: ask although the edition seems dead (controls)
DRAWN = "newscrawl_drawn"  # request.meta: a browser is to draw the page; its scripts may ask these hosts
FOR_A_SCRIPT = "newscrawl_for_a_script"  # request.meta: asked for by a page in the browser
OWN_VALIDATORS = "newscrawl_own_validators"  # request.meta: the validators are those of the address asked for


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
