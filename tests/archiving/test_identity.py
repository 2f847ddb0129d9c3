"""When the same address says something else: renamed, rewritten, swapped for another page, alike but not the same, or no article at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.errors import Exit
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Page, Stand, front, keys, one, rows, sitemap, story

PATHS = [f"/ferry-to-place-{n}" for n in range(101, 107)]
NAMES = dict(zip(PATHS, ["Aksu", "Birlik", "Koktal", "Zharly", "Tasmola", "Uzyn"], strict=True))
DAYS = (0, 13, 26, 39, 60)  # hours of the checks
MAINTENANCE = story("nowhere", title="The site is being improved, come back later", published=None)
FRONT = "".join(
    f'<div><a href="{path}">A long headline about the ferry to {name}</a><em>12 May 2026, 14:05</em></div>'
    for path, name in NAMES.items()
)
FRONT = f"<!doctype html><html><head><title>News</title></head><body>{FRONT}</body></html>"


def pages() -> dict[str, Page]:
    """Six articles and the front page that lists them."""
    return {"/": front(*PATHS), **{path: story(name) for path, name in NAMES.items()}}


def observations_at(site: Stand, home: Path, change: Callable[[], None] | None = None) -> None:
    """A crawl at each moment; the world changes after the first. Where it does not, an early and a late one more are enough."""
    for number, hours in enumerate(DAYS if change else (DAYS[0], DAYS[1], DAYS[-1])):
        if number == 1 and change:
            change()
        crawl(
            home, NOW + timedelta(hours=hours), edition="en", site=site.url, settings={"RECHECK_BUDGET": 50}
        )


def test_renamed_without_redirect_stays_live(tmp_path):
    """The old address dies, the piece lives on under its number: asked there, and never called removed."""
    with Stand(pages()) as site:

        def rename() -> None:
            site.pages["/"] = front(*PATHS[1:], "/quite-another-name-101")
            site.pages["/quite-another-name-101"] = site.pages.pop(PATHS[0])

        observations_at(site, tmp_path, rename)
    assert one(tmp_path, "select count(*) from articles") == len(PATHS)
    assert {row["state"] for row in rows(tmp_path, "select state from articles")} == {"live"}
    assert one(
        tmp_path,
        "select url from articles where id = (select article_id from article_urls where url_key like '%place-101')",
    ).endswith("/quite-another-name-101")


@pytest.mark.parametrize(
    "page", [MAINTENANCE, FRONT, front(*PATHS)], ids=["maintenance", "front page with dates", "front page"]
)
def test_another_page_everywhere_is_an_outage(page, tmp_path):
    """One page served with status 200 at every article's address changes nothing in the ledger."""
    with Stand(pages()) as site:
        observations_at(site, tmp_path, lambda: site.pages.update(dict.fromkeys(PATHS, page)))
    assert one(tmp_path, "select count(*) from versions") == len(PATHS)
    assert {row["state"] for row in rows(tmp_path, "select state from articles")} == {"live"}


def test_one_article_rewritten_from_end_to_end_is_an_edit(tmp_path):
    """If the other articles still say what they said, a wholly new text is the publisher's."""
    with Stand(pages()) as site:
        observations_at(
            site,
            tmp_path,
            lambda: site.pages.update(
                {PATHS[0]: story("elsewhere", title="Nothing of what we wrote was true")}
            ),
        )
    versions = rows(tmp_path, "select number, kinds from versions where number > 1")
    assert len(versions) == 1
    assert "body" in versions[0]["kinds"]
    assert "headline" in versions[0]["kinds"]


def rate(day: int) -> str:
    """A daily notice: the same three sentences, other figures."""
    words = (
        f"<p>One dollar costs {400 + day} tenge at the exchange of the made-up town today.</p><p>One euro costs {500 + day} tenge "
        "at the same exchange today.</p><p>The next notice comes out tomorrow morning at nine.</p>"
    )
    head = f'<meta property="article:published_time" content="2026-05-{day:02d}T09:00:00+05:00">'
    return f"<html lang=en><head><title>Rates</title>{head}</head><body><h1>What the tenge costs on May {day}</h1>{words}</body></html>"


def test_daily_notices_are_never_merged(tmp_path):
    """A slug that ends in a year is no number, and texts that differ in a figure are not one piece."""
    paths = [f"/what-the-tenge-costs-on-may-{day}-2026" for day in (8, 9, 10)]
    with Stand({"/": front(*paths), **{p: rate(d) for p, d in zip(paths, (8, 9, 10), strict=True)}}) as site:
        observations_at(site, tmp_path)
    assert len(keys(tmp_path)) == 3
    assert one(tmp_path, "select count(*) from versions") == 3


def test_wrong_canonical_link_between_notices(tmp_path):
    """A template error that names yesterday's notice as canonical swallows nothing."""
    first, second = "/rates-of-the-day-9898", "/rates-of-the-day-again-9899"
    wrong = rate(9).replace("</head>", f'<link rel="canonical" href="https://en.orda.kz{first}"></head>')
    with Stand({"/": front(first, second), first: rate(8), second: wrong}) as site:
        observations_at(site, tmp_path)
    assert len(keys(tmp_path)) == 2


SERVICE = "<html lang=en><head><title>Rules</title></head><body><h1>Rules for reader comments</h1><p>" + "We read every comment before it is shown, and we ask all readers to be kind to one another here. " * 4 + "</p></body></html>"  # fmt: skip
UNDATED = story("Undated", published=None)


@pytest.mark.parametrize(
    ("path", "sitemaps", "archived"),
    [
        ("/rules-for-reader-comments", (), False),
        ("/ferry-to-an-undated-place", (), False),
        ("/ferry-to-an-undated-place", ("/ferry-to-an-undated-place",), True),
        ("/ferry-to-an-undated-place-777", (), True),
    ],
    ids=[
        "service page",
        "undated, only linked",
        "undated, in the sitemap",
        "undated, with the source's number",
    ],
)
def test_undated_pages_need_more_than_a_link(path, sitemaps, archived, tmp_path):
    """A link alone makes no undated page an article; a sitemap or the outlet's own number does."""
    page = SERVICE if path.startswith("/rules") else UNDATED
    with Stand(pages() | {"/": front(*PATHS, path), path: page}) as site:
        if sitemaps:
            site.pages["/sitemap/sitemap_news1.xml"] = sitemap(*(site.url + p for p in sitemaps))
        observations_at(site, tmp_path)
    assert (path[1:] in keys(tmp_path)) is archived
    assert one(tmp_path, "select count(*) from leads where outcome is null") == 0


def test_named_later_by_the_sitemap(tmp_path):
    """What was refused as undated is checked again as soon as the outlet itself calls it an article."""
    path = "/ferry-to-an-undated-place"
    with Stand(pages() | {"/": front(*PATHS, path), path: UNDATED}) as site:
        observations_at(
            site,
            tmp_path,
            lambda: site.pages.update({"/sitemap/sitemap_news1.xml": sitemap(site.url + path)}),
        )
    assert path[1:] in keys(tmp_path)


def test_addresses_are_asked_without_tracking(tmp_path):
    """What a feed or front page adds for its statistics is not sent back."""
    with Stand(pages() | {"/": front(PATHS[0] + "?utm_source=rss&fbclid=1")}) as site:
        observations_at(site, tmp_path)
        assert not [path for path in site.paths if "utm" in path or "fbclid" in path]
    assert len(keys(tmp_path)) == 1


def test_a_feed_with_one_broken_entry_is_no_failure(tmp_path):
    """What is wrong with a channel that still gives leads is said in the run, and does not alarm cron for ever."""
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title><item><title>x</title></item><item><title>One</title><link>http://en.orda.kz{PATHS[0]}</link></item></channel></rss>'
    with Stand(pages() | {"/feed/": Answer(body, content_type="application/rss+xml")}) as site:
        ending = crawl(tmp_path, NOW, edition="en", site=site.url)
    assert ending.exit_code is Exit.OK


def test_unreadable_captures_and_a_new_extractor_make_no_edit(tmp_path):
    """The WARC is gone and the extractor is newer: what was stored stays, nothing is called an edit, and the reason says why."""
    with Stand(pages()) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url)
        execute(
            tmp_path,
            "update versions set extractor = '0/old', body = body || ' more', content_hash = '01ff' || id",
        )
        (tmp_path / "warc").rename(tmp_path / "elsewhere")
        ending = crawl(
            tmp_path, NOW + timedelta(hours=13), edition="en", site=site.url, settings={"RECHECK_BUDGET": 50}
        )
    assert one(tmp_path, "select count(*) from versions") == len(PATHS)
    reasons = {
        row["reason"] for row in rows(tmp_path, "select reason from observations where verdict = 'unchanged'")
    }
    assert reasons == {"cannot be compared: the earlier capture cannot be read again by this extractor"}
    assert ending.exit_code is Exit.OK


def test_absences_of_a_run_that_is_stopped_are_recorded_as_proving_nothing(tmp_path, monkeypatch):
    """Stopped before the controls were asked: the observation is in the archive, the state is as it was."""
    with Stand(pages()) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url)
        site.pages[PATHS[0]] = Answer("gone", 404)
        monkeypatch.setattr("newscrawl.crawl.removal_checker.RemovalChecker.control_requests", lambda _: [])
        crawl(
            tmp_path, NOW + timedelta(hours=13), edition="en", site=site.url, settings={"RECHECK_BUDGET": 50}
        )
    (observation,) = rows(
        tmp_path,
        "select verdict, reason, controls_fine from observations where status = 404 and article_id is not null",
    )
    assert observation["verdict"] == "failed"
    assert "answered properly" in observation["reason"]
    assert {row["state"] for row in rows(tmp_path, "select state from articles")} == {"live"}


def execute(home: Path, statement: str) -> None:
    """Changes the archive behind the program's back."""
    with sqlite3.connect(home / "newscrawl.db") as connection:
        connection.execute(statement)
    connection.close()
