"""Loads the sources one by one: a file that cannot be imported is reported, and the others are crawled."""

from __future__ import annotations

import logging
import pkgutil
from importlib import import_module

from scrapy.spiderloader import SpiderLoader

logger = logging.getLogger(__name__)


class SourceLoader(SpiderLoader):
    """Scrapy's loader, except that a broken source file does not stop the others. `broken` holds the error of each such module."""

    broken: dict[str, str]

    def _load_all_spiders(self) -> None:
        self.broken = {}
        for name in self.spider_modules:
            package = import_module(name)
            self._load_spiders(package)
            for module in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{name}."):
                try:
                    self._load_spiders(import_module(module.name))
                except Exception as error:  # noqa: BLE001 - whatever a file raises concerns that file alone
                    self.broken[module.name] = f"{type(error).__name__}: {error}"
                    logger.info("%s cannot be imported: %s", module.name, self.broken[module.name])
        self._check_name_duplicates()
