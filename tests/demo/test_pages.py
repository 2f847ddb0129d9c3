"""The made-up outlet's pages and channels, parsed: they agree with its truth, and have the layouts of real sites."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from lxml import etree, html

from newscrawl.demo import Expected, Outlet
from newscrawl.demo.article_pages import View
from newscrawl.demo.channels import dead_paths
from newscrawl.demo.pieces import Dating
from newscrawl.demo.site import Answer, respond
from newscrawl.model import Precision

OUTLET = Outlet()
FIRST, LAST = OUTLET.moments[0], OUTLET.moments[-1]
BASES = {"en": "http://en.test", "ru": "http://ru.test", "kk": "http://kk.test"}


def observation(edition: str, at: datetime, target: str, outlet: Outlet = OUTLET, serial: int = 1) -> Answer:
    """The outlet's answer without a socket."""
    return respond(View(outlet, edition, at, BASES, serial), target)


def page_says(body: bytes, outlet: Outlet) -> dict[str, object]:
    """What a reader of the page sees, read back without any part of the outlet."""
    tree, skin = html.fromstring(body.decode()), outlet.skin
    lines = [
        " ".join(node.text_content().replace("\xa0", " ").split())
        for node in tree.xpath(f'//div[@class="{skin}-text"]/*')
    ]
    labels = ("Original Author", "Автор", "Автордың аты", "Авторлар")
    named = lines.pop().split(": ", 1)[1].split(", ") if lines[-1].startswith(labels) else []
    subtitle = tree.xpath(f'//h2[@class="{skin}-subtitle"]/text()')
    image = tree.xpath('//img[@alt="cover"]/@src')
    return {
        "title": tree.xpath("string(//h1)"),
        "subtitle": subtitle[0] if subtitle else None,
        "body": "\n\n".join(lines),
        "persons": named,
        "section": tree.xpath('string(//meta[@property="article:section"]/@content)'),
        "tags": tuple(tree.xpath('//meta[@property="article:tag"]/@content')),
        "image": image[0] if image else None,
    }


def truth_says(expected: Expected) -> dict[str, object]:
    return {
        "title": expected.title,
        "subtitle": expected.subtitle,
        "body": expected.body,
        "persons": [author.name for author in expected.authors if author.kind == "person"],
        "section": expected.section,
        "tags": expected.tags,
        "image": expected.image,
    }


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("moment", range(9))
def test_pages_say_what_the_truth_says(seed: int, moment: int) -> None:
    """Every piece that is there, at every moment: title, subtitle, body, persons, section, tags, picture."""
    outlet = Outlet(seed)
    at = outlet.moments[moment]
    for edition in outlet.editions:
        if outlet.down(edition, at):
            continue
        for expected in outlet.truth(edition, at):
            if expected.present:
                body = observation(edition, at, expected.path, outlet).body
                assert page_says(body, outlet) == truth_says(expected), expected.path


def test_dates_are_stated_as_the_truth_says() -> None:
    """JSON-LD to the second, meta to the minute, visible lines to the minute or the day; nothing else on the page."""
    for edition in OUTLET.editions:
        truth = {expected.path: expected for expected in OUTLET.truth(edition, LAST)}
        for piece in OUTLET.published(edition, LAST):
            expected, page = truth[piece.path], observation(edition, LAST, piece.path).body.decode()
            assert expected.published == piece.stated_published
            assert expected.published_precision is piece.precision
            match piece.dating:
                case Dating.JSON_LD:
                    (text,) = html.fromstring(page).xpath('//script[@type="application/ld+json"]/text()')
                    data = json.loads(text)
                    assert datetime.fromisoformat(data["datePublished"]) == expected.published
                    assert datetime.fromisoformat(data["dateModified"]) == expected.modified
                    assert data["author"] == data["publisher"]
                case Dating.BROKEN_JSON_LD:
                    (text,) = html.fromstring(page).xpath('//script[@type="application/ld+json"]/text()')
                    with pytest.raises(json.JSONDecodeError):
                        json.loads(text.strip().removeprefix("<!--").removesuffix("-->"))
                    assert f'"datePublished": "{expected.published.isoformat()}"' in text
                case Dating.META:
                    (stated,) = html.fromstring(page).xpath(
                        '//meta[@property="article:published_time"]/@content'
                    )
                    assert datetime.fromisoformat(stated) == expected.published
                case Dating.VISIBLE | Dating.VISIBLE_DAY:
                    assert "ld+json" not in page
                    assert "published_time" not in page
                    assert str(expected.published.day) in page
                    assert (f"{expected.published:%H:%M}</span>" in page) == (piece.dating is Dating.VISIBLE)
                    assert (expected.published_precision is Precision.DAY) == (
                        piece.dating is Dating.VISIBLE_DAY
                    )


def test_article_pages_have_the_shape_of_the_wild() -> None:
    """No article element, no itemprop; the live block below, newer than the article; translations and canonical as planned."""
    canonical = alternates = elsewhere = wrong = 0
    for edition in OUTLET.editions:
        newest = OUTLET.published(edition, LAST)[0].versions[0].title
        for piece in OUTLET.published(edition, LAST):
            page = observation(edition, LAST, piece.path).body.decode()
            tree = html.fromstring(page)
            assert not tree.xpath("//article | //*[@itemprop]")
            block = tree.xpath(f'//div[@class="{OUTLET.skin}-latest"]')[0]
            assert block.xpath("string(h3)") in {"Latest news", "Лента новостей", "Соңғы жаңалықтар"}
            assert newest in block.text_content()
            links = tree.xpath('//link[@rel="canonical"]/@href')
            assert set(links) <= {BASES[edition] + piece.path}
            canonical += len(links)
            alternates += bool(tree.xpath('//link[@rel="alternate"][@hreflang]'))
            elsewhere += tree.xpath('//meta[@property="og:url"]/@content')[0].endswith("/news/")
            wrong += tree.get("lang") != edition
    assert 88 <= canonical < 112
    assert alternates >= 10
    assert elsewhere >= 10
    assert wrong >= 2


def test_the_front_page_mixes_links_and_times() -> None:
    """Relative and absolute links, a picture link and a title link to one article, times as text only."""
    tree = html.fromstring(observation("kk", FIRST, "/").body.decode())
    cards = tree.xpath(f'//div[@class="{OUTLET.skin}-card"]')
    times = [card.xpath("string(span)") for card in cards]
    assert times[0].startswith("Бүгін, ")
    assert any(time.startswith("Кеше, ") for time in times)
    assert not tree.xpath("//time")
    links = [card.xpath("a/@href") for card in cards]
    assert any(found[0].startswith("/") for found in links)
    assert any(found[0].startswith("http") for found in links)
    assert any(len(found) == 2 and found[0] == found[1] for found in links)


def test_lists_page_to_the_end() -> None:
    """Following rel=next from the first page meets every piece once; beyond the end is a 404."""
    target, found = "/news/", []
    while target:
        tree = html.fromstring(observation("ru", LAST, target).body.decode())
        found += tree.xpath(f'//div[@class="{OUTLET.skin}-card"]/a[last()]/@href')
        target = "".join(tree.xpath('//a[@rel="next"]/@href'))
    paths = [urlsplit(address).path.rstrip("/") for address in found]
    assert paths == [piece.path for piece in OUTLET.published("ru", LAST)]
    assert {
        observation("ru", LAST, f"/news/?page={page}").status for page in ("4", "0", "-1", "x", "9" * 50)
    } == {404}


def test_feed_and_sitemaps() -> None:
    """The feed has the newest 15; the sitemaps have everything and two dead addresses, and end in 404."""
    at, feed = LAST, etree.fromstring(observation("ru", LAST, "/feed/").body)
    newest = OUTLET.published("ru", at)
    assert feed.xpath("//item/link/text()") == [BASES["ru"] + piece.path for piece in newest[:15]]
    assert all(text.endswith("+0500") for text in feed.xpath("//pubDate/text()"))
    listed, number = [], 1
    while (answer := observation("ru", at, f"/sitemap/sitemap_news{number}.xml")).status == 200:
        tree = etree.fromstring(answer.body)
        listed += tree.xpath("//*[local-name()='loc']/text()")
        number += 1
    assert number > 2
    assert sorted(listed) == sorted(BASES["ru"] + p for p in [*(x.path for x in newest), *dead_paths("ru")])
    assert b"+06:00" in observation("ru", at, "/sitemap/sitemap_news1.xml").body
    robots = observation("ru", at, "/robots.txt").body.decode()
    assert robots.count("Sitemap: ") == number - 1
    assert "Disallow: /admin/" in robots
    for path in (*dead_paths("ru"), "/sitemap/sitemap_news0.xml", "/sitemap/sitemap_newsx.xml", "/sitemap/"):
        assert observation("ru", at, path).status == 404


def test_one_article_has_many_addresses() -> None:
    """With slash, tracking parameters, either case of percent-encoding, AMP page, short link by redirect."""
    piece = next(piece for piece in OUTLET.published("kk", FIRST) if "%" in piece.path)
    same = observation("kk", FIRST, piece.path).body
    lower = re.sub("%..", lambda found: found.group().lower(), piece.path)
    for address in (f"{piece.path}/", f"{piece.path}?utm_source=lark&fbclid=1", lower):
        assert observation("kk", FIRST, address).body == same
    amp = html.fromstring(observation("kk", FIRST, f"/amp{piece.path}").body.decode())
    assert amp.xpath('//link[@rel="canonical"]/@href') == [BASES["kk"] + piece.path]
    short = observation("kk", FIRST, f"/go/{piece.id}")
    assert (short.status, dict(short.headers)["Location"]) == (301, BASES["kk"] + piece.path)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/about", 200),
        ("/society/", 200),
        ("/search-results.html", 200),
        ("/tag/road/", 404),
        ("/tag/roads/", 200),
        ("/admin/", 403),
        ("/no-such-piece-1", 404),
        ("/%ff%fe", 404),
        ("/../../etc/passwd", 404),
        ("/uploads/x.png", 200),
        ("/amp/nothing", 404),
        ("/go/1", 404),
    ],
)
def test_other_addresses(path: str, status: int) -> None:
    """Pages that are not articles, and addresses without a page."""
    answer = observation("en", LAST, path)
    assert answer.status == status
    assert answer.kind != "article"


def test_a_piece_is_not_there_before_its_time() -> None:
    """Neither its page nor any list knows it a second early."""
    piece = OUTLET.pieces("en")[-1]
    early = piece.published - timedelta(seconds=1)
    assert observation("en", early, piece.path).status == 404
    assert observation("en", piece.published, piece.path).status == 200
    assert piece not in OUTLET.published("en", early)
