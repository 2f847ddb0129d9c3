"""Puts the Article of a page together: reads every field, chooses among its candidates, and notes where each value comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newscrawl.errors import PageError
from newscrawl.extract import pagetype
from newscrawl.extract.data.structured import Structured, read_structured
from newscrawl.extract.explain import Examination, Reading
from newscrawl.extract.fields import (
    addresses,
    beside,
    dates,
    images,
    language,
    nearby,
    parts,
    paywall,
    titles,
    topics,
)
from newscrawl.extract.fields.candidate import Candidate, Choice, first
from newscrawl.extract.names import authors, bylines
from newscrawl.extract.names.credits import credits_of
from newscrawl.extract.page import marks, selectors
from newscrawl.extract.page.lines import one_line, squash, word_count
from newscrawl.extract.page.tree import EmptyPageError, NotHtmlError, Page, read_page
from newscrawl.extract.regions.regions import read_regions
from newscrawl.extract.text import body, furniture
from newscrawl.extract.text.rescue import rescued, stated_texts
from newscrawl.model import Announced, Article, ExtractRules, PageType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def examine(
    content: bytes,
    url: str,
    *,
    content_type: str | None = None,
    fetched_at: datetime,
    rules: ExtractRules,
    encoding: str | None = None,
    announced: Announced = Announced(),  # noqa: B008 - frozen
) -> Examination:
    """Reads one page. Page content never causes an error; a naive `fetched_at` raises ValueError."""
    if fetched_at.tzinfo is None:
        raise ValueError("fetched_at must be an aware datetime")
    try:
        page = read_page(content, url, content_type, encoding)
    except EmptyPageError as error:
        # Nothing at all is a broken server's answer; a page without text has its frame.
        nothing = PageType.EMPTY if content.strip() else PageType.UNREADABLE
        return Examination(Article(url, nothing, error.message))
    except NotHtmlError as error:
        feed = "document" in error.message
        return Examination(Article(url, PageType.OTHER if feed else PageType.UNREADABLE, error.message))
    except PageError as error:
        return Examination(Article(url, PageType.UNREADABLE, error.message))
    selectors.trim(page.tree, rules.selectors)
    return replace(_examine(page, fetched_at, rules, announced), page=page)


def _examine(page: Page, now: datetime, rules: ExtractRules, announced: Announced) -> Examination:
    data = read_structured(page)
    canonical = addresses.canonical_address(page)
    kind = pagetype.before_reading(page, data)
    # A page that shows nothing may still have its article in JSON-LD or in scripts.
    in_data = kind and kind.page_type is PageType.EMPTY and _has_text_in_data(page, data, rules)
    if kind and not in_data:
        headline = titles.titles(page, data, rules.outlet_names).value
        return Examination(
            Article(page.url, kind.page_type, kind.reason, title=headline), problems=data.problems
        )

    outlets = titles.outlet_names(page, data, rules.outlet_names)
    own = rules.selectors
    title = _ruled(titles.titles(page, data, outlets, announced.title), page, own.title)
    heading = titles.find_heading(page, title.value)
    subtitle = _ruled(titles.subtitles(data, heading, title.value), page, own.subtitle)
    regions = read_regions(page.tree, heading, rules.stop_headings)
    if locked := pagetype.locked(regions):
        return Examination(
            Article(page.url, locked.page_type, locked.reason, title=title.value), problems=data.problems
        )
    near = nearby.read_nearby(heading, regions)
    published, modified = dates.instants(
        page,
        data,
        near,
        regions,
        rules.zone,
        now,
        ruled=selectors.date_texts(page.tree, own.published),
        local=rules.local_times,
        announced=announced.published,
    )

    text = body.read_text(page.tree, regions)
    text = rescued(text, page.tree, stated_texts(data), title.value) or text
    page_marks = marks.read_marks(text.tree)
    stated = [
        *_ruled_credits(page, own.authors, outlets),
        *authors.read_sources(page, data, near, regions, outlets),
    ]
    cleaned = furniture.clean_up(
        text.paragraphs,
        title=title.value,
        captions=page_marks.captions,
        links=page_marks.links,
        headings=page_marks.headings,
        repeated=page_marks.repeated,
        contents=page_marks.contents,
        names={squash(a.name) for c in stated for a in c.value},
        people={a.name for c in stated for a in c.value if a.kind == "person"},
        stops=rules.stop_headings,
        outlets=outlets,
    )
    subtitle = _unless_paragraph(subtitle, cleaned.paragraphs)
    named = any(a.kind == "person" for c in stated for a in c.value)
    separate = bylines.labelled_lines(heading, regions, cleaned.bylines, named=named)
    credited = authors.authors(
        [*stated, *authors.announced(announced.authors, outlets)],
        [*cleaned.bylines, *separate],
        outlets,
        translates=rules.translates,
    )
    article_body = "\n\n".join(_without_standfirst(cleaned.paragraphs, subtitle.value))
    spoken = language.language(page, data, f"{title.value or ''}\n{article_body}", rules.language)
    photo_lines = [*cleaned.credits, *images.credit_lines(heading, regions)]
    pictures = images.images(page, data, heading, regions, photo_lines, title.value, text.container)
    linked_sections, linked_tags = topics.linked(regions)
    section = _ruled(
        topics.sections(data, heading, regions, outlets, linked_sections, announced.categories),
        page,
        own.section,
    )
    tags = topics.tags(data, linked_tags, announced.categories)
    kind = pagetype.after_reading(
        page,
        data,
        title=title.value,
        body=article_body,
        dated=published.taken is not None and published.taken.origin != dates.GUESS,
        stamped=published.taken is not None and published.taken.origin not in (dates.GUESS, "address"),
        authored=credited.value is not None,
        pruned=text.tree,
        end=" ".join(text.paragraphs[-3:])[-600:],
        outlets=outlets,
        regions=regions,
    )
    choices: dict[str, Choice[Any]] = {
        "title": title, "subtitle": subtitle, "authors": credited, "published": published, "modified": modified,
        "language": spoken, "section": section, "tags": tags, "images": pictures, "canonical": canonical,
        "body": first([Candidate(article_body, text.origin)] if article_body else []),
    }  # fmt: skip
    origins = {name: choice.taken.origin for name, choice in choices.items() if choice.taken}
    of_several = (
        parts.incomplete(page, canonical.value or page.url, regions) if kind.page_type.is_article else None
    )
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
        images=pictures.value or (),
        body=article_body,
        canonical=canonical.value,
        alternates=addresses.alternates(page),
        paywalled=paywall.paywalled(data),
        incomplete=of_several,
        origins=origins,
        beside=beside.beside(page, regions, article_body.split("\n\n")),
    )
    reading = Reading(text.paragraphs, cleaned, page_marks, regions)
    return Examination(article, choices, data.problems, reading=reading)


def _has_text_in_data(page: Page, data: Structured, rules: ExtractRules) -> bool:
    """Whether JSON-LD or scripts of a page without visible text contain its article's text."""
    title = titles.titles(page, data, titles.outlet_names(page, data, rules.outlet_names)).value
    no_text = body.Text((), "", page.tree)
    return rescued(no_text, page.tree, stated_texts(data), title) is not None


def _unless_paragraph(subtitle: Choice[str], paragraphs: Sequence[str]) -> Choice[str]:
    """The standfirst, unless it is a long unmarked line under the headline that is also a paragraph of the text."""
    taken = subtitle.taken
    if taken is None or taken.origin != titles.UNMARKED or word_count(taken.value) <= titles.MOST_UNMARKED:
        return subtitle
    if squash(taken.value) not in map(squash, paragraphs[:3]):
        return subtitle
    return Choice(None, subtitle.candidates, "a long paragraph of the text")


def _without_standfirst(paragraphs: Sequence[str], subtitle: str | None) -> Sequence[str]:
    """The body without the standfirst, which is a field of its own; a body of nothing else keeps it."""
    rest = list(paragraphs)
    while len(rest) > 1 and subtitle and squash(rest[0]) == squash(subtitle):
        del rest[0]  # some pages have it twice, as a standfirst and as the first paragraph
    return rest


def _ruled(found: Choice[str], page: Page, selector: str | None) -> Choice[str]:
    """The field, with the first text that the source's own selector finds preferred to all candidates."""
    texts = selectors.texts(page.tree, selector)
    if not texts:
        return found
    own = Candidate(one_line(texts[0]), "rules")
    return Choice(own, (own, *found.candidates), "the source says where it stands")


def _ruled_credits(
    page: Page, selector: str | None, outlets: Sequence[str]
) -> list[Candidate[authors.Credits]]:
    known = authors.folded(outlets)
    found = [a for line in selectors.texts(page.tree, selector) for a in credits_of(line, known, person=True)]
    return [Candidate(tuple(dict.fromkeys(found)), "rules")] if found else []
