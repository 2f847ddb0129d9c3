"""JSON schemas of what the pages answer, from the table of fields that the JSON itself is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from newscrawl.model.fields import Field, Type
from newscrawl.web.answers.routes import Schema

_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_TYPES: Mapping[Type, Mapping[str, Any]] = {
    Type.TEXT: {"type": ["string", "null"]},
    Type.NUMBER: {"type": ["integer", "null"]},
    Type.TRUTH: {"type": ["boolean", "null"]},
    Type.INSTANT: _INSTANT,
    Type.STATED: {"type": ["string", "null"]},  # a day or an instant
    Type.CHOICE: {"type": ["string", "null"]},
    Type.TEXTS: {"type": "array", "items": {"type": "string"}},
    Type.CHOICES: {"type": "array", "items": {"type": "string"}},
    Type.PAIRS: {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    Type.MAPPING: {"type": "object"},
}
NEXT: Schema = {"type": ["string", "null"], "description": "The address of the following page."}
ANYTHING: Schema = {"type": "object"}


def record(of_kind: Sequence[Field], **more: Schema) -> Schema:
    """The schema of a record with these fields, and of what stands behind them."""
    known = {one.name: _of(one) for one in of_kind} | more
    return {"type": "object", "required": list(known), "properties": known}


def answer(**parts: Schema) -> Schema:
    """An object with these keys."""
    return {"type": "object", "required": list(parts), "properties": dict(parts)}


def many(one: Schema) -> Schema:
    """An array."""
    return {"type": "array", "items": one}


def _of(field: Field) -> Schema:
    if field.type is Type.OBJECTS:
        return many(record(field.parts))
    if field.type is Type.OBJECT:
        return {"anyOf": [record(field.parts), {"type": "null"}]}
    return _TYPES[field.type]
