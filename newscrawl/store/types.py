"""Column types (instants in UTC, text of any length, JSON) and hashes of keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Text
from sqlalchemy.engine import CursorResult, Dialect
from sqlalchemy.types import TypeDecorator

from newscrawl.errors import StoreError


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored and returned in UTC.

    SQLite silently drops the offset of a zoned DateTime (12:00+05:00 came back as a naive 12:00), so the conversion is
    done here and naive values are refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive instant cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _read(super().result_processor(dialect, coltype), "instant")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text of any length; NUL and half surrogate pairs, which databases refuse, become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else _storable(value)


class Values(TypeDecorator[Any]):
    """Lists and mappings as JSON, with their texts made storable as in Words."""

    impl = JSON
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _read(super().result_processor(dialect, coltype), "list or mapping")

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if isinstance(value, str):
            return _storable(value)
        if isinstance(value, Mapping):
            return {
                _storable(str(name)): self.process_bind_param(inner, dialect) for name, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.process_bind_param(inner, dialect) for inner in value]
        return value


def _read(convert: Callable[[Any], Any] | None, what: str) -> Callable[[Any], Any] | None:
    """A conversion that raises StoreError: what the program never wrote, somebody or the disk changed."""
    if convert is None:
        return None

    def read(value: Any) -> Any:
        try:
            return convert(value)
        except (ValueError, TypeError, OverflowError) as error:
            raise StoreError(
                f"the database holds {str(value)[:40]!r} where a{'n' if what[0] in 'aeiou' else ''} {what} belongs",
                hint="It was changed by hand or is damaged: newscrawl verify, and restore it from a backup",
            ) from error

    return read


def _storable(text: str) -> str:
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def new_id(result: CursorResult[Any]) -> int:
    """The id of the row just inserted."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def key_hash(text: str) -> str:
    """32 hexadecimal characters for an index, because entries are limited to 2,704 bytes on PostgreSQL."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
