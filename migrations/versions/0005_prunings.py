"""What was given up of the raw responses: one row a rewritten WARC file, and which captures went with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "prunings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False, comment="the closed file that was rewritten"),
        sa.Column("sha256", sa.String(64), nullable=False, comment="of that file"),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False, comment="left out, also those without a capture"),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="left out"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_prunings_source_id_sources")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_prunings_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prunings")),
    )
    with op.batch_alter_table("captures") as captures:
        captures.add_column(
            sa.Column(
                "pruning_id",
                ID,
                nullable=True,
                comment="the response was given up; file and offset say where it was",
            )
        )
        captures.create_foreign_key(
            op.f("fk_captures_pruning_id_prunings"), "prunings", ["pruning_id"], ["id"]
        )


def downgrade() -> None:
    # An earlier program takes every capture for one whose response is there.
    if op.get_bind().execute(sa.text("SELECT 1 FROM prunings LIMIT 1")).first() is not None:
        raise CommandError("responses were pruned, and an earlier schema cannot say which")
    with op.batch_alter_table("captures") as captures:
        captures.drop_constraint(op.f("fk_captures_pruning_id_prunings"), type_="foreignkey")
        captures.drop_column("pruning_id")
    op.drop_table("prunings")
