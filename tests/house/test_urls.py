"""Address identity: which addresses are one key, which must stay apart, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings, strategies as st

from newscrawl.errors import AddressError
from newscrawl.urls import (
    TRACKING_PARAMETERS,
    absolute,
    canonical,
    host_of,
    is_front_page,
    is_of_the_machine,
    is_private_host,
    is_within,
    plainer,
    rebase,
    steady,
)

KEY = "https://bereke.example/bridge-opens-101"

SAME = {
    "as it is": KEY,
    "final slash": f"{KEY}/",
    "several final slashes": f"{KEY}//",
    "double slash within": "https://bereke.example//bridge-opens-101",
    "http": "http://bereke.example/bridge-opens-101",
    "http with its port": "http://bereke.example:80/bridge-opens-101",
    "https with its port": "https://bereke.example:443/bridge-opens-101",
    "http on the port of https": "http://bereke.example:443/bridge-opens-101",
    "a colon and no port": "https://bereke.example:/bridge-opens-101",
    "www": "https://www.bereke.example/bridge-opens-101",
    "www twice": "https://www.www.bereke.example/bridge-opens-101",
    "host in capitals": "HTTPS://WWW.Bereke.EXAMPLE/bridge-opens-101",
    "host with its final dot": "https://bereke.example./bridge-opens-101",
    "fragment": f"{KEY}#comments",
    "empty query": f"{KEY}?",
    "dot segments": "https://bereke.example/news/../bridge-opens-101",
    "escaped letter that needs none": "https://bereke.example/%62ridge-opens-101",
    "white space around": f"  {KEY}\n",
    "invisible characters around": f"\ufeff{KEY}\u200b",
    "line break within": "https://bereke.example/bridge-\r\nopens-101",
    "tracking parameter in capitals": f"{KEY}?UTM_Source=feed",
    "tracking parameter without a value": f"{KEY}?utm_source",
    "tracking parameter with an escaped name": f"{KEY}?%75tm_source=feed",
    "tracking parameters escaped once too often": f"{KEY}?utm_source=feed&amp;utm_medium=rss",
    "tracking parameters before and after a fragment": f"{KEY}?fbclid=x#utm_source=y",
    "session in the path": f"{KEY};jsessionid=0000A1B2C3?utm_source=x",
    "session of ASP.NET in the path": "https://bereke.example/(S(lit3py55t21z5v55vlm25s55))/bridge-opens-101",
    "session in the path, escaped": f"{KEY}%3BJSESSIONID=0000A1B2C3",
    "session of an array": f"{KEY}?PHPSESSID[]=k2j5",
    "session under a short name": f"{KEY}?sessid=0f9e8d7c6b5a49382716a5b4c3d2e1f0",
    "Google's newer marks": f"{KEY}?gad_source=1&gad_campaignid=22",
    "translated by Google": f"{KEY}?_x_tr_sl=kk&_x_tr_tl=en",
    "session in the query": f"{KEY}?PHPSESSID=k2j5&sid=0f9e8d7c6b5a49382716a5b4c3d2e1f0",
    "session of older servers": f"{KEY}?ASPSESSIONIDQQBC=x&CFID=1&CFTOKEN=2",
    "reply to a comment": f"{KEY}/?replytocom=812#respond",
    "a comment liked": f"{KEY}?like_comment=7&_wpnonce=ab12",
    "a page of comments": f"{KEY}/comment-page-12/#comments",
    "a page of comments in the query": f"{KEY}?cpage=2",
    "parameters escaped twice too often": f"{KEY}?utm_source=feed&amp;amp;utm_medium=rss&amp;#038;fbclid=1",
}


@pytest.mark.parametrize("address", SAME.values(), ids=SAME)
def test_same_article(address):
    """Every way of writing one address gives one key."""
    assert canonical(address) == KEY


PLAINER = {
    "AMP host": "https://amp.bereke.example/bridge-opens-101",
    "AMP host below www": "https://www.amp.bereke.example/bridge-opens-101",
    "AMP in front": "https://bereke.example/amp/bridge-opens-101/",
    "AMP at the end": f"{KEY}/amp/",
    "AMP file at the end": f"{KEY}/amp.html",
    "AMP switch": f"{KEY}?amp=1",
    "AMP switch without a value": f"{KEY}?amp",
    "AMP output type": f"{KEY}?outputType=amp",
    "print at the end": f"{KEY}/print",
    "print switch": f"{KEY}?print=yes",
    "Joomla's print view": f"{KEY}?tmpl=component&print=1",
    "print by another name": f"{KEY}?view=print",
    "AMP by another name": f"{KEY}?format=amp",
    "mobile": f"{KEY}?mobile=1",
    "what is embedded elsewhere": f"{KEY}/embed/",
    "its own feed": f"{KEY}/feed/",
    "mobile host": "https://m.bereke.example/bridge-opens-101",
    "mobile host by its whole name": "https://mobile.bereke.example/bridge-opens-101",
    "mobile section": "https://bereke.example/m/bridge-opens-101",
    "AMP ending": f"{KEY}.amp",
    "trackback": f"{KEY}/trackback/",
    "shared": f"{KEY}/share",
    "a short session": f"{KEY}?sid=ab12",
    "from a feed": f"{KEY}?from=rss",
    "referrer": f"{KEY}?ref=main",
    "capitals": "https://bereke.example/Bridge-Opens-101",
    "directory's file": f"{KEY}/index.html",
    "several at once": "https://m.bereke.example/amp/Bridge-opens-101/print?from=rss&view=amp",
}


@pytest.mark.parametrize("address", PLAINER.values(), ids=PLAINER)
def test_guessed_to_be_the_same(address):
    """What AMP, print and mobile pages have more keeps its own key; the article's own is guessed, for comparing texts."""
    key = canonical(address)
    assert key != KEY
    assert plainer(key) == KEY


PLAINER_ELSEWHERE = {
    "an AMP file": ("https://a.example/x-1.amp.html", "https://a.example/x-1.html"),
    "two forms of Unicode": (
        "https://a.example/%D2%9B%D0%BE%D0%B8%CC%86",
        "https://a.example/%D2%9B%D0%BE%D0%B9",
    ),
    "an article's number stays": ("https://a.example/read?id=5&ref=2", "https://a.example/read?id=5"),
    "nothing to leave out": ("https://a.example/x-1?id=5", "https://a.example/x-1?id=5"),
    "no text in its escapes": ("https://a.example/%ED-X/amp", "https://a.example/%ED-X"),
    "an escaped slash": ("https://a.example/A%2Fb/amp", "https://a.example/A%2Fb"),
    "a section alone": ("https://a.example/feed", "https://a.example/feed"),
    "a host of two labels": ("https://m.example/x", "https://m.example/x"),
}


@pytest.mark.parametrize(("address", "plain"), PLAINER_ELSEWHERE.values(), ids=PLAINER_ELSEWHERE)
def test_plainer(address, plain):
    """Only such parts go, and what carries identity stays."""
    assert plainer(canonical(address)) == plain


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=f"{vendor}-{name}")
        for vendor, names in TRACKING_PARAMETERS.items()
        for name in names
    ],
)
def test_tracking_parameters(name):
    """Each parameter of the table goes, and what stands beside it stays."""
    assert canonical(f"{KEY}?page=2&{name}=Abc123&z=1") == f"{KEY}?page=2&z=1"


@pytest.mark.parametrize("name", ["utm_campaign", "utm_whatever", "mtm_kwd", "matomo_source", "hsa_acc"])
def test_tracking_families(name):
    """Families known by their prefix go as well."""
    assert canonical(f"{KEY}?{name}=1") == KEY


APART = {
    "another path": ("https://a.example/x-1", "https://a.example/x-2"),
    "upper and lower case in the path": ("https://a.example/Xy-1", "https://a.example/xy-1"),
    "another host": ("https://a.example/x", "https://ru.a.example/x"),
    "mobile host": ("https://a.example/x", "https://m.a.example/x"),
    "another port": ("http://a.example:8000/x", "http://a.example:8001/x"),
    "http on a port of its own": ("http://a.example:8080/x", "http://a.example/x"),
    "number in the query": ("https://a.example/read?id=1", "https://a.example/read?id=2"),
    "ref as a reference number": ("https://a.example/story.asp?ref=1", "https://a.example/story.asp?ref=2"),
    "feature as a number": ("https://a.example/read?feature=1", "https://a.example/read?feature=2"),
    "place in a live text": ("https://a.example/live?timestamp=1", "https://a.example/live?timestamp=2"),
    "content and issue ids": (
        "https://a.example/v?cvid=1&icid=1&ncid=1&ocid=1",
        "https://a.example/v?cvid=2&icid=2&ncid=2&ocid=2",
    ),
    "underscore as a name": ("https://a.example/?_=1", "https://a.example/?_=2"),
    "primary key": ("https://a.example/read?pk_id=1", "https://a.example/read?pk_id=2"),
    "item number": ("https://a.example/read?itm_id=1", "https://a.example/read?itm_id=2"),
    "print as an article's number": ("https://a.example/index?print=1", "https://a.example/index?print=2"),
    "amp as a number": ("https://a.example/guitar?amp=11", "https://a.example/guitar?amp=12"),
    "the section of the paper edition": ("https://a.example/print/812", "https://a.example/812"),
    "an article named amp": ("https://a.example/amp", "https://a.example/"),
    "letter not seen in a slug": ("https://a.example/slug%EF%BF%BC", "https://a.example/slug"),
    "zero-width joiner in a slug": ("https://a.example/sl\u200dug", "https://a.example/slug"),
    "escaped slash in a path": ("https://a.example/a%2Fb", "https://a.example/a/b"),
    "escaped percent sign": ("https://a.example/a%2541", "https://a.example/aA"),
    "plus and space in a path": ("https://a.example/a+b", "https://a.example/a%20b"),
    "a section's number": ("https://a.example/list?sid=12", "https://a.example/list?sid=13"),
    "a long number in a short name": (
        "https://a.example/x?s=123456789012345678901234",
        "https://a.example/x?s=2",
    ),
    "a piece named feed": ("https://a.example/feed", "https://a.example/"),
    "a piece about comments": ("https://a.example/x/comment-pages", "https://a.example/x"),
    "a semicolon in a slug": ("https://a.example/x;part=2", "https://a.example/x"),
    "a name with a dot less": ("https://www.example/x", "https://example/x"),
    "a piece named feed in a section": ("https://a.example/news/feed", "https://a.example/news"),
    "a piece named print in a section": ("https://a.example/news/print", "https://a.example/news"),
    "a piece named amp in a section": ("https://a.example/news/amp", "https://a.example/news"),
    "a piece in the section amp": ("https://a.example/amp/x-1", "https://a.example/x-1"),
    "number 1 by the name of print": ("https://a.example/index?print=1", "https://a.example/index"),
    "a host amp": ("https://amp.a.example/x", "https://a.example/x"),
    "look-alike letters of two scripts": ("https://a.example/cop-1", "https://a.example/сор-1"),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_two_articles(one, other):
    """Addresses that may be two articles are never one key."""
    assert canonical(one) != canonical(other)


FORMS = {
    "raw Kazakh letters": (
        "https://a.example/көпір-ңғ",
        "https://a.example/%D0%BA%D3%A9%D0%BF%D1%96%D1%80-%D2%A3%D2%93",
    ),
    "small escapes": ("https://a.example/%d2%a3%d2%93", "https://a.example/%D2%A3%D2%93"),
    "U+FFFC raw": ("https://a.example/slug\ufffc", "https://a.example/slug%EF%BF%BC"),
    "U+FE0F raw": ("https://a.example/slug\ufe0f-1", "https://a.example/slug%EF%B8%8F-1"),
    "zero-width space raw": ("https://a.example/sl\u200bug", "https://a.example/sl%E2%80%8Bug"),
    "space raw": ("https://a.example/a b", "https://a.example/a%20b"),
    "not UTF-8": ("https://a.example/%ED%EE", "https://a.example/%ED%EE"),
    "broken escape": ("https://a.example/100%-sure", "https://a.example/100%-sure"),
    "Kazakh domain": ("https://жаңа.қаз/x", "https://xn--80aaq15b.xn--80ao21a/x"),
    "Kazakh domain in capitals": ("https://ЖАҢА.ҚАЗ/x", "https://xn--80aaq15b.xn--80ao21a/x"),
    "punycode": ("https://xn--80aaq15b.xn--80ao21a/x", "https://xn--80aaq15b.xn--80ao21a/x"),
    "ideographic full stop in the host": ("https://a。example/x", "https://a.example/x"),
    "order of the query": ("https://a.example/x?b=2&a=1&c=3", "https://a.example/x?a=1&b=2&c=3"),
    "order of equal names": ("https://a.example/x?a=2&a=1", "https://a.example/x?a=1&a=2"),
    "empty value": ("https://a.example/x?a", "https://a.example/x?a="),
    "IPv6": ("http://[0:0::1]:8000/x", "https://[::1]:8000/x"),
    "no path": ("https://a.example", "https://a.example/"),
}


@pytest.mark.parametrize(("written", "form"), FORMS.values(), ids=FORMS)
def test_form(written, form):
    """The exact key, letter by letter: keys are stored, so a change here splits old archives."""
    assert canonical(written) == form


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("http://a.example/x;jsessionid=01AB?b=2", "http://a.example/x?b=2"),
        ("http://a.example/x/?replytocom=5#respond", "http://a.example/x/#respond"),
        ("http://a.example/x?b=2&amp;amp;a=1", "http://a.example/x?b=2&a=1"),
        ("http://a.example/2026/x/comment-page-3/", "http://a.example/2026/x/"),
        ("http://www.a.example/x/?amp=1", "http://www.a.example/x/?amp=1"),
        ("http://a.example/feed/", "http://a.example/feed/"),
        ("http://a.example", "http://a.example"),
        ("/x?utm_source=a#b", "/x#b"),
    ],
)
def test_what_is_asked_for(written, asked):
    """A request goes to the address as written, without what changes at every read."""
    assert steady(written) == asked


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://ЖАҢА.ҚАЗ/x", "xn--80aaq15b.xn--80ao21a"),
        ("https://xn--80aaq15b.xn--80ao21a/x", "xn--80aaq15b.xn--80ao21a"),
        ("HTTPS://Paper.Example:443/x", "paper.example"),
        ("http://Paper.Example:8000/x", "paper.example:8000"),
        ("nonsense", ""),
    ],
)
def test_host(address, host):
    """A host has one form, however it is written."""
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("host", "outlet", "within"),
    [
        ("paper.example", "paper.example", True),
        ("sport.paper.example", "paper.example", True),
        ("sport.paper.example", "www.paper.example", True),
        ("newspaper.example", "paper.example", False),
        ("paper.example", "sport.paper.example", False),
        ("paper.example.evil.example", "paper.example", False),
        ("x.127.0.0.1", "127.0.0.1", False),
    ],
)
def test_subdomain(host, outlet, within):
    """A subdomain is the outlet's; a name that merely ends or begins alike is not."""
    assert is_within(host, outlet) is within


HOSTS = {
    "127.0.0.1:8000": "bereke.example",
    "mirror.example": "bereke.example",
    "bereke.example": "bereke.example",
}


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000/bridge-opens-101",
        "https://mirror.example/bridge-opens-101/",
        "https://www.mirror.example/bridge-opens-101",
        KEY,
    ],
)
def test_mirrors_and_replicas(address):
    """What is fetched from a mirror or a replica is the article of the outlet itself."""
    assert canonical(address, hosts=HOSTS) == KEY


def test_other_ports_are_no_replica():
    """Only the very host and port that was named stands for the outlet."""
    assert canonical("http://127.0.0.1:8001/x", hosts=HOSTS) == "https://127.0.0.1:8001/x"


def test_outlet_known_by_its_www_name():
    """A key is the same whether the outlet's own host was given with www or without."""
    assert canonical("http://127.0.0.1:1/x", hosts={"127.0.0.1:1": "www.bereke.example"}) == canonical(
        "https://bereke.example/x"
    )


def test_very_long_address():
    """No length limit: 20,000 letters are a key like any other."""
    slug = "қ" * 10_000 + "-1"
    key = canonical(f"https://a.example/{slug}/?utm_source=x")
    assert key.endswith("-1")
    assert len(key) == len("https://a.example/") + 10_000 * len("%D2%9B") + 2


BAD = {
    "empty": "",
    "white space": "  \n",
    "javascript": "javascript:alert(1)",
    "mail": "mailto:desk@a.example",
    "file": "file:///etc/passwd",
    "data": "data:text/html,x",
    "ftp": "ftp://a.example/x",
    "relative": "/x",
    "no scheme": "a.example/x",
    "scheme without slashes": "https:a.example/x",
    "no host": "https:///x",
    "only a port": "https://:80/x",
    "host of dots": "https://.../x",
    "user name": "https://desk@a.example/x",
    "user name and password": "https://desk:secret@a.example/x",
    "backslash before a user name": "https://a.example\\@evil.example/x",
    "backslash in the host": "https://a.example\\evil.example/x",
    "port too large": "https://a.example:99999/x",
    "port in words": "https://a.example:http/x",
    "open bracket": "https://[::1/x",
    "space in the host": "https://a example/x",
    "escaped letter in the host": "https://%61.example/x",
    "NUL": "https://a.example/\x00x",
    "escape character": "https://a.example/\x1b[31m",
    "letters that stand for a path": "https://a.example\u2100/x",
}


@pytest.mark.parametrize("address", BAD.values(), ids=BAD)
def test_refused(address):
    """What is no address of a web page is refused, as an address and as a key."""
    with pytest.raises(AddressError):
        absolute(address)
    with pytest.raises(AddressError):
        canonical(address)


def test_refusal_can_be_printed():
    """The message names the address, shortened, in letters that every terminal can take."""
    with pytest.raises(AddressError) as caught:
        canonical("https://a.example/\ud800" + "x" * 5000)
    assert len(str(caught.value).encode("utf-8")) < 400


@pytest.mark.parametrize(
    ("written", "base", "address"),
    [
        ("/x-1", "https://a.example/list?page=2", "https://a.example/x-1"),
        ("x-1", "https://a.example/news/", "https://a.example/news/x-1"),
        ("//b.example/x", "https://a.example/", "https://b.example/x"),
        ("https://b.example/x", "https://a.example/", "https://b.example/x"),
        (" \t/x-1\n", "https://a.example/", "https://a.example/x-1"),
        ("/x\n-1", "https://a.example/", "https://a.example/x-1"),
        ("?page=2", "https://a.example/list", "https://a.example/list?page=2"),
        ("https://a.example/x#top", None, "https://a.example/x#top"),
    ],
)
def test_absolute(written, base, address):
    """What a link on a page means; line breaks go, as in browsers."""
    assert absolute(written, base) == address


@pytest.mark.parametrize("base", ["https://[", "", None, "mailto:x@a.example"])
def test_absolute_on_a_bad_base(base):
    """A page whose own address is nonsense gives no addresses, and no other error."""
    with pytest.raises(AddressError):
        absolute("x-1", base)


@pytest.mark.parametrize(
    ("address", "site", "expected"),
    [
        ("https://a.example/x-1?p=2", "http://127.0.0.1:8000", "http://127.0.0.1:8000/x-1?p=2"),
        ("https://a.example/x-1?p=2", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/x-1?p=2"),
        ("https://a.example", "http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("https://a.example/x", "https://b.example/copy/", "https://b.example/copy/x"),
        ("https://a.example/x#top", "http://127.0.0.1:8000", "http://127.0.0.1:8000/x"),
        (
            "https://a.example//evil.example/x",
            "http://127.0.0.1:8000",
            "http://127.0.0.1:8000//evil.example/x",
        ),
    ],
)
def test_rebase(address, site, expected):
    """The same path on a replica, whatever the path looks like."""
    assert rebase(address, site) == expected


def test_rebase_of_nonsense():
    """What cannot be taken apart is an address error."""
    with pytest.raises(AddressError):
        rebase("https://[", "http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("path", "front"),
    [
        ("", True),
        ("/", True),
        ("//", True),
        ("/?from=article", True),
        ("/?p=2", False),  # a piece of a young blog
        ("/?p=6617485", False),  # a piece, as WordPress names it for short
        ("/index.php?lang=kk&p=6617485", False),
        ("/?p=12a45", True),
        ("/?pp=6617485", True),
        ("/index.html", True),
        ("/index.php", True),
        ("/kz/", True),
        ("/RU", True),
        ("/main", True),
        ("/news", False),
        ("/kz/bridge-101", False),
        ("/bridge-101", False),
        ("/index.html/x", False),
    ],
)
def test_front_page(path, front):
    """The front page under its usual names, and nothing else."""
    assert is_front_page(f"https://a.example{path}") is front


PRIVATE = [
    "localhost", "LOCALHOST", "localhost.", "localhost:8000", "x.localhost", "a.localdomain", "printer.local", "db.internal",
    "router.home.arpa", "router", "", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.", "127.8.9.10", "0.0.0.0", "10.1.2.3",
    "172.16.0.1", "192.168.1.1:8080", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "2130706433", "0",
    "127.1", "0177.0.0.1", "0x7f.0.0.1", "a.0x7f", "１２７.0.0.1", "127。0。0。1", "::1", "[::1]", "[::1]:80", "::", "[::ffff:127.0.0.1]",
    "::ffff:10.0.0.1", "fe80::1%eth0", "[fd00::1]", "ff02::1", "fec0::1", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
]  # fmt: skip
PUBLIC = [
    "orda.example", "orda.example:8443", "8.8.8.8", "8.8.8.8:53", "xn--80aaq15b.xn--80ao21a", "localhost.example", "local.example",
    "127.0.0.1.example", "[2606:4700::1111]", "2606:4700::1111", "[2606:4700::1111]:443", "64:ff9b::808:808", "1.2.3.4.example",
]  # fmt: skip


OF_THE_MACHINE = [
    "169.254.169.254", "169.254.1.1:80", "169.254.169.254.", "１６９.254.169.254", "fe80::1%eth0", "[fe80::1]", "[::ffff:169.254.169.254]:80",
    "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "100.100.100.200", "[fd00:ec2::254]", "168.63.129.16",
]  # fmt: skip
# Numbers in other spellings are names to the resolver, and checked as what they resolve to.
OF_NO_MACHINE = [
    "localhost",
    "127.0.0.1",
    "[::1]:8000",
    "10.1.2.3",
    "192.168.1.1",
    "8.8.8.8",
    "2852039166",
    "169.254.169.254.example",
    "",
]


@pytest.mark.parametrize("host", [*OF_THE_MACHINE, *OF_NO_MACHINE], ids=repr)
def test_services_of_the_machine(host):
    """Link-local numbers and metadata services are nobody's site; this machine and a private network may be one's own."""
    assert is_of_the_machine(host) is (host in OF_THE_MACHINE)


@pytest.mark.parametrize("host", PRIVATE, ids=repr)
def test_private_host(host):
    """The machine itself and private networks, in every spelling that a resolver understands."""
    assert is_private_host(host)


@pytest.mark.parametrize("host", PUBLIC, ids=repr)
def test_public_host(host):
    """Hosts of the open web."""
    assert not is_private_host(host)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://EN.A.Example/x", "en.a.example"),
        ("https://a.example:443/", "a.example"),
        ("http://a.example:443/", "a.example:443"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("nothing", ""),
        ("https://[", ""),
        ("https://a.example:99999/", ""),
    ],
)
def test_host_of(address, host):
    """Host and port as keys and rules name them; empty where there is none."""
    assert host_of(address) == host


_PIECES = st.sampled_from(
    [
        "www.",
        "amp.",
        "a",
        "kz",
        ".",
        "..",
        "/",
        "//",
        "?",
        "&",
        "=",
        "%",
        "%25",
        "%2F",
        "%3b",
        "%zz",
        "%D2%A3",
        "ң",
        "\u200b",
        "￼",
        "�",
        ":",
        ":80",
        ":443",
        "@",
        "[",
        "]",
        "::1",
        "#",
        "amp",
        "print",
        ";",
        "+",
        "\\",
        "utm_x",
        "é",
        "é",
        "。",
        "ß",
        "İ",
        "xn--",
        "-",
        "\xa0",
        "℀",
        "amp;",
        "outputtype=amp",
    ]
)
_ADDRESSES = st.builds(
    str.__add__,
    st.sampled_from(["https://", "http://", "https://a.example/", "https://a.example/x?", ""]),
    st.lists(_PIECES | st.text(max_size=3), max_size=12).map("".join),
)


@settings(deadline=None)
@given(_ADDRESSES)
@example("https://amp.www.a.kz")
@example("http://a.kz:443/")
@example("https://.../x")
@example("https://\u00a00/")
def test_canonical_is_idempotent(address):
    """A key is its own key, and whatever is written raises AddressError or nothing."""
    try:
        key = canonical(address)
    except AddressError:
        return
    assert canonical(key) == key
    assert key.startswith("https://")
    assert plainer(plainer(key)) == plainer(key)


@settings(deadline=None)
@given(
    st.from_regex(
        r"https?://([a-z0-9-]{1,6}\.){0,3}[a-z0-9]{1,6}\.[a-z]{2,5}(/[A-Za-z0-9_./-]{0,20})?", fullmatch=True
    )
)
@example("https://www.amp.a.kz/amp/./x/../amp//print/")
@example("http://xn.xn--80a.kz/a")
def test_plain_addresses_take_no_short_cut_in_meaning(address):
    """An address in its plainest form has the key it would have if it were taken apart."""
    with_fragment = f"{address}#"  # one that is not plain, and means the same
    assert canonical(address) == canonical(with_fragment)
    assert canonical(address, hosts={"a.kz": "b.kz"}) == canonical(with_fragment, hosts={"a.kz": "b.kz"})


@pytest.mark.parametrize(
    "address", ["https://a..kz/", "https://¡..", "https://\xa0..", "http://a。。kz/x", "https://.a..b/"]
)
def test_labels_without_a_letter(address):
    """A name has no empty labels; such an address would not keep its key."""
    with pytest.raises(AddressError):
        canonical(address)


@settings(deadline=None)
@given(_ADDRESSES, _ADDRESSES)
def test_nothing_else_is_raised(address, base):
    """Any text is an address or an AddressError, whatever is asked of it."""
    for ask in (lambda: absolute(address, base), lambda: rebase(address, "http://127.0.0.1:8000")):
        with suppress(AddressError):
            ask()
    assert isinstance(is_front_page(address), bool)
    assert isinstance(is_private_host(address), bool)
    assert isinstance(host_of(address), str)
