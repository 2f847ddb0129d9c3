"""The description of a release for programs: a Frictionless Data Package (specs.frictionlessdata.io, version 1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from newscrawl.model.fields import Type
from newscrawl.release.tables import Table, meaning

NAME = "newscrawl-release"

_TYPES: Mapping[Type, str] = {
    Type.NUMBER: "integer",
    Type.REAL: "number",
    Type.TRUTH: "boolean",
    Type.INSTANT: "datetime",
    Type.DAY: "date",
    Type.TEXTS: "array",
    Type.CHOICES: "array",
    Type.OBJECTS: "array",
    Type.OBJECT: "object",
}
_MEDIA: Mapping[str, str] = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "txt": "text/plain",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a release: its path in it, its bytes, their SHA-256 in hexadecimal, and the table it holds, if it is one."""

    path: str
    size: int
    sha256: str
    table: Table | None = None
    rows: int | None = None


def describe(files: Iterable[File], *, title: str, software: str, sources: Iterable[str]) -> bytes:
    """The file datapackage.json. It names no time of its making: the same archive gives the same bytes."""
    described = {
        "profile": "data-package",
        "name": NAME,
        "title": title,
        "description": f"Made by {software}. README.md is the data card.",
        "sources": [{"title": name} for name in sources],
        "resources": [_resource(one) for one in files],
    }
    if not described["sources"]:
        del described["sources"]  # where it stands it must not be empty
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()


def _resource(file: File) -> dict[str, Any]:
    stem, _, form = file.path.partition(".")
    resource: dict[str, Any] = {
        "name": f"{stem}-{form}",
        "path": file.path,
        "format": form,
        "mediatype": _MEDIA[form],
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }
    if form != "parquet":
        resource["encoding"] = "utf-8"
    if file.table is None:
        return {"profile": "data-resource", **resource}
    table = file.table
    resource["title"] = table.row
    if form == "parquet":  # has its types in itself, and those that read it by a schema know no lists
        return {"profile": "data-resource", "type": "file", **resource}
    schema: dict[str, Any] = {
        "fields": [
            {"name": one.name, "type": _TYPES.get(one.type, "string"), "description": meaning(table, one)}
            for one in table.columns
        ]
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    dialect = {"dialect": {"json": {"keyed": True}}} if form == "jsonl" else {}
    return {
        "profile": "tabular-data-resource",
        **resource,
        "rows": file.rows,
        **dialect,
        "schema": schema,
    }
