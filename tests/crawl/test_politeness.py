"""Manners and safety on the wire: pace, robots.txt, Retry-After, what the requests say, and the settings that keep it so."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings

from newscrawl.crawl.context import FetchContext, Hosts
from newscrawl.crawl.http.politeness import LONGEST, RetryAfter, retry_after
from newscrawl.errors import Exit
from tests.support.crawling import crawl
from tests.support.fake_site import (
    NOW,
    Answer,
    Stand,
    front,
    keys,
    observations,
    one,
    rows,
    scrapy_crawl,
    story,
)
from tests.support.process_pool import ProcessPool

PATHS = [f"/ferry-number-{n}" for n in range(301, 305)]
# Timers may fire a little early; half of the pause asked for is far more than no pause.
SLACK = 0.5


def _pages(robots: str = "User-agent: *\nDisallow: /admin/\n") -> dict:
    pages = {path: story(f"Nr{path[-3:]}") for path in PATHS}
    return {**pages, "/": front(*PATHS), "/robots.txt": Answer(robots, content_type="text/plain")}


def _gaps(site: Stand) -> list[float]:
    times = [seen.at for seen in site.seen]
    return [after - before for before, after in pairwise(times)]


def test_one_request_at_a_time_with_a_pause(tmp_path: Path) -> None:
    """The pause lies between all requests to a host, robots.txt and listings included."""
    with Stand(_pages()) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url, settings={"DOWNLOAD_DELAY": 0.1})
        assert len(site.seen) == 10
        assert min(_gaps(site)) >= 0.1 * SLACK


def test_crawl_delay_is_kept(tmp_path: Path) -> None:
    """A longer Crawl-delay of robots.txt wins over our own pause, up to a bound; a shorter one does not."""
    robots = "User-agent: *\nCrawl-delay: {}\n"
    for asked, most, pause in (("0.2", 60, 0.2), ("3600", 0.15, 0.15), ("0.001", 60, 0.1)):
        with Stand(_pages(robots.format(asked))) as site:
            settings = {"DOWNLOAD_DELAY": 0.1, "CRAWL_DELAY_MAX": most}
            crawl(tmp_path / asked, NOW, edition="en", site=site.url, limit="1", settings=settings)
            assert min(_gaps(site)[1:]) >= pause * SLACK


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for(status: int, tmp_path: Path) -> None:
    """No request at all goes to a host that wants to be left alone; then the refused one comes again and is archived."""
    with Stand(_pages()) as site:
        refused: list[float] = []

        def busy(seen):
            refused.append(seen.at)
            return (
                Answer("busy", status, headers={"Retry-After": "1"}) if len(refused) == 1 else story("Nr301")
            )

        site.pages[PATHS[0]] = busy
        ending = crawl(tmp_path, NOW, edition="en", site=site.url, settings={"CONCURRENT_REQUESTS": 1})
        later = [seen.at for seen in site.seen if seen.at > refused[0]]
        assert min(later) - refused[0] >= 1 * SLACK
    assert (ending.exit_code, ending.summary.counts) == (Exit.OK, {"new": 4})
    assert {row["status"] for row in rows(tmp_path, "select status from captures where url like '%301'")} == {
        200,
        status,
    }


def test_retry_after_beyond_the_bound(tmp_path: Path) -> None:
    """A wait of an hour is not sat out: the rest of the host fails as throttled, unasked, and comes with a run after that hour."""
    with Stand(_pages()) as site:
        site.pages[PATHS[0]] = Answer("busy", 429, headers={"Retry-After": "3600"})
        ending = crawl(tmp_path, NOW, edition="en", site=site.url, settings={"CONCURRENT_REQUESTS": 1})
        assert site.paths[-1] == PATHS[0]
        assert ending.summary.counts == {"failed": 4}
        assert {row["outcome"] for row in observations(tmp_path).values()} == {"throttled"}
        site.pages[PATHS[0]] = story("Nr301")
        site.forget()
        soon = crawl(tmp_path, NOW + dt.timedelta(minutes=20), edition="en", site=site.url)
        assert (site.paths, soon.exit_code) == ([], Exit.NOTHING_FETCHED)
        assert crawl(tmp_path, NOW + dt.timedelta(hours=2), edition="en", site=site.url).summary.counts == {
            "new": 4
        }


HEADERS = {
    "seconds": (b"120", 120.0),
    "a date": (b"Tue, 12 May 2026 09:01:00 GMT", 60.0),
    "a date without a zone": (b"Tue, 12 May 2026 09:01:00", 60.0),
    "a date gone by": (b"Tue, 12 May 2026 08:00:00 GMT", 0.0),
    "nothing": (b"", None),
    "nonsense": (b"soon", None),
    "negative": (b"-5", None),
    "far too long": (b"9" * 400, 864000.0),
    "binary": (b"\xff\xfe", None),
    "a raised figure": (b"\xb2", None),
    "a fraction": (b"1.5", None),
    "a zone without end": (b"Tue, 12 May 2026 09:01:00 +99999999999999999999", None),
    "a day that there is not": (b"Tue, 42 May 2026 09:01:00 GMT", None),
}


@pytest.mark.parametrize("name", HEADERS)
def test_retry_after_header(name: str) -> None:
    """Seconds or a date (RFC 9110); nonsense is no wait."""
    value, expected = HEADERS[name]
    assert retry_after(value, NOW) == expected


@pytest.mark.parametrize(
    ("until", "wait"),
    [(NOW + timedelta(hours=2), 7200.0), (NOW + timedelta(days=900), LONGEST), (NOW - timedelta(hours=1), 0.0)],
    ids=["two hours", "kept while the clock was years ahead", "over"],
)  # fmt: skip
def test_a_wait_kept_from_an_earlier_run(until: datetime, wait: float, tmp_path: Path) -> None:
    """It is sat out, for a day at most; what is over is forgotten."""
    context = FetchContext(source="orda", now=lambda: NOW, hosts=Hosts.of([]), quiet=tmp_path)
    crawler = SimpleNamespace(settings=Settings(), spider=SimpleNamespace(context=context))
    file = tmp_path / "paper.example.txt"
    file.write_text(until.isoformat(), "ascii")
    assert RetryAfter.from_crawler(crawler)._kept("paper.example") == wait
    assert file.exists() == (until > NOW)


def test_robots_are_obeyed(tmp_path: Path) -> None:
    """A path that robots.txt forbids to us is never asked for; its lead says why and waits."""
    robots = "User-agent: *\nDisallow:\n\nUser-agent: newscrawl\nDisallow: /ferry-number-302\n"
    with Stand(_pages(robots)) as site:
        ending = crawl(tmp_path, NOW, edition="en", site=site.url)
        assert PATHS[1] not in site.paths
    assert ending.summary.counts == {"new": 3, "failed": 1}
    row = observations(tmp_path)[PATHS[1][1:]]
    assert (row["outcome"], row["verdict"], row["status"]) == ("robots", "failed", None)


def test_what_a_request_says(process_pool: ProcessPool, tmp_path: Path) -> None:
    """User-Agent with version and contact, no cookies even when offered some, encodings every WARC reader knows."""
    pages = _pages() | {"/": Answer(front(*PATHS), headers={"Set-Cookie": "id=7; Path=/"})}
    with Stand(pages) as site:
        done = scrapy_crawl(
            process_pool,
            tmp_path,
            edition="en",
            site=site.url,
            environment={"NEWSCRAWL_CONTACT": "desk@example.org"},
            settings={"RETRY_TIMES": 1},
        )
        assert done.code == Exit.OK, done.err
        for seen in site.seen:
            assert seen.headers["User-Agent"].startswith("newscrawl/")
            assert seen.headers["User-Agent"].endswith("(+desk@example.org)")
            assert "Cookie" not in seen.headers
            assert seen.headers["Accept-Encoding"] == "gzip, deflate"


def _settings() -> Settings:
    chosen = Settings()
    chosen.setmodule("newscrawl.settings", priority="project")
    return chosen


SETTINGS = {
    "ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 1.0, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY_JITTER": 0.0,
    "DOWNLOAD_VERIFY_CERTIFICATES": True, "DOWNLOAD_MAXSIZE": 16 << 20, "COOKIES_ENABLED": False, "METAREFRESH_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False, "HTTPCACHE_ENABLED": False, "DOWNLOAD_FAIL_ON_DATALOSS": True,
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_setting(name: str) -> None:
    """Polite and safe by default."""
    assert _settings()[name] == SETTINGS[name]


def test_settings_of_the_command_line_win(process_pool: ProcessPool, tmp_path: Path) -> None:
    """`-s NAME=value` goes before every default of ours."""
    with Stand(_pages()) as site:
        settings = {"USER_AGENT": "desk-test/1", "ROBOTSTXT_OBEY": False, "DOWNLOAD_MAXSIZE": 900}
        scrapy_crawl(process_pool, tmp_path, edition="en", site=site.url, settings=settings)
        assert {seen.headers["User-Agent"] for seen in site.seen} == {"desk-test/1"}
        assert "/robots.txt" not in {seen.path for seen in site.seen}
    assert {row["outcome"] for row in observations(tmp_path).values()} == {"too_large"}


def _certificate(folder: Path) -> Path:
    """A certificate that no authority signed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_certificates_are_verified(process_pool: ProcessPool, tmp_path: Path) -> None:
    """A server with a certificate that no authority signed is not talked to: outcome `tls`, exit code 3, nothing kept."""
    with Stand(_pages()) as site:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(tmp_path))
        server = site._server
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        url = site.url.replace("http:", "https:")
        done = scrapy_crawl(
            process_pool, tmp_path / "archive", edition="en", site=url, settings={"RETRY_TIMES": 0}
        )
    assert done.code == Exit.NOTHING_FETCHED, done.err
    assert site.seen == []
    assert {row["outcome"] for row in rows(tmp_path / "archive", "select outcome from listing_reads")} == {
        "tls"
    }
    assert keys(tmp_path / "archive") == []
    assert one(tmp_path / "archive", "select count(*) from captures") == 0


def test_a_site_that_forbids_everything_is_asked_for_its_rules_alone(
    process_pool: ProcessPool, tmp_path: Path
) -> None:
    """However many channels wait for robots.txt at the start: none goes out before the rules are known."""
    with Stand(_pages("User-agent: *\nDisallow: /\n")) as site:
        done = scrapy_crawl(
            process_pool,
            tmp_path,
            edition="en",
            site=site.url,
            settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 8},
        )
        assert [seen.path for seen in site.seen] == ["/robots.txt"]
    assert done.code == Exit.NOTHING_FETCHED
    assert "robots" in done.err


# What robots.txt answers -> the outcome of the channels where nothing may be asked, None where there are just no rules.
ROBOTS_ANSWERS = {
    "forbidden itself": (Answer("no", 403), None),
    "leads to another host": (Answer("", 302, headers={"Location": "http://elsewhere.example/robots.txt"}), None),
    "server error": (Answer("User-agent: *\nDisallow:\n", 503), "server_error"),
    "too many requests": (Answer("slower", 429), "throttled"),
    "hangs up": (Answer(hang_up=True), "refused"),
    "torn": (Answer("User-agent: *\nDisallow:\n", missing=9), "broken_body"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROBOTS_ANSWERS)
def test_robots_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    """RFC 9309: refused or not there allows everything; out of reach forbids everything, and the run says so."""
    answer, outcome = ROBOTS_ANSWERS[name]
    with Stand(_pages() | {"/robots.txt": answer}) as site:
        ending = crawl(tmp_path, NOW, edition="en", site=site.url, settings={"RETRY_TIMES": 0})
        if outcome is None:
            assert (ending.exit_code, ending.summary.counts) == (Exit.OK, {"new": 4})
            return
        assert site.paths == []
    assert ending.exit_code == Exit.NOTHING_FETCHED
    assert f"robots.txt of {site.url[7:]} cannot be read" in ending.line
    assert {row["outcome"] for row in rows(tmp_path, "select outcome from listing_reads")} == {outcome}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(
            "<!DOCTYPE html><html><title>Just a moment...</title><body>Checking your browser</body></html>",
            200,
        ),
        Answer("<html>no</html>", 403),
        Answer("wait", 202),
        Answer("", 302, headers={"Location": "http://elsewhere.example/robots.txt"}),
    ],
    ids=["challenge", "refused", "not yet", "elsewhere"],
)
def test_what_does_not_replace_rules(answer: Answer, tmp_path: Path) -> None:
    """A page, a refusal or a redirect in place of robots.txt says nothing of rules: those last read go on counting, and stay."""
    with Stand(_pages("User-agent: *\nDisallow: /ferry-number-302\n")) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url, limit="1")
        for hours in (1, 2):
            site.pages["/robots.txt"] = answer
            site.forget()
            ending = crawl(tmp_path, NOW + dt.timedelta(hours=hours), edition="en", site=site.url)
            assert PATHS[1] not in site.paths
            assert ending.exit_code == Exit.OK
        site.pages["/robots.txt"] = Answer("gone", 404)
        crawl(tmp_path, NOW + dt.timedelta(days=2), edition="en", site=site.url)
        assert PATHS[1] in site.paths


def test_rules_last_read_count_while_robots_are_out_of_reach(tmp_path: Path) -> None:
    """A host whose rules are known from before is asked by them; nobody is asked without rules, and nothing is a removal."""
    with Stand(_pages("User-agent: *\nDisallow: /ferry-number-302\nDisallow: /ferry-number-303\n")) as site:
        crawl(tmp_path, NOW, edition="en", site=site.url, limit="1")
        site.pages["/robots.txt"] = Answer("busy", 503)
        site.forget()
        settings = {"RETRY_TIMES": 0}
        ending = crawl(tmp_path, NOW, edition="en", site=site.url, settings=settings)
        assert not {PATHS[1], PATHS[2]} & set(site.paths)
        assert (ending.exit_code, ending.summary.counts["new"]) == (Exit.OK, 1)
        (kept,) = (tmp_path / "state" / "robots").iterdir()
        kept.unlink()
        site.forget()
        later = NOW + dt.timedelta(days=2)
        again = crawl(tmp_path, later, edition="en", site=site.url, recheck="only", settings=settings)
        assert site.paths == []
        assert (again.exit_code, again.summary.counts) == (Exit.PARTLY_FAILED, {"deferred": 2})
        assert {row["state"] for row in rows(tmp_path, "select state from articles")} == {"live"}
