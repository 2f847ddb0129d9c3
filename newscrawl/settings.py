"""Scrapy's settings, derived from Config: polite and safe by default. `-s NAME=value` still wins over every line here."""

from __future__ import annotations

import sys
from typing import Any

from scrapy.settings import default_settings

from newscrawl.config import FILE, Config, check_setting, load
from newscrawl.errors import NewscrawlError
from newscrawl.worker import processors


def _config() -> Config:
    try:
        return load()
    except NewscrawlError as error:
        # Scrapy imports this module before any command of ours can catch it.
        sys.stderr.write(f"newscrawl: {error}\n")
        raise SystemExit(int(error.exit_code)) from None


NEWSCRAWL_CONFIG = _config()

BOT_NAME = "newscrawl"
SPIDER_MODULES = ["newscrawl.spiders"]
SPIDER_LOADER_CLASS = "newscrawl.crawl.loader.SourceLoader"  # a broken file does not stop the other sources
NEWSPIDER_MODULE = "newscrawl.spiders"
COMMANDS_MODULE = "newscrawl.commands"

# --- politeness --------------------------------------------------------------------------------
USER_AGENT = NEWSCRAWL_CONFIG.user_agent
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "newscrawl"
DOWNLOAD_DELAY = 1.0  # seconds between requests to one host
DOWNLOAD_DELAY_JITTER = 0.0  # "one a second" means not more than one, ever
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # a slow server is asked more slowly by itself
# Keeps the order of the frontier; Scrapy's default reverses it.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
CRAWL_DELAY_MAX = 60.0
RETRY_TIMES = 2
RETRY_AFTER_MAX = 120.0
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the run's summary reports it once, in one line
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "kk,ru;q=0.9,en;q=0.8,*;q=0.5",
    "Accept-Encoding": "gzip, deflate",  # what every WARC reader can unpack
}

# --- safety ------------------------------------------------------------------------------------
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's own default is off; an archive is evidence
TWISTED_DNS_RESOLVER = "newscrawl.crawl.http.guard.PublicNames"
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_MAX_TIMES = 5
READING_SECONDS = (
    10.0  # to parse one page or listing, in the worker process; the slowest real ones take one or two
)
READING_MEMORY = 1024 * 1024 * 1024  # bytes a worker process may have
READERS = min(processors(), 8)  # processes that parse pages; 0: the run's own process, without limits
METAREFRESH_ENABLED = False  # a page must not redirect the crawler
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # Scrapy's own default is on
HTTPCACHE_ENABLED = False
AJAXCRAWL_ENABLED = False

# --- the archive -------------------------------------------------------------------------------
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    # Outermost: what reaches it is the page as every other middleware left it.
    "newscrawl.crawl.browser.renderer.RenderMiddleware": 30,
    "newscrawl.crawl.http.guard.Backpressure": 40,
    # Before robots.txt (100): nothing is requested from a foreign host, not even its robots.txt.
    "newscrawl.crawl.http.guard.HostGuard": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "newscrawl.crawl.http.robots.RobotsTxt": 100,
    "newscrawl.crawl.http.politeness.RetryAfter": 550,
    # Below decompression (590): bodies are kept as they were sent.
    "newscrawl.crawl.http.capture.CaptureMiddleware": 860,
}
ITEM_PIPELINES = {"newscrawl.crawl.pipelines.ArchivePipeline": 500}
EXTENSIONS = {
    "scrapy.extensions.remote_control.RemoteControl": None,  # unused, and loads a web server: a tenth of a start
    "newscrawl.crawl.archive_session.ArchiveSession": 0,
    "newscrawl.crawl.http.politeness.CrawlDelay": 100,
    "newscrawl.crawl.http.stopping.CancelWaiting": 100,
    "newscrawl.crawl.progress.Progress": 900,
    "scrapy.extensions.logstats.LogStats": None,
}
DATABASE_PATIENCE = (
    60.0  # seconds a run waits for a PostgreSQL that went away, before it ends with exit code 7
)
SOURCES_AT_ONCE = 8  # sources that `newscrawl crawl` crawls side by side; each has its own hosts
RECHECK_BUDGET = 0  # re-checks a run at most; 0: as many as new articles, at least 20, at most 200
FEED_EXPORT_ENCODING = "utf-8"

# --- the log -----------------------------------------------------------------------------------
# On a terminal one line an article; from cron only what needs somebody's attention.
LOG_LEVEL = "INFO" if sys.stderr.isatty() else "WARNING"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOG_DATEFORMAT = "%Y-%m-%d %H:%M:%S"
STATS_DUMP = False
NEWSCRAWL_PROGRESS = False  # a progress line where standard error is a terminal; set by `newscrawl crawl`

# --- newscrawl.toml -----------------------------------------------------------------------------
# In small letters: what is written in capitals here is a setting.
own: dict[str, Any] = {
    name: value for name, value in dict(globals()).items() if name.isupper() and name != "NEWSCRAWL_CONFIG"
}
known: dict[str, Any] = {
    name: value for name, value in vars(default_settings).items() if name.isupper()
} | own


def given(config: Config) -> dict[str, Any]:
    """The settings of the table `[scrapy]`, tables joined with ours. Raises UsageError for wrong ones, also of a source."""
    for name, value in config.scrapy.items():
        check_setting(name, value, known, f"{FILE}: [scrapy] ")
    for source, settings in config.scrapy_of.items():
        for name, value in settings.items():
            check_setting(name, value, known, f"{FILE}: [scrapy.{source}] ")
    return {name: merged(name, value) for name, value in config.scrapy.items()}


def merged(name: str, value: Any) -> Any:
    """A table of newscrawl.toml adds to ours: what it does not name, such as the guards, stays."""
    ours = own.get(name)
    return ours | value if isinstance(ours, dict) and isinstance(value, dict) else value


try:
    globals().update(given(NEWSCRAWL_CONFIG))
except NewscrawlError as error:
    sys.stderr.write(f"newscrawl: {error}\n")
    raise SystemExit(int(error.exit_code)) from None
