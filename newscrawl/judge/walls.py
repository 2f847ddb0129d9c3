"""Walls: recognises a log-in, consent, age or region page that a reader is sent to in place of an article.

A wall says nothing of the article behind it: it is no removal, no edit and no article. It is known by
the address that a redirect (or a refresh) leads to, in any language: a part of the path that is a word
for it, or a parameter that brings the reader back to the address asked for. The front page, a page that
says "not found" and an article are no walls, whatever their address says.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from newscrawl.model import Article, Fetch, FetchOutcome, PageType
from newscrawl.urls import is_front_page

# Parts of a path that name a wall, without "-", "_" and file endings; whole parts only: a slug may hold any word.
_LOGIN = (
    "login logon signin signon wplogin userlogin memberlogin auth authenticate authentication authorize authorization "
    "oauth oauth2 sso cas saml openid account accounts register registration signup "
    "vhod voiti avtorizaciya avtorizatsiya avtorizacia kiru tirkelu connexion anmelden anmeldung einloggen "
    "iniciarsesion acceder accedi giris girisyap logga inloggen zaloguj logowanie prihlaseni"
)
_WALLS = {
    "a log-in page": _LOGIN,
    "a subscription page": "subscribe subscription subscriptions paywall abonnement abonnements abo podpiska",
    "a consent page": "consent cookieconsent cookies cookie cookiewall gdpr privacygate privacywall cmp",
    "an age check": "age agegate agecheck ageverification ageverify verifyage over18 18plus",
    "a region page": "geoblock geoblocked regionselect selectregion chooseregion georestricted unavailableinyourregion",
}
# Pages for readers of other countries are named by phrases: "not-available-in-your-region".
_REGION = re.compile(
    r"(?:content|site|page|service)?(?:is)?(?:not|un)available(?:in|for|to|from)(?:your|this)?(?:region|country|location|area)"
    r"|(?:geo|region|country)(?:al|ally)?(?:block|restrict|lock|limit)\w{0,4}|(?:block|restrict)ed(?:in|by)?(?:your)?(?:region|country)"
)
_BY_WORD = {word: name for name, words in _WALLS.items() for word in words.split()}
# Parameters that hold the address a reader is brought back to once the wall is passed.
_RETURN = re.compile(
    r"^(?:next|continue|goto|back|backurl|dest|destination|service|target|forward|"
    r"(?:return|redirect|redir|callback|continue|next|success|origin|requested|back)[-_]?"
    r"(?:to|url|uri|path|page|link)?|r(?:et)?url)$",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\.[a-z]{2,5}$")
_MOST_PARAMETERS = 30


def wall_of(fetch: Fetch, page: Article | None) -> str | None:
    """What kind of wall a redirect led to, such as "a log-in page"; None where it led to none."""
    if fetch.outcome is not FetchOutcome.OK or not fetch.redirects or is_front_page(fetch.final_url):
        return None
    if page is not None and page.page_type is PageType.NOT_FOUND:
        return None
    name = _named(fetch.final_url)
    if page is not None and page.is_article and (page.published is not None or name is None):
        return None  # a dated piece stands there: an article about logging in, or one moved to a folder of that name
    if name is None and _brings_back(fetch.final_url, fetch.url):
        return "a page that stands before the article"
    return name


def _named(address: str) -> str | None:
    """What wall the parts of an address name."""
    try:
        path = unquote(urlsplit(address).path).casefold()
    except ValueError:
        return None
    for part in path.split("/")[:20]:
        word = re.sub(r"[-_]", "", _ENDING.sub("", part[:80]))
        if word in _BY_WORD:
            return _BY_WORD[word]
        if _REGION.fullmatch(word):
            return "a region page"
    return None


def _brings_back(address: str, asked: str) -> bool:
    """Whether a parameter made for it holds the address asked for, whole or from its path on."""
    try:
        query, path = urlsplit(address).query, unquote(urlsplit(asked).path)
    except ValueError:
        return False
    if len(path.strip("/")) < 2:
        return False
    values = parse_qsl(query[:8000], max_num_fields=None)[:_MOST_PARAMETERS]
    return any(_RETURN.match(name) and path.rstrip("/") in unquote(value) for name, value in values)
