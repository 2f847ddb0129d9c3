"""Articles of the other editions of an outlet that may be an article's translations: near in time, or named by address. Judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from newscrawl.model import ArticleRecord
from newscrawl.store.read.articles import load_articles
from newscrawl.store.read.selects import MOMENT
from newscrawl.store.tables import article_urls, articles
from newscrawl.store.types import key_hash

# A busy outlet publishes some hundred pieces a day in an edition; more than this is another kind of archive.
_MOST = 2000


def load_neighbours(
    connection: Connection, article: ArticleRecord, apart: timedelta, keys: Sequence[str]
) -> list[ArticleRecord]:
    """Articles of other editions published within `apart` of this one, and those known under any of `keys`."""
    source_id = select(articles.c.source_id).where(articles.c.id == article.id).scalar_subquery()
    moment = article.article.published or article.first_seen
    foreign = (articles.c.source_id == source_id, articles.c.edition != article.edition)
    near = select(articles.c.id).where(*foreign, moment - apart <= MOMENT, moment + apart >= MOMENT)
    named = (
        select(articles.c.id)
        .join(article_urls, article_urls.c.article_id == articles.c.id)
        .where(*foreign, article_urls.c.url_hash.in_([key_hash(key) for key in keys]))
    )
    found = [*connection.execute(named).scalars(), *connection.execute(near.limit(_MOST)).scalars()]
    ids = list(dict.fromkeys(found))
    return [record for i in range(0, len(ids), 200) for record in load_articles(connection, ids[i : i + 200])]
