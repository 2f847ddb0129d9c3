"""The reader's pages over real HTTP on a free port of this machine, in a thread, for browsers and other clients."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

from newscrawl.web.serve import listen, server


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address under which the application is served, without a slash at the end."""
    listener = listen("127.0.0.1", 0)
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        listener.close()
