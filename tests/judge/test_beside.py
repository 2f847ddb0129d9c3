"""What changed beside the text, as a table of events; none of them changes a word."""

from dataclasses import replace

import pytest

from newscrawl.judge.kinds.beside import BesideDiff, differences, digest, kinds
from newscrawl.model import Beside, ChangeKind as K, Image
from tests.support.factory import article

PIECE = replace(
    article(),
    images=(Image("https://pics.example/2026/04/ferry-at-its-berth.jpg?w=640", "The ferry on Monday"),),
    beside=Beside(
        ("https://papers.example/contract.pdf?utm_source=a1", "https://video.example/embed/77"),
        (("raised", "2"),),
    ),
)


def pictured(*images: Image):
    return replace(PIECE, images=images)


def linked(*links: str):
    return replace(PIECE, beside=replace(PIECE.beside, links=links))


VIDEO = "https://video.example/embed/77"
EVENTS = {
    "nothing": (PIECE, ()),
    "another picture": (pictured(Image("https://pics.example/2026/04/empty-berth-at-dawn.jpg", "The ferry on Monday")), (K.IMAGE,)),
    "the picture is gone": (pictured(), (K.IMAGE,)),
    "another size": (pictured(Image("https://pics.example/2026/04/ferry-at-its-berth.jpg?w=1280&h=800", "The ferry on Monday")), ()),
    "another size in its name": (pictured(Image("https://pics.example/2026/04/ferry-at-its-berth-1280x800.jpg", "The ferry on Monday")), ()),
    "another host and folder of sizes": (pictured(Image("https://cdn.example/w1280/2026/04/ferry-at-its-berth.jpg", "The ferry on Monday")), ()),
    "another format": (pictured(Image("https://pics.example/2026/04/ferry-at-its-berth.webp", "The ferry on Monday")), ()),
    "another caption": (pictured(replace(PIECE.images[0], caption="The ferry, sunk")), (K.CAPTION,)),
    "a caption that was not found": (pictured(replace(PIECE.images[0], caption=None)), ()),
    "a link leads elsewhere": (linked("https://papers.example/press-release.pdf", VIDEO), (K.LINK,)),
    "another mark of tracking": (linked("https://papers.example/contract.pdf?utm_source=b2", VIDEO), ()),
    "another video": (linked(PIECE.beside.links[0], "https://video.example/embed/78"), (K.LINK,)),
    "the player is told something else": (linked(PIECE.beside.links[0], f"{VIDEO}?rel=0&autoplay=1"), ()),
    "words struck out": (replace(PIECE, beside=replace(PIECE.beside, markup=(("raised", "2"), ("struck", "never")))), (K.MARKUP,)),
    "a power that is none": (replace(PIECE, beside=replace(PIECE.beside, markup=())), (K.MARKUP,)),
    "two at once": (replace(pictured(), beside=Beside((VIDEO,), (("raised", "2"),))), (K.IMAGE, K.LINK)),
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_what_changed_beside_the_text(event):
    now, told = EVENTS[event]
    assert kinds(PIECE, now) == told
    if told:
        assert digest(PIECE) != digest(now)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("/img/gate9.jpg", "/img/gate9.webp"),
        ("/cdn/w_800,h_500,q_80/img/gate.jpg", "/cdn/w_1200,h_700,q_70/img/gate.jpg"),
        ("/cdn/c_fill,f_auto,w_800/gate.jpg", "/cdn/c_limit,f_auto,w_640/gate.jpg"),
    ],
)
def test_short_names_in_another_size_or_format(was, now):
    """A file name of few letters names a picture by its whole address, without what says its size and format."""
    one, other = (pictured(Image(f"https://pics.example{path}", "The gate")) for path in (was, now))
    assert kinds(one, other) == ()
    elsewhere = pictured(Image("https://pics.example/img/quay.jpg", "The gate"))
    assert kinds(one, elsewhere) == (K.IMAGE,)


def test_what_went_and_what_came():
    now = replace(
        PIECE, images=(replace(PIECE.images[0], caption="The ferry, sunk"),), beside=Beside((VIDEO,))
    )
    assert differences(PIECE, now) == (
        BesideDiff(K.CAPTION, ("The ferry on Monday",), ("The ferry, sunk",)),
        BesideDiff(K.LINK, ("https://papers.example/contract.pdf",)),
        BesideDiff(K.MARKUP, ("raised: 2",)),
    )
