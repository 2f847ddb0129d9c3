"""Puts one page's Article together: every field's candidates, the order of preference, and where each value came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newscrawl.errors import PageError
from newscrawl.extract import (
    authors,
    body,
    bylines,
    dates,
    furniture,
    images,
    language,
    marks,
    nearby,
    pagetype,
    titles,
    topics,
)
from newscrawl.extract.candidate import Candidate, Choice, first
from newscrawl.extract.lines import one_line, squash, word_count
from newscrawl.extract.page import EmptyPageError, NotHtmlError, Page, read_page
from newscrawl.extract.structured import read_structured
from newscrawl.model import Article, ExtractRules, PageType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from lxml.html import HtmlElement


@dataclass(frozen=True)
class Examination:
    """The Article and, for each field, all candidates with the one taken and why: what `--explain` shows."""

    article: Article
    choices: Mapping[str, Choice[Any]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def examine(
    content: bytes,
    url: str,
    *,
    content_type: str | None = None,
    fetched_at: datetime,
    rules: ExtractRules,
    encoding: str | None = None,
) -> Examination:
    """Read one page. Raises nothing for anything a page may hold; ValueError for a naive `fetched_at` (a caller's bug)."""
    if fetched_at.tzinfo is None:
        raise ValueError("fetched_at must be an aware datetime")
    try:
        page = read_page(content, url, content_type, encoding)
    except EmptyPageError as error:
        return Examination(Article(url, PageType.EMPTY, error.message))
    except NotHtmlError as error:
        feed = "document" in error.message
        return Examination(Article(url, PageType.OTHER if feed else PageType.UNREADABLE, error.message))
    except PageError as error:
        return Examination(Article(url, PageType.UNREADABLE, error.message))
    return _examine(page, fetched_at, rules)


def _examine(page: Page, now: datetime, rules: ExtractRules) -> Examination:
    data = read_structured(page)
    canonical = _canonical(page)
    if kind := pagetype.before_reading(page, data):
        said = titles.titles(page, data, rules.outlet_names).value
        return Examination(Article(page.url, kind.page_type, kind.reason, title=said), problems=data.problems)

    outlets = titles.outlet_names(page, data, rules.outlet_names)
    title = titles.titles(page, data, outlets)
    heading = _heading(page, title.value)
    subtitle = titles.subtitles(data, heading, title.value)
    near = nearby.read_nearby(heading)
    published, modified = dates.instants(page, data, near, rules.zone, now)

    text = body.read_text(page.tree, heading, rules.stop_headings)
    said_of = marks.read_marks(page.tree)
    stated = authors.read_sources(page, data, near, outlets)
    cleaned = furniture.clean_up(
        text.paragraphs,
        title=title.value,
        captions=said_of.captions,
        links=said_of.links,
        headings=said_of.headings,
        names={squash(a.name) for c in stated for a in c.value},
        stops=rules.stop_headings,
        outlets=outlets,
    )
    apart = bylines.labelled_lines(page, heading, cleaned.bylines)
    credited = authors.authors(stated, [*cleaned.bylines, *apart], outlets)
    article_body = "\n\n".join(_without_standfirst(cleaned.paragraphs, subtitle.value))
    spoken = language.language(page, data, f"{title.value or ''}\n{article_body}", rules.language)
    lead = images.images(page, data, heading, [*cleaned.credits, *_credits(page, heading)], title.value)
    section = topics.sections(page, data, heading, outlets)
    tags = topics.tags(data)
    kind = pagetype.after_reading(
        page,
        data,
        title=title.value,
        body=article_body,
        dated=published.taken is not None and published.taken.origin != dates.GUESS,
        authored=credited.value is not None,
        pruned=text.tree,
        end=" ".join(text.paragraphs[-3:])[-600:],
        outlets=outlets,
    )
    choices: dict[str, Choice[Any]] = {
        "title": title, "subtitle": subtitle, "authors": credited, "published": published, "modified": modified,
        "language": spoken, "section": section, "tags": tags, "images": lead, "canonical": canonical,
        "body": first([Candidate(article_body, text.origin)] if article_body else []),
    }  # fmt: skip
    article = Article(
        url=canonical.value or page.url,
        page_type=kind.page_type,
        reason=kind.reason,
        title=title.value,
        subtitle=subtitle.value,
        authors=credited.value or (),
        published=published.value.at if published.value else None,
        published_precision=published.value.precision if published.value else None,
        modified=modified.value.at if modified.value else None,
        language=spoken.value,
        section=section.value,
        tags=tags.value or (),
        images=(lead.value,) if lead.value else (),
        body=article_body,
        canonical=canonical.value,
        alternates=_alternates(page),
        paywalled=pagetype.paywalled(data),
        origins={name: choice.taken.origin for name, choice in choices.items() if choice.taken},
    )
    return Examination(article, choices, data.problems)


def _without_standfirst(paragraphs: Sequence[str], subtitle: str | None) -> Sequence[str]:
    """The body without the standfirst that has a field of its own; a text that has nothing else keeps it."""
    repeated = len(paragraphs) > 1 and bool(subtitle) and squash(paragraphs[0]) == squash(subtitle)
    return paragraphs[1:] if repeated else paragraphs


_ASIDE = frozenset({"aside", "nav", "footer", "li", "form"})


def _heading(page: Page, title: str | None) -> HtmlElement | None:
    """The element of the headline: the h1 that says the title, else a lone h1, else an h2 that says it."""
    found = list(titles.headings_of(page.tree))
    key = squash(title)
    for text, element in found:
        if key and (key in squash(text) or squash(text) in key):
            return element
    for element in page.tree.iter("h2", "h3"):
        if key and squash(element.text_content()[:600]) == key:
            return element
    return found[0][1] if len(found) == 1 and word_count(found[0][0]) > 2 else None


def _following(heading: HtmlElement, page: Page) -> Iterator[HtmlElement]:
    passed = False
    for element in next(page.tree.iter("body"), page.tree).iter(
        "h1", "h2", "h3", "p", "div", "span", "em", "strong", "i", "b", "address"
    ):
        if element is heading:
            passed = True
        elif passed:
            yield element


def _credits(page: Page, heading: HtmlElement | None) -> list[str]:
    """Photo-credit lines between the headline and the text."""
    if heading is None:
        return []
    found: list[str] = []
    for i, element in enumerate(_following(heading, page)):
        line = one_line(element.text_content()[:200]) if len(element) <= 4 else ""
        if 3 < len(line) < 120 and furniture.credit_of(line):
            found.append(line)
        if i > 80 or found:
            break
    return found


def _canonical(page: Page) -> Choice[str]:
    """The page's canonical link, if it names an http(s) page that is not a front page."""
    links = [e for e in page.tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split()]
    found = [Candidate(url, "canonical") for e in links if (url := page.absolute(e.get("href")))]
    usable = [c for c in found if not _is_front(c.value) or _is_front(page.url)]
    return Choice(usable[0] if usable else None, tuple(found), "first that names a page of its own")


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return (
        parts.path.rstrip("/").lower()
        in ("", "/ru", "/kz", "/kk", "/en", "/index.html", "/index.php", "/404")
        and not parts.query
    )


def _alternates(page: Page) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for link in page.tree.iter("link"):
        tag = (link.get("hreflang") or "").strip()
        stated = 0 < len(tag) < 20 and "alternate" in (link.get("rel") or "").lower().split()
        url = page.absolute(link.get("href")) if stated and len(found) < 50 else None
        if url and not _is_front(url):
            found.append((tag, url))
    return tuple(dict.fromkeys(found))
