"""Item pipeline: records every observation and listing read, with one log line and one count each; new and changed articles go on to feed exports."""

from __future__ import annotations

import logging
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.archiving.apply import Item
from newscrawl.crawl.context import run_of
from newscrawl.errors import ArchiveError
from newscrawl.model import Applied, ListingRead, Observation, VerdictKind
from newscrawl.serialization.records import extracted

logger = logging.getLogger("newscrawl.articles")


class ArchivePipeline:
    """Waits for the commit of each item: only what is in the archive is counted and exported."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """A dictionary of an article that is new or changed. Raises DropItem for everything else."""
        run = run_of(self._crawler)
        try:
            applied = await run.record(item)
        except ArchiveError as error:
            run.fail(error)
            raise DropItem("the archive cannot be written", log_level="DEBUG") from error
        except Exception as error:
            # Scrapy would log the whole item, text and all.
            self._failed(item, error)
            raise DropItem("could not be recorded", log_level="DEBUG") from error
        if isinstance(item, Observation) and applied is not None:
            self._log(item, applied)
            if applied.verdict.kind in (VerdictKind.NEW, VerdictKind.CHANGED):
                return _exported(item, applied)
        elif isinstance(item, ListingRead):
            logger.debug(
                "%s %s: %s, %d leads", item.channel.value, item.url, item.fetch.outcome.value, len(item.leads)
            )
        raise DropItem("recorded, nothing to export", log_level="DEBUG")

    def _failed(self, item: Item, error: Exception) -> None:
        """Counts an item that a bug of ours kept out of the archive, with one line in the log."""
        counters = run_of(self._crawler).counters
        counters.errors += 1
        address = item.fetch.url if isinstance(item, Observation | ListingRead) else item.edition
        problem = f"{type(error).__name__} while recording {type(item).__name__} {address}: {error}"
        counters.problem(problem)
        logger.error("%s", problem)
        logger.debug("the same, with its trace", exc_info=error)
        if isinstance(item, Observation) and item.lead is None and not item.probe:
            # A missing observation. (Leads still wait in the frontier, where the end of the run counts them.)
            counters.verdict(VerdictKind.FAILED)

    def _log(self, observation: Observation, applied: Applied) -> None:
        # One line an article: verdict, address, ids, status, time, reason.
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


def _exported(observation: Observation, applied: Applied) -> dict[str, Any]:
    assert observation.article is not None
    return {
        "id": applied.article_id,
        "source": observation.source,
        "edition": observation.edition,
        "url_key": applied.url_key,
        "version": applied.version,
        **extracted(observation.article),
    }
