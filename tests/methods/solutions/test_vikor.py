from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import decision_matrix
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.point_allocation import point_allocation
from opsbook.methods.solutions.vikor import vikor


# Opricovic & Tzeng (2004), European Journal of Operational Research 156, 445-455.
def test_agrees_with_opricovic_and_tzeng():
    matrix = decision_matrix(
        [[1, 3000], [2, 3750], [5, 4500]],
        options=["A1", "A2", "A3"],
        criteria=["risk", "height"],
        better=["lower", "higher"],
    )
    result = vikor(matrix, equal_weights(matrix.criteria))
    assert result.group_regret == pytest.approx([0.5, 0.375, 0.5])
    assert result.worst_regret == pytest.approx([0.5, 0.25, 0.5])
    assert result.scores == pytest.approx([1, 0, 1])
    assert result.ranks == (2, 1, 2)
    assert result.compromise == ("A2",)


# Papathanasiou & Ploskas (2018), Multiple Criteria Decision Aid.
def test_agrees_with_papathanasiou_and_ploskas():
    criteria = ["a", "b", "c", "d"]
    matrix = decision_matrix(
        [[8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4]],
        options=["1", "2", "3", "4", "5", "6"],
        criteria=criteria,
    )
    weights = point_allocation(dict(zip(criteria, [0.4, 0.3, 0.1, 0.2], strict=True)), criteria)
    result = vikor(matrix, weights, majority=0.625)
    assert result.scores == pytest.approx([0.640, 1, 0.693, 0.271, 0, 0.694], abs=5e-4)
    assert result.ranks == (3, 6, 4, 2, 1, 5)


def test_proposes_all_options_that_are_too_near_to_tell_apart():
    matrix = decision_matrix(
        [[100, 0], [98, 1], [0, 100]], options=["A", "B", "C"], criteria=["x", "y"]
    )
    result = vikor(matrix, point_allocation({"x": 3, "y": 1}, ["x", "y"]))
    assert result.winners == ("A",)
    assert result.compromise == ("A", "B")


def test_a_single_option_is_its_own_compromise():
    matrix = decision_matrix([[3]], options=["A"], criteria=["x"])
    result = vikor(matrix, equal_weights(["x"]))
    assert (result.scores, result.compromise) == ((0.0,), ("A",))


def test_refuses_a_majority_outside_zero_to_one():
    matrix = decision_matrix([[3]], options=["A"], criteria=["x"])
    with pytest.raises(DataError, match=r"VIKOR.s v is 1\.5"):
        vikor(matrix, equal_weights(["x"]), majority=1.5)
