"""Lists that scripts draw: what a page may ask for, what is said without a browser, and real pages in a real Chromium where there is one."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from newscrawl.crawl import drawn
from newscrawl.crawl.browser import DEBIAN
from newscrawl.crawl.editions import Listing
from newscrawl.errors import Exit
from newscrawl.warc import records
from tests.lists import articles, lists, path, run, source
from tests.newsstand import Answer, Stand, keys, one

with_browser = pytest.mark.skipif(
    importlib.util.find_spec("playwright") is None or not DEBIAN.exists(),
    reason="the extra `browser` or Debian's Chromium is not installed",
)

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


@with_browser
def test_a_list_drawn_from_data(tmp_path: Path) -> None:
    """Its pieces are found; the crawl itself fetched the script and the data, and nothing a list does not need."""
    with Stand(outlet()) as site:
        ending = run(tmp_path, site, source(Listing("/", browser=True)))
        assert lists(site) == ["/", "/app.js", "/api/latest"]
    assert ending.exit_code == Exit.OK, ending.line
    assert keys(tmp_path) == sorted(path(n)[1:] for n in SHOWN)


def listing(n: int, script: str) -> Answer:
    """A page whose script shows piece n, and does something else besides."""
    link = f"""document.body.insertAdjacentHTML("beforeend", '<a href="{path(n)}">A ferry to landing {n} runs</a>');"""
    return Answer(f"<html><body><script>{link}{script}</script></body></html>")


@with_browser
def test_hostile_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs itself at most: nothing reaches another host, nothing goes on for ever, what they show is read."""
    monkeypatch.setattr(drawn, "SECONDS", 4.0)
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
            "/hidden": listing(6, "Document.prototype.getElementsByTagName = () => { throw 1 }; document.documentElement.remove()"),
            "/huge": listing(7, "document.body.append('x'.repeat(30 << 20))"),
            "/feed": Answer("[]", content_type="application/json"),
        }  # fmt: skip
        site.default = "{}"
        names = ["/asks", "/busy", "/grows", "/abroad", "/talks", "/moved", "/lost", "/hidden", "/huge"]
        ending = run(tmp_path, site, source(*(Listing(name, browser=True) for name in names)))
        assert elsewhere.seen == []
        assert len([seen for seen in site.paths if seen.startswith("/tick")]) <= drawn.REQUESTS
    print(ending.line, *ending.summary.problems, keys(tmp_path), sep="\n")
