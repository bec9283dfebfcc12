from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.point_allocation import point_allocation

CRITERIA = ["effect", "ease", "risk"]


def test_points_state_the_order_of_unequal_criteria_only():
    weights = point_allocation({"effect": 50, "ease": 25, "risk": 25}, CRITERIA)
    assert weights.order == (("effect", "ease"), ("effect", "risk"))


def test_shares_follow_the_criteria_by_name_and_not_by_place():
    weights = point_allocation({"risk": 1, "effect": 2, "ease": 1}, CRITERIA)
    assert weights.of(["risk", "ease", "effect"]).tolist() == [0.25, 0.25, 0.5]


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=8), st.floats(0.001, 1000))
def test_shares_add_up_to_one_whatever_the_total(amounts, factor):
    names = [str(i) for i in range(len(amounts))]
    given_points = dict(zip(names, amounts, strict=True))
    scaled = {name: amount * factor for name, amount in given_points.items()}
    weights = point_allocation(given_points, names)
    assert math.fsum(weights.shares) == pytest.approx(1)
    assert point_allocation(scaled, names).shares == pytest.approx(weights.shares)


def test_names_what_is_wrong_with_the_weights():
    with pytest.raises(DataError, match="zero or more; found 'ease' -2, 'risk' -1"):
        point_allocation({"effect": 1, "ease": -2, "risk": -1}, CRITERIA)
    with pytest.raises(DataError, match="All weights are zero"):
        point_allocation(dict.fromkeys(CRITERIA, 0.0), CRITERIA)
    with pytest.raises(DataError, match="missing for 'ease', 'risk'"):
        point_allocation({"effect": 1, "risk": None}, CRITERIA)
    with pytest.raises(DataError, match="Unknown criterion in the weights: 'costs'"):
        point_allocation({"costs": 1}, CRITERIA)
    with pytest.raises(DataError, match="has no weight"):
        equal_weights(["effect"]).of(CRITERIA)
    with pytest.raises(DataError, match="criterion may be named once"):
        equal_weights(["effect", "effect"])
