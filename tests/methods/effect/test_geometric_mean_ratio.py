import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.geometric_mean_ratio import geometric_mean_ratio
from opsbook.methods.effect.mean_difference import mean_difference

durations = st.lists(st.floats(0.1, 1000), min_size=3, max_size=20).filter(
    lambda d: max(d) > 2 * min(d)
)


# Student's sleep data (1908) taken as logarithms; R: t.test(extra ~ group, data = sleep).
def test_is_welch_on_the_logarithms():
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    estimate = geometric_mean_ratio(np.exp(first), np.exp(second))
    assert estimate.effect == pytest.approx(np.exp(1.58))
    assert estimate.p_value == pytest.approx(0.07939, abs=5e-6)
    assert estimate.lower == pytest.approx(np.exp(-0.2054832), abs=5e-7)


@settings(max_examples=30)
@given(durations, durations)
def test_minutes_or_hours_give_the_same_ratio(control, treatment):
    minutes = geometric_mean_ratio(control, treatment)
    hours = geometric_mean_ratio(np.divide(control, 60), np.divide(treatment, 60))
    assert hours.effect == pytest.approx(minutes.effect)
    assert hours.p_value == pytest.approx(minutes.p_value)


def test_one_monstrous_case_does_not_hide_a_general_improvement():
    before = [10, 11, 12, 13, 14, 15, 16, 17]
    after = [5, 5.5, 6, 6.5, 7, 7.5, 8, 200]
    assert geometric_mean_ratio(before, after).effect < 1
    assert mean_difference(before, after).difference.effect > 0


def test_refuses_a_duration_of_zero():
    with pytest.raises(DataError, match="treatment group has 1 values that are not above 0"):
        geometric_mean_ratio([1, 2], [0, 1])


def test_refuses_a_ratio_that_no_number_can_hold():
    with pytest.raises(DataError, match="no interval that a number can hold"):
        geometric_mean_ratio([1e-300, 1e300], [1e-300, 1e300])
