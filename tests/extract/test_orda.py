"""A page like Orda's gives exactly its body and its author, whatever moves around them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract
from newscrawl.model import Article, ExtractRules
from tests.support.pagebuilder import EDITIONS, PageSpec, article_page, text_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
RULES = ExtractRules(
    outlet_names=("Orda.kz", "Orda"),
    zone="Asia/Almaty",
    stop_headings=("Latest news", "Лента новостей", "Соңғы жаңалықтар"),
    translates=True,
)


def read(spec: PageSpec, rules: ExtractRules = RULES) -> Article:
    return extract(article_page(spec).encode(), spec.url, fetched_at=NOW, rules=rules)


def metas_of(spec: PageSpec) -> dict[str, str]:
    return {
        "og:title": spec.title,
        "og:type": "article",
        "og:site_name": "Orda.kz",
        "og:image": "https://orda.example/uploads/cover.webp",
        "author": "Orda.kz",
        "article:published_time": "2025-10-14T12:30:00+05:00",
    }


def jsonld_of(spec: PageSpec) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": spec.title,
        "url": spec.url,
        "datePublished": "2025-10-14T12:30:00+05:00",
        "author": {"@type": "Organization", "name": "Orda.kz"},
        "publisher": {"@type": "Organization", "name": "Orda.kz"},
    }


@pytest.mark.parametrize("data", ["bare", "metas", "json-ld"])
@pytest.mark.parametrize("rules", [RULES, ExtractRules()], ids=["own rules", "no rules"])
@pytest.mark.parametrize("paragraphs", [2, 3, 4, 8])
@pytest.mark.parametrize("layout", ["nested", "flat", "divs"])
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_exactly_the_body_and_the_author(
    lang: str, layout: str, paragraphs: int, rules: ExtractRules, data: str
) -> None:
    """Body, title, author with role and language are exact, for briefs of two paragraphs and for longer pieces."""
    spec = EDITIONS[lang].but(layout=layout, body=EDITIONS[lang].body[:paragraphs])
    if data == "metas":
        spec = spec.but(metas=metas_of(spec))
    elif data == "json-ld":
        spec = spec.but(jsonld=jsonld_of(spec))
    article = read(spec, rules)
    assert article.body == text_of(spec)
    assert article.title == spec.title
    # "Original Author:" says so itself; "Автор:" does only at an outlet that translates its articles.
    role = "original author" if rules.translates or lang == "en" else "author"
    assert [(a.name, a.role, a.kind) for a in article.authors] == [(spec.author, role, "person")]
    assert article.language == lang
    assert article.is_article


@pytest.mark.parametrize("layout", ["nested", "flat", "divs"])
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("paragraphs", [2, 8])
@pytest.mark.parametrize(
    "moved",
    [
        {"latest_from": 500},
        {"views": 98_765},
        {"rate": "601.99"},
        {"views": None},
        {"latest": 3},
        {"latest_from": 900, "views": 1, "rate": "1.10", "latest": 40},
    ],
    ids=["newer headlines", "counter", "ticker", "counter gone", "shorter list", "all at once"],
)
def test_what_moves_around_an_article_is_no_change(
    lang: str, layout: str, paragraphs: int, moved: dict[str, object]
) -> None:
    """A newer Latest-news block, a view counter or a currency ticker gives the identical Article."""
    spec = EDITIONS[lang].but(layout=layout, body=EDITIONS[lang].body[:paragraphs])
    assert read(spec.but(**moved)) == read(spec)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_an_edit_is_a_change(lang: str) -> None:
    """One changed word in the body shows."""
    spec = EDITIONS[lang]
    first = spec.body[0].replace("Аксай", "Актас").replace("Aksai", "Aktas").replace("Ақсай", "Ақтас")
    assert read(spec.but(body=(first, *spec.body[1:]))).body != read(spec).body


@pytest.mark.parametrize(
    "photo",
    [
        "Photo: Orda Collage",
        "Photo: freepik.com",
        "Coverphoto: elements.envato.example",
        "cover Photo: Orda Collage",
        "Photo: Elements.envato.example, ill. purposes.",
        "cover Orda",
        "Коллаж: Orda.kz",
        "cover",
        None,
    ],
)
def test_photo_credit_is_not_text(photo: str | None) -> None:
    """Credit lines of every form leave the body, and whether one is there changes nothing but the picture."""
    spec = EDITIONS["en"].but(photo=photo)
    assert read(spec).body == text_of(spec)


def test_photo_credit_goes_to_the_picture() -> None:
    """The credit is kept where it belongs; the alt text "cover" is no caption."""
    (image,) = read(EDITIONS["en"]).images
    assert image.url.endswith("/uploads/posts/2025-10/sizes/1440x810/cover.webp")
    assert (image.caption, image.credit) == (None, "Orda Collage")


def test_no_byline_names_nobody() -> None:
    """Without a byline there is no author, though the outlet is named all over the page."""
    article = read(EDITIONS["ru"].but(author=None))
    assert article.authors == ()


@pytest.mark.parametrize("layout", ["nested", "flat"])
def test_read_also_in_the_middle_goes_and_the_rest_stays(layout: str) -> None:
    """A pointer to another article inside the text is cut, what follows it is not."""
    spec = EDITIONS["ru"]
    extra = '<p>Читайте также: <a href="/a-1">Мост через Ишим закрыли на ремонт до весны</a></p>'
    extra += "<p>Следующей осенью в мельнице обещают открыть и детский кружок рисования для соседних сёл.</p>"
    article = read(spec.but(extra=extra, layout=layout))
    assert "Мост через" not in article.body
    assert article.body.endswith("детский кружок рисования для соседних сёл.")


def test_sidebar_of_latest_news_between_headline_and_text() -> None:
    """A Latest-news column that stands before the text takes only itself away."""
    spec = EDITIONS["en"]
    items = "".join(
        f'<li><a href="/x-{n}">Carpet makers of Street {n} open their doors</a></li>' for n in range(12)
    )
    page = article_page(spec).replace(
        "</h1>", f"</h1><div class='col'><h3>Latest news</h3><ul>{items}</ul></div>", 1
    )
    article = extract(page.encode(), spec.url, fetched_at=NOW, rules=ExtractRules())
    assert article.body == text_of(spec)


@pytest.mark.parametrize(
    "sentence",
    [
        "Read more books and fewer headlines, the minister told the children who had come to the mill.",
        "Фото — всё, что осталось у семьи мельника после пожара.",
        "By Tuesday the river had reached the mill and the readers carried the books upstairs.",
        "Видео с мельницы посмотрели в соседнем селе, и оттуда привезли ещё сорок книг.",
        "Author and reader are the same person here, the librarian likes to say.",
        "Tags on every shelf are written by hand in three alphabets by the school children.",
        "Latest news travels slowly in Aksai, where the only newspaper comes on Thursdays.",
        "Подписывались все: за первую неделю читателями стали триста человек из четырёх сёл.",
        "Certificate of registration or not, the village calls it a library and uses it as one.",
        "Автор проекта мельницы неизвестен, но плотники узнают его руку по дубовым балкам.",
        "Сурет салатын балалар үйірмесі келесі күзде диірменде ашылады деп үміттенеді ауыл.",
    ],
)
@pytest.mark.parametrize("place", [0, 2, 6])
def test_sentences_that_sound_like_furniture_stay(sentence: str, place: int) -> None:
    """A paragraph is never lost for its first words, wherever it stands."""
    base = EDITIONS["en"]
    body = (*base.body[:place], sentence, *base.body[place:])
    spec = base.but(body=body)
    assert read(spec).body == text_of(spec)


@pytest.mark.parametrize("rules", [RULES, ExtractRules()], ids=["own rules", "no rules"])
def test_column_of_latest_news_after_the_first_paragraph(rules: ExtractRules) -> None:
    """A Latest-news column in the middle of the text does not cut off the rest, even under the source's own rules."""
    spec = EDITIONS["en"]
    items = "".join(
        f'<li><a href="/x-{n}">Carpet makers of Street {n} open their doors</a></li>' for n in range(12)
    )
    column = f"<div class='col'><h3>Latest news</h3><ul>{items}</ul></div>"
    page = article_page(spec).replace("</p><p>Readers brought", f"</p>{column}<p>Readers brought", 1)
    assert column in page
    assert extract(page.encode(), spec.url, fetched_at=NOW, rules=rules).body == text_of(spec)
