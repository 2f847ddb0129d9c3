"""The language of a page: by `?lang=` of the address, else by what the browser says it reads. No cookie is needed."""

from __future__ import annotations

from starlette.requests import Request

from newscrawl.messages import LANGUAGES, Words

WORDS = {code: Words(code) for code in LANGUAGES}
_LONGEST = 500  # characters of a header that are looked at
_DEFAULT = "en"


def by_address(request: Request) -> str | None:
    """The language that the address asks for, if it is one of ours."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def words_for(request: Request) -> Words:
    """The words of the language that this reader gets."""
    return WORDS[by_address(request) or accepted(request.headers.get("accept-language", ""))]


def accepted(header: str) -> str:
    """The best of our languages by an Accept-Language header (RFC 9110); the first of equal ones; English where it names none."""
    best, weight = _DEFAULT, 0.0
    for part in header[:_LONGEST].split(","):
        name, _, quality = part.strip().partition(";")
        code = name.strip().lower().partition("-")[0]
        if code in LANGUAGES and (found := _weight(quality)) > weight:
            best, weight = code, found
    return best


def _weight(quality: str) -> float:
    name, _, value = quality.strip().partition("=")
    if not name:
        return 1.0
    try:
        found = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return found if 0 <= found <= 1 else 0.0
