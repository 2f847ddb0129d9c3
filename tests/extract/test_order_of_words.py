"""The order of words inside a paragraph is that of the page, however its inline elements are nested."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest

from newscrawl.extract import extract
from newscrawl.extract.page.elements import lines_at_breaks
from newscrawl.extract.page.lines import one_line, squash
from newscrawl.extract.page.tree import parse_html
from newscrawl.extract.text.order import as_on_page, without_glued
from newscrawl.extract.text.plain import plain_text

WORDS = [
    "the",
    "weir",
    "of",
    "Tolmin",
    "will",
    "not",
    "be",
    "opened",
    "before",
    "the",
    "spring",
    "because",
    "its",
    "keeper",
    "found",
    "ice",
    "below",
    "the",
    "gate",
    "and",
    "nobody",
    "may",
    "swim",
    "there",
    "now",
]
INLINE = ("a href=/x", "b", "em", "i", "strong", "span", "mark", "u", "code", "small")
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def nested(words: list[str], chance: random.Random, depth: int = 4) -> str:
    """The words with random inline elements around random runs of them, one in another."""
    if depth == 0 or len(words) < 2:
        return " ".join(words)
    cut = sorted(chance.sample(range(len(words) + 1), 2))
    before, inside, after = words[: cut[0]], words[cut[0] : cut[1]], words[cut[1] :]
    tag = chance.choice(INLINE)
    parts = [
        " ".join(before),
        f"<{tag}>{nested(inside, chance, depth - 1)}</{tag.split()[0]}>",
        nested(after, chance, depth - 1),
    ]
    return " ".join(part for part in parts if part)


# Those above 10,000 once lost words: inside nested elements, near the start of a paragraph, a paragraph that is mostly a link.
@pytest.mark.parametrize("seed", [*range(40), 10_017, 10_023, 10_076, 10_320, 10_662])
def test_both_readers_keep_the_words_of_randomly_nested_paragraphs_in_order(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.choice((2, 4, 12))  # short pages are read by the plain reader, long ones by trafilatura
    paragraphs = [[f"Part{n}", *chance.sample(WORDS, len(WORDS))] for n in range(count)]
    body = "".join(f"<p>{nested(p, chance)}.</p>" for p in paragraphs)
    page = f"<html lang=en><body><article><h1>Weir of Tolmin stays shut</h1>{body}</article></body></html>"
    wanted = [squash(" ".join(p)) for p in paragraphs]

    article = extract(page.encode(), "https://tolmin.example/weir", fetched_at=NOW)
    assert [squash(line) for line in article.body.split("\n\n")] == wanted
    tree = parse_html(page)
    assert tree is not None
    assert [squash(line) for line in plain_text(tree)] == wanted


def test_a_line_break_inside_nested_elements_divides_the_text_where_it_stands() -> None:
    tree = parse_html("<p>one <b>two <i>three<br>four</i> five</b> six<br/>seven</p>")
    assert tree is not None
    paragraph = next(tree.iter("p"))
    assert [one_line(line) for line in lines_at_breaks(paragraph)] == [
        "one two three",
        "four five six",
        "seven",
    ]


def test_a_line_in_another_order_than_the_page_is_put_right() -> None:
    tree = parse_html(
        "<div><p>The gate will <b>not</b> be opened.</p><ul><li>Ice, <i>not</i> water</li></ul></div>"
    )
    assert tree is not None
    lines = ["The gate will be opened.not", "- Ice, water not", "What stands nowhere"]
    assert as_on_page(lines, tree) == [
        "The gate will not be opened.",
        "- Ice, not water",
        "What stands nowhere",
    ]


def test_a_sign_escaped_twice_is_no_lost_word() -> None:
    tree = parse_html(
        "<div><p>&amp;#151; The gate of Tolmin will <b>not</b> be opened before spring.</p></div>"
    )
    assert tree is not None
    line = "— The gate of Tolmin will not be opened before spring."
    assert as_on_page([line], tree) == [line]


def test_lines_of_the_same_letters_stay_apart() -> None:
    tree = parse_html("<div><p>Score 2:1 at home</p><p>Score 1:2 at home</p><p>A <b>pan</b> of nap</p></div>")
    assert tree is not None
    lines = ["Score 2:1 at home", "Score 1:2 at home", "Score 12 at home:", "A nap of pan"]
    assert as_on_page([*lines, "lost order A pan of"], tree) == [
        "Score 2:1 at home", "Score 1:2 at home", "Score 12 at home:", "A pan of nap", "lost order A pan of",
    ]  # fmt: skip
    tree = parse_html("<div><p>Tide <b>2:1</b> low</p><p>Tide <b>1:2</b> low</p></div>")
    assert tree is not None
    assert as_on_page(["Tide low 2:1", "x"], tree) == ["Tide low 2:1", "x"]  # either may be meant


def test_deeply_nested_blocks_are_read_once() -> None:
    tree = parse_html("<blockquote>a word " * 3000 + "<b>not</b> here" + "</blockquote>" * 3000)
    assert tree is not None
    began = time.process_time()
    as_on_page(["here not a word", "What stands nowhere"], tree)
    assert time.process_time() - began < 1


def test_lines_of_the_head_glued_to_a_paragraph_are_taken_off() -> None:
    text = "The weir of Tolmin stays shut until all the ice has gone."
    plain = ["June 2, 2026", "by Ana Kos", text, "Nobody minds."]
    assert without_glued([f"June 2, 2026 by Ana Kos {text}"], plain) == [text]
    assert without_glued([f"by Ana Kos {text} Nobody minds."], plain) == [f"{text} Nobody minds."]
    assert without_glued([f"by Ana Kos {text} Water, ice"], plain) == [text]
    for whole in (text, f"Nobody minds. {text}", f"{text} Nobody minds."):
        assert without_glued([whole], plain) == [whole]
    two = [text, "Its keeper has gone home to his two dogs until then."]
    assert without_glued([f"by Ana Kos {two[0]} {two[1]}"], two) == two
    between = f"{two[0]} The ice was thick, and so was the fog above the whole of the river. {two[1]}"
    assert without_glued([between], two) == [between]


def test_the_name_before_its_pop_up_card_stays() -> None:
    """A card with a picture and links behind a name in a sentence is dropped; the name is the sentence's."""
    card = "<span class=block><span><img src=/a.jpg><a href='/people/ana'>Ana Maria Kos</a><a href='/n/1'>Weir keeper speaks of the ice again</a></span></span>"
    told = f"<p>Weir keeper <span class=person><a href='/people/ana'>Ana Kos</a>{card}</span> (M) says that the weir of Tolmin stays shut until spring.</p>"
    text = told + "".join(f"<p>The ice on pond {n} is thick, and nobody walks there before noon on any day.</p>" for n in range(3))  # fmt: skip
    page = f"<html lang=en><body><article><h1>Weir of Tolmin stays shut</h1>{text}</article></body></html>"
    body = extract(page.encode(), "https://tolmin.example/weir", fetched_at=NOW).body
    assert body.startswith("Weir keeper Ana Kos (M) says that")


def test_a_post_of_one_paragraph_below_its_name_and_date() -> None:
    text = "The weir of Tolmin stays shut until all the ice has gone, said its keeper on Tuesday."
    head = "<div class=meta><div class=author><span>by <a rel=author href=/a/k>Ana Kos</a></span></div><span><time datetime='2026-06-02T09:10:00Z'>June 2, 2026</time></span> <a rel='category tag' href=/c/w>Water</a></div>"
    page = f"<html lang=en><body><div id=main><article><div><h1>Weir of Tolmin stays shut</h1></div>{head}<div class=entry-content><p>{text}</p></div></article></div></body></html>"
    assert extract(page.encode(), "https://tolmin.example/weir", fetched_at=NOW).body == text
