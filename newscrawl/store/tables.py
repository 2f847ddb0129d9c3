"""The tables of an archive. Their names are part of the public contract; columns may be added.

Every change here needs a migration; a test compares the two. The columns of what pages say are those of the
table of fields (newscrawl/model/fields.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    func,
    text,
)

from newscrawl.model import fields
from newscrawl.model.fields import Type
from newscrawl.store.types import Instant, Values, Words

# Unnamed constraints cannot be dropped later, so all have names.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives row ids only to INTEGER PRIMARY KEY; on PostgreSQL ids must not end at two thousand million.
_ID = BigInteger().with_variant(Integer, "sqlite")
_HASH = String(32)


def _id() -> Column[int]:
    """The primary key of a table."""
    return Column("id", _ID, primary_key=True, autoincrement=True)


def _to(table: str, name: str | None = None, *, null: bool = False) -> Column[int]:
    """A reference to a row of another table."""
    return Column(name or f"{table.rstrip('s')}_id", _ID, ForeignKey(f"{table}.id"), nullable=null)


# Conditions of indexes. PostgreSQL's are set by the migrations alone: naming them here would load its dialect at every start.
_OPEN = text("article_id IS NULL")
_UNREADABLE = text("unreadable_since IS NOT NULL")
_COLUMN_TYPES: Mapping[Type, Any] = {
    Type.NUMBER: Integer,
    Type.TRUTH: Boolean,
    Type.STATED: Instant,
    Type.TEXTS: Values,
    Type.PAIRS: Values,
    Type.MAPPING: Values,
    Type.OBJECTS: Values,
}


def _page_columns() -> Iterator[Column[Any]]:
    """What a page says, as the table of fields has it."""
    for field in fields.PAGE:
        if not field.column:
            continue
        of_type = String(field.length) if field.length else _COLUMN_TYPES.get(field.type, Words)
        comment, offset = field.comment or None, field.type is Type.STATED
        yield Column(field.column, of_type, nullable=not field.required, comment=None if offset else comment)
        if offset:
            yield Column(f"{field.column}_offset", Integer, comment=comment)


sources = Table(
    "sources",
    metadata,
    _id(),
    Column("name", String(64), nullable=False, unique=True),
    Column("added", Instant, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    _id(),
    _to("sources"),
    Column("started", Instant, nullable=False),
    Column("finished", Instant),
    Column(
        "heartbeat",
        Instant,
        nullable=False,
        comment="real time of the machine, not the program's clock: it is about a process",
    ),
    Column("host", Words, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process", Words, nullable=False, comment="tells a process from a later one with the same pid"),
    Column("version", String(64), nullable=False),
    Column("arguments", Values, nullable=False),
    Column("exit_code", Integer),
    Column("reason", Words),
    Column("requests", Integer, nullable=False, default=0),
    Column("counts", Values, nullable=False),
    Column("problems", Values, nullable=False),
    Column("batches", Integer, nullable=False, server_default="0", comment="of its transactions, committed"),
    Index("ix_runs_source_started", "source_id", "started"),
)

prunings = Table(
    "prunings",
    metadata,
    _id(),
    _to("sources"),
    _to("runs"),
    Column("at", Instant, nullable=False),
    Column("policy", Values, nullable=False),
    Column("file", Words, nullable=False, comment="the closed file that was rewritten"),
    Column("sha256", String(64), nullable=False, comment="of that file"),
    Column("replaced_by", Words, nullable=False),
    Column("records", Integer, nullable=False, comment="left out, also those without a capture"),
    Column("bytes", BigInteger, nullable=False, comment="left out"),
)

captures = Table(
    "captures",
    metadata,
    _id(),
    _to("sources"),
    Column("url", Words, nullable=False),
    Column("url_hash", _HASH, nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", Words),
    Column("kind", String(16), nullable=False),
    Column("file", Words, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("record_id", String(64), nullable=False, unique=True),
    Column("digest", String(80), nullable=False),
    _to("captures", "refers_to_id", null=True),
    Column(
        "pruning_id",
        _ID,
        ForeignKey("prunings.id"),
        comment="the response was given up; file and offset say where it was",
    ),
    Index("ix_captures_url", "url_hash", "id"),
    Index("ix_captures_file", "file", "offset"),
)

articles = Table(
    "articles",
    metadata,
    _id(),
    _to("sources"),
    Column("edition", String(32), nullable=False),
    Column("url", Words, nullable=False, comment="where it is fetched now"),
    Column("url_key", Words, nullable=False),
    Column("url_hash", _HASH, nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_since", Instant, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False, comment="last look that found it alive"),
    Column("last_checked", Instant, nullable=False),
    Column("last_changed", Instant, nullable=False),
    Column("next_check", Instant),
    Column("checks", Integer, nullable=False, default=0),
    Column("version", Integer, nullable=False),
    Column("title", Words),
    Column("published", Instant),
    Column("etag", Words),
    Column("last_modified", Words),
    _to("captures", "capture_id", null=True),
    Column("last_full", Instant, comment="last answer with the whole page; 304 is none"),
    Column("disputed", Instant, comment="a list, feed or sitemap says something else since then"),
    Column(
        "tied_to_id",
        _ID,
        comment="the article that stands for it in lists: the same piece, or what its address leads to",
    ),
    Column("beside", String(40), comment="digest of what stands beside the text: pictures, links, marks"),
    Column("unreadable_since", Instant, comment="first look without a readable page since the last one with"),
    Column(
        "noindex",
        Boolean,
        comment="its page, or the answer with it, asked search engines to leave it out",
    ),
    Column("unlisted", Instant, comment="told as gone from all lists since then"),
    Column(
        "announced",
        Values(none_as_null=True),
        comment="what a feed or sitemap said of it before it was read first",
    ),
    UniqueConstraint("source_id", "url_hash"),
    Index(
        "ix_articles_unreadable",
        "source_id",
        "unreadable_since",
        sqlite_where=_UNREADABLE,  # see _OPEN
    ),
    Index("ix_articles_due", "source_id", "next_check"),
    Index("ix_articles_published", "published", "id"),
    Index("ix_articles_newest", "source_id", "edition", "published"),
    Index("ix_articles_state", "state", "state_since"),
    Index("ix_articles_controls", "source_id", "edition", "state", "last_seen"),
)
# Lists of articles are sorted by this.
Index("ix_articles_moment", func.coalesce(articles.c.published, articles.c.first_seen), articles.c.id)

article_urls = Table(
    "article_urls",
    metadata,
    _id(),
    _to("sources"),
    _to("articles"),
    Column("url_key", Words, nullable=False),
    Column("url_hash", _HASH, nullable=False),
    Column("url", Words),
    Column("kind", String(16), nullable=False),
    Column("confirmed", Boolean, nullable=False, comment="false: claimed by a page, not fetched itself"),
    Column("first_seen", Instant, nullable=False),
    UniqueConstraint("source_id", "url_hash"),
    Index("ix_article_urls_article", "article_id"),
)

versions = Table(
    "versions",
    metadata,
    _id(),
    _to("articles"),
    Column("number", Integer, nullable=False),
    Column(
        "at",
        Instant,
        nullable=False,
        comment="first observed; the edit lies between the look before and this one",
    ),
    Column("content_hash", String(40), nullable=False),
    Column("kinds", Values, nullable=False),
    Column("returns_to", Integer),
    *_page_columns(),
    Column("extractor", String(64), nullable=False),
    _to("captures", "capture_id", null=True),
    UniqueConstraint("article_id", "number"),
    CheckConstraint("number >= 1", name="number_positive"),
    Index("ix_versions_at", "at"),
    Index("ix_versions_hash", "article_id", "content_hash"),
)

people = Table(
    "people",
    metadata,
    _id(),
    Column("name", Words, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name_hash", _HASH, nullable=False),
    UniqueConstraint("name_hash", "kind"),
)

version_authors = Table(
    "version_authors",
    metadata,
    Column("version_id", _ID, ForeignKey("versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _to("people", "person_id"),
    Column("role", String(64), nullable=False),
    Index("ix_version_authors_person", "person_id"),
)

leads = Table(
    "leads",
    metadata,
    _id(),
    _to("sources"),
    Column("edition", String(32), nullable=False),
    Column("url", Words, nullable=False),
    Column("url_key", Words, nullable=False),
    Column("url_hash", _HASH, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("listing", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("headline", Words),
    Column(
        "claimed",
        Boolean,
        nullable=False,
        comment="a feed or sitemap names it: the outlet itself says it is an article",
    ),
    Column("published", Instant, comment="as the listing claims, or as the page said when it was read"),
    Column("modified", Instant, comment="as the listing claims"),
    Column("first_seen", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_attempt", Instant),
    Column("next_attempt", Instant, comment="empty with an outcome: settled"),
    Column("outcome", String(16), comment="last verdict; empty: waiting"),
    Column("reason", Words),
    _to("articles", "article_id", null=True),
    _to("listings", "sitemap_id", null=True),
    Column("sitemap_first", Instant, comment="first read of a sitemap that named it"),
    Column("sitemap_last", Instant, comment="last read of new content of a sitemap that named it"),
    Column("announced", Values(none_as_null=True), comment="what a feed or sitemap said of the article"),
    UniqueConstraint("source_id", "url_hash"),
    Index("ix_leads_open", "source_id", "edition", sqlite_where=_OPEN),
)

observations = Table(
    "observations",
    metadata,
    _id(),
    _to("sources"),
    _to("runs"),
    _to("articles", "article_id", null=True),
    _to("leads", "lead_id", null=True),
    Column("at", Instant, nullable=False),
    Column("url", Words, nullable=False),
    Column("final_url", Words),
    Column("outcome", String(16), nullable=False, comment="of the request"),
    Column("status", Integer),
    Column("verdict", String(16), nullable=False),
    Column("reason", Words, nullable=False),
    Column("signal", String(24)),
    Column("controls_fine", Boolean),
    Column("version", Integer, comment="the version this look saw"),
    Column("milliseconds", Integer),
    _to("captures", "capture_id", null=True),
    Index("ix_observations_article", "article_id", "at"),
    Index("ix_observations_lead", "lead_id"),
    Index("ix_observations_run", "run_id"),
)

listings = Table(
    "listings",
    metadata,
    _id(),
    _to("sources"),
    Column("edition", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("url", Words, nullable=False),
    Column("url_hash", _HASH, nullable=False),
    Column("first_read", Instant, nullable=False),
    Column("last_read", Instant, nullable=False),
    Column("last_changed", Instant),
    Column("outcome", String(16), nullable=False),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("digest", String(80)),
    Column("misses", Integer, nullable=False, default=0),
    Column("walk", Values, comment="how far back its older pages were read"),
    Column("last_full", Instant, comment="last read that brought the document; 304 is none"),
    Column("entries", Values, comment="what became of its entries when it was last read"),
    UniqueConstraint("source_id", "url_hash"),
)

hosts = Table(
    "hosts",
    metadata,
    _id(),
    _to("sources"),
    Column("edition", String(32), nullable=False),
    Column("host", Words, nullable=False, comment="its validators called a changed page not modified"),
    Column("first", Instant, nullable=False),
    Column("last", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("url", Words, nullable=False, comment="where it did so last"),
    UniqueConstraint("source_id", "edition", "host"),
)

listing_reads = Table(
    "listing_reads",
    metadata,
    _id(),
    _to("listings"),
    _to("runs"),
    Column("at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("status", Integer),
    Column("leads", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column(
        "joined",
        Boolean,
        comment="empty: the first read, or a list whose older pages were not read to the end",
    ),
    Column("problem", Words),
    _to("captures", "capture_id", null=True),
    _to("listings", "root_id", null=True),
    _to("listing_reads", "shown_id", null=True),
    Index("ix_listing_reads_shown", "shown_id"),
    Index("ix_listing_reads_listing", "listing_id", "at"),
    Index("ix_listing_reads_latest", "listing_id", "id"),
)

sightings = Table(
    "sightings",
    metadata,
    _id(),
    _to("listing_reads", "read_id"),
    _to("articles", "article_id", null=True),
    _to("leads", "lead_id", null=True),
    Column("position", Integer, nullable=False),
    Column("headline", Words),
    Index("ix_sightings_article", "article_id"),
    Index("ix_sightings_lead", "lead_id"),
    Index("ix_sightings_read", "read_id"),
)

list_exits = Table(
    "list_exits",
    metadata,
    _id(),
    _to("articles"),
    _to("listings"),
    Column("since", Instant, nullable=False, comment="first read that names its older neighbours and not it"),
    Column("last", Instant, nullable=False, comment="last such read"),
    Column("reads", Integer, nullable=False),
    UniqueConstraint("article_id", "listing_id"),
    Index("ix_list_exits_listing", "listing_id"),
)

changes = Table(
    "changes",
    metadata,
    _id(),
    _to("sources"),
    _to("articles"),
    _to("runs", "run_id", null=True),
    Column("at", Instant, nullable=False),
    Column(
        "kind",
        String(16),
        nullable=False,
        comment="created, edited, suspected, removed, returned, alias, noindex, indexed, unlisted, relisted",
    ),
    Column("from_version", Integer),
    Column("to_version", Integer),
    Column("kinds", Values, nullable=False),
    Column("reason", Words),
    Index("ix_changes_at", "at"),
    Index("ix_changes_article", "article_id", "at"),
)

search_pending = Table(
    "search_pending",
    metadata,
    _id(),
    Column("version_id", _ID, nullable=False, comment="to be put into the index of search"),
)

# The log of everything recorded (docs/proof.md).

proof_pending = Table(
    "proof_pending",
    metadata,
    _id(),
    Column("kind", SmallInteger, nullable=False),
    Column("row_id", _ID, nullable=False, comment="to be entered in the log"),
)

proof_entries = Table(
    "proof_entries",
    metadata,
    Column("idx", _ID, primary_key=True, autoincrement=False, comment="in the log, from 0"),
    Column("kind", SmallInteger, nullable=False),
    Column("row_id", _ID, nullable=False, comment="what it says"),
    Index("ix_proof_entries_row", "kind", "row_id"),
)

proof_checkpoints = Table(
    "proof_checkpoints",
    metadata,
    Column("size", _ID, primary_key=True, autoincrement=False, comment="entries of the log"),
    Column("at", Instant, nullable=False),
    Column("root", String(64), nullable=False),
    Column("note", Words, nullable=False, comment="as it was signed"),
)

proof_files = Table(
    "proof_files",
    metadata,
    _id(),
    _to("sources"),
    Column("file", Words, nullable=False, comment="a closed WARC file"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("ix_proof_files_source", "source_id"),
)

# Alerts: who gets them, and what was or will be sent to whom.

receivers = Table(
    "receivers",
    metadata,
    _id(),
    Column("name", String(64), nullable=False, unique=True),
    Column("started", Instant, nullable=False, comment="nothing observed before is told"),
    Column("cursor", BigInteger, nullable=False, comment="the last row of changes looked at"),
    Column("last_message", Instant),
    Column("failures", Integer, nullable=False, default=0, comment="in a row"),
    Column("next_attempt", Instant),
    Column("error", Words),
    Column("batch", String(32), comment="the message under way, not known to have arrived"),
    Column("parts", Integer, nullable=False, default=0, comment="parts of it that arrived"),
    Column("heartbeat", Instant, comment="real time of the machine; empty: nobody works on it"),
    Column("host", Words),
    Column("pid", Integer),
    Column("process", Words),
)

notices = Table(
    "notices",
    metadata,
    _id(),
    _to("receivers"),
    Column("key", Words, nullable=False),
    Column("key_hash", _HASH, nullable=False),
    Column("topic", String(16), nullable=False),
    Column("turn", String(16), nullable=False),
    Column("source", String(64), nullable=False, comment="empty: the whole archive"),
    Column("edition", String(32)),
    Column("subject", Words, nullable=False),
    Column("at", Instant, nullable=False, comment="when it was observed"),
    Column("created", Instant, nullable=False),
    Column("folded", Boolean, nullable=False, comment="told as a number only"),
    Column("state", String(16), nullable=False, comment="pending, sent, expired"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("batch", String(32), comment="the message that tells it, or that it was given up"),
    Column("sent", Instant),
    Column("payload", Values, nullable=False, comment="what is said of it"),
    UniqueConstraint("receiver_id", "key_hash"),
    Index("ix_notices_state", "receiver_id", "state"),
    Index("ix_notices_created", "receiver_id", "created"),
)
