"""A server's "not modified" over HTTP: a stuck cache, an honest server, one that compares dates with "not later", a front page that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha1
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.judge.coverage.gaps import gaps
from newscrawl.judge.health.report import judge
from newscrawl.model.health import FindingKind
from newscrawl.store.health.runs import open_health
from newscrawl.store.read.reader import open_reader
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Answer, Page, Seen, Stand, feed, front, one, rows, story

NAMES = ("Aksu", "Birlik", "Koktal")
PATHS = [f"/ferry-to-{name.lower()}-{number}" for number, name in enumerate(NAMES, 101)]
FIRST = PATHS[0]
EDIT = "<p>The captain now says that 418 people were on board.</p>"
AGAIN = "<p>The owner of the ferry has been fined since.</p>"
# The articles are 28 hours old at the first crawl; so many hours after it they reach the step of a week.
A_WEEK_OLD = 141

Server = Callable[[str, Seen], Answer]


def stuck(text: str, seen: Seen) -> Answer:
    """A cache whose ETag never moves."""
    if "If-None-Match" in seen.headers:
        return Answer(status=304, headers={"ETag": '"1"'})
    return Answer(text, headers={"ETag": '"1"'})


def honest(text: str, seen: Seen) -> Answer:
    """An ETag of the content."""
    etag = f'"{sha1(text.encode()).hexdigest()}"'
    if seen.headers.get("If-None-Match") == etag:
        return Answer(status=304, headers={"ETag": etag})
    return Answer(text, headers={"ETag": etag})


class Outlet:
    """The articles of one site and its front page, behind a server of some kind; what was asked, and how it was answered."""

    def __init__(
        self, site: Stand, home: Path, server: Server, *, front_server: Server | None = None
    ) -> None:
        self.site, self.home = site, home
        self.extra = dict.fromkeys(PATHS, "")
        self.answers: list[tuple[str, int]] = []
        site.pages |= {path: self._page(path, server) for path in PATHS}
        site.pages["/"] = self._answered("/", lambda: front(*PATHS), front_server or server)

    def _page(self, path: str, server: Server) -> Page:
        name = NAMES[PATHS.index(path)]
        return self._answered(path, lambda: story(name, extra=self.extra[path]), server)

    def _answered(self, path: str, text: Callable[[], str], server: Server) -> Page:
        def page(seen: Seen) -> Answer:
            answer = server(text(), seen)
            self.answers.append((path, answer.status))
            return answer

        return page

    def run(self, hours: float, **arguments: str) -> list[int]:
        """A crawl so many hours after the first; how the articles were answered."""
        self.answers.clear()
        crawl(self.home, NOW + timedelta(hours=hours), edition="en", site=self.site.url, **arguments)
        return [status for path, status in self.answers if path != "/"]

    def versions(self, path: str = FIRST) -> int:
        """How many versions an article has."""
        return one(self.home, "select version from articles where url_key like :key", key=f"%{path}")

    def findings(self, hours: float) -> list[str]:
        """The hosts that health names."""
        with open_health(f"sqlite:///{self.home / 'newscrawl.db'}") as reader:
            at = NOW + timedelta(hours=hours)
            found = judge(reader.facts(at), at).findings
        return [finding.subject for finding in found if finding.kind is FindingKind.FALSE_VALIDATORS]


@pytest.fixture
def site() -> Iterator[Stand]:
    """A site without pages."""
    with Stand() as stand:
        yield stand


def hosts(home: Path) -> list[str]:
    """The hosts that were caught."""
    return [row["host"] for row in rows(home, "select host from hosts")]


@pytest.mark.slow
def test_stuck_cache(site: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The edit is hidden until the next step of the ladder; then the host is known to lie, is named, and hides nothing more."""
    outlet = Outlet(site, tmp_path, stuck)
    outlet.run(0)
    outlet.extra[FIRST] = EDIT
    for hours in (13, 100):
        assert outlet.run(hours, recheck="only") == [304] * 3
        assert (outlet.versions(), outlet.findings(hours)) == (1, [])
    assert outlet.run(A_WEEK_OLD, recheck="only") == [200] * 3
    assert (outlet.versions(), hosts(tmp_path)) == (2, [site.url.removeprefix("http://")])
    reason = one(tmp_path, "select reason from observations where verdict = 'changed'")
    assert reason.endswith("; by its validators (ETag, Last-Modified) it was not modified")
    # From now on nothing is asked conditionally, the front page neither.
    outlet.extra[FIRST] += AGAIN
    outlet.run(A_WEEK_OLD + 1)
    outlet.extra[PATHS[1]] = EDIT
    site.forget()
    outlet.run(A_WEEK_OLD + 80)
    assert (outlet.versions(), outlet.versions(PATHS[1])) == (3, 2)
    assert not any("If-None-Match" in seen.headers for seen in site.seen)
    # It is said where people look.
    assert outlet.findings(A_WEEK_OLD + 80) == hosts(tmp_path)
    assert outlet.findings(A_WEEK_OLD + 80 + 181 * 24) == []
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", f"sqlite:///{tmp_path / 'newscrawl.db'}")
    said = CliRunner().invoke(cli, ["coverage"]).stdout
    assert f'the "not modified" (304) of {hosts(tmp_path)[0]} is not believed since' in said


@pytest.mark.slow
def test_honest_server(site: Stand, tmp_path: Path) -> None:
    """Most checks are answered 304, an edit is seen at the next one, and nobody is accused."""
    outlet = Outlet(site, tmp_path, honest)
    outlet.run(0)
    answers = []
    for hours in (13, 26, 60, 90):
        if hours == 60:
            outlet.extra[FIRST] = EDIT
        answers += outlet.run(hours, recheck="only")
    assert (answers.count(304), answers.count(200)) == (10, 2)  # the edit, and the first step after it
    assert (outlet.versions(), hosts(tmp_path)) == (2, [])


@pytest.mark.slow
def test_return_to_an_older_date(site: Stand, tmp_path: Path) -> None:
    """A server that compares dates with "not later" hides a text that was put back with its date, until the next unconditional check."""
    changed = NOW - timedelta(days=1)

    def dated(text: str, seen: Seen) -> Answer:
        given = seen.headers.get("If-Modified-Since")
        at = changed if EDIT in text else NOW - timedelta(days=9)
        if given and at <= parsedate_to_datetime(given):
            return Answer(status=304)
        return Answer(
            text, headers={"Last-Modified": format_datetime(at.replace(microsecond=0), usegmt=True)}
        )

    outlet = Outlet(site, tmp_path, dated)
    outlet.extra[FIRST] = EDIT
    outlet.run(0)
    outlet.extra[FIRST] = ""
    assert outlet.run(26, recheck="only") == [304] * 3
    assert outlet.run(A_WEEK_OLD, recheck="only") == [200] * 3
    assert (outlet.versions(), hosts(tmp_path)) == (2, [])  # that server did as the standard says


@pytest.mark.slow
def test_an_edit_the_host_had_denied(site: Stand, tmp_path: Path) -> None:
    """By its own date the page was changed long before the host still said "not modified": that is a lie as well."""

    def dated(text: str, seen: Seen) -> Answer:
        at = NOW + timedelta(hours=2) if EDIT in text else NOW - timedelta(days=9)
        if "If-Modified-Since" in seen.headers:
            return Answer(status=304)
        return Answer(text, headers={"Last-Modified": format_datetime(at, usegmt=True)})

    outlet = Outlet(site, tmp_path, dated)
    outlet.run(0)
    outlet.extra[FIRST] = EDIT
    for hours in (13, A_WEEK_OLD):
        outlet.run(hours, recheck="only")
    assert (outlet.versions(), len(hosts(tmp_path))) == (2, 1)


def _feed(site: Stand, title: str) -> Page:
    item = f"<item><title>{title}</title><link>{site.url}{FIRST}</link></item>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{item}</channel></rss>'
    return Answer(body, content_type="application/rss+xml")


def _map(site: Stand, changed: float) -> Page:
    at = NOW + timedelta(hours=changed)
    entry = f"<url><loc>{site.url}{FIRST}</loc><lastmod>{at.isoformat()}</lastmod></url>"
    xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entry}</urlset>'
    return Answer(xml, content_type="application/xml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "changed", "seen"),
    [
        pytest.param("Ferry to Aksu", -30, False, id="nothing"),
        pytest.param("Ferry to Aksu stopped", -30, True, id="another headline in the feed"),
        pytest.param("Ferry to Aksu", 5, True, id="a later change in the sitemap"),
        pytest.param("Ferry to Aksu", -9, False, id="a change that was read already"),
    ],
)
def test_a_channel_says_otherwise(
    title: str, changed: float, seen: bool, site: Stand, tmp_path: Path
) -> None:
    """What a feed or sitemap says against the archive makes the next check unconditional, long before the next step."""
    outlet = Outlet(site, tmp_path, stuck)
    site.pages |= {"/feed/": _feed(site, "Ferry to Aksu"), "/sitemap/sitemap_news1.xml": _map(site, -30)}
    outlet.run(0)
    outlet.extra[FIRST] = EDIT
    site.pages |= {"/feed/": _feed(site, title), "/sitemap/sitemap_news1.xml": _map(site, changed)}
    assert outlet.run(13).count(200) == seen
    assert outlet.versions() == 1 + seen


@pytest.mark.slow
def test_front_page_that_stands_still(site: Stand, tmp_path: Path) -> None:
    """A front page stuck at 304 is read in full a day later, or as soon as the feed has brought something newer; then it is caught."""
    listed, fed = PATHS[:1], PATHS[:1]
    outlet = Outlet(site, tmp_path, honest)
    site.pages["/"] = lambda seen: stuck(front(*listed), seen)
    site.pages["/feed/"] = lambda _: feed(*(f"{site.url}{path}" for path in fed))
    outlet.run(0)
    for path, published in ((PATHS[1], NOW + timedelta(hours=1)), (PATHS[2], NOW + timedelta(hours=30))):
        site.pages[path] = story(path[10:], published=published.isoformat())
    listed.insert(0, PATHS[1])

    def read(hours: float) -> str:
        outlet.run(hours, recheck="no")
        return one(tmp_path, "select outcome from listings where channel = 'listing'")

    assert [read(hours) for hours in (2, 23)] == ["not_modified"] * 2
    assert one(tmp_path, "select count(*) from articles") == 1
    assert read(24) == "ok"
    assert (one(tmp_path, "select count(*) from articles"), len(hosts(tmp_path))) == (2, 1)


@pytest.mark.slow
def test_news_of_another_channel(site: Stand, tmp_path: Path) -> None:
    """The feed brings an article that is newer than what the front page showed last: the next read of the front page is in full."""
    fed = PATHS[:1]
    outlet = Outlet(site, tmp_path, honest)
    site.pages["/"] = lambda seen: stuck(front(*PATHS[:1]), seen)
    site.pages["/feed/"] = lambda _: feed(*(f"{site.url}{path}" for path in fed))
    site.pages[PATHS[1]] = story("Birlik", published=(NOW + timedelta(hours=1)).isoformat())
    outlet.run(0)
    fed.insert(0, PATHS[1])
    outcomes = []
    for hours in (2, 3, 4):
        outlet.run(hours, recheck="no")
        outcomes.append(one(tmp_path, "select outcome from listings where channel = 'listing'"))
    assert outcomes == ["not_modified", "ok", "not_modified"]
    assert hosts(tmp_path) == []


@pytest.mark.slow
def test_what_was_missed_behind_a_304(site: Stand, tmp_path: Path) -> None:
    """More news than the front page holds while it stood still: a gap from its last full read on, whatever it said between."""
    shown: list[str] = list(PATHS[:1])
    site.pages["/"] = lambda seen: stuck(front(*shown), seen)
    outlet_paths = {
        path: story(path[10:], published=(NOW + timedelta(hours=9)).isoformat()) for path in PATHS
    }
    site.pages |= outlet_paths | {FIRST: story("Aksu")}
    for hours in (0, 2, 20, 25):
        if hours == 20:
            shown[:] = PATHS[1:]
        crawl(tmp_path, NOW + timedelta(hours=hours), edition="en", site=site.url, recheck="no")
    with open_reader(f"sqlite:///{tmp_path / 'newscrawl.db'}") as reader:
        (gap,) = gaps(reader.listing_facts())
    assert [round((at - NOW) / timedelta(hours=1)) for at in (gap.began, gap.ended)] == [0, 25]
    assert "2 reads between were answered" in gap.reason


@pytest.mark.slow
def test_two_hosts_of_one_outlet(site: Stand, tmp_path: Path) -> None:
    """One of two editions lies: the other is asked conditionally as before, and not named."""
    with Stand() as other:
        lying = Outlet(site, tmp_path, stuck)
        Outlet(other, tmp_path, honest)

        def run(hours: float) -> None:
            at = NOW + timedelta(hours=hours)
            crawl(tmp_path, at, edition="en,ru", site=f"{site.url},{other.url}", recheck="yes")

        run(0)
        lying.extra[FIRST] = EDIT
        for hours in (A_WEEK_OLD, A_WEEK_OLD + 1, A_WEEK_OLD + 80):
            for one_site in (site, other):
                one_site.forget()
            run(hours)
        assert hosts(tmp_path) == [site.url.removeprefix("http://")]
        conditional = [
            [seen.path for seen in s.seen if "If-None-Match" in seen.headers] for s in (site, other)
        ]
        assert conditional[0] == []
        assert set(conditional[1]) >= set(PATHS)


def test_304_to_an_unconditional_request(site: Stand, tmp_path: Path) -> None:
    """Nothing was given to compare with, so it says nothing: the check failed, and no article is called unchanged for it."""
    outlet = Outlet(site, tmp_path, honest)
    outlet.run(0)
    site.pages |= dict.fromkeys(PATHS, Answer(status=304))
    outlet.run(A_WEEK_OLD, recheck="only")
    found = rows(tmp_path, "select verdict, outcome, reason from observations where run_id = 2")
    assert {(row["verdict"], row["outcome"]) for row in found} == {("failed", "other_status")}
    assert "nothing was asked to compare with" in found[0]["reason"]


@pytest.mark.slow
def test_moved_with_an_edit(site: Stand, tmp_path: Path) -> None:
    """An article moves and is edited at once, behind validators: the edit is recorded at the check after it, at the latest."""
    outlet = Outlet(site, tmp_path, honest)
    outlet.run(0)
    moved = "/ferry-to-aksu-runs-101"
    site.pages[moved] = lambda seen: honest(story("Aksu", extra=EDIT), seen)
    site.pages[FIRST] = Answer(status=301, headers={"Location": moved})
    for hours in (13, 26, 39):
        outlet.run(hours, recheck="only")
    assert one(tmp_path, "select count(*) from versions where body like '%418 people%'") == 1
