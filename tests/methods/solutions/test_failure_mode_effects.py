from __future__ import annotations

from itertools import product

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.failure_mode_effects import (
    FailureMode,
    action_priority,
    failure_mode_effects,
)

URGENCY = {"low": 0, "medium": 1, "high": 2}


# The handbook's warning: both products are 40, yet one endangers people.
def test_equal_risk_priority_numbers_do_not_hide_the_severe_failure():
    fire = FailureMode(name="fire", severity=10, occurrence=1, detection=4)
    typo = FailureMode(name="typo", severity=2, occurrence=4, detection=5)
    first, second = failure_mode_effects([typo, fire])
    assert first.risk_priority_number == second.risk_priority_number == 40
    assert (first.mode.name, first.priority) == ("fire", "medium")
    assert (second.mode.name, second.priority) == ("typo", "low")


def test_a_worse_rating_never_lowers_the_priority():
    for s, o, d in product(range(1, 11), repeat=3):
        here = URGENCY[action_priority(s, o, d)]
        for worse in ((s + 1, o, d), (s, o + 1, d), (s, o, d + 1)):
            if max(worse) <= 10:
                assert URGENCY[action_priority(*worse)] >= here


def test_what_endangers_people_is_never_low_and_a_nuisance_never_high():
    for o, d in product(range(1, 11), repeat=2):
        assert action_priority(9, o, d) != "low"
        assert action_priority(3, o, d) != "high"
        assert action_priority(1, o, d) == "low"


def test_an_urgent_failure_shows_what_its_plan_still_lacks():
    bare = FailureMode(name="x", severity=8, occurrence=8, detection=8, owner="Li")
    (rated,) = failure_mode_effects([bare])
    assert rated.gaps == ("indicator", "threshold", "plan")
    minor = FailureMode(name="y", severity=1, occurrence=1, detection=1)
    assert failure_mode_effects([minor])[0].gaps == ()


@pytest.mark.parametrize(
    ("observed", "warns_when", "warning"),
    [(80, "above", True), (79, "above", False), (80, "below", True), (81, "below", False)],
)
def test_the_indicator_warns_from_its_threshold_on(observed, warns_when, warning):
    load = FailureMode(
        name="server load",
        severity=5,
        occurrence=5,
        detection=5,
        indicator="load, %",
        threshold=80,
        warns_when=warns_when,
        observed=observed,
    )
    assert failure_mode_effects([load])[0].warning is warning


def test_an_indicator_without_a_value_says_nothing():
    load = FailureMode(name="load", severity=5, occurrence=5, detection=5, threshold=80)
    assert failure_mode_effects([load])[0].warning is None


def test_lists_every_rating_that_is_wrong():
    modes = [
        FailureMode(name="x", severity=11, occurrence=5, detection=0),
        FailureMode(name="y", severity=5, occurrence=5, detection=5),
    ]
    with pytest.raises(DataError, match="severity of 'x' is 11; detection of 'x' is 0"):
        failure_mode_effects(modes)
    with pytest.raises(DataError, match="found 'y' 2 times"):
        failure_mode_effects([modes[1], modes[1]])
