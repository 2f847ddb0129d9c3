"""Asks the web application without a network: a request in, the status, headers and body out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree, html
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    @property
    def page(self) -> html.HtmlElement:
        """The body as a page."""
        return html.fromstring(self.text)

    @property
    def feed(self) -> etree._Element:
        """The body as XML."""
        return etree.fromstring(self.body)

    def words(self, selector: str) -> list[str]:
        """The words of the elements that an XPath selects, white space joined."""
        return [" ".join(one.text_content().split()) for one in self.page.xpath(selector)]


def get(
    app: ASGIApp,
    target: str,
    *,
    method: str = "GET",
    host: str = "localhost:8000",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request of the application."""
    path, _, query = target.partition("?")
    given = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    sent: list = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "headers": [(b"host", host.encode()), *given],
        "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    got = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], got, b"".join(one.get("body", b"") for one in rest))
