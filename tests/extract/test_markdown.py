"""The body as Markdown: the words of the plain body, with what the page makes of them, and nothing that a page smuggles in.

Read back by an independent parser of CommonMark.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings, strategies as st
from markdown_it import MarkdownIt

from newscrawl.extract import examine
from newscrawl.extract.markdown import body_of, document, render
from newscrawl.extract.page.text_runs import packed, sequence
from newscrawl.extract.page.tree import read_page
from newscrawl.model import Image
from tests.support.pagebuilder import EDITIONS, article_page, html_page

NOW = datetime(2026, 11, 2, tzinfo=UTC)
URL = "https://en.steppe.example/news/bridge-12"
READER = MarkdownIt("commonmark").enable("table")


def plain(markdown: str) -> list[str]:
    """The paragraphs of a Markdown text without its markup: pictures gone, items with "- ", rows with "|"."""
    found: list[str] = []
    items, cells = 0, None
    for token in READER.parse(markdown):
        assert token.type not in ("html_block", "code_block", "fence", "hr"), token
        if token.type == "list_item_open":
            items += 1
        elif token.type == "list_item_close":
            items -= 1
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            found.append(f"| {' | '.join(cells)} |")
            cells = None
        elif token.type == "inline":
            words = "".join(child.content for child in token.children if child.type == "text")
            assert not [c for c in token.children if c.type in ("html_inline", "code_inline", "hardbreak")]
            if cells is not None:
                cells.append(words)
            elif words:
                found.append(f"- {words}" if items else words)
    return found


def links(markdown: str) -> list[str]:
    tokens = [child for token in READER.parse(markdown) for child in token.children or ()]
    return [c.attrs["href"] for c in tokens if c.type == "link_open"] + [
        c.attrs["src"] for c in tokens if c.type == "image"
    ]


def same_words(markdown: str, body: str) -> None:
    assert list(map(packed, plain(markdown))) == [packed(p) for p in body.split("\n\n") if packed(p)]


def rendered(html: str, body: str, images=()) -> str:
    page = read_page(html_page(html), URL)
    return render(body, list(sequence(page)), images)


LONG = "The bridge over the made-up river was opened on Monday after nine months of work, the builders said."


@pytest.mark.parametrize(
    ("html", "body", "markdown"),
    [
        ("<p>A <b>wide</b> <i>old</i> bridge</p>", "A wide old bridge", "A **wide** _old_ bridge"),
        ('<p>See <a href="/b?x=1">the plan</a>.</p>', "See the plan.", "See [the plan](https://en.steppe.example/b?x=1)."),
        ("<h2>Who paid</h2><h4>And when</h4>", "Who paid\n\nAnd when", "## Who paid\n\n#### And when"),
        ("<h1>First</h1>", "First", "## First"),
        ("<ul><li>one</li><li><b>two</b></li></ul>", "- one\n\n- two", "- one\n- **two**"),
        ("<ol><li>one</li><li>two</li></ol>", "- one\n\n- two", "1. one\n2. two"),
        ("<blockquote><p>We came.</p><p>We saw.</p></blockquote>", "We came.\n\nWe saw.", "> We came.\n>\n> We saw."),
        ("<p>said the <em>master</em></p><p>and left</p>", "said the master\n\nand left", "said the _master_\n\nand left"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>", "| a | b |\n\n| 1 | 2 |", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<p>- No, said <b>he</b>.</p>", "- No, said he.", "\\- No, said **he**."),
        ("<p>one<br>two <b>three</b></p>", "one\n\ntwo three", "one\n\ntwo **three**"),
        ("<p>One <b>half</b></p><div>and the other</div>", "One half and the other", "One **half** and the other"),
        ("<p>Құрылыс <a href='https://qala.example/ә'>тоғыз ай</a> жүрді</p>", "Құрылыс тоғыз ай жүрді", "Құрылыс [тоғыз ай](https://qala.example/ә) жүрді"),
        ("<p>something else</p>", "1. No such *words* here", "1\\. No such \\*words\\* here"),
        ("<p>in a w<b>or</b>d and a w<i>or</i>d</p>", "in a word and a word", "in a w**or**d and a word"),
        ('<p>a <a href="/1"><b>b</b> c</a></p>', "a b c", "a [**b** c](https://en.steppe.example/1)"),
    ],
    ids=["stress", "link", "headings", "never-a-second-title", "list", "ordered", "quote", "no-quote", "table", "dialogue", "breaks",
         "joined", "kazakh", "not-on-the-page", "inside-a-word", "stress-in-a-link"],
)  # fmt: skip
def test_what_the_page_makes_of_its_words(html, body, markdown):
    """Each form of the page has its form in Markdown, and none changes a word."""
    assert rendered(html, body) == markdown
    same_words(markdown, body)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> and <img src=x onerror=y>", "[win](javascript:alert(1)) a prize", "![x](https://spy.example/p.gif)",
        "[a]: https://evil.example", "# not a heading", "> not a quote", "1) not a list", "+ not a list", "--- ---", "===", "```sh",
        "&lt;b&gt; &#60; &amp; AT&T", "a | b | c", "~~~ gone ~~~", "* * *", "https://evil.example/x www.evil.example", "tail \\", "_x_ **y**",
        "<https://evil.example>", "C # sharp #", "10. December", "2026.", "![", "]( https://evil.example )",
    ],
)  # fmt: skip
def test_text_is_text(text):
    """Nothing that a page writes as text becomes markup, HTML, a link or a picture, plain or under the page's own markup."""
    for html in (
        "<p>elsewhere</p>",
        "<p id=t><b></b></p>",
        "<h2 id=t><b></b></h2>",
        "<ul><li id=t><i></i></li></ul>",
    ):
        page = read_page(html_page(html), URL)
        for place in page.tree.xpath("//*[@id='t']/*"):
            place.text = text
        body = f"- {text}" if "<li" in html else text
        markdown = render(body, list(sequence(page)))
        assert links(markdown) == []
        same_words(markdown, body)


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("javascript:alert(1)", None), (" JaVaScRiPt:alert(1)", None), ("data:text/html,x", None), ("vbscript:x", None),
        ("mailto:a@b.example", None), ("file:///etc/passwd", None), ("//other.example/a", "https://other.example/a"),
        ("/a_(b)_c", "https://en.steppe.example/a_%28b%29_c"), ("/a?x=1&lt;=2", "https://en.steppe.example/a?x=1&lt;=2"),
        ("/a\\b)`c`", "https://en.steppe.example/a%5Cb%29%60c%60"), ("/қала", "https://en.steppe.example/%D2%9B%D0%B0%D0%BB%D0%B0"),
        ("/\u202egnp", "https://en.steppe.example/%E2%80%AEgnp"),
    ],
)  # fmt: skip
def test_where_links_lead(href, target):
    """To http and https alone, to the whole address, and to nothing that ends the link early."""
    page = read_page(html_page("<p>Read <a>the report</a> now</p>"), URL)
    page.tree.find(".//a").set("href", href)
    markdown = render("Read the report now", list(sequence(page)))
    assert links(markdown) == ([target] if target else [])
    assert plain(markdown) == ["Read the report now"]


def test_pictures_stand_where_they_stand():
    """The lead picture above, others between their paragraphs with their captions; signs, cards and foreign columns not."""
    html = f"""<img src="/lead-800x600.jpg"><p>{LONG}</p><figure><img src="/pier.jpg" alt="x"><figcaption>The [pier] at
      dusk</figcaption></figure><img src="/like-icon.png"><img src="/dot.png" width="1"><a href="/other-story"><img src="/other.jpg"></a>
      <div class="related"><img src="/rel.jpg"></div><img src="data:image/png;base64,AAAA"><p>The end.</p><img src="/after.jpg">"""
    markdown = rendered(
        html,
        f"{LONG}\n\nThe end.",
        [Image("https://en.steppe.example/lead-400x300.jpg", "Bridge", "A. Saken")],
    )
    assert markdown == (
        "![Bridge (A. Saken)](https://en.steppe.example/lead-400x300.jpg)\n\n"
        f"{LONG}\n\n![The \\[pier\\] at dusk](https://en.steppe.example/pier.jpg)\n\nThe end."
    )
    assert plain(markdown) == [LONG, "The end."]


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_page_like_orda(edition):
    """Quotes are quotes, words are those of the body, and the newest headlines below have no link in it."""
    spec = EDITIONS[edition]
    examined = examine(article_page(spec).encode(), spec.url, fetched_at=NOW)
    markdown = body_of(examined)
    same_words(markdown, examined.article.body)
    quotes = [part for part in spec.body if part.startswith("> ")]
    assert [line for line in markdown.split("\n") if line.startswith("> ")] == quotes
    assert not [target for target in links(markdown) if "bread" in target]
    whole = document(examined)
    assert whole.startswith(f"# {spec.title}\n\n")
    assert examined.article.url in links(whole)


def test_no_text_no_markdown():
    """A page without a text, or no page at all, gives an empty body."""
    for content in (b"", b"%PDF-1.7", html_page("<p> </p>")):
        assert body_of(examine(content, URL, fetched_at=NOW)) == ""


WORDS = st.sampled_from(["bridge", "river", "қала", "көпір", "мост", "Ilyas", "said", "<b>", "</p>", "*", "**", "_", "__", "[", "](", ")", "#", "-",
                         "&amp;", "&", "`", "~~", "|", "1.", "2)", "http://x.example", "www.x.example", "!", ":", "\\", "“well”", "(so)", "...", "日本"])  # fmt: skip
LINES = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)
WRAPS = st.sampled_from(["", "b", "i", "a", "em", "strong", "span"])
PARTS = st.lists(st.tuples(WRAPS, LINES, st.sampled_from(["", " "])), min_size=1, max_size=4)
BLOCKS = st.lists(
    st.tuples(st.sampled_from(["p", "h2", "h3", "li", "oli", "blockquote", "div", "br"]), PARTS),
    min_size=1,
    max_size=6,
)


def built(blocks) -> tuple[str, list[str]]:
    """HTML of generated blocks, and the paragraphs they say."""
    from html import escape

    html, paragraphs = [], []
    for tag, parts in blocks:
        inner = "".join(
            (f'<{wrap} href="/{i}">{escape(text)}</{wrap}>' if wrap else escape(text)) + gap
            for i, (wrap, text, gap) in enumerate(parts)
        )
        line = " ".join("".join(text + gap for _, text, gap in parts).split())
        form = {"li": "<ul><li>{}</li></ul>", "oli": "<ol><li>{}</li></ol>", "br": "<p>{}<br>.</p>"}.get(
            tag, f"<{tag}>{{}}</{tag}>"
        )
        html.append(form.format(inner))
        paragraphs.append(f"- {line}" if tag in ("li", "oli") else line)
    return "".join(html), paragraphs


@settings(max_examples=80, deadline=None)
@given(BLOCKS)
@example(blocks=[("p", [("", "!", ""), ("a", "bridge", "")])]).via(
    "a link after an exclamation mark is no picture"
)
def test_words_never_change(blocks):
    """Whatever blocks and words a page has: out of its markup the Markdown says the plain body, and links only where the page does."""
    html, paragraphs = built(blocks)
    markdown = rendered(html, "\n\n".join(paragraphs))
    same_words(markdown, "\n\n".join(paragraphs))
    assert all(target.startswith("https://en.steppe.example/") for target in links(markdown))


@settings(max_examples=25, deadline=None)
@given(BLOCKS)
def test_words_never_change_in_an_extracted_page(blocks):
    """The same for what the extractor makes of such a page, whatever it cuts."""
    html, _ = built(blocks)
    content = html_page(
        f"<h1>A bridge of nine months</h1><p>{LONG}</p>{html}<p>{LONG} It is the third.</p>",
        title="A bridge of nine months",
    )
    examined = examine(content, URL, fetched_at=NOW)
    same_words(body_of(examined), examined.article.body)
