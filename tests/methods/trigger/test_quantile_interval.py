"""Quantiles of durations with exact limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.trigger.quantile_interval import quantile_interval


# Ranks of the 95 % limits of a median as textbooks table them for the sign test.
@pytest.mark.parametrize(
    ("n", "ranks"), [(6, (1, 6)), (10, (2, 9)), (20, (6, 15)), (30, (10, 21)), (50, (18, 33))]
)
def test_the_limits_of_a_median_are_those_of_the_sign_test(n, ranks):
    found = quantile_interval(np.arange(1, n + 1), 0.5)
    assert (found.lower, found.upper) == ranks


def test_five_values_give_a_median_no_limits():
    found = quantile_interval([3, 1, 4, 1, 5], 0.5)
    assert (found.value, found.lower, found.upper) == (3, None, None)


@pytest.mark.parametrize(("n", "known"), [(35, False), (36, True)])
def test_nine_of_ten_has_no_upper_limit_with_few_cases(n, known):
    assert (quantile_interval(np.arange(n), 0.9).upper is not None) is known


@pytest.mark.parametrize("quantile", [0.5, 0.9])
@pytest.mark.parametrize("n", [8, 40, 300])
def test_the_limits_hold_the_truth_as_often_as_they_say(quantile, n):
    truth = -np.log(1 - quantile)
    draws = np.random.default_rng(1).exponential(size=(1500, n))
    held = 0
    for row in draws:
        found = quantile_interval(row, quantile)
        held += (found.lower or 0.0) <= truth <= (np.inf if found.upper is None else found.upper)
    assert held / len(draws) >= 0.94


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(0.01, 1000))
def test_scaling_scales_the_limits(values, scale):
    plain, scaled = (quantile_interval(np.array(values) * s, 0.5) for s in (1.0, scale))
    for one, other in ((plain.lower, scaled.lower), (plain.upper, scaled.upper)):
        assert (one is None) == (other is None)
        if one is not None:
            assert other == pytest.approx(one * scale)


def test_without_values_nothing_is_known():
    assert quantile_interval([np.nan], 0.5).value is None
    assert quantile_interval([], 0.5).n == 0


def test_refuses_what_is_no_quantile():
    with pytest.raises(DataError, match=r"A quantile of 90 is not between 0 and 1"):
        quantile_interval([1.0], 90)
