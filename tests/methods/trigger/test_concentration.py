"""Whether feedback gathers on one topic."""

from itertools import product
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from opsbook.errors import DataError
from opsbook.methods.trigger.concentration import chance_all_below, concentration


def enumerated(counts, shares) -> float:
    """The chance of a topic as surprising as the most surprising one, by listing all outcomes."""
    n = sum(counts)
    least = min(binom.sf(c - 1, n, s) for c, s in zip(counts, shares, strict=True))
    total = 0.0
    for outcome in product(range(n + 1), repeat=len(counts)):
        if sum(outcome) != n:
            continue
        tail = min(binom.sf(c - 1, n, s) for c, s in zip(outcome, shares, strict=True))
        if tail <= least * (1 + 1e-9):
            chances = [s**c / factorial(c) for c, s in zip(outcome, shares, strict=True)]
            total += factorial(n) * float(np.prod(chances))
    return total


@pytest.mark.parametrize(
    ("counts", "weights"), [([5, 1, 1], [1, 1, 1]), ([3, 2, 1], [1, 2, 1]), ([0, 6, 2], [2, 1, 1])]
)
def test_is_the_sum_over_all_outcomes(counts, weights):
    found = concentration(counts, weights)
    assert found.p_value == pytest.approx(enumerated(counts, np.array(weights) / sum(weights)))


# A fair die thrown 12 times: P(some face 6 times or more) = 6 C(12,6) 5^6/6^12 + ..., by hand
# with inclusion and exclusion .0798.
def test_agrees_with_inclusion_and_exclusion_on_a_die():
    below = chance_all_below(np.full(6, 6.0), np.full(6, 1 / 6), 12)
    one = sum(
        factorial(12) / factorial(k) / factorial(12 - k) * 5 ** (12 - k) for k in range(6, 13)
    )
    both = factorial(12) / factorial(6) ** 2
    assert 1 - below == pytest.approx((6 * one - 15 * both) / 6**12)


def test_finds_the_topic_that_stands_out_given_what_is_usual():
    assert concentration([40, 30, 5]).topic == 0
    found = concentration([40, 30, 5], expected=[50, 10, 5])
    assert (found.topic, found.share) == (1, 0.4)
    assert found.expected_share == pytest.approx(10 / 65)


def test_ten_mentions_are_enough_and_nine_are_not():
    assert concentration([10, 1]).enough
    assert not concentration([9, 1]).enough


def test_ten_mentions_of_nothing_prove_nothing():
    found = concentration([0, 0, 0])
    assert (found.topic, found.share, found.p_value, found.n) == (None, None, None, 0)


def test_a_tiny_p_value_is_not_rounded_to_zero():
    assert 0 < (concentration([400, 10, 10, 10]).p_value or 0) < 1e-100


def test_thousands_of_mentions_get_a_bound_that_is_not_too_small():
    exact, bound = concentration([1350, 1200, 1200, 1200]), concentration([1350, 1200, 1200, 1300])
    assert exact.n <= 5000 < bound.n
    assert exact.p_value == pytest.approx(0.00054, abs=1e-5)
    assert bound.p_value == pytest.approx(0.0099, abs=1e-4)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=6))
def test_the_order_of_the_topics_does_not_matter(counts):
    one, other = concentration(counts), concentration(counts[::-1])
    assert one.p_value == (None if other.p_value is None else pytest.approx(other.p_value))


@pytest.mark.parametrize(
    ("counts", "expected", "words"),
    [
        ([3], None, "one topic only"),
        ([3, 1.5], None, "no count"),
        ([3, -1], None, "no count"),
        ([3, 1], [1, 0], "a positive weight"),
        ([3, 1], [1, 1, 1], "a positive weight"),
    ],
)
def test_refuses_what_cannot_be_tested(counts, expected, words):
    with pytest.raises(DataError, match=words):
        concentration(counts, expected)
