"""The order of the layers, read from the import statements: who may know whom, who may touch the outside world."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "newscrawl"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# What each part may import of the others (docs/design.md). Every part may import itself, `newscrawl` (the version) and errors.
BASE = {"model", "errors"}
PURE = BASE | {"urls", "text"}
ARCHIVE = PURE | {"config", "dating", "discover", "extract", "judge", "warc", "store"}
MAY = {
    "newscrawl": set(),
    "__main__": {"cli"},
    "model": set(),
    "errors": set(),
    "urls": BASE,
    "text": BASE,
    "config": BASE,
    "guarded": {"scratch", "errors"},
    "scratch": BASE,
    "shapes": PURE,
    "life_shapes": PURE | {"judge", "shapes"},
    "wording": BASE,
    "alerts": PURE | {"judge", "store", "shapes", "wording"},
    "dating": PURE,
    "discover": PURE | {"dating"},
    "extract": PURE | {"dating"},
    "judge": PURE,
    "warc": BASE,
    "store": BASE | {"text"},
    "intake": PURE | {"extract", "judge", "warc", "store"},
    "upkeep": BASE | {"warc", "store"},
    "settings": BASE | {"config"},
    "crawl": ARCHIVE | {"settings", "shapes", "guarded", "scratch"},
    "spiders": {"crawl", "model"},
    "commands": ARCHIVE | {"crawl"},
    "demo": PURE,
    "web": {"store", "judge", "model", "config", "errors", "text", "urls", "shapes", "life_shapes"},
    "cli": ARCHIVE
    | {
        "settings",
        "shapes",
        "life_shapes",
        "crawl",
        "spiders",
        "demo",
        "web",
        "intake",
        "upkeep",
        "wording",
        "alerts",
        "guarded",
        "scratch",
    },
}
# Who may import the heavy or powerful packages.
OWNERS = {
    "scrapy": ("crawl", "spiders", "commands", "cli.crawl", "cli.sources", "cli.demo", "settings"),
    "twisted": ("crawl",),
    "sqlalchemy": ("store", "cli.db"),
    "alembic": ("store.schema",),
    "trafilatura": ("extract.body",),
    "feedparser": ("discover.feed",),
    "warcio": ("warc",),
    "click": ("cli",),
    "pyarrow": ("cli.parquet",),
    "apprise": ("alerts.apprised",),
    "smtplib": ("alerts.mail",),
    "playwright": ("crawl.browser",),
}
PURE_PARTS = ("model", "errors", "urls", "text", "dating", "discover", "extract", "judge")
PURE_MODULES = (
    "alerts.choosing", "alerts.composing", "alerts.keywords", "alerts.noticing", "alerts.pacing", "alerts.payload",
    "alerts.rendering", "alerts.settings",
)  # fmt: skip
OUTSIDE = {
    "os", "io.open", "io.FileIO", "socket", "ssl", "http", "urllib.request", "requests", "aiohttp", "httpx", "subprocess", "pathlib", "shutil", "tempfile",
    "glob", "sqlite3", "threading", "multiprocessing", "asyncio", "random", "secrets", "time", "locale",
}  # fmt: skip
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "monotonic"),
}


def _part(module):
    rest = module.removeprefix("newscrawl").lstrip(".")
    return rest.split(".")[0] or "newscrawl"


@cache
def _tree(module):
    return ast.parse(MODULES[module].read_text("utf-8"))


def _typing_only(tree):
    """Import statements that only a type checker runs."""
    blocks = [
        n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test).endswith("TYPE_CHECKING")
    ]
    return {id(inner) for block in blocks for inner in ast.walk(block)}


@cache
def _imports(module, *, typing=True):
    return tuple(_named(module, typing=typing))


def _named(module, *, typing):
    """Every module named in an import statement, wherever it stands; `from a import b` names a and a.b."""
    tree = _tree(module)
    left_out = set() if typing else _typing_only(tree)
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _belongs(module, owners):
    rest = module.removeprefix("newscrawl.")
    return any(rest == owner or rest.startswith(owner + ".") for owner in owners)


@cache
def _calls(module):
    return tuple(_attributes(module))


def _attributes(module):
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


def test_every_part_is_known():
    """A new part of the program gets a line in the table."""
    assert {_part(module) for module in MODULES} <= set(MAY)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module):
    """A part imports only what lies below it."""
    part = _part(module)
    allowed = MAY[part] | {part, "errors", "newscrawl"}
    named = {name for name in _imports(module) if name.split(".")[0] == "newscrawl"}
    known = {name for name in named if name in MODULES}
    assert {name for name in known if _part(name) not in allowed} == set()


@pytest.mark.parametrize("module", MODULES)
def test_owners_of_packages(module):
    """Each heavy package has one place that knows it."""
    for package, owners in OWNERS.items():
        used = [name for name in _imports(module, typing=False) if name.split(".")[0] == package]
        assert not used or _belongs(module, owners), f"{module} imports {used}"


@pytest.mark.parametrize("module", MODULES)
def test_environment_is_read_in_one_place(module):
    """Only config reads the environment; the demo passes it on to the crawls it starts."""
    uses = [
        pair
        for pair in _calls(module)
        if pair in {("os", "environ"), ("os", "getenv"), ("os", "environb"), ("os", "putenv")}
    ]
    named = [name for name in _imports(module) if name in ("os.environ", "os.getenv")]
    assert not (uses or named) or module in ("newscrawl.config", "newscrawl.cli.demo")


@pytest.mark.parametrize(
    "module", [name for name in MODULES if _part(name) in PURE_PARTS or _belongs(name, PURE_MODULES)]
)
def test_pure_parts_touch_nothing(module):
    """No files, no network, no clock, no chance in what decides and extracts: time and bytes are arguments."""
    touched = {name for name in _imports(module) if name in OUTSIDE or name.split(".")[0] in OUTSIDE}
    assert touched == set()
    assert {pair for pair in _calls(module) if pair in CLOCKS} == set()
    names = {
        node.func.id
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert names & {"open", "exec", "eval", "compile", "input", "print", "__import__"} == set()


@pytest.mark.parametrize("module", MODULES)
def test_docstring(module):
    """The first line of a module says what it does."""
    tree = _tree(module)
    if not tree.body:
        return
    docstring = ast.get_docstring(tree)
    assert docstring
    first = docstring.splitlines()[0]
    assert first[-1] in ".!?", f"{module}: the first line is no sentence"


@pytest.mark.parametrize(
    "module", [name for name in MODULES if not name.startswith("newscrawl.demo.lexicon")]
)
def test_size(module):
    """A module that grows past 320 lines has two jobs. The longer ones are named here; the list only gets shorter."""
    longer = {
        "newscrawl.store.known": 340,
        "newscrawl.store.tables": 353,
    }
    assert len(MODULES[module].read_text("utf-8").splitlines()) <= longer.get(module, 320)


@pytest.mark.parametrize(
    ("module", "light"),
    [
        (
            "newscrawl.cli",
            {
                "scrapy",
                "twisted",
                "sqlalchemy",
                "alembic",
                "trafilatura",
                "lxml",
                "feedparser",
                "dateparser",
                "warcio",
            },
        ),
        ("newscrawl.extract", {"scrapy", "sqlalchemy", "trafilatura", "feedparser", "dateparser", "numpy"}),
        ("newscrawl.discover.feed", {"scrapy", "sqlalchemy", "trafilatura", "feedparser"}),
        ("newscrawl.store.archive", {"scrapy", "alembic", "trafilatura", "lxml", "psycopg"}),
        ("newscrawl.settings", {"trafilatura", "sqlalchemy", "twisted.internet.reactor"}),
    ],
)
def test_start_is_light(module, light):
    """What a command does not need is not loaded before it is needed."""
    program = f"import sys, {module}; print(*sorted({light!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.split() == []
