"""The article's section and tags, from metadata or from the breadcrumbs and label above the headline."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.extract.data.jsonld import text_of
from newscrawl.extract.fields.candidate import Candidate, Choice, first
from newscrawl.extract.page.elements import brief_text
from newscrawl.extract.page.lines import UNSPACED, one_line, squash, word_count
from newscrawl.extract.regions.region_names import says_own
from newscrawl.extract.regions.regions import Region
from newscrawl.extract.text.phrases import BREADCRUMB, BREADCRUMB_STEP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.data.structured import Structured
    from newscrawl.extract.regions.regions import Regions


# Names of the front page at the start of breadcrumbs, squashed.
_HOME = frozenset(
    [
        "home",
        "homepage",
        "frontpage",
        "main",
        "главная",
        "бастыбет",
        "басты",
        "башкыбет",
        "головна",
        "начало",
        "boshsahifa",
        "anasayfa",
        "startseite",
        "start",
        "accueil",
        "inicio",
        "início",
        "portada",
        "paginainicial",
        "homepagina",
        "hem",
        "hjem",
        "forside",
        "etusivu",
        "kezdőlap",
        "acasă",
        "stronagłówna",
        "domů",
        "úvod",
        "αρχική",
        "beranda",
        "trangchủ",
        "首页",
        "首頁",
        "ホーム",
        "トップ",
        "홈",
        "الرئيسية",
    ]
)


def sections(
    data: Structured,
    heading: HtmlElement | None,
    regions: Regions,
    outlets: tuple[str, ...],
    linked: Sequence[str] = (),
    announced: Sequence[str] = (),
) -> Choice[str]:
    """The article's section. `linked` are those that links state (see `linked`), `announced` the categories of a feed."""
    own = {squash(o) for o in outlets}
    found = []
    for value, _ in data.values("articleSection"):
        found.append(Candidate(_first_of(text_of(value)), "json-ld"))
    found += [Candidate(_first_of(v), n) for n, v in data.meta("article:section", "og:section", "parsely-section", "section", "category",
                                                    "cxenseparse:recs:category")]  # fmt: skip
    found += [Candidate(v, "microdata") for v in data.microdata.get("articlesection", ())]
    named = (e for e in regions.outline.elements if "breadcrumb" in (e.get("class") or ""))
    for element in islice(named, 0 if any(map(_is_usable, found)) else 1):
        links = [one_line(a.text_content()) for a in element.iter("a")]
        links = [t for t in links if t and squash(t) not in own and squash(t) not in _HOME]
        found += [Candidate(t, "breadcrumbs") for t in links[:1]]
    if not found:
        found += [Candidate(t, "breadcrumbs") for t in _crumbs(heading, regions, own)]
    if not found:
        found += [Candidate(v, "link") for v in linked[:1]]
    if not found:
        found += [Candidate(t, "above the headline") for t in _label_above(heading, regions, own)]
    found += [Candidate(v, "channel") for v in announced[:1]]
    return first(list(filter(_is_usable, found)))


def _is_usable(section: Candidate[str]) -> bool:
    return 1 < len(section.value) < 80 and not section.value.startswith("http")


_CATEGORY = re.compile(
    r"/(?:categor(?:y|ies|ia|ie)|rubri(?:c|k|ka|que|cs)|sections?|kategori\w*)/[^/?#]"
    r"|[?&](?:cat|category_name)=[^&#]",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"/(?:tags?|topics?|keywords?|temy?|teg|hashtags?|schlagwort(?:e)?|stichwort|thema|themen|etiquetas?|tema)/[^/?#]"
    r"|[?&]tag(?:_id)?=[^&#]",
    re.IGNORECASE,
)
_TAG_MARK = re.compile(
    r"(?:^|[\s_-])(?:tags?|tagged|keywords?|schlagworte?|teg)(?:$|[\s_-]|links?|list)|(?:article|post|story|news|related)[_-]?(?:tags?|topics?|keywords?)(?![a-z])",
    re.IGNORECASE,
)
_NOT_TAGS = re.compile(r"cloud|popular|trending|hot-|title|header", re.IGNORECASE)
_HASHES = ("#", "＃")
MOST_WORDS = 6  # of a tag or a section
MOST_BESIDE = 12  # words of a paragraph beside its links, above which the links stand in a sentence


def linked(regions: Regions) -> tuple[list[str], list[str]]:
    """(sections, tags) that links in the article's own block state by their relation (rel="category tag") or their address."""
    categories: dict[str, str] = {}
    tags: dict[str, str] = {}
    in_article = regions.block is not None and regions.block.tag == "article"
    for link in regions.block.iter("a") if regions.block is not None else ():
        rel = link.get("rel")
        relations = rel.lower().split() if rel else []
        href = link.get("href") or ""
        stated = "tag" in relations or "category" in relations or (link.text or "").lstrip()[:1] in _HASHES
        if href.startswith("#"):
            continue
        named = _names_section(link)
        if not (stated or named or _CATEGORY.search(href) or _TAG.search(href) or _marked_tags(link)):
            continue
        text = one_line(brief_text(link, 200)).lstrip("#＃").strip()
        # The footer of an <article> is its own even where a class of it says "footer" once more.
        region = regions.of(link)
        own = region is Region.ARTICLE or (
            "tag" in relations and region is Region.FRAME and (in_article or _in_own_footer(link))
        )
        if not own or not _is_long_enough(text) or word_count(text) > MOST_WORDS or _in_sentence(link):
            continue
        section = (
            named or "category" in relations or (bool(_CATEGORY.search(href)) and not _marked_tags(link))
        )
        (categories if section else tags).setdefault(squash(text), text)
    return list(categories.values()), list(tags.values()) or _tags_below(regions)


MOST_BELOW = 15  # tags below the article's block; more are a cloud of the site's
APART = 8  # elements between two tags of one list


def _tags_below(regions: Regions) -> list[str]:
    """The tags of the first list below the article's own block that is marked as one and nobody else's."""
    out = regions.outline
    if regions.block is None or regions.heading is None:
        return []
    found: dict[str, str] = {}
    last = -1
    for i in range(out.end[out.position[regions.block]], len(out.elements)):
        link = out.elements[i]
        if link.tag != "a" or regions.regions[i] not in (Region.PAGE, Region.FRAME):
            continue
        related = "tag" in (link.get("rel") or "").lower().split()
        if not related and not _marked_tags(link):
            continue
        if regions.regions[i] is Region.FRAME and not (related and _in_own_footer(link)):
            continue
        if found and i - last > APART:
            break
        text = one_line(brief_text(link, 200)).lstrip("#＃").strip()
        if (
            _is_long_enough(text)
            and word_count(text) <= MOST_WORDS
            and not (link.get("href") or "#").startswith("#")
        ):
            found.setdefault(squash(text), text)
            last = i
    return list(found.values()) if len(found) <= MOST_BELOW else []


_SECTION_NAME = re.compile(r"(?:^|[\s_-])categor(?:y|ies)[_-](?:name|link)s?(?:$|\s)", re.IGNORECASE)


def _names_section(link: HtmlElement) -> bool:
    """Whether the class of a link or of the element around it says that it is the name of a category."""
    return any(
        (name := e.get("class")) and _SECTION_NAME.search(name[:200])
        for e in (link, *islice(link.iterancestors(), 1))
    )


def _in_own_footer(link: HtmlElement) -> bool:
    """Whether a link stands in what a post calls its own footer ("post-footer"), which a name alone makes the site's."""
    return any(
        "footer" in (e.get("class") or "").lower() and says_own(e)
        for e in islice(link.iterancestors("div"), 4)
    )


def _in_sentence(link: HtmlElement) -> bool:
    """Whether a link stands in running text."""
    around = next((a for a in islice(link.iterancestors(), 4) if a.tag in ("p", "li", "blockquote")), None)
    if around is None:
        return False
    words = word_count(around.text_content()[:1500])
    return words - sum(word_count(a.text_content()) for a in around.iter("a")) > MOST_BESIDE


def _marked_tags(link: HtmlElement) -> bool:
    """Whether a class, an id or a test id of a link or of an element right around it calls it a tag."""
    called = False
    for e in (link, *islice(link.iterancestors(), 3)):
        name, test_id = e.get("class"), e.get("data-testid") or e.get("id")
        if (name or test_id) and e.tag not in ("body", "article", "main"):
            tag, other = _tag_marks(f"{name or ''} {test_id or ''}"[:200])
            if other:
                return False
            called = called or tag
    return called


@lru_cache(maxsize=4096)
def _tag_marks(marks: str) -> tuple[bool, bool]:
    """(whether a class and a test id call an element a tag, whether they call it something else)."""
    return _TAG_MARK.search(marks) is not None, _NOT_TAGS.search(marks) is not None


def _first_of(sections: str) -> str:
    """The first of several sections in one string ("Illinois, Local"); "Arts, Culture and Sport" is one."""
    parts = [p.strip() for p in sections.split(",")]
    several = (
        len(parts) > 1
        and all(parts)
        and not re.search(r"(?:\s(?:and|und|et|y|e|и|және|og|och|en)\s|&)\s*\S+$", parts[-1])
    )
    return parts[0] if several else sections


_CRUMB_TAGS = frozenset({"p", "div", "nav", "ul", "ol", "span"})


def _crumbs(heading: HtmlElement | None, regions: Regions, own: set[str]) -> Iterator[str]:
    """The last step of the breadcrumbs before the headline ("Home | Society"): a line, or a short list of links."""
    if heading is None:
        return
    title = squash(heading.text_content())
    out = regions.outline
    at = out.position[heading]
    above = (i for i in range(at) if out.elements[i].tag in _CRUMB_TAGS and out.end[i] <= at)
    for i in islice(above, 400):
        element = out.elements[i]
        if out.end[i] - i > 30 or len(element) > 8:
            continue
        if element.tag in ("nav", "ul", "ol") and element.find(".//a") is not None:
            line = " | ".join(
                one_line(e.text_content())
                for e in element.iter("li", "a")
                if e.tag == "li" or (around := e.getparent()) is None or around.tag != "li"
            )
        else:
            line = one_line(" ".join(out.pieces[out.first_piece[i] : out.last_piece[i]]))
        if not BREADCRUMB.match(line[:300]):
            continue
        steps = [s.strip() for s in BREADCRUMB_STEP.split(line)[1:]]
        steps = [s for s in steps if s and squash(s) not in own and squash(s) != title]
        # Breadcrumbs are short and lead one into the other; a main menu may begin with "Home" too.
        if 1 <= len(steps) <= 2 and word_count(steps[-1]) <= 4 and not _is_menu(element):
            yield steps[-1]
        return


def _is_menu(element: HtmlElement) -> bool:
    """Whether the links of a list lead beside each other (/town/, /letters/), as those of a menu, and not one into the other."""
    if element.tag != "nav" and not any(a.tag in ("nav", "header") for a in element.iterancestors()):
        return False
    paths = [urlsplit(a.get("href") or "").path.rstrip("/") for a in islice(element.iter("a"), 12)][1:]
    return any(not after.startswith(before) for before, after in pairwise(paths))


_SECTION_MARK = re.compile(
    r"categor|rubri[ckq]|(?:^|[\s_-])sections?(?:$|[\s_-]|name|link|label|title)", re.IGNORECASE
)
_LABEL = re.compile(r"^[^\W\d_][^\d|/<>=@:;!?.]{1,38}$")
_NO_SECTION_WORDS = (
    "ru kz kk en rus eng qaz каз рус қаз қазақша русский english login register войти вход регистрация кіру тіркелу поиск search "
    "реклама контакты меню menu подписаться subscribe back назад артқа share поделиться news новости жаңалықтар"
)  # fmt: skip
_NO_SECTION = frozenset(_NO_SECTION_WORDS.split())
LINES_ABOVE = 3  # short texts above the headline among which the section is searched


_LABEL_TAGS = frozenset({"p", "div", "span", "a"})
MOST_ABOVE = 60  # elements above the headline among which that line is searched


def _label_above(heading: HtmlElement | None, regions: Regions, own: set[str]) -> Iterator[str]:
    """The section in the line right above the headline: "Society | Headline", "Rubric | Society", or a lone link with such a class."""
    if heading is None:
        return
    title = squash(heading.text_content())
    seen = 0
    out = regions.outline
    at = out.position[heading]
    above = (i for i in range(at - 1, -1, -1) if out.elements[i].tag in _LABEL_TAGS and out.end[i] <= at)
    for i in islice(above, MOST_ABOVE):
        element = out.elements[i]
        if element.find("./p") is not None or element.find("./div") is not None:
            continue
        first = out.first_piece[i]
        line = one_line(" ".join(out.pieces[first : min(out.last_piece[i], first + 12)]))[:400]
        if not line or any(a.tag in ("nav", "ul", "footer", "aside", "a") for a in element.iterancestors()):
            continue
        label = ""
        links = element.findall(".//a")
        marks = f"{element.get('class') or ''} {element.get('id') or ''}"
        if " | " in line and element.tag != "span":
            steps = [s.strip() for s in line.split(" | ")]
            steps = steps[:-1] if squash(steps[-1]) == title else steps
            if 1 <= len(steps) <= 2 and all(map(_LABEL.match, steps)) and _is_label(steps[-1]):
                label = steps[-1] if squash(steps[-1]) not in own | _HOME else ""
        elif (
            len(links) == 1
            and squash(links[0].text_content()) == squash(line)
            and _SECTION_MARK.search(marks)
        ):
            label = line if _is_label(line) and squash(line) not in own | _HOME else ""
        if label:
            yield label
            return
        seen += 1
        if seen >= LINES_ABOVE:
            return


def _is_label(text: str) -> bool:
    return bool(_LABEL.match(text)) and word_count(text) <= 4 and squash(text) not in _NO_SECTION


def tags(data: Structured, linked: Sequence[str], announced: Sequence[str] = ()) -> Choice[tuple[str, ...]]:
    """The article's tags: JSON-LD keywords, else metas, else those that links state, else the categories of a feed.

    A list that two metas state in the same words wins over one that stands alone.
    """
    found: list[Candidate[tuple[str, ...]]] = []
    for value, _ in data.values("keywords"):
        parts = value if isinstance(value, list) else _split(text_of(value))
        found.append(Candidate(_tag_list(text_of(p) for p in parts), "json-ld"))
    for name in (
        "article:tag",
        "news_keywords",
        "og:article:tag",
        "parsely-tags",
        "sailthru.tags",
        "classification-tags",
        "keywords",
    ):
        values = [v for _, v in data.meta(name)]
        if values:
            found.append(Candidate(_tag_list(p for v in values for p in _split(v)), name))
    found.append(Candidate(_tag_list(iter(linked)), "link"))
    found.append(Candidate(_tag_list(iter(announced[1:])), "channel"))
    found = [c for c in found if c.value]
    for one in found:
        key = set(map(squash, one.value))
        twice = any(o.origin != one.origin and set(map(squash, o.value)) == key for o in found)
        if twice and one is not found[0]:
            return Choice(one, tuple(found), "stated twice in the same words")
        if twice:
            break
    return first(found)


def _split(text: str) -> list[str]:
    """A string of tags split at commas, else at semicolons and bars; at spaces in scripts without spaces between words."""
    for mark in (r"[,，、،]", r"[;；|]"):
        parts = re.split(mark, text)
        if len(parts) > 1:
            return parts
    return text.split() if re.fullmatch(r"[\u3400-\u9fff]+(?:\s+[\u3400-\u9fff]+)+", text) else [text]


def _tag_list(parts: Iterator[str]) -> tuple[str, ...]:
    found = [one_line(p).strip(" #\"'") for p in parts]
    return tuple(dict.fromkeys(t for t in found if _is_long_enough(t) and not t.isdecimal()))[:50]


def _is_long_enough(tag: str) -> bool:
    """Whether a text has the length of a tag: one character is a word in scripts without spaces."""
    return 1 < len(tag) < 80 or bool(UNSPACED.match(tag))
