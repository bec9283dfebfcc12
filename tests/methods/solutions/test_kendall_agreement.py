from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.kendall_agreement import kendall_agreement
from opsbook.methods.solutions.ranking import Ranking, ranks_of


def ranking(method: str, scores: list[float], options: str = "ABCD") -> Ranking:
    return Ranking(
        method=method,
        normalisation="none",
        options=tuple(options[: len(scores)]),
        scores=tuple(scores),
        ranks=ranks_of(scores),
    )


# One of the six pairs is turned: (5 - 1) / 6.
def test_counts_the_pairs_that_turn():
    result = kendall_agreement(ranking("x", [4, 3, 2, 1]), [ranking("y", [3, 4, 2, 1])])
    assert result.checks[0].tau == pytest.approx(4 / 6)
    assert not result.checks[0].same_winners
    assert result.dissenting == ("y",)


def test_one_single_tie_has_no_tau():
    result = kendall_agreement(ranking("x", [4, 3, 2]), [ranking("y", [1, 1, 1])])
    assert result.checks[0].tau is None


@given(st.permutations([1.0, 2.0, 3.0, 4.0]))
def test_a_ranking_agrees_fully_with_itself_whatever_the_order_of_its_rows(scores):
    base = ranking("x", scores)
    other = Ranking(
        method="y",
        normalisation="none",
        options=base.options[::-1],
        scores=base.scores[::-1],
        ranks=base.ranks[::-1],
    )
    check = kendall_agreement(base, [other]).checks[0]
    assert check.tau == pytest.approx(1)
    assert check.same_winners


def test_refuses_to_compare_rankings_of_different_options():
    with pytest.raises(DataError, match="y ranks A, B; x ranks A, B, C"):
        kendall_agreement(ranking("x", [1, 2, 3]), [ranking("y", [1, 2])])
