"""How edits are named: cases by hand in three languages, and random edits of made-up articles, whose kinds are known."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from newscrawl.demo.drafts import LEXICONS
from newscrawl.judge.diff.differences import compare
from newscrawl.judge.kinds.classify import kinds
from newscrawl.model import Author, ChangeKind as C, Content
from tests.support.editing import EDITS, NON_EVENTS, NOTICES, OTHER_FIELDS, UPDATES, compose

EN = (
    "The council of Aqsai voted on Monday to close the old ferry for 84 days.\n\n"
    "“We have no other way to mend the deck before the spring flood,” said the harbour master, Erlan Tokov. "
    "The ferry carries 1,500 people a day.\n\n"
    "Two buses will take passengers over the new bridge, and the fare stays at 120 tenge.\n\n"
    "Residents of the left bank are not happy. They asked the council not to close the ferry before Friday."
)
RU = (
    "Совет села Аксай решил закрыть старый паром на 84 дня, работы начнутся 5 апреля.\n\n"
    "— Другого способа починить палубу до паводка нет, — сказал смотритель пристани Ерлан Токов. — Потерпеть придётся всем.\n\n"
    "В мастерской «Причал» работают пять человек. За день паром перевозит 1 500 пассажиров.\n\n"
    "Жители левого берега недовольны, они просят не закрывать паром до пятницы."
)
KK = (
    "Ақсай ауылының кеңесі ескі паромды 84 күнге жабуға шешім қабылдады.\n\n"
    "«Тасқынға дейін палубаны жөндеудің басқа жолы жоқ», — деді айлақ басшысы Ерлан Тоқов.\n\n"
    "Жолаушыларды екі автобус жаңа көпір арқылы тасиды, жол ақысы 120 теңге болып қалады.\n\n"
    "Сол жағалаудың тұрғындары наразы. Паром сәуірде қайта ашылады, бірақ жүк көліктері өте алмайды."
)

# text -> (what stands in it, what is put there, finer kinds)
CASES = {
    "a letter too few": (EN, "harbour", "habour", {C.TYPO}),
    "two letters exchanged": (EN, "passengers", "passegners", {C.TYPO}),
    "one letter of a name": (RU, "Токов", "Токов".replace("к", "г"), {C.TYPO}),
    "another name": (RU, "Ерлан Токов", "Болат Жусанов", set()),
    "ё for е": (RU, "придётся", "придется", {C.TYPO}),
    "Kazakh letter for its Russian neighbour": (KK, "қабылдады", "кабылдады", {C.TYPO}),
    "case of a letter": (RU, "Совет села", "совет села", {C.TYPO}),
    "words joined": (RU, "недовольны", "не довольны", {C.TYPO}),
    "hyphen": (EN, "spring flood", "spring-flood", {C.TYPO}),
    "a comma": (EN, "bridge, and", "bridge and", {C.TYPO}),
    "a word twice": (EN, "will take", "will will take", {C.TYPO}),
    "a slip inside a quotation": (EN, "mend the deck", "mned the deck", {C.TYPO}),
    "not is gone": (EN, "are not happy", "are happy", set()),
    "not becomes now": (EN, "not to close", "now to close", set()),
    "не is gone": (RU, "просят не закрывать", "просят закрывать", set()),
    "Kazakh negation": (KK, "өте алмайды", "өте алады", set()),
    "Kazakh negation in a verb": (KK, "тасиды", "тасымайды", set()),
    "a prefix that turns the meaning": (EN, "are not happy", "are not unhappy", set()),
    "close becomes open": (RU, "закрыть", "открыть", set()),
    "one digit": (EN, "84", "94", {C.NUMBERS}),
    "digits exchanged": (EN, "84", "48", {C.NUMBERS}),
    "an amount": (KK, "120 теңге", "130 теңге", {C.NUMBERS}),
    "grouped thousands": (RU, "1 500", "1 600", {C.NUMBERS}),
    "a number word": (EN, "Two buses", "Three buses", {C.NUMBERS}),
    "a number word that looks like a slip": (RU, "пять человек", "шесть человек", {C.NUMBERS}),
    "a number word in Kazakh": (KK, "екі автобус", "үш автобус", {C.NUMBERS}),
    "a number word written in digits": (RU, "пять человек", "5 человек", set()),
    "a number dropped": (EN, " for 84 days", " for weeks", {C.NUMBERS}),
    "a day of the week": (EN, "Monday", "Tuesday", {C.NUMBERS}),
    "a day of the week that looks like a slip": (KK, "сәуірде", "мамырда", {C.NUMBERS}),
    "a month": (RU, "5 апреля", "5 мая", {C.NUMBERS}),
    "a scale": (KK, "120 теңге", "120 мың теңге", set()),
    "another make of thousands": (EN, "1,500", "1500", {C.TYPO}),
    "numbers moved in their paragraph": (
        EN, "Two buses will take passengers over the new bridge, and the fare stays at 120 tenge.",
        "The fare stays at 120 tenge, and two buses will take passengers over the new bridge.", set(),
    ),
    "a word of a quotation": (EN, "mend the deck", "rebuild the deck", {C.QUOTES}),
    "a word of a Kazakh quotation": (KK, "басқа жолы", "арзан тәсілі", {C.QUOTES}),
    "a word of a dialogue": (RU, "починить палубу", "отремонтировать дно", {C.QUOTES}),
    "the end of a dialogue": (RU, "Потерпеть", "Подождать", {C.QUOTES}),
    "the reporter's words in a dialogue": (RU, "— сказал смотритель", "— ответил смотритель", set()),
    "a word of a speech that goes on in the next paragraph": (
        EN.replace("flood,”", "flood,"), "mend the deck", "rebuild the deck", {C.QUOTES},
    ),
    "a mark that was forgotten": (EN.replace("flood,”", "flood,"), "flood,", "flood,”", {C.TYPO}),
    "a heading of one word": (EN.replace("Two buses", "Replacement\n\nTwo buses"), "Replacement", "Replacment", {C.TYPO}),
    "a line with one figure": (EN.replace("Two buses", "84012\n\nTwo buses"), "84012", "84013", {C.NUMBERS}),
    "a slip in a word of denial": (EN.replace("not happy", "without a ferry"), "without", "withhout", {C.TYPO}),
    "with becomes without": (EN.replace("not happy", "with a ferry"), "with a", "without a", set()),
    "the other way of German quotation marks": (EN.replace("“", "»").replace("”", "«"), "mend the", "rebuild the", {C.QUOTES}),
    "a word beside a quotation": (EN, "said the harbour", "explained the harbour", set()),
    "a quotation no more": (KK, "«Тасқынға дейін палубаны жөндеудің басқа жолы жоқ»", "Тасқынға дейін палубаны жөндеудің басқа жолы жоқ", {C.QUOTES}),
    "words put into quotation marks": (EN, "are not happy", "are “not happy”", {C.QUOTES}),
    "a number put into a quotation": (EN, "no other way", "only 3 ways", {C.NUMBERS, C.QUOTES}),
    "a quotation dropped with its sentence": (
        EN, "“We have no other way to mend the deck before the spring flood,” said the harbour master, Erlan Tokov. ",
        "", {C.QUOTES, C.SHORTENED},
    ),
    "a paragraph dropped, figures and all": (RU, RU.split("\n\n")[2] + "\n\n", "", {C.SHORTENED}),
    "a paragraph added, figures and all": (
        RU, "Жители левого", "Ремонт обойдётся в 12 миллионов тенге, их дала область.\n\nЖители левого", {C.EXTENDED},
    ),
    "a sentence dropped": (EN, " The ferry carries 1,500 people a day.", "", {C.SHORTENED}),
    "a sentence added": (KK, " Паром сәуірде", " Олар әкімдікке хат жазды. Паром сәуірде", {C.EXTENDED}),
    "half a sentence added": (EN, "not happy.", "not happy, though.", set()),
    "a quotation added": (
        EN, "Residents of", "“Nobody asked us,” said Dana Serikova, who sells bread on the landing.\n\nResidents of", {C.EXTENDED},
    ),
    "a sentence added inside a quotation": (
        EN, "spring flood,”", "spring flood. It has to be done now or never,”", {C.QUOTES, C.EXTENDED},
    ),
    "a paragraph added and another dropped": (
        EN, EN.split("\n\n")[2], "A shuttle boat is being tested upstream, but nobody knows when it may start work.", set(),
    ),
    "paragraphs exchanged": (EN, "\n\n".join(EN.split("\n\n")[2:]), "\n\n".join(EN.split("\n\n")[:1:-1]), set()),
    "an update is no correction": (EN, "Residents of", "Update: the buses run.\n\nResidents of", {C.EXTENDED}),
    "the word alone is no notice": (EN, "Two buses", "Correction of the timetable comes next. Two buses", {C.EXTENDED}),
    "a bill amended is no notice": (RU, "Жители левого", "Поправки к закону о переправах совет примет летом.\n\nЖители левого", {C.EXTENDED}),
    "a notice behind a sentence that was edited, too": (
        RU, "закрывать паром до пятницы.", "трогать паром до пятницы. Поправка от 8 апреля: жители просят иначе.", {C.CORRECTION},
    ),
    "a word for another": (KK, "ескі паромды", "тозған кемені", set()),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "finer"), CASES.values(), ids=CASES)
def test_finer_kinds(text: str, old: str, new: str, finer: set[C]) -> None:
    """One edit of a body: `body`, and the finer kinds that hold."""
    assert text.count(old) == 1
    assert set(kinds(Content(body=text), Content(body=text.replace(old, new)))) == {C.BODY} | finer


ALIKE = {
    "two spaces": (EN, EN.replace(" ", "  ")),
    "space before a mark, left by a link": (EN, EN.replace("Tokov.", "Tokov .")),
    "space inside quotation marks": (RU, RU.replace("«Причал»", "« Причал »")),
    "other quotation marks": (EN, EN.replace("“", "«").replace("”", "»")),
    "straight quotation marks": (KK, KK.replace("«", '"').replace("»", '"')),
    "two hyphens for a dash": (RU, RU.replace("—", "--")),
    "unspaced thousands": (RU, RU.replace("1 500", "1500")),
    "narrow spaces": (RU, RU.replace("1 500", "1\u202f500")),
    "one paragraph": (KK, KK.replace("\n\n", " ")),
    "sentences as paragraphs": (KK, KK.replace(". ", ".\n\n")),
}


@pytest.mark.parametrize(("old", "new"), ALIKE.values(), ids=ALIKE)
def test_typesetting_is_no_edit(old: str, new: str) -> None:
    """What a new template or typesetter does makes no version, and no difference is shown."""
    assert kinds(Content(body=old, title=old), Content(body=new, title=new)) == ()
    assert compare(Content(body=old, title=old), Content(body=new, title=new)) == ()


def test_letter_case_of_a_byline_is_no_edit() -> None:
    """Capitals in a byline are the template's; another role is an edit."""
    one, other = Content(authors=(Author("Dana Serikova"),)), Content(authors=(Author("DANA SERIKOVA"),))
    assert kinds(one, other) == ()
    assert kinds(one, Content(authors=(Author("Dana Serikova", role="editor"),))) == (C.BYLINE,)


@pytest.mark.parametrize(("language", "notice"), [(k, n) for k, group in NOTICES.items() for n in group])
def test_correction_notices(language: str, notice: str) -> None:
    """A notice is a correction and nothing else, where it comes; not where it goes, stays or the same text is read again."""
    body = {"en": EN, "ru": RU, "kk": KK}[language]
    with_notice = Content(body=f"{body}\n\n{notice}")
    assert kinds(Content(body=body), with_notice) == (C.BODY, C.CORRECTION)
    assert kinds(with_notice, Content(body=body)) == (C.BODY,)
    assert kinds(with_notice, replace(with_notice, body=with_notice.body.replace("84", "85"))) == (
        C.BODY,
        C.NUMBERS,
    )


@pytest.mark.parametrize("language", UPDATES)
def test_updates_are_no_corrections(language: str) -> None:
    """An update says that something is new, not that something was wrong."""
    body = {"en": EN, "ru": RU, "kk": KK}[language]
    assert kinds(Content(body=body), Content(body=f"{UPDATES[language]}\n\n{body}")) == (C.BODY, C.EXTENDED)


@pytest.mark.parametrize("language", LEXICONS)
@pytest.mark.parametrize("name", EDITS)
def test_random_edits(name: str, language: str) -> None:
    """Edits of one kind at random places of made-up articles, alone and with another field: named exactly."""
    for seed in range(3):
        random = Random(f"{name}/{language}/{seed}")
        edited = EDITS[name](random, compose(random, language))
        if edited is None:
            continue
        before, after, expected = edited
        field = random.choice(sorted(OTHER_FIELDS))
        wanted = [kind for kind in C if kind in expected]
        found = [kind for kind in C if kind in kinds(before.content, after.content)]
        assert found == wanted, (seed, before.content.body, after.content.body)
        more = kinds(before.content, OTHER_FIELDS[field](after.content))
        assert set(more) == expected | {C(field)}, (seed, field)
        assert {diff.field for diff in compare(before.content, OTHER_FIELDS[field](after.content))} == {
            "body",
            field,
        }


@pytest.mark.parametrize("language", LEXICONS)
@pytest.mark.parametrize("name", NON_EVENTS)
def test_random_non_events(name: str, language: str) -> None:
    """Typesetting at random places makes no version, and hides no edit that comes with it."""
    for seed in range(4):
        random = Random(f"{name}/{language}/{seed}")
        content = compose(random, language).content
        other = replace(content, body=NON_EVENTS[name](random, content.body))
        assert kinds(content, other) == ()
        edited = replace(other, body=f"{other.body}\n\n{UPDATES[language]}")
        assert kinds(content, edited) == (C.BODY, C.EXTENDED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("“a " * 8_000, "“a " * 7_999 + "b"),
        ("a“b " * 4_000 + "” " * 4_000, "a“b " * 4_000 + "” " * 3_999 + "c"),
        (
            " ".join(f"{'абвг' * 8}{n}" for n in range(1_000)),
            " ".join(f"{'абвг' * 7}абгв{n}" for n in range(1_000)),
        ),
        ("1 500 " * 5_000, "1 501 " * 5_000),
    ],
    ids=["opened only", "nested", "slips", "figures"],
)
def test_hostile_bodies_end(old: str, new: str) -> None:
    """Bodies made to cost quadratically much are named all the same."""
    assert kinds(Content(body=old), Content(body=new))[0] is C.BODY


LONG = "The council of the town met again and put the plan for the mill aside. " * 40
TOO_LONG = {
    "another word": (LONG, LONG.replace("mill", "dam", 1), ["body"]),
    "longer by half": (LONG, LONG + LONG[: len(LONG) // 2], ["body", "extended"]),
    "shorter by half": (LONG, LONG[: len(LONG) // 2], ["body", "shortened"]),
    "the same, other spaces": (LONG, LONG.replace(". ", ".\n"), []),
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_bodies_beyond_the_bound(name, monkeypatch):
    """Too long to be compared word by word inside a transaction: the change is told, its finer kinds by length alone."""
    monkeypatch.setattr("newscrawl.judge.diff.tokens.LONGEST", 1000)
    old, new, expected = TOO_LONG[name]
    assert [kind.value for kind in kinds(Content(body=old), Content(body=new))] == expected
