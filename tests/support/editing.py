"""Made-up articles in three languages, and edits of known kinds at random places in them: for tests of how edits are named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from newscrawl.demo.drafts import LEXICONS
from newscrawl.demo.lexicon.bank import Lexicon
from newscrawl.demo.newsroom import plan, tell
from newscrawl.demo.pieces import Paragraph
from newscrawl.judge.identity import body_overlap
from newscrawl.judge.kinds.figures import of_word
from newscrawl.model import Author, ChangeKind as C, Content, Precision

DAY = datetime(2026, 4, 7, 9, 30, tzinfo=UTC)
LETTERS = {"en": "abdegiklmnoprstu", "ru": "абвгдеиклмнопрстуя", "kk": "абғдеіқлмнопрсты"}
SEVERAL = {"en": "several", "ru": "несколько", "kk": "бірнеше"}
NOTICES = {
    "en": (
        "Correction: an earlier version of this article named another village.",
        "This article was amended on 9 April 2026 to give the right name of the office.",
        "*Clarification (8 April): the meeting was held in the school.*",
        "An earlier version of this story said that the work had been finished.",
    ),
    "ru": (
        "Исправление: в первой версии текста было неверно названо село.",
        "Уточнение. Встреча прошла в школе, а не в клубе, приносим извинения.",
        "Поправка от 8 апреля: работу начали в марте.",
        "В предыдущей версии материала была указана другая должность.",
        "(Материал исправлен: добавлено верное имя.)",
    ),
    "kk": (
        "Түзету: мәтіннің алғашқы нұсқасында ауылдың аты қате жазылған.",
        "Нақтылау: жиын клубта емес, мектепте өтті.",
        "Мақаланың бұрынғы нұсқасында басқа лауазым көрсетілген.",
        "Қате түзетілді, оқырмандардан кешірім сұраймыз.",
    ),
}
UPDATES = {
    "en": "Updated: the road office has said that the buses run again today.",
    "ru": "Обновлено: в дорожном управлении сообщили, что автобусы снова ходят.",
    "kk": "Толықтырылды: жол бөлімі автобустар қайта жүре бастағанын хабарлады.",
}


@dataclass(frozen=True)
class Story:
    """A composed article with what its sentences are, and the bank it was told from."""

    lexicon: Lexicon
    title: str
    subtitle: str | None
    paragraphs: tuple[Paragraph, ...]
    spare: tuple[str, ...]  # sentences of the same topic that it does not use
    spare_quotes: tuple[str, ...]

    @property
    def content(self) -> Content:
        """The article as an archive holds it."""
        return Content(
            title=self.title,
            subtitle=self.subtitle,
            body="\n\n".join(text for _, text in self.paragraphs),
            authors=(Author(self.lexicon.reporters[0]),),
            published=DAY,
            published_precision=Precision.MINUTE,
        )

    def with_text(self, at: int, text: str) -> Story:
        """With another text of one paragraph."""
        kind = self.paragraphs[at].kind
        return replace(
            self, paragraphs=(*self.paragraphs[:at], Paragraph(kind, text), *self.paragraphs[at + 1 :])
        )

    def with_new(self, at: int, text: str, kind: str = "p") -> Story:
        """With one more paragraph before the given one."""
        return replace(self, paragraphs=(*self.paragraphs[:at], Paragraph(kind, text), *self.paragraphs[at:]))

    def without(self, at: int) -> Story:
        """Without one paragraph."""
        return replace(self, paragraphs=self.paragraphs[:at] + self.paragraphs[at + 1 :])


# An edit: the story before and after, and the kinds the archive must name; None where the story has no place for it.
Edit = Callable[[Random, Story], tuple[Story, Story, set[C]] | None]


def compose(random: Random, language: str) -> Story:
    """A story of at least four paragraphs."""
    lexicon = LEXICONS[language]
    while True:
        topic_at = random.randrange(len(lexicon.topics))
        topic = lexicon.topics[topic_at]
        story = plan(random, LEXICONS["en"], topic_at, random.randrange(len(topic.leads)))
        title, subtitle, paragraphs = tell(story, lexicon, DAY)
        if len(paragraphs) < 4:
            continue
        used = {(beat.bank, index) for beat in story.beats for index in beat.indices}
        slots = {"place": lexicon.places[story.place], "street": lexicon.streets[story.street], "day": lexicon.day(DAY),
                 "houses": 200, "far": 40, "n": 36, "m": 425, "k": 7, "sum": 58}  # fmt: skip
        spare = [d for n, d in enumerate(topic.details) if ("details", n) not in used] + list(
            lexicon.background
        )
        quotes = [q for n, q in enumerate(topic.quotes) if ("quotes", n) not in used]
        return Story(
            lexicon,
            title,
            subtitle,
            paragraphs,
            tuple(
                s.format(**slots)
                for s in spare
                if s.format(**slots) not in "\n".join(p.text for p in paragraphs)
            ),
            tuple(lexicon.quote_form.format(q.format(**slots)) for q in quotes),
        )


def _numbers_of(story: Story, *kinds: str) -> list[int]:
    return [n for n, p in enumerate(story.paragraphs) if p.kind in kinds]


def _either_way(random: Random, one: Story, other: Story, kinds: set[C]) -> tuple[Story, Story, set[C]]:
    return (one, other, kinds) if random.random() < 0.5 else (other, one, kinds)


def _said(story: Story, at: int) -> set[C]:
    return {C.QUOTES} if story.paragraphs[at].kind == "quote" else set()


def typo(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """A letter dropped, doubled, exchanged or wrong in one to three words, or its repair."""
    edited = story
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        at = random.choice(_numbers_of(story, "p", "quote"))
        text = edited.paragraphs[at].text
        words = [m for m in re.finditer(r"[^\W\d_]{5,}", text) if not of_word(m[0])]
        # One slip a word.
        words = [m for m in words if m[0] in story.content.body.split()]
        if not words:
            continue
        word = random.choice(words)
        letters = list(word[0])
        place = random.randrange(len(letters) - 1)
        match random.randrange(4):
            case 0:
                del letters[place]
            case 1:
                letters.insert(place, letters[place])
            case 2:
                letters[place : place + 2] = letters[place : place + 2][::-1]
            case _:
                letters[place] = random.choice(LETTERS[story.lexicon.code])
        edited = edited.with_text(at, text[: word.start()] + "".join(letters) + text[word.end() :])
    if edited.content == story.content:
        return None
    return _either_way(random, story, edited, {C.BODY, C.TYPO})


def punctuation(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """A comma, a letter's case, a hyphen: one word's dress."""
    at = random.choice(_numbers_of(story, "p"))
    words = story.paragraphs[at].text.split(" ")
    place = random.randrange(len(words) - 1)
    match random.randrange(3):
        case 0:
            words[place] = words[place][:-1] if words[place][-1] in ",;" else f"{words[place]},"
        case 1:
            words[place] = words[place].swapcase() if words[place][0].isalpha() else f"{words[place]} ,"
        case _:
            words.insert(place, words[place])
            if not words[place].isalpha():
                return None
    return _either_way(random, story, story.with_text(at, " ".join(words)), {C.BODY, C.TYPO})


def figure(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """One digit of a number changed, or a number put for a word."""
    numbers = [n for n in _numbers_of(story, "p", "quote") if re.search(r"\d", story.paragraphs[n].text)]
    if not numbers:
        return None
    at = random.choice(numbers)
    text = story.paragraphs[at].text
    number = random.choice(list(re.finditer(r"\d+", text)))
    if random.random() < 0.3:
        instead = SEVERAL[story.lexicon.code]
    else:
        digits = list(number[0])
        place = random.randrange(len(digits))
        digits[place] = random.choice([d for d in "123456789" if d != digits[place]])
        instead = "".join(digits)
    edited = story.with_text(at, text[: number.start()] + instead + text[number.end() :])
    return _either_way(random, story, edited, {C.BODY, C.NUMBERS} | _said(story, at))


def shortened(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """A paragraph taken away."""
    at = random.choice(
        [n for n in _numbers_of(story, "p", "quote") if len(story.paragraphs[n].text.split()) > 4] or [-1]
    )
    return None if at < 0 else (story, story.without(at), {C.BODY, C.SHORTENED} | _said(story, at))


def extended(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """A paragraph more."""
    new = random.choice([*story.spare, *story.spare_quotes, UPDATES[story.lexicon.code]])
    return story, story.with_new(random.randint(0, len(story.paragraphs)), new), {C.BODY, C.EXTENDED}


def sentence(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """A sentence more or fewer at the end of a paragraph, or at its beginning."""
    at = random.choice(_numbers_of(story, "p"))
    text, new = story.paragraphs[at].text, random.choice(story.spare)
    longer = story.with_text(at, f"{text} {new}" if random.random() < 0.5 else f"{new} {text}")
    if random.random() < 0.5:
        return story, longer, {C.BODY, C.EXTENDED}
    return longer, story, {C.BODY, C.SHORTENED}


def quote(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """Words of a quotation exchanged, dropped or added, or the quotation marks taken off."""
    numbers = _numbers_of(story, "quote")
    if not numbers:
        return None
    at = random.choice(numbers)
    text = story.paragraphs[at].text
    words = [m for m in re.finditer(r"[^\W\d_]+", text) if not of_word(m[0])]
    word = random.choice(words)
    match random.randrange(4):
        case 0:
            other = random.choice(
                [w for w in re.findall(r"[^\W\d_]{6,}", story.content.body) if w[0] != word[0][0]]
            )
            text = text[: word.start()] + other + text[word.end() :]
        case 1 if len(words) > 4:
            first, last = words[-4].start(), words[-2].start()
            if re.search(r"\d", text[first:last]):
                return None
            text = text[:first] + text[last:]
        case 2:
            text = re.sub(r"[«»“”„\"]", "", text)
        case _:
            if not story.spare_quotes:
                return None
            text = re.sub(r"\d+ ?", "", story.spare_quotes[0])
            if re.search(r"\d", story.paragraphs[at].text):
                return None
            before, after = len(story.paragraphs[at].text.split()), len(text.split())
            longer = abs(after - before) >= 4  # may count as shortened or extended as well
            if longer:
                return None
    return story, story.with_text(at, text), {C.BODY, C.QUOTES}


def correction(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """A notice, at the beginning, at the end, or behind the last sentence; with or without the repair it speaks of."""
    notice = random.choice(NOTICES[story.lexicon.code])
    before, edited, kinds = story, story, {C.BODY, C.CORRECTION}
    if random.random() < 0.4 and (repair := figure(random, story)):
        before, edited, more = repair
        kinds |= more
    match random.randrange(3):
        case 0:
            edited = edited.with_new(0, notice)
        case 1:
            edited = edited.with_new(len(edited.paragraphs), notice)
        case _:
            last = len(edited.paragraphs) - 1
            edited = edited.with_text(last, f"{edited.paragraphs[last].text} {notice}")
    return before, edited, kinds


def rewritten(random: Random, story: Story) -> tuple[Story, Story, set[C]] | None:
    """A paragraph put for another of the same length, a name for another name, two paragraphs exchanged."""
    at = random.choice(_numbers_of(story, "p"))
    text = story.paragraphs[at].text
    match random.randrange(3):
        case 0:
            size = len(re.findall(r"\w+", text))
            same = [
                s
                for s in story.spare
                # Another statement: the same one with other numbers would be an edit of figures.
                if abs(len(re.findall(r"\w+", s)) - size) < 4 and body_overlap(s, text) == 0
            ]
            if not same:
                return None
            return story, story.with_text(at, random.choice(same)), {C.BODY}
        case 1:
            names = [p for p in story.lexicon.people if p in text]
            if not names:
                return None
            others = [p for p in story.lexicon.people if p[0] != names[0][0]]
            return story, story.with_text(at, text.replace(names[0], random.choice(others))), {C.BODY}
        case _:
            other = random.choice(_numbers_of(story, "p"))
            if story.paragraphs[other] == story.paragraphs[at]:
                return None
            return story, story.with_text(at, story.paragraphs[other].text).with_text(other, text), {C.BODY}


EDITS: dict[str, Edit] = {
    "typo": typo,
    "punctuation": punctuation,
    "figure": figure,
    "shortened": shortened,
    "extended": extended,
    "sentence": sentence,
    "quote": quote,
    "correction": correction,
    "rewritten": rewritten,
}


def _sprinkled(random: Random, text: str, characters: str) -> str:
    return "".join(c + random.choice(characters) if random.random() < 0.1 else c for c in text)


NON_EVENTS: dict[str, Callable[[Random, str], str]] = {
    "quotation marks": lambda _, text: re.sub(r"«([^»]*)»|“([^”]*)”", r'"\1\2"', text),
    "apostrophes": lambda _, text: text.replace("'", "’"),
    "dashes": lambda random, text: text.replace("—", random.choice("–-―")),
    "no-break spaces": lambda random, text: re.sub(" ", lambda _: random.choice(" \u00a0\u2009\u202f"), text),
    "soft hyphens": lambda random, text: _sprinkled(random, text, "\u00ad"),
    "zero-width characters": lambda random, text: _sprinkled(random, text, "\u200b\u200c\u2060\ufeff"),
    "decomposed letters": lambda _, text: unicodedata.normalize("NFD", text),
    "paragraphs joined": lambda random, text: text.replace("\n\n", " ", random.randint(1, 3)),
    "paragraphs split": lambda random, text: text.replace(". ", ".\n\n", random.randint(1, 3)),
    "spaces doubled": lambda _, text: text.replace(" ", "  ").replace("\n\n", " \n\n\n "),
    "spaces before marks": lambda _, text: text.replace(",", " ,").replace(".", " ."),
    "grouped thousands": lambda _, text: re.sub(r"\b(\d)(\d{3})\b", "\\1\u00a0\\2", text),
    "ellipsis": lambda _, text: text.replace("...", "…"),
}  # fmt: skip
OTHER_FIELDS: dict[str, Callable[[Content], Content]] = {
    "headline": lambda content: replace(content, title=f"{content.title} today"),
    "subtitle": lambda content: replace(content, subtitle="Another subtitle"),
    "byline": lambda content: replace(content, authors=(*content.authors, Author("Aigul Serikova"))),
    "date": lambda content: replace(content, published=DAY + timedelta(hours=2)),
}
