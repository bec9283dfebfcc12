from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.analytic_hierarchy_process import analytic_hierarchy_process

# Saaty (1980), choosing a house by eight criteria.
HOUSE: list[list[float]] = [
    [1, 5, 3, 7, 6, 6, 1 / 3, 1 / 4],
    [1 / 5, 1, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
    [1 / 3, 3, 1, 6, 3, 4, 6, 1 / 5],
    [1 / 7, 1 / 5, 1 / 6, 1, 1 / 3, 1 / 4, 1 / 7, 1 / 8],
    [1 / 6, 1 / 3, 1 / 3, 3, 1, 1 / 2, 1 / 5, 1 / 6],
    [1 / 6, 1 / 3, 1 / 4, 4, 2, 1, 1 / 5, 1 / 6],
    [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2],
    [4, 7, 5, 8, 6, 6, 2, 1],
]
HOUSE_CRITERIA = ["size", "bus", "place", "age", "yard", "modern", "state", "money"]

# Saaty (2008), which drink is consumed more in the USA.
DRINKS: list[list[float]] = [
    [1, 9, 5, 2, 1, 1, 1 / 2],
    [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
    [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
    [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [1, 9, 4, 2, 1, 2, 1 / 2],
    [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [2, 9, 9, 3, 2, 3, 1],
]

# Saaty (1980), relative wealth of seven nations.
NATIONS: list[list[float]] = [
    [1, 4, 9, 6, 6, 5, 5],
    [1 / 4, 1, 7, 5, 5, 3, 4],
    [1 / 9, 1 / 7, 1, 1 / 5, 1 / 5, 1 / 7, 1 / 5],
    [1 / 6, 1 / 5, 5, 1, 1, 1 / 3, 1 / 3],
    [1 / 6, 1 / 5, 5, 1, 1, 1 / 3, 1 / 3],
    [1 / 5, 1 / 3, 7, 3, 3, 1, 2],
    [1 / 5, 1 / 4, 5, 3, 3, 1 / 2, 1],
]
SEVEN = list("abcdefg")


def test_agrees_with_saaty_on_the_house_and_warns():
    result = analytic_hierarchy_process(HOUSE, HOUSE_CRITERIA)
    expected = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert result.weights.shares == pytest.approx(expected, abs=5e-4)
    assert result.lambda_max == pytest.approx(9.669, abs=5e-4)
    assert result.consistency_index == pytest.approx(0.238, abs=5e-4)
    assert result.consistency_ratio == pytest.approx(0.169, abs=5e-4)
    assert not result.consistent


def test_lists_the_worst_judgement_of_the_house_and_corrects_nothing():
    result = analytic_hierarchy_process(HOUSE, HOUSE_CRITERIA)
    worst = result.worst[0]
    assert (worst.first, worst.second, worst.given) == ("place", "state", 6)
    assert worst.implied == pytest.approx(0.188 / 0.167, abs=0.01)
    assert len(result.worst) == 3


def test_agrees_with_saaty_on_the_drinks():
    result = analytic_hierarchy_process(DRINKS, SEVEN)
    expected = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert result.weights.shares == pytest.approx(expected, abs=5e-4)
    assert result.consistency_ratio == pytest.approx(0.022, abs=5e-4)
    assert result.consistent
    assert result.worst == ()


def test_agrees_with_saaty_on_the_wealth_of_nations():
    result = analytic_hierarchy_process(NATIONS, SEVEN)
    expected = [0.427, 0.230, 0.021, 0.052, 0.052, 0.123, 0.094]
    assert result.weights.shares == pytest.approx(expected, abs=5e-4)
    assert result.lambda_max == pytest.approx(7.61, abs=5e-3)
    assert result.consistency_ratio == pytest.approx(0.08, abs=5e-3)


@given(st.lists(st.floats(0.1, 9), min_size=1, max_size=8))
def test_judgements_made_from_weights_give_these_weights_back(amounts):
    weights = np.array(amounts) / math.fsum(amounts)
    names = [str(i) for i in range(len(amounts))]
    result = analytic_hierarchy_process(weights[:, None] / weights[None, :], names)
    assert result.weights.shares == pytest.approx(weights)
    assert result.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_names_what_is_wrong_with_the_judgements():
    with pytest.raises(DataError, match=r"shape \(1, 2\) for 2 criteria"):
        analytic_hierarchy_process([[1, 2]], ["a", "b"])
    with pytest.raises(DataError, match=r"found 'a' against 'b' \(-2\)"):
        analytic_hierarchy_process([[1.0, -2], [0.5, 1]], ["a", "b"])
    with pytest.raises(DataError, match=r"'b' against 'a' \(nan\)"):
        analytic_hierarchy_process([[1.0, 2], [float("nan"), 1]], ["a", "b"])
    with pytest.raises(DataError, match="'a' against 'b' is 2 and back 2"):
        analytic_hierarchy_process([[1, 2], [2, 1]], ["a", "b"])
    with pytest.raises(DataError, match="There are 16 criteria"):
        analytic_hierarchy_process(np.ones((16, 16)), [str(i) for i in range(16)])


def test_a_third_written_as_33_hundredths_passes():
    assert analytic_hierarchy_process([[1.0, 3], [0.33, 1]], ["a", "b"]).consistent
