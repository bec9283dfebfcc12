from __future__ import annotations

import pytest

from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.guess_matrix import guess_matrix
from opsbook.methods.solutions.tornado import tornado
from opsbook.methods.solutions.value_function import Anchor, value_function

CRITERIA = ["effect", "weeks"]
WEEKS = value_function("weeks", [Anchor(at=0, points=100), Anchor(at=10, points=0)])


# By hand: A = (60 + 60) / 2, B = (80 + 20) / 2; A's weeks from 2 to 9 are 80 to 10 points.
def test_moves_one_guess_at_a_time_the_widest_first():
    guesses = guess_matrix(
        [[60, 2], [70, 8]],
        [[60, 4], [80, 8]],
        [[60, 9], [90, 8]],
        options=["A", "B"],
        criteria=CRITERIA,
        value_functions={"weeks": WEEKS},
    )
    result = tornado(guesses, equal_weights(CRITERIA))
    assert result.leader == "A"
    assert result.lead == pytest.approx(10)
    weeks, effect = result.bars
    assert (weeks.option, weeks.criterion, weeks.turns) == ("A", "weeks", True)
    assert [weeks.at_low, weeks.at_high] == pytest.approx([20, -15])
    assert (effect.option, effect.criterion, effect.turns) == ("B", "effect", False)
    assert [effect.at_low, effect.at_high] == pytest.approx([15, 5])


def test_the_lead_is_over_whichever_other_option_is_then_best():
    guesses = guess_matrix(
        [[50], [40], [0]],
        [[50], [40], [30]],
        [[50], [40], [90]],
        options=["A", "B", "C"],
        criteria=["x"],
    )
    (bar,) = tornado(guesses, equal_weights(["x"])).bars
    assert (bar.at_low, bar.at_high) == (10, -40)


def test_a_single_option_has_no_bars():
    guesses = guess_matrix([[1]], [[2]], [[3]], options=["A"], criteria=["x"])
    assert tornado(guesses, equal_weights(["x"])).bars == ()
