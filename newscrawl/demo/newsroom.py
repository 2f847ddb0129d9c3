"""Plans stories independent of language, and tells each in any language from the sentence banks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from newscrawl.demo.lexicon.bank import Lexicon
from newscrawl.demo.pieces import Paragraph

# Numbers followed by the genitive plural in Russian, so that sentences with slots stay grammatical.
_FEW = tuple(range(5, 10))
_SOME = tuple(n for n in range(11, 60) if n % 10 in (0, 5, 6, 7, 8, 9) or n < 20)
_MANY = tuple(range(110, 980, 5))


@dataclass(frozen=True, slots=True)
class Beat:
    """One statement of a plan: the bank, the sentences of it, the numbers and the person."""

    bank: str
    indices: tuple[int, ...]
    numbers: tuple[tuple[str, int], ...]
    person: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A story without a language: the same plan told by two lexicons gives two translations of one piece."""

    topic: int
    angle: int  # which headline and lead
    place: int
    street: int
    numbers: tuple[tuple[str, int], ...]
    beats: tuple[Beat, ...]
    subtitle: int | None

    @property
    def subject(self) -> tuple[int, int, int]:
        """What no two stories of an outlet may share, because it determines the headline."""
        return (self.topic, self.angle, self.place)


def plan(random: Random, lexicon: Lexicon, topic_at: int, angle: int) -> Plan:
    """Invents a story of a topic and an angle, given by number. Only the sizes of the banks are taken from `lexicon`."""
    topic = lexicon.topics[topic_at]
    details = random.sample(range(len(topic.details)), k=random.randint(1, len(topic.details)))
    quotes = random.sample(range(len(topic.quotes)), k=random.choice((0, 1, 1, 2)))
    background = random.sample(range(len(lexicon.background)), k=random.choice((0, 1, 1, 2)))
    beats: list[Beat] = []
    while details:
        take = 2 if len(details) > 3 and random.random() < 0.4 else 1
        beats.append(Beat("details", tuple(details.pop() for _ in range(take)), slot_numbers(random)))
    for index in quotes:
        beats.insert(
            random.randint(1, len(beats)),
            Beat("quotes", (index,), slot_numbers(random), person=topic_at % len(lexicon.people)),
        )
    beats.extend(Beat("background", (index,), slot_numbers(random)) for index in background)
    if len(beats) >= 7:
        beats.insert(len(beats) // 2, Beat("subheads", (random.randrange(len(lexicon.subheads)),), ()))
    beats.append(Beat("closings", (random.randrange(len(topic.closings)),), slot_numbers(random)))
    return Plan(
        topic=topic_at,
        angle=angle,
        place=random.randrange(len(lexicon.places)),
        street=random.randrange(len(lexicon.streets)),
        numbers=slot_numbers(random),
        beats=tuple(beats),
        # A subtitle is a detail that the body does not use, so that it never repeats a paragraph.
        subtitle=_unused(random, beats, len(topic.details)) if random.random() < 0.4 else None,
    )


def tell(story: Plan, lexicon: Lexicon, day: datetime) -> tuple[str, str | None, tuple[Paragraph, ...]]:
    """(title, subtitle, paragraphs) of a story in one language; `day` is the local day that it mentions."""
    topic = lexicon.topics[story.topic]
    fixed = {
        "place": lexicon.places[story.place],
        "street": lexicon.streets[story.street],
        "day": lexicon.day(day),
        # What all stories must say of one village alike; multiples of five, because of Russian grammar.
        "houses": 115 + 45 * story.place,
        "far": 15 + 5 * story.place,
    }

    def say(sentence: str, numbers: tuple[tuple[str, int], ...]) -> str:
        return sentence.format(**fixed, **dict(numbers))

    paragraphs = [Paragraph("p", say(topic.leads[story.angle], story.numbers))]
    for beat in story.beats:
        bank: tuple[str, ...] = getattr(
            lexicon if beat.bank in ("background", "subheads") else topic, beat.bank
        )
        text = " ".join(say(bank[index], beat.numbers) for index in beat.indices)
        if beat.bank == "quotes":
            paragraphs.extend(quoted(lexicon, text, lexicon.people[beat.person], topic.role, beat.indices[0]))
        else:
            paragraphs.append(Paragraph("h2" if beat.bank == "subheads" else "p", text))
    subtitle = (
        None if story.subtitle is None else say(topic.details[story.subtitle], story.numbers).rstrip(".")
    )
    return say(topic.headlines[story.angle], story.numbers), subtitle, tuple(paragraphs)


def quoted(lexicon: Lexicon, text: str, who: str, role: str, which: int = 0) -> tuple[Paragraph, Paragraph]:
    """A quote block and the attribution that follows it as a paragraph of its own."""
    attribution = lexicon.attributions[which % len(lexicon.attributions)].format(who=who, role=role)
    return Paragraph("quote", lexicon.quote_form.format(text)), Paragraph("p", attribution)


def slot_numbers(random: Random) -> tuple[tuple[str, int], ...]:
    """Numbers for the slots n, m, k and sum of one statement."""
    return (
        ("n", random.choice(_SOME)),
        ("m", random.choice(_MANY)),
        ("k", random.choice(_FEW)),
        ("sum", random.choice(_SOME)),
    )


def _unused(random: Random, beats: list[Beat], size: int) -> int | None:
    used = {index for beat in beats if beat.bank == "details" for index in beat.indices}
    free = [index for index in range(size) if index not in used]
    return random.choice(free) if free else None
