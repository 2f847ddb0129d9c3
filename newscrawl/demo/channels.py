"""The channels of the outlet: front page, paged lists, feed, sitemaps, robots.txt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from newscrawl.demo.article_pages import View, frame, text_html
from newscrawl.demo.history import FRONT_PAGE_SIZE
from newscrawl.demo.pieces import Piece, local
from newscrawl.demo.slugs import latin_slug

PAGE_SIZE = 20
FEED_SIZE = 15
SITEMAP_SIZE = 25


def front_page(view: View, pieces: Sequence[Piece]) -> bytes:
    """A hero, then the newest headlines with their times as text, one of them with a picture link too."""
    skin = view.outlet.skin
    hero = "".join(
        f'<section class="{skin}-hero"><a href="{piece.path}"><img src="{piece.image or "/assets/logo.png"}" alt="">'
        f'</a><h2><a href="{piece.path}">{_headline(view, piece)}</a></h2></section>\n'
        for piece in pieces[:1]
    )
    main = f"""<main class="{skin}-front">
{hero}<section class="{skin}-list">
<h2>{view.label("latest")}</h2>
{_cards(view, pieces[:FRONT_PAGE_SIZE])}
{_view_all(view)}
</section>
<aside><a href="https://social.example/boztorgai">{view.label("subscribe")}</a> {_tag_links(view)}</aside>
</main>"""
    head = f'<link rel="canonical" href="{view.base}/">\n'
    return frame(view, view.words.labels["tagline"], main, head=head)


def _view_all(view: View) -> str:
    if view.edition not in view.outlet.paged:
        return f'<button type="button" class="{view.outlet.skin}-all">{view.label("view_all")}</button>'
    return f'<a class="{view.outlet.skin}-all" href="/news/">{view.label("view_all")}</a>'


def list_page(view: View, title: str, path: str, pieces: Sequence[Piece], number: int) -> bytes | None:
    """Page `number` (from 1) of a list at `path`, None if it is beyond the end."""
    begin = (number - 1) * PAGE_SIZE
    if number < 1 or (number > 1 and begin >= len(pieces)):
        return None
    skin, links, head = view.outlet.skin, [], ""
    if number > 1:
        links.append(f'<a rel="prev" href="{path}?page={number - 1}">{view.label("previous")}</a>')
    if begin + PAGE_SIZE < len(pieces):
        links.append(f'<a rel="next" href="{path}?page={number + 1}">{view.label("next")}</a>')
        head = f'<link rel="next" href="{view.base}{path}?page={number + 1}">\n'
    main = f"""<main class="{skin}-archive">
<h1>{escape(title)}</h1>
{_cards(view, pieces[begin : begin + PAGE_SIZE])}
<nav class="{skin}-pages">{" ".join(links)}</nav>
</main>"""
    return frame(view, title, main, head=head)


def _creator(bylines: Sequence[str]) -> str:
    return f"<dc:creator>{escape(', '.join(bylines))}</dc:creator>\n" if bylines else ""


def feed(view: View, pieces: Sequence[Piece]) -> bytes:
    """RSS 2.0 of the newest pieces, which says what their pages say; dates with their offset."""
    items = "".join(
        f"""<item>
<title>{escape(version.title)}</title>
<link>{view.base}{piece.path}</link>
<guid isPermaLink="false">{piece.edition}-{piece.id or piece.slug}</guid>
<pubDate>{format_datetime(local(piece.stated_published))}</pubDate>
{_creator(version.bylines)}<category>{escape(piece.section_name)}</category>
<description>{escape(text_html(view, piece, version).split(chr(10))[0])}</description>
</item>
"""
        for piece in pieces[:FEED_SIZE]
        if (version := piece.version_at(view.now)) is not None
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{view.outlet.name}</title>
<link>{view.base}/</link>
<description>{view.label("tagline")}</description>
<language>{view.edition}</language>
{items}</channel>
</rss>
""".encode()


def sitemap(view: View, pieces: Sequence[Piece], number: int) -> bytes | None:
    """Sitemap `number` (from 1), oldest pieces first; None after the last. The first lists two dead addresses."""
    entries = [(piece.path, _changed(piece, view.now)) for piece in reversed(pieces)]
    first = entries[0][1] if entries else local(view.now)
    dead = [(path, first + timedelta(hours=hour)) for hour, path in enumerate(dead_paths(view.edition), 1)]
    entries = [*entries[:3], *dead, *entries[3:]]
    begin = (number - 1) * SITEMAP_SIZE
    if number < 1 or (number > 1 and begin >= len(entries)):
        return None
    listed = "".join(
        f"<url><loc>{view.base}{path}</loc><lastmod>{at.isoformat(timespec='seconds')}</lastmod></url>\n"
        for path, at in entries[begin : begin + SITEMAP_SIZE]
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{listed}</urlset>
""".encode()


def dead_paths(edition: str) -> tuple[str, str]:
    """Two addresses that the sitemap lists and that answer 404: one plain, one left by an old CMS."""
    number = {"en": 9111, "ru": 411111, "kk": 156111}[edition]
    return f"/fontan-opens-on-the-old-square-{number}", "/night-train-to-samalqala__trashed"


def robots(view: View, pieces: Sequence[Piece]) -> bytes:
    """robots.txt: everything allowed except the admin pages, and all sitemaps."""
    count = -(-(len(pieces) + len(dead_paths(view.edition))) // SITEMAP_SIZE)
    sitemaps = "".join(f"Sitemap: {view.base}/sitemap/sitemap_news{n + 1}.xml\n" for n in range(count))
    return f"User-agent: *\nDisallow: /admin/\n\n{sitemaps}".encode()


def listed(view: View, pieces: Sequence[Piece]) -> str:
    """The content of a list without furniture: a list with the same `listed` has not changed."""
    today = local(view.now)
    return "\n".join(
        f"{piece.path} {_headline(view, piece)} {view.words.card(local(piece.published), today)}"
        for piece in pieces
    )


def _cards(view: View, pieces: Sequence[Piece]) -> str:
    skin, today = view.outlet.skin, local(view.now)
    cards = []
    for position, piece in enumerate(pieces):
        # Mostly relative links and some absolute ones, as in lists of several templates.
        address = f"{view.base}{piece.path}/" if position % 4 == 3 else piece.path
        picture = (
            f'<a href="{address}"><img src="{piece.image}" alt=""></a>'
            if position == 2 and piece.image
            else ""
        )
        cards.append(
            f'<div class="{skin}-card">{picture}<span class="{skin}-time">'
            f"{view.words.card(local(piece.published), today)}</span> "
            f'<a href="{address}">{_headline(view, piece)}</a></div>'
        )
    return "\n".join(cards)


def _tag_links(view: View) -> str:
    tags = dict.fromkeys(tag for topic in view.words.topics for tag in topic.tags)
    return " ".join(f'<a href="/tag/{latin_slug(tag)}/">{escape(tag)}</a>' for tag in tags)


def _headline(view: View, piece: Piece) -> str:
    version = piece.version_at(view.now)
    return escape(version.title) if version else ""


def _changed(piece: Piece, now: datetime) -> datetime:
    version = piece.version_at(now)
    return local(version.at if version else piece.published)
