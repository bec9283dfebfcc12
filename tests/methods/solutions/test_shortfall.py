from __future__ import annotations

from opsbook.methods.solutions.shortfall import shortfall, with_required


def test_counts_what_is_missing_of_each_and_never_less_than_zero():
    result = shortfall(
        ["A", "B"],
        cost={"A": 5, "B": 6, "C": 90},
        work={"A": 1, "B": 1, "C": 90},
        budget=8,
        person_weeks=4,
    )
    assert (result.options, result.money, result.person_weeks) == (("A", "B"), 3, 0)


def test_follows_what_is_required_even_in_a_circle():
    requires = {"A": ["B"], "B": ["C"], "C": ["A"], "D": []}
    assert with_required(["A"], requires) == {"A", "B", "C"}
