import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.sample_size_of_proportions import (
    sample_size_of_proportions,
    smallest_difference_of_proportions,
)

shares = st.floats(0.01, 0.99)


# R: power.prop.test(p1 = .15, p2 = .20, power = .80); the second from its help page.
@pytest.mark.parametrize(
    ("control", "treatment", "power", "n"),
    [(0.15, 0.20, 0.80, 905.4), (0.50, 0.75, 0.90, 76.7)],
)
def test_agrees_with_r_on_proportions(control, treatment, power, n):
    needed = sample_size_of_proportions(control, treatment, power=power)
    assert needed == pytest.approx(n, abs=0.06)


@given(shares, shares)
def test_successes_and_failures_need_the_same(control, treatment):
    if abs(control - treatment) > 1e-3:
        forth = sample_size_of_proportions(control, treatment)
        assert sample_size_of_proportions(1 - control, 1 - treatment) == pytest.approx(forth)


@given(st.floats(0.01, 0.8), st.integers(200, 100_000))
def test_the_smallest_rise_needs_exactly_that_many(control, n):
    rise = smallest_difference_of_proportions(control, n=n)
    assert rise is not None
    assert sample_size_of_proportions(control, control + rise) == pytest.approx(n, rel=1e-3)


def test_a_handful_of_users_sees_nothing():
    assert smallest_difference_of_proportions(0.9, n=5) is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sample_size_of_proportions(0.2, 0.2), "Proportions of 0.2 and 0.2"),
        (lambda: sample_size_of_proportions(15, 20), "Proportions of 15 and 20"),
        (lambda: smallest_difference_of_proportions(1, n=9), "The proportion is 1"),
    ],
)
def test_says_what_cannot_be(call, words):
    with pytest.raises(DataError, match=words):
        call()
