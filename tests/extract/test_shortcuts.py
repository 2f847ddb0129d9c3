"""Shortcuts of extraction give what the long way gives."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from lxml.html import fromstring

from newscrawl.extract.page.elements import link_only, visible_words
from newscrawl.extract.page.lines import tokens, word_count
from newscrawl.extract.page.tree import Page, read_page
from newscrawl.extract.regions.outline import read_outline
from newscrawl.extract.text.body import _read_alone
from newscrawl.extract.text.phrases import is_furniture
from newscrawl.text import clean, one_line, without_hidden

PAGE = (
    "<html><body>head <div>One <p>The <b>river</b> <a href=/x>rose <i>twice</i></a>, he said.</p> tail"
    "<script>var no = 1</script> after<ul><li>Біз <span>көрдік</span><li>two</ul></div><br>end</body></html>"
)


def test_the_outline_has_the_text_of_every_element():
    outline = read_outline(fromstring(PAGE))
    for i, element in enumerate(outline.elements):
        assert outline.text(i) == element.text_content()
        assert outline.size(i) == len(element.text_content())


@pytest.mark.parametrize(
    "href",
    ["https://a.example/b?c=d#e", "http://a.example", "https://a.example/b?", "https://a.example/b;", "https://a.example/#", "/x/../y",
     "https://a.example/b?#x", "?page=2", "//b.example/x", "https:/x", "https://a.example/a/../b", " https://a.example/b "],
)  # fmt: skip
def test_a_whole_address_stays_what_joining_makes_of_it(href):
    base = "https://www.example.org/news/1"
    page = Page(base, fromstring(PAGE), "utf-8")
    assert page.absolute(href) == urljoin(base, href.strip())


def test_control_characters_are_dropped_however_they_are_written():
    body = b"<html><body><p>ri&#8217;ver&#0; ro&#x1F;se&#1114112; \x07twice</p></body></html>"
    assert read_page(body, "https://www.example.org/").tree.text_content() == "ri’ver rose twice"


def test_invisible_characters_stay_where_letters_or_emoji_need_them():
    assert without_hidden("ri\u00adver\u200b \u200drose") == "river rose"
    assert without_hidden("می\u200cخواهم") == "می\u200cخواهم"
    assert (
        without_hidden("\U0001f469\u200d\U0001f4bb \u2764\ufe0f a\ufe0f")
        == "\U0001f469\u200d\U0001f4bb \u2764\ufe0f a"
    )


@pytest.mark.parametrize("text", ["a  b\u00a0c", "a\x07b", "a\u200bb", "\ue000a b", "Қала  әкімі", ""])
def test_a_clean_line_has_no_control_characters(text):
    assert clean(text) == one_line(text.replace("\ue000", ""))


def test_words_of_a_body_are_those_of_its_paragraphs():
    body = "\n\n".join(f"Өзен {n} рет көтерілді, the river rose. 水面が上がった" * 9 for n in range(9))
    assert word_count(body) == len(tokens(body))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Share this article on Facebook", True),
        ("ПОДПИСЫВАЙТЕСЬ на наш канал", True),
        ("The outlet has a Certificate of Registration No 12 of 2020", True),
        ("Our newsletter brings the river to your inbox, sign up", True),
        ("If you buy, we may earn a commission.", True),
        ("the end of a comment -->", True),
        ("The newsletter of the mayor was printed in a hundred copies and read by everyone in town.", False),
        ("The river rose twice in the night, and the mayor may get a new dam.", False),
    ],
)
def test_phrases_of_the_site(line, expected):
    assert is_furniture(line) is expected


def test_long_texts_are_links_if_their_words_are():
    links = "".join(f"<a href=/{n}>The river rose {n} times in the night</a> " for n in range(90))
    assert link_only(fromstring(f"<div>{links}</div>"))
    assert not link_only(fromstring(f"<div>{'words that nobody links to ' * 200}{links}</div>"))


def test_words_are_counted_up_to_the_limit():
    tree = fromstring(PAGE)
    assert visible_words(tree, 100) == 14
    assert visible_words(tree, 3) == 3


def test_a_frame_that_was_read_alone_stands_where_it_stood():
    text = "".join(
        f"<p>The river rose {n} centimetres in the night, the harbour master said.</p>" for n in range(20)
    )
    tree = fromstring(f"<html><body>a<p>b</p>c<div>{text}</div>tail<p>d</p></body></html>")
    before = [(e.tag, e.text, e.tail) for e in tree.iter()]
    assert len(_read_alone(tree.find(".//div"))) == 20
    assert [(e.tag, e.text, e.tail) for e in tree.iter()] == before
