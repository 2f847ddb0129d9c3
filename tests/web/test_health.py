"""`newscrawl health` and `newscrawl serve` from outside: lines, exit codes, JSON, Prometheus, pages over real HTTP, hostile requests."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from newscrawl.cli import cli
from newscrawl.cli.operating.health import write_whole
from newscrawl.errors import Exit, StoreError, UsageError
from newscrawl.judge.health.report import judge
from newscrawl.model import VerdictKind
from newscrawl.model.health import (
    DiskHealth,
    EditionFacts,
    Finding,
    FindingKind,
    Observations,
    RunFact,
    Severity,
    SourceFacts,
)
from newscrawl.model.reads import RunRecord
from newscrawl.warc.files import disk_usage
from newscrawl.web import serve as web_serve
from newscrawl.web.answers.responses import STYLE, TEMPLATES
from newscrawl.web.application import THREADS, application
from newscrawl.web.archive import WebArchive
from newscrawl.web.guard import is_ours
from newscrawl.web.metrics import METRICS, exposition
from newscrawl.web.pages.health import Cached
from tests.support.factory import START, Press
from tests.support.healthy import DAY, NOW, health

ROOT = Path(__file__).parents[2]
NOWHERE = WebArchive("sqlite:////nowhere/newscrawl.db", lambda: NOW)
EVIL = 'a"b\\c\n<script>\x1b[2J\u202e'


# --- the command ---


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An archive with eight daily crawls, the first of which found two articles."""
    home = tmp_path_factory.mktemp("health") / "archive"
    press = Press(f"sqlite:///{home / 'newscrawl.db'}")
    press.publish("en", 1)
    press.publish("kk", 2)
    press.finish(START)
    for number in range(1, 8):
        press.archive.begin_run(START + number * DAY, {})
        press.finish(START + number * DAY)
    press.archive.close()
    return home


@pytest.fixture
def run(home, monkeypatch):
    """`newscrawl health …` on that archive, at the instant given."""
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home))

    def invoke(*words: str, now: datetime = START + 7 * DAY):
        monkeypatch.setenv("NEWSCRAWL_NOW", now.isoformat())
        return CliRunner().invoke(cli, ["health", *words])

    return invoke


def test_nothing_is_wrong(run):
    """One line per source with its figures, and exit code 0."""
    result = run()
    assert result.exit_code == Exit.OK
    heading, line, _, disk, _, last = result.stdout.splitlines()
    assert heading.split() == [
        "SOURCE",
        "STATE",
        "ARTICLES",
        "24",
        "H",
        "USUAL",
        "7",
        "DAYS",
        "USUAL",
        "DUE",
        "LATE",
        "LAST",
        "CRAWL",
    ]
    assert line.split()[:4] == ["bereke", "too", "early", "2"]
    assert disk.startswith("Disk: ")
    assert disk.endswith("free; how long it lasts is said after three days of crawls.")
    assert last == "Nothing is wrong."


@pytest.mark.parametrize(
    ("code", "words"),
    [(4, "some editions or listings failed, or the run was stopped: x"), (3, "nothing could be fetched: x")],
)
def test_no_line_contradicts_the_end_of_the_last_run(code, words):
    """A crawl that just failed is no finding yet, but nobody may read "Nothing is wrong" beside its exit code."""
    from newscrawl.cli.operating.health import _report

    runs = [
        RunFact(RunRecord(n, NOW - (9 - n) * DAY / 9, NOW - (9 - n) * DAY / 9, code if n == 8 else 0, "x"), {"new": 3})
        for n in range(9)
    ]  # fmt: skip
    edition = EditionFacts("kk", NOW - 4 * DAY, {NOW - DAY / 24: 3}, articles=40)
    found = judge([SourceFacts("bereke", tuple(runs), (edition,))], NOW)
    assert found.findings == ()
    lines = list(_report(found, (), None))
    assert f"The last crawl of bereke ended with exit code {code}, {words}." in lines
    assert "Nothing is wrong." not in lines
    assert "docs/what-to-do.md" in lines[-1]


def test_something_is_wrong(run):
    """One line for what is wrong, and exit code 6; --since leaves out what began before."""
    result = run(now=START + 30 * DAY)
    assert result.exit_code == Exit.SOURCE_BROKEN
    assert result.stdout.splitlines()[-1].startswith(
        "error    bereke: no crawl for 23 days, the longest pause was 24 hours"
    )
    later = run("--since", "2026-03-20", now=START + 30 * DAY)
    assert (later.exit_code, later.stdout.splitlines()[-1]) == (Exit.OK, "Nothing is wrong.")
    assert run("bereke", now=START + 30 * DAY).exit_code == Exit.SOURCE_BROKEN


def test_json(run):
    """One object a source, one for the archive; figures and findings as documented."""
    result = run("--json", now=START + 30 * DAY)
    source, archive = map(json.loads, result.stdout.splitlines())
    assert (source["source"], source["standing"], archive["source"]) == ("bereke", "error", None)
    (finding,) = source["findings"]
    assert (finding["key"], finding["kind"], finding["severity"]) == ("bereke - no_run", "no_run", "error")
    assert finding["measured"] == pytest.approx(23 * 86400, abs=60)
    text = (ROOT / "docs" / "health.md").read_text("utf-8")
    for key in {*source, *source["editions"][0], *finding, *archive}:
        assert f'"{key}"' in text or f"`{key}`" in text, key


def test_textfile(run, tmp_path):
    """The figures replace the file in one step, readable for others; nothing is printed."""
    target = tmp_path / "newscrawl.prom"
    target.write_text("old")
    result = run("--prometheus", str(target), now=START + 30 * DAY)
    assert (result.exit_code, result.stdout) == (Exit.SOURCE_BROKEN, "")
    assert (
        'newscrawl_findings{edition="",kind="no_run",severity="error",source="bereke"} 1.0\n'
        in target.read_text()
    )
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir() if "prom" in path.name] == ["newscrawl.prom"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere: the archive holds nothing of this source"),
        (("--json", "--prometheus", "x.prom"), "choose one"),
        (("--prometheus", "/nowhere/at/all/x.prom"), "/nowhere/at/all/x.prom: cannot be written"),
        (("--since", "tomorrow"), "is no date"),
    ],
)
def test_wrong_arguments(run, words, said):
    """Each error is one line."""
    result = run(*words)
    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_archive_that_cannot_be_read(tmp_path, monkeypatch):
    """Exit code 7, also for a file that is not a database; an existing textfile stays unchanged."""
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path))
    (tmp_path / "x.prom").write_text("old")
    missing = CliRunner().invoke(cli, ["health", "--prometheus", str(tmp_path / "x.prom")])
    (tmp_path / "newscrawl.db").write_bytes(b"no database at all" * 99)
    damaged = CliRunner().invoke(cli, ["health"])
    assert (missing.exit_code, damaged.exit_code) == (Exit.ARCHIVE_UNUSABLE, Exit.ARCHIVE_UNUSABLE)
    assert (tmp_path / "x.prom").read_text() == "old"


def test_terminal_is_safe(run, home, tmp_path, monkeypatch):
    """Text of an outlet in the reason of a run cannot control the terminal."""
    shutil.copytree(home, tmp_path / "copy")
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path / "copy"))
    press = Press(f"sqlite:///{tmp_path / 'copy' / 'newscrawl.db'}", start=START + 8 * DAY)
    for number in range(8, 11):
        press.finish(START + number * DAY, 1, f"bad page {EVIL}")
        press.archive.begin_run(START + number * DAY, {})
    press.finish(START + 11 * DAY, 1, f"bad page {EVIL}")
    press.archive.close()
    result = run(now=START + 12 * DAY)
    assert "crawls failed (exit code 1): bad page" in result.stdout
    assert not {"\x1b", "\u202e"} & set(result.stdout)


def test_write_whole_leaves_nothing_behind(tmp_path):
    """A folder in the way: the error says so, and no half file lies about."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(UsageError, match="taken"):
        write_whole(tmp_path / "taken", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_extent(tmp_path):
    """Bytes of raw responses by the day in their names; other files and a missing folder count nothing."""
    folder = tmp_path / "orda" / "2026"
    folder.mkdir(parents=True)
    for name, bytes_ in (
        ("orda-20260614-00001", 10),
        ("orda-20260614-00002", 5),
        ("orda-20260615-00001", 1),
        ("orda-20269999-00001", 7),
    ):
        (folder / f"{name}.warc.gz").write_bytes(b"x" * bytes_)
    (folder / "notes.txt").write_text("not counted")
    assert disk_usage(tmp_path) == (23, {datetime(2026, 6, 14).date(): 15, datetime(2026, 6, 15).date(): 1})
    assert disk_usage(tmp_path / "nowhere") == (0, {})


# --- Prometheus' format ---

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABELS = r'\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\}'
_SAMPLE = re.compile(rf"({_NAME})({_LABELS})? (-?[0-9.e+-]+)")


def parsed(text: str) -> dict[str, list[tuple[str, float]]]:
    """The samples by metric; fails where a line breaks the rules of the format."""
    found: dict[str, list[tuple[str, float]]] = {}
    told = None
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            told = line.split(" ")[2]
            assert told not in found, "a metric stands in one place only"
            found[told] = []
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2:] == [told, "gauge"]
        else:
            name, labels, value = _SAMPLE.fullmatch(line).groups()
            assert name == told
            found[name].append((labels or "", float(value)))
    for samples in found.values():
        assert len({labels for labels, _ in samples}) == len(samples) > 0
    return found


@settings(max_examples=25)
@given(st.text(min_size=1, max_size=30))
def test_format_holds_whatever_a_name_is(name):
    """Names of sources come from files and hosts; quotes, backslashes and line breaks are escaped."""
    found = parsed(exposition(health(name, Observations(20, 20))))
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    assert found["newscrawl_source_findings"] == [(f'{{source="{escaped}"}}', 1.0)]


def test_format_as_the_library_reads_it():
    """The reference parser agrees."""
    families = {family.name: family for family in text_string_to_metric_families(exposition(health(EVIL)))}
    (sample,) = families["newscrawl_source_findings"].samples
    assert (sample.labels, sample.value) == ({"source": EVIL}, 0)


def test_every_metric_is_told_and_has_a_unit():
    """A full archive fills each metric; instants and durations are in seconds, sizes in bytes."""
    told = health(observations=Observations(20, 20))
    full = replace(told, disk=DiskHealth(told.disk.facts, 1e6, 3.5, ()))
    assert set(parsed(exposition(full))) >= {m.name for m in METRICS} - {
        "newscrawl_articles_last_day_expected", "newscrawl_articles_last_week_expected", "newscrawl_field_filled_ratio",
        "newscrawl_body_median_characters", "newscrawl_last_good_read_timestamp_seconds",
    }  # fmt: skip
    assert parsed(exposition(full))["newscrawl_disk_left_seconds"] == [("", 3.5 * 86400)]


def test_documented():
    """Each kind of finding, each metric and each stat of ours stands in docs/health.md, and nothing else does."""
    text = (ROOT / "docs" / "health.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    named = {
        row for row in rows if re.fullmatch(r"[a-z]+(_[a-z]+)*", row) and not row.startswith("newscrawl_")
    }
    kinds = {kind.value for kind in FindingKind}
    assert {row for row in named if row != "item_scraped_count"} == kinds
    assert {row for row in rows if row.startswith("newscrawl_")} == {metric.name for metric in METRICS}
    stats = {row for row in rows if row.startswith("newscrawl/")}
    code = "".join(path.read_text("utf-8") for path in (ROOT / "newscrawl" / "crawl").rglob("*.py"))
    written = {
        re.sub(r"\{.*?\}", "<outcome>", stat)
        for stat in re.findall(r'inc_value\(\s*f?"(newscrawl/[^"]+)"', code)
    }
    assert stats == written
    assert [kind.value for kind in VerdictKind if f"`{kind.value}`" not in text] == []


# --- pages ---


@contextmanager
def serving(app):
    """The application served on a free port of this machine: its port."""
    with web_serve.listen("127.0.0.1", 0) as listener:
        server = web_serve.server(app)
        thread = threading.Thread(target=server.run, args=([listener],))
        port = listener.getsockname()[1]
        thread.start()
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join()


def serving_page(endpoint):
    """An application served with one more page, /page: the port."""
    app = application(health, NOWHERE)
    app.router.routes.append(Route("/page", endpoint))
    return serving(app)


def raw(port: int, data: bytes, timeout: float = 10) -> bytes:
    """The response to these bytes until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(data)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def broken(_request):
    raise RuntimeError("a bug with a secret in it")


@pytest.fixture(scope="module")
def port():
    """A server over a made-up health, with one page that has a bug."""
    app = application(lambda: health("<b>bereke</b>", Observations(20, 20)), NOWHERE, ["archive.example"])
    app.router.routes.append(Route("/broken", broken))
    with serving(app) as port:
        yield port


@pytest.mark.parametrize(
    ("request_line", "host", "status", "part"),
    [
        ("GET / HTTP/1.1", "localhost", 503, b"there is no archive here yet"),
        (
            "GET /health HTTP/1.1",
            "127.0.0.1:80",
            200,
            b"&lt;b&gt;bereke&lt;/b&gt; kk: 20 of 20 checks were refused",
        ),
        ("GET /health/ HTTP/1.0", "[::1]:8000", 200, b"</html>"),
        ("GET /health?format=json HTTP/1.1", "archive.example", 200, b'"standing": "error"'),
        ("GET /metrics HTTP/1.1", "localhost:8000", 200, b"newscrawl_findings{"),
        ("GET /style.css HTTP/1.1", "localhost", 200, b"font"),
        ("HEAD /health HTTP/1.1", "localhost", 200, b""),
        ("GET /nowhere HTTP/1.1", "localhost", 404, b"no such page"),
        ("GET /../../etc/passwd HTTP/1.1", "localhost", 404, b"no such page"),
        ("GET http://[ HTTP/1.1", "localhost", 400, b"cannot be read"),
        ("GET http://localhost/style.css HTTP/1.1", "localhost", 200, b"font"),
        (f"GET /health?{'a=b&' * 51} HTTP/1.1", "localhost", 400, b"cannot be read"),
        ("GET /health HTTP/1.1", "evil.example", 421, b"not served here"),
        ("GET /health HTTP/1.1", "localhost.evil.example", 421, b"not served here"),
        ("GET /health HTTP/1.1", "", 421, b"not served here"),
        ("POST /health HTTP/1.1", "localhost", 405, b"Only GET and HEAD"),
        ("DELETE /health HTTP/1.1", "localhost", 405, b"Only GET and HEAD"),
        ("GET /broken HTTP/1.1", "localhost", 500, b"unexpected error"),
        ("nonsense", "localhost", 400, b"Invalid HTTP request"),
    ],
)
def test_requests(port, request_line, host, status, part):
    """Requests and responses: pages escaped, foreign host names and other methods refused, no details of an error."""
    head, _, body = raw(port, f"{request_line}\r\nHost: {host}\r\n\r\n".encode()).partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    if request_line != "nonsense":  # answered before there is a request
        head = head.replace(b"content-security-policy", b"Content-Security-Policy")
        assert b"nosniff" in head
        assert b"Content-Security-Policy: default-src 'none'" in head
    assert part in (body or head) if part else body == b""
    assert b"secret" not in body
    assert b"<b>bereke" not in body or b"text/html" not in head


def test_head_says_the_length(port):
    """HEAD is GET without its body."""
    lengths = []
    for method in ("GET", "HEAD"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, "/style.css")
        lengths.append(connection.getresponse().getheader("Content-Length"))
        connection.close()
    assert lengths[0] == lengths[1] == str(len(STYLE))


@pytest.mark.parametrize(
    "data",
    [b"", b"GET /health", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 9000, b"\x16\x03\x01\x02\x00\x01\r\n\r\n"],
)
def test_hostile_connections(port, data):
    """Half a request, an endless one, a TLS greeting: closed, and the next one is answered."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        answer = b""
        with suppress(OSError):  # closed while we still send
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(100)
    assert answer == b"" or b" 4" in b" " + answer
    assert b"200" in raw(port, b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n")[:20]


def test_slow_client_is_cut_off(monkeypatch, port):
    """A client that sends a byte now and then is cut off too."""
    monkeypatch.setattr(web_serve, "SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET / HT")
        assert connection.recv(100) == b""


def test_client_that_does_not_read_is_cut_off(monkeypatch):
    """A response that nobody reads is given up, and its connection is free for another client."""
    monkeypatch.setattr(web_serve, "SECONDS", 0.3)
    monkeypatch.setattr(web_serve, "CONNECTIONS", 1)
    more_than_the_system_buffers = b"x" * 50_000_000
    with (
        serving_page(lambda _request: PlainTextResponse(more_than_the_system_buffers)) as port,
        socket.create_connection(("127.0.0.1", port), 10) as connection,
    ):
        connection.sendall(b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until, answer = time.monotonic() + 20, b""
        while not answer and time.monotonic() < until:
            time.sleep(0.05)
            with suppress(OSError):  # closed at once as long as the first one is held
                answer = raw(port, b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer[:12] == b"HTTP/1.1 200"


def test_slow_page_is_waited_for(monkeypatch):
    """The time limit of a client does not include the time to make the page."""
    monkeypatch.setattr(web_serve, "SECONDS", 1.0)

    def slow(_request):
        time.sleep(1.5)
        return PlainTextResponse("done")

    with serving_page(slow) as port:
        assert raw(port, b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n").endswith(b"done")


def test_too_many_connections(monkeypatch):
    """Connections beyond the bound are closed at once; those before are answered."""
    monkeypatch.setattr(web_serve, "CONNECTIONS", 2)
    go = threading.Event()

    def wait(_request):
        go.wait(10)
        return PlainTextResponse("done")

    with serving_page(wait) as port:
        held = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(2)]
        for connection in held:
            connection.sendall(b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with suppress(ConnectionResetError), socket.create_connection(("127.0.0.1", port), 10) as extra:
            assert extra.recv(100) == b""
        go.set()
        assert [connection.recv(100)[:12] for connection in held] == [b"HTTP/1.1 200"] * 2
        for connection in held:
            connection.close()


def test_few_threads():
    """However many ask at once, a bounded number of pages is made at a time, and all are answered."""
    lock, active, most = threading.Lock(), [], []

    def count(_request):
        with lock:
            active.append(1)
            most.append(len(active))
        time.sleep(0.1)
        with lock:
            active.pop()
        return PlainTextResponse("done")

    with serving_page(count) as port, ThreadPoolExecutor(20) as pool:
        asked = b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n"
        answers = list(pool.map(lambda _: raw(port, asked), range(20)))
    assert all(answer.endswith(b"done") for answer in answers)
    assert 1 < max(most) <= THREADS


def test_archive_gone():
    """A page says in one line why the archive cannot be read; programs get 503 as well."""

    def gone():
        raise StoreError("is <locked>", subject="newscrawl.db")

    with serving(application(gone, NOWHERE)) as port:
        for target, part in (
            ("/health", b"newscrawl.db: is &lt;locked&gt;"),
            ("/health?format=json", b"newscrawl.db: is <locked>\n"),
            ("/metrics", b"newscrawl.db: is <locked>\n"),
        ):
            answer = raw(port, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert (answer[:12], part in answer) == (b"HTTP/1.1 503", True)


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        (None, True), ("localhost", True), ("LOCALHOST:80", True), ("192.168.1.9:8000", True), ("[fe80::1]:80", True), ("archive.example", True),
        ("", False), ("evil.example", False), ("127.0.0.1.evil.example", False), ("[", False), ("localhost:80:90", False), ("a b", False),
    ],
)  # fmt: skip
def test_hosts(host, ours):
    """Addresses, localhost and names that were given; a name of the web may lead here and is refused."""
    assert is_ours(host, ["archive.example"]) is ours


@given(st.text())
def test_text_is_no_markup(words):
    """No value opens a tag or moves a cursor."""
    shown = TEMPLATES.from_string("{{ words }}").render(words=words)
    assert not set(shown) & set("<>\"'\x00\x1b\u202e")


def test_cache_makes_once():
    """Ten scrapes in ten seconds are one judgement; an error is not kept."""
    now, made = [0.0], []

    def make():
        made.append(now[0])
        if len(made) == 1:
            raise StoreError("locked")
        return len(made)

    cached = Cached(make, 10, tick=lambda: now[0])
    with pytest.raises(StoreError):
        cached()
    assert [cached() for now[0] in (0.0, 1.0, 9.9)] == [2, 2, 2]
    now[0] = 10.0
    assert cached() == 3


def test_serve_says_what_is_wrong_with_its_address(tmp_path, monkeypatch):
    """A port that is taken, a host that is none, one that others reach while there is no token, or one that is too short."""
    monkeypatch.setenv("NEWSCRAWL_HOME", str(tmp_path))
    result = CliRunner().invoke(cli, ["serve", "--host", "0.0.0.0", "--port", "0"])
    assert (result.exit_code, "there is no token" in result.stderr) == (Exit.USAGE, True)
    monkeypatch.setenv("NEWSCRAWL_READER_TOKEN", "too-short")
    result = CliRunner().invoke(cli, ["serve"])
    assert (result.exit_code, "too-short" in result.stderr) == (Exit.USAGE, False)
    monkeypatch.setenv("NEWSCRAWL_READER_TOKEN", "a-token-of-some-length")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = {
            "Address already in use": ("--port", str(taken.getsockname()[1])),
            "Name or service not known": ("--host", "no.such.host.invalid"),
        }
        for why, given_words in words.items():
            result = CliRunner().invoke(cli, ["serve", *given_words])
            assert result.exit_code == Exit.USAGE
            assert f"cannot be listened at ({why}). Choose another" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_stops_quietly(tmp_path, number):
    """A signal ends it at once, with idle clients still there: exit code 0, no trace. Without an archive it says so."""
    command = [sys.executable, "-m", "newscrawl", "serve", "--port", "0"]
    environment = os.environ | {"NEWSCRAWL_HOME": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        started = process.stderr.readline()
        port = int(
            re.fullmatch(r"Serving http://127\.0\.0\.1:(\d+)/ until stopped with Ctrl-C\n", started)[1]
        )
        said = process.stderr.readline()
        assert (
            "there is no archive here yet. Crawl first: newscrawl crawl orda. Until then the pages say so"
            in said
        )
        assert b"503" in raw(port, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 30)[:20]
        with socket.create_connection(("127.0.0.1", port), 10) as idle:
            idle.sendall(b"GET / HT")
            process.send_signal(number)
            assert process.communicate(timeout=30)[1] == "Stopped.\n"
    assert process.returncode == Exit.OK


def test_finding_of_the_archive_has_no_source():
    """In JSON what concerns everything has null as its source."""
    from newscrawl.serialization.health import finding

    one = finding(Finding("", None, FindingKind.DISK_FILLING, Severity.ERROR, None, "archive: …", 2.0, 14.0))
    assert (one["source"], one["edition"], one["since"], one["subject"]) == (None, None, None, None)
