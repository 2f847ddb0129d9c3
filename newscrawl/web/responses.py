"""What all pages share: the frame and its navigation, templates, and responses as HTML, JSON or plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from newscrawl import wording
from newscrawl.text import one_line, printable

# Path and name.
NAVIGATION = (
    ("/changes", "Changes"),
    ("/removed", "Removed"),
    ("/search", "Search"),
    ("/sources", "Sources"),
    ("/coverage", "Coverage"),
    ("/health", "Health"),
)

CUT = 200  # characters of a title in a list
_TAG = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_TWO = re.compile("[a-z]{2}", re.ASCII)

_HERE = Path(__file__).parent
STYLE = (_HERE / "static" / "style.css").read_bytes()


def page_response(request: Request, template: str, status: int = 200, **context: object) -> Response:
    """A page from a template, which extends `base.html`."""
    return HTMLResponse(
        TEMPLATES.get_template(template).render(path=request.scope["path"], **context), status
    )


def json_response(value: object) -> Response:
    """One JSON value, in ASCII: no half surrogate pair and no direction mark reaches the other side unescaped."""
    return Response(json.dumps(value, allow_nan=False) + "\n", media_type="application/json; charset=utf-8")


def text_response(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """One line of plain text."""
    return PlainTextResponse(f"{text}\n".encode("utf-8", "replace"), status, headers)


def error_response(request: Request, status: int, title: str, message: str) -> Response:
    """An error as a page for people, as plain text for programs."""
    if wants_json(request) or request.scope["path"].startswith(("/metrics", "/feeds/")):
        return text_response(message, status)
    return page_response(request, "error.html", status, title=title, message=message)


def wants_json(request: Request) -> bool:
    """Whether the JSON of a page is asked for."""
    return request.query_params.get("format") == "json"


# --- filters of the templates ------------------------------------------------------------------


def shown(value: object) -> str:
    """A value as text without control characters and direction marks, which could hide or reorder words."""
    text = value if isinstance(value, str) else str(value)
    return text if isinstance(text, Markup) else printable(text)


def cut(text: str | None, length: int = CUT) -> str:
    """A text that fits into a list: what is longer ends in an ellipsis."""
    line = one_line(text[: 8 * length] if text else text)
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def tag(language: str | None, edition: str = "") -> str:
    """The language of a text as HTML has it: as the page says, else as its edition is called where that is a language's name."""
    if language and _TAG.fullmatch(language):
        return language
    return edition if _TWO.fullmatch(edition) else ""


def is_web(url: str | None) -> bool:
    """Whether an address may be a link: of a page on the web, and nothing that a browser would run."""
    try:
        return bool(url) and urlsplit(url or "").scheme in ("http", "https") and str(url).isprintable()
    except ValueError:
        return False


def number(value: float | None, unknown: str = "") -> str:
    """A whole number with separators: "1,234"; `unknown` for None."""
    return unknown if value is None else f"{value:,.0f}"


def percent(share: float | None) -> str:
    """A share of one as "98%"; "" for None."""
    return "" if share is None else f"{share:.0%}"


def utc(at: datetime) -> str:
    """An instant to the minute: "2026-04-08 09:30 UTC"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _environment() -> Environment:
    # `finalize` sees every value before it is escaped, so no template has to remember to clean a text.
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": number,
        "percent": percent,
        "utc": utc,
        "cut": cut,
        "tag": tag,
        "is_web": is_web,
    }
    made.filters |= {
        "stated": wording.stated,
        "byline": wording.byline,
        "kinds": wording.kinds,
        "counted": wording.counted,
    }
    made.globals["navigation"] = NAVIGATION
    return made


TEMPLATES = _environment()
