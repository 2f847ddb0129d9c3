"""A made-up archive for tests that read: articles are edited, removed, returned and removed again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from newscrawl.model import Alias, AliasKind, ChangeKind, Signal, State, VerdictKind
from tests.support.factory import BODIES, START, TITLES, address, press

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVIL = "Mayor\x1b]0;owned\x07 \x1b[31mspeaks\x9b2J \u202egnp.exe"
CLOSED = "Bridge closed again"
WET = BODIES["en"].replace("84 metres", "86 metres")

# What texts may hold, and what stands for what no database holds.
ODD = [
    "",
    "\\N",
    "tab\tand\nline\r\nand \\ and \\. and \x01\x7f",
    "Қазақстан Өзгерістер 中 🗞 e\u0301",
    "nul\x00here",
    "half \ud83d pair",
    "'\"); DROP TABLE articles; --",
    "long " * 20_000,
]
# The same table may be referred to by earlier rows; JSON null is not an empty column; texts of JSON stay as written.
AWKWARD = """
    UPDATE captures SET refers_to_id = (SELECT max(id) FROM captures) WHERE id = 1;
    UPDATE listing_reads SET shown_id = id;
    UPDATE listings SET walk = 'null';
    UPDATE runs SET counts = '{"b": 1.50, "a":  [1e3, "\\u0000", true]}' WHERE id = 1;
    UPDATE runs SET finished = started WHERE finished IS NULL;
    UPDATE observations SET controls_fine = NULL WHERE id = 1;
    UPDATE observations SET controls_fine = 0 WHERE id = 2;
    UPDATE articles SET published = '0001-01-01 00:00:00.000001' WHERE id = 1;
    UPDATE articles SET published = '9998-12-31 23:59:59.999999' WHERE id = 2
"""


def fill(url: str) -> None:
    """Articles 1 (edited, and back), 2 (removed), 3 (blinked), 4 (removed, back edited, gone again), 5 (hostile), 6 (other source)."""
    with press(url) as bereke:
        alias = Alias("https://s.example/b", AliasKind.REDIRECT, "https://s.example/b")
        bereke.read_listing(
            "en", [(address("en", 1), "A new bridge"), (address("en", 2), "Second")], at=START
        )
        bereke.publish("en", 1, at=START, aliases=[alias])
        bereke.publish("ru", 1, at=START)
        bereke.publish("kk", 1, at=START)
        bereke.publish("en", 2, at=START)
        bereke.publish("en", 5, at=START, title=EVIL, body=f"{EVIL}\n\nSecond.")
        for hours in (1, 2, 3):
            bereke.check("en", 1, at=START + hours * HOUR, kind=VerdictKind.NOT_MODIFIED)
        bereke.edit("en", 1, at=START + 4 * HOUR, title=CLOSED)
        bereke.next_run(START + 5 * HOUR)
        bereke.check("ru", 1, at=START + 5 * HOUR, kind=VerdictKind.FAILED, reason="timeout")
        bereke.check("ru", 1, at=START + 6 * HOUR, kind=VerdictKind.FAILED, reason="timeout")
        bereke.vanish("kk", 1, at=START + 6 * HOUR)
        bereke.check("kk", 1, at=START + 8 * HOUR, kind=VerdictKind.RETURNED)
        bereke.next_run(START + DAY)
        bereke.publish("ru", 2, at=START + DAY)  # what answers while the other is gone
        bereke.vanish("ru", 1, at=START + DAY)
        bereke.vanish("en", 2, at=START + DAY, signal=Signal.GONE)
        bereke.edit(
            "en", 1, at=START + DAY, title=CLOSED, body=WET, kinds=(ChangeKind.BODY, ChangeKind.NUMBERS)
        )
        bereke.next_run(START + 2 * DAY)
        bereke.vanish("ru", 1, at=START + DAY + 12 * HOUR)
        bereke.vanish("en", 2, at=START + DAY + 12 * HOUR, signal=Signal.GONE)
        bereke.vanish("ru", 1, at=START + 2 * DAY, state=State.REMOVED)
        bereke.vanish("en", 2, at=START + 2 * DAY, signal=Signal.GONE, state=State.REMOVED)
        bereke.edit(
            "en",
            1,
            at=START + 2 * DAY,
            title=f"{TITLES['en']} (1)",
            kinds=(ChangeKind.HEADLINE, ChangeKind.BODY, ChangeKind.NUMBERS),
            returns_to=1,
        )
        bereke.edit("en", 2, at=START + 3 * DAY, title="Second, edited")
        bereke.vanish("ru", 1, at=START + 4 * DAY, state=State.REMOVED)
        bereke.edit("en", 5, at=START + 4 * DAY, title="Calm", body=f"{EVIL}\n\nThird {EVIL}.")
        bereke.vanish("en", 2, at=START + 5 * DAY)
        bereke.finish(START + 6 * DAY)
    with press(url, "other") as other:
        other.publish("en", 7)
        other.vanish("en", 7, at=START + HOUR)


def fill_awkwardly(url: str) -> None:
    """The same in a SQLite file, and a third source with everything that is awkward to keep, to copy or to show."""
    fill(url)
    with press(url, "odd", start=START + 9 * DAY) as odd:
        for number, words in enumerate(ODD, 1):
            odd.publish("kk", number, title=words, body=words + ".", tags=(words, "b"), section=words)
        odd.finish(START + 9 * DAY, reason=ODD[3])
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.executescript(AWKWARD)
        connection.commit()
