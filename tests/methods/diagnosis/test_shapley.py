"""Shapley: the listing of all orders as oracle, and the laws of the value."""

import math
from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.factor_split import FactorSplit
from opsbook.methods.diagnosis.shapley import shapley

values = st.floats(-100, 100)
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=5)


def parts(split: FactorSplit) -> list[float]:
    return [f.contribution for f in split.factors]


def by_listing(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Average each factor's step over every order: the definition itself."""
    orders = list(permutations(range(len(before))))
    sums = [0.0] * len(before)
    for order in orders:
        now = list(before)
        for i in order:
            old = math.prod(now)
            now[i] = after[i]
            sums[i] += math.prod(now) - old
    return [s / len(orders) for s in sums]


def scale(rows: list[tuple[float, float]]) -> float:
    return max(1e-300, math.prod(max(abs(a), abs(b)) for a, b in rows))


# Our own arithmetic: the six orders of exposure * click rate * completion.
def test_splits_a_funnel():
    split = shapley([100_000, 0.05, 0.02], [110_000, 0.04, 0.025])
    expected = [10.083333333333334, -23.666666666666668, 23.583333333333336]
    assert parts(split) == pytest.approx(expected, rel=1e-12)
    assert split.total == pytest.approx(10, rel=1e-13)
    assert [f.times for f in split.factors] == [None, None, None]


@given(pairs)
def test_agrees_with_the_listing_of_all_orders(rows):
    before, after = zip(*rows, strict=True)
    expected = by_listing(before, after)
    assert parts(shapley(before, after)) == pytest.approx(expected, abs=1e-11 * scale(rows))


@given(pairs)
def test_the_parts_add_up_and_reverse_in_time(rows):
    before, after = zip(*rows, strict=True)
    there, back = shapley(before, after), shapley(after, before)
    assert abs(there.residual) <= 1e-12 * scale(rows)
    assert parts(back) == pytest.approx([-p for p in parts(there)], abs=1e-12 * scale(rows))


def test_a_quotient_is_split_through_the_reciprocal():
    split = shapley([20, 100], [30, 80], powers=[1, -1])
    expected = by_listing([20, 1 / 100], [30, 1 / 80])
    assert parts(split) == pytest.approx(expected)


def test_many_factors_need_no_listing():
    split = shapley([1.0] * 40, [1.1] * 40)
    assert parts(split) == pytest.approx([split.total / 40] * 40, rel=1e-11)


def test_a_sum_of_products_adds_up_its_rows():
    rows = shapley([[1, 2], [3, 4]], [[2, 2], [3, 5]])
    assert parts(rows) == pytest.approx([2, 3])


def test_a_dividing_zero_is_refused():
    with pytest.raises(DataError, match="Factor 'days' divides and is 0 in period 'after'"):
        shapley([1, 1], [1, 0], powers=[1, -1], names=["sales", "days"])
