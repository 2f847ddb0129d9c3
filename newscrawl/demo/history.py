"""The outlet and its scripted week: which pieces exist at an instant, and what happens to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice, pairwise
from random import Random

from newscrawl.demo import drafts
from newscrawl.demo.drafts import LEXICONS, Draft
from newscrawl.demo.lexicon.bank import Lexicon
from newscrawl.demo.newsroom import Plan, plan
from newscrawl.demo.pieces import ZONE_NAME, Dating, Event, EventKind, Piece, local
from newscrawl.demo.scripted import SCRIPTS, When
from newscrawl.demo.truth import Expected, expected

# Headlines on the front page and in the block below every article.
FRONT_PAGE_SIZE = 20
# Numbers of composed pieces of an edition: years old; before the first moment; over the week; in each burst.
_QUOTAS = {"en": (1, 7, 7, 0, 0), "ru": (2, 16, 5, 26, 0), "kk": (1, 7, 6, 0, 26)}
_FIRST_IDS = {"en": 9300, "ru": 412000, "kk": 157000}
_FIRST_MOMENT: When = (2, 10, 0)
_MOMENTS: tuple[When, ...] = (
    _FIRST_MOMENT,
    (2, 14, 0),
    (3, 9, 0),
    (3, 12, 30),  # the Russian edition is down
    (3, 18, 5),  # just after the burst
    (4, 10, 0),
    (4, 20, 0),
    (5, 12, 0),
    (6, 10, 0),
)
_OUTAGE: tuple[str, When, When] = ("ru", (3, 11, 0), (3, 15, 30))
_BURSTS: tuple[tuple[str, When, When], ...] = (
    ("ru", (3, 17, 0), (3, 18, 0)),
    ("kk", (5, 16, 0), (5, 17, 0)),
)
# From then on the sitemap of this edition does not change, so pieces that its second burst pushes off the front page are
# listed nowhere.
_FROZEN: tuple[str, When] = ("kk", (5, 9, 0))
# Every edition uses every way of dating a page.
_DATINGS = (
    Dating.JSON_LD,
    Dating.META,
    Dating.JSON_LD,
    Dating.VISIBLE,
    Dating.JSON_LD,
    Dating.BROKEN_JSON_LD,
    Dating.JSON_LD,
    Dating.VISIBLE_DAY,
    Dating.JSON_LD,
    Dating.META,
)


class Outlet:
    """The made-up outlet "Boztorgai" of the made-up town of Samalqala, in three editions.

    Everything is decided at creation from `seed` and `monday`, the day its week begins; all methods are
    pure functions of the instant asked for. Another seed gives other stories, addresses and page markup.
    """

    name = "Boztorgai"
    zone = ZONE_NAME
    editions: tuple[str, ...] = ("en", "ru", "kk")
    # The front page of these links to older pages; the others have a button, which only a browser can press.
    paged: tuple[str, ...] = ("en",)

    def __init__(self, seed: int = 1, *, monday: date = date(2026, 4, 6)) -> None:
        self.seed = seed
        self._monday = monday
        self._random = Random(f"boztorgai/{seed}")  # noqa: S311 (stories, not secrets)
        self.skin = f"{self._random.choice('bcdgklmnprstvz')}{self._random.choice('bcdgklmnprstvz')}"
        self._deck: list[tuple[int, int]] = []
        self._subjects: set[tuple[int, int, int]] = set()
        self._pieces = {edition: tuple(pieces) for edition, pieces in self._compose().items()}
        self.moments: tuple[datetime, ...] = tuple(self._instant(when).astimezone(UTC) for when in _MOMENTS)
        self._outage = (_OUTAGE[0], self._instant(_OUTAGE[1]), self._instant(_OUTAGE[2]))
        self._frozen = (_FROZEN[0], self._instant(_FROZEN[1]))

    def lexicon(self, edition: str) -> Lexicon:
        """The words of an edition."""
        return LEXICONS[edition]

    def pieces(self, edition: str) -> tuple[Piece, ...]:
        """Every piece the edition will ever have, oldest first."""
        return self._pieces[edition]

    def published(self, edition: str, at: datetime) -> list[Piece]:
        """The pieces available at that instant, newest first."""
        return [
            piece
            for piece in reversed(self._pieces[edition])
            if piece.version_at(at) is not None and piece.absence_at(at) is None
        ]

    def mapped(self, edition: str, at: datetime) -> list[Piece]:
        """The pieces in the edition's sitemaps at that instant, newest first."""
        where, since = self._frozen
        return self.published(edition, min(at, since) if edition == where else at)

    def listed(self, edition: str, at: datetime) -> list[Piece]:
        """The pieces on the front page or in sitemaps at that instant; feed and blocks list fewer."""
        newest = self.published(edition, at)[:FRONT_PAGE_SIZE]
        return [*newest, *(piece for piece in self.mapped(edition, at) if piece not in newest)]

    def gaps(self, observations: Sequence[datetime] | None = None) -> list[tuple[str, datetime, datetime]]:
        """(edition, from, to): times between two checks after which no channel lists everything that was published.

        `observations` are as in `truth`; by default all of `moments`.
        """
        found = []
        for edition in self.editions:
            seen = [
                observation
                for observation in observations or self.moments
                if not self.down(edition, observation)
            ]
            for begins, ends in pairwise(seen):
                there = self.listed(edition, ends)
                if any(p.published > begins and p not in there for p in self.published(edition, ends)):
                    found.append((edition, begins, ends))
        return found

    def down(self, edition: str, at: datetime) -> bool:
        """Whether this edition is in its scripted outage at that instant."""
        where, begins, ends = self._outage
        return edition == where and begins <= at < ends

    def truth(
        self, edition: str, at: datetime, observations: Sequence[datetime] | None = None
    ) -> list[Expected]:
        """Every piece published so far, newest first, with the fields an archive must contain.

        `observations` are the instants at which a crawler checked everything; by default all of `moments` up to `at`,
        and `at` itself. Checks during an outage find nothing, and a piece is not found before it is listed somewhere.
        """
        chosen = {
            observation
            for observation in (self.moments if observations is None else observations)
            if observation <= at
        }
        if observations is None:
            chosen.add(at)
        seen = [observation for observation in sorted(chosen) if not self.down(edition, observation)]
        listed = [{piece.path for piece in self.listed(edition, observation)} for observation in seen]

        def observations_at(piece: Piece) -> list[datetime]:
            first = next((n for n, paths in enumerate(listed) if piece.path in paths), len(seen))
            return seen[first:]

        pieces = reversed(self._pieces[edition])
        return [expected(piece, at, observations_at(piece)) for piece in pieces if piece.published <= at]

    def last_change(self, edition: str, at: datetime) -> datetime:
        """The latest instant up to `at` at which anything in the edition changed."""
        instants = (change for piece in self._pieces[edition] for change in piece.changes())
        return max((change for change in instants if change <= at), default=self._instant((1, 0, 0)))

    def events(self) -> list[Event]:
        """Everything that happens in the whole scripted time, in order."""
        return sorted(self._events(), key=lambda event: (event.at, event.edition, event.kind))

    def _events(self) -> Iterator[Event]:
        edits = {(script.name, script.edition): script.edits for script in SCRIPTS}
        for edition, pieces in self._pieces.items():
            for piece in pieces:
                first, *later = piece.versions
                yield Event(piece.published, edition, EventKind.PUBLISHED, piece.path, detail=first.title)
                scripted = edits.get((piece.event or "", edition), ())
                for edit, version in zip(scripted, later, strict=True):
                    yield Event(
                        version.at, edition, EventKind.EDITED, piece.path, edit.kinds, piece.event or ""
                    )
                for absence in piece.absences:
                    manner = absence.manner.value
                    yield Event(absence.begins, edition, EventKind.REMOVED, piece.path, detail=manner)
                    if absence.ends is not None:
                        yield Event(absence.ends, edition, EventKind.RETURNED, piece.path)
        where, begins, ends = self._outage
        yield Event(begins, where, EventKind.OUTAGE_BEGINS, detail="503")
        yield Event(ends, where, EventKind.OUTAGE_ENDS)
        for number, (edition, burst, _) in enumerate(_BURSTS, 3):
            count = f"{_QUOTAS[edition][number]} pieces within the hour"
            yield Event(self._instant(burst), edition, EventKind.BURST, detail=count)

    # --- composing ---

    def _instant(self, when: When) -> datetime:
        day, hour, minute = when
        midnight = datetime(self._monday.year, self._monday.month, self._monday.day, tzinfo=UTC)
        return local(midnight + timedelta(days=day - 1, hours=hour - 5, minutes=minute))

    def _compose(self) -> dict[str, list[Piece]]:
        scripted = {edition: self._scripted(edition) for edition in self.editions}
        composed = self._stories(range(4))
        pieces: dict[str, list[Piece]] = {}
        for edition in self.editions:
            everything = sorted(scripted[edition] + composed[edition], key=lambda draft: draft.published)
            pieces[edition] = list(self._finish(edition, everything, _FIRST_IDS[edition]))
        return self._with_second_burst(self._link(pieces, composed))

    def _with_second_burst(self, pieces: dict[str, list[Piece]]) -> dict[str, list[Piece]]:
        """All pieces with those of the second burst. It has its own random numbers, so the other pieces do not change."""
        edition = _BURSTS[1][0]
        self._random = Random(f"boztorgai/{self.seed}/second burst")  # noqa: S311
        late = self._finish(edition, self._stories([4])[edition], _FIRST_IDS[edition] + 2000)
        everything = sorted([*pieces[edition], *late], key=lambda piece: piece.published)
        return pieces | {edition: everything}

    def _scripted(self, edition: str) -> list[Draft]:
        scripts = [script for script in SCRIPTS if script.edition == edition]
        return [drafts.from_script(script, self._random, self._instant) for script in scripts]

    def _stories(self, periods: Sequence[int]) -> dict[str, list[Draft]]:
        """Composed pieces. About half of the English and Kazakh ones have the plan of a Russian one."""
        found: dict[str, list[Draft]] = {edition: [] for edition in self.editions}
        for period in periods:
            originals: list[tuple[datetime, Plan]] = []
            for edition in ("ru", "en", "kk"):
                instants = self._instants(period, _QUOTAS[edition][period])
                used: set[Plan] = set()
                for instant in instants:
                    earlier = [
                        original
                        for original in originals
                        if original[0] <= instant and original[1] not in used
                    ]
                    if edition == "ru":
                        day, story = instant, self._new_plan()
                        originals.append((day, story))
                    elif earlier and self._random.random() < 0.7:
                        day, story = earlier[-1]
                        used.add(story)
                    else:
                        day, story = instant, self._new_plan()
                    found[edition].append(drafts.from_plan(story, edition, instant, day, bare=period == 0))
        return found

    def _new_plan(self) -> Plan:
        """A story with a new subject; all topics and angles are used before any is repeated."""
        words = LEXICONS["en"]
        while True:
            if not self._deck:
                self._deck = [
                    (n, angle) for n, topic in enumerate(words.topics) for angle in range(len(topic.leads))
                ]
                self._random.shuffle(self._deck)
            story = plan(self._random, words, *self._deck.pop())
            if story.subject not in self._subjects:
                self._subjects.add(story.subject)
                return story

    def _instants(self, period: int, count: int) -> list[datetime]:
        """`count` distinct instants of one period, in order, in office hours."""
        first, last = (
            (self._instant((-860, 9, 0)), self._instant((-770, 18, 0))),
            (self._instant((-1, 9, 0)), self._instant((2, 9, 50))),
            (self._instant((2, 10, 20)), self._instant((6, 9, 40))),
            *((self._instant(first), self._instant(last)) for _, first, last in _BURSTS),
        )[period]
        instants: list[datetime] = []
        for number in range(count):
            # One instant in each of `count` equal intervals: evenly spread, never two at once.
            share = (number + 0.1 + 0.8 * self._random.random()) / count
            instant = local(first + share * (last - first)).replace(microsecond=0)
            if not 7 <= instant.hour < 22:
                instant = instant.replace(hour=8 if instant.hour < 7 else 21)
            instants.append(instant.replace(second=self._random.randint(1, 59)))
        return sorted(set(instants))

    def _finish(self, edition: str, found: Sequence[Draft], number: int) -> Iterator[Piece]:
        number += self._random.randrange(200)
        datings = islice(cycle(_DATINGS), self._random.randrange(len(_DATINGS)), None)
        for position, draft in enumerate(found):
            number += self._random.randint(1, 6)
            # A byline added later must replace an organisation that the page names as its author.
            dating = Dating.JSON_LD if draft.byline is False else next(datings)
            yield drafts.finish(
                draft, edition, self.name, self._random, number=number, position=position, dating=dating
            )

    @staticmethod
    def _link(pieces: dict[str, list[Piece]], found: dict[str, list[Draft]]) -> dict[str, list[Piece]]:
        """Sets each piece's translations: the pieces with the same plan."""
        plans = {
            edition: {draft.published: draft.plan for draft in group} for edition, group in found.items()
        }
        translations: dict[Plan, list[tuple[str, str]]] = {}
        for edition, group in pieces.items():
            for piece in group:
                story = plans[edition].get(piece.published)
                if story is not None:
                    translations.setdefault(story, []).append((edition, piece.path))

        def linked(edition: str, piece: Piece) -> Piece:
            story = plans[edition].get(piece.published)
            versions = translations[story] if story is not None else []
            others = tuple(entry for entry in versions if entry[0] != edition)
            return replace(piece, translations=others)

        return {edition: [linked(edition, piece) for piece in group] for edition, group in pieces.items()}
