"""Content of other articles, of the server or of the page's frame does not become a field; two dates in one line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.extract import examine, extract
from newscrawl.model import Article, PageType

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HEADLINE = "Река затопила три улицы в Аксае"
TEXT = (
    "В ночь на воскресенье вода в реке поднялась на два метра, сорок семей перевезли в школу.",
    "В акимате села сообщили, что вода спадёт к концу недели, если не будет новых дождей.",
    "Пекарня на главной улице работала всю ночь, а волонтёры привезли хлеб, одеяла и лампы.",
)
OTHERS = "<a href='/a'>Мост упал ночью в реку</a><span class='author'>Пётр Иванов</span>{date}"


def page(before: str = "", line: str = "", middle: str = "", below: str = "", lang: str = "ru") -> bytes:
    first, *rest = (f"<p>{p}</p>" for p in TEXT)
    return (
        f"<html lang={lang}><head><meta charset=utf-8><title>{HEADLINE}</title></head><body><main>{before}<article>"
        f"<h1>{HEADLINE}</h1>{line}{first}{middle}{''.join(rest)}{below}</article></main></body></html>"
    ).encode()


def read(**parts: str) -> Article:
    return extract(page(**parts), "https://news.example/reka-zatopila/", fetched_at=NOW)


@pytest.mark.parametrize("heading", ["Читайте также", "Read also", "Последние новости", "Тағы оқыңыз"])
@pytest.mark.parametrize("place", ["before", "below"])
def test_names_and_dates_of_other_articles(heading: str, place: str) -> None:
    """A block of other articles, above the headline or below the text, gives neither author nor date."""
    dates = "<time datetime='2026-10-13T01:00'>13 октября</time><div>13 октября 2026, 10:00</div>"
    block = f"<div class='block'><h3>{heading}</h3><div>{OTHERS.format(date=dates)}</div></div>"
    article = read(**{place: block})
    assert (article.authors, article.published, article.body) == ((), None, "\n\n".join(TEXT))


def test_a_section_called_news_beside_the_byline() -> None:
    """The word "News" in the line of author and date is the section: it takes neither from the article."""
    stamp = "<time datetime='2026-11-12T10:00+05:00'>12 ноября</time>"
    article = read(before=f"<div><span>Новости</span><span class='author'>Дана Серик</span>{stamp}</div>")
    assert [a.name for a in article.authors] == ["Дана Серик"]
    assert article.published


@pytest.mark.parametrize("tag", ["span class='quote__author'", "cite class='author'", "div class='author'"])
def test_who_is_quoted_did_not_write(tag: str) -> None:
    """The name below a quotation is not a byline."""
    quote = f"<blockquote><p>Мы услышали воду раньше, чем увидели.</p><{tag}>Асет Болат</{tag.split(maxsplit=1)[0]}></blockquote>"
    article = read(middle=quote)
    assert article.authors == ()
    assert "Мы услышали воду" in (article.body or "")


@pytest.mark.parametrize(
    "line",
    [
        "Опубликовано: 11.11.2026 15:00 | Обновлено: 12.11.2026 16:00",
        "11 ноября 2026, 15:00 (обновлено 12 ноября 2026, 16:00)",
        "Обновлено 12 ноября 2026, 16:00. Опубликовано 11 ноября 2026, 15:00",
        "Жарияланды: 11.11.2026 15:00. Жаңартылды: 12.11.2026 16:00",
        "Published 11 November 2026, 15:00. Updated 12 November 2026, 16:00",
        "<span>11 ноября 2026, 15:00</span> <span>Обновлено: 12 ноября 2026, 16:00</span>",
    ],
    ids=["labels", "brackets", "change first", "Kazakh", "English", "two elements"],
)
def test_two_dates_in_one_line(line: str) -> None:
    """Dates of publication and modification in one line are told apart, and the line is not text."""
    article = read(line=f"<div class='meta'>{line}</div>")
    assert article.published
    assert article.published.replace(tzinfo=None) == datetime(2026, 11, 11, 15, 0)
    assert article.modified
    assert article.modified.replace(tzinfo=None) == datetime(2026, 11, 12, 16, 0)
    assert article.body == "\n\n".join(TEXT)


@pytest.mark.parametrize(
    "line", ["Обновлено: 12.11.2026 15:00", "Last updated: 12 November 2026", "Жаңартылды: 12.11.2026"]
)
def test_the_day_of_a_change_is_not_that_of_publication(line: str) -> None:
    article = read(line=f"<p>{line}</p>")
    assert (article.published, article.published_precision) == (None, None)
    assert article.modified
    assert article.modified.date().isoformat() == "2026-11-12"


@pytest.mark.parametrize(
    "line", ["5 дней назад", "неделю назад", "3 days ago", "a week ago", "2 күн бұрын", "3 апта бұрын"]
)
def test_an_age_is_no_text(line: str) -> None:
    """A line that changes every day is not text, because it would be an edit every day."""
    article = read(line=f"<div>{line}</div>")
    assert (article.published, article.body) == (None, "\n\n".join(TEXT))


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Автору: Айгүл Садыкова", ["Айгүл Садыкова"]),
        ("Сүрөт: Айгүл Садыкова", []),
        ("文・山田太郎", ["山田太郎"]),
    ],
)
def test_a_label_is_no_part_of_a_name(line: str, names: list[str]) -> None:
    assert [a.name for a in read(line=f"<div class='author'>{line}</div>").authors] == names


@pytest.mark.parametrize("line", ["Yazan: Dana Serik", "بقلم: دانا سيريك"])
def test_a_labelled_line_of_a_credited_name_is_no_text(line: str) -> None:
    assert read(line=f"<div class='author'>{line}</div>").body == "\n\n".join(TEXT)


def test_a_question_is_no_byline() -> None:
    """In an interview "Editor:" asks."""
    asked = "Editor: who told you so?"
    assert asked in (read(below=f"<p>{asked}</p>").body or "")


def test_words_of_neighbouring_blocks_stay_apart() -> None:
    """In elements that the reader does not know, blocks are paragraphs still."""
    box = (
        "<details><summary>Как мы считали</summary><p>Мы сами дважды обошли все дома на улице.</p></details>"
    )
    own = "<x-box><p>Вода стояла два дня.</p><p>Потом она ушла.</p></x-box>"
    paragraphs = (read(middle=box + own).body or "").split("\n\n")
    assert paragraphs[1:5] == [
        "Как мы считали",
        "Мы сами дважды обошли все дома на улице.",
        "Вода стояла два дня.",
        "Потом она ушла.",
    ]


@pytest.mark.parametrize("charset", ["cp1251", "cp1252", "latin-1"])
def test_a_short_page_encoded_twice(charset: str) -> None:
    """Mojibake as sent is unreadable, also where there is little of it."""
    brief = f"<html><title>{HEADLINE}</title><h1>{HEADLINE}</h1><p>{TEXT[0]}</p></html>".encode()
    twice = brief.decode(charset, "replace").encode()
    assert extract(twice, "https://news.example/a", fetched_at=NOW).page_type is PageType.UNREADABLE


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        (
            "500 Internal Server Error",
            "The server met an internal error and could not complete your request. " * 4,
            PageType.OTHER,
        ),
        # A wall: it says nothing of what stands behind it.
        (
            "We value your privacy",
            "We and our partners store information on a device, such as cookies. " * 6,
            PageType.PAYWALL_STUB,
        ),
        (
            "News Example",
            "Fatal error: Uncaught PDOException: SQLSTATE[HY000] refused in /srv/a.php:25 " * 4,
            PageType.OTHER,
        ),
    ],
    ids=["500", "consent", "stack trace"],
)  # fmt: skip
def test_a_message_of_the_server_is_no_article(title: str, text: str, kind: PageType) -> None:
    body = f"<html><title>{title}</title><body><h1>{title}</h1><p>{text}</p></body></html>".encode()
    assert extract(body, "https://news.example/a-b/", fetched_at=NOW).page_type is kind


def test_no_separator_stays_before_a_title() -> None:
    body = page().replace(HEADLINE.encode(), "«News Example» — Река вышла из берегов".encode())
    body = body.replace(b"<head>", b"<head><meta property='og:site_name' content='News Example'>")
    article = extract(body, "https://news.example/a", fetched_at=NOW)
    assert article.title == "Река вышла из берегов"


def test_an_unknown_change_is_not_explained_by_an_order() -> None:
    found = examine(page(), "https://news.example/a", fetched_at=NOW)
    assert found.choices["modified"].why == "no believable date"
