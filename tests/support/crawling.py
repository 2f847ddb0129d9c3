"""Runs crawls in this process: Scrapy without its reactor, HTTP on loopback, a database file, a clock set by the test."""

from __future__ import annotations

import copy
import itertools
import logging
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import BaseSettings, Settings, SettingsAttribute
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.log import configure_logging

from newscrawl.config import Config
from newscrawl.crawl.runner import Ending, crawl as run
from newscrawl.errors import Exit
from newscrawl.serialization import records
from newscrawl.store.read.reader import open_reader
from tests.support.fresh import seed
from tests.support.hanging import MINUTES


def without_reactor(monkeypatch) -> None:
    """Fetches of `newscrawl add` and `newscrawl extract URL` run in this process: the reactor could run only once."""
    monkeypatch.setattr("newscrawl.settings.TWISTED_REACTOR_ENABLED", False, raising=False)


class _Settings(Settings):
    """Settings whose copies share plain values until one is set. Scrapy copies each of 300 values, five times a crawl."""

    def copy(self) -> Self:
        return _copied(self)

    def set(self, name: str, value: Any, priority: int | str = "project") -> None:
        if (shared := self.attributes.get(name)) is not None:
            self.attributes[name] = SettingsAttribute(shared.value, shared.priority)
        super().set(name, value, priority)


def _copied(settings: Any) -> Any:
    result = copy.copy(settings)
    result.attributes = attributes = dict(settings.attributes)
    for name, one in settings.attributes.items():
        value = one.value
        if isinstance(value, BaseSettings):
            attributes[name] = SettingsAttribute(_copied(value), one.priority)
        elif isinstance(value, (list, dict)):
            attributes[name] = SettingsAttribute(copy.copy(value), one.priority)
    return result


@cache
def _of_the_project() -> _Settings:
    result = _Settings()
    result.setmodule("newscrawl.settings", priority="project")
    return result


def process_for(
    home: Path,
    now: datetime,
    *,
    database_url: str | None = None,
    settings: dict | None = None,
) -> AsyncCrawlerProcess:
    """The process object that makes and runs crawlers at the instant `now`; its clock moves a microsecond a reading."""
    ticks = itertools.count()
    if database_url is None:
        database_url = f"sqlite:///{home / 'newscrawl.db'}"
        seed(database_url)
    config = Config(
        home=home,
        database_url=database_url,
        contact="tests@example.org",
        clock=lambda: now + timedelta(microseconds=next(ticks)),
    )
    chosen = _of_the_project().copy()
    chosen.setdict(
        {
            "TWISTED_REACTOR_ENABLED": False,
            "NEWSCRAWL_CONFIG": config,
            "DOWNLOAD_DELAY": 0,
            "LOG_ENABLED": False,
            "LOG_INSTALL_ROOT_HANDLER": False,
            "DOWNLOAD_TIMEOUT": MINUTES,  # nothing times out because a machine is busy
            "DOWNLOAD_HANDLERS": {"https": None},
            "CONCURRENT_ITEMS": 10,  # Scrapy starts a hundred tasks for each response otherwise
            "LOG_VERSIONS": [],
            **(settings or {}),
        },
        priority="cmdline",
    )
    for logger in map(logging.getLogger, ("scrapy", "newscrawl")):
        if logger.level != logging.WARNING:  # setting it empties the caches of all loggers
            logger.setLevel(logging.WARNING)  # formatting every item for pytest's own log takes its time
    if any(name.startswith(("LOG_", "SPIDER_")) for name in settings or ()):
        return AsyncCrawlerProcess(chosen)
    loader = _loaded_once()
    with (
        patch("scrapy.crawler.configure_logging"),
        patch("scrapy.crawler.get_spider_loader", return_value=loader),
    ):
        return AsyncCrawlerProcess(chosen)


@cache
def _loaded_once() -> Any:
    """The project's sources, and Scrapy's logging: each of its processes loads and configures them, a tenth of a small crawl."""
    configure_logging({"LOG_INSTALL_ROOT_HANDLER": False})
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    return get_spider_loader(_of_the_project())


def crawl(
    home: Path,
    now: datetime,
    *,
    source: str = "orda",
    database_url: str | None = None,
    settings: dict | None = None,
    spider=None,
    **arguments: str,
) -> Ending:
    """One crawl."""
    process = process_for(home, now, database_url=database_url, settings=settings)
    crawler = process.create_crawler(spider or process.spider_loader.load(source))
    (ending,) = run(process, [(crawler, arguments)])
    every_entry_has_an_outcome(ending, process.settings["NEWSCRAWL_CONFIG"].database_url)
    return ending


def every_entry_has_an_outcome(ending: Ending, database_url: str) -> None:
    """Holds for every crawl of every test: what channels named, and what `coverage --json` says of it, are the same numbers."""
    for counts in ending.summary.entries.values() if ending.summary is not None else ():
        assert counts["named"] == sum(number for outcome, number in counts.items() if outcome != "named")
    if ending.summary is None or ending.exit_code is Exit.ARCHIVE_UNUSABLE:
        return
    with open_reader(database_url) as reader:
        for record in map(records.named, reader.coverage()):
            settled = sum(one["number"] for one in record["settled"])
            assert record["named"] == record["archived"] + record["waiting"] + settled
            for channel in (*record["entries"], *record["older"]):
                assert channel["named"] == channel["taken"] + sum(one["number"] for one in channel["left"])
