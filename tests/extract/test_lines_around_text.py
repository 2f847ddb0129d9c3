"""Lines around a short text (dates, names, roles, counters, breadcrumbs, boxes, leads) are read for fields and are not text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newscrawl.dating.written import only_date
from newscrawl.extract import extract
from newscrawl.extract.names.given_names import is_lone_name, is_role_alone
from newscrawl.model import Article, ExtractRules, PageType

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://lake.example/news/bridge-4411/"
TITLE = "Мост через Тобол открыли раньше срока"
TEXT = [
    "Новую переправу открыли в понедельник утром, первым по ней проехал школьный автобус.",
    "Строители работали три года и закончили на месяц раньше, сообщил начальник участка.",
    "Старые опоры разберут весной, а доски отдадут жителям посёлка на ремонт заборов.",
]
BODY = "".join(f"<p>{line}</p>" for line in TEXT)
OWN = {
    "@type": "NewsArticle",
    "headline": TITLE,
    "author": {"@type": "Organization", "name": "Озёрный вестник"},
}


def read(
    inner: str,
    *,
    above: str = "",
    title: str = TITLE,
    data: object = None,
    rules: ExtractRules = ExtractRules(),  # noqa: B008 - frozen
) -> Article:
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if data else ""
    content = (
        f'<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{title} | Озёрный вестник</title>{script}</head>'
        f"<body>{above}<h1>{title}</h1>{inner}</body></html>"
    )
    return extract(content.encode(), URL, fetched_at=NOW, rules=rules)


def lines(article: Article) -> list[str]:
    return article.body.split("\n\n")


DATES = {
    "full": [
        "2 июня, 18:47", "Қаңтар 19, 2026", "янв 30, 2026", "21 Ақпан, 2026", "13:51, 11 февраля 2026", "15 Qazan, 2015",
        "Среда, 7 января 2026 года", "27.03.2024, 10:15", "12 March 2026 | 09:45 GMT +6", "2026-01-05", "бүгін 10:20",
        "2 часа назад", "17:41 JST, October 13, 2024", "2015 жылғы 19 мамыр", "Вчера, 10:10",
    ],
    "short": ["7 January", "2 мамыр", "Monday, 7 January", "5 мая"],
    "": ["Сегодня", "10:15", "12", "", "Погибли 12 марта", "May 5 protest", "1 200 жыл", "12 марта 2020 сгорел дом"],
}  # fmt: skip


@pytest.mark.parametrize(("line", "kind"), [(line, kind) for kind, lines in DATES.items() for line in lines])
def test_a_line_that_is_a_date(line: str, kind: str) -> None:
    """A line is a date with a year or a time, a date without, or not only a date."""
    assert only_date(line) == kind


@pytest.mark.parametrize("line", [*DATES["full"], *DATES["short"]])
def test_a_date_line_is_no_text(line: str) -> None:
    """A date above the text is read in every language and format, and is not text."""
    assert lines(read(f"<p>{line}</p>{BODY}")) == TEXT


def test_dates_of_a_chronicle_stay() -> None:
    """Dates that are headings of parts of a text are text."""
    parts = ["1 марта", TEXT[0], "2 марта", TEXT[1], "5 марта", TEXT[2]]
    assert lines(read("".join(f"<p>{part}</p>" for part in parts))) == parts


def test_a_name_beside_a_date_is_not_glued_to_it() -> None:
    """Elements separated by style alone are separate words."""
    article = read(f'<span>21 Ақпан, 2026</span><a href="/author/serik">Серік Жұмабай</a>{BODY}')
    assert ([a.name for a in article.authors], lines(article)) == (["Серік Жұмабай"], TEXT)


@pytest.mark.parametrize("data", [None, OWN], ids=["no data", "outlet as author"])
@pytest.mark.parametrize("name", ["Айгерім Сейітқан", "Данияр Сериков", "Daniel Reeves", "Бекзат Ерланұлы"])
def test_a_lone_name_above_the_text_is_its_author(name: str, data: object) -> None:
    """It is no text either."""
    article = read(f"<p>12.11.2026, 10:05</p><p>{name}</p>{BODY}", data=data)
    assert [(a.name, a.role, a.kind) for a in article.authors] == [(name, "author", "person")]
    assert lines(article) == TEXT


@pytest.mark.parametrize("line", ["Усть-Каменогорск", "Нижний Новгород", "New York", "Дело Иванова", "Улица Тверская"])  # fmt: skip
def test_a_place_or_a_kicker_is_no_author(line: str) -> None:
    """Capitals alone do not make a line an author: it stays text."""
    article = read(f"<p>{line}</p>{BODY}")
    assert (article.authors, lines(article)) == ((), [line, *TEXT])


def test_the_person_a_piece_is_about_is_not_its_author() -> None:
    """A name that the text or the headline mentions again is not the author."""
    sentence = "Инженер Сериков строил переправу три года и ни разу не взял отпуск, рассказали в посёлке."
    article = read(f"<p>Данияр Сериков</p><p>{sentence}</p>{BODY}")
    assert (article.authors, lines(article)[0]) == ((), "Данияр Сериков")


@pytest.mark.parametrize(
    ("line", "is_name"),
    [
        ("Иван Петрович Сидоров", True),
        ("Марат Сұлтан қызы", True),
        ("Айгерім", False),
        ("Saint Peter", False),
        ("Площадь Абылай хана", False),
        ("Kazakhstan Today", False),
        ("АЙГЕРІМ СЕЙІТҚАН", False),
        ("Данияр уехал домой", False),
    ],
)
def test_a_lone_name(line: str, is_name: bool) -> None:
    """Two or three words, a given name or a patronymic among them, no place or office."""
    assert is_lone_name(line) is is_name


ROLES = ["Старший корреспондент отдела General News", "Редакция", "Staff Report", "Staff Reporter", "Тілші"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("markup", ['<div class="author">{}</div>', "<p>{}</p>", '<a rel="author" href="/authors/1">{}</a>'])  # fmt: skip
def test_a_role_in_place_of_a_name(role: str, markup: str) -> None:
    """A role without a name credits nobody, a newsroom in its place itself; neither is text."""
    article = read(markup.format(role) + BODY)
    newsroom = role.startswith(("Редакция", "Staff")) and "author" in markup
    credited = [(author.name, author.kind) for author in article.authors]
    assert (credited, lines(article)) == ([(role, "organization")] if newsroom else [], TEXT)


@pytest.mark.parametrize("line", ["The editor resigned", "Корреспондент Иван Петров", "Share prices fall", "Read more books", "1 марта", "Айгерім Сейітқан"])  # fmt: skip
def test_more_than_a_role(line: str) -> None:
    """A name or a sentence beside it."""
    assert not is_role_alone(line)


@pytest.mark.parametrize("line", ["0 ПОДЕЛИТЬСЯ", "Поделиться", "Поделиться 12", "Share 3", "12 shares", "Бөлісу", "Бөлісу 4"])  # fmt: skip
def test_a_counter_of_shares_is_no_text(line: str) -> None:
    """Neither above nor below the text."""
    assert lines(read(f"<p>{line}</p>{BODY}<div>{line}</div>")) == TEXT


@pytest.mark.parametrize(
    ("above", "section"),
    [
        ("<p>Общество | {title}</p>", "Общество"),
        ('<div class="path"><p>Общество | {title}</p></div>', "Общество"),
        ("<p>Ордынка | Қоғам</p>", "Қоғам"),
        ("<div>News | Происшествия</div>", "Происшествия"),
        ('<div class="articleCategories"><a href="/f/">Финансы</a></div>', "Финансы"),
        ('<span class="rubric"><a href="/f/">Финансы</a></span>', "Финансы"),
        ("<p>RU | KZ | EN</p>", None),
        ("<p>RU | KZ</p>", None),
        ("<p>USD 512 | EUR 600</p>", None),
        ("<p>Реклама | Контакты</p>", None),
        ("<p>Озёрный | Озёрный вестник</p>", None),
        ('<ul class="categories"><li class="category"><a href="/f/">Финансы</a></li></ul>', None),
        ('<div class="box"><a href="/f/">Финансы</a></div>', None),
    ],
)
def test_the_section_above_the_headline(above: str, section: str | None) -> None:
    """A line of the path, or a lone link that is marked as a category; no menu, no rates, no languages."""
    article = read(
        BODY, above=above.format(title=TITLE), rules=ExtractRules(outlet_names=("Озёрный вестник",))
    )
    assert (article.section, lines(article)) == (section, TEXT)


@pytest.mark.parametrize("mark", ["description", "q1"])
@pytest.mark.parametrize("count", [1, 12], ids=["short", "long"])
def test_a_lead_beside_a_nested_text(mark: str, count: int) -> None:
    """A division with the lead before the division of the text is text, in any length."""
    lead = "Переправу через реку открыли на месяц раньше срока."
    inner = f'<div class="content"><div class="{mark}">{lead}</div><div class="content">{BODY * count}</div></div>'
    article = read(inner)
    assert (lines(article)[0], article.subtitle) == (lead, None)


def test_a_standfirst_said_twice() -> None:
    """A standfirst that the text repeats as its first paragraph appears once, as the subtitle."""
    lead = "Переправу через реку открыли на месяц раньше срока."
    article = read(f'<p class="lead">{lead}</p><div class="tx"><p>{lead}</p>{BODY}</div>')
    assert (article.subtitle, lines(article)) == (lead, TEXT)


@pytest.mark.parametrize("rules", [ExtractRules(), ExtractRules(stop_headings=("Новости по теме",))], ids=["general", "own"])  # fmt: skip
def test_text_below_a_box_of_links_stays(rules: ExtractRules) -> None:
    """A box of links in the middle does not end the text, even below one of the source's own stop headings."""
    box = (
        '<div class="related"><p>Новости по теме</p><a href="/a-1/">Апорт вернулся на ярмарку</a> '
        '<a href="/a-2/">Садоводы просят дать воду</a></div>'
    )
    inner = f'<div class="tx"><p>{TEXT[0]}</p><p>{TEXT[1]}</p>{box}<p>{TEXT[2]}</p></div>'
    assert lines(read(inner, rules=rules)) == TEXT


def test_a_caption_said_again_below_its_picture() -> None:
    """A line below the picture that repeats its caption is a caption too."""
    inner = f'<figure><img src="/k.jpg"><figcaption>Рабочие на берегу</figcaption></figure><p>Рабочие на берегу</p>{BODY}'
    assert lines(read(inner)) == TEXT


def test_a_list_of_links_without_a_heading_is_no_article() -> None:
    """A front page served at an article's address, however short."""
    names = (
        "Дом на углу снова признали аварийным",
        "Последний кинотеатр посёлка закрыли",
        "Рыбаки просят вернуть квоты",
    )
    items = "".join(f'<li><a href="/n/{i}-a.html">{name}</a> 22 апреля</li>' for i, name in enumerate(names))
    content = f'<html lang="ru"><head><meta charset="utf-8"><title>Озёрный вестник</title></head><body><ul>{items}</ul></body></html>'
    assert extract(content.encode(), URL, fetched_at=NOW).page_type is PageType.LIST


@pytest.mark.parametrize("data", [None, OWN], ids=["no data", "outlet as author"])
def test_a_signature_leaves_the_text(data: object) -> None:
    """A right-aligned name below the text is the author and not a paragraph."""
    article = read(f'{BODY}<p style="text-align: right"><em>Данияр Сериков</em></p>', data=data)
    assert ([a.name for a in article.authors], lines(article)) == (["Данияр Сериков"], TEXT)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Обновлено: пожар потушен в 18:40.", True),
        ("Обновлено в 18:40: огонь потушен, жертв нет.", True),
        ("Updated: the mayor has resigned.", True),
        ("Жаңартылды: өрт 18:40-та сөндірілді.", True),
        ("Обновлено: 18:40, 30 ноября 2026", False),
        ("Updated 3 hours ago", False),
        ("Published: 8 April 2026, 14:30 Almaty time", False),
        ("Жаңартылды: 2026 жылғы 8 сәуір, 18:40", False),
    ],
)
def test_news_behind_the_word_updated_is_text(line: str, kept: bool) -> None:
    """A label and a date are the frame; what was added under the word "updated" is what happened."""
    article = read(f"{BODY}<p>{line}</p>")
    assert (line in article.body) is kept
