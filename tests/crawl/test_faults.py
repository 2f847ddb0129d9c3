"""Everything that can go wrong with an answer: a counted outcome with its reason, and the rest archived all the same."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from newscrawl.crawl.listings import backfill_cursor
from newscrawl.demo import At, Clock, Outlet, OutletServer
from newscrawl.errors import Exit
from tests.support import faulty
from tests.support.crawling import crawl
from tests.support.fake_site import (
    NOW,
    Answer,
    Stand,
    feed,
    front,
    keys,
    observations,
    one,
    rows,
    scrapy_crawl,
    sitemap,
    story,
)
from tests.support.process_pool import ProcessPool

GOOD = (
    "/ferry-one-101",
    "/ferry-two-102",
    "/ferry-three-103",
    "/ferry-four-104",
    "/ferry-five-105",
    "/ferry-six-106",
)
_TITLE = "Title with <b>tags</b> & \u202e\u0000 signs — Ғылым"
_RUSSIAN = (
    "<html><head><title>Паром снова ходит через реку</title></head><body><h1>Паром снова ходит через реку</h1>"
    + "".join(f"<p>Паром снова перевозит жителей села на другой берег реки, билет стоит {n} тенге.</p>" for n in range(50, 60))
    + "</body></html>"
)  # fmt: skip


def _bad_pages(base: str, foreign: str) -> dict[str, tuple[Any, str, str, str]]:
    """Path -> (page, outcome of the request, verdict, what the reason says)."""
    return {
        "/empty-page-201": (Answer(b""), "ok", "not_article", "unreadable: no bytes"),
        "/only-blanks-202": (Answer(b" \n\t "), "ok", "not_article", "unreadable: only white space"),
        "/twenty-megabytes-203": (Answer(b"<p>" + b"word " * (4 << 20)), "too_large", "failed", "too_large"),
        "/binary-called-html-204": (Answer(b"\x7fELF\x02\x01" + bytes(range(256)) * 40), "ok", "not_article", "unreadable"),
        "/a-pdf-205": (Answer(b"%PDF-1.7\n" + b"\x00\x81stream" * 300, content_type="application/pdf"), "ok", "not_article", "unreadable"),
        "/picture-206": (Answer(b"\x89PNG\r\n\x1a\n" + bytes(300), content_type="image/png"), "ok", "not_article", "unreadable"),
        "/wrong-length-207": (Answer(story("Shortfall"), missing=500), "broken_body", "failed", "broken_body"),
        "/endless-body-208": (Answer(story("Endless"), endless=True), "too_large", "failed", "too_large"),
        "/gzip-bomb-209": (Answer(gzip.compress(bytes(30 << 20)), headers={"Content-Encoding": "gzip"}), "too_large", "failed", "too_large"),
        "/not-gzip-210": (Answer(story("Notgzip"), headers={"Content-Encoding": "gzip"}), "broken_body", "failed", "broken_body"),
        "/slow-211": (Answer(story("Slow"), delay=60), "timeout", "failed", "timeout"),
        "/hangs-up-212": (Answer(hang_up=True), "refused", "failed", "refused"),
        "/forbidden-213": (Answer("<h1>Forbidden</h1>", 403), "forbidden", "failed", "forbidden (403)"),
        "/challenge-214": (
            Answer("<title>Just a moment...</title><h1>Just a moment...</h1><noscript>Enable JavaScript</noscript><form id=challenge-form></form>"),
            "ok", "failed", "challenge",
        ),
        "/error-500-215": (Answer("oops", 500), "server_error", "failed", "server_error (500)"),
        "/not-found-216": (Answer("<h1>Not found</h1>", 404), "not_found", "dead", "404"),
        "/gone-217": (Answer("gone", 410), "gone", "dead", "410"),
        "/legal-218": (Answer("blocked", 451), "legal", "dead", "451"),
        "/soft-404-219": (Answer("<title>Page not found</title><h1>Page not found</h1><p>Sorry.</p>"), "ok", "dead", "not_found"),
        "/teapot-220": (Answer("short", 418), "other_status", "failed", "other_status (418)"),
        "/odd-status-221": (Answer("odd", 299 + 1), "other_status", "failed", "other_status (300)"),
        "/unasked-304-222": (Answer(b"", 304), "other_status", "failed", "nothing was asked to compare with"),
        "/redirect-loop-223": (Answer(b"", 302, headers={"Location": f"{base}/redirect-loop-223?turn=1"}), "redirect_loop", "failed", "redirect_loop"),
        "/to-another-host-224": (Answer(b"", 301, headers={"Location": "http://elsewhere.example/story-1"}), "off_site", "failed", "another host"),
        "/to-a-private-address-225": (Answer(b"", 302, headers={"Location": f"{foreign}/secret-5555"}), "off_site", "failed", "a private address"),
        "/to-a-file-226": (Answer(b"", 302, headers={"Location": "file:///etc/hostname"}), "other_status", "failed", "other_status (302)"),
        "/to-a-script-227": (Answer(b"", 302, headers={"Location": "javascript:alert(1)"}), "other_status", "failed", "redirects to no web address"),
        "/to-the-front-228": (Answer(b"", 302, headers={"Location": f"{base}/"}), "ok", "dead", "redirected to the front page"),
        "/to-nowhere-229": (Answer(b"", 302), "other_status", "failed", "other_status (302)"),
    }  # fmt: skip


# Pages that are odd and articles all the same: path -> (page, title).
ODD: dict[str, tuple[Any, str]] = {
    "/windows-1251-undeclared-301": (Answer(_RUSSIAN.encode("windows-1251"), content_type="text/html"), "Паром снова ходит через реку"),
    "/wrong-charset-302": (Answer(_RUSSIAN, content_type="text/html; charset=koi8-r"), "Паром снова ходит через реку"),
    "/broken-json-ld-303": (
        story("Brokenld", published=None, head='<script type="application/ld+json">{"@type": "NewsArticle", "headline": "x\n",,]</script>'),
        "Ferry to Brokenld runs again after a pause",
    ),
    "/hostile-title-304": (story("Hostile", title=_TITLE), None),
    "/million-digits-305": (story("Digits", head='<script type="application/ld+json">{"position": ' + "9" * 100_000 + "}</script>"), "Ferry to Digits runs again after a pause"),
    "/deep-nesting-306": (story("Deep", extra="<div>" * 3000 + "deep" + "</div>" * 3000), "Ferry to Deep runs again after a pause"),
    "/gzipped-307": (Answer(gzip.compress(story("Gzipped").encode()), headers={"Content-Encoding": "gzip"}), "Ferry to Gzipped runs again after a pause"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad_run(process_pool: ProcessPool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One real `scrapy crawl` of a front page that lists every bad page between good ones."""
    home = tmp_path_factory.mktemp("bad") / "archive"
    with Stand({"/secret-5555": story("Secret")}) as foreign, Stand() as site:
        bad = _bad_pages(site.url, foreign.url)
        site.pages |= {path: page for path, (page, *_) in bad.items()}
        site.pages |= {path: page for path, (page, _) in ODD.items()}
        site.pages |= {path: story(path[1:].title().replace("-", "")) for path in GOOD}
        turning = {"Location": f"{site.url}/redirect-loop-223"}
        site.pages["/redirect-loop-223?turn=1"] = Answer(b"", 302, headers=turning)
        with_user = (f"http://reader:secret@{host}/userinfo-401" for host in ("127.0.0.1:9", site.url[7:]))
        listed = [*ODD, *with_user, "file:///etc/passwd-403"]
        for number, path in enumerate(bad):
            # Good ones in between: failures in a row would be taken for an outage.
            listed += [path, *((GOOD[number // 4],) if number % 4 == 3 and number // 4 < len(GOOD) else ())]
        site.pages["/"] = front(*listed)
        done = scrapy_crawl(
            process_pool,
            home,
            site=site.url,
            settings={"DOWNLOAD_TIMEOUT": 6, "DOWNLOAD_MAXSIZE": 1 << 20, "RETRY_TIMES": 0},  # a busy machine needs seconds for a few MB
            edition="en",
            output=home.parent / "out.jsonl",
        )
        yield SimpleNamespace(
            home=home,
            code=done.code,
            said=done.err,
            site=site,
            foreign=foreign,
            bad=bad,
            observations=observations(home),
        )


@pytest.mark.parametrize("path", _bad_pages("", ""))
def test_bad_page(bad_run: SimpleNamespace, path: str) -> None:
    """Each bad page has its observation with outcome, verdict and reason, and is no article."""
    _, outcome, verdict, reason = bad_run.bad[path]
    row = bad_run.observations[path[1:]]
    assert (row["outcome"], row["verdict"]) == (outcome, verdict), row["reason"]
    assert reason in row["reason"]
    assert row["article_id"] is None


@pytest.mark.parametrize("path", ODD)
def test_odd_page(bad_run: SimpleNamespace, path: str) -> None:
    """Wrong charsets, broken JSON-LD, hostile titles: odd, and still archived right."""
    row = bad_run.observations[path[1:]]
    assert (row["outcome"], row["verdict"]) == ("ok", "new"), row["reason"]
    title = one(bad_run.home, "select title from articles where id = :id", id=row["article_id"])
    if ODD[path][1] is not None:
        assert title == ODD[path][1]
    assert "\x00" not in title


def test_the_rest_is_archived(bad_run: SimpleNamespace) -> None:
    """Bad pages take no good one along, every lead of the front page has one observation, and the run says how it ended."""
    assert keys(bad_run.home) == sorted(path[1:] for path in (*GOOD, *ODD))
    assert one(bad_run.home, "select count(*) from leads where outcome is null") == 0
    assert one(bad_run.home, "select count(*) from observations") == len(bad_run.bad) + len(GOOD) + len(ODD)
    assert "Traceback" not in bad_run.said


def test_what_is_never_requested(bad_run: SimpleNamespace) -> None:
    """Foreign and private addresses, files and addresses with a user name are not asked for, not even for robots.txt."""
    assert bad_run.foreign.seen == []
    assert not [path for path in bad_run.site.paths if "userinfo" in path or "passwd" in path]
    assert not one(
        bad_run.home, "select count(*) from leads where url like '%userinfo%' or url like 'file:%'"
    )


def test_every_answer_is_kept_raw(bad_run: SimpleNamespace) -> None:
    """What came over the wire is in the WARC, also of bad pages; what never came has no record."""
    kept = {
        row["url"].rsplit("/", 1)[-1]: row["status"]
        for row in rows(bad_run.home, "select url, status from captures")
    }
    assert kept["forbidden-213"] == 403
    assert kept["a-pdf-205"] == kept["binary-called-html-204"] == kept["empty-page-201"] == 200
    assert kept["to-a-private-address-225"] == 302
    assert not {"slow-211", "hangs-up-212", "endless-body-208"} & set(kept)


def test_single_bad_pages_are_no_alarm(bad_run: SimpleNamespace) -> None:
    """Every listing was read and most pages came to something: the run is all right, its failures are counted and tried again. Cron hears nothing."""
    assert (bad_run.code, bad_run.said) == (Exit.OK, "")
    counts = json.loads(one(bad_run.home, "select counts from runs"))
    verdicts = Counter(row["verdict"] for row in bad_run.observations.values())
    assert counts == verdicts
    waiting = "select count(*) from leads where outcome = 'failed' and next_attempt is null"
    assert one(bad_run.home, waiting) == 0


def test_output_file_holds_readable_articles(bad_run: SimpleNamespace) -> None:
    """`-o out.jsonl` gives every archived article once, in readable UTF-8, with the archive's own keys."""
    written = (bad_run.home.parent / "out.jsonl").read_text("utf-8")
    articles = [json.loads(line) for line in written.splitlines()]
    assert sorted(a["url_key"].split("/", 3)[3] for a in articles) == keys(bad_run.home)
    assert "Паром снова ходит через реку" in written
    assert "Ғылым" in written
    first = next(a for a in articles if a["url_key"].endswith("ferry-one-101"))
    assert {
        "id",
        "source",
        "edition",
        "url",
        "title",
        "authors",
        "published",
        "body",
        "language",
        "version",
    } <= set(first)
    assert (first["source"], first["edition"], first["published"]) == (
        "orda",
        "en",
        "2026-05-11T10:00:00+05:00",
    )


# --- faults of the whole outlet --------------------------------------------------------------------

OUTLET = Outlet()
FIRST, SECOND = OUTLET.moments[:2]
ALL = "en,ru,kk"
EN = {piece.path.strip("/") for piece in OUTLET.published("en", FIRST)}


def _crawl(server: OutletServer, home: Path, now: Any = FIRST, editions: str = "en", **arguments: str) -> Any:
    server.clock.set(now)
    sites = ",".join(server.url(edition) for edition in editions.split(","))
    settings = {"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 3, "RECHECK_BUDGET": 100}
    return crawl(home, now, settings=settings, edition=editions, site=sites, **arguments)


@pytest.fixture
def outlet() -> Iterator[OutletServer]:
    with OutletServer(OUTLET, Clock(FIRST)) as running:
        yield running


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the English edition after its first crawl, to be copied: keys do not depend on the port."""
    home = tmp_path_factory.mktemp("crawled") / "home"
    with OutletServer(OUTLET, Clock(FIRST)) as running:
        assert _crawl(running, home).exit_code == Exit.OK
    return home


@pytest.fixture
def known(crawled: Path, outlet: OutletServer, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(crawled, tmp_path, dirs_exist_ok=True))


# name -> (faults of the English edition, exit code, whether its articles are archived, what the reason says)
OUTLET_FAULTS: dict[str, tuple[dict[str, Any], Exit, bool, str]] = {
    "maintenance page": ({"outage": "503"}, Exit.NOTHING_FETCHED, False, "nothing could be fetched"),
    "no answer at all": ({"outage": "closed"}, Exit.NOTHING_FETCHED, False, "nothing could be fetched"),
    "pages are forbidden": ({"status": 403}, Exit.PARTLY_FAILED, False, "no answer from en"),
    "challenge everywhere": ({"challenge": True}, Exit.PARTLY_FAILED, False, "no answer from en"),
    "front page without links": ({"listing_empty": True}, Exit.SOURCE_BROKEN, True, "gave no leads"),
    "sitemap is HTML": ({"sitemap_is_html": True}, Exit.PARTLY_FAILED, True, "listings failed"),
    "feed goes to the front page": ({"feed_redirects_home": True}, Exit.OK, True, "finished"),
    "robots forbid all": ({"robots_disallow_all": True}, Exit.NOTHING_FETCHED, False, "robots"),
    "pages go to another host": ({"redirect": "http://elsewhere.example/"}, Exit.PARTLY_FAILED, False, "listings failed"),
    "pages go to this machine": ({"redirect": "http://127.0.0.1:1/admin"}, Exit.PARTLY_FAILED, False, "listings failed"),
    "pages go to a file": ({"redirect": "file:///etc/hostname"}, Exit.PARTLY_FAILED, False, "listings failed"),
    "articles in a loop": ({"redirect_loop": True}, Exit.PARTLY_FAILED, False, "could not be read"),
    "all pages empty": ({"empty": True}, Exit.SOURCE_BROKEN, False, "gave no leads"),
    "all pages binary": ({"binary": True}, Exit.SOURCE_BROKEN, False, "gave no leads"),
    "windows-1251 undeclared": ({"windows1251": True}, Exit.OK, True, "finished"),
    "wrong charset declared": ({"charset": "koi8-r"}, Exit.OK, True, "finished"),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTLET_FAULTS)
def test_outlet_fault(name: str, outlet: OutletServer, tmp_path: Path) -> None:
    """A fault of a whole edition gives its exit code, leaves what can be had archived, and every check has a reason."""
    faults, code, archived, reason = OUTLET_FAULTS[name]
    outlet.faults["en"].update(faults)
    ending = _crawl(outlet, tmp_path)
    assert ending.exit_code == code, ending.line
    assert reason in ending.line or code == Exit.OK
    # The sitemap alone knows old pieces; without it they come later.
    assert set(keys(tmp_path)) <= EN
    assert bool(keys(tmp_path)) == archived
    if archived and "sitemap_is_html" not in faults:
        assert set(keys(tmp_path)) == EN
    assert not one(tmp_path, "select count(*) from observations where reason = ''")
    if code not in (Exit.OK, Exit.NOTHING_FETCHED):
        assert ending.summary.problems or "could not be read" in ending.line
    if "robots_disallow_all" in faults:
        assert {seen.path for seen in outlet.requests("en")} == {"/robots.txt"}
        assert {row["outcome"] for row in rows(tmp_path, "select outcome from listing_reads")} == {"robots"}


@pytest.mark.parametrize(
    "faults", [{"outage": "closed"}, {"status": 403}, {"challenge": True}, {"empty": True}, {"status": 404}]
)
def test_a_refusing_outlet_removes_nothing(
    faults: dict[str, Any], outlet: OutletServer, known: Path, tmp_path: Path
) -> None:
    """When a known outlet is down, blocks us or answers everything with nothing, no article is suspected or changed, and little is asked."""
    before = rows(tmp_path, "select id, state, version, last_seen from articles order by id")
    outlet.faults["en"].update(faults)
    ending = _crawl(outlet, tmp_path, SECOND)
    assert ending.exit_code in (Exit.NOTHING_FETCHED, Exit.PARTLY_FAILED, Exit.SOURCE_BROKEN)
    assert rows(tmp_path, "select id, state, version, last_seen from articles order by id") == before
    assert one(tmp_path, "select count(*) from changes where kind != 'created'") == 0
    if faults not in ({"empty": True}, {"status": 404}):
        # Left alone after some refusals in a row, once articles seen alive before were asked as well.
        assert len(outlet.requests("en")) < 24


def test_outage_of_one_edition(outlet: OutletServer, tmp_path: Path) -> None:
    """One of three editions is down: the others are complete, exit code 4 names it; when it is back nothing is missing."""
    silent = "ru"
    outlet.faults[silent]["outage"] = "closed"
    ending = _crawl(outlet, tmp_path, editions=ALL)
    assert ending.exit_code == Exit.PARTLY_FAILED
    assert ending.summary.reason.startswith(f"no answer from {silent}: listing ")
    pieces = {
        edition: {p.path.strip("/") for p in OUTLET.published(edition, FIRST)} for edition in OUTLET.editions
    }
    assert {k.lower() for k in keys(tmp_path)} == {
        k.lower() for e, found in pieces.items() if e != silent for k in found
    }
    outlet.faults[silent].clear()
    assert _crawl(outlet, tmp_path, SECOND, editions=ALL).exit_code == Exit.OK
    assert one(tmp_path, "select count(*) from articles") == sum(
        len(OUTLET.published(e, SECOND)) for e in OUTLET.editions
    )
    assert one(tmp_path, "select count(*) from versions where number = 1") == one(
        tmp_path, "select count(*) from articles"
    )


def test_everything_down(outlet: OutletServer, tmp_path: Path) -> None:
    """All editions down: exit code 3, and no article is asked for."""
    for edition in OUTLET.editions:
        outlet.faults[edition]["outage"] = "503"
    assert _crawl(outlet, tmp_path, editions=ALL).exit_code == Exit.NOTHING_FETCHED
    assert not one(tmp_path, "select count(*) from observations")
    assert {row["outcome"] for row in rows(tmp_path, "select outcome from listing_reads")} == {"server_error"}


def test_a_lost_feed_is_said(outlet: OutletServer, tmp_path: Path) -> None:
    """A feed that was there and now sends its readers to the front page is a failing listing; nothing is read from it."""
    assert _crawl(outlet, tmp_path).exit_code == Exit.OK
    outlet.faults["en"]["feed_redirects_home"] = True
    ending = _crawl(outlet, tmp_path, SECOND)
    assert ending.exit_code == Exit.PARTLY_FAILED
    assert [problem for problem in ending.summary.problems if "/feed/" in problem]
    assert one(tmp_path, "select leads from listing_reads where problem is not null") == 0


def test_one_page_of_twenty_megabytes(outlet: OutletServer, tmp_path: Path) -> None:
    """It fails alone, and is archived when it has its size again."""
    path = OUTLET.published("en", FIRST)[3].path
    outlet.faults["en"]["big_body"] = At(path, 20)
    assert _crawl(outlet, tmp_path).exit_code == Exit.OK
    assert set(keys(tmp_path)) == EN - {path.strip("/")}
    outlet.faults["en"].clear()
    _crawl(outlet, tmp_path, SECOND)
    assert path.strip("/") in keys(tmp_path)


# --- listings without an end -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda _: "<html><body>Welcome</body></html>", id="a page for every number"),
        pytest.param(lambda _: Answer('<?xml version="1.0"?><urlset></urlset>', content_type="text/xml"), id="an empty sitemap for every number"),
        pytest.param(lambda _: sitemap("https://en.orda.kz/ferry-one-101"), id="the same sitemap for every number"),
        pytest.param(lambda _: Answer(b"", 302, headers={"Location": "/"}), id="the front page for every number"),
    ],
)  # fmt: skip
def test_a_numbered_series_ends(answer: Any, tmp_path: Path) -> None:
    """A site that answers every sitemap number with something is not asked for ever, and again the same in the next run."""
    with Stand({"/": front("/ferry-one-101"), "/ferry-one-101": story("One")}) as site:
        site.pages |= {f"/sitemap/sitemap_news{n}.xml": answer(n) for n in range(1, 60)}
        for _ in range(2):
            site.forget()
            ending = crawl(tmp_path, NOW, edition="en", site=site.url)
            assert sum("sitemap" in path for path in site.paths) <= 5
        assert ending.exit_code in (Exit.OK, Exit.PARTLY_FAILED)
        assert keys(tmp_path) == ["ferry-one-101"]


def test_lists_and_indexes_that_name_themselves_end(tmp_path: Path) -> None:
    """Next pages in a circle and a sitemap index of itself come to an end."""
    with Stand(
        {f"/?page={n}": front(f"/ferry-page-{1000 + n}", more=f"/?page={n + 1}") for n in range(1, 40)}
    ) as site:
        site.pages["/"] = front("/ferry-one-101", more="/?page=1")
        index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{site.url}/sitemap/sitemap_news1.xml</loc></sitemap></sitemapindex>'
        site.pages["/sitemap/sitemap_news1.xml"] = Answer(
            f'<?xml version="1.0"?>{index}', content_type="text/xml"
        )
        ending = crawl(tmp_path, NOW, edition="en", site=site.url)
        assert ending.exit_code == Exit.OK
        assert 5 <= sum(path.startswith("/?page") for path in site.paths) <= backfill_cursor.PAGES
        assert site.paths.count("/sitemap/sitemap_news1.xml") == 1


# --- bugs of our own -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where",
    [
        "newscrawl.crawl.parse.jobs.article",
        "newscrawl.crawl.spider.observation_of",
        "newscrawl.archiving.ahead.decide",
        "newscrawl.crawl.parse.jobs.listing",
    ],
)
def test_a_bug_is_never_swallowed(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in reading, in a callback or in recording: exit code 1, the problem is named, the rest is archived."""
    module, name = where.rsplit(".", 1)
    whole = getattr(sys.modules[module], name)

    def sometimes(*arguments: Any, **named: Any) -> Any:
        if "two-102" in str(arguments[:2]):
            raise ZeroDivisionError("a bug")
        return whole(*arguments, **named)

    in_the_process = {"article": faulty.article, "listing": faulty.bug}  # it imports what it is to run
    monkeypatch.setattr(where, in_the_process.get(name, sometimes))
    with Stand({path: story(path[1:].title().replace("-", "")) for path in GOOD}) as site:
        site.pages |= {"/": front(*GOOD), "/feed/": feed(*(site.url + path for path in GOOD))}
        ending = crawl(tmp_path, NOW, edition="en", site=site.url)
        assert ending.exit_code == Exit.UNEXPECTED
        assert [
            problem
            for problem in ending.summary.problems
            if "ZeroDivisionError" in problem and "a bug" in problem
        ]
        if name in ("article", "decide"):
            assert keys(tmp_path) == sorted(path[1:] for path in GOOD if "two" not in path)
            assert ending.summary.counts == {
                "new": len(GOOD) - 1,
                "failed" if name == "article" else "deferred": 1,
            }
        if name == "article":
            assert "ZeroDivisionError" in observations(tmp_path)["ferry-two-102"]["reason"]


def test_a_bug_while_controls_are_out_loses_no_absence(
    outlet: OutletServer, known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Absences wait for controls; if a control cannot be read, they are still recorded, as not proven."""
    gone = next(piece.path for piece in OUTLET.published("en", FIRST) if piece.event is None)
    outlet.faults["en"]["status"] = At(gone, 404)

    monkeypatch.setattr("newscrawl.crawl.parse.jobs.article", faulty.bug)
    ending = _crawl(outlet, tmp_path, SECOND, recheck="only")
    assert ending.exit_code == Exit.UNEXPECTED
    row = observations(tmp_path)[gone.strip("/")]
    assert (row["outcome"], row["verdict"]) in {("not_found", "failed"), ("not_found", "absent")}
