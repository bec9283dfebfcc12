"""Empirical Bayes rates of small stores."""

import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.trigger.shrinkage import between_variance, shrinkage


def line(values) -> np.ndarray:
    return np.array(values, dtype=float)


# Efron and Morris (1975): 18 batters, hits in their first 45 at bats; common mean .265.
HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
REST_OF_SEASON = [0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269]
REST_OF_SEASON += [0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.286, 0.316, 0.200]


def test_shrunken_batting_averages_foretell_the_season_three_times_as_well():
    result = shrinkage(HITS, [45] * 18)
    assert result.common == pytest.approx(0.265, abs=5e-4)
    raw = ((line(result.raw) - REST_OF_SEASON) ** 2).sum()
    shrunk = ((line(result.estimate) - REST_OF_SEASON) ** 2).sum()
    assert raw == pytest.approx(0.077, abs=0.002)  # printed there, from unrounded averages
    assert raw / shrunk > 3


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_intervals_cover_the_true_rates(kind):
    rng = np.random.default_rng(1)
    sizes = rng.integers(5, 300, 400)
    if kind == "share":
        truth = rng.beta(8, 32, 400)
        events = rng.binomial(sizes, truth)
    else:
        truth = rng.gamma(16, 0.2 / 16, 400)
        events = rng.poisson(sizes * truth)
    result = shrinkage(events, sizes, kind=kind)
    assert result.common == pytest.approx(0.2, abs=0.01)
    assert result.between_sd == pytest.approx(truth.std(), rel=0.25)
    covered = (line(result.lower) <= truth) & (truth <= line(result.upper))
    assert 0.92 < covered.mean() < 0.98
    error = line(result.estimate) - truth
    assert (error**2).mean() < ((events / sizes - truth) ** 2).mean()


def test_large_stores_keep_their_own_rate():
    result = shrinkage([1, 300, 50_000, 2], [2, 1000, 100_000, 10])
    weight = line(result.weight)
    assert weight[2] > 0.99
    assert weight[0] < 0.2


def test_like_stores_get_the_common_rate():
    result = shrinkage([10, 11, 9, 10], [100] * 4)
    assert result.between_sd == 0.0
    assert result.estimate == pytest.approx([0.1] * 4, abs=1e-4)


def test_a_store_without_numbers_is_believed_to_be_like_the_others():
    result = shrinkage([np.nan, 10, 30, 20, 0], [50, 100, 100, 100, 0])
    assert result.raw[0] is result.raw[4] is None
    assert result.estimate[0] == result.estimate[4] == pytest.approx(result.common)
    assert result.weight[0] == 0.0


@pytest.mark.parametrize("events", [[0, 0, 0], [5, 5, 5]])
def test_where_nothing_varies_there_are_no_intervals(events):
    result = shrinkage(events, [5, 5, 5])
    assert set(result.lower) == {None}
    assert result.estimate == (events[0] / 5,) * 3


def test_no_numbers_at_all_give_nothing():
    result = shrinkage([0, 0], [0, 0])
    assert (result.common, result.between_sd, result.estimate) == (None, None, (None, None))
    assert shrinkage([3], [9]).between_sd is None


def test_the_variance_between_is_never_negative():
    assert between_variance(np.array([1.0, 1.0, 1.01]), np.ones(3))[1] == 0.0


def test_refuses_more_events_than_trials():
    with pytest.raises(DataError, match="exceeds 'trials' in period 0"):
        shrinkage([6], [5])
