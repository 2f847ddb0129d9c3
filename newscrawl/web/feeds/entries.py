"""What the entries of feeds say: of an article, an edit, an absence, an answer of a search."""

from __future__ import annotations

from newscrawl.judge.diff.differences import Op, Span
from newscrawl.judge.diff.excerpt import Excerpt
from newscrawl.messages import Words
from newscrawl.model import ArticleRecord, EditRecord, RemovalRecord
from newscrawl.model.search import SearchHit
from newscrawl.text import paragraphs
from newscrawl.web.answers.responses import cut, tag
from newscrawl.web.feeds.atom import Entry, stamp
from newscrawl.wording import course


def article(record: ArticleRecord, say: Words) -> Entry:
    """A new article: its name stays, whatever becomes of it."""
    article = record.article
    return Entry(
        name=f"{record.source}/articles/{record.id}",
        title=cut(article.title) or say("(no title)"),
        updated=record.first_seen,
        path=f"/articles/{record.id}",
        via=record.url,
        category=f"{record.source}/{record.edition}",
        language=tag(article.language, record.edition),
        text=cut(next(iter(paragraphs(article.body[:5000])), ""), 500),
        published=article.published,
        authors=tuple(author.name for author in article.authors),
    )


def edit(record: EditRecord, excerpt: Excerpt | None, say: Words) -> Entry:
    """An edit, with its most telling piece."""
    kinds = ", ".join(map(say, record.kinds)) or say("changed")
    pieces = (Span(Op.SAME, f"{say(excerpt.field)}: "), *excerpt.spans) if excerpt is not None else ()
    return Entry(
        name=f"{record.source}/articles/{record.article_id}/changes/{record.from_version}..{record.to_version}",
        title=f"{kinds}: {cut(record.title) or say('(no title)')}",
        updated=record.at,
        path=f"/articles/{record.article_id}/diff/{record.from_version}..{record.to_version}",
        via=record.url,
        category=f"{record.source}/{record.edition}",
        language=tag(None, record.edition),
        text=pieces,
    )


def absence(record: RemovalRecord, say: Words) -> Entry:
    """A change of an absence's state: suspected, removed, returned, unreadable."""
    since = record.since or record.first_absent
    return Entry(
        name=f"{record.source}/articles/{record.article_id}/{record.state.value}/{stamp(since)}",
        title=f"{say(record.state.value)}: {cut(record.title) or say('(no title)')}",
        updated=since,
        path=f"/articles/{record.article_id}",
        via=record.url,
        category=f"{record.source}/{record.edition}",
        language=say.language,
        text=course(record, say),
    )


def hit(found: SearchHit, say: Words) -> Entry:
    """An article that answers a search; a later version that does so is another entry."""
    return Entry(
        name=f"{found.source}/articles/{found.article_id}/versions/{found.version}",
        title=cut(found.title) or say("(no title)"),
        updated=found.at,
        path=f"/articles/{found.article_id}/versions/{found.version}",
        via=found.url,
        category=f"{found.source}/{found.edition}",
        language=tag(None, found.edition),
        text=cut("".join(text for text, _ in found.snippet), 500),
        published=found.published,
    )
