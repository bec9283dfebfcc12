"""Segmented regression with first-order autoregressive errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.methods.effect.segmented_effect import SegmentedEffect, linear_effect
from opsbook.methods.effect.segmented_series import Model, SegmentedSeries, segmented_series

ROUNDS_AT_MOST = 100
SETTLED = 1e-9
STATIONARY = 0.999


def prais_winsten(
    values: ArrayLike,
    *,
    launch: int,
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    confidence: float = 0.95,
) -> SegmentedEffect:
    """Estimate what a launch changed, under first-order autoregressive errors.

    Here for comparison. Takes the estimated autocorrelation for the true one, so that the
    intervals of short series are too narrow: see `covariance_averaged_gls`.

    Args:
        values: See `segmented_ols`.
        launch: See `segmented_ols`.
        time: See `segmented_ols`; the autocorrelation decays over a hole.
        model: See `segmented_ols`.
        covariates: See `segmented_ols`.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The changes, after minus before, in the unit of the values.

    Raises:
        DataError: See `segmented_ols`.

    References:
        Prais & Winsten (1954), Cowles Commission Discussion Paper 383.

    Examples:
        >>> sales = [9, 11, 10, 9, 11, 10, 9, 11, 15, 14, 16, 15]
        >>> round(prais_winsten(sales, launch=8, model="level").step.effect, 1)
        5.1
    """
    series = segmented_series(
        values, launches=[launch], time=time, model=model, covariates=covariates
    )
    columns = np.column_stack([series.design, series.values])
    rho, settled = 0.0, False
    for _ in range(ROUNDS_AT_MOST):
        inverse, left, coefficients = _fit(columns, series.time, rho)
        if settled:
            break
        found = _autocorrelation(series, coefficients)
        rho, settled = found, abs(found - rho) < SETTLED
    spread = inverse @ inverse.T * (left @ left) / series.freedom
    return linear_effect("prais_winsten", series, coefficients, spread, confidence)


def _fit(
    columns: NDArray[np.float64], time: NDArray[np.int64], rho: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Whiten the columns and fit the last on the others; a hole weakens the tie over it.

    Returns:
        The inverse of the whitened design, the whitened residuals and the coefficients.
    """
    gaps = np.diff(time)[:, None]
    whitened = columns.copy()
    whitened[1:] -= rho**gaps * columns[:-1]
    whitened[1:] *= np.sqrt((1 - rho**2) / (1 - rho ** (2 * gaps)))
    whitened[0] *= np.sqrt(1 - rho**2)
    design, target = whitened[:, :-1], whitened[:, -1]
    inverse = np.linalg.pinv(design).astype(np.float64)
    coefficients = inverse @ target
    return inverse, target - design @ coefficients, coefficients


def _autocorrelation(series: SegmentedSeries, coefficients: NDArray[np.float64]) -> float:
    """Return the slope of each residual on the one a period before, over neighbours only."""
    residuals = series.values - series.design @ coefficients
    beside = np.diff(series.time) == 1
    before, now = residuals[:-1][beside], residuals[1:][beside]
    size = float(before @ before)
    return 0.0 if size == 0 else float(np.clip(now @ before / size, -STATIONARY, STATIONARY))
