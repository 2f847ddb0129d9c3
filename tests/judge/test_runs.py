"""Whether the words of a text stand in another."""

from __future__ import annotations

import pytest

from newscrawl.judge.word_runs import foreign_words, runs_of

PAGE = ("The bridge will not be closed in May, said Aliya.", "It cost 41 million tenge.", "By Dana S.")
TEXTS = {
    "all of it": ("The bridge will not be closed in May, said Aliya. It cost 41 million tenge.", ""),
    "a part": ("It cost 41 million", ""),
    "other typesetting": ("IT COST «41» MILLION", ""),
    "another figure": ("It cost 91 million tenge.", "it cost 91 million tenge"),
    "a figure from elsewhere": ("It cost May million tenge.", "it cost may million tenge"),
    "two words": ("Dana S", ""),
    "two other words": ("Dana K", "dana k"),
    "words of another text": ("Nothing of this was ever said", "nothing of this was ever said"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("name", TEXTS)
def test_foreign_words(name):
    text, foreign = TEXTS[name]
    assert foreign_words([text], runs_of(PAGE)) == foreign
