"""What lies in a demo's folder beside the archive: the source file of the made-up outlet, and a configuration with its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from newscrawl.demo.history import Outlet

HOSTS = {"en": "en.boztorgai.example", "ru": "boztorgai.example", "kk": "kk.boztorgai.example"}


def source_file(outlet: Outlet, addresses: Mapping[str, str]) -> str:
    """The text of spiders/boztorgai.py: the editions are read from `addresses` on this machine, not from their hosts."""
    editions = "\n".join(
        f"        Edition({name!r}, {HOSTS[name]!r}, {name!r}, site={addresses[name]!r}, feeds=_FEEDS, numbered=_SITEMAPS),"
        for name in outlet.editions
    )
    return _SOURCE.format(name=outlet.name, zone=outlet.zone, editions=editions).replace("'", '"')


def configuration(now: datetime) -> str:
    """The text of newscrawl.toml: the archive is this folder, and it is `now` there."""
    return (
        "# Written by newscrawl demo. Commands started in this folder take it as the archive, and this as the time.\n"
        f'home = "."\nnow = "{now.isoformat()}"\n'
    )


_SOURCE = '''\
"""The made-up outlet of newscrawl demo, served on this machine. Written by newscrawl demo."""

from newscrawl.crawl.editions import Edition
from newscrawl.crawl.spider import NewsSpider

_FEEDS = ("/feed/",)
_SITEMAPS = ("/sitemap/sitemap_news{{n}}.xml",)


class Boztorgai(NewsSpider):
    name = "boztorgai"
    outlet = "{name}"
    zone = "{zone}"
    translates = True
    editions = (
{editions}
    )
    listed_path = r"^/[^/]*-\\d{{3,}}/?$"
    identity_path = r"-(\\d{{3,}})/?$"
    stop_headings = ("Latest news", "Лента новостей", "Соңғы жаңалықтар")
    # Nobody is disturbed on this machine; one request at a time, so that articles get the same numbers every time.
    custom_settings = {{"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 1, "RECHECK_BUDGET": 50}}
'''
