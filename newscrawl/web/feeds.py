"""Atom feeds of articles, edits and absences, with the filters of their pages (RFC 4287).

The tree is built and written by lxml, so nothing that a page said becomes markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl import __version__
from newscrawl.judge.diff.differences import Op, Span
from newscrawl.model import ArticleRecord, RemovalRecord
from newscrawl.store.read.reader import Reader
from newscrawl.text import paragraphs, printable
from newscrawl.web.archive import WebArchive
from newscrawl.web.articles import latest_articles
from newscrawl.web.changes import Shown, latest_edits, shown
from newscrawl.web.filters import Asked, asked
from newscrawl.web.removed import latest_absences
from newscrawl.web.responses import cut, is_web, tag
from newscrawl.wording import course

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


def routes(archive: WebArchive) -> list[Route]:
    """The routes of the feeds over an archive."""

    def feed(name: str, title: str, page: str, entries: Callable[[Reader, Asked], Iterable[Entry]]) -> Route:
        def respond(request: Request) -> Response:
            given = asked(request)
            given = Asked(
                given.path,
                {
                    key: value
                    for key, value in given.values.items()
                    if key not in ("before", "page", "format")
                },
            )
            found = list(entries(archive.reader(), given))
            data = _written(name, title, given, archive.address(request), page, found)
            return Response(data, media_type=MEDIA_TYPE)

        return Route(f"/feeds/{name}.atom", respond)

    return [
        feed("articles", "Latest news", "/", _articles),
        feed("changes", "Changes", "/changes", _changes),
        feed("removed", "Removed", "/removed", _removed),
    ]


# --- entries ------------------------------------------------------------------------------------


def _articles(reader: Reader, given: Asked) -> Iterable[Entry]:
    found, _ = latest_articles(reader, given, ENTRIES)
    return map(_article, found)


def _article(record: ArticleRecord) -> Entry:
    article = record.article
    return Entry(
        name=f"{record.source}/articles/{record.id}",
        title=cut(article.title) or "(no title)",
        updated=record.first_seen,
        path=f"/articles/{record.id}",
        via=record.url,
        category=f"{record.source}/{record.edition}",
        language=tag(article.language, record.edition),
        text=cut(next(iter(paragraphs(article.body[:5000])), ""), 500),
        published=article.published,
        authors=tuple(author.name for author in article.authors),
    )


def _changes(reader: Reader, given: Asked) -> Iterable[Entry]:
    found, _ = latest_edits(reader, given, ENTRIES, texts=True)
    return (_change(shown(edit)) for edit in found)


def _change(one: Shown) -> Entry:
    edit = one.edit
    kinds = ", ".join(edit.kinds) or "changed"
    pieces = (Span(Op.SAME, f"{one.excerpt.field}: "), *one.excerpt.spans) if one.excerpt is not None else ()
    return Entry(
        name=f"{edit.source}/articles/{edit.article_id}/changes/{edit.from_version}..{edit.to_version}",
        title=f"{kinds}: {cut(edit.title) or '(no title)'}",
        updated=edit.at,
        path=f"/articles/{edit.article_id}/diff/{edit.from_version}..{edit.to_version}",
        via=edit.url,
        category=f"{edit.source}/{edit.edition}",
        language=tag(None, edit.edition),
        text=pieces,
    )


def _removed(reader: Reader, given: Asked) -> Iterable[Entry]:
    found, _ = latest_absences(reader, given, ENTRIES)
    return map(_removal, found)


def _removal(record: RemovalRecord) -> Entry:
    since = record.since or record.first_absent
    return Entry(
        name=f"{record.source}/articles/{record.article_id}/{record.state.value}/{_stamp(since)}",
        title=f"{record.state.value}: {cut(record.title) or '(no title)'}",
        updated=since,
        path=f"/articles/{record.article_id}",
        via=record.url,
        category=f"{record.source}/{record.edition}",
        language="en",
        text=course(record),
    )


# --- writing ------------------------------------------------------------------------------------


def _written(name: str, title: str, given: Asked, address: str, page: str, entries: Iterable[Entry]) -> bytes:
    """The feed as bytes. Its name holds the filters, because another selection is another feed."""
    root = etree.Element(f"{{{_ATOM}}}feed", {_LANG: "en"}, nsmap={None: _ATOM})
    found = list(entries)
    query = urlencode(sorted(given.values.items()), errors="replace")
    chosen = ", ".join(f"{key} {value}" for key, value in sorted(given.values.items()))
    _add(root, "id", f"{_NAMES}feeds/{name}{'?' if query else ''}{query}")
    _add(root, "title", f"newscrawl: {title}" + (f" ({cut(chosen)})" if chosen else ""))
    _add(root, "updated", _stamp(max(one.updated for one in found)) if found else _EMPTY)
    _add(root, "link", rel="self", type="application/atom+xml", href=address + given.link())
    _add(root, "link", rel="alternate", type="text/html", href=address + given.link(page))
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
    _add(entry, "updated", _stamp(one.updated))
    if one.published is not None:
        _add(entry, "published", _stamp(one.published))
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


def _stamp(at: datetime) -> str:
    try:
        return f"{at.astimezone(UTC).isoformat().removesuffix('+00:00')}Z"
    except OverflowError:  # within hours of the first or the last day of the calendar
        return _EMPTY
