"""Coverage: what each listing read shows and proves, which sitemap names an address; indexes for lists and controls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

JOINED = "empty: the first read, or a list whose older pages were not read to the end"


def upgrade() -> None:
    with op.batch_alter_table("leads") as leads:
        leads.add_column(sa.Column("sitemap_id", ID, nullable=True))
        leads.add_column(
            sa.Column(
                "sitemap_first", INSTANT, nullable=True, comment="first read of a sitemap that named it"
            )
        )
        leads.add_column(
            sa.Column(
                "sitemap_last",
                INSTANT,
                nullable=True,
                comment="last read of new content of a sitemap that named it",
            )
        )
        leads.create_foreign_key(op.f("fk_leads_sitemap_id_listings"), "listings", ["sitemap_id"], ["id"])
    with op.batch_alter_table("listing_reads") as reads:
        reads.add_column(sa.Column("root_id", ID, nullable=True))
        reads.add_column(sa.Column("shown_id", ID, nullable=True))
        reads.alter_column("joined", existing_type=sa.Boolean(), existing_nullable=True, comment=JOINED)
        reads.create_foreign_key(op.f("fk_listing_reads_root_id_listings"), "listings", ["root_id"], ["id"])
        reads.create_foreign_key(
            op.f("fk_listing_reads_shown_id_listing_reads"), "listing_reads", ["shown_id"], ["id"]
        )
    op.create_index("ix_listing_reads_shown", "listing_reads", ["shown_id"], unique=False)
    # Until now every read with places stored them all itself.
    op.execute(
        "UPDATE listing_reads SET shown_id = id "
        "WHERE EXISTS (SELECT 1 FROM sightings WHERE sightings.read_id = listing_reads.id)"
    )
    op.create_index(
        "ix_articles_moment", "articles", [sa.text("coalesce(published, first_seen)"), "id"], unique=False
    )
    op.create_index(
        "ix_articles_controls", "articles", ["source_id", "edition", "state", "last_seen"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_articles_controls", table_name="articles")
    op.drop_index("ix_articles_moment", table_name="articles")
    op.drop_index("ix_listing_reads_shown", table_name="listing_reads")
    with op.batch_alter_table("listing_reads") as reads:
        reads.drop_constraint(op.f("fk_listing_reads_shown_id_listing_reads"), type_="foreignkey")
        reads.drop_constraint(op.f("fk_listing_reads_root_id_listings"), type_="foreignkey")
        reads.alter_column(
            "joined",
            existing_type=sa.Boolean(),
            existing_nullable=True,
            existing_comment=JOINED,
            comment=None,
        )
        reads.drop_column("shown_id")
        reads.drop_column("root_id")
    with op.batch_alter_table("leads") as leads:
        leads.drop_constraint(op.f("fk_leads_sitemap_id_listings"), type_="foreignkey")
        leads.drop_column("sitemap_last")
        leads.drop_column("sitemap_first")
        leads.drop_column("sitemap_id")
