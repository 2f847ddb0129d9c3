"""Decodes a page's bytes and parses them into one shared lxml tree: charset, control characters, size limits."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from newscrawl.errors import PageError
from newscrawl.text import fewer_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)
# Bytes without inline images (data: addresses). The longest real article seen, a live blog, has 1.3 MB.
MAX_BYTES = 8_000_000
# trafilatura's time grows a little faster than linearly with the elements; the same live blog has about 15,000, and
# the worst page of this size (paragraphs or line breaks side by side) takes about 5 s.
MAX_ELEMENTS = 25_000
# Characters of text outside scripts, as many as the longest novels have; each takes two microseconds.
MAX_TEXT = 3_000_000
LARGE = 200_000  # bytes; smaller pages cannot hold attributes long enough to be slow
LONGEST_NAME = 5_000  # characters of a class or an id

_HAS_LONG = etree.XPath(f"boolean(//@*[string-length() > {LONGEST_NAME}])")
_COUNT = etree.XPath("count(//*)")
_INLINE_DATA = re.compile(rb"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=%]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|(\d{1,8}));?")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^<>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_TAG = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|h1|title|article|meta|span|table|a)\b", re.IGNORECASE
)
_FEED = re.compile(
    rb"^\s*(?:<\?xml[^<>]{0,300}>)?\s*(?:<!--[^<>]{0,500}-->\s*)?<(rss|feed|urlset|sitemapindex|rdf:RDF)\b"
)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"), (b"\x89PNG", "PNG image"), (b"\xff\xd8\xff", "JPEG image"), (b"GIF8", "GIF image"),
    (b"PK\x03\x04", "ZIP file"), (b"\x1f\x8b", "gzip data"), (b"\x28\xb5\x2f\xfd", "zstd data"), (b"Rar!", "RAR file"),
    (b"7z\xbc\xaf", "7z file"), (b"ID3", "MP3 audio"), (b"OggS", "Ogg media"), (b"wOF", "font"), (b"RIFF", "RIFF media"),
    (b"\x7fELF", "program"), (b"MZ\x90", "program"), (b"\xd0\xcf\x11\xe0", "Office file"), (b"BM", "BMP image"),
)  # fmt: skip
# The charsets that browsers use for these names, and that news sites mean by them (encoding.spec.whatwg.org, names and labels).
_ALIASES = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "x-cp1251": "cp1251", "win-1251": "cp1251", "windows1251": "cp1251", "cp-1251": "cp1251",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "x-sjis": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "tis-620": "cp874", "iso-8859-9": "cp1254", "utf8": "utf-8",
    "unicode": "utf-8", "koi8r": "koi8-r", "x-mac-cyrillic": "mac-cyrillic", "big5": "big5hkscs",
}  # fmt: skip
_GUESSES = ("cp1251", "koi8-r", "kz1048", "cp866", "iso-8859-5", "mac-cyrillic", "cp1252")
_NOT_TEXT = {"hex", "base64", "bz2", "zlib", "rot13", "quopri", "uu", "punycode", "idna", "utf-7", "undefined",
             "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}  # fmt: skip


_WHOLE = re.compile(r"https?://[^/]")
_CHANGES = re.compile(r";|\?#|[?#]$")  # what joining would leave out
_NO_ADDRESS = re.compile(r"[\s<>\"]")


@dataclass(frozen=True)
class Page:
    """A page that could be read. All readers share `tree` and must not change it."""

    url: str
    tree: HtmlElement
    encoding: str
    # All elements in page order. While they are referenced, lxml returns the same Python objects at every iteration;
    # otherwise it creates them anew each time, which costs more than most iterations themselves.
    elements: tuple[HtmlElement, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def base(self) -> str:
        """The address that the page's relative addresses are relative to."""
        href = next((b.get("href") for b in self.tree.iter("base") if b.get("href")), None)
        return self.absolute(href, self.url) or self.url if href else self.url

    def absolute(self, href: str | None, base: str | None = None) -> str | None:
        """A link of the page as an absolute http(s) address, None if it is not one."""
        if not href or len(href) > 4000:
            return None
        written = href.strip()
        try:
            # Joining is slow, and an address that is whole already stays as it is.
            whole = _WHOLE.match(written) and written.isprintable() and not _CHANGES.search(written)
            url = written if whole else urljoin(base or self.base, written)
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            return None
        return url if parts.scheme in ("http", "https") and host and not _NO_ADDRESS.search(url) else None


class NotHtmlError(PageError):
    """A readable document that is not an HTML page (a feed, a sitemap, plain text)."""


class EmptyPageError(PageError):
    """A page without bytes, text or elements."""


def read_page(body: bytes, url: str, content_type: str | None = None, encoding: str | None = None) -> Page:
    """Decodes and parses one page.

    `content_type` is the HTTP header's value, `encoding` a charset as if from that header.
    Raises EmptyPageError, NotHtmlError, or PageError when the bytes are not text, cannot be decoded
    with confidence, or are over MAX_BYTES or MAX_ELEMENTS.
    """
    if not body.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise EmptyPageError("no bytes" if not body else "only white space")
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise PageError(f"not a page: {name}")
    if len(body) > MAX_BYTES and b";base64," in body:
        body = _INLINE_DATA.sub(b"", body)
    if len(body) > MAX_BYTES:
        raise PageError(f"too large: {len(body):,} bytes, the limit is {MAX_BYTES:,}")
    text, name = decode(body, _named(content_type), encoding)
    head = text[:200_000].encode("utf-8", "replace")
    if feed := _FEED.match(head.lstrip(b"\xef\xbb\xbf")):
        raise NotHtmlError(f"not a page: <{feed.group(1).decode()}> document")
    if not _TAG.search(head):
        raise NotHtmlError("not a page: no HTML tags")
    if _may_hold_control(text):
        text = _CONTROL.sub("", text)
    tree = parse_html(_REFERENCE.sub(_without_control, text) if _refers_to_control(text) else text)
    if tree is None:
        raise EmptyPageError("no elements")
    if _COUNT(tree) > MAX_ELEMENTS:  # before a million of them become objects
        raise PageError(f"too large: more than {MAX_ELEMENTS:,} elements")
    elements = tuple(tree.iter())
    if len(body) > MAX_TEXT and sum(map(_text_length, elements)) > MAX_TEXT:
        raise PageError(f"too large: more than {MAX_TEXT:,} characters of text")
    if len(body) > LARGE:
        _shorten_names(tree)
    return Page(url, tree, name, elements)


def _text_length(element: HtmlElement) -> int:
    """Characters of an element's own text and of what follows it; scripts and styles have none."""
    inside = 0 if element.tag in ("script", "style") else len(element.text or "")
    return inside + len(element.tail or "")


def _shorten_names(tree: HtmlElement) -> None:
    """Removes overlong class names and ids: many patterns are matched against them, and a megabyte would cost seconds."""
    for element in tree.iter() if _HAS_LONG(tree) else ():
        for attribute in ("class", "id", "itemprop", "rel"):
            if len(element.get(attribute) or "") > LONGEST_NAME:
                del element.attrib[attribute]


def few_children(element: HtmlElement, most: int) -> bool:
    """Whether an element has at most `most` children. Unlike len(), this does not visit all of them."""
    return next(islice(element.iterchildren(), most, None), None) is None


_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_BINARY = bytes([*range(9), *range(14, 27), *range(28, 32)])  # bytes that text does not have
_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])


def _may_hold_control(text: str) -> bool:
    """Whether the text may hold a character of _CONTROL. Deleting bytes is several times faster than searching the pattern."""
    if text.isascii():
        raw = text.encode("ascii")
        return len(raw.translate(None, _CONTROL_BYTES)) < len(raw)
    raw = text.encode("utf-8", "surrogatepass")
    bare = raw.translate(None, _CONTROL_BYTES)
    if len(bare) < len(raw) or b"\xed" in raw:
        return True
    return b"\xef\xbf" in raw and (b"\xef\xbf\xbe" in raw or b"\xef\xbf\xbf" in raw)


def _refers_to_control(text: str) -> bool:
    """Whether a numeric reference to a control character is in the text. Most pages have references, and few kinds of them."""
    return "&#" in text and any(map(_is_control, set(_REFERENCE.findall(text))))


def _is_control(digits: tuple[str, str]) -> bool:
    code = int(digits[0], 16) if digits[0] else int(digits[1])
    return code > 0x10FFFF or _CONTROL.match(chr(code)) is not None


def _without_control(reference: re.Match[str]) -> str:
    """Drops numeric references to control characters ("&#0;"): lxml parses them but cannot serialize them."""
    return "" if _is_control((reference[1] or "", reference[2] or "")) else reference[0]


def parse_html(text: str) -> HtmlElement | None:
    """The tree of a page or a fragment; None if it has no elements.

    What stands behind an end of the page belongs to its body, as in browsers: the parser would put it beside the tree, where
    only searches from the document's root find it.
    """
    # The same options as trafilatura's own parser: a tree that keeps comments or processing
    # instructions changes its result (measured: 0.4 points of body F1 on 438 pages).
    parser = HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    # One class for all elements: lxml's choice by tag would call into Python for every element.
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        tree = document_fromstring(
            fewer_attributes(_ENDS.sub("", text)).encode("utf-8", "replace"), parser=parser
        )
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, HtmlElement) and len(tree) else None


# --- charset -----------------------------------------------------------------------------------


def declared_charsets(body: bytes, header: str | None, encoding: str | None = None) -> list[tuple[str, str]]:
    """(where, charset as Python names it) of each declaration, most trusted first; unknown names unchanged."""
    found = [("given", encoding), ("HTTP header", _named(header)), *(("meta", name) for name in _meta(body))]
    return list(dict.fromkeys((where, _codec(name) or name) for where, name in found if name))


def decode(body: bytes, header: str | None, encoding: str | None = None) -> tuple[str, str]:
    """(text, charset): by the BOM; else as UTF-8 if valid; else in the declared or likely charset whose text reads best.

    If header and meta disagree, the more readable text wins, and the header if both are readable.
    Raises PageError when no charset gives readable text, so mojibake is never returned.
    """
    for bom, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
                      (codecs.BOM_UTF16_BE, "utf-16")):  # fmt: skip
        if body.startswith(bom):
            return body.decode(name, "replace").lstrip("\ufeff"), name
    sample = body[:4000]
    if sample.count(0) > len(sample) // 5:
        wide = "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
        text = body.decode(wide, "replace")
        if _TAG.search(text[:20000].encode("utf-8", "replace")):
            return text, wide
    if len(sample) - len(sample.translate(None, _BINARY)) > len(sample) // 20:
        raise PageError("not a page: binary data")
    declared = [c for c in (_codec(encoding), _codec(header), *map(_codec, _meta(body))) if c]
    for name in declared:
        if name.startswith("iso2022") and b"\x1b" in body:
            return body.decode(name, "replace"), name
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _best(body, declared)
    if _twice_encoded(text):
        raise PageError("the text is mojibake as sent: encoded twice")
    return text, "utf-8"


def _best(body: bytes, declared: list[str]) -> tuple[str, str]:
    utf8 = body.decode("utf-8", "replace")
    broken, whole = utf8.count("\ufffd"), sum(1 for c in utf8 if c > "\x7f")
    if broken * 20 <= whole:  # UTF-8 with a few damaged or cut characters
        return utf8, "utf-8"
    best: tuple[float, str, str] | None = None
    for name in dict.fromkeys([*declared, *_GUESSES]):
        try:
            text = body.decode(name, "replace")
        except (LookupError, UnicodeError):
            continue
        # Declared charsets get a small bonus, which decides between equally readable texts. Mac Cyrillic must be clearly
        # better: its small letters are those of cp1251, whose capitals it turns into quotation marks.
        handicap = 0.05 if name == "mac-cyrillic" else 0.0
        score = _readability(text) + (0.05 if name in declared else 0.0) - handicap
        if best is None or score > best[0]:
            best = (score, text, name)
    if best is None or best[0] < 0.6:
        raise PageError("the text cannot be decoded: no charset gives readable words")
    return best[1], best[2]


# Anchored at the start of a word; otherwise a megabyte of letters would be searched again from each of them.
_NON_ASCII_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_CYRILLIC = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәғқңөұүһҳҷӣӯ")
_CYRILLIC_VOWELS = set("аеёиоуыэюяіїєәөұүӣӯ")
_BAD = re.compile("[\ufffd\u0080-\u009f\ue000-\uf8ff\u2500-\u259f]")


def _readability(text: str) -> float:
    """Share of words with letters beyond ASCII that look like words: one script, sane case, vowels; 0.0 to 1.0."""
    good = total = 0.0
    for i, match in enumerate(_NON_ASCII_WORD.finditer(text)):
        if i >= 4000:
            break
        total += 1
        good += _word_quality(match.group())
    bad = len(_BAD.findall(text[:400_000]))
    return good / (total + bad) if total + bad else 0.9


def _word_quality(word: str) -> float:
    lower = word.lower()
    cyrillic = sum(1 for c in lower if "\u0400" <= c <= "\u052f")
    if cyrillic:
        if cyrillic < len(word) or any(c not in _CYRILLIC for c in lower):
            return 0.0
        if len(word) > 2 and not _CYRILLIC_VOWELS.intersection(lower):
            return 0.0
        if word == lower:
            return 1.0
        return 0.9 if word[1:] == lower[1:] else 0.2 if word.isupper() else 0.0
    latin = sum(1 for c in lower if c < "\u0250")
    if latin:
        plain = sum(1 for c in lower if c < "\x80")
        return 1.0 if latin == len(word) and (plain * 2 >= len(word) or len(word) < 4) else 0.0
    return 0.8


_TWICE = re.compile(
    r"(?:[РС][\u0080-\u00bf\u0402-\u045f\u2010-\u2122]){3,}|(?:[ÐÑ][\u0080-\u00bf\u0152-\u2122]){3,}"
)


def _twice_encoded(text: str) -> bool:
    sample = text[:300_000]
    if sum(map(sample.count, "РСÐÑ")) < 20:
        return False
    hits = sum(len(m.group()) for m in _TWICE.finditer(sample))
    return hits > 40 and hits * 2 > len(sample) - len(sample.encode("ascii", "ignore"))


def _named(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type[:500]) if content_type else None
    return found.group(1) if found else None


def _meta(body: bytes) -> Iterator[str]:
    head = body[:20_000]
    if found := _XML_CHARSET.search(head):
        yield found.group(1).decode("ascii", "replace")
    for match in _META_CHARSET.finditer(head):
        yield match.group(1).decode("ascii", "replace")


def _codec(name: str | None) -> str | None:
    """Python's name of a declared charset, None if it is unknown or not a text charset."""
    if not name:
        return None
    label = name.strip().lower()
    label = _ALIASES.get(label, label)
    if label.replace("-", "_") in _NOT_TEXT or label in _NOT_TEXT:
        return None
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    return info.name if getattr(info, "_is_text_encoding", True) else None
