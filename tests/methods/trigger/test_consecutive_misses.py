"""Consecutive misses of a target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.trigger.consecutive_misses import (
    LEVELS,
    consecutive_misses,
    same_period_last_year,
)

weeks = arrays(np.float64, st.integers(1, 40), elements=st.integers(-50, 50).map(float))


def levels(values, target, **rule) -> list[str]:
    result = consecutive_misses(values, target, better="higher", **rule)
    return [LEVELS[i] for i in result.level]


def test_two_misses_are_yellow_and_three_are_red():
    assert levels([9, 1, 1, 1, 1, 9], 5) == ["green", "green", "yellow", "red", "red", "green"]


def test_meeting_the_target_exactly_is_no_miss():
    assert not consecutive_misses([5, 5], 5, better="higher").missed.any()


def test_a_gap_breaks_a_run_and_is_neither_miss_nor_hit():
    result = consecutive_misses([1, 1, np.nan, 1], 5, better="higher")
    assert result.run_length.tolist() == [1, 2, 0, 1]
    assert [LEVELS[i] for i in result.level] == ["green", "yellow", "no_data", "green"]


def test_a_missing_target_is_a_gap_too():
    assert levels([1, 1, 1], [5, np.nan, 5]) == ["green", "no_data", "green"]


def test_n_of_m_warns_although_hits_lie_between():
    assert levels([1, 9, 1, 9, 1], 5, n_of_m=(3, 5))[-1] == "yellow"
    assert levels([1, 9, 1, 9, 1], 5)[-1] == "green"


def test_compares_with_the_same_period_of_last_year():
    sales = np.array([10.0, 20, 30, 9, 19, 31])
    result = consecutive_misses(sales, same_period_last_year(sales, 3), better="higher")
    assert result.missed.tolist() == [False, False, False, True, True, False]
    assert [LEVELS[i] for i in result.level[:3]] == ["no_data"] * 3


def test_a_year_longer_than_the_series_leaves_nothing_to_compare():
    assert np.isnan(same_period_last_year([1, 2], 12)).all()


def test_many_series_at_once_equal_one_at_a_time():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(5, 30))
    values[rng.random(values.shape) < 0.1] = np.nan
    together = consecutive_misses(values, 0.0, better="lower", n_of_m=(4, 6))
    for row, series in enumerate(values):
        alone = consecutive_misses(series, 0.0, better="lower", n_of_m=(4, 6))
        assert (together.level[row] == alone.level).all()
        assert (together.run_length[row] == alone.run_length).all()


@given(values=weeks, shift=st.integers(-9, 9), scale=st.sampled_from([0.5, 2.0, 8.0]))
def test_shifting_and_scaling_change_no_verdict(values, shift, scale):
    before = consecutive_misses(values, 0.0, better="higher")
    after = consecutive_misses(values * scale + shift, shift, better="higher")
    assert (before.level == after.level).all()


@given(values=weeks)
def test_reversing_sign_and_direction_changes_no_verdict(values):
    before = consecutive_misses(values, 3.0, better="higher")
    after = consecutive_misses(-values, -3.0, better="lower")
    assert (before.level == after.level).all()


def test_names_the_target_that_does_not_fit():
    with pytest.raises(DataError, match=r"'target' of shape \(2,\) does not fit"):
        consecutive_misses([1, 2, 3], [1, 2], better="higher")


def test_refuses_a_direction_it_does_not_know():
    with pytest.raises(DataError, match="'higher' or 'lower' \\(got 'loower'\\)"):
        consecutive_misses([1], 1, better="loower")  # type: ignore[arg-type]  # the fault tested


@pytest.mark.parametrize(
    ("rule", "words"),
    [({"yellow": 4, "red": 3}, "make no rule"), ({"n_of_m": (5, 4)}, "5 of 4 is no rule")],
)
def test_refuses_a_rule_that_is_none(rule, words):
    with pytest.raises(DataError, match=words):
        consecutive_misses([1, 2], 1, better="higher", **rule)


def test_refuses_a_year_without_periods():
    with pytest.raises(DataError, match="0 periods is no year"):
        same_period_last_year([1, 2], 0)


def test_the_run_up_to_the_last_period_with_data_outlives_a_gap_after_it():
    nan = np.nan
    counted = consecutive_misses([[9, 8, 7, 6, nan], [nan] * 5], 8.5, better="higher")
    assert counted.last_known.tolist() == [3, -1]
    assert counted.last_run.tolist() == [3, 0]
    assert counted.run_length[0, -1] == 0
