"""Times searches in archives of several sizes, through the functions that /search and `newscrawl search` call.

    python benchmarks/search.py [VERSIONS…] [--folder DIR] [--database URL-OF-AN-EMPTY-DATABASE]

Fills an archive with made-up texts in Russian, Kazakh and English (words by Zipf's law with the endings of their language,
80 of them a text; a fifth of the versions are edits of the one before), lets the program make the index of it, and asks
common words, rare names, phrases and two words, each alone and with every filter. Printed are the median, the 95th percentile
and the worst of the milliseconds a search takes: of the processor, and by the clock. An archive that is in the folder already
is used again.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.first_pages import Pages
from newscrawl.model.search import SearchResult
from newscrawl.search.indexing import update
from newscrawl.search.searching import Order, search
from newscrawl.store.archive import open_archive
from newscrawl.store.copy import copying
from newscrawl.store.engine import open_engine, sqlite_path
from newscrawl.store.search.store import SearchStore
from newscrawl.store.types import key_hash
from newscrawl.web.archive import WebArchive

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEARS = 5
SIZES = (10_000, 100_000, 1_000_000)
PAGE = 20
EDITED = 5  # one version of so many is an edit
_LEXEMES = 30_000  # of a language
_BLOCK = 10_000  # rows in one statement

# The words that stand most often, then what others are made of: syllables and endings of the language.
_LANGUAGES = {
    "ru": (
        ["и", "в", "на", "с", "что", "по", "не", "для", "о", "из", "его", "как", "от", "к", "это", "у", "также", "был", "за", "при", "но", "она", "года", "после", "который", "сказал", "время", "может", "уже", "все", "России", "Казахстана", "области", "города", "правительство", "президент", "министр", "закон", "суд", "рынок", "цены", "дорога", "школа"],
        ["ба", "ве", "го", "ди", "ка", "ле", "мо", "ни", "по", "ра", "со", "те", "ву", "за", "жи", "кре", "сто", "пла", "гра", "дво", "шко", "тре", "мар", "лен", "вод", "кон", "пер", "рас", "тор", "нос"],
        ["", "а", "у", "ом", "е", "и", "ов", "ами", "ы", "ой", "ого", "ому", "ые", "ых", "ться", "л", "ла", "ли", "ет", "ют", "ный", "ная"],
    ),
    "kk": (
        ["және", "бұл", "мен", "үшін", "деп", "бойынша", "болды", "жылы", "туралы", "қазақстан", "осы", "да", "де", "екен", "бар", "жаңа", "ең", "көп", "кейін", "ал", "сол", "өз", "жоқ", "президент", "үкімет", "министр", "заң", "сот", "нарық", "баға", "жол", "мектеп", "қала", "облыс"],
        ["ба", "қа", "жа", "та", "са", "ма", "ла", "де", "ке", "же", "те", "се", "ме", "ле", "бо", "қо", "жо", "то", "қы", "жы", "ты", "кі", "жі", "ті", "тұ", "құ", "өз", "күн", "жер", "бал", "тас", "қар", "сөз", "мек"],
        ["", "лар", "дар", "тар", "ы", "і", "ның", "дың", "тың", "ға", "қа", "ге", "ке", "да", "та", "де", "те", "дан", "тан", "мен", "пен", "сы", "сі", "ған", "ген", "ды", "ді"],
    ),
    "en": (
        ["the", "of", "and", "to", "in", "a", "that", "is", "was", "for", "on", "said", "with", "as", "by", "at", "from", "it", "has", "be", "not", "are", "this", "after", "who", "government", "president", "minister", "law", "court", "market", "price", "road", "school", "city", "region", "year", "people"],
        ["ba", "ce", "do", "fi", "ga", "hol", "in", "ju", "ker", "lo", "mar", "nes", "op", "per", "qui", "ras", "sto", "tre", "un", "ver", "wil", "ex", "yar", "zen", "con", "dis", "pro", "tion", "ment"],
        ["", "s", "ed", "ing", "er", "ers", "ly", "ness", "al"],
    ),
}  # fmt: skip
_SOURCES = ("orda", "vlast", "tengri", "kursiv", "azattyk")
_NAMES = [
    "Ахмет",
    "Серик",
    "Данияр",
    "Айгүл",
    "Анна",
    "Иван",
    "Мария",
    "Ержан",
    "Асель",
    "Олег",
    "Жанна",
    "Болат",
    "Гүлнар",
    "Тимур",
    "Ольга",
    "Нұрлан",
]
_FAMILIES = ("ов", "ова", "ев", "ева", "ин", "ұлы", "қызы", "бай", "енко", "ский")
_PEOPLE = 3000
_SENTENCES = 50_000  # of a language, of which texts are made
_SUBJECTS = 20_000  # people that texts name, a few times each
_KINDS = ("numbers", "quotes", "correction", "headline", "extended", "shortened")
_FILTERS = (
    "", "author:{author}", "source:vlast", "lang:{language}", "after:2026-04", "after:2023-03-17", "state:removed",
    "changed:numbers",
)  # fmt: skip


# --- texts --------------------------------------------------------------------------------------


class Texts:
    """Made-up texts of one language. What a seed gives is the same on every machine."""

    def __init__(self, language: str, seed: int) -> None:
        self.language = language
        self.random = random.Random(f"{seed} {language}")
        common, syllables, endings = _LANGUAGES[language]
        lexemes = list(common)
        while len(lexemes) < _LEXEMES:
            lexemes.append("".join(self.random.choices(syllables, k=self.random.choice((2, 2, 3, 3, 4)))))
        self._words = []
        self._weights = []
        for rank, lexeme in enumerate(lexemes, 2):  # Zipf's law; a lexeme's forms share its weight
            forms = (
                [lexeme]
                if rank < len(common) + 2
                else [lexeme + end for end in self.random.sample(endings, 4)]
            )
            self._words += forms
            self._weights += [1 / rank / len(forms)] * len(forms)
        self._weights = list(accumulate(self._weights))
        self.subjects = [_person(self.random) for _ in range(_SUBJECTS)]
        self._sentences = [" ".join(self.some(12)) + "." for _ in range(_SENTENCES)]

    def word(self, share: float) -> str:
        """A word that is about so far down the list, from 0 for the commonest to 1."""
        return self._words[bisect(self._weights, share * self._weights[-1], 0, len(self._words) - 1)]

    def some(self, number: int) -> list[str]:
        """Words in a row."""
        return self.random.choices(self._words, cum_weights=self._weights, k=number)

    def article(self) -> tuple[str, str]:
        """A headline and a text: one sentence of its own that names somebody and a figure, the others of a stock of them."""
        pick = self.random
        own = [*self.some(9), pick.choice(self.subjects), str(pick.randrange(2, 9000))]
        others = pick.choices(self._sentences, k=min(max(int(pick.lognormvariate(1.8, 0.5)), 2), 30))
        return " ".join(own[:7]).capitalize(), "\n\n".join([" ".join(own) + ".", *others])


def _person(pick: random.Random) -> str:
    syllables = _LANGUAGES["ru"][1]
    family = "".join(pick.choices(syllables, k=3)) + pick.choice(_FAMILIES)
    return f"{pick.choice(_NAMES)} {family.capitalize()}"


# --- the archive --------------------------------------------------------------------------------


def fill(path: Path, number: int, seed: int = 1) -> None:
    """A SQLite archive with so many versions, written into its tables; oldest first, as a crawl would."""
    open_archive(f"sqlite:///{path}").dispose()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000"
    )
    pick = random.Random(seed)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO sources (id, name, added) VALUES (?, ?, ?)",
        [(i, name, _instant(NOW)) for i, name in enumerate(_SOURCES, 1)],
    )
    people = sorted({_person(pick) for _ in range(_PEOPLE)})
    connection.executemany(
        "INSERT INTO people (id, name, kind, name_hash) VALUES (?, ?, 'person', ?)",
        [(i, name, key_hash(name)) for i, name in enumerate(people, 1)],
    )
    made = _rows(number, pick, len(people), [Texts(language, seed) for language in ("ru", "ru", "kk", "en")])
    done = False
    while not done:
        tables: tuple[list[tuple[object, ...]], ...] = ([], [], [])
        done = True
        for rows in made:
            for table, row in zip(tables, rows, strict=True):
                if row:
                    table.append(row)
            if len(tables[1]) >= _BLOCK:
                done = False
                break
        for statement, block in zip(_INSERTS, tables, strict=True):
            connection.executemany(statement, block)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


_INSERTS = (
    (
        "INSERT OR REPLACE INTO articles (id, source_id, edition, url, url_key, url_hash, state, state_since, first_seen, last_seen, "
        "last_checked, last_changed, checks, version, title, published) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 3, ?, ?, ?)"
    ),
    (
        "INSERT INTO versions (id, article_id, number, at, content_hash, kinds, title, body, published, tags, images, alternates, "
        "page_type, origins, extractor, language) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', '[]', '{}', 'article', '{}', 'e/1', ?)"
    ),
    "INSERT INTO version_authors (version_id, position, person_id, role) VALUES (?, 0, ?, 'author')",
)


def _rows(
    number: int, pick: random.Random, people: int, texts: Sequence[Texts]
) -> Iterator[tuple[tuple[object, ...], ...]]:
    """Of each version the rows of its article, of itself and of its author (none for some)."""
    start, step = NOW - timedelta(days=365 * YEARS), timedelta(days=365 * YEARS) / number
    article = 0
    while_known: list[tuple[int, str, Texts, str, str, datetime, int, int]] = []
    for version in range(1, number + 1):
        at = start + version * step
        if version % EDITED == 0 and while_known:
            last = while_known.pop(pick.randrange(len(while_known)))
            id_, edition, of, title, body, published, count, author = last
            words = body.split(" ")
            place = pick.randrange(len(words))
            words[place : place + 12] = of.some(12)
            body, count, kinds = " ".join(words), count + 1, json.dumps([pick.choice(_KINDS)])
        else:
            article += 1
            id_, of, published, count, kinds = article, pick.choice(texts), at, 1, "[]"
            edition, author = of.language, pick.randrange(people) + 1
            title, body = of.article()
        if len(while_known) < 2000:
            while_known.append((id_, edition, of, title, body, published, count, author))
        url = f"https://bench.example/{edition}/{id_}"
        state = "removed" if pick.random() < 0.005 else "live"
        said, first = _instant(at), _instant(published)
        yield (
            (id_, 1 + id_ % len(_SOURCES), edition, url, url, key_hash(url), state, said, first, said, said, said, count, title, first),
            (version, id_, count, said, f"1{version}", kinds, title, body, first, of.language),
            (version, author) if version % 7 else (),
        )  # fmt: skip


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


# --- questions ----------------------------------------------------------------------------------


def questions(path: Path, seed: int = 1) -> dict[str, list[str]]:
    """Searches by their kind: words by how common they are; names, phrases and authors out of the archive itself."""
    connection = sqlite3.connect(path)
    highest = connection.execute("SELECT max(id) FROM versions").fetchone()[0]
    pick = random.Random(seed + 1)
    found: dict[str, list[str]] = {"common word": [], "rare name": [], "phrase": [], "two words": []}
    for language in ("ru", "kk", "en"):
        texts = Texts(language, seed)
        rows = []
        while len(rows) < 3:
            row = connection.execute(
                "SELECT body, name FROM versions JOIN version_authors ON version_id = versions.id JOIN people ON people.id = person_id "
                "WHERE versions.id >= ? AND language = ? LIMIT 1",
                (pick.randrange(1, highest), language),
            ).fetchone()
            if row is not None:
                rows.append(row)
        words = rows[0][0].replace(".", " ").split()[:11]
        at = pick.randrange(8)
        author = rows[1][1].split()[-1]
        asked = {
            "common word": [texts.word(0.01), texts.word(0.3)],
            "rare name": [pick.choice(texts.subjects).split()[-1]],
            "phrase": [f'"{words[at]} {words[at + 1]}"', f'"{texts.word(0.03)} {texts.word(0.06)}"'],
            "two words": [f"{texts.word(0.1)} {texts.word(0.4)}", f"{texts.word(0.4)} {texts.word(0.8)}"],
        }
        for (kind, few), narrowed in product(asked.items(), _FILTERS):
            said = narrowed.format(author=author, language=language)
            found[kind] += [f"{one} {said}".strip() for one in few]
    connection.close()
    return found


@dataclass(frozen=True, slots=True)
class Spent:
    """What one search took, in milliseconds: of the processor, and by the clock."""

    cpu: float
    clock: float


def ask(url: str, found: dict[str, list[str]]) -> None:
    """Prints what the searches take, by kind and by the way they are asked."""
    archive, web = WebArchive(url, lambda: NOW), Pages(url)

    def first_page(asked: str) -> SearchResult:
        with archive.search() as store:
            return search(store, asked, now=NOW, limit=PAGE)

    def by_date(asked: str) -> SearchResult:
        with archive.search() as store:
            return search(store, asked, now=NOW, limit=PAGE, offset=4 * PAGE, order=Order.DATE)

    def command(asked: str) -> SearchResult:
        with SearchStore(url, write=True) as store:
            update(store, seconds=5)
            return search(store, asked, now=NOW, limit=10)

    def page(asked: str) -> bytes:
        return web.get("/search", {"q": asked})

    everything = [one for of_kind in found.values() for one in of_kind]
    rows = [(f"/search, {kind}", first_page, asked) for kind, asked in found.items()]
    rows += [("/search, all", first_page, everything), ("/search, fifth page by date", by_date, everything)]
    rows += [("newscrawl search, all", command, everything), ("/search, whole page", page, everything)]
    print(
        f"  {'milliseconds':32}{'n':>5}{'CPU median':>12}{'95 %':>8}{'worst':>8}{'clock median':>14}{'95 %':>8}"
    )
    for name, question, asked in rows:
        spent = [_took(lambda one=one, question=question: question(one)) for one in asked]
        cpu, clock = sorted(one.cpu for one in spent), sorted(one.clock for one in spent)
        print(
            f"  {name:32}{len(spent):5}{statistics.median(cpu):12.1f}{_of(cpu, 0.95):8.1f}{cpu[-1]:8.1f}"
            f"{statistics.median(clock):14.1f}{_of(clock, 0.95):8.1f}",
            flush=True,
        )
        if question is first_page and name.endswith("all"):
            worst = sorted(zip(spent, asked, strict=True), key=lambda pair: -pair[0].cpu)[:5]
            for one, text in worst:
                print(f"      {one.cpu:.0f} ms: {text}")
    web.close()


def _took(question: Callable[[], object]) -> Spent:
    """The better of two times: another program may have had the processor in one of them."""
    taken = []
    for _ in range(2):
        cpu, clock = time.process_time(), time.perf_counter()
        question()
        taken.append(Spent((time.process_time() - cpu) * 1000, (time.perf_counter() - clock) * 1000))
    return min(taken, key=lambda one: one.clock)


def _of(values: Sequence[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)]


@contextmanager
def _timed(what: str) -> Iterator[None]:
    cpu, clock = time.process_time(), time.monotonic()
    yield
    print(
        f"  {what}: {time.monotonic() - clock:.0f} s ({time.process_time() - cpu:.0f} s of CPU)", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES), metavar="VERSIONS")
    parser.add_argument("--folder", help="keep the files here, and use those that are there")
    parser.add_argument(
        "--database", help="address of an empty PostgreSQL database that gets a copy and is asked as well"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for number in given.sizes:
            path = Path(given.folder or temporary) / f"search-{number}.db"
            print(f"{number:,} versions", flush=True)
            if not path.exists():
                with _timed("written"):
                    fill(path, number)
            _ask_all(f"sqlite:///{path}", questions(path))
            if given.database:
                here, there = open_engine(f"sqlite:///{path}"), open_engine(given.database)
                copying.copy(here, there)
                here.dispose()
                there.dispose()
                print("  PostgreSQL")
                _ask_all(given.database, questions(path))


def _ask_all(url: str, found: dict[str, list[str]]) -> None:
    with SearchStore(url, write=True) as store, _timed("index made"):
        update(store)
    if (path := sqlite_path(url)) is not None:
        sizes = [file.stat().st_size / 1e6 for file in (path, path.with_name(f"{path.stem}.search.db"))]
        print(f"  archive {sizes[0]:,.0f} MB, index {sizes[1]:,.0f} MB")
    ask(url, found)


if __name__ == "__main__":
    sys.exit(main())
