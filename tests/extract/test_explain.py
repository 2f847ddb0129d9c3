"""`extract --explain`: why each candidate was taken or not, why a charset, which rule cut a line; safe on a terminal."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.cli.crawling.explain import as_json, as_lines
from newscrawl.extract import examine, explain
from newscrawl.extract.fields.candidate import Candidate, Choice, first
from newscrawl.model import Author, Image
from tests.support.pagebuilder import ENGLISH, RUSSIAN, article_page, html_page

NOW = datetime(2026, 11, 2, tzinfo=UTC)
DATA = {
    "@type": "NewsArticle", "headline": f"{ENGLISH.title} - Orda.kz", "datePublished": "2026-10-05T09:00:00+05:00",
    "author": {"@type": "Person", "name": "Dana Serik"}, "articleSection": "Culture",
}  # fmt: skip
SPEC = ENGLISH.but(
    jsonld=DATA,
    metas={"og:title": f"{ENGLISH.title} | Orda.kz", "article:section": "https://en.orda.example/s/culture"},
    extra="<p>Read also: <a href='/x-1'>Another village opens a school in a barn</a></p>",
    dateline="5 October 2026, 09:00",
    head=f'<link rel="canonical" href="/"><link rel="canonical" href="{ENGLISH.url}">',
)


def observation(spec=SPEC):
    content = article_page(spec).encode()
    return examine(content, spec.url, fetched_at=NOW), content


def person(*names: str) -> tuple[Author, ...]:
    return tuple(map(Author, names))


A, B, SPACED = Candidate("Flood", "h1"), Candidate("Drought", "og:title"), Candidate(" FLOOD", "json-ld")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(A, (A, B, SPACED)), ["taken", "lower in the order", "says the same"]),
        (Choice(B, (A, B)), ["passed over", "taken"]),
        (Choice(None, (A, B.refused("the outlet's name"))), ["not taken", "refused: the outlet's name"]),
        (first([A.refused("too long"), B, SPACED]), ["refused: too long", "taken", "lower in the order"]),
        (
            Choice(
                Candidate(person("Ana", "Bek"), "json-ld+byline"),
                (Candidate(person("Ana"), "json-ld"), Candidate(person("Cem"), "author"), Candidate(person("Bek", "Ana"), "byline"),
                 Candidate(person("ANA"), "meta")),
            ),
            ["taken in part", "lower in the order", "taken in part", "says part of the same"],
        ),
        (
            Choice(
                Candidate(Image("https://x.example/a.jpg", "Mill", "D. S."), "og:image"),
                (Candidate(Image("https://x.example/a.jpg"), "og:image"), Candidate(Image("https://x.example/b.jpg"), "img")),
            ),
            ["taken", "lower in the order"],
        ),
        (Choice(None, ()), []),
    ],
    ids=["order", "passed-over", "refused", "first-not-refused", "put-together", "picture", "none"],
)  # fmt: skip
def test_fates(choice, expected):
    """Each candidate is taken, the same, a part, lower, passed over, or refused with the reason."""
    fates = explain.fates(choice)
    assert [f.why for f in fates] == expected
    assert [f.taken for f in fates] == [why.startswith("taken") for why in expected]


def test_every_field_names_its_winner():
    """A field that has a value has a taken candidate of its origin; values and origins are those of the article."""
    examined, content = observation()
    explained = as_json(examined, content)
    json.dumps(explained)
    assert {name for name, field in explained["fields"].items() if field["value"]} == set(
        examined.article.origins
    )
    for name, field in explained["fields"].items():
        taken = [c for c in field["candidates"] if c["taken"]]
        if field["value"] is None:
            assert taken == []
        else:
            assert field["why"]
            assert field["origin"] == examined.article.origins[name]
            assert taken, name
            assert taken[0]["origin"] in field["origin"].split("+")
    section = explained["fields"]["section"]
    assert section["value"] == "Culture"
    canonical = explained["fields"]["canonical"]
    assert canonical["value"] == SPEC.url
    assert [c["why"] for c in canonical["candidates"]] == ["refused: a front page", "taken"]
    assert explained["fields"]["published"]["value"] == "2026-10-05T09:00:00+05:00"
    assert explained["fields"]["authors"]["value"][0]["name"] == "Dana Serik"
    assert explained["page_type"] == "article"
    assert explained["reason"] == "JSON-LD says article"


def test_titles_that_cannot_be():
    """The outlet's name and a whole text in place of a headline are shown as refused, not left out."""
    spec = SPEC.but(
        metas={"og:title": "Orda.kz", "og:site_name": "Orda.kz", "twitter:title": "word " * 200}, jsonld=None
    )
    examined, _ = observation(spec)
    fates = {f.candidate.origin: f.why for f in explain.fates(examined.choices["title"])}
    assert fates == {
        "h1": "taken",
        "title": "says the same",
        "og:title": "refused: the outlet's name",
        "twitter:title": "refused: too long for a headline",
    }


def test_what_was_cut_and_by_which_rule():
    """Every line read is in the body or among the cut ones; each of those has a rule."""
    examined, content = observation()
    rules = {line.text: line.rule for line in explain.cut_lines(examined)}
    assert rules["Original Author: Dana Serik"] == "a byline: read for the authors"
    assert rules["Read also: Another village opens a school in a barn"] == "points to another article"
    body = examined.article.body.split("\n\n")
    assert {line for line in examined.reading.lines if line not in body} <= set(rules)
    assert as_json(examined, content)["cut"] == [{"text": t, "rule": r} for t, r in rules.items()]


@pytest.mark.parametrize(
    ("encode", "header", "name", "words"),
    [
        (lambda t: t.encode(), None, "utf-8", "the bytes are valid UTF-8"),
        (lambda t: t.encode(), "text/html; charset=windows-1251", "utf-8", "valid UTF-8, though HTTP header says cp1251"),
        (lambda t: t.replace('<meta charset="utf-8">', "").encode("cp1251"), "text/html; charset=windows-1251", "cp1251", "declared (HTTP header)"),
        (lambda t: t.replace('<meta charset="utf-8">', "").replace("№", "N").replace("©", "").encode("koi8-r"), None, "koi8-r", "no charset is declared; this one reads best"),
        (lambda t: t.encode("cp1251"), None, "cp1251", "the declared one reads badly; this one reads best"),
        (lambda t: "\ufeff".encode() + t.encode(), "text/html; charset=koi8-r", "utf-8", "the byte order mark says so"),
        (lambda t: t.encode("utf-16"), None, "utf-16", "the byte order mark says so"),
        (lambda t: t.encode()[:-300] + b"\xd0 \xff" + t.encode()[-300:], None, "utf-8", "a few damaged characters"),
    ],
    ids=["valid", "header-wrong", "header-right", "undeclared", "meta-wrong", "bom", "utf-16", "damaged"],
)  # fmt: skip
def test_why_this_charset(encode, header, name, words):
    """The charset a page was read in, with the declarations that agree or disagree."""
    content = encode(article_page(RUSSIAN))
    examined = examine(content, RUSSIAN.url, content_type=header, fetched_at=NOW)
    found = explain.charset(examined, content, header)
    assert found.name == name
    assert words in found.why
    assert RUSSIAN.title == examined.article.title


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"<rss></rss>", html_page("<h1>404</h1><p>Page not found</p>"), b"<html>\x1b]0;x\x07"],
)
def test_of_what_is_no_article(content):
    """Page type and reason are shown; without a text there are no candidates and cut lines."""
    examined = examine(content, "https://x.example/a", fetched_at=NOW)
    explained = as_json(examined, content)
    assert explained["page_type"] == examined.article.page_type.value != "article"
    assert explained["reason"]
    assert list(as_lines(examined, content))[1].startswith("page type")


EVIL = "Mayor\x9b2J \u202egnp.exe \x1b[31mspeaks"


def test_nothing_from_the_page_reaches_the_terminal():
    """Control and direction characters are made harmless in every value, long values are cut to the width."""
    spec = SPEC.but(
        title=EVIL,
        author=EVIL,
        metas={"og:title": EVIL * 50, "og:image": f"https://x.example/{'a' * 3000}.jpg", "keywords": EVIL, "article:section": EVIL},
        extra=f"<p>Read also: {EVIL}</p>",
        head="<script type='application/ld+json'>{broken \x9b</script>",
    )  # fmt: skip
    examined, content = observation(spec)
    lines = list(as_lines(examined, content, width=90))
    assert not [c for line in lines for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")]
    assert [line for line in lines if len(line) > 90 and "a" * 80 not in line] == []


def test_on_the_command_line(tmp_path, monkeypatch):
    """One JSON object a page; --format markdown a document; --markdown one key more; wrong combinations are refused."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").write_text(article_page(SPEC), "utf-8")

    def run(*arguments: str):
        return CliRunner().invoke(cli, ["extract", *arguments])

    [explained] = map(json.loads, run("a.html", "--explain", "--json", "--url", SPEC.url).stdout.splitlines())
    assert list(explained) == ["url", "page_type", "reason", "charset", "fields", "cut", "problems"]
    read = run("a.html", "--explain", "--url", SPEC.url).stdout
    assert "  * h1 " in read
    assert "cut from the text: " in read
    assert "points to another article" in read
    before, after = (
        json.loads(run("a.html", "--url", SPEC.url, "--json", *extra).stdout)
        for extra in ([], ["--markdown"])
    )
    assert after.pop("markdown").startswith("![")
    assert after == before
    document = run("a.html", "--format", "markdown").stdout
    assert document.startswith(f"# {SPEC.title}\n\n")
    assert "\n> We counted on twenty visitors" in document
    for wrong in (
        ("--format", "markdown", "--json"), ("--format", "markdown", "--explain"), ("--explain", "--markdown"), ("--batch", "b", "--explain"),
        ("--format", "html"),
    ):  # fmt: skip
        done = run(*(("a.html",) if "--batch" not in wrong else ()), *wrong)
        assert done.exit_code == 2, wrong


def test_an_assumed_time_of_the_fetch_is_said_in_every_form_of_json(tmp_path, monkeypatch):
    """A date counted from the fetch leans on an instant that nobody stated."""
    monkeypatch.chdir(tmp_path)
    text = "<p>The weir of Tolmin stays shut until the ice has gone, its keeper said on the bank.</p>" * 5
    page = f"<html lang=en><body><article><h1>Weir stays shut</h1><div>Published yesterday, 10:05</div>{text}</article></body></html>"
    (tmp_path / "a.html").write_text(page, "utf-8")
    for options in (("--json",), ("--explain", "--json")):
        done = CliRunner().invoke(cli, ["extract", "a.html", *options])
        assert "fetched_at_assumed" in json.loads(done.stdout), options
        stated = CliRunner().invoke(cli, ["extract", "a.html", "--fetched-at", "2026-03-02T12:00Z", *options])
        assert "fetched_at_assumed" not in json.loads(stated.stdout), options
