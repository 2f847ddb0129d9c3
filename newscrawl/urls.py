"""The canonical form of web addresses, so that one article has one key, and other functions on addresses."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from newscrawl.errors import AddressError

# Parameters that say where a reader came from and never select content, by vendor. Compared in lower case.
# Two articles under one key are worse than one article under two: duplicates are joined later by canonical link and
# text, an article merged into another is lost. So names that some sites use for content are left out on purpose: ref,
# feature, story-like ids (cvid, ncid, icid, ocid), timestamp (positions in a live text), _ (a cache breaker of scripts,
# never in links), and any prefix so short that it may be a primary key or an item (pk_id, itm_id, trk_id, stm_id).
TRACKING_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "google": ("gclid", "dclid", "gbraid", "wbraid", "gclsrc", "gad_source", "gad_campaignid", "_ga", "_gl", "srsltid", "ved", "usg"),
    "meta": ("fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "igshid", "igsh", "mibextid"),
    "microsoft": ("msclkid",),
    "yandex": ("yclid", "ymclid", "_openstat", "ysclid", "etext", "frommarket"),
    "vk": ("rb_clickid", "vk_ref"),
    "x": ("twclid", "ref_src", "ref_url"),
    "tiktok": ("ttclid", "tt_medium", "tt_content"),
    "mailers": ("mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_enc_id", "oly_anon_id", "ck_subscriber_id"),
    "analytics": ("__twitter_impression", "at_medium", "at_campaign", "roistat_visit", "wt_mc", "wt.mc_id", "ns_mchannel", "ns_source", "ns_campaign", "s_cid", "cmpid"),
    "matomo": ("pk_campaign", "pk_kwd", "pk_keyword", "pk_source", "pk_medium", "pk_content", "pk_cid"),
    "campaigns": ("itm_source", "itm_medium", "itm_campaign", "itm_content", "stm_source", "stm_medium", "stm_campaign", "trk_contact", "trk_msg", "trk_module", "trk_sid"),
    "share": ("share", "shared", "sharing", "referrer", "from_source", "spm"),
    "caches": ("nocache", "rnd"),
}  # fmt: skip
_TRACKING = frozenset(name for names in TRACKING_PARAMETERS.values() for name in names)
_TRACKING_PREFIXES = ("utm_", "_x_tr_", "mtm_", "matomo_", "hsa_")

# A reader's session, and the place in a discussion: another one at every read or for every comment, never another text.
# Dropped by name alone only where no system uses the name for content; the short names need a value that is no number.
_SESSIONS = frozenset(
    {
        "jsessionid",
        "phpsessid",
        "phpsessionid",
        "sessionid",
        "session_id",
        "cfid",
        "cftoken",
        "oscsid",
        "zenid",
        "xtcsid",
    }
)
_SESSION_PREFIXES = ("aspsessionid",)
_SHORT_SESSIONS = frozenset({"sid", "s", "ses", "sess", "sessid", "sess_id", "session"})
_SESSION_VALUE = re.compile(r"(?=.*\d)(?=.*[a-z])[0-9a-z]{24,128}", re.IGNORECASE)
_COMMENTS = frozenset(
    {
        "replytocom", "replyto", "reply_to", "like_comment", "unlike_comment", "cpage", "comment_page", "comment-page", "commentpage",
        "showcomment", "comment_id", "commentid", "unapproved", "moderation-hash", "_wpnonce", "noamp",
    }
)  # fmt: skip
_PATH_SESSION = re.compile(r"(?:;|%3B)(?:jsessionid|phpsessid|sessionid|sid)=[^/?#;]*", re.IGNORECASE)
_PATH_SESSION_SEGMENT = re.compile(r"/\((?:[A-Z]\([A-Za-z0-9_-]{1,200}\)){1,3}\)(?=/)")  # of ASP.NET
_COMMENT_PAGE = re.compile(r"comment-page-\d{1,9}", re.IGNORECASE)
_DOUBLED = re.compile(r"&(?:(?:amp|AMP);|#0*38;|#x26;)+")

# What an address has more than another one that may show the same piece: hosts, first, last and only parts of a path,
# ends of a file's name, and parameters. Each of them is an article's own somewhere ("/news/feed", "/print/812",
# "/story?ref=2"), so that a key keeps them; `plainer` leaves them out for a comparison of the texts.
_VARIANT_HOSTS = ("amp.", "m.", "mobile.", "wap.", "pda.", "touch.", "lite.", "print.")
_VARIANT_FIRST = frozenset({"amp", "m", "mobile", "wap", "pda", "print", "embed"})
_VARIANT_LAST = frozenset(
    {
        "amp", "amp.html", "ampage", "amphtml", "m", "mobile", "pda", "print", "print.html", "printable", "print-version", "printversion", "embed",
        "feed", "rss", "atom", "trackback", "share", "full", "single", "index.html", "index.htm", "index.php", "default.aspx",
    }
)  # fmt: skip
_VARIANT_ENDING = re.compile(r"[._-](?:amp|print|mobile)(?=(?:\.[a-z]{2,5})?$)", re.IGNORECASE)
_VARIANT_PARAMETERS = frozenset(
    {
        "amp", "print", "printable", "printerfriendly", "output", "outputtype", "format", "display", "view", "tmpl", "mobile", "nomobile",
        "device", "from", "src", "source", "ref", "referer", "via", "rss", "feed", "feature", "cmp", "campaign", "partner", "erid", "theme",
    }
) | _SHORT_SESSIONS  # fmt: skip
_ESCAPED_MARK = re.compile(r"%(?:2f|25|3f|23|5c)", re.IGNORECASE)
_AROUND = (
    "".join(map(chr, range(0x21))) + "\x7f\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff"
)
# A plain address: a host name with dots, and a path of letters, digits and marks that are never escaped.
_PLAIN = re.compile(r"https?://((?:[a-z0-9]{1,20}\.){1,4}[a-z]{2,10})(/(?!\.)(?:[A-Za-z0-9_-]|\.|/(?!\.))*)?")
_LINE_BREAKS = str.maketrans("", "", "\t\r\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# The last alternative: an empty label; dots of other scripts count as dots.
_NOT_IN_A_HOST = re.compile(r"[\x00-\x20\x7f\\%\"<>^`{|}]|[.\u3002\uff0e\uff61]{2}")
# Young blogs begin with few digits. Where "/?p=2" is the second page of a list, the source's pattern says so.
_SHORT_LINK = re.compile(r"(?:^|&)p=([1-9]\d{0,11})(?:&|$)", re.ASCII)
# Those of clouds that are not link-local: Amazon's by IPv6, Alibaba's, Oracle's, Azure's.
_METADATA_SERVICES = frozenset({"fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"})
_LAST_LABEL_IS_A_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)$")


def absolute(address: str, base: str | None = None) -> str:
    """The absolute http(s) address that `address` names on page `base`.

    White space and invisible characters around it are dropped, and line breaks and tabs within it, as in browsers. Raises AddressError for anything else: other schemes, no host, user names in
    the address, a bad port, control characters.
    """
    written = address.strip(_AROUND).translate(_LINE_BREAKS)
    try:
        joined = urljoin(base, written) if base else written
        parts = urlsplit(joined)
        _ = parts.port
    except ValueError as error:
        raise AddressError("not a web address", subject=_shown(address)) from error
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise AddressError("not a web address (http or https)", subject=_shown(address))
    if parts.username is not None or parts.password is not None:
        raise AddressError("an address with a user name in it is not followed", subject=_shown(address))
    if _CONTROL.search(joined) or _NOT_IN_A_HOST.search(parts.hostname) or not parts.hostname.strip("."):
        raise AddressError("not a web address: characters that cannot be in one", subject=_shown(address))
    return joined


def canonical(address: str, *, hosts: Mapping[str, str] | None = None) -> str:
    """The canonical form of an address, the key of an article.

    On top of w3lib's canonical form (sorted parameters, normalised escapes, no fragment): scheme
    folded to https, host in lower case without `www.` and without a default port,
    tracking and session parameters, places in a discussion and the final slash dropped. `hosts` maps the host (with port)
    of a mirror to the host it stands for. The case and all characters of a path are kept, also invisible ones
    (U+FFFC in a slug): raw or escaped it is the same address, without it another one. Idempotent. Raises
    AddressError if it is not a web address.
    """
    if plain := _PLAIN.fullmatch(address):
        # The fast way for most addresses: nothing to escape, sort or drop.
        return f"https://{_mapped(plain[1], hosts or {})}{_fold_path(plain[2] or '')}"
    # Checked again: compatibility characters of a host may turn into a space or a dot.
    parts = urlsplit(absolute(_w3lib_form(steady(absolute(undoubled(address))))))
    host = _host(parts, hosts or {})
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_volatile(pair))
    return urlunsplit(("https", host, _fold_path(parts.path), query, ""))


def plainer(key: str) -> str:
    """The key of the address that may show the piece of this one: an AMP, print or mobile page's own article's.

    Without the parts that such pages have more, in one form of Unicode and in lower case; `key` itself where there are
    none. Only a guess for comparing texts: at some outlets each of these is an article of its own. Raises
    AddressError if it is not a web address.
    """
    parts = urlsplit(key)
    host = parts.netloc
    while (bare := _without_any(host, _VARIANT_HOSTS)) != host:
        host = bare
    segments = [segment for segment in _folded(parts.path).split("/") if segment]
    while len(segments) > 1 and segments[-1] in _VARIANT_LAST:
        segments.pop()
    while len(segments) > 1 and segments[0] in _VARIANT_FIRST:
        segments.pop(0)
    segments[-1:] = [_VARIANT_ENDING.sub("", last) for last in segments[-1:]]
    query = "&".join(pair for pair in parts.query.split("&") if _name(pair) not in _VARIANT_PARAMETERS)
    return canonical(urlunsplit(("https", host, "/" + "/".join(segments), query, "")))


def _folded(path: str) -> str:
    """A path in one form of Unicode and in lower case; as it is where its escapes are no text, or marks of an address."""
    if _ESCAPED_MARK.search(path):
        return path
    try:
        return quote(
            unicodedata.normalize("NFC", unquote(path, errors="strict")).lower(), safe="/:@!$&'()*+,;=~"
        )
    except UnicodeDecodeError:
        return path


def undoubled(address: str) -> str:
    """The address with "&" for the "&amp;" of markup that was escaped once too often."""
    return _DOUBLED.sub("&", address) if "&" in address else address


def steady(address: str) -> str:
    """The address as written, without what says who reads it, from where, or which comment; for requests, not for comparing.

    Tracking parameters, session identifiers, places in a discussion: links carry others at every read.
    """
    head, mark, rest = undoubled(address).partition("?")
    if not mark:
        head, hash_mark, fragment = head.partition("#")
        return _steady_path(head) + hash_mark + fragment
    query, hash_mark, fragment = rest.partition("#")
    kept = "&".join(pair for pair in query.split("&") if not _is_volatile(pair))
    return f"{_steady_path(head)}{'?' if kept else ''}{kept}{hash_mark}{fragment}"


def host_of(address: str) -> str:
    """Host of an address in its one form: lower case, ASCII (IDNA), with the port if it is not the scheme's own; empty if there is none."""
    try:
        parts = urlsplit(address)
        return _netloc(parts)
    except ValueError:
        return ""


def is_within(host: str, outlet: str) -> bool:
    """Whether a host (as `host_of` gives it) is the outlet's, or a subdomain of it."""
    whole = _bare(outlet)
    return host == whole or (host.endswith(f".{whole}") and not is_private_host(whole))


def rebase(address: str, site: str) -> str:
    """The same path and query on another site: `rebase("https://a.kz/x-1?p=2", "http://127.0.0.1:8000")`.

    Raises AddressError if an address cannot be parsed.
    """
    try:
        parts, base = urlsplit(address), urlsplit(site)
    except ValueError as error:
        raise AddressError("not a web address", subject=_shown(address)) from error
    return urlunsplit(
        (base.scheme, base.netloc, base.path.rstrip("/") + (parts.path or "/"), parts.query, "")
    )


def short_link(address: str) -> str | None:
    """The article number in a short link of WordPress at the site's root: "/?p=6617485"; None for others."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    found = _SHORT_LINK.search(parts.query) if parts.path.strip("/").lower() in ("", "index.php") else None
    return found[1] if found else None


def rule_path(address: str) -> str:
    """What the rules of a source are held against: the path of an address; of a short link "/?p=123"."""
    number = short_link(address)
    return urlsplit(address).path if number is None else f"/?p={number}"


def is_front_page(address: str) -> bool:
    """Whether an address is a site's front page, also as /index.html or with a language segment."""
    try:
        path = urlsplit(address).path.strip("/").lower()
    except ValueError:
        return False
    return short_link(address) is None and path in (
        "",
        "index.html",
        "index.htm",
        "index.php",
        "en",
        "ru",
        "kz",
        "kk",
        "home",
        "main",
    )


def is_private_host(host: str) -> bool:
    """Whether a host is this machine or in a private network, by its name or number, without a DNS query.

    With or without port and brackets. Numbers in forms that only the system's resolver reads (2130706433, 127.1,
    0x7f.0.0.1) and names without a dot count as private: no outlet has them.
    """
    name = _host_name(host)
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        local = name.endswith((".localhost", ".localdomain", ".local", ".internal", ".home.arpa"))
        return local or "." not in name or bool(_LAST_LABEL_IS_A_NUMBER.search(name))
    inner = _embedded(number) if isinstance(number, ipaddress.IPv6Address) else number
    local = number.is_multicast or inner.is_multicast or getattr(number, "is_site_local", False)
    return local or not (number.is_global and inner.is_global)


def is_of_the_machine(host: str) -> bool:
    """Whether a number is link-local or a cloud's metadata service: it hands out secrets of the machine, and is nobody's site."""
    try:
        number = ipaddress.ip_address(_host_name(host))
    except ValueError:  # names and odd spellings are checked by the number that they resolve to
        return False
    inner = _embedded(number) if isinstance(number, ipaddress.IPv6Address) else number
    return number.is_link_local or inner.is_link_local or str(inner) in _METADATA_SERVICES


def _host_name(host: str) -> str:
    """The name or number of a host, without port, brackets and final dots."""
    name = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    return name.rstrip(".")


def _embedded(number: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside an IPv6 address (mapped, compatible, 6to4, NAT64), else the address itself."""
    if number in ipaddress.ip_network("64:ff9b::/96") or number in ipaddress.ip_network("::/96"):
        return ipaddress.IPv4Address(number.packed[-4:])
    return number.ipv4_mapped or number.sixtofour or number


def _shown(address: str) -> str:
    # For messages: short, and without half surrogate pairs, which cannot be printed.
    return address[:200].encode("utf-8", "replace").decode("utf-8")


def _w3lib_form(address: str) -> str:
    # A tenth of a second of imports, which commands that only read do without.
    from w3lib.url import canonicalize_url

    # Escapes are normalised by decoding once: "%d2%a3" and "ң" are the same letter.
    try:
        return canonicalize_url(address, keep_blank_values=True, keep_fragments=False)
    except (ValueError, UnicodeError) as error:
        raise AddressError("not a web address", subject=_shown(address)) from error


def _host(parts: SplitResult, hosts: Mapping[str, str]) -> str:
    return _mapped(_netloc(parts).removesuffix(":443"), hosts)  # all keys are https


def _mapped(netloc: str, hosts: Mapping[str, str]) -> str:
    while True:
        if netloc in hosts:
            return _bare(hosts[netloc])
        bare = _without_prefix(netloc)
        if bare == netloc:
            return netloc
        netloc = bare


def _bare(host: str) -> str:
    while (bare := _without_prefix(host)) != host:
        host = bare
    return host


def _without_prefix(host: str) -> str:
    # "www.kz" is a host name, not a prefix.
    return _without_any(host, ("www.",))


def _without_any(host: str, prefixes: tuple[str, ...]) -> str:
    bare = next((host.removeprefix(prefix) for prefix in prefixes if host.startswith(prefix)), host)
    return bare if "." in bare else host


def _steady_path(path: str) -> str:
    if ";" in path or "%3" in path:
        path = _PATH_SESSION.sub("", path)
    if "(" in path:
        path = _PATH_SESSION_SEGMENT.sub("", path)
    whole = path.rstrip("/")
    page, _, last = whole.rpartition("/")
    if _COMMENT_PAGE.fullmatch(last) and "/" in page.partition("://")[2].rstrip("/"):
        return page.rstrip("/") + path[len(whole) :]
    return path


def _netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        with contextlib.suppress(UnicodeError):
            host = host.encode("idna").decode("ascii")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return host if port is None or port == default else f"{host}:{port}"


def _is_volatile(pair: str) -> bool:
    name = _name(pair)
    if name in _TRACKING or name in _COMMENTS or name in _SESSIONS:
        return True
    if name in _SHORT_SESSIONS:
        return bool(_SESSION_VALUE.fullmatch(pair.partition("=")[2]))
    return name.startswith((*_TRACKING_PREFIXES, *_SESSION_PREFIXES))


def _name(pair: str) -> str:
    # "&amp;utm_source=": HTML escaped once too often.
    return unquote(pair.partition("=")[0]).lower().removeprefix("amp;").removesuffix("[]")


def _fold_path(path: str) -> str:
    segments = [segment for segment in path.split("/") if segment]
    while len(segments) > 1 and _COMMENT_PAGE.fullmatch(segments[-1]):
        segments.pop()
    return "/" + "/".join(segments)


def article_reference(given: int | str) -> int | list[str]:
    """What a person calls an article by: its number, or the forms under which its address may be known."""
    text = str(given).strip()
    if text.isdecimal():
        return int(text[:30])
    forms = {text: None}
    for address in (text, f"https://{text}"):
        try:
            key = canonical(address)
            forms |= dict.fromkeys((key, plainer(key)))
        except AddressError:
            continue
    return list(forms)
