import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.methods.effect.published import free, numbers

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import mean_difference
from opsbook.methods.effect.ratio_metric import ratio_metric

arms = st.lists(st.integers(100, 130), min_size=3, max_size=12).filter(lambda a: len(set(a)) > 1)


# tea-tasting, example data of seed 42: orders per session +8.8 % (-.89, 19), p .0762.
def test_agrees_with_tea_tasting_on_orders_per_session():
    rows = free("ab_tea_users_seed42.csv.gz")
    orders, sessions, arm = (numbers(rows, name) for name in ("orders", "sessions", "variant"))
    result = ratio_metric(
        (orders[arm == 0], sessions[arm == 0]), (orders[arm == 1], sessions[arm == 1])
    )
    assert result.difference.p_value == pytest.approx(0.0762, abs=5e-5)
    assert result.ratio is not None
    assert result.ratio.effect - 1 == pytest.approx(0.088, abs=5e-4)
    assert result.ratio.lower == pytest.approx(1 - 0.0089, abs=5e-5)
    assert result.ratio.upper == pytest.approx(1.19, abs=5e-3)


@settings(max_examples=30)
@given(arms, arms)
def test_one_session_per_user_is_the_plain_mean(control, treatment):
    plain = mean_difference(control, treatment).difference
    ratio = ratio_metric((control, np.ones(len(control))), (treatment, np.ones(len(treatment))))
    assert ratio.difference.lower == pytest.approx(plain.lower, rel=1e-6, abs=1e-6)


def test_doubling_every_user_as_two_sessions_adds_no_certainty():
    orders = np.random.default_rng(3).binomial(1, 0.3, 200)
    once = ratio_metric((orders[:100], np.ones(100)), (orders[100:], np.ones(100)))
    twice = ratio_metric((orders[:100] * 2, np.full(100, 2)), (orders[100:] * 2, np.full(100, 2)))
    assert twice.difference.p_value == pytest.approx(once.difference.p_value)


def test_refuses_columns_of_unequal_length():
    with pytest.raises(DataError, match="treatment arm has 3 numerators and 2 denominators"):
        ratio_metric(([1, 2], [1, 1]), ([1, 2, 3], [1, 1]))


def test_refuses_an_arm_without_sessions():
    with pytest.raises(DataError, match="control arm's denominators sum to 0"):
        ratio_metric(([1, 2], [0, 0]), ([1, 2], [1, 1]))
