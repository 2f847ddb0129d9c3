"""The hosts of one site, and the visit that `newscrawl add` pays to it: polite, bounded, on the site's own hosts only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from newscrawl.config import Config
from newscrawl.crawl.visit.session import Session, run
from newscrawl.crawl.visit.visit import Terms, Visit
from newscrawl.urls import absolute, host_of, is_private_host

_T = TypeVar("_T")

REQUESTS = 40
"""Requests of one visit at most, robots.txt left out: what a person clicks through to get to know a site."""
DELAY = 1.0  # seconds between requests to a public host, as in a crawl
_REDIRECTS = 5
# Labels of a host that name a language or a variant of the same site.
_LABELS = frozenset(
    {
        "www", "m", "amp", "ru", "rus", "kz", "kk", "kaz", "qaz", "qz", "en", "eng", "uz", "kg", "ky", "tj", "tg", "tm", "lat", "latyn",
        "english", "russian",
    }
)  # fmt: skip


def explore(
    start: str,
    config: Config,
    work: Callable[[Visit], Awaitable[_T]],
    *,
    requests: int = REQUESTS,
    delay: float | None = None,
    on_request: Callable[[str], None] = lambda _: None,
) -> _T:
    """Runs `work` with a visit to the site of `start` and returns its result.

    `delay`: seconds between two requests; without it DELAY, and none for a private address. `on_request` is told of
    each address before it is fetched. Raises AddressError for a `start` that is no web address.
    """
    home = absolute(start)
    terms = Terms(partial(same_site, home), requests, _REDIRECTS, on_request)

    async def visited(session: Session) -> _T:
        return await work(session.begin(home, terms))

    usual = 0.0 if is_private_host(host_of(home)) else DELAY
    return run(visited, config, delay=usual if delay is None else delay)


def same_site(start: str, address: str) -> bool:
    """Whether an address is on the site of `start`.

    The site is its host, other hosts under the same name (`kaz.`, `en.`) and, for a private address that a person
    typed, its other ports.
    """
    host, home = host_of(address), host_of(start)
    if host == home:
        return True
    if is_private_host(home):
        return urlsplit(address).hostname == urlsplit(start).hostname
    return not is_private_host(host) and base_name(host) == base_name(home)


def base_name(host: str) -> str:
    """The name a site's hosts share: "kaz.paper.example" and "www.paper.example" are "paper.example"."""
    labels = host.partition(":")[0].lower().split(".")
    while len(labels) > 2 and labels[0] in _LABELS:
        labels = labels[1:]
    return ".".join(labels)
