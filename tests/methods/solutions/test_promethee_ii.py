from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import decision_matrix
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.point_allocation import point_allocation
from opsbook.methods.solutions.promethee_ii import promethee_ii

CRITERIA = ["x", "y", "z"]


# The worked example of pymcdm's guide (usual preference function).
def test_agrees_with_the_example_of_pymcdm():
    matrix = decision_matrix(
        [[4, 3, 2], [3, 2, 4], [5, 1, 3]], options=["A", "B", "C"], criteria=CRITERIA
    )
    result = promethee_ii(matrix, point_allocation({"x": 5, "y": 3, "z": 2}, CRITERIA))
    assert result.scores == pytest.approx([0.1, -0.3, 0.2])
    assert result.ranks == (2, 3, 1)


def test_a_lead_wins_in_proportion_between_the_thresholds():
    matrix = decision_matrix([[0], [10], [20], [30]], options=list("ABCD"), criteria=["x"])
    result = promethee_ii(matrix, equal_weights(["x"]), indifference=10, preference=30)
    assert result.leaving == pytest.approx([0, 0, 0.5 / 3, 1.5 / 3])
    assert result.normalisation == "linear"


tables = arrays(float, st.tuples(st.integers(1, 6), st.just(3)), elements=st.floats(0, 100))


@given(tables)
def test_net_flows_add_up_to_zero(scores):
    names = [str(i) for i in range(len(scores))]
    matrix = decision_matrix(scores, options=names, criteria=CRITERIA)
    result = promethee_ii(matrix, equal_weights(CRITERIA), indifference=5, preference=30)
    assert sum(result.scores) == pytest.approx(0, abs=1e-9)


def test_refuses_thresholds_in_the_wrong_order():
    matrix = decision_matrix([[0]], options=["A"], criteria=["x"])
    with pytest.raises(DataError, match=r"thresholds are \[5.0\] and \[3.0\]"):
        promethee_ii(matrix, equal_weights(["x"]), indifference=5, preference=3)
