"""Eliminate, combine, rearrange, simplify: minutes and value-added share before and after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.ecrs import ProcessStep, ecrs

FORM = ProcessStep(name="form", minutes=6, value_added=True)
CHECK = ProcessStep(name="check", minutes=4, value_added=False, action="eliminate")
minutes = st.floats(0.1, 1e6)


# By hand: 6 of 12 minutes add value; 6 of 7 once the check is gone and the stamp takes one.
def test_minutes_and_shares_by_hand():
    stamp = ProcessStep(
        name="stamp", minutes=2, value_added=False, action="automate", minutes_after=1
    )
    result = ecrs([FORM, CHECK, stamp])
    assert result.after == (6, 0, 1)
    assert (result.minutes_before, result.minutes_after) == (12, 7)
    assert result.value_share_before == pytest.approx(1 / 2)
    assert result.value_share_after == pytest.approx(6 / 7)


@given(minutes, minutes)
def test_eliminating_what_adds_no_value_never_lowers_the_share(valued, idle):
    result = ecrs([replace(FORM, minutes=valued), replace(CHECK, minutes=idle)])
    assert result.value_share_after == 1
    assert result.value_share_before is not None
    assert result.value_share_before <= 1


def test_nothing_left_has_no_share():
    assert ecrs([CHECK]).value_share_after is None


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (replace(FORM, minutes=-1), "takes -1 minutes"),
        (replace(CHECK, minutes_after=2), "is eliminated and still takes 2 minutes"),
        (replace(FORM, minutes_after=5), "is kept and goes from 6 to 5 minutes"),
    ],
)
def test_faults_are_told(step, words):
    with pytest.raises(DataError, match=words):
        ecrs([step])


def test_a_step_may_be_named_once():
    with pytest.raises(DataError, match="'form' 2 times"):
        ecrs([FORM, FORM])
