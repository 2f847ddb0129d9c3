"""The documentation is run: every command in it against the made-up outlet, every example source, every link between files."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.crawl.spider import NewsSpider
from newscrawl.demo import Clock, Outlet, OutletServer
from newscrawl.errors import Exit
from tests.support.pagebuilder import ENGLISH, article_page
from tests.support.process_pool import Finished, ProcessPool

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
# Commands that only read and start no process.
QUICK = {
    "health",
    "schedule",
    "prune",
    "backup",
    "extract",
    "list",
    "show",
    "history",
    "diff",
    "changes",
    "removed",
    "coverage",
    "export",
    "sources",
    "db",
}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[tuple[Path, str]]:
    return [
        (page, body)
        for page in PAGES
        for found, body in FENCE.findall(page.read_text("utf-8"))
        if found == kind
    ]


def commands() -> list[str]:
    """Every documented command once; of two forms of `add` the one that does more, because each asks a whole site."""
    lines = [line.partition(" #")[0].strip() for _, body in blocks("sh") for line in body.splitlines()]
    found = [line for line in dict.fromkeys(lines) if line.startswith(("newscrawl ", "scrapy "))]
    return [line for line in found if not (line.startswith("newscrawl add ") and f"{line} --yes" in found)]


@pytest.fixture(scope="module")
def outlet():
    outlet = Outlet(seed=11)
    clock = Clock(outlet.moments[0])
    with OutletServer(outlet, clock) as server:
        yield outlet, server


@pytest.fixture(scope="module")
def home(process_pool, tmp_path_factory, outlet) -> Path:
    """A folder in which the documented commands run: an archive with the outlet's first moment in it."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text())
    hook = '[[notify]]\nname = "desk"\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\n'
    (folder / "newscrawl.toml").write_text(hook, "utf-8")
    (folder / "page.html").write_text(article_page(ENGLISH), "utf-8")
    done = run(process_pool, "newscrawl crawl orda", folder, outlet)
    assert done.code == Exit.OK, done.err
    return folder


# Documented with numbers of the demo's articles.
OF_THE_DEMO = {"list", "show", "history", "diff", "changes", "removed", "coverage", "export", "verify"}


def run(process_pool: ProcessPool, line: str, folder: Path, outlet) -> Finished:
    """A documented command, pointed at the local outlet where it would crawl the live one."""
    words = shlex.split(line)
    site = ",".join(outlet[1].url(edition) for edition in outlet[0].editions)
    editions = ",".join(outlet[0].editions)
    if "crawl" in words[:2]:
        chosen = next((w.partition("=")[2] for w in words if w.startswith("edition=")), None)
        if chosen:
            site = outlet[1].url(chosen)
        if words[0] == "scrapy":
            words += [
                "-a",
                f"site={site}",
                *([] if chosen else ["-a", f"edition={editions}"]),
                "-s",
                "DOWNLOAD_DELAY=0",
            ]
        else:
            words += ["--site", site, "--edition", chosen or editions, "--set", "DOWNLOAD_DELAY=0"]
    if words[1] == "add":
        words = [outlet[1].url("en") if word.startswith("https://") else word for word in words]
        folder = folder / f"adding-{abs(hash(line))}"  # a source of its own must not join the other commands
        folder.mkdir()
    now = outlet[0].moments[0].isoformat()
    if words[0] == "newscrawl" and words[1] in QUICK:
        # In this process, for a third of the time.
        env = {} if folder.name == "demo-archive" else {"NEWSCRAWL_NOW": now}
        with contextlib.chdir(folder):
            here = CliRunner().invoke(cli, words[1:], env=env)
        return Finished(here.exit_code, here.stdout, here.stderr, 0)
    clock = {} if folder.name == "demo-archive" else {"NEWSCRAWL_NOW": now}
    return process_pool.run(*words[1:], program=words[0], folder=folder, **clock)


def test_commands_are_found():
    """The list of commands is not empty because of a formatting error."""
    assert len(commands()) >= 8


# Not the demo, which has tests of its own, and no example with a place to fill in.
@pytest.mark.parametrize(
    "line", [c for c in commands() if not c.startswith("newscrawl demo") and "…" not in c]
)
def test_documented_command_works(process_pool, line, home, outlet, demo_folder):
    """Each command in README and docs ends with exit code 0 and prints no error."""
    in_demo = line.split()[1] in OF_THE_DEMO and "orda" not in line
    done = run(process_pool, line, demo_folder / "demo-archive" if in_demo else home, outlet)
    assert done.code == Exit.OK, (line, done.out[-500:], done.err[-2000:])
    assert "Traceback" not in done.err


def test_benchmark_commands_are_right():
    """Documented commands of the benchmarks name a file and options that are there."""
    lines = [line for _, body in blocks("sh") for line in body.splitlines() if "benchmarks/" in line]
    assert lines
    for line in lines:
        _, script, *words = shlex.split(line)
        source = (ROOT / script).read_text("utf-8")
        assert [word for word in words if word.startswith("--") and f'"{word}"' not in source] == []


def test_example_source_is_a_source(tmp_path):
    """The source in docs/adding-a-source.md constructs, and its patterns do what the text says."""
    ((_, code),) = [(page, body) for page, body in blocks("python") if page.name == "adding-a-source.md"]
    assert len(code.strip().splitlines()) <= 30
    file = tmp_path / "steppe.py"
    file.write_text(code, "utf-8")
    spec = importlib.util.spec_from_file_location("steppe", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (spider_class,) = [
        c
        for c in vars(module).values()
        if isinstance(c, type) and issubclass(c, NewsSpider) and c is not NewsSpider
    ]
    spider = spider_class(edition="en")
    assert spider.addresses.is_listed("https://en.steppe-courier.example/news/2026/a-story-123", "en")
    assert not spider.addresses.is_listed("https://en.steppe-courier.example/about", "en")


def test_examples_of_alerts_are_read():
    """Every table in docs/alerts.md is right, and every key and topic there is has a line."""
    from newscrawl.alerts import settings
    from newscrawl.model import Digest, Secret, Topic

    page = (ROOT / "docs/alerts.md").read_text("utf-8")
    tables = [body for where, body in blocks("toml") if where.name == "alerts.md"]
    kinds = {
        receiver.transport.kind
        for body in tables
        for receiver in settings.receivers(
            tomllib.loads(body)["notify"],
            lambda name: Secret("1:t" if "TOKEN" in name else "https://a.example"),
        )
    }
    assert kinds == set(settings._OF_KIND)
    keys = settings._COMMON.union(*settings._OF_KIND.values())
    assert [key for key in (*keys, *Topic, *Digest) if f"`{key}`" not in page] == []


def test_settings_and_variables_are_documented():
    """Every setting of ours and every environment variable stands in docs/operations.md."""
    from newscrawl import config

    text = (ROOT / "docs/operations.md").read_text("utf-8")
    for name in config._KEYS:
        assert f"`NEWSCRAWL_{name.upper()}`" in text
    for name in (
        "CRAWL_DELAY_MAX", "DATABASE_PATIENCE", "RETRY_AFTER_MAX", "RECHECK_BUDGET", "READING_SECONDS", "READING_MEMORY", "READERS",
        "SOURCES_AT_ONCE", "NEWSCRAWL_PROGRESS",
    ):  # fmt: skip
        assert f"`{name}`" in text


def test_bounds_are_documented():
    """The table of docs/security.md has the limits of the code."""
    text = (ROOT / "docs/security.md").read_text("utf-8")
    bounds = re.findall(r"^\|[^|]+\| ([\d,]+) \| `([\w.]+)\.(\w+)` \|$", text, re.MULTILINE)
    assert len(bounds) == text.count("| `newscrawl.") >= 18
    for value, module, name in bounds:
        assert getattr(importlib.import_module(module), name) == int(value.replace(",", "")), name


def test_outcomes_are_documented():
    """Every verdict has a line in docs/operations.md."""
    from newscrawl.model import VerdictKind

    text = (ROOT / "docs/operations.md").read_text("utf-8")
    assert [kind.value for kind in VerdictKind if f"| `{kind.value}` |" not in text] == []


def test_what_to_do_for_each_code_and_finding():
    """docs/what-to-do.md has each exit code and each finding of health once, in the order of the code, and none that is gone."""
    from newscrawl.model.health import FindingKind

    text = (ROOT / "docs/what-to-do.md").read_text("utf-8")
    assert re.findall(r"^\| (\d) \|", text, re.MULTILINE) == [str(int(code)) for code in Exit]
    found = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(found) == sorted(kind.value for kind in FindingKind)
    assert len(found) == len(set(found))


def test_links_between_files():
    """Relative links name files that exist, and every document can be reached from docs/index.md."""
    links = {
        page: [
            (page.parent / target).resolve()
            for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
        ]
        for page in PAGES
    }
    broken = [(page.name, str(target)) for page in PAGES for target in links[page] if not target.exists()]
    assert broken == []
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} <= {
        ROOT / "docs" / "index.md",
        *links[ROOT / "docs" / "index.md"],
    }


def test_paths_in_the_documents_exist():
    """A file or folder of the project that a document names is there; the table "Where is …?" has thirty questions."""
    named = re.compile(r"`((?:newscrawl|tests|migrations|benchmarks|docs|\.ci)/[\w./-]*)`")
    stats = re.compile(r"^\| `newscrawl/[^`]+` \|", re.MULTILINE)  # names of stats that look like paths
    new = {("adding-a-field.md", "newscrawl/extract/fields/dateline.py")}  # the file that the recipe adds
    texts = {page: page.read_text("utf-8") for page in PAGES if page.name != "CHANGELOG.md"}
    health = ROOT / "docs" / "health.md"
    texts[health] = stats.sub("", texts[health])
    missing = [
        (page.name, path)
        for page, text in texts.items()
        for path in named.findall(text)
        if not (ROOT / path).exists() and (page.name, path) not in new
    ]
    assert missing == []
    table = (
        (ROOT / "docs" / "architecture.md")
        .read_text("utf-8")
        .partition("## Where is …?")[2]
        .partition("\n## ")[0]
    )
    questions = [line for line in table.splitlines() if line.startswith("| ") and "newscrawl/" in line]
    assert len(questions) >= 30


def test_lines_of_documents_are_short():
    """Lines of 100 characters at most, but for tables, commands and what programs print."""
    long = []
    for page in PAGES:
        text = FENCE.sub("", page.read_text("utf-8"))
        long += [
            f"{page.name}: {line[:60]}"
            for line in text.splitlines()
            if len(line) > 100 and not line.startswith("|")
        ]
    assert long == []


def test_nothing_points_at_a_machine():
    """No path of a machine and no host of a package registry is in what is shipped."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    bad = re.compile(r"/work/|/root/|files\.python" + r"hosted|pypi\." + r"org|registry\.npm")
    found = [
        name
        for name in listed
        if (ROOT / name).suffix in {".py", ".md", ".toml", ".txt", ".cfg", ".mako", ""}
        and (ROOT / name).is_file()
        and bad.search((ROOT / name).read_text("utf-8", errors="replace"))
    ]
    assert [name for name in found if name != "tests/docs/test_docs.py"] == []
