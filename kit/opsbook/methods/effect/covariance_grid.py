"""The error covariances over which `covariance_averaged_gls` averages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AUTOREGRESSIONS = (-0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
AUTOREGRESSIVE_SHARES = (0.7, 0.4)
SIGNAL_RATIOS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
RANDOM_WALK_PRIOR = 0.15


@dataclass(frozen=True, kw_only=True)
class CovarianceGrid:
    """Error covariances, each a first-order state plus white noise, with their prior weights.

    The error is ``state + noise``; over ``g`` periods the state becomes ``carry**g * state``
    plus an innovation. All arrays have shape (members,); the overall scale is left free.

    Attributes:
        carry: Share of the state carried into the next period, 1 for a random walk.
        innovation: Variance of the state's innovation per period.
        start: Variance of the state at the first observation.
        noise: Variance of the white noise.
        prior: Prior weight; the weights sum to one.
    """

    carry: NDArray[np.float64]
    innovation: NDArray[np.float64]
    start: NDArray[np.float64]
    noise: NDArray[np.float64]
    prior: NDArray[np.float64]


def covariance_grid(random_walk_prior: float = RANDOM_WALK_PRIOR) -> CovarianceGrid:
    stationary = [(rho, 1.0) for rho in AUTOREGRESSIONS]
    stationary += [(r, s) for s in AUTOREGRESSIVE_SHARES for r in AUTOREGRESSIONS if r > 0]
    rho, share = np.array(stationary).T
    ratio = np.array(SIGNAL_RATIOS)
    walk = np.ones_like(ratio)
    return CovarianceGrid(
        carry=np.concatenate([rho, walk]),
        innovation=np.concatenate([share * (1 - rho**2), ratio]),
        start=np.concatenate([share, ratio]),
        noise=np.concatenate([1 - share, walk]),
        prior=np.concatenate(
            [
                np.full(rho.size, (1 - random_walk_prior) / rho.size),
                np.full(ratio.size, random_walk_prior / ratio.size),
            ]
        ),
    )
