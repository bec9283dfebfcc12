from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import decision_matrix
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.point_allocation import point_allocation
from opsbook.methods.solutions.weighted_sum import weighted_sum

CRITERIA = ["effect", "ease", "risk"]
WEIGHTS = point_allocation({"effect": 50, "ease": 30, "risk": 20}, CRITERIA)


def test_adds_points_by_weight_and_shows_what_each_criterion_brings():
    matrix = decision_matrix([[80, 30, 50], [40, 60, 100]], options=["A", "B"], criteria=CRITERIA)
    result = weighted_sum(matrix, WEIGHTS)
    assert result.scores == pytest.approx([59, 58])
    assert result.ranks == (1, 2)
    assert result.winners == ("A",)
    assert result.contributions[0] == pytest.approx([40, 9, 10])


def test_a_tie_by_rounding_is_a_tie():
    matrix = decision_matrix([[0.1, 0.2, 0], [0.3, 0, 0]], options=["A", "B"], criteria=CRITERIA)
    result = weighted_sum(matrix, equal_weights(CRITERIA))
    assert result.ranks == (1, 1)
    assert result.winners == ("A", "B")


tables = arrays(float, st.tuples(st.integers(2, 6), st.just(3)), elements=st.floats(0, 100))


@given(tables)
def test_leaving_an_option_out_never_moves_another_score(scores):
    names = [str(i) for i in range(len(scores))]
    matrix = decision_matrix(scores, options=names, criteria=CRITERIA)
    whole, rest = weighted_sum(matrix, WEIGHTS), weighted_sum(matrix.without("0"), WEIGHTS)
    assert rest.scores == whole.scores[1:]


def test_refuses_natural_units_of_which_less_is_better():
    matrix = decision_matrix([[1], [2]], options=["A", "B"], criteria=["cost"], better="lower")
    with pytest.raises(DataError, match="lower is better for 'cost'"):
        weighted_sum(matrix, equal_weights(["cost"]))
