"""Faults of the server by name, which change the site's responses: outages, challenges, wrong charsets, torn answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from newscrawl.demo.article_pages import View
from newscrawl.demo.site import HTML, Answer, message_page, redirect, respond

_MEGABYTE = 1 << 20
_PAGES = frozenset({"article", "list"})


@dataclass(frozen=True, slots=True)
class At:
    """A fault for one path only, such as `At("/slug-9512", True)`; `value` is the value of the fault."""

    path: str
    value: Any = True


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, as faults see it. `served` counts the earlier responses that each fault changed."""

    view: View
    path: str
    target: str
    served: dict[str, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: changes responses of some kinds (None: all), given the value it was set to."""

    kinds: frozenset[str] | None
    act: Callable[[Answer, Any, Ask], Answer]
    value: str  # what the value means


class Switches(dict[str, Any]):
    """The faults of one edition that are on: name -> value or At(path, value). Unknown names raise ValueError."""

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in FAULTS:
            raise ValueError(f"no such fault: {name!r}; there are {', '.join(FAULTS)}")
        super().__setitem__(name, value)

    def update(self, *args: Any, **named: Any) -> None:
        """Set several at once, each checked."""
        for name, value in dict(*args, **named).items():
            self[name] = value


def apply(answer: Answer, switches: Switches, ask: Ask) -> Answer:
    """Applies every fault that is on and concerns the response, in the order of FAULTS.

    A changed response has no validators, because a 304 would hide the fault.
    """
    sound = answer
    for name, fault in FAULTS.items():
        value = switches.get(name)
        if value is None or value is False:
            continue
        if isinstance(value, At):
            concerned, value = value.path.rstrip("/") == ask.path.rstrip("/"), value.value
        else:
            concerned = fault.kinds is None or answer.kind in fault.kinds
        if concerned:
            answer = fault.act(answer, value, ask)
            ask.served[name] = ask.served.get(name, 0) + 1
    if replace(answer, delay=sound.delay) == sound:
        return answer
    return replace(answer, etag=None, last_modified=None)


def _outage(_answer: Answer, value: Any, ask: Ask) -> Answer:
    if value == "closed":
        return Answer(dropped=True)
    return Answer(message_page(ask.view, "503", ask.view.words.labels["outage"]), 503, kind="outage")


def _challenge(_answer: Answer, _value: Any, ask: Ask) -> Answer:
    labels = ask.view.words.labels
    body = f"""<!DOCTYPE html>
<html lang="{ask.view.edition}"><head><meta charset="utf-8"><title>{labels["challenge"]}</title>
<meta name="robots" content="noindex,nofollow"></head>
<body><h1>{labels["challenge"]}</h1><noscript><p>{labels["challenge_text"]}</p></noscript>
<form id="challenge-form" method="post"><input type="hidden" name="token" value="0"></form></body></html>
"""
    return Answer(body.encode(), kind="challenge")


def _retry_after(answer: Answer, value: Any, ask: Ask) -> Answer:
    if ask.served.get("retry_after", 0):
        return answer
    seconds = "1" if value is True else str(value)
    return Answer(b"Too many requests", 429, "text/plain; charset=utf-8", headers=(("Retry-After", seconds),))


def _listing_empty(_answer: Answer, _value: Any, ask: Ask) -> Answer:
    words = ask.view.words.labels
    return Answer(message_page(ask.view, words["latest"], words["tagline"]), kind="list")


def _loop(_answer: Answer, _value: Any, ask: Ask) -> Answer:
    query = "" if "turn=1" in ask.target else "?turn=1"
    return redirect(f"{ask.view.base}{ask.path}{query}")


def _windows1251(answer: Answer, _value: Any, _ask: Ask) -> Answer:
    text = answer.body.decode().replace('<meta charset="utf-8">\n', "")
    return replace(answer, body=text.encode("windows-1251", "xmlcharrefreplace"), content_type="text/html")


def _charset(answer: Answer, value: Any, _ask: Ask) -> Answer:
    return replace(answer, content_type=f"text/html; charset={'koi8-r' if value is True else value}")


def _sitemap_is_html(_answer: Answer, _value: Any, ask: Ask) -> Answer:
    return replace(respond(ask.view, "/"), kind="sitemap")


def _big(answer: Answer, value: Any, _ask: Ask) -> Answer:
    size = _MEGABYTE * (1 if value is True else int(value))
    line = b"<p>" + b"word " * 199 + b"</p>\n"
    filler = line * (max(0, size - len(answer.body)) // len(line) + 1)
    head, mark, tail = answer.body.rpartition(b"</body>")
    return replace(answer, body=head + filler + mark + tail)


def _crawl_delay(answer: Answer, value: Any, _ask: Ask) -> Answer:
    body = answer.body.replace(b"User-agent: *\n", f"User-agent: *\nCrawl-delay: {value}\n".encode())
    return replace(answer, body=body)


def _disallow(answer: Answer, _value: Any, _ask: Ask) -> Answer:
    return replace(answer, body=re.sub(rb"Disallow: .*", b"Disallow: /", answer.body))


def _binary(answer: Answer, _value: Any, _ask: Ask) -> Answer:
    return Answer(b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 40, content_type=HTML, kind=answer.kind)


# The order matters if several are on: first those that replace the response, then those that change it.
FAULTS: dict[str, Fault] = {
    "outage": Fault(None, _outage, 'True or "503": a maintenance page; "closed": no answer at all'),
    "retry_after": Fault(None, _retry_after, "seconds; 429 once, then fine"),
    "status": Fault(
        _PAGES, lambda answer, value, _ask: replace(answer, status=int(value)), "the status to send"
    ),
    "challenge": Fault(_PAGES, _challenge, "True: 200 with a page that asks for JavaScript"),
    "redirect": Fault(
        _PAGES, lambda _answer, value, _ask: redirect(str(value)), "the address to send visitors to"
    ),
    "redirect_loop": Fault(frozenset({"article"}), _loop, "True"),
    "feed_redirects_home": Fault(
        frozenset({"feed"}), lambda _answer, _value, ask: redirect(f"{ask.view.base}/"), "True"
    ),
    "sitemap_is_html": Fault(frozenset({"sitemap"}), _sitemap_is_html, "True"),
    "listing_empty": Fault(frozenset({"list"}), _listing_empty, "True"),
    "robots_disallow_all": Fault(frozenset({"robots"}), _disallow, "True"),
    "crawl_delay": Fault(frozenset({"robots"}), _crawl_delay, "seconds"),
    "windows1251": Fault(_PAGES, _windows1251, "True: that encoding, declared nowhere"),
    "charset": Fault(_PAGES, _charset, "the wrong charset to name in the header (True: koi8-r)"),
    "empty": Fault(_PAGES, lambda answer, _value, _ask: replace(answer, body=b"", etag=None), "True"),
    "binary": Fault(_PAGES, _binary, "True: machine code called HTML"),
    "big_body": Fault(_PAGES, _big, "megabytes"),
    "endless_body": Fault(
        _PAGES,
        lambda answer, value, _ask: replace(
            answer, endless=_MEGABYTE * (64 if value is True else int(value))
        ),
        "megabytes after which even this ends (True: 64)",
    ),
    "wrong_length": Fault(_PAGES, lambda answer, _value, _ask: replace(answer, missing=500), "True"),
    "slow": Fault(
        None, lambda answer, value, _ask: replace(answer, delay=float(value)), "seconds before the answer"
    ),
}
