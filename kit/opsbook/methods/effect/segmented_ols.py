"""Segmented regression by ordinary least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.effect.segmented_effect import SegmentedEffect, linear_effect
from opsbook.methods.effect.segmented_series import Model, segmented_series


def segmented_ols(
    values: ArrayLike,
    *,
    launch: int,
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    confidence: float = 0.95,
) -> SegmentedEffect:
    """Estimate what a launch changed in one series, taking its periods for independent.

    Assumes independent errors. Periods of one series rarely are, and the intervals are then too
    narrow: see `covariance_averaged_gls`.

    Args:
        values: The series, shape (n,), the metric's unit; NaN where a period is missing.
        launch: Position in `time` of the first period after the launch.
        time: Whole-numbered positions of the values, shape (n,), in periods, any order; holes
            are missing periods. Left out, the values follow each other without a hole.
        model: ``level`` (a constant and a step), ``step`` (a trend as well) or ``step_slope``
            (the trend changes too).
        covariates: What else moves the series, shape (n,) or (n, covariates): season, prices, a
            control series.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The changes, after minus before, in the unit of the values.

    Raises:
        DataError: If the launch leaves fewer than 8 periods before or none after, the values are
            constant, or the design cannot be estimated.

    References:
        Wagner, Soumerai, Zhang & Ross-Degnan (2002), J Clin Pharm Ther 27, 299-309.
        doi:10.1046/j.1365-2710.2002.00430.x

    Examples:
        >>> sales = [9, 11, 10, 9, 11, 10, 9, 11, 15, 14, 16, 15]
        >>> round(segmented_ols(sales, launch=8, model="level").step.effect, 2)
        5.0
    """
    series = segmented_series(
        values, launches=[launch], time=time, model=model, covariates=covariates
    )
    design = series.design
    inverse = np.linalg.pinv(design)
    coefficients = inverse @ series.values
    residuals = series.values - design @ coefficients
    spread = inverse @ inverse.T * (residuals @ residuals) / series.freedom
    return linear_effect("segmented_ols", series, coefficients, spread, confidence)
