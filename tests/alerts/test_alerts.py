"""Alerts without an archive: configuration, keywords, when a message is due, what is in it, and each transport."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st

from newscrawl.alerts import compose, notices, rendering, select, transports
from newscrawl.alerts.keywords import matcher
from newscrawl.alerts.settings import receivers
from newscrawl.errors import DeliveryError, NewscrawlError, UsageError
from newscrawl.judge.diff.differences import compare
from newscrawl.model import (
    Apprise,
    ChangeKind,
    Content,
    Digest,
    EditRecord,
    Mail,
    Notice,
    NoticeHistory,
    ReceiverState,
    Secret,
    Telegram,
    Topic,
    Webhook,
)
from tests.support.receiving import (
    Letter,
    Reply,
    certificate,
    mail_server,
    server_side,
    unused_port,
    web_server,
)
from tests.support.sample_history import EVIL

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://bereke.example/bridge-1"

# --- keywords ------------------------------------------------------------------------------------

WORDS = {
    "the word itself": ("сот", "Сот үкім шығарды", True),
    "another form of it": ("сот", "Соттың үкімі", False),
    "its forms": ("сот*", "Соттың үкімі", True),
    "forms in capitals": ("сот*", "СОТҚА ДЕЙІН", True),
    "inside another word": ("сот*", "Рассот, красота", False),
    "a Kazakh letter": ("әкім*", "Қала ӘКІМІНІҢ қаулысы", True),
    "a letter that looks alike": ("аким*", "әкімдік", False),
    "ё and е": ("отчёт*", "Отчета не будет", True),
    "е and ё": ("отчет*", "Отчёты", True),
    "a stress mark": ("замок", "Старый за\u0301мок", True),
    "a soft hyphen": ("министр*", "мини\u00adстерство и мини\u00adстры", True),
    "quotation marks": ("самрук", "Фонд «Самрук»", True),
    "a compound": ("сот", "онлайн-сот", True),
    "several words": ("верховн* суд*", "в Верховном суде", True),
    "several words apart": ("верховн* суд*", "в верховном и другом суде", False),
    "at the end": ("верховн* суд*", "решение верховного", False),
    "Latin Kazakh": ("sáýle*", "SÁÝLENIŃ", True),
    "a dotted capital": ("istanbul", "İSTANBUL", True),
    "a dotless letter": ("qızıl", "Qizil orda", True),
    "figures": ("451", "451 градус", True),
    "English": ("court*", "Courts and courtesy", True),
    "nothing": ("сот", "", False),
}


@pytest.mark.parametrize(("keyword", "text", "found"), WORDS.values(), ids=WORDS)
def test_keyword(keyword, text, found):
    assert (matcher([keyword])(text) == keyword) is found


@pytest.mark.parametrize("keyword", ["", " ", "*", "с*", "с*т", "«»", "сот *"])
def test_keyword_that_is_none(keyword):
    """What would match everything or nothing is refused."""
    with pytest.raises(UsageError, match=r"keyword|watched"):
        matcher([keyword])


@given(st.text(alphabet="сотңқі ёе-«»СОТ*", max_size=30), st.sampled_from(["сот", "тек"]))
def test_keyword_and_its_forms(text, keyword):
    """Wherever the word itself is found, its beginning is; case never counts."""
    if matcher([keyword])(text):
        assert matcher([keyword + "*"])(text)
    assert bool(matcher([keyword])(text.upper())) == bool(matcher([keyword])(text.lower()))


# --- configuration -------------------------------------------------------------------------------

ENVIRONMENT = {"NEWSCRAWL_SMTP_PASSWORD": "p", "NEWSCRAWL_TELEGRAM_TOKEN": "1:t", "HOOK": "https://chat.example/x/y", "BAD": "with space", "MANY": "json://a json://b"}  # fmt: skip
MAIL = {"name": "desk", "kind": "mail", "to": "a@press.example", "from": "b@press.example", "host": "mail.press.example"}  # fmt: skip
HOOK = {"name": "desk", "kind": "webhook", "url": "https://chat.example/x"}
BOT = {"name": "desk", "kind": "telegram", "to": "@bereke"}
MANY = {"name": "desk", "kind": "apprise", "url": ["json://a"]}


def read(*tables):
    return receivers(tables, lambda name: Secret(ENVIRONMENT[name]) if name in ENVIRONMENT else None)


def test_defaults():
    """A table with nothing but its transport: removals, returns, edits and health of all sources, at once."""
    (desk,) = read(MAIL)
    assert desk.transport == Mail(
        "mail.press.example", 587, "b@press.example", ("a@press.example",), "starttls"
    )
    assert desk.topics == {Topic.REMOVALS, Topic.RETURNS, Topic.EDITS, Topic.HEALTH}
    assert (desk.budget, desk.digest, desk.since, desk.give_up) == (20, Digest.IMMEDIATE, None, 7 * DAY)


def test_all_keys():
    (desk,) = read(
        {
            **HOOK,
            "what": ["edits"],
            "sources": ["orda"],
            "editions": "kk",
            "edits": ["headline"],
            "keywords": ["сот*"],
            "budget": 3,
            "digest": "daily",
            "since": "2026-01-31",
            "give_up_days": 2,
        }
    )
    assert (desk.topics, desk.sources, desk.editions) == ({Topic.EDITS}, {"orda"}, {"kk"})
    assert (desk.kinds, desk.keywords, desk.budget) == ({ChangeKind.HEADLINE}, ("сот*",), 3)
    assert (desk.digest, desk.since, desk.give_up) == (
        Digest.DAILY,
        datetime(2026, 1, 31, tzinfo=UTC),
        2 * DAY,
    )


def test_secrets_come_from_the_environment():
    """By the usual name or by the one that is given."""
    named = {"url_env": "HOOK", "kind": "webhook"}
    many = {"url_env": "MANY", "kind": "apprise"}
    tables = [{**MAIL, "user": "u"}, BOT, named, many]
    found = [
        receiver.transport
        for receiver in read(*({**table, "name": str(n)} for n, table in enumerate(tables)))
    ]
    assert found[0].password.reveal() == "p"
    assert found[1].token.reveal() == "1:t"
    assert found[2].url.reveal() == ENVIRONMENT["HOOK"]
    assert [url.reveal() for url in found[3].urls] == ["json://a", "json://b"]
    assert "1:t" not in repr(found)


WRONG = {
    "no table": ("desk", "notify (table 1): must be a table"),
    "no name": ({**HOOK, "name": None}, "'name': is missing"),
    "odd name": ({**HOOK, "name": "a b"}, "'name': must be letters"),
    "no kind": ({"name": "a"}, "notify a: 'kind': is missing"),
    "unknown kind": ({**HOOK, "kind": "pigeon"}, "'kind': must be one of mail, webhook, telegram, apprise"),
    "unknown key": ({**HOOK, "keyword": "x"}, "'keyword': is no key of this kind"),
    "key of another kind": ({**HOOK, "host": "x"}, "'host': is no key of this kind"),
    "unknown topic": ({**HOOK, "what": ["removal"]}, "'what': must be of removals, returns"),
    "unknown edit": ({**HOOK, "edits": ["spelling"]}, "'edits': must be of headline"),
    "unknown digest": ({**HOOK, "digest": "weekly"}, "'digest': must be of immediate"),
    "sources as a number": ({**HOOK, "sources": 7}, "'sources': must be a list of texts"),
    "budget of nothing": ({**HOOK, "budget": 0}, "'budget': must be a whole number from 1 on"),
    "budget as truth": ({**HOOK, "budget": True}, "'budget': must be a whole number"),
    "no date": ({**HOOK, "since": "soon"}, "'since': must be a date"),
    "keyword": ({**HOOK, "keywords": ["*"]}, "notify desk: keywords: cannot be watched for: '*'"),
    "token in the file": ({**BOT, "token": "1:t"}, "'token': secrets are not read from a file. Set a variable and write token_env"),
    "password in the file": ({**MAIL, "password": "x"}, "'password': secrets are not read from a file"),
    "variable not set": ({**BOT, "token_env": "NOTHING"}, "'token_env': the environment variable NOTHING is not set"),
    "variable with no token": ({**BOT, "token_env": "BAD"}, "'token_env': the variable holds no token"),
    "user without password": ({**MAIL, "user": "u", "password_env": "NOTHING"}, "variable NOTHING is not set"),
    "chat": ({**BOT, "to": "somebody"}, "'to': must be the number of a chat"),
    "no recipient": ({**MAIL, "to": []}, "'to': is missing"),
    "recipient with a header": ({**MAIL, "to": "a@b.example\nBcc: c@d.example"}, "'to': must be a list of texts"),
    "two recipients in one": ({**MAIL, "to": "a@b.example,c@d.example"}, "'to': must be a mail address"),
    "sender with a name": ({**MAIL, "from": "News <a@b.example>"}, "'from': must be a mail address"),
    "port": ({**MAIL, "port": 99999}, "'port': must be"),
    "open mail": ({**MAIL, "tls": "none"}, "'tls': mail to another machine must be encrypted. Write insecure = true"),
    "unknown tls": ({**MAIL, "tls": "yes"}, "'tls': must be one of starttls, ssl, none"),
    "no address": ({**HOOK, "url": "chat.example"}, "'url': is no web address"),
    "file": ({**HOOK, "url": "file:///etc/passwd"}, "'url': is no web address"),
    "address with a line": ({**HOOK, "url": "https://a.example/\r\nX: 1"}, "'url': must be text on one line"),
    "address with a space": ({**HOOK, "url": "https://a.example/ b"}, "'url': is no web address"),
    "bad port": ({**HOOK, "url": "https://a.example:99999/"}, "'url': is no web address"),
    "password in the address": ({**HOOK, "url": "https://u:p@a.example/"}, "'url': must hold no user or password"),
    "open hook": ({**HOOK, "url": "http://a.example/"}, "'url': must be https. Write insecure = true"),
    "two addresses": ({**HOOK, "url_env": "HOOK"}, "'url': and url_env exclude each other"),
    "format": ({**HOOK, "format": "xml"}, "'format': must be one of json, slack, discord"),
    "no service": ({"name": "a", "kind": "apprise"}, "'url': is missing"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "message"), WRONG.values(), ids=WRONG)
def test_wrong_table(table, message):
    """One line that names the table and the key."""
    with pytest.raises(UsageError) as caught:
        read(table)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "u:p" not in str(caught.value)


def test_two_of_one_name():
    with pytest.raises(UsageError, match="notify desk: two tables have this name"):
        read(HOOK, BOT)


@pytest.mark.parametrize("table", [{**HOOK, "url": "http://a.example/", "insecure": True}, {**HOOK, "url": "http://127.0.0.1:9/"}, {**HOOK, "url": "http://[::1]:9/"}, {**MAIL, "host": "localhost"}, {**MAIL, "tls": "none", "insecure": True}])  # fmt: skip
def test_unencrypted_where_it_is_meant(table):
    """On this machine, or where the operator says so."""
    assert len(read(table)) == 1


# --- when ----------------------------------------------------------------------------------------


def test_waits():
    """Twice as long after each failure, six hours at most; longer where the server asks for it, within a day."""
    minutes = [(select.next_attempt(n, NOW, None) - NOW).total_seconds() / 60 for n in range(1, 10)]
    assert minutes == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert select.next_attempt(1, NOW, 3600) == NOW + HOUR
    assert select.next_attempt(1, NOW, 1) == NOW + timedelta(minutes=5)
    assert select.next_attempt(500, NOW, 1e9) == NOW + 12 * HOUR


def test_clock_set_back():
    """A wait written down by a clock that was ahead by years does not silence a receiver for years."""
    state = ReceiverState(1, "desk", NOW, 0, failures=1, next_attempt=NOW + 3650 * DAY)
    assert select.may_try(state, NOW)


def notice(number=1, *, folded=False, topic=Topic.EDITS, source="bereke", event="edited", **more):
    values = {"subject": f"article {number}", "line": "edited", "title": f"Title {number}", "article": number, "url": URL, "versions": (1, 2)}  # fmt: skip
    return Notice(
        f"{topic} {number} {event}", topic, event, source, "en", at=NOW, folded=folded, **{**values, **more}
    )


DUE = {
    "at once": (Digest.IMMEDIATE, NOW, False, True),
    "a number alone": (Digest.IMMEDIATE, NOW, True, False),
    "a number of yesterday": (Digest.IMMEDIATE, NOW + DAY, True, True),
    "in the same hour": (Digest.HOURLY, NOW + timedelta(minutes=59), False, False),
    "in the next hour": (Digest.HOURLY, NOW + HOUR, False, True),
    "on the same day": (Digest.DAILY, NOW + 14 * HOUR, False, False),
    "on the next day": (Digest.DAILY, NOW + 15 * HOUR, False, True),
}


@pytest.mark.parametrize(("digest", "at", "folded", "due"), DUE.values(), ids=DUE)
def test_due(digest, at, folded, due):
    state = ReceiverState(1, "desk", NOW - DAY, 0, last_message=NOW)
    assert select.is_due(digest, state, [(notice(folded=folded), NOW)], at) is due


# --- messages ------------------------------------------------------------------------------------


def test_folding():
    """Health and removals come before edits; the fourth notice of one subject on a day is folded; each source has its own budget."""
    edits = [notice(n) for n in range(1, 5)] + [notice(7, source="other"), notice(8)]
    found = select.fold(
        [*edits, notice(9, topic=Topic.REMOVALS)],
        NoticeHistory({"bereke": 1}, {(Topic.EDITS, "article 7"): 3}),
        4,
    )
    assert [(n.article, n.folded) for n in found] == [
        (9, False), (1, False), (2, False), (3, True), (4, True), (7, True), (8, True)
    ]  # fmt: skip


def edit(before, after, title="The bridge", **more):
    old, new = Content(title=title, body=before), Content(title=title, body=after)
    values = {"returns_to": None, "seen_before": NOW - HOUR, **more}
    return EditRecord(
        1, "bereke", "en", URL, NOW, 1, 2, (ChangeKind.BODY,), title, before=old, after=new, **values
    )


def of(record):
    return notices.of_edit(record, compare(record.before, record.after))


def message(*notices, **more):
    return compose.compose("desk", "b" * 32, notices, NOW, **more)


HOSTILE = {
    "a header": "Bridge\r\nBcc: all@press.example\r\n\r\nBody",
    "markup": '<img src=x onerror="alert(1)"><script>alert(1)</script> & <b>',
    "a terminal": EVIL,
    "turned around": "\u202ekcab\u202c \u2066x\u2069",
    "half a letter": "Bridge \ud83d opened",
    "NUL": "Bridge\x00 opened",
    "endless": "Bridge&<> " * 2000,
    "one endless word": "<" * 9000,
    "spaces": " \u00a0\u2003 ",
    "nothing": None,
    "Kazakh": "Ақсайда «екінші» көпір ашылды: қ ң ғ ү ұ і һ ө ә",
}


class _Balanced(HTMLParser):
    """Which tags a piece of HTML uses, and whether each is closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen = [], set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, _attrs):
        self.seen.add(tag)
        if tag not in ("br", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_hostile_titles(title):
    """No title makes a header, markup, a control character or a part that is too long, with any transport."""
    several = message(
        of(edit("One.", f"{title}\n\nTwo.", title)),
        of(edit(str(title), "Two", title)),
        reader_url="https://reader.example",
    )
    one = message(of(edit(str(title), "Two", title)))
    used = [
        Mail("127.0.0.1", 25, "b@press.example", ("a@press.example",), "none"),
        Webhook(Secret("http://127.0.0.1/")),
        Webhook(Secret("http://127.0.0.1/"), "slack"),
        Webhook(Secret("http://127.0.0.1/"), "discord"),
    ]

    texts = []
    for transport in used:
        for part in (*transports.parts(transport, several), *transports.parts(transport, one)):
            if isinstance(transport, Mail):
                letter = Letter("", [], part.body)
                assert letter.mail["Bcc"] is None
                assert len(letter.mail["Subject"]) <= 120
                assert _Balanced(letter.html).seen <= {
                    "html",
                    "head",
                    "meta",
                    "title",
                    "body",
                    "p",
                    "b",
                    "i",
                    "br",
                    "a",
                    "code",
                    "del",
                    "ins",
                }
                texts += [letter.text, letter.html, letter.mail["Subject"]]
            else:
                body = json.loads(part.body)
                texts.append("".join(str(value) for value in body.values()))
    with web_server() as server:
        bot = Telegram("1", Secret("1:t"), server.url)
        for part in (*transports.parts(bot, several), *transports.parts(bot, one)):
            transports.send(bot, part, now=NOW.timestamp())
        posted = [post.json["text"] for post in server.posts]
    assert len(posted) >= 2
    for text in posted:
        assert rendering.units(text) <= 4096
        html = _Balanced(text)
        assert (html.open, html.seen - {"b", "a", "s", "code"}) == ([], set())
        texts.append(text.replace("\r\n", "\n"))
    for text in texts:
        assert not [c for c in text if c != "\n" and (ord(c) < 32 or c in "\x7f\u202e\u2066\u202a\x9b\ud83d")]
    if title == HOSTILE["Kazakh"]:
        assert all(title in text for text in texts[:2])


@given(
    st.lists(st.lists(st.text(alphabet="ab😀", min_size=1, max_size=40), min_size=1, max_size=5), max_size=9),
    st.integers(10, 60),
)
def test_parts(paragraphs, limit):
    """No part is longer than it may be, none is empty, no short line is lost, and a paragraph that fits is not cut."""
    parts = rendering.split(paragraphs, limit)
    assert all(part and rendering.units(part) <= limit for part in parts)
    kept = [line for part in parts for line in part.split("\n") if line]
    lines = [line for paragraph in paragraphs for line in paragraph]
    assert len(kept) == len(lines)
    assert all(line.startswith(piece) for line, piece in zip(lines, kept, strict=True))
    assert all(
        piece == line for line, piece in zip(lines, kept, strict=True) if rendering.units(line) <= limit
    )
    whole = ["\n".join(paragraph) for paragraph in paragraphs]
    assert all(any(one in part for part in parts) for one in whole if rendering.units(one) <= limit)


def test_links_are_of_the_web_alone():
    """Only http and https addresses become links; there are no images and nothing is tracked."""
    linked = message(notice(url="javascript:alert(1)"), notice(2), reader_url="https://reader.example/p")
    html = rendering.html(linked)
    assert re.findall(r'(?:href|src)="([^"]*)"', html) == [
        "https://reader.example/p/articles/1/diff/1..2", URL, URL, "https://reader.example/p/articles/2/diff/1..2",
    ]  # fmt: skip
    assert "javascript" not in "".join(rendering.telegram(linked, 4096))


def test_subject_lines():
    """One alert is named, several are counted."""
    assert message(notice()).subject == "newscrawl: bereke/en edited: Title 1"
    several = message(notice(), notice(2, source="other"), notice(3, topic=Topic.REMOVALS))
    assert several.subject == "newscrawl: 1 removal, 2 edits (bereke, other)"
    assert message(given_up=3).subject == "newscrawl: alerts given up"


def test_commands_are_safe_to_paste():
    """A source of an odd name stays one word of the command."""
    (more,) = message(notice(source="a; rm -rf", folded=True)).more
    assert more.command == "newscrawl changes --source 'a; rm -rf' --since 2026-05-12T09:00Z"


def test_same_alerts_same_name():
    """A message is named by what it tells to whom, in whatever order."""
    assert compose.batch_id("desk", ["a", "b"]) == compose.batch_id("desk", ["b", "a"])
    assert compose.batch_id("desk", ["a"]) != compose.batch_id("other", ["a"])


# --- the wire ------------------------------------------------------------------------------------

# What the waiting thread says where a busy machine lets it lose patience before the library does: as true as the other.
_LATE = "not done in 1 s"

BAD_HOOKS = {
    "500": (Reply(500, b"oh \x1b[31mno"), "answered 500: oh [31mno"),
    "429": (Reply(429, b"slow", {"Retry-After": "3600"}), "answered 429: slow"),
    "redirect": (Reply(302, b"", {"Location": "/elsewhere"}), "answered 302; redirects are not followed"),
    "hanging": (Reply(hang=True), ("no answer in time", _LATE)),
    "dripping": (Reply(500, drip=True), "answered 500: ok"),
    "dripping a head": (Reply(drip_head=True), _LATE),
    "cut off": (Reply(500, cut=True), "answered 500: ok"),
    "hanging up": (Reply(0), "no connection (RemoteDisconnected)"),
    "long answer": (Reply(500, b"x" * 100_000), "answered 500: " + "x" * 200),
    "binary answer": (Reply(500, b"\xff\xfe\x00\x1b"), "answered 500: \ufffd\ufffd"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "error"), BAD_HOOKS.values(), ids=BAD_HOOKS)
def test_bad_hook(reply, error):
    """Each failure is one line within the time; no redirect is followed."""
    with web_server(reply) as server:
        transport = Webhook(Secret(f"{server.url}/hooks"))
        (part,) = transports.parts(transport, message(notice()))
        with pytest.raises(DeliveryError) as caught:
            transports.send(transport, part, seconds=1 if reply.is_slow else 20, now=NOW.timestamp())
        assert [post.path for post in server.posts] == ["/hooks"]
    assert caught.value.message.startswith(error), caught.value.message
    assert len(caught.value.message) < 250
    assert caught.value.retry_after == (3600 if reply.status == 429 else None)


BAD_BOTS = {
    "500": (Reply(500, b"oh no"), "Failed to send Telegram notification to 1: Internal server error., error=500."),
    "description": (Reply(400, b'{"description": "chat \\u001b not found 1:bot-token, bot-token"}'), "Failed to send Telegram notification to 1: chat not found ***, ***, error=400."),
    "redirect": (Reply(302, b"", {"Location": "/elsewhere"}), "Failed to send Telegram notification to 1: , error=302."),
    "hanging": (Reply(hang=True), ("A connection error occurred sending Telegram:1 notification.", _LATE)),
    "dripping": (Reply(200, drip=True), _LATE),
    "hanging up": (Reply(0), "A connection error occurred sending Telegram:1 notification."),
    "long answer": (Reply(500, b'{"description": "' + b"x" * 100_000 + b'"}'), "Failed to send Telegram notification to 1: xxxx"),
    "flood": (Reply(429, b'{"description": "slow", "parameters": {"retry_after": 3600}}'), "Failed to send Telegram notification to 1: slow, error=429."),
    "endless flood": (Reply(429, b'{"description": "slow", "parameters": {"retry_after": 999999999}}'), "Failed to send Telegram notification to 1: slow, error=429."),
    "odd flood": (Reply(429, b'{"description": "slow", "parameters": {"retry_after": "soon"}}'), "Failed to send Telegram notification to 1: slow, error=429."),
}  # fmt: skip


@pytest.mark.parametrize(("case", "reply", "error"), [(name, *case) for name, case in BAD_BOTS.items()])
def test_bad_bot_server(case, reply, error):
    """Each failure of Telegram is one line within the time and without the token; no redirect is followed."""
    with web_server(reply) as server:
        bot = Telegram("1", Secret("1:bot-token"), server.url)
        with pytest.raises(DeliveryError) as caught:
            _send(bot, 1 if reply.is_slow else 20)
        assert [post.path for post in server.posts] == ["/bot1:bot-token/sendMessage"]
    assert caught.value.message.startswith(error), caught.value.message
    assert len(caught.value.message) <= 700
    assert caught.value.retry_after == {"flood": 3600, "endless flood": 86_400}.get(case)


def test_words_of_a_page_are_no_rate_limit():
    """An article that says "retry_after" does not delay a message."""
    with web_server(Reply(500, b"no")) as server:
        bot = Telegram("1", Secret("1:t"), server.url)
        (part,) = transports.parts(bot, message(notice(title='Response Details "retry_after": 900')))
        with pytest.raises(DeliveryError) as caught:
            transports.send(bot, part, now=NOW.timestamp())
    assert caught.value.retry_after is None


def test_services_of_apprise():
    """Long messages are cut for the service, a failing one is named without its address, and logs stay silent."""
    with web_server() as server:
        many = Apprise((Secret(server.url.replace("http://", "json://") + "/hidden-path?format=text"),))
        (part,) = transports.parts(many, message(*(notice(n, line="long " * 100) for n in range(90))))
        transports.send(many, part, now=NOW.timestamp())
        assert len(server.posts) > 1
        assert all(len(post.json["message"]) <= 32_768 for post in server.posts)
        server.posts, server.replies = [], [Reply(404, b'{"retry_after": 0.5}')]
        with pytest.raises(DeliveryError) as caught:
            _send(many)
        assert len(server.posts) == 1
    assert caught.value.message == "Failed to send JSON POST notification: Page not found., error=404."
    assert caught.value.retry_after == 0.5
    with pytest.raises(DeliveryError, match=r"JSON notification to \*\*\*\.$"):
        _send(Apprise((Secret(f"json://127.0.0.1:{unused_port()}"),)))


@pytest.mark.parametrize(
    ("transport", "error"),
    [
        (Telegram("1", Secret("not-a-token"), "http://127.0.0.1"), "does not accept the token"),
        (Apprise((Secret("json://127.0.0.1"), Secret("pigeon://hidden"))), "knows no service of address 2"),
    ],
)
def test_what_apprise_does_not_know(transport, error):
    """--check finds it, and so does sending; the address is not shown."""
    for call in (lambda: transports.apprise.check(transport, "desk"), lambda: _send(transport)):
        with pytest.raises(NewscrawlError, match=error) as caught:
            call()
        assert "hidden" not in str(caught.value)
        assert "not-a-token" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("Tue, 12 May 2026 09:10:00 GMT", 600), ("Tue, 12 May 2020 09:10:00 GMT", 0), ("soon", None), ("-5", None), ("9" * 400, 999999999)],
)  # fmt: skip
def test_retry_after(text, seconds):
    with web_server(Reply(503, b"", {"Retry-After": text})) as server, pytest.raises(DeliveryError) as caught:
        _post(server.url)
    assert caught.value.retry_after == seconds


BAD_MAIL = {
    "busy": "the mail server answered 451: come back later",
    "hang up": "the mail server hung up",
    "after data": "the mail server hung up",
    "hanging": "no answer in time",
}


@pytest.mark.parametrize(("behaviour", "error"), BAD_MAIL.items(), ids=BAD_MAIL)
def test_bad_mail_server(behaviour, error):
    with mail_server() as room:
        room.behaviour = behaviour
        transport = Mail("127.0.0.1", room.port, "b@press.example", ("a@press.example",), "none")
        with pytest.raises(DeliveryError, match=error):
            _send(transport, 0.5 if behaviour == "hanging" else 20)


@pytest.mark.parametrize(("tls", "wrapped"), [("starttls", False), ("ssl", True)])
def test_encrypted_send(tmp_path, monkeypatch, tls, wrapped):
    """With a certificate that is trusted the letter and the login go out encrypted; with another neither does."""
    file = certificate(tmp_path)
    with mail_server(tls=server_side(file), wrapped=wrapped) as room:
        transport = Mail(
            "127.0.0.1", room.port, "b@press.example", ("a@press.example",), tls, "desk", Secret("word")
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        with pytest.raises(DeliveryError, match="its certificate is not trusted"):
            _send(transport)
        assert (room.letters, room.logins) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert _send(transport) is None
        assert (len(room.letters), len(room.logins)) == (1, 1)


def test_mail_that_cannot_be_encrypted_is_not_sent():
    """A server without STARTTLS gets neither the letter nor the password."""
    with mail_server() as room:
        transport = Mail(
            "127.0.0.1",
            room.port,
            "b@press.example",
            ("a@press.example",),
            "starttls",
            "desk",
            Secret("word"),
        )
        with pytest.raises(DeliveryError, match="STARTTLS"):
            _send(transport)
        assert (room.letters, room.logins) == ([], [])


def test_one_recipient_refused():
    """The others have it; a remark names the one that was refused."""
    with mail_server() as room:
        room.behaviour = "refuse one"
        to = ("a@press.example", "nobody@press.example")
        remark = _send(Mail("127.0.0.1", room.port, "b@press.example", to, "none"))
        assert (
            remark
            == "recipients refused, the others have it: nobody@press.example answered 550: nobody of this name"
        )
        assert [letter.to for letter in room.letters] == [["a@press.example"]]


def _send(transport, seconds=20):
    (part,) = transports.parts(transport, message(notice()))
    return transports.send(transport, part, seconds=seconds, now=NOW.timestamp())


def _post(url, seconds=20):
    return _send(Webhook(Secret(url)), seconds)


def test_https(tmp_path, monkeypatch):
    """A webhook with a trusted certificate gets the message; one with another, or without TLS, gets nothing."""
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with web_server(tls=server_side(file)) as server:
        with pytest.raises(DeliveryError, match="its certificate is not trusted"):
            _post(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        _post(server.url)
        assert len(server.posts) == 1
    with web_server() as plain, pytest.raises(DeliveryError, match=r"no encrypted connection|no answer"):
        _post(plain.url.replace("http:", "https:"), seconds=1)


def test_nobody_there():
    with pytest.raises(DeliveryError, match=r"^no connection \(Connection refused\)$"):
        _post(f"http://127.0.0.1:{unused_port()}/")
