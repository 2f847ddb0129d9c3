"""Dates as people type them after --since, --until and after:, in English, Russian and Kazakh."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.options import parse_options
from newscrawl.dating.typed import read_typed
from newscrawl.errors import UsageError
from newscrawl.search.query import parse
from tests.support.fresh import filled
from tests.support.sample_history import fill

ALMATY = ZoneInfo("Asia/Almaty")
NOW = datetime(2026, 3, 31, 20, 30, tzinfo=UTC)  # already April in Almaty

# what is typed -> its beginning and its end, in Almaty's time; one where it is an instant
TYPED = {
    "2026-03-31": "2026-03-31T00:00 2026-04-01T00:00",
    " 31.03.2026 ": "2026-03-31T00:00 2026-04-01T00:00",
    "31.3.2026": "2026-03-31T00:00 2026-04-01T00:00",
    "10 апреля 2026": "2026-04-10T00:00 2026-04-11T00:00",
    "2026 жылғы 10 сәуір": "2026-04-10T00:00 2026-04-11T00:00",
    "10 April 2026": "2026-04-10T00:00 2026-04-11T00:00",
    "10 декабря": "2025-12-10T00:00 2025-12-11T00:00",
    "2026-02": "2026-02-01T00:00 2026-03-01T00:00",
    "12.2025": "2025-12-01T00:00 2026-01-01T00:00",
    "апрель 2026": "2026-04-01T00:00 2026-05-01T00:00",
    "Апрель 2026 года": "2026-04-01T00:00 2026-05-01T00:00",
    "2026 жылғы сәуір": "2026-04-01T00:00 2026-05-01T00:00",
    "December 2025": "2025-12-01T00:00 2026-01-01T00:00",
    "2025": "2025-01-01T00:00 2026-01-01T00:00",
    "today": "2026-04-01T00:00 2026-04-02T00:00",
    "Вчера": "2026-03-31T00:00 2026-04-01T00:00",
    "бүгін": "2026-04-01T00:00 2026-04-02T00:00",
    "кеше": "2026-03-31T00:00 2026-04-01T00:00",
    "7d": "2026-03-25T01:30",
    "7 дней назад": "2026-03-25T01:30",
    "7 күн бұрын": "2026-03-25T01:30",
    "2 weeks": "2026-03-18T01:30",
    "апта": None,
    "36h": "2026-03-30T13:30",
    "1 ай": "2026-03-01T01:30",  # 28 February, 20:30 in UTC: it has no 31st
    "1y": "2025-04-01T01:30",
    "2026-03-31T12:00": "2026-03-31T12:00",
    "2026-03-31 12:00+00:00": "2026-03-31T17:00",
    "2024-02-29": "2024-02-29T00:00 2024-03-01T00:00",
    "2026-02-30": None,
    "2026-13": None,
    "13.2026": None,
    "20260331": None,
    "2026-W05": None,
    "30m": None,  # minutes or months
    "-7d": None,
    "99999y": None,
    "0000": None,
    "9999": None,
    "": None,
    "soon": None,
    "tomorrow": None,
    "1/2/3": None,
    "७d" * 3: None,
    "1" * 4000: None,
    "2026-03-31T12:00+99:00": None,
}  # fmt: skip


@pytest.mark.parametrize("text", TYPED, ids=lambda text: text[:20])
def test_what_is_typed(text: str) -> None:
    """Days and months are those of the zone; anything else is refused."""
    wanted = TYPED[text]
    if wanted is None:
        with pytest.raises(ValueError):  # noqa: PT011 - its message is the caller's
            read_typed(text, NOW, ALMATY)
        return
    span = read_typed(text, NOW, ALMATY)
    start, _, end = wanted.partition(" ")
    assert span.start == datetime.fromisoformat(start).replace(tzinfo=ALMATY)
    assert span.end == datetime.fromisoformat(end or start).replace(tzinfo=ALMATY)


def test_a_day_whose_clocks_are_changed() -> None:
    """In Almaty 29 February 2024 had 25 hours."""
    span = read_typed("2024-02-29", NOW, ALMATY)
    assert (span.end.astimezone(UTC) - span.start.astimezone(UTC)).total_seconds() == 25 * 3600


def test_everywhere_alike(tmp_path, monkeypatch) -> None:
    """A list, a search and a crawl read them by the same rules; days are of UTC, of --zone, of the outlet."""
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_NOW", NOW.isoformat())

    def listed(*words: str) -> str:
        done = CliRunner().invoke(cli, ["list", "--json", *words])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    assert listed("--since", "99y") == listed() != ""
    assert listed("--since", "2026-01", "--until", "январь 2026") == listed(
        "--since", "2026-01-01", "--until", "2026-01-31"
    )
    assert listed("--until", "2026-03-01", "--zone", "Asia/Almaty") == listed("--until", "2026-03-01T19:00Z")
    assert listed("--zone", "Asia/Almaty", "--until", "2026-03-01") == listed("--until", "2026-03-01T19:00Z")
    said = CliRunner().invoke(cli, ["list", "--since", "7d", "--zone", "Almaty"])
    assert said.exit_code == 2
    assert "there is no zone 'Almaty'. Write one such as Asia/Almaty" in said.stderr
    dates = parse_options([Edition("en", "paper.example")], "Asia/Almaty", source="paper", since="вчера", until="today", now=NOW).dates  # fmt: skip
    assert dates.since == datetime(2026, 3, 31, tzinfo=ALMATY)
    assert dates.until == datetime(2026, 4, 2, tzinfo=ALMATY)
    with pytest.raises(UsageError, match="since=soon: not a date"):
        parse_options([Edition("en", "paper.example")], "UTC", source="paper", since="soon")
    assert (
        parse("x after:7d", ["en"], NOW.date()).text == parse("x after:2026-03-24", ["en"], NOW.date()).text
    )
