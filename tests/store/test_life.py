"""Reads of edits, absences and one article's life, on SQLite and PostgreSQL: what is found, in which order, with what evidence."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from newscrawl.errors import NotFound, UsageError
from newscrawl.model import Absence, AliasKind, ChangeKind, Content, VerdictKind
from newscrawl.store.read.reader import open_reader
from tests.support.factory import BODIES, START, TITLES, address
from tests.support.fresh import filled
from tests.support.sample_history import CLOSED, DAY, HOUR, WET, fill


@pytest.fixture(scope="module")
def reader(module_database_url):
    """A reader of the filled archive, shared: reading changes nothing."""
    with open_reader(filled(module_database_url, fill)) as opened:
        yield opened


@pytest.fixture(scope="module")
def ids(reader):
    """Ids by source, edition and number of the piece."""
    return {(r.source, r.edition, int(r.url.rsplit("-", 1)[1])): r.id for r in reader.articles()}


# --- edits -------------------------------------------------------------------------------------


def _edits(reader, **arguments):
    return [(r.edition, r.from_version, r.to_version, r.at - START) for r in reader.changes(**arguments)]


ALL = [
    ("en", 1, 2, 4 * DAY),
    ("en", 1, 2, 3 * DAY),
    ("en", 3, 4, 2 * DAY),
    ("en", 2, 3, DAY),
    ("en", 1, 2, 4 * HOUR),
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ALL),
        ({"limit": 2}, ALL[:2]),
        ({"limit": 0}, []),
        ({"source": "bereke", "edition": "en"}, ALL),
        ({"source": "other"}, []),
        ({"edition": "kk"}, []),
        ({"since": START + 2 * DAY}, ALL[:3]),
        ({"until": START + DAY}, ALL[4:]),
        ({"kinds": [ChangeKind.NUMBERS]}, ALL[2:4]),
        ({"kinds": [ChangeKind.BODY, ChangeKind.HEADLINE]}, ALL),
        ({"kinds": [ChangeKind.DATE]}, []),
    ],
    ids=lambda value: ",".join(map(str, value)) if isinstance(value, dict) else "",
)
def test_changes_by_condition(reader, arguments, expected):
    """Newest first; each condition alone selects exactly its edits."""
    assert _edits(reader, **arguments) == expected


def test_changes_of_one_article_with_window_and_return(reader, ids):
    """An edit lies between the check before and the one that found it; a return names the version it goes back to."""
    back, numbers, headline = reader.changes(article_id=ids["bereke", "en", 1])
    assert headline.seen_before == START + 3 * HOUR
    assert numbers.seen_before == START + 4 * HOUR
    assert (headline.title, numbers.title, back.title) == (CLOSED, CLOSED, f"{TITLES['en']} (1)")
    assert (headline.returns_to, numbers.returns_to, back.returns_to) == (None, None, 1)
    assert back.kinds == (ChangeKind.HEADLINE, ChangeKind.BODY, ChangeKind.NUMBERS)
    assert back.url == address("en", 1)
    assert (back.before, back.after) == (None, None)


def test_changes_with_both_texts(reader, ids):
    """Asked for, each edit carries what was said before and after, authors included."""
    back, numbers, _ = reader.changes(article_id=ids["bereke", "en", 1], texts=True)
    assert isinstance(numbers.after, Content)
    assert numbers.after.body == WET
    assert numbers.before.body == f"{BODIES['en']}\n\n№ 1."
    assert numbers.after == back.before
    assert [a.role for a in back.after.authors] == ["original author"]


def test_an_edition_that_is_not_there_is_refused(reader):
    """A known source names its editions, and so does the archive where no source is named."""
    for source in ({"source": "bereke"}, {}):
        with pytest.raises(UsageError, match="It has: en, kk, ru"):
            list(reader.changes(**source, edition="de"))
    assert reader.editions() == ["en", "kk", "ru"]


# --- absences ----------------------------------------------------------------------------------


def _absences(reader, **arguments):
    return [
        (r.source, r.edition, int(r.url.rsplit("-", 1)[1]), r.state.value)
        for r in reader.removals(**arguments)
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [("bereke", "en", 2, "suspected"), ("bereke", "ru", 1, "removed"), ("other", "en", 7, "suspected")]),
        ({"states": (Absence.REMOVED,)}, [("bereke", "ru", 1, "removed")]),
        ({"states": (Absence.RETURNED,)}, [("bereke", "en", 2, "returned"), ("bereke", "kk", 1, "returned")]),
        (
            {"states": tuple(Absence)},
            [
                ("bereke", "en", 2, "suspected"),
                ("bereke", "en", 2, "returned"),
                ("bereke", "ru", 1, "removed"),
                ("bereke", "kk", 1, "returned"),
                ("other", "en", 7, "suspected"),
            ],
        ),
        ({"states": tuple(Absence), "limit": 2}, [("bereke", "en", 2, "suspected"), ("bereke", "en", 2, "returned")]),
        ({"limit": 0}, []),
        ({"source": "other"}, [("other", "en", 7, "suspected")]),
        ({"source": "bereke", "edition": "kk"}, []),
        ({"since": START + 2 * DAY, "until": START + 3 * DAY}, [("bereke", "ru", 1, "removed")]),
        ({"states": (Absence.RETURNED,), "until": START + DAY}, [("bereke", "kk", 1, "returned")]),
    ],
    ids=["gone", "removed", "returned", "all", "first", "none", "other", "edition", "dates", "back"],
)  # fmt: skip
def test_absences_by_condition(reader, arguments, expected):
    """Latest turn first: the suspicion, the confirmation or the return; each condition selects exactly its absences."""
    assert _absences(reader, **arguments) == expected


def test_a_removal_with_its_evidence(reader):
    """Signal, first and last checks, confirmation, every check with its capture, and what answered in the same run."""
    [record] = reader.removals(states=(Absence.REMOVED,))
    assert record.signal == "not_found"
    assert (record.first_absent, record.last_seen) == (START + DAY, START)
    assert (record.confirmed_at, record.returned_at) == (START + 2 * DAY, None)
    observations = [evidence.observation for evidence in record.evidence]
    assert [observation.at - START for observation in observations] == [
        DAY,
        DAY + 12 * HOUR,
        2 * DAY,
        4 * DAY,
    ]
    assert {(observation.status, observation.signal, observation.reason) for observation in observations} == {
        (404, "not_found", "nothing there")
    }
    assert len({observation.capture.ref.record_id for observation in observations}) == 4
    assert record.capture.at == START
    assert record.version == 1
    [control] = record.evidence[0].controls
    assert (control.url, control.verdict) == (address("ru", 2), VerdictKind.NEW)
    assert record.evidence[1].controls == ()


def test_an_absence_that_ended_is_told_apart_from_the_next_one(reader):
    """The article that came back edited and is gone again: two absences, each with its own checks."""
    again, back = (r for r in reader.removals(states=tuple(Absence)) if r.url == address("en", 2))
    assert (back.signal, back.first_absent, back.last_seen) == ("gone", START + DAY, START)
    assert (back.confirmed_at, back.returned_at) == (START + 2 * DAY, START + 3 * DAY)
    assert len(back.evidence) == 3
    assert (again.signal, again.first_absent, again.last_seen) == (
        "not_found",
        START + 5 * DAY,
        START + 3 * DAY,
    )
    assert (again.confirmed_at, again.returned_at, len(again.evidence)) == (None, None, 1)
    assert (again.title, again.version) == ("Second, edited", 2)


def test_an_absence_that_was_never_confirmed(reader):
    [blink] = [r for r in reader.removals(states=(Absence.RETURNED,)) if r.edition == "kk"]
    assert (blink.confirmed_at, blink.returned_at) == (None, START + 8 * HOUR)


# --- one life ----------------------------------------------------------------------------------


def test_a_life_holds_everything_recorded(reader, ids):
    """Versions, observations, addresses, where it was found and the positions in listings, of one article and no other."""
    life = reader.life(ids["bereke", "en", 1])
    assert [version.number for version in life.versions] == [1, 2, 3, 4]
    assert [observation.verdict.value for observation in life.observations] == [
        "new", "not_modified", "not_modified", "not_modified", "changed", "changed", "changed"
    ]  # fmt: skip
    assert [(alias.url, alias.kind) for alias in life.aliases] == [
        ("https://s.example/b", AliasKind.REDIRECT)
    ]
    [found] = life.found
    assert (found.headline, found.position, found.at) == ("A new bridge", 0, START)
    assert [sighting.headline for sighting in life.sightings] == ["A new bridge"]
    assert life.state_changes == ()
    gone = reader.life(ids["bereke", "en", 2])
    assert [change.state.value for change in gone.state_changes] == [
        "suspected",
        "removed",
        "returned",
        "suspected",
    ]


@pytest.mark.parametrize("number", [0, -1, 99, 2**63, 10**30], ids=str)
def test_the_life_of_what_is_not_there(reader, number):
    with pytest.raises(NotFound):
        reader.life(number)


# --- at scale ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("changes", "ix_changes_at"),
        ("removals", "ix_articles_state"),
        ("life", "leads USING INDEX sqlite_auto"),
    ],
)
def test_limited_reads_go_by_an_index(tmp_path_factory, query, index):
    """No read that is limited or about one article scans a long table."""
    path = tmp_path_factory.getbasetemp() / "plans" / "newscrawl.db"
    if not path.exists():
        path.parent.mkdir()
        fill(f"sqlite:///{path}")
    plans = []

    def explain(_connection, cursor, statement, parameters, _context, _many):
        rows = cursor.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row[3] for row in rows)

    with open_reader(f"sqlite:///{path}") as reader:
        event.listen(reader._engine, "before_cursor_execute", explain)
        if query == "life":
            reader.life(1)
        else:
            assert list(getattr(reader, query)(limit=2))
    assert any(index in plan for plan in plans), plans
    long_tables = {"articles", "changes", "observations", "leads", "versions", "captures", "sightings"}
    scans = [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in long_tables]
    assert [plan for plan in scans if "USING INDEX" not in plan] == []
