"""How far back the older pages of a list were read, so that an interrupted backfill goes on where it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("listings") as listings:
        listings.add_column(
            sa.Column("walk", sa.JSON(), nullable=True, comment="how far back its older pages were read")
        )


def downgrade() -> None:
    with op.batch_alter_table("listings") as listings:
        listings.drop_column("walk")
