"""What changes beside the text, from the outlet's page to `newscrawl diff`."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from newscrawl.cli import cli
from tests.support.crawling import crawl
from tests.support.fake_site import NOW, Stand, front, story

HOUR = timedelta(hours=1)
PATHS = [f"/ferry-number-{n}" for n in range(701, 704)]
OLD = (
    '<figure><img src="/pics/ferry-in-the-fog.jpg"><figcaption>The ferry</figcaption></figure>'
    '<p>The contract is <a href="https://papers.example/contract-of-march.pdf">here</a> for all to read.</p>'
)
NEW = OLD.replace("ferry-in-the-fog", "empty-berth-at-dawn").replace("contract-of-march", "contract-of-may")


@pytest.mark.slow
def test_a_swapped_picture_in_diff(tmp_path, monkeypatch):
    """What went and what came, for people and for programs; without the raw pages what is stored, and why not more."""
    home = tmp_path / "archive"
    with Stand({path: story(f"Nr{path[-3:]}") for path in PATHS}) as site:
        site.pages |= {"/": front(*PATHS)}
        for hours, extra in enumerate((OLD, NEW, NEW)):
            site.pages[PATHS[0]] = story("Nr701", extra=extra)
            crawl(home, NOW + hours * 30 * HOUR, edition="en", site=site.url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_HOME", str(home))
    address = f"{site.url}{PATHS[0]}"
    pictures = {
        "kind": "image",
        "removed": [f"{site.url}/pics/ferry-in-the-fog.jpg"],
        "added": [f"{site.url}/pics/empty-berth-at-dawn.jpg"],
    }

    def diff(*args: str) -> str:
        result = CliRunner().invoke(cli, ["diff", address, *args])
        assert result.exit_code == 0, result.stderr
        return result.stdout

    found = json.loads(diff("--json"))
    assert (found["kinds"], found["fields"], found["beside_unknown"]) == (["image", "link"], [], None)
    link = [f"https://papers.example/contract-of-{month}.pdf" for month in ("march", "may")]
    assert found["beside"] == [pictures, {"kind": "link", "removed": link[:1], "added": link[1:]}]
    text = diff()
    assert f"- link: {link[0]}\n+ link: {link[1]}\n" in text
    assert "typesetting" not in text
    for file in (home / "warc").rglob("*.warc*"):
        file.unlink()
    found = json.loads(diff("--json"))
    assert found["beside"] == [pictures]
    assert found["beside_unknown"].startswith("a raw page cannot be read")
