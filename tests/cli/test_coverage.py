"""Coverage from the archive and from the command line, on both databases: gaps, channels, leads, days."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from newscrawl.cli import cli
from newscrawl.judge.coverage.gaps import gaps
from newscrawl.model import Channel, FetchOutcome as F, RunSummary, Verdict, VerdictKind as V
from newscrawl.store.read.reader import open_reader
from tests.support.judging import NOW
from tests.support.storing import FRONT, apply, archive, lead, listing, observation, read_listing

HOUR = timedelta(hours=1)
MAP = FRONT + "sitemap.xml"


def _read(url: str, *reads) -> None:
    """One run that makes these reads."""
    with archive(url) as opened:
        read_listing(opened, *reads)
        end = max(read.fetch.at for read in reads)
        opened.finish_run(RunSummary("bereke", opened.run_id, end, end, 0, "finished"))


def _front(hour: int, first: int, *, joined: bool | None = None, **fields):
    leads = [lead(f"{FRONT}piece-{n}", n - first, headline=f"Piece {n}") for n in range(first, first + 5)]
    return replace(listing(leads, at=NOW + hour * HOUR, **fields), joined=joined)


def _map(hour: int, *numbers: int):
    leads = [
        lead(f"{FRONT}piece-{n}", channel=Channel.SITEMAP, listing=MAP, modified=NOW + n * HOUR)
        for n in numbers
    ]
    return listing(
        leads, url=MAP, channel=Channel.SITEMAP, at=NOW + hour * HOUR, digest=f"sha1:{len(numbers)}"
    )


@pytest.fixture
def world(archive_url: str) -> str:
    """Five runs: a gap, one the sitemap closed, an outage; one lead refused, one of the sitemap never fetched."""
    _read(archive_url, _front(0, 1), _map(0, *range(1, 6)))
    _read(archive_url, _front(1, 21, joined=False))
    _read(archive_url, listing(at=NOW + 2 * HOUR, outcome=F.SERVER_ERROR), _map(2, *range(1, 31)))
    _read(archive_url, _front(3, 26, joined=False), _map(3, *range(1, 31)))
    _read(archive_url, listing(at=NOW + 4 * HOUR, outcome=F.TIMEOUT))
    with archive(archive_url) as opened:
        key = f"{FRONT}piece-1"
        refused = Verdict(V.NOT_ARTICLE, "a list of articles")
        apply(opened, observation(None, url=key, lead=lead(key)[1]), refused, key=key)
    return archive_url


@pytest.fixture
def run(world: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line on that archive."""
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", world)
    return lambda *words: CliRunner().invoke(cli, list(words))


def _lines(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json(run: Callable[..., Result]) -> None:
    """Only open gaps by default, with the documented keys; with --all and in the export the closed ones, too.

    Behind them what became of everything that was named, a line an edition.
    """

    def listed(*arguments: str) -> list[dict[str, Any]]:
        lines = _lines(run("coverage", "--json", *arguments))
        found = [line for line in lines if line["kind"] != "entries"]
        assert lines[: len(found)] == found
        for line in lines[len(found) :]:
            assert line["named"] == line["archived"] + line["waiting"] + sum(
                one["number"] for one in line["settled"]
            )
            assert not line["open"]
        return found

    (only,) = listed()
    assert list(only)[:6] == ["source", "edition", "from", "to", "reason", "open"]
    assert (only["source"], only["edition"], only["open"], only["kind"]) == ("bereke", "en", True, "outage")
    everything = listed("--all")
    assert [(g["kind"], g["open"], g["closed_by"]) for g in everything] == [
        ("outage", True, None),
        ("gap", False, "sitemap"),
        ("gap", False, "sitemap"),
    ]
    assert _lines(run("export", "coverage")) == everything
    assert listed("--all", "--limit", "1") == everything[:1]
    assert listed("--edition", "ru") == []
    until = (NOW + HOUR).isoformat()
    assert listed("--all", "--until", until) == everything[2:]
    table = csv.DictReader(io.StringIO(run("export", "coverage", "--format", "csv").stdout))
    assert [row["open"] for row in table] == ["true", "false", "false"]


def test_report_for_people(run: Callable[..., Result]) -> None:
    """Gaps, since when, channels, and what became of the leads."""
    text = run("coverage").stdout
    assert "open" in text
    assert "outage: no answer in 1 run (timeout)" in text
    assert "bereke en: covered since" in text
    assert "30 addresses named by listings: 0 archived, 29 waiting (29 sitemap entries never fetched)" in text
    assert "1 page that is no article: a list of articles" in text
    assert FRONT in text
    assert MAP in text


def test_nothing_missed(run: Callable[..., Result]) -> None:
    """A sentence if there is nothing to list; an unknown source is an error."""
    assert run("coverage", "--until", "2020-01-01").stdout.startswith("No time is known in which articles")
    assert run("coverage", "--source", "nobody").exit_code == 2


def test_days(run: Callable[..., Result], world: str) -> None:
    """Announced and archived by day, in the outlet's zone where it is known; undated addresses last."""
    days = _lines(run("coverage", "--days", "--json"))
    assert sum(day["announced"] for day in days) == 30
    assert [day["archived"] for day in days] == [0] * len(days)
    with open_reader(world) as reader:
        almaty = {d.day: d.announced for d in reader.days({"bereke": ZoneInfo("Asia/Almaty")})}
        assert almaty != {d.day: d.announced for d in reader.days({})}
    assert "NOT ARCHIVED" in run("coverage", "--days").stdout


def test_channels(world: str) -> None:
    """Each channel with its reads, its failures and its last good read."""
    with open_reader(world) as reader:
        (record,) = reader.coverage(source="bereke", edition="en")
        assert gaps(reader.listing_facts(edition="ru")) == []
    assert record.since == NOW
    assert [(c.channel.value, c.reads, c.failed, (c.last_good - NOW) / HOUR) for c in record.channels] == [
        ("listing", 5, 2, 3),
        ("sitemap", 3, 0, 3),
    ]
