"""Hosts whose validators were caught lying: they called a changed page not modified."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from newscrawl.store.tables import hosts


def note(connection: Connection, source_id: int, edition: str, host: str, url: str, at: datetime) -> None:
    """Notes that the validators of a host called a changed page not modified."""
    mine = (hosts.c.source_id == source_id, hosts.c.edition == edition, hosts.c.host == host)
    if connection.execute(select(hosts.c.id).where(*mine)).scalar() is None:
        values = {"edition": edition, "host": host, "first": at, "last": at, "times": 1, "url": url}
        connection.execute(insert(hosts).values(source_id=source_id, **values))
    else:
        values = {"last": at, "times": hosts.c.times + 1, "url": url}
        connection.execute(update(hosts).where(*mine).values(values))
