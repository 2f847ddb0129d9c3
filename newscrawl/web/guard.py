"""Which requests are answered: methods, host names, the token, addresses that can be read; and the headers of every answer."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newscrawl.web.answers.responses import text_response

METHODS = ("GET", "HEAD")
_LONGEST = 8000  # characters of an address
# Pages load their own style sheet and nothing else: no script runs, whatever a page quotes.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}

_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:/@\[\]]+))(?::\d{1,5})?")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Guard:
    """Middleware that refuses other methods, hosts and unreadable addresses, and adds the security headers."""

    def __init__(self, app: ASGIApp, names: Collection[str] = (), token: str | None = None) -> None:
        self.app = app
        self.names = names
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or passes it on with its path decoded and without a slash at the end."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        given = Headers(scope=scope)
        app: ASGIApp | None = refusal(scope["method"], given.get("host"), self.names)
        if app is None and self.token is not None and not admitted(given.get("authorization"), self.token):
            app = text_response(
                "This archive is read with a token: as the password of any user, or as a bearer token.",
                HTTPStatus.UNAUTHORIZED,
                {"WWW-Authenticate": 'Basic realm="newscrawl", charset="UTF-8"'},
            )
        if app is None:
            try:
                scope = {**scope, "path": _path(scope["raw_path"].decode("ascii"))}
                parse_qsl(scope["query_string"].decode("ascii"), max_num_fields=50)
                app = self.app
            except ValueError:
                app = text_response("This address cannot be read.", HTTPStatus.BAD_REQUEST)
        await app(scope, receive, send_guarded)


def refusal(method: str, host: str | None, names: Collection[str]) -> Response | None:
    """The response to a request that is not answered because of its method or Host header, else None."""
    if method not in METHODS:
        return text_response(
            "Only GET and HEAD are answered.", HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(METHODS)}
        )
    if not is_ours(host, names):
        # A page on the web can let its own name lead to this machine (DNS rebinding) and read the response.
        return text_response("This host name is not served here.", HTTPStatus.MISDIRECTED_REQUEST)
    return None


def is_ours(host: str | None, names: Collection[str]) -> bool:
    """Whether a Host header names this server: an IP address, localhost, or one of its names."""
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


def admitted(authorization: str | None, token: str) -> bool:
    """Whether an Authorization header brings the token. Compared in constant time; a browser sends it as a password."""
    scheme, _, value = (authorization or "").partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, ValueError):
            value = ""
    elif scheme.lower() != "bearer":
        value = ""
    return hmac.compare_digest(value.encode("utf-8", "replace"), token.encode("utf-8"))


def is_loopback(host: str) -> bool:
    """Whether a server that listens there is reached from this machine alone."""
    if host.lower() in _LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _path(target: str) -> str:
    """The decoded path of a request target, which may be a whole address. Raises ValueError if it is malformed or too long."""
    if len(target) > _LONGEST:
        raise ValueError(target)
    path = target if target.startswith("/") else urlsplit(target).path
    return unquote(path).rstrip("/") or "/"
