"""Sentences of two texts side by side: how texts are cut, and what becomes of each sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.judge.diff import sentences as module
from newscrawl.judge.diff.sentences import SentenceKind, align, sentences
from newscrawl.text import paragraphs

CUT = {
    "plain": "It rained. Nobody came!|Why?",
    "quoted": "«Мост открыт». Так сказал аким.|«Қашан?» деп сұрады ол.",
    "a small letter goes on": "Он сказал: «Нет!» и ушёл.|Обещали и т. д. и т. п. уже давно.",
    "initials": "Мост открыл А. Б. Иванов.|J. R. Smith came.",
    "cut short": "На ул. Абая стоит дом.|Потратили 5 млн. Тенге не хватило.|Dr. Smith left.",
    "numbers": "It cost 3.5 million. In 2026 they paid 1.200.",
    "dots": "Он молчал… Потом ушёл.",
    "no spaces between": "橋が開いた。人々が来た。",
    "no mark at the end": "Headline without a mark",
}
WANTED = {
    "plain": ["It rained.", "Nobody came!", "Why?"],
    "quoted": ["«Мост открыт».", "Так сказал аким.", "«Қашан?» деп сұрады ол."],
    "a small letter goes on": ["Он сказал: «Нет!» и ушёл.", "Обещали и т. д. и т. п. уже давно."],
    "initials": ["Мост открыл А. Б. Иванов.", "J. R. Smith came."],
    "cut short": ["На ул. Абая стоит дом.", "Потратили 5 млн. Тенге не хватило.", "Dr. Smith left."],
    "numbers": ["It cost 3.5 million.", "In 2026 they paid 1.200."],
    "dots": ["Он молчал…", "Потом ушёл."],
    "no spaces between": ["橋が開いた。", "人々が来た。"],
    "no mark at the end": ["Headline without a mark"],
}


@pytest.mark.parametrize("case", list(CUT))
def test_cut(case):
    assert sentences(CUT[case].replace("|", "\n\n")) == WANTED[case]


OLD = "The bridge opened on Monday. It is 84 metres long. Nobody was hurt.\n\nThe mayor spoke for an hour about it."
EDITS = {
    "nothing": (OLD, [("unchanged", n, n) for n in range(4)]),
    "typesetting": (OLD.replace(" on ", "\u00a0on "), [("unchanged", n, n) for n in range(4)]),
    "a figure": (
        OLD.replace("84", "86"),
        [("unchanged", 0, 0), ("edited", 1, 1), ("unchanged", 2, 2), ("unchanged", 3, 3)],
    ),
    "one fewer": (
        OLD.replace(" Nobody was hurt.", ""),
        [("unchanged", 0, 0), ("unchanged", 1, 1), ("deleted", 2, None), ("unchanged", 3, 2)],
    ),
    "one more": (
        OLD + " He left.",
        [*(("unchanged", n, n) for n in range(4)), ("added", None, 4)],
    ),
    "moved": (
        "Nobody was hurt. The bridge opened on Monday. It is 84 metres long.\n\nThe mayor spoke for an hour about it.",
        [("unchanged", 0, 1), ("unchanged", 1, 2), ("unchanged", 2, 0), ("unchanged", 3, 3)],
    ),
    "gone": ("", [("deleted", n, None) for n in range(4)]),
}


@pytest.mark.parametrize("case", list(EDITS))
def test_side_by_side(case):
    new, wanted = EDITS[case]
    found = align(OLD, new)
    assert [(one.kind.value, one.old_number, one.new_number) for one in found] == wanted
    assert [one.moved for one in found if one.old_number == 2] == [case == "moved"]
    assert all((one.similarity == 1) is (one.kind is SentenceKind.UNCHANGED) for one in found)


def test_a_sentence_that_was_split_stands_in_two_rows():
    new = OLD.replace("an hour about it.", "an hour. He spoke about it.")
    pairs = [(one.kind.value, one.old_number, one.new_number) for one in align(OLD, new)]
    assert next(one for one in pairs if one[1] == 3 or one[2] in (3, 4)) == ("edited", 3, 3)
    assert {one[2] for one in pairs} >= {3, 4}


WORDS = st.lists(
    st.sampled_from(["Мост открыт.", "It is 84 metres long.", "Why?", "Він пішов", "А. Б. сказал.", "\n\n"]), max_size=12
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, st.booleans())
def test_no_sentence_is_lost(one, other, long):
    """Every sentence of both texts stands in a pair, texts that are too long for words included; cutting loses nothing."""
    old, new = " ".join(one), " ".join(other)
    with pytest.MonkeyPatch.context() as patch:
        if long:
            patch.setattr(module, "too_long", lambda *_: True)
        found = align(old, new)
    assert {pair.old_number for pair in found} - {None} == set(range(len(sentences(old))))
    assert {pair.new_number for pair in found} - {None} == set(range(len(sentences(new))))
    assert "".join(sentences(old)).replace(" ", "") == "".join(paragraphs(old)).replace(" ", "")
    for pair in found:
        assert (pair.kind is SentenceKind.ADDED) is (pair.old is None)
        assert (pair.kind is SentenceKind.DELETED) is (pair.new is None)
