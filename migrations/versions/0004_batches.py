"""How many transactions of a run were committed, so that none is done twice; indexes for archives of many years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(
            sa.Column(
                "batches",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="of its transactions, committed",
            )
        )
    waits = sa.text("article_id IS NULL")
    op.create_index(
        "ix_leads_open", "leads", ["source_id", "edition"], sqlite_where=waits, postgresql_where=waits
    )
    op.drop_index("ix_leads_waiting", table_name="leads")
    op.create_index("ix_articles_newest", "articles", ["source_id", "edition", "published"])
    op.create_index("ix_listing_reads_latest", "listing_reads", ["listing_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_listing_reads_latest", table_name="listing_reads")
    op.drop_index("ix_articles_newest", table_name="articles")
    op.create_index("ix_leads_waiting", "leads", ["source_id", "outcome", "next_attempt"])
    op.drop_index("ix_leads_open", table_name="leads")
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("batches")
