"""Loads the sources one by one: a file that cannot be imported, or declares nonsense, is reported, and the others are crawled."""

from __future__ import annotations

import logging
import pkgutil
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from cssselect import HTMLTranslator, SelectorError
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.spider import iter_spider_classes

from newscrawl.config import FILE, Config, check_setting
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import NewscrawlError, UsageError, did_you_mean
from newscrawl.judge.recheck import Budget, Ladder
from newscrawl.model import Selectors

logger = logging.getLogger(__name__)

# Attributes that are lists of texts; one text alone would be taken letter by letter.
_LISTS = ("outlet_names", "stop_headings")
_KINDS: dict[str, type] = {
    "outlet": str, "zone": str, "listed_path": str, "claimed_path": str, "selectors": Selectors, "ladder": Ladder, "budget": Budget,
}  # fmt: skip
_SPECIFIC = ("listed_path", "claimed_path", "identity_path", "outlet")
"""A source's own `identity_pattern` can only be meant for `identity_path`: no attribute of a helper begins so."""
_SWITCHES = ("local_times", "translates", "robots_sitemaps")


class SourceLoader(SpiderLoader):
    """Scrapy's loader, except that a broken source file does not stop the others. `broken` holds the error of each such module."""

    broken: dict[str, str]

    def _load_all_spiders(self) -> None:
        found, self.broken = load(self.spider_modules)
        self._spiders.update(found)


def load(packages: Iterable[str]) -> tuple[dict[str, type[Any]], dict[str, str]]:
    """The spider classes of these packages by the source's name, and of each module that is of no use, why.

    Of two of one name the first counts: a user's own comes before one of the program.
    """
    found: dict[str, type[Any]] = {}
    broken: dict[str, str] = {}
    for package in map(import_module, packages):
        for module in _modules(package):
            try:
                _check_file(module)
                classes = list(iter_spider_classes(import_module(module)))
                for spider in classes:
                    check(spider)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a file raises concerns that file alone
                broken[module] = _said(error)
                logger.info("%s cannot be used: %s", module, broken[module])
                continue
            for spider in classes:
                other = found.setdefault(spider.name, spider)
                if other is not spider and _folder(other) == _folder(spider):
                    broken[module] = f"there is a source {spider.name} already, in {_file(other).name}"
    return found, broken


def _check_file(module: str) -> None:
    """Raises UsageError for a pipe or device in place of a file: Python would wait for ever for what it says."""
    package, _, name = module.rpartition(".")
    for folder in getattr(sys.modules.get(package), "__path__", ()):
        path = Path(folder) / f"{name}.py"
        if path.exists() and not path.is_file():
            raise UsageError("is no file, but a pipe or a device" if not path.is_dir() else "is a folder")


def _modules(package: ModuleType) -> list[str]:
    """The modules of a package; a module that is none holds spiders itself."""
    within = getattr(package, "__path__", None)
    if within is None:
        return [package.__name__]
    return [one.name for one in pkgutil.iter_modules(within, f"{package.__name__}.")]


def without_source(packages: Iterable[str], found: Iterable[type[Any]]) -> list[str]:
    """The modules of these packages that hold none of the spiders `found`: helpers of others, or files that lack something."""
    used = {spider.__module__ for spider in found}
    return [
        module
        for package in map(import_module, packages)
        for module in _modules(package)
        if module not in used
    ]


def of_file(module: str) -> str:
    """The file of a module in a few words: "spiders/mine.py"."""
    return "/".join(module.split(".")[-2:]) + ".py"


def may_hold(module: str, why: str, name: str) -> bool:
    """Whether a module that cannot be used may be that of this source: called like it, or naming it in what is wrong with it."""
    return module.rpartition(".")[2] == name or f"of {name}" in why


def check_tables(config: Config, known: Iterable[str], broken: Mapping[str, str]) -> None:
    """Raises UsageError for a table `[scrapy.SOURCE]` of no source; one whose file cannot be used may be meant."""
    names = list(known)
    for name in config.scrapy_of:
        if name not in names and not any(may_hold(*one, name) for one in broken.items()):
            raise UsageError(
                "no such source", subject=f"{FILE}: [scrapy.{name}]", hint=did_you_mean(name, names)
            )


def check(spider: type[Any]) -> None:
    """Raises UsageError for a source whose attributes a crawl could not work with, naming the attribute."""
    if not issubclass(spider, NewsSpider):
        return
    name = spider.name
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w-]{0,99}", name):
        raise UsageError(
            "is no name for a source", subject=f"name = {name!r}", hint="Write letters, digits and _"
        )
    _misspelt(spider)  # first: what is missing may only be written otherwise
    for attribute, kind in _KINDS.items():
        if not hasattr(spider, attribute):
            raise UsageError(
                "is missing", subject=f"`{attribute}` of {name}", hint="See docs/adding-a-source.md"
            )
        if not isinstance(getattr(spider, attribute), kind):
            wanted = "a text" if kind is str else f"{kind.__name__}(…)"
            raise UsageError(f"must be {wanted}", subject=f"`{attribute}` of {name}")
    for attribute in _SWITCHES:
        if not isinstance(getattr(spider, attribute), bool):
            raise UsageError("must be True or False", subject=f"`{attribute}` of {name}")
    for attribute in _LISTS:
        _list_of_texts(getattr(spider, attribute), f"`{attribute}` of {name}")
    _patterns(spider)
    _selectors(spider)
    _settings(spider)
    try:
        ZoneInfo(spider.zone)
    except (OSError, ValueError, LookupError) as error:
        raise UsageError(
            f"there is no zone {spider.zone!r}",
            subject=f"`zone` of {name}",
            hint="Write one such as Asia/Almaty",
        ) from error
    editions = getattr(spider, "editions", ())
    if (
        not isinstance(editions, (tuple, list))
        or not editions
        or not all(isinstance(e, Edition) for e in editions)
    ):
        raise UsageError(
            "must be one or more", subject=f"`editions` of {name}", hint="Write (Edition(…),), with the comma"
        )
    if len({edition.name for edition in editions}) < len(editions):
        raise UsageError("have one name twice", subject=f"`editions` of {name}")


def _misspelt(spider: type[NewsSpider]) -> None:
    """Raises UsageError for a value whose name is almost that of an attribute: it would go unnoticed."""
    for name, value in vars(spider).items():
        known = name.startswith("_") or callable(value) or hasattr(NewsSpider, name) or name in _KINDS
        if not known and (hint := _almost_an_attribute(name)):
            raise UsageError("no such attribute", subject=f"`{name}` of {spider.name}", hint=hint)


@cache
def _almost_an_attribute(name: str) -> str:
    """The hint for a name that is nearly that of an attribute, or begins with the same word, "" for others.

    Most sources have the same names of their own.
    """
    attributes = sorted({one for one in {**vars(NewsSpider), **_KINDS} if not one.startswith("_")})
    near = get_close_matches(name, attributes, n=1, cutoff=0.85)
    akin = near or [one for one in _SPECIFIC if one.partition("_")[0] == name.partition("_")[0]]
    return f"Did you mean {akin[0]}?" if akin else ""


def _selectors(spider: type[NewsSpider]) -> None:
    for name, value in asdict(spider.selectors).items():
        subject = f"`selectors` of {spider.name}: {name}"
        if name == "drop":
            _list_of_texts(value, subject)
        for one in value if isinstance(value, (tuple, list)) else filter(None, (value,)):
            try:
                HTMLTranslator().css_to_xpath(one)
            except (SelectorError, TypeError, AttributeError, RecursionError) as error:
                raise UsageError(f"is no CSS selector: {error}", subject=subject) from error


def _patterns(spider: type[NewsSpider]) -> None:
    for attribute in ("listed_path", "claimed_path", "identity_path"):
        written = getattr(spider, attribute)
        if written is None:
            continue
        try:
            groups = re.compile(written).groups
        except (re.error, TypeError, RecursionError, OverflowError) as error:
            raise UsageError(f"is no pattern: {error}", subject=f"`{attribute}` of {spider.name}") from error
        if attribute == "identity_path" and groups != 1:
            raise UsageError(
                f"must have one group, not {groups}",
                subject=f"`identity_path` of {spider.name}",
                hint=r"Write (\d+) around the number",
            )


def _settings(spider: type[NewsSpider]) -> None:
    from newscrawl.settings import known

    settings = spider.custom_settings or {}
    if not isinstance(settings, Mapping):
        raise UsageError("must be a table", subject=f"`custom_settings` of {spider.name}")
    for name, value in settings.items():
        check_setting(name, value, known, f"`custom_settings` of {spider.name}: ")


def _list_of_texts(value: Any, subject: str) -> None:
    if not isinstance(value, (tuple, list)) or not all(isinstance(one, str) for one in value):
        raise UsageError("must be a list of texts", subject=subject, hint='Write ("…",), with the comma')


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, NewscrawlError) else f"{type(error).__name__}: {error}"


def _file(spider: type[Any]) -> Path:
    module: ModuleType = import_module(spider.__module__)
    return Path(module.__file__ or "")


def _folder(spider: type[Any]) -> Path:
    return _file(spider).parent
