"""The error covariances over which `covariance_averaged_gls` averages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AUTOREGRESSIONS = (
    -0.6,
    -0.4,
    -0.2,
    -0.1,
    0.0,
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    0.95,
    0.99,
)
NOISY_AUTOREGRESSIONS = (0.3, 0.6, 0.8, 0.9, 0.95)
NOISY_SHARES = (0.7, 0.4)
NOISY_PRIOR = 0.05
SIGNAL_RATIOS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SIGNAL_TILT = 0.3


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


def covariance_grid(random_walk: float) -> CovarianceGrid:
    """Lay out the covariances a series of a business is likely to have.

    Three families: first-order autoregressions; the same under white noise; random walks under
    white noise, whose larger steps weigh more. Within a family the prior is flat otherwise. The
    constants were set once, on simulated series, so that 95 % intervals cover near 95 %
    (benchmarks/coverage.py).

    Args:
        random_walk: Prior weight of the random walks, in (0, 1 - NOISY_PRIOR).

    Returns:
        The grid. The start of a random walk does not matter beside a free level.

    Examples:
        >>> round(float(covariance_grid(0.35).prior.sum()), 6)
        1.0
    """
    rho = np.array(AUTOREGRESSIONS)
    noisy = np.tile(NOISY_AUTOREGRESSIONS, len(NOISY_SHARES))
    share = np.repeat(NOISY_SHARES, len(NOISY_AUTOREGRESSIONS))
    ratio = np.array(SIGNAL_RATIOS)
    walk = np.ones_like(ratio)
    tilted = ratio**SIGNAL_TILT
    return CovarianceGrid(
        carry=np.concatenate([rho, noisy, walk]),
        innovation=np.concatenate([1 - rho**2, share * (1 - noisy**2), ratio]),
        start=np.concatenate([np.ones_like(rho), share, ratio]),
        noise=np.concatenate([np.zeros_like(rho), 1 - share, walk]),
        prior=np.concatenate(
            [
                np.full(rho.size, (1 - random_walk - NOISY_PRIOR) / rho.size),
                np.full(noisy.size, NOISY_PRIOR / noisy.size),
                random_walk * tilted / tilted.sum(),
            ]
        ),
    )
