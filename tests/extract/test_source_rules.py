"""A saved page of a source's host is read as a crawl would read it: the outlet's zone, its names, its headings."""

from __future__ import annotations

import json

from click.testing import CliRunner

from newscrawl.cli import cli
from newscrawl.cli.crawling.sources import rules_by_host

PAGE = """<html lang="en"><head><title>Ice on the made-up lake | Orda.kz</title></head><body><h1>Ice on the made-up lake</h1>
<div>12 May 2026, 14:05</div><p>The ice on the lake near the made-up village broke four days later than last year, the fishermen say.</p>
<p>Boats are ready, and the first nets will be set on Friday if the wind allows it, their foreman added.</p>
<p>Original Author: Aru Bekova</p></body></html>"""


def test_rules_are_those_of_the_host():
    """Every host of an edition has its source's rules."""
    rules = rules_by_host()
    assert rules["en.orda.kz"].zone == rules["kaz.orda.kz"].zone == "Asia/Almaty"
    assert rules["kaz.orda.kz"].language == "kk"


def run(*arguments: str) -> dict:
    done = CliRunner().invoke(cli, ["extract", *arguments])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_single_and_batch_agree(tmp_path, monkeypatch):
    """14:05 on a page of Orda.kz is 14:05 in Almaty, alone and in a batch; on a page of nobody's it is stated without a zone of ours."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    url = "https://en.orda.kz/ice-on-the-made-up-lake-9901"
    alone = run("page.html", "--url", url, "--json")
    assert alone["published"] == "2026-05-12T14:05:00+05:00"
    assert alone["authors"] == [{"name": "Aru Bekova", "role": "original author", "kind": "person"}]
    (tmp_path / "batch.jsonl").write_text(
        json.dumps({"id": 1, "url": url, "html": "page.html"}) + "\n", "utf-8"
    )
    many = run("--batch", "batch.jsonl", "--workers", "1")
    assert {k: many[k] for k in alone} == alone
    elsewhere = run("page.html", "--url", "https://elsewhere.example/ice", "--json")
    assert not elsewhere["published"].endswith("+05:00")
