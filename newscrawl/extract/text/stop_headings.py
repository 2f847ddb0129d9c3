"""Headings below which other articles are listed ("Latest news"): those of all sites, and a source's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.extract.page.lines import squash

if TYPE_CHECKING:
    from collections.abc import Collection

# Headings after which nothing belongs to the article (such as a list of the newest articles at the foot of the page).
# fmt: off
STOP_HEADINGS = frozenset(
    {
        # English
        "latest news", "latest", "the latest", "recent news", "more news", "latest stories", "latest articles",
        "top stories", "most read", "most popular", "popular news", "trending", "trending now", "news feed", "newsfeed",
        "related news", "related articles", "related stories", "more stories", "recommended", "you may also like",
        "you might also like", "more from this section", "more on this topic", "comments", "leave a comment",
        "recent posts", "breaking news", "read also", "also read", "see also", "read next",
        # Russian
        "лента новостей", "последние новости", "новости", "главные новости", "популярное", "популярные новости",
        "самое читаемое", "самое популярное", "читайте также", "читать также", "похожие новости", "похожие материалы",
        "материалы по теме", "новости по теме", "по теме", "ещё новости", "еще новости", "другие новости", "комментарии",
        "рекомендуем", "смотрите также", "вам может понравиться", "свежие новости", "топ новостей", "новости партнёров",
        "новости партнеров", "актуальное", "главное за день", "все новости",
        # Kazakh, Cyrillic and Latin letters
        "соңғы жаңалықтар", "жаңалықтар легі", "жаңалықтар лентасы", "жаңалықтар таспасы", "жаңалықтар", "оқи отырыңыз",
        "тағы оқыңыз", "тағы да оқыңыз", "ұқсас жаңалықтар", "ең көп оқылған", "көп оқылғандар", "танымал жаңалықтар",
        "өзекті жаңалықтар", "тақырып бойынша", "пікірлер", "барлық жаңалықтар", "басқа жаңалықтар", "ұқсас материалдар",
        "soñğy jañalyqtar", "songy janalyqtar", "soŋğy jaŋalyqtar", "soñğı jañalıqtar", "songy zhanalyktar", "jañalyqtar",
        # neighbours
        "акыркы жаңылыктар", "сўнгги янгиликлар", "so'nggi yangiliklar", "останні новини", "новини",
        "aktuelle nachrichten", "mehr zum thema", "das könnte sie auch interessieren", "son dakika", "son haberler",
        "dernières nouvelles", "à lire aussi", "sur le même thème", "últimas noticias", "ultime notizie",
        "最新ニュース", "最新新闻", "相关阅读", "相关新闻", "関連記事", "related posts",
    }
)
# Those of them that only ever head a list of other articles: the article does not continue below them.
TERMINAL_HEADINGS = frozenset(
    {
        "latest news", "recent news", "latest stories", "latest articles", "top stories", "most read", "most popular",
        "trending", "trending now", "news feed", "newsfeed", "you may also like", "you might also like", "comments",
        "лента новостей", "последние новости", "популярное", "популярные новости", "самое читаемое",
        "самое популярное", "комментарии", "свежие новости", "другие новости", "ещё новости", "еще новости",
        "новости партнёров", "новости партнеров", "соңғы жаңалықтар", "жаңалықтар легі", "жаңалықтар лентасы",
        "жаңалықтар таспасы", "ең көп оқылған", "көп оқылғандар", "танымал жаңалықтар", "пікірлер", "басқа жаңалықтар",
        "soñğy jañalyqtar", "songy janalyqtar", "soŋğy jaŋalyqtar", "soñğı jañalıqtar", "songy zhanalyktar",
        "акыркы жаңылыктар", "сўнгги янгиликлар", "so'nggi yangiliklar", "останні новини",
    }
)

# fmt: on

_MORE = ("viewall", "viewallnews", "seeall", "allnews", "more", "смотретьвсе", "всеновости", "все", "ещё", "еще", "барлығы",
         "барлығынкөру", "барлықжаңалықтар")  # fmt: skip


def with_more(keys: Collection[str]) -> set[str]:
    """Squashed stop headings joined with the squashed link to the whole list ("Latest news" + "view all")."""
    return {key + more for key in keys for more in _MORE}


@dataclass(frozen=True, slots=True)
class StopKeys:
    """Squashed headings, alone and joined with "view all": all of them, the source's own, the terminal ones of all sites."""

    every: frozenset[str]
    own: frozenset[str]
    terminal: frozenset[str]


def stop_keys(own: Collection[str]) -> StopKeys:
    """The stop headings of a page as comparison keys; `own` are those of its source, as written."""
    return _keys(tuple(own))


@lru_cache(maxsize=64)
def _keys(headings: tuple[str, ...]) -> StopKeys:
    own = _squashed(headings)
    return StopKeys(_squashed(STOP_HEADINGS) | own, own, _squashed(TERMINAL_HEADINGS))


def _squashed(headings: Collection[str]) -> frozenset[str]:
    keys = {squash(heading) for heading in headings}
    return frozenset(keys | with_more(keys))
