"""The pages about health: /health for people and as JSON, /metrics for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newscrawl.judge.health.disk import size
from newscrawl.model.health import Health, HealthStatus
from newscrawl.serialization import health as health_json
from newscrawl.web import metrics
from newscrawl.web.responses import json_response, page_response, wants_json

_CLASSES = {
    HealthStatus.ERROR: "error",
    HealthStatus.WARNING: "warning",
    HealthStatus.OK: "ok",
    HealthStatus.TOO_EARLY: "soft",
}
_FIELDS = ("title", "authors", "people", "published", "minute", "images", "language")

_T = TypeVar("_T")


class Cached(Generic[_T]):
    """Calls `make` at most once in `seconds` and in one thread at a time; an error is not kept."""

    def __init__(
        self, make: Callable[[], _T], seconds: float, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._seconds = seconds
        self._tick = tick
        self._lock = Lock()
        self._kept: tuple[float, _T] | None = None

    def __call__(self) -> _T:
        with self._lock:
            if self._kept is None or self._tick() - self._kept[0] >= self._seconds:
                self._kept = self._tick(), self._make()
            return self._kept[1]


def routes(health: Callable[[], Health]) -> list[Route]:
    """The routes; `health` is called in a thread at every request."""

    def page(request: Request) -> Response:
        judged = health()
        if wants_json(request):
            objects = list(health_json.objects(judged))
            return json_response(
                {
                    "at": judged.at.isoformat(),
                    "sources": [one for one in objects if one["source"] is not None],
                    "archive": next((one for one in objects if one["source"] is None), None),
                }
            )
        return page_response(
            request, "health.html", health=judged, classes=_CLASSES, fields=_FIELDS, size=size
        )

    def prometheus(_: Request) -> Response:
        return Response(metrics.exposition(health()), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [Route("/health", page), Route("/metrics", prometheus)]
