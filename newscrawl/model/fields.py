"""The table of fields: what each kind of record says, under which name and of which type.

JSON, CSV, Parquet, `newscrawl show` and the rows of versions are made from it, so that a field stands
in one place (docs/adding-a-field.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from newscrawl.model.extraction import Author, Image, PageType, Precision


class Type(StrEnum):
    """What a field holds. Each format writes a type in one way."""

    TEXT = "text"
    NUMBER = "number"
    REAL = "real"
    TRUTH = "truth"
    DAY = "day"  # a day of a calendar, without a zone
    INSTANT = "instant"  # of our own clock: UTC
    STATED = "stated"  # an instant of the publisher's: own offset kept, the day alone where no more is known
    CHOICE = "choice"  # a member of an enum, written as its value
    TEXTS = "texts"
    CHOICES = "choices"
    PAIRS = "pairs"  # (text, text)
    MAPPING = "mapping"  # text -> text
    OBJECT = "object"  # a value with fields of its own, `parts`
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    `name` is its key in JSON and its column in CSV and Parquet. `path` is the attribute that holds it, dotted
    where it lies deeper; "" if it is called like the field. `precision` is the attribute that says how exactly
    a STATED instant is known. `of` is the class of choices and objects, `parts` the fields of objects.

    `label` is what `newscrawl show` writes before it ("": it is not shown there), `unknown` what stands there
    where nothing is known.

    `column` is its column in the table `versions` ("": none), `length` the most characters that holds (0: any
    number), `required` whether it is never empty, `comment` what the schema says of it. A STATED instant has a
    second column, `…_offset`, for the publisher's minutes east of UTC, and the comment stands there.
    """

    name: str
    type: Type = Type.TEXT
    path: str = ""
    precision: str = ""
    of: Callable[..., Any] | None = None
    parts: tuple[Field, ...] = ()
    label: str = ""
    unknown: str = ""
    column: str = ""
    length: int = 0
    required: bool = False
    comment: str = ""

    @property
    def attribute(self) -> str:
        """The dotted path of the attribute that holds the value."""
        return self.path or self.name


def _text(name: str, path: str = "") -> Field:
    return Field(name, Type.TEXT, path)


def _number(name: str, path: str = "") -> Field:
    return Field(name, Type.NUMBER, path)


def _truth(name: str, path: str = "") -> Field:
    return Field(name, Type.TRUTH, path)


def _instant(name: str, path: str = "") -> Field:
    return Field(name, Type.INSTANT, path)


def _choice(name: str, path: str = "") -> Field:
    return Field(name, Type.CHOICE, path)


def _within(attribute: str, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields of a value that a record holds in this attribute."""
    return tuple(
        replace(
            field,
            path=f"{attribute}.{field.attribute}",
            precision=f"{attribute}.{field.precision}" if field.precision else "",
        )
        for field in fields
    )


# --- what a page says: newscrawl.model.Article --------------------------------------------------

_AUTHOR = (_text("name"), _text("role"), _text("kind"))
_IMAGE = (_text("url"), _text("caption"), _text("credit"))

HEADING = (
    Field("title", column="title"),
    Field("subtitle", column="subtitle"),
    # Authors have rows of their own, because one person writes many articles.
    Field("authors", Type.OBJECTS, of=Author, parts=_AUTHOR, label="authors", unknown="unknown"),
)
DATES = (
    Field(
        "published", Type.STATED, precision="published_precision", label="published", unknown="unknown",
        column="published", comment="minutes east of UTC, as the publisher wrote it",
    ),
    Field("published_precision", Type.CHOICE, of=Precision, column="published_precision", length=8),
    Field("modified", Type.STATED, label="modified", column="modified"),
)  # fmt: skip
BODY = (Field("body", column="body", required=True),)
# A new field of articles is added here: then it is in every output, behind those of today.
DETAILS = (
    Field("language", label="language", column="language", length=16),
    Field("section", label="section", column="section"),
    Field("tags", Type.TEXTS, label="tags", column="tags", required=True),
    Field("images", Type.OBJECTS, of=Image, parts=_IMAGE, label="image", column="images", required=True),
)
_PAGE_TYPE = (Field("page_type", Type.CHOICE, of=PageType, column="page_type", length=16, required=True),)
_ORIGINS = (Field("origins", Type.MAPPING, column="origins", required=True),)
# What is missing of the piece, if it was cut; behind the fields that were there first.
TRUNCATION = (Field("incomplete", label="incomplete", column="incomplete"),)
# Stored with a version, in none of the outputs.
_KEPT = (
    Field("canonical", column="canonical"),
    Field("alternates", Type.PAIRS, column="alternates", required=True),
    Field("paywalled", Type.TRUTH, column="paywalled"),
)

PAGE = HEADING + DATES + BODY + DETAILS + TRUNCATION + _PAGE_TYPE + _ORIGINS + _KEPT
EXTRACTED = (_text("url"), *HEADING, *DATES, *DETAILS, *BODY, *_PAGE_TYPE, *_ORIGINS, *TRUNCATION)
_CONTENT = _within("article", DATES + HEADING + BODY + DETAILS)

# --- what the archive recorded -------------------------------------------------------------------

CAPTURE = (
    *_within("ref", (
        _text("file"), _number("offset"), _number("length"), _text("record_id"), _text("digest"), _text("kind"),
    )),
    _instant("pruned"),
)  # fmt: skip


def _capture(path: str = "") -> Field:
    return Field("capture", Type.OBJECT, path, parts=CAPTURE)


_CONTROL = (
    _number("article", "article_id"),
    _text("url"),
    _instant("at"),
    _number("status"),
    _choice("verdict"),
)
EVIDENCE = (
    *_within("observation", (
        _instant("at"), _text("signal"), _number("status"), _text("reason"), _truth("controls_fine"), _capture(),
        _number("run", "run_id"), _text("url"), _text("final_url"),
    )),
    Field("controls", Type.OBJECTS, parts=_CONTROL),
)  # fmt: skip

ARTICLES = (
    _number("id"), _text("source"), _text("edition"), _text("url"), _text("url_key"), Field("aliases", Type.TEXTS),
    _choice("state"), _instant("state_since"), _instant("first_seen"), _instant("last_checked"),
    *_CONTENT, _number("version"), _number("versions"), _number("tied_to"), _instant("unreadable_since"),
    *_within("article", TRUNCATION), _truth("noindex"), _instant("unlisted"),
)  # fmt: skip
VERSIONS = (
    _number("article", "article_id"), _text("source"), _text("edition"), _text("url"), _number("version", "number"),
    _instant("at"), Field("kinds", Type.CHOICES), _number("returns_to"),
    *_CONTENT, *_within("article", _PAGE_TYPE), _text("content_hash"), _text("extractor"), _capture(),
    *_within("article", TRUNCATION),
)  # fmt: skip
OBSERVATIONS = (
    _number("id"), _number("run", "run_id"), _text("source"), _text("edition"), _number("article", "article_id"),
    _instant("at"), _text("url"), _text("final_url"), _choice("outcome"), _number("status"), _choice("verdict"),
    _text("reason"), _text("signal"), _truth("controls_fine"), _number("version"), _number("milliseconds"), _capture(),
)  # fmt: skip
SIGHTINGS = (
    _number("id"), _text("source"), _text("edition"), _choice("channel"), _text("listing"), _instant("at"),
    _number("position"), _number("article", "article_id"), _text("url"), _text("headline"),
)  # fmt: skip
CHANGES = (
    _number("article", "article_id"), _text("url"), _instant("at"), _number("from", "from_version"),
    _number("to", "to_version"), Field("kinds", Type.CHOICES), _text("title"), _text("source"), _text("edition"),
    _instant("seen_before"), _number("returns_to"),
)  # fmt: skip
# What both sides of an edit say, in releases.
_SIDES = tuple(
    replace(field, name=f"{side}_{field.name}", path=f"{attribute}.{field.name}")
    for side, attribute in (("old", "before"), ("new", "after"))
    for field in (*HEADING, *BODY)
)
EDITS = (*CHANGES, *_SIDES)
SENTENCES = (
    _number("article", "edit.article_id"), _text("source", "edit.source"), _text("edition", "edit.edition"),
    _instant("at", "edit.at"), _number("version_x", "edit.from_version"), _number("version_y", "edit.to_version"),
    _text("field", "of_field"), _choice("kind", "pair.kind"), _truth("moved", "pair.moved"),
    _number("sent_idx_x", "pair.old_number"), _number("sent_idx_y", "pair.new_number"),
    _text("sentence_x", "pair.old"), _text("sentence_y", "pair.new"), Field("similarity", Type.REAL, "pair.similarity"),
)  # fmt: skip
REMOVED = (
    _number("article", "article_id"), _text("url"), _choice("state"), _text("kind", "signal"), _instant("first_absent"),
    _instant("last_seen"), _instant("confirmed_at"), Field("evidence", Type.OBJECTS, parts=EVIDENCE),
    _text("source"), _text("edition"), _text("title"), _instant("returned_at"), _number("version"), _capture(),
)  # fmt: skip
COVERAGE = (
    _text("source"), _text("edition"), _instant("from", "began"), _instant("to", "ended"), _text("reason"),
    _truth("open"), _text("kind"), _choice("closed_by"), _instant("closed_at"),
)  # fmt: skip
_LEFT = (_choice("outcome"), _number("number"), _instant("since"), Field("examples", Type.TEXTS))
_SETTLED = (_text("outcome"), _text("reason"), _number("number"), Field("examples", Type.TEXTS))
_CHANNEL_ENTRIES = (
    _choice("channel"), _number("named"), _number("taken"), Field("left", Type.OBJECTS, parts=_LEFT),
)  # fmt: skip
NAMED = (
    _text("source"), _text("edition"), _instant("from", "since"), _instant("to", "last_read"),
    _number("named", "announced"), _number("archived"), _number("waiting"),
    Field("held", Type.OBJECTS, path="tried", parts=_SETTLED), Field("settled", Type.OBJECTS, parts=_SETTLED),
    Field("entries", Type.OBJECTS, parts=_CHANNEL_ENTRIES),
)  # fmt: skip
HITS = (
    _number("article", "article_id"), _text("source"), _text("edition"), _text("url"), _choice("state"),
    _text("title"), Field("published", Type.STATED, precision="published_precision"),
    _number("version"), _number("versions"), _instant("at"), _instant("gone_since"), _instant("unreadable_since"),
)  # fmt: skip
_UNREAD = (_choice("channel"), *_SETTLED)
NAMED_LAST = (  # behind the other keys of such a line
    Field("older", Type.OBJECTS, parts=_CHANNEL_ENTRIES), Field("unread", Type.OBJECTS, parts=_UNREAD),
)  # fmt: skip
DAYS = (_text("source"), _text("edition"), _text("day"), _number("announced"), _number("archived"))
POSITIONS = (
    _text("source"), _text("edition"), _choice("channel"), _text("listing"), _text("headline"), _number("position"),
    _instant("from", "first"), _instant("to", "last"), _number("reads"),
)  # fmt: skip
RUNS = (_instant("started"), _instant("finished"), _number("exit_code"), _text("reason"))

COUNTS = (
    _text("name"), _number("articles"), _number("edited"), _number("removed"), _number("characters"),
)  # fmt: skip

SIZES = (
    _text("source"), _number("articles"), _number("responses"), _number("raw_bytes", "raw"),
    _number("plain_bytes", "plain"), _number("database_bytes", "database"),
)  # fmt: skip

# What a release (newscrawl/release/) writes, beside the kinds below.
EDITIONS = (*NAMED, *NAMED_LAST)

# What `newscrawl export` writes: the keys of each kind in their order, also the columns of an empty table.
KINDS: Mapping[str, tuple[Field, ...]] = {
    "articles": ARTICLES,
    "versions": VERSIONS,
    "observations": OBSERVATIONS,
    "sightings": SIGHTINGS,
    "changes": CHANGES,
    "removed": REMOVED,
    "coverage": COVERAGE,
}
