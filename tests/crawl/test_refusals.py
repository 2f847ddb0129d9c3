"""Where nobody is led: private addresses in every spelling and foreign schemes, at every place that fetches."""

from __future__ import annotations

import re
import urllib.request
from email.message import Message
from types import SimpleNamespace

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request
from scrapy.resolver import dnscache
from scrapy.settings import Settings
from twisted.internet.error import DNSLookupError

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.context import FetchContext, Hosts
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.http.guard import HostGuard, PublicNames
from newscrawl.discover.address import resolve
from newscrawl.errors import AddressError
from newscrawl.site_setup import fetch, visitor

HOME = "https://paper.example/"
PRIVATE = [
    "http://127.0.0.1/", "http://127.0.0.1:8080/x-1", "http://10.0.0.1/", "http://172.16.3.4/", "http://192.168.0.1/", "http://169.254.169.254/latest/",
    "http://100.64.0.1/", "http://0.0.0.0/", "http://0/", "http://255.255.255.255/", "http://[::1]/", "http://[::]/", "http://[fe80::1]/",
    "http://[fd00::1]/", "http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/", "http://localhost/",
    "http://localhost./", "http://LOCALHOST:80/", "http://127.0.0.1./", "http://a.localhost/", "http://printer.local/", "http://db.internal/",
    "http://router/", "http://\uff11\uff12\uff17.0.0.1/", "http://127\u30020\u30020\u30021/", "http://\u24dbocalhost/", "http://loc\u00adalhost/",
    "http://paper.example@127.0.0.1/", "http://paper.example:80@127.0.0.1/x-1", "http://127.0.0.1#@paper.example/", "http://127.0.0.1/?paper.example",
    "http://127.0.0.1\\@paper.example/",
]  # fmt: skip
SCHEMES = [
    "file:///etc/passwd", "file://paper.example/etc/passwd", "ftp://paper.example/x-1", "gopher://paper.example:70/x-1", "data:text/html,<h1>x</h1>",
    "javascript:alert(1)", "dict://127.0.0.1:11211/", "ws://paper.example/x-1", "view-source:https://paper.example/", "s3://bucket/x-1", "blob:https://paper.example/1",
]  # fmt: skip
ALL = [*PRIVATE, *SCHEMES]


def _spider(edition):
    return SimpleNamespace(context=FetchContext(source="paper", now=None, hosts=Hosts.of([edition])))


@pytest.mark.parametrize("address", ALL, ids=ascii)
def test_a_crawl_asks_for_none(address):
    """Neither as a link nor as the target of a redirect: every request passes here, robots.txt and redirects as well."""
    spider = _spider(Edition("en", "paper.example"))
    with pytest.raises((IgnoreRequest, ValueError)):
        HostGuard(SimpleNamespace(spider=spider)).process_request(Request(address))


@pytest.mark.parametrize("address", ALL, ids=ascii)
def test_none_is_a_lead(address):
    """Links, feed entries and sitemap entries that name one."""
    written = resolve(HOME, address)
    edition = Edition("en", "paper.example")
    every = re.compile(".*")
    rules = Addresses("paper", [edition], every, every)
    assert written is None or not (rules.is_listed(written, "en") or rules.is_claimed(written, "en"))


@pytest.mark.parametrize("address", ALL, ids=ascii)
def test_add_visits_none(address, monkeypatch):
    """`newscrawl add`: links, feeds, sitemaps and redirects of a site that a person typed."""
    asked = []

    def answer(where, **_):
        asked.append(where)
        headers = Message()
        headers["Location"] = address.encode("ascii", "backslashreplace").decode()
        raise fetch.FetchError("moved", status=302, headers=headers)

    monkeypatch.setattr(visitor, "fetch", answer)
    guest = visitor.Visitor(HOME, delay=0.0)
    assert guest.ask(address).problem
    assert asked == []
    assert guest.ask(HOME + "moved").problem
    assert all(where.startswith(HOME) for where in asked)


@pytest.mark.parametrize("address", ALL, ids=ascii)
def test_extract_is_led_to_none(address):
    """`newscrawl extract URL`: a redirect from a public site is not followed, neither by name nor by the number it has."""
    guard = fetch.Guard()
    guard.check("93.184.216.34")
    redirects = fetch._Redirects(guard)
    request = urllib.request.Request(HOME)
    with pytest.raises((AddressError, ValueError)):
        redirects.redirect_request(request, None, 302, "Found", Message(), address)


NUMBERS = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "::1",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_name_that_turns_private_is_not_connected_to(number):
    """The number that is connected to counts, whatever the name said a moment ago; names the user gave may lead anywhere."""
    guard = fetch.Guard()
    guard.check("93.184.216.34")
    with pytest.raises(AddressError):
        guard.check(number)
    given = _spider(Edition("en", "paper.example", site="http://mirror.example:8000"))
    process = SimpleNamespace(
        settings=Settings(), crawlers=[SimpleNamespace(spider=given), SimpleNamespace(spider=None)]
    )
    names = PublicNames.from_crawler(process, None)
    said = {}
    try:
        for name, found in (
            ("paper.example", number),
            ("mirror.example", number),
            ("other.example", "93.184.216.34"),
        ):
            dnscache[name] = found
            names.getHostByName(name).addBoth(lambda result, name=name: said.update({name: result}))
    finally:
        dnscache.clear()
    assert said["mirror.example"] == number
    assert said["other.example"] == "93.184.216.34"
    assert said["paper.example"].check(DNSLookupError)
    assert "private address" in str(said["paper.example"].value)
