import numpy as np
import pytest

from opsbook.methods.effect.covariance_grid import covariance_grid, wandering_prior


@pytest.mark.parametrize("wandering", [0.1, 0.6, 0.75])
def test_the_prior_is_shared_out_as_asked(wandering):
    grid = covariance_grid(wandering)
    assert grid.prior.sum() == pytest.approx(1)
    assert grid.prior[grid.walk > 0].sum() == pytest.approx(wandering)
    assert (grid.prior > 0).all()


def test_every_autoregression_is_stationary():
    grid = covariance_grid(0.6)
    assert (np.abs(grid.correlation) < 1).all()
    assert (grid.walk >= 0).all()


@pytest.mark.parametrize("model", ["level", "step", "step_slope"])
def test_a_longer_history_has_more_likely_wandered(model):
    weights = [wandering_prior(model, periods) for periods in (12, 50, 365, 5000)]
    assert weights == sorted(weights)
    assert 0 < weights[0] < weights[-1] < 1
