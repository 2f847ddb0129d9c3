"""Who is credited: names with roles and kinds from JSON-LD, metas and visible bylines. No person is ever invented."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from newscrawl.extract.bylines import marked, near_headline
from newscrawl.extract.candidate import Candidate, Choice
from newscrawl.extract.jsonld import text_of, types_of
from newscrawl.extract.lines import name_key, squash
from newscrawl.extract.names import MAX_AUTHORS, credits_of
from newscrawl.extract.structured import Structured
from newscrawl.model import Author

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.page import Page

Credits = tuple[Author, ...]

_METAS = ("parsely-author", "sailthru.author", "article:author", "og:article:author", "author", "article:author_name",
          "cxenseparse:author", "dc.creator", "dcterms.creator", "byl", "citation_author", "article.author", "creator",
          "twitter:data1-author", "og:author", "rbauthors", "bt:author")  # fmt: skip
_LAST_FIRST = ("dc.creator", "dcterms.creator", "citation_author")


def authors(
    page: Page, data: Structured, heading: HtmlElement | None, lines: Sequence[str], outlets: Sequence[str]
) -> Choice[Credits]:
    """All credits of the article; `lines` are the byline lines found at the head or tail of its text.

    Persons of the first source that names any win, in the order JSON-LD, metas, labelled line, marked
    byline. Other roles (original author, translator, photographer, editor) from labelled lines are always
    added: they are explicit. The outlet or an agency counts only where no person is named.
    """
    known = {name_key(o) for o in outlets if name_key(o)}
    sources: list[Candidate[Credits]] = []
    for origin, found in _sources(page, data, heading, lines, known):
        credits_ = _distinct(found)
        if credits_:
            sources.append(Candidate(credits_, origin))
    writers: tuple[Author, ...] = ()
    origins: list[str] = []
    others: list[Author] = []
    for source in sources:
        persons = [a for a in source.value if a.kind == "person"]
        writing = tuple(a for a in persons if a.role in ("author", "original author"))
        if writing and not writers:
            writers = writing
            origins.append(source.origin)
        if source.origin in ("byline", "marked byline") or not others:
            extra = [a for a in persons if a.role != "author" and a not in writers]
            if extra and source.origin not in origins:
                origins.append(source.origin)
            others += extra
    # A name stated with a special role in a labelled line is that, also where metadata calls it plainly the author.
    special = {squash(a.name): a for a in others if a.role == "original author"}
    writers = tuple(special.pop(squash(a.name), a) for a in writers)
    result = _distinct([*writers, *others])
    if not any(a.role in ("author", "original author") for a in result):
        for source in sources:
            organisations = tuple(
                a
                for a in source.value
                if a.kind == "organization" and a.role in ("author", "original author")
            )
            if organisations:
                result = (*organisations, *result)
                origins.insert(0, source.origin)
                break
    if not result:
        return Choice(None, tuple(sources), "nobody is named")
    taken = Candidate(result, "+".join(dict.fromkeys(origins)))
    return Choice(
        taken, tuple(sources), "first source that names a person" if writers else "no person is named"
    )


def _sources(
    page: Page, data: Structured, heading: HtmlElement | None, lines: Sequence[str], known: set[str]
) -> Iterator[tuple[str, list[Author]]]:
    for value, _ in data.values("author", "creator"):
        yield "json-ld", list(_from_json(value, data, known))
    for name in _METAS:
        found: list[Author] = []
        for _, value in data.meta(name):
            if name in _LAST_FIRST and re.fullmatch(r"[^\s,]+, [^\s,]+(?: [^\s,]+)?", value):
                found += credits_of(" ".join(reversed(value.split(", "))), known)
            else:
                found += credits_of(value, known)
        yield name, found
    yield "byline", [a for line in lines for a in credits_of(line, known)]
    yield "microdata", [a for value in data.microdata.get("author", ()) for a in credits_of(value, known)]
    for element, text in marked(page):
        found = [a for a in credits_of(text, known) if len(text) < 200]
        if element.get("rel") == "author" or found:
            yield "marked byline", found
    for text in near_headline(heading):
        found = credits_of(text, known)
        if found and all(a.kind == "person" for a in found):
            yield "near headline", found


def _from_json(value: Any, data: Structured, known: set[str]) -> Iterator[Author]:
    for item in map(data.resolve, (value if isinstance(value, list) else [value])[:MAX_AUTHORS]):
        if isinstance(item, dict):
            names = item.get("name")
            for name in names if isinstance(names, list) else [names]:
                text = text_of(name)
                stated_person = "person" in types_of(item)
                stated_organisation = bool(
                    types_of(item) & {"organization", "newsmediaorganization", "corporation"}
                )
                credited = credits_of(text, known, person=stated_person)
                if not credited and stated_organisation and 1 < len(text) < 60:
                    yield Author(text, "author", "organization")
                for author in credited:
                    believed = not stated_organisation or _like_full_name(author.name)
                    yield author if believed else Author(author.name, author.role, "organization")
        elif isinstance(item, str):
            yield from credits_of(item, known)


def _like_full_name(name: str) -> bool:
    """Two or three capitalised words: outlets mark reporters as Organization by mistake."""
    return bool(re.fullmatch(r"[^\W\d_a-zа-я][^\W\d_]+(?: [^\W\d_a-zа-я][^\W\d_.]*\.?){1,2}", name))


def _distinct(credits_: Iterable[Author]) -> Credits:
    """Each name once; the role other than plain author wins; part names of a longer one dropped."""
    kept: dict[str, Author] = {}
    for author in credits_:
        key = squash(author.name)
        if key not in kept or kept[key].role == "author":
            kept[key] = author if key not in kept or author.role != "author" else kept[key]
    return tuple(kept.values())[:MAX_AUTHORS]
