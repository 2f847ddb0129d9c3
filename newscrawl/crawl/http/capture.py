"""Downloader middleware that writes every response to the WARC as it came, before anything reads it.

It sits closer to the network than decompression, retries and redirects, so the stored body is as
sent, and every hop and every failed try is kept. The database refers to the record later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import responses as reasons

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from newscrawl.crawl.context import RunContext, run_of
from newscrawl.crawl.http.refusals import Unkept
from newscrawl.crawl.http.requests import CAPTURES, TORN
from newscrawl.crawl.http.truncation import unpacking_problem
from newscrawl.errors import ArchiveError
from newscrawl.model import Capture


@contextmanager
def writing(run: RunContext) -> Iterator[None]:
    """Wraps a write to the WARC. If it fails (a full disk), stops the run and raises Unkept: what is not kept must not be read."""
    try:
        yield
    except ArchiveError as error:
        run.fail(error)
        raise Unkept(f"the answer could not be kept: {error}") from error


class CaptureMiddleware:
    """Writes responses; puts the captures into `request.meta`, which redirects and retries copy."""

    def __init__(self, run: RunContext, most: int) -> None:
        self._run = run
        self._most = most  # bytes of an unpacked body

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        return cls(run_of(crawler), crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        """Stores the response. Raises Unkept where that cannot be done."""
        if "cached" in response.flags:
            return response
        if self._run.counters.failure is not None:
            raise Unkept("came after the run had failed")
        with writing(self._run):
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
        at = self._run.now()
        ip = str(response.ip_address) if response.ip_address else None
        warc = self._run.warc
        if response.status == 304:
            earlier = self._run.archive.earlier_capture(request.url)
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
            earlier=self._run.archive.earlier_capture(request.url) if repeats else None,
            more={"WARC-Truncated": "length"} if "download_stopped" in response.flags else None,
        )
