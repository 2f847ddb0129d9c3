"""The same story in several editions: what pages say of it, found again in the archive and told by `newscrawl show`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml.html import document_fromstring

from newscrawl.cli import cli
from newscrawl.extract.fields.addresses import alternates
from newscrawl.extract.page.tree import Page
from newscrawl.model import Image
from newscrawl.store.read.reader import open_reader
from tests.support.factory import address, press

HERE = "https://en.paper.example/society/dam-gives-way-10/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param('<link rel="alternate" hreflang="ru" href="https://paper.example/plotina-11/">', [("ru", "https://paper.example/plotina-11/")], id="hreflang"),
        pytest.param('<a hreflang="kk" href="https://kaz.paper.example/boget-12/"><b>Қаз</b></a>', [("kk", "https://kaz.paper.example/boget-12/")], id="a link with hreflang"),
        pytest.param('<a href="https://paper.example/plotina-11/">RU</a> <a href="https://kaz.paper.example/boget-12/"> Қазақша </a>', [("ru", "https://paper.example/plotina-11/"), ("kk", "https://kaz.paper.example/boget-12/")], id="a language switch"),
        pytest.param('<a href="https://paper.example/">RU</a>', [], id="a switch to the front page"),
        pytest.param('<a href="https://paper.example/plotina-11/">Русский музей открыли</a>', [], id="a headline is no switch"),
        pytest.param('<link rel="stylesheet" hreflang="ru" href="/x.css"><a href="javascript:go()">EN</a>', [], id="neither"),
    ],
)  # fmt: skip
def test_alternates(html: str, expected: list[tuple[str, str]]) -> None:
    """Links that name the page in other languages."""
    tree = document_fromstring(f"<html><head></head><body>{html}<p>Text.</p></body></html>")
    assert list(alternates(Page(HERE, tree, "utf-8"))) == expected


@pytest.fixture
def told(archive_url: str) -> str:
    """An English piece whose page names the Russian one, published a month apart, and a Kazakh one with the same picture."""
    picture = (Image("https://cdn.paper.example/2026/dam-burabai.jpg"),)
    with press(archive_url) as paper:
        paper.publish("en", 1, alternates=(("ru", address("ru", 400) + "?utm_source=x"),), images=picture)
        paper.publish("ru", 400)
        paper.publish("kk", 2, images=picture)
        paper.publish("kk", 300, images=picture)
        paper.publish("ru", 5)
    return archive_url


def test_neighbours(told: str) -> None:
    """Near in time, of another edition, or named by address; never of the same edition."""
    with open_reader(told) as reader:
        here = reader.article(reader.find([address("en", 1)]))
        near = reader.neighbours(here, timedelta(hours=72))
        assert sorted((r.edition, r.url) for r in near) == [
            ("kk", address("kk", 2)),
            ("ru", address("ru", 5)),
        ]
        named = reader.neighbours(here, timedelta(hours=0), [address("ru", 400)])
        assert [r.url for r in named] == [address("ru", 400)]


def test_show_lists_siblings(told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From both sides, with what each link rests on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", told)

    def show(edition: str, number: int) -> list[tuple[str, str, bool]]:
        result = CliRunner().invoke(cli, ["show", address(edition, number), "--json"])
        assert result.exit_code == 0, result.stderr
        return [(s["edition"], s["url"], s["stated"]) for s in json.loads(result.stdout)["siblings"]]

    assert show("en", 1) == [("ru", address("ru", 400), True), ("kk", address("kk", 2), False)]
    assert show("kk", 2) == [("en", address("en", 1), False)]
    assert show("kk", 300) == []
    page = CliRunner().invoke(cli, ["show", address("en", 1)]).stdout
    assert "same story" in page
    assert "the page says so" in page
    assert "same picture" in page
