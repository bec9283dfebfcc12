from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.slice_cube import Conditions, Floats, Ints
from opsbook.methods.diagnosis.slice_search import SliceSearch, slice_search

SHAPE = (6, 5, 8, 4)


def cube(
    seed: int, fallen: Iterable[Conditions] = (), *, noise: float = 0.05
) -> tuple[Ints, Floats, Floats]:
    """A full cube with relative noise; each slice of `fallen` loses a share of its counts."""
    rng = np.random.default_rng(seed)
    codes = np.stack(np.unravel_index(np.arange(np.prod(SHAPE)), SHAPE), axis=1)
    expected = rng.weibull(0.8, len(codes)) * 100
    actual = expected * np.exp(noise * rng.standard_normal(len(codes)))
    for conditions in fallen:
        inside = np.all([codes[:, d] == c for d, c in conditions], axis=0)
        actual[inside] *= 0.5
    return codes, actual, expected


def named(result: SliceSearch) -> set[frozenset[tuple[int, int]]]:
    return {frozenset(s.conditions) for s in result.slices}


TWO = (((1, 3),), ((0, 2), (2, 5)))


def test_names_the_slices_that_fell_and_nothing_else():
    result = slice_search(*cube(1, TWO))
    assert named(result) == {frozenset(c) for c in TWO}
    assert not result.everywhere
    assert {s.direction for s in result.slices} == {"fell"}


def test_names_a_parent_rather_than_its_children():
    children = tuple(((0, 2), (1, c)) for c in range(5))
    assert named(slice_search(*cube(2, children))) == {frozenset({(0, 2)})}


def test_names_two_of_five_children_rather_than_their_parent():
    children = (((0, 2), (1, 0)), ((0, 2), (1, 4)))
    assert named(slice_search(*cube(3, children))) == {frozenset(c) for c in children}


def test_finds_a_single_leaf():
    leaf = ((0, 1), (1, 2), (2, 3), (3, 0))
    assert named(slice_search(*cube(4, (leaf,), noise=0.02))) == {frozenset(leaf)}


@pytest.mark.parametrize("sign", [1, -1])
def test_leaves_that_moved_less_than_they_scatter_are_seen_together(sign):
    codes, actual, expected = cube(14, noise=0.15)
    actual[codes[:, 1] == 3] *= np.exp(-0.2 * sign)
    result = slice_search(codes, actual, expected)
    assert [(s.conditions, s.direction) for s in result.slices] == [
        (((1, 3),), "fell" if sign > 0 else "rose")
    ]


def test_names_the_parent_where_counts_are_thin_and_only_its_larger_children_show():
    rng = np.random.default_rng(15)
    codes = np.stack(np.unravel_index(np.arange(4800), (10, 12, 8, 5)), axis=1)
    weight = rng.dirichlet(np.full(10, 2.0))[codes[:, 0]] * 10
    expected = weight * rng.gamma(0.7, 4.0, 4800)
    actual = rng.poisson(np.where(codes[:, 1] == 4, 0.35, 1.0) * expected)
    assert named(slice_search(codes, actual, expected)) == {frozenset({(1, 4)})}


def test_tells_falls_from_rises():
    codes, actual, expected = cube(5, (((1, 3),),))
    actual[codes[:, 0] == 4] *= 2
    result = slice_search(codes, actual, expected)
    assert {(s.conditions, s.direction) for s in result.slices} == {
        (((1, 3),), "fell"),
        (((0, 4),), "rose"),
    }


def test_shows_each_slice_beside_its_remainder():
    codes, actual, expected = cube(6, (((1, 3),),))
    (found,) = slice_search(codes, actual, expected).slices
    inside = codes[:, 1] == 3
    assert found.actual == pytest.approx(actual[inside].sum())
    assert found.expected == pytest.approx(expected[inside].sum())
    assert found.rest_actual == pytest.approx(actual[~inside].sum())
    assert found.rest_expected == pytest.approx(expected[~inside].sum())
    assert found.p_value < 1e-6
    assert found.leaves == inside.sum()


def test_blames_no_slice_when_everything_moved():
    codes, actual, expected = cube(7)
    result = slice_search(codes, actual * 1.4, expected)
    assert result.everywhere
    assert result.slices == ()
    assert result.drift == pytest.approx(1.4, rel=0.02)


def test_finds_a_slice_on_top_of_what_moved_everywhere():
    codes, actual, expected = cube(8, (((1, 3),),))
    result = slice_search(codes, actual * 1.4, expected)
    assert result.everywhere
    assert named(result) == {frozenset({(1, 3)})}


@pytest.mark.parametrize("law", ["normal", "laplace", "student", "poisson"])
def test_claims_nothing_in_noise(law):
    claimed = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        codes, _, expected = cube(seed)
        n = len(expected)
        if law == "poisson":
            actual = rng.poisson(expected).astype(float)
            expected = rng.poisson(expected).astype(float)
        else:
            draw = rng.standard_normal(n)
            if law == "laplace":
                draw = rng.laplace(size=n)
            if law == "student":
                draw = rng.standard_t(4, n)
            actual = expected * np.maximum(1 + 0.1 * draw, 0)
        claimed += bool(slice_search(codes, actual, expected).slices)
    assert claimed <= 1


def test_claims_nothing_where_a_few_leaves_of_very_different_size_scatter_by_chance():
    claimed = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        codes = np.stack(np.unravel_index(np.arange(120), (5, 6, 4)), axis=1)
        expected = rng.lognormal(6, 2, 120)
        claimed += bool(slice_search(codes, rng.poisson(expected), expected).slices)
    assert claimed <= 1


def test_claims_nothing_where_falls_reach_further_than_rises_by_chance():
    # Relative to the larger of both, a rise by half counts a third, a fall by half a half.
    claimed = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        codes = np.stack(np.unravel_index(np.arange(2400), (10, 12, 20)), axis=1)
        expected = 20 * (1 + rng.pareto(1.5, 2400))
        actual = expected * np.maximum(1 + 0.2 * rng.standard_normal(2400), 0)
        claimed += bool(slice_search(codes, actual, expected).slices)
    assert claimed == 0


def test_claims_nothing_once_the_fallen_slices_are_removed():
    codes, actual, expected = cube(9, TWO)
    inside = (codes[:, 1] == 3) | ((codes[:, 0] == 2) & (codes[:, 2] == 5))
    assert slice_search(codes[~inside], actual[~inside], expected[~inside]).slices == ()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_order_and_names_of_rows_values_and_dimensions_change_nothing(seed):
    rng = np.random.default_rng(seed)
    codes, actual, expected = cube(seed, TWO)
    usual = named(slice_search(codes, actual, expected))
    rows = rng.permutation(len(codes))
    dimensions = rng.permutation(codes.shape[1])
    renamed = [rng.permutation(n) for n in SHAPE]
    other = np.column_stack([renamed[d][codes[:, d]] for d in dimensions])[rows]
    found = slice_search(other, actual[rows], expected[rows])
    back = {
        frozenset(
            (int(dimensions[d]), int(np.flatnonzero(renamed[dimensions[d]] == c)[0]))
            for d, c in s.conditions
        )
        for s in found.slices
    }
    assert back == usual


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16), factor=st.floats(1e-6, 1e6))
def test_rescaling_changes_nothing(seed, factor):
    codes, actual, expected = cube(seed, TWO)
    usual = named(slice_search(codes, actual, expected))
    assert named(slice_search(codes, actual * factor, expected * factor)) == usual


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16), values=st.integers(1, 3))
def test_an_irrelevant_dimension_changes_nothing(seed, values):
    codes, actual, expected = cube(seed, TWO)
    label = np.random.default_rng(seed).integers(0, values, len(codes))
    usual = named(slice_search(codes, actual, expected))
    assert named(slice_search(np.column_stack([codes, label]), actual, expected)) == usual


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_exchanging_actual_and_expected_exchanges_falls_and_rises(seed):
    codes, actual, expected = cube(seed, TWO)
    there = slice_search(codes, actual, expected)
    back = slice_search(codes, expected, actual)
    assert named(there) == named(back)
    assert {s.direction for s in back.slices} <= {"rose"}


def test_splits_of_a_leaf_into_rows_are_added_up():
    codes, actual, expected = cube(10, TWO)
    twice = np.repeat(codes, 2, axis=0)
    result = slice_search(twice, np.repeat(actual / 2, 2), np.repeat(expected / 2, 2))
    assert named(result) == named(slice_search(codes, actual, expected))


def test_a_sparse_table_gives_the_same_answer_as_a_dense_one():
    codes, actual, expected = cube(11, TWO)
    spread = codes * np.array([1, 1, 1, 1_000_003]) + np.array([0, 0, 0, 7])
    found = {
        frozenset((d, c) for d, c in s.conditions)
        for s in slice_search(spread, actual, expected).slices
    }
    assert found == {frozenset(c) for c in TWO}


def test_survives_a_dimension_of_a_hundred_thousand_values():
    rng = np.random.default_rng(12)
    n = 100_000
    codes = np.column_stack([np.arange(n), rng.integers(0, 6, n), rng.integers(0, 5, n)])
    expected = rng.weibull(0.8, n) * 100
    actual = expected * np.exp(0.05 * rng.standard_normal(n))
    actual[codes[:, 1] == 2] *= 0.6
    assert named(slice_search(codes, actual, expected)) == {frozenset({(1, 2)})}


def test_zeros_and_signs_are_no_trouble():
    codes, actual, expected = cube(13, TWO)
    actual[::50] = expected[::50] = 0
    actual[7] = -3.0
    assert named(slice_search(codes, actual, expected)) >= {frozenset(c) for c in TWO}


def test_a_table_of_one_row_claims_nothing():
    assert slice_search([[0, 0]], [3.0], [5.0]).slices == ()


@pytest.mark.parametrize(
    ("codes", "actual", "expected", "words"),
    [
        ([[0.5]], [1], [1], "codes must be whole numbers"),
        ([0, 1], [1, 1], [1, 1], "codes must be whole numbers of shape"),
        (np.empty((0, 2), int), [], [], "There is no row"),
        ([[-1]], [1], [1], "negative value -1"),
        ([[0], [1]], [1], [1, 1], "'actual' has shape"),
        ([[0], [1]], [1, 1], [1, np.nan], "'expected' holds a value that is not finite"),
        ([[0], [1]], [0, 0], [0, 0], "All counts are zero"),
    ],
)
def test_says_what_is_wrong_with_the_table(codes, actual, expected, words):
    with pytest.raises(DataError, match=re.escape(words)):
        slice_search(codes, actual, expected)


def test_says_which_settings_are_out_of_range():
    with pytest.raises(DataError, match=r"alpha is 2 and purity is 0\.75"):
        slice_search([[0], [1]], [1, 2], [1, 2], alpha=2)


def test_names_the_parent_where_other_values_of_its_dimension_moved_too():
    rng = np.random.default_rng(16)
    shape = (3, 3, 8, 5, 12)
    codes = np.stack(np.unravel_index(np.arange(np.prod(shape)), shape), axis=1)
    expected = rng.lognormal(4, 0.7, len(codes))
    actual = expected * np.exp(0.15 * rng.standard_normal(len(codes)))
    actual[codes[:, 3] == 2] *= 0.87
    actual[(codes[:, 3] == 1) & (codes[:, 0] == 1)] *= 0.9
    actual[(codes[:, 3] == 3) & (codes[:, 2] == 2)] *= 1.1
    assert frozenset({(3, 2)}) in named(slice_search(codes, actual, expected))


def test_half_of_the_table_that_fell_is_not_everywhere():
    rng = np.random.default_rng(17)
    codes = np.column_stack([np.arange(20_000) % 2, np.arange(20_000)])
    expected = rng.poisson(20, 20_000).astype(float)
    actual = rng.poisson(np.where(codes[:, 0] == 0, 15, 20)).astype(float)
    result = slice_search(codes, actual, expected)
    assert not result.everywhere
    assert named(result) == {frozenset({(0, 0)})}


def test_a_single_leaf_that_noise_hardly_reaches_is_named_beside_a_proven_slice_only():
    leaf = frozenset({(0, 5), (1, 6), (2, 7), (3, 2)})
    codes = np.stack(np.unravel_index(np.arange(9600), (10, 12, 10, 8)), axis=1)
    found: dict[bool, int] = {True: 0, False: 0}
    for seed in range(6):
        rng = np.random.default_rng(seed)
        expected, change = rng.uniform(50, 500, 9600), rng.normal(0, 0.15, 9600)
        change[(codes == [5, 6, 7, 2]).all(axis=1)] = -0.9
        for beside in (False, True):
            if beside:
                change[codes[:, 0] == 3] = -0.5
            actual = expected * (2 + change) / (2 - change)
            found[beside] += leaf in named(slice_search(codes, actual, expected))
    assert found[False] <= 1
    assert found[True] >= 4


def test_a_leaf_that_fell_is_named_beside_a_slice_that_rose():
    rng = np.random.default_rng(0)
    codes = np.stack(np.unravel_index(np.arange(9600), (10, 12, 10, 8)), axis=1)
    expected, change = rng.uniform(50, 500, 9600), rng.normal(0, 0.1, 9600)
    change[codes[:, 0] == 3] = -0.5
    change[(codes[:, 0] == 1) & (codes[:, 2] == 3)] = 0.7
    change[(codes == [5, 6, 7, 2]).all(axis=1)] = -1.2
    actual = expected * (2 + change) / (2 - change)
    assert named(slice_search(codes, actual, expected)) == {
        frozenset({(0, 3)}),
        frozenset({(0, 1), (2, 3)}),
        frozenset({(0, 5), (1, 6), (2, 7), (3, 2)}),
    }
