"""What became of the entries of each channel when it was last read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("listings") as listings:
        listings.add_column(
            sa.Column(
                "entries",
                sa.JSON(),
                nullable=True,
                comment="what became of its entries when it was last read",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("listings") as listings:
        listings.drop_column("entries")
