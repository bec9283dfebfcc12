from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.methods.solutions.decision_matrix import decision_matrix
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.point_allocation import point_allocation
from opsbook.methods.solutions.rank_reversal import Reversal, rank_reversal
from opsbook.methods.solutions.topsis import topsis
from opsbook.methods.solutions.weighted_sum import weighted_sum

CRITERIA = ["x", "y", "z"]


# By hand, min-max TOPSIS: alone, A = (1, 0) and B = (0, 1), so that the heavier x decides for A
# (.55). Beside C, worse than both on everything, A = (1, .5) and B = (.75, 1): .725 and .816.
def test_finds_the_hopeless_third_option_on_which_the_winner_hangs():
    matrix = decision_matrix([[4, 2], [3, 4], [0, 0]], options=list("ABC"), criteria=["x", "y"])
    weights = point_allocation({"x": 55, "y": 45}, ["x", "y"])
    min_max = partial(topsis, normalisation="min_max")
    assert min_max(matrix, weights).scores == pytest.approx([0.725, 0.816, 0], abs=5e-4)
    assert min_max(matrix.without("C"), weights).scores == pytest.approx([0.55, 0.45])
    result = rank_reversal(matrix, weights, min_max)
    assert result.method == "topsis"
    assert result.reversals == (Reversal(left_out="C", before="B", after="A"),)
    assert result.winner_hangs_on == ("C",)


tables = arrays(float, st.tuples(st.integers(1, 6), st.just(3)), elements=st.integers(0, 100))


@settings(deadline=None, max_examples=50)
@given(tables)
def test_a_weighted_sum_never_reverses(scores):
    names = [str(i) for i in range(len(scores))]
    matrix = decision_matrix(scores, options=names, criteria=CRITERIA)
    result = rank_reversal(matrix, equal_weights(CRITERIA), weighted_sum)
    assert result.reversals == ()
    assert result.winner_hangs_on == ()
