"""A life as events, and a difference in one line: tables of what happened by what is shown_ids. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from newscrawl.judge.diff.differences import BlockKind, Op, compare, texts
from newscrawl.judge.diff.excerpt import by_kind, most_telling, word_counts
from newscrawl.judge.history.timeline import EventKind, timeline
from newscrawl.model import (
    Absence,
    AliasKind,
    AliasRecord,
    ArticleRecord,
    ChangeKind,
    Channel,
    Content,
    FetchOutcome,
    FoundRecord,
    LifeRecord,
    ObservationRecord,
    SightingHistory,
    State,
    StateChangeRecord,
    VerdictKind,
    VersionRecord,
)
from tests.support.factory import START, address, article

HOUR = timedelta(hours=1)
URL = address("en", 1)

# One letter a check: what it came to.
VERDICTS = {
    "n": VerdictKind.NEW,
    "u": VerdictKind.UNCHANGED,
    "m": VerdictKind.NOT_MODIFIED,
    "c": VerdictKind.CHANGED,
    "d": VerdictKind.DUPLICATE,
    "f": VerdictKind.FAILED,
    "x": VerdictKind.NOT_ARTICLE,
    "a": VerdictKind.ABSENT,
    "S": VerdictKind.ABSENT,  # turns it suspected
    "R": VerdictKind.ABSENT,  # turns it removed
    "b": VerdictKind.RETURNED,
    "B": VerdictKind.CHANGED,  # back, and edited
}
STATE_CHANGES = {"S": Absence.SUSPECTED, "R": Absence.REMOVED, "b": Absence.RETURNED, "B": Absence.RETURNED}


def life(observations: str, **parts) -> LifeRecord:
    """A history with a check every hour, given by letters."""
    observed, versions, changes = [], [], []
    for number, letter in enumerate(observations):
        verdict, at = VERDICTS[letter], START + number * HOUR
        if verdict in (VerdictKind.NEW, VerdictKind.CHANGED):
            versions.append(_version(len(versions) + 1, at))
        if letter in STATE_CHANGES:
            changes.append(StateChangeRecord(at, STATE_CHANGES[letter]))
        silent = verdict in (VerdictKind.FAILED, VerdictKind.ABSENT, VerdictKind.NOT_ARTICLE)
        observed.append(
            ObservationRecord(
                number + 1, 1, "bereke", "en", 1, at, URL, URL, FetchOutcome.OK, 200, verdict, "why",
                version=None if silent else len(versions),
            )
        )  # fmt: skip
    now = ArticleRecord(
        1, "bereke", "en", URL, URL, (), State.LIVE, START, START, START, article(), 1, len(versions)
    )
    return replace(LifeRecord(now, (), (), tuple(versions), tuple(observed), tuple(changes)), **parts)


def _version(number, at):
    said = article(title=f"Bridge, part {number}")
    return VersionRecord(1, "bereke", "en", URL, number, at, (), None, "00", "test/1", said)


def _summary(events):
    return [
        (
            event.kind.value,
            (event.at - START) // HOUR,
            len(event.observations),
            event.state_change and event.state_change.value,
        )
        for event in events
    ]


@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        ("", []),
        ("n", [("first_version", 0, 1, None)]),
        ("numd", [("first_version", 0, 1, None), ("unchanged", 1, 3, None)]),
        ("nuuc", [("first_version", 0, 1, None), ("unchanged", 1, 2, None), ("edited", 3, 1, None)]),
        ("xfn", [("failed", 0, 2, None), ("first_version", 2, 1, None)]),
        ("nuffu", [("first_version", 0, 1, None), ("unchanged", 1, 1, None), ("failed", 2, 2, None), ("unchanged", 4, 1, None)]),
        ("nSu", [("first_version", 0, 1, None), ("absent", 1, 1, "suspected"), ("unchanged", 2, 1, None)]),
        ("nSb", [("first_version", 0, 1, None), ("absent", 1, 1, "suspected"), ("returned", 2, 1, "returned")]),
        (
            "nSaRaaa",
            [("first_version", 0, 1, None), ("absent", 1, 1, "suspected"), ("absent", 2, 1, None),
             ("absent", 3, 1, "removed"), ("absent", 4, 3, None)],
        ),
        (
            "nSaRB",
            [("first_version", 0, 1, None), ("absent", 1, 1, "suspected"), ("absent", 2, 1, None),
             ("absent", 3, 1, "removed"), ("edited", 4, 1, None), ("returned", 4, 1, "returned")],
        ),
        ("nSf", [("first_version", 0, 1, None), ("absent", 1, 1, "suspected"), ("failed", 2, 1, None)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_observations_as_events(observations, expected):
    """Unchanged checks are folded, outages too; state changes and versions are events of their own."""
    assert _summary(timeline(life(observations))) == expected


@given(st.text(alphabet="umcdfab", max_size=30))
def test_every_observation_is_in_one_event(observations):
    """Whatever happens, no observation is lost or repeated, and events are in order."""
    events = timeline(life("n" + observations))
    shown_ids = [
        observation.id
        for event in events
        for observation in event.observations
        if event.kind is not EventKind.RETURNED or event.state_change
    ]
    assert sorted(set(shown_ids)) == list(range(1, len(observations) + 2))
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_an_edit_lies_after_the_last_look_that_found_the_earlier_text():
    """Checks that failed say nothing about when it was edited."""
    edited = timeline(life("nuffc"))[-1]
    assert (edited.seen_before, edited.before.number, edited.version.number) == (START + HOUR, 1, 2)
    assert [diff.field for diff in edited.diffs] == ["headline"]


def test_a_clock_set_back_loses_nothing():
    """Checks are folded in the order in which they were judged, and shown by their instants."""
    whole = life("nuuu")
    back = replace(whole.observations[3], at=START - HOUR)
    events = timeline(replace(whole, observations=(back, *whole.observations[:3])))
    assert _summary(events) == [("unchanged", -1, 3, None), ("first_version", 0, 1, None)]


def test_where_it_was_found_and_how_it_is_called():
    """A lead, an alias that says something new, and one event for each headline of a listing."""
    front = f"{URL[: URL.rindex('/')]}/"
    found = FoundRecord(START - HOUR, URL, Channel.FEED, f"{front}feed", "Bridge", 3)
    aliases = (
        AliasRecord(START, URL, AliasKind.LEAD, True),
        AliasRecord(START, f"{URL}?amp", AliasKind.CANONICAL, False),
    )

    def sighting(hours, position, headline):
        at = START + hours * HOUR
        return SightingHistory("bereke", "en", Channel.LISTING, front, headline, position, at, at + HOUR, 2)

    sightings = tuple(
        sighting(*each) for each in ((0, 0, "Bridge"), (2, 4, "Bridge"), (4, 5, "Bridge!"), (6, 6, "Bridge"))
    )
    events = timeline(life("n", found=(found,), aliases=aliases, sightings=sightings))
    assert [event.kind.value for event in events] == [
        "found", "listed", "alias", "first_version", "listed", "listed"
    ]  # fmt: skip
    first = events[1]
    assert [p.position for p in first.sightings] == [0, 4]
    assert first.until == START + 3 * HOUR
    assert events[2].alias.url == f"{URL}?amp"


# --- a difference in one line ------------------------------------------------------------------

LONG = " ".join(f"word{n}" for n in range(60))


@pytest.mark.parametrize(
    ("old", "new", "field", "shown"),
    [
        ({"title": "A"}, {"title": "B", "body": "x"}, "headline", "[A]{B}"),
        ({"body": "One 84 two."}, {"body": "One 86 two."}, "body", "One [84]{86} two."),
        ({"body": f"{LONG} 84 {LONG}"}, {"body": f"{LONG} 86 {LONG}"}, "body", "… word57 word58 word59 [84]{86} word0 word1 word2 word3 …"),
        ({"body": "Same.\nGone."}, {"body": "Same."}, "body", "[Gone.]"),
        ({"body": "Same."}, {"body": "Same.\nНов. Жаңа."}, "body", "{Нов. Жаңа.}"),
    ],
    ids=["headline first", "digit", "far within", "dropped", "added"],
)  # fmt: skip
def test_the_most_telling_change(old, new, field, shown):
    """A few words around the change, and the change itself."""
    excerpt = most_telling(compare(Content(**old), Content(**new)))
    marks = {Op.SAME: "{}", Op.REMOVED: "[{}]", Op.ADDED: "{{{}}}"}
    assert excerpt.field == field
    assert "".join(marks[span.op].format(span.text) for span in excerpt.spans) == shown


def test_the_same_has_no_telling_change():
    assert most_telling(()) is None
    assert word_counts(()) == (0, 0)


def test_moved_paragraphs_are_no_words_removed_or_added():
    paragraphs = [f"Paragraph number {n} speaks of item {n * n} at length." for n in range(5)]
    moved = [*paragraphs[1:], paragraphs[0]]
    diffs = compare(Content(body="\n".join(paragraphs)), Content(body="\n".join(moved)))
    assert {block.kind for block in diffs[0].blocks} == {BlockKind.SAME, BlockKind.MOVED}
    assert word_counts(diffs) == (0, 0)


@given(st.text(max_size=300), st.text(max_size=300))
def test_an_excerpt_is_short_and_invents_nothing(old, new):
    """Each piece stands in the difference it is taken from, but for the mark of what was left out."""
    diffs = compare(Content(body=old), Content(body=new))
    excerpt = most_telling(diffs)
    assert (excerpt is None) == (not diffs)
    if excerpt is not None:
        assert sum(len(span.text) for span in excerpt.spans) <= 700
        said = {op: "".join(s.text for b in texts(old, new) for s in b.spans if s.op is op) for op in Op}
        for span in excerpt.spans:
            for piece in span.text.split("…"):
                assert piece.strip() in said[span.op] or "…" in said[span.op]


OLD = 'The bridge cost 84 million.\n\n"We are late," said the mayor.\n\nThe council met in May.'


@pytest.mark.parametrize(
    ("new", "title", "kinds", "shown"),
    [
        # Figures and quotes first, each by the paragraph that has them; "body" says nothing beside them.
        ('The bridge cost 96 million.\n\n"We are early," said the mayor.\n\nThe council met in May.', "A",
         (ChangeKind.BODY, ChangeKind.QUOTES, ChangeKind.NUMBERS), [("numbers", "84"), ("quotes", "late")]),
        ('The bridge cost 96 million.\n\n"We are late," said the mayor.\n\nThe council met in May.', "B",
         (ChangeKind.HEADLINE, ChangeKind.NUMBERS), [("numbers", "84"), ("headline", "A")]),
        ('The bridge cost 84 million.\n\n"We are late," said the mayor.', "A",
         (ChangeKind.BODY, ChangeKind.SHORTENED), [("shortened", "The council met in May.")]),
        # Two kinds that the same change shows share a line.
        ('The bridge cost 84 million.\n\n"We are late," said the mayor.\n\nThe council met in June.', "A",
         (ChangeKind.TYPO, ChangeKind.CORRECTION), [("correction, typo", "May")]),
        (OLD, "A", (ChangeKind.IMAGE,), []),
    ],
)  # fmt: skip
def test_one_piece_a_kind(new, title, kinds, shown):
    diffs = compare(Content(title="A", body=OLD), Content(title=title, body=new))
    found = by_kind(diffs, kinds)
    assert [names for names, _ in found] == [names for names, _ in shown]
    for (_, excerpt), (_, word) in zip(found, shown, strict=True):
        assert any(word in span.text for span in excerpt.spans if span.op is Op.REMOVED)
