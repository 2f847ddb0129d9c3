"""One article as a document of its own: plain text, Markdown, or a page to print. What it says is hostile, its frame is ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from html import escape

from newscrawl.model import ArticleRecord, Author
from newscrawl.serialization.records import stated
from newscrawl.text import paragraphs, printable

_INLINE = re.compile(r"([\\`*_\[\]<>|~&])")
_BEGINNING = re.compile(r"^(\d{1,9}(?=[.)])|(?=[#+\-=]))")  # of a line: lists, headings, rules
_STYLE = (
    "body{font:1.1em/1.5 Georgia,serif;max-width:40em;margin:2em auto;padding:0 1em;overflow-wrap:anywhere}"
    "h1{line-height:1.2}dl{font:.75em/1.4 sans-serif;border-top:1px solid;margin-top:3em;padding-top:1em}"
    "dt{float:left;clear:left;width:8em}dd{margin-left:9em}@media print{body{margin:0;max-width:none}}"
)


def plain(record: ArticleRecord) -> str:
    """Title, subtitle, byline and text, then where it is from; one empty line between paragraphs."""
    article = record.article
    parts = [_line(article.title) or "(no title)", _line(article.subtitle), _byline(record), *_body(record)]
    parts.append("\n".join(f"{name}: {value}" for name, value in _source(record)))
    return "\n\n".join(filter(None, parts)) + "\n"


def markdown(record: ArticleRecord) -> str:
    """The same in Markdown; every sign of the text that Markdown might obey is escaped."""
    article = record.article
    parts = [f"# {_escaped(_line(article.title) or '(no title)')}"]
    parts += [f"**{_escaped(_line(article.subtitle))}**" if _line(article.subtitle) else ""]
    parts += [f"*{_escaped(_byline(record))}*" if _byline(record) else "", *map(_escaped, _body(record))]
    parts += ["---", "\n".join(f"- {name}: {_escaped(value)}" for name, value in _source(record))]
    return "\n\n".join(filter(None, parts)) + "\n"


def page(record: ArticleRecord) -> str:
    """The same as one HTML file that loads nothing and runs nothing."""
    article = record.article
    title = escape(_line(article.title) or "(no title)")
    language = article.language or ""
    lang = f' lang="{language}"' if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", language) else ""
    lines = [
        f'<!doctype html>\n<html{lang}>\n<meta charset="utf-8">',
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">""",
        '<meta name="viewport" content="width=device-width">',
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n<h1>{title}</h1>",
    ]
    if subtitle := _line(article.subtitle):
        lines.append(f"<p><strong>{escape(subtitle)}</strong></p>")
    if byline := _byline(record):
        lines.append(f"<p><em>{escape(byline)}</em></p>")
    lines += [f"<p>{escape(one)}</p>" for one in _body(record)]
    facts = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in _source(record))
    return "\n".join([*lines, f"<dl>{facts}</dl>\n</html>\n"])


FORMATS = {"txt": plain, "markdown": markdown, "html": page}


def _line(text: str | None) -> str:
    return " ".join(printable(text).split()) if text else ""


def _body(record: ArticleRecord) -> list[str]:
    return [line for one in paragraphs(record.article.body) if (line := _line(one))]


def _byline(record: ArticleRecord) -> str:
    article = record.article
    when = stated(article.published, article.published_precision)
    return ", ".join(filter(None, [*map(_author, article.authors), when]))


def _author(author: Author) -> str:
    name = _line(author.name)
    return name if author.role == "author" else f"{name} ({_line(author.role)})"


def _source(record: ArticleRecord) -> Iterator[tuple[str, str]]:
    yield "address", _line(record.url)
    yield "article", f"{record.id} ({_line(record.source)}/{_line(record.edition)})"
    yield "version", f"{record.version} of {record.versions}"
    yield "state", record.state.value
    yield "last checked", record.last_checked.astimezone(UTC).isoformat(timespec="seconds")


def escaped(text: str | None) -> str:
    """A text as one line of Markdown, in which every sign that Markdown might obey is escaped."""
    return _escaped(_line(text))


def _escaped(text: str) -> str:
    return _BEGINNING.sub(r"\1\\", _INLINE.sub(r"\\\1", text))
