"""Address identity: one canonical form for every web address, so that one article has one key.

Does not fetch, and knows no site; what is special to a source comes in as arguments.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from newscrawl.errors import AddressError

# Parameters that say where a reader came from and never what he reads, by vendor. Compared in lower case.
TRACKING_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "google": ("gclid", "dclid", "gbraid", "wbraid", "gclsrc", "_ga", "_gl", "srsltid", "ved", "usg"),
    "meta": ("fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "igshid", "igsh"),
    "microsoft": ("msclkid", "cvid", "ocid"),
    "yandex": ("yclid", "ymclid", "_openstat", "ysclid", "frommarket"),
    "vk": ("rb_clickid", "vk_ref"),
    "x": ("twclid", "ref_src", "ref_url"),
    "tiktok": ("ttclid", "tt_medium", "tt_content"),
    "mailers": ("mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_enc_id", "oly_anon_id", "ck_subscriber_id"),
    "analytics": ("__twitter_impression", "at_medium", "at_campaign", "wt_mc", "wt.mc_id", "ns_mchannel", "ns_source", "ns_campaign", "s_cid", "ncid", "cmpid", "icid"),
    "share": ("share", "shared", "sharing", "ref", "referrer", "from_source", "spm", "feature"),
    "caches": ("_", "nocache", "rnd", "timestamp"),
}  # fmt: skip
_TRACKING = frozenset(name for names in TRACKING_PARAMETERS.values() for name in names)
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "matomo_", "hsa_", "stm_", "trk_", "itm_")

# A page's AMP and print twins carry the same article (peers keep them apart and count them twice).
_TWIN_SEGMENTS = frozenset({"amp", "amp.html", "print"})
_TWIN_PARAMETERS = frozenset({"amp", "print", "outputtype"})
_INVISIBLE = re.compile(r"[\x00-\x20\x7f\u00ad\u200b-\u200f\u2028\u2029\u2060\ufeff]+")


def absolute(address: str, base: str | None = None) -> str:
    """The absolute http(s) address that `address` names on page `base`.

    Raises AddressError for anything else: other schemes, no host, user names in the address, a bad port.
    """
    joined = urljoin(base, address.strip()) if base else address.strip()
    try:
        parts = urlsplit(joined)
        _ = parts.port
    except ValueError as error:
        raise AddressError("not a web address", subject=address[:200]) from error
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise AddressError("not a web address (http or https)", subject=address[:200])
    if parts.username is not None or parts.password is not None:
        raise AddressError("an address with a user name in it is not followed", subject=address[:200])
    return joined


def canonical(address: str, *, hosts: Mapping[str, str] | None = None) -> str:
    """The one form of an address under which an article is known.

    On top of w3lib's canonical form (sorted parameters, normalised escapes, no fragment): scheme
    folded to https, host in lower case without `www.` or `amp.` and without a default port,
    tracking parameters dropped, AMP and print twins folded, final slash folded. `hosts` maps a
    host (with port, as in the address) to the host it stands for: mirrors and replicas.
    Idempotent. Raises AddressError for what is no web address.
    """
    parts = urlsplit(_w3lib_form(absolute(address)))
    host = _host(parts, hosts or {})
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _droppable(pair))
    return urlunsplit(("https", host, _fold_path(parts.path), query, ""))


def host_of(address: str) -> str:
    """Host of an address in lower case, with the port if it is not the scheme's own; empty if there is none."""
    try:
        parts = urlsplit(address)
        return _netloc(parts)
    except ValueError:
        return ""


def rebase(address: str, site: str) -> str:
    """The same path and query on another site: `rebase("https://a.kz/x-1?p=2", "http://127.0.0.1:8000")`."""
    parts, base = urlsplit(address), urlsplit(site)
    return urlunsplit(
        (base.scheme, base.netloc, base.path.rstrip("/") + (parts.path or "/"), parts.query, "")
    )


def is_front_page(address: str) -> bool:
    """Whether an address names a site's front page, also as /index.html or with a language segment."""
    path = urlsplit(address).path.strip("/").lower()
    return path in ("", "index.html", "index.htm", "index.php", "en", "ru", "kz", "kk", "home", "main")


def is_private_host(host: str) -> bool:
    """Whether a host is this machine or a private network by its name or number (no name is looked up)."""
    name = host.rsplit(":", 1)[0].strip("[]").lower() if host.count(":") <= 1 or "]" in host else host.lower()
    if name in ("localhost", "") or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        return False
    return not number.is_global


def _w3lib_form(address: str) -> str:
    # Escapes are normalised by decoding once: "%d2%a3" and "ң" are one letter of one address.
    text = _INVISIBLE.sub("", address)
    try:
        return canonicalize_url(text, keep_blank_values=True, keep_fragments=False)
    except (ValueError, UnicodeError) as error:
        raise AddressError("not a web address", subject=address[:200]) from error


def _host(parts: SplitResult, hosts: Mapping[str, str]) -> str:
    netloc = _netloc(parts)
    if netloc in hosts:
        return hosts[netloc]
    for prefix in ("www.", "amp."):
        bare = netloc.removeprefix(prefix)
        if bare != netloc and "." in bare:
            netloc = bare
    return hosts.get(netloc, netloc)


def _netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return host if port is None or port == default else f"{host}:{port}"


def _droppable(pair: str) -> bool:
    name = unquote(pair.split("=", 1)[0]).lower()
    return name in _TRACKING or name in _TWIN_PARAMETERS or name.startswith(_TRACKING_PREFIXES)


def _fold_path(path: str) -> str:
    segments = [segment for segment in path.split("/") if segment]
    while len(segments) > 1 and segments[-1].lower() in _TWIN_SEGMENTS:
        segments.pop()
    while len(segments) > 1 and segments[0].lower() in _TWIN_SEGMENTS:
        segments.pop(0)
    return "/" + "/".join(segments)
