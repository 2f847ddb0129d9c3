"""The data card of a release: what is in it, how it came about, what it covers, and what it cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newscrawl.model import Gap, RemovalRecord
from newscrawl.release.facts import SHOWN, Facts
from newscrawl.release.package import File
from newscrawl.release.tables import TABLES, meaning
from newscrawl.serialization.one_article import escaped
from newscrawl.serialization.records import instant

_HOW = """\
Pages were fetched from the outlets' own addresses: lists, feeds and sitemaps named them, known
articles were checked again on a ladder by age, and every raw response was kept as a WARC record
(`capture` says which). Fields are read from the raw pages by one extractor. A version is made only
where both raw pages show the difference; a redesign, a counter or a better extractor makes none.
One answer never proves a removal: an absence is `suspected` after the first check that found it and
`removed` after three over a day or more, while other articles of the edition answered.
"""
_LIMITS = """\
- An edit was made between `seen_before` and `at`, the checks around it; several edits between two
  checks are one. What was published and taken away between two checks was not seen.
- A removal is an observation: nothing here says who took an article away, or why.
- `published` and `modified` are the publisher's words. `published` is null where a day alone is
  stated: `published_day` has it. No time is made up.
- Sentences are cut by rules (full stops, capitals, abbreviations of English, Russian and Kazakh) and
  laid side by side by their words; no model is used. Tables: `kind` is `unchanged`, `edited`,
  `added` or `deleted`; a sentence that was split or joined stands in several rows; `moved` sentences
  have the same words at another place.
- Articles that stand for another one (`tied_to`) are not in `articles`; their versions are.
- Dates that a release is narrowed by select each table by its own instant: articles by publication,
  versions, edits and checks by when they were observed. So the article of an edit may be outside.
- Texts, names and pictures are the outlets'. That they were archived gives nobody a right to them.
"""
_READ = """\
```python
import pandas, polars, duckdb

pandas.read_parquet("edits.parquet")
polars.read_parquet("edits.parquet")
duckdb.sql("select * from 'edits.parquet'")
```

In pandas JSON lines are `pandas.read_json("edits.jsonl", lines=True)`. Instants are UTC, to the
microsecond, in text always of one width. Rows stand newest first; in JSON lines and CSV those come
first that show what a column holds, by which readers know its type. A line of `corpus.txt` is an article:
number, headline, paragraphs, with a tab between them. In CSV lists and objects are JSON text.
Whether every file is as it was made: `sha256sum -c manifest-sha256.txt`.
"""


def render(facts: Facts, files: Sequence[File], *, title: str, selection: str, software: str) -> bytes:
    """README.md of a release. What comes from pages or files of sources is escaped."""
    parts = [
        f"# {escaped(title)}",
        f"{escaped(selection)} Made by {escaped(software)}.",
        "## What is in it",
        "\n".join(_what(facts, files)),
        "\n".join(_editions(facts)),
        "## When",
        _when(facts),
        "## How it was collected",
        _HOW.rstrip(),
        "## What it covers",
        *_coverage(facts),
        "## What it cannot say",
        "\n".join([*_LIMITS.rstrip().splitlines(), *_known_limits(facts)]),
        "## Reading it",
        _READ.rstrip(),
        "## Columns",
        *_columns(),
    ]
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def _what(facts: Facts, files: Sequence[File]) -> Iterator[str]:
    yield "| table | rows | a row is | files |"
    yield "| --- | ---: | --- | --- |"
    for name, table in TABLES.items():
        own = ", ".join(f"`{one.path}`" for one in files if one.table is table)
        yield f"| {name} | {facts.rows[name]} | {table.row} | {own} |"


def _editions(facts: Facts) -> Iterator[str]:
    names = ("articles", "versions", "edits", "checks", "removed", "suspected", "returned", "unreadable")
    yield f"| source | edition | {' | '.join(names)} |"
    yield f"| --- | --- | {' | '.join(['---:'] * len(names))} |"
    for (source, edition), counts in sorted(facts.counts.items()):
        numbers = " | ".join(str(counts[name]) for name in names)
        yield f"| {escaped(source)} | {escaped(edition) or 'unknown'} | {numbers} |"


def _when(facts: Facts) -> str:
    if facts.first is None:
        return "No check is in it."
    return f"First check {instant(facts.first)}, last check {instant(facts.last)}."


def _coverage(facts: Facts) -> Iterator[str]:
    opened, closed = facts.gaps["open"], facts.gaps["closed"]
    yield (
        f"Times in which articles may have been missed: {opened}. Times in which it was shown later that none were, and "
        f"outages that are over: {closed}. All are in `gaps`; what became of every address that lists, feeds and sitemaps "
        "named is in `editions`."
    )
    if facts.open_gaps:
        yield "\n".join([*map(_gap, facts.open_gaps), *_more(opened, "gaps")])
    unreadable = sum(counts["unreadable"] for counts in facts.counts.values())
    yield f"Articles that are neither gone nor to be read: {unreadable}, in `removals` with `state` unreadable."
    if facts.unreadable:
        yield "\n".join([*map(_unreadable, facts.unreadable), *_more(unreadable, "removals")])
    yield f"Checks that brought no answer about the article: {facts.failed}."


def _gap(gap: Gap) -> str:
    return (
        f"- {escaped(gap.source)}/{escaped(gap.edition)}: {instant(gap.began)} to {instant(gap.ended)}, "
        f"{escaped(gap.reason)}"
    )


def _unreadable(record: RemovalRecord) -> str:
    last = f", last seen {instant(record.last_seen)}" if record.last_seen else ""
    return (
        f"- article {record.article_id} ({escaped(record.source)}/{escaped(record.edition)}): since "
        f"{instant(record.first_absent)}{last}, {escaped(record.signal) or 'no answer'}"
    )


def _more(number: int, table: str) -> Iterator[str]:
    if number > SHOWN:
        yield f"- {number - SHOWN} more in `{table}`"


def _known_limits(facts: Facts) -> Iterator[str]:
    dates = ", ".join(f"{name} {number}" for name, number in sorted(facts.dates.items()))
    languages = ", ".join(f"{escaped(name)} {number}" for name, number in sorted(facts.languages.items()))
    extractors = ", ".join(f"{escaped(name)} {number}" for name, number in sorted(facts.extractors.items()))
    yield f"- Articles by what is known of their date of publication: {dates or 'none'}."
    yield f"- Articles by language: {languages or 'none'}."
    yield f"- Versions by the extractor that read them: {extractors or 'none'}."
    yield f"- Articles of which a part is missing (`incomplete`): {facts.incomplete}."


def _columns() -> Iterator[str]:
    for name, table in TABLES.items():
        yield f"### {name}"
        yield "\n".join(
            ["| column | type | meaning |", "| --- | --- | --- |"]
            + [f"| `{one.name}` | {one.type.value} | {meaning(table, one)} |" for one in table.columns]
        )
