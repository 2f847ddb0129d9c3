"""What a person types, read as a query."""

from __future__ import annotations

from datetime import date

import pytest

from newscrawl.errors import UsageError
from newscrawl.model.search import Part
from newscrawl.search import facets
from newscrawl.search.query import MOST_WORDS, parse

TODAY = date(2026, 12, 1)


def _said(phrase):
    return " ".join("|".join(sorted(word.stems)) + ("*" if word.prefix else "") for word in phrase.words)


def _read(asked):
    query = parse(asked, ["en", "ru"], TODAY).text
    groups = [[f"{phrase.part}:{_said(phrase)}" for phrase in group] for group in query.groups]
    return groups, [f"{phrase.part}:{_said(phrase)}" for phrase in query.without]


@pytest.mark.parametrize(
    ("asked", "groups", "without"),
    [
        ("water price", [["text:water"], ["text:price"]], []),
        ('"water price"', [["text:water price"]], []),
        ("«water price»", [["text:water price"]], []),
        ("“water price”", [["text:water price"]], []),
        ('"water price', [["text:water price"]], []),  # the quote was not closed
        ("water-price", [["text:water price"]], []),  # what is joined stands together
        ("water -price", [["text:water"]], ["text:price"]),
        ('water -"high price"', [["text:water"]], ["text:high price"]),
        ("water OR gas", [["text:water", "text:gas"]], []),
        ("OR water", [["text:or"], ["text:water"]], []),
        ("water OR", [["text:water"]], []),
        ("waters", [["text:water"]], []),
        ("wat*", [["text:wat*"]], []),
        ("title:waters", [["title:water"]], []),
        ('author:"Jane Waters"', [["authors:jane water"]], []),
        ("12:30", [["text:12 30"]], []),
        ("http://x.kz/a", [["text:http x kz a"]], []),
        ("state:removed,live", [["facets:stremoved", "facets:stlive"]], []),
        ("water -source:orda", [["text:water"]], ["facets:srorda"]),
        ("changed:yes", [["facets:kiyes"]], []),
        ("lang:kk", [["facets:lakk"]], []),
        ("... water !!", [["text:water"]], []),
        ("water\x00\u202ewell", [["text:water well"]], []),
    ],
)
def test_read(asked, groups, without):
    assert _read(asked) == (groups, without)


@pytest.mark.parametrize(
    "asked",
    [
        "", "   ", "...", "-water", "author:", "water author:", "state:gone", "state:", "changed:colour", "after:soon", "after:2026-13",
        "before:31.02.2026", "after:99999999y", "ab*", "w " * (MOST_WORDS + 1),
    ],
)  # fmt: skip
def test_not_understood(asked):
    with pytest.raises(UsageError):
        parse(asked, (), TODAY)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("2026-04-10", date(2026, 4, 10)), ("2026-04", date(2026, 4, 1)), ("2026", date(2026, 1, 1)),
        ("10.04.2026", date(2026, 4, 10)), ("7d", date(2026, 11, 24)), ("today", TODAY), ("yesterday", date(2026, 11, 30)),
        ("2w", date(2026, 11, 17)),
    ],
)  # fmt: skip
def test_days_as_people_type_them(asked, first):
    (group,) = parse(f"after:{asked}", (), TODAY).text.groups
    words = {next(iter(phrase.words[0].stems)) for phrase in group}
    assert words & set(facets.of_day(first))
    before = date.fromordinal(first.toordinal() - 1)
    assert not words & set(facets.of_day(before))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2024, 2, 28), date(2024, 3, 1)), (date(2020, 1, 1), date(2025, 12, 31)), (date(2025, 12, 31), date(2026, 1, 1)),
        (date(1900, 1, 1), date(2026, 2, 3)), (date(2023, 5, 17), date(2026, 2, 3)), (date(2026, 1, 1), date(2026, 1, 1)), (date(2026, 1, 2), date(2026, 1, 1)),
    ],
)  # fmt: skip
def test_a_range_of_days_is_each_of_its_days(first, last):
    """The words of a range are on every day of it and on none beside it; they are few."""
    words = set(facets.days(first, last))
    for number in range(first.toordinal() - 400, last.toordinal() + 400):
        day = date.fromordinal(number)
        assert bool(words & set(facets.of_day(day))) == (first <= day <= last)
    assert len(words) < 60


def test_values_are_one_word_each():
    assert facets.facet(facets.SOURCE, "Orda-KZ_2") == "srorda_2d_kz_5f_2"
    assert _read("source:a,b")[0] == [[f"{Part.FACETS}:sra", f"{Part.FACETS}:srb"]]
