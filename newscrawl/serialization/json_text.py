"""Records as JSON lines in UTF-8, that no terminal obeys and every reader splits at the same places."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

# Control and direction characters are legal in JSON, but are written as equivalent escapes for terminals and line readers.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def json_line(value: Mapping[str, Any]) -> bytes:
    """One object on one line, UTF-8, whatever the locale; half surrogate pairs stay as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text = _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return text.encode("utf-8", "backslashreplace") + b"\n"


class JsonWriter:
    """Writes objects as JSON lines."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def add(self, value: Mapping[str, Any]) -> None:
        """Writes one object."""
        self._write(json_line(value))

    def close(self) -> None:
        """Does nothing: a file of JSON lines has no end."""
