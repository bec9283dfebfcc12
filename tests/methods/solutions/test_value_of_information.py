from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.guess_matrix import guess_matrix
from opsbook.methods.solutions.value_of_information import value_of_information


# By hand: E max(50, B) - 50 with B ~ triangular(20, 45, 80) is (2 / 2100) · 30³ / 6 = 4.2857,
# and P(B > 50) = 30² / 2100 = .4286.
def test_one_guess_against_a_certain_score_has_the_closed_form():
    guesses = guess_matrix(
        [[50], [20]], [[50], [45]], [[50], [80]], options=["A", "B"], criteria=["x"]
    )
    result = value_of_information(guesses, equal_weights(["x"]), draws=40_000, seed=1)
    (only,) = result.guesses
    assert (result.best, only.option) == ("A", "B")
    assert only.worth == pytest.approx(4.2857, abs=0.001)
    assert only.flips == pytest.approx(0.4286, abs=0.001)
    assert result.perfect == pytest.approx(4.2857, abs=0.15)
    assert result.worth_knowing == only


def test_a_guess_that_cannot_change_the_choice_is_worth_nothing():
    guesses = guess_matrix(
        [[90], [0]], [[90], [10]], [[90], [20]], options=["A", "B"], criteria=["x"]
    )
    result = value_of_information(guesses, equal_weights(["x"]), seed=1)
    assert result.worth_knowing is None
    assert result.guesses[0].worth == 0
    assert result.perfect == 0


def test_names_the_guess_most_worth_knowing():
    guesses = guess_matrix(
        [[40, 10], [35, 40]],
        [[50, 50], [45, 50]],
        [[60, 90], [55, 60]],
        options=["A", "B"],
        criteria=["effect", "risk"],
    )
    result = value_of_information(guesses, equal_weights(["effect", "risk"]), seed=1)
    assert result.worth_knowing is not None
    assert (result.worth_knowing.option, result.worth_knowing.criterion) == ("A", "risk")
    assert len(result.guesses) == 4


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_single_guess_is_worth_more_than_knowing_everything(seed):
    rng = np.random.default_rng(seed)
    parts = np.sort(rng.uniform(0, 100, (3, 3, 2)), axis=0)
    guesses = guess_matrix(*parts, options=list("ABC"), criteria=list("xy"))
    result = value_of_information(guesses, equal_weights(["x", "y"]), draws=4_000, seed=seed)
    assert all(guess.worth <= result.perfect + 1.5 for guess in result.guesses)
    assert all(guess.worth >= 0 for guess in result.guesses)


def test_a_single_option_leaves_nothing_to_decide():
    guesses = guess_matrix([[0]], [[5]], [[9]], options=["A"], criteria=["x"])
    result = value_of_information(guesses, equal_weights(["x"]), seed=1)
    assert (result.perfect, result.worth_knowing) == (0.0, None)


def test_refuses_to_draw_nothing():
    guesses = guess_matrix([[0]], [[5]], [[9]], options=["A"], criteria=["x"])
    with pytest.raises(DataError, match="0 draws"):
        value_of_information(guesses, equal_weights(["x"]), draws=0, seed=1)
