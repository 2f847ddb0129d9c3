"""A research release: what is in it, who can read it, that it is whole, the same each time, and hurts nobody."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from newscrawl.cli import cli
from newscrawl.errors import StoreError
from newscrawl.judge.diff.sentences import sentences
from newscrawl.model import Author, Precision, fields
from newscrawl.release import make as module, tables
from newscrawl.release.leading import LeadingWriter, is_word
from newscrawl.release.tables import MEANINGS, TABLES, meaning
from newscrawl.serialization.columns import columns_of
from newscrawl.serialization.csv_text import csv_line
from newscrawl.serialization.json_text import json_line
from newscrawl.store.read.reader import Reader, open_reader
from newscrawl.text import paragraphs
from tests.support import sample_history
from tests.support.factory import START, press
from tests.support.fresh import filled
from tests.support.sample_history import fill_awkwardly

HOSTILE = '=cmd|"/C calc"!A0 <script>x</script> | `#` [a](javascript:x) \u202egnp\u2028\x85 "\r\n\t$(rm)'
FORMATS = ["--format", "parquet", "--format", "jsonl", "--format", "csv"]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


def fill(url: str) -> None:
    """The sample history, a piece dated by a day alone, hostile texts, and so many articles that the first rows show little."""
    fill_awkwardly(url)
    with press(url, "many", start=START + timedelta(days=20)) as many:
        many.publish("en", 1, title="12", tags=(), images=(), published_precision=Precision.DAY)
        many.publish(
            "en",
            2,
            title=HOSTILE,
            body=f"{HOSTILE}.\n\n{HOSTILE}",
            authors=(Author(HOSTILE),),
            tags=(HOSTILE,),
        )
        many.edit("en", 2, at=START + timedelta(days=21), title=f"{HOSTILE} 2", body=f"{HOSTILE}. More.")
        for number in range(3, 125):
            bare = {"authors": (), "tags": (), "images": (), "section": None}
            at = START + timedelta(days=30)
            many.publish("en", number, title=str(number), published=at, capture=False, **bare)
        many.finish(START + timedelta(days=40))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    filled(f"sqlite:///{folder / 'archive' / 'newscrawl.db'}", fill)
    return folder


@pytest.fixture
def run(place, monkeypatch):
    monkeypatch.setenv("NEWSCRAWL_HOME", str(place / "archive"))

    def call(*arguments: object):
        return CliRunner().invoke(cli, ["export", *map(str, arguments)])

    return call


@pytest.fixture(scope="module")
def release(place):
    pytest.importorskip("pyarrow", reason="the extra is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSCRAWL_HOME", str(place / "archive"))
        done = CliRunner().invoke(cli, ["export", "--release", str(place / "all"), *FORMATS])
    assert done.exit_code == 0, done.output
    return place / "all"


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _key(row: dict) -> str:
    return json.dumps(row, sort_keys=True, default=str, ensure_ascii=False)


def test_every_reader_reads_every_file_without_options(release):
    """pandas, polars and duckdb: the same number of rows in all formats, and instants, days and lists as such in Parquet."""
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    duckdb, parquet = pytest.importorskip("duckdb"), pytest.importorskip("pyarrow.parquet")
    read = {
        "parquet": (pandas.read_parquet, polars.read_parquet, lambda p: duckdb.read_parquet(p).fetchall()),
        "csv": (pandas.read_csv, polars.read_csv, lambda p: duckdb.read_csv(p).fetchall()),
        "jsonl": (
            lambda p: pandas.read_json(p, lines=True),
            polars.read_ndjson,
            lambda p: duckdb.read_json(p).fetchall(),
        ),
    }
    for name in TABLES:
        rows = parquet.read_table(release / f"{name}.parquet").num_rows
        for form, readers in read.items():
            path = release / f"{name}.{form}"
            assert path.exists() or (form == "jsonl" and not rows)
            if path.exists():
                assert [len(one(str(path))) for one in readers] == [rows] * 3, path.name
    articles = polars.read_parquet(release / "articles.parquet").schema
    assert (
        str(articles["published"])
        == str(articles["first_seen"])
        == "Datetime(time_unit='us', time_zone='UTC')"
    )
    assert str(articles["published_day"]) == "Date"
    assert articles["authors"] == polars.List(polars.Struct({"name": polars.String, "role": polars.String, "kind": polars.String}))  # fmt: skip
    assert articles["tags"] == polars.List(polars.String)
    found = duckdb.sql(f"select authors[1].name, tags[1] from '{release}/articles.parquet' where id = 1")
    assert found.fetchall() == [("Dana Serikova", "bridge")]


def test_all_formats_hold_the_same(release):
    """Row by row, whatever their order; instants of one width."""
    from pyarrow import parquet

    from newscrawl.serialization.columns import plain

    for name, table in TABLES.items():
        typed = [plain(row) for row in parquet.read_table(release / f"{name}.parquet").to_pylist()]
        path = release / f"{name}.jsonl"
        listed = _lines(path) if path.exists() else []
        assert sorted(map(_key, typed)) == sorted(map(_key, listed)), name
        text = (release / f"{name}.csv").read_text("utf-8")
        cells = list(csv.reader(io.StringIO(text, newline="")))
        assert cells[0] == [one.name for one in table.columns]
        for index, column in enumerate(table.columns):
            told = {row[index] for row in cells[1:]} - {""}
            assert column.type is not fields.Type.INSTANT or all(map(INSTANT.fullmatch, told)), column.name
        assert len(cells) == len(typed) + 1


def test_a_day_alone_stays_a_day(release):
    [day] = [one for one in _lines(release / "articles.jsonl") if one["published_precision"] == "day"]
    assert (day["published"], day["published_day"]) == (None, "2026-03-02")
    other = next(one for one in _lines(release / "articles.jsonl") if one["id"] == 5)
    assert other["published_offset"] == 300
    assert INSTANT.fullmatch(other["published"])


def test_edits_and_their_sentences(release):
    """Both texts of every edit, and each sentence of what changed in one row or more."""
    edits = {(one["article"], one["to"]): one for one in _lines(release / "edits.jsonl")}
    rows = _lines(release / "sentences.jsonl")
    versions = {(one["article"], one["version"]): one for one in _lines(release / "versions.jsonl")}
    for (article, number), edit in edits.items():
        for side, version in (("old", edit["from"]), ("new", number)):
            said = versions[article, version]
            assert (edit[f"{side}_title"], edit[f"{side}_body"]) == (said["title"], said["body"])
        for field, key in (("headline", "title"), ("body", "body")):
            own = [
                one
                for one in rows
                if (one["article"], one["version_y"], one["field"]) == (article, number, field)
            ]
            texts = edit[f"old_{key}"] or "", edit[f"new_{key}"] or ""
            wanted = (
                [set(enumerate(sentences(text))) for text in texts]
                if texts[0] != texts[1]
                else [set(), set()]
            )
            found = [{(one[f"sent_idx_{side}"], one[f"sentence_{side}"]) for one in own} - {(None, None)} for side in "xy"]  # fmt: skip
            assert found == wanted
    kinds = {one["kind"] for one in rows}
    assert kinds == {"unchanged", "edited", "added", "deleted"}


def test_schema_checksums_and_card(release):
    """The package names every file with its bytes and hash, `sha256sum` agrees, and the card has numbers, gaps and limits."""
    package = json.loads((release / "datapackage.json").read_text("utf-8"))
    named = {one["path"]: one for one in package["resources"]}
    rest = {"README.md", "datapackage.json", "manifest-sha256.txt"}
    assert {path.name for path in release.iterdir()} == named.keys() | rest
    for path, one in named.items():
        data = (release / path).read_bytes()
        assert (one["bytes"], one["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        if "schema" in one:
            columns = TABLES[path.partition(".")[0]].columns
            assert [field["name"] for field in one["schema"]["fields"]] == [column.name for column in columns]
            assert all(field["description"] for field in one["schema"]["fields"])
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "manifest-sha256.txt"], cwd=release, check=False
    )
    assert done.returncode == 0
    card = (release / "README.md").read_text("utf-8")
    for words in (
        "| many | en | 124 | 125 | 1 |",
        "Articles that are neither gone nor to be read",
        "day alone 1",
    ):
        assert words in card
    assert all(f"### {name}" in card for name in TABLES)


def test_the_package_is_a_data_package(release):
    """What the specification asks of every package, and every cell of CSV by the type its schema names."""
    package = json.loads((release / "datapackage.json").read_text("utf-8"))
    assert package["profile"] == "data-package"
    assert all(one["title"] for one in package["sources"])
    names = [one["name"] for one in package["resources"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9._-]+", name) for name in [package["name"], *names])
    reads = {
        "integer": int, "number": float, "date": date.fromisoformat, "datetime": datetime.fromisoformat, "array": json.loads,
        "object": json.loads, "boolean": {"true": True, "false": False}.__getitem__, "string": str,
    }  # fmt: skip
    for one in package["resources"]:
        if one["format"] != "csv":
            continue
        assert one["profile"] == "tabular-data-resource"
        types = {field["name"]: reads[field["type"]] for field in one["schema"]["fields"]}
        with (release / one["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == one["rows"]
        for row in rows:
            for name, cell in row.items():
                if cell:
                    types[name](cell)
        if key := one["schema"].get("primaryKey"):
            assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)


def test_corpus(release):
    """One line an article, as many tabs as paragraphs, whatever line breaks a text has."""
    lines = (release / "corpus.txt").read_bytes().decode().split("\n")
    articles = {one["id"]: one for one in _lines(release / "articles.jsonl")}
    assert lines.pop() == ""
    assert {int(line.partition("\t")[0]) for line in lines} == articles.keys()
    assert all(len(line.splitlines()) == 1 for line in lines)
    first = next(line for line in lines if line.startswith("5\t")).split("\t")
    assert first[2:] == paragraphs(articles[5]["body"])


def test_the_same_archive_gives_the_same_bytes(run, release, place):
    assert run("--release", place / "again", *FORMATS).exit_code == 0
    assert (place / "again" / "manifest-sha256.txt").read_bytes() == (
        release / "manifest-sha256.txt"
    ).read_bytes()


def test_selection(run, tmp_path):
    """By source, edition, dates or one article, as the other exports are; an unknown one is refused and leaves nothing."""
    assert run("--release", tmp_path / "one", "--article", "1", "--format", "jsonl").exit_code == 0
    one = tmp_path / "one"
    assert [row["id"] for row in _lines(one / "articles.jsonl")] == [1]
    assert {row["article"] for name in ("versions", "edits", "observations") for row in _lines(one / f"{name}.jsonl")} == {1}  # fmt: skip
    assert "article 1" in (one / "README.md").read_text("utf-8")
    assert (
        run(
            "--release", tmp_path / "ru", "--edition", "ru", "--source", "bereke", "--format", "csv"
        ).exit_code
        == 0
    )
    with (tmp_path / "ru" / "articles.csv").open(encoding="utf-8") as file:
        assert {(row["source"], row["edition"]) for row in csv.DictReader(file)} == {("bereke", "ru")}
    assert run("--release", tmp_path / "no", "--source", "nobody", "--format", "csv").exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "ru"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["articles", "--release", "x"], "does not go with kind"), (["--release", "x", "--limit", "3"], "does not go with limit"),
        (["--release", "x", "--bom"], "are of --format csv"), (["articles", "--overwrite"], "is of --release"),
        (["articles", "--format", "csv", "--format", "jsonl"], "several formats"), ([], "name what to write"),
        (["coverage", "--article", "1"], "of editions"), (["--article", "1", "--format", "csv"], "does not go with format"),
        (["wacz"], "into a pipe"), (["cdxj", "--format", "csv"], "does not go with format"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_wrong_usage(run, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(run, place, tmp_path):
    """A folder with anything in it is refused; a release is replaced where that is asked for, and nothing else ever."""
    target = tmp_path / "release"
    target.mkdir()
    assert run("--release", target, "--format", "jsonl").exit_code == 0
    assert "something already" in run("--release", target, "--format", "jsonl").stderr
    assert run("--release", target, "--format", "jsonl", "--edition", "kk", "--overwrite").exit_code == 0
    assert {one["edition"] for one in _lines(target / "articles.jsonl")} == {"kk"}
    (target / "mine.txt").write_text("x")
    before = sorted(path.name for path in target.iterdir())
    assert "more than a release" in run("--release", target, "--format", "jsonl", "--overwrite").stderr
    assert sorted(path.name for path in target.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_whole_or_not_there(run, tmp_path, monkeypatch):
    """A failure half-way leaves nothing, and what a killed program left is cleared away."""
    streams = tables.streams

    def failing(reader: Reader, where):
        def broken():
            yield from reader.versions(limit=2)
            raise StoreError("the database went away")

        return {**streams(reader, where), "versions": broken}

    with monkeypatch.context() as patch:
        patch.setattr(module, "streams", failing)
        assert run("--release", tmp_path / "x", "--format", "jsonl").exit_code == 7
    assert not list(tmp_path.iterdir())
    (tmp_path / ".x.unfinished").mkdir()
    (tmp_path / ".x.unfinished" / "versions.jsonl").write_text("left")
    assert run("--release", tmp_path / "x", "--format", "jsonl").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_one_moment(place, tmp_path):
    """What is archived while a release is written is in none of its tables."""
    url = filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill_awkwardly)
    written = []

    def step(name):
        if not written:
            with press(url, "late") as late:
                written.append(late.publish("ru", 9))

    with open_reader(url) as reader:
        wanted = module.Wanted({}, "All.", "test", ("jsonl",))
        module.make(reader, tmp_path / "x", wanted, step=step)
        assert written
        assert "| late |" not in (tmp_path / "x" / "README.md").read_text("utf-8")
        assert {one["source"] for one in _lines(tmp_path / "x" / "versions.jsonl")} == {
            "bereke",
            "odd",
            "other",
        }
        assert reader.article(written[0]).source == "late"


def test_hostile_texts_are_harmless(run, release, tmp_path):
    """No markup in the card, no line of its own in JSON or the corpus, no formula where that is asked for; all of it is there."""
    card = (release / "README.md").read_text("utf-8")
    kinds = {
        child.type
        for token in MarkdownIt("commonmark", {"html": True}).parse(card)
        for child in token.children or ()
    }
    assert not kinds & {"html_inline", "link_open", "image"}
    stored = next(one for one in _lines(release / "articles.jsonl") if one["title"].startswith("=cmd"))
    assert stored["title"] == f"{HOSTILE} 2"
    for line in (release / "articles.jsonl").read_bytes().split(b"\n"):
        assert len(line.decode().splitlines()) <= 1
    assert run("--release", tmp_path / "safe", "--format", "csv", "--bom", "--formula-safe").exit_code == 0
    data = (tmp_path / "safe" / "articles.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    table = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert not [row for row in table if row["title"].startswith(("=", "+", "-", "@"))]


def test_every_column_means_something():
    """Each has its line, and no line is left of one that is gone."""
    used = set()
    for table in TABLES.values():
        for column in table.columns:
            assert meaning(table, column)
            exact = f"{table.name}.{column.name}"
            used.add(exact if exact in MEANINGS else column.name)
    assert used == set(MEANINGS)


def test_first_rows_show_every_column():
    """Rows that show something for the first time go first, down to parts of objects; none is lost."""
    columns = columns_of((fields.Field("number", fields.Type.NUMBER), fields.Field("name"), fields.Field("capture", fields.Type.OBJECT, parts=fields.CAPTURE[:2])))  # fmt: skip
    rows = [{"number": n, "name": "5", "capture": None} for n in range(200)]
    rows += [{"number": 200, "name": "five", "capture": {"file": "f", "offset": None}}]
    rows += [{"number": 201, "name": "5", "capture": {"file": None, "offset": 3}}]
    for line, shows, wanted in (
        (json_line, bool, [0, 200, 201]),
        (csv_line(["number", "name", "capture"]), is_word, [0, 200, 201]),
    ):
        written, waiting = [], io.BytesIO()
        writer = LeadingWriter(written.append, columns, line, waiting, shows=shows)
        for row in rows:
            writer.add(row)
        writer.close()
        found = b"".join(written).decode().splitlines()
        numbers = [int(re.search(r"\d+", one)[0]) for one in found]
        assert numbers[:3] == wanted
        assert sorted(numbers) == list(range(202))


@pytest.mark.parametrize(
    "text", ["12", "1.5e3", "2026-03-01", "12:30", "true", "NaN", " ", "№", "five", "5 km"]
)
def test_what_is_no_number(text):
    assert is_word(text) is (text in ("№", "five", "5 km"))


def test_both_databases_give_the_same_bytes(sqlite_url, postgres_url, tmp_path, monkeypatch):
    manifests = []
    for number, url in enumerate((sqlite_url, postgres_url)):
        sample_history.fill(url)
        monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", url)
        target = tmp_path / str(number)
        done = CliRunner().invoke(cli, ["export", "--release", str(target), "--format", "jsonl"])
        assert done.exit_code == 0, done.output
        manifests.append((target / "manifest-sha256.txt").read_text("utf-8"))
    assert manifests[0] == manifests[1]
