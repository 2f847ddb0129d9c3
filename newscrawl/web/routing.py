"""Requests, responses, and which page answers which path. Knows no sockets and no page."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

HTML, TEXT, JSON, CSS = (
    f"{kind}; charset=utf-8" for kind in ("text/html", "text/plain", "application/json", "text/css")
)
METHODS = ("GET", "HEAD")
_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:/@\[\]]+))(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: a decoded path and the query's values by name, the first of each."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def wants_json(self) -> bool:
        """Whether the JSON of a page is asked for."""
        return self.query.get("format") == "json"


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    body: bytes
    type: str = HTML
    status: int = HTTPStatus.OK
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def text(cls, words: str, status: int = HTTPStatus.OK, type: str = TEXT) -> Response:  # noqa: A002
        """A response of text."""
        return cls(words.encode("utf-8", "replace"), type, status)

    @classmethod
    def json(cls, value: object) -> Response:
        """A response of one JSON value."""
        # What is not ASCII is escaped: no half surrogate pair and no direction mark can do anything.
        return cls.text(json.dumps(value, allow_nan=False) + "\n", type=JSON)


Page = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Router:
    """Pages by path. `names` are the host names that a browser may have asked for beside addresses and localhost."""

    pages: Mapping[str, Page]
    names: Collection[str] = ()

    def answer(self, method: str, target: str, host: str | None) -> Response:
        """The response to a request line and its Host header."""
        if method not in METHODS:
            refused = Response.text("Only GET and HEAD are answered.\n", HTTPStatus.METHOD_NOT_ALLOWED)
            return Response(refused.body, refused.type, refused.status, (("Allow", ", ".join(METHODS)),))
        if not is_ours(host, self.names):
            # A page on the web can let its own name lead to this machine (DNS rebinding) and read what is answered.
            return Response.text("This host name is not served here.\n", HTTPStatus.MISDIRECTED_REQUEST)
        try:
            parts = urlsplit(target)
            query = parse_qs(parts.query, max_num_fields=50)
        except ValueError:
            return Response.text("This address cannot be read.\n", HTTPStatus.BAD_REQUEST)
        page = self.pages.get(unquote(parts.path).rstrip("/") or "/")
        if page is None:
            return Response.text("There is no such page.\n", HTTPStatus.NOT_FOUND)
        return page(Request(parts.path, {name: values[0] for name, values in query.items()}))


def is_ours(host: str | None, names: Collection[str]) -> bool:
    """Whether a Host header names this server: an IP address, localhost, or one of its names. A name of the web does not."""
    if host is None:  # HTTP/1.0 has none; browsers always send one
        return True
    parts = _HOST.fullmatch(host)
    if parts is None:
        return False
    name = (parts["address"] or parts["name"]).lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.rstrip(".") in {"localhost", *(known.lower() for known in names)}
    return True
