"""Challenge and "not found" pages, articles about such pages, paywalled articles, and wrongly declared charsets."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings, strategies as st

from newscrawl.extract import extract
from newscrawl.model import Article, PageType

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://lake.example/news/some-piece-4410/"
CHROME = '<header><a href="/">Lake Herald</a><a href="/news/">News</a><a href="/sport/">Sport</a></header>'


def page(title: str, headline: str, inner: str, lang: str = "ru", head: str = "") -> bytes:
    heading = f"<h1>{headline}</h1>" if headline else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{CHROME}'
        f"{heading}{inner}<footer>© 2026 Lake Herald</footer></body></html>"
    ).encode()


def read(content: bytes, content_type: str | None = None) -> Article:
    return extract(content, URL, content_type=content_type, fetched_at=NOW)


# Pages that stand before an article with status 200: (language, window title, heading, text).
WALLS = [
    ("en", "Sign in - Lake Herald", "Sign in to read on", "<form method=post><input name=mail><input type=password name=p></form><p>Registration is free and takes a minute.</p>"),
    ("en", "Lake Herald", "Log in", "<form><input type=email></form>"),
    ("en", "Are you over 18? | Lake Herald", "Are you over 18?", "<p>This material is for adults only. Please confirm that you are 18 or older.</p><button>Yes</button>"),
    ("en", "Before you continue", "Before you continue to Lake Herald", "<p>We and our 812 partners store and access information on a device, such as cookies. You can accept or reject all.</p>"),
    ("en", "We value your privacy", "", "<p>Choose what you agree to.</p><button>Accept all</button>"),
    ("en", "451: Not available in your region", "451: Not available in your region", "<p>We recognise you are attempting to access this website from a country belonging to the European Economic Area, and access cannot be granted at this time.</p>"),
    ("ru", "Вход — Озёрный вестник", "Вход на сайт", "<p>Введите почту и пароль.</p>"),
    ("ru", "Озёрный вестник", "Вам есть 18 лет?", "<p>Материал предназначен для взрослых.</p>"),
    ("ru", "Озёрный вестник", "Материал недоступен в вашем регионе", "<p>Приносим извинения.</p>"),
    ("kk", "Көл хабары", "Жүйеге кіру", "<p>Поштаңыз бен құпиясөзіңізді енгізіңіз.</p>"),
    ("kk", "Көл хабары", "Сізге 18 жас толды ма?", "<p>Бұл материал ересектерге арналған.</p>"),
]  # fmt: skip
# Headings of articles that hold such words.
NO_WALLS = ["Вход в парк закрыли на ремонт", "Cookies of Samalqala win a prize", "Log in the canal stops three boats", "Register of trees to be made"]  # fmt: skip

# (language, window title, heading, text)
GONE = [
    ("kk", "404 | Көл хабары", "404", "Бет табылмады"),
    ("kk", "Бет табылмады", "Бет табылмады", "Сіз іздеген бет жойылған немесе көшірілген."),
    ("kk", "Көл хабары", "Кешіріңіз, мұндай бет жоқ", "Сілтеме ескірген болуы мүмкін."),
    ("kk", "Көл хабары", "Өкінішке қарай, бұл материал жойылған", "Басты бетке өтіңіз."),
    ("kk", "Материал табылмады — Көл хабары", "Материал табылмады", "Мекенжайды тексеріңіз."),
    ("kk", "Қате 404", "Қате 404", "Сұралған парақша табылмады."),
    ("kk", "Көл хабары", "Жаңалық жойылды", "Бұл жаңалық енді жоқ."),
    ("kk", "Көл хабары", "Бұл бет енді қолжетімсіз", "Ол көшірілген болуы мүмкін."),
    ("kk", "Parak", "Bet tabylmady", "Siz izdegen bet joiylgan."),
    ("kk", "Kól habary", "Bet tabylmady", "Mekenjaıdy tekserińiz."),
    ("kk", "Köl habary", "Mundai bet joq", "Basty betke oralyñyz."),
    ("kk", "Qate 404", "Qate 404", "Surağan paraqşa tabylmady."),
    ("kk", "Köl habary", "Bet tabılmadı", "Basty betke ötiñiz."),
    ("ru", "Страница не найдена", "Страница не найдена", "К сожалению, такой страницы больше нет."),
    ("ru", "Озёрный вестник", "Такой страницы нет", "Возможно, её перенесли."),
    ("ru", "Озёрный вестник", "К сожалению, этот материал удалён", "Вернитесь на главную."),
    ("ru", "Озёрный вестник", "Новость удалена", "Это сделано по решению редакции."),
    ("ru", "Ошибка 404 - Озёрный вестник", "Упс!", "Попробуйте поиск."),
    ("ru", "Озёрный вестник", "Извините, страница удалена или перемещена", "Перейдите на главную."),
    ("ru", "Озёрный вестник", "Публикация недоступна", "Приносим извинения."),
    ("ru", "Озёрный вестник", "Статья не найдена", "Проверьте адрес."),
    ("ru", "Озёрный вестник", "Материал снят с публикации", "Приносим извинения за неудобства."),
    ("ru", "Озёрный вестник", "Мы не нашли такую страницу", "Она могла переехать."),
    ("en", "Page not found", "Page not found", "Sorry, there is nothing at this address."),
    ("en", "Lake Herald", "Sorry, we couldn't find that page", "Try the search."),
    ("en", "404 - Lake Herald", "Oops! Nothing here", "Nothing was found at this location."),
    ("en", "Lake Herald", "This article has been removed", "Please return to the home page."),
    ("en", "Lake Herald", "This story is no longer available", "Read our latest news."),
    ("en", "Lake Herald", "The page you requested could not be found", "It may have moved."),
    ("en", "Lake Herald", "Content unavailable", "Please come back later."),
]
CHECKS = [
    ("kk", "Тексеру", "Сіз робот емессіз бе?", "Жалғастыру үшін браузеріңізді тексеру қажет."),
    ("kk", "Көл хабары", "Қауіпсіздікті тексеру", "Күте тұрыңыз."),
    ("kk", "Robot emes", "Siz robot emessiz be?", "Brauzeriñiz tekserilude."),
    ("kk", "Köl habary", "Qauipsizdikti tekseru", "Küte turyñyz."),
    ("ru", "Подождите", "Проверка браузера", "Это займёт несколько секунд."),
    ("ru", "Озёрный вестник", "Подтвердите, что вы не робот", "Введите символы с картинки."),
    ("ru", "Доступ ограничен", "Доступ ограничен", "Ваш адрес заблокирован."),
    ("ru", "Ой!", "Ой!", "Подтвердите, что запросы отправляли вы, а не робот."),
    ("en", "Just a moment...", "", "Checking your browser before accessing the site."),
    ("en", "Attention Required!", "Sorry, you have been blocked", "You cannot open this site."),
    ("en", "Lake Herald", "Verify you are human", "Press and hold the button."),
    ("en", "Access denied", "Access denied", "You don't have permission to view this page."),
]
ABOUT = [
    ("en", "Ministry website answers 404 after the audit"),
    ("en", "Page not found: how villages lose their archives"),
    ("en", "Just a moment: the clinic that keeps everyone waiting"),
    ("en", "Are you a robot? Why captchas are getting harder"),
    ("en", "Access denied: reporters kept out of the session"),
    ("en", "Flight records no longer available, airline admits"),
    ("en", "Verify you are human, the bank asks its oldest clients"),
    ("en", "This article has been removed: a court order and its story"),
    ("en", "Oops! Mayor paints the wrong bridge"),
    ("ru", "«Страница не найдена»: куда пропал сайт акимата"),
    ("ru", "Сайт министерства отвечает ошибкой 404"),
    ("ru", "Вы не робот? Как капча мешает пенсионерам"),
    ("ru", "Доступ ограничен: в посёлке закрыли единственную дорогу"),
    ("ru", "Тело рыбака не найдено"),
    ("ru", "Пропавший трактор так и не найден"),
    ("ru", "Материал удалён: что известно о суде над блогером"),
    ("ru", "404 километра за хлебом"),
    ("kk", "«Бет табылмады»: әкімдік сайты қайда кетті"),
    ("kk", "Жоғалған трактор табылмады"),
    ("kk", "Сіз робот емессіз бе? Капча зейнеткерлерге кедергі"),
    ("kk", "Жаңалық жойылды: сот шешімінің тарихы"),
]
SAID = {
    "en": "The town council said on {} that the notice had been up since the morning and that a clerk was looking into it.",
    "ru": "В {} в акимате сообщили, что объявление висит с утра, а специалисты ищут, куда пропали сведения о бюджете.",
    "kk": "{} күні әкімдік хабарлама таңертеңнен бері тұрғанын, мамандар ауыл бюджеті туралы деректерді іздеп жатқанын айтты.",
}
DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday"),
    "ru": ("понедельник", "вторник", "среду"),
    "kk": ("Дүйсенбі", "Сейсенбі", "Сәрсенбі"),
}


@pytest.mark.parametrize(("lang", "title", "headline", "text"), WALLS)
def test_a_wall_with_status_200(lang, title, headline, text):
    """It hides an article, and is neither one nor an empty frame."""
    found = read(page(title, headline, text, lang))
    assert found.page_type.hides_article, found.page_type


@pytest.mark.parametrize("headline", NO_WALLS)
def test_no_wall(headline):
    """A short piece whose headline holds such a word is no wall."""
    text = "<p>So the council of the district said at noon on Monday, and it will stay so until the first frost comes to the valley.</p>"
    assert not read(page(f"{headline} - Lake Herald", headline, text)).page_type.hides_article


@pytest.mark.parametrize(("lang", "title", "headline", "text"), GONE)
def test_a_page_that_is_gone(lang: str, title: str, headline: str, text: str) -> None:
    """A page with status 200 that says "not found"."""
    assert read(page(title, headline, f"<p>{text}</p>", lang)).page_type is PageType.NOT_FOUND


@pytest.mark.parametrize(("lang", "title", "headline", "text"), CHECKS)
def test_a_page_that_asks_for_a_check(lang: str, title: str, headline: str, text: str) -> None:
    """A challenge page in place of the outlet's own."""
    assert read(page(title, headline, f"<p>{text}</p>", lang)).page_type is PageType.CHALLENGE


def about(lang: str, headline: str, paragraphs: int, date: str = "<p>12.11.2026, 10:05</p>") -> bytes:
    text = "".join(f"<p>{SAID[lang].format(day)}</p>" for day in DAYS[lang][:paragraphs])
    return page(f"{headline} | Lake Herald", headline, date + text, lang)


@pytest.mark.parametrize("paragraphs", [1, 2, 3])
@pytest.mark.parametrize(("lang", "headline"), ABOUT)
def test_an_article_about_such_a_page(lang: str, headline: str, paragraphs: int) -> None:
    """A dated piece with running text and a headline of its own is an article, however short, whatever it speaks of."""
    article = read(about(lang, headline, paragraphs))
    assert (article.page_type, article.title) == (PageType.ARTICLE, headline)
    assert len(article.body.split("\n\n")) == paragraphs


@pytest.mark.parametrize(("paragraphs", "expected"), [(1, PageType.NOT_FOUND), (3, PageType.ARTICLE)])
def test_a_headline_that_is_such_a_phrase(paragraphs: int, expected: PageType) -> None:
    """A headline that says "page not found" and no more needs more text to be believed an article's."""
    assert read(about("ru", "Страница не найдена", paragraphs)).page_type is expected


def test_a_date_in_the_address_does_not_make_an_article() -> None:
    """What a removed page's address says is no date that the page gives."""
    url = "https://lake.example/2026/11/12/some-piece/"
    content = about("ru", "Материал удалён по просьбе автора", 1, date="")
    assert extract(content, url, fetched_at=NOW).page_type is PageType.NOT_FOUND


FREE = [
    ({"isAccessibleForFree": True}, False),
    ({"isAccessibleForFree": False}, True),
    ({"isAccessibleForFree": "True"}, False),
    ({"isAccessibleForFree": "False"}, True),
    ({"isAccessibleForFree": "http://schema.org/False"}, True),
    ({"isAccessibleForFree": "https://schema.org/True"}, False),
    ({"isAccessibleForFree": {"@id": "https://schema.org/False"}}, True),
    ({"isAccessibleForFree": "perhaps"}, None),
    ({"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".x"}}, True),
    ({"hasPart": [{"@type": "WebPageElement", "isAccessibleForFree": False}]}, True),
    ({"hasPart": [{"@type": "WebPageElement", "isAccessibleForFree": True}, "broken"]}, None),
    ({}, None),
]


@pytest.mark.parametrize(("stated", "closed"), FREE)
def test_whether_an_article_is_free(stated: dict[str, object], closed: bool | None) -> None:
    """JSON-LD says it in several ways, some of its closed part alone."""
    data = {"@type": "NewsArticle", "headline": "The mill opens again", **stated}
    text = "".join(f"<p>{SAID['en'].format(day)}</p>" for day in DAYS["en"] * 3)
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    assert read(page("The mill opens again", "The mill opens again", text, "en", head)).paywalled is closed


RUSSIAN = "мост через реку открыли утром первым проехал школьный автобус строители закончили раньше срока вечером жители посёлка пели песни у костра"
KAZAKH = "көпір өзен үстінен таңертең ашылды алдымен мектеп автобусы өтті құрылысшылар жұмысты мерзімінен бұрын аяқтады ауыл тұрғындары ән айтты"
NAMES = ("utf-8", "windows-1251", "koi8-r", "iso-8859-1", "utf-16", "nonsense", "")


@settings(max_examples=60, deadline=None)
@given(
    words=st.one_of(
        st.lists(st.sampled_from(RUSSIAN.split()), min_size=25, max_size=60),
        st.lists(st.sampled_from(KAZAKH.split()), min_size=25, max_size=60),
    ),
    charset=st.sampled_from(["utf-8", "cp1251", "koi8-r", "utf-16", "utf-16-le"]),
    header=st.sampled_from(NAMES),
    meta=st.sampled_from(NAMES),
)
@example(words=["через", *["мост"] * 24], charset="cp1251", header="", meta="").via(
    "small letters are alike in both"
)
def test_the_right_text_or_none(words: list[str], charset: str, header: str, meta: str) -> None:
    """Whatever header and meta say of a charset: the text as it was written, or an honest "unreadable", never mojibake."""
    text = " ".join(words).capitalize() + "."
    head = f'<meta charset="{meta}">' if meta else ""
    markup = f"<html><head>{head}<title>{text[:40]}</title></head><body><h1>{text[:40]}</h1><p>{text}</p></body></html>"
    try:
        content = markup.encode(charset)
    except UnicodeEncodeError:
        content = markup.encode("utf-8")
    article = read(content, f"text/html; charset={header}" if header else None)
    assert article.body == text or article.page_type is PageType.UNREADABLE
