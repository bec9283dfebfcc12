"""Taking the season out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.trigger.seasonal_adjustment import centred_mean, seasonal_adjustment
from opsbook.methods.trigger.series import Floats

WEEK = np.array([0.0, 1.0, 2.0, 0.0, -1.0, 4.0, -6.0])


def days(cycles, seed=1, noise=0.5) -> Floats:
    rng = np.random.default_rng(seed)
    return np.asarray(50 + np.tile(WEEK, cycles) + rng.normal(0, noise, 7 * cycles))


def test_finds_the_weekdays():
    result = seasonal_adjustment(days(5), 7)
    assert (result.means, result.reason) == (("effects",), ("season_removed",))
    assert result.seasonal[:7] == pytest.approx(WEEK, abs=0.8)
    assert result.adjusted.std() < 0.7


def test_a_long_series_without_gaps_goes_to_stl():
    values = days(20)
    result = seasonal_adjustment(values, 7)
    assert result.means == ("stl",)
    assert result.seasonal[:7] == pytest.approx(WEEK, abs=1.0)
    assert result.adjusted + result.seasonal == pytest.approx(values)


def test_a_gap_keeps_it_from_stl_and_stays_a_gap():
    values = days(20)
    values[30:33] = np.nan
    result = seasonal_adjustment(values, 7)
    assert result.means == ("effects",)
    assert np.isnan(result.adjusted).nonzero()[0].tolist() == [30, 31, 32]
    assert not np.isnan(result.seasonal).any()


def test_noise_has_no_season_in_99_of_100_series():
    values = np.random.default_rng(2).normal(size=(1000, 70))
    result = seasonal_adjustment(values, 7)
    assert result.means.count("effects") < 25
    unchanged = np.array([m == "none" for m in result.means])
    assert (result.adjusted[unchanged] == values[unchanged]).all()
    assert "no_season_found" in result.reason


def test_a_drop_at_the_end_is_not_taken_for_season():
    values = days(6, noise=0.3)
    values[-7:] -= 10
    adjusted = seasonal_adjustment(np.array([values]), 7).adjusted[0]
    assert adjusted[-7:].mean() - adjusted[:-7].mean() == pytest.approx(-10, abs=1.0)


@pytest.mark.parametrize(
    ("values", "period"), [(days(2), 7), ([1.0], 7), ([np.nan] * 50, 7), (days(3), 12)]
)
def test_too_short_a_series_is_left_as_it_is(values, period):
    result = seasonal_adjustment(values, period)
    assert (result.means, result.reason) == (("none",), ("too_short",))
    assert (result.seasonal == 0).all()


def test_a_constant_series_has_no_season():
    assert seasonal_adjustment([5.0] * 40, 7).reason == ("no_season_found",)


def test_many_series_at_once_equal_one_at_a_time():
    values = np.stack([days(5, seed) for seed in range(4)])
    values[1, 9] = np.nan
    together = seasonal_adjustment(values, 7).adjusted
    for row, one in enumerate(values):
        alone = seasonal_adjustment(one, 7).adjusted
        assert together[row] == pytest.approx(alone, nan_ok=True)


@given(shift=st.integers(-99, 99), scale=st.sampled_from([0.25, -1.0, 4.0]))
def test_shifting_and_scaling_scale_the_season(shift, scale):
    before, after = (seasonal_adjustment(v, 7) for v in (days(5), days(5) * scale + shift))
    assert after.seasonal == pytest.approx(before.seasonal * scale)


def test_an_even_cycle_halves_its_ends():
    trend = np.arange(20.0)
    assert centred_mean(trend, 12)[6:-6] == pytest.approx(trend[6:-6])


def test_refuses_a_cycle_of_one():
    with pytest.raises(DataError, match="A cycle of 1 periods has no season"):
        seasonal_adjustment(days(3), 1)
