"""Pages in the shapes of widespread themes and site builders, and in neighbouring languages: one fact each that was once misread."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
ONE = "The harbour board voted on Tuesday evening to keep the old ferry pier open until the spring, after residents filled the hall."
TWO = "Officials said that the repairs would cost about four million less than the first estimate, because most of the timber is sound."
THREE = "Ferries will run every forty minutes during the works, the operator said, and tickets bought before stay valid for the season."
TEXT = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
TITLE = "Pier stays open"

# Where the date and the name stand beside the text: id, what is in the body of the page, the day, the names.
STAMPS = [
    (
        "line-of-its-own-before-breaks",
        (
            f'<h1>{TITLE}</h1><div class="news-detail"><span class="news-date-time">12.05.2026 10:30</span><img src="/p.jpg">'
            f"{ONE}<br><br>{TWO}<br><br>{THREE}<br></div>"
        ),
        "2026-05-12",
        [],
    ),
    (
        "weekday-decides",
        f'<h1>{TITLE}</h1><div class="submitted">Submitted by <span>Laura Oakes</span> on Tue, 05/12/2026 - 09:30</div>{TEXT}',
        "2026-05-12",
        ["Laura Oakes"],
    ),
    (
        "weekday-of-another-day",
        f"<h1>{TITLE}</h1><div>Submitted by <span>Laura Oakes</span> on Sat, 05/12/2026 - 09:30</div>{TEXT}",
        None,
        ["Laura Oakes"],
    ),
    (
        "name-bar-date",
        f"<h1>{TITLE}</h1><small>Laura Oakes | 12 May 2026 09:30</small>{TEXT}",
        "2026-05-12",
        ["Laura Oakes"],
    ),
    (
        "date-bar-label",
        f"<h1>{TITLE}</h1><div>12 May 2026 · Text: Laura Oakes</div>{TEXT}",
        "2026-05-12",
        ["Laura Oakes"],
    ),
    (
        "list-of-facts",
        f"<h1>{TITLE}</h1>{TEXT}<ul><li><b>Date</b> 12.05.2026</li><li><b>Author</b> Laura Oakes</li></ul>",
        "2026-05-12",
        ["Laura Oakes"],
    ),
    (
        "facts-of-an-event",
        f"<h1>{TITLE}</h1>{TEXT}<dl><dt>Date</dt><dd>12 May 2025</dd><dt>Place</dt><dd>North pier</dd></dl>",
        None,
        [],
    ),
    (
        "uzbek-hyphens",
        f'<h1>{TITLE}</h1><div class="date">2026-yil 12-may, 10:30</div>{TEXT}',
        "2026-05-12",
        [],
    ),
    (
        "direction-marks",
        f'<h1>{TITLE}</h1><a rel="author">\u202bLaura Oakes\u202c</a> <time>12 May 2026</time>{TEXT}',
        "2026-05-12",
        ["Laura Oakes"],
    ),
]


@pytest.mark.parametrize(
    ("body", "day", "names"), [case[1:] for case in STAMPS], ids=[case[0] for case in STAMPS]
)
def test_date_and_names(body: str, day: str | None, names: list[str]) -> None:
    """The day of publication and the authors."""
    read = extract(_page(body), "https://quill.example/n/1", fetched_at=NOW)
    assert (read.published.date().isoformat() if read.published else None) == day
    assert [author.name for author in read.authors] == names


def _page(body: str, head: str = "") -> bytes:
    return f"<html><head><title>{TITLE}</title>{head}</head><body><main>{body}</main></body></html>".encode()


# What stands among the paragraphs and is not the article's.
BESIDE = [
    (
        "amp-ad",
        (
            f"<h1>{TITLE}</h1><p>{ONE}</p><amp-ad><p>A very good kettle that boils water in only one minute flat, buy it today.</p></amp-ad>"
            f"<p>{TWO}</p><p>{THREE}</p>"
        ),
    ),
    ("date-and-counter", f"<h1>{TITLE}</h1><div>12 May 2026, 10:30 Views: 345</div>{TEXT}"),
    ("kazakh-date-and-counter", f"<h1>{TITLE}</h1><div>2026 жылғы 12 мамыр, 10:30 Қаралым: 345</div>{TEXT}"),
    (
        "next-article-without-box",
        (
            f'<h1>{TITLE}</h1>{TEXT}<h1><a href="/n/2">Snow closes the northern road</a></h1><p>The northern road was closed on Monday '
            "by heavy snow and will stay closed until the plough arrives from the town.</p>"
        ),
    ),
    (
        "post-of-a-reporter",
        f'<h1>{TITLE}</h1><p class="byline">By Laura Oakes<br>Harbour Post Staff Writer</p>{TEXT}',
    ),
    ("row-of-date-and-name", f"<h1>{TITLE}</h1><div>12 May 2026 · Text: Laura Oakes</div>{TEXT}"),
    ("section-behind-text", f"<h1>{TITLE}</h1>{TEXT}<p>Рубрика: Общество</p>"),
    (
        "label-of-no-table-with-date",
        f'<h1>{TITLE}</h1><div>كتب: <a rel="author">Laura Oakes</a> <time datetime="2026-05-12">12 May 2026</time></div>{TEXT}',
    ),
    (
        "boxes-of-a-builder",
        (
            f'<h1>{TITLE}</h1><div class="r"><div class="c"><div class="t-text">{ONE}<br><br>{TWO}</div></div></div><div class="pic">'
            f'<img src="/p.jpg"></div><div class="r"><div class="c"><div class="t-text">{THREE}</div></div></div>'
        ),
    ),
]


@pytest.mark.parametrize("body", [case[1] for case in BESIDE], ids=[case[0] for case in BESIDE])
def test_only_the_paragraphs(body: str) -> None:
    """The body is the three paragraphs, in their order."""
    assert extract(_page(body), "https://quill.example/n/1", fetched_at=NOW).body.split("\n\n") == [
        ONE,
        TWO,
        THREE,
    ]


def test_section_named_by_class() -> None:
    """A category of whose name only a class tells."""
    facts = '<dl><dd class="category-name">Category: <a href="/index.php/news">Harbour</a></dd></dl>'
    read = extract(_page(f"<h1>{TITLE}</h1>{facts}{TEXT}"), "https://quill.example/n/1", fetched_at=NOW)
    assert read.section == "Harbour"


def test_tags_in_footer_of_post() -> None:
    """Links rel=tag in what a post calls its footer."""
    footer = '<div class="post-footer"><span>Labels: <a href="/search/label/ferry" rel="tag">ferry</a></span></div>'
    read = extract(
        _page(f'<div class="post"><h3>{TITLE}</h3><div>{TEXT}</div>{footer}</div>'),
        "https://quill.example/n/1",
        fetched_at=NOW,
    )
    assert read.tags == ("ferry",)


@pytest.mark.parametrize(
    ("midnight", "timed", "taken"),
    [
        ("2026-05-12T00:00:00+00:00", "2026-05-12T04:30:00+00:00", "2026-05-12T04:30:00+00:00"),
        ("2026-05-12T00:00:00+00:00", "2026-05-13T04:30:00+00:00", "2026-05-13T04:30:00+00:00"),
        ("2026-05-12T00:00:00+00:00", "2026-05-19T04:30:00+00:00", "2026-05-12T00:00:00+00:00"),
    ],
    ids=["same day", "same day farther west", "another day"],
)
def test_midnight_is_no_time(midnight: str, timed: str, taken: str) -> None:
    """Where two nodes state the publication, one at midnight to the second, the other has the time; of another day it says nothing."""
    nodes = [
        {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, "datePublished": at}
        for at in (midnight, timed)
    ]
    head = f'<script type="application/ld+json">{json.dumps(nodes)}</script>'
    read = extract(_page(f"<h1>{TITLE}</h1>{TEXT}", head), "https://quill.example/n/1", fetched_at=NOW)
    assert read.published == datetime.fromisoformat(taken)
