"""The file of a new source: its text, its name, and where it goes. Strings from pages are written as literals."""

from __future__ import annotations

import contextlib
import keyword
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import newscrawl
from newscrawl.crawl.editions import Edition, Listing
from newscrawl.crawl.spider import NewsSpider
from newscrawl.errors import UsageError
from newscrawl.site_setup.reasons import OWN, Reasons
from newscrawl.site_setup.site import base_name

if TYPE_CHECKING:
    from newscrawl.site_setup.survey import Survey

WIDTH = 110
_SECOND_LEVEL = frozenset({"com", "org", "net", "edu", "gov", "co", "info", "mil"})


@dataclass(frozen=True, slots=True)
class Source:
    """What a source's file says. `seen` and `inferred` are clauses for its docstring."""

    name: str
    outlet: str
    zone: str
    editions: tuple[Edition, ...]
    listed_path: str
    claimed_path: str = NewsSpider.claimed_path
    robots_sitemaps: bool = False
    identity_path: str | None = None
    stop_headings: tuple[str, ...] = ()
    seen: str = ""
    inferred: str = ""
    named_itself: bool = True
    zone_reason: str = "from its dates, its language or its host"
    reasons: Reasons = field(default_factory=dict)


def source_of(name: str, survey: Survey) -> Source:
    """What the file of a surveyed site says."""
    return Source(
        name=name,
        outlet=survey.outlet,
        zone=survey.zone,
        editions=survey.editions,
        listed_path=survey.listed_path,
        claimed_path=survey.claimed_path,
        robots_sitemaps=survey.robots_sitemaps,
        identity_path=survey.identity_path,
        stop_headings=survey.stop_headings,
        seen=", ".join(survey.seen),
        inferred=", ".join(survey.inferred),
        named_itself=survey.named_itself,
        zone_reason=survey.zone_reason,
        reasons=survey.reasons,
    )


def source_text(source: Source) -> str:
    """The Python text of the file."""
    listing = any(isinstance(one, Listing) for edition in source.editions for one in edition.listings)
    lines = [
        *_docstring(source),
        "",
        f"from newscrawl.crawl.editions import Edition{', Listing' if listing else ''}",
        "from newscrawl.crawl.spider import NewsSpider",
        "",
        "",
        f"class {class_name(source.name)}(NewsSpider):",
        "    # Yours to choose.",
        f"    name = {_literal(source.name)}",
        f"    # {'Seen: what the site calls itself' if source.named_itself else 'Guessed: from its host'}.",
        f"    outlet = {_literal(source.outlet)}",
        f"    # Guessed: {_plain(source.zone_reason)}.",
        f"    zone = {_literal(source.zone)}",
        "    editions = (",
        *(line for one in source.editions for line in _edition(one, source.reasons.get(one.name, {}))),
        "    )",
    ]
    lines += [
        "    # Guessed: what the addresses of its articles have in common, and other addresses have not.",
        f"    listed_path = {_raw(source.listed_path)}",
    ]
    if source.claimed_path != NewsSpider.claimed_path:
        lines += [
            "    # Guessed: the same of what feeds and sitemaps name.",
            f"    claimed_path = {_raw(source.claimed_path)}",
        ]
    if source.robots_sitemaps:
        lines += ["    # Seen: robots.txt names them.", "    robots_sitemaps = True"]
    if source.identity_path:
        lines += [
            "    # Guessed: a number that every article's address has, once.",
            f"    identity_path = {_raw(source.identity_path)}",
        ]
    if source.stop_headings:
        lines += [
            "    # Seen: headings under its articles, above links to others.",
            f"    stop_headings = {_tuple(source.stop_headings)}",
        ]
    return "\n".join(lines) + "\n"


def source_name(host: str) -> str:
    """A name from a host: "kaz.paper.example" gives "paper", "24.kz" gives "24kz", "127.0.0.1:8000" gives "local8000"."""
    bare, _, _port = base_name(host).partition(":")
    labels = bare.split(".")
    if all(label.isdigit() for label in labels) or bare in ("localhost", "") or bare.startswith("["):
        return f"local{host.rpartition(':')[2] if ':' in host else ''}"
    while len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        labels.pop(-2)
    name = labels[-2] if len(labels) > 1 else labels[0]
    if name.startswith("xn--"):
        with contextlib.suppress(UnicodeError):  # a label that only looks encoded stays as it is
            name = name.encode("ascii").decode("idna")
    name = "".join(_latin(letter) for letter in name.lower())
    if name.isdigit():
        name += labels[-1]
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "source"


def check_name(name: str) -> str:
    """Returns the name if a source may have it. Raises UsageError."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,39}", name) or keyword.iskeyword(name) or name == "__init__":
        raise UsageError(
            "no name for a source", subject=name[:60] or "''", hint="Use small Latin letters, digits and _"
        )
    if not re.search("[a-z]", name):
        raise UsageError("a name needs a letter", subject=name)
    return name


def module_name(name: str) -> str:
    """The module of a source: its name; a leading number, which no module can have, goes to the end."""
    moved = re.sub(r"^(\d+)(.*)$", r"\2\1", name).lstrip("_")
    return f"{moved}_" if keyword.iskeyword(moved) else moved


def class_name(name: str) -> str:
    """The class of a source: "24kz" gives "Kz24Spider"."""
    return "".join(part[:1].upper() + part[1:] for part in module_name(name).split("_")) + "Spider"


def folder(chosen: Path | None) -> Path:
    """Where a new source goes: the chosen folder; in a checkout its own; else `spiders` in the working directory.

    Files in the working directory are the user's and survive every upgrade; all commands load them.
    """
    if chosen is not None:
        return chosen
    package = Path(newscrawl.__file__).resolve().parent
    checkout = (package.parent / "pyproject.toml").is_file() and package.parent == Path.cwd().resolve()
    return package / "spiders" if checkout else Path("spiders")


def write(text: str, path: Path) -> None:
    """Writes a new file. Raises UsageError if the file exists or the folder cannot be written."""
    compile(text, str(path), "exec")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        if isinstance(error, FileExistsError) and path.is_file():
            raise UsageError(
                "exists already and is left as it is", subject=str(path), hint="Take another --name"
            ) from error
        raise UsageError(f"cannot be written: {error.strerror or error}", subject=str(path)) from error


def _docstring(source: Source) -> list[str]:
    plain = _plain(f"{source.outlet}, as `newscrawl add` found it.")
    rest = [_plain(f"Seen: {source.seen}.")] if source.seen else []
    if source.inferred:
        rest.append(_plain(f"Inferred: {source.inferred}."))
    if not rest:
        return [f'"""{plain}"""']
    from textwrap import wrap

    body = [line for text in rest for line in wrap(text, WIDTH, break_on_hyphens=False)]
    return [f'"""{plain}', "", *body, '"""']


def _plain(text: str) -> str:
    """Text for a docstring: one line, without quotes and backslashes, which could end it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line.replace("\\", "/").replace('"', "'")[:600]


def _edition(edition: Edition, why: Mapping[str, str]) -> list[str]:
    """The lines of an edition: above each of its arguments what was seen and what guessed."""
    own = [_literal(edition.name), _literal(edition.host)]
    if edition.language:
        own.append(_literal(edition.language))
    arguments = {OWN: ", ".join(own)}
    if edition.site:
        arguments["site"] = f"site={_literal(edition.site)}"
    if edition.listings != ("/",) or why:
        end = "," if len(edition.listings) == 1 else ""
        arguments["listings"] = f"listings=({', '.join(map(_listing, edition.listings))}{end})"
    for name in ("feeds", "sitemaps", "numbered", "mirrors", "sections"):
        if values := getattr(edition, name):
            arguments[name] = f"{name}={_tuple(values)}"
    if not why:
        return [f"        Edition({', '.join(arguments.values())}),"]
    lines = ["        Edition("]
    for name, written in arguments.items():
        if reason := why.get(name):
            lines.append(f"            # {_plain(reason)}")
        lines.append(f"            {written},")
    return [*lines, "        ),"]


def _listing(one: str | Listing) -> str:
    if isinstance(one, str):
        return _literal(one)
    more = f", more={_literal(one.more)}" if one.more else ""
    first = f", first={one.first}" if one.more and one.first != 2 else ""
    return f"Listing({_literal(one.path)}{more}{first})"


def _tuple(values: Sequence[str]) -> str:
    return f"({', '.join(map(_literal, values))}{',' if len(values) == 1 else ''})"


def _literal(text: str) -> str:
    """A string literal, with double quotes where that is plain."""
    written = repr(text)
    return (
        f'"{written[1:-1]}"'
        if written.startswith("'") and '"' not in text and "\\" not in written
        else written
    )


def _raw(pattern: str) -> str:
    """A pattern as a raw literal where that is possible."""
    plain = pattern.isprintable() and '"' not in pattern and not pattern.endswith("\\")
    return f'r"{pattern}"' if plain else repr(pattern)


def _latin(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isalnum() else "_"
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or f"u{ord(letter):x}"
