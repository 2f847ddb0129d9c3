"""The HTML of article pages and of the frame around every page.

Peculiarities by trait: `no_canonical` leaves the canonical link out, `og_url_elsewhere` names the "view all"
page in og:url, `wrong_language_tag` declares Russian on a Kazakh page, `nbsp` puts no-break spaces after
numbers, `validators` gives the page ETag and Last-Modified.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape

from newscrawl.demo.history import Outlet
from newscrawl.demo.lexicon.bank import Lexicon
from newscrawl.demo.pieces import Dating, Paragraph, Piece, Version, local
from newscrawl.demo.slugs import latin_slug

_NBSP_AFTER_NUMBER = re.compile(r"(?<=\d) (?=\w)")


@dataclass(frozen=True, slots=True)
class View:
    """The edition and instant of a page. `serial` counts requests; furniture that changes at every request depends on it.

    `bases` maps each edition to its scheme, host and port.
    """

    outlet: Outlet
    edition: str
    now: datetime
    bases: Mapping[str, str]
    serial: int = 0

    @property
    def words(self) -> Lexicon:
        """The edition's lexicon."""
        return self.outlet.lexicon(self.edition)

    @property
    def base(self) -> str:
        """Scheme, host and port of this edition, without final slash."""
        return self.bases[self.edition]

    def label(self, name: str) -> str:
        """A furniture word as HTML."""
        return escape(self.words.labels[name])


def frame(view: View, title: str, main: str, *, head: str = "", language: str | None = None) -> bytes:
    """A whole page around `main`: ticker, switch, menu and footer, some of them new at every request."""
    skin, label = view.outlet.skin, view.label
    switch = " | ".join(
        f'<a href="{view.bases[edition]}/">{name}</a>'
        for edition, name in (("ru", "RU"), ("kk", "KZ"), ("en", "EN"))
    )
    menu = "".join(f'<a href="/{key}/">{escape(name)}</a> ' for key, name in view.words.sections.items())
    rates = " ".join(
        f"{name} {_rate(view.serial, low):.2f}" for name, low in (("USD", 470), ("EUR", 540), ("RUB", 5))
    )
    page = f"""<!DOCTYPE html>
<html lang="{language or view.edition}">
<head>
<meta charset="utf-8">
<title>{escape(title)} | {view.outlet.name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="alternate" type="application/rss+xml" title="{view.outlet.name}" href="/feed/">
{head}<script>window.dataLayer = window.dataLayer || []; dataLayer.push({{"request": {view.serial}}});</script>
</head>
<body>
<header class="{skin}-top">
<div class="{skin}-ticker">{rates} | {label("weather")} {view.serial % 17 - 4:+d} °C | {local(view.now):%H:%M}</div>
<p class="{skin}-switch">{switch}</p>
<a class="{skin}-logo" href="/"><img src="/assets/logo.png" alt="{view.outlet.name}"></a>
<nav class="{skin}-menu"><a href="/news/">{label("news")}</a> {menu}<a href="/about">{label("about")}</a>
<a href="/search-results.html">{label("search")}</a></nav>
</header>
{main}
<footer class="{skin}-foot">
<p>{label("certificate")}</p>
<p><a href="/about">{label("about")}</a> <a href="/tag/{_first_tag(view)}/">{label("tags")}</a>
<a href="https://social.example/boztorgai">{label("subscribe")}</a></p>
<p class="{skin}-cookies">{label("cookies")}</p>
</footer>
</body>
</html>
"""
    return page.encode()


def article_page(view: View, piece: Piece, version: Version) -> bytes:
    """The page of an article, with the block of newest headlines below it."""
    skin, label, words = view.outlet.skin, view.label, view.words
    date_line = words.dated(piece.published, day_only=piece.dating is Dating.VISIBLE_DAY)
    tags = " ".join(f'<a rel="tag" href="/tag/{latin_slug(tag)}/">{escape(tag)}</a>' for tag in piece.tags)
    subtitle = f'<h2 class="{skin}-subtitle">{escape(version.subtitle)}</h2>\n' if version.subtitle else ""
    main = f"""<main class="{skin}-page">
<div class="{skin}-post">
<p class="{skin}-crumbs"><a href="/{piece.section}/">{escape(piece.section_name)}</a> | {escape(version.title)}</p>
<h1>{escape(version.title)}</h1>
{subtitle}<div class="{skin}-meta"><span class="{skin}-date">{escape(date_line)}</span>
<span class="{skin}-views">{label("views")}: {_views(view, piece)}</span></div>
{_cover(view, piece)}<div class="{skin}-text">
{text_html(view, piece, version)}</div>
<div class="{skin}-share">{label("share")}: <a href="https://social.example/share?u={view.base}{piece.path}">Lark</a>
<a href="https://messenger.example/share">Post</a></div>
<div class="{skin}-tags">{tags}</div>
</div>
{_latest_block(view)}</main>"""
    language = "ru" if "wrong_language_tag" in piece.traits else None
    return frame(view, version.title, main, head=article_head(view, piece, version), language=language)


def amp_page(view: View, piece: Piece, version: Version) -> bytes:
    """The AMP page: the same text, a canonical link to the article, little else."""
    page = f"""<!DOCTYPE html>
<html amp lang="{view.edition}">
<head>
<meta charset="utf-8">
<title>{escape(version.title)}</title>
<link rel="canonical" href="{view.base}{piece.path}">
{_structured(view, piece, version)}</head>
<body>
<h1>{escape(version.title)}</h1>
<p>{escape(view.words.dated(piece.published, day_only=piece.dating is Dating.VISIBLE_DAY))}</p>
{text_html(view, piece, version)}<p>{view.label("certificate")}</p>
</body>
</html>
"""
    return page.encode()


def text_html(view: View, piece: Piece, version: Version) -> str:
    """The paragraphs and the byline line, as HTML."""
    lines = [_paragraph_html(paragraph, nbsp="nbsp" in piece.traits) for paragraph in version.paragraphs]
    if version.bylines:
        label = view.label("byline" if len(version.bylines) == 1 else "bylines")
        lines.append(f"<p>{label}{escape(', '.join(version.bylines))}</p>")
    return "".join(f"{line}\n" for line in lines)


def article_head(view: View, piece: Piece, version: Version) -> str:
    """Canonical link, links to translations, OpenGraph and structured data, in the variants that real pages have."""
    address = f"{view.base}{piece.path}"
    summary = version.subtitle or _first_words(version.paragraphs[0].text)
    lines = [f'<meta name="description" content="{escape(summary)}">']
    if "no_canonical" not in piece.traits:
        lines.append(f'<link rel="canonical" href="{address}">')
    lines.append(f'<link rel="amphtml" href="{view.base}/amp{piece.path}">')
    translations = [
        (edition, f"{view.bases[edition]}{path}")
        for edition, path in piece.translations
        if any(other.path == path for other in view.outlet.published(edition, view.now))
    ]
    for edition, translation in [(piece.edition, address), *translations] if translations else []:
        lines.append(f'<link rel="alternate" hreflang="{edition}" href="{translation}">')
    og = {
        "og:type": "article",
        "og:site_name": view.outlet.name,
        "og:title": version.title,
        "og:description": summary,
        "og:url": f"{view.base}/news/" if "og_url_elsewhere" in piece.traits else address,
    }
    if piece.image:
        og["og:image"] = f"{view.base}{piece.image}"
    if piece.dating is Dating.META:
        og["article:published_time"] = piece.stated_published.isoformat(timespec="minutes")
    og["article:section"] = piece.section_name
    lines.extend(f'<meta property="{name}" content="{escape(value)}">' for name, value in og.items())
    lines.extend(f'<meta property="article:tag" content="{escape(tag)}">' for tag in piece.tags)
    return "\n".join(lines) + "\n" + _structured(view, piece, version)


def _structured(view: View, piece: Piece, version: Version) -> str:
    if piece.dating not in (Dating.JSON_LD, Dating.BROKEN_JSON_LD):
        return ""
    organization = {"@type": "Organization", "name": view.outlet.name, "url": f"{view.base}/"}
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": f"{view.base}{piece.path}",
        "headline": version.title,
        "datePublished": piece.published.isoformat(),
        "dateModified": local(version.at).isoformat(),
        "author": organization,
        "publisher": organization,
        "articleSection": piece.section_name,
        "inLanguage": piece.edition,
    }
    if piece.image:
        data["image"] = [f"{view.base}{piece.image}"]
    text = json.dumps(data, ensure_ascii=False, indent=1).replace("</", "<\\/")
    if piece.dating is Dating.BROKEN_JSON_LD:
        headline = json.dumps(version.title, ensure_ascii=False)
        text = text.replace(headline, headline.replace(" ", "\n", 1)).removesuffix("\n}") + ",\n}"
        text = f"<!--\n{text}\n-->"
    return f'<script type="application/ld+json">\n{text}\n</script>\n'


def _paragraph_html(paragraph: Paragraph, *, nbsp: bool) -> str:
    text = escape(paragraph.text, quote=False)
    if nbsp:
        text = _NBSP_AFTER_NUMBER.sub("&nbsp;", text)
    match paragraph.kind:
        case "quote":
            return f"<blockquote><p>{text}</p></blockquote>"
        case "h2":
            return f"<h2>{text}</h2>"
        case _:
            return f"<p>{text}</p>"


def _cover(view: View, piece: Piece) -> str:
    if piece.image is None:
        return ""
    skin = view.outlet.skin
    credit = f'<p class="{skin}-credit">{escape(piece.credit)}</p>\n' if piece.credit else ""
    return f'<div class="{skin}-cover"><img src="{piece.image}" alt="cover"></div>\n{credit}'


def _latest_block(view: View) -> str:
    skin = view.outlet.skin
    today = local(view.now)
    items = "\n".join(
        f'<div class="{skin}-row"><span>{view.words.card(local(piece.published), today)}</span> '
        f'<a href="{piece.path}">{escape(version.title)}</a></div>'
        for piece in view.outlet.published(view.edition, view.now)[:20]
        if (version := piece.version_at(view.now)) is not None
    )
    return f"""<div class="{skin}-latest">
<h3>{view.label("latest")}</h3>
<a href="/news/">{view.label("view_all")}</a>
{items}
</div>
"""


def _views(view: View, piece: Piece) -> int:
    return 100 + len(piece.path) * 7 + view.serial * 3


def _rate(serial: int, low: float) -> float:
    return low * (1 + (serial * 37 % 101) / 2000)


def _first_words(text: str) -> str:
    return text if len(text) <= 120 else text[: text.rindex(" ", 0, 120)] + "…"


def _first_tag(view: View) -> str:
    return latin_slug(view.words.topics[0].tags[0])
