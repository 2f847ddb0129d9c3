"""Since when an article cannot be read, though nothing says that it was removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
INSTANT = sa.DateTime(timezone=True)
_SET = sa.text("unreadable_since IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "articles",
        sa.Column(
            "unreadable_since",
            INSTANT,
            nullable=True,
            comment="first look without a readable page since the last one with",
        ),
    )
    # Few articles are unreadable at a time: the index holds these alone.
    op.create_index(
        "ix_articles_unreadable",
        "articles",
        ["source_id", "unreadable_since"],
        unique=False,
        sqlite_where=_SET,
        postgresql_where=_SET,
    )


def downgrade() -> None:
    op.drop_index("ix_articles_unreadable", table_name="articles")
    # Not in a batch: on SQLite that copies the table and loses its index over an expression.
    op.drop_column("articles", "unreadable_since")
