"""Leads from sitemaps: urlset with the news extension, sitemapindex, plain text, gzipped or not."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.discover.address import resolve
from newscrawl.discover.charset import CUT_SHORT, DAMAGED, decode, inflate
from newscrawl.discover.entries import EntryCounts
from newscrawl.discover.instant import instant
from newscrawl.discover.markup import Entries, content, from_root, line, local, looks_like_html, space
from newscrawl.model import Announced, Channel, EntryOutcome, Lead, ListingPage

if TYPE_CHECKING:
    from lxml import etree

BYTES_LIMIT = 50 << 20
ENTRIES_LIMIT = 60_000
"""The protocol (sitemaps.org) allows 50 MB and 50 000 addresses; the rest is left, and `problem` says so."""


_ROOTS = ("urlset", "sitemapindex")
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:url|sitemap)[\s>]", re.IGNORECASE)
_WEB = ("http://", "https://")
_REMARKS = 20  # lines before the first address of a plain text sitemap


def sitemap(
    body: bytes, url: str, *, content_type: str | None = None, limit: int = BYTES_LIMIT
) -> ListingPage:
    """The addresses of the sitemap at `url`, in its order, each once; of an index, the further sitemaps.

    `lastmod` becomes `modified` (a bare day its first instant in UTC), the news extension gives headline and `published`. Of more
    than `limit` bytes the rest is left. A document that is not a sitemap gives nothing and the problem "not a sitemap: …". Never raises on content.
    """
    data, cut = inflate(body, limit)
    text = from_root(decode(data, content_type).lstrip("\ufeff \t\r\n"), _ROOTS)
    del data  # as large as the text
    if not text:
        return ListingPage(problem="; ".join(filter(None, ("not a sitemap: empty", cut))))
    if not text.startswith("<"):
        return _plain(text, url, cut, content_type)
    return _xml(text, url, cut)


def _xml(text: str, url: str, cut: str | None) -> ListingPage:
    if looks_like_html(text):
        return ListingPage(problem="not a sitemap: text/html")
    entries = Entries(text, ("url", "sitemap"))
    reader = _Reader(url)
    leads: dict[str, Lead] = {}
    changed: dict[str, datetime | None] = {}
    problems = [cut] if cut else []
    left = EntryCounts()
    without = beyond = 0
    for position, entry in enumerate(entries):
        if position >= ENTRIES_LIMIT:
            problems.append(f"more than {ENTRIES_LIMIT} entries; the rest was left")
            beyond = max(1, sum(1 for _ in _ENTRY.finditer(text)) - ENTRIES_LIMIT)
            left.add(EntryOutcome.BOUND, number=beyond)
            break
        if entries.root not in _ROOTS:
            break
        lead = reader.lead(entry, position)
        if lead is None:
            without += 1
            left.add(EntryOutcome.NO_ADDRESS)
        elif lead.url in changed or lead.url in leads:
            left.add(EntryOutcome.TWICE, lead.url)
        elif local(entry) == "sitemap":
            changed[lead.url] = lead.modified
        else:
            leads[lead.url] = lead
    if entries.root not in _ROOTS:
        return ListingPage(problem=f"not a sitemap: {entries.root[:60] or 'no XML'}")
    if entries.problem:
        problems.append(entries.problem)
    if not entries.count:
        problems.append("no entries")
    elif without:
        problems.append(f"{without} of {entries.count} entries without a usable address")
    return ListingPage(
        tuple(leads.values()),
        tuple(changed),
        problem="; ".join(problems) or None,
        changed={address: at for address, at in changed.items() if at is not None},
        named=ENTRIES_LIMIT + beyond if beyond else entries.count,
        left=left.counts(),
        torn=entries.problem is not None or cut in (CUT_SHORT, DAMAGED),
    )


class _Reader:
    """Reads the entries of one sitemap. Keeps what they have in common: tag names, and hosts found to be valid."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._names: dict[str, str] = {}
        self._sites: set[str] = set()

    def lead(self, entry: etree._Element, position: int) -> Lead | None:
        """The lead of an entry; None if it has no usable address."""
        texts: dict[str, str] = {}
        for child in entry:
            name = self._name(child)
            if name == "news":
                for part in child:
                    texts.setdefault(f"news {self._name(part)}", _text(part))
            elif name:
                texts.setdefault(name, _text(child))
        address = self._address(texts.get("loc"))
        if address is None:
            return None
        headline = line(texts["news title"]) if "news title" in texts else None
        published = instant(texts.get("news publication_date"))
        return Lead(
            address,
            Channel.SITEMAP,
            self._url,
            position,
            headline,
            published,
            _lastmod(texts.get("lastmod")),
            announced=Announced(published, title=headline) if published or headline else None,
        )

    def _name(self, element: etree._Element) -> str:
        """The local name of an element; "" for those of the image and video extensions, which have a loc of their own."""
        tag = str(element.tag)
        if tag not in self._names:
            known = space(element)
            self._names[tag] = "" if "image" in known or "video" in known else local(element)
        return self._names[tag]

    def _address(self, written: str | None) -> str | None:
        """Same result as `resolve`; for a host seen before only the path is checked, which is faster."""
        end = written.find("/", 8) if written is not None else -1
        if written is None or end < 0:
            return resolve(self._url, written)
        site = written[:end]
        if site in self._sites and written.isprintable() and "#" not in written:
            return written
        address = resolve(self._url, written)
        if address == written and site.startswith(("http://", "https://")):
            self._sites.add(site)
        return address


def _lastmod(text: str | None) -> datetime | None:
    """When an entry changed last. A bare day, which most sitemaps write, counts as its first instant in UTC."""
    if found := instant(text):
        return found
    return instant(f"{text}T00:00:00Z") if text is not None and len(text) == 10 else None


def _text(element: etree._Element) -> str:
    return (element.text or "").strip() if len(element) == 0 else content(element)


def _plain(text: str, url: str, cut: str | None, content_type: str | None) -> ListingPage:
    """A plain text sitemap with one address a line, as sitemaps.org allows."""
    lines = text.splitlines()
    if cut and not text.endswith("\n"):
        lines = lines[:-1] or [""]  # half an address is a wrong address
    if not any(one.strip().lower().startswith(_WEB) for one in lines[:_REMARKS]):
        kind = (content_type or "").partition(";")[0].strip().lower()
        return ListingPage(problem=f"not a sitemap: {kind[:60] or 'neither XML nor addresses'}")
    leads: dict[str, Lead] = {}
    left = EntryCounts()
    problems = [cut] if cut else []
    written = [one for one in lines if one.strip() and not one.lstrip().startswith("#")]
    if len(written) > ENTRIES_LIMIT:
        problems.append(f"more than {ENTRIES_LIMIT} entries; the rest was left")
    left.add(EntryOutcome.BOUND, number=len(written) - ENTRIES_LIMIT)
    without = 0
    for position, one in enumerate(written[:ENTRIES_LIMIT]):
        address = resolve("", one)
        if address is None:
            without += 1
            left.add(EntryOutcome.NO_ADDRESS)
        elif address in leads:
            left.add(EntryOutcome.TWICE, address)
        else:
            leads[address] = Lead(address, Channel.SITEMAP, url, position)
    if without:
        problems.append(f"{without} of {len(written)} lines without a usable address")
    return ListingPage(
        tuple(leads.values()),
        problem="; ".join(problems) or None,
        named=len(written),
        left=left.counts(),
        torn=cut in (CUT_SHORT, DAMAGED),
    )


_MONTH = re.compile(r"(?<!\d)(20\d\d)([-_/.]?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12]\d|3[01]))?(?!\d|[-_/.]\d)")


def span_of(address: str, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """The month or day that a sitemap covers according to its name ("sitemap-2024-03.xml", "/2024/03/15.xml"): first instant and end, in `zone`.

    None where the name is ambiguous; a year alone may be any number.
    """
    found = _MONTH.findall(urlsplit(address).path)
    if len(found) != 1:
        return None
    year, month, day = int(found[0][0]), int(found[0][2]), int(found[0][3] or 1)
    try:
        began = datetime(year, month, day, tzinfo=zone)
    except ValueError:
        return None
    if found[0][3]:
        return began, began + timedelta(days=1)
    return began, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
