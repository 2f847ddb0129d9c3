"""Properties over made-up pages: a change in the article is an edit under any template, a change around it never is.

The texts are short and of few words in three languages, so that chance hits on the other page are common.
"""

from datetime import UTC, datetime, timedelta
from html import escape

from hypothesis import assume, given, settings, strategies as st

from newscrawl.extract.page.shown import page_text
from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import confirmed
from newscrawl.model import Author, ChangeKind as K, Content, Precision

NOW = datetime(2026, 4, 8, 9, tzinfo=UTC)
WORDS = [
    "the",
    "the",
    "a",
    "ferry",
    "bridge",
    "of",
    "Kyzylsu",
    "waits",
    "12",
    "40",
    "1,250",
    "3.5",
    "km",
    "not",
    "will",
    "be",
    "closed",
    "said",
    "мост",
    "закрыт",
    "не",
    "вчера",
    "из",
    "сказал",
    "18",
    "тысяч",
    "көпір",
    "әкім",
    "жаңа",
    "емес",
    "деді",
    "өңір",
    "ғана",
    "үш",
]
NAMES = ("Saule Nurpeisova", "Marat Aldabergen", "Әсел Жұмабек", "Пётр Козлов", "Aigul")
# No word twice in a line, no line twice on a page, and none so short that it may be a byline or a date:
# these are told in tables (test_raw_pages.py).
LINES = st.lists(st.sampled_from([*dict.fromkeys(WORDS), *NAMES]), min_size=12, max_size=20, unique=True).map(
    " ".join
)
WRAPS = {
    "paragraph": "<p>{}</p>",
    "list": "<ul><li>{}</li></ul>",
    "table": "<table><tr><td>{}</td></tr></table>",
    "quotation": "<blockquote><p>{}</p></blockquote>",
    "figure": '<figure><img src="/a.jpg">{}</figure>',
    "heading": "<h3>{}</h3>",
}
PARTS = st.lists(st.tuples(st.sampled_from(list(WRAPS)), LINES), min_size=3, max_size=7)


def _apart(*lines: str) -> bool:
    """Whether no line of a page stands in another one."""
    return not any(one in other for i, one in enumerate(lines) for j, other in enumerate(lines) if i != j)


def _page(layout: str, title: str, parts, boxes) -> str:
    """A page in one of four templates, with boxes before and after the text."""
    before, after, comment = map(escape, boxes)
    text = "".join(WRAPS[wrap].format(escape(line)) for wrap, line in parts)
    return {
        "classic": (
            f'<body class="single"><div class="top"><p>{before}</p></div><div class="post"><h1 class="entry-title">{escape(title)}</h1>'
            f'<div class="entry-content">{text}</div></div><div class="sidebar"><ul><li>{after}</li></ul></div><div class="comment"><p>{comment}</p></div></body>'
        ),
        "modern": (
            f'<body class="site"><nav class="terms">{before}</nav><main class="group"><h1 class="headline">{escape(title)}</h1>'
            f'<section class="flow">{text}</section><div class="share">{after}</div><section class="replies"><p>{comment}</p></section></main></body>'
        ),
        "plain": (
            f"<body><div><div>{before}</div><div><h1>{escape(title)}</h1><div>{text}</div></div><div>{after}</div><div>{comment}</div></div></body>"
        ),
        "table": (
            f"<body><table><tr><td colspan=2>{before}</td></tr><tr><td><h2>{escape(title)}</h2>{text}</td><td>{after}<p>{comment}</p></td></tr></table></body>"
        ),
    }[layout]


LAYOUTS = st.sampled_from(["classic", "modern", "plain", "table"])
BOXES = st.tuples(LINES, LINES, LINES)


def _read(title: str, parts) -> Content:
    return Content(
        title=title,
        body="\n\n".join(line for _, line in parts),
        authors=(Author("Dana"),),
        published=NOW - timedelta(days=3),
        published_precision=Precision.MINUTE,
    )


def _raw(html: str):
    return page_text(
        html.encode(),
        "https://paper.example/a",
        content_type="text/html; charset=utf-8",
        fetched_at=NOW,
        zone=UTC,
    )


def _told(old: Content, new: Content, older: str, newer: str):
    """The kinds of edit that the pages show: at the first check, or else at the second or third, which show the same page."""
    one, other = _raw(older), _raw(newer)
    found = confirmed(old, new, one, other)
    for earlier in ([other], [other, other]):
        if found.pending and found.content == old:
            found = confirmed(old, new, one, other, earlier)
    return classify.kinds(old, found.content)


def _other(word: str, data) -> str:
    """Another word in its place: another figure, another letter, another name."""
    at = data.draw(st.integers(0, len(word) - 1))
    letter = word[at]
    letters = "0123456789" if letter.isdigit() else "aeжқәиөүlт" if letter.isalpha() else ";"
    other = data.draw(st.sampled_from([one for one in letters if one.casefold() != letter.casefold()]))
    return word[:at] + other + word[at + 1 :]


def _changed(parts, data):
    """The parts with one change that a reader sees."""
    at = data.draw(st.integers(0, len(parts) - 1))
    wrap, line = parts[at]
    words = line.split()
    i = data.draw(st.integers(0, len(words) - 1))
    how = data.draw(
        st.sampled_from(["letter", "another word", "dropped", "twice", "not", "line dropped", "line added"])
    )
    if how == "letter":
        words[i] = _other(words[i], data)
    elif how == "another word":
        words[i] = data.draw(st.sampled_from([*WORDS, *NAMES]))
    elif how == "dropped":
        del words[i]
    elif how == "twice":
        words.insert(i, words[i])
    elif how == "not":
        words.insert(i, data.draw(st.sampled_from(["не", "not", "емес"])))
    elif how == "line dropped":
        return how, [*parts[:at], *parts[at + 1 :]]
    else:
        return how, [*parts[:at], (wrap, data.draw(LINES)), *parts[at:]]
    return how, [*parts[:at], (wrap, " ".join(words)), *parts[at + 1 :]]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(parts=PARTS, title=LINES, one=LAYOUTS, other=LAYOUTS, boxes=st.tuples(BOXES, BOXES), data=st.data())
def test_any_change_in_the_article_is_an_edit(parts, title, one, other, boxes, data):
    how, changed = _changed(parts, data)
    old, new = _read(title, parts), _read(title, changed)
    assume(classify.kinds(old, new))
    around = {line for box in boxes for line in box}
    assume(_apart(title, *around, *(line for _, line in parts)))
    assume(_apart(title, *around, *(line for _, line in changed)))
    kinds = _told(old, new, _page(one, title, parts, boxes[0]), _page(other, title, changed, boxes[1]))
    assert K.BODY in kinds, how


@settings(max_examples=60, deadline=None, derandomize=True)
@given(parts=PARTS, title=LINES, one=LAYOUTS, other=LAYOUTS, boxes=BOXES, data=st.data())
def test_any_change_of_a_headline_is_an_edit(parts, title, one, other, boxes, data):
    words = title.split()
    at = data.draw(st.integers(0, len(words) - 1))
    words[at] = _other(words[at], data)
    old, new = _read(title, parts), _read(" ".join(words), parts)
    assume(K.HEADLINE in classify.kinds(old, new))
    kinds = _told(old, new, _page(one, old.title, parts, boxes), _page(other, new.title, parts, boxes))
    assert kinds[:1] == (K.HEADLINE,)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(parts=PARTS, title=LINES, one=LAYOUTS, other=LAYOUTS, boxes=st.tuples(BOXES, BOXES), data=st.data())
def test_words_that_both_pages_show_are_no_edit_however_they_are_read(parts, title, one, other, boxes, data):
    """A reading that leaves out some of the text, or takes what stands around it, of the same article under any template."""
    assume(_apart(title, *boxes[0], *(line for _, line in parts)))
    older, newer = _page(one, title, parts, boxes[0]), _page(other, title, parts, boxes[0])
    left = data.draw(st.integers(0, len(parts) - 1))
    shorter = [*parts[:left], *parts[left + 1 :]]
    taken = [*parts, ("paragraph", boxes[0][data.draw(st.integers(0, 2))])]
    whole = _read(title, parts)
    for read in (_read(title, shorter), _read(title, taken)):
        assert _told(whole, read, older, newer) == ()
        assert _told(read, whole, older, newer) == ()
