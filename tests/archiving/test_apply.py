"""One way into the archive: a batch leaves what its observations leave one by one, and what is decided depends on nothing but values."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from newscrawl.archiving.ahead import Decider
from newscrawl.archiving.apply import commit, record
from newscrawl.archiving.decide import Policy, captures_to_extract, decide
from newscrawl.archiving.recorder import Recorder
from newscrawl.model import (
    AddressStatus,
    Alias,
    AliasKind,
    Channel,
    Dates,
    FetchOutcome,
    FoundLeads,
    Lead,
    Situation,
    State,
    StoredVersion,
    Surroundings,
    VerdictKind as V,
)
from newscrawl.store.archive import Archive, open_archive
from newscrawl.warc import WarcWriter
from tests.support import judging
from tests.support.judging import NOW, PIECE, URL, hash_of
from tests.support.storing import NoCaptures, archive, capture, lead, listing, new, observation, rows

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OTHER = "https://bereke.example/bread-prices-202"
EDITED = replace(PIECE, title="Aqsai opens its second footbridge")
BREAD = replace(
    PIECE,
    url=OTHER,
    title="Bread prices",
    body="Bread became dearer in all five districts, the statistics office of the region said.",
)
TABLES = ("articles", "article_urls", "versions", "changes", "leads")


def _redirected(article, *, at, **fields):
    alias = Alias(OTHER, AliasKind.REDIRECT, OTHER)
    return observation(article, at=at, final_url=OTHER, redirects=(OTHER,), aliases=(alias,), **fields)


# name -> what comes in one batch, in this order
BATCHES = {
    "an article and its edit": [observation(), observation(EDITED, at=NOW + HOUR)],
    "an edit taken back": [observation(), observation(EDITED, at=NOW + HOUR), observation(at=NOW + DAY)],
    "the same article at two addresses": [
        observation(),
        observation(at=NOW + HOUR, url=OTHER, aliases=[Alias(URL, AliasKind.CANONICAL, URL)]),
        observation(EDITED, at=NOW + DAY),
    ],
    "an address claimed and then read": [
        observation(aliases=[Alias(OTHER, AliasKind.CANONICAL, OTHER)]),
        observation(BREAD, at=NOW + HOUR, url=OTHER),
    ],
    "moved to another known one": [
        observation(),
        observation(url=OTHER, at=NOW + HOUR, article=replace(PIECE, published=NOW - 3 * DAY)),
        _redirected(PIECE, at=NOW + DAY),
    ],
    "absent, twice, and back": [
        observation(),
        observation(None, at=NOW + HOUR, outcome=FetchOutcome.NOT_FOUND, status=404, controls_fine=True),
        observation(None, at=NOW + DAY, outcome=FetchOutcome.NOT_FOUND, status=404, controls_fine=True),
        observation(at=NOW + 2 * DAY),
    ],
    "absent here, alive at another address": [
        observation(BREAD, url=OTHER),
        observation(None, at=NOW + HOUR, outcome=FetchOutcome.NOT_FOUND, status=404, controls_fine=True, url=OTHER),
        observation(BREAD, at=NOW + HOUR, url=OTHER + "9"),
        observation(None, at=NOW + DAY, outcome=FetchOutcome.NOT_FOUND, status=404, controls_fine=True, url=OTHER),
    ],
    "a lead, tried and tried again": [
        FoundLeads("bereke", "en", NOW, (lead(URL, channel=Channel.BLOCK),)),
        observation(None, outcome=FetchOutcome.TIMEOUT, status=None, lead=Lead(URL, Channel.BLOCK, URL)),
        observation(None, at=NOW + HOUR, outcome=FetchOutcome.TIMEOUT, status=None, lead=Lead(URL, Channel.BLOCK, URL)),
    ],
    "undated until a feed names it": [
        replace(observation(replace(PIECE, published=None), lead=Lead(URL, Channel.BLOCK, URL)), attested=False),
        listing([lead(URL)], channel=Channel.FEED, at=NOW + HOUR),
        replace(observation(replace(PIECE, published=None), at=NOW + DAY, lead=Lead(URL, Channel.BLOCK, URL)), attested=False),
    ],
    "from before all that is known": [observation(EDITED, at=NOW), observation(at=NOW - DAY), observation(EDITED, at=NOW - 2 * DAY)],
}  # fmt: skip


def _left(opened: Archive) -> dict[str, list]:
    everything = {table: rows(opened, table) for table in TABLES}
    seen = rows(
        opened, "observations", "article_id", "at", "verdict", "reason", "signal", "version", "lead_id"
    )
    return everything | {"observations": seen}  # fmt: skip


@pytest.mark.parametrize("policy", [Policy(), Policy(imported_at=NOW + 9 * DAY)], ids=["crawl", "import"])
@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_is_its_items_one_by_one(name, policy, tmp_path):
    """What is known is read for a whole batch at once; what an earlier item of it changed is still seen by a later one."""
    left = []
    for number, batches in enumerate(([BATCHES[name]], [[item] for item in BATCHES[name]])):
        with archive(f"sqlite:///{tmp_path / str(number)}.db") as opened:
            for batch in batches:
                with opened.write() as writing:
                    record(writing, batch, Decider(policy, NoCaptures()))
            left.append(_left(opened))
    assert left[0] == left[1]
    assert left[0]["observations"]


@pytest.fixture
def many(tmp_path) -> Iterator[Archive]:
    """An archive with thirty articles."""
    opened = Archive(open_archive(f"sqlite:///{tmp_path / 'many.db'}"), "bereke", NOW)
    opened.begin_run(NOW, {})
    for number in range(30):
        new(opened, replace(PIECE, title=f"Piece {number}"), url=f"{URL}-{number}")
    yield opened
    opened.close()


def test_few_queries_for_many_observations(many):
    """What is known of thirty addresses is read with as many queries as of one."""
    counted = []
    event.listen(many._engine, "before_cursor_execute", lambda *_: counted.append(1))
    found = []
    for number in (1, 30):
        counted.clear()
        with many.write() as writing:
            before = len(counted)
            situations = writing.situations([observation(url=f"{URL}-{n}") for n in range(number)])
            found.append(len(counted) - before)
        assert [len(situation.articles) for situation in situations] == [1] * number
    assert found[0] == found[1] <= 9


# --- decisions from values alone ----------------------------------------------------------------------


def _situation(known=None, around=None) -> Situation:
    known = known or judging.known()
    return Situation(
        {URL: AddressStatus(URL, known.id)}, {URL: known}, surroundings={known.id: around} if around else {}
    )


def test_nothing_known():
    """An article nobody knew is new; so it is for an import, which counts its next check from the present."""
    one = observation()
    assert decide(one, Situation(), Policy(), {}).verdict.kind is V.NEW
    later = decide(one, Situation(), Policy(imported_at=NOW + 99 * DAY), {})
    assert later.verdict.kind is V.NEW
    assert later.verdict.next_check > NOW + 99 * DAY
    assert later.article is None
    assert {alias.key for alias in later.aliases} == {URL}


def test_an_older_extractor_is_read_again_first():
    """Which captures must be read again is said first; what they say is part of the decision."""
    old = judging.known(extractor="test/0", content_hash="00" * 20, capture=capture(URL))
    one = observation(EDITED)
    assert captures_to_extract(one, _situation(old), Policy()) == (old, (old.capture,))
    same = decide(one, _situation(old), Policy(), {old.capture: EDITED})
    assert (same.verdict.kind, same.refresh.content_hash) == (V.UNCHANGED, hash_of(EDITED))
    edit = decide(one, _situation(old), Policy(), {old.capture: PIECE})
    assert (edit.verdict.kind, edit.refresh.content_hash) == (V.CHANGED, hash_of(PIECE))
    lost = decide(one, _situation(old), Policy(), {old.capture: None})
    assert (lost.verdict.kind, lost.refresh) == (V.UNCHANGED, None)
    assert "cannot be compared" in lost.verdict.reason


def test_the_same_observation_of_crawl_and_import():
    """A late capture changes nothing of the present: it joins the history; a crawl's observation is applied as it is."""
    known = judging.known(last_checked=NOW + DAY, content_hash=hash_of(EDITED))
    version = StoredVersion(1, NOW + DAY, hash_of(EDITED), known.content, known.extractor, None)
    around = Surroundings(None, version)
    gone = observation(None, outcome=FetchOutcome.NOT_FOUND, status=404)
    crawled = decide(gone, _situation(known), Policy(), {})
    assert (crawled.verdict.kind, crawled.verdict.state, crawled.insert) == (V.ABSENT, State.SUSPECTED, None)
    imported = decide(gone, _situation(known, around), Policy(imported_at=NOW + 9 * DAY), {})
    assert (imported.verdict.kind, imported.verdict.state) == (V.ABSENT, State.LIVE)
    assert imported.insert.version is None
    assert imported.aliases == ()


def test_bytes_are_on_the_disk_before_the_commit(sqlite_url, monkeypatch, tmp_path):
    """When raw responses are flushed, nothing that refers to them is in the database yet."""
    with (
        archive(sqlite_url) as opened,
        WarcWriter(tmp_path, "bereke", software="tests", contact=None) as warc,
    ):
        at_flush: list[list[str]] = []
        monkeypatch.setattr(warc, "sync", lambda: at_flush.append(rows(opened, "observations", "verdict")))
        commit(opened, warc, [observation()], Policy(), NoCaptures())
        assert at_flush == [[]]
        assert rows(opened, "observations", "verdict") == ["new"]


def test_a_bad_item_takes_no_other_of_its_batch_along(sqlite_url, tmp_path):
    """What a bug stops is handed its error; what came with it is recorded."""
    bad = replace(observation(), fetch=None)

    async def at_once(recorder: Recorder) -> list:
        items = (observation(), bad, observation(BREAD, url=OTHER))
        async with asyncio.timeout(60):  # nobody waits for ever, either
            return await asyncio.gather(*(recorder.record(one) for one in items), return_exceptions=True)

    with (
        archive(sqlite_url) as opened,
        WarcWriter(tmp_path, "bereke", software="tests", contact=None) as warc,
    ):
        recorder = Recorder(opened, warc, dates=Dates(), captures=NoCaptures())
        first, error, last = asyncio.run(at_once(recorder))
        recorder.close()
        assert isinstance(error, AttributeError)
        assert [one.verdict.kind for one in (first, last)] == [V.NEW, V.NEW]
        assert rows(opened, "articles", "url_key") == [URL, OTHER]
