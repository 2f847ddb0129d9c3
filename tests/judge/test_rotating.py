"""Texts that an outlet shows by turns within the block of the article's text are no edits; what stands in their place is one."""

from datetime import UTC, datetime, timedelta
from html import escape

import pytest

from newscrawl.extract.page.shown import page_text
from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import confirmed
from newscrawl.judge.template_text import EditionText, Neighbour
from newscrawl.model import ChangeKind as K, Content

NOW = datetime(2026, 4, 8, 9, tzinfo=UTC)
TEXT = (
    "The ferry of Kyzylsu has not left its berth since Monday, the harbour master said on the radio.",
    "Some 140 passengers and 37 lorries are waiting on both banks of the river.",
    "Farmers from Zhalgyz bring their melons across by rowing boat, as their grandparents did.",
)
SAYINGS = (
    "Bread is the head of everything, our grandmothers used to say.",
    "Who rises early sees the steppe alone, goes the saying.",
    "A guest is a gift of the road, the elders told us.",
    "Water remembers its bed, fishermen like to say.",
    "Better one tree than a hundred words about shade.",
    "A word is a bird that leaves once, people say.",
)
OTHERS = (
    ("The library of Aqsai moved into the old mill by the market.", "It will open on the first of May."),
    ("A cellar in Terek held a felt carpet of the last century.", "The museum shows it from Friday on."),
    ("School number nine got a laboratory of its own this week.", "The town paid half of it."),
)
# Sayings of the same words, which are taken for one paragraph that was cut in two.
ALIKE = (
    "Bread is the head of all, old people used to say, and salt is the brother of bread in every home of ours.",
    "Bread is the head of all, wise fishermen like to say.",
    "And salt is the brother of bread in every home of theirs.",
)
NEW = "The council asked the neighbouring district to lend its tug until the engine is there."


def _raw(parts, beside=""):
    html = f"<body><article><h1>Ferry</h1>{''.join(f'<p>{escape(part)}</p>' for part in parts)}</article>{beside}</body>"
    return page_text(
        html.encode(),
        "https://paper.example/a",
        content_type="text/html; charset=utf-8",
        fetched_at=NOW,
        zone=UTC,
    )


def _with(saying, text=TEXT):
    return (text[0], *([SAYINGS[saying]] if saying is not None else []), *text[1:])


def _edition(*turns):
    """Neighbours that each showed two sayings, one after the other; their numbers in SAYINGS, None for no saying."""
    return EditionText(
        tuple(
            Neighbour(tuple(_raw(_with(saying, text)) for saying in (now, before)), checked=True)
            for text, (now, before) in zip(OTHERS, turns, strict=False)
        )
    )


def _told(edition, *checks):
    """The kinds of edit at the last of some checks, of which the first is the version's; and whether one is held."""
    pages = [_raw(parts) for parts in checks]
    old, new = (Content(title="Ferry", body="\n\n".join(parts)) for parts in (checks[0], checks[-1]))
    found = confirmed(old, new, pages[0], pages[-1], pages[-2:0:-1], edition)
    return classify.kinds(old, found.content), found.pending


ROTATING = _edition((3, 4), (4, 5), (5, 3))
KEEPING = _edition((3, 4), (4, 5), (2, 2))  # the third shows the same at both checks
REPLACED = (TEXT[0], NEW, TEXT[2])
ADDED = (TEXT[0], NEW, *TEXT[1:])
GONE = (TEXT[0], TEXT[2])

# name -> (the edition, what the checks show from the version on, the kinds told, whether one is held)
EVENTS = {
    "a saying for another": (ROTATING, [_with(0), _with(1)], (), True),
    "the same one twice": (ROTATING, [_with(0), _with(1), _with(1)], (), True),
    "one that two neighbours show": (ROTATING, [_with(0), _with(3)], (), True),
    "one for one, both of which neighbours show": (ROTATING, [_with(5), _with(3), _with(3), _with(3)], (), False),
    "another paragraph, seen twice": (ROTATING, [TEXT, REPLACED, REPLACED], (), True),
    "another paragraph, seen three times": (ROTATING, [TEXT, *[REPLACED] * 3], (K.BODY,), False),
    "a paragraph more, seen twice": (ROTATING, [TEXT, ADDED, ADDED], (K.BODY, K.EXTENDED), False),
    "a paragraph less, seen three times": (ROTATING, [TEXT, *[GONE] * 3], (K.BODY, K.SHORTENED), False),
    "a paragraph less where nothing rotates": (_edition((None, None)), [TEXT, GONE], (K.BODY, K.SHORTENED), False),
    "a paragraph more where nothing rotates": (_edition((None, None)), [TEXT, ADDED], (K.BODY, K.EXTENDED), False),
    "a word changed where texts rotate": (
        ROTATING, [_with(0), _with(1, (*TEXT[:2], TEXT[2].replace("melons", "onions")))], (K.BODY,), True,
    ),
    "a text that one neighbour took in as well": (_edition((3, 3)), [TEXT, *[_with(3)] * 3], (K.BODY, K.EXTENDED), False),
    "one that a neighbour just took in": (_edition((3, None), (None, None), (None, None)), [TEXT, *[_with(3)] * 3], (), True),
    "one that another neighbour let go": (_edition((None, 3)), [TEXT, *[_with(3)] * 3], (), False),
    "a text in the place of a saying, however long": (ROTATING, [_with(3), *[(TEXT[0], NEW, *TEXT[1:])] * 4], (), True),
    "one for one that a neighbour keeps, however long": (KEEPING, [_with(0), *[_with(2)] * 3], (), True),
    "one that a neighbour keeps for one, however long": (KEEPING, [_with(2), *[_with(0)] * 3], (), True),
    "one for one, and nobody has either": (KEEPING, [_with(0), *[_with(1)] * 3], (K.BODY,), False),
    "one that a neighbour keeps, and nothing in its place": (KEEPING, [_with(2), *[TEXT] * 3], (K.BODY, K.SHORTENED), False),
    "a paragraph for another beside them": (KEEPING, [_with(2), *[_with(0, REPLACED)] * 3], (), True),
    "a paragraph more beside them": (KEEPING, [_with(2), *[(*_with(3), NEW)] * 3], (K.BODY, K.EXTENDED), True),
    "and beside the next saying": (ROTATING, [_with(3), *[(TEXT[0], SAYINGS[4], *TEXT[1:], NEW)] * 3], (K.BODY, K.EXTENDED), False),
}  # fmt: skip


def test_two_sayings_in_the_place_of_one_of_the_same_words():
    edition = EditionText(
        tuple(
            Neighbour((_raw((text[0], *now, text[1])), _raw((text[0], *before, text[1]))), checked=True)
            for text, now, before in zip(
                OTHERS, (ALIKE[1:], ALIKE[:1], ALIKE[1:]), (ALIKE[:1], ALIKE[1:], ALIKE[:1]), strict=True
            )
        )
    )
    one, two = (TEXT[0], ALIKE[0], *TEXT[1:]), (TEXT[0], *ALIKE[1:], *TEXT[1:])
    assert _told(edition, one, *[two] * 4) == ((), False)
    assert _told(edition, two, *[one] * 4) == ((), False)


@pytest.mark.parametrize("name", EVENTS)
def test_what_rotates_and_what_stands(name):
    edition, checks, kinds, held = EVENTS[name]
    told, is_held = _told(edition, *checks)
    assert (told, is_held) == (kinds, held)


def _modern(parts):
    html = f'<main class="flow"><h1 class="big">Ferry</h1><div class="lines">{"".join(f"<p>{escape(part)}</p>" for part in parts)}</div></main>'
    return page_text(
        f'<body class="wide">{html}</body>'.encode(),
        "https://paper.example/a",
        content_type="text/html; charset=utf-8",
        fetched_at=NOW,
        zone=UTC,
    )


@pytest.mark.parametrize("template", [_raw, _modern])
def test_sayings_of_a_site_that_shows_two_templates_by_turns(template):
    """No neighbour was seen twice in one template, so that its lines alone tell that they rotate."""
    turns = zip(OTHERS, ((3, 1), (4, 3), (1, 5)), strict=True)
    edition = EditionText(
        tuple(
            Neighbour((_raw(_with(now, text)), _modern(_with(before, text))), checked=True)
            for text, (now, before) in turns
        )
    )
    old, new = (Content(title="Ferry", body="\n\n".join(_with(saying))) for saying in (4, 3))
    pages = [template(_with(saying)) for saying in (4, 3, 3, 3)]
    found = confirmed(old, new, pages[0], pages[-1], pages[-2:0:-1], edition)
    assert classify.kinds(old, found.content) == ()


def test_a_saying_that_stands_elsewhere_moves_no_paragraph():
    """The saying and the paragraph between its two places are one as good as the other for what moved."""
    one, other = (TEXT[0], SAYINGS[4], *TEXT[1:]), (*TEXT[:2], SAYINGS[4], TEXT[2])
    assert _told(ROTATING, one, *[other] * 3) == ((), False)
    moved = (TEXT[1], SAYINGS[4], TEXT[0], TEXT[2])
    assert _told(ROTATING, one, *[moved] * 3)[0] == (K.BODY,)


def test_a_text_in_the_place_of_one_that_others_show_while_nobody_was_checked_twice():
    """The first re-check of an archive: nothing says yet whether lines rotate."""
    edition = EditionText(
        tuple(Neighbour((_raw(_with(4, text)),), checked=False) for text in OTHERS),
    )
    assert _told(edition, _with(4), _with(5)) == ((), True)
    assert _told(edition, TEXT, ADDED)[0] == (K.BODY, K.EXTENDED)


def test_the_first_re_check_of_a_saying_that_stands_beside_the_text_as_well():
    """That the older page has it in another place does not make it one that stood there."""
    turns = ((4, 4), (5, 5), (4, 4))
    edition = EditionText(
        tuple(
            Neighbour((_raw(_with(saying, text)),), checked=False)
            for text, (saying, _) in zip(OTHERS, turns, strict=True)
        )
    )
    beside = f"<aside class='side'><p>{SAYINGS[5]}</p></aside>"
    old, new = (Content(title="Ferry", body="\n\n".join(_with(one))) for one in (1, 5))
    found = confirmed(old, new, _raw(_with(1), beside), _raw(_with(5), beside), (), edition)
    assert (classify.kinds(old, found.content), found.pending) == ((), True)


def test_lines_that_neighbours_show_by_turns_in_other_templates_make_this_one_rotate():
    ways = (((3, 1), _raw), ((1, 3), _modern), ((3, None), _raw))
    edition = EditionText(
        tuple(
            Neighbour((make(_with(now, text)), other(_with(before, text))), checked=True)
            for text, ((now, before), make) in zip(OTHERS, ways, strict=True)
            for other in [_modern if make is _raw else _raw]
        )
    )
    one = (TEXT[0], SAYINGS[1], *TEXT[1:], SAYINGS[4])
    other = (TEXT[0], SAYINGS[3], *TEXT[1:], SAYINGS[5])
    assert _told(edition, one, other, other) == ((), True)


@pytest.mark.parametrize("came", [None, 3])
def test_a_line_of_many_that_went_as_one_shown_by_turns_came(came):
    """It is gone for three checks, and others that were checked since have it: an edit, unless the other took its place."""
    turns = ((1, 1), (1, 1), (3, 4))
    edition = EditionText(
        tuple(
            Neighbour(tuple(_raw(_with(one, text)) for one in turn), checked=True, seen=NOW)
            for text, turn in zip(OTHERS, turns, strict=True)
        )
    )
    old, new = (Content(title="Ferry", body="\n\n".join(_with(one))) for one in (1, came))
    older, newer = (_raw(_with(one)) for one in (1, came))
    found = confirmed(old, new, older, newer, [newer, newer], edition, NOW - timedelta(hours=4))
    told = (K.BODY, K.SHORTENED) if came is None else ()
    assert (classify.kinds(old, found.content), found.pending) == (told, came is not None)


FIRST_RE_CHECK = EditionText(tuple(Neighbour((_raw(_with(4, text)),), checked=False) for text in OTHERS))
SAID_ELSEWHERE = (*TEXT[:2], SAYINGS[0], TEXT[2])


@pytest.mark.parametrize(
    ("edition", "checks", "told"),
    [
        pytest.param(FIRST_RE_CHECK, 1, False, id="nobody was checked twice"),
        pytest.param(ROTATING, 2, False, id="seen twice where texts rotate"),
        pytest.param(ROTATING, 3, True, id="seen three times"),
        pytest.param(_edition((None, None)), 1, True, id="nothing rotates"),
    ],
)
def test_a_paragraph_that_may_have_stayed_while_a_saying_moved(edition, checks, told):
    """No neighbour shows the saying, so that nothing says which of the two moved past the other."""
    assert _told(edition, _with(0), *[SAID_ELSEWHERE] * checks) == ((K.BODY,) if told else (), not told)


INLINE = "The council asked the neighbouring district to lend its tug, which stands idle since the autumn."


def _inline(saying, text=TEXT, own=""):
    """A text whose second paragraph ends with a saying."""
    return (text[0], " ".join(part for part in (text[1], own, SAYINGS[saying]) if part), *text[2:])


TURNING = EditionText(
    tuple(
        Neighbour((_raw(_inline(now, text)), _raw(_inline(before, text))), checked=True)
        for text, (now, before) in zip(OTHERS, ((3, 4), (4, 0), (0, 3)), strict=True)
    )
)


TOLD = EditionText(
    tuple(
        Neighbour((_raw(_inline(now, text)),), checked=False, before=_raw(_inline(before, text)))
        for text, (now, before) in zip(OTHERS, ((3, 4), (4, 3), (0, 1)), strict=True)
    )
)


def _stated(text):
    """A text whose second paragraph ends with a statement of the newsroom."""
    return (text[0], f"{text[1]} {NEW}", *text[2:])


# A statement that was put into three articles, and told there.
STATED = EditionText(
    tuple(Neighbour((_raw(_stated(text)),), checked=False, before=_raw(text)) for text in OTHERS)
)


@pytest.mark.parametrize(
    ("edition", "checks", "told", "held"),
    [
        pytest.param(TOLD, [_inline(3), _inline(4)], False, False, id="told of two neighbours a moment ago"),
        pytest.param(TOLD, [_inline(0), _inline(4)], False, True, id="one that was told of two for another"),
        pytest.param(TURNING, [_inline(3), _inline(4)], False, False, id="one for one, both known"),
        pytest.param(TURNING, [_inline(3), *[_inline(5)] * 3], False, True, id="one for one that nobody has, however long"),
        pytest.param(TURNING, [_inline(1), _inline(5)], False, True, id="neither known, seen once"),
        pytest.param(TURNING, [_inline(3), *[_inline(4, own=INLINE)] * 2], False, True, id="a sentence more beside it, seen twice"),
        pytest.param(TURNING, [_inline(3), *[_inline(4, own=INLINE)] * 3], True, False, id="a sentence more beside it, seen three times"),
        pytest.param(TURNING, [_inline(3), _inline(4, (TEXT[0], TEXT[1].replace("140", "170"), TEXT[2]))], True, False, id="a figure beside it"),
        pytest.param(STATED, [TEXT, _stated(TEXT)], True, False, id="a statement that others got a moment ago"),
        pytest.param(_edition((None, None)), [_inline(3), _inline(4)], True, False, id="no sentence turns elsewhere"),
    ],
)  # fmt: skip
def test_sentences_that_turn_within_a_paragraph_of_the_article(edition, checks, told, held):
    kinds, is_held = _told(edition, *checks)
    assert (K.BODY in kinds, is_held) == (told, held)


READ = "This piece has been read {} times by our readers so far."
COUNTS = (
    "two hundred and four",
    "five hundred and ten",
    "three hundred and six",
    "nine hundred and one",
    "eight hundred and two",
)


def _counted(count, text=TEXT):
    return (*text, READ.format(COUNTS[count]))


@pytest.mark.parametrize(("checks", "told"), [(1, False), (2, False), (3, True)])
def test_a_counter_in_words_is_no_edit_while_it_counts(checks, told):
    edition = EditionText(
        tuple(
            Neighbour((_raw(_counted(now, text)), _raw(_counted(before, text))), checked=True)
            for text, (now, before) in zip(OTHERS, ((2, 1), (3, 2), (1, 3)), strict=True)
        )
    )
    assert _told(edition, _counted(0), *[_counted(4)] * checks) == (
        (K.BODY, K.NUMBERS) if told else (),
        not told,
    )
