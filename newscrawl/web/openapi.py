"""The OpenAPI document, written from the table of pages (answers/routes.py)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from newscrawl import __version__
from newscrawl.web.answers.responses import json_response
from newscrawl.web.answers.routes import ATOM, HTML, JSON, PARAMETERS, TEXT, Page

_IN_PATH = re.compile(r"\{(\w+)(?::(\w+))?\}")
_PATHS: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer", "minimum": 0},
    "path": {"type": "string", "minLength": 1},
    "picture": {"enum": ["svg", "png"]},
    "": {"type": "string", "pattern": r"^\w+\.\.\w+$"},
}
_WORDS = {
    200: "The page.",
    302: "Leads to the version.",
    400: "What is asked for means nothing; the answer says what to write instead.",
    404: "There is no such thing in the archive.",
    503: "The archive, or its index, cannot be read now.",
}
_HEADERS = {"Accept-Datetime": "The moment of which a version is wanted, as an HTTP date."}


def pages(table: Sequence[Page]) -> list[Page]:
    """The page with the document about these pages and itself."""
    found: list[Page] = []

    def document(_: Request) -> Response:
        return json_response(written([*table, *found]))

    found.append(Page("/openapi.json", document, "This document.", media=(JSON,)))
    return found


def written(table: Iterable[Page]) -> dict[str, Any]:
    """The document as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "newscrawl",
            "version": __version__,
            "description": "A news archive, read-only: articles, versions, edits, removals, coverage.",
            "license": {"name": "MIT"},
        },
        "paths": {_IN_PATH.sub(r"{\1}", page.path): {"get": _operation(page)} for page in table},
    }


def _operation(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": _name(page.path),
        "summary": page.summary,
        "responses": {str(status): _answer(page, status) for status in (200, *page.statuses, 400, 503)},
    }
    if not page.media:
        del found["responses"]["200"]
    if parameters := [*_of_path(page.path), *_of_query(page), *_of_headers(page)]:
        found["parameters"] = parameters
    return found


def _answer(page: Page, status: int) -> dict[str, Any]:
    if status == 302:
        return {"description": _WORDS[status]}
    if status != 200:
        # A page for people, one line for programs.
        return {"description": _WORDS[status], "content": {HTML: {}, TEXT: {}}}
    content: dict[str, Any] = {media: {} for media in page.media}
    if page.json is not None:
        content[JSON] = {"schema": page.json}
    if page.atom:
        content[ATOM] = {}
    return {"description": _WORDS[status], "content": content}


def _of_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATHS[kind]}
        for name, kind in _IN_PATH.findall(path)
    ]


def _of_query(page: Page) -> list[dict[str, Any]]:
    found = []
    for name in page.takes:
        known = PARAMETERS[name]
        schema = {"enum": list(page.forms)} if name == "format" else known.schema
        found.append(
            {
                "name": name,
                "in": "query",
                "description": known.summary,
                "required": name in page.required,
                "schema": schema,
            }
        )
    return found


def _of_headers(page: Page) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "description": _HEADERS[name],
            "required": False,
            "schema": {"type": "string"},
        }
        for name in page.headers
    ]


def _name(path: str) -> str:
    """A name for what an address does: "articles_id_versions_version"."""
    return "_".join(re.findall(r"\w+", _IN_PATH.sub(r"\1", path))) or "latest"
