"""Loads the sources, each by itself: a file that cannot be imported is named, and the others are crawled. Starts nothing."""

from __future__ import annotations

import logging
import pkgutil
from importlib import import_module

from scrapy.spiderloader import SpiderLoader

logger = logging.getLogger(__name__)


class SourceLoader(SpiderLoader):
    """Scrapy's loader; one broken file of a user's must not stop the cron job of all sources."""

    def _load_all_spiders(self) -> None:
        for name in self.spider_modules:
            package = import_module(name)
            self._load_spiders(package)
            for module in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{name}."):
                try:
                    self._load_spiders(import_module(module.name))
                except Exception as error:  # noqa: BLE001 - whatever a file raises, it is about that file
                    logger.warning("%s cannot be imported: %s: %s", module.name, type(error).__name__, error)
        self._check_name_duplicates()
