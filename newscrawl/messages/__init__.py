"""Words for people in English, Russian and Kazakh: one catalogue, with dates, numbers and plurals of each language.

A message is called by its English text, so that code and templates stay readable; what stands for it in the other two
languages is in `catalogue`. Sentences are built so that no ending hangs on a value: neither Kazakh vowel harmony nor
Russian cases could be right for every name or date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from newscrawl.messages.catalogue import MESSAGES
from newscrawl.messages.nouns import NOUNS, NUMBERS
from newscrawl.messages.reasons import translated
from newscrawl.model import Precision

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}

_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
           "ноября", "декабря"),
    "kk": ("қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан",
           "қараша", "желтоқсан"),
}  # fmt: skip
# As CLDR writes long dates.
_DATES = {"en": "{day} {month} {year}", "ru": "{day} {month} {year} г.", "kk": "{year} ж. {day} {month}"}
_GROUPS = {"en": ",", "ru": "\u00a0", "kk": "\u00a0"}
_PERCENT = {"en": "%", "ru": "\u00a0%", "kk": "%"}
_COLUMN = {"ru": 0, "kk": 1}


@dataclass(frozen=True, slots=True)
class Words:
    """Says messages in `language`; with `exact` dates are ISO 8601, as in a terminal, where they are copied and sorted."""

    language: str
    exact: bool = False

    def __call__(self, message: str, /, **values: object) -> str:
        """A message with its values, each put in as text. Raises KeyError for a message that the catalogue lacks."""
        text = self.template(message)
        return text.format(**values) if values else text

    def template(self, message: str) -> str:
        """A message whose values are still to be put in."""
        return message if self.language == "en" else MESSAGES[message][_COLUMN[self.language]]

    def known(self, text: str) -> str:
        """What the catalogue has for a text, else the text: for names that an archive may hold and we do not know."""
        return self.template(text) if text in MESSAGES else text

    def reason(self, text: str) -> str:
        """A reason that the archive wrote down in English, in this language; in English where a part of it is unknown."""
        if self.language == "en":
            return text
        return translated(text, _COLUMN[self.language], self.known) or text

    def counted(self, number: int, noun: str) -> str:
        """A number with its noun in the right form: "1 article", "22 статьи", "5 мақала"."""
        return f"{self.number(number)} {NOUNS[noun][self.language][plural(self.language, number)]}"

    def named(self, message: str, number: int, /, **values: object) -> str:
        """A sentence that depends on a number, from `NUMBERS`."""
        forms = NUMBERS[message][self.language]
        return forms[plural(self.language, number)].format(n=self.number(number), **values)

    def number(self, value: float | None, unknown: str = "") -> str:
        """A whole number with its groups: "1,234", "1 234"; `unknown` for None."""
        return unknown if value is None else f"{value:,.0f}".replace(",", _GROUPS[self.language])

    def percent(self, share: float | None) -> str:
        """A share of one as "98%"; "" for None."""
        return "" if share is None else f"{share * 100:.0f}{_PERCENT[self.language]}"

    def day(self, value: date) -> str:
        """A day: "8 April 2026", "8 апреля 2026 г.", "2026 ж. 8 сәуір"."""
        if self.exact:
            return f"{value:%Y-%m-%d}"
        month = _MONTHS[self.language][value.month - 1]
        return _DATES[self.language].format(day=value.day, month=month, year=value.year)

    def instant(self, value: datetime | None) -> str:
        """One of our own instants, to the minute and in UTC."""
        if value is None:
            return self("unknown")
        at = value.astimezone(UTC)
        return f"{self.day(at)}{' ' if self.exact else ', '}{at:%H:%M} UTC"

    def stated(self, value: datetime | None, precision: Precision | None = None) -> str:
        """A publisher's instant in the publisher's own offset; the day alone where no more is known; "" for None."""
        if value is None:
            return ""
        if precision is Precision.DAY:
            return self.day(value)
        if self.exact:
            return value.isoformat(" ", "minutes")
        offset = value.strftime("%z")
        zone = "UTC" if offset in ("", "+0000") else f"UTC{offset[:3]}:{offset[3:5]}"
        return f"{self.day(value)}, {value:%H:%M} {zone}"


def plural(language: str, number: int) -> int:
    """Which form of a noun stands behind a number: the rules of CLDR for whole numbers."""
    last, two = number % 10, number % 100
    if language == "ru":
        if last == 1 and two != 11:
            return 0
        return 1 if last in (2, 3, 4) and two not in (12, 13, 14) else 2
    if language == "en":
        return 0 if number == 1 else 1
    return 0  # Kazakh counts in the singular


PLAIN = Words("en", exact=True)  # what commands print
