"""The size of a drop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.trigger.consecutive_misses import same_period_last_year
from opsbook.methods.trigger.drop import drop

weeks = arrays(np.float64, st.integers(2, 30), elements=st.integers(1, 60).map(float))


def test_ten_per_cent_less_is_a_drop_and_nine_is_not():
    result = drop([90, 91, 110], 100, better="higher")
    assert result.dropped.tolist() == [True, False, False]
    assert result.difference.tolist() == [-10, -9, 10]


def test_where_lower_is_better_a_rise_is_the_drop():
    assert drop([90, 110], 100, better="lower").dropped.tolist() == [False, True]


def test_compares_with_the_period_before():
    values = np.array([100.0, 80.0, np.nan, 80.0])
    result = drop(values, same_period_last_year(values, 1), better="higher")
    assert result.dropped.tolist() == [False, True, False, False]
    assert result.latest_relative is None


def test_a_change_from_zero_has_no_relative_size():
    result = drop([-5.0], 0.0, better="higher")
    assert result.latest_relative is None
    assert result.difference.tolist() == [-5.0]
    assert not result.dropped.any()


def test_a_negative_reference_keeps_the_direction():
    assert drop([-120.0], -100.0, better="higher").dropped.tolist() == [True]


@given(values=weeks, scale=st.sampled_from([0.5, 4.0]))
def test_scaling_changes_no_verdict(values, scale):
    before, after = (drop(values * s, 32.0 * s, better="higher") for s in (1.0, scale))
    assert (before.dropped == after.dropped).all()


@given(values=weeks)
def test_reversing_sign_and_direction_changes_no_verdict(values):
    before = drop(values, 32.0, better="higher")
    after = drop(-values, -32.0, better="lower")
    assert (before.dropped == after.dropped).all()


def test_refuses_a_threshold_or_a_reference_that_makes_no_sense():
    with pytest.raises(DataError, match="A drop of 0 is none"):
        drop([1.0], 1.0, better="higher", threshold=0)
    with pytest.raises(DataError, match=r"'reference' of shape \(2,\) does not fit"):
        drop([1.0, 2.0, 3.0], [1.0, 2.0], better="higher")
