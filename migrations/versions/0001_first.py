"""The first schema: everything an archive keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Spelled out here and not imported: a migration must not change when the program does.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name_hash", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name_hash", "kind", name=op.f("uq_people_name_hash_kind")),
    )
    op.create_table(
        "sources",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("added", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_table(
        "captures",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.String(length=32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("refers_to_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["refers_to_id"], ["captures.id"], name=op.f("fk_captures_refers_to_id_captures")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_captures_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
        sa.UniqueConstraint("record_id", name=op.f("uq_captures_record_id")),
    )
    op.create_index("ix_captures_file", "captures", ["file", "offset"], unique=False)
    op.create_index("ix_captures_url", "captures", ["url_hash", "id"], unique=False)
    op.create_table(
        "listings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("edition", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.String(length=32), nullable=False),
        sa.Column("first_read", INSTANT, nullable=False),
        sa.Column("last_read", INSTANT, nullable=False),
        sa.Column("last_changed", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=80), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_listings_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint("source_id", "url_hash", name=op.f("uq_listings_source_id_url_hash")),
    )
    op.create_table(
        "runs",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("finished", INSTANT, nullable=True),
        sa.Column(
            "heartbeat",
            INSTANT,
            nullable=False,
            comment="real time of the machine, not the program's clock: it is about a process",
        ),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column(
            "process", sa.Text(), nullable=False, comment="tells a process from a later one with the same pid"
        ),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_runs_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_source_started", "runs", ["source_id", "started"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("edition", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="where it is fetched now"),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("last_seen", INSTANT, nullable=False, comment="last look that found it alive"),
        sa.Column("last_checked", INSTANT, nullable=False),
        sa.Column("last_changed", INSTANT, nullable=False),
        sa.Column("next_check", INSTANT, nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("published", INSTANT, nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("capture_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["captures.id"], name=op.f("fk_articles_capture_id_captures")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_articles_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("source_id", "url_hash", name=op.f("uq_articles_source_id_url_hash")),
    )
    op.create_index("ix_articles_due", "articles", ["source_id", "next_check"], unique=False)
    op.create_index("ix_articles_published", "articles", ["published", "id"], unique=False)
    op.create_index("ix_articles_state", "articles", ["state", "state_since"], unique=False)
    op.create_table(
        "listing_reads",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("listing_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("capture_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["captures.id"], name=op.f("fk_listing_reads_capture_id_captures")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_reads_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_listing_reads_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_reads")),
    )
    op.create_index("ix_listing_reads_listing", "listing_reads", ["listing_id", "at"], unique=False)
    op.create_table(
        "article_urls",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column(
            "confirmed", sa.Boolean(), nullable=False, comment="false: claimed by a page, not fetched itself"
        ),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_urls_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_article_urls_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_urls")),
        sa.UniqueConstraint("source_id", "url_hash", name=op.f("uq_article_urls_source_id_url_hash")),
    )
    op.create_index("ix_article_urls_article", "article_urls", ["article_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column(
            "kind",
            sa.String(length=16),
            nullable=False,
            comment="created, edited, suspected, removed, returned, alias",
        ),
        sa.Column("from_version", sa.Integer(), nullable=True),
        sa.Column("to_version", sa.Integer(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_changes_article_id_articles")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_changes_run_id_runs")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_changes_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_article", "changes", ["article_id", "at"], unique=False)
    op.create_index("ix_changes_at", "changes", ["at"], unique=False)
    op.create_table(
        "leads",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("edition", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "claimed",
            sa.Boolean(),
            nullable=False,
            comment="a feed or sitemap names it: the outlet itself says it is an article",
        ),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.Column(
            "published",
            INSTANT,
            nullable=True,
            comment="as the listing claims, or as the page said when it was read",
        ),
        sa.Column("modified", INSTANT, nullable=True, comment="as the listing claims"),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt", INSTANT, nullable=True),
        sa.Column("next_attempt", INSTANT, nullable=True, comment="empty with an outcome: settled"),
        sa.Column("outcome", sa.String(length=16), nullable=True, comment="last verdict; empty: waiting"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("article_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_leads_article_id_articles")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_leads_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sa.UniqueConstraint("source_id", "url_hash", name=op.f("uq_leads_source_id_url_hash")),
    )
    op.create_index("ix_leads_waiting", "leads", ["source_id", "outcome", "next_attempt"], unique=False)
    op.create_table(
        "versions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "at",
            INSTANT,
            nullable=False,
            comment="first observed; the edit lies between the look before and this one",
        ),
        sa.Column("content_hash", sa.String(length=40), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("returns_to", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("subtitle", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published", INSTANT, nullable=True),
        sa.Column("published_precision", sa.String(length=8), nullable=True),
        sa.Column(
            "published_offset",
            sa.Integer(),
            nullable=True,
            comment="minutes east of UTC, as the publisher wrote it",
        ),
        sa.Column("modified", INSTANT, nullable=True),
        sa.Column("modified_offset", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("images", sa.JSON(), nullable=False),
        sa.Column("alternates", sa.JSON(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=True),
        sa.Column("paywalled", sa.Boolean(), nullable=True),
        sa.Column("page_type", sa.String(length=16), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("extractor", sa.String(length=64), nullable=False),
        sa.Column("capture_id", ID, nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_versions_number_positive")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_versions_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["captures.id"], name=op.f("fk_versions_capture_id_captures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_versions_article_id_number")),
    )
    op.create_index("ix_versions_at", "versions", ["at"], unique=False)
    op.create_index("ix_versions_hash", "versions", ["article_id", "content_hash"], unique=False)
    op.create_table(
        "observations",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=True),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("final_url", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment="of the request"),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signal", sa.String(length=24), nullable=True),
        sa.Column("controls_fine", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True, comment="the version this look saw"),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("capture_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_observations_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["captures.id"], name=op.f("fk_observations_capture_id_captures")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_observations_lead_id_leads")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_observations_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_observations_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
    )
    op.create_index("ix_observations_article", "observations", ["article_id", "at"], unique=False)
    op.create_index("ix_observations_lead", "observations", ["lead_id"], unique=False)
    op.create_index("ix_observations_run", "observations", ["run_id"], unique=False)
    op.create_table(
        "sightings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("read_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=True),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_sightings_article_id_articles")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_sightings_lead_id_leads")),
        sa.ForeignKeyConstraint(
            ["read_id"], ["listing_reads.id"], name=op.f("fk_sightings_read_id_listing_reads")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    op.create_index("ix_sightings_article", "sightings", ["article_id"], unique=False)
    op.create_index("ix_sightings_lead", "sightings", ["lead_id"], unique=False)
    op.create_index("ix_sightings_read", "sightings", ["read_id"], unique=False)
    op.create_table(
        "version_authors",
        sa.Column("version_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_version_authors_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["versions.id"], name=op.f("fk_version_authors_version_id_versions")
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_version_authors")),
    )
    op.create_index("ix_version_authors_person", "version_authors", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("version_authors")
    op.drop_table("sightings")
    op.drop_table("observations")
    op.drop_table("versions")
    op.drop_table("leads")
    op.drop_table("changes")
    op.drop_table("article_urls")
    op.drop_table("listing_reads")
    op.drop_table("articles")
    op.drop_table("runs")
    op.drop_table("listings")
    op.drop_table("captures")
    op.drop_table("sources")
    op.drop_table("people")
