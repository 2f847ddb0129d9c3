"""Soft 404: recognises a "not found" page that comes with status 200, whatever its language and wording.

The rule is `is_soft_404`: the page says so itself (the extractor's page type NOT_FOUND), or the host
answers the same for an address that cannot exist. That address (`nowhere`) is asked for once a run and
edition; two answers are `alike` if they lead to the same place, have the same title and at least four
fifths of their words in common, the words of the address asked for and all numbers left out. A soft
404 is the removal signal SOFT_404 (judge.removal); like every signal it counts only if control
articles answer properly (judge.controls).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from newscrawl.model import Fetch, FetchOutcome, PageType
from newscrawl.text import words

# Share of words two answers have in common, blocks of headlines and counters being allowed to move between them.
ALIKE = 0.8
_MOST_WORDS = 5000
_LONGEST_SEGMENT = 150

_CONSONANTS = "bcdfghjklmnpqrstvwxz"  # no word of any language comes out
_EXTENSION = re.compile(r"\.[A-Za-z]{2,5}$")
_PARTS = re.compile(r"\d+|[^\W\d_]|.", re.DOTALL)


def is_soft_404(page_type: PageType | None, as_missing: bool | None) -> bool:
    """Whether a page that came with status 200 says that nothing is there: by its text, or by being what every missing address gets.

    `as_missing` says whether it is like the answer for an address that cannot exist; None where that was not asked.
    """
    return bool(as_missing) or page_type is PageType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What two answers are compared by: where it was redirected (None: nowhere), its title and its words.

    `absent` says that the status itself is that of a missing page; `own` are the words of the address asked for.
    """

    absent: bool
    where: tuple[str, ...] | None
    title: tuple[str, ...]
    words: Counter[str]
    own: frozenset[str]


def nowhere(address: str, salt: str) -> str:
    """An address in the shape of an article's that cannot exist; always the same for the same `salt`.

    Letters of the last part of the path become consonants; its numbers get a digit more, so that no other piece is met.
    """
    parts = urlsplit(address)
    folder, slash, last = parts.path.rstrip("/").rpartition("/")
    end = parts.path[len(parts.path.rstrip("/")) :]
    name = unquote(last)
    extension = _EXTENSION.search(name)
    stem = name[: extension.start()] if extension else name
    dice = _dice(f"{salt} {address}")
    changed = "".join(_changed(stem[:_LONGEST_SEGMENT] or "x" * 12, dice))
    path = f"{folder}{slash or '/'}{quote(changed + (extension.group() if extension else ''))}{end}"
    query = re.sub(r"\d+", lambda found: "".join(_changed(found.group(), dice)), parts.query)
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def fingerprint(fetch: Fetch, title: str, texts: Iterable[str]) -> Fingerprint | None:
    """The fingerprint of an answer whose page has this title and these texts; None for outages and refusals.

    Of an answer whose status says that nothing is there title and texts do not count.
    """
    own = frozenset(words(unquote(urlsplit(fetch.url).path)))
    if fetch.outcome.is_absent:
        return Fingerprint(True, None, (), Counter(), own)
    if fetch.outcome is not FetchOutcome.OK:
        return None
    target = urlsplit(fetch.final_url)
    seen = islice((word for text in texts for word in words(text)), _MOST_WORDS)
    return Fingerprint(
        absent=False,
        where=tuple(words(unquote(f"{target.path} {target.query}"))) if fetch.redirects else None,
        title=tuple(words(title)),
        words=Counter(word for word in seen if not word.isdigit()),
        own=own,
    )


def alike(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two answers are the same but for the address and what moves at every visit."""
    if one.absent or other.absent:
        return one.absent and other.absent
    own = one.own | other.own
    if (one.where is None) != (other.where is None) or _without(one.where, own) != _without(other.where, own):
        return False
    if _without(one.title, own) != _without(other.title, own):
        return False
    first, second = (Counter({w: n for w, n in f.words.items() if w not in own}) for f in (one, other))
    return (first & second).total() >= ALIKE * max(first.total(), second.total())


def _without(found: tuple[str, ...] | None, own: frozenset[str]) -> tuple[str, ...]:
    return tuple(word for word in found or () if word not in own and not word.isdigit())


def _dice(salt: str) -> Iterator[int]:
    number = 0
    while True:
        yield from sha256(f"{number} {salt}".encode("utf-8", "surrogatepass")).digest()
        number += 1


def _changed(text: str, dice: Iterator[int]) -> Iterator[str]:
    for part in _PARTS.findall(text):
        if part.isdigit():
            yield "9" + "".join(str(next(dice) % 10) for _ in part)
        elif part.isalpha():
            yield _CONSONANTS[next(dice) % len(_CONSONANTS)]
        else:
            yield part
