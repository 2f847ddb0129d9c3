"""Chromium without a network: started with the first page, one page at a time; whoever opens a page answers all its requests."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newscrawl.crawl.browser.rules import BYTES, PageRequest
from newscrawl.errors import NewscrawlError

DEBIAN = Path("/usr/bin/chromium")
_CLOSING = 10.0  # seconds; what does not close by then is killed with the driver
# Nothing reaches the network directly: no name resolves, and every connection goes to a port where nobody listens.
_NOWHERE = "http://127.0.0.1:9"
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",  # MB: a page that fills the memory ends, not the machine
)
# Evaluated in an isolated world, where the page cannot replace the functions called. What is too long never leaves Chromium.
_ROOT = "Object.getOwnPropertyDescriptor(Document.prototype, 'documentElement').get.call(document)"
_RENDERED = f"(text => text.length > {BYTES} ? null : text)({_ROOT}?.outerHTML ?? '')"
_SIZE = "Document.prototype.getElementsByTagName.call(document, '*').length"


class BrowserError(NewscrawlError):
    """There is no browser, or it could not render a page."""


@dataclass(frozen=True, slots=True)
class PageResponse:
    """The response to a request of a page; None as `body` refuses it."""

    status: int = 200
    headers: dict[str, str] | None = None
    body: bytes | None = b""


Answerer = Callable[[PageRequest, dict[str, str], bytes], Awaitable[PageResponse]]


class Page:
    """A page in the browser, read from an isolated world that its scripts do not share."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._session: Any = None
        self._world: int | None = None

    async def open(self, url: str) -> None:
        """Goes to an address; returns when the document begins. Raises BrowserError."""
        with _as_browser_error():
            self._session = await self._inner.context.new_cdp_session(self._inner)
            await self._inner.goto(url, wait_until="commit")

    async def size(self, seconds: float) -> int | None:
        """How many elements the page has now; None if its scripts block the browser for `seconds`. Raises BrowserError."""
        try:
            return int(await self._within(_SIZE, seconds))
        except TimeoutError:
            return None

    async def html(self, seconds: float) -> bytes:
        """The page as rendered now, in UTF-8. Raises BrowserError, also if its scripts block for `seconds`, or for more than 16 MiB."""
        try:
            text = await self._within(_RENDERED, seconds)
        except TimeoutError:
            raise BrowserError("its scripts do not come to an end") from None
        body = b"<!DOCTYPE html>" + str(text).encode("utf-8", "replace")
        if text is None or len(body) > BYTES:
            raise BrowserError(f"the page as rendered has more than {BYTES >> 20} MiB")
        return body

    async def _within(self, expression: str, seconds: float) -> Any:
        with _as_browser_error():
            return await asyncio.wait_for(self._evaluate(expression), seconds)

    async def _evaluate(self, expression: str) -> Any:
        if self._world is None:
            tree = await self._session.send("Page.getFrameTree")
            frame = {"frameId": tree["frameTree"]["frame"]["id"], "worldName": "newscrawl"}
            self._world = (await self._session.send("Page.createIsolatedWorld", frame))["executionContextId"]
        wanted = {"expression": expression, "contextId": self._world, "returnByValue": True}
        try:
            return (await self._session.send("Runtime.evaluate", wanted))["result"].get("value")
        except Exception:
            self._world = None  # the document was replaced: another world next time
            raise


class Browser:
    """One Chromium. `path` names it, else Debian's or Playwright's own; `agent` is the User-Agent that pages see."""

    def __init__(self, path: Path | None, *, agent: str) -> None:
        self._path = path or (DEBIAN if DEBIAN.exists() else None)
        self._agent = agent
        self._driver: Any = None
        self._chromium: Any = None
        self._missing: BrowserError | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Starts Chromium if it does not run. Raises BrowserError, which says what to install, and the same at every later call."""
        async with self._lock:
            await self._start()

    async def _start(self) -> None:
        if self._missing is not None:
            raise self._missing
        if self._chromium is not None and self._chromium.is_connected():
            return
        await self._close()
        try:
            from playwright.async_api import async_playwright
        except ImportError as error:
            self._missing = BrowserError(
                "needs a browser", hint="Install newscrawl with it: pip install 'newscrawl[browser]'"
            )
            raise self._missing from error
        try:
            self._driver = await async_playwright().start()
            self._chromium = await self._driver.chromium.launch(
                executable_path=self._path,
                # Chromium does not run sandboxed as root; for every other user it does.
                chromium_sandbox=os.geteuid() != 0,
                proxy={"server": _NOWHERE, "bypass": "<-loopback>"},
                args=list(_ARGUMENTS),
            )
        except Exception as error:
            self._missing = BrowserError(
                f"the browser does not start ({_first_line(error)})",
                hint="Install Chromium (apt-get install chromium) or name yours with NEWSCRAWL_BROWSER",
            )
            await self._close()
            raise self._missing from error

    @asynccontextmanager
    async def page(self, answer: Answerer, *, zone: str, language: str | None) -> AsyncIterator[Page]:
        """A fresh page, without state of those before it; one at a time. `answer` is called for each of its requests.

        Raises BrowserError.
        """
        async with self._lock:
            await self._start()
            context = None
            try:
                with _as_browser_error():
                    context = await self._chromium.new_context(
                        user_agent=self._agent,
                        timezone_id=zone,
                        locale=language or "en",
                        viewport={"width": 1280, "height": 2000},
                        accept_downloads=False,
                        service_workers="block",
                    )
                    await context.route("**/*", lambda route: _answer(route, answer))
                    await context.route_web_socket("**/*", lambda socket: socket.close())
                    inner = await context.new_page()
                    context.on("page", _close_window)
                yield Page(inner)
            finally:
                await self._tidy(context)

    async def close(self) -> None:
        """Closes Chromium. May be called twice."""
        async with self._lock:
            await self._close()

    async def _tidy(self, context: Any) -> None:
        try:
            if context is not None:
                await asyncio.wait_for(context.close(), _CLOSING)
        except Exception:  # noqa: BLE001 - a page that cannot be closed is closed with the browser
            await self._close()

    async def _close(self) -> None:
        driver, chromium, self._driver, self._chromium = self._driver, self._chromium, None, None
        # The driver ends what it started, so errors of Chromium while closing do not matter.
        for end in (chromium.close if chromium else None, driver.stop if driver else None):
            if end is not None:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(end(), _CLOSING)


async def _answer(route: Any, answer: Answerer) -> None:
    """Answers one request. Whatever goes wrong, it is refused: the browser sends nothing itself."""
    request = route.request
    with contextlib.suppress(Exception):  # the page may be closed meanwhile
        try:
            sent = request.post_data_buffer or b""
            page_request = PageRequest(
                request.url,
                request.resource_type,
                request.method,
                leaves=request.is_navigation_request(),
                sent=len(sent),
            )
            response = await answer(page_request, dict(request.headers), sent)
        except Exception:  # noqa: BLE001
            response = PageResponse(body=None)
        if response.body is None:
            await route.abort()
        else:
            await route.fulfill(status=response.status, headers=response.headers or {}, body=response.body)


async def _close_window(page: Any) -> None:
    """Closes a window that a page opened."""
    with contextlib.suppress(Exception):
        await page.close()


@contextlib.contextmanager
def _as_browser_error() -> Any:
    """Turns Playwright's errors into BrowserError, in one line."""
    try:
        yield
    except (BrowserError, TimeoutError):
        raise
    except Exception as error:
        raise BrowserError(f"the browser failed ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[
        :200
    ]
