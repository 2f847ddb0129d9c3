"""Renders a message as plain text, as HTML for mail and for Telegram, and as text for chats.

Text from pages is escaped here, for each format in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape

from newscrawl.alerts.compose import Item, Message
from newscrawl.judge.diff.differences import Op

_Marks = Mapping[Op, tuple[str, str]]

# What is put before and after each kind of piece of an excerpt.
_TEXT: _Marks = {Op.SAME: ("", ""), Op.REMOVED: ("[-", "-]"), Op.ADDED: ("{+", "+}")}
_CHAT: _Marks = {Op.SAME: ("", ""), Op.REMOVED: ("(- ", " -)"), Op.ADDED: ("(+ ", " +)")}
_TELEGRAM: _Marks = {Op.SAME: ("", ""), Op.REMOVED: ("<s>", "</s>"), Op.ADDED: ("<b>", "</b>")}
_MAIL: _Marks = {
    Op.SAME: ("", ""),
    Op.REMOVED: ('<del style="color:#b00020">', "</del>"),
    Op.ADDED: ('<ins style="color:#00602b;font-weight:bold;text-decoration:none">', "</ins>"),
}

# Characters that chats act on (mentions that notify everybody, masked links, formatting) and harmless look-alikes.
_HARMLESS = str.maketrans(
    {"@": "@\u200b", "[": "［", "]": "］", "<": "‹", ">": "›", "`": "'", "*": "∗", "~": "∼", "|": "¦"}
)

_FOOT = "Sent by newscrawl. What was observed is said; why something was edited or is absent it cannot know."


def text(message: Message) -> str:
    """The message as plain text, one empty line between paragraphs."""
    return "\n\n".join(["\n".join(_lines(item)) for item in message.items] + [f"-- \n{_FOOT}"]) + "\n"


def html(message: Message) -> str:
    """The message as an HTML document without images and scripts; it links only to articles and the reader's pages."""
    body = "\n".join(map(_html_item, message.items))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(message.subject)}</title></head>\n"
        '<body style="font-family:sans-serif;max-width:44em;line-height:1.4">\n'
        f'{body}\n<p style="color:#666;font-size:small">{escape(_FOOT)}</p>\n</body></html>\n'
    )


def telegram(message: Message, limit: int) -> list[str]:
    """The message in Telegram's HTML, in parts of at most `limit` UTF-16 units, cut between lines. No tag spans two lines."""
    return split([list(_telegram_item(item)) for item in message.items], limit)


def chat(message: Message, limit: int) -> list[str]:
    """The message as text in which a chat finds no formatting, mentions or masked links, in parts of at most `limit`."""
    items = [list(_chat_item(item)) for item in message.items]
    return split([[message.subject.translate(_HARMLESS)], *items], limit)


def split(paragraphs: Iterable[Sequence[str]], limit: int) -> list[str]:
    """Joins paragraphs of lines into parts of at most `limit` UTF-16 units.

    A paragraph that fits into one part stays whole; a line longer than `limit` loses its end.
    """
    parts: list[str] = []
    for lines in paragraphs:
        whole = "\n".join(lines)
        pieces = [whole] if units(whole) <= limit else [_head(line, limit) for line in lines]
        for number, piece in enumerate(pieces):
            gap = "\n" if number else "\n\n"
            joined = f"{parts[-1]}{gap}{piece}" if parts else piece
            if parts and units(joined) <= limit:
                parts[-1] = joined
            elif piece:
                parts.append(piece)
    return parts


def units(line: str) -> int:
    """The length in UTF-16 units, in which Telegram and Discord count."""
    return len(line.encode("utf-16-le", "surrogatepass")) // 2


def _head(line: str, limit: int) -> str:
    """The start of a line that fits the limit, without a tag or an entity that the cut may have broken."""
    if units(line) <= limit:
        return line
    while units(line) > limit:
        line = line[: max(limit // 2, 1)] if len(line) > limit else line[:-1]
    return line.rpartition("<")[0].rpartition("&")[0] if "<" in line or "&" in line else line


def _lines(item: Item, marks: _Marks = _TEXT) -> Iterator[str]:
    yield item.head
    if item.title:
        yield item.title
    if item.line:
        yield item.line
    if item.excerpt:
        yield f"{item.field}: {_marked(item.excerpt, marks, str)}"
    for title, url in item.listed:
        yield f"- {title}  {url}"
    for address in (item.url, item.page):
        if address:
            yield address
    if item.command:
        yield f"$ {item.command}"


def _html_item(item: Item) -> str:
    rows = [f'<b style="color:#666;font-size:small">{escape(item.head)}</b>']
    if item.title:
        rows.append(f"<b>{_link(item.url, item.title)}</b>")
    if item.line:
        rows.append(escape(item.line))
    if item.excerpt:
        rows.append(f"<i>{escape(item.field or '')}</i>: {_marked(item.excerpt, _MAIL, escape)}")
    rows += [f"– {_link(url, title)}" for title, url in item.listed]
    links = [_link(url, text) for url, text in ((item.url, "article"), (item.page, "archive")) if url]
    if item.command:
        links.append(f"<code>{escape(item.command)}</code>")
    if links:
        rows.append(" · ".join(links))
    return f"<p>{'<br>'.join(rows)}</p>"


def _telegram_item(item: Item) -> Iterator[str]:
    yield f"<b>{escape(item.head)}</b>"
    if item.title:
        yield _link(item.url, item.title)
    if item.line:
        yield escape(item.line)
    if item.excerpt:
        yield f"{escape(item.field or '')}: {_marked(item.excerpt, _TELEGRAM, escape)}"
    for title, url in item.listed:
        yield f"– {_link(url, title)}"
    if item.page:
        yield _link(item.page, "archive")
    if item.command:
        yield f"<code>{escape(item.command)}</code>"


def _chat_item(item: Item) -> Iterator[str]:
    addresses = {address for address in (item.url, item.page, *(url for _, url in item.listed)) if address}
    for line in _lines(item, _CHAT):
        title, gap, url = line.rpartition("  ")
        if line in addresses:
            yield _chat_address(line)
        elif gap and url in addresses:
            yield f"{title.translate(_HARMLESS)}  {_chat_address(url)}"
        else:
            yield line.translate(_HARMLESS)


def _chat_address(url: str) -> str:
    return url if _is_web(url) else url.translate(_HARMLESS)


def _link(url: str | None, text: str) -> str:
    """A link if the address is http or https, else the text alone."""
    if url is None or not _is_web(url):
        return escape(text)
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def _is_web(url: str) -> bool:
    # An address that was cut short (…) leads nowhere.
    return url.startswith(("http://", "https://")) and not any(c.isspace() or c in "<>|`\"'…" for c in url)


def _marked(pieces: Sequence[tuple[str, str]], marks: _Marks, quote: Callable[[str], str]) -> str:
    shown, before = [], Op.SAME
    for name, piece in pieces:
        op = Op(name)
        begin, end = marks[op]
        core = piece.strip(" ")
        # Spaces at the edges stay outside the marks.
        left, _, right = piece.partition(core) if core else (piece, "", "")
        if marks is not _TEXT and (before, op) == (Op.REMOVED, Op.ADDED):
            left = " → "  # where formatting is lost, as in a preview, old and new words would run together
        shown.append(f"{left}{begin}{quote(core)}{end}{right}" if core else piece)
        before = op
    return "".join(shown)
