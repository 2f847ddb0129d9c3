"""The log of everything recorded: rows that wait for it, which entry says which row, its checkpoints, closed files in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # All empty: what an archive has so far is brought in by `newscrawl proof init`.
    op.create_table(
        "proof_pending",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("row_id", ID, nullable=False, comment="to be entered in the log"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_pending")),
    )
    op.create_table(
        "proof_entries",
        sa.Column("idx", ID, autoincrement=False, nullable=False, comment="in the log, from 0"),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("row_id", ID, nullable=False, comment="what it says"),
        sa.PrimaryKeyConstraint("idx", name=op.f("pk_proof_entries")),
    )
    op.create_index("ix_proof_entries_row", "proof_entries", ["kind", "row_id"])
    op.create_table(
        "proof_checkpoints",
        sa.Column("size", ID, autoincrement=False, nullable=False, comment="entries of the log"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="as it was signed"),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_proof_checkpoints")),
    )
    op.create_table(
        "proof_files",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("file", sa.Text(), nullable=False, comment="a closed WARC file"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_proof_files_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_files")),
    )
    op.create_index("ix_proof_files_source", "proof_files", ["source_id"])


def downgrade() -> None:
    for table in ("proof_files", "proof_checkpoints", "proof_entries", "proof_pending"):
        op.drop_table(table)
