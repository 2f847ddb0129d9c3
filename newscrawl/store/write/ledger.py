"""Applies decisions about new observations: observation, version, state, addresses and change log, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from newscrawl.model import (
    Alias,
    AliasKind,
    Applied,
    Decision,
    FetchOutcome,
    Known,
    Observation,
    Precision,
    Refresh,
    State,
    Tie,
    Verdict,
    VerdictKind,
)
from newscrawl.store import rows
from newscrawl.store.proof import pending
from newscrawl.store.proof.kinds import Kind
from newscrawl.store.search.pending import pend, pend_article
from newscrawl.store.tables import (
    article_urls,
    articles,
    leads,
    list_exits,
    observations,
    runs,
    sightings,
    versions,
)
from newscrawl.store.types import key_hash, new_id
from newscrawl.store.write import frontier, hosts, numbering, reprocessing, visibility

# More articles share an instant of publication only where it is not a real one.
_SAME_INSTANT = 5
# No two observations that come one after the other lie so far apart the wrong way round, unless a clock was set.
_AHEAD = timedelta(days=1)
_NO_VALIDATORS: Mapping[str, Any] = {"etag": None, "last_modified": None}


def apply(connection: Connection, source_id: int, run_id: int, decision: Decision) -> Applied:
    """Stores one observation and everything that follows from its verdict."""
    observation, verdict, article = decision.observation, decision.verdict, decision.article
    capture_id = frontier.store_captures(connection, source_id, observation.fetch.captures)
    at = observation.fetch.at
    lead = frontier.lead_id(connection, source_id, observation.asked)
    article_id, version = (article.id, article.version) if article is not None else (None, None)
    if verdict.kind is VerdictKind.NEW:
        _check_those_of_the_instant(connection, source_id, run_id, observation)
        article_id, version = _create(connection, source_id, decision, capture_id), 1
        _log(connection, source_id, run_id, article_id, at, "created", None, 1, verdict)
    elif article is not None:
        if verdict.kind is VerdictKind.CHANGED:
            version = article.version + 1
            insert_version(connection, article.id, version, observation, verdict, capture_id)
            _log(connection, source_id, run_id, article.id, at, "edited", article.version, version, verdict)
        if decision.tie is not None and decision.tie.same and decision.tie.other is not None:
            _unite(connection, article.id, decision.tie.other.id)
            same = replace(verdict, kinds=(), reason=f"the same piece as article {article.id}")
            _log(connection, source_id, run_id, decision.tie.other.id, at, "alias", None, None, same)
        if verdict.refreshes and observation.article is not None and observation.content_hash is not None:
            reading = Refresh(observation.article, observation.extractor, observation.content_hash)
            reprocessing.replace(connection, article.id, article.version, reading, capture_id)
        _update(connection, source_id, decision, capture_id, version)
        if decision.caught is not None:
            fetched = observation.fetch.final_url
            hosts.note(connection, source_id, article.edition, decision.caught, fetched, at)
        _log_state(connection, source_id, run_id, article, at, verdict)
        visibility.log_noindex(connection, source_id, run_id, decision, version)
        visibility.log_unlisted(connection, source_id, run_id, decision, version)
    if article_id is not None:
        add_aliases(connection, source_id, article_id, decision.aliases, at)
    seen = None if decision.is_led_away else version
    insert_observation(
        connection, source_id, run_id, observation, verdict, article_id, lead, seen, capture_id
    )
    published = observation.article.published if observation.article is not None else None
    frontier.add_leads(connection, source_id, observation.edition, decision.found, at)
    for waiting in _leads_met(connection, source_id, decision, lead, article_id):
        frontier.settle(connection, waiting, verdict, at, article_id=article_id, published=published)
    return Applied(
        verdict=verdict,
        article_id=article_id,
        version=version,
        url_key=article.url_key if article else observation.url_key,
    )


def add_aliases(
    connection: Connection, source_id: int, article_id: int, aliases: Sequence[Alias], now: datetime
) -> None:
    """Adds addresses of an article.

    An address that already belongs to an article stays there, except that a mere claim (a page
    naming it as its canonical address) gives way to the article that was really read there.
    """
    for alias in aliases:
        confirmed = alias.kind not in (AliasKind.CANONICAL, AliasKind.FORM)
        where = (article_urls.c.source_id == source_id, article_urls.c.url_hash == key_hash(alias.key))
        row = connection.execute(select(article_urls).where(*where)).mappings().first()
        if row is None:
            connection.execute(
                insert(article_urls),
                {
                    "source_id": source_id,
                    "article_id": article_id,
                    "url_key": alias.key,
                    "url_hash": key_hash(alias.key),
                    "url": alias.url if alias.kind is not AliasKind.FORM else None,
                    "kind": alias.kind.value,
                    "confirmed": confirmed,
                    "first_seen": now,
                },
            )
        elif confirmed and not row["confirmed"]:
            connection.execute(
                update(article_urls)
                .where(article_urls.c.id == row["id"])
                .values(article_id=article_id, kind=alias.kind.value, confirmed=True, url=alias.url)
            )


def follow_hosts(connection: Connection, source_id: int, hosts: Mapping[str, str], now: datetime) -> None:
    """Adds the address on the outlet's present host to articles whose key has a host that stands for it now (old: new).

    An outlet that moved to another domain has the same articles there: its lists name them with the new host.
    """
    for old, new in hosts.items():
        before, after = f"https://{old}/", f"https://{new}/"
        query = select(articles.c.id, articles.c.url_key).where(
            articles.c.source_id == source_id, articles.c.url_key.startswith(before, autoescape=True)
        )
        for row in connection.execute(query).all():
            if row.url_key.startswith(before):  # LIKE does not tell cases apart
                here = after + row.url_key[len(before) :]
                add_aliases(connection, source_id, row.id, [Alias(here, AliasKind.LEAD, here)], now)


def _create(connection: Connection, source_id: int, decision: Decision, capture_id: int | None) -> int:
    observation, verdict = decision.observation, decision.verdict
    assert observation.article is not None
    at = observation.fetch.at
    result = connection.execute(
        insert(articles),
        {
            "source_id": source_id,
            "edition": observation.edition,
            "url": observation.fetch.final_url,
            "url_key": observation.url_key,
            "url_hash": key_hash(observation.url_key),
            "state": verdict.state.value,
            "state_since": at,
            "first_seen": at,
            "last_seen": at,
            "last_checked": at,
            "last_changed": at,
            "next_check": verdict.next_check,
            "checks": 1,
            "version": 1,
            "title": observation.article.title,
            "published": observation.article.published,
            "etag": observation.fetch.etag,
            "last_modified": observation.fetch.last_modified,
            "last_full": at,
            "beside": verdict.beside,
            "noindex": decision.noindex,
            "announced": rows.stored_announced(observation.lead.announced if observation.lead else None),
            "capture_id": capture_id,
        },
    )
    article_id = new_id(result)
    pending.note(connection, Kind.ARTICLE, [article_id])
    insert_version(connection, article_id, 1, observation, verdict, capture_id)
    add_aliases(
        connection,
        source_id,
        article_id,
        (Alias(observation.url_key, AliasKind.PRIMARY, observation.fetch.final_url),),
        at,
    )
    return article_id


def insert_version(
    connection: Connection,
    article_id: int,
    number: int,
    observation: Observation,
    verdict: Verdict,
    capture_id: int | None,
) -> None:
    """A version of an article as the page says it, with its credited authors."""
    assert observation.article is not None
    assert observation.content_hash is not None
    result = connection.execute(
        insert(versions),
        {
            "article_id": article_id,
            "number": number,
            "at": observation.fetch.at,
            "content_hash": observation.content_hash,
            "kinds": [kind.value for kind in verdict.kinds],
            "returns_to": verdict.returns_to,
            "extractor": observation.extractor,
            "capture_id": capture_id,
            **rows.version_values(observation.article),
        },
    )
    version_id = new_id(result)
    rows.insert_authors(connection, version_id, observation.article.authors)
    pend(connection, [version_id])
    pending.note(connection, Kind.VERSION, [version_id])


def _unite(connection: Connection, article_id: int, other_id: int) -> None:
    """Makes one article of two that are one piece: what led to the other leads to this one, which stands for both.

    The other keeps its versions, observations and captures, and is not checked any more.
    """
    for table in (article_urls, leads, sightings):
        connection.execute(update(table).where(table.c.article_id == other_id).values(article_id=article_id))
    connection.execute(delete(list_exits).where(list_exits.c.article_id == other_id))
    primary = (article_urls.c.article_id == article_id, article_urls.c.kind == AliasKind.PRIMARY.value)
    own = select(articles.c.url_hash).where(articles.c.id == article_id).scalar_subquery()
    connection.execute(
        update(article_urls)
        .where(*primary, article_urls.c.url_hash != own)
        .values(kind=AliasKind.REDIRECT.value)
    )
    connection.execute(
        update(articles).where(articles.c.tied_to_id == other_id).values(tied_to_id=article_id)
    )
    connection.execute(
        update(articles)
        .where(articles.c.id == other_id)
        .values(tied_to_id=article_id, next_check=None, unreadable_since=None)
    )


def _check_those_of_the_instant(
    connection: Connection, source_id: int, run_id: int, observation: Observation
) -> None:
    """Makes articles due that state the same instant of publication as a new one: it may be one of them, renamed.

    Those that this run has checked answered at their own address.
    """
    article = observation.article
    assert article is not None
    if article.published is None or article.published_precision is Precision.DAY:
        return
    query = select(articles.c.id).where(
        articles.c.source_id == source_id,
        articles.c.edition == observation.edition,
        articles.c.published == article.published,
        articles.c.tied_to_id.is_(None),
    )
    found = connection.execute(query.limit(_SAME_INSTANT + 1)).scalars().all()
    if 0 < len(found) <= _SAME_INSTANT:
        connection.execute(
            update(articles)
            .where(
                articles.c.id.in_(found),
                articles.c.state == State.LIVE.value,
                articles.c.last_checked < select(runs.c.started).where(runs.c.id == run_id).scalar_subquery(),
                articles.c.next_check > observation.fetch.at,
            )
            .values(next_check=observation.fetch.at)
        )


def _update(
    connection: Connection, source_id: int, decision: Decision, capture_id: int | None, version: int | None
) -> None:
    article, observation, verdict, tie = (
        decision.article,
        decision.observation,
        decision.verdict,
        decision.tie,
    )
    assert article is not None
    at = observation.fetch.at
    values: dict[str, Any] = {"checks": articles.c.checks + 1, "next_check": verdict.next_check}
    if verdict.kind is not VerdictKind.FAILED:
        values["last_checked"] = _latest(at, article.last_checked)
        values["unreadable_since"] = None
    if verdict.unreadable:
        values["unreadable_since"] = article.unreadable_since or at
    if verdict.kind is VerdictKind.ABSENT:
        values["tied_to_id"] = None
    if verdict.state is not article.state:
        values |= {"state": verdict.state.value, "state_since": at}
    if verdict.kind.saw_article:
        if verdict.signal is None:  # else it was met at another address, and not here
            values["last_seen"] = _latest(at, article.last_seen)
        values["tied_to_id"] = tie.other.id if decision.is_led_away and tie and tie.other else None
        if tie is not None and tie.same and (verdict.signal is not None or not observation.fetch.redirects):
            values |= _stands_at(article, tie)
            if verdict.signal is None and tie.other and tie.other.content_hash != article.content_hash:
                values["next_check"] = at  # it says something else there
        elif decision.is_led_away:
            values |= _NO_VALIDATORS  # what was read there is not this piece
        elif observation.url_key != article.url_key or observation.fetch.redirects:
            values |= _NO_VALIDATORS
            # What is another article's address is asked for that one: an edit there is told once.
            if observation.target is None or not _is_anothers(
                connection, source_id, article.id, observation.target
            ):
                values |= _moved(article, decision)
        elif observation.fetch.outcome is FetchOutcome.OK:
            values |= _validators(decision)
        if observation.fetch.outcome is FetchOutcome.OK and verdict.kind is not VerdictKind.DUPLICATE:
            values |= {"last_full": _latest(at, article.last_full or at), "disputed": None}
    if verdict.beside is not None:
        values["beside"] = verdict.beside
    if decision.noindex is not None:
        values["noindex"] = decision.noindex
    if verdict.kind is VerdictKind.CHANGED:
        assert observation.article is not None
        if not all(kind.is_beside for kind in verdict.kinds):
            # Another picture does not make an article one that is expected to be edited this afternoon.
            values["last_changed"] = at
        values |= {
            "version": version,
            "title": observation.article.title,
            "published": observation.article.published,
            "capture_id": capture_id,
        }
    connection.execute(update(articles).where(articles.c.id == article.id).values(values))


def _latest(at: datetime, before: datetime) -> datetime:
    """The later of two instants; the present one where the other lies a day ahead of it, set by a wrong clock."""
    return at if before - at > _AHEAD else max(at, before)


def _is_anothers(connection: Connection, source_id: int, article_id: int, key: str) -> bool:
    """Whether an address is that of another article."""
    query = select(article_urls.c.article_id).where(
        article_urls.c.source_id == source_id,
        article_urls.c.url_hash == key_hash(key),
        article_urls.c.confirmed.is_(True),
    )
    return connection.execute(query).scalar() not in (None, article_id)


def _validators(decision: Decision) -> Mapping[str, Any]:
    """The validators for the next conditional request; none where the answer's text is not the stored one.

    With those of another text the server would hide every later edit. A 304 leaves them as they are.
    """
    if not decision.is_stored_text:
        return _NO_VALIDATORS
    return {
        "etag": decision.observation.fetch.etag,
        "last_modified": decision.observation.fetch.last_modified,
    }


def _stands_at(article: Known, tie: Tie) -> dict[str, Any]:
    """The columns that change where the piece was met at another address, and its own one is dead."""
    other = tie.other
    assert other is not None
    same = other.content_hash == article.content_hash
    return {
        "url": other.url,
        "etag": other.etag if same else None,
        "last_modified": other.last_modified if same else None,
    }


def _moved(article: Known, decision: Decision) -> Mapping[str, Any]:
    """The columns that change where the article was read under another address: the address to ask from now on, and its validators.

    The newer address is taken, because an outlet that renames a slug lets the old one die; not if the
    page itself calls the known address its own (an AMP or print page), or shows a text of the past.
    Validators of one address are useless for another, and so are those of a text that is not stored. Nor are the known
    address's own kept: the article was seen without asking there, so that a later edit would seem to have been denied.
    """
    observation = decision.observation
    named = observation.names(article.url_key)
    if not observation.fetch.redirects and (named or not decision.is_stored_text):
        return _NO_VALIDATORS
    return {"url": observation.fetch.final_url, **_validators(decision)}


def insert_observation(
    connection: Connection,
    source_id: int,
    run_id: int,
    observation: Observation,
    verdict: Verdict,
    article_id: int | None,
    lead: int | None,
    version: int | None,
    capture_id: int | None,
) -> None:
    """The row of an observation; it names a version only where the article was seen."""
    fetch = observation.fetch
    result = connection.execute(
        insert(observations),
        {
            "source_id": source_id,
            "run_id": run_id,
            "article_id": article_id,
            "lead_id": lead,
            "at": fetch.at,
            "url": fetch.url,
            "final_url": fetch.final_url if fetch.final_url != fetch.url else None,
            "outcome": fetch.outcome.value,
            "status": fetch.status,
            "verdict": verdict.kind.value,
            "reason": verdict.reason,
            "signal": verdict.signal,
            "controls_fine": observation.controls_fine,
            "version": version if verdict.kind.saw_article and verdict.signal is None else None,
            "milliseconds": fetch.milliseconds,
            "capture_id": capture_id,
        },
    )
    pending.note(connection, Kind.OBSERVATION, [new_id(result)])


def _leads_met(
    connection: Connection,
    source_id: int,
    decision: Decision,
    asked: int | None,
    article_id: int | None,
) -> set[int]:
    """Frontier entries this observation answers: the one asked for, and those of the article's other addresses."""
    observation = decision.observation
    met = {asked} if asked is not None and (observation.lead is not None or article_id is not None) else set()
    if article_id is not None:
        keys = {observation.url_key}
        if (
            observation.target is not None
            and decision.verdict.kind.saw_article
            and not decision.is_led_away
            and not _is_anothers(connection, source_id, article_id, observation.target)
        ):
            keys.add(observation.target)
        met |= {lead for key in keys if (lead := frontier.lead_id(connection, source_id, key)) is not None}
    return met


def _log_state(
    connection: Connection, source_id: int, run_id: int, article: Known, at: datetime, verdict: Verdict
) -> None:
    if verdict.state is article.state:
        return
    kind = {State.LIVE: "returned", State.SUSPECTED: "suspected", State.REMOVED: "removed"}[verdict.state]
    pend_article(connection, article.id)
    _log(connection, source_id, run_id, article.id, at, kind, article.version, article.version, verdict)


def _log(
    connection: Connection,
    source_id: int,
    run_id: int,
    article_id: int,
    at: datetime,
    kind: str,
    from_version: int | None,
    to_version: int | None,
    verdict: Verdict,
) -> None:
    numbers, kinds = (from_version, to_version), [k.value for k in verdict.kinds]
    numbering.log(connection, source_id, run_id, article_id, at, kind, numbers, verdict.reason, kinds)
