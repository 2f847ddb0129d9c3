"""Pages are read and compared before the write transaction begins; what is written meanwhile is not overlooked."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl.archiving.ahead import Decider
from newscrawl.archiving.apply import commit, record
from newscrawl.archiving.decide import Policy
from newscrawl.model import Channel, Lead, PageText, TextBlock
from newscrawl.store.engine import sqlite_path
from newscrawl.warc import WarcWriter
from tests.support.storing import NOW, PIECE, archive, observation, rows

HOUR = timedelta(hours=1)
EDITED = replace(PIECE, body=PIECE.body.replace("84 metres", "48 metres"))
AGAIN = replace(PIECE, body=EDITED.body.replace("310 million", "301 million"))


class Captures:
    """Captures that show what their observations said; `meanwhile` happens at the first page that is read."""

    def __init__(self, meanwhile=lambda: None) -> None:
        self.said = {}
        self.read = []
        self.meanwhile = meanwhile

    def see(self, article, hours, **fields):
        one = observation(article, at=NOW + hours * HOUR, **fields)
        self.said[one.fetch.captures[-1].ref.record_id] = article
        return one

    def extract(self, _known, capture):
        return self.said[capture.ref.record_id]

    def page_text(self, _known, capture):
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        self.read.append(capture)
        article = self.said[capture.ref.record_id]
        lines = (article.title, article.subtitle, *article.body.split("\n\n"))
        return PageText(
            tuple(TextBlock(line, ("p", "article")) for line in lines), layout=frozenset({"article.a"})
        )


@pytest.fixture
def warc(tmp_path):
    writer = WarcWriter(tmp_path / "warc", "bereke", software="test", contact=None)
    yield writer
    writer.close()


def test_no_page_is_read_while_the_database_is_locked(sqlite_url, warc):
    with archive(sqlite_url) as opened:

        def write_beside() -> None:
            other = sqlite3.connect(sqlite_path(sqlite_url), timeout=0, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
            other.close()

        captures = Captures(write_beside)
        told = [
            commit(opened, warc, [captures.see(article, hour)], Policy(), captures)[0].verdict.kind.value
            for hour, article in enumerate((PIECE, EDITED, EDITED, AGAIN))
        ]
        assert told == ["new", "changed", "unchanged", "changed"]
        assert captures.read


def test_what_is_written_meanwhile_bears_on_the_decision(sqlite_url, warc):
    with archive(sqlite_url) as opened:
        captures = Captures()
        commit(opened, warc, [captures.see(PIECE, 0)], Policy(), captures)

        def seen_by_another() -> None:
            with opened.write() as writing:
                (applied,) = record(writing, [captures.see(EDITED, 1)], Decider(Policy(), captures))
                assert applied.version == 2

        captures.meanwhile = seen_by_another
        (applied,) = commit(opened, warc, [captures.see(EDITED, 2)], Policy(), captures)
        assert (applied.verdict.kind.value, applied.version) == ("unchanged", 2)
        assert len(rows(opened, "versions")) == 2


def test_an_article_met_first_and_twice_in_one_batch(sqlite_url, warc):
    with archive(sqlite_url) as opened:
        captures = Captures()
        lead = Lead(PIECE.url, Channel.LISTING, PIECE.url)
        items = [captures.see(PIECE, 0, lead=lead), captures.see(EDITED, 1), captures.see(AGAIN, 2)]
        applied = commit(opened, warc, items, Policy(), captures)
        assert [one.verdict.kind.value for one in applied] == ["new", "changed", "changed"]
