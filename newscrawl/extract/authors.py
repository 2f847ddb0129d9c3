"""Who is credited: names with roles and kinds from JSON-LD, metas and visible bylines. No person is ever invented."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from newscrawl.extract.candidate import Candidate, Choice
from newscrawl.extract.credits import unlabelled
from newscrawl.extract.lines import name_key, one_line, squash
from newscrawl.extract.phrases import AGENCIES, ORGANISATION, labelled
from newscrawl.extract.structured import Structured, text_of, types_of
from newscrawl.model import Author

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.extract.page import Page

Credits = tuple[Author, ...]

MAX_AUTHORS = 30
_METAS = ("parsely-author", "sailthru.author", "article:author", "og:article:author", "author", "article:author_name",
          "cxenseparse:author", "dc.creator", "dcterms.creator", "byl", "citation_author", "article.author", "creator",
          "twitter:data1-author", "og:author", "rbauthors", "bt:author")  # fmt: skip
_LAST_FIRST = ("dc.creator", "dcterms.creator", "citation_author")


def authors(
    page: Page, data: Structured, heading: HtmlElement | None, lines: Sequence[str], outlets: Sequence[str]
) -> Choice[Credits]:
    """All credits of the article; `lines` are the byline lines found at the head or tail of its text.

    Persons of the first source that names any win, in the order JSON-LD, metas, labelled line, marked
    byline. Other roles (original author, translator, photographer, editor) from labelled lines are always
    added: they are explicit. The outlet or an agency counts only where no person is named.
    """
    known = {name_key(o) for o in outlets if name_key(o)}
    sources: list[Candidate[Credits]] = []
    for origin, found in _sources(page, data, heading, lines, known):
        credits_ = _distinct(found)
        if credits_:
            sources.append(Candidate(credits_, origin))
    writers: tuple[Author, ...] = ()
    origins: list[str] = []
    others: list[Author] = []
    for source in sources:
        persons = [a for a in source.value if a.kind == "person"]
        writing = tuple(a for a in persons if a.role in ("author", "original author"))
        if writing and not writers:
            writers = writing
            origins.append(source.origin)
        if source.origin in ("byline", "marked byline") or not others:
            extra = [a for a in persons if a.role != "author" and a not in writers]
            if extra and source.origin not in origins:
                origins.append(source.origin)
            others += extra
    # A name stated with a special role in a labelled line is that, also where metadata calls it plainly the author.
    special = {squash(a.name): a for a in others if a.role == "original author"}
    writers = tuple(special.pop(squash(a.name), a) for a in writers)
    result = _distinct([*writers, *others])
    if not any(a.role in ("author", "original author") for a in result):
        for source in sources:
            organisations = tuple(
                a
                for a in source.value
                if a.kind == "organization" and a.role in ("author", "original author")
            )
            if organisations:
                result = (*organisations, *result)
                origins.insert(0, source.origin)
                break
    if not result:
        return Choice(None, tuple(sources), "nobody is named")
    taken = Candidate(result, "+".join(dict.fromkeys(origins)))
    return Choice(
        taken, tuple(sources), "first source that names a person" if writers else "no person is named"
    )


def _sources(
    page: Page, data: Structured, heading: HtmlElement | None, lines: Sequence[str], known: set[str]
) -> Iterator[tuple[str, list[Author]]]:
    for value, _ in data.values("author", "creator"):
        yield "json-ld", list(_from_json(value, data, known))
    for name in _METAS:
        found: list[Author] = []
        for _, value in data.meta(name):
            if name in _LAST_FIRST and re.fullmatch(r"[^\s,]+, [^\s,]+(?: [^\s,]+)?", value):
                found += credits_of(" ".join(reversed(value.split(", "))), known)
            else:
                found += credits_of(value, known)
        yield name, found
    yield "byline", [a for line in lines for a in credits_of(line, known)]
    yield "microdata", [a for value in data.microdata.get("author", ()) for a in credits_of(value, known)]
    for element, text in _marked(page):
        found = [a for a in credits_of(text, known) if len(text) < 200]
        if element.get("rel") == "author" or found:
            yield "marked byline", found
    for text in _near(heading):
        found = credits_of(text, known)
        if found and all(a.kind == "person" for a in found):
            yield "near headline", found


def _from_json(value: Any, data: Structured, known: set[str]) -> Iterator[Author]:
    for item in map(data.resolve, (value if isinstance(value, list) else [value])[:MAX_AUTHORS]):
        if isinstance(item, dict):
            names = item.get("name")
            for name in names if isinstance(names, list) else [names]:
                text = text_of(name)
                stated_person = "person" in types_of(item)
                stated_organisation = bool(
                    types_of(item) & {"organization", "newsmediaorganization", "corporation"}
                )
                credited = credits_of(text, known, person=stated_person)
                if not credited and stated_organisation and 1 < len(text) < 60:
                    yield Author(text, "author", "organization")
                for author in credited:
                    believed = not stated_organisation or _like_full_name(author.name)
                    yield author if believed else Author(author.name, author.role, "organization")
        elif isinstance(item, str):
            yield from credits_of(item, known)


def _like_full_name(name: str) -> bool:
    """Two or three capitalised words: outlets mark reporters as Organization by mistake."""
    return bool(re.fullmatch(r"[^\W\d_a-zа-я][^\W\d_]+(?: [^\W\d_a-zа-я][^\W\d_.]*\.?){1,2}", name))


# --- a string of names --------------------------------------------------------------------------

_AND = re.compile(
    r"\s*(?:;|\||\s/\s|/(?=[^\W\d_])|&|\n|•|·|、|，|，)\s*|\s+(?:and|und|et|y|og|och|und|и|та|және|jäne|jane|ve|va|en|e|oraz|ja)\s+",
)
_ROLE_INSIDE = re.compile(
    r"[,;.]?\s*\b(?P<words>photos?(?:graphs?|graphy)? by|photographs? (?:by|von)|photo:|with photographs by|foto(?:s)?(?: von)?:"
    r"|фото:|фото —|фотограф:?|сурет:|суретті түсірген:?|translated by|перевод:|аударған:?|edited by|illustrations? by"
    r"|редактор:?|video by|videography by)\s*",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"^(?:original authors?|story by|written by|words by|text by|reporting by|report by|posted by|by|von|par|por|door|di|автор(?:ы)?"
    r"(?: текста| материала| статьи)?|текст|авторы|автордың аты(?:-жөні)?|мәтін|autor(?:in)?|auteur|autore|author|avtor|tekst|de|av|af"
    r"|analysis by|opinion by|interview by|interview|ein gastbeitrag von|ein kommentar von|eine analyse von|una cronaca di|записал[аи]?"
    r"|беседовал[аи]?|подготовил[аи]?|an analysis by|exclusive by|review by|reviewed by)\b\s*[:：]?\s*",
    re.IGNORECASE,
)
_TITLES = re.compile(
    r"(?:^|[\s,(|–—-]+)(?:(?:senior|staff|chief|special|guest|political|foreign|national|business|sports?|science|health|tech|"
    r"technology|culture|world|deputy|managing|executive|associate|assistant|international|diplomatic|security|investigative|freelance|"
    r"former|our|media|data)\s+){0,3}"
    r"(?:correspondent|reporter|journalist(?:in)?|editor(?:-in-chief)?|writer|columnist|contributor|producer|author|staff|(?:chef)?redakteur(?:in)?"
    r"|korrespondent(?:in)?|reporterin|journaliste|корреспондент|журналист(?:ка)?|обозреватель|редактор|тілші|журналисі|автор|колумнист)"
    r"(?:\s+(?:at|for|of|in|bei|der|des|von|chez|отдела|редакции)\s+.{0,60})?$",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\w+|@\w{2,}|\((?:[^()]{0,60})\)|\[[^\[\]]{0,60}\]|<[^<>]{0,100}>",
    re.IGNORECASE,
)
_TAIL_DATE = re.compile(
    r"\s*[,|•·–—-]?\s*(?:\b(?:on|am|le|updated|published|posted)\b.{0,60}|\d{1,2}[./:\s-]\S.{0,40}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|"
    r"oct|nov|dec)\w{0,6}\.? \d{1,2},? .{0,20})$",
    re.IGNORECASE,
)
_PARTICLES = {"von", "van", "de", "der", "den", "di", "da", "del", "della", "la", "le", "el", "al", "bin", "ibn", "ben", "bint", "dos",
              "du", "ter", "ten", "zu", "zur", "zum", "y", "e", "st", "mac", "af", "av", "ул", "қызы", "ұлы", "оглы", "кызы", "углы",
              "uly", "qyzy", "kyzy", "oglu", "qizi", "o‘g‘li", "i", "dr", "jr", "sr", "ii", "iii"}  # fmt: skip
_SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "phd", "ph.d.", "md", "m.d."}


def credits_of(text: str, known: set[str], *, person: bool = False) -> list[Author]:
    """All credits in one string: "By A and B", "X, photo by Y", "Original Author: Z", "Reuters".

    `known` are folded names of the outlet (lines.name_key). `person` says that the source itself
    states a person: then a single or lower-case name is believed.
    """
    text = one_line(text)
    if not text or len(text) > 400:
        return []
    parts = unlabelled(text)
    if not parts:
        role, names = labelled(text) or ("author", text)
        parts = tuple(_by_role(names, role))
    found: list[Author] = []
    for part_role, part in parts:
        for name in _split(part):
            kind = _kind(name, known, person)
            if kind:
                found.append(Author(name, part_role, kind))
    return found[:MAX_AUTHORS]


def _by_role(text: str, role: str) -> Iterator[tuple[str, str]]:
    """The parts of a string with their roles: "X, photo by Y" -> (author, "X"), (photographer, "Y")."""
    position = 0
    for match in _ROLE_INSIDE.finditer(text):
        if match.start() > position:
            yield role, text[position : match.start()]
        words, position = match["words"].lower(), match.end()
        role = ("translator" if re.match("transl|перев|ауда", words) else "editor" if re.match("edit|ред", words)
                else "illustrator" if words.startswith("illu") else "videographer" if words.startswith("video")
                else "photographer")  # fmt: skip
    yield role, text[position:]


def _split(text: str) -> Iterator[str]:
    for piece in _AND.split(_NOISE.sub(" ", text)):
        parts = [p.strip() for p in piece.split(",")]
        kept: list[str] = []
        for part in parts:
            if kept and part.lower() in _SUFFIXES:
                kept[-1] += f" {part}"
            else:
                kept.append(part)
        for part in kept:
            name = clean_name(part)
            if name:
                yield name


def clean_name(text: str) -> str:
    """A name without "By", role, place, date, e-mail, handle and stray punctuation."""
    name = one_line(text)
    for _ in range(3):
        stripped = _PREFIX.sub("", name, count=1)
        stripped = _TAIL_DATE.sub("", stripped)
        without_role = _TITLES.sub("", stripped).strip(" ,|–—-")
        if not without_role:
            return ""  # a role without a name
        # "MND Staff" is the outlet's staff, not a person called MND.
        if " " in without_role or re.search(r"[,|–—(-]", stripped):
            stripped = without_role
        if stripped == name:
            break
        name = stripped
    return (
        name.strip(" \t.,;:|/–—-•·*\"'«»“”()[]")
        if not re.search(r"\b[A-ZА-Я]\.$|Jr\.?$", name)
        else name.strip(" ,;:|–—-")
    )


def _kind(name: str, known: set[str], person: bool) -> str | None:
    """The kind of a credited name, "person" or "organization"; None where the text is no credit at all."""
    key = name_key(name)
    if len(key) < 2 or len(name) > 70 or re.search(r"[<>{}=\\^~#]|\d{2,}", name):
        return None
    if (
        key in known
        or key in AGENCIES
        or squash(name) in AGENCIES
        or re.fullmatch(r"[\w-]+\.(?:com|kz|ru|org|net|de|info|media|tv|uz|kg)", name, re.IGNORECASE)
    ):
        return "organization"
    words = name.split()
    if ORGANISATION.search(name):
        return "organization" if name[:1].isupper() or not name[:1].isalpha() or not name.isascii() else None
    if re.search(r"\d", name):
        return None
    if re.search("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", name):
        return "person" if len(name) <= 12 else None
    if len(words) > 6:
        return None
    significant = [w for w in words if w.lower().strip(".") not in _PARTICLES]
    if not significant:
        return None
    cased = any(c.islower() or c.isupper() for c in name)
    capital = (
        all(w[:1].isupper() or not w[:1].isalpha() or w[:2] in ("d'", "d’", "al") for w in significant)
        if cased
        else True
    )
    if person:
        return "person"
    if not capital:
        return None
    return "person" if len(significant) >= 2 or len(words) >= 2 else None


def _distinct(credits_: Iterable[Author]) -> Credits:
    """Each name once; the role other than plain author wins; part names of a longer one dropped."""
    kept: dict[str, Author] = {}
    for author in credits_:
        key = squash(author.name)
        if key not in kept or kept[key].role == "author":
            kept[key] = author if key not in kept or author.role != "author" else kept[key]
    return tuple(kept.values())[:MAX_AUTHORS]


# --- bylines on the page ------------------------------------------------------------------------

_MARK = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|authors|autor|writer|contributor|article-?author|post-?author)(?:$|[\s_-]|name|s\b)",
    re.IGNORECASE,
)
_NOT_MARK = re.compile(
    r"bio|about|description|avatar|image|img|photo|social|follow|share|comment|related|box-?title|role|job|position",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "footer", "aside", "form", "dialog", "figure", "figcaption"})


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|people|staff|profile|profil|by|contributors?|writers?|avtor|avtory)/[^/]",
    re.IGNORECASE,
)


def _near(heading: HtmlElement | None) -> Iterator[str]:
    """Short texts soon after the headline that start like a byline ("By A and B") or link to a writer's page."""
    if heading is None:
        return
    elements = long_paragraphs = 0
    for element in heading.xpath("following::*"):
        elements += 1
        if elements > 250 or long_paragraphs >= 2:
            return
        if not isinstance(element.tag, str) or element.tag in ("script", "style") or len(element) > 6:
            continue
        text = one_line(element.text_content()[:400])
        if element.tag == "p" and len(text) > 150:
            long_paragraphs += 1
        if not 5 < len(text) < 160 or any(a.tag in _ASIDE for a in element.iterancestors()):
            continue
        label = labelled(text)
        if (label and label[0] == "author") or (
            element.tag == "a" and _PROFILE.search(element.get("href") or "")
        ):
            yield text


def _marked(page: Page) -> Iterator[tuple[HtmlElement, str]]:
    """Elements marked as byline: rel=author or a class that says so, smallest first, outside comments and asides."""
    given = 0
    for element in page.tree.xpath("//*[@rel='author' or @class or @data-testid]"):
        marks = f"{element.get('class') or ''} {element.get('data-testid') or ''}"
        marks = _CAMEL.sub(" ", marks)
        if element.get("rel") != "author" and (not _MARK.search(marks) or _NOT_MARK.search(marks)):
            continue
        if element.tag in (
            "body",
            "html",
            "script",
            "style",
            "meta",
            "link",
            "img",
            "svg",
            "article",
            "main",
        ):
            continue
        outer = " ".join(
            f"{a.get('class') or ''} {a.get('id') or ''}" for a in element.iterancestors() if a.tag != "body"
        )
        if any(a.tag in _ASIDE for a in element.iterancestors()) or re.search(
            r"comment|related|sidebar|teaser|recommend", outer, re.IGNORECASE
        ):
            continue
        links = [
            a
            for a in element.iter("a")
            if re.search(
                r"author|autor|/people|/staff|/profil|/by/|contributor", a.get("href") or "", re.IGNORECASE
            )
        ]
        texts = [one_line(a.text_content()) for a in links] or [one_line(" ".join(element.itertext()))]
        text = "; ".join(t for t in texts if t)
        if 2 < len(text) < 200:
            given += 1
            yield element, text
            if given >= 5:
                return
