"""Unreadable articles in the archive, on both databases: since when, in which order they are due, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newscrawl.alerts.gather import open_unreadable
from newscrawl.judge.health.report import judge
from newscrawl.model import Absence, FetchOutcome as F, Signal, State, Verdict, VerdictKind as V
from newscrawl.model.health import FindingKind
from newscrawl.store.archive import open_archive
from newscrawl.store.health.runs import open_health
from newscrawl.store.read.reader import open_reader
from tests.support.factory import START, press
from tests.support.judging import NOW, PIECE, URL
from tests.support.storing import apply, archive, known, new, observation

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REFUSED = Verdict(V.FAILED, "forbidden (403)", next_check=NOW, unreadable=True)
SAME = Verdict(V.UNCHANGED, "same content", next_check=NOW)
CLOCK = Verdict(V.FAILED, "the machine's clock says …", next_check=NOW)
UNCONFIRMED = Verdict(V.FAILED, "absent (404)", signal=Signal.NOT_FOUND, next_check=NOW, unreadable=True)
GONE = Verdict(V.ABSENT, "absent (404)", state=State.SUSPECTED, signal=Signal.NOT_FOUND, next_check=NOW)


def test_since_the_first_check_without_a_page(archive_url):
    """It stays until a check reads the page or finds it absent; what is wrong with us neither sets nor clears it."""
    with archive(archive_url) as opened:
        new(opened)
        told = []
        for hours, verdict in enumerate((CLOCK, REFUSED, REFUSED, CLOCK, SAME, REFUSED, GONE, REFUSED), 1):
            fine = True if verdict is GONE else None
            one = observation(
                None, at=NOW + hours * HOUR, outcome=F.FORBIDDEN, status=403, controls_fine=fine
            )
            apply(opened, one, verdict)
            since = known(opened).unreadable_since
            told.append(since and (since - NOW) / HOUR)
        assert told == [None, 2, 2, 2, None, 6, None, 8]


def test_evidence_without_controls_is_known_apart(archive_url):
    """It is no signal, and it is forgotten once the article was seen."""
    with archive(archive_url) as opened:
        new(opened)
        for hours in (1, 7):
            one = observation(
                None, at=NOW + hours * HOUR, outcome=F.NOT_FOUND, status=404, controls_fine=False
            )
            apply(opened, one, UNCONFIRMED)
        hidden = known(opened)
        assert (hidden.signals, hidden.unconfirmed) == ((), (NOW + HOUR, NOW + 7 * HOUR))
        apply(opened, observation(PIECE, at=NOW + 8 * HOUR), SAME)
        assert known(opened).unconfirmed == ()


def test_unreadable_ones_are_due_last(archive_url):
    """After all others, however overdue, the longest unreadable last; suspected ones that could be asked come first."""
    with archive(archive_url) as opened:
        for name in ("healthy", "long", "short", "suspected"):
            new(opened, url=f"{URL}-{name}")
        for hours, name, verdict in (
            (1, "long", REFUSED),
            (2, "short", REFUSED),
            (3, "long", REFUSED),
            (4, "suspected", GONE),
        ):
            one = observation(
                None, url=f"{URL}-{name}", at=NOW + hours * HOUR, outcome=F.FORBIDDEN, status=403
            )
            apply(opened, one, verdict, one.url_key)
        due = opened.due(["en"], NOW + DAY, 10)
        assert [one.url.rsplit("-", 1)[1] for one in due] == ["suspected", "healthy", "short", "long"]
        assert len(opened.due(["en"], NOW + DAY, 2)) == 2


def _refuse(url, days):
    """One article is refused for some days, its neighbour is read every day."""
    with press(url) as bereke:
        bereke.publish("en", 1)
        bereke.publish("en", 2)
        for day in range(1, days + 1):
            at = START + day * DAY
            bereke.next_run(at)
            bereke.check("en", 1, at=at, kind=V.FAILED, reason="forbidden (403)")
            bereke.check("en", 2, at=at)
        bereke.finish(START + days * DAY + HOUR)


def test_readers_are_told(archive_url):
    """In the list, alone with the filter, with its evidence among absences, and never as gone."""
    _refuse(archive_url, 4)
    with open_reader(archive_url) as reader:
        (one,) = reader.articles(unreadable=True)
        assert reader.count(unreadable=True) == 1
        assert (one.state, one.unreadable_since) == (State.LIVE, START + DAY)
        assert [other.unreadable_since for other in reader.articles() if other.id != one.id] == [None]
        assert list(reader.removals()) == []
        (record,) = reader.removals(states=tuple(Absence))
        told = record.state, record.signal, record.first_absent
        assert told == (Absence.UNREADABLE, "timeout", START + DAY)
        assert len(record.evidence) == 4
        assert [control.article_id for control in record.evidence[-1].controls] != [one.id]


@pytest.mark.parametrize(("days", "told"), [(1, []), (4, [FindingKind.ARTICLES_UNREADABLE])])
def test_health_is_told_after_days(archive_url, days, told):
    """One finding; a day of it is none."""
    _refuse(archive_url, days)
    now = START + days * DAY + HOUR
    with open_health(archive_url) as reader:
        (source,) = judge(reader.facts(now), now).sources
    assert [finding.kind for finding in source.findings] == told
    (edition,) = source.editions
    assert (edition.unreadable, edition.unreadable_since) == (1, None)


@pytest.mark.parametrize(("days", "told"), [(2, 0), (4, 1)])
def test_alerts_are_told_after_days(archive_url, days, told):
    """An open finding for each article that has been unreadable for days while another was read."""
    _refuse(archive_url, days)
    engine = open_archive(archive_url)
    found = open_unreadable(engine)
    engine.dispose()
    assert len(found) == told
    assert all(
        "unreadable since 2026-03-03 06:00 UTC (4 checks, the last: forbidden" in one.line for one in found
    )
