"""Identity: when two readings are one piece. Two articles are never merged silently."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.judge.identity import body_overlap, resolve, same_piece
from newscrawl.judge.kinds import classify
from newscrawl.model import Alias, AliasKind as A, ChangeKind, Content, FetchOutcome as F, PageType as P
from tests.support.judging import BODY, PIECE, URL, known, observation, page

HERE = Content.of(PIECE)
MOVED = "https://bereke.example/second-bridge-101"
NUMBER = "bereke:en:101"
OTHER_BODY = (
    "Bread became dearer in all five districts of the region this week.\n\n"
    "A loaf costs 190 tenge now, eleven more than in February, shop owners told us."
)
OTHER = replace(PIECE, title="Bread prices rise", body=OTHER_BODY)


@pytest.mark.parametrize(
    ("title", "body", "same"),
    [
        (PIECE.title, BODY, True),
        ("Another headline altogether", BODY, True),
        (PIECE.title, BODY + "\n\nUpdate: the mayor came as well and cut a ribbon.", True),
        (PIECE.title, BODY.replace("84 metres", "85 metres"), True),
        ("Another headline", BODY.split("\n\n")[0], True),
        (PIECE.title, "", True),
        (None, "", False),
        (PIECE.title, OTHER_BODY, False),
        ("Bread prices rise", OTHER_BODY, False),
        ("Bread prices rise", "", False),
        ("Bread prices rise", BODY.split("\n\n")[2] + " " + OTHER_BODY, False),
    ],
    ids=[
        "the same", "new headline", "extended", "a digit", "cut to its first paragraph", "text gone, headline kept", "nothing at all",
        "same headline over another text", "another piece", "another piece without text", "another piece with one sentence in common",
    ],
)  # fmt: skip
def test_same_piece(title, body, same):
    """Versions of one piece share most of their words; two pieces of one desk share a sentence at most."""
    other = Content(title=title, body=body)
    assert same_piece(HERE, other) is same
    assert same_piece(other, HERE) is same


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("", "", 0.0),
        ("a b c d", "", 0.0),
        ("a b c", "a b c", 1.0),
        ("a b c", "a b", 0.0),
        ("a b c d e", "a b c d x", 0.5),
    ],
)
def test_body_overlap(one, other, overlap):
    """Share of the shorter text's runs of four words."""
    assert body_overlap(one, other) == body_overlap(other, one) == overlap


def _resolve(article, direct=None, *, confirmed=True, aliases=(), others=None, outcome=F.OK):
    one = observation(outcome, article, status=200, aliases=aliases)
    found, duplicate = resolve(one, direct, confirmed=confirmed, others=others or {})
    return (found.id if found is not None else None), duplicate


def _alias(kind, key=MOVED):
    return Alias(key, kind, None if kind is A.IDENTITY else key)


@pytest.mark.parametrize("kind", [A.REDIRECT, A.CANONICAL, A.IDENTITY])
def test_twin(kind):
    """The same piece by redirect, canonical link or number is that article, found under another address."""
    assert _resolve(PIECE, aliases=(_alias(kind),), others={MOVED: known(id=7)}) == (7, True)


@pytest.mark.parametrize("kind", [A.REDIRECT, A.CANONICAL, A.IDENTITY])
def test_wrong_claim_swallows_nothing(kind):
    """A page that names another article's address, or has its number, stays an article of its own."""
    assert _resolve(OTHER, aliases=(_alias(kind),), others={MOVED: known(id=7)}) == (None, False)


def test_every_page_names_the_front_page_as_canonical():
    """One wrong template must not make one article of a whole outlet."""
    first = known(id=1, content=Content.of(PIECE))
    assert _resolve(
        OTHER,
        aliases=(_alias(A.CANONICAL, "https://bereke.example/"),),
        others={"https://bereke.example/": first},
    ) == (
        None,
        False,
    )


def test_same_text_elsewhere_stays_two():
    """The same words at two addresses that do not name each other are two articles."""
    assert _resolve(PIECE, others={MOVED: known(id=7)}) == (None, False)
    assert _resolve(PIECE, aliases=(_alias(A.LEAD),), others={MOVED: known(id=7)}) == (None, False)


def test_confirmed_address_is_the_article():
    """What is read at an article's own address is that article, however much was rewritten."""
    assert _resolve(OTHER, known(id=3)) == (3, False)
    assert _resolve(None, known(id=3), outcome=F.TIMEOUT) == (3, False)
    assert _resolve(page(P.NOT_FOUND), known(id=3)) == (3, False)


@pytest.mark.parametrize(
    ("article", "outcome", "expected"),
    [
        (PIECE, F.OK, (3, True)),
        (OTHER, F.OK, (None, False)),
        (page(P.LIST), F.OK, (None, False)),
        (None, F.TIMEOUT, (None, False)),
        (None, F.NOT_FOUND, (None, False)),
    ],
    ids=["the claim is true", "another piece is there", "no article is there", "no answer", "nothing there"],
)
def test_claimed_address(article, outcome, expected):
    """An address that a page only claimed is the article's when the same piece is read there, and says nothing of it otherwise."""
    assert _resolve(article, known(id=3), confirmed=False, outcome=outcome) == expected


def test_strongest_link_first():
    """A redirect says more than a canonical link, and that more than a number."""
    aliases = (_alias(A.IDENTITY, NUMBER), _alias(A.CANONICAL, URL + "-x"), _alias(A.REDIRECT))
    others = {NUMBER: known(id=1), URL + "-x": known(id=2), MOVED: known(id=3)}
    assert _resolve(PIECE, aliases=aliases, others=others) == (3, True)
    assert _resolve(PIECE, aliases=aliases[:2], others=others) == (2, True)
    others[MOVED] = known(id=3, content=Content.of(OTHER))
    assert _resolve(PIECE, aliases=aliases, others=others) == (2, True)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80), st.text(max_size=80))
def test_pure_and_symmetric(one, other):
    """Whichever is asked about first, and however often."""
    first, second = Content(title=one, body=other), Content(title=other, body=one)
    before = copy.deepcopy((first, second))
    assert same_piece(first, second) == same_piece(second, first) == same_piece(first, second)
    assert classify.kinds(first, first) == ()
    main = set(list(ChangeKind)[:5])
    assert main & set(classify.kinds(first, second)) == main & set(classify.kinds(second, first))
    assert (first, second) == before
