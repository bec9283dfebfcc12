import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.trigger.change_points import change_points

Floats = NDArray[np.float64]

# Cobb (1978), Biometrika 65, 243-251: annual flow of the Nile at Aswan, 1871-1970, 10^8 m^3.
# The drop after 1898 (index 28), when building the first dam began, is his answer.
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180,
    799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833,
    701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845,
    864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676,
    649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923,
    975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip


def noise(n: int, seed: int, correlation: float = 0.0) -> Floats:
    shocks = np.random.default_rng(seed).standard_normal(n)
    series: Floats = np.empty(n)
    series[0] = shocks[0] / math.sqrt(1 - correlation**2)
    for i in range(1, n):
        series[i] = correlation * series[i - 1] + shocks[i]
    return series


def step(n: int, at: int, size: float, seed: int = 1) -> Floats:
    series: Floats = noise(n, seed) + size * (np.arange(n) >= at)
    return series


def test_finds_the_drop_of_the_nile_in_1899():
    found = change_points(NILE)
    assert found.indices == (28,)
    (change,) = found.changes
    assert change.kind == "level_shift"
    assert change.p_value < 0.05
    assert change.jump == pytest.approx(-289, abs=1)
    assert found.reason is None


def test_finds_a_kink_and_calls_it_a_trend_break():
    time = np.arange(100)
    found = change_points(noise(100, 2) + 0.5 * np.maximum(0, time - 60))
    assert len(found.indices) == 1
    assert abs(found.indices[0] - 60) <= 5
    change = found.changes[0]
    assert change.kind == "trend_break"
    assert change.slope_before == pytest.approx(0, abs=0.05)
    assert change.slope_after == pytest.approx(0.5, abs=0.05)


def test_finds_a_dip_whose_two_ends_only_pay_together():
    values = noise(90, 3)
    values[40:52] -= 6
    assert change_points(values).indices == (40, 52)


def test_a_straight_trend_is_no_change():
    found = change_points(noise(80, 4) + 0.7 * np.arange(80))
    assert found.indices == ()
    assert found.reason == "noise_explains_it"
    (segment,) = found.segments
    assert segment.slope == pytest.approx(0.7, abs=0.02)


def test_a_random_walk_is_no_change_most_of_the_time():
    claimed = [bool(change_points(noise(200, seed).cumsum()).changes) for seed in range(20)]
    assert sum(claimed) <= 5


@pytest.mark.parametrize("n", [12, 24, 52, 120])
def test_noise_is_seldom_taken_for_a_change(n):
    independent = sum(bool(change_points(noise(n, s)).changes) for s in range(80))
    correlated = sum(bool(change_points(noise(n, s, 0.5)).changes) for s in range(80))
    assert independent <= 6
    assert correlated <= 11  # 0.999 quantile of a binomial with 5 %


def test_one_bad_day_is_a_spike_and_no_change():
    values = noise(60, 5)
    values[30] += 15
    found = change_points(values)
    assert found.indices == ()
    assert found.spikes == (30,)


def test_a_season_is_taken_out_before_looking():
    time = np.arange(96)
    season = 5 * np.sin(2 * np.pi * time / 12) + 3 * (time % 12 == 11)
    found = change_points(noise(96, 6) * 0.5 + season + 4 * (time >= 50))
    assert found.period == 12
    assert found.indices == (50,)


def test_a_season_that_grows_is_no_change():
    time = np.arange(120)
    values = 100 + time + (1 + time / 60) * 8 * np.sin(2 * np.pi * time / 12) + noise(120, 7)
    found = change_points(values)
    assert found.period == 12
    assert found.indices == ()


def test_a_known_period_is_used_as_given():
    assert change_points(noise(60, 8), period=7).period == 7


def test_a_gap_is_a_gap_and_its_far_side_is_where_the_new_level_is_first_seen():
    values = step(70, 35, 8)
    values[[3, 10, 50]] = np.nan
    values[30:38] = np.nan
    found = change_points(values)
    assert found.indices == (38,)
    assert found.n == 59
    assert found.segments[0].end == 30


def test_missing_values_at_both_ends_only_move_the_index():
    values = step(40, 20, 8)
    padded = np.concatenate([[np.nan] * 4, values, [np.nan] * 3])
    assert change_points(padded).indices == tuple(i + 4 for i in change_points(values).indices)


def test_trend_slope_across_a_gap_counts_the_steps_not_the_points():
    values = 2.0 * np.arange(60) + noise(60, 9)
    values[20:40] = np.nan
    found = change_points(values)
    assert found.indices == ()
    assert found.segments[0].slope == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "no_values"),
        ([math.nan] * 20, "no_values"),
        ([3.0], "too_short"),
        ([1, 2, 3, 9, 9, 9, 9], "too_short"),
        ([5.0] * 30, "constant"),
        ([0.1 + 0.2, 0.3] * 20, "constant"),
        ([0.0] * 40, "constant"),
    ],
)
def test_says_why_it_cannot_tell(values, reason):
    found = change_points(values)
    assert found.reason == reason
    assert found.indices == ()
    assert found.p_value is None


def test_a_step_without_any_noise_is_found():
    assert change_points([1.0] * 20 + [2.0] * 20).indices == (20,)


def test_a_pure_pattern_has_no_change():
    found = change_points(np.tile([1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 0.0], 12))
    assert found.indices == ()
    assert found.period == 7
    assert found.reason == "constant"


def test_a_pattern_that_comes_and_goes_does_not_part_the_series():
    rng = np.random.default_rng(10)
    waves = [np.r_[np.linspace(0.4, 0, rng.integers(15, 34)), 1.0, 0.9] for _ in range(18)]
    found = change_points(np.concatenate(waves))
    assert found.indices == ()
    assert found.reason == "too_faint"


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([1e-9, 0.25, 3.0, 7e8]),
    shift=st.sampled_from([0.0, -40.0, 1e4]),
    sign=st.sampled_from([1, -1]),
)
def test_scale_shift_and_sign_change_nothing(seed, scale, shift, sign):
    values = step(60, 25, seed % 7, seed)
    plain = change_points(values)
    other = change_points(sign * scale * (values + shift))
    assert other.indices == plain.indices
    assert [c.kind for c in other.changes] == [c.kind for c in plain.changes]
    for before, after in zip(plain.changes, other.changes, strict=True):
        assert after.jump == pytest.approx(sign * scale * before.jump, rel=1e-5)
        assert after.p_value == pytest.approx(before.p_value, rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.floats(3, 9), at=st.integers(10, 70))
def test_looking_backwards_in_time_mirrors_the_breaks(seed, size, at):
    values = step(80, at, size, seed)
    forwards = change_points(values).indices
    backwards = change_points(values[::-1]).indices
    assert tuple(80 - i for i in reversed(backwards)) == forwards


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12), st.sampled_from([0.0, 1.0])), max_size=60)
)
def test_any_series_gives_a_complete_and_finite_answer(values):
    found = change_points([math.nan if v is None else v for v in values])
    assert (found.reason is None) == bool(found.changes)
    for segment in found.segments:
        assert math.isfinite(segment.slope)
        assert math.isfinite(segment.level_first)
        assert segment.spread is None or math.isfinite(segment.spread)
    for change in found.changes:
        assert math.isfinite(change.jump)
        assert 0 <= change.p_value <= 1
    for old, new in pairwise(found.segments):
        assert old.end <= new.start


def test_a_long_series_is_searched_coarsely_and_the_place_is_still_exact():
    found = change_points(step(3000, 1234, 5))
    assert found.indices == (1234,)
    assert found.resolution > 1


def test_two_dimensions_are_refused():
    with pytest.raises(DataError, match=r"values has shape \(2, 3\)"):
        change_points(np.zeros((2, 3)))


def test_names_the_infinite_value():
    with pytest.raises(DataError, match="index 2 is infinite"):
        change_points([1.0, 2.0, math.inf, 3.0])


@pytest.mark.parametrize("alarm", [0.0, 0.5, math.nan])
def test_refuses_a_false_alarm_rate_outside_the_calibration(alarm):
    with pytest.raises(DataError, match="calibration holds for 0 < false_alarm"):
        change_points(NILE, false_alarm=alarm)


def test_refuses_a_period_of_one():
    with pytest.raises(DataError, match="period is 1"):
        change_points(NILE, period=1)


def test_a_series_that_becomes_erratic_shows_in_its_spread():
    values = noise(160, 11)
    values[100:] *= 4
    found = change_points(values)
    assert found.spread is not None
    assert abs(found.spread.index - 100) <= 12
    assert found.spread.p_value < 0.01
