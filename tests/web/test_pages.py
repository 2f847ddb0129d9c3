"""The reader's pages: addresses by what comes back, the same records as the commands, hostile archives, bounded work."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import event
from sqlalchemy.engine import Engine

from newscrawl.alerts.compose import compose
from newscrawl.cli import cli
from newscrawl.model import Notice, Topic
from newscrawl.search.indexing import update
from newscrawl.store.search.store import SearchStore
from newscrawl.web.answers.responses import cut, is_web, tag
from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive
from tests.support.asking import get
from tests.support.factory import START, TITLES, press
from tests.support.sample_history import EVIL, fill

NOW = START + timedelta(days=30)
MARKUP = '<script>alert("1")</script>\x00\u202e\x1b[2J'


def over(url, base=None):
    """The application over the archive at `url`."""
    return application(lambda: None, WebArchive(url, lambda: NOW, base))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder of the sample archive."""
    home = tmp_path_factory.mktemp("pages")
    url = f"sqlite:///{home / 'newscrawl.db'}"
    fill(url)
    with SearchStore(url, write=True) as store:
        update(store)
    return home


@pytest.fixture(scope="module")
def app(home):
    """The application over the sample archive."""
    return over(f"sqlite:///{home / 'newscrawl.db'}")


@pytest.fixture
def command(home, monkeypatch):
    """The JSON objects that a command prints over the same archive."""
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home))
    monkeypatch.setenv("NEWSCRAWL_NOW", NOW.isoformat())

    def run(*words):
        result = CliRunner().invoke(cli, [*words, "--json"])
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


@pytest.mark.parametrize(
    ("target", "status", "there", "not_there"),
    [
        # The latest articles and their filters.
        ("/", 200, ["Latest news", "/articles/1", "4 versions", "removed", TITLES["kk"]], ["<script"]),
        ("/?source=other", 200, ["/articles/7"], ['/articles/1"']),
        ("/?edition=kk", 200, ['lang="kk"', "/articles/3"], ['/articles/1"']),
        ("/?state=removed&source=", 200, ['/articles/2"'], ['/articles/1"']),
        ("/?state=unreadable", 200, ["No article matches"], []),
        ("/?since=2026-03-03&until=2026-03-04", 200, [], []),
        ("/?until=2020-01-01", 200, ["No article matches"], ["/articles/"]),
        ("/?source=nobody", 400, ["nobody: the archive holds nothing of this source"], []),
        ("/?edition=xx", 400, ["has no edition"], []),
        ("/?state=dead", 400, ["is not known", "One of: live"], []),
        ("/?since=tomorrow", 400, ["is no date"], []),
        # Dates as commands read them, counted from the program's now.
        ("/?since=2026-03&until=03.2026", 200, ['/articles/1"'], []),
        ("/?since=2027", 200, ["No article matches"], ["/articles/"]),
        ("/changes?since=1900&until=2%20%D0%BC%D0%B0%D1%80%D1%82%D0%B0%201999", 200, ["No edit matches"], []),
        ("/?since=7d", 200, [], []),
        # What is archived can be chosen.
        ("/", 200, ["<option>bereke</option>", "<option>other</option>", "<option>kk</option>"], []),
        ("/changes?source=bereke", 200, ["<option selected>bereke</option>"], []),
        ("/?since=2026-02-01&until=2026-01-01", 400, ["lies after until"], []),
        ("/?source=" + "a" * 300, 400, ["cannot be a name"], []),
        ("/?source=%00", 400, ["cannot be a name"], ["\x00"]),
        ("/?before=1", 400, ["is no place in this list"], []),
        ("/?before=9999-99-99T00:00:00Z_1", 400, ["is no place in this list"], []),
        ("/?before=0001-01-01T00:00:00Z_1", 200, ["No article matches", "First page"], []),
        # One article.
        ("/articles/1", 200, ["Cite this", "The footbridge was opened on Monday.", "Dana Serikova", "<code>h1</code>",
                              "<urn:uuid:".replace("<", "&lt;"), "sha1:", "/articles/1/versions/1", "/articles/1/diff/3..4",
                              "says again what version 1 said", "found in a listing page", "checks, unchanged",
                              "https://s.example/b", "live, last checked at", 'rel="noreferrer nofollow noopener"'], []),
        ("/articles/2", 200, ["absent (404) at", "Evidence".lower()], []),
        ("/articles/0", 404, ["no article of this number"], []),
        ("/articles/99999999999999999999999", 404, ["no article of this number"], []),
        ("/articles/x", 404, ["There is no such page."], []),
        ("/articles/-1", 404, ["There is no such page."], []),
        ("/articles/1/versions/2", 200, ["version 2 of 4", "Bridge closed again", "This is not the newest version", "2..last"],
         ["Timeline"]),
        ("/articles/1/versions/4", 200, ["version 4 of 4"], ["not the newest"]),
        ("/articles/1/versions/9", 404, ["has no version 9. It has 4"], []),
        ("/articles/1/versions/99999999999999999999", 404, ["has no version"], []),
        ("/articles/1/versions/x", 404, ["There is no such page."], []),
        # Edits.
        ("/changes", 200, ["/articles/1/diff/3..4", "says again what version 1 said", "<ins>", "words removed"], []),
        ("/changes?source=bereke&edition=en&kind=numbers", 200, ["84", "86"], ["/articles/5/"]),
        ("/changes?kind=quotes", 200, ["No edit matches"], []),
        ("/changes?kind=lies", 400, ["is not known", "headline"], []),
        ("/changes?since=2026-03-06", 200, ["/articles/5/diff/1..2"], ["/articles/1/diff"]),
        ("/changes?before=2026-03-02T10:00:00Z_99", 200, ["First page", "/articles/1/diff/1..2"], ["/articles/1/diff/2..3"]),
        ("/changes?before=x_1", 400, ["is no place"], []),
        # Absences.
        ("/removed", 200, ["absent (404)", "&lt;urn:uuid:", "The evidence: 1 check", "/articles/2/versions/1"], []),
        ("/removed?state=removed&source=bereke", 200, ["absent (404)"], []),
        ("/removed?state=suspected&source=other", 200, ["/articles/7"], ['/articles/2"']),
        ("/removed?state=returned", 200, ["there again at"], []),
        ("/removed?state=unreadable&until=2020-01-01", 200, ["No absence matches"], []),
        ("/removed?state=all", 200, ["there again at", "not yet confirmed"], []),
        ("/removed?state=live", 400, ["is not known"], []),
        ("/removed?before=2026-03-02T10:00:00Z_501", 400, ["is no place"], []),
        ("/removed?before=9999-12-31T23:59:59.999999Z_1", 400, ["is no place"], []),
        # Sources and coverage.
        ("/sources", 200, ["bereke/<wbr>en", "/?source=bereke&amp;edition=kk", "other/<wbr>en", "all right"], []),
        ("/coverage", 200, ["When articles may have been missed", "bereke/<wbr>en", "Settled otherwise"], []),
        ("/coverage?source=bereke&edition=en", 200, ["bereke/<wbr>en"], []),
        ("/coverage?source=nobody", 400, ["is not known"], []),
        ("/coverage?edition=xx", 400, ["is not known"], []),
        # Search.
        ("/search", 200, ["In every version that the archive holds"], []),
        ("/search?q=86", 200, ["<mark>86</mark>", "no longer there since", "/articles/1/versions/3"], []),
        ("/search?q=closed&order=date", 200, ["/articles/1/diff/3..last"], []),
        ("/search?q=%22nowhere%22", 200, ["No article matches"], []),
        ("/search?q=" + "bridge&page=9", 200, ["No article matches", "First page"], []),
        ("/search?q=author:", 400, ["needs a value behind it", 'value="author:"'], []),
        ("/search?q=after:nonsense", 400, ["nonsense"], []),
        ("/search?q=" + "a%20" * 400, 400, ["At most"], []),
        ("/search?q=" + "a" * 1001, 400, ["is too long"], []),
        ("/search?q=a&order=up", 400, ["is not known"], []),
        ("/search?q=a&page=0", 400, ["must be a number from 1 to 100"], []),
        ("/search?q=a&page=101", 400, ["must be a number from 1 to 100"], []),
        ("/search?q=a&page=%D9%A1", 400, ["must be a number"], []),
        ("/search?q=%3Cscript%3E%22", 200, ["&lt;script&gt;&#34;"], ["<script"]),
        # A difference.
        ("/articles/1/diff/1..2", 200, ["<del>", "<ins>", "Bridge closed again", "1..2?view=side", "og:description",
                                        "headline", "words removed", "/articles/1/diff/first..last"], []),
        ("/articles/1/diff/first..last", 200, ["/articles/1/diff/1..4", "differ in typesetting"], ["<del>"]),
        ("/articles/1/diff/FIRST..3", 200, ["/articles/1/diff/1..3", "84", "86"], []),
        ("/articles/1/diff/2..1", 200, ["<del>"], []),
        ("/articles/1/diff/1..3?view=side", 200, ['<table class="sides"', "Version 1", "<ins>86</ins>", "<del>84</del>"], []),
        ("/articles/1/diff/1..3?view=up", 400, ["is not known"], []),
        ("/articles/1/diff/2..2", 400, ["compared with itself"], []),
        ("/articles/1/diff/1..9", 404, ["has no version 9"], []),
        ("/articles/1/diff/1..x", 400, ["is no version"], []),
        ("/articles/1/diff/1", 400, ["name two versions"], []),
        ("/articles/1/diff/1..2..3", 400, ["name two versions"], []),
        ("/articles/3/diff/first..last", 400, ["compared with itself"], []),
        ("/articles/99/diff/1..2", 404, ["no article of this number"], []),
    ],
)  # fmt: skip
def test_addresses(app, target, status, there, not_there):
    """Each address answers with its status, in HTML, with these words and without those."""
    answer = get(app, target)
    assert (answer.status, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert [part for part in there if part not in answer.text] == []
    assert [part for part in not_there if part in answer.text] == []


def addresses(app):
    """Every kind of page of the archive that has articles 1 to 7."""
    return [
        "/",
        *(f"/articles/{number}" for number in range(1, 8)),
        "/articles/1/versions/2",
        "/articles/5/versions/1",
        "/articles/1/diff/1..3",
        "/articles/1/diff/1..3?view=side",
        "/articles/5/diff/1..2",
        "/changes",
        "/removed?state=all",
        "/search",
        "/search?q=bridge",
        "/sources",
        "/coverage",
    ]


def test_pages_are_plain_and_complete(app):
    """No script, no style of their own, one main heading, headings in order, a language, tables with captions; links lead somewhere."""
    followed = set()
    for target in addresses(app):
        answer = get(app, target)
        page = answer.page
        assert answer.status == 200, target
        assert page.xpath("//script|//@style|//style|//@onclick|//iframe|//img") == [], target
        assert len(page.xpath("//h1")) == 1, target
        levels = [int(one.tag[1]) for one in page.xpath("//h1|//h2|//h3|//h4")]
        assert levels[0] == 1, target
        assert all(later - one <= 1 for one, later in pairwise(levels)), target
        assert page.xpath("/html/@lang") == ["en"]
        assert all(len(table.xpath("caption")) == 1 for table in page.xpath("//table")), target
        assert page.xpath("//th[not(@scope)]") == [], target
        assert page.xpath("//a[@class='skip']/@href") == ["#main"]
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), target
        for href in page.xpath("//a[not(@class='away')]/@href"):
            if href.startswith(
                ("/articles", "/changes", "/removed", "/search", "/sources", "/coverage", "/?", "?")
            ):
                whole = href if href.startswith("/") else target.partition("?")[0] + href
                if whole not in followed:
                    assert get(app, whole).status == 200, (target, href)
                followed.add(whole)
        for link in page.xpath("//a[@class='away']"):
            assert link.get("href").startswith(("http://", "https://"))
            assert set(link.get("rel").split()) == {"noreferrer", "nofollow", "noopener"}


def test_hostile_words_are_words(app):
    """Titles with control characters and direction marks are shown without them, as `newscrawl list` does."""
    for target in ("/?edition=en", "/articles/5", "/articles/5/versions/1"):
        text = get(app, target).text
        assert not {"\x00", "\x07", "\x1b", "\x9b", "\u202e"} & set(text), target
        assert "Mayor\ufffd]0;owned\ufffd \ufffd[31mspeaks\ufffd2J gnp.exe" in text or "Calm" in text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """An archive whose every text is markup, with a very long title, addresses that are none, and a wrong language."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'newscrawl.db'}"
    with press(url) as bereke:
        bereke.publish("en", 1, title=MARKUP, body=f"{MARKUP}\n\n{MARKUP}", subtitle=MARKUP, section=MARKUP, tags=(MARKUP,),
                       language='en" onload="x', origins={"title": MARKUP})  # fmt: skip
        bereke.publish("en", 2, title="long " * 20_000, body="word " * 60_000)
        bereke.publish(
            "en", 3, title=None, authors=(), published=None, published_precision=None, body="", images=()
        )
        bereke.edit(
            "en", 1, at=START + timedelta(hours=1), title=f"{MARKUP} more", body=f"{MARKUP} other\n\n{MARKUP}"
        )
        bereke.vanish("en", 2, at=START + timedelta(days=1))
    return over(url)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/articles/1",
        "/articles/1/versions/1",
        "/articles/2",
        "/articles/3",
        "/articles/1/diff/1..2",
        "/articles/1/diff/1..2?view=side",
        "/changes",
        "/removed?state=all",
    ],
)
def test_hostile_archive(hostile, target):
    """Nothing of a page becomes markup, an attribute or a control character; lists cut what is long."""
    answer = get(hostile, target)
    assert answer.status == 200
    assert "<script" not in answer.text
    assert not {"\x00", "\x1b", "\u202e"} & set(answer.text)
    assert answer.page.xpath("//@onload") == []
    if target == "/":
        assert len(answer.text) < 20_000
        assert "(no title)" in answer.text or "/second-bridge-3" in answer.text


def test_json_is_that_of_the_commands(app, command):
    """The records of `list`, `show` and `show --version`; other than they it is one value."""
    assert json.loads(get(app, "/?format=json").text) == {"articles": command("list"), "next": None}
    assert json.loads(get(app, "/?format=json&edition=ru").text)["articles"] == command(
        "list", "--edition", "ru"
    )
    changes = json.loads(get(app, "/changes?format=json").text)
    assert changes == {"changes": command("changes"), "next": None}
    assert json.loads(get(app, "/changes?format=json&kind=numbers").text)["changes"] == command(
        "changes", "--kind", "numbers"
    )
    for state in ("gone", "suspected", "removed", "returned", "unreadable", "all"):
        removed = json.loads(get(app, f"/removed?format=json&state={state}").text)
        assert removed == {"removed": command("removed", "--state", state), "next": None}
    hits = json.loads(get(app, "/search?q=bridge%20OR%20closed&format=json").text)
    assert hits == {"hits": command("search", "bridge OR closed"), "next": None, "cut": False, "waiting": 0}
    covered = json.loads(get(app, "/coverage?format=json").text)
    assert covered["coverage"] == command("coverage")
    sources = json.loads(get(app, "/sources?format=json").text)["sources"]
    ours = [one for one in command("sources") if one["source"] in ("bereke", "other")]
    assert sources == [{**one, "outlet": None, "host": None} for one in ours]
    for number in range(1, 8):
        assert [json.loads(get(app, f"/articles/{number}?format=json").text)] == command("show", str(number))
    shown = command("show", "1", "--version", "2")
    assert [json.loads(get(app, "/articles/1/versions/2?format=json").text)] == shown
    for one, other in (("1", "2"), ("1", "3"), ("first", "last")):
        (printed,) = command("diff", "1", one, other)
        compared = json.loads(get(app, f"/articles/1/diff/{one}..{other}?format=json").text)
        # Raw pages are not read again for web pages, and that is said.
        assert "newscrawl diff 1" in compared.pop("beside_unknown")
        printed.pop("beside_unknown")
        assert compared == printed
    missing = get(app, "/articles/99?format=json")
    assert (missing.status, missing.headers["content-type"]) == (404, "text/plain; charset=utf-8")


def test_pages_of_a_list(tmp_path):
    """Each article stands on one page, also where many have the same instant; a new one moves none of them."""
    url = f"sqlite:///{tmp_path / 'newscrawl.db'}"
    with press(url) as bereke:
        for number in range(70):
            bereke.publish("en", number, published=START - timedelta(days=number // 50))
    app, target, found = over(url), "/?source=bereke&format=json", []
    while target:
        page = json.loads(get(app, target).text)
        found.append([one["id"] for one in page["articles"]])
        if len(found) == 1:
            with press(url, "later") as later:
                later.publish("en", 99, published=START)
        target = page["next"]
    assert [len(one) for one in found] == [30, 30, 10]
    assert sorted(number for part in found for number in part) == list(range(1, 71))
    older = get(app, "/?source=bereke").page.xpath("//a[@rel='next']/@href")
    assert "source=bereke&before=" in older[0]
    assert get(app, older[0]).status == 200


def test_pages_of_edits_and_absences(tmp_path):
    """Each edit and absence stands on one page, also where many have the same instant."""
    url = f"sqlite:///{tmp_path / 'newscrawl.db'}"
    with press(url) as bereke:
        for number in range(45):
            bereke.publish("en", number)
        for number in range(45):
            at = START + timedelta(days=1 + number // 30)
            bereke.edit("en", number, at=at, title=f"Another {number}")
            bereke.vanish("en", number, at=at + timedelta(days=3))
    app = over(url)
    for path, name in (("/changes", "changes"), ("/removed", "removed")):
        target, found = f"{path}?format=json", []
        while target:
            page = json.loads(get(app, target).text)
            found += [one["article"] for one in page[name]]
            target = page["next"]
        assert sorted(found) == list(range(1, 46)), path


def test_search_without_an_index(tmp_path):
    """Says what to do, and makes none: nothing is written for a page. An index that is behind says so."""
    url = f"sqlite:///{tmp_path / 'newscrawl.db'}"
    with press(url) as bereke:
        bereke.publish("en", 1)
    app, files = over(url), None
    for target in ("/search?q=bridge", "/search", "/search?q=bridge&format=json"):
        answer = get(app, target)
        assert (answer.status, "newscrawl search" in answer.text) == (503, True)
        files = files or {path.name for path in tmp_path.iterdir()}
        assert {path.name for path in tmp_path.iterdir()} == files
    with SearchStore(url, write=True) as store:
        update(store)
    with press(url, "later") as later:
        later.publish("en", 2)
    answer = get(app, "/search?q=bridge")
    assert (answer.status, "1 version not in the index yet" in answer.text) == (200, True)


def test_head_has_no_body_and_other_methods_are_refused(app):
    """HEAD is answered like GET."""
    assert get(app, "/articles/1", method="HEAD").status == 200
    assert get(app, "/articles/1", method="POST").status == 405


def test_number_of_queries_is_bounded(app):
    """Pages of an archive ask for as much with many articles as with few."""
    number = [0]

    def count(*_args):
        number[0] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        for target, most in (
            ("/", 12),
            ("/articles/1", 60),
            ("/articles/1/versions/1", 30),
            ("/articles/1/diff/1..2", 20),
            ("/changes", 12),
            ("/removed?state=all", 80),
            ("/search?q=bridge", 25),
            ("/feeds/articles.atom", 12),
            ("/feeds/changes.atom", 12),
            ("/feeds/removed.atom", 80),
        ):
            get(app, target)
            number[0] = 0
            get(app, target)
            assert 0 < number[0] <= most, target
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def test_archive_that_is_not_there(tmp_path):
    """Says so with 503, makes no file, and is read as soon as it is there, and anew when another takes its place."""
    path = tmp_path / "newscrawl.db"
    app = over(f"sqlite:///{path}")
    assert get(app, "/").status == 503
    assert not path.exists()
    fill(f"sqlite:///{path}")
    assert "/articles/1" in get(app, "/").text
    for one in tmp_path.iterdir():
        one.unlink()
    with press(f"sqlite:///{path}", "another") as another:
        another.publish("kk", 3)
    assert "another/kk" in get(app, "/").text


@pytest.mark.parametrize(
    ("url", "is_a_link"),
    [
        ("https://a.example/b", True), ("http://a.example", True), ("javascript:alert(1)", False), ("data:text/html,x", False),
        ("//a.example", False), ("", False), (None, False), ("http://[", False), ("https://a.example/\u202e", False),
    ],
)  # fmt: skip
def test_what_may_be_a_link(url, is_a_link):
    """Only addresses of the web, without characters that would show them as others."""
    assert is_web(url) is is_a_link


@pytest.mark.parametrize(
    ("language", "edition", "expected"),
    [("kk", "ru", "kk"), ("zh-Hant-TW", "", "zh-Hant-TW"), (None, "kk", "kk"), (None, "main", ""), ('e"', "en", "en"), ("", "", "")],
)  # fmt: skip
def test_language_of_a_text(language, edition, expected):
    """As the page says; else the edition where it is called like a language."""
    assert tag(language, edition) == expected


def test_long_titles_are_cut():
    """Lists show the beginning."""
    assert cut("word " * 1000, 20) == "word word word word…"
    assert cut("short\nline") == "short line"
    assert cut(None) == ""


def test_stable_address_is_the_configured_one(home):
    """Citations name where readers find the pages, whatever host this request was for."""
    url = f"sqlite:///{home / 'newscrawl.db'}"
    assert "http://localhost:8000/articles/1/versions/4" in get(over(url), "/articles/1").text
    assert (
        "https://press.example/articles/1/versions/4"
        in get(over(url, "https://press.example"), "/articles/1").text
    )


PATHS = st.sampled_from(
    ["/", "/changes", "/removed", "/search", "/coverage", "/sources", "/articles/1", "/articles/1/diff/1..2",
     "/feeds/articles.atom", "/feeds/changes.atom", "/feeds/removed.atom"]
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "source",
        "edition",
        "state",
        "kind",
        "since",
        "until",
        "before",
        "page",
        "q",
        "order",
        "view",
        "format",
        "x",
    ]
)
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["json", "all", "2026-03-03", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z_0", "9999-12-31T23:59:59.999999Z_9",
         "2026-01-01T00:00:00+05:00Z_1", "2026-03-03T00:00:00Z_99999999999999999", "-1", "1e9", "\ud800", "\x00", "%", "after:0001",
         "before:9999-12", '"', "a OR", "-a", "*", "author:*"]
    ),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=PATHS, query=st.lists(st.tuples(NAMES, VALUES), max_size=4))
def test_no_query_is_an_error_of_ours(app, path, query):
    """Whatever is asked is answered, or refused with 400."""
    answer = get(app, f"{path}?{urlencode(query, errors='surrogatepass')}")
    assert answer.status in (200, 400)
    assert "\x00" not in answer.text


def test_links_of_alerts_lead_to_pages(app):
    """An edit's link is its difference, that of an absence the article."""
    removed = Notice("k1", Topic.REMOVALS, "removed", "bereke", "ru", "2", START, "removed", article=2)
    edited = Notice(
        "k2", Topic.EDITS, "edited", "bereke", "en", "1", START, "edited", article=1, versions=(1, 2)
    )
    message = compose("desk", "b", [removed, edited], START, reader_url="https://press.example")
    pages = [item.page.removeprefix("https://press.example") for item in message.items]
    assert pages == ["/articles/2", "/articles/1/diff/1..2"]
    assert [get(app, page).status for page in pages] == [200, 200]


def test_evil_is_what_it_was():
    """The words of the sample archive that these tests look for."""
    assert EVIL.startswith("Mayor\x1b]0;owned")
    assert datetime(2026, 3, 2, 6, tzinfo=UTC) == START
