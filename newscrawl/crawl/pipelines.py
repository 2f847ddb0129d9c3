"""Item pipeline: every look and listing read into the archive, one log line and one count each; readable articles go on to exports."""

from __future__ import annotations

import logging
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.crawl.extensions import keeper_of
from newscrawl.errors import ArchiveError
from newscrawl.model import Applied, ListingRead, Observation, VerdictKind
from newscrawl.serialization.records import extracted

logger = logging.getLogger("newscrawl.articles")

_EXPORTED = (VerdictKind.NEW, VerdictKind.CHANGED)


class ArchivePipeline:
    """Waits for the commit of each item, so nothing is exported or counted that is not in the archive."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Articles that are new or changed come out as plain dictionaries; everything else ends here."""
        keeper = keeper_of(self._crawler)
        try:
            applied = await keeper.record(item)
        except ArchiveError as error:
            keeper.fail(error)
            raise DropItem("the archive cannot be written", log_level="DEBUG") from error
        except Exception as error:
            # Scrapy would log the whole item, text and all.
            keeper.item_failed(item, error)
            raise DropItem("could not be recorded", log_level="DEBUG") from error
        if isinstance(item, Observation) and applied is not None:
            self._say(item, applied)
            if applied.verdict.kind in _EXPORTED:
                return _readable(item, applied)
        elif isinstance(item, ListingRead):
            logger.debug(
                "%s %s: %s, %d leads", item.channel.value, item.url, item.fetch.outcome.value, len(item.leads)
            )
        raise DropItem("recorded, nothing to export", log_level="DEBUG")

    def _say(self, observation: Observation, applied: Applied) -> None:
        # One canonical line an article: what, verdict, why, how long.
        logger.info(
            "%s %s %s article=%s version=%s status=%s ms=%s (%s)",
            observation.source,
            applied.verdict.kind.value,
            observation.fetch.url,
            applied.article_id or "-",
            applied.version or "-",
            observation.fetch.status or observation.fetch.outcome.value,
            observation.fetch.milliseconds if observation.fetch.milliseconds is not None else "-",
            applied.verdict.reason,
        )


def _readable(observation: Observation, applied: Applied) -> dict[str, Any]:
    assert observation.article is not None
    return {
        "id": applied.article_id,
        "source": observation.source,
        "edition": observation.edition,
        "url_key": applied.url_key,
        "version": applied.version,
        **extracted(observation.article),
    }
