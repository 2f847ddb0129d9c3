"""The pages in three languages: every message exists in each, plurals and dates are right, the language is chosen as documented."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from string import Formatter

import pytest
from markupsafe import Markup

from newscrawl.messages import LANGUAGES, PLAIN, Words, plural
from newscrawl.messages.catalogue import MESSAGES
from newscrawl.messages.nouns import NOUNS, NUMBERS
from newscrawl.messages.reasons import REASONS
from newscrawl.model import ABSENCES, AliasKind, ChangeKind, Precision, State
from newscrawl.web.answers.language import accepted
from newscrawl.web.answers.responses import NAVIGATION
from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive
from newscrawl.web.pictures.calendar import WEEKDAYS
from tests.support.asking import get
from tests.support.factory import START
from tests.support.fresh import filled
from tests.support.sample_history import fill

PACKAGE = Path(__file__).parents[2] / "newscrawl"
CALLS = re.compile(r"""\b(?:_|say|self)\(\s*"((?:[^"\\]|\\.)*)\"""")
OTHERS = re.compile(r"""\belse _?(?:say)?\("((?:[^"\\]|\\.)*)\"""")
COUNTED = re.compile(r"""(?:say\.counted\([^"]+?, "([a-z ]+)"\))""")
NAMED = re.compile(r"""(?:say\.named|_n)\(\s*"([^"]+)\"""")


def sources():
    """Everything that says messages: templates and the modules that word events."""
    files = [*(PACKAGE / "web").rglob("*.html"), *(PACKAGE / "web").rglob("*.py")]
    files += [PACKAGE / "wording.py", PACKAGE / "timeline_wording.py", PACKAGE / "messages" / "__init__.py"]
    return "\n".join(path.read_text("utf-8") for path in files)


def test_every_message_exists_in_all_languages():
    """What a template or a module says stands in the catalogue; so do the names that are put into words at run time."""
    text = sources()
    said = set(CALLS.findall(text)) | set(OTHERS.findall(text))
    named = {one.value for of in (State, ChangeKind) for one in of} | set(ABSENCES) - {"gone", "all"}
    named |= (
        {one.value for one in AliasKind} - {"primary", "form"}
        | set(WEEKDAYS)
        | {name for _, name in NAVIGATION}
    )
    assert len(said) > 200  # the patterns find them
    assert sorted((said | named) - set(MESSAGES)) == []
    assert sorted(set(COUNTED.findall(text)) - set(NOUNS)) == []
    assert sorted(set(NAMED.findall(text)) - set(NUMBERS)) == []


def test_translations_hold_the_same_values():
    """No value is lost or made up on the way, nothing is left empty, and Russian and Kazakh are not English."""

    def values(text):
        return sorted(name for _, name, _, _ in Formatter().parse(text) if name)

    for message, translated in MESSAGES.items():
        for text in translated:
            assert text.strip() == text != ""
            assert values(text) == values(message), message
            assert not re.search(
                "[A-Za-z]{4}", re.sub(r"\{\w+\}|SHA-256|Atom|newscrawl|after:|before:|source:", "", text)
            ), text
    for forms in (*NOUNS.values(), *NUMBERS.values()):
        assert {code: len(one) for code, one in forms.items()} == {"en": 2, "ru": 3, "kk": 1}
        assert len({tuple(values(text)) for one in forms.values() for text in one}) == 1


@pytest.mark.parametrize(
    ("number", "en", "ru", "kk"),
    [
        (0, "0 articles", "0 статей", "0 мақала"),
        (1, "1 article", "1 статья", "1 мақала"),
        (2, "2 articles", "2 статьи", "2 мақала"),
        (4, "4 articles", "4 статьи", "4 мақала"),
        (5, "5 articles", "5 статей", "5 мақала"),
        (11, "11 articles", "11 статей", "11 мақала"),
        (12, "12 articles", "12 статей", "12 мақала"),
        (14, "14 articles", "14 статей", "14 мақала"),
        (21, "21 articles", "21 статья", "21 мақала"),
        (22, "22 articles", "22 статьи", "22 мақала"),
        (111, "111 articles", "111 статей", "111 мақала"),
        (1001, "1,001 articles", "1\u00a0001 статья", "1\u00a0001 мақала"),
        (1_000_003, "1,000,003 articles", "1\u00a0000\u00a0003 статьи", "1\u00a0000\u00a0003 мақала"),
    ],
)
def test_plurals(number, en, ru, kk):
    """A noun stands in the form that the language has behind a number."""
    assert [Words(code).counted(number, "article") for code in LANGUAGES] == [en, ru, kk]


def test_plurals_are_those_of_cldr():
    """By the library whose data are CLDR's, where it is installed."""
    babel = pytest.importorskip("babel")
    for code in LANGUAGES:
        rule = babel.Locale(code).plural_form
        names = {"en": ("one", "other"), "ru": ("one", "few", "many"), "kk": ("one",)}[code]
        for number in [*range(130), 1000, 1001, 1011, 1021, 10**6]:
            assert rule(number) == names[plural(code, number)] or code == "kk"


def test_dates():
    """Long dates as each language writes them; a publisher's instant in the publisher's offset; ISO where they are copied."""
    at = datetime(2026, 5, 8, 4, 30, tzinfo=UTC)
    assert [Words(code).instant(at) for code in LANGUAGES] == [
        "8 May 2026, 04:30 UTC", "8 мая 2026 г., 04:30 UTC", "2026 ж. 8 мамыр, 04:30 UTC",
    ]  # fmt: skip
    stated = at.astimezone(timezone(timedelta(hours=5)))
    assert Words("kk").stated(stated) == "2026 ж. 8 мамыр, 09:30 UTC+05:00"
    assert Words("ru").stated(stated, Precision.DAY) == "8 мая 2026 г."
    assert (PLAIN.instant(at), PLAIN.stated(stated)) == ("2026-05-08 04:30 UTC", "2026-05-08 09:30+05:00")
    assert (Words("ru").stated(None), Words("kk").instant(None)) == ("", "белгісіз")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"), ("kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.7", "kk"), ("ru", "ru"), ("de, ru;q=0.3, en;q=0.2", "ru"), ("de", "en"),
        ("en;q=0.1, kk;q=0.2", "kk"), ("ru;q=0, kk;q=0", "en"), ("ru;q=x, kk", "kk"), ("ru;q=nan, kk;q=0.5", "kk"), ("*", "en"),
        (",;=,ru;q=2", "en"), ("RU-ru", "ru"), ("x" * 10_000, "en"),
    ],
)  # fmt: skip
def test_language_of_a_browser(header, code):
    """The best of ours by weight; English where none is named."""
    assert accepted(header) == code


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The application over the sample archive."""
    url = filled(f"sqlite:///{tmp_path_factory.mktemp('messages') / 'newscrawl.db'}", fill)
    return application(lambda: None, WebArchive(url, lambda: START + timedelta(days=30)))


@pytest.mark.parametrize("code", LANGUAGES)
def test_pages_in_a_language(app, code):
    """The address chooses; links keep it, archived text keeps its own, the switch leads to the others, forms keep it."""
    for target in (
        "/",
        "/articles/1",
        "/articles/1/diff/1..3",
        "/changes",
        "/removed?state=all",
        "/coverage",
        "/authors",
    ):
        answer = get(app, f"{target}{'&' if '?' in target else '?'}lang={code}")
        page = answer.page
        assert (answer.status, answer.headers["content-language"]) == (200, code)
        assert page.xpath("/html/@lang") == [code]
        assert page.xpath("//nav[@class='languages']/a/@hreflang") == list(LANGUAGES)
        assert all(f"lang={code}" in href for href in page.xpath("//nav[@class='pages']/a/@href"))
        assert all(value == code for value in page.xpath("//form//input[@name='lang']/@value"))
    latest = get(app, f"/?lang={code}").page
    assert {"en", "ru", "kk"} <= set(latest.xpath("//ol[@class='list']//a/@lang"))
    assert latest.xpath("//ol[@class='list']//h2/a/@href")[0].endswith(f"?lang={code}")
    assert get(app, "/?lang=xx").status == 400


def test_without_a_choice_links_say_nothing_of_it(app):
    """The browser's language needs no parameter, so that addresses that are copied are short; caches are told."""
    answer = get(app, "/changes", headers={"Accept-Language": "kk"})
    assert "Өзгерістер" in answer.text
    assert answer.headers["vary"] == "Accept-Language"
    assert [href for href in answer.page.xpath("//main//a/@href") if "lang=" in href] == []


def test_values_are_escaped():
    """A value of a message is text, whatever it holds; markup of our own stays."""
    from newscrawl.web.answers.responses import _messages

    say = _messages(Words("ru"))
    assert say("first seen {at}", at="<b>\x00\u202e") == "впервые замечено: &lt;b&gt;\ufffd"
    assert say("first seen {at}", at=Markup("<time>x</time>")) == "впервые замечено: <time>x</time>"


REASONED = (
    ("same content", "тот же текст", "мәтіні сол қалпында"),
    ("absent (404), last seen 2026-05-01 10:00 UTC; others of its age or section are absent as well",
     "отсутствует (404), в последний раз на месте: 2026-05-01 10:00 UTC; другие статьи того же времени или раздела тоже отсутствуют",
     "жоқ (404), соңғы рет көрінген уақыты: 2026-05-01 10:00 UTC; сол уақыттағы не сол айдардағы басқа мақалалар да жоқ"),
    ("there again after being removed: changed: headline, numbers (as in version 2)",
     "снова на месте, было: удалена; изменено: заголовок, цифры (как в версии 2)",
     "қайтадан орнында, бұрынғы күйі: жойылған; өзгертілді: тақырып, сандар (2-нұсқадағыдай)"),
    ("forbidden (403): <b>closed</b>", "доступ запрещён (403): <b>closed</b>", "қол жеткізуге тыйым салынған (403): <b>closed</b>"),
    # What is not known, and what is half known, stays as it was written down.
    ("something of an older program", None, None),
    ("same content; something of an older program", None, None),
    ("same content" * 300, None, None),
)  # fmt: skip


@pytest.mark.parametrize(("written", "russian", "kazakh"), REASONED, ids=range(len(REASONED)))
def test_reasons(written, russian, kazakh):
    said = [Words(code).reason(written) for code in LANGUAGES]
    assert said == [written, russian or written, kazakh or written]


def test_reasons_of_the_program_are_known():
    """Every sentence that the judges write stands in the table, but for those that quote others or the machine."""
    judged = "".join(
        (PACKAGE / "judge" / name).read_text("utf-8")
        for name in ("verdict.py", "walls.py", "coverage/gaps.py")
    )
    for form in REASONS:
        fixed = max(re.split(r"\{\w+\}", form), key=len).strip(" ;:,()")
        words = fixed.removeprefix("redirected to ").removeprefix("outage: ")
        if "_" not in words and " " in words and "not modified" not in words and "1 run" not in words:
            assert words in judged + LATER, form


LATER = "".join(
    (PACKAGE / name).read_text("utf-8") for name in ("archiving/decide.py", "judge/history/monthly_limit.py")
)


@pytest.mark.parametrize("form", REASONS)
def test_reasons_keep_their_facts(form):
    facts = sorted(re.findall(r"\{\w+\}", form))
    for text in REASONS[form]:
        assert sorted(re.findall(r"\{\w+\}", text)) == facts
        assert re.search("[а-яәғқңөұүһі]", text) or form == "{what}: {detail}"
