"""The life of an article as a crawl sees it: what the publisher does, what the site does, and what the archive says afterwards."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.errors import Exit
from tests.support.crawling import crawl
from tests.support.damaged import found
from tests.support.fake_site import NOW, Answer, Page, Seen, Stand, front, one, rows, story

NAMES = ("Aksu", "Birlik", "Koktal", "Zharly", "Tasmola", "Uzyn")
# Bare slugs, without the source's number: nothing but the text itself says that two addresses hold one piece.
PATHS = [f"/a-ferry-runs-to-{name.lower()}" for name in NAMES]
FIRST = PATHS[0]
DATED = {path: f"2026-05-11T0{hour}:00:00+05:00" for hour, path in enumerate(PATHS, 4)}


def page(path: str, **said: str) -> str:
    """The page of one of the six articles."""
    return story(NAMES[PATHS.index(path)], **{"published": DATED[path], **said})


def pages() -> dict[str, Page]:
    """Six articles, one of them pending confirmation later, and the front page that lists them."""
    return {"/": front(*PATHS), **{path: page(path) for path in PATHS}}


@pytest.fixture
def site() -> Iterator[Stand]:
    """The six articles, served."""
    with Stand(pages()) as stand:
        yield stand


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the six articles, to be copied: keys do not depend on the port they were read from."""
    home = tmp_path_factory.mktemp("archived") / "home"
    with Stand(pages()) as stand:
        crawl(home, NOW, edition="en", site=stand.url)
    return home


@pytest.fixture
def observation(site: Stand, archived: Path, tmp_path: Path) -> Callable[..., dict[str, int]]:
    """`observation(13)`: a run that checks again, 13 hours after the first one; what it counted."""
    shutil.copytree(archived, tmp_path, dirs_exist_ok=True)

    def go(hours: float, **arguments: str) -> dict[str, int]:
        arguments = {"recheck": "only", **arguments}
        ending = crawl(
            tmp_path,
            NOW + timedelta(hours=hours),
            edition="en",
            site=site.url,
            settings={"RECHECK_BUDGET": 50},
            **arguments,
        )
        assert ending.exit_code is Exit.OK, ending.line
        assert ending.summary is not None
        return dict(ending.summary.counts)

    return go


def versions(home: Path, path: str = FIRST) -> list[tuple[str, int | None]]:
    """(kinds, the version it returns to) of every edit of an article."""
    found = rows(
        home,
        "select kinds, returns_to from versions v join articles a on a.id = v.article_id where number > 1 and url_key like :key order by v.id",
        key=f"%{path}",
    )
    return [(row["kinds"].strip("[]").replace('"', ""), row["returns_to"]) for row in found]


def log(home: Path, path: str = FIRST) -> list[str]:
    """What the change log says of an article."""
    found = rows(
        home,
        "select kind from changes c join articles a on a.id = c.article_id where url_key like :key order by c.id",
        key=f"%{path}",
    )
    return [row["kind"] for row in found]


def states(home: Path) -> set[str]:
    """The states of all articles."""
    return {row["state"] for row in rows(home, "select state from articles")}


def signals(home: Path, path: str = "") -> list[tuple[str, bool | None, bool]]:
    """(signal, controls fine, whether its raw answer is kept) of every check that gave one."""
    found = rows(
        home,
        "select signal, controls_fine, capture_id from observations where signal is not null and url like :url order by id",
        url=f"%{path}",
    )
    return [(row["signal"], bool(row["controls_fine"]), row["capture_id"] is not None) for row in found]


def untouched(home: Path) -> bool:
    """Nothing happened: the six articles are live in their first version."""
    return (
        states(home) == {"live"}
        and one(home, "select count(*) from versions") == len(PATHS)
        and one(home, "select count(*) from changes") == len(PATHS)
    )


GONE = Answer("<h1>Page not found</h1>", 404)
CHECKS = (13, 20, 38)  # the ladder's check, then more than 6 and 24 hours after a first signal

# --- edits ------------------------------------------------------------------------------------------


def test_edit_reverted_between_two_checks(site, observation, tmp_path):
    """Nobody saw it, so it is not in the record."""
    site.pages[FIRST] = page(FIRST, title="Ferry to Aksu sinks")
    site.pages[FIRST] = page(FIRST)
    assert observation(13) == {"unchanged": len(PATHS)}
    assert untouched(tmp_path)


def test_edit_of_one_digit(site, observation, tmp_path):
    """One figure of a long text is an edit of the body."""
    whole = page(FIRST)
    digit = next(n for n in range(10, 99) if f" {n} " in whole)
    site.pages[FIRST] = whole.replace(f" {digit} ", f" {digit + 1} ", 1)
    assert observation(13)["changed"] == 1
    ((kinds, returns_to),) = versions(tmp_path)
    assert "body" in kinds
    assert returns_to is None


def test_headline_changed_and_changed_back(site, observation, tmp_path):
    """Two edits, the second one a return to the first version."""
    site.pages[FIRST] = page(FIRST, title="The ferry is late again")
    observation(13)
    site.pages[FIRST] = page(FIRST)
    observation(14)
    assert versions(tmp_path) == [("headline", None), ("headline", 1)]
    assert log(tmp_path) == ["created", "edited", "edited"]


def test_an_article_that_changes_at_every_check_is_capped(site, observation, tmp_path):
    """A text with a clock in it makes 24 versions a month at most; checks and captures go on, and the reason says so."""
    site.pages[FIRST] = lambda _: page(
        FIRST, extra=f"<p>There are {len(site.seen)} readers on this page now.</p>"
    )
    observation(13)
    for number in range(3, 25):
        _execute(
            tmp_path,
            f"insert into versions (article_id, number, at, content_hash, kinds, body, tags, images, alternates, page_type, origins, extractor) "
            f"select article_id, {number}, at, 'x{number}', kinds, body, tags, images, alternates, page_type, origins, extractor from versions where number = 2",
        )
    _execute(tmp_path, "update articles set version = 24 where version = 2")
    observation(14)
    observation(15)
    assert len(versions(tmp_path)) == 24
    reason = one(tmp_path, "select reason from observations order by id desc limit 1")
    assert "volatile" in reason
    assert one(
        tmp_path,
        "select count(*) from observations where capture_id is not null and reason like '%volatile%'",
    )


# --- addresses --------------------------------------------------------------------------------------


def test_same_text_moved_with_301(site, observation, tmp_path):
    """One article that goes on under its new address: asked there, with one request, and never called removed."""
    moved = "/the-ferry-to-aksu-under-another-name"
    site.pages[moved] = lambda seen: (
        Answer(status=304)
        if seen.headers.get("If-None-Match") == '"1"'
        else Answer(page(FIRST), headers={"ETag": '"1"'})
    )
    site.pages[FIRST] = Answer(status=301, headers={"Location": moved})
    observation(13)
    site.forget()
    counts = observation(26)
    assert (site.paths.count(FIRST), site.paths.count(moved), counts["not_modified"]) == (0, 1, 1)
    assert untouched(tmp_path)
    assert one(tmp_path, "select count(*) from article_urls where kind = 'redirect'") == 1


def test_slug_renamed_without_redirect(site, observation, tmp_path):
    """The old address is dead and the same text was met at a new one since: one article, asked there, and never called absent."""
    renamed = "/a-quite-other-slug-for-it"
    site.pages |= {FIRST: GONE, renamed: page(FIRST), "/": front(renamed, *PATHS[1:])}
    observation(13, recheck="yes")
    for hours in (37, 61):
        observation(hours)
    (first,) = rows(tmp_path, "select id, url, state from articles where url_key like :key", key=f"%{FIRST}")
    assert (first["url"], first["state"]) == (site.url + renamed, "live")
    assert log(tmp_path) == ["created"]
    (check,) = rows(tmp_path, "select reason, version from observations where signal is not null")
    assert check["reason"].startswith("absent (404)")
    assert check["reason"].endswith(f"the same text is at {site.url}{renamed}, its address from now on")
    assert check["version"] is None
    assert one(tmp_path, "select count(*) from articles where tied_to_id is null") == len(PATHS)
    assert (
        one(tmp_path, "select tied_to_id from articles where url_key like :key", key=f"%{renamed}")
        == first["id"]
    )
    site.forget()
    assert observation(85) == {"unchanged": len(PATHS)}
    assert (site.paths.count(FIRST), site.paths.count(renamed)) == (0, 1)


# --- absences ---------------------------------------------------------------------------------------

SORRY = (
    "<html lang=uz><head><title>Afsuski, bunday sahifa yo‘q</title></head><body><h1>Afsuski, bunday sahifa yo‘q</h1>"
    "<p>Siz qidirgan {path} manzilida hech narsa topilmadi. Ehtimol, u o‘chirilgan yoki boshqa joyga ko‘chirilgan bo‘lishi mumkin.</p>"
    "<p>Bosh sahifaga qayting yoki qidiruvdan foydalaning, bizda har kuni yangi xabarlar, suhbatlar va fotosuratlar bor.</p></body></html>"
)


def sorry(seen: Seen) -> str:
    """What a host says of any address it does not know, with status 200 and in no language our phrases know."""
    return SORRY.format(path=seen.path)


ABSENCES: dict[str, tuple[Page, str]] = {
    "404": (GONE, "not_found"),
    "410": (Answer("gone", 410), "gone"),
    "451": (Answer("by order of a court", 451), "legal"),
    "a not-found page with 200": ("<title>Page not found</title><h1>Page not found</h1>", "soft_404"),
    "a sorry page nobody knows": (sorry, "soft_404"),
    "redirect to the front page": (Answer(status=302, headers={"Location": "/"}), "redirected_home"),
    "redirect to a section": (Answer(status=302, headers={"Location": "/news/"}), "redirected_elsewhere"),
    "emptied": (
        "<title>Ferry</title><h1>Ferry runs again after a pause</h1><p>Deleted by the editors.</p>",
        "emptied",
    ),
}


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose outlet took a piece away in each of these ways, and put all of them back after two days."""
    home = tmp_path_factory.mktemp("gone") / "home"
    paths = {name: f"/taken-away-in-way-{n}" for n, name in enumerate(ABSENCES)}
    taken = {path: story(f"Way{path[-1]}") for path in paths.values()}
    with Stand(pages() | taken | {"/": front(*PATHS, *taken), "/news/": front(*PATHS)}) as site:

        def go(hours: float, recheck: str = "only") -> Counter[str]:
            ending = crawl(
                home,
                NOW + timedelta(hours=hours),
                edition="en",
                site=site.url,
                recheck=recheck,
                settings={"RECHECK_BUDGET": 50},
            )
            return Counter(ending.summary.counts)

        go(0, "yes")
        site.pages |= {paths[name]: answer for name, (answer, _) in ABSENCES.items()}
        site.default = sorry
        for hours in CHECKS:
            assert go(hours)["absent"] == len(ABSENCES)
        site.pages |= taken
        assert go(62)["returned"] == len(ABSENCES)
    return home


@pytest.mark.parametrize("name", ABSENCES)
def test_gone_then_back(name, gone):
    """Each way to take an article away: suspected, removed after a day, its evidence kept; and back at the first check after its return."""
    path = f"/taken-away-in-way-{list(ABSENCES).index(name)}"
    assert log(gone, path) == ["created", "suspected", "removed", "returned"]
    assert signals(gone, path) == [(ABSENCES[name][1], True, True)] * len(CHECKS)
    assert versions(gone, path) == []
    assert states(gone) == {"live"}


def test_a_removal_told_in_several_ways(site, observation, tmp_path):
    """404, then 410, then a redirect: an absence all the time, so the signals add up, and each keeps its kind."""
    for hours, name in zip(CHECKS, ("404", "410", "redirect to the front page"), strict=True):
        site.pages[FIRST] = ABSENCES[name][0]
        observation(hours)
    assert [signal for signal, _, _ in signals(tmp_path)] == ["not_found", "gone", "redirected_home"]
    assert log(tmp_path) == ["created", "suspected", "removed"]


def test_the_probe(site, observation, tmp_path):
    """Asked once and only where a page with 200 is not the article, the same again for the same run; kept, and no article's observation."""
    site.pages[FIRST] = GONE
    observation(13)
    assert one(tmp_path, "select count(*) from observations where verdict = 'probe'") == 0
    site.pages |= {FIRST: sorry, PATHS[1]: sorry}
    site.default = sorry
    observation(26)
    (probe,) = rows(tmp_path, "select * from observations where verdict = 'probe'")
    assert probe["article_id"] is None
    assert probe["capture_id"] is not None
    asked = probe["url"].removeprefix(site.url)
    assert asked not in PATHS
    assert [len(part) for part in asked.split("-")] == [len(part) for part in FIRST.split("-")]
    reasons = {
        row["reason"] for row in rows(tmp_path, "select reason from observations where signal = 'soft_404'")
    }
    assert all("as this host answers for an address that cannot exist" in reason for reason in reasons)
    assert not rows(tmp_path, "select * from leads where outcome is null")


def test_a_page_of_its_own_is_no_soft_404(site, observation, tmp_path):
    """The host says 404 to what cannot exist: a page that replaced the article is the publisher's text, and an edit."""
    site.pages[FIRST] = story("elsewhere", title="Nothing of what we wrote was true")
    assert observation(13)["changed"] == 1
    assert signals(tmp_path) == []


# --- the site, not the article ------------------------------------------------------------------------

BLOCK = "<html><head><title>Biroz kuting</title></head><body><h1>Biroz kuting</h1><p>Brauzeringiz tekshirilmoqda, sahifa o‘zi ochiladi.</p></body></html>"
CHALLENGE = (
    "<html><head><title>Just a moment...</title></head><body><h1>Just a moment...</h1>"
    '<form id="challenge-form"></form><noscript>Enable JavaScript and cookies to continue</noscript></body></html>'
)
HOME = Answer(status=302, headers={"Location": "/"})
SITES: dict[str, Page] = {
    "a challenge with 200": CHALLENGE,
    "a block page nobody knows": BLOCK,
    "a sorry page nobody knows": sorry,
    "to the front page": HOME,
    "404 everywhere": GONE,
}


@pytest.mark.parametrize("name", SITES)
def test_whole_site(name, site, observation, tmp_path):
    """Every address answers with the same, for days: an outage, whatever its status; nothing changes in the ledger."""
    site.pages |= dict.fromkeys(PATHS, SITES[name])
    site.default = SITES[name]
    crawl_quietly(site, tmp_path, 13)
    assert untouched(tmp_path)
    assert signals(tmp_path) == []


def crawl_quietly(site: Stand, home: Path, hours: float) -> None:
    """A run whatever it comes to."""
    crawl(
        home,
        NOW + timedelta(hours=hours),
        edition="en",
        site=site.url,
        settings={"RECHECK_BUDGET": 50},
        recheck="only",
    )


def test_removal_during_an_outage(site, observation, tmp_path):
    """What is taken away while the site is down is suspected when it is up again, not before, and removed a day later."""
    site.pages |= dict.fromkeys(PATHS, Answer("out of order", 503))
    crawl_quietly(site, tmp_path, 13)
    assert untouched(tmp_path)
    site.pages |= pages() | {FIRST: GONE}
    for hours in (30, 37, 55):
        observation(hours)
    assert log(tmp_path) == ["created", "suspected", "removed"]
    assert one(tmp_path, "select at from observations where signal is not null order by id limit 1") > str(
        NOW + timedelta(hours=29)
    )


def test_redesign(site, observation, tmp_path):
    """Every page differs in its markup and none in its text."""
    for path in PATHS:
        text = (
            page(path)
            .replace("<main>", '<div id="app"><section class="b-article">')
            .replace("</main>", "</section></div>")
        )
        site.pages[path] = text.replace("<p>", '<p class="t">').replace(
            "<body>", "<body class=new><nav><a href=/>News</a></nav>"
        )
    assert observation(13) == {"unchanged": len(PATHS)}
    assert untouched(tmp_path)


def test_two_editions_of_which_one_is_down(tmp_path):
    """The one that is down is an outage; the other one's removal is seen all the same."""
    with Stand(pages()) as english, Stand(pages()) as russian:

        def go(hours: float, recheck: str = "only") -> Exit:
            sites = f"{english.url},{russian.url}"
            return crawl(
                tmp_path,
                NOW + timedelta(hours=hours),
                edition="en,ru",
                site=sites,
                recheck=recheck,
                settings={"RECHECK_BUDGET": 50},
            ).exit_code

        assert go(0, "yes") is Exit.OK
        english.pages[FIRST] = GONE
        russian.pages |= dict.fromkeys(PATHS, Answer(hang_up=True))
        for hours in CHECKS:
            assert go(hours) is Exit.PARTLY_FAILED
    gone = rows(tmp_path, "select edition, state from articles where state <> 'live'")
    assert gone == [{"edition": "en", "state": "removed"}]


def test_a_broken_section_is_not_confirmed_after_a_day(tmp_path):
    """Ten old articles are absent at once while the newest answer: suspected and said aloud, and not yet removed."""
    old = [f"/an-old-ferry-to-place-{n}" for n in range(201, 211)]
    everything = {
        **pages(),
        **{
            path: story(f"Place{n}", published=f"2024-03-{n + 1:02d}T10:00:00+05:00")
            for n, path in enumerate(old)
        },
    }
    with Stand(everything | {"/": front(*PATHS, *old)}) as site:

        def go(hours: float, recheck: str = "only"):
            return crawl(
                tmp_path,
                NOW + timedelta(hours=hours),
                edition="en",
                site=site.url,
                recheck=recheck,
                settings={"RECHECK_BUDGET": 50},
            )

        go(0, "yes")
        site.pages |= dict.fromkeys(old, GONE)
        after = 24 * 181
        endings = [go(after + hours) for hours in (0, 8, 26)]
        assert states(tmp_path) == {"live", "suspected"}
        said = endings[-1].summary.problems
        assert said == (
            "edition en: 10 articles absent at once: moved, purged, or a broken part of the site?",
        )
        assert endings[-1].exit_code is Exit.OK


# --- the machine --------------------------------------------------------------------------------------


def test_clock_was_a_year_ahead_for_one_run(site, observation, tmp_path):
    """A run in the future does not put the next checks off into it."""
    observation(24 * 365)
    site.pages[FIRST] = page(FIRST, title="The ferry is late again")
    counts = observation(24)
    assert counts == {"changed": 1, "unchanged": len(PATHS) - 1}


def test_first_seen_by_a_clock_that_was_ahead(site, observation, tmp_path, monkeypatch):
    """The next check of an article lies before its first, and nothing is wrong with the archive for that."""
    site.pages |= {"/": front("/a-ferry-runs-to-shal", *PATHS), "/a-ferry-runs-to-shal": story("Shal")}
    observation(24 * 365, recheck="yes")
    assert observation(24) == {"unchanged": len(PATHS) + 1}
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path))
    assert found() == []


def test_date_only_articles_at_midnight_in_almaty(site, tmp_path):
    """Found minutes before and after local midnight, in the early steps of the ladder both times; the date is never an edit."""
    late = NOW.replace(hour=18, minute=50)  # ten minutes before midnight of 12 May in Almaty
    path = "/a-ferry-dated-with-a-day"
    site.pages |= {"/": front(path), path: story("Dated", published="2026-05-12")}
    settings = {"RECHECK_BUDGET": 50}
    crawl(tmp_path, late, edition="en", site=site.url, settings=settings)
    assert one(tmp_path, "select published_precision from versions") == "day"
    site.forget()
    for minutes in (30, 60):
        ending = crawl(
            tmp_path,
            late + timedelta(minutes=minutes),
            edition="en",
            site=site.url,
            settings=settings,
            recheck="only",
        )
        assert ending.summary.counts == {"unchanged": 1}
    assert one(tmp_path, "select count(*) from versions") == 1
    assert one(tmp_path, "select published from versions").startswith("2026-05-11 19:00")


# --- requests -----------------------------------------------------------------------------------------


def test_nothing_due_asks_for_nothing(site, observation):
    """`recheck=only` with nothing due: not even robots.txt, and all is right."""
    site.forget()
    assert observation(0.1) == {}
    assert site.seen == []


def test_nothing_new_and_nothing_due(site, tmp_path):
    """One conditional request for each listing channel, robots.txt, and nothing more."""

    def steady(text: str, kind: str) -> Callable[[Seen], Answer]:
        return lambda seen: (
            Answer(status=304, headers={"ETag": '"7"'})
            if seen.headers.get("If-None-Match") == '"7"'
            else Answer(text, content_type=kind, headers={"ETag": '"7"'})
        )

    entries = "".join(f"<url><loc>https://en.orda.kz{path}</loc></url>" for path in PATHS)
    items = "".join(f"<item><title>A</title><link>https://en.orda.kz{path}</link></item>" for path in PATHS)
    site.pages |= {
        "/": steady(front(*PATHS), "text/html"),
        "/feed/": steady(
            f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>', "application/rss+xml"
        ),
        "/sitemap/sitemap_news1.xml": steady(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>',
            "application/xml",
        ),
    }
    for minutes in (0, 10):
        site.forget()
        ending = crawl(tmp_path, NOW + timedelta(minutes=minutes), edition="en", site=site.url)
    assert sorted(seen.path for seen in site.seen) == [
        "/",
        "/feed/",
        "/robots.txt",
        "/sitemap/sitemap_news1.xml",
    ]
    assert all("If-None-Match" in seen.headers for seen in site.seen if seen.path != "/robots.txt")
    assert (ending.exit_code, ending.summary.counts) == (Exit.OK, {})


def test_not_modified_after_a_redirect_proves_nothing(site, observation, tmp_path):
    """A front page that answers 304 to an article's validators is still not the article: validators stay with their address."""

    def listing(seen: Seen) -> Answer | str:
        return Answer(status=304) if "If-None-Match" in seen.headers else front(*PATHS[1:])

    for path in PATHS:
        site.pages[path] = Answer(page(path), headers={"ETag": '"a"'})
    observation(13)
    site.pages |= {FIRST: HOME, "/": listing}
    observation(26)
    assert signals(tmp_path) == [("redirected_home", True, True)]


def _execute(home: Path, statement: str) -> None:
    """Changes the archive behind the program's back."""
    with sqlite3.connect(home / "newscrawl.db") as connection:
        connection.execute(statement)
    connection.close()
