"""From notices to one message: what is told in full, what as a number, and where the whole can be read. Pure; knows no way of sending."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from newscrawl.alerts.choosing import ABSENCES, BULK, ORDER
from newscrawl.model import Notice, Topic
from newscrawl.wording import counted, instant

LISTED = 10  # headlines of absences told together
SUBJECT = 120  # characters

_NOUNS = {
    Topic.REMOVALS: "removal",
    Topic.RETURNS: "return",
    Topic.SUSPECTED: "suspicion",
    Topic.EDITS: "edit",
    Topic.HEALTH: "finding",
    Topic.GAPS: "gap",
}
_COMMANDS = {
    # All of them: what was absent then may be there again when somebody looks.
    **dict.fromkeys(ABSENCES, "newscrawl removed --state all"),
    Topic.EDITS: "newscrawl changes",
    Topic.HEALTH: "newscrawl health",
    Topic.GAPS: "newscrawl coverage",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph of a message. `listed` are headlines with their addresses; `page` is the reader's page of it."""

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
    """What is told as a number only: how many of one topic and source, and since when."""

    topic: Topic
    source: str
    count: int
    since: datetime

    @property
    def command(self) -> str:
        """The command that shows them all."""
        return _command(self.topic, self.source, self.since)

    @property
    def line(self) -> str:
        """The number in words."""
        where = f" of {self.source}" if self.source else ""
        return f"and {counted(self.count, f'more {_NOUNS[self.topic]}')}{where} since {instant(self.since)}"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one receiver. `id` is the same whenever the same notices are sent again; `items` are for people, the rest for programs."""

    id: str
    receiver: str
    at: datetime
    subject: str
    items: tuple[Item, ...]
    notices: tuple[Notice, ...] = ()
    more: tuple[More, ...] = ()
    given_up: int = 0


def batch_id(receiver: str, keys: Iterable[str]) -> str:
    """32 hexadecimal characters that name a message by what it tells to whom."""
    told = "\n".join([receiver, *sorted(keys)])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def compose(
    receiver: str,
    batch: str,
    notices: Sequence[Notice],
    at: datetime,
    *,
    given_up: int = 0,
    reader_url: str | None = None,
) -> Message:
    """The message that tells these notices. `given_up` is how many earlier ones never could be delivered."""
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


def trial(receiver: str, at: datetime) -> Message:
    """A message that says nothing but that it arrived."""
    said = f"This is a test, sent at {instant(at)}. Alerts of “{receiver}” will come this way."
    return Message(
        batch_id(receiver, ["test", at.isoformat()]),
        receiver,
        at,
        f"newscrawl: test of {receiver}",
        (Item("TEST", said),),
    )


def _items(full: Sequence[Notice], reader_url: str | None) -> Iterator[Item]:
    for (topic, source), group in groupby(full, key=lambda notice: (notice.topic, notice.source)):
        notices = list(group)
        if topic in ABSENCES and len(notices) > BULK:
            yield _together(topic, source, notices)
        elif topic is Topic.EDITS:
            yield from _edits(notices, reader_url)
        else:
            yield from (_item(notice, reader_url) for notice in notices)


def _edits(notices: Sequence[Notice], reader_url: str | None) -> Iterator[Item]:
    """One paragraph an article: of several edits the last is shown, with the versions from the first on."""
    by_article: dict[str, list[Notice]] = {}
    for notice in notices:
        by_article.setdefault(notice.subject, []).append(notice)
    for edits in by_article.values():
        item = _item(edits[-1], reader_url)
        if len(edits) > 1:
            line = f"edited {len(edits)} times since {instant(edits[0].at)}; the last: {item.line}"
            item = _with(item, line, f"newscrawl history {edits[0].article}")
        yield item


def _item(notice: Notice, reader_url: str | None) -> Item:
    where = "/".join(part for part in (notice.source, notice.edition) if part) or "the archive"
    turn = f"{notice.topic.value} {notice.turn}" if notice.article is None else notice.turn
    return Item(
        head=f"{turn.upper()}  {where}  {instant(notice.at)}",
        line=notice.line,
        title=notice.title or ("(no title)" if notice.article is not None else None),
        field=notice.field,
        excerpt=notice.excerpt,
        url=notice.url,
        page=_page(notice, reader_url),
        command=_whole(notice),
    )


def _with(item: Item, line: str, command: str) -> Item:
    return Item(item.head, line, item.title, item.field, item.excerpt, item.url, item.page, command)


def _together(topic: Topic, source: str, notices: Sequence[Notice]) -> Item:
    since = min(notice.at for notice in notices)
    words = {
        Topic.REMOVALS: "are absent, confirmed",
        Topic.RETURNS: "are there again",
        Topic.SUSPECTED: "were found absent once",
    }
    editions = ", ".join(sorted({notice.edition for notice in notices if notice.edition}))
    line = f"{len(notices)} articles of {source} ({editions}) {words[topic]} between {instant(since)} and {instant(max(n.at for n in notices))}"
    if len(notices) > LISTED:
        line += f"; the first {LISTED}:"
    return Item(
        head=f"{_NOUNS[topic].upper()}S  {source}",
        line=line,
        listed=tuple((n.title or "(no title)", n.url or "") for n in notices[:LISTED]),
        command=_command(topic, source, since),
    )


def _more(notices: Iterable[Notice]) -> Iterator[More]:
    counts: Counter[tuple[Topic, str]] = Counter()
    since: dict[tuple[Topic, str], datetime] = {}
    for notice in notices:
        group = notice.topic, notice.source
        counts[group] += 1
        since[group] = min(since.get(group, notice.at), notice.at)
    for (topic, source), count in counts.items():
        yield More(topic, source, count, since[topic, source])


def _subject(notices: Sequence[Notice], full: Sequence[Notice]) -> str:
    if len(notices) == 1 and full:
        notice = full[0]
        where = "/".join(part for part in (notice.source, notice.edition) if part) or "archive"
        said = f"{notice.turn}: {notice.title or notice.line}"
        return _cut(f"newscrawl: {where} {said}")
    counts = Counter(notice.topic for notice in notices)
    numbers = ", ".join(counted(counts[topic], _NOUNS[topic]) for topic in _NOUNS if counts[topic])
    sources = sorted({notice.source for notice in notices if notice.source})
    where = f" ({', '.join(sources)})" if sources else ""
    return _cut(f"newscrawl: {numbers or 'alerts given up'}{where}")


def _cut(text: str) -> str:
    return text if len(text) <= SUBJECT else text[: SUBJECT - 1].rstrip() + "…"


def _whole(notice: Notice) -> str:
    if notice.article is None:
        return _command(notice.topic, notice.source, None)
    if notice.versions is not None:
        return f"newscrawl diff {notice.article} {notice.versions[0]} {notice.versions[1]}"
    return f"newscrawl history {notice.article}"


def _page(notice: Notice, reader_url: str | None) -> str | None:
    if reader_url is None or notice.article is None:
        return None
    page = f"{reader_url}/articles/{notice.article}"
    return f"{page}/diff/{notice.versions[0]}..{notice.versions[1]}" if notice.versions else page


def _command(topic: Topic, source: str, since: datetime | None) -> str:
    words = _COMMANDS[topic]
    if source:
        # `newscrawl health` takes sources as its arguments.
        words += f" {shlex.quote(source)}" if topic is Topic.HEALTH else f" --source {shlex.quote(source)}"
    if since is not None and topic is not Topic.HEALTH:
        words += f" --since {since.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return words
