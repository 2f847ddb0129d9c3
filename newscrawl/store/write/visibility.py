"""Notes in the log of changes how an article can be found: noindex, and leaving all lists while it is there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from newscrawl.model import Decision, Visibility
from newscrawl.store.tables import changes


def log_noindex(
    connection: Connection, source_id: int, run_id: int, decision: Decision, version: int | None
) -> None:
    """Logs that the article's page asks search engines to leave it out, or does so no more. The first reading tells nothing."""
    article, now, fetch = decision.article, decision.noindex, decision.observation.fetch
    if article is None or now is None or article.noindex is None or now == article.noindex:
        return
    if now:
        page = decision.observation.article
        by_page = page is not None and page.beside.noindex
        where = "the robots meta of its page" if by_page else f"X-Robots-Tag ({fetch.robots_tag})"
        reason = f'{where} asks search engines to leave it out ("noindex"); at the check before nothing did'
    else:
        reason = 'neither its page nor X-Robots-Tag says "noindex" any more'
    kind = Visibility.NOINDEX if now else Visibility.INDEXED
    log(connection, source_id, run_id, article.id, fetch.at, kind, version, reason)


def log(
    connection: Connection,
    source_id: int,
    run_id: int,
    article_id: int,
    at: datetime,
    kind: Visibility,
    version: int | None,
    reason: str,
) -> None:
    """One entry of the log; the version is the one the article has."""
    connection.execute(
        insert(changes).values(
            source_id=source_id,
            run_id=run_id,
            article_id=article_id,
            at=at,
            kind=kind.value,
            from_version=version,
            to_version=version,
            kinds=[],
            reason=reason,
        )
    )
