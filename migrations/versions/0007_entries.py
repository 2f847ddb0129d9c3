"""What became of the entries of each channel when it was last read, and what a version does not have of its piece."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "listings",
        sa.Column(
            "entries", sa.JSON(), nullable=True, comment="what became of its entries when it was last read"
        ),
    )
    op.add_column("versions", sa.Column("incomplete", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("versions") as versions:
        versions.drop_column("incomplete")
    with op.batch_alter_table("listings") as listings:
        listings.drop_column("entries")
