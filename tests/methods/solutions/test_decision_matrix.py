from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import decision_matrix, matrix_from_rows


def test_lists_every_blank_score_at_once():
    rows: list[tuple[str, dict[str, float | None]]] = [
        ("A", {"effect": None, "risk": 2.0}),
        ("B", {"effect": 1.0}),
    ]
    with pytest.raises(DataError, match="missing: 'A' on 'effect', 'B' on 'risk'") as caught:
        matrix_from_rows(rows, criteria=["effect", "risk"])
    assert "a blank is no zero" in caught.value.fix


def test_names_an_option_that_stands_there_twice():
    with pytest.raises(DataError, match="option may be named once; found 'A' 2 times"):
        matrix_from_rows([("A", {"x": 1.0}), ("A", {"x": 2.0})], criteria=["x"])


def test_names_an_unknown_criterion_and_the_known_ones():
    with pytest.raises(DataError, match="in the scores of option 'A': 'efect'") as caught:
        matrix_from_rows([("A", {"efect": 1.0})], criteria=["effect", "risk"])
    assert "effect, risk" in caught.value.fix


def test_refuses_a_table_of_the_wrong_shape_or_direction():
    with pytest.raises(DataError, match=r"shape \(1, 2\) for 1 options and 1 criteria"):
        decision_matrix([[1, 2]], options=["A"], criteria=["x"])
    with pytest.raises(DataError, match="'better' is up for 1 criteria"):
        decision_matrix([[1]], options=["A"], criteria=["x"], better=["up"])  # type: ignore[list-item]  # the wrong word is the point
    with pytest.raises(DataError, match="There is no option"):
        decision_matrix([], options=[], criteria=["x"])
    with pytest.raises(DataError, match="option at place 2 has a blank name"):
        decision_matrix([[1], [1]], options=["A", " "], criteria=["x"])


def test_a_cost_with_a_currency_sign_is_no_number():
    with pytest.raises(DataError, match=r"no number: .*¥5,000") as caught:
        decision_matrix([["¥5,000"]], options=["A"], criteria=["cost"])
    assert "without units or currency signs" in caught.value.fix


def test_leaves_one_option_out():
    matrix = decision_matrix([[1], [2]], options=["A", "B"], criteria=["x"], better="lower")
    assert matrix.without("A").options == ("B",)
    assert matrix.without("A").gains.tolist() == [[-2.0]]
