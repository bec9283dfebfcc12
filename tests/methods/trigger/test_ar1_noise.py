"""AR(1) noise of unknown correlation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from opsbook.errors import DataError
from opsbook.methods.trigger import ar1_noise as module
from opsbook.methods.trigger.ar1_noise import (
    ar1_noise,
    chance_of_lower_mean,
    lowest_mean,
    variance_of_mean,
)
from opsbook.methods.trigger.rule_replay import simulated_noise
from opsbook.methods.trigger.series import Floats


def moody(k, n, correlation, seed=1) -> Floats:
    return simulated_noise(np.zeros(k), np.ones(k), np.full(k, correlation), n, seed)


def test_each_correlation_is_fitted_by_generalised_least_squares():
    x = moody(1, 20, 0.5)[0]
    x[[4, 5, 11]] = np.nan
    noise = ar1_noise(x)
    at = np.flatnonzero(~np.isnan(x))
    y, ones = x[at], np.ones(len(at))
    logs = []
    for g, correlation in enumerate(noise.correlation):
        covariance = correlation ** np.abs(at[:, None] - at)
        inverse = np.linalg.inv(covariance)
        information = ones @ inverse @ ones
        level = ones @ inverse @ y / information
        squares = (y - level) @ inverse @ (y - level)
        assert noise.level[g] == pytest.approx(level)
        assert noise.variance[g] == pytest.approx(squares / (len(y) - 1))
        assert noise.level_variance[g] == pytest.approx(1 / information)
        restricted = -0.5 * (np.linalg.slogdet(covariance)[1] + np.log(information))
        restricted -= 0.5 * (len(y) - 1) * np.log(squares)
        logs.append(restricted + module.PRIOR_STRENGTH * np.log(1 - correlation))
    weight = np.exp(np.array(logs) - max(logs))
    assert noise.weight == pytest.approx(weight / weight.sum())


def test_without_correlation_the_limit_is_the_prediction_interval_of_student(monkeypatch):
    monkeypatch.setattr(module, "GRID", np.zeros(1))
    x = moody(1, 26, 0.0)[0]
    expected = x.mean() + student.ppf(0.003, 25) * x.std(ddof=1) * np.sqrt(1 / 4 + 1 / 26)
    assert lowest_mean(ar1_noise(x), 4, 0.003) == pytest.approx(expected)


# 26 values leave the correlation in doubt, and the prior leans to none: of a correlation of one
# half the limits allow for a part, as the docstring says.
@pytest.mark.parametrize(("correlation", "most"), [(0.0, 0.025), (0.5, 0.065)])
def test_limits_hold_their_chance_on_independent_noise(correlation, most):
    x = moody(20_000, 26 + 30, correlation, seed=3)
    noise = ar1_noise(x[:, :26])
    later = x[:, 46:50].mean(axis=1)
    share = (later < lowest_mean(noise, 4, 0.02)).mean()
    assert 0.01 < share < most


@settings(deadline=None, max_examples=40)
@given(st.integers(5, 40), st.sampled_from([0.0005, 0.003, 0.1]), st.sampled_from([1, 8]))
def test_the_limit_is_undercut_with_just_the_chance_asked_for(n, chance, length):
    noise = ar1_noise(moody(20, n, 0.7, seed=n))
    limit = lowest_mean(noise, length, chance)
    assert chance_of_lower_mean(noise, limit, length) == pytest.approx(chance)


def test_finds_the_correlation_when_there_is_enough_history():
    assert ar1_noise(moody(1, 2000, 0.6)[0]).mean_correlation == pytest.approx(0.6, abs=0.06)
    assert ar1_noise(moody(1, 2000, 0.0)[0]).mean_correlation == pytest.approx(0.0, abs=0.03)


def test_the_mean_of_correlated_neighbours_varies_more():
    powers = 0.5 ** np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    assert variance_of_mean(6, np.array(0.5)) == pytest.approx(powers.sum() / 36)


@pytest.mark.parametrize(
    "history", [[1.0] * 9, [np.nan] * 9, [1, 2, 3, 4], [0.1 + 0.2] * 8 + [0.3]]
)
def test_a_history_that_does_not_vary_tells_no_noise(history):
    noise = ar1_noise(history)
    assert not noise.known
    assert np.isnan(lowest_mean(noise, 2, 0.01))


def test_refuses_a_chance_out_of_range():
    with pytest.raises(DataError, match=r"A chance of 0\.6 is"):
        lowest_mean(ar1_noise(np.arange(9.0)), 1, 0.6)
