import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, special

from opsbook.methods.effect.convex_weights import convex_weights


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 5.0]))
def test_no_other_mixture_is_closer(seed, ridge):
    rng = np.random.default_rng(seed)
    columns, target = rng.normal(size=(6, 4)), rng.normal(size=6)

    def distance(weights: NDArray[np.float64]) -> float:
        return float(((columns @ weights - target) ** 2).sum() + ridge * (weights**2).sum())

    weights = convex_weights(columns, target, ridge=ridge)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
    others = rng.dirichlet(np.full(4, 0.5), size=200)
    assert distance(weights) <= min(map(distance, others)) + 1e-9


def test_agrees_with_a_general_optimiser():
    rng = np.random.default_rng(6)
    columns, target = rng.normal(size=(20, 5)), rng.normal(size=20)

    def distance(logits: NDArray[np.float64]) -> float:
        return float(((columns @ special.softmax(logits) - target) ** 2).sum())

    general = optimize.minimize(distance, np.zeros(5), method="BFGS")
    expected = special.softmax(general.x)
    assert convex_weights(columns, target) == pytest.approx(expected, abs=1e-3)


@settings(max_examples=30)
@given(st.sampled_from([1e-6, 1e-3, 1e3, 1e6]))
def test_the_unit_of_the_metric_does_not_matter(factor):
    rng = np.random.default_rng(7)
    columns, target = rng.normal(size=(8, 5)), rng.normal(size=8)
    plain = convex_weights(columns, target, ridge=0.3)
    scaled = convex_weights(columns * factor, target * factor, ridge=0.3 * factor**2)
    assert scaled == pytest.approx(plain, abs=1e-9)


def test_a_heavy_penalty_gives_equal_weights():
    columns = np.array([[1.0, 5.0, 9.0]])
    assert convex_weights(columns, np.array([1.0]), ridge=1e9) == pytest.approx(1 / 3, abs=1e-6)


def test_equal_columns_and_a_perfect_match_are_no_trouble():
    assert convex_weights(np.ones((3, 2)), np.ones(3)).sum() == pytest.approx(1)
