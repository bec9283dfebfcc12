"""Breaks that only the whole series shows, and not their own neighbourhood, are taken away."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.methods.trigger.change_points import change_points
from opsbook.methods.trigger.local_evidence import local_evidence
from opsbook.methods.trigger.segment_trend import TrendSegmenter


def segmenter(values: np.ndarray) -> TrendSegmenter:
    return TrendSegmenter(values / np.ptp(values), np.arange(len(values)), floor=0.015)


def calm_then_restless(seed: int) -> np.ndarray:
    """Forty calm points, then a jump and eighty points that wander at four times the size."""
    noise = np.random.default_rng(seed).standard_normal(120)
    noise[40:] = 10 + 4 * np.convolve(noise[40:], [0.6, 0.3, 0.1], mode="same")
    return noise


@pytest.mark.parametrize("seed", range(6))
def test_a_restless_stretch_is_not_cut_to_pieces(seed):
    found = change_points(calm_then_restless(seed))
    assert len(found.indices) == 1
    assert abs(found.indices[0] - 40) <= 2


def test_a_break_without_evidence_beside_it_goes_and_the_other_settles_in_its_best_place():
    noise = np.random.default_rng(1).standard_normal(60) * 0.1
    series = segmenter(noise + (np.arange(60) >= 30))
    left, chances = local_evidence(series, series.fitted((10, 33)), 0.05)
    assert left.starts == (30,)
    assert len(chances) == 1
    assert chances[0] < 0.001


def test_without_breaks_nothing_is_left_to_judge():
    series = segmenter(np.random.default_rng(2).standard_normal(30))
    left, chances = local_evidence(series, series.without_breaks(), 0.05)
    assert (left.starts, chances) == ((), ())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), cuts=st.sets(st.integers(6, 54), max_size=3))
def test_it_only_takes_away_and_every_break_left_is_evident(seed, cuts):
    series = segmenter(np.random.default_rng(seed).standard_normal(60))
    given_starts = tuple(
        at for i, at in enumerate(sorted(cuts)) if i == 0 or at - sorted(cuts)[i - 1] >= 6
    )
    left, chances = local_evidence(series, series.fitted(given_starts), 0.05)
    assert len(left.starts) == len(chances) <= len(given_starts)
    assert all(chance <= 0.05 for chance in chances)


def test_a_long_series_is_searched_coarsely_and_then_to_the_point():
    noise = np.random.default_rng(3).standard_normal(1200) * 0.1
    series = segmenter(noise + (np.arange(1200) >= 611))
    assert series.step > 1
    assert series.best_place(0, 500, 1200) == 611
