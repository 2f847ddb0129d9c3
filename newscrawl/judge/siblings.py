"""Which articles of one outlet tell the same story in other languages: stated by pages, or suggested by the texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from newscrawl.errors import AddressError
from newscrawl.model import ArticleRecord
from newscrawl.text import clean
from newscrawl.urls import canonical

# Editions translate within a day or two; later ones are other stories about the same people.
APART = timedelta(hours=72)
# The least score for a link to be proposed, and the lead the best candidate needs over the next: without it the
# best one is a guess, and guesses are not shown.
ENOUGH, MARGIN = 0.6, 0.05

_IMAGE, _NUMBERS, _NAMES = 0.75, 0.6, 0.7  # the most that each kind of evidence counts alone
_FULL = 4  # from this many numbers or names in common the share counts in full
_MOST = 80  # names of one text compared

_SIZE = re.compile(r"[-_]\d{2,4}x\d{2,4}(?=\.|$)|[-_](?:scaled|thumb|small|large|cover)(?=\.|$)")
_NUMBER = re.compile(r"\d{1,3}(?:[   ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_START = re.compile(r"(?:^|[.!?…:\n«“\"„(–—-])\s*$")
_LATIN = str.maketrans(
    {
        **dict(zip("абвгдезиклмнопрстуфхыэ", "abvgdeziklmnoprstufhie", strict=True)),
        **dict(zip("әғқңөұүһі", "agknouuhi", strict=True)),
        "ё": "e", "ж": "j", "й": "i", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "u", "я": "a",
        **dict(zip("áǵńóúıñğşäöüûçéèêâîôãõ", "agnouingsaouuceeeaioao", strict=True)),
    }
)  # fmt: skip
_SOUNDS = (("kh", "h"), ("zh", "j"), ("dzh", "j"), ("dj", "j"), ("shch", "sh"), ("q", "k"), ("w", "v"), ("x", "ks"), ("ph", "f"), ("ck", "k"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of an article that are compared.

    `image` is the address of its lead picture; `addresses` are the keys of its own addresses, `alternates`
    those of the addresses that it names for other languages.
    """

    id: int
    edition: str
    published: datetime
    title: str | None
    body: str
    image: str | None = None
    addresses: frozenset[str] = frozenset()
    alternates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another edition's article about the same story: `stated` by a page, or proposed with a score (0 to 1)."""

    id: int
    stated: bool
    score: float
    reasons: tuple[str, ...] = field(default=())


def story_of(record: ArticleRecord) -> Story:
    """The parts of an archived article that are compared; an unknown publication is taken from the first sighting."""
    article = record.article
    return Story(
        id=record.id,
        edition=record.edition,
        published=article.published or record.first_seen,
        title=article.title,
        body=article.body,
        image=article.images[0].url if article.images else None,
        addresses=frozenset({record.url_key, *_keys([record.url, *record.aliases])}),
        alternates=frozenset(_keys(address for _, address in article.alternates)),
    )


def siblings(story: Story, others: Sequence[Story]) -> list[Sibling]:
    """The siblings of a story among others, at most one for each edition, stated ones first.

    An address that a page names as its alternate in another language counts in both directions. Otherwise the
    same lead picture, and numbers and names in common, within three days propose a link; it is returned only
    if it is clearly the best of its edition. A picture shared by several articles of an edition (a logo, a
    stock picture) does not count.
    """
    found: list[Sibling] = []
    foreign = [other for other in others if other.edition != story.edition]
    for edition in sorted({other.edition for other in foreign}):
        candidates = [other for other in foreign if other.edition == edition]
        named = [o for o in candidates if o.addresses & story.alternates or story.addresses & o.alternates]
        if named:
            nearest = min(named, key=lambda o: (_apart(story, o), o.id))
            found.append(Sibling(nearest.id, stated=True, score=1.0, reasons=("named by the page",)))
            continue
        scored = sorted(
            (_compared(story, other, candidates) for other in candidates), key=lambda s: (-s.score, s.id)
        )
        if scored and scored[0].score >= ENOUGH and (
            len(scored) == 1 or scored[0].score - scored[1].score >= MARGIN
        ):  # fmt: skip
            found.append(scored[0])
    return sorted(found, key=lambda s: not s.stated)


def _compared(story: Story, other: Story, rivals: Sequence[Story]) -> Sibling:
    apart = _apart(story, other)
    if apart > APART:
        return Sibling(other.id, stated=False, score=0.0)
    unexplained, reasons = 1.0, []
    picture = _picture(story.image)
    shared = sum(_picture(rival.image) == picture for rival in rivals)
    if picture and picture == _picture(other.image) and shared == 1:
        unexplained *= 1 - _IMAGE
        reasons.append("same picture")
    for worth, mine, theirs, name in (
        (_NUMBERS, _numbers(story), _numbers(other), "numbers"),
        (_NAMES, _names(story), _names(other), "names"),
    ):
        common = {n for n in mine if any(_alike(n, t) for t in theirs)}
        if len(common) >= 2:
            share = len(common) / min(len(mine), len(theirs))
            unexplained *= 1 - worth * min(1.0, share) * min(1.0, len(common) / _FULL)
            reasons.append(f"{len(common)} {name} in common")
    closeness = 1.0 if apart <= timedelta(hours=12) else 0.95 if apart <= timedelta(hours=24) else 0.85
    return Sibling(
        other.id, stated=False, score=round((1 - unexplained) * closeness, 3), reasons=tuple(reasons)
    )


def _keys(addresses: Iterable[str]) -> Iterator[str]:
    for address in addresses:
        with suppress(AddressError):
            yield canonical(address)


def _apart(one: Story, other: Story) -> timedelta:
    return abs(one.published - other.published)


def _picture(address: str | None) -> str | None:
    """The file name of a picture without its size: editions keep one file under several addresses."""
    if not address:
        return None
    name = unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2].lower()
    stem = _SIZE.sub("", name).rpartition(".")[0] or name
    return stem if len(stem) >= 8 else None  # "cover", "1", "image" may be any picture


def _numbers(story: Story) -> frozenset[str]:
    """The distinctive numbers of a story: no single digits and no years."""
    found = set()
    for match in _NUMBER.finditer(f"{story.title or ''}\n{story.body}"):
        number = re.sub(r"[\s ]", "", match[0]).replace(",", ".")
        whole = number.partition(".")[0]
        if (len(whole) >= 2 or "." in number) and not (len(number) == 4 and "1900" <= number <= "2099"):
            found.add(number)
    return frozenset(found)


def _names(story: Story) -> frozenset[str]:
    """Capitalised words inside sentences as Latin consonants: the same name looks alike in three alphabets."""
    text = clean(story.body) if "\n" not in story.body else story.body
    found: dict[str, None] = {}
    for match in _WORD.finditer(text):
        word = match[0]
        if (
            len(word) >= 4
            and word[0].isupper()
            and not _START.search(text[max(0, match.start() - 4) : match.start()])
        ):
            skeleton = _skeleton(word)
            if len(skeleton) >= 3:
                found[skeleton] = None
        if len(found) >= _MOST:
            break
    return frozenset(found)


def _skeleton(word: str) -> str:
    latin = word.casefold().translate(_LATIN)
    for sound, letter in _SOUNDS:
        latin = latin.replace(sound, letter)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[^bcdfghjklmnprstvz]", "", latin))


def _alike(one: str, other: str) -> bool:
    """Whether two numbers are equal, or two names apart from a case ending (one begins with the other)."""
    if one[0].isdigit() or other[0].isdigit():
        return one == other
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and len(longer) - len(shorter) <= 3
