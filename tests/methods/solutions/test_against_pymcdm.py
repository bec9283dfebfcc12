"""Other people's software as oracle, on random matrices; test-only dependencies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.methods.solutions.decision_matrix import DecisionMatrix, decision_matrix
from opsbook.methods.solutions.promethee_ii import promethee_ii
from opsbook.methods.solutions.topsis import Normalisation, topsis
from opsbook.methods.solutions.vikor import vikor
from opsbook.methods.solutions.weighted_sum import weighted_sum
from opsbook.methods.solutions.weights import Weights, shares_of

oracle = pytest.importorskip("pymcdm.methods", reason="pymcdm is a test-only oracle")
normalizations = pytest.importorskip("pymcdm.normalizations")
seeds = st.integers(0, 2**32 - 1)


def problem(seed: int) -> tuple[DecisionMatrix, Weights]:
    rng = np.random.default_rng(seed)
    n, m = rng.integers(2, 9), rng.integers(1, 7)
    names = [f"c{j}" for j in range(m)]
    matrix = decision_matrix(
        rng.uniform(1, 100, (n, m)),
        options=[f"o{i}" for i in range(n)],
        criteria=names,
        better=["higher" if up else "lower" for up in rng.integers(0, 2, m)],
    )
    amounts = {name: float(amount) for name, amount in zip(names, rng.random(m), strict=True)}
    return matrix, shares_of("random", amounts, names)


def types(matrix: DecisionMatrix) -> list[int]:
    return [1 if way == "higher" else -1 for way in matrix.better]


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_topsis_agrees_under_both_normalisations(seed):
    matrix, weights = problem(seed)
    functions: dict[Normalisation, object] = {
        "vector": normalizations.vector_normalization,
        "min_max": normalizations.minmax_normalization,
    }
    for name, function in functions.items():
        theirs = oracle.TOPSIS(function)(
            matrix.values, weights.shares, types(matrix), validation=False
        )
        assert topsis(matrix, weights, normalisation=name).scores == pytest.approx(theirs)


@settings(max_examples=50, deadline=None)
@given(seeds, st.floats(0, 1))
def test_vikor_agrees(seed, majority):
    matrix, weights = problem(seed)
    theirs = oracle.VIKOR(v=majority)(
        matrix.values, weights.shares, types(matrix), validation=False
    )
    assert vikor(matrix, weights, majority=majority).scores == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_promethee_ii_agrees_with_and_without_thresholds(seed):
    matrix, weights = problem(seed)
    usual = oracle.PROMETHEE_II("usual")(
        matrix.values, weights.shares, types(matrix), validation=False
    )
    assert promethee_ii(matrix, weights).scores == pytest.approx(usual, abs=1e-9)
    m = len(matrix.criteria)
    linear = oracle.PROMETHEE_II("vshape_2", p=[30.0] * m, q=[5.0] * m)(
        matrix.values, weights.shares, types(matrix), validation=False
    )
    ours = promethee_ii(matrix, weights, indifference=5, preference=30)
    assert ours.scores == pytest.approx(linear, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_the_weighted_sum_agrees_on_points(seed):
    matrix, weights = problem(seed)
    points = decision_matrix(matrix.values, options=matrix.options, criteria=matrix.criteria)
    theirs = points.values @ np.array(weights.shares)
    assert weighted_sum(points, weights).scores == pytest.approx(theirs)
