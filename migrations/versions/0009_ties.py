"""Moves: which article stands for another one, because both are one piece or its address leads there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a foreign key: for that SQLite would copy the whole table, and lose its index over an expression.
    op.add_column(
        "articles",
        sa.Column(
            "tied_to_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="the article that stands for it in lists: the same piece, or what its address leads to",
        ),
    )


def downgrade() -> None:
    op.drop_column("articles", "tied_to_id")
