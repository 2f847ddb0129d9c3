"""How publishers of many languages write authors, dates and topics around an article: short made-up pages, one style each."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
URL = "https://gazette.example/news/old-bridge-to-be-repaired-4411"
AT = "2026-03-02T10:05"
PAGES = {
    "en": ("Old bridge of Marsh Hill to be repaired before winter",
           "The council of Marsh Hill voted on Tuesday to repair the old bridge before the winter sets in, its chairman said.",
           "Nine members were in favour and two against, and the work is to cost four hundred thousand crowns in all."),
    "de": ("Alte Brücke von Moorhausen wird vor dem Winter erneuert",
           "Der Stadtrat von Moorhausen hat am Dienstag beschlossen, die alte Brücke noch vor dem Winter zu erneuern.",
           "Neun Mitglieder stimmten dafür, zwei dagegen, und die Arbeiten sollen vierhunderttausend Kronen kosten."),
    "fr": ("Le vieux pont de Valmarais sera réparé avant l’hiver",
           "Le conseil de Valmarais a décidé mardi de réparer le vieux pont avant l’hiver, a annoncé son président.",
           "Neuf membres ont voté pour et deux contre, et les travaux doivent coûter quatre cent mille couronnes."),
    "es": ("El viejo puente de Villamarisma se reparará antes del invierno",
           "El consejo de Villamarisma decidió el martes reparar el viejo puente antes del invierno, según dijo su presidenta.",
           "Nueve miembros votaron a favor y dos en contra, y las obras costarán cuatrocientas mil coronas en total."),
    "pt": ("Velha ponte de Vila do Brejo será reparada antes do inverno",
           "O conselho de Vila do Brejo decidiu na terça-feira reparar a velha ponte antes do inverno, disse a sua presidente.",
           "Nove membros votaram a favor e dois contra, e as obras devem custar quatrocentas mil coroas no total."),
    "tr": ("Bataklıköy’ün eski köprüsü kıştan önce onarılacak",
           "Bataklıköy meclisi salı günü eski köprünün kıştan önce onarılmasına karar verdi, diye açıkladı meclis başkanı.",
           "Dokuz üye lehte, iki üye aleyhte oy kullandı ve çalışmaların dört yüz bin krona mal olması bekleniyor."),
    "ru": ("Старый мост в Болотном отремонтируют до зимы",
           "Совет посёлка Болотный во вторник решил отремонтировать старый мост до начала зимы, сообщила его председатель.",
           "Девять депутатов проголосовали за, двое против, а работы обойдутся в четыреста тысяч крон."),
    "uk": ("Старий міст у Болотяному відремонтують до зими",
           "Рада селища Болотяне у вівторок вирішила відремонтувати старий міст до початку зими, повідомила її голова.",
           "Дев’ять депутатів проголосували за, двоє проти, а роботи коштуватимуть чотириста тисяч крон."),
    "kk": ("Батпақтыдағы ескі көпір қысқа дейін жөнделеді",
           "Батпақты ауылының кеңесі сейсенбі күні ескі көпірді қыс түскенше жөндеуге шешім қабылдады, деп хабарлады төрайым.",
           "Тоғыз депутат қолдап, екеуі қарсы дауыс берді, ал жұмыс төрт жүз мың кронға түседі деп күтілуде."),
    "ar": ("إصلاح الجسر القديم في المستنقع قبل الشتاء",
           "قرر مجلس قرية المستنقع يوم الثلاثاء إصلاح الجسر القديم قبل حلول الشتاء، بحسب ما أعلنته رئيسته للسكان.",
           "صوت تسعة أعضاء لصالح القرار واثنان ضده، ومن المتوقع أن تكلف الأشغال أربعمئة ألف كرونة."),
    "zh": ("沼泽镇旧桥将在冬季前修复",
           "沼泽镇议会星期二决定在冬季到来之前修复旧桥，议会主席在会议结束后向居民宣布了这一消息。",
           "九名议员投了赞成票，两名议员投了反对票，工程预计总共耗资四十万克朗，由镇里和省里共同承担。"),
    "ja": ("沼町の古い橋、冬前に修理へ",
           "沼町議会は火曜日、冬が来る前に古い橋を修理することを決めたと、議長が住民に向けて発表した。",
           "九人の議員が賛成し、二人が反対した。工事には合わせて四十万クローネかかる見込みで、県も一部を負担する。"),
    "ko": ("늪마을 낡은 다리 겨울 전에 고친다",
           "늪마을 의회는 화요일 겨울이 오기 전에 낡은 다리를 고치기로 결정했다고 의장이 주민들에게 밝혔다.",
           "의원 아홉 명이 찬성하고 두 명이 반대했으며 공사에는 모두 사십만 크로네가 들 것으로 보인다."),
}  # fmt: skip
ARTICLE = ("<main><article>", "</article></main>")


def read(
    lang: str,
    top: str = "",
    below: str = "",
    *,
    meta: str = "",
    foot: str = "",
    around: tuple[str, str] = ARTICLE,
    h1: str = "",
    text: str = "",
):
    title, *paragraphs = PAGES[lang]
    body = text or "".join(f"<p>{p}</p>" for p in paragraphs)
    page = (
        f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>{title} | Marsh Gazette</title>{meta}</head><body>"
        f"<header><nav><a href='/'>1</a><a href='/a/'>2</a></nav></header>{around[0]}<h1>{h1 or title}</h1>{top}{body}{below}{around[1]}{foot}</body></html>"
    )
    return extract(page.encode(), URL, fetched_at=NOW)


def _data(**fields: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', 'headline': PAGES['en'][0], **fields})}</script>"


ADA = {"@type": "Person", "name": "Ada Quill"}
CREDITED = {
    "en, a list of facts without colons": ("en", "<ul><li><strong>Author</strong> Ada Quill</li><li><strong>Date</strong> 2 March 2026</li></ul>", "", ["Ada Quill"]),
    "de, two words for the author": ("de", "", "<ul><li><b>Datum</b> 02.03.2026</li><li><b>Autorin/Autor</b> Dana Voss</li></ul>", ["Dana Voss"]),
    "de, a list of terms": ("de", "", "<dl><dt>Datum</dt><dd>02.03.2026</dd><dt>Autorin</dt><dd>Dana Voss</dd></dl>", ["Dana Voss"]),
    "de, two joined": ("de", "<p class=byline>Von Dana Voss und Jan Thal</p>", "", ["Dana Voss", "Jan Thal"]),
    "en, posted by, in the article's footer": ("en", "", "<footer class=entry-footer><p>\n Posted by Ada Quill.\n</p></footer>", ["Ada Quill"]),
    "en, written by, of a quoted piece": ("en", "<p class=byline>By Ada Quill</p>", "<blockquote><p>Written by John Other.</p></blockquote>", ["Ada Quill"]),
    "fr, below the text": ("fr", "", "<p>Rédigé par Alice Brun</p>", ["Alice Brun"]),
    "fr, above it": ("fr", "<div class=signature>Par <a href='/auteur/alice-brun'>Alice Brun</a></div>", "", ["Alice Brun"]),
    "es, in a strong": ("es", "<p class=firma>Por <strong>Marta Ruiz</strong></p>", "", ["Marta Ruiz"]),
    "es, a stroke between two": ("es", "<div class=autor>Marta Ruiz / Juan Soto</div>", "", ["Marta Ruiz", "Juan Soto"]),
    "pt, with a place": ("pt", "<p>Por ANA LIMA — Vila do Brejo</p>", "", ["ANA LIMA"]),
    "tr, a label": ("tr", "<div>Yazan: Ayşe Demir <span>2 Mart 2026 10:05</span></div>", "", ["Ayşe Demir"]),
    "tr, the reporter below": ("tr", "", "<p>Muhabir: Ayşe Demir</p>", ["Ayşe Demir"]),
    "ru, a link": ("ru", "<div><span>2 марта 2026, 10:05</span><a class=article__author href='/authors/irina-lis'>Ирина Лис</a></div>", "", ["Ирина Лис"]),
    "ru, signed": ("ru", "", "<p><strong>Ирина ЛЕОНОВА</strong></p>", ["Ирина ЛЕОНОВА"]),
    "ru, text and pictures": ("ru", "", "<p>Текст: Ирина Лис<br>Фото: Олег Норов</p>", ["Ирина Лис"]),
    "uk, a label": ("uk", "<div class=post-author>Автор: <a href='/avtor/olena-hai'>Олена Гай</a></div>", "", ["Олена Гай"]),
    "uk, pictures beside": ("uk", "", "<p>Олена Гай, фото Івана Бора</p>", ["Олена Гай"]),
    "kk, a span": ("kk", "<div><span>2 наурыз 2026, 10:05</span> <span class=author>Айгүл Сәрсен</span></div>", "", ["Айгүл Сәрсен"]),
    "kk, signed": ("kk", "", "<p><b>Айгүл СӘРСЕН</b></p>", ["Айгүл СӘРСЕН"]),
    "kk, a label": ("kk", "", "<p>Мақала авторы: Айгүл Сәрсен</p>", ["Айгүл Сәрсен"]),
    "ar, a verb": ("ar", "<div class=byline>كتبت: ليلى منصور</div>", "", ["ليلى منصور"]),
    "zh, in a line of facts": ("zh", "<div>2026年03月02日 10:05 来源：沼泽日报 作者：李小桥</div>", "", ["李小桥"]),
    "zh, a reporter": ("zh", "<div><span>记者 李小桥</span><span>2026-03-02 10:05</span></div>", "", ["李小桥"]),
    "ja, a marked line": ("ja", "<p class=author>山田花子</p>", "", ["山田花子"]),
    "ko, above": ("ko", "<div><span class=name>김하나 기자</span><span>입력 2026.03.02. 10:05</span></div>", "", ["김하나"]),
    "ko, with a mail address": ("ko", "", "<p>김하나 기자 hana@gazette.example</p>", ["김하나"]),
    "ko, two": ("ko", "", "<div>김하나·이두리 기자</div>", ["김하나", "이두리"]),
}  # fmt: skip


@pytest.mark.parametrize(("lang", "top", "below", "names"), CREDITED.values(), ids=CREDITED)
def test_who_is_credited(lang: str, top: str, below: str, names: list[str]) -> None:
    """Exactly those whom the page names as its authors; the line that names them is no part of the text."""
    article = read(lang, top, below)
    assert [author.name for author in article.authors if author.role == "author"] == names
    if not below.startswith(("<blockquote>", "<dl>")):
        assert article.body.split("\n\n") == list(PAGES[lang][1:])


def test_a_name_that_the_text_tells_of_is_no_signature() -> None:
    """A person's name in the last line is a signature only where the text speaks of others."""
    told = "".join(f"<p>{p} Ирина Леонова спросила о сроках.</p>" for p in PAGES["ru"][1:])
    assert read("ru", "", "<p><strong>Ирина ЛЕОНОВА</strong></p>", text=told).authors == ()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("publisher of a blog", "person"),
        ("publisher of a blog that bears the name", "person"),
        ("the outlet as a person", "organization"),
    ],
)
def test_who_publishes_alone(name: str, kind: str) -> None:
    """A blog's author who is its publisher too is a person; an outlet that is called a person by mistake is none."""
    site = "<meta property='og:site_name' content='Ada Quill'>" if "bears" in name else ""
    publisher = {"@type": ["Person", "Organization"] if site else "Person", "name": "Ada Quill"}
    data = _data(author=ADA, publisher=publisher)
    if kind == "organization":
        data = _data(author={"@type": "Person", "name": "Marsh Gazette"}, publisher={"@type": "Organization", "name": "Marsh Gazette"})  # fmt: skip
    assert [author.kind for author in read("en", meta=site + data).authors] == [kind]


@pytest.mark.parametrize(
    ("lang", "top"),
    [
        ("fr", "<div>Publié le 2 mars 2026 à 10h05</div>"),
        ("ar", "<div>2 آذار / مارس 2026 10:05</div>"),
        ("zh", "<div>2026年03月02日 10:05 来源：沼泽日报 作者：李小桥</div>"),
        ("ja", "<p class=date>2026年3月2日 10時05分</p>"),
        ("kk", "<span>2 наурыз 2026, 10:05</span>"),
        ("en", "<div>Updated: March 4, 2026 8:00 am</div><div>Published: March 2, 2026 10:05 am</div>"),
        ("en", "<div><span title='March 2, 2026 10:05 am'>3 hours ago</span></div>"),
    ],
)
def test_when_it_was_published(lang: str, top: str) -> None:
    """The month by two names, dates in lines of facts, and what another date's label says."""
    published = read(lang, top).published
    assert published is not None
    assert published.isoformat()[:16] == AT


def test_a_page_all_in_one_form() -> None:
    """A form around the whole page, headline included, sets nothing apart."""
    around = ("<form id=aspnetForm method=post action='/n'><div class=content>", "</div></form>")
    top = "<div class=date>02.03.2026 10:05</div><span class=author>Ирина Лис</span>"
    article = read("ru", top, around=around)
    assert [author.name for author in article.authors] == ["Ирина Лис"]
    assert article.published is not None
    assert article.published.isoformat()[:16] == AT


def test_the_name_of_what_is_around_the_item_says_nothing() -> None:
    """Microdata counts in a theme that calls the whole page "comments-disabled"."""
    around = (
        "<main class='x-comments-disabled'><article itemscope itemtype='https://schema.org/BlogPosting'>",
        f"<span class=hidden><span itemprop=datePublished datetime='{AT}:00Z'>x</span></span></article></main>",
    )
    article = read("en", around=around)
    assert article.origins["published"] == "microdata"


def test_names_in_lists_of_other_articles() -> None:
    """The one marked name in the article's block counts where lists below have names too."""
    others = "".join(f"<li><a href='/n/{n}'>Another headline of this day {n}</a><span class=author>{who}</span></li>" for n, who in enumerate(("Oskar Lind", "Mara Voss")))  # fmt: skip
    article = read("en", "", "<div class=article-info><span class=author>Ada Quill</span></div>", foot=f"<ul>{others}</ul>")  # fmt: skip
    assert [author.name for author in article.authors] == ["Ada Quill"]


TOPICS = {
    "ja, hash marks in related tags": ("ja", "<ul class='p-related-tags'><li><a href='/k/1'>#橋</a></li><li><a href='/k/2'>#沼町</a></li></ul>", "", ["橋", "沼町"]),
    "ru, hash marks alone": ("ru", "<div><a href='/t1'>#Мост</a> <a href='/t2'>#Зима</a></div>", "", ["Мост", "Зима"]),
    "en, related topics by an id": ("en", "<section id=related-topics><h3>Related topics</h3><a href='#past'>Skip</a><a href='/b/t-1'><span>Bridges</span></a><a href='/w/t-2'><span>Winter</span></a></section>", "", ["Bridges", "Winter"]),
    "en, below the article's block": ("en", "", "<div class=post-tags><a href='/t/bridge'>bridge</a> <a href='/t/winter'>winter</a></div>", ["bridge", "winter"]),
    "en, a cloud of the site": ("en", "", f"<div class=tags>{''.join(f'<a href=/t/{n}>topic {n}</a>' for n in range(30))}</div>", []),
    "kk, a label": ("kk", "<div class=tags><span>Тегтер:</span> <a href='/teg/kopir'>Көпір</a> <a href='/teg/qys'>Қыс</a></div>", "", ["Көпір", "Қыс"]),
    "de, a label": ("de", "<div class=tags>Schlagworte: <a href='/s/1'>Brücke</a>, <a href='/s/2'>Moorhausen</a></div>", "", ["Brücke", "Moorhausen"]),
}  # fmt: skip


@pytest.mark.parametrize(("lang", "below", "foot", "tags"), TOPICS.values(), ids=TOPICS)
def test_topics(lang: str, below: str, foot: str, tags: list[str]) -> None:
    """What a page links as its own topics, whatever the list is called, in or right below the article's block."""
    article = read(lang, "", below, foot=foot)
    assert list(article.tags) == tags
    assert article.body.split("\n\n") == list(PAGES[lang][1:])
