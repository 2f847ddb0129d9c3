"""Parses untrusted XML of feeds and sitemaps: no entities, no network, bounded time, recovery from errors."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from newscrawl.text import clean

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_PROLOGUE_END = re.compile(r"<(!DOCTYPE|[A-Za-z])", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_DOCTYPE_MARK = re.compile(r"""["'\[\]>]""")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(r"&(#[0-9]{1,7};|#x[0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,30};)?")
_TAG = re.compile(r"<[A-Za-z/!][^<>]*>")
_XML_ENTITIES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_HARMLESS = frozenset({etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE, etree.ErrorTypes.WAR_NS_URI_RELATIVE})

_START = 1 << 16
# What may stand before a root element: a declaration, instructions, comments, a document type.
_MISC = r"(?:\s|<\?(?:[^?]|\?(?!>))*\?>|<!--(?:[^-]|-(?!->))*-->)*+"
_FIRST = re.compile(rf"\ufeff?{_MISC}<(?:!doctype\s+(?P<type>[\w:]+)|(?P<name>[\w:]+))", re.IGNORECASE)
_PROLOGUE = re.compile(rf"\ufeff?{_MISC}(?:<!doctype\b.*)?", re.IGNORECASE | re.DOTALL)

# Parser options for untrusted XML: entities are not expanded, nothing is fetched, errors are recovered from.
_SAFE: dict[str, Any] = {
    "recover": True,
    "huge_tree": True,
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
    "encoding": "utf-8",
}


class Entries:
    """The entries of an XML document, in order, each yielded once and then freed.

    `names` are the local names of entry elements. While and after iterating, `root` is the local
    name of the root element ("" if there is none), `count` the number of entries so far, and `problem` says where
    the XML was broken. Iterating never raises on content.
    """

    def __init__(self, text: str, names: Collection[str]) -> None:
        self.root = ""
        self.problem: str | None = None
        self.count = 0
        self._names = names
        text = _without_torn_entry(text, names)
        spelled = set(re.findall(rf"<((?:[\w.-]+:)?(?:{'|'.join(names)}))[\s>]", text, re.IGNORECASE))
        # If no entry has a prefix or capitals, the parser itself selects them, in a fraction of the time.
        self._tags = [f"{{*}}{name}" for name in names] if spelled <= set(names) else None
        self._data = _defused(text).encode()

    def __iter__(self) -> Iterator[etree._Element]:
        events: etree.iterparse[tuple[str, etree._Element]] = etree.iterparse(
            BytesIO(self._data), events=("start", "end"), tag=self._tags, **_SAFE
        )
        current: etree._Element | None = None
        try:
            for event, element in events:
                self.root = self.root or local(element.getroottree().getroot())
                if self._tags is None and local(element) not in self._names:
                    continue
                if event == "start":
                    if current is not None:
                        # An entry inside an entry: an end tag is missing or wrong. The outer one
                        # is yielded as it is, or it would contain all that follow.
                        self.count += 1
                        yield current
                    current = element
                elif element is current:
                    self.count += 1
                    current = None
                    yield element
                    _free(element)
        except etree.XMLSyntaxError as error:
            self.problem = f"broken XML after entry {self.count}: {_short(error.msg)}"
        if not self.root and events.root is not None:
            self.root = local(events.root)
        for fault in events.error_log:
            if self.problem is None and fault.type not in _HARMLESS:
                self.problem = (
                    f"broken XML in line {fault.line} ({self.count} entries read): {_short(fault.message)}"
                )


def parse(text: str, names: Collection[str]) -> tuple[etree._Element | None, str | None]:
    """The root of an XML document, past errors, and where it was broken. Never raises on content.

    `names` are the local names of entry elements, one of which may be torn off at the end.
    """
    parser = etree.XMLParser(**_SAFE)
    try:
        root = etree.fromstring(_defused(_without_torn_entry(text, names)).encode(), parser)
    except etree.XMLSyntaxError as error:
        return None, f"broken XML: {_short(error.msg)}"
    faults = (fault for fault in parser.error_log if fault.type not in _HARMLESS)
    fault = next(faults, None)
    return root, f"broken XML in line {fault.line}: {_short(fault.message)}" if fault else None


def local(element: etree._Element) -> str:
    """The local name of an element in lower case, also where its prefix was never declared."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def space(element: etree._Element) -> str:
    """The namespace of an element, or its undeclared prefix; empty if it has neither."""
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag[1:].rpartition("}")[0] if tag.startswith("{") else tag.rpartition(":")[0]


def content(element: etree._Element | None) -> str:
    """All text inside an element, as written."""
    return "" if element is None else "".join(element.itertext()).strip()


def line(text: str) -> str | None:
    """Text that may hold HTML, as one clean line; None if nothing is left."""
    return clean(html.unescape(_TAG.sub(" ", text[:5000]))) or None


def looks_like_html(text: str) -> bool:
    """Whether a document is a web page, by its type and its first element, whatever it is declared as.

    What stands in a comment or in CDATA is not looked at: feeds carry whole pages as text.
    """
    first = _FIRST.match(text[:_START])
    return first is not None and (first["name"] or first["type"] or "").lower() in ("html", "head", "body")


def from_root(text: str, roots: Collection[str]) -> str:
    """The text from the root element on, where a server's notices or a template's remains stand before it.

    `roots` are the local names of root elements. Unchanged where none of them begins within the first 64 KiB, and
    for a web page.
    """
    if looks_like_html(text):
        return text
    root = re.search(rf"<(?:[\w.-]{{1,40}}:)?(?:{'|'.join(roots)})[\s>]", text[:_START], re.IGNORECASE)
    if root is None:
        return text
    before = text[: root.start()]
    whole = _PROLOGUE.fullmatch(before)
    return text if whole else text[root.start() :]


def _without_torn_entry(text: str, names: Collection[str]) -> str:
    """The text without its last entry if the document ends within it: half an address is a wrong address."""
    words = "|".join(names)
    last = None
    for last in re.finditer(rf"<(?:[\w.-]+:)?(?:{words})[\s>]", text):  # noqa: B007 - the last match is used
        pass
    root = _ROOT.search(text)
    if last is None or root is None:
        return text
    ends = re.compile(rf"</(?:(?:[\w.-]+:)?(?:{words})|{re.escape(root[1])})\s*>")
    return text if ends.search(text, last.end()) else text[: last.start()]


def _defused(text: str) -> str:
    """The text without a document type and forbidden characters, and with HTML's named characters resolved.

    Every step takes time in proportion to the length of the text.
    """
    text = _without_doctype(_DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"), count=1))
    text = _FORBIDDEN.sub("", text)
    parts: list[str] = []
    position = 0
    while True:  # inside CDATA an ampersand is plain text and stays
        start = text.find("<![CDATA[", position)
        end = text.find("]]>", start) if start >= 0 else -1
        if end < 0:
            return "".join([*parts, _AMPERSAND.sub(_letter, text[position:])])
        parts += (_AMPERSAND.sub(_letter, text[position:start]), text[start : end + 3])
        position = end + 3


def _without_doctype(text: str) -> str:
    """The text without its document type: the only place where entities can be defined."""
    start = _PROLOGUE_END.search(text)
    if start is None or not start[0].startswith("<!"):
        return text
    depth = 0
    quote = ""
    for mark in _DOCTYPE_MARK.finditer(text, start.end()):
        one = mark[0]
        if quote:
            quote = "" if one == quote else quote
        elif one in "\"'":
            quote = one
        elif one in "[]":
            depth += 1 if one == "[" else -1
        elif depth <= 0:
            return text[: start.start()] + text[mark.end() :]
    return ""


def _letter(match: re.Match[str]) -> str:
    """What replaces an ampersand in XML. Nothing is dropped: an address may contain "&copy=1"."""
    name = match[1]
    if name is None:
        return "&amp;"
    if name in _XML_ENTITIES:
        return match[0]
    letter = html.unescape(match[0])
    return html.escape(_FORBIDDEN.sub("", letter)) if letter != match[0] else f"&amp;{name}"


def _free(element: etree._Element) -> None:
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        before.clear(keep_tail=False)  # taking it out with all it holds would take quadratic time
        parent.remove(before)


def _short(message: str | None) -> str:
    return clean(message)[:120]
