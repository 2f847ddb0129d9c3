"""What a newsroom takes away: authors and tags, pictures of differences, raw responses, Memento, feeds of searches, the calendar."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from urllib.parse import quote

import html5lib
import pytest
from lxml import etree

from newscrawl.model import Gap
from newscrawl.search.indexing import update
from newscrawl.store.search.store import SearchStore
from newscrawl.warc import WarcWriter
from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive
from newscrawl.web.guard import admitted, is_loopback
from newscrawl.web.pictures import card, png
from newscrawl.web.pictures.calendar import marked, weeks
from tests.support.asking import get
from tests.support.factory import START, address, press
from tests.support.fresh import filled
from tests.support.healthy import health
from tests.support.sample_history import fill

NOW = START + timedelta(days=30)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\x00\u202e\x1b[2J\"'><img src=x onerror=alert(1)>" + "x" * 5000
TOKEN = "a-token-of-some-length"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The sample archive with its index."""
    url = filled(f"sqlite:///{tmp_path_factory.mktemp('reading') / 'newscrawl.db'}", fill)
    with SearchStore(url, write=True) as store:
        update(store)
    return url


@pytest.fixture(scope="module")
def app(url):
    """The application over it."""
    return application(health, WebArchive(url, lambda: NOW))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """An archive whose every text is markup."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'newscrawl.db'}"
    with press(url) as bereke:
        bereke.publish("en", 1, title=HOSTILE, body=HOSTILE, tags=(HOSTILE[:300],))
        bereke.edit("en", 1, at=START + timedelta(hours=1), title=f"More {HOSTILE}", body=f"Other {HOSTILE}")
    with SearchStore(url, write=True) as store:
        update(store)
    return application(health, WebArchive(url, lambda: NOW))


@pytest.mark.parametrize(
    ("target", "status", "there", "not_there"),
    [
        ("/authors", 200, ["/authors/of?name=Dana+Serikova", "articles"], []),
        ("/authors?edition=kk&since=2026-03-01", 200, ["of?name="], []),
        ("/authors?source=nobody", 400, ["holds nothing of this source"], []),
        ("/authors/of?name=Dana+Serikova", 200, ["/articles/1"], []),
        ("/authors/of?name=Nobody", 200, ["No article matches"], []),
        ("/authors/of", 400, ["is missing"], []),
        ("/authors/of?name=x&before=y", 400, ["is no place"], []),
        ("/tags", 200, ["Counted in the latest 7 articles"], []),
        ("/tags/of?name=%00", 200, ["No article matches"], ["\x00"]),
        ("/tags/of", 400, ["is missing"], []),
        ("/unreadable", 200, ["stands behind a wall"], ['name="state"']),
        ("/unreadable?state=gone", 200, [], ["/articles/2"]),
        ("/coverage", 200, ['class="calendar"', "Settled otherwise"], []),
        ("/health", 200, ["bereke"], []),
        ("/articles/1?format=atom", 400, ["is not known", "html, json"], []),
        ("/?format=xml", 400, ["is not known"], []),
        ("/articles/1/versions/1/raw", 404, ["no raw response is kept here"], []),
        ("/articles/1/versions/9/raw", 404, ["has no version 9"], []),
        ("/articles/1/diff/1..2/card.gif", 404, [], []),
        ("/articles/99/diff/1..2/card.svg", 404, ["no article"], []),
        ("/timemap/link/https://nowhere.example/x", 404, ["no article of this address"], []),
        ("/timegate/%00", 400, ["cannot be an address"], []),
    ],
)  # fmt: skip
def test_addresses(app, target, status, there, not_there):
    """Each answers with its status and these words."""
    answer = get(app, target)
    assert answer.status == status
    assert [one for one in there if one not in answer.text] == []
    assert [one for one in not_there if one in answer.text] == []


def test_authors_and_tags_lead_to_their_articles(tmp_path):
    """Each name leads to as many articles as it says, on pages that do not overlap; only the newest version counts."""
    url = f"sqlite:///{tmp_path / 'newscrawl.db'}"
    with press(url) as bereke:
        for number in range(40):
            bereke.publish("en", number, tags=("Мост", "all") if number < 35 else ("all", "all"))
        bereke.edit("en", 0, at=START + timedelta(hours=1), tags=("other",))
    app = application(health, WebArchive(url, lambda: NOW))
    counted = json.loads(get(app, "/tags?format=json").text)
    assert counted["looked"] == 40
    assert {one["name"]: one["articles"] for one in counted["tags"]} == {"all": 39, "Мост": 34, "other": 1}
    (author,) = json.loads(get(app, "/authors?format=json").text)["authors"][:1]
    for name, number, first in (
        ("Мост", 34, f"/tags/of?format=json&name={quote('Мост')}"),
        (author["name"], author["articles"], f"/authors/of?format=json&name={quote(author['name'])}"),
    ):
        found, target = [], first
        while target:
            page = json.loads(get(app, target).text)
            found += [one["id"] for one in page["articles"]]
            target = page["next"]
        assert len(found) == len(set(found)) == number, name


def test_raw_responses_are_downloads(tmp_path):
    """The bytes as they came, with their digest, which the citation names; never as a page, whatever they are."""
    body = b"<html><script>alert(1)</script></html>"
    url = f"sqlite:///{tmp_path / 'newscrawl.db'}"
    with WarcWriter(tmp_path / "warc", "bereke", software="x", contact=None) as warc:
        capture = warc.write_response(
            url=address("en", 1), at=START, status=200, reason="OK", headers=(("Content-Type", "text/html"),), body=body, ip=None,
        )  # fmt: skip
    with press(url) as bereke:
        bereke.publish("en", 1)
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as connection, connection:
        ref = capture.ref
        connection.execute(
            'UPDATE captures SET file = ?, "offset" = ?, length = ?, record_id = ?, digest = ?',
            (ref.file, ref.offset, ref.length, ref.record_id, ref.digest),
        )
    app = application(health, WebArchive(url, lambda: NOW, warc=tmp_path / "warc"))
    digest = hashlib.sha256(body).hexdigest()
    raw = get(app, "/articles/1/versions/1/raw")
    assert (raw.status, raw.body, raw.headers["x-content-sha256"]) == (200, body, digest)
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment;")
    assert raw.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert digest in get(app, "/articles/1/versions/1").words("//blockquote")[0]


def test_card(app, hostile):
    """A picture of what went and came; nothing of a page becomes markup or leaves the picture."""
    answer = get(app, "/articles/1/diff/1..3/card.svg?lang=kk")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "сөз алынған" in answer.text
    assert {"line-through", "underline"} <= {
        one.get("text-decoration") for one in answer.feed.iter(f"{SVG}text")
    }
    for target in ("/articles/1/diff/1..2/card.svg", "/articles/1/diff/2..1/card.svg"):
        drawn = get(hostile, target).feed
        assert {one.tag.removeprefix(SVG) for one in drawn.iter()} <= {"svg", "title", "desc", "rect", "text"}
        for one in drawn.iter(f"{SVG}text"):
            assert float(one.get("x")) + float(one.get("textLength")) <= card.WIDTH
            assert 0 < float(one.get("y")) < card.HEIGHT
        assert not {"\x00", "\x1b", "\u202e"} & set(etree.tostring(drawn, encoding="unicode"))


def test_card_as_png(app, hostile, monkeypatch):
    """1200 by 630 pixels, named as the preview of the link; without Pillow or a font the page offers the SVG alone."""
    if not png.available():
        pytest.skip("Pillow or a font with Kazakh letters is not installed")
    from PIL import Image

    for one, target in (
        (app, "/articles/1/diff/1..3/card.png?lang=kk"),
        (hostile, "/articles/1/diff/1..2/card.png"),
    ):
        answer = get(one, target)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
        image = Image.open(BytesIO(answer.body))
        assert image.size == (1200, 630)
        assert len(image.getcolors(1 << 20)) > 20  # something is drawn
    page = get(app, "/articles/1/diff/1..3").page
    assert page.xpath("//meta[@property='og:image']/@content")[0].endswith("/articles/1/diff/1..3/card.png")
    monkeypatch.setattr(png, "available", lambda: False)
    page = get(app, "/articles/1/diff/1..3").page
    assert page.xpath("//meta[@property='og:image']") == []
    assert get(app, "/articles/1/diff/1..3/card.png").status == 404


def test_memento(app):
    """Every version with its moment; the gate leads to the one of a moment; a version says where it belongs (RFC 7089)."""
    original = address("en", 1)
    listed = get(app, f"/timemap/link/{original}")
    assert (listed.status, listed.headers["content-type"]) == (200, "application/link-format")
    lines = listed.text.strip().split(",\n")
    assert f'<{original}>; rel="original"' in lines
    assert sum("memento" in line for line in lines) == 4
    assert 'rel="first memento"' in lines[3]
    assert f'datetime="{format_datetime(START, usegmt=True)}"' in lines[3]
    assert get(app, f"/timemap/link/{quote(original, safe='')}").text == listed.text
    for at, version in (
        (None, 4), (START - timedelta(days=9), 1), (START, 1), (START + timedelta(hours=5), 2), (START + timedelta(days=99), 4),
    ):  # fmt: skip
        asked = {} if at is None else {"Accept-Datetime": format_datetime(at.astimezone(UTC), usegmt=True)}
        gate = get(app, f"/timegate/{original}", headers=asked)
        assert (gate.status, gate.headers["vary"]) == (302, "accept-datetime")
        assert gate.headers["location"] == f"http://localhost:8000/articles/1/versions/{version}"
    assert get(app, f"/timegate/{original}", headers={"Accept-Datetime": "yesterday"}).status == 400
    shown = get(app, "/articles/1/versions/2")
    assert shown.headers["memento-datetime"] == format_datetime(START + timedelta(hours=4), usegmt=True)
    for relation in ("original", "timemap", "timegate", "first prev memento", "next memento", "last memento"):
        assert f'rel="{relation}"' in shown.headers["link"], relation


def test_a_feed_of_any_list(app, hostile):
    """A search, a filter, the unreadable: each page names its own feed, and the feed leads back to it."""
    for target in (
        "/search?q=bridge",
        "/changes?kind=numbers",
        "/unreadable",
        "/removed?state=all",
        "/?source=other",
    ):
        (href,) = get(app, target).page.xpath("//link[@type='application/atom+xml']/@href")
        feed = get(app, href)
        assert (feed.status, feed.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8"), (
            target
        )
        (back,) = feed.feed.xpath(
            "a:link[@rel='alternate']/@href", namespaces={"a": "http://www.w3.org/2005/Atom"}
        )
        assert back == f"http://localhost:8000{target}"
    assert get(app, "/search?format=atom").status == 400
    assert "<script>" not in get(hostile, "/search?q=alert&format=atom").text


def test_html_is_valid(app, hostile):
    """By the parsing rules of HTML: no error in any page, also where every text is hostile."""
    for one, targets in (
        (app, ("/", "/articles/1", "/articles/2", "/articles/1/versions/2", "/articles/1/diff/1..3?view=side", "/changes", "/removed?state=all",
               "/search", "/search?q=bridge", "/authors", "/tags", "/sources", "/coverage", "/health", "/nothing")),
        (hostile, ("/", "/articles/1", "/articles/1/diff/1..2", "/changes", "/tags", "/search?q=alert")),
    ):  # fmt: skip
        for target in targets:
            parser = html5lib.HTMLParser(strict=False)
            parser.parse(get(one, target).text)
            assert [(where, code) for where, code, _ in parser.errors] == [], target


def test_calendar():
    """Whole weeks, the latest first, shaded by quarters of the fullest day; open gaps, outages and redesigns touch their days."""
    days = {date(2026, 3, 2): 1, date(2026, 3, 3): 2, date(2026, 3, 4): 8, date(2026, 3, 9): 4}

    def at(day, hour=12):
        return datetime(2026, 3, day, hour, tzinfo=UTC)

    gaps = [
        Gap(at(3), at(4), "x", open=True), Gap(at(5), at(5, 13), "x", open=False, kind="outage"), Gap(at(6), at(7), "x", open=False),
        Gap(at(1) - timedelta(days=400), at(1), "x", open=True),
    ]  # fmt: skip
    marks = marked(gaps, [at(9)], date(2026, 3, 2), date(2026, 3, 10))
    found = weeks(days, date(2026, 3, 2), date(2026, 3, 10), marks)
    assert [week[0].day for week in found] == [date(2026, 3, 9), date(2026, 3, 2)]
    assert [cell.number for cell in found[0]] == [4, 0, None, None, None, None, None]
    assert [cell.shade for cell in found[1]] == [1, 1, 4, 0, 0, 0, 0]
    assert {cell.day.day: cell.marks for week in found for cell in week if cell.marks} == {
        3: ("gap",), 4: ("gap",), 5: ("outage",), 9: ("redesign",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("authorization", "is_admitted"),
    [
        (None, False), ("", False), ("Bearer", False), (f"Bearer {TOKEN}", True), (f"bearer  {TOKEN} ", True), (f"Bearer {TOKEN}x", False),
        (TOKEN, False), ("Basic eDphLXRva2VuLW9mLXNvbWUtbGVuZ3Ro", True), ("Basic YS10b2tlbi1vZi1zb21lLWxlbmd0aA==", False), ("Basic !", False),
        ("Basic /w==", False), ("Digest x", False), ("Bearer \xff", False),
    ],
)  # fmt: skip
def test_token(url, authorization, is_admitted):
    """Every address needs it once there is one: as a bearer token, or as the password of any user."""
    assert admitted(authorization, TOKEN) is is_admitted
    guarded = application(health, WebArchive(url, lambda: NOW), token=TOKEN)
    if authorization is None or authorization.isascii():
        given = {} if authorization is None else {"Authorization": authorization}
        for target in ("/", "/metrics", "/style.css", "/openapi.json", "/nothing"):
            answer = get(guarded, target, headers=given)
            assert (answer.status == 401) is not is_admitted, target
            assert TOKEN not in answer.text


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.9.9.9", True), ("0.0.0.0", False), ("::", False), ("archive.example", False)],
)  # fmt: skip
def test_which_addresses_need_a_token(host, loopback):
    """All that other machines may reach."""
    assert is_loopback(host) is loopback
