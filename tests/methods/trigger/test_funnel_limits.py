"""The funnel plot."""

import numpy as np
import pytest

from opsbook.methods.trigger.funnel_limits import funnel_limits, winsorised


def test_without_unrest_the_limits_are_those_of_counting():
    result = funnel_limits([10, 20, 31, 39], [100, 200, 300, 400])
    assert result.centre == pytest.approx(0.1)
    assert result.between_sd == 0.0
    reach = 3.090232 * np.sqrt(0.09 / 400)  # 99.8 % two-sided
    assert result.alarm[3] == pytest.approx((0.1 - reach, 0.1 + reach), rel=1e-6)
    reach = 1.959964 * np.sqrt(0.09 / 100)
    assert result.warning[0] == pytest.approx((0.1 - reach, 0.1 + reach), rel=1e-6)


def test_like_stores_seldom_stand_out():
    rng = np.random.default_rng(1)
    sizes = rng.integers(50, 2000, 2000)
    assert len(funnel_limits(rng.binomial(sizes, 0.2), sizes).outside) < 12


def test_ordinary_differences_widen_the_funnel_and_outliers_do_not():
    rng = np.random.default_rng(2)
    sizes = np.full(200, 1000)
    truth = rng.normal(0.2, 0.03, 200)
    truth[:5] = 0.45
    result = funnel_limits(rng.binomial(sizes, truth), sizes)
    assert set(range(5)) <= set(result.outside)
    assert len(result.outside) <= 8
    assert result.between_sd == pytest.approx(0.03, abs=0.01)


def test_limits_stay_within_zero_and_one():
    result = funnel_limits([1, 50, 60], [3, 100, 100])
    assert result.alarm[0] == (0.0, 1.0)


def test_rates_may_exceed_one():
    result = funnel_limits([30, 28, 33, 90], [10, 10, 10, 10], kind="rate")
    assert result.rate[3] == 9.0
    assert result.centre == pytest.approx(181 / 40)


def test_a_store_without_trials_is_left_out():
    result = funnel_limits([0, 20, 30], [0, 100, 100])
    assert result.rate[0] is None
    assert result.alarm[0] == (None, None)
    assert result.z[0] is None


@pytest.mark.parametrize("events", [[0, 0], [9, 9], [np.nan, np.nan]])
def test_where_nothing_varies_there_is_no_funnel(events):
    result = funnel_limits(events, [9, 9])
    assert result.centre is None
    assert result.outside == ()
    assert result.alarm == ((None, None),) * 2


def test_winsorising_draws_in_the_ends_only():
    values = np.arange(11.0)
    assert winsorised(values).tolist() == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
