"""Walls: a log-in, consent, age or region page that a redirect leads to is no removal, no edit and no article."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newscrawl.judge.controls import needs_controls
from newscrawl.judge.removal import is_alive
from newscrawl.judge.verdict import Circumstances, judge
from newscrawl.judge.walls import wall_of
from newscrawl.model import Article, Fetch, FetchOutcome as F, PageType as P, Signal, VerdictKind as V
from tests.support.judging import NOW, PIECE, URL, known, observation, page

SITE = "https://bereke.example"
PATH = URL.removeprefix(SITE)
FORM = page(P.OTHER, "only 9 words")
# A form with so much prose around it that it passes for an article, but for an undated one.
PROSE = replace(
    PIECE, published=None, title="Sign in to read on", body="Registration is free and takes a minute. " * 9
)
LOST = page(P.NOT_FOUND, "the page says so")

# name -> (where the redirect leads, the page there, the kind of wall or the removal signal)
REDIRECTS: dict[str, tuple[str, Article, str | Signal]] = {
    "log-in": (f"/login?next={PATH}", FORM, "a log-in page"),
    "log-in by its word alone": ("/user/sign-in/", FORM, "a log-in page"),
    "log-in that passes for an article": (f"/login?next={PATH}", PROSE, "a log-in page"),
    "WordPress": (f"/wp-login.php?redirect_to={SITE}{PATH}&reauth=1", FORM, "a log-in page"),
    "ASP": (f"/Account/LogOn.aspx?ReturnUrl={PATH.replace('/', '%2F')}", FORM, "a log-in page"),
    "Kazakh": ("/kk/kiru", FORM, "a log-in page"),
    "a word nobody knows, with the way back": (f"/vstup?return_url={SITE}{PATH}", FORM, "a page that stands before the article"),
    "consent": ("/consent/?target=x", FORM, "a consent page"),
    "consent in a list of headlines": (f"/cookie-consent?back={PATH}", page(P.LIST), "a consent page"),
    "age": ("/age-gate", FORM, "an age check"),
    "region": ("/select-region/", FORM, "a region page"),
    "region, in a phrase": ("/not-available-in-your-region", FORM, "a region page"),
    "country, in a phrase": ("/errors/unavailable_in_your_country.html", FORM, "a region page"),
    "what is not available to anybody": ("/not-available", page(P.OTHER, "only 9 words"), Signal.REDIRECTED_ELSEWHERE),
    "subscription": ("/subscribe", page(P.LIST), "a subscription page"),
    "the front page with the way back": (f"/?next={PATH}", page(P.LIST), Signal.REDIRECTED_HOME),
    "not found with the way back": (f"/404?url={PATH}", LOST, Signal.SOFT_404),
    "not found at the log-in": ("/login", LOST, Signal.REDIRECTED_ELSEWHERE),
    "a section": ("/news/", page(P.LIST), Signal.REDIRECTED_ELSEWHERE),
    "a section, with its origin for statistics": (f"/news/?from={PATH}", page(P.LIST), Signal.REDIRECTED_ELSEWHERE),
    "a section on regions": ("/region/", page(P.LIST), Signal.REDIRECTED_ELSEWHERE),
    "another article, whose slug holds the words": (
        "/news/login-of-the-ministry-stolen", replace(PIECE, title="Bread", body="Bread is dear. " * 20), Signal.REDIRECTED_ELSEWHERE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REDIRECTS)
def test_redirects(name):
    """What the article's address leads to is a wall, of which nothing is learned, or a signal as before."""
    where, there, expected = REDIRECTS[name]
    seen = observation(F.OK, there, status=200, redirected_to=SITE + where, controls_fine=True)
    around = Circumstances(NOW, elsewhere=there.page_type is not P.NOT_FOUND or "login" in where)
    verdict = judge(seen, known(), around)
    if isinstance(expected, Signal):
        assert wall_of(seen.fetch, there) is None
        assert (verdict.kind, verdict.signal) == (V.ABSENT, expected)
    else:
        assert (verdict.kind, verdict.reason) == (V.FAILED, f"redirected to {expected}")
        assert not needs_controls(seen, known())


@pytest.mark.parametrize("there", [FORM, PROSE], ids=["a form", "a form that passes for an article"])
def test_a_lead_behind_a_wall_is_tried_again(there):
    """Its first address is no dead one, and the log-in page no article."""
    verdict = judge(
        observation(F.OK, there, status=200, redirected_to=f"{SITE}/login?next={PATH}"),
        None,
        Circumstances(NOW),
    )
    assert (verdict.kind, verdict.reason) == (V.FAILED, "redirected to a log-in page")
    assert verdict.next_check > NOW


@pytest.mark.parametrize(
    ("where", "there", "alive"),
    [
        (None, PIECE, True),
        (f"/login?next={PATH}", replace(PIECE, published=None), False),
        (f"/login?next={PATH}", replace(PIECE, published=None, body="Sign in to read on. " * 30), False),
        ("/news/2026/bridge-opens-101", PIECE, True),
    ],
    ids=["at its address", "a log-in with its text", "a log-in with its headline", "moved"],
)
def test_a_wall_is_no_sign_of_life(where, there, alive):
    """A log-in page that repeats the headline of the article passes for one: as a control it says nothing of the site."""
    seen = observation(F.OK, there, status=200, **({"redirected_to": SITE + where} if where else {}))
    assert is_alive(seen, known()) is alive
    assert (judge(seen, known(), Circumstances(NOW)).kind is not V.FAILED) is alive


def test_what_is_no_wall():
    """Without a redirect, without an answer, and where a dated article stands, there is no wall."""
    login = f"{SITE}/login/a-piece-on-passwords"
    assert wall_of(Fetch(login, NOW, F.OK, login), FORM) is None
    assert wall_of(Fetch(URL, NOW, F.NOT_FOUND, login, redirects=(login,)), None) is None
    assert wall_of(Fetch(URL, NOW, F.OK, login, redirects=(login,)), PIECE) is None
    odd = f"{SITE}/x?{'&'.join(f'next={n}' for n in range(5000))}&next={PATH}"
    assert wall_of(Fetch(URL, NOW, F.OK, odd, redirects=(odd,)), FORM) is None


@pytest.mark.parametrize(
    "outcome", [F.FORBIDDEN, F.THROTTLED, F.SERVER_ERROR, F.BROKEN_BODY, F.TIMEOUT, F.OFF_SITE]
)
def test_refusals_say_nothing(outcome):
    """Refused, torn or led off the site: nothing is learned, and what came is named."""
    verdict = judge(observation(outcome, status=403), known(), Circumstances(NOW))
    assert (verdict.kind, verdict.signal) == (V.FAILED, None)
    assert verdict.reason.startswith(outcome.value)


@pytest.mark.parametrize("page_type", [P.CHALLENGE, P.PAYWALL_STUB, P.UNREADABLE])
def test_what_hides_the_article_after_a_redirect(page_type):
    """A challenge, a paywall or a file that cannot be read is no removal wherever it stands."""
    seen = observation(F.OK, page(page_type), status=200, redirected_to=f"{SITE}/x/1", controls_fine=True)
    verdict = judge(seen, known(), Circumstances(NOW, elsewhere=True))
    assert (verdict.kind, verdict.signal) == (V.FAILED, None)
