"""The outlet's response to an address at an instant: page, status, validators."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

from newscrawl.demo import article_pages, channels
from newscrawl.demo.article_pages import View, frame
from newscrawl.demo.history import FRONT_PAGE_SIZE
from newscrawl.demo.pieces import Manner, Piece
from newscrawl.demo.slugs import latin_slug

# The smallest picture: one white dot.
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)
HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `kind` is for faults that concern only some kinds of pages.

    The last four fields are set only by faults: seconds to wait, bytes announced and never sent, bytes sent
    without announcing a length, and a connection closed with no answer.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    kind: str = "other"
    etag: str | None = None
    last_modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    missing: int = 0
    endless: int = 0
    dropped: bool = False


def respond(view: View, target: str) -> Answer:
    """The response to a request target (path and query) at `view.now`."""
    if view.outlet.down(view.edition, view.now):
        body = message_page(view, view.words.labels["outage"], view.words.labels["outage"])
        return Answer(body, 503, kind="outage")
    parts = urlsplit(target)
    path = unquote(parts.path).rstrip("/") or "/"
    head, _, rest = path.lstrip("/").partition("/")
    if head in _ROUTES:
        return _ROUTES[head](view, rest, parse_qs(parts.query)) or not_found(view)
    if rest == "" and head in view.words.sections:
        chosen = [piece for piece in _published(view) if piece.section == head]
        return _list(
            view, view.words.sections[head], f"/{head}/", chosen, parse_qs(parts.query)
        ) or not_found(view)
    piece = _find(view, path)
    return not_found(view) if piece is None else _article(view, piece)


def not_found(view: View, status: int = 404) -> Answer:
    """The not-found page."""
    labels = view.words.labels
    title = labels["gone" if status == 410 else "not_found"]
    return Answer(message_page(view, title, labels["not_found_text"]), status, kind="not_found")


def message_page(view: View, title: str, text: str) -> bytes:
    """A page of the site with only a message."""
    skin = view.outlet.skin
    return frame(view, title, f'<main class="{skin}-message"><h1>{title}</h1>\n<p>{text}</p></main>')


def redirect(address: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer(b"", status, headers=(("Location", address),), kind="redirect")


def _front(view: View, _rest: str, _query: dict[str, list[str]]) -> Answer:
    pieces = _published(view)
    stamp = channels.listed(view, pieces[:FRONT_PAGE_SIZE])
    return _dated(view, Answer(channels.front_page(view, pieces), kind="list"), stamp)


def _news(view: View, rest: str, query: dict[str, list[str]]) -> Answer | None:
    return None if rest else _list(view, view.words.labels["news"], "/news/", _published(view), query)


def _list(
    view: View, title: str, path: str, pieces: list[Piece], query: dict[str, list[str]]
) -> Answer | None:
    asked = query.get("page", ["1"])[0]
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    body = channels.list_page(view, title, path, pieces, number)
    return (
        None
        if body is None
        else _dated(view, Answer(body, kind="list"), f"{number} {channels.listed(view, pieces)}")
    )


def _tag(view: View, rest: str, query: dict[str, list[str]]) -> Answer | None:
    chosen = [piece for piece in _published(view) if rest in map(latin_slug, piece.tags)]
    known = chosen or any(rest in map(latin_slug, topic.tags) for topic in view.words.topics)
    return _list(view, rest, f"/tag/{rest}/", chosen, query) if known else None


def _feed(view: View, _rest: str, _query: dict[str, list[str]]) -> Answer:
    body = channels.feed(view, _published(view))
    return _dated(view, Answer(body, content_type="application/rss+xml; charset=utf-8", kind="feed"), body)


def _sitemap(view: View, rest: str, _query: dict[str, list[str]]) -> Answer | None:
    number = rest.removeprefix("sitemap_news").removesuffix(".xml")
    if rest != f"sitemap_news{number}.xml" or not (number.isascii() and number.isdigit() and len(number) < 6):
        return None
    body = channels.sitemap(view, _mapped(view), int(number))
    return None if body is None else _dated(view, Answer(body, content_type=XML, kind="sitemap"), body)


def _robots(view: View, _rest: str, _query: dict[str, list[str]]) -> Answer:
    body = channels.robots(view, _mapped(view))
    return Answer(body, content_type="text/plain; charset=utf-8", kind="robots")


def _about(view: View, rest: str, _query: dict[str, list[str]]) -> Answer | None:
    labels = view.words.labels
    return None if rest else Answer(message_page(view, labels["about"], labels["about_text"]))


def _search(view: View, _rest: str, _query: dict[str, list[str]]) -> Answer:
    return Answer(
        message_page(view, view.words.labels["search"], '<script src="/assets/search.js"></script>')
    )


def _file(_view: View, _rest: str, _query: dict[str, list[str]]) -> Answer:
    return Answer(_PNG, content_type="image/png", kind="file")


def _office(_view: View, _rest: str, _query: dict[str, list[str]]) -> Answer:
    return Answer(b"Forbidden", 403, content_type="text/plain; charset=utf-8")


def _amp(view: View, rest: str, _query: dict[str, list[str]]) -> Answer | None:
    piece = _find(view, f"/{rest}")
    version = piece.version_at(view.now) if piece else None
    if piece is None or version is None or piece.absence_at(view.now):
        return None
    return Answer(article_pages.amp_page(view, piece, version), kind="article")


def _go(view: View, rest: str, _query: dict[str, list[str]]) -> Answer | None:
    for piece in _published(view):
        if str(piece.id) == rest:
            return redirect(f"{view.base}{piece.path}", 301)
    return None


def _article(view: View, piece: Piece) -> Answer:
    absence = piece.absence_at(view.now)
    if absence is not None:
        match absence.manner:
            case Manner.GONE:
                return not_found(view, 410)
            case Manner.REDIRECTED_HOME:
                return redirect(f"{view.base}/")
            case Manner.SOFT_404:
                return not_found(view, 200)
            case _:
                return not_found(view)
    version = piece.version_at(view.now)
    if version is None:
        return not_found(view)
    answer = Answer(article_pages.article_page(view, piece, version), kind="article")
    if "validators" not in piece.traits:
        return answer
    tag = _tag_of(f"{view.outlet.seed} {piece.path} {version.at.isoformat()}")
    return replace(answer, etag=tag, last_modified=version.at)


def _find(view: View, path: str) -> Piece | None:
    """The published piece at this decoded path, absent or not."""
    for piece in view.outlet.pieces(view.edition):
        if unquote(piece.path) == path and piece.version_at(view.now) is not None:
            return piece
    return None


def _published(view: View) -> list[Piece]:
    return view.outlet.published(view.edition, view.now)


def _mapped(view: View) -> list[Piece]:
    return view.outlet.mapped(view.edition, view.now)


def _dated(view: View, answer: Answer, content: str | bytes) -> Answer:
    """The response with validators made from its content, without the furniture around it."""
    tag = _tag_of(content)
    return replace(answer, etag=tag, last_modified=view.outlet.last_change(view.edition, view.now))


def _tag_of(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return f'W/"{hashlib.sha256(data).hexdigest()[:20]}"'


_Route = Callable[[View, str, dict[str, list[str]]], Answer | None]
_ROUTES: dict[str, _Route] = {
    "": _front,
    "news": _news,
    "tag": _tag,
    "feed": _feed,
    "sitemap": _sitemap,
    "robots.txt": _robots,
    "about": _about,
    "search-results.html": _search,
    "uploads": _file,
    "assets": _file,
    "admin": _office,
    "amp": _amp,
    "go": _go,
}
