"""What belongs to readers and to other articles never becomes a field: replies, single cards, sentences, clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TITLES = {
    "en": "Ferry of Tauke sails again after the storm",
    "ru": "Паром на Тауке снова ходит после бури",
    "kk": "Дауылдан кейін Тауке паромы қайта жүре бастады",
    "uz": "Boʻrondan keyin Tauke paromi yana qatnay boshladi",
    "tr": "Tauke vapuru fırtınadan sonra yeniden sefere çıktı",
}
TEXTS = {
    "en": "The ferry left the eastern bank at noon with forty passengers, said its captain on Monday.",
    "ru": "Паром отошёл от восточного берега в полдень с сорока пассажирами, рассказал капитан в понедельник.",
    "kk": "Паром түсте шығыс жағалаудан қырық жолаушымен шықты, деді оның капитаны дүйсенбі күні.",
    "uz": "Parom tushda sharqiy qirgʻoqdan qirq yoʻlovchi bilan joʻnadi, dedi kapitan dushanba kuni.",
    "tr": "Vapur öğlen doğu kıyısından kırk yolcuyla ayrıldı, dedi kaptanı pazartesi günü yaptığı açıklamada.",
}
TALK = {
    "en": ("Reply", "I crossed on that very ferry and it leaked the whole way over."),
    "ru": ("Ответить", "Я плыл на этом самом пароме, и он протекал всю дорогу."),
    "kk": ("Жауап беру", "Мен сол паромға мінгенмін, ол жол бойы су өткізіп отырды."),
    "uz": ("Javob berish", "Men oʻsha paromda suzganman, u yoʻl boʻyi suv oʻtkazgan edi."),
    "tr": ("Yanıtla", "O vapurla ben de geçtim, yol boyunca su aldı durdu inanın."),
}
CARD = '<a href="/n/7">Bus drivers of Tekeli are on strike again</a>'


def read(body: str, lang: str = "en", url: str = "https://tauke.example/n/1", head: str = ""):
    page = f"<html lang={lang}><head><title>{TITLES[lang]}</title>{head}</head><body>{body}</body></html>"
    return extract(page.encode(), url, content_type="text/html; charset=utf-8", fetched_at=NOW)


def story(lang: str = "en", above: str = "", below: str = "") -> str:
    text = "".join(f"<p>{TEXTS[lang]} ({n})</p>" for n in range(3))
    return f"<main><article><h1>{TITLES[lang]}</h1>{above}{text}{below}</article></main>"


def talk(lang: str, *, answers: bool) -> str:
    button, words = TALK[lang]
    control = f"<button>{button}</button>" if answers else ""
    return "".join(
        f"<div class=c><b class=author>Old Angler</b> <time datetime='2026-06-0{n}T08:10:00Z'>{n} June</time><p>{words}</p>{control}</div>"
        for n in (3, 4)
    )


COMMENTS = {
    "replies": ("en", "<div id=replies>{}</div>", False),
    "responses": ("en", "<div class=post-responses>{}</div>", False),
    "a name in Cyrillic": ("ru", "<section id='обсуждение'>{}</section>", False),
    "a name in Kazakh": ("kk", "<section id='пікірлер'>{}</section>", False),
    "a transliterated name": ("kk", "<section class=pikir-list>{}</section>", False),
    "an Uzbek name": ("uz", "<section class=izohlar>{}</section>", False),
    "a Turkish name": ("tr", "<section id=yorumlar>{}</section>", False),
    "a number and a word": ("ru", "<div><h3>Обсуждение (2)</h3>{}</div>", False),
    "a number of opinions": ("uz", "<div><h3>2 ta fikr</h3>{}</div>", False),
    "a heading that may be the text's, with times below": ("kk", "<div><h3>Талқылау</h3>{}</div>", False),
    "nothing but words to answer, in English": ("en", "<ol>{}</ol>", True),
    "nothing but words to answer, in Russian": ("ru", "<div><h3>Что думают соседи</h3>{}</div>", True),
    "nothing but words to answer, in Kazakh": ("kk", "<div>{}</div>", True),
    "nothing but words to answer, in Uzbek": ("uz", "<div>{}</div>", True),
    "nothing but words to answer, in Turkish": ("tr", "<div>{}</div>", True),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMENTS)
def test_readers_are_never_the_article(name: str) -> None:
    lang, box, answers = COMMENTS[name]
    there = box.format(talk(lang, answers=answers))
    for page in (story(lang) + there, story(lang, below=there)):
        article = read(page, lang)
        assert article.body.count(TEXTS[lang]) == 3
        assert TALK[lang][1] not in article.body
        assert article.published is None
        assert article.authors == ()


def test_a_part_of_the_text_called_discussion_stays() -> None:
    article = read(
        story(below="<h2>Discussion</h2><p>The engineers could not agree about the age of the hull.</p>")
    )
    assert "The engineers could not agree" in article.body


UNDATED = {
    "one card below": story(below=f"<div class=k>{CARD} <time datetime='2026-06-10T09:00Z'>10 June</time></div>"),
    "one card of lines": story(below=f"<div class=k>{CARD}<span>10.06.2026 09:15</span></div>"),
    "one card above": f"<div class=k>{CARD}<span>10.06.2026 09:15</span></div>{story()}",
    "a sentence": story(below="<p>The old hull broke on <time datetime='2025-11-03'>3 November 2025</time> in thick ice.</p>"),
    "a sentence about a publication": story(
        below="<p>The report was published on <time datetime='2025-11-03'>3 November 2025</time> and nobody read it.</p>"
    ),
    "a sentence without markup": story(above="<p>On 3 November 2025 the old hull broke in the ice, and nobody mended it.</p>"),
    "a clock": f"<div class=wrap><div class=bar><span>15.06.2026</span> <a href=/rss>RSS</a></div>{story()}</div>",
}  # fmt: skip


@pytest.mark.parametrize("name", UNDATED)
def test_dates_of_other_things_leave_the_article_without_one(name: str) -> None:
    assert read(UNDATED[name]).published is None


DATED = {
    "marked as published in a sentence": (
        story(above="<p>Written in the harbour for all who wait there, and posted by the newsroom of the paper on "
              "<time itemprop=datePublished datetime='2026-06-02T09:10:00Z'>2 June</time>.</p>"), 2,
    ),
    "a line of facts": (
        story(above="<p>By Aigul Omarova | Tauke | <time datetime='2026-06-02T09:10:00Z'>2 June</time> | Harbour | 3 min</p>"), 2,
    ),
    "of today, above the headline": (f"<main><div>15.06.2026 10:40</div><h1>{TITLES['en']}</h1>{story()[40:]}</main>", 15),
    "beside a long link of its author": (
        story(above="<div><a rel=author href=/p/9>Anna Maria von Braun und Stein</a> <span>02.06.2026 09:10</span></div>"), 2,
    ),
    "beside its topics": (
        story(above="<div><span>02.06.2026 09:10</span> <a href='/tag/x/'>Ships and boats of all lakes</a></div>"), 2,
    ),
    "in Uzbek": (story("uz", "<div><span>Yangilangan: 03.06.2026 11:20</span><span>Chop etilgan: 02.06.2026 09:10</span></div>"), 2),
}  # fmt: skip


@pytest.mark.parametrize("name", DATED)
def test_dates_of_the_article_stay(name: str) -> None:
    body, day = DATED[name]
    published = read(body).published
    assert published is not None
    assert published.day == day


def test_when_a_record_was_made_is_not_when_it_was_published() -> None:
    made = '<meta name="dcterms.created" content="2025-01-09T08:00:00Z">'
    dated = read(story(above="<div>02.06.2026 09:10</div>"), head=made)
    assert dated.published is not None
    assert dated.published.day == 2
    alone = read(story(), head=made)
    assert alone.published is not None
    assert alone.origins["published"] == "created"


def test_the_author_of_a_card_is_not_the_articles() -> None:
    assert read(story(below=f"<div class=k>{CARD}<div class=author>Boris Aliev</div></div>")).authors == ()


def test_a_turkish_label_names_the_author() -> None:
    [author] = read(story("tr", "<div>Haber: Ayşe Yılmaz</div>"), "tr").authors
    assert (author.name, author.role) == ("Ayşe Yılmaz", "author")


@pytest.mark.parametrize(
    "heading", ["<h2>{}</h2>", "<div class=headline>{}</div>", "<p class='post-title x'>{}</p>"]
)
def test_a_visible_headline_frees_the_window_title_of_the_sites_name(heading: str) -> None:
    page = f"<html lang=en><head><title>{TITLES['en']} – Lake Post</title></head><body><div>{heading.format(TITLES['en'])}<p>{TEXTS['en']}</p></div></body></html>"
    article = extract(
        page.encode(), "https://tauke.example/n/1", content_type="text/html; charset=utf-8", fetched_at=NOW
    )
    assert article.title == TITLES["en"]


@pytest.mark.parametrize("lang", ["uz", "tr"])
@pytest.mark.parametrize("declared", ["en", "ru"])
def test_letters_tell_turkic_languages_in_short_posts(lang: str, declared: str) -> None:
    body = f"<main><article><h1>{TITLES[lang]}</h1><p>{TEXTS[lang]}</p></article></main>"
    assert read(body, lang).language == lang
    page = f"<html lang={declared}><head><title>{TITLES[lang]}</title></head><body>{body}</body></html>"
    assert (
        extract(
            page.encode(),
            "https://tauke.example/n/1",
            content_type="text/html; charset=utf-8",
            fetched_at=NOW,
        ).language
        == lang
    )


def test_a_dog_is_not_uzbek() -> None:
    text = "<p>The dog's owner said O'Brien's dogs don't mind the ferry, and that nobody's frog's pond was harmed.</p>"
    assert read(story(below=text * 3)).language == "en"


@pytest.mark.parametrize("label", ["Share: ", "Поделиться: ", "Бөлісу: ", "Paylaş | "])
def test_a_row_of_networks_is_no_text(label: str) -> None:
    row = f"<div>{label}<a href=#>VK</a> <a href=#>Facebook</a>, <a href=#>Telegram</a></div>"
    assert "Facebook" not in read(story(below=row)).body
