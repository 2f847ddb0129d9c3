"""The pages in a real browser: from a search to a citation and a feed, and what axe-core finds on every page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from newscrawl.crawl.browser.chromium import DEBIAN
from newscrawl.search.indexing import update
from newscrawl.store.search.store import SearchStore
from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive
from tests.support.factory import START
from tests.support.fresh import filled
from tests.support.healthy import health
from tests.support.sample_history import fill
from tests.support.serving import serving

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/articles/1", "/articles/2", "/articles/5", "/articles/1/versions/2", "/articles/1/diff/1..3", "/articles/1/diff/1..3?view=side",
    "/changes", "/removed?state=all", "/unreadable", "/search", "/search?q=bridge", "/authors", "/authors/of?name=Dana%20Serikova", "/tags",
    "/sources", "/coverage", "/health", "/articles/99",
)  # fmt: skip
LOOKS = ((390, "kk", "light"), (1280, "ru", "dark"))
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The sample archive, indexed and served."""
    url = filled(f"sqlite:///{tmp_path_factory.mktemp('browser') / 'newscrawl.db'}", fill)
    with SearchStore(url, write=True) as store:
        update(store)
    archive = WebArchive(url, lambda: START + timedelta(days=30))
    with serving(application(health, archive)) as at:
        yield at


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all tests here."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(DEBIAN), args=["--disable-gpu", "--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.mark.parametrize(("width", "language", "scheme"), LOOKS)
def test_axe_finds_nothing_serious(browser, address, width, language, scheme):
    """No serious finding on any page, narrow in light and wide in dark; no page is wider than the window, or breaks its own policy."""
    package = pytest.importorskip("axe_playwright_python")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        extra_http_headers={"Accept-Language": language},
        color_scheme=scheme,
    )
    tab, said, found = context.new_page(), [], {}
    tab.on("console", lambda message: said.append(message.text))
    for target in PAGES:
        answer = tab.goto(address + target)
        assert answer.status == (404 if target.endswith("/99") else 200), target
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, target
        tab.evaluate(axe)
        violations = tab.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        wrong = [
            (one["id"], [node["target"] for node in one["nodes"]][:3])
            for one in violations
            if one["impact"] in SERIOUS
        ]
        if wrong:
            found[target] = wrong
    context.close()
    assert found == {}
    assert [one for one in said if "404" not in one] == []


def test_from_a_search_to_a_feed(browser, address):
    """A journalist's way: a search finds words that are gone, the difference shows them, the citation names them, the feed follows."""
    tab = browser.new_page(locale="ru-RU", java_script_enabled=False)
    tab.goto(address)
    tab.get_by_role("link", name="Поиск").click()
    tab.get_by_label("Слова").fill("86")
    tab.get_by_role("button", name="Поиск").click()
    assert "Этих слов там больше нет" in tab.locator(".list .notice").first.inner_text()
    tab.get_by_role("link", name="что изменилось с тех пор").first.click()
    assert tab.locator("del").first.is_visible()
    tab.get_by_role("link", name="Рядом").click()
    assert tab.locator("table.sides").first.is_visible()
    tab.get_by_role("link", name="Версия 3").click()
    assert tab.url.endswith("/articles/1/versions/3")
    cited = tab.locator("blockquote.cite").inner_text()
    assert f"{address}/articles/1/versions/3" in cited
    assert "Версия 3, впервые замечена: 3 марта 2026 г." in cited
    tab.get_by_role("link", name="KK").click()
    assert tab.url.endswith("?lang=kk")
    assert "Дәйексөз келтіру" in tab.locator("main").inner_text()
    tab.get_by_role("link", name="Өзгерістер", exact=True).click()
    assert tab.url.endswith("/changes?lang=kk")
    feed = tab.locator("link[type='application/atom+xml']").get_attribute("href")
    answer = tab.request.get(address + feed)
    assert (answer.status, "application/atom+xml" in answer.headers["content-type"]) == (200, True)
    assert "newscrawl: Өзгерістер" in answer.text()
    tab.close()


def test_on_paper_the_article_and_its_citation_stay(browser, address):
    """What can only be clicked is not printed."""
    tab = browser.new_page()
    tab.goto(f"{address}/articles/1")
    tab.emulate_media(media="print")
    assert [tab.locator(one).first.is_visible() for one in (".text", ".cite", ".timeline", ".pages", ".further")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    tab.close()
