"""`newscrawl add` as people meet it: what it writes and where, what it refuses and how it says so, what it never asks."""

from __future__ import annotations

import ast
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.config import load
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.errors import UsageError
from newscrawl.site_setup import site, source_file
from newscrawl.site_setup.site import base_name, explore
from tests.support import sites
from tests.support.fake_site import NOW, Answer, Stand, feed, front, keys, story, surroundings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_NOW", NOW.isoformat())

    def call(*args: str, stdin: str | None = None):
        return CliRunner().invoke(cli, ["add", *args], input=stdin)

    return call


@pytest.fixture
def small(request):
    """A small site: three dated articles in a feed and on the front page, and a page of its own."""
    slugs = [f"/2026/05/ferry-line-{n}-opens-again" for n in (1, 2, 3)]
    with Stand() as stand:
        stand.pages = {
            "/": front(*slugs).replace(
                "<head>", '<head><link rel="alternate" type="application/rss+xml" href="/feed">'
            ),
            "/feed": feed(*(stand.url + slug for slug in slugs)),
            **{slug: story(slug) for slug in slugs},
        }
        yield stand


def test_whole_way(tmp_path):
    """In an empty folder: `newscrawl add --yes`, which finds its file at once, then `scrapy crawl`: two programs, as a user has them."""
    site = sites.numbered_slugs(6)
    environment = {**surroundings(tmp_path / "archive"), "PYTHONPATH": str(ROOT)}

    def program(module: str, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
        )

    (tmp_path / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text())
    with Stand() as stand:
        sites.serve(site, stand)
        made = program("newscrawl", "add", stand.url, "--name", "courier", "--yes")
        assert made.returncode == 0, made.stderr
        assert "newscrawl crawl courier" in made.stdout
        assert (tmp_path / "spiders" / "courier.py").is_file()
        crawled = program("scrapy", "crawl", "courier", "-s", "DOWNLOAD_DELAY=0")
        assert crawled.returncode == 0, crawled.stderr
    assert {f"/{key}" for key in keys(tmp_path / "archive")} == site.articles


def test_nothing_is_written_unasked(run, small, tmp_path):
    """Without --yes and without a person, the preview is all there is."""
    done = run(small.url, "--name", "post")
    assert done.exit_code == 0, done.output
    assert "Nothing was written" in done.output
    assert "class PostSpider(NewsSpider):" in done.output
    assert not (tmp_path / "spiders").exists()


def test_json(run, small, tmp_path):
    """One object that says what was found, what was tried, and where the file is."""
    done = run(small.url, "--name", "post", "--json", "--yes", "--out", "elsewhere")
    assert done.exit_code == 0, done.output
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert found["name"] == "post"
    assert found["editions"][0]["feeds"] == ["/feed"]
    assert found["works"] is True
    assert len(found["preview"]) == 3
    assert found["file"] == str(Path("elsewhere") / "post.py")
    assert (tmp_path / "elsewhere" / "post.py").is_file()


def test_a_file_is_never_replaced(run, small, tmp_path):
    """What is there stays as it is, and the site is not asked at all."""
    file = tmp_path / "spiders" / "post.py"
    file.parent.mkdir()
    file.write_text("# mine\n")
    small.forget()
    done = run(small.url, "--name", "post", "--yes")
    assert done.exit_code == 2
    assert "left as it is" in done.output
    assert file.read_text() == "# mine\n"
    assert small.seen == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["https://orda.kz"], "source already"),
        (["https://paper.example", "--name", "orda"], "source of this name"),
        (["https://paper.example", "--name", "../x"], "no name"),
        (["https://paper.example", "--name", "class"], "no name"),
        (["https://paper.example", "--name", "24"], "letter"),
        (["file:///etc/passwd"], "not a web address"),
        (["javascript:alert(1)"], "not a web address"),
        (["https://user:pw@paper.example"], "user name"),
        (["paper"], "not a web address"),
        ([""], "not a web address"),
    ],
)
def test_refused_before_anything_is_asked(run, words, said):
    """Wrong arguments are usage errors in one line."""
    done = run(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1


CHALLENGE = '<html><head><title>Just a moment...</title></head><body><form id="challenge-form"></form>Checking your browser</body></html>'
SHELL = "<html><head><title>x</title></head><body><div id='root'></div><script src='/a.js'></script></body></html>"
SHOP = (
    "<html><body><h1>Kettles</h1>"
    + "".join(f"<a href='/kettles/k-{n}'>A very good kettle, number {n}</a>" for n in range(9))
    + "</body></html>"
)
FAILING = {
    "gone": ({}, 3, "answered 404"),
    "forbidden": ({"/robots.txt": Answer("User-agent: *\nDisallow: /", content_type="text/plain"), "/": "x"}, 3, "robots.txt forbids"),
    "robots broken": ({"/robots.txt": Answer("x", 503), "/": "x"}, 3, "robots.txt"),
    "challenge": ({"/": Answer(CHALLENGE, 403)}, 3, "challenge"),
    "challenge with 200": ({"/": CHALLENGE}, 3, "challenge"),
    "scripts only": ({"/": SHELL}, 6, "without a browser"),
    "a shop": ({"/": SHOP}, 6, "does not look like a news site"),
    "empty": ({"/": Answer("")}, 6, "does not look like a news site"),
    "everything is the same page": (None, 6, "does not look like a news site"),
    "sent to another host": ({"/": Answer("", 302, headers={"Location": "http://10.0.0.1/"})}, 3, "another host"),
    "sent nowhere": ({"/": Answer("", 302, headers={"Location": "http://[/"})}, 3, "cannot be reached"),
    "sent to a file": ({"/": Answer("", 301, headers={"Location": "file:///etc/passwd"})}, 3, "not a web address"),
    "robots sent nowhere": ({"/robots.txt": Answer("", 302, headers={"Location": "http://[/"})}, 3, "robots.txt"),
    "sent round": ({"/": Answer("", 302, headers={"Location": "/"})}, 3, "redirects"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILING)
def test_sites_that_cannot_be_added(run, name, tmp_path):
    """What stands in the way is said in one line, with the exit code of the contract; nothing is written."""
    pages, code, said = FAILING[name]
    with Stand(pages or {}) as stand:
        if pages is None:
            answers = sites._Pages()
            answers.endless = lambda _: front("/", "/x")
            stand.pages = answers
        done = run(stand.url, "--name", "post", "--yes")
        asked = [seen.path for seen in stand.seen]
    assert done.exit_code == code, done.output
    assert said in done.output
    assert "Traceback" not in done.output
    assert len(asked) <= 41
    assert not (tmp_path / "spiders").exists()


def test_articles_that_need_a_browser(run, tmp_path):
    """A feed alone does not help where the pages it names are empty."""
    slugs = [f"/2026/05/ferry-line-{n}-opens-again" for n in (1, 2, 3)]
    with Stand() as stand:
        stand.pages = {
            "/": SHELL,
            "/feed/": feed(*(stand.url + slug for slug in slugs)),
            **dict.fromkeys(slugs, SHELL),
        }
        done = run(stand.url, "--name", "post", "--yes")
    assert (done.exit_code, "without a browser" in done.output) == (6, True), done.output
    assert not (tmp_path / "spiders").exists()


def test_channels_that_cannot_be_read_are_said(run, small):
    """A feed that is too large, and a sitemap that unpacks to nothing but space: left out, and the preview says so."""
    small.pages["/"] = small.pages["/"].replace(
        "<head>", '<head><link rel="alternate" type="application/rss+xml" href="/all.rss">'
    )
    small.pages["/all.rss"] = Answer(body=b"<rss>" + b" " * (16 << 20), content_type="application/rss+xml")
    small.pages["/robots.txt"] = f"User-agent: *\nSitemap: {small.url}/bomb.xml.gz\n"
    small.pages["/bomb.xml.gz"] = Answer(
        body=gzip.compress(b"<urlset>" + b" " * (17 << 20), 1), content_type="application/gzip"
    )
    notes = json.loads(run(small.url, "--name", "post", "--json").stdout)["notes"]
    said = {note.split()[1]: note for note in notes if "left out" in note}
    assert {what: address in said.get(what, "") for what, address in (("feed", "/all.rss"), ("sitemap", "/bomb.xml.gz"))} == {
        "feed": True, "sitemap": True,
    }  # fmt: skip
    assert "larger than 16 MB" in said["feed"]


def test_pages_cannot_speak_code_or_terminal(run, tmp_path):
    """A name or headline made to break out of the file or of the terminal is a literal, and printed harmlessly."""
    evil = '"""\nimport os; os.abort()\x1b]0;owned\x07 \\ {0} \' "'
    slugs = [f"/2026/05/ferry-line-{n}-opens-again" for n in (1, 2, 3)]
    with Stand() as stand:
        head = f"<head><meta property='og:site_name' content='{evil.replace(chr(39), '&#39;')}'>"
        stand.pages = {
            "/": front(*slugs, '/2026/05/x\'-"""-y-z').replace("<head>", head),
            "/feed/": feed(*(stand.url + slug for slug in slugs)),
            **{slug: story(slug, title=f"{evil} {slug}") for slug in slugs},
        }
        done = run(stand.url, "--name", "post", "--yes")
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.output
    text = (tmp_path / "spiders" / "post.py").read_text("utf-8")
    tree = ast.parse(text)
    assert {type(node).__name__ for node in tree.body} == {"Expr", "ImportFrom", "ClassDef"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


def test_only_the_site_is_asked(run, small):
    """Feeds and sitemaps on other hosts and at private addresses are not followed; every address is asked once."""
    small.pages["/robots.txt"] = Answer(
        "Sitemap: http://169.254.169.254/x.xml\nSitemap: file:///etc/passwd\nDisallow: /feed/",
        content_type="text/plain",
    )
    small.pages["/sitemap.xml"] = Answer("", 302, headers={"Location": "http://localhost:1/"})
    done = run(small.url, "--name", "post")
    assert done.exit_code == 0, done.output
    paths = [seen.path for seen in small.seen]
    assert "/feed/" not in paths
    assert len(paths) == len(set(paths))
    assert all(seen.headers["User-Agent"].startswith("newscrawl/") for seen in small.seen)


def test_requests_are_spaced_and_bounded():
    """As far apart as in a crawl; longer where robots.txt asks for it; no more than allowed, and each address once."""
    rules = Answer("User-agent: *\nCrawl-delay: 0.7", content_type="text/plain")

    async def work(visit):
        began = time.monotonic()
        assert (await visit.get(stand.url + "/a")).body == b"a"
        after_a = time.monotonic() - began
        assert (await visit.get(stand.url + "/b")).body == b"b"
        after_b = time.monotonic() - began
        assert (await visit.get(stand.url + "/a")).body == b"a"
        assert "enough" in (await visit.get(stand.url + "/c")).problem
        return after_a, after_b

    for robots, pause in ((rules, 0.7), (Answer("", 404), 0.3)):
        with Stand({"/robots.txt": robots, "/a": "a", "/b": "b"}) as stand:
            after_a, after_b = explore(stand.url, load(), work, requests=2, delay=0.3)
            assert [seen.path for seen in stand.seen] == ["/robots.txt", "/a", "/b"]
        assert after_a >= pause - 0.02
        assert after_b >= 2 * pause - 0.04
    assert (site.DELAY, site.REQUESTS) == (1.0, 40)


def test_a_server_that_wants_to_be_left_alone():
    """Retry-After is waited for once; a long one is not, and the host is left alone from then on."""
    answers = iter([Answer("", 429, headers={"Retry-After": "1"}), Answer("fine")])

    async def work(visit):
        began = time.monotonic()
        assert (await visit.get(stand.url + "/a")).body == b"fine"
        assert time.monotonic() - began >= 0.98
        assert (await visit.get(stand.url + "/b")).status == 503
        assert "asked to wait" in (await visit.get(stand.url + "/c")).problem

    pages = {"/a": lambda _: next(answers), "/b": Answer("", 503, headers={"Retry-After": "9999"}), "/c": "c"}
    with Stand(pages) as stand:
        explore(stand.url, load(), work, delay=0)
        assert stand.paths == ["/a", "/a", "/b"]


def test_an_interrupted_visit_ends(tmp_path):
    """Ctrl-C while a server does not answer: the program ends at once, as shells expect it, and nothing is written."""
    with Stand({"/robots.txt": Answer("", delay=60)}) as stand:
        visit = subprocess.Popen(
            [sys.executable, "-m", "newscrawl", "add", stand.url, "--name", "courier", "--yes"],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while not stand.seen and visit.poll() is None:
            time.sleep(0.05)
        visit.send_signal(signal.SIGINT)
        _, complaints = visit.communicate(timeout=30)
    assert (visit.returncode, complaints.strip()) == (130, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "name", "module", "shared"),
    [
        ("www.paper.kz", "paper", "paper", "paper.kz"),
        ("kaz.paper.kz", "paper", "paper", "paper.kz"),
        ("24.kz", "24kz", "kz24", "24.kz"),
        ("the-post.com.kz", "the_post", "the_post", "the-post.com.kz"),
        ("127.0.0.1:8000", "local8000", "local8000", "127.0.0.1"),
        ("localhost", "local", "local", "localhost"),
        ("class.kz", "class", "class_", "class.kz"),
        ("қазақ.kz", "u49bazau49b", "u49bazau49b", "қазақ.kz"),
        ("xn--80aa6a83a.kz", "u49bu430u43bu430", "u49bu430u43bu430", "xn--80aa6a83a.kz"),
        ("xn--0000.kz", "xn__0000", "xn__0000", "xn--0000.kz"),
    ],
)
def test_names(host, name, module, shared):
    """A name from a host, the module it lies in, and the name that the site's hosts share."""
    found = source_file.source_name(host)
    if host != "қазақ.kz":
        assert found == name
        assert source_file.module_name(found) == module
    assert found.isascii()
    assert source_file.module_name(found).isidentifier()
    assert base_name(host) == shared


def test_the_file_says_what_it_was_given():
    """Every field comes back from the file as it went in."""
    editions = (
        Edition("kk", "kaz.paper.example", "kk", listings=("/", Listing("/n/", more="/n/?p={n}")), feeds=("/feed",), numbered=("/s{n}.xml",)),
        Edition("ru", "www.paper.example", "ru", sitemaps=("/a.xml", "/b.xml"), mirrors=("paper.example",), site="http://127.0.0.1:1"),
    )  # fmt: skip
    source = source_file.Source(
        "paper",
        "Ақ \"пошта\" 'x' \\",
        "Asia/Almaty",
        editions,
        r"^/a\.b/\d+$",
        r"^/\"$",
        robots_sitemaps=True,
        identity_path=r"-(\d+)$",
        stop_headings=("Тағы",),
    )
    space: dict = {}
    exec(source_file.source_text(source), space)
    spider = space["PaperSpider"]
    assert (spider.name, spider.outlet, spider.zone) == (source.name, source.outlet, source.zone)
    assert spider.editions == editions
    assert (spider.listed_path, spider.claimed_path, spider.identity_path) == (
        source.listed_path,
        source.claimed_path,
        source.identity_path,
    )
    assert spider.stop_headings == source.stop_headings
    assert spider.robots_sitemaps


def test_where_sources_go(tmp_path, monkeypatch):
    """A checkout keeps its own; everywhere else, sources are the user's and lie in the working directory."""
    monkeypatch.chdir(ROOT)
    assert source_file.folder(None) == ROOT / "newscrawl" / "spiders"
    monkeypatch.chdir(tmp_path)
    assert source_file.folder(None) == Path("spiders")
    assert source_file.folder(Path("x")) == Path("x")
    (tmp_path / "spiders").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written"):
        source_file.write("x = 1\n", Path("spiders") / "a.py")


def test_a_users_own_source_comes_first(tmp_path):
    """A source of the user's is not replaced by one of the same name that comes with an upgrade."""
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "orda.py").write_text("MINE = True\n")
    done = subprocess.run(
        [sys.executable, "-c", "import newscrawl.spiders.orda as o, newscrawl.spiders.kt as k; print(o.MINE, k.__name__)"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "newscrawl.spiders.kt"], done.stderr


def test_a_broken_file_hides_no_other_source(tmp_path, monkeypatch, caplog):
    """It is named; everything else is loaded."""
    from scrapy.settings import Settings

    import newscrawl.spiders
    from newscrawl.crawl.runner import broken, spider_classes

    for name, text in (
        ("broken_syntax", "def ("),
        ("broken_name", "nobody"),
        ("broken_import", "import nobody_has_this"),
    ):
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(newscrawl.spiders, "__path__", [str(tmp_path), *newscrawl.spiders.__path__])
    settings = Settings()
    settings.setmodule("newscrawl.settings", priority="project")
    assert {"orda", "kt"} <= set(spider_classes(settings))
    assert {name.rpartition(".")[2] for name in broken(settings)} == {
        "broken_syntax",
        "broken_name",
        "broken_import",
    }


SOURCE = r"""
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.model import Selectors


class MineSpider(NewsSpider):
    name = "mine"
    outlet = "Mine"
    zone = "Asia/Almaty"
    editions = (Edition("ru", "paper.example", "ru"),)
    listed_path = r"^/x/\d+$"
"""
# name -> what stands in the file, what is written instead, and what the message must say
WRONG = {
    "a pattern": (r'r"^/x/\d+$"', 'r"("', "`listed_path` of mine: is no pattern"),
    "a pattern that is a number": (r'r"^/x/\d+$"', "3", "`listed_path` of mine: must be a text"),
    "a zone": ("Asia/Almaty", "Asia/Nowhere", "there is no zone"),
    "a zone that is a path": ("Asia/Almaty", "../x", "there is no zone"),
    "a name": ('"mine"', "5", "is no name"),
    "no editions": ('(Edition("ru", "paper.example", "ru"),)', "()", "`editions` of mine: must be one or more"),
    "no list of editions": ('(Edition("ru", "paper.example", "ru"),)', 'Edition("ru", "paper.example")', "with the comma"),
    "one edition twice": ('"ru"),)', '"ru"), Edition("ru", "b.example"))', "one name twice"),
    "a host with a scheme": ("paper.example", "https://paper.example", "is no host"),
    "an empty host": ("paper.example", "", "is no host"),
    "a text for a list": ('"ru"),)', '"ru", listings="/news/"),)', "`listings` of the edition ru: must be a list"),
    "a series without numbers": ('"ru"),)', '"ru", numbered=("/a.xml",)),)', "has no {n}"),
    "a site that is none": ('"ru"),)', '"ru", site="127.0.0.1:8000"),)', "is no site"),
    "an identity without a group": ("    zone", '    identity_path = "x"\n    zone', "must have one group"),
    "a ladder": ("    zone", "    ladder = 3\n    zone", "`ladder` of mine: must be Ladder"),
    "a switch": ("    zone", "    local_times = 1\n    zone", "must be True or False"),
    "headings that are one text": ("    zone", '    stop_headings = "More"\n    zone', "`stop_headings` of mine"),
    "a setting": ("    zone", '    custom_settings = {"DOWNLOAD_DELAY": "x"}\n    zone', "DOWNLOAD_DELAY: must be a number"),
    "a setting that there is not": ("    zone", '    custom_settings = {"DOWNLOAD_DELAYY": 1}\n    zone', "Did you mean"),
    "an end of the program": ("class", "raise SystemExit(3)\nclass", "SystemExit"),
    "a syntax error": ("class MineSpider(", "class MineSpider((", "SyntaxError"),
    "a selector": ("    zone", '    selectors = Selectors(title="h1[[")\n    zone', "`selectors` of mine: title: is no CSS selector"),
    "selectors that are one text": ("    zone", '    selectors = Selectors(drop="p")\n    zone', "drop: must be a list of texts"),
    "an attribute of another name": ("    zone", '    identity_pattern = "x"\n    zone', "`identity_pattern` of mine: no such attribute. Did you mean identity_path?"),
    "a misspelt attribute": ("    zone", '    stop_heading = ("More",)\n    zone', "`stop_heading` of mine: no such attribute. Did you mean stop_headings?"),
    "an edition without a name": ('Edition("ru"', 'Edition(""', "has no name"),
    "a section that is no path": ('"ru"),)', '"ru", sections=("kk",)),)', "`sections` of the edition ru: kk: is no path"),
    "older pages at one address": ('"ru"),)', '"ru", listings=(Listing("/", more="/page/"),)),)', "Write {n}"),
    "no outlet": ('    outlet = "Mine"\n', "", "`outlet` of mine: is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_source_that_cannot_work_is_named(name, tmp_path, monkeypatch):
    """File, attribute and what to do, before anything is fetched; the same where it is asked for by its name."""
    from scrapy.settings import Settings

    import newscrawl.spiders
    from newscrawl.crawl.runner import source_named
    from newscrawl.settings import SPIDER_LOADER_CLASS

    old, new, said = WRONG[name]
    assert old in SOURCE
    file = f"mine_{abs(hash(name))}"
    (tmp_path / f"{file}.py").write_text(SOURCE.replace(old, new, 1))
    monkeypatch.setattr(newscrawl.spiders, "__path__", [str(tmp_path)])
    settings = Settings({"SPIDER_MODULES": ["newscrawl.spiders"], "SPIDER_LOADER_CLASS": SPIDER_LOADER_CLASS})
    with pytest.raises(UsageError) as caught:
        source_named(settings, file)
    assert said in str(caught.value)
    assert f"spiders/{file}.py" in str(caught.value)


def test_two_sources_of_one_name(tmp_path, monkeypatch):
    """The user's own counts; of two in one folder the first, and the other is named."""
    import newscrawl.spiders
    from newscrawl.crawl.loader import load

    (tmp_path / "two_a.py").write_text(SOURCE)
    (tmp_path / "two_b.py").write_text(SOURCE)
    (tmp_path / "two_c.py").write_text(SOURCE.replace('"mine"', '"orda"'))
    monkeypatch.setattr(newscrawl.spiders, "__path__", [str(tmp_path), *newscrawl.spiders.__path__])
    found, broken = load(["newscrawl.spiders"])
    assert found["mine"].__module__ == "newscrawl.spiders.two_a"
    assert found["orda"].__module__ == "newscrawl.spiders.two_c"
    assert broken == {"newscrawl.spiders.two_b": "there is a source mine already, in two_a.py"}
