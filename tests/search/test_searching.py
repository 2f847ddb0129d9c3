"""Searches in an archive whose articles were edited and removed, on both databases."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.model import Author, ChangeKind, State
from newscrawl.search.indexing import document, update
from newscrawl.search.searching import Order, search
from newscrawl.store.search.store import SearchStore
from tests.support.factory import START, press

HOUR = timedelta(hours=1)
NOW = START + timedelta(days=30)

FIRST, SECOND, THIRD, FOURTH, FIFTH = range(1, 6)


def _fill(url):
    """Five articles: one edited, one removed, one in Kazakh, one with hostile text, one that only names the words."""
    with press(url) as paper:
        paper.publish(
            "ru", 1, at=START, title="Акимат объявил тендер на мост", body="Сметная стоимость 84 миллиона, сказал Иван Токаев.",
            authors=(Author("Дана Ахметова"),),
        )  # fmt: skip
        paper.publish("en", 2, at=START, title="Mayor's office", body="The tender for a bridge was opened.")
        paper.publish(
            "kk", 3, at=START, title="Көпір салынды", body="Қалалардың бюджетінен 84 миллион бөлінді."
        )
        paper.publish(
            "en", 4, at=START, title="<script>alert(1)</script>", body='A "quoted" * NEAR( text\x00 AND { } :weights <-> !x\u202e'
        )  # fmt: skip
        paper.publish("ru", 5, at=START, title="Погода", body="Тендер, тендер и ещё раз тендеры.")
        paper.edit(
            "ru", 1, at=START + HOUR, kinds=(ChangeKind.NUMBERS,), title="Акимат объявил тендер на мост",
            body="Сметная стоимость 96 миллионов, сказали в акимате.", authors=(Author("Дана Ахметова"),),
        )  # fmt: skip
        paper.vanish("en", 2, at=START + 2 * HOUR, state=State.SUSPECTED)
        paper.vanish("en", 2, at=START + 30 * HOUR, state=State.REMOVED)
        paper.finish(START + 31 * HOUR)


@contextmanager
def _opened(url):
    _fill(url)
    with SearchStore(url, write=True) as store:
        store.index.reset()  # PostgreSQL's may be of a test before
        assert update(store)
        yield store


@pytest.fixture(scope="module")
def store(module_database_url):
    with _opened(module_database_url) as store:
        yield store


@pytest.fixture
def own_store(archive_url):
    with _opened(archive_url) as store:
        yield store


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("тендер", [FIRST, FIFTH]),  # in the headline first
        ("ТЕНДЕРОВ", [FIRST, FIFTH]),
        ("тендер OR tenders", [FIRST, FIFTH, SECOND]),
        ("тендер -погода", [FIRST]),
        ("токаева", [FIRST]),  # overwritten text
        ('"сметная стоимость 84"', [FIRST]),
        ('"стоимость сметная"', []),
        ("қала бюджеті", [THIRD]),
        ("миллион lang:kk", [THIRD]),
        ("84", [THIRD, FIRST]),
        ("author:ахметовой", [FIRST]),
        ("author:серикова тендер", [FIFTH]),
        ("title:тендер", [FIRST]),
        ("state:removed", [SECOND]),
        ("changed:numbers", [FIRST]),
        ("changed:yes -ахметова", []),
        ("bridg*", [SECOND]),
        ("source:bereke edition:kk", [THIRD]),
        ("source:other тендер", []),
        ("after:2026-03-02 before:2026-03-03 тендер", [FIRST, FIFTH]),
        ("after:2027 тендер", []),
        ('"quoted NEAR text"', [FOURTH]),
        ("script", [FOURTH]),
        ('near( ) * " : !x <-> { }', [FOURTH]),
        # Marks of the index are no words, and no phrase joins a headline to a text or a name.
        ("title:акимат", [FIRST]),
        ("title:стоимость", []),
        ("author:стоимость", []),
        ("live", []),
        ("t_тендер", []),
        ('"мост сметная"', []),
        ('"ахметова акимат"', []),
        ("zzzz", []),
        ("zzzz OR zz yy", []),
    ],
)  # fmt: skip
def test_found(store, asked, found):
    hits = search(store, asked, now=NOW, limit=10).hits
    assert [hit.article_id for hit in hits] == found


def test_what_is_shown_of_overwritten_words(store):
    (hit,) = search(store, "Токаев", now=NOW, limit=10).hits
    assert (hit.version, hit.versions, hit.gone_since) == (1, 2, START + HOUR)
    assert ("Токаев", True) in hit.snippet
    assert "".join(text for text, _ in hit.snippet) == "Сметная стоимость 84 миллиона, сказал Иван Токаев."
    (hit,) = search(store, "стоимость", now=NOW, limit=10).hits
    assert (hit.version, hit.gone_since) == (2, None)


def test_pages_and_order(store):
    first = search(store, "тендер", now=NOW, limit=1)
    rest = search(store, "тендер", now=NOW, limit=1, offset=1)
    assert [hit.article_id for hit in (*first.hits, *rest.hits)] == [FIRST, FIFTH]
    assert (first.more, rest.more, first.cut) == (True, False, False)
    by_date = search(store, "тендер", now=NOW, limit=10, order=Order.DATE)
    assert [hit.article_id for hit in by_date.hits] == [FIFTH, FIRST]


def test_only_what_waits_is_put_in(archive_url, own_store):
    """A new version, fields read anew and a return are found after the next filling, and nothing is read twice."""
    store = own_store
    assert store.behind(99) == 0
    with press(archive_url, start=START + 40 * HOUR) as paper:
        paper.edit("ru", 5, at=START + 40 * HOUR, title="Погода", body="Без осадков.")
        paper.check("en", 2, at=START + 41 * HOUR)
    assert store.behind(99) == 2
    given = []
    assert update(store, progress=given.append)
    assert sum(given) == 2
    assert not update(store, seconds=0, tick=lambda: 1.0)
    assert store.behind(99) == 0
    assert [hit.article_id for hit in search(store, "осадки", now=NOW, limit=5).hits] == [FIFTH]
    assert [hit.article_id for hit in search(store, "state:removed", now=NOW, limit=5).hits] == []
    (hit,) = search(store, "тендеры погода", now=NOW, limit=5).hits
    assert hit.gone_since == START + 40 * HOUR


def test_made_anew_it_says_the_same(own_store):
    store = own_store
    before = search(store, "тендер OR bridge OR 84", now=NOW, limit=10).hits
    store.index.reset()
    assert search(store, "тендер", now=NOW, limit=10).hits == ()
    assert store.behind(99) == 6
    update(store)
    assert search(store, "тендер OR bridge OR 84", now=NOW, limit=10).hits == before
    assert store.index.size() == 6


def test_of_what_was_left_out_the_newest_version_is_shown(own_store, monkeypatch):
    """A version that the window left out is asked for by itself where it is a later one of an article that is shown."""
    store = own_store
    asked = []
    among = store.index.among
    monkeypatch.setattr(store.index, "among", lambda *given: asked.append(given[1]) or among(*given))
    (hit,) = search(store, "Токаев", now=NOW, limit=5).hits
    assert (hit.version, asked) == (1, [])  # everything that answers is known
    monkeypatch.setattr("newscrawl.search.searching.WINDOW", 1)
    found = search(store, "Токаев", now=NOW, limit=5)
    assert found.cut
    assert [one.version for one in found.hits] == [1]
    assert len(asked[0]) == 1  # the later version alone
    store.index.add([replace(_of_version(store, 1), body=("стоимост",))])  # the earlier one is put in last
    (hit,) = search(store, "author:ахметова стоимость", now=NOW, limit=5).hits
    assert hit.version == 2


def _of_version(store, number):
    ids = [row[0] for row in store.versions_of([FIRST])[FIRST] if row[1] == number]
    return document(store.load(ids)[ids[0]])


def test_waiting_versions_are_counted_so_far(own_store):
    own_store.index.reset()
    assert [own_store.behind(most) for most in (3, 6, 99)] == [3, 6, 6]
