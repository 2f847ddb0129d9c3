"""Various layouts: unknown class names, lists of cards, embeds, tables, credits, service pages, in three languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract
from newscrawl.extract.names.credits import unlabelled
from newscrawl.model import Article, ExtractRules, PageType, Precision
from tests.support.pagebuilder import html_page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://en.lake.example/mill-opens-again-4107"
RULES = ExtractRules(outlet_names=("Lake Herald",), zone="Asia/Almaty", stop_headings=("Latest news",))
TITLE = "The mill at Lake Street opens again after the flood"
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
TEXT = [
    f"On {day} the miller ground rye for the village school, and the children carried the flour home in paper bags."
    for day in DAYS
]
LONG = [*TEXT, *(line.replace("rye", "barley") for line in TEXT)]


def page(inner: str, *, title: str = TITLE, head: str = "", lang: str = "en", date: bool = True) -> bytes:
    """A page with a headline and a date line above `inner`."""
    line = "<div><span>12 November 2026, 14:05</span> <b>123</b> views</div>" if date else ""
    return html_page(f"<h1>{title}</h1>{line}{inner}", title=title, head=head, lang=lang)


def read(content: bytes, url: str = URL, rules: ExtractRules = RULES) -> Article:
    return extract(content, url, fetched_at=NOW, rules=rules)


def paragraphs(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def lines_of(article: Article) -> list[str]:
    return article.body.split("\n\n")


PARTS = {
    "sub-heading": ("<h2>Why the wheel stood still</h2>", ["Why the wheel stood still"]),
    "smaller sub-heading": ("<h3>What comes next</h3>", ["What comes next"]),
    "list": (
        "<ul><li>The wheel weighs two tonnes.</li><li>The dam is made of oak.</li></ul>",
        ["- The wheel weighs two tonnes.", "- The dam is made of oak."],
    ),
    "numbered list": ("<ol><li>Open the sluice.</li><li>Wait for it.</li></ol>", ["- Open the sluice.", "- Wait for it."]),
    "definitions": ("<dl><dt>Sluice</dt><dd>A gate for the water.</dd></dl>", ["- Sluice", "- A gate for the water."]),
    "division": ("<div>The wheel turned once and stopped.</div>", ["The wheel turned once and stopped."]),
    "short division": ("<div>No.</div>", ["No."]),
    "table": (
        "<table><tr><th>Village</th><th>Mills closed</th></tr><tr><td>Aksai</td><td>42</td></tr></table>",
        ["| Village | Mills closed |", "| Aksai | 42 |"],
    ),
    "table with a gap": (
        "<table><tr><td>Aksai</td><td>4</td></tr><tr><td>Zhem</td><td></td></tr></table>",
        ["| Aksai | 4 |", "| Zhem | |"],
    ),
    "post": (
        '<blockquote class="twitter-tweet"><p>@miller: it turns at last. 21 likes</p>&mdash; <a href="/1">Nov 11</a></blockquote>',
        ["@miller: it turns at last."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("length", ["short", "long"])
@pytest.mark.parametrize(
    "frame", ['<div class="tx">', '<div class="content">', "<article>", '<section id="qq7">']
)
@pytest.mark.parametrize("part", PARTS)
def test_no_part_depends_on_class_names_or_length(part: str, frame: str, length: str) -> None:
    """Sub-headings, lists, divisions and tables are the same text whatever their container is called, in any length."""
    source = TEXT[:3] if length == "short" else LONG
    raw, expected = PARTS[part]
    close = f"</{frame[1:].split(maxsplit=1)[0].rstrip('>')}>"
    inner = frame + paragraphs(*source[:-1]) + raw + paragraphs(source[-1]) + close
    assert lines_of(read(page(inner))) == [*source[:-1], *expected, source[-1]]


def cards(
    count: int, tag: str = "div", date: str = "<em>12 November 2026, 14:05</em>", start: int = 1
) -> str:
    return "".join(
        f'<{tag} class="q"><a href="/bread-prize-{n}-{n + 900}">Bakery number {n} wins a prize for its bread</a>{date}</{tag}>'
        for n in range(start, start + count)
    )


@pytest.mark.parametrize("length", [3, 14])
def test_chrome_beside_an_unknown_container_stays_out(length: int) -> None:
    """Share lines, cards of other articles, notices and an author box in the container are not text."""
    source = LONG[:length]
    inner = (
        f'<p class="cr">Home | Society</p><div class="tx">{paragraphs(*source)}</div>'
        '<p>Share: <a href="/s/1">Telegram</a> <a href="/s/2">Facebook</a></p>'
        f'<div class="kk"><h4>Latest news</h4><a href="/n/">view all</a>{cards(20)}</div>'
        "<p>We use cookies to remember the size of the letters.</p>"
    )
    article = read(page(inner))
    assert article.page_type is PageType.ARTICLE
    assert lines_of(article) == source


def test_a_lead_outside_the_container_is_kept() -> None:
    """A first paragraph before the container of the others is text."""
    lead = "The old mill has found a new miller after eleven years of silence and one great flood."
    inner = f'<div class="z1"><p>{lead}</p></div><div class="tx">{paragraphs(*LONG)}<h2>The wheel</h2>{paragraphs(*TEXT[:2])}</div>'
    assert lines_of(read(page(inner)))[0] == lead


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("cards with dates", cards(20)),
        ("list items with dates", f"<ul>{cards(20, 'li', ' 12 November 2026')}</ul>"),
        (
            "list items with teasers",
            f"<ul>{cards(12, 'li', ' The jury met for two days and ate forty loaves.')}</ul>",
        ),
        (
            "cards with teasers",
            cards(12, date="<p>The jury met for two days and ate forty loaves of rye bread.</p>"),
        ),
    ],
)
@pytest.mark.parametrize("heading", ["", "<h1>Lake Herald</h1>", "<h1>Society</h1>"])
def test_a_page_of_cards_is_a_list(name: str, body: str, heading: str) -> None:
    """The front page or a section served at an article's address is not an article, so neither an edit nor a return."""
    article = read(html_page(f"{heading}<div class='w'>{body}</div>", title="Lake Herald"))
    assert (article.page_type, bool(article.reason)) == (PageType.LIST, True), name


@pytest.mark.parametrize("words", [1, 2, 7])
@pytest.mark.parametrize("title", ["Latest news", "From our other villages"])
def test_an_article_above_twenty_cards_is_an_article(words: int, title: str) -> None:
    """A brief with a block of headlines below stays an article, also where the block's heading is unknown."""
    inner = f'<div class="tx">{paragraphs(*TEXT[: words + 1])}</div><div class="b"><h4>{title}</h4>{cards(20)}</div>'
    article = read(page(inner))
    assert article.page_type is PageType.ARTICLE
    assert lines_of(article) == TEXT[: words + 1]


def test_an_emptied_article_with_its_block_is_empty() -> None:
    """A headline with nothing but the block of newest headlines below it says that the text is gone."""
    assert read(page(f"<div><h4>Latest news</h4>{cards(20)}</div>")).page_type is PageType.EMPTY


CREDITS = {
    "Bakyt Ilyas, photo by Dana Serik": [("Bakyt Ilyas", "author"), ("Dana Serik", "photographer")],
    "Бакыт Ильяс, фото Даны Серик": [("Бакыт Ильяс", "author"), ("Даны Серик", "photographer")],
    "Бақыт Ілияс, сурет Дана Серік": [("Бақыт Ілияс", "author"), ("Дана Серік", "photographer")],
}  # fmt: skip


@pytest.mark.parametrize("place", ["division under the date", "paragraph under the date", "last paragraph"])
@pytest.mark.parametrize("line", CREDITS)
def test_unlabelled_credit_of_a_writer_and_a_photographer(line: str, place: str) -> None:
    """One author and one photographer, and the line is not part of the text."""
    before = {
        "division under the date": f'<div class="wr">{line}</div>',
        "paragraph under the date": f"<p>{line}.</p>",
    }
    after = f"<p>{line}</p>" if place == "last paragraph" else ""
    article = read(page(f'{before.get(place, "")}<div class="tx">{paragraphs(*TEXT[:4])}{after}</div>'))
    assert [(a.name, a.role) for a in article.authors] == CREDITS[line]
    assert lines_of(article) == TEXT[:4]


@pytest.mark.parametrize(
    "line",
    [
        "Dana Serik, correspondent of Lake.kz",
        "Дана Серик, корреспондент Lake.kz",
        "Дана Серік, Lake.kz тілшісі",
    ],
)
def test_a_correspondent_as_last_paragraph_is_the_author(line: str) -> None:
    """Name and post in the last paragraph: a person, without the post."""
    article = read(page(f'<div class="tx">{paragraphs(*TEXT[:4], line)}</div>'))
    assert [(a.name, a.kind) for a in article.authors] == [(line.split(",", maxsplit=1)[0], "person")]
    assert lines_of(article) == TEXT[:4]


@pytest.mark.parametrize(
    "line",
    [
        "Dana Serik, photo in hand, walked to the mill.",
        "Marat Ilyas, a carpenter from Aksai",
        "Фото Даны Серик",
        "Dana Serik, correspondent of the paper, asked the miller why the wheel stood still for years.",
    ],
)
def test_other_lines_are_no_unlabelled_credit(line: str) -> None:
    """A sentence about a person credits nobody."""
    assert unlabelled(line) == ()


@pytest.mark.parametrize(
    ("markup", "described"),
    [
        ('<h3 class="sb">{}</h3><div class="tx">', True),
        ("<h2>{}</h2><div>", False),
        ('<p class="zz">{}</p><div class="tx">', True),
    ],
)
def test_the_line_under_the_headline_is_the_subtitle(markup: str, described: bool) -> None:
    """A line that repeats the description, or the only heading before the text, is the subtitle."""
    line = "Neighbours want to know who opened the sluice"
    head = f'<meta name="description" content="{line}">' if described else ""
    article = read(page(markup.format(line) + paragraphs(*TEXT[:4]) + "</div>", head=head))
    assert (article.subtitle, lines_of(article)) == (line, TEXT[:4])


def test_a_first_paragraph_that_the_description_repeats_is_text() -> None:
    """Many sites describe a page by its first paragraph: that is no subtitle."""
    head = f'<meta name="description" content="{TEXT[0]}">'
    article = read(page(f"<div>{paragraphs(*TEXT[:4])}</div>", head=head))
    assert (article.subtitle, lines_of(article)) == (None, TEXT[:4])


@pytest.mark.parametrize(
    "line",
    [
        "Сайт қаріпті есте сақтау үшін cookie файлдарын қолданады. Осында қалсаңыз, құпиялылық ережесін қабылдайсыз.",
        "Біз cookie файлдарын пайдаланамыз.",
        "Сайтта қалу арқылы сіз құпиялылық саясатымен келісесіз.",
        "Арнамызға жазылып, жаңалықты бірінші біліңіз.",
        "Есепке қою туралы № KZ77-ОЙДАН куәлік ауылдық кеңестен берілген.",
    ],
)
def test_kazakh_notices_are_never_a_text(line: str) -> None:
    """An emptied Kazakh article is empty, although it has notices at its foot."""
    content = html_page(
        f"<h1>Көл бойындағы диірмен қайта ашылды</h1><div><p>{line}</p></div>", title="Көл", lang="kk"
    )
    assert read(content).page_type is PageType.EMPTY


@pytest.mark.parametrize("label", ["Читайте также:", "Read also", "Тағы оқыңыз:", "Похожие новости"])
@pytest.mark.parametrize("tag", ["p", "h3", "div"])
@pytest.mark.parametrize("count", [4, 12])
def test_a_block_of_links_in_the_middle_removes_only_itself(label: str, tag: str, count: int) -> None:
    """What follows "Read also" is text again, in paragraphs long and short."""
    block = (
        f'<{tag}>{label}</{tag}><ul><li><a href="/x-1">The dam of oak was built in one summer</a></li></ul>'
    )
    tail = ["Nobody was hurt, the fire brigade said on the next day.", "The wheel turns."]
    inner = f'<div class="tx">{paragraphs(*LONG[:count])}{block}{paragraphs(*tail)}</div>'
    assert lines_of(read(page(inner))) == [*LONG[:count], *tail]


@pytest.mark.parametrize("count", ["7", "1 204", "3.5K"])
def test_counts_of_a_post_never_move_the_text(count: str) -> None:
    """Likes, sender and date of an embedded post are not part of the text."""
    post = f'<blockquote class="twitter-tweet"><p>It turns. {count} likes</p>&mdash; miller <a href="/1">Nov 1</a></blockquote>'
    assert lines_of(read(page(f"<div>{paragraphs(*TEXT[:4])}{post}</div>"))) == [*TEXT[:4], "It turns."]


@pytest.mark.parametrize(
    "line",
    [
        "Фото из соцсетей",
        "Скриншот видео",
        "Иллюстративное фото",
        "Elements",
        "freepik.com",
        "Иллюстрациялық сурет",
    ],
)
def test_bare_picture_lines_leave_the_text(line: str) -> None:
    """A line that only says where a picture is from."""
    assert lines_of(read(page(f"<p>{line}</p><div>{paragraphs(*TEXT[:3])}</div>"))) == TEXT[:3]


@pytest.mark.parametrize(
    "path",
    [
        "<p>Home | Society</p>",
        '<nav><a href="/">Home</a><a href="/s/">Society</a></nav>',
        '<ul><li><a href="/">Home</a></li><li><a href="/s/">Society</a></li></ul>',
    ],
)
def test_the_section_from_the_path_above_the_headline(path: str) -> None:
    """The last step of the breadcrumbs is the section, and the breadcrumbs are not text."""
    article = read(html_page(f"{path}<h1>{TITLE}</h1><div>{paragraphs(*TEXT[:3])}</div>", title=TITLE))
    assert (article.section, lines_of(article)) == ("Society", TEXT[:3])


def test_a_main_menu_is_no_path() -> None:
    """A menu that begins with "Home" names many sections: none is the article's."""
    menu = "".join(f'<a href="/{n}/">{n}</a>' for n in ("Home", "Society", "Politics", "Sport", "Culture"))
    assert read(html_page(f"<nav>{menu}</nav><h1>{TITLE}</h1>{paragraphs(*TEXT[:3])}")).section is None


def test_a_paragraph_and_an_invitation_is_a_paywall_stub() -> None:
    """One paragraph and "subscribe to read the rest" is not an article, dated or not."""
    line = "Subscribe to read the rest of this story. Already a subscriber? Log in."
    article = read(page(f"<div>{paragraphs(TEXT[0], line)}</div>"))
    assert article.page_type is PageType.PAYWALL_STUB


@pytest.mark.parametrize(
    "title",
    ["Privacy policy", "Terms of use", "Contacts", "About us", "Контакты", "О нас", "Политика конфиденциальности",
     "Біз туралы", "Байланыс", "Құпиялылық саясаты"],
)  # fmt: skip
def test_pages_of_the_site_itself_are_no_articles(title: str) -> None:
    """Undated and unsigned, with a title that serves the site."""
    article = read(page(f"<div>{paragraphs(*TEXT)}</div>", title=title, date=False))
    assert (article.page_type, bool(article.reason)) == (PageType.OTHER, True)
    assert read(page(f"<div>{paragraphs(*TEXT)}</div>", title=title)).page_type is PageType.ARTICLE, "dated"


@pytest.mark.parametrize(
    ("line", "zone", "expected"),
    [
        ("12/11/2026 14:05", "Asia/Almaty", "2026-11-12T14:05:00+05:00"),
        ("12.11.26", "Asia/Almaty", "2026-11-12T00:00:00+05:00"),
        ("12.11.26 14:05", "Asia/Almaty", "2026-11-12T14:05:00+05:00"),
        ("12/11/2026", "America/New_York", None),
        ("12/11/2026", "UTC", None),
        ("11/11/2026", "America/New_York", "2026-11-11T00:00:00-05:00"),
    ],
)
def test_numeric_dates(line: str, zone: str, expected: str | None) -> None:
    """Day first where nobody writes the month first; where it cannot be told, unknown beats wrong."""
    content = html_page(f"<h1>{TITLE}</h1><div>{line}</div>{paragraphs(*TEXT[:3])}", title=TITLE)
    article = read(content, rules=ExtractRules(zone=zone))
    assert (article.published.isoformat() if article.published else None) == expected
    if expected and ":05:" not in expected:
        assert article.published_precision is Precision.DAY


ADVERTISEMENT = "Winter tyres with a discount of twenty percent"


@pytest.mark.parametrize("text", [TEXT[:5], LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    "named", ["ad", "ads-inline", "ad_block", "adv", "block-reklama", "google-ad", "sponsored"]
)
def test_an_advertisement_between_paragraphs_is_no_text(named: str, text: list[str]) -> None:
    """A line that differs at every visit is not text, because it would be an edit each time."""
    slot = f'<div class="{named}"><p>{ADVERTISEMENT}</p></div>'
    article = read(page(f'<div class="x9">{paragraphs(*text[:2])}{slot}{paragraphs(*text[2:])}</div>'))
    assert lines_of(article) == text


@pytest.mark.parametrize("named", ["has-ads", "no-ad", "with_ads", "headline", "adults", "broad"])
def test_a_name_that_only_speaks_of_advertisements_cuts_nothing(named: str) -> None:
    parts = "".join(f'<div class="{named}"><p>{line}</p></div>' for line in TEXT)
    assert lines_of(read(page(f"<div>{parts}</div>"))) == TEXT
