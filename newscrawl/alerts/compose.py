"""Composes one message from notices: paragraphs for those shown in full, numbers for the folded ones. Pure."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from newscrawl.alerts.select import ABSENCES, BULK, ORDER
from newscrawl.model import Notice, Topic
from newscrawl.wording import counted, instant

LISTED = 10  # headlines in a paragraph about many absences
SUBJECT = 120  # characters

_NOUNS = {
    Topic.REMOVALS: "removal",
    Topic.RETURNS: "return",
    Topic.SUSPECTED: "suspicion",
    Topic.EDITS: "edit",
    Topic.HEALTH: "finding",
    Topic.GAPS: "gap",
    Topic.UNREADABLE: "unreadable article",
}
_BULK_WORDS = {
    Topic.REMOVALS: "are absent, confirmed",
    Topic.RETURNS: "are there again",
    Topic.SUSPECTED: "were found absent once",
}
_COMMANDS = {
    # --state all, because an absent article may have returned by the time somebody looks.
    **dict.fromkeys(ABSENCES, "newscrawl removed --state all"),
    Topic.EDITS: "newscrawl changes",
    Topic.HEALTH: "newscrawl health",
    Topic.GAPS: "newscrawl coverage",
    Topic.UNREADABLE: "newscrawl removed --state unreadable",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph of a message. `listed` are headlines with their addresses; `page` is its page on the reader's site."""

    head: str
    line: str = ""
    title: str | None = None
    field: str | None = None
    excerpt: tuple[tuple[str, str], ...] = ()
    url: str | None = None
    page: str | None = None
    command: str | None = None
    listed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class More:
    """The folded notices of one topic and source: their number, and the time of the earliest."""

    topic: Topic
    source: str
    count: int
    since: datetime

    @property
    def command(self) -> str:
        """The command that shows all of them."""
        return _command(self.topic, self.source, self.since)

    @property
    def line(self) -> str:
        """The number in words."""
        where = f" of {self.source}" if self.source else ""
        return f"and {counted(self.count, f'more {_NOUNS[self.topic]}')}{where} since {instant(self.since)}"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one receiver. `items` are its text for people; `notices`, `more` and `given_up` the same for programs.

    `id` is the same whenever the same notices are sent again.
    """

    id: str
    receiver: str
    at: datetime
    subject: str
    items: tuple[Item, ...]
    notices: tuple[Notice, ...] = ()
    more: tuple[More, ...] = ()
    given_up: int = 0


def batch_id(receiver: str, keys: Iterable[str]) -> str:
    """The id of a message, 32 hexadecimal characters: a hash of the receiver's name and the keys of the notices."""
    text = "\n".join([receiver, *sorted(keys)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def compose(
    receiver: str,
    batch: str,
    notices: Sequence[Notice],
    at: datetime,
    *,
    given_up: int = 0,
    reader_url: str | None = None,
) -> Message:
    """The message with these notices. `given_up`: how many earlier notices were given up and never reported."""
    full = sorted(
        (notice for notice in notices if not notice.folded),
        key=lambda notice: (ORDER.index(notice.topic), notice.source, notice.at),
    )
    more = tuple(_more(notice for notice in notices if notice.folded))
    items = [
        *_items(full, reader_url),
        *(Item("MORE", one.line, command=one.command) for one in more),
    ]
    if given_up:
        line = f"{counted(given_up, 'earlier alert')} could not be delivered in time and will not be told one by one"
        items.append(Item("GIVEN UP", line, command="newscrawl changes; newscrawl removed"))
    return Message(batch, receiver, at, _subject(notices, full), tuple(items), tuple(full), more, given_up)


def trial_message(receiver: str, at: datetime) -> Message:
    """A message without notices, to try a transport."""
    line = f"This is a test, sent at {instant(at)}. Alerts of “{receiver}” will come this way."
    batch = batch_id(receiver, ["test", at.isoformat()])
    return Message(batch, receiver, at, f"newscrawl: test of {receiver}", (Item("TEST", line),))


def _items(full: Sequence[Notice], reader_url: str | None) -> Iterator[Item]:
    for (topic, source), group in groupby(full, key=lambda notice: (notice.topic, notice.source)):
        notices = list(group)
        if topic in ABSENCES and len(notices) > BULK:
            yield _bulk_item(topic, source, notices)
        elif topic is Topic.EDITS:
            yield from _edit_items(notices, reader_url)
        else:
            yield from (_item(notice, reader_url) for notice in notices)


def _edit_items(notices: Sequence[Notice], reader_url: str | None) -> Iterator[Item]:
    """One paragraph per article. Of several edits it shows the last, and says how many there were."""
    by_article: dict[str, list[Notice]] = {}
    for notice in notices:
        by_article.setdefault(notice.subject, []).append(notice)
    for edits in by_article.values():
        item = _item(edits[-1], reader_url)
        if len(edits) > 1:
            line = f"edited {len(edits)} times since {instant(edits[0].at)}; the last: {item.line}"
            item = replace(item, line=line, command=f"newscrawl history {edits[0].article}")
        yield item


def _item(notice: Notice, reader_url: str | None) -> Item:
    event = f"{notice.topic.value} {notice.event}" if notice.article is None else notice.event
    return Item(
        head=f"{event.upper()}  {_source_of(notice) or 'the archive'}  {instant(notice.at)}",
        line=notice.line,
        title=notice.title or ("(no title)" if notice.article is not None else None),
        field=notice.field,
        excerpt=notice.excerpt,
        url=notice.url,
        page=_page(notice, reader_url),
        command=_notice_command(notice),
    )


def _bulk_item(topic: Topic, source: str, notices: Sequence[Notice]) -> Item:
    """One paragraph about many absences of a source."""
    since, until = min(notice.at for notice in notices), max(notice.at for notice in notices)
    editions = ", ".join(sorted({notice.edition for notice in notices if notice.edition}))
    articles = f"{len(notices)} articles of {source} ({editions})"
    line = f"{articles} {_BULK_WORDS[topic]} between {instant(since)} and {instant(until)}"
    if len(notices) > LISTED:
        line += f"; the first {LISTED}:"
    return Item(
        head=f"{_NOUNS[topic].upper()}S  {source}",
        line=line,
        listed=tuple((notice.title or "(no title)", notice.url or "") for notice in notices[:LISTED]),
        command=_command(topic, source, since),
    )


def _more(notices: Iterable[Notice]) -> Iterator[More]:
    groups: dict[tuple[Topic, str], list[datetime]] = {}
    for notice in notices:
        groups.setdefault((notice.topic, notice.source), []).append(notice.at)
    for (topic, source), times in groups.items():
        yield More(topic, source, len(times), min(times))


def _subject(notices: Sequence[Notice], full: Sequence[Notice]) -> str:
    if len(notices) == 1 and full:
        notice = full[0]
        text = f"newscrawl: {_source_of(notice) or 'archive'} {notice.event}: {notice.title or notice.line}"
    else:
        counts = Counter(notice.topic for notice in notices)
        numbers = ", ".join(counted(counts[topic], _NOUNS[topic]) for topic in _NOUNS if counts[topic])
        sources = sorted({notice.source for notice in notices if notice.source})
        where = f" ({', '.join(sources)})" if sources else ""
        text = f"newscrawl: {numbers or 'alerts given up'}{where}"
    return text if len(text) <= SUBJECT else text[: SUBJECT - 1].rstrip() + "…"


def _source_of(notice: Notice) -> str:
    return "/".join(part for part in (notice.source, notice.edition) if part)


def _page(notice: Notice, reader_url: str | None) -> str | None:
    if reader_url is None or notice.article is None:
        return None
    page = f"{reader_url}/articles/{notice.article}"
    return f"{page}/diff/{notice.versions[0]}..{notice.versions[1]}" if notice.versions else page


def _notice_command(notice: Notice) -> str:
    """The command that shows the whole of a notice."""
    if notice.article is None:
        return _command(notice.topic, notice.source, None)
    if notice.versions is not None:
        return f"newscrawl diff {notice.article} {notice.versions[0]} {notice.versions[1]}"
    return f"newscrawl history {notice.article}"


def _command(topic: Topic, source: str, since: datetime | None) -> str:
    command = _COMMANDS[topic]
    if source:
        # `newscrawl health` takes sources as its arguments.
        command += f" {shlex.quote(source)}" if topic is Topic.HEALTH else f" --source {shlex.quote(source)}"
    if since is not None and topic is not Topic.HEALTH:
        command += f" --since {since.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return command
