from __future__ import annotations

import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.guess_matrix import guess_matrix
from opsbook.methods.solutions.value_function import Anchor, value_function

WEEKS = value_function("weeks", [Anchor(at=0, points=100), Anchor(at=10, points=0)])


def test_turns_quantiles_of_natural_units_into_points():
    guesses = guess_matrix(
        [[2, 5]],
        [[4, 5]],
        [[6, 5]],
        options=["A"],
        criteria=["weeks", "ease"],
        value_functions={"weeks": WEEKS},
    )
    quantiles = np.array([[0.0, 0.5, 1.0]])
    assert guesses.points(0, quantiles) == pytest.approx(np.array([[80, 60, 40]]))
    assert guesses.points(1, quantiles).tolist() == [[5, 5, 5]]
    assert guesses.uncertain(0).tolist() == [True]
    assert guesses.uncertain(1).tolist() == [False]


def test_lists_every_guess_that_is_out_of_order():
    with pytest.raises(DataError, match=r"'A' on 'x' \(3, 2, 4\), 'B' on 'x' \(1, 5, 4\)"):
        guess_matrix([[3], [1]], [[2], [5]], [[4], [4]], options=["A", "B"], criteria=["x"])


def test_refuses_a_value_function_of_an_unknown_criterion():
    with pytest.raises(DataError, match="Unknown criterion in the value functions: 'weeks'"):
        guess_matrix(
            [[1]], [[1]], [[1]], options=["A"], criteria=["x"], value_functions={"weeks": WEEKS}
        )
