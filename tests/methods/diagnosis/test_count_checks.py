"""Checks on counts: published intervals, and three outcomes each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.count_checks import (
    interviews_agree,
    slice_rate_differs,
    step_time_over_limit,
    topic_concentrates,
)
from opsbook.methods.diagnosis.judged import WhyCheck
from opsbook.methods.estimate import Estimate


def estimate_of(check: WhyCheck) -> Estimate:
    assert check.estimate is not None
    return check.estimate


# Newcombe (1998), table II, method 10.
@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_agrees_with_newcombe(counts, limits):
    estimate = estimate_of(slice_rate_differs(*counts))
    assert (estimate.lower, estimate.upper) == pytest.approx(limits, abs=5e-5)


# Fisher (1935), the lady tasting tea: 3 of 4 right by chance or further off, (1 + 16) / 70 twice.
def test_agrees_with_the_lady_tasting_tea():
    check = slice_rate_differs(3, 4, 1, 4)
    assert estimate_of(check).p_value == pytest.approx(34 / 70)
    assert check.outcome == "undecided"


def test_a_slice_can_be_predicted_to_be_lower():
    assert slice_rate_differs(5, 100, 30, 100, direction="lower").outcome == "supported"
    assert slice_rate_differs(5, 100, 30, 100, direction="higher").outcome == "contradicted"


def test_a_difference_smaller_than_predicted_contradicts():
    check = slice_rate_differs(5020, 10_000, 5000, 10_000, at_least=0.05)
    assert check.outcome == "contradicted"


def test_an_empty_slice_is_not_computed_and_says_why():
    check = slice_rate_differs(0, 0, 5, 10)
    assert check.outcome == "undecided"
    assert check.estimate is None
    assert check.not_computed == "There are no cases inside the slice."


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_swapping_slice_and_rest_mirrors_the_outcome(a, n, b, m):
    a, b = min(a, n), min(b, m)
    one = slice_rate_differs(a, n, b, m, direction="higher")
    other = slice_rate_differs(b, m, a, n, direction="lower")
    assert one.outcome == other.outcome
    assert one.estimate is not None
    assert other.estimate is not None
    assert one.estimate.effect == pytest.approx(-other.estimate.effect)


def test_times_over_the_limit_are_counted_with_an_exact_interval():
    check = step_time_over_limit([3] * 10, 2)
    assert estimate_of(check).lower == pytest.approx(0.025 ** (1 / 10))
    assert check.outcome == "supported"
    assert step_time_over_limit([1] * 10, 2).outcome == "contradicted"
    assert step_time_over_limit([1, 3, 1, 3], 2).outcome == "undecided"


def test_missing_times_are_left_out():
    assert estimate_of(step_time_over_limit([3, float("nan"), 5], 2)).n == 2
    assert step_time_over_limit([], 2).not_computed == "There is nothing to count."


def test_ten_of_ten_interviews_show_at_least_sixty_nine_percent():
    check = interviews_agree(10, 10)
    assert check.outcome == "supported"
    assert estimate_of(check).lower == pytest.approx(0.69, abs=0.005)
    assert interviews_agree(10, 10, at_least=0.7).outcome == "undecided"
    assert interviews_agree(3, 3).outcome == "undecided"
    assert interviews_agree(0, 10).outcome == "contradicted"


def test_fewer_than_ten_mentions_support_nothing():
    assert topic_concentrates(9, 9).outcome == "undecided"
    assert topic_concentrates(10, 10).outcome == "supported"
    assert topic_concentrates(2, 80).outcome == "contradicted"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: slice_rate_differs(5, 4, 1, 2), "counts inside the slice are 5 of 4"),
        (lambda: slice_rate_differs(1, 4, -1, 2), "counts outside the slice are -1 of 2"),
        (lambda: interviews_agree(11, 10), "counts of the interviews are 11 of 10"),
        (lambda: topic_concentrates(5, 60, at_least=30), "share is 30; it must be between 0 and 1"),
    ],
)
def test_impossible_counts_are_refused(call, words):
    with pytest.raises(DataError, match=words):
        call()
