"""When an edition is left alone: failures in a row, controls, and articles that failed before."""

from __future__ import annotations

import pytest

from newscrawl.judge.outages import ASKED_FIRST, ASKED_LATER, FAILURES, TIMES_MORE, Outages

GOOD, BAD, AGAIN = "good", "bad", "again"  # an answer, a failure, a failure of what failed at its last check

# name -> (answers, how many controls are asked after the last of them)
ANSWERS = {
    "a few failures": ([BAD] * (FAILURES - 1), 0),
    "failures in a row": ([BAD] * FAILURES, ASKED_FIRST),
    "failures in a row, later": ([GOOD] + [BAD] * FAILURES, ASKED_LATER),
    "not in a row": ([BAD] * (FAILURES - 1) + [GOOD] + [BAD] * (FAILURES - 1), 0),
    "what failed before, beside others": ([GOOD] + [AGAIN] * 50, 0),
    "what failed before, alone": ([AGAIN] * FAILURES, ASKED_FIRST),
    "what failed before does not help the others": (
        [GOOD] + [BAD, AGAIN] * (FAILURES - 1) + [BAD],
        ASKED_LATER,
    ),
}


def _note(outages, answer):
    return outages.noted("en", failed=answer != GOOD, before=answer == AGAIN)


@pytest.mark.parametrize(("answers", "asked"), ANSWERS.values(), ids=ANSWERS)
def test_controls_are_asked(answers, asked):
    """Only after failures in a row that say something of the edition."""
    outages = Outages()
    *before, last = [_note(outages, answer) for answer in answers]
    assert not any(before)
    assert last == asked


@pytest.mark.parametrize(
    ("controls", "over"),
    [([], True), ([BAD], True), ([BAD] * 5, True), ([BAD, BAD, GOOD, BAD, BAD], False), ([GOOD], False)],
)
def test_left_alone_where_no_control_answers(controls, over):
    """One control that answers is enough; with none to ask nothing else is left to believe."""
    outages = Outages()
    for _ in range(FAILURES):
        _note(outages, BAD)
    ended = outages.asked("en", len(controls))
    for control in controls:
        ended = outages.control("en", failed=control == BAD)
    assert ended is over
    assert not outages.asked("ru", 1)


def test_patience_grows_with_each_answer():
    """A hundred articles that fail for good cost a few controls, and not one after every fifth."""
    outages, asked = Outages(), []
    for number in range(1, 200):
        if _note(outages, BAD):
            asked.append(number)
            outages.asked("en", 2)
            outages.control("en", failed=False)
    assert asked == [FAILURES, FAILURES * (1 + TIMES_MORE), FAILURES * (1 + TIMES_MORE + TIMES_MORE**2)]
