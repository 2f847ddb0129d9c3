"""Puts one page's Article together: every field's candidates, the order of preference, and where each value came from."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from newscrawl.errors import PageError
from newscrawl.extract import (
    addresses,
    authors,
    body,
    dates,
    furniture,
    headline,
    images,
    language,
    marks,
    pagetype,
    selected,
    titles,
)
from newscrawl.extract.candidate import Candidate, Choice, first
from newscrawl.extract.explain import Examination, Reading
from newscrawl.extract.lines import one_line, squash, word_count
from newscrawl.extract.page import EmptyPageError, NotHtmlError, Page, read_page
from newscrawl.extract.phrases import BREADCRUMB, BREADCRUMB_STEP
from newscrawl.extract.rescue import rescued, stated_texts
from newscrawl.extract.structured import Structured, read_structured, text_of
from newscrawl.model import Article, ExtractRules, PageType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from lxml.html import HtmlElement


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
    selected.trim(page.tree, rules.selectors)
    return replace(_examine(page, fetched_at, rules), page=page)


def _examine(page: Page, now: datetime, rules: ExtractRules) -> Examination:
    data = read_structured(page)
    canonical = addresses.canonical_address(page)
    kind = pagetype.before_reading(page, data)
    # A page that shows nothing may still carry its article in data.
    carried = kind and kind.page_type is PageType.EMPTY and _carried(page, data, rules)
    if kind and not carried:
        said = titles.titles(page, data, rules.outlet_names).value
        return Examination(Article(page.url, kind.page_type, kind.reason, title=said), problems=data.problems)

    outlets = titles.outlet_names(page, data, rules.outlet_names)
    title = titles.titles(page, data, outlets)
    heading = headline.find_heading(page, title.value)
    subtitle = titles.subtitles(data, heading, title.value)
    published = dates.published(page, data, heading, rules.zone, now)
    modified = dates.modified(page, data, heading, rules.zone, now)

    text = body.read_text(page.tree, heading, rules.stop_headings)
    text = rescued(text, page.tree, stated_texts(data), title.value) or text
    said_of = marks.read_marks(page.tree)
    credited_above = authors.authors(page, data, heading, (), outlets)
    cleaned = furniture.clean_up(
        text.paragraphs,
        title=title.value,
        captions=said_of.captions,
        links=said_of.links,
        headings=said_of.headings,
        repeated=said_of.repeated,
        contents=said_of.contents,
        names={squash(a.name) for c in credited_above.candidates for a in c.value},
        people={a.name for c in credited_above.candidates for a in c.value if a.kind == "person"},
        stops=rules.stop_headings,
        outlets=outlets,
    )
    credited = authors.authors(
        page,
        data,
        heading,
        [*cleaned.bylines, *headline.byline_lines(page, heading, cleaned.bylines)],
        outlets,
    )
    article_body = "\n\n".join(_without_standfirst(cleaned.paragraphs, subtitle.value))
    spoken = language.language(page, data, f"{title.value or ''}\n{article_body}", rules.language)
    lead = images.images(
        page,
        data,
        heading,
        [*cleaned.credits, *headline.credit_lines(page, heading)],
        title.value,
        text.container,
    )
    section = _section(page, data, heading, outlets)
    tags = _tags(data)
    kind = pagetype.after_reading(
        page,
        data,
        title=title.value,
        body=article_body,
        dated=published.value is not None,
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
        images=lead.value or (),
        body=article_body,
        canonical=canonical.value,
        alternates=addresses.alternates(page),
        paywalled=pagetype.paywalled(data),
        origins={name: choice.taken.origin for name, choice in choices.items() if choice.taken},
    )
    reading = Reading(text.paragraphs, cleaned, said_of)
    return Examination(article, choices, data.problems, reading=reading)


def _carried(page: Page, data: Structured, rules: ExtractRules) -> bool:
    """Whether the data of a page without visible text hold its article's text."""
    title = titles.titles(page, data, titles.outlet_names(page, data, rules.outlet_names)).value
    nothing = body.Text((), "", page.tree)
    return rescued(nothing, page.tree, stated_texts(data), title) is not None


def _without_standfirst(paragraphs: Sequence[str], subtitle: str | None) -> Sequence[str]:
    """The body without the standfirst that has a field of its own; a text that has nothing else keeps it."""
    repeated = len(paragraphs) > 1 and bool(subtitle) and squash(paragraphs[0]) == squash(subtitle)
    return paragraphs[1:] if repeated else paragraphs


def _section(
    page: Page, data: Structured, heading: HtmlElement | None, outlets: tuple[str, ...]
) -> Choice[str]:
    own = {squash(o) for o in outlets}
    found = []
    for value, _ in data.values("articleSection"):
        found.append(Candidate(text_of(value), "json-ld"))
    found += [Candidate(v, n) for n, v in data.meta("article:section", "og:section", "parsely-section", "section", "category",
                                                    "cxenseparse:recs:category")]  # fmt: skip
    found += [Candidate(v, "microdata") for v in data.microdata.get("articlesection", ())]
    for element in page.tree.xpath(
        "//*[contains(concat(' ', @class, ' '), 'breadcrumb') or contains(@class, 'breadcrumbs')]"
    )[:1]:
        links = [one_line(a.text_content()) for a in element.iter("a")]
        links = [
            t
            for t in links
            if t and squash(t) not in own and squash(t) not in ("home", "главная", "бастыбет", "басты")
        ]
        found += [Candidate(t, "breadcrumbs") for t in links[:1]]
    if not found:
        found += [Candidate(t, "breadcrumbs") for t in _crumbs(heading, own)]
    kept = [c for c in found if 1 < len(c.value) < 80 and not c.value.startswith("http")]
    return first(kept)


def _crumbs(heading: HtmlElement | None, own: set[str]) -> Iterator[str]:
    """The last step of the path shown before the headline ("Home | Society"): a line, or a short list of links."""
    if heading is None:
        return
    title = squash(heading.text_content())
    for element in islice(
        heading.xpath(
            "preceding::*[self::p or self::div or self::nav or self::ul or self::ol or self::span]"
        ),
        400,
    ):
        if len(element) > 8 or sum(1 for _ in islice(element.iterdescendants(), 30)) >= 30:
            continue
        if element.tag in ("nav", "ul", "ol") and element.find(".//a") is not None:
            line = " | ".join(
                one_line(e.text_content())
                for e in element.iter("li", "a")
                if e.tag == "li" or e.getparent().tag != "li"
            )
        else:
            line = one_line(" ".join(element.itertext()))
        if not BREADCRUMB.match(line[:300]):
            continue
        steps = [s.strip() for s in BREADCRUMB_STEP.split(line)[1:]]
        steps = [s for s in steps if s and squash(s) not in own and squash(s) != title]
        # A path is short; the main menu may begin with "Home" as well.
        if 1 <= len(steps) <= 2 and word_count(steps[-1]) <= 4:
            yield steps[-1]
        return


def _tags(data: Structured) -> Choice[tuple[str, ...]]:
    found: list[Candidate[tuple[str, ...]]] = []
    for value, _ in data.values("keywords"):
        parts = value if isinstance(value, list) else text_of(value).split(",")
        found.append(Candidate(_tag_list(text_of(p) for p in parts), "json-ld"))
    for name in (
        "article:tag",
        "news_keywords",
        "og:article:tag",
        "parsely-tags",
        "sailthru.tags",
        "keywords",
    ):
        values = [v for _, v in data.meta(name)]
        if values:
            found.append(Candidate(_tag_list(p for v in values for p in v.split(",")), name))
    return first([c for c in found if c.value])


def _tag_list(parts: Iterator[str]) -> tuple[str, ...]:
    tags = [one_line(p).strip(" #\"'") for p in parts]
    return tuple(dict.fromkeys(t for t in tags if 1 < len(t) < 80))[:50]
