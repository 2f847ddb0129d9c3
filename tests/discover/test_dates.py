"""Dates of articles in lists (cards, day headings, addresses), and dates that must stay unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from newscrawl.discover.address import day_in
from newscrawl.discover.listing import links

URL = "https://en.steppe.example/news/"
ALMATY = ZoneInfo("Asia/Almaty")
NOW = datetime(2025, 8, 15, 13, 0, tzinfo=ALMATY)  # a Friday


def dates(html: str, now: datetime = NOW, zone=ALMATY) -> list[str | None]:
    """The claims of a page in its order, in the outlet's time."""
    page = links(html.encode(), URL, is_article=lambda a: "/item-" in a, zone=zone, now=now)
    return [
        f"{one.published.astimezone(ALMATY):%Y-%m-%d %H:%M}" if one.published else None for one in page.leads
    ]


def cards(*said: str) -> str:
    """A list of cards, each with this text beside its headline."""
    items = "".join(
        f'<div class="card"><a href="/item-{n}"><img src="x"></a><h3><a href="/item-{n}">Ferry number {n} runs again after a pause</a></h3>{one}</div>'
        for n, one in enumerate(said)
    )
    return f"<html><body><div class=list>{items}</div></body></html>"


# What a card says beside the headline, on 15 August 2025 at 13:00 in Almaty -> the claim, or None.
BESIDE = {
    '<time datetime="2025-08-14T10:00:00Z">yesterday</time>': "2025-08-14 15:00",
    '<time datetime="2025-08-14T10:00:00">x</time>': "2025-08-14 10:00",
    '<time datetime="2025-08-14">x</time>': "2025-08-14 00:00",
    '<time datetime="nonsense">Вчера, 11:22</time>': "2025-08-14 11:22",
    "<span>Сегодня, 11:15</span>": "2025-08-15 11:15",
    "<span>cегодня в 11:15</span>": "2025-08-15 11:15",
    "<span>Вчера, 11:22</span>": "2025-08-14 11:22",
    "<span>бүгін</span>": "2025-08-15 00:00",
    "<span>Кеше, 09:05</span>": "2025-08-14 09:05",
    "<span>13 августа 2025, 18:25</span>": "2025-08-13 18:25",
    "<span>01 декабря 2024</span>": "2024-12-01 00:00",
    "<span>13:51, 14 Август 2025</span>": "2025-08-14 13:51",
    "<span>13:51, 14 августа 2025</span>": "2025-08-14 13:51",
    "<span>27 марта 2024 | 20:10</span>": "2024-03-27 20:10",
    "<span>21 Ақпан, 2025</span>": "2025-02-21 00:00",
    "<span>30 Qazan, 2024</span>": "2024-10-30 00:00",
    "<span>2015 жылғы 19 мамыр</span>": "2015-05-19 00:00",
    "<span>August 14, 2025</span>": "2025-08-14 00:00",
    "<span>02 May 2024, 19:28</span>": "2024-05-02 19:28",
    "<span>14 августа</span>": "2025-08-14 00:00",
    "<span>31 декабря, 23:50</span>": "2024-12-31 23:50",
    "<span>14.08.2025</span><span>10:40</span>": "2025-08-14 10:40",
    "<b>14</b> <i>августа</i> <u>2025</u>": "2025-08-14 00:00",
    "<span>10:40</span>": None,
    "<span>Обновлено 14 августа 2025, 10:40</span>": None,
    '<time class="updated" datetime="2025-08-14T10:00:00Z">x</time>': None,
    "<span>Сегодня, 23:50</span>": None,
    '<time datetime="2099-01-01T00:00:00Z">x</time>': None,
    '<time datetime="0001-01-01T00:00:00Z">x</time>': None,
    "<p>Вчера в городе прошёл сильный дождь с градом</p>": None,
    "<p>The law of 14 August 2020 was repealed by the senate</p>": None,
    "<span>32 августа 2025</span>": None,
    "<span>1 204 просмотра</span>": None,
}


@pytest.mark.parametrize("said", BESIDE)
def test_beside_the_link(said: str) -> None:
    """Between two plain cards, so that a date read for the wrong card is noticed."""
    assert dates(cards("", said, "")) == [None, BESIDE[said], None]


def test_a_headline_with_a_date_is_none() -> None:
    """Dates in headlines and in summaries are about something else."""
    html = "".join(
        f'<li><a href="/item-{n}">{text}</a></li>'
        for n, text in enumerate(["Results of 13 August 2025", "Yesterday, 11:22", "14 августа"])
    )
    assert dates(f"<ul>{html}</ul>") == [None] * 3


def test_time_within_the_link() -> None:
    """The whole card may be the link."""
    html = "".join(
        f'<a href="/item-{n}"><span>{said}</span><b>Ferry number {n} runs again</b></a>'
        for n, said in enumerate(["Сегодня, 11:15", "14 августа 2025"])
    )
    assert dates(f"<div>{html}</div>") == ["2025-08-15 11:15", "2025-08-14 00:00"]


def item(n: int, said: str = "") -> str:
    """One line of a plain list, its time before the link."""
    return f'<li><time class="t">{said}</time> <a href="/item-{n}">Ferry number {n} runs again</a></li>'


def grouped(*groups: tuple[str, list[str]], tag: str = "h2") -> str:
    """A list under day headings."""
    numbers = iter(range(100))
    body = "".join(
        f"<{tag}>{day}</{tag}><ul>{''.join(item(next(numbers), t) for t in times)}</ul>"
        for day, times in groups
    )
    return f"<html><body><main><div class=feed>{body}</div></main></body></html>"


def test_day_headings() -> None:
    """A day heading applies to the lines below it; missing years are the latest before the fetch."""
    html = grouped(("Сегодня", ["12:10", "09:30"]), ("Вчера", ["23:50", "00:10"]), ("13 августа", ["18:00"]))
    assert dates(html) == [
        "2025-08-15 12:10",
        "2025-08-15 09:30",
        "2025-08-14 23:50",
        "2025-08-14 00:10",
        "2025-08-13 18:00",
    ]


def test_day_headings_at_new_year() -> None:
    """On 1 January "31 декабря" is last year's."""
    html = grouped(("1 января", ["00:20"]), ("31 декабря", ["22:00", "21:00"]))
    assert dates(html, datetime(2026, 1, 1, 1, 0, tzinfo=ALMATY)) == [
        "2026-01-01 00:20",
        "2025-12-31 22:00",
        "2025-12-31 21:00",
    ]


def test_day_headings_without_times() -> None:
    """A day is a day."""
    assert dates(grouped(("15 тамыз", ["", ""]), ("14 тамыз", [""]))) == ["2025-08-15 00:00"] * 2 + [
        "2025-08-14 00:00"
    ]


# Pages whose headings must not be believed.
UNSURE = {
    "the site's own date above everything": "<header><div>15 августа 2025</div></header><ul>" + item(1, "12:00") + item(2, "11:00") + "</ul>",
    "a date in a box at the top": "<div><div class=date>15 августа 2025</div></div><div><ul>" + item(1) + item(2) + "</ul></div>",
    "tabs": "<div><b>Сегодня</b><b>Вчера</b></div><ul>" + item(1, "12:00") + item(2, "11:00") + "</ul>",
    "yesterday's pieces under today's heading": grouped(("Сегодня", ["12:10", "00:05", "23:50", "23:40"])),
    "only yesterday's pieces, still to come today": grouped(("Сегодня", ["23:50", "23:40"])),
    "a heading to come": grouped(("16 августа 2025", ["10:00", "09:00"])),
    "times and no heading": "<ul>" + item(1, "12:10") + item(2, "11:10") + "</ul>",
}  # fmt: skip


@pytest.mark.parametrize("name", UNSURE)
def test_unknown_beats_wrong(name: str) -> None:
    """A date that may be wrong stays unknown."""
    assert set(dates(f"<html><body>{UNSURE[name]}</body></html>")) == {None}


def test_flat_list() -> None:
    """Date, link, date, link, with nothing around them."""
    html = "".join(
        f'<span>14 августа 2025, 1{n}:00</span><a href="/item-{n}">Ferry number {n} runs again</a>'
        for n in range(3)
    )
    assert dates(f"<div>{html}</div>") == [f"2025-08-14 1{n}:00" for n in range(3)]


def test_no_present_no_dates() -> None:
    """Without the instant of the fetch nothing is claimed."""
    page = links(cards("<span>Вчера, 11:22</span>").encode(), URL, is_article=lambda a: "/item-" in a)
    assert page.leads[0].published is None


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 3000 + '<a href="/item-1">x</a>' + "<b>Сегодня</b>" * 3000, id="deep"),
        pytest.param("".join(f'<li><a href="/item-{n}">x</a><i>10:0{n % 10}</i></li><h2>Сегодня</h2>' for n in range(5000)), id="a heading after every piece"),
        pytest.param("<i>14 августа</i>" * 20000 + '<a href="/item-1">x</a>' * 2000, id="dates without end"),
        pytest.param("".join(f'<div><a href="/item-{n}">x</a>' for n in range(3000)), id="cards within cards"),
    ],
)  # fmt: skip
def test_hostile_lists(html: str) -> None:
    """Pages with thousands of anything are read in time, and give no future date."""
    assert all(one is None or one <= "2025-08-15 13:00" for one in dates(html))


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2025/07/28/ferry-runs/", date(2025, 7, 28)),
        ("/20250728/ferry-runs-123.html", date(2025, 7, 28)),
        ("/news/2025-07-28/ferry", date(2025, 7, 28)),
        ("/news/2025-07-28-ferry-runs", date(2025, 7, 28)),
        ("/2025/07/ferry-runs/", None),
        ("/2025/13/28/ferry/", None),
        ("/20259999/ferry", None),
        ("/2025/02/30/ferry", None),
        ("/2031/01/01/ferry", None),
        ("/2024/01/01/review-of/2023/12/31/", None),
        ("/ferry-20250728123", None),
        ("/202507281234/ferry", None),
        ("/news?day=/2025/07/28/", None),
    ],
)
def test_day_in_an_address(path: str, day: date | None) -> None:
    """Only a whole day, only one, and not a future one."""
    found = day_in(f"https://en.steppe.example{path}", ALMATY, NOW)
    assert (found.date() if found else None) == day
    assert found is None or (found.hour, found.tzinfo) == (0, ALMATY)


def test_utc_is_the_zone_of_no_one() -> None:
    """The outlet's zone decides what "today" is: shortly after midnight in Almaty it is still yesterday in UTC."""
    html = cards("<span>Сегодня, 00:10</span>")
    late = datetime(2025, 8, 15, 0, 30, tzinfo=ALMATY).astimezone(UTC)
    assert dates(html, late) == ["2025-08-15 00:10"]
