"""What a feed or a sitemap said of an article: kept with the lead, then with the article, for every reading of its pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty in old rows: what their channels said was not kept, and they are read on without it.
    op.add_column(
        "leads",
        sa.Column(
            "announced", sa.JSON(), nullable=True, comment="what a feed or sitemap said of the article"
        ),
    )
    op.add_column(
        "articles",
        sa.Column(
            "announced",
            sa.JSON(),
            nullable=True,
            comment="what a feed or sitemap said of it before it was read first",
        ),
    )


def downgrade() -> None:
    # Not in a batch: on SQLite that copies the table and loses its index over an expression.
    op.drop_column("articles", "announced")
    op.drop_column("leads", "announced")
