from __future__ import annotations

import pytest

from opsbook.methods.solutions.decision_matrix import decision_matrix
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.point_allocation import point_allocation
from opsbook.methods.solutions.topsis import topsis

TRAP = decision_matrix(
    [[1, 3000], [2, 3750], [5, 4500]],
    options=["A1", "A2", "A3"],
    criteria=["risk", "height"],
    better=["lower", "higher"],
)


# Tzeng & Huang (2011), Multiple Attribute Decision Making.
def test_agrees_with_tzeng_and_huang():
    matrix = decision_matrix(
        [[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]],
        options=["A", "B", "C", "D"],
        criteria=["x", "y", "z"],
    )
    result = topsis(matrix, point_allocation({"x": 0.3, "y": 0.4, "z": 0.3}, ["x", "y", "z"]))
    assert result.scores == pytest.approx([0.5037, 0.6581, 0.7482, 0.3340], abs=5e-5)
    assert result.ranks == (3, 2, 1, 4)


# Opricovic & Tzeng (2004): the normalisation chooses the winner.
def test_vector_and_min_max_disagree_on_the_published_trap():
    weights = equal_weights(TRAP.criteria)
    vector = topsis(TRAP, weights)
    min_max = topsis(TRAP, weights, normalisation="min_max")
    assert vector.scores == pytest.approx([0.762, 0.722, 0.238], abs=5e-4)
    assert min_max.scores == pytest.approx([0.500, 0.617, 0.500], abs=5e-4)
    assert (vector.winners, min_max.winners) == (("A1",), ("A2",))
    assert (vector.normalisation, min_max.normalisation) == ("vector", "min_max")


def test_options_that_agree_on_everything_tie():
    matrix = decision_matrix([[1, 0], [1, 0]], options=["A", "B"], criteria=["x", "y"])
    result = topsis(matrix, equal_weights(["x", "y"]))
    assert result.scores == (0.5, 0.5)
    assert result.ranks == (1, 1)
