"""Alerts from the archive to mail and web servers on loopback: each is delivered once, whatever fails on the way."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from newscrawl import config
from newscrawl.alerts import transports
from newscrawl.alerts.deliver import deliver
from newscrawl.alerts.settings import receivers
from newscrawl.cli import cli
from newscrawl.crawl.runner import Ending
from newscrawl.errors import AlreadyRunning, Exit
from newscrawl.model import OpenFinding, RunSummary, Secret, State, Topic
from newscrawl.store.engine import open_engine, reading, writing
from newscrawl.store.tables import notices, receivers as receiver_rows
from newscrawl.store.write.notices import Notices
from tests.support.factory import START, address, press
from tests.support.fresh import filled
from tests.support.receiving import Reply, certificate, mail_server, server_side, unused_port, web_server
from tests.support.sample_history import fill

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = START + 7 * DAY
SECRETS = {"SMTP": "pass-word-81", "BOT": "123:bot-token-82", "SIGN": "signing-83", "HOOK": "hook-path-84"}
ALL = ["removals", "returns", "suspected", "edits", "health", "gaps"]


def chosen(*tables):
    """Receivers from tables as in newscrawl.toml, with alerts from the beginning of the archive on."""
    full = [{"name": "desk", "since": START.date(), **table} for table in tables]
    return receivers(full, lambda name: Secret(SECRETS[name]) if name in SECRETS else None)


def by_hook(server, **more):
    return {"kind": "webhook", "url": f"{server.url}/hooks/desk", **more}


def by_mail(room, **more):
    return {"kind": "mail", "to": ["desk@press.example"], "from": "newscrawl@press.example", "host": "127.0.0.1", "port": room.port, **more}  # fmt: skip


def deliver_to(url, *tables, at=LATER, **more):
    """One run of alerts at an instant."""
    return deliver(url, chosen(*tables), lambda: at, seconds=20, **more)


def alerts_of(server):
    """The alerts of all messages that a hook took, as (turn, article)."""
    return [(a["turn"], a["article"]) for post in server.posts for a in post.json["alerts"]]


def small(url):
    """Two articles; one was edited, one is gone."""
    with press(url) as bereke:
        bereke.publish("en", 1)
        bereke.publish("kk", 1)
        bereke.edit("en", 1, at=START + 2 * HOUR, title="Bridge closed")
        bereke.vanish("kk", 1, at=START + 3 * HOUR, state=State.REMOVED)
        bereke.finish(START + 3 * HOUR)


@pytest.fixture
def url(tmp_path):
    """A copy of an archive in which articles were edited, taken down and brought back."""
    return filled(f"sqlite:///{tmp_path / 'articles.db'}", fill)


@pytest.fixture
def server():
    with web_server() as one:
        yield one


@pytest.fixture
def room():
    with mail_server() as one:
        yield one


# --- each alert once -----------------------------------------------------------------------------


def test_all_is_told_once(url, server):
    """Removals, returns and edits in the first run; nothing in the second and third; then what is new."""
    (first,) = deliver_to(url, by_hook(server))
    assert (first.new, first.sent, first.error, first.is_new) == (8, 8, None, True)
    assert alerts_of(server) == [
        ("removed", 2), ("removed", 4), ("returned", 4), ("edited", 1), ("edited", 1), ("edited", 1), ("edited", 4), ("edited", 5),
    ]  # fmt: skip
    for hours in (1, 2):
        (again,) = deliver_to(url, by_hook(server), at=LATER + hours * HOUR)
        assert (again.new, again.sent, again.waiting) == (0, 0, 0)
    assert len(server.posts) == 1
    with press(url, start=LATER) as bereke:
        bereke.edit("kk", 1, at=LATER + 3 * HOUR, title="Көпір жабылды")
    (new,) = deliver_to(url, by_hook(server), at=LATER + 4 * HOUR)
    assert (new.new, new.sent) == (1, 1)
    assert alerts_of(server)[8:] == [("edited", 3)]


def test_new_receiver_begins_now(archive_url, server):
    """No alerts of what happened before or what an import finds of that time; later events are sent. On both databases."""
    small(archive_url)
    table = by_hook(server) | {"since": None}
    table.pop("since")
    here = receivers([{"name": "desk", **table}], lambda _: None)
    for at in (LATER, LATER + HOUR):
        (delivery,) = deliver(archive_url, here, lambda at=at: at)
        assert (delivery.new, delivery.sent, delivery.is_new) == (0, 0, at == LATER)
    with press(archive_url, start=LATER) as bereke:
        bereke.edit("kk", 1, at=START + 9 * DAY, title="Көпір жабылды")
        bereke.edit("en", 1, at=START + HOUR, title="Found in old files")
    (delivery,) = deliver(archive_url, here, lambda: START + 10 * DAY)
    assert (delivery.new, delivery.sent) == (2, 2)
    assert alerts_of(server) == [("returned", 2), ("edited", 2)]


def test_what_an_alert_says(url, server):
    """The contract of a webhook: fields, the words of what was observed, the excerpt, the command, the reader's page."""
    deliver_to(url, by_hook(server), reader_url="https://reader.example")
    (post,) = server.posts
    message = post.json
    assert list(message) == [
        "schema",
        "id",
        "receiver",
        "at",
        "subject",
        "text",
        "alerts",
        "more",
        "given_up",
    ]
    removed = message["alerts"][1]
    assert removed["line"] == (
        "absent (410) at 2026-03-03 06:00 UTC and absent (410) at 2026-03-04 06:00 UTC (3 checks), last seen at "
        "2026-03-02 06:00 UTC; confirmed at 2026-03-04 06:00 UTC; there again at 2026-03-05 06:00 UTC"
    )
    edited = message["alerts"][-2]
    assert edited == {
        "key": "article 4 edited 2026-03-05T06:00:00+00:00",
        "topic": "edits",
        "turn": "edited",
        "source": "bereke",
        "edition": "en",
        "at": "2026-03-05T06:00:00.000000+00:00",
        "line": "edited (headline) between the checks at 2026-03-02 06:00 UTC and 2026-03-05 06:00 UTC; 9 words removed, 2 added",
        "article": 4,
        "title": "Second, edited",
        "url": address("en", 2),
        "kinds": ["headline"],
        "from": 1,
        "to": 2,
        "field": "headline",
        "excerpt": [
            {"op": "removed", "text": "Aqsai opens a second footbridge over the Terek (2)"},
            {"op": "added", "text": "Second, edited"},
        ],
    }  # fmt: skip
    assert "$ newscrawl diff 4 1 2\n" in message["text"]
    assert "https://reader.example/articles/4/diff/1..2\n" in message["text"]
    assert post.headers["Idempotency-Key"] == f"{message['id']}-1"


FILTERS = {
    "removals alone": ({"what": ["removals"]}, {2, 4}, {"removed"}),
    "one source": ({"sources": ["other"], "what": ALL}, {7}, {"suspected"}),
    "one edition": ({"editions": ["ru"]}, {2}, {"removed"}),
    "a kind of edit": ({"what": ["edits"], "edits": ["numbers"]}, {1}, {"edited"}),
    "a word in the headline": ({"what": ["edits"], "keywords": ["closed"]}, {1}, {"edited"}),
    "a beginning in the words that came": ({"what": ["edits"], "keywords": ["calm*"]}, {5}, {"edited"}),
    "a word of an article that is gone": ({"what": ["removals"], "keywords": ["акимат*"]}, {2}, {"removed"}),
    "a word that did not change": ({"what": ["edits"], "keywords": ["monday"]}, set(), set()),
    "a blink, with suspicions": ({"editions": ["kk"], "what": ["suspected", "returns"]}, {3}, {"suspected", "returned"}),
    "a blink, without": ({"editions": ["kk"], "what": ["returns"]}, set(), set()),
}  # fmt: skip


@pytest.fixture(scope="module")
def filtered(tmp_path_factory):
    """The alerts that each of the receivers above got, in one run for all."""
    url = filled(f"sqlite:///{tmp_path_factory.mktemp('filters') / 'articles.db'}", fill)
    with web_server() as one:
        deliver_to(
            url,
            *(by_hook(one, name=str(n), **keys) for n, (keys, _, _) in enumerate(FILTERS.values())),
        )
        return {
            post.json["receiver"]: [(a["turn"], a["article"]) for a in post.json["alerts"]]
            for post in one.posts
        }


@pytest.mark.parametrize("case", FILTERS)
def test_what_a_receiver_asked_for(filtered, case):
    _, articles, turns = FILTERS[case]
    told_of = filtered.get(str(list(FILTERS).index(case)), [])
    assert ({article for _, article in told_of}, {turn for turn, _ in told_of}) == (articles, turns)


def test_budget_folds_and_says_how_many(tmp_path, server):
    """Beyond the budget of a source and day edits are a number with its command; removals come before edits; the next day begins anew."""
    url = f"sqlite:///{tmp_path / 'many.db'}"
    with press(url) as bereke:
        for number in range(1, 10):
            bereke.publish("en", number)
            bereke.edit("en", number, at=START + HOUR, title=f"Other words {number}")
        bereke.vanish("en", 9, at=START + 2 * HOUR, state=State.REMOVED)
        bereke.finish(START + 2 * HOUR)
    table = by_hook(server, budget=3)
    (first,) = deliver_to(url, table, at=START + 3 * HOUR)
    assert (first.new, first.sent) == (10, 10)
    message = server.posts[0].json
    assert [a["turn"] for a in message["alerts"]] == ["removed", "edited", "edited"]
    assert message["more"] == [
        {
            "topic": "edits",
            "source": "bereke",
            "count": 7,
            "since": "2026-03-02T07:00:00.000000+00:00",
            "command": "newscrawl changes --source bereke --since 2026-03-02T07:00Z",
        }
    ]
    assert "and 7 more edits of bereke since 2026-03-02 07:00 UTC" in message["text"]
    with press(url, start=START + 4 * HOUR) as bereke:
        bereke.edit("en", 1, at=START + 4 * HOUR, title="And again")
    # The budget of the day is spent: what is a number alone waits for the next message or the next day.
    assert deliver_to(url, table, at=START + 5 * HOUR)[0].waiting == 1
    assert len(server.posts) == 1
    assert deliver_to(url, table, at=START + DAY)[0].sent == 1
    assert [one["count"] for one in server.posts[1].json["more"]] == [1]


def test_many_removals_are_one_paragraph(tmp_path, server):
    """A relaunch that takes many articles away is one message with one paragraph, and costs the budget one."""
    url = f"sqlite:///{tmp_path / 'many.db'}"
    with press(url) as bereke:
        for number in range(1, 13):
            bereke.publish("en", number)
            bereke.vanish("en", number, at=START + number * HOUR, state=State.REMOVED)
        bereke.publish("kk", 1)
        bereke.edit("kk", 1, at=START + HOUR, title="Жаңа тақырып")
    deliver_to(url, by_hook(server, budget=2))
    (post,) = server.posts
    assert len(post.json["alerts"]) == 13
    assert post.json["text"].count("second-bridge-") == 11
    assert "12 articles of bereke (en) are absent, confirmed between" in post.json["text"]
    assert post.json["more"] == []


def test_volatile_articles_are_folded(tmp_path, server):
    """The fourth edit of an article on one day is only counted; several in one message are one paragraph."""
    url = f"sqlite:///{tmp_path / 'flip.db'}"
    with press(url) as bereke:
        bereke.publish()
        for number in range(1, 6):
            bereke.edit(at=START + number * HOUR, title=f"Wording {number}")
    deliver_to(url, by_hook(server), at=START + 6 * HOUR)
    message = server.posts[0].json
    assert ([a["to"] for a in message["alerts"]], message["more"][0]["count"]) == ([2, 3, 4], 2)
    assert message["text"].count("EDITED") == 1
    assert "edited 3 times since 2026-03-02 07:00 UTC; the last: " in message["text"]


def test_digest(url, server):
    """Hourly and daily receivers get one message with the first run of the next hour or day, and lose nothing."""
    for digest, before, after in (
        ("hourly", START + timedelta(minutes=59), START + HOUR),
        ("daily", START + 17 * HOUR, START + 18 * HOUR),
    ):
        table = by_hook(server, name=digest, digest=digest, since="2026-03-02T06:00+00:00")
        assert deliver_to(url, table, at=before)[0].waiting == 8
        assert deliver_to(url, table, at=after)[0].sent == 8
        assert deliver_to(url, table, at=after + timedelta(minutes=1))[0].sent == 0


FINDING = OpenFinding(
    Topic.HEALTH,
    "orda en field_missing authors",
    "orda",
    "en",
    "orda en: authors missing",
    datetime(2026, 3, 1, tzinfo=UTC),
)


def test_trouble_is_told_when_it_begins_lasts_and_ends(url, server):
    """Once when it begins, after seven days again, once when it is over; and anew if it comes back."""
    table = by_hook(server, what=["health"])
    present = [FINDING]

    def observation(at, health=lambda _: list(present)):
        deliver_to(url, table, at=at, health=health)
        return [(a["turn"], a["line"]) for post in server.posts for a in post.json["alerts"]]

    assert observation(LATER) == [("begun", FINDING.line)]
    assert len(observation(LATER + 6 * DAY)) == 1
    assert observation(LATER + 7 * DAY)[1] == (
        "reminder",
        f"still so since 2026-03-01 00:00 UTC: {FINDING.line}",
    )
    # Without a health report no finding ends.
    assert len(observation(LATER + 9 * DAY, health=None)) == 2
    present.clear()
    over = f"over, no longer observed at 2026-03-18 06:00 UTC: {FINDING.line}"
    assert observation(LATER + 9 * DAY)[2] == ("over", over)
    present.append(FINDING)
    assert observation(LATER + 11 * DAY)[3] == ("begun", FINDING.line)


def test_trouble_with_judging_keeps_nothing_else_back(url, server):
    """A bug in the health check does not hold back removals."""

    def broken(_engine):
        raise ValueError("a bug")

    (delivery,) = deliver_to(url, by_hook(server), health=broken)
    assert (delivery.sent, delivery.error) == (8, None)


def test_findings_of_health_are_told(run, server, monkeypatch):
    """The command sends what `newscrawl health` finds, with the command that shows it."""
    finding = SimpleNamespace(
        key="orda en field_missing authors",
        source="orda",
        edition="en",
        line="orda en: authors missing",
        since=None,
    )
    module = SimpleNamespace(examine=lambda _: SimpleNamespace(findings=[finding]))
    monkeypatch.setitem(sys.modules, "newscrawl.cli.operating.health", module)
    for _ in range(2):
        assert run("notify", toml=toml(server, 'what = ["health"]')).exit_code == 0
    (post,) = server.posts
    (alert,) = post.json["alerts"]
    assert alert["key"].startswith("health orda en field_missing authors begun 2026-03-09T06:00:00")
    assert (alert["turn"], alert["edition"], alert["line"]) == ("begun", "en", "orda en: authors missing")
    assert "$ newscrawl health orda\n" in post.json["text"]


def test_gap_is_told_and_its_end(tmp_path, server):
    """An alert when an outage begins, and one when it is over."""
    url = f"sqlite:///{tmp_path / 'gaps.db'}"
    table = by_hook(server, what=["gaps"])
    with press(url) as bereke:
        bereke.read_listing("en", [(address("en", 1), "One")], at=START)
        bereke.next_run(START + HOUR)
        bereke.fail_listing("en", at=START + HOUR)
        bereke.finish(START + HOUR)
    deliver_to(url, table, at=START + 2 * HOUR)
    with press(url, start=START + 3 * HOUR) as bereke:
        bereke.read_listing("en", [(address("en", 1), "One")], at=START + 3 * HOUR, joined=True)
        bereke.finish(START + 3 * HOUR)
    deliver_to(url, table, at=START + 4 * HOUR)
    assert [(a["turn"], a["edition"]) for post in server.posts for a in post.json["alerts"]] == [
        ("begun", "en"),
        ("over", "en"),
    ]
    assert (
        "articles may have been missed between 2026-03-02 06:00 UTC and 2026-03-02 07:00 UTC"
        in server.posts[0].json["text"]
    )


# --- mail ----------------------------------------------------------------------------------------


def test_mail(url, room):
    """One letter in two forms, with a Message-ID, to all recipients; text of pages is escaped."""
    (delivery,) = deliver_to(url, by_mail(room, to=["a@press.example", "b@press.example"]))
    assert (delivery.sent, delivery.error) == (8, None)
    (letter,) = room.letters
    assert (letter.sender, letter.to) == ("newscrawl@press.example", ["a@press.example", "b@press.example"])
    assert letter.mail["Subject"] == "newscrawl: 2 removals, 1 return, 5 edits (bereke)"
    assert letter.mail["Message-ID"].endswith("@press.example>")
    assert letter.mail.get_content_type() == "multipart/alternative"
    assert "headline: [-" in letter.text
    assert "<del" in letter.html
    assert "<img" not in letter.html
    assert "<script" not in letter.html


def test_one_recipient_refused(url, room):
    """The others have it and do not get it again; a remark names the one that was refused."""
    room.behaviour = "refuse one"
    (delivery,) = deliver_to(url, by_mail(room, to=["a@press.example", "nobody@press.example"]))
    assert (
        delivery.remark
        == "recipients refused, the others have it: nobody@press.example answered 550: nobody of this name"
    )
    assert (delivery.sent, len(room.letters)) == (8, 1)
    deliver_to(url, by_mail(room), at=LATER + DAY)
    assert len(room.letters) == 1


# --- what goes wrong -----------------------------------------------------------------------------


def test_failed_and_told_later(url):
    """A failed message is kept and sent whole under the same id when its wait is over; --retry does not wait."""
    busy = Reply(429, b"slow", {"Retry-After": "3600"})
    with web_server(busy, Reply(500)) as server:
        (delivery,) = deliver_to(url, by_hook(server))
        assert (delivery.sent, delivery.waiting, delivery.error) == (0, 8, "answered 429: slow")
        assert delivery.next_attempt == LATER + HOUR
        (delivery,) = deliver_to(url, by_hook(server), at=LATER + timedelta(minutes=59))
        assert (delivery.waiting, delivery.error) == (8, "an earlier message is still to be delivered")
        assert len(server.posts) == 1
        (delivery,) = deliver_to(url, by_hook(server), at=LATER + timedelta(minutes=59), at_once=True)
        assert delivery.next_attempt == LATER + timedelta(minutes=69)
        (delivery,) = deliver_to(url, by_hook(server), at=LATER + 2 * HOUR)
        assert (delivery.sent, delivery.error, delivery.waiting) == (8, None, 0)
        assert len({post.body for post in server.posts}) == 1
        assert len({post.headers["Idempotency-Key"] for post in server.posts}) == 1


def test_one_receiver_down(url, server, room):
    """The others get their alerts; the one that is down gets all of them when it is up again."""
    down = {"kind": "webhook", "url": f"http://127.0.0.1:{unused_port()}", "name": "down"}
    one, two, three = deliver_to(url, by_mail(room, name="mail"), down, by_hook(server, name="hook"))
    assert (one.sent, two.sent, three.sent) == (8, 0, 8)
    assert two.error == "no connection (Connection refused)"
    with press(url, start=LATER) as bereke:
        bereke.edit("kk", 1, at=LATER + HOUR, title="Көпір жабылды")
    back = {**down, "url": f"{server.url}/back"}
    (two,) = deliver_to(url, back, at=LATER + 2 * HOUR)
    assert (two.sent, two.new) == (9, 1)
    assert [len(p.json["alerts"]) for p in server.posts if p.path == "/back"] == [8, 1]


def test_given_up_after_a_while(url, server):
    """What could not be delivered in time is given up and reported, in the run and in the next message that arrives."""
    down = {"kind": "webhook", "url": f"http://127.0.0.1:{unused_port()}", "give_up_days": 2}
    deliver_to(url, down)
    assert deliver_to(url, down, at=LATER + DAY)[0].given_up == 0
    (delivery,) = deliver_to(url, down, at=LATER + 3 * DAY)
    assert (delivery.given_up, delivery.waiting) == (8, 0)
    (delivery,) = deliver_to(url, by_hook(server), at=LATER + 4 * DAY)
    (post,) = server.posts
    assert (post.json["given_up"], post.json["alerts"]) == (8, [])
    assert "8 earlier alerts could not be delivered in time" in post.json["text"]
    deliver_to(url, by_hook(server), at=LATER + 5 * DAY)
    assert len(server.posts) == 1


def test_crash_between_taken_and_recorded(url, room):
    """A letter that was taken just before a crash comes again as the same letter: same Message-ID, same bytes."""
    room.behaviour = "after data"  # the server accepted it, but the answer is lost
    assert deliver_to(url, by_mail(room))[0].sent == 0
    room.behaviour = "fine"
    with press(url, start=LATER) as bereke:
        bereke.edit("kk", 1, at=LATER + HOUR, title="Көпір жабылды")
    deliver_to(url, by_mail(room), at=LATER + 2 * HOUR)
    first, again, new = (letter.mail for letter in room.letters)
    assert first["Message-ID"] == again["Message-ID"] != new["Message-ID"]
    assert [m["Subject"] for m in (first, again)] == ["newscrawl: 2 removals, 1 return, 5 edits (bereke)"] * 2


def test_killed_while_sending(url, server, monkeypatch):
    """A process that ends between the wire and the record leaves the lease to the next, which sends the same message again."""

    class Killed(BaseException):
        """Nothing of ours runs after it."""

    def killed(*_args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Notices, "record_sent", killed)
        patch.setattr(Notices, "release", lambda *_: None)
        with pytest.raises(Killed):
            deliver_to(url, by_hook(server))
    engine = open_engine(url)
    with writing(engine) as connection:
        # As of a process that is gone.
        connection.execute(receiver_rows.update().values(process="", heartbeat=LATER - 900 * DAY))
    engine.dispose()
    deliver_to(url, by_hook(server), at=LATER + HOUR)
    first, second = server.posts
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


def test_two_at_once(archive_url, server):
    """The second process fails with AlreadyRunning, sends nothing, and takes nothing from the first."""
    small(archive_url)
    entered, go_on = threading.Event(), threading.Event()
    done = []

    def slow(_engine):
        entered.set()
        go_on.wait(10)
        return []

    first = threading.Thread(
        target=lambda: done.extend(deliver_to(archive_url, by_hook(server), health=slow))
    )
    first.start()
    assert entered.wait(10)
    try:
        with pytest.raises(AlreadyRunning, match="desk: alerts are being sent by another process") as caught:
            deliver_to(archive_url, by_hook(server))
        assert caught.value.exit_code == Exit.ALREADY_RUNNING
    finally:
        go_on.set()
        first.join(10)
    assert (done[0].sent, len(server.posts)) == (2, 1)
    assert deliver_to(archive_url, by_hook(server), at=LATER + HOUR)[0].sent == 0


def test_slept_too_long(url, server):
    """A process that another one took for dead sends nothing more, and leaves the other's lease alone."""

    def taken_over(engine):
        with writing(engine) as connection:
            connection.execute(receiver_rows.update().values(process="boot:2", pid=1))
        return []

    with pytest.raises(AlreadyRunning, match="another one sends the alerts"):
        deliver_to(url, by_hook(server), health=taken_over)
    assert server.posts == []
    engine = open_engine(url)
    with reading(engine) as connection:
        assert connection.execute(select(receiver_rows.c.process)).scalars().all() == ["boot:2"]
    engine.dispose()


def test_a_bug_in_one_receiver(url, server, monkeypatch):
    """An unexpected error in one receiver's message does not affect the others; the message is kept for the next run."""
    real = transports.parts

    def broken(transport, message):
        if message.receiver == "bad":
            raise ZeroDivisionError
        return real(transport, message)

    monkeypatch.setattr(transports, "parts", broken)
    bad, good = deliver_to(url, by_hook(server, name="bad"), by_hook(server, name="good"))
    assert (bad.error, bad.waiting, good.sent) == ("unexpected error: ZeroDivisionError", 8, 8)


def test_a_bug_in_choosing(url, server, monkeypatch):
    """If selecting fails for one receiver it is repeated in the next run; the others get their alerts."""
    tables = by_hook(server, name="bad", keywords=["bridge*"]), by_hook(server, name="good")
    with monkeypatch.context() as patch:
        patch.setattr("newscrawl.alerts.select.edit_mentions", lambda *_: 1 / 0)
        bad, good = deliver_to(url, *tables)
    assert (bad.error, bad.new, good.sent) == ("unexpected error: ZeroDivisionError", 0, 8)
    bad, good = deliver_to(url, *tables, at=LATER + HOUR)
    assert (bad.error, bad.sent > 0, good.sent) == (None, True, 0)


# --- the other transports ------------------------------------------------------------------------


def test_signature(url, server):
    """A receiver can tell that a message is ours, and when it was sent."""
    deliver_to(url, by_hook(server, secret_env="SIGN"))
    (post,) = server.posts
    stamp = post.headers["X-Newscrawl-Timestamp"]
    expected = hmac.new(SECRETS["SIGN"].encode(), stamp.encode() + b"." + post.body, hashlib.sha256)
    assert post.headers["X-Newscrawl-Signature"] == f"sha256={expected.hexdigest()}"
    assert int(stamp) == int(LATER.timestamp())


def test_chats(url, server):
    """Slack and Discord get text that neither formats nor mentions anybody, in parts that they take."""
    with press(url, start=LATER) as bereke:
        bereke.edit("kk", 1, at=LATER, title="@everyone <!channel> [click](https://evil.example) *bold*")
    deliver_to(
        url, by_hook(server, name="slack", format="slack"), by_hook(server, name="discord", format="discord")
    )
    slack = [post.json for post in server.posts if "text" in post.json]
    discord = [post.json for post in server.posts if "content" in post.json]
    assert all(list(body) == ["text"] and len(body["text"]) <= 4000 for body in slack)
    assert all(body["allowed_mentions"] == {"parse": []} and len(body["content"]) <= 2000 for body in discord)
    assert len(discord) > len(slack) >= 1
    for text in ("\n".join(b["text"] for b in slack), "\n".join(b["content"] for b in discord)):
        assert "@everyone" not in text
        assert "<!" not in text
        assert "](" not in text
        assert "https://kk.bereke.example/second-bridge-1\n" in text


def bot(server, **more):
    return {"kind": "telegram", "to": -100123, "token_env": "BOT", "url": server.url, **more}


def test_telegram(url, server):
    """The message in the HTML of Telegram, sent by apprise to the server of the table, without previews."""
    deliver_to(url, bot(server))
    (post,) = server.posts
    assert post.path == f"/bot{SECRETS['BOT']}/sendMessage"
    assert {k: v for k, v in post.json.items() if k != "text"} == {
        "chat_id": -100123,
        "parse_mode": "HTML",
        "disable_web_page_preview": True,
        "disable_notification": False,
    }
    assert post.json["text"].count("\r\n\r\n<b>") == 5  # empty lines between six paragraphs
    assert f'<a href="{address("en", 2)}">Second, edited</a>' in post.json["text"]
    assert "<code>newscrawl diff 4 1 2</code>" in post.json["text"]


def test_telegram_goes_on_where_it_was_stopped(tmp_path):
    """A long message comes in parts; a flood limit in the middle is sat out, or the rest is sent in a later run, and nothing twice."""
    url = f"sqlite:///{tmp_path / 'long.db'}"
    with press(url) as bereke:
        for number in range(1, 13):
            bereke.publish("en", number)
            bereke.edit("en", number, at=START + HOUR, title=f"{'Longer words ' * 22}{number}")
    soon = Reply(429, b'{"ok":false,"parameters":{"retry_after":0.01}}')
    late = Reply(429, b'{"ok":false,"description":"Too Many Requests","parameters":{"retry_after":900}}')
    with web_server(Reply(), soon, Reply(), late) as server:
        table = bot(server, budget=100)
        (delivery,) = deliver_to(url, table)
        assert delivery.sent == 0
        assert delivery.next_attempt == LATER + timedelta(minutes=15)
        assert deliver_to(url, table, at=LATER + HOUR)[0].sent == 12
        taken = [server.posts[n].json["text"] for n in (0, 2, *range(4, len(server.posts)))]
    assert all(len(text) <= 4096 for text in taken)
    text = "\n".join(taken)
    assert [
        text.count(f"second-bridge-{number}&quot;") + text.count(f'second-bridge-{number}"')
        for number in range(1, 13)
    ] == [1] * 12


def test_telegram_without_a_server_of_its_own(url, server, monkeypatch):
    """Where the table names no server the message goes to Telegram's own, with the bot's token."""
    from requests.adapters import HTTPAdapter

    real, asked = HTTPAdapter.send, []

    def redirected(adapter, request, **more):
        asked.append(request.url)
        request.url = request.url.replace("https://api.telegram.org", server.url)
        return real(adapter, request, **more)

    monkeypatch.setattr(HTTPAdapter, "send", redirected)
    table = bot(server, to="@bereke_news")
    del table["url"]
    (delivery,) = deliver_to(url, table)
    assert (delivery.sent, delivery.error) == (8, None)
    assert asked == [f"https://api.telegram.org/bot{SECRETS['BOT']}/sendMessage"]
    assert server.posts[0].json["chat_id"] == "@bereke_news"


def test_apprise(url, server):
    """The extra takes addresses of its own."""
    table = {"kind": "apprise", "url": server.url.replace("http://", "json://") + "/apprise"}
    assert deliver_to(url, table)[0].error is None
    assert "newscrawl diff 4 1 2" in server.posts[0].json["message"]
    assert server.posts[0].json["title"] == "newscrawl: 2 removals, 1 return, 5 edits (bereke)"


def test_without_apprise(url, server, monkeypatch):
    """Where the extra is not installed one line says what to install; nothing is lost, and other receivers get theirs."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    many = {"kind": "apprise", "url": server.url.replace("http://", "json://"), "name": "many"}
    tables = bot(server, name="bot"), many, by_hook(server, name="hook")
    first, second, third = deliver_to(url, *tables)
    missing = "apprise is not installed: pip install 'newscrawl[apprise]'"
    assert (first.error, second.error, third.error) == (missing, missing, None)
    assert (first.waiting, second.waiting, third.sent) == (8, 8, 8)
    monkeypatch.undo()
    first, second, third = deliver_to(url, *tables, at=LATER + HOUR)
    assert (first.sent, second.sent, third.sent) == (8, 8, 0)


def test_check_without_apprise(run, server, monkeypatch):
    """--check ends with exit code 2 and says what to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setenv("NEWSCRAWL_TELEGRAM_TOKEN", SECRETS["BOT"])
    result = run("notify", "--check", toml='[[notify]]\nname = "bot"\nkind = "telegram"\nto = 1\n')
    assert result.exit_code == Exit.USAGE
    missing = "notify bot: apprise is not installed: pip install 'newscrawl[apprise]'"
    assert missing in result.stderr


# --- the command line ----------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in a folder with the archive and a configuration."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "archive").mkdir()
    filled(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}", fill)
    monkeypatch.setenv("NEWSCRAWL_NOW", LATER.isoformat())

    def call(*args, toml=""):
        (tmp_path / config.FILE).write_text(toml, "utf-8")
        return CliRunner().invoke(cli, list(args))

    return call


def toml(server, *more):
    return "\n".join(["[[notify]]", 'name = "desk"', 'kind = "webhook"', f'url = "{server.url}/x"', "since = 2026-03-01", *more])  # fmt: skip


def test_command(run, server):
    """Quiet when all is right; --json says what was done."""
    result = run("notify", toml=toml(server))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert len(server.posts) == 1
    result = run("notify", "--json", toml=toml(server))
    assert json.loads(result.stdout) == {
        "receiver": "desk", "kind": "webhook", "new": 0, "told": 0, "waiting": 0, "given_up": 0,
        "error": None, "next_attempt": None, "remark": None, "began": False,
    }  # fmt: skip


def test_dry_run(run, server, tmp_path):
    """Shows the message and leaves the archive as it was; then the same message is sent."""
    before = (tmp_path / "archive" / "newscrawl.db").read_bytes()
    shown = run("notify", "--dry-run", toml=toml(server))
    assert shown.exit_code == 0
    assert shown.stdout.startswith(
        "=== desk (webhook): newscrawl: 2 removals, 1 return, 5 edits (bereke)\n\nREMOVED"
    )
    assert server.posts == []
    assert not [c for c in shown.stdout if c != "\n" and not c.isprintable()]
    message = json.loads(run("notify", "--dry-run", "--json", toml=toml(server)).stdout)["message"]
    assert (tmp_path / "archive" / "newscrawl.db").read_bytes() == before
    run("notify", toml=toml(server))
    sent = server.posts[0].json
    for one in (message, sent):
        del one["at"]
    assert sent == message
    assert run("notify", "--dry-run", toml=toml(server)).stdout == "=== desk (webhook)\n\nNothing new.\n"


def test_check_and_test(run, server):
    """--check sends nothing; --test sends a message that says so, and nothing of the archive."""
    assert run("notify", "--check", toml=toml(server, 'keywords = ["сот*"]')).stdout == (
        "desk: webhook (json) to http://127.0.0.1; what edits, health, removals, returns; keywords сот*; "
        "immediate, at most 20 a source and day\n"
    )
    assert server.posts == []
    result = run("notify", "--test", toml=toml(server))
    assert (result.exit_code, result.stdout) == (0, "desk (webhook): a test message was taken\n")
    (post,) = server.posts
    assert post.json["alerts"] == []
    assert "This is a test" in post.json["text"]


def test_failing_receiver_in_the_command(run):
    """Exit code 4 and one line; the others and the next run are not harmed."""
    down = f'[[notify]]\nname = "down"\nkind = "webhook"\nurl = "http://127.0.0.1:{unused_port()}/x"\nsince = 2026-03-01\n'
    result = run("notify", toml=down)
    assert (result.exit_code, result.stdout) == (Exit.PARTLY_FAILED, "")
    assert result.stderr == (
        "newscrawl: down (webhook): no connection (Connection refused); 8 alerts waiting; "
        "tried again from 2026-03-09 06:05 UTC on\n"
    )
    assert run("notify", "--test", toml=down).exit_code == Exit.PARTLY_FAILED


CRAWLS = {
    "a receiver that is down": ('[[notify]]\nname = "a"\nkind = "webhook"\nurl = "http://127.0.0.1:1/x"\nsince = 2026-03-01\n', "no connection"),
    "a slip in a table": ('[[notify]]\nname = "a"\nkind = "pigeon"\n', "no alerts were sent: notify a: 'kind': must be one of"),
    "no table": ("", "no alerts were sent: newscrawl.toml holds no [[notify]] table"),
}  # fmt: skip


@pytest.mark.parametrize("ended", [Exit.OK, Exit.SOURCE_BROKEN])
@pytest.mark.parametrize(("text", "line"), CRAWLS.values(), ids=CRAWLS)
def test_a_crawl_is_not_harmed(run, monkeypatch, text, line, ended):
    """Alerts after a crawl that fail are a line; the exit code is the crawl's."""
    summary = RunSummary("orda", 1, LATER, LATER, int(ended), "over")
    monkeypatch.setattr("newscrawl.cli.crawling.crawl.run", lambda *_, **__: [Ending("orda", summary)])
    result = run("crawl", "orda", "--notify", toml=text)
    assert result.exit_code == ended
    assert line in result.stderr.splitlines()[-1]


def test_alerts_after_a_crawl(run, server, monkeypatch):
    """Where --notify or the configuration asks for them, and not where --no-notify forbids it."""
    summary = RunSummary("orda", 1, LATER, LATER, 0, "over")
    monkeypatch.setattr("newscrawl.cli.crawling.crawl.run", lambda *_, **__: [Ending("orda", summary)])
    always = f"notify_after_crawl = true\n{toml(server)}"
    for args, text, sent in (
        (["crawl", "orda"], toml(server), 0),
        (["crawl", "orda", "--no-notify"], always, 0),
        (["crawl", "orda"], always, 1),
    ):
        assert run(*args, toml=text).exit_code == 0
        assert len(server.posts) == sent


WRONG = {
    "no receivers": ("", ["notify"], "holds no [[notify]] table"),
    "one bracket": ('[notify]\nname = "a"', ["notify"], "notify: must be "),
    "unknown name": ('[[notify]]\nname = "a"\nkind = "webhook"\nurl = "http://127.0.0.1:9"', ["notify", "b"], "b: no receiver has this name. Known are a"),
    "two modes": ("", ["notify", "--check", "--test"], "exclude each other"),
    "wrong key": ('[[notify]]\nname = "a"\nkind = "webhook"\nurl = "http://127.0.0.1:9"\nkeyword = "x"', ["notify"], "notify a: 'keyword': is no key of this kind"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "args", "message"), WRONG.values(), ids=WRONG)
def test_wrong_configuration(run, text, args, message):
    result = run(*args, toml=text)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (Exit.USAGE, "", 1)
    assert message in result.stderr


def test_archive_that_is_not_there(tmp_path, monkeypatch):
    """Where nothing was crawled yet nothing is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / config.FILE).write_text(
        '[[notify]]\nname = "a"\nkind = "webhook"\nurl = "http://127.0.0.1:9"'
    )
    assert CliRunner().invoke(cli, ["notify"]).exit_code == Exit.ARCHIVE_UNUSABLE
    assert not (tmp_path / "archive").exists()


def test_secrets_are_seen_by_nobody(run, url, tmp_path, monkeypatch, caplog):
    """No password, token, key or address of a webhook in output, log, traceback, the archive or a repr, whatever fails."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    # A server that repeats what it was asked.
    echo = [Reply(500, f"no {value}".encode()) for value in (SECRETS["HOOK"], SECRETS["BOT"])] * 9
    caplog.set_level("DEBUG")
    with web_server(*echo) as server, mail_server(tls=server_side(file), login="nobody") as room:
        monkeypatch.setenv("ADDRESS", f"{server.url}/{SECRETS['HOOK']}")
        monkeypatch.setenv(
            "SERVICE", f"json://desk:{SECRETS['SMTP']}@127.0.0.1:{unused_port()}/{SECRETS['HOOK']}"
        )
        text = f"""
            [[notify]]\nname = "hook"\nkind = "webhook"\nurl_env = "ADDRESS"\nsecret_env = "SIGN"\nsince = 2026-03-01
            [[notify]]\nname = "bot"\nkind = "telegram"\nto = 1\ntoken_env = "BOT"\nurl = "{server.url}"\nsince = 2026-03-01
            [[notify]]\nname = "mail"\nkind = "mail"\nto = "a@press.example"\nfrom = "b@press.example"\nhost = "127.0.0.1"
            port = {room.port}\ntls = "starttls"\nuser = "desk"\npassword_env = "SMTP"\nsince = 2026-03-01
            [[notify]]\nname = "many"\nkind = "apprise"\nurl_env = "SERVICE"\nsince = 2026-03-01
        """
        shown = []
        for args in (
            ["notify"],
            ["notify", "--retry", "--debug"],
            ["notify", "--json"],
            ["notify", "--test"],
            ["notify", "--dry-run"],
            ["notify", "--check"],
        ):
            result = run(*args, toml=text)
            shown += [result.stdout, result.stderr, repr(result.exception)]
        assert room.logins
        assert room.letters == []
    shown += [caplog.text, repr(receivers(config.load().notify, config.secret))]
    engine = open_engine(f"sqlite:///{tmp_path / 'archive' / 'newscrawl.db'}")
    with reading(engine) as connection:
        shown += [repr(connection.execute(table.select()).all()) for table in (receiver_rows, notices)]
    engine.dispose()
    assert "answered 500: no ***" in "".join(shown)
    assert "login refused (535)" in "".join(shown)
    assert [secret for secret in SECRETS.values() if any(secret in text for text in shown)] == []
