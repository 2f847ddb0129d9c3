"""Alerts: who is told, and what was or will be told to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "receivers",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("started", INSTANT, nullable=False, comment="nothing observed before is told"),
        sa.Column("cursor", sa.BigInteger(), nullable=False, comment="the last row of changes looked at"),
        sa.Column("last_message", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("next_attempt", INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column(
            "batch", sa.String(32), nullable=True, comment="the message under way, not known to have arrived"
        ),
        sa.Column("parts", sa.Integer(), nullable=False, comment="parts of it that arrived"),
        sa.Column(
            "heartbeat", INSTANT, nullable=True, comment="real time of the machine; empty: nobody works on it"
        ),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("process", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivers")),
        sa.UniqueConstraint("name", name=op.f("uq_receivers_name")),
    )
    op.create_table(
        "notices",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("receiver_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.String(32), nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("turn", sa.String(16), nullable=False),
        sa.Column("source", sa.String(64), nullable=False, comment="empty: the whole archive"),
        sa.Column("edition", sa.String(32), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False, comment="when it was observed"),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("folded", sa.Boolean(), nullable=False, comment="told as a number only"),
        sa.Column("state", sa.String(16), nullable=False, comment="pending, sent, expired"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "batch",
            sa.String(32),
            nullable=True,
            comment="the message that tells it, or that it was given up",
        ),
        sa.Column("sent", INSTANT, nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False, comment="what is said of it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["receivers.id"], name=op.f("fk_notices_receiver_id_receivers")
        ),
        sa.UniqueConstraint("receiver_id", "key_hash", name=op.f("uq_notices_receiver_id_key_hash")),
    )
    op.create_index("ix_notices_state", "notices", ["receiver_id", "state"], unique=False)
    op.create_index("ix_notices_created", "notices", ["receiver_id", "created"], unique=False)


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("receivers")
