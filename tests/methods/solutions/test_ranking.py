from __future__ import annotations

from opsbook.methods.solutions.ranking import ranks_of


def test_ties_share_the_better_rank_and_leave_the_next_one_out():
    assert ranks_of([3, 5, 5, 1]) == (3, 1, 1, 4)
    assert ranks_of([3, 5, 5, 1], best="lowest") == (2, 3, 3, 1)


def test_a_difference_of_rounding_is_a_tie():
    assert ranks_of([0.1 + 0.2, 0.3]) == (1, 1)
