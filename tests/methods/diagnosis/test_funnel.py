"""The funnel: exact intervals, what the lost are worth, and what is no funnel."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from opsbook.errors import DataError
from opsbook.methods.diagnosis.funnel import funnel

falling = st.lists(st.integers(0, 5000), min_size=2, max_size=8).map(
    lambda counts: sorted(counts, reverse=True)
)


# Ten of ten has the closed form .025 ** (1 / 10); the handbook says "at least 69 %".
def test_ten_of_ten_shows_at_least_sixty_nine_percent():
    step = funnel([10, 10]).steps[1]
    assert step.conversion == 1
    assert step.lower == pytest.approx(0.025 ** (1 / 10))
    assert step.upper == 1


# Clopper & Pearson (1934), the definition: at each limit the count's own tail has 2.5 %.
def test_each_limit_leaves_its_tail_of_the_binomial():
    result = funnel([100, 15])
    assert result.lower is not None
    assert result.upper is not None
    assert binom.sf(14, 100, result.lower) == pytest.approx(0.025)
    assert binom.cdf(15, 100, result.upper) == pytest.approx(0.025)


def test_the_lost_are_worth_what_those_who_stayed_bring():
    signup = funnel([1000, 500, 340], steps=["visit", "form", "done"], value=20)
    assert [s.lost for s in signup.steps] == [None, 500, 160]
    assert [s.lost_value for s in signup.steps] == [None, pytest.approx(6800), pytest.approx(3200)]
    assert signup.most_lost == "form"
    assert signup.lowest_conversion == "form"


def test_without_a_value_no_money_is_named():
    assert [s.lost_value for s in funnel([10, 5]).steps] == [None, None]


def test_an_empty_step_has_no_conversion_after_it():
    result = funnel([10, 0, 0], value=5)
    assert result.steps[1].conversion == 0
    assert result.steps[2].conversion is None
    assert result.steps[2].lower is None
    assert result.steps[1].lost_value is None
    assert funnel([0, 0]).conversion is None


def test_where_nobody_is_lost_no_step_is_blamed():
    assert funnel([7, 7]).most_lost is None


@settings(max_examples=40)
@given(falling)
def test_conversions_multiply_and_losses_add_up(counts):
    result = funnel(counts)
    assert sum(s.lost or 0 for s in result.steps) == counts[0] - counts[-1]
    for step in result.steps:
        if step.conversion is not None:
            assert step.lower is not None
            assert step.upper is not None
            assert step.lower <= step.conversion <= step.upper
    if counts[-1]:
        product = 1.0
        for step in result.steps[1:]:
            product *= step.conversion or 0
        assert product == pytest.approx(result.conversion)


@pytest.mark.parametrize(
    ("people", "options", "words"),
    [
        ([5], {}, "two steps or more"),
        ([5, 6], {"steps": ["a"]}, "2 counts and 1 names"),
        ([5, 6], {"steps": ["a", "b"]}, "'b' has 6 people, more than the 5 of 'a' before it"),
        ([5, -1], {}, "Step '1' has -1 people"),
        ([5, 0.5], {}, "Step '1' has 0.5 people; it must be a whole number"),
        ([5, float("nan")], {}, "Step '1' has nan people"),
    ],
)
def test_what_is_no_funnel_is_refused(people, options, words):
    with pytest.raises(DataError, match=words):
        funnel(people, **options)
