"""Hosts whose validators were caught lying."""

from __future__ import annotations

from sqlalchemy import Connection, select

from newscrawl.model import CaughtHost
from newscrawl.store.tables import hosts


def caught(connection: Connection, source_id: int) -> list[CaughtHost]:
    """The hosts of a source that were ever caught, by edition; `judge/validators.py` says for how long it counts."""
    query = select(hosts).where(hosts.c.source_id == source_id).order_by(hosts.c.edition, hosts.c.host)
    return [
        CaughtHost(row["edition"], row["host"], row["first"], row["last"], row["times"], row["url"])
        for row in connection.execute(query).mappings()
    ]
