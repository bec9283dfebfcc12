"""AR(1) noise: what a stretch of history says about the noise that is to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, stdtr, stdtrit

from opsbook.errors import DataError
from opsbook.methods.trigger.control_limits import ROUNDING
from opsbook.methods.trigger.series import Bools, Floats, Ints, as_series

GRID: Floats = np.linspace(0.0, 0.9, 10)
"""Lag-1 correlations considered. Negative ones are treated as none, which errs to caution."""
PRIOR_STRENGTH = 6.0
"""The prior density of a correlation r is proportional to (1 - r) ** 6, its mean about 1/8."""
FEWEST = 5
"""Fewer values than this say nothing about noise."""
NEWTON_STEPS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Ar1Noise:
    """Level and noise of many series, for each correlation of the grid.

    Arrays have the shape (..., g), g correlations, unless said otherwise; they are NaN for a
    series whose history is constant or has fewer than five values.

    Attributes:
        correlation: The grid, shape (g,).
        weight: Posterior probability of each correlation.
        level: Generalised least-squares mean of the history.
        variance: Variance of one value about the level.
        level_variance: Variance of the estimated level, as a multiple of `variance`.
        n: Values that were present, shape (...,).
    """

    correlation: Floats
    weight: Floats
    level: Floats
    variance: Floats
    level_variance: Floats
    n: Ints

    @property
    def known(self) -> Bools:
        """Whether the history tells its noise, shape (...,)."""
        return np.asarray(~np.isnan(self.weight[..., 0]))

    @property
    def mean_correlation(self) -> Floats:
        """Posterior mean of the lag-1 correlation, shape (...,)."""
        return np.asarray((self.weight * self.correlation).sum(axis=-1))

    @property
    def mean_level(self) -> Floats:
        """Posterior mean of the level, shape (...,)."""
        return np.asarray((self.weight * self.level).sum(axis=-1))

    @property
    def mean_sigma(self) -> Floats:
        """Root of the posterior mean of the variance, shape (...,)."""
        return np.asarray(np.sqrt((self.weight * self.variance).sum(axis=-1)))


def variance_of_mean(length: int, correlation: Floats) -> Floats:
    """Return the variance of the mean of neighbouring AR(1) values of variance one.

    Args:
        length: Number of neighbours.
        correlation: Lag-1 correlation, any shape.

    Examples:
        >>> variance_of_mean(2, np.array([0.0, 0.5]))
        array([0.5 , 0.75])
    """
    lag = np.arange(1, length)
    powers = np.asarray(correlation)[..., None] ** lag
    return np.asarray((length + 2 * ((length - lag) * powers).sum(axis=-1)) / length**2)


def ar1_noise(history: ArrayLike) -> Ar1Noise:
    """Learn the level and the noise of a history, allowing for correlation between neighbours.

    The correlation of a short history is never known, so it is not estimated but weighed: each
    correlation of a grid is fitted by generalised least squares and weighted by its restricted
    likelihood times the prior. Gaps are bridged exactly (a value two periods on correlates with
    the square). Works on many series at once.

    The assumption that most often fails: the history must have one level. A shift inside it looks
    like correlation and makes everything computed from it more cautious. And 26 values leave the
    correlation in doubt: where it is really one half, means of four periods fall below a limit of
    chance 2 % in about 6 % of cases (of chance 2 % where there is none).

    Args:
        history: Shape (..., n), gaps NaN.

    Raises:
        DataError: If the values are no numbers.

    References:
        Harville (1977), Journal of the American Statistical Association 72, 320-338 (restricted
        likelihood).

    Examples:
        >>> noise = ar1_noise([3.0, 5.0, 4.0, 6.0, 4.0, 5.0, 3.0, 6.0])
        >>> round(float(noise.mean_level), 1), round(float(noise.mean_correlation), 2)
        (4.5, 0.06)
    """
    series = as_series(history, "history")
    present = ~np.isnan(series)
    n = present.sum(axis=-1)
    filled = np.where(present, series, 0.0)
    shift = filled.sum(axis=-1, keepdims=True) / np.maximum(n, 1)[..., None]
    scale = np.abs(filled - shift * present).max(axis=-1, keepdims=True)
    usable = (n >= FEWEST) & (scale[..., 0] > ROUNDING * np.abs(filled).max(axis=-1))
    scale = np.where(usable[..., None], scale, 1.0)
    centred = np.where(present, (series - shift) / scale, 0.0)

    position = np.arange(series.shape[-1])
    last = np.maximum.accumulate(np.where(present, position, -1), axis=-1)
    before = np.concatenate([np.full_like(last[..., :1], -1), last[..., :-1]], axis=-1)
    chained = present & (before >= 0)
    previous = np.take_along_axis(centred, np.maximum(before, 0), axis=-1)
    distance = np.where(chained, position - before, 1)

    shape = (*series.shape[:-1], len(GRID))
    level, variance, level_variance, log_weight = (np.empty(shape) for _ in range(4))
    freedom = np.maximum(n - 1, 1)
    for g, correlation in enumerate(GRID):
        carried = np.where(chained, correlation**distance, 0.0)
        fresh = 1.0 - carried**2
        whitening = present / np.sqrt(fresh)
        one = (1.0 - carried) * whitening
        value = (centred - carried * previous) * whitening
        information = np.maximum((one**2).sum(axis=-1), 1e-300)
        level[..., g] = (one * value).sum(axis=-1) / information
        squares = ((value - level[..., g, None] * one) ** 2).sum(axis=-1)
        squares = np.where(usable, squares, 1.0)
        variance[..., g] = squares / freedom
        level_variance[..., g] = 1.0 / information
        log_weight[..., g] = (
            PRIOR_STRENGTH * np.log1p(-correlation)
            - 0.5 * np.log(np.where(present, fresh, 1.0)).sum(axis=-1)
            - 0.5 * np.log(information)
            - 0.5 * freedom * np.log(squares)
        )
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    weight /= weight.sum(axis=-1, keepdims=True)
    keep = usable[..., None]
    return Ar1Noise(
        correlation=GRID,
        weight=np.where(keep, weight, np.nan),
        level=np.where(keep, shift + scale * level, np.nan),
        variance=np.where(keep, scale**2 * variance, np.nan),
        level_variance=np.where(keep, level_variance, np.nan),
        n=np.asarray(n, dtype=np.int64),
    )


def _spread(noise: Ar1Noise, length: int, *, level_known: bool) -> Floats:
    own = variance_of_mean(length, noise.correlation)
    extra = 0.0 if level_known else noise.level_variance
    return np.asarray(np.sqrt(noise.variance * (own + extra)))


def chance_of_lower_mean(
    noise: Ar1Noise, mean: ArrayLike, length: int, *, level: ArrayLike | None = None
) -> Floats:
    """Return how likely noise alone gives so low a mean of `length` periods.

    Args:
        noise: What the history says, for series of shape (...,).
        mean: Mean of `length` consecutive periods, shape (...,); NaN gives NaN.
        length: Number of periods.
        level: A level to compare with (a target), shape (...,); None for the history's own,
            whose uncertainty then counts.

    Returns:
        Probability, shape (...,).

    Examples:
        >>> noise = ar1_noise([3.0, 5.0, 4.0, 6.0, 4.0, 5.0, 3.0, 6.0])
        >>> round(float(chance_of_lower_mean(noise, 4.5, 1)), 2)
        0.5
    """
    centre = noise.level if level is None else np.asarray(level, dtype=np.float64)[..., None]
    spread = _spread(noise, length, level_known=level is not None)
    freedom = np.maximum(noise.n - 1, 1)[..., None]
    chance = stdtr(freedom, (np.asarray(mean, dtype=np.float64)[..., None] - centre) / spread)
    return np.asarray((noise.weight * chance).sum(axis=-1))


def lowest_mean(
    noise: Ar1Noise, length: int, chance: float, *, level: ArrayLike | None = None
) -> Floats:
    """Return the mean of `length` periods below which noise alone falls with a given chance.

    Args:
        noise: What the history says, for series of shape (...,).
        length: Number of consecutive periods averaged.
        chance: Probability of a lower mean, in (0, 0.5).
        level: As in `chance_of_lower_mean`.

    Returns:
        Limit, shape (...,); NaN where the noise is not known.

    Raises:
        DataError: If the chance is out of range.

    Examples:
        >>> noise = ar1_noise([3.0, 5.0, 4.0, 6.0, 4.0, 5.0, 3.0, 6.0])
        >>> round(float(lowest_mean(noise, 4, 0.01)), 1)
        2.0
    """
    if not 0 < chance < 0.5:
        raise DataError(f"A chance of {chance} is not between 0 and 0.5.", "Take 0.003, say.")
    centre = noise.level if level is None else np.asarray(level, dtype=np.float64)[..., None]
    spread = _spread(noise, length, level_known=level is not None)
    freedom = np.maximum(noise.n - 1, 1)[..., None]
    each = centre + stdtrit(freedom, chance) * spread
    limit, highest = each.min(axis=-1), each.max(axis=-1)
    peak = np.exp(gammaln((freedom + 1) / 2) - gammaln(freedom / 2)) / np.sqrt(freedom * np.pi)
    # Newton's method on the logarithm, which is concave: from the left it cannot overshoot.
    for _ in range(NEWTON_STEPS):
        t = (limit[..., None] - centre) / spread
        below = (noise.weight * stdtr(freedom, t)).sum(axis=-1)
        density = peak * (1 + t**2 / freedom) ** (-(freedom + 1) / 2)
        slope = (noise.weight * density / spread).sum(axis=-1)
        limit = np.minimum(limit + np.log(chance / below) * below / slope, highest)
    return np.asarray(limit)
