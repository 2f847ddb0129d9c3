"""Confidence that a trial page is an article and was extracted correctly, with reasons; and whether enough of them are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.model import Article, Lead
from newscrawl.text import words

GOOD = 0.6
"""From this confidence on a page counts as an article that was extracted correctly."""
_NEAR = timedelta(days=2)  # feeds round their dates, time zones are guessed


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial page: the article, the confidence (0 to 1), and the reasons why it is not higher."""

    url: str
    article: Article | None
    confidence: float
    doubts: tuple[str, ...] = ()


def trial(url: str, article: Article | None, lead: Lead | None, problem: str | None = None) -> Trial:
    """The confidence that a page is an article and was extracted correctly.

    The type counts 0.3, a title that agrees with the list's headline 0.2, a date near the list's date 0.25, a
    body of 60 words or more 0.15 and an author 0.1. Of what the list does not say, half counts.
    """
    if article is None:
        return Trial(url, None, 0.0, (problem or "no answer",))
    if not article.is_article:
        return Trial(url, article, 0.0, (f"{article.page_type.value}: {article.reason or 'no article'}",))
    doubts: list[str] = []
    points = 0.3
    points += 0.2 * _title(article, lead, doubts)
    points += 0.25 * _date(article, lead, doubts)
    length = len(words(article.body))
    points += 0.15 * min(1.0, length / 60)
    if length < 60:
        doubts.append(f"only {length} words")
    if article.authors:
        points += 0.1
    else:
        doubts.append("no author")
    return Trial(url, article, round(points, 2), tuple(doubts))


def works(trials: Sequence[Trial]) -> bool:
    """Whether the source will work: six in ten trial pages are articles that were extracted well enough."""
    good = sum(one.confidence >= GOOD for one in trials)
    return bool(trials) and good * 10 >= len(trials) * 6


def _title(article: Article, lead: Lead | None, doubts: list[str]) -> float:
    if not article.title:
        doubts.append("no title")
        return 0.0
    headline = lead.headline if lead is not None else None
    if not headline:
        return 0.5
    in_title, in_headline = set(words(article.title)), set(words(headline))
    # A card's text contains the headline among other words, or its beginning.
    agreeing = len(in_title & in_headline) / max(1, min(len(in_title), len(in_headline)))
    if agreeing < 0.5:
        doubts.append("the title is not the list's headline")
    return 1.0 if agreeing >= 0.8 else agreeing


def _date(article: Article, lead: Lead | None, doubts: list[str]) -> float:
    at = article.published
    if at is None:
        doubts.append("no date")
        return 0.0
    if lead is None or lead.published is None:
        if lead is not None and lead.modified is not None and lead.modified < at - _NEAR:
            doubts.append("published after the sitemap's last change")
            return 0.5
        return 0.8
    if abs(at - lead.published) > _NEAR:
        doubts.append(f"dated {_day(at)}, the list says {_day(lead.published)}")
        return 0.2
    return 1.0


def _day(at: datetime) -> str:
    return re.sub("T.*", "", at.isoformat())
