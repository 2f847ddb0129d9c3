"""Lists that scripts draw: what a page may ask for, what is said without a browser, and real pages in a real Chromium where there is one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from scrapy.http import Request, Response

from newscrawl.cli import cli
from newscrawl.crawl.browser import chromium, renderer, rules
from newscrawl.crawl.browser.rules import Decision, PageRequest
from newscrawl.crawl.context import FetchContext, Hosts
from newscrawl.crawl.editions import Listing
from newscrawl.crawl.http.guard import HostGuard
from newscrawl.crawl.http.refusals import OffSite
from newscrawl.crawl.http.requests import FOR_SCRIPT, RENDER
from newscrawl.errors import Exit, UsageError
from newscrawl.warc import records
from tests.support.fake_site import NOW, ROOT, Answer, Seen, Stand, keys, one
from tests.support.lists import DAY, articles, listed, lists, path, run, source

SHELL = """<html><head><meta charset="windows-1251"><link rel="stylesheet" href="/look.css"></head>
<body><div id="list"></div><img src="/picture.png"><script src="/app.js"></script></body></html>"""
APP = """fetch("/api/latest").then(r => r.json()).then(items => {
  for (const item of items) {
    const link = document.createElement("a");
    link.href = item.path; link.textContent = item.title;
    document.getElementById("list").append(link);
  }
});"""
SHOWN = (24, 23, 22)


def outlet(**more: str | Answer) -> dict[str, str | Answer]:
    """A front page that stays empty until its script has fetched the list."""
    items = [{"path": path(n), "title": f"Өзен жағасындағы {n}-ші кеме"} for n in SHOWN]
    return {
        **articles(),
        "/": SHELL,
        "/app.js": Answer(APP, content_type="text/javascript"),
        "/api/latest": Answer(json.dumps(items), content_type="application/json"),
        **more,
    }


HOST = "landing.example"
# what a page asks for -> what it comes to
WANTED = {
    "a script": (PageRequest(f"https://{HOST}/app.js", "script"), Decision.FETCH),
    "data": (PageRequest(f"https://{HOST}/api", "fetch"), Decision.FETCH),
    "data the old way, by POST": (PageRequest(f"http://{HOST}/api", "xhr", "POST", sent=200), Decision.FETCH),
    "a whole upload": (PageRequest(f"https://{HOST}/api", "fetch", "POST", sent=1 << 20), Decision.REFUSE),
    "a deletion": (PageRequest(f"https://{HOST}/api", "fetch", "DELETE"), Decision.REFUSE),
    "a style sheet": (PageRequest(f"https://{HOST}/look.css", "stylesheet"), Decision.EMPTY),
    "a picture": (PageRequest(f"https://{HOST}/a.png", "image"), Decision.REFUSE),
    "a film": (PageRequest(f"https://{HOST}/a.mp4", "media"), Decision.REFUSE),
    "a font": (PageRequest(f"https://{HOST}/a.woff2", "font"), Decision.REFUSE),
    "a beacon": (PageRequest(f"https://{HOST}/seen", "ping", "POST"), Decision.REFUSE),
    "events without end": (PageRequest(f"https://{HOST}/live", "eventsource"), Decision.REFUSE),
    "a socket": (PageRequest(f"wss://{HOST}/live", "websocket"), Decision.REFUSE),
    "a file": (PageRequest("file:///etc/passwd", "fetch"), Decision.REFUSE),
    "no address": (PageRequest("http://[", "fetch"), Decision.REFUSE),
    "another host": (PageRequest("https://counter.example/app.js", "script"), Decision.REFUSE),
    "the host as a user's name": (
        PageRequest(f"https://{HOST}@counter.example/app.js", "script"),
        Decision.REFUSE,
    ),
    "another port": (PageRequest(f"https://{HOST}:8443/app.js", "script"), Decision.REFUSE),
    "this machine": (PageRequest("http://127.0.0.1:5432/", "fetch"), Decision.REFUSE),
    "a private network": (PageRequest("http://10.0.0.1/", "xhr"), Decision.REFUSE),
    "another page": (PageRequest(f"https://{HOST}/news/", "document", leaves=True), Decision.STAY),
    "a frame": (PageRequest("https://ads.example/", "document", leaves=True), Decision.STAY),
}


@pytest.mark.parametrize("name", WANTED)
def test_what_a_page_may_ask_for(name: str) -> None:
    """Scripts and data of the list's own hosts, by GET and POST, and no more than a list needs."""
    wanted, expected = WANTED[name]
    assert rules.decide(wanted, {HOST}, sent=0, received=0)[0] is expected
    for sent, received in ((rules.REQUESTS, 0), (0, rules.BYTES)):
        assert rules.decide(wanted, {HOST}, sent=sent, received=received)[0] is not Decision.FETCH


def test_who_asks_is_not_for_the_page_to_say() -> None:
    """What scripts set goes along; names, cookies, conditions and what belongs to the connection do not."""
    headers = {
        "X-Requested-With": "XMLHttpRequest", "content-type": "application/json", "Referer": f"https://{HOST}/",
        "User-Agent": "Other/1", "cookie": "a=b", "Sec-Fetch-Mode": "cors", "Host": "x", "proxy-authorization": "x", "If-None-Match": "x", ":path": "/",
    }  # fmt: skip
    assert set(rules.headers_to_send(headers)) == {"X-Requested-With", "content-type", "Referer"}
    sent = {
        "Content-Type": "text/html",
        "Content-Encoding": "gzip",
        "Content-Length": "9",
        "Set-Cookie": "a=b",
    }
    assert rules.headers_to_show(sent) == {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    "hosts",
    [("127.0.0.1",), ("localhost",), ("10.0.0.1",), ("cdn.example/x",), ("https://cdn.example",), ("a@cdn.example",), ("",)],
    ids=repr,
)  # fmt: skip
def test_hosts_that_scripts_cannot_come_from(hosts: tuple[str, ...]) -> None:
    """Private ones, and what is no host."""
    with pytest.raises(UsageError, match="not a host for scripts"):
        Listing("/", browser=True, scripts_from=hosts)


def test_hosts_for_scripts_alone() -> None:
    """They may be asked for a script and for their robots.txt; articles and redirects of the crawl do not get there."""
    spider = source(Listing("/", browser=True, scripts_from=("cdn.example.com",)))()
    hosts = Hosts.of(spider.options.editions)
    context = FetchContext(source=spider.name, now=None, hosts=hosts)
    guard = HostGuard(SimpleNamespace(spider=SimpleNamespace(context=context)))
    script = Request("https://cdn.example.com/app.js", meta={FOR_SCRIPT: True})
    for allowed in (script, Request("https://cdn.example.com/robots.txt")):
        guard.process_request(allowed)
    for refused in (
        Request("https://cdn.example.com/app.js"),
        Request("https://other.example/app.js", meta={FOR_SCRIPT: True}),
    ):
        with pytest.raises(OffSite):
            guard.process_request(refused)


@pytest.mark.parametrize(
    ("listing", "depth", "is_rendered"),
    [
        (Listing("/", browser=True), 0, True),
        (Listing("/", browser=True), 1, True),  # its own "next" links lead to pages of the same kind
        (Listing("/", browser=True, more="/more?page={n}"), 0, True),
        (
            Listing("/", browser=True, more="/more?page={n}"),
            1,
            False,
        ),  # what the button asks for, asked without it
        (Listing("/", more="/more?page={n}"), 0, False),
    ],
)
def test_which_pages_are_drawn(listing: Listing, depth: int, is_rendered: bool) -> None:
    """Never those that a source can ask for itself."""
    assert listing.rendered(depth) is is_rendered


@pytest.mark.parametrize("missing", ["the extra", pytest.param("Chromium", marks=pytest.mark.browser)])
def test_without_a_browser(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is not asked for and counts as failed, with what to install; the others are read."""
    if missing == "the extra":
        monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    else:
        monkeypatch.setattr(chromium, "DEBIAN", tmp_path / "chromium")
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with Stand(outlet(**{"/plain": listed([1, 2])})) as site:
        ending = run(tmp_path, site, source(Listing("/", browser=True), "/plain"))
        assert lists(site) == ["/plain"]
    assert ending.exit_code == Exit.PARTLY_FAILED
    said = "pip install 'newscrawl[browser]'" if missing == "the extra" else "apt-get install chromium"
    assert [said in problem for problem in ending.summary.problems] == [True]
    assert keys(tmp_path) == [path(1)[1:], path(2)[1:]]


@pytest.mark.browser
def test_a_list_drawn_from_data(tmp_path: Path) -> None:
    """Its pieces are found, also the second time, where the empty page is the same and the data is not; all of it is kept."""
    items = outlet()["/api/latest"]
    with Stand(outlet(**{"/": Answer(SHELL, headers={"ETag": '"same"'})})) as site:
        ending = run(tmp_path, site, source(Listing("/", browser=True)))
        assert lists(site) == ["/", "/app.js", "/api/latest"]
        assert {seen.headers["User-Agent"] for seen in site.seen} == {site.seen[0].headers["User-Agent"]}
        assert ending.exit_code == Exit.OK, ending.line
        assert keys(tmp_path) == sorted(path(n)[1:] for n in SHOWN)
        newer = [*json.loads(items.body), {"path": path(21), "title": "A ferry to landing 21 runs"}]
        site.pages["/api/latest"] = Answer(json.dumps(newer), content_type="application/json")
        site.forget()
        run(tmp_path, site, source(Listing("/", browser=True)), NOW + DAY)
        assert "If-None-Match" not in site.seen[1].headers
    assert path(21)[1:] in keys(tmp_path)
    (file,) = {one for one in (tmp_path / "warc").rglob("*.gz") if "20260512" in one.name}
    kept = list(records(file))
    (page,) = [record for record in kept if record.type == "conversion"]
    assert path(24).encode() in page.block
    assert "Өзен жағасындағы 24-ші кеме".encode() in page.block
    (shell,) = [record for record in kept if record.id == page.get("WARC-Refers-To")]
    assert shell.http().body == SHELL.encode()
    assert one(tmp_path, "select count(*) from captures where url like '%/api/latest'") == 2
    done = CliRunner().invoke(cli, ["verify"], env={"NEWSCRAWL_HOME": str(tmp_path)})
    assert done.exit_code == 0, done.output


@pytest.mark.browser
def test_data_that_robots_may_not_have(tmp_path: Path) -> None:
    """The rules hold for what scripts ask for; a list that stays empty then is said to be."""
    with Stand(outlet(**{"/robots.txt": "User-agent: *\nDisallow: /api/"})) as site:
        ending = run(tmp_path, site, source(Listing("/", browser=True)))
        assert lists(site) == ["/", "/app.js"]
    assert ending.exit_code == Exit.SOURCE_BROKEN, ending.line


def listing(n: int, script: str) -> Answer:
    """A page whose script shows piece n, and does something else besides."""
    link = f"""document.body.insertAdjacentHTML("beforeend", '<a href="{path(n)}">A ferry to landing {n} runs</a>');"""
    return Answer(f"<html><body><script>{link}{script}</script></body></html>")


@pytest.mark.browser
def test_hostile_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs itself at most: nothing reaches another host, nothing goes on for ever, what they show is read."""
    monkeypatch.setattr(rules, "SECONDS", 4.0)
    monkeypatch.setattr(rules, "STILL", 0.5)
    monkeypatch.setattr(rules, "READING", 8.0)
    monkeypatch.setattr(rules, "REQUESTS", 10)
    with Stand() as elsewhere, Stand(articles()) as site:
        away = elsewhere.url
        site.pages |= {
            "/asks": listing(1, "setInterval(() => fetch('/tick?' + Math.random()), 50)"),
            "/busy": listing(2, "while (true) {}"),
            "/grows": listing(3, "setInterval(() => document.body.append(document.createElement('p')), 20)"),
            "/abroad": listing(4, f"""
                fetch("{away}/fetch"); navigator.sendBeacon("{away}/beacon", "x"); new Image().src = "{away}/image"; new WebSocket("{away.replace("http", "ws")}/socket");
                new EventSource("{away}/events"); new Worker(URL.createObjectURL(new Blob(["fetch('{away}/worker')"])));
                import("{away}/module.js"); fetch("file:///etc/passwd"); fetch("http://169.254.1.1/"); new RTCPeerConnection({{iceServers: [{{urls: "stun:127.0.0.1"}}]}});
                document.head.insertAdjacentHTML("beforeend", '<link rel="prefetch" href="{away}/prefetch"><link rel="preconnect" href="{away}">');
                document.body.insertAdjacentHTML("beforeend", '<iframe src="{away}/frame"></iframe><iframe srcdoc="<script>fetch(\\'{away}/inner\\')<\\/script>"></iframe>');
            """),
            "/talks": listing(5, f"""alert("x"); confirm("y"); prompt("z"); window.open("{away}/window"); window.onbeforeunload = () => "stay";
                setTimeout(() => location.href = "{away}/left", 100); setTimeout(() => location.reload(), 200); print();"""),
            "/moved": Answer("", 302, headers={"Location": "/talks"}),
            "/lost": Answer("", 302, headers={"Location": f"{away}/redirected"}),
            "/hidden": listing(6, "Document.prototype.getElementsByTagName = Document = () => { throw 1 }"),
            "/huge": listing(7, "document.body.append(document.createComment('x'.repeat(30 << 20)))"),
            "/json": Answer("[]", content_type="application/json"),
        }  # fmt: skip
        site.default = "{}"
        names = ["/asks", "/busy", "/grows", "/abroad", "/talks", "/moved", "/lost", "/hidden", "/huge"]
        ending = run(tmp_path, site, source(*(Listing(name, browser=True) for name in names)))
        assert elsewhere.seen == []
        assert len([seen for seen in site.paths if seen.startswith("/tick")]) == rules.REQUESTS
    assert ending.exit_code == Exit.PARTLY_FAILED, ending.line
    assert keys(tmp_path) == [path(n)[1:] for n in (1, 3, 4, 5, 6)]
    said = {problem.split(": ")[0].rpartition("/")[2]: problem for problem in ending.summary.problems}
    assert sorted(said) == ["asks", "busy", "grows", "huge", "lost"]
    assert "asked for more and more" in said["asks"]
    assert "do not come to an end" in said["busy"]
    assert "went on and on" in said["grows"]
    assert "private address" in said["lost"]
    assert "more than 16 MiB" in said["huge"]


@pytest.mark.browser
def test_killed_while_rendering(tmp_path: Path) -> None:
    """No process of the browser outlives the run, not even the one that a page's script keeps busy."""
    asked, over = threading.Event(), threading.Event()

    def data(_: Seen) -> str:
        asked.set()
        over.wait(180)  # the page waits for its data until the run is killed
        return "{}"

    # A short path: the socket of Chromium, whose name may have 107 bytes at most, is made in here.
    with tempfile.TemporaryDirectory(prefix="nc-") as temporary, Stand() as site:
        site.pages |= {
            "/": "<script>fetch('/data'); setTimeout(() => { while (true) {} }, 50)</script>",
            "/data": data,
        }
        code = f"""
from pathlib import Path
from tests.support.crawling import crawl
from tests.support.lists import NOW, Listing, source
crawl(Path({str(tmp_path)!r}), NOW, spider=source(Listing("/", browser=True)), site={site.url!r}, settings={{"DOWNLOAD_TIMEOUT": 180}})
"""
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": temporary})  # fmt: skip
        try:
            wait_until(lambda: asked.is_set() or process.poll() is not None)
            assert process.poll() is None
            started = below(process.pid)
        finally:
            process.kill()
            process.wait()
            over.set()
        assert len(started) > 3
        wait_until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in started))


def below(pid: int) -> list[int]:
    """All processes started by this one, and by those."""
    children = [int(child) for one in Path(f"/proc/{pid}/task").glob("*/children") for child in one.read_text().split()]  # fmt: skip
    return children + [further for child in children for further in below(child)]


def wait_until(holds: Callable[[], bool]) -> None:
    """Waits up to three minutes: a machine may be busy."""
    end = time.monotonic() + 180
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_scripts_kept_for_the_run_are_bounded():
    """A page that asks for a new script each time does not fill the memory; a small one is still asked for once."""
    asked = []

    async def download(request: Request) -> Response:
        asked.append(request.url)
        return Response(request.url, body=b" " * (5 << 20), request=request)

    kept: dict = {}
    crawler = SimpleNamespace(engine=SimpleNamespace(download_async=download))
    request = Request(f"https://{HOST}/", meta={RENDER: frozenset({HOST})})
    for number in (1, 1, 2, 3, 4, 5):
        visit = renderer._Visit(crawler, kept, request, Response(request.url))
        asyncio.run(visit.answer(PageRequest(f"https://{HOST}/{number}.js", "script"), {}, b""))
    assert len(asked) == 5
    assert sum(len(given.body) for given in kept.values()) <= rules.BYTES
