"""Atom feeds of articles, edits and absences, with the filters of their pages (RFC 4287).

The tree is built and written by lxml, so nothing that a page said becomes markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from newscrawl import __version__
from newscrawl.judge.diff.differences import Op, Span
from newscrawl.text import printable
from newscrawl.web.answers.filters import Asked, asked
from newscrawl.web.answers.language import WORDS
from newscrawl.web.answers.responses import cut, is_web, xml_response

ENTRIES = 50
MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_XHTML = "http://www.w3.org/1999/xhtml"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Names of entries (RFC 4151): the same whatever host serves the feed. Nobody owns a name that ends in .invalid.
_NAMES = "tag:newscrawl.invalid,2026:"
_EMPTY = "1970-01-01T00:00:00Z"  # when a feed without entries was updated


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `path` is its page here, `via` the outlet's address; `text` its content as words or as a piece of a difference."""

    name: str
    title: str
    updated: datetime
    path: str
    via: str
    category: str
    language: str
    text: str | tuple[Span, ...]
    published: datetime | None = None
    authors: tuple[str, ...] = ()


def feed_response(
    request: Request, address: str, name: str, title: str, entries: Iterable[Entry]
) -> Response:
    """A list as a feed; `name` is what the feed is of. It begins at the newest, whatever place its address names."""
    given = asked(request).from_the_start()
    kept = given.values
    page = {"articles": "/"}.get(name, f"/{name}")
    of_page = given.path.startswith("/feeds/")
    own = given if of_page else replace(given, values={**kept, "format": "atom"})
    data = written(name, title, replace(given, path=page), address, own.link(), list(entries))
    return xml_response(data, MEDIA_TYPE)


# --- writing ------------------------------------------------------------------------------------


def written(name: str, title: str, given: Asked, address: str, own: str, found: Sequence[Entry]) -> bytes:
    """The feed as bytes. Its id holds the filters, because another selection is another feed; the language is not part of it."""
    say = WORDS[given.values.get("lang", "en")]  # checked before
    root = etree.Element(f"{{{_ATOM}}}feed", {_LANG: say.language}, nsmap={None: _ATOM})
    filters = sorted((key, value) for key, value in given.values.items() if key != "lang")
    query = urlencode(filters, errors="replace")
    chosen = ", ".join(f"{key} {value}" for key, value in filters)
    _add(root, "id", f"{_NAMES}feeds/{name}{'?' if query else ''}{query}")
    _add(root, "title", f"newscrawl: {say(title)}" + (f" ({cut(chosen)})" if chosen else ""))
    _add(root, "updated", stamp(max(one.updated for one in found)) if found else _EMPTY)
    _add(root, "link", rel="self", type="application/atom+xml", href=address + own)
    _add(root, "link", rel="alternate", type="text/html", href=address + given.link())
    _add(_add(root, "author"), "name", "newscrawl")
    _add(root, "generator", "newscrawl", version=__version__)
    for one in found:
        _entry(root, one, address)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _entry(root: etree._Element, one: Entry, address: str) -> None:
    entry = _add(root, "entry")
    if one.language:
        entry.set(_LANG, one.language)
    _add(entry, "id", _NAMES + one.name)
    _add(entry, "title", one.title)
    _add(entry, "updated", stamp(one.updated))
    if one.published is not None:
        _add(entry, "published", stamp(one.published))
    _add(entry, "link", rel="alternate", type="text/html", href=address + one.path)
    if is_web(one.via):
        _add(entry, "link", rel="via", href=one.via)
    for author in one.authors:
        _add(_add(entry, "author"), "name", cut(author))
    _add(entry, "category", term=one.category)
    if isinstance(one.text, str):
        _add(entry, "summary", one.text)
    else:
        _difference(_add(entry, "content", type="xhtml"), one.text)


def _difference(content: etree._Element, spans: Iterable[Span]) -> None:
    """A piece of a difference as XHTML: struck words and new ones, and nothing else."""
    division = etree.SubElement(content, f"{{{_XHTML}}}div", nsmap={None: _XHTML})
    last: etree._Element | None = None
    for span in spans:
        text = printable(span.text)
        if span.op is not Op.SAME:
            last = etree.SubElement(division, f"{{{_XHTML}}}{'del' if span.op is Op.REMOVED else 'ins'}")
            last.text = text
        elif last is None:
            division.text = (division.text or "") + text
        else:
            last.tail = (last.tail or "") + text


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """An element of Atom. Control characters, which XML cannot hold, are taken out."""
    made = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    for key, value in attributes.items():
        made.set(key, printable(value))
    if text is not None:
        made.text = printable(text)
    return made


def stamp(at: datetime) -> str:
    """An instant as Atom has it."""
    try:
        return f"{at.astimezone(UTC).isoformat().removesuffix('+00:00')}Z"
    except OverflowError:  # within hours of the first or the last day of the calendar
        return _EMPTY
