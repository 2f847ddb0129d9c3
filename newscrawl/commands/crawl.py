"""Scrapy's own `crawl`, with exit codes that cron can trust: Scrapy answers 0 even when nothing could be fetched."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError as ScrapyUsageError

from newscrawl.crawl import runner
from newscrawl.crawl.own_settings import from_options
from newscrawl.errors import Exit, NewscrawlError


class Command(ScrapyCrawl):
    """`scrapy crawl SOURCE [-a NAME=VALUE …] [-o FILE]`."""

    def long_desc(self) -> str:
        """The text of --help."""
        return (
            "Crawl a source into the archive. Arguments: -a edition=en,ru -a site=http://127.0.0.1:8000 "
            "-a since=2026-01-01 -a until=2026-01-31 -a limit=20 -a recheck=no|yes|only. "
            "-s CLOSESPIDER_TIMEOUT=SECONDS stops sending requests after this long, then shuts down cleanly. "
            "Example: scrapy crawl orda -a edition=en -a limit=20 -o out.jsonl"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Runs one source; the exit code is the run's."""
        if len(args) != 1:
            raise ScrapyUsageError("name one source, such as: scrapy crawl orda")
        assert self.settings is not None
        try:
            from_options(opts.set)
            spider = runner.source_named(self.settings, args[0])
            runner.prepare([spider], opts.spargs, self.settings["NEWSCRAWL_CONFIG"])
            assert isinstance(self.crawler_process, AsyncCrawlerProcess)
            (ending,) = runner.crawl(self.crawler_process, [(self._create_crawler(spider), opts.spargs)])
        except NewscrawlError as error:
            sys.stderr.write(f"newscrawl: {error}\n")
            self.exitcode = int(error.exit_code)
            return
        self.exitcode = int(ending.exit_code)
        if ending.exit_code is not Exit.OK:
            sys.stderr.write(f"newscrawl: {ending.line}\n")
        elif sys.stderr.isatty():
            sys.stderr.write(f"{ending.line}\n")
