"""The regular expressions of extraction, on strings made to provoke backtracking: none takes exponential time."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from functools import cache

import newscrawl.extract
from newscrawl.extract.names import name_words
from newscrawl.extract.text import phrases

SECONDS = 40  # of CPU for all strings and patterns; a sound run takes a few
LENGTH = 120  # characters: enough for exponential, bearable for the cubes of patterns that only short lines are given to
WORD = re.compile(r"[^\W_]{2,}")
BASIC = (
    " ",
    ".",
    "-",
    "a",
    "ж",
    "1",
    "\u4e00",
    "1 ",
    "a ",
    "A B ",
    "Ж Қ, ",
    "1.",
    "\u00a0\t",
    "http://a.",
    "@a.",
    "a-",
    "\u2014 ",
)


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled text pattern of the package's modules, by module and name."""
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}
    for module in pkgutil.walk_packages(newscrawl.extract.__path__, "newscrawl.extract."):
        names = vars(importlib.import_module(module.name))
        for name, value in sorted(names.items()):
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                found.setdefault((value.pattern, value.flags), (f"{module.name}.{name}", value))
    return dict(found.values())


@cache
def own_words(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Words that a pattern itself is made of, spread over its length."""
    words = list(dict.fromkeys(WORD.findall(re.sub(r"\\[a-zA-Z]|\{[\d,]*\}|\(\?\w*", " ", pattern.pattern))))
    return tuple(words[:: max(1, len(words) // 8)])


def attacks(pattern: re.Pattern[str]) -> list[str]:
    """Long repetitions of basic pieces and of the pattern's own words, with an end that no pattern expects."""
    words = own_words(pattern)
    pieces = [*BASIC, *(f"{word} " for word in words), *words]
    heads = ["", *(f"{word} " for word in words[:3])]
    return [
        (head + piece * LENGTH)[:LENGTH] + end
        for piece in pieces
        for head in heads
        for end in ("", "\x01", " !?x\n")
    ]


def run_all() -> None:
    for name, pattern in patterns().items():
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        for text in attacks(pattern):
            pattern.match(text)
            pattern.fullmatch(text)
            next(pattern.finditer(text), None)


def test_the_patterns_are_found() -> None:
    """The modules are read, and the large patterns are among what is tried."""
    found = patterns()
    assert {
        phrases.FURNITURE,
        phrases.FURNITURE_WITHIN,
        phrases.READ_ALSO,
        phrases.PHOTO_CREDIT,
        name_words.TITLES,
    } <= set(found.values())
    assert len(found) > 80


def test_no_pattern_backtracks_without_end() -> None:
    """In a child with a limit of CPU time: an exponential pattern would use it up, and the last name printed is its own."""
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}));"
        "from tests.extract.test_patterns import run_all; run_all()"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    printed = child.stdout.split()
    assert child.returncode == 0, f"stopped at {printed[-1] if printed else child.stderr[-500:]}"
    assert len(printed) == len(patterns())
