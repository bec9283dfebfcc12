"""Segmented least squares with Newey and West's errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.effect.segmented_effect import SegmentedEffect, linear_effect
from opsbook.methods.effect.segmented_series import Model, segmented_series


def newey_west(
    values: ArrayLike,
    *,
    launch: int,
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    lags: int | None = None,
    confidence: float = 0.95,
) -> SegmentedEffect:
    """Estimate what a launch changed, with errors that allow for short-lived dependence.

    Here for comparison. Assumes a dependence that dies out within a few periods of a long
    series; on a hundred periods and fewer the intervals are too narrow: see
    `covariance_averaged_gls`.

    Args:
        values: See `segmented_ols`.
        launch: See `segmented_ols`.
        time: See `segmented_ols`; over a hole, the neighbours count as one period apart.
        model: See `segmented_ols`.
        covariates: See `segmented_ols`.
        lags: Number of lags; left out, ``floor(4 (n / 100)^(2/9))``.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The changes, after minus before, in the unit of the values; the covariance is multiplied
        by n / (n - p), and the intervals are t with n - p degrees of freedom.

    Raises:
        DataError: See `segmented_ols`.

    References:
        Newey & West (1987), Econometrica 55, 703-708. doi:10.2307/1913610

    Examples:
        >>> sales = [9, 11, 10, 9, 11, 10, 9, 11, 15, 14, 16, 15]
        >>> round(newey_west(sales, launch=8, model="level").step.effect, 2)
        5.0
    """
    series = segmented_series(
        values, launches=[launch], time=time, model=model, covariates=covariates
    )
    design = series.design
    inverse = np.linalg.pinv(design)
    coefficients = inverse @ series.values
    scores = design * (series.values - design @ coefficients)[:, None]
    rows = series.values.size
    reach = int(4 * (rows / 100) ** (2 / 9)) if lags is None else lags
    middle = scores.T @ scores
    for lag in range(1, min(reach, rows - 1) + 1):
        shared = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (reach + 1)) * (shared + shared.T)
    bread = inverse @ inverse.T
    spread = bread @ middle @ bread * rows / series.freedom
    return linear_effect("newey_west", series, coefficients, spread, confidence)
