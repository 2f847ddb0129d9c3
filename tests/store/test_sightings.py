"""Sightings in listings, on both databases: what is stored of each read, and what an article's history of headlines and positions says."""

from __future__ import annotations

from datetime import timedelta

from newscrawl.model import FetchOutcome as F
from newscrawl.serialization.records import position
from newscrawl.store.read.reader import open_reader
from tests.support.judging import NOW, URL
from tests.support.storing import FRONT, archive, counts, lead, listing, new, read_listing, rows

HOUR = timedelta(hours=1)
OTHER = "https://bereke.example/other-2"


def _positions(url, article_id):
    with open_reader(url) as reader:
        return [
            (p.headline, p.position, (p.first - NOW) / HOUR, (p.last - NOW) / HOUR, p.reads)
            for p in reader.sightings_of(article_id)
        ]


def test_headline_and_place_over_time(archive_url):
    """Equal positions in a row are one sighting; a move, another headline and an absence in between end it; failures end none."""
    mine, other = (lambda at, said: lead(URL, at, headline=said)), lead(OTHER, 0, headline="Other")
    shown = [
        [mine(0, "First")],
        [mine(0, "First")],
        None,  # not modified
        [other, mine(1, "First")],
        [other, mine(1, "Second")],
        "failed",
        [other, mine(1, "Second")],
        [other],
        [other, mine(1, "Second")],
        [],  # a page without leads says nothing
        [mine(1, "Second"), other, mine(7, "Second")],
    ]
    with archive(archive_url) as opened:
        for hour, leads in enumerate(shown):
            at = NOW + hour * HOUR
            if leads is None or leads == "failed":
                outcome = F.NOT_MODIFIED if leads is None else F.SERVER_ERROR
                read_listing(opened, listing(at=at, outcome=outcome))
            else:
                read_listing(opened, listing(leads, at=at))
            if hour == 0:
                article_id = new(opened, lead=shown[0][0][1]).article_id
    assert _positions(archive_url, article_id) == [
        ("First", 0, 0, 2, 3),
        ("First", 1, 3, 3, 1),
        ("Second", 1, 4, 6, 2),
        ("Second", 1, 8, 10, 2),
    ]


def test_unchanged_listing_stores_nothing_new(archive_url):
    """Sixty links read a hundred times are sixty rows, and every read is on record with what it showed."""
    leads = [lead(f"https://bereke.example/piece-{n}", n, headline=f"Piece {n}") for n in range(60)]
    with archive(archive_url) as opened:
        for n in range(100):
            outcome = F.NOT_MODIFIED if n % 2 else F.OK
            read_listing(opened, listing([] if n % 2 else leads, at=NOW + n * HOUR, outcome=outcome))
        assert (counts(opened)["sightings"], counts(opened)["listing_reads"]) == (60, 100)
        assert set(rows(opened, "listing_reads", "shown_id")) == {1}


def test_place_in_json(archive_url):
    """The keys of a place, for programs."""
    key, found = lead(URL, 3, headline="As the list called it")
    with archive(archive_url) as opened:
        read_listing(opened, listing([(key, found)]))
        article_id = new(opened, lead=found).article_id
    with open_reader(archive_url) as reader:
        (record,) = reader.sightings_of(article_id)
        assert reader.sightings_of(article_id + 1) == []
    assert position(record) == {
        "source": "bereke",
        "edition": "en",
        "channel": "listing",
        "listing": FRONT,
        "headline": "As the list called it",
        "position": 3,
        "from": NOW.isoformat(timespec="microseconds"),
        "to": NOW.isoformat(timespec="microseconds"),
        "reads": 1,
    }
