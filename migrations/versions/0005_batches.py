"""How many transactions of a run were committed, so that one whose answer was lost is never done twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
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


def downgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("batches")
