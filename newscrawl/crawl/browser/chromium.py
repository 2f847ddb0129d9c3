"""Chromium, started late and closed always, with one page at a time. Has no network: whoever opens a page answers all it asks."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newscrawl.crawl.browser.rendered import BYTES, Wanted
from newscrawl.errors import NewscrawlError

DEBIAN = Path("/usr/bin/chromium")
_CLOSING = 10.0  # seconds; what does not close by then is killed with the driver
# Nothing reaches the network past us: no name is found, and every connection goes to a port where nobody listens.
_NOWHERE = "http://127.0.0.1:9"
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",  # MB: a page that fills the memory ends, not the machine
)
# Said in a world of its own, where the page cannot replace what is called. Measured there: what is too long never leaves Chromium.
_ROOT = "Object.getOwnPropertyDescriptor(Document.prototype, 'documentElement').get.call(document)"
_DRAWN = f"(text => text.length > {BYTES} ? null : text)({_ROOT}?.outerHTML ?? '')"
_SIZE = "Document.prototype.getElementsByTagName.call(document, '*').length"


class BrowserError(NewscrawlError):
    """There is no browser, or it could not draw a page."""


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to a request of a page; None as `body` refuses it."""

    status: int = 200
    headers: dict[str, str] | None = None
    body: bytes | None = b""


Asker = Callable[[Wanted, dict[str, str], bytes], Awaitable[Given]]


class Page:
    """A page in the browser, seen from a world that its scripts do not share."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._session: Any = None
        self._world: int | None = None

    async def open(self, url: str) -> None:
        """Goes to an address; returns when the document begins. Raises BrowserError."""
        with _told():
            self._session = await self._inner.context.new_cdp_session(self._inner)
            await self._inner.goto(url, wait_until="commit")

    async def size(self, seconds: float) -> int | None:
        """How many elements the page has now; None if its scripts leave no room for the question so long. Raises BrowserError."""
        try:
            return int(await self._observation(_SIZE, seconds))
        except TimeoutError:
            return None

    async def html(self, seconds: float) -> bytes:
        """The page as it is drawn now, in UTF-8. Raises BrowserError, also if its scripts go on so long, or for more than 16 MiB."""
        try:
            text = await self._observation(_DRAWN, seconds)
        except TimeoutError:
            raise BrowserError("its scripts do not come to an end") from None
        body = b"<!DOCTYPE html>" + str(text).encode("utf-8", "replace")
        if text is None or len(body) > BYTES:
            raise BrowserError(f"the page as drawn has more than {BYTES >> 20} MiB")
        return body

    async def _observation(self, expression: str, seconds: float) -> Any:
        with _told():
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
    """One Chromium. `path` names it, else Debian's or Playwright's own; `agent` is what pages are told of who reads them."""

    def __init__(self, path: Path | None, *, agent: str) -> None:
        self._path = path or (DEBIAN if DEBIAN.exists() else None)
        self._agent = agent
        self._driver: Any = None
        self._chromium: Any = None
        self._missing: BrowserError | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Starts Chromium if it does not run. Raises BrowserError, which says what to install; then always the same."""
        async with self._turn:
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
                # Chromium refuses to sandbox what root starts; everybody else has the sandbox.
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
    async def page(self, ask: Asker, *, zone: str, language: str | None) -> AsyncIterator[Page]:
        """A fresh page, without anything of those before it. `ask` answers all that it asks for. One at a time.

        Raises BrowserError.
        """
        async with self._turn:
            await self._start()
            context = None
            try:
                with _told():
                    context = await self._chromium.new_context(
                        user_agent=self._agent,
                        timezone_id=zone,
                        locale=language or "en",
                        viewport={"width": 1280, "height": 2000},
                        accept_downloads=False,
                        service_workers="block",
                    )
                    await context.route("**/*", lambda route: _answer(route, ask))
                    await context.route_web_socket("**/*", lambda socket: socket.close())
                    inner = await context.new_page()
                    context.on("page", _shut)
                yield Page(inner)
            finally:
                await self._tidy(context)

    async def close(self) -> None:
        """Ends Chromium. May be called twice."""
        async with self._turn:
            await self._close()

    async def _tidy(self, context: Any) -> None:
        try:
            if context is not None:
                await asyncio.wait_for(context.close(), _CLOSING)
        except Exception:  # noqa: BLE001 - a page that does not let go takes the browser with it
            await self._close()

    async def _close(self) -> None:
        driver, chromium, self._driver, self._chromium = self._driver, self._chromium, None, None
        # The driver ends what it started, whatever came before: what Chromium says to that is no news.
        for end in (chromium.close if chromium else None, driver.stop if driver else None):
            if end is not None:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(end(), _CLOSING)


async def _answer(route: Any, ask: Asker) -> None:
    """Answers one request. Whatever goes wrong, the request is refused: nothing goes out by itself."""
    request = route.request
    with contextlib.suppress(Exception):  # the page may be gone by the time
        try:
            sent = request.post_data_buffer or b""
            wanted = Wanted(
                request.url,
                request.resource_type,
                request.method,
                leaves=request.is_navigation_request(),
                sent=len(sent),
            )
            given = await ask(wanted, dict(request.headers), sent)
        except Exception:  # noqa: BLE001
            given = Given(body=None)
        if given.body is None:
            await route.abort()
        else:
            await route.fulfill(status=given.status, headers=given.headers or {}, body=given.body)


async def _shut(page: Any) -> None:
    """Windows that a page opens are closed."""
    with contextlib.suppress(Exception):
        await page.close()


@contextlib.contextmanager
def _told() -> Any:
    """Playwright's errors as ours, in one line."""
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
