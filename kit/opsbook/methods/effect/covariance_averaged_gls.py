"""Interrupted series whose error covariance is not known but averaged out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.effect.covariance_grid import (
    CovarianceGrid,
    covariance_grid,
    wandering_prior,
)
from opsbook.methods.effect.covariance_posterior import covariance_posterior
from opsbook.methods.effect.segmented_effect import SegmentedEffect, collect_effects
from opsbook.methods.effect.segmented_series import Model, SegmentedSeries, segmented_series
from opsbook.methods.estimate import Estimate

CELLS_AT_ONCE = 30_000  # periods times launches whitened together: some 10 MB an array


def covariance_averaged_gls(
    values: ArrayLike,
    *,
    launch: int,
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    confidence: float = 0.95,
) -> SegmentedEffect:
    """Estimate what a launch changed in one series whose periods depend on each other.

    Generalised least squares, averaged over error covariances: autoregressions around a level
    that stands still or wanders. Each covariance gives a t distribution of the change; they are
    mixed by restricted likelihood times prior, and the interval is cut from the mixture. So the
    interval knows that the covariance is not known.

    Assumes that nothing else changed at the launch, and that the season, if there is one, is
    among the covariates: see `error_seasonality`.

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
        Harville (1974), Biometrika 61, 383-385. doi:10.1093/biomet/61.2.383

    Examples:
        >>> sales = [9, 11, 10, 9, 11, 10, 9, 11, 15, 14, 16, 15]
        >>> found = covariance_averaged_gls(sales, launch=8, model="level")
        >>> round(found.step.effect, 1), found.step.excludes_zero
        (4.9, True)
    """
    return covariance_averaged_launches(
        values,
        launches=[launch],
        time=time,
        model=model,
        covariates=covariates,
        confidence=confidence,
    )[0]


def covariance_averaged_launches(
    values: ArrayLike,
    *,
    launches: Sequence[int],
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[SegmentedEffect, ...]:
    """Test many launch dates on one series, about as fast as one.

    The series is whitened once for all dates, so that a further date costs about a millisecond.

    Args:
        values: See `covariance_averaged_gls`.
        launches: Positions in `time`, each the first period after its launch.
        time: See `covariance_averaged_gls`.
        model: See `covariance_averaged_gls`.
        covariates: See `covariance_averaged_gls`.
        confidence: See `covariance_averaged_gls`.

    Returns:
        What each launch changed, if it were the only one; in the order of `launches`.

    Raises:
        DataError: See `covariance_averaged_gls`.

    Examples:
        >>> sales = [9, 11, 10, 9, 11, 10, 9, 11, 10, 9, 11, 15, 14, 16, 15]
        >>> found = covariance_averaged_launches(sales, launches=[8, 11], model="level")
        >>> [effect.step.excludes_zero for effect in found]
        [False, True]
    """
    found: list[SegmentedEffect] = []
    at_once = max(1, CELLS_AT_ONCE // max(1, np.size(values)))
    for first in range(0, len(launches), at_once):
        some = launches[first : first + at_once]
        series = segmented_series(
            values, launches=some, time=time, model=model, covariates=covariates
        )
        grid = covariance_grid(wandering_prior(model, int(series.time[-1]) + 1))
        found.extend(_effects(series, grid, confidence))
    return tuple(found)


def _effects(
    series: SegmentedSeries, grid: CovarianceGrid, confidence: float
) -> list[SegmentedEffect]:
    """Return what each launch of a checked series changed."""
    unit = float(series.values.std())
    standard = (series.values - series.values.mean()) / unit
    posterior = covariance_posterior(
        standard[:, None], series.time, series.nuisance, series.changes, grid
    )
    contrasts = [series.contrasts(launch) for launch in range(len(series.launches))]
    by_name = {}
    for name in contrasts[0]:
        mixture = posterior.mixture(np.array([weights[name] for weights in contrasts]))
        by_name[name] = np.column_stack(
            [
                mixture.mean[:, 0] * unit,
                mixture.quantile((1 - confidence) / 2)[:, 0] * unit,
                mixture.quantile((1 + confidence) / 2)[:, 0] * unit,
                mixture.p_value()[:, 0],
            ]
        )
    return [
        collect_effects(
            {
                name: Estimate(
                    method="covariance_averaged_gls",
                    effect=float(effect),
                    lower=float(lower),
                    upper=float(upper),
                    confidence=confidence,
                    p_value=float(p_value),
                    n=series.values.size,
                )
                for name, rows in by_name.items()
                for effect, lower, upper, p_value in [rows[launch]]
            }
        )
        for launch in range(len(series.launches))
    ]
