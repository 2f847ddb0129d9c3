"""What the tables of an archive are made of: the metadata with its names for constraints, ids and references. Holds no table."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String

# Unnamed constraints cannot be dropped later, so all have names from the first day on.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives row ids only to INTEGER PRIMARY KEY; PostgreSQL should not run out at two thousand million.
ID = BigInteger().with_variant(Integer, "sqlite")
HASH = String(32)


def own_id() -> Column[int]:
    """The primary key of a table."""
    return Column("id", ID, primary_key=True, autoincrement=True)


def to(table: str, name: str | None = None, *, null: bool = False) -> Column[int]:
    """A reference to a row of another table."""
    return Column(name or f"{table.rstrip('s')}_id", ID, ForeignKey(f"{table}.id"), nullable=null)
