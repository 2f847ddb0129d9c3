"""The table of fields: every line names what exists, and a new field is added as docs/adding-a-field.md says."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields as fields_of, is_dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from newscrawl.model import (
    Article,
    ArticleRecord,
    Capture,
    DayRecord,
    EditRecord,
    Evidence,
    Gap,
    ObservationRecord,
    RemovalRecord,
    RunRecord,
    SightingHistory,
    SightingRecord,
    VersionRecord,
    fields,
)
from newscrawl.store.rows import article_of, version_values
from tests.support.factory import article

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "adding-a-field.md").read_text("utf-8")

# What docs/adding-a-field.md says, done: file, what stands there, and what is put before it.
EDITS = [
    ("newscrawl/model/extraction.py", "    origins: Mapping[str, str]", "    dateline: str | None = None\n"),
    (
        "newscrawl/model/fields.py",
        ")\n_PAGE_TYPE = ",
        '    Field("dateline", label="dateline", column="dateline"),\n',
    ),
    (
        "newscrawl/extract/article.py",
        "        origins=origins,",
        "        dateline=dateline.dateline(data),\n",
    ),
    (
        "newscrawl/extract/article.py",
        "from newscrawl.extract.fields.candidate",
        "from newscrawl.extract.fields import dateline\n",
    ),
    ("newscrawl/store/schema.py", "HEAD = REVISIONS", 'REVISIONS = (*REVISIONS, "9999")\n'),
]
READER = '''"""The town that a report comes from."""


def dateline(data):
    """What the page's own metadata say, None if nothing."""
    return next((value for _, value in data.meta("dateline")), None)
'''
MIGRATION = '''"""The town that a report comes from."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{last}"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("versions") as versions:
        versions.add_column(sa.Column("dateline", sa.Text(), nullable=True))


def downgrade():
    with op.batch_alter_table("versions") as versions:
        versions.drop_column("dateline")
'''
# Reads a page, stores an article, and writes everything out again; each output in a file of its name.
PROGRAM = """
from pathlib import Path
from click.testing import CliRunner
import newscrawl
from newscrawl.cli import cli
from tests.support.factory import press
from tests.support.pagebuilder import ENGLISH, article_page

assert Path(newscrawl.__file__).is_relative_to(Path.cwd())
page = article_page(ENGLISH).replace("<head>", '<head><meta name="dateline" content="Aqsai">')
Path("page.html").write_text(page, "utf-8")
with press("sqlite:///archive/newscrawl.db") as bereke:
    bereke.publish("en", 1, dateline="Aqsai")
    bereke.publish("en", 2)
for name, line in {
    "extract.json": "extract page.html --json", "list.json": "list --json", "show.txt": "show 1", "none.txt": "show 2",
    "articles.csv": "export articles --format csv", "versions.jsonl": "export versions",
    "articles.parquet": "export articles --format parquet",
}.items():
    done = CliRunner().invoke(cli, line.split())
    Path(name).write_bytes(done.stdout_bytes or done.stderr_bytes)
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory) -> Path:
    """A copy of the program with one more field, after it has run."""
    copy = tmp_path_factory.mktemp("field")
    for name in ("newscrawl", "migrations"):
        shutil.copytree(ROOT / name, copy / name)  # with what is compiled already
    for name, before, line in EDITS:
        path = copy / name
        text = path.read_text("utf-8")
        assert text.count(before) == 1, (name, before)
        path.write_text(text.replace(before, line + before), "utf-8")
    (copy / "newscrawl/extract/fields/dateline.py").write_text(READER, "utf-8")
    last = max((ROOT / "migrations" / "versions").glob("*.py")).name[:4]
    (copy / "migrations/versions/9999_dateline.py").write_text(MIGRATION.format(last=last), "utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")},
        "PYTHONPATH": os.pathsep.join([str(copy), str(ROOT), *sys.path]),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return copy


def _objects(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_new_field_touches_five_files():
    """Those that the document names, and no other."""
    touched = {name for name, _, _ in EDITS} | {"newscrawl/extract/fields/dateline.py"}
    assert set(re.findall(r"^\| `(newscrawl/[^`]+)`", GUIDE, re.MULTILINE)) == touched
    assert len(touched) <= 5


def test_a_new_field_is_read_stored_and_in_every_output(changed):
    """From the page, back from the row, in JSON, CSV, Parquet and the text of show, behind the fields of today."""
    assert _objects(changed / "extract.json")[0]["dateline"] == "Aqsai"
    listed = {value["id"]: value for value in _objects(changed / "list.json")}
    assert (listed[1]["dateline"], listed[2]["dateline"]) == ("Aqsai", None)
    keys = [field.name for field in fields.ARTICLES]
    behind = keys.index("version")
    assert list(listed[1]) == [*keys[:behind], "dateline", *keys[behind:]]
    [*_, version] = _objects(changed / "versions.jsonl")
    assert (version["article"], version["dateline"]) == (1, "Aqsai")
    rows = list(csv.DictReader(io.StringIO((changed / "articles.csv").read_text("utf-8"))))
    assert sorted(row["dateline"] for row in rows) == ["", "Aqsai"]
    assert re.search(r"^dateline +Aqsai$", (changed / "show.txt").read_text("utf-8"), re.MULTILINE)
    assert "dateline" not in (changed / "none.txt").read_text("utf-8")


@pytest.mark.skipif(find_spec("pyarrow") is None, reason="the extra is not installed")
def test_a_new_field_is_in_parquet(changed):
    from pyarrow import parquet

    table = parquet.read_table(changed / "articles.parquet")
    assert sorted(row["dateline"] or "" for row in table.to_pylist()) == ["", "Aqsai"]


def _follow(record: type, path: str) -> object:
    """The type of an attribute, by its dotted path."""
    for name in path.split("."):
        classes = [one for one in (record, *get_args(record)) if is_dataclass(one)]
        if isinstance(getattr(classes[0], name, None), property):
            return object
        record = get_type_hints(classes[0])[name]
    return record


@pytest.mark.parametrize(
    ("record", "of_kind"),
    [
        (Article, fields.PAGE), (Article, fields.EXTRACTED), (ArticleRecord, fields.ARTICLES),
        (VersionRecord, fields.VERSIONS), (ObservationRecord, fields.OBSERVATIONS), (SightingRecord, fields.SIGHTINGS),
        (EditRecord, fields.CHANGES), (RemovalRecord, fields.REMOVED), (Gap, fields.COVERAGE), (DayRecord, fields.DAYS),
        (SightingHistory, fields.POSITIONS), (RunRecord, fields.RUNS), (Capture, fields.CAPTURE),
        (Evidence, fields.EVIDENCE),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_every_line_names_an_attribute(record, of_kind):
    for field in of_kind:
        _follow(record, field.attribute)
        if field.precision:
            _follow(record, field.precision)
    assert len({field.name for field in of_kind}) == len(of_kind)


def test_everything_a_page_says_is_in_the_table():
    """An attribute of Article is stored, except its address, which belongs to the article, the reason of its type, and what stands beside the text, of which a digest is."""
    named = {field.name for field in fields.PAGE}
    assert {field.name for field in fields_of(Article)} - named == {"url", "reason", "beside"}


def test_a_row_gives_back_what_was_stored():
    whole = article("kk", 3, alternates=(("ru", "https://bereke.example/3"),), paywalled=False, canonical="c")
    assert article_of(version_values(whole), whole.authors, whole.url) == whole
