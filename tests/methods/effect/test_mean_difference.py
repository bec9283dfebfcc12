import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.methods.effect.published import free, numbers

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import Sums, mean_difference

arms = st.lists(st.integers(100, 130), min_size=3, max_size=12).filter(lambda a: len(set(a)) > 1)


# Published A/B test from sums: absolute .29 (.04538, .53462) p .02016; relative .70732
# (-.03526, 1.44989) p .06191.
def test_agrees_with_an_experiment_published_as_sums():
    result = mean_difference(
        Sums(n=3407, total=1396.87, squares=52377.9767),
        Sums(n=3461, total=2422.7, squares=134698.29),
    )
    difference, relative = result.difference, result.relative
    assert relative is not None
    assert difference.effect == pytest.approx(0.29)
    assert (difference.lower, difference.upper) == pytest.approx((0.04538, 0.53462), abs=5e-6)
    assert difference.p_value == pytest.approx(0.02016, abs=5e-6)
    assert relative.effect == pytest.approx(0.70732, abs=5e-6)
    assert (relative.lower, relative.upper) == pytest.approx((-0.03526, 1.44989), abs=5e-6)
    assert relative.p_value == pytest.approx(0.06191, abs=5e-6)


# tea-tasting, example data of seed 42: revenue per user +9.3 % (-2.4, 22).
def test_agrees_with_tea_tasting_on_revenue_per_user():
    rows = free("ab_tea_users_seed42.csv.gz")
    revenue, arm = numbers(rows, "revenue"), numbers(rows, "variant")
    ratio = mean_difference(revenue[arm == 0], revenue[arm == 1]).ratio
    assert ratio is not None
    assert ratio.effect - 1 == pytest.approx(0.093, abs=5e-4)
    assert (ratio.lower, ratio.upper) == pytest.approx((0.976, 1.22), abs=5e-3)


# Student's sleep data (1908); R: t.test(extra ~ group, data = sleep).
def test_agrees_with_r_on_the_sleep_data():
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    assert mean_difference(first, second).difference.p_value == pytest.approx(0.07939, abs=5e-6)


@settings(max_examples=30)
@given(arms, arms)
def test_sums_and_users_give_the_same(control, treatment):
    sums = [
        Sums(n=len(a), total=sum(a), squares=sum(v * v for v in a)) for a in (control, treatment)
    ]
    users = mean_difference(control, treatment).difference
    assert mean_difference(*sums).difference.upper == pytest.approx(users.upper, rel=1e-6)


@settings(max_examples=30)
@given(arms, arms)
def test_swapping_the_arms_flips_the_difference_and_inverts_the_ratio(control, treatment):
    forth, back = mean_difference(control, treatment), mean_difference(treatment, control)
    assert back.difference.effect == -forth.difference.effect
    assert forth.ratio is not None
    assert back.ratio is not None
    assert back.ratio.lower is not None
    assert back.ratio.lower * (forth.ratio.upper or 0) == pytest.approx(1)


@settings(max_examples=30)
@given(arms, arms, st.floats(1e-3, 1e3))
def test_the_unit_of_money_does_not_matter(control, treatment, rate):
    first = mean_difference(control, treatment)
    second = mean_difference(np.multiply(control, rate), np.multiply(treatment, rate))
    assert second.difference.p_value == pytest.approx(first.difference.p_value)
    assert first.relative is not None
    assert second.relative is not None
    assert second.relative.effect == pytest.approx(first.relative.effect)


def test_a_control_that_may_be_nothing_has_no_relative_change():
    result = mean_difference([-1, 0, 1], [1, 2, 3])
    assert result.relative is None
    assert result.ratio is None


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ([1], "control arm has 1 finite values of 1"),
        ([1, np.nan, 2], "control arm has 2 finite values of 3"),
        (Sums(n=1, total=1, squares=1), "control arm has 1 users"),
        (Sums(n=2, total=10, squares=1), "sum of squares 1 is less than"),
        ([3, 3], "Neither arm varies"),
    ],
)
def test_says_what_is_wrong_with_an_arm(control, words):
    with pytest.raises(DataError, match=words):
        mean_difference(control, [5, 5, 5])
