from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.choice_under_budget import Candidate, choice_under_budget

# Knapsack P01 of Burkardt's collection (Florida State University).
P01_WEIGHTS = [23, 31, 29, 44, 53, 38, 63, 85, 89, 82]
P01_VALUES = [92, 57, 49, 68, 60, 43, 67, 84, 87, 72]


def test_solves_the_published_knapsack_p01():
    items = [
        Candidate(name=f"item {i}", value=v, cost=w)
        for i, (w, v) in enumerate(zip(P01_WEIGHTS, P01_VALUES, strict=True))
    ]
    result = choice_under_budget(items, budget=165)
    assert result.value == 309
    assert "".join(str(int(item.name in result.chosen)) for item in items) == "1111010000"


small = st.integers(0, 30)
programmes = st.lists(
    st.tuples(st.integers(-5, 30), small, st.integers(0, 10)), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None)
@given(programmes, small, st.integers(0, 15), st.data())
def test_agrees_with_trying_every_set(rows, budget, weeks, data):
    places = st.integers(0, len(rows) - 1)
    needed = data.draw(st.lists(places, min_size=len(rows), max_size=len(rows)))
    pair = data.draw(st.tuples(places, places))
    items = [
        Candidate(name=str(i), value=v, cost=c, person_weeks=w, requires=(str(n),))
        for i, ((v, c, w), n) in enumerate(zip(rows, needed, strict=True))
    ]
    exclusives = [[str(pair[0]), str(pair[1])]] if pair[0] != pair[1] else []
    allowed = [
        (sum(rows[i][0] for i in taken), -sum(rows[i][1] for i in taken))
        for bits in product([0, 1], repeat=len(rows))
        for taken in [[i for i, bit in enumerate(bits) if bit]]
        if sum(rows[i][1] for i in taken) <= budget
        and sum(rows[i][2] for i in taken) <= weeks
        and all(needed[i] in taken for i in taken)
        and not (exclusives and set(pair) <= set(taken))
    ]
    result = choice_under_budget(items, budget=budget, person_weeks=weeks, exclusives=exclusives)
    assert (result.value, -result.cost) == max(allowed)


# A mixed-integer solver takes x = 0.9999995 for 1 and so 100,000.05 for 100,000.
def test_never_spends_more_than_the_budget_by_the_solver_s_tolerance():
    items = [
        Candidate(name="A", value=10, cost=60_000.05),
        Candidate(name="B", value=9, cost=40_000),
        Candidate(name="C", value=4, cost=39_999.95),
    ]
    result = choice_under_budget(items, budget=100_000)
    assert result.chosen == ("A", "C")
    assert result.money_left == pytest.approx(0)


def test_of_two_equal_sets_takes_the_cheaper():
    dear = Candidate(name="dear", value=10, cost=9)
    cheap = Candidate(name="cheap", value=10, cost=8)
    assert choice_under_budget([dear, cheap], budget=10).chosen == ("cheap",)


def test_tells_what_the_next_money_would_buy():
    items = [
        Candidate(name="A", value=60, cost=10_000),
        Candidate(name="B", value=100, cost=20_000),
        Candidate(name="C", value=90, cost=40_000),
    ]
    result = choice_under_budget(items, budget=50_000, extra=20_000)
    assert result.chosen == ("A", "B")
    assert result.money_left == 20_000
    assert result.next_money is not None
    assert result.next_money.added == ("C",)
    assert result.next_money.dropped == ()
    assert result.next_money.value_gain == 90


def test_a_budget_nobody_fits_gives_nothing_and_what_is_missing():
    items = [
        Candidate(name="A", value=60, cost=10_000, person_weeks=3),
        Candidate(name="B", value=100, cost=6_000, requires=("A",)),
    ]
    result = choice_under_budget(items, budget=8_000, person_weeks=2)
    assert result.chosen == ()
    assert result.value == 0
    first, second = result.missing
    assert (first.options, first.money, first.person_weeks) == (("A",), 2_000, 1)
    assert (second.options, second.money) == (("A", "B"), 8_000)


def test_mandatory_options_that_do_not_fit_give_nothing_and_what_they_lack_together():
    items = [
        Candidate(name="law", value=0, cost=7, mandatory=True),
        Candidate(name="safety", value=0, cost=6, mandatory=True),
        Candidate(name="idea", value=5, cost=1),
    ]
    result = choice_under_budget(items, budget=10)
    assert result.chosen == ()
    assert [(gap.options, gap.money) for gap in result.missing] == [(("law", "safety"), 3)]
    assert choice_under_budget(items, budget=14).chosen == ("law", "safety", "idea")


def test_what_brings_nothing_is_not_done_even_if_it_costs_nothing():
    idle = Candidate(name="idle", value=0, cost=0)
    useful = Candidate(name="useful", value=1, cost=0, requires=("basis",))
    basis = Candidate(name="basis", value=0, cost=0)
    assert choice_under_budget([idle, useful, basis], budget=1).chosen == ("useful", "basis")


def test_without_any_limit_takes_everything_of_worth():
    items = [Candidate(name="A", value=1, cost=9), Candidate(name="B", value=-1, cost=0)]
    result = choice_under_budget(items, budget=None)
    assert result.chosen == ("A",)
    assert result.money_left is None


def test_names_what_is_wrong():
    a = Candidate(name="A", value=1, cost=1)
    with pytest.raises(DataError, match="found 'A' 2 times"):
        choice_under_budget([a, a], budget=1)
    with pytest.raises(DataError, match="Unknown option in the options that 'B' requires: 'C'"):
        choice_under_budget([Candidate(name="B", value=1, cost=1, requires=("C",))], budget=1)
    with pytest.raises(DataError, match="cost of option 'B' is -1"):
        choice_under_budget([Candidate(name="B", value=1, cost=-1)], budget=1)
    with pytest.raises(DataError, match="The budget is -5"):
        choice_under_budget([a], budget=-5)
    with pytest.raises(DataError, match="value of option 'B' is nan"):
        choice_under_budget([Candidate(name="B", value=float("nan"), cost=1)], budget=1)
