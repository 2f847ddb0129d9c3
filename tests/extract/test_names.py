"""Names in bylines by language and format, and texts that resemble a name but are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract
from newscrawl.extract.names.credits import clean_name, credits_of
from newscrawl.extract.page.lines import name_key

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
OUTLET = {name_key("The Aksai Mail")}
TITLE = "Old mill in Aksai becomes a library"
TEXT = "The mill at the river stood empty for thirty years until the council gave its keys to three readers in spring. "

NAMES = {
    "en two": ("By Aru Bekova and Tim Olsen", ["Aru Bekova", "Tim Olsen"]),
    "en capital And": ("By Aru Bekova And Tim Olsen For The Aksai Mail", ["Aru Bekova", "Tim Olsen"]),
    "en role behind": ("Aru Bekova Deputy Content Hub Director", ["Aru Bekova"]),
    "en role and place": ("Aru Bekova, Senior Correspondent in Paris", ["Aru Bekova"]),
    "en degree": ("Aru Bekova, PhD", ["Aru Bekova PhD"]),
    "en agency glued": ("Aru Bekova The Associated Press", ["Aru Bekova"]),
    "en date behind": ("Aru Bekova Published March 3, 2024", ["Aru Bekova"]),
    "en follow": ("Aru Bekova Follow", ["Aru Bekova"]),
    "en words and photos": ("Words: Aru Bekova, Tim Olsen", ["Aru Bekova", "Tim Olsen"]),
    "de": ("Von Hanna Müller und Eva Groß", ["Hanna Müller", "Eva Groß"]),
    "de updated": ("Hanna Müller Aktualisiert am 3. Mai", ["Hanna Müller"]),
    "de role first": ("Redakteurin Hanna Müller", ["Hanna Müller"]),
    "fr": ("Par Aline Moreau et Luc Petit", ["Aline Moreau", "Luc Petit"]),
    "fr published": ("Aline Moreau Publié le 3 mai", ["Aline Moreau"]),
    "es": ("Por Juan Pérez y Ana Ruiz", ["Juan Pérez", "Ana Ruiz"]),
    "es one name": ("José Ortega y Gasset", ["José Ortega y Gasset"]),
    "es particle": ("Simone de Castro", ["Simone de Castro"]),
    "it": ("Di Luca Monti e Sara Bianchi", ["Luca Monti", "Sara Bianchi"]),
    "it surname": ("Robert De Nardo", ["Robert De Nardo"]),
    "pt": ("Por João Costa e Marta Lima", ["João Costa", "Marta Lima"]),
    "nl": ("Door Jan de Haas en Els Bakker", ["Jan de Haas", "Els Bakker"]),
    "pl": ("Anna Nowak i Jan Kowal", ["Anna Nowak", "Jan Kowal"]),
    "sv": ("Av Ola Berg och Eva Lind", ["Ola Berg", "Eva Lind"]),
    "da": ("Af Ida Holm og Per Juhl", ["Ida Holm", "Per Juhl"]),
    "fi": ("Aino Laine ja Veikko Salo", ["Aino Laine", "Veikko Salo"]),
    "hu": ("Kiss Anna és Nagy Béla", ["Kiss Anna", "Nagy Béla"]),
    "ro": ("Ana Popa și Ion Rusu", ["Ana Popa", "Ion Rusu"]),
    "tr": ("Ayşe Kaya ve Can Demir", ["Ayşe Kaya", "Can Demir"]),
    "el": ("Άννα Παππά και Νίκος Ρήγας", ["Άννα Παππά", "Νίκος Ρήγας"]),
    "id": ("Oleh: Budi Santika dan Siti Amalia", ["Budi Santika", "Siti Amalia"]),
    "vi": ("Lê Phúc và Trần Mai", ["Lê Phúc", "Trần Mai"]),
    "ar": ("محمد سالم", ["محمد سالم"]),
    "hi": ("बाय राहुल वर्मा", ["राहुल वर्मा"]),
    "uk": ("Автор: Олена Гнатюк та Іван Бондар", ["Олена Гнатюк", "Іван Бондар"]),
    "ru": ("Олжас Темиров и Анна Ким", ["Олжас Темиров", "Анна Ким"]),
    "ru role first": ("Корреспондент Олжас Темиров", ["Олжас Темиров"]),
    "kk": ("Айгүл Сәрсен мен Олжас Темір", ["Айгүл Сәрсен", "Олжас Темір"]),
    "kk latin": ("Aigül Särsen jäne Oljas Temır", ["Aigül Särsen", "Oljas Temır"]),
    "zh label": ("本报记者 张蔚 李楠", ["张蔚", "李楠"]),
    "zh brackets": ("（责编：牛蔚、岳楠）", ["牛蔚", "岳楠"]),
    "zh Taiwan": ("記者王曉安／台北報導", ["王曉安"]),
    "ja one person": ("山川 花子", ["山川 花子"]),
    "ja role": ("山川花子 記者", ["山川花子"]),
    "ko": ("김하늘 기자", ["김하늘"]),
    "ko two": ("김하늘 기자, 박별 기자", ["김하늘", "박별"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NAMES.values(), ids=NAMES)
def test_names_by_language(text: str, expected: list[str]) -> None:
    """Joined, labelled and decorated names come out one by one and bare."""
    found = [a for a in credits_of(text, OUTLET) if a.kind == "person"]
    assert [a.name for a in found] == expected


NOBODY = [
    "Weitere Beiträge", "Geschrieben von", "Local Reading Time", "Text Size", "Read more", "Follow us", "Register Now", "anna.bekova",
    "anna_b", "@annab", "Share This", "Latest Stories", "Все материалы автора", "Подписаться", "Бүгін оқыңыз", "Más Artículos",
    "March 3, 2024", "3 min read", "More From", "Senior Correspondent", "Photo Gallery", "https://example.org/anna", "12:40", "—", "",
]  # fmt: skip


@pytest.mark.parametrize("text", NOBODY, ids=[t or "empty" for t in NOBODY])
def test_nobody_is_invented(text: str) -> None:
    """Menus, counters, accounts, roles and dates are not persons."""
    assert [a.name for a in credits_of(text, OUTLET) if a.kind == "person"] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("Aksai Mail Staff", "Aksai Mail Staff"), ("ORDA.example", "ORDA.example"), ("The Aksai Mail", "The Aksai Mail"), ("Agencies", "Agencies")],
)  # fmt: skip
def test_organizations(text: str, name: str) -> None:
    """A newsroom keeps its whole name and is not a person."""
    known = OUTLET | {name_key("ORDA.example")}
    assert [(a.name, a.kind) for a in credits_of(text, known)] == [(name, "organization")]


def test_clean_name_is_stable() -> None:
    """A clean name stays unchanged."""
    for _, names in NAMES.values():
        assert [clean_name(n) for n in names] == names


def page(head: str = "", byline: str = "", after: str = "", foot: str = "") -> bytes:
    body = "".join(f"<p>{TEXT * 3}</p>" for _ in range(4))
    return (
        f"<html lang='en'><head><title>{TITLE}</title><meta property='og:title' content='{TITLE}'>"
        f"<meta property='og:site_name' content='The Aksai Mail'>{head}</head><body><article><h1>{TITLE}</h1>{byline}"
        f"{body}{after}</article>{foot}</body></html>"
    ).encode()


def names(content: bytes) -> list[str]:
    article = extract(content, "https://aksai.example/a/old-mill", fetched_at=NOW)
    return [a.name for a in article.authors if "author" in a.role]


def jsonld(**author: object) -> str:
    node = {"@type": "NewsArticle", "headline": TITLE, "author": author}
    return f"<script type='application/ld+json'>{json.dumps(node)}</script>"


OTHERS = "".join(
    f"<li><h3>Another story</h3><span class='author'>{n}</span></li>" for n in ("Not Ours", "Nor Hers")
)
PAGES = {
    "marked": (page(byline="<div class='byline'>By Aru Bekova</div>"), ["Aru Bekova"]),
    "two marked siblings": (page(byline="<span class='author'>Aru Bekova</span><span class='author'>Tim Olsen</span>"), ["Aru Bekova", "Tim Olsen"]),
    "links to profiles": (page(byline="<div>By <a href='/staff/aru'>Aru Bekova</a>, <a href='/staff/tim'>Tim Olsen</a></div>"),
                          ["Aru Bekova", "Tim Olsen"]),
    "in a list of facts": (page(byline="<ul class='meta'><li>By Aru Bekova</li><li>3 March 2024</li></ul>"), ["Aru Bekova"]),
    "in the head's footer": (page(byline="<footer class='meta'><p class='byline'>By Aru Bekova</p></footer>"), ["Aru Bekova"]),
    "box with leavings": (page(byline="<div class='author'><span>Aru Bekova</span><span>Aksai</span><a>Text Size</a></div>"), ["Aru Bekova"]),
    "signature": (page(after="<p style='text-align:right'><strong>Lê Phúc</strong></p>"), ["Lê Phúc"]),
    "teasers below": (page(foot=f"<ul>{OTHERS}</ul>"), []),
    "teasers and byline": (page(byline="<p class='byline'>Aru Bekova</p>", foot=f"<ul>{OTHERS}</ul>"), ["Aru Bekova"]),
    "account in JSON-LD, name on the page": (page(jsonld(**{"@type": "Person", "name": "aru.bekova"}), "<p>By Aru Bekova</p>"), ["Aru Bekova"]),
    "one in JSON-LD, two on the page": (page(jsonld(**{"@type": "Person", "name": "Aru Bekova"}), "<p class='byline'>By Aru Bekova and Tim Olsen</p>"),
                                        ["Aru Bekova", "Tim Olsen"]),
    "another on the page": (page(jsonld(**{"@type": "Person", "name": "Aru Bekova"}), "<p class='byline'>By Tim Olsen</p>"), ["Aru Bekova"]),
    "outlet in JSON-LD, agency on the page": (page(jsonld(**{"@type": "Organization", "name": "The Aksai Mail"}), "<p class='byline'>By Reuters</p>"),
                                              ["Reuters"]),
    "outlet alone": (page(jsonld(**{"@type": "Organization", "name": "The Aksai Mail"})), ["The Aksai Mail"]),
    "organization in microdata": (page(byline="<div itemprop='author' itemscope itemtype='https://schema.org/Organization'>"
                                              "<meta itemprop='name' content='Aksai Evening'></div>"), ["Aksai Evening"]),
    "value for content": (page("<meta name='author' value='Aru Bekova'>"), ["Aru Bekova"]),
    "last, first": (page("<meta name='dc.creator' content='Bekova, Aru'>"), ["Aru Bekova"]),
    "nobody": (page(byline="<p>3 March 2024</p>"), []),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), PAGES.values(), ids=PAGES)
def test_bylines_on_pages(content: bytes, expected: list[str]) -> None:
    """Where a byline stands and what beside it names nobody of this article."""
    assert names(content) == expected


def test_page_text_is_never_a_control_sequence() -> None:
    """Control characters in a byline do not reach the name."""
    assert names(page(byline="<div class='byline'>By Aru\x1b[31m Bekova</div>")) in (
        ["Aru Bekova"],
        ["Aru[31m Bekova"],
        [],
    )
