"""When articles and lists were last read in full, what channels say against an article, and hosts whose validators lied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Empty in old rows: each is read in full once, whatever validators it has.
    op.add_column(
        "articles",
        sa.Column(
            "last_full", INSTANT, nullable=True, comment="last answer with the whole page; 304 is none"
        ),
    )
    op.add_column(
        "articles",
        sa.Column(
            "disputed",
            INSTANT,
            nullable=True,
            comment="a list, feed or sitemap says something else since then",
        ),
    )
    op.add_column(
        "listings",
        sa.Column(
            "last_full", INSTANT, nullable=True, comment="last read that brought the document; 304 is none"
        ),
    )
    op.create_table(
        "hosts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("edition", sa.String(32), nullable=False),
        sa.Column(
            "host", sa.Text(), nullable=False, comment="its validators called a changed page not modified"
        ),
        sa.Column("first", INSTANT, nullable=False),
        sa.Column("last", INSTANT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="where it did so last"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_hosts_source_id_sources")),
        sa.UniqueConstraint("source_id", "edition", "host", name=op.f("uq_hosts_source_id_edition_host")),
    )


def downgrade() -> None:
    op.drop_table("hosts")
    op.drop_column("listings", "last_full")
    op.drop_column("articles", "disputed")
    op.drop_column("articles", "last_full")
