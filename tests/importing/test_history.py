"""Observations that come late: whatever the order in which captures are imported, the history of an article is that of their instants."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.archiving.ahead import Decider
from newscrawl.archiving.apply import record
from newscrawl.archiving.decide import Policy
from newscrawl.extract.page.shown import page_text
from newscrawl.model import FetchOutcome, State, VerdictKind
from newscrawl.store.archive import Archive, open_archive
from tests.support.judging import NOW, PIECE, URL
from tests.support.storing import NoCaptures, known, observation, rows

START = NOW - timedelta(days=400)
COMMON = "The town library keeps its doors open on Sundays from this month on, the council said. " * 2
TEXTS = {
    letter: replace(PIECE, title=f"Library opens on Sundays, says {name}", body=COMMON + f"So says {name} of the readers' club, who asked for it for {number} years.")
    for letter, name, number in (("a", "Aigul", 3), ("b", "Berik", 14), ("c", "Camila", 159))
}  # fmt: skip
STRANGER = replace(
    PIECE, title="We are mending the site", body="Please come back in an hour; our engineers replace a disk."
)


class Reader(NoCaptures):
    """Reads stored captures by a function; the pages themselves are not kept."""

    def __init__(self, extract_capture) -> None:
        self.extract = extract_capture


def import_all(
    archive: Archive, observations, *, extract_capture=lambda _known, _capture: None
) -> list[VerdictKind]:
    """Takes observations one after the other as an import does; what each came to."""
    found = []
    for one in observations:
        with archive.write() as writing:
            (applied,) = record(writing, [one], Decider(Policy(imported_at=NOW), Reader(extract_capture)))
        found.append(applied.verdict.kind)
    return found


def at_day(day: float, letter: str = "a", **fields):
    """An observation of the text `letter` on a day of the history; "x" is a 404, "n" a "not modified"."""
    at = START + timedelta(days=day)
    if letter == "x":
        return observation(None, at=at, outcome=FetchOutcome.NOT_FOUND, status=404, **fields)
    if letter == "n":
        return observation(None, at=at, outcome=FetchOutcome.NOT_MODIFIED, status=304, **fields)
    return observation(TEXTS[letter], at=at, **fields)


def history(archive: Archive) -> dict[str, list]:
    """Everything that the order of import must not change."""
    return {
        "versions": sorted(rows(archive, "versions", "number", "at", "content_hash", "kinds", "returns_to", "title")),
        "observations": sorted(rows(archive, "observations", "at", "version", "status"), key=str),
        "changes": sorted(rows(archive, "changes", "at", "kind", "from_version", "to_version", "kinds"), key=str),
        "article": rows(archive, "articles", "version", "first_seen", "last_seen", "last_changed", "title", "checks"),
    }  # fmt: skip


@pytest.fixture
def opened(archive_url):
    archive = Archive(open_archive(archive_url), "bereke", NOW)
    archive.begin_run(NOW, {})
    yield archive
    archive.close()


CASES = {
    "an earlier other text": ("b", [(5, "b"), (2, "a")], [(1, "a"), (2, "b")]),
    "the same text earlier": ("b", [(5, "b"), (2, "b")], [(1, "b")]),
    "a text between two": ("c", [(1, "a"), (9, "c"), (5, "b")], [(1, "a"), (2, "b"), (3, "c")]),
    "the later text sooner": ("b", [(1, "a"), (9, "b"), (5, "b")], [(1, "a"), (2, "b")]),
    "the earlier text longer": ("b", [(1, "a"), (9, "b"), (5, "a")], [(1, "a"), (2, "b")]),
    "an edit that was taken back": ("a", [(1, "a"), (9, "a"), (5, "b")], [(1, "a"), (2, "b"), (3, "a")]),
    "taken back, seen three times": ("a", [(1, "a"), (9, "a"), (12, "a"), (5, "b")], [(1, "a"), (2, "b"), (3, "a")]),
    "taken back and edited again": ("c", [(1, "a"), (9, "a"), (12, "c"), (5, "b")], [(1, "a"), (2, "b"), (3, "a"), (4, "c")]),
    "the later text came, went and came": ("b", [(1, "a"), (6, "a"), (9, "b"), (3, "b")], [(1, "a"), (2, "b"), (3, "a"), (4, "b")]),
    "another text before an absence": ("a", [(1, "b"), (22, "x"), (21, "a"), (29, "a")], [(1, "b"), (2, "a")]),
    "and edited after it": ("c", [(1, "b"), (22, "x"), (21, "a"), (29, "c")], [(1, "b"), (2, "a"), (3, "c")]),
    "not modified in between": ("b", [(1, "a"), (9, "b"), (5, "n")], [(1, "a"), (2, "b")]),
    "not modified holds the text": ("b", [(1, "a"), (6, "n"), (9, "b"), (3, "c")], [(1, "a"), (2, "c"), (3, "a"), (4, "b")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_history(name, opened):
    """The versions an article has, in the order of time, after observations in the order given; every one names the version it saw."""
    current, observations, versions = CASES[name]
    import_all(opened, [at_day(day, letter) for day, letter in observations])
    titles = {article.title: letter for letter, article in TEXTS.items()}
    found = sorted(rows(opened, "versions", "number", "title", "at"))
    assert [(number, titles[title]) for number, title, _ in found] == versions
    assert [at for _, _, at in found] == sorted(at for _, _, at in found)
    assert titles[known(opened).content.title] == current
    assert known(opened).version == len(versions)
    said = dict(rows(opened, "versions", "number", "title"))
    for at, version in rows(opened, "observations", "at", "version"):
        (letter,) = [which for day, which in observations if START + timedelta(days=day) == at]
        if letter in TEXTS:
            assert said[version] == TEXTS[letter].title


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("history") / "empty.db"
    open_archive(f"sqlite:///{path}").dispose()
    return path


@given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("aabbc")), min_size=2, max_size=7, unique_by=lambda pair: pair[0]),
    st.randoms(use_true_random=False),
)  # fmt: skip
@settings(max_examples=10, deadline=None)
def test_order_of_import_does_not_matter(empty, days, random):
    """Captures imported one by one in any order leave the history that the order of time leaves."""
    shuffled = random.sample(days, len(days))
    found = []
    for order in (sorted(days), shuffled):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "newscrawl.db"
            shutil.copyfile(empty, path)
            archive = Archive(open_archive(f"sqlite:///{path}"), "bereke", NOW)
            archive.begin_run(NOW, {})
            import_all(archive, [at_day(*pair) for pair in order])
            found.append(history(archive))
            archive.close()
    assert found[0]["versions"] == found[1]["versions"]
    assert found[0] == found[1]


def test_another_page_is_no_version(opened):
    """A page that shares nothing with the texts around it is kept as a capture and makes no version, early or late."""
    stranger = observation(STRANGER, at=START + timedelta(days=5))
    later = observation(STRANGER, at=START + timedelta(days=9))
    verdicts = import_all(opened, [at_day(1, "a"), later, stranger])
    assert verdicts[1:] == [VerdictKind.FAILED, VerdictKind.FAILED]
    assert len(rows(opened, "versions", "id")) == 1
    assert len(rows(opened, "captures", "id")) == 3


def test_absences_never_confirm_a_removal(opened):
    """404s of somebody else's crawl make an article suspected, however many there are; a crawl finds out at once."""
    import_all(opened, [at_day(1, "a"), *(at_day(day, "x") for day in (5, 7, 9, 12))])
    article = known(opened)
    assert article.state is State.SUSPECTED
    assert rows(opened, "articles", "next_check") == [NOW]


def test_an_early_absence_changes_no_state(opened):
    """A 404 from before the article was seen again is an observation between the two."""
    import_all(opened, [at_day(1, "a"), at_day(9, "a"), at_day(5, "x")])
    assert known(opened).state is State.LIVE
    assert ("not_found", "absent") in rows(opened, "observations", "signal", "verdict")


def test_imported_articles_are_not_all_due_at_once(opened):
    """An old article is checked again as its age says, counted from now."""
    import_all(opened, [at_day(1, "a")])
    (due,) = rows(opened, "articles", "next_check")
    assert due > NOW


def test_an_older_extractor_is_no_edit(opened):
    """What differs is read again by today's extractor before it is called another text."""
    old = replace(at_day(9, "a"), extractor="test/0", content_hash="00" * 20)
    import_all(opened, [old, at_day(5, "a")], extract_capture=lambda _known, _capture: TEXTS["a"])
    assert len(rows(opened, "versions", "id")) == 1


def test_what_cannot_be_compared_makes_no_version(opened):
    """Where the capture beside it cannot be read by today's extractor, an observation says nothing about edits."""
    old = replace(at_day(9, "a"), extractor="test/0", content_hash="00" * 20)
    assert import_all(opened, [old, at_day(3, "b")])[-1] is VerdictKind.UNCHANGED
    assert len(rows(opened, "versions", "id")) == 1


# --- raw pages ---------------------------------------------------------------------------------------

PARAGRAPHS = [
    "The town library keeps its doors open on Sundays from this month on, the council said on Monday.",
    "So says Aigul of the club of readers, who had asked for it for three years in letters and at meetings.",
    "A second reading room is to be opened in the autumn, once its roof is mended and its lamps are hung.",
]
EDITED = [PARAGRAPHS[0], PARAGRAPHS[1].replace("three", "eleven"), PARAGRAPHS[2]]
AGAIN = [PARAGRAPHS[0], EDITED[1], PARAGRAPHS[2].replace("autumn", "spring")]


class Kept:
    """Captures whose pages can be read: each shows its paragraphs, in one of two layouts."""

    def __init__(self, *, lost: bool = False) -> None:
        self.pages: dict[str, bytes] = {}
        self.lost = lost

    def seen(self, day: float, shown: list[str], read: list[str] | None = None, theme: str = "old"):
        """An observation of a page that shows these paragraphs, and of which these were read."""
        text = "\n\n".join(shown if read is None else read)
        one = observation(
            replace(PIECE, title="Library opens on Sundays", body=text), at=START + timedelta(days=day)
        )
        body = "".join(f'<p class="{theme}-line">{line}</p>' for line in shown)
        page = f'<html><body class={theme}><div class="{theme}-main"><h1>Library opens on Sundays</h1>{body}</div></body></html>'
        self.pages[one.fetch.captures[-1].ref.record_id] = page.encode()
        return one

    def extract(self, _known, _capture):
        return None

    def page_text(self, _known, capture):
        if self.lost:
            return None
        page = self.pages[capture.ref.record_id]
        return page_text(page, URL, content_type="text/html; charset=utf-8", fetched_at=NOW, zone=UTC)


def late(kept, shown, read=None, theme="old"):
    return kept.seen(5, shown, read, theme)


# name -> (what the page in between shows, what was read of it, its theme, versions, what the observation came to)
BETWEEN = {
    "the text of the version before": (PARAGRAPHS, None, "old", 2, "same content"),
    "in another layout": (PARAGRAPHS, None, "new", 2, "same content"),
    "a paragraph was not read": (PARAGRAPHS, PARAGRAPHS[:2], "old", 2, "no edit"),
    "in another layout, a paragraph was not read": (PARAGRAPHS, PARAGRAPHS[1:], "new", 2, "no edit"),
    "the text of the version after": (AGAIN, None, "old", 2, "the text of version 2"),
    "the text of the version after, not read whole": (AGAIN, AGAIN[1:], "new", 2, "the text of version 2"),
    "a text of its own": (EDITED, None, "old", 3, "an earlier text: body"),
    "a text of its own in another layout": (EDITED, None, "new", 3, "an earlier text: body"),
}  # fmt: skip


@pytest.mark.parametrize("name", BETWEEN)
def test_an_edit_in_between_is_what_both_pages_show(name, sqlite_url):
    """A late capture is compared with the raw pages of both neighbours, as in a crawl."""
    shown, read, theme, versions, reason = BETWEEN[name]
    archive, kept = Archive(open_archive(sqlite_url), "bereke", NOW), Kept()
    archive.begin_run(NOW, {})
    for one in (kept.seen(1, PARAGRAPHS), kept.seen(9, AGAIN), late(kept, shown, read, theme)):
        with archive.write() as writing:
            record(writing, [one], Decider(Policy(imported_at=NOW), kept))
    assert len(rows(archive, "versions", "id")) == versions
    assert rows(archive, "observations", "reason")[-1].startswith(reason)
    archive.close()


def test_without_the_pages_the_texts_are_compared(sqlite_url):
    """Today's rule without raw pages, and the observation says so."""
    archive, kept = Archive(open_archive(sqlite_url), "bereke", NOW), Kept(lost=True)
    archive.begin_run(NOW, {})
    for one in (kept.seen(1, PARAGRAPHS), kept.seen(9, AGAIN), late(kept, PARAGRAPHS, PARAGRAPHS[:2])):
        with archive.write() as writing:
            record(writing, [one], Decider(Policy(imported_at=NOW), kept))
    assert len(rows(archive, "versions", "id")) == 3
    assert rows(archive, "observations", "reason")[-1].endswith("a raw page cannot be read")
    archive.close()
