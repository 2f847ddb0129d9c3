"""Raw responses as downloads: what the outlet sent, byte for byte, and never as a page of ours."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from newscrawl.errors import NotFound
from newscrawl.web.answers.routes import Page
from newscrawl.web.archive import WebArchive

# A browser saves it and shows nothing; opened all the same, it could neither run nor load anything.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Type": "application/octet-stream",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def pages(archive: WebArchive) -> list[Page]:
    """The address over an archive."""

    def raw(request: Request) -> Response:
        number, wanted = request.path_params["id"], request.path_params["version"]
        reader = archive.reader()
        reader.article(number, wanted)
        shown = next(one for one in reader.versions_of(number) if one.number == wanted)
        stored = archive.raw(shown.capture)
        if stored is None:
            raise NotFound("no raw response is kept here", subject=f"article {number}, version {wanted}")
        name = f"article-{number}-version-{wanted}.bin"
        response = Response(stored.raw, headers=_HEADERS)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["X-Content-SHA256"] = archive.sha256(shown.capture) or ""
        return response

    return [
        Page(
            "/articles/{id:int}/versions/{version:int}/raw",
            raw,
            "The raw response that a version was read from, as a download.",
            media=("application/octet-stream",),
            statuses=(404,),
        )
    ]
