"""Builds made-up news pages, Orda-like by default. Every name, event and sentence in them is invented."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

WORDS = {
    "en": {
        "latest": "Latest news", "all": "view all", "author": "Original Author:", "photo": "Photo: Orda Collage",
        "section": "Society", "registration": "Certificate of registration No. KZ00VPY00000001 of 01.02.2020.",
        "cookie": "We use cookies to make the site work better. By staying you agree to our privacy notice.",
        "home": "Home", "rates": "Exchange rates",
    },
    "ru": {
        "latest": "Лента новостей", "all": "смотреть все", "author": "Автор:", "photo": "Фото: Коллаж Orda.kz",
        "section": "Общество", "registration": "Свидетельство о постановке на учёт № KZ00VPY00000001 от 01.02.2020.",
        "cookie": "Мы используем файлы cookie, чтобы сайт работал лучше. Оставаясь, вы соглашаетесь с правилами.",
        "home": "Главная", "rates": "Курсы валют",
    },
    "kk": {
        "latest": "Соңғы жаңалықтар", "all": "барлығын көру", "author": "Автордың аты:", "photo": "Сурет: Orda.kz коллажы",
        "section": "Қоғам", "registration": "Есепке қою туралы куәлік № KZ00VPY00000001, 01.02.2020.",
        "cookie": "Біз cookie файлдарын пайдаланамыз. Сайтта қалу арқылы ережелермен келісесіз.",
        "home": "Басты бет", "rates": "Валюта бағамы",
    },
}  # fmt: skip
HEADLINES = {
    "en": "Bakery on Lake Street wins a prize for bread number {n} of the season",
    "ru": "Пекарня на Озёрной улице получила премию за хлеб номер {n} в этом сезоне",
    "kk": "Көл көшесіндегі наубайхана осы маусымда {n} нөмірлі нан үшін жүлде алды",
}


@dataclass(frozen=True)
class PageSpec:
    """What a made-up article page says. `body` items are paragraphs; one that starts with "> " is a block quote."""

    lang: str = "en"
    title: str = "Village of Aksai opens a library in an old mill"
    body: tuple[str, ...] = ()
    author: str | None = "Dana Serik"
    author_label: str | None = None
    photo: str | None = ""  # "" means the language's usual line, None means none
    url: str = "https://en.orda.example/village-of-aksai-opens-a-library-4101"
    metas: dict[str, str] = field(default_factory=dict)
    jsonld: Any = None
    latest: int = 20
    latest_from: int = 1
    views: int | None = 120
    rate: str = "512.40"
    dateline: str | None = None
    layout: str = "nested"  # "nested", "flat" or "divs" (paragraphs in div elements)
    head: str = ""
    extra: str = ""  # raw HTML between the body and the byline
    breadcrumbs: bool = True

    def but(self, **changes: Any) -> PageSpec:
        """The same page with something changed."""
        return replace(self, **changes)


def article_page(spec: PageSpec) -> str:
    """The page as HTML: no <article>, no itemprop; navigation, rates, counter and newest headlines around the text."""
    w = WORDS[spec.lang]
    metas = "".join(
        f'<meta {"property" if ":" in k else "name"}="{k}" content="{escape(v)}">'
        for k, v in spec.metas.items()
    )
    data = ""
    if spec.jsonld is not None:
        raw = spec.jsonld if isinstance(spec.jsonld, str) else json.dumps(spec.jsonld, ensure_ascii=False)
        data = f'<script type="application/ld+json">{raw}</script>'
    blocks = []
    for part in spec.body:
        if part.startswith("> "):
            blocks.append(f"<blockquote><p>{escape(part[2:])}</p></blockquote>")
        elif spec.layout == "divs":
            blocks.append(f"<div>{escape(part)}</div>")
        else:
            blocks.append(f"<p>{escape(part)}</p>")
    blocks.append(spec.extra)
    if spec.author:
        label = w["author"] if spec.author_label is None else spec.author_label
        blocks.append(f"<p>{escape(f'{label} {spec.author}'.strip())}</p>")
    photo = w["photo"] if spec.photo == "" else spec.photo
    picture = '<img src="/uploads/posts/2025-10/sizes/1440x810/cover.webp" alt="cover">'
    if photo:
        picture += f"<div>{escape(photo)}</div>"
    items = "".join(
        f'<li><a href="/bread-{n}-{9000 + n}">{escape(HEADLINES[spec.lang].format(n=n))}</a></li>'
        for n in range(spec.latest_from, spec.latest_from + spec.latest)
    )
    latest = f'<h3>{w["latest"]}</h3><a href="/news/">{w["all"]}</a><ul>{items}</ul>' if spec.latest else ""
    views = f"<span>{spec.views}</span>" if spec.views is not None else ""
    date = f"<div>{escape(spec.dateline)}</div>" if spec.dateline else ""
    crumbs = f'<p><a href="/">{w["home"]}</a> | <a href="/s/">{w["section"]}</a> | {escape(spec.title)}</p>'
    text = "".join(blocks)
    if spec.layout == "flat":
        main = f"<div><h1>{escape(spec.title)}</h1>{date}{views}{picture}{text}{latest}</div>"
    else:
        main = (
            f"<div><div><h1>{escape(spec.title)}</h1>{date}{views}<div>{picture}</div><div>{text}</div></div>"
            f"<div>{latest}</div></div>"
        )
    return (
        f'<!doctype html><html lang="{spec.lang}"><head><meta charset="utf-8"><title>{escape(spec.title)} | Orda.kz</title>'
        f"{metas}{data}{spec.head}</head><body><div><a href='/'>Orda.kz</a><p>RU | KZ | EN</p>"
        f"<div>{w['rates']}: USD {spec.rate} EUR {spec.rate} RUB 5.{spec.views or 0}</div></div>"
        f"{crumbs if spec.breadcrumbs else ''}{main}<div><p>{w['registration']}</p><p>{w['cookie']}</p>"
        f"<p>© 2020-2026 Orda.kz</p></div></body></html>"
    )


ENGLISH = PageSpec(
    body=(
        "The village of Aksai opened its first library on Monday in a mill that had stood empty for thirty years.",
        "Readers brought four hundred books of their own, and the school lent its shelves, Orda.kz reports.",
        "> We counted on twenty visitors and saw two hundred, and some of them stayed until the lamps went out",
        "said the librarian Gulnar Omirbek.",
        "The mill was repaired by volunteers from three villages who worked on Sundays from March to September.",
        "> My grandfather ground flour here, and now my daughter reads here",
        ", said the carpenter Marat Ilyas, who made the tables.",
        "The library is open every day except Friday, and its reading room is heated by the old mill stove.",
    ),
)  # fmt: skip
RUSSIAN = PageSpec(
    lang="ru",
    title="В селе Аксай открыли библиотеку в старой мельнице",
    url="https://orda.example/v-sele-aksaj-otkryli-biblioteku-501234",
    author="Дана Серик",
    body=(
        "В селе Аксай в понедельник открылась первая библиотека: её устроили в мельнице, пустовавшей тридцать лет.",
        "Жители принесли четыреста своих книг, а школа одолжила полки, передаёт корреспондент Orda.kz.",
        "> Мы ждали двадцать человек, а пришло двести, и некоторые сидели, пока не погасли лампы",
        "рассказала библиотекарь Гульнар Омирбек.",
        "Мельницу чинили добровольцы из трёх сёл, они работали по воскресеньям с марта по сентябрь.",
        "Библиотека открыта каждый день, кроме пятницы, а читальный зал греет старая мельничная печь.",
    ),
)  # fmt: skip
KAZAKH = PageSpec(
    lang="kk",
    title="Ақсай ауылында ескі диірменде кітапхана ашылды",
    url="https://kaz.orda.example/aqsaj-auylynda-kitaphana-ashyldy-137001",
    author="Дана Серік",
    body=(
        "Дүйсенбі күні Ақсай ауылында отыз жыл бос тұрған диірменде алғашқы кітапхана ашылды.",
        "Тұрғындар өздерінің төрт жүз кітабын әкелді, ал мектеп сөрелерін уақытша берді, деп хабарлайды Orda.kz.",
        "> Біз жиырма адам келеді деп күттік, бірақ екі жүз адам келді, кейбірі шам сөнгенше отырды",
        "деді кітапханашы Гүлнар Өмірбек.",
        "Диірменді үш ауылдың еріктілері жөндеді, олар наурыздан қыркүйекке дейін жексенбі сайын жұмыс істеді.",
        "Кітапхана жұмадан басқа күндері ашық, ал оқу залын диірменнің ескі пеші жылытады.",
    ),
)  # fmt: skip
EDITIONS = {"en": ENGLISH, "ru": RUSSIAN, "kk": KAZAKH}


def text_of(spec: PageSpec) -> str:
    """The body that extraction should give for a page."""
    return "\n\n".join(part.removeprefix("> ") for part in spec.body)


def html_page(body: str, *, title: str = "A page", head: str = "", lang: str = "en") -> bytes:
    """A bare page around some HTML."""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>"
    ).encode()
