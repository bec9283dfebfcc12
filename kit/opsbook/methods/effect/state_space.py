"""Interrupted series as a seasonal ARIMA model with a step, fitted in state space."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from statsmodels.tools.sm_exceptions import ModelWarning
from statsmodels.tsa.statespace.sarimax import SARIMAX

from opsbook.errors import DataError
from opsbook.methods.effect.segmented_effect import SegmentedEffect, linear_effect
from opsbook.methods.effect.segmented_series import (
    SPARE_PERIODS,
    Model,
    SegmentedSeries,
    segmented_series,
)

ROUNDS_AT_MOST = 500


def state_space(
    values: ArrayLike,
    *,
    launch: int,
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    order: tuple[int, int, int] = (1, 0, 0),
    seasonal_order: tuple[int, int, int, int] = (0, 0, 0, 0),
    confidence: float = 0.95,
) -> SegmentedEffect:
    """Estimate what a launch changed, under seasonal ARIMA errors of a stated order.

    For a season that drifts, or to repeat a published analysis. Assumes that the stated order is
    the true one and the series long: the intervals are normal, and short series get too narrow
    ones. A differenced model has no constant, a twice differenced one no trend.

    Args:
        values: See `segmented_ols`.
        launch: See `segmented_ols`.
        time: See `segmented_ols`.
        model: See `segmented_ols`.
        covariates: See `segmented_ols`.
        order: Autoregressive terms, differences, moving-average terms.
        seasonal_order: The same for the season, then its length in periods.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The changes, after minus before, in the unit of the values.

    Raises:
        DataError: See `segmented_ols`; also if the likelihood has no maximum to be found.

    References:
        Schaffer, Dobbins & Pearson (2021), BMC Med Res Methodol 21, 58.
        doi:10.1186/s12874-021-01235-8

    Examples:
        >>> sales = [9, 11, 10, 9, 11, 10, 9, 11, 15, 14, 16, 15]
        >>> round(state_space(sales, launch=8, model="level").step.effect, 1)
        5.1
    """
    series = segmented_series(
        values, launches=[launch], time=time, model=model, covariates=covariates
    )
    differences = order[1] + seasonal_order[1]
    dropped = [0] * (differences > 0) + [1] * (differences > 1 and model != "level")
    design = np.column_stack([series.changes[:, 0, :], np.delete(series.nuisance, dropped, axis=1)])
    unit = float(series.values.std())
    size = np.abs(design).max(axis=0)
    fitted = _fit(series, design / size, unit, order, seasonal_order)
    columns = design.shape[1]
    scale = unit / size
    return linear_effect(
        "state_space",
        series,
        np.asarray(fitted.params)[:columns] * scale,
        np.asarray(fitted.cov_params())[:columns, :columns] * np.outer(scale, scale),
        confidence,
        freedom=np.inf,
    )


def _fit(
    series: SegmentedSeries,
    design: NDArray[np.float64],
    unit: float,
    order: tuple[int, int, int],
    seasonal_order: tuple[int, int, int, int],
) -> Any:
    """Fit the standardised series, with its missing periods put back.

    The likelihood's maximiser depends on the scale, hence the standardised series; the default
    errors (outer products) are far off on short series, hence those of the Hessian.
    """
    periods = int(series.time[-1]) + 1
    values = np.full(periods, np.nan)
    values[series.time] = (series.values - series.values.mean()) / unit
    columns = np.zeros((periods, design.shape[1]))
    columns[series.time] = design
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        model = SARIMAX(values, exog=columns, order=order, seasonal_order=seasonal_order)
        left = series.values.size - order[1] - seasonal_order[1] * seasonal_order[3]
        if left - model.k_params < SPARE_PERIODS:
            raise DataError(
                f"The model {order}{seasonal_order} leaves {left} periods for {model.k_params} "
                "parameters.",
                "State a smaller order, or use covariance_averaged_gls.",
            )
        fitted = model.fit(disp=False, cov_type="approx", maxiter=ROUNDS_AT_MOST)
        errors = np.asarray(fitted.bse)[: design.shape[1]]
    if not (fitted.mle_retvals["converged"] and np.isfinite(errors).all() and errors.min() > 0):
        raise DataError(
            f"The model {order}{seasonal_order} found no best fit to {series.values.size} periods.",
            "State a smaller order, or use covariance_averaged_gls.",
        )
    return fitted
