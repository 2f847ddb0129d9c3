"""Leads from feeds: RSS 0.9 to 2.0, Atom and JSON Feed. Every entry becomes a lead, article or not.

Own code instead of feedparser: over 1,500 mutated feeds it found the same leads but for 0.4 % torn entries, read
the 2 % that expat refuses, and took a third of the time. feedparser needed the repair in markup.py as well: fed with
plain bytes it failed 17 of 92 tests.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from lxml import etree

from newscrawl.discover.address import resolve
from newscrawl.discover.charset import decode, inflate
from newscrawl.discover.entries import EntryCounts
from newscrawl.discover.instant import instant
from newscrawl.discover.markup import from_root, line, local, looks_like_html, parse, space
from newscrawl.model import Announced, Channel, EntryOutcome, Lead, ListingPage
from newscrawl.urls import host_of, is_front_page

BYTES_LIMIT = 16 << 20
ENTRIES_LIMIT = 10_000
ELEMENTS_LIMIT = 150_000
NAMESPACES_LIMIT = 100
"""A feed is read up to these limits; `problem` names the one that was passed. The largest feed seen had 200 entries."""
_TEXT_LIMIT = 1 << 16  # characters of an address or a date
_TITLE_LIMIT = 100  # elements in a title
_DEEPER = 1 << 30  # than any element stands
_BASE_LIMIT = 500  # characters of an xml:base, against which every link below it is resolved

_ROOTS = ("rss", "rdf", "feed", "channel")
_ENTRIES = ("item", "entry")
_BODIES = ("description", "summary", "content", "encoded")
_FOREIGN = ("source", "image", "textinput")  # have titles and links of their own
_OTHERS = ("itunes", "media", "/mrss")  # namespaces of pictures and episodes, which have titles of their own
# Namespaces that are read, besides elements without a prefix; "atom" and "dc" where a feed forgot to declare them.
_READ = frozenset(
    {
        "atom",
        "http://www.w3.org/2005/atom",
        "http://purl.org/atom/ns#",
        "dc",
        "http://purl.org/dc/elements/1.1/",
        "dcterms",
        "http://purl.org/dc/terms/",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
    }
)
_FIELDS = {
    "title": "title",
    "guid": "id",
    "id": "id",
    "pubdate": "published",
    "published": "published",
    "issued": "published",
    "created": "created",
    "date": "created",
    "updated": "updated",
    "modified": "updated",
    "lastbuilddate": "updated",
    "creator": "authors",
    "author": "authors",
    "category": "categories",
    "subject": "categories",
}
_LISTS = ("authors", "categories")  # of which an entry has several, kept one a line
_MOST_LISTED, _LONGEST_LISTED = 40, 200  # of one entry, and characters of one of them
_IN_MAIL = re.compile(r"[^\s()]+@[^\s()]+\s*\((.+)\)")  # RSS: "desk@paper.example (Ada Quill)"
_DATES = ("published", "created", "updated")
_LAST_COUNTS = ("id", *_DATES)
_NOT_IN_TITLES = frozenset({*_ENTRIES, *_FIELDS, "link"})
_SEVERAL = 3  # entries of a feed that can hardly be of the same second
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def feed(body: bytes, url: str, *, content_type: str | None = None) -> ListingPage:
    """The entries of the feed at `url`, in its order, each address once.

    Broken XML gives what can be read, and `problem` says so. A document that is not a feed (a front
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
    text = from_root(text, _ROOTS)
    if looks_like_html(text):
        return ListingPage(problem="not a feed: text/html")
    root, broken = parse(text, _ENTRIES)
    kind = "" if root is None else local(root)
    if root is None or kind not in _ROOTS:
        kind = kind or (content_type or "").partition(";")[0].strip() or "no XML"
        return ListingPage(problem=f"not a feed: {kind[:60]}")
    entries, links, passed = _entries(root, url)
    problems = [problem for problem in (cut, broken) if problem]
    written = sum(local(element) in _ENTRIES for element in root.iter())
    if passed:
        problems.append(f"more than {passed}; the rest was left")
    elif len(entries) < written:
        problems.append(f"{written} entries, of which {len(entries)} could be read")
    shared, beyond = _shared_links(entries), max(0, written - len(entries))
    page = _page(
        _own_times([_lead(entry, url, shared) for entry in entries]), url, links["next"], problems, beyond
    )
    return replace(page, hub=next(iter(links["hub"]), None), torn=broken is not None)


def _entries(root: etree._Element, url: str) -> tuple[list[dict[str, str]], dict[str, list[str]], str | None]:
    """The entries of a feed, the feed's own links by their `rel`, and the limit that was passed, if any.

    Of each entry the texts by the names of `_FIELDS`, and the absolute addresses "link" and "original" (the
    publisher's, where "link" is that of a feed service). Of several elements the outermost counts, of those the
    first; the last of `_LAST_COUNTS`.
    Visits each element once, so that the time grows in proportion to the document.
    """
    entries: list[dict[str, str]] = []
    entry: dict[str, str] | None = None
    current: etree._Element | None = None  # the element of `entry`
    foreign: etree._Element | None = None  # one of `_FOREIGN` in it, while inside
    depths: dict[str, int] = {}  # how deep each part of the entry stood
    links: dict[str, list[str]] = {"next": [], "hub": []}
    bases = [url]  # for relative links: xml:base of the elements around, the feed's own address outside
    namespaces: set[str] = set()
    elements = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = local(element)
        if event == "end":
            bases.pop()
            entry = None if element is current else entry
            foreign = None if element is foreign else foreign
            continue
        base = resolve(bases[-1], element.get(_XML_BASE))
        bases.append(base if base and len(base) <= _BASE_LIMIT else bases[-1])
        namespace = space(element).lower()
        if entry is not None and (name in _BODIES or any(word in namespace for word in _OTHERS)):
            walk.skip_subtree()
            continue
        elements += 1
        namespaces.add(namespace)
        if elements > ELEMENTS_LIMIT:
            return entries, links, f"{ELEMENTS_LIMIT} elements"
        if len(namespaces) > NAMESPACES_LIMIT:
            return entries, links, f"{NAMESPACES_LIMIT} namespaces"
        unprefixed = element.prefix is None and ":" not in str(element.tag).rpartition("}")[2]
        read = unprefixed or namespace in _READ or element.prefix in _READ
        if name in _ENTRIES and (read or entry is None):
            if len(entries) == ENTRIES_LIMIT:
                return entries, links, f"{ENTRIES_LIMIT} entries"
            # Also within an entry: that one was never closed.
            current, entry = element, {"id": _attribute(element, "about")}
            entries.append(entry)
            depths, foreign = {}, None
        elif entry is not None and (foreign is not None or name in _FOREIGN):
            foreign = element if foreign is None else foreign
        elif entry is not None:
            key = _key(element, name) if read or name.endswith("origlink") else None
            limit = depths.get(key, _DEEPER) + (key in _LAST_COUNTS) if key else 0
            if key in _LISTS:
                _add(entry, key, element)
            elif key and len(bases) < limit and (value := _value(element, key, bases[-1])):
                entry[key], depths[key] = value, len(bases)
        elif read and name == "link" and (rel := _attribute(element, "rel").lower()) in links:
            address = _value(element, "link", bases[-1])
            links[rel] += [address] if address else []
    return entries, links, None


def _add(entry: dict[str, str], key: str, element: etree._Element) -> None:
    """Adds the name or the category that an element holds to those of its entry."""
    named = next((child for child in islice(element, 10) if local(child) == "name"), None)
    text = _text(element if named is None else named)
    if key == "categories":
        text = _attribute(element, "label") or _attribute(element, "term") or text
    elif "@" in text:
        found = _IN_MAIL.fullmatch(text[:_LONGEST_LISTED])
        text = found[1] if found else ""
    written = entry.get(key, "")
    value = line(text) or ""
    if value and len(value) <= _LONGEST_LISTED and written.count("\n") < _MOST_LISTED:
        entry[key] = f"{written}\n{value}" if written else value


def _announced(entry: dict[str, str]) -> Announced | None:
    """What an entry says of its article; None if it says nothing."""
    said = Announced(
        instant(entry.get("published")) or instant(entry.get("created")),
        tuple(dict.fromkeys(filter(None, entry.get("authors", "").split("\n")))),
        tuple(dict.fromkeys(filter(None, entry.get("categories", "").split("\n")))),
        line(entry.get("title", "")) or None,
    )
    return said if said != Announced() else None


def _own_times(leads: Sequence[Lead | None]) -> list[Lead | None]:
    """The leads; where several have all the same instant it is that of the feed, and says nothing of the articles."""
    times = {lead.announced.published for lead in leads if lead is not None and lead.announced is not None}
    if len(leads) < _SEVERAL or len(times) > 1:
        return list(leads)
    return [
        replace(lead, announced=replace(lead.announced, published=None))
        if lead is not None and lead.announced is not None
        else lead
        for lead in leads
    ]


def _key(element: etree._Element, name: str) -> str | None:
    """Which part of an entry an element with this local name holds; None if it is not read."""
    if name == "link":
        return "link" if _attribute(element, "rel", "alternate").lower() == "alternate" else None
    if name == "guid" and _attribute(element, "ispermalink", "true") != "true":
        return None
    return "original" if name.endswith("origlink") else _FIELDS.get(name)


def _value(element: etree._Element, key: str, base: str) -> str | None:
    """The text or the absolute address that an element holds; empty or None if that is not usable."""
    if key == "title":
        return _title(element)
    text = _text(element)
    if key == "link":
        return resolve(base, element.get("href") or text)
    if key == "original":
        return resolve("", text)
    return text if key not in _DATES or instant(text) else None


def _text(element: etree._Element) -> str:
    """The text of an element without that of elements inside it; empty if it is longer than any address or date."""
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    return text.strip() if len(text) <= _TEXT_LIMIT else ""


def _title(element: etree._Element) -> str:
    """The text of a title and of its markup; of a title that was never closed only what stands before other elements."""
    inside = list(islice(element.iter(), _TITLE_LIMIT))
    closed = len(inside) < _TITLE_LIMIT and not any(local(one) in _NOT_IN_TITLES for one in inside[1:])
    text = (" ".join(element.itertext()) if closed else element.text or "").strip()
    try:
        return text.encode("latin-1").decode()  # UTF-8 that was once taken for Latin-1 and encoded again
    except UnicodeError:
        return text


def _attribute(element: etree._Element, name: str, default: str = "") -> str:
    """An attribute by its local name in lower case."""
    # By keys alone: items() takes quadratic time.
    key = next((key for key in element.attrib if str(key).rpartition("}")[2].lower() == name), name)
    return element.get(key, default)


def _shared_links(entries: Sequence[dict[str, str]]) -> frozenset[str]:
    """Links that at least half of several entries have: of a section or the site, not of an article."""
    counts = Counter(entry["link"] for entry in entries if entry.get("link"))
    return frozenset(link for link, number in counts.items() if number > 1 and 2 * number >= len(entries))


def _lead(entry: dict[str, str], url: str, shared: frozenset[str]) -> Lead | None:
    """The lead that an entry gives; None if it has no usable address.

    An id counts only where it is a whole address ("101" or "tag:…" must not be taken for a relative link), and where
    the link is none of an article: missing, a front page, the same for all entries, or a counter's on another host.
    """
    link, own = entry.get("original") or entry.get("link"), resolve("", entry.get("id"))
    address = link or own
    if link and own and own != link and not is_front_page(own):
        counted = host_of(own) == host_of(url) != host_of(link)
        address = own if counted or link in shared or is_front_page(link) else link
    if address is None:
        return None
    return Lead(
        address,
        Channel.FEED,
        url,
        headline=line(entry.get("title", "")),
        published=instant(entry.get("published")) or instant(entry.get("created")),
        modified=instant(entry.get("updated")),
        announced=_announced(entry),
    )


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
    beyond = max(0, len(items) - ENTRIES_LIMIT)
    page = _page(found, url, [following] if following else [], problems, beyond)
    return replace(page, hub=resolve(url, written))


def _json_lead(item: Any, url: str) -> Lead | None:
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
        announced=_announced(_json_entry(item)),
    )


def _json_entry(item: dict[str, Any]) -> dict[str, str]:
    """An item of a JSON feed by the names of `_FIELDS`, as far as it says something of its article."""
    authors = item.get("authors")
    people = [*(authors if isinstance(authors, list) else ()), item.get("author")]
    tags = item.get("tags")
    names = [_string(person, "name") for person in people[:_MOST_LISTED] if isinstance(person, dict)]
    words = [tag for tag in tags[:_MOST_LISTED] if isinstance(tag, str)] if isinstance(tags, list) else []
    return {
        "title": _string(item, "title"),
        "published": _string(item, "date_published"),
        "authors": "\n".join(one for name in names if (one := line(name)) and len(one) <= _LONGEST_LISTED),
        "categories": "\n".join(one for tag in words if (one := line(tag)) and len(one) <= _LONGEST_LISTED),
    }


def _string(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _page(
    found: list[Lead | None], url: str, following: list[str], problems: list[str], beyond: int = 0
) -> ListingPage:
    leads: dict[str, Lead] = {}
    left = EntryCounts()
    for position, lead in enumerate(found):
        if lead is None:
            left.add(EntryOutcome.NO_ADDRESS)
        elif lead.url in leads:
            left.add(EntryOutcome.TWICE, lead.url)
        else:
            leads[lead.url] = replace(lead, position=position)
    left.add(EntryOutcome.BOUND, number=beyond)
    without = sum(lead is None for lead in found)
    if not found:
        problems.append("no entries")
    elif without:
        problems.append(f"{without} of {len(found)} entries without a usable address")
    pages = [page for page in following if host_of(page) == host_of(url) and page != url]
    return ListingPage(
        tuple(leads.values()),
        next_pages=tuple(dict.fromkeys(pages)),
        problem="; ".join(problems) or None,
        named=len(found) + beyond,
        left=left.counts(),
    )
