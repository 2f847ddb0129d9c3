"""Controls: the articles asked before an absence is believed, those near the absent one, and the answer for an address that cannot exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies as st
from scrapy.settings import BaseSettings

from newscrawl.archiving.observing import fingerprint_of
from newscrawl.crawl.own_settings import recheck_budget
from newscrawl.errors import UsageError
from newscrawl.judge.controls import NEEDED, Controls, Pending
from newscrawl.judge.removal import MANY
from newscrawl.judge.soft_404 import Fingerprint, alike, nowhere
from newscrawl.model import Fetch, FetchOutcome as F, Observation, PageType, State
from newscrawl.store.archive import Archive
from newscrawl.urls import canonical
from tests.support.judging import NOW, PIECE, known, observation, page
from tests.support.storing import archive, new

SITE = "https://bereke.example"

# --- an address that cannot exist -----------------------------------------------------------------------

SHAPES = {
    "slug with a number": "/ferry-to-aksu-9508",
    "final slash": "/ferry-to-aksu-9508/",
    "number and extension": "/obshestvo/6507353-ferry-to-aksu.html",
    "only a number": "/a/ferry-to-aksu/31124582.html",
    "bare slug": "/ferry-to-aksu",
    "Cyrillic": "/%D0%BF%D0%B0%D1%80%D0%BE%D0%BC-%D0%B2-%D0%B0%D0%BA%D1%81%D1%83",
    "a query": "/?p=33721",
    "the front page": "/",
}


@pytest.mark.parametrize("path", SHAPES.values(), ids=SHAPES)
def test_nowhere_has_the_shape_of_an_article(path):
    """Same folder, separators and extension; other words; numbers a digit longer; the same again for the same run."""
    made = nowhere(SITE + path, "orda/en/7")
    assert made == nowhere(SITE + path, "orda/en/7") != nowhere(SITE + path, "orda/en/8")
    assert canonical(made) != canonical(SITE + path)
    before, after = urlsplit(SITE + path), urlsplit(made)
    assert after.netloc == before.netloc
    assert after.path.count("-") == before.path.count("-")
    assert after.path.rsplit("/", 2)[0] == before.path.rsplit("/", 2)[0]
    assert after.path.endswith(".html") == before.path.endswith(".html")
    digits = [part for part in before.path.replace(".", "-").replace("/", "-").split("-") if part.isdigit()]
    longer = [part for part in after.path.replace(".", "-").replace("/", "-").split("-") if part.isdigit()]
    assert [len(part) for part in longer] == [len(part) + 1 for part in digits]


@given(st.text(max_size=300))
def test_nowhere_is_an_address_whatever_the_path(path):
    """Nothing in a path breaks it."""
    made = nowhere(f"{SITE}/{path}".replace("[", "").replace("]", ""), "x")
    assert urlsplit(made).netloc == "bereke.example"


# --- two answers ----------------------------------------------------------------------------------------

NAV = "<nav>" + " ".join(f"<a href=/s{n}>Bölim nomi {chr(97 + n)}</a>" for n in range(12)) + "</nav>"


def _fingerprint(
    path: str, text: str, title: str = "Sahifa yoq", *, to: str | None = None, outcome: F = F.OK
) -> Fingerprint | None:
    fetch = Fetch(
        SITE + path, NOW, outcome, SITE + (to or path), status=200, redirects=(SITE + to,) if to else ()
    )
    body = f"<html><head><title>{title}</title></head><body>{NAV}<h1>{title}</h1>{text}</body></html>"
    return fingerprint_of(fetch, body.encode())


SORRY = "<p>Afsuski siz qidirgan sahifa topilmadi, bosh sahifaga qayting.</p>"
HERE, NOWHERE = "/ferry-to-aksu-950", "/bcdfg-hj-klmn-9172"
# name -> (answer for the article, answer for the address that cannot exist, alike)
PAIRS = {
    "the same page": (_fingerprint(HERE, SORRY), _fingerprint(NOWHERE, SORRY), True),
    "but for the address": (_fingerprint(HERE, f"{SORRY}<p>{HERE}</p>"), _fingerprint(NOWHERE, f"{SORRY}<p>{NOWHERE}</p>"), True),
    "but for the address in the title": (_fingerprint(HERE, SORRY, f"Yoq: {HERE}"), _fingerprint(NOWHERE, SORRY, f"Yoq: {NOWHERE}"), True),
    "but for a counter": (_fingerprint(HERE, SORRY + "<p>14:05, 120 kishi</p>"), _fingerprint(NOWHERE, SORRY + "<p>14:06, 98 kishi</p>"), True),
    "a hard 404": (_fingerprint(HERE, SORRY), _fingerprint(NOWHERE, SORRY, outcome=F.NOT_FOUND), False),
    "another title": (_fingerprint(HERE, SORRY, "Aksuga parom"), _fingerprint(NOWHERE, SORRY), False),
    "another text": (_fingerprint(HERE, "<p>" + PIECE.body + "</p>"), _fingerprint(NOWHERE, SORRY), False),
    "both to the front page": (_fingerprint(HERE, SORRY, to="/"), _fingerprint(NOWHERE, SORRY, to="/"), True),
    "both to a page that names the address": (_fingerprint(HERE, SORRY, to=f"/404?from={HERE}"), _fingerprint(NOWHERE, SORRY, to=f"/404?from={NOWHERE}"), True),
    "one is redirected": (_fingerprint(HERE, SORRY, to="/news"), _fingerprint(NOWHERE, SORRY), False),
    "to different sections": (_fingerprint(HERE, SORRY, to="/news"), _fingerprint(NOWHERE, SORRY, to="/sport"), False),
    "nothing but scripts": (_fingerprint(HERE, "<script>a()</script>"), _fingerprint(NOWHERE, "<script>b()</script>"), True),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "same"), PAIRS.values(), ids=PAIRS)
def test_alike(one, other, same):
    """Status, where it leads, title and most of the words, the address itself and numbers left out."""
    assert alike(one, other) is alike(other, one) is same


@pytest.mark.parametrize("outcome", [o for o in F if o not in (F.OK, F.NOT_FOUND, F.GONE, F.LEGAL)])
def test_an_outage_has_no_fingerprint(outcome):
    """What did not answer properly is compared with nothing."""
    assert _fingerprint(HERE, SORRY, outcome=outcome) is None


@pytest.mark.parametrize("body", [b"", b"\x00\x01\xff" * 50, b"%PDF-1.7"], ids=["empty", "binary", "PDF"])
def test_what_is_no_page_has_no_fingerprint(body):
    """Bytes that cannot be read are no answer to compare."""
    assert fingerprint_of(Fetch(SITE, NOW, F.OK, SITE, status=200), body) is None


# --- what the controls say --------------------------------------------------------------------------------


def _pending(
    n: int = 0,
    fingerprint: Fingerprint | None = None,
    *,
    control: bool = False,
    state: State = State.LIVE,
    one: Observation | None = None,
) -> Pending:
    key = f"{SITE}/{n}"
    absent = replace(one or observation(F.NOT_FOUND, status=404), url_key=key)
    return Pending(
        absent,
        known(id=n, url_key=key, url=key, published=NOW - timedelta(days=n), state=state),
        fingerprint,
        control,
    )


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def controls(problems: list[str]) -> Controls:
    return Controls(problems.append)


# name -> (alive recent ones of 2, alive near ones of 2, controls fine, peers fine)
CONTROLS = {
    "all alive": (2, 2, True, True),
    "one of each": (1, 1, True, True),
    "the newest alone": (2, 0, True, False),
    "those near alone": (0, 2, True, True),
    "one of four": (1, 0, False, False),
    "none": (0, 0, False, False),
}


@pytest.mark.parametrize(("recent", "near", "fine", "peers"), CONTROLS.values(), ids=CONTROLS)
def test_controls(recent, near, fine, peers, controls):
    """Two of four must answer properly; those near the absent one are counted apart."""
    controls.add(_pending(1))
    controls.asked("en", 4, {"c", "d"})
    assert controls.open_editions() == []
    answers = [
        *zip("ab", (recent > 0, recent > 1), strict=True),
        *zip("cd", (near > 0, near > 1), strict=True),
    ]
    given = [controls.answered("en", alive=int(alive), key=key) for key, alive in answers]
    assert given[:-1] == [[], [], []]
    (out,) = given[-1]
    assert (out.controls_fine, out.peers_fine, out.as_missing) == (fine, peers, None)
    assert controls.drain() == []


# name -> (articles absent, answers of the controls, silent)
SILENCE = {
    "no control answers": (1, ["silent", "silent", "silent"], True),
    "one of three answers": (1, ["alive", "silent", "silent"], True),
    "two answer": (1, ["alive", "alive", "silent"], False),
    "a control is absent as well": (1, ["absent", "silent", "silent"], False),
    "hardly a control": (1, ["silent"], False),
    "no control could be asked": (1, ["other"], False),
    "many at once": (MANY, ["silent", "silent", "silent"], False),
}


@pytest.mark.parametrize(("absent", "answers", "silent"), SILENCE.values(), ids=SILENCE)
def test_silent_controls(absent, answers, silent, controls):
    """Two or more refused or out of order, and none absent itself: then an absence of a few is kept as evidence."""
    for n in range(absent):
        controls.add(_pending(n))
    controls.asked("en", len(answers))
    out = []
    for answer in answers:
        if answer == "absent":
            controls.add(_pending(99, control=True))
        out = controls.answered("en", alive=int(answer == "alive"), silent=answer == "silent")
    assert {one.controls_silent for one in out} == {silent}


def test_the_probe_comes_last_or_not_at_all(controls):
    """All controls are waited for; a probe that failed says nothing."""
    fingerprint, other = PAIRS["the same page"][:2]
    for probe, said in ((other, True), (None, None)):
        controls = Controls(lambda _: None)
        controls.add(_pending(1, fingerprint, one=observation(F.OK, page(PageType.OTHER))))
        assert controls.wants_probe("en") == f"{SITE}/1"
        controls.asked("en", NEEDED + 1)
        controls.answered("en", alive=1)
        assert controls.answered("en", alive=1) == []
        (out,) = controls.probed("en", probe)
        assert (out.controls_fine, out.as_missing) == (True, said)
        controls.add(_pending(2, fingerprint))
        assert controls.wants_probe("en") is None


def test_a_control_that_looks_like_nothing_is_a_block(controls):
    """Some get the article and some a page that everybody gets: no absence is believed in such a run."""
    fingerprint, other = PAIRS["the same page"][:2]
    controls.add(_pending(1, fingerprint))
    controls.asked("en", 4)
    controls.probed("en", other)
    controls.add(_pending(2, fingerprint, control=True))
    controls.answered("en", alive=0)
    controls.answered("en", alive=1)
    first, second = controls.answered("en", alive=1)
    assert first.controls_fine is second.controls_fine is False


@pytest.mark.parametrize(
    ("number", "state", "fine", "said"),
    [(MANY - 1, State.LIVE, True, False), (MANY, State.SUSPECTED, True, True), (MANY, State.REMOVED, True, False), (MANY, State.LIVE, False, False)],
    ids=["few", "many", "long removed", "an outage"],
)  # fmt: skip
def test_many_at_once_are_said(number, state, fine, said, controls, problems):
    """Ten new absences in a run are a line for people, and take longer to be believed; in an outage they are none."""
    for n in range(number):
        controls.add(_pending(n, state=state))
    controls.asked("en", 2)
    controls.answered("en", alive=int(fine))
    observations = controls.answered("en", alive=1)
    assert len(observations) == number
    assert bool(problems) is said
    assert {one.peers_fine for one in observations} == {False if said else None}


def test_sample(controls):
    """Neighbours are asked of the oldest and the newest that are pending; of nothing undated."""
    assert list(controls.sample("en")) == []
    for n in (3, 1, 2):
        controls.add(_pending(n))
    assert [one.id for one in controls.sample("en")] == [3, 1]


# --- who they are ----------------------------------------------------------------------------------------


@pytest.fixture
def stored(archive_url: str) -> Iterator[Archive]:
    """Eight articles, a day apart, in two sections in turn, and one undated."""
    with archive(archive_url) as opened:
        for n in range(9):
            piece = replace(
                PIECE,
                published=NOW + timedelta(days=n) if n < 8 else None,
                section="Sport" if n % 2 else "Town",
                title=f"Piece {n}",
            )
            new(opened, piece, url=f"{SITE}/piece-{n}")
        yield opened


def _numbers(found) -> list[int]:
    return [int(one.url_key[-1]) for one in found]


def test_peers(stored):
    """The nearest of the same section by date of publication, none of those left out; an undated one has none."""
    keys = [f"{SITE}/piece-{n}" for n in range(9)]
    by_key = stored.by_keys(keys, NOW)
    assert _numbers(stored.peers(by_key[keys[3]], set(), NOW, 2)) in ([1, 5], [5, 1])
    assert _numbers(stored.peers(by_key[keys[3]], {keys[1], keys[5]}, NOW, 2)) == [7]
    assert _numbers(stored.peers(by_key[keys[0]], {keys[2]}, NOW, 1)) == [4]
    assert stored.peers(by_key[keys[8]], set(), NOW, 2) == []


def test_a_check_put_off_by_a_wrong_clock_is_due(stored):
    """What was fixed further away than the ladder goes is due at once; nothing else is."""
    assert stored.due(["en"], NOW - timedelta(days=400), 50) == []
    assert len(stored.due(["en"], NOW - timedelta(days=400), 50, horizon=timedelta(days=180))) == 9
    assert stored.due(["en"], NOW, 50, horizon=timedelta(days=180)) == []


# --- how many ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["many", "-1", "1.5"])
def test_a_budget_that_is_none(value):
    """The setting is refused before anything is asked for."""
    with pytest.raises(UsageError, match="RECHECK_BUDGET"):
        recheck_budget(BaseSettings({"RECHECK_BUDGET": value}))
