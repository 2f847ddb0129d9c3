"""Lines that many articles of an edition have nearly alike: short notices of one form, and lines of the day within the text."""

from __future__ import annotations

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
