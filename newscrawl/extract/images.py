"""The lead image with its caption and credit. Addresses only: nothing is fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from newscrawl.extract.candidate import Candidate, Choice
from newscrawl.extract.furniture import credit_of
from newscrawl.extract.jsonld import text_of
from newscrawl.extract.lines import one_line, squash, word_count
from newscrawl.extract.structured import Structured
from newscrawl.model import Image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.page import Page

_NOT_CONTENT = re.compile(
    r"logo|icon|avatar|sprite|pixel|counter|banner|placeholder|spacer|1x1|blank\.", re.IGNORECASE
)
_ASIDE = frozenset({"nav", "footer", "aside", "header", "form", "noscript"})
_NO_CAPTION = frozenset({"cover", "обложка", "мұқаба", "image", "photo", "фото", "сурет", "img", "preview"})


def images(
    page: Page, data: Structured, heading: HtmlElement | None, credits_: Sequence[str], title: str | None
) -> Choice[Image]:
    """The lead image: og:image, JSON-LD image, else the first picture after the headline.

    `credits_` are photo-credit lines taken out of the text; the first one that names somebody credits the lead image.
    """
    credit = next((c for line in credits_ if (c := credit_of(line))), None)
    found: list[Candidate[Image]] = []
    for name, value in data.meta(
        "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
    ):
        if (url := page.absolute(value)) and not _NOT_CONTENT.search(url.rsplit("/", 1)[-1]):
            found.append(Candidate(Image(url), name))
    for value, _ in data.values("image", "thumbnailUrl"):
        url, caption, by = _from_json(data.resolve(value[0] if isinstance(value, list) else value))
        if absolute := page.absolute(url):
            found.append(Candidate(Image(absolute, caption, by), "json-ld"))
    visible = list(_visible(page, heading, title))
    found += [Candidate(image, "img") for image in visible]
    if not found:
        return Choice(None, (), "no picture")
    best = found[0].value
    same = next((i for i in visible if _stem(i.url) == _stem(best.url)), visible[0] if visible else None)
    stated = next((c.value for c in found if c.origin == "json-ld" and c.value.url == best.url), None)
    caption = best.caption or (stated.caption if stated else None) or (same.caption if same else None)
    by = best.credit or (stated.credit if stated else None) or (same.credit if same else None) or credit
    return Choice(
        Candidate(Image(best.url, caption, by), found[0].origin), tuple(found), "first in order of preference"
    )


def _from_json(value: Any) -> tuple[str | None, str | None, str | None]:
    if isinstance(value, dict):
        caption = text_of(value.get("caption") or value.get("description")) or None
        by = text_of(
            value.get("creditText")
            or value.get("creator")
            or value.get("author")
            or value.get("copyrightHolder")
        )
        return text_of(value.get("url") or value.get("contentUrl") or value.get("@id")), caption, by or None
    return text_of(value), None, None


def _visible(page: Page, heading: HtmlElement | None, title: str | None) -> Iterator[Image]:
    passed = heading is None
    given = 0
    for element in page.tree.iter("h1", "img", "h2", "h3", "div", "span"):
        if element is heading:
            passed = True
        if element.tag != "img" or not passed:
            continue
        url = page.absolute(element.get("src") or element.get("data-src"))
        if (
            not url
            or _NOT_CONTENT.search(url.rsplit("/", 1)[-1])
            or any(a.tag in _ASIDE for a in element.iterancestors())
        ):
            continue
        figure = next((a for a in element.iterancestors("figure")), None)
        caption = by = None
        if figure is not None:
            texts = [one_line(c.text_content()) for c in figure.iter("figcaption")]
            text = next((t for t in texts if t), None)
            by = credit_of(text) if text else None
            caption = None if by else text
        alt = one_line(element.get("alt"))
        if (
            not caption
            and word_count(alt) > 2
            and alt.lower() not in _NO_CAPTION
            and squash(alt) != squash(title)
        ):
            caption = alt
        yield Image(url, caption[:1000] if caption else None, by)
        given += 1
        if given >= 20:
            return


def _stem(url: str) -> str:
    name = url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
    return re.sub(r"[-_]\d{2,4}x\d{2,4}|\.\w{2,5}$", "", name)
