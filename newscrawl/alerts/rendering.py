"""A message as plain text, as HTML for mail and for Telegram, and as text for chats. Pure; whatever pages said is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape

from newscrawl.alerts.composing import Item, Message
from newscrawl.judge.diff.differences import Op

_MARKS = {Op.SAME: ("", ""), Op.REMOVED: ("[-", "-]"), Op.ADDED: ("{+", "+}")}
_MAIL = {
    Op.SAME: ("", ""),
    Op.REMOVED: ('<del style="color:#b00020">', "</del>"),
    Op.ADDED: ('<ins style="color:#00602b;font-weight:bold;text-decoration:none">', "</ins>"),
}
_TELEGRAM = {Op.SAME: ("", ""), Op.REMOVED: ("<s>", "</s>"), Op.ADDED: ("<b>", "</b>")}

# What chats act on: mentions that wake everybody, masked links, formatting.
_TAME = str.maketrans(
    {"@": "@\u200b", "[": "［", "]": "］", "<": "‹", ">": "›", "`": "'", "*": "∗", "~": "∼", "|": "¦"}
)

_FOOT = "Sent by newscrawl. What was observed is said; why something was edited or is absent it cannot know."


def text(message: Message) -> str:
    """The message as plain text, one empty line between paragraphs."""
    return "\n\n".join(["\n".join(_lines(item)) for item in message.items] + [f"-- \n{_FOOT}"]) + "\n"


def html(message: Message) -> str:
    """The message as an HTML document: no images, no scripts, links to the article and the reader's pages alone."""
    body = "\n".join(map(_html_item, message.items))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(message.subject)}</title></head>\n"
        '<body style="font-family:sans-serif;max-width:44em;line-height:1.4">\n'
        f'{body}\n<p style="color:#666;font-size:small">{escape(_FOOT)}</p>\n</body></html>\n'
    )


def telegram(message: Message, limit: int = 4096) -> list[str]:
    """The message in Telegram's HTML, in parts of at most `limit` UTF-16 units, cut between lines; no tag runs over a line."""
    return parted([list(_telegram_item(item)) for item in message.items], limit)


def chat(message: Message, limit: int) -> list[str]:
    """The message for chats that format what they are given: nothing in it formats, links with a text or mentions."""
    items = [list(_chat_item(item)) for item in message.items]
    return parted([[message.subject.translate(_TAME)], *items], limit)


def parted(paragraphs: Iterable[Sequence[str]], limit: int) -> list[str]:
    """Paragraphs of lines joined to parts of at most `limit` UTF-16 units. One that fits into a part is not cut; a longer line loses its end."""
    parts: list[str] = []
    for lines in paragraphs:
        whole = "\n".join(lines)
        pieces = (
            [whole]
            if units(whole) <= limit
            else [line if units(line) <= limit else _head(line, limit) for line in lines]
        )
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
    # A cut may fall into a tag or an entity, so neither is left in what is kept.
    while units(line) > limit:
        line = line[: max(limit // 2, 1)] if len(line) > limit else line[:-1]
    return line.rpartition("<")[0].rpartition("&")[0] if "<" in line or "&" in line else line


def _lines(item: Item, marks: Mapping[Op, tuple[str, str]] = _MARKS) -> Iterator[str]:
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
        rows.append(f"<b>{_linked(item.url, item.title)}</b>")
    if item.line:
        rows.append(escape(item.line))
    if item.excerpt:
        rows.append(f"<i>{escape(item.field or '')}</i>: {_marked(item.excerpt, _MAIL, escape)}")
    rows += [f"– {_linked(url, title)}" for title, url in item.listed]
    links = []
    if item.url:
        links.append(_linked(item.url, "article"))
    if item.page:
        links.append(_linked(item.page, "archive"))
    if item.command:
        links.append(f"<code>{escape(item.command)}</code>")
    if links:
        rows.append(" · ".join(links))
    return f"<p>{'<br>'.join(rows)}</p>"


def _telegram_item(item: Item) -> Iterator[str]:
    yield f"<b>{escape(item.head)}</b>"
    if item.title:
        yield _linked(item.url, item.title)
    if item.line:
        yield escape(item.line)
    if item.excerpt:
        yield f"{escape(item.field or '')}: {_marked(item.excerpt, _TELEGRAM, escape)}"
    for title, url in item.listed:
        yield f"– {_linked(url, title)}"
    if item.page:
        yield _linked(item.page, "archive")
    if item.command:
        yield f"<code>{escape(item.command)}</code>"


def _chat_item(item: Item) -> Iterator[str]:
    marks = {Op.SAME: ("", ""), Op.REMOVED: ("(- ", " -)"), Op.ADDED: ("(+ ", " +)")}
    addresses = {address for address in (item.url, item.page, *(url for _, url in item.listed)) if address}
    for line in _lines(item, marks):
        title, gap, url = line.rpartition("  ")
        if line in addresses:
            yield _address(line)
        elif gap and url in addresses:
            yield f"{title.translate(_TAME)}  {_address(url)}"
        else:
            yield line.translate(_TAME)


def _address(url: str) -> str:
    return url if _is_web(url) else url.translate(_TAME)


def _linked(url: str | None, said: str) -> str:
    """A link where the address is one of the web: nothing else is ever made clickable."""
    if url is None or not _is_web(url):
        return escape(said)
    return f'<a href="{escape(url)}">{escape(said)}</a>'


def _is_web(url: str) -> bool:
    # One that was cut short leads nowhere.
    return url.startswith(("http://", "https://")) and not any(c.isspace() or c in "<>|`\"'…" for c in url)


def _marked(
    pieces: Sequence[tuple[str, str]], marks: Mapping[Op, tuple[str, str]], quoted: Callable[[str], str]
) -> str:
    shown, before = [], Op.SAME
    for name, piece in pieces:
        op = Op(name)
        begin, end = marks[op]
        core = piece.strip(" ")
        # Spaces at the rim stay outside the marks.
        left, _, right = piece.partition(core) if core else (piece, "", "")
        if marks is not _MARKS and (before, op) == (Op.REMOVED, Op.ADDED):
            left = " → "  # where formatting is lost, as in a preview, old and new would run together
        shown.append(f"{left}{begin}{quoted(core)}{end}{right}" if core else piece)
        before = op
    return "".join(shown)
