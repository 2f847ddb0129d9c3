"""Words as search compares them: letters, forms of words in Russian and Kazakh, and where they stand."""

from __future__ import annotations

import pytest

from newscrawl.search import kazakh
from newscrawl.search.words import candidates, fold, of_text, stem, stems, tokens
from tests.search.word_forms import KAZAKH, RUSSIAN, groups


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ёлка, ёлка!", ["елка", "елка"]),
        ("пресс-секретарь", ["пресс", "секретарь"]),
        ("О\u0301кна за́мка", ["окна", "замка"]),
        ("ﬁnance １２", ["finance", "12"]),
        ("Ұлт Әлемі", ["ұлт", "әлемі"]),
        ("東京 tower", ["東", "京", "tower"]),
        ("a_b", ["a", "b"]),
        ("…—«»\u202e\x00", []),
        ("й и\u0306", ["й", "й"]),
        ("हिन्दी", ["हिन्दी"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
    ],
)
def test_words_of_a_text(text, words):
    assert [token.word for token in tokens(text)] == words


def test_tokens_say_where_they_stand():
    text = "Цена:  1 500 тг."
    assert [text[token.start : token.end] for token in tokens(text)] == ["Цена", "1", "500", "тг"]


def _found(asked, written, language):
    return stem(fold(written), language) in candidates(fold(asked))


@pytest.mark.parametrize(
    ("table", "language", "recall"), [(KAZAKH, "kk", 0.85), (RUSSIAN, "ru", 0.95)], ids=["kazakh", "russian"]
)
def test_forms_of_words(table, language, recall):
    """Every form of a word finds the others, and no other word's."""
    lines = groups(table)
    own = [(asked, written) for line in lines for asked in line for written in line]
    found = [pair for pair in own if _found(*pair, language)]
    foreign = [
        (asked, written)
        for line in lines
        for asked in line
        for other in lines
        if other is not line
        for written in other
        if _found(asked, written, language)
    ]
    missed = sorted(set(own) - set(found))
    assert len(found) / len(own) >= recall, missed
    assert len(found) / (len(found) + len(foreign)) >= 0.95, foreign
    assert len(own) >= 200


@pytest.mark.parametrize(
    ("word", "stem_"),
    [
        ("президенті", "президент"),  # "ті" would leave "президен"
        ("алты", "алт"),
        ("ел", "ел"),
        ("с", "с"),
        ("", ""),
        ("2026", "2026"),
        ("qazaqstannyñ", kazakh.stem("қазақстанның")),
        ("мәселелерімізге", kazakh.stem("мәселе")),
    ],
)
def test_kazakh_stems(word, stem_):
    assert kazakh.stem(word) == stem_


@pytest.mark.parametrize(
    ("text", "stated", "language"),
    [
        ("Үкімет отырысы", None, "kk"),
        ("Заседание правительства", None, "ru"),
        ("A meeting", None, "en"),
        ("A meeting", "ru", "ru"),
        ("Заседание", "ru-KZ", "ru"),
        ("会議", None, ""),
        ("", None, ""),
        ("Majlis", "uz", "uz"),
    ],
)
def test_language_of_a_text(text, stated, language):
    assert of_text(text, stated) == language


def test_names_in_texts_of_another_language():
    """A Kazakh word in a Russian text and a Russian name in an English one are cut by their own letters."""
    assert stems("в селе Терісайдың", "ru")[-1] == kazakh.stem("терісайдың")
    assert stems("Token of Токаева", "en")[-1] in candidates("токаев")
