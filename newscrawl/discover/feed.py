"""Feeds to leads: RSS 0.9 to 2.0, Atom and JSON Feed. Every entry is a lead; what is an article is for others to say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newscrawl.discover.address import host, resolve
from newscrawl.discover.charset import decode, inflate
from newscrawl.discover.instant import instant
from newscrawl.model import Channel, Lead, ListingPage

if TYPE_CHECKING:
    from lxml import etree

BYTES_LIMIT = 16 << 20
ENTRIES_LIMIT = 10_000
"""A feed is read up to these limits; what was left is named in `problem`. The largest seen had 200 entries."""

_ROOTS = ("rss", "rdf", "feed", "channel")
_PUBLISHED = ("pubdate", "published", "issued", "created", "date")
_MODIFIED = ("updated", "modified")


def feed(body: bytes, url: str, *, content_type: str | None = None) -> ListingPage:
    """The entries of the feed at `url`, in its order, each address once.

    Broken XML gives what can be read, and `problem` says so. A document that is no feed (a front
    page that a dead feed redirects to) gives no leads and the problem "not a feed: …". Dates
    without a zone are None. Never raises on content.
    """
    data, cut = inflate(body, BYTES_LIMIT)
    text = decode(data, content_type)
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped:
        return ListingPage(problem="not a feed: empty")
    if stripped.startswith(("{", "[")):
        return _json_feed(stripped, url, cut)
    return _xml_feed(stripped, url, cut, content_type)


def _xml_feed(text: str, url: str, cut: str | None, content_type: str | None) -> ListingPage:
    from newscrawl.discover.markup import Entries, local, looks_like_html

    if looks_like_html(text):
        return ListingPage(problem="not a feed: text/html")
    entries = Entries(text, ("item", "entry"), others=("link",))
    found: list[Lead | None] = []
    following: list[str] = []
    problems = [cut] if cut else []
    for element in entries:
        if local(element) == "link":
            if element.get("rel") == "next" and (page := resolve(url, element.get("href"))):
                following.append(page)
        elif len(found) >= ENTRIES_LIMIT:
            problems.append(f"more than {ENTRIES_LIMIT} entries; the rest was left")
            break
        else:
            found.append(_lead(element, url))
    if entries.root not in _ROOTS:
        kind = entries.root or (content_type or "").partition(";")[0].strip() or "no XML"
        return ListingPage(problem=f"not a feed: {kind[:60]}")
    if entries.problem:
        problems.append(entries.problem)
    return _page(found, url, following, problems)


def _lead(entry: etree._Element, url: str) -> Lead | None:
    """The lead an RSS item or Atom entry gives; None if it has no usable address."""
    from newscrawl.discover.markup import content, line, local, space

    texts: dict[str, str] = {}
    link: str | None = None
    for child in entry:
        name, namespace = local(child), space(child)
        if name == "link":
            written = child.get("href") or content(child)
            wanted = child.get("rel") in (None, "alternate")
            # An atom:link without rel=alternate points to replies, enclosures or the feed itself.
            if wanted and written and (link is None or not child.get("href")):
                link = resolve(_base(child, url), written) or link
        elif (name == "title" and "media" in namespace) or "itunes" in namespace:
            continue  # the title of a picture or an episode
        else:
            texts.setdefault(name, content(child))
    address = (
        resolve(url, texts.get("origlink"))  # a feed service's own link hides the publisher's
        or link
        or _address_in_id(entry, texts)
    )
    if address is None:
        return None
    return Lead(
        address,
        Channel.FEED,
        url,
        headline=line(texts.get("title", "")),
        published=_first_instant(texts, _PUBLISHED),
        modified=_first_instant(texts, _MODIFIED),
    )


def _address_in_id(entry: etree._Element, texts: dict[str, str]) -> str | None:
    """The address that guid, id or rdf:about holds where there is no link; never one said to be no link."""
    from newscrawl.discover.markup import local

    about = next((value for key, value in entry.attrib.items() if str(key).endswith("}about")), None)
    permanent = not any(
        local(child) == "guid" and (child.get("isPermaLink") or "").strip().lower() == "false"
        for child in entry
    )
    candidates = (about, texts.get("id"), texts.get("guid") if permanent else None)
    # Only whole addresses: an id such as "101" or "tag:…" must not be taken for a relative link.
    return next((found for written in candidates if (found := resolve("", str(written or "")))), None)


def _base(element: etree._Element, url: str) -> str:
    """The address that relative links of this element start from: xml:base, inside out, else the feed's own."""
    bases = [
        base
        for one in (element, *element.iterancestors())
        if (base := one.get("{http://www.w3.org/XML/1998/namespace}base"))
    ]
    for base in reversed(bases[:20]):
        url = resolve(url, base) or url
    return url


def _first_instant(texts: dict[str, str], names: tuple[str, ...]) -> datetime | None:
    return next((found for name in names if (found := instant(texts.get(name)))), None)


def _json_feed(text: str, url: str, cut: str | None) -> ListingPage:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org)."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ListingPage(problem="; ".join(filter(None, ("not a feed: broken JSON", cut))))
    if not isinstance(document, dict) or "jsonfeed.org" not in str(document.get("version")):
        return ListingPage(problem="not a feed: application/json")
    items = document.get("items")
    items = items if isinstance(items, list) else []
    problems = [cut] if cut else []
    if len(items) > ENTRIES_LIMIT:
        problems.append(f"more than {ENTRIES_LIMIT} entries; the rest was left")
    found = [_json_lead(item, url) for item in items[:ENTRIES_LIMIT]]
    following = resolve(url, _string(document, "next_url"))
    return _page(found, url, [following] if following else [], problems)


def _json_lead(item: Any, url: str) -> Lead | None:
    from newscrawl.discover.markup import line

    if not isinstance(item, dict):
        return None
    address = resolve(url, _string(item, "url")) or resolve("", _string(item, "id"))
    if address is None:
        return None
    return Lead(
        address,
        Channel.FEED,
        url,
        headline=line(_string(item, "title")),
        published=instant(_string(item, "date_published")),
        modified=instant(_string(item, "date_modified")),
    )


def _string(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _page(found: list[Lead | None], url: str, following: list[str], problems: list[str]) -> ListingPage:
    leads: dict[str, Lead] = {}
    for position, lead in enumerate(found):
        if lead is not None and lead.url not in leads:
            leads[lead.url] = replace(lead, position=position)
    without = sum(lead is None for lead in found)
    if not found:
        problems.append("no entries")
    elif without:
        problems.append(f"{without} of {len(found)} entries without a usable address")
    pages = [page for page in following if host(page) == host(url) and page != url]
    return ListingPage(
        tuple(leads.values()), next_pages=tuple(dict.fromkeys(pages)), problem="; ".join(problems) or None
    )
