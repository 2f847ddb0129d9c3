"""Each field of an Article, from the formats that pages use."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from newscrawl.dating.moments import believable
from newscrawl.dating.written import read_stated, read_written
from newscrawl.extract import extract
from newscrawl.extract.data.jsonld import read_json
from newscrawl.extract.fields.language import by_text, code_of
from newscrawl.extract.fields.titles import strip_outlet
from newscrawl.extract.names.credits import credits_of
from newscrawl.extract.page.lines import name_key
from newscrawl.model import Article, ExtractRules, PageType, Precision
from tests.support.pagebuilder import EDITIONS, ENGLISH, KAZAKH, RUSSIAN, PageSpec, article_page

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ALMATY = ZoneInfo("Asia/Almaty")
RULES = ExtractRules(outlet_names=("Orda.kz", "Orda"), zone="Asia/Almaty")


def read(spec: PageSpec, now: datetime = NOW, rules: ExtractRules = RULES) -> Article:
    return extract(article_page(spec).encode(), spec.url, fetched_at=now, rules=rules)


def news(**fields: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": ENGLISH.title, **fields}


# --- dates -------------------------------------------------------------------------------------


def almaty(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ALMATY)  # type: ignore[misc,arg-type]


WRITTEN = [
    ("27 марта 2024 | 20:10", almaty(2024, 3, 27, 20, 10), "minute"),
    ("01 декабря 2025", almaty(2025, 12, 1), "day"),
    ("13:51, 15 Август 2025", almaty(2025, 8, 15, 13, 51), "minute"),
    ("1 Декабря 2020 14:02", almaty(2020, 12, 1, 14, 2), "minute"),
    ("Пятница, 04 Июл 2025, 12:00", almaty(2025, 7, 4, 12, 0), "minute"),
    ("13:51, 15 августа 2025", almaty(2025, 8, 15, 13, 51), "minute"),
    ("7 мая 2021 года, 09:05", almaty(2021, 5, 7, 9, 5), "minute"),
    ("сегодня, 13:51", almaty(2026, 11, 1, 13, 51), "minute"),
    ("cегодня, 13:51", almaty(2026, 11, 1, 13, 51), "minute"),  # the first letter is Latin
    ("Вчера, 11:22", almaty(2026, 10, 31, 11, 22), "minute"),
    ("вчера", almaty(2026, 10, 31), "day"),
    ("бүгін, 08:15", almaty(2026, 11, 1, 8, 15), "minute"),
    ("кеше 23:59", almaty(2026, 10, 31, 23, 59), "minute"),
    ("21 Ақпан, 2025", almaty(2025, 2, 21), "day"),
    ("24 қараша 2012, 13:00", almaty(2012, 11, 24, 13, 0), "minute"),
    ("2015 жылғы 19 мамыр", almaty(2015, 5, 19), "day"),
    ("4 қаңтарда 2024", almaty(2024, 1, 4), "day"),
    ("12 мау 2023", almaty(2023, 6, 12), "day"),
    ("12 мам 2023", almaty(2023, 5, 12), "day"),
    ("3 қаз 2023", almaty(2023, 10, 3), "day"),
    ("3 қар 2023", almaty(2023, 11, 3), "day"),
    ("3 қаң 2023", almaty(2023, 1, 3), "day"),
    ("30 Qazan, 2025", almaty(2025, 10, 30), "day"),
    ("15 jeltoqsan 2015, 10:00", almaty(2015, 12, 15, 10, 0), "minute"),
    ("March 27, 2024 8:10 pm", almaty(2024, 3, 27, 20, 10), "minute"),
    ("27 March 2024, 20:10", almaty(2024, 3, 27, 20, 10), "minute"),
    ("07.01.2026, 16:34 49266", almaty(2026, 1, 7, 16, 34), "minute"),
    ("19:28, 02 May 2024 | GMT +6", almaty(2024, 5, 2, 19, 28), "minute"),  # the label is older than the law
    ("25 декабря", almaty(2025, 12, 25), "day"),  # no year: the last such day
    ("5 минут назад", almaty(2026, 11, 1), "day"),
    ("2 сағат бұрын", almaty(2026, 11, 1), "day"),
    ("28 minutes ago", almaty(2026, 11, 1), "day"),
]


@pytest.mark.parametrize(("text", "instant", "precision"), WRITTEN, ids=[w[0] for w in WRITTEN])
def test_written_dates(text: str, instant: datetime, precision: str) -> None:
    """Dates as people write them in Russian, Kazakh (two alphabets) and English, in the outlet's zone."""
    moment = read_written(text, ALMATY, NOW)
    assert moment is not None
    assert (moment.at, moment.precision) == (instant, precision)
    assert moment.at.utcoffset() == instant.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31 февраля 2024",
        "12:30",
        "17 часов назад",
        "3 дня назад",
        "2024",
        "May",
        "version 1.2.2024.7",
        "99 мая 2024",
    ],
)
def test_no_date_is_no_date(text: str) -> None:
    """Impossible, incomplete and uncertain dates are unknown: "17 hours ago" at five in the afternoon may be today or yesterday."""
    assert read_written(text, ALMATY, NOW) is None


def test_almaty_before_and_after_march_2024() -> None:
    """Almaty had UTC+6 until the end of February 2024, and UTC+5 since."""
    before, after = (
        read_written("29 февраля 2024, 23:00", ALMATY, NOW),
        read_written("1 марта 2024, 23:00", ALMATY, NOW),
    )
    assert before is not None
    assert after is not None
    assert before.at.utcoffset() == timedelta(hours=6)
    assert after.at.utcoffset() == timedelta(hours=5)


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("2024-01-10T09:00:00+06:00", "2024-01-10T09:00:00+06:00", "second"),
        ("2024-01-10T09:00+0600", "2024-01-10T09:00:00+06:00", "minute"),
        ("2024-01-10T03:00:00Z", "2024-01-10T03:00:00+00:00", "second"),
        ("2024-01-10T03:00:00.123456Z", "2024-01-10T03:00:00+00:00", "second"),
        ("2024-04-10 09:00:00", "2024-04-10T09:00:00+05:00", "second"),
        ("2024-04-10", "2024-04-10T00:00:00+05:00", "day"),
        ("2024-04-10T00:00:00", "2024-04-10T00:00:00+05:00", "day"),
        ("Wed, 10 Apr 2024 09:00:00 +0500", "2024-04-10T09:00:00+05:00", "second"),
    ],
)
def test_stated_dates_keep_the_publishers_offset(text: str, iso: str, precision: str) -> None:
    """Machine-readable dates: own offset kept, the outlet's zone where none is given, no invented midnight."""
    moment = read_stated(text, ALMATY, NOW)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == (iso, precision)


@pytest.mark.parametrize(
    "text", ["2027-01-01T00:00:01Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2026-11-03"]
)
def test_impossible_and_future_dates_are_refused(text: str) -> None:
    """Nothing is published after it was fetched, at the epoch or in year one."""
    moment = read_stated(text, ALMATY, NOW)
    assert moment is None or not believable(moment, NOW)


def test_today_in_almaty_while_it_is_yesterday_in_utc() -> None:
    """An article of 00:30 local time is not from the future for a server on UTC."""
    now = datetime(2025, 10, 14, 19, 45, tzinfo=UTC)  # 00:45 on the 15th in Almaty
    article = read(ENGLISH.but(dateline="15 October 2025, 00:30"), now)
    assert article.published == almaty(2025, 10, 15, 0, 30)


@pytest.mark.parametrize("spec", EDITIONS.values(), ids=EDITIONS)
def test_json_ld_before_metas_before_visible(spec: PageSpec) -> None:
    """The order of preference, and the origin of the one taken."""
    metas = {"article:published_time": "2025-10-13T10:00:00+05:00"}
    data = news(headline=spec.title, datePublished="2025-10-14T12:30:00+05:00")
    shown = spec.but(dateline="12.10.2025 09:00")
    for page, day, origin in (
        (shown.but(metas=metas, jsonld=data), 14, "json-ld"),
        (shown.but(metas=metas), 13, "article:published_time"),
        (shown, 12, "dateline"),
    ):
        article = read(page)
        assert article.published is not None
        assert (article.published.day, article.origins["published"]) == (day, origin)


def test_a_time_beside_a_bare_day() -> None:
    """JSON-LD gives only the day and the page the time of the same day: the time is taken."""
    article = read(
        RUSSIAN.but(
            jsonld=news(headline=RUSSIAN.title, datePublished="2025-10-14"), dateline="14 октября 2025, 09:41"
        )
    )
    assert article.published == almaty(2025, 10, 14, 9, 41)
    assert article.published_precision is Precision.MINUTE


def test_dates_of_other_articles_do_not_count() -> None:
    """Dates in the list of newest headlines below are not the article's."""
    page = article_page(ENGLISH).replace("</a></li>", "</a> <span>31 October 2026, 10:00</span></li>")
    article = extract(page.encode(), ENGLISH.url, fetched_at=NOW, rules=RULES)
    assert article.published is None


def test_modified() -> None:
    """The publisher's own date of modification, None if there is none."""
    article = read(
        ENGLISH.but(jsonld=news(datePublished="2025-10-14", dateModified="2025-10-15T08:00:00+05:00"))
    )
    assert article.modified == datetime(2025, 10, 15, 8, tzinfo=timezone(timedelta(hours=5)))
    assert read(ENGLISH).modified is None


# --- authors -----------------------------------------------------------------------------------

BYLINES = [
    ("Original Author: Aru Bekova", [("Aru Bekova", "original author", "person")]),
    ("Автор: Олжас Темиров", [("Олжас Темиров", "author", "person")]),
    (
        "Авторы: Олжас Темиров, Анна Ким",
        [("Олжас Темиров", "author", "person"), ("Анна Ким", "author", "person")],
    ),
    ("Автордың аты: Айгүл Сәрсен", [("Айгүл Сәрсен", "author", "person")]),
    ("Текст: Олжас Темиров", [("Олжас Темиров", "author", "person")]),
    ("Фото: Анна Ким", [("Анна Ким", "photographer", "person")]),
    ("Перевод: Анна Ким", [("Анна Ким", "translator", "person")]),
    ("Аударған: Айгүл Сәрсен", [("Айгүл Сәрсен", "translator", "person")]),
    ("By Aru Bekova and Tim Olsen", [("Aru Bekova", "author", "person"), ("Tim Olsen", "author", "person")]),
    (
        "Aru Bekova, photo by Tim Olsen.",
        [("Aru Bekova", "author", "person"), ("Tim Olsen", "photographer", "person")],
    ),
    ("Aru Bekova, Senior Correspondent", [("Aru Bekova", "author", "person")]),
    ("Aru Bekova (aru@outlet.example)", [("Aru Bekova", "author", "person")]),
    ("Reuters", [("Reuters", "author", "organization")]),
    ("Orda.kz", [("Orda.kz", "author", "organization")]),
    ("Editorial Team", [("Editorial Team", "author", "organization")]),
    ("Старший корреспондент отдела новостей", None),
    ("https://www.facebook.example/outlet", []),
    ("14 October 2025", []),
    ("by the time the river had risen", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), BYLINES, ids=[b[0] or "empty" for b in BYLINES])
def test_bylines(text: str, expected: list[tuple[str, str, str]] | None) -> None:
    """Names, roles and kinds from one string; a role, a date or an address is not a name."""
    found = [(a.name, a.role, a.kind) for a in credits_of(text, {name_key("Orda.kz")})]
    if expected is None:
        assert not [f for f in found if f[2] == "person"]
    else:
        assert found == expected


def test_the_person_on_the_page_beats_the_outlet_in_the_metadata() -> None:
    """Meta and JSON-LD name the outlet, article:author is an address; the line at the foot names the person."""
    spec = RUSSIAN.but(
        metas={"author": "ORDA.KZ", "article:author": "https://social.example/orda"},
        jsonld=news(headline=RUSSIAN.title, author={"@type": "Organization", "name": "Orda.kz"}),
    )
    article = read(spec)
    assert [a.name for a in article.authors] == ["Дана Серик"]
    assert article.origins["authors"] == "byline"


def test_the_outlet_counts_where_no_person_is_named() -> None:
    """An organisation is the author only if no person is named, and has that kind."""
    article = read(ENGLISH.but(author=None, jsonld=news(author={"@type": "Organization", "name": "Orda.kz"})))
    assert [(a.name, a.kind) for a in article.authors] == [("Orda.kz", "organization")]


def test_author_of_a_related_article_is_not_ours() -> None:
    """A second article node on the page, with another headline and address, credits nobody here."""
    other = {"@type": "NewsArticle", "headline": "Herders move early to summer pastures", "url": "https://en.orda.example/z-9",
             "author": {"@type": "Person", "name": "Not Ours"}}  # fmt: skip
    article = read(
        ENGLISH.but(
            jsonld={
                "@graph": [other, news(author={"@type": "Person", "name": "Aru Bekova"}, url=ENGLISH.url)]
            }
        )
    )
    assert "Not Ours" not in [a.name for a in article.authors]
    assert "Aru Bekova" in [a.name for a in article.authors]


def test_author_by_reference() -> None:
    """An author given by @id is looked up in the graph."""
    graph = {"@graph": [news(author={"@id": "#p1"}), {"@type": "Person", "@id": "#p1", "name": "Aru Bekova"}]}
    assert [a.name for a in read(ENGLISH.but(author=None, jsonld=graph)).authors] == ["Aru Bekova"]


# --- title, language, section, addresses ----------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Flood in Aksu | Orda.kz", "Flood in Aksu"),
        ("Flood in Aksu - Orda.kz", "Flood in Aksu"),
        ("Orda.kz: Flood in Aksu", "Flood in Aksu"),
        ("Flood in Aksu — Оrda.kz", "Flood in Aksu"),  # the first letter of the outlet is Cyrillic
        ("Flood - a chronicle", "Flood - a chronicle"),
        ("A title that ends in a full stop.", "A title that ends in a full stop."),
        ("«Мы ждём» | Orda", "«Мы ждём»"),
        ("Orda.kz", "Orda.kz"),
    ],
)
def test_outlet_names_leave_the_title(title: str, expected: str) -> None:
    """Only the outlet's name is removed, only from an end, only with a separator."""
    assert strip_outlet(title, ("Orda.kz", "Orda")) == expected


def test_the_visible_headline_wins_over_the_search_headline() -> None:
    """If og:title differs, the visible heading is the title."""
    article = read(
        ENGLISH.but(metas={"og:title": "Aksai village library opens in old mill: photos and story | Orda.kz"})
    )
    assert (article.title, article.origins["title"]) == (ENGLISH.title, "h1")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ".join(ENGLISH.body), "en"),
        (" ".join(RUSSIAN.body), "ru"),
        (" ".join(KAZAKH.body), "kk"),
        (
            "Президент Жогорку Кеңештин депутаттары менен жолугуп, өлкөнүн өнүгүү жолун жана үй куруу маселесин талкуулады",
            "ky",
        ),
        (
            "Bul jyly Qazaqstan jastary üşin jañalyq köp boldy, jäne osy turaly qalasynda aityldy dep bılam degen edi bolyp",
            "kk",
        ),
        (
            "Токаев встретился с акимом Қызылорды и жителями села Өскемен, которые рассказали о дорогах и школах этого края",
            "ru",
        ),
        ("12 345", None),
    ],
)
def test_language_by_letters(text: str, code: str | None) -> None:
    """Kazakh-only letters decide against Russian, a Kazakh name in a Russian sentence does not."""
    assert by_text(text) == code


def test_the_text_wins_over_a_wrong_tag() -> None:
    """A Kazakh article on a page that declares Russian is Kazakh."""
    page = article_page(KAZAKH).replace('<html lang="kk">', '<html lang="ru">')
    assert extract(page.encode(), KAZAKH.url, fetched_at=NOW).language == "kk"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("ru-KZ", "ru"), ("kz", "kk"), ("en_US", "en"), ("", None), ("x", None), ("русский", None)],
)
def test_language_tags(tag: str, code: str | None) -> None:
    """Tags become two-letter codes; a country mistaken for a language is put right."""
    assert code_of(tag) == code


def test_section_tags_addresses_and_paywall() -> None:
    """Section, tags, canonical, alternates and the free-or-not flag."""
    head = (
        '<link rel="canonical" href="/village-of-aksai-opens-a-library-4101/">'
        '<link rel="alternate" hreflang="kk" href="https://kaz.orda.example/aqsaj-137001">'
        '<link rel="alternate" hreflang="ru" href="https://orda.example/">'
    )
    data = news(articleSection="Society", keywords="libraries, Aksai , ,mills", isAccessibleForFree="False")
    article = read(ENGLISH.but(head=head, jsonld=data))
    assert article.section == "Society"
    assert article.tags == ("libraries", "Aksai", "mills")
    assert (
        article.canonical == article.url == "https://en.orda.example/village-of-aksai-opens-a-library-4101/"
    )
    assert article.alternates == (("kk", "https://kaz.orda.example/aqsaj-137001"),)
    assert article.paywalled is True


@pytest.mark.parametrize(
    "href", ["/", "https://en.orda.example", "javascript:alert(1)", "ftp://x.example/a", "http://[bad", ""]
)
def test_useless_canonical_links_are_ignored(href: str) -> None:
    """A front page, a script or a broken address is not a canonical address."""
    article = read(ENGLISH.but(head=f'<link rel="canonical" href="{href}">'))
    assert (article.canonical, article.url) == (None, ENGLISH.url)


# --- JSON that is not quite JSON ------------------------------------------------------------------

GOOD = json.dumps(news(datePublished="2025-10-14T12:30:00+05:00"))
BROKEN = {
    "trailing comma": GOOD[:-1] + ",}",
    "raw newline in a string": GOOD.replace("Village of", "Village\nof"),
    "html comment around": f"<!-- {GOOD} -->",
    "cdata around": f"//<![CDATA[\n{GOOD}\n//]]>",
    "several objects": '{"@type": "WebSite", "name": "Orda"}\n' + GOOD,
    "semicolon after": GOOD + ";",
    "wrong escape": GOOD.replace("Village", "Village\\'s"),
    "cut off": GOOD[:-1],
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_broken_json_ld_still_gives_the_date(raw: str) -> None:
    """JSON-LD with common mistakes is read completely."""
    article = read(ENGLISH.but(jsonld=raw))
    assert article.published == datetime(2025, 10, 14, 12, 30, tzinfo=timezone(timedelta(hours=5)))


@pytest.mark.parametrize(
    "raw", ["", "null", "{", "[" * 5000, '{"a":' * 5000, '"' * 9999, "{]}" * 999, "nonsense", "\x00"]
)
def test_hopeless_json_is_no_error(raw: str) -> None:
    """Any script gives values and a message about what was wrong."""
    values, problem = read_json(raw)
    assert isinstance(values, list)
    assert problem is None or isinstance(problem, str)


def test_live_blog() -> None:
    """A live blog is recognised."""
    article = read(ENGLISH.but(jsonld={**news(), "@type": "LiveBlogPosting"}))
    assert article.page_type is PageType.LIVE_BLOG


def test_the_registration_line_dates_no_article() -> None:
    """A short article without a date has none, although the registration line at the foot has one."""
    assert read(ENGLISH.but(body=ENGLISH.body[:2], latest=0)).published is None
