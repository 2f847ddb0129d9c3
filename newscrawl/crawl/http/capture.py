"""Downloader middleware that writes every response to the WARC as it came, before anything reads it.

Sits closer to the network than decompression, retries and redirects, so the stored body is as
sent and every hop and every failed try is kept. The database learns of the record later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import responses as reasons
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from newscrawl.crawl.http.fetches import CAPTURES, TORN
from newscrawl.crawl.http.refusals import Unkept
from newscrawl.crawl.http.truncation import unpacking_problem
from newscrawl.errors import ArchiveError
from newscrawl.model import Capture

if TYPE_CHECKING:
    from newscrawl.crawl.extensions import ArchiveKeeper


@contextmanager
def kept(keeper: ArchiveKeeper) -> Iterator[None]:
    """For writing to the WARC. On a full disk the run ends: what cannot be kept must not be read. Raises Unkept then."""
    try:
        yield
    except ArchiveError as error:
        keeper.fail(error)
        raise Unkept(f"the answer could not be kept: {error}") from error


class CaptureMiddleware:
    """Writes responses; puts the captures into `request.meta`, where redirects and retries carry them along."""

    def __init__(self, keeper: ArchiveKeeper, most: int) -> None:
        self._keeper = keeper
        self._most = most  # bytes of an unpacked body

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        from newscrawl.crawl.extensions import keeper_of

        return cls(keeper_of(crawler), crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        """Stores the response. Raises Unkept where that cannot be done."""
        if "cached" in response.flags:
            return response
        if self._keeper.counters.failure is not None:
            raise Unkept("came after the run had failed")
        with kept(self._keeper):
            capture = self._write(request, response)
        request.meta[CAPTURES] = [*request.meta.get(CAPTURES, []), capture]
        request.meta[TORN] = unpacking_problem(response, self._most)
        return response

    def _write(self, request: Request, response: Response) -> Capture:
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        at = self._keeper.clock()
        ip = str(response.ip_address) if response.ip_address else None
        warc = self._keeper.warc
        if response.status == 304:
            earlier = self._keeper.archive.earlier_capture(request.url)
            return warc.write_not_modified(url=request.url, at=at, headers=headers, ip=ip, earlier=earlier)
        repeats = response.status == 200 and len(response.body) > 0
        return warc.write_response(
            url=request.url,
            at=at,
            status=response.status,
            reason=reasons.get(response.status, ""),
            headers=headers,
            body=response.body,
            http_version=response.protocol or "HTTP/1.1",
            ip=ip,
            earlier=self._keeper.archive.earlier_capture(request.url) if repeats else None,
        )
