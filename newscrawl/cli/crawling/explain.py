"""Output of `newscrawl extract --explain`: how each field was found, as text and as JSON (reasons: extract/explain.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from newscrawl.cli.output import tables
from newscrawl.extract import explain
from newscrawl.extract.explain import Examination
from newscrawl.model import Author, Image
from newscrawl.serialization import records
from newscrawl.wording import byline, stated

_MOST = 30  # candidates of a field shown as text; JSON has all
_ORIGIN = 24  # columns


def as_json(examination: Examination, content: bytes, content_type: str | None = None) -> dict[str, Any]:
    """Everything known about how the page was read, as one JSON object."""
    article = examination.article
    charset = explain.charset(examination, content, content_type)
    return {
        "url": article.url,
        "page_type": article.page_type.value,
        "reason": article.reason,
        "charset": charset and {
            "name": charset.name,
            "why": charset.why,
            "declared": [{"where": where, "name": name} for where, name in charset.declared],
        },
        "fields": {
            name: {
                "value": _plain(choice.value),
                "origin": choice.taken.origin if choice.taken else None,
                "why": choice.why,
                "candidates": [
                    {"value": _plain(f.candidate.value), "origin": f.candidate.origin, "taken": f.taken, "why": f.why}
                    for f in explain.fates(choice)
                ],
            }
            for name, choice in examination.choices.items()
        },
        "cut": [{"text": line.text, "rule": line.rule} for line in explain.cut_lines(examination)],
        "problems": list(examination.problems),
    }  # fmt: skip


def as_lines(
    examination: Examination, content: bytes, content_type: str | None = None, width: int = 100
) -> Iterator[str]:
    """The same as text lines: control characters from the page are removed, long values are cut."""
    article = examination.article
    kind = f"{article.page_type.value}: {article.reason}" if article.reason else article.page_type.value
    yield from tables.fact("address", tables.safe(article.url), width)
    yield from tables.fact("page type", tables.safe(kind), width)
    if charset := explain.charset(examination, content, content_type):
        yield from tables.fact("charset", tables.safe(f"{charset.name}: {charset.why}"), width)
    for problem in examination.problems:
        yield from tables.fact("problem", tables.safe(problem), width)
    for name, choice in examination.choices.items():
        yield ""
        yield tables.fit(f"{name}: {_words(choice.value) or 'unknown'}", width)
        origin = f"from {choice.taken.origin}: " if choice.taken else ""
        yield from (f"  {line}" for line in tables.wrap(tables.safe(f"{origin}{choice.why}"), width - 2))
        yield from _candidates(explain.fates(choice), width)
    if cut := explain.cut_lines(examination):
        yield ""
        yield f"cut from the text: {len(cut)} {'line' if len(cut) == 1 else 'lines'}"
        for line in cut:
            yield tables.fit(f"  - {tables.safe(line.text)}", width)
            yield f"    {tables.safe(line.rule)}"


def _candidates(fates: tuple[explain.Fate, ...], width: int) -> Iterator[str]:
    shown = fates[:_MOST]
    origins = [tables.fit(tables.safe(f.candidate.origin), _ORIGIN) for f in shown]
    fate = [tables.fit(tables.safe(f.why), _ORIGIN * 2) for f in shown]
    left, right = max(map(tables.columns, origins), default=0), max(map(tables.columns, fate), default=0)
    for f, origin, why in zip(shown, origins, fate, strict=True):
        gaps = " " * (left - tables.columns(origin)), " " * (right - tables.columns(why))
        line = f"  {'*' if f.taken else ' '} {origin}{gaps[0]}  {why}{gaps[1]}  "
        yield line + tables.fit(_words(f.candidate.value), max(width - tables.columns(line), 20))
    if len(fates) > _MOST:
        yield f"    and {len(fates) - _MOST} more (--json has all)"


def _words(value: Any) -> str:
    """A field's value on one safe line."""
    if isinstance(value, tuple):
        people = bool(value) and isinstance(value[0], Author)
        return tables.safe(byline(value)) if people else ", ".join(map(_words, value))
    if isinstance(value, Image):
        parts = (value.url, value.caption, value.credit and f"({value.credit})")
        return tables.safe(" ".join(part for part in parts if part))
    if (at := getattr(value, "at", None)) is not None:
        return stated(at, getattr(value, "precision", None))
    return tables.safe(str(value)) if value is not None else ""


def _plain(value: Any) -> Any:
    """A field's value in the form it has in the other JSON outputs."""
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Author):
        return {"name": value.name, "role": value.role, "kind": value.kind}
    if isinstance(value, Image):
        return {"url": value.url, "caption": value.caption, "credit": value.credit}
    if (at := getattr(value, "at", None)) is not None:
        return records.stated(at, getattr(value, "precision", None))
    return None if value is None else str(value)
