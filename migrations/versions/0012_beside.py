"""A digest of what stands beside the text of an article: pictures, captions, links, marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "articles",
        sa.Column(
            "beside",
            sa.String(40),
            nullable=True,
            comment="digest of what stands beside the text: pictures, links, marks",
        ),
    )


def downgrade() -> None:
    # Not in a batch: on SQLite that copies the table and loses its index over an expression.
    op.drop_column("articles", "beside")
