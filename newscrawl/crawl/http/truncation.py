"""Whether a response came whole, as far as that can be told: half a page must never pass for the article."""

from __future__ import annotations

from scrapy.http import Response

from newscrawl.warc.decode import decode

# Only HTML shows its end.
_HTML = (b"text/html", b"application/xhtml+xml")
_ENDS = (b"</html", b"</body")


def unpacking_problem(response: Response, limit: int) -> str | None:
    """What is wrong with the content encoding of a body as it was sent; None if nothing is.

    Scrapy takes as much of a torn gzip stream as can be read, without an error. Bodies that unpack to more than `limit`
    bytes are left to Scrapy, which refuses them.
    """
    encoding = b", ".join(response.headers.getlist(b"Content-Encoding")).decode("latin-1")
    if not encoding or not response.body:
        return None
    _, problem = decode(response.body, encoding, limit=limit)
    return None if problem and problem.startswith("longer than") else problem


def open_end(response: Response) -> str | None:
    """Why an unpacked page may have been cut off on its way; None if it seems whole.

    Where a server names no length, the body ends when the connection does, also if the server has crashed (RFC 9112
    section 6.3). Scrapy marks such responses "partial". Then the page itself must show its end.
    """
    kind = response.headers.get(b"Content-Type") or b""
    if "partial" not in response.flags or not kind.lower().startswith(_HTML):
        return None
    body = response.body.lower()
    if not body or any(end in body for end in _ENDS):
        return None
    return "no length was named and the page has no end: cut off on its way"
