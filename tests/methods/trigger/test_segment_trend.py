import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from opsbook.methods.trigger.segment_trend import (
    AUTOCORRELATIONS,
    SHORTEST,
    SHORTEST_END,
    TrendSegmenter,
)

Floats = NDArray[np.float64]
FLOOR = 0.01


def scaled(values: Floats) -> Floats:
    result: Floats = (values - values.mean()) / np.ptp(values)
    return result


def deviance_by_least_squares(
    z: Floats, positions: NDArray[np.int64], starts: tuple[int, ...]
) -> float:
    """The same model by another way: dense covariance, one least-squares fit for each piece."""
    n = len(z)
    found = []
    for rho in AUTOCORRELATIONS:
        total, determinant = 0.0, 0.0
        for start, end in pairwise((0, *starts, n)):
            time = positions[start:end]
            covariance = rho ** np.abs(time[:, None] - time[None, :]) / (1 - rho**2)
            factor = np.linalg.cholesky(covariance)
            design = np.column_stack([np.ones(end - start), time - time.mean()])
            white = np.linalg.solve(factor, np.column_stack([design, z[start:end]]))
            fit, *_ = np.linalg.lstsq(white[:, :2], white[:, 2], rcond=None)
            total += float(((white[:, 2] - white[:, :2] @ fit) ** 2).sum())
            determinant += 2 * float(np.log(np.diag(factor)).sum())
        found.append(n * math.log(total / n + FLOOR**2) + determinant)
    return min(found)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), breaks=st.integers(0, 2))
def test_finds_the_best_of_all_cuts(seed, breaks):
    z = scaled(np.random.default_rng(seed).standard_normal(18).cumsum())
    times = np.arange(18)
    segmenter = TrendSegmenter(z, times, floor=FLOOR)
    allowed = [
        starts
        for starts in combinations(range(SHORTEST_END, 19 - SHORTEST_END), breaks)
        if all(b - a >= SHORTEST for a, b in pairwise(starts))
    ]
    best = min(segmenter.fitted(starts).deviance for starts in allowed)
    found = segmenter.with_breaks(breaks)
    assert found is not None
    assert found.deviance == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("starts", [(), (12,), (9, 20)])
def test_the_likelihood_is_that_of_straight_lines_with_autoregressive_noise(starts):
    z = scaled(np.random.default_rng(3).standard_normal(30).cumsum())
    times = np.arange(30)
    segmenter = TrendSegmenter(z, times, floor=FLOOR)
    expected = deviance_by_least_squares(z, times, starts)
    assert segmenter.fitted(starts).deviance == pytest.approx(expected, abs=1e-6)


def test_a_gap_weakens_the_correlation_across_it():
    z = scaled(np.random.default_rng(4).standard_normal(30).cumsum())
    times = np.arange(30) + 7 * (np.arange(30) >= 13)
    segmenter = TrendSegmenter(z, times, floor=FLOOR)
    assert segmenter.fitted(()).deviance == pytest.approx(
        deviance_by_least_squares(z, times, ()), abs=1e-6
    )


def test_there_is_no_cut_where_no_piece_would_be_long_enough():
    z = scaled(np.arange(12.0) ** 2)
    segmenter = TrendSegmenter(z, np.arange(12), floor=FLOOR)
    assert segmenter.with_breaks(1) is not None
    assert segmenter.with_breaks(2) is None


def test_a_coarse_search_ends_at_the_exact_place():
    values = np.random.default_rng(5).standard_normal(1500)
    values[701:] += 6
    segmenter = TrendSegmenter(scaled(values), np.arange(1500), floor=FLOOR)
    assert segmenter.step > 1
    found = segmenter.with_breaks(1)
    assert found is not None
    assert found.starts == (701,)
