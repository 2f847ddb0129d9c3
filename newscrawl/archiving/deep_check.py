"""Compares what versions say with the raw responses they were read from, for `newscrawl verify --deep`.

A raw response is read again by today's extractor. Where its words are not the stored ones, the page decides: words
that do not stand in it were not read from it. Words that are missing are a difference only where the same extractor
read the version; an older one may have left more out. So it is with authors, dates and the other fields: a credited
name must stand in the page, and the same extractor must read the rest as it is stored. A check that found the same
content must have a page of that content. Runs in processes of its own and loads no Scrapy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.archiving.captures import extract_capture, read_page_text
from newscrawl.errors import ArchiveError, PageError
from newscrawl.extract import extractor_version
from newscrawl.judge.diff.tokens import same_to_reader
from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import confirmed
from newscrawl.judge.word_runs import Runs, foreign_words, runs_of
from newscrawl.model import Article, Capture, Content, ExtractRules, fields
from newscrawl.text import content_hash, paragraphs
from newscrawl.warc import read_body

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.store.audit.words import StoredWords

# In scripts. It matches at every quotation mark and gives nothing back, so that no character is read twice.
_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)"?')
_UNSEEN = frozenset({"style", "noscript"})
# Elements whose text belongs to the words around it.
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
})  # fmt: skip


# The fields beside the words, by their names.
_FIELDS = {
    field.name: field.attribute
    for field in fields.PAGE
    if field.column not in ("", "title", "subtitle", "body", "origins") or field.name == "authors"
}
_MOMENT = timedelta(minutes=5)


class Result(StrEnum):
    """What comparing a version with its raw response came to."""

    SAME = "same"  # read again, it says the same
    STANDS = "stands"  # read otherwise today; its words stand in the raw page
    DIFFERS = (
        "differs"  # it says words that the raw page does not, or lacks some that the same extractor reads
    )
    UNREAD = "unread"  # there is no raw response, or it cannot be read


_ORDER = list(Result)  # the best first


@dataclass(frozen=True, slots=True)
class Job:
    """A version with all that a process of its own needs. `known_rules`: they are its source's, not only those of any."""

    root: Path
    version: StoredWords
    rules: ExtractRules
    known_rules: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """The result for one version, in words."""

    result: Result
    why: str = ""


def compare(job: Job) -> Compared:
    """Compares one version with its raw responses: the one it was read from, and the last that was found to say the same.

    One that agrees is enough. Raises nothing that a response may cause.
    """
    best = Compared(Result.UNREAD, "no raw response is kept")
    done = set()
    own = job.version.captures[0] if job.version.own else None
    if own is not None and (why := _other_fields(job, own) or _hidden_edit(job, own)):
        return Compared(Result.DIFFERS, why)
    for capture in job.version.captures:
        if capture.ref.digest in done:
            continue
        done.add(capture.ref.digest)
        found = _compare(job, capture)
        if _ORDER.index(found.result) < _ORDER.index(best.result):
            best = found
        if best.result is Result.SAME:
            break
    return best


def _compare(job: Job, capture: Capture) -> Compared:
    stored = job.version
    try:
        body = read_body(job.root, capture).body
        readings = [_read(job, capture)]
    except ArchiveError as error:
        return Compared(Result.UNREAD, str(error))
    if _same(stored.said, readings[0]):
        return Compared(Result.SAME)
    if job.rules != ExtractRules():  # the source's rules may be newer than the version
        readings.append(_read(job, capture, ExtractRules()))
        if _same(stored.said, readings[1]):
            return Compared(Result.SAME)
    shown = _shown(body, capture)
    if shown is None:
        return Compared(Result.UNREAD, "the raw response holds no page that can be read")
    there = shown | runs_of(part for reading in readings for part in _parts(Content.of(reading)))
    if alien := foreign_words(_parts(Content.of(stored.said)), there):
        return Compared(Result.DIFFERS, f'says "{alien}", which does not stand in its raw response')
    same_extractor = stored.extractor == extractor_version()
    if same_extractor and readings[0].is_article:
        own = runs_of(_parts(Content.of(stored.said)))
        missing = [foreign_words(_parts(Content.of(reading)), own) for reading in readings]
        if all(missing):
            return Compared(Result.DIFFERS, f'lacks "{missing[0]}", which the same extractor reads there')
    return Compared(Result.STANDS)


def _read(job: Job, capture: Capture, rules: ExtractRules | None = None) -> Article:
    """What a raw response says by today's extractor, with what the channels had said of the article."""
    return extract_capture(job.root, capture, rules or job.rules, job.version.announced)


def _other_fields(job: Job, capture: Capture) -> str:
    """What of a version's authors, dates and other fields is not that of the response it was read from; empty if all is."""
    stored = job.version
    try:
        readings = [_read(job, capture)]
        if (found := _differing(stored.said, readings[0])) and job.rules != ExtractRules():
            readings.append(_read(job, capture, ExtractRules()))
            # What both read alike does not hang on rules, which may be newer than the version.
            found = found & _differing(stored.said, readings[1]) - _differing(*readings)
        if not found:
            return ""
        if "authors" in found and (alien := _alien_author(job, capture, readings)):
            return f'credits "{alien}", who does not stand in its raw response'
    except ArchiveError:
        return ""
    if stored.extractor != extractor_version() or not readings[0].is_article or not job.known_rules:
        return ""
    name = next(name for name in _FIELDS if name in found)
    said, read = (getattr(one, _FIELDS[name]) for one in (stored.said, readings[0]))
    return f"has other {name} than the same extractor reads in its raw response: {said!r:.80}, there {read!r:.80}"


def _differing(one: Article, other: Article) -> set[str]:
    """The names of the fields beside the words in which two readings differ."""
    return {
        name
        for name, attribute in _FIELDS.items()
        if not _alike(getattr(one, attribute), getattr(other, attribute))
    }


def _alike(one: object, other: object) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other) < _MOMENT  # "an hour ago" counts from the answer, and from when it was read
    return one == other


def _alien_author(job: Job, capture: Capture, readings: list[Article]) -> str:
    """A stored author whose name does not stand in the raw response; empty if there is none."""
    known = {author.name for reading in readings for author in reading.authors}
    strange = [author.name for author in job.version.said.authors if author.name not in known]
    shown = _shown(read_body(job.root, capture).body, capture) if strange else None
    return next((name for name in strange if shown is not None and foreign_words([name], shown)), "")


def _hidden_edit(job: Job, own: Capture) -> str:
    """What the pages of checks that are said to have read this content show of another one; empty if they are the same."""
    stored, done = job.version, {own.ref.digest}
    if stored.extractor != extractor_version() or not job.known_rules:
        return ""
    for capture in stored.same:
        if capture.ref.digest not in done and (edits := _edits_between(job, own, capture)):
            return f"is said to be that of the check of {capture.at}, whose page shows an edit: {edits}"
        done.add(capture.ref.digest)
    return ""


def _edits_between(job: Job, own: Capture, other: Capture) -> str:
    """The edits of a version that another response of it shows, by the raw pages of both."""
    content = Content.of(job.version.said)
    try:
        reading = _read(job, other)
        now = Content.of(reading)
        if not reading.is_article or content_hash(now) == job.version.content_hash:
            return ""
        older, newer = (read_page_text(job.root, one, job.rules) for one in (own, other))
    except ArchiveError:
        return ""
    if older is None or newer is None:
        return ""
    shown = confirmed(content, now, older, newer)
    kinds = () if shown.pending or shown.layout else classify.kinds(content, shown.content)
    return ", ".join(kind.value for kind in kinds)


def _same(content: Article, reading: Article) -> bool:
    pairs = (
        (content.title, reading.title),
        (content.subtitle, reading.subtitle),
        (content.body, reading.body),
    )
    return all(same_to_reader(one, other) for one, other in pairs)


def _parts(content: Content) -> Iterator[str]:
    yield from (content.title or "", content.subtitle or "")
    yield from paragraphs(content.body)


def _shown(body: bytes, capture: Capture) -> Runs | None:
    """The runs of words of a page: its visible text, and what its attributes and scripts say (JSON-LD, metas)."""
    from newscrawl.extract.page.tree import read_page

    try:
        tree = read_page(body, capture.url, capture.content_type).tree
    except PageError:
        return None
    return runs_of((*_visible(tree), *_beside(tree)))


def _visible(tree: HtmlElement) -> Iterator[str]:
    """The text of a page, in pieces that end where a block begins or ends."""
    from lxml import etree

    piece: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if not isinstance(element.tag, str):  # a comment
            piece.append(element.tail or "")
            continue
        hidden = element.tag in _UNSEEN or element.tag == "script"
        if element.tag not in _INLINE:
            yield "".join(piece)
            piece.clear()
        if event == "start":
            piece.append("" if hidden else element.text or "")
        else:
            piece.append(element.tail or "")
    yield "".join(piece)


def _beside(tree: HtmlElement) -> Iterator[str]:
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            if name in ("content", "alt", "title", "value", "datetime") or name.startswith("data-"):
                yield value
        if element.tag == "script":
            for match in _STRING.finditer(element.text or ""):
                if len(match[1]) > 1:
                    yield from _texts(match[1])


def _texts(escaped: str) -> Iterator[str]:
    """A string of a script as a reader would see it; markup in it only parts its words."""
    try:
        text = json.loads(f'"{escaped}"', strict=False)
    except ValueError:
        text = escaped
    yield from re.split(r"<[^<>]{0,2000}>|\n", text)
