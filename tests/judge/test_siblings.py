"""Which articles of one outlet are one story in several languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newscrawl.judge.siblings import Story, siblings

AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
PICTURE = "https://cdn.example/uploads/2026-05/sizes/1440x810/dam-burabai-4411.webp"

EN = Story(
    1, "en", AT, "Dam near Kokterek gives way",
    "The dam near Kokterek gave way at night, akim Serik Baimuratov said. Rescuers took 412 people from 96 houses. "
    "Engineer Alma Tulegenova had warned of cracks. Repairs will cost 2.7 billion tenge, the ministry in Astana said.",
    PICTURE, frozenset({"u:en/dam"}),
)  # fmt: skip
RU = Story(
    2, "ru", AT - timedelta(hours=2), "Под Коктереком прорвало плотину",
    "Плотину под Коктереком прорвало ночью, сообщил аким Серик Баймуратов. Спасатели вывели 412 человек из 96 домов. "
    "О трещинах предупреждала инженер Алма Тулегенова. Ремонт обойдётся в 2,7 млрд тенге, сказали в Астане.",
    PICTURE.replace("1440x810", "720x405"), frozenset({"u:ru/plotina"}),
)  # fmt: skip
KK = Story(
    3, "kk", AT + timedelta(hours=5), "Көктерек маңында бөгет бұзылды",
    "Түнде Көктерек маңындағы бөгет бұзылды, деді әкім Серік Баймұратов. Құтқарушылар 96 үйден 412 адамды алып шықты. "
    "Жарық туралы инженер Алма Төлегенова ескерткен. Жөндеуге 2,7 млрд теңге кетеді, деді Астанадағы министрлік.",
    None, frozenset({"u:kk/boget"}),
)  # fmt: skip
MATCH = Story(
    4, "ru", AT, "«Тулпар» обыграл «Барыс»",
    "В Астане «Тулпар» обыграл «Барыс» со счётом 3:1. Дважды забил Ерлан Касымов, тренер Павел Ким похвалил команду.",
    "https://cdn.example/uploads/hockey-tulpar.jpg", frozenset({"u:ru/match"}),
)  # fmt: skip


def but(story: Story, **changes: object) -> Story:
    """The same story with some fields changed."""
    return Story(**{**{name: getattr(story, name) for name in Story.__slots__}, **changes})  # type: ignore[arg-type]


def found(story: Story, *others: Story) -> list[tuple[int, bool]]:
    return [(s.id, s.stated) for s in siblings(story, others)]


@pytest.mark.parametrize(
    ("story", "others", "expected"),
    [
        pytest.param(EN, [RU, KK, MATCH], [(3, False), (2, False)], id="one story in three alphabets"),
        pytest.param(KK, [EN, RU, MATCH], [(1, False), (2, False)], id="from the Kazakh side, without a picture"),
        pytest.param(MATCH, [EN, KK], [], id="another story of the same day and town"),
        pytest.param(EN, [but(RU, published=AT + timedelta(days=6))], [], id="a week later it is another story"),
        pytest.param(EN, [but(MATCH, alternates=frozenset({"u:en/dam"}))], [(4, True)], id="the other page names this one"),
        pytest.param(but(EN, alternates=frozenset({"u:ru/match"})), [MATCH, RU], [(4, True)], id="what a page states comes before likeness"),
        pytest.param(EN, [RU, but(RU, id=9)], [], id="two alike: unknown beats wrong"),
        pytest.param(EN, [but(MATCH, image=PICTURE), but(MATCH, id=8, image=PICTURE)], [], id="a stock picture proves nothing"),
        pytest.param(EN, [but(MATCH, image=PICTURE)], [(4, False)], id="the picture alone proposes"),
        pytest.param(EN, [but(RU, edition="en")], [], id="same edition: no translation"),
        pytest.param(but(EN, body="", title=None), [RU], [(2, False)], id="picture only, no text"),
        pytest.param(but(EN, body="", title=None, image=None), [RU, KK], [], id="nothing to compare"),
    ],
)  # fmt: skip
def test_siblings(story: Story, others: list[Story], expected: list[tuple[int, bool]]) -> None:
    """Named worlds and the links told of them."""
    assert sorted(found(story, *others)) == sorted(expected)


def test_a_proposal_says_why() -> None:
    """Score and reasons come with it."""
    (link,) = siblings(EN, [RU])
    assert 0.6 <= link.score <= 1
    assert link.reasons[0] == "same picture"
    assert any("numbers" in reason for reason in link.reasons)
    assert any("names" in reason for reason in link.reasons)


def test_a_long_text_ends() -> None:
    """Hostile length: only so many names are compared."""
    long = but(EN, body="then Alpha" + " and Somebody Else" * 50_000)
    assert siblings(long, [but(RU, body=long.body)]) is not None
