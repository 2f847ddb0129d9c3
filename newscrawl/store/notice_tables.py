"""The tables of alerts: receivers and their notices."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, UniqueConstraint

from newscrawl.store.columns import HASH, metadata, own_id, to
from newscrawl.store.types import Instant, Values, Words

receivers = Table(
    "receivers",
    metadata,
    own_id(),
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
    own_id(),
    to("receivers"),
    Column("key", Words, nullable=False),
    Column("key_hash", HASH, nullable=False),
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
