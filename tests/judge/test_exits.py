"""Which articles left a list that goes back further, as a table of lists; each article is a letter, the newest first."""

from datetime import timedelta

import pytest

from newscrawl.judge.coverage.exits import left, still_goes_back
from newscrawl.model import ListedArticle
from tests.support.judging import NOW

# Letters are dates: "a" is the newest, and a capital has none.
LISTS = {
    "nothing changed": ("abcdefgh", "abcdefgh", ""),
    "taken out": ("abcdefgh", "abdefgh", "c"),
    "taken out, with news above": ("cdefghij", "abcdfghij", "e"),
    "two taken out": ("abcdefgh", "acefgh", "bd"),
    "two in a row": ("abcdefgh", "abefgh", "cd"),
    "the newest": ("bcdefgh", "acdefgh", "b"),
    "aged off": ("cdefgh", "abcdef", ""),
    "aged off by many": ("defghi", "abc", ""),
    "aged off, and older ones too few": ("abcdef", "abcef", ""),
    "the page was cut to its half": ("abcdefgh", "abcd", ""),
    "most of it is another list": ("abcdefghij", "ahij", ""),
    "from a box made by hand": ("dhbgacfe", "dhgacfe", ""),
    "from a box above the list": ("zwdefghijk", "wdefghijk", ""),
    "moved to the top": ("abcdefgh", "eabcdfgh", ""),
    "the newest below a pinned old one": ("zabcdefgh", "zbcdefgh", "a"),
    "the pinned one": ("zabcdefgh", "abcdefgh", ""),
    "above one that was moved up": ("bcadefgh", "cadefgh", "b"),
    "while two others changed places": ("abcdefghij", "abdfeghij", "c"),
    "while the others were shuffled": ("abcdefghij", "abjdigfhe", ""),
    "from between two that stand wrongly": ("hfbgcdeij", "hfgcdeij", ""),
    "without a date": ("abCdefgh", "abdefgh", ""),
    "first read": ("", "abcdefgh", ""),
}  # fmt: skip


def entries(letters):
    return [
        ListedArticle(ord(one), None if one.isupper() else NOW - (ord(one) - 96) * timedelta(hours=1))
        for one in letters
    ]


@pytest.mark.parametrize("name", LISTS)
def test_left(name):
    before, now, gone = LISTS[name]
    assert "".join(map(chr, left(entries(before), entries(now)))) == gone


def test_it_still_goes_back():
    (gone,) = entries("d")
    assert still_goes_back(gone, entries("abcefg"))
    assert not still_goes_back(gone, entries("abcef"))
    assert not still_goes_back(gone, entries("fbgaec"))
