"""A file of sites, for `newscrawl add --from`: addresses one a line, or the OPML that feed readers export."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from newscrawl.errors import UsageError
from newscrawl.inputs import open_input

_MOST = 1000  # addresses of one file
_BYTES = 4 << 20


def addresses_of(path: Path) -> list[str]:
    """The addresses of a file in their order, each once. Raises UsageError where there is none, or too many.

    In a list empty lines and what follows a # at the beginning or after a space are left out. In OPML an outline's site
    (`htmlUrl`) is taken, without one the site of its feed.
    """
    try:
        with open_input(path) as file:
            data = file.read(_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot be read ({error.strerror or error})", subject=str(path)) from error
    if len(data) > _BYTES:
        raise UsageError(f"has more than {_BYTES >> 20} MB", subject=str(path))
    if b"\0" in data:
        raise UsageError(
            "is no text", subject=str(path), hint="Write one address a line, or name an OPML file"
        )
    found = _outlines(data, path) if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else _lines(data)
    addresses = list(dict.fromkeys(found))
    if not addresses:
        raise UsageError(
            "names no address", subject=str(path), hint="Write one address a line, or name an OPML file"
        )
    if len(addresses) > _MOST:
        raise UsageError(f"names {len(addresses)} addresses, more than {_MOST}", subject=str(path))
    return addresses


def _lines(data: bytes) -> list[str]:
    lines = (line.partition(" #")[0].strip() for line in data.decode("utf-8-sig", "replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _outlines(data: bytes, path: Path) -> list[str]:
    if b"<!entity" in data.lower():  # in attributes they would be expanded whatever the parser is told
        raise UsageError("is no OPML: it declares entities", subject=str(path))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"is no OPML: {error}", subject=str(path)) from error
    if root is None:
        raise UsageError("is no OPML", subject=str(path))
    return [site for outline in root.iter("outline") if (site := _site(outline))]


def _site(outline: etree._Element) -> str:
    page, feed = outline.get("htmlUrl", "").strip(), outline.get("xmlUrl", "").strip()
    if page:
        return page
    try:
        parts = urlsplit(feed)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme and parts.netloc else ""
