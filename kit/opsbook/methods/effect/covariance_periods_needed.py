"""How much longer to watch a series until a launch's effect would show."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_gls
from opsbook.methods.effect.covariance_grid import (
    CovarianceGrid,
    covariance_grid,
    wandering_prior,
)
from opsbook.methods.effect.covariance_posterior import covariance_posterior
from opsbook.methods.effect.minimum_detectable_effect import minimum_detectable_effect
from opsbook.methods.effect.segmented_series import Model, SegmentedSeries, segmented_series

LONGEST = 8


def covariance_periods_needed(
    values: ArrayLike,
    *,
    launch: int,
    target: float,
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
) -> int | None:
    """Tell how many more periods after the launch would show a step of the target's size.

    Every covariance of `covariance_averaged_gls` foretells how its error shrinks as periods are
    added; the answer holds under those that carry half of the weight, given the series so far.
    On a level that wanders the error stops shrinking, and no patience helps: only a control
    series does.

    Assumes that the series goes on as it was, without holes, and that the covariates keep taking
    out the same share of the error.

    Args:
        values: See `covariance_averaged_gls`.
        launch: See `covariance_averaged_gls`.
        target: Size of the step to be shown, in the unit of the values; the sign is ignored.
        time: See `covariance_averaged_gls`.
        model: See `covariance_averaged_gls`.
        covariates: See `covariance_averaged_gls`.
        power: Probability to show the step, in (0.5, 1).
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        The number of further periods, 0 if those observed suffice, or None if even eight times
        the length of the series would not.

    Raises:
        DataError: See `covariance_averaged_gls`; also if the target is 0 or no number.

    Examples:
        >>> sales = [9, 11, 10, 9, 12, 10, 9, 11, 10, 12, 9, 10, 9, 11, 10, 12]
        >>> covariance_periods_needed(sales, launch=13, target=5.0, model="level")
        0
        >>> covariance_periods_needed(sales, launch=13, target=0.01, model="level") is None
        True
    """
    if not (math.isfinite(target) and target != 0):
        raise DataError(f"The target is {target}.", "State the change to be shown.")
    found = covariance_averaged_gls(
        values,
        launch=launch,
        time=time,
        model=model,
        covariates=covariates,
        confidence=confidence,
    )
    allowed = abs(target) / minimum_detectable_effect(found.step, power=power)
    if allowed >= 1:
        return 0
    series = segmented_series(
        values, launches=[launch], time=time, model=model, covariates=covariates
    )
    grid = covariance_grid(wandering_prior(model, int(series.time[-1]) + 1))
    standard = (series.values / series.values.std())[:, None]
    posterior = covariance_posterior(standard, series.time, series.nuisance, series.changes, grid)
    weight = posterior.weight[:, 0, 0]
    now = _spread_ahead(series, model, 0, grid)

    def short(more: int) -> bool:
        too_wide = _spread_ahead(series, model, more, grid) > allowed**2 * now
        return bool(weight[too_wide].sum() > 0.5)

    few, many = 0, 1
    while short(many):
        few, many = many, 2 * many
        if many > LONGEST * series.values.size:
            return None
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if short(middle) else (few, middle)
    return many


def _spread_ahead(
    series: SegmentedSeries, model: Model, more: int, grid: CovarianceGrid
) -> NDArray[np.float64]:
    """Return the step's variance under each covariance with `more` periods added, shape (K,)."""
    last = int(series.time[-1])
    time = np.concatenate([series.time, np.arange(last + 1, last + 1 + more)])
    launch = series.launches[0] - series.start
    step = (time >= launch).astype(float)
    ramp = step * (time - launch + 1)
    changes = np.column_stack([step, ramp] if model == "step_slope" else [step])
    nuisance = np.column_stack([np.ones(time.size), time][: 1 if model == "level" else 2])
    nothing = np.empty((time.size, 0))
    ahead = covariance_posterior(nothing, time, nuisance, changes[:, None, :], grid)
    spread: NDArray[np.float64] = ahead.spread[:, 0, 0, 0]
    return spread
