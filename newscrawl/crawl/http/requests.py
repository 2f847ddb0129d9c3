"""Requests of a crawl: their order, what travels with them in `meta`, and how one is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request

from newscrawl.model import FoundLeads, ListingRead, Observation

# Listings first, so that the newest leads are known before the first article is requested.
PRIORITY: Mapping[str, int] = {"listing": 100, "control": 50, "lead": 10, "recheck": 0}

# Keys of request.meta.
REQUESTED = "newscrawl_requested"  # the address first requested, before any redirect
CAPTURES = "newscrawl_captures"  # the WARC records written for a request and its redirects, in order
TORN = "newscrawl_torn"  # what is wrong with the content encoding of the response; None if nothing is
ALWAYS = "newscrawl_always"  # send it although the edition seems to be down (controls)
OF_OUTAGE = "newscrawl_of_outage"  # a control that tells whether the edition still answers
OWN_VALIDATORS = "newscrawl_own_validators"  # the validators belong to the address first requested
RENDER = "newscrawl_render"  # a browser renders the page; its scripts may send requests to these hosts
FOR_SCRIPT = "newscrawl_for_script"  # sent for a page that is open in the browser
SITEMAP = "newscrawl_sitemap"  # for a sitemap of the outlet on a host of others

# What a callback hands back to Scrapy.
Output = Request | Observation | ListingRead | FoundLeads
Callback = Callable[..., Any]


def build(
    url: str,
    callback: Callback,
    errback: Callback,
    arguments: dict[str, Any],
    priority: int,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    form: tuple[tuple[str, str], ...] = (),
    render: frozenset[str] = frozenset(),
    elsewhere: bool = False,
) -> Request:
    """A request for an address; a conditional one with validators, a POST of these fields with `form`.

    With `render` a browser renders the page; these are the hosts its scripts may send requests to. `elsewhere` is for
    a sitemap of the outlet on a host of others.
    """
    headers: dict[str, str] = {}
    if form:
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Requested-With": "XMLHttpRequest",  # what scripts send; many handlers answer nothing without it
        }
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return Request(
        url,
        callback=callback,
        errback=errback,
        cb_kwargs=arguments,
        headers=headers,
        method="POST" if form else "GET",
        body=urlencode(form),
        priority=priority,
        dont_filter=True,  # the frontier decides what is requested twice
        meta={
            REQUESTED: url,
            **({RENDER: render} if render else {}),
            **({SITEMAP: True} if elsewhere else {}),
        },
    )
