"""The article's images, the lead image first: addresses, captions and photo credits."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from newscrawl.extract.data.jsonld import text_of
from newscrawl.extract.data.structured import Structured
from newscrawl.extract.fields.candidate import Candidate, Choice
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.page.tree import few_children
from newscrawl.extract.regions.regions import Region, Regions
from newscrawl.extract.text.furniture import credit_of
from newscrawl.model import Image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.page.tree import Page

_NOT_CONTENT = re.compile(
    r"logo|icon|avatar|sprite|pixel|counter|banner|placeholder|spacer|1x1|blank\.|preload|loading\.|lazy|transparent\.|empty\.|ajax-?loader"
    r"|(?:^|[/_-])(?:ads?|load|grey|gray|dot|white|no-?image|default)\.(?:gif|png|svg|jpe?g)",
    re.IGNORECASE,
)
_NOT_CONTENT_MARK = re.compile(r"avatar|author|related|teaser|thumb-list|share|social|logo", re.IGNORECASE)
SMALLEST = 80  # pixels either way
MOST_IMAGES = 60  # of one article
MOST_ELEMENTS = 5000  # elements examined for the lead image
_ASIDE = frozenset({"nav", "footer", "aside", "header", "form", "noscript"})
_NO_CAPTION = frozenset({"cover", "обложка", "мұқаба", "image", "photo", "фото", "сурет", "img", "preview"})


def images(
    page: Page,
    data: Structured,
    heading: HtmlElement | None,
    regions: Regions,
    credits_: Sequence[str],
    title: str | None,
    container: HtmlElement | None = None,
) -> Choice[tuple[Image, ...]]:
    """The lead image (og:image, JSON-LD image, else the first picture after the headline), then those in `container`.

    `container` is the element with the running text. Icons, portraits of authors, counters, pictures that are a link
    to another page and pictures of less than SMALLEST pixels are left out. `credits_` are photo-credit lines of the
    text; the first one with a name credits the lead image.
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
    visible = list(_visible(page, heading, regions, title))
    found += [Candidate(image, "img") for image in visible]
    if not found:
        return Choice(None, (), "no picture")
    best = found[0].value
    same = next((i for i in visible if _stem(i.url) == _stem(best.url)), visible[0] if visible else None)
    stated = next((c.value for c in found if c.origin == "json-ld" and c.value.url == best.url), None)
    caption = best.caption or (stated.caption if stated else None) or (same.caption if same else None)
    by = best.credit or (stated.credit if stated else None) or (same.credit if same else None) or credit
    lead = Image(best.url, caption, by)
    others = (
        {_stem(i.url): i for i in reversed(list(_within(page, container, regions, title)))}
        if container is not None
        else {}
    )
    others.pop(_stem(lead.url), None)
    every = (lead, *reversed(others.values()))
    return Choice(
        Candidate(every, found[0].origin),
        tuple(Candidate((c.value,), c.origin) for c in found),
        "the lead image is the first in order of preference",
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


def _visible(page: Page, heading: HtmlElement | None, regions: Regions, title: str | None) -> Iterator[Image]:
    passed = heading is None
    given = 0
    tags: tuple[str, ...] = ("h1", "img", "h2", "h3", "div", "span")
    if len(page.elements) <= MOST_ELEMENTS:  # they need not be counted
        tags = tuple(tag for tag in tags if tag == "img" or (heading is not None and tag == heading.tag))
    for i, element in enumerate(page.tree.iter(*tags)):
        if element is heading:
            passed = True
        if element.tag != "img":
            continue
        # Above the headline only the article's own block counts, where some themes put the lead image.
        above = (
            not passed
            and regions.is_own(element)
            and not _is_small(element)
            and not _leads_elsewhere(element)
        )
        if (passed or above) and (image := _image(page, element, regions, title)):
            yield image
            given += 1
        if given >= 20 or (passed and i > MOST_ELEMENTS):
            return


def _within(page: Page, container: HtmlElement, regions: Regions, title: str | None) -> Iterator[Image]:
    for element in islice(container.iter("img"), MOST_IMAGES):
        if (
            not _is_small(element)
            and not _leads_elsewhere(element)
            and (image := _image(page, element, regions, title))
        ):
            yield image


_NOT_THE_ARTICLE = (Region.OTHER, Region.COMMENTS, Region.HIDDEN, Region.FRAME)


def _image(page: Page, element: HtmlElement, regions: Regions, title: str | None) -> Image | None:
    """The picture with its caption, None if it is not part of the content."""
    region = regions.of(element)
    if region in _NOT_THE_ARTICLE:
        return None
    url = page.absolute(_source(element))
    if not url or _NOT_CONTENT.search(url.rsplit("/", 1)[-1]):
        return None
    above = list(islice(element.iterancestors(), 12))
    # The header of the article's own block holds its lead image in many themes.
    own = region is Region.ARTICLE
    if any(a.tag in _ASIDE and not (own and a.tag == "header") for a in above) or any(
        _NOT_CONTENT_MARK.search((a.get("class") or "")[:200]) for a in above[:4]
    ):
        return None
    figure = next((a for a in above if a.tag == "figure"), None)
    caption = by = None
    if figure is not None:
        texts = [one_line(c.text_content()) for c in figure.iter("figcaption")]
        text = next((t for t in texts if t), None)
        by = credit_of(text) if text else None
        caption = None if by else text
    alt = one_line(_MARKUP.sub(" ", element.get("alt") or ""))
    if (
        not caption
        and word_count(alt) > 2
        and alt.lower() not in _NO_CAPTION
        and squash(alt) != squash(title)
    ):
        caption = alt
    return Image(url, caption[:1000] if caption else None, by)


def _source(element: HtmlElement) -> str | None:
    """The address of a picture, also of one that a script would load later."""
    given = [
        element.get(name) or "" for name in ("src", "data-src", "data-original", "data-lazy-src", "data-lazy")
    ]
    given += [_largest(element.get(name) or "") for name in ("data-srcset", "data-lazy-srcset", "srcset")]
    usable = [value for value in given if value and not value.startswith("data:")]
    return next(
        (v for v in usable if not _NOT_CONTENT.search(v.rsplit("/", 1)[-1])), usable[0] if usable else None
    )


_MARKUP = re.compile(r"<[^<>]{0,500}>")


def _largest(candidates: str) -> str:
    """The address of the largest picture in a srcset ("a.jpg 300w, b.jpg 900w"), "" if there is none."""
    found = [part.split() for part in candidates[:5000].split(", ")]
    sized = [
        (float(p[1][:-1]), p[0]) for p in found if len(p) == 2 and re.fullmatch(r"\d{1,5}(?:\.\d)?[wx]", p[1])
    ]
    return max(sized)[1] if sized else found[0][0] if found and found[0] else ""


def _is_small(element: HtmlElement) -> bool:
    sizes = (element.get("width") or "", element.get("height") or "")
    return any(size.isascii() and size.isdigit() and len(size) < 6 and int(size) < SMALLEST for size in sizes)


def _leads_elsewhere(element: HtmlElement) -> bool:
    """Whether the picture is a link to another page, as thumbnails of other articles are. A link to a picture enlarges it."""
    link = next((a for a in islice(element.iterancestors(), 4) if a.tag == "a"), None)
    href = link.get("href") if link is not None else None
    return bool(href) and not re.search(
        r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])|^#", href or "", re.IGNORECASE
    )


def _stem(url: str) -> str:
    name = url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
    return re.sub(r"[-_]\d{2,4}x\d{2,4}|\.\w{2,5}$", "", name)


# --- photo credits ------------------------------------------------------------------------------


def credit_lines(heading: HtmlElement | None, regions: Regions) -> list[str]:
    """Photo-credit lines between the headline and the text."""
    if heading is None:
        return []
    found: list[str] = []
    out = regions.outline
    start = out.position.get(heading, len(out.elements)) + 1
    lines = (i for i in range(start, len(out.elements)) if out.elements[i].tag in _LINE_TAGS)
    for i in islice(lines, MOST_LINES):
        line = one_line(out.start_of(i, 200)) if few_children(out.elements[i], 4) else ""
        if 3 < len(line) < 120 and credit_of(line):
            found.append(line)
            break
    return found


_LINE_TAGS = frozenset({"h1", "h2", "h3", "p", "div", "span", "em", "strong", "i", "b", "address"})
MOST_LINES = 82  # elements below the headline that may be a credit
