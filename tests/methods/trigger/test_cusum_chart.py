"""The CUSUM chart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.trigger.cusum_chart import cusum_chart, one_sided_sum

# NIST/SEMATECH e-Handbook 6.3.2.3 (pmc323): group means, target 325, k .3175, h 4.1959.
GROUPS = [324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600]
GROUPS += [324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350]
weeks = arrays(np.float64, st.integers(3, 40), elements=st.integers(-50, 50).map(float))


def test_agrees_with_nist_on_the_twenty_groups():
    chart = cusum_chart(GROUPS, slack=0.3175, decision=4.1959, centre=325, sigma=1)
    assert chart.first_alarm == 13  # group 14, counted from one
    assert chart.onset == 12
    assert chart.alarms_down == ()
    # The table prints 3.01 and 4.94 in the rising sum of groups 13 and 14.
    assert chart.rising[12:14] == pytest.approx([3.0075, 4.94], abs=1e-6)


def test_the_sum_is_pages_recursion():
    steps = np.random.default_rng(8).normal(size=(4, 50))
    expected, total = [], np.zeros(4)
    for step in steps.T:
        total = np.maximum(0, total + step)
        expected.append(total)
    assert one_sided_sum(steps) == pytest.approx(np.array(expected).T)


def test_a_gap_adds_nothing():
    assert one_sided_sum(np.array([2.0, np.nan, 1.0])).tolist() == [2.0, 2.0, 3.0]


@given(values=weeks, shift=st.integers(-9, 9), scale=st.sampled_from([0.25, 4.0]))
def test_shifting_and_scaling_change_no_verdict(values, shift, scale):
    before, after = cusum_chart(values), cusum_chart((values + shift) * scale)
    assert before.alarms_up == after.alarms_up
    assert before.onset == after.onset


@given(values=weeks)
def test_reversing_the_sign_swaps_the_directions(values):
    assert cusum_chart(values).alarms_up == cusum_chart(-values).alarms_down


@pytest.mark.parametrize("values", [[5.0] * 9, [np.nan] * 3, [1.0]])
def test_where_nothing_varies_there_is_no_threshold(values):
    chart = cusum_chart(values)
    assert chart.threshold is None
    assert set(chart.rising) == {None}
    assert chart.first_alarm is None
    assert chart.trial


@pytest.mark.parametrize(
    ("options", "words"),
    [({"decision": 0.0}, "decision = 0.0 make no chart"), ({"sigma": 0.0}, "sigma of 0.0")],
)
def test_refuses_settings_that_make_no_chart(options, words):
    with pytest.raises(DataError, match=words):
        cusum_chart([1.0, 2.0], **options)
