import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.methods.effect.airports import windows

from opsbook.errors import DataError
from opsbook.methods.effect.before_after import before_after

AFTER = [False] * 4 + [True] * 4
values = st.lists(st.floats(-100, 100), min_size=8, max_size=8)


# US DOT airline on-time data, 12 months around the hourly cap of 2008-03-30 (73 FR 3510).
def test_jfk_looks_like_a_success_at_1_98_points():
    jfk = windows("JFK", "2008-04")
    result = before_after(jfk.delayed[0], jfk.flights[0], after=jfk.after)
    assert result.estimate.effect == pytest.approx(-0.0198, abs=5e-5)
    assert result.before == pytest.approx(0.1758, abs=5e-5)
    assert result.n_before == result.n_after == 12


# Student's sleep data (1908); R: t.test(extra ~ group, data = sleep).
def test_agrees_with_welch_in_r_on_the_sleep_data():
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    estimate = before_after(first + second, after=[False] * 10 + [True] * 10).estimate
    assert estimate.effect == pytest.approx(1.58)
    assert estimate.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (estimate.lower, estimate.upper) == pytest.approx((-0.2054832, 3.3654832), abs=5e-7)


@settings(max_examples=30)
@given(values)
def test_a_constant_denominator_only_rescales(series):
    plain = before_after(series, after=AFTER)
    rate = before_after(series, np.full(8, 50.0), after=AFTER)
    assert rate.estimate.effect == pytest.approx(plain.estimate.effect / 50, abs=1e-9)


@settings(max_examples=30)
@given(values)
def test_swapping_the_windows_flips_the_sign_only(series):
    forth = before_after(series, after=AFTER).estimate
    back = before_after(series, after=[not a for a in AFTER]).estimate
    assert back.effect == -forth.effect
    assert back.p_value == pytest.approx(forth.p_value)


def test_a_missing_period_is_a_gap_and_not_a_zero():
    result = before_after([10, np.nan, 10, 12, 12, 12], after=[0, 0, 0, 1, 1, 1])
    assert result.estimate.effect == 2
    assert result.n_before == 2


def test_one_period_has_a_change_and_no_interval():
    estimate = before_after([10, 12], after=[False, True]).estimate
    assert estimate.effect == 2
    assert estimate.lower is estimate.upper is estimate.p_value is None


def test_a_rate_that_was_zero_has_no_relative_change():
    assert before_after([0, 0, 1, 2], [9, 9, 9, 9], after=[0, 0, 1, 1]).relative is None


def test_names_the_window_that_is_empty():
    with pytest.raises(DataError, match="window 'after' has nothing to average: 0 of 1"):
        before_after([1, 2, np.nan], after=[False, False, True])


def test_asks_for_a_period_after_the_launch():
    with pytest.raises(DataError, match="no period after the launch"):
        before_after([1, 2, 3], after=[False, False, False])
