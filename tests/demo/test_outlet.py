"""The made-up outlet: what its pages say is what its truth says, at every moment and for every seed."""

from __future__ import annotations

import ast
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html

import newscrawl.demo
from newscrawl.demo import Clock, EventKind, Expected, Outlet
from newscrawl.demo.article_pages import View
from newscrawl.demo.pieces import Dating, Manner
from newscrawl.demo.site import Answer, respond
from newscrawl.model import ChangeKind, State

OUTLET = Outlet()
FIRST, LAST = OUTLET.moments[0], OUTLET.moments[-1]
BASES = {"en": "http://en.test", "ru": "http://ru.test", "kk": "http://kk.test"}
EVENTS = (
    "typo",
    "headline",
    "removed",
    "shortened",
    "digit",
    "correction",
    "gone",
    "home",
    "byline",
    "returns",
)
EVENTS += ("soft", "extended")


def observation(edition: str, at: datetime, target: str, outlet: Outlet = OUTLET, serial: int = 1) -> Answer:
    """The outlet's answer without a socket."""
    return respond(View(outlet, edition, at, BASES, serial), target)


def scripted(name: str, at: datetime = LAST) -> Expected:
    """The truth about one hand-written piece."""
    return next(e for edition in OUTLET.editions for e in OUTLET.truth(edition, at) if e.event == name)


# --- the history ---


def test_the_clock_moves_only_when_told() -> None:
    """The clock does not run, can be set and advanced, and refuses naive instants."""
    clock = Clock(FIRST)
    assert clock.now() == clock.now() == FIRST
    assert clock.advance(timedelta(hours=1)) == clock.now() == FIRST + timedelta(hours=1)
    clock.set(datetime.fromisoformat("2026-04-08T05:00+05:00"))
    assert clock.now().isoformat() == "2026-04-08T00:00:00+00:00"
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2026, 4, 8))


def test_the_same_seed_gives_the_same_outlet() -> None:
    """Pieces, events and pages are equal, byte for byte."""
    again = Outlet(1)
    assert all(again.pieces(edition) == OUTLET.pieces(edition) for edition in OUTLET.editions)
    assert again.events() == OUTLET.events()
    path = OUTLET.published("ru", FIRST)[0].path
    assert observation("ru", FIRST, path, again) == observation("ru", FIRST, path)


def test_another_seed_gives_other_pages_and_other_texts() -> None:
    """No address, no body and no class name of one outlet is in the other."""
    other = Outlet(2)
    assert other.skin != OUTLET.skin
    for edition in OUTLET.editions:
        mine, theirs = OUTLET.pieces(edition), other.pieces(edition)
        assert not {piece.path for piece in mine} & {piece.path for piece in theirs}
        assert not {piece.versions[0].body for piece in mine} & {piece.versions[0].body for piece in theirs}


@pytest.mark.parametrize("seed", range(1, 9))
def test_pieces_are_distinct_and_complete(seed: int) -> None:
    """45 pieces at the first moment, 116 in all; no headline, address or body twice; no slot left unfilled."""
    outlet = Outlet(seed)
    assert sum(len(outlet.published(edition, FIRST)) for edition in outlet.editions) == 45
    assert sum(len(outlet.pieces(edition)) for edition in outlet.editions) == 116
    for edition in outlet.editions:
        pieces = outlet.pieces(edition)
        assert {piece.dating for piece in pieces} == set(Dating)
        assert {piece.event for piece in pieces} & set(EVENTS)
        for value in ("path", "title", "body", "instant"):
            found = [
                {
                    "path": piece.path,
                    "title": piece.versions[0].title,
                    "body": piece.versions[0].body,
                    "instant": piece.published,
                }[value]
                for piece in pieces
            ]
            assert len(set(found)) == len(found), value
        for piece in pieces:
            for version in piece.versions:
                text = f"{version.title} {version.subtitle} {version.body}"
                assert not set("{}<>") & set(text)
                assert len(version.body.split()) > 30
                assert ("қ" in text.lower()) == (edition == "kk")
    assert any(piece.translations for piece in outlet.pieces("en"))


def test_the_banks_of_all_languages_run_in_parallel() -> None:
    """The same topics with the same numbers of sentences: a translation says the same thing."""
    sizes = set()
    for edition in OUTLET.editions:
        words = OUTLET.lexicon(edition)
        topics = tuple(
            (t.key, t.section, *map(len, (t.headlines, t.leads, t.details, t.quotes, t.closings)))
            for t in words.topics
        )
        names = (words.places, words.streets, words.people, words.reporters, words.background, words.subheads)
        sizes.add((topics, *map(len, names), tuple(words.labels), tuple(words.sections)))
    assert len(sizes) == 1


def test_translations_name_each_other() -> None:
    """Every translation exists, is told from the same numbers, and points back."""
    by_path = {
        (edition, piece.path): piece for edition in OUTLET.editions for piece in OUTLET.pieces(edition)
    }
    for (edition, path), piece in by_path.items():
        for other in piece.translations:
            assert (edition, path) in by_path[other].translations
            numbers = [re.findall(r"\d+", p.versions[0].title) for p in (piece, by_path[other])]
            assert numbers[0] == numbers[1]


def test_old_pieces_have_bare_slugs_and_the_older_offset() -> None:
    """Addresses without id, dated before March 2024 in UTC+6; everything later in UTC+5."""
    old = [piece for edition in OUTLET.editions for piece in OUTLET.pieces(edition) if piece.id is None]
    assert len(old) == 4
    assert {piece.published.utcoffset() for piece in old} == {timedelta(hours=6)}
    assert OUTLET.pieces("en")[-1].published.utcoffset() == timedelta(hours=5)


CHANGES = {
    "typo": (ChangeKind.BODY, ChangeKind.TYPO),
    "digit": (ChangeKind.BODY, ChangeKind.NUMBERS),
    "headline": (ChangeKind.HEADLINE,),
    "shortened": (ChangeKind.BODY, ChangeKind.SHORTENED),
    "correction": (ChangeKind.BODY, ChangeKind.CORRECTION),
    "byline": (ChangeKind.BYLINE,),
    "extended": (ChangeKind.BODY, ChangeKind.EXTENDED),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_edit_is_an_event_and_a_version(name: str) -> None:
    """Its kinds are announced, and exactly the fields it names differ."""
    truth = scripted(name)
    before, after = truth.contents
    (kinds,) = {e.kinds for e in OUTLET.events() if e.kind is EventKind.EDITED and e.path == truth.path}
    assert kinds == CHANGES[name]
    assert (before.title != after.title) == (ChangeKind.HEADLINE in kinds)
    assert (before.body != after.body) == (ChangeKind.BODY in kinds)
    assert (before.authors != after.authors) == (ChangeKind.BYLINE in kinds)
    assert truth.state is State.LIVE


def test_a_headline_that_changes_back_is_two_contents_and_three_changes() -> None:
    """The return is a change, but not a third content."""
    truth = scripted("headline")
    assert truth.versions == 2
    assert [content.title for _, content in truth.changes][::2] == [truth.title] * 2


def test_a_byline_added_later_replaces_the_organisation() -> None:
    """First the outlet signs, then a person does."""
    first, second = (content.authors for content in scripted("byline").contents)
    assert [author.kind for author in first] == ["organization"]
    assert [(author.kind, author.role) for author in second] == [("person", "original author")]


@pytest.mark.parametrize(
    ("name", "status", "state"),
    [
        ("removed", 404, State.REMOVED),
        ("gone", 410, State.REMOVED),
        ("home", 302, State.REMOVED),
        ("soft", 200, State.REMOVED),
        ("returns", 200, State.LIVE),
    ],
)
def test_absences(name: str, status: int, state: State) -> None:
    """The response of an absent piece at the last moment, and what an archive must contain of it."""
    truth = scripted(name)
    answer = observation(truth.edition, LAST, truth.path)
    assert (answer.status, truth.state) == (status, state)
    assert truth.present == (name == "returns")
    assert truth.versions == 1
    assert answer.kind == ("article" if name == "returns" else "redirect" if name == "home" else "not_found")


def test_removal_needs_three_checks_over_a_day() -> None:
    """Suspected at first; a check in an outage is not a signal; a return makes it live."""
    states = [scripted("removed", moment).state for moment in OUTLET.moments]
    assert states[:6] == [
        State.LIVE,
        State.LIVE,
        State.SUSPECTED,
        State.SUSPECTED,
        State.SUSPECTED,
        State.REMOVED,
    ]
    assert scripted("returns", OUTLET.moments[5]).state is State.REMOVED
    assert scripted("returns", OUTLET.moments[6]).state is State.LIVE


def test_the_outage_hides_new_pieces_and_removes_nothing() -> None:
    """During an outage nothing new is known of an edition, and everything known stays."""
    during = OUTLET.moments[3]
    assert OUTLET.down("ru", during)
    assert not OUTLET.down("en", during)
    assert observation("ru", during, "/").status == observation("ru", during, "/robots.txt").status == 503
    states = {expected.state for expected in OUTLET.truth("ru", during)}
    assert states == {State.LIVE}
    unseen = OUTLET.truth("ru", during, observations=[during])
    assert {(e.first_seen, e.versions) for e in unseen} == {(None, 0)}


def test_the_burst_is_longer_than_the_front_page() -> None:
    """Between two moments more than 25 pieces appear, all within an hour."""
    before, after = OUTLET.moments[3], OUTLET.moments[4]
    new = [p for p in OUTLET.published("ru", after) if p.published > before]
    assert len(new) >= 26
    assert any(event.kind is EventKind.BURST for event in OUTLET.events())
    listed = html.fromstring(observation("ru", after, "/").body.decode()).xpath(
        f'//div[@class="{OUTLET.skin}-card"]'
    )
    assert len(listed) == 20


# --- the layer ---


def test_imports_only_what_it_may() -> None:
    """The standard library, itself, and the lowest layers."""
    allowed = {"model", "errors", "text", "urls", "demo"}
    for file in Path(newscrawl.demo.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top, _, rest = name.partition(".")
                assert top in sys.stdlib_module_names or rest.split(".")[0] in allowed, (file.name, name)


def test_manners_and_moments_are_all_used() -> None:
    """Every way to be absent occurs; the moments are in order and aware."""
    used = {a.manner for edition in OUTLET.editions for p in OUTLET.pieces(edition) for a in p.absences}
    assert used == set(Manner)
    assert list(OUTLET.moments) == sorted(OUTLET.moments)
    assert {moment.tzinfo for moment in OUTLET.moments} == {UTC}


def test_a_burst_that_nobody_lists() -> None:
    """The Kazakh sitemap does not change from before the second burst on, so its oldest pieces are listed nowhere."""
    (gap,) = OUTLET.gaps()
    assert gap == ("kk", OUTLET.moments[7], OUTLET.moments[8])
    published = {piece.path for piece in OUTLET.published("kk", LAST)}
    shown = "".join(
        observation("kk", LAST, target).body.decode()
        for target in ("/", "/feed/", *(f"/sitemap/sitemap_news{n}.xml" for n in range(1, 9)))
    )
    unlisted = {path for path in published if f"{path}<" not in shown and f'{path}"' not in shown}
    unlisted = {path for path in unlisted if f"{path}/" not in shown}
    assert unlisted == {e.path for e in OUTLET.truth("kk", LAST) if e.first_seen is None} != set()
    assert not any(e.first_seen is None for edition in ("en", "ru") for e in OUTLET.truth(edition, LAST))
