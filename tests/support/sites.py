"""Made-up news sites of different make, with traps: what `newscrawl add` is tried on. Every page and its truth come from here."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import escape
from random import Random
from urllib.parse import quote

from tests.support.fake_site import NOW, Answer, Page, Stand, story

TOWNS = [
    "Karakol",
    "Zhanatas",
    "Aksu",
    "Temir",
    "Shalkar",
    "Arys",
    "Kulan",
    "Saryozek",
    "Ushtobe",
    "Kegen",
    "Narynkol",
    "Balkash",
    "Tekeli",
    "Zharkent",
    "Makat",
    "Inder",
]
WORDS = [
    "bridge",
    "school",
    "harvest",
    "market",
    "council",
    "railway",
    "hospital",
    "canal",
    "museum",
    "budget",
    "orchard",
    "library",
    "airport",
    "reservoir",
    "theatre",
]
DEEDS = ["reopens", "closes", "expands", "waits", "votes", "repairs", "plans", "loses", "gains", "doubles"]
PROSE = " ".join(
    f"Our newsroom keeps sentence number {n} of this page about itself plain and short, as readers asked."
    for n in range(25)
)


@dataclass(frozen=True)
class Piece:
    """One made-up article."""

    number: int
    title: str
    slug: str
    section: str
    at: datetime

    @property
    def iso(self) -> str:
        return self.at.isoformat()


@dataclass
class Site:
    """A made-up site: its pages, and the paths of its articles. `endless` answers what `pages` does not hold."""

    pages: dict[str, Page] = field(default_factory=dict)
    articles: set[str] = field(default_factory=set)
    endless: Callable[[str], str | None] = lambda _: None


class _Pages(dict):
    """Pages with a rule for addresses nobody can list, such as the days of a calendar."""

    endless: Callable[[str], str | None] = staticmethod(lambda _: None)

    def get(self, path, default=None):
        return super().get(path) or self.endless(path) or default


def serve(site: Site, stand: Stand) -> None:
    """Puts a site on a stand; `{base}` in its feeds and sitemaps becomes the stand's address."""
    pages = _Pages()
    for path, written in site.pages.items():
        if isinstance(written, Answer):
            filled = written.data.replace(b"{base}", stand.url.encode())
            if written.content_type == "application/x-gzip":
                filled = gzip.compress(filled, mtime=0)
            pages[path] = replace(written, body=filled)
        else:
            pages[path] = written
    pages.endless = site.endless
    stand.pages = pages


def pieces(
    number: int, sections: Sequence[str], *, seed: int, every: float = 5.0, words: int = 3
) -> list[Piece]:
    """Articles, newest first, `every` hours apart."""
    random = Random(seed)
    found: dict[str, Piece] = {}
    while len(found) < number:
        chosen = random.sample(WORDS, words)
        title = f"{random.choice(TOWNS)} {chosen[0]} {random.choice(DEEDS)} as the {' and the '.join(chosen[1:])} stay"
        slug = title.lower().replace(" ", "-")
        if slug not in found:
            at = NOW - timedelta(hours=every * (len(found) + 1))
            found[slug] = Piece(number - len(found), title, slug, random.choice(sections), at)
    return list(found.values())


def page(
    title: str,
    body: str,
    menu: Sequence[tuple[str, str]],
    *,
    head: str = "",
    name: str = "",
    lang: str = "en",
) -> str:
    """A page with the site's menu above and its own pages below."""
    links = "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in menu)
    site = f'<meta property="og:site_name" content="{name}">' if name else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)} | {name}</title>{site}{head}</head><body>'
        f'<header><nav><ul>{links}</ul></nav></header>{body}<footer class="footer"><a href="/about-us/">About us</a>'
        '<a href="/contacts/">Contacts</a><a href="/privacy-policy/">Privacy policy</a><a href="/media-kit.pdf">Media kit</a>'
        '<a href="/terms-of-use-and-rules-for-readers/">Terms of use and rules for our readers</a></footer></body></html>'
    )


def cards(chosen: Sequence[tuple[Piece, str]], *, extra: str = "") -> str:
    """A list of articles, each a card with a picture link, a headline, a tag and an author."""
    items = "".join(
        f'<div class="card"><a href="{path}"><img src="/p{one.number}.jpg" alt=""></a><h3><a href="{path}">{escape(one.title)}</a></h3>'
        f'<span class="meta">{one.at:%d.%m.%Y} <a href="/tag/town-life/">Town life</a> <a href="/author/aliya-b/">Aliya B.</a></span></div>'
        for one, path in chosen
    )
    aside = '<div><a href="/join-our-choir/">Sing with us</a></div>'
    return f'<main><h1>News</h1><div class="list">{items}</div>{aside}{extra}</main>'


def article(one: Piece, menu, others: Sequence[tuple[Piece, str]], *, name: str, lang: str = "en") -> str:
    """An article page: JSON-LD with instant and author, then a block of other headlines."""
    block = "".join(f'<li><a href="{path}">{escape(other.title)}</a></li>' for other, path in others)
    said = {
        "@type": "NewsArticle",
        "headline": one.title,
        "datePublished": one.iso,
        "author": {"@type": "Person", "name": "Aliya Bekova"},
    }
    whole = story(f"{one.slug} {one.number}", title=one.title, published=None)
    text = whole.partition("<main>")[2].partition("</main>")[0]
    ld = f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **said})}</script>'
    body = f'<main>{text}<p><a href="/tag/town-life/">Town life</a></p></main><section><h3>More from us</h3><ul>{block}</ul></section>'
    return page(one.title, body, menu, head=ld, name=name, lang=lang)


def traps(site: Site, menu, *, name: str, at_root: bool = True) -> None:
    """Pages that are no articles: the outlet's own, a tag, an author, a gallery, a PDF."""
    for path, title in (
        ("/about-us/", "About us"),
        ("/contacts/", "Contacts"),
        ("/privacy-policy/", "Privacy policy"),
        ("/terms-of-use-and-rules-for-readers/", "Rules of talk"),
        ("/join-our-choir/", "Sing with us"),
    ):
        text = "".join(f"<p>{PROSE[i : i + 600]}</p>" for i in range(0, 1800, 600))
        site.pages[path] = page(title, f"<main><h1>{title}</h1>{text}</main>", menu, name=name)
    site.pages["/author/aliya-b/"] = page(
        "Aliya B.", f"<main><h1>Aliya B.</h1><p>{PROSE[:400]}</p></main>", menu, name=name
    )
    site.pages["/media-kit.pdf"] = Answer(b"%PDF-1.4 ...", content_type="application/pdf")
    figures = "".join(
        f'<figure><img src="/g{n}.jpg"><figcaption>Picture {n}</figcaption></figure>' for n in range(9)
    )
    for n in (41, 42, 43):
        site.pages[f"/gallery/spring-in-pictures-part-{n}/"] = page(
            "Spring", f"<main><h1>Spring in pictures</h1>{figures}</main>", menu, name=name
        )


GALLERIES = "".join(
    f'<div><a href="/gallery/spring-in-pictures-part-{n}/">Spring in pictures of our readers, part {n}</a></div>'
    for n in (41, 42, 43)
)


def lists(
    site: Site,
    path: Callable[[int], str],
    known: list[tuple[Piece, str]],
    menu,
    *,
    size: int,
    name: str,
    how: str,
    extra: str = "",
) -> None:
    """A paged list. `how`: next (rel=next), numbers (links 2, 3, …), button (an address in an attribute)."""
    last = -(-len(known) // size)
    for n in range(1, last + 1):
        more = ""
        if n < last and how == "next":
            more = f'<a rel="next" href="{path(n + 1)}">Older</a>'
        elif how == "numbers":
            more = (
                '<div class="pagination">'
                + "".join(f'<a href="{path(k)}">{k}</a>' for k in range(1, last + 1) if k != n)
                + "</div>"
            )
        elif how == "button" and n < last:
            more = f'<button data-url="{path(n + 1)}">Show more</button>'
        chosen = known[(n - 1) * size : n * size]
        site.pages[path(n)] = page("News", cards(chosen, extra=extra + more), menu, name=name)


def rss(known: Sequence[tuple[Piece, str]]) -> Answer:
    """A feed."""
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{{base}}{path}</link><pubDate>{one.at:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for one, path in known
    )
    return Answer(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{items}</channel></rss>',
        content_type="application/rss+xml",
    )


def urlset(paths: Sequence[str], *, packed: bool = False) -> Answer:
    """A sitemap of paths."""
    entries = "".join(f"<url><loc>{{base}}{path}</loc></url>" for path in paths)
    body = (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    )
    return Answer(body, content_type="application/x-gzip" if packed else "application/xml")


def index(*paths: str) -> Answer:
    """A sitemap index."""
    entries = "".join(f"<sitemap><loc>{{base}}{path}</loc></sitemap>" for path in paths)
    return Answer(
        f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>',
        content_type="application/xml",
    )


def _finish(site: Site, known, menu, *, name: str, lang: str = "en") -> None:
    for number, (one, path) in enumerate(known):
        others = known[:5] if number > 5 else known[number + 1 : number + 6]
        site.pages[path] = article(one, menu, others, name=name, lang=lang)
        site.articles.add(path.rstrip("/"))


def dated_folders(number: int = 60) -> Site:
    """Year and month, then words: feed, sitemap index by kinds, categories paged by folders, a calendar without end."""
    site, name = Site(), "The Ferry Post"
    menu = [("/category/news/", "News"), ("/category/culture/", "Culture"), ("/2026/05/", "May 2026")]
    known = [
        (one, f"/{one.at:%Y/%m}/{one.slug}/") for one in pieces(number, ["news", "culture"], seed=1, every=20)
    ]
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed/"><link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">'
    site.pages["/"] = page("Front", cards(known[:10], extra=GALLERIES), menu, head=feed, name=name)
    for section in ("news", "culture"):
        of = [pair for pair in known if pair[0].section == section]
        lists(
            site,
            lambda n, s=section: f"/category/{s}/" + (f"page/{n}/" if n > 1 else ""),
            of,
            menu,
            size=10,
            name=name,
            how="next",
        )
    site.pages["/feed/"] = rss(known[:10])
    site.pages["/wp-sitemap.xml"] = index(
        "/wp-sitemap-posts-post-1.xml",
        "/wp-sitemap-posts-page-1.xml",
        "/wp-sitemap-taxonomies-category-1.xml",
        "/wp-sitemap-users-1.xml",
    )
    site.pages["/wp-sitemap-posts-post-1.xml"] = urlset([path for _, path in reversed(known)])
    site.pages["/wp-sitemap-posts-page-1.xml"] = urlset(["/about-us/", "/contacts/", "/privacy-policy/"])
    site.pages["/wp-sitemap-taxonomies-category-1.xml"] = urlset(["/category/news/", "/category/culture/"])
    site.pages["/wp-sitemap-users-1.xml"] = urlset(["/author/aliya-b/"])

    def calendar(path: str) -> str | None:
        parts = [part for part in path.split("/") if part]
        if not parts or not all(part.isdigit() for part in parts) or len(parts) > 3:
            return None
        days = "".join(f'<a href="/2026/0{m}/{d:02d}/">{d}</a>' for m in (4, 5, 6) for d in range(1, 29))
        return page("Archive", f"<main><h1>Archive</h1><div>{days}</div></main>", menu, name=name)

    site.endless = calendar
    traps(site, menu, name=name)
    _finish(site, known, menu, name=name)
    return site


def numbered_slugs(number: int = 60) -> Site:
    """A language folder, words and a number, pages by a parameter: one sitemap that mixes everything, no feed."""
    site, name = Site(), "Saryozek Courier"
    menu = [("/ru/news/", "Новости"), ("/ru/photo/", "Фото"), ("/ru/redaction/", "Редакция")]
    known = [(one, f"/ru/news/{one.slug}-{5200 + one.number}/") for one in pieces(number, ["news"], seed=2)]
    photos = "".join(
        f'<div><a href="/ru/photo/spring-in-the-steppe-{7000 + n}/">Весна в степи глазами читателей, часть {n}</a></div>'
        for n in range(4)
    )
    figures = "".join(f'<figure><img src="/g{n}.jpg"></figure>' for n in range(9))
    for n in range(4):
        site.pages[f"/ru/photo/spring-in-the-steppe-{7000 + n}/"] = page(
            "Весна", f"<main><h1>Весна в степи</h1>{figures}</main>", menu, name=name
        )
    site.pages["/ru/photo/"] = page("Фото", f"<main><h1>Фото</h1>{photos}</main>", menu, name=name)
    site.pages["/ru/redaction/"] = page(
        "Редакция", f"<main><h1>Редакция</h1><p>{PROSE}</p></main>", menu, name=name
    )
    site.pages["/"] = page("Главная", cards(known[:8], extra=photos), menu, name=name, lang="ru")
    lists(
        site,
        lambda n: "/ru/news/" + (f"?PAGEN_1={n}" if n > 1 else ""),
        known,
        menu,
        size=12,
        name=name,
        how="numbers",
    )
    site.pages["/robots.txt"] = Answer(
        "User-agent: *\nDisallow: /bitrix/\nSitemap: {base}/sitemap.xml\n", content_type="text/plain"
    )
    everything = [
        "/ru/news/",
        "/ru/photo/",
        "/ru/redaction/",
        "/about-us/",
        *(f"/ru/photo/spring-in-the-steppe-{7000 + n}/" for n in range(4)),
    ]
    site.pages["/sitemap.xml"] = urlset([*everything, *(path for _, path in known)])
    traps(site, menu, name=name)
    _finish(site, known, menu, name=name, lang="ru")
    return site


def numbers_in_sections(number: int = 60) -> Site:
    """A number with .html under one of many sections: a feed nobody links to, lists with a button for more, no sitemap."""
    site, name = Site(), "Kegen Daily"
    sections = ["politics", "society", "sport", "economy"]
    menu = [
        ("/latest/", "Latest news"),
        *((f"/{one}/", one.title()) for one in sections),
        ("/weather/", "Weather"),
    ]
    known = [(one, f"/{one.section}/{81000 + one.number}.html") for one in pieces(number, sections, seed=3)]
    site.pages["/"] = page("Front", cards(known[:12], extra=GALLERIES), menu, name=name)
    lists(
        site,
        lambda n: "/latest/" + (f"?page={n}" if n > 1 else ""),
        known,
        menu,
        size=15,
        name=name,
        how="next",
    )
    for section in sections:
        of = [pair for pair in known if pair[0].section == section]
        lists(
            site,
            lambda n, s=section: f"/{s}/" + (f"?page={n}" if n > 1 else ""),
            of,
            menu,
            size=15,
            name=name,
            how="button",
        )
    site.pages["/weather/"] = page(
        "Weather", "<main><h1>Weather</h1><p>Sun and wind.</p></main>", menu, name=name
    )
    site.pages["/rss.xml"] = rss(known[:15])
    traps(site, menu, name=name)
    _finish(site, known, menu, name=name)
    return site


def root_slugs(number: int = 60) -> Site:
    """Words at the root, neither number nor date, among the outlet's own pages and sections: feed, index of posts and pages."""
    site, name = Site(), "Tekeli Times"
    menu = [
        ("/politics/", "Politics"),
        ("/town-and-country/", "Town and country"),
        ("/our-people-and-prizes/", "Our people"),
    ]
    known = [(one, f"/{one.slug}/") for one in pieces(number, ["politics", "town-and-country"], seed=4)]
    feed = '<link rel="alternate" type="application/atom+xml" href="/feed/">'
    site.pages["/"] = page("Front", cards(known[:10], extra=GALLERIES), menu, head=feed, name=name)
    for section in ("politics", "town-and-country"):
        of = [pair for pair in known if pair[0].section == section]
        lists(
            site,
            lambda n, s=section: f"/{s}/" + (f"page/{n}/" if n > 1 else ""),
            of,
            menu,
            size=10,
            name=name,
            how="next",
        )
    site.pages["/our-people-and-prizes/"] = page(
        "Our people", f"<main><h1>Our people</h1><p>{PROSE}</p></main>", menu, name=name
    )
    site.pages["/feed/"] = rss(known[:10])
    site.pages["/sitemap_index.xml"] = index(
        "/post-sitemap.xml", "/page-sitemap.xml", "/category-sitemap.xml"
    )
    site.pages["/robots.txt"] = Answer(
        "User-agent: *\nDisallow:\nSitemap: {base}/sitemap_index.xml\n", content_type="text/plain"
    )
    site.pages["/post-sitemap.xml"] = urlset([path for _, path in known])
    own = [
        "/",
        "/about-us/",
        "/contacts/",
        "/privacy-policy/",
        "/our-people-and-prizes/",
        "/how-we-check-our-facts/",
    ]
    site.pages["/page-sitemap.xml"] = urlset(own)
    site.pages["/how-we-check-our-facts/"] = page(
        "How we check", f"<main><h1>How we check our facts</h1><p>{PROSE}</p></main>", menu, name=name
    )
    site.pages["/category-sitemap.xml"] = urlset(["/politics/", "/town-and-country/"])
    traps(site, menu, name=name)
    _finish(site, known, menu, name=name)
    return site


def day_and_code(number: int = 60) -> Site:
    """The day as a folder, then a code and words: gzipped news sitemap, paged list of numbers, tags and days beside it."""
    site, name = Site(), "Arys Weekly"
    menu = [("/news", "All news"), ("/opinion", "Opinion"), ("/tags", "Tags")]
    known = [
        (one, f"/{one.at:%Y-%m-%d}/k{one.number * 7919 % 100000:05d}-{one.slug}")
        for one in pieces(number, ["x"], seed=5, every=9)
    ]
    site.pages["/"] = page("Front", cards(known[:10], extra=GALLERIES), menu, name=name)
    lists(site, lambda n: "/news" + (f"/page/{n}" if n > 1 else ""), known, menu, size=10, name=name, how="next",
          extra='<a href="/2026-05-11">11 May</a><a href="/2026-05-10">10 May</a>')  # fmt: skip
    site.pages["/opinion"] = page(
        "Opinion", "<main><h1>Opinion</h1><p>Nothing yet.</p></main>", menu, name=name
    )
    site.pages["/sitemap-news.xml.gz"] = urlset([path for _, path in known[:30]], packed=True)
    site.pages["/robots.txt"] = Answer(
        "User-agent: *\nDisallow: /tags\nSitemap: {base}/sitemap-news.xml.gz\n", content_type="text/plain"
    )
    site.endless = lambda path: (
        page("Day", f"<main><h1>Day</h1><a href='/2026-04-{int(path[-2:]) % 28 + 1:02d}'>another day</a></main>", menu, name=name)
        if len(path) == 11 and path.startswith("/2026-") and path[-2:].isdigit() else None
    )  # fmt: skip
    traps(site, menu, name=name)
    _finish(site, known, menu, name=name)
    return site


KINDS: dict[str, Callable[[int], Site]] = {
    "dated_folders": dated_folders,
    "numbered_slugs": numbered_slugs,
    "numbers_in_sections": numbers_in_sections,
    "root_slugs": root_slugs,
    "day_and_code": day_and_code,
}


@dataclass(frozen=True)
class Make:
    """How a site is made: `path` of an article (a format of its piece), `older` pages of its list, and its channels."""

    path: str
    sections: tuple[str, ...] = ("news",)
    latest: str = "/news/"
    older: str = "/news/?page={n}"
    how: str = "next"
    feed: str | None = None  # where; linked from the front page unless it begins with "!"
    sitemap: str | None = None
    mixed: bool = False  # the sitemap also holds the outlet's own pages


def made(make: Make, number: int = 60, *, seed: int = 7) -> Site:
    """A site by its make, with all traps."""
    site, name = Site(), "Makat Review"
    menu = [(make.latest, "All news"), ("/team/", "Our team"), ("/weather/", "Weather")]
    menu += [
        (f"/{one}/", one.replace("-", " ").title()) for one in make.sections if f"/{one}/" != make.latest
    ]
    known = []
    for one in pieces(number, make.sections, seed=seed, every=7):
        code = f"{one.number * 2654435761 % 0xFFFFFF:06x}"
        short = one.slug.split("-as-")[0].replace("-", "")
        path = make.path.format(
            n=one.number, id=48000 + one.number, slug=one.slug, section=one.section, at=one.at, code=code, short=short,
            cyrillic=quote("".join(chr(0x430 + (ord(c) - 97)) if c != "-" else c for c in one.slug)),
        )  # fmt: skip
        known.append((one, path))
    head = ""
    if make.feed:
        site.pages[make.feed.lstrip("!")] = rss(known[:12])
        head = (
            ""
            if make.feed.startswith("!")
            else f'<link rel="alternate" type="application/rss+xml" href="{make.feed}">'
        )
    site.pages["/"] = page("Front", cards(known[:10], extra=GALLERIES), menu, head=head, name=name)
    lists(
        site,
        lambda n: make.older.format(n=n) if n > 1 else make.latest,
        known,
        menu,
        size=12,
        name=name,
        how=make.how,
    )
    for section in make.sections:
        of = [pair for pair in known if pair[0].section == section]
        if f"/{section}/" not in site.pages:
            site.pages[f"/{section}/"] = page(section.title(), cards(of[:12]), menu, name=name)
    if make.sitemap:
        own = (
            ["/about-us/", "/team/", "/weather/", "/author/aliya-b/", "/tag/town-life/"] if make.mixed else []
        )
        site.pages[make.sitemap] = urlset([*own, *(path for _, path in known)])
    for path, title in (("/team/", "Our team"), ("/weather/", "Weather")):
        site.pages[path] = page(title, f"<main><h1>{title}</h1><p>{PROSE}</p></main>", menu, name=name)
    traps(site, menu, name=name)
    _finish(site, known, menu, name=name)
    return site


MAKES = {
    "story number slug": Make("/story/{id}/{slug}", ("city", "region"), feed="/rss"),
    "single words": Make("/articles/{short}", ("city",), latest="/articles/", older="/articles/page/{n}/", feed="/feed/", sitemap="/sitemap.xml", mixed=True),
    "short codes": Make("/p/{code}", ("city",), sitemap="/sitemap.xml", mixed=True),
    "codes at the end": Make("/{section}/{slug}-{code}", ("politics", "sport"), latest="/latest", older="/latest?page={n}"),
    "folders and html": Make("/news/{at:%Y/%m/%d}/{slug}.html", ("city",), feed="!/rss.xml"),
    "small numbers": Make("/news/{n}", ("city",), feed="/feed.xml"),
    "small numbers, lists only": Make("/news/{n}", ("city",)),
    "sections of words": Make("/{section}/{slug}/", ("politics", "sport", "culture-and-art"), latest="/latest/", older="/latest/page/{n}/"),
    "sections of words, sitemap": Make("/{section}/{slug}/", ("politics", "sport", "culture-and-art"), sitemap="/sitemap.xml", mixed=True),
    "percent letters": Make("/{cyrillic}", ("city",), feed="/feed/", sitemap="/sitemap_index.xml"),
    "in an archive": Make("/archive/{id}-{slug}.html", ("city",), latest="/archive/", older="/archive/?p={n}", sitemap="/sitemap.xml", mixed=True),
    "in an archive, lists only": Make("/archive/{id}-{slug}.html", ("city",), latest="/archive/", older="/archive/?p={n}"),
    "number first": Make("/{section}/{id}-{slug}", ("politics", "sport", "photo-essays"), latest="/lenta/", older="/lenta/{n}/", feed="!/rss/all.rss"),
    "root, lists only": Make("/{slug}", ("city", "sport"), latest="/latest-news/", older="/latest-news/page/{n}/"),
    "root and number": Make("/{slug}-{id}", ("city", "sport"), latest="/posts/", older="/posts/?page={n}"),
    "query": Make("/read.php?id={id}", ("city",), feed="/rss"),
    "underscores": Make("/{section}/{id}_{short}/", ("obshchestvo", "proisshestvija"), feed="/rss/", latest="/obshchestvo/", older="/obshchestvo/?page={n}"),
    "button": Make("/{section}/{id}.html", ("city", "sport"), latest="/latest/", older="/latest/?offset_page={n}", how="button"),
    "numbers": Make("/read/{at:%Y%m%d}/{slug}", ("city", "sport"), latest="/all/", older="/all/{n}", how="numbers", sitemap="/sitemap.xml"),
}  # fmt: skip


def generated(number: int = 23) -> Site:
    """A site without feed and sitemap from a generator: lists paged by arrows alone, pages of its own with the latest beside."""
    site, name = Site(), "Sarqan Sheet"
    menu = [("/pages/our-paper.html", "Our paper"), ("/pages/rules.html", "Rules")]
    known = [(one, f"/{one.slug}.html") for one in pieces(number, ["town"], seed=9)]
    pages = [known[start : start + 5] for start in range(0, number, 5)]
    address = ["/", *(f"/index{n}.html" for n in range(2, len(pages) + 1))]
    latest = "".join(f'<li><a href="{path}">{escape(one.title)}</a></li>' for one, path in known[:4])
    for n, chosen in enumerate(pages):
        arrows = f'<a href="{address[n - 1]}">⟨</a>' if n else ""
        if n + 1 < len(pages):
            arrows += f'<a href="{address[n + 1]}">⟩</a><a href="{address[-1]}">⟫</a>'
        site.pages[address[n]] = page("News", cards(chosen, extra=f"<div>{arrows}</div>"), menu, name=name)
    site.pages["/index.html"] = site.pages["/"]
    for path, _ in menu:
        text = f"<main><h1>About us</h1><p>{PROSE}</p></main><aside><ul>{latest}</ul></aside>"
        site.pages[path] = page("About us", text, menu, name=name)
    for one, path in known:
        site.pages[path] = article(one, menu, known[:4], name=name)
        site.articles.add(path)
    return site


def cover(number: int = 60) -> Site:
    """A front page that shows the newest piece whole and nothing else: the list of all stands behind its menu."""
    site, name = Site(), "Ulytau Leaf"
    menu = [("/archives.html", "Archives"), ("/authors.html", "Authors"), ("/pages/rules.html", "Rules")]
    known = [(one, f"/{one.slug}.html") for one in pieces(number, ["town"], seed=12)]
    for one, path in known:
        paragraphs = "".join(f"<p>Of {one.slug} {n}: {PROSE[n * 90 : n * 90 + 400]}</p>" for n in range(4))
        text = (
            f'<article><header><h1><a href="{path}">{escape(one.title)}</a></h1></header>{paragraphs}'
            f"<footer><time>Created: {one.at:%a %d %B %Y}.</time></footer></article>"
        )
        site.pages[path] = page(one.title, text, menu[2:], name=name)
        if one is known[0][0]:
            site.pages["/"] = page(name, f"<main>{text}</main>", menu, name=name)
        site.articles.add(path)
    lines = "".join(
        f'<tr><td><a href="{path}">{escape(one.title)}</a></td><td>{one.at:%a %d %B %Y}</td></tr>'
        for one, path in known
    )
    site.pages["/archives.html"] = page(
        "Articles", f"<h1>Articles</h1><table>{lines}</table>", menu, name=name
    )
    site.pages["/authors.html"] = page("Authors", "<h1>Authors</h1><ul><li>Aliya</li></ul>", menu, name=name)
    traps(site, menu, name=name)
    site.pages["/pages/rules.html"] = page(
        "Rules", f"<main><h1>Rules</h1><p>{PROSE}</p></main>", menu, name=name
    )
    return site


KINDS["cover"] = cover


def two_languages(number: int = 60) -> Site:
    """Two languages in folders of one host, each with its own lists; one feed for the first, one sitemap for both."""
    site, name = Site(), "Balkash Herald"
    switch = '<link rel="alternate" hreflang="ru" href="/"><link rel="alternate" hreflang="kk" href="/kz/">'
    for folder, lang, seed in (("", "ru", 8), ("/kz", "kk", 9)):
        menu = [
            (f"{folder}/all/", "All news"),
            (f"{folder}/team/", "Team"),
            ("/" if folder else "/kz/", "RU" if folder else "ҚАЗ"),
        ]
        known = [
            (one, f"{folder}/post/{one.slug}-{500 + one.number}")
            for one in pieces(number // 2, ["x"], seed=seed)
        ]
        head = (
            switch if folder else f'{switch}<link rel="alternate" type="application/rss+xml" href="/feed/">'
        )
        site.pages[f"{folder}/"] = page("Front", cards(known[:8]), menu, head=head, name=name, lang=lang)
        lists(
            site,
            lambda n, f=folder: f"{f}/all/" + (f"?page={n}" if n > 1 else ""),
            known,
            menu,
            size=10,
            name=name,
            how="next",
        )
        site.pages[f"{folder}/team/"] = page(
            "Team", f"<main><h1>Team</h1><p>{PROSE}</p></main>", menu, name=name
        )
        if not folder:
            site.pages["/feed/"] = rss(known[:10])
            traps(site, menu, name=name)
        _finish(site, known, menu, name=name, lang=lang)
    entries = "".join(f"<url><loc>{{base}}{path}</loc></url>" for path in sorted(site.articles))
    site.pages["/sitemap.xml"] = Answer(f"<urlset>{entries}</urlset>", content_type="application/xml")
    return site


KINDS["two_languages"] = two_languages
