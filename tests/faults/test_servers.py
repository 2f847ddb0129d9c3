"""Servers that speak no proper HTTP, cut answers off or never end them: a counted failure, never an edit, a removal or half a text.

Real crawls in processes of their own, with the downloader that production uses.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from newscrawl.errors import Exit
from tests.support.fake_site import NOW, front, observations, one, rows, story
from tests.support.process_pool import ProcessPool
from tests.support.rawserver import Line, RawServer, page, slowly

Bad = Callable[[Line, str], None]  # what answers for an article, given its proper page


def _half(html: str) -> bytes:
    data = html.encode()
    return data[: len(data) * 2 // 3]


def _sized(line: Line, html: str, *, more: int = 0, headers: tuple[str, ...] = ()) -> None:
    line.head(f"Content-Length: {len(html.encode()) + more}", "Connection: close", *headers)


def _cut(line: Line, html: str) -> None:
    _sized(line, html)
    line.send(_half(html))


def _reset(line: Line, html: str) -> None:
    _cut(line, html)
    line.reset()


def _announces_more(line: Line, html: str) -> None:
    _sized(line, html, more=500)
    line.send(html.encode())


def _announces_more_and_waits(line: Line, html: str) -> None:
    _announces_more(line, html)
    line.hold()


def _length(value: str) -> Bad:
    def answer(line: Line, html: str) -> None:
        line.head(value, "Connection: close")
        line.send(html.encode())

    return answer


def _chunked(last: bytes) -> Bad:
    def answer(line: Line, html: str) -> None:
        half = _half(html)
        line.head("Transfer-Encoding: chunked", "Connection: close")
        line.send(b"%x\r\n%s\r\n%s" % (len(half), half, last))

    return answer


def _encoded(name: str, make: Callable[[bytes], bytes]) -> Bad:
    def answer(line: Line, html: str) -> None:
        data = make(html.encode())
        line.head(f"Content-Encoding: {name}", f"Content-Length: {len(data)}", "Connection: close")
        line.send(data)

    return answer


def _no_length_and_cut(line: Line, html: str) -> None:
    line.head("Connection: close")
    line.send(_half(html))


def _status(status: str) -> Bad:
    def answer(line: Line, html: str) -> None:
        data = b"" if status.startswith("204") else _half(html)
        line.head(f"Content-Length: {len(data)}", "Connection: close", status=status)
        line.send(data)

    return answer


def _byte_by_byte(line: Line, html: str) -> None:
    _sized(line, html)
    slowly(line, html.encode())


def _head_byte_by_byte(line: Line, html: str) -> None:
    slowly(line, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + html.encode())


def _endless_body(line: Line, html: str) -> None:
    line.head("Connection: close")
    line.send(html.encode())
    line.forever(b"<p>and so on and so on</p>\n" * 2000)


def _endless_head(line: Line, _html: str) -> None:
    line.send(b"HTTP/1.1 200 OK\r\n")
    line.forever(b"X-More: and more, and more\r\n", pause=0.001)


def _endless_header(line: Line, _html: str) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    line.forever(b"a" * 4096)


def _endless_continue(line: Line, _html: str) -> None:
    line.forever(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.001)


def _a_hundred_redirects(line: Line, _html: str) -> None:
    path, _, turn = line.path.partition("?turn=")
    following = f"{path}?turn={int(turn or 0) + 1}"
    line.head(f"Location: {following}", "Content-Length: 0", "Connection: close", status="302 Found")


def _raw(data: bytes) -> Bad:
    def answer(line: Line, html: str) -> None:
        line.send(data or html.encode())

    return answer


def _silent(line: Line, _html: str) -> None:
    line.hold()


def _nothing(_line: Line, _html: str) -> None:
    """Hangs up."""


# name -> (what the server does, outcome of the request). Those that look like an outage stand apart: five of them in a row
# are taken for one.
SERVERS: dict[str, tuple[Bad, str]] = {
    "closes in mid-body": (_cut, "broken_body"),
    "resets in mid-body": (_reset, "broken_body"),
    "announces more and waits": (_announces_more_and_waits, "timeout"),
    "announces more than comes": (_announces_more, "broken_body"),
    "names a negative length": (_length("Content-Length: -5"), "error"),
    "never ends one header": (_endless_header, "refused"),
    "names a length in words": (_length("Content-Length: many"), "error"),
    "names two lengths": (_length("Content-Length: 10\r\nContent-Length: 700"), "error"),
    "sends byte by byte": (_byte_by_byte, "timeout"),
    "names a length of many digits": (_length("Content-Length: " + "9" * 30), "too_large"),
    "closes between chunks": (_chunked(b""), "broken_body"),
    "speaks HTTP/0.9": (_raw(b""), "refused"),
    "closes in a chunk": (_chunked(b"fff\r\nand"), "broken_body"),
    "sends a chunk of no size": (_chunked(b"zz\r\nand\r\n"), "broken_body"),
    "sends its head byte by byte": (_head_byte_by_byte, "timeout"),
    "tears gzip": (_encoded("gzip", lambda data: gzip.compress(data)[:-400]), "broken_body"),
    "sends gzip without its last bytes": (_encoded("gzip", lambda data: gzip.compress(data)[:-5]), "broken_body"),
    "speaks TLS": (_raw(b"\x15\x03\x01\x00\x02\x02\x46"), "refused"),
    "says gzip and sends none": (_encoded("gzip", bytes), "broken_body"),
    "says brotli and sends none": (_encoded("br", bytes), "broken_body"),
    "never ends its headers": (_endless_head, "timeout"),
    "sends an encoding nobody knows": (_encoded("x-secret", lambda data: data[::-1]), "broken_body"),
    "names no length and closes in mid-body": (_no_length_and_cut, "broken_body"),
    "hangs up": (_nothing, "refused"),
    "sends a part as 206": (_status("206 Partial Content"), "other_status"),
    "has no content": (_status("204 No Content"), "other_status"),
    "says continue for ever": (_endless_continue, "timeout"),
    "accepts and has nothing yet": (_status("202 Accepted"), "other_status"),
    "never ends": (_endless_body, "too_large"),
    "is silent": (_silent, "timeout"),
    "redirects a hundred times": (_a_hundred_redirects, "redirect_loop"),
    "sends garbage": (_raw(bytes(range(256)) * 8), "error"),
    "names a header of control characters": (_length("X\x01Name: y"), "error"),
}  # fmt: skip

_PATHS = {name: f"/{name.lower().replace(' ', '-').replace('/', '-').replace('.', '-')}-{number}" for number, name in enumerate(SERVERS, 301)}  # fmt: skip
# Faults that cut a text are also tried on new addresses.
_NEW = {
    name: f"/never-read-{number}"
    for number, name in enumerate(
        (name for name, (_, outcome) in SERVERS.items() if outcome in ("broken_body", "other_status")), 601
    )
}
# One at a time, so that answers come in the order of SERVERS however busy the machine is: with more at once five of those
# that look like an outage may come in a row, and then two articles are asked once more whether the edition still answers.
_SETTINGS = {"DOWNLOAD_DELAY": 0, "RETRY_TIMES": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "RECHECK_BUDGET": 200, "DOWNLOAD_MAXSIZE": 1 << 20}  # fmt: skip


def _crawl(
    process_pool: ProcessPool, home: Path, site: RawServer, days: float, *words: str, timeout: float = 20
) -> SimpleNamespace:
    chosen = _SETTINGS | {"DOWNLOAD_TIMEOUT": timeout}
    settings = [part for name, value in chosen.items() for part in ("--set", f"{name}={value}")]
    ended = process_pool.run(
        "crawl", "orda", "--edition", "en", "--site", site.url, *settings, *words, "--json",
        home=home, NEWSCRAWL_NOW=(NOW + timedelta(days=days)).isoformat(),
    )  # fmt: skip
    return SimpleNamespace(code=ended.code, stderr=ended.err, **json.loads(ended.out))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, process_pool: ProcessPool) -> SimpleNamespace:
    """Articles read while all was well, then while each server has its own fault, then again while all is well."""
    home = tmp_path_factory.mktemp("servers") / "archive"
    stories = {name: story(f"Landing{number}") for number, name in enumerate([*SERVERS, *_NEW])}
    with RawServer() as site:
        site.pages = {_PATHS[name]: page(stories[name]) for name in SERVERS}
        site.pages["/"] = page(front(*_PATHS.values()))
        first = _crawl(process_pool, home, site, 0)
        assert first.counts == {"new": len(SERVERS)}, first
        before = _held(home)
        for paths in (_PATHS, _NEW):
            for name, path in paths.items():
                bad, html = SERVERS[name][0], stories[name]
                site.pages[path] = lambda line, bad=bad, html=html: bad(line, html)
                if bad is _a_hundred_redirects:
                    site.pages |= {f"{path}?turn={turn}": site.pages[path] for turn in range(1, 101)}
        site.pages["/"] = page(front(*_PATHS.values(), *_NEW.values()))
        second = _crawl(process_pool, home, site, 9, timeout=1.5)
        seen, during = observations(home), _held(home)
        most = dict(site.most_sent)
        site.pages |= {_PATHS[name]: page(stories[name]) for name in SERVERS}
        site.pages |= {_NEW[name]: page(stories[name]) for name in _NEW}
        third = _crawl(process_pool, home, site, 11)
    return SimpleNamespace(
        home=home, before=before, during=during, observations=seen, most=most, second=second, third=third,
        verified=process_pool.run("verify", home=home),
    )  # fmt: skip


def _held(home: Path) -> list[dict[str, object]]:
    return rows(
        home,
        """select a.url_key, a.state, a.version, v.title, v.body, v.content_hash, a.last_seen
        from articles a join versions v on v.article_id = a.id order by a.id, v.number""",
    )


@pytest.mark.parametrize("name", SERVERS)
def test_known_article_when_its_server(crawled: SimpleNamespace, name: str) -> None:
    """The article stays as it is, and the observation has the reason."""
    row = crawled.observations[_PATHS[name][1:]]
    assert (row["outcome"], row["verdict"]) == (SERVERS[name][1], "failed"), row["reason"]
    assert row["reason"]
    assert "Failure" not in row["reason"]
    assert row["signal"] is None


@pytest.mark.parametrize("name", _NEW)
def test_new_address_when_its_server(crawled: SimpleNamespace, name: str) -> None:
    """Half a text never becomes an article; the address is tried again."""
    row = crawled.observations[_NEW[name][1:]]
    assert (row["outcome"], row["verdict"], row["article_id"]) == (SERVERS[name][1], "failed", None)


def test_nothing_changed(crawled: SimpleNamespace) -> None:
    """No text, state or last-seen time changed, and nothing was logged as a change."""
    assert crawled.during == crawled.before
    assert one(crawled.home, "select count(*) from changes where kind <> 'created'") == 0


def test_every_look_is_counted(crawled: SimpleNamespace) -> None:
    """The run says so, in its counts and its exit code, and in one line."""
    assert crawled.second.counts == {"failed": len(SERVERS) + len(_NEW)}
    assert crawled.second.code == Exit.PARTLY_FAILED
    assert "pages could not be read" in crawled.second.reason
    assert "Traceback" not in crawled.second.stderr


def test_endless_answers_are_bounded(crawled: SimpleNamespace) -> None:
    """Not much more is read than DOWNLOAD_MAXSIZE allows (socket buffers come on top)."""
    assert crawled.most[_PATHS["never ends"]] < 12 << 20
    assert crawled.most[_PATHS["never ends one header"]] < 12 << 20


def test_the_next_run_completes_the_work(crawled: SimpleNamespace) -> None:
    """When the servers have recovered, every article is read, as it was, and the new ones come in whole."""
    assert crawled.third.code == Exit.OK, crawled.third.reason
    assert crawled.third.counts == {"new": len(_NEW), "unchanged": len(SERVERS)}
    assert one(crawled.home, "select count(*) from versions") == len(SERVERS) + len(_NEW)
    assert (crawled.verified.code, crawled.verified.err) == (0, "")


def test_headers_that_carry_others(process_pool: ProcessPool, tmp_path: Path) -> None:
    """Control characters in a server's headers go into no request of ours, and the record can be read back."""
    html = story("Injected")
    asked: list[bytes] = []
    odd = ('ETag: "a\rX-Evil: yes"', "Last-Modified: Mon\x00\x1b[31m", "X-Fold: one\r\n two")

    def answer(line: Line) -> None:
        asked.append(line.asked)
        line.head(f"Content-Length: {len(html.encode())}", "Connection: close", *odd)
        line.send(html.encode())

    with RawServer({"/injected-101": answer, "/": page(front("/injected-101"))}) as site:
        assert _crawl(process_pool, tmp_path, site, 0).counts == {"new": 1}, observations(tmp_path)
        again = _crawl(process_pool, tmp_path, site, 9, "--recheck", "only")
    assert again.counts == {"unchanged": 1}
    lines = asked[1].split(b"\r\n")
    assert not [
        line for line in lines if line.lower().startswith(b"x-evil") or b"\r" in line or b"\0" in line
    ]
    assert process_pool.run("verify", home=tmp_path).code == 0
