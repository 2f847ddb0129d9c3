"""Verdicts applied, on both databases: what each kind leaves in which table, and whose an address is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from newscrawl.model import (
    Alias,
    AliasKind as A,
    Author,
    ChangeKind,
    Content,
    Decision,
    FetchOutcome as F,
    Image,
    PageType,
    Precision,
    Refresh,
    Signal,
    State,
    Verdict,
    VerdictKind as V,
)
from newscrawl.store.write import ledger, reprocessing
from newscrawl.text import content_hash
from tests.support.judging import NOW, PIECE, URL
from tests.support.storing import (
    apply,
    archive,
    capture,
    counts,
    known,
    lead,
    listing,
    new,
    observation,
    read_listing,
    rows,
)

HOUR = timedelta(hours=1)
LATER = NOW + HOUR
NEXT = NOW + 2 * HOUR
OTHER = "https://bereke.example/bread-prices-202"
EDITED = replace(
    PIECE,
    title="Aqsai opens its second footbridge",
    authors=(*PIECE.authors, Author("Erlan Baqytuly", "editor")),
)

AFTER_NEW = {
    "articles": 1, "article_urls": 1, "captures": 1, "changes": 1, "observations": 1, "people": 1, "runs": 1, "sources": 1,
    "search_pending": 1, "version_authors": 1, "versions": 1,
}  # fmt: skip
MORE = {
    V.UNCHANGED: (observation(at=LATER), Verdict(V.UNCHANGED, "same content", next_check=NEXT), {"captures": 1, "observations": 1}),
    V.NOT_MODIFIED: (
        observation(None, at=LATER, outcome=F.NOT_MODIFIED, status=304, captured=False),
        Verdict(V.NOT_MODIFIED, "not modified", next_check=NEXT),
        {"observations": 1},
    ),
    V.CHANGED: (
        observation(EDITED, at=LATER),
        Verdict(V.CHANGED, "changed", kinds=(ChangeKind.HEADLINE, ChangeKind.BYLINE), next_check=NEXT),
        {"captures": 1, "observations": 1, "versions": 1, "version_authors": 2, "people": 1, "changes": 1, "search_pending": 1},
    ),
    V.ABSENT: (
        observation(None, at=LATER, outcome=F.NOT_FOUND, status=404),
        Verdict(V.ABSENT, "absent (404)", state=State.SUSPECTED, signal=Signal.NOT_FOUND, next_check=NEXT),
        {"captures": 1, "observations": 1, "changes": 1, "search_pending": 1},
    ),
    V.FAILED: (
        observation(None, at=LATER, outcome=F.TIMEOUT, status=None, captured=False),
        Verdict(V.FAILED, "timeout", next_check=NEXT),
        {"observations": 1},
    ),
    V.DUPLICATE: (
        observation(at=LATER, url=OTHER),
        Verdict(V.DUPLICATE, "same content", next_check=NEXT),
        {"captures": 1, "observations": 1, "article_urls": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MORE)
def test_rows_of_a_verdict(archive_url, kind):
    """What one more observation of a known article adds, table by table, and nothing else."""
    one, verdict, more = MORE[kind]
    with archive(archive_url) as opened:
        new(opened)
        assert counts(opened) == AFTER_NEW
        applied = apply(opened, one, verdict)
        assert counts(opened) == {name: number + more.get(name, 0) for name, number in AFTER_NEW.items()}
        assert applied.article_id == rows(opened, "articles", "id")[0]
        assert rows(opened, "articles", "checks", "next_check") == [(2, NEXT)]
        seen = rows(opened, "observations", "verdict", "reason", "signal", "outcome", "at")[-1]
        assert seen == (kind.value, verdict.reason, verdict.signal, one.fetch.outcome.value, LATER)
        last_seen = LATER if kind not in (V.ABSENT, V.FAILED) else NOW
        last_checked = NOW if kind is V.FAILED else LATER
        assert rows(opened, "articles", "last_seen", "last_checked") == [(last_seen, last_checked)]


@pytest.mark.parametrize("kind", [V.NOT_ARTICLE, V.DEAD, V.FAILED, V.OUTSIDE_DATES])
def test_lead_that_is_no_article(archive_url, kind):
    """A lead that gave no article leaves an observation and its place in the frontier, never an article."""
    with archive(archive_url) as opened:
        key, found = lead(URL)
        read_listing(opened, listing([(key, found)]))
        before = counts(opened)
        applied = apply(
            opened, observation(PIECE, lead=found, captured=False), Verdict(kind, "why", next_check=NEXT)
        )
        assert applied.article_id is None
        assert counts(opened) == before | {"observations": 1}
        assert rows(
            opened, "leads", "outcome", "reason", "attempts", "next_attempt", "article_id", "published"
        ) == [(kind.value, "why", 1, NEXT, None, PIECE.published)]


FULL = replace(
    PIECE,
    page_type=PageType.LIVE_BLOG,
    published=datetime(2026, 3, 2, 11, 0, 30, tzinfo=timezone(timedelta(hours=5))),
    published_precision=Precision.SECOND,
    modified=datetime(2026, 3, 2, 3, 30, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
    section="Қала",
    tags=("көпір", "Ақсай"),
    images=(Image("https://bereke.example/1.jpg", "Көпір", None), Image("https://bereke.example/2.jpg")),
    alternates=(("ru", "https://ru.bereke.example/x"), ("x-default", "https://bereke.example/x")),
    canonical=URL,
    paywalled=False,
    origins={"title": "json-ld", "body": "trafilatura"},
    authors=(Author("Дана Өтегенова", "original author"), Author("Town Office", "author", "organization"), Author("Дана Өтегенова", "photographer")),
    reason=None,
)  # fmt: skip


def test_article_comes_back_as_it_went_in(archive_url):
    """Every field of an article, its authors in order and the publisher's own offsets."""
    from newscrawl.store.read.reader import open_reader

    with archive(archive_url) as opened:
        applied = new(opened, FULL, etag='"1"', last_modified="Mon, 02 Mar 2026 06:00:00 GMT")
        seen = known(opened)
        assert seen.content == Content.of(FULL)
        assert seen.content.published.utcoffset() == timedelta(hours=5)
        assert (seen.etag, seen.last_modified) == ('"1"', "Mon, 02 Mar 2026 06:00:00 GMT")
        assert (seen.version, seen.hashes) == (1, {content_hash(Content.of(FULL)): 1})
        assert seen.capture is not None
        assert (seen.capture.url, seen.capture.at) == (URL, NOW)
    with open_reader(archive_url) as reader:
        assert reader.article(applied.article_id).article == FULL


def test_new_version(archive_url):
    """An edit keeps the old version whole and makes the new one current."""
    with archive(archive_url) as opened:
        new(opened)
        verdict = Verdict(V.CHANGED, "changed: headline", kinds=(ChangeKind.HEADLINE,), next_check=NEXT)
        assert apply(opened, observation(EDITED, at=LATER), verdict).version == 2
        assert rows(opened, "versions", "number", "title", "kinds", "at") == [
            (1, PIECE.title, [], NOW),
            (2, EDITED.title, ["headline"], LATER),
        ]
        seen = known(opened)
        assert (seen.version, seen.content, seen.last_changed, seen.versions_this_month) == (
            2,
            Content.of(EDITED),
            LATER,
            1,
        )
        assert rows(opened, "changes", "kind", "from_version", "to_version") == [
            ("created", None, 1),
            ("edited", 1, 2),
        ]
        assert rows(opened, "observations", "version") == [1, 2]
        assert known(opened, now=LATER + timedelta(days=30)).versions_this_month == 0


def test_flip_flop(archive_url):
    """A return to an earlier text is a version that points to it; the hash maps to the first version that had it."""
    with archive(archive_url) as opened:
        new(opened)
        apply(
            opened,
            observation(EDITED, at=LATER),
            Verdict(V.CHANGED, "changed", kinds=(ChangeKind.HEADLINE,), next_check=NEXT),
        )
        apply(
            opened,
            observation(PIECE, at=NEXT),
            Verdict(V.CHANGED, "back", kinds=(ChangeKind.HEADLINE,), returns_to=1, next_check=NEXT),
        )
        assert rows(opened, "versions", "number", "returns_to") == [(1, None), (2, None), (3, 1)]
        assert set(known(opened).hashes.values()) == {1, 2}


def test_life_of_an_article(archive_url):
    """Suspected, removed, returned: the state, since when, the signals, and the log that tells it."""
    with archive(archive_url) as opened:
        new(opened)
        for hours, state in ((1, State.SUSPECTED), (7, State.SUSPECTED), (25, State.REMOVED)):
            one = observation(
                None, at=NOW + hours * HOUR, outcome=F.NOT_FOUND, status=404, controls_fine=True
            )
            apply(
                opened,
                one,
                Verdict(V.ABSENT, "absent (404)", state=state, signal=Signal.NOT_FOUND, next_check=NEXT),
            )
        gone = known(opened)
        assert (gone.state, gone.state_since, gone.last_seen) == (State.REMOVED, NOW + 25 * HOUR, NOW)
        assert gone.signals == tuple(NOW + h * HOUR for h in (1, 7, 25))
        apply(opened, observation(at=NOW + 90 * HOUR), Verdict(V.RETURNED, "there again", next_check=NEXT))
        back = known(opened)
        assert (back.state, back.state_since, back.signals) == (State.LIVE, NOW + 90 * HOUR, ())
        assert rows(opened, "changes", "kind") == ["created", "suspected", "removed", "returned"]
        assert rows(opened, "observations", "version") == [1, None, None, None, 1]


def test_signals_of_an_outage_do_not_count(archive_url):
    """A signal whose controls were not fine is kept as an observation and never counted."""
    with archive(archive_url) as opened:
        new(opened)
        one = observation(None, at=LATER, outcome=F.NOT_FOUND, status=404, controls_fine=False)
        apply(opened, one, Verdict(V.FAILED, "an outage", signal=Signal.NOT_FOUND, next_check=NEXT))
        assert known(opened).signals == ()
        assert rows(opened, "observations", "controls_fine")[-1] is False


def test_looks_that_come_late(archive_url):
    """An observation that is applied after a later one sets no clock back."""
    with archive(archive_url) as opened:
        new(opened)
        for at in (NEXT, LATER):
            apply(opened, observation(at=at), Verdict(V.UNCHANGED, "same", next_check=NEXT))
        assert rows(opened, "articles", "last_seen", "last_checked") == [(NEXT, NEXT)]


def test_validators(archive_url):
    """The next conditional request uses what came with the stored text; a 304 has no text and changes nothing."""
    with archive(archive_url) as opened:
        new(opened, etag='"1"', last_modified="A")
        silent = observation(None, at=LATER, outcome=F.NOT_MODIFIED, status=304, captured=False)
        apply(opened, silent, Verdict(V.NOT_MODIFIED, "304", next_check=NEXT))
        assert rows(opened, "articles", "etag", "last_modified") == [('"1"', "A")]
        renewed = observation(None, at=LATER, outcome=F.NOT_MODIFIED, status=304, captured=False, etag='"2"')
        apply(opened, renewed, Verdict(V.NOT_MODIFIED, "304", next_check=NEXT))
        assert rows(opened, "articles", "etag", "last_modified") == [('"1"', "A")]
        apply(
            opened,
            observation(None, at=LATER, outcome=F.TIMEOUT),
            Verdict(V.FAILED, "timeout", next_check=NEXT),
        )
        assert rows(opened, "articles", "etag", "last_modified") == [('"1"', "A")]
        apply(opened, observation(at=NEXT), Verdict(V.UNCHANGED, "same", next_check=NEXT))
        assert rows(opened, "articles", "etag", "last_modified") == [(None, None)]


def test_redirected_article_is_fetched_where_it_is(archive_url):
    """A slug renamed with a redirect: one article, both addresses, the next check at the new one."""
    with archive(archive_url) as opened:
        new(opened)
        moved = Alias(OTHER, A.REDIRECT, OTHER)
        one = observation(at=LATER, final_url=OTHER, redirects=(URL,), aliases=(moved,))
        apply(opened, one, Verdict(V.UNCHANGED, "same", next_check=NEXT))
        assert rows(opened, "articles", "url", "url_key") == [(OTHER, URL)]
        assert known(opened, OTHER).id == known(opened, URL).id


def test_claim_gives_way_to_the_article_that_is_there(archive_url):
    """A wrong canonical link holds an address only until an article is read there."""
    with archive(archive_url) as opened:
        first = new(opened, aliases=(Alias(OTHER, A.CANONICAL, OTHER),))
        assert rows(opened, "article_urls", "url_key", "kind", "confirmed") == [
            (URL, "primary", True),
            (OTHER, "canonical", False),
        ]
        status = opened.statuses([OTHER])[OTHER]
        assert (status.article_id, status.confirmed) == (first.article_id, False)
        second = new(opened, replace(PIECE, title="Bread prices rise"), url=OTHER, at=LATER)
        assert second.article_id != first.article_id
        assert known(opened, OTHER).id == second.article_id
        assert opened.statuses([OTHER])[OTHER].confirmed


def test_confirmed_address_stays(archive_url):
    """Neither a claim nor a redirect takes an address from the article that was read there."""
    with archive(archive_url) as opened:
        first = new(opened)
        second = new(opened, url=OTHER, aliases=(Alias(URL, A.CANONICAL, URL), Alias(URL, A.REDIRECT, URL)))
        with opened.write() as writing:
            alias = [Alias(URL, A.IDENTITY)]
            ledger.add_aliases(writing._connection, writing._source_id, second.article_id, alias, LATER)
        assert known(opened, URL).id == first.article_id
        assert known(opened, OTHER).id == second.article_id


def test_claimed_address_is_still_a_lead(archive_url):
    """An address that an article merely claims is put into the frontier when a listing shows it: it may be another article."""
    with archive(archive_url) as opened:
        new(opened, aliases=(Alias(OTHER, A.CANONICAL, OTHER),))
        read_listing(opened, listing([lead(URL), lead(OTHER, 1)]))
        waiting = opened.waiting(["en"], LATER, since=None, until=None, limit=9)
        assert [found.url for found in waiting] == [OTHER]


def test_refresh(archive_url):
    """A newer extractor's reading replaces the fields of the version; no version, no change and no observation is made."""
    better = replace(PIECE, subtitle="Better read", authors=(Author("Erlan Baqytuly"),), title="Better title")
    fingerprint = content_hash(Content.of(better))
    with archive(archive_url) as opened:
        new(opened)
        before = counts(opened)
        with opened.write() as writing:
            reprocessing.replace(writing._connection, 1, 1, Refresh(better, "test/2", fingerprint))
        assert counts(opened) == before | {"people": 2, "search_pending": 2}
        seen = known(opened)
        assert (seen.version, seen.content, seen.extractor) == (1, Content.of(better), "test/2")
        assert seen.hashes == {fingerprint: 1}
        assert rows(opened, "articles", "title") == ["Better title"]


def test_people_are_shared(archive_url):
    """One person is one row, however many articles; the same name as an organization is another."""
    with archive(archive_url) as opened:
        new(opened)
        new(opened, url=OTHER)
        new(opened, replace(PIECE, authors=(Author("Dana Serikova", kind="organization"),)), url=OTHER + "-3")
        assert rows(opened, "people", "name", "kind") == [
            ("Dana Serikova", "person"),
            ("Dana Serikova", "organization"),
        ]


def test_captures(archive_url):
    """Every record of a fetch is kept once; a revisit points to the response it repeats."""
    with archive(archive_url) as opened:
        original = capture(URL)
        again = capture(URL, LATER)
        again = replace(again, ref=replace(again.ref, kind="revisit"), refers_to=original.ref)
        hop = capture(URL + "-old", status=301)
        first = observation()
        new(opened)
        one = replace(first, fetch=replace(first.fetch, captures=(hop, original)))
        apply(opened, one, Verdict(V.UNCHANGED, "same", next_check=NEXT))
        apply(opened, one, Verdict(V.UNCHANGED, "same", next_check=NEXT))
        apply(
            opened,
            replace(one, fetch=replace(one.fetch, captures=(again,))),
            Verdict(V.UNCHANGED, "same", next_check=NEXT),
        )
        kept = rows(opened, "captures", "record_id", "kind", "refers_to_id")
        assert [record for record, _, _ in kept[1:]] == [
            hop.ref.record_id,
            original.ref.record_id,
            again.ref.record_id,
        ]
        assert kept[3][1:] == ("revisit", rows(opened, "captures", "id")[2])
        assert opened.earlier_capture(URL) == original
        assert opened.earlier_capture(OTHER) is None
        ends = (offset + length for offset, length in rows(opened, "captures", "offset", "length"))
        assert opened.warc_ends() == {"bereke/1.warc.gz": max(ends)}


ODD = "қ\x00\ud800x\udfff\U0001f600 '; DROP TABLE articles; -- %s :x"


def test_odd_text(archive_url):
    """NUL and half surrogate pairs become a visible sign; everything else stays letter by letter."""
    odd = replace(
        PIECE, title=ODD, subtitle=ODD, body=ODD, section=ODD, authors=(Author(ODD),), tags=(ODD,),
        images=(Image("https://bereke.example/1.jpg", ODD),), origins={"title": ODD}, alternates=(("ru", ODD),), canonical=ODD,
    )  # fmt: skip
    with archive(archive_url) as opened:
        applied = new(opened, odd)
        stored = known(opened).content
        assert stored.title == "қ\ufffd\ufffdx\ufffd\U0001f600 '; DROP TABLE articles; -- %s :x"
        assert stored.title == stored.body == stored.authors[0].name
        from newscrawl.store.read.reader import open_reader

        with open_reader(archive_url) as reader:
            repr(reader.article(applied.article_id)).encode("utf-8")
            assert reader.article(applied.article_id).article.tags == (stored.title,)


def test_very_long_values(archive_url):
    """Addresses of 20,000 characters, a body of 300,000, 100 authors, a role of any length."""
    long = "https://bereke.example/" + "ұзын" * 5000
    authors = tuple(Author(f"Автор {n}", role="r" * 500) for n in range(100))
    huge = replace(PIECE, body="мәтін " * 50_000, authors=authors, title="т" * 20_000)
    with archive(archive_url) as opened:
        new(opened, huge, url=long, aliases=(Alias(long + "?2", A.CANONICAL, long + "?2"),))
        seen = known(opened, long)
        assert (seen.url, seen.content.body, len(seen.content.authors)) == (long, huge.body, 100)
        assert known(opened, long + "?2").id == seen.id
        assert opened.earlier_capture(long) is not None


@pytest.mark.parametrize("field", ["published", "modified"])
def test_naive_instants_are_refused(archive_url, field):
    """An instant without a zone is our own bug: refused, and nothing of the batch is kept."""
    with archive(archive_url) as opened:
        before = counts(opened)
        with pytest.raises(StatementError, match="naive"):
            new(opened, replace(PIECE, **{field: datetime(2026, 3, 2, 6, 0)}))
        assert counts(opened) == before


def _write_half(opened):
    with opened.write() as writing:
        writing.apply(Decision(observation(), Verdict(V.NEW, "first seen", next_check=NEXT)))
        raise ZeroDivisionError


def test_a_batch_is_all_or_nothing(archive_url):
    """An error in the middle of a batch leaves nothing of it."""
    with archive(archive_url) as opened:
        before = counts(opened)
        with pytest.raises(ZeroDivisionError):
            _write_half(opened)
        assert counts(opened) == before
        new(opened)
        assert counts(opened) == AFTER_NEW


def test_sources_do_not_see_each_other(archive_url):
    """Two outlets that carry the same address have an article each."""
    with archive(archive_url) as bereke, archive(archive_url, "qala") as qala:
        first, second = new(bereke), new(qala)
        assert first.article_id != second.article_id
        assert known(bereke).id == first.article_id
        assert known(qala).id == second.article_id


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 3, 2, 6, 0, 0, 123456, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 30, tzinfo=timezone(timedelta(hours=6))),
        datetime(2026, 3, 2, 0, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(1901, 1, 1, tzinfo=UTC),
        datetime(9998, 1, 1, tzinfo=UTC),
    ],
)
def test_instants_keep_moment_and_offset(archive_url, instant):
    """The moment to the microsecond, and the publisher's own offset."""
    with archive(archive_url) as opened:
        new(opened, replace(PIECE, published=instant, published_precision=Precision.SECOND))
        published = known(opened).content.published
        assert published == instant
        assert published.utcoffset() == instant.utcoffset()
        assert known(opened).published.utcoffset() == timedelta(0)


def test_an_outlet_that_moved_to_another_host_keeps_its_articles(archive_url):
    """What its lists name on the new host is the article that is known from the old one; another host stays foreign."""
    moved = URL.replace("bereke.example", "bereke.news")
    with archive(archive_url) as opened:
        number = new(opened).article_id
        for _ in range(2):
            opened.follow_hosts({"bereke.example": "bereke.news", "ereke.example": "other.example"}, LATER)
        assert known(opened, moved).id == known(opened).id == number
        assert rows(opened, "article_urls", "url_key", "kind") == [(URL, "primary"), (moved, "lead")]
