"""Lines that many articles of an edition have nearly alike: short notices of one form, and lines of the day within the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import Confirmed, confirmed
from newscrawl.judge.template_text import EditionText, Neighbour
from newscrawl.model import ChangeKind, Content, PageText, TextBlock

SLOT = ("p", "div.text", "article.post", "main.page", "body.one")
LAYOUT = frozenset({"p", "div.text", "article.post", "main.page", "body.one", "h1.title"})
OWN = "The old ferry over the lake was sold to a collector of clocks, who wants to live on it in summer."
QUAKE = "A quake of magnitude {} was felt {} km from the town, the network of stations reported at noon."
WEATHER = "Weather in the town today: {}, plus {} in the afternoon, as the station at the harbour says."


def _page(*lines: str) -> PageText:
    return PageText(shown=tuple(TextBlock(line, SLOT) for line in lines), layout=LAYOUT)


def _neighbours(*checks: tuple[str, ...]) -> EditionText:
    """Neighbours with texts of their own, each with its line at the last checks, the last first."""
    own = [
        f"Text number {'abcdefgh'[n]} speaks of {'xyzuvwst'[n]} and of nothing else in the world."
        for n in range(8)
    ]
    return EditionText(
        tuple(
            Neighbour(tuple(_page(text, line) for line in dict.fromkeys(lines)), checked=True)
            for text, lines in zip(own, checks, strict=False)
        )
    )


def _told(
    old: str, new: str, edition: EditionText, previous: tuple[str, ...] = ()
) -> tuple[Confirmed, tuple[ChangeKind, ...]]:
    before, after = (Content(title="A ferry", body=f"{OWN}\n\n{line}") for line in (old, new))
    found = confirmed(
        before, after, _page(OWN, old), _page(OWN, new), [_page(OWN, one) for one in previous], edition
    )
    return found, classify.kinds(before, found.content)


def test_a_number_in_a_notice_of_the_form_of_many_is_an_edit_once_it_stands():
    around = _neighbours(*((QUAKE.format(n, 40 + n),) * 2 for n in range(8)))
    old, new = QUAKE.format(5, 100), QUAKE.format(5, 700)
    found, kinds = _told(old, new, around)
    assert (kinds, found.pending) == ((), True)
    _, kinds = _told(old, new, around, (new, new))
    assert ChangeKind.NUMBERS in kinds


@pytest.mark.parametrize(
    "around",
    [
        pytest.param([(QUAKE.format(5, 700), QUAKE.format(5, 100))] * 8, id="the same everywhere"),
        pytest.param([(QUAKE.format(5, 700), QUAKE.format(5, 700))] * 8, id="the same everywhere, for long"),
        pytest.param([(QUAKE.format(5, 30 + n), QUAKE.format(5, 10 + n)) for n in range(8)], id="counted up"),
    ],
)
def test_a_number_that_the_site_shows_is_none(around):
    found, kinds = _told(QUAKE.format(5, 100), QUAKE.format(5, 700), _neighbours(*around))
    assert kinds == ()
    assert not found.pending


OLD, NEW, OTHER = WEATHER.format("sunny", 12), WEATHER.format("rain", 8), WEATHER.format("snow", 1)


@pytest.mark.parametrize(
    ("around", "pending"),
    [
        pytest.param([(NEW, OLD)] * 8, False, id="new everywhere"),
        pytest.param([(OLD, OLD)] * 8, True, id="the first article of a run"),
        pytest.param([(OLD, OTHER)] * 8, True, id="the first article of a run, often another"),
        pytest.param([(NEW, NEW)] * 8, True, id="an article that is checked rarely"),
        pytest.param([(NEW, OTHER)] * 8, False, id="an article that is checked rarely, often another"),
        pytest.param(
            [(WEATHER.format(a, 3), WEATHER.format(b, 4)) for a, b in ("hi", "jk", "lm", "no")],
            True,
            id="another on each",
        ),
    ],
)
def test_a_line_of_the_day_in_a_form_of_words_is_no_edit(around, pending):
    found, kinds = _told(OLD, NEW, _neighbours(*around))
    assert (kinds, found.pending) == ((), pending)


def test_a_sentence_that_many_have_and_one_changes_for_itself_is_an_edit_once_it_stands():
    around = _neighbours(*[(OLD, OLD)] * 8)
    assert _told(OLD, NEW, around)[1] == ()
    assert ChangeKind.BODY in _told(OLD, NEW, around, (NEW,))[1]


STATEMENT = (
    "The newsroom received a letter of the council, which says that all dates of this story are put off."
)
NOW = datetime(2026, 4, 8, 9, tzinfo=UTC)
SINCE = NOW - timedelta(hours=4)
BOX = ("p", "div.box", "article.post", "main.page", "body.one")


def _around(*neighbours: tuple[bool, bool, bool], slot=SLOT) -> EditionText:
    """Neighbours: whether each shows the statement at its last check, did so at the one before, and was checked since."""
    found = []
    for n, (last, before, later) in enumerate(neighbours):
        own = TextBlock(
            f"Text number {'abcdefghij'[n]} speaks of {'xyzuvwstqr'[n]} and of no other thing.", SLOT
        )
        pages = tuple(
            PageText(shown=(own, TextBlock(STATEMENT, slot)) if shows else (own,), layout=LAYOUT)
            for shows in dict.fromkeys((last, before))
        )
        found.append(Neighbour(pages, checked=True, seen=NOW if later else SINCE - timedelta(days=1)))
    return EditionText(tuple(found))


CAME, STAYS, WENT, NEVER = (True, False), (True, True), (False, True), (False, False)


def _many(**counts: int) -> EditionText:
    """Neighbours by what they do with the statement, `old_…` checked before the article's page changed."""
    ways = {"came": CAME, "stays": STAYS, "went": WENT, "never": NEVER}
    return _around(
        *(
            (*ways[name.removeprefix("old_")], not name.startswith("old_"))
            for name, count in counts.items()
            for _ in range(count)
        )
    )


# name -> (the neighbours, whether the article's page has the line: at its version's check, then at each later one;
#          whether an edit is told, whether one is held)
MASS = {
    "a statement in most, some without it": (_many(stays=5, never=3), [0, 1, 1, 1], True, False),
    "in most, just come: does it stay?": (_many(came=5, never=3), [0, 1, 1, 1], False, True),
    "seen for the first time": (_many(came=5, never=3), [0, 1], False, True),
    "seen twice": (_many(stays=5, never=3), [0, 1, 1], False, True),
    "those without it were not checked since": (_many(came=1, stays=4, old_never=3), [0, 1, 1, 1], False, False),
    "nobody was checked since": (_many(old_stays=5, old_never=3), [0, 1, 1, 1], False, True),
    "a line that all have now": (_many(came=8), [0, 1, 1, 1], False, False),
    "a line that all but one have": (_many(stays=7, never=1), [0, 1, 1, 1], False, False),
    "a line shown by turns": (_many(came=2, went=2, never=4), [0, 1, 1, 1], False, False),
    "taken out of one, others keep it": (_many(stays=8), [1, 0, 0, 0], True, False),
    "taken out of one, seen for the first time": (_many(stays=8), [1, 0], False, True),
    "taken out of one, others keep it or never had it": (_many(stays=4, never=4), [1, 0, 0, 0], True, False),
    "taken out of most": (_many(never=4, stays=3), [1, 0, 0, 0], True, False),
    "taken out of most, just now": (_many(went=4, stays=3), [1, 0, 0, 0], False, True),
    "gone from all": (_many(went=8), [1, 0, 0, 0], False, False),
    "gone, others were not checked since": (_many(old_stays=8), [1, 0, 0, 0], False, True),
    "gone for a check and back": (_many(stays=8), [1, 0, 0, 1], False, False),
}  # fmt: skip


def _lines(has: int) -> tuple[str, ...]:
    return (OWN, STATEMENT) if has else (OWN,)


@pytest.mark.parametrize("name", MASS)
def test_what_many_articles_have_is_the_articles_own_where_others_do_otherwise(name):
    edition, checks, told, held = MASS[name]
    pages = [_page(*_lines(has)) for has in checks]
    old, new = (Content(title="A ferry", body="\n\n".join(_lines(has))) for has in (checks[0], checks[-1]))
    since = SINCE if len(checks) > 2 else None
    found = confirmed(old, new, pages[0], pages[-1], pages[-2:0:-1], edition, since)
    assert (bool(classify.kinds(old, found.content)), found.pending) == (told, held)


def test_checks_of_others_alone_can_tell_and_the_article_is_not_asked_again_for_that():
    edition, checks, _, _ = MASS["nobody was checked since"]
    pages = [_page(*_lines(has)) for has in checks]
    old, new = (Content(title="A ferry", body="\n\n".join(_lines(has))) for has in (0, 1))
    assert not confirmed(old, new, pages[0], pages[-1], pages[-2:0:-1], edition, SINCE).steady


def test_a_line_in_a_box_of_its_own_is_the_sites_whoever_shows_it():
    page = PageText(shown=(TextBlock(OWN, SLOT), TextBlock(STATEMENT, BOX)), layout=LAYOUT)
    old, new = (Content(title="A ferry", body="\n\n".join(_lines(has))) for has in (0, 1))
    around = _around(*[(True, True, True)] * 5, *[(False, False, True)] * 3, slot=BOX)
    found = confirmed(old, new, _page(OWN), page, [page, page], around, SINCE)
    assert classify.kinds(old, found.content) == ()


@pytest.mark.parametrize(("told", "kinds"), [(0, True), (1, False), (2, False)])
def test_a_line_that_was_told_of_a_neighbour_a_moment_ago_may_be_the_sites(told, kinds):
    """The first of many articles in a run tells the line of the site as an edit; the second must not."""
    others = _around(*[(True, True, True)] * told, *[(False, False, False)] * (8 - told)).neighbours
    others = tuple(
        replace(one, before=_page("Something else was here before.")) if n < told else one
        for n, one in enumerate(others)
    )
    old, new = (Content(title="A ferry", body="\n\n".join(_lines(has))) for has in (0, 1))
    found = confirmed(old, new, _page(OWN), _page(OWN, STATEMENT), (), EditionText(others))
    assert (bool(classify.kinds(old, found.content)), found.pending) == (kinds, not kinds)


CORRECTED = STATEMENT.replace("are put off", "stay as they were")


@pytest.mark.parametrize(
    ("others", "told", "held"),
    [
        pytest.param([(CORRECTED, CORRECTED)] * 5 + [(None, None)] * 3, True, False, id="corrected in most"),
        pytest.param(
            [(CORRECTED, STATEMENT)] * 5 + [(None, None)] * 3,
            False,
            False,
            id="just now: like a line of the day",
        ),
        pytest.param([(CORRECTED, STATEMENT)] * 8, False, False, id="changed everywhere"),
        pytest.param([(STATEMENT, STATEMENT)] * 8, True, False, id="changed in one"),
    ],
)
def test_a_statement_of_many_articles_that_is_corrected(others, told, held):
    edition = EditionText(
        tuple(
            replace(
                one,
                pages=tuple(_page(f"Text {n} of its own.", line or "Nothing.") for line in dict.fromkeys(o)),
            )
            for n, (one, o) in enumerate(zip(_many(stays=8).neighbours, others, strict=True))
        )
    )
    pages = [_page(OWN, line) for line in (STATEMENT, CORRECTED, CORRECTED, CORRECTED)]
    old, new = (Content(title="A ferry", body=f"{OWN}\n\n{line}") for line in (STATEMENT, CORRECTED))
    found = confirmed(old, new, pages[0], pages[-1], pages[-2:0:-1], edition, SINCE)
    assert (bool(classify.kinds(old, found.content)), found.pending) == (told, held)
