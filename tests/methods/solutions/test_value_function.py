from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.value_function import Anchor, value_function

WEEKS = value_function(
    "time",
    [
        Anchor(at=26, points=0, meaning="after the season"),
        Anchor(at=2, points=100, meaning="this month"),
        Anchor(at=8, points=60, meaning="this quarter"),
    ],
)


def test_joins_the_anchors_by_straight_lines_and_stays_flat_beyond():
    assert WEEKS.points([1, 2, 5, 8, 17, 26, 40]).tolist() == [100, 100, 80, 60, 30, 0, 0]


def test_says_which_measures_lie_beyond_the_anchors():
    assert WEEKS.outside([1, 2, 26, 27]).tolist() == [True, False, False, True]


measures = st.lists(st.floats(0, 50), min_size=1, max_size=8)


@given(measures, st.floats(0, 50))
def test_another_option_never_moves_a_score(options, newcomer):
    alone = WEEKS.points(options)
    assert np.array_equal(alone, WEEKS.points([*options, newcomer])[:-1])


def test_names_what_is_wrong_with_the_anchors():
    with pytest.raises(DataError, match="'risk' has 1 anchor points"):
        value_function("risk", [Anchor(at=1, points=0)])
    with pytest.raises(DataError, match="'risk' has two anchors at 1"):
        value_function("risk", [Anchor(at=1, points=0), Anchor(at=1, points=100)])
    with pytest.raises(DataError, match="points of 'risk' run from 10 to 100"):
        value_function("risk", [Anchor(at=1, points=10), Anchor(at=2, points=100)])
    with pytest.raises(DataError, match="rise and fall again: 0, 100, 50"):
        value_function("risk", [Anchor(at=i, points=p) for i, p in enumerate([0, 100, 50])])
    with pytest.raises(DataError, match="no finite number"):
        value_function("risk", [Anchor(at=float("nan"), points=0), Anchor(at=1, points=100)])
