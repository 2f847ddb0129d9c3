"""Reduces embedded posts of social networks to their words: counts, sender and date change or are not the article's."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.page.elements import drop
from newscrawl.extract.page.lines import one_line, squash

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_POST = re.compile(
    r"(?:^|\s)(?:twitter-tweet|twitter-video|tweet|x-post|instagram-media|tiktok-embed|fb-post|telegram-post"
    r"|bluesky-embed|reddit-embed-bq|reddit-card|mastodon-embed|text-post-media)(?:$|\s)"
)
_COUNT = (
    r"\d[\d\s.,]*(?:[KkMmКкМ]|тыс\.?|мың)?\s*(?:likes?|retweets?|reposts?|repl(?:y|ies)|comments?|shares?|views?|quotes?|лайк\w*"
    r"|отмет\w+|ретвит\w*|репост\w*|просмотр\w*|комментари\w*|ответ(?:а|ов)?|ұнат\w*|лайк\w*|пікір\w*|қаралым\w*|бөліс\w*)"
)
MOST_PARAGRAPHS = 60  # of a post; an element with more is not a post
MOST_PICTURES = 400  # pictures examined for pop-up cards
# Counts at the end of a post, which change at every visit.
COUNTS = re.compile(rf"(?:[\s,;·•|]*{_COUNT}\.?)+\s*$", re.IGNORECASE)


def reduce_embeds(tree: HtmlElement) -> None:
    """Changes `tree`: embedded posts keep only their paragraphs, without counts at their ends; pop-up cards are removed."""
    _drop_popups(tree)
    reduced: set[HtmlElement] = set()
    for post in list(tree.iter("blockquote")):
        if not _POST.search((post.get("class") or "")[:300]) or not reduced.isdisjoint(post.iterancestors()):
            continue
        reduced.add(post)
        paragraphs = list(islice(post.iter("p"), MOST_PARAGRAPHS + 1))
        if not paragraphs:
            drop(post)
            continue
        if len(paragraphs) > MOST_PARAGRAPHS:
            continue
        inside = {e for p in paragraphs for e in p.iter()}
        above = {e for p in paragraphs for e in p.iterancestors()}
        for child in list(post.iterdescendants()):
            if child in inside:
                continue
            if child in above:
                child.text = child.tail = None
            elif child.getparent() is not None:
                child.tail = None
                drop(child)
        post.text = None
        for paragraph in paragraphs:
            paragraph.tail = None
            text = one_line(paragraph.text_content())
            kept = COUNTS.sub("", text[-200:])
            if kept != text[-200:]:
                for child in list(paragraph):
                    paragraph.remove(child)
                paragraph.text = text[:-200] + kept
            if not squash(paragraph.text_content()):
                drop(paragraph)


def _drop_popups(tree: HtmlElement) -> None:
    """Removes the pop-up card of a name in a sentence: a span inside a paragraph with a picture and several links."""
    for picture in list(islice(tree.iter("img"), MOST_PICTURES)):
        card: HtmlElement | None = None
        inner, named = picture, False
        for ancestor in islice(picture.iterancestors(), 8):
            if ancestor.tag == "p" and card is not None:
                if sum(1 for _ in islice(card.iter("a"), 2)) > 1:
                    tail, card.tail = card.tail, None
                    parent, before = card.getparent(), card.getprevious()
                    drop(card)
                    if tail and before is not None:
                        before.tail = (before.tail or "") + tail
                    elif tail and parent is not None:
                        parent.text = (parent.text or "") + tail
                break
            if ancestor.tag not in ("span", "a"):
                break
            # What stands before the card is the name that the sentence has.
            named = named or any(
                one_line(e.text_content()) for e in islice(inner.itersiblings(preceding=True), 5)
            )
            if ancestor.tag == "span" and not named and not _has_own_text(ancestor):
                card = ancestor
            inner = ancestor


def _has_own_text(span: HtmlElement) -> bool:
    """Whether a span has text of its own beside its elements: then it is part of the sentence."""
    return bool(one_line(span.text) or any(one_line(child.tail) for child in islice(span, 20)))
