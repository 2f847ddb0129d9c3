"""`newscrawl add` on sites of several languages: which edition gets which lists, feeds and sitemaps, by what they hold."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace as changed

import pytest

from newscrawl.config import load as load_config
from newscrawl.crawl.visit.visit import Terms, Visit
from newscrawl.errors import Exit
from newscrawl.model import Channel, Lead
from newscrawl.site_setup.channels import Host
from newscrawl.site_setup.editions import editions_of
from newscrawl.site_setup.page import Offer
from newscrawl.site_setup.survey import Survey, survey
from tests.site_setup.sites_added import added, said_of_each_line
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Page, Stand, feed, front, keys, rows, sitemap
from tests.support.pagebuilder import EDITIONS, article_page

TOWNS = ("Aksai", "Temir", "Arys", "Kulan", "Makat", "Inder")


def articles(lang: str, folder: str, number: int = 6) -> dict[str, Page]:
    """Article pages of one language in a folder, each with a text of its own."""
    spec = EDITIONS[lang]
    pages: dict[str, Page] = {}
    for n, town in enumerate(TOWNS[:number]):
        body = tuple(f"{town} {n}: {line}" for line in spec.body if not line.startswith((">", ",")))
        title = f"{spec.title}, {town} {n}"
        data = {"@type": "NewsArticle", "headline": title, "datePublished": f"2026-05-1{n}T10:00:00+05:00"}
        page = article_page(changed(spec, title=title, body=body, author=None, latest=0, jsonld=data))
        pages[f"{folder}/post/{town.lower()}-news-of-day-{300 + n}"] = page
    return pages


def one_host(switch: str = "", *, feeds: bool = False) -> dict[str, Page]:
    """Three languages below paths of their own; the root leads to the first. One feed and one sitemap hold all three."""
    pages: dict[str, Page] = {"/": Answer("", 302, headers={"Location": "/ru/"})}
    every = {lang: articles(lang, f"/{lang}") for lang in ("ru", "kk", "en")}
    for lang, own in every.items():
        page = front(*own).replace("<html>", f'<html lang="{lang}">')
        link = f'<link rel="alternate" type="application/rss+xml" href="/{lang}/rss">' if feeds else ""
        pages[f"/{lang}/"] = page.replace("<head>", f"<head>{switch}{link}")
        if feeds:
            pages[f"/{lang}/rss"] = feed(*(f"{{base}}{path}" for path in own))
        pages |= own
    first = [path for own in every.values() for path in list(own)[:4]]
    if not feeds:
        pages["/feed/"] = feed(*(f"{{base}}{path}" for path in first))
    pages["/sitemap.xml"] = sitemap(*(f"{{base}}{path}" for own in every.values() for path in own))
    return pages


def put(stand: Stand, pages: dict[str, Page], base: str | None = None) -> None:
    """Serves pages, `{base}` in them being the stand's address, and `{kk}` that of the other stand."""
    here, there = stand.url, base or stand.url

    def filled(page: Page) -> Page:
        if isinstance(page, Answer):
            text = page.data.replace(b"{base}", here.encode()).replace(b"{kk}", there.encode())
            return changed(page, body=text)
        return page.replace("{kk}", there)

    stand.pages = {path: filled(page) for path, page in pages.items()}


SWITCH = "".join(f'<link rel="alternate" hreflang="{lang}" href="/{lang}/">' for lang in ("ru", "kk", "en"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switch", "feeds"),
    [(SWITCH, False), ("", False), (SWITCH, True)],
    ids=["a feed for all", "no language switch", "a feed each"],
)
def test_languages_on_one_host(switch, feeds, tmp_path):
    """Each language becomes an edition with its own list, whether a switch names it or only feeds and sitemaps do; all is archived."""
    with Stand() as stand:
        put(stand, one_host(switch, feeds=feeds))
        _, spider = added(stand, tmp_path)
        ending = crawl(tmp_path, NOW, spider=spider)
    by_name = {one.name: one for one in spider.editions}
    assert {name: one.language for name, one in by_name.items()} == {"ru": "ru", "kk": "kk", "en": "en"}
    for name, one in by_name.items():
        assert one.listings[0] == f"/{name}/"
        assert one.feeds == ((f"/{name}/rss",) if feeds else ("/feed/",))
        assert one.sitemaps == ("/sitemap.xml",)
    assert ending.exit_code is Exit.OK, ending.line
    counted = rows(tmp_path, "select edition, count(*) as number from articles group by edition order by 1")
    assert [(row["edition"], row["number"]) for row in counted] == [("en", 6), ("kk", 6), ("ru", 6)]
    said_of_each_line((tmp_path / "paper.py").read_text("utf-8").splitlines())


@pytest.mark.slow
@pytest.mark.parametrize("named", ["by a link", "by the feed"])
def test_languages_on_hosts_of_their_own(named, tmp_path):
    """The other language's host is found by a link or by what the feed names; a feed and a sitemap for both are read for both."""
    ru, kk = articles("ru", ""), articles("kk", "")
    with ExitStack() as stack:
        main, other = stack.enter_context(Stand()), stack.enter_context(Stand())
        link = '<a href="{kk}/">Басқа тілде</a>' if named == "by a link" else ""
        page = front(*ru).replace("<html>", '<html lang="ru">').replace("<body>", f"<body>{link}")
        both = [*(f"{{base}}{path}" for path in ru), *(f"{{kk}}{path}" for path in kk)]
        put(main, {"/": page, "/feed/": feed(*both), "/sitemap.xml": sitemap(*both), **ru}, other.url)
        put(other, {"/": front(*list(kk)[:4]).replace("<html>", '<html lang="kk">'), **kk})
        _, spider = added(main, tmp_path)
        ending = crawl(tmp_path, NOW, spider=spider)
    shown = {one.name: (one.feeds, one.sitemaps) for one in spider.editions}
    assert shown == {
        "ru": (("/feed/",), ("/sitemap.xml",)),
        "kk": ((f"{main.url}/feed/",), (f"{main.url}/sitemap.xml",)),
    }
    assert ending.exit_code is Exit.OK, ending.line
    counted = rows(tmp_path, "select edition, count(*) as number from articles group by edition order by 1")
    assert [(row["edition"], row["number"]) for row in counted] == [("kk", 6), ("ru", 6)]
    assert len(keys(tmp_path)) == 12


@pytest.mark.slow
def test_one_of_two_hosts_alone(tmp_path):
    """`--edition kk` reads the feed that lies on the other edition's host, and nothing else there."""
    ru, kk = articles("ru", ""), articles("kk", "")
    with ExitStack() as stack:
        main, other = stack.enter_context(Stand()), stack.enter_context(Stand())
        both = [*(f"{{base}}{path}" for path in ru), *(f"{{kk}}{path}" for path in kk)]
        put(main, {"/": front(*ru), "/feed/": feed(*both), **ru}, other.url)
        put(other, {"/": front(*list(kk)[:4]).replace("<html>", '<html lang="kk">'), **kk})
        _, spider = added(main, tmp_path)
        main.forget()
        ending = crawl(tmp_path, NOW, spider=spider, edition="kk")
    assert ending.exit_code is Exit.OK, ending.line
    assert len(keys(tmp_path)) == 6
    assert {seen.path for seen in main.seen} == {"/robots.txt", "/feed/"}


# --- what was not found ------------------------------------------------------------------------------


def _survey(stand: Stand) -> Survey:
    return survey(stand.url, changed(load_config(), clock=lambda: NOW))


def test_what_was_not_found_is_named_with_what_to_do():
    """Without feed, sitemap and authors, and with a robots.txt that forbids some of it, the survey says each, and what to write."""
    own = articles("ru", "")
    with Stand() as stand:
        stand.pages = {
            "/": front(*own),
            "/robots.txt": Answer("User-agent: *\nDisallow: /feed", content_type="text/plain"),
            **own,
        }
        notes = _survey(stand).notes
    said = {
        what: [note for note in notes if note.startswith(what)]
        for what in ("no feed", "no sitemap", "no author", "robots.txt forbids")
    }
    assert {what: len(found) for what, found in said.items()} == dict.fromkeys(said, 1), notes
    assert "`feeds`" in said["no feed"][0]
    assert "`sitemaps`" in said["no sitemap"][0]
    assert "/feed" in said["robots.txt forbids"][0]


def test_languages_without_paths_of_their_own_are_said_and_a_missing_robots_txt_is_no_problem():
    """One list holds three languages: one edition, and a note names the others. The name is not that of the front page."""
    own = articles("ru", "", 6) | articles("kk", "/a", 3) | articles("en", "/b", 3)
    with Stand() as stand:
        title = "<title>Главная | Дала хабары</title>"
        stand.pages = {
            "/": re.sub("<title>.*</title>", "", front(*own)).replace("<head>", f"<head>{title}"),
            **own,
        }
        found = _survey(stand)
    assert [one.name for one in found.editions] == ["ru"]
    assert [note for note in found.notes if "articles in" in note and "edition ru" in note], found.notes
    assert not [note for note in found.notes if "robots.txt" in note], found.notes
    assert found.outlet == "Дала хабары"


HERE = "https://paper.example"
RU, KK, EN = ([f"{HERE}{folder}/bridge-{n}" for n in range(5)] for folder in ("", "/kk", "/en"))
# what is known of a host with a Kazakh and an English part -> its editions: (name, sections, listings, feeds, sitemaps)
HOSTS = {
    "each below its own path": (
        [*RU, *KK, *EN],
        [("ru", (), ("/",), ("/rss.xml", "/all.rss"), ("/sitemap.xml",)),
         ("kk", ("/kk/",), ("/kk/", "/kk/all/"), ("/kk/feed", "/all.rss"), ("/sitemap.xml",)),
         ("en", ("/en/",), ("/en/",), ("/all.rss",), ("/sitemap.xml",))],
    ),
    "the root only leads on": (
        [*KK, *EN],
        [("ru", (), (), ("/rss.xml", "/all.rss"), ("/sitemap.xml",)),
         ("kk", ("/kk/",), ("/kk/", "/kk/all/"), ("/kk/feed", "/all.rss"), ("/sitemap.xml",)),
         ("en", ("/en/",), ("/en/",), ("/all.rss",), ("/sitemap.xml",))],
    ),
    "articles of all at the root": (
        [*RU, *KK[:2]],
        [("main", (), ("/", "/kk/", "/kk/all/", "/en/"), ("/rss.xml", "/kk/feed", "/all.rss"), ("/sitemap.xml",))],
    ),
    "one below its own path": (
        [*RU, *KK],
        [("main", (), ("/", "/en/"), ("/rss.xml", "/all.rss"), ("/sitemap.xml",)),
         ("kk", ("/kk/",), ("/kk/", "/kk/all/"), ("/kk/feed", "/all.rss"), ("/sitemap.xml",))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTS)
def test_languages_that_share_a_host(name):
    """An edition for each where addresses tell them apart, with its own lists; feeds and sitemaps go where their entries belong.

    What has no path of its own stays with the rest, which is said.
    """
    articles, expected = HOSTS[name]
    kk = Host(f"{HERE}/kk/", "paper.example", Offer(language="kk"), listings=["/kk/", "/kk/all/"])
    en = Host(f"{HERE}/en/", "paper.example", Offer(language="en"), listings=["/en/"])
    feeds = {"/rss.xml": RU, "/kk/feed": KK, "/all.rss": [RU[0], KK[0], EN[0]]}
    found = Host(
        f"{HERE}/", "paper.example", Offer(language="ru"), languages=[kk, en], feeds=list(feeds), sitemaps=["/sitemap.xml"],
        listings=["/", "/kk/", "/kk/all/", "/en/"],
        of_feed={path: [Lead(one, Channel.FEED, "") for one in named] for path, named in feeds.items()},
    )  # fmt: skip
    made, named = editions_of(Visit(None, HERE, Terms()), [found], articles, [], {"paper.example": "ru"})
    shown = [(one.name, one.sections, one.listings, one.feeds, one.sitemaps) for one in made]
    assert shown == expected
    assert named[made[0].name, "feeds"] >= 6
    together = len(made) < 3
    assert bool(found.notes) is together


def test_feeds_of_other_hosts():
    """A feed on one host that names articles of another is read for the other, by its whole address; a sitemap likewise."""
    kaz = "https://kaz.paper.example"
    theirs = [f"{kaz}/bridge-{n}" for n in range(5)]
    feeds = {"/kk.rss": theirs, "/mixed.rss": [RU[0], theirs[0]], "/rss": RU}
    of_feed = {path: [Lead(one, Channel.FEED, "") for one in named] for path, named in feeds.items()}
    ru = Host(f"{HERE}/", "paper.example", Offer(), feeds=list(feeds), of_feed=of_feed, listings=["/"])
    kk = Host(
        f"{kaz}/", "kaz.paper.example", Offer(language="kk"), feeds=[f"{HERE}/mixed.rss"], listings=["/"]
    )
    kk.of_feed = {f"{HERE}/mixed.rss": of_feed["/mixed.rss"]}
    made, _ = editions_of(
        Visit(None, HERE, Terms()), [ru, kk], [*RU, *theirs], [], {"paper.example": "ru", "kaz.paper.example": "kk"}
    )  # fmt: skip
    assert [(one.name, one.host, one.feeds) for one in made] == [
        ("ru", "paper.example", ("/mixed.rss", "/rss")),
        ("kk", "kaz.paper.example", (f"{HERE}/kk.rss", f"{HERE}/mixed.rss")),
    ]
