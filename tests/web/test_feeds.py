"""The Atom feeds: what the format demands, the filters of the pages, stable names, hostile words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive
from tests.support.asking import get
from tests.support.factory import START, press
from tests.support.sample_history import fill_awkwardly

ATOM = {"a": "http://www.w3.org/2005/Atom", "x": "http://www.w3.org/1999/xhtml"}
MARKUP = '<script>alert("1")</script>&amp;\x00\u202e\x1b[2J\ufffe]]>'
FEEDS = (
    "/feeds/articles.atom",
    "/feeds/changes.atom",
    "/feeds/removed.atom",
    "/feeds/removed.atom?state=all",
)


def over(url, base=None):
    """The application over the archive at `url`."""
    return application(lambda: None, WebArchive(url, lambda: START, base))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The application over the sample archive with awkward texts."""
    url = f"sqlite:///{tmp_path_factory.mktemp('feeds') / 'newscrawl.db'}"
    fill_awkwardly(url)
    return over(url)


def texts(element, path):
    """The texts of elements."""
    return ["".join(one.itertext()) for one in element.findall(path, ATOM)]


def check_atom(feed):
    """The rules of RFC 4287 that a writer can break."""
    for one in (feed, *feed.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            (text,) = texts(one, f"a:{name}")
            assert text.strip() == text != "", name
        assert re.fullmatch(r"tag:newscrawl\.invalid,2026:[!-~]+", texts(one, "a:id")[0])
        for stamp in texts(one, "a:updated") + texts(one, "a:published"):
            assert stamp.endswith("Z")
            assert datetime.fromisoformat(stamp).tzinfo is not None
        alternates = one.xpath("a:link[@rel='alternate']/@href", namespaces=ATOM)
        assert len(alternates) == 1
        assert all(
            href.startswith(("http://", "https://")) for href in one.xpath("a:link/@href", namespaces=ATOM)
        )
    assert texts(feed, "a:author/a:name") == ["newscrawl"]
    assert len(feed.xpath("a:link[@rel='self']", namespaces=ATOM)) == 1
    names = texts(feed, "a:entry/a:id")
    assert len(names) == len(set(names)) <= 50
    assert texts(feed, "a:updated")[0] == max(
        texts(feed, "a:entry/a:updated"), default="1970-01-01T00:00:00Z"
    )


@pytest.mark.parametrize("target", [*FEEDS, "/feeds/articles.atom?state=unreadable"])
def test_feeds_are_atom(app, target):
    """Each feed keeps the rules, whatever the archive holds; its links lead to pages."""
    answer = get(app, target)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = answer.feed
    check_atom(feed)
    for href in feed.xpath("//a:link[@rel='alternate' or @rel='self']/@href", namespaces=ATOM):
        assert href.startswith("http://localhost:8000/")
        assert get(app, href.removeprefix("http://localhost:8000")).status == 200, href


@pytest.mark.parametrize(
    ("target", "titles"),
    [
        ("/feeds/articles.atom?source=other", ["Aqsai opens a second footbridge over the Terek (7)"]),
        ("/feeds/changes.atom?source=bereke&since=2026-03-05&until=2026-03-05", ["headline: Second, edited"]),
        ("/feeds/changes.atom?kind=quotes", []),
        ("/feeds/removed.atom?source=other", ["suspected: Aqsai opens a second footbridge over the Terek (7)"]),
        ("/feeds/articles.atom?source=other&before=2026-01-01T00:00:00Z_1&page=7", ["Aqsai opens a second footbridge over the Terek (7)"]),
    ],
)  # fmt: skip
def test_filters_are_those_of_the_pages(app, target, titles):
    """A feed begins at the newest, whatever place of a list its address names."""
    assert texts(get(app, target).feed, "a:entry/a:title") == titles


@pytest.mark.parametrize(
    ("target", "status", "said"),
    [
        ("/feeds/articles.atom?source=nobody", 400, "holds nothing of this source"),
        ("/feeds/changes.atom?kind=lies", 400, "is not known"),
        ("/feeds/removed.atom?state=live", 400, "is not known"),
        ("/feeds/nothing.atom", 404, "no such page"),
    ],
)
def test_what_cannot_be_answered(app, target, status, said):
    """One line of plain text."""
    answer = get(app, target)
    assert (answer.status, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert said in answer.text


def test_names_are_stable(tmp_path):
    """Whatever host serves a feed, and whatever becomes of an article later, an entry keeps its name; another filter is another feed."""
    url = f"sqlite:///{tmp_path / 'newscrawl.db'}"
    with press(url) as bereke:
        bereke.publish("en", 1)
        bereke.edit("en", 1, at=START + timedelta(hours=1), title="Another")
        bereke.finish(START + timedelta(hours=2))
    names = {target: texts(get(over(url), target).feed, "a:entry/a:id") for target in FEEDS[:2]}
    assert names["/feeds/articles.atom"] == ["tag:newscrawl.invalid,2026:bereke/articles/1"]
    assert names["/feeds/changes.atom"] == ["tag:newscrawl.invalid,2026:bereke/articles/1/changes/1..2"]
    with press(url, start=START + timedelta(days=1)) as bereke:
        bereke.edit("en", 1, at=START + timedelta(days=1), title="A third")
    app = over(url, "https://press.example/")
    later = get(app, "/feeds/articles.atom", host="127.0.0.1").feed
    assert texts(later, "a:entry/a:id") == names["/feeds/articles.atom"]
    assert later.xpath("a:entry/a:link[@rel='alternate']/@href", namespaces=ATOM) == [
        "https://press.example/articles/1"
    ]
    ids = {
        texts(get(app, f"/feeds/articles.atom{query}").feed, "a:id")[0]
        for query in ("", "?source=bereke", "?edition=en")
    }
    assert len(ids) == 3


def test_hostile_words_stay_words(tmp_path):
    """Markup is text, control characters are gone, addresses that are none are no links, and a difference has two elements."""
    url = f"sqlite:///{tmp_path / 'newscrawl.db'}"
    with press(url) as bereke:
        bereke.publish("en", 1, title=MARKUP, body=MARKUP, language='en"')
        bereke.edit("en", 1, at=START + timedelta(hours=1), title=f"{MARKUP} more {MARKUP}", body=MARKUP)
        bereke.vanish("en", 1, at=START + timedelta(days=1))
    app = over(url)
    for target in FEEDS:
        answer = get(app, target)
        check_atom(answer.feed)
        assert {one.tag for one in answer.feed.iter()} <= {
            *(f"{{{ATOM['a']}}}{name}" for name in (
                "feed", "id", "title", "updated", "published", "link", "author", "name", "generator", "entry", "category",
                "summary", "content",
            )),
            *(f"{{{ATOM['x']}}}{name}" for name in ("div", "del", "ins")),
        }  # fmt: skip
        assert not {"\x00", "\x1b", "\u202e", "\ufffe"} & set(answer.text)
    excerpt = get(app, "/feeds/changes.atom").feed.find("a:entry/a:content/x:div", ATOM)
    assert "<script>" in "".join(excerpt.itertext())
    assert "more" in "".join(excerpt.find("x:ins", ATOM).itertext())
