"""The made-up outlet over real HTTP: conditional requests, the clock, every fault, and a clean end."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from lxml import html

from newscrawl.demo import FAULTS, At, Clock, Outlet, OutletServer

OUTLET = Outlet()
FIRST, LAST = OUTLET.moments[0], OUTLET.moments[-1]


@pytest.fixture
def server() -> Iterator[OutletServer]:
    with OutletServer(OUTLET, Clock(FIRST)) as running:
        yield running


def get(
    server: OutletServer, edition: str, target: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers, body."""
    connection = http.client.HTTPConnection(urlsplit(server.url(edition)).netloc, timeout=20)
    try:
        connection.request(
            method, target, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("target", ["/", "/news/", "/feed/", "/sitemap/sitemap_news1.xml"])
def test_conditional_requests_to_lists(server: OutletServer, target: str) -> None:
    """304 while nothing was published, in spite of ticker and weather; 200 after."""
    status, headers, body = get(server, "ru", target)
    _, _, again = get(server, "ru", target)
    assert (body == again) == (target not in {"/", "/news/"})
    assert status == 200
    assert get(server, "ru", target, If_None_Match=headers["ETag"])[0::2] == (304, b"")
    assert get(server, "ru", target, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(server, "ru", target, If_Modified_Since="nonsense")[0] == 200
    server.clock.set(OUTLET.moments[2])
    assert get(server, "ru", target, If_None_Match=headers["ETag"])[0] == 200
    assert get(server, "ru", target, If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_about_half_of_the_articles_answer_conditionally(server: OutletServer) -> None:
    """Those with validators answer 304 until they are edited; the others send new bytes each time."""
    able = 0
    pieces = OUTLET.published("en", FIRST)
    for piece in pieces:
        _, headers, body = get(server, "en", piece.path)
        if "ETag" in headers:
            able += 1
            assert get(server, "en", piece.path, If_None_Match=headers["ETag"])[0] == 304
            assert get(server, "en", piece.path, If_None_Match='"other"')[0] == 200
        else:
            assert get(server, "en", piece.path, If_None_Match="*")[2] not in {b"", body}
    assert 2 <= able <= len(pieces) - 2


def test_head_has_headers_and_no_body(server: OutletServer) -> None:
    """The same length as a GET announces."""
    status, headers, body = get(server, "en", "/about", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 500
    assert get(server, "en", "/", "POST")[0] == 405


def test_the_clock_moves_the_site(server: OutletServer) -> None:
    """The same server shows each moment as its clock stands, also in the Date header; requests are on record."""
    path = next(piece.path for piece in OUTLET.pieces("en") if piece.event == "removed")
    assert get(server, "en", path)[0] == 200
    server.clock.set(LAST)
    status, headers, _ = get(server, "en", path, User_Agent="test")
    assert status == 404
    assert headers["Date"] == "Sat, 11 Apr 2026 05:00:00 GMT"
    last = server.requests("en")[-1]
    assert (last.method, last.path, last.status, last.headers["User-Agent"]) == ("GET", path, 404, "test")
    assert server.requests("ru") == []
    server.forget()
    assert server.requests("en") == []


def test_the_scripted_outage_is_served(server: OutletServer) -> None:
    """The Russian edition answers 503 to everything, the others go on."""
    server.clock.set(OUTLET.moments[3])
    assert get(server, "ru", "/")[0] == get(server, "ru", "/feed/")[0] == 503
    assert get(server, "en", "/")[0] == 200


ARTICLE = OUTLET.published("ru", FIRST)[0].path
# name -> (value, target, status, what the answer must hold)
SPOILT: dict[str, tuple[object, str, int, bytes]] = {
    "outage": ("503", "/feed/", 503, b"503"),
    "retry_after": (1, "/", 429, b"Too many"),
    "status": (451, ARTICLE, 451, b"<h1>"),
    "challenge": (True, ARTICLE, 200, b"challenge-form"),
    "redirect": ("http://elsewhere.example/", ARTICLE, 302, b""),
    "redirect_loop": (True, ARTICLE, 302, b""),
    "feed_redirects_home": (True, "/feed/", 302, b""),
    "sitemap_is_html": (True, "/sitemap/sitemap_news1.xml", 200, b"<html"),
    "listing_empty": (True, "/", 200, b"<h1>"),
    "robots_disallow_all": (True, "/robots.txt", 200, b"Disallow: /\n"),
    "crawl_delay": (3, "/robots.txt", 200, b"Crawl-delay: 3\n"),
    "windows1251": (True, ARTICLE, 200, "Лента новостей".encode("windows-1251")),
    "charset": ("iso-8859-5", ARTICLE, 200, "Лента новостей".encode()),
    "empty": (True, ARTICLE, 200, b""),
    "binary": (True, ARTICLE, 200, b"\x7fELF"),
    "big_body": (2, ARTICLE, 200, b"</body>"),
    "endless_body": (1, ARTICLE, 200, b"and so on"),
    "slow": (0.01, ARTICLE, 200, b"<h1>"),
}


def test_every_fault_is_tried() -> None:
    """A new fault needs a case here (wrong_length and a closed connection have tests of their own)."""
    assert set(SPOILT) | {"wrong_length"} == set(FAULTS)


@pytest.mark.parametrize("name", SPOILT)
def test_faults(server: OutletServer, name: str) -> None:
    """Each fault has its effect, on its own edition only, and none when switched off."""
    value, target, status, holds = SPOILT[name]
    sound = get(server, "ru", target)
    server.faults["ru"][name] = value
    got, headers, body = get(server, "ru", target, If_None_Match=sound[1].get("ETag", '"x"'))
    if name == "slow" and "ETag" in sound[1]:
        assert got == 304
    else:
        assert (got, holds in body) == (status, True)
    assert get(server, "en", "/")[0] == 200
    match name:
        case "retry_after":
            assert headers["Retry-After"] == "1"
            assert get(server, "ru", target)[0] == 200
        case "redirect_loop":
            for _ in range(3):
                got, headers, _ = get(server, "ru", headers["Location"].removeprefix(server.url("ru")))
                assert got == 302
        case "windows1251":
            assert headers["Content-Type"] == "text/html"
            assert b"charset" not in body
        case "charset":
            assert headers["Content-Type"].endswith("iso-8859-5")
        case "empty":
            assert body == b""
        case "big_body":
            assert 2 << 20 <= len(body) < 2.1 * (1 << 20)
        case "endless_body":
            assert "Content-Length" not in headers
            assert len(body) > 1 << 20
        case "listing_empty":
            assert not html.fromstring(body.decode()).xpath(f'//div[@class="{OUTLET.skin}-card"]')
    server.faults["ru"].clear()
    assert get(server, "ru", target)[0] == 200


def test_a_body_shorter_than_announced_and_a_closed_connection(server: OutletServer) -> None:
    """The client notices both."""
    server.faults["ru"]["wrong_length"] = True
    with pytest.raises(http.client.IncompleteRead):
        get(server, "ru", "/")
    server.faults["ru"]["outage"] = "closed"
    with pytest.raises(http.client.RemoteDisconnected):
        get(server, "ru", "/")
    assert [request.status for request in server.requests("ru")] == [200, 0]


def test_a_fault_for_one_address_only(server: OutletServer) -> None:
    """With At, other pages stay sound; unknown names are refused."""
    server.faults["ru"].update(status=At(ARTICLE, 500), slow=0)
    assert get(server, "ru", f"{ARTICLE}/")[0] == 500
    assert get(server, "ru", "/")[0] == 200
    assert get(server, "ru", OUTLET.published("ru", FIRST)[1].path)[0] == 200
    with pytest.raises(ValueError, match="no such fault"):
        server.faults["ru"]["earthquake"] = True


def test_closing_leaves_no_thread_and_no_port() -> None:
    """Also with an idle kept-alive connection, a slow answer under way and a client that never reads."""
    before = set(threading.enumerate())
    server = OutletServer(OUTLET, Clock(FIRST))
    with server:
        server.faults["en"]["slow"] = 600
        server.faults["kk"]["endless_body"] = 50
        open_ones = []
        for edition in OUTLET.editions:
            connection = http.client.HTTPConnection(urlsplit(server.url(edition)).netloc, timeout=20)
            connection.request("GET", OUTLET.published(edition, FIRST)[0].path)
            open_ones.append(connection)
        assert open_ones[1].getresponse().read()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        get(server, "ru", "/")
    for connection in open_ones:
        connection.close()
    server.close()
