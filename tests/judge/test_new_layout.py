"""What a new layout hides or shows of an article is no edit; what was changed on the same day is one."""

from dataclasses import replace

import pytest

from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import confirmed
from newscrawl.judge.template_text import EditionText, Neighbour
from newscrawl.model import Author, ChangeKind as K
from tests.judge.test_raw_pages import ARTICLE, PARAGRAPHS, classic, modern, page

UNSIGNED = replace(ARTICLE, authors=())
OTHER = replace(ARTICLE, authors=(Author("Daniyar Omarov"),))
NAMED = replace(ARTICLE, authors=(Author("Marat Aldabergen"),))  # the paragraphs quote him
DECK = replace(ARTICLE, subtitle="The council looks for another one in the neighbouring districts")


def _edition(*shows: bool, make=modern) -> EditionText:
    """Neighbours in the new layout, with whether each shows its byline there."""
    found = []
    for n, signed in enumerate(shows):
        author = Author(f"Author {'ABCDEFGH'[n]}")
        text = replace(ARTICLE, title=f"Piece {n}", body=f"Text number {n} of its own.", authors=(author,))
        found.append(Neighbour((page(make(text, byline=signed)),), checked=True, authors=(author.name,)))
    return EditionText(tuple(found))


SIGNED, HIDDEN = _edition(True, True, True), _edition(False, False, False)
DAY, NEXT = [modern(UNSIGNED, byline=False)], [modern(UNSIGNED, byline=False)] * 2

# name -> (old reading, new reading, the neighbours, the older page, the pages of the checks since, kinds, held)
BYLINES = {
    "all bylines hidden": (ARTICLE, UNSIGNED, HIDDEN, classic(ARTICLE), NEXT, (), False),
    "this one gone, others shown": (ARTICLE, UNSIGNED, SIGNED, classic(ARTICLE), NEXT, (K.BYLINE,), False),
    "this one gone, seen once": (ARTICLE, UNSIGNED, SIGNED, classic(ARTICLE), DAY, (), True),
    "nobody known in the new layout": (ARTICLE, UNSIGNED, EditionText(), classic(ARTICLE), NEXT, (), False),
    "still on the page, unread": (ARTICLE, UNSIGNED, SIGNED, classic(ARTICLE), [modern(ARTICLE)] * 2, (), False),
    "another author": (ARTICLE, OTHER, SIGNED, classic(ARTICLE), [modern(OTHER)], (K.BYLINE,), False),
    "a name of the text, where the layout shows none": (ARTICLE, NAMED, HIDDEN, classic(ARTICLE), NEXT, (), False),
    "one that the old layout hid": (UNSIGNED, ARTICLE, SIGNED, classic(UNSIGNED, byline=False), [modern(ARTICLE)], (), False),
}  # fmt: skip


@pytest.mark.parametrize("name", BYLINES)
def test_a_byline_on_the_day_of_a_new_layout(name):
    old, new, edition, older, pages, kinds, held = BYLINES[name]
    *between, newer = map(page, pages)
    found = confirmed(old, new, page(older), newer, between, edition)
    assert (classify.kinds(old, found.content), found.pending) == (kinds, held)


def _with_deck(html: str, deck: str | None) -> str:
    line = f'<p class="deck">{deck}</p>' if deck else ""
    return html.replace("</h1>", f"</h1>{line}", 1)


# name -> (whether the layout changed, the subtitle before and after, whether it is an edit)
DECKS = {
    "shown by the new layout": (True, None, DECK.subtitle, False),
    "hidden by the new layout": (True, DECK.subtitle, None, False),
    "reworded on that day": (True, DECK.subtitle, f"{DECK.subtitle} and abroad", True),
    "added": (False, None, DECK.subtitle, True),
    "taken away": (False, DECK.subtitle, None, True),
}


@pytest.mark.parametrize("name", DECKS)
def test_a_subtitle(name):
    layout, was, now, is_edit = DECKS[name]
    old, new = replace(ARTICLE, subtitle=was), replace(ARTICLE, subtitle=now)
    older, newer = _with_deck(classic(old), was), _with_deck((modern if layout else classic)(new), now)
    found = confirmed(old, new, page(older), page(newer), [page(newer)], SIGNED if layout else None)
    assert classify.kinds(old, found.content) == ((K.SUBTITLE,) if is_edit else ())


# How a system writes the same letters anew; each with a real edit beside it that must be told.
SOFT, NBSP, HYPHEN, ACUTE = "\u00ad", "\u00a0", "\u2011", "\u0301"
TYPESETTING = {
    "quotation marks": lambda text: text.replace("“", "«").replace("”", "»"),
    "straight quotation marks": lambda text: text.replace("“", '"').replace("”", '"'),
    "spaces that do not break": lambda text: text.replace(" ", NBSP),
    "soft hyphens": lambda text: text.replace("passengers", f"passen{SOFT}gers").replace("council", f"coun{SOFT}cil"),
    "hyphens and dashes": lambda text: text.replace("-", HYPHEN).replace(" - ", " — "),
    "letters in two parts": lambda text: text.replace("é", f"e{ACUTE}").replace("й", "и\u0306"),
    "zero-width marks": lambda text: text.replace(", ", ",\u200b "),
    "dots": lambda text: text.replace("...", "…"),
    "apostrophes of Latin Kazakh and Uzbek": lambda text: text.replace("o'z", "o\u02bbz").replace("g'a", "g\u02bca"),
}  # fmt: skip
TYPESET = replace(
    ARTICLE,
    body="\n\n".join(
        (
            *PARAGRAPHS,
            "The café of the e-market ... said Андрей, o'zbek yog'och ustasi, is not closed for 41 days.",
        )
    ),
)
REAL = {
    "nothing": (lambda text: text, False),
    "a digit": (lambda text: text.replace("for 41", "for 47"), True),
    "a negation": (lambda text: text.replace("is not closed", "is closed"), True),
    "a name": (lambda text: text.replace("Андрей", "Сергей"), True),
    "a letter": (lambda text: text.replace("ustasi", "ustasy"), True),
}


@pytest.mark.parametrize("real", REAL)
@pytest.mark.parametrize("make", [classic, modern])
@pytest.mark.parametrize("written", TYPESETTING)
def test_letters_written_otherwise(written, make, real):
    edit, is_edit = REAL[real]
    now = TYPESETTING[written](edit(TYPESET.body))
    assert written == "nothing" or now != edit(TYPESET.body)
    new = replace(TYPESET, body=now)
    found = confirmed(TYPESET, new, page(classic(TYPESET)), page(make(new)))
    assert (bool(classify.kinds(TYPESET, found.content)), found.pending) == (is_edit, False)


ASIDE = '<p class="views">Views: 12</p><p class="views">Views: 41</p><p class="by">Saule Nurpeisova</p><time>6 April 2026</time>'

# name -> (a short line of the old reading, of the new one, whether it is an edit); both pages have what ASIDE shows
SHORT = {
    "a word dropped": ("The ferry will not sail", "The ferry will sail", True),
    "a figure that a counter shows": ("12 tents stand", "41 tents stand", True),
    "a figure dropped": ("12 tents stand", "tents stand", True),
    "figures that change places": ("12 of 41 came", "41 of 12 came", True),
    "a line that is gone": ("41 were hurt", None, True),
    "a line that came": (None, "41 were hurt", True),
    "name and date in one line": ("Saule Nurpeisova, 6 April 2026", "Saule Nurpeisova", False),
    "name and date, each alone": ("Saule Nurpeisova", "6 April 2026", False),
    "no line of name and date": ("Saule Nurpeisova, 6 April 2026", None, False),
}


@pytest.mark.parametrize("name", SHORT)
def test_a_short_line_under_a_new_layout(name):
    was, now, is_edit = SHORT[name]
    old, new = (
        replace(ARTICLE, body="\n\n".join([*PARAGRAPHS, *([line] if line else [])])) for line in (was, now)
    )
    found = confirmed(old, new, page(classic(old, extra=ASIDE)), page(modern(new, more=ASIDE)))
    assert bool(classify.kinds(old, found.content)) is is_edit
