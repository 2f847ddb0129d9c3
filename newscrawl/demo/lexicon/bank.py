"""The structure of a language's sentence bank, and the parser of its text form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_FIELDS = {"h": "headlines", "l": "leads", "d": "details", "q": "quotes", "c": "closings"}


@dataclass(frozen=True, slots=True)
class Topic:
    """Sentences about one kind of news. The n-th lead belongs to the n-th headline.

    The banks of all languages are parallel: topic, kind and index identify the same statement in all of them.
    """

    key: str
    section: str
    tags: tuple[str, ...]
    role: str
    headlines: tuple[str, ...]
    leads: tuple[str, ...]
    details: tuple[str, ...]
    quotes: tuple[str, ...]
    closings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words of one edition: names, sentences and the furniture of its pages."""

    code: str
    topics: tuple[Topic, ...]
    background: tuple[str, ...]
    subheads: tuple[str, ...]
    quote_form: str  # with one {}
    attributions: tuple[str, ...]  # with {who} and {role}
    places: tuple[str, ...]
    streets: tuple[str, ...]
    people: tuple[str, ...]
    reporters: tuple[str, ...]
    credits: tuple[str, ...]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    day_in_text: str
    date_line: str
    date_time_line: str
    card_date: str
    sections: dict[str, str]
    labels: dict[str, str]

    def day(self, instant: datetime) -> str:
        """The day in running text: "Tuesday", "7 апреля", "7 сәуірде"."""
        return self._fill(self.day_in_text, instant)

    def dated(self, instant: datetime, *, day_only: bool = False) -> str:
        """The date line of an article page, in the instant's own offset."""
        return self._fill(self.date_line if day_only else self.date_time_line, instant)

    def card(self, instant: datetime, now: datetime) -> str:
        """The time beside a headline in a list: "Today, 14:05", "Yesterday, 20:14" or the date. Both in local time."""
        clock = f"{instant:%H:%M}"
        days = (now.date() - instant.date()).days
        if days in (0, 1):
            return f"{self.labels['today' if days == 0 else 'yesterday']}, {clock}"
        if now.year != instant.year:
            return self.dated(instant)
        return self._fill(self.card_date, instant)

    def _fill(self, pattern: str, instant: datetime) -> str:
        return pattern.format(
            d=instant.day,
            month=self.months[instant.month - 1],
            y=instant.year,
            time=f"{instant:%H:%M}",
            weekday=self.weekdays[instant.weekday()],
        )


def read_topics(text: str) -> tuple[Topic, ...]:
    """Parses the text form of a bank.

    "# key | section | tags | role" starts a topic; "h l d q c" and a space start a headline, lead, detail, quote or
    closing; an indented line continues the one before.
    """
    joined = re.sub(r"\n +", " ", text.strip())
    topics = []
    for block in joined.split("# ")[1:]:
        head, *lines = block.strip().split("\n")
        key, section, tags, role = (part.strip() for part in head.split("|"))
        bank: dict[str, list[str]] = {name: [] for name in _FIELDS.values()}
        for line in lines:
            bank[_FIELDS[line[0]]].append(line[2:])
        sentences = {name: tuple(found) for name, found in bank.items()}
        topics.append(Topic(key, section, tuple(tag.strip() for tag in tags.split(",")), role, **sentences))
    return tuple(topics)
