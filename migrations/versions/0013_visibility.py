"""Whether articles ask search engines to leave them out, and which lists they left although these go back further."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
KINDS = "created, edited, suspected, removed, returned, alias"


def upgrade() -> None:
    # Empty in old rows: what a page said before is not known, so nothing is told of its first reading.
    op.add_column(
        "articles",
        sa.Column(
            "noindex",
            sa.Boolean(),
            nullable=True,
            comment="its page, or the answer with it, asked search engines to leave it out",
        ),
    )
    op.add_column(
        "articles",
        sa.Column("unlisted", INSTANT, nullable=True, comment="told as gone from all lists since then"),
    )
    op.create_table(
        "list_exits",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("listing_id", ID, nullable=False),
        sa.Column(
            "since", INSTANT, nullable=False, comment="first read that names its older neighbours and not it"
        ),
        sa.Column("last", INSTANT, nullable=False, comment="last such read"),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_exits")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_list_exits_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_list_exits_listing_id_listings")
        ),
        sa.UniqueConstraint("article_id", "listing_id", name=op.f("uq_list_exits_article_id_listing_id")),
    )
    op.create_index("ix_list_exits_listing", "list_exits", ["listing_id"])
    _comment(f"{KINDS}, noindex, indexed, unlisted, relisted", KINDS)


def downgrade() -> None:
    _comment(KINDS, f"{KINDS}, noindex, indexed, unlisted, relisted")
    op.drop_index("ix_list_exits_listing", "list_exits")
    op.drop_table("list_exits")
    # Not in a batch: on SQLite that copies the table and loses its index over an expression.
    op.drop_column("articles", "unlisted")
    op.drop_column("articles", "noindex")


def _comment(now: str, before: str) -> None:
    if op.get_bind().dialect.name != "sqlite":  # which keeps no comments
        op.alter_column(
            "changes",
            "kind",
            existing_type=sa.String(16),
            existing_nullable=False,
            comment=now,
            existing_comment=before,
        )
