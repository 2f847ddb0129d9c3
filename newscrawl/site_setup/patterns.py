"""The pattern of article addresses, learned from examples and counter-examples: regular expressions for paths."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from newscrawl.site_setup.page import SERVICE, language

_SHORT = "/?p="  # how a short link at the root begins: WordPress's addresses unless its owner chooses others
_EXTENSION = re.compile(r"^(.+)(\.(?:s?html?|php\d?|aspx?|jsp|xhtml))$", re.IGNORECASE)
_KINDS = (
    ("year", re.compile(r"(?:19|20)\d\d"), r"\d{4}"),
    ("day", re.compile(r"\d{4}-\d{1,2}-\d{1,2}"), r"\d{4}-\d{1,2}-\d{1,2}"),
    ("date", re.compile(r"(?:19|20)\d{6}"), r"\d{8}"),
    ("two", re.compile(r"\d{1,2}"), r"\d{1,2}"),
    ("number", re.compile(r"\d+"), r"\d+"),
)
_WRITTEN = {name: written for name, _, written in _KINDS}
_ID_LAST = re.compile(r"^(.*[-_])(\d+)$", re.DOTALL)
_ID_FIRST = re.compile(r"^(\d+)([-_].*)$", re.DOTALL)
_HEX_LAST = re.compile(r"^.*[-_]([0-9a-f]{5,12})$", re.DOTALL)
_ALWAYS_OUT = ("author", "authors", "category", "page", "search", "tag", "tags", "user")
_MOST = 0.95  # of the addresses of one kind must have a form for it to be theirs
_EXCEPTIONS = 40  # single paths a pattern may name as no articles
_ALTERNATIVES = 6
FOR_IDENTITY = 8
"""So many articles must have a number of their own before it counts as the outlet's number of an article."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression for the paths of articles; `missed` are examples it does not match, `caught` counter-examples it does."""

    text: str
    missed: tuple[str, ...] = ()
    caught: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Path:
    dirs: tuple[str, ...]
    stem: str
    extension: str


@dataclass(frozen=True, slots=True)
class _Last:
    """A form of the last segment: its expression, and whether it alone tells articles from other pages."""

    text: str
    strong: bool


def learn(articles: Collection[str], others: Collection[str], *, loose: bool = False) -> Pattern | None:
    """Learns the pattern that matches the paths of articles and not those of other pages; None without any article.

    As general as the counter-examples allow: numbers, dates and slugs stand for all of their kind. Sections stand for
    any other section where a number or a date identifies the article, and only for themselves elsewhere.
    `loose` is for entries of feeds and sitemaps, where the outlet itself says what an article is: slugs of one word
    count as well.
    """
    known = sorted(set(articles))
    short = {path for path in known if path.startswith(_SHORT)}
    bad = sorted(set(others) - set(known))
    if not known:
        return None
    clusters: dict[tuple[tuple[str, ...], str], list[_Path]] = defaultdict(list)
    for path in known:
        taken = _taken(path) if path not in short else None
        if taken is not None:
            clusters[tuple(_kind(one) for one in taken.dirs), taken.extension].append(taken)
    least = 2 if len(known) >= 10 else 1
    chosen = sorted(clusters.items(), key=lambda one: (-len(one[1]), one[0]))
    # Beside articles at paths of their own, short links are other addresses of them.
    parts = [rf"{re.escape(_SHORT[1:])}\d+"] if 2 * len(short) > len(known) else []
    for (kinds, extension), paths in chosen[:_ALTERNATIVES]:
        if len(paths) >= least or not parts:
            parts += _alternatives(kinds, extension, paths, bad, loose=loose)
    if not parts:
        return None
    parts = list(dict.fromkeys(parts))
    body = parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
    pattern = f"^/{body}/?$"
    compiled = re.compile(pattern)
    return Pattern(
        pattern,
        missed=tuple(path for path in known if not compiled.search(path)),
        caught=tuple(path for path in bad if compiled.search(path)),
    )


def identity(editions: Iterable[Collection[str]]) -> str | None:
    """A pattern whose one group is the outlet's number of an article; None unless every article has one of its own.

    `editions` are the paths of articles of each edition: two may use the same numbers. A wrong number would
    merge two articles, so one address without it, or one number that occurs twice, is enough to have none.
    """
    groups = [sorted(set(paths)) for paths in editions if paths]
    if not groups or max(map(len, groups)) < FOR_IDENTITY:
        return None
    for form, written in (
        (_ID_LAST, "[-_](%s)%s/?$"),
        (_ID_FIRST, "/(%s)[-_][^/]*%s/?$"),
        (re.compile(r"^()(\d+)$"), "/(%s)%s/?$"),
    ):
        numbers: list[str] = []
        extensions: set[str] = set()
        sections: dict[tuple[int, tuple[str, ...]], list[int]] = defaultdict(list)
        for edition, paths in enumerate(groups):
            taken = [_taken(path) for path in paths]
            found = [form.match(one.stem) if one is not None else None for one in taken]
            own = [_digits(match) for match in found if match is not None]
            if len(own) < len(paths) or len(set(own)) < len(own) or _all_years(own):
                break
            numbers += own
            extensions |= {one.extension for one in taken if one is not None}
            for one, number in zip(taken, own, strict=True):
                sections[edition, one.dirs if one is not None else ()].append(int(number[:18]))
        else:
            if not _one_series(sections):
                continue
            ends = sorted(re.escape(one) for one in extensions if one)
            end = ends[0] if len(ends) == 1 else f"(?:{'|'.join(ends)})" if ends else ""
            end = f"(?:{end})?" if end and "" in extensions else end
            pattern = written % (_number(numbers), end)
            everything = [path for paths in groups for path in paths]
            if all(re.search(pattern, path) for path in everything):
                return pattern
    return None


def group_of(path: str) -> tuple[str, ...] | None:
    """What addresses of one kind share: sections by name, dates and numbers by kind, the form of the last segment; None for "/"."""
    taken = _taken(path)
    if taken is None:
        return None
    stem = "number" if taken.stem.isdigit() else "slug" if re.search(r"[-_%]", taken.stem) else "word"
    return (*map(_folder_kind, taken.dirs[:4]), stem + taken.extension)


def _alternatives(
    kinds: tuple[str, ...], extension: str, paths: list[_Path], bad: Sequence[str], *, loose: bool
) -> list[str]:
    # Where a date stands before it, any last segment is an article's: slugs of one word come sooner or later.
    dated = any(kind in ("year", "day", "date") for kind in kinds)
    # The same goes for numbers in some of the slugs; only where the segment is a number it is one for all.
    rest: list[_Path] = []
    if dated and len({path.stem for path in paths if not path.stem.isdigit()}) > 1:
        last = _slug(paths, loose=True)
    else:
        last, rest = _last(paths, loose=loose)
    fitting = [path for path in paths if path not in rest]
    parts = [_rendered(kinds, extension, fitting, last, bad)]
    # A few without the number that all others have (addresses of an older system) get a narrow form of their own.
    if len(rest) >= 2 or len(rest) * 20 >= len(paths):
        slug = _slug(rest, loose=loose)
        parts.append(_rendered(kinds, extension, rest, slug, bad))
    return parts


def _last(paths: Sequence[_Path], *, loose: bool) -> tuple[_Last, list[_Path]]:
    """The form of the last segments, and the paths that have another one."""
    stems = [path.stem for path in paths]
    if all(stem.isdigit() for stem in stems):
        return _Last(_number(stems), strong=True), []
    program = re.fullmatch(r"\.(?:php\d?|aspx?|jsp)", paths[0].extension, re.IGNORECASE)
    if len(set(stems)) == 1 and (len(stems) > 1 or program):
        return _Last(
            re.escape(stems[0]), strong=True
        ), []  # the sections differ, or the address is a program's
    for form, written in ((_ID_LAST, "[^/]*[-_]%s"), (_ID_FIRST, "%s[-_][^/]*")):
        matched = [(path, form.match(path.stem)) for path in paths]
        own = [_digits(match) for _, match in matched if match is not None]
        if len(own) >= _MOST * len(paths) and len(set(own)) >= 0.9 * len(own) and not _all_years(own):
            rest = [path for path, match in matched if match is None]
            return _Last(written % _number(own), strong=len(own) > 1), rest
    codes = [match[1] for stem in stems if (match := _HEX_LAST.match(stem))]
    if (
        len(codes) == len(stems) > 1
        and len({len(code) for code in codes}) == 1
        and len(set(codes)) == len(codes)
        and 2 * sum(any(c.isdigit() for c in code) for code in codes) > len(codes)
    ):
        return _Last(rf"[^/]*[-_][0-9a-f]{{{len(codes[0])}}}", strong=True), []
    return _slug(paths, loose=loose), []


def _slug(paths: Sequence[_Path], *, loose: bool) -> _Last:
    """Words joined by hyphens or underscores: as many as (almost) all examples have, three at the most."""
    stems = [path.stem for path in paths]
    mark = max("-_", key=lambda one: sum(stem.count(one) for stem in stems))
    counts = sorted(stem.count(mark) for stem in stems)
    joints = 0 if loose else min(counts[len(counts) * 3 // 100], 2)
    if joints == 0:
        return _Last("[^/]+" if any(stem.isdigit() for stem in stems) else r"(?!\d+/?$)[^/]+", strong=False)
    return _Last((f"(?:[^/{mark}]*{mark})" + (f"{{{joints}}}" if joints > 1 else "")) + "[^/]+", strong=False)


def _rendered(
    kinds: tuple[str, ...], extension: str, paths: Sequence[_Path], last: _Last, bad: Sequence[str]
) -> str:
    """One alternative of the pattern, without the slashes around it."""
    dated = any(kind in ("year", "day", "date") for kind in kinds)
    strong = last.strong or dated
    segments: list[str] = []
    free: list[int] = []
    seen = [sorted({path.dirs[i] for path in paths}) for i in range(len(kinds))]
    for i, kind in enumerate(kinds):
        many = len(seen[i]) > 20 or (len(paths) >= 6 and 2 * len(seen[i]) > len(paths))
        if kind in _WRITTEN:
            segments.append(_WRITTEN[kind])
        elif kind == "word" and len(seen[i]) > 1 and (many or strong):
            free.append(i)
            segments.append("[^/]+")
        else:
            segments.append(_one_of(seen[i]))
    out: dict[int, set[str]] = {i: set() for i in free}
    if free:
        out[free[0]] |= {word for word in _ALWAYS_OUT if word not in seen[free[0]]}
    pattern = re.compile("^/" + "/".join([*segments, last.text]) + re.escape(extension) + "/?$")
    singles: list[str] = []
    for path in bad:
        if not pattern.search(path):
            continue
        dirs = [one for one in path.split("/") if one]
        index = next((i for i in free if dirs[i] not in seen[i]), None)
        if index is not None:
            out[index].add(dirs[index])
        elif len(singles) < _EXCEPTIONS:
            singles.append(path.strip("/"))
    for i in free:
        if out[i]:
            segments[i] = f"(?!{_one_of(sorted(out[i]))}/)[^/]+"
    ahead = f"(?!{_one_of(singles)}/?$)" if singles else ""
    return ahead + "/".join([*segments, last.text]) + re.escape(extension)


def _one_of(values: Sequence[str]) -> str:
    written = [re.escape(value).replace(r"\-", "-") for value in values]
    return written[0] if len(written) == 1 else f"(?:{'|'.join(written)})"


def _taken(path: str) -> _Path | None:
    segments = [one for one in path.split("/") if one]
    if not segments:
        return None
    if path.startswith(_SHORT):
        return _Path((_SHORT,), path.removeprefix(_SHORT), "")
    *dirs, last = segments
    match = _EXTENSION.match(last)
    stem, extension = (match[1], match[2]) if match else (last, "")
    return _Path(tuple(dirs), stem, extension)


def _folder_kind(segment: str) -> str:
    """How a folder counts in a group: a section by its name; codes and slugs, which each article has for itself, by kind."""
    kind = _kind(segment)
    own = any(c.isdigit() for c in segment) or segment.count("-") > 2 or len(segment) > 32
    return kind if kind not in ("word", "language") else "slug" if own else segment


def _kind(segment: str) -> str:
    for name, form, _ in _KINDS:
        if form.fullmatch(segment):
            return name
    return "language" if language(segment) is not None and len(segment) <= 3 else "word"


def _digits(match: re.Match[str]) -> str:
    """The number among the groups of a match."""
    return next(one for one in match.groups() if one and one.isdigit())


def _number(examples: Collection[str]) -> str:
    """A number of the series: with at least one digit fewer than the shortest seen."""
    least = min(map(len, examples)) - 1
    return rf"\d{{{least},}}" if least > 1 else r"\d+"


def _one_series(sections: Mapping[tuple[int, tuple[str, ...]], Sequence[int]]) -> bool:
    """Whether the sections of each edition share one series of numbers; separate series would collide sooner or later.

    Separate series have reached different numbers, so the numbers of each section must lie among those of the others.
    """
    for (edition, dirs), own in sections.items():
        others = [n for (e, d), numbers in sections.items() if e == edition and d != dirs for n in numbers]
        if others and len(own) > 1 and (max(own) < min(others) or min(own) > max(others)):
            return False
    return True


def _all_years(numbers: Collection[str]) -> bool:
    """Whether the numbers are years rather than a series."""
    return Counter(len(number) == 4 and 1990 <= int(number) <= 2100 for number in numbers)[False] == 0


def is_service(path: str) -> bool:
    """Whether a path has a segment that outlets use for their own pages: tags, authors, search, contacts."""
    return any(SERVICE.match(segment.partition(".")[0]) for segment in path.split("/") if segment)
