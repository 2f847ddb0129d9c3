"""Text as it is compared: what counts as the same words, and what the content hash takes in."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given, settings, strategies as st

from newscrawl.model import Article, Author, Content, Image, Precision
from newscrawl.text import ATTRIBUTES, clean, content_hash, fewer_attributes, normal, paragraphs, words

ALMATY = timezone(timedelta(hours=5))
DANA = Author("Дана Өтегенова", role="original author")
PIECE = Content(
    title="Ақсайда көпір ашылды",
    subtitle="The second in 84 years",
    body="The bridge is 84 metres long.\n\nIt was opened on Monday, the town office said.",
    authors=(DANA, Author("Town Office", kind="organization")),
    published=datetime(2026, 3, 2, 11, 0, 30, tzinfo=ALMATY),
    published_precision=Precision.SECOND,
)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        (None, ""),
        ("", ""),
        (" \n\t ", ""),
        ("  two \n words ", "two words"),
        ("no\u00a0break\u2009thin", "no break thin"),
        ("line\rbreak", "line break"),
        ("line\x85break\x0band\u2028more", "line break and more"),
        ("zero\u200bwidth", "zerowidth"),
        ("می\u200cرود", "می\u200cرود"),
        ("👩\u200d🚒 and ❤\ufe0f\u200d🔥", "👩\u200d🚒 and ❤\ufe0f\u200d🔥"),
        ("marked\u200c by \u200deach\u200dreader", "marked by eachreader"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u202aleft to right\u202c", "left to right"),
        ("NUL\x00bell\x07", "NULbell"),
        ("half \ud800 pair", "half pair"),
        ("e\u0301te\u0301", "été"),
        ("и\u0306", "й"),
        ("«Ақсай» — 1-қала…", "«Ақсай» — 1-қала…"),
        ("😀 stays", "😀 stays"),
    ],
)
def test_clean(raw, cleaned):
    """One line for reading: white space and invisible characters go, letters and signs never."""
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Aqsai”", '"Aqsai"'),
        ("«Ақсай»", "„Ақсай“"),
        ("it’s", "it's"),
        ("1990–2026 — long", "1990-2026 - long"),
        ("and so on…", "and so on..."),
        ("84\u00a0metres", "84 metres"),
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth", "zerowidth"),
        ("left\u2066 isolate\u2069d", "left isolated"),
        ("й ё", "и\u0306 е\u0308"),
        ("ﬁre", "fire"),
        ("two\nlines", "two lines"),
        ("№ 5", "No 5"),
        ("⚡\ufe0f now", "⚡ now"),
        ("می\u200cرود", "میرود"),
    ],
)
def test_typesetting(one, other):
    """Typesetting is no difference."""
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("84 metres", "85 metres"),
        ("Ақсай", "Аксай"),
        ("ң", "н"),
        ("е", "ё"),
        ("Aksai", "aksai"),
        ("not so", "so"),
        ("The end.", "The end!"),
        ("a, b", "a b"),
        ("С", "C"),
        ("1990-2026", "19902026"),
    ],
)
def test_difference(one, other):
    """A letter, a digit, a stop, upper and lower case, another script: each is a difference."""
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n\n \n", []),
        ("one", ["one"]),
        ("one\n\ntwo\nthree\n", ["one", "two", "three"]),
        ("one\r\n\r\ntwo", ["one", "two"]),
        (" a  b \n\u200b\n c", ["a b", "c"]),
    ],
)
def test_paragraphs(text, expected):
    """Each line is a paragraph; empty ones go; joined by one empty line they come back."""
    assert paragraphs(text) == expected
    assert paragraphs("\n\n".join(expected)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, []),
        ("", []),
        ("— … !", []),
        ("Ақсайда 2-көпір!", ["ақсайда", "2", "көпір"]),
        ("STRASSE straße", ["strasse", "strasse"]),
    ],
)
def test_words(text, expected):
    """Words in lower case without punctuation."""
    assert words(text) == expected


LITERAL = {
    "everything": (PIECE, "014da3393617ca809002e8899f897fb62a12c75c"),
    "nothing": (Content(), "01e3b0c44298fc1c149afbf4c8996fb92427ae41"),
    "title": (Content(title="Ақсайда көпір ашылды"), "01e0b51af3881d15e663cf80d21f21505c5880c7"),
    "body": (Content(body="One.\n\nTwo."), "01ffe4ad1a3a39a5ca03b882880859feeb6869a0"),
    "day only": (
        Content(published=datetime(2026, 3, 2, tzinfo=ALMATY), published_precision=Precision.DAY),
        "010f4928edca60198ba6784b108f23bcc9507cec",
    ),
}


@pytest.mark.parametrize(("content", "expected"), LITERAL.values(), ids=LITERAL)
def test_hash_is_the_same_for_ever(content, expected):
    """Hashes are stored: another value here means a new HASH_VERSION and a way for old archives."""
    assert content_hash(content) == expected


def test_hash_form():
    """Forty hexadecimal characters, the first two the version of the hash."""
    fingerprint = content_hash(PIECE)
    assert len(fingerprint) == 40
    assert fingerprint[:2] == "01"
    int(fingerprint, 16)


UNCHANGED = {
    "quotes and dashes": {"title": "Ақсайда\u00a0көпір ашылды"},
    "decomposed letters": {"title": unicodedata.normalize("NFD", PIECE.title)},
    "paragraph breaks": {"body": PIECE.body.replace("\n\n", "\n")},
    "no paragraph breaks": {"body": PIECE.body.replace("\n\n", " ")},
    "invisible characters": {"body": "\ufeff" + PIECE.body.replace("bridge", "bri\u00addge")},
    "the same instant in another zone": {"published": PIECE.published.astimezone(UTC)},
    "seconds": {"published": PIECE.published.replace(second=0), "published_precision": Precision.MINUTE},
    "an author's kind": {"authors": (DANA, Author("Town Office", kind="person"))},
    "spaces in an author's name": {"authors": (replace(DANA, name="Дана  Өтегенова "), PIECE.authors[1])},
}


@pytest.mark.parametrize("change", UNCHANGED.values(), ids=UNCHANGED)
def test_same_hash(change):
    """Not an edit."""
    assert content_hash(replace(PIECE, **change)) == content_hash(PIECE)


CHANGED = {
    "one digit": {"body": PIECE.body.replace("84", "85")},
    "one letter of the title": {"title": "Ақсайда көпiр ашылды"},
    "subtitle gone": {"subtitle": None},
    "title moved to the subtitle": {"title": PIECE.subtitle, "subtitle": PIECE.title},
    "body gone": {"body": ""},
    "authors in another order": {"authors": PIECE.authors[::-1]},
    "an author's role": {"authors": (replace(DANA, role="translator"), PIECE.authors[1])},
    "an author less": {"authors": PIECE.authors[:1]},
    "two authors as one": {"authors": (replace(DANA, name="Дана Өтегенова Town Office"),)},
    "one minute later": {"published": PIECE.published + timedelta(minutes=1)},
    "no date": {"published": None, "published_precision": None},
    "only the day": {"published_precision": Precision.DAY},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_another_hash(change):
    """An edit."""
    assert content_hash(replace(PIECE, **change)) != content_hash(PIECE)


def test_every_other_field_of_an_article_is_outside_the_hash():
    """Counters, related links, images, tags, the modified date: none of it makes a version."""
    piece = Article(
        url="https://a.example/x", title="T", body="B", authors=(DANA,), published=PIECE.published
    )
    others = replace(
        piece,
        url="https://a.example/y",
        modified=PIECE.published,
        language="kk",
        section="Town",
        tags=("bridge",),
        images=(Image("https://a.example/1.jpg"),),
        canonical="https://a.example/z",
        alternates=(("ru", "https://ru.a.example/x"),),
        paywalled=True,
        origins={"title": "h1"},
        reason="json-ld",
    )
    assert content_hash(Content.of(others)) == content_hash(Content.of(piece))


def test_hashed_fields_are_chosen_on_purpose():
    """A field added to Content must be put into the hash or kept out of Content."""
    assert [f.name for f in fields(Content)] == [
        "title",
        "subtitle",
        "body",
        "authors",
        "published",
        "published_precision",
    ]


def test_day_only_keeps_the_publishers_day():
    """Where the publisher gave a day, that day counts and not the one in UTC."""
    midnight = datetime(2026, 3, 2, tzinfo=ALMATY)  # 1 March, 19:00 in UTC
    day = Content(published=midnight, published_precision=Precision.DAY)
    elsewhere = Content(published=datetime(2026, 3, 2, tzinfo=UTC), published_precision=Precision.DAY)
    assert content_hash(day) == content_hash(elsewhere)


@pytest.mark.parametrize(
    "published",
    [datetime(1, 1, 1, tzinfo=ALMATY), datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=5)))],
)
def test_hash_of_a_nonsense_date(published):
    """Dates at the edge of the calendar have a hash like any other."""
    assert len(content_hash(Content(published=published))) == 40


def test_hash_of_half_a_surrogate_pair():
    """Text that no encoding can hold has a hash as well."""
    assert len(content_hash(Content(title="\ud800", body="\udfff x", authors=(Author("\ud800"),)))) == 40


_LETTERS = st.text(alphabet="abcйёң ө1.\"'-—«»\u00a0\n", min_size=1, max_size=60)
_RESET = st.sampled_from(
    [
        lambda t: unicodedata.normalize("NFD", t),
        lambda t: unicodedata.normalize("NFC", t),
        lambda t: t.replace(" ", "\u00a0"),
        lambda t: t.replace(" ", "  "),
        lambda t: t.replace('"', "«"),
        lambda t: t.replace("'", "’"),
        lambda t: t.replace("-", "—"),
        lambda t: t.replace("\n", "\r\n"),
        lambda t: f" {t}\u200b",
        lambda t: t.replace("a", "a\u00ad"),
        lambda t: t.replace("b", "\u2066b"),
    ]
)


@settings(deadline=None)
@given(_LETTERS, st.lists(_RESET, min_size=1, max_size=4))
def test_hash_does_not_see_typesetting(text, resets):
    """However a text is set again, its hash stays."""
    other = text
    for again in resets:
        other = again(other)
    assert content_hash(Content(body=other)) == content_hash(Content(body=text))


@settings(deadline=None)
@given(st.text(alphabet="abcңө 1", min_size=1, max_size=40), st.data())
def test_hash_sees_every_letter(text, data):
    """One letter exchanged for another one is another hash."""
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("xyzһү9"))
    assume(text[place] != " ")
    other = text[:place] + letter + text[place + 1 :]
    assert content_hash(Content(body=other)) != content_hash(Content(body=text))


@settings(deadline=None)
@given(st.text())
def test_forms_are_final(text):
    """Cleaning what is clean and normalising what is normal changes nothing; nothing invisible is left."""
    assert clean(clean(text)) == clean(text)
    assert normal(normal(text)) == normal(text)
    assert "\n" not in clean(text)
    clean(text).encode("utf-8")
    normal(text).encode("utf-8")


@settings(deadline=None)
@given(st.text())
def test_cleaning_is_no_edit(text):
    """A text and its cleaned form have the same hash: what is stored compares equal to what was read."""
    assert content_hash(Content(body=clean(text))) == content_hash(Content(body=text))


MANY = " ".join(f"a{n}='>'" for n in range(ATTRIBUTES))
WORDS = "word = 1 / 2 " * 1000


@pytest.mark.parametrize(
    ("markup", "left"),
    [
        (f"<p {MANY} b c=1>text</p>", f"<p {MANY}>text</p>"),
        (f"<p {MANY} b<i>text</i>", f"<p {MANY}>text</i>"),
        (f"<p {MANY}>text</p>", None),
        (f"<a href='x'' {MANY[:3000]}><p title='{WORDS}'>text</p>", None),
        (f'<script>if (a<b) {{ x = "{WORDS}" }}</script><p {MANY} b>', f'<script>if (a<b) {{ x = "{WORDS}" }}</script><p {MANY}>'),
        (f"<script>a<b {WORDS}", None),
        (f"<!-- <p {WORDS} --><p>text", None),
        ("<p>" * 2000, None),
    ],
)  # fmt: skip
def test_tags_with_too_many_attributes(markup, left):
    """They keep the first thousand; scripts, comments and long texts of attributes stay as they are."""
    assert fewer_attributes(markup) == (markup if left is None else left)


def test_attributes_take_linear_time():
    """A tag of two megabytes, and quotation marks that nothing closes, in the time that the parser has for a page."""
    started = time.process_time()
    for markup in (
        "<p " + " ".join(f"a{n}=1" for n in range(200_000)),
        "<p a=\"'" * 200_000,
        "<script " * 200_000,
        "<!--<p x='" * 200_000,
    ):
        fewer_attributes(markup)
    assert time.process_time() - started < 5
