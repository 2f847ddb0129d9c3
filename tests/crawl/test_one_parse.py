"""Article and in-article block come from one parse of the page, and the block is the one that a parse of its own would give."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.crawl.parse import jobs
from newscrawl.model import Channel, EntryOutcome, ExtractRules, Selectors

TEXT = "".join(
    f"<p>The made-up tram number {n} will run to the lake again from Monday, the town hall said.</p>"
    for n in range(5)
)
BLOCK = "<div><h3>Latest news</h3><a href=/n/2>Two trams meet at last</a> <a href='/n/3'>Third rail found</a></div>"
PAGE = f"<html><head><title>Tram runs again</title></head><body><article><h1>Tram runs again</h1>{TEXT}</article>{{}}</body></html>"


class Listed:
    """Every address below /n/ is an article."""

    def is_listed(self, address: str, edition: str) -> bool:
        return edition == "en" and "/n/" in address

    def why_left(self, address: str, edition: str, _channel: Channel) -> EntryOutcome | None:
        return None if self.is_listed(address, edition) else EntryOutcome.NO_PATTERN


@pytest.mark.parametrize("page", [
    PAGE.format(BLOCK), PAGE.format("</body></html>" + BLOCK), PAGE.format(BLOCK.replace("/n/", "https://tram.example/n/")),
])  # fmt: skip
@pytest.mark.parametrize(
    "rules", [ExtractRules(), ExtractRules(selectors=Selectors(drop=("div",)))], ids=["plain", "cut"]
)
def test_the_block_is_that_of_a_parse_of_its_own(page: str, rules: ExtractRules) -> None:
    document = jobs.Document(
        page.encode(), "https://tram.example/n/1", "text/html", datetime(2026, 5, 1, tzinfo=UTC)
    )
    article, links = jobs.article(document, rules, Listed(), "en")
    assert article.is_article
    assert [lead.url for lead in links.leads] == ["https://tram.example/n/2", "https://tram.example/n/3"]
    assert links == jobs.block(document, Listed(), "en")
