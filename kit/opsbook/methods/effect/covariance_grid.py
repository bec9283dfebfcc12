"""The error covariances over which `covariance_averaged_gls` averages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.effect.segmented_series import Model

POSITIVE = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
NEGATIVE = (-0.4, -0.2)
NEGATIVE_WEIGHT = 4.0  # per member: fewer stand for as wide a range
WALKS = tuple(4.0**power for power in range(-5, 3))
WALK_TILT = 0.3  # larger steps weigh a little more
# Correlations beside a walk, with their weights: both together are rarer than the walk alone.
BESIDE_A_WALK = {0.0: 1.0, 0.3: 0.4, 0.6: 0.16}
# A wandering level looks like a change of slope, so that it needs more weight there.
WANDERING_ODDS: dict[Model, float] = {"level": 1.6, "step": 1.3, "step_slope": 2.6}
# About so many periods may share one level; hardly any series keeps its own for twice as many.
PERIODS_AT_A_LEVEL, STEEPNESS = 110, 6


@dataclass(frozen=True, kw_only=True)
class CovarianceGrid:
    """Error covariances, each an autoregression on a wandering level, with their prior weights.

    The error is the sum of a first-order autoregression of variance one and a random walk; the
    overall scale is left free. All arrays have shape (members,).

    Attributes:
        correlation: Correlation of the autoregression from one period to the next.
        walk: Variance of the random walk's step per period; 0 where the level stands still.
        prior: Prior weight; the weights sum to one.
    """

    correlation: NDArray[np.float64]
    walk: NDArray[np.float64]
    prior: NDArray[np.float64]


def covariance_grid(wandering: float) -> CovarianceGrid:
    """Lay out the covariances that a series of a business may have.

    Two families: autoregressions around a level that stands still, and around one that wanders.
    The second covers white noise on a drifting level, and swings slower than any autoregression
    that fits the days. Within a family the prior is nearly flat. The constants were set once, so
    that 95 % intervals cover near 95 % on simulated series (benchmarks/coverage.py) and fake
    launches on real ones raise few alarms (benchmarks/fake_launches.py).

    Args:
        wandering: Prior weight of the levels that wander, in (0, 1).

    Returns:
        The grid.

    Examples:
        >>> round(float(covariance_grid(0.6).prior.sum()), 6)
        1.0
    """
    standing = np.array(NEGATIVE + POSITIVE)
    standing_weight = np.where(standing < 0, NEGATIVE_WEIGHT, 1.0)
    walk = np.tile(WALKS, len(BESIDE_A_WALK))
    walk_weight = np.repeat(list(BESIDE_A_WALK.values()), len(WALKS)) * walk**WALK_TILT
    return CovarianceGrid(
        correlation=np.concatenate([standing, np.repeat(list(BESIDE_A_WALK), len(WALKS))]),
        walk=np.concatenate([np.zeros_like(standing), walk]),
        prior=np.concatenate(
            [
                (1 - wandering) * standing_weight / standing_weight.sum(),
                wandering * walk_weight / walk_weight.sum(),
            ]
        ),
    )


def wandering_prior(model: Model, periods: int) -> float:
    """Return the prior weight of the levels that wander.

    A short history can keep its level. Over some hundreds of days every level of a business has
    moved, by a season, a campaign or a swing slower than the history is long, and each such move
    looks like a launch. So the odds stand still while periods are few, and then grow steeply.

    Args:
        model: What the launch may have changed.
        periods: Periods from the first to the last of the series.

    Returns:
        A probability.

    Examples:
        >>> [round(wandering_prior("step", periods), 2) for periods in (24, 104, 365)]
        [0.57, 0.69, 1.0]
    """
    odds = WANDERING_ODDS[model] * (1 + (periods / PERIODS_AT_A_LEVEL) ** STEEPNESS)
    return odds / (1 + odds)
