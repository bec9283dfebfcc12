"""The default rule: misses believed only where noise does not explain them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.trigger.combined_verdict import (
    VERDICTS,
    combined_verdict,
    held,
    stretch_means,
)
from opsbook.methods.trigger.rule_replay import alarm_starts, simulated_noise
from opsbook.methods.trigger.series import Floats

weeks = arrays(np.float64, 40, elements=st.integers(-50, 50).map(float))
CALM = np.random.default_rng(1).normal(50, 2, 26)


def words(result) -> list[str]:
    return [VERDICTS[i] for i in result.verdict]


def noise(k, n, correlation, seed) -> Floats:
    return simulated_noise(np.zeros(k), np.ones(k), np.full(k, correlation), n, seed)


# The claim of benchmarks/rules.py, on fewer series: at most .25 and .6 a year, at least .7 caught.
@pytest.mark.parametrize(("correlation", "most"), [(0.0, 0.25), (0.5, 0.6)])
def test_holds_the_false_starts_per_year(correlation, most):
    x = noise(3000, 26 + 52, correlation, seed=4)
    alarms = combined_verdict(x, baseline=26, better="higher").alarm
    assert alarm_starts(alarms).sum() / 3000 < most


def test_catches_most_drops_of_two_sigmas_within_four_weeks():
    x = noise(3000, 26 + 4, 0.0, seed=5)
    x[:, 26:] -= 2
    assert combined_verdict(x, baseline=26, better="higher").alarm.any(axis=1).mean() > 0.70


def test_a_drop_is_yellow_first_and_red_with_the_third_miss():
    verdict = combined_verdict([*CALM, 30, 31, 32, 50, 56], baseline=26, better="higher")
    assert words(verdict)[26:29] == ["yellow", "yellow", "red"]
    assert verdict.latest == "green"
    assert words(verdict)[:26] == ["no_data"] * 26


def test_misses_within_noise_are_a_fluctuation():
    verdict = combined_verdict([*CALM, 49, 49, 49], baseline=26, better="higher", target=50.5)
    assert words(verdict)[26:] == ["green", "fluctuation", "fluctuation"]
    assert verdict.chance > 0.5


def test_a_level_always_below_target_is_short_though_it_never_fell():
    later = np.random.default_rng(2).normal(50, 2, 20)
    verdict = combined_verdict([*CALM, *later], baseline=26, better="higher", target=55)
    assert not verdict.fell.any()
    assert verdict.short[-1]
    assert verdict.latest == "red"


def test_improvement_is_no_alarm():
    assert not combined_verdict([*CALM, 70, 71, 72], baseline=26, better="higher").alarm.any()
    assert combined_verdict([*CALM, 70, 71, 72], baseline=26, better="lower").alarm[-1]


def test_a_gap_has_no_verdict_and_neither_starts_nor_ends_an_alarm():
    verdict = combined_verdict([*CALM, 30, np.nan, 31], baseline=26, better="higher")
    assert words(verdict)[26:] == ["yellow", "no_data", "yellow"]
    assert alarm_starts(verdict.alarm).sum() == 1
    assert not combined_verdict([*CALM, np.nan, np.nan], baseline=26, better="higher").alarm.any()


@pytest.mark.parametrize("history", [[5.0] * 26, [np.nan] * 26, [np.nan] * 22 + [1, 2, 3, 4]])
def test_a_baseline_that_tells_no_noise_leaves_no_verdict(history):
    verdict = combined_verdict([*history, 1.0, 1.0], baseline=26, better="higher", target=4)
    assert set(words(verdict)) == {"no_data"}
    assert not verdict.alarm.any()


def test_many_series_at_once_equal_one_at_a_time():
    x = noise(6, 60, 0.4, seed=6)
    x[2, 30:33] = np.nan
    x[3, 40:] -= 3
    x[4] = 1.0
    together = combined_verdict(x, baseline=26, better="lower", target=0.2)
    for row, series in enumerate(x):
        alone = combined_verdict(series, baseline=26, better="lower", target=0.2)
        assert (together.verdict[row] == alone.verdict).all()
        assert together.chance[row] == pytest.approx(float(alone.chance), nan_ok=True)


@settings(deadline=None, max_examples=40)
@given(values=weeks, shift=st.integers(-99, 99), scale=st.sampled_from([0.25, 1.0, 8.0]))
def test_shifting_and_scaling_change_no_verdict(values, shift, scale):
    before = combined_verdict(values, baseline=20, better="higher", target=-7.0)
    after = combined_verdict(
        (values + shift) * scale, baseline=20, better="higher", target=(shift - 7.0) * scale
    )
    assert (before.verdict == after.verdict).all()


@settings(deadline=None, max_examples=40)
@given(values=weeks)
def test_reversing_sign_and_direction_changes_no_verdict(values):
    before = combined_verdict(values, baseline=20, better="higher", target=3.0)
    after = combined_verdict(-values, baseline=20, better="lower", target=-3.0)
    assert (before.verdict == after.verdict).all()
    assert before.limits == pytest.approx(-after.limits, nan_ok=True)


def test_a_stretch_longer_than_the_series_has_no_mean():
    assert np.isnan(stretch_means(np.ones(3), 4)).all()


def test_an_alarm_is_held_until_it_is_cleared():
    signals = np.array([[0, 1, 0, 1, 0, 0, 1]], bool)
    cleared = np.array([1, 0, 0, 1, 1, 0, 0], bool)
    expected = [False, True, True, False, False, False, True]
    assert held(signals, [1], cleared).tolist() == expected
    assert held(signals, [4], cleared).tolist() == [*expected[:-1], False]


def test_a_recovered_series_is_not_accused_again_of_its_old_drop():
    verdict = combined_verdict([*CALM, 30, 31, 32, 51, 49, 52, 49], baseline=26, better="higher")
    assert verdict.alarm[26:].tolist() == [True] * 3 + [False] * 4


def test_refuses_a_baseline_or_stretches_that_teach_nothing():
    with pytest.raises(DataError, match="A baseline of 4 periods teaches nothing"):
        combined_verdict(CALM, baseline=4, better="higher")
    with pytest.raises(DataError, match=r"Stretches of \[0, 2\] periods"):
        combined_verdict(CALM, baseline=12, better="higher", windows=(0, 2))
