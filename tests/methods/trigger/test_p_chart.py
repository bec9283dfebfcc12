"""The p chart of a share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.methods.trigger.test_laney_p_chart import SEEN, WITHIN_FOUR_HOURS

from opsbook.errors import DataError
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.methods.trigger.p_chart import p_chart

# NIST/SEMATECH e-Handbook 6.3.3.2 (pmc332): defectives among 50 chips, 30 wafers.
DEFECTIVE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22]
DEFECTIVE += [8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]


def test_agrees_with_nist_on_the_wafers():
    chart = p_chart(DEFECTIVE, [50] * 30)
    assert chart.centre[0] == pytest.approx(0.2313, abs=5e-5)
    assert chart.sigma[0] == pytest.approx(0.0596, abs=5e-5)
    assert chart.upper[0] == pytest.approx(0.4102, abs=2e-4)
    assert chart.lower[0] == pytest.approx(0.0524, abs=2e-4)
    assert chart.outside == (14, 22)


# Mohammed et al. (2013), Quality and Safety in Health Care: the p chart flags 16 of 20 weeks.
def test_cries_wolf_on_hundreds_of_thousands_of_patients():
    chart = p_chart(WITHIN_FOUR_HOURS, SEEN)
    assert chart.centre[0] == pytest.approx(0.95290, abs=5e-6)
    assert len(chart.outside) == 16


def test_a_period_without_cases_is_a_gap_not_zero_per_cent():
    chart = p_chart([1, 0, 2], [10, 0, 10])
    assert chart.values == (0.1, None, 0.2)
    assert chart.upper[1] is None
    assert chart.centre[0] == pytest.approx(0.15)


def test_limits_stay_between_zero_and_one():
    chart = p_chart([1, 9, 5], [10, 10, 10])
    assert chart.lower[0] == pytest.approx(0.5 - 3 * np.sqrt(0.025))
    narrow = p_chart([1, 1, 0], [10, 10, 10])
    assert narrow.lower[0] == 0.0


@pytest.mark.parametrize("events", [[0, 0, 0], [9, 9, 9], [np.nan] * 3])
def test_a_reference_without_both_outcomes_sets_no_limits(events):
    chart = p_chart(events, [9, 9, 9], baseline=Baseline(screen=True))
    assert set(chart.upper) == {None}
    assert chart.outside == ()


@given(
    events=st.lists(st.integers(0, 40), min_size=2, max_size=30),
    copies=st.sampled_from([1, 2]),
)
def test_counting_the_other_outcome_mirrors_the_chart(events, copies):
    trials = np.full(len(events), 40.0) * copies
    events = np.array(events)
    shares, others = p_chart(events, trials), p_chart(trials - events, trials)
    assert shares.outside == others.outside


@pytest.mark.parametrize(
    ("events", "trials", "words"),
    [
        ([1, 5], [4, 4], "exceeds 'trials' in period 1"),
        ([-1, 2], [4, 4], r"'events' has a negative value \(-1\)"),
        ([1, 2, 3], [4, 4], r"'events' has shape \(3,\) but 'trials' has \(2,\)"),
        ([[1, 2]], [[4, 4]], "must be one series"),
    ],
)
def test_refuses_impossible_counts(events, trials, words):
    with pytest.raises(DataError, match=words):
        p_chart(events, trials)
