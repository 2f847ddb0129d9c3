"""Where nobody is led: private addresses in every spelling and foreign schemes, at every place that fetches."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.resolver import dnscache
from scrapy.settings import Settings
from twisted.internet.error import DNSLookupError

from newscrawl.crawl.addresses import Addresses
from newscrawl.crawl.context import FetchContext, Hosts
from newscrawl.crawl.editions import Edition
from newscrawl.crawl.http.guard import HostGuard, PublicNames
from newscrawl.crawl.options import parse_options
from newscrawl.crawl.visit.session import Session, VisitNames, _VisitSpider
from newscrawl.crawl.visit.visit import PrivateGuard, Terms, Visit
from newscrawl.discover.address import resolve
from newscrawl.errors import AddressError, Exit, UsageError
from newscrawl.site_setup.site import same_site
from newscrawl.urls import is_of_the_machine

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


class _Engine:
    """Answers every request with a redirect; keeps what it was asked for."""

    def __init__(self, location):
        self.location = location.encode("ascii", "backslashreplace")
        self.asked = []

    async def download_async(self, request):
        self.asked.append(request.url)
        return Response(request.url, status=302, headers={"Location": self.location})


@pytest.mark.parametrize("address", ALL, ids=ascii)
def test_add_visits_none(address):
    """`newscrawl add`: links, feeds, sitemaps and redirects of a site that a person typed."""
    engine = _Engine(address)
    visit = Visit(SimpleNamespace(engine=engine), HOME, Terms(allows=lambda one: same_site(HOME, one)))
    assert asyncio.run(visit.get(address)).problem
    assert engine.asked == []
    assert asyncio.run(visit.get(HOME + "moved")).problem
    assert all(where.startswith(HOME) for where in engine.asked)


@pytest.mark.parametrize("address", ALL, ids=ascii)
def test_extract_is_led_to_none(address):
    """`newscrawl extract URL`: a redirect from a public site is not followed, neither by name nor by the number it has."""
    engine = _Engine(address)
    visit = Visit(SimpleNamespace(engine=engine), HOME, Terms())
    visit.guard.check("93.184.216.34")
    answer = asyncio.run(visit.get(HOME))
    assert answer.problem
    assert engine.asked == [HOME]


@pytest.mark.parametrize("address", ALL, ids=ascii)
def test_the_host_guard_of_a_visit(address):
    """Requests that the visit does not make itself, such as those that a robots.txt redirects to."""
    spider = _VisitSpider(work=None, now=lambda: datetime(2026, 4, 7, tzinfo=UTC))
    spider.session = Session(None)
    spider.session.begin(HOME, Terms()).guard.check("93.184.216.34")
    with pytest.raises((IgnoreRequest, ValueError)):
        HostGuard(SimpleNamespace(spider=spider)).process_request(Request(address))
    HostGuard(SimpleNamespace(spider=spider)).process_request(Request(HOME))


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
    """The number that is connected to counts, whatever the name said a moment ago; names the user gave may lead into private networks.

    But never to the machine's own services.
    """
    guard = PrivateGuard()
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
    if is_of_the_machine(number):
        assert said["mirror.example"].check(DNSLookupError)
    else:
        assert said["mirror.example"] == number
    assert said["other.example"] == "93.184.216.34"
    assert said["paper.example"].check(DNSLookupError)
    assert "private address" in str(said["paper.example"].value)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_visit_is_led_to_no_private_number(number):
    """As a crawl, with the reason; where the typed name itself is private, its site may use other private names."""
    for first, refused in (("93.184.216.34", True), (number, is_of_the_machine(number))):
        spider = _VisitSpider(work=None, now=lambda: datetime(2026, 4, 7, tzinfo=UTC))
        spider.session = Session(None)
        visit = spider.session.begin(HOME, Terms())
        process = SimpleNamespace(settings=Settings(), crawlers=[SimpleNamespace(spider=spider)])
        names = VisitNames.from_crawler(process, None)
        results = {}
        try:
            for name, found in (("paper.example", first), ("other.example", number)):
                dnscache[name] = found
                names.getHostByName(name).addBoth(partial(results.__setitem__, name))
        finally:
            dnscache.clear()
        if is_of_the_machine(first):
            assert results["paper.example"].check(DNSLookupError)
        else:
            assert results["paper.example"] == first
        if refused:
            assert results["other.example"].check(DNSLookupError)
            with pytest.raises(AddressError, match=r"private address: not followed|never asked"):
                visit.guard.check_name("http://other.example/x")
        else:
            assert results["other.example"] == number
            visit.guard.check_name("http://other.example/x")


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest/", "http://[fe80::1]:8000/", "http://100.100.100.200/"]
)
def test_the_services_of_the_machine_are_never_asked(address):
    """Not even where a person names them: `extract`, `add`, `site=`, a source's own site; each says so, with exit code 2."""
    site = address.removesuffix("latest/").rstrip("/")
    with pytest.raises(AddressError, match="never asked") as typed:
        Session(None).begin(address, Terms())
    with pytest.raises(UsageError, match="never asked") as crawled:
        parse_options([Edition("en", "paper.example")], "UTC", source="paper", site=site)
    assert typed.value.exit_code == crawled.value.exit_code == Exit.USAGE
    spider = _spider(Edition("en", "paper.example", site=site))
    with pytest.raises(IgnoreRequest, match="never asked"):
        HostGuard(SimpleNamespace(spider=spider)).process_request(Request(address))


def test_a_typed_number_in_another_spelling():
    """A resolver reads it, and what it is read as is refused, with the reason and exit code 2."""
    spider = _VisitSpider(work=None, now=lambda: datetime(2026, 4, 7, tzinfo=UTC))
    spider.session = Session(None)
    visit = spider.session.begin("http://2852039166/", Terms())
    process = SimpleNamespace(settings=Settings(), crawlers=[SimpleNamespace(spider=spider)])
    names, results = VisitNames.from_crawler(process, None), []

    class Engine:
        async def download_async(self, _request):
            dnscache["2852039166"] = "169.254.169.254"
            names.getHostByName("2852039166").addBoth(results.append)
            raise results[0].value

    visit._crawler = SimpleNamespace(engine=Engine())
    try:
        answer = asyncio.run(visit.get(visit.start))
    finally:
        dnscache.clear()
    assert isinstance(answer.error, AddressError)
    assert "never asked" in answer.problem
