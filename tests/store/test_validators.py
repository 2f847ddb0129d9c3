"""What the archive keeps about a server's word, on both databases: validators, full answers, what lists say, caught hosts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from newscrawl.model import CaughtHost, Channel, Decision, FetchOutcome as F, Verdict, VerdictKind as V
from tests.support.judging import NOW, PIECE
from tests.support.storing import (
    FRONT,
    apply,
    archive,
    known,
    lead,
    listing,
    new,
    observation,
    read_listing,
)

HOUR = timedelta(hours=1)
LATER, NEXT = NOW + HOUR, NOW + 2 * HOUR
OTHER_TEXT = replace(PIECE, body=PIECE.body + "\n\nThe ferry goes on as before.")
NOT_MODIFIED = {"article": None, "outcome": F.NOT_MODIFIED, "status": 304}
# name -> (what came, verdict, the ETag kept of '"1"' before and '"2"' now, whether it was a full answer)
CASES = {
    "the stored text": ({}, V.UNCHANGED, '"2"', True),
    "an edit": ({"article": OTHER_TEXT}, V.CHANGED, '"2"', True),
    "another text that is not recorded": ({"article": OTHER_TEXT}, V.UNCHANGED, None, True),
    "back again": ({}, V.RETURNED, '"2"', True),
    "moved": ({"moved": True}, V.UNCHANGED, '"2"', True),
    "moved, with an edit": ({"moved": True, "article": OTHER_TEXT}, V.CHANGED, '"2"', True),
    "moved, another text": ({"moved": True, "article": OTHER_TEXT}, V.DUPLICATE, None, False),
    "not modified": (NOT_MODIFIED, V.NOT_MODIFIED, '"1"', False),
    "back again, by 304": (NOT_MODIFIED, V.RETURNED, '"1"', False),
    "no answer": ({"article": None, "outcome": F.TIMEOUT}, V.FAILED, '"1"', False),
    "a page that is not the article": ({"article": None}, V.FAILED, '"1"', False),
}


def test_validators_and_full_answers(archive_url):
    """Validators are kept with the stored text alone; a full answer ends what lists said against the article."""
    with archive(archive_url) as opened:
        for number, (name, (came, verdict, kept, full)) in enumerate(CASES.items()):
            url = f"{FRONT}piece-{number}"
            new(opened, url=url, etag='"1"')
            read_listing(opened, _map(url, NOW + HOUR / 2, changed=NOW + HOUR / 3))
            moved = {"final_url": f"{url}-moved", "redirects": (url,)} if came.get("moved") else {}
            given = {"article": PIECE, **{k: v for k, v in came.items() if k != "moved"}}
            one = observation(url=url, at=LATER, etag='"2"', **given, **moved)
            apply(opened, one, Verdict(verdict, "…", next_check=NEXT), key=url)
            article = known(opened, url)
            assert article.etag == kept, name
            assert (article.last_full, article.disputed) == ((LATER, False) if full else (NOW, True)), name


def test_a_caught_host(archive_url):
    """It is counted by edition, with where it lied first and last; a list counts if it names something new."""
    url = f"{FRONT}piece-1"
    with archive(archive_url) as opened:
        new(opened, url=url)
        with opened.write() as writing:
            article = writing.by_keys([url], NOW)[url]
            verdict = Verdict(V.UNCHANGED, "…", next_check=NEXT)
            writing.apply(Decision(observation(url=url, at=LATER), verdict, article, caught="bereke.example"))
        assert opened.caught_hosts() == [CaughtHost("en", "bereke.example", LATER, LATER, 1, url)]
        first, second = lead(f"{FRONT}piece-1"), lead(f"{FRONT}piece-2")
        read_listing(opened, listing([first], at=NOW))
        for leads in ([first], [second, first], [first]):
            read_listing(opened, replace(listing(leads, at=NEXT), caught="bereke.example"))
        assert opened.caught_hosts() == [CaughtHost("en", "bereke.example", LATER, NEXT, 2, FRONT)]


URL = f"{FRONT}piece-1"
MAP = f"{FRONT}sitemap.xml"


def _map(url, at, *, changed):
    entry = lead(url, channel=Channel.SITEMAP, listing=MAP, modified=changed)
    return listing([entry], url=MAP, channel=Channel.SITEMAP, at=at)


def _front(*headlines, at, page=FRONT):
    """A list that shows the article under the first headline, and others below it."""
    leads = [lead(f"{FRONT}piece-{n}", n, headline=said) for n, said in enumerate(headlines, 1)]
    return replace(listing(leads, url=page, at=at), root=FRONT if page != FRONT else None)


# name -> (reads before the article was read in full at hour 1, reads after it, whether they dispute it)
OLDER = f"{FRONT}page/2"
READS = {
    "the same headline": ([_front("Bridge", at=NOW)], [_front("Bridge", at=NEXT)], False),
    "the same headline, in another place": ([_front("Bridge", "B", at=NOW)], [_front("Bridge", "C", at=NEXT)], False),
    "another headline": ([_front("Bridge", at=NOW)], [_front("Bridge falls", at=NEXT)], True),
    "the headline is now the title": ([_front("Bridge", at=NOW)], [_front(PIECE.title, at=NEXT)], False),
    "typesetting": ([_front("The 'Bridge'", at=NOW)], [_front("the «bridge»", at=NEXT)], False),
    "another headline, a page further down": ([_front("Bridge", at=NOW)], [_front("Falls", at=NEXT, page=OLDER)], True),
    "a page further down": ([_front("Bridge", at=NOW)], [_front("Bridge", at=NEXT, page=OLDER)], False),
    "back after it was off the list": (
        [_front("Bridge", "B", at=NOW)], [_front(at=NEXT), _front("Bridge", at=NEXT + HOUR)], False),
    "no headline": ([_front("Bridge", at=NOW)], [_front("", at=NEXT)], False),
    "a later change": ([], [_map(URL, NEXT, changed=LATER + HOUR / 2)], True),
    "an earlier change": ([], [_map(URL, NEXT, changed=LATER - HOUR / 2)], False),
    "a change to come": ([], [_map(URL, NEXT, changed=NEXT + HOUR)], False),
    "a change that older reads have shown": (
        [], [_map(URL, NEXT + timedelta(days=90), changed=NOW), _map(URL, NEXT + timedelta(days=91), changed=NOW)], False),
}  # fmt: skip


def test_what_lists_say(archive_url):
    """A headline is news only where the list itself had another one; a date only where it is later than the last full answer."""
    for name, (before, after, disputed) in READS.items():
        source = "".join(c for c in name if c.isalpha())[:30]
        with archive(archive_url, source) as opened:
            read_listing(opened, *before)
            new(opened, url=URL, lead=lead(URL)[1], at=LATER)
            read_listing(opened, *after)
            assert known(opened, URL).disputed is disputed, name
