"""The order of the layers, read from the import statements: who may import whom, and who may touch the outside world.

Each test walks the whole package and lists every offender at once.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "newscrawl"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# What each part may import of the others (docs/architecture.md). Every part may import itself, `newscrawl` and errors.
BASE = {"model", "errors"}
PURE = BASE | {"urls", "text"}
READ = PURE | {"dating", "discover", "extract", "judge"}
ARCHIVE = READ | {"config", "marker", "warc", "store", "archiving"}
MAY = {
    "newscrawl": {"api", "model"},
    "api": PURE | {"config", "discover", "extract", "judge", "warc", "store", "search", "serialization"},
    "__main__": {"cli"},
    "model": set(),
    "errors": set(),
    "urls": BASE,
    "text": BASE,
    "messages": BASE,
    "wording": BASE | {"messages"},
    "timeline_wording": PURE | {"judge", "wording", "messages"},
    "config": BASE | {"inputs"},
    "marker": BASE,
    "temporary": BASE,
    "logfile": BASE,
    "worker": {"temporary"},
    "dating": PURE,
    "discover": PURE | {"dating"},
    "extract": PURE | {"dating"},
    "judge": PURE,
    "serialization": PURE | {"judge"},
    "warc": BASE,
    "store": BASE | {"text", "judge"},
    "archiving": READ | {"warc", "store"},
    "search": PURE | {"store", "dating"},
    "proof": PURE | {"judge", "store", "warc"},
    "release": PURE | {"judge", "store", "warc", "serialization"},
    "inputs": set(),
    "importing": ARCHIVE | {"inputs"},
    "maintenance": BASE | {"judge", "warc", "store", "proof"},
    "alerts": PURE | {"judge", "store", "serialization", "wording"},
    "settings": BASE | {"config", "worker"},
    "crawl": ARCHIVE | {"settings", "serialization", "worker", "temporary", "search", "proof", "logfile"},
    "spiders": {"crawl", "model"},
    "commands": ARCHIVE | {"crawl"},
    "site_setup": READ | {"config", "crawl", "inputs", "settings", "worker"},
    "schedule": BASE,
    "demo": PURE,
    "web": {
        "store", "judge", "dating", "model", "config", "urls", "text", "serialization", "search", "warc", "proof", "messages", "wording", "timeline_wording",
    },
    "cli": ARCHIVE
    | {
        "settings", "serialization", "crawl", "spiders", "demo", "web", "importing", "maintenance", "wording", "timeline_wording", "alerts",
        "worker", "temporary", "site_setup", "schedule", "search", "proof", "logfile", "inputs", "release",
    },
}  # fmt: skip
# The one place that may import each heavy or powerful package.
OWNERS = {
    "scrapy": ("crawl", "spiders", "commands", "settings", "cli.crawling.crawl", "cli.crawling.sources", "cli.crawling.demo"),
    "twisted": ("crawl",),
    "sqlalchemy": ("store", "cli.operating.db"),
    "alembic": ("store.schema",),
    "snowballstemmer": ("search.words",),
    "trafilatura": ("extract.text.body",),
    "warcio": ("warc",),
    "click": ("cli",),
    "pyarrow": ("serialization.parquet",),
    "apprise": ("alerts.transports.apprise",),
    "smtplib": ("alerts.transports.mail",),
    "playwright": ("crawl.browser.chromium",),
    "rich": ("cli.output",),
    "starlette": ("web",),
    "jinja2": ("web",),
    "prometheus_client": ("web",),
    "uvicorn": ("web.serve",),
    "anyio": ("web",),
    "PIL": ("web.pictures.png",),
    "rfc3161_client": ("proof.outside.timestamps",),
}  # fmt: skip
PURE_PARTS = (
    "model",
    "errors",
    "urls",
    "text",
    "messages",
    "wording",
    "timeline_wording",
    "dating",
    "discover",
    "extract",
    "judge",
)
PURE_MODULES = (
    "alerts.compose", "alerts.keywords", "alerts.notices", "alerts.rendering", "alerts.select", "alerts.settings",
    "archiving.decide", "archiving.observing",
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
ENVIRONMENT = {("os", "environ"), ("os", "getenv"), ("os", "environb"), ("os", "putenv")}
DANGEROUS = {"open", "exec", "eval", "compile", "input", "print", "__import__"}


def _part(module):
    rest = module.removeprefix("newscrawl").lstrip(".")
    return rest.split(".")[0] or "newscrawl"


@cache
def _tree(module):
    return ast.parse(MODULES[module].read_text("utf-8"))


@cache
def _nodes(module):
    """The nodes that the tests ask for, in the order of `ast.walk`: each tree is walked once."""
    kinds = (ast.If, ast.Import, ast.ImportFrom, ast.Attribute, ast.Call)
    return [node for node in ast.walk(_tree(module)) if isinstance(node, kinds)]


def _typing_only(module):
    """Import statements that only a type checker runs."""
    blocks = [
        n for n in _nodes(module) if isinstance(n, ast.If) and ast.unparse(n.test).endswith("TYPE_CHECKING")
    ]
    return {id(inner) for block in blocks for inner in ast.walk(block)}


@cache
def _imports(module, *, typing=True):
    return tuple(_named(module, typing=typing))


def _named(module, *, typing):
    """Every module named in an import statement, wherever it stands; `from a import b` names a and a.b."""
    left_out = set() if typing else _typing_only(module)
    for node in _nodes(module):
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
def _attributes(module):
    return {
        (node.value.id, node.attr)
        for node in _nodes(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def test_every_part_is_known():
    """A new part of the program gets a line in the table, and a part that is gone loses it."""
    assert {_part(module) for module in MODULES} == set(MAY)


def test_imports_go_one_way():
    """A part imports only what lies below it."""
    offenders = [
        f"{module} imports {name}"
        for module in MODULES
        for name in _imports(module)
        if name in MODULES and _part(name) not in MAY[_part(module)] | {_part(module), "errors", "newscrawl"}
    ]
    assert offenders == []


def test_owners_of_packages():
    """Each heavy package has one place that imports it."""
    offenders = [
        f"{module} imports {name}"
        for module in MODULES
        for name in _imports(module, typing=False)
        if (owners := OWNERS.get(name.split(".")[0])) and not _belongs(module, owners)
    ]
    assert offenders == []


def test_environment_is_read_in_one_place():
    """Only config reads the environment; the demo passes it on to the crawls it starts."""
    readers = {
        module
        for module in MODULES
        if _attributes(module) & ENVIRONMENT or {"os.environ", "os.getenv"} & set(_imports(module))
    }
    assert readers <= {"newscrawl.config", "newscrawl.cli.crawling.demo"}


def test_pure_parts_touch_nothing():
    """No files, no network, no clock, no chance in what decides and extracts: time and bytes are arguments."""
    pure = [name for name in MODULES if _part(name) in PURE_PARTS or _belongs(name, PURE_MODULES)]
    assert len(pure) > 100
    offenders = [
        f"{module}: {what}"
        for module in pure
        for what in [
            *(name for name in _imports(module) if name in OUTSIDE or name.split(".")[0] in OUTSIDE),
            *(".".join(pair) for pair in _attributes(module) & CLOCKS),
            *(
                f"{node.func.id}()"
                for node in _nodes(module)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in DANGEROUS
            ),
        ]
    ]
    assert offenders == []


def test_docstrings():
    """The first line of a module says what it does."""
    offenders = [
        module
        for module in MODULES
        if _tree(module).body and (ast.get_docstring(_tree(module)) or "-").splitlines()[0][-1] not in ".!?"
    ]
    assert offenders == []


def test_modules_and_folders_can_be_taken_in():
    """A module ends where its concept ends, 600 lines at the most; a folder holds about a dozen files (spiders: one a source).

    The verifier of evidence is a program that goes out alone, as one file.
    """
    long = [
        name
        for name, path in MODULES.items()
        if len(path.read_text("utf-8").splitlines()) > (750 if name == "newscrawl.proof.verifier" else 600)
    ]
    assert long == []
    folders = {path.parent for path in MODULES.values()} - {PACKAGE / "spiders"}
    crowded = {
        str(folder.relative_to(ROOT)): count
        for folder in folders
        if (count := len([path for path in folder.glob("*.py") if path.name != "__init__.py"])) > 14
    }
    assert crowded == {}


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "newscrawl.cli",
            {
                "scrapy", "twisted", "sqlalchemy", "alembic", "trafilatura", "lxml", "dateparser", "warcio", "rich",
                "starlette", "uvicorn", "jinja2", "prometheus_client",
            },
        ),
        ("newscrawl.extract", {"scrapy", "sqlalchemy", "trafilatura", "dateparser", "numpy"}),
        ("newscrawl.discover.feed", {"scrapy", "sqlalchemy", "trafilatura"}),
        (
            "newscrawl.cli.reading.articles, newscrawl.store.read.reader",  # what `newscrawl list` loads
            {
                "sqlalchemy.dialects.postgresql", "sqlalchemy.orm", "alembic", "psycopg", "w3lib", "scrapy", "twisted",
                "trafilatura", "lxml", "dateparser", "warcio", "rich", "starlette", "jinja2", "urllib.request",
                "http.client", "newscrawl.extract", "newscrawl.discover",
            },
        ),
        ("newscrawl.store.archive", {"scrapy", "alembic", "trafilatura", "lxml", "psycopg"}),
        ("newscrawl.settings", {"trafilatura", "sqlalchemy", "twisted.internet.reactor"}),
    ],
)  # fmt: skip
def test_start_is_light(module, heavy):
    """What a command does not need is not loaded before it is needed."""
    program = f"import sys, {module}; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.split() == []
