"""Checks on series: agreement with Welch, memory taken into account, three outcomes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from opsbook.errors import DataError
from opsbook.methods.diagnosis.judged import WhyCheck
from opsbook.methods.diagnosis.series_checks import before_after, correlates_with_event
from opsbook.methods.estimate import Estimate

# Student's sleep data (1908); R's t.test gives p .07939. scipy's Welch interval is the oracle.
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def estimate_of(check: WhyCheck) -> Estimate:
    assert check.estimate is not None
    return check.estimate


def reach(estimate: Estimate) -> float:
    assert estimate.lower is not None
    assert estimate.upper is not None
    return estimate.upper - estimate.lower


def remembering(memory: float, n: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(n)
    values = np.empty(n)
    values[0] = noise[0] / np.sqrt(1 - memory**2)
    for i in range(1, n):
        values[i] = memory * values[i - 1] + noise[i]
    return values


def test_without_memory_it_is_welchs_interval():
    # In this order both periods look anti-correlated, so that nothing is widened.
    order = [0, 6, 1, 9, 3, 5, 2, 7, 4, 8]
    estimate = estimate_of(before_after(np.array(DRUG_1)[order], np.array(DRUG_2)[order]))
    assert estimate.effect == pytest.approx(1.58)
    assert estimate.p_value == pytest.approx(0.07939, abs=5e-6)
    welch = ttest_ind(DRUG_2, DRUG_1, equal_var=False).confidence_interval()
    assert (estimate.lower, estimate.upper) == pytest.approx((welch.low, welch.high))


def test_memory_widens_the_interval():
    slow = np.array([1.0, 1.2, 1.5, 1.9, 2.0, 1.8, 1.4, 1.1])
    mixed = slow[[0, 3, 1, 4, 2, 6, 5, 7]]
    wide, narrow = (estimate_of(before_after(s, s + 1)) for s in (slow, mixed))
    assert reach(wide) > reach(narrow)


def test_false_support_stays_near_its_nominal_rate_under_memory():
    found = [
        estimate_of(before_after(x[:24], x[24:])).excludes_zero
        for x in (remembering(0.6, 48, seed) for seed in range(400))
    ]
    assert np.mean(found) < 0.09  # a plain t-test: .31


def test_a_clear_move_is_supported_and_its_opposite_contradicted():
    before, after = [10, 12, 11, 10, 12, 11], [15, 14, 16, 15, 16, 14]
    assert before_after(before, after).outcome == "supported"
    assert before_after(before, after, direction="lower").outcome == "contradicted"
    assert before_after(before, after, at_least=20).outcome == "contradicted"


def test_what_cannot_be_compared_says_why():
    assert before_after([1, 2], [4, 5, 6, 7]).not_computed.startswith("A period has fewer")


def test_three_months_against_three_are_enough_where_they_part_clearly():
    assert before_after([10, 11, 10], [19, 21, 20]).outcome == "supported"
    assert before_after([10, 14, 12], [13, 16, 11]).outcome == "undecided"


def test_a_step_between_periods_that_do_not_vary_is_exact_and_judged_by_its_order():
    step = before_after([0.5] * 5, [0.4] * 5, direction="lower", at_least=0.05)
    assert step.outcome == "supported"
    assert step.estimate is not None
    assert step.estimate.lower == step.estimate.upper == pytest.approx(-0.1)
    assert step.estimate.p_value == pytest.approx(2 / 252)
    assert before_after([0.5] * 5, [0.4] * 5, direction="higher").outcome == "contradicted"
    assert before_after([1] * 5, [1] * 5).outcome == "undecided"
    assert before_after([1] * 5, [1] * 5, at_least=0.1).outcome == "contradicted"


@given(
    st.lists(st.floats(-9, 9), min_size=4, max_size=9),
    st.lists(st.floats(-9, 9), min_size=4, max_size=9),
)
def test_swapping_the_periods_flips_the_sign_only(before, after):
    one, other = before_after(before, after).estimate, before_after(after, before).estimate
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.effect == -other.effect
        assert reach(one) == pytest.approx(reach(other))


def test_a_series_that_goes_with_the_event_is_supported():
    event = np.random.default_rng(5).random(60) < 0.3
    metric = remembering(0.3, 60, 1) + 3 * event
    assert correlates_with_event(metric, event).outcome == "supported"
    assert correlates_with_event(metric, event, direction="lower").outcome == "contradicted"


# numpy.corrcoef is the oracle of the correlation itself.
def test_the_correlation_is_pearsons():
    metric, event = remembering(0, 30, 3), remembering(0, 30, 4)
    estimate = estimate_of(correlates_with_event(metric, event))
    assert estimate.effect == pytest.approx(np.corrcoef(metric, event)[0, 1])


def test_two_slow_series_seldom_seem_related():
    found = [
        correlates_with_event(remembering(0.8, 52, s), remembering(0.8, 52, 9000 + s)).outcome
        for s in range(300)
    ]
    assert np.mean([f == "supported" for f in found]) < 0.05


def test_too_short_a_series_is_not_computed():
    assert (
        correlates_with_event([1] * 5, [0] * 5).not_computed
        == "There are 5 periods; 21 are needed."
    )
    assert correlates_with_event([1] * 24, [0, 1, 1] * 8).not_computed.endswith("never varies.")


@pytest.mark.parametrize(
    ("metric", "event", "words"),
    [
        ([1, 2], [1], "one-dimensional and equally long"),
        ([1, float("nan")], [1, 0], "has a period without a number"),
    ],
)
def test_series_that_cannot_be_paired_are_refused(metric, event, words):
    with pytest.raises(DataError, match=words):
        correlates_with_event(metric, event)
