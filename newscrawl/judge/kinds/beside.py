"""Edits beside the text: another picture, caption, link, video, or words struck out, raised or lowered.

None of these changes a word, so the content hash knows nothing of them. Each page has a digest of them;
where it differs, the earlier page is read again and the two are compared. Another size or address of the
same picture, tracking parameters and lazy loading are no change.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from newscrawl.errors import AddressError
from newscrawl.judge.diff.tokens import same_to_reader
from newscrawl.model import Article, ChangeKind, Image
from newscrawl.text import normal
from newscrawl.urls import canonical

_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|heic)$", re.IGNORECASE)
# What addresses say of a picture's size or treatment: "640x400", "w640", "resize", "-scaled".
_SIZE = re.compile(
    r"(?<![^\W_])(?:\d{2,4}x\d{2,4}|[wh][_=]?\d{2,4}|q[_=]?(?:\d{1,3}|auto)|(?:c_(?:fill|fit|limit|scale|crop|thumb)|f_auto|g_(?:auto|face|center)|dpr_\d)|\d{2,4}[wp]|resize|resized|crop|fit|thumbs?|thumbnail|scaled|small|medium|large"
    r"|preview|original|webp)(?![^\W_])",
    re.IGNORECASE,
)
_SIZE_NAMES = frozenset(
    [
        "w",
        "h",
        "width",
        "height",
        "size",
        "q",
        "quality",
        "fit",
        "crop",
        "resize",
        "format",
        "fm",
        "auto",
        "dpr",
        "s",
        "sig",
        "signature",
        "token",
        "expires",
        "v",
        "ver",
    ]
)
# What a player is told: nothing of which video it plays.
_PLAYER = frozenset(
    [
        "autoplay",
        "mute",
        "muted",
        "loop",
        "rel",
        "controls",
        "showinfo",
        "modestbranding",
        "enablejsapi",
        "origin",
        "playsinline",
        "start",
        "wmode",
        "iv_load_policy",
    ]
)
_DISTINCT = 8  # letters of a file name from which it names a picture by itself


@dataclass(frozen=True, slots=True)
class BesideDiff:
    """A change of one kind beside the text: addresses, captions or marked words that went, and those that came."""

    kind: ChangeKind
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def digest(article: Article) -> str:
    """A short name of all that stands beside an article's text: equal where nothing of it changed."""
    found = hashlib.sha256()
    for line in _lines(article):
        found.update(f"{line}\x1e".encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:40]


def kinds(old: Article, new: Article) -> tuple[ChangeKind, ...]:
    """What changed beside the text between two readings by the same extractor; empty if nothing did."""
    return tuple(difference.kind for difference in differences(old, new))


def differences(old: Article, new: Article) -> tuple[BesideDiff, ...]:
    """What each kind of change beside the text took away and brought; a kind without a change is left out."""
    return (*pictures(old.images, new.images), *_links(old, new), *_marks(old, new))


def pictures(old: Sequence[Image], new: Sequence[Image]) -> Iterator[BesideDiff]:
    """Pictures that only one side has, and captions that were rewritten."""
    pairs, gone, come = _paired(old, new)
    if gone or come:
        yield BesideDiff(
            ChangeKind.IMAGE, tuple(image.url for image in gone), tuple(image.url for image in come)
        )
    # A caption that only one reading has may not have been found in the other.
    rewritten = [
        (was.caption, now.caption)
        for was, now in pairs
        if was.caption and now.caption and not same_to_reader(was.caption, now.caption)
    ]
    if rewritten:
        yield BesideDiff(
            ChangeKind.CAPTION, tuple(was for was, _ in rewritten), tuple(now for _, now in rewritten)
        )


def _links(old: Article, new: Article) -> Iterator[BesideDiff]:
    before, after = Counter(map(_target, old.beside.links)), Counter(map(_target, new.beside.links))
    if before != after:
        yield BesideDiff(
            ChangeKind.LINK, tuple((before - after).elements()), tuple((after - before).elements())
        )


def _marks(old: Article, new: Article) -> Iterator[BesideDiff]:
    before, after = Counter(_marked(old)), Counter(_marked(new))
    if before != after:
        gone, come = ((one - other).elements() for one, other in ((before, after), (after, before)))
        yield BesideDiff(
            ChangeKind.MARKUP,
            tuple(f"{how}: {text}" for how, text in gone),
            tuple(f"{how}: {text}" for how, text in come),
        )


def _lines(article: Article) -> Iterator[str]:
    for image in article.images:
        yield f"image {_names(image.url)[0]} {normal(image.caption)}"
    yield from sorted(f"link {_target(link)}" for link in article.beside.links)
    yield from sorted(f"{tag} {text}" for tag, text in _marked(article))


def _marked(article: Article) -> list[tuple[str, str]]:
    return [(tag, normal(text)) for tag, text in article.beside.markup]


def _paired(
    old: Sequence[Image], new: Sequence[Image]
) -> tuple[list[tuple[Image, Image]], list[Image], list[Image]]:
    """The pictures that both have, those that only the old side has, and those that only the new one has."""
    gone: list[Image] = []
    left = list(new)
    pairs: list[tuple[Image, Image]] = []
    for was in old:
        now = next((image for image in left if _same(was.url, image.url)), None)
        if now is None:
            gone.append(was)
        else:
            left.remove(now)
            pairs.append((was, now))
    return pairs, gone, left


def _same(one: str, other: str) -> bool:
    first, second = _names(one), _names(other)
    return first[0] == second[0] or (first[1] == second[1] and len(first[1]) >= _DISTINCT)


def _names(address: str) -> tuple[str, str]:
    """A picture's address without host, size and signature, and its file name."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    name = path.rpartition("/")[2]
    bare = "/".join(
        part for part in (re.sub(r"[-_.=,]+$", "", _SIZE.sub("", p)) for p in path.split("/")) if part
    )
    query = ""
    if not _PICTURE.search(name):  # the picture may be named by the query alone
        query = "&".join(f"{k}={v}" for k, v in parse_qsl(parts.query) if k.lower() not in _SIZE_NAMES)
    stem = _SIZE.sub("", name.rpartition(".")[0] or name).strip("-_.").casefold()
    # A picture is the same one in a newer format.
    return f"{_PICTURE.sub('', bare)}?{query}".casefold(), stem


def _target(link: str) -> str:
    """Where a link leads, or which video is shown, whatever its player is told to do."""
    try:
        found = canonical(link)
    except AddressError:
        return link
    before, mark, query = found.partition("?")
    kept = [pair for pair in query.split("&") if pair.partition("=")[0].lower() not in _PLAYER]
    return before + (mark + "&".join(kept) if kept and query else "")
