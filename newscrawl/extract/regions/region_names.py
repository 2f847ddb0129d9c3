"""What the tag, class, id, role or type of an element says about the part of the page it opens."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement


class Region(StrEnum):
    """Whose a part of the page is."""

    ARTICLE = "article"  # this article's own block
    OTHER = "other"  # other articles: related, popular and latest ones, the next article of an endless page
    COMMENTS = "comments"  # readers' comments and the form for them
    FRAME = "frame"  # the site's: header, navigation, footer, boxes at the side, advertisements
    HIDDEN = "hidden"  # what nobody sees
    PAGE = "page"  # outside the article's block, and nothing says whose it is


LONGEST = 300  # characters of a class or an id that are read

# Names for text that only screen readers speak.
_HIDDEN = re.compile(
    r"(?:^|\s)(?:[a-z]{1,8}-)?(?:sr-only|sr-text|visually-?hidden|is-visually-hidden|screen-?reader(?:s|-text|-only)?|a11y-(?:hidden|text)"
    r"|element-invisible|w-condition-invisible|assistive-text|off-?screen|show-for-sr|hidden-accessible)(?:-focusable)?(?=$|\s)",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|clip:rect\((?:0|1px)(?:px)?[, ]|clip-path:inset\((?:50|100)%\)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+")
_COMMENT = frozenset({"comment", "comments", "commentlist", "commentbox", "disqus", "respond", "usercomments", "commentaires", "kommentare",
                      "comentarios", "commenti", "kommentarer", "komentarze", "yorumlar", "kommentarii", "hypercomments", "cackle",
                      "spotim", "openweb", "coral", "viafoura", "livefyre", "replies", "responses", "discussion", "discussions", "discuss",
                      "conversation", "talkback", "guestbook", "otzyvy", "obsuzhdenie", "obsuzhdeniya", "obsuzhdenija",
                      "kommentariy", "kommentarij", "pikir", "pikirler", "pikirlar", "izoh", "izohlar", "yorum", "fikirler", "fikrlar",
                      "sharhlar", "serhler", "komentari", "komentare", "komentarai", "reacties", "reactions", "reaktionen", "diskussion"})  # fmt: skip
# How such words begin where letters of other alphabets stand in names.
_COMMENT_STEM = re.compile(
    r"(?:комментари|коммент$|обсужден|отзыв|пікір|талқыла|коментар|обговорен|yorum|şərh|izoh)"
)
_LISTS_OF_COMMENTS = frozenset(
    {
        "comments",
        "comments-area",
        "comment-list",
        "commentlist",
        "comments-section",
        "comments-list",
        "disqus_thread",
        "respond",
    }
)
# Beside such a word "comment" describes the element around the comments, or the kind of article.
_NOT_COMMENTS = frozenset({"has", "have", "no", "with", "without", "open", "opened", "closed", "status", "type", "tone", "pillar", "enabled", "disabled",
                           "allowed", "count", "section", "content", "page", "body", "editor", "editors", "moderator", "on", "can"})  # fmt: skip
_OF_COMMENTS = frozenset({"section", "content", "body", "page"})
_OTHERS = frozenset({"related", "recommend", "recommended", "recommendation", "recommendations", "popular", "latest", "trending", "recirc",
                     "recirculation", "mostread", "mostpopular", "promo", "teasers", "outbrain", "taboola", "nextarticle", "readmore",
                     "readnext", "readalso", "seealso", "lentanews"})  # fmt: skip
_OTHERS_TOGETHER = re.compile(
    r"(?:^|[\s_-])(?:next|more|other|similar|read|most)[_-]?(?:articles?|news|posts?|stor(?:y|ies)|also|more|next|read|popular|viewed)(?:$|[\s_-])",
    re.IGNORECASE,
)
_TOPICS = frozenset({"tag", "tags", "topic", "topics", "keyword", "keywords"})
_FRAMES = frozenset({"nav", "navbar", "navigation", "menu", "footer", "sidebar", "cookie", "cookies", "consent", "banner", "breadcrumb", "breadcrumbs",
                     "ticker", "rates", "rate", "currency", "subscribe", "newsletter", "copyright", "pagination", "login", "popup", "modal",
                     "masthead", "share", "sharing", "social", "toolbar", "weather", "switcher"})  # fmt: skip
_OWN = re.compile(
    r"(?:^|[\s_-])(?:entry|post|article|story|content|news|single|meta|by-?line|author|hentry)(?:$|[\s_-])",
    re.IGNORECASE,
)
_FRAME_ROLES = frozenset(
    {
        "navigation",
        "banner",
        "contentinfo",
        "complementary",
        "search",
        "dialog",
        "alertdialog",
        "menu",
        "menubar",
    }
)
_FRAME_TAGS = frozenset({"nav", "aside", "dialog", "menu", "amp-ad", "amp-auto-ads", "amp-consent", "amp-embed", "amp-sidebar", "amp-sticky-ad",
                         "amp-user-notification"})  # fmt: skip
EDGES = frozenset({"header", "footer"})


@lru_cache(maxsize=8192)
def named(names: str) -> Region | None:
    """The part of a page that a class or an id stands for; None if it says nothing."""
    if _HIDDEN.search(names):
        return Region.HIDDEN
    found: Region | None = None
    for name in names.split():
        words = [w.lower() for w in _WORD.findall(name)]
        if not _COMMENT.isdisjoint(words) or any(map(_COMMENT_STEM.match, words)):
            others = _NOT_COMMENTS.intersection(words)
            # "comments-section" holds comments, "section-comment" an article of a section.
            if not others or (words[0] in _COMMENT and others <= _OF_COMMENTS):
                return Region.COMMENTS
        if not _OTHERS.isdisjoint(words) or _OTHERS_TOGETHER.search(name):
            # "related-tags" are topics of this article.
            found = found or (None if not _TOPICS.isdisjoint(words) else Region.OTHER)
        elif not _FRAMES.isdisjoint(words):
            found = found or Region.FRAME
    return found


def says_comments(element: HtmlElement) -> bool:
    """Whether an element bears a usual name of a whole list of comments, which no article has."""
    names = {*(element.get("class") or "")[:LONGEST].lower().split(), (element.get("id") or "").lower()}
    return not _LISTS_OF_COMMENTS.isdisjoint(names)


def says_own(element: HtmlElement) -> bool:
    """Whether a header or footer says that it is an article's and not the page's ("entry-footer")."""
    return bool(_OWN.search((element.get("class") or "")[:LONGEST]))


def says_hidden(element: HtmlElement) -> bool:
    """Whether an element says that nobody sees it: by its tag, an attribute, its style, or a name of text for screen readers."""
    if element.tag == "template" or element.get("hidden") is not None:
        return True
    if _hides(element.get("style")):
        return True
    return any(
        names and named(names[:LONGEST]) is Region.HIDDEN
        for names in (element.get("class"), element.get("id"))
    )


def _hides(style: str | None) -> bool:
    return bool(style and _HIDDEN_STYLE.search(style[:LONGEST].replace(" ", "")))


def opened_by(element: HtmlElement) -> tuple[Region | None, bool]:
    """(the part of the page that an element says it opens, None if none; whether its tag or role says so and not a name)."""
    tag = element.tag
    if tag in _FRAME_TAGS:
        return Region.FRAME, True
    if tag == "template":
        return Region.HIDDEN, True
    given = dict(element.items())  # one call; each get() would be another
    if not given:
        return None, False
    if "hidden" in given:
        return Region.HIDDEN, True
    kind = given.get("itemtype")
    if kind and kind.rstrip("/").endswith(("/Comment", "/UserComments")):
        return Region.COMMENTS, True
    role = given.get("role")
    if role and role.lower() in _FRAME_ROLES:
        return Region.FRAME, True
    if _hides(given.get("style")):
        return Region.HIDDEN, True
    name, mark = given.get("class"), given.get("id")
    found = named(name[:LONGEST]) if name else None
    if mark and found is None:
        found = named(mark[:LONGEST])
    return found, False
