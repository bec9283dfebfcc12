import numpy as np
import pytest
from numpy.typing import NDArray

from opsbook.methods.effect.covariance_grid import covariance_grid
from opsbook.methods.effect.covariance_posterior import covariance_posterior

TIME = np.array([0, 1, 2, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 18, 19])
LAUNCHES = (7, 12)


def covariance(correlation: float, walk: float) -> NDArray[np.float64]:
    apart = np.abs(TIME[:, None] - TIME)
    tied = np.where(apart == 0, 1.0, correlation ** np.maximum(apart, 1))
    whole: NDArray[np.float64] = tied + walk * (1 + np.minimum(TIME[:, None], TIME))
    return whole


# The formulas of generalised least squares and of the restricted likelihood, written out with
# dense matrices.
def test_agrees_with_dense_generalised_least_squares():
    random = np.random.default_rng(7)
    values = random.normal(size=(16, 2))
    nuisance = np.column_stack([np.ones(16), TIME, random.normal(size=16)])
    step = (TIME[:, None] >= LAUNCHES).astype(float)
    ramp = step * (TIME[:, None] - LAUNCHES + 1)
    changes = np.stack([step, ramp], axis=2)
    grid = covariance_grid(0.5)
    found = covariance_posterior(values, TIME, nuisance, changes, grid)
    for launch in range(2):
        for series in range(2):
            logs = []
            for member in range(grid.prior.size):
                whole = covariance(grid.correlation[member], grid.walk[member])
                precision = np.linalg.inv(whole)
                design = np.column_stack([changes[:, launch], nuisance])
                information = design.T @ precision @ design
                beta = np.linalg.solve(information, design.T @ precision @ values[:, series])
                left = values[:, series] - design @ beta
                square = left @ precision @ left
                assert found.freedom == 11
                assert found.effects[member, launch, :, series] == pytest.approx(beta[:2])
                assert found.variance[member, launch, series] == pytest.approx(square / 11)
                assert found.spread[member, launch] == pytest.approx(
                    np.linalg.inv(information)[:2, :2]
                )
                logs.append(
                    np.log(grid.prior[member])
                    - (np.linalg.slogdet(whole)[1] + np.linalg.slogdet(information)[1]) / 2
                    - 11 / 2 * np.log(square)
                )
            weight = np.exp(np.array(logs) - max(logs))
            assert found.weight[:, launch, series] == pytest.approx(weight / weight.sum())


def test_long_dependence_is_recognised():
    random = np.random.default_rng(8)
    calm, drifting = random.normal(size=200), np.cumsum(random.normal(size=200))
    grid = covariance_grid(0.5)
    step = (np.arange(200) >= 100).astype(float)[:, None, None]
    found = covariance_posterior(
        np.column_stack([calm, drifting]), np.arange(200), np.ones((200, 1)), step, grid
    )
    restless = grid.walk >= 1
    assert found.weight[restless, 0, 0].sum() < 0.01
    assert found.weight[restless, 0, 1].sum() > 0.5
