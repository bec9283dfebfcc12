import numpy as np
import pytest

from opsbook.methods.trigger.change_season import change_season


@pytest.mark.parametrize("period", [4, 7, 12, 24])
def test_finds_the_period_and_leaves_the_trend(period):
    time = np.arange(6 * period, dtype=float)
    profile = np.random.default_rng(period).standard_normal(period) * 10
    cleaned = change_season(profile[time.astype(int) % period] - profile.mean() + 0.5 * time)
    assert cleaned.period == period
    assert cleaned.values == pytest.approx(0.5 * time, abs=1e-6)


def test_a_level_shift_survives_the_seasonal_adjustment():
    time = np.arange(84)
    values = 10.0 * (time % 7 == 5) + 20.0 * (time >= 45)
    cleaned = change_season(values)
    assert cleaned.period == 7
    assert np.diff(cleaned.values)[44] == pytest.approx(20, abs=1)
    assert np.abs(np.delete(np.diff(cleaned.values), 44)).max() < 2


@pytest.mark.parametrize("n", [12, 24, 52, 120])
def test_noise_has_no_season(n):
    rng = np.random.default_rng(n)
    found = [change_season(rng.standard_normal(n)).period for _ in range(100)]
    assert sum(period is not None for period in found) <= 4


def test_missing_values_stay_missing():
    values = np.tile([1.0, 5.0, 2.0, 9.0, 3.0], 8)
    values[[4, 17, 18]] = np.nan
    cleaned = change_season(values)
    assert cleaned.period == 5
    assert np.flatnonzero(np.isnan(cleaned.values)).tolist() == [4, 17, 18]
    assert np.nanmax(cleaned.values) - np.nanmin(cleaned.values) < 0.05


def test_two_jumps_that_happen_to_be_a_cycle_apart_are_no_season():
    values = np.random.default_rng(1).standard_normal(60)
    values[20:24] += 20
    values[40:] += 20
    assert change_season(values).period is None


def test_two_cycles_are_too_few_for_a_season():
    assert change_season(np.tile([1.0, 5.0, 2.0, 9.0], 2), period=4).period is None


def test_a_spike_of_four_points_is_moved_and_a_shift_is_not():
    rng = np.random.default_rng(1)
    values = rng.standard_normal(60)
    values[20:24] += 20
    values[40:] += 20
    cleaned = change_season(values)
    assert cleaned.spikes == (20, 21, 22, 23)
    assert cleaned.with_spikes == pytest.approx(values)
    assert cleaned.values[40:] == pytest.approx(values[40:])


def test_a_smooth_season_is_found_though_noise_makes_most_of_its_steps():
    time = np.arange(120)
    rng = np.random.default_rng(5)
    wave = 4 * np.sin(2 * np.pi * time / 12)
    cleaned = change_season(wave + 4.0 * (time >= 70) + rng.standard_normal(120))
    assert cleaned.period == 12
    assert np.abs(np.fft.rfft(cleaned.values[:60])[5]) < np.abs(np.fft.rfft(wave[:60])[5]) / 5
