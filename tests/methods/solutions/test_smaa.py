from __future__ import annotations

import pickle
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.guess_matrix import GuessMatrix, guess_matrix
from opsbook.methods.solutions.smaa import smaa


def known(scores: Sequence[Sequence[float]], options: str = "ABC") -> GuessMatrix:
    criteria = [f"c{j}" for j in range(len(scores[0]))]
    return guess_matrix(
        scores, scores, scores, options=list(options[: len(scores)]), criteria=criteria
    )


# By hand: A wins where .8 w + .3 (1 - w) > .4 w + .6 (1 - w), that is w > 3/7.
def test_two_options_under_uniform_weights_have_the_closed_form():
    result = smaa(known([[0.8, 0.3], [0.4, 0.6]]), seed=1)
    assert result.first("A") == pytest.approx(4 / 7, abs=3 * result.standard_error)
    assert result.best == "A"
    assert result.verdict == "leaning"
    a, b = result.central_weights
    assert a is not None
    assert b is not None
    # The mean weight where A wins is halfway from 3/7 to 1, where B wins halfway from 0 to 3/7.
    assert a[0] == pytest.approx(5 / 7, abs=0.01)
    assert b[0] == pytest.approx(3 / 14, abs=0.01)
    assert result.confidence == (1.0, 1.0)


def test_an_order_of_the_weights_can_settle_the_question():
    result = smaa(known([[0.8, 0.3], [0.4, 0.6]]), order=[("c0", "c1")], seed=1)
    assert result.first("A") == 1
    assert result.verdict == "clear"
    assert result.central_weights[1] is None
    assert result.confidence[1] is None


# By hand: B ~ triangular(0, 50, 100) beats a certain 75 with probability 25² / (100 · 50).
def test_guesses_alone_have_the_closed_form():
    guesses = guess_matrix(
        [[75], [0]], [[75], [50]], [[75], [100]], options=["A", "B"], criteria=["x"]
    )
    result = smaa(guesses, draws=40_000, seed=3)
    assert result.first("B") == pytest.approx(0.125, abs=0.005)
    assert result.confidence[1] == pytest.approx(0.125, abs=0.005)


def test_three_even_options_are_a_toss_up():
    result = smaa(known([[9, 0, 0], [0, 9, 0], [0, 0, 9]]), seed=1)
    assert result.verdict == "toss_up"
    assert [row[0] for row in result.acceptability] == pytest.approx([1 / 3] * 3, abs=0.02)


def test_options_that_tie_share_their_ranks():
    result = smaa(known([[5, 5], [5, 5], [1, 1]]), draws=100, seed=1)
    assert result.acceptability == ((0.5, 0.5, 0.0), (0.5, 0.5, 0.0), (0.0, 0.0, 1.0))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 5))
def test_every_option_takes_one_rank_and_every_rank_one_option(seed, n, m):
    rng = np.random.default_rng(seed)
    parts = np.sort(rng.integers(0, 5, (3, n, m)), axis=0)
    guesses = guess_matrix(
        *parts, options=[f"o{i}" for i in range(n)], criteria=[f"c{j}" for j in range(m)]
    )
    result = smaa(guesses, draws=200, seed=seed)
    acceptability = np.array(result.acceptability)
    assert acceptability.sum(axis=0) == pytest.approx(np.ones(n))
    assert acceptability.sum(axis=1) == pytest.approx(np.ones(n))
    for weights in result.central_weights:
        assert weights is None or sum(weights) == pytest.approx(1)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    parts = np.sort(np.random.default_rng(5).uniform(0, 100, (3, 4, 3)), axis=0)
    guesses = guess_matrix(*parts, options=list("ABCD"), criteria=list("xyz"))
    first, second, third = (smaa(guesses, draws=500, seed=seed) for seed in (1, 1, 2))
    assert pickle.dumps(first) == pickle.dumps(second)
    assert first.acceptability != third.acceptability


def test_refuses_to_draw_nothing():
    with pytest.raises(DataError, match="asked for 0 draws"):
        smaa(known([[1]]), draws=0, seed=1)
