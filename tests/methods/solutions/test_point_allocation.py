from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.point_allocation import point_allocation


def test_any_total_of_points_will_do():
    weights = point_allocation({"risk": 2, "effect": 6}, ["effect", "risk"])
    assert weights.method == "point_allocation"
    assert weights.shares == (0.75, 0.25)


def test_names_what_is_wrong_with_the_points():
    with pytest.raises(DataError, match="zero or more; found 'risk' -2"):
        point_allocation({"effect": 6, "risk": -2}, ["effect", "risk"])
    with pytest.raises(DataError, match="All weights are zero"):
        point_allocation({"effect": 0, "risk": 0}, ["effect", "risk"])
