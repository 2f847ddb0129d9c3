"""Feeds to leads: RSS 0.9 to 2.0, Atom and JSON Feed. Every entry is a lead; what is an article is for others to say."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from newscrawl.discover.address import host, resolve
from newscrawl.discover.charset import decode, inflate
from newscrawl.discover.instant import instant
from newscrawl.model import Channel, Lead, ListingPage

if TYPE_CHECKING:
    from lxml import etree

BYTES_LIMIT = 16 << 20
ENTRIES_LIMIT = 10_000
ELEMENTS_LIMIT = 150_000
NAMESPACES_LIMIT = 100
"""A feed is read up to these limits; what was left is named in `problem`. The largest seen had 200 entries."""
_TEXT_LIMIT = 1 << 16

_ROOTS = ("rss", "rdf", "feed", "channel")
_ENTRIES = ("item", "entry")
_BODIES = ("description", "summary", "content", "encoded")
_OTHERS = ("itunes", "media", "/mrss")  # namespaces of pictures and episodes, which have titles of their own
_ATTRIBUTES = ("href", "rel", "type", "ispermalink", "about", "version")


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
    from newscrawl.discover.markup import local, looks_like_html, mended

    if looks_like_html(text):
        return ListingPage(problem="not a feed: text/html")
    root, broken = mended(text, _ENTRIES)
    kind = "" if root is None else local(root)
    if root is None or kind not in _ROOTS:
        kind = kind or (content_type or "").partition(";")[0].strip() or "no XML"
        return ListingPage(problem=f"not a feed: {kind[:60]}")
    problems = [cut] if cut else []
    entries = [element for element in root.iter() if local(element) in _ENTRIES]
    if len(entries) > ENTRIES_LIMIT:
        problems.append(f"more than {ENTRIES_LIMIT} entries; the rest was left")
        for element in entries[ENTRIES_LIMIT:]:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    if broken:
        problems.append(broken)
    if broken_off := _shortened(root):
        problems.append(broken_off)
    try:
        found, following, hub = _parsed(root, url)
    except Exception as error:  # noqa: BLE001
        # feedparser has no error of its own; whatever a stranger's bytes make it raise is about them.
        return ListingPage(problem="; ".join([*problems, f"unreadable feed ({type(error).__name__})"]))
    if len(found) != len(entries[:ENTRIES_LIMIT]):
        problems.append(f"{len(entries)} entries, of which {len(found)} could be read")
    return replace(_page(found, url, following, problems), hub=hub)


def _parsed(root: etree._Element, url: str) -> tuple[list[Lead | None], list[str], str | None]:
    """What feedparser makes of a feed: its entries' leads, the further pages and the hub it names."""
    import feedparser
    from lxml import etree

    _made_plain(root, url)
    etree.cleanup_namespaces(root)  # feedparser walks through all of them again and again
    data = etree.tostring(root, encoding="utf-8")
    # What expat refuses, feedparser would read with another parser, which takes quadratic time.
    expat.ParserCreate("utf-8", " ").Parse(data, True)
    # No base address is given and nothing is rewritten: addresses stay as they are.
    parsed = feedparser.parse(
        BytesIO(data),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    named: dict[str, list[str]] = {"next": [], "hub": []}
    for link in parsed.feed.get("links", ()):
        if link.get("rel") in named and (page := resolve(url, _string(link, "href"))):
            named[link["rel"]].append(page)
    leads = [_lead(entry, url) for entry in parsed.entries]
    return leads, named["next"], next(iter(named["hub"]), None)


def _lead(entry: dict[str, Any], url: str) -> Lead | None:
    """The lead an RSS item or Atom entry gives; None if it has no usable address."""
    from newscrawl.discover.markup import line

    # A feed service's own link hides the publisher's. An id counts only where it is a whole
    # address: "101" or "tag:…" must not be taken for a relative link.
    written = [_string(entry, key) for key in entry if key.endswith("origlink")]
    written += [_string(link, "href") for link in _links(entry) if link.get("rel") == "alternate"]
    address = next((found for one in written if (found := resolve(url, one))), None)
    if address is None and dict.get(entry, "guidislink") is not False:
        address = resolve("", _string(entry, "id"))
    if address is None:
        return None
    return Lead(
        address,
        Channel.FEED,
        url,
        headline=line(_string(entry, "title")),
        published=instant(_string(entry, "published")) or instant(_string(entry, "created")),
        modified=instant(_string(entry, "updated")),
    )


def _links(entry: dict[str, Any]) -> list[dict[str, Any]]:
    links = dict.get(entry, "links")
    return links if isinstance(links, list) else []


def _made_plain(root: etree._Element, url: str) -> None:
    """Change what feedparser would read wrongly or not at all.

    Links become whole addresses here: feedparser would change some of those it resolves ("&b;"
    becomes "&b", three slashes two) and make an address of an id that is a number. Unusable
    ones go, so that a guid may stand in. Names with a prefix that was never declared get one
    without a colon. dc:date, which feedparser takes for a modification, becomes a creation.
    """
    from newscrawl.discover.markup import content, local, space

    unusable = []
    for element in root.iter():
        if local(element) == "link":
            if space(element) == "atom":  # a prefix that many RSS feeds forget to declare
                element.tag = "{http://www.w3.org/2005/Atom}link"
            address = resolve(_base(element, url), element.get("href") or content(element))
            element.text = None
            if address:
                element.set("href", address)
            else:
                unusable.append(element)
        elif local(element) == "date":
            element.tag = "created"
        elif ":" in str(element.tag) and not str(element.tag).startswith("{"):
            element.tag = str(element.tag).replace(":", "_")
    for element in unusable:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter():
        for key in list(element.attrib):
            if str(key).rpartition("}")[2].lower() not in _ATTRIBUTES:
                del element.attrib[key]


def _base(element: etree._Element, url: str) -> str:
    """The address that relative links of this element start from: xml:base, inside out, else the feed's own."""
    near = [element, *islice(element.iterancestors(), 20)]
    for one in reversed(near):
        url = resolve(url, one.get("{http://www.w3.org/XML/1998/namespace}base")) or url
    return url


def _shortened(root: etree._Element) -> str | None:
    """Take out what nothing reads here, and what is past all limits; what was left is said.

    Bodies are most of a feed's bytes. feedparser takes about 30 µs an element, more for long texts
    and for many namespaces, so that without limits 14 MB of tags would take minutes.
    """
    from newscrawl.discover.markup import local, space

    unread = [
        element
        for element in root.iter()
        if local(element) in _BODIES or any(word in space(element) for word in _OTHERS)
    ]
    for element in unread:
        parent = element.getparent()
        if parent is not None and local(parent) in _ENTRIES:
            parent.remove(element)
    last = None
    spaces: set[str] = set()
    for count, element in enumerate(root.iter()):
        spaces.add(space(element))
        if count == ELEMENTS_LIMIT or len(spaces) > NAMESPACES_LIMIT:
            last = element
            break
        if len(element.text or "") > _TEXT_LIMIT:
            element.text = None  # no title, date or address
    if last is None:
        return None
    for one in (last, *last.iterancestors()):
        parent = one.getparent()
        if parent is not None:
            del parent[parent.index(one) + (one is not last) :]
    what = f"{ELEMENTS_LIMIT} elements" if count == ELEMENTS_LIMIT else f"{NAMESPACES_LIMIT} namespaces"
    return f"more than {what}; the rest was left"


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
    hubs = document.get("hubs")
    written = (
        next((_string(hub, "url") for hub in hubs if isinstance(hub, dict)), None)
        if isinstance(hubs, list)
        else None
    )
    page = _page(found, url, [following] if following else [], problems)
    return replace(page, hub=resolve(url, written))


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
    # dict's own get: feedparser's gives `published` where there is no `updated`.
    value = dict.get(values, name)
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
