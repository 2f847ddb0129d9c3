"""Hosts whose validators were caught lying lately: they are asked unconditionally."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from newscrawl.judge.validators import CAUGHT_FOR
from newscrawl.model import CaughtHost
from newscrawl.store.tables import hosts


def caught(connection: Connection, source_id: int, now: datetime) -> list[CaughtHost]:
    """The caught hosts of a source, by edition; one whose last false validators lie long back is forgotten."""
    query = (
        select(hosts)
        .where(hosts.c.source_id == source_id, hosts.c.last > now - CAUGHT_FOR)
        .order_by(hosts.c.edition, hosts.c.host)
    )
    return [
        CaughtHost(row["edition"], row["host"], row["first"], row["last"], row["times"], row["url"])
        for row in connection.execute(query).mappings()
    ]
