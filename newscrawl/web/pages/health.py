"""The pages about health: /health for people and as JSON, /metrics for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from threading import Lock, Thread
from typing import Generic, TypeVar

from markupsafe import Markup
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from newscrawl.errors import NewscrawlError
from newscrawl.judge.health.disk import size
from newscrawl.messages import Words
from newscrawl.model.health import Health, HealthStatus
from newscrawl.serialization import health as health_json
from newscrawl.web import metrics
from newscrawl.web.answers import schemas
from newscrawl.web.answers.language import words_for
from newscrawl.web.answers.responses import json_response, page_response, wants_json
from newscrawl.web.answers.routes import TEXT, Page
from newscrawl.web.archive import WebArchive
from newscrawl.web.pictures.plots import bars

PLOTTED = 30  # days of a small plot
_CLASSES = {
    HealthStatus.ERROR: "error",
    HealthStatus.WARNING: "warning",
    HealthStatus.OK: "ok",
    HealthStatus.TOO_EARLY: "soft",
}
_FIELDS = ("title", "authors", "people", "published", "minute", "images", "language")

_T = TypeVar("_T")


class Cached(Generic[_T]):
    """Calls `make` at most once in `seconds` and in one thread at a time; an error is not kept.

    What is older is made anew before it is given. With `patience` it is given as it is until it is that many times as old, and
    made anew meanwhile: nobody waits for a count over a whole archive but who asks first.
    """

    def __init__(
        self,
        make: Callable[[], _T],
        seconds: float,
        tick: Callable[[], float] = time.monotonic,
        *,
        patience: float = 1,
    ) -> None:
        self._make = make
        self._seconds = seconds
        self._tick = tick
        self._patience = patience
        self._lock = Lock()
        self._kept: tuple[float, _T] | None = None

    def __call__(self) -> _T:
        kept = self._kept
        age = self._tick() - kept[0] if kept is not None else 0.0
        if kept is not None and age < self._seconds * self._patience:
            if age >= self._seconds and self._lock.acquire(blocking=False):
                Thread(target=self._renewed, daemon=True).start()
            return kept[1]
        with self._lock:
            if self._kept is None or self._tick() - self._kept[0] >= self._seconds:
                self._kept = self._tick(), self._make()
            return self._kept[1]

    def _renewed(self) -> None:
        """Makes it anew, in a thread that holds the lock; after an error who asks next meets it."""
        try:
            self._kept = self._tick(), self._make()
        except Exception:  # noqa: BLE001 - made again for the next one who asks, who is told
            self._kept = None
        finally:
            self._lock.release()


def pages(health: Callable[[], Health], archive: WebArchive) -> list[Page]:
    """These pages; `health` is called in a thread at every request."""

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
            request,
            "health.html",
            health=judged,
            classes=_CLASSES,
            fields=_FIELDS,
            size=size,
            plots=_plots(judged, archive, words_for(request)),
        )

    def prometheus(_: Request) -> Response:
        return Response(metrics.exposition(health()), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [
        Page(
            "/health",
            page,
            "Is every source all right.",
            json=schemas.answer(
                at={"type": "string"},
                sources=schemas.many(schemas.ANYTHING),
                archive={"type": ["object", "null"]},
            ),
        ),
        Page("/metrics", prometheus, "The same for Prometheus.", media=(TEXT,)),
    ]


def _plots(judged: Health, archive: WebArchive, say: Words) -> dict[object, Markup]:
    """Small plots by edition, and of the disk under "disk"."""
    last = judged.at.astimezone(UTC).date()
    days = [last - timedelta(days=n) for n in range(PLOTTED - 1, -1, -1)]
    found: dict[object, Markup] = {}
    if judged.sources:
        midnight = datetime.combine(days[0], datetime.min.time(), UTC)
        # The figures were read before: they are shown also while the archive cannot be read again.
        with suppress(NewscrawlError):
            for one in archive.reader().calendar(midnight):
                values = [one.days.get(day, 0) for day in days]
                words = _words(say, "Articles", days, max(values))
                found[one.source, one.edition] = bars(values, words)
    if judged.disk is not None:
        sizes = [judged.disk.facts.days.get(day, 0) for day in days]
        found["disk"] = bars(sizes, _words(say, "Bytes", days, max(sizes)))
    return found


def _words(say: Words, what: str, days: Sequence[date], most: int) -> str:
    values = {"from_": say.day(days[0]), "to": say.day(days[-1]), "n": say.number(most)}
    if what == "Bytes":
        return say("Bytes a day, {from_} to {to}, at most {n}", **values)
    return say("Articles a day, {from_} to {to}, at most {n}", **values)
