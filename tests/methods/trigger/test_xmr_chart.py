"""The individuals and moving range chart, and the limits all charts share."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.methods.trigger.xmr_chart import moving_range_sigma, xmr_chart

# NIST/SEMATECH e-Handbook 6.3.2.2 (pmc322): flow rate of ten batches.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
weeks = arrays(np.float64, st.integers(2, 40), elements=st.integers(-50, 50).map(float))


def test_agrees_with_nist_on_the_flow_rates():
    chart = xmr_chart(FLOW)
    assert chart.centre[0] == pytest.approx(50.81)
    assert chart.upper[-1] == pytest.approx(55.8041, abs=5e-5)
    assert chart.lower[-1] == pytest.approx(45.8159, abs=5e-5)
    assert chart.outside == ()


def test_moving_range_limit_is_3_268_mean_ranges():
    chart = xmr_chart(FLOW)
    assert chart.range_upper[1] == pytest.approx(3.268 * np.abs(np.diff(FLOW)).mean())
    assert chart.moving_range[0] is None


def test_under_twelve_points_the_limits_are_on_trial():
    assert xmr_chart(np.arange(11.0)).trial
    assert not xmr_chart(np.arange(12.0)).trial


def test_locked_limits_come_from_the_first_periods_only():
    late_drop = [*FLOW, 30.0, 31.0]
    chart = xmr_chart(late_drop, baseline=Baseline(periods=10))
    assert chart.upper[11] == pytest.approx(55.8041, abs=5e-5)
    assert chart.outside == (10, 11)
    assert chart.reference == tuple(range(10))


def test_rebased_limits_start_afresh_at_a_known_change():
    chart = xmr_chart([*FLOW, *(np.array(FLOW) - 20)], baseline=Baseline(starts=[10]))
    assert chart.stages == (0, 10)
    assert chart.outside == ()
    assert chart.centre[10] == pytest.approx(30.81)
    assert chart.moving_range[10] is None


def test_screened_limits_leave_out_what_lies_beyond_them():
    spiked = [*FLOW, 51.0, 90.0, 50.0, 52.0, 49.0]
    hidden = xmr_chart(spiked)
    screened = xmr_chart(spiked, baseline=Baseline(screen=True))
    assert screened.screened == (11,)
    assert 11 in screened.outside
    assert screened.sigma[0] == pytest.approx(
        xmr_chart([*spiked[:11], np.nan, *spiked[12:]]).sigma[0]
    )
    assert 11 in hidden.reference


def test_no_range_is_taken_across_a_gap():
    values = np.array([1.0, 2.0, np.nan, 100.0, 101.0])
    assert moving_range_sigma(values) == pytest.approx(1 / 1.128)
    chart = xmr_chart(values)
    assert chart.values[2] is None
    assert chart.moving_range[3] is None


@pytest.mark.parametrize(
    "values", [[5.0] * 20, [np.nan] * 5, [3.0], [1.0, np.nan, 2.0], [0.1 + 0.2, 0.3] * 6]
)
def test_where_neighbours_tell_nothing_there_are_no_limits(values):
    chart = xmr_chart(values)
    assert set(chart.upper) == set(chart.lower) == set(chart.sigma) == {None}
    assert chart.outside == ()
    assert chart.trial == (len(values) < 12)


def test_sigma_of_many_series_at_once_equals_one_at_a_time():
    values = np.random.default_rng(2).normal(size=(4, 26))
    values[1, 3] = np.nan
    together = moving_range_sigma(values)
    assert together == pytest.approx([float(moving_range_sigma(row)) for row in values])


@given(values=weeks, shift=st.integers(-9, 9), scale=st.sampled_from([0.25, 4.0]))
def test_shifting_and_scaling_move_the_limits_along(values, shift, scale):
    before, after = xmr_chart(values), xmr_chart(values * scale + shift)
    assume(before.upper[0] is not None)
    assert after.upper[0] == pytest.approx(before.upper[0] * scale + shift, abs=1e-9)


@given(values=weeks)
def test_reversing_the_sign_mirrors_the_chart(values):
    before, after = xmr_chart(values), xmr_chart(-values)
    assert before.outside == after.outside
    assert before.range_outside == after.range_outside


@pytest.mark.parametrize(
    ("baseline", "words"),
    [
        (Baseline(periods=1), "A baseline of 1 periods"),
        (Baseline(starts=[10]), "cannot start afresh at 10"),
        (Baseline(starts=[0]), "cannot start afresh at 0"),
    ],
)
def test_refuses_a_baseline_that_does_not_fit(baseline, words):
    with pytest.raises(DataError, match=words):
        xmr_chart(FLOW, baseline=baseline)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "no periods"),
        ([1.0, np.inf], "infinite"),
        (["a"], "not a number"),
        ([[1.0, 2.0]], r"one series \(got shape \(1, 2\)\)"),
    ],
)
def test_refuses_what_is_no_series(values, words):
    with pytest.raises(DataError, match=words):
        xmr_chart(values)
