"""The difference of two versions: what a reader is shown, and that both sides are in it, whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from newscrawl.judge.diff.differences import Block, BlockKind as B, Op, Span, compare, texts
from newscrawl.judge.diff.tokens import same_to_reader
from newscrawl.model import Author, Content, Precision
from newscrawl.text import paragraphs
from tests.support.judging import BODY, PIECE, PUBLISHED

CONTENT = Content.of(PIECE)


def shown(blocks: tuple[Block, ...]) -> list[str]:
    """Blocks as text: [-removed-], {+added+}, ~ before what moved."""
    marks = {Op.SAME: "{}", Op.REMOVED: "[-{}-]", Op.ADDED: "{{+{}+}}"}
    return [
        ("~" if block.kind is B.MOVED else "") + "".join(marks[s.op].format(s.text) for s in block.spans)
        for block in blocks
    ]


CASES = {
    "one word": ("Мост открыли утром.", "Мост закрыли утром.", ["Мост [-открыли-]{+закрыли+} утром."]),
    "Kazakh letters": ("Үй салынды.", "Үйлер салынды.", ["[-Үй-]{+Үйлер+} салынды."]),
    "Kazakh in Latin letters": ("Ol kóp jyldan beri", "Ol kòp jyldan beri", ["Ol [-kóp-]{+kòp+} jyldan beri"]),
    "a number": ("It cost 310 million.", "It cost 301 million.", ["It cost [-310-]{+301+} million."]),
    "grouped thousands are one number": (
        "Приехали 1 500 человек.", "Приехали 1 600 человек.", ["Приехали [-1 500-]{+1 600+} человек."],
    ),
    "a decimal": ("Rose by 2.5%", "Rose by 2.7%", ["Rose by [-2.5-]{+2.7+}%"]),
    "a comma": ("Yes we came.", "Yes, we came.", ["Yes{+,+} we came."]),
    "a word dropped": ("one two three", "one three", ["one[- two-] three"]),
    "a word at the end": ("one two", "one two three", ["one two{+ three+}"]),
    "characters of Chinese are words": ("他昨天到北京", "他今天到北京", ["他[-昨-]{+今+}天到北京"]),
    "quotation marks of another make": ("«Да», — сказал он вчера", "“Да”, – сказал он", ["“Да”, – сказал он[- вчера-]"]),
    "apostrophe": ("They don't know", "They don’t mind", ["They don’t [-know-]{+mind+}"]),
    "words split by a space": ("can not", "cannot", ["[-can not-]{+cannot+}"]),
    "paragraph added": ("One is here.\n\nTwo.", "One is here.\n\nNew words.\n\nTwo.", ["One is here.", "{+New words.+}", "Two."]),
    "paragraph dropped": ("One is here.\n\nGone.\n\nTwo.", "One is here.\n\nTwo.", ["One is here.", "[-Gone.-]", "Two."]),
    "paragraph rewritten": (
        "Lead.\n\nThe river rose at night.", "Lead.\n\nApples became cheaper.",
        ["Lead.", "[-The river rose at night.-]", "{+Apples became cheaper.+}"],
    ),
    "paragraph moved": (
        "A first one.\n\nB second.\n\nC third.", "B second.\n\nC third.\n\nA first one.",
        ["~[-A first one.-]", "B second.", "C third.", "~{+A first one.+}"],
    ),
    "paragraph split": (
        "They came at dawn. They left at dusk.\n\nEnd.", "They came at dawn.\n\nThey left at dusk.\n\nThe end.",
        ["They came at dawn.\n\nThey left at dusk.", "[-End-]{+The end+}."],
    ),
    "paragraphs joined and a word changed": (
        "They came at dawn.\n\nThey left at dusk.", "They came at noon. They left at dusk.",
        ["They came at [-dawn-]{+noon+}. They left at dusk."],
    ),
    "from nothing": ("", "Words.", ["{+Words.+}"]),
    "to nothing": ("Words.", "", ["[-Words.-]"]),
    "nothing": ("", "", []),
    "a headline rewritten": ("Bread is dearer", "Rain tomorrow", ["[-Bread is dearer-]{+Rain tomorrow+}"]),
    "chance matches are no help": (
        "The council of the town met on Monday to speak about roads and bridges.",
        "Nobody expected the frost, said a gardener who lost all her young apricots.",
        [("[-The council of the town met on Monday to speak about roads and bridges-]"
         "{+Nobody expected the frost, said a gardener who lost all her young apricots+}.")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_texts(old: str, new: str, expected: list[str]) -> None:
    """What changed is marked word by word; what moved, was split or set differently is not called changed."""
    assert shown(texts(old, new)) == expected


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["Ол", "мост", "the", "1 500", "«да»,", "не", "北京", "2.5%", "—", "е́ж", "…", ".", "don’t"]),
        st.text(max_size=6),
    ),
    max_size=12,
).map(" ".join)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=6).map("\n\n".join)


@settings(deadline=None, max_examples=70)
@given(old=TEXTS, new=TEXTS)
def test_both_sides_are_whole(old: str, new: str) -> None:
    """Whatever the texts, each can be put together again from the difference, to the character."""
    blocks = texts(old, new)
    assert [p for block in blocks if block.old for p in block.old.split("\n\n")] == paragraphs(old)
    assert [p for block in blocks if block.new for p in block.new.split("\n\n")] == paragraphs(new)
    assert all(span.text for block in blocks for span in block.spans)


@settings(deadline=None, max_examples=30)
@given(text=TEXTS)
def test_same_text(text: str) -> None:
    """A text and itself: one SAME span a paragraph."""
    assert texts(text, text) == tuple(Block(B.SAME, (Span(Op.SAME, p),)) for p in paragraphs(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 20_000, "b c " * 20_000),
        ("а" * 80_000, "б" * 80_000),
        ("\n".join(["a b c"] * 8_000), "\n".join(["a b d"] * 8_000)),
        ("«" * 40_000, "» " * 40_000),
        ("\n".join(f"w{n} x" for n in range(8_000)), "\n".join(f"x v{n % 50}" for n in range(8_000))),
    ],
    ids=["two words", "one word", "one line", "marks", "many lines"],
)
def test_hostile_texts_end(old: str, new: str) -> None:
    """Long texts made to have quadratically many pairs are compared all the same, and stay whole."""
    blocks = texts(old, new)
    assert [p for block in blocks if block.old for p in block.old.split("\n\n")] == paragraphs(old)


FIELDS = {
    "nothing": (CONTENT, []),
    "headline": (replace(CONTENT, title="Aqsai opens its second footbridge"), ["headline: Aqsai opens [-a-]{+its+} second footbridge"]),
    "headline gone": (replace(CONTENT, title=None), ["headline: [-Aqsai opens a second footbridge-]"]),
    "subtitle": (replace(CONTENT, subtitle="The left bank waited"), ["subtitle: The left bank waited[- seven years-]"]),
    "an author more": (
        replace(CONTENT, authors=(*CONTENT.authors, Author("Erlan Baqytuly", role="editor"))),
        ["byline: Dana Serikova | {+Erlan Baqytuly (editor)+}"],
    ),
    "byline in capitals": (replace(CONTENT, authors=(Author("DANA SERIKOVA"),)), []),
    "date": (
        replace(CONTENT, published=PUBLISHED + timedelta(hours=1)),
        ["date: [-2026-03-02 06:00+00:00-]{+2026-03-02 07:00+00:00+}"],
    ),
    "date gone": (replace(CONTENT, published=None), ["date: [-2026-03-02 06:00+00:00-]"]),
    "date less exact": (
        replace(CONTENT, published_precision=Precision.DAY), ["date: [-2026-03-02 06:00+00:00-]{+2026-03-02+}"],
    ),
    "body": (
        replace(CONTENT, body=BODY.replace("84", "48").split("\n\nResidents")[0]),
        [("body: The second footbridge over the Terek was opened in Aqsai on Monday morning."
         " | It is [-84-]{+48+} metres long and cost 310 million tenge, the town office said."
         " | [-Residents of the left bank had asked for it since the flood of 2019.-]")],
    ),
    "typesetting": (replace(CONTENT, body=BODY.replace("\n\n", " ").replace("310 million", "310\u00a0million")), []),
}  # fmt: skip


@pytest.mark.parametrize(("new", "expected"), FIELDS.values(), ids=FIELDS)
def test_compare(new: Content, expected: list[str]) -> None:
    """Only the fields that differ to a reader, in reading order."""
    found = compare(CONTENT, new)
    assert [f"{diff.field}: " + " | ".join(shown(diff.blocks)) for diff in found] == expected


def test_texts_too_long_to_be_compared_word_by_word(monkeypatch):
    """Beyond the bound paragraphs are told apart as a whole; both sides are still in the blocks."""
    monkeypatch.setattr("newscrawl.judge.diff.tokens.LONGEST", 100)
    kept, old, new = (
        "The mill was sold in May. " * 3,
        "It cost 41 million tenge.",
        "It cost 91 million tenge.",
    )
    blocks = texts(f"{kept.strip()}\n\n{old}", f"{kept.strip()}\n\n{new}")
    assert [(block.kind.value, block.old, block.new) for block in blocks] == [
        ("same", kept.strip(), kept.strip()),
        ("removed", old, ""),
        ("added", "", new),
    ]
    assert not same_to_reader(kept + old, kept + new)
    assert same_to_reader(kept + old, f"{kept}  \n{old}")
