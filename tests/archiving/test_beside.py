"""Edits beside the text: counted once two checks in a row have shown the same, in the history, and not among the edits of the text."""

from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.archiving.ahead import Decider
from newscrawl.archiving.apply import record
from newscrawl.archiving.decide import Policy
from newscrawl.model import Image, PageText
from newscrawl.store.read.reader import open_reader
from tests.support.storing import NOW, PIECE, archive, observation

HOUR = timedelta(hours=1)
OTHER = replace(PIECE, images=(Image("https://pics.example/empty-square-at-dawn.jpg", "The square"),))
THIRD = replace(PIECE, images=(Image("https://pics.example/fountain-of-the-market.jpg", "The square"),))


class Captures:
    """Captures read back as what their observations said; pages of one layout."""

    def __init__(self, layout: str = "one") -> None:
        self.said = {}
        self.layout = layout

    def extract(self, _known, capture):
        return self.said[capture.ref.record_id]

    def page_text(self, _known, capture):
        new = self.layout == "new" and self.said[capture.ref.record_id].images == OTHER.images
        return PageText(layout=frozenset({"div.new"} if new else {"div.old"}))


def see(opened, captures, *articles):
    told = []
    for number, article in enumerate(articles):
        one = observation(article, at=NOW + number * 3 * HOUR)
        captures.said[one.fetch.captures[-1].ref.record_id] = article
        with opened.write() as writing:
            (applied,) = record(writing, [one], Decider(Policy(), captures))
        told.append((applied.verdict.kind.value, applied.version))
    return told


# name -> (what the checks show, what each comes to)
CHECKS = {
    "another picture that stays": ([PIECE, OTHER, OTHER, OTHER], [("new", 1), ("unchanged", 1), ("changed", 2), ("unchanged", 2)]),
    "a picture that is another one at each check": ([PIECE, OTHER, THIRD, OTHER], [("new", 1), *[("unchanged", 1)] * 3]),
    "a picture for one check": ([PIECE, OTHER, PIECE, PIECE], [("new", 1), *[("unchanged", 1)] * 3]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKS)
def test_a_picture_counts_once_two_checks_have_shown_it(name, archive_url):
    shown, told = CHECKS[name]
    with archive(archive_url) as opened:
        assert see(opened, Captures(), *shown) == told
    with open_reader(archive_url) as reader:
        assert list(reader.changes(beside=False)) == []
        assert [edit.kinds for edit in reader.changes()] == [("image",)] * (told[-1][1] - 1)
        (article,) = reader.articles()
        assert article.versions == told[-1][1]


def test_another_layout_shows_other_pictures(sqlite_url):
    with archive(sqlite_url) as opened:
        assert see(opened, Captures("new"), PIECE, OTHER, OTHER) == [
            ("new", 1),
            ("unchanged", 1),
            ("unchanged", 1),
        ]
