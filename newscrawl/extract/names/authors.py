"""The article's authors with roles and kinds, from JSON-LD, metas, microdata and visible bylines."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newscrawl.extract.data.jsonld import text_of, types_of
from newscrawl.extract.data.structured import Structured
from newscrawl.extract.fields.candidate import Candidate, Choice
from newscrawl.extract.names.bylines import Byline, elsewhere, near_bylines, signatures
from newscrawl.extract.names.credits import (
    MAX_AUTHORS,
    clean_name,
    credits_of,
    is_full_name,
    newsroom,
    stated_credit,
    unlabelled,
)
from newscrawl.extract.names.given_names import is_signature
from newscrawl.extract.names.name_words import BRACKETED_OTHERS, ROLE_ALONE
from newscrawl.extract.page.lines import name_key, squash
from newscrawl.extract.text.phrases import BARE_AUTHOR, labelled
from newscrawl.model import Author

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newscrawl.extract.fields.nearby import Nearby
    from newscrawl.extract.page.tree import Page
    from newscrawl.extract.regions.regions import Regions

Credits = tuple[Author, ...]

_METAS = ("parsely-author", "sailthru.author", "article:author", "og:article:author", "author", "article:author_name",
          "cxenseparse:author", "dc.creator", "dcterms.creator", "byl", "citation_author", "article.author", "creator",
          "twitter:data1-author", "og:author", "rbauthors", "bt:author")  # fmt: skip
_LAST_FIRST = ("dc.creator", "dcterms.creator", "citation_author")


def read_sources(
    page: Page, data: Structured, near: Nearby, regions: Regions, outlets: Sequence[str]
) -> tuple[Candidate[Credits], ...]:
    """The credits of each source on the page, in order of preference; `near` are the lines around the headline."""
    known = folded(outlets) - _alone(data)
    found = [Candidate(_distinct(names), origin) for origin, names in _sources(data, near, regions, known)]
    sources = [c for c in found if c.value]
    if not any(_writers(c) for c in sources):
        sources += _away_from_headline(page, regions, known)
    return tuple(sources)


def authors(
    stated: Sequence[Candidate[Credits]],
    lines: Sequence[str],
    outlets: Sequence[str],
    *,
    translates: bool = False,
) -> Choice[Credits]:
    """All credits of the article; `lines` are the bylines found at the head or tail of its text.

    With `translates`, the bare label "Автор:" in them names the author of the original.

    The persons of the first source that names any win, in the order JSON-LD, metas, labelled line, byline near the
    headline, microdata, unless a visible byline names them and others besides. Other roles (original author,
    translator, photographer, editor) from labelled lines are always added, because they are explicit. The outlet or an
    agency counts only if no person is named, an agency in a byline before the outlet.
    """
    known = folded(outlets)
    # A line recognised as a byline only by names already stated adds nothing, and may have them joined together.
    stated_names = {squash(a.name) for c in stated for a in c.value}
    informative = [
        line
        for line in lines
        if not stated
        or labelled(line)
        or unlabelled(line)
        or (is_signature(line) and squash(line) not in stated_names)
    ]
    labelled_line = _distinct(
        replace(a, role="original author") if translates and a.role == "author" and _BARE.match(line) else a
        for line in informative
        for a in credits_of(line, known) or filter(None, [newsroom(line)])
    )
    at = next((i for i, c in enumerate(stated) if c.origin in _VISIBLE), len(stated))
    own = [Candidate(labelled_line, "byline")] if labelled_line else []
    sources = [*stated[:at], *own, *stated[at:]]
    writers: tuple[Author, ...] = ()
    origins: list[str] = []
    others: list[Author] = []
    for source in sources:
        writing = _writers(source)
        if writing and not writers and not (_are_accounts(writing) and _named_in_full(sources)):
            fuller = _fuller(writing, sources)
            writers = _writers(fuller) if fuller else writing
            origins.append(fuller.origin if fuller else source.origin)
        if source.origin in ("byline", "marked byline") or not others:
            extra = [
                a for a in source.value if a.kind == "person" and a.role != "author" and a not in writers
            ]
            if extra and source.origin not in origins:
                origins.append(source.origin)
            others += extra
    # A special role in a labelled line wins over a metadata entry that calls the same name just the author.
    special = {squash(a.name): a for a in others if a.role == "original author"}
    writers = tuple(special.pop(squash(a.name), a) for a in writers)
    result = _distinct([*writers, *others])
    if not any(a.role in _WRITING for a in result) and (firm := _organisations(sources, known)):
        result = (*firm.value, *result)
        origins.insert(0, firm.origin)
    if not result:
        return Choice(None, tuple(sources), "nobody is named")
    why = "first source that names a person" if writers else "no person is named"
    return Choice(Candidate(result, "+".join(dict.fromkeys(origins))), tuple(sources), why)


def announced(names: Sequence[str], outlets: Sequence[str]) -> list[Candidate[Credits]]:
    """The credits that a feed names (dc:creator), as the last source."""
    known = folded(outlets)
    found = _distinct(a for name in names[:MAX_AUTHORS] if (a := stated_credit(name, known)))
    return [Candidate(found, "channel")] if found else []


_BARE = re.compile(rf"\W{{0,4}}(?:{'|'.join(map(re.escape, BARE_AUTHOR))})\s*[:：—–-]", re.IGNORECASE)
_WRITING = ("author", "original author")
_VISIBLE = ("marked byline", "near headline", "microdata", "signature", "marked elsewhere")


def folded(outlets: Sequence[str]) -> set[str]:
    """The comparison keys (lines.name_key) of the outlet's names."""
    return {name_key(o) for o in outlets if name_key(o)}


def _alone(data: Structured) -> set[str]:
    """The names of persons whom the page's data call the publisher: on a personal blog author and publisher are one."""
    found = (data.resolve(value) for value, _ in data.values("publisher"))
    people = [text_of(node) for node in found if isinstance(node, dict) and "person" in types_of(node)]
    return {name_key(name) for name in people if is_full_name(name)}


def _writers(source: Candidate[Credits]) -> tuple[Author, ...]:
    return tuple(a for a in source.value if a.kind == "person" and a.role in _WRITING)


def _are_accounts(writers: Sequence[Author]) -> bool:
    """Whether all are names of accounts ("db"): one word of small letters."""
    return all(" " not in a.name and a.name == a.name.lower() != a.name.upper() for a in writers)


def _named_in_full(sources: Sequence[Candidate[Credits]]) -> bool:
    """Whether a visible byline names a person by two words or more."""
    return any(
        is_full_name(a.name) for c in sources if c.origin in ("byline", "marked byline") for a in _writers(c)
    )


def _fuller(writers: Sequence[Author], sources: Sequence[Candidate[Credits]]) -> Candidate[Credits] | None:
    """A visible byline that names all of `writers` and others besides."""
    names = {squash(a.name) for a in writers}
    for source in sources:
        visible = source.origin in ("byline", "marked byline", "near headline") and len(_writers(source)) <= 8
        if visible and names < {squash(a.name) for a in _writers(source)}:
            return source
    return None


def _organisations(sources: Sequence[Candidate[Credits]], known: set[str]) -> Candidate[Credits] | None:
    """The organizations of the first source that names any; one in a byline that is not the outlet wins over the outlet."""
    found = [
        Candidate(firms, c.origin)
        for c in sources
        if (firms := tuple(a for a in c.value if a.kind == "organization" and a.role in _WRITING))
    ]
    if not found:
        return None
    for candidate in found:
        if candidate.origin in ("byline", "marked byline", "near headline") and all(
            name_key(a.name) not in known for a in candidate.value
        ):
            return candidate if all(name_key(a.name) in known for a in found[0].value) else found[0]
    return found[0]


def _sources(
    data: Structured, near: Nearby, regions: Regions, known: set[str]
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
    for byline in near_bylines(near, regions):
        found = _from_byline(byline, known)
        if (
            byline.origin == "marked byline"
            or all(a.kind == "person" for a in found)
            or labelled(byline.text)
        ):
            yield byline.origin, found
    yield "microdata", [a for value in data.microdata.get("author", ()) for a in credits_of(value, known)]
    firms = [v for v in data.microdata.get("author organization", ()) if 1 < len(v) < 60]
    yield "microdata", [Author(name, "author", "organization") for name in firms]


def _away_from_headline(page: Page, regions: Regions, known: set[str]) -> list[Candidate[Credits]]:
    """Credits elsewhere on the page: a signature below the text, or marked elements if all of them name the same."""
    signed = [_distinct(_from_byline(b, known)) for b in signatures(page, regions)]
    found = [Candidate(s, "signature") for s in signed if s and all(a.kind == "person" for a in s)][-1:]
    marked = []
    for bylines in _own_first(elsewhere(page, regions)):
        if marked := [m for b in bylines if (m := _distinct(_from_byline(b, known)))]:
            break
    if len({frozenset(squash(a.name) for a in m) for m in marked}) == 1:
        found.append(Candidate(marked[0], "marked elsewhere"))
    return found


def _own_first(bylines: Iterable[tuple[Byline, bool]]) -> Iterator[list[Byline]]:
    """The bylines of the article's own block, then all: lists of other articles have names too."""
    found = list(bylines)
    yield [byline for byline, own in found if own]
    yield [byline for byline, _ in found]


def _from_byline(byline: Byline, known: set[str]) -> list[Author]:
    """The credits of a byline: its separately marked names, else its first pieces that are names, else its whole text."""
    whole = credits_of(_before_bar(byline.text), known) if len(byline.text) < 200 else []
    if any(a.role != "author" for a in whole):
        return whole
    for texts in (byline.names, _leading_names(byline.pieces, known)):
        marked = [a for text in texts if len(text) < 100 for a in credits_of(text, known)]
        if any(a.kind == "person" and len(a.name.split()) > 1 for a in marked):
            # A link on one of two names must not hide the other.
            only_names = whole and all(a.kind == "person" and len(a.name.split()) <= 4 for a in whole)
            joined = labelled(byline.text) or BRACKETED_OTHERS.search(byline.text)
            return whole if only_names and len(whole) > len(marked) and joined else marked
    found = [a for a in whole if len(a.name.split()) <= 4]
    if any(a.kind == "person" for a in found):
        return found
    stated = [a for text in byline.names if (a := stated_credit(text, known))]
    return stated or found or ([room] if (room := newsroom(byline.text)) else [])


def _before_bar(text: str) -> str:
    """A byline up to the bar behind its first name: "A B | Place | 12/03/2026" -> "A B"."""
    parts = [part.strip() for part in re.split(r"\s*[|｜]\s+|\s+[|｜]\s*", text)]
    for i, part in enumerate(parts):
        if is_full_name(clean_name(part)):
            return " | ".join(parts[: i + 1]) if labelled(parts[0]) else part
    return text


def _leading_names(pieces: Sequence[str], known: set[str]) -> Iterator[str]:
    """The pieces of text that are names, from the first one up to the first that no comma or joining word ties to it.

    A piece right behind a name is its agency, its post or its place.
    """
    last = ""
    for piece in pieces:
        if last and not (_TIES.search(last) or _TIED.match(piece)):
            return
        if any(a.kind == "person" for a in credits_of(piece, known)):
            yield piece
        elif last and len(piece) > 5:
            return
        elif not last:
            continue
        last = piece


_TIES = re.compile(
    r"(?:[,;&、/]|(?<!\w)(?:and|und|et|y|e|и|та|және|мен|with|mit|avec|con|og|och|en|ve))\s*$", re.IGNORECASE
)
_TIED = re.compile(
    r"^\s*(?:[,;&、/]|(?:and|und|et|y|e|и|та|және|мен|with|mit|avec|con|og|och|en|ve)(?!\w))", re.IGNORECASE
)


def _from_json(value: Any, data: Structured, known: set[str]) -> Iterator[Author]:
    for item in map(data.resolve, (value if isinstance(value, list) else [value])[:MAX_AUTHORS]):
        if isinstance(item, dict):
            names = item.get("name") or " ".join(
                filter(None, (text_of(item.get(k)) for k in ("givenName", "additionalName", "familyName")))
            )
            for name in names if isinstance(names, list) else [names]:
                text = text_of(name)
                stated_person = "person" in types_of(item)
                stated_organisation = bool(
                    types_of(item) & {"organization", "newsmediaorganization", "corporation"}
                )
                credited = credits_of(text, known, person=stated_person)
                if not credited and (room := newsroom(text)):
                    yield room
                elif (
                    not credited and stated_organisation and 1 < len(text) < 60 and not ROLE_ALONE.match(text)
                ):
                    yield Author(text, "author", "organization")
                for author in credited:
                    is_person = not stated_organisation or _like_full_name(author.name)
                    yield author if is_person else Author(author.name, author.role, "organization")
        elif isinstance(item, str):
            yield from credits_of(item, known)


def _like_full_name(name: str) -> bool:
    """Whether a name is two or three capitalised words, because outlets mark reporters as Organization by mistake."""
    return bool(re.fullmatch(r"[^\W\d_a-zа-я][^\W\d_]+(?: [^\W\d_a-zа-я][^\W\d_.]*\.?){1,2}", name))


def _distinct(credits_: Iterable[Author]) -> Credits:
    """Each name once, at most MAX_AUTHORS; a role other than author wins."""
    kept: dict[str, Author] = {}
    for author in credits_:
        key = squash(author.name)
        if key not in kept or kept[key].role == "author":
            kept[key] = author if key not in kept or author.role != "author" else kept[key]
    return tuple(kept.values())[:MAX_AUTHORS]
