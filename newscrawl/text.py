"""Text as the archive compares it: normal form, paragraphs, and the versioned content hash."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

from newscrawl.model import Content, Precision

HASH_VERSION = 1

# Invisible characters. Some join Arabic or Indic letters: drop them when measuring text, not when storing it.
HIDDEN = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\ufffc\ufe0f]")

# The same, without the marks that make one sign of several: joiners between letters of scripts that need them
# (Arabic, Indic, Mongolian) and between emoji, and the selector that makes an emoji of a symbol.
_SIGNS = "\u0590-\u1cff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_MEANINGLESS = re.compile(
    "[\u00ad\u200b\u2060\ufeff\u200e\u200f\ufffc]"
    f"|(?<![{_SIGNS}])[\u200c\u200d]|[\u200c\u200d](?![{_SIGNS}])|(?<![\u2190-\u2bff\U0001f000-\U0001faff#*0-9])\ufe0f"
)

# Control characters and half surrogate pairs, which JSON can spell ("\\u001b", "\\ud800"): terminals obey the
# former, and the latter cannot be encoded.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

# A start tag as far as it may reach: a quotation mark that nothing closes is a letter like any other.
_START_TAG = re.compile(r"""<[a-zA-Z](?:[^"'>]++|"[^"]*+"|'[^']*+'|["'])*+""")
_MARKUP = re.compile(r"<!--|<([a-zA-Z][^\s/>]*+)")
# One attribute of a tag: quotation marks count behind "=" alone, as parsers of HTML have it.
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+""")
_NOT_MARKUP = re.compile(
    "script|style|textarea|title|xmp|iframe|noembed|noframes", re.IGNORECASE
)  # what is inside
_LONG_TAG = 4_000  # characters; in a shorter one there are too few attributes to be slow
ATTRIBUTES = 1_000

# Typesetting that publishers change without changing a word: never an edit.
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f\ufffc"),
        "\u2026": "...",
    }
)


def fewer_attributes(markup: str) -> str:
    """Markup whose tags have ATTRIBUTES attributes at most, the first ones.

    The parser of HTML compares each attribute of a tag with all before it: a tag of two megabytes took a minute.
    """
    # Lengths of strings are counted faster than the ends of matches.
    if len(markup) <= _LONG_TAG or max(map(len, _START_TAG.findall(markup)), default=0) <= _LONG_TAG:
        return markup
    parts, done, at = [], 0, 0
    while (found := _MARKUP.search(markup, at)) is not None:
        name, at = found[1], found.end()
        if name is None:
            at = markup.find("-->", at)
        else:
            kept, number = at, 0
            while (attribute := _ATTRIBUTE.match(markup, at)) is not None:
                at, number = attribute.end(), number + 1
                kept = at if number <= ATTRIBUTES else kept
            if kept < at:
                parts.append(markup[done:kept])
                done = at
            if _NOT_MARKUP.fullmatch(name):
                closing = re.compile(f"</{name}", re.IGNORECASE).search(markup, at)
                at = closing.start() if closing is not None else -1
        if at < 0:
            break
    return "".join((*parts, markup[done:])) if parts else markup


def without_hidden(text: str) -> str:
    """The text without invisible characters, but with the joiners that its letters and emoji need."""
    return HIDDEN.sub(_if_needed, text)


def _if_needed(found: re.Match[str]) -> str:
    """An invisible character where it stands between the letters or emoji that need it, else ""."""
    return "" if _MEANINGLESS.match(found.string, found.start()) else found[0]


def clean(text: str | None) -> str:
    """One line of text for reading: NFC, single spaces, no invisible characters but joiners; letters are not changed."""
    if not text:
        return ""
    if not text.isascii():
        text = without_hidden(unicodedata.normalize("NFC", text))
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_visible(text).split())


def one_line(text: str | None) -> str:
    """The text as one line: NFC, spaces of every kind collapsed to one, invisible characters dropped but for joiners."""
    if not text:
        return ""
    if not text.isascii():
        text = without_hidden(unicodedata.normalize("NFC", text))
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_CONTROL.sub("", line).split())


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a body, each cleaned; empty ones dropped."""
    return [line for line in (clean(part) for part in re.split(r"\n+", text or "")) if line]


def printable(text: str) -> str:
    """One line that is safe to show: line breaks become spaces, control characters U+FFFD, invisible formatting goes.

    Direction marks among the latter can show an address reversed. Spaces are not joined.
    """
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    category = unicodedata.category(character)
    if character in "\n\r\t\x0b\x0c\x85" or category in ("Zs", "Zl", "Zp"):
        return " "
    if category == "Cf":
        return ""
    return "\ufffd" if category in ("Cc", "Cs", "Co", "Cn") else character


def normal(text: str | None) -> str:
    """The form in which two texts are compared: clean, NFKC, plain quotes and dashes, one space.

    Case, letters, digits and punctuation stay: a changed digit or letter is a change.
    """
    if not text:
        return ""
    folded = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    if not (line := " ".join(folded.split())).isprintable():
        line = _visible(folded)
    # Again: characters between two marks may be gone, so that these now combine to one letter.
    return " ".join(unicodedata.normalize("NFKC", line).split())


def words(text: str | None) -> list[str]:
    """The words of a text in normal form and lower case, without punctuation."""
    return re.findall(r"\w+", normal(text).casefold())


def content_hash(content: Content) -> str:
    """The hash of the fields that make a version: hexadecimal, first byte the hash version.

    Stable across machines, runs and releases with the same HASH_VERSION. Empty fields do not count, so that a field
    added later leaves old hashes unchanged. Paragraph breaks do not count, because a redesign moves them. Authors
    count in order with their roles.
    """
    digest = hashlib.sha256()
    for name, value in _hashed_fields(content):
        digest.update(f"{name}\x1f{value}\x1e".encode("utf-8", "surrogatepass"))
    return f"{HASH_VERSION:02x}{digest.hexdigest()[:38]}"


def _hashed_fields(content: Content) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in _all_fields(content) if value)


def _all_fields(content: Content) -> Iterator[tuple[str, str]]:
    yield "title", normal(content.title)
    yield "subtitle", normal(content.subtitle)
    yield "body", normal(content.body)
    yield "authors", "\x1d".join(f"{a.role}\x1c{normal(a.name)}" for a in content.authors)
    if content.published is not None:
        day_only = content.published_precision is Precision.DAY
        instant = content.published if day_only else _utc(content.published)
        # To the minute: some sources within one page state seconds and others do not.
        yield "published", instant.strftime("%Y-%m-%d" if day_only else "%Y-%m-%dT%H:%M")


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except (
        OverflowError
    ):  # within hours of the first or last day of the calendar: nonsense, but no reason to fail
        return instant


def _visible(text: str) -> str:
    if text.isprintable():  # most text, in one step
        return text
    # White space of any kind separates words; the caller joins them with single spaces.
    return "".join(
        c
        for c in text
        if c in "\u200c\u200d" or c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
    )
