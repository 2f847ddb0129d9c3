"""What all pages share: the frame and its navigation, templates, and responses as HTML, JSON or plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from newscrawl import wording
from newscrawl.messages import LANGUAGES, Words
from newscrawl.model import Author, Precision, VersionRecord
from newscrawl.text import one_line, printable
from newscrawl.web.answers.language import by_address, words_for

# Path and name.
NAVIGATION = (
    ("/changes", "Changes"),
    ("/removed", "Removed"),
    ("/unreadable", "Unreadable"),
    ("/search", "Search"),
    ("/authors", "Authors"),
    ("/tags", "Tags"),
    ("/sources", "Sources"),
    ("/coverage", "Coverage"),
    ("/health", "Health"),
)

CUT = 200  # characters of a title in a list
_TAG = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_TWO = re.compile("[a-z]{2}", re.ASCII)

_PROGRAMS = ("/metrics", "/feeds/", "/timemap/", "/timegate/", "/openapi.json")  # what no person looks at

_HERE = Path(__file__).parents[1]
STYLE = (_HERE / "static" / "style.css").read_bytes()


def page_response(request: Request, template: str, status: int = 200, **context: object) -> Response:
    """A page from a template, which extends `base.html`, in the reader's language."""
    say, chosen = words_for(request), by_address(request)
    text = TEMPLATES.get_template(template).render(
        path=request.scope["path"],
        say=say,
        _=_messages(say),
        _n=_numbers(say),
        to=_links(chosen),
        here=lambda code: _other_language(request, code),
        chosen_language=chosen,
        **context,
    )
    headers = {"Content-Language": say.language, "Vary": "Accept-Language"}
    return HTMLResponse(text.encode("utf-8", "replace"), status, headers)


def _messages(say: Words) -> Callable[..., Markup]:
    """Messages for templates: values are cleaned and escaped unless they are markup of our own."""

    def message(text: str, /, **values: object) -> Markup:
        made = Markup(say.template(text))  # noqa: S704 - the sentence is ours
        return made.format(**{name: shown(value) for name, value in values.items()})

    return message


def _numbers(say: Words) -> Callable[..., Markup]:
    """Sentences that depend on a number, whose values may be markup of our own."""

    def message(name: str, number: int, /, **values: object) -> Markup:
        safe = {key: escape(shown(value)) for key, value in values.items()}
        return Markup(say.named(name, number, **safe))  # noqa: S704 - the sentence is ours, its values are escaped

    return message


def _links(chosen: str | None) -> Callable[[str], str]:
    """Links within the pages keep the language that the address has."""
    if chosen is None:
        return lambda path: path
    return lambda path: f"{path}{'&' if '?' in path else '?'}lang={chosen}"


def _other_language(request: Request, code: str) -> str:
    """The address of this page in another language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{quote(request.scope['path'])}?{urlencode([*kept, ('lang', code)], errors='replace')}"


def json_response(value: object) -> Response:
    """One JSON value, in ASCII: no half surrogate pair and no direction mark reaches the other side unescaped."""
    return Response(json.dumps(value, allow_nan=False) + "\n", media_type="application/json; charset=utf-8")


def xml_response(data: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """A document that is written already, such as a feed or a picture."""
    return Response(data, media_type=media_type, headers=headers)


def text_response(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """One line of plain text."""
    return PlainTextResponse(f"{text}\n".encode("utf-8", "replace"), status, headers)


def error_response(request: Request, status: int, title: str, message: str) -> Response:
    """An error as a page for people, as plain text for programs."""
    path = request.scope["path"]
    if (
        form(request) in ("json", "atom")
        or path.startswith(_PROGRAMS)
        or path.endswith((".svg", ".png", "/raw"))
    ):
        return text_response(message, status)
    return page_response(request, "error.html", status, title=title, message=message)


def form(request: Request) -> str:
    """In which form a page is asked for: "html", "json" or "atom"."""
    return request.query_params.get("format") or "html"


def wants_json(request: Request) -> bool:
    """Whether the JSON of a page is asked for."""
    return form(request) == "json"


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


def editions(by_source: Mapping[str, Sequence[str]], source: str | None = None) -> list[str]:
    """The names of the editions of a source, of all sources where it is none."""
    return sorted({one for name, of_it in by_source.items() if source in (None, name) for one in of_it})


def is_web(url: str | None) -> bool:
    """Whether an address may be a link: of a page on the web, and nothing that a browser would run."""
    try:
        return bool(url) and urlsplit(url or "").scheme in ("http", "https") and str(url).isprintable()
    except ValueError:
        return False


def in_path(url: str) -> str:
    """An address as the rest of a path of ours: its own slashes stay, whatever would end the path is encoded."""
    return quote(url, safe="/:;,@!$&'()*+=~-._%?")


# Filters that speak the language of the page.


@pass_context
def _number(context: Context, value: float | None, unknown: str = "") -> str:
    return say_of(context).number(value, unknown)


@pass_context
def _percent(context: Context, share: float | None) -> str:
    return say_of(context).percent(share)


@pass_context
def _utc(context: Context, at: datetime) -> str:
    return say_of(context).instant(at)


@pass_context
def _stated(context: Context, value: datetime | None, precision: Precision | None = None) -> str:
    return say_of(context).stated(value, precision)


@pass_context
def _byline(context: Context, authors: Sequence[Author]) -> str:
    return wording.byline(authors, say_of(context))


@pass_context
def _kinds(context: Context, version: VersionRecord) -> str:
    return wording.kinds(version, say_of(context))


def say_of(context: Context) -> Words:
    """The words of the page that is being made."""
    say = context["say"]
    assert isinstance(say, Words)
    return say


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
        "number": _number,
        "percent": _percent,
        "utc": _utc,
        "stated": _stated,
        "byline": _byline,
        "kinds": _kinds,
        "cut": cut,
        "editions": editions,
        "tag": tag,
        "is_web": is_web,
        "in_path": in_path,
    }
    made.globals |= {"navigation": NAVIGATION, "languages": list(LANGUAGES.items())}
    return made


TEMPLATES = _environment()
