from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.rank_order_centroid import rank_order_centroid


# Barron & Barrett (1996), Management Science 42, 1515-1523.
@pytest.mark.parametrize(
    ("n", "expected"),
    [(3, [0.6111, 0.2778, 0.1111]), (4, [0.5208, 0.2708, 0.1458, 0.0625])],
)
def test_agrees_with_the_published_weights(n, expected):
    weights = rank_order_centroid([str(i) for i in range(n)])
    assert weights.shares == pytest.approx(expected, abs=5e-5)


@given(st.integers(1, 20))
def test_shares_fall_and_add_up_to_one(n):
    shares = rank_order_centroid([str(i) for i in range(n)]).shares
    assert sum(shares) == pytest.approx(1)
    assert sorted(shares, reverse=True) == list(shares)


def test_a_criterion_may_stand_in_the_order_once():
    with pytest.raises(DataError, match="found 'a' 2 times"):
        rank_order_centroid(["a", "b", "a"])
