"""Dates by language and format, datelines on pages, and dates that must stay unknown."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from newscrawl.dating.moments import believable, zone_of
from newscrawl.dating.months import _NAMES, MONTHS
from newscrawl.dating.written import read_stated, read_written
from newscrawl.extract import examine, extract
from newscrawl.model import Article

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TITLE = "Old mill in Aksai becomes a library"
TEXT = "The mill at the river stood empty for thirty years until the council gave its keys to three readers in spring. "

DAYS = {
    "en": "March 27th, 2024", "en of": "27th of March 2024", "en short": "Mar. 27, 2024", "de": "Mittwoch, 27. März 2024", "fr": "le 27 mars 2024",
    "es": "27 de marzo de 2024", "pt": "27 de março de 2024", "it": "27 marzo 2024", "nl": "27 maart 2024", "pl": "27 marca 2024", "cs": "27. března 2024",
    "sk": "27. marca 2024", "hu": "2024. március 27.", "ro": "27 martie 2024", "sv": "27 mars 2024", "da": "27. marts 2024", "fi": "27. maaliskuuta 2024",
    "et": "27. märts 2024", "lt": "2024 m. kovo 27", "tr": "27 Mart 2024", "az": "27 mart 2024", "uz": "27 mart 2024 yil", "ru": "27 марта 2024 г.",
    "uk": "27 березня 2024", "bg": "27 март 2024", "sr": "27. марта 2024.", "kk": "2024 жылғы 27 наурыз", "kk case": "27 наурызда, 2024", "kk latin": "27 Nauryz, 2024",
    "el": "27 Μαρτίου 2024", "ar": "الأربعاء، 27 مارس 2024", "ar digits": "٢٧ مارس ٢٠٢٤", "fa": "27 مارس 2024", "he": "27 במרץ 2024", "hi": "27 मार्च 2024",
    "hi digits": "२७ मार्च २०२४", "th": "27 มีนาคม 2567", "id": "27 Maret 2024", "vi": "ngày 27 tháng 3 năm 2024", "zh": "2024年3月27日", "ko": "2024년 3월 27일",
    "ka": "27 მარტი, 2024", "hy": "27 մարտի 2024", "iso": "2024-03-27", "dots and spaces": "27. 3. 2024", "day over 12 second": "03/27/2024",
    "day over 12 first": "27/03/2024", "dashes": "27-03-2024", "asctime": "Wed Mar 27 10:00:00 2024", "compact": "20240327",
}  # fmt: skip


@pytest.mark.parametrize("text", DAYS.values(), ids=DAYS)
def test_days_by_language(text: str) -> None:
    """27 March 2024 as some forty languages write it."""
    moment = read_stated(text, UTC, NOW)
    assert moment is not None
    assert moment.at.date() == date(2024, 3, 27)


CLOCKS = {
    "24 h": ("27 March 2024, 20:10", (20, 10)), "pm": ("March 27, 2024 8:10 p.m.", (20, 10)), "noon": ("March 27, 2024 12:05 pm", (12, 5)),
    "midnight": ("March 27, 2024 12:05 am", (0, 5)), "french": ("27 mars 2024 à 20h10", (20, 10)), "dot": ("27. mars 2024 kl. 20.10", (20, 10)),
    "korean": ("2024년 3월 27일 오후 8:10", (20, 10)), "chinese": ("2024年3月27日 20时10分", (20, 10)), "arabic": ("27 مارس 2024 - 8:10 م", (20, 10)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "clock"), CLOCKS.values(), ids=CLOCKS)
def test_times_beside_dates(text: str, clock: tuple[int, int]) -> None:
    """A time is read in every notation."""
    moment = read_written(text, UTC, NOW)
    assert moment is not None
    assert (moment.at.hour, moment.at.minute) == clock


@pytest.mark.parametrize(
    ("text", "offset"),
    [("27 March 2024 20:10 GMT+7", 7), ("27 March 2024 20:10 EDT", -4), ("27 марта 2024 20:10 МСК", 3), ("27 March 2024 20:10 GMT", 0), ("27 March 2024 20:10 UTC-99", 0),
     ("27 March 2024 20:10", 0)],
)  # fmt: skip
def test_labels_of_zones(text: str, offset: int) -> None:
    """A stated offset is used if the outlet's zone is unknown; an impossible one is not."""
    moment = read_written(text, zone_of("UTC"), NOW)
    assert moment is not None
    assert moment.at.utcoffset() == timedelta(hours=offset)


RELATIVE = {
    "ru": "Сегодня, 14:05", "kk": "бүгін 14:05", "uk": "сьогодні, 14:05", "de": "heute, 14:05", "fr": "aujourd'hui 14h05", "es": "hoy 14:05", "ja": "今日 14:05",
}  # fmt: skip


@pytest.mark.parametrize("text", RELATIVE.values(), ids=RELATIVE)
def test_today(text: str) -> None:
    """The word "today" is the day of the fetch, in the outlet's zone."""
    moment = read_written(text, UTC, datetime(2026, 11, 1, 15, tzinfo=UTC))
    assert moment is not None
    assert moment.at == datetime(2026, 11, 1, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "vor 11 Minuten",
        "il y a 2 heures",
        "hace 2 horas",
        "2 години тому",
        "3 сағат бұрын",
        "10 dakika önce",
        "2 soat oldin",
    ],
)
def test_so_long_ago(text: str) -> None:
    """A short while ago is today, without a time."""
    moment = read_written(text, UTC, NOW)
    assert moment is not None
    assert (moment.at.date(), str(moment.precision)) == (date(2026, 11, 1), "day")


UNKNOWN = [
    "12/11/2024",
    "Fri Foo 18 10:27:24 2022",
    "18 Foo 2022",
    "31 February 2024",
    "3 days ago",
    "Feb 18 10:27 of 2022 or 23",
    "May 2024",
    "2024",
    "99.99.2024",
    "",
]


@pytest.mark.parametrize("text", UNKNOWN, ids=[u or "empty" for u in UNKNOWN])
def test_unknown_beats_wrong(text: str) -> None:
    """An ambiguous or incomplete date is not read; in particular it does not become the first of January."""
    moment = read_stated(text, zone_of("UTC"), NOW)
    assert moment is None or (text.startswith("Feb") and moment.at.year == 2022)


def test_month_names_are_of_one_month() -> None:
    """No name means two months: languages that disagree are left out of the table."""
    seen: dict[str, int] = {}
    for number, line in enumerate(_NAMES, start=1):
        for name in line.split():
            assert seen.setdefault(name, number) == number
    assert set(MONTHS.values()) == set(range(1, 13))


@given(
    st.dates(date(1990, 1, 1), date(2025, 12, 31)), st.sampled_from(sorted(n for n in MONTHS if n.isalpha()))
)
def test_every_month_name_is_read(day: date, name: str) -> None:
    """Day, name and year give that day, whatever the language."""
    moment = read_written(f"{day.day} {name} {day.year}", UTC, NOW)
    expected = MONTHS[name] if name != "listopada" else 11
    if moment is None:  # 31 February and its kin
        assert day.day > 28
    else:
        assert (moment.at.year, moment.at.month, moment.at.day) == (day.year, expected, day.day)
        assert believable(moment, NOW)


def read(
    head: str = "",
    line: str = "",
    foot: str = "",
    end: str = "",
    url: str = "https://aksai.example/a/old-mill",
    lang: str = "en",
) -> Article:
    body = "".join(f"<p>{TEXT * 3}</p>" for _ in range(4))
    html = (
        f"<html lang='{lang}'><head><title>{TITLE}</title><meta property='og:title' content='{TITLE}'>{head}</head><body><article>"
        f"<h1>{TITLE}</h1>{line}{body}{end}</article>{foot}</body></html>"
    )
    return extract(html.encode(), url, fetched_at=NOW)


def stated(at: str) -> str:
    return f"<meta property='article:published_time' content='{at}'>"


def test_an_instant_in_utc_is_read_on_the_publishers_clock() -> None:
    """05:30Z beside a dateline of 11:30 p.m. becomes the evening before at UTC-6; the instant is the same."""
    article = read(stated("2023-11-09T05:30:59Z"), "<p>November 8, 2023 at 11:30 p.m.</p>")
    assert article.published == datetime(2023, 11, 8, 23, 30, 59, tzinfo=timezone(timedelta(hours=-6)))
    assert article.published.utcoffset() == timedelta(hours=-6)


def test_a_time_without_offset_takes_that_of_the_same_time() -> None:
    """JSON-LD leaves the offset out, a meta states it with the same time of day."""
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{TITLE}","datePublished":"2024-08-05 20:59:59.0"}}</script>'
    article = read(head + "<meta name='date' content='2024-08-05T20:59:59+02:00'>")
    assert article.published == datetime(2024, 8, 5, 18, 59, 59, tzinfo=UTC)
    assert article.origins["published"] == "json-ld"


def test_an_instant_in_utc_stays_where_the_page_shows_another_time() -> None:
    """A dateline that differs by an implausible offset does not change the offset."""
    article = read(stated("2023-11-09T05:30:59Z"), "<p>November 8, 2023 at 11:17 p.m.</p>")
    assert article.published is not None
    assert article.published.utcoffset() == timedelta(0)


def test_meta_and_page_agree_against_the_first() -> None:
    """A JSON-LD date days away from the date of metas and page is not used."""
    head = (
        f'<script type=\'application/ld+json\'>{{"@type":"NewsArticle","headline":"{TITLE}","datePublished":"2022-01-04T07:29:00Z"}}</script>'
        + stated("2022-01-08T08:29:34")
    )
    article = read(head, "<p>08.01.2022</p>")
    assert article.published is not None
    assert article.published.date() == date(2022, 1, 8)


@pytest.mark.parametrize(("lang", "url", "expected"), [("en-US", "https://a.example/x/y", "2024-12-11"), ("en-GB", "https://a.example/x/y", "2024-11-12"),
                                                      ("de", "https://a.example/x/y", "2024-11-12"), ("en", "https://a.example.uk/x/y", "2024-11-12"),
                                                      ("en", "https://a.example/x/y", None), ("ja", "https://a.example/x/y", None)])  # fmt: skip
def test_the_language_says_which_number_is_the_day(lang: str, url: str, expected: str | None) -> None:
    """12/11/2024 by language and country; in plain English it stays unknown."""
    article = read(line="<p>12/11/2024</p>", lang=lang, url=url)
    assert (article.published.date().isoformat() if article.published else None) == expected


def test_a_date_away_from_the_headline_is_found_last() -> None:
    """A day found only below the text is used, with its own origin."""
    article = read(foot="<div class='entry-footer'>Posted on March 27, 2024</div>")
    assert article.published is not None
    assert (article.published.date(), article.origins["published"], str(article.published_precision)) == (
        date(2024, 3, 27),
        "htmldate",
        "day",
    )


@pytest.mark.parametrize(
    ("words", "published", "modified"),
    [
        ("Created: Wed 27 March 2024.", date(2024, 3, 27), None),
        ("27 марта 2024", date(2024, 3, 27), None),
        ("Құрылған: 27 наурыз 2024", date(2024, 3, 27), None),
        ("Updated: 28 March 2024", None, date(2024, 3, 28)),
    ],
)
def test_a_time_element_in_words_below_the_text(
    words: str, published: date | None, modified: date | None
) -> None:
    """Without a machine-readable value the words of a <time> in the article's own block are its date."""
    article = read(end=f"<footer><time>{words}</time></footer>")
    found = [at.date() if at else None for at in (article.published, article.modified)]
    assert found == [published, modified]
    assert article.origins.get("published") == ("dateline" if published else None)
    assert article.body
    assert words not in article.body


@pytest.mark.parametrize(
    "written",
    ["27 наурыз 2024", "27 марта 2024 г.", "27 березня 2024"],
    ids=["Kazakh", "Russian", "Ukrainian"],
)
def test_a_guess_loads_no_languages(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day away from the headline is read without dateparser, whose languages take seconds of CPU to load."""
    monkeypatch.setitem(sys.modules, "dateparser", None)
    article = read(foot=f"<div class='entry-footer'>{written}</div>")
    assert article.published is not None
    assert (article.published.date(), article.origins["published"]) == (date(2024, 3, 27), "htmldate")


@pytest.mark.parametrize(
    "foot", ["<footer>© 2019 The Aksai Mail</footer>", "<div>November 1, 2026</div>", "<p>In May 2024 the river rose.</p>", "<div>Сурет 2021 жыл</div>"],
    ids=["copyright year", "day of the fetch", "a month alone", "a year alone"],
)  # fmt: skip
def test_a_guess_is_never_the_first_of_january(foot: str) -> None:
    """A year, a month or the day of the fetch anywhere on the page is not a date of publication."""
    assert read(foot=foot).published is None


def test_a_huge_page_is_not_searched_whole() -> None:
    """Above the limit of elements the day below the text stays unknown, because the search would take seconds."""
    foot = "<i>.</i>" * 6_000 + "<div class='entry-footer'>Posted on March 27, 2024</div>"
    assert read(foot=foot).published is None


@pytest.mark.parametrize(
    ("head", "line", "why"),
    [
        ('<meta property="article:published_time" content="2031-05-01T10:00:00Z">', "", "2031-05-01 (article:published_time) is in the future"),
        ("", "<p>1 May 2031</p>", "2031-05-01 (dateline) is in the future"),
        ('<meta name="pubdate" content="1970-01-01T00:00:00Z">', "", "1970-01-01 (pubdate) is the zero of a clock"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_why_no_date_is_believed(head, line, why):
    """A date that cannot be that of the publication is named with the reason, and not taken."""
    text = (
        "<p>The mill on the river has a library now, and the village is glad of it, says the mayor.</p>" * 3
    )
    page = f"<html><head>{head}</head><body><article><h1>Aksai opens a library</h1>{line}{text}</article></body></html>"
    now = datetime(2026, 6, 1, tzinfo=UTC)
    choice = examine(page.encode(), "https://paper.example/aksai", fetched_at=now).choices["published"]
    assert (choice.taken, choice.why) == (None, f"no believable date{': ' if why else ''}{why}")
